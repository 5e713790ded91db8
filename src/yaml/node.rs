//! The tree that is read.

use crate::json;
use crate::source::{File, Span};
use crate::value::{Map, Value};
use std::sync::Arc;

/// A value with the bytes that it was read from. Cheap to clone: lists and maps are shared.
#[derive(Clone, Debug)]
pub struct Node {
    /// The bytes of the value: a scalar with its quotes, a collection from its first to its last child
    /// (brackets included), without anchor and tag. Nothing, where a value could be, is an empty span.
    /// An alias has the span of the alias; its children have their own.
    pub span: Span,
    /// The value.
    pub kind: Kind,
}

/// What a node is, after Helm's way through JSON: every number is a float.
#[derive(Clone, Debug)]
pub enum Kind {
    /// `null`, `~` or nothing.
    Null,
    /// A boolean, YAML 1.1 spellings included.
    Bool(bool),
    /// A number.
    Float(f64),
    /// A string.
    String(Arc<str>),
    /// A sequence.
    List(Arc<[Node]>),
    /// A mapping, sorted by key (bytewise), each key once.
    Map(Arc<[Entry]>),
}

/// One key of a mapping with its value.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The key as a string (`yes` as a key is `true`).
    pub key: Arc<str>,
    /// The bytes of the key.
    pub key_span: Span,
    /// Its value.
    pub value: Node,
}

/// A tree with the file that its spans point into.
#[derive(Clone, Debug)]
pub struct Document {
    /// The file.
    pub file: Arc<File>,
    /// The tree.
    pub root: Node,
    /// Every comment of the document, in order, from its `#` to the end of its line.
    pub comments: Arc<[Span]>,
    /// Keys that a mapping gives twice: the one that is lost and the one that holds.
    pub duplicates: Arc<[(Span, Span)]>,
}

impl Document {
    /// JSON that was read as JSON, and so is what Helm's way through JSON would make of it.
    pub fn of_json(file: &Arc<File>, root: json::Node) -> Self {
        Self {
            file: Arc::clone(file),
            root: of_json(root),
            comments: Arc::default(),
            duplicates: Arc::default(),
        }
    }
}

fn of_json(node: json::Node) -> Node {
    let kind = match node.kind {
        json::Kind::Null => Kind::Null,
        json::Kind::Bool(bool) => Kind::Bool(bool),
        // The reader tells numbers that no double holds.
        json::Kind::Number(text) => Kind::Float(text.parse().unwrap_or_default()),
        json::Kind::String(text) => Kind::String(text.into()),
        json::Kind::List(items) => Kind::List(items.into_iter().map(of_json).collect()),
        json::Kind::Map(entries) => {
            let entry = |entry: json::Entry| Entry {
                key: entry.key.into(),
                key_span: entry.key_span,
                value: of_json(entry.value),
            };
            let mut entries: Vec<Entry> = entries.into_iter().map(entry).collect();
            entries.sort_by(|left, right| left.key.cmp(&right.key));
            Kind::Map(entries.into())
        }
    };
    Node { span: node.span, kind }
}

impl Node {
    /// What Go's `encoding/json` calls such a value in its errors.
    pub fn json_kind(&self) -> &'static str {
        match self.kind {
            Kind::Null => "null",
            Kind::Bool(_) => "bool",
            Kind::Float(_) => "number",
            Kind::String(_) => "string",
            Kind::List(_) => "array",
            Kind::Map(_) => "object",
        }
    }

    /// The entries of a mapping; none for anything else.
    pub fn entries(&self) -> &[Entry] {
        if let Kind::Map(entries) = &self.kind { entries } else { &[] }
    }

    /// The items of a sequence; none for anything else.
    pub fn items(&self) -> &[Self] {
        if let Kind::List(items) = &self.kind { items } else { &[] }
    }

    /// The entry of a mapping at `key`.
    pub fn entry(&self, key: &str) -> Option<&Entry> {
        let entries = self.entries();
        entries.binary_search_by(|entry| (*entry.key).cmp(key)).ok().map(|at| &entries[at])
    }

    /// The value of a mapping at `key`.
    pub fn get(&self, key: &str) -> Option<&Self> {
        self.entry(key).map(|entry| &entry.value)
    }

    /// The text of a string scalar.
    pub fn as_str(&self) -> Option<&str> {
        if let Kind::String(text) = &self.kind { Some(text) } else { None }
    }

    /// The node and everything in it, parents before children, each with its depth (the node itself
    /// has 0).
    pub fn walk(&self) -> impl Iterator<Item = (&Self, u32)> {
        let mut open = vec![(self, 0)];
        std::iter::from_fn(move || {
            let (node, depth) = open.pop()?;
            match &node.kind {
                Kind::List(items) => open.extend(items.iter().rev().map(|item| (item, depth + 1))),
                Kind::Map(entries) => {
                    open.extend(entries.iter().rev().map(|entry| (&entry.value, depth + 1)));
                }
                _ => {}
            }
            Some((node, depth))
        })
    }

    /// The value without its places.
    pub fn to_value(&self) -> Value {
        // A tree may be 10,000 levels deep, more than the stack of a page holds.
        let mut open = vec![Conversion::of(self)];
        loop {
            let innermost = open.last_mut().expect("the loop ends with the outermost collection");
            let child = match &innermost.node.kind {
                Kind::List(items) => items.get(innermost.values.len()),
                Kind::Map(entries) => entries.get(innermost.values.len()).map(|entry| &entry.value),
                _ => None,
            };
            if let Some(child) = child {
                match child.scalar_value() {
                    Some(value) => innermost.values.push(value),
                    None => open.push(Conversion::of(child)),
                }
                continue;
            }
            let value = open.pop().expect("there is an innermost collection").value();
            match open.last_mut() {
                Some(parent) => parent.values.push(value),
                None => return value,
            }
        }
    }

    fn scalar_value(&self) -> Option<Value> {
        match &self.kind {
            Kind::Null => Some(Value::Null),
            Kind::Bool(bool) => Some(Value::Bool(*bool)),
            Kind::Float(float) => Some(Value::Float(*float)),
            Kind::String(text) => Some(Value::String(Arc::clone(text))),
            Kind::List(_) | Kind::Map(_) => None,
        }
    }
}

