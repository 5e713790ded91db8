//! An Application template, compiled: rendered once a parameter set.
//!
//! Spec sheet sections 4.1 and 5.1. What holds no placeholder is built once and shared by all
//! Applications of a set.

use super::parameters::Parameters;
use super::patch::is_nothing;
use super::text::{Renderer, Scope, TextTemplate};
use super::typed::{Object, Text, Typed};
use super::types::Presence;
use crate::value::{Map, Value};
use crate::yaml::{Kind, Node};
use std::rc::Rc;
use std::sync::Arc;

/// The finalizer that Argo CD gives to Applications without one.
const RESOURCES_FINALIZER: &str = "resources-finalizer.argocd.argoproj.io";

/// A compiled template.
#[derive(Debug)]
pub struct Template {
    application: Part,
    /// What an empty parameter set gets: the template as it stands.
    unrendered: Value,
}

/// What else decides about the Applications of a template.
pub struct Rules<'a> {
    /// The namespace of the set, which all of them get.
    pub namespace: &'a str,
    /// `syncPolicy.preserveResourcesOnDeletion`: they get no finalizer.
    pub preserves_resources: bool,
    /// Whether they are patched: what a patched object prints has been read once more.
    pub patched: bool,
}

/// A piece of a template.
#[derive(Debug)]
enum Part {
    /// The same for every parameter set.
    Fixed(Value),
    /// A string with placeholders.
    Text(Rc<TextTemplate>),
    /// A list.
    List(Vec<Part>),
    /// A map with free keys.
    Map(Vec<(Key, Part)>),
    /// An object with known fields.
    Object(Fields),
    /// Free-form data.
    Json(Box<Part>),
    /// Rendered, since that may fail, and then replaced.
    Overwritten(Box<Part>, Value),
}

/// The fields of an object, in the order in which Go renders them.
#[derive(Debug)]
struct Fields {
    list: Vec<(Arc<str>, Presence, Part)>,
    /// Where each stands in the order of their names.
    places: Vec<usize>,
}

#[derive(Debug)]
enum Key {
    Fixed(Arc<str>),
    Text(Rc<TextTemplate>),
}

impl Template {
    /// Compiles a template.
    pub fn new(template: &Object, rules: &Rules, renderer: &mut Renderer) -> Self {
        let mut compiler = Compiler { renderer, rules };
        let application = compiler.application(template);
        Self { application, unrendered: unrendered(template, rules.namespace) }
    }

    /// The Application for a parameter set.
    ///
    /// # Errors
    /// The first string that can't be rendered.
    pub fn render(&self, scope: &Scope) -> Result<Value, String> {
        if scope.is_empty() {
            return Ok(self.unrendered.clone());
        }
        self.application.render(scope)
    }
}

fn unrendered(template: &Object, namespace: &str) -> Value {
    let mut application = template.to_value();
    let metadata = application.get("metadata").and_then(Value::as_map).map(|map| (**map).clone());
    if let Value::Map(map) = &mut application {
        let mut metadata = metadata.unwrap_or_default();
        if !namespace.is_empty() {
            metadata.insert("namespace", Value::from(namespace));
        }
        Arc::make_mut(map).insert("metadata", Value::Map(Arc::new(metadata)));
    }
    application
}

struct Compiler<'r> {
    renderer: &'r mut Renderer,
    rules: &'r Rules<'r>,
}

