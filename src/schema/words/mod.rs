//! Helm's own words for values that break the schemas of their charts.
//!
//! Each library tells its failures in an order, a nesting and words of its own, and leaves some out
//! (`gojsonschema` tells of alternatives the nearest one, `jsonschema_v6` nothing beside a wrong type).
//! So each has a walk of its own over the translated schema; whether values are valid is not decided
//! here.

mod gojsonschema;
mod jsonschema_v6;
mod numbers;
mod reasons;
#[cfg(test)]
mod tests;

use super::pattern::Pattern;
use super::translate::Translation;
use super::{DEEPEST_VALUE, MOST_EFFORT, Schema, effort, shallow};
use crate::chart;
use crate::diagnostic::Diagnostic;
use crate::profile::{Helm, SchemaLibrary as Library};
use crate::source::File;
use crate::value::Value;
use serde_json::{Map, Value as Json};
use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::Arc;

/// The error with which Helm refuses the values of a chart and its subcharts, if one of their schemas
/// does (`ToRenderValues`); `compile` makes schemas ready.
pub fn failure(
    values: &chart::Values,
    mut compile: impl FnMut(&Arc<File>) -> Result<Arc<Schema>, Diagnostic>,
) -> Option<String> {
    let root = values.root.to_value().unwrap_or_else(Value::empty_map);
    let empty = Value::empty_map();
    let mut text = String::new();
    for enabled in in_order(values) {
        let Some(file) = &enabled.chart.schema else { continue };
        let own = enabled.path.iter().try_fold(&root, |value, step| match step {
            crate::merge::Step::Key(key) => value.get(key),
            crate::merge::Step::Index(index) => value.as_list()?.get(*index),
        });
        let words = match compile(file) {
            Ok(schema) => schema.words(own.unwrap_or(&empty)),
            Err(problem) => Some(problem.message),
        };
        if let Some(words) = words {
            text.push_str(&format!("{}:\n{words}", enabled.name));
        }
    }
    let intro = "values don't meet the specifications of the schema(s) in the following chart(s):";
    (!text.is_empty()).then(|| format!("{intro}\n{text}"))
}

/// Each chart, then each of its subcharts with all of theirs.
fn in_order(values: &chart::Values) -> Vec<&chart::Enabled> {
    let mut subcharts: HashMap<Option<usize>, Vec<usize>> = HashMap::new();
    for (at, enabled) in values.charts.iter().enumerate().rev() {
        subcharts.entry(enabled.parent).or_default().push(at);
    }
    let mut open = subcharts.remove(&None).unwrap_or_default();
    let mut order = Vec::with_capacity(values.charts.len());
    while let Some(at) = open.pop() {
        order.push(&values.charts[at]);
        open.extend(subcharts.remove(&Some(at)).unwrap_or_default());
    }
    order
}

impl Schema {
    /// What Helm says about values below the name of their chart; nothing if they are valid.
    pub fn words(&self, values: &Value) -> Option<String> {
        if self.accepts(values) {
            return None;
        }
        let tellable = shallow(values, DEEPEST_VALUE) && effort::of(&self.translation, values) <= MOST_EFFORT;
        let words = if tellable { self.walk(values) } else { String::new() };
        // What can't be told is still told to be wrong.
        Some(if words.is_empty() { "- the values break the schema\n".to_owned() } else { words })
    }

    fn walk(&self, values: &Value) -> String {
        let rules = Rules { translation: &self.translation, patterns: RefCell::default() };
        match self.helm.schema_library() {
            Library::GoJsonSchema => gojsonschema::tell(rules, values),
            Library::JsonSchemaV6 => {
                // Helm takes away the first line, but knows one spelling of it only.
                let url = &self.translation.documents[0].resource_at("").url;
                let intro = match url.as_str() {
                    "file:///values.schema.json" => String::new(),
                    _ => format!("jsonschema validation failed with {}\n", quoted(&format!("{url}#"))),
                };
                let words = jsonschema_v6::tell(rules, values, self.helm);
                if words.is_empty() { words } else { intro + &words }
            }
        }
    }
}

/// The translated schema, as both walks ask it.
struct Rules<'a> {
    translation: &'a Translation,
    /// Patterns that were asked before.
    patterns: RefCell<HashMap<&'a str, Option<Arc<Pattern>>>>,
}

