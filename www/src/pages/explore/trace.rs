//! How an Application comes about, link by link, and where the chain breaks.

use super::cascade::{path_text, verdict_part};
use crate::app::Message;
use crate::components::{PlaceLink, layer_class};
use crate::engine::Engine;
use crate::platform::Platform;
use crate::route::{Route, View};
use crate::shared::Shared;
use strata::report::text::plural;
use strata::report::{
    ApplicationReport, Cascade, Effect, FieldTrace, LayerStatus, LayerTrace, Parameter, PartTrace, Place,
    ReferenceTrace, SourceTrace, Trace, WriteReport,
};
use web_sys::window;
use yew::prelude::*;

/// An Application.
#[derive(Properties, PartialEq)]
pub struct TraceViewProps {
    /// Who traces.
    pub engine: Engine,
    /// What is loaded.
    pub platform: Shared<Platform>,
    /// Position of the Application.
    pub application: usize,
    /// The Application.
    pub report: Shared<ApplicationReport>,
    /// The history of the chosen value, if one is chosen.
    pub cascade: Option<Shared<Cascade>>,
    /// What the page shows.
    pub route: Route,
    /// What happens on a click.
    pub on: Callback<Message>,
}

/// The chain from the generator to the layers.
#[component]
pub fn TraceView(props: &TraceViewProps) -> Html {
    let trace = use_state(|| None::<Shared<Trace>>);
    {
        let (engine, trace) = (props.engine.clone(), trace.setter());
        use_effect_with((props.platform.clone(), props.application), move |(_, application)| {
            trace.set(None);
            let application = *application;
            wasm_bindgen_futures::spawn_local(async move {
                trace.set(engine.trace(application).await.map(Shared::new));
            });
        });
    }
    {
        let shown = (trace.is_some(), props.route.layer);
        use_effect_with(shown, |&(is_shown, layer)| {
            if let Some(layer) = layer.filter(|_| is_shown) {
                reveal(layer);
            }
        });
    }
    let Some(trace) = &*trace else {
        return html! { <p class="nothing-here" role="status">{"Tracing…"}</p> };
    };
    html! {
        <div class="trace" tabindex="0" role="region" aria-label="How the Application comes about">
            <ol class="chain">
                { view_origin(props, trace) }
                if !trace.parameters.is_empty() { { view_parameters(props, &trace.parameters) } }
                { step("Application", None, None, html! { { for trace.fields.iter().map(|field| view_field(props, field)) } }) }
                { for trace.sources.iter().map(|source| view_source(props, source)) }
                if !trace.refused.is_empty() { { breaks("Argo CD refuses it", &trace.refused) } }
            </ol>
        </div>
    }
}

/// A link of the chain.
fn step(title: &str, note: Option<Html>, class: Option<&str>, content: Html) -> Html {
    html! { <li class={classes!("link", class.map(str::to_owned))}><h2>{title}{ note.map(|note| html! { <>{" "}{note}</> }).unwrap_or_default() }</h2>{content}</li> }
}

fn breaks(title: &str, why: &str) -> Html {
    step(title, None, Some("broken"), html! { <p>{why}</p> })
}

fn link(props: &TraceViewProps, place: &Place) -> Html {
    html! { <PlaceLink place={place.clone()} route={props.route.clone()} on={props.on.clone()} /> }
}

fn view_origin(props: &TraceViewProps, trace: &Trace) -> Html {
    let parents = (!trace.parents.is_empty()).then(|| {
        let parent = |name: &String| html! { <li>{"rendered by the chart of "}<b>{name}</b></li> };
        html! { <ul>{ for trace.parents.iter().map(parent) }</ul> }
    });
    let content = html! { <>{ parents.unwrap_or_default() }<p>{ link(props, &trace.place) }</p></> };
    if trace.set.is_empty() {
        return step("Written by hand", None, None, content);
    }
    let note = html! { <span class="dim">{&trace.generators}</span> };
    step(&format!("Set {}", trace.set), Some(note), None, content)
}

