//! One form for everything that the engine has to say about its input.
//!
//! Every room reports through [`Diagnostic`]: what is wrong, where the rule is, where the value is,
//! and what to do. The text, JSON and SARIF forms are made from it in one place each.

pub mod json;
mod place;
pub mod sarif;
#[cfg(not(target_arch = "wasm32"))]
pub mod text;

pub use place::Place;

use crate::source::{Location, Span};
use std::fmt;

/// How much a diagnostic matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Worth knowing; nothing is wrong.
    Note,
    /// Probably not what its author meant.
    Warning,
    /// Argo CD or Helm would fail, or a schema forbids the value.
    Error,
}

/// A second place with what it has to do with the first one.
#[derive(Clone, Debug, PartialEq)]
pub struct Related {
    /// The place.
    pub location: Location,
    /// What is there, in a few words.
    pub message: String,
}

/// One finding about the input.
#[derive(Clone, Debug, PartialEq)]
pub struct Diagnostic {
    /// Stable name of the kind of finding, `room-what`, e.g. `yaml-syntax` or `schema-violation`.
    pub code: &'static str,
    /// How much it matters.
    pub severity: Severity,
    /// What is wrong, in one sentence. Where a real tool has words for it, these are its words.
    pub message: String,
    /// Where; `None` only for findings about no file at all.
    pub location: Option<Location>,
    /// Further places: the rule that a value breaks, the layer that it came from.
    pub related: Vec<Related>,
    /// What to do about it, in plain words.
    pub hints: Vec<String>,
}

impl Diagnostic {
    fn new(severity: Severity, code: &'static str, message: impl Into<String>) -> Self {
        let message = message.into();
        Self { code, severity, message, location: None, related: Vec::new(), hints: Vec::new() }
    }

    /// A finding that makes Argo CD or Helm fail.
    pub fn error(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(Severity::Error, code, message)
    }

    /// A finding that is probably a mistake.
    pub fn warning(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(Severity::Warning, code, message)
    }

    /// A finding that is worth knowing.
    pub fn note(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(Severity::Note, code, message)
    }

    /// The same finding at a place.
    #[must_use]
    pub fn at(mut self, location: Location) -> Self {
        self.location = Some(location);
        self
    }

    /// The same finding with a second place.
    #[must_use]
    pub fn with(mut self, location: Location, message: impl Into<String>) -> Self {
        self.related.push(Related { location, message: message.into() });
        self
    }

    /// The same finding with advice.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }

    /// The bytes that it is about, in its own file.
    pub fn span(&self) -> Option<Span> {
        self.location.as_ref().map(|location| location.span)
    }
}

/// The message alone, as the real tool would print it.
impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Diagnostic {}
