//! Why an ApplicationSet yields nothing.

use crate::diagnostic::Diagnostic;
use crate::source::{File, Location, Span};
use crate::yaml::Node;
use std::sync::Arc;

/// Values that nest deeper are refused: they are walked recursively, and the page's stack is small.
pub const MOST_LEVELS: usize = 200;

/// Whether a value nests too deeply to be walked.
pub fn is_too_deep(node: &Node) -> bool {
    node.walk().any(|(_, depth)| depth as usize > MOST_LEVELS)
}

/// What is said about such a value.
pub const TOO_DEEP: &str = "the document nests too deeply to be read here";

/// The first error, in the controller's words.
#[derive(Clone, Debug)]
pub struct Failure {
    /// What the controller reports.
    pub message: String,
    /// The code of the diagnostic.
    pub code: &'static str,
    /// Where it is in the ApplicationSet.
    pub span: Option<Span>,
    /// Where it is in another file; before `span`.
    pub place: Option<Location>,
    /// What to do about it.
    pub hints: Vec<String>,
}

impl Failure {
    /// An error whose place is still to be said.
    pub fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), code: "appset-error", span: None, place: None, hints: Vec::new() }
    }

    /// An error at a place in the ApplicationSet.
    pub fn at(message: impl Into<String>, span: Span) -> Self {
        Self { span: Some(span), ..Self::new(message) }
    }

    /// The same error under another code.
    #[must_use]
    pub fn code(mut self, code: &'static str) -> Self {
        self.code = code;
        self
    }

    /// The same error at a place in some file.
    #[must_use]
    pub fn place(mut self, place: Location) -> Self {
        self.place.get_or_insert(place);
        self
    }

    /// The same error, at `span` unless it has a place already.
    #[must_use]
    pub fn or_at(mut self, span: Span) -> Self {
        self.span.get_or_insert(span);
        self
    }

    /// The same error with advice.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }

    /// The same error as whoever passes it on words it.
    #[must_use]
    pub fn within(mut self, context: &str) -> Self {
        self.message = format!("{context}: {}", self.message);
        self
    }

    /// As a diagnostic about an ApplicationSet in `file`.
    pub fn into_diagnostic(self, file: &Arc<File>) -> Diagnostic {
        let place = self.place.or_else(|| self.span.map(|span| Location::new(file, span)));
        let mut diagnostic = Diagnostic::error(self.code, self.message);
        diagnostic.location = place;
        diagnostic.hints = self.hints;
        diagnostic
    }
}
