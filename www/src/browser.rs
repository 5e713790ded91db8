//! What the page asks of the browser and hears from it.

use crate::app::{Dialog, Message};
use crate::loading::Input;
use crate::route::Route;
use gloo_events::{EventListener, EventListenerOptions};
use wasm_bindgen::JsCast;
use web_sys::{DragEvent, KeyboardEvent, window};
use yew::prelude::*;

/// What the URL says is shown.
pub fn current_route() -> Route {
    Route::parse(&window().and_then(|window| window.location().hash().ok()).unwrap_or_default())
}

/// Whether list, values and cascade stand side by side.
pub fn is_wide() -> bool {
    let width = window().and_then(|window| window.inner_width().ok()).and_then(|width| width.as_f64());
    width.is_some_and(|width| width > 900.0)
}

/// The fragment is a route, so the link to the main part can't be one.
#[allow(clippy::needless_pass_by_value, reason = "the form of an event handler")]
pub fn skip_to_main(event: MouseEvent) {
    event.prevent_default();
    let main =
        window().and_then(|window| window.document()).and_then(|document| document.get_element_by_id("main"));
    if let Some(main) = main.and_then(|main| main.dyn_into::<web_sys::HtmlElement>().ok()) {
        let _ = main.focus();
    }
}

/// What is heard wherever it happens.
pub fn listeners(on: &Callback<Message>) -> Vec<EventListener> {
    let Some(window) = window() else { return Vec::new() };
    let active = EventListenerOptions::enable_prevent_default();
    let moved = on.reform(|()| Message::Moved);
    let keys = on.clone();
    let (over, leave, dropped) = (on.clone(), on.clone(), on.clone());
    vec![
        EventListener::new(&window, "popstate", move |_| moved.emit(())),
        EventListener::new_with_options(&window, "keydown", active, move |event| {
            let Some(event) = event.dyn_ref::<KeyboardEvent>() else { return };
            if (event.ctrl_key() || event.meta_key()) && event.key().eq_ignore_ascii_case("k") {
                event.prevent_default();
                keys.emit(Message::Dialog(Some(Dialog::Search)));
            }
        }),
        EventListener::new_with_options(&window, "dragover", active, move |event| {
            event.prevent_default();
            over.emit(Message::Dragging(true));
        }),
        EventListener::new(&window, "dragleave", move |event| {
            // Leaving one element for another is no leaving of the window.
            if event.dyn_ref::<DragEvent>().is_some_and(|event| event.related_target().is_none()) {
                leave.emit(Message::Dragging(false));
            }
        }),
        EventListener::new_with_options(&window, "drop", active, move |event| {
            event.prevent_default();
            dropped.emit(Message::Dragging(false));
            if let Some(transfer) = event.dyn_ref::<DragEvent>().and_then(DragEvent::data_transfer) {
                dropped.emit(Message::Load(Input::dropped(&transfer)));
            }
        }),
    ]
}
