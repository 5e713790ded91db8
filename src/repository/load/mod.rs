//! From files that somebody dropped, named or pasted to repositories.
//!
//! A [`Loader`] is fed one file at a time by whoever does the reading (the page, the command line), so
//! that they can show progress and stop. It reads no disk itself. What can't be taken in is told as a
//! diagnostic and never costs anything but itself.

mod archive;
mod argument;
mod paste;
mod roots;

pub use archive::Archive;
pub use argument::Argument;

use super::{Content, Entry, Repository, Revision, Skipped, Tree, identity, walk_order};
use crate::diagnostic::Diagnostic;
use crate::source::{File, Location};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Files larger than this are not read.
pub const LARGEST_FILE: u64 = 5 * 1024 * 1024;

const TOO_LARGE: &str = "larger than 5 MB";

/// Bytes that one loader takes in before it refuses more.
pub const LARGEST_TOTAL: u64 = 1024 * 1024 * 1024;

/// Files that one loader takes in before it refuses more.
pub const MOST_FILES: usize = 500_000;

/// Binary files up to this size are kept as bytes, for charts that hold archives of their
/// dependencies or use such files; larger ones are not read.
const LARGEST_BINARY: usize = 1024 * 1024;

/// Longest path that file systems take.
const LONGEST_PATH: usize = 4096;

/// Which repositories the files belong to.
#[derive(Clone, Debug, Default)]
pub enum Target {
    /// Repositories are found by content and name.
    #[default]
    Find,
    /// Everything is one repository, as the user says.
    Repository {
        /// The `repoURL` that it stands for.
        url: String,
        /// Its revision; empty if none was named.
        revision: String,
    },
}

/// What a load gave.
#[derive(Debug, Default)]
pub struct Loaded {
    /// The repositories, by name.
    pub repositories: Vec<Repository>,
    /// What could not be taken in or is worth knowing.
    pub problems: Vec<Diagnostic>,
}

/// Takes files in.
#[derive(Debug, Default)]
pub struct Loader {
    target: Target,
    files: Vec<Taken>,
    /// Folders that were given as such; those that stay empty are told.
    folders: BTreeSet<String>,
    skipped: BTreeMap<String, Arc<str>>,
    git: BTreeMap<String, Git>,
    archives: BTreeSet<String>,
    problems: Vec<Diagnostic>,
    bytes: u64,
    full: bool,
}

/// A file with its path from the top of what was given.
#[derive(Debug)]
struct Taken {
    path: String,
    content: Content,
}

/// What a `.git` folder says about the repository around it.
#[derive(Clone, Debug, Default)]
struct Git {
    branch: Option<String>,
    remote: Option<String>,
}

impl Loader {
    /// A loader that takes files in for `target`.
    pub fn new(target: Target) -> Self {
        Self { target, ..Self::default() }
    }

    /// Number of files taken in so far.
    pub fn len(&self) -> usize {
        self.files.len()
    }

    /// Whether nothing was taken in so far.
    pub fn is_empty(&self) -> bool {
        self.files.is_empty()
    }

    /// Whether a file is worth reading at all. If not, it is listed as skipped: ask before reading,
    /// and don't walk into a folder that is refused (give its path with a final `/`).
    pub fn wants(&mut self, path: &str, size: u64) -> bool {
        if let Some((folder, reason)) = skipped_folder(path) {
            self.skipped.insert(folder.to_owned(), reason.into());
            return false;
        }
        if size > LARGEST_FILE {
            self.skip(path, TOO_LARGE);
            return false;
        }
        true
    }

    /// A folder that was given; it is told if it stays empty.
    pub fn folder(&mut self, path: &str) {
        self.folders.insert(path.trim_matches('/').to_owned());
    }

    /// Takes a file in. The path starts with the name of the dropped folder, if there is one (but not
    /// where the whole folder is one repository, [`Target::Repository`]). A binary file counts as
    /// skipped, but a small one is kept as bytes.
    pub fn file(&mut self, path: &str, bytes: &[u8]) {
        if !self.wants(path, bytes.len() as u64) {
            return;
        }
        let Some(path) = self.accept(path, bytes.len() as u64) else { return };
        if let Some((root, file)) = git_file(&path) {
            let text = String::from_utf8_lossy(bytes);
            let git = self.git.entry(root.to_owned()).or_default();
            if file == "HEAD" {
                git.branch = head(&text);
            } else {
                git.remote = remote(&text);
            }
            return;
        }
        let content = self.content(&path, bytes);
        self.files.push(Taken { path, content });
    }

