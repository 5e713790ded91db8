//! What changes when other rules apply: "what happens when we upgrade Argo CD from 3.4 to 3.6".

use crate::app::{Message, Step};
use crate::components::{ExcerptText, FileViewer, PROFILES, PlaceLink};
use crate::engine::Engine;
use crate::platform::Platform;
use crate::route::{Route, View};
use crate::shared::Shared;
use strata::report::text::plural;
use strata::report::{ChangeCause, ChangedFailure, ChangedKey, FileReport, ProfileComparison};
use wasm_bindgen::JsCast;
use web_sys::HtmlSelectElement;
use yew::prelude::*;

/// Most Applications that a change names.
const APPLICATIONS: usize = 8;

/// Most lines that are shown.
const CAUSES: usize = 300;

/// What the view shows.
#[derive(Properties, PartialEq)]
pub struct ChangesProps {
    /// What is loaded.
    pub platform: Shared<Platform>,
    /// Who compares.
    pub engine: Engine,
    /// Which rules it is compared with.
    pub route: Route,
    /// The file in the viewer.
    pub file: Option<Shared<FileReport>>,
    /// What happens on a click.
    pub on: Callback<Message>,
}

/// The rules to compare with, and every line that then means something else.
#[component]
pub fn Changes(props: &ChangesProps) -> Html {
    let now = &props.platform.overview.argocd;
    let with = props.route.with.clone().unwrap_or_else(|| other_than(now));
    let comparison = use_state(|| None::<Shared<ProfileComparison>>);
    {
        let (comparison, engine) = (comparison.setter(), props.engine.clone());
        use_effect_with((with.clone(), props.platform.clone()), move |(with, _)| {
            comparison.set(None);
            let with = with.clone();
            wasm_bindgen_futures::spawn_local(async move {
                if let Some(found) = engine.compare(with).await {
                    comparison.set(Some(Shared::new(found)));
                }
            });
        });
    }
    let choose = {
        let (on, route) = (props.on.clone(), props.route.clone());
        Callback::from(move |event: Event| {
            let select = event.target().and_then(|target| target.dyn_into::<HtmlSelectElement>().ok());
            let with = select.map(|select| format!("argocd-{}", select.value()));
            on.emit(Message::Go(Route { with, file: None, ..route.clone() }, Step::Push));
        })
    };
    html! {
        <main id="main" class="changes" tabindex="-1">
            <div class="center">
                <div class="title">
                    <h1>{"Changes"}</h1>
                    <p class="meta">
                        {"What happens when Argo CD "}<b>{now}</b>{" gives way to "}
                        <label>
                            <span class="sr">{"The rules to compare with"}</span>
                            <select onchange={choose}>
                                { for PROFILES.iter().filter(|profile| *profile != now).map(|&profile| html! {
                                    <option value={profile} selected={with == format!("argocd-{profile}")}>{profile}</option>
                                }) }
                            </select>
                        </label>
                    </p>
                </div>
                if props.route.file.is_some() {
                    <FileViewer file={props.file.clone()} route={props.route.clone()} on={props.on.clone()} />
                } else if let Some(comparison) = &*comparison {
                    { found(props, comparison) }
                } else {
                    <p class="outcome" role="status">{"Comparing…"}</p>
                }
            </div>
        </main>
    }
}

/// The rules that most people come from or go to.
fn other_than(now: &str) -> String {
    format!("argocd-{}", if now == PROFILES[0] { PROFILES[2] } else { PROFILES[0] })
}

fn found(props: &ChangesProps, comparison: &ProfileComparison) -> Html {
    let names = |title: &str, names: &[String]| {
        html! {
            if !names.is_empty() {
                <section class="change"><h2>{ format!("{title}: {}", plural(names.len(), "Application")) }</h2>{ applications(props, names) }</section>
            }
        }
    };
    let more = comparison.causes.len().saturating_sub(CAUSES);
    html! {
        <div class="change-list" tabindex="0" role="region" aria-label="What changes">
            <p class="outcome" role="status">{ outcome(comparison) }</p>
            { names("Yielded by the rules of now alone", &comparison.gone) }
            { names("Yielded by the other rules alone", &comparison.added) }
            { for comparison.failures.iter().map(|failure| view_failure(props, failure)) }
            { for comparison.causes.iter().take(CAUSES).map(|cause| view_cause(props, cause)) }
            if more > 0 { <p class="outcome">{ format!("and {} more", plural(more, "line")) }</p> }
        </div>
    }
}

fn outcome(comparison: &ProfileComparison) -> String {
    let (before, after) = (&comparison.before, &comparison.after);
    let helm = if before.helm == after.helm {
        format!("both bundle Helm {}", before.helm)
    } else {
        format!("Helm {} gives way to {}", before.helm, after.helm)
    };
    let compared = plural(comparison.compared, "Application");
    let same = comparison.changed == 0
        && comparison.gone.is_empty()
        && comparison.added.is_empty()
        && comparison.failures.is_empty();
    if same {
        return format!("Nothing changes: {compared} compared, {helm}.");
    }
    format!("{compared} compared, {} of them with other values; {helm}.", comparison.changed)
}

fn view_failure(props: &ChangesProps, failure: &ChangedFailure) -> Html {
    let what = if failure.new { "Begins to fail" } else { "No longer fails" };
    html! {
        <section class={classes!("change", failure.new.then_some("error"))}>
            <h2>{ format!("{what}: {}", plural(failure.applications.len(), "Application")) }</h2>
            <p>{&failure.message}</p>
            if let Some(place) = &failure.place { <p><PlaceLink place={place.clone()} route={props.route.clone()} on={props.on.clone()} /></p> }
            { applications(props, &failure.applications) }
        </section>
    }
}

fn view_cause(props: &ChangesProps, cause: &ChangeCause) -> Html {
    html! {
        <section class="change">
            <h2>{&cause.words}</h2>
            <p>
                if cause.layer.is_empty() { {"Helm itself"} } else { {&cause.layer} }
                if let Some(place) = &cause.place { {" · "}<PlaceLink place={place.clone()} route={props.route.clone()} on={props.on.clone()} /> }
            </p>
            if let Some(excerpt) = &cause.excerpt { <ExcerptText excerpt={excerpt.clone()} numbered=true /> }
            { for cause.keys.iter().map(|key| view_key(props, key)) }
        </section>
    }
}

fn view_key(props: &ChangesProps, key: &ChangedKey) -> Html {
    let value = |value: &Option<String>| value.clone().unwrap_or_else(|| "not there".to_owned());
    html! {
        <dl class="changed-key">
            <dt>{ key.path.join(".") }</dt>
            <dd><span class="sr">{"before: "}</span><del>{ value(&key.before) }</del></dd>
            <dd><span class="sr">{"after: "}</span><ins>{ value(&key.after) }</ins></dd>
            <dd>{ applications(props, &key.applications) }</dd>
        </dl>
    }
}

/// Names of Applications as links; `SET/NAME` where a name alone would not do.
fn applications(props: &ChangesProps, names: &[String]) -> Html {
    let link = |shown: &String| {
        let (set, name) = shown.split_once('/').unwrap_or(("", shown));
        let target = Route { view: View::Explore, ..props.route.clone() }.with_application(set, name);
        html! { <li><a href={target.href()}>{shown}</a></li> }
    };
    let more = names.len().saturating_sub(APPLICATIONS);
    html! {
        <ul class="changed-applications">
            { for names.iter().take(APPLICATIONS).map(link) }
            if more > 0 { <li>{ format!("and {more} more") }</li> }
        </ul>
    }
}
