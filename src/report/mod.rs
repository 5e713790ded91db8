//! Plain data for views.
//!
//! Nothing here borrows from the engine and every type can be serialised, so the same reports cross
//! the worker boundary of the page, feed the command line and leave as JSON.

mod application;
mod cascade;
mod compare;
pub mod key_path;
mod load;
mod manifests;
mod objects;
mod overview;
mod places;
mod plain;
mod problems;
mod rendered;
mod rows;
mod search;
mod session;
pub mod text;
mod trace;
pub mod trace_text;

pub use compare::{ChangeCause, ChangedFailure, ChangedKey, Comparing, ProfileComparison, ProfileName};
pub use load::Load;
pub use manifests::{
    ActionReport, LineReport, ManifestReport, ManifestsReport, PartReport, ReachedLine, ReadValue, UnsetValue,
};
pub use objects::{MakerReport, NamespaceReport, ObjectReport};
pub use rendered::Rendered;
pub use session::Session;
pub use trace::{FieldTrace, LayerTrace, PartTrace, ReferenceTrace, SourceTrace, Trace};

pub use crate::diagnostic::{Place, Severity};
pub use crate::merge::Effect;
pub use crate::platform::Change;
pub use crate::repository::load::MOST_FILES;
use serde::{Deserialize, Serialize};

/// A few lines of a file around a marked range.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Excerpt {
    /// Number of the first line shown.
    pub first_line: u32,
    /// The lines without their breaks.
    pub lines: Vec<String>,
    /// The marked line.
    pub marked_line: u32,
    /// Columns of the mark on that line, from 1, the end one past the last.
    pub marked_columns: (u32, u32),
}

/// A diagnostic for a view.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Problem {
    /// Stable name of the kind of finding.
    pub code: String,
    /// How much it matters.
    pub severity: Severity,
    /// What is wrong.
    pub message: String,
    /// Where.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub place: Option<Place>,
    /// The text there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub excerpt: Option<Excerpt>,
    /// Further places with what is there.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub related: Vec<RelatedPlace>,
    /// What to do.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hints: Vec<String>,
    /// Positions in [`Overview::applications`] of the applications that it touches; empty where it
    /// is about the platform as a whole.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub applications: Vec<usize>,
    /// The value that it is about: keys and list positions from the root.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub key_path: Vec<String>,
}

/// A second place of a problem.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RelatedPlace {
    /// The place.
    pub place: Place,
    /// What is there.
    pub message: String,
    /// The text there.
    pub excerpt: Option<Excerpt>,
}

/// Everything that was loaded, in lists short enough to show at once.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Overview {
    /// Name of the profile, e.g. `argocd-3.6`.
    pub profile: String,
    /// Its Argo CD, e.g. `3.6`.
    pub argocd: String,
    /// Its Helm, e.g. `4.3.1`.
    pub helm: String,
    /// The repositories, in the order of their names.
    pub repositories: Vec<RepositorySummary>,
    /// The ApplicationSets.
    pub sets: Vec<SetSummary>,
    /// The Applications, generated and hand-written.
    pub applications: Vec<ApplicationSummary>,
    /// Findings of the whole platform, each once, worst first.
    pub problems: Vec<Problem>,
    /// What an administrator of Argo CD can set and what matters here, as it applies.
    #[serde(default)]
    pub settings: Vec<Setting>,
    /// A fixtures file to start from, with what the sets ask a cluster or a network for; empty if
    /// nothing of the kind is unknown.
    #[serde(default)]
    pub starter_fixtures: String,
    /// Whether files of the user are put aside for the example, while that is shown.
    #[serde(default)]
    pub example: Option<bool>,
    /// The fixtures file as it applies; empty if there is none.
    #[serde(default)]
    pub fixtures: String,
}

/// A setting of Argo CD.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Setting {
    /// Its key in `argocd-cm` or `argocd-cmd-params-cm`.
    pub key: String,
    /// Its value.
    pub value: String,
    /// Where it is given; none for Argo CD's default.
    pub place: Option<Place>,
}

/// A loaded repository.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RepositorySummary {
    /// Its name: the last segment of its URL, or of the folder or zip that it came from.
    pub name: String,
    /// The `repoURL` that it stands for.
    pub url: String,
    /// Whether the URL was guessed from the name and not given by the user.
    pub url_guessed: bool,
    /// Other `repoURL`s that ApplicationSets and Applications name, to choose from.
    pub url_choices: Vec<String>,
    /// Revisions present; one empty name where it stands for all of them.
    pub revisions: Vec<String>,
    /// Number of files that were read.
    pub files: usize,
    /// Paths of the files, sorted.
    pub paths: Vec<String>,
    /// Files that were not read, with the reason.
    pub skipped: Vec<SkippedFile>,
}

/// A file that was not read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SkippedFile {
    /// Path inside the repository.
    pub path: String,
    /// Why, e.g. `larger than 5 MB`.
    pub reason: String,
}

