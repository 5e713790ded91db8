//! What is found only when everything is rendered. The engine does that step by step between the answers to
//! other questions; of a large platform only when somebody asks for what comes of it.

use crate::app::Message;
use crate::engine::Engine;
use crate::message::{Answer, Progress};
use crate::shared::Shared;
use futures_util::StreamExt;
use gloo_timers::callback::Timeout;
use std::cell::Cell;
use std::collections::HashMap;
use std::rc::Rc;
use strata::report::{Problem, Severity};
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

/// Applications up to which all are rendered without being asked for.
const UNASKED: usize = 1_000;

/// Milliseconds that the engine and the page have before that, for the values that are looked at first.
const REST: u32 = 1_000;

/// How far rendering is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Some Applications are rendered and nothing goes on.
    Resting(usize),
    /// Some are, and it goes on.
    Going(usize),
    /// All are.
    Complete,
}

/// What rendering has found.
#[derive(Clone, PartialEq)]
pub struct Rendered {
    /// How far it is.
    pub state: State,
    /// The problems; none until everything is rendered.
    pub problems: Shared<Vec<Problem>>,
    /// For each Application that has some, the positions of its problems.
    of: Shared<HashMap<usize, Vec<usize>>>,
}

impl Rendered {
    fn new(state: State, problems: Vec<Problem>) -> Self {
        let mut of: HashMap<usize, Vec<usize>> = HashMap::new();
        for (at, problem) in problems.iter().enumerate() {
            for &application in &problem.applications {
                of.entry(application).or_default().push(at);
            }
        }
        Self { state, problems: Shared::new(problems), of: Shared::new(of) }
    }

    /// The problems of the Application at a position.
    pub fn of(&self, application: usize) -> impl Iterator<Item = &Problem> {
        let own = self.of.get(&application).into_iter().flatten();
        own.filter_map(|&at| self.problems.get(at))
    }

    /// Numbers of errors and of warnings of the Application at a position.
    pub fn counts(&self, application: usize) -> (usize, usize) {
        let of = |severity| self.of(application).filter(|problem| problem.severity == severity).count();
        (of(Severity::Error), of(Severity::Warning))
    }

    /// Number of problems that are more than a note.
    pub fn problem_count(&self) -> usize {
        self.problems.iter().filter(|problem| problem.severity > Severity::Note).count()
    }
}

/// What can happen to rendering.
pub enum Step {
    /// Somebody asks for it.
    Start,
    /// Nobody waits for it any more.
    Stop,
    /// It goes on; Applications that are rendered.
    Progress(usize),
    /// It is over, and what was found.
    Complete(Vec<Problem>),
}

/// Rendering as the page knows it.
pub struct Rendering {
    /// What was found.
    pub found: Rendered,
    /// Set when the answers of what goes on are no longer of interest.
    gone: Option<Rc<Cell<bool>>>,
    /// Whether it was stopped by the user.
    stopped: bool,
    /// What begins it unasked.
    soon: Option<Timeout>,
}

impl Default for Rendering {
    fn default() -> Self {
        Self { found: Rendered::new(State::Resting(0), Vec::new()), gone: None, stopped: false, soon: None }
    }
}

impl Drop for Rendering {
    fn drop(&mut self) {
        if let Some(gone) = self.gone.take() {
            gone.set(true);
        }
    }
}

impl Rendering {
    /// Begins where what is looked at depends on it, and a little later by itself on a small platform.
    pub fn begin(&mut self, engine: &Engine, on: &Callback<Message>, applications: usize, wanted: bool) {
        if self.stopped || !matches!(self.found.state, State::Resting(_)) {
            return;
        }
        if wanted {
            self.step(engine, on, Step::Start);
        } else if self.soon.is_none() && applications <= UNASKED {
            let on = on.clone();
            self.soon = Some(Timeout::new(REST, move || on.emit(Message::Render(Step::Start))));
        }
    }

    /// Does a step.
    pub fn step(&mut self, engine: &Engine, on: &Callback<Message>, step: Step) {
        match (step, self.found.state) {
            (Step::Start, State::Resting(done)) => {
                let gone = Rc::new(Cell::new(false));
                self.gone = Some(Rc::clone(&gone));
                self.stopped = false;
                self.soon = None;
                self.found.state = State::Going(done);
                spawn_local(receive(engine.clone(), gone, on.clone()));
            }
            (Step::Stop, State::Going(done)) => {
                if let Some(gone) = self.gone.take() {
                    gone.set(true);
                }
                self.stopped = true;
                self.found.state = State::Resting(done);
            }
            (Step::Progress(done), State::Going(_)) => self.found.state = State::Going(done),
            (Step::Complete(problems), State::Going(_)) => {
                self.gone = None;
                self.found = Rendered::new(State::Complete, problems);
            }
            _ => {}
        }
    }
}

async fn receive(engine: Engine, gone: Rc<Cell<bool>>, on: Callback<Message>) {
    let mut answers = engine.render();
    let mut found = Vec::new();
    while let Some(answer) = answers.next().await {
        if gone.get() {
            return;
        }
        match answer {
            Answer::Progress(Progress { done, .. }) => on.emit(Message::Render(Step::Progress(done))),
            Answer::Problems(more) => found.extend(more),
            _ => {}
        }
    }
    if !gone.get() {
        on.emit(Message::Render(Step::Complete(found)));
    }
}
