//! Text to tokens.
//!
//! The rules are those of libyaml's scanner as go-yaml has them (spec sheet, section 1): indentation
//! becomes start and end tokens, and a `:` turns what stood before it into a key after the fact. Every
//! byte is looked at a bounded number of times, nothing recurses.

mod indicators;
mod scalars;
mod tags;

use super::error::{Error, Stage};
use crate::source::Span;
use std::borrow::Cow;
use std::collections::VecDeque;

/// Levels of flow collections, and of block indentation, at which Helm gives up.
const MAX_DEPTH: usize = 10_000;
/// Characters within which the `:` of a key without `?` must follow.
const MAX_KEY: u32 = 1024;

/// Bytes that neither end a line nor begin what may end one.
static LINE: [bool; 256] = all_but(b"\0\n\r\xc2\xe2");
/// Bytes that mean nothing of their own in a plain scalar.
static PLAIN: [bool; 256] = all_but(b"\0 \t\n\r:,?[]{}\xc2\xe2");

/// The class of all bytes but these.
pub(super) const fn all_but(bytes: &[u8]) -> [bool; 256] {
    let mut class = [true; 256];
    let mut at = 0;
    while at < bytes.len() {
        class[bytes[at] as usize] = false;
        at += 1;
    }
    class
}

/// A place while scanning.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Mark {
    /// Offset in bytes.
    pub at: u32,
    /// Line from 0, as libyaml counts: U+0085, U+2028, U+2029 and a lone CR end lines too.
    pub line: u32,
    /// Column from 0 in characters.
    pub column: u32,
}

/// How a scalar was written, as far as its meaning depends on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Style {
    /// Without quotes: may be a number, a boolean, ….
    Plain,
    /// In quotes or as a block: a string.
    Quoted,
}

/// What the text consists of.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Token<'t> {
    /// End of the text.
    StreamEnd,
    /// `%YAML major.minor`.
    VersionDirective(u32, u32),
    /// `%TAG handle prefix`.
    TagDirective(&'t str, Cow<'t, str>),
    /// `---`.
    DocumentStart,
    /// `...`.
    DocumentEnd,
    /// The indentation of a block sequence begins.
    BlockSequenceStart,
    /// The indentation of a block mapping begins.
    BlockMappingStart,
    /// The indentation of a block collection ends.
    BlockEnd,
    /// `[`.
    FlowSequenceStart,
    /// `]`.
    FlowSequenceEnd,
    /// `{`.
    FlowMappingStart,
    /// `}`.
    FlowMappingEnd,
    /// `-`.
    BlockEntry,
    /// `,`.
    FlowEntry,
    /// `?`, or the start of what turned out to be a key.
    Key,
    /// `:`.
    Value,
    /// `*name`.
    Alias(&'t str),
    /// `&name`.
    Anchor(&'t str),
    /// `handle` and suffix; the tag `!` has no handle.
    Tag(&'t str, Cow<'t, str>),
    /// A scalar with its escapes and folding resolved.
    Scalar(Cow<'t, str>, Style),
}

/// A token with its place.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Lexeme<'t> {
    pub token: Token<'t>,
    pub start: Mark,
    /// Offset one past the last byte.
    pub end: u32,
}

/// Something that becomes a key if a `:` follows. There is one slot for each flow level.
#[derive(Clone, Copy, Debug, Default)]
struct SimpleKey {
    possible: bool,
    /// Nothing but a key can stand here, so a missing `:` is an error.
    required: bool,
    /// Number of the token that the key would begin with, counted from the start of the text.
    token: usize,
    mark: Mark,
}

/// The scanner; [`Scanner::peek`] and [`Scanner::next`] hand out tokens.
pub(super) struct Scanner<'t> {
    text: &'t str,
    bytes: &'t [u8],
    at: usize,
    line: u32,
    /// Offset at which the current line starts.
    line_start: usize,
    /// Bytes of the current line before `counted` that start no character.
    inner_bytes: usize,
    counted: usize,
    /// Whether the text is ASCII, so that columns are bytes.
    ascii: bool,
    queue: VecDeque<Lexeme<'t>>,
    /// Number of tokens handed out.
    taken: usize,
    /// Whether the token at the head of the queue is final.
    ready: bool,
    /// Column of the current block collection; -1 outside of any.
    indent: i32,
    indents: Vec<i32>,
    /// Whether a key may start here.
    key_allowed: bool,
    keys: Vec<SimpleKey>,
    /// Levels whose key can still take the token at its place, outermost first.
    pending: VecDeque<usize>,
    comments: Vec<Span>,
    /// Where bytes begin that are not looked at before the text's error is raised, and that error.
    unreadable: Option<(usize, Error)>,
}

