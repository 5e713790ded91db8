//! From a field of a generated Application back to what it was rendered from.

use super::applicationset::Application;
use super::typed::Typed;
use crate::source::{File, Location, Span};
use crate::value::Value;
use crate::yaml::{Kind, Node};
use std::sync::Arc;

impl Application {
    /// Where the template gives a field, named by keys and list positions from the root of the object
    /// (`["spec", "sources", "0", "path"]`): a place in the ApplicationSet, or in the rendered
    /// `templatePatch` if that gave it. If the field itself has no place, the nearest that holds it.
    pub fn location(&self, path: &[&str]) -> Location {
        let patched = self.patch.as_ref().and_then(|patch| {
            let span = span_in_node(&patch.root, path)?;
            Some(Location::new(&patch.file, span))
        });
        patched.unwrap_or_else(|| {
            let template = Typed::Object((*self.template).clone());
            Location::new(&self.file, span_in(&template, path).unwrap_or(self.template.span))
        })
    }

    /// The text of a field, as a file whose parent is its place in the template; `None` if it is no
    /// string.
    pub fn text(&self, path: &[&str]) -> Option<Arc<File>> {
        let value = path.iter().try_fold(&self.object, |value, step| match value {
            Value::List(items) => items.get(step.parse::<usize>().ok()?),
            other => other.get(step),
        });
        let Value::String(text) = value? else { return None };
        let name = format!("<{} of {}>", path.join("."), self.name());
        Some(File::generated(name, Arc::clone(text), Some(self.location(path))))
    }
}

/// The bytes of the value at a path; those of the last value on the way that has any.
fn span_in(value: &Typed, path: &[&str]) -> Option<Span> {
    let Some((step, rest)) = path.split_first() else { return value.span() };
    let inner = match value {
        Typed::Object(object) => span_in(object.get(step), rest),
        Typed::List(items) => items.get(step.parse::<usize>().ok()?).and_then(|item| span_in(item, rest)),
        Typed::Map(entries) => {
            // A key that was rendered is not there as such; then it is the first one with a template.
            let exact = entries.iter().find(|(key, _)| *key.text == **step);
            let entry = exact.or_else(|| entries.iter().find(|(key, _)| key.text.contains("{{")));
            entry.and_then(|(_, value)| span_in(value, rest))
        }
        Typed::Json(node) => span_in_node(node, path),
        Typed::Absent | Typed::Bool(_) | Typed::Int(_) | Typed::Text(_) => None,
    };
    inner.or_else(|| value.span())
}

/// The bytes of the value at a path; `None` if there is none.
fn span_in_node(node: &Node, path: &[&str]) -> Option<Span> {
    let Some((step, rest)) = path.split_first() else { return Some(node.span) };
    match &node.kind {
        Kind::List(items) => span_in_node(items.get(step.parse::<usize>().ok()?)?, rest),
        Kind::Map(_) => span_in_node(node.get(step)?, rest),
        _ => None,
    }
}
