//! Which URL a loaded repository stands for, where nobody has said so: the files themselves name URLs,
//! and paths that should be there.

use super::{Repositories, Repository, identity};
use std::collections::HashMap;

/// A `repoURL` that some ApplicationSet or Application names.
#[derive(Clone, Debug, Default)]
pub struct Mention {
    /// The URL.
    pub url: String,
    /// The repository that names it, as its files are labelled.
    pub named_in: String,
    /// Paths (or the beginnings of patterns) that it says are there.
    pub paths: Vec<String>,
}

/// A URL with how often it is named.
type Named<'a> = (&'a str, usize);

impl Repositories {
    /// Guesses the URLs that the user has not given from those that are named (give every mention: the
    /// most frequent wins). In this order count: the remote of the clone, the name of the folder, and
    /// last that the repository itself names the URL and has the paths that it should have.
    pub fn guess_urls(&mut self, mentions: &[Mention]) {
        let named = by_frequency(mentions);
        let mut taken: Vec<String> = self.given().map(|known| identity::normalise(&known.url)).collect();
        for repository in self.list.iter_mut().filter(|known| known.is_open()) {
            let mut free = named.iter().filter(|(url, _)| !taken.contains(&identity::normalise(url)));
            if let Some((url, _)) = free.clone().find(|(url, _)| repository.is_clone_of(url)) {
                repository.guess(url);
            } else if let Some((url, _)) = free.find(|(url, _)| repository.is_called_like(url)) {
                repository.guess(url);
            }
        }
        taken.extend(self.list.iter().filter(|known| !known.url.is_empty()).map(|known| path_of(&known.url)));
        for repository in self.list.iter_mut().filter(|known| known.url.is_empty()) {
            let free = named.iter().filter(|(url, _)| {
                !taken.contains(&identity::normalise(url)) && !taken.contains(&path_of(url))
            });
            let scored = free.map(|(url, _)| (repository.evidence(url, mentions), *url));
            let best = scored.filter(|(evidence, _)| *evidence > 0).max_by_key(|(evidence, _)| *evidence);
            if let Some((_, url)) = best {
                repository.guess(url);
                taken.push(path_of(url));
            }
        }
        self.index();
        self.add_other_forms(&named);
    }

    /// The repository that stands for no URL yet and is called like this one, which no file names as such:
    /// a parameter gave it.
    pub(super) fn called_like(&self, url: &str) -> Option<usize> {
        self.list.iter().position(|known| known.url.is_empty() && known.is_called_like(url))
    }

    /// Another form (https, ssh) of the same path is the same repository.
    fn add_other_forms(&mut self, named: &[Named<'_>]) {
        let at: HashMap<String, usize> = (0..self.list.len())
            .rev()
            .filter(|&at| !self.list[at].url.is_empty())
            .map(|at| (path_of(&self.list[at].url), at))
            .collect();
        for (url, _) in named {
            if let Some(&at) = at.get(&path_of(url)) {
                self.by_identity.entry(identity::normalise(url)).or_insert(at);
            }
        }
    }
}

impl Repository {
    /// Whether nobody has said what URL it stands for.
    fn is_open(&self) -> bool {
        self.url_guessed || self.url.is_empty()
    }

    fn guess(&mut self, url: &str) {
        self.url = url.into();
        self.url_guessed = true;
    }

    fn is_clone_of(&self, url: &str) -> bool {
        !self.url.is_empty() && path_of(&self.url) == path_of(url)
    }

    /// Whether the folder is called like the repository: `repo`, or owner and name with anything
    /// between (`owner__repo`, `owner+repo`).
    fn is_called_like(&self, url: &str) -> bool {
        if identity::last_segment(url).eq_ignore_ascii_case(&self.name) {
            return true;
        }
        let path = identity::path(url);
        path.contains('/') && letters(&path) == letters(&self.name)
    }

    /// How many of the paths that the repository's own files expect at this URL are in it, less those
    /// that are not.
    fn evidence(&self, url: &str, mentions: &[Mention]) -> i64 {
        let own = |mention: &&Mention| {
            let label = mention.named_in.split('@').next().unwrap_or_default();
            mention.url == url && *label == *self.name
        };
        let expected = mentions.iter().filter(own).flat_map(|mention| &mention.paths);
        let is_there = |path: &String| {
            let path = path.trim_matches('/');
            self.revisions
                .iter()
                .any(|revision| revision.tree.is_directory(path) || revision.tree.get(path).is_some())
        };
        expected.map(|path| if is_there(path) { 1 } else { -1 }).sum()
    }
}

/// Letters and digits alone.
fn letters(text: &str) -> String {
    text.chars().filter(|character| character.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

fn path_of(url: &str) -> String {
    identity::path(url.trim().trim_end_matches('/'))
}

fn by_frequency(mentions: &[Mention]) -> Vec<Named<'_>> {
    let mut counts: HashMap<&str, usize> = HashMap::new();
    for mention in mentions {
        *counts.entry(&mention.url).or_default() += 1;
    }
    let mut named: Vec<Named<'_>> = counts.into_iter().collect();
    named.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(b.0)));
    named
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::repository::{Entry, Revision, Tree};
    use std::sync::Arc;

    fn repository(name: &str, url: &str, paths: &[&str]) -> Repository {
        let entries = paths.iter().map(|path| Entry::text(name, *path, "")).collect();
        Repository {
            name: name.into(),
            url: url.into(),
            url_guessed: true,
            revisions: vec![Revision::new("", Arc::new(Tree::new(entries)))],
            complete: false,
        }
    }

    fn mention(url: &str, named_in: &str, paths: &[&str]) -> Mention {
        let paths = paths.iter().map(|path| (*path).to_owned()).collect();
        Mention { url: url.to_owned(), named_in: named_in.to_owned(), paths }
    }

    #[test]
    fn the_folder_may_be_called_after_owner_and_name() {
        let mut all = Repositories::new(vec![repository("acme__plat-form", "", &["a.yaml"])]);
        all.guess_urls(&[
            mention("https://h/acme/plat-form.git", "x", &[]),
            mention("https://h/x/y", "x", &[]),
        ]);
        assert_eq!(&*all.all()[0].url, "https://h/acme/plat-form.git");
    }

    #[test]
    fn a_clone_keeps_its_remote_in_every_form() {
        let mut all = Repositories::new(vec![repository("checkout", "git@h:acme/platform.git", &["a.yaml"])]);
        all.guess_urls(&[mention("https://h/acme/platform", "checkout", &[])]);
        assert!(all.find("https://h/acme/platform.git").is_some());
        assert!(all.find("git@h:acme/platform.git").is_none(), "the named form is the one that is shown");
    }

    #[test]
    fn paths_tell_which_url_a_folder_of_any_name_stands_for() {
        let mut all =
            Repositories::new(vec![repository("tmp1", "", &["apps/a/x.yaml", "charts/c/Chart.yaml"])]);
        all.guess_urls(&[
            mention("https://charts.example.com", "tmp1", &[]),
            mention("https://h/o/elsewhere", "tmp1", &["guestbook"]),
            mention("https://h/o/platform", "tmp1", &["apps", "charts/c"]),
            mention("https://h/o/platform", "tmp1", &["gone"]),
        ]);
        assert_eq!(&*all.all()[0].url, "https://h/o/platform");
    }
}
