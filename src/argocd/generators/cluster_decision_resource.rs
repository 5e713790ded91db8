//! Clusters that another controller has chosen (spec sheet section 2.8).

use super::Run;
use super::clusters::{IN_CLUSTER, IN_CLUSTER_SERVER};
use crate::argocd::failure::Failure;
use crate::argocd::fixtures::Written;
use crate::argocd::parameters::{Generator, Origin, Parameter, Parameters};
use crate::argocd::selector::{Rules, Selector};
use crate::argocd::typed::Object;
use crate::source::Location;
use crate::yaml::{Kind, Node};
use std::sync::Arc;

/// The parameter sets of a clusterDecisionResource generator: one for each decision that names a
/// cluster of Argo CD.
///
/// # Errors
/// What nobody has described: clusters, the ConfigMap, the resources; a ConfigMap or generator that is
/// incomplete.
pub fn generate(run: &mut Run, generator: &Object) -> Result<Vec<Parameters>, Failure> {
    let fixtures = run.context.fixtures;
    let name = generator.text("configMapRef");
    let unknown =
        |what: &str, how: &str| Failure::at(what, generator.span).code("appset-unknown-decisions").hint(how);
    let Some(resources) = &fixtures.decisions else {
        return Err(unknown(
            "the resources that hold the cluster decisions are not known here",
            "give the objects as `decisions` in a fixtures file, and the ConfigMap under `configMaps`",
        ));
    };
    let Some(config) = fixtures.config_maps.get(name) else {
        return Err(Failure::at(
            format!("error reading configMapRef: configmaps {name:?} not found"),
            generator.span_of("configMapRef"),
        ));
    };
    let clusters = fixtures.clusters.as_deref().unwrap_or_default();
    let kind = config.text("kind");
    let api_version = config.text("apiVersion");
    if kind.is_empty() || api_version.find('/').is_none_or(|at| at < 1) {
        let message = "there is a problem with the apiVersion, kind or resourceName provided";
        return Err(Failure::at(message, generator.span).place(Location::new(&config.file, config.node.span)));
    }
    let chosen = choose(generator, resources, kind, api_version)?;
    if chosen.is_empty() {
        return Err(Failure::at("no clusterDecisionResources found", generator.span));
    }
    let list_key = Some(config.text("statusListKey")).filter(|key| !key.is_empty()).unwrap_or("clusters");
    let match_key = config.text("matchKey");
    if match_key.is_empty() {
        return Ok(Vec::new());
    }
    let mut sets = Vec::new();
    for resource in chosen {
        let decisions = resource.node.get("status").and_then(|status| status.get(list_key));
        for decision in decisions.map(Node::items).unwrap_or_default() {
            let wanted = decision.get(match_key).map(|node| node.to_value().to_string()).unwrap_or_default();
            let known = clusters.iter().find(|cluster| *cluster.name == *wanted);
            let server = match known {
                Some(cluster) => &cluster.server,
                None if wanted == IN_CLUSTER
                    && clusters.iter().all(|known| &*known.server != IN_CLUSTER_SERVER) =>
                {
                    IN_CLUSTER_SERVER
                }
                None => continue,
            };
            sets.push(parameters(run, generator, resource, decision, &wanted, server));
        }
    }
    Ok(sets)
}

fn choose<'f>(
    generator: &Object,
    resources: &'f [Written],
    kind: &str,
    api_version: &str,
) -> Result<Vec<&'f Written>, Failure> {
    let name = generator.text("name");
    let selector = generator.object("labelSelector");
    let selects =
        selector.is_some_and(|s| s.get("matchLabels").is_given() || s.get("matchExpressions").is_given());
    if name.is_empty() != selects {
        let message = "there is a problem with the definition of the ClusterDecisionResource generator";
        return Err(Failure::at(message, generator.span).hint("give either `name` or `labelSelector`"));
    }
    let selector = selector.map(|selector| Selector::new(selector, Rules::Labels)).transpose()?;
    let is_chosen = |resource: &&Written| {
        let metadata = resource.node.get("metadata");
        // The ConfigMap names the resource (`ducks`), objects their kind (`Duck`).
        let of_kind = resource.text("kind").to_lowercase();
        let same_kind = of_kind.is_empty() || kind.to_lowercase().starts_with(&of_kind) || of_kind == kind;
        let same_version =
            resource.text("apiVersion").is_empty() || resource.text("apiVersion") == api_version;
        let labels = metadata.and_then(|metadata| metadata.get("labels"));
        let named = name.is_empty()
            || metadata.and_then(|metadata| metadata.get("name")).and_then(Node::as_str) == Some(name);
        let label = |key: &str| labels.and_then(|labels| labels.get(key)).and_then(Node::as_str);
        let selected = selector.as_ref().is_none_or(|selector| selector.first_unmet(label).is_none());
        same_kind && same_version && named && (selected || !name.is_empty())
    };
    Ok(resources.iter().filter(is_chosen).collect())
}

fn parameters(
    run: &Run,
    generator: &Object,
    resource: &Written,
    decision: &Node,
    name: &str,
    server: &str,
) -> Parameters {
    let kind = Generator::ClusterDecisionResource;
    let origin = Origin::at(kind, &resource.file, decision.span);
    let mut set = Parameters::default();
    set.insert("name", Parameter::string(name, origin.clone()));
    set.insert("server", Parameter::string(server, origin));
    for entry in decision.entries() {
        let place = Origin::at(kind, &resource.file, entry.value.span);
        let text: Arc<str> = match &entry.value.kind {
            Kind::String(text) => Arc::clone(text),
            _ => entry.value.to_value().to_string().into(),
        };
        set.insert(Arc::clone(&entry.key), Parameter::string(text, place));
    }
    // These values are not templates.
    let values = generator.map("values").iter().filter_map(|(key, value)| {
        let text = value.as_text()?;
        let origin = Origin::at(kind, run.file, text.span);
        Some((Arc::clone(&key.text), Parameter::string(Arc::clone(&text.text), origin)))
    });
    run.insert_values(values.collect(), kind, generator, &mut set);
    set
}
