//! The manifests of an Application: by cluster and namespace, each line with what it was made from.

mod arriving;
mod detail;
mod remarks;
mod rows;

pub use arriving::{Arriving, use_manifests};
pub use detail::LineDetail;

use crate::app::{Message, Step};
use crate::components::{LayerChip, ProblemCard, Space, layer_class, tree_key, use_row_window};
use crate::pages::explore::cascade::path_text;
use crate::route::{Route, Show};
use crate::shared::Shared;
use remarks::Remarks;
use rows::{Move, Row, Wanted, count, is_made_up, key_move, name, rows};
use std::collections::HashSet;
use std::rc::Rc;
use strata::report::text::plural;
use strata::report::{ApplicationReport, LineReport, ManifestsReport, PartReport};
use wasm_bindgen::JsCast;
use web_sys::HtmlInputElement;
use yew::prelude::*;

/// Height of a row in pixels; the style sheet says the same.
const ROW: u32 = 22;

/// What the view shows.
#[derive(Properties, PartialEq)]
pub struct ManifestsProps {
    /// The Application.
    pub report: Shared<ApplicationReport>,
    /// Its manifests as far as they have come.
    pub manifests: Option<Arriving>,
    /// What of them is shown.
    pub route: Route,
    /// What happens on a click.
    pub on: Callback<Message>,
}

/// The middle column below the title.
#[component]
pub fn Manifests(props: &ManifestsProps) -> Html {
    let folded = use_state(|| Rc::new(HashSet::new()));
    let Some(arriving) = &props.manifests else {
        return html! { <p class="nothing-here" role="status">{"Rendering…"}</p> };
    };
    if !arriving.rendered {
        let kind = props.report.sources.get(props.route.source).map_or("source", |source| &source.kind);
        return html! {
            <div class="nothing-here"><p>{ format!("This {kind} yields no manifests.") }</p></div>
        };
    }
    let manifests = arriving.report();
    if let Some(error) = &manifests.error {
        return html! {
            <div class="not-rendered" tabindex="0" role="region" aria-label="Why nothing is rendered">
                <p>{"There are no manifests to show:"}</p>
                <ProblemCard problem={error.clone()} route={props.route.clone()} full=true on={props.on.clone()} />
            </div>
        };
    }
    let fold_all = {
        let (folded, count) = (folded.clone(), manifests.manifests.len());
        Callback::from(move |_: MouseEvent| {
            folded.set(Rc::new(if folded.is_empty() { (0..count).collect() } else { HashSet::new() }));
        })
    };
    html! {
        <>
            <Tools arriving={arriving.clone()} route={props.route.clone()} folded={!folded.is_empty()} {fold_all} on={props.on.clone()} />
            <Remarks arriving={arriving.clone()} route={props.route.clone()} on={props.on.clone()} />
            <Lines report={props.report.clone()} arriving={arriving.clone()} route={props.route.clone()} {folded} on={props.on.clone()} />
        </>
    }
}

#[derive(Properties, PartialEq)]
struct ToolsProps {
    arriving: Arriving,
    route: Route,
    folded: bool,
    fold_all: Callback<MouseEvent>,
    on: Callback<Message>,
}

/// The filter, and which lines are shown.
#[component]
fn Tools(props: &ToolsProps) -> Html {
    let counts = use_memo((props.arriving.clone(), props.route.key.clone()), |(arriving, key)| {
        let report = arriving.report();
        let key = key.as_deref().unwrap_or_default();
        [Show::All, Show::Reached, Show::MadeUp].map(|show| count(&report, show, key))
    });
    let typed = {
        let (on, route) = (props.on.clone(), props.route.clone());
        Callback::from(move |event: InputEvent| {
            if let Some(input) = event.target().and_then(|target| target.dyn_into::<HtmlInputElement>().ok())
            {
                on.emit(Message::Go(Route { filter: input.value(), ..route.clone() }, Step::Replace));
            }
        })
    };
    let shown = match props.route.show {
        show @ (Show::Reached | Show::MadeUp) => show,
        _ => Show::All,
    };
    let chip = |show: Show, text: String| {
        let target = Route { show, ..props.route.clone() };
        let onclick = props.on.reform(move |_: MouseEvent| Message::Go(target.clone(), Step::Push));
        html! { <button class="chip" type="button" aria-pressed={(shown == show).to_string()} {onclick}>{text}</button> }
    };
    let [all, reached, made_up] = *counts;
    html! {
        <div class="tools">
            <input type="search" placeholder="Filter lines" aria-label="Filter lines" value={props.route.filter.clone()} oninput={typed} />
            <div class="chips" role="group" aria-label="Which lines">
                { chip(Show::All, format!("All {all}")) }
                if let Some(key) = &props.route.key {
                    { chip(Show::Reached, format!("From {} {reached}", path_text(key))) }
                }
                if made_up > 0 || shown == Show::MadeUp { { chip(Show::MadeUp, format!("Made up {made_up}")) } }
                <button class="chip" type="button" aria-pressed={props.folded.to_string()} onclick={props.fold_all.clone()}>{"Folded"}</button>
            </div>
        </div>
    }
}

