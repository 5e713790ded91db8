//! Going to an Application, a key, a value or a file.

use super::{Modal, file_name};
use crate::app::{Message, Step};
use crate::engine::Engine;
use crate::platform::Platform;
use crate::route::{FileAt, Route, View};
use crate::shared::Shared;
use gloo_timers::future::TimeoutFuture;
use strata::report::Hit;
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::spawn_local;
use web_sys::HtmlInputElement;
use yew::prelude::*;

/// Time without a key pressed after which to search, in milliseconds.
const PAUSE: u32 = 70;

/// What the dialog needs.
#[derive(Properties, PartialEq)]
pub struct SearchDialogProps {
    /// Who searches.
    pub engine: Engine,
    /// What is loaded.
    pub platform: Option<Shared<Platform>>,
    /// What the page shows.
    pub route: Route,
    /// What happens on a choice.
    pub on: Callback<Message>,
}

/// One line of the results.
#[derive(Clone, PartialEq)]
struct Found {
    kind: &'static str,
    name: String,
    detail: String,
    target: Route,
}

/// A field and what it finds.
#[component]
pub fn SearchDialog(props: &SearchDialogProps) -> Html {
    let found = use_state(Vec::<Found>::new);
    let asked = use_state(String::new);
    let chosen = use_state(|| 0_usize);
    let latest = use_mut_ref(String::new);
    let input = use_node_ref();
    {
        let input = input.clone();
        use_effect_with((), move |()| {
            if let Some(input) = input.cast::<HtmlInputElement>() {
                let _ = input.focus();
            }
        });
    }

    let search = {
        let (found, asked, chosen, latest) = (found.clone(), asked.clone(), chosen.clone(), latest);
        let (engine, platform, route) = (props.engine.clone(), props.platform.clone(), props.route.clone());
        Callback::from(move |event: InputEvent| {
            let Some(input) = event.target().and_then(|target| target.dyn_into::<HtmlInputElement>().ok())
            else {
                return;
            };
            let text = input.value();
            latest.borrow_mut().clone_from(&text);
            let (found, asked, chosen, latest) =
                (found.clone(), asked.clone(), chosen.clone(), latest.clone());
            let (engine, platform, route) = (engine.clone(), platform.clone(), route.clone());
            spawn_local(async move {
                TimeoutFuture::new(PAUSE).await;
                if *latest.borrow() != text {
                    return;
                }
                let hits = if text.trim().is_empty() {
                    Vec::new()
                } else {
                    engine.search(text.trim().to_owned()).await
                };
                if *latest.borrow() == text {
                    chosen.set(0);
                    asked.set(text);
                    found.set(
                        hits.into_iter().filter_map(|hit| line(hit, platform.as_deref(), &route)).collect(),
                    );
                }
            });
        })
    };
    let go = {
        let on = props.on.clone();
        Callback::from(move |target: Route| {
            on.emit(Message::Dialog(None));
            on.emit(Message::Go(target, Step::Push));
        })
    };
    let keys = {
        let (found, chosen, go) = (found.clone(), chosen.clone(), go.clone());
        Callback::from(move |event: KeyboardEvent| {
            let last = found.len().saturating_sub(1);
            match event.key().as_str() {
                "ArrowDown" => chosen.set((*chosen + 1).min(last)),
                "ArrowUp" => chosen.set(chosen.saturating_sub(1)),
                "Enter" => {
                    if let Some(found) = found.get(*chosen) {
                        go.emit(found.target.clone());
                    }
                }
                _ => return,
            }
            event.prevent_default();
        })
    };
    let close = props.on.reform(|()| Message::Dialog(None));
    let active = (!found.is_empty()).then(|| format!("found-{}", *chosen));
    let nothing = found.is_empty() && !asked.trim().is_empty();
    html! {
        <Modal label="Search" class="search-dialog" onclose={close}>
            <input ref={input} type="text" role="combobox" aria-expanded={(!found.is_empty()).to_string()} aria-controls="found"
                aria-activedescendant={active} aria-label="Application, key, value or file" autocomplete="off" spellcheck="false"
                placeholder="Application, key, value or file" oninput={search} onkeydown={keys} />
            <ul id="found" role="listbox" aria-label="Results">
                { for found.iter().enumerate().map(|(at, found)| view(at, found, at == *chosen, &go)) }
            </ul>
            <p class="nothing" role="status">{ if nothing { format!("Nothing holds “{}”.", asked.trim()) } else { String::new() } }</p>
        </Modal>
    }
}

fn view(at: usize, found: &Found, chosen: bool, go: &Callback<Route>) -> Html {
    let target = found.target.clone();
    let onclick = go.reform(move |_: MouseEvent| target.clone());
    html! {
        <li id={format!("found-{at}")} key={at} role="option" aria-selected={chosen.to_string()} {onclick}>
            <span class="kind">{found.kind}</span><span class="name">{&found.name}</span><span class="detail">{&found.detail}</span>
        </li>
    }
}

fn line(hit: Hit, platform: Option<&Platform>, route: &Route) -> Option<Found> {
    let values = route.with_view(View::Explore);
    let application = |index: usize| platform?.applications().get(index);
    Some(match hit {
        Hit::Application { application: index } => {
            let found = application(index)?;
            Found {
                kind: "application",
                name: found.name.clone(),
                detail: found.set.clone(),
                target: route.with_application(&found.set, &found.name),
            }
        }
        Hit::Value { application: index, source, path, text, more } => {
            let found = application(index)?;
            let others = if more > 0 { format!(" and {more} more") } else { String::new() };
            let target = values.with_application(&found.set, &found.name).with_key(Some(path.clone()));
            Found {
                kind: "value",
                name: format!("{}: {text}", path.join(".")),
                detail: format!("{}{others}", found.name),
                target: Route { source, ..target },
            }
        }
        Hit::File { repository, path } => Found {
            kind: "file",
            name: file_name(&path).to_owned(),
            detail: format!("{repository}/{path}"),
            target: route.with_file(Some(FileAt { repository, path, line: 1 })),
        },
    })
}
