//! The suite `schema`; its README says what is compared.

use super::helm_values::{load_chart, user_values};
use crate::{Outcome, ask, json_lines, recorded};
use serde_json::Value as Json;
use std::path::Path;
use strata::chart;
use strata::profile::{Helm, Profile};
use strata::schema::{Owner, Schema, Violation};
use strata::value::Value;

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

/// What the chart's schema says to the values that Helm computes, or why it says nothing.
fn answer(case: &Json, helm: Helm) -> Result<Vec<Violation>, String> {
    let computed = load_chart(case, helm).and_then(|chart| {
        let values = chart::values(&chart, &user_values(case, helm)?, helm)?;
        Ok((chart, values.root.to_value().unwrap_or_else(Value::empty_map)))
    });
    let (chart, values) = computed.map_err(|error| error.message)?;
    let schema = chart.schema.as_ref().ok_or("the chart has no schema")?;
    let schema = Schema::compile(schema, Owner::Chart, helm, &()).map_err(|error| error.message)?;
    Ok(schema.validate(&values))
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