pub(super) type Result<T> = std::result::Result<T, Error>;

impl<'t> Scanner<'t> {
    /// A scanner of a text; spans are offsets in it.
    pub fn new(text: &'t str) -> Self {
        let start = if text.starts_with('\u{feff}') { 3 } else { 0 };
        Self {
            text,
            bytes: text.as_bytes(),
            at: start,
            line: 0,
            line_start: start,
            inner_bytes: 0,
            counted: start,
            ascii: text.is_ascii(),
            queue: VecDeque::with_capacity(16),
            taken: 0,
            ready: false,
            indent: -1,
            indents: Vec::new(),
            key_allowed: true,
            keys: vec![SimpleKey::default()],
            pending: VecDeque::new(),
            comments: Vec::new(),
            unreadable: unreadable(text),
        }
    }

    /// The next token without taking it.
    #[inline]
    pub fn peek(&mut self) -> Result<&Lexeme<'t>> {
        if !self.ready {
            self.prepare()?;
        }
        Ok(self.queue.front().expect("fill leaves a token at the head"))
    }

    /// Makes sure of the token at the head of the queue. Kept apart from [`Scanner::peek`], which is asked
    /// several times for each token.
    #[inline(never)]
    fn prepare(&mut self) -> Result<()> {
        self.fill().map_err(|error| self.first_error(error))?;
        if let Some((from, error)) = &self.unreadable
            && self.at >= *from
        {
            return Err(error.clone());
        }
        self.ready = true;
        Ok(())
    }

    /// Takes the next token.
    pub fn next(&mut self) -> Result<Lexeme<'t>> {
        self.peek()?;
        self.ready = false;
        self.taken += 1;
        Ok(self.queue.pop_front().expect("peek leaves a token at the head"))
    }

    /// The comments seen so far, without their line breaks.
    pub fn into_comments(self) -> Vec<Span> {
        self.comments
    }

    /// Scans a quoted or block scalar: its text and where it ends. It stands at `at`, in the line that starts
    /// at `line` and in a block collection of the column `indent`.
    pub fn scalar_at(
        &mut self,
        at: usize,
        line: usize,
        indent: i32,
        scan: fn(&mut Self) -> Result<()>,
    ) -> Result<(Cow<'t, str>, usize)> {
        (self.at, self.line_start, self.counted, self.inner_bytes) = (at, line, line, 0);
        self.indent = indent;
        self.key_allowed = false;
        scan(self)?;
        match self.queue.pop_front() {
            Some(Lexeme { token: Token::Scalar(text, _), end, .. }) => Ok((text, end as usize)),
            _ => unreachable!("such a scalar is one token"),
        }
    }

    /// Where scanning goes on, and where the line of that starts.
    pub fn place(&self) -> (usize, usize) {
        (self.at, self.line_start)
    }

    /// The comments seen since they were asked for.
    pub fn take_comments(&mut self) -> impl Iterator<Item = Span> {
        self.comments.drain(..)
    }

    /// Reading is ahead of scanning: unreadable characters win over errors shortly before them.
    fn first_error(&self, error: Error) -> Error {
        match &self.unreadable {
            Some((from, unreadable)) if self.at + 4 > *from => unreadable.clone(),
            _ => error,
        }
    }

    /// Scans until the token at the head of the queue can't become a key any more.
    fn fill(&mut self) -> Result<()> {
        loop {
            if !self.queue.is_empty() {
                match self.pending.front() {
                    Some(&level) if self.keys[level].token == self.taken => {
                        if !self.key_holds(level)? {
                            self.pending.pop_front();
                            return Ok(());
                        }
                    }
                    _ => return Ok(()),
                }
            }
            self.fetch()?;
        }
    }

    fn fetch(&mut self) -> Result<()> {
        self.skip_to_token();
        let column = self.column();
        self.unroll(column as i32);
        let first = self.byte(0);
        if self.at >= self.bytes.len() || first == 0 {
            return self.stream_end();
        }
        if column == 0 {
            match first {
                b'%' => return self.directive(),
                b'-' if self.document_indicator() => return self.document_marker(Token::DocumentStart),
                b'.' if self.document_indicator() => return self.document_marker(Token::DocumentEnd),
                _ => {}
            }
        }
        let flow = self.in_flow();
        match first {
            b'[' => self.flow_start(Token::FlowSequenceStart),
            b'{' => self.flow_start(Token::FlowMappingStart),
            b']' => self.flow_end(Token::FlowSequenceEnd),
            b'}' => self.flow_end(Token::FlowMappingEnd),
            b',' => self.flow_entry(),
            b'-' if self.blank_or_end(1) => self.block_entry(),
            b'?' if flow || self.blank_or_end(1) => self.key(),
            b':' if flow || self.blank_or_end(1) => self.value(),
            b'*' | b'&' => self.anchor(),
            b'!' => self.tag(),
            b'|' | b'>' if !flow => self.block_scalar(),
            b'\'' | b'"' => self.flow_scalar(),
            b'|' | b'>' | b'%' | b'@' | b'`' | b'\t' => Err(self.cannot_start()),
            _ => self.plain_scalar(),
        }
    }

    fn cannot_start(&self) -> Error {
        let mut error = self.error("found character that cannot start any token");
        error.span = Span::new(self.at, self.at + 1);
        error.context = None;
        error.hint = match self.byte(0) {
            b'\t' => Some("indent with spaces: YAML allows no tab here"),
            b'@' | b'`' => Some("put the text in quotes: no plain text may start with this character"),
            b'%' => Some("put the text in quotes: no plain text may start with %"),
            _ => None,
        };
        error
    }

    // Reading.

    /// The byte `ahead` of the current place; 0 past the end.
    #[inline]
    fn byte(&self, ahead: usize) -> u8 {
        self.bytes.get(self.at + ahead).copied().unwrap_or(0)
    }

    /// Passes bytes of a class.
    #[inline]
    fn pass(&mut self, class: &[bool; 256]) {
        let rest = &self.bytes[self.at..];
        self.at += rest.iter().position(|&byte| !class[usize::from(byte)]).unwrap_or(rest.len());
    }

    /// Passes what stands up to a line break or the end.
    fn pass_line(&mut self) {
        self.pass(&LINE);
        while !self.break_or_end() {
            self.at += 1;
            self.pass(&LINE);
        }
    }

    #[inline]
    fn in_flow(&self) -> bool {
        self.keys.len() > 1
    }

    #[inline]
    fn blank(&self) -> bool {
        matches!(self.byte(0), b' ' | b'\t')
    }

    /// Length of the line break at an offset; 0 if there is none.
    #[inline]
    fn break_length(&self, at: usize) -> usize {
        let byte = |ahead: usize| self.bytes.get(at + ahead).copied().unwrap_or(0);
        match byte(0) {
            b'\n' => 1,
            b'\r' => 1 + usize::from(byte(1) == b'\n'),
            0xc2 if byte(1) == 0x85 => 2,
            0xe2 if byte(1) == 0x80 && matches!(byte(2), 0xa8 | 0xa9) => 3,
            _ => 0,
        }
    }

    /// Whether a blank, a line break or the end of the text is `ahead` of the current place.
    #[inline]
    fn blank_or_end(&self, ahead: usize) -> bool {
        match self.byte(ahead) {
            0 | b' ' | b'\t' | b'\n' | b'\r' => true,
            0xc2 | 0xe2 => self.break_length(self.at + ahead) > 0,
            _ => false,
        }
    }

    #[inline]
    fn break_or_end(&self) -> bool {
        match self.byte(0) {
            0 | b'\n' | b'\r' => true,
            0xc2 | 0xe2 => self.break_length(self.at) > 0,
            _ => false,
        }
    }

    /// Takes a line break, if there is one, and gives what it stands for.
    fn line_break(&mut self) -> Option<&'static str> {
        let length = self.break_length(self.at);
        if length == 0 {
            return None;
        }
        let meaning = match (length, self.byte(2)) {
            (3, 0xa8) => "\u{2028}",
            (3, _) => "\u{2029}",
            _ => "\n",
        };
        self.at += length;
        self.line += 1;
        self.line_start = self.at;
        self.counted = self.at;
        self.inner_bytes = 0;
        Some(meaning)
    }

    /// Whether `---` or `...` stands here, with a blank or the end behind it. The caller knows that
    /// the line starts here.
    fn document_indicator(&self) -> bool {
        let rest = &self.bytes[self.at..];
        (rest.starts_with(b"---") || rest.starts_with(b"...")) && self.blank_or_end(3)
    }

    /// Column in characters. Each byte of a line is counted once.
    fn column(&mut self) -> u32 {
        if !self.ascii && self.counted < self.at {
            let new = &self.bytes[self.counted..self.at];
            self.inner_bytes += new.iter().filter(|&&byte| byte & 0xc0 == 0x80).count();
            self.counted = self.at;
        }
        (self.at - self.line_start - self.inner_bytes) as u32
    }

    fn mark(&mut self) -> Mark {
        Mark { at: self.at as u32, line: self.line, column: self.column() }
    }

    /// Passes over blanks, comments and line breaks.
    fn skip_to_token(&mut self) {
        loop {
            let tabs = self.in_flow() || !self.key_allowed;
            while self.byte(0) == b' ' || (tabs && self.byte(0) == b'\t') {
                self.at += 1;
            }
            if self.byte(0) == b'#' {
                self.comment();
            }
            if self.line_break().is_none() {
                return;
            }
            if !self.in_flow() {
                self.key_allowed = true;
            }
        }
    }

    fn comment(&mut self) {
        let start = self.at;
        self.pass_line();
        self.comments.push(Span::new(start, self.at));
    }

    // Tokens.

    fn push(&mut self, token: Token<'t>, start: Mark) {
        let end = self.at as u32;
        self.queue.push_back(Lexeme { token, start, end });
    }

    /// Puts an empty token before the one with the given number; behind all, if that one is gone.
    fn insert(&mut self, number: usize, token: Token<'t>, mark: Mark) {
        let lexeme = Lexeme { token, start: mark, end: mark.at };
        match number.checked_sub(self.taken) {
            Some(place) if place < self.queue.len() => self.queue.insert(place, lexeme),
            _ => self.queue.push_back(lexeme),
        }
    }

    fn next_number(&self) -> usize {
        self.taken + self.queue.len()
    }

    // Errors.

    /// A scanner error at the current place.
    fn error(&self, problem: &'static str) -> Error {
        let mut error = Error::new("yaml-syntax", Stage::Converting, problem, Span::at(self.at));
        // The scanner names the line before the one at fault, counted from 0.
        error.line = if self.line > 0 { self.line + 1 } else { 0 };
        error
    }

    /// A scanner error at the current place, about something that began earlier.
    fn error_in(&self, context: &'static str, start: Mark, problem: &'static str) -> Error {
        let mut error = self.error(problem);
        if error.line == 0 {
            error.line = start.line;
        }
        error.context = Some((Span::new(start.at as usize, self.at), context));
        error
    }
}

