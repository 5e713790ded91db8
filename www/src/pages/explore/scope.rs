//! The list on the left: environments, customers and their Applications, repositories.

use super::repositories::Repositories;
use crate::app::{Message, Step};
use crate::components::{RenderingState, Space, use_row_window};
use crate::platform::{Platform, ScopeRow};
use crate::rendered::Rendered;
use crate::route::Route;
use crate::shared::Shared;
use strata::report::ApplicationSummary;
use wasm_bindgen::JsCast;
use web_sys::HtmlInputElement;
use yew::prelude::*;

/// Height of a line in pixels; the style sheet says the same.
const ROW: u32 = 28;

/// What the list shows.
#[derive(Properties, PartialEq)]
pub struct ScopeProps {
    /// What is loaded.
    pub platform: Shared<Platform>,
    /// What is shown.
    pub route: Route,
    /// Position of the Application shown.
    pub current: Option<usize>,
    /// What rendering has found.
    pub rendered: Rendered,
    /// What happens on a click.
    pub on: Callback<Message>,
}

/// The left column.
#[component]
pub fn Scope(props: &ScopeProps) -> Html {
    let filter = use_state(String::new);
    let typed = {
        let filter = filter.clone();
        Callback::from(move |event: InputEvent| {
            if let Some(input) = event.target().and_then(|target| target.dyn_into::<HtmlInputElement>().ok())
            {
                filter.set(input.value());
            }
        })
    };
    let platform = &props.platform;
    let own = props
        .current
        .and_then(|index| platform.applications().get(index))
        .map(|application| application.environment.clone());
    let environment = props
        .route
        .environment
        .clone()
        .or(own)
        .filter(|environment| platform.environments.contains(environment));
    html! {
        <aside class="scope" aria-label="Applications">
            if platform.environments.len() > 1 {
                <div class="environments" role="group" aria-label="Environment">
                    { for platform.environments.iter().map(|name| segment(props, name, environment.as_deref() == Some(name.as_str()))) }
                </div>
            }
            <input class="scope-filter" type="search" placeholder="Filter applications" aria-label="Filter applications" value={(*filter).clone()} oninput={typed} />
            <List platform={platform.clone()} route={props.route.clone()} current={props.current} {environment} filter={(*filter).clone()} rendered={props.rendered.clone()} on={props.on.clone()} />
            <RenderingState state={props.rendered.state} total={platform.applications().len()} on={props.on.clone()} />
            <Repositories platform={platform.clone()} on={props.on.clone()} />
        </aside>
    }
}

fn segment(props: &ScopeProps, name: &str, pressed: bool) -> Html {
    let platform = &props.platform;
    let sibling = props
        .current
        .and_then(|index| platform.sibling(index, name))
        .and_then(|index| platform.applications().get(index));
    let target = match sibling {
        Some(application) => props.route.with_application(&application.set, &application.name),
        None => Route { environment: Some(name.to_owned()), ..props.route.clone() },
    };
    let onclick = props.on.reform(move |_: MouseEvent| Message::Go(target.clone(), Step::Push));
    html! { <button type="button" aria-pressed={pressed.to_string()} {onclick}>{name}</button> }
}

#[derive(Properties, PartialEq)]
struct ListProps {
    platform: Shared<Platform>,
    route: Route,
    current: Option<usize>,
    environment: Option<String>,
    filter: String,
    rendered: Rendered,
    on: Callback<Message>,
}

#[component]
fn List(props: &ListProps) -> Html {
    let node = use_node_ref();
    let rows = use_memo(
        (props.platform.clone(), props.environment.clone(), props.filter.clone()),
        |(platform, environment, filter)| platform.scope(environment.as_deref(), filter),
    );
    let current = props.current;
    let reveal =
        rows.iter().position(|row| matches!(row, ScopeRow::Application(index, _) if Some(*index) == current));
    let (window, onscroll) = use_row_window(&node, rows.len(), ROW, reveal);
    let (above, below) = (window.start, rows.len() - window.end);
    html! {
        <nav class="applications" ref={node} {onscroll} aria-label="Applications">
            <Space rows={above} height={ROW} />
            { for window.map(|at| line(props, at, &rows[at])) }
            <Space rows={below} height={ROW} />
            if rows.is_empty() { <p class="empty">{"No applications here."}</p> }
        </nav>
    }
}

fn line(props: &ListProps, at: usize, row: &ScopeRow) -> Html {
    match row {
        ScopeRow::Customer(name, count) => {
            html! { <h2 key={at} class="customer"><span>{name}</span><i>{count}</i></h2> }
        }
        ScopeRow::Application(index, label) => {
            let Some(application) = props.platform.applications().get(*index) else { return Html::default() };
            let target = props.route.with_application(&application.set, &application.name);
            let href = target.href();
            let onclick = props.on.reform(move |event: MouseEvent| {
                event.prevent_default();
                Message::Go(target.clone(), Step::Push)
            });
            let current = (props.current == Some(*index)).then_some("page");
            let (class, note) = state(application, props.rendered.counts(*index));
            html! {
                <a key={at} class="application" {href} {onclick} aria-current={current} title={application.name.clone()}>
                    <span class={classes!("dot", class)} aria-hidden="true"></span><span class="name">{label}</span><small>{note}</small>
                </a>
            }
        }
    }
}

fn state(application: &ApplicationSummary, rendered: (usize, usize)) -> (Option<&'static str>, String) {
    let count = |number: usize, name: &str| format!("{number} {name}{}", if number == 1 { "" } else { "s" });
    match (application.errors + rendered.0, application.warnings + rendered.1) {
        (0, 0) => (None, String::new()),
        (0, warnings) => (Some("warning"), count(warnings, "warning")),
        (errors, _) => (Some("error"), count(errors, "problem")),
    }
}
