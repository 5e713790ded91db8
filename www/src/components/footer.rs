//! The bar at the bottom.

use crate::app::Message;
use crate::message::Request;
use crate::platform::Platform;
use crate::shared::Shared;
use strata::report::RepositorySummary;
use strata::report::text::plural;
use wasm_bindgen::JsCast;
use web_sys::HtmlSelectElement;
use yew::prelude::*;

/// What the footer shows.
#[derive(Properties, PartialEq)]
pub struct FooterProps {
    /// What is loaded.
    pub platform: Option<Shared<Platform>>,
    /// Whether a load is under way.
    pub busy: bool,
    /// What happens on a change.
    pub on: Callback<Message>,
}

/// The versions of Argo CD whose rules are known, newest first.
pub const PROFILES: [&str; 7] = ["3.6", "3.5", "3.4", "3.3", "3.2", "3.1", "3.0"];

/// What was loaded, how long it took, and whose rules apply.
#[component]
pub fn Footer(props: &FooterProps) -> Html {
    let Some(platform) = &props.platform else {
        return html! { <footer class="bottom"><span class="lock">{"● Nothing leaves this page"}</span></footer> };
    };
    let overview = &platform.overview;
    let choose = props.on.reform(|event: Event| {
        let select = event.target().and_then(|target| target.dyn_into::<HtmlSelectElement>().ok());
        let version = select.map(|select| select.value()).unwrap_or_default();
        Message::Set(Request::SetProfile(format!("argocd-{version}")))
    });
    html! {
        <footer class="bottom">
            <span class="lock">{"● Nothing leaves this page"}</span>
            { for overview.repositories.iter().map(repository) }
            <span class="spread">{ plural(overview.applications.len(), "application") }{" in "}{ format!("{:.0} ms", platform.milliseconds) }</span>
            <span class="helm">{ format!("Helm {} rules", overview.helm) }</span>
            <label>
                {"Argo CD "}
                <select onchange={choose} disabled={props.busy} aria-label="Rules of Argo CD">
                    { for PROFILES.iter().map(|&profile| html! {
                        <option value={profile} selected={overview.argocd == profile}>{profile}</option>
                    }) }
                </select>
                {" rules"}
            </label>
        </footer>
    }
}

fn repository(repository: &RepositorySummary) -> Html {
    let revisions: Vec<&str> =
        repository.revisions.iter().map(String::as_str).filter(|revision| !revision.is_empty()).collect();
    let revision = if revisions.is_empty() { String::new() } else { format!(" · {}", revisions.join(", ")) };
    html! { <span class="of-repository">{ format!("{}{revision} · {}", repository.name, plural(repository.files, "file")) }</span> }
}
