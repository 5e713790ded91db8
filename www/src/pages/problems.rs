//! All problems of the platform, worst first.

use crate::app::{Message, Step};
use crate::components::{
    FileViewer, ProblemCard, RenderingState, Space, place_text, severity_name, use_row_window,
};
use crate::engine::Engine;
use crate::platform::Platform;
use crate::rendered::Rendered;
use crate::route::{Route, View};
use crate::shared::Shared;
use strata::report::text::plural;
use strata::report::{FileReport, Problem};
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlInputElement};
use yew::prelude::*;

/// Height of a problem in the list in pixels; the style sheet says the same.
const ROW: u32 = 54;

/// Most Applications that a problem lists.
const APPLICATIONS: usize = 100;

/// What the view shows.
#[derive(Properties, PartialEq)]
pub struct ProblemsProps {
    /// What is loaded.
    pub platform: Shared<Platform>,
    /// Who knows the chosen problem in full.
    pub engine: Engine,
    /// What of it is shown.
    pub route: Route,
    /// What rendering has found.
    pub rendered: Rendered,
    /// The file in the viewer.
    pub file: Option<Shared<FileReport>>,
    /// What happens on a click.
    pub on: Callback<Message>,
}

/// The list, and the chosen problem in full beside it.
#[component]
pub fn Problems(props: &ProblemsProps) -> Html {
    let all = All { platform: props.platform.clone(), rendered: props.rendered.problems.clone() };
    let total = props.platform.applications().len();
    let shown = use_memo((all.clone(), props.route.filter.clone()), |(all, filter)| {
        let filter = filter.to_lowercase();
        let fits = |(_, problem): &(usize, &Problem)| filter.is_empty() || holds(problem, &filter);
        let mut shown: Vec<(usize, &Problem)> = all.iter().enumerate().filter(fits).collect();
        shown.sort_by_key(|(_, problem)| std::cmp::Reverse(problem.severity));
        shown.into_iter().map(|(at, _)| at).collect::<Vec<_>>()
    });
    let typed = {
        let (on, route) = (props.on.clone(), props.route.clone());
        Callback::from(move |event: InputEvent| {
            if let Some(input) = event.target().and_then(|target| target.dyn_into::<HtmlInputElement>().ok())
            {
                on.emit(Message::Go(
                    Route { filter: input.value(), problem: None, ..route.clone() },
                    Step::Replace,
                ));
            }
        })
    };
    let chosen = props.route.problem.and_then(|at| all.get(at));
    let full = use_full(props);
    html! {
        <main id="main" class={classes!("problems", chosen.is_some().then_some("chosen"))} tabindex="-1">
            <div class="center">
                <div class="title"><h1>{"Problems"}</h1><p class="meta"><span>{ count(&all) }</span><RenderingState state={props.rendered.state} {total} on={props.on.clone()} /></p></div>
                if props.route.file.is_some() {
                    <FileViewer file={props.file.clone()} route={props.route.clone()} on={props.on.clone()} />
                } else {
                    <div class="tools"><input type="search" placeholder="Filter problems" aria-label="Filter problems" value={props.route.filter.clone()} oninput={typed} /></div>
                    <List all={all.clone()} {shown} route={props.route.clone()} on={props.on.clone()} />
                }
            </div>
            <aside class="inspector" aria-label="The chosen problem">
                if let Some(problem) = chosen { { detail(props, full.as_deref().unwrap_or(problem)) } } else { <p class="dim">{"Choose a problem to see it in full."}</p> }
            </aside>
        </main>
    }
}

/// The chosen problem with all that belongs to it, if the list has but its line.
#[hook]
fn use_full(props: &ProblemsProps) -> Option<Shared<Problem>> {
    let full = use_state(|| None::<((Shared<Platform>, usize), Shared<Problem>)>);
    let listed = props.platform.overview.problems.len();
    let asked = props.route.problem.filter(|&at| at < listed).map(|at| (props.platform.clone(), at));
    {
        let (engine, full) = (props.engine.clone(), full.setter());
        use_effect_with(asked.clone(), move |asked| {
            let asked = asked.clone();
            wasm_bindgen_futures::spawn_local(async move {
                let Some(asked) = asked else { return };
                let problem = engine.problem(asked.1).await;
                full.set(problem.map(|problem| (asked, Shared::new(problem))));
            });
        });
    }
    let (answered, problem) = full.as_ref()?;
    (Some(answered) == asked.as_ref()).then(|| problem.clone())
}

/// The problems of the platform, then those that rendering found.
#[derive(Clone, PartialEq)]
struct All {
    platform: Shared<Platform>,
    rendered: Shared<Vec<Problem>>,
}

impl All {
    fn iter(&self) -> impl Iterator<Item = &Problem> {
        self.platform.overview.problems.iter().chain(self.rendered.iter())
    }

    fn get(&self, at: usize) -> Option<&Problem> {
        let own = &self.platform.overview.problems;
        own.get(at).or_else(|| self.rendered.get(at.checked_sub(own.len())?))
    }
}

fn holds(problem: &Problem, filter: &str) -> bool {
    let place = problem.place.as_ref().map(|place| place.path.to_lowercase());
    problem.message.to_lowercase().contains(filter)
        || problem.code.contains(filter)
        || problem.key_path.join(".").to_lowercase().contains(filter)
        || place.is_some_and(|place| place.contains(filter))
}

