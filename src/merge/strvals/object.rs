//! `--set-json {"a": {"b": 1}}`: a whole object, which Helm 4 merges as it merges a values file.

use super::super::{Argument, Cell, Layer, LayerId, Said, Write};
use crate::diagnostic::Diagnostic;
use crate::source::{Location, Span};
use crate::yaml::{Entry, Kind, Node};
use serde_json::Value as Json;
use std::sync::Arc;

/// Whether an argument is an object.
pub fn is_one(argument: &Argument) -> bool {
    matches!(argument, Argument::SetJson(file) if file.text.trim_start().starts_with('{'))
}

/// Lays the object over the tree. Each value's place is the whole argument.
pub fn apply(root: &mut Cell, layer: LayerId, argument: &Argument) -> Result<(), Diagnostic> {
    let file = argument.file();
    let json: Json = serde_json::from_str(&file.text).map_err(|problem| {
        let message = format!("failed parsing --set-json data JSON: {}", file.text);
        let problem = format!("an argument that starts with {{ has to be one JSON object: {problem}");
        Diagnostic::error("set-argument", message).at(Location::new(file, file.span())).hint(problem)
    })?;
    let write = Write { layer, key: Span::default(), said: Said::Node(node(&json, file.span())) };
    root.overlay(write, 0).map_err(|deep| deep.diagnostic(&Layer::argument(argument.clone())))
}

/// The value as a tree; `serde_json` has made sure that it isn't deep.
fn node(json: &Json, span: Span) -> Node {
    let kind = match json {
        Json::Null => Kind::Null,
        Json::Bool(bool) => Kind::Bool(*bool),
        Json::Number(number) => Kind::Float(number.as_f64().unwrap_or_default()),
        Json::String(text) => Kind::String(text.as_str().into()),
        Json::Array(items) => Kind::List(items.iter().map(|item| node(item, span)).collect()),
        Json::Object(map) => {
            let entry = |(key, value): (&String, &Json)| Entry {
                key: Arc::from(key.as_str()),
                key_span: span,
                value: node(value, span),
            };
            let mut entries: Vec<Entry> = map.iter().map(entry).collect();
            entries.sort_by(|one, other| one.key.cmp(&other.key));
            Kind::Map(entries.into())
        }
    };
    Node { span, kind }
}