fn view_parameters(props: &TraceViewProps, parameters: &[Parameter]) -> Html {
    let row = |parameter: &Parameter| {
        html! {
            <>
                <dt>{&parameter.name}</dt>
                <dd><code>{&parameter.value}</code>{" "}<span class="whence">{&parameter.generator}{" "}
                    if let Some(place) = &parameter.place { { link(props, place) } }
                </span></dd>
            </>
        }
    };
    let list = html! { <dl class="parameters">{ for parameters.iter().map(row) }</dl> };
    let count = plural(parameters.len(), "parameter");
    let content = if parameters.len() > 8 {
        html! { <details><summary>{ format!("{count}, each with its origin") }</summary>{list}</details> }
    } else {
        list
    };
    step("Parameter set", None, None, content)
}

fn view_source(props: &TraceViewProps, source: &SourceTrace) -> Html {
    let note = html! { <span class="dim">{&source.kind}</span> };
    let fields = html! { { for source.fields.iter().map(|field| view_field(props, field)) } };
    let shown = props.report.sources.get(props.route.source).is_some_and(|known| known.index == source.index);
    let cascade = props.cascade.as_ref().filter(|_| shown && props.route.key.is_some());
    html! {
        <>
            { step(&format!("Source {}", source.index), Some(note), None, fields) }
            { for source.layers.iter().map(|layer| view_layer(props, source.index, layer, shown)) }
            if let Some(cascade) = cascade { { view_value(props, cascade) } }
            if !source.error.is_empty() { { breaks("Here it breaks", &source.error) } }
        </>
    }
}

/// The merge of the chosen value, step by step from the lowest layer to the one that wins.
fn view_value(props: &TraceViewProps, cascade: &Cascade) -> Html {
    let target = props.route.with_view(View::Explore);
    let wrote = cascade.writes.iter().rev().filter(|write| write.effect != Effect::Absent);
    let row = |write: &WriteReport| {
        let text = write.text.lines().next().unwrap_or_default();
        let more = if write.text.lines().nth(1).is_some() { " …" } else { "" };
        html! {
            <li class={classes!(layer_class(write.layer), write.wins.then_some("wins"))}>
                <span class="layer-chip"><em>{write.layer}</em>{&write.label}</span>{" "}
                <code>{text}{more}</code>{" "}
                if let Some(place) = &write.place { { link(props, place) } }
                <span class="dim">{" "}{ if write.wins { "wins" } else { write.note.as_str() } }</span>
            </li>
        }
    };
    let content = html! {
        <>
            <ol class="merge-steps" aria-label="Merge, the lowest layer first">{ for wrote.map(row) }</ol>
            <p class="verdict">{ for cascade.verdict.iter().map(verdict_part) }</p>
            <p><a href={target.href()}>{"Back to its history"}</a></p>
        </>
    };
    step(&format!("Value {}", path_text(&cascade.path)), None, Some("of-value"), content)
}

/// Brings a layer of the shown source into sight.
fn reveal(layer: usize) {
    let document = window().and_then(|window| window.document());
    let element = document.and_then(|document| document.get_element_by_id(&layer_id(layer)));
    if let Some(element) = element {
        element.scroll_into_view();
    }
}

fn layer_id(layer: usize) -> String {
    format!("layer-{layer}-of-source")
}

/// A field of the Application: what it says, where, and which parameters made which part of it.
fn view_field(props: &TraceViewProps, field: &FieldTrace) -> Html {
    let made: Vec<&PartTrace> = field.parts.iter().filter(|part| !part.expression.is_empty()).collect();
    let text = if field.parts.is_empty() {
        html! { {&field.value} }
    } else {
        let part = |part: &PartTrace| {
            if part.expression.is_empty() {
                return html! { {&part.text} };
            }
            html! { <mark title={part.expression.clone()}>{&part.text}</mark> }
        };
        html! { { for field.parts.iter().map(part) } }
    };
    html! {
        <div class="field">
            <p class="field-name">{&field.field}{" "}if let Some(place) = &field.place { { link(props, place) } }</p>
            <p class="field-value"><code>{text}</code></p>
            if !made.is_empty() { <ul class="parts">{ for made.iter().map(|part| view_part(props, part)) }</ul> }
        </div>
    }
}

fn view_part(props: &TraceViewProps, part: &PartTrace) -> Html {
    let from = |parameter: &Parameter| {
        html! {
            <span class="whence">{&parameter.name}{", "}{&parameter.generator}{" "}
                if let Some(place) = &parameter.place { { link(props, place) } }
            </span>
        }
    };
    html! { <li><code>{&part.expression}</code>{" → "}<code>{&part.text}</code>{" "}{ for part.parameters.iter().map(from) }</li> }
}

