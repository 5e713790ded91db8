//! Long lists of which only what is in sight is in the document.

use std::ops::Range;
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::Closure;
use web_sys::{Element, HtmlElement, KeyboardEvent, ResizeObserver, window};
use yew::prelude::*;

/// Rows kept above and below what is in sight.
const MARGIN: usize = 12;

/// Rows shown before anything was measured.
const FIRST: usize = 60;

/// The rows to show of a list of `count` rows, each `height` pixels high, that scrolls inside `node`,
/// and what to do when it scrolls. The row `reveal` is brought into sight when it changes.
#[hook]
pub fn use_row_window(
    node: &NodeRef,
    count: usize,
    height: u32,
    reveal: Option<usize>,
) -> (Range<usize>, Callback<Event>) {
    let sight = use_state_eq(|| 0..FIRST);
    // A row to bring into sight once the list has a size: it may be hidden for now.
    let wanted = use_mut_ref(|| None);
    let measure = {
        let (node, sight, wanted) = (node.clone(), sight.clone(), wanted.clone());
        Callback::from(move |()| {
            let Some(element) = node.cast::<Element>().filter(|element| element.client_height() > 0) else {
                return;
            };
            if let Some(row) = wanted.borrow_mut().take() {
                bring_into_sight(&element, row, height);
            }
            sight.set(in_sight(&element, height));
        })
    };
    {
        let measure = measure.clone();
        use_effect_with((reveal, count), move |&(reveal, _)| {
            *wanted.borrow_mut() = reveal;
            measure.emit(());
        });
    }
    {
        let (node, measure) = (node.clone(), measure.clone());
        use_effect_with((), move |()| {
            let resized = Closure::<dyn FnMut()>::new(move || measure.emit(()));
            let observer = ResizeObserver::new(resized.as_ref().unchecked_ref()).ok();
            if let (Some(observer), Some(element)) = (&observer, node.cast::<Element>()) {
                observer.observe(&element);
            }
            move || {
                if let Some(observer) = observer {
                    observer.disconnect();
                }
                drop(resized);
            }
        });
    }
    let start = sight.start.min(count);
    (start..sight.end.min(count).max(start), measure.reform(|_: Event| ()))
}

fn in_sight(element: &Element, height: u32) -> Range<usize> {
    let first = (f64::from(element.scroll_top()) / f64::from(height)) as usize;
    let shown = (f64::from(element.client_height()) / f64::from(height)) as usize + 1;
    // Steps of a few rows, so that not every pixel draws anew.
    let start = first.saturating_sub(MARGIN) / 4 * 4;
    start..first + shown + MARGIN
}

fn bring_into_sight(element: &Element, row: usize, height: u32) {
    let (top, height) = (row as i32 * height as i32, height as i32);
    let (scroll, view) = (element.scroll_top(), element.client_height());
    if top < scroll || top + height > scroll + view {
        element.set_scroll_top((top - view / 2 + height / 2).max(0));
    }
}

/// Rows out of sight.
#[derive(Properties, PartialEq)]
pub struct SpaceProps {
    /// How many.
    pub rows: usize,
    /// Height of each in pixels.
    pub height: u32,
}

/// The room that rows out of sight take. An image without content: the content security policy allows no
/// style attributes, and a height that is set after drawing comes too late for whoever scrolls to a row.
#[component]
pub fn Space(props: &SpaceProps) -> Html {
    let pixels = props.rows as u64 * u64::from(props.height);
    html! { <svg class="space" role="presentation" width="1" height={pixels.to_string()}></svg> }
}

/// The key that moves among the rows of a tree in `node`, each `height` pixels high, and how many of them
/// are in sight. None with Ctrl and the like, and none for Enter, which moves on from a chosen row to what
/// is said of it.
pub fn tree_key(
    event: &KeyboardEvent,
    node: &NodeRef,
    height: u32,
    is_chosen: bool,
) -> Option<(String, usize)> {
    if event.ctrl_key() || event.meta_key() || event.alt_key() {
        return None;
    }
    if event.key() == "Enter" && is_chosen {
        event.prevent_default();
        focus_chosen();
        return None;
    }
    let page = node.cast::<Element>().map_or(10, |node| node.client_height() as usize / height as usize);
    Some((event.key(), page))
}

/// Moves on to what is said of the chosen row.
fn focus_chosen() {
    let heading = window()
        .and_then(|window| window.document())
        .and_then(|document| document.get_element_by_id("chosen"));
    if let Some(heading) = heading.and_then(|heading| heading.dyn_into::<HtmlElement>().ok()) {
        let _ = heading.focus();
    }
}
