//! What an execution wrote where, and from which values: kept only when somebody asks.

use super::tree::{Id, Source};
use super::value::Origin;
use crate::source::{Location, Span};
use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::Arc;

/// The record of one execution.
#[derive(Debug, Default)]
pub struct Trace {
    /// The output in parts, in order and without gaps.
    pub segments: Vec<Segment>,
    /// Places whose values decided something or were written, lists and maps as a whole.
    pub used: BTreeSet<u32>,
    /// Keys that were asked for and not there: the place of the map and the key.
    pub missing: BTreeSet<(u32, Arc<str>)>,
}

/// A part of the output with what wrote it.
#[derive(Clone, Debug)]
pub struct Segment {
    /// Its bytes in the output.
    pub range: Range<usize>,
    /// The text of the template.
    pub(super) source: Arc<Source>,
    /// The action or the plain text in it.
    pub(super) node: Id,
    /// The places of the values that it was made from.
    pub origin: Option<Origin>,
}

impl Segment {
    /// The action in its template, delimiters included.
    pub fn location(&self) -> Location {
        Location::new(&self.source.file, self.span())
    }

    /// The bytes of the action in its template.
    pub fn span(&self) -> Span {
        self.source.node(self.node).span
    }

    fn moved(&self, by: usize) -> Self {
        Self { range: self.range.start + by..self.range.end + by, ..self.clone() }
    }
}

/// A text that is being written.
#[derive(Debug, Default)]
pub struct Output {
    /// What was written so far.
    pub text: Vec<u8>,
    /// Its parts, if somebody traces.
    pub segments: Vec<Segment>,
    /// The places that any part was made from.
    pub origin: Option<Origin>,
}

impl Output {
    /// Notes that what stands from `start` on was written by a node.
    pub(super) fn wrote(&mut self, start: usize, source: &Arc<Source>, node: Id, origin: Option<&Origin>) {
        if start < self.text.len() {
            let range = start..self.text.len();
            let segment = Segment { range, source: Arc::clone(source), node, origin: origin.cloned() };
            self.segments.push(segment);
            self.origin = Origin::union(self.origin.take(), origin);
        }
    }

    /// Notes that what stands from `start` on is a text with parts of its own.
    pub(super) fn spliced(&mut self, start: usize, parts: &[Segment]) {
        self.segments.extend(parts.iter().map(|part| part.moved(start)));
        for part in parts {
            self.origin = Origin::union(self.origin.take(), part.origin.as_ref());
        }
    }

    /// Takes every `needle` out (Helm does so with `<no value>`).
    pub fn remove_all(&mut self, needle: &[u8]) {
        use bstr::ByteSlice;
        if self.text.find(needle).is_none() {
            return;
        }
        let cuts: Vec<usize> = self.text.find_iter(needle).collect();
        self.text = self.text.replace(needle, b"");
        // Where a byte of the old text stands in the new one; bytes of a cut stand where it was.
        let moved = |at: usize| {
            let before = cuts.partition_point(|&cut| cut < at);
            let inside =
                before.checked_sub(1).map_or(0, |last| (cuts[last] + needle.len()).saturating_sub(at));
            at - (before * needle.len() - inside)
        };
        for segment in &mut self.segments {
            segment.range = moved(segment.range.start)..moved(segment.range.end);
        }
        self.segments.retain(|segment| !segment.range.is_empty());
    }
}
