//! The command line as a program: exit codes, and what goes to which output.

use serde_json::Value as Json;
use std::process::{Command, Output};

const EXAMPLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/platform");
const PROD: &str = "customer-01-product-a-prod";

/// Runs the program with arguments that are divided by blanks; `EXAMPLE` is the example platform.
fn strata(arguments: &str) -> Output {
    let arguments = arguments.split_whitespace().map(|word| word.replace("EXAMPLE", EXAMPLE));
    Command::new(env!("CARGO_BIN_EXE_strata")).args(arguments).output().expect("the program starts")
}

fn code(arguments: &str) -> Option<i32> {
    strata(arguments).status.code()
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).expect("the program writes UTF-8")
}

fn json(arguments: &str) -> Json {
    serde_json::from_slice(&strata(arguments).stdout).expect("the program writes JSON")
}

/// A file for one test.
fn file(name: &str, bytes: &[u8]) -> String {
    let path = format!("{}/{name}", env!("CARGO_TARGET_TMPDIR"));
    std::fs::write(&path, bytes).expect("the folder for tests is writable");
    path
}

#[test]
fn zero_says_that_all_is_well() {
    for arguments in [
        "applications EXAMPLE".to_owned(),
        format!("values EXAMPLE --application {PROD}"),
        format!("explain EXAMPLE --application {PROD} replicaCount"),
        format!("render EXAMPLE --application {PROD}"),
        format!("trace EXAMPLE --application {PROD}"),
        "compare EXAMPLE --profile argocd-3.4 --with argocd-3.6".to_owned(),
        "fixtures EXAMPLE".to_owned(),
        "--help".to_owned(),
    ] {
        let output = strata(&arguments);
        assert_eq!(output.status.code(), Some(0), "{arguments}");
        assert!(!output.stdout.is_empty(), "{arguments}");
    }
}

#[test]
fn one_says_that_argo_cd_would_fail() {
    assert_eq!(code("check EXAMPLE"), Some(1));
    let values = strata("values EXAMPLE --application customer-06-product-a-prod");
    assert_eq!(values.status.code(), Some(1));
    assert!(!values.stdout.is_empty(), "what could be computed is printed");
    assert!(text(&values.stderr).starts_with("error["), "{}", text(&values.stderr));
    let render = strata("render EXAMPLE --application customer-06-product-a-prod");
    assert_eq!((render.status.code(), text(&render.stdout)), (Some(1), ""));
}

#[test]
fn two_says_that_the_question_makes_no_sense() {
    let binary = file("binary.bin", &[0, 1, 2, 255, 0, 7]);
    for (arguments, sentence) in [
        (String::new(), "Usage: strata"),
        ("values EXAMPLE".to_owned(), "--application <NAME>"),
        ("check EXAMPLE --profile argocd-2.9".to_owned(), "unknown profile `argocd-2.9`"),
        ("check EXAMPLE --format xml".to_owned(), "invalid value 'xml'"),
        ("check /no/such/folder".to_owned(), "/no/such/folder: No such file"),
        ("check EXAMPLE --fixtures /no/such.yaml".to_owned(), "/no/such.yaml: No such file"),
        (format!("check {binary}"), "binary.bin: binary"),
        (
            "values EXAMPLE --application customer-01-product-a-pord".to_owned(),
            "did you mean `customer-01-product-a-prod`?",
        ),
        (format!("values EXAMPLE --application {PROD} --source 7"), "source 7"),
    ] {
        let output = strata(&arguments);
        assert_eq!((output.status.code(), text(&output.stdout)), (Some(2), ""), "{arguments}");
        assert!(text(&output.stderr).contains(sentence), "{arguments}: {}", text(&output.stderr));
    }
}

#[test]
fn applications_as_json() {
    let list = json("applications EXAMPLE --format json");
    assert_eq!(list["errors"], Json::Array(Vec::new()));
    let applications = list["applications"].as_array().expect("a list");
    let prod = applications.iter().find(|one| one["application"]["metadata"]["name"] == PROD);
    let prod = prod.expect("the documented Application is there");
    assert_eq!(prod["set"], "product-by-environment");
    assert_eq!(prod["file"], "platform-infrastructure/applicationsets/12-product-by-environment-set.yaml");
    assert_eq!(prod["application"]["spec"]["sources"][0]["path"], "products/product-a");
}

#[test]
fn the_documented_values_in_every_format() {
    let values = json(&format!("values EXAMPLE --application {PROD} --format json"));
    assert_eq!(values["replicaCount"], 5);
    assert_eq!(values["resources"]["requests"]["cpu"], "500m");
    assert_eq!(values["resources"]["requests"]["memory"], "512Mi");
    let yaml = strata(&format!("values EXAMPLE --application {PROD} --format yaml")).stdout;
    let read: Json = serde_yaml::from_slice(&yaml).expect("the program writes YAML");
    assert_eq!(read, values);
    let told = strata(&format!("explain EXAMPLE --application {PROD} resources.requests.memory")).stdout;
    assert!(text(&told).contains("customers/customer-01/product-a/values.yaml:6"), "{}", text(&told));
}

#[test]
fn the_starter_fixtures_are_fixtures() {
    let starter = file("starter.yaml", &strata("fixtures EXAMPLE").stdout);
    assert_eq!(code(&format!("applications EXAMPLE --fixtures {starter}")), Some(0));
}

#[test]
fn a_path_says_which_url_and_revision_it_stands_for() {
    let repository = |name: &str| format!("{EXAMPLE}/{name}");
    let arguments = format!(
        "values http://localhost:7990/scm/test/platform-infrastructure.git#main={} \
         http://localhost:7990/scm/test/customer-configs.git={} --application {PROD} --format json",
        repository("platform-infrastructure"),
        repository("customer-configs"),
    );
    assert_eq!(json(&arguments)["replicaCount"], 5);
}
