//! The values of one Application: the list of Applications on the left, the values in the middle, the
//! history of the chosen one on the right.

mod application;
mod cascade;
mod manifests;
mod repositories;
mod scope;
mod trace;
mod tree;
mod used_by;
mod values;

use crate::app::{Message, Step};
use crate::components::{FileViewer, to_fixtures, use_listed};
use crate::engine::Engine;
use crate::platform::Platform;
use crate::rendered::Rendered;
use crate::route::{Route, View};
use crate::shared::Shared;
use application::{About, Title};
use cascade::CascadeView;
use manifests::{Arriving, LineDetail, Manifests, use_manifests};
use scope::Scope;
use strata::report::{ApplicationReport, Cascade, FileReport, Problem};
use trace::TraceView;
use used_by::UsedBy;
use values::Values;
use yew::prelude::*;

/// What the view shows.
#[derive(Properties, PartialEq)]
pub struct ExploreProps {
    /// Who answers.
    pub engine: Engine,
    /// What is loaded.
    pub platform: Shared<Platform>,
    /// What of it is shown.
    pub route: Route,
    /// The Application with its position.
    pub report: Option<(usize, Shared<ApplicationReport>)>,
    /// The history of the chosen value.
    pub cascade: Option<Shared<Cascade>>,
    /// The file in the viewer.
    pub file: Option<Shared<FileReport>>,
    /// What rendering has found.
    pub rendered: Rendered,
    /// What happens on a click.
    pub on: Callback<Message>,
}

/// Three columns; on a small screen one, with the list and the history over it.
#[component]
pub fn Explore(props: &ExploreProps) -> Html {
    let (listed, to_list) = use_listed(&props.route, "Applications and repositories");
    let current = props.report.as_ref().map(|(index, _)| *index);
    let source = source_of(props).filter(|_| props.route.view == View::Manifests);
    let manifests = use_manifests(&props.engine, &props.platform, source);
    let chosen = match props.route.view {
        View::Manifests => props.route.line.is_some(),
        View::Trace => false,
        _ => props.route.key.is_some(),
    };
    let of_manifests = (props.route.view == View::Manifests).then_some("of-manifests");
    let class = classes!("explore", of_manifests, listed.then_some("listed"), chosen.then_some("chosen"));
    html! {
        <main id="main" {class} tabindex="-1">
            <Scope platform={props.platform.clone()} route={props.route.clone()} {current} rendered={props.rendered.clone()} on={props.on.clone()} />
            <div class="center">
                { to_list }
                { center(props, manifests.as_ref()) }
            </div>
            <aside class="inspector" aria-label="What is chosen">{ inspector(props, manifests.as_ref()) }</aside>
        </main>
    }
}

/// Position of the Application, and of its shown source in `spec.sources`.
fn source_of(props: &ExploreProps) -> Option<(usize, usize)> {
    let (application, report) = props.report.as_ref()?;
    Some((*application, report.sources.get(props.route.source)?.index))
}

fn center(props: &ExploreProps, manifests: Option<&Arriving>) -> Html {
    let Some((application, report)) = &props.report else {
        return nothing(props);
    };
    let (application, route, on) = (*application, &props.route, &props.on);
    let content = match route.view {
        _ if route.file.is_some() => {
            html! { <FileViewer file={props.file.clone()} route={route.clone()} on={on.clone()} /> }
        }
        View::Manifests => {
            html! { <Manifests key={application} report={report.clone()} manifests={manifests.cloned()} route={route.clone()} on={on.clone()} /> }
        }
        View::Trace => {
            html! { <TraceView engine={props.engine.clone()} platform={props.platform.clone()} {application} report={report.clone()} cascade={props.cascade.clone()} route={route.clone()} on={on.clone()} /> }
        }
        _ => html! { <Values report={report.clone()} route={route.clone()} on={on.clone()} /> },
    };
    html! { <><Title report={report.clone()} route={route.clone()} rendered={props.rendered.counts(application)} on={on.clone()} />{content}</> }
}

fn nothing(props: &ExploreProps) -> Html {
    if props.route.file.is_some() {
        return html! { <FileViewer file={props.file.clone()} route={props.route.clone()} on={props.on.clone()} /> };
    }
    let name = props
        .route
        .application
        .as_ref()
        .map(|(_, name)| name.as_str())
        .filter(|_| props.platform.first().is_some());
    html! {
        <div class="nothing-here">
            if let Some(name) = name {
                <h1>{name}</h1>
                <p>{"No such Application in what is loaded. Open the files that this link was made for."}</p>
            } else {
                <h1>{"No Applications"}</h1>
                if props.platform.overview.starter_fixtures.is_empty() {
                    <p>{"Nothing that is loaded is an ApplicationSet that yields Applications, or an Application. Open the repository that holds them too."}</p>
                } else {
                    <p>{"The ApplicationSets ask for what no repository holds: clusters, answers of plugins and the like."}</p>
                    <p><a class="button" href={to_fixtures(&props.route).href()}>{"Write it as fixtures"}</a></p>
                }
            }
        </div>
    }
}

fn inspector(props: &ExploreProps, manifests: Option<&Arriving>) -> Html {
    let Some((application, report)) = &props.report else { return Html::default() };
    let found = props.rendered.of(*application);
    let found: Vec<Problem> =
        found.map(|problem| Problem { applications: Vec::new(), ..problem.clone() }).collect();
    let about = || html! { <About report={report.clone()} route={props.route.clone()} found={found.clone()} on={props.on.clone()} /> };
    match (props.route.view, &props.route.key, &props.cascade) {
        (View::Manifests, ..) => match (props.route.line, manifests) {
            (Some(line), Some(arriving)) => {
                let close = close(props, props.route.with_line(None), "Close the line, show the Application");
                html! { <>{close}<LineDetail arriving={arriving.clone()} {line} route={props.route.clone()} on={props.on.clone()} /></> }
            }
            (Some(_), None) => Html::default(),
            (None, _) => html! {
                <>
                    <p class="dim ask">{"Choose a line to see the template and the values that wrote it."}</p>
                    { about() }
                </>
            },
        },
        (View::Trace, ..) | (_, None, _) => about(),
        (_, Some(key), Some(cascade)) => {
            let close = close(props, props.route.with_key(None), "Close the value, show the Application");
            html! {
                <>
                    {close}
                    <CascadeView cascade={cascade.clone()} route={props.route.clone()} on={props.on.clone()} />
                    if let Some(source) = source_of(props) {
                        <UsedBy engine={props.engine.clone()} platform={props.platform.clone()} {source} path={key.clone()} route={props.route.clone()} on={props.on.clone()} />
                    }
                </>
            }
        }
        (_, Some(_), None) => Html::default(),
    }
}

fn close(props: &ExploreProps, target: Route, label: &'static str) -> Html {
    let onclick = props.on.reform(move |_: MouseEvent| Message::Go(target.clone(), Step::Push));
    html! { <button class="close" type="button" {onclick} aria-label={label}>{"✕"}</button> }
}
