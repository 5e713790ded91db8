//! The tree of values.

use super::tree::{Counts, Folded, Move, count, key_move, visible};
use crate::app::{Message, Step};
use crate::components::{LayerChip, Space, tree_key, use_row_window};
use crate::route::{Route, Show};
use crate::shared::Shared;
use std::rc::Rc;
use strata::report::{ApplicationReport, SourceReport, ValueKind, ValueRow};
use wasm_bindgen::JsCast;
use web_sys::HtmlInputElement;
use yew::prelude::*;

/// Height of a row in pixels; the style sheet says the same.
const ROW: u32 = 27;

/// Deepest indentation that is drawn.
const DEEPEST: usize = 12;

/// What the tree shows.
#[derive(Properties, PartialEq)]
pub struct ValuesProps {
    /// The Application.
    pub report: Shared<ApplicationReport>,
    /// What of it is shown.
    pub route: Route,
    /// What happens on a click.
    pub on: Callback<Message>,
}

/// The middle column below the title.
#[component]
pub fn Values(props: &ValuesProps) -> Html {
    let counts = use_memo((props.report.clone(), props.route.source), |(report, source)| {
        report.sources.get(*source).map(|source| count(&source.rows)).unwrap_or_default()
    });
    let Some(source) = props.report.sources.get(props.route.source) else {
        return html! { <div class="nothing-here"><p>{"This Application has no source that renders."}</p></div> };
    };
    html! {
        <>
            { tools(props, *counts) }
            if props.route.show == Show::Yaml {
                <pre class="yaml" tabindex="0" aria-label="Final values as YAML">{&source.yaml}</pre>
            } else {
                <Tree report={props.report.clone()} route={props.route.clone()} on={props.on.clone()} />
            }
        </>
    }
}

fn tools(props: &ValuesProps, counts: Counts) -> Html {
    let typed = {
        let (on, route) = (props.on.clone(), props.route.clone());
        Callback::from(move |event: InputEvent| {
            if let Some(input) = event.target().and_then(|target| target.dyn_into::<HtmlInputElement>().ok())
            {
                on.emit(Message::Go(Route { filter: input.value(), ..route.clone() }, Step::Replace));
            }
        })
    };
    let chip = |show: Show| {
        let target = Route { show, ..props.route.clone() };
        let onclick = props.on.reform(move |_: MouseEvent| Message::Go(target.clone(), Step::Push));
        let number = match show {
            Show::All => Some(counts.all),
            Show::Overridden => Some(counts.overridden),
            Show::Removed => Some(counts.removed),
            Show::Problems => Some(counts.problems),
            Show::Yaml | Show::Reached | Show::MadeUp | Show::Starter => None,
        };
        html! {
            <button class="chip" type="button" aria-pressed={(props.route.show == show).to_string()} {onclick}>
                {show.label()}{ number.map(|number| format!(" {number}")).unwrap_or_default() }
            </button>
        }
    };
    html! {
        <div class="tools">
            <input type="search" placeholder="Filter keys or values" aria-label="Filter keys or values" value={props.route.filter.clone()} oninput={typed} disabled={props.route.show == Show::Yaml} />
            <div class="chips" role="group" aria-label="Which values">{ for Show::OF_VALUES.into_iter().map(chip) }</div>
        </div>
    }
}

#[component]
fn Tree(props: &ValuesProps) -> Html {
    let node = use_node_ref();
    let folded = use_state(|| Rc::new(Folded::new()));
    let shown = use_memo(
        (
            props.report.clone(),
            props.route.source,
            props.route.show,
            props.route.filter.clone(),
            (*folded).clone(),
        ),
        |(report, source, show, filter, folded)| {
            report
                .sources
                .get(*source)
                .map(|source| visible(&source.rows, *show, filter, folded))
                .unwrap_or_default()
        },
    );
    let rows = rows_of(props);
    let chosen = props.route.key.as_ref().and_then(|key| shown.iter().position(|&at| rows[at].path == *key));
    let (window, onscroll) = use_row_window(&node, shown.len(), ROW, chosen);
    let (above, below) = (window.start, shown.len() - window.end);

    let keys = key_handler(props, &node, &folded, &shown, chosen);
    let fold = {
        let folded = folded.clone();
        Callback::from(move |path: Vec<String>| {
            let mut next = Folded::clone(&folded);
            if !next.remove(&path) {
                next.insert(path);
            }
            folded.set(Rc::new(next));
        })
    };
    let active = chosen.filter(|at| window.contains(at)).map(|at| format!("row-{}", shown[at]));
    html! {
        <div class="tree" role="treegrid" ref={node} {onscroll} onkeydown={keys} tabindex="0" aria-label="Values" aria-rowcount={shown.len().to_string()} aria-colcount="3" aria-activedescendant={active}>
            <Space rows={above} height={ROW} />
            { for window.map(|at| view_row(props, &rows[shown[at]], at, shown[at], chosen == Some(at), folded.contains(&rows[shown[at]].path), &fold)) }
            <Space rows={below} height={ROW} />
            if shown.is_empty() { <div role="row" class="empty"><span role="gridcell">{ nothing(props) }</span></div> }
        </div>
    }
}

fn rows_of(props: &ValuesProps) -> &[ValueRow] {
    props.report.sources.get(props.route.source).map_or(&[], |source: &SourceReport| source.rows.as_slice())
}

fn nothing(props: &ValuesProps) -> &'static str {
    match (props.route.show, props.route.filter.is_empty()) {
        (_, false) => "Nothing holds this text.",
        (Show::Overridden, _) => "No layer overrides another here.",
        (Show::Removed, _) => "Nothing is removed by a null.",
        (Show::Problems, _) => "No value has a problem.",
        (Show::All | Show::Yaml | Show::Reached | Show::MadeUp | Show::Starter, _) => {
            "This source has no values."
        }
    }
}

