//! The usual way to write YAML, read in one pass: block mappings and sequences with keys and scalars on
//! lines of their own, short flow collections, comments.
//!
//! Most files are written so throughout. No token is made and no node twice, which takes a fraction of the
//! time. Whatever is unusual (an anchor, a tag, a tab, a `?`, carriage returns) or wrong ends this way of
//! reading without an answer, and the document is read as YAML in general is, from its start. So all that
//! matters here is to answer nothing else than that would, which its tests look at.

mod scalars;
#[cfg(test)]
mod tests;

use super::build::Builder;
use super::compose::Tag;
use super::decode::Decoded;
use super::resolve::{Scalar, plain};
use super::scan::{self, Scanner};
use super::{Entry, Kind, Node};
use crate::source::Span;
use scalars::{FLOW, Found};
use std::sync::Arc;

/// Collections in one another, at most.
const DEEPEST: usize = 100;
/// Bytes of a key, at most: within these the `:` has to follow.
const LONGEST_KEY: usize = 1024;

/// Kinds of block collections.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Shape {
    Mapping,
    Sequence,
    /// A sequence at the column of the key above it.
    Indentless,
}

/// What comes after a line.
enum Next {
    /// One with something on it, from this column on.
    Line(usize),
    /// The end of the text.
    End,
}

/// A block collection that is being read.
struct Frame {
    shape: Shape,
    column: usize,
    /// Where its items or entries begin in the builder's stacks.
    base: usize,
    start: usize,
    /// Where its last child ends.
    end: usize,
    /// The key whose value comes next.
    key: Option<(Arc<str>, Span)>,
}

struct Reader<'t> {
    text: &'t str,
    bytes: &'t [u8],
    at: usize,
    /// Where the current line starts.
    line: usize,
    /// Offset of the text in its file.
    offset: u32,
    frames: Vec<Frame>,
    /// Where a value is missing that may stand on a line to come.
    missing: Option<usize>,
    builder: Builder,
    comments: Vec<Span>,
    root: Option<Node>,
    /// Reads scalars that are more than a run of characters.
    scanner: Option<Scanner<'t>>,
}

/// Reads the first document of a text that stands at `offset` in its file; `None` if it is not written the
/// usual way, or wrong.
pub(super) fn read(text: &str, offset: u32) -> Option<(Decoded, Vec<Span>)> {
    let reaches = u32::try_from(text.len()).ok()?.checked_add(offset);
    if reaches.is_none() || !scan::is_readable(text) || text.starts_with('\u{feff}') {
        return None;
    }
    let mut reader = Reader {
        text,
        bytes: text.as_bytes(),
        at: 0,
        line: 0,
        offset,
        frames: Vec::with_capacity(8),
        missing: None,
        builder: Builder::new(text.len() / 32),
        comments: Vec::new(),
        root: None,
        scanner: None,
    };
    reader.document()?;
    let Reader { root, builder: Builder { infinite, duplicates, .. }, comments, .. } = reader;
    Some((Decoded { root: root?, infinite, deep: false, duplicates }, comments))
}

impl<'t> Reader<'t> {
    fn document(&mut self) -> Option<()> {
        let mut started = false;
        while let Next::Line(column) = self.next_line()? {
            if column == 0 && self.is_marker() {
                if started || !self.rest().starts_with("---") {
                    // What follows the document is not looked at.
                    break;
                }
                self.at += 3;
                self.end_line()?;
            } else {
                self.line(column)?;
            }
            started = true;
        }
        self.value_missing();
        while !self.frames.is_empty() {
            self.close();
        }
        Some(())
    }

    // Reading.

    /// The byte at the current place; a line feed at the end of the text.
    #[inline]
    fn byte(&self) -> u8 {
        self.byte_at(self.at)
    }

    #[inline]
    fn byte_at(&self, at: usize) -> u8 {
        self.bytes.get(at).copied().unwrap_or(b'\n')
    }

