//! Filling the second child of a matrix with the parameters of the first.
//!
//! Spec sheet section 2.14: every string of the generator is a template, its `values` are special.

use super::failure::Failure;
use super::text::{Renderer, Scope};
use super::typed::{Object, Text, Typed};
use crate::source::Span;
use crate::yaml::{Entry, Kind, Node};
use std::sync::Arc;

/// Renders strings of a generator, or of anything else that was decoded.
pub struct Interpolation<'r> {
    /// How strings are rendered.
    pub renderer: &'r mut Renderer,
    /// How `values` are tried first, by versions that do so: a missing key leaves the text for the
    /// generator's own pass.
    pub values: Option<&'r mut Renderer>,
    /// The first child's parameters.
    pub scope: &'r Scope<'r>,
}

impl Interpolation<'_> {
    /// The object with every string rendered.
    ///
    /// # Errors
    /// The first string that can't be rendered, in the order of Go's fields.
    pub fn object(&mut self, object: &Object) -> Result<Object, Failure> {
        // Only generators have both of these; `values` of Helm is a string.
        let has_values = object.structure.fields.iter().any(|field| field.name == "template");
        let fields = object.fields().map(|(field, value)| {
            if field.name == "values" && has_values && self.values.is_some() {
                self.values_map(value)
            } else {
                self.typed(value)
            }
        });
        let values = fields.collect::<Result<Vec<_>, _>>()?;
        Ok(Object { structure: object.structure, values: values.into(), span: object.span })
    }

    fn typed(&mut self, value: &Typed) -> Result<Typed, Failure> {
        Ok(match value {
            Typed::Absent | Typed::Bool(_) | Typed::Int(_) => value.clone(),
            Typed::Text(text) => Typed::Text(self.text(text)?),
            Typed::Json(node) => {
                let node = self.node(node);
                Typed::Json(
                    node.map_err(|failure| failure.within("failed to deeply replace JSON field contents"))?,
                )
            }
            Typed::List(items) => {
                Typed::List(items.iter().map(|item| self.typed(item)).collect::<Result<Vec<_>, _>>()?.into())
            }
            Typed::Map(entries) => {
                let rendered = entries.iter().map(|(key, value)| {
                    let value = self.typed(value)?;
                    Ok((self.text(key)?, value))
                });
                Typed::Map(rendered.collect::<Result<Vec<_>, Failure>>()?.into())
            }
            Typed::Object(object) => Typed::Object(self.object(object)?),
        })
    }

    fn text(&mut self, text: &Text) -> Result<Text, Failure> {
        Ok(Text { text: self.string(&text.text, text.span)?, span: text.span })
    }

    fn string(&mut self, text: &Arc<str>, span: Span) -> Result<Arc<str>, Failure> {
        self.renderer.replace(text, self.scope).map_err(|message| Failure::at(message, span))
    }

    /// Free-form data: keys are rendered too, and keys without a value are dropped.
    fn node(&mut self, node: &Node) -> Result<Node, Failure> {
        let kind = match &node.kind {
            Kind::Null | Kind::Bool(_) | Kind::Float(_) => node.kind.clone(),
            Kind::String(text) => Kind::String(self.string(text, node.span)?),
            Kind::List(items) => {
                Kind::List(items.iter().map(|item| self.node(item)).collect::<Result<Vec<_>, _>>()?.into())
            }
            Kind::Map(entries) => {
                let given = entries.iter().filter(|entry| !matches!(entry.value.kind, Kind::Null));
                let rendered = given.map(|entry| {
                    let value = self.node(&entry.value)?;
                    let key = self.string(&entry.key, entry.key_span)?;
                    Ok(Entry { key, key_span: entry.key_span, value })
                });
                let mut rendered = rendered.collect::<Result<Vec<_>, Failure>>()?;
                rendered.sort_by(|a, b| a.key.cmp(&b.key));
                rendered.dedup_by(|a, b| a.key == b.key);
                Kind::Map(rendered.into())
            }
        };
        Ok(Node { span: node.span, kind })
    }

    fn values_map(&mut self, value: &Typed) -> Result<Typed, Failure> {
        let Typed::Map(entries) = value else {
            return Ok(value.clone());
        };
        let rendered = entries.iter().map(|(key, value)| {
            let (Some(text), Some(renderer)) = (value.as_text(), self.values.as_deref_mut()) else {
                return Ok((key.clone(), value.clone()));
            };
            let missing = |message: &str| {
                message.contains("map has no entry for key") || message.contains("can't evaluate field")
            };
            match renderer.replace(&text.text, self.scope) {
                Ok(rendered) => Ok((key.clone(), Typed::Text(Text { text: rendered, span: text.span }))),
                Err(message) if missing(&message) => Ok((key.clone(), value.clone())),
                Err(message) => {
                    let context = format!("failed to pre-resolve Values key {:?}", &*key.text);
                    Err(Failure::at(message, text.span).within(&context))
                }
            }
        });
        Ok(Typed::Map(rendered.collect::<Result<Vec<_>, Failure>>()?.into()))
    }
}

/// Whether a string of the value may hold a template.
pub fn has_templates(value: &Typed) -> bool {
    let templated = |text: &str| text.contains("{{");
    match value {
        Typed::Absent | Typed::Bool(_) | Typed::Int(_) => false,
        Typed::Text(text) => templated(&text.text),
        Typed::Json(node) => node_has_templates(node),
        Typed::List(items) => items.iter().any(has_templates),
        Typed::Map(entries) => {
            entries.iter().any(|(key, value)| templated(&key.text) || has_templates(value))
        }
        Typed::Object(object) => object.values.iter().any(has_templates),
    }
}

fn node_has_templates(node: &Node) -> bool {
    match &node.kind {
        Kind::String(text) => text.contains("{{"),
        Kind::List(items) => items.iter().any(node_has_templates),
        Kind::Map(entries) => {
            entries.iter().any(|entry| entry.key.contains("{{") || node_has_templates(&entry.value))
        }
        _ => false,
    }
}
