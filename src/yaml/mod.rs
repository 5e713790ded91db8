//! YAML as Helm reads and writes it.
//!
//! The reader turns text into a tree in which every node knows its bytes; the writer is Helm's
//! `toYaml`. Rules: the spec sheet on YAML, measured against Helm; `tests/conformance/yaml`.

use crate::source::{File, Span};
use crate::value::{Map, Value};
use std::sync::Arc;

/// A value with the bytes that it was read from. Cheap to clone: lists and maps are shared.
#[derive(Clone, Debug)]
pub struct Node {
    /// The bytes of the value: a scalar with its quotes, a collection from its first to its last child
    /// (brackets included). An alias has the span of the alias; its children have their own.
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
}

impl Node {
    /// The entries of a mapping; none for anything else.
    pub fn entries(&self) -> &[Entry] {
        if let Kind::Map(entries) = &self.kind { entries } else { &[] }
    }

    /// The items of a sequence; none for anything else.
    pub fn items(&self) -> &[Node] {
        if let Kind::List(items) = &self.kind { items } else { &[] }
    }

    /// The entry of a mapping at `key`.
    pub fn entry(&self, key: &str) -> Option<&Entry> {
        let entries = self.entries();
        entries.binary_search_by(|entry| (*entry.key).cmp(key)).ok().map(|at| &entries[at])
    }

    /// The value of a mapping at `key`.
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.entry(key).map(|entry| &entry.value)
    }

    /// The text of a string scalar.
    pub fn as_str(&self) -> Option<&str> {
        if let Kind::String(text) = &self.kind { Some(text) } else { None }
    }

    /// The value without its places.
    pub fn to_value(&self) -> Value {
        match &self.kind {
            Kind::Null => Value::Null,
            Kind::Bool(bool) => Value::Bool(*bool),
            Kind::Float(float) => Value::Float(*float),
            Kind::String(text) => Value::String(Arc::clone(text)),
            Kind::List(items) => Value::List(items.iter().map(Self::to_value).collect()),
            Kind::Map(entries) => {
                let pairs = entries.iter().map(|entry| (Arc::clone(&entry.key), entry.value.to_value()));
                Value::Map(Arc::new(pairs.collect::<Map>()))
            }
        }
    }
}
