//! What changes when another profile applies: the keys, with the line behind each.

use strata::profile::Profile;
use strata::report::{Change, ProfileComparison, Session, text};

const APPLICATION: &str = "\
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {name: app}
spec:
  project: default
  destination: {server: https://kubernetes.default.svc, namespace: app}
  source:
    repoURL: https://git.example/repo
    targetRevision: HEAD
    path: chart
    helm: {valueFiles: [prod.yaml]}
";

const CHART: &str = "apiVersion: v2\nname: app\nversion: 1.0.0\n";

fn compared(files: &[(&str, &str)], before: &str, after: &str) -> ProfileComparison {
    let mut session = Session::default();
    session.set_profile(before).expect("the profile is known");
    let mut load = session.begin();
    load.add("repo/app.yaml", APPLICATION.into());
    load.add("repo/chart/Chart.yaml", CHART.into());
    for (path, text) in files {
        load.add(&format!("repo/chart/{path}"), (*text).into());
    }
    session.commit(load).expect("the files load");
    let after: Profile = after.parse().expect("the profile is known");
    let mut comparing = session.compare(after);
    while session.compare_step(&mut comparing) {}
    session.comparison(&comparing)
}

/// Each difference: what kind, the file and line behind it, the keys.
fn causes(comparison: &ProfileComparison) -> Vec<(Change, String, u32, Vec<String>)> {
    let cause = |cause: &strata::report::ChangeCause| {
        let (file, line) =
            cause.place.as_ref().map(|place| (place.path.clone(), place.line)).unwrap_or_default();
        (cause.change, file, line, cause.keys.iter().map(|key| key.path.join(".")).collect())
    };
    comparison.causes.iter().map(cause).collect()
}

#[test]
fn keys_that_differ_are_told_with_the_line_behind_them() {
    let files = [
        ("values.yaml", "a:\n  b: null\n  c: 1\nsame: null\n"),
        ("prod.yaml", "x: 1\nsame: 2\n---\nz: 2\nx: 3\n"),
    ];
    let comparison = compared(&files, "argocd-3.4", "argocd-3.6");
    let (before, after) = (&comparison.before, &comparison.after);
    assert_eq!((before.helm.as_str(), after.helm.as_str()), ("3.19.4", "4.3.1"));
    assert_eq!((comparison.compared, comparison.changed), (1, 1));
    let mut found = causes(&comparison);
    found.sort_by_key(|cause| (cause.0, cause.2));
    let keys = |keys: &[&str]| keys.iter().map(|key| (*key).to_owned()).collect::<Vec<_>>();
    assert_eq!(
        found,
        [
            (Change::NullDropped, "chart/values.yaml".to_owned(), 2, keys(&["a.b"])),
            (Change::Added, "chart/prod.yaml".to_owned(), 4, keys(&["z"])),
            (Change::Replaced, "chart/prod.yaml".to_owned(), 5, keys(&["x"])),
        ]
    );
    let text = text::comparison(&comparison);
    assert!(
        text.starts_with("argocd-3.4 (Helm 3.19.4) to argocd-3.6 (Helm 4.3.1): 1 application compared"),
        "{text}"
    );
    assert!(text.contains("    a.b\n      - null\n      in 1 application: app\n"), "{text}");
}

#[test]
fn nothing_differs_between_versions_of_a_family() {
    let files = [("values.yaml", "a: {b: null}\n"), ("prod.yaml", "a: {c: null}\n---\nx: 1\n")];
    let comparison = compared(&files, "helm-4.2", "helm-4.3");
    assert_eq!((comparison.compared, comparison.changed), (1, 0));
    assert!(comparison.causes.is_empty() && comparison.failures.is_empty());
}

#[test]
fn failures_that_come_or_go_are_told() {
    let schema = r#"{"properties": {"day": {"format": "date"}}}"#;
    let files = [("values.schema.json", schema), ("prod.yaml", "day: monday\n")];
    let comparison = compared(&files, "argocd-3.2", "argocd-3.3");
    let failures: Vec<_> =
        comparison.failures.iter().map(|failure| (failure.new, failure.applications.clone())).collect();
    assert_eq!(failures, [(false, vec!["app".to_owned()])]);
    assert!(compared(&files, "argocd-3.3", "argocd-3.2").failures[0].new);
}
