//! The `repoURL`s that sets and Applications name, and what they say is there.

use super::manifests::Manifests;
use crate::repository::Repositories;
use crate::repository::guess::Mention;
use crate::yaml::{Document, Node};
use std::collections::BTreeSet;

impl Manifests {
    /// Guesses the URLs of repositories that nobody has named from every `repoURL` that the sets and
    /// Applications name and that is no template; these.
    pub fn guess_urls(&self, repositories: &mut Repositories) -> BTreeSet<String> {
        let named = self.sets.iter().chain(&self.applications);
        let mentions: Vec<Mention> = named.flat_map(mentions).collect();
        repositories.guess_urls(&mentions);
        mentions.into_iter().map(|mention| mention.url).collect()
    }
}

/// Every source and generator of a document that names a URL.
fn mentions(document: &Document) -> Vec<Mention> {
    let named_in = document.file.repository.to_string();
    let mention = |(node, _): (&Node, u32)| {
        let url = node.get("repoURL").and_then(Node::as_str).filter(|url| !url.contains("{{"))?;
        let listed =
            ["directories", "files"].into_iter().filter_map(|key| node.get(key)).flat_map(Node::items);
        let paths = listed.chain([node]).filter_map(|holder| holder.get("path").and_then(Node::as_str));
        let paths = paths.filter_map(beginning).collect();
        Some(Mention { url: url.to_owned(), named_in: named_in.clone(), paths })
    };
    document.root.walk().filter_map(mention).collect()
}

/// The folders of a path or pattern that come before its first wildcard or template.
fn beginning(path: &str) -> Option<String> {
    let path = path.trim_start_matches("./").trim_end_matches('/');
    let fixed = match path.find(['*', '?', '[', '{', '$']) {
        Some(at) => path[..at].rsplit_once('/')?.0,
        None => path,
    };
    (!fixed.is_empty() && fixed != "." && !fixed.starts_with('/')).then(|| fixed.to_owned())
}
