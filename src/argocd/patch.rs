//! `templatePatch`: a strategic merge patch of Kubernetes for each rendered Application.
//!
//! Spec sheet section 5.2. Maps are merged, `null` removes, lists are replaced except those that
//! Kubernetes' metadata merges; `$patch`, `$retainKeys`, `$setElementOrder/…` and
//! `$deleteFromPrimitiveList/…` are directives.

use super::decode::{Decoder, Scalars};
use super::failure::{Failure, MOST_LEVELS, TOO_DEEP, is_too_deep};
use super::json;
use super::text::{Renderer, Scope, TextTemplate};
use super::typed::{Object, Text};
use super::types::{APPLICATION, Presence, Structure, Type};
use crate::diagnostic::Diagnostic;
use crate::json::{Fault, read_whole};
use crate::profile::ArgoCd;
use crate::source::{File, Location, Span};
use crate::template::quote::quote;
use crate::value::{Map, Value};
use crate::yaml::{Document, Target, unmarshal};
use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Renders and applies the patch of a set.
pub struct Patcher<'p> {
    template: Rc<TextTemplate>,
    place: Location,
    argocd: ArgoCd,
    read: &'p Patches,
    /// The patches that it has used and that there is something to say about, in order.
    pub used: Vec<Arc<Patch>>,
    /// What there is to say about a patch that could not be read.
    pub findings: Vec<Diagnostic>,
}

/// Rendered patches, by their text: what was rendered once is read once, and has one place. Several threads
/// may use them at once.
#[derive(Debug, Default)]
pub struct Patches(Mutex<HashMap<Arc<str>, Arc<Patch>>>);

/// A rendered patch.
#[derive(Debug)]
pub struct Patch {
    document: Arc<Document>,
    map: Arc<Map>,
    json: String,
    /// What there is to say about it.
    pub findings: Vec<Diagnostic>,
}

impl Patches {
    /// Nothing is done under the lock that could leave the map half changed.
    fn lock(&self) -> MutexGuard<'_, HashMap<Arc<str>, Arc<Patch>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Clone for Patches {
    fn clone(&self) -> Self {
        Self(Mutex::new(self.lock().clone()))
    }
}

impl<'p> Patcher<'p> {
    /// The patch of a set in `file`.
    pub fn new(
        patch: &Text,
        file: &Arc<File>,
        argocd: ArgoCd,
        renderer: &mut Renderer,
        read: &'p Patches,
    ) -> Self {
        let place = Location::new(file, patch.span);
        let template = renderer.parse(&patch.text);
        Self { template, place, argocd, read, used: Vec::new(), findings: Vec::new() }
    }

    /// The Application, patched, and the rendered patch. `spec.project` can't be changed.
    ///
    /// # Errors
    /// A patch that can't be rendered, read or applied.
    pub fn apply(
        &mut self,
        application: &Value,
        scope: &Scope,
        namespace: &str,
    ) -> Result<(Value, Arc<Document>), Failure> {
        let span = self.place.span;
        let rendered = self.template.render(scope).map_err(|message| {
            Failure::at(message, span).within("error replacing values in templatePatch")
        })?;
        let known = self.read.lock().get(&rendered).map(Arc::clone);
        let patch = if let Some(known) = known {
            known
        } else {
            let patch = self.read(&rendered)?;
            Arc::clone(self.read.lock().entry(rendered).or_insert(patch))
        };
        if !patch.findings.is_empty() {
            self.used.push(Arc::clone(&patch));
        }
        let empty = Arc::default();
        let original = application.as_map().unwrap_or(&empty);
        let merged = merge_object(original, &patch.map, &APPLICATION).map_err(|message| {
            let context =
                format!("error while applying templatePatch template to json {}", quote(&patch.json));
            Failure::at(message, span).within(&context)
        })?;
        let patched = Value::Map(Arc::new(with_fixed_fields(merged, application, namespace)));
        Ok((patched, Arc::clone(&patch.document)))
    }

