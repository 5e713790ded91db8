//! The page's end of the line to the engine in its worker.

use crate::message::{Answer, Batch, Progress, Request, decode, encode};
use crate::platform::Platform;
use crate::shared::Shared;
use futures_channel::mpsc::{UnboundedReceiver, UnboundedSender, unbounded};
use futures_util::StreamExt;
use js_sys::Reflect;
use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;
use strata::report::{ApplicationReport, Cascade, FileReport, Hit, Problem, ProfileComparison};
use wasm_bindgen::prelude::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{ErrorEvent, MessageEvent, Worker};

/// The engine. Copies of it are the same engine.
#[derive(Clone)]
pub struct Engine(Rc<Line>);

struct Line {
    worker: Worker,
    state: RefCell<State>,
}

#[derive(Default)]
struct State {
    started: bool,
    /// Requests made before the engine had started.
    waiting: Vec<JsValue>,
    last_request: u32,
    open: HashMap<u32, UnboundedSender<Answer>>,
}

impl PartialEq for Engine {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

/// The platform that a load led to, and what was wrong with its files.
#[derive(Default)]
pub struct Load {
    /// The platform; `None` if the load was refused and the one before is kept.
    pub platform: Option<Shared<Platform>>,
    /// What was wrong.
    pub findings: Vec<Problem>,
}

impl Engine {
    /// Connects to the worker that `start.js` has started; `None` without one. `failed` is called when
    /// the engine breaks down.
    pub fn connect(failed: impl Fn(String) + 'static) -> Option<Self> {
        let worker: Worker = Reflect::get(&js_sys::global(), &"strataEngine".into()).ok()?.dyn_into().ok()?;
        let line = Rc::new(Line { worker, state: RefCell::default() });

        let receiver = Rc::clone(&line);
        let on_message = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
            receiver.receive(event.data());
        });
        line.worker.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
        on_message.forget();

        let on_error =
            Closure::<dyn FnMut(ErrorEvent)>::new(move |event: ErrorEvent| failed(event.message()));
        line.worker.set_onerror(Some(on_error.as_ref().unchecked_ref()));
        on_error.forget();
        // The engine may have started before anybody listened; it says so again when greeted.
        let _ = line.worker.post_message(&JsValue::NULL);
        Some(Self(line))
    }

    /// Puts a request. Its answers come in their order and end with the stream.
    fn ask(&self, request: Request) -> UnboundedReceiver<Answer> {
        let (sender, receiver) = unbounded();
        let mut state = self.0.state.borrow_mut();
        state.last_request += 1;
        let number = state.last_request;
        state.open.insert(number, sender);
        let message = encode(number, request);
        if state.started {
            let _ = self.0.worker.post_message(&message);
        } else {
            state.waiting.push(message);
        }
        receiver
    }

    async fn wait(&self, request: Request) {
        let mut answers = self.ask(request);
        while answers.next().await.is_some() {}
    }

    /// Starts to load.
    pub async fn begin(&self) {
        self.wait(Request::Begin).await;
    }

    /// Hands over files and waits until the engine has read them.
    pub async fn add(&self, batch: Batch) {
        self.wait(Request::Files(batch)).await;
    }

    /// Hands over pasted text.
    pub async fn paste(&self, path: String, text: String) {
        self.wait(Request::Paste { path, text }).await;
    }

    /// Adds the example platform to the load.
    pub async fn add_example(&self) {
        self.wait(Request::Example).await;
    }

    /// Forgets the load.
    pub async fn cancel(&self) {
        self.wait(Request::Cancel).await;
    }

    /// Evaluates what was loaded.
    pub async fn commit(&self, progress: impl Fn(Progress)) -> Load {
        self.load(Request::Commit, progress).await
    }

    /// Says which `repoURL` a repository stands for.
    pub async fn set_url(&self, repository: String, url: String, progress: impl Fn(Progress)) -> Load {
        self.load(Request::SetUrl { repository, url }, progress).await
    }

    /// Says whose rules apply.
    pub async fn set_profile(&self, profile: String, progress: impl Fn(Progress)) -> Load {
        self.load(Request::SetProfile(profile), progress).await
    }

    /// Takes a repository out.
    pub async fn remove(&self, repository: String, progress: impl Fn(Progress)) -> Load {
        self.load(Request::Remove(repository), progress).await
    }

    async fn load(&self, request: Request, progress: impl Fn(Progress)) -> Load {
        let mut answers = self.ask(request);
        let mut load = Load::default();
        let mut overview = None;
        while let Some(answer) = answers.next().await {
            match (answer, &mut overview) {
                (Answer::Progress(step), _) => progress(step),
                (Answer::Findings(findings), _) => load.findings.extend(findings),
                (Answer::Overview(found, milliseconds), _) => overview = Some((*found, milliseconds)),
                (Answer::Applications(more), Some((overview, _))) => overview.applications.extend(more),
                (Answer::Problems(more), Some((overview, _))) => overview.problems.extend(more),
                _ => {}
            }
        }
        load.platform =
            overview.map(|(overview, milliseconds)| Shared::new(Platform::new(overview, milliseconds)));
        load
    }

    /// One Application in full.
    pub async fn application(&self, index: usize) -> Option<ApplicationReport> {
        let mut answers = self.ask(Request::Application(index));
        let mut report: Option<ApplicationReport> = None;
        while let Some(answer) = answers.next().await {
            match (answer, &mut report) {
                (Answer::Application(found), _) => report = Some(*found),
                (Answer::Rows(source, rows), Some(report)) => {
                    if let Some(source) = report.sources.get_mut(source) {
                        source.rows.extend(rows);
                    }
                }
                _ => {}
            }
        }
        report
    }

    /// Everything that was written at one path.
    pub async fn cascade(&self, application: usize, source: usize, path: Vec<String>) -> Option<Cascade> {
        match self.ask(Request::Cascade { application, source, path }).next().await? {
            Answer::Cascade(cascade) => Some(*cascade),
            _ => None,
        }
    }

    /// One file.
    pub async fn file(&self, repository: String, path: String) -> Option<FileReport> {
        match self.ask(Request::File { repository, path }).next().await? {
            Answer::File(file) => Some(*file),
            _ => None,
        }
    }

    /// What changes under another profile; `None` if something else was asked meanwhile.
    pub async fn compare(&self, profile: String) -> Option<ProfileComparison> {
        let mut answers = self.ask(Request::Compare(profile));
        let mut comparison: Option<ProfileComparison> = None;
        while let Some(answer) = answers.next().await {
            match (answer, &mut comparison) {
                (Answer::Comparison(found), _) => comparison = Some(*found),
                (Answer::Causes(causes), Some(comparison)) => comparison.causes.extend(causes),
                _ => {}
            }
        }
        comparison
    }

    /// What holds a text.
    pub async fn search(&self, text: String) -> Vec<Hit> {
        match self.ask(Request::Search(text)).next().await {
            Some(Answer::Hits(hits)) => hits,
            _ => Vec::new(),
        }
    }
}

impl Line {
    fn receive(&self, message: JsValue) {
        let Some(envelope) = decode::<Answer>(message) else { return };
        let mut state = self.state.borrow_mut();
        match envelope.body {
            Answer::Started => {
                state.started = true;
                for message in std::mem::take(&mut state.waiting) {
                    let _ = self.worker.post_message(&message);
                }
            }
            Answer::Done => {
                state.open.remove(&envelope.request);
            }
            answer => {
                if let Some(receiver) = state.open.get(&envelope.request) {
                    // Nobody listens any more when the page has moved on.
                    let _ = receiver.unbounded_send(answer);
                }
            }
        }
    }
}
