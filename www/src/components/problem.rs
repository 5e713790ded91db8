//! A problem in full.

use super::{ExcerptText, PlaceLink};
use crate::app::Message;
use crate::route::{Route, Show, View};
use strata::report::Problem;
use strata::report::Severity;
use yew::prelude::*;

/// The class and name of a severity.
pub fn severity_name(severity: Severity) -> &'static str {
    match severity {
        Severity::Note => "note",
        Severity::Warning => "warning",
        Severity::Error => "error",
    }
}

/// Whether a fixture can tell what is unknown.
pub fn is_for_fixtures(code: &str) -> bool {
    let what = code.strip_prefix("appset-unknown-");
    what.is_some_and(|what| {
        matches!(what, "clusters" | "plugin" | "repositories" | "pull-requests" | "decisions")
    })
}

/// The way to a fixtures file that holds what the sets ask for.
pub fn to_fixtures(route: &Route) -> Route {
    Route { show: Show::Starter, ..route.with_view(View::Sets) }
}

/// A problem.
#[derive(Properties, PartialEq)]
pub struct ProblemCardProps {
    /// The problem.
    pub problem: Problem,
    /// What the page shows now.
    pub route: Route,
    /// Show the text too.
    #[prop_or_default]
    pub full: bool,
    /// What happens on a click.
    pub on: Callback<Message>,
}

/// What is wrong, where, why, and what to do.
#[component]
pub fn ProblemCard(props: &ProblemCardProps) -> Html {
    let problem = &props.problem;
    let link = |place| html! { <PlaceLink {place} route={props.route.clone()} on={props.on.clone()} /> };
    html! {
        <div class={classes!("problem", severity_name(problem.severity))}>
            <p><b>{severity_name(problem.severity)}</b>{" "}<span class="message">{&problem.message}</span></p>
            if let Some(place) = &problem.place { <p>{ link(place.clone()) }</p> }
            if props.full {
                if let Some(excerpt) = &problem.excerpt { <ExcerptText excerpt={excerpt.clone()} numbered=true /> }
            }
            { for problem.related.iter().map(|related| html! {
                <>
                    <p class="related">{&related.message}{": "}{ link(related.place.clone()) }</p>
                    if props.full {
                        if let Some(excerpt) = &related.excerpt { <ExcerptText excerpt={excerpt.clone()} numbered=true /> }
                    }
                </>
            }) }
            { for problem.hints.iter().map(|hint| html! { <p class="hint">{hint}</p> }) }
            if is_for_fixtures(&problem.code) && props.route.view != View::Sets {
                <p><a href={to_fixtures(&props.route).href()}>{"Write it as a fixture"}</a></p>
            }
            <p class="code">{&problem.code}</p>
        </div>
    }
}
