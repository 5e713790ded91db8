//! The engine inside a Web Worker: requests come in, reports go out.
//!
//! Evaluating goes on in slices with the worker's messages in between, so that questions are answered
//! and a load can be given up while it lasts.

mod example;
mod message;

use message::{Answer, Batch, Envelope, Progress, Request, Stage, decode, encode};
use std::cell::RefCell;
use std::rc::Rc;
use strata::report::{Comparing, Load, Overview, Problem, Session};
use wasm_bindgen::prelude::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{DedicatedWorkerGlobalScope, File, FileReaderSync, MessageEvent};

/// Items of a long list that go into one message: what the page decodes in a few milliseconds.
const PIECE: usize = 200;

/// Most results of a search.
const HITS: usize = 60;

/// Time after which evaluating or comparing lets messages pass, in milliseconds.
const SLICE: f64 = 60.0;

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
    load: Option<Load>,
    /// Whether the load under way is the example.
    example: bool,
    evaluating: Option<Evaluating>,
    /// A comparison under way, with the request that is answered when it is over.
    comparing: Option<(u32, Comparing)>,
    /// Calls [`Worker::go_on`].
    slice: Option<js_sys::Function>,
}

/// An evaluation under way.
struct Evaluating {
    /// The request that is answered when it is over.
    request: u32,
    /// Time spent so far, in milliseconds.
    milliseconds: f64,
}

impl Worker {
    fn new(scope: DedicatedWorkerGlobalScope) -> Self {
        Self {
            scope,
            session: Session::default(),
            load: None,
            example: false,
            evaluating: None,
            comparing: None,
            slice: None,
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
            Request::Remove(repository) => {
                self.session.remove(&repository);
                return self.evaluate(request);
            }
            Request::Compare(profile) => return self.compare(request, &profile),
            Request::Begin => {
                self.load = Some(self.session.begin());
                self.example = false;
            }
            Request::Cancel => self.cancel(),
            Request::Files(batch) => self.read(&batch),
            Request::Paste { path, text } => {
                if let Some(load) = &mut self.load {
                    load.paste(&path, &text);
                }
            }
            Request::Example => self.add_example(),
            question => self.reply(request, question),
        }
        self.answer(request, Answer::Done);
    }

    /// Answers a question about the platform.
    fn reply(&self, id: u32, question: Request) {
        let answer = match question {
            Request::Application(index) => return self.application(id, index),
            Request::Cascade { application, source, path } => self
                .session
                .cascade(application, source, &path)
                .map(|cascade| Answer::Cascade(Box::new(cascade))),
            Request::File { repository, path } => {
                self.session.file(&repository, &path).map(|file| Answer::File(Box::new(file)))
            }
            Request::Search(text) => Some(Answer::Hits(self.session.search(&text, HITS))),
            _ => None,
        };
        self.answer(id, answer.unwrap_or(Answer::Nothing));
    }

    fn answer(&self, request: u32, answer: Answer) {
        // Posting fails only for values that can't be cloned; plain data can.
        let _ = self.scope.post_message(&encode(request, answer));
    }

    fn add_example(&mut self) {
        if let Some(load) = &mut self.load {
            for (path, bytes) in example::FILES {
                load.add(path, bytes.to_vec());
            }
            self.example = true;
        }
    }

    /// Reads files; what the engine takes nothing from is not even opened.
    fn read(&mut self, batch: &Batch) {
        let (Some(load), Ok(reader)) = (&mut self.load, FileReaderSync::new()) else { return };
        for (path, file) in batch.paths.iter().zip(batch.files.iter()) {
            if file.is_null() {
                // A folder: asking after it lists it as skipped, or as empty if nothing follows.
                if load.wants(path, 0) {
                    load.folder(path);
                }
                continue;
            }
            match file.dyn_into::<File>() {
                Ok(file) if !load.wants(path, file.size() as u64) => {}
                Ok(file) => match reader.read_as_array_buffer(&file) {
                    Ok(buffer) => load.add(path, js_sys::Uint8Array::new(&buffer).to_vec()),
                    Err(_) => load.unreadable(path),
                },
                Err(_) => load.unreadable(path),
            }
        }
    }

