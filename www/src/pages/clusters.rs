//! What runs where: the namespaces of all clusters, the objects in each, and what makes them.

use crate::app::{Message, Step};
use crate::components::{RenderingState, Space, use_listed, use_row_window};
use crate::engine::Engine;
use crate::platform::Platform;
use crate::rendered::{Rendered, State};
use crate::route::{Route, View};
use crate::shared::Shared;
use std::rc::Rc;
use strata::report::text::plural;
use strata::report::{MakerReport, NamespaceReport, ObjectReport};
use wasm_bindgen::JsCast;
use web_sys::HtmlInputElement;
use yew::prelude::*;

/// Height of a row in pixels; the style sheet says the same.
const ROW: u32 = 28;

/// What the view shows.
#[derive(Properties, PartialEq)]
pub struct ClustersProps {
    /// Who answers.
    pub engine: Engine,
    /// What is loaded.
    pub platform: Shared<Platform>,
    /// What of it is shown.
    pub route: Route,
    /// How far rendering is.
    pub rendered: Rendered,
    /// What happens on a click.
    pub on: Callback<Message>,
}

/// Namespaces on the left, objects in the middle, the chosen one on the right.
#[component]
pub fn Clusters(props: &ClustersProps) -> Html {
    let (listed, to_list) = use_listed(&props.route, "Clusters and namespaces");
    let namespaces = use_namespaces(props);
    let chosen = match &props.route.namespace {
        Some((cluster, namespace)) => {
            namespaces.iter().find(|one| one.cluster == *cluster && one.namespace == *namespace)
        }
        None => namespaces.iter().find(|one| one.shared > 0).or_else(|| namespaces.first()),
    };
    let place = chosen.map(|one| (one.cluster.clone(), one.namespace.clone()));
    let objects = use_objects(&props.engine, &namespaces, place.clone());
    let object = props.route.object.as_ref().and_then(|wanted| {
        objects.iter().find(|one| [&one.kind, &one.name, &one.group] == wanted.each_ref())
    });
    let route = Route { namespace: place, ..props.route.clone() };
    let class =
        classes!("explore", "clusters", listed.then_some("listed"), object.is_some().then_some("chosen"));
    let total = props.platform.applications().len();
    html! {
        <main id="main" {class} tabindex="-1">
            <aside class="scope" aria-label="Clusters and namespaces">
                <Namespaces namespaces={namespaces.clone()} route={route.clone()} on={props.on.clone()} />
            </aside>
            <div class="center">
                { to_list }
                <div class="title">
                    <h1><span class="name">{ chosen.map_or("Clusters", namespace_name) }</span></h1>
                    <p class="meta">
                        { chosen.map(meta).unwrap_or_default() }
                        <RenderingState state={props.rendered.state} {total} on={props.on.clone()} />
                    </p>
                </div>
                if namespaces.is_empty() {
                    <div class="nothing-here" role="status"><p>{ nothing(props.rendered.state) }</p></div>
                } else {
                    <Objects platform={props.platform.clone()} objects={objects.clone()} {route} on={props.on.clone()} />
                }
            </div>
            <aside class="inspector" aria-label="The chosen object">
                if let Some(object) = object { { detail(props, object) } } else { <p class="dim">{"Choose an object to see what makes it."}</p> }
            </aside>
        </main>
    }
}

fn nothing(state: State) -> &'static str {
    match state {
        State::Going(_) => "The objects appear when all Applications are rendered, or when you stop that.",
        State::Resting(_) => "No Application is rendered yet.",
        State::Complete => "No Application that is loaded yields an object.",
    }
}

fn namespace_name(one: &NamespaceReport) -> &str {
    if one.namespace.is_empty() { "Outside of namespaces" } else { &one.namespace }
}

fn cluster_name(one: &NamespaceReport) -> &str {
    match (one.cluster_name.as_str(), one.cluster.as_str()) {
        ("", "") => "no cluster named",
        ("", cluster) => cluster,
        (name, _) => name,
    }
}

fn meta(one: &NamespaceReport) -> Html {
    html! {
        <>
            <span>{"cluster "}<b>{ cluster_name(one) }</b></span>
            <span>{ plural(one.objects, "object") }</span>
            <span>{ plural(one.applications, "application") }</span>
            if one.shared > 0 { <span><span class="tag warning">{ format!("{} made more than once", one.shared) }</span></span> }
        </>
    }
}

/// The namespaces as far as they are rendered, once nothing goes on.
#[hook]
fn use_namespaces(props: &ClustersProps) -> Rc<Vec<NamespaceReport>> {
    let namespaces = use_state(|| Rc::new(Vec::new()));
    let going = matches!(props.rendered.state, State::Going(_));
    {
        let (namespaces, engine) = (namespaces.setter(), props.engine.clone());
        let state = (!going).then_some(props.rendered.state);
        use_effect_with((props.platform.clone(), state), move |(_, state)| {
            if state.is_some() {
                wasm_bindgen_futures::spawn_local(async move {
                    namespaces.set(Rc::new(engine.namespaces().await));
                });
            }
        });
    }
    (*namespaces).clone()
}

