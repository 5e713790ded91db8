//! Places as links into the viewer.

use crate::app::{Message, Step};
use crate::route::{FileAt, Route};
use strata::report::Place;
use yew::prelude::*;

/// The last segment of a path.
pub fn file_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// A place as a person writes it: `path:line:column`.
pub fn place_text(place: &Place) -> String {
    format!("{}:{}:{}", place.path, place.line, place.column)
}

/// A place to go to.
#[derive(Properties, PartialEq)]
pub struct PlaceLinkProps {
    /// The place.
    pub place: Place,
    /// What the page shows now.
    pub route: Route,
    /// Show the file's name alone.
    #[prop_or_default]
    pub short: bool,
    /// What happens on a click.
    pub on: Callback<Message>,
}

/// A link that opens the file at its line.
#[component]
pub fn PlaceLink(props: &PlaceLinkProps) -> Html {
    let place = &props.place;
    let target = props.route.with_file(Some(FileAt {
        repository: place.repository.clone(),
        path: place.path.clone(),
        line: place.line,
    }));
    let full = place_text(place);
    let text = if props.short {
        format!("{}:{}:{}", file_name(&place.path), place.line, place.column)
    } else {
        full.clone()
    };
    let title = if place.repository.is_empty() { full } else { format!("{}/{full}", place.repository) };
    let href = target.href();
    let go = props.on.reform(move |event: MouseEvent| {
        event.prevent_default();
        Message::Go(target.clone(), Step::Push)
    });
    html! { <a class="place" {href} {title} onclick={go}>{text}</a> }
}
