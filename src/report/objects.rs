//! Kubernetes objects that Applications yield, across all of them: what runs in which namespace of which
//! cluster, and which objects more than one source yields.

use super::rows::scalar_text;
use crate::argocd::sources::{Directory, Source};
use crate::chart::Rendering;
use crate::diagnostic::Diagnostic;
use crate::platform::{Application, Evaluation, Origin, typed_by_hand};
use crate::source::Location;
use crate::value::Value;
use crate::yaml::{self, Node};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::Arc;

/// Objects that a finding about several names.
const MOST_NAMED: usize = 5;

/// Kinds of Kubernetes itself that lie in no namespace, by their group. Others are known by their
/// definitions, where these are yielded too; what is not known lies in a namespace, as for Argo CD.
const CLUSTER_KINDS: [(&str, &[&str]); 14] = [
    ("", &["ComponentStatus", "Namespace", "Node", "PersistentVolume"]),
    (
        "admissionregistration.k8s.io",
        &[
            "MutatingAdmissionPolicy",
            "MutatingAdmissionPolicyBinding",
            "MutatingWebhookConfiguration",
            "ValidatingAdmissionPolicy",
            "ValidatingAdmissionPolicyBinding",
            "ValidatingWebhookConfiguration",
        ],
    ),
    ("apiextensions.k8s.io", &["CustomResourceDefinition"]),
    ("apiregistration.k8s.io", &["APIService"]),
    ("certificates.k8s.io", &["CertificateSigningRequest", "ClusterTrustBundle"]),
    ("extensions", &["PodSecurityPolicy"]),
    ("flowcontrol.apiserver.k8s.io", &["FlowSchema", "PriorityLevelConfiguration"]),
    ("networking.k8s.io", &["IPAddress", "IngressClass", "ServiceCIDR"]),
    ("node.k8s.io", &["RuntimeClass"]),
    ("policy", &["PodSecurityPolicy"]),
    ("rbac.authorization.k8s.io", &["ClusterRole", "ClusterRoleBinding"]),
    ("resource.k8s.io", &["DeviceClass", "ResourceSlice"]),
    ("scheduling.k8s.io", &["PriorityClass"]),
    (
        "storage.k8s.io",
        &["CSIDriver", "CSINode", "StorageClass", "VolumeAttachment", "VolumeAttributesClass"],
    ),
];

/// A namespace of a cluster.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct NamespaceReport {
    /// The cluster: its server where that is known, else its name.
    pub cluster: String,
    /// The cluster's name, where it is known beside its server.
    pub cluster_name: String,
    /// The namespace; empty for what lies in none.
    pub namespace: String,
    /// Number of objects.
    pub objects: usize,
    /// Number of those that more than one source yields.
    pub shared: usize,
    /// Number of Applications that yield some.
    pub applications: usize,
}

/// An object with all that yields it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ObjectReport {
    /// The group of its `apiVersion`.
    pub group: String,
    /// `kind`.
    pub kind: String,
    /// `metadata.name`.
    pub name: String,
    /// The sources that yield it, in the order of the Applications.
    pub makers: Vec<MakerReport>,
}

/// A source that yields an object.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct MakerReport {
    /// Position of the Application.
    pub application: usize,
    /// Position of the source in `spec.sources`.
    pub source: usize,
    /// Position of the source among those that render.
    pub rendering: usize,
    /// Position of the manifest among those of the source.
    pub manifest: usize,
    /// The template, or the file of a plain folder.
    pub path: String,
    /// The line at which it starts, in the rendered template or in the file; from 1.
    pub line: u32,
}

/// The objects of the Applications that were rendered.
#[derive(Default)]
pub(super) struct Objects {
    all: Vec<Yielded>,
    /// Each text once: there are many objects, and most of their texts are alike.
    texts: HashSet<Arc<str>>,
    /// Kinds that lie in no namespace as their definitions say, with their groups.
    cluster_kinds: HashSet<(Arc<str>, Arc<str>)>,
    sorted: bool,
}

/// An object that a source yields.
struct Yielded {
    identity: Identity,
    application: u32,
    source: u32,
    rendering: u32,
    manifest: u32,
    path: Arc<str>,
    line: u32,
}

