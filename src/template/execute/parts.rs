//! What functions leave of the parts of a text, for whoever traces: lines that are indented and ends
//! that are trimmed stay what they were, and lines of YAML know their value.

use super::Executor;
use crate::source::File;
use crate::template::trace::Segment;
use crate::template::tree::Id;
use crate::template::value::{Kind, Origin, Value};
use crate::yaml::{self, Node};
use bstr::ByteSlice;
use std::ops::Range;

/// Longer texts are not read back to find the values of their lines.
const LONGEST_YAML: usize = 64 << 10;

impl Executor<'_> {
    /// Keeps the parts of the text that a function was given, or knows those of the text that it made.
    pub(super) fn keep_parts(&mut self, function: &str, arguments: &[Value], answer: &Value, node: Id) {
        let (Kind::String(text), Some(last)) = (&answer.kind, arguments.last()) else { return };
        if function == "toYaml" {
            if let Some(lines) = lines_of_yaml(last, text) {
                let part = |(range, origin)| self.part(range, node, origin);
                self.last_text = Some((text.clone(), lines.into_iter().map(part).collect()));
            }
            return;
        }
        let (Kind::String(given), Some((known, parts))) = (&last.kind, &self.last_text) else { return };
        if !known.is_same(given) || text.is_empty() {
            return;
        }
        let parts = match (function, arguments) {
            ("indent" | "nindent", [width, _]) => {
                let width = usize::try_from(width.integer()).unwrap_or(0);
                indented(parts, given, width, text.len(), usize::from(function == "nindent"))
            }
            ("trim" | "trimAll" | "trimPrefix" | "trimSuffix", _) => {
                let Some(start) = given.find(text.as_bytes()) else { return };
                let cut = |at: usize| at.clamp(start, start + text.len()) - start;
                let parts = parts.iter().map(|part| part.at(cut(part.range.start)..cut(part.range.end)));
                parts.filter(|part| !part.range.is_empty()).collect()
            }
            _ => return,
        };
        self.last_text = Some((text.clone(), parts));
    }
}

/// The parts of a text when `width` blanks stand before each of its lines, and `first` bytes before all.
fn indented(parts: &[Segment], text: &[u8], width: usize, length: usize, first: usize) -> Vec<Segment> {
    let breaks: Vec<usize> = text.find_iter(b"\n").collect();
    let moved = |at: usize| first + at + width * (1 + breaks.partition_point(|&line| line < at));
    let starts_line = |at: usize| at == 0 || text[at - 1] == b'\n';
    let part = |part: &Segment| {
        let Range { start, end } = part.range;
        let from = moved(start) - if starts_line(start) { width } else { 0 };
        part.at(from..moved(end - 1) + 1)
    };
    let mut parts: Vec<Segment> = parts.iter().filter(|part| !part.range.is_empty()).map(part).collect();
    if let Some(part) = parts.first_mut() {
        part.range.start = 0;
    }
    if let Some(part) = parts.last_mut() {
        part.range.end = length;
    }
    parts
}

/// The values of the lines of a map or list written as YAML; `None` if that tells no more than is known.
fn lines_of_yaml(value: &Value, text: &[u8]) -> Option<Vec<(Range<usize>, Option<Origin>)>> {
    let is_container = matches!(value.kind, Kind::Map(_) | Kind::List(_));
    if !is_container || value.origin.is_none() || text.len() > LONGEST_YAML {
        return None;
    }
    let file = File::generated("<toYaml>", std::str::from_utf8(text).ok()?, None);
    let document = yaml::unmarshal(&file, yaml::Target::Any).ok()?;
    let mut starts = Vec::new();
    starts_of(value, &document.root, value.origin.as_ref(), text, &mut starts);
    starts.sort_by_key(|(at, _)| *at);
    starts.dedup_by(|later, earlier| {
        let same = later.0 == earlier.0;
        if same {
            earlier.1 = later.1.take();
        }
        same
    });
    let ends: Vec<usize> = starts.iter().skip(1).map(|(at, _)| *at).chain([text.len()]).collect();
    let mut lines: Vec<_> =
        starts.into_iter().zip(ends).map(|((start, origin), end)| (start..end, origin)).collect();
    lines.first_mut()?.0.start = 0;
    Some(lines)
}

fn starts_of(
    value: &Value,
    node: &Node,
    above: Option<&Origin>,
    text: &[u8],
    starts: &mut Vec<(usize, Option<Origin>)>,
) {
    match &value.kind {
        Kind::Map(map) => {
            for entry in node.entries() {
                let Some(item) = map.get(entry.key.as_bytes()) else { continue };
                let origin = item.origin.clone().or_else(|| above.cloned());
                let key = entry.key_span.start as usize;
                let line = start_of_line(text, key);
                let is_first = text[line..key].iter().all(|byte| *byte == b' ');
                starts.push((if is_first { line } else { key }, origin.clone()));
                starts_of(&item, &entry.value, origin.as_ref(), text, starts);
            }
        }
        Kind::List(list) => {
            for (item, node) in list.iter().zip(node.items()) {
                let origin = item.origin.clone().or_else(|| above.cloned());
                starts.push((start_of_line(text, node.span.start as usize), origin.clone()));
                starts_of(item, node, origin.as_ref(), text, starts);
            }
        }
        _ => {}
    }
}

fn start_of_line(text: &[u8], at: usize) -> usize {
    text[..at].rfind_byte(b'\n').map_or(0, |line| line + 1)
}
