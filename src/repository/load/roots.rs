//! Where repositories begin among the files that were given, and what they are called.

use super::{Git, Taken};
use crate::repository::{is_commit, walk_order};
use crate::semver::Version;
use std::collections::{BTreeMap, BTreeSet};

/// Folders in folders that are looked into for repositories.
const DEEPEST: usize = 6;

/// Names that only the top of a repository has.
const TOP_NAMES: [&str; 9] = [
    ".git",
    ".gitignore",
    ".gitattributes",
    ".gitmodules",
    ".github",
    ".gitlab-ci.yml",
    "applicationsets",
    "customers",
    "Chart.yaml",
];

/// Names of folders that are part of a repository and never one.
const INNER_NAMES: [&str; 14] = [
    "applications",
    "applicationsets",
    "apps",
    "base-manifests",
    "chart",
    "charts",
    "clusters",
    "customers",
    "environments",
    "envs",
    "manifests",
    "products",
    "shared",
    "templates",
];

/// Endings of folder names that are names of branches.
const BRANCHES: [&str; 6] = ["main", "master", "develop", "staging", "production", "trunk"];

struct Search<'a> {
    git: &'a BTreeMap<String, Git>,
    archives: &'a BTreeSet<String>,
    named: &'a BTreeSet<String>,
    roots: Vec<String>,
}

/// The paths at which repositories begin (empty: at the top) among files sorted in walk order.
pub(super) fn find(
    files: &[Taken],
    git: &BTreeMap<String, Git>,
    archives: &BTreeSet<String>,
    named: &BTreeSet<String>,
) -> Vec<String> {
    let mut search = Search { git, archives, named, roots: Vec::new() };
    search.folder(files, "", 0);
    search.roots
}

/// The one root of files that are one repository: the top, or the only folder of an archive.
pub(super) fn single(files: &[Taken], archives: &BTreeSet<String>) -> String {
    let mut root = String::new();
    while let [(name, true, below)] = &children(files, &root)[..] {
        let inside = !root.is_empty() && archives.contains(&root);
        if below.is_empty() || !(archives.contains(*name) || inside && !INNER_NAMES.contains(name)) {
            break;
        }
        root = join(&root, name);
    }
    root
}

impl Search<'_> {
    fn folder(&mut self, files: &[Taken], path: &str, depth: usize) {
        let children = children(files, path);
        if children.is_empty() {
            return;
        }
        let top = path.is_empty();
        let only_folder = self.archives.contains(path)
            && matches!(children[..], [(name, true, _)] if !INNER_NAMES.contains(&name));
        let one = if top { has_top_name(&children) } else { self.is_repository(path, &children) };
        if depth == DEEPEST || one && !only_folder {
            self.roots.push(path.to_owned());
            return;
        }
        let is_one = |child: &Child<'_>| {
            let (name, is_folder, below) = child;
            *is_folder && self.is_repository(&join(path, name), &children_of(below, path, name))
        };
        if !top && !only_folder && !children.iter().any(is_one) && !self.holds_git(path) {
            self.roots.push(path.to_owned());
            return;
        }
        for (name, _, below) in children.iter().filter(|child| child.1) {
            self.folder(below, &join(path, name), depth + 1);
        }
        if children.iter().any(|child| !child.1) {
            self.roots.push(path.to_owned());
        }
    }

    /// Whether a folder is a repository beyond doubt.
    fn is_repository(&self, path: &str, children: &[Child<'_>]) -> bool {
        let folder = path.rsplit('/').next().unwrap_or(path);
        let known = self.named.contains(&name_and_revision(folder, self.named).0);
        // A folder of charts is one repository, not one for each chart.
        let chart = |child: &Child<'_>| child.0 == "Chart.yaml";
        let marked = children.iter().any(|child| TOP_NAMES.contains(&child.0) && !chart(child));
        let alone = !path.contains('/') && children.iter().any(chart);
        known || marked || alone || self.git.contains_key(path)
    }

    fn holds_git(&self, path: &str) -> bool {
        let prefix = format!("{path}/");
        self.git.keys().any(|root| root.starts_with(&prefix))
    }
}