impl<'a> Rules<'a> {
    fn matches(&self, pattern: &'a str, text: &str) -> bool {
        let mut known = self.patterns.borrow_mut();
        let pattern = known.entry(pattern).or_insert_with(|| Pattern::new(pattern).ok().map(Arc::new));
        pattern.as_ref().is_none_or(|pattern| pattern.matches(text))
    }

    /// What `$ref` points to.
    fn target(&self, schema: &'a Map<String, Json>) -> Option<&'a Json> {
        self.translation.json.pointer(schema.get("$ref")?.as_str()?.strip_prefix('#')?)
    }

    /// The schemas of `patternProperties` that a key has.
    fn by_pattern(&self, schema: &'a Map<String, Json>, key: &str) -> Vec<&'a Json> {
        let Some(Json::Object(patterns)) = schema.get("patternProperties") else { return Vec::new() };
        let fit = patterns.iter().filter(|(pattern, _)| {
            let written = self.translation.patterns.get(*pattern).unwrap_or(pattern);
            self.matches(written, key)
        });
        fit.map(|(_, schema)| schema).collect()
    }
}

/// The schemas of a keyword that lists some.
fn listed<'a>(schema: &'a Map<String, Json>, keyword: &str) -> &'a [Json] {
    schema.get(keyword).and_then(Json::as_array).map_or(&[], Vec::as_slice)
}

/// The strings of a list of names.
fn names(list: &Json) -> impl Iterator<Item = &str> {
    list.as_array().into_iter().flatten().filter_map(Json::as_str)
}

/// The entries of a keyword that has a map.
fn entries<'a>(schema: &'a Map<String, Json>, keyword: &str) -> impl Iterator<Item = (&'a String, &'a Json)> {
    schema.get(keyword).and_then(Json::as_object).into_iter().flatten()
}

/// A limit that is a number of something.
fn limit(schema: &Map<String, Json>, keyword: &str) -> Option<usize> {
    schema.get(keyword)?.as_u64().map(|limit| usize::try_from(limit).unwrap_or(usize::MAX))
}

/// A number, whichever Go type it has.
fn number(value: &Value) -> Option<f64> {
    match value {
        Value::Int(int) => Some(*int as f64),
        Value::Float(float) => Some(*float),
        _ => None,
    }
}

fn is_whole(value: &Value) -> bool {
    match value {
        Value::Int(_) => true,
        Value::Float(float) => float.fract() == 0.0,
        _ => false,
    }
}

/// Whether a value is of one of the types that a schema names.
fn is_of(value: &Value, types: &Json) -> bool {
    let fits = |name: &str| match value {
        Value::Null => name == "null",
        Value::Bool(_) => name == "boolean",
        Value::Int(_) | Value::Float(_) => name == "number" || (name == "integer" && is_whole(value)),
        Value::String(_) => name == "string",
        Value::List(_) => name == "array",
        Value::Map(_) => name == "object",
    };
    types.as_str().map_or_else(|| names(types).any(fits), fits)
}

/// Equality of JSON: numbers by their value.
fn same(one: &Json, other: &Json) -> bool {
    match (one, other) {
        (Json::Number(one), Json::Number(other)) => one == other || one.as_f64() == other.as_f64(),
        (Json::Array(one), Json::Array(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| same(one, other))
        }
        (Json::Object(one), Json::Object(other)) => {
            let fits =
                |(key, value): (&String, &Json)| other.get(key).is_some_and(|other| same(value, other));
            one.len() == other.len() && one.iter().all(fits)
        }
        _ => one == other,
    }
}

/// A text in single quotes, escaped as Go's `%q` does it.
fn quoted(text: &str) -> String {
    let quoted = crate::template::quote::quote_bytes(text.as_bytes(), false);
    let inside = quoted.get(1..quoted.len() - 1).unwrap_or_default();
    format!("'{}'", inside.replace("\\\"", "\"").replace('\'', "\\'"))
}

/// Texts in single quotes.
fn all_quoted<'t>(texts: impl IntoIterator<Item = &'t str>) -> String {
    texts.into_iter().map(quoted).collect::<Vec<_>>().join(", ")
}

/// The rule of the profile for where `jsonschema_v6` places what it tells.
fn slips(helm: Helm) -> bool {
    helm.counts_further_items_from_zero()
}
