//! A layer changes what kind of value a key holds.
//!
//! A template that was written for a map fails on a string; `"3"` in place of `3` ends up quoted in a
//! manifest; and where a map meets something else, one of them is lost, with no more than a warning of Helm.
//!
//! ```yaml
//! # chart's values.yaml  # prod.yaml
//! replicas: 3            replicas: "5"       # a string for a number
//! resources: {cpu: 1}    resources: small    # no map any more
//! ```

use super::{Finding, Subject, Written, shown, words};
use crate::diagnostic::Diagnostic;
use crate::merge::{Effect, Explained, Said, Shape, Write};
use crate::value::Value;
use crate::yaml::{Kind, Node};

/// The code of the finding.
pub const CODE: &str = "lint-type-change";

/// Finds writes of a user's layer whose kind differs from the chart's default.
pub fn check(subject: &Subject<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for written in subject.paths.iter().filter(|written| changes(written)) {
        let explanation = subject.explain(written);
        let default = explanation.writes.iter().rev().find(|write| write.layer.as_chart().is_some());
        let default_value = default.and_then(value_of);
        for write in explanation.writes.iter().filter(|write| write.layer.as_user().is_some()) {
            let Some(value) = value_of(write) else { continue };
            let path = words(&explanation.path);
            let message = match (write.effect, default_value.as_ref()) {
                (Effect::TypeConflict, _) => {
                    format!("{path}: {} takes the place of something of another kind", shown(&value))
                }
                (_, Some(default)) if differ(default, &value) => {
                    format!(
                        "{path}: {} is {}, the chart's default is {}",
                        shown(&value),
                        kind(&value),
                        kind(default)
                    )
                }
                _ => continue,
            };
            let mut diagnostic = Diagnostic::warning(CODE, message);
            if let Some(place) = default.and_then(|default| subject.place(default)) {
                diagnostic = diagnostic.with(place, "the chart's default");
            }
            if let (Value::String(text), Some(Value::Float(_) | Value::Int(_) | Value::Bool(_))) =
                (&value, &default_value)
            {
                diagnostic = diagnostic.hint(format!("leave out the quotes: {text}"));
            } else if matches!(default_value, Some(Value::String(_))) {
                diagnostic = diagnostic.hint(format!("put it in quotes: \"{value}\""));
            }
            findings.push(Finding::new(&explanation.path, diagnostic, subject.place(write)));
        }
    }
    findings
}

/// Whether its writes are not all of one kind.
fn changes(written: &Written) -> bool {
    let kind_of = |write: &Write| match write.shape() {
        Shape::Null => None,
        Shape::Map => Some("a map"),
        Shape::List => Some("a list"),
        Shape::Scalar => match &write.said {
            Said::Node(Node { kind: Kind::String(_), .. }) => Some("a string"),
            _ => write.value().as_ref().map(kind),
        },
    };
    if !written.is_users() || written.writes().len() < 2 {
        return false;
    }
    let mut kinds = written.writes().iter().filter_map(kind_of);
    let first = kinds.next();
    kinds.any(|kind| Some(kind) != first)
}

fn value_of(write: &Explained) -> Option<Value> {
    write.write.as_ref()?.value()
}

/// Whether two values are of different kinds; null is of every kind.
fn differ(one: &Value, other: &Value) -> bool {
    !matches!((one, other), (Value::Null, _) | (_, Value::Null)) && kind(one) != kind(other)
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Int(_) | Value::Float(_) => "a number",
        Value::String(_) => "a string",
        Value::List(_) => "a list",
        Value::Map(_) => "a map",
    }
}
