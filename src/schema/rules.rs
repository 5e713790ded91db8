//! What a schema says about a key, for people who edit it.

use super::document::push;
use super::json::{Kind, Node};
use super::keyword;
use super::translate::Translation;
use crate::source::Location;
use serde_json::{Map, Value as Json};
use std::collections::HashSet;

/// What one schema says about one key.
#[derive(Clone, Debug, PartialEq)]
pub struct Rule {
    /// Where it is written.
    pub place: Location,
    /// In words, e.g. `integer, 1 to 10`; empty where it allows anything.
    pub rule: String,
    /// `description`, else `title`; empty if there is none.
    pub description: String,
    /// `default` as JSON; empty if there is none.
    pub default: String,
    /// `enum` as JSON values.
    pub choices: Vec<String>,
    /// Marked as deprecated.
    pub deprecated: bool,
}

/// Schemas that are looked at for one key at most.
const MOST: usize = 500;

/// The rules for the key at a path.
pub fn at(translation: &Translation, path: &[&str]) -> Vec<Rule> {
    let mut walk = Walk { translation, found: Vec::new(), seen: HashSet::new() };
    walk.schema("", path);
    let found = std::mem::take(&mut walk.found);
    let required = path.split_last().is_some_and(|(key, parent)| {
        walk.seen.clear();
        walk.schema("", parent);
        let lists = walk
            .found
            .iter()
            .filter_map(|pointer| translation.json.pointer(pointer)?.get("required")?.as_array());
        lists.flatten().any(|name| name == key)
    });
    let mut rules: Vec<Rule> = found.iter().filter_map(|pointer| rule(translation, pointer)).collect();
    if required && let Some(first) = rules.first_mut() {
        let separator = if first.rule.is_empty() { "" } else { ", " };
        first.rule.push_str(separator);
        first.rule.push_str("required");
    }
    rules
}

struct Walk<'a> {
    translation: &'a Translation,
    found: Vec<String>,
    seen: HashSet<(String, usize)>,
}

impl Walk<'_> {
    fn schema(&mut self, pointer: &str, path: &[&str]) {
        if self.seen.len() >= MOST || !self.seen.insert((pointer.to_owned(), path.len())) {
            return;
        }
        let Some(schema) = self.translation.json.pointer(pointer).and_then(Json::as_object) else { return };
        match path.split_first() {
            None => self.found.push(pointer.to_owned()),
            Some((step, rest)) => self.step(schema, pointer, step, rest),
        }
        if let Some(target) = schema.get("$ref").and_then(Json::as_str).and_then(|url| url.strip_prefix('#'))
        {
            self.schema(target, path);
        }
        for position in 0..schema.get("allOf").and_then(Json::as_array).map_or(0, Vec::len) {
            self.schema(&format!("{pointer}/allOf/{position}"), path);
        }
    }

    /// One key or list position further down.
    fn step(&mut self, schema: &Map<String, Json>, pointer: &str, step: &str, rest: &[&str]) {
        let object = |key: &str| schema.get(key).and_then(Json::as_object);
        let mut described = false;
        if object("properties").is_some_and(|properties| properties.contains_key(step)) {
            self.schema(&push(&format!("{pointer}/properties"), step), rest);
            described = true;
        }
        for pattern in object("patternProperties").into_iter().flat_map(Map::keys) {
            if regex::Regex::new(pattern).is_ok_and(|regex| regex.is_match(step)) {
                self.schema(&push(&format!("{pointer}/patternProperties"), pattern), rest);
                described = true;
            }
        }
        if !described && schema.contains_key("additionalProperties") {
            self.schema(&format!("{pointer}/additionalProperties"), rest);
        }
        let Ok(position) = step.parse::<usize>() else { return };
        for (head, others) in [("prefixItems", "items"), ("items", "additionalItems")] {
            match schema.get(head) {
                Some(Json::Array(items)) if position < items.len() => {
                    self.schema(&format!("{pointer}/{head}/{position}"), rest);
                }
                Some(Json::Object(_)) => self.schema(&format!("{pointer}/{head}"), rest),
                _ if schema.contains_key(others) => self.schema(&format!("{pointer}/{others}"), rest),
                _ => {}
            }
        }
    }
}

