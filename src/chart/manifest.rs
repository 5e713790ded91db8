//! Rendered templates as manifests: where one ends, what it is, in which order they are installed.
//!
//! Source: Helm's `releaseutil` (`manifest.go`, `manifest_sorter.go`, `kind_sorter.go`).

use crate::diagnostic::Diagnostic;
use crate::profile::Helm;
use crate::source::{File, Location, Span};
use crate::yaml::{self, Document, Kind, Node};
use std::sync::Arc;

/// A document of a rendered template.
#[derive(Clone, Debug)]
pub struct Manifest {
    /// The path of the template, the chart's path before it.
    pub path: Arc<str>,
    /// The document; its parent is its place in the rendered text.
    pub file: Arc<File>,
    /// `apiVersion`; empty if there is none.
    pub api_version: String,
    /// `kind`; empty if there is none.
    pub kind: String,
    /// `metadata.name`; empty if there is none.
    pub name: String,
    /// `metadata.namespace`, if there is one.
    pub namespace: Option<String>,
    /// When it is run, if it is a hook.
    pub hook: Option<Hook>,
    /// The document as nodes.
    pub document: Document,
}

/// When a hook is run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hook {
    /// Its events, e.g. `pre-install`.
    pub events: Vec<String>,
    /// Its weight.
    pub weight: i64,
}

impl Hook {
    /// Whether it is a test, which `--skip-tests` leaves out.
    pub fn is_test(&self) -> bool {
        self.events.iter().any(|event| event == "test" || event == "test-success")
    }
}

/// What a hook may wait for.
const EVENTS: [&str; 10] = [
    "pre-install",
    "post-install",
    "pre-delete",
    "post-delete",
    "pre-upgrade",
    "post-upgrade",
    "pre-rollback",
    "post-rollback",
    "test",
    "test-success",
];

/// Kinds in the order in which they are installed; all others come last, by their names.
const INSTALL_ORDER: [&str; 38] = [
    "PriorityClass",
    "Namespace",
    "NetworkPolicy",
    "ResourceQuota",
    "LimitRange",
    "PodSecurityPolicy",
    "PodDisruptionBudget",
    "ServiceAccount",
    "Secret",
    "SecretList",
    "ConfigMap",
    "StorageClass",
    "PersistentVolume",
    "PersistentVolumeClaim",
    "CustomResourceDefinition",
    "ClusterRole",
    "ClusterRoleList",
    "ClusterRoleBinding",
    "ClusterRoleBindingList",
    "Role",
    "RoleList",
    "RoleBinding",
    "RoleBindingList",
    "Service",
    "DaemonSet",
    "Pod",
    "ReplicationController",
    "ReplicaSet",
    "Deployment",
    "HorizontalPodAutoscaler",
    "StatefulSet",
    "Job",
    "CronJob",
    "IngressClass",
    "Ingress",
    "APIService",
    // These two since Helm 4.
    "MutatingWebhookConfiguration",
    "ValidatingWebhookConfiguration",
];

/// Where documents of a rendered template stand, as the Helm in question splits it.
pub(super) fn split(text: &str, helm: Helm) -> Vec<Span> {
    let start = text.len() - text.trim_start().len();
    let end = if helm.keeps_ends_of_documents() { text.len() } else { text.trim_end().len().max(start) };
    let mut spans = Vec::new();
    let mut from = start;
    for (separator, after) in separators(text, start, end, helm) {
        spans.push((from, separator));
        from = after;
    }
    spans.push((from, end));
    spans.into_iter().filter_map(|(from, to)| document(text, from, to, helm)).collect()
}

/// A document without the blanks that Helm trims; `None` where Helm sees none.
fn document(text: &str, from: usize, to: usize, helm: Helm) -> Option<Span> {
    let part = &text[from..to];
    let start = from + part.len() - part.trim_start().len();
    if helm.keeps_ends_of_documents() {
        return (start < to).then(|| Span::new(start, to));
    }
    // A document of blanks alone is an empty one, and stays.
    let end = from + part.trim_end().len();
    (from < to).then(|| Span::new(start.min(end), end))
}

