//! What Argo CD would ask a cluster or a network for, as the user describes it.
//!
//! A fixtures file is a YAML map of `clusters`, `plugins`, `configMaps`, `decisions`, `repositories`
//! (of SCM providers) and `pullRequests`. A kind that is not there is unknown, and what needs it says
//! so; a kind that is there is complete.

use super::failure::{TOO_DEEP, is_too_deep};
use crate::diagnostic::Diagnostic;
use crate::source::{File, Location};
use crate::yaml::{Document, Kind, Node};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Everything that was described.
#[derive(Clone, Debug, Default)]
pub struct Fixtures {
    /// Clusters that are registered with Argo CD.
    pub clusters: Option<Vec<Cluster>>,
    /// Answers of plugins, by the name of the ConfigMap that configures them.
    pub plugins: Option<BTreeMap<String, Written>>,
    /// ConfigMaps in Argo CD's namespace, by name: what stands in `data`.
    pub config_maps: BTreeMap<String, Written>,
    /// Objects that clusterDecisionResource generators read.
    pub decisions: Option<Vec<Written>>,
    /// Repositories that SCM providers list.
    pub scm_repositories: Option<Vec<Written>>,
    /// Open pull requests.
    pub pull_requests: Option<Vec<Written>>,
}

/// A value and the file that it is written in.
#[derive(Clone, Debug)]
pub struct Written {
    /// The file.
    pub file: Arc<File>,
    /// The value.
    pub node: Node,
}

/// A cluster that is registered with Argo CD.
#[derive(Clone, Debug)]
pub struct Cluster {
    /// Its name.
    pub name: Arc<str>,
    /// The address of its API server.
    pub server: Arc<str>,
    /// The project that it is reserved for; empty for none.
    pub project: Arc<str>,
    /// Labels of its Secret.
    pub labels: Vec<(Arc<str>, Arc<str>, Location)>,
    /// Annotations of its Secret.
    pub annotations: Vec<(Arc<str>, Arc<str>, Location)>,
    /// Where it is described.
    pub place: Location,
}

impl Written {
    /// The string at a key; empty if there is none.
    pub fn text(&self, key: &str) -> &str {
        self.node.get(key).and_then(Node::as_str).unwrap_or_default()
    }

    /// Where the value at a key is written; the whole value if there is none.
    pub fn place(&self, key: &str) -> Location {
        Location::new(&self.file, self.node.get(key).map_or(self.node.span, |node| node.span))
    }

    /// The strings of a list at a key.
    pub fn texts(&self, key: &str) -> Vec<Arc<str>> {
        let items = self.node.get(key).map(Node::items).unwrap_or_default();
        items.iter().map(text_of).collect()
    }
}

/// The text of a scalar; a number or boolean as it is written.
fn text_of(node: &Node) -> Arc<str> {
    match &node.kind {
        Kind::String(text) => Arc::clone(text),
        _ => node.to_value().to_string().into(),
    }
}

impl Fixtures {
    /// Adds what a fixtures file describes.
    pub fn add(&mut self, document: &Document) -> Vec<Diagnostic> {
        if is_too_deep(&document.root) {
            let place = Location::new(&document.file, document.root.span);
            return vec![Diagnostic::error("fixtures-too-deep", TOO_DEEP).at(place)];
        }
        let mut findings = Vec::new();
        let written = |node: &Node| Written { file: Arc::clone(&document.file), node: node.clone() };
        for entry in document.root.entries() {
            let node = &entry.value;
            let items = || node.items().iter().map(written).collect::<Vec<_>>();
            let named = || node.entries().iter().map(|entry| (entry.key.to_string(), written(&entry.value)));
            match &*entry.key {
                "clusters" => {
                    let clusters = node.items().iter().map(|node| Cluster::described(&document.file, node));
                    self.clusters.get_or_insert_default().extend(clusters);
                }
                "plugins" => self.plugins.get_or_insert_default().extend(named()),
                "configMaps" => self.config_maps.extend(named()),
                "decisions" => self.decisions.get_or_insert_default().extend(items()),
                "repositories" => self.scm_repositories.get_or_insert_default().extend(items()),
                "pullRequests" => self.pull_requests.get_or_insert_default().extend(items()),
                other => findings.push(
                    Diagnostic::warning(
                        "fixtures-unknown-kind",
                        format!("unknown kind of fixture {other:?}"),
                    )
                    .at(Location::new(&document.file, entry.key_span))
                    .hint(
                        "known are clusters, plugins, configMaps, decisions, repositories and pullRequests",
                    ),
                ),
            }
        }
        findings
    }

    /// Adds a manifest if it describes something that generators ask for: a cluster Secret or a
    /// ConfigMap. Tells whether it does.
    pub fn add_manifest(&mut self, manifest: &Document) -> bool {
        let root = &manifest.root;
        if is_too_deep(root) {
            return false;
        }
        let labels = root.get("metadata").and_then(|metadata| metadata.get("labels"));
        let secret_type =
            labels.and_then(|labels| labels.get("argocd.argoproj.io/secret-type")).and_then(Node::as_str);
        let name = root.get("metadata").and_then(|metadata| metadata.get("name")).and_then(Node::as_str);
        match (root.get("kind").and_then(Node::as_str), name) {
            (Some("Secret"), _) if secret_type == Some("cluster") => {
                self.clusters.get_or_insert_default().push(Cluster::secret(&manifest.file, root));
                true
            }
            (Some("ConfigMap"), Some(name)) => {
                let data = root.get("data").unwrap_or(root).clone();
                let written = Written { file: Arc::clone(&manifest.file), node: data };
                self.config_maps.entry(name.to_owned()).or_insert(written);
                true
            }
            _ => false,
        }
    }
}

impl Cluster {
    fn described(file: &Arc<File>, node: &Node) -> Self {
        let text = |key: &str| node.get(key).map_or_else(|| Arc::from(""), text_of);
        Self {
            name: text("name"),
            server: text("server"),
            project: text("project"),
            labels: pairs(file, node.get("labels")),
            annotations: pairs(file, node.get("annotations")),
            place: Location::new(file, node.span),
        }
    }

    fn secret(file: &Arc<File>, root: &Node) -> Self {
        use base64::Engine as _;
        let field = |key: &str| -> Arc<str> {
            if let Some(plain) = root.get("stringData").and_then(|data| data.get(key)) {
                return text_of(plain);
            }
            let encoded =
                root.get("data").and_then(|data| data.get(key)).and_then(Node::as_str).unwrap_or_default();
            let decoded = base64::engine::general_purpose::STANDARD.decode(encoded).unwrap_or_default();
            String::from_utf8_lossy(&decoded).into()
        };
        let metadata = root.get("metadata");
        let mut labels = pairs(file, metadata.and_then(|metadata| metadata.get("labels")));
        labels.retain(|(key, ..)| &**key != SECRET_TYPE.0);
        Self {
            name: field("name"),
            server: field("server"),
            project: field("project"),
            labels,
            annotations: pairs(file, metadata.and_then(|metadata| metadata.get("annotations"))),
            place: Location::new(file, root.span),
        }
    }
}

/// The label that every cluster Secret has.
pub const SECRET_TYPE: (&str, &str) = ("argocd.argoproj.io/secret-type", "cluster");

fn pairs(file: &Arc<File>, node: Option<&Node>) -> Vec<(Arc<str>, Arc<str>, Location)> {
    let entries = node.map(Node::entries).unwrap_or_default();
    let pair = |entry: &crate::yaml::Entry| {
        (Arc::clone(&entry.key), text_of(&entry.value), Location::new(file, entry.value.span))
    };
    entries.iter().map(pair).collect()
}
