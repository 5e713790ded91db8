//! What goes wrong while reading: Helm's words with our own place.

use super::hints;
use crate::diagnostic::Diagnostic;
use crate::source::{File, Location, Span};
use std::fmt;
use std::ops::{Deref, DerefMut};
use std::sync::Arc;

/// Why a text is not readable.
///
/// [`Display`](fmt::Display) gives Helm's text, to be used where Helm's text becomes output (`fromYaml`).
/// It contains Helm's line number, which is often one too low and sometimes missing;
/// [`Error::diagnostic`] leaves it out and gives the true place instead.
///
/// It is one pointer wide: the reader hands results from step to step, which mostly are none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error(Box<Details>);

/// What is known about an error.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Details {
    /// Stable name of the kind of error: `yaml-syntax` and its siblings.
    pub code: &'static str,
    /// The bytes at fault, in the file that was read.
    pub span: Span,
    /// Whether the text is one of the documents of a values file, which Helm 4 says.
    pub(super) of_values: bool,
    /// Where it went wrong.
    pub(super) stage: Stage,
    /// Helm's line number; 0 where Helm names none.
    pub(super) line: u32,
    /// What Helm prints after the line number.
    pub(super) problem: String,
    /// What was being read, and where that began.
    pub(super) context: Option<(Span, &'static str)>,
    /// What to do about it.
    pub(super) hint: Option<&'static str>,
}

/// The steps of Helm's reading, each with its words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    /// Taking documents apart.
    Splitting,
    /// In the YAML library.
    Converting,
    /// On the way from YAML to JSON.
    Marshaling,
    /// In the JSON library.
    Unmarshaling,
}

impl Stage {
    fn words(self) -> &'static str {
        match self {
            Self::Splitting => "error reading yaml document: ",
            Self::Converting => "error converting YAML to JSON: yaml: ",
            Self::Marshaling => "error converting YAML to JSON: ",
            Self::Unmarshaling => "error unmarshaling JSON: while decoding JSON: ",
        }
    }
}

impl Error {
    /// An error without a line number of Helm's.
    pub(super) fn new(code: &'static str, stage: Stage, problem: impl Into<String>, span: Span) -> Self {
        Self(Box::new(Details {
            code,
            span,
            of_values: false,
            stage,
            line: 0,
            problem: problem.into(),
            context: None,
            hint: None,
        }))
    }

    /// The same error, in a document of a values file.
    pub(super) fn of_values(mut self) -> Self {
        self.of_values = true;
        self
    }

    /// The same error at other places.
    pub(super) fn moved(mut self, place: impl Fn(Span) -> Span) -> Self {
        self.span = place(self.span);
        self.context = self.context.map(|(span, message)| (place(span), message));
        self
    }

    /// Helm's message without its line number.
    pub fn message(&self) -> String {
        format!("{}{}{}", self.loading(), self.stage.words(), self.problem)
    }

    fn loading(&self) -> &'static str {
        if self.of_values { "cannot unmarshal yaml document: " } else { "" }
    }

    /// The finding in the file that was read.
    pub fn diagnostic(&self, file: &Arc<File>) -> Diagnostic {
        let mut diagnostic = Diagnostic::error(self.code, self.message()).at(Location::new(file, self.span));
        if let Some((span, message)) = self.context {
            diagnostic = diagnostic.with(Location::new(file, span), message);
        }
        diagnostic.hint(self.hint.unwrap_or_else(|| hints::fallback(self.code, &self.problem)))
    }
}

impl Deref for Error {
    type Target = Details;

    fn deref(&self) -> &Details {
        &self.0
    }
}

impl DerefMut for Error {
    fn deref_mut(&mut self) -> &mut Details {
        &mut self.0
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.loading())?;
        f.write_str(self.stage.words())?;
        if self.line > 0 {
            write!(f, "line {}: ", self.line)?;
        }
        f.write_str(&self.problem)
    }
}

impl std::error::Error for Error {}