impl Compiler<'_> {
    fn application(&mut self, template: &Object) -> Part {
        let metadata = template.object("metadata");
        let finalizers_given = metadata.is_some_and(|metadata| !metadata.list("finalizers").is_empty());
        let mut fields = metadata.map(|metadata| self.fields(metadata)).unwrap_or_default();
        let written = fields.iter().position(|(name, ..)| &**name == "namespace");
        let part = written.map_or(Part::Fixed(Value::Null), |at| fields.remove(at).2);
        let forced = Part::Overwritten(Box::new(part), Value::from(self.rules.namespace));
        fields.insert(written.unwrap_or(0), (Arc::from("namespace"), Presence::NonEmpty, forced));
        if !finalizers_given && !self.rules.preserves_resources {
            fields.retain(|(name, ..)| &**name != "finalizers");
            let finalizers = Value::List(Arc::from([Value::from(RESOURCES_FINALIZER)]));
            fields.push((Arc::from("finalizers"), Presence::NonEmpty, Part::Fixed(finalizers)));
        }
        let spec = match template.object("spec") {
            Some(spec) => self.object(spec),
            None => Part::Fixed(template.to_value().get("spec").cloned().unwrap_or(Value::Null)),
        };
        Part::Object(Fields::new(vec![
            (Arc::from("metadata"), Presence::Always, Part::Object(Fields::new(fields))),
            (Arc::from("spec"), Presence::Always, spec),
        ]))
    }

    fn fields(&mut self, object: &Object) -> Vec<(Arc<str>, Presence, Part)> {
        let printed = object.to_value();
        let mut fields = Vec::new();
        for (field, value) in object.fields() {
            let part = match value {
                Typed::Absent => match printed.get(field.name) {
                    Some(zero) => Part::Fixed(zero.clone()),
                    None => continue,
                },
                value => self.typed(value),
            };
            let presence = match field.presence {
                Presence::NonZero if self.rules.patched => Presence::NonEmpty,
                Presence::NonZero => Presence::Given,
                presence => presence,
            };
            fields.push((Arc::from(field.name), presence, part));
        }
        fields
    }

    fn object(&mut self, object: &Object) -> Part {
        let fields = self.fields(object);
        fixed_if(fields.iter().all(|(.., part)| part.is_fixed()), Part::Object(Fields::new(fields)))
    }

    fn typed(&mut self, value: &Typed) -> Part {
        match value {
            Typed::Absent | Typed::Bool(_) | Typed::Int(_) => Part::Fixed(value.to_value()),
            Typed::Text(text) => self.text(&text.text),
            Typed::Json(node) => {
                let part = self.node(node);
                if part.is_fixed() { part } else { Part::Json(Box::new(part)) }
            }
            Typed::List(items) => {
                let parts: Vec<_> = items.iter().map(|item| self.typed(item)).collect();
                fixed_if(parts.iter().all(Part::is_fixed), Part::List(parts))
            }
            Typed::Map(entries) => {
                let parts =
                    entries.iter().map(|(Text { text, .. }, value)| (self.key(text), self.typed(value)));
                Part::map(parts.collect())
            }
            Typed::Object(object) => self.object(object),
        }
    }

    fn node(&mut self, node: &Node) -> Part {
        match &node.kind {
            Kind::Null | Kind::Bool(_) | Kind::Float(_) => Part::Fixed(node.to_value()),
            Kind::String(text) => self.text(text),
            Kind::List(items) => {
                let parts: Vec<_> = items.iter().map(|item| self.node(item)).collect();
                fixed_if(parts.iter().all(Part::is_fixed), Part::List(parts))
            }
            Kind::Map(entries) => {
                // Rendering drops the keys of free-form data that have no value.
                let given = entries.iter().filter(|entry| !matches!(entry.value.kind, Kind::Null));
                Part::map(given.map(|entry| (self.key(&entry.key), self.node(&entry.value))).collect())
            }
        }
    }

    fn text(&mut self, text: &Arc<str>) -> Part {
        let parsed = self.renderer.parse(text);
        if parsed.is_plain() { Part::Fixed(Value::String(Arc::clone(text))) } else { Part::Text(parsed) }
    }

    fn key(&mut self, text: &Arc<str>) -> Key {
        let parsed = self.renderer.parse(text);
        if parsed.is_plain() { Key::Fixed(Arc::clone(text)) } else { Key::Text(parsed) }
    }
}

