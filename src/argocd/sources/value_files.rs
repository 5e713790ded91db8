//! The value files of a Helm source, in the order in which Helm gets them (spec sheet 7.4 and 7.6).

use super::paths::{self, Clean, Resolved};
use super::{Content, Field, Layer, Sought, Work, reference_name, spec};
use crate::diagnostic::Diagnostic;
use crate::merge::{self, Absence};
use crate::repository::glob::Doublestar;
use crate::repository::{Checkout, Content as Stored, Entry, Found, Tree};
use crate::source::File;
use crate::yaml::{self, Document, Kind, Node};
use std::collections::HashSet;
use std::sync::Arc;

/// How entries name files.
const PATHS: &str = "a path starts at the chart's folder, at the repository's root with / before it, or at that of \
                     another source with $name/ before it";

/// The repository (and folder) that an entry is resolved in.
pub(super) struct Base<'a> {
    checkout: Checkout<'a>,
    /// Folder that relative paths start from.
    folder: &'a str,
    /// The path to resolve, with variables substituted.
    path: String,
    /// Whether a `$name` in front led here.
    is_reference: bool,
}

/// Where an entry leads.
pub(super) enum Target<'a> {
    /// A path in a repository.
    Local(Base<'a>, String),
    /// A URL.
    Remote(String),
    /// A repository that is not loaded, and what to do about it.
    NotLoaded(String),
}

impl Base<'_> {
    pub fn tree(&self) -> &Tree {
        self.checkout.tree()
    }

    fn sought(&self, path: &str) -> Sought {
        Sought {
            repository: Arc::clone(&self.checkout.repository.name),
            revision: Arc::clone(&self.checkout.revision.name),
            path: path.into(),
        }
    }
}

impl Target<'_> {
    /// The file in a repository that it is.
    pub fn sought(&self) -> Option<Sought> {
        if let Self::Local(base, path) = self { Some(base.sought(path)) } else { None }
    }
}

impl<'a> Work<'a> {
    /// Resolves an entry of value files or file parameters.
    ///
    /// # Errors
    /// In Argo CD's words.
    pub(super) fn target(&'a self, entry: &str) -> Result<Target<'a>, String> {
        let base = match self.base(entry) {
            Ok(base) => base,
            Err(hint) => return Ok(Target::NotLoaded(hint)),
        };
        let schemes = &self.resolver.settings.value_file_schemes;
        match paths::resolve(base.tree(), base.folder, &base.path, schemes) {
            Ok(Resolved::Local(path)) => Ok(Target::Local(base, path)),
            Ok(Resolved::Remote(url)) => Ok(Target::Remote(url)),
            Err(text) if base.is_reference => Err(format!("error resolving value file path: {text}")),
            Err(text) => Err(text),
        }
    }

    /// The repository of an entry: that of the reference it starts with, or the source's own.
    fn base(&'a self, entry: &str) -> Result<Base<'a>, String> {
        let lender = reference_name(entry).and_then(|name| self.lender(&name[1..]));
        let Some(lender) = lender else {
            let path = self.environment.substitute(entry);
            let folder = &self.folder.path;
            return Ok(Base { checkout: self.checkout, folder, path, is_reference: false });
        };
        // With the slash after the name, if there is one.
        let path = self.environment.substitute(&entry[1 + lender.reference.len()..]);
        let known = self.references.iter().find(|known| std::ptr::eq(known.source, lender));
        let checkout = known.map_or_else(
            || self.resolver.repositories.checkout(&lender.repo_url, &lender.target_revision),
            |known| Ok(known.checkout),
        );
        match checkout {
            Ok(checkout) => Ok(Base { checkout, folder: "", path, is_reference: true }),
            Err(error) => Err(format!("{error}: {}", error.hint())),
        }
    }

    fn lender(&self, name: &str) -> Option<&'a spec::Source> {
        self.several.iter().find(|source| *source.reference == *name)
    }

    /// The layers of `valueFiles`; those found before an error are kept.
    pub(super) fn value_files(&self, helm: &spec::Helm) -> (ValueFiles, Option<Diagnostic>) {
        let globs = self.resolver.profile.argocd.expands_value_file_globs();
        let mut list = List {
            work: self,
            helm,
            globs,
            explicit: HashSet::new(),
            seen: HashSet::new(),
            found: ValueFiles::default(),
        };
        list.found.layers.reserve_exact(helm.value_files.len());
        let targets: Vec<_> = helm.value_files.iter().map(|entry| self.target(entry)).collect();
        if globs {
            list.collect_explicit(&targets);
        }
        for (at, (entry, target)) in helm.value_files.iter().zip(targets).enumerate() {
            if let Err(text) = list.entry(at, entry, target) {
                let mut problem =
                    Diagnostic::error("value-file", format!("error resolving helm value files: {text}"))
                        .hint(PATHS);
                problem.location = self.places.place(Field::ValueFile(at));
                return (list.found, Some(problem));
            }
        }
        (list.found, None)
    }
}

/// What `valueFiles` leads to.
#[derive(Default)]
pub(super) struct ValueFiles {
    pub layers: Vec<Layer>,
    /// [`super::Helm::searched`].
    pub searched: bool,
}

/// A path in one of the trees.
type Place = ((u32, u32), String);

struct List<'a> {
    work: &'a Work<'a>,
    helm: &'a spec::Helm,
    /// Whether wildcards are expanded and files counted once.
    globs: bool,
    /// Paths that are named without wildcards: globs leave them out.
    explicit: HashSet<Place>,
    seen: HashSet<Place>,
    found: ValueFiles,
}