/// What makes two objects one. The order is that of views.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Identity {
    cluster: Arc<str>,
    namespace: Arc<str>,
    kind: Arc<str>,
    name: Arc<str>,
    group: Arc<str>,
}

/// Where an object comes from.
struct From<'a> {
    application: usize,
    source: (usize, &'a Source),
    cluster: &'a str,
    namespace: &'a str,
    manifest: usize,
    path: &'a str,
    line: u32,
}

impl Objects {
    /// Takes in what the chart of a source of the Application at a position yields.
    pub(super) fn add_rendering(
        &mut self,
        position: usize,
        (source, definitions): ((usize, &Source), bool),
        to: (&str, &str),
        rendering: &Rendering,
    ) {
        let mut from = From {
            application: position,
            source,
            cluster: to.0,
            namespace: to.1,
            manifest: 0,
            path: "",
            line: 0,
        };
        for (path, file) in &rendering.definitions {
            for document in yaml::read_manifests(file).into_iter().flatten().filter(|_| definitions) {
                let line = Location::new(file, document.root.span).line_column().0;
                self.add(&document.root, &From { path, line, ..from });
            }
            from.manifest += 1;
        }
        for manifest in rendering.manifests.iter().chain(&rendering.hooks) {
            let start = manifest.file.parent.as_ref();
            let rendered = start.map_or(&manifest.file, |place| &place.file);
            let start = start.map_or(0, |place| place.span.start);
            let items = manifest.document.root.get("items").filter(|_| manifest.kind.ends_with("List"));
            // Argo CD never applies what is made for `helm test`.
            let test = manifest.hook.as_ref().is_some_and(crate::chart::Hook::is_test);
            let items = items.map_or(std::slice::from_ref(&manifest.document.root), Node::items);
            for node in items.iter().filter(|_| !test) {
                let line = rendered.line_column(start + node.span.start).0;
                self.add(node, &From { path: &manifest.path, line, ..from });
            }
            from.manifest += 1;
        }
    }

    /// Takes in what a plain folder yields; what there is to tell about its files.
    ///
    /// # Errors
    /// The first file that Argo CD can't read.
    pub(super) fn add_directory(
        &mut self,
        position: usize,
        source: (usize, &Source),
        (cluster, namespace): (&str, &str),
        directory: &Directory,
    ) -> Result<Vec<Diagnostic>, Diagnostic> {
        let found = directory.objects()?;
        for (manifest, document) in found.objects.iter().enumerate() {
            let line = Location::new(&document.file, document.root.span).line_column().0;
            let path = &document.file.path;
            let application = position;
            let from = From { application, source, cluster, namespace, manifest, path, line };
            self.add(&document.root, &from);
        }
        Ok(found.problems)
    }

    fn add(&mut self, node: &Node, from: &From<'_>) {
        let text = |node: Option<&Node>, key: &str| match node?.get(key)?.to_value() {
            Value::String(text) => Some(text.to_string()).filter(|text| !text.is_empty()),
            other => Some(scalar_text(&other)).filter(|text| other != Value::Null && !text.is_empty()),
        };
        let metadata = node.get("metadata");
        let Some(kind) = text(Some(node), "kind") else { return };
        let version = text(Some(node), "apiVersion").unwrap_or_default();
        let group = version.split_once('/').map_or("", |(group, _)| group);
        if kind == "CustomResourceDefinition" {
            self.define(node.get("spec"));
        }
        // What is named by the cluster is never the same twice.
        let Some(name) = text(metadata, "name") else { return };
        let namespace = text(metadata, "namespace");
        let identity = Identity {
            cluster: self.intern(from.cluster),
            namespace: self.intern(namespace.as_deref().unwrap_or(from.namespace)),
            kind: self.intern(&kind),
            name: self.intern(&name),
            group: self.intern(group),
        };
        let path = self.intern(from.path);
        self.sorted = false;
        self.all.push(Yielded {
            identity,
            application: from.application as u32,
            source: from.source.1.index as u32,
            rendering: from.source.0 as u32,
            manifest: from.manifest as u32,
            path,
            line: from.line,
        });
    }

