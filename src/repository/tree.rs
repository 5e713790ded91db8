//! The files of one revision of a repository.

use crate::source::File;
use std::cmp::Ordering;
use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

/// Links that are followed on the way to one file, as Linux does.
const MOST_LINKS: usize = 40;

/// What stands at a path.
#[derive(Clone, Debug)]
pub enum Content {
    /// A text.
    Text(Arc<File>),
    /// Bytes that are no UTF-8 text.
    Binary(Arc<[u8]>),
    /// A symbolic link to this target, as written.
    Link(Arc<str>),
    /// A file that is there but was not read, and why.
    Skipped(Arc<str>),
}

/// A file (or link) with its path.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Path from the root, `/` between segments, none of them empty, `.` or `..`.
    pub path: Arc<str>,
    /// What stands there.
    pub content: Content,
}

impl Entry {
    /// A text file of the repository with the given label.
    pub fn text(
        repository: impl Into<Arc<str>>,
        path: impl Into<Arc<str>>,
        text: impl Into<Arc<str>>,
    ) -> Self {
        let file = File::new(repository, path, text);
        Self { path: Arc::clone(&file.path), content: Content::Text(file) }
    }

    /// A symbolic link.
    pub fn link(path: impl Into<Arc<str>>, target: impl Into<Arc<str>>) -> Self {
        Self { path: path.into(), content: Content::Link(target.into()) }
    }

    /// The text file, if it is one.
    pub fn file(&self) -> Option<&Arc<File>> {
        if let Content::Text(file) = &self.content { Some(file) } else { None }
    }
}

/// Where a path leads once links are followed.
#[derive(Clone, Debug)]
pub enum Found<'a> {
    /// A file, never a link.
    File(&'a Entry),
    /// A folder, by its real path; empty for the root.
    Directory(String),
    /// Nothing.
    Missing,
    /// A link on the way is absolute or leaves the repository.
    Outside,
    /// More links than any file system follows.
    Loop,
}

impl Found<'_> {
    /// Whether it is a folder.
    pub fn is_directory(&self) -> bool {
        matches!(self, Self::Directory(_))
    }
}

/// Files of one revision, immutable. Folders exist where files do, as in Git.
#[derive(Default)]
pub struct Tree {
    /// In walk order: folders' contents sorted by name, `a/b` before `a-b`.
    entries: Vec<Entry>,
    positions: HashMap<Arc<str>, u32>,
    has_links: bool,
    out_of_bounds: Option<Arc<str>>,
}

impl Tree {
    /// A tree of these files. Of several with one path the last counts; a file where another path
    /// needs a folder does not count.
    pub fn new(mut entries: Vec<Entry>) -> Self {
        entries.sort_by(|a, b| walk_order(&a.path, &b.path));
        let mut kept: Vec<Entry> = Vec::with_capacity(entries.len());
        for entry in entries {
            while kept.last().is_some_and(|last| entry.path == last.path || is_under(&entry.path, &last.path))
            {
                kept.pop();
            }
            kept.push(entry);
        }
        let positions = kept.iter().zip(0..).map(|(entry, at)| (Arc::clone(&entry.path), at)).collect();
        let has_links = kept.iter().any(|entry| matches!(entry.content, Content::Link(_)));
        let out_of_bounds = kept.iter().find(|entry| leaves_root(entry)).map(|entry| Arc::clone(&entry.path));
        Self { entries: kept, positions, has_links, out_of_bounds }
    }

    /// Every file and link, in the order in which a walk meets them: names of a folder sorted
    /// bytewise, a folder's contents in its place.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The text files, in walk order.
    pub fn files(&self) -> impl Iterator<Item = &Arc<File>> {
        self.entries.iter().filter_map(Entry::file)
    }

    /// What stands at exactly this path; links are not followed.
    pub fn get(&self, path: &str) -> Option<&Entry> {
        self.positions.get(path).map(|&at| &self.entries[at as usize])
    }

    /// The text file that a path leads to.
    pub fn file(&self, path: &str) -> Option<&Arc<File>> {
        if let Found::File(entry) = self.find(path) { entry.file() } else { None }
    }

