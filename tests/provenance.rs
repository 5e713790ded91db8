//! What each write did, and what has become of paths that are not in the result: one small test for each.

use std::sync::Arc;
use strata::chart::{self, Chart, ChartFile, Values};
use strata::merge::{Argument, Effect, Explained, Fate, Kind, Layer, Step, Tree};
use strata::profile::Helm;
use strata::report::{Cascade, Session, key_path, text};
use strata::source::File;

const CHART: &str = "apiVersion: v2\nname: app\nversion: 1.0.0\n";

/// The values of a chart (its files by path, `Chart.yaml` given) with value files in order.
fn computed(chart: &[(&str, &str)], layers: &[(&str, &str)]) -> Values {
    with_helm(chart, layers, Helm::V4_3)
}

fn with_helm(chart: &[(&str, &str)], layers: &[(&str, &str)], helm: Helm) -> Values {
    let layer = |(name, text): &(&str, &str)| match name.strip_prefix("--set ") {
        Some(argument) => Layer::argument(Argument::Set(File::generated("--set", argument, None))),
        None => Layer::read(Kind::ValueFile, &File::new("", *name, *text), helm),
    };
    let layers: Vec<Arc<Layer>> = layers.iter().map(|one| Arc::new(layer(one))).collect();
    let own = [("Chart.yaml", CHART)];
    let own = own.iter().filter(|(path, _)| !chart.iter().any(|(other, _)| other == path));
    let file = |(path, text): &(&str, &str)| ChartFile::of(*path, &File::new("chart", *path, *text));
    let chart = Chart::from_files(chart.iter().chain(own).map(file).collect(), helm);
    let tree = Tree::of(&layers, helm).expect("the layers merge");
    chart::values(&Arc::new(chart.expect("the chart loads")), &tree, helm).expect("the values are computed")
}

fn path(text: &str) -> Vec<Step> {
    text.split('.').map(|part| part.parse().map_or_else(|_| Step::from(part), Step::Index)).collect()
}

/// Place and effect of each write at a path, lowest first; `lost` is added where items of a list were.
fn story(values: &Values, at: &str) -> Vec<String> {
    let tell = |write: &Explained| {
        let place = write.write.as_ref().and_then(|write| values.place(write)).expect("a write has a place");
        let lost: Vec<String> = write.lost.iter().map(ToString::to_string).collect();
        let lost = if lost.is_empty() { String::new() } else { format!(", lost {}", lost.join(" ")) };
        format!("{place} {:?}{lost}", write.effect)
    };
    values.explain(&path(at)).writes.iter().map(tell).collect()
}

#[test]
fn a_value_is_set() {
    let values = computed(&[("values.yaml", "a: {b: 1}\n")], &[("prod.yaml", "x: 0\na:\n  b: 2\n")]);
    assert_eq!(story(&values, "a.b"), ["chart/values.yaml:1:8 Set", "prod.yaml:3:6 Set"]);
    let winner = values.explain(&path("a.b"));
    let winner = winner.winner().and_then(|winner| winner.write.as_ref()).expect("one of them won");
    assert_eq!(values.place(winner).map(|place| place.to_string()).as_deref(), Some("prod.yaml:3:6"));
}

#[test]
fn a_replaced_list_loses_items() {
    let values = computed(&[("values.yaml", "hosts: [a, b, c]\n")], &[("prod.yaml", "hosts: [b]\n")]);
    let told = ["chart/values.yaml:1:8 Set", "prod.yaml:1:8 ReplacedList, lost a c"];
    assert_eq!(story(&values, "hosts"), told);
}

#[test]
fn a_map_is_merged() {
    let values = computed(&[("values.yaml", "a: {b: 1}\n")], &[("prod.yaml", "a: {c: 2}\n")]);
    assert_eq!(story(&values, "a"), ["chart/values.yaml:1:4 Set", "prod.yaml:1:4 Merged"]);
    assert_eq!(story(&values, "a.b"), ["chart/values.yaml:1:8 Set"]);
    let both = values.explain(&path("a"));
    assert!(both.writes.iter().all(|write| write.wins), "a map is of all that made it");
}

#[test]
fn a_null_removes() {
    let values = computed(&[("values.yaml", "a: {b: 1}\n")], &[("prod.yaml", "a: {b: null}\n")]);
    assert_eq!(story(&values, "a.b"), ["chart/values.yaml:1:8 Set", "prod.yaml:1:8 Removed"]);
}

#[test]
fn a_null_removes_nothing() {
    let values = computed(&[], &[("base.yaml", "b: 1\n"), ("prod.yaml", "a: null\n")]);
    assert_eq!(story(&values, "a"), ["prod.yaml:1:4 RemovedNothing"]);
}