/// An ApplicationSet.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SetSummary {
    /// Its name.
    pub name: String,
    /// Where it is written.
    pub place: Place,
    /// Kinds of its generators from the outside in, e.g. `matrix(git files, list)`.
    pub generators: String,
    /// Number of Applications that it yields.
    pub applications: usize,
    /// Why it yields none, if it fails.
    pub error: Option<String>,
}

/// One Application in the list on the left.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ApplicationSummary {
    /// Its name; unique only together with `set`.
    pub name: String,
    /// The ApplicationSet that yields it; empty for a hand-written one.
    pub set: String,
    /// Position of the Application whose chart renders it, or the set that yields it.
    #[serde(default)]
    pub parent: Option<usize>,
    /// Customer, where labels, parameters or paths tell it.
    pub customer: String,
    /// Product, likewise.
    pub product: String,
    /// Environment, likewise.
    pub environment: String,
    /// `spec.project`.
    pub project: String,
    /// `spec.destination`: the server; the cluster's name where that is not known.
    pub cluster: String,
    /// `spec.destination.namespace`.
    pub namespace: String,
    /// Whether it syncs by itself.
    pub automated: bool,
    /// Number of errors.
    pub errors: usize,
    /// Number of warnings.
    pub warnings: usize,
}

/// One Application in full.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ApplicationReport {
    /// Its line in the list.
    pub summary: ApplicationSummary,
    /// Where it is written: the hand-written Application, or the template of its set.
    pub place: Option<Place>,
    /// The complete object as YAML.
    pub yaml: String,
    /// Parameters that the set's template was rendered with, each with the place that it came from.
    pub parameters: Vec<Parameter>,
    /// The sources that render, in their order.
    pub sources: Vec<SourceReport>,
    /// Findings about the Application as a whole.
    pub problems: Vec<Problem>,
}

/// A parameter of a generator.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Parameter {
    /// Its name as a template writes it, e.g. `path.basename`.
    pub name: String,
    /// Its value as text.
    pub value: String,
    /// The generator that gave it, e.g. `git files`.
    pub generator: String,
    /// Where the value is written.
    pub place: Option<Place>,
}

/// A source of an Application that renders.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SourceReport {
    /// Its position in `spec.sources`; 0 for `spec.source`.
    pub index: usize,
    /// `Helm`, `Directory`, `Kustomize` or `Plugin`.
    pub kind: String,
    /// Its repository's URL.
    pub repo_url: String,
    /// `targetRevision` as written.
    pub target_revision: String,
    /// Path in the repository, or chart name.
    pub path: String,
    /// Chart name and version, for Helm.
    pub chart: Option<ChartSummary>,
    /// Release name and namespace, for Helm.
    pub release: String,
    /// Namespace of the release.
    pub namespace: String,
    /// Layers, lowest precedence first; layers that are absent but were asked for are listed too.
    pub layers: Vec<LayerReport>,
    /// The final values as rows of a tree, parents before children, sorted by key.
    pub rows: Vec<ValueRow>,
    /// The final values as YAML, exactly as Helm's `toYaml` prints them.
    pub yaml: String,
    /// Findings about this source; those of values carry their key path.
    pub problems: Vec<Problem>,
    /// Why Argo CD would fail to produce this source, if it would.
    pub error: Option<String>,
}

/// A chart's own words about itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ChartSummary {
    /// `name`.
    pub name: String,
    /// `version`.
    pub version: String,
    /// `appVersion`.
    pub app_version: String,
    /// Where it is written.
    pub place: Option<Place>,
}

/// What kind of layer it is; the order of precedence, lowest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum LayerKind {
    /// The chart's (or a subchart's) `values.yaml`.
    ChartDefaults,
    /// An entry of `valueFiles`.
    ValueFile,
    /// `valuesObject` or `values`.
    Inline,
    /// `parameters` and `--set`.
    Set,
    /// `parameters` with `forceString`, `--set-string`.
    SetString,
    /// `fileParameters`, `--set-file`.
    SetFile,
}

/// Whether a layer has anything to say.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum LayerStatus {
    /// It is there and has keys.
    Present,
    /// Its file is there and has no keys.
    Empty,
    /// Its file is missing and may be (`ignoreMissingValueFiles`).
    MissingAllowed,
    /// Its file is missing, and Argo CD fails for it.
    Missing,
    /// It was listed before; this mention counts for nothing.
    Repeated,
    /// It can't be known here (a remote URL, an encrypted file).
    Unknown,
    /// Its file is there and can't be read.
    Broken,
    /// The Application has no such layer.
    None,
}

