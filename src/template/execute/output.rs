//! What is written, and what is noted of it for whoever traces.

use super::{Executor, Failure, Result};
use crate::template::print;
use crate::template::tree::{Id, Kind as Node};
use crate::template::value::{Kind, Origin, Value};

impl Executor<'_> {
    pub(super) fn write_text(&mut self, node: Id) -> Result<()> {
        let source = &self.frame.code.source;
        let Node::Text(span) = source.node(node).kind else { return Ok(()) };
        let Some(output) = self.outputs.last_mut() else { return Ok(()) };
        let start = output.text.len();
        output.text.extend_from_slice(&source.file.text.as_bytes()[span.range()]);
        if self.trace.is_some() {
            output.wrote(start, source, node, None);
        }
        self.count(span.range().len())
    }

    pub(super) fn count(&mut self, bytes: usize) -> Result<()> {
        self.written += bytes;
        if self.written > self.limits.output {
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
            match (&self.last_text, &value.kind) {
                (Some((last, parts)), Kind::String(text)) if last.is_same(text) => {
                    output.spliced(start, parts);
                }
                _ => output.wrote(start, &self.frame.code.source, node, value.origin.as_ref()),
            }
        }
        self.count(length)
    }

    pub(super) fn note_use_of_top(&mut self) {
        if let (Some(trace), Some(top)) = (&mut self.trace, self.operands.last()) {
            trace.used.extend(top.value.origin.iter().flat_map(Origin::places));
        }
    }

    /// Notes what a function was given. Some only look into a map or hand it on, which uses nothing.
    pub(super) fn note_use(&mut self, function: &str, arguments: &[Value]) {
        let Some(trace) = &mut self.trace else { return };
        let hands_on = HANDS_ON.contains(&function);
        for argument in arguments {
            let is_container = matches!(argument.kind, Kind::Map(_) | Kind::List(_));
            if !(is_container && hands_on) {
                trace.used.extend(argument.origin.iter().flat_map(Origin::places));
            }
        }
    }

    pub(super) fn note_missing(&mut self, map: &Value, key: &str) {
        if let (Some(trace), Some(origin)) = (&mut self.trace, &map.origin)
            && let [place] = origin.places()
        {
            trace.missing.insert((*place, key.into()));
        }
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
