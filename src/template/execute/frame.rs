//! Where an execution stands: the template being run, and the lists being walked.

use crate::source::Location;
use crate::template::code::Code;
use crate::template::error::Link;
use crate::template::operand::Operand;
use crate::template::quote::quote;
use crate::template::set::Templates;
use crate::template::trace::Call;
use crate::template::tree::Id;
use crate::template::types::{Signed, Type, Unsigned};
use crate::template::value::{self, Kind, List, Str, Value};
use std::rc::Rc;
use std::sync::Arc;

/// A template being run.
#[derive(Debug)]
pub struct Frame {
    pub code: Arc<Code>,
    /// The next step.
    pub next: usize,
    /// The node that errors are blamed on.
    pub at: Id,
    /// How many variables and dots belong to the callers.
    pub variables: usize,
    pub dots: usize,
    /// How many `template` actions led here.
    pub depth: u32,
    /// The templates that calls of `tpl` around have defined.
    pub layer: Option<Rc<Layer>>,
    pub origin: Origin,
    pub traced: Traced,
}

/// What a template being run knows for whoever traces.
#[derive(Debug, Default)]
pub struct Traced {
    /// The places of the values that its text itself was made from: that of `tpl` is a value.
    pub text: Option<value::Origin>,
    /// What decided on everything in the caller; it does again when the template is left.
    pub before: Option<value::Origin>,
    /// The calls that led here, the innermost first.
    pub calls: Option<Rc<Call>>,
}

/// What a frame was started by.
#[derive(Debug)]
pub enum Origin {
    Root,
    /// A `template` action.
    Template,
    /// A call of `include` with its node.
    Include {
        name: Str,
        node: Id,
    },
    /// A call of `tpl` with its node.
    Tpl {
        text: Str,
        node: Id,
    },
}

/// The templates that one call of `tpl` defined.
#[derive(Debug)]
pub struct Layer {
    pub outer: Option<Rc<Layer>>,
    pub templates: Templates,
    /// How many calls of `tpl` stand around, itself included.
    pub nesting: usize,
}

impl Frame {
    /// The start of a template that nobody called.
    pub fn root(code: &Arc<Code>) -> Self {
        Self {
            code: Arc::clone(code),
            next: 0,
            at: Id(0),
            variables: 0,
            dots: 0,
            depth: 0,
            layer: None,
            origin: Origin::Root,
            traced: Traced::default(),
        }
    }

    /// Go's `ExecError` with a message, at the node that is being run.
    pub fn blame(&self, message: String) -> Link {
        let source = &self.code.source;
        let node = source.node(self.at);
        let place = source.place(node.position);
        let (name, context) = (quote(&self.code.name), source.print(self.at));
        Link {
            text: format!("template: {place}: executing {name} at <{context}>: {message}"),
            located: true,
            location: Some(Location::new(&source.file, node.span)),
            template: Some(Arc::clone(&self.code.name)),
        }
    }
}

/// A `range` being run, and what was there before each of its items.
#[derive(Debug)]
pub struct Iteration {
    pub items: Items,
    /// What the list itself was made from.
    pub origin: Option<value::Origin>,
    pub variables: usize,
    pub dots: usize,
    pub marks: usize,
    /// What decides on its items, for whoever traces.
    pub decided: Option<value::Origin>,
}

/// The start of an `if`, `with` or `range`: what there was before.
#[derive(Debug)]
pub struct Mark {
    /// How many variables.
    pub variables: usize,
    /// What decided, for whoever traces.
    pub decided: Option<value::Origin>,
}

/// What is left to iterate over.
#[derive(Debug)]
pub enum Items {
    List(Rc<List>, usize),
    Bytes(Arc<[u8]>, usize),
    /// The entries as they were at the start, and the type of their values.
    Entries(std::vec::IntoIter<(Str, Value)>, Type),
    /// Numbers of one type from `next` up to `end`.
    Numbers {
        next: i128,
        end: i128,
        like: Kind,
    },
}

impl Items {
    /// The items of a value; `None` if Go can't iterate over it.
    pub fn of(value: &Value) -> Option<Self> {
        Some(match &value.kind {
            Kind::Nil => Self::Entries(Vec::new().into_iter(), Type::Interface),
            Kind::List(list) => Self::List(Rc::clone(list), 0),
            Kind::Bytes(bytes) => Self::Bytes(Arc::clone(bytes), 0),
            Kind::Map(map) => Self::Entries(map.snapshot().into_iter(), map.of.element()),
            Kind::Int(end, _) => Self::Numbers { next: 0, end: (*end).into(), like: value.kind.clone() },
            Kind::Uint(end, _) => Self::Numbers { next: 0, end: (*end).into(), like: value.kind.clone() },
            _ => return None,
        })
    }

    /// Whether nothing is left.
    pub fn is_empty(&self) -> bool {
        match self {
            Self::List(list, at) => *at >= list.len(),
            Self::Bytes(bytes, at) => *at >= bytes.len(),
            Self::Entries(entries, _) => entries.len() == 0,
            Self::Numbers { next, end, .. } => next >= end,
        }
    }

    /// The next index or key with its item.
    pub fn next(&mut self) -> Option<(Operand, Operand)> {
        match self {
            Self::List(list, at) => {
                let item = list.get(*at)?.clone();
                *at += 1;
                let index = Value::from(Kind::Int(*at as i64 - 1, Signed::Int));
                Some((index.into(), Operand::element(item, list.of.element())))
            }
            Self::Bytes(bytes, at) => {
                let byte = u64::from(*bytes.get(*at)?);
                *at += 1;
                let index = Value::from(Kind::Int(*at as i64 - 1, Signed::Int));
                Some((index.into(), Value::from(Kind::Uint(byte, Unsigned::Uint8)).into()))
            }
            Self::Entries(entries, of) => {
                let (key, item) = entries.next()?;
                Some((Value::from(key).into(), Operand::element(item, *of)))
            }
            Self::Numbers { next, end, like } => {
                if next >= end {
                    return None;
                }
                *next += 1;
                let number = *next - 1;
                let item = match like {
                    Kind::Uint(_, of) => Kind::Uint(number as u64, *of),
                    Kind::Int(_, of) => Kind::Int(number as i64, *of),
                    _ => Kind::Nil,
                };
                Some((Operand::NOTHING, Value::from(item).into()))
            }
        }
    }
}
