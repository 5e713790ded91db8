//! Apps of apps: charts whose templates make Applications and ApplicationSets, followed as far as they
//! lead. (Those that lie in plain folders are files like any other and are found as such.)

use super::cache::Cache;
use super::earlier::Earlier;
use super::{Application, Evaluation, Origin, Outcome, Platform};
use crate::argocd::sources::SourceKind;
use crate::chart::Chart;
use crate::diagnostic::Diagnostic;
use crate::source::Location;
use crate::value::Value;
use crate::yaml::{self, Document};
use std::collections::HashMap;
use std::fmt::Write as _;
use std::sync::Arc;

/// Applications in Applications that are followed.
const DEEPEST: usize = 16;

/// Applications after which no further ones are rendered out of charts.
const MOST_APPLICATIONS: usize = 200_000;

/// Which sources may render objects of Argo CD, by their keys.
type Known = HashMap<Box<str>, bool>;

impl Evaluation {
    /// Renders the charts of Applications that hold Applications and ApplicationSets themselves, and
    /// adds what comes out of them.
    pub(super) fn follow(&mut self, platform: &Platform, earlier: &Earlier<'_>) {
        let mut known = Known::new();
        let mut at = 0;
        while at < self.applications.len() && self.applications.len() < MOST_APPLICATIONS {
            if self.applications[at].renders.is_none() {
                let yields = self.may_yield(platform, at, &mut known);
                self.applications[at].renders =
                    Some(if yields { self.rendered(platform, at) } else { Arc::default() });
            }
            self.follow_one(platform, at, earlier);
            at += 1;
        }
    }

    /// Whether a source of the Application is a chart with templates of Argo CD's objects.
    fn may_yield(&self, platform: &Platform, at: usize, known: &mut Known) -> bool {
        let mut key = String::new();
        let mut is_silent = |source| {
            write_key(&mut key, source);
            known.get(&*key) == Some(&false)
        };
        let object = &self.applications[at].object;
        if sources_of(object).all(&mut is_silent) {
            return false;
        }
        let resolver = self.resolver(platform);
        let sources = self.resolve(&resolver, at).map(|resolved| resolved.sources).unwrap_or_default();
        let yielding = sources.iter().filter(|source| match &source.kind {
            SourceKind::Helm(helm) => yields(&self.cache, helm, platform),
            _ => false,
        });
        let yielding: Vec<usize> = yielding.map(|source| source.index).collect();
        for (index, source) in sources_of(object).enumerate() {
            write_key(&mut key, source);
            *known.entry(key.as_str().into()).or_default() |= yielding.contains(&index);
        }
        !yielding.is_empty()
    }

    /// The objects of Argo CD that the charts of an Application render. Why one does not render is told
    /// when the Application itself is evaluated.
    fn rendered(&self, platform: &Platform, at: usize) -> Arc<[Document]> {
        let detail = self.merged_with(&self.resolver(platform), platform, at);
        let mut documents = Vec::new();
        for (source, outcome) in &detail.sources {
            let (SourceKind::Helm(named), Outcome::Helm(helm)) = (&source.kind, outcome) else { continue };
            let Ok(rendering) = helm.render(named, false) else { continue };
            for text in rendering.texts.iter().filter(|text| text.file.text.contains("argoproj.io/")) {
                let read = yaml::read_manifests(&text.file).into_iter().flatten();
                documents.extend(read.filter(|document| {
                    let version = document.root.get("apiVersion").and_then(yaml::Node::as_str);
                    version.is_some_and(|version| version.starts_with("argoproj.io/"))
                }));
            }
        }
        documents.into()
    }

    fn follow_one(&mut self, platform: &Platform, at: usize, earlier: &Earlier<'_>) {
        let renders = self.applications[at].renders.as_ref().filter(|documents| !documents.is_empty());
        let Some(documents) = renders.map(Arc::clone) else { return };
        let parents = self.parents(at);
        if parents.len() > DEEPEST {
            let message = format!("Applications in Applications are followed only {DEEPEST} deep");
            self.applications[at].invalid.push(Diagnostic::warning("application-depth", message).into());
            return;
        }
        for document in documents.iter() {
            self.take_in(platform, document.clone(), at, &parents, earlier);
        }
    }

