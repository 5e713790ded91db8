//! Repositories: trees of files by URL and revision, and the ways in which they are loaded.

pub mod glob;
pub mod guess;
pub mod identity;
pub mod load;
mod revision;
mod tree;

pub use revision::{Revision, RevisionKind, is_commit};
pub use tree::{Content, Entry, Found, Tree, walk_order};

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

/// A file that was not read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Skipped {
    /// Path inside the repository; a folder that was skipped whole ends with `/`.
    pub path: Arc<str>,
    /// Why, e.g. `larger than 5 MB`.
    pub reason: Arc<str>,
}

/// A repository with the revisions of it that are present.
#[derive(Clone, Debug)]
pub struct Repository {
    /// Last segment of its URL, or the name of the folder or archive that it came from.
    pub name: Arc<str>,
    /// The `repoURL` that it stands for; empty while nobody has named one.
    pub url: Arc<str>,
    /// Whether the URL was guessed and not given by the user.
    pub url_guessed: bool,
    /// Revisions, at least one; the order counts where two have one name (the first one is taken).
    pub revisions: Vec<Revision>,
    /// Whether these are all revisions that exist: then any other is an error, as in Argo CD. If not,
    /// a single revision stands for all others, and that is told.
    pub complete: bool,
}

/// Every repository that was loaded.
#[derive(Clone, Debug, Default)]
pub struct Repositories {
    list: Vec<Repository>,
    by_url: HashMap<Arc<str>, usize>,
    /// By normalised URL; URLs that a guess also stands for included.
    by_identity: HashMap<String, usize>,
}

/// A repository at a revision.
#[derive(Clone, Copy, Debug)]
pub struct Checkout<'a> {
    /// The repository.
    pub repository: &'a Repository,
    /// The revision.
    pub revision: &'a Revision,
    /// Whether another revision was asked for, and this one stands for it because it is the only one.
    pub stands_in: bool,
    /// What identifies this checkout among all: positions of repository and revision.
    pub key: (u32, u32),
}

impl Checkout<'_> {
    /// Its files.
    pub fn tree(&self) -> &Arc<Tree> {
        &self.revision.tree
    }
}

/// Why there is no checkout.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CheckoutError {
    /// No loaded repository has this URL.
    Repository {
        /// The URL as written.
        url: String,
        /// Names of loaded repositories that end with the same segment.
        near: Vec<String>,
    },
    /// The repository has no such revision.
    Revision {
        /// Name of the repository.
        repository: String,
        /// The revision as written.
        revision: String,
        /// Names of the revisions that are there.
        present: Vec<String>,
    },
    /// No loaded repository is this chart.
    Chart {
        /// Its name.
        chart: String,
        /// The version as written.
        version: String,
    },
}

impl fmt::Display for CheckoutError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Repository { url, .. } => write!(f, "no loaded repository is {url}"),
            Self::Revision { repository, revision, present } => {
                write!(f, "{repository} has no revision {revision:?}; loaded: {}", present.join(", "))
            }
            Self::Chart { chart, version } => write!(f, "the chart {chart} {version} is not loaded"),
        }
    }
}

impl std::error::Error for CheckoutError {}

impl CheckoutError {
    /// What the user can do about it.
    pub fn hint(&self) -> String {
        match self {
            Self::Repository { url, near } if near.is_empty() => {
                format!("load the repository {:?}", identity::last_segment(url))
            }
            Self::Repository { url, near } => {
                format!("set the URL of {} to {url} if they are the same", near.join(" or "))
            }
            Self::Revision { repository, revision, .. } => {
                format!("load that revision as a folder or archive named {repository}@{revision}")
            }
            Self::Chart { chart, version } => {
                format!("load {chart}-{version}.tgz, as `helm pull` saves it, or the chart's folder")
            }
        }
    }
}

impl Repositories {
    /// These repositories; of two with one URL the first is found.
    pub fn new(list: Vec<Repository>) -> Self {
        let mut all = Self { list, ..Self::default() };
        all.index();
        all
    }

