//! The suite `yaml`; its README says what is compared.

use crate::Outcome;
use base64::Engine as _;
use serde_json::Value as Json;
use std::fmt::Write as _;
use std::path::Path;
use strata::profile::Helm;
use strata::source::File;
use strata::value::{Value, json_float};
use strata::yaml::{self, Kind, Node, Target};

/// Asks the engine for every recorded case.
pub fn run(directory: &Path) -> Vec<Outcome> {
    let read = |stem: &str| -> Vec<(String, Json)> {
        let Ok(text) = std::fs::read_to_string(directory.join(format!("{stem}.json"))) else {
            return Vec::new();
        };
        let cases: Vec<Json> = serde_json::from_str(&text).expect("a suite is a list of cases");
        let name = |case: Json| {
            let name = case["name"].as_str().expect("a case has a name");
            (format!("{stem}: {name}"), case)
        };
        cases.into_iter().map(name).collect()
    };
    let suite = |stem, compare: fn(&Json) -> Result<(), String>| {
        crate::ask(&read(stem), |(name, case)| Outcome {
            name: name.clone(),
            versions: vec![("every".to_owned(), compare(case))],
        })
    };
    let mut outcomes = suite("helm-values-truth", values);
    outcomes.extend(suite("helm-fromyaml-fuzz", from_yaml));
    outcomes.extend(suite("helm-toyaml-truth", to_yaml));
    outcomes.extend(suite("helm-toyaml-fuzz", to_yaml));
    outcomes
}

/// As a values file.
fn values(case: &Json) -> Result<(), String> {
    // Recorded with Helm 4.1, before lines that fill a buffer were kept.
    let helm = Helm::V4_2;
    let text = if let Some(encoded) = case["yaml_b64"].as_str() {
        let bytes = base64::engine::general_purpose::STANDARD.decode(encoded).expect("the case is base64");
        yaml::decode_bytes(&bytes, helm).map_err(|problem| {
            let stage = "cannot unmarshal yaml document: error converting YAML to JSON: yaml: ";
            format!("{stage}{problem}")
        })
    } else {
        Ok(case["yaml"].as_str().expect("a case has a text").to_owned())
    };
    let ours = text.and_then(|text| {
        let file = File::new("", "values.yaml", text);
        let values = yaml::unmarshal_values(&file, helm);
        check_place(values.as_ref().err(), yaml::read_values(&file, helm).err())?;
        values.map(|values| json(&values.root)).map_err(|error| error.to_string())
    });
    compare(case, ours)
}

/// Through the template function `fromYaml`.
fn from_yaml(case: &Json) -> Result<(), String> {
    let file = File::new("", "text", case["yaml"].as_str().expect("a case has a text"));
    let ours = yaml::unmarshal(&file, Target::Map).map_err(|error| error.to_string());
    let ours = ours.map(|values| match values.root.kind {
        Kind::Null => "{}".to_owned(),
        _ => json(&values.root),
    });
    compare(case, ours)
}

/// An error's diagnostic has its words, without the line, and a place.
fn check_place(
    error: Option<&yaml::Error>,
    diagnostic: Option<strata::diagnostic::Diagnostic>,
) -> Result<(), String> {
    match (error, diagnostic) {
        (None, None) => Ok(()),
        (Some(error), Some(diagnostic))
            if without_line(&error.to_string()) == diagnostic.message && diagnostic.location.is_some() =>
        {
            Ok(())
        }
        _ => Err("error and diagnostic differ".to_owned()),
    }
}

fn compare(case: &Json, ours: Result<String, String>) -> Result<(), String> {
    let expected = &case["helm"];
    let accepted = match expected["nondeterministic"].as_array() {
        Some(several) => several.iter().map(|json| json.as_str().expect("an answer is a text")).collect(),
        None => expected["json"].as_str().into_iter().collect::<Vec<_>>(),
    };
    let same = match (&ours, expected["error"].as_str()) {
        (Ok(json), None) => accepted.contains(&json.as_str()),
        (Err(error), Some(expected)) => without_line(error) == without_line(expected),
        _ => false,
    };
    if same { Ok(()) } else { Err(format!("{}\n    ours: {ours:?}\n    Helm: {expected}", case["yaml"])) }
}

/// The message without `line N: `.
fn without_line(message: &str) -> String {
    if let Some((before, rest)) = message.split_once("line ")
        && let Some((number, after)) = rest.split_once(": ")
        && number.bytes().all(|byte| byte.is_ascii_digit())
    {
        return format!("{before}{after}");
    }
    message.to_owned()
}

fn to_yaml(case: &Json) -> Result<(), String> {
    let json: Json = serde_json::from_str(case["json"].as_str().expect("a case has JSON")).expect("JSON");
    let ours = yaml::write(&value(&json));
    let expected = case["yaml"].as_str().expect("an answer is a text");
    if ours == expected { Ok(()) } else { Err(format!("{json}\n    ours: {ours:?}\n    Helm: {expected:?}")) }
}

/// JSON as Helm holds it: every number is a float.
fn value(json: &Json) -> Value {
    match json {
        Json::Null => Value::Null,
        Json::Bool(bool) => Value::Bool(*bool),
        Json::Number(number) => Value::Float(number.as_f64().expect("a number is finite")),
        Json::String(text) => text.as_str().into(),
        Json::Array(items) => Value::List(items.iter().map(value).collect()),
        Json::Object(entries) => {
            let pairs = entries.iter().map(|(key, item)| (key.as_str().into(), value(item)));
            Value::Map(std::sync::Arc::new(pairs.collect()))
        }
    }
}

/// A tree as Helm's `toJson` prints it.
fn json(node: &Node) -> String {
    let mut text = String::new();
    print(node, &mut text);
    text
}

fn print(node: &Node, text: &mut String) {
    match &node.kind {
        Kind::Null => text.push_str("null"),
        Kind::Bool(bool) => text.push_str(if *bool { "true" } else { "false" }),
        Kind::Float(float) => text.push_str(&json_float(*float)),
        Kind::String(string) => print_string(string, text),
        Kind::List(items) => {
            for (at, item) in items.iter().enumerate() {
                text.push(if at == 0 { '[' } else { ',' });
                print(item, text);
            }
            text.push_str(if items.is_empty() { "[]" } else { "]" });
        }
        Kind::Map(entries) => {
            for (at, entry) in entries.iter().enumerate() {
                text.push(if at == 0 { '{' } else { ',' });
                print_string(&entry.key, text);
                text.push(':');
                print(&entry.value, text);
            }
            text.push_str(if entries.is_empty() { "{}" } else { "}" });
        }
    }
}

fn print_string(string: &str, text: &mut String) {
    text.push('"');
    for character in string.chars() {
        let _ = match character {
            '"' | '\\' => write!(text, "\\{character}"),
            '\n' => write!(text, "\\n"),
            '\r' => write!(text, "\\r"),
            '\t' => write!(text, "\\t"),
            '\u{8}' => write!(text, "\\b"),
            '\u{c}' => write!(text, "\\f"),
            '\0'..='\u{1f}' | '<' | '>' | '&' | '\u{2028}' | '\u{2029}' => {
                write!(text, "\\u{:04x}", character as u32)
            }
            _ => write!(text, "{character}"),
        };
    }
    text.push('"');
}
