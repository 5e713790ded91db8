//! Revisions of a repository, and which of them a `targetRevision` means.

use super::{Skipped, Tree};
use crate::semver::{Constraints, Version};
use std::sync::Arc;

/// What a revision's name is a name of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RevisionKind {
    /// A branch.
    Branch,
    /// A tag.
    Tag,
    /// Nobody said; it is taken for whatever is asked.
    Any,
}

/// One state of a repository's files.
#[derive(Clone, Debug)]
pub struct Revision {
    /// Branch, tag or commit; empty where nobody named it, and then it stands for all that are not
    /// there.
    pub name: Arc<str>,
    /// What the name is.
    pub kind: RevisionKind,
    /// Whether `HEAD` means it.
    pub default: bool,
    /// The files.
    pub tree: Arc<Tree>,
    /// Files that were not read.
    pub skipped: Vec<Skipped>,
}

impl Revision {
    /// A revision by a name that may say what it is: `tags/v1`, `refs/heads/main`.
    pub fn new(name: &str, tree: Arc<Tree>) -> Self {
        let name = name.strip_prefix("refs/").unwrap_or(name);
        let (kind, name) = match (name.strip_prefix("tags/"), name.strip_prefix("heads/")) {
            (Some(tag), _) => (RevisionKind::Tag, tag),
            (_, Some(branch)) => (RevisionKind::Branch, branch),
            _ => (RevisionKind::Any, name),
        };
        Self { name: name.into(), kind, default: false, tree, skipped: Vec::new() }
    }
}

impl Revision {
    /// Puts the files of another load over these.
    pub(super) fn overlay(&mut self, other: Self) {
        self.tree = Arc::new(self.tree.with(other.tree.entries().to_vec()));
        self.skipped.retain(|skip| other.tree.get(&skip.path).is_none());
        self.skipped.extend(other.skipped);
    }
}

/// Whether a revision is written as a full commit.
pub fn is_commit(revision: &str) -> bool {
    revision.len() == 40 && revision.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// Which of the revisions is meant, as Argo CD resolves a `targetRevision` against the references of
/// a repository.
pub(super) fn resolve(revisions: &[Revision], wanted: &str) -> Option<usize> {
    let named = |name: &str| revisions.iter().position(|known| *known.name == *name);
    if is_commit(wanted) {
        return commit(revisions, wanted);
    }
    if wanted.is_empty() || wanted == "HEAD" {
        return default(revisions);
    }
    if let Some(tag) = highest_tag(revisions, wanted) {
        return Some(tag);
    }
    let of_kind = |name: &str, other: RevisionKind| {
        revisions.iter().position(|known| *known.name == *name && known.kind != other)
    };
    match (wanted.strip_prefix("refs/heads/"), wanted.strip_prefix("refs/tags/")) {
        (Some(branch), _) => of_kind(branch, RevisionKind::Tag),
        (_, Some(tag)) => of_kind(tag, RevisionKind::Branch),
        // Branches are listed before tags.
        _ => {
            of_kind(wanted, RevisionKind::Tag).or_else(|| named(wanted)).or_else(|| commit(revisions, wanted))
        }
    }
}

fn default(revisions: &[Revision]) -> Option<usize> {
    let named = |name: &str| {
        revisions.iter().position(|known| *known.name == *name && known.kind != RevisionKind::Tag)
    };
    let only = (revisions.len() == 1).then_some(0);
    revisions
        .iter()
        .position(|known| known.default)
        .or(only)
        .or_else(|| named(""))
        .or_else(|| named("main"))
        .or_else(|| named("master"))
}

/// A revision named by a commit of which the wanted one is a beginning, or the other way round.
fn commit(revisions: &[Revision], wanted: &str) -> Option<usize> {
    let hexadecimal = |text: &str| text.len() >= 7 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    let starts = |long: &str, short: &str| {
        long.get(..short.len()).is_some_and(|start| start.eq_ignore_ascii_case(short))
    };
    revisions.iter().position(|known| {
        hexadecimal(wanted)
            && hexadecimal(&known.name)
            && (starts(&known.name, wanted) || starts(wanted, &known.name))
    })
}

/// The highest tag in a range; `None` where the text is a version itself or no range, which are names.
fn highest_tag(revisions: &[Revision], wanted: &str) -> Option<usize> {
    // Most names can't be ranges, and this is asked for every value file.
    let may_be_range = wanted.trim_start().starts_with(|first: char| "0123456789xX*v=!<>~^".contains(first));
    if !may_be_range || Version::parse(wanted).is_ok() {
        return None;
    }
    let range = Constraints::parse(wanted).ok()?;
    let mut highest: Option<(usize, Version)> = None;
    for (at, known) in revisions.iter().enumerate().filter(|(_, known)| known.kind != RevisionKind::Branch) {
        let Ok(version) = Version::parse(&known.name) else { continue };
        let higher = highest.as_ref().is_none_or(|(_, best)| version.precedence(best).is_gt());
        if higher && range.check(&version) {
            highest = Some((at, version));
        }
    }
    highest.map(|(at, _)| at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_revision_is_a_name_a_range_or_a_commit() {
        let names = [
            "main",
            "develop",
            "v1.5.0",
            "tags/v1.0.0",
            "tags/v1.1.0",
            "tags/v2.0.0-rc.1",
            "0123456789abcdef0123456789abcdef01234567",
        ];
        let mut revisions: Vec<Revision> =
            names.iter().map(|name| Revision::new(name, Arc::default())).collect();
        revisions[2].kind = RevisionKind::Branch;
        revisions[1].default = true;
        for (wanted, expected) in [
            ("", Some(1)),
            ("HEAD", Some(1)),
            ("main", Some(0)),
            ("refs/heads/main", Some(0)),
            ("refs/tags/main", Some(0)),
            ("v1.0.0", Some(3)),
            ("1.0.0", None),
            ("v1.*", Some(4)),
            (">=2.0.0-0", Some(5)),
            (">=2.0.0", None),
            ("v1", None),
            ("DEVELOP", None),
            ("0123456", Some(6)),
            ("0123456789abcdef0123456789abcdef01234567", Some(6)),
            ("ffffffffffffffffffffffffffffffffffffffff", None),
        ] {
            assert_eq!(resolve(&revisions, wanted), expected, "{wanted}");
        }
    }
}
