//! Drawings.

use yew::prelude::*;

/// Three layers, the top one winning.
#[component]
pub fn Logo() -> Html {
    html! {
        <svg class="logo-image" viewBox="0 0 20 20" aria-hidden="true">
            <path class="layer-6" d="M10 1 19 5.5 10 10 1 5.5z" />
            <path class="layer-4" d="M1 9.2 10 13.7 19 9.2v1.6L10 15.3 1 10.8z" />
            <path class="layer-2" d="M1 13 10 17.5 19 13v1.6L10 19.1 1 14.6z" />
        </svg>
    }
}
