//! A schema of one of Go's libraries, said so that the validating crate means the same.
//!
//! Every schema that is reached becomes one document without ids: the root, and under `$defs` whatever
//! references point to. Keywords that the library doesn't know in the schema's draft are left out; those
//! that it reads in a way of its own get a name of their own (`go:pattern`) and a checker of their own
//! ([`super::keyword`]). The steps of a pointer stay the same, so that the crate's places lead back.

use super::cycles::Reference;
use super::document::{Document, push};
use super::draft::Draft;
use super::json::{self, Kind, Node};
use super::keyword;
use super::metaschema;
use super::pattern::Pattern;
use super::resolve::{Meaning, unknown};
use super::{Owner, Resources, gojsonschema};
use crate::diagnostic::Diagnostic;
use crate::profile::SchemaLibrary as Library;
use crate::source::{File, Location};
use serde_json::{Map, Value as Json};
use std::collections::HashMap;
use std::sync::Arc;

/// A schema that references point to.
pub struct Target {
    /// Position of its document.
    pub document: usize,
    /// Where in it.
    pub pointer: String,
}

/// A translated schema.
pub struct Translation {
    /// For the crate.
    pub json: Json,
    /// Where `$defs/<n>` came from; 0 is the root.
    pub targets: Vec<Target>,
    /// What was read.
    pub documents: Vec<Document>,
    /// Translated keys of `patternProperties` with the written ones.
    pub patterns: HashMap<String, String>,
    /// The crate's draft: 2020-12, or 2019-09 for a schema written in it.
    pub draft: jsonschema::Draft,
}

/// Reads, checks and translates.
pub struct Translator<'a> {
    pub(super) library: Library,
    pub(super) owner: Owner,
    pub(super) resources: &'a dyn Resources,
    pub(super) documents: Vec<Document>,
    pub(super) targets: Vec<Target>,
    positions: HashMap<(usize, String), usize>,
    pub(super) references: Vec<Reference>,
    /// Schemas that each target applies to the same instance.
    pub(super) sizes: Vec<u64>,
    patterns: HashMap<String, String>,
    draft: Draft,
}

/// Where the translation stands.
pub struct At {
    /// The target that is being translated.
    target: usize,
    /// Its document.
    pub document: usize,
    /// Pointer in the document.
    pub pointer: String,
    /// Pointer in the translation.
    place: String,
    /// Whether the schema is applied to the instance that the target is applied to.
    in_place: bool,
    draft: Draft,
}

impl<'a> Translator<'a> {
    /// Translates the schema in a file.
    pub fn translate(
        file: &Arc<File>,
        url: String,
        library: Library,
        owner: Owner,
        resources: &'a dyn Resources,
    ) -> Result<Translation, Diagnostic> {
        let mut translator = Self {
            library,
            owner,
            resources,
            documents: Vec::new(),
            targets: Vec::new(),
            positions: HashMap::new(),
            references: Vec::new(),
            sizes: Vec::new(),
            patterns: HashMap::new(),
            draft: Draft::unnamed(library),
        };
        let document = translator.load(file, url)?;
        translator.draft = translator.documents[document].resource_at("").draft;
        translator.target(document, String::new());
        let mut definitions = Map::new();
        let mut root = Json::Bool(true);
        let mut next = 0;
        while next < translator.targets.len() {
            let json = translator.translate_target(next)?;
            if next == 0 {
                root = json;
            } else {
                definitions.insert(next.to_string(), json);
            }
            next += 1;
        }
        if !definitions.is_empty()
            && let Json::Object(map) = &mut root
        {
            map.insert("$defs".to_owned(), Json::Object(definitions));
        }
        translator.cut_cycles(&mut root);
        translator.weigh(file)?;
        let draft = match translator.draft {
            Draft::Y2019 => jsonschema::Draft::Draft201909,
            _ => jsonschema::Draft::Draft202012,
        };
        let Self { targets, documents, patterns, .. } = translator;
        Ok(Translation { json: root, targets, documents, patterns, draft })
    }

    fn translate_target(&mut self, target: usize) -> Result<Json, Diagnostic> {
        let Target { document, pointer } = &self.targets[target];
        let (document, pointer) = (*document, pointer.clone());
        let place = if target == 0 { String::new() } else { format!("/$defs/{target}") };
        let draft = self.documents[document].resource_at(&pointer).draft;
        let tree = Arc::clone(&self.documents[document].root);
        let node = super::document::steps(&pointer).try_fold(&*tree, |node, step| node.child(&step));
        let at = At { target, document, pointer, place, in_place: true, draft };
        match node {
            Some(node) => self.schema(node, &at),
            None => Err(self.fault(&at, "schema-reference", "not found".to_owned())),
        }
    }

