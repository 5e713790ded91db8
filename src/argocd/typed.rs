//! Decoded objects: YAML that has been found to fit a [`Structure`].

use super::types::{Field, Presence, Structure};
use crate::source::Span;
use crate::value::{Map, Value};
use crate::yaml::Node;
use std::sync::Arc;

/// A decoded value. Cheap to clone.
#[derive(Clone, Debug)]
pub enum Typed {
    /// Not given, or `null`.
    Absent,
    /// A boolean.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A string.
    Text(Text),
    /// Free-form data.
    Json(Node),
    /// A list.
    List(Arc<[Typed]>),
    /// A map from strings, in the order of its keys.
    Map(Arc<[(Text, Typed)]>),
    /// An object with known fields.
    Object(Object),
}

/// A string with the bytes that it was read from.
#[derive(Clone, Debug)]
pub struct Text {
    /// The string.
    pub text: Arc<str>,
    /// Where it is written, in the file that was decoded.
    pub span: Span,
}

/// An object with known fields.
#[derive(Clone, Debug)]
pub struct Object {
    /// Its type.
    pub structure: &'static Structure,
    /// The values of the fields, in the order of the type's fields.
    pub values: Arc<[Typed]>,
    /// The bytes of the whole object.
    pub span: Span,
}

static ABSENT: Typed = Typed::Absent;

impl Object {
    /// An object of which nothing is given.
    pub fn empty(structure: &'static Structure, span: Span) -> Self {
        Self { structure, values: structure.fields.iter().map(|_| Typed::Absent).collect(), span }
    }

    /// The value of a field; absent too if there is no such field.
    pub fn get(&self, name: &str) -> &Typed {
        self.structure
            .fields
            .iter()
            .position(|field| field.name == name)
            .map_or(&ABSENT, |at| &self.values[at])
    }

    /// Fields with their values.
    pub fn fields(&self) -> impl Iterator<Item = (&'static Field, &Typed)> {
        self.structure.fields.iter().zip(self.values.iter())
    }

    /// The string of a field; empty if it is not given.
    pub fn text(&self, name: &str) -> &str {
        if let Typed::Text(text) = self.get(name) { &text.text } else { "" }
    }

    /// Where the value of a field is written; the object itself if it is not given.
    pub fn span_of(&self, name: &str) -> Span {
        self.get(name).span().unwrap_or(self.span)
    }

    /// The boolean of a field; false if it is not given.
    pub fn flag(&self, name: &str) -> bool {
        matches!(self.get(name), Typed::Bool(true))
    }

    /// The items of a list; none if it is not given.
    pub fn list(&self, name: &str) -> &[Typed] {
        if let Typed::List(items) = self.get(name) { items } else { &[] }
    }

    /// The entries of a map; none if it is not given.
    pub fn map(&self, name: &str) -> &[(Text, Typed)] {
        if let Typed::Map(entries) = self.get(name) { entries } else { &[] }
    }

    /// The object in a field.
    pub fn object(&self, name: &str) -> Option<&Self> {
        if let Typed::Object(object) = self.get(name) { Some(object) } else { None }
    }

    /// The strings of a list of strings.
    pub fn texts(&self, name: &str) -> Vec<&str> {
        self.list(name).iter().map(|item| item.as_text().map_or("", |text| &text.text)).collect()
    }

    /// The objects of a list of objects.
    pub fn objects(&self, name: &str) -> impl Iterator<Item = &Self> {
        self.list(name)
            .iter()
            .filter_map(|item| if let Typed::Object(object) = item { Some(object) } else { None })
    }

    /// The same object with another value in a field.
    #[must_use]
    pub fn with(&self, name: &str, value: Typed) -> Self {
        let replaced =
            self.fields().map(|(field, old)| if field.name == name { value.clone() } else { old.clone() });
        Self { structure: self.structure, values: replaced.collect(), span: self.span }
    }
}

impl Typed {
    /// Whether it is given.
    pub fn is_given(&self) -> bool {
        !matches!(self, Self::Absent)
    }

    /// The string, if it is one.
    pub fn as_text(&self) -> Option<&Text> {
        if let Self::Text(text) = self { Some(text) } else { None }
    }

    /// Whether Go's `omitempty` (and a merge that fills what is empty) takes it for nothing.
    pub fn is_empty(&self) -> bool {
        match self {
            Self::Absent | Self::Bool(false) | Self::Int(0) => true,
            Self::Text(text) => text.text.is_empty(),
            Self::List(items) => items.is_empty(),
            Self::Map(entries) => entries.is_empty(),
            Self::Bool(true) | Self::Int(_) | Self::Json(_) | Self::Object(_) => false,
        }
    }

    /// Whether nothing at all is given in it.
    pub fn is_zero(&self) -> bool {
        match self {
            Self::Object(object) => object.values.iter().all(Self::is_zero),
            Self::List(_) | Self::Map(_) => false,
            other => other.is_empty(),
        }
    }

    /// The bytes that it was read from, where it is known.
    pub fn span(&self) -> Option<Span> {
        match self {
            Self::Absent | Self::Bool(_) | Self::Int(_) => None,
            Self::Text(text) => Some(text.span),
            Self::Json(node) => Some(node.span),
            Self::List(items) => {
                let spans = || items.iter().filter_map(Self::span);
                spans().next().map(|first| spans().next_back().map_or(first, |last| first.to(last)))
            }
            Self::Map(entries) => {
                let spans = entries
                    .iter()
                    .map(|(key, value)| value.span().map_or(key.span, |span| key.span.to(span)));
                spans.reduce(Span::to)
            }
            Self::Object(object) => Some(object.span),
        }
    }

    /// The value as Go's `encoding/json` prints it.
    pub fn to_value(&self) -> Value {
        match self {
            Self::Absent => Value::Null,
            Self::Bool(bool) => Value::Bool(*bool),
            Self::Int(int) => Value::Int(*int),
            Self::Text(text) => Value::String(Arc::clone(&text.text)),
            Self::Json(node) => node.to_value(),
            Self::List(items) => Value::List(items.iter().map(Self::to_value).collect()),
            Self::Map(entries) => {
                let pairs = entries.iter().map(|(key, value)| (Arc::clone(&key.text), value.to_value()));
                Value::Map(Arc::new(pairs.collect::<Map>()))
            }
            Self::Object(object) => object.to_value(),
        }
    }
}

impl Object {
    /// The object as Go's `encoding/json` prints it.
    pub fn to_value(&self) -> Value {
        let printed = self.fields().filter(|(field, value)| match field.presence {
            Presence::Always => true,
            Presence::NonEmpty => !value.is_empty(),
            Presence::Given => value.is_given(),
            Presence::NonZero => !value.is_zero(),
        });
        let pairs = printed.map(|(field, value)| (Arc::from(field.name), zero_as_go_prints_it(field, value)));
        Value::Map(Arc::new(pairs.collect::<Map>()))
    }
}

/// A field that is always printed prints its type's zero value where nothing is given.
fn zero_as_go_prints_it(field: &Field, value: &Typed) -> Value {
    use super::types::Type;
    match (value, field.kind) {
        (Typed::Absent, Type::Text) => Value::from(""),
        (Typed::Absent, Type::Bool) => Value::Bool(false),
        (Typed::Absent, Type::Int | Type::IntOrText) => Value::Int(0),
        (Typed::Absent, Type::Object(structure)) => Object::empty(structure, Span::default()).to_value(),
        _ => value.to_value(),
    }
}
