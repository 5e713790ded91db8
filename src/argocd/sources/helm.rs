//! What Argo CD hands to Helm for a source (spec sheet 7.7, 7.9 and 7.10).

use super::spec::{self, Skips};
use super::value_files::{Target, read};
use super::{Content, Field, Layer, Sought, Work, json};
use crate::diagnostic::Diagnostic;
use crate::merge::{Absence, Argument, Kind};
use crate::repository::Tree;
use crate::source::File;
use crate::value::Value;
use crate::yaml;
use std::sync::Arc;

/// A Helm source.
#[derive(Clone, Debug)]
pub struct Helm {
    /// The files of the repository or chart archive.
    pub tree: Arc<Tree>,
    /// What identifies the tree among all loaded ones; together with the folder, the chart.
    pub tree_key: (u32, u32),
    /// The chart's folder in the tree; empty for its root.
    pub folder: String,
    /// The same with the names of repository and revision.
    pub place: Sought,
    /// Name of the release.
    pub release: Arc<str>,
    /// Its namespace; `default` where none is given.
    pub namespace: Arc<str>,
    /// `kubeVersion`, without what Kubernetes distributions append; `None` for the cluster's own.
    pub kube_version: Option<String>,
    /// `apiVersions`; if empty, those of the cluster.
    pub api_versions: Vec<Arc<str>>,
    /// What Helm leaves out.
    pub skips: Skips,
    /// The value layers above the chart's own, lowest precedence first. Absent ones are listed too.
    pub layers: Vec<Layer>,
    /// Whether the layers depend on other files than those that they lead to: a pattern was expanded, or
    /// several paths stand in one.
    pub searched: bool,
}

impl Helm {
    /// The first layer for which Helm fails before it renders anything, with its words.
    pub fn layer_error(&self) -> Option<Diagnostic> {
        self.layers.iter().find_map(|layer| {
            let problem = match &layer.content {
                Content::Absent(Absence::Missing) => {
                    let text = format!("no such file or directory: {}", layer.written);
                    Diagnostic::error("value-file-missing", text).hint(
                        "add the file, correct its path, or set ignoreMissingValueFiles if it may be missing",
                    )
                }
                Content::Broken(problem) => problem.clone(),
                _ => return None,
            };
            Some(match (&problem.location, &layer.named_at) {
                (None, Some(place)) => problem.at(place.clone()),
                _ => problem,
            })
        })
    }
}

