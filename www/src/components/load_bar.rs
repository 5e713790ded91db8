//! How far a load is.

use crate::app::Message;
use crate::message::{Progress, Stage};
use yew::prelude::*;

/// What the bar shows.
#[derive(Properties, PartialEq)]
pub struct LoadBarProps {
    /// How far it is, once known.
    pub progress: Option<Progress>,
    /// What happens on a click.
    pub on: Callback<Message>,
}

/// A bar with counts and a way to give up. The style sheet shows it after 200 ms, since most loads are
/// over by then.
#[component]
pub fn LoadBar(props: &LoadBarProps) -> Html {
    let cancel = props.on.reform(|_: MouseEvent| Message::Cancel);
    let (text, value) = match props.progress {
        None => ("Loading…".to_owned(), None),
        Some(Progress { stage, done, total }) => {
            let text = match (stage, total) {
                (Stage::Listing, _) => format!("Reading files: {done}"),
                (Stage::Reading, _) => format!("Reading files: {done} of {total}"),
                (Stage::Unpacking, 0) => format!("Unpacking: {done} files"),
                (Stage::Unpacking, _) => format!("Unpacking: {done} of {total} files"),
                (Stage::Rendering, _) => format!("Rendering applications: {done} of {total}"),
                (Stage::Evaluating, 0) => "Evaluating…".to_owned(),
                (Stage::Evaluating, _) => format!("Evaluating applications: {done} of {total}"),
            };
            (text, (total > 0).then(|| done as f64 / total as f64))
        }
    };
    html! {
        <div class="load-bar">
            <span role="status">{text}</span>
            <progress value={value.map(|value| value.to_string())} max="1" aria-label="Progress of loading"></progress>
            <button class="button" type="button" onclick={cancel}>{"Cancel"}</button>
        </div>
    }
}
