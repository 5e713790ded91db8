//! One source of values.

use crate::diagnostic::Diagnostic;
use crate::profile::Helm;
use crate::source::{File, Location};
use crate::yaml::{self, Document};
use std::sync::Arc;

/// What kind of layer it is; the order is that of precedence, lowest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// The chart's (or a subchart's) `values.yaml`.
    ChartDefaults,
    /// An entry of `valueFiles`, `--values`.
    ValueFile,
    /// `valuesObject` or `values`.
    Inline,
    /// `--set-json`; Argo CD has no such thing.
    SetJson,
    /// An entry of `parameters`, `--set`.
    Set,
    /// An entry of `parameters` with `forceString`, `--set-string`.
    SetString,
    /// An entry of `fileParameters`, `--set-file`.
    SetFile,
}

impl Kind {
    /// The option of `helm template` that such a layer is given by.
    pub fn option(self) -> &'static str {
        match self {
            Self::ChartDefaults | Self::ValueFile | Self::Inline => "--values",
            Self::SetJson => "--set-json",
            Self::Set => "--set",
            Self::SetString => "--set-string",
            Self::SetFile => "--set-file",
        }
    }
}

/// Which layer of a computation a write came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LayerId(u32);

impl LayerId {
    const CHART: u32 = 1 << 31;

    /// The user's layer at a position in the order of precedence, from 0.
    pub fn user(position: usize) -> Self {
        Self(u32::try_from(position).unwrap_or(u32::MAX) & !Self::CHART)
    }

    /// The defaults of a chart, by its number in the loaded tree of charts.
    pub fn chart(number: usize) -> Self {
        Self(u32::try_from(number).unwrap_or(u32::MAX) | Self::CHART)
    }

    /// The position, if it is one of the user's layers.
    pub fn as_user(self) -> Option<usize> {
        (self.0 & Self::CHART == 0).then_some(self.0 as usize)
    }

    /// The chart's number, if it is a chart's defaults.
    pub fn as_chart(self) -> Option<usize> {
        (self.0 & Self::CHART != 0).then_some((self.0 & !Self::CHART) as usize)
    }
}

/// A layer: where values come from and what is there.
#[derive(Clone, Debug)]
pub struct Layer {
    /// What kind it is.
    pub kind: Kind,
    /// Short name for people, e.g. `Product prod`.
    pub label: Arc<str>,
    /// As the Application or the command line names it, e.g. `$values/a/values.yaml`.
    pub written: Arc<str>,
    /// Where the Application (or its set's template) names it.
    pub named_at: Option<Location>,
    /// What is there.
    pub content: Content,
}

/// What a layer has to say.
#[derive(Clone, Debug)]
pub enum Content {
    /// A values file; its root is a map, an empty one for an empty file.
    Document(Document),
    /// One argument of `--set` and the like.
    Argument(Argument),
    /// A file that can't be read, with Helm's words for it.
    Broken(Diagnostic),
    /// Nothing, and why.
    Absent(Absence),
}

/// Why a layer says nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Absence {
    /// Its file is missing and may be (`ignoreMissingValueFiles`).
    MissingAllowed,
    /// Its file is missing; Argo CD fails for it before Helm is asked.
    Missing,
    /// It was listed before, and this mention counts for nothing.
    Repeated,
    /// It can't be known here, e.g. a remote URL or an encrypted file.
    Unknown(String),
    /// The Application has no such layer.
    None,
}

/// An argument of `--set` and the like. Each is a [`File`] of its own, whose parent is the place of
/// the parameter.
#[derive(Clone, Debug)]
pub enum Argument {
    /// `--set`: `key=value,…` with Helm's typing.
    Set(Arc<File>),
    /// `--set-string`: every value a string.
    SetString(Arc<File>),
    /// `--set-json`: values in JSON.
    SetJson(Arc<File>),
    /// `--set-file`: a key, and the text of the file that it is set to.
    SetFile {
        /// The key with its path syntax, without `=`.
        key: Arc<File>,
        /// The file.
        text: Arc<File>,
    },
}

impl Argument {
    /// The text that names the keys.
    pub fn file(&self) -> &Arc<File> {
        match self {
            Self::Set(file) | Self::SetString(file) | Self::SetJson(file) => file,
            Self::SetFile { key, .. } => key,
        }
    }

    /// The kind of layer that it makes.
    pub fn kind(&self) -> Kind {
        match self {
            Self::Set(_) => Kind::Set,
            Self::SetString(_) => Kind::SetString,
            Self::SetJson(_) => Kind::SetJson,
            Self::SetFile { .. } => Kind::SetFile,
        }
    }
}

impl Layer {
    /// A layer of a document; its label and what is written are the file's path until they are set.
    pub fn document(kind: Kind, document: Document) -> Self {
        let path = Arc::clone(&document.file.path);
        let content = Content::Document(document);
        Self { kind, label: Arc::clone(&path), written: path, named_at: None, content }
    }

    /// The layer of a values file; one that can't be read is [`Content::Broken`], with Helm's message.
    pub fn read(kind: Kind, file: &Arc<File>, helm: Helm) -> Self {
        match yaml::unmarshal_values(file, helm) {
            Ok(document) => Self::document(kind, document),
            Err(error) => {
                let diagnostic = Diagnostic { message: error.to_string(), ..error.diagnostic(file) };
                let path = Arc::clone(&file.path);
                let content = Content::Broken(diagnostic);
                Self { kind, label: Arc::clone(&path), written: path, named_at: None, content }
            }
        }
    }

    /// A layer of one argument of `--set` and the like.
    pub fn argument(argument: Argument) -> Self {
        let text = Arc::clone(&argument.file().text);
        Self {
            kind: argument.kind(),
            label: argument.kind().option().into(),
            written: text,
            named_at: argument.file().parent.clone(),
            content: Content::Argument(argument),
        }
    }

    /// The file that its spans point into, if it has one.
    pub fn file(&self) -> Option<&Arc<File>> {
        match &self.content {
            Content::Document(document) => Some(&document.file),
            Content::Argument(argument) => Some(argument.file()),
            Content::Broken(diagnostic) => diagnostic.location.as_ref().map(|location| &location.file),
            Content::Absent(_) => None,
        }
    }

    /// Whether it is there and has no keys.
    pub fn is_empty(&self) -> bool {
        matches!(&self.content, Content::Document(document) if document.root.entries().is_empty())
    }

    /// Helm's error for a value file that it can't read.
    pub(super) fn unreadable(&self, diagnostic: &Diagnostic) -> Diagnostic {
        let mut diagnostic = diagnostic.clone();
        diagnostic.message = format!("failed to parse {}: {}", self.written, diagnostic.message);
        diagnostic
    }
}
