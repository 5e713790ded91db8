//! Errors of templates: Go's text, and where.

use crate::diagnostic::Diagnostic;
use crate::source::Location;
use std::fmt;
use std::sync::Arc;

/// Why a template could not be parsed or executed.
#[derive(Clone, Debug)]
pub struct Error {
    /// What went wrong.
    pub cause: Cause,
    /// The calls that led to it, the outermost first. An error of parsing has one link.
    pub links: Vec<Link>,
}

/// Kinds of errors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// The text is no template.
    Parse,
    /// Execution failed, as it would in Go.
    Execution,
    /// Execution took more than it was allowed, which Go would not have minded yet.
    Budget,
}

/// One error of a chain in which each wraps the next.
#[derive(Clone, Debug)]
pub struct Link {
    /// Its text up to the text of the error that it wraps.
    pub text: String,
    /// Whether it is Go's `ExecError`, which names a place in a template.
    pub located: bool,
    /// The place.
    pub location: Option<Location>,
    /// The template that was being executed.
    pub template: Option<Arc<str>>,
}

impl Error {
    /// An error of parsing.
    pub fn parse(text: String, location: Location) -> Self {
        let link = Link { text, located: false, location: Some(location), template: None };
        Self { cause: Cause::Parse, links: vec![link] }
    }

    /// The error as a diagnostic: at the innermost place, the calls that led there related.
    pub fn diagnostic(&self, message: impl Into<String>) -> Diagnostic {
        let (code, hint) = match self.cause {
            Cause::Parse => ("template-syntax", None),
            Cause::Execution => ("template-error", None),
            Cause::Budget => (
                "template-budget",
                Some("the template was stopped: it runs too long, too deep, or writes too much"),
            ),
        };
        let mut diagnostic = Diagnostic::error(code, message);
        let mut places = self.links.iter().filter(|link| link.location.is_some()).rev();
        diagnostic.location = places.next().and_then(|link| link.location.clone());
        for link in places {
            if let Some(location) = &link.location {
                let from = link.template.as_deref().unwrap_or("a template");
                diagnostic = diagnostic.with(location.clone(), format!("called from `{from}` here"));
            }
        }
        if let Some(hint) = hint { diagnostic.hint(hint) } else { diagnostic }
    }
}

/// Go's text of the error.
impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.links.iter().try_for_each(|link| f.write_str(&link.text))
    }
}

impl std::error::Error for Error {}
