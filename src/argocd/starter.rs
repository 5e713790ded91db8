//! A fixtures file to start from: what the sets ask a cluster or a network for and nobody has described,
//! with the labels that their selectors ask for.

use super::fixtures::Fixtures;
use super::generators::clusters::IN_CLUSTER_SERVER;
use crate::source::File;
use crate::yaml::{self, Document, Kind, Node};
use regex::Regex;
use serde_json::{Map, Value as Json, json};
use std::collections::{BTreeMap, BTreeSet};

/// What stands above the fixtures, for whoever fills them in.
const HEAD: &str = "\
# What no repository holds and the ApplicationSets ask for. Labels are those that selectors want; put in
# what is real, and add or remove what there is more or less of.
";

/// A fixtures file for these sets; `None` if they ask for nothing that is not known.
pub fn starter<'a>(sets: impl IntoIterator<Item = &'a Document>, known: &Fixtures) -> Option<String> {
    let mut wanted = Wanted::default();
    for set in sets {
        wanted.read(&set.root);
    }
    let described = wanted.into_fixtures(known);
    if described.is_empty() {
        return None;
    }
    let file = File::new("", "fixtures.yaml", Json::Object(described).to_string());
    let document = yaml::read(&file).ok()?;
    Some(format!("{HEAD}{}\n", yaml::write(&document.root.to_value())))
}

/// What sets ask for.
#[derive(Default)]
struct Wanted {
    clusters: Vec<Cluster>,
    asks_clusters: bool,
    /// Names of annotations that templates read.
    annotations: BTreeSet<String>,
    /// Names of labels that templates read.
    labels: BTreeSet<String>,
    /// Parameters by the plugin's ConfigMap.
    plugins: BTreeMap<String, BTreeSet<String>>,
    organizations: BTreeSet<String>,
    pull_requests: BTreeSet<String>,
    /// Objects with decisions: ConfigMap, name, labels.
    decisions: Vec<(String, String, Map<String, Json>)>,
}

/// A cluster that satisfies some selectors.
#[derive(Default)]
struct Cluster {
    labels: BTreeMap<String, String>,
    /// Labels that it must not have; with a value, only not with that.
    forbidden: Vec<(String, Option<String>)>,
}

/// What one selector asks for.
type Requirements = Cluster;

impl Wanted {
    fn read(&mut self, set: &Node) {
        let Some(spec) = set.get("spec") else { return };
        let texts: Vec<&str> = spec.walk().filter_map(|(node, _)| node.as_str()).collect();
        let Some(generators) = spec.get("generators") else { return };
        let before = self.asks_clusters;
        self.asks_clusters = false;
        for (node, _) in generators.walk() {
            self.generator(node, &texts);
        }
        if self.asks_clusters {
            self.read_metadata(&texts);
        }
        self.asks_clusters |= before;
    }

    fn generator(&mut self, node: &Node, texts: &[&str]) {
        if let Some(clusters) =
            node.get("clusters").filter(|clusters| !matches!(clusters.kind, Kind::List(_)))
        {
            self.asks_clusters = true;
            self.place(requirements(clusters.get("selector")));
        }
        if let Some(plugin) = node.get("plugin")
            && let Some(name) = text(plugin.get("configMapRef"), "name")
        {
            let parameters = self.plugins.entry(name).or_default();
            parameters.extend(texts.iter().flat_map(|text| names_in(text)));
        }
        if let Some(provider) = node.get("scmProvider") {
            let named = ["organization", "group", "owner", "project"];
            let inner = provider.entries().iter().map(|entry| &entry.value);
            let names = inner.filter_map(|inner| named.iter().find_map(|field| text(Some(inner), field)));
            self.organizations.extend(names.take(1));
        }
        if let Some(provider) = node.get("pullRequest") {
            let parts = ["organization", "owner", "project", "repo"];
            let inner = provider
                .entries()
                .iter()
                .map(|entry| &entry.value)
                .find(|inner| parts.iter().any(|part| inner.get(part).is_some()));
            let named: Vec<String> = parts.iter().filter_map(|part| text(inner, part)).collect();
            self.pull_requests.insert(named.join("/"));
        }
        if let Some(resource) = node.get("clusterDecisionResource") {
            let labels = requirements(resource.get("labelSelector")).labels;
            let labels = labels.into_iter().map(|(key, value)| (key, Json::from(value))).collect();
            let wanted = (
                text(Some(resource), "configMapRef").unwrap_or_default(),
                text(Some(resource), "name").unwrap_or_else(|| "decision".to_owned()),
                labels,
            );
            if !self.decisions.contains(&wanted) {
                self.decisions.push(wanted);
            }
        }
    }

