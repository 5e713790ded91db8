//! Whether a schema is one: jsonschema v6 holds every document against the metaschema of its draft.
//!
//! The crate brings the metaschemas. Formats in them are Go's and so are checked here; the strings that
//! have passed are then replaced, lest the crate check them by its own rules.

use super::document::{Document, push};
use super::draft::{Draft, subschemas};
use super::format::{absolute_uri, uri_reference};
use super::json::{self, Kind, Node};
use super::pattern::Pattern;
use serde_json::Value as Json;

/// What is wrong, with the pointer to it.
pub struct Fault {
    /// Where.
    pub pointer: String,
    /// What.
    pub message: String,
}

/// Checks the schema at a pointer, written in `draft`.
pub fn check(document: &Document, pointer: &str, node: &Node, draft: Draft) -> Result<(), Fault> {
    let mut copy = Copy { document, draft, others: Vec::new() };
    let json = copy.schema(node, pointer)?;
    let outcome = match draft {
        Draft::Four => jsonschema::draft4::meta::validate(&json),
        Draft::Six => jsonschema::draft6::meta::validate(&json),
        Draft::Seven | Draft::Hybrid => jsonschema::draft7::meta::validate(&json),
        Draft::Y2019 => jsonschema::draft201909::meta::validate(&json),
        Draft::Y2020 => jsonschema::draft202012::meta::validate(&json),
    };
    outcome.map_err(|error| {
        let below = error.instance_path().as_str();
        Fault { pointer: format!("{pointer}{below}"), message: error.masked_with("the value").to_string() }
    })?;
    let others = copy.others;
    for other in others {
        if let Some(node) = document.node(&other) {
            check(document, &other, node, document.resource_at(&other).draft)?;
        }
    }
    Ok(())
}

struct Copy<'a> {
    document: &'a Document,
    draft: Draft,
    /// Schemas inside that are written in drafts of their own.
    others: Vec<String>,
}

impl Copy<'_> {
    fn schema(&mut self, node: &Node, pointer: &str) -> Result<Json, Fault> {
        let mut json = node.to_json();
        let Json::Object(map) = &mut json else { return Ok(json) };
        self.strings(node, pointer)?;
        for (way, subschema) in subschemas(self.draft, node) {
            let below = way.iter().fold(pointer.to_owned(), |pointer, step| push(&pointer, step));
            let copy = if self.document.resource_at(&below).draft == self.draft {
                self.schema(subschema, &below)?
            } else {
                self.others.push(below);
                Json::Object(serde_json::Map::new())
            };
            let holder = map.get_mut(&way[0]);
            let place = match way.get(1) {
                Some(step) => holder.and_then(|holder| child(holder, step)),
                None => holder,
            };
            if let Some(place) = place {
                *place = copy;
            }
        }
        for (key, value) in map.iter_mut() {
            plain(key, value, self.draft);
        }
        Ok(json)
    }

    /// The formats and, in the older drafts, what Go's copies of the metaschemas ask for beyond the
    /// published ones.
    fn strings(&self, node: &Node, pointer: &str) -> Result<(), Fault> {
        let fault = |key: &str, message: String| Fault { pointer: push(pointer, key), message };
        for entry in node.entries() {
            let key = entry.key.as_str();
            let text = entry.value.as_str();
            match key {
                "pattern" => {
                    if let Some(Err(error)) = text.map(Pattern::new) {
                        return Err(fault(key, error));
                    }
                }
                "patternProperties" if self.draft >= Draft::Seven => {
                    for inner in entry.value.entries() {
                        if let Err(error) = Pattern::new(&inner.key) {
                            let at = push(&push(pointer, key), &inner.key);
                            return Err(Fault { pointer: at, message: error });
                        }
                    }
                }
                "$schema" if text.is_some_and(|text| !absolute_uri(text)) => {
                    return Err(fault(key, "is no URI".to_owned()));
                }
                "$id" | "$ref" | "$dynamicRef" | "$recursiveRef"
                    if self.draft > Draft::Four && text.is_some_and(|text| !uri_reference(text)) =>
                {
                    return Err(fault(key, "is no reference to a URI".to_owned()));
                }
                "$ref" if self.draft == Draft::Four && text.is_none() => {
                    return Err(fault(key, "is no text".to_owned()));
                }
                "enum" if !self.draft.is_modern() => {
                    let items: Vec<Json> = entry.value.items().iter().map(Node::to_json).collect();
                    let twice = (1..items.len()).any(|at| items[..at].contains(&items[at]));
                    if twice || (items.is_empty() && matches!(entry.value.kind, Kind::List(_))) {
                        return Err(fault(key, "has to list at least one value, and none twice".to_owned()));
                    }
                }
                _ => {}
            }
        }
        Ok(())
    }
}

/// Replaces what was checked here, and writes whole numbers as such (in Go `2.0` is an integer).
fn plain(key: &str, value: &mut Json, draft: Draft) {
    match (key, &*value) {
        ("pattern", Json::String(_)) => *value = Json::String(String::new()),
        ("$schema" | "$ref" | "$id", Json::String(_)) if !draft.is_modern() => {
            *value = Json::String("x:x".to_owned());
        }
        // Go's copy of draft-06 asks nothing of it.
        ("examples", _) if draft == Draft::Six => *value = Json::Array(Vec::new()),
        (_, Json::Number(number)) => *value = json::whole(number),
        ("patternProperties", Json::Object(map)) => {
            let mut renamed = serde_json::Map::new();
            for (at, value) in map.values().enumerate() {
                renamed.insert(format!("p{at}"), value.clone());
            }
            *value = Json::Object(renamed);
        }
        _ => {}
    }
}

fn child<'a>(value: &'a mut Json, step: &str) -> Option<&'a mut Json> {
    match value {
        Json::Object(map) => map.get_mut(step),
        Json::Array(items) => step.parse::<usize>().ok().and_then(|at| items.get_mut(at)),
        _ => None,
    }
}
