//! What an Application is, beside its values.

use crate::app::{Message, Step};
use crate::components::{PlaceLink, ProblemCard, file_name, layer_class};
use crate::route::{FileAt, Route, View};
use crate::shared::Shared;
use strata::report::text::plural;
use strata::report::{ApplicationReport, LayerReport, LayerStatus, Problem, SourceReport};
use yew::prelude::*;

/// What stands above the values.
#[derive(Properties, PartialEq)]
pub struct TitleProps {
    /// The Application.
    pub report: Shared<ApplicationReport>,
    /// What the page shows.
    pub route: Route,
    /// Numbers of errors and of warnings that rendering has found.
    pub rendered: (usize, usize),
    /// What happens on a click.
    pub on: Callback<Message>,
}

/// Its name, what it is, and its stack of layers.
#[component]
pub fn Title(props: &TitleProps) -> Html {
    let summary = &props.report.summary;
    let errors = summary.errors + props.rendered.0;
    let problems = errors + summary.warnings + props.rendered.1;
    let kind = if errors > 0 { "error" } else { "warning" };
    let source = props.report.sources.get(props.route.source);
    let about = {
        let target = props.route.with_key(None).with_line(None);
        props.on.reform(move |_: MouseEvent| Message::Go(target.clone(), Step::Push))
    };
    html! {
        <>
            <div class="title">
                <h1>
                    <span class="name">{&summary.name}</span>
                    if problems > 0 { <span class={classes!("tag", kind)}>{ format!("{problems} problem{}", if problems == 1 { "" } else { "s" }) }</span> }
                    <span class="tag">{ if summary.automated { "automated sync" } else { "manual sync" } }</span>
                    <button class="tag about" type="button" onclick={about}>{"about"}</button>
                </h1>
                <p class="meta">{ meta(&props.report, source) }</p>
            </div>
            <nav class="tabs" aria-label="Views of the Application">
                { tab(props, View::Explore, "Values") }
                { tab(props, View::Manifests, "Manifests") }
                { tab(props, View::Trace, "Trace") }
            </nav>
            if props.report.sources.len() > 1 && props.route.view != View::Trace {
                <div class="sources" role="group" aria-label="Source">
                    { for props.report.sources.iter().enumerate().map(|(at, source)| source_button(props, at, source)) }
                </div>
            }
            if let Some(source) = source.filter(|_| props.route.view != View::Trace) {
                if let Some(error) = &source.error { <p class="source-error" role="note"><b>{"Argo CD fails here: "}</b>{error}</p> }
                <ol class="stack" tabindex="0" aria-label="Layers, lowest first">{ for source.layers.iter().map(|layer| layer_card(props, layer)) }</ol>
            }
        </>
    }
}

fn tab(props: &TitleProps, view: View, name: &'static str) -> Html {
    let target = props.route.with_view(view);
    let href = target.href();
    let onclick = props.on.reform(move |event: MouseEvent| {
        event.prevent_default();
        Message::Go(target.clone(), Step::Push)
    });
    let current = (props.route.view == view).then_some("page");
    html! { <a {href} {onclick} aria-current={current}>{name}</a> }
}

fn meta(report: &ApplicationReport, source: Option<&SourceReport>) -> Html {
    let summary = &report.summary;
    let mut parts: Vec<Html> = Vec::new();
    let mut part = |label: &str, value: &str, more: &str| {
        if !value.is_empty() {
            parts.push(html! { <span>{label}{" "}<b>{value}</b>{more}</span> });
        }
    };
    part("set", &summary.set, "");
    if let Some(source) = source {
        let revision = if source.target_revision.is_empty() {
            String::new()
        } else {
            format!(" at {}", source.target_revision)
        };
        match &source.chart {
            Some(chart) => part("chart", &format!("{} {}", chart.name, chart.version), &revision),
            None => part(&source.kind.to_lowercase(), &source.path, &revision),
        }
    }
    if !summary.namespace.is_empty() {
        let namespace = Some((summary.cluster.clone(), summary.namespace.clone()));
        let target = Route { view: View::Clusters, namespace, ..Route::default() };
        parts.push(
            html! { <span>{"namespace "}<a href={target.href()}><b>{&summary.namespace}</b></a></span> },
        );
    }
    let mut part = |label: &str, value: &str| {
        if !value.is_empty() {
            parts.push(html! { <span>{label}{" "}<b>{value}</b></span> });
        }
    };
    part("project", &summary.project);
    parts.into_iter().collect()
}