    /// The entries below a folder (by its real path; empty for the root), in walk order.
    pub fn under(&self, folder: &str) -> &[Entry] {
        if folder.is_empty() {
            return &self.entries;
        }
        let start = self.entries.partition_point(|entry| walk_order(&entry.path, folder) == Ordering::Less);
        let start = start + usize::from(self.entries.get(start).is_some_and(|entry| *entry.path == *folder));
        let length = self.entries[start..].partition_point(|entry| is_under(&entry.path, folder));
        &self.entries[start..start + length]
    }

    /// Whether a folder has this real path.
    pub fn is_directory(&self, path: &str) -> bool {
        path.is_empty() || !self.positions.contains_key(path) && !self.under(path).is_empty()
    }

    /// Names in a folder in order, with whether they are (or link to) folders. The folder's path may
    /// lead over links.
    pub fn list(&self, folder: &str) -> Vec<(&str, bool)> {
        let Found::Directory(real) = self.find(folder) else { return Vec::new() };
        let skip = if real.is_empty() { 0 } else { real.len() + 1 };
        let mut rest = self.under(&real);
        let mut names = Vec::new();
        while let Some(entry) = rest.first() {
            let below = &entry.path[skip..];
            if let Some((name, _)) = below.split_once('/') {
                let child = &entry.path[..skip + name.len()];
                rest = &rest[rest.partition_point(|entry| is_under(&entry.path, child))..];
                names.push((name, true));
            } else {
                rest = &rest[1..];
                let link = matches!(entry.content, Content::Link(_));
                names.push((below, link && self.find(&entry.path).is_directory()));
            }
        }
        names
    }

    /// Every folder in walk order, each before what it holds, without the root.
    pub fn directories(&self) -> Vec<&str> {
        let mut all: Vec<&str> = Vec::new();
        for entry in &self.entries {
            let shared = all.last().map_or(0, |last| shared_folders(last, &entry.path));
            let ends = entry.path.bytes().enumerate().filter(|&(_, byte)| byte == b'/');
            all.extend(ends.map(|(at, _)| &entry.path[..at]).filter(|folder| folder.len() > shared));
        }
        all
    }

