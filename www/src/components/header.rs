//! The bar at the top.

use super::Logo;
use crate::app::{Dialog, Message};
use crate::route::{Route, View};
use crate::theme::Theme;
use yew::prelude::*;

/// What the header shows.
#[derive(Properties, PartialEq)]
pub struct HeaderProps {
    /// Where the page is.
    pub route: Route,
    /// Number of problems.
    pub problems: usize,
    /// The theme.
    pub theme: Theme,
    /// What happens on a click.
    pub on: Callback<Message>,
}

/// Name, views, search, files, link and theme.
#[component]
pub fn Header(props: &HeaderProps) -> Html {
    let press = |message: fn() -> Message| props.on.reform(move |_: MouseEvent| message());
    let view = |view: View, label: &str, count: usize| {
        let current =
            props.route.view == view || view == View::Explore && props.route.view.is_of_application();
        let target = props.route.with_view(view);
        html! {
            <a href={target.href()} aria-current={current.then_some("page")}>
                { label }
                if count > 0 { <b>{count}</b> }
            </a>
        }
    };
    let theme = format!("Theme: {}", props.theme.name());
    let image = match props.theme {
        Theme::Auto => "◐",
        Theme::Light => "○",
        Theme::Dark => "●",
    };
    html! {
        <header class="top">
            <a class="logo" href={Route::default().href()} aria-label="Strata, to the start"><Logo /><span>{"Strata"}</span></a>
            <nav class="views" aria-label="Views">
                { view(View::Explore, "Explore", 0) }
                { view(View::Clusters, "Clusters", 0) }
                { view(View::Problems, "Problems", props.problems) }
                { view(View::Changes, "Changes", 0) }
                { view(View::Sets, "Sets", 0) }
            </nav>
            <button class="search" type="button" onclick={press(|| Message::Dialog(Some(Dialog::Search)))} aria-keyshortcuts="Control+K">
                <span class="search-image" aria-hidden="true">{"⌕"}</span>
                <span class="search-text">{"Go to application, key or file…"}</span>
                <kbd>{"Ctrl K"}</kbd>
            </button>
            <button class="button" type="button" onclick={press(|| Message::Dialog(Some(Dialog::Open)))}>{"Open…"}</button>
            <button class="button share" type="button" onclick={press(|| Message::Share)} title="Copy a link to what is shown">{"Share"}</button>
            <button class="button" type="button" onclick={press(|| Message::NextTheme)} aria-label={theme.clone()} title={theme}>{image}</button>
        </header>
    }
}