fn source_button(props: &TitleProps, at: usize, source: &SourceReport) -> Html {
    let target = Route { source: at, key: None, file: None, ..props.route.clone() };
    let onclick = props.on.reform(move |_: MouseEvent| Message::Go(target.clone(), Step::Push));
    let name = source.chart.as_ref().map_or(source.path.as_str(), |chart| chart.name.as_str());
    html! {
        <button type="button" aria-pressed={(at == props.route.source).to_string()} {onclick}>{ format!("{} {}", source.kind, name) }</button>
    }
}

fn layer_card(props: &TitleProps, layer: &LayerReport) -> Html {
    let present = layer.status == LayerStatus::Present;
    let file = layer.place.as_ref().map(|place| short_path(&place.path));
    let note = match layer.status {
        LayerStatus::Present => plural(layer.keys, "key"),
        LayerStatus::Empty => "empty".to_owned(),
        LayerStatus::MissingAllowed => "missing, allowed".to_owned(),
        LayerStatus::Missing => "missing".to_owned(),
        LayerStatus::Repeated => "listed again later".to_owned(),
        LayerStatus::Unknown => "unknown here".to_owned(),
        LayerStatus::Broken => "can’t be read".to_owned(),
        LayerStatus::None => "none".to_owned(),
    };
    let failed = matches!(layer.status, LayerStatus::Missing | LayerStatus::Broken);
    let class = classes!(
        "layer",
        layer_class(layer.number),
        (!present).then_some("absent"),
        failed.then_some("failed")
    );
    let text = match file {
        Some(file) => format!("{file} · {note}"),
        None if layer.written.is_empty() => note,
        None => format!("{} · {note}", file_name(&layer.written)),
    };
    let content =
        html! { <><b>{ format!("{} {}", layer.number, layer.label) }</b><span>{text.clone()}</span></> };
    let title = format!("{}\n{text}", layer.written);
    let place = layer
        .place
        .as_ref()
        .filter(|_| present || layer.status == LayerStatus::Broken)
        .or(layer.named_at.as_ref());
    let Some(place) = place else {
        return html! { <li {class} {title}>{content}</li> };
    };
    let target = props.route.with_file(Some(FileAt {
        repository: place.repository.clone(),
        path: place.path.clone(),
        line: place.line,
    }));
    let href = target.href();
    let onclick = props.on.reform(move |event: MouseEvent| {
        event.prevent_default();
        Message::Go(target.clone(), Step::Push)
    });
    html! { <li {class}><a {href} {onclick} {title}>{content}</a></li> }
}

/// The last two segments of a path where the last alone says little.
fn short_path(path: &str) -> &str {
    let mut slashes = path.rmatch_indices('/').map(|(at, _)| at);
    match (slashes.next(), slashes.next()) {
        (Some(last), before) if path[..last].ends_with("environments") => {
            &path[before.map_or(0, |at| at + 1)..]
        }
        (Some(last), _) => &path[last + 1..],
        (None, _) => path,
    }
}

/// An Application.
#[derive(Properties, PartialEq)]
pub struct AboutProps {
    /// The Application.
    pub report: Shared<ApplicationReport>,
    /// What the page shows.
    pub route: Route,
    /// What rendering has found wrong with it.
    pub found: Vec<Problem>,
    /// What happens on a click.
    pub on: Callback<Message>,
}

/// What there is to know about an Application while no value is chosen.
#[component]
pub fn About(props: &AboutProps) -> Html {
    let report = &props.report;
    let link =
        |place| html! { <PlaceLink {place} route={props.route.clone()} on={props.on.clone()} short=true /> };
    let problems = report.problems.iter().chain(report.sources.iter().flat_map(|source| &source.problems));
    let problems = problems.chain(&props.found);
    html! {
        <div class="about-application">
            <h2>{&report.summary.name}</h2>
            if let Some(place) = &report.place { <p class="dim">{"Written at "}{ link(place.clone()) }</p> }
            { for problems.map(|problem| html! { <ProblemCard problem={problem.clone()} route={props.route.with_key((!problem.key_path.is_empty()).then(|| problem.key_path.clone()))} on={props.on.clone()} /> }) }
            if !report.parameters.is_empty() {
                <section>
                    <h3>{"Parameters of the generator"}</h3>
                    <dl class="parameters">
                        { for report.parameters.iter().map(|parameter| html! {
                            <>
                                <dt>{&parameter.name}</dt>
                                <dd><code>{&parameter.value}</code>{" "}
                                    if let Some(place) = &parameter.place { { link(place.clone()) } } else { <span class="dim">{&parameter.generator}</span> }
                                </dd>
                            </>
                        }) }
                    </dl>
                </section>
            }
            <section>
                <h3>{"The Application"}</h3>
                <pre tabindex="0">{&report.yaml}</pre>
            </section>
        </div>
    }
}