    /// The number of the schema that references point to.
    pub fn target(&mut self, document: usize, pointer: String) -> usize {
        let next = self.targets.len();
        let position = *self.positions.entry((document, pointer.clone())).or_insert(next);
        if position == next {
            self.targets.push(Target { document, pointer });
            self.sizes.push(0);
        }
        position
    }

    fn fault(&self, at: &At, code: &'static str, message: String) -> Diagnostic {
        broken(&self.documents[at.document], &at.pointer, code, message)
    }

    /// Reads a document and checks what the library checks at once.
    pub fn load(&mut self, file: &Arc<File>, url: String) -> Result<usize, Diagnostic> {
        let root = json::read(&file.text, self.library == Library::GoJsonSchema).map_err(|broken| {
            let place = Location::new(file, broken.span(&file.text));
            Diagnostic::error("schema-syntax", broken.message)
                .at(place)
                .hint("a schema has to be one JSON value; Helm refuses the chart until it is")
        })?;
        let draft = self.draft_of(file, &root)?;
        let location = Location::new(file, root.span);
        let document = Document::new(Arc::clone(file), root, url, self.library, draft)
            .map_err(|message| Diagnostic::error("schema-broken", message).at(location.clone()))?;
        let position = self.documents.len();
        self.documents.push(document);
        match self.library {
            Library::JsonSchemaV6 => self.hold_against_metaschema(position, "")?,
            Library::GoJsonSchema if position == 0 => {
                let root = &self.documents[0].root;
                if !root.is_map() && !root.is_bool() {
                    return Err(Diagnostic::error("schema-broken", "schema is invalid").at(location));
                }
            }
            Library::GoJsonSchema => {}
        }
        Ok(position)
    }

    /// Holds the schema at a pointer against the metaschema of its draft.
    pub fn hold_against_metaschema(&self, document: usize, pointer: &str) -> Result<(), Diagnostic> {
        let document = &self.documents[document];
        let Some(node) = document.node(pointer) else { return Ok(()) };
        let draft = document.resource_at(pointer).draft;
        metaschema::check(document, pointer, node, draft).map_err(|fault| {
            let message = format!(
                "{:?} is not valid against metaschema: {}",
                format!("{}#{pointer}", document.url),
                fault.message
            );
            broken(document, &fault.pointer, "schema-broken", message)
                .hint(format!("the schema is read as {}", draft.name()))
        })
    }

    /// The draft that a document is written in.
    fn draft_of(&self, file: &Arc<File>, root: &Node) -> Result<Draft, Diagnostic> {
        let unnamed = Draft::unnamed(self.library);
        let Some(entry) = root.entry("$schema") else { return Ok(unnamed) };
        let place = Location::new(file, entry.key_span.to(entry.value.span));
        let Some(name) = entry.value.as_str() else {
            return match self.library {
                Library::GoJsonSchema => {
                    Err(Diagnostic::error("schema-broken", "$schema must be of type string").at(place))
                }
                Library::JsonSchemaV6 => Ok(unnamed),
            };
        };
        match (Draft::named(self.library, name), self.library) {
            (Some(draft), _) => Ok(draft),
            (None, Library::GoJsonSchema) => Ok(unnamed),
            (None, Library::JsonSchemaV6) => self.draft_of_metaschema(name, &place),
        }
    }

    /// The draft of a metaschema that somebody wrote: the one that the metaschema itself names.
    fn draft_of_metaschema(&self, name: &str, place: &Location) -> Result<Draft, Diagnostic> {
        let mut url = name.split('#').next().unwrap_or_default().to_owned();
        // Metaschemas of metaschemas of… end somewhere, or go in a circle.
        for _ in 0..8 {
            let Some(file) = self.resources.remote(&url) else { return Err(unknown(&url, place, "$schema")) };
            let metaschema = json::read(&file.text, true).map_err(|broken| {
                Diagnostic::error("schema-syntax", broken.message).at(Location::new(&file, file.span()))
            })?;
            let Some(next) = metaschema.get("$schema").and_then(Node::as_str) else {
                return Ok(Draft::unnamed(self.library));
            };
            if let Some(draft) = Draft::named(self.library, next) {
                return Ok(draft);
            }
            next.split('#').next().unwrap_or_default().clone_into(&mut url);
        }
        Err(Diagnostic::error("schema-broken", format!("cycle in resolving $schema in {name:?}"))
            .at(place.clone()))
    }

