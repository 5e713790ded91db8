//! What the recorded answers don't say: places, findings, and what follows generation.

use super::*;
use crate::argocd::projects::Projects;
use crate::argocd::validate::{duplicates_across, validate};
use crate::diagnostic::Severity;
use crate::profile::ArgoCd;
use crate::repository::{Entry, Repository, Revision, Tree};
use crate::yaml;

const URL: &str = "https://git.example.com/configs.git";

fn repositories(files: &[(&str, &str)]) -> Repositories {
    let entry = |(path, text): &(&str, &str)| Entry::text("configs", *path, *text);
    let tree = Arc::new(Tree::new(files.iter().map(entry).collect()));
    Repositories::new(vec![Repository {
        name: "configs".into(),
        url: URL.into(),
        url_guessed: false,
        revisions: vec![Revision::new("", tree)],
        complete: false,
    }])
}

fn file(path: &str, text: &str) -> Document {
    yaml::read(&File::new("platform", path, text)).expect("the test's own YAML")
}

fn set(generators: &str, name: &str) -> Document {
    set_of(generators, name, "p")
}

fn set_of(generators: &str, name: &str, path: &str) -> Document {
    let text = format!(
        "metadata: {{name: set, namespace: argocd}}\nspec:\n  goTemplate: true\n  goTemplateOptions: [missingkey=error]\n  \
         generators:\n{generators}\n  template:\n    metadata:\n      name: '{name}'\n    spec:\n      project: default\n      \
         destination: {{name: in-cluster, namespace: apps}}\n      source: {{repoURL: r, path: '{path}'}}\n"
    );
    file("set.yaml", &text)
}

fn evaluate_with(set: &Document, repositories: &Repositories, fixtures: &Fixtures) -> Generated {
    let (profile, settings) = (Profile::default(), Settings::default());
    generate(set, &Context { repositories, fixtures, profile, settings })
}

fn evaluate(set: &Document, files: &[(&str, &str)]) -> Generated {
    evaluate_with(set, &repositories(files), &Fixtures::default())
}

const MATRIX: &str = "  - matrix:
      generators:
      - git:
          repoURL: https://git.example.com/configs.git
          revision: HEAD
          files: [{path: 'customers/*/values.yaml'}]
      - list:
          elements:
          - {env: dev}
          - {env: prod}";

#[test]
fn every_parameter_knows_where_it_is_written() {
    let set = set(MATRIX, "{{ .path.basename }}-{{ .env }}-{{ .size }}");
    let generated = evaluate(&set, &[("customers/a/values.yaml", "# first\nsize: l\n")]);
    assert_eq!(generated.error, None);
    assert_eq!(generated.generators(), "matrix(git files, list)");
    let names: Vec<_> = generated.applications.iter().map(|application| application.name()).collect();
    assert_eq!(names, ["a-dev-l", "a-prod-l"]);
    let place = |name: &str| {
        let parameter = generated.applications[1].parameters.get(name).expect("a parameter");
        let place = parameter.origin.place.as_ref().map(ToString::to_string).unwrap_or_default();
        format!("{} {place}", parameter.origin.generator)
    };
    assert_eq!(place("size"), "git files configs/customers/a/values.yaml:2:7");
    assert_eq!(place("env"), "list platform/set.yaml:15:19");
    assert_eq!(place("path"), "git files configs/customers/a/values.yaml:1:1");
}

#[test]
fn a_field_knows_its_place_and_its_parts() {
    let set = set_of(MATRIX, "{{ .path.basename }}-{{ .env | printf `%s` }}", "charts/{{ .env }}");
    let generated = evaluate(&set, &[("customers/a/values.yaml", "size: l\n")]);
    let application = &generated.applications[0];
    let path = ["spec", "source", "path"];
    assert_eq!(application.location(&path).text(), "'charts/{{ .env }}'");
    let text = application.text(&path).expect("a string");
    assert_eq!(&*text.text, "charts/dev");
    assert_eq!(text.parent, Some(application.location(&path)));
    let parts = generated.explain(application, &["metadata", "name"], Profile::default());
    let told: Vec<_> = parts
        .iter()
        .map(|part| {
            let names: Vec<_> = part.parameters.iter().map(|(name, _)| name.to_string()).collect();
            (part.range.clone(), part.expression.clone().unwrap_or_default(), names.join(" "))
        })
        .collect();
    let part = |range, expression: &str, names: &str| (range, expression.to_owned(), names.to_owned());
    let expected = [
        part(0..1, "{{ .path.basename }}", "path.basename"),
        part(1..2, "", ""),
        part(2..5, "{{ .env | printf `%s` }}", "env"),
    ];
    assert_eq!(told, expected);
}

