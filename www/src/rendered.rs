//! Problems that are found only when everything is rendered: the engine does that while somebody looks at
//! the list of problems, and goes on where it was when they come back.

use crate::engine::Engine;
use crate::message::{Answer, Progress};
use crate::platform::Platform;
use crate::shared::Shared;
use futures_util::StreamExt;
use std::cell::Cell;
use std::rc::Rc;
use strata::report::Problem;
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

/// What rendering has found.
pub struct Found {
    /// The problems; none until everything is rendered.
    pub problems: Shared<Vec<Problem>>,
    /// How far rendering is, in words; `None` at its end.
    pub progress: Option<String>,
}

/// Renders every Application while the component is there.
#[hook]
pub fn use_rendered(engine: &Engine, platform: &Shared<Platform>) -> Found {
    let problems = use_state(|| Shared::new(Vec::new()));
    let progress = use_state(|| None::<Progress>);
    let done = use_state(|| false);
    {
        let (engine, problems, progress, done) =
            (engine.clone(), problems.setter(), progress.setter(), done.setter());
        use_effect_with(platform.clone(), move |_| {
            let gone = Rc::new(Cell::new(false));
            done.set(false);
            let mut answers = engine.render();
            let left = Rc::clone(&gone);
            spawn_local(async move {
                let mut found = Vec::new();
                while let Some(answer) = answers.next().await {
                    if left.get() {
                        return;
                    }
                    match answer {
                        Answer::Progress(step) => progress.set(Some(step)),
                        Answer::Problems(more) => found.extend(more),
                        _ => {}
                    }
                }
                if !left.get() {
                    problems.set(Shared::new(found));
                    done.set(true);
                }
            });
            move || gone.set(true)
        });
    }
    let words = match *progress {
        _ if *done => None,
        Some(Progress { done, total, .. }) => Some(format!("rendering applications: {done} of {total}")),
        None => Some("rendering…".to_owned()),
    };
    Found { problems: (*problems).clone(), progress: words }
}
