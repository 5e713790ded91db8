//! The loaded repositories: which URL each stands for, and what of it was not read.

use crate::app::Message;
use crate::message::Request;
use crate::platform::Platform;
use crate::shared::Shared;
use strata::report::RepositorySummary;
use wasm_bindgen::JsCast;
use web_sys::HtmlInputElement;
use yew::prelude::*;

/// What the list shows.
#[derive(Properties, PartialEq)]
pub struct RepositoriesProps {
    /// What is loaded.
    pub platform: Shared<Platform>,
    /// What happens on a change.
    pub on: Callback<Message>,
}

/// The repositories, each with its details folded in.
#[component]
pub fn Repositories(props: &RepositoriesProps) -> Html {
    let repositories = &props.platform.overview.repositories;
    html! {
        <section class="repositories" aria-label="Repositories">
            <h2 class="customer"><span>{"Repositories"}</span><i>{repositories.len()}</i></h2>
            { for repositories.iter().map(|repository| view(repository, &props.on)) }
        </section>
    }
}

fn view(repository: &RepositorySummary, on: &Callback<Message>) -> Html {
    let name = repository.name.clone();
    let id = format!("urls-of-{name}");
    let changed = on.reform(move |event: Event| {
        Message::Set(Request::SetUrl { repository: name.clone(), url: typed(&event) })
    });
    let skipped = repository.skipped.len();
    let remove = {
        let name = repository.name.clone();
        on.reform(move |_: MouseEvent| Message::Set(Request::Remove(name.clone())))
    };
    let revisions: Vec<&str> =
        repository.revisions.iter().map(String::as_str).filter(|revision| !revision.is_empty()).collect();
    html! {
        <details key={repository.name.clone()}>
            <summary>
                <span class="name">{&repository.name}</span>
                if !revisions.is_empty() { <span class="tag">{ revisions.join(", ") }</span> }
                <small>{ format!("{} files{}", repository.files, if skipped > 0 { format!(", {skipped} skipped") } else { String::new() }) }</small>
            </summary>
            <label>
                { if repository.url_guessed { "repoURL, guessed from the name" } else { "repoURL" } }
                <input type="text" list={id.clone()} value={repository.url.clone()} onchange={changed} spellcheck="false" />
            </label>
            <datalist {id}>{ for repository.url_choices.iter().map(|url| html! { <option value={url.clone()} /> }) }</datalist>
            { for repository.revisions.iter().map(|revision| view_revision(&repository.name, revision, on)) }
            if skipped > 0 {
                <p>{"Not read:"}</p>
                <ul class="skipped" tabindex="0" aria-label="Files that were not read">
                    { for repository.skipped.iter().take(200).map(|file| html! { <li>{&file.path}<small>{&file.reason}</small></li> }) }
                    if skipped > 200 { <li>{ format!("and {} more", skipped - 200) }</li> }
                </ul>
            }
            <p><button class="button" type="button" onclick={remove}>{"Take it out"}</button></p>
        </details>
    }
}

/// Of which branch, tag or commit the files are.
fn view_revision(repository: &str, revision: &str, on: &Callback<Message>) -> Html {
    let changed = {
        let (repository, revision) = (repository.to_owned(), revision.to_owned());
        on.reform(move |event: Event| {
            Message::Set(Request::SetRevision {
                repository: repository.clone(),
                revision: revision.clone(),
                name: typed(&event),
            })
        })
    };
    html! {
        <label key={revision.to_owned()}>
            {"Revision"}
            <input type="text" value={revision.to_owned()} placeholder="any: stands for all that are not here" onchange={changed} spellcheck="false" autocapitalize="off" />
        </label>
    }
}

fn typed(event: &Event) -> String {
    let input = event.target().and_then(|target| target.dyn_into::<HtmlInputElement>().ok());
    input.map(|input| input.value()).unwrap_or_default()
}
