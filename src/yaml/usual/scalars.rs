//! Scalars on one line, and those that the scanner reads as in general.

use super::Reader;
use crate::source::Span;
use crate::yaml::scan::{self, Scanner};
use std::borrow::Cow;

/// Bytes that mean nothing of their own in plain text.
static PLAIN: [bool; 256] = scan::all_but(b"\0\t\n\r:#\xc2\xe2");
/// Bytes that mean nothing of their own in plain text inside of flow collections.
pub(super) static FLOW: [bool; 256] = scan::all_but(b"\0\t\n\r:#,?[]{}\xc2\xe2");
/// Bytes that mean nothing of their own in quotes.
static QUOTED: [bool; 256] = scan::all_but(b"\0\n\r'\"\\\xc2\xe2");
/// Bytes that plain text may start with, whatever stands behind them.
static FIRST: [bool; 256] = scan::all_but(b"\0\t\n\r -?:,[]{}#&*!|>'\"%@`\xc2\xe2");

/// A scalar as it was read.
pub(super) struct Found<'t> {
    pub text: Cow<'t, str>,
    pub is_plain: bool,
    pub start: usize,
    pub end: usize,
}

impl<'t> Reader<'t> {
    /// A scalar on one line, or one in quotes.
    pub(super) fn scalar(&mut self) -> Option<Found<'t>> {
        match self.byte() {
            b'\'' | b'"' => self.quoted(),
            _ => self.plain(&PLAIN),
        }
    }

    /// Plain text up to a comment, the end of the line or a `:`.
    pub(super) fn plain(&mut self, class: &[bool; 256]) -> Option<Found<'t>> {
        let start = self.at;
        let starts = match self.byte() {
            b'-' | b'?' | b':' => !self.is_blank(start + 1)?,
            0xc2 | 0xe2 => !self.is_break(start),
            first => FIRST[usize::from(first)],
        };
        if !starts {
            return None;
        }
        self.pass_plain(class)?;
        let mut end = self.at;
        while self.bytes[end - 1] == b' ' {
            end -= 1;
        }
        if self.byte() == b':' && end != self.at {
            return None;
        }
        let text = Cow::Borrowed(&self.text[start..end]);
        Some(Found { text, is_plain: true, start, end })
    }

    /// Passes plain text and the spaces behind it.
    fn pass_plain(&mut self, class: &[bool; 256]) -> Option<()> {
        let start = self.at;
        loop {
            self.pass(class);
            match self.byte() {
                b':' if self.is_blank(self.at + 1)? => return Some(()),
                b'#' if self.at > start && self.bytes[self.at - 1] == b' ' => return Some(()),
                b'\t' | b'\r' | 0 => return None,
                0xc2 | 0xe2 if self.is_break(self.at) => return None,
                b':' | b'#' | 0xc2 | 0xe2 => self.at += 1,
                _ => return Some(()),
            }
        }
    }

    /// Adds the lines on which plain text goes on: those that are deeper than the innermost collection.
    pub(super) fn fold(&mut self, found: &mut Found<'t>) -> Option<()> {
        let column = self.frames.last()?.column;
        while self.byte() == b'\n' {
            let (end, line) = (self.at, self.line);
            let mut breaks = 0;
            while self.byte() == b'\n' && self.at < self.bytes.len() {
                breaks += 1;
                self.at += 1;
                self.line = self.at;
                self.pass_spaces();
            }
            if self.at - self.line <= column || matches!(self.byte(), b'\n' | b'#') {
                (self.at, self.line) = (end, line);
                return Some(());
            }
            let text = found.text.to_mut();
            match breaks {
                1 => text.push(' '),
                _ => text.extend(std::iter::repeat_n('\n', breaks - 1)),
            }
            let start = self.at;
            self.pass_plain(&PLAIN)?;
            let words = self.text[start..self.at].trim_end_matches(' ');
            text.push_str(words);
            found.end = start + words.len();
        }
        if self.byte() == b':' { None } else { Some(()) }
    }

    /// Text in quotes.
    pub(super) fn quoted(&mut self) -> Option<Found<'t>> {
        let start = self.at;
        let quote = self.byte();
        self.at += 1;
        loop {
            self.pass(&QUOTED);
            match self.byte() {
                byte if byte == quote => break,
                b'\'' | b'"' => self.at += 1,
                b'\\' if quote == b'\'' => self.at += 1,
                0xc2 | 0xe2 if !self.is_break(self.at) => self.at += 1,
                _ => {
                    self.at = start;
                    return self.scanned(Scanner::flow_scalar);
                }
            }
        }
        if quote == b'\'' && self.byte_at(self.at + 1) == b'\'' {
            self.at = start;
            return self.scanned(Scanner::flow_scalar);
        }
        let text = Cow::Borrowed(&self.text[start + 1..self.at]);
        self.at += 1;
        Some(Found { text, is_plain: false, start, end: self.at })
    }

    /// A scalar that is read as in general.
    pub(super) fn scanned(&mut self, scan: fn(&mut Scanner<'t>) -> scan::Result<()>) -> Option<Found<'t>> {
        let indent = self.frames.last().map_or(-1, |frame| frame.column as i32);
        let scanner = self.scanner.get_or_insert_with(|| Scanner::new(self.text));
        let start = self.at;
        let (text, end) = scanner.scalar_at(start, self.line, indent, scan).ok()?;
        (self.at, self.line) = scanner.place();
        let offset = self.offset;
        let moved = |comment: Span| Span { start: comment.start + offset, end: comment.end + offset };
        self.comments.extend(scanner.take_comments().map(moved));
        Some(Found { text, is_plain: false, start, end })
    }
}