    /// Lets a cluster satisfy a selector: one that can, or else a new one.
    fn place(&mut self, asked: Requirements) {
        if let Some(cluster) = self.clusters.iter_mut().find(|cluster| cluster.can_be(&asked)) {
            cluster.labels.extend(asked.labels);
            cluster.forbidden.extend(asked.forbidden);
        } else {
            self.clusters.push(asked);
        }
    }

    /// Labels and annotations of clusters that templates read.
    fn read_metadata(&mut self, texts: &[&str]) {
        const READ: [&str; 2] = [
            r"metadata\.(labels|annotations)\.([A-Za-z0-9_./-]*[A-Za-z0-9_])",
            r#"metadata\.(labels|annotations)\s+"([^"]+)""#,
        ];
        for expression in READ.iter().filter_map(|expression| Regex::new(expression).ok()) {
            for text in texts {
                for found in expression.captures_iter(text) {
                    let names = if &found[1] == "labels" { &mut self.labels } else { &mut self.annotations };
                    names.insert(found[2].to_owned());
                }
            }
        }
    }

    fn into_fixtures(self, known: &Fixtures) -> Map<String, Json> {
        let mut described = Map::new();
        let decides = !self.decisions.is_empty() && known.decisions.is_none();
        if (self.asks_clusters || decides) && known.clusters.is_none() {
            described.insert("clusters".to_owned(), self.clusters());
        }
        if decides {
            let objects = self.decisions.iter().map(|(_, name, labels)| {
                json!({
                    "metadata": { "name": name, "labels": labels },
                    "status": { "decisions": [{ "clusterName": "cluster-1" }] },
                })
            });
            described.insert("decisions".to_owned(), objects.collect());
            let config = json!({
                "apiVersion": "cluster.open-cluster-management.io/v1beta1",
                "kind": "placementdecisions",
                "statusListKey": "decisions",
                "matchKey": "clusterName",
            });
            let unknown = self.decisions.iter().filter(|(name, ..)| !known.config_maps.contains_key(name));
            let maps: Map<String, Json> = unknown.map(|(name, ..)| (name.clone(), config.clone())).collect();
            if !maps.is_empty() {
                described.insert("configMaps".to_owned(), Json::Object(maps));
            }
        }
        if !self.plugins.is_empty() && known.plugins.is_none() {
            let answer = |parameters: BTreeSet<String>| {
                let set: Map<String, Json> =
                    parameters.into_iter().map(|name| (name, Json::from(""))).collect();
                json!([set])
            };
            let plugins: Map<String, Json> =
                self.plugins.into_iter().map(|(name, parameters)| (name, answer(parameters))).collect();
            described.insert("plugins".to_owned(), Json::Object(plugins));
        }
        if !self.organizations.is_empty() && known.scm_repositories.is_none() {
            let repositories = self.organizations.iter().map(|organization| {
                json!({
                    "organization": organization, "repository": "repository",
                    "url": format!("https://git.example.com/{organization}/repository.git"),
                    "branch": "main", "sha": "0".repeat(40), "labels": [], "paths": [],
                })
            });
            described.insert("repositories".to_owned(), repositories.collect());
        }
        if !self.pull_requests.is_empty() && known.pull_requests.is_none() {
            let requests = self.pull_requests.iter().map(|repository| {
                json!({
                    "repository": repository, "number": 1, "title": "A change", "branch": "change",
                    "targetBranch": "main", "headSha": "0".repeat(40), "labels": [], "author": "someone",
                })
            });
            described.insert("pullRequests".to_owned(), requests.collect());
        }
        described
    }

    fn clusters(&self) -> Json {
        let bare = [Cluster::default()];
        let clusters = if self.clusters.is_empty() { &bare[..] } else { &self.clusters };
        let described = clusters.iter().enumerate().map(|(at, cluster)| {
            let mut labels: Map<String, Json> =
                cluster.labels.iter().map(|(key, value)| (key.clone(), Json::from(value.as_str()))).collect();
            for name in self.labels.iter().filter(|name| !cluster.forbids(name, "")) {
                labels.entry(name.clone()).or_insert(Json::from(""));
            }
            let annotations: Map<String, Json> =
                self.annotations.iter().map(|name| (name.clone(), Json::from(""))).collect();
            let name = format!("cluster-{}", at + 1);
            let server =
                if at == 0 { IN_CLUSTER_SERVER.to_owned() } else { format!("https://{name}.example.com") };
            json!({ "name": name, "server": server, "labels": labels, "annotations": annotations })
        });
        described.collect()
    }
}

