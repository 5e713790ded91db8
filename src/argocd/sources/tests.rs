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
fn a_repository_that_is_not_loaded_is_told_with_what_to_load() {
    let told = |spec: &str| {
        let mut resolved = resolve(spec);
        let source = resolved.sources.remove(0);
        let own = match source.kind {
            SourceKind::Unknown(problem) => Some(problem),
            _ => None,
        };
        let found: Vec<Diagnostic> = own.into_iter().chain(source.problems).collect();
        let found = found.iter().filter(|problem| problem.code == "source-repository");
        found.map(|problem| (problem.message.clone(), problem.hints.len())).collect::<Vec<_>>()
    };
    let itself = told("source: {repoURL: https://h/o/elsewhere.git, path: app}\n");
    let lender = told(
        "sources:\n- repoURL: https://h/o/infra.git\n  path: app\n  helm: {valueFiles: [$x/b.yaml, $x/c.yaml]}\n\
         - {repoURL: https://h/o/elsewhere.git, ref: x}\n",
    );
    for (found, says) in [(&itself, "https://h/o/elsewhere.git"), (&lender, "what $x lends is unknown")] {
        assert_eq!(found.len(), 1, "told once: {found:?}");
        assert!(found[0].0.contains(says) && found[0].1 > 0, "{found:?}");
    }
}

#[test]
fn what_does_not_exist_is_told_in_the_servers_words() {
    let settings = Settings { all_repositories_loaded: true, ..Settings::default() };
    let mut complete = repository("infra", &[("app/Chart.yaml", "name: app\nversion: 1.0.0\n")]);
    complete.complete = true;
    let repositories = Repositories::new(vec![complete]);
    let told = |source: &str, minor: u32| {
        let text = format!("metadata: {{name: a}}\nspec:\n  source: {{{source}, path: app}}\n");
        let document = yaml::read(&File::new("", "app.yaml", text)).expect("a document");
        let profile = Profile::argocd(ArgoCd { minor });
        let resolved = Resolver::new(&repositories, &settings, profile).resolve_document(&document);
        let error = resolved.expect("an Application").sources.remove(0).error;
        error.map(|error| error.message).unwrap_or_default()
    };
    let revision = "repoURL: https://h/o/infra.git, targetRevision: nope";
    assert_eq!(told(revision, 5), "unable to resolve 'nope' to a commit SHA");
    assert_eq!(told(revision, 6), "unable to resolve 'nope' to a commit SHA: revision not found");
    assert_eq!(told("repoURL: https://h/o/none.git", 6), "failed to list refs: repository not found");
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
fn a_json_file_of_a_plain_folder_holds_one_object() {
    let told = |text: &str| {
        let repositories = Repositories::new(vec![repository("infra", &[("plain/x.json", text)])]);
        let text = "metadata: {name: a}\nspec: {source: {repoURL: https://h/o/infra.git, path: plain}}\n";
        let document = yaml::read(&File::new("", "app.yaml", text)).expect("a document");
        let (settings, profile) = (Settings::default(), Profile::default());
        let resolved = Resolver::new(&repositories, &settings, profile).resolve_document(&document);
        let source = resolved.expect("an Application").sources.remove(0);
        let SourceKind::Directory(directory) = source.kind else { panic!("a folder") };
        match directory.objects() {
            Ok(found) => format!("{} objects, {} told", found.objects.len(), found.problems.len()),
            Err(problem) => problem.message,
        }
    };
    for (text, answer) in [
        ("kind: A", "Failed to unmarshal \"x.json\": invalid character 'k' looking for beginning of value"),
        (" ", "Failed to unmarshal \"x.json\": EOF"),
        ("{\"kind\": ", "Failed to unmarshal \"x.json\": unexpected EOF"),
        (
            "[]",
            "Failed to unmarshal \"x.json\": json: cannot unmarshal array into Go value of type map[string]interface {}",
        ),
        (
            "{\"kind\": \"A\"} {}",
            "Found multiple objects in \"x.json\". Only single objects are allowed in JSON files.",
        ),
        (
            "{\"config\":\"x\"}",
            "Failed to unmarshal \"x.json\": Object 'Kind' is missing in '{\"config\":\"x\"}'",
        ),
        (
            "{\"config\": 1e999}",
            "Failed to unmarshal \"x.json\": json: cannot unmarshal number 1e999 into Go value of type float64",
        ),
        ("{\"kind\": \"A\", \"a\": 1e999}", "1 objects, 1 told"),
        ("null", "1 objects, 1 told"),
        ("{\"a\": 1}", "1 objects, 1 told"),
        ("{\n\t\"kind\": \"A\", \"kind\": \"B\"} ]", "1 objects, 0 told"),
        ("{\"items\": [{\"kind\": \"A\"}, {\"kind\": \"B\"}]}", "2 objects, 0 told"),
    ] {
        assert_eq!(told(text), answer, "{text}");
    }
}

#[test]
fn what_overrides_a_source_is_an_object() {
    let repositories = Repositories::new(vec![repository(
        "infra",
        &[("app/Chart.yaml", "name: app\nversion: 1.0.0\n"), ("app/.argocd-source.yaml", "# nothing\n")],
    )]);
    let text = "metadata: {name: a}\nspec: {source: {repoURL: https://h/o/infra.git, path: app}}\n";
    let document = yaml::read(&File::new("", "app.yaml", text)).expect("a document");
    let (settings, profile) = (Settings::default(), Profile::default());
    let resolved = Resolver::new(&repositories, &settings, profile).resolve_document(&document);
    let error = resolved.expect("an Application").sources.remove(0).error.expect("it is refused");
    assert!(error.message.ends_with("app/.argocd-source.yaml: Invalid JSON Patch"), "{}", error.message);
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
