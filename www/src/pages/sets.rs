//! The sets that yield Applications, what they ask a cluster or a network for, and the settings of
//! Argo CD that apply.

use crate::app::Message;
use crate::components::{FileViewer, PlaceLink, ProblemCard, is_for_fixtures};
use crate::message::Request;
use crate::platform::Platform;
use crate::route::{Route, Show};
use crate::shared::Shared;
use strata::report::text::plural;
use strata::report::{FileReport, Problem, SetSummary, Setting};
use web_sys::{HtmlTextAreaElement, window};
use yew::prelude::*;

/// What the view shows.
#[derive(Properties, PartialEq)]
pub struct SetsProps {
    /// What is loaded.
    pub platform: Shared<Platform>,
    /// What of it is shown.
    pub route: Route,
    /// A fixtures file that was refused, with what is wrong with it.
    pub refused: Option<Shared<(String, Vec<Problem>)>>,
    /// Whether something is being evaluated.
    pub busy: bool,
    /// The file in the viewer.
    pub file: Option<Shared<FileReport>>,
    /// What happens on a click.
    pub on: Callback<Message>,
}

/// Sets, fixtures and settings.
#[component]
pub fn Sets(props: &SetsProps) -> Html {
    let sets = &props.platform.overview.sets;
    html! {
        <main id="main" class="sets" tabindex="-1">
            <div class="center">
                <div class="title"><h1>{"Sets"}</h1><p class="meta">{ outcome(sets) }</p></div>
                if props.route.file.is_some() {
                    <FileViewer file={props.file.clone()} route={props.route.clone()} on={props.on.clone()} />
                } else {
                    <div class="sections" tabindex="0" role="region" aria-label="Sets, fixtures and settings">
                        { view_sets(props, sets) }
                        <FixturesEditor platform={props.platform.clone()} route={props.route.clone()} refused={props.refused.clone()} busy={props.busy} on={props.on.clone()} />
                        { view_settings(props, &props.platform.overview.settings) }
                    </div>
                }
            </div>
        </main>
    }
}

fn outcome(sets: &[SetSummary]) -> String {
    let failing = sets.iter().filter(|set| set.error.is_some()).count();
    let yielded: usize = sets.iter().map(|set| set.applications).sum();
    let text = format!("{}, {}", plural(sets.len(), "ApplicationSet"), plural(yielded, "Application"));
    if failing == 0 { text } else { format!("{text}; {failing} can’t be evaluated") }
}

fn view_sets(props: &SetsProps, sets: &[SetSummary]) -> Html {
    let row = |set: &SetSummary| {
        html! {
            <li class={classes!("set", set.error.is_some().then_some("failed"))}>
                <p class="set-name"><b>{&set.name}</b>{" "}<span class="dim">{&set.generators}</span><span class="spread">{ plural(set.applications, "Application") }</span></p>
                <p><PlaceLink place={set.place.clone()} route={props.route.clone()} on={props.on.clone()} /></p>
                if let Some(error) = &set.error { <p class="why">{error}</p> }
            </li>
        }
    };
    html! {
        <section>
            <h2>{"ApplicationSets"}</h2>
            if sets.is_empty() { <p class="dim">{"None is loaded."}</p> }
            <ul>{ for sets.iter().map(row) }</ul>
        </section>
    }
}

fn view_settings(props: &SetsProps, settings: &[Setting]) -> Html {
    let row = |setting: &Setting| {
        let value = if setting.value.is_empty() { "(empty)" } else { &setting.value };
        html! {
            <>
                <dt>{&setting.key}</dt>
                <dd>
                    <code>{value}</code>{" "}
                    if let Some(place) = &setting.place {
                        <PlaceLink place={place.clone()} route={props.route.clone()} on={props.on.clone()} />
                    } else {
                        <span class="dim">{"Argo CD’s default"}</span>
                    }
                </dd>
            </>
        }
    };
    html! {
        <section>
            <h2>{"Settings of Argo CD"}</h2>
            <p class="dim">{"Read from argocd-cm and argocd-cmd-params-cm among the files, or from "}<code>{"settings:"}</code>{" of the fixtures."}</p>
            <dl class="parameters settings">{ for settings.iter().map(row) }</dl>
        </section>
    }
}

