//! The engine inside a Web Worker: requests come in, reports go out.
//!
//! Evaluating goes on in slices with the worker's messages in between, so that questions are answered
//! and a load can be given up while it lasts.

mod example;
mod jobs;
mod message;
mod reading;

use jobs::{Evaluating, Jobs, PIECE, Sending, for_a_slice};
use message::{Answer, Envelope, Progress, Request, Stage, decode, encode};
use reading::Reading;
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use strata::report::{Load, ManifestsReport, Session};
use wasm_bindgen::prelude::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::spawn_local;
use web_sys::{DedicatedWorkerGlobalScope, MessageEvent};

/// The engine is at the heap all the time; this is quicker than what the standard library brings for WebAssembly.
#[cfg(target_family = "wasm")]
#[global_allocator]
static HEAP: talc::wasm::WasmDynamicTalc = talc::wasm::new_wasm_dynamic_allocator();

/// Most results of a search.
const HITS: usize = 60;

/// The name of a fixtures file that is written in the page.
const FIXTURES: &str = "fixtures.yaml";

/// Most lines that a value reaches; the rest is counted.
const REACHED: usize = 100;

fn main() {
    let Ok(scope) = js_sys::global().dyn_into::<DedicatedWorkerGlobalScope>() else { return };
    let worker = Rc::new(RefCell::new(Worker::new(scope.clone())));

    let slice = {
        let worker = Rc::clone(&worker);
        Closure::<dyn FnMut()>::new(move || worker.borrow_mut().go_on())
    };
    worker.borrow_mut().slice = slice.as_ref().dyn_ref::<js_sys::Function>().cloned();
    slice.forget();

    let on_message = {
        let worker = Rc::clone(&worker);
        Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
            worker.borrow_mut().receive(event.data());
        })
    };
    scope.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
    on_message.forget();
    worker.borrow().answer(0, Answer::Started);
}

struct Worker {
    scope: DedicatedWorkerGlobalScope,
    session: Session,
    load: Option<Rc<RefCell<Load>>>,
    /// The request for reading that is not answered yet; whoever answers it takes it.
    reading: Rc<Cell<Option<u32>>>,
    /// Whether the load under way is the example.
    example: bool,
    jobs: Jobs,
    /// The manifests that were asked for last, with Application and source.
    manifests: RefCell<Option<(usize, usize, Rc<ManifestsReport>)>>,
    /// Calls [`Worker::go_on`].
    slice: Option<js_sys::Function>,
    /// Whether that call is under way.
    awake: Cell<bool>,
}

impl Worker {
    fn new(scope: DedicatedWorkerGlobalScope) -> Self {
        Self {
            scope,
            session: Session::default(),
            load: None,
            reading: Rc::default(),
            example: false,
            jobs: Jobs::default(),
            manifests: RefCell::default(),
            slice: None,
            awake: Cell::default(),
        }
    }

    fn receive(&mut self, message: JsValue) {
        if message.is_null() {
            return self.answer(0, Answer::Started);
        }
        let Some(Envelope { request, body }) = decode::<Request>(message) else { return };
        match body {
            Request::Commit => return self.commit(request),
            Request::SetUrl { repository, url } => {
                self.session.set_url(&repository, &url);
                return self.evaluate(request);
            }
            Request::SetProfile(profile) => {
                if self.session.set_profile(&profile).is_ok() {
                    return self.evaluate(request);
                }
            }
            Request::CloseExample => {
                self.session.close_example();
                return self.evaluate(request);
            }
            Request::Remove(repository) => {
                self.session.remove(&repository);
                return self.evaluate(request);
            }
            Request::SetRevision { repository, revision, name } => {
                match self.session.set_revision(&repository, &revision, &name) {
                    Ok(()) => return self.evaluate(request),
                    Err(told) => self.answer(request, Answer::Refused(told)),
                }
            }
            Request::SetFixtures(text) => match self.session.set_fixtures(FIXTURES, &text) {
                Ok(()) => return self.evaluate(request),
                Err(findings) => self.answer(request, Answer::Findings(findings)),
            },
            Request::Compare(profile) => return self.compare(request, &profile),
            Request::Manifests { application, source } => {
                return self.send_manifests(request, application, source);
            }
            Request::Render => {
                self.jobs.rendering = Some(request);
                return self.wake_up();
            }
            Request::Namespaces => {
                let namespaces = self.session.namespaces(&mut self.jobs.rendered);
                for piece in namespaces.chunks(PIECE) {
                    self.answer(request, Answer::Namespaces(piece.to_vec()));
                }
            }
            Request::Objects { cluster, namespace } => {
                let objects = self.session.objects(&mut self.jobs.rendered, &cluster, &namespace);
                for piece in objects.chunks(PIECE / 4) {
                    self.answer(request, Answer::Objects(piece.to_vec()));
                }
            }
            Request::Forget(earlier) => {
                self.jobs.forget(earlier);
                return;
            }
            Request::Begin => {
                self.stop_reading();
                self.load = Some(Rc::new(RefCell::new(self.session.begin())));
                self.example = false;
            }
            Request::Cancel => self.cancel(),
            Request::Files(batch) => {
                return self.read(request, async move |reading| reading.files(batch).await);
            }
            Request::Handles(handles) => {
                return self.read(request, async move |reading| reading.handles(handles).await);
            }
            Request::Paste { path, text } => {
                if let Some(load) = &self.load {
                    load.borrow_mut().paste(&path, &text);
                }
            }
            Request::Example => self.add_example(),
            question => self.reply(request, question),
        }
        self.answer(request, Answer::Done);
    }