/// A node on its way to being a value.
struct Conversion<'n> {
    node: &'n Node,
    /// The values of its first children.
    values: Vec<Value>,
}

impl<'n> Conversion<'n> {
    fn of(node: &'n Node) -> Self {
        let children = node.items().len() + node.entries().len();
        Self { node, values: Vec::with_capacity(children) }
    }

    fn value(self) -> Value {
        match &self.node.kind {
            Kind::List(_) => Value::List(self.values.into()),
            Kind::Map(entries) => {
                let keys = entries.iter().map(|entry| Arc::clone(&entry.key));
                Value::Map(Arc::new(keys.zip(self.values).collect::<Map>()))
            }
            _ => self.node.scalar_value().unwrap_or(Value::Null),
        }
    }
}

/// Takes nested collections apart one by one: dropping each inside its parent would need a stack as deep
/// as the tree. Those that hold scalars alone are left to be dropped as they are.
impl Drop for Node {
    fn drop(&mut self) {
        if !self.is_nested() {
            return;
        }
        let mut open = vec![std::mem::replace(&mut self.kind, Kind::Null)];
        while let Some(mut kind) = open.pop() {
            let children: &mut dyn Iterator<Item = &mut Self> = match &mut kind {
                Kind::List(items) => &mut Arc::get_mut(items).into_iter().flatten(),
                Kind::Map(entries) => {
                    &mut Arc::get_mut(entries).into_iter().flatten().map(|entry| &mut entry.value)
                }
                _ => continue,
            };
            for child in children.filter(|child| child.is_nested()) {
                open.push(std::mem::replace(&mut child.kind, Kind::Null));
            }
        }
    }
}

impl Node {
    /// Whether it is a collection that holds collections and is held by nobody else.
    fn is_nested(&self) -> bool {
        let is_collection = |node: &Self| matches!(node.kind, Kind::List(_) | Kind::Map(_));
        match &self.kind {
            Kind::List(items) => Arc::strong_count(items) == 1 && items.iter().any(is_collection),
            Kind::Map(entries) => {
                Arc::strong_count(entries) == 1 && entries.iter().any(|entry| is_collection(&entry.value))
            }
            _ => false,
        }
    }
}

impl Document {
    /// A document without anything in it.
    pub(super) fn empty(file: &Arc<File>) -> Self {
        let root = Node { span: Span::default(), kind: Kind::Null };
        Self { file: Arc::clone(file), root, comments: Arc::from([]), duplicates: Arc::from([]) }
    }

    /// The comments that belong to a key or value: the lines directly above the line that `span` starts
    /// in, when they hold comments alone, and then the comment behind it on its line.
    pub fn comment(&self, span: Span) -> Vec<Span> {
        let text = &*self.file.text;
        let line_start = |at: usize| text[..at].rfind('\n').map_or(0, |end| end + 1);
        let mut line = line_start((span.start as usize).min(text.len()));
        let line_end = text[line..].find('\n').map_or(text.len(), |length| line + length);
        let after = self.comments.partition_point(|comment| (comment.start as usize) < line);
        let behind = self.comments.get(after).filter(|comment| (comment.start as usize) < line_end);
        let mut found: Vec<Span> = behind.copied().into_iter().collect();
        for comment in self.comments[..after].iter().rev() {
            let start = line_start(comment.start as usize);
            let alone = text[start..comment.start as usize].trim().is_empty();
            let adjacent = text[comment.end as usize..line].chars().filter(|&c| c == '\n').count() == 1;
            if !alone || !adjacent {
                break;
            }
            found.push(*comment);
            line = start;
        }
        found.reverse();
        found
    }
}
