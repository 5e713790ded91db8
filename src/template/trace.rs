//! What an execution wrote where, and from which values: kept only when somebody asks.

use super::functions::{MOST_ITEMS, MOST_LEVELS};
use super::tree::{self, Id, Source};
use super::value::{Kind, Origin, Value};
use crate::source::{Location, Span};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::rc::Rc;
use std::sync::Arc;

/// The record of one execution.
#[derive(Debug, Default)]
pub struct Trace {
    /// The output in parts, in order and without gaps.
    pub segments: Vec<Segment>,
    /// Places whose values were written, handed to a function or decided something. A list or map is
    /// among them where all of it was taken, not where it was only looked into.
    pub used: BTreeSet<u32>,
    /// Keys that were asked for and not there where that shows in the output, by the place of the map and
    /// the key, with the first action that asked.
    pub missing: BTreeMap<(u32, Arc<str>), Location>,
    /// What the error of a failed execution is about, if it is about nil.
    pub blamed: Option<Blamed>,
}

impl Trace {
    /// Notes that all of a value was taken. What stands in it may come from elsewhere: it may have been
    /// merged, or set. Gives the number of items that were looked at.
    pub(super) fn uses(&mut self, value: &Value) -> u64 {
        let mut left = MOST_ITEMS;
        self.uses_all(value, MOST_LEVELS, &mut left);
        MOST_ITEMS - left
    }

    fn uses_all(&mut self, value: &Value, levels: usize, left: &mut u64) {
        self.used.extend(value.origin.iter().flat_map(Origin::places));
        *left = left.saturating_sub(1);
        if levels == 0 || *left == 0 {
            return;
        }
        match &value.kind {
            Kind::List(items) => items.iter().for_each(|item| self.uses_all(item, levels - 1, left)),
            Kind::Map(map) => map.entries().values().for_each(|item| self.uses_all(item, levels - 1, left)),
            _ => {}
        }
    }
}

/// A nil where something else was needed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Blamed {
    /// The value at a place is null.
    Null(u32),
    /// The map at a place has no such key.
    Missing(u32, Arc<str>),
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
    /// The places of the values that decided whether it was written: those of the `if`, `with` and
    /// `range` around it.
    pub decided: Option<Origin>,
    /// The calls of templates that led to it, the innermost first.
    pub calls: Option<Rc<Call>>,
}

/// A call of a template.
#[derive(Debug)]
pub struct Call {
    pub(super) source: Arc<Source>,
    pub(super) node: Id,
    /// The call of the template that it stands in.
    pub outer: Option<Rc<Self>>,
}

impl Call {
    /// The call in its template.
    pub fn location(&self) -> Location {
        Location::new(&self.source.file, self.source.node(self.node).span)
    }
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

    /// Whether it is plain text of the template.
    pub fn is_plain(&self) -> bool {
        matches!(self.source.node(self.node).kind, tree::Kind::Text(_))
    }

    /// The action; of plain text the line `line` of it, from 0, which functions that indent keep.
    pub fn line(&self, line: usize) -> Location {
        let tree::Kind::Text(text) = self.source.node(self.node).kind else { return self.location() };
        let bytes = &self.source.file.text[text.range()];
        let start = bytes.match_indices('\n').nth(line.wrapping_sub(1)).map_or(0, |(at, _)| at + 1);
        let end = bytes[start..].find('\n').map_or(bytes.len(), |length| start + length);
        let at = |at: usize| text.range().start + at;
        Location::new(&self.source.file, Span::new(at(start), at(end)))
    }

    /// The same part at another place of a text.
    pub(super) fn at(&self, range: Range<usize>) -> Self {
        Self { range, ..self.clone() }
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
    /// An empty one with room for so many bytes.
    pub(super) fn with_room(bytes: usize) -> Self {
        Self { text: Vec::with_capacity(bytes), ..Self::default() }
    }

    /// Notes a part of what was written. Only where the text becomes a value (`nested`) is it worth
    /// knowing what all of it was made from.
    pub(super) fn wrote(&mut self, part: Segment, nested: bool) {
        if part.range.is_empty() {
            return;
        }
        if nested {
            for origin in [&part.origin, &part.decided] {
                self.origin = Origin::union(self.origin.take(), origin.as_ref());
            }
        }
        self.segments.push(part);
    }

    /// Takes every `needle` out (Helm does so with `<no value>`).
    pub fn remove_all(&mut self, needle: &[u8]) {
        use bstr::ByteSlice;
        let first = needle.first().and_then(|&first| self.text.find_byte(first));
        if first.is_none_or(|first| self.text[first..].find(needle).is_none()) {
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
