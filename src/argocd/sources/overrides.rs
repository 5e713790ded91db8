//! `.argocd-source.yaml` and `.argocd-source-<application>.yaml` in the folder of a source (spec sheet 7.8).

use super::Folder;
use super::spec::{Fields, Path, Source};
use crate::repository::Tree;
use crate::source::File;
use crate::value::{Map, Value};
use crate::yaml::{self, Document};
use std::borrow::Cow;
use std::sync::Arc;

/// Maps nested deeper than this are replaced and not merged.
const DEEPEST: usize = 500;

/// Overriding files of a source.
pub(super) struct Overrides<'a> {
    pub tree: &'a Tree,
    pub folder: &'a Folder,
    /// Name of the Application, with its namespace where that is not Argo CD's own.
    pub instance: &'a str,
}

impl Overrides<'_> {
    /// Applies them to the source and gives them back, the last one first.
    ///
    /// Argo CD applies each as a JSON merge patch and reads the result over the source that it already
    /// has. So what a patch deletes with a null stays as it was, but for keys inside `valuesObject`.
    ///
    /// # Errors
    /// If one can't be read, in Argo CD's words.
    pub fn apply(&self, source: &mut Cow<'_, Source>) -> Result<Vec<Document>, String> {
        let mut applied = Vec::new();
        let own = if self.folder.has_named_overrides { self.named() } else { None };
        for file in self.folder.overrides.iter().chain(own.as_ref()) {
            let path = format!("<path to cached source>/{}", file.path);
            let failed = |text: &str| format!("error while parsing source parameters: {path}: {text}");
            let document = yaml::unmarshal(file, yaml::Target::Any).map_err(|error| {
                let text = error.to_string();
                failed(text.strip_prefix("error converting YAML to JSON: ").unwrap_or(&text))
            })?;
            let patch = document.root.to_value();
            match patch {
                Value::Map(_) => {}
                Value::List(_) => {
                    return Err(failed(
                        "json: cannot unmarshal array into Go value of type v1alpha1.ApplicationSource",
                    ));
                }
                _ => return Err(failed("Invalid JSON Patch")),
            }
            overlay(source.to_mut(), &patch).map_err(|text| failed(&text))?;
            applied.insert(0, document);
        }
        Ok(applied)
    }

    fn named(&self) -> Option<Arc<File>> {
        let name = format!(".argocd-source-{}.yaml", self.instance);
        self.tree.file(&self.folder.inside(&name)).cloned()
    }
}

/// Reads a patch over a source; it can't move it elsewhere.
fn overlay(source: &mut Source, patch: &Value) -> Result<(), String> {
    let kept = source.clone();
    let object = patch.get("helm").and_then(|helm| helm.get("valuesObject"));
    let old = source.helm.as_ref().and_then(|helm| helm.values_object.clone());
    let fields =
        Fields::of(patch, Path::Root("ApplicationSource")).map_err(|mismatch| mismatch.to_string())?;
    source.overlay(&fields).map_err(|mismatch| mismatch.to_string())?;
    if let (Some(helm), Some(object)) = (&mut source.helm, object)
        && !matches!(object, Value::Null)
    {
        helm.values_object = Some(merge_patch(old.as_ref(), object, 0));
    }
    source.chart = kept.chart;
    source.path = kept.path;
    source.repo_url = kept.repo_url;
    source.target_revision = kept.target_revision;
    Ok(())
}

/// RFC 7396.
fn merge_patch(old: Option<&Value>, patch: &Value, depth: usize) -> Value {
    let Value::Map(patch) = patch else { return patch.clone() };
    if depth > DEEPEST {
        return Value::Map(Arc::clone(patch));
    }
    let old = old.and_then(Value::as_map);
    let kept = old.iter().flat_map(|map| map.iter()).filter(|(key, _)| patch.get(key).is_none());
    let kept = kept.map(|(key, value)| (Arc::clone(key), value.clone()));
    let set = patch.iter().filter(|(_, value)| !matches!(value, Value::Null)).map(|(key, value)| {
        let old = old.and_then(|map| map.get(key));
        (Arc::clone(key), merge_patch(old, value, depth + 1))
    });
    Value::Map(Arc::new(kept.chain(set).collect::<Map>()))
}
