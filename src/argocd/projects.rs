//! AppProjects: what Applications of a project may read and where they may go.

use crate::repository::identity;
use crate::source::Location;
use crate::value::Value;
use crate::yaml::{Document, Node};
use regex::Regex;
use std::collections::BTreeMap;

/// The AppProjects among the files, by name.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Projects(BTreeMap<String, Project>);

/// An AppProject.
#[derive(Clone, Debug, PartialEq)]
pub struct Project {
    /// Where it is written.
    pub place: Location,
    source_repositories: Vec<String>,
    destinations: Vec<Destination>,
}

/// Patterns of a permitted (or, with `!`, forbidden) destination.
#[derive(Clone, Debug, PartialEq)]
struct Destination {
    server: String,
    name: String,
    namespace: String,
}

impl Projects {
    /// Adds a manifest if it is an AppProject. Tells whether it is.
    pub fn add(&mut self, manifest: &Document) -> bool {
        let root = &manifest.root;
        if root.get("kind").and_then(Node::as_str) != Some("AppProject") {
            return false;
        }
        let text = |node: Option<&Node>| node.and_then(Node::as_str).unwrap_or_default().to_owned();
        let name = text(root.get("metadata").and_then(|metadata| metadata.get("name")));
        let spec =
            |key: &str| root.get("spec").and_then(|spec| spec.get(key)).map(Node::items).unwrap_or_default();
        let destination = |node: &Node| Destination {
            server: text(node.get("server")),
            name: text(node.get("name")),
            namespace: text(node.get("namespace")),
        };
        let project = Project {
            place: Location::new(&manifest.file, root.span),
            source_repositories: spec("sourceRepos").iter().map(|node| text(Some(node))).collect(),
            destinations: spec("destinations").iter().map(destination).collect(),
        };
        self.0.insert(name, project);
        true
    }

    /// The project of that name, if its file is there.
    pub fn get(&self, name: &str) -> Option<&Project> {
        self.0.get(name)
    }

    /// Whether no AppProject is among the files: then nothing is known about projects.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Project {
    /// What the project forbids about the `spec` of an Application, in Argo CD's words. A destination
    /// is compared as it is written: by server or by name.
    pub fn forbids(&self, name: &str, spec: &Value) -> Vec<String> {
        let mut forbidden = Vec::new();
        let sources = spec.get("sources").and_then(Value::as_list).unwrap_or_default();
        let single = spec.get("source").filter(|_| sources.is_empty());
        for source in sources.iter().chain(single) {
            let url = source.get("repoURL").and_then(Value::as_str).unwrap_or_default();
            if !self.permits_source(url) {
                forbidden.push(format!("application repo {url} is not permitted in project '{name}'"));
            }
        }
        let text = |key: &str| {
            let destination = spec.get("destination");
            destination
                .and_then(|destination| destination.get(key))
                .and_then(Value::as_str)
                .unwrap_or_default()
        };
        let (server, cluster, namespace) = (text("server"), text("name"), text("namespace"));
        if !self.permits_destination(server, cluster, namespace) {
            let shown = if cluster.is_empty() { server } else { cluster };
            forbidden.push(format!(
                "application destination server '{shown}' and namespace '{namespace}' do not match any of the allowed \
                 destinations in project '{name}'"
            ));
        }
        forbidden
    }

    fn permits_source(&self, url: &str) -> bool {
        let url = identity::normalise(url);
        let mut permitted = false;
        for pattern in &self.source_repositories {
            let (denies, pattern) = split_denial(pattern);
            let normalised = identity::normalise(pattern);
            let matched = matches(&normalised, &url, true) != denies;
            if !matched && denies {
                return false;
            }
            permitted |= matched;
        }
        permitted
    }

    fn permits_destination(&self, server: &str, name: &str, namespace: &str) -> bool {
        let fits = |pattern: &str, text: &str| {
            let (denies, pattern) = split_denial(pattern);
            matches(pattern, text, false) != denies
        };
        let denies = |pattern: &str| pattern.starts_with('!');
        let mut permitted = false;
        for item in &self.destinations {
            let by_name = !name.is_empty() && fits(&item.name, name);
            let by_server = !server.is_empty() && fits(&item.server, server);
            let in_namespace = fits(&item.namespace, namespace);
            if (by_server || by_name) && in_namespace {
                permitted = true;
            } else if (!by_name && denies(&item.name))
                || (!by_server && denies(&item.server) && in_namespace)
                || (!in_namespace && denies(&item.namespace) && by_server)
            {
                return false;
            }
        }
        permitted
    }
}

fn split_denial(pattern: &str) -> (bool, &str) {
    match pattern.strip_prefix('!') {
        Some(pattern) => (true, pattern),
        None => (false, pattern),
    }
}

/// The library gobwas/glob: `*` stops at `/` where that is a separator, `**` never does.
fn matches(pattern: &str, text: &str, separated: bool) -> bool {
    if pattern == "*" {
        return true;
    }
    let (one, any) = if separated { ("[^/]", "[^/]*") } else { (".", ".*") };
    let mut expression = String::from("(?s)^");
    let mut rest = pattern.chars().peekable();
    let mut open = 0_usize;
    while let Some(character) = rest.next() {
        match character {
            '*' if rest.next_if_eq(&'*').is_some() => expression.push_str(".*"),
            '*' => expression.push_str(any),
            '?' => expression.push_str(one),
            '{' => {
                open += 1;
                expression.push_str("(?:");
            }
            '}' if open > 0 => {
                open -= 1;
                expression.push(')');
            }
            ',' if open > 0 => expression.push('|'),
            plain => expression.push_str(&regex::escape(plain.encode_utf8(&mut [0; 4]))),
        }
    }
    expression.push('$');
    Regex::new(&expression).is_ok_and(|expression| expression.is_match(text))
}