impl Work<'_> {
    /// The Helm source, as far as it is known, and why Argo CD or Helm fails for it.
    pub(super) fn helm(&mut self) -> (Helm, Option<Diagnostic>) {
        let (source, nothing) = (self.source.clone(), spec::Helm::default());
        let given = source.helm.as_ref().unwrap_or(&nothing);
        let first_of =
            |own: &Arc<str>, other: &Arc<str>| Arc::clone(if own.is_empty() { other } else { own });
        let namespace = first_of(&given.namespace, &self.application.destination_namespace);
        let mut helm = Helm {
            tree: Arc::clone(self.checkout.tree()),
            tree_key: self.checkout.key,
            folder: self.folder.path.clone(),
            place: Sought {
                repository: Arc::clone(&self.checkout.repository.name),
                revision: Arc::clone(&self.checkout.revision.name),
                path: self.folder.path.as_str().into(),
            },
            release: first_of(&given.release_name, &self.application.name),
            namespace: if namespace.is_empty() { "default".into() } else { namespace },
            kube_version: None,
            api_versions: given.api_versions.clone(),
            skips: given.skips,
            layers: Vec::new(),
            searched: false,
        };
        let mut error = None;
        if !given.kube_version.is_empty() {
            match generic_version(&given.kube_version) {
                Ok(version) => helm.kube_version = Some(version),
                Err(text) => {
                    let text = format!("could not parse kubernetes version {}: {text}", given.kube_version);
                    error = Some(
                        Diagnostic::error("source-kube-version", text).hint("write a version such as 1.31.0"),
                    );
                }
            }
        }
        let (files, problem) = self.value_files(given);
        error = error.or(problem);
        (helm.layers, helm.searched) = (files.layers, files.searched);
        helm.layers.extend(self.inline(given));
        helm.layers.extend(self.set(given));
        match self.set_files(given) {
            Ok(layers) => helm.layers.extend(layers),
            Err(problem) => error = error.or(Some(problem)),
        }
        if let Some(text) = &self.folder.chart_error {
            let text = format!("error getting helm repos: error retrieving helm dependency repos: {text}");
            let problem = Diagnostic::error("source-chart", text)
                .hint("mend Chart.yaml first; nothing of the chart can be used");
            error = error.or(Some(problem));
        }
        error = error.or_else(|| helm.layer_error());
        error = error.or_else(|| release_error(&helm.release, self.resolver.profile.helm.is_4()));
        (helm, error)
    }

    /// The one inline layer: `valuesObject`, or else `values`.
    fn inline(&self, helm: &spec::Helm) -> Option<Layer> {
        if !helm.has_inline() {
            return None;
        }
        let field = if helm.values_object.is_some() { Field::ValuesObject } else { Field::Values };
        let generated =
            |name: &str, text: Arc<str>| Content::File(File::generated(name, text, self.places.place(field)));
        let content = match (&helm.values_object, self.places.document(field)) {
            // What is no map is for Helm to refuse.
            (Some(Value::Map(_)), Some(document)) => Content::Document(document),
            (Some(object), _) => generated("<inline valuesObject>", yaml_text(object).into()),
            (None, _) => generated("<inline values>", Arc::clone(&helm.values)),
        };
        let written = if field == Field::Values { "values" } else { "valuesObject" };
        let named_at = self.places.place(field);
        Some(Layer { kind: Kind::Inline, written: written.into(), field, named_at, sought: None, content })
    }

    /// `--set` and then `--set-string`. Of one name in one kind the last value counts.
    fn set(&mut self, helm: &spec::Helm) -> Vec<Layer> {
        let mut layers = Vec::new();
        for force in [false, true] {
            let of_kind =
                || helm.parameters.iter().enumerate().filter(move |(_, one)| one.force_string == force);
            for (at, parameter) in of_kind() {
                if of_kind().any(|(later, other)| later > at && other.name == parameter.name) {
                    continue;
                }
                let field = Field::Parameter(at);
                let value = escape_commas(&self.environment.substitute(&parameter.value));
                let named_at = self.places.place(field);
                let text = format!("{}={value}", parameter.name);
                let file = File::generated("<parameter>", text.clone(), named_at.clone());
                let (kind, argument) = if force {
                    (Kind::SetString, Argument::SetString(file))
                } else {
                    (Kind::Set, Argument::Set(file))
                };
                let content = Content::Argument(argument);
                layers.push(Layer { kind, written: text.into(), field, named_at, sought: None, content });
            }
            let names: Vec<&str> = of_kind().map(|(_, parameter)| &*parameter.name).collect();
            self.problems.extend(order_is_random(&names));
        }
        layers
    }

    /// `--set-file`.
    fn set_files(&self, helm: &spec::Helm) -> Result<Vec<Layer>, Diagnostic> {
        let mut layers = Vec::new();
        for (at, parameter) in helm.file_parameters.iter().enumerate() {
            let field = Field::FileParameter(at);
            let named_at = self.places.place(field);
            let failed = |text: String| {
                let of_reference = super::reference_name(&parameter.path)
                    .is_some_and(|name| self.several.iter().any(|source| name[1..] == *source.reference));
                let what = if of_reference {
                    "error resolving set-file path"
                } else {
                    "error resolving helm value file path"
                };
                let mut problem = Diagnostic::error("value-file", format!("{what}: {text}"))
                    .hint("check the path of the file parameter");
                problem.location.clone_from(&named_at);
                problem
            };
            let target = self.target(&parameter.path).map_err(failed)?;
            if helm.file_parameters[at + 1..].iter().any(|later| later.name == parameter.name) {
                continue;
            }
            let sought = target.sought();
            let content = match target {
                Target::NotLoaded(hint) => Content::Absent(Absence::Unknown(hint)),
                Target::Remote(url) => Content::Absent(Absence::Unknown(format!(
                    "{url} is not in any repository; Argo CD fetches it"
                ))),
                Target::Local(base, path) => match read(base.tree(), &path) {
                    Content::File(text) => {
                        let key = File::generated(
                            "<file parameter>",
                            Arc::clone(&parameter.name),
                            named_at.clone(),
                        );
                        Content::Argument(Argument::SetFile { key, text })
                    }
                    content => content,
                },
            };
            let written = format!("{}={}", parameter.name, parameter.path).into();
            layers.push(Layer { kind: Kind::SetFile, written, field, named_at, sought, content });
        }
        Ok(layers)
    }
}