    fn schema(&mut self, node: &Node, at: &At) -> Result<Json, Diagnostic> {
        if at.in_place {
            self.sizes[at.target] += 1;
        }
        if self.library == Library::GoJsonSchema {
            gojsonschema::check(node, at.draft).map_err(|fault| self.go_fault(at, fault))?;
            // Definitions are read whether anything refers to them or not.
            for entry in node.get("definitions").map_or(&[] as &[_], Node::entries) {
                let below = at.below(&["definitions", &entry.key], false, self);
                self.schema(&entry.value, &below)?;
            }
        }
        let Kind::Map(entries) = &node.kind else {
            return Ok(Json::Bool(!matches!(node.kind, Kind::Bool(false))));
        };
        let mut out = Map::new();
        if let Some(reference) = node.get("$ref").filter(|_| !at.draft.is_modern()) {
            let known = self.references.len();
            self.reference("$ref", reference, at, &mut out)?;
            let target = self.references.get(known).map(|reference| &self.targets[reference.to]);
            let holds = |target: &Target| {
                let inside = at.pointer.strip_prefix(&target.pointer);
                target.document == at.document
                    && inside.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
            };
            if self.library == Library::GoJsonSchema && target.is_some_and(holds) {
                self.beside_reference(node, at)?;
            }
            return Ok(Json::Object(out));
        }
        for entry in entries {
            self.keyword(node, &entry.key, &entry.value, at, &mut out)?;
        }
        self.items(node, at, &mut out)?;
        Ok(Json::Object(out))
    }

    /// Checks what stands beside a `$ref` to a schema around it: gojsonschema comes by once more while it
    /// reads that schema, knows the `$ref` already and goes on to its neighbours. They are no rules.
    fn beside_reference(&mut self, node: &Node, at: &At) -> Result<(), Diagnostic> {
        gojsonschema::rules(node, at.draft).map_err(|fault| self.go_fault(at, fault))?;
        let known = self.references.len();
        let mut unused = Map::new();
        for entry in node.entries().iter().filter(|entry| entry.key != "$ref") {
            self.keyword(node, &entry.key, &entry.value, at, &mut unused)?;
        }
        self.items(node, at, &mut unused)?;
        self.references.truncate(known);
        Ok(())
    }

    fn go_fault(&self, at: &At, (key, message): gojsonschema::Fault) -> Diagnostic {
        let pointer = key.map_or_else(|| at.pointer.clone(), |key| push(&at.pointer, key));
        broken(&self.documents[at.document], &pointer, "schema-broken", message)
    }

    fn keyword(
        &mut self,
        schema: &Node,
        key: &str,
        value: &Node,
        at: &At,
        out: &mut Map<String, Json>,
    ) -> Result<(), Diagnostic> {
        let draft = at.draft;
        match key {
            "$ref" => self.reference(key, value, at, out)?,
            // jsonschema v6 follows it in 2020-12 too, which has no such keyword.
            "$recursiveRef" if draft.is_modern() => self.reference(key, value, at, out)?,
            "$dynamicRef" if draft == Draft::Y2020 => self.reference(key, value, at, out)?,
            "allOf" | "anyOf" | "oneOf" if !value.items().is_empty() => {
                let list = self.list(key, value, true, at)?;
                out.insert(key.to_owned(), list);
            }
            "not" => self.one(key, value, true, at, out)?,
            "if" | "then" | "else" if draft >= Draft::Seven => self.one(key, value, true, at, out)?,
            "additionalProperties" if value.is_bool() => {
                out.insert(key.to_owned(), value.to_json());
            }
            "additionalProperties" => self.one(key, value, false, at, out)?,
            "propertyNames" if draft >= Draft::Six => self.one(key, value, false, at, out)?,
            "contains" if draft >= Draft::Six => self.one(key, value, false, at, out)?,
            "unevaluatedProperties" | "unevaluatedItems" if draft.is_modern() => {
                self.one(key, value, false, at, out)?;
            }
            "properties" => self.map(key, value, false, at, out)?,
            "patternProperties" => self.pattern_properties(value, at, out)?,
            "dependencies" => self.map(key, value, true, at, out)?,
            "dependentSchemas" if draft.is_modern() => self.map(key, value, true, at, out)?,
            "dependentRequired" if draft.is_modern() => {
                out.insert(key.to_owned(), value.to_json());
            }
            "minContains" | "maxContains" if draft.is_modern() && schema.get("contains").is_some() => {
                out.insert(key.to_owned(), count(value));
            }
            "const" if draft >= Draft::Six => {
                out.insert(key.to_owned(), value.to_json());
            }
            _ => self.assertion(schema, key, value, draft, out),
        }
        Ok(())
    }