    /// The repositories.
    pub fn all(&self) -> &[Repository] {
        &self.list
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// Takes in what was loaded. A repository of the same URL (or, with no URL given, the same name)
    /// gets the revisions; a revision of the same name is replaced.
    pub fn add(&mut self, loaded: impl IntoIterator<Item = Repository>) {
        for repository in loaded {
            let same = |known: &&mut Repository| {
                if repository.url.is_empty() || repository.url_guessed || known.url.is_empty() {
                    known.name == repository.name
                } else {
                    identity::normalise(&known.url) == identity::normalise(&repository.url)
                }
            };
            match self.list.iter_mut().find(same) {
                Some(known) => known.absorb(repository),
                None => self.list.push(repository),
            }
        }
        self.list.iter_mut().for_each(Repository::label);
        self.list.sort_by(|a, b| a.name.cmp(&b.name));
        self.index();
    }

    /// Takes in single files: they replace, or stand beside, those of the revision of the same name (or,
    /// with no name, of the default revision) of the repository of the same name. Whatever has no such
    /// repository is added as by [`Repositories::add`].
    pub fn add_files(&mut self, loaded: impl IntoIterator<Item = Repository>) {
        let mut new = Vec::new();
        for repository in loaded {
            let Some(known) = self.list.iter_mut().find(|known| known.name == repository.name) else {
                new.push(repository);
                continue;
            };
            for revision in repository.revisions {
                match revision::resolve(&known.revisions, &revision.name) {
                    Some(at) => known.revisions[at].overlay(revision),
                    None => known.revisions.push(revision),
                }
            }
        }
        self.add(new);
    }

    /// Sets the text of one file of a revision, or takes the file away. Tells whether there is such a
    /// revision.
    pub fn edit(&mut self, repository: &str, revision: &str, path: &str, text: Option<&str>) -> bool {
        let Some(known) = self.list.iter_mut().find(|known| *known.name == *repository) else { return false };
        let Some(at) = revision::resolve(&known.revisions, revision) else { return false };
        let known = &mut known.revisions[at];
        let label =
            known.tree.files().next().map_or_else(|| repository.into(), |file| Arc::clone(&file.repository));
        known.tree = Arc::new(match text {
            Some(text) => known.tree.with(vec![Entry::text(label, path, text)]),
            None => known.tree.without(path),
        });
        true
    }

    /// Takes a repository out.
    pub fn remove(&mut self, name: &str) {
        self.list.retain(|repository| *repository.name != *name);
        self.index();
    }

    /// Sets the URL of a repository, as the user says it.
    pub fn set_url(&mut self, name: &str, url: &str) {
        if let Some(repository) = self.list.iter_mut().find(|repository| *repository.name == *name) {
            repository.url = url.into();
            repository.url_guessed = false;
        }
        self.index();
    }

    /// Names a revision of a repository, as the user says it: a branch, a tag (`tags/v1` if it could be
    /// either), a commit, or empty for all revisions that are not there.
    ///
    /// # Errors
    /// If another revision has that name; one sentence about it.
    pub fn set_revision(&mut self, repository: &str, revision: &str, name: &str) -> Result<(), String> {
        let Some(known) = self.list.iter_mut().find(|known| *known.name == *repository) else {
            return Ok(());
        };
        let Revision { name, kind, .. } = Revision::new(name.trim(), Arc::default());
        if *name != *revision && known.revisions.iter().any(|other| other.name == name) {
            let name = if name.is_empty() { "that stands for all others" } else { &*name };
            return Err(format!("{repository} has another revision {name}"));
        }
        if let Some(own) = known.revisions.iter_mut().find(|own| *own.name == *revision) {
            (own.name, own.kind) = (name, kind);
        }
        known.label();
        Ok(())
    }

    /// The repository that a `repoURL` means.
    pub fn find(&self, url: &str) -> Option<&Repository> {
        self.position(url).map(|at| &self.list[at])
    }

    /// The repository and revision that a `repoURL` and a `targetRevision` mean: a branch, a tag, a
    /// commit, `HEAD` or nothing for the default branch, or a range of versions among the tags.
    pub fn checkout(&self, url: &str, revision: &str) -> Result<Checkout<'_>, CheckoutError> {
        let Some(at) = self.position(url).or_else(|| self.called_like(url)) else {
            let name = identity::last_segment(url);
            let near = self.list.iter().filter(|known| known.name.eq_ignore_ascii_case(name));
            let near = near.map(|known| known.name.to_string()).collect();
            return Err(CheckoutError::Repository { url: url.to_owned(), near });
        };
        self.at_revision(at, revision)
    }

