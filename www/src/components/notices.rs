//! Short messages in a corner.

use crate::app::Message;
use yew::prelude::*;

/// Most details that a notice lists; the rest is counted.
const DETAILS: usize = 50;

/// Something to say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// Whether something went wrong.
    pub broken: bool,
    /// What, in a sentence.
    pub text: String,
    /// The single things, each in a line.
    pub details: Vec<String>,
}

impl Notice {
    /// Something went wrong.
    pub fn error(text: String) -> Self {
        Self { broken: true, text, details: Vec::new() }
    }

    /// Something is done.
    pub fn done(text: String) -> Self {
        Self { broken: false, text, details: Vec::new() }
    }
}

/// What the corner shows.
#[derive(Properties, PartialEq)]
pub struct NoticesProps {
    /// The notices, oldest first.
    pub notices: Vec<Notice>,
    /// What happens on a click.
    pub on: Callback<Message>,
}

/// The notices that nobody has closed yet. The region is always there, so that it is read out when
/// something appears in it.
#[component]
pub fn Notices(props: &NoticesProps) -> Html {
    let notice = |(at, notice): (usize, &Notice)| {
        let dismiss = props.on.reform(move |_: MouseEvent| Message::Dismiss(at));
        let more = notice.details.len().saturating_sub(DETAILS);
        html! {
            <div class={classes!("notice", notice.broken.then_some("broken"))} role={if notice.broken { "alert" } else { "status" }}>
                <p>{&notice.text}</p>
                if !notice.details.is_empty() {
                    <ul tabindex="0" aria-label="Details">
                        { for notice.details.iter().take(DETAILS).map(|detail| html! { <li>{detail}</li> }) }
                        if more > 0 { <li>{ format!("and {more} more") }</li> }
                    </ul>
                }
                <button class="close" type="button" onclick={dismiss} aria-label="Close this message">{"✕"}</button>
            </div>
        }
    };
    html! { <div class="notices">{ for props.notices.iter().enumerate().map(notice) }</div> }
}