    fn read(&mut self, rendered: &Arc<str>) -> Result<Arc<Patch>, Failure> {
        let span = self.place.span;
        let file = File::generated("<templatePatch>", Arc::clone(rendered), Some(self.place.clone()));
        // What begins with a brace is read as JSON (applicationset/utils, `IsJSONStr`).
        let is_json = rendered.trim_start().starts_with('{');
        let document = if is_json { self.read_json(&file)? } else { self.read_yaml(&file)? };
        let value = document.root.to_value();
        let json = if is_json { rendered.to_string() } else { json::write(&value) };
        let mut decoder = Decoder::new(&file, Scalars::Exact, self.argocd, &[]);
        let decoded = decoder.decode(&APPLICATION, &document.root);
        // Directives are no fields, and the status of an Application is not the set's to write.
        let known = |finding: &Diagnostic| {
            let path = finding.message.trim_start_matches("unknown field \"");
            path.starts_with("status") || path.contains('$')
        };
        let findings: Vec<_> = decoder.findings().into_iter().filter(|finding| !known(finding)).collect();
        decoded.map_err(|mismatch| {
            self.findings.clone_from(&findings);
            let context = format!("invalid templatePatch {}", quote(&json));
            Failure::at(mismatch.message, span).within(&context).place(Location::new(&file, mismatch.span))
        })?;
        let map = value.as_map().cloned().unwrap_or_default();
        Ok(Arc::new(Patch { document: Arc::new(document), map, json, findings }))
    }

    fn read_json(&self, file: &Arc<File>) -> Result<Document, Failure> {
        let fail = |message: String, place: Span| {
            let context = format!("invalid templatePatch {}", quote(&file.text));
            Failure::at(message, self.place.span).within(&context).place(Location::new(file, place))
        };
        match read_whole(file.text.as_bytes(), MOST_LEVELS) {
            Ok(read) => match read.number_error() {
                Some(message) => Err(fail(message, read.root.span)),
                None => Ok(Document::of_json(file, read.root)),
            },
            Err(broken) if broken.fault == Fault::Depth => Err(Failure::at(TOO_DEEP, self.place.span)),
            Err(broken) => {
                let place = broken.span(&file.text);
                Err(fail(broken.message, place))
            }
        }
    }

    fn read_yaml(&self, file: &Arc<File>) -> Result<Document, Failure> {
        let document = unmarshal(file, Target::Any).map_err(|error| {
            // Here only YAML becomes JSON; nothing is read from the JSON yet.
            let message = error.to_string();
            let message = message.strip_prefix("error converting YAML to JSON: ").unwrap_or(&message);
            Failure::at(message, self.place.span)
                .within(&format!("error while converting template to json {}", quote(&file.text)))
                .place(Location::new(file, error.span))
        })?;
        if is_too_deep(&document.root) {
            return Err(Failure::at(TOO_DEEP, self.place.span));
        }
        Ok(document)
    }
}

/// What a patch can't change: the project, and the namespace, which is the set's.
fn with_fixed_fields(mut merged: Map, original: &Value, namespace: &str) -> Map {
    let mut set = |object: &str, key: &str, value: Option<&Value>| {
        let old = merged.get(object);
        if let Some(value) = value
            && old.and_then(|old| old.get(key)) != Some(value)
        {
            let mut map = old.and_then(Value::as_map).map(|map| (**map).clone()).unwrap_or_default();
            map.insert(key, value.clone());
            merged.insert(object, Value::Map(Arc::new(map)));
        }
    };
    let written = Value::from(namespace);
    set("metadata", "namespace", (!namespace.is_empty()).then_some(&written));
    let project = original.get("spec").and_then(|spec| spec.get("project"));
    set("spec", "project", Some(project.unwrap_or(&Value::from(""))));
    merged
}

const PATCH: &str = "$patch";
const RETAIN_KEYS: &str = "$retainKeys";
const ELEMENT_ORDER: &str = "$setElementOrder/";
const DELETE_FROM_LIST: &str = "$deleteFromPrimitiveList/";

type Entries = BTreeMap<Arc<str>, Value>;

/// Merges an object with known fields and brings what the patch touched into the form in which the
/// type prints it.
fn merge_object(original: &Map, patch: &Map, of: &Structure) -> Result<Map, String> {
    let directives = patch.iter().any(|(key, _)| key.starts_with('$'));
    let merged = merge_maps(original, patch, Some(of))?;
    let mut printed = Vec::with_capacity(merged.len());
    // In the order of their names, with the keys that are there.
    for (key, value) in merged.iter() {
        let Some(field) = of.fields.iter().find(|field| field.name == &**key) else { continue };
        let value = if !directives && patch.get(key).is_none() {
            value.clone()
        } else {
            // What was merged as an object of its own is in form already.
            let in_form = !directives
                && matches!(field.kind, Type::Object(_))
                && matches!((original.get(key), patch.get(key)), (Some(Value::Map(_)), Some(Value::Map(_))));
            let value = if in_form { value.clone() } else { conform(field.kind, value) };
            match field.presence {
                Presence::Always if value == Value::Null => zero(field.kind),
                Presence::Given if value == Value::Null => continue,
                Presence::NonEmpty | Presence::NonZero if is_nothing(&value) => continue,
                _ => value,
            }
        };
        printed.push((Arc::clone(key), value));
    }
    let mut printed: Map = printed.into_iter().collect();
    for field in of.fields.iter().filter(|field| field.presence == Presence::Always) {
        if printed.get(field.name).is_none() {
            printed.insert(field.name, zero(field.kind));
        }
    }
    Ok(printed)
}