    /// Takes a symbolic link in.
    pub fn link(&mut self, path: &str, target: &str) {
        if !self.wants(path, 0) {
            return;
        }
        if let Some(path) = self.accept(path, target.len() as u64) {
            self.files.push(Taken { path, content: Content::Link(target.into()) });
        }
    }

    /// Takes pasted text in: one file at `path`, or several, each after a line `# path: a/b.yaml`.
    pub fn paste(&mut self, path: &str, text: &str) {
        for (own, text) in paste::split(text) {
            self.file(own.as_deref().unwrap_or(path), text.as_bytes());
        }
    }

    /// Tells a problem together with those of the load, e.g. that a file could not be read.
    pub fn problem(&mut self, problem: Diagnostic) {
        self.problems.push(problem);
    }

    /// The repositories that the files make.
    pub fn finish(mut self) -> Loaded {
        self.files.sort_by(|a, b| walk_order(&a.path, &b.path));
        self.tell_twins();
        self.tell_empty_folders();
        let named = named_repositories(&self.files);
        let roots = match &self.target {
            Target::Find => roots::find(&self.files, &self.git, &self.archives, &named),
            Target::Repository { .. } => vec![roots::single(&self.files, &self.archives)],
        };
        let mut skipped: Vec<(String, Arc<str>)> = self.skipped.into_iter().collect();
        let mut files: Vec<Option<Taken>> = self.files.into_iter().map(Some).collect();
        let mut repositories = Vec::new();
        // Deeper roots first, so that each file goes to the innermost.
        let mut order: Vec<&String> = roots.iter().collect();
        order.sort_by_key(|root| std::cmp::Reverse(root.len()));
        for root in order {
            let (name, revision, git) = match &self.target {
                Target::Repository { url, revision } => {
                    (identity::last_segment(url).to_owned(), revision.clone(), Git::default())
                }
                Target::Find => {
                    let (name, revision) = roots::packed_chart(root, &self.archives).unwrap_or_else(|| {
                        roots::name_and_revision(roots::naming(root, &self.archives), &named)
                    });
                    (name, revision, self.git.get(root).cloned().unwrap_or_default())
                }
            };
            let label: Arc<str> = name.as_str().into();
            let entries = take_under(&mut files, root, &label);
            if entries.is_empty() {
                continue;
            }
            let skipped = take_skipped(&mut skipped, root);
            let given = if revision.is_empty() { git.branch.unwrap_or_default() } else { revision };
            let mut revision = Revision::new(&given, Arc::new(Tree::new(entries)));
            revision.skipped = skipped;
            let (url, url_guessed) = match &self.target {
                Target::Repository { url, .. } => (url.clone(), false),
                Target::Find => (git.remote.unwrap_or_default(), true),
            };
            let url = url.into();
            repositories.push(Repository {
                name: label,
                url,
                url_guessed,
                revisions: vec![revision],
                complete: false,
            });
        }
        repositories.sort_by(|a, b| a.name.cmp(&b.name));
        if let Some(problem) = skipped_alone(&skipped) {
            self.problems.push(problem);
        }
        if repositories.is_empty() && self.problems.is_empty() {
            let nothing = Diagnostic::error("repository-empty", "there is no file to load")
                .hint("drop the folder or archive of a repository, e.g. one with applicationsets or customers in it");
            self.problems.push(nothing);
        }
        Loaded { repositories, problems: self.problems }
    }

    fn skip(&mut self, path: &str, reason: &str) {
        self.skipped.insert(path.trim_matches('/').to_owned(), reason.into());
    }

    /// The clean path of a file that may come in; tells why otherwise.
    fn accept(&mut self, path: &str, size: u64) -> Option<String> {
        if self.full {
            return None;
        }
        self.bytes += size;
        if self.bytes > LARGEST_TOTAL || self.files.len() >= MOST_FILES {
            self.full = true;
            let message = format!(
                "too much at once: loading stops at {MOST_FILES} files or {} MB",
                LARGEST_TOTAL / 1024 / 1024
            );
            self.problems.push(
                Diagnostic::error("repository-too-large", message)
                    .hint("leave out folders that hold no configuration, or load repositories one by one"),
            );
            return None;
        }
        match clean(path) {
            Ok(path) => Some(path),
            Err(reason) => {
                self.problems.push(
                    Diagnostic::error("repository-path", format!("{path:?} was not loaded: {reason}"))
                        .hint("paths are taken from the top of a repository, with / between folders"),
                );
                None
            }
        }
    }

