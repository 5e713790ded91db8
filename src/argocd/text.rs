//! Templates in single strings: fasttemplate and Go templates.
//!
//! Spec sheet section 4. A string is parsed once and rendered with any number of parameter sets.

use super::parameters::{Data, Parameters};
use crate::profile::Profile;
use crate::template::quote::quote;
use std::collections::HashMap;
use std::fmt::Write as _;
use std::sync::Arc;

/// Which template language a set speaks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Mode {
    /// fasttemplate: `{{name}}` is replaced, nothing else is known.
    Fast,
    /// Go's text/template with Sprig (`goTemplate: true`).
    Go(Options),
}

/// `goTemplateOptions`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// What a key gives that a map doesn't have.
    pub missing: Missing,
    /// The first option that Go doesn't know: every template panics on it.
    pub unknown: Option<String>,
}

/// What a key gives that a map doesn't have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Missing {
    /// `<no value>`.
    Invalid,
    /// The zero value of the map's values.
    Zero,
    /// An error.
    Error,
}

impl Options {
    /// Reads `goTemplateOptions`; a later option replaces an earlier one.
    pub fn new<'o>(options: impl IntoIterator<Item = &'o str>) -> Self {
        let mut read = Self { missing: Missing::Invalid, unknown: None };
        for option in options {
            match option {
                "missingkey=default" | "missingkey=invalid" => read.missing = Missing::Invalid,
                "missingkey=zero" => read.missing = Missing::Zero,
                "missingkey=error" => read.missing = Missing::Error,
                other => {
                    read.unknown.get_or_insert_with(|| other.to_owned());
                }
            }
        }
        read
    }
}

/// A string, parsed.
#[derive(Clone, Debug)]
pub enum TextTemplate {
    /// Nothing to replace.
    Plain(Arc<str>),
    /// fasttemplate.
    Fast(Fast),
    /// Rendering fails whatever the parameters are.
    Invalid(String),
}

/// A fasttemplate string.
#[derive(Clone, Debug)]
pub struct Fast {
    /// Text before a tag and the tag as written between its braces.
    parts: Vec<(String, String)>,
    /// Text after the last tag.
    rest: String,
}

/// The parameters that strings are rendered with.
pub struct Scope<'p> {
    parameters: &'p Parameters,
}

impl<'p> Scope<'p> {
    /// A parameter set as templates see it.
    pub fn new(parameters: &'p Parameters) -> Self {
        Self { parameters }
    }

    /// Whether there are no parameters.
    pub fn is_empty(&self) -> bool {
        self.parameters.is_empty()
    }
}

/// Parses strings, each once, and renders them.
#[derive(Debug)]
pub struct Renderer {
    mode: Mode,
    profile: Profile,
    parsed: HashMap<Arc<str>, Arc<TextTemplate>>,
}

impl Renderer {
    /// A renderer for a set.
    pub fn new(mode: Mode, profile: Profile) -> Self {
        Self { mode, profile, parsed: HashMap::new() }
    }

    /// Whether it speaks Go's template language.
    pub fn is_go(&self) -> bool {
        matches!(self.mode, Mode::Go(_))
    }

    /// The same language, in which a missing key is an error.
    #[must_use]
    pub fn strict(&self) -> Self {
        let mode = match &self.mode {
            Mode::Fast => Mode::Fast,
            Mode::Go(options) => {
                Mode::Go(Options { missing: Missing::Error, unknown: options.unknown.clone() })
            }
        };
        Self::new(mode, self.profile)
    }

    /// Parses a string, or finds it among those already parsed.
    pub fn parse(&mut self, text: &Arc<str>) -> Arc<TextTemplate> {
        if let Some(parsed) = self.parsed.get(text) {
            return Arc::clone(parsed);
        }
        let parsed = Arc::new(match &self.mode {
            Mode::Fast => parse_fast(text),
            Mode::Go(_) if !text.contains("{{") => TextTemplate::Plain(Arc::clone(text)),
            Mode::Go(_) => TextTemplate::Invalid("goTemplate".to_owned()),
        });
        self.parsed.insert(Arc::clone(text), Arc::clone(&parsed));
        parsed
    }

    /// Parses and renders a string.
    ///
    /// # Errors
    /// What the controller says about it.
    pub fn replace(&mut self, text: &Arc<str>, scope: &Scope) -> Result<Arc<str>, String> {
        self.parse(text).render(scope)
    }
}

/// Whether a string has anything to replace: on one line `{{` and after it `}}`.
fn is_templated(text: &str) -> bool {
    text.lines().any(|line| line.find("{{").is_some_and(|at| line[at + 2..].contains("}}")))
}

fn parse_fast(text: &Arc<str>) -> TextTemplate {
    if !is_templated(text) {
        return TextTemplate::Plain(Arc::clone(text));
    }
    let mut parts = Vec::new();
    let mut rest = &**text;
    while let Some((before, after)) = rest.split_once("{{") {
        let Some((tag, after_tag)) = after.split_once("}}") else {
            return TextTemplate::Invalid(format!(
                "invalid template: Cannot find end tag=\"}}}}\" in the template={} starting from {}",
                quote(text),
                quote(after)
            ));
        };
        parts.push((before.to_owned(), tag.to_owned()));
        rest = after_tag;
    }
    TextTemplate::Fast(Fast { parts, rest: rest.to_owned() })
}

impl TextTemplate {
    /// Whether rendering can change it.
    pub fn is_plain(&self) -> bool {
        matches!(self, Self::Plain(_))
    }

    /// Renders the string.
    ///
    /// # Errors
    /// What the controller says about it.
    pub fn render(&self, scope: &Scope) -> Result<Arc<str>, String> {
        match self {
            Self::Plain(text) => Ok(Arc::clone(text)),
            Self::Fast(fast) => Ok(fast.render(scope.parameters)),
            Self::Invalid(error) => Err(error.clone()),
        }
    }
}

impl Fast {
    /// A tag that names no string is written as it stands.
    fn render(&self, parameters: &Parameters) -> Arc<str> {
        let mut text = String::new();
        for (before, tag) in &self.parts {
            text.push_str(before);
            match parameters.get(tag.trim()).map(|parameter| &parameter.data) {
                Some(Data::Text(value)) if !tag.trim().is_empty() => text.push_str(value),
                _ => {
                    let _ = write!(text, "{{{{{tag}}}}}");
                }
            }
        }
        text.push_str(&self.rest);
        text.into()
    }
}