    /// Notes a kind that lies in no namespace.
    fn define(&mut self, spec: Option<&Node>) {
        let text = |node: Option<&Node>, key: &str| node?.get(key)?.as_str().map(Arc::<str>::from);
        let kind = text(spec.and_then(|spec| spec.get("names")), "kind");
        if let (Some("Cluster"), Some(group), Some(kind)) =
            (text(spec, "scope").as_deref(), text(spec, "group"), kind)
        {
            self.cluster_kinds.insert((group, kind));
        }
    }

    fn intern(&mut self, text: &str) -> Arc<str> {
        if let Some(known) = self.texts.get(text) {
            return Arc::clone(known);
        }
        let text: Arc<str> = text.into();
        self.texts.insert(Arc::clone(&text));
        text
    }

    /// Takes in those of the next Applications.
    pub(super) fn join(&mut self, next: Self) {
        self.all.extend(next.all);
        self.cluster_kinds.extend(next.cluster_kinds);
        self.sorted = false;
    }

    /// Brings them into the order of views.
    pub(super) fn sort(&mut self) {
        if self.sorted {
            return;
        }
        let nowhere: Arc<str> = "".into();
        for one in &mut self.all {
            let Identity { group, kind, namespace, .. } = &mut one.identity;
            let known = CLUSTER_KINDS.iter().any(|(of, kinds)| **of == **group && kinds.contains(&&**kind));
            if known || self.cluster_kinds.contains(&(Arc::clone(group), Arc::clone(kind))) {
                *namespace = Arc::clone(&nowhere);
            }
        }
        let place = |one: &Yielded| (one.application, one.source, one.manifest, one.line);
        self.all.sort_by(|a, b| a.identity.cmp(&b.identity).then_with(|| place(a).cmp(&place(b))));
        self.sorted = true;
    }

    /// The namespaces, by cluster and name; sorted objects only.
    pub(super) fn namespaces(&self, evaluation: &Evaluation) -> Vec<NamespaceReport> {
        let same = |a: &Yielded, b: &Yielded| {
            a.identity.cluster == b.identity.cluster && a.identity.namespace == b.identity.namespace
        };
        let clusters = evaluation.fixtures().clusters.as_deref().unwrap_or_default();
        let report = |all: &[Yielded]| {
            let Identity { cluster, namespace, .. } = &all.first()?.identity;
            let named = clusters.iter().find(|known| *known.server == **cluster);
            let objects = all.chunk_by(|a, b| a.identity == b.identity);
            let applications: BTreeSet<u32> = all.iter().map(|one| one.application).collect();
            Some(NamespaceReport {
                cluster: cluster.to_string(),
                cluster_name: named.map(|known| known.name.to_string()).unwrap_or_default(),
                namespace: namespace.to_string(),
                objects: objects.clone().count(),
                shared: objects.filter(|one| one.len() > 1).count(),
                applications: applications.len(),
            })
        };
        self.all.chunk_by(same).filter_map(report).collect()
    }

    /// The objects of a namespace; sorted objects only.
    pub(super) fn of(&self, cluster: &str, namespace: &str) -> Vec<ObjectReport> {
        let key = |one: &Yielded| (&*one.identity.cluster, &*one.identity.namespace) < (cluster, namespace);
        let from = self.all.partition_point(key);
        let inside =
            |one: &&Yielded| *one.identity.cluster == *cluster && *one.identity.namespace == *namespace;
        let count = self.all[from..].iter().take_while(inside).count();
        let objects = self.all[from..from + count].chunk_by(|a, b| a.identity == b.identity);
        let report = |all: &[Yielded]| {
            let Identity { group, kind, name, .. } = &all.first()?.identity;
            let maker = |one: &Yielded| MakerReport {
                application: one.application as usize,
                source: one.source as usize,
                rendering: one.rendering as usize,
                manifest: one.manifest as usize,
                path: one.path.to_string(),
                line: one.line,
            };
            Some(ObjectReport {
                group: group.to_string(),
                kind: kind.to_string(),
                name: name.to_string(),
                makers: all.iter().map(maker).collect(),
            })
        };
        objects.filter_map(report).collect()
    }

