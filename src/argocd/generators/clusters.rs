//! The clusters that are registered with Argo CD (spec sheet section 2.7).

use super::Run;
use super::path::sanitize_name;
use crate::argocd::failure::Failure;
use crate::argocd::fixtures::{Cluster, SECRET_TYPE};
use crate::argocd::parameters::{Data, Generator, Items, Origin, Parameter, Parameters, Values};
use crate::argocd::selector::{Rules, Selector};
use crate::argocd::typed::{Object, Text, Typed};
use crate::argocd::types::LABEL_SELECTOR;
use crate::diagnostic::Diagnostic;
use crate::source::Location;
use std::sync::Arc;

/// The cluster that Argo CD runs in.
pub const IN_CLUSTER: &str = "in-cluster";
/// The address of that cluster's API server.
pub const IN_CLUSTER_SERVER: &str = "https://kubernetes.default.svc";

/// The parameter sets of a clusters generator. Argo CD's own order is random.
///
/// # Errors
/// Clusters that nobody has described, a selector that Kubernetes refuses.
pub fn generate(run: &mut Run, generator: &Object) -> Result<Vec<Parameters>, Failure> {
    let empty = Object::empty(&LABEL_SELECTOR, generator.span);
    let given = generator.object("selector").unwrap_or(&empty);
    // Argo CD adds the label of cluster Secrets to the selector; every cluster here has it.
    let selector = Selector::new(&with_secret_type(given), Rules::Labels).map_err(|failure| {
        failure.within("error converting label selector").within("error getting cluster secrets")
    })?;
    let Some(clusters) = &run.context.fixtures.clusters else {
        return Err(unknown(&selector, generator));
    };
    let selected = |cluster: &&Cluster| {
        let label = |key: &str| {
            let own = cluster.labels.iter().find(|(label, ..)| &**label == key);
            if key == SECRET_TYPE.0 { Some(SECRET_TYPE.1) } else { own.map(|(_, value, _)| &**value) }
        };
        selector.first_unmet(label).is_none()
    };
    let mut chosen: Vec<&Cluster> = clusters.iter().filter(selected).collect();
    // Secrets go by the name of the cluster, so of two with one name only one is seen.
    let mut names = std::collections::HashSet::new();
    chosen.reverse();
    chosen.retain(|cluster| names.insert(Arc::clone(&cluster.name)));
    chosen.reverse();
    let mut sets = Vec::new();
    for cluster in &chosen {
        let mut set = parameters(run, cluster);
        add_values(run, generator, &mut set, "cluster")?;
        sets.push(set);
    }
    let selects = !given.map("matchLabels").is_empty() || !given.list("matchExpressions").is_empty();
    if !selects && chosen.iter().all(|cluster| &*cluster.server != IN_CLUSTER_SERVER) {
        let mut set = in_cluster();
        add_values(run, generator, &mut set, "local cluster")?;
        sets.push(set);
    }
    if sets.is_empty() {
        let wanted: Vec<_> = given_requirements(&selector).collect();
        let message = format!("none of {} clusters has the labels `{}`", clusters.len(), wanted.join(", "));
        let told = Diagnostic::warning("appset-no-parameters", message)
            .at(Location::new(run.file, generator.span_of("selector")));
        run.findings.nothing_from(generator, vec![told]);
    }
    Ok(if generator.flag("flatList") { vec![flat_list(run, generator, sets)] } else { sets })
}

fn given_requirements(selector: &Selector) -> impl Iterator<Item = String> {
    selector
        .requirements()
        .iter()
        .filter(|requirement| requirement.key != SECRET_TYPE.0)
        .map(ToString::to_string)
}

fn unknown(selector: &Selector, generator: &Object) -> Failure {
    let wanted = selector.requirements().iter().filter(|requirement| requirement.key != SECRET_TYPE.0);
    let labels: Vec<_> = wanted
        .filter_map(|requirement| requirement.wanted().map(|value| format!("{}: {value:?}", requirement.key)))
        .collect();
    Failure::at("the clusters that are registered with Argo CD are not known here", generator.span)
        .code("appset-unknown-clusters")
        .hint("describe them in a fixtures file, or add the cluster Secrets to the files")
        .hint(format!(
            "clusters: [{{name: my-cluster, server: https://my-cluster.example.com, labels: {{{}}}}}]",
            labels.join(", ")
        ))
}

fn with_secret_type(selector: &Object) -> Object {
    let mut labels = selector.map("matchLabels").to_vec();
    labels.retain(|(key, _)| &*key.text != SECRET_TYPE.0);
    let text = |text: &str| Text { text: Arc::from(text), span: selector.span };
    labels.push((text(SECRET_TYPE.0), Typed::Text(text(SECRET_TYPE.1))));
    selector.with("matchLabels", Typed::Map(labels.into()))
}

fn add_values(run: &mut Run, generator: &Object, set: &mut Parameters, of: &str) -> Result<(), Failure> {
    let added = run.add_values(generator, Generator::Clusters, set);
    added.map_err(|failure| failure.within(&format!("error appending templated values for {of}")))
}

fn parameters(run: &Run, cluster: &Cluster) -> Parameters {
    let origin = |place: &Location| Origin { generator: Generator::Clusters, place: Some(place.clone()) };
    let own = |text: &str| Parameter::string(text, origin(&cluster.place));
    let mut set = Parameters::default();
    set.insert("name", own(&cluster.name));
    set.insert("nameNormalized", own(&sanitize_name(&cluster.name)));
    set.insert("server", own(&cluster.server));
    set.insert("project", own(&cluster.project));
    let described = |pairs: &[(Arc<str>, Arc<str>, Location)]| {
        let pair = |(key, value, place): &(Arc<str>, Arc<str>, Location)| {
            (Arc::clone(key), Parameter::string(Arc::clone(value), origin(place)))
        };
        pairs.iter().map(pair).collect::<Parameters>()
    };
    let mut labels = described(&cluster.labels);
    labels.insert(SECRET_TYPE.0, own(SECRET_TYPE.1));
    let parts = [("annotations", described(&cluster.annotations)), ("labels", labels)];
    if run.renderer.is_go() {
        let given = parts.into_iter().filter(|(_, map)| !map.is_empty()).map(|(name, map)| {
            let data = Data::Map(Values::Texts, Arc::new(map));
            (Arc::from(name), Parameter { data, origin: origin(&cluster.place) })
        });
        let metadata = Data::Map(Values::Any, Arc::new(given.collect()));
        set.insert("metadata", Parameter { data: metadata, origin: origin(&cluster.place) });
    } else {
        for (part, map) in parts {
            for (key, value) in map.iter() {
                set.insert(format!("metadata.{part}.{key}"), value.clone());
            }
        }
    }
    set
}

fn in_cluster() -> Parameters {
    let own = |text: &str| Parameter::string(text, Origin { generator: Generator::Clusters, place: None });
    let pairs = [
        ("name", IN_CLUSTER),
        ("nameNormalized", IN_CLUSTER),
        ("server", IN_CLUSTER_SERVER),
        ("project", ""),
    ];
    pairs.into_iter().map(|(name, value)| (Arc::from(name), own(value))).collect()
}

fn flat_list(run: &Run, generator: &Object, sets: Vec<Parameters>) -> Parameters {
    let origin = Origin::at(Generator::Clusters, run.file, generator.span);
    let of_set = |set| Parameter { data: Data::Map(Values::Any, Arc::new(set)), origin: origin.clone() };
    let data = Data::List(Items::Maps, sets.into_iter().map(of_set).collect());
    [(Arc::from("clusters"), Parameter { data, origin: origin.clone() })].into_iter().collect()
}