/// Name, whether it is a folder, and the files at or below it.
type Child<'a> = (&'a str, bool, &'a [Taken]);

fn has_top_name(children: &[Child<'_>]) -> bool {
    children.iter().any(|child| TOP_NAMES.contains(&child.0))
}

fn children_of<'a>(files: &'a [Taken], path: &str, name: &str) -> Vec<Child<'a>> {
    children(files, &join(path, name))
}

/// What stands directly in a folder, of files sorted in walk order.
fn children<'a>(files: &'a [Taken], path: &str) -> Vec<Child<'a>> {
    let prefix = if path.is_empty() { String::new() } else { format!("{path}/") };
    let start = files.partition_point(|file| walk_order(&file.path, &prefix).is_lt());
    let mut rest = &files[start..];
    let mut found = Vec::new();
    while let Some(file) = rest.first().filter(|file| file.path.starts_with(&prefix)) {
        let below = &file.path[prefix.len()..];
        let (name, is_folder) = below.split_once('/').map_or((below, false), |(name, _)| (name, true));
        let own = &file.path[..prefix.len() + name.len()];
        let same = |other: &Taken| {
            other.path.strip_prefix(own).is_some_and(|after| after.is_empty() || after.starts_with('/'))
        };
        let count = rest.partition_point(same);
        found.push((name, is_folder, &rest[..count]));
        rest = &rest[count..];
    }
    found
}

fn join(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}/{name}") }
}

/// The part of a root's path that names it: its last folder, but the archive around that folder if
/// the archive's name says a revision.
pub(super) fn naming<'a>(root: &'a str, archives: &BTreeSet<String>) -> &'a str {
    match root.rsplit_once('/') {
        Some((archive, _)) if archives.contains(archive) && archive.contains('@') => archive,
        Some((_, folder)) => folder,
        None => root,
    }
}

/// Name and version of a chart that was packed as `name-1.2.3.tgz`, if that is what a root is.
pub(super) fn packed_chart(root: &str, archives: &BTreeSet<String>) -> Option<(String, String)> {
    let (archive, folder) = root.rsplit_once('/')?;
    let version = archive.strip_prefix(folder)?.strip_prefix('-')?;
    let packed = archives.contains(archive) && Version::parse(version).is_ok();
    packed.then(|| (folder.to_owned(), version.to_owned()))
}

/// Splits the name of a folder or archive into the names of repository and revision:
/// `customer-configs@develop`, and what the archives of Git hosts are called:
/// `customer-configs-main`, `customer-configs-1.2.0`, `customer-configs-main-<commit>`. Names of
/// repositories that the files themselves mention are known.
pub(super) fn name_and_revision(folder: &str, named: &BTreeSet<String>) -> (String, String) {
    if folder.is_empty() {
        return ("files".to_owned(), String::new());
    }
    if named.contains(folder) {
        return (folder.to_owned(), String::new());
    }
    if let Some((name, revision)) = folder.split_once('@').filter(|(name, _)| !name.is_empty()) {
        return (name.to_owned(), revision.to_owned());
    }
    let known = named.iter().filter(|name| {
        folder.strip_prefix(name.as_str()).is_some_and(|rest| rest.len() > 1 && rest.starts_with('-'))
    });
    if let Some(name) = known.max_by_key(|name| name.len()) {
        return (name.clone(), without_commit(&folder[name.len() + 1..]).to_owned());
    }
    let short = without_commit(folder);
    for branch in BRANCHES {
        if let Some(name) = short.strip_suffix(branch).and_then(|rest| rest.strip_suffix('-')) {
            return (name.to_owned(), branch.to_owned());
        }
    }
    match folder.strip_prefix(short).and_then(|rest| rest.strip_prefix('-')) {
        Some(commit) => (short.to_owned(), commit.to_owned()),
        None => (folder.to_owned(), String::new()),
    }
}

/// Takes a full commit off the end, unless nothing would be left.
fn without_commit(name: &str) -> &str {
    match name.rsplit_once('-') {
        Some((rest, commit)) if is_commit(commit) && !rest.is_empty() => rest,
        _ => name,
    }
}