    /// Answers a question about the platform that the page shows.
    fn reply(&self, id: u32, question: Request) {
        let session = self.session.settled();
        let answer = match question {
            Request::Application(index) => return self.application(id, index),
            Request::Cascade { application, source, path } => {
                session.cascade(application, source, &path).map(|cascade| Answer::Cascade(Box::new(cascade)))
            }
            Request::File { repository, path } => {
                session.file(&repository, &path).map(|file| Answer::File(Box::new(file)))
            }
            Request::Reached { application, source, path } => {
                let report = self.manifests(application, source);
                report.map(|report| {
                    let mut lines = report.reached(&path);
                    let count = lines.len();
                    lines.truncate(REACHED);
                    Answer::Reached(lines, count)
                })
            }
            Request::Problem(at) => session.problem(at).map(|problem| Answer::Problem(Box::new(problem))),
            Request::Trace(index) => session.trace(index).map(|trace| Answer::Trace(Box::new(trace))),
            Request::Search(text) => Some(Answer::Hits(session.search(&text, HITS))),
            _ => None,
        };
        self.answer(id, answer.unwrap_or(Answer::Nothing));
    }

    fn answer(&self, request: u32, answer: Answer) {
        // Posting fails only for values that can't be cloned; plain data can.
        let _ = self.scope.post_message(&encode(request, answer));
    }

    fn add_example(&mut self) {
        if let Some(load) = &self.load {
            for (path, bytes) in example::FILES {
                load.borrow_mut().add(path, bytes.to_vec());
            }
            self.example = true;
        }
    }

    fn commit(&mut self, id: u32) {
        // Nobody else holds it but while it is fed.
        let Some(load) = self.load.take().and_then(Rc::into_inner) else {
            return self.answer(id, Answer::Done);
        };
        let load = load.into_inner();
        self.answer(id, Answer::Progress(Progress { stage: Stage::Evaluating, done: 0, total: 0 }));
        if self.example {
            self.session.open_example(load);
            return self.evaluate(id);
        }
        let loaded = self.session.commit(load);
        let usable = loaded.is_ok();
        let findings = match loaded {
            Ok(findings) | Err(findings) => findings,
        };
        self.answer(id, Answer::Findings(findings));
        if usable { self.evaluate(id) } else { self.answer(id, Answer::Done) }
    }

    /// Gives up the load under way, in whatever stage it is; what was there before is back.
    fn cancel(&mut self) {
        self.stop_reading();
        if let Some(evaluating) = self.jobs.evaluating.take() {
            self.session.undo();
            self.answer(evaluating.request, Answer::Done);
        }
    }

    /// Reads files for the load under way, while messages pass.
    fn read<Read: Future>(&mut self, request: u32, read: impl FnOnce(Reading) -> Read + 'static) {
        let Some(load) = &self.load else { return self.answer(request, Answer::Done) };
        let reading = Reading::new(self.scope.clone(), request, load);
        self.reading.set(Some(request));
        let open = Rc::clone(&self.reading);
        let scope = self.scope.clone();
        spawn_local(async move {
            read(reading).await;
            if open.get() == Some(request) {
                open.set(None);
                let _ = scope.post_message(&encode(request, Answer::Done));
            }
        });
    }

    /// Drops the load under way, with which reading ends.
    fn stop_reading(&mut self) {
        self.load = None;
        if let Some(request) = self.reading.take() {
            self.answer(request, Answer::Done);
        }
    }

    /// Starts to evaluate. The answer to `request` ends with it.
    fn evaluate(&mut self, request: u32) {
        for earlier in self.jobs.forget_platform() {
            self.answer(earlier, Answer::Done);
        }
        self.manifests.replace(None);
        self.jobs.evaluating = Some(Evaluating { request, milliseconds: 0.0 });
        self.evaluate_slice();
    }

    /// Has the rest done after the messages that wait.
    fn wake_up(&self) {
        if let Some(slice) = self.slice.as_ref().filter(|_| !self.awake.replace(true)) {
            // Without a timer the work would stand still; every worker has one.
            let _ = self.scope.set_timeout_with_callback(slice);
        }
    }

    fn go_on(&mut self) {
        self.awake.set(false);
        if self.jobs.evaluating.is_some() {
            self.evaluate_slice();
        } else if self.jobs.sending.is_some() {
            self.send_slice();
        } else if self.jobs.comparing.is_some() {
            self.compare_slice();
        } else {
            self.render_slice();
        }
        if self.jobs.is_busy() {
            self.wake_up();
        }
    }