#[test]
fn a_patched_field_is_placed_in_the_rendered_patch() {
    let text = "metadata: {name: set}\nspec:\n  generators: [{list: {elements: [{env: dev}]}}]\n  template:\n    metadata: \
                {name: a}\n    spec: {project: default, destination: {server: s}, source: {repoURL: r, path: p}}\n  \
                templatePatch: |\n    spec:\n      source:\n        path: patched/{{env}}\n";
    let generated = evaluate(&file("set.yaml", text), &[]);
    let application = &generated.applications[0];
    let place = application.location(&["spec", "source", "path"]);
    assert_eq!((&*place.file.path, place.text()), ("<templatePatch>", "patched/dev"));
    assert!(place.file.parent.is_some());
    let parts = generated.explain(application, &["spec", "source", "path"], Profile::default());
    let last = parts.last().expect("a part");
    assert_eq!(last.range, 8..11);
    assert_eq!(&*last.parameters[0].0, "env");
    assert_eq!(application.location(&["spec", "project"]).text(), "default");
}

#[test]
fn a_patch_that_begins_with_a_brace_is_json_and_no_yaml() {
    let patched = |patch: &str| {
        let text = format!(
            "metadata: {{name: set}}\nspec:\n  generators: [{{list: {{elements: [{{env: dev}}]}}}}]\n  template:\n    \
             metadata: {{name: a}}\n    spec: {{project: default, destination: {{server: s}}, source: {{repoURL: r, path: \
             p}}}}\n  templatePatch: {patch:?}\n"
        );
        evaluate(&file("set.yaml", &text), &[])
    };
    // A tab, a key given twice and half of a pair of surrogates: YAML takes none of them.
    let generated =
        patched("{\n\t\"spec\": {\"source\": {\"path\": \"1\", \"path\": \"\\ud83d\\ude00\\ud83d\"}}}");
    let place = generated.applications[0].location(&["spec", "source", "path"]);
    assert_eq!((&*place.file.path, place.text()), ("<templatePatch>", "\"\\ud83d\\ude00\\ud83d\""));
    let spec = generated.applications[0].object.get("spec").expect("it has one");
    let path = spec.get("source").and_then(|source| source.get("path"));
    assert_eq!(path.and_then(Value::as_str), Some("😀\u{fffd}"));
    let broken = patched("{\"spec\": {\"source\" 1}}").error.expect("it is broken");
    assert!(broken.message.ends_with("invalid character '1' after object key"), "{}", broken.message);
    assert_eq!(broken.location.map(|place| place.text().to_owned()), Some("1".to_owned()));
}

#[test]
fn a_key_of_a_file_that_replaces_the_lists_is_told() {
    let set = set(MATRIX, "x");
    let files = [("customers/a/values.yaml", "env: eu\n"), ("customers/b/values.yaml", "env: us\n")];
    let generated = evaluate(&set, &files);
    let told: Vec<_> =
        generated.findings.iter().filter(|finding| finding.code == "appset-parameter-overwritten").collect();
    assert_eq!(told.len(), 1, "once for all of them: {told:?}");
    assert_eq!(
        told[0].message,
        "the parameter `env` of the git files generator replaces that of the list generator in 4 parameter sets"
    );
    assert_eq!(told[0].location.as_ref().map(Location::text), Some("eu"));
    assert_eq!(told[0].related[0].location.text(), "dev");
}

#[test]
fn a_pattern_without_matches_names_what_is_near() {
    let generator = |path: &str| {
        format!("  - git:\n      repoURL: {URL}\n      revision: HEAD\n      files: [{{path: '{path}'}}]")
    };
    let hint = |path: &str| {
        let generated = evaluate(&set(&generator(path), "x"), &[("customers/a/values.yaml", "a: 1\n")]);
        assert!(generated.applications.is_empty());
        let told = generated.findings.iter().find(|finding| finding.code == "appset-no-parameters");
        told.expect("a finding").hints.join("; ")
    };
    assert_eq!(hint("customers/*/value.yaml"), "nearest is customers/a/values.yaml");
    assert_eq!(hint("customer/*/values.yaml"), "there is no folder customer; the root has customers");
}

#[test]
fn what_is_unknown_says_what_to_supply() {
    let generator = "  - clusters: {selector: {matchLabels: {env: prod}}}";
    let generated = evaluate(&set(generator, "{{ .name }}"), &[]);
    let error = generated.error.expect("the clusters are unknown");
    assert_eq!(error.code, "appset-unknown-clusters");
    assert!(error.hints.iter().any(|hint| hint.contains("labels: {env: \"prod\"}")), "{:?}", error.hints);
    let generator =
        "  - git: {repoURL: https://git.example.com/other.git, revision: HEAD, directories: [{path: '*'}]}";
    let error = evaluate(&set(generator, "x"), &[]).error.expect("the repository is unknown");
    assert_eq!(error.code, "appset-unknown-repository");
    assert!(!error.hints.is_empty());
}

