//! What Argo CD would ask a cluster or a network for, as the user describes it.
//!
//! A fixtures file is a YAML map of `clusters`, `plugins`, `configMaps`, `decisions`, `repositories`
//! (of SCM providers), `pullRequests` and `settings`. A kind that is not there is unknown, and what needs it says
//! so; a kind that is there is complete.

use super::failure::{TOO_DEEP, is_too_deep};
use crate::diagnostic::Diagnostic;
use crate::profile::Profile;
use crate::schema::{Owner, Schema, path_in_words};
use crate::source::{File, Location};
use crate::yaml::{Document, Kind, Node};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The JSON schema of a fixtures file.
pub const SCHEMA: &str = include_str!("fixtures.schema.json");

/// Everything that was described.
#[derive(Clone, Debug, Default)]
pub struct Fixtures {
    /// The fixtures file, if there is one.
    pub file: Option<Arc<File>>,
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
    /// What an administrator has set: keys of `argocd-cm` and `argocd-cmd-params-cm`.
    pub settings: Option<Written>,
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
#[derive(Clone, Debug, PartialEq)]
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
    /// What a fixtures file describes.
    ///
    /// # Errors
    /// What is wrong with it: no YAML, or not as [`SCHEMA`] says.
    pub fn read(file: &Arc<File>) -> Result<Self, Vec<Diagnostic>> {
        let document = crate::yaml::read(file).map_err(|problem| vec![problem])?;
        let mut fixtures = Self { file: Some(Arc::clone(file)), ..Self::default() };
        let problems = fixtures.add(&document);
        if problems.is_empty() { Ok(fixtures) } else { Err(problems) }
    }

    /// Whether a file is a fixtures file by what stands in it.
    pub fn describes(file: &Arc<File>) -> bool {
        let Ok(document) = crate::yaml::read(file) else { return false };
        !document.root.entries().is_empty() && Self::default().add(&document).is_empty()
    }

    /// Adds what a fixtures file describes, and tells what of it is not as [`SCHEMA`] says.
    pub fn add(&mut self, document: &Document) -> Vec<Diagnostic> {
        if is_too_deep(&document.root) {
            let place = Location::new(&document.file, document.root.span);
            return vec![Diagnostic::error("fixtures-too-deep", TOO_DEEP).at(place)];
        }
        let findings = check(document);
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
                "settings" => self.settings = Some(written(node)),
                _ => {}
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
        let name = root.get("metadata").and_then(|metadata| metadata.get("name")).and_then(Node::as_str);
        match (root.get("kind").and_then(Node::as_str), name) {
            _ if is_cluster_secret(root) => {
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

/// What of a fixtures file is not as [`SCHEMA`] says. One of nothing but comments describes nothing.
fn check(document: &Document) -> Vec<Diagnostic> {
    if matches!(document.root.kind, Kind::Null) {
        return Vec::new();
    }
    let schema = File::new("", "fixtures.schema.json", SCHEMA);
    let compiled =
        Schema::compile(&schema, Owner::Chart, Profile::default().helm, &()).map_err(|problem| vec![problem]);
    let violations = match compiled {
        Ok(schema) => schema.validate(&document.root.to_value()),
        Err(problems) => return problems,
    };
    let told = violations.into_iter().map(|violation| {
        let place = Location::new(&document.file, nearest(&document.root, &violation.path).span);
        let message = format!("{}: {}", path_in_words(&violation.path), violation.rule);
        let told = Diagnostic::error("fixtures", message).at(place);
        let told = match violation.hint {
            Some(hint) => told.hint(hint),
            None => told,
        };
        told.hint("`strata fixtures --schema` prints the schema of this file")
    });
    told.collect()
}

/// The node at a path, or the last one on the way to it.
fn nearest<'n>(root: &'n Node, path: &[String]) -> &'n Node {
    let mut node = root;
    for step in path {
        let next = match &node.kind {
            Kind::List(items) => step.parse::<usize>().ok().and_then(|at| items.get(at)),
            _ => node.get(step),
        };
        match next {
            Some(next) => node = next,
            None => break,
        }
    }
    node
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

/// Whether a manifest registers a cluster with Argo CD.
pub fn is_cluster_secret(root: &Node) -> bool {
    let label = root
        .get("metadata")
        .and_then(|metadata| metadata.get("labels"))
        .and_then(|labels| labels.get(SECRET_TYPE.0))
        .and_then(Node::as_str);
    root.get("kind").and_then(Node::as_str) == Some("Secret") && label == Some(SECRET_TYPE.1)
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

#[cfg(test)]
mod tests {
    use super::*;

    fn problems(text: &str) -> Vec<String> {
        let document = crate::yaml::read(&File::new("", "fixtures.yaml", text)).expect("the text is YAML");
        Fixtures::default().add(&document).into_iter().map(|problem| problem.message).collect()
    }

    #[test]
    fn the_schema_accepts_every_kind() {
        let all = r#"
clusters: [{name: a, server: "https://a", project: p, labels: {env: prod, on: true}, annotations: {n: "1"}}]
plugins: {p: [{customer: {name: x}}, null], q: {output: {parameters: [{a: b}]}}}
configMaps: {decisions: {apiVersion: v1/x, kind: ducks, matchKey: clusterName}}
decisions: [{apiVersion: v1, kind: Duck, metadata: {name: d, labels: {a: b}}, status: {decisions: [{clusterName: a}]}}]
repositories: [{organization: o, repository: r, repositoryId: 7, url: "https://h/o/r", branch: main, sha: "0", labels: [x], branches: [{name: dev, sha: "1"}], paths: [a/b]}]
pullRequests: [{repository: o/r, number: 1, title: t, branch: b, targetBranch: main, headSha: "0", labels: [], author: me}]
settings: {helm.valuesFileSchemes: "https, secrets", applicationsetcontroller.enable.new.git.file.globbing: true}
"#;
        assert_eq!(problems(all), [""; 0]);
    }

    #[test]
    fn a_file_of_comments_describes_nothing() {
        assert_eq!(problems("# Nothing is asked for.\n"), [""; 0]);
    }

    #[test]
    fn the_schema_rejects_mistakes() {
        for mistake in [
            "cluster: [{name: a, server: b}]",
            "clusters: {a: {server: b}}",
            "clusters: [{name: a, server: b, label: {env: prod}}]",
            "clusters: [{name: a, server: b, labels: [env]}]",
            "clusters: [{server: b}]",
            "plugins: {p: [text]}",
            "pullRequests: [{number: 1, branches: [a]}]",
            "settings: {helm.valueFileSchemes: https}",
        ] {
            assert_ne!(problems(mistake), [""; 0], "{mistake}");
        }
    }
}