    fn evaluate_slice(&mut self) {
        let Some(mut evaluating) = self.jobs.evaluating.take() else { return };
        let request = evaluating.request;
        if !evaluating.slice(&mut self.session) {
            self.session.settle();
            self.manifests.replace(None);
            self.overview(request, evaluating.milliseconds);
            return self.answer(request, Answer::Done);
        }
        let (done, total) = self.session.progress();
        self.answer(request, Answer::Progress(Progress { stage: Stage::Evaluating, done, total }));
        self.jobs.evaluating = Some(evaluating);
        self.wake_up();
    }

    /// Starts to compare with another profile; a comparison that was under way is over.
    fn compare(&mut self, request: u32, profile: &str) {
        let comparing = profile.parse().ok().map(|profile| (request, self.session.compare(profile)));
        let known = comparing.is_some();
        if let Some((earlier, _)) = std::mem::replace(&mut self.jobs.comparing, comparing) {
            self.answer(earlier, Answer::Done);
        }
        if known { self.wake_up() } else { self.answer(request, Answer::Done) }
    }

    fn compare_slice(&mut self) {
        let Some((request, mut comparing)) = self.jobs.comparing.take() else { return };
        if for_a_slice(|| self.session.compare_step(&mut comparing)) {
            self.jobs.comparing = Some((request, comparing));
            return;
        }
        let mut comparison = self.session.comparison(&comparing);
        let causes = std::mem::take(&mut comparison.causes);
        self.answer(request, Answer::Comparison(Box::new(comparison)));
        for piece in causes.chunks(PIECE / 4) {
            self.answer(request, Answer::Causes(piece.to_vec()));
        }
        self.answer(request, Answer::Done);
    }

    /// The manifests of a source; those that were asked for last are kept.
    fn manifests(&self, application: usize, source: usize) -> Option<Rc<ManifestsReport>> {
        if let Some((_, _, report)) =
            self.manifests.borrow().as_ref().filter(|(one, other, _)| (*one, *other) == (application, source))
        {
            return Some(Rc::clone(report));
        }
        let report = Rc::new(self.session.settled().manifests(application, source)?);
        self.manifests.replace(Some((application, source, Rc::clone(&report))));
        Some(report)
    }

    /// Starts to send the manifests of a source; earlier ones are no longer of interest.
    fn send_manifests(&mut self, request: u32, application: usize, source: usize) {
        if let Some(earlier) = self.jobs.sending.take() {
            self.answer(earlier.request, Answer::Done);
        }
        if let Some(report) = self.manifests(application, source) {
            self.jobs.sending = Some(Sending::new(request, report));
            self.send_slice();
            self.wake_up();
        } else {
            self.answer(request, Answer::Nothing);
            self.answer(request, Answer::Done);
        }
    }

    fn send_slice(&mut self) {
        let Some(mut sending) = self.jobs.sending.take() else { return };
        let more = for_a_slice(|| match sending.next() {
            Some(answer) => {
                self.answer(sending.request, answer);
                true
            }
            None => false,
        });
        if more {
            self.jobs.sending = Some(sending);
        } else {
            self.answer(sending.request, Answer::Done);
        }
    }

    fn render_slice(&mut self) {
        let Some(request) = self.jobs.rendering else { return };
        let rendered = &mut self.jobs.rendered;
        let more = for_a_slice(|| self.session.render_step(rendered));
        let done = rendered.len();
        let total = self.session.len();
        self.answer(request, Answer::Progress(Progress { stage: Stage::Rendering, done, total }));
        if more {
            return;
        }
        for piece in self.session.render_problems(&mut self.jobs.rendered).chunks(PIECE / 4) {
            self.answer(request, Answer::Problems(piece.to_vec()));
        }
        self.jobs.rendering = None;
        self.answer(request, Answer::Done);
    }

    fn overview(&self, id: u32, milliseconds: f64) {
        let mut overview = self.session.outline();
        let applications = std::mem::take(&mut overview.applications);
        for repository in &mut overview.repositories {
            // Search and viewer ask the engine; the page needs no list of all paths.
            repository.paths.clear();
        }
        self.answer(id, Answer::Overview(Box::new(overview), milliseconds));
        for piece in applications.chunks(PIECE) {
            self.answer(id, Answer::Applications(piece.to_vec()));
        }
        let mut problems = self.session.problem_lines().peekable();
        while problems.peek().is_some() {
            self.answer(id, Answer::Problems(problems.by_ref().take(PIECE / 2).collect()));
        }
    }

    fn application(&self, id: u32, index: usize) {
        let Some(mut report) = self.session.settled().application(index) else {
            return self.answer(id, Answer::Nothing);
        };
        let rows: Vec<_> = report.sources.iter_mut().map(|source| std::mem::take(&mut source.rows)).collect();
        self.answer(id, Answer::Application(Box::new(report)));
        for (source, rows) in rows.into_iter().enumerate() {
            for piece in rows.chunks(PIECE) {
                self.answer(id, Answer::Rows(source, piece.to_vec()));
            }
        }
    }
}
