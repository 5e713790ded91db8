//! Opening files other than by dropping them.

use super::Modal;
use crate::app::Message;
use crate::loading::Input;
use wasm_bindgen::JsCast;
use web_sys::{HtmlInputElement, HtmlTextAreaElement};
use yew::prelude::*;

/// What the dialog needs.
#[derive(Properties, PartialEq)]
pub struct OpenDialogProps {
    /// What happens on a choice.
    pub on: Callback<Message>,
}

/// Folder picker, file picker and a place to paste.
#[component]
pub fn OpenDialog(props: &OpenDialogProps) -> Html {
    let folder = use_node_ref();
    let path = use_node_ref();
    let text = use_node_ref();
    {
        // Yew knows no such attribute.
        let folder = folder.clone();
        use_effect_with((), move |()| {
            if let Some(input) = folder.cast::<HtmlInputElement>() {
                let _ = input.set_attribute("webkitdirectory", "");
            }
        });
    }
    let picked = {
        let on = props.on.clone();
        Callback::from(move |event: Event| {
            let input = event.target().and_then(|target| target.dyn_into::<HtmlInputElement>().ok());
            if let Some(files) = input.and_then(|input| input.files()).filter(|files| files.length() > 0) {
                on.emit(Message::Load(Input::Picked(files)));
            }
        })
    };
    let paste = {
        let (on, path, text) = (props.on.clone(), path.clone(), text.clone());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            let path = path.cast::<HtmlInputElement>().map(|input| input.value()).unwrap_or_default();
            let text = text.cast::<HtmlTextAreaElement>().map(|input| input.value()).unwrap_or_default();
            if !text.trim().is_empty() {
                on.emit(Message::Load(Input::Pasted { path, text }));
            }
        })
    };
    let example = props.on.reform(|_: MouseEvent| Message::Load(Input::Example));
    let close = props.on.reform(|()| Message::Dialog(None));
    let close_button = close.reform(|_: MouseEvent| ());
    html! {
        <Modal label="Open files" class="open-dialog" onclose={close}>
            <h2>{"Open"}</h2>
            <p>{"Drop folders, files or zips anywhere on the page, several at once: each repository is found by its content. Or choose them here. Nothing leaves your browser."}</p>
            <div class="pickers">
                <label class="picker">{"A folder…"}<input ref={folder} class="pick-folder" type="file" multiple=true onchange={picked.clone()} /></label>
                <label class="picker">{"Files or zips…"}<input class="pick-files" type="file" multiple=true onchange={picked} /></label>
                <button class="button" type="button" onclick={example}>{"The example"}</button>
            </div>
            <form class="paste" onsubmit={paste}>
                <h3>{"Paste"}</h3>
                <label>{"Path"}<input ref={path} name="path" placeholder="customer-configs/customers/acme/values.yaml" autocomplete="off" spellcheck="false" /></label>
                <label>{"Text; a line "}<code>{"# path: folder/file.yaml"}</code>{" starts the next file"}
                    <textarea ref={text} name="text" rows="9" spellcheck="false" />
                </label>
                <div class="buttons">
                    <button class="button" type="button" onclick={close_button}>{"Cancel"}</button>
                    <button class="button main" type="submit">{"Open the text"}</button>
                </div>
            </form>
        </Modal>
    }
}
