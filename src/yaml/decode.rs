//! What was written to what it means: typed scalars, keys as strings, merge keys, aliases.
//!
//! The rules are go-yaml's and those of the way through JSON that sigs.k8s.io/yaml takes (spec sheet,
//! sections 2 and 3). An alias shares the tree of its anchor, so that decoding takes time and memory in
//! the size of the text; what go-yaml would have decoded again is counted for its budget.

use super::build::Builder;
use super::compose::{Content, Tag, Written};
use super::error::{Error, Stage};
use super::go_syntax::go_syntax;
use super::resolve::{Scalar, resolve};
use super::scan::Style;
use super::{Entry, Kind, Node};
use crate::source::Span;
use std::collections::HashMap;
use std::sync::Arc;

/// The depth that Go's JSON reader accepts.
pub(super) const MAX_DEPTH: u32 = 10_000;

/// A decoded tree with what is left to check about it.
pub(super) struct Decoded {
    pub root: Node,
    /// Whether it holds, or once held, a NaN or an infinity, which JSON does not have.
    pub infinite: bool,
    /// Whether it is, or once was, too deep for JSON.
    pub deep: bool,
    /// Keys that are given twice in one mapping: the lost one and the one that holds.
    pub duplicates: Vec<(Span, Span)>,
}

/// What an anchor names.
struct Anchored {
    node: Node,
    /// How many nodes decoding it again would have decoded.
    size: u64,
    height: u32,
}

/// What the next node of a mapping is.
enum Role {
    Key,
    /// The value of a key.
    Value(Arc<str>, Span),
    /// The value of `<<`, which stands there.
    Merge(Span),
}

/// A collection that is being decoded.
struct Frame {
    /// Index of its written node.
    written: usize,
    /// Index past its last written descendant.
    end: usize,
    /// Where its items or entries begin in the decoder's stacks.
    base: usize,
    /// Nodes decoded before it.
    decoded: u64,
    height: u32,
    mapping: bool,
    role: Role,
    /// For the list of a `<<`: the items that are still to be decoded. go-yaml begins with the last one,
    /// and of several errors tells the first that it meets.
    pending: Option<Vec<usize>>,
}

struct Decoder<'t> {
    written: &'t [Written<'t>],
    at: usize,
    frames: Vec<Frame>,
    builder: Builder,
    anchors: HashMap<usize, Anchored>,
    /// Nodes decoded, those inside aliases included.
    decoded: u64,
    /// Nodes decoded inside aliases.
    aliased: u64,
    deep: bool,
}

type Result<T> = std::result::Result<T, Error>;