#[derive(Properties, PartialEq)]
struct LinesProps {
    report: Shared<ApplicationReport>,
    arriving: Arriving,
    route: Route,
    folded: UseStateHandle<Rc<HashSet<usize>>>,
    on: Callback<Message>,
}

#[component]
fn Lines(props: &LinesProps) -> Html {
    let node = use_node_ref();
    let summary = &props.report.summary;
    let route = &props.route;
    let shown = use_memo(
        (
            props.arriving.clone(),
            summary.namespace.clone(),
            (route.show, route.key.clone(), route.filter.clone()),
            (*props.folded).clone(),
        ),
        |(arriving, namespace, (show, key, filter), folded)| {
            let key = key.as_deref().unwrap_or_default();
            rows(&arriving.report(), Wanted { namespace, show: *show, key, filter }, folded)
        },
    );
    let chosen = route.line.and_then(|line| shown.iter().position(|row| row.line() == Some(line)));
    let (window, onscroll) = use_row_window(&node, shown.len(), ROW, chosen);
    let (above, below) = (window.start, shown.len() - window.end);
    let keys = key_handler(props, &node, &shown, chosen);
    let report = props.arriving.report();
    let active = chosen.filter(|at| window.contains(at)).map(|at| format!("line-{at}"));
    html! {
        <div class="manifests" role="treegrid" ref={node} {onscroll} onkeydown={keys} tabindex="0" aria-label="Manifests" aria-busy={(!props.arriving.complete).to_string()} aria-rowcount={shown.len().to_string()} aria-colcount="2" aria-activedescendant={active}>
            <Space rows={above} height={ROW} />
            { for window.map(|at| view_row(props, &report, &shown[at], at, chosen == Some(at))) }
            <Space rows={below} height={ROW} />
            if shown.is_empty() {
                <div role="row" class="empty"><span role="gridcell">{ if report.manifests.is_empty() { "The chart renders nothing." } else { "No line is like this." } }</span></div>
            }
        </div>
    }
}

fn key_handler(
    props: &LinesProps,
    node: &NodeRef,
    shown: &Rc<Vec<Row>>,
    chosen: Option<usize>,
) -> Callback<KeyboardEvent> {
    let (route, on, folded) = (props.route.clone(), props.on.clone(), props.folded.clone());
    let (node, shown) = (node.clone(), Rc::clone(shown));
    Callback::from(move |event: KeyboardEvent| {
        let Some((key, page)) = tree_key(&event, &node, ROW, chosen.is_some()) else { return };
        let Some(step) = key_move(&key, &shown, chosen, &folded, page) else { return };
        event.prevent_default();
        match step {
            Move::To(at) => {
                let line = shown.get(at).and_then(Row::line);
                on.emit(Message::Go(route.with_line(line), Step::Replace));
            }
            Move::Fold(manifest, fold) => set_folded(&folded, manifest, fold),
            Move::Stay => {}
        }
    })
}

fn set_folded(folded: &UseStateHandle<Rc<HashSet<usize>>>, manifest: usize, fold: bool) {
    let mut next = HashSet::clone(folded);
    if fold {
        next.insert(manifest)
    } else {
        next.remove(&manifest)
    };
    folded.set(Rc::new(next));
}