/// Whether Go's `omitempty` takes a value for nothing.
pub fn is_nothing(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) | Value::Int(0) => true,
        Value::Float(float) => *float == 0.0,
        Value::String(text) => text.is_empty(),
        Value::List(items) => items.is_empty(),
        Value::Map(map) => map.is_empty(),
        Value::Bool(true) | Value::Int(_) => false,
    }
}

fn zero(kind: Type) -> Value {
    match kind {
        Type::Text => Value::from(""),
        Type::Bool => Value::Bool(false),
        Type::Int | Type::IntOrText => Value::Int(0),
        Type::Object(structure) => Object::empty(structure, Span::default()).to_value(),
        Type::Json | Type::List(_) | Type::Map(_) => Value::Null,
    }
}

/// A value as its type prints it after having read it.
fn conform(kind: Type, value: &Value) -> Value {
    match (kind, value) {
        (Type::Object(structure), Value::Map(map)) => {
            // Without a patch every field is brought into form.
            let all: Map = map.iter().map(|(key, value)| (Arc::clone(key), value.clone())).collect();
            merge_object(&Map::default(), &all, structure)
                .map_or(Value::Null, |map| Value::Map(Arc::new(map)))
        }
        (Type::List(item), Value::List(items)) => {
            Value::List(items.iter().map(|value| conform_item(*item, value)).collect())
        }
        (Type::Map(item), Value::Map(map)) => {
            let pairs = map.iter().map(|(key, value)| (Arc::clone(key), conform_item(*item, value)));
            Value::Map(Arc::new(pairs.collect()))
        }
        (Type::Int, Value::Float(float)) => Value::Int(*float as i64),
        (_, value) => value.clone(),
    }
}

fn conform_item(kind: Type, value: &Value) -> Value {
    if *value == Value::Null { zero(kind) } else { conform(kind, value) }
}

fn merge_maps(original: &Map, patch: &Map, of: Option<&Structure>) -> Result<Map, String> {
    if let Some(directive) = patch.get(PATCH) {
        return match directive.as_str() {
            Some("replace") => Ok(patch
                .iter()
                .filter(|(key, _)| &***key != PATCH)
                .map(|(k, v)| (Arc::clone(k), v.clone()))
                .collect()),
            Some("delete") => Ok(Map::default()),
            _ => Err(format!(
                "unknown patch type: {directive} in map: {}",
                Value::Map(Arc::new(patch.clone()))
            )),
        };
    }
    if patch.iter().any(|(key, _)| key.starts_with('$')) {
        return merge_with_directives(original, patch, of);
    }
    let mut merged = Vec::with_capacity(original.len() + patch.len());
    let mut old = original.iter().peekable();
    let kept = |(key, value): (&Arc<str>, &Value)| (Arc::clone(key), value.clone());
    for (key, change) in patch.iter() {
        while let Some(before) = old.next_if(|(before, _)| *before < key) {
            merged.push(kept(before));
        }
        let (key, old) =
            old.next_if(|(same, _)| *same == key).map_or((key, None), |(key, old)| (key, Some(old)));
        merged.extend(changed(old, change, key, of)?.map(|value| (Arc::clone(key), value)));
    }
    merged.extend(old.map(kept));
    Ok(merged.into_iter().collect())
}

/// What a patch makes of the value at a key; `None` if it removes it.
fn changed(
    old: Option<&Value>,
    change: &Value,
    key: &str,
    of: Option<&Structure>,
) -> Result<Option<Value>, String> {
    Ok(match (old, change) {
        (_, Value::Null) => None,
        (Some(Value::Map(old)), Value::Map(new)) => {
            Some(Value::Map(Arc::new(match lookup(of, key)? {
                Some(Type::Object(structure)) => merge_object(old, new, structure)?,
                // Free-form data has no fields that could be looked up, other maps hold strings.
                Some(Type::Json) => merge_free(old, new)?,
                _ => merge_maps(old, new, None)?,
            })))
        }
        (Some(Value::List(old)), Value::List(new)) => {
            lookup(of, key)?;
            Some(Value::List(merge_lists(old, new, strategy(of, key), false)?.into()))
        }
        _ => without_directives(change),
    })
}