fn is_glob(path: &str) -> bool {
    path.contains(['*', '?', '['])
}

impl List<'_> {
    /// The paths that no pattern names; they matter only beside patterns.
    fn collect_explicit(&mut self, targets: &[Result<Target<'_>, String>]) {
        let local = || {
            targets.iter().filter_map(|target| match target {
                Ok(Target::Local(base, path)) => Some((base.checkout.key, path)),
                _ => None,
            })
        };
        if local().any(|(_, path)| is_glob(path)) {
            let named = local().filter(|(_, path)| !is_glob(path));
            self.explicit = named.map(|(key, path)| (key, path.clone())).collect();
        }
    }

    fn entry(
        &mut self,
        at: usize,
        entry: &Arc<str>,
        target: Result<Target<'_>, String>,
    ) -> Result<(), String> {
        match target.map_err(|text| format!("error resolving value file path: {text}"))? {
            Target::NotLoaded(hint) => self.push(at, entry, None, Content::Absent(Absence::Unknown(hint))),
            Target::Remote(url) => {
                let content = self.remote(&url);
                self.push(at, entry, None, content);
            }
            Target::Local(base, path) if self.globs && is_glob(&path) => {
                self.expand(at, entry, &base, &path)?;
            }
            Target::Local(base, path) => self.local(at, entry, &base, path),
        }
        Ok(())
    }

    fn push(&mut self, at: usize, entry: &Arc<str>, sought: Option<Sought>, content: Content) {
        let field = Field::ValueFile(at);
        let named_at = self.work.places.place(field);
        let written = Arc::clone(entry);
        self.found.layers.push(Layer {
            kind: merge::Kind::ValueFile,
            written,
            field,
            named_at,
            sought,
            content,
        });
    }

    fn local(&mut self, at: usize, entry: &Arc<str>, base: &Base<'_>, path: String) {
        let tree = base.tree();
        let sought = Some(base.sought(&path));
        let found = tree.find(&path);
        let missing = matches!(found, Found::Missing) && !paths::is_below_file(tree, &path);
        let content = if missing && self.helm.ignore_missing_value_files {
            Content::Absent(Absence::MissingAllowed)
        } else if self.globs && !self.seen.insert((base.checkout.key, path.clone())) {
            Content::Absent(Absence::Repeated)
        } else if path.contains([',', '"', '\n']) {
            self.found.searched = true;
            split(tree, &path)
        } else {
            self.read(tree, &path, &found)
        };
        self.push(at, entry, sought, content);
    }

    /// What is at a path, decoded as YAML's readers do it.
    fn read(&self, tree: &Tree, path: &str, found: &Found<'_>) -> Content {
        match found {
            Found::File(Entry { content: Stored::Binary(bytes), .. }) => {
                let helm = self.work.resolver.profile.helm;
                yaml::decode_file(&tree.named(path), bytes, helm).map_or_else(Content::Broken, Content::File)
            }
            _ => read_found(tree, path, found),
        }
    }

    fn expand(&mut self, at: usize, entry: &Arc<str>, base: &Base<'_>, pattern: &str) -> Result<(), String> {
        self.found.searched = true;
        let matches = Doublestar::new(pattern)
            .and_then(|glob| glob.expand(base.tree()))
            .map_err(|error| format!("error expanding glob pattern {entry:?}: {error}"))?;
        if matches.is_empty() {
            if self.helm.ignore_missing_value_files {
                self.push(at, entry, Some(base.sought(pattern)), Content::Absent(Absence::MissingAllowed));
                return Ok(());
            }
            return Err(format!("values file glob {entry:?} matched no files"));
        }
        for path in &matches {
            let full = format!("<path to cached source>/{path}");
            match base.tree().find(path) {
                Found::File(_) | Found::Directory(_) => {}
                Found::Missing => {
                    return Err(format!(
                        "glob pattern {entry:?}: error resolving symlink for glob match {full:?}: lstat {full}: no such file or directory"
                    ));
                }
                Found::Loop => {
                    return Err(format!(
                        "glob pattern {entry:?}: error resolving symlink for glob match {full:?}: EvalSymlinks: too many links"
                    ));
                }
                Found::Outside => {
                    return Err(format!(
                        "glob pattern {entry:?}: glob match {full:?} resolved to outside repository root"
                    ));
                }
            }
        }
        for path in matches {
            let sought = Some(base.sought(&path));
            let place = (base.checkout.key, path);
            if self.explicit.contains(&place) {
                continue;
            }
            let content = self.read(base.tree(), &place.1, &base.tree().find(&place.1));
            let new = self.seen.insert(place);
            self.push(at, entry, sought, if new { content } else { Content::Absent(Absence::Repeated) });
        }
        Ok(())
    }

    /// A URL. A `secrets://` one names a file of the repository, which the plugin helm-secrets decrypts.
    fn remote(&mut self, url: &str) -> Content {
        let scheme = paths::url_scheme(url).unwrap_or_default();
        if scheme == "secrets" || scheme.starts_with("secrets+") {
            let after = url.split_once("://").map_or(url, |(_, after)| after);
            let path = after.rsplit_once('?').map_or(after, |(_, path)| path);
            self.found.searched = true;
            let work = self.work;
            if let Clean::Inside(path) = paths::join(&work.folder.path, path)
                && let Content::File(file) = read(work.checkout.tree(), &path)
            {
                return self.decrypted(file);
            }
        }
        Content::Absent(Absence::Unknown(format!("{url} is not in any repository; Argo CD fetches it")))
    }
}