    fn content(&mut self, path: &str, bytes: &[u8]) -> Content {
        match std::str::from_utf8(bytes) {
            Ok(text) if !text.contains('\0') => Content::Text(File::new("", path, text)),
            Err(error) if !bytes.contains(&0) => {
                let byte = bytes[error.valid_up_to()];
                let message = format!("this is not UTF-8 text: byte {byte:#04x}");
                let (shown, span) = File::lossy("", path, bytes);
                let warning = Diagnostic::warning("repository-encoding", message);
                let warning = warning.at(Location::new(&shown, span)).hint("save the file as UTF-8");
                self.problems.push(warning);
                self.binary(path, bytes, "not UTF-8 text")
            }
            _ => self.binary(path, bytes, "binary"),
        }
    }

    /// Bytes that nobody can look at here; who reads the file may know what to do with them.
    fn binary(&mut self, path: &str, bytes: &[u8], reason: &str) -> Content {
        self.skip(path, reason);
        if bytes.len() <= LARGEST_BINARY {
            Content::Binary(bytes.into())
        } else {
            Content::Skipped(reason.into())
        }
    }

    /// Tells paths that were given twice; the tree keeps the last.
    fn tell_twins(&mut self) {
        for pair in self.files.windows(2) {
            if pair[0].path == pair[1].path {
                let message = format!("there are two files {}; the last one counts", pair[0].path);
                self.problems.push(Diagnostic::warning("repository-twice", message));
            }
        }
        let folder = |pair: &[Taken]| {
            let below = pair[1].path.strip_prefix(pair[0].path.as_str());
            below.is_some_and(|rest| rest.starts_with('/'))
        };
        for pair in self.files.windows(2).filter(|pair| folder(pair)) {
            let message = format!("{} is a file and a folder; the file was left out", pair[0].path);
            self.problems.push(Diagnostic::warning("repository-twice", message));
        }
    }

    fn tell_empty_folders(&mut self) {
        for folder in &self.folders {
            let prefix = format!("{folder}/");
            let start = self.files.partition_point(|file| walk_order(&file.path, &prefix).is_lt());
            if !self.files.get(start).is_some_and(|file| file.path.starts_with(&prefix)) {
                let message = format!("the folder {folder} holds no file that could be loaded");
                self.problems.push(
                    Diagnostic::warning("repository-empty", message)
                        .hint("browsers hand over folders without a file as nothing at all"),
                );
            }
        }
    }

    /// Forgets everything below a folder: an archive that turned out bad.
    fn discard(&mut self, folder: &str) {
        let prefix = format!("{folder}/");
        self.files.retain(|file| !file.path.starts_with(&prefix));
        self.skipped.retain(|path, _| !path.starts_with(&prefix));
        self.archives.remove(folder);
    }
}

/// Folders that hold nothing of interest, each with the reason.
const SKIPPED_FOLDERS: [(&str, &str); 4] = [
    (".git", "Git's own data"),
    ("node_modules", "installed packages"),
    (".terraform", "Terraform's cache"),
    ("__MACOSX", "what macOS adds to archives"),
];

/// The folder of the path that is skipped whole, with its final slash, and why.
fn skipped_folder(path: &str) -> Option<(&str, &'static str)> {
    if git_file(path).is_some() {
        return None;
    }
    let mut start = 0;
    for part in path.split_inclusive('/') {
        let end = start + part.len();
        let name = part.strip_suffix('/')?;
        if let Some((_, reason)) = SKIPPED_FOLDERS.iter().find(|(folder, _)| *folder == name) {
            return Some((&path[..end], reason));
        }
        start = end;
    }
    None
}

/// The folder around a `.git` folder and the file in it that says something about the repository.
fn git_file(path: &str) -> Option<(&str, &str)> {
    let (folder, file) = path.rsplit_once('/')?;
    let root = if folder == ".git" { "" } else { folder.strip_suffix("/.git")? };
    matches!(file, "HEAD" | "config").then_some((root, file))
}

/// The branch (or commit) that `.git/HEAD` names.
fn head(text: &str) -> Option<String> {
    let text = text.trim();
    let branch = text.strip_prefix("ref:").map(|reference| {
        let reference = reference.trim();
        reference.strip_prefix("refs/heads/").unwrap_or(reference)
    });
    branch.or(super::is_commit(text).then_some(text)).map(str::to_owned)
}

