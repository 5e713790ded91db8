//! What the files say of the world around Argo CD: clusters that are registered, ConfigMaps that
//! generators read. What the user describes comes first.

use super::Platform;
use super::manifests::Manifests;
use crate::argocd::fixtures::Fixtures;
use crate::source::File;
use crate::yaml::{self, Document, Node};
use std::collections::BTreeSet;
use std::sync::Arc;

/// The user's fixtures, and where they say nothing what stands among the files: Secrets of clusters, and
/// the ConfigMaps that generators name.
pub(super) fn fixtures(platform: &Platform, manifests: &Manifests) -> Fixtures {
    let mut fixtures = platform.fixtures.clone();
    if fixtures.clusters.is_none() {
        for secret in &manifests.clusters {
            fixtures.add_manifest(secret);
        }
    }
    let asked: BTreeSet<&str> = manifests.sets.iter().flat_map(config_maps).collect();
    if asked.iter().any(|name| !fixtures.config_maps.contains_key(*name)) {
        let revisions = platform.repositories.all().iter().flat_map(|repository| &repository.revisions);
        for file in revisions.flat_map(|revision| revision.tree.files()) {
            if holds_config_map(file, &asked) {
                for document in yaml::read_manifests(file).into_iter().flatten() {
                    add(&mut fixtures, &document, &asked);
                }
            }
        }
    }
    fixtures
}

fn add(fixtures: &mut Fixtures, document: &Document, asked: &BTreeSet<&str>) {
    let is = |key: &str, wanted: &str| document.root.get(key).and_then(Node::as_str) == Some(wanted);
    let name = document.root.get("metadata").and_then(|metadata| metadata.get("name")).and_then(Node::as_str);
    if is("kind", "ConfigMap") && name.is_some_and(|name| asked.contains(name)) {
        fixtures.add_manifest(document);
    }
}

/// The ConfigMaps that the generators of a set name.
fn config_maps(set: &Document) -> impl Iterator<Item = &str> {
    let generators = set.root.get("spec").and_then(|spec| spec.get("generators"));
    let nodes = generators.into_iter().flat_map(|generators| generators.walk().map(|(node, _)| node));
    // A plugin's ConfigMap says where to ask; its answer is a fixture.
    nodes.filter_map(|node| node.get("clusterDecisionResource")?.get("configMapRef")?.as_str())
}

fn holds_config_map(file: &Arc<File>, names: &BTreeSet<&str>) -> bool {
    let is_yaml = file.path.ends_with(".yaml") || file.path.ends_with(".yml");
    is_yaml && file.text.contains("ConfigMap") && names.iter().any(|name| file.text.contains(name))
}
