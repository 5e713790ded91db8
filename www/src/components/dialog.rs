//! A dialog over the page.

use web_sys::HtmlDialogElement;
use yew::prelude::*;

/// A dialog and what is in it.
#[derive(Properties, PartialEq)]
pub struct ModalProps {
    /// Its name, for those who don't see it.
    pub label: AttrValue,
    /// What it looks like.
    pub class: Classes,
    /// It was closed with Escape or by a click beside it.
    pub onclose: Callback<()>,
    /// What is in it.
    pub children: Html,
}

/// A modal dialog: the browser keeps the focus inside and gives it back.
#[component]
pub fn Modal(props: &ModalProps) -> Html {
    let node = use_node_ref();
    {
        let node = node.clone();
        use_effect_with((), move |()| {
            if let Some(dialog) = node.cast::<HtmlDialogElement>() {
                let _ = dialog.show_modal();
            }
        });
    }
    let closed = props.onclose.reform(|_: Event| ());
    let beside = {
        let (node, onclose) = (node.clone(), props.onclose.clone());
        Callback::from(move |event: MouseEvent| {
            let target = event.target();
            if node.get().is_some_and(|node| target.as_ref() == Some(node.as_ref())) {
                onclose.emit(());
            }
        })
    };
    html! {
        <dialog ref={node} class={props.class.clone()} aria-label={props.label.clone()} onclose={closed} onclick={beside}>
            { props.children.clone() }
        </dialog>
    }
}
