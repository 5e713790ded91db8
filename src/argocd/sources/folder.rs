//! What is known about the folder of a source.

use super::paths::{self, Clean};
use crate::repository::{Content as Stored, Found, Tree};
use crate::source::File;
use crate::yaml;
use std::sync::Arc;

/// The folder of a source.
#[derive(Debug)]
pub(super) struct Folder {
    /// Its path in the tree, cleaned, links not followed.
    pub path: String,
    /// Why it is none, in Argo CD's words.
    pub error: Option<String>,
    /// Its type where the source names none.
    pub discovered: Discovered,
    /// `.argocd-source.yaml`, if there is one.
    pub overrides: Option<Arc<File>>,
    /// Whether there is any `.argocd-source-….yaml`.
    pub has_named_overrides: bool,
    /// Why its `Chart.yaml` can't be used, in Argo CD's words.
    pub chart_error: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Discovered {
    Helm,
    Kustomize,
    Directory,
}

impl Folder {
    pub fn look(tree: &Tree, written: &str) -> Self {
        let mut folder = Self {
            path: String::new(),
            error: None,
            discovered: Discovered::Directory,
            overrides: None,
            has_named_overrides: false,
            chart_error: None,
        };
        if written.starts_with('/') {
            folder.error = Some(format!("{written}: app path is absolute"));
            return folder;
        }
        let Clean::Inside(path) = paths::join("", written) else {
            folder.error = Some(format!("{written}: app path outside root"));
            return folder;
        };
        folder.error = match tree.find(&path) {
            Found::Directory(_) => None,
            Found::File(_) => Some(format!("{written}: app path is not a directory")),
            Found::Missing if paths::is_below_file(tree, &path) => {
                Some(format!("stat <path to cached source>/{path}: not a directory"))
            }
            Found::Missing | Found::Outside | Found::Loop => {
                Some(format!("{written}: app path does not exist"))
            }
        };
        folder.path = path;
        if folder.error.is_none() {
            folder.look_inside(tree);
        }
        folder
    }

    fn look_inside(&mut self, tree: &Tree) {
        // A walk does not enter a path that is a link itself.
        let names = if tree.read_link(&self.path).is_some() { Vec::new() } else { tree.list(&self.path) };
        for (name, is_folder) in names {
            let link = is_folder && tree.read_link(&self.inside(name)).is_some();
            if is_folder && !link {
                continue;
            }
            if name.ends_with("Chart.yaml") {
                self.discovered = Discovered::Helm;
            }
            if matches!(name, "kustomization.yaml" | "kustomization.yml" | "Kustomization") {
                self.discovered = Discovered::Kustomize;
            }
            self.has_named_overrides |= name.starts_with(".argocd-source-");
        }
        self.overrides = tree.file(&self.inside(".argocd-source.yaml")).cloned();
        self.chart_error = chart_error(tree, &self.inside("Chart.yaml"));
    }

    /// A path in the folder.
    pub fn inside(&self, name: &str) -> String {
        if self.path.is_empty() { name.to_owned() } else { format!("{}/{name}", self.path) }
    }
}

/// Why Argo CD can't list a chart's dependencies.
fn chart_error(tree: &Tree, path: &str) -> Option<String> {
    let full = format!("<path to cached source>/{path}");
    let reading = |why: &str| format!("error reading helm chart from {full}: {why}");
    match tree.find(path) {
        Found::File(entry) => match &entry.content {
            Stored::Text(file) => yaml::unmarshal(file, yaml::Target::Any).err().map(|error| {
                format!("error unmarshalling the helm chart while getting helm dependency repos: {error}")
            }),
            _ => None,
        },
        Found::Directory(_) => Some(reading(&format!("read {full}: is a directory"))),
        Found::Missing | Found::Outside | Found::Loop => {
            Some(reading(&format!("open {full}: no such file or directory")))
        }
    }
}
