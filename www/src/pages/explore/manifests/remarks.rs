//! What there is to say about manifests as a whole.

use super::Arriving;
use crate::app::Message;
use crate::components::{LayerChip, PlaceLink, ProblemCard};
use crate::pages::explore::cascade::path_text;
use crate::route::{Route, View};
use strata::report::text::plural;
use strata::report::{ReadValue, UnsetValue};
use yew::prelude::*;

/// Most values that are listed.
const MOST: usize = 200;

/// What is remarked on.
#[derive(Properties, PartialEq)]
pub struct RemarksProps {
    /// The manifests.
    pub arriving: Arriving,
    /// What the page shows.
    pub route: Route,
    /// What happens on a click.
    pub on: Callback<Message>,
}

/// What is made up, which values no template reads, and what templates read that nobody sets.
#[component]
pub fn Remarks(props: &RemarksProps) -> Html {
    let report = props.arriving.report();
    let (unread, unset) = (&report.unread, &report.unset);
    if report.made_up.is_empty() && unread.is_empty() && unset.is_empty() && report.left_out.is_empty() {
        return Html::default();
    }
    html! {
        <div class="remarks">
            { for report.left_out.iter().map(|problem| html! { <ProblemCard problem={problem.clone()} route={props.route.clone()} on={props.on.clone()} /> }) }
            if !report.made_up.is_empty() {
                <p class="made-up-note"><span class="tag warning">{"made up"}</span>{ format!(" Helm would draw at random, or ask the clock or the cluster, for {}. Here stand-ins are written.", report.made_up.join(", ")) }</p>
            }
            if !unread.is_empty() {
                <details>
                    <summary>{ format!("{} no template reads", plural(unread.len(), "value")) }</summary>
                    <ul tabindex="0" aria-label="Values that no template reads">{ for unread.iter().take(MOST).map(|value| view_unread(props, value)) }{ rest(unread.len()) }</ul>
                </details>
            }
            if !unset.is_empty() {
                <details>
                    <summary>{ format!("{} read that nobody sets", plural(unset.len(), "key")) }</summary>
                    <ul tabindex="0" aria-label="Keys that nobody sets">{ for unset.iter().take(MOST).map(|value| view_unset(props, value)) }{ rest(unset.len()) }</ul>
                </details>
            }
        </div>
    }
}

fn rest(count: usize) -> Html {
    let more = count.saturating_sub(MOST);
    html! { if more > 0 { <li>{ format!("and {more} more") }</li> } }
}

fn view_unread(props: &RemarksProps, value: &ReadValue) -> Html {
    let target = props.route.with_view(View::Explore).with_key(Some(value.path.clone()));
    html! {
        <li>
            <a class="path" href={target.href()}>{ path_text(&value.path) }</a>{" "}
            if let Some(number) = value.layer { <LayerChip {number} place={value.place.clone()} /> }
        </li>
    }
}

fn view_unset(props: &RemarksProps, value: &UnsetValue) -> Html {
    html! {
        <li>
            <span class="path">{ path_text(&value.path) }</span>{" "}
            <PlaceLink place={value.place.clone()} route={props.route.clone()} on={props.on.clone()} />
        </li>
    }
}