/// One layer of a source.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LayerReport {
    /// Position in the order of precedence, from 1; rows and writes refer to it.
    pub number: usize,
    /// Short name for people, e.g. `Product prod`.
    pub label: String,
    /// What kind it is.
    pub kind: LayerKind,
    /// Whether it has anything to say.
    pub status: LayerStatus,
    /// As the Application names it, e.g. `$values/products/product-a/base-values.yaml`.
    pub written: String,
    /// The file.
    pub place: Option<Place>,
    /// Where the Application (or its set's template) names it.
    pub named_at: Option<Place>,
    /// Number of leaf values that it writes.
    pub keys: usize,
}

/// One row of the tree of values.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ValueRow {
    /// Keys and list positions from the root.
    pub path: Vec<String>,
    /// Whether the last step of `path` is a position in a list.
    pub in_list: bool,
    /// What the value is.
    pub kind: ValueKind,
    /// A scalar as it should be shown (strings in quotes); for a removed value what was there; empty
    /// for maps and lists.
    pub text: String,
    /// Number of children, for maps and lists.
    pub children: usize,
    /// Whether a null removed it, so that it is not in the result.
    pub removed: bool,
    /// Number of the layer that wrote it last; `None` for maps that several layers made together.
    pub layer: Option<usize>,
    /// Where it was written last.
    pub place: Option<Place>,
    /// How many lower layers wrote it too.
    pub overridden: usize,
    /// The layer just below, where it had written the same value.
    pub same_as: Option<usize>,
    /// The value can't be known here, and why (e.g. `encrypted with SOPS`).
    pub unknown: Option<String>,
    /// Errors that blame this row.
    pub errors: usize,
    /// Warnings that blame this row.
    pub warnings: usize,
}

/// The kind of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs)]
pub enum ValueKind {
    Null,
    Bool,
    Number,
    String,
    List,
    Map,
}

/// Everything that was ever written at one path.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Cascade {
    /// Keys and list positions from the root.
    pub path: Vec<String>,
    /// The answer in one sentence: the value, who set it, over how many, whether it is valid. Pieces
    /// of text, so that a view can emphasise values and link layers.
    pub verdict: Vec<VerdictPart>,
    /// Writes, highest precedence first; the first that is not a non-event wins.
    pub writes: Vec<WriteReport>,
    /// Findings that blame this value.
    pub problems: Vec<Problem>,
    /// What schemas say about the key.
    pub rules: Vec<SchemaRule>,
    /// Comment lines of the winning place that belong to the key.
    pub comment: String,
}

/// A piece of a verdict.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", tag = "part", content = "text")]
pub enum VerdictPart {
    /// Plain words.
    Words(String),
    /// A value.
    Value(String),
    /// A layer: its number and label.
    Layer(usize, String),
}

/// What a layer did at a path.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct WriteReport {
    /// Number of the layer.
    pub layer: usize,
    /// Its label.
    pub label: String,
    /// What it did.
    pub effect: Effect,
    /// The effect in words, e.g. `replaces a list of 3 items`, `the Application has none`.
    pub note: String,
    /// The value that it wrote, as YAML; empty for non-events.
    pub text: String,
    /// Where.
    pub place: Option<Place>,
    /// The text there.
    pub excerpt: Option<Excerpt>,
    /// Whether this write is the final value.
    pub wins: bool,
    /// Items of a list that this write dropped, as YAML.
    pub lost: Vec<String>,
}

/// What one schema says about one key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SchemaRule {
    /// Whose schema: `chart`, `product`, `customer`.
    pub owner: String,
    /// Where the rule is written.
    pub place: Place,
    /// The rule in words, e.g. `integer, 1 to 10`.
    pub rule: String,
    /// `title` or `description`.
    pub description: String,
    /// Whether the final value follows it.
    pub valid: bool,
    /// Marked as deprecated.
    pub deprecated: bool,
    /// `default` as JSON; empty if there is none.
    pub default: String,
    /// `enum` as JSON values.
    pub choices: Vec<String>,
}

/// One file for the viewer.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FileReport {
    /// Repository.
    pub repository: String,
    /// Path.
    pub path: String,
    /// Text.
    pub text: String,
    /// What a generated text was made from.
    pub parent: Option<Place>,
    /// Positions of the applications that read it.
    pub applications: Vec<usize>,
}

/// Where a search found something.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", tag = "hit")]
pub enum Hit {
    /// An application, by its name.
    #[serde(rename_all = "camelCase")]
    Application {
        /// Position in [`Overview::applications`].
        application: usize,
    },
    /// A key or value of an application.
    #[serde(rename_all = "camelCase")]
    Value {
        /// Position in [`Overview::applications`].
        application: usize,
        /// Position of the source in `spec.sources`.
        source: usize,
        /// Keys and list positions from the root.
        path: Vec<String>,
        /// The value as it should be shown.
        text: String,
        /// In how many further applications the same key has the same value.
        more: usize,
    },
    /// A file, by its path.
    #[serde(rename_all = "camelCase")]
    File {
        /// Repository.
        repository: String,
        /// Path.
        path: String,
    },
}
