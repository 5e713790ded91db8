//! Which lines of the manifests a value reaches.

use crate::app::Message;
use crate::components::PlaceLink;
use crate::engine::Engine;
use crate::platform::Platform;
use crate::route::{Route, Show, View};
use crate::shared::Shared;
use strata::report::ReachedLine;
use strata::report::text::plural;
use yew::prelude::*;

/// Lines that are shown; a link leads to all of them.
const SHOWN: usize = 5;

/// A value.
#[derive(Properties, PartialEq)]
pub struct UsedByProps {
    /// Who renders.
    pub engine: Engine,
    /// What is loaded.
    pub platform: Shared<Platform>,
    /// Position of the Application, and of the source in `spec.sources`.
    pub source: (usize, usize),
    /// Keys and list positions from the root.
    pub path: Vec<String>,
    /// What the page shows.
    pub route: Route,
    /// What happens on a click.
    pub on: Callback<Message>,
}

/// A list of lines, each with the template action that wrote it.
#[component]
pub fn UsedBy(props: &UsedByProps) -> Html {
    let reached = use_state(|| None::<Shared<(Vec<ReachedLine>, usize)>>);
    {
        let (engine, reached) = (props.engine.clone(), reached.setter());
        let asked = (props.platform.clone(), props.source, props.path.clone());
        use_effect_with(asked, move |(_, (application, source), path)| {
            reached.set(None);
            let (application, source, path) = (*application, *source, path.clone());
            wasm_bindgen_futures::spawn_local(async move {
                reached.set(engine.reached(application, source, path).await.map(Shared::new));
            });
        });
    }
    let Some(found) = &*reached else { return Html::default() };
    let (lines, count) = &**found;
    let all = Route { show: Show::Reached, ..props.route.with_view(View::Manifests) };
    html! {
        <section class="used-by">
            <h3>{"Used by"}</h3>
            if lines.is_empty() { <p class="dim">{"No line of the manifests."}</p> }
            <ul>{ for lines.iter().take(SHOWN).map(|line| view(props, line)) }</ul>
            if *count > SHOWN { <p><a href={all.href()}>{ format!("All {}", plural(*count, "line")) }</a></p> }
        </section>
    }
}

fn view(props: &UsedByProps, line: &ReachedLine) -> Html {
    let target = props.route.with_view(View::Manifests).with_line(Some((line.manifest, line.line as usize)));
    html! {
        <li>
            <p class="object">
                <a href={target.href()}>{ format!("{}/{} line {}", line.kind, line.name, line.line) }</a>
                if line.decides { {" "}<span class="dim">{"is there because of it"}</span> }
            </p>
            <pre><code>{line.text.trim()}</code></pre>
            <p><PlaceLink place={line.template.clone()} route={props.route.clone()} on={props.on.clone()} /></p>
        </li>
    }
}