fn merge_with_directives(original: &Map, patch: &Map, of: Option<&Structure>) -> Result<Map, String> {
    let entries = |map: &Map| map.iter().map(|(k, v)| (Arc::clone(k), v.clone())).collect::<Entries>();
    let (mut merged, mut patch) = (entries(original), entries(patch));
    retain_keys(&mut merged, &mut patch)?;
    order_elements(&mut merged, &mut patch, of)?;
    for (key, change) in patch {
        let (key, next) = match key.strip_prefix(DELETE_FROM_LIST) {
            None => {
                let next = changed(merged.get(&key), &change, &key, of)?;
                (key, next)
            }
            Some(list) => {
                let key: Arc<str> = Arc::from(list);
                let next = match (merged.get(&key), &change) {
                    (_, Value::Null) => None,
                    (Some(Value::List(old)), Value::List(new)) => {
                        lookup(of, &key)?;
                        Some(Value::List(merge_lists(old, new, strategy(of, &key), true)?.into()))
                    }
                    (Some(Value::Map(_)), Value::Map(_)) => changed(merged.get(&key), &change, &key, of)?,
                    _ => continue,
                };
                (key, next)
            }
        };
        match next {
            Some(value) => merged.insert(key, value),
            None => merged.remove(&key),
        };
    }
    Ok(merged.into_iter().collect())
}

/// Free-form data: Kubernetes looks for the fields of the type that carries it, and finds none.
fn merge_free(original: &Map, patch: &Map) -> Result<Map, String> {
    for (key, change) in patch.iter() {
        if let (Some(Value::Map(_)), Value::Map(_)) | (Some(Value::List(_)), Value::List(_)) =
            (original.get(key), change)
        {
            return Err(format!(
                "unable to find api field in struct RawExtension for the json field {key:?}"
            ));
        }
    }
    merge_maps(original, patch, None)
}

fn lookup(of: Option<&Structure>, key: &str) -> Result<Option<Type>, String> {
    let Some(of) = of else { return Ok(None) };
    match of.fields.iter().find(|field| field.name == key) {
        Some(field) => Ok(Some(field.kind)),
        None => Err(format!("unable to find api field in struct {} for the json field {key:?}", of.name)),
    }
}

/// Lists are replaced, but for those of the metadata.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Strategy {
    Replace,
    /// A set of scalars.
    Merge,
    /// Maps by this key.
    MergeBy(&'static str),
}

fn strategy(of: Option<&Structure>, key: &str) -> Strategy {
    match (of.map(|of| of.name), key) {
        (Some("ObjectMeta"), "finalizers") => Strategy::Merge,
        (Some("ObjectMeta"), "ownerReferences") => Strategy::MergeBy("uid"),
        _ => Strategy::Replace,
    }
}

fn retain_keys(original: &mut Entries, patch: &mut Entries) -> Result<(), String> {
    let Some(keys) = patch.remove(RETAIN_KEYS) else { return Ok(()) };
    let wrong = || "invalid patch format of retainKeys".to_owned();
    let keys = keys.as_list().ok_or_else(wrong)?.to_vec();
    let retained = |key: &str| keys.iter().any(|kept| kept.as_str() == Some(key));
    let directive = |key: &str| key.starts_with(ELEMENT_ORDER) || key.starts_with(DELETE_FROM_LIST);
    if patch.iter().any(|(key, value)| *value != Value::Null && !directive(key) && !retained(key)) {
        return Err(wrong());
    }
    original.retain(|key, _| retained(key));
    Ok(())
}

fn order_elements(original: &mut Entries, patch: &mut Entries, of: Option<&Structure>) -> Result<(), String> {
    let orders: Vec<Arc<str>> = patch.keys().filter(|key| key.starts_with(ELEMENT_ORDER)).cloned().collect();
    for directive in orders {
        let wrong = || "invalid patch format of setElementOrder list".to_owned();
        let order = patch.remove(&directive).unwrap_or(Value::Null);
        let order = order.as_list().ok_or_else(wrong)?;
        let key = &directive[ELEMENT_ORDER.len()..];
        lookup(of, key)?;
        let old = original.get(key).cloned();
        let new = patch.remove(key);
        let strategy = strategy(of, key);
        let merged = match (&old, &new) {
            (None, None) => continue,
            (Some(old), None) => old.as_list().ok_or_else(wrong)?.to_vec(),
            (None, Some(new)) => {
                without_directives(new).and_then(|new| new.as_list().map(<[_]>::to_vec)).unwrap_or_default()
            }
            (Some(old), Some(new)) => merge_lists(
                old.as_list().ok_or_else(wrong)?,
                new.as_list().ok_or_else(wrong)?,
                strategy,
                false,
            )?,
        };
        let before = old.as_ref().and_then(Value::as_list).unwrap_or_default();
        original.insert(Arc::from(key), Value::List(ordered(merged, order, before, strategy).into()));
    }
    Ok(())
}