/// Whether a text holds no character that YAML forbids.
pub(super) fn is_readable(text: &str) -> bool {
    unreadable(text).is_none()
}

/// The first character that YAML forbids, as the error that it raises and the place from which on it is
/// raised: text is read 512 bytes at a time and refused before any of these are scanned.
fn unreadable(text: &str) -> Option<(usize, Error)> {
    const BLOCK: usize = 512;
    let bytes = text.as_bytes();
    let next = |at: usize| bytes.get(at).copied().unwrap_or(0);
    let forbidden = |&at: &usize| match bytes[at] {
        b'\t' | b'\n' | b'\r' => false,
        0..=0x1f | 0x7f => true,
        0xc2 => (0x80..=0x9f).contains(&next(at + 1)) && next(at + 1) != 0x85,
        0xef => next(at + 1) == 0xbf && matches!(next(at + 2), 0xbe | 0xbf),
        _ => false,
    };
    // Most texts hold nothing to look at twice, which is found out many bytes at a time.
    let special = |byte: u8| !matches!(byte, b' '..0x7f | b'\t' | b'\n' | b'\r');
    let suspect = |chunk: &[u8]| chunk.iter().fold(false, |found, &byte| found | special(byte));
    let start = bytes.chunks(64).position(suspect)? * 64;
    let at = (start..bytes.len()).find(forbidden)?;
    let length = text[at..].chars().next().map_or(1, char::len_utf8);
    let mut error = Error::new(
        "yaml-character",
        Stage::Converting,
        "control characters are not allowed",
        Span::new(at, at + length),
    );
    error.hint = Some("remove the invisible character, or write it as an escape in double quotes");
    Some((at - at % BLOCK, error))
}