fn view_row(props: &LinesProps, report: &ManifestsReport, row: &Row, at: usize, chosen: bool) -> Html {
    let (level, class, content) = match row {
        Row::Cluster(count) => {
            let cluster = &props.report.summary.cluster;
            let cluster = if cluster.is_empty() { "the cluster" } else { cluster };
            (1, "of-cluster", heading(html! { <b>{cluster}</b> }, &plural(*count, "manifest")))
        }
        Row::Namespace(name, count) => {
            let name = if name.is_empty() {
                html! { <b>{"in no namespace"}</b> }
            } else {
                html! { <>{"namespace "}<b>{name}</b></> }
            };
            (2, "of-namespace", heading(name, &plural(*count, "manifest")))
        }
        Row::Manifest(position) => (3, "of-manifest", view_manifest(props, report, *position)),
        Row::Line(position, number) => {
            let line = report.manifests.get(*position).and_then(|manifest| manifest.lines.get(number - 1));
            (4, "of-line", line.map(|line| view_line(report, line, *number)).unwrap_or_default())
        }
    };
    let expanded = match row {
        Row::Manifest(position) => Some((!props.folded.contains(position)).to_string()),
        _ => None,
    };
    let onclick = row.line().map(|line| {
        let target = props.route.with_line(Some(line));
        props.on.reform(move |_: MouseEvent| Message::Go(target.clone(), Step::Push))
    });
    html! {
        <div id={format!("line-{at}")} key={at} class={classes!("manifest-row", class, chosen.then_some("chosen"))} role="row" {onclick} aria-rowindex={(at + 1).to_string()} aria-level={level.to_string()} aria-expanded={expanded} aria-selected={chosen.to_string()}>
            { content }
        </div>
    }
}

fn heading(name: Html, note: &str) -> Html {
    html! { <><span class="code" role="gridcell">{name}</span><span class="origin" role="gridcell">{note}</span></> }
}

fn view_manifest(props: &LinesProps, report: &ManifestsReport, position: usize) -> Html {
    let Some(manifest) = report.manifests.get(position) else { return Html::default() };
    let is_folded = props.folded.contains(&position);
    let onclick = {
        let folded = props.folded.clone();
        Callback::from(move |event: MouseEvent| {
            event.stop_propagation();
            set_folded(&folded, position, !is_folded);
        })
    };
    html! {
        <>
            <span class="code" role="gridcell">
                <i class="twisty" aria-hidden="true" {onclick}>{ if is_folded { "▸" } else { "▾" } }</i>
                <b>{ name(manifest) }</b>
                if manifest.hook { {" "}<span class="tag">{"hook"}</span> }
            </span>
            <span class="origin" role="gridcell">{ manifest.source.split_once('/').map_or(manifest.source.as_str(), |(_, path)| path) }</span>
        </>
    }
}

fn view_line(report: &ManifestsReport, line: &LineReport, number: usize) -> Html {
    html! {
        <>
            <span class="code" role="gridcell"><span class="number" aria-hidden="true">{number}</span>{ line_text(report, line) }</span>
            <span class="origin" role="gridcell">{ origin(report, line) }</span>
        </>
    }
}

/// The text of a line; what a value was written to in the colour of the value's layer.
pub fn line_text(report: &ManifestsReport, line: &LineReport) -> Html {
    let mut pieces: Vec<Html> = Vec::new();
    let mut end = 0;
    for part in &line.parts {
        let (Some(between), Some(text)) =
            (line.text.get(end..part.bytes.start), line.text.get(part.bytes.clone()))
        else {
            continue;
        };
        pieces.push(html! { {between} });
        end = part.bytes.end;
        let made_up = report.actions.get(part.action).is_some_and(|action| action.made_up);
        pieces.push(match layer_of(report, part) {
            _ if made_up => html! { <span class="made-up">{text}</span> },
            Some(layer) => html! { <span class={classes!("from-value", layer_class(layer))}>{text}</span> },
            None => html! { {text} },
        });
    }
    pieces.push(html! { { line.text.get(end..).unwrap_or_default() } });
    pieces.into_iter().collect()
}

/// The layer of the first value that a part was made from.
fn layer_of(report: &ManifestsReport, part: &PartReport) -> Option<usize> {
    part.values.iter().find_map(|value| report.values.get(*value)?.layer)
}

/// Where the values of a line come from: the first one's layer and how many more there are.
fn origin(report: &ManifestsReport, line: &LineReport) -> Html {
    let mut values: Vec<usize> = line.parts.iter().flat_map(|part| &part.values).copied().collect();
    values.sort_unstable();
    values.dedup();
    let known = values.iter().filter_map(|value| report.values.get(*value));
    let mut layers = known.filter_map(|value| Some((value.layer?, value.place.clone())));
    let first = layers.next();
    let more = layers.count();
    html! {
        <>
            if is_made_up(report, line) { <span class="tag warning">{"made up"}</span> }
            if let Some((number, place)) = first { <LayerChip {number} {place} /> }
            if more > 0 { <span class="more">{ format!("+{more}") }</span> }
        </>
    }
}
