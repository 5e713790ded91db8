//! From a field of a generated Application back to what it was rendered from.

use super::applicationset::{Application, Generated, mode_of};
use super::sources;
use super::text::{Part, Renderer};
use super::typed::Typed;
use crate::profile::Profile;
use crate::source::{File, Location, Span};
use crate::value::Value;
use crate::yaml::{Kind, Node};
use std::sync::Arc;

/// A step of a path into an object.
pub trait Step {
    /// The step as the name of a field; empty if it is none.
    fn name(&self) -> &str;

    /// The step as a position in a list.
    fn position(&self) -> Option<usize>;
}

impl Step for &str {
    fn name(&self) -> &str {
        self
    }

    fn position(&self) -> Option<usize> {
        self.parse().ok()
    }
}

impl Step for sources::Step {
    fn name(&self) -> &str {
        if let Self::Key(key) = self { key } else { "" }
    }

    fn position(&self) -> Option<usize> {
        if let Self::Index(at) = self { Some(*at) } else { None }
    }
}

impl Application {
    /// Where the template gives a field, named by keys and list positions from the root of the object
    /// (`["spec", "sources", "0", "path"]`): a place in the ApplicationSet, or in the rendered
    /// `templatePatch` if that gave it. If the field itself has no place, the nearest that holds it.
    pub fn location(&self, path: &[impl Step]) -> Location {
        let patched = self.patch.as_ref().and_then(|patch| {
            let span = span_in_node(&patch.root, path)?;
            Some(Location::new(&patch.file, span))
        });
        patched.unwrap_or_else(|| {
            let span =
                path.split_first().and_then(|(step, rest)| span_in(self.template.get(step.name()), rest));
            Location::new(&self.file, span.unwrap_or(self.template.span))
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

impl Generated {
    /// What each part of a field of one of the Applications was made from; empty if the field is no
    /// string.
    pub fn explain(&self, application: &Application, path: &[&str], profile: Profile) -> Vec<Part> {
        let Some(spec) = &self.spec else { return Vec::new() };
        let mut renderer = Renderer::new(mode_of(spec), profile);
        let patched = application.patch.as_ref().and_then(|patch| span_in_node(&patch.root, path));
        let template = if patched.is_some() {
            spec.get("templatePatch").as_text().map(|patch| Arc::clone(&patch.text))
        } else {
            text_in(&Typed::Object((*application.template).clone()), path)
        };
        let parts = template.and_then(|text| renderer.parse(&text).explain(&application.parameters).ok());
        let parts = parts.unwrap_or_default();
        let Some(span) = patched else { return parts };
        // Of a patch only what the field's own bytes were made from.
        let (start, end) = (span.start as usize, span.end as usize);
        let own = parts.into_iter().filter(|part| part.range.start < end && part.range.end > start);
        let within = |at: usize| at.clamp(start, end) - start;
        own.map(|part| Part { range: within(part.range.start)..within(part.range.end), ..part }).collect()
    }
}

fn text_in(value: &Typed, path: &[&str]) -> Option<Arc<str>> {
    let Some((step, rest)) = path.split_first() else {
        return value.as_text().map(|text| Arc::clone(&text.text));
    };
    match value {
        Typed::Object(object) => text_in(object.get(step), rest),
        Typed::List(items) => text_in(items.get(step.parse::<usize>().ok()?)?, rest),
        Typed::Map(entries) => {
            let exact = entries.iter().find(|(key, _)| *key.text == **step);
            let entry = exact.or_else(|| entries.iter().find(|(key, _)| key.text.contains("{{")));
            text_in(&entry?.1, rest)
        }
        Typed::Json(node) => {
            let node = path.iter().try_fold(node, |node, step| match &node.kind {
                Kind::List(items) => items.get(step.parse::<usize>().ok()?),
                _ => node.get(step),
            });
            if let Kind::String(text) = &node?.kind { Some(Arc::clone(text)) } else { None }
        }
        Typed::Absent | Typed::Bool(_) | Typed::Int(_) | Typed::Text(_) => None,
    }
}

/// The bytes of the value at a path; those of the last value on the way that has any.
fn span_in<S: Step>(value: &Typed, path: &[S]) -> Option<Span> {
    let Some((step, rest)) = path.split_first() else { return value.span() };
    let inner = match value {
        Typed::Object(object) => span_in(object.get(step.name()), rest),
        Typed::List(items) => step.position().and_then(|at| span_in(items.get(at)?, rest)),
        Typed::Map(entries) => {
            // A key that was rendered is not there as such; then it is the first one with a template.
            let exact = entries.iter().find(|(key, _)| *key.text == *step.name());
            let entry = exact.or_else(|| entries.iter().find(|(key, _)| key.text.contains("{{")));
            entry.and_then(|(_, value)| span_in(value, rest))
        }
        Typed::Json(node) => span_in_node(node, path),
        Typed::Absent | Typed::Bool(_) | Typed::Int(_) | Typed::Text(_) => None,
    };
    inner.or_else(|| value.span())
}

/// The bytes of the value at a path; `None` if there is none.
fn span_in_node<S: Step>(node: &Node, path: &[S]) -> Option<Span> {
    let Some((step, rest)) = path.split_first() else { return Some(node.span) };
    match &node.kind {
        Kind::List(items) => span_in_node(items.get(step.position()?)?, rest),
        Kind::Map(_) => span_in_node(node.get(step.name())?, rest),
        _ => None,
    }
}