/// The objects of a namespace.
#[hook]
fn use_objects(
    engine: &Engine,
    namespaces: &Rc<Vec<NamespaceReport>>,
    place: Option<(String, String)>,
) -> Rc<Vec<ObjectReport>> {
    let objects = use_state(|| Rc::new(Vec::new()));
    {
        let (objects, engine) = (objects.setter(), engine.clone());
        let came = Rc::as_ptr(namespaces);
        use_effect_with((came, place), move |(_, place)| {
            let gone = Rc::new(std::cell::Cell::new(false));
            if let Some((cluster, namespace)) = place.clone() {
                let left = Rc::clone(&gone);
                wasm_bindgen_futures::spawn_local(async move {
                    let came = engine.objects(cluster, namespace).await;
                    if !left.get() {
                        objects.set(Rc::new(came));
                    }
                });
            }
            move || gone.set(true)
        });
    }
    (*objects).clone()
}

#[derive(Properties, PartialEq)]
struct NamespacesProps {
    namespaces: Rc<Vec<NamespaceReport>>,
    route: Route,
    on: Callback<Message>,
}

/// A row on the left: a cluster with the number of its namespaces, or a namespace by its position.
enum Row {
    Cluster(usize, usize),
    Namespace(usize),
}

#[component]
fn Namespaces(props: &NamespacesProps) -> Html {
    let filter = use_state(String::new);
    let typed = {
        let filter = filter.clone();
        Callback::from(move |event: InputEvent| filter.set(typed(&event)))
    };
    let rows = use_memo((props.namespaces.clone(), (*filter).clone()), |(namespaces, filter)| {
        let filter = filter.trim().to_lowercase();
        let fits =
            |one: &NamespaceReport| filter.is_empty() || namespace_name(one).to_lowercase().contains(&filter);
        let mut rows = Vec::new();
        for cluster in namespaces.chunk_by(|a, b| a.cluster == b.cluster) {
            let start = cluster.as_ptr_range().start;
            let first = namespaces.iter().position(|one| std::ptr::eq(one, start)).unwrap_or_default();
            let inside: Vec<usize> =
                (first..first + cluster.len()).filter(|&at| fits(&namespaces[at])).collect();
            if !inside.is_empty() {
                rows.push(Row::Cluster(first, inside.len()));
                rows.extend(inside.into_iter().map(Row::Namespace));
            }
        }
        rows
    });
    let node = use_node_ref();
    let is_current = |at: usize| {
        let one = &props.namespaces[at];
        let current = props.route.namespace.as_ref();
        current.is_some_and(|(cluster, name)| *cluster == one.cluster && *name == one.namespace)
    };
    let reveal = rows.iter().position(|row| matches!(row, Row::Namespace(at) if is_current(*at)));
    let (window, onscroll) = use_row_window(&node, rows.len(), ROW, reveal);
    let (above, below) = (window.start, rows.len() - window.end);
    let line = |at: usize| match rows[at] {
        Row::Cluster(first, count) => {
            let one = &props.namespaces[first];
            html! { <h2 key={at} class="customer" title={one.cluster.clone()}><span>{ cluster_name(one) }</span><i>{count}</i></h2> }
        }
        Row::Namespace(position) => {
            let one = &props.namespaces[position];
            let namespace = Some((one.cluster.clone(), one.namespace.clone()));
            let target = Route { namespace, object: None, filter: String::new(), ..props.route.clone() };
            let (href, onclick) = go(target, &props.on);
            let current = is_current(position).then_some("page");
            let class = (one.shared > 0).then_some("warning");
            let note =
                if one.shared > 0 { format!("{} shared", one.shared) } else { one.objects.to_string() };
            html! {
                <a key={at} class="application" {href} {onclick} aria-current={current}>
                    <span class={classes!("dot", class)} aria-hidden="true"></span><span class="name">{ namespace_name(one) }</span><small>{note}</small>
                </a>
            }
        }
    };
    html! {
        <>
            <input class="scope-filter" type="search" placeholder="Filter namespaces" aria-label="Filter namespaces" value={(*filter).clone()} oninput={typed} />
            <nav class="applications" ref={node} {onscroll} aria-label="Namespaces">
                <Space rows={above} height={ROW} />
                { for window.map(line) }
                <Space rows={below} height={ROW} />
                if rows.is_empty() { <p class="empty">{"No namespaces here."}</p> }
            </nav>
        </>
    }
}

#[derive(Properties, PartialEq)]
struct ObjectsProps {
    platform: Shared<Platform>,
    objects: Rc<Vec<ObjectReport>>,
    route: Route,
    on: Callback<Message>,
}