    /// Where a path leads. It must be clean (no empty segment, `.` or `..`); empty is the root.
    pub fn find(&self, path: &str) -> Found<'_> {
        if let Some(entry) = self.get(path).filter(|entry| !matches!(entry.content, Content::Link(_))) {
            return Found::File(entry);
        }
        if !self.has_links {
            return if self.is_directory(path) { Found::Directory(path.to_owned()) } else { Found::Missing };
        }
        self.follow(path)
    }

    fn follow(&self, path: &str) -> Found<'_> {
        let mut open: Vec<String> = path.split('/').rev().map(str::to_owned).collect();
        let mut real = String::new();
        let mut links = 0;
        while let Some(name) = open.pop() {
            match name.as_str() {
                "" | "." => continue,
                ".." if real.is_empty() => return Found::Outside,
                ".." => {
                    real.truncate(real.rfind('/').unwrap_or(0));
                    continue;
                }
                _ => {}
            }
            let parent = real.len();
            if !real.is_empty() {
                real.push('/');
            }
            real.push_str(&name);
            match self.get(&real) {
                Some(Entry { content: Content::Link(target), .. }) => {
                    links += 1;
                    if links > MOST_LINKS {
                        return Found::Loop;
                    }
                    if target.starts_with('/') {
                        return Found::Outside;
                    }
                    real.truncate(parent);
                    open.extend(target.split('/').rev().map(str::to_owned));
                }
                Some(entry) => {
                    let done = open.iter().all(|name| matches!(name.as_str(), "" | "."));
                    return if done { Found::File(entry) } else { Found::Missing };
                }
                None if self.is_directory(&real) => {}
                None => return Found::Missing,
            }
        }
        Found::Directory(real)
    }

    /// The target of the link that a path names; links in folders on the way are followed.
    pub fn read_link(&self, path: &str) -> Option<&str> {
        if !self.has_links {
            return None;
        }
        let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
        let Found::Directory(mut real) = self.find(folder) else { return None };
        if !real.is_empty() {
            real.push('/');
        }
        real.push_str(name);
        match self.get(&real).map(|entry| &entry.content) {
            Some(Content::Link(target)) => Some(target),
            _ => None,
        }
    }

    /// The first link in walk order that is absolute or steps out of the root on its way (Argo CD
    /// refuses such repositories).
    pub fn out_of_bounds_link(&self) -> Option<&str> {
        self.out_of_bounds.as_deref()
    }

    /// The same files with these in place of, or beside, those of the same paths.
    #[must_use]
    pub fn with(&self, entries: Vec<Entry>) -> Self {
        let links = |entry: &Entry| matches!(entry.content, Content::Link(_));
        let replaces =
            |entry: &Entry| self.get(&entry.path).is_some_and(|known| !links(known) && !links(entry));
        if entries.iter().all(replaces) {
            let mut same = Self {
                entries: self.entries.clone(),
                positions: self.positions.clone(),
                has_links: self.has_links,
                out_of_bounds: self.out_of_bounds.clone(),
            };
            for entry in entries {
                if let Some(&at) = self.positions.get(&entry.path) {
                    same.entries[at as usize] = entry;
                }
            }
            return same;
        }
        Self::new(self.entries.iter().cloned().chain(entries).collect())
    }

    /// A file of this repository that has no text here, by its name: what a finding about one that is no
    /// text points at.
    pub fn named(&self, path: &str) -> Arc<File> {
        let label = self.files().next().map_or_else(|| Arc::from(""), |file| Arc::clone(&file.repository));
        File::new(label, path, "")
    }

    /// Whether there is any link.
    pub fn has_links(&self) -> bool {
        self.has_links
    }

    /// The same files without the one at a path.
    #[must_use]
    pub fn without(&self, path: &str) -> Self {
        Self::new(self.entries.iter().filter(|entry| *entry.path != *path).cloned().collect())
    }

    /// The same texts, each as the very file of an earlier tree that has it at the same path: what is
    /// known of that file is known of it then.
    #[must_use]
    pub fn keeping(&self, earlier: &Self) -> Self {
        let keep = |entry: &Entry| {
            let known = earlier.get(&entry.path).filter(|known| match (&known.content, &entry.content) {
                (Content::Text(known), Content::Text(file)) => known.text == file.text,
                _ => false,
            });
            known.unwrap_or(entry).clone()
        };
        Self {
            entries: self.entries.iter().map(keep).collect(),
            positions: self.positions.clone(),
            has_links: self.has_links,
            out_of_bounds: self.out_of_bounds.clone(),
        }
    }

    /// The paths at which two trees differ, in walk order.
    pub fn differences(&self, other: &Self) -> Vec<Arc<str>> {
        let same = |one: &Content, other: &Content| match (one, other) {
            (Content::Text(one), Content::Text(other)) => Arc::ptr_eq(one, other),
            (Content::Binary(one), Content::Binary(other)) => one == other,
            (Content::Link(one), Content::Link(other)) | (Content::Skipped(one), Content::Skipped(other)) => {
                one == other
            }
            _ => false,
        };
        let (mut one, mut two) = (self.entries.iter().peekable(), other.entries.iter().peekable());
        let mut differing = Vec::new();
        loop {
            let order = match (one.peek(), two.peek()) {
                (None, None) => return differing,
                (Some(_), None) => Ordering::Less,
                (None, Some(_)) => Ordering::Greater,
                (Some(a), Some(b)) if a.path == b.path => Ordering::Equal,
                (Some(a), Some(b)) => walk_order(&a.path, &b.path),
            };
            let a = if order.is_le() { one.next() } else { None };
            let b = if order.is_ge() { two.next() } else { None };
            match (a, b) {
                (Some(a), Some(b)) if same(&a.content, &b.content) => {}
                (Some(entry), _) | (None, Some(entry)) => differing.push(Arc::clone(&entry.path)),
                (None, None) => return differing,
            }
        }
    }

    /// The same files under another label ([`File::repository`]); texts are shared.
    #[must_use]
    pub fn relabelled(&self, label: &Arc<str>) -> Self {
        let relabel = |entry: &Entry| match &entry.content {
            Content::Text(file) => {
                Entry::text(Arc::clone(label), Arc::clone(&file.path), Arc::clone(&file.text))
            }
            _ => entry.clone(),
        };
        Self::new(self.entries.iter().map(relabel).collect())
    }
}

impl fmt::Debug for Tree {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Tree({} files)", self.entries.len())
    }
}

/// Order of a walk over a tree: segment by segment, names bytewise.
pub fn walk_order(left: &str, right: &str) -> Ordering {
    // A slash ends a name, and names that end come before longer ones.
    let key = |byte: u8| if byte == b'/' { 0 } else { u16::from(byte) + 1 };
    left.bytes().map(key).cmp(right.bytes().map(key))
}

