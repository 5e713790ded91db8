//! Tokens to a tree of what was written.
//!
//! The grammar is libyaml's with its lenient corners (spec sheet, section 1). The tree is one vector in
//! reading order, in which each collection knows where it ends; scalars are not typed yet and aliases
//! not followed. Nothing recurses: collections that are still open are frames on a stack.

use super::error::{Error, Stage};
use super::hints::hint;
use super::scan::{Lexeme, Mark, Scanner, Style, Token};
use crate::source::Span;
use std::borrow::Cow;
use std::collections::HashMap;

/// What a tag says about a scalar. Tags of collections say nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tag {
    /// No tag.
    None,
    Null,
    Bool,
    Int,
    Float,
    String,
    Binary,
    Timestamp,
    Merge,
    /// The tag `!`.
    NonSpecific,
    /// Any other tag.
    Other,
}

/// A node as it was written.
#[derive(Debug)]
pub(super) struct Written<'t> {
    /// The bytes of the value without anchor and tag.
    pub span: Span,
    pub tag: Tag,
    /// Whether an anchor names it.
    pub anchored: bool,
    pub content: Content<'t>,
}

#[derive(Debug)]
pub(super) enum Content<'t> {
    Scalar(Cow<'t, str>, Style),
    /// A sequence; its items follow, up to the given index.
    Sequence(usize),
    /// A mapping; its keys and values follow in turn, up to the given index.
    Mapping(usize),
    /// The node at the given index once more, and the name that was used.
    Alias(usize, &'t str),
}

/// The first document of a text.
pub(super) struct Composed<'t> {
    /// The nodes in reading order; none for an empty text.
    pub nodes: Vec<Written<'t>>,
    /// Every comment in it.
    pub comments: Vec<Span>,
}

/// Kinds of collections while they are read.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Shape {
    BlockSequence,
    /// A block sequence at the column of the key above it.
    IndentlessSequence,
    BlockMapping,
    FlowSequence,
    FlowMapping,
    /// `key: value` as an item of a flow sequence.
    FlowPair,
}

/// What may come next in a collection.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Next {
    /// The first item or key.
    First,
    /// A further item or key.
    More,
    /// A value.
    Value,
    /// The value of a flow key that had no `?`, so that there is none.
    NoValue,
}

struct Frame {
    shape: Shape,
    next: Next,
    /// Index of the collection's node.
    node: usize,
    start: Mark,
}

struct Composer<'t> {
    scanner: Scanner<'t>,
    nodes: Vec<Written<'t>>,
    anchors: HashMap<&'t str, usize>,
    handles: Vec<(&'t str, Cow<'t, str>)>,
    frames: Vec<Frame>,
}

type Result<T> = std::result::Result<T, Error>;

/// Reads the first document of a text.
pub(super) fn compose(text: &str) -> Result<Composed<'_>> {
    // About what files of values come to; more room than this is made when it is needed.
    let nodes = (text.len() / 12).min(4096);
    let mut composer = Composer {
        scanner: Scanner::new(text),
        nodes: Vec::with_capacity(nodes),
        anchors: HashMap::new(),
        handles: Vec::new(),
        frames: Vec::new(),
    };
    composer.document()?;
    Ok(Composed { nodes: composer.nodes, comments: composer.scanner.into_comments() })
}

impl<'t> Composer<'t> {
    fn document(&mut self) -> Result<()> {
        let first = self.scanner.peek()?;
        match first.token {
            Token::StreamEnd => return Ok(()),
            Token::VersionDirective(..) | Token::TagDirective(..) | Token::DocumentStart => {
                self.directives()?;
                if self.scanner.peek()?.token != Token::DocumentStart {
                    return self.fail(None, "did not find expected <document start>");
                }
                self.scanner.next()?;
                let empty = matches!(
                    self.scanner.peek()?.token,
                    Token::VersionDirective(..)
                        | Token::TagDirective(..)
                        | Token::DocumentStart
                        | Token::DocumentEnd
                        | Token::StreamEnd
                );
                if empty {
                    let at = self.scanner.peek()?.start.at;
                    self.empty(at);
                } else {
                    self.node(true, false)?;
                }
            }
            _ => self.node(true, false)?,
        }
        while let Some(frame) = self.frames.last() {
            match frame.shape {
                Shape::BlockSequence | Shape::IndentlessSequence => self.block_sequence()?,
                Shape::BlockMapping => self.block_mapping()?,
                Shape::FlowSequence => self.flow_sequence()?,
                Shape::FlowMapping => self.flow_mapping()?,
                Shape::FlowPair => self.flow_pair()?,
            }
        }
        // The end of the document is looked at; what follows it is not.
        self.scanner.peek()?;
        Ok(())
    }

