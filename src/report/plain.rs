//! The manifests of a plain folder: each object as Argo CD applies it, each line with its place in the
//! file that holds it.

use super::rows::scalar_text;
use super::{ActionReport, LineReport, ManifestReport, ManifestsReport, PartReport, Place, Problem};
use crate::argocd::sources::Objects;
use crate::source::{File, Location, Span};
use crate::yaml::{self, Document, Node};
use std::sync::Arc;

impl ManifestsReport {
    /// The report of a plain folder.
    pub(super) fn of_directory(found: &Objects) -> Self {
        let mut report = Self::default();
        for object in &found.objects {
            let manifest = report.manifest(object);
            report.manifests.push(manifest);
        }
        report.left_out = found.problems.iter().map(Problem::of).collect();
        report
    }

    fn manifest(&mut self, object: &Document) -> ManifestReport {
        let text = yaml::write(&object.root.to_value());
        let written = File::new("", Arc::clone(&object.file.path), text);
        let spans = spans(&written, &object.root);
        let mut lines = Vec::with_capacity(spans.len());
        let mut here = object.root.span;
        for (text, span) in written.text.lines().zip(spans) {
            // What has no place of its own goes on from the line before.
            here = span.unwrap_or(here);
            let place = Place::of(&Location::new(&object.file, here));
            if self.actions.last().is_none_or(|last| last.place != place) {
                self.actions.push(ActionReport {
                    place,
                    plain: true,
                    text: String::new(),
                    made_up: false,
                    calls: Vec::new(),
                });
            }
            let action = self.actions.len() - 1;
            let whole = PartReport { bytes: 0..text.len(), action, values: Vec::new(), decided: Vec::new() };
            lines.push(LineReport { text: text.to_owned(), parts: vec![whole] });
        }
        let text = |node: Option<&Node>, key: &str| match node.and_then(|node| node.get(key)) {
            Some(node) => node.as_str().map_or_else(|| scalar_text(&node.to_value()), str::to_owned),
            None => String::new(),
        };
        let metadata = object.root.get("metadata");
        ManifestReport {
            source: object.file.path.to_string(),
            kind: text(Some(&object.root), "kind"),
            name: text(metadata, "name"),
            namespace: text(metadata, "namespace"),
            hook: false,
            lines,
        }
    }
}

/// For each line of a text that was written from a tree, the place in that tree's own file.
fn spans(written: &Arc<File>, tree: &Node) -> Vec<Option<Span>> {
    let mut spans = vec![None; written.text.lines().count()];
    let Ok(read) = yaml::read(written) else { return spans };
    let mut open = vec![(&read.root, tree)];
    while let Some((copy, own)) = open.pop() {
        let mut note = |copy: Span, own: Span| {
            let line = written.line_column(copy.start).0 as usize - 1;
            if let Some(span @ None) = spans.get_mut(line) {
                *span = Some(own);
            }
        };
        let mut below = Vec::new();
        for entry in copy.entries() {
            let Some(from) = own.entry(&entry.key) else { continue };
            note(entry.key_span, from.key_span);
            below.push((&entry.value, &from.value));
        }
        for (copy, own) in copy.items().iter().zip(own.items()) {
            note(copy.span, own.span);
            below.push((copy, own));
        }
        open.extend(below.into_iter().rev());
    }
    spans
}

#[cfg(test)]
mod tests {
    use crate::report::Session;

    const FILES: [(&str, &str); 6] = [
        (
            "app.yaml",
            "
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {name: plain}
spec:
  project: default
  destination: {server: https://kubernetes.default.svc, namespace: web}
  source: {repoURL: https://h/o/team, path: plain, directory: {recurse: true, exclude: 'skip/*'}}
",
        ),
        (
            "plain/a.yaml",
            "# first\nkind: ConfigMap\napiVersion: v1\nmetadata: {name: one}\ndata:\n  z: |\n    a\n    b\n  # last\n  a: '1'\n---\nkind: List\nitems:\n- {kind: Secret, metadata: {name: two}}\n",
        ),
        ("plain/b/c.json", r#"{"kind": "Pod", "metadata": {"name": "three"}}"#),
        ("plain/lib.jsonnet", "{}"),
        ("plain/notes.txt", "kind: Nothing"),
        ("plain/skip/d.yaml", "kind: Pod\nmetadata: {name: four}\n"),
    ];

    #[test]
    fn lines_of_a_plain_folder_lead_to_its_files() {
        let mut session = Session::default();
        let mut load = session.begin();
        for (path, text) in FILES {
            load.add(&format!("team/{path}"), text.as_bytes().to_vec());
        }
        session.commit(load).expect("there is something to load");
        let report = session.manifests(0, 0).expect("there is a source");
        let names: Vec<&str> = report.manifests.iter().map(|one| &*one.name).collect();
        assert_eq!(names, ["one", "two", "three"]);
        let place = |manifest: usize, line: usize| {
            let line = &report.manifests[manifest].lines[line];
            let place = &report.actions[line.parts[0].action].place;
            (line.text.clone(), format!("{}:{}", place.path, place.line))
        };
        assert_eq!(place(0, 2), ("  a: \"1\"".to_owned(), "plain/a.yaml:10".to_owned()));
        assert_eq!(place(0, 4), ("    a".to_owned(), "plain/a.yaml:6".to_owned()));
        assert_eq!(place(1, 0), ("kind: Secret".to_owned(), "plain/a.yaml:14".to_owned()));
        assert_eq!(place(2, 2), ("  name: three".to_owned(), "plain/b/c.json:1".to_owned()));
        let left_out: Vec<&str> = report.left_out.iter().map(|problem| &*problem.code).collect();
        assert_eq!(left_out, ["source-jsonnet"]);
    }
}