    /// Keywords without subschemas that every draft has.
    fn assertion(&self, schema: &Node, key: &str, value: &Node, draft: Draft, out: &mut Map<String, Json>) {
        let is_true = |key: &str| matches!(schema.get(key).map(|value| &value.kind), Some(Kind::Bool(true)));
        let translated = match key {
            "type" | "enum" if matches!(&value.kind, Kind::List(items) if items.is_empty()) => {
                // An empty list is no rule in gojsonschema; in v6 an empty enum allows nothing.
                (self.library == Library::JsonSchemaV6 && key == "enum").then(|| (key, value.to_json()))
            }
            "type" | "enum" | "required" | "uniqueItems" => Some((key, value.to_json())),
            "multipleOf" => value.as_number().map(|text| (keyword::MULTIPLE_OF, Json::from(text))),
            "pattern" => value.as_str().map(|text| (keyword::PATTERN, Json::from(text))),
            "format" => match self.library {
                Library::GoJsonSchema => value.as_str().map(|name| (keyword::OLD_FORMAT, Json::from(name))),
                Library::JsonSchemaV6 if draft.is_modern() => None,
                Library::JsonSchemaV6 => value.as_str().map(|name| (keyword::FORMAT, Json::from(name))),
            },
            "minimum" if is_true("exclusiveMinimum") => Some(("exclusiveMinimum", value.to_json())),
            "maximum" if is_true("exclusiveMaximum") => Some(("exclusiveMaximum", value.to_json())),
            "minimum" | "maximum" | "exclusiveMinimum" | "exclusiveMaximum" => {
                value.as_number().map(|_| (key, value.to_json()))
            }
            "minLength" | "maxLength" | "minItems" | "maxItems" | "minProperties" | "maxProperties" => {
                Some((key, count(value)))
            }
            _ => None,
        };
        if let Some((key, value)) = translated {
            out.insert(key.to_owned(), value);
        }
    }

    fn one(
        &mut self,
        key: &str,
        value: &Node,
        here: bool,
        at: &At,
        out: &mut Map<String, Json>,
    ) -> Result<(), Diagnostic> {
        let json = self.schema(value, &at.below(&[key], here, self))?;
        out.insert(key.to_owned(), json);
        Ok(())
    }

    fn list(&mut self, key: &str, value: &Node, here: bool, at: &At) -> Result<Json, Diagnostic> {
        let mut items = Vec::with_capacity(value.items().len());
        for (position, item) in value.items().iter().enumerate() {
            items.push(self.schema(item, &at.below(&[key, &position.to_string()], here, self))?);
        }
        Ok(Json::Array(items))
    }

    /// Subschemas by name; lists of names (`dependencies`) stay as they are.
    fn map(
        &mut self,
        key: &str,
        value: &Node,
        here: bool,
        at: &At,
        out: &mut Map<String, Json>,
    ) -> Result<(), Diagnostic> {
        let mut map = Map::new();
        for entry in value.entries() {
            let json = match &entry.value.kind {
                Kind::List(_) if key == "dependencies" => entry.value.to_json(),
                _ => self.schema(&entry.value, &at.below(&[key, &entry.key], here, self))?,
            };
            map.insert(entry.key.clone(), json);
        }
        out.insert(key.to_owned(), Json::Object(map));
        Ok(())
    }

    fn pattern_properties(
        &mut self,
        value: &Node,
        at: &At,
        out: &mut Map<String, Json>,
    ) -> Result<(), Diagnostic> {
        let mut map = Map::new();
        for entry in value.entries() {
            let pattern = Pattern::new(&entry.key).map_err(|error| {
                let pointer = push(&push(&at.pointer, "patternProperties"), &entry.key);
                broken(&self.documents[at.document], &pointer, "schema-broken", error)
            })?;
            let mut key = pattern.as_str().to_owned();
            // Two patterns that are spelled differently in Go alone must stay two.
            while map.contains_key(&key) {
                key.push_str("(?:)");
            }
            self.patterns.insert(key.clone(), entry.key.clone());
            let written = ["patternProperties", entry.key.as_str()];
            let below = at.renamed(&written, &["patternProperties", &key], false, self);
            let json = self.schema(&entry.value, &below)?;
            map.insert(key, json);
        }
        out.insert("patternProperties".to_owned(), Json::Object(map));
        Ok(())
    }