    fn directives(&mut self) -> Result<()> {
        let mut version = false;
        loop {
            match self.scanner.peek()?.token.clone() {
                Token::VersionDirective(major, minor) => {
                    if version {
                        return self.fail(None, "found duplicate %YAML directive");
                    }
                    if (major, minor) != (1, 1) {
                        return self.fail(None, "found incompatible YAML document");
                    }
                    version = true;
                }
                Token::TagDirective(handle, prefix) => {
                    if self.handles.iter().any(|(known, _)| *known == handle) {
                        return self.fail(None, "found duplicate %TAG directive");
                    }
                    self.handles.push((handle, prefix));
                }
                _ => return Ok(()),
            }
            self.scanner.next()?;
        }
    }

    // Collections. Each of these takes one step in the innermost open collection.

    fn block_sequence(&mut self) -> Result<()> {
        let frame = self.frame();
        let (shape, start) = (frame.shape, frame.start);
        let ends_item = |token: &Token| match token {
            Token::BlockEntry | Token::BlockEnd => true,
            Token::Key | Token::Value => shape == Shape::IndentlessSequence,
            _ => false,
        };
        match self.scanner.peek()?.token {
            Token::BlockEntry => {
                let entry = self.scanner.next()?;
                self.extend(entry.end);
                if ends_item(&self.scanner.peek()?.token) {
                    self.empty(entry.end);
                } else {
                    self.node(true, false)?;
                }
                Ok(())
            }
            _ if shape == Shape::IndentlessSequence => {
                self.close(None);
                Ok(())
            }
            Token::BlockEnd => {
                self.scanner.next()?;
                self.close(None);
                Ok(())
            }
            _ => self.fail(
                Some(("while parsing a block collection", start)),
                "did not find expected '-' indicator",
            ),
        }
    }

    fn block_mapping(&mut self) -> Result<()> {
        let frame = self.frame();
        let (next, start) = (frame.next, frame.start);
        let token = &self.scanner.peek()?.token;
        match (next, token) {
            (Next::Value, Token::Value) | (Next::First | Next::More, Token::Key) => {
                let indicator = self.scanner.next()?;
                self.frame().next = if next == Next::Value { Next::More } else { Next::Value };
                match self.scanner.peek()?.token {
                    Token::Key | Token::Value | Token::BlockEnd => self.empty(indicator.end),
                    _ => self.node(true, true)?,
                }
                Ok(())
            }
            (Next::Value | Next::NoValue, _) => {
                let at = self.last_end();
                self.frame().next = Next::More;
                self.empty(at);
                Ok(())
            }
            (_, Token::BlockEnd) => {
                self.scanner.next()?;
                self.close(None);
                Ok(())
            }
            _ => self.fail(Some(("while parsing a block mapping", start)), "did not find expected key"),
        }
    }

    fn flow_sequence(&mut self) -> Result<()> {
        let frame = self.frame();
        let (first, start) = (frame.next == Next::First, frame.start);
        frame.next = Next::More;
        if first {
            self.scanner.next()?;
        }
        let mut token = &self.scanner.peek()?.token;
        if !first && *token != Token::FlowSequenceEnd {
            if *token != Token::FlowEntry {
                let context = Some(("while parsing a flow sequence", start));
                return self.fail(context, "did not find expected ',' or ']'");
            }
            self.scanner.next()?;
            token = &self.scanner.peek()?.token;
        }
        match token {
            Token::FlowSequenceEnd => {
                let end = self.scanner.next()?.end;
                self.close(Some(end));
                Ok(())
            }
            Token::Key => {
                let key = self.scanner.next()?;
                self.open(Shape::FlowPair, Tag::None, false, key.start);
                Ok(())
            }
            _ => self.node(false, false),
        }
    }

    fn flow_pair(&mut self) -> Result<()> {
        let frame = self.frame();
        match frame.next {
            Next::First => {
                frame.next = Next::Value;
                match self.scanner.peek()?.token {
                    Token::Value | Token::FlowEntry | Token::FlowSequenceEnd => {
                        // libyaml loses this token.
                        let end = self.scanner.next()?.end;
                        self.empty(end);
                        Ok(())
                    }
                    _ => self.node(false, false),
                }
            }
            Next::Value => {
                frame.next = Next::More;
                if self.scanner.peek()?.token != Token::Value {
                    let at = self.last_end();
                    self.empty(at);
                    return Ok(());
                }
                let end = self.scanner.next()?.end;
                match self.scanner.peek()?.token {
                    Token::FlowEntry | Token::FlowSequenceEnd => {
                        self.empty(end);
                        Ok(())
                    }
                    _ => self.node(false, false),
                }
            }
            Next::More | Next::NoValue => {
                self.close(None);
                Ok(())
            }
        }
    }

