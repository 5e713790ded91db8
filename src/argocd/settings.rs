//! What an administrator of Argo CD sets: `argocd-cm` and `argocd-cmd-params-cm`, among the files or as
//! a fixture. What nobody sets is Argo CD's default.

use super::fixtures::Written;
use super::{applicationset, sources};
use crate::diagnostic::Diagnostic;
use crate::source::Location;
use crate::yaml::{Document, Node};
use std::sync::Arc;

/// The settings that change anything here, with Argo CD's defaults, sorted.
const DEFAULTS: [(&str, &str); 4] = [
    ("application.namespaces", ""),
    ("applicationsetcontroller.enable.new.git.file.globbing", "false"),
    ("helm.valuesFileSchemes", "https,http"),
    ("reposerver.include.hidden.directories", "false"),
];

/// All settings.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Settings {
    /// Those of the ApplicationSet controller.
    pub applicationset: applicationset::Settings,
    /// Those of the repository server.
    pub sources: sources::Settings,
    given: Vec<Setting>,
    problems: Vec<Diagnostic>,
}

/// A setting that somebody gave.
#[derive(Clone, Debug, PartialEq)]
struct Setting {
    key: &'static str,
    value: Arc<str>,
    place: Location,
}

/// A setting as it applies.
#[derive(Clone, Debug, PartialEq)]
pub struct Applied {
    /// Its key in Argo CD's ConfigMap.
    pub key: &'static str,
    /// Its value; lists are separated by commas.
    pub value: Arc<str>,
    /// Where it is given; `None` for the default.
    pub place: Option<Location>,
}

impl Settings {
    /// The settings of a fixtures file, and those of ConfigMaps where it does not give them. Of two
    /// ConfigMaps that give one setting the first counts.
    pub fn new(fixture: Option<&Written>, config_maps: &[Document]) -> Self {
        let mut settings = Self::default();
        if let Some(fixture) = fixture {
            settings.add(&fixture.file, &fixture.node);
        }
        for document in config_maps {
            if let Some(data) = document.root.get("data") {
                settings.add(&document.file, data);
            }
        }
        let namespace = config_maps.iter().find_map(|document| {
            document
                .root
                .get("metadata")?
                .get("namespace")
                .and_then(Node::as_str)
                .filter(|name| !name.is_empty())
        });
        if let Some(namespace) = namespace {
            settings.sources.namespace = namespace.into();
        }
        settings
    }

    fn add(&mut self, file: &Arc<crate::source::File>, data: &Node) {
        for entry in data.entries() {
            let Some((key, _)) = DEFAULTS.iter().find(|(key, _)| *key == &*entry.key) else { continue };
            let value: Arc<str> = match entry.value.as_str() {
                Some(text) => text.into(),
                None => entry.value.to_value().to_string().into(),
            };
            let place = Location::new(file, entry.value.span);
            if let Some(known) = self.given.iter().find(|known| known.key == *key) {
                if known.value.trim() != value.trim() {
                    self.problems.push(
                        Diagnostic::warning(
                            "setting-twice",
                            format!("{key} is set twice, and this value does not count"),
                        )
                        .at(place)
                        .with(known.place.clone(), "this one counts"),
                    );
                }
                continue;
            }
            self.applicationset.set(key, &value);
            self.sources.set(key, &value);
            self.given.push(Setting { key, value, place });
        }
    }

    /// Every setting that changes anything here, as it applies.
    pub fn applied(&self) -> Vec<Applied> {
        let applied = |(key, default): &(&'static str, &str)| {
            let given = self.given.iter().find(|setting| setting.key == *key);
            Applied {
                key,
                value: given.map_or_else(|| Arc::from(*default), |given| Arc::clone(&given.value)),
                place: given.map(|given| given.place.clone()),
            }
        };
        DEFAULTS.iter().map(applied).collect()
    }

    /// What is wrong with them.
    pub fn problems(&self) -> &[Diagnostic] {
        &self.problems
    }
}

impl applicationset::Settings {
    /// Takes in a setting, if it is one of these.
    pub fn set(&mut self, key: &str, value: &str) {
        match key {
            "applicationsetcontroller.enable.new.git.file.globbing" => {
                self.new_git_file_globbing = is_true(value);
            }
            "reposerver.include.hidden.directories" => self.include_hidden_directories = is_true(value),
            _ => {}
        }
    }
}

impl sources::Settings {
    /// Takes in a setting, if it is one of these.
    pub fn set(&mut self, key: &str, value: &str) {
        let list =
            || value.split(',').map(|part| part.trim().to_owned()).filter(|part| !part.is_empty()).collect();
        match key {
            "helm.valuesFileSchemes" => self.value_file_schemes = list(),
            "application.namespaces" => self.application_namespaces = list(),
            _ => {}
        }
    }
}

/// As Go's `strconv.ParseBool` reads it; what it can't read is the default, false.
fn is_true(value: &str) -> bool {
    matches!(value.trim(), "1" | "t" | "T" | "TRUE" | "true" | "True")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::File;

    fn document(text: &str) -> Document {
        crate::yaml::read(&File::new("r", "cm.yaml", text)).expect("the text is YAML")
    }

    #[test]
    fn the_first_config_map_counts_and_a_fixture_before_it() {
        let first = document(
            "data: {applicationsetcontroller.enable.new.git.file.globbing: 'true', helm.valuesFileSchemes: 'secrets, https'}",
        );
        let second = document("{metadata: {namespace: gitops}, data: {helm.valuesFileSchemes: https}}");
        let settings = Settings::new(None, &[first.clone(), second.clone()]);
        assert!(settings.applicationset.new_git_file_globbing);
        assert_eq!(settings.sources.value_file_schemes, ["secrets", "https"]);
        assert_eq!((&*settings.sources.namespace, settings.problems().len()), ("gitops", 1));
        let fixture = document("applicationsetcontroller.enable.new.git.file.globbing: false");
        let fixture = Written { file: Arc::clone(&fixture.file), node: fixture.root.clone() };
        let settings = Settings::new(Some(&fixture), &[first]);
        assert!(!settings.applicationset.new_git_file_globbing);
        let applied = settings.applied();
        assert_eq!((&*applied[2].value, &*applied[3].value), ("secrets, https", "false"));
        assert!(applied[1].place.is_some() && applied[3].place.is_none());
    }
}