/// The part built now, if nothing in it depends on parameters.
fn fixed_if(fixed: bool, part: Part) -> Part {
    match part.render(&Scope::new(&Parameters::default())) {
        Ok(value) if fixed => Part::Fixed(value),
        _ => part,
    }
}

impl Part {
    fn is_fixed(&self) -> bool {
        matches!(self, Self::Fixed(_))
    }

    fn map(entries: Vec<(Key, Self)>) -> Self {
        let fixed = entries.iter().all(|(key, part)| matches!(key, Key::Fixed(_)) && part.is_fixed());
        fixed_if(fixed, Self::Map(entries))
    }

    fn render(&self, scope: &Scope) -> Result<Value, String> {
        Ok(match self {
            Self::Fixed(value) => value.clone(),
            Self::Text(text) => Value::String(text.render(scope)?),
            Self::List(parts) => {
                Value::List(parts.iter().map(|part| part.render(scope)).collect::<Result<_, _>>()?)
            }
            Self::Map(entries) => {
                let rendered = entries.iter().map(|(key, part)| {
                    let value = part.render(scope)?;
                    Ok((key.render(scope)?, value))
                });
                Value::Map(Arc::new(rendered.collect::<Result<Map, String>>()?))
            }
            Self::Object(fields) => Value::Map(Arc::new(fields.render(scope)?)),
            Self::Json(part) => part
                .render(scope)
                .map_err(|error| format!("failed to deeply replace JSON field contents: {error}"))?,
            Self::Overwritten(part, value) => {
                part.render(scope)?;
                value.clone()
            }
        })
    }
}

impl Fields {
    fn new(list: Vec<(Arc<str>, Presence, Part)>) -> Self {
        let place = |name: &Arc<str>| list.iter().filter(|(other, ..)| other < name).count();
        let places = list.iter().map(|(name, ..)| place(name)).collect();
        Self { list, places }
    }

    /// Errors come in the order of Go's fields, the map in that of their names.
    fn render(&self, scope: &Scope) -> Result<Map, String> {
        let mut rendered = vec![None; self.list.len()];
        for ((name, presence, part), &place) in self.list.iter().zip(&self.places) {
            let value = part.render(scope)?;
            if *presence != Presence::NonEmpty || !is_nothing(&value) {
                rendered[place] = Some((Arc::clone(name), value));
            }
        }
        Ok(rendered.into_iter().flatten().collect())
    }
}

impl Key {
    fn render(&self, scope: &Scope) -> Result<Arc<str>, String> {
        match self {
            Self::Fixed(text) => Ok(Arc::clone(text)),
            Self::Text(text) => text.render(scope),
        }
    }
}

/// A generator's template over the set's: what the generator's leaves empty, the set's fills (mergo
/// without override). `false` is empty; lists are taken whole.
pub fn fill(own: &Object, base: &Object) -> Object {
    let values = own.fields().zip(base.values.iter()).map(|((_, own), base)| fill_value(own, base));
    Object { structure: own.structure, values: values.collect(), span: base.span }
}

fn fill_value(own: &Typed, base: &Typed) -> Typed {
    match (own, base) {
        (Typed::Object(own), Typed::Object(base)) => Typed::Object(fill(own, base)),
        (Typed::Map(own), Typed::Map(base)) => {
            let mut entries: Vec<(Text, Typed)> = own.to_vec();
            for (key, value) in base.iter() {
                match entries.binary_search_by(|(known, _)| known.text.cmp(&key.text)) {
                    Ok(at) if entries[at].1.is_empty() => entries[at].1 = value.clone(),
                    Ok(_) => {}
                    Err(at) => entries.insert(at, (key.clone(), value.clone())),
                }
            }
            Typed::Map(entries.into())
        }
        (own, base) if own.is_empty() && base.is_given() => base.clone(),
        (own, _) => own.clone(),
    }
}