/// Gives the nodes of a document their meaning.
pub(super) fn decode(written: &[Written<'_>]) -> Result<Decoded> {
    let mut decoder = Decoder {
        written,
        at: 0,
        frames: Vec::new(),
        builder: Builder::new(written.len() / 2),
        anchors: HashMap::new(),
        // The document counts too.
        decoded: 1,
        aliased: 0,
        deep: false,
    };
    let root = decoder.root()?;
    if let Some(key) = &decoder.builder.unsupported
        && let Some(span) = first_entry(&root, key)
    {
        return Err(unsupported_key(written, span));
    }
    let Decoder { builder: Builder { infinite, duplicates, .. }, deep, .. } = decoder;
    Ok(Decoded { root, infinite, deep, duplicates })
}

impl Decoder<'_> {
    fn root(&mut self) -> Result<Node> {
        if self.written.is_empty() {
            return Ok(Node { span: Span::default(), kind: Kind::Null });
        }
        loop {
            if let Some(frame) = self.frames.last()
                && frame.end == self.at
            {
                let (index, node, height) = self.close();
                if self.frames.is_empty() {
                    return Ok(node);
                }
                self.place(index, node, height)?;
                continue;
            }
            let index = self.at;
            if self.frames.last().is_some_and(|frame| frame.pending.is_some()) && !self.is_map(index) {
                return Err(self.no_merge(index));
            }
            if let Some((node, height)) = self.step()? {
                if self.frames.is_empty() {
                    return Ok(node);
                }
                self.place(index, node, height)?;
            }
        }
    }

    /// Decodes the next written node, or opens it if it is a collection.
    fn step(&mut self) -> Result<Option<(Node, u32)>> {
        let index = self.at;
        let written = &self.written[index];
        self.at += 1;
        let is_key = self.frames.last().is_some_and(|frame| frame.mapping && matches!(frame.role, Role::Key));
        if is_key && let Content::Scalar(text, style) = &written.content {
            self.key(index, text, *style)?;
            return Ok(None);
        }
        self.count(1, 0, written.span)?;
        match &written.content {
            Content::Scalar(text, style) => {
                let scalar = typed(written, text, *style)?;
                let node = Node { span: written.span, kind: self.builder.kind(scalar) };
                if written.anchored {
                    self.anchors.insert(index, Anchored { node: node.clone(), size: 1, height: 0 });
                }
                Ok(Some((node, 0)))
            }
            Content::Alias(target, name) => {
                let (kind, height) = self.alias(*target, name, written.span)?;
                Ok(Some((Node { span: written.span, kind }, height)))
            }
            Content::Sequence(end) => {
                self.open(index, *end, false);
                Ok(None)
            }
            Content::Mapping(end) => {
                self.open(index, *end, true);
                Ok(None)
            }
        }
    }

    /// go-yaml's budget: a document may not consist of repetitions for the most part.
    fn count(&mut self, decoded: u64, aliased: u64, span: Span) -> Result<()> {
        self.decoded += decoded;
        self.aliased += aliased;
        if self.aliased > 100 && self.decoded > 1000 {
            let total = self.decoded as f64;
            let allowed = match self.decoded {
                0..=400_000 => 0.99,
                4_000_000.. => 0.10,
                _ => 0.99 - 0.89 * (total - 400_000.0) / 3_600_000.0,
            };
            if self.aliased as f64 / total > allowed {
                let problem = "document contains excessive aliasing";
                return Err(Error::new("yaml-aliases", Stage::Converting, problem, span));
            }
        }
        Ok(())
    }

    fn alias(&mut self, target: usize, name: &str, span: Span) -> Result<(Kind, u32)> {
        let Some(anchored) = self.anchors.get(&target) else {
            // It was written before, so it is still being decoded.
            let problem = format!("anchor '{name}' value contains itself");
            return Err(Error::new("yaml-anchor", Stage::Converting, problem, span));
        };
        let kind = anchored.node.kind.clone();
        let (size, height) = (anchored.size, anchored.height);
        let depth = self.frames.len() as u32;
        self.deep |= depth + height > MAX_DEPTH;
        self.count(size, size, span)?;
        Ok((kind, height))
    }

    // Mappings.

    fn key(&mut self, index: usize, text: &str, style: Style) -> Result<()> {
        let written = &self.written[index];
        let span = written.span;
        let role = if is_merge(written) {
            self.frame().role = Role::Merge(span);
            if let Content::Sequence(_) = self.written[index + 1].content {
                // Its items are decoded one by one, it itself is not.
                self.decoded -= 1;
            } else if !self.is_map(index + 1) {
                return Err(self.no_merge(index + 1));
            }
            Role::Merge(span)
        } else {
            self.count(1, 0, span)?;
            let scalar = typed(written, text, style)?;
            if written.anchored {
                let node = Node { span, kind: self.builder.kind(scalar.clone()) };
                self.anchors.insert(index, Anchored { node, size: 1, height: 0 });
            }
            Role::Value(self.builder.key(&scalar), span)
        };
        self.frame().role = role;
        Ok(())
    }

    /// Whether a written node is a mapping or stands for one, so that it can be merged.
    fn is_map(&self, index: usize) -> bool {
        matches!(self.written[self.target(index)].content, Content::Mapping(_))
    }

    /// The error for something else as the value of `<<`.
    fn no_merge(&self, index: usize) -> Error {
        let problem = "map merge requires map or sequence of maps as the value";
        let span = self.written[index].span;
        let mut error = Error::new("yaml-merge", Stage::Converting, problem, span);
        let key = self.frames.iter().rev().find_map(|frame| match frame.role {
            Role::Merge(key) => Some(key),
            _ => None,
        });
        error.context = key.map(|key| (key, "the merge key"));
        error.hint = Some("`<<` takes a map, an alias of one, or a list of these");
        error
    }

    /// Puts a decoded node where it belongs in the innermost collection.
    fn place(&mut self, index: usize, node: Node, height: u32) -> Result<()> {
        let frame = self.frame();
        frame.height = frame.height.max(height);
        if !frame.mapping {
            let end = frame.end;
            if let Some(pending) = &mut frame.pending {
                self.at = pending.pop().unwrap_or(end);
            }
            self.builder.items.push(node);
            return Ok(());
        }
        match std::mem::replace(&mut frame.role, Role::Key) {
            Role::Value(key, key_span) => self.builder.entries.push(Entry { key, key_span, value: node }),
            Role::Merge(_) => match &node.kind {
                Kind::List(items) => {
                    for item in items.iter().rev() {
                        self.builder.entries.extend_from_slice(item.entries());
                    }
                }
                _ => self.builder.entries.extend_from_slice(node.entries()),
            },
            Role::Key => return self.complex_key(&node, index),
        }
        Ok(())
    }

    /// A key that is no scalar: a collection, or an alias.
    fn complex_key(&mut self, node: &Node, index: usize) -> Result<()> {
        let target = self.target(index);
        if let Content::Scalar(text, style) = &self.written[target].content {
            let scalar = typed(&self.written[target], text, *style)?;
            let key = self.builder.key(&scalar);
            self.frame().role = Role::Value(key, node.span);
            return Ok(());
        }
        let problem = format!("invalid map key: {}", go_syntax(self.written, target));
        let mut error = Error::new("yaml-key", Stage::Converting, problem, node.span);
        error.hint = Some(if matches!(node.kind, Kind::Map(_)) {
            "a value that starts with {{ needs quotes around it"
        } else {
            "only text, numbers and booleans can be keys"
        });
        Err(error)
    }

    /// The node that an alias stands for; any other node itself.
    fn target(&self, index: usize) -> usize {
        if let Content::Alias(target, _) = self.written[index].content { target } else { index }
    }

    // Frames.

    fn frame(&mut self) -> &mut Frame {
        self.frames.last_mut().expect("a node is placed only in an open collection")
    }

    fn open(&mut self, index: usize, end: usize, mapping: bool) {
        let base = if mapping { self.builder.entries.len() } else { self.builder.items.len() };
        let decoded = self.decoded - 1;
        let merged = self.frames.last().is_some_and(|frame| matches!(frame.role, Role::Merge(_)));
        let mut pending = None;
        if merged && !mapping {
            let mut items: Vec<usize> = children(self.written, index + 1, end).collect();
            self.at = items.pop().unwrap_or(end);
            pending = Some(items);
        }
        self.frames.push(Frame {
            written: index,
            end,
            base,
            decoded,
            height: 0,
            mapping,
            role: Role::Key,
            pending,
        });
        self.deep |= self.frames.len() as u32 > MAX_DEPTH;
    }

    /// Ends the innermost collection: its index, what it is and how deep.
    fn close(&mut self) -> (usize, Node, u32) {
        let frame = self.frames.pop().expect("only an open collection is closed");
        let kind = if frame.mapping {
            self.builder.map(frame.base)
        } else {
            if frame.pending.is_some() {
                self.builder.items[frame.base..].reverse();
            }
            self.builder.list(frame.base)
        };
        let written = &self.written[frame.written];
        let node = Node { span: written.span, kind };
        let height = frame.height + 1;
        if written.anchored {
            let size = self.decoded - frame.decoded;
            self.anchors.insert(frame.written, Anchored { node: node.clone(), size, height });
        }
        (frame.written, node, height)
    }
}

