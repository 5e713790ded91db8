//! What a line of a manifest was made from.

use super::{Arriving, line_text, rows};
use crate::app::Message;
use crate::components::{LayerChip, PlaceLink};
use crate::pages::explore::cascade::path_text;
use crate::route::{Route, Show, View};
use strata::report::{
    ActionReport, LineReport, ManifestReport, ManifestsReport, PartReport, Place, ReadValue,
};
use yew::prelude::*;

/// A line.
#[derive(Properties, PartialEq)]
pub struct LineDetailProps {
    /// The manifests.
    pub arriving: Arriving,
    /// Position of the manifest, and number of the line, 0 for the manifest itself.
    pub line: (usize, usize),
    /// What the page shows.
    pub route: Route,
    /// What happens on a click.
    pub on: Callback<Message>,
}

/// The right column: the actions that wrote the line, the values that they read, and where those are set.
#[component]
pub fn LineDetail(props: &LineDetailProps) -> Html {
    let report = props.arriving.report();
    let (position, number) = props.line;
    let Some(manifest) = report.manifests.get(position) else { return Html::default() };
    let line = number.checked_sub(1).and_then(|at| manifest.lines.get(at));
    html! {
        <div class="line-detail">
            <h2 id="chosen" tabindex="-1">
                { rows::name(manifest) }
                if line.is_some() { <span class="dim">{ format!(" line {number}") }</span> }
            </h2>
            if let Some(line) = line {
                <pre tabindex="0"><code>{ line_text(&report, line) }</code></pre>
                { view_parts(props, &report, manifest, line) }
            } else {
                { view_manifest(manifest) }
            }
        </div>
    }
}

fn view_manifest(manifest: &ManifestReport) -> Html {
    let row = |name: &str, value: &str| {
        html! { if !value.is_empty() { <><dt>{name}</dt><dd>{value}</dd></> } }
    };
    html! {
        <dl class="parameters">
            { row("kind", &manifest.kind) }
            { row("name", &manifest.name) }
            { row("namespace", &manifest.namespace) }
            { row("template or file", &manifest.source) }
            { row("lines", &manifest.lines.len().to_string()) }
            { row("hook", if manifest.hook { "yes" } else { "" }) }
        </dl>
    }
}

fn view_parts(
    props: &LineDetailProps,
    report: &ManifestsReport,
    manifest: &ManifestReport,
    line: &LineReport,
) -> Html {
    // Actions that read something first: they are what somebody asks for. Plain text stands beside them.
    let is_plain = |part: &&PartReport| report.actions.get(part.action).is_some_and(|action| action.plain);
    let mut parts: Vec<&PartReport> = line.parts.iter().filter(|part| !is_plain(part)).collect();
    parts.sort_by_key(|part| part.values.is_empty());
    if parts.is_empty() {
        parts.extend(line.parts.iter().take(1));
    }
    let mut shown: Vec<usize> = Vec::new();
    let mut sections: Vec<Html> = Vec::new();
    for part in parts {
        let Some(action) = report.actions.get(part.action).filter(|_| !shown.contains(&part.action)) else {
            continue;
        };
        shown.push(part.action);
        // A plain folder has no templates: the file says what is applied.
        let own = action.place.path == manifest.source;
        sections.push(view_part(props, report, part, (action, own)));
    }
    let mut decided: Vec<usize> = line.parts.iter().flat_map(|part| &part.decided).copied().collect();
    decided.sort_unstable();
    decided.dedup();
    html! {
        <>
            if sections.is_empty() { <p class="dim">{"No template wrote this line: it stands so in a file of the chart."}</p> }
            { for sections }
            if !decided.is_empty() {
                <section>
                    <h3>{"Written because of"}</h3>
                    <ul class="read-values">{ for decided.iter().filter_map(|at| report.values.get(*at)).map(|value| view_value(props, value)) }</ul>
                </section>
            }
        </>
    }
}

fn view_part(
    props: &LineDetailProps,
    report: &ManifestsReport,
    part: &PartReport,
    (action, own): (&ActionReport, bool),
) -> Html {
    let link = |place: &Place| html! { <PlaceLink place={place.clone()} route={props.route.clone()} on={props.on.clone()} /> };
    html! {
        <section>
            <h3>{ if own { "Stands in the file" } else if action.plain { "Plain text of the template" } else { "Written by" } }</h3>
            if !action.text.is_empty() { <pre tabindex="0"><code>{&action.text}</code></pre> }
            <p>{ link(&action.place) }</p>
            if action.made_up { <p><span class="tag warning">{"made up"}</span>{" Helm would write something else here each time, or what the cluster says."}</p> }
            if !action.calls.is_empty() {
                <ol class="calls" aria-label="Calls of templates, the innermost first">{ for action.calls.iter().map(|place| html! { <li>{"called at "}{ link(place) }</li> }) }</ol>
            }
            if !part.values.is_empty() {
                <ul class="read-values" aria-label="Values that it read">{ for part.values.iter().filter_map(|at| report.values.get(*at)).map(|value| view_value(props, value)) }</ul>
            }
        </section>
    }
}

/// A value with its place, a way to its history and one to every line that it reaches.
fn view_value(props: &LineDetailProps, value: &ReadValue) -> Html {
    let path = if value.path.is_empty() { "all values".to_owned() } else { path_text(&value.path) };
    let key = (!value.path.is_empty()).then(|| value.path.clone());
    let history = props.route.with_view(View::Explore).with_key(key.clone());
    let reached = Route { show: Show::Reached, ..props.route.with_key(key.clone()) };
    html! {
        <li>
            <p>
                <a class="path" href={history.href()} title="Its history, layer by layer">{path}</a>
                if !value.text.is_empty() { {" "}<code>{&value.text}</code> }
            </p>
            <p class="whence">
                if let Some(number) = value.layer { <LayerChip {number} place={None} />{" "}{&value.label}{" "} }
                if let Some(place) = &value.place { <PlaceLink place={place.clone()} route={props.route.clone()} on={props.on.clone()} short=true /> }
                if key.is_some() { <a class="all-lines" href={reached.href()}>{"every line"}</a> }
            </p>
        </li>
    }
}
