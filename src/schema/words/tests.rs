//! The words that Helm itself printed for these schemas and values.

use crate::profile::Helm;
use crate::schema::{Owner, Schema};
use crate::source::File;

fn words(schema: &str, yaml: &str, helm: Helm) -> String {
    let file = File::new("", "values.schema.json", schema);
    let schema = Schema::compile(&file, Owner::Chart, helm, &()).expect("a schema");
    let file = File::new("", "values.yaml", yaml);
    let values = crate::yaml::read(&file).expect("values").root.to_value();
    schema.words(&values).unwrap_or_default()
}

const DEPLOYMENT: &str = r##"{"$schema": "https://json-schema.org/draft/2020-12/schema", "type": "object",
    "required": ["image", "resources"], "properties": {
        "image": {"type": "object", "required": ["repository"], "properties": {
            "tag": {"type": "string"}, "pullPolicy": {"enum": ["Always", "Never"]}}},
        "replicas": {"type": "integer", "maximum": 20},
        "env": {"items": {"oneOf": [{"required": ["value"]}, {"required": ["valueFrom"]}]}}}}"##;

#[test]
fn several_failures_of_one_schema_are_told_below_it() {
    let yaml = "image: {tag: 5, pullPolicy: never}\nresources: {}\nreplicas: 50\nenv: [{name: a}]\n";
    assert_eq!(
        words(DEPLOYMENT, yaml, Helm::V3_19),
        "- at '/env/0': 'oneOf' failed, none matched\n  - at '/env/0': missing property 'value'\n  \
         - at '/env/0': missing property 'valueFrom'\n- at '/image': validation failed\n  \
         - at '/image': missing property 'repository'\n  \
         - at '/image/pullPolicy': value must be one of 'Always', 'Never'\n  \
         - at '/image/tag': got number, want string\n- at '/replicas': maximum: got 50, want 20\n"
    );
    assert_eq!(
        words(DEPLOYMENT, yaml, Helm::V3_18),
        "- env.0: Must validate one and only one schema (oneOf)\n- env.0: value is required\n\
         - image: repository is required\n\
         - image.pullPolicy: image.pullPolicy must be one of the following: \"Always\", \"Never\"\n\
         - image.tag: Invalid type. Expected: string, given: integer\n\
         - replicas: Must be less than or equal to 20\n"
    );
}

#[test]
fn what_is_missing_is_told_at_the_root() {
    assert_eq!(words(DEPLOYMENT, "{}", Helm::V4_3), "- at '': missing properties 'image', 'resources'\n");
    let old = "- (root): image is required\n- (root): resources is required\n";
    assert_eq!(words(DEPLOYMENT, "{}", Helm::V3_17), old);
    assert_eq!(words("false", "{}", Helm::V4_3), "- at '': false schema\n");
    assert_eq!(words(DEPLOYMENT, "{image: {repository: a}, resources: {}}", Helm::V4_3), "");
}

#[test]
fn items_without_a_schema_are_counted() {
    let schema = r#"{"$schema": "http://json-schema.org/draft-07/schema#",
        "properties": {"a": {"items": [{"type": "integer"}], "additionalItems": false}}}"#;
    let yaml = "a: [1, 2, 3]";
    assert_eq!(words(schema, yaml, Helm::V3_22), "- at '/a': last 2 additionalItem(s) not allowed\n");
    assert_eq!(words(schema, yaml, Helm::V3_17), "- a: No additional items allowed on array\n");
}

#[test]
fn a_schema_with_an_id_keeps_the_first_line() {
    let schema = r#"{"$id": "https://example.com/values", "type": "array"}"#;
    assert_eq!(
        words(schema, "{}", Helm::V4_3),
        "jsonschema validation failed with 'https://example.com/values#'\n- at '': got object, want array\n"
    );
}
