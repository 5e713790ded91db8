//! The functions that templates can call: a name, Go's signature and a body.
//!
//! The executor checks the number of arguments and their types against the signature, with Go's
//! error texts, before it calls the body. So a body may rely on them: a parameter [`Type::String`]
//! receives a [`Kind::String`](super::value::Kind::String), a parameter `map[string]interface {}` a
//! map, if need be Go's nil map. Nothing is converted: a float is not given for an `int`.

use super::types::Type;
use super::value::Value;
use crate::profile::Profile;

/// A function. Tables of them are constants:
///
/// ```ignore
/// pub const TABLE: &[Function] = &[
///     Function::new("upper", &[Type::String], |_, a| Ok(a[0].text().to_uppercase().into())),
///     Function::variadic("list", &[Type::Interface], |_, a| Ok(Value::list(a.to_vec()))),
/// ];
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Function {
    /// The name in templates.
    pub name: &'static str,
    /// The types of the parameters. Of a variadic function the last one stands for any number.
    pub parameters: &'static [Type],
    /// Whether the last parameter may be given any number of times, also not at all.
    pub variadic: bool,
    /// What it does. Its error is what Go's function returns or panics with, without the
    /// `error calling …:` before it.
    pub body: Body,
}

/// A function's body: the arguments are as many and of such types as the signature says.
pub type Body = fn(&mut Context, &[Value]) -> Result<Value, String>;

impl Function {
    /// A function of so many parameters.
    pub const fn new(name: &'static str, parameters: &'static [Type], body: Body) -> Self {
        Self { name, parameters, variadic: false, body }
    }

    /// A function whose last parameter stands for any number of arguments, also none.
    pub const fn variadic(name: &'static str, parameters: &'static [Type], body: Body) -> Self {
        Self { name, parameters, variadic: true, body }
    }
}

/// What a function may know beside its arguments, and where it tells what it made up.
#[derive(Debug)]
pub struct Context {
    /// The versions whose rules apply.
    pub profile: Profile,
    /// Stand-ins given so far for what is random, reads a clock or the network.
    pub stand_ins: Vec<StandIn>,
}

impl Context {
    /// A context in which nothing was made up yet.
    pub fn new(profile: Profile) -> Self {
        Self { profile, stand_ins: Vec::new() }
    }
}

/// A value that Helm would have drawn at random or asked the world for, and that was made up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StandIn {
    /// The function that was called.
    pub function: &'static str,
    /// What it would have read: `random bytes`, `the clock`, `the network`, `the cluster`.
    pub source: &'static str,
}

impl Value {
    /// The string of an argument whose parameter is [`Type::String`]; empty for anything else, which
    /// the executor has ruled out.
    pub fn text(&self) -> std::borrow::Cow<'_, str> {
        self.as_string().map(super::value::Str::text).unwrap_or_default()
    }

    /// The integer of an argument whose parameter is of an integer type; 0 for anything else, which
    /// the executor has ruled out.
    pub fn integer(&self) -> i64 {
        match self.kind {
            super::value::Kind::Int(number, _) => number,
            super::value::Kind::Uint(number, _) => number as i64,
            _ => 0,
        }
    }
}
