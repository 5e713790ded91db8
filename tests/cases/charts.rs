//! Charts with the idioms of common public ones, rendered as Helm renders them.
//!
//! `charts/expect.py` says what a chart's text and the answers of Helm look like, and asks Helm anew.

use crate::input;
use std::path::Path;
use strata::report::Session;

const HELMS: [&str; 2] = ["3.19", "4.2"];

/// The values files of a chart: its own, then the others.
fn values_files(text: &str) -> Vec<&str> {
    let paths = text.lines().filter_map(|line| line.strip_prefix("# path: chart/"));
    let chart = ["Chart", "values", "requirements"];
    let is_further = |path: &&str| {
        path.strip_suffix(".yaml").is_some_and(|name| !name.contains('/') && !chart.contains(&name))
    };
    let further = paths.filter(is_further);
    std::iter::once("values.yaml").chain(further).collect()
}

/// The chart with an Application for each of its values files.
fn platform(text: &str) -> String {
    let mut platform = text.replace("# path: ", "# path: charts/");
    for (at, values) in values_files(text).into_iter().enumerate() {
        // A chart's own values need no mention, and as a user's they would mean something else.
        let files = if values == "values.yaml" { "" } else { values };
        platform.push_str(&format!(
            "# path: charts/application-{at}.yaml\n\
             apiVersion: argoproj.io/v1alpha1\n\
             kind: Application\n\
             metadata: {{name: a{at}}}\n\
             spec:\n  project: default\n  destination: {{name: in-cluster, namespace: web}}\n  source:\n    \
             repoURL: https://example.com/charts.git\n    path: chart\n    targetRevision: HEAD\n    \
             helm: {{releaseName: shop, kubeVersion: 1.31.0, valueFiles: [{files}]}}\n"
        ));
    }
    platform
}

/// What an Application renders to, or why not.
fn rendered(session: &Session, at: usize) -> String {
    let detail = session.detail(input::position(session, &format!("a{at}"))).expect("it is there");
    let (source, outcome) = detail.sources.first().expect("it has a source");
    match outcome.manifests(source) {
        Ok(manifests) => manifests,
        Err(problem) => format!("error: {}\n", problem.message),
    }
}

#[test]
fn common_idioms_render_as_helm_renders_them() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/charts");
    let mut charts = 0;
    let mut wrong = String::new();
    for entry in std::fs::read_dir(&folder).expect("the folder is there").flatten() {
        let path = entry.path();
        if path.extension().is_none_or(|extension| extension != "txt") {
            continue;
        }
        charts += 1;
        let text = std::fs::read_to_string(&path).expect("it can be read");
        let mut session = input::written(&platform(&text));
        for helm in HELMS {
            session.set_profile(&format!("helm-{helm}")).expect("there is such a profile");
            let expected = std::fs::read_to_string(path.with_extension(format!("{helm}.out")));
            let expected = expected.expect("Helm was asked");
            let ours: String = values_files(&text)
                .into_iter()
                .enumerate()
                .map(|(at, values)| format!("=== {values}\n{}", rendered(&session, at)))
                .collect();
            if ours != expected {
                let first = ours.lines().zip(expected.lines()).find(|(ours, theirs)| ours != theirs);
                wrong.push_str(&format!("{} {helm}: {first:?}\n", path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
    assert!(charts >= 25, "{charts} charts");
}
