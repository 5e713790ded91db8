//! What the repositories hold for Argo CD: ApplicationSets, Applications, cluster Secrets, ConfigMaps.

use crate::argocd::projects::Projects;
use crate::diagnostic::Diagnostic;
use crate::repository::{Repositories, Tree};
use crate::source::File;
use crate::yaml::{self, Document, Node};
use std::collections::BTreeSet;
use std::sync::Arc;

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
    /// Files that name Argo CD and can't be read.
    pub problems: Vec<Diagnostic>,
}

impl Manifests {
    /// Looks through every repository. Where several revisions of one are loaded, the first one that
    /// has the file speaks for it.
    pub fn find(repositories: &Repositories) -> Self {
        let mut found = Self::default();
        for repository in repositories.all() {
            let mut seen = BTreeSet::new();
            for revision in &repository.revisions {
                for file in revision.tree.files() {
                    if is_candidate(file, &revision.tree) && seen.insert(Arc::clone(&file.path)) {
                        found.read(file);
                    }
                }
            }
        }
        found
    }

    /// Every `repoURL` of the sets and Applications, as often as it is named.
    pub fn named_urls(&self) -> Vec<&str> {
        let documents = self.sets.iter().chain(&self.applications);
        let nodes = documents.flat_map(|document| document.root.walk().map(|(node, _)| node));
        nodes.filter_map(|node| node.get("repoURL").and_then(Node::as_str)).collect()
    }

    fn read(&mut self, file: &Arc<File>) {
        for document in yaml::read_manifests(file) {
            match document {
                Ok(document) => self.sort_in(document),
                Err(problem) => self.problems.push(problem),
            }
        }
    }

    fn sort_in(&mut self, document: Document) {
        let text = |key: &str| document.root.get(key).and_then(Node::as_str).unwrap_or_default();
        let argo = text("apiVersion").starts_with("argoproj.io/");
        match text("kind") {
            "ApplicationSet" if argo => self.sets.push(document),
            "Application" if argo => self.applications.push(document),
            "ConfigMap" if is_settings(&document) => self.settings.push(document),
            "AppProject" if argo => {
                self.projects.add(&document);
            }
            _ => {}
        }
    }
}

fn is_settings(document: &Document) -> bool {
    let name = document.root.get("metadata").and_then(|metadata| metadata.get("name")).and_then(Node::as_str);
    matches!(name, Some("argocd-cm" | "argocd-cmd-params-cm"))
}

/// Whether a file may hold such objects: a YAML or JSON file that names them, and no template of a
/// chart, which is no YAML yet.
fn is_candidate(file: &File, tree: &Tree) -> bool {
    let ending = file.path.rsplit('.').next().unwrap_or_default();
    if !matches!(ending, "yaml" | "yml" | "json") {
        return false;
    }
    let names_argo = file.text.contains("argoproj.io/") || file.text.contains("argocd-cm");
    names_argo && !is_chart_template(&file.path, tree)
}

fn is_chart_template(path: &str, tree: &Tree) -> bool {
    path.match_indices("templates/").any(|(at, _)| {
        let chart = &path[..at];
        (chart.is_empty() || chart.ends_with('/')) && tree.get(&format!("{chart}Chart.yaml")).is_some()
    })
}
