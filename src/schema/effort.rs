//! How much work it would be to tell every failure.
//!
//! Whether values are valid is answered in time that grows with the values; telling why is not:
//! alternatives that refer to alternatives multiply with every level of the values.

use super::translate::Translation;
use crate::value::Value;
use serde_json::{Map, Value as Json};
use std::collections::HashMap;

/// The number of schemas that are applied to values when none is left out, as far as `u64` counts.
pub fn of(translation: &Translation, values: &Value) -> u64 {
    let mut effort = Effort { root: &translation.json, known: HashMap::new() };
    effort.schema(&translation.json, values)
}

struct Effort<'a> {
    root: &'a Json,
    /// By the addresses of schema and value, both of which outlive the count.
    known: HashMap<(usize, usize), u64>,
}

impl Effort<'_> {
    fn schema(&mut self, schema: &Json, value: &Value) -> u64 {
        let Json::Object(map) = schema else { return 1 };
        let key = (std::ptr::from_ref(schema) as usize, std::ptr::from_ref(value) as usize);
        if let Some(&known) = self.known.get(&key) {
            return known;
        }
        let effort = self.here(map, value).saturating_add(self.below(map, value));
        self.known.insert(key, effort);
        effort
    }

    fn all<'b>(&mut self, schemas: impl Iterator<Item = &'b Json>, value: &Value) -> u64 {
        schemas.fold(0, |sum, schema| sum.saturating_add(self.schema(schema, value)))
    }

    /// What is applied to the value itself.
    fn here(&mut self, schema: &Map<String, Json>, value: &Value) -> u64 {
        let root = self.root;
        let mut sum: u64 = 1;
        for (keyword, rule) in schema {
            let more = match (keyword.as_str(), rule) {
                ("$ref", Json::String(url)) => {
                    let target = url.strip_prefix('#').and_then(|pointer| root.pointer(pointer));
                    self.all(target.into_iter(), value)
                }
                ("allOf" | "anyOf" | "oneOf", Json::Array(list)) => self.all(list.iter(), value),
                ("not" | "if" | "then" | "else", _) => self.schema(rule, value),
                ("dependentSchemas" | "dependencies", Json::Object(map)) => self.all(map.values(), value),
                _ => 0,
            };
            sum = sum.saturating_add(more);
        }
        sum
    }

    /// What is applied to its items or the values of its keys.
    fn below(&mut self, schema: &Map<String, Json>, value: &Value) -> u64 {
        let mut sum: u64 = 0;
        for (keyword, rule) in schema {
            let more = match (value, keyword.as_str(), rule) {
                (Value::Map(map), "properties", Json::Object(rules)) => {
                    let each = rules.iter().filter_map(|(key, rule)| Some((rule, map.get(key)?)));
                    each.fold(0, |sum: u64, (rule, value)| sum.saturating_add(self.schema(rule, value)))
                }
                (Value::Map(map), "patternProperties", Json::Object(rules)) => map
                    .iter()
                    .fold(0, |sum: u64, (_, value)| sum.saturating_add(self.all(rules.values(), value))),
                (Value::Map(map), "additionalProperties" | "unevaluatedProperties", _) => {
                    map.iter().fold(0, |sum: u64, (_, value)| sum.saturating_add(self.schema(rule, value)))
                }
                (Value::List(list), "prefixItems" | "items", Json::Array(rules)) => {
                    let each = rules.iter().zip(list.iter());
                    each.fold(0, |sum: u64, (rule, item)| sum.saturating_add(self.schema(rule, item)))
                }
                (Value::List(list), "items" | "additionalItems" | "contains" | "unevaluatedItems", _) => {
                    list.iter().fold(0, |sum: u64, item| sum.saturating_add(self.schema(rule, item)))
                }
                _ => 0,
            };
            sum = sum.saturating_add(more);
        }
        sum
    }
}
