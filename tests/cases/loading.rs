//! Bad and unusual input: a clear message, and what was loaded before stays.

use crate::input::{example, written};
use expect_test::expect;
use std::io::Write as _;
use strata::report::{Problem, Session};

fn told(problems: &[Problem]) -> String {
    problems.iter().map(|problem| format!("{}: {}\n", problem.code, problem.message)).collect()
}

/// Loads one file into the example and gives what was said; the example must still be there.
fn load_into_example(path: &str, bytes: Vec<u8>) -> String {
    let mut session = example();
    let before = session.overview().applications.len();
    let mut load = session.begin();
    load.add(path, bytes);
    let problems = session.commit(load).expect_err("there is nothing usable in it");
    assert_eq!(session.overview().applications.len(), before, "what was loaded before stays");
    told(&problems)
}

fn zip(entries: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let options =
        zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Deflated);
    for (path, bytes) in entries {
        writer.start_file(*path, options).expect("a zip in memory");
        writer.write_all(bytes).expect("a zip in memory");
    }
    writer.finish().expect("a zip in memory").into_inner()
}

#[test]
fn a_broken_zip() {
    expect![[r#"
        archive-broken: configs.zip can't be read: invalid Zip archive: Could not find EOCD
        repository-empty: there is no file to load
    "#]]
    .assert_eq(&load_into_example("configs.zip", b"PK\x03\x04 and no more".to_vec()));
}

#[test]
fn a_zip_bomb() {
    let zeros = vec![0; 1 << 20];
    let names: Vec<String> = (0..64).map(|number| format!("{number}.yaml")).collect();
    let entries: Vec<(&str, &[u8])> = names.iter().map(|name| (name.as_str(), zeros.as_slice())).collect();
    expect![[r#"
        archive-bomb: bomb.zip was not loaded: its 71874 bytes unpack to more than 33 MB
        repository-empty: there is no file to load
    "#]]
    .assert_eq(&load_into_example("bomb.zip", zip(&entries)));
}

#[test]
fn a_zip_that_wants_out() {
    let bytes = zip(&[("../../etc/passwd", b"x"), ("/root.yaml", b"a: 1")]);
    expect![[r#"
        repository-path: "escape/../../etc/passwd" was not loaded: its path leads upwards with ..
        repository-path: "/root.yaml" was not loaded: its path is absolute
    "#]]
    .assert_eq(&load_into_example("escape.zip", bytes));
}

#[test]
fn nothing_at_all() {
    let mut session = Session::default();
    let load = session.begin();
    expect![[r#"
        repository-empty: there is no file to load
    "#]]
    .assert_eq(&told(&session.commit(load).expect_err("there is nothing in it")));
}

#[test]
fn a_zip_of_a_repository_is_named_after_it() {
    let mut session = Session::default();
    let mut load = session.begin();
    let application = b"apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: one}\nspec:\n  project: default\n  destination: {namespace: x, server: https://kubernetes.default.svc}\n  source: {repoURL: http://localhost:7990/scm/test/configs.git, path: chart, targetRevision: main}\n";
    load.add(
        "configs-main.zip",
        zip(&[
            ("configs-main/app.yaml", application),
            ("configs-main/chart/Chart.yaml", b"apiVersion: v2\nname: c\nversion: 1.0.0\n"),
            ("configs-main/chart/values.yaml", b"a: 1\n"),
        ]),
    );
    let problems = session.commit(load).expect("a repository is in it");
    while session.step() {}
    let overview = session.overview();
    let repositories: Vec<_> = overview.repositories.iter().map(|one| (&*one.name, &*one.url)).collect();
    assert_eq!(repositories, [("configs", "http://localhost:7990/scm/test/configs.git")], "{problems:?}");
    let report = session.application(0).expect("the Application is there");
    assert_eq!(report.sources[0].yaml, "a: 1");
}

#[test]
fn pasted_files_make_a_platform() {
    let session = written(
        "\
# path: demo/app.yaml
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {name: pasted}
spec:
  project: default
  destination: {namespace: x, server: https://kubernetes.default.svc}
  source:
    repoURL: https://git.example.com/demo.git
    path: chart
    helm: {valueFiles: [prod.yaml]}
# path: demo/chart/Chart.yaml
apiVersion: v2
name: c
version: 1.0.0
# path: demo/chart/values.yaml
replicas: 1
# path: demo/chart/prod.yaml
replicas: 3
",
    );
    let report = session.application(0).expect("the Application is there");
    assert_eq!(report.sources.first().map(|source| &*source.yaml), Some("replicas: 3"), "{report:#?}");

    // A file that is pasted later goes beside those that are there.
    let mut session = session;
    let mut load = session.begin();
    load.paste("pasted.yaml", "# path: demo/chart/prod.yaml\nreplicas: 4\n");
    session.commit(load).expect("a repository is in it");
    assert_eq!(session.progress(), (0, 1));
    while session.step() {}
    let report = session.application(0).expect("the Application is there still");
    assert_eq!(report.sources.first().map(|source| &*source.yaml), Some("replicas: 4"), "{report:#?}");
}
