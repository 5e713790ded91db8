//! The suite `schema`; its README says what is compared.

use crate::{Outcome, ask, json_lines, recorded};
use serde_json::Value as Json;
use std::path::Path;
use std::sync::Arc;
use strata::profile::{Helm, Profile};
use strata::schema::{Owner, Schema, Violation};
use strata::source::File;
use strata::value::{Map, Value};
use strata::yaml;

/// Asks the engine for every recorded case.
pub fn run(directory: &Path) -> Vec<Outcome> {
    let mut cases = json_lines(directory, "designed");
    cases.extend(json_lines(directory, "random"));
    ask(&cases, |(name, case)| {
        let versions = recorded(case, "helm").into_iter().map(|(version, expected)| {
            let helm =
                format!("helm-{version}").parse::<Profile>().expect("a recorded version is known").helm;
            (version.to_owned(), judge(&answer(case, helm), expected))
        });
        Outcome { name: name.clone(), versions: versions.collect() }
    })
}

/// What the schema says to the values, or why there is none.
fn answer(case: &Json, helm: Helm) -> Result<Vec<Violation>, String> {
    let text = |name: &str| case["files"][name].as_str().unwrap_or_default();
    let schema = File::new("chart", "values.schema.json", text("values.schema.json"));
    let schema = Schema::compile(&schema, Owner::Chart, helm, &()).map_err(|error| error.message)?;
    let read = |name: &str, text: &str| {
        let document = yaml::read_values(&File::new("", name, text), helm);
        document.map(|document| document.root.to_value()).map_err(|error| error.message)
    };
    let mut values = read("values.yaml", text("values.yaml"))?;
    for layer in case["layers"]["valueFiles"].as_array().map_or(&[] as &[_], Vec::as_slice) {
        values = overlay(&values, &read("layer", layer["text"].as_str().unwrap_or_default())?);
    }
    Ok(schema.validate(&values))
}

fn overlay(lower: &Value, upper: &Value) -> Value {
    let (Value::Map(below), Value::Map(above)) = (lower, upper) else { return upper.clone() };
    let mut merged: Map = below.iter().map(|(key, value)| (Arc::clone(key), value.clone())).collect();
    for (key, value) in above.iter() {
        let value = below.get(key).map_or_else(|| value.clone(), |lower| overlay(lower, value));
        merged.insert(Arc::clone(key), value);
    }
    Value::Map(Arc::new(merged))
}

fn judge(ours: &Result<Vec<Violation>, String>, expected: &Json) -> Result<(), String> {
    let violations = match ours {
        Err(_) if expected.get("unusable").is_some() => return Ok(()),
        Err(message) => return Err(format!("ours is unusable: {message}; Helm's {expected}")),
        Ok(violations) => violations,
    };
    let told = || {
        let mut told = Vec::new();
        flatten(violations, &mut told);
        told
    };
    if expected["valid"].as_bool() != Some(violations.is_empty()) {
        return Err(format!("ours {:?}; Helm's {expected}", told()));
    }
    let Some(failures) = expected["failures"].as_array() else { return Ok(()) };
    let theirs: Vec<(&str, &str)> = failures
        .iter()
        .map(|pair| (pair[0].as_str().unwrap_or_default(), pair[1].as_str().unwrap_or_default()))
        .collect();
    let names_fail = theirs.iter().any(|(_, words)| words.starts_with("invalid propertyName"));
    // Failures of names are placed at the root by the library: they match anything.
    let anywhere = |pointer: &str| pointer.is_empty() && names_fail;
    let told = told();
    let unmatched_ours = told
        .iter()
        .find(|(pointer, _)| !theirs.iter().any(|(other, _)| related(pointer, other) || anywhere(other)));
    let unmatched_theirs = theirs
        .iter()
        .find(|(pointer, _)| !anywhere(pointer) && !told.iter().any(|(other, _)| related(pointer, other)));
    match (unmatched_ours, unmatched_theirs) {
        (None, None) => Ok(()),
        (ours, theirs) => {
            Err(format!("ours {ours:?} has no match, or Helm's {theirs:?}; all of ours: {told:?}"))
        }
    }
}

fn flatten(violations: &[Violation], told: &mut Vec<(String, String)>) {
    for violation in violations {
        told.push((violation.helm_pointer.clone(), violation.rule.clone()));
        flatten(&violation.causes, told);
    }
}

/// Whether one pointer is a prefix of the other.
fn related(one: &str, other: &str) -> bool {
    let below = |long: &str, short: &str| {
        long.strip_prefix(short).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    below(one, other) || below(other, one)
}
