//! What the executor runs: a template as a flat list of steps.
//!
//! Go's executor walks the tree and recurses; ours keeps its own stacks, so that includes may nest as
//! deep as Helm lets them, whatever the stack of the page. The steps keep Go's order of evaluation, and
//! with [`Op::At`] Go's notion of the node that an error is blamed on.

use super::builtins::Builtin;
use super::functions::Function;
use super::tree::{Id, Source};
use super::types::Type;
use super::value::{Kind, Str, Value};
use std::collections::HashMap;
use std::sync::Arc;

/// A function that templates can call.
#[derive(Clone, Copy, Debug)]
pub enum Callee {
    /// One of Go's own, which sees values before they are made plain.
    Builtin(&'static Builtin),
    /// Any other.
    Function(&'static Function),
    /// Helm's `include`.
    Include,
    /// Helm's `tpl`.
    Tpl,
}

impl Callee {
    /// The name that errors give it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Builtin(builtin) => builtin.name,
            Self::Function(function) => function.name,
            Self::Include => "include",
            Self::Tpl => "tpl",
        }
    }

    /// The types of the parameters, and whether the last one may be given any number of times.
    pub fn signature(self) -> (&'static [Type], bool) {
        match self {
            Self::Builtin(builtin) => (builtin.parameters, builtin.variadic),
            Self::Function(function) => (function.parameters, function.variadic),
            Self::Include | Self::Tpl => (&[Type::String, Type::Interface], false),
        }
    }
}

/// The functions of a kind of template, by name.
#[derive(Clone, Debug, Default)]
pub struct Functions(HashMap<&'static str, Callee>);

impl Functions {
    /// Go's own functions.
    pub fn go() -> Self {
        Self(super::builtins::TABLE.iter().map(|builtin| (builtin.name, Callee::Builtin(builtin))).collect())
    }

    /// These and others; of two with one name the other.
    #[must_use]
    pub fn with(mut self, table: &'static [Function]) -> Self {
        self.0.extend(table.iter().map(|function| (function.name, Callee::Function(function))));
        self
    }

    /// These without some.
    #[must_use]
    pub fn without(mut self, names: &[&str]) -> Self {
        self.0.retain(|name, _| !names.contains(name));
        self
    }

    /// These with `include` and `tpl`.
    #[must_use]
    pub fn with_templates(mut self) -> Self {
        self.0.extend([Callee::Include, Callee::Tpl].map(|callee| (callee.name(), callee)));
        self
    }

    /// The function of that name.
    pub fn get(&self, name: &str) -> Option<Callee> {
        self.0.get(name).copied()
    }

    /// All names, in order.
    pub fn names(&self) -> Vec<&'static str> {
        let mut names: Vec<_> = self.0.keys().copied().collect();
        names.sort_unstable();
        names
    }
}

/// A template, ready to run.
#[derive(Debug)]
pub struct Code {
    /// Its name.
    pub name: Arc<str>,
    /// The text that it stands in.
    pub source: Arc<Source>,
    /// Whether it holds nothing but space and comments.
    pub empty: bool,
    /// The steps.
    pub ops: Vec<Op>,
    /// Names of fields, variables and templates; `$` is the first.
    pub names: Vec<Arc<str>>,
    /// Constants.
    pub constants: Vec<Constant>,
    /// What [`Op::Fail`] says.
    pub messages: Vec<String>,
}

/// The place of a name in [`Code::names`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Name(pub u32);

impl Name {
    /// The variable `$`.
    pub const ROOT: Self = Self(0);
}

/// A step. Operands are on a stack; `to` is a step to go on with.
#[derive(Clone, Copy, Debug)]
pub enum Op {
    /// Errors are now blamed on this node.
    At(Id),
    /// Writes the text of a node.
    Text(Id),
    /// Pushes a constant.
    Constant(u32),
    /// Pushes the dot.
    Dot,
    /// Pushes a variable.
    Variable(Name),
    /// Pushes no value at all.
    Nothing,
    /// Takes a value's field, key or method without arguments.
    Field { name: Name, node: Id },
    /// The same where arguments are given: a method is prepared to be called, anything else goes on
    /// at `to` or fails.
    Method { name: Name, words: u16, piped: bool, to: u32 },
    /// Pushes a literal as the prepared method's parameter `index` wants it.
    Literal { node: Id, index: u16 },
    /// Checks the top operand against the prepared method's parameter `index`.
    CheckParameter { index: u16 },
    /// Calls the prepared method.
    CallMethod { name: Name, node: Id, words: u16, piped: bool },
    /// Checks the operand below `above` others against a type.
    Check { of: Type, above: u16 },
    /// Calls a function with the top `words` operands and, if `piped`, the one below them as the last.
    Call { callee: Callee, node: Id, words: u16, piped: bool },
    /// Goes on at `to` with the top operand if its truth is `on`; drops it otherwise.
    ShortCircuit { on: bool, to: u32 },
    /// Drops the operand below the top one.
    DropBelow,
    /// The end of `and` or `or`: those that did not decide count for the result too.
    Gather,
    /// Forgets that the top operand stood in an interface.
    Unwrap,
    /// Notes how many variables there are.
    Mark,
    /// Forgets the variables since the mark.
    Release,
    /// Declares a variable with the top operand, which stays.
    Declare(Name),
    /// Assigns the top operand, which stays.
    Assign(Name),
    /// Goes on elsewhere.
    Jump { to: u32 },
    /// Takes the top operand and goes on elsewhere if it is not true.
    If { to: u32 },
    /// Takes the top operand for the dot, or goes on elsewhere if it is not true.
    With { to: u32 },
    /// The dot from before.
    Without,
    /// Starts to iterate over the top operand; goes on elsewhere if there is nothing.
    Range { variables: u8, to: u32 },
    /// Takes the next item, with the names of the variables if they are assigned; goes on elsewhere
    /// after the last.
    Next { variables: u8, assigned: Option<(Name, Name)>, to: u32 },
    /// Leaves the innermost iteration.
    Break { to: u32 },
    /// Goes to the next item of the innermost iteration.
    Continue { to: u32 },
    /// Looks whether a template may be called: it is there, and not too deep.
    FindTemplate { name: Name },
    /// Runs a template with the top operand as its dot.
    Template { name: Name },
    /// Writes the top operand.
    Print(Id),
    /// Drops the top operand.
    Drop,
    /// Fails.
    Fail(u32),
}

/// A constant: what a [`Value`] can be, for threads to share.
#[derive(Clone, Debug, PartialEq)]
pub enum Constant {
    /// The zero value of a type.
    Zero(Type),
    Bool(bool),
    Int(i64, super::types::Signed),
    Uint(u64, super::types::Unsigned),
    Float(f64),
    Complex(f64, f64),
    String(Str),
}

impl Constant {
    /// The value.
    pub fn value(&self) -> Value {
        match self {
            Self::Zero(of) => return Value::zero(*of),
            Self::Bool(bool) => Kind::Bool(*bool),
            Self::Int(number, of) => Kind::Int(*number, *of),
            Self::Uint(number, of) => Kind::Uint(*number, *of),
            Self::Float(number) => Kind::Float(*number),
            Self::Complex(real, imaginary) => Kind::Complex(*real, *imaginary),
            Self::String(text) => Kind::String(text.clone()),
        }
        .into()
    }
}
