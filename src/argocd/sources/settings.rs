//! What an administrator sets and resolving asks for.

use crate::value::Value;
use std::sync::Arc;

/// Settings of the Argo CD that the Applications belong to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Namespace of Argo CD itself: Applications of other namespaces carry theirs in their name.
    pub namespace: Arc<str>,
    /// `helm.valuesFileSchemes` of `argocd-cm`: schemes of URLs that value files may have.
    pub value_file_schemes: Vec<String>,
    /// `application.namespaces` of `argocd-cmd-params-cm`: patterns of further namespaces in which
    /// Applications may stand.
    pub application_namespaces: Vec<String>,
    /// Whether every repository that exists is loaded: then any other one is an error, as in Argo CD,
    /// and not unknown.
    pub all_repositories_loaded: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            namespace: "argocd".into(),
            value_file_schemes: vec!["https".to_owned(), "http".to_owned()],
            application_namespaces: Vec::new(),
            all_repositories_loaded: false,
        }
    }
}

impl Settings {
    /// Takes in an object if it is one of Argo CD's ConfigMaps; tells whether it was.
    pub fn read(&mut self, object: &Value) -> bool {
        let text =
            |path: [&str; 2]| object.get(path[0]).and_then(|part| part.get(path[1])).and_then(Value::as_str);
        if object.get("kind").and_then(Value::as_str) != Some("ConfigMap") {
            return false;
        }
        if !matches!(text(["metadata", "name"]), Some("argocd-cm" | "argocd-cmd-params-cm")) {
            return false;
        }
        let data = object.get("data").and_then(Value::as_map);
        for (key, value) in data.into_iter().flat_map(|data| data.iter()) {
            self.set(key, value.as_str().unwrap_or_default());
        }
        if let Some(namespace) = text(["metadata", "namespace"]) {
            self.namespace = namespace.into();
        }
        true
    }
}
