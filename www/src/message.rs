//! What the page and the engine in its worker say to each other.
//!
//! Every message is plain data that serde-wasm-bindgen carries over the worker boundary. One request
//! may have many answers; long lists come in pieces, so that decoding one never holds up the page.

use serde::{Deserialize, Serialize};
use strata::report::{
    ActionReport, ApplicationReport, ApplicationSummary, Cascade, ChangeCause, FileReport, Hit, LineReport,
    ManifestsReport, NamespaceReport, ObjectReport, Overview, Problem, ProfileComparison, ReachedLine,
    ReadValue, Trace, ValueRow,
};
use wasm_bindgen::JsValue;

/// A message with the number of the request that it belongs to.
#[derive(Serialize, Deserialize)]
pub struct Envelope<Body> {
    /// Number of the request; 0 for what nobody asked for.
    pub request: u32,
    /// What is said.
    pub body: Body,
}

/// What the page asks for.
#[derive(Clone, Serialize, Deserialize)]
pub enum Request {
    /// Start to load. A load that was under way is forgotten.
    Begin,
    /// Files for the load under way.
    Files(Batch),
    /// Dropped folders and files for the load under way, as the browser's `FileSystemHandle`s.
    Handles(#[serde(with = "serde_wasm_bindgen::preserve")] js_sys::Array),
    /// Pasted text for the load under way; may hold several files with `# path:` lines before them.
    Paste {
        /// Path of the text where it has no such lines.
        path: String,
        /// The text.
        text: String,
    },
    /// The example platform for the load under way.
    Example,
    /// Show the user's files again in place of the example.
    CloseExample,
    /// Make what was loaded the platform and evaluate it.
    Commit,
    /// Give up the load under way, in whatever stage it is.
    Cancel,
    /// One Application in full, by its position.
    Application(usize),
    /// Everything that was written at one path.
    Cascade {
        /// Position of the Application.
        application: usize,
        /// Position of the source in `spec.sources`.
        source: usize,
        /// Keys and list positions from the root.
        path: Vec<String>,
    },
    /// One file.
    File {
        /// Its repository.
        repository: String,
        /// Its path.
        path: String,
    },
    /// Applications, keys, values and files that hold a text.
    Search(String),
    /// Which `repoURL` a repository stands for.
    SetUrl {
        /// Name of the repository.
        repository: String,
        /// The `repoURL`.
        url: String,
    },
    /// Whose rules apply, e.g. `argocd-3.6`.
    SetProfile(String),
    /// What changes under another profile, e.g. `argocd-3.4`. Only the last such question is answered.
    Compare(String),
    /// Take a repository out, by its name.
    Remove(String),
    /// Of which branch, tag or commit a folder or archive is.
    SetRevision {
        /// Name of the repository.
        repository: String,
        /// Name of the revision so far.
        revision: String,
        /// Its name from now on.
        name: String,
    },
    /// A fixtures file in place of the one before.
    SetFixtures(String),
    /// The manifests of the source at a position in `spec.sources` of an Application.
    Manifests {
        /// Position of the Application.
        application: usize,
        /// Position of the source.
        source: usize,
    },
    /// The lines of manifests that a value reaches.
    Reached {
        /// Position of the Application.
        application: usize,
        /// Position of the source in `spec.sources`.
        source: usize,
        /// Keys and list positions from the root.
        path: Vec<String>,
    },
    /// How an Application comes about, by its position.
    Trace(usize),
    /// A problem of the overview in full, by its position.
    Problem(usize),
    /// Problems that are found only when everything is rendered. What was rendered stays so when the
    /// answer is not waited for.
    Render,
    /// The namespaces into which what was rendered so far goes.
    Namespaces,
    /// The objects of a namespace that were rendered so far.
    Objects {
        /// The cluster.
        cluster: String,
        /// The namespace; empty for what lies in none.
        namespace: String,
    },
    /// Nobody listens to the answer to an earlier request, by its number, any more.
    Forget(u32),
}

/// Files that the worker reads itself.
#[derive(Clone, Default, Serialize, Deserialize)]
pub struct Batch {
    /// Path of each file, from the dropped folder's name on.
    pub paths: Vec<String>,
    /// The browser's `File` of each path; `null` for a path that is only to be listed as skipped, `undefined`
    /// for a file that could not be opened.
    #[serde(with = "serde_wasm_bindgen::preserve")]
    pub files: js_sys::Array,
}

/// Whether a file of a `.git` folder tells the repository's branch or URL.
pub fn tells_revision(name: &str) -> bool {
    matches!(name, "HEAD" | "config")
}

/// What the engine answers.
#[derive(Serialize, Deserialize)]
pub enum Answer {
    /// The engine has started.
    Started,
    /// How far it is.
    Progress(Progress),
    /// Number of files that handles led to.
    Listed(usize),
    /// What was wrong with loaded files.
    Findings(Vec<Problem>),
    /// The platform without its long lists, and the time that evaluating took, in milliseconds.
    Overview(Box<Overview>, f64),
    /// Further Applications of the overview.
    Applications(Vec<ApplicationSummary>),
    /// Further problems of the overview, those of single Applications without what belongs to them; further
    /// problems of rendering.
    Problems(Vec<Problem>),
    /// A problem in full.
    Problem(Box<Problem>),
    /// An Application without the rows of its sources.
    Application(Box<ApplicationReport>),
    /// Further rows of the source at a position in the report's list.
    Rows(usize, Vec<ValueRow>),
    /// What was written at a path.
    Cascade(Box<Cascade>),
    /// A file.
    File(Box<FileReport>),
    /// What a search found.
    Hits(Vec<Hit>),
    /// What changes under another profile, without the lines that make the difference.
    Comparison(Box<ProfileComparison>),
    /// Further lines that make the difference.
    Causes(Vec<ChangeCause>),
    /// Manifests without their lines, and without the actions and values that those refer to.
    Manifests(Box<ManifestsReport>),
    /// Further actions.
    Actions(Vec<ActionReport>),
    /// Further values.
    Values(Vec<ReadValue>),
    /// Further lines of the manifest at a position.
    Lines(usize, Vec<LineReport>),
    /// Lines that a value reaches, the first of them, and the number of all.
    Reached(Vec<ReachedLine>, usize),
    /// How an Application comes about.
    Trace(Box<Trace>),
    /// Further namespaces.
    Namespaces(Vec<NamespaceReport>),
    /// Further objects.
    Objects(Vec<ObjectReport>),
    /// That can't be done, and why.
    Refused(String),
    /// That does not exist.
    Nothing,
    /// The request is answered.
    Done,
}

/// How far a load is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    /// What is being done.
    pub stage: Stage,
    /// Files read, or Applications evaluated.
    pub done: usize,
    /// Out of how many; 0 while nobody knows.
    pub total: usize,
}

/// The stages of a load.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Stage {
    /// The browser lists folders.
    Listing,
    /// Files are read.
    Reading,
    /// An archive is unpacked.
    Unpacking,
    /// Applications are evaluated.
    Evaluating,
    /// Applications are rendered.
    Rendering,
}

/// A message as the browser carries it; `null` if it can't be written, which plain data never is.
pub fn encode<Body: Serialize>(request: u32, body: Body) -> JsValue {
    serde_wasm_bindgen::to_value(&Envelope { request, body }).unwrap_or(JsValue::NULL)
}

/// A message as the browser carried it; `None` for anything that is none of ours.
pub fn decode<Body: for<'de> Deserialize<'de>>(message: JsValue) -> Option<Envelope<Body>> {
    serde_wasm_bindgen::from_value(message).ok()
}
