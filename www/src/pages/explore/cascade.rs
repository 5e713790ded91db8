//! The history of a value: who won, over whom, and which rules apply.

use crate::app::Message;
use crate::components::{ExcerptText, PlaceLink, ProblemCard, layer_class};
use crate::route::{Route, View};
use crate::shared::Shared;
use strata::report::{Cascade, Effect, Problem, SchemaRule, Severity, VerdictPart, WriteReport};
use yew::prelude::*;

/// A history.
#[derive(Properties, PartialEq)]
pub struct CascadeViewProps {
    /// The history.
    pub cascade: Shared<Cascade>,
    /// What the page shows.
    pub route: Route,
    /// What happens on a click.
    pub on: Callback<Message>,
}

/// The right column.
#[component]
pub fn CascadeView(props: &CascadeViewProps) -> Html {
    let cascade = &props.cascade;
    // What is wrong is read first; a mere note comes after the history that it speaks of.
    let (notes, wrong): (Vec<_>, Vec<_>) =
        cascade.problems.iter().partition(|problem| problem.severity == Severity::Note);
    let card = |problem: &Problem| html! { <ProblemCard problem={problem.clone()} route={props.route.clone()} on={props.on.clone()} /> };
    html! {
        <div class="cascade-view">
            <h2 id="chosen" tabindex="-1">{ path_text(&cascade.path) }</h2>
            <p class="verdict" aria-live="polite">{ for cascade.verdict.iter().map(verdict_part) }</p>
            if !cascade.comment.is_empty() { <p class="remark">{&cascade.comment}</p> }
            { for wrong.into_iter().map(card) }
            <ol class="cascade" aria-label="Layers, the winner first">{ for cascade.writes.iter().map(|write| view_write(props, write)) }</ol>
            { for notes.into_iter().map(card) }
            if !cascade.rules.is_empty() {
                <section>
                    <h3>{"Schemas"}</h3>
                    <ul class="rules">{ for cascade.rules.iter().map(|rule| view_rule(props, rule)) }</ul>
                </section>
            }
        </div>
    }
}

/// `hosts[0].name`.
pub fn path_text(path: &[String]) -> String {
    let mut text = String::new();
    for step in path {
        if !text.is_empty() {
            text.push('.');
        }
        text.push_str(step);
    }
    text
}

/// A piece of a verdict.
pub fn verdict_part(part: &VerdictPart) -> Html {
    match part {
        VerdictPart::Words(words) => html! { {words} },
        VerdictPart::Value(value) => html! { <code>{value}</code> },
        VerdictPart::Layer(number, label) => html! { <b class={layer_class(*number)}>{label}</b> },
    }
}

fn view_write(props: &CascadeViewProps, write: &WriteReport) -> Html {
    let absent = write.effect == Effect::Absent;
    let class = classes!(
        layer_class(write.layer),
        write.wins.then_some("wins"),
        (!write.wins && !absent).then_some("loses"),
        absent.then_some("absent"),
        matches!(write.effect, Effect::Removed | Effect::RemovedNothing).then_some("removes"),
    );
    if absent {
        let note = if write.note.is_empty() { "does not set it" } else { write.note.as_str() };
        return html! {
            <li {class}><span class="number" aria-hidden="true">{write.layer}</span><div class="head"><span>{ format!("{} — {note}", write.label) }</span></div></li>
        };
    }
    html! {
        <li {class}>
            <span class="number" aria-hidden="true">{write.layer}</span>
            <div class="head">
                <b>{&write.label}</b>
                <span class="sr">{ if write.wins { "wins" } else { "is overridden" } }</span>
                if let Some(place) = &write.place { <PlaceLink place={place.clone()} route={props.route.clone()} on={props.on.clone()} short=true /> }
                { to_trace(props, write) }
            </div>
            if !write.note.is_empty() { <p class="write-note">{&write.note}</p> }
            if let Some(excerpt) = &write.excerpt {
                <ExcerptText excerpt={excerpt.clone()} />
            } else if !write.text.is_empty() {
                <pre tabindex="0"><mark>{&write.text}</mark></pre>
            }
            if !write.lost.is_empty() {
                <details class="lost">
                    <summary>{ format!("{} item{} lost", write.lost.len(), if write.lost.len() == 1 { "" } else { "s" }) }</summary>
                    <ul>{ for write.lost.iter().map(|item| html! { <li><del>{item}</del></li> }) }</ul>
                </details>
            }
        </li>
    }
}

/// The way to how the layer comes about.
fn to_trace(props: &CascadeViewProps, write: &WriteReport) -> Html {
    let target = Route { layer: Some(write.layer), ..props.route.with_view(View::Trace) };
    let title = format!("How {} comes about", write.label);
    let label = format!("trace of {}", write.label);
    html! { <a class="to-trace" href={target.href()} {title} aria-label={label}>{"trace"}</a> }
}

fn view_rule(props: &CascadeViewProps, rule: &SchemaRule) -> Html {
    html! {
        <li class={if rule.valid { "valid" } else { "invalid" }}>
            <p>
                <span class="mark" aria-hidden="true">{ if rule.valid { "✓" } else { "✗" } }</span>
                <span class="sr">{ if rule.valid { "follows" } else { "breaks" } }</span>
                {" "}<b>{&rule.owner}</b>{" "}{&rule.rule}
                if rule.deprecated { <span class="tag warning">{"deprecated"}</span> }
            </p>
            if !rule.description.is_empty() { <p class="dim">{&rule.description}</p> }
            if !rule.choices.is_empty() { <p class="dim">{"one of "}<code>{rule.choices.join(", ")}</code></p> }
            if !rule.default.is_empty() { <p class="dim">{"default "}<code>{&rule.default}</code></p> }
            <p><PlaceLink place={rule.place.clone()} route={props.route.clone()} on={props.on.clone()} /></p>
        </li>
    }
}
