//! What the recorded answers can't show: what is not loaded, stands for something else or is only said.

use super::*;
use crate::profile::{ArgoCd, Profile};
use crate::repository::{Entry, Repositories, Repository, Revision, Tree};
use crate::yaml;

fn repository(name: &str, files: &[(&str, &str)]) -> Repository {
    let entries = files.iter().map(|(path, text)| Entry::text(name, *path, *text)).collect();
    Repository {
        name: name.into(),
        url: format!("https://h/o/{name}.git").into(),
        url_guessed: false,
        revisions: vec![Revision::new("main", Arc::new(Tree::new(entries)))],
        complete: false,
    }
}

fn resolve(spec: &str) -> Resolved {
    resolve_with(spec, &Settings::default())
}

fn resolve_with(spec: &str, settings: &Settings) -> Resolved {
    let chart = [
        ("app/secrets.yaml", "a: ENC[AES256_GCM,data:x,iv:y,tag:z,type:str]\nsops: {mac: x}\n"),
        ("app/Chart.yaml", "name: app\nversion: 1.0.0\n"),
        ("app/.argocd-source-over.yaml", "helm: {valuesObject: {b: 2, c: null}, valueFiles: null}\n"),
    ];
    let repositories =
        Repositories::new(vec![repository("infra", &chart), repository("configs", &[("a.yaml", "a: 1")])]);
    let indented = spec.replace('\n', "\n  ");
    let text = format!("metadata: {{name: over}}\nspec:\n  {indented}");
    let document = yaml::read(&File::new("", "app.yaml", text)).expect("a document");
    Resolver::new(&repositories, settings, Profile::argocd(ArgoCd::NEWEST))
        .resolve_document(&document)
        .expect("an Application")
}

fn helm(resolved: &Resolved) -> &Helm {
    match &resolved.sources[0].kind {
        SourceKind::Helm(helm) => helm,
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_is_not_loaded_is_unknown_and_the_rest_is_not() {
    let resolved = resolve(
        "sources:\n- repoURL: https://h/o/infra.git\n  path: app\n  helm:\n    valueFiles: [$c/a.yaml, $x/b.yaml]\n\
         - {repoURL: https://h/o/configs.git, ref: c}\n- {repoURL: https://h/o/elsewhere.git, ref: x}\n",
    );
    let contents: Vec<&Content> = helm(&resolved).layers.iter().map(|layer| &layer.content).collect();
    assert!(
        matches!(contents[..2], [Content::File(_), Content::Absent(Absence::Unknown(_))]),
        "{contents:?}"
    );
    assert!(resolved.sources[0].error.is_none());
}

#[test]
fn a_revision_that_stands_for_another_is_told() {
    let resolved = resolve("source: {repoURL: https://h/o/infra.git, targetRevision: develop, path: app}\n");
    let problems: Vec<&str> = resolved.sources[0].problems.iter().map(|problem| problem.code).collect();
    assert_eq!(problems, ["source-revision"]);
}

#[test]
fn overriding_files_merge_objects_and_delete_nothing_else() {
    let resolved = resolve(
        "source:\n  repoURL: https://h/o/infra.git\n  path: app\n  helm:\n    valueFiles: [none.yaml]\n    \
         ignoreMissingValueFiles: true\n    valuesObject: {a: 1, c: 3}\n",
    );
    let layers = &helm(&resolved).layers;
    assert!(matches!(layers[0].content, Content::Absent(Absence::MissingAllowed)));
    assert_eq!(layers[0].sought.as_ref().map(|sought| &*sought.path), Some("app/none.yaml"));
    let Content::File(inline) = &layers[1].content else { panic!("generated text") };
    assert_eq!(&*inline.text, "a: 1\nb: 2\n");
    let place = inline.parent.as_ref().map(|place| place.file.path.to_string());
    assert_eq!(place.as_deref(), Some("app/.argocd-source-over.yaml"));
}

#[test]
fn overlapping_parameters_are_told() {
    let resolved = resolve(
        "source:\n  repoURL: https://h/o/infra.git\n  path: app\n  helm:\n    parameters:\n    - {name: a.b, value: x}\n    \
         - {name: a, value: y}\n",
    );
    let problems = &resolved.sources[0].problems;
    assert!(problems.iter().any(|problem| problem.code == "parameter-order"), "{problems:?}");
}

#[test]
fn settings_are_read_from_config_maps() {
    let text = "kind: ConfigMap\nmetadata: {name: argocd-cm, namespace: gitops}\ndata: {helm.valuesFileSchemes: 'secrets, s3'}\n";
    let document = yaml::read(&File::new("", "cm.yaml", text)).expect("a document");
    let mut settings = Settings::default();
    assert!(settings.read(&document.root.to_value()));
    assert_eq!((settings.value_file_schemes.len(), &*settings.namespace), (2, "gitops"));
}

#[test]
fn secrets_are_layers_once_their_scheme_is_allowed() {
    let spec = "source:\n  repoURL: https://h/o/infra.git\n  path: app\n  helm: {valueFiles: ['secrets://secrets.yaml']}\n";
    let error = resolve(spec).sources.remove(0).error.map(|error| error.message);
    assert!(error.is_some_and(|error| error.ends_with("the URL scheme 'secrets' is not allowed")));
    let settings = Settings { value_file_schemes: vec!["secrets".to_owned()], ..Settings::default() };
    let resolved = resolve_with(spec, &settings);
    let Content::Document(layer) = &helm(&resolved).layers[0].content else { panic!("a file is there") };
    let keys: Vec<&str> = layer.root.entries().iter().map(|entry| &*entry.key).collect();
    assert_eq!(keys, ["a"], "what SOPS writes about itself is no value");
}
