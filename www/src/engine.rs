//! The page's end of the line to the engine in its worker.

use crate::message::{Answer, Batch, Progress, Request, decode, encode};
use crate::platform::Platform;
use crate::shared::Shared;
use futures_channel::mpsc::{UnboundedReceiver, UnboundedSender, unbounded};
use futures_util::StreamExt;
use gloo_timers::future::TimeoutFuture;
use js_sys::{Array, Function, Reflect};
use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::{Rc, Weak};
use strata::report::{
    ApplicationReport, Cascade, FileReport, Hit, NamespaceReport, ObjectReport, Problem, ProfileComparison,
    ReachedLine, Trace,
};
use wasm_bindgen::prelude::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{ErrorEvent, MessageEvent, Worker};

/// The engine. Copies of it are the same engine.
#[derive(Clone)]
pub struct Engine(Rc<Line>);

struct Line {
    worker: RefCell<Option<Worker>>,
    state: RefCell<State>,
    on_message: Closure<dyn FnMut(MessageEvent)>,
    on_error: Closure<dyn FnMut(ErrorEvent)>,
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
    /// Why it was refused, where that is no matter of files.
    pub refused: Option<String>,
}

impl Engine {
    /// Connects to the worker that `start.js` has started; `None` without one. `failed` is called when
    /// the engine breaks down.
    pub fn connect(failed: impl Fn(String) + 'static) -> Option<Self> {
        let line = Rc::new_cyclic(|line: &Weak<Line>| {
            let receiver = Weak::clone(line);
            Line {
                worker: RefCell::default(),
                state: RefCell::default(),
                on_message: Closure::new(move |event: MessageEvent| {
                    if let Some(line) = receiver.upgrade() {
                        line.receive(event.data());
                    }
                }),
                on_error: Closure::new(move |event: ErrorEvent| failed(event.message())),
            }
        });
        let worker = Reflect::get(&js_sys::global(), &"strataEngine".into()).ok()?.dyn_into().ok()?;
        line.attach(worker);
        Some(Self(line))
    }