#[derive(Properties, PartialEq)]
struct FixturesEditorProps {
    platform: Shared<Platform>,
    route: Route,
    refused: Option<Shared<(String, Vec<Problem>)>>,
    busy: bool,
    on: Callback<Message>,
}

/// The fixtures file, to be written here or dropped.
#[component]
fn FixturesEditor(props: &FixturesEditorProps) -> Html {
    let node = use_node_ref();
    let overview = &props.platform.overview;
    let applied =
        props.refused.as_ref().map_or_else(|| overview.fixtures.clone(), |refused| refused.0.clone());
    {
        // What was typed stays until other fixtures apply; so does what was refused.
        let node = node.clone();
        use_effect_with(applied, move |applied| write(&node, applied));
    }
    {
        // Whoever comes from what is unknown has asked for it already.
        let (node, starter) = (node.clone(), overview.starter_fixtures.clone());
        use_effect_with(props.route.show == Show::Starter, move |&asked| {
            if asked && !starter.is_empty() {
                start_from(&node, &starter);
            }
        });
    }
    let text = {
        let node = node.clone();
        move || node.cast::<HtmlTextAreaElement>().map(|area| area.value()).unwrap_or_default()
    };
    let apply = {
        let text = text.clone();
        props.on.reform(move |event: SubmitEvent| {
            event.prevent_default();
            Message::Set(Request::SetFixtures(text()))
        })
    };
    let start = {
        let (node, starter) = (node.clone(), overview.starter_fixtures.clone());
        Callback::from(move |_: MouseEvent| start_from(&node, &starter))
    };
    let copy = Callback::from(move |_: MouseEvent| {
        if let Some(window) = window().filter(web_sys::Window::is_secure_context) {
            // Nobody waits for it; a browser that forbids it lets people copy by hand.
            let _ = window.navigator().clipboard().write_text(&text());
        }
    });
    let unknown = overview.problems.iter().filter(|problem| is_for_fixtures(&problem.code));
    let wrong = props.refused.as_ref().map(|refused| &refused.1);
    html! {
        <section class="fixtures">
            <h2>{"Fixtures"}</h2>
            <p class="dim">{"What no repository holds: clusters, answers of plugins, repositories of an SCM provider, open pull requests, settings. Write it here, or drop a "}<code>{"fixtures.yaml"}</code>{"."}</p>
            { for unknown.map(|problem| html! { <ProblemCard problem={problem.clone()} route={props.route.clone()} on={props.on.clone()} /> }) }
            <form onsubmit={apply}>
                <div class="buttons">
                    if overview.starter_fixtures.is_empty() {
                        <span class="dim">{ if overview.fixtures.is_empty() { "No set asks for any." } else { "No set asks for more." } }</span>
                    } else {
                        <button class="button" type="button" onclick={start}>{"Start from what the sets ask for"}</button>
                    }
                    <span class="spread"></span>
                    <button class="button" type="button" onclick={copy}>{"Copy"}</button>
                    <button class="button main" type="submit" disabled={props.busy}>{"Apply"}</button>
                </div>
                <textarea ref={node} name="fixtures" rows="14" spellcheck="false" aria-label="Fixtures as YAML" placeholder={"clusters:\n  - name: prod\n    server: https://prod.example.com\n    labels: {env: prod}"} />
            </form>
            <div role="status">
                if let Some(wrong) = wrong {
                    { for wrong.iter().map(|problem| html! { <ProblemCard problem={problem.clone()} route={props.route.clone()} full=true on={props.on.clone()} /> }) }
                }
            </div>
        </section>
    }
}

fn start_from(node: &NodeRef, starter: &str) {
    write(node, starter);
    if let Some(area) = node.cast::<HtmlTextAreaElement>() {
        let _ = area.focus();
    }
}

fn write(node: &NodeRef, text: &str) {
    if let Some(area) = node.cast::<HtmlTextAreaElement>() {
        area.set_value(text);
    }
}