impl List<'_> {
    /// A file that SOPS has encrypted, as helm-secrets hands it on: without what SOPS writes down about
    /// itself. The values that are encrypted stay unknown.
    fn decrypted(&self, file: Arc<File>) -> Content {
        let Ok(document) = yaml::read_values(&file, self.work.resolver.profile.helm) else {
            return Content::File(file);
        };
        let Kind::Map(entries) = &document.root.kind else { return Content::File(file) };
        if !entries.iter().any(|entry| &*entry.key == "sops") {
            return Content::File(file);
        }
        let kept = entries.iter().filter(|entry| &*entry.key != "sops").cloned().collect();
        let root = Node { kind: Kind::Map(kept), span: document.root.span };
        Content::Document(Document { root, ..document })
    }
}

/// What Helm makes of a path with a comma in it: it splits what it gets for `--values` there, and such a
/// path can work only if every part is a file of its own.
fn split(tree: &Tree, path: &str) -> Content {
    let first = path.split(',').next().unwrap_or(path);
    let broken = |text: String| Content::Broken(Diagnostic::error("value-file", text).hint(PATHS));
    if path.contains(['"', '\n']) {
        return broken(format!("invalid argument {path:?} for \"-f, --values\" flag"));
    }
    match read(tree, first) {
        Content::File(_) => {
            broken(format!("{path} names several files, because Helm splits it at commas; rename the file"))
        }
        content => content,
    }
}

/// What Helm finds at a path.
pub(super) fn read(tree: &Tree, path: &str) -> Content {
    read_found(tree, path, &tree.find(path))
}

fn read_found(tree: &Tree, path: &str, found: &Found<'_>) -> Content {
    let broken = |text: String| Content::Broken(Diagnostic::error("value-file", text).hint(PATHS));
    let full = || format!("<path to cached source>/{path}");
    match found {
        Found::File(entry) => match &entry.content {
            Stored::Text(file) => Content::File(Arc::clone(file)),
            Stored::Skipped(reason) => {
                Content::Absent(Absence::Unknown(format!("{path} was not read: {reason}")))
            }
            Stored::Binary(_) | Stored::Link(_) => broken(format!("{} is not UTF-8 text", full())),
        },
        Found::Directory(_) => broken(format!("read {}: is a directory", full())),
        Found::Loop => broken(format!("open {}: too many levels of symbolic links", full())),
        Found::Missing if paths::is_below_file(tree, path) => {
            broken(format!("open {}: not a directory", full()))
        }
        Found::Missing | Found::Outside => Content::Absent(Absence::Missing),
    }
}
