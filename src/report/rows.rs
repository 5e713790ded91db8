//! The final values as rows of a tree, each with its origin.

use super::{Place, ValueKind, ValueRow};
use crate::lint::encrypted;
use crate::merge::{Body, Cell, Layer, LayerId, Step, Write};
use crate::source::Location;
use crate::value::{Value, json_float};
use std::sync::Arc;

/// The layers of a source in the order in which people read them, lowest precedence first. Their
/// numbers count from 1.
pub(super) struct Numbering<'a>(pub &'a [(LayerId, Arc<Layer>)]);

impl Numbering<'_> {
    /// The number of a layer; 0 for one that is not listed, which no write comes from.
    pub(super) fn number(&self, id: LayerId) -> usize {
        self.0.iter().position(|(layer, _)| *layer == id).map_or(0, |at| at + 1)
    }

    /// The layer itself.
    pub(super) fn layer(&self, id: LayerId) -> Option<&Arc<Layer>> {
        self.0.iter().find(|(layer, _)| *layer == id).map(|(_, layer)| layer)
    }

    /// Where a write stands: its value, or the key of a value that has no bytes of its own.
    pub(super) fn location(&self, write: &Write) -> Option<Location> {
        let file = self.layer(write.layer)?.file()?;
        let span = write.span();
        let span = if span.start == span.end && write.key.start != write.key.end { write.key } else { span };
        Some(Location::new(file, span))
    }
}

/// A cell that is still to be written as a row.
struct Open {
    cell: Cell,
    path: Vec<String>,
    in_list: bool,
}

/// Every path of the tree, parents before children.
pub(super) fn rows(root: &Cell, numbering: &Numbering<'_>) -> Vec<ValueRow> {
    let mut rows = Vec::new();
    let mut open = children(root, &[]);
    open.reverse();
    while let Some(next) = open.pop() {
        let mut below = children(&next.cell, &next.path);
        rows.push(row(&next, below.len(), numbering));
        below.reverse();
        open.append(&mut below);
    }
    rows
}

fn children(cell: &Cell, path: &[String]) -> Vec<Open> {
    let below = |step: &Step, cell: Cell| {
        let name = match step {
            Step::Key(key) => key.to_string(),
            Step::Index(index) => index.to_string(),
        };
        let path = path.iter().cloned().chain([name]).collect();
        Open { cell, path, in_list: matches!(step, Step::Index(_)) }
    };
    if cell.is_map() {
        let entries = cell.entries();
        let entry =
            |entry: &crate::merge::Entry| below(&Step::Key(Arc::clone(&entry.key)), entry.cell.clone());
        return entries.iter().map(entry).collect();
    }
    let items = cell.items();
    items.iter().enumerate().map(|(at, item)| below(&Step::Index(at), item.clone())).collect()
}

fn row(open: &Open, children: usize, numbering: &Numbering<'_>) -> ValueRow {
    let cell = &open.cell;
    let writes = cell.writes.as_slice();
    let removed = cell.is_removed();
    let value = if removed { writes.iter().rev().find_map(present) } else { cell.to_value() };
    // Maps that several layers made have no single origin, unless all of it is one layer's.
    let last = if removed { writes.last() } else { cell.last_write() };
    let below = last.and_then(|_| writes.len().checked_sub(2)).map(|at| &writes[at]);
    let same = below.filter(|below| !removed && below.value().is_some() && below.value() == value);
    ValueRow {
        path: open.path.clone(),
        in_list: open.in_list,
        kind: kind(value.as_ref()),
        text: value.as_ref().map(scalar_text).unwrap_or_default(),
        children,
        removed,
        layer: last.map(|write| numbering.number(write.layer)),
        place: last.and_then(|write| numbering.location(write)).as_ref().map(Place::of),
        overridden: if matches!(cell.body, Body::Map(..)) { 0 } else { writes.len().saturating_sub(1) },
        same_as: same.map(|write| numbering.number(write.layer)),
        unknown: value.as_ref().and_then(unknown).map(str::to_owned),
        errors: 0,
        warnings: 0,
    }
}

fn present(write: &Write) -> Option<Value> {
    write.value().filter(|value| *value != Value::Null)
}

fn kind(value: Option<&Value>) -> ValueKind {
    match value {
        None | Some(Value::Null) => ValueKind::Null,
        Some(Value::Bool(_)) => ValueKind::Bool,
        Some(Value::Int(_) | Value::Float(_)) => ValueKind::Number,
        Some(Value::String(_)) => ValueKind::String,
        Some(Value::List(_)) => ValueKind::List,
        Some(Value::Map(_)) => ValueKind::Map,
    }
}

/// A scalar as it should be shown: strings in quotes. Empty for maps and lists.
pub(super) fn scalar_text(value: &Value) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Bool(bool) => bool.to_string(),
        Value::Int(int) => int.to_string(),
        Value::Float(float) if float.is_finite() => json_float(*float),
        Value::Float(float) => float.to_string(),
        Value::String(text) => serde_json::Value::from(text.as_ref()).to_string(),
        Value::List(_) | Value::Map(_) => String::new(),
    }
}

/// Why a value can't be known from the files alone.
pub(super) fn unknown(value: &Value) -> Option<&'static str> {
    encrypted::unknown(value.as_str()?)
}