#[test]
fn what_was_removed_is_restored() {
    let layers = [("base.yaml", "a: null\n"), ("prod.yaml", "a: 2\n")];
    let values = computed(&[("values.yaml", "a: 1\n")], &layers);
    let told = ["chart/values.yaml:1:4 Set", "base.yaml:1:4 Removed", "prod.yaml:1:4 Restored"];
    assert_eq!(story(&values, "a"), told);
}

/// A chart with a subchart `db`.
fn with_subchart<'a>(dependency: &'a str, parent: &'a str, child: &'a str) -> Vec<(&'a str, &'a str)> {
    vec![
        ("Chart.yaml", dependency),
        ("values.yaml", parent),
        ("charts/db/Chart.yaml", "apiVersion: v2\nname: db\nversion: 1.0.0\n"),
        ("charts/db/values.yaml", child),
    ]
}

#[test]
fn import_values_move() {
    let dependency = "apiVersion: v2\nname: app\nversion: 1.0.0\n\
                      dependencies: [{name: db, version: 1.x, import-values: [{child: data, parent: here}]}]\n";
    let values = computed(&with_subchart(dependency, "x: 1\n", "data: {url: y}\n"), &[]);
    assert_eq!(story(&values, "here.url"), ["chart/charts/db/values.yaml:1:13 Imported"]);
    assert_eq!(story(&values, "db.data.url"), ["chart/charts/db/values.yaml:1:13 Set"]);
}

#[test]
fn globals_are_pushed_down() {
    let dependency = "apiVersion: v2\nname: app\nversion: 1.0.0\ndependencies: [{name: db, version: 1.x}]\n";
    let chart = with_subchart(dependency, "global: {zone: a}\n", "x: 1\n");
    let values = computed(&chart, &[("prod.yaml", "global:\n  zone: b\n")]);
    assert_eq!(story(&values, "db.global.zone"), ["chart/values.yaml:1:16 Global", "prod.yaml:2:9 Global"]);
    assert_eq!(story(&values, "global.zone"), ["chart/values.yaml:1:16 Set", "prod.yaml:2:9 Set"]);
}

#[test]
fn a_conflict_of_types_converts() {
    let values = computed(&[("values.yaml", "a: {b: 1}\nc: 1\n")], &[("prod.yaml", "a: off\nc: {d: 1}\n")]);
    assert_eq!(story(&values, "a"), ["chart/values.yaml:1:4 Set", "prod.yaml:1:4 TypeConflict"]);
    assert_eq!(story(&values, "c"), ["chart/values.yaml:2:4 Set", "prod.yaml:2:4 TypeConflict"]);
    assert!(!values.warnings.is_empty(), "Helm warns of it");
}

#[test]
fn what_equals_the_value_before_is_told() {
    let values = computed(&[("values.yaml", "a: [1]\nb: 1\n")], &[("prod.yaml", "a: [1]\nb: 1.0\n")]);
    assert_eq!(story(&values, "a"), ["chart/values.yaml:1:4 Set", "prod.yaml:1:4 Same"]);
    assert_eq!(story(&values, "b"), ["chart/values.yaml:2:4 Set", "prod.yaml:2:4 Same"]);
}

#[test]
fn an_argument_writes_into_a_list() {
    let layers = [("base.yaml", "hosts: [{name: a}, {name: b}]\n"), ("--set hosts[1].name=c", "")];
    let values = computed(&[], &layers);
    assert_eq!(story(&values, "hosts"), ["base.yaml:1:8 Set", "--set:1:1 Merged"]);
    assert_eq!(story(&values, "hosts.1.name"), ["base.yaml:1:27 Set", "--set:1:15 Set"]);
}

// Paths that are not in the result.

#[test]
fn a_path_was_never_set() {
    let values = computed(&[("values.yaml", "a: {b: 1}\n")], &[("prod.yaml", "a: {c: 1}\n")]);
    for at in ["x", "a.x", "a.b.x", "x.y.z"] {
        let explanation = values.explain(&path(at));
        assert!(matches!(explanation.fate, Fate::NeverSet), "{at}: {:?}", explanation.fate);
        assert!(explanation.writes.is_empty());
    }
}

