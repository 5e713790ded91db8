//! The rules, told by example.

use super::*;
use crate::chart::{self, Chart, ChartFile};
use crate::merge::{Kind, Layer, Tree};
use crate::profile::Helm;
use crate::source::File;
use crate::yaml;
use std::sync::Arc;

const TEMPLATE: &str =
    "{{ .Values.replicas }} {{ toYaml .Values.labels }} {{ index .Values \"odd-key\" \"a\" }}";

/// Values of a chart with these defaults and value files in their order.
fn computed(defaults: &str, template: &str, layers: &[(&str, &str)]) -> Values {
    let file = |path: &str, text: &str| ChartFile::of(path, &File::new("charts", path, text));
    let files = vec![
        file("Chart.yaml", "apiVersion: v2\nname: app\nversion: 1.0.0\n"),
        file("values.yaml", defaults),
        file("templates/all.yaml", template),
    ];
    let chart = Arc::new(Chart::from_files(files, Helm::V4_3).expect("the chart loads"));
    let layer = |(name, text): &(&str, &str)| {
        let document = yaml::read_values(&File::new("configs", *name, *text), Helm::V4_3).expect("values");
        let mut layer = Layer::document(Kind::ValueFile, document);
        layer.label = Arc::from(*name);
        Arc::new(layer)
    };
    let layers: Vec<Arc<Layer>> = layers.iter().map(layer).collect();
    let tree = Tree::of(&layers, Helm::V4_3).expect("the layers merge");
    chart::values(&chart, &tree, Helm::V4_3).expect("the values are computed")
}

/// `path @ place: message` of each finding of a rule.
fn told(rule: fn(&Subject<'_>) -> Vec<Finding>, values: &Values) -> Vec<String> {
    let findings = rule(&Subject::new(values));
    let tell = |finding: Finding| {
        let place = finding.diagnostic.location.map(|place| place.to_string()).unwrap_or_default();
        format!("{} @ {place}: {}", finding.path.join("."), finding.diagnostic.message)
    };
    findings.into_iter().map(tell).collect()
}

#[test]
fn an_override_that_says_the_same_is_redundant() {
    let values = computed(
        "replicas: 2\nlabels: {a: x}\n",
        TEMPLATE,
        &[("base.yaml", "replicas: 3\nlabels: {a: x}\n"), ("prod.yaml", "replicas: 3\n")],
    );
    assert_eq!(
        told(redundant_override::check, &values),
        [
            "labels.a @ configs/base.yaml:2:13: labels.a: \"x\" is what the layers below say already",
            "replicas @ configs/prod.yaml:1:11: replicas: 3 is what the layers below say already",
        ]
    );
}

#[test]
fn a_replaced_list_loses_its_items() {
    let values = computed("hosts: [a, b]\n", TEMPLATE, &[("prod.yaml", "hosts: [b, c]\n")]);
    assert_eq!(
        told(list_replaced::check, &values),
        ["hosts @ configs/prod.yaml:1:8: hosts: replaces a list and loses \"a\""]
    );
}

#[test]
fn a_null_where_nothing_is_removes_nothing() {
    let values = computed("a: 1\n", TEMPLATE, &[("prod.yaml", "a: null\nb: null\n")]);
    assert_eq!(
        told(null_without_effect::check, &values),
        ["b @ configs/prod.yaml:2:4: b: this null removes nothing, no lower layer sets the key"]
    );
}

#[test]
fn another_kind_of_value_than_the_default_is_told() {
    let defaults = "replicas: 3\nname: x\nresources: {cpu: 1}\nfree: null\n";
    let layer = "replicas: '5'\nname: 8080\nresources: small\nfree: [1]\n";
    let values = computed(defaults, TEMPLATE, &[("prod.yaml", layer)]);
    let told = told(type_change::check, &values);
    assert_eq!(
        told[..2],
        [
            "name @ configs/prod.yaml:2:7: name: 8080 is a number, the chart's default is a string",
            "replicas @ configs/prod.yaml:1:11: replicas: \"5\" is a string, the chart's default is a number",
        ]
    );
    assert!(told[2].starts_with("resources @ configs/prod.yaml:3:12"), "{told:?}");
    assert_eq!(told.len(), 3);
}

#[test]
fn a_key_that_nothing_reads_is_told() {
    let defaults = "replicas: 3\nnodeSelector: {}\n";
    let layer =
        "replicaz: 5\nlabels: {any: x}\nodd-key: {a: 1}\nnodeSelector: {disk: ssd}\nwhole: {a: 1, b: 2}\n";
    let values = computed(defaults, TEMPLATE, &[("prod.yaml", layer)]);
    assert_eq!(
        told(|subject| unused_key::check(subject, &Reads::of(subject.values)), &values),
        [
            "replicaz @ configs/prod.yaml:1:11: replicaz: nothing reads this key",
            "whole @ configs/prod.yaml:5:8: whole: nothing reads this key",
        ]
    );
    let findings = unused_key::check(&Subject::new(&values), &Reads::of(&values));
    assert_eq!(findings[0].diagnostic.hints[1], "did you mean `replicas`?");
    let all = computed(defaults, "{{ toYaml .Values }}", &[("prod.yaml", layer)]);
    assert!(
        told(|subject| unused_key::check(subject, &Reads::of(subject.values)), &all).is_empty(),
        "a template that takes everything may read it"
    );
}

#[test]
fn secrets_in_plain_text_are_told_and_encrypted_ones_are_unknown() {
    let layer = "db: {password: hunter2, existingSecret: db}\napiToken: <path:secret/data/app#token>\n\
                 tls: {privateKey: 'ENC[AES256_GCM,data:abc,type:str]'}\nsecretName: x\ntokenCount: 3\n";
    let values = computed("a: 1\n", "{{ toYaml .Values }}", &[("prod.yaml", layer)]);
    assert_eq!(
        told(plain_secret::check, &values),
        [
            "db.password @ configs/prod.yaml:1:16: db.password: looks like a secret, and is readable in the repository"
        ]
    );
    assert_eq!(
        told(encrypted::check, &values),
        [
            "apiToken @ configs/prod.yaml:2:11: apiToken: filled in by argocd-vault-plugin, so its value is unknown here",
            "tls.privateKey @ configs/prod.yaml:3:19: tls.privateKey: encrypted with SOPS, so its value is unknown here",
        ]
    );
}

#[test]
fn a_file_that_its_peers_have_is_missing() {
    let wanted =
        |path: &str, present: bool| missing_file::Wanted { path: path.into(), present, named_at: None };
    let files = [
        wanted("configs/a/environments/prod.yaml", true),
        wanted("configs/b/environments/prod.yaml", true),
        wanted("configs/c/environments/prod.yaml", false),
        wanted("configs/d/environments/prod.yaml", true),
        wanted("configs/a/environments/test.yaml", false),
        wanted("configs/b/environments/test.yaml", false),
        wanted("configs/c/environments/test.yaml", true),
        wanted("configs/d/environments/test.yaml", true),
    ];
    let told: Vec<String> = missing_file::check(&files.iter().collect::<Vec<_>>())
        .into_iter()
        .map(|(_, finding)| finding.message)
        .collect();
    assert_eq!(
        told,
        [
            "configs/c/environments/prod.yaml is missing, and 3 of 3 others like configs/*/environments/prod.yaml are there"
        ]
    );
}