    fn commit(&mut self, id: u32) {
        let Some(load) = self.load.take() else { return self.answer(id, Answer::Done) };
        let loaded = if self.example { self.session.commit_example(load) } else { self.session.commit(load) };
        let usable = loaded.is_ok();
        let findings = match loaded {
            Ok(findings) | Err(findings) => findings,
        };
        self.answer(id, Answer::Findings(findings));
        if usable { self.evaluate(id) } else { self.answer(id, Answer::Done) }
    }

    /// Gives up the load under way, in whatever stage it is; what was there before is back.
    fn cancel(&mut self) {
        self.load = None;
        if let Some(Evaluating { request, .. }) = self.evaluating.take() {
            self.session.undo();
            self.answer(request, Answer::Done);
        }
    }

    /// Starts to evaluate. The answer to `request` ends with it.
    fn evaluate(&mut self, request: u32) {
        // What is compared with would be another platform from now on.
        if let Some((request, _)) = self.comparing.take() {
            self.answer(request, Answer::Done);
        }
        if let Some(Evaluating { request, .. }) =
            self.evaluating.replace(Evaluating { request, milliseconds: 0.0 })
        {
            self.answer(request, Answer::Done);
        }
        self.evaluate_slice();
    }

    fn evaluate_slice(&mut self) {
        let Some(Evaluating { request, milliseconds }) = self.evaluating.take() else { return };
        let start = js_sys::Date::now();
        let mut more = true;
        while more && js_sys::Date::now() - start < SLICE {
            more = self.session.step();
        }
        let milliseconds = milliseconds + js_sys::Date::now() - start;
        if !more {
            self.session.settle();
            self.overview(request, self.session.overview(), milliseconds);
            return self.answer(request, Answer::Done);
        }
        let (done, total) = self.session.progress();
        self.answer(request, Answer::Progress(Progress { stage: Stage::Evaluating, done, total }));
        self.evaluating = Some(Evaluating { request, milliseconds });
        self.wake_up();
    }

    /// Has the rest done after the messages that wait.
    fn wake_up(&self) {
        if let Some(slice) = &self.slice {
            // Without a timer the work would stand still; every worker has one.
            let _ = self.scope.set_timeout_with_callback(slice);
        }
    }

    fn go_on(&mut self) {
        if self.evaluating.is_some() {
            self.evaluate_slice();
        } else {
            self.compare_slice();
        }
    }

    /// Starts to compare with another profile; a comparison that was under way is over.
    fn compare(&mut self, request: u32, profile: &str) {
        let comparing = profile.parse().ok().map(|profile| (request, self.session.compare(profile)));
        let known = comparing.is_some();
        if let Some((earlier, _)) = std::mem::replace(&mut self.comparing, comparing) {
            self.answer(earlier, Answer::Done);
        }
        if known { self.wake_up() } else { self.answer(request, Answer::Done) }
    }

    fn compare_slice(&mut self) {
        let Some((request, mut comparing)) = self.comparing.take() else { return };
        let start = js_sys::Date::now();
        let mut more = true;
        while more && js_sys::Date::now() - start < SLICE {
            more = self.session.compare_step(&mut comparing);
        }
        if more {
            self.comparing = Some((request, comparing));
            return self.wake_up();
        }
        let mut comparison = self.session.comparison(&comparing);
        let causes = std::mem::take(&mut comparison.causes);
        self.answer(request, Answer::Comparison(Box::new(comparison)));
        for piece in causes.chunks(PIECE / 4) {
            self.answer(request, Answer::Causes(piece.to_vec()));
        }
        self.answer(request, Answer::Done);
    }

    fn overview(&self, id: u32, mut overview: Overview, milliseconds: f64) {
        let applications = std::mem::take(&mut overview.applications);
        let problems: Vec<Problem> = std::mem::take(&mut overview.problems);
        for repository in &mut overview.repositories {
            // Search and viewer ask the engine; the page needs no list of all paths.
            repository.paths.clear();
        }
        self.answer(id, Answer::Overview(Box::new(overview), milliseconds));
        for piece in applications.chunks(PIECE) {
            self.answer(id, Answer::Applications(piece.to_vec()));
        }
        for piece in problems.chunks(PIECE / 4) {
            self.answer(id, Answer::Problems(piece.to_vec()));
        }
    }

    fn application(&self, id: u32, index: usize) {
        let Some(mut report) = self.session.application(index) else {
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
