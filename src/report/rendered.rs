//! What is found only when every Application is rendered.

use super::application;
use super::key_path;
use super::manifests::leaves;
use super::rows::Numbering;
use crate::argocd::sources::SourceKind;
use crate::chart::Object;
use crate::diagnostic::Diagnostic;
use crate::merge::{Cell, Step};
use crate::platform::{Detail, Outcome};
use crate::source::Location;
use std::collections::{BTreeMap, HashMap, HashSet};

/// Where a value is written: its file by its address, and the bytes.
type Written = (usize, u32, u32);

/// What makes two objects one: group, kind, namespace and name.
type Identity = (String, String, String, String);

/// What rendering has found so far.
#[derive(Default)]
pub struct Rendered {
    problems: Vec<Diagnostic>,
    /// The values of users' layers that no template took so far, with their place.
    unread: HashMap<Written, (String, Location)>,
    /// Those that some template took.
    read: HashSet<Written>,
}

impl Rendered {
    /// Renders an Application.
    pub(super) fn add(&mut self, name: &str, detail: &Detail) {
        let mut objects: BTreeMap<Identity, Vec<(usize, Object)>> = BTreeMap::new();
        for (source, outcome) in &detail.sources {
            let (SourceKind::Helm(named), Outcome::Helm(helm)) = (&source.kind, outcome) else { continue };
            let rendering = match helm.render(named, true) {
                Ok(rendering) => rendering,
                Err(problem) => {
                    // What fails before anything is rendered is told without rendering too.
                    if helm.failure.is_none() {
                        self.problems.push(problem);
                    }
                    continue;
                }
            };
            for object in rendering.objects(&named.namespace) {
                let group = object.api_version.split_once('/').map_or("", |(group, _)| group);
                let key =
                    (group.to_owned(), object.kind.clone(), object.namespace.clone(), object.name.clone());
                objects.entry(key).or_default().push((source.index, object));
            }
            let layers = application::layers(helm);
            let numbering = Numbering(&layers);
            for leaf in rendering.read.iter().flat_map(|read| leaves(read, helm)) {
                self.leaf(&leaf.path, &leaf.cell, leaf.taken, &numbering);
            }
        }
        for ((_, kind, namespace, object), yields) in objects.into_iter().filter(|(_, all)| all.len() > 1) {
            let places: Vec<String> = yields
                .iter()
                .map(|(source, object)| format!("source {source}: {}:{}", object.path, object.line))
                .collect();
            let message = format!(
                "{name} yields {kind} {namespace}/{object} {} times: {}",
                places.len(),
                places.join(", ")
            );
            let problem = Diagnostic::warning("object-repeated", message);
            self.problems.push(problem.hint("Argo CD applies the last one and warns of a repeated resource"));
        }
    }

    fn leaf(&mut self, path: &[Step], cell: &Cell, taken: bool, numbering: &Numbering<'_>) {
        let Some(write) = cell.last_write().filter(|write| write.layer.as_user().is_some()) else { return };
        let Some(location) = numbering.location(write) else { return };
        let written =
            (std::sync::Arc::as_ptr(&location.file) as usize, location.span.start, location.span.end);
        if taken {
            self.read.insert(written);
            return;
        }
        let names: Vec<String> = path
            .iter()
            .map(|step| match step {
                Step::Key(key) => key.to_string(),
                Step::Index(index) => index.to_string(),
            })
            .collect();
        self.unread.entry(written).or_insert_with(|| (key_path::print(&names), location));
    }

    /// Takes in what rendering the next Applications has found.
    pub fn join(&mut self, next: Self) {
        self.problems.extend(next.problems);
        for (written, unread) in next.unread {
            self.unread.entry(written).or_insert(unread);
        }
        self.read.extend(next.read);
    }

    /// What was found, in the order of the Applications; then the values that none of them reads.
    pub fn problems(self) -> Vec<Diagnostic> {
        let Self { mut problems, unread, read } = self;
        let mut unread: Vec<(String, Location)> = unread
            .into_iter()
            .filter(|(written, _)| !read.contains(written))
            .map(|(_, unread)| unread)
            .collect();
        unread.sort_by(|(_, a), (_, b)| {
            (&a.file.repository, &a.file.path, a.span.start).cmp(&(
                &b.file.repository,
                &b.file.path,
                b.span.start,
            ))
        });
        problems.extend(unread.into_iter().map(|(path, location)| {
            let message = format!("{path} is set here, and no template of any Application reads it");
            Diagnostic::note("value-unread", message).at(location)
        }));
        problems
    }
}