    fn take_in(
        &mut self,
        platform: &Platform,
        document: Document,
        parent: usize,
        above: &[usize],
        earlier: &Earlier<'_>,
    ) {
        let kind = document.root.get("kind").and_then(yaml::Node::as_str);
        match kind.unwrap_or_default() {
            "Application" => {
                let object = document.root.to_value();
                let same = |at: &usize| name_of(&self.applications[*at].object) == name_of(&object);
                if above.iter().any(same) {
                    // An Application that manages itself, or one above it.
                    return;
                }
                self.add(document, object, earlier);
                if let Some(added) = self.applications.last_mut() {
                    added.parent = Some(parent);
                }
            }
            "ApplicationSet" => {
                let known = self.sets.iter().any(|set| {
                    set.generated.name == name_in(&document).into()
                        && set.parent.is_some_and(|own| above.contains(&own))
                });
                if !known {
                    self.generate(document, platform, Some(parent), earlier);
                }
            }
            "AppProject" => {
                self.projects.add(&document);
            }
            _ => {}
        }
    }

    /// Position of the Application whose chart renders an Application or the set that yields it.
    pub fn parent_of(&self, application: &Application) -> Option<usize> {
        match application.origin {
            Origin::Generated { set, .. } => self.sets[set].parent,
            Origin::Written(_) => application.parent,
        }
    }

    /// The Application itself and those that it comes from, the nearest first.
    fn parents(&self, at: usize) -> Vec<usize> {
        let above = |&at: &usize| self.parent_of(&self.applications[at]);
        std::iter::successors(Some(at), above).take(DEEPEST + 2).collect()
    }
}

impl Application {
    /// Where it is written: the Application, or the template of a chart that makes it. `None` for the
    /// Applications of sets.
    pub fn written_at(&self) -> Option<Location> {
        let Origin::Written(document) = &self.origin else { return None };
        Some(typed_by_hand(document))
    }
}

/// The place of a document in a file that somebody wrote: for one that was rendered its template.
pub fn typed_by_hand(document: &Document) -> Location {
    let mut place = Location::new(&document.file, document.root.span);
    while let Some(parent) = place.file.parent.clone() {
        place = parent;
    }
    place
}

fn yields(cache: &Cache, helm: &crate::argocd::sources::Helm, platform: &Platform) -> bool {
    cache.chart(helm, &platform.repositories).is_ok_and(|loaded| holds_argo(&loaded.chart))
}

/// Whether a template of the chart, or of one in it, names Argo CD's objects.
fn holds_argo(chart: &Chart) -> bool {
    let names = |text: &str| text.contains("argoproj.io/") && text.contains("Application");
    chart.templates.iter().filter_map(|template| template.text()).any(|file| names(&file.text))
        || chart.charts.iter().any(|inner| holds_argo(inner))
}

fn name_in(document: &Document) -> &str {
    let metadata = document.root.get("metadata");
    metadata.and_then(|metadata| metadata.get("name")).and_then(yaml::Node::as_str).unwrap_or_default()
}

fn name_of(object: &Value) -> Option<(&str, &str)> {
    let metadata = object.get("metadata")?;
    let text = |key: &str| metadata.get(key).and_then(Value::as_str).unwrap_or_default();
    Some((text("namespace"), text("name")))
}

fn sources_of(object: &Value) -> impl Iterator<Item = &Value> {
    let spec = object.get("spec");
    let several = spec.and_then(|spec| spec.get("sources")?.as_list()).unwrap_or_default();
    let single = spec.and_then(|spec| spec.get("source")).filter(|_| several.is_empty());
    several.iter().chain(single)
}