    fn rest(&self) -> &'t str {
        &self.text[self.at..]
    }

    fn span(&self, start: usize, end: usize) -> Span {
        Span { start: start as u32 + self.offset, end: end as u32 + self.offset }
    }

    /// Passes bytes of a class.
    #[inline]
    fn pass(&mut self, class: &[bool; 256]) {
        while self.bytes.get(self.at).is_some_and(|&byte| class[usize::from(byte)]) {
            self.at += 1;
        }
    }

    #[inline]
    fn pass_spaces(&mut self) {
        while self.byte() == b' ' {
            self.at += 1;
        }
    }

    /// Whether a space or the end of the line is at a place; `None` for other blanks.
    #[inline]
    fn is_blank(&self, at: usize) -> Option<bool> {
        match self.byte_at(at) {
            b' ' | b'\n' => Some(true),
            b'\t' | b'\r' => None,
            0xc2 | 0xe2 if self.is_break(at) => None,
            _ => Some(false),
        }
    }

    /// Whether one of YAML's own line breaks is at a place.
    fn is_break(&self, at: usize) -> bool {
        let rest = &self.bytes[at..];
        [&b"\xc2\x85"[..], b"\xe2\x80\xa8", b"\xe2\x80\xa9"].iter().any(|&end| rest.starts_with(end))
    }

    /// Passes lines that hold nothing but comments, and the indentation of the next one.
    fn next_line(&mut self) -> Option<Next> {
        loop {
            self.line = self.at;
            self.pass_spaces();
            match self.byte() {
                b'\n' if self.at >= self.bytes.len() => return Some(Next::End),
                b'\n' => self.at += 1,
                b'#' => self.end_line()?,
                b'%' if self.at == self.line => return None,
                _ => return Some(Next::Line(self.at - self.line)),
            }
        }
    }

    /// Whether a marker of a document is at the start of the line.
    fn is_marker(&self) -> bool {
        let rest = &self.bytes[self.at..];
        (rest.starts_with(b"---") || rest.starts_with(b"...")) && self.is_blank(self.at + 3) != Some(false)
    }

    /// Passes what may stand behind something on its line: spaces and a comment.
    #[inline]
    fn end_line(&mut self) -> Option<()> {
        self.pass_spaces();
        if self.byte() == b'#' {
            let start = self.at;
            self.at += self.bytes[start..]
                .iter()
                .position(|&byte| byte == b'\n')
                .unwrap_or(self.bytes.len() - start);
            let comment = &self.bytes[start..self.at];
            if comment.contains(&b'\r') || !comment.is_ascii() && self.has_break(start) {
                return None;
            }
            self.comments.push(self.span(start, self.at));
        }
        if self.byte() != b'\n' {
            return None;
        }
        self.at = (self.at + 1).min(self.bytes.len());
        Some(())
    }

    fn has_break(&self, start: usize) -> bool {
        (start..self.at).any(|at| matches!(self.bytes[at], 0xc2 | 0xe2) && self.is_break(at))
    }

    // Block collections.

    /// A line of something, at its first character.
    fn line(&mut self, column: usize) -> Option<()> {
        let is_item = self.byte() == b'-' && self.is_blank(self.at + 1)?;
        if let (Some(_), Some(frame)) = (self.missing, self.frames.last()) {
            let is_indentless = column == frame.column && is_item && frame.shape == Shape::Mapping;
            if column > frame.column || is_indentless {
                self.missing = None;
                return self.node(column, is_item);
            }
            self.value_missing();
        }
        while let Some(frame) = self.frames.last() {
            let ends = frame.column == column && frame.shape == Shape::Indentless && !is_item;
            if frame.column <= column && !ends {
                break;
            }
            self.close();
        }
        let Some(frame) = self.frames.last() else {
            // The root, if it is the first.
            return if self.root.is_none() { self.node(column, is_item) } else { None };
        };
        if frame.column != column || (frame.shape == Shape::Mapping) == is_item {
            return None;
        }
        if is_item { self.item() } else { self.entry() }
    }

    /// A node that may be a block collection, at its first character.
    fn node(&mut self, column: usize, is_item: bool) -> Option<()> {
        if is_item {
            let is_indentless = self.frames.last().is_some_and(|frame| frame.column == column);
            let shape = if is_indentless { Shape::Indentless } else { Shape::Sequence };
            let base = self.builder.items.len();
            self.open(shape, column, base, self.at)?;
            return self.item();
        }
        if matches!(self.byte(), b'[' | b'{' | b'|' | b'>') {
            return self.value();
        }
        let found = self.scalar()?;
        if self.byte() == b':' {
            let base = self.builder.entries.len();
            self.open(Shape::Mapping, column, base, found.start)?;
            return self.entry_of(found);
        }
        self.put_scalar(found)
    }

    /// An item of the innermost collection, at its `-`.
    fn item(&mut self) -> Option<()> {
        self.at += 1;
        let end = self.at;
        self.extend(end);
        self.pass_spaces();
        if matches!(self.byte(), b'\n' | b'#') {
            self.missing = Some(end);
            return self.end_line();
        }
        let is_item = self.byte() == b'-' && self.is_blank(self.at + 1)?;
        self.node(self.at - self.line, is_item)
    }

    /// A key of the innermost mapping with its value.
    fn entry(&mut self) -> Option<()> {
        let key = self.scalar()?;
        if self.byte() == b':' { self.entry_of(key) } else { None }
    }

    /// An entry of the innermost mapping behind its key, at the `:`.
    fn entry_of(&mut self, key: Found<'t>) -> Option<()> {
        self.at += 1;
        let end = self.at;
        if !self.is_blank(end)? {
            return None;
        }
        let key_end = key.end;
        let key = self.key(key)?;
        self.extend(key_end);
        self.frames.last_mut()?.key = Some(key);
        self.pass_spaces();
        if matches!(self.byte(), b'\n' | b'#') {
            self.missing = Some(end);
            return self.end_line();
        }
        self.value()
    }

    /// The text of a key.
    fn key(&mut self, found: Found<'t>) -> Option<(Arc<str>, Span)> {
        let Found { text, is_plain, start, end } = found;
        // A key ends on its line, and what is merged is no key.
        if start < self.line || end - start > LONGEST_KEY || is_plain && text == "<<" {
            return None;
        }
        let key = match if is_plain { plain(&text, Tag::None) } else { None } {
            None => self.builder.keys.shared(&text),
            Some(scalar @ (Scalar::Bool(_) | Scalar::Int(_))) => self.builder.key(&scalar),
            Some(_) => return None,
        };
        Some((key, self.span(start, end)))
    }

    /// A value that is no block collection, and the end of its line.
    fn value(&mut self) -> Option<()> {
        match self.byte() {
            b'[' | b'{' => {
                let node = self.flow(0)?;
                self.end_line()?;
                self.put(node)
            }
            b'|' | b'>' => {
                let found = self.scanned(Scanner::block_scalar)?;
                if self.at < self.bytes.len() {
                    // Some of the next line's indentation has been passed.
                    self.at = self.line;
                }
                let node = self.scalar_node(found);
                self.put(node)
            }
            _ => {
                let found = self.scalar()?;
                if self.byte() == b':' { None } else { self.put_scalar(found) }
            }
        }
    }

    /// Puts a scalar where it belongs, with the lines on which it goes on.
    fn put_scalar(&mut self, mut found: Found<'t>) -> Option<()> {
        if found.is_plain {
            self.fold(&mut found)?;
        }
        self.end_line()?;
        let node = self.scalar_node(found);
        self.put(node)
    }

    fn scalar_node(&mut self, found: Found<'t>) -> Node {
        let span = self.span(found.start, found.end);
        let scalar = if found.is_plain { plain(&found.text, Tag::None) } else { None };
        let kind = match scalar {
            Some(scalar) => self.builder.kind(scalar),
            None => Kind::String(Arc::from(&*found.text)),
        };
        Node { span, kind }
    }

    // Flow collections.

    /// A flow collection on one line, at its bracket.
    fn flow(&mut self, depth: usize) -> Option<Node> {
        let start = self.at;
        let is_map = self.byte() == b'{';
        let bracket = if is_map { b'}' } else { b']' };
        let base = if is_map { self.builder.entries.len() } else { self.builder.items.len() };
        self.at += 1;
        self.pass_spaces();
        while self.byte() != bracket {
            if is_map {
                let key = self.flow_scalar()?;
                if self.byte() != b':' {
                    return None;
                }
                let (key, key_span) = self.key(key)?;
                self.at += 1;
                self.pass_spaces();
                let value = self.flow_node(depth)?;
                self.builder.entries.push(Entry { key, key_span, value });
            } else {
                let item = self.flow_node(depth)?;
                self.builder.items.push(item);
            }
            self.pass_spaces();
            if self.byte() == b',' {
                self.at += 1;
                self.pass_spaces();
            } else if self.byte() != bracket {
                return None;
            }
        }
        self.at += 1;
        let kind = if is_map { self.builder.map(base) } else { self.builder.list(base) };
        Some(Node { span: self.span(start, self.at), kind })
    }

    fn flow_node(&mut self, depth: usize) -> Option<Node> {
        if matches!(self.byte(), b'[' | b'{') {
            return if depth < DEEPEST { self.flow(depth + 1) } else { None };
        }
        let found = self.flow_scalar()?;
        Some(self.scalar_node(found))
    }

    fn flow_scalar(&mut self) -> Option<Found<'t>> {
        let found = match self.byte() {
            b'\'' | b'"' => self.quoted(),
            b'?' | b':' => None,
            _ => self.plain(&FLOW),
        }?;
        (found.start >= self.line).then_some(found)
    }

    // Frames.

    fn open(&mut self, shape: Shape, column: usize, base: usize, start: usize) -> Option<()> {
        self.frames.push(Frame { shape, column, base, start, end: start, key: None });
        (self.frames.len() <= DEEPEST).then_some(())
    }

    fn extend(&mut self, end: usize) {
        if let Some(frame) = self.frames.last_mut() {
            frame.end = end;
        }
    }

    /// Puts a node into the innermost collection, which reaches to where the node ends.
    fn put(&mut self, node: Node) -> Option<()> {
        self.extend((node.span.end - self.offset) as usize);
        self.put_at_last(node)
    }

    fn put_at_last(&mut self, node: Node) -> Option<()> {
        let frame = self.frames.last_mut()?;
        if frame.shape == Shape::Mapping {
            let (key, key_span) = frame.key.take()?;
            self.builder.entries.push(Entry { key, key_span, value: node });
        } else {
            self.builder.items.push(node);
        }
        Some(())
    }

    /// Nothing stands where a value could.
    fn value_missing(&mut self) {
        if let Some(at) = self.missing.take() {
            let node = Node { span: self.span(at, at), kind: Kind::Null };
            // A value is missed in open collections only.
            let _ = self.put_at_last(node);
        }
    }

    /// Ends the innermost collection.
    fn close(&mut self) {
        let Some(frame) = self.frames.pop() else { return };
        let kind = match frame.shape {
            Shape::Mapping => self.builder.map(frame.base),
            Shape::Sequence | Shape::Indentless => self.builder.list(frame.base),
        };
        let node = Node { span: self.span(frame.start, frame.end), kind };
        if self.frames.is_empty() {
            self.root = Some(node);
        } else {
            let _ = self.put(node);
        }
    }
}
