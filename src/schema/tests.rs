//! Schemas against values, as people meet them.

use super::*;
use crate::source::File;
use crate::yaml;
use std::collections::HashMap;

/// Documents by URL or path.
struct Shelf(HashMap<&'static str, Arc<File>>);

impl Shelf {
    fn of(documents: &[(&'static str, &str)]) -> Self {
        Self(documents.iter().map(|&(name, text)| (name, File::new("", name, text))).collect())
    }
}

impl Resources for Shelf {
    fn remote(&self, url: &str) -> Option<Arc<File>> {
        self.0.get(url).cloned()
    }

    fn file(&self, path: &str) -> Option<Arc<File>> {
        self.0.get(path).cloned()
    }
}

fn compiled(text: &str, helm: Helm) -> Result<Schema, Diagnostic> {
    Schema::compile(&File::new("chart", "values.schema.json", text), Owner::Chart, helm, &())
}

fn values(yaml: &str) -> Value {
    yaml::read(&File::new("", "values.yaml", yaml)).expect("the values are YAML").root.to_value()
}

/// Path, words and hint of each violation, and the text of the line with the rule.
fn told(schema: &str, yaml: &str) -> Vec<String> {
    let schema = compiled(schema, Helm::V4_3).unwrap_or_else(|error| panic!("{error}"));
    let tell = |violation: &Violation| {
        let hint = violation.hint.as_ref().map(|hint| format!(" ({hint})")).unwrap_or_default();
        format!("{}: {}{hint} <- {}", path_in_words(&violation.path), violation.rule, violation.place.text())
    };
    schema.validate(&values(yaml)).iter().map(tell).collect()
}

fn refused(schema: &str, helm: Helm) -> String {
    let diagnostic = compiled(schema, helm).expect_err("the schema is refused");
    let place = diagnostic.location.as_ref().map(|place| place.text().to_owned()).unwrap_or_default();
    format!("{}: {} <- {place}", diagnostic.code, diagnostic.message)
}

#[test]
fn violations_say_what_is_wrong_where_the_rule_is_and_what_to_do() {
    let schema = r#"{"properties": {
        "replicas": {"type": "integer", "minimum": 1, "maximum": 10},
        "image": {"type": "object", "required": ["repository"], "additionalProperties": false,
                  "properties": {"repository": {}, "tag": {"type": "string"}, "pullPolicy": {"enum": ["Always", "Never"]}}},
        "ports": {"items": {"type": "integer"}},
        "debug": {"type": "boolean"}
    }}"#;
    let yaml =
        "replicas: 15\nimage: {tag: 1.5, pullPolicy: always, tagg: x}\nports: [80, '81']\ndebug: 'true'\n";
    assert_eq!(
        told(schema, yaml),
        [
            "debug: \"true\" is a string; the schema wants a boolean (leave out the quotes: true) <- \"type\": \"boolean\"",
            "image: the key `repository` is missing (set `repository`) <- \"required\": [\"repository\"]",
            "image.pullPolicy: \"always\" is none of the values that are allowed: \"Always\", \"Never\" (did you mean `Always`?) <- \"enum\": [\"Always\", \"Never\"]",
            "image.tag: 1.5 is a number; the schema wants a string (put it in quotes: \"1.5\") <- \"type\": \"string\"",
            "image.tagg: the key `tagg` is not allowed here (did you mean `tag`?) <- \"additionalProperties\": false",
            "ports[1]: \"81\" is a string; the schema wants an integer (leave out the quotes: 81) <- \"type\": \"integer\"",
            "replicas: 15 is above the maximum: the schema allows 1 to 10 <- \"maximum\": 10",
        ]
    );
}

#[test]
fn places_lead_through_references_patterns_and_positions() {
    let schema = r##"{"$schema": "http://json-schema.org/draft-07/schema#", "definitions": {"port": {"maximum": 99}},
        "patternProperties": {"^p\\d$": {"$ref": "#/definitions/port"}},
        "properties": {"pair": {"items": [{"pattern": "^\\d+$"}, {"multipleOf": 0.1}], "additionalItems": {"type": "null"}}}}"##;
    assert_eq!(
        told(schema, "p1: 100\npair: [x, 0.35, 1]\n"),
        [
            "p1: 100 is above the maximum: the schema allows at most 99 <- \"maximum\": 99",
            "pair[0]: \"x\" does not match the pattern `^\\d+$` <- \"pattern\": \"^\\\\d+$\"",
            "pair[1]: 0.35 is no multiple of 0.1 <- \"multipleOf\": 0.1",
            "pair[2]: 1 is a number; the schema wants null <- \"type\": \"null\"",
        ]
    );
}

