//! What the worker does in slices, with messages in between.

use crate::message::{Answer, Batch, Progress, Stage};
use std::collections::VecDeque;
use std::rc::Rc;
use strata::report::{Comparing, Load, ManifestsReport, Rendered, Session};
use wasm_bindgen::JsCast;
use web_sys::{File, FileReaderSync};

/// Items of a long list that go into one message: what the page decodes in a few milliseconds.
pub const PIECE: usize = 200;

/// Lines of manifests that go into one message, and what they refer to: each is a few items by itself.
const LINES: usize = PIECE / 2;

/// Time after which a job lets messages pass, in milliseconds.
pub const SLICE: f64 = 60.0;

/// What is under way. What stands first is done first.
#[derive(Default)]
pub struct Jobs {
    /// Files that are read.
    pub reading: Option<Reading>,
    /// The platform that is evaluated.
    pub evaluating: Option<Evaluating>,
    /// Manifests on their way to the page.
    pub sending: Option<Sending>,
    /// A comparison, with the request that is answered when it is over.
    pub comparing: Option<(u32, Comparing)>,
    /// The request for problems of rendering that somebody waits for.
    pub rendering: Option<u32>,
    /// What rendering has found so far, whether somebody waits for more or not.
    pub rendered: Rendered,
}

impl Jobs {
    /// Whether there is something to do.
    pub fn is_busy(&self) -> bool {
        self.reading.is_some()
            || self.evaluating.is_some()
            || self.sending.is_some()
            || self.comparing.is_some()
            || self.rendering.is_some()
    }

    /// Drops what is about a platform that is no more; the requests that end with it.
    pub fn forget_platform(&mut self) -> Vec<u32> {
        self.rendered = Rendered::default();
        let evaluating = self.evaluating.take().map(|job| job.request);
        let sending = self.sending.take().map(|job| job.request);
        let comparing = self.comparing.take().map(|(request, _)| request);
        [evaluating, sending, comparing, self.rendering.take()].into_iter().flatten().collect()
    }

    /// Drops what nobody waits for any more.
    pub fn forget(&mut self, request: u32) {
        self.sending.take_if(|job| job.request == request);
        self.comparing.take_if(|(own, _)| *own == request);
        self.rendering.take_if(|own| *own == request);
    }
}

/// Something that has an end in sight: when to let messages pass.
pub fn for_a_slice(mut step: impl FnMut() -> bool) -> bool {
    let start = js_sys::Date::now();
    loop {
        if !step() {
            return false;
        }
        if js_sys::Date::now() - start >= SLICE {
            return true;
        }
    }
}

/// An evaluation.
pub struct Evaluating {
    /// The request that is answered when it is over.
    pub request: u32,
    /// Time spent so far, in milliseconds.
    pub milliseconds: f64,
}

impl Evaluating {
    /// Evaluates for a slice; `false` when nothing is left.
    pub fn slice(&mut self, session: &mut Session) -> bool {
        let start = js_sys::Date::now();
        let more = for_a_slice(|| session.step());
        self.milliseconds += js_sys::Date::now() - start;
        more
    }
}

/// Files that are read and unpacked.
pub struct Reading {
    /// The request that is answered when it is over.
    pub request: u32,
    batch: Batch,
    next: usize,
}

impl Reading {
    /// Begins with the first file.
    pub fn new(request: u32, batch: Batch) -> Self {
        Self { request, batch, next: 0 }
    }

    /// Reads and unpacks for a slice; `false` when nothing is left.
    pub fn slice(&mut self, load: &mut Load) -> bool {
        let Ok(reader) = FileReaderSync::new() else { return false };
        for_a_slice(|| load.unpack() || self.read(load, &reader))
    }

    /// How far the archive at hand is.
    pub fn progress(load: &Load) -> Option<Progress> {
        let (done, total) = load.unpacking()?;
        Some(Progress { stage: Stage::Unpacking, done, total })
    }

    /// Reads the next file; what the engine takes nothing from is not even opened.
    fn read(&mut self, load: &mut Load, reader: &FileReaderSync) -> bool {
        let Some(path) = self.batch.paths.get(self.next) else { return false };
        let file = self.batch.files.get(self.next as u32);
        self.next += 1;
        if file.is_null() {
            // A folder: asking after it lists it as skipped, or as empty if nothing follows.
            if load.wants(path, 0) {
                load.folder(path);
            }
            return true;
        }
        match file.dyn_into::<File>() {
            Ok(file) if !load.wants(path, file.size() as u64) => {}
            Ok(file) => match reader.read_as_array_buffer(&file) {
                Ok(buffer) => load.add(path, js_sys::Uint8Array::new(&buffer).to_vec()),
                Err(_) => load.unreadable(path),
            },
            Err(_) => load.unreadable(path),
        }
        true
    }
}

/// Manifests that go to the page piece by piece.
pub struct Sending {
    /// The request that they answer.
    pub request: u32,
    report: Rc<ManifestsReport>,
    /// Pieces that were not sent yet.
    pieces: VecDeque<Piece>,
}

enum Piece {
    Head,
    Actions(usize),
    Values(usize),
    Lines(usize, usize),
}

impl Sending {
    /// Begins with the head.
    pub fn new(request: u32, report: Rc<ManifestsReport>) -> Self {
        let starts = |count: usize| (0..count).step_by(LINES);
        let mut pieces = VecDeque::from([Piece::Head]);
        pieces.extend(starts(report.actions.len()).map(Piece::Actions));
        pieces.extend(starts(report.values.len()).map(Piece::Values));
        for (position, manifest) in report.manifests.iter().enumerate() {
            pieces.extend(starts(manifest.lines.len()).map(|start| Piece::Lines(position, start)));
        }
        Self { request, report, pieces }
    }

    /// The next piece; `None` when all were sent.
    pub fn next(&mut self) -> Option<Answer> {
        let report = &self.report;
        Some(match self.pieces.pop_front()? {
            Piece::Head => Answer::Manifests(Box::new(head(report))),
            Piece::Actions(start) => Answer::Actions(piece(&report.actions, start)),
            Piece::Values(start) => Answer::Values(piece(&report.values, start)),
            Piece::Lines(position, start) => {
                let lines = report.manifests.get(position).map(|manifest| piece(&manifest.lines, start));
                Answer::Lines(position, lines.unwrap_or_default())
            }
        })
    }
}

fn piece<Item: Clone>(items: &[Item], start: usize) -> Vec<Item> {
    items.iter().skip(start).take(LINES).cloned().collect()
}

/// The report without its long lists.
fn head(report: &ManifestsReport) -> ManifestsReport {
    let manifests = report.manifests.iter().map(|manifest| strata::report::ManifestReport {
        source: manifest.source.clone(),
        kind: manifest.kind.clone(),
        name: manifest.name.clone(),
        namespace: manifest.namespace.clone(),
        hook: manifest.hook,
        lines: Vec::new(),
    });
    ManifestsReport {
        manifests: manifests.collect(),
        actions: Vec::new(),
        values: Vec::new(),
        unread: report.unread.clone(),
        unset: report.unset.clone(),
        left_out: report.left_out.clone(),
        made_up: report.made_up.clone(),
        error: report.error.clone(),
    }
}