    /// Objects that one Application yields more than once, and those that several yield, each with the
    /// Applications; sorted objects only.
    pub(super) fn problems(&self, evaluation: &Evaluation) -> Vec<(Vec<usize>, Diagnostic)> {
        let mut problems = Vec::new();
        let mut shared: BTreeMap<Vec<usize>, Vec<&Identity>> = BTreeMap::new();
        for object in self.all.chunk_by(|a, b| a.identity == b.identity).filter(|one| one.len() > 1) {
            for own in object.chunk_by(|a, b| a.application == b.application).filter(|own| own.len() > 1) {
                problems.push((vec![own[0].application as usize], repeated(own, evaluation)));
            }
            let mut known = HashSet::new();
            let mut applications: Vec<usize> = object.iter().map(|one| one.application as usize).collect();
            applications.dedup();
            // Those of one name are one Application to Argo CD, and told as such.
            applications.retain(|&at| known.insert(qualified(&evaluation.applications[at])));
            if applications.len() > 1 {
                shared.entry(applications).or_default().push(&object[0].identity);
            }
        }
        problems.sort_by_key(|(applications, _)| applications[0]);
        let told = shared.into_iter().map(|(applications, objects)| {
            let problem = self::shared(&applications, &objects, evaluation);
            (applications, problem)
        });
        problems.extend(told);
        problems
    }
}

/// An object that one Application yields several times.
fn repeated(own: &[Yielded], evaluation: &Evaluation) -> Diagnostic {
    let Identity { group, kind, namespace, name, .. } = &own[0].identity;
    let application = &evaluation.applications[own[0].application as usize];
    let places = own.iter().map(|one| format!("source {}: {}:{}", one.source, one.path, one.line));
    let places: Vec<String> = places.collect();
    let count = own.len();
    let message = format!(
        "{} yields {kind} {} {count} times: {}",
        application.name,
        inside(namespace, name),
        places.join(", ")
    );
    Diagnostic::warning("object-repeated", message).at(place(application, evaluation)).hint(format!(
        "Argo CD applies the last one and warns of a repeated resource: Resource {group}/{kind}/{namespace}/{name} appeared {count} times among application resources."
    ))
}

/// Objects that the same Applications yield.
fn shared(applications: &[usize], objects: &[&Identity], evaluation: &Evaluation) -> Diagnostic {
    let of = |at: &usize| &evaluation.applications[*at];
    let names: Vec<&str> = applications.iter().map(|at| &*of(at).name).collect();
    let named = objects.iter().take(MOST_NAMED);
    let named: Vec<String> =
        named.map(|one| format!("{} {}", one.kind, inside(&one.namespace, &one.name))).collect();
    let more = objects.len().saturating_sub(MOST_NAMED);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    let first = objects[0];
    let message = format!(
        "{} yield the same {} in {}: {}{more}",
        names.join(" and "),
        if objects.len() == 1 { "object".to_owned() } else { format!("{} objects", objects.len()) },
        first.cluster,
        named.join(", ")
    );
    let words: Vec<String> = applications.iter().map(|at| qualified(of(at))).collect();
    let hint = format!(
        "Argo CD warns of a shared resource, and each sync takes it over from the other: {}/{} is part of applications {}",
        first.kind,
        first.name,
        words.join(" and ")
    );
    let problem = Diagnostic::warning("object-shared", message).hint(hint);
    let mut places = applications.iter().map(|at| (at, place(of(at), evaluation)));
    let Some((_, first)) = places.next() else { return problem };
    places.fold(problem.at(first), |problem, (at, place)| {
        problem.with(place, format!("{} comes from here", of(at).name))
    })
}

fn inside(namespace: &str, name: &str) -> String {
    if namespace.is_empty() { name.to_owned() } else { format!("{namespace}/{name}") }
}

/// An Application's name as Argo CD tells it, its namespace before it.
fn qualified(application: &Application) -> String {
    let metadata = application.object.get("metadata");
    let namespace = metadata.and_then(|metadata| metadata.get("namespace")).and_then(Value::as_str);
    inside(namespace.unwrap_or_default(), &application.name)
}