/// Separators between documents in `start..end`: where each begins, and where the text goes on.
fn separators(text: &str, start: usize, end: usize, helm: Helm) -> Vec<(usize, usize)> {
    let bytes = text.as_bytes();
    let mut found = Vec::new();
    let mut from = start;
    let mut at = start;
    while let Some(offset) = text[at..end].find("---") {
        let dashes = at + offset;
        at = dashes + 1;
        let by_line = helm.splits_documents_by_line();
        // The older rule takes the blanks before and after with it, line breaks too; a line start that
        // the last separator took can't begin another one.
        let at_line_start = dashes == start
            || dashes > from && bytes[dashes - 1] == b'\n'
            || by_line && bytes[dashes - 1] == b'\n';
        if !at_line_start {
            continue;
        }
        let is_blank = |byte: &u8| match byte {
            b' ' | b'\t' => true,
            b'\n' | b'\r' | 0x0c => !by_line,
            _ => false,
        };
        let before = bytes[from..dashes].iter().rev().take_while(|byte| !by_line && is_blank(byte)).count();
        let after = bytes[dashes + 3..end].iter().take_while(|byte| is_blank(byte)).count();
        from = dashes + 3 + after;
        at = from;
        found.push((dashes - before, from));
    }
    found
}

/// The manifests of a rendered template, in the order of the text. Documents that are hooks of an
/// unknown kind are left out, as Helm leaves them out.
///
/// # Errors
/// The first document that is no manifest, in Helm's words.
pub(super) fn manifests(
    path: &Arc<str>,
    rendered: &Arc<File>,
    helm: Helm,
) -> Result<Vec<Manifest>, Diagnostic> {
    let mut manifests = Vec::new();
    for span in split(&rendered.text, helm) {
        let text = &rendered.text[span.range()];
        let file = File::generated(Arc::clone(path), text, Some(Location::new(rendered, span)));
        let manifest = read(path, &file, helm).map_err(|mut problem| {
            problem.message = format!("YAML parse error on {path}: {}", problem.message);
            problem
        })?;
        manifests.extend(manifest);
    }
    Ok(manifests)
}

fn read(path: &Arc<str>, file: &Arc<File>, helm: Helm) -> Result<Option<Manifest>, Diagnostic> {
    let document = yaml::unmarshal(file, yaml::Target::Any)
        .map_err(|error| Diagnostic { message: error.to_string(), ..error.diagnostic(file) })?;
    let head = Head { file, helm };
    if !matches!(document.root.kind, Kind::Map(_) | Kind::Null) {
        let package = if helm.is_4() { "util" } else { "releaseutil" };
        return Err(head.mismatch(&document.root, &format!("value of type {package}.SimpleHead")));
    }
    let api_version = head.text(&document.root, "apiVersion", "apiVersion")?.unwrap_or_default();
    let kind = head.text(&document.root, "kind", "kind")?.unwrap_or_default();
    let mut annotations = Vec::new();
    let (mut name, mut namespace) = (String::new(), None);
    if let Some(metadata) = document.root.get("metadata").filter(|node| !matches!(node.kind, Kind::Null)) {
        if !matches!(metadata.kind, Kind::Map(_)) {
            return Err(head.mismatch(metadata, METADATA));
        }
        annotations = head.annotations(metadata)?;
        name = head.text(metadata, "name", "metadata.name")?.unwrap_or_default();
        namespace = metadata.get("namespace").and_then(Node::as_str).map(str::to_owned);
    }
    let hook = match annotation(&annotations, "helm.sh/hook") {
        None => None,
        Some(events) => {
            let events: Vec<String> = events.split(',').map(|event| event.trim().to_lowercase()).collect();
            if !events.iter().all(|event| EVENTS.contains(&event.as_str())) {
                return Ok(None);
            }
            let weight = annotation(&annotations, "helm.sh/hook-weight");
            Some(Hook { events, weight: weight.and_then(|weight| weight.parse().ok()).unwrap_or(0) })
        }
    };
    let (path, file) = (Arc::clone(path), Arc::clone(file));
    Ok(Some(Manifest { path, file, api_version, kind, name, namespace, hook, document }))
}

