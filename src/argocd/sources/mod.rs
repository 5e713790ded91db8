//! From an Application to what its sources render: type, chart, release and value layers, or the exact
//! error of Argo CD's repository server (spec sheet section 7).
//!
//! A [`Resolver`] is made once for a set of repositories and asked for each Application. What it finds
//! out about folders is kept, so an Application costs little more than looking up its value files.

mod dependencies;
mod directory;
mod environment;
mod folder;
mod helm;
mod overrides;
mod paths;
mod places;
mod resolver;
mod settings;
mod spec;
mod value_files;

pub use dependencies::LoadedChart;
pub use directory::{Directory, Objects};
pub use environment::UNKNOWN_COMMIT;
pub use helm::Helm;
pub use places::{Nowhere, Places, Step};
pub use resolver::Resolver;
pub use settings::Settings;
pub use spec::Skips;

use super::json;
use crate::diagnostic::Diagnostic;
use crate::merge::{self, Absence, Kind};
use crate::source::{File, Location};
use crate::yaml::Document;
use folder::Folder;
use resolver::{Work, reference_name};
use std::sync::Arc;

/// What an Application renders.
#[derive(Clone, Debug, Default)]
pub struct Resolved {
    /// The sources that render, in their order. A source that only lends its files is not among them.
    pub sources: Vec<Source>,
    /// Findings about the Application as a whole.
    pub problems: Vec<Diagnostic>,
}

/// A source that renders.
#[derive(Clone, Debug)]
pub struct Source {
    /// Its position in `spec.sources`; 0 for `spec.source`.
    pub index: usize,
    /// `repoURL`.
    pub repo_url: Arc<str>,
    /// `targetRevision`.
    pub target_revision: Arc<str>,
    /// `path`, or the name of the chart.
    pub path: Arc<str>,
    /// Where the Application writes it.
    pub place: Option<Location>,
    /// What it is.
    pub kind: SourceKind,
    /// Why Argo CD fails to produce it, in its words. What is known in spite of it is in `kind`.
    pub error: Option<Diagnostic>,
    /// What else there is to say.
    pub problems: Vec<Diagnostic>,
}

/// What a source is.
#[derive(Clone, Debug)]
pub enum SourceKind {
    /// A Helm chart.
    Helm(Box<Helm>),
    /// Plain manifests.
    Directory(Directory),
    /// A Kustomize folder; it is not rendered here.
    Kustomize,
    /// A config management plugin; it is not rendered here.
    Plugin,
    /// Nothing is rendered, because `path` and `chart` are both empty.
    Nothing,
    /// An error comes before the type is known.
    Failed,
    /// It can't be known here, e.g. because its repository was not loaded.
    Unknown(Diagnostic),
}

/// A value layer as an Application names it.
#[derive(Clone, Debug)]
pub struct Layer {
    /// What kind it is.
    pub kind: Kind,
    /// As the Application writes it, e.g. `$values/products/a/values.yaml`.
    pub written: Arc<str>,
    /// The field that names it.
    pub field: Field,
    /// Where that is written.
    pub named_at: Option<Location>,
    /// The file that it leads to, whether that is there or not.
    pub sought: Option<Sought>,
    /// What is there.
    pub content: Content,
}

/// A file that a layer leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sought {
    /// Name of the repository.
    pub repository: Arc<str>,
    /// The revision's name; empty where nobody named it.
    pub revision: Arc<str>,
    /// The path as Helm gets it: links in folders on the way are not resolved.
    pub path: Arc<str>,
}

/// What a layer refers to.
#[derive(Clone, Debug)]
pub enum Content {
    /// A file (of a repository or generated) to be read with [`yaml::read_values`].
    File(Arc<File>),
    /// Inline values as part of the file in which the Application is written.
    Document(Document),
    /// A parameter.
    Argument(merge::Argument),
    /// A file that is there and no value file; Helm fails for it.
    Broken(Diagnostic),
    /// Nothing, and why. [`Absence::Missing`] makes Helm fail.
    Absent(Absence),
}

/// A field of a source that names a layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    /// `helm.valueFiles[i]`.
    ValueFile(usize),
    /// `helm.values`.
    Values,
    /// `helm.valuesObject`.
    ValuesObject,
    /// `helm.parameters[i]`.
    Parameter(usize),
    /// `helm.fileParameters[i]`.
    FileParameter(usize),
}

impl Field {
    /// Its path in the source.
    pub fn path(self) -> impl Iterator<Item = Step> {
        let (key, at) = match self {
            Self::ValueFile(at) => ("valueFiles", Some(at)),
            Self::Values => ("values", None),
            Self::ValuesObject => ("valuesObject", None),
            Self::Parameter(at) => ("parameters", Some(at)),
            Self::FileParameter(at) => ("fileParameters", Some(at)),
        };
        [Step::Key("helm"), Step::Key(key)].into_iter().chain(at.map(Step::Index))
    }
}

impl Layer {
    /// The layer for merging. A file is read here; whoever has many Applications keeps what
    /// [`yaml::read_values`] gave for a file and passes it as `read`.
    pub fn to_merge(&self, read: impl FnOnce(&Arc<File>) -> Result<Document, Diagnostic>) -> merge::Layer {
        let content = match &self.content {
            Content::File(file) => match read(file) {
                Ok(document) => merge::Content::Document(document),
                Err(problem) => merge::Content::Broken(problem),
            },
            Content::Document(document) => merge::Content::Document(document.clone()),
            Content::Argument(argument) => merge::Content::Argument(argument.clone()),
            Content::Broken(problem) => merge::Content::Broken(problem.clone()),
            Content::Absent(absence) => merge::Content::Absent(absence.clone()),
        };
        let (label, written) = (Arc::clone(&self.written), Arc::clone(&self.written));
        merge::Layer { kind: self.kind, label, written, named_at: self.named_at.clone(), content }
    }
}

#[cfg(test)]
mod tests;