    /// The chart of a Helm repository or registry: a loaded repository that is a chart at its root, by
    /// its URL or else by its name, at a version (or in a range of versions).
    pub fn chart(&self, url: &str, chart: &str, version: &str) -> Result<Checkout<'_>, CheckoutError> {
        let is_chart = |known: &Repository| {
            known.revisions.iter().any(|revision| revision.tree.get("Chart.yaml").is_some())
        };
        let of_name = |known: &Repository| *known.name == *chart && is_chart(known);
        let by_url = self.position(url).filter(|&at| of_name(&self.list[at]));
        match by_url.or_else(|| self.list.iter().position(of_name)) {
            Some(at) => self.at_revision(at, version),
            None => Err(CheckoutError::Chart { chart: chart.to_owned(), version: version.to_owned() }),
        }
    }

    fn at_revision(&self, at: usize, revision: &str) -> Result<Checkout<'_>, CheckoutError> {
        let repository = &self.list[at];
        let exact = revision::resolve(&repository.revisions, revision);
        let Some(position) = exact.or_else(|| repository.stand_in()) else {
            let present = repository.revisions.iter().map(|known| known.name.to_string()).collect();
            let repository = repository.name.to_string();
            return Err(CheckoutError::Revision { repository, revision: revision.to_owned(), present });
        };
        let key = (at as u32, position as u32);
        let revision = &repository.revisions[position];
        Ok(Checkout { repository, revision, stands_in: exact.is_none(), key })
    }

    fn given(&self) -> impl Iterator<Item = &Repository> {
        self.list.iter().filter(|repository| !repository.url_guessed && !repository.url.is_empty())
    }

    fn position(&self, url: &str) -> Option<usize> {
        self.by_url.get(url).or_else(|| self.by_identity.get(&identity::normalise(url))).copied()
    }

    fn index(&mut self) {
        self.by_url.clear();
        self.by_identity.clear();
        for (at, repository) in self.list.iter().enumerate().filter(|(_, known)| !known.url.is_empty()) {
            self.by_url.entry(Arc::clone(&repository.url)).or_insert(at);
            self.by_identity.entry(identity::normalise(&repository.url)).or_insert(at);
        }
    }
}

impl Repository {
    /// Takes the revisions of another load of the same repository.
    fn absorb(&mut self, other: Self) {
        for mut revision in other.revisions {
            match self
                .revisions
                .iter_mut()
                .find(|known| known.name == revision.name && known.kind == revision.kind)
            {
                Some(known) => {
                    revision.tree = Arc::new(revision.tree.keeping(&known.tree));
                    *known = revision;
                }
                None => self.revisions.push(revision),
            }
        }
        if !other.url.is_empty() && (self.url.is_empty() || !other.url_guessed) {
            self.url = other.url;
            self.url_guessed = other.url_guessed;
        }
    }

    /// Labels the files of a repository with several revisions by revision too.
    fn label(&mut self) {
        let several = self.revisions.len() > 1;
        for revision in &mut self.revisions {
            let label: Arc<str> = if several && !revision.name.is_empty() {
                format!("{}@{}", self.name, revision.name).into()
            } else {
                Arc::clone(&self.name)
            };
            let labelled = revision.tree.files().all(|file| file.repository == label);
            if !labelled {
                revision.tree = Arc::new(revision.tree.relabelled(&label));
            }
        }
    }

