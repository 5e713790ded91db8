//! What the repositories hold for Argo CD: ApplicationSets, Applications, cluster Secrets, ConfigMaps.

use super::cache::Cache;
use crate::argocd::fixtures;
use crate::argocd::projects::Projects;
use crate::diagnostic::Diagnostic;
use crate::repository::{Repositories, Tree};
use crate::source::File;
use crate::work::Workers;
use crate::yaml::{Document, Node};
use std::collections::BTreeSet;
use std::sync::Arc;

/// Kinds of objects that are looked for.
const KINDS: [&str; 9] = [
    "ApplicationSet",
    "Application",
    "AppProject",
    "Secret",
    "ConfigMap",
    "List",
    "ApplicationList",
    "ApplicationSetList",
    "AppProjectList",
];

/// Lists in lists that are looked into.
const MOST_LISTS: usize = 4;

/// Argo CD's objects among the files.
#[derive(Debug, Default)]
pub struct Manifests {
    /// ApplicationSets, in the order of repositories and paths.
    pub sets: Vec<Document>,
    /// Applications written by hand.
    pub applications: Vec<Document>,
    /// AppProjects.
    pub projects: Projects,
    /// ConfigMaps that hold Argo CD's settings.
    pub settings: Vec<Document>,
    /// Secrets that register clusters with Argo CD.
    pub clusters: Vec<Document>,
    /// Files that name Argo CD and can't be read.
    pub problems: Vec<Diagnostic>,
}

impl Manifests {
    /// Looks through every repository. Where several revisions of one are loaded, the first one that
    /// has the file speaks for it.
    pub fn find(repositories: &Repositories, cache: &Cache, workers: &dyn Workers) -> Self {
        let mut found = Self::default();
        for repository in repositories.all() {
            let mut seen = BTreeSet::new();
            for revision in &repository.revisions {
                let files: Vec<&Arc<File>> =
                    revision.tree.files().filter(|file| is_manifest(&file.path)).collect();
                let read = workers.parts(&files, |part| cache.manifests(part, holds_objects));
                for (file, documents) in files.iter().zip(read.into_iter().flatten()) {
                    if let Some(documents) = documents
                        && !is_chart_template(&file.path, &revision.tree)
                        && seen.insert(Arc::clone(&file.path))
                    {
                        found.read(&documents);
                    }
                }
            }
        }
        found
    }

    fn read(&mut self, documents: &[Result<Document, Diagnostic>]) {
        for document in documents {
            match document {
                Ok(document) => self.sort_in(document.clone(), MOST_LISTS),
                Err(problem) => self.problems.push(problem.clone()),
            }
        }
    }

    /// Sorts an object in; a list of objects counts as its items.
    fn sort_in(&mut self, document: Document, lists: usize) {
        let text = |key: &str| document.root.get(key).and_then(Node::as_str).unwrap_or_default();
        let argo = text("apiVersion").starts_with("argoproj.io/");
        match text("kind") {
            "ApplicationSet" if argo => self.sets.push(document),
            "Application" if argo => self.applications.push(document),
            "ConfigMap" if is_settings(&document) => self.settings.push(document),
            "AppProject" if argo => {
                self.projects.add(&document);
            }
            "Secret" if fixtures::is_cluster_secret(&document.root) => self.clusters.push(document),
            "List" | "ApplicationList" | "ApplicationSetList" | "AppProjectList" if lists > 0 => {
                for item in document.root.get("items").map(Node::items).unwrap_or_default() {
                    self.sort_in(Document { root: item.clone(), ..document.clone() }, lists - 1);
                }
            }
            _ => {}
        }
    }
}

fn is_manifest(path: &str) -> bool {
    matches!(path.rsplit('.').next(), Some("yaml" | "yml" | "json"))
}

fn is_settings(document: &Document) -> bool {
    let name = document.root.get("metadata").and_then(|metadata| metadata.get("name")).and_then(Node::as_str);
    matches!(name, Some("argocd-cm" | "argocd-cmd-params-cm"))
}

/// Whether a text may hold such objects: it names Argo CD, and one of their kinds as a kind. (A
/// CustomResourceDefinition, long as it is, does not.)
fn holds_objects(text: &str) -> bool {
    if !text.contains("argoproj.io/") && !text.contains("argocd-cm") {
        return false;
    }
    text.match_indices("kind").any(|(at, word)| {
        let rest = text[at + word.len()..].trim_start_matches(['"', '\'']).trim_start();
        let Some(rest) = rest.strip_prefix(':') else { return false };
        let rest = rest.trim_start().trim_start_matches(['"', '\'']);
        let length = rest.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(rest.len());
        KINDS.contains(&&rest[..length])
    })
}

/// Whether a file is a template of a chart, which is no YAML yet.
fn is_chart_template(path: &str, tree: &Tree) -> bool {
    path.match_indices("templates/").any(|(at, _)| {
        let chart = &path[..at];
        (chart.is_empty() || chart.ends_with('/')) && tree.get(&format!("{chart}Chart.yaml")).is_some()
    })
}
