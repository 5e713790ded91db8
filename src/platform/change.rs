//! What differs between two states of the same repositories, and which Applications it touches.

use super::Platform;
use crate::argocd::sources::Sought;
use crate::repository::Repositories;
use crate::source::{File, Same};
use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

/// With more files changed than this everything is evaluated again: asking each Application for each of
/// them would cost as much.
const MOST_FILES: usize = 64;

/// The name of schemas that stand beside value files.
const SCHEMA: &str = "values.schema.json";

/// The paths at which files were added, changed or removed, by repository and revision.
#[derive(Debug)]
pub(super) struct Change {
    trees: Vec<ChangedTree>,
    /// The files that were there.
    pub(super) gone: HashSet<Same<File>>,
    /// The changed paths and the folders around them, if all of them are files that were and are there: then
    /// nothing else is touched.
    only: Option<Vec<Fingerprint>>,
}

#[derive(Debug)]
struct ChangedTree {
    repository: Arc<str>,
    revision: Arc<str>,
    paths: Vec<Arc<str>>,
}

/// Which files an evaluation has looked at.
#[derive(Debug)]
pub(super) enum Reads {
    /// These files and folders, whether they are there or not, and the schemas beside them.
    Places(Vec<(Fingerprint, Sought)>),
    /// Nobody has kept count.
    Unknown,
}

/// A number by which most paths are told apart without looking at them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Fingerprint(u64);

impl Fingerprint {
    pub(super) fn of(path: &str) -> Self {
        let mut hasher = DefaultHasher::new();
        path.hash(&mut hasher);
        Self(hasher.finish())
    }
}

impl Change {
    /// What has changed from one platform to another; `None` if it is more than a few plain files.
    pub(super) fn between(before: &Platform, now: &Platform) -> Option<Self> {
        if before.profile != now.profile || !are_alike(&before.repositories, &now.repositories) {
            return None;
        }
        let (mut trees, mut gone, mut only) = (Vec::new(), HashSet::new(), Some(Vec::new()));
        for (old, new) in before.repositories.all().iter().zip(now.repositories.all()) {
            for (old, revision) in old.revisions.iter().zip(&new.revisions) {
                if Arc::ptr_eq(&old.tree, &revision.tree) {
                    continue;
                }
                let paths = old.tree.differences(&revision.tree);
                // Through links one file is many, and a link anywhere can forbid the whole repository.
                let plain = !old.tree.has_links() && !revision.tree.has_links();
                if !paths.is_empty() && (!plain || paths.len() > MOST_FILES) {
                    return None;
                }
                gone.extend(paths.iter().filter_map(|path| old.tree.get(path)?.file()).map(Same::of));
                let there =
                    |path: &Arc<str>| old.tree.get(path).is_some() && revision.tree.get(path).is_some();
                if paths.iter().all(|path| there(path) && !path.ends_with(SCHEMA)) {
                    if let Some(only) = &mut only {
                        only.extend(paths.iter().flat_map(|path| around(path)));
                    }
                } else {
                    only = None;
                }
                let (repository, revision) = (Arc::clone(&new.name), Arc::clone(&revision.name));
                trees.push(ChangedTree { repository, revision, paths });
            }
        }
        Some(Self { trees, gone, only })
    }

    /// The changed paths.
    pub(super) fn paths(&self) -> impl Iterator<Item = &Arc<str>> {
        self.trees.iter().flat_map(|tree| &tree.paths)
    }

    /// Whether it may change what an evaluation came to.
    pub(super) fn touches(&self, reads: &Reads) -> bool {
        match reads {
            Reads::Unknown => self.paths().next().is_some(),
            Reads::Places(places) => places.iter().any(|(fingerprint, place)| {
                self.only.as_ref().is_none_or(|only| only.contains(fingerprint)) && self.touches_place(place)
            }),
        }
    }

    fn touches_place(&self, place: &Sought) -> bool {
        // This is asked for every layer of every Application: most names are the very same string.
        let same = |one: &Arc<str>, other: &Arc<str>| Arc::ptr_eq(one, other) || one == other;
        self.trees.iter().filter(|tree| same(&tree.repository, &place.repository)).any(|tree| {
            tree.paths.iter().any(|path| match path.strip_suffix(SCHEMA) {
                // Schemas are found by repository alone, for all files below their folder.
                Some(folder) => is_one_path(folder.trim_end_matches('/'), &place.path),
                None => is_one_path(path, &place.path) && same(&tree.revision, &place.revision),
            })
        })
    }

    /// Whether it may change what is in a folder.
    pub(super) fn touches_folder(&self, folder: &str) -> bool {
        self.paths().any(|path| is_one_path(path, folder))
    }
}

/// A path and the folders that it lies in.
fn around(path: &str) -> impl Iterator<Item = Fingerprint> {
    let folders = path.match_indices('/').map(|(at, _)| &path[..at]);
    folders.chain(["", path]).map(Fingerprint::of)
}

/// Whether the repositories and their revisions go by the same names.
fn are_alike(before: &Repositories, now: &Repositories) -> bool {
    let (before, now) = (before.all(), now.all());
    before.len() == now.len()
        && before.iter().zip(now).all(|(old, new)| {
            old.name == new.name
                && old.url == new.url
                && old.complete == new.complete
                && old.revisions.len() == new.revisions.len()
                && old.revisions.iter().zip(&new.revisions).all(|(old, new)| {
                    old.name == new.name && old.kind == new.kind && old.default == new.default
                })
        })
}

/// Whether two paths are equal or one of them lies in the other. A file that appears where a folder was
/// changes all that lies below, and one that appears in a folder the folder.
fn is_one_path(one: &str, other: &str) -> bool {
    let (short, long) = if one.len() < other.len() { (one, other) } else { (other, one) };
    short.is_empty() || long.strip_prefix(short).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_touch_what_they_hold() {
        for (one, other, touches) in [
            ("a/b", "a/b", true),
            ("a/b", "a", true),
            ("a", "a/b", true),
            ("", "a", true),
            ("a/b", "a/bc", false),
            ("a/b", "a/c", false),
        ] {
            assert_eq!(is_one_path(one, other), touches, "{one} {other}");
        }
    }
}