impl Cluster {
    fn forbids(&self, label: &str, value: &str) -> bool {
        self.forbidden
            .iter()
            .any(|(key, unwanted)| key == label && unwanted.as_ref().is_none_or(|unwanted| unwanted == value))
    }

    fn can_be(&self, asked: &Requirements) -> bool {
        let agrees = |(key, value): (&String, &String)| {
            self.labels.get(key).is_none_or(|own| own == value) && !self.forbids(key, value)
        };
        asked.labels.iter().all(agrees) && !self.labels.iter().any(|(key, value)| asked.forbids(key, value))
    }
}

/// What a label selector asks for; of several allowed values the first.
fn requirements(selector: Option<&Node>) -> Requirements {
    let mut asked = Requirements::default();
    let Some(selector) = selector else { return asked };
    for entry in selector.get("matchLabels").map(Node::entries).unwrap_or_default() {
        if let Some(value) = entry.value.as_str().filter(|value| !value.contains("{{")) {
            asked.labels.insert(entry.key.to_string(), value.to_owned());
        }
    }
    for expression in selector.get("matchExpressions").map(Node::items).unwrap_or_default() {
        let Some(key) = text(Some(expression), "key") else { continue };
        let values = expression.get("values").map(Node::items).unwrap_or_default();
        let values: Vec<String> = values.iter().filter_map(Node::as_str).map(str::to_owned).collect();
        match text(Some(expression), "operator").as_deref() {
            Some("In") => asked.labels.extend(values.into_iter().next().map(|value| (key, value))),
            Some("Exists") => {
                asked.labels.entry(key).or_insert_with(|| "true".to_owned());
            }
            Some("DoesNotExist") => asked.forbidden.push((key, None)),
            Some("NotIn") => {
                asked.forbidden.extend(values.into_iter().map(|value| (key.clone(), Some(value))));
            }
            _ => {}
        }
    }
    asked
}

fn text(node: Option<&Node>, key: &str) -> Option<String> {
    node.and_then(|node| node.get(key)).and_then(Node::as_str).map(str::to_owned)
}

/// The parameters that a template reads: `{{ name }}` and `{{ .name }}`.
fn names_in(template: &str) -> Vec<String> {
    // What sets add themselves is no parameter of a plugin.
    const OWN: [&str; 3] = ["values", "generator", "path"];
    let Ok(expression) = Regex::new(r"\{\{-?\s*(?:[^{}]*?[\s(])?\.?([A-Za-z_][A-Za-z0-9_-]*)[^{}]*\}\}")
    else {
        return Vec::new();
    };
    let names = expression.captures_iter(template).map(|found| found[1].to_owned());
    names.filter(|name| !OWN.contains(&name.as_str())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(set: &str) -> Option<String> {
        let document = yaml::read(&File::new("r", "set.yaml", set)).expect("the set is YAML");
        starter([&document], &Fixtures::default())
    }

    #[test]
    fn clusters_have_the_labels_that_selectors_ask_for() {
        let text = of(r#"
spec:
  generators:
    - clusters: {selector: {matchLabels: {env: prod}}}
    - clusters: {selector: {matchLabels: {env: staging}, matchExpressions: [{key: legacy, operator: DoesNotExist}]}}
    - clusters: {selector: {matchExpressions: [{key: tier, operator: In, values: [gold, silver]}]}}
  template: {metadata: {name: "{{.name}}-{{.metadata.annotations.addons_repo_url}}"}}
"#)
        .expect("clusters are not known");
        let fixtures = yaml::read(&File::new("", "fixtures.yaml", text)).expect("fixtures are YAML");
        let clusters = fixtures.root.get("clusters").map(Node::items).unwrap_or_default();
        assert_eq!(clusters.len(), 2);
        let label = |at: usize, key: &str| {
            clusters[at].get("labels").and_then(|labels| labels.get(key)).and_then(Node::as_str)
        };
        assert_eq!(
            (label(0, "env"), label(0, "tier"), label(1, "env")),
            (Some("prod"), Some("gold"), Some("staging"))
        );
        assert!(clusters[0].get("annotations").is_some_and(|given| given.get("addons_repo_url").is_some()));
    }

    #[test]
    fn nothing_is_asked_where_everything_is_in_the_files() {
        assert_eq!(of("spec: {generators: [{list: {elements: [{a: b}]}}]}"), None);
        let plugin = of(
            "spec: {generators: [{plugin: {configMapRef: {name: p}}}], template: {metadata: {name: '{{ .customer }}-x'}}}",
        );
        assert!(plugin.is_some_and(|text| text.contains("customer: \"\"")));
    }
}
