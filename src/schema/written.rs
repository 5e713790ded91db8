//! The way back from the translation to the written schema.

use super::document::{push, steps};
use super::json::Kind;
use super::keyword;
use super::translate::Translation;
use crate::source::{Location, Span};
use serde_json::Value as Json;

/// Where something of the translation is written.
pub struct Written {
    /// Position of the document.
    pub document: usize,
    /// Pointer in it.
    pub pointer: String,
    /// The keyword with its value, or the keyword alone where the value takes several lines.
    pub place: Location,
}

impl Translation {
    /// Where the schema or keyword at a pointer of the translation is written.
    pub fn written(&self, pointer: &str) -> Written {
        let mut way: Vec<String> = steps(pointer).collect();
        let mut target = &self.targets[0];
        if way.first().is_some_and(|step| step == "$defs") {
            let number = way.get(1).and_then(|number| number.parse::<usize>().ok());
            if let Some(found) = number.and_then(|number| self.targets.get(number)) {
                target = found;
                way.drain(..2);
            }
        }
        let document = &self.documents[target.document];
        let mut pointer = target.pointer.clone();
        let mut span = document.location(&pointer).span;
        let mut node = document.node(&pointer);
        for step in way {
            let Some(parent) = node else { break };
            let step = self.written_step(parent, step);
            let Some(child) = parent.child(&step) else { break };
            span = match parent.entry(&step) {
                Some(entry) if several_lines(&document.file.text, entry.value.span) => entry.key_span,
                Some(entry) => entry.key_span.to(entry.value.span),
                None => child.span,
            };
            pointer = push(&pointer, &step);
            node = Some(child);
        }
        Written { document: target.document, pointer, place: Location::new(&document.file, span) }
    }

    /// A step as the schema has it.
    fn written_step(&self, parent: &super::json::Node, step: String) -> String {
        let list = |key: &str| parent.get(key).is_some_and(|value| matches!(value.kind, Kind::List(_)));
        let plain = match step.as_str() {
            keyword::OLD_FORMAT => "format",
            "items" if list("items") && !list("prefixItems") => "additionalItems",
            "prefixItems" if !list("prefixItems") => "items",
            "additionalItems" if !list("items") => "items",
            "items" if list("prefixItems") && parent.get("items").is_none() => "prefixItems",
            "not" if parent.get("not").is_none() && parent.get("contains").is_some() => "contains",
            other => other.strip_prefix(keyword::PREFIX).unwrap_or(other),
        };
        if parent.child(plain).is_some() {
            return plain.to_owned();
        }
        self.patterns.get(&step).cloned().unwrap_or(step)
    }

    /// A pointer to a value as jsonschema v6 up to 6.0.1 counts: items after those that have schemas by
    /// position are numbered from 0 again. `evaluation` is the way through the translation.
    pub fn miscounted(&self, instance: &str, evaluation: &str) -> String {
        let mut way: Vec<String> = steps(instance).collect();
        let mut at = 0;
        let mut schema = &self.json;
        let mut keywords = steps(evaluation);
        while let Some(keyword) = keywords.next() {
            let Some(value) = schema.get(&keyword) else { break };
            let length = |key: &str| schema.get(key).and_then(Json::as_array).map_or(0, Vec::len);
            let (next, deeper) = match keyword.as_str() {
                "$ref" => (value.as_str().and_then(|url| self.json.pointer(url.strip_prefix('#')?)), false),
                "properties" | "patternProperties" | "prefixItems" => (below(value, keywords.next()), true),
                "items" if value.is_array() => (below(value, keywords.next()), true),
                "items" | "additionalItems" => {
                    let head = length(if keyword == "items" { "prefixItems" } else { "items" });
                    if let Some(step) = way.get_mut(at) {
                        let position = step.parse::<usize>().ok().and_then(|number| number.checked_sub(head));
                        *step = position.map_or_else(|| step.clone(), |position| position.to_string());
                    }
                    (Some(value), true)
                }
                "additionalProperties" | "unevaluatedProperties" | "unevaluatedItems" | "contains" => {
                    (Some(value), true)
                }
                "allOf" | "anyOf" | "oneOf" | "dependentSchemas" | "dependencies" => {
                    (below(value, keywords.next()), false)
                }
                "not" | "if" | "then" | "else" => (Some(value), false),
                _ => (None, false),
            };
            at += usize::from(deeper);
            let Some(next) = next else { break };
            schema = next;
        }
        way.iter().fold(String::new(), |pointer, step| push(&pointer, step))
    }
}

fn below(value: &Json, step: Option<String>) -> Option<&Json> {
    let step = step?;
    value.get(&step).or_else(|| value.get(step.parse::<usize>().ok()?))
}

fn several_lines(text: &str, span: Span) -> bool {
    text.get(span.range()).is_some_and(|text| text.contains('\n'))
}