fn rule(translation: &Translation, pointer: &str) -> Option<Rule> {
    let schema = translation.json.pointer(pointer)?.as_object()?;
    let written = translation.written(pointer);
    let node = translation.documents[written.document].node(&written.pointer)?;
    let text = |key: &str| node.get(key).and_then(Node::as_str).map(str::to_owned);
    let rule = Rule {
        place: written.place,
        rule: words(schema, node).join(", "),
        description: text("description").or_else(|| text("title")).unwrap_or_default(),
        default: node.get("default").map(ToString::to_string).unwrap_or_default(),
        choices: node.get("enum").map_or(&[] as &[_], Node::items).iter().map(ToString::to_string).collect(),
        deprecated: matches!(node.get("deprecated").map(|value| &value.kind), Some(Kind::Bool(true))),
    };
    let says_nothing = rule.rule.is_empty()
        && rule.description.is_empty()
        && rule.default.is_empty()
        && rule.choices.is_empty()
        && !rule.deprecated;
    (!says_nothing).then_some(rule)
}

/// The assertions of one schema in words.
fn words(schema: &Map<String, Json>, node: &Node) -> Vec<String> {
    let mut words = Vec::new();
    let shown = |key: &str| {
        schema.get(key).map(|value| value.as_str().map_or_else(|| value.to_string(), str::to_owned))
    };
    match schema.get("type") {
        Some(Json::String(name)) => words.push(name.clone()),
        Some(Json::Array(names)) => {
            words.push(names.iter().filter_map(Json::as_str).collect::<Vec<_>>().join(" or "));
        }
        _ => {}
    }
    if let Some(value) = node.get("const").filter(|_| schema.contains_key("const")) {
        words.push(format!("exactly {value}"));
    }
    if schema.contains_key("enum") {
        let choices: Vec<String> =
            node.get("enum").map_or(&[] as &[_], Node::items).iter().map(ToString::to_string).collect();
        words.push(format!("one of {}", choices.join(", ")));
    }
    words.extend(between(shown("minimum"), shown("maximum"), ""));
    words.extend(shown("exclusiveMinimum").map(|bound| format!("more than {bound}")));
    words.extend(shown("exclusiveMaximum").map(|bound| format!("less than {bound}")));
    words.extend(shown(keyword::MULTIPLE_OF).map(|factor| format!("a multiple of {factor}")));
    words.extend(between(shown("minLength"), shown("maxLength"), " characters"));
    words.extend(shown(keyword::PATTERN).map(|pattern| format!("matching `{pattern}`")));
    let format = shown(keyword::FORMAT).or_else(|| shown(keyword::OLD_FORMAT));
    words.extend(format.map(|format| format!("format {format}")));
    words.extend(between(shown("minItems"), shown("maxItems"), " items"));
    if schema.get("uniqueItems") == Some(&Json::Bool(true)) {
        words.push("no item twice".to_owned());
    }
    words.extend(between(shown("minProperties"), shown("maxProperties"), " keys"));
    if schema.get("additionalProperties") == Some(&Json::Bool(false)) {
        words.push("no keys but those described".to_owned());
    }
    for (key, text) in [
        ("anyOf", "at least one of several forms"),
        ("oneOf", "exactly one of several forms"),
        ("not", "not everything"),
        ("if", "more rules depend on the value"),
    ] {
        if schema.contains_key(key) {
            words.push(text.to_owned());
        }
    }
    words
}

fn between(low: Option<String>, high: Option<String>, unit: &str) -> Option<String> {
    match (low, high) {
        (Some(low), Some(high)) if low == high => Some(format!("exactly {low}{unit}")),
        (Some(low), Some(high)) => Some(format!("{low} to {high}{unit}")),
        (Some(low), None) => Some(format!("at least {low}{unit}")),
        (None, Some(high)) => Some(format!("at most {high}{unit}")),
        (None, None) => None,
    }
}
