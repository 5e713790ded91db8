//! How far rendering is, and what can be done about it.

use crate::app::Message;
use crate::rendered::{State, Step};
use yew::prelude::*;

/// What is shown.
#[derive(Properties, PartialEq)]
pub struct RenderingStateProps {
    /// How far rendering is.
    pub state: State,
    /// Number of all Applications.
    pub total: usize,
    /// What happens on a click.
    pub on: Callback<Message>,
}

/// Nothing once everything is rendered.
#[component]
pub fn RenderingState(props: &RenderingStateProps) -> Html {
    let press = |step: fn() -> Step| props.on.reform(move |_: MouseEvent| Message::Render(step()));
    let (text, button) = match props.state {
        State::Complete => return Html::default(),
        State::Going(done) => (
            format!("Rendering: {done} of {}", props.total),
            html! { <button class="chip" type="button" onclick={press(|| Step::Stop)}>{"Stop"}</button> },
        ),
        State::Resting(done) => (
            match done {
                0 => "Not rendered yet".to_owned(),
                done => format!("Rendered: {done} of {}", props.total),
            },
            html! { <button class="chip" type="button" onclick={press(|| Step::Start)}>{ if done == 0 { "Render" } else { "Go on" } }</button> },
        ),
    };
    html! {
        <span class="rendering" title="What templates fail with, and which objects they make, is known once they are rendered">
            <span>{text}</span>{button}
        </span>
    }
}
