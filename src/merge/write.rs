//! What a layer says about one path.

use super::{LayerId, Shape};
use crate::source::Span;
use crate::value::Value;
use crate::yaml::{Document, Kind, Node};
use std::fmt;
use std::sync::Arc;

/// One step of a path.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Step {
    /// A key of a map.
    Key(Arc<str>),
    /// A position in a list, from 0.
    Index(usize),
}

impl From<&str> for Step {
    fn from(key: &str) -> Self {
        Self::Key(key.into())
    }
}

/// The key, or the position in brackets.
impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Key(key) => f.write_str(key),
            Self::Index(index) => write!(f, "[{index}]"),
        }
    }
}

/// A write: a layer with what it says at the path of the cell that holds the write.
#[derive(Clone, Debug)]
pub struct Write {
    /// The layer.
    pub layer: LayerId,
    /// The bytes of the key; empty at the start of the file for a whole document. For an item of a
    /// list the bytes of the item.
    pub key: Span,
    /// What it says.
    pub said: Said,
}

/// The part of a layer that a write is.
#[derive(Clone, Debug)]
pub enum Said {
    /// A node of a document.
    Node(Node),
    /// A `--set` assignment whose first steps lead to the path of the cell. If steps remain, it writes
    /// below that path and nothing at it.
    Set(Arc<Assignment>, u32),
}

/// One `path=value` of a `--set` argument.
#[derive(Clone, Debug)]
pub struct Assignment {
    /// The path with the bytes of each step.
    pub steps: Vec<(Step, Span)>,
    /// The value.
    pub value: Value,
    /// The bytes of the value.
    pub span: Span,
}

impl Write {
    /// A whole document, at the root.
    pub fn document(layer: LayerId, document: &Document) -> Self {
        Self { layer, key: Span::default(), said: Said::Node(document.root.clone()) }
    }

    /// The bytes of the value in the layer's file; for a `--set` that goes on below this path those of
    /// the step.
    pub fn span(&self) -> Span {
        match &self.said {
            Said::Node(node) => node.span,
            Said::Set(set, depth) if *depth as usize >= set.steps.len() => set.span,
            Said::Set(..) => self.key,
        }
    }

    /// What it says here, places dropped; `None` if it writes only below.
    pub fn value(&self) -> Option<Value> {
        match &self.said {
            Said::Node(node) => Some(node.to_value()),
            Said::Set(set, depth) => (*depth as usize >= set.steps.len()).then(|| set.value.clone()),
        }
    }

    /// Whether both say the same value, wherever it stands.
    pub fn says_the_same(&self, other: &Self) -> bool {
        match (&self.said, &other.said) {
            (
                Said::Node(Node { kind: Kind::String(one), .. }),
                Said::Node(Node { kind: Kind::String(other), .. }),
            ) => one == other,
            (Said::Node(Node { kind: Kind::String(_), .. }), Said::Node(_))
            | (Said::Node(_), Said::Node(Node { kind: Kind::String(_), .. })) => false,
            // Most that differ are told by their sizes, for which no value has to be built.
            (Said::Node(one), Said::Node(other)) if one.items().len() != other.items().len() => false,
            (Said::Node(one), Said::Node(other)) if one.entries().len() != other.entries().len() => false,
            _ => self.value() == other.value(),
        }
    }

    /// The kind of value that it writes or writes into.
    pub fn shape(&self) -> Shape {
        match &self.said {
            Said::Node(node) => match &node.kind {
                Kind::Null => Shape::Null,
                Kind::Map(_) => Shape::Map,
                Kind::List(_) => Shape::List,
                _ => Shape::Scalar,
            },
            Said::Set(set, depth) => match set.steps.get(*depth as usize) {
                Some((Step::Key(_), _)) => Shape::Map,
                Some((Step::Index(_), _)) => Shape::List,
                None => Shape::of(&set.value),
            },
        }
    }

    /// Whether it writes only below this path (a `--set` of a deeper one).
    pub fn is_partial(&self) -> bool {
        matches!(&self.said, Said::Set(set, depth) if (*depth as usize) < set.steps.len())
    }

    /// What the same layer says one step below, as far as this write tells.
    pub fn below(&self, step: &Step) -> Option<Self> {
        let (key, said) = match (&self.said, step) {
            (Said::Node(node), Step::Key(key)) => {
                let entry = node.entry(key)?;
                (entry.key_span, Said::Node(entry.value.clone()))
            }
            (Said::Node(node), Step::Index(index)) => {
                let item = node.items().get(*index)?;
                (item.span, Said::Node(item.clone()))
            }
            (Said::Set(set, depth), _) => {
                if let Some((taken, span)) = set.steps.get(*depth as usize) {
                    if taken != step {
                        return None;
                    }
                    (*span, Said::Set(Arc::clone(set), depth + 1))
                } else {
                    let value = match (&set.value, step) {
                        (Value::Map(map), Step::Key(key)) => map.get(key)?,
                        (Value::List(list), Step::Index(index)) => list.get(*index)?,
                        _ => return None,
                    };
                    let set = Assignment { steps: Vec::new(), value: value.clone(), span: set.span };
                    (set.span, Said::Set(Arc::new(set), 0))
                }
            }
        };
        Some(Self { layer: self.layer, key, said })
    }

    /// Whether both are the same bytes of the same layer.
    pub fn is(&self, other: &Self) -> bool {
        self.layer == other.layer
            && self.key == other.key
            && match (&self.said, &other.said) {
                (Said::Node(one), Said::Node(other)) => one.span == other.span,
                (Said::Set(one, at), Said::Set(other, other_at)) => {
                    at == other_at && one.span == other.span && one.steps.len() == other.steps.len()
                }
                _ => false,
            }
    }
}

/// Some writes with one more on top, and room for the next.
fn with_room(below: &[Write], write: Write) -> Vec<Write> {
    let mut all = Vec::with_capacity(below.len() + 2);
    all.extend_from_slice(below);
    all.push(write);
    all
}

/// The writes of a cell, lowest first. Most cells have one.
#[derive(Clone, Debug, Default)]
pub enum Writes {
    /// Nobody wrote it: Helm made it, as it makes `global: {}`.
    #[default]
    None,
    /// One write.
    One(Write),
    /// Several.
    Many(Arc<Vec<Write>>),
}

impl Writes {
    /// The writes in order.
    pub fn as_slice(&self) -> &[Write] {
        match self {
            Self::None => &[],
            Self::One(write) => std::slice::from_ref(write),
            Self::Many(writes) => writes,
        }
    }

    /// Adds a write on top.
    pub(crate) fn push(&mut self, write: Write) {
        match self {
            Self::None => *self = Self::One(write),
            Self::One(below) => *self = Self::Many(Arc::new(with_room(std::slice::from_ref(below), write))),
            Self::Many(writes) => match Arc::get_mut(writes) {
                Some(own) => own.push(write),
                None => *writes = Arc::new(with_room(writes, write)),
            },
        }
    }

    /// Puts writes below these, each only once.
    pub(crate) fn above(self, low: &Self) -> Self {
        let high = self.as_slice();
        let new = |write: &&Write| !high.iter().any(|other| other.is(write));
        let added = low.as_slice().iter().filter(new);
        match (added.clone().count(), &self) {
            (0, _) => return self,
            (1, Self::None) => return low.clone(),
            _ => {}
        }
        let mut all = Vec::with_capacity(low.as_slice().len() + high.len());
        all.extend(added.cloned());
        all.extend_from_slice(high);
        Self::Many(Arc::new(all))
    }
}