    fn flow_mapping(&mut self) -> Result<()> {
        let frame = self.frame();
        let (next, start) = (frame.next, frame.start);
        if matches!(next, Next::Value | Next::NoValue) {
            return self.flow_value(next);
        }
        if next == Next::First {
            self.scanner.next()?;
        }
        let mut token = &self.scanner.peek()?.token;
        if next == Next::More && *token != Token::FlowMappingEnd {
            if *token != Token::FlowEntry {
                let context = Some(("while parsing a flow mapping", start));
                return self.fail(context, "did not find expected ',' or '}'");
            }
            self.scanner.next()?;
            token = &self.scanner.peek()?.token;
        }
        match token {
            Token::FlowMappingEnd => {
                let end = self.scanner.next()?.end;
                self.close(Some(end));
                Ok(())
            }
            Token::Key => {
                self.frame().next = Next::Value;
                let end = self.scanner.next()?.end;
                match self.scanner.peek()?.token {
                    Token::Value | Token::FlowEntry | Token::FlowMappingEnd => {
                        self.empty(end);
                        Ok(())
                    }
                    _ => self.node(false, false),
                }
            }
            _ => {
                self.frame().next = Next::NoValue;
                self.node(false, false)
            }
        }
    }

    fn flow_value(&mut self, next: Next) -> Result<()> {
        self.frame().next = Next::More;
        let mut at = self.last_end();
        if next == Next::Value && self.scanner.peek()?.token == Token::Value {
            at = self.scanner.next()?.end;
            if !matches!(self.scanner.peek()?.token, Token::FlowEntry | Token::FlowMappingEnd) {
                return self.node(false, false);
            }
        } else if next == Next::NoValue {
            self.scanner.peek()?;
        }
        self.empty(at);
        Ok(())
    }

    // Nodes.

    /// Reads a scalar or alias, or opens a collection. `block`: block collections may start here;
    /// `indentless`: also a sequence that is not indented.
    fn node(&mut self, block: bool, indentless: bool) -> Result<()> {
        let &Lexeme { ref token, start, .. } = self.scanner.peek()?;
        let (anchor, tag, properties_end) = match *token {
            Token::Alias(name) => return self.alias(name),
            Token::Anchor(_) | Token::Tag(..) => self.properties()?,
            _ => (None, Tag::None, 0),
        };
        let anchored = anchor.is_some();
        if let Some(name) = anchor {
            self.anchors.insert(name, self.nodes.len());
        }
        let token = self.scanner.peek()?;
        let at = token.start;
        let shape = match token.token {
            Token::Scalar(..) => {
                let Lexeme { token: Token::Scalar(text, style), start, end } = self.scanner.next()? else {
                    unreachable!("the token just seen is a scalar")
                };
                let span = Span { start: start.at, end };
                self.nodes.push(Written { span, tag, anchored, content: Content::Scalar(text, style) });
                self.extend(end);
                return Ok(());
            }
            Token::BlockEntry if indentless => Shape::IndentlessSequence,
            Token::FlowSequenceStart => Shape::FlowSequence,
            Token::FlowMappingStart => Shape::FlowMapping,
            Token::BlockSequenceStart if block => Shape::BlockSequence,
            Token::BlockMappingStart if block => Shape::BlockMapping,
            _ if anchored || tag != Tag::None => {
                let content = Content::Scalar(Cow::Borrowed(""), Style::Plain);
                let span = Span { start: properties_end, end: properties_end };
                self.nodes.push(Written { span, tag, anchored, content });
                return Ok(());
            }
            _ => {
                let context = if block { "while parsing a block node" } else { "while parsing a flow node" };
                return self.fail(Some((context, start)), "did not find expected node content");
            }
        };
        if matches!(shape, Shape::BlockSequence | Shape::BlockMapping) {
            self.scanner.next()?;
        }
        self.open(shape, tag, anchored, at);
        Ok(())
    }

    fn alias(&mut self, name: &'t str) -> Result<()> {
        let Lexeme { start, end, .. } = self.scanner.next()?;
        let span = Span { start: start.at, end };
        let Some(&target) = self.anchors.get(name) else {
            let problem = format!("unknown anchor '{name}' referenced");
            let mut error = Error::new("yaml-anchor", Stage::Converting, problem, span);
            error.hint = Some(
                "an anchor has to be set with & earlier in the same document; put a text that starts with * in quotes",
            );
            return Err(error);
        };
        self.nodes.push(Written {
            span,
            tag: Tag::None,
            anchored: false,
            content: Content::Alias(target, name),
        });
        self.extend(end);
        Ok(())
    }