    /// Starts the engine anew after it broke down: it knows nothing, and what was asked is answered by
    /// nothing. `false` if there is no starting it.
    pub fn restart(&self) -> bool {
        let last_request = self.0.state.borrow().last_request;
        self.0.state.replace(State { last_request, ..State::default() });
        if let Some(broken) = self.0.worker.take() {
            broken.set_onmessage(None);
            broken.set_onerror(None);
        }
        let start = Reflect::get(&js_sys::global(), &"strataStart".into()).ok();
        let worker = start
            .and_then(|start| start.dyn_into::<Function>().ok())
            .and_then(|start| start.call0(&JsValue::NULL).ok())
            .and_then(|worker| worker.dyn_into().ok());
        worker.map(|worker| self.0.attach(worker)).is_some()
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
            self.0.post(&message);
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
    pub async fn add(&self, batch: Batch, progress: impl Fn(Progress)) {
        let mut answers = self.ask(Request::Files(batch));
        while let Some(answer) = answers.next().await {
            if let Answer::Progress(step) = answer {
                progress(step);
            }
        }
    }

    /// Hands over dropped folders and files and waits until the engine has read them; number of files that
    /// it found.
    pub async fn add_handles(&self, handles: Array, progress: impl Fn(Progress)) -> usize {
        let mut answers = self.ask(Request::Handles(handles));
        let mut listed = 0;
        while let Some(answer) = answers.next().await {
            match answer {
                Answer::Progress(step) => progress(step),
                Answer::Listed(count) => listed = count,
                _ => {}
            }
        }
        listed
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
        self.change(Request::Commit, progress).await
    }

    /// Changes what is loaded, or how it is understood, and evaluates it.
    pub async fn change(&self, request: Request, progress: impl Fn(Progress)) -> Load {
        let mut answers = self.ask(request);
        let mut load = Load::default();
        let mut overview = None;
        while let Some(answer) = answers.next().await {
            match (answer, &mut overview) {
                (Answer::Progress(step), _) => progress(step),
                (Answer::Findings(findings), _) => load.findings.extend(findings),
                (Answer::Refused(why), _) => load.refused = Some(why),
                (Answer::Overview(found, milliseconds), _) => overview = Some((*found, milliseconds)),
                (Answer::Applications(more), Some((overview, _))) => overview.applications.extend(more),
                (Answer::Problems(more), Some((overview, _))) => overview.problems.extend(more),
                _ => {}
            }
        }
        load.platform =
            overview.map(|(overview, milliseconds)| Shared::new(Platform::new(overview, milliseconds)));
        // Ordering a long list is enough for one task; showing it is another.
        TimeoutFuture::new(0).await;
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

    /// The manifests of a source, piece by piece; no more come once nobody listens.
    pub fn manifests(&self, application: usize, source: usize) -> UnboundedReceiver<Answer> {
        self.ask(Request::Manifests { application, source })
    }

    /// The lines of manifests that a value reaches, the first of them, and the number of all.
    pub async fn reached(
        &self,
        application: usize,
        source: usize,
        path: Vec<String>,
    ) -> Option<(Vec<ReachedLine>, usize)> {
        match self.ask(Request::Reached { application, source, path }).next().await? {
            Answer::Reached(lines, count) => Some((lines, count)),
            _ => None,
        }
    }

    /// How an Application comes about.
    pub async fn trace(&self, index: usize) -> Option<Trace> {
        match self.ask(Request::Trace(index)).next().await? {
            Answer::Trace(trace) => Some(*trace),
            _ => None,
        }
    }

    /// A problem of the overview in full.
    pub async fn problem(&self, at: usize) -> Option<Problem> {
        match self.ask(Request::Problem(at)).next().await? {
            Answer::Problem(problem) => Some(*problem),
            _ => None,
        }
    }

    /// What is found only when everything is rendered; goes on where an earlier request was dropped.
    pub fn render(&self) -> UnboundedReceiver<Answer> {
        self.ask(Request::Render)
    }

    /// The namespaces into which what was rendered so far goes.
    pub async fn namespaces(&self) -> Vec<NamespaceReport> {
        let mut answers = self.ask(Request::Namespaces);
        let mut namespaces = Vec::new();
        while let Some(Answer::Namespaces(more)) = answers.next().await {
            namespaces.extend(more);
        }
        namespaces
    }

    /// The objects of a namespace that were rendered so far.
    pub async fn objects(&self, cluster: String, namespace: String) -> Vec<ObjectReport> {
        let mut answers = self.ask(Request::Objects { cluster, namespace });
        let mut objects = Vec::new();
        while let Some(Answer::Objects(more)) = answers.next().await {
            objects.extend(more);
        }
        objects
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
    fn attach(&self, worker: Worker) {
        worker.set_onmessage(Some(self.on_message.as_ref().unchecked_ref()));
        worker.set_onerror(Some(self.on_error.as_ref().unchecked_ref()));
        // The engine may have started before anybody listened; it says so again when greeted.
        let _ = worker.post_message(&JsValue::NULL);
        self.worker.replace(Some(worker));
    }

    fn post(&self, message: &JsValue) {
        if let Some(worker) = &*self.worker.borrow() {
            // Posting fails only for values that can't be cloned; plain data and files can.
            let _ = worker.post_message(message);
        }
    }

    fn receive(&self, message: JsValue) {
        let Some(envelope) = decode::<Answer>(message) else { return };
        let mut state = self.state.borrow_mut();
        match envelope.body {
            Answer::Started => {
                state.started = true;
                for message in std::mem::take(&mut state.waiting) {
                    self.post(&message);
                }
            }
            Answer::Done => {
                state.open.remove(&envelope.request);
            }
            answer => {
                let receiver = state.open.get(&envelope.request);
                if receiver.is_some_and(|receiver| receiver.unbounded_send(answer).is_err()) {
                    // Nobody listens any more: the page has moved on.
                    state.open.remove(&envelope.request);
                    self.post(&encode(0, Request::Forget(envelope.request)));
                }
            }
        }
    }
}