#[test]
fn selectors_and_exclusions_say_what_they_drop() {
    let generator = format!(
        "  - git:\n      repoURL: {URL}\n      revision: HEAD\n      directories: [{{path: '*'}}, {{path: 'b*', exclude: true}}]\n    \
         selector: {{matchLabels: {{path.basename: a}}}}"
    );
    let files = [("a/f", ""), ("b/f", ""), ("c/f", "")];
    let generated = evaluate(&set(&generator, "{{ .path.basename }}"), &files);
    let messages: Vec<_> = generated.findings.iter().map(|finding| finding.message.as_str()).collect();
    assert!(messages.contains(&"excluded here: b"), "{messages:?}");
    let dropped =
        "the selector drops 1 of 2 parameter sets that don't satisfy `path.basename=a` (the first has \"c\")";
    assert!(messages.contains(&dropped), "{messages:?}");
}

#[test]
fn types_that_the_api_server_refuses_are_told() {
    let text = "metadata: {name: set}\nspec:\n  generators: [{list: {elements: [{env: dev}]}}]\n  template:\n    metadata: \
                {name: a}\n    spec:\n      plugin: {name: x}\n      project: default\n      destination: {namespace: no}\n      \
                source: {path: p, targetRevision: 1.10}\n";
    let generated = evaluate(&file("set.yaml", text), &[]);
    let mut told: Vec<_> = generated.findings.iter().map(|finding| finding.message.as_str()).collect();
    told.sort_unstable();
    assert_eq!(
        told,
        [
            "spec.template.spec.destination.namespace: Invalid value: \"boolean\": \
             spec.template.spec.destination.namespace in body must be of type string: \"boolean\"",
            "spec.template.spec.source.repoURL: Required value",
            "spec.template.spec.source.targetRevision: Invalid value: \"number\": \
             spec.template.spec.source.targetRevision in body must be of type string: \"number\"",
            "unknown field \"spec.template.spec.plugin\"",
        ]
    );
    assert_eq!(generated.applications.len(), 1);
}

#[test]
fn after_generation_names_projects_and_destinations_are_checked() {
    let generator = "  - list: {elements: [{env: a}, {env: b}, {env: a_b}]}";
    let generated = evaluate(&set(generator, "{{ .env }}"), &[]);
    let twice = evaluate(&set("  - list: {elements: [{env: a}, {env: a}]}", "{{ .env }}"), &[]);
    let (repositories, mut fixtures) = (repositories(&[]), Fixtures::default());
    fixtures.clusters = Some(Vec::new());
    let context = Context {
        repositories: &repositories,
        fixtures: &fixtures,
        profile: Profile::default(),
        settings: Settings::default(),
    };
    let mut projects = Projects::default();
    let project = "kind: AppProject\nmetadata: {name: default}\nspec: {sourceRepos: ['https://h/*'], destinations: [{name: '*', namespace: apps}]}";
    assert!(projects.add(&file("project.yaml", project)));
    let told: Vec<_> = validate(&generated, &context, &projects)
        .into_iter()
        .map(|invalid| (invalid.diagnostic.code, invalid.applications))
        .collect();
    assert_eq!(told, [("appset-forbidden", vec![0, 1, 2]), ("appset-invalid-name", vec![2])]);
    let told = validate(&twice, &context, &Projects::default());
    assert_eq!(told.len(), 1);
    assert_eq!(told[0].applications, [0, 1]);
    assert_eq!(told[0].diagnostic.message, "ApplicationSet set contains applications with duplicate name: a");
    assert_eq!(told[0].diagnostic.severity, Severity::Error);
    assert_eq!(told[0].diagnostic.related.len(), 2);
    assert_eq!(duplicates_across([&generated, &twice]).len(), 2);
    assert!(duplicates_across([&generated]).is_empty());
}