fn is_under(path: &str, folder: &str) -> bool {
    path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'))
}

/// Length of the longest folder path that `folder` is or lies in and `path` lies in.
fn shared_folders(folder: &str, path: &str) -> usize {
    if is_under(path, folder) {
        return folder.len();
    }
    let same = folder.bytes().zip(path.bytes()).take_while(|(a, b)| a == b).count();
    path.as_bytes()[..same].iter().rposition(|&byte| byte == b'/').unwrap_or(0)
}

/// Whether a link is absolute or any step of its target, taken from the link's own folder, is above
/// the root. Links on the way are not followed.
fn leaves_root(entry: &Entry) -> bool {
    let Content::Link(target) = &entry.content else { return false };
    if target.starts_with('/') {
        return true;
    }
    let mut depth = entry.path.matches('/').count();
    for part in target.split('/') {
        match part {
            "" | "." => {}
            ".." if depth == 0 => return true,
            ".." => depth -= 1,
            _ => depth += 1,
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree() -> Tree {
        let paths = ["a-b/x", "a/b/c", "a/b.yaml", "a/b/d/e", "top.yaml", "a.txt"];
        let mut entries: Vec<Entry> = paths.map(|path| Entry::text("r", path, path)).into();
        entries.push(Entry::link("link", "a/b"));
        entries.push(Entry::link("a/up", "../top.yaml"));
        entries.push(Entry::link("loop", "loop"));
        entries.push(Entry::link("gone", "nowhere"));
        Tree::new(entries)
    }

    #[test]
    fn a_walk_meets_folders_in_the_order_of_names() {
        let tree = tree();
        let paths: Vec<&str> = tree.entries().iter().map(|entry| &*entry.path).collect();
        let expected =
            ["a/b/c", "a/b/d/e", "a/b.yaml", "a/up", "a-b/x", "a.txt", "gone", "link", "loop", "top.yaml"];
        assert_eq!(paths, expected);
        assert_eq!(tree.directories(), ["a", "a/b", "a/b/d", "a-b"]);
        assert_eq!(tree.list("a"), [("b", true), ("b.yaml", false), ("up", false)]);
        assert_eq!(tree.list("link"), [("c", false), ("d", true)]);
        assert_eq!(tree.under("a/b").len(), 2);
        assert!(tree.under("a/x").is_empty());
    }

    #[test]
    fn links_are_followed() {
        let tree = tree();
        let path = |at: &str| tree.file(at).map(|file| file.path.to_string());
        assert_eq!(path("link/c"), Some("a/b/c".into()));
        assert_eq!(path("a/up"), Some("top.yaml".into()));
        assert_eq!(path("top.yaml/x"), None);
        assert!(matches!(tree.find("loop"), Found::Loop));
        assert!(matches!(tree.find("gone"), Found::Missing));
        assert!(matches!(tree.find("link/d"), Found::Directory(real) if real == "a/b/d"));
        assert_eq!(tree.read_link("a/up"), Some("../top.yaml"));
        assert_eq!(tree.out_of_bounds_link(), None);
    }

    #[test]
    fn links_that_leave_the_root_are_found() {
        for (target, leaves) in [("/etc", true), ("../../x", true), ("../x", false), ("../../r/d/x", true)] {
            let tree = Tree::new(vec![Entry::link("d/link", target)]);
            assert_eq!(tree.out_of_bounds_link().is_some(), leaves, "{target}");
        }
    }

    #[test]
    fn the_last_file_of_a_path_counts() {
        let tree = Tree::new(vec![
            Entry::text("r", "a", "1"),
            Entry::text("r", "a", "2"),
            Entry::text("r", "b", "1"),
            Entry::text("r", "b/c", "2"),
        ]);
        assert_eq!(tree.file("a").map(|file| &*file.text), Some("2"));
        assert!(tree.is_directory("b"));
        assert!(tree.get("b").is_none());
        let edited = tree.with(vec![Entry::text("r", "a", "3")]);
        assert_eq!(edited.file("a").map(|file| &*file.text), Some("3"));
        assert!(tree.with(vec![Entry::text("r", "c/d", "")]).is_directory("c"));
    }
}
