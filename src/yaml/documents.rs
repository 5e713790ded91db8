//! Texts of several documents, the way Kubernetes takes them apart before any YAML is parsed (spec
//! sheet, section 0).

use super::error::{Error, Stage};
use super::{Document, Entry, Kind, Node};
use crate::source::Span;
use bstr::ByteSlice;
use std::borrow::Cow;
use std::cmp::Ordering;
use std::sync::Arc;

/// One document's text with the way back to the file.
pub(super) struct Chunk<'t> {
    /// The text as it is parsed.
    pub text: Cow<'t, str>,
    /// Offset of its first byte in the file.
    start: usize,
    /// Length of the file.
    length: usize,
    /// Offsets in `text` at which a carriage return was left out.
    removed: Vec<u32>,
}

impl<'t> Chunk<'t> {
    /// A whole file as one document.
    pub fn whole(text: &'t str) -> Self {
        Self { text: Cow::Borrowed(text), start: 0, length: text.len(), removed: Vec::new() }
    }

    /// The lines `start..end` of a file, each ended by a line feed alone.
    fn lines(file: &'t str, start: usize, end: usize) -> Self {
        let lines = &file[start..end];
        let mut chunk = Self { text: Cow::Borrowed(lines), start, length: file.len(), removed: Vec::new() };
        if lines.as_bytes().contains_str("\r\n") {
            let mut text = String::with_capacity(lines.len() + 1);
            for line in lines.split_inclusive('\n') {
                match line.strip_suffix("\r\n") {
                    Some(line) => {
                        text.push_str(line);
                        chunk.removed.push(text.len() as u32);
                        text.push('\n');
                    }
                    None => text.push_str(line),
                }
            }
            chunk.text = Cow::Owned(text);
        }
        if !chunk.text.ends_with('\n') {
            chunk.text.to_mut().push('\n');
        }
        chunk
    }

    /// Where bytes of the chunk are in the file.
    pub fn place(&self, span: Span) -> Span {
        let place = |at: u32| {
            let removed = self.removed.partition_point(|&removed| removed < at);
            (self.start + at as usize + removed).min(self.length)
        };
        Span::new(place(span.start), place(span.end))
    }

    /// How far [`Chunk::place`] moves all bytes, if it moves all by as much.
    pub fn offset(&self) -> Option<u32> {
        if self.removed.is_empty() { u32::try_from(self.start).ok() } else { None }
    }

    /// Whether [`Chunk::place`] changes anything.
    pub fn moves(&self) -> bool {
        self.start > 0 || !self.removed.is_empty() || self.text.len() > self.length
    }
}

/// The documents of a text. After a separator that is not one, nothing more is read: the error stands
/// for the document that it would have ended.
/// `loses_lines`: an unended last line that fills Kubernetes' buffer is lost.
pub(super) fn split(text: &str, loses_lines: bool) -> Vec<Result<Chunk<'_>, Error>> {
    /// Size of the buffer that lines are read with.
    const BUFFER: usize = 4096;
    let mut chunks = Vec::new();
    let mut start = 0;
    let mut at = 0;
    let last = text.rfind('\n').map_or(0, |at| at + 1);
    let loses_last = loses_lines && last < text.len() && (text.len() - last).is_multiple_of(BUFFER);
    if !loses_last && !text.starts_with("---") && !text.as_bytes().contains_str("\n---") {
        // One document, as most are: nothing to look for line by line.
        return if text.is_empty() { Vec::new() } else { vec![Ok(Chunk::lines(text, 0, text.len()))] };
    }
    for line in text.split_inclusive('\n') {
        if loses_last && at == last {
            // Kubernetes loses such a line: it takes its full buffer for the start of a longer one.
            break;
        }
        if let Some(rest) = line.strip_prefix("---") {
            let rest = rest.trim();
            if !rest.is_empty() && !rest.starts_with('#') {
                let problem = format!("invalid Yaml document separator: {rest}");
                let span = Span::new(at, at + line.trim_end().len());
                let mut error = Error::new("yaml-separator", Stage::Splitting, problem, span);
                error.hint = Some("a line that starts with --- separates documents; put nothing else on it");
                chunks.push(Err(error));
                return chunks;
            }
            if at > start {
                chunks.push(Ok(Chunk::lines(text, start, at)));
                start = at + line.len();
            }
        }
        at += line.len();
    }
    if at > start {
        chunks.push(Ok(Chunk::lines(text, start, at)));
    }
    chunks
}

/// A document over the one before it, as Helm 4 merges the documents of a values file: maps deeply,
/// anything else is replaced, by `null` too. An empty document changes nothing.
pub(super) fn overlay(below: Document, above: Document) -> Document {
    let root = match (&below.root.kind, &above.root.kind) {
        (_, Kind::Null) => below.root.clone(),
        (Kind::Map(left), Kind::Map(right)) => overlay_maps(left, right, above.root.span),
        _ => above.root.clone(),
    };
    Document {
        root,
        comments: below.comments.iter().chain(&*above.comments).copied().collect(),
        duplicates: below.duplicates.iter().chain(&*above.duplicates).copied().collect(),
        file: below.file,
    }
}

/// Two maps on their way to becoming one.
struct Overlay<'n> {
    left: &'n [Entry],
    right: &'n [Entry],
    merged: Vec<Entry>,
    span: Span,
    /// The key of the result in the map around it.
    key: Option<(&'n Arc<str>, Span)>,
}

fn overlay_maps(left: &[Entry], right: &[Entry], span: Span) -> Node {
    let mut open = vec![Overlay { left, right, merged: Vec::new(), span, key: None }];
    loop {
        let innermost = open.last_mut().expect("the loop ends with the outermost map");
        let order = match (innermost.left.first(), innermost.right.first()) {
            (Some(left), Some(right)) => left.key.cmp(&right.key),
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (None, None) => {
                let done = open.pop().expect("there is an innermost map");
                let node = Node { span: done.span, kind: Kind::Map(done.merged.into()) };
                match (open.last_mut(), done.key) {
                    (Some(parent), Some((key, key_span))) => {
                        parent.merged.push(Entry { key: Arc::clone(key), key_span, value: node });
                    }
                    _ => return node,
                }
                continue;
            }
        };
        if order == Ordering::Less {
            innermost.merged.push(innermost.left[0].clone());
            innermost.left = &innermost.left[1..];
            continue;
        }
        let above = &innermost.right[0];
        innermost.right = &innermost.right[1..];
        if order == Ordering::Equal {
            let below = &innermost.left[0];
            innermost.left = &innermost.left[1..];
            if let (Kind::Map(left), Kind::Map(right)) = (&below.value.kind, &above.value.kind) {
                let key = Some((&above.key, above.key_span));
                open.push(Overlay { left, right, merged: Vec::new(), span: above.value.span, key });
                continue;
            }
        }
        innermost.merged.push(above.clone());
    }
}
