//! What the worker does in slices, with messages in between.

use crate::message::Answer;
use std::collections::VecDeque;
use std::rc::Rc;
use strata::report::{Comparing, ManifestsReport, Rendered, Session};

/// Items of a long list that go into one message: what the page decodes in a few milliseconds.
pub const PIECE: usize = 200;

/// Lines of manifests that go into one message, and what they refer to: each is a few items by itself.
const LINES: usize = PIECE / 2;

/// Time after which a job lets messages pass, in milliseconds.
pub const SLICE: f64 = 60.0;

/// What is under way. What stands first is done first.
#[derive(Default)]
pub struct Jobs {
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
        self.evaluating.is_some()
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