#[test]
fn a_path_was_removed_by_a_layer() {
    let layers = [("base.yaml", "a: {b: {c: 2}}\n"), ("prod.yaml", "a:\n  b: null\n")];
    let values = computed(&[("values.yaml", "a: {b: {c: 1}}\n")], &layers);
    for at in ["a.b", "a.b.c"] {
        let Fate::Removed(Some(by)) = values.explain(&path(at)).fate else { panic!("{at} was removed") };
        assert_eq!(values.place(&by).map(|place| place.to_string()).as_deref(), Some("prod.yaml:2:6"));
    }
    let told = ["chart/values.yaml:1:12 Set", "base.yaml:1:12 Set"];
    assert_eq!(story(&values, "a.b.c"), told, "what was there before is still known");
}

#[test]
fn a_null_of_the_chart_itself_is_left_out_by_helm_4() {
    let chart = [("values.yaml", "a: {b: null}\n")];
    let fate = |helm| with_helm(&chart, &[], helm).explain(&path("a.b")).fate;
    assert!(matches!(fate(Helm::V3_19), Fate::Present(strata::value::Value::Null)));
    assert!(matches!(fate(Helm::V4_3), Fate::Removed(_)));
}

#[test]
fn a_path_is_shadowed_since_its_parent_is_a_scalar() {
    let layers = [("base.yaml", "a: {b: {c: 2}}\n"), ("prod.yaml", "a: off\n")];
    let values = computed(&[], &layers);
    let explanation = values.explain(&path("a.b.c"));
    let Fate::Shadowed(ending) = &explanation.fate else { panic!("{:?}", explanation.fate) };
    assert_eq!(ending.depth, 1);
    assert_eq!(values.place(&ending.write).map(|place| place.to_string()).as_deref(), Some("prod.yaml:1:4"));
    assert_eq!(explanation.writes.len(), 1);
    assert!(explanation.writes[0].ended_by.is_some());
}

// What did not happen.

const APPLICATION: &str = "# path: repo/app.yaml
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
    helm:
      ignoreMissingValueFiles: true
      valueFiles: [base.yaml, missing.yaml, empty.yaml, base.yaml, prod.yaml]
# path: repo/chart/Chart.yaml
apiVersion: v2
name: app
version: 1.0.0
# path: repo/chart/values.yaml
replicas: 1
# path: repo/chart/base.yaml
replicas: 1
size: small
# path: repo/chart/empty.yaml
# on purpose
# path: repo/chart/prod.yaml
size: large
";

fn platform() -> Session {
    let mut session = Session::default();
    let mut load = session.begin();
    load.paste("pasted.yaml", APPLICATION);
    session.commit(load).expect("there are files in the text");
    while session.step() {}
    session
}

fn cascade(key: &str) -> Cascade {
    let path = key_path::parse(key).expect("the key is well formed");
    platform().cascade(0, 0, &path).expect("the first source is a chart")
}

/// Effect and note of each mention of a layer, highest first.
fn notes(key: &str, file: &str) -> Vec<(Effect, String)> {
    let of_file = |label: &str| label.contains(file);
    let writes = cascade(key).writes.into_iter().filter(|write| of_file(&write.label));
    writes.map(|write| (write.effect, write.note)).collect()
}

#[test]
fn a_layer_may_be_absent() {
    let told = [(Effect::Absent, "the file is missing, which is allowed".to_owned())];
    assert_eq!(notes("replicas", "missing"), told);
}

#[test]
fn a_file_may_be_empty() {
    assert_eq!(notes("replicas", "empty"), [(Effect::Absent, "empty".to_owned())]);
}

#[test]
fn a_file_that_is_listed_twice_counts_once() {
    let told = [(Effect::Absent, "listed before; counts once".to_owned()), (Effect::Set, String::new())];
    assert_eq!(notes("size", "base"), told);
}

#[test]
fn an_override_may_be_redundant() {
    let told = notes("replicas", "base");
    assert_eq!(told.last(), Some(&(Effect::Same, "the same as below".to_owned())));
    let session = platform();
    let codes: Vec<String> = session.overview().problems.into_iter().map(|problem| problem.code).collect();
    assert!(codes.iter().any(|code| code == "lint-redundant-override"), "{codes:?}");
    assert!(text::cascade(&cascade("replicas")).contains("the same as below it"));
}

#[test]
fn a_key_may_be_set_below_and_never_survive() {
    let session = platform();
    let problems = session.overview().problems.into_iter();
    let told: Vec<String> = problems
        .filter(|problem| problem.code == "lint-never-wins")
        .map(|problem| {
            let place = problem.place.as_ref().map(text::line_of).unwrap_or_default();
            format!("{place} {}", problem.message)
        })
        .collect();
    let expected =
        "size: this never takes effect, the one Application that reads this file gets another value";
    assert_eq!(told, [format!("repo/chart/base.yaml:2:7 {expected}")]);
}
