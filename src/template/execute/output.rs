//! What is written, and what is noted of it for whoever traces.

use super::{Caller, Executor, Failure, Frame, Operand, Result};
use crate::source::Location;
use crate::template::print;
use crate::template::trace::{Blamed, Call, Segment};
use crate::template::tree::{Id, Kind as Node};
use crate::template::value::{Kind, Origin, Value};
use std::ops::Range;
use std::rc::Rc;
use std::sync::Arc;

impl Executor<'_> {
    pub(super) fn write_text(&mut self, node: Id) -> Result<()> {
        let source = &self.frame.code.source;
        let Node::Text(span) = source.node(node).kind else { return Ok(()) };
        let Some(output) = self.outputs.last_mut() else { return Ok(()) };
        let start = output.text.len();
        output.text.extend_from_slice(&source.file.text.as_bytes()[span.range()]);
        if self.trace.is_some() {
            self.wrote(start, node, None);
        }
        self.count(span.range().len())
    }

    pub(super) fn count(&mut self, bytes: usize) -> Result<()> {
        self.context.written += bytes;
        if self.context.written > self.limits.output {
            let limit = self.limits.output;
            return Err(Failure::budget(format!("stopped after {limit} bytes of output")));
        }
        Ok(())
    }

    pub(super) fn print(&mut self, node: Id) -> Result<()> {
        self.note_use_of_top();
        let value = self.pop().value;
        let Some(output) = self.outputs.last_mut() else { return Ok(()) };
        let start = output.text.len();
        match &value.kind {
            Kind::String(text) => output.text.extend_from_slice(text),
            Kind::Nil => output.text.extend_from_slice(b"<no value>"),
            // A struct that a field was taken from has the methods of its pointer as well.
            Kind::Struct(of) if of.of.string.is_some() => {
                output.text.extend(of.of.string.map(|string| string(of).to_vec()).unwrap_or_default());
            }
            _ => output.text.extend(print::display(&value)?),
        }
        let length = output.text.len() - start;
        if self.trace.is_some() {
            match (self.last_text.take(), &value.kind) {
                (Some((last, parts)), Kind::String(text)) if last.is_same(text) => {
                    self.spliced(start, node, &parts);
                    self.last_text = Some((last, parts));
                }
                (last, _) => {
                    self.last_text = last;
                    self.wrote(start, node, value.origin);
                }
            }
        }
        self.count(length)
    }

    /// A part of the text that is being written, by a node of the template being run.
    pub(super) fn part(&self, range: Range<usize>, node: Id, origin: Option<Origin>) -> Segment {
        Segment {
            range,
            source: Arc::clone(&self.frame.code.source),
            node,
            origin: Origin::union(origin, self.frame.traced.text.as_ref()),
            decided: self.decided.clone(),
            calls: self.frame.traced.calls.clone(),
        }
    }

    /// Notes that what stands from `start` on was written by a node.
    fn wrote(&mut self, start: usize, node: Id, origin: Option<Origin>) {
        let end = self.outputs.last().map_or(0, |output| output.text.len());
        let (part, nested) = (self.part(start..end, node, origin), self.outputs.len() > 1);
        if let Some(output) = self.outputs.last_mut() {
            output.wrote(part, nested);
        }
    }

    /// Notes that what stands from `start` on is a text with parts of its own, written by a node.
    fn spliced(&mut self, start: usize, node: Id, parts: &[Segment]) {
        let nested = self.outputs.len() > 1;
        let decided = self.decided.as_ref();
        let Some(output) = self.outputs.last_mut() else { return };
        for part in parts {
            let mut part = part.at(part.range.start + start..part.range.end + start);
            part.decided = Origin::union(part.decided, decided);
            output.wrote(part, nested);
        }
        if parts.is_empty() {
            self.wrote(start, node, None);
        }
    }

    fn note_use_of_top(&mut self) {
        if let (Some(trace), Some(top)) = (&mut self.trace, self.operands.last()) {
            self.context.steps += trace.uses(&top.value);
        }
    }

    /// The top operand decides on what follows. A list or map does so by having something in it, which
    /// uses nothing of that.
    pub(super) fn note_decision(&mut self) {
        if self.trace.is_none() {
            return;
        }
        let Some(top) = self.operands.last() else { return };
        self.decided = Origin::union(self.decided.take(), top.value.origin.as_ref());
        if !holds_something(&top.value) {
            self.note_use_of_top();
        }
    }

    /// Drops the top operand, over which `and` or `or` go on.
    pub(super) fn pass_over(&mut self) {
        if self.trace.is_some() && self.operands.last().is_some_and(|top| !holds_something(&top.value)) {
            self.note_use_of_top();
        }
        if let Some(Operand { value: Value { origin: Some(origin), .. }, .. }) = self.operands.pop() {
            self.passed.push((self.operands.len(), origin));
        }
    }

    /// The top operand is the result of `and` or `or`.
    pub(super) fn gather(&mut self) {
        let below = self.operands.len().saturating_sub(1);
        while let Some((_, origin)) = self.passed.pop_if(|(depth, _)| *depth >= below) {
            if let Some(top) = self.operands.last_mut() {
                top.value.origin = Origin::union(top.value.origin.take(), Some(&origin));
            }
        }
    }

    /// Hands on what the caller knows to a template that is called.
    pub(super) fn trace_call(&mut self, frame: &mut Frame) {
        let source = Arc::clone(&self.frame.code.source);
        let node = match &frame.origin {
            Caller::Include { node, .. } | Caller::Tpl { node, .. } => *node,
            Caller::Root | Caller::Template => self.frame.at,
        };
        let outer = self.frame.traced.calls.clone();
        frame.traced.calls = Some(Rc::new(Call { source, node, outer }));
        frame.traced.before.clone_from(&self.decided);
        // What decides on a call decides on its result where that is written.
        if !matches!(frame.origin, Caller::Template) {
            self.decided = None;
        }
    }

    /// Notes what a function was given. Some only look into a map or hand it on, which uses nothing.
    pub(super) fn note_use(&mut self, function: &str, arguments: &[Value]) {
        let Some(trace) = &mut self.trace else { return };
        let hands_on = HANDS_ON.contains(&function);
        for argument in arguments {
            if !(hands_on && holds_something(argument)) {
                self.context.steps += trace.uses(argument);
            }
        }
    }

    pub(super) fn note_missing(&mut self, map: &Value, key: &str, node: Id) {
        if let (Some(trace), Some(origin)) = (&mut self.trace, &map.origin)
            && let [place] = origin.places()
        {
            let key: Arc<str> = key.into();
            trace.blamed = Some(Blamed::Missing(*place, Arc::clone(&key)));
            let source = &self.frame.code.source;
            if source.shows(node) {
                let asked = || Location::new(&source.file, source.node(node).span);
                trace.missing.entry((*place, key)).or_insert_with(asked);
            }
        }
    }

    /// Notes what an error about nil is about: the null itself, or the key that was asked for last.
    pub(super) fn note_nil(&mut self, nil: &Value) {
        if let (Some(trace), Some([place])) = (&mut self.trace, nil.origin.as_ref().map(Origin::places)) {
            trace.blamed = Some(Blamed::Null(*place));
        }
    }
}

/// Whether it is a list or map with something in it, of which more may be asked.
fn holds_something(value: &Value) -> bool {
    match &value.kind {
        Kind::Map(map) => !map.is_empty(),
        Kind::List(list) => !list.is_empty(),
        _ => false,
    }
}

/// Functions that look into a list or map, or hand it on, without using all of it.
const HANDS_ON: &[&str] = &[
    "and",
    "coalesce",
    "default",
    "dict",
    "dig",
    "empty",
    "first",
    "get",
    "hasKey",
    "index",
    "kindIs",
    "kindOf",
    "last",
    "list",
    "merge",
    "mergeOverwrite",
    "not",
    "or",
    "pluck",
    "set",
    "ternary",
    "tuple",
    "typeIs",
    "typeOf",
    "unset",
];
