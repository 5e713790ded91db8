//! The list beside a view, which on a small screen lies over it when it is asked for.

use crate::route::Route;
use yew::prelude::*;

/// Whether the list lies over the view, and the button that lays it there; `name` is what it lists.
/// Whoever has chosen something wants to see it: then it is closed.
#[hook]
pub fn use_listed(route: &Route, name: &'static str) -> (bool, Html) {
    let listed = use_state(|| false);
    {
        let listed = listed.clone();
        use_effect_with(route.clone(), move |_| listed.set(false));
    }
    let open = *listed;
    let toggle = Callback::from(move |_: MouseEvent| listed.set(!*listed));
    let button = html! {
        <button class="button to-list" type="button" onclick={toggle} aria-expanded={open.to_string()}>{ if open { "Close the list" } else { name } }</button>
    };
    (open, button)
}
