//! The values of one Application: the list of Applications on the left, the values in the middle, the
//! history of the chosen one on the right.

mod application;
mod cascade;
mod repositories;
mod scope;
mod tree;
mod values;

use crate::app::{Message, Step};
use crate::components::FileViewer;
use crate::platform::Platform;
use crate::route::Route;
use crate::shared::Shared;
use application::{About, Title};
use cascade::CascadeView;
use scope::Scope;
use strata::report::{ApplicationReport, Cascade, FileReport};
use values::Values;
use yew::prelude::*;

/// What the view shows.
#[derive(Properties, PartialEq)]
pub struct ExploreProps {
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
    /// What happens on a click.
    pub on: Callback<Message>,
}

/// Three columns; on a small screen one, with the list and the history over it.
#[component]
pub fn Explore(props: &ExploreProps) -> Html {
    let listed = use_state(|| false);
    {
        // Whoever has chosen something wants to see it.
        let listed = listed.clone();
        use_effect_with(props.route.clone(), move |_| listed.set(false));
    }
    let toggle = {
        let listed = listed.clone();
        Callback::from(move |_: MouseEvent| listed.set(!*listed))
    };
    let current = props.report.as_ref().map(|(index, _)| *index);
    let class =
        classes!("explore", listed.then_some("listed"), props.route.key.is_some().then_some("chosen"));
    html! {
        <main id="main" {class} tabindex="-1">
            <Scope platform={props.platform.clone()} route={props.route.clone()} {current} on={props.on.clone()} />
            <div class="center">
                <button class="button to-list" type="button" onclick={toggle} aria-expanded={listed.to_string()}>{ if *listed { "Close the list" } else { "Applications and repositories" } }</button>
                { center(props) }
            </div>
            <aside class="inspector" aria-label="The chosen value">{ inspector(props) }</aside>
        </main>
    }
}

fn center(props: &ExploreProps) -> Html {
    let Some((_, report)) = &props.report else {
        return nothing(props);
    };
    html! {
        <>
            <Title report={report.clone()} route={props.route.clone()} on={props.on.clone()} />
            if props.route.file.is_some() {
                <FileViewer file={props.file.clone()} route={props.route.clone()} on={props.on.clone()} />
            } else {
                <Values report={report.clone()} route={props.route.clone()} on={props.on.clone()} />
            }
        </>
    }
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
                <p>{"Nothing that is loaded is an ApplicationSet that yields Applications, or an Application. Open the repository that holds them too."}</p>
            }
        </div>
    }
}

fn inspector(props: &ExploreProps) -> Html {
    let Some((_, report)) = &props.report else { return Html::default() };
    match (&props.route.key, &props.cascade) {
        (Some(_), Some(cascade)) => {
            let close = {
                let target = props.route.with_key(None);
                props.on.reform(move |_: MouseEvent| Message::Go(target.clone(), Step::Push))
            };
            html! {
                <>
                    <button class="close" type="button" onclick={close} aria-label="Close the value, show the Application">{"✕"}</button>
                    <CascadeView cascade={cascade.clone()} route={props.route.clone()} on={props.on.clone()} />
                </>
            }
        }
        (Some(_), None) => Html::default(),
        (None, _) => {
            html! { <About report={report.clone()} route={props.route.clone()} on={props.on.clone()} /> }
        }
    }
}