fn count(all: &All) -> String {
    use strata::report::Severity::{Error, Note, Warning};
    let of = |severity| all.iter().filter(|problem| problem.severity == severity).count();
    if all.iter().next().is_none() {
        return "None. Every value is accepted.".to_owned();
    }
    format!(
        "{} · {} · {}",
        plural(of(Error), "error"),
        plural(of(Warning), "warning"),
        plural(of(Note), "note")
    )
}

#[derive(Properties, PartialEq)]
struct ListProps {
    all: All,
    shown: std::rc::Rc<Vec<usize>>,
    route: Route,
    on: Callback<Message>,
}

#[component]
fn List(props: &ListProps) -> Html {
    let node = use_node_ref();
    let chosen = props.route.problem.and_then(|problem| props.shown.iter().position(|&at| at == problem));
    let (window, onscroll) = use_row_window(&node, props.shown.len(), ROW, chosen);
    let (above, below) = (window.start, props.shown.len() - window.end);
    let go = |at: usize, step: Step| {
        let target = Route { problem: props.shown.get(at).copied(), ..props.route.clone() };
        Message::Go(target, step)
    };
    let keys = {
        let (on, node, props) = (props.on.clone(), node.clone(), (props.shown.clone(), props.route.clone()));
        Callback::from(move |event: KeyboardEvent| {
            let (shown, route) = &props;
            let last = shown.len().saturating_sub(1);
            let page = node
                .cast::<Element>()
                .map_or(1, |node| (node.client_height() as usize / ROW as usize).max(1));
            let at = match (event.key().as_str(), chosen) {
                ("ArrowDown", Some(at)) => at + 1,
                ("ArrowUp", Some(at)) => at.saturating_sub(1),
                ("PageDown", Some(at)) => at + page,
                ("PageUp", Some(at)) => at.saturating_sub(page),
                ("Home" | "ArrowDown", _) => 0,
                ("End" | "ArrowUp", _) => last,
                _ => return,
            };
            event.prevent_default();
            let target = Route { problem: shown.get(at.min(last)).copied(), ..route.clone() };
            on.emit(Message::Go(target, Step::Replace));
        })
    };
    let line = |at: usize| {
        let position = props.shown[at];
        let Some(problem) = props.all.get(position) else { return Html::default() };
        let message = go(at, Step::Push);
        let target = if let Message::Go(route, _) = message { route } else { Route::default() };
        let onclick = props.on.reform(move |_: MouseEvent| Message::Go(target.clone(), Step::Push));
        let selected = chosen == Some(at);
        html! {
            <div key={position} id={format!("problem-{position}")} class={classes!("problem-row", severity_name(problem.severity))} role="option" aria-selected={selected.to_string()} aria-setsize={props.shown.len().to_string()} aria-posinset={(at + 1).to_string()} {onclick}>
                <span class={classes!("dot", severity_name(problem.severity))} aria-hidden="true"></span>
                <span class="message"><span class="sr">{severity_name(problem.severity)}{": "}</span>{&problem.message}</span>
                <span class="where">{ problem.place.as_ref().map(place_text).unwrap_or_default() }</span>
                <span class="applications-of">{ touched(problem) }</span>
            </div>
        }
    };
    let active = chosen.filter(|at| window.contains(at)).map(|at| format!("problem-{}", props.shown[at]));
    html! {
        <div class="problem-list" role="listbox" aria-label="Problems" ref={node} {onscroll} onkeydown={keys} tabindex="0" aria-activedescendant={active}>
            <Space rows={above} height={ROW} />
            { for window.map(line) }
            <Space rows={below} height={ROW} />
        </div>
    }
}

fn touched(problem: &Problem) -> String {
    match problem.applications.len() {
        0 => String::new(),
        count => plural(count, "application"),
    }
}

fn detail(props: &ProblemsProps, problem: &Problem) -> Html {
    let close = {
        let target = Route { problem: None, ..props.route.clone() };
        props.on.reform(move |_: MouseEvent| Message::Go(target.clone(), Step::Push))
    };
    let application = |&index: &usize| {
        let application = props.platform.applications().get(index)?;
        let key = (!problem.key_path.is_empty()).then(|| problem.key_path.clone());
        let route = Route { filter: String::new(), view: View::Explore, ..props.route.clone() };
        let target = route.with_application(&application.set, &application.name).with_key(key);
        let trace = target.with_view(View::Trace);
        let manifests = target.with_view(View::Manifests);
        Some(html! {
            <li>
                <a href={target.href()}>{&application.name}</a>
                <span class="ways"><a href={trace.href()} aria-label={format!("Trace of {}", application.name)}>{"trace"}</a><a href={manifests.href()} aria-label={format!("Manifests of {}", application.name)}>{"manifests"}</a></span>
            </li>
        })
    };
    let more = problem.applications.len().saturating_sub(APPLICATIONS);
    html! {
        <>
            <button class="close" type="button" onclick={close} aria-label="Close the problem">{"✕"}</button>
            <h2>{ if problem.key_path.is_empty() { problem.code.clone() } else { problem.key_path.join(".") } }</h2>
            <ProblemCard problem={problem.clone()} route={props.route.clone()} full=true on={props.on.clone()} />
            if !problem.applications.is_empty() {
                <section>
                    <h3>{ touched(problem) }</h3>
                    <ul class="touched">
                        { for problem.applications.iter().take(APPLICATIONS).filter_map(application) }
                        if more > 0 { <li>{ format!("and {more} more") }</li> }
                    </ul>
                </section>
            }
        </>
    }
}
