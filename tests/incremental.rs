//! A session that has seen files change answers exactly as one that is new to them.

use proptest::prelude::*;
use serde_json::{Value as Json, json};
use std::collections::BTreeMap;
use std::sync::Arc;
use strata::argocd::fixtures::Fixtures;
use strata::profile::Profile;
use strata::report::Session;
use strata::repository::{Entry, Repositories, Repository, Revision, Tree};
use strata::source::File;

const PLATFORM: &str = "platform";
const CONFIGS: &str = "configs";

const MATRIX: &str = r#"
apiVersion: argoproj.io/v1alpha1
kind: ApplicationSet
metadata: {name: matrix, namespace: argocd}
spec:
  goTemplate: true
  goTemplateOptions: ["missingkey=error"]
  generators:
    - matrix:
        generators:
          - git: {repoURL: https://h/o/configs.git, revision: HEAD, files: [{path: "customers/*/x/values.yaml"}]}
          - list: {elements: [{env: dev}, {env: prod}]}
  template:
    metadata: {name: "{{ index .path.segments 1 }}-{{ .env }}"}
    spec:
      project: default
      destination: {name: "{{ .env }}", namespace: n}
      sources:
        - repoURL: https://h/o/platform.git
          path: charts/x
          helm:
            ignoreMissingValueFiles: true
            valueFiles: [$v/base.yaml, "$v/{{ .path.path }}/values.yaml", "$v/{{ .path.path }}/{{ .env }}.yaml"]
        - {repoURL: https://h/o/configs.git, ref: v}
  templatePatch: |
    spec: {syncPolicy: {automated: {prune: {{ eq .env "dev" }}}}}
"#;

const DIRECTORIES: &str = r#"
apiVersion: argoproj.io/v1alpha1
kind: ApplicationSet
metadata: {name: directories, namespace: argocd}
spec:
  generators:
    - git: {repoURL: https://h/o/configs.git, revision: HEAD, directories: [{path: "customers/*"}, {path: customers/c, exclude: true}]}
  template:
    metadata: {name: "{{path.basename}}"}
    spec:
      project: default
      destination: {server: https://kubernetes.default.svc, namespace: n}
      sources:
        - {repoURL: https://h/o/platform.git, path: charts/x, helm: {valueFiles: ["$v/{{path}}/*/values.yaml"]}}
        - {repoURL: https://h/o/configs.git, ref: v}
"#;

const MERGE: &str = r#"
apiVersion: argoproj.io/v1alpha1
kind: ApplicationSet
metadata: {name: merge, namespace: argocd}
spec:
  goTemplate: true
  generators:
    - merge:
        mergeKeys: [customer]
        generators:
          - git: {repoURL: https://h/o/configs.git, revision: HEAD, files: [{path: "customers/*/x/values.yaml"}]}
          - list: {elements: [{customer: a, size: {cpu: 9}}]}
      selector: {matchExpressions: [{key: customer, operator: Exists}]}
  template:
    metadata: {name: "merged-{{ .customer }}"}
    spec:
      project: "{{ .customer }}"
      destination: {server: https://kubernetes.default.svc, namespace: n}
      source: {repoURL: https://h/o/platform.git, path: "charts/{{ .customer }}"}
"#;

const ROOT: &str = r#"
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {name: root, namespace: argocd}
spec:
  project: default
  source: {repoURL: https://h/o/platform.git, path: bootstrap}
  destination: {server: https://kubernetes.default.svc, namespace: argocd}
"#;

const TEAMS: &str = r#"
{{- range .Values.teams }}
---
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {name: "team-{{ . }}", namespace: argocd}
spec:
  project: default
  source: {repoURL: https://h/o/platform.git, path: charts/x, helm: {values: "size: {cpu: 1}"}}
  destination: {server: https://kubernetes.default.svc, namespace: "{{ . }}"}
{{- end }}
"#;

const SCHEMA: &str = r#"{"properties": {"size": {"properties": {"cpu": {"type": "integer"}}}}}"#;
const REFERRING: &str = r#"{"properties": {"size": {"$ref": "defs.json"}}}"#;

/// Files with what may stand in them; `None` is no file.
fn choices() -> Vec<(&'static str, &'static str, Vec<Option<&'static str>>)> {
    let values = |customer: &'static str| match customer {
        "a" => Some("customer: a\nsize: {cpu: 1, memory: x}\nlist: [1, 2]\n"),
        _ => Some("customer: b\nsize: {cpu: two}\npassword: hunter2hunter2\n"),
    };
    let odd =
        [Some("customer: z\nenv: eu\n"), Some("- {customer: p}\n- {customer: q}\n"), Some("a: [\n"), None];
    let with_odd = |first| [first].into_iter().chain(odd).collect::<Vec<_>>();
    vec![
        (CONFIGS, "customers/a/x/values.yaml", with_odd(values("a"))),
        (CONFIGS, "customers/b/x/values.yaml", with_odd(values("b"))),
        (CONFIGS, "customers/c/x/values.yaml", vec![None, values("a"), Some("{}")]),
        (CONFIGS, "customers/a/x/prod.yaml", vec![Some("size: {cpu: 3}"), Some("size: null"), None]),
        (CONFIGS, "customers/b/x/prod.yaml", vec![Some("size: {cpu: 4}"), Some("[]"), None]),
        (CONFIGS, "customers/c/x/prod.yaml", vec![Some("list: [3]"), None]),
        (CONFIGS, "customers/b", vec![None, Some("a file where a folder was")]),
        (CONFIGS, "base.yaml", vec![Some("size: {cpu: 0}\n"), Some("size: {cpu: 1}\nlist: []\n"), None]),
        (CONFIGS, "customers/values.schema.json", vec![None, Some(SCHEMA), Some(REFERRING), Some("{")]),
        (CONFIGS, "customers/a/x/values.schema.json", vec![None, Some(SCHEMA)]),
        (
            CONFIGS,
            "customers/defs.json",
            vec![None, Some(r#"{"type": "object"}"#), Some(r#"{"type": "string"}"#)],
        ),
        (PLATFORM, "sets/matrix.yaml", vec![Some(MATRIX), Some(DIRECTORIES), None]),
        (PLATFORM, "sets/other.yaml", vec![Some(DIRECTORIES), Some(MERGE), None]),
        (PLATFORM, "root.yaml", vec![Some(ROOT), None]),
        (
            PLATFORM,
            "project.yaml",
            vec![
                None,
                Some(
                    "{apiVersion: argoproj.io/v1alpha1, kind: AppProject, metadata: {name: default}, spec: {sourceRepos: ['https://h/o/platform.git']}}",
                ),
            ],
        ),
        (
            PLATFORM,
            "settings.yaml",
            vec![
                None,
                Some(
                    "{apiVersion: v1, kind: ConfigMap, metadata: {name: argocd-cmd-params-cm}, data: {applicationsetcontroller.enable.new.git.file.globbing: 'true'}}",
                ),
            ],
        ),
        (PLATFORM, "bootstrap/values.yaml", vec![Some("teams: [red]"), Some("teams: [red, blue]"), None]),
        (
            PLATFORM,
            "charts/x/Chart.yaml",
            vec![
                Some("{apiVersion: v2, name: x, version: 1.0.0}"),
                Some(
                    "{apiVersion: v2, name: x, version: 1.0.0, dependencies: [{name: lib, version: 1.x, repository: 'file://../lib'}]}",
                ),
                None,
            ],
        ),
        (
            PLATFORM,
            "charts/x/values.yaml",
            vec![Some("size: {cpu: 0, memory: y}\nunread: 1\n"), Some("lib: 3"), None],
        ),
        (PLATFORM, "charts/x/values.schema.json", vec![None, Some(SCHEMA)]),
        (PLATFORM, "charts/x/templates/t.yaml", vec![Some("a: {{ .Values.size.cpu }}"), Some("{{"), None]),
        (
            PLATFORM,
            "charts/lib/Chart.yaml",
            vec![
                Some("{apiVersion: v2, name: lib, version: 1.2.0}"),
                Some("{apiVersion: v2, name: lib, version: 2.0.0}"),
                None,
            ],
        ),
        (PLATFORM, "charts/x/kustomization.yaml", vec![None, Some("{}")]),
        (PLATFORM, "charts/x/.argocd-source.yaml", vec![None, Some("helm: {values: 'size: {cpu: 7}'}")]),
    ]
}

/// Files that are always there.
const FIXED: [(&str, &str, &str); 4] = [
    (CONFIGS, "README.md", "configs"),
    (PLATFORM, "README.md", "platform"),
    (PLATFORM, "bootstrap/Chart.yaml", "{apiVersion: v2, name: bootstrap, version: 1.0.0}"),
    (PLATFORM, "bootstrap/templates/teams.yaml", TEAMS),
];

type Files = BTreeMap<(&'static str, &'static str), &'static str>;

fn fresh(files: &Files) -> Session {
    let repository = |name: &str| {
        let own = files.iter().filter(|((repository, _), _)| *repository == name);
        let entries = own.map(|((repository, path), text)| Entry::text(*repository, *path, *text));
        let tree = Tree::new(entries.collect());
        Repository {
            name: name.into(),
            url: format!("https://h/o/{name}.git").into(),
            url_guessed: false,
            revisions: vec![Revision::new("", Arc::new(tree))],
            complete: false,
        }
    };
    let repositories = Repositories::new(vec![repository(CONFIGS), repository(PLATFORM)]);
    let mut session = Session::new(repositories, Fixtures::default(), Profile::default());
    while session.step() {}
    session
}

/// Everything that a session says.
fn answers(session: &Session) -> Json {
    let count = session.evaluation().applications.len();
    let applications = (0..count).map(|at| json!([session.application(at), session.trace(at)]));
    let objects = session.evaluation().applications.iter().map(|one| one.object.to_json());
    json!({
        "overview": session.overview(),
        "applications": applications.collect::<Vec<_>>(),
        "objects": objects.collect::<Vec<_>>(),
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn after_any_changes_all_is_as_if_it_had_always_been_so(
        edits in prop::collection::vec((0..choices().len(), 0_usize..5), 1..10)
    ) {
        let choices = choices();
        let first = choices.iter().filter_map(|(repository, path, texts)| Some(((*repository, *path), texts[0]?)));
        let fixed = FIXED.iter().map(|(repository, path, text)| ((*repository, *path), *text));
        let mut files: Files = first.chain(fixed).collect();
        let mut session = fresh(&files);
        for (at, choice) in edits {
            let (repository, path, texts) = &choices[at];
            let text = texts[choice % texts.len()];
            let is_below = |one: &str, other: &str| one.strip_prefix(other).is_some_and(|rest| rest.starts_with('/'));
            match text {
                // Where a file needs a folder the folder wins.
                Some(_) if files.keys().any(|(_, other)| is_below(other, path)) => continue,
                Some(text) => {
                    files.retain(|(_, other), _| !is_below(path, other));
                    files.insert((repository, path), text);
                }
                None => {
                    files.remove(&(*repository, *path));
                }
            }
            assert!(session.edit(repository, "", path, text));
            while session.step() {}
        }
        let expected = fresh(&files);
        prop_assert_eq!(answers(&session), answers(&expected));
    }
}

#[test]
fn only_what_reads_a_file_is_evaluated_again() {
    let choices = choices();
    let first =
        choices.iter().filter_map(|(repository, path, texts)| Some(((*repository, *path), texts[0]?)));
    let fixed = FIXED.iter().map(|(repository, path, text)| ((*repository, *path), *text));
    let mut files: Files = first.chain(fixed).collect();
    files.remove(&(PLATFORM, "sets/other.yaml"));
    let mut session = fresh(&files);
    let count = |session: &mut Session, path: &str, text: &str| {
        assert!(session.edit(CONFIGS, "", path, Some(text)));
        let (_, open) = session.progress();
        while session.step() {}
        open
    };
    assert_eq!(count(&mut session, "customers/a/x/prod.yaml", "size: {cpu: 8}"), 1);
    assert_eq!(count(&mut session, "customers/a/x/values.yaml", "size: {cpu: 8}"), 2);
    assert_eq!(count(&mut session, "customers/values.schema.json", "{}"), 4);
    assert_eq!(count(&mut session, "README.md", "new"), 0);
}

#[test]
fn a_value_file_that_was_replaced_is_let_go() {
    let first =
        choices().into_iter().filter_map(|(repository, path, texts)| Some(((repository, path), texts[0]?)));
    let fixed = FIXED.iter().map(|(repository, path, text)| ((*repository, *path), *text));
    let mut session = fresh(&first.chain(fixed).collect());
    let files = |session: &Session| -> Vec<(String, String, Arc<File>)> {
        let all = session.platform().repositories.all().iter();
        all.flat_map(|repository| {
            let files = repository.revisions[0].tree.files();
            files.map(|file| (repository.name.to_string(), file.path.to_string(), Arc::clone(file)))
        })
        .collect()
    };
    for (repository, path, file) in
        files(&session).into_iter().filter(|(repository, ..)| repository == CONFIGS)
    {
        let text = format!("{}\n# changed\n", file.text);
        let old = Arc::downgrade(&file);
        drop(file);
        assert!(session.edit(&repository, "", &path, Some(&text)));
        session.complete();
        session.settle();
        assert!(old.upgrade().is_none(), "{repository}/{path} is still held");
    }
}