/// The URL of the remote `origin`, or else of the first remote, in a `.git/config`.
fn remote(text: &str) -> Option<String> {
    let mut section = "";
    let mut first = None;
    for line in text.lines().map(str::trim) {
        if line.starts_with('[') {
            section = line;
            continue;
        }
        let Some((key, value)) = line.split_once('=') else { continue };
        if key.trim() == "url" && section.starts_with("[remote ") {
            let url = value.trim().to_owned();
            if section == "[remote \"origin\"]" {
                return Some(url);
            }
            first = first.or(Some(url));
        }
    }
    first
}

/// A path without `.` and repeated slashes, or why it is none that may come in.
fn clean(path: &str) -> Result<String, &'static str> {
    // Old archivers on Windows write backslashes.
    let converted;
    let path = if path.contains('\\') && !path.contains('/') {
        converted = path.replace('\\', "/");
        &converted
    } else {
        path
    };
    let drive = path.as_bytes().get(1) == Some(&b':') && path.starts_with(|c: char| c.is_ascii_alphabetic());
    if path.starts_with('/') || drive && path[2..].starts_with(['/', '\\']) {
        return Err("its path is absolute");
    }
    if path.len() > LONGEST_PATH {
        return Err("its path is longer than 4,096 bytes");
    }
    if path.contains('\0') {
        return Err("its path holds a zero byte");
    }
    let parts = path.split('/').filter(|part| !matches!(*part, "" | "."));
    let mut clean = String::with_capacity(path.len());
    for part in parts {
        if part == ".." {
            return Err("its path leads upwards with ..");
        }
        if !clean.is_empty() {
            clean.push('/');
        }
        clean.push_str(part);
    }
    if clean.is_empty() { Err("its path is empty") } else { Ok(clean) }
}

/// Names of the repositories whose URLs the files mention after `repoURL:`.
fn named_repositories(files: &[Taken]) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for file in files {
        let Content::Text(text) = &file.content else { continue };
        let mut rest = &*text.text;
        while let Some(at) = rest.find("repoURL:") {
            rest = &rest[at + "repoURL:".len()..];
            let line = rest.lines().next().unwrap_or("").trim().trim_matches(['"', '\'']);
            let name = identity::last_segment(line);
            if !name.is_empty() && !name.contains(['{', ' ']) {
                names.insert(name.to_owned());
            }
        }
    }
    names
}

/// Takes the files below a root out, with their paths from there.
fn take_under(files: &mut [Option<Taken>], root: &str, label: &Arc<str>) -> Vec<Entry> {
    let skip = if root.is_empty() { 0 } else { root.len() + 1 };
    let inside = |taken: &&mut Option<Taken>| {
        let path = taken.as_ref().map(|taken| taken.path.as_str());
        path.is_some_and(|path| {
            skip == 0 || path.as_bytes().get(root.len()) == Some(&b'/') && path.starts_with(root)
        })
    };
    let entry = |taken: Taken| match taken.content {
        Content::Text(file) => Entry::text(Arc::clone(label), &taken.path[skip..], Arc::clone(&file.text)),
        content => Entry { path: taken.path[skip..].into(), content },
    };
    files.iter_mut().filter(inside).filter_map(Option::take).map(entry).collect()
}

/// What was skipped and lies in no repository, where nobody would find it in a list.
fn skipped_alone(skipped: &[(String, Arc<str>)]) -> Option<Diagnostic> {
    let ((path, reason), more) = skipped.split_first()?;
    let more = match more.len() {
        0 => String::new(),
        count => format!(", and {count} more"),
    };
    let message = format!("nothing was loaded of {path} ({reason}){more}");
    Some(Diagnostic::warning("repository-skipped", message))
}

fn take_skipped(skipped: &mut Vec<(String, Arc<str>)>, root: &str) -> Vec<Skipped> {
    let prefix = if root.is_empty() { String::new() } else { format!("{root}/") };
    let (inside, rest) = std::mem::take(skipped).into_iter().partition(|(path, _)| path.starts_with(&prefix));
    *skipped = rest;
    let inside: Vec<(String, Arc<str>)> = inside;
    let skip = |(path, reason): (String, Arc<str>)| Skipped { path: path[prefix.len()..].into(), reason };
    inside.into_iter().map(skip).collect()
}

#[cfg(test)]
mod tests;