    /// The revision that stands for those that are not there.
    fn stand_in(&self) -> Option<usize> {
        let unnamed = self.revisions.iter().position(|revision| revision.name.is_empty());
        let only = (self.revisions.len() == 1 && !self.complete).then_some(0);
        unnamed.or(only)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn repository(name: &str, url: &str, revisions: &[&str]) -> Repository {
        let revision =
            |name: &&str| Revision::new(name, Arc::new(Tree::new(vec![Entry::text("x", "file", *name)])));
        let revisions = revisions.iter().map(revision).collect();
        Repository {
            name: name.into(),
            url: url.into(),
            url_guessed: url.is_empty(),
            revisions,
            complete: false,
        }
    }

    fn names(all: &Repositories, url: &str, revision: &str) -> Result<(String, bool), CheckoutError> {
        all.checkout(url, revision).map(|found| (found.revision.name.to_string(), found.stands_in))
    }

    #[test]
    fn one_revision_stands_for_all_and_several_do_not() {
        let mut all = Repositories::new(vec![repository("configs", "https://h/o/configs.git", &["main"])]);
        assert_eq!(names(&all, "https://H/o/configs", "develop"), Ok(("main".into(), true)));
        assert_eq!(names(&all, "https://h/o/configs.git", "HEAD"), Ok(("main".into(), false)));
        all.add([repository("configs", "", &["develop"])]);
        assert_eq!(names(&all, "https://h/o/configs.git", "develop"), Ok(("develop".into(), false)));
        assert!(names(&all, "https://h/o/configs.git", "staging").is_err());
        let labels: Vec<_> =
            all.all()[0].revisions.iter().flat_map(|r| r.tree.files()).map(ToString::to_string).collect();
        assert_eq!(labels, ["configs@main/file", "configs@develop/file"]);
    }

    #[test]
    fn a_revision_is_named_by_the_user() {
        let mut all = Repositories::new(vec![repository("configs", "https://h/o/configs.git", &[""])]);
        assert_eq!(all.set_revision("configs", "", " develop "), Ok(()));
        all.add([repository("configs", "", &[""])]);
        assert!(all.set_revision("configs", "", "develop").is_err_and(|told| told.contains("develop")));
        assert_eq!(all.set_revision("configs", "", "tags/v1"), Ok(()));
        assert_eq!(names(&all, "https://h/o/configs.git", "develop"), Ok(("develop".into(), false)));
        assert_eq!(names(&all, "https://h/o/configs.git", "refs/tags/v1"), Ok(("v1".into(), false)));
        let labels: Vec<_> =
            all.all()[0].revisions.iter().flat_map(|r| r.tree.files()).map(ToString::to_string).collect();
        assert_eq!(labels, ["configs@develop/file", "configs@v1/file"]);
    }

    #[test]
    fn single_files_go_into_their_repository() {
        let mut all = Repositories::new(vec![repository("configs", "", &["main"])]);
        let mut pasted = repository("configs", "", &[""]);
        pasted.revisions[0].tree = Arc::new(Tree::new(vec![Entry::text("x", "new", "1")]));
        all.add_files([pasted, repository("other", "", &[""])]);
        let names: Vec<&str> = all.all().iter().map(|known| &*known.name).collect();
        assert_eq!(names, ["configs", "other"]);
        let files: Vec<_> = all.all()[0].revisions[0].tree.files().map(ToString::to_string).collect();
        assert_eq!(files, ["configs/file", "configs/new"]);
    }

    #[test]
    fn urls_are_guessed_by_their_last_segment() {
        let mut all = Repositories::new(vec![
            repository("configs", "", &[""]),
            repository("other", "https://h/o/given", &[""]),
        ]);
        let named =
            ["https://h/o/configs.git", "git@h:o/configs.git", "https://h/o/configs.git", "https://h/x/y"];
        let named = named.map(|url| guess::Mention { url: url.to_owned(), ..guess::Mention::default() });
        all.guess_urls(&named);
        assert_eq!(&*all.all()[0].url, "https://h/o/configs.git");
        assert!(all.all()[0].url_guessed);
        assert!(all.find("git@h:o/configs.git").is_some(), "another form of the same path");
        assert!(all.find("https://h/x/y").is_none());
        all.set_url("configs", "https://h/x/y");
        assert!(all.find("https://h/x/y").is_some());
        assert!(all.find("https://h/o/configs.git").is_none());
        let missing = all.checkout("https://z/other.git", "").err();
        assert_eq!(
            missing.map(|error| error.hint()),
            Some("set the URL of other to https://z/other.git if they are the same".into())
        );
    }
}