/// The object as YAML; as JSON, which is YAML too, where it can't be written so.
fn yaml_text(object: &Value) -> String {
    let mut text = yaml::write(object);
    if text.is_empty() {
        return json::write(object);
    }
    text.push('\n');
    text
}

/// A comma that no backslash stands before gets one, unless the value is a list in braces.
fn escape_commas(value: &str) -> String {
    if value.starts_with('{') && value.ends_with('}') {
        return value.to_owned();
    }
    let mut out = String::with_capacity(value.len());
    let mut previous = '\0';
    for character in value.chars() {
        if character == ',' && previous != '\\' {
            out.push('\\');
        }
        out.push(character);
        previous = character;
    }
    out
}

/// Argo CD hands parameters over in random order, which shows where one name lies below another.
fn order_is_random(names: &[&str]) -> Option<Diagnostic> {
    let below =
        |name: &str, other: &str| other.strip_prefix(name).is_some_and(|rest| rest.starts_with(['.', '[']));
    let (name, other) = names
        .iter()
        .flat_map(|name| names.iter().map(move |other| (*name, *other)))
        .find(|(name, other)| below(name, other))?;
    let message =
        format!("the parameters {name} and {other} overlap, and Argo CD applies parameters in random order");
    Some(Diagnostic::warning("parameter-order", message).hint("set the whole value by one of them"))
}

/// A Kubernetes version reduced to its numbers, as `ParseGeneric` does.
fn generic_version(text: &str) -> Result<String, String> {
    let trimmed = text.trim_start_matches(['\t', '\n', '\x0c', '\r', ' ']);
    let trimmed = trimmed.strip_prefix('v').unwrap_or(trimmed);
    let mut parts = Vec::new();
    let mut rest = trimmed;
    loop {
        let length = rest.bytes().take_while(u8::is_ascii_digit).count();
        if length == 0 {
            break;
        }
        parts.push(&rest[..length]);
        match rest[length..].strip_prefix('.') {
            Some(next) => rest = next,
            None => break,
        }
    }
    if parts.is_empty() {
        return Err(format!("could not parse {text:?} as version"));
    }
    for part in &parts {
        if part.len() > 1 && part.starts_with('0') {
            return Err(format!("illegal zero-prefixed version component {part:?} in {text:?}"));
        }
    }
    if parts.len() < 2 {
        return Err(format!("illegal version string {text:?}"));
    }
    Ok(parts.join("."))
}

/// Helm's rule for names of releases.
fn release_error(name: &str, is_4: bool) -> Option<Diagnostic> {
    let label = |part: &str| {
        let plain =
            part.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
        plain && !part.is_empty() && !part.starts_with('-') && !part.ends_with('-')
    };
    if name.len() <= 53 && name.split('.').all(label) {
        return None;
    }
    let text = format!(
        "release name {name:?}: invalid release name, must match regex ^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$ and the length must not be longer than 53"
    );
    let text = if is_4 { format!("release name check failed: {text}") } else { text };
    let hint = "set helm.releaseName, or give the Application a shorter name";
    Some(Diagnostic::error("source-release", text).hint(hint))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kubernetes_versions_lose_what_distributions_append() {
        assert_eq!(generic_version("v1.29.3-gke.100"), Ok("1.29.3".into()));
        assert_eq!(generic_version("1.29"), Ok("1.29".into()));
        assert_eq!(generic_version("x"), Err("could not parse \"x\" as version".into()));
        assert!(generic_version("1.09").is_err());
    }

    #[test]
    fn commas_in_parameters_are_escaped() {
        assert_eq!(escape_commas("a,b"), "a\\,b");
        assert_eq!(escape_commas("a\\,b"), "a\\,b");
        assert_eq!(escape_commas("{a,b}"), "{a,b}");
    }
}