fn place(application: &Application, evaluation: &Evaluation) -> Location {
    typed_by_hand(match &application.origin {
        Origin::Written(document) => document,
        Origin::Generated { set, .. } => &evaluation.sets[*set].document,
    })
}

#[cfg(test)]
mod tests {
    use crate::report::{Rendered, Session};

    const APPLICATION: &str = "
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {name: NAME, namespace: argocd}
spec:
  project: default
  destination: {CLUSTER, namespace: web}
  sources:
  - {repoURL: https://h/o/team, path: chart}
  - {repoURL: https://h/o/team, path: plain/NAME}
";

    #[test]
    fn objects_that_several_sources_yield_are_told() {
        let mut session = Session::default();
        let mut load = session.begin();
        let application =
            |name: &str, cluster: &str| APPLICATION.replace("NAME", name).replace("CLUSTER", cluster);
        let issuer = "{apiVersion: x.io/v1, kind: Issuer, metadata: {name: ca, namespace: here}}";
        let definition = "
kind: CustomResourceDefinition
apiVersion: apiextensions.k8s.io/v1
metadata: {name: issuers.x.io}
spec: {group: x.io, scope: Cluster, names: {kind: Issuer}}
";
        for (path, text) in [
            ("a.yaml", &*application("a", "server: 'https://kubernetes.default.svc'")),
            ("b.yaml", &*application("b", "name: in-cluster")),
            ("c.yaml", &*application("c", "name: moon")),
            ("chart/Chart.yaml", "{apiVersion: v2, name: chart, version: 1.0.0}"),
            ("chart/templates/a.yaml", "{kind: Service, apiVersion: v1, metadata: {name: web}}"),
            ("chart/templates/own.yaml", "{kind: Pod, metadata: {name: {{ .Release.Name }}}}"),
            (
                "chart/templates/test.yaml",
                "{kind: Job, metadata: {name: try, annotations: {helm.sh/hook: test}}}",
            ),
            ("chart/crds/x.yaml", definition),
            ("plain/a/issuer.yaml", issuer),
            ("plain/a/web.yaml", "{kind: Service, apiVersion: v1, metadata: {name: web, namespace: web}}"),
            ("plain/b/issuer.yaml", &*issuer.replace("here", "there")),
            ("plain/c/issuer.yaml", issuer),
        ] {
            load.add(&format!("team/{path}"), text.as_bytes().to_vec());
        }
        session.commit(load).expect("there is something to load");
        let mut rendered = Rendered::default();
        while session.render_step(&mut rendered) {}
        let problems = session.render_problems(&mut rendered);
        let told: Vec<_> =
            problems.iter().map(|one| (&*one.code, &*one.message, &*one.applications)).collect();
        assert_eq!(
            told,
            [
                (
                    "object-repeated",
                    "a yields Service web/web 2 times: source 0: chart/templates/a.yaml:1, source 1: plain/a/web.yaml:1",
                    &[0][..]
                ),
                (
                    "object-shared",
                    "a and b yield the same 3 objects in https://kubernetes.default.svc: CustomResourceDefinition issuers.x.io, Issuer ca, Service web/web",
                    &[0, 1]
                ),
            ]
        );
        assert_eq!(
            problems[1].hints,
            [
                "Argo CD warns of a shared resource, and each sync takes it over from the other: CustomResourceDefinition/issuers.x.io is part of applications argocd/a and argocd/b"
            ]
        );
        let namespaces = session.namespaces(&mut rendered);
        let told: Vec<_> =
            namespaces.iter().map(|one| (&*one.cluster, &*one.namespace, one.objects, one.shared)).collect();
        let here = "https://kubernetes.default.svc";
        assert_eq!(told, [(here, "", 2, 2), (here, "web", 3, 1), ("moon", "", 2, 0), ("moon", "web", 2, 0)]);
        let objects = session.objects(&mut rendered, here, "web");
        let service = objects.iter().find(|one| one.kind == "Service").expect("all yield it");
        let makers: Vec<_> =
            service.makers.iter().map(|one| (one.application, one.source, one.manifest)).collect();
        assert_eq!(makers, [(0, 0, 1), (0, 1, 1), (1, 0, 1)]);
    }
}