#[test]
fn alternatives_carry_what_each_of_them_says() {
    let schema =
        compiled(r#"{"properties": {"a": {"anyOf": [{"type": "string"}, {"minimum": 5}]}}}"#, Helm::V4_3);
    let violations = schema.expect("the schema is fine").validate(&values("a: 1"));
    let causes: Vec<&str> = violations[0].causes.iter().map(|cause| cause.rule.as_str()).collect();
    assert_eq!(
        causes,
        ["1 is a number; the schema wants a string", "1 is below the minimum: the schema allows at least 5"]
    );
    let diagnostic = violations[0].diagnostic(Owner::Product, None);
    assert_eq!(diagnostic.message, "a: fits none of the alternatives that the schema gives (`anyOf`)");
}

#[test]
fn a_broken_schema_is_told_at_its_place() {
    assert!(refused("{\"a\": é}", Helm::V4_3).ends_with("<- é"));
    assert_eq!(
        refused("{\"a\": }", Helm::V4_3),
        "schema-syntax: invalid character '}' looking for beginning of value <- }"
    );
    assert!(
        refused(r#"{"properties": {"a": {"minimum": "1"}}}"#, Helm::V4_3).ends_with("<- \"minimum\": \"1\"")
    );
    assert_eq!(
        refused(r#"{"properties": {"a": {"minimum": "1"}}}"#, Helm::V3_18),
        "schema-broken: minimum must be of a number <- \"minimum\": \"1\""
    );
    assert!(
        refused(r#"{"properties": {"a": {"pattern": "(?!x)"}}}"#, Helm::V3_20)
            .ends_with("<- \"pattern\": \"(?!x)\"")
    );
    assert!(
        refused(r##"{"properties": {"a": {"$ref": "#/$defs/b"}}}"##, Helm::V4_3)
            .starts_with("schema-reference")
    );
}

#[test]
fn what_would_have_to_be_fetched_is_unknown_until_it_is_supplied() {
    let text = r#"{"properties": {"a": {"$ref": "https://example.com/common.json#/$defs/n"}}}"#;
    assert_eq!(
        refused(text, Helm::V4_3),
        "schema-unknown: $ref names https://example.com/common.json, which is not loaded here <- \"$ref\": \"https://example.com/common.json#/$defs/n\""
    );
    let shelf = Shelf::of(&[("https://example.com/common.json", r#"{"$defs": {"n": {"type": "integer"}}}"#)]);
    let schema =
        Schema::compile(&File::new("c", "values.schema.json", text), Owner::Chart, Helm::V4_3, &shelf);
    let violations = schema.expect("everything is there").validate(&values("a: x"));
    assert_eq!(violations[0].place.file.path.as_ref(), "https://example.com/common.json");
}

#[test]
fn files_of_the_repository_are_for_schemas_that_helm_does_not_read() {
    let text = r#"{"properties": {"a": {"$ref": "../common.json"}}}"#;
    let shelf = Shelf::of(&[("products/common.json", r#"{"type": "integer"}"#)]);
    let file = File::new("configs", "products/a/schema.json", text);
    let schema = Schema::compile(&file, Owner::Product, Helm::V4_3, &shelf).expect("the file is there");
    assert_eq!(schema.validate(&values("a: x")).len(), 1);
    let chart =
        Schema::compile(&file, Owner::Chart, Helm::V4_3, &shelf).expect_err("Helm doesn't look there");
    assert_eq!(
        chart.message,
        "failing loading \"file:///common.json\": open /common.json: no such file or directory"
    );
}

#[test]
fn circles_and_towers_of_references_end() {
    let circle = r##"{"properties": {"a": {"$ref": "#/$defs/x"}}, "$defs": {"x": {"allOf": [{"$ref": "#/$defs/x"}]}}}"##;
    for (helm, _) in Helm::ALL {
        let schema = compiled(circle, helm).expect("the circle is harmless until it is entered");
        assert!(schema.validate(&values("b: 1")).is_empty());
        let violations = schema.validate(&values("a: 1"));
        assert!(format!("{violations:?}").contains("refers to itself in a circle"));
    }
    let recursion = r##"{"$ref": "#/$defs/t", "$defs": {"t": {"type": ["object", "integer"], "additionalProperties": {"$ref": "#/$defs/t"}}}}"##;
    assert_eq!(told(recursion, "a: {b: {c: x}}").len(), 1);
    let level = |at: usize| {
        format!(
            r##""l{at}": {{"allOf": [{{"$ref": "#/$defs/l{}"}}, {{"$ref": "#/$defs/l{}"}}]}}"##,
            at + 1,
            at + 1
        )
    };
    let tower: Vec<String> = (0..40).map(level).collect();
    let text = format!(r##"{{"$ref": "#/$defs/l0", "$defs": {{{}, "l40": {{}}}}}}"##, tower.join(", "));
    assert!(refused(&text, Helm::V4_3).starts_with("schema-too-large"));
}

#[test]
fn depth_of_values_takes_no_stack() {
    let nested = |levels: usize| {
        (1..levels).fold(Value::empty_map(), |inner, _| {
            Value::Map(Arc::new([(Arc::from("a"), inner)].into_iter().collect()))
        })
    };
    let work = move || {
        let recursion = r##"{"additionalProperties": {"anyOf": [{"type": "string"}, {"$ref": "#"}]}}"##;
        let schema = compiled(recursion, Helm::V4_3).expect("the schema is fine");
        assert!(schema.validate(&nested(DEEPEST_VALUE)).is_empty());
        assert_eq!(schema.validate(&nested(DEEPEST_VALUE + 1)).len(), 1);
        let tower = format!("{}true{}", r#"{"items": "#.repeat(json::DEEPEST), "}".repeat(json::DEEPEST));
        assert!(compiled(&tower, Helm::V4_3).is_ok());
    };
    // A page has 1 MB.
    let thread = std::thread::Builder::new().stack_size(1 << 20).spawn(work).expect("a thread starts");
    thread.join().expect("the stack is enough");
}

#[test]
fn what_a_schema_says_about_a_key() {
    let text = r##"{"$schema": "http://json-schema.org/draft-07/schema#",
        "required": ["replicas"], "definitions": {"count": {"type": "integer", "minimum": 1}},
        "properties": {
            "replicas": {"allOf": [{"$ref": "#/definitions/count"}], "maximum": 10, "description": "How many.", "default": 2},
            "mode": {"enum": ["a", "b"], "deprecated": true},
            "hosts": {"items": {"properties": {"name": {"format": "hostname", "minLength": 1}}}}
        }}"##;
    let schema = compiled(text, Helm::V4_3).expect("the schema is fine");
    let replicas = schema.rules(&["replicas"]);
    assert_eq!(
        (replicas[0].rule.as_str(), replicas[0].description.as_str(), replicas[0].default.as_str()),
        ("at most 10, required", "How many.", "2")
    );
    assert_eq!(replicas[1].rule, "integer, at least 1");
    let mode = &schema.rules(&["mode"])[0];
    assert_eq!((mode.rule.as_str(), mode.deprecated, mode.choices.len()), ("one of \"a\", \"b\"", true, 2));
    assert_eq!(schema.rules(&["hosts", "3", "name"])[0].rule, "at least 1 characters, format hostname");
    assert!(schema.rules(&["nothing"]).is_empty());
}

#[test]
fn the_versions_differ_as_recorded() {
    let schema = r#"{"properties": {"a": {"format": "date"}, "b": {"prefixItems": [{}], "items": false}}}"#;
    let at = |helm: Helm, yaml: &str| {
        let schema = compiled(schema, helm).expect("the schema is fine");
        schema.validate(&values(yaml)).into_iter().map(|violation| violation.helm_pointer).collect::<Vec<_>>()
    };
    assert_eq!(at(Helm::V3_17, "a: 1"), ["/a"], "numbers have no format");
    assert!(at(Helm::V3_19, "a: x").is_empty(), "2020-12 does not check formats");
    assert_eq!(at(Helm::V3_21, "b: [1, 2]"), ["/b/0"], "counted from the end of prefixItems");
    assert_eq!(at(Helm::V3_22, "b: [1, 2]"), ["/b/1"]);
}

#[test]
fn alternatives_that_refer_to_each_other_do_not_multiply() {
    let alternative =
        r##"{"type": "object", "required": ["a"], "properties": {"a": {"$ref": "#/$defs/t"}}}"##;
    let text = format!(
        r##"{{"$ref": "#/$defs/t", "$defs": {{"t": {{"anyOf": [{{"type": "integer"}}, {alternative}, {alternative}]}}}}}}"##
    );
    let schema = compiled(&text, Helm::V4_3).expect("the schema is fine");
    let nested = |inner: Value| {
        (0..40).fold(inner, |inner, _| Value::Map(Arc::new([(Arc::from("a"), inner)].into_iter().collect())))
    };
    assert!(schema.validate(&nested(Value::Float(1.0))).is_empty());
    let violations = schema.validate(&nested(Value::from("x")));
    assert!(violations[0].rule.starts_with("breaks the schema, whose alternatives multiply"));
    assert!(!schema.accepts(&nested(Value::from("x"))));
}
#[test]
fn a_key_with_a_wrong_value_is_still_a_described_key() {
    let schema = r#"{"allOf": [{"properties": {"c": true}}], "properties": {"b": {"type": "string"}}, "unevaluatedProperties": false}"#;
    assert_eq!(
        told(schema, "b: 1\nc: 1\nd: 1\n"),
        [
            "b: 1 is a number; the schema wants a string (put it in quotes: \"1\") <- \"type\": \"string\"",
            "d: the key `d` is not allowed here <- \"unevaluatedProperties\": false",
        ]
    );
}

#[test]
fn big_numbers_are_compared_as_go_prints_them() {
    assert!(
        told(r#"{"properties": {"a": {"maximum": 12345678901234567100}}}"#, "a: 12345678901234567890")
            .is_empty()
    );
    assert_eq!(told(r#"{"properties": {"a": {"const": 9007199254740993}}}"#, "a: 9007199254740993").len(), 1);
}

#[test]
fn a_name_that_nothing_has_means_the_whole_document_to_gojsonschema() {
    let schema = r##"{"properties": {"a": {"$ref": "#n"}}, "additionalProperties": false}"##;
    let compiled = compiled(schema, Helm::V3_18).expect("the reference leads to the document");
    assert!(compiled.accepts(&values("a: {a: {}}")));
    assert!(!compiled.accepts(&values("a: {b: 1}")));
    assert!(refused(schema, Helm::V4_3).starts_with("schema-reference: anchor in "));
}

#[test]
fn recursive_references_are_followed_in_both_modern_drafts() {
    for draft in ["2019-09", "2020-12"] {
        let schema = format!(
            r##"{{"$schema": "https://json-schema.org/draft/{draft}/schema", "type": "object",
            "properties": {{"a": {{"$recursiveRef": "#"}}}}, "additionalProperties": false}}"##
        );
        let compiled = compiled(&schema, Helm::V4_3).expect("the schema is fine");
        assert!(compiled.accepts(&values("a: {a: {}}")));
        assert!(!compiled.accepts(&values("a: 1")) && !compiled.accepts(&values("a: {b: 1}")));
    }
}

#[test]
fn in_draft_2019_items_that_contains_matches_are_not_evaluated() {
    let schema = |draft: &str| {
        format!(
            r#"{{"$schema": "https://json-schema.org/draft/{draft}/schema", "properties": {{
                "a": {{"contains": {{"const": 1}}, "unevaluatedItems": false}}, "contains": {{"enum": ["contains"]}}}}}}"#
        )
    };
    assert!(told(&schema("2020-12"), "a: [1]\ncontains: contains\n").is_empty());
    let told = told(&schema("2019-09"), "a: [1]\ncontains: contains\n");
    assert_eq!(told, ["a: holds items that the schema does not describe <- \"unevaluatedItems\": false"]);
    let old = compiled(&schema("2019-09"), Helm::V4_3).expect("the schema is one");
    let violations = old.validate(&values("a: [2]\n"));
    let rules: Vec<(&str, &str)> =
        violations.iter().map(|violation| (violation.rule.as_str(), violation.place.text())).collect();
    let expected = "does not hold as many fitting items as the schema asks for";
    assert!(rules.contains(&(expected, "\"contains\": {\"const\": 1}")), "{rules:?}");
}

#[test]
fn what_stands_beside_a_reference_to_a_schema_around_it_is_checked_by_gojsonschema() {
    let schema = r##"{"properties": {"a": {"minimum": "x", "$ref": "#"}}}"##;
    assert_eq!(
        refused(schema, Helm::V3_18),
        "schema-broken: minimum must be of a number <- \"minimum\": \"x\""
    );
    let elsewhere =
        r##"{"properties": {"a": {"minimum": "x", "$ref": "#/definitions/b"}}, "definitions": {"b": {}}}"##;
    assert!(compiled(elsewhere, Helm::V3_18).is_ok());
}

#[test]
fn go_s_metaschemas_differ_from_the_published_ones() {
    let draft = |number: u8, rest: &str| {
        format!(r#"{{"$schema": "http://json-schema.org/draft-0{number}/schema#", {rest}}}"#)
    };
    assert!(compiled(&draft(6, r#""examples": 1"#), Helm::V4_3).is_ok());
    assert!(compiled(&draft(7, r#""examples": 1"#), Helm::V4_3).is_err());
    assert!(compiled(&draft(4, r#""$ref": 5"#), Helm::V4_3).is_err());
}

#[test]
fn every_broken_schema_has_a_place_and_advice() {
    for text in [
        "",
        "{",
        "[]",
        "{} x",
        "{\"type\": 5}",
        "{\"pattern\": \"(\"}",
        "{\"$ref\": \"#/nope\"}",
        "{\"$ref\": \"https://nowhere.example/x.json\"}",
        "{\"$schema\": \"https://nowhere.example/draft\"}",
        "{\"minLength\": -1}",
        "{\"properties\": []}",
        "\u{0}",
    ] {
        for helm in [Helm::V3_18, Helm::V3_22, Helm::V4_3] {
            if let Err(problem) = compiled(text, helm) {
                assert!(problem.location.is_some() && !problem.hints.is_empty(), "{text}: {problem}");
            } else {
                let fine = text == "{} x" || text.contains("$schema");
                assert!(fine && helm == Helm::V3_18, "{text} is refused by {}", helm.number());
            }
        }
    }
}