/// A scalar with its type.
fn typed<'t>(written: &Written, text: &'t str, style: Style) -> Result<Scalar<'t>> {
    resolve(text, style, written.tag)
        .map_err(|problem| Error::new("yaml-tag", Stage::Converting, problem, written.span))
}

/// Whether a key is `<<`.
pub(super) fn is_merge(written: &Written) -> bool {
    let Content::Scalar(text, style) = &written.content else { return false };
    text == "<<"
        && match written.tag {
            Tag::None => *style == Style::Plain,
            Tag::NonSpecific | Tag::Merge => true,
            _ => false,
        }
}

/// The indices of the written nodes in `from..end` that are not inside others of them.
pub(super) fn children<'w>(
    written: &'w [Written],
    from: usize,
    end: usize,
) -> impl Iterator<Item = usize> + 'w {
    let mut at = from;
    std::iter::from_fn(move || {
        let child = at;
        (child < end).then(|| {
            at = match written[child].content {
                Content::Sequence(end) | Content::Mapping(end) => end,
                _ => child + 1,
            };
            child
        })
    })
}

/// The place of the first key that is the given one, not an equal one.
fn first_entry(root: &Node, key: &Arc<str>) -> Option<Span> {
    let is_it = |entry: &&Entry| Arc::ptr_eq(&entry.key, key);
    root.walk().find_map(|(node, _)| node.entries().iter().find(is_it)).map(|entry| entry.key_span)
}

fn unsupported_key(written: &[Written], span: Span) -> Error {
    // A mapping of this key alone, without a value, has the same bytes.
    let is_key = |written: &Written| {
        written.span == span && !matches!(written.content, Content::Mapping(_) | Content::Sequence(_))
    };
    let key = written.iter().position(is_key).unwrap_or_default();
    let value = written.get(key + 1).map_or_else(String::new, |_| go_syntax(written, key + 1));
    let target = if let Content::Alias(target, _) = written[key].content { target } else { key };
    let scalar = match &written[target].content {
        Content::Scalar(text, style) => resolve(text, *style, written[target].tag).ok(),
        _ => None,
    };
    let problem = match scalar {
        Some(Scalar::Unsigned(int)) => {
            format!("unsupported map key of type: uint64, key: {int:#x}, value: {value}")
        }
        _ => format!("unsupported map key of type: %!s(<nil>), key: <nil>, value: {value}"),
    };
    let mut error = Error::new("yaml-key", Stage::Marshaling, problem, span);
    error.hint = Some("put the key in quotes");
    error
}
