//! The functions that templates can call: a name, Go's signature and a body.
//!
//! The executor checks the number of arguments and their types against the signature, with Go's
//! error texts, before it calls the body. So a body may rely on them: a parameter [`Type::String`]
//! receives a [`Kind::String`](super::value::Kind::String), a parameter `map[string]interface {}` a
//! map, if need be Go's nil map. Nothing is converted: a float is not given for an `int`.

mod argocd;
mod calendar;
mod crypto;
mod dates;
mod decimal;
mod durations;
mod encoding;
mod flow;
mod ip_address;
mod json;
mod json_write;
mod letters;
mod lists;
mod maps;
mod numbers;
mod parse_time;
mod paths;
mod random;
mod reflection;
mod regexp_syntax;
mod regexps;
mod semver;
mod strings;
mod toml;
mod toml_read;
mod toml_scalars;
mod toml_text;
mod toml_write;
mod urls;
mod words;
mod yaml;

use super::types::Type;
use super::value::Value;
use crate::profile::{Helm, Profile};
use crate::value as plain;
use std::sync::Arc;

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
    /// Whether it leaves alone what is inside of the items of lists and maps.
    pub shallow: bool,
    /// What it does. Its error is what Go's function returns or panics with, without the
    /// `error calling …:` before it.
    pub body: Body,
}

/// A function's body: the arguments are as many and of such types as the signature says.
pub type Body = fn(&mut Context, &[Value]) -> Result<Value, String>;

impl Function {
    /// A function of so many parameters.
    pub const fn new(name: &'static str, parameters: &'static [Type], body: Body) -> Self {
        Self { name, parameters, variadic: false, shallow: false, body }
    }

    /// A function whose last parameter stands for any number of arguments, also none.
    pub const fn variadic(name: &'static str, parameters: &'static [Type], body: Body) -> Self {
        Self { name, parameters, variadic: true, shallow: false, body }
    }

    /// The same, known to leave alone what is inside of the items of lists and maps: it costs no more
    /// where these hold much.
    #[must_use]
    pub const fn shallow(self) -> Self {
        Self { shallow: true, ..self }
    }
}

/// Values that nest deeper are not walked: the page's stack is small, and a map can hold itself.
pub(super) const MOST_LEVELS: usize = 400;

/// A function does not go through more items at once.
pub(super) const MOST_ITEMS: u64 = 1 << 21;

/// Longer texts are not made: Go would make them, a page must not hang.
pub(super) const MOST_BYTES: usize = 1 << 24;

/// What a function says that would have to make a longer list.
fn too_many() -> String {
    format!("lists of more than {MOST_ITEMS} items are not made")
}

/// What a function says that would have to make a longer text.
pub(super) fn too_long() -> String {
    format!("texts of more than {MOST_BYTES} bytes are not made")
}

/// What a function says of a value that nests too deeply.
const TOO_DEEP: &str = "the value nests too deeply";

/// Sprig's functions as Helm and Argo CD expose them both: without those of the environment.
const SPRIG: &[&[Function]] = &[
    crypto::TABLE,
    dates::TABLE,
    encoding::TABLE,
    flow::TABLE,
    json::TABLE,
    lists::TABLE,
    maps::TABLE,
    numbers::TABLE,
    paths::TABLE,
    random::TABLE,
    reflection::TABLE,
    regexps::TABLE,
    semver::TABLE,
    strings::TABLE,
    urls::TABLE,
];

/// The functions of a Helm version beside Go's own and those that need the engine (`include`, `tpl`,
/// `required`, `fail`, `lookup`).
pub fn helm(helm: Helm) -> Vec<&'static [Function]> {
    let mut tables = SPRIG.to_vec();
    tables.extend([yaml::TABLE, toml::TABLE]);
    if helm.is_4() {
        tables.extend([yaml::MUST, toml::MUST]);
    }
    if helm.has_durations() {
        tables.push(durations::TABLE);
    }
    tables
}

/// The functions of Argo CD's ApplicationSets beside Go's own.
pub fn argocd() -> Vec<&'static [Function]> {
    let mut tables = SPRIG.to_vec();
    tables.extend([argocd::TABLE, yaml::ARGO_CD]);
    tables
}

/// What a function may know beside its arguments, and where it tells what it made up.
#[derive(Debug)]
pub struct Context {
    /// The versions whose rules apply.
    pub profile: Profile,
    /// Stand-ins given so far for what is random, reads a clock or the network.
    pub stand_ins: Vec<StandIn>,
    /// Kubernetes objects that `lookup` finds.
    pub objects: Arc<[plain::Value]>,
    /// Regular expressions met so far.
    regexps: regexps::Regexps,
    /// Steps that were taken with it so far. Functions add what could not be told before they did it.
    pub steps: u64,
    /// Bytes that were written with it so far.
    pub written: usize,
}

impl Context {
    /// A context in which nothing was made up yet.
    pub fn new(profile: Profile) -> Self {
        Self {
            profile,
            stand_ins: Vec::new(),
            objects: Arc::default(),
            regexps: regexps::Regexps::default(),
            steps: 0,
            written: 0,
        }
    }

    /// Tells that a value was made up.
    pub fn stand_in(&mut self, function: &'static str, source: &'static str) {
        self.stand_ins.push(StandIn { function, source });
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