fn key_handler(
    props: &ValuesProps,
    node: &NodeRef,
    folded: &UseStateHandle<Rc<Folded>>,
    shown: &Rc<Vec<usize>>,
    chosen: Option<usize>,
) -> Callback<KeyboardEvent> {
    let (report, route, on) = (props.report.clone(), props.route.clone(), props.on.clone());
    let (node, folded, shown) = (node.clone(), folded.clone(), Rc::clone(shown));
    Callback::from(move |event: KeyboardEvent| {
        let Some((key, page)) = tree_key(&event, &node, ROW, chosen.is_some()) else { return };
        let Some(source) = report.sources.get(route.source) else { return };
        // Without a chosen row the first key chooses one.
        let step = match chosen {
            Some(at) => key_move(&key, &source.rows, &shown, at, &folded, page),
            None if key == "End" => Some(Move::To(shown.len().saturating_sub(1))),
            None if matches!(key.as_str(), "ArrowDown" | "ArrowUp" | "Home") => Some(Move::To(0)),
            None => None,
        };
        let Some(step) = step else { return };
        event.prevent_default();
        match step {
            Move::To(at) => {
                if let Some(&row) = shown.get(at) {
                    on.emit(Message::Go(route.with_key(Some(source.rows[row].path.clone())), Step::Replace));
                }
            }
            Move::Fold(fold) => {
                if let Some(&row) = chosen.and_then(|at| shown.get(at)) {
                    let mut next = Folded::clone(&folded);
                    let path = source.rows[row].path.clone();
                    if fold {
                        next.insert(path)
                    } else {
                        next.remove(&path)
                    };
                    folded.set(Rc::new(next));
                }
            }
            Move::Stay => {}
        }
    })
}

fn view_row(
    props: &ValuesProps,
    row: &ValueRow,
    at: usize,
    id: usize,
    chosen: bool,
    folded: bool,
    fold: &Callback<Vec<String>>,
) -> Html {
    let depth = row.path.len().max(1);
    let severity = if row.errors > 0 {
        Some("error")
    } else if row.warnings > 0 {
        Some("warning")
    } else {
        None
    };
    let class = classes!("row", chosen.then_some("chosen"), row.removed.then_some("removed"), severity);
    let onclick = {
        let target = props.route.with_key(Some(row.path.clone()));
        props.on.reform(move |_: MouseEvent| Message::Go(target.clone(), Step::Push))
    };
    let expanded = (row.children > 0).then(|| (!folded).to_string());
    html! {
        <div id={format!("row-{id}")} key={id} {class} role="row" {onclick} aria-rowindex={(at + 1).to_string()} aria-level={depth.to_string()} aria-expanded={expanded} aria-selected={chosen.to_string()}>
            <span class={classes!("key", format!("depth-{}", depth.min(DEEPEST)))} role="gridcell">
                { twisty(row, folded, fold) }
                { name(row) }
                if severity.is_some() { <span class="sr">{ format!("{} problems", row.errors + row.warnings) }</span> }
            </span>
            <span class={classes!("value", kind_class(row.kind))} role="gridcell">{ value(row) }</span>
            <span class="origin" role="gridcell">{ origin(row) }</span>
        </div>
    }
}

fn twisty(row: &ValueRow, folded: bool, fold: &Callback<Vec<String>>) -> Html {
    if row.children == 0 {
        return html! { <i aria-hidden="true"></i> };
    }
    let path = row.path.clone();
    let onclick = fold.reform(move |event: MouseEvent| {
        event.stop_propagation();
        path.clone()
    });
    html! { <i class="twisty" aria-hidden="true" {onclick}>{ if folded { "▸" } else { "▾" } }</i> }
}

fn name(row: &ValueRow) -> Html {
    let name = row.path.last().map_or("", String::as_str);
    if row.in_list {
        return html! { <span class="position">{ format!("[{name}]") }</span> };
    }
    html! { <span class="name">{ if name.is_empty() { "\"\"" } else { name } }</span> }
}

fn value(row: &ValueRow) -> Html {
    if row.removed {
        let text = if row.text.is_empty() { "{…}" } else { row.text.as_str() };
        return html! { <><del>{text}</del>{" removed by null"}</> };
    }
    if let Some(reason) = &row.unknown {
        return html! { <span class="unknown">{reason}</span> };
    }
    match row.kind {
        ValueKind::Map if row.children == 0 => html! { "{}" },
        ValueKind::List if row.children == 0 => html! { "[]" },
        ValueKind::Map | ValueKind::List => Html::default(),
        _ => html! { <span title={row.text.clone()}>{&row.text}</span> },
    }
}

fn kind_class(kind: ValueKind) -> &'static str {
    match kind {
        ValueKind::Null => "null",
        ValueKind::Bool => "bool",
        ValueKind::Number => "number",
        ValueKind::String => "string",
        ValueKind::List | ValueKind::Map => "group",
    }
}

fn origin(row: &ValueRow) -> Html {
    let group = row.children > 0 && !row.removed;
    let under = match row.same_as {
        Some(layer) => format!("same as {layer}"),
        None if row.overridden > 0 => format!("{} under", row.overridden),
        None => String::new(),
    };
    match row.layer {
        Some(number) if !group || row.kind == ValueKind::List => html! {
            <><LayerChip {number} place={row.place.clone()} /><span class="under">{under}</span></>
        },
        _ if group => {
            let name = if row.kind == ValueKind::List { "item" } else { "key" };
            html! { <span class="count">{ format!("{} {name}{}", row.children, if row.children == 1 { "" } else { "s" }) }</span> }
        }
        _ => Html::default(),
    }
}