fn merge_lists(
    old: &[Value],
    new: &[Value],
    strategy: Strategy,
    deletes: bool,
) -> Result<Vec<Value>, String> {
    if deletes {
        return Ok(old.iter().filter(|item| !new.contains(item)).cloned().collect());
    }
    let key = match strategy {
        Strategy::Replace => return Ok(new.to_vec()),
        Strategy::Merge => {
            let mut merged: Vec<Value> = Vec::new();
            for item in old.iter().chain(new) {
                if !merged.contains(item) {
                    merged.push(item.clone());
                }
            }
            return Ok(ordered(merged, new, old, strategy));
        }
        Strategy::MergeBy(key) => key,
    };
    let key_of = |item: &Value| {
        item.get(key)
            .cloned()
            .ok_or_else(|| format!("map: {item} does not contain declared merge key: {key}"))
    };
    let mut kept = old.to_vec();
    let mut changes = Vec::new();
    let mut replaces = false;
    for item in new {
        match item.get(PATCH).map(|directive| directive.as_str().unwrap_or_default()) {
            None => changes.push(item.clone()),
            Some("delete") => {
                let gone = key_of(item)?;
                kept.retain(|old| old.get(key) != Some(&gone));
            }
            Some("replace") => replaces = true,
            Some("merge") => return Err("merging lists cannot yet be specified in the patch".to_owned()),
            Some(other) => return Err(format!("unknown patch type: {other} in map: {item}")),
        }
    }
    if replaces {
        return Ok(changes);
    }
    let before = kept.clone();
    for item in &changes {
        let wanted = key_of(item)?;
        match kept.iter_mut().find(|old| old.get(key) == Some(&wanted)) {
            Some(old) => {
                let (from, to) =
                    (old.as_map().cloned().unwrap_or_default(), item.as_map().cloned().unwrap_or_default());
                *old = Value::Map(Arc::new(merge_maps(&from, &to, None)?));
            }
            None => kept.push(item.clone()),
        }
    }
    Ok(ordered(kept, &changes, &before, strategy))
}

/// Items that the patch names in its order, the others in theirs, interleaved by their old positions.
fn ordered(items: Vec<Value>, patch: &[Value], before: &[Value], strategy: Strategy) -> Vec<Value> {
    let identity = |item: &Value| match strategy {
        Strategy::MergeBy(key) => item.get(key).cloned().unwrap_or(Value::Null),
        _ => item.clone(),
    };
    let position =
        |list: &[Value], item: &Value| list.iter().position(|other| identity(other) == identity(item));
    let (mut named, mut others): (Vec<_>, Vec<_>) =
        items.into_iter().partition(|item| position(patch, item).is_some());
    named.sort_by_key(|item| position(patch, item));
    others.sort_by_key(|item| position(before, item));
    let (mut named, mut others) = (named.into_iter().peekable(), others.into_iter().peekable());
    let mut all = Vec::new();
    while let (Some(left), Some(right)) = (others.peek(), named.peek()) {
        let first = match (position(before, left), position(before, right)) {
            (Some(left), Some(right)) if left < right => others.next(),
            _ => named.next(),
        };
        all.extend(first);
    }
    all.extend(named);
    all.extend(others);
    all
}

/// A value that the patch adds: maps with a `$patch` directive are no values, keys without a value are
/// dropped.
fn without_directives(value: &Value) -> Option<Value> {
    match value {
        Value::Map(map) if map.get(PATCH).is_some() => None,
        Value::Map(map) => {
            let given = map.iter().filter(|(_, value)| **value != Value::Null);
            let kept = given.filter_map(|(key, value)| Some((Arc::clone(key), without_directives(value)?)));
            Some(Value::Map(Arc::new(kept.collect())))
        }
        Value::List(items) => Some(Value::List(items.iter().filter_map(without_directives).collect())),
        other => Some(other.clone()),
    }
}
