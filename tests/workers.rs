//! What is done at once comes to the same as what is done one after the other.

use serde_json::{Value as Json, json};
use std::fmt::Write as _;
use std::sync::Arc;
use std::thread;
use strata::argocd::fixtures::Fixtures;
use strata::profile::Profile;
use strata::report::Session;
use strata::repository::{Entry, Repositories, Repository, Revision, Tree};
use strata::work::Workers;

/// Four threads, and the last piece first.
#[derive(Debug)]
struct Threads;

impl Workers for Threads {
    fn count(&self) -> usize {
        4
    }

    fn each(&self, pieces: usize, work: &(dyn Fn(usize) + Sync)) {
        thread::scope(|scope| {
            for at in (0..pieces).rev() {
                scope.spawn(move || work(at));
            }
        });
    }
}

const CUSTOMERS: usize = 150;

fn set(name: &str, template_name: &str, patch: &str) -> String {
    format!(
        "apiVersion: argoproj.io/v1alpha1
kind: ApplicationSet
metadata: {{name: {name}, namespace: argocd}}
spec:
  goTemplate: true
  goTemplateOptions: [missingkey=error]
  generators:
    - matrix:
        generators:
          - git: {{repoURL: https://h/o/configs, revision: HEAD, files: [{{path: customers/*/values.yaml}}]}}
          - list: {{elements: [{{env: dev}}, {{env: prod}}]}}
  template:
    metadata:
      name: '{template_name}'
      labels: {{customer: '{{{{ .path.basename }}}}', env: '{{{{ .env }}}}'}}
    spec:
      project: default
      destination: {{name: in-cluster, namespace: '{{{{ .path.basename }}}}'}}
      source:
        repoURL: https://h/o/configs
        path: chart
        helm: {{ignoreMissingValueFiles: true, valueFiles: ['/{{{{ .path.path }}}}/values.yaml', '/{{{{ .path.path }}}}/{{{{ .env }}}}.yaml']}}
  templatePatch: |
{patch}
"
    )
}

fn files(set: String) -> Vec<(String, String)> {
    let mut files = vec![
        ("set.yaml".to_owned(), set),
        ("chart/Chart.yaml".to_owned(), "apiVersion: v2\nname: c\nversion: 1.0.0\n".to_owned()),
        ("chart/values.yaml".to_owned(), "size: 1\nmap: {a: 1, b: null}\n".to_owned()),
    ];
    for customer in 0..CUSTOMERS {
        let mut text = format!("size: {customer}\nmap: {{c: {customer}}}\ngroup: g{}\n", customer % 7);
        if customer % 20 == 3 {
            let _ = writeln!(text, "env: mine");
        }
        files.push((format!("customers/c-{customer:03}/values.yaml"), text));
        if customer % 3 == 0 {
            files.push((format!("customers/c-{customer:03}/prod.yaml"), "size: large\n".to_owned()));
        }
    }
    files
}

fn answers(mut session: Session) -> Json {
    session.complete();
    let count = session.evaluation().applications.len();
    let applications = (0..count).map(|at| json!([session.application(at), session.trace(at)]));
    let objects = session.evaluation().applications.iter().map(|one| one.object.to_json());
    json!([session.overview(), applications.collect::<Vec<_>>(), objects.collect::<Vec<_>>()])
}

fn repositories(files: &[(String, String)]) -> Repositories {
    let entries = files.iter().map(|(path, text)| Entry::text("configs", path.as_str(), text.as_str()));
    Repositories::new(vec![Repository {
        name: "configs".into(),
        url: "https://h/o/configs.git".into(),
        url_guessed: false,
        revisions: vec![Revision::new("", Arc::new(Tree::new(entries.collect())))],
        complete: false,
    }])
}

#[test]
fn workers_change_nothing() {
    let plain = "    metadata: {annotations: {group: '{{ .group }}'}}";
    let unknown = "    spec: {group: '{{ .group }}', unknown-{{ .group }}: true}";
    let own_name = "{{ .path.basename }}-{{ .env }}";
    for (name, template_name, patch, is_error) in [
        ("plain", own_name, plain, false),
        ("unknown-fields", own_name, unknown, false),
        ("same-names", "{{ .group }}-{{ .env }}", plain, false),
        ("bad-names", "{{ .path.basename }}_{{ .env }}", plain, false),
        ("made-up", "{{ .path.basename }}-{{ .env }}-{{ randAlpha 3 | lower }}", plain, false),
        (
            "fails",
            "{{ if eq .size 120.0 }}{{ .nothing }}{{ end }}{{ .path.basename }}-{{ .env }}",
            plain,
            true,
        ),
        ("patch-fails", own_name, "    {{ if eq .size 90.0 }}- a{{ else }}metadata: {}{{ end }}", true),
    ] {
        let files = files(set(name, template_name, patch));
        let session = |workers: Option<&'static dyn Workers>| {
            let (repositories, fixtures) = (repositories(&files), Fixtures::default());
            match workers {
                Some(workers) => Session::with(workers, repositories, fixtures, Profile::default()),
                None => Session::new(repositories, fixtures, Profile::default()),
            }
        };
        let alone = session(None);
        let generated = &alone.evaluation().sets[0].generated;
        assert_eq!(generated.error.is_some(), is_error, "{name}: {:?}", generated.error);
        assert_eq!(generated.applications.is_empty(), is_error, "{name}");
        assert_eq!(answers(session(Some(&Threads))), answers(alone), "{name}");
    }
}