    /// Anchor and tag in either order, one of each, and where they end.
    fn properties(&mut self) -> Result<(Option<&'t str>, Tag, u32)> {
        let mut properties_end = 0;
        let mut anchor = None;
        let mut tag = None;
        let start = self.scanner.peek()?.start;
        loop {
            match self.scanner.peek()?.token {
                Token::Anchor(name) if anchor.is_none() => {
                    anchor = Some(name);
                    properties_end = self.scanner.next()?.end;
                }
                Token::Tag(..) if tag.is_none() => {
                    let lexeme = self.scanner.next()?;
                    properties_end = lexeme.end;
                    tag = Some(lexeme);
                }
                _ => break,
            }
        }
        let Some(Lexeme { token: Token::Tag(handle, suffix), start: at, end }) = tag else {
            return Ok((anchor, Tag::None, properties_end));
        };
        self.tag(handle, &suffix).map(|tag| (anchor, tag, properties_end)).ok_or_else(|| {
            let problem = "found undefined tag handle";
            let mut error = Error::new("yaml-syntax", Stage::Converting, problem, Span { start: at.at, end });
            error.line = if at.line > 0 { at.line } else { start.line };
            error.hint = Some("put a text that starts with ! in quotes: it would be a tag");
            error
        })
    }

    /// The meaning of a tag; `None` if its handle is not defined.
    fn tag(&self, handle: &str, suffix: &str) -> Option<Tag> {
        let full = if handle.is_empty() {
            Cow::Borrowed(suffix)
        } else {
            let defined =
                self.handles.iter().find(|(known, _)| *known == handle).map(|(_, prefix)| &**prefix);
            let prefix = defined.or(match handle {
                "!" => Some("!"),
                "!!" => Some("tag:yaml.org,2002:"),
                _ => None,
            })?;
            Cow::Owned(format!("{prefix}{suffix}"))
        };
        if full.is_empty() {
            return Some(Tag::None);
        }
        Some(match full.strip_prefix("tag:yaml.org,2002:") {
            _ if full == "!" => Tag::NonSpecific,
            Some("null") => Tag::Null,
            Some("bool") => Tag::Bool,
            Some("int") => Tag::Int,
            Some("float") => Tag::Float,
            Some("str") => Tag::String,
            Some("binary") => Tag::Binary,
            Some("timestamp") => Tag::Timestamp,
            Some("merge") => Tag::Merge,
            _ => Tag::Other,
        })
    }

    /// Nothing, where a value could be.
    fn empty(&mut self, at: u32) {
        self.nodes.push(Written {
            span: Span { start: at, end: at },
            tag: Tag::None,
            anchored: false,
            content: Content::Scalar(Cow::Borrowed(""), Style::Plain),
        });
    }

    // Frames.

    fn frame(&mut self) -> &mut Frame {
        self.frames.last_mut().expect("steps are taken only in an open collection")
    }

    fn open(&mut self, shape: Shape, tag: Tag, anchored: bool, start: Mark) {
        let content = match shape {
            Shape::BlockSequence | Shape::IndentlessSequence | Shape::FlowSequence => Content::Sequence(0),
            Shape::BlockMapping | Shape::FlowMapping | Shape::FlowPair => Content::Mapping(0),
        };
        self.frames.push(Frame { shape, next: Next::First, node: self.nodes.len(), start });
        self.nodes.push(Written { span: Span { start: start.at, end: start.at }, tag, anchored, content });
    }

    /// The innermost collection reaches at least up to `end`.
    fn extend(&mut self, end: u32) {
        if let Some(frame) = self.frames.last() {
            let span = &mut self.nodes[frame.node].span;
            span.end = span.end.max(end);
        }
    }

    /// Ends the innermost collection, with its bracket if it has one.
    fn close(&mut self, bracket: Option<u32>) {
        let frame = self.frames.pop().expect("only an open collection is closed");
        let after = self.nodes.len();
        let node = &mut self.nodes[frame.node];
        if let Content::Sequence(end) | Content::Mapping(end) = &mut node.content {
            *end = after;
        }
        if let Some(bracket) = bracket {
            node.span.end = bracket;
        }
        let end = node.span.end;
        self.extend(end);
    }

    /// Where the innermost collection ends so far.
    fn last_end(&self) -> u32 {
        self.frames.last().map_or(0, |frame| self.nodes[frame.node].span.end)
    }

    /// A parser error at the next token.
    fn fail<T>(&mut self, context: Option<(&'static str, Mark)>, problem: &'static str) -> Result<T> {
        let Lexeme { start, end, token } = self.scanner.peek()?;
        let mut error =
            Error::new("yaml-syntax", Stage::Converting, problem, Span { start: start.at, end: *end });
        // libyaml counts lines from 0; only scanner errors are corrected.
        error.line = start.line;
        error.hint = hint(problem, token);
        if let Some((message, began)) = context {
            if error.line == 0 {
                error.line = began.line;
            }
            error.context = Some((Span::at(began.at as usize), message));
        }
        Err(error)
    }
}