#[component]
fn Objects(props: &ObjectsProps) -> Html {
    let node = use_node_ref();
    let shown = use_memo((props.objects.clone(), props.route.filter.clone()), |(objects, filter)| {
        let filter = filter.trim().to_lowercase();
        let fits = |one: &ObjectReport| {
            filter.is_empty() || format!("{} {}", one.kind, one.name).to_lowercase().contains(&filter)
        };
        (0..objects.len()).filter(|&at| fits(&objects[at])).collect::<Vec<_>>()
    });
    let is_current = |at: usize| {
        let one = &props.objects[at];
        props
            .route
            .object
            .as_ref()
            .is_some_and(|wanted| [&one.kind, &one.name, &one.group] == wanted.each_ref())
    };
    let reveal = shown.iter().position(|&at| is_current(at));
    let (window, onscroll) = use_row_window(&node, shown.len(), ROW, reveal);
    let (above, below) = (window.start, shown.len() - window.end);
    let filtered = {
        let (on, route) = (props.on.clone(), props.route.clone());
        Callback::from(move |event: InputEvent| {
            on.emit(Message::Go(
                Route { filter: typed(&event), object: None, ..route.clone() },
                Step::Replace,
            ));
        })
    };
    let line = |row: usize| {
        let one = &props.objects[shown[row]];
        let object = Some([one.kind.clone(), one.name.clone(), one.group.clone()]);
        let (href, onclick) = go(Route { object, ..props.route.clone() }, &props.on);
        let current = is_current(shown[row]).then_some("true");
        let first = one.makers.first().and_then(|maker| props.platform.applications().get(maker.application));
        let first = first.map_or("", |application| application.name.as_str());
        let several = one.makers.len() > 1;
        html! {
            <a key={row} class="object" {href} {onclick} aria-current={current}>
                <span class="kind">{&one.kind}</span>
                <span class="name">{&one.name}</span>
                if several { <span class="tag warning">{ format!("made {} times", one.makers.len()) }</span> } else { <small>{first}</small> }
            </a>
        }
    };
    html! {
        <>
            <div class="tools"><input type="search" placeholder="Filter objects" aria-label="Filter objects" value={props.route.filter.clone()} oninput={filtered} /></div>
            <nav class="objects" ref={node} {onscroll} aria-label="Objects">
                <Space rows={above} height={ROW} />
                { for window.map(line) }
                <Space rows={below} height={ROW} />
                if shown.is_empty() { <p class="empty">{"No objects here."}</p> }
            </nav>
        </>
    }
}

fn detail(props: &ClustersProps, object: &ObjectReport) -> Html {
    let close = {
        let target = Route { object: None, ..props.route.clone() };
        props.on.reform(move |_: MouseEvent| Message::Go(target.clone(), Step::Push))
    };
    let mut applications: Vec<usize> = object.makers.iter().map(|maker| maker.application).collect();
    applications.dedup();
    html! {
        <>
            <button class="close" type="button" onclick={close} aria-label="Close the object">{"✕"}</button>
            <h2 id="chosen" tabindex="-1">{ format!("{} {}", object.kind, object.name) }</h2>
            if !object.group.is_empty() { <p class="dim">{&object.group}</p> }
            if applications.len() > 1 {
                <p class="made-twice">{"Several Applications make it: Argo CD warns of a shared resource, and each sync takes it over from the other."}</p>
            } else if object.makers.len() > 1 {
                <p class="made-twice">{"It is made more than once: Argo CD applies the last one and warns of a repeated resource."}</p>
            }
            <h3>{"Made by"}</h3>
            <ul class="touched">{ for object.makers.iter().map(|maker| view_maker(props, maker)) }</ul>
        </>
    }
}

fn view_maker(props: &ClustersProps, maker: &MakerReport) -> Html {
    let Some(application) = props.platform.applications().get(maker.application) else {
        return Html::default();
    };
    let target = Route::default().with_application(&application.set, &application.name);
    let values = Route { source: maker.rendering, ..target };
    let trace = values.with_view(View::Trace);
    let manifest = values.with_view(View::Manifests).with_line(Some((maker.manifest, 0)));
    let name = &application.name;
    html! {
        <li>
            <a href={values.href()}>{name}</a>
            <span class="ways"><a href={manifest.href()} aria-label={format!("Manifest of {name}")}>{"manifest"}</a><a href={trace.href()} aria-label={format!("Trace of {name}")}>{"trace"}</a></span>
            <p class="whence">{ format!("source {}, {}:{}", maker.source, maker.path, maker.line) }</p>
        </li>
    }
}

/// A link to a state of the page.
fn go(target: Route, on: &Callback<Message>) -> (String, Callback<MouseEvent>) {
    let href = target.href();
    let onclick = on.reform(move |event: MouseEvent| {
        event.prevent_default();
        Message::Go(target.clone(), Step::Push)
    });
    (href, onclick)
}

fn typed(event: &InputEvent) -> String {
    let input = event.target().and_then(|target| target.dyn_into::<HtmlInputElement>().ok());
    input.map(|input| input.value()).unwrap_or_default()
}