fn view_layer(props: &TraceViewProps, source: usize, layer: &LayerTrace, shown: bool) -> Html {
    let broken = matches!(layer.status, LayerStatus::Missing | LayerStatus::Broken);
    let there = matches!(layer.status, LayerStatus::Present | LayerStatus::Empty);
    let class = classes!(
        "link",
        "of-layer",
        layer_class(layer.number),
        broken.then_some("broken"),
        (!there && !broken).then_some("absent"),
        (shown && props.route.layer == Some(layer.number)).then_some("chosen-layer"),
    );
    let id = shown.then(|| layer_id(layer.number));
    let cascade = props.cascade.iter().filter(|_| shown && props.route.key.is_some());
    let mut writes = cascade.flat_map(|cascade| &cascade.writes);
    let write = writes.find(|write| write.layer == layer.number && write.effect != Effect::Absent);
    html! {
        <li {class} {id}>
            <span class="number" aria-hidden="true">{layer.number}</span>
            <h2>{&layer.label}<span class="dim">{" "}{ state(layer) }</span></h2>
            { view_field(props, &layer.field) }
            if let Some(reference) = &layer.reference { { view_reference(props, reference) } }
            if !layer.path.is_empty() { <p class="file-of"><span class="arrow" aria-hidden="true">{"→"}</span>{ view_file(props, source, layer) }</p> }
            if let Some(write) = write { { view_write(props, write) } }
            if !layer.remark.is_empty() { <p class="remark-of">{&layer.remark}</p> }
        </li>
    }
}

/// What the layer does to the chosen value.
fn view_write(props: &TraceViewProps, write: &WriteReport) -> Html {
    let key = props.route.key.as_deref().map(path_text).unwrap_or_default();
    let text = write.text.lines().next().unwrap_or_default();
    html! {
        <p class="write-of">
            <span class="arrow" aria-hidden="true">{"→"}</span><b>{key}</b>{": "}<code>{text}</code>{" "}
            if let Some(place) = &write.place { { link(props, place) } }
            <span class="dim">{" "}{ if write.wins { "wins" } else { "is overridden" } }</span>
        </p>
    }
}

fn state(layer: &LayerTrace) -> String {
    match layer.status {
        LayerStatus::Present => plural(layer.keys, "value"),
        LayerStatus::Empty => "empty".to_owned(),
        LayerStatus::MissingAllowed => "missing, allowed".to_owned(),
        LayerStatus::Missing => "missing".to_owned(),
        LayerStatus::Repeated => "listed again".to_owned(),
        LayerStatus::Unknown => "unknown here".to_owned(),
        LayerStatus::Broken => "can’t be read".to_owned(),
        LayerStatus::None => "none".to_owned(),
    }
}

fn view_reference(props: &TraceViewProps, reference: &ReferenceTrace) -> Html {
    let revision = &reference.revision.value;
    let place = reference.url.place.as_ref().map(|place| link(props, place));
    html! {
        <p class="reference">
            <span class="arrow" aria-hidden="true">{"→"}</span>
            <code>{&reference.name}</code>{ format!(" is source {}: ", reference.index) }<code>{&reference.url.value}</code>
            if !revision.is_empty() { {" at "}<code>{revision}</code> }
            {" "}{ place.unwrap_or_default() }
        </p>
    }
}

/// The file, as a link if it is there.
fn view_file(props: &TraceViewProps, source: usize, layer: &LayerTrace) -> Html {
    let sources = props.report.sources.iter().filter(|known| known.index == source);
    let layers = sources.flat_map(|source| &source.layers);
    let place = layers.filter(|known| known.number == layer.number).find_map(|known| known.place.as_ref());
    let revision = if layer.revision.is_empty() { String::new() } else { format!("@{}", layer.revision) };
    let holder = format!("{}{revision}", layer.repository);
    match place
        .filter(|_| matches!(layer.status, LayerStatus::Present | LayerStatus::Empty | LayerStatus::Broken))
    {
        Some(place) => html! { <>{holder}{" "}{ link(props, place) }</> },
        None => html! { <>{holder}{" "}<code>{&layer.path}</code></> },
    }
}