    /// The items of a list: those at its head by position, and the others.
    fn items(&mut self, node: &Node, at: &At, out: &mut Map<String, Json>) -> Result<(), Diagnostic> {
        let listed = |key: &'static str| {
            let value = node.get(key).filter(|value| matches!(value.kind, Kind::List(_)));
            value.map(|value| (key, value))
        };
        let others = |key: &'static str| {
            let value = node.get(key).filter(|value| value.is_map() || value.is_bool());
            value.map(|value| (key, value))
        };
        let (head, rest) = if at.draft == Draft::Y2020 {
            (listed("prefixItems"), others("items"))
        } else if let Some(head) = listed("items") {
            (Some(head), others("additionalItems"))
        } else {
            (None, others("items"))
        };
        // gojsonschema takes an empty list for no rule, and what follows it too.
        let head = head.filter(|(_, list)| !list.items().is_empty());
        if head.is_none() && node.get("items").is_some_and(|items| matches!(items.kind, Kind::List(_))) {
            return Ok(());
        }
        let old_form = self.draft == Draft::Y2019;
        let (head_key, rest_key) = match (old_form, head.is_some()) {
            (true, true) => ("items", "additionalItems"),
            _ => ("prefixItems", "items"),
        };
        if let Some((key, list)) = head {
            let mut items = Vec::with_capacity(list.items().len());
            for (position, item) in list.items().iter().enumerate() {
                let step = position.to_string();
                let below = at.renamed(&[key, &step], &[head_key, &step], false, self);
                items.push(self.schema(item, &below)?);
            }
            out.insert(head_key.to_owned(), Json::Array(items));
        }
        if let Some((key, schema)) = rest {
            // A boolean here is no schema yet in draft-04.
            let json = if schema.is_bool() && key == "additionalItems" {
                out.insert(keyword::FURTHER_ITEMS.to_owned(), schema.to_json());
                schema.to_json()
            } else {
                self.schema(schema, &at.renamed(&[key], &[rest_key], false, self))?
            };
            out.insert(rest_key.to_owned(), json);
        }
        Ok(())
    }

    fn reference(
        &mut self,
        key: &str,
        value: &Node,
        at: &At,
        out: &mut Map<String, Json>,
    ) -> Result<(), Diagnostic> {
        let Some(text) = value.as_str() else { return Ok(()) };
        let reference = match self.resolve(key, text, at)? {
            Meaning::Anything => return Ok(()),
            Meaning::Metaschema(url) => url,
            Meaning::Target(to) => {
                let place = at.place.clone();
                self.references.push(Reference { from: at.target, to, in_place: at.in_place, place });
                if to == 0 { "#".to_owned() } else { format!("#/$defs/{to}") }
            }
        };
        let json = Json::from(reference);
        if key == "$ref" {
            out.insert(key.to_owned(), json);
        } else {
            // A static one may stand beside it.
            let list = out.entry("allOf").or_insert_with(|| Json::Array(Vec::new()));
            if let Json::Array(list) = list {
                let marked = [("$ref".to_owned(), json), (keyword::DYNAMIC.to_owned(), Json::Bool(true))];
                list.push(Json::Object(Map::from_iter(marked)));
                if let Some(reference) = self.references.last_mut() {
                    reference.place = format!("{}/allOf/{}", at.place, list.len() - 1);
                }
            }
        }
        Ok(())
    }
}

impl At {
    /// The place of a subschema, `steps` further on. `here`: it is applied to the same instance.
    fn below(&self, steps: &[&str], here: bool, translator: &Translator<'_>) -> Self {
        self.renamed(steps, steps, here, translator)
    }

    /// The place of a subschema that stands `written` further on in the document, and `translated` further
    /// on in the translation.
    fn renamed(
        &self,
        written: &[&str],
        translated: &[&str],
        here: bool,
        translator: &Translator<'_>,
    ) -> Self {
        let further =
            |pointer: &str, steps: &[&str]| steps.iter().fold(pointer.to_owned(), |on, step| push(&on, step));
        let pointer = further(&self.pointer, written);
        let draft = translator.documents[self.document].resource_at(&pointer).draft;
        Self {
            target: self.target,
            document: self.document,
            place: further(&self.place, translated),
            in_place: self.in_place && here,
            draft,
            pointer,
        }
    }
}

/// A number of something; whole doubles become integers.
fn count(value: &Node) -> Json {
    match value.to_json() {
        Json::Number(number) => json::whole(&number),
        other => other,
    }
}

fn broken(document: &Document, pointer: &str, code: &'static str, message: String) -> Diagnostic {
    Diagnostic::error(code, message).at(document.location(pointer))
}