/// What tells the chart of a source: its URL, revision, and path or chart.
fn write_key(key: &mut String, source: &Value) {
    key.clear();
    for field in ["repoURL", "targetRevision", "path", "chart"] {
        let text = source.get(field).and_then(Value::as_str).unwrap_or_default();
        // With its length, so that no two sources have one key.
        let _ = write!(key, "{}:{text}", text.len());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::repository::Repositories;
    use crate::repository::load::Loader;

    const ROOT: &str = "
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {name: root, namespace: argocd}
spec:
  project: default
  source: {repoURL: https://h/o/platform, path: bootstrap, helm: {values: 'teams: [a, b]'}}
  destination: {server: https://kubernetes.default.svc, namespace: argocd}
";

    const TEAMS: &str = r#"
{{- range .Values.teams }}
---
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {name: "team-{{ . }}", namespace: argocd}
spec:
  project: default
  source: {repoURL: https://h/o/platform, path: bootstrap, helm: {values: "teams: []"}}
  destination: {server: https://kubernetes.default.svc, namespace: "{{ . }}"}
{{- end }}
"#;

    const SET: &str = r#"
apiVersion: argoproj.io/v1alpha1
kind: ApplicationSet
metadata: {name: "set-{{ .Release.Name }}", namespace: argocd}
spec:
  goTemplate: true
  generators: [{list: {elements: [{x: one}]}}]
  template:
    metadata: {name: '{{ `{{ .x }}` }}-{{ .Release.Name }}'}
    spec: {project: default, destination: {server: https://kubernetes.default.svc, namespace: x},
           source: {repoURL: https://h/o/platform, path: other}}
"#;

    fn evaluate(files: &[(&str, &str)]) -> Evaluation {
        let mut loader = Loader::default();
        for (path, text) in files {
            loader.file(&format!("platform/{path}"), text.as_bytes());
        }
        let mut repositories = Repositories::default();
        repositories.add(loader.finish().repositories);
        let mut platform = Platform { repositories, ..Platform::default() };
        Evaluation::new(&mut platform, &crate::work::Alone)
    }

    fn names(evaluation: &Evaluation) -> Vec<&str> {
        evaluation.applications.iter().map(|application| &*application.name).collect()
    }

    #[test]
    fn charts_of_applications_and_sets_are_followed_until_they_come_round() {
        let evaluation = evaluate(&[
            (".gitignore", ""),
            ("apps/root.yaml", ROOT),
            ("bootstrap/Chart.yaml", "{apiVersion: v2, name: bootstrap, version: 1.0.0}"),
            ("bootstrap/templates/teams.yaml", TEAMS),
            ("bootstrap/templates/root.yaml", ROOT),
            ("bootstrap/templates/set.yaml", SET),
            ("other/x.yaml", ""),
        ]);
        let expected = ["root", "one-root", "team-a", "team-b", "one-team-a", "one-team-b"];
        let mut found = names(&evaluation);
        // Every team's chart has the root in it once more: it is the one above them, and not followed.
        assert_eq!(found.len(), expected.len(), "{found:?}");
        found.sort_unstable();
        let mut expected = expected.to_vec();
        expected.sort_unstable();
        assert_eq!(found, expected);
        let team = evaluation.applications.iter().find(|one| &*one.name == "team-a").expect("it is listed");
        assert_eq!(team.parent, Some(0));
        let written = team.written_at().expect("it is no set's");
        assert_eq!(&*written.file.path, "bootstrap/templates/teams.yaml");
    }

    #[test]
    fn a_written_application_that_a_set_generates_too_is_told() {
        let set = "{apiVersion: argoproj.io/v1alpha1, kind: ApplicationSet, metadata: {name: s}, spec: {generators: [{list: {elements: [{x: root}, {x: b}]}}], template: {metadata: {name: '{{x}}'}, spec: {project: p, destination: {server: s, namespace: n}, source: {repoURL: u, path: p}}}}}";
        let evaluation = evaluate(&[("root.yaml", ROOT), ("set.yaml", set)]);
        let told = evaluation.diagnostics().into_iter().find(|told| told.code == "application-taken-over");
        let message = told.map(|told| told.message.as_str());
        assert_eq!(message, Some("the ApplicationSet s generates root too, takes it over and overwrites it"));
    }

    #[test]
    fn items_of_lists_are_objects() {
        let list = "{apiVersion: v1, kind: List, items: [{apiVersion: argoproj.io/v1alpha1, kind: ApplicationSet, metadata: {name: s}, spec: {generators: [{list: {elements: [{x: a}, {x: b}]}}], template: {metadata: {name: '{{x}}'}, spec: {project: p, destination: {server: s, namespace: n}, source: {repoURL: u, path: p}}}}}]}";
        assert_eq!(names(&evaluate(&[("sets.json", list)])), ["a", "b"]);
    }

    #[test]
    fn settings_and_clusters_stand_among_the_files() {
        let settings = "{apiVersion: v1, kind: ConfigMap, metadata: {name: argocd-cmd-params-cm}, data: {applicationsetcontroller.enable.new.git.file.globbing: 'true'}}";
        let secret = "{apiVersion: v1, kind: Secret, metadata: {name: c, labels: {argocd.argoproj.io/secret-type: cluster, env: prod}}, stringData: {name: c1, server: https://c1}}";
        let set = "
apiVersion: argoproj.io/v1alpha1
kind: ApplicationSet
metadata: {name: s}
spec:
  generators:
    - matrix:
        generators:
          - clusters: {selector: {matchLabels: {env: prod}}}
          - git: {repoURL: https://h/o/platform, revision: HEAD, files: [{path: 'apps/*.yaml'}]}
  template:
    metadata: {name: '{{name}}-{{path.filename}}'}
    spec: {project: p, destination: {server: '{{server}}', namespace: n}, source: {repoURL: https://h/o/platform, path: p}}
";
        let evaluation = evaluate(&[
            ("cm.yaml", settings),
            ("secret.yaml", secret),
            ("set.yaml", set),
            ("apps/a.yaml", "x: 1"),
            ("apps/deep/b.yaml", "x: 1"),
        ]);
        assert_eq!(names(&evaluation), ["c1-a.yaml"], "`*` stops at a slash in the new globbing");
    }
}
