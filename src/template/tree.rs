//! The parsed form of templates: immutable, shared, and able to print itself as Go's parser does,
//! since error texts quote it.

use super::value::Str;
use crate::source::{File, Span};
use std::fmt;
use std::sync::Arc;

/// One parsed text with all its nodes.
#[derive(Debug)]
pub struct Source {
    /// The text.
    pub file: Arc<File>,
    /// The name that errors give it.
    pub name: Arc<str>,
    /// Every node of every template in the text.
    pub nodes: Vec<Node>,
    /// The templates: those of `define` and `block` in order, the text itself last.
    pub templates: Vec<Template>,
}

/// A template of a text.
#[derive(Debug)]
pub struct Template {
    /// Its name.
    pub name: Arc<str>,
    /// What it holds, a [`Kind::List`].
    pub root: Id,
    /// Whether it holds nothing but space and comments: such a template replaces no other.
    pub empty: bool,
}

/// The place of a node in [`Source::nodes`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Id(pub u32);

/// A node.
#[derive(Debug)]
pub struct Node {
    /// The position that Go gives the node in errors. For `.a.b` it is that of `.b`.
    pub position: u32,
    /// Its bytes; of an action with the delimiters.
    pub span: Span,
    /// What it is.
    pub kind: Kind,
}

/// What a node is.
#[derive(Debug)]
pub enum Kind {
    List(Vec<Id>),
    Text(Span),
    Action(Id),
    Break,
    Continue,
    If(Branch),
    With(Branch),
    Range(Branch),
    Template {
        name: Arc<str>,
        pipe: Option<Id>,
    },
    Pipe(Pipe),
    Command(Vec<Id>),
    Identifier(Arc<str>),
    /// A variable and the fields after it.
    Variable(Vec<Arc<str>>),
    Dot,
    Nil,
    Field(Vec<Arc<str>>),
    /// A term and the fields after it.
    Chain(Id, Vec<Arc<str>>),
    Bool(bool),
    Number(Box<Number>),
    String {
        quoted: Arc<str>,
        text: Str,
    },
}

/// `if`, `with` or `range`.
#[derive(Debug)]
pub struct Branch {
    /// Values that decide, each with the list for when it is true. All but the first are of `else if`
    /// or `else with`.
    pub links: Vec<(Id, Id)>,
    /// The list for when none is.
    pub otherwise: Option<Id>,
}

/// Commands, each of which gives its value to the next.
#[derive(Debug)]
pub struct Pipe {
    /// Whether the variables are assigned and not declared.
    pub assigns: bool,
    /// Variables that take the value, at most two.
    pub variables: Vec<Arc<str>>,
    /// The commands.
    pub commands: Vec<Id>,
}

/// A number with every Go type that can hold it exactly.
#[derive(Clone, Debug, PartialEq)]
pub struct Number {
    pub text: Arc<str>,
    pub int: Option<i64>,
    pub uint: Option<u64>,
    pub float: Option<f64>,
    pub complex: Option<(f64, f64)>,
}

impl Source {
    /// A node.
    pub fn node(&self, id: Id) -> &Node {
        &self.nodes[id.0 as usize]
    }

    /// The node as Go prints it back.
    pub fn print(&self, id: Id) -> String {
        Printed { source: self, id, parenthesized: false }.to_string()
    }

    /// `name:line:column` of a position as Go's executor gives it: the column counts bytes from 0.
    pub fn place(&self, position: u32) -> String {
        let before = &self.file.text.as_bytes()[..position as usize];
        let line = before.split(|&byte| byte == b'\n').count();
        let start = before.iter().rposition(|&byte| byte == b'\n').map_or(0, |at| at + 1);
        format!("{}:{line}:{}", self.name, before.len() - start)
    }
}

struct Printed<'a> {
    source: &'a Source,
    id: Id,
    parenthesized: bool,
}

impl<'a> Printed<'a> {
    fn of(&self, id: Id) -> Self {
        Self { source: self.source, id, parenthesized: false }
    }

    /// An operand: pipelines stand in parentheses.
    fn operand(&self, id: Id) -> Self {
        let parenthesized = matches!(self.source.node(id).kind, Kind::Pipe(_));
        Self { source: self.source, id, parenthesized }
    }

    fn node(&self) -> &'a Node {
        self.source.node(self.id)
    }
}

fn joined<'a>(
    f: &mut fmt::Formatter<'_>,
    separator: &str,
    items: impl Iterator<Item = Printed<'a>>,
) -> fmt::Result {
    for (at, item) in items.enumerate() {
        write!(f, "{}{item}", if at == 0 { "" } else { separator })?;
    }
    Ok(())
}

impl fmt::Display for Printed<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let fields = |f: &mut fmt::Formatter<'_>, names: &[Arc<str>]| {
            names.iter().try_for_each(|name| write!(f, ".{name}"))
        };
        match &self.node().kind {
            Kind::Action(pipe) => write!(f, "{{{{{}}}}}", self.of(*pipe)),
            // Go blames the parts of these, never the whole.
            Kind::List(_) | Kind::Text(_) | Kind::If(_) | Kind::With(_) | Kind::Range(_) => Ok(()),
            Kind::Break | Kind::Continue => Ok(()),
            Kind::Template { name, pipe } => {
                write!(f, "{{{{template {}", super::quote::quote(name))?;
                if let Some(pipe) = pipe {
                    write!(f, " {}", self.of(*pipe))?;
                }
                f.write_str("}}")
            }
            Kind::Pipe(pipe) => {
                if self.parenthesized {
                    f.write_str("(")?;
                }
                if !pipe.variables.is_empty() {
                    write!(f, "{} {} ", pipe.variables.join(", "), if pipe.assigns { "=" } else { ":=" })?;
                }
                joined(f, " | ", pipe.commands.iter().map(|&id| self.of(id)))?;
                f.write_str(if self.parenthesized { ")" } else { "" })
            }
            Kind::Command(words) => joined(f, " ", words.iter().map(|&id| self.operand(id))),
            Kind::Identifier(name) => f.write_str(name),
            Kind::Variable(names) => f.write_str(&names.join(".")),
            Kind::Dot => f.write_str("."),
            Kind::Nil => f.write_str("nil"),
            Kind::Field(names) => fields(f, names),
            Kind::Chain(term, names) => {
                write!(f, "{}", self.operand(*term))?;
                fields(f, names)
            }
            Kind::Bool(bool) => write!(f, "{bool}"),
            Kind::Number(number) => f.write_str(&number.text),
            Kind::String { quoted, .. } => f.write_str(quoted),
        }
    }
}