fn annotation<'a>(annotations: &'a [(Arc<str>, String)], name: &str) -> Option<&'a str> {
    annotations.iter().find(|(key, _)| &**key == name).map(|(_, value)| value.as_str())
}

const METADATA: &str = "struct field SimpleHead.metadata of type struct { Name string \"json:\\\"name\\\"\"; \
                        Annotations map[string]string \"json:\\\"annotations\\\"\" }";

/// Reads the few fields that Helm looks at into its Go struct.
struct Head<'a> {
    file: &'a Arc<File>,
    helm: Helm,
}

impl Head<'_> {
    fn text(&self, node: &Node, key: &str, path: &str) -> Result<Option<String>, Diagnostic> {
        match node.get(key) {
            None => Ok(None),
            Some(value) => match super::metadata::scalar_text(self.file, value) {
                Some(text) => Ok(Some(text)),
                None => {
                    Err(self.mismatch(value, &format!("struct field {} of type string", self.field(path))))
                }
            },
        }
    }

    fn annotations(&self, metadata: &Node) -> Result<Vec<(Arc<str>, String)>, Diagnostic> {
        let Some(node) = metadata.get("annotations") else {
            return Ok(Vec::new());
        };
        let path = "metadata.annotations";
        if !matches!(node.kind, Kind::Map(_) | Kind::Null) {
            let field = self.field(path);
            return Err(self.mismatch(node, &format!("struct field {field} of type map[string]string")));
        }
        let entries = node.entries().iter();
        entries
            .map(|entry| {
                let text = self.text(node, &entry.key, path)?;
                Ok((Arc::clone(&entry.key), text.unwrap_or_default()))
            })
            .collect()
    }

    /// Fields of the struct without a name inside are told without the outer name by the older Go.
    fn field(&self, path: &str) -> String {
        match path.strip_prefix("metadata.") {
            Some(_) if !self.helm.names_outer_struct_in_json_errors() => format!(".{path}"),
            _ => format!("SimpleHead.{path}"),
        }
    }

    fn mismatch(&self, node: &Node, target: &str) -> Diagnostic {
        let is = node.json_kind();
        let start = "error unmarshaling JSON: while decoding JSON: json: cannot unmarshal";
        Diagnostic::error("manifest-head", format!("{start} {is} into Go {target}"))
            .at(Location::new(self.file, node.span))
    }
}

/// Sorts by the order of installation; manifests of one kind stay as they are.
pub(super) fn sort(manifests: &mut [Manifest], helm: Helm) {
    let known = if helm.is_4() { &INSTALL_ORDER[..] } else { &INSTALL_ORDER[..36] };
    manifests.sort_by(|a, b| {
        let rank = |kind: &str| known.iter().position(|known| *known == kind).unwrap_or(known.len());
        let (first, second) = (rank(&a.kind), rank(&b.kind));
        let unknown = first == known.len() && second == known.len();
        first.cmp(&second).then_with(|| if unknown { a.kind.cmp(&b.kind) } else { std::cmp::Ordering::Equal })
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(text: &str, helm: Helm) -> Vec<&str> {
        split(text, helm).into_iter().map(|span| &text[span.range()]).collect()
    }

    #[test]
    fn documents_end_as_each_helm_ends_them() {
        let text = "---\na: 1\n---\n---\n\n--- # two\nb: 2\n---x: y\n\n";
        assert_eq!(parts(text, Helm::V3_22), ["a: 1", "---", "# two\nb: 2", "x: y"]);
        assert_eq!(parts(text, Helm::V4_2), ["a: 1", "---", "# two\nb: 2", "x: y\n\n"]);
        assert_eq!(parts(text, Helm::V4_3), ["a: 1\n", "# two\nb: 2\n", "x: y\n\n"]);
        assert!(parts(" \n", Helm::V3_22).is_empty() && parts(" \n", Helm::V4_3).is_empty());
        assert_eq!(parts("a: b---\n  ---\n", Helm::V4_3), ["a: b---\n  ---\n"]);
    }
}
