//! Recorded answers of the real Helm and Argo CD, asked of the engine.
//!
//! `cargo test --release --test conformance -- --nocapture` prints for each suite how many cases pass,
//! every failing name, and the count for each version. `STRATA_CONFORMANCE` points the same tests to
//! another folder of the same form; suites without data there are skipped.
//!
//! While a part of the engine is open, its failing names stand in `tests/conformance/open.txt`, one
//! `suite<TAB>name` a line. The list may only shrink: a name in it that passes fails the test too.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

mod suites;
#[path = "../agreement/writes.rs"]
mod writes;

/// One case, asked of every version that it was recorded for.
pub struct Outcome {
    /// File and name of the case, e.g. `designed: no layers`.
    pub name: String,
    /// Version and, where ours differs from the recorded answer, how.
    pub versions: Vec<(String, Result<(), String>)>,
}

/// Reads a `.jsonl` file of a suite: the cases with their names, prefixed by the file's stem. Empty if
/// there is no such file.
pub fn json_lines(directory: &Path, stem: &str) -> Vec<(String, serde_json::Value)> {
    let Ok(text) = std::fs::read_to_string(directory.join(format!("{stem}.jsonl"))) else {
        return Vec::new();
    };
    let read = |line: &str| {
        let case: serde_json::Value = serde_json::from_str(line).expect("a case is a line of JSON");
        (format!("{stem}: {}", case["name"].as_str().expect("a case has a name")), case)
    };
    text.lines().filter(|line| !line.trim().is_empty()).map(read).collect()
}

/// The recorded groups of a case, one pair of version and answer each; `key` is `helm` or `argocd`.
pub fn recorded<'a>(case: &'a serde_json::Value, key: &str) -> Vec<(&'a str, &'a serde_json::Value)> {
    let groups = case["expect"].as_array().map_or(&[] as &[_], Vec::as_slice);
    let versions = |group: &'a serde_json::Value| {
        let versions = group[key].as_array().map_or(&[] as &[_], Vec::as_slice);
        versions.iter().filter_map(move |version| version.as_str().map(|version| (version, group)))
    };
    groups.iter().flat_map(versions).collect()
}

/// Runs the cases, on all processors.
pub fn ask<T: Sync>(cases: &[T], answer: impl Fn(&T) -> Outcome + Sync) -> Vec<Outcome> {
    let workers = std::thread::available_parallelism().map_or(1, usize::from);
    let part = cases.len().div_ceil(workers).max(1);
    std::thread::scope(|scope| {
        let start = |cases: &'_ [T]| cases.iter().map(&answer).collect::<Vec<_>>();
        // Deep recursion is part of some cases, and test threads have small stacks.
        let spawn = |cases| {
            let builder = std::thread::Builder::new().stack_size(64 << 20);
            builder.spawn_scoped(scope, move || start(cases)).expect("a thread starts")
        };
        let running: Vec<_> = cases.chunks(part).map(spawn).collect();
        running.into_iter().flat_map(|worker| worker.join().expect("no case panics")).collect()
    })
}

fn judge(suite: &str, run: fn(&Path) -> Vec<Outcome>) {
    let elsewhere = std::env::var_os("STRATA_CONFORMANCE").map(PathBuf::from);
    let own = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/conformance");
    let outcomes = run(&elsewhere.as_deref().unwrap_or(&own).join(suite));
    if outcomes.is_empty() {
        assert!(elsewhere.is_some(), "{suite}: no recorded answers");
        return;
    }
    let failing: BTreeSet<&str> = outcomes
        .iter()
        .filter(|outcome| outcome.versions.iter().any(|(_, verdict)| verdict.is_err()))
        .map(|outcome| outcome.name.as_str())
        .collect();
    print!("{}", summary(suite, &outcomes, &failing));
    let open = if elsewhere.is_some() { BTreeSet::new() } else { open_names(&own, suite) };
    let open: BTreeSet<&str> = open.iter().map(String::as_str).collect();
    let unexpected = failing.difference(&open).count();
    let closed: Vec<_> = open.difference(&failing).collect();
    assert!(unexpected == 0, "{suite}: {unexpected} cases fail that are not listed as open");
    assert!(closed.is_empty(), "{suite}: listed as open but passing, take them out: {closed:#?}");
}

fn open_names(own: &Path, suite: &str) -> BTreeSet<String> {
    let text = std::fs::read_to_string(own.join("open.txt")).unwrap_or_default();
    let name =
        |line: &str| line.split_once('\t').filter(|(of, _)| *of == suite).map(|(_, name)| name.to_owned());
    text.lines().filter_map(name).collect()
}

fn summary(suite: &str, outcomes: &[Outcome], failing: &BTreeSet<&str>) -> String {
    let failed = outcomes.iter().filter(|outcome| failing.contains(outcome.name.as_str())).count();
    let mut text = format!("{suite}: {} passed, {failed} failed\n", outcomes.len() - failed);
    // How a case differs is long; it is shown when one suite or case is looked into.
    let details = std::env::var("STRATA_DETAILS").ok();
    for outcome in outcomes.iter().filter(|outcome| failing.contains(outcome.name.as_str())) {
        let _ = writeln!(text, "  {suite}: {}", outcome.name);
        if details.as_ref().is_some_and(|part| outcome.name.contains(part.as_str())) {
            for (version, verdict) in &outcome.versions {
                if let Err(difference) = verdict {
                    let _ = writeln!(text, "    {version}: {difference}");
                }
            }
        }
    }
    let mut counts: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    for (version, verdict) in outcomes.iter().flat_map(|outcome| &outcome.versions) {
        let count = counts.entry(version).or_default();
        if verdict.is_ok() { count.0 += 1 } else { count.1 += 1 }
    }
    let each =
        counts.iter().map(|(version, (passed, failed))| format!("{version} {passed}/{}", passed + failed));
    let _ = writeln!(text, "{suite} by version: {}", each.collect::<Vec<_>>().join(", "));
    text
}

macro_rules! suite {
    ($test:ident, $folder:literal) => {
        #[test]
        fn $test() {
            judge($folder, suites::$test::run);
        }
    };
}

suite!(yaml, "yaml");
suite!(helm_values, "helm-values");
suite!(schema, "schema");
suite!(template, "template");
suite!(charts, "charts");
suite!(appset, "appset");
suite!(sources, "sources");