#[test]
fn scm_and_pull_request_fixtures_are_filtered() {
    let fixtures_file = file(
        "fixtures.yaml",
        "repositories:\n- {organization: acme, repository: api, url: u1, branch: main, sha: '0123456789', labels: [a, b], paths: [chart/x]}\n\
         - {organization: acme, repository: web, url: u2, branch: Feature/X, sha: '9', labels: [b], paths: []}\n\
         pullRequests:\n- {repository: acme/api, number: 7, title: t, branch: feature/A_b, targetBranch: main, headSha: '0123456789', labels: [preview], author: me}\n\
         - {repository: acme/api, number: 8, title: t, branch: other, targetBranch: main, headSha: '1', labels: [], author: me}\n",
    );
    let mut fixtures = Fixtures::default();
    assert!(fixtures.add(&fixtures_file).is_empty());
    let names = |generator: &str, name: &str| {
        let generated = evaluate_with(&set(generator, name), &repositories(&[]), &fixtures);
        assert_eq!(generated.error.map(|error| error.message), None);
        let all = generated.applications.iter().map(|application| application.name().to_owned());
        all.collect::<Vec<_>>().join(" ")
    };
    let scm = |filter: &str| {
        let generator = format!("  - scmProvider: {{github: {{organization: acme}}, filters: [{filter}]}}");
        names(&generator, "{{ .repository }}")
    };
    assert_eq!(scm("{repositoryMatch: ^a}"), "api");
    assert_eq!(scm("{pathsDoNotExist: [chart/]}"), "web");
    assert_eq!(scm("{labelMatch: b, branchMatch: ^Fe}"), "web");
    let pull = "  - pullRequest: {github: {owner: acme, repo: api, labels: [preview]}}";
    assert_eq!(
        names(pull, "{{ .number }}-{{ .branch_slug }}-{{ .head_short_sha_7 }}"),
        "7-feature-a-b-0123456"
    );
}

#[test]
fn older_versions_leave_strings_of_maps_alone() {
    let mut fixtures = Fixtures::default();
    fixtures.add(&file("f.yaml", "clusters: [{name: c, server: s, labels: {env: dev}}]"));
    let repositories = repositories(&[]);
    let set = set("  - clusters: {}\n    selector: {matchLabels: {metadata.labels.env: dev}}", "{{ .name }}");
    let count = |minor| {
        let profile = Profile::argocd(ArgoCd { minor });
        let context = Context {
            repositories: &repositories,
            fixtures: &fixtures,
            profile,
            settings: Settings::default(),
        };
        generate(&set, &context).applications.len()
    };
    assert_eq!((count(3), count(4)), (0, 1));
}

#[test]
fn errors_that_drawn_sets_brought_up_are_those_of_the_real_controller() {
    let error = |text: String| evaluate(&file("set.yaml", &text), &[]).error.expect("an error").message;
    let set = |go: &str, generators: &str, rest: &str| {
        format!(
            "metadata: {{name: set, namespace: argocd}}\nspec:\n  goTemplate: true\n  goTemplateOptions: [{go}]\n  \
             generators: [{generators}]\n  template:\n    metadata: {{name: a}}\n    spec: {{project: p}}\n{rest}"
        )
    };
    let list = "{list: {elements: [{env: dev}]}}";
    let merge = "{merge: {mergeKeys: [env], generators: [{selector: {matchLabels: {a: 1}}}]}}";
    assert_eq!(
        error(set("", &format!("{{matrix: {{generators: [{merge}, {list}]}}}}"), "")).split(" json:").next(),
        Some(
            "error failed to get params for first generator in matrix generator: error retrieving merge generator: \
             error converting to nested merge generator:"
        )
    );
    // No parameter set is left in the end, but the options were met on the way.
    let none = format!("{{matrix: {{generators: [{list}, {{list: {{elements: []}}}}]}}}}");
    assert!(error(set("bad", &none, "")).ends_with("unrecognized option: bad"));
    let patch = "  templatePatch: '{spec: {project: x}}'\n";
    assert_eq!(
        error(set("", list, patch)),
        "invalid templatePatch \"{spec: {project: x}}\": invalid character 's' looking for beginning of object key string"
    );
}

#[test]
fn of_the_errors_of_a_matrix_the_first_is_told() {
    let text = "metadata: {name: set}
spec:
  generators:
  - matrix:
      generators:
      - list:
          elements:
          - {k: one, url: 'https://git.example.com/configs.git'}
          - {k: two, url: 'https://git.example.com/nowhere.git'}
      - git: {repoURL: '{{url}}', revision: HEAD, files: [{path: a.yaml}]}
  template:
    metadata: {name: '{{k}}'}
    spec: {project: default, destination: {name: in-cluster}, source: {repoURL: r, path: p}}
";
    let error = |content: &str| {
        let generated = evaluate(&file("set.yaml", text), &[("a.yaml", content)]);
        generated.error.expect("one repository is not loaded").message
    };
    // The pairs of the first set can't be combined, and the second set leads nowhere.
    assert!(error("k: z\n").contains("found duplicate key k"), "{}", error("k: z\n"));
    assert!(!error("l: z\n").contains("duplicate"), "{}", error("l: z\n"));
}
