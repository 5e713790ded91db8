//! What references of a schema mean, by the rules of the library.

use super::Owner;
use super::document::{Document, join, push, steps};
use super::draft::Draft;
use super::translate::{At, Translator};
use crate::diagnostic::Diagnostic;
use crate::profile::SchemaLibrary as Library;
use crate::source::{File, Location};
use std::sync::Arc;

/// What a reference means.
pub enum Meaning {
    /// A schema that is translated.
    Target(usize),
    /// A metaschema, which the crate has.
    Metaschema(String),
    /// Anything is valid (an unresolved URN from Helm 3.19 on).
    Anything,
}

impl Translator<'_> {
    /// What the reference under `key` of a schema means.
    pub fn resolve(&mut self, key: &str, text: &str, at: &At) -> Result<Meaning, Diagnostic> {
        let place = self.documents[at.document].location(&push(&at.pointer, key));
        let reference_error =
            |message: String| Diagnostic::error("schema-reference", message).at(place.clone());
        let base = self.documents[at.document].resource_at(&at.pointer).url.clone();
        let (url, fragment) = join(&base, text).map_err(reference_error)?;
        let loaded = |translator: &Self, url: &str| {
            let has = |&position: &usize| translator.documents[position].resource(url).is_some();
            std::iter::once(at.document).chain(0..translator.documents.len()).find(has)
        };
        let document = match loaded(self, &url) {
            Some(document) => document,
            None if Draft::named(self.library, &url).is_some() => {
                return Ok(Meaning::Metaschema(format!("{url}#{fragment}")));
            }
            None if self.library == Library::JsonSchemaV6 && url.starts_with("urn:") => {
                return Ok(Meaning::Anything);
            }
            None => {
                let file = self.fetch(&url, text, &place)?;
                self.load(&file, url.clone())?
            }
        };
        let not_found = match self.library {
            Library::GoJsonSchema => self.missing_step(document, &fragment),
            Library::JsonSchemaV6 => format!("json-pointer in {:?} not found", format!("{url}#{fragment}")),
        };
        let resource = self.documents[document].resource(&url);
        let meant = resource.and_then(|resource| match self.library {
            // A name that nothing has is no pointer either, and no pointer means the whole document.
            Library::GoJsonSchema => resource.pointer_of(&fragment).or_else(|| resource.pointer_of("")),
            Library::JsonSchemaV6 => resource.pointer_of(&fragment),
        });
        let Some(pointer) = meant else {
            let anchor = format!("{url}#{fragment}");
            return Err(reference_error(format!("anchor in {anchor:?} not found in schema {url:?}")));
        };
        let pointer = match key {
            "$ref" => pointer,
            _ => self.dynamic(key, &fragment, document, &url, pointer, &place)?,
        };
        let Some(node) = self.documents[document].node(&pointer) else {
            return Err(
                reference_error(not_found).hint("nothing stands there in the document that is referred to")
            );
        };
        if self.library == Library::GoJsonSchema && !node.is_map() && !node.is_bool() {
            return Err(reference_error("schema must be of type object".to_owned()));
        }
        if self.library == Library::JsonSchemaV6 && !self.documents[document].knows(&pointer) {
            self.documents[document].learn(&pointer).map_err(reference_error)?;
            self.hold_against_metaschema(document, &pointer)?;
        }
        Ok(Meaning::Target(self.target(document, pointer)))
    }

    /// What gojsonschema says about a pointer that leads nowhere.
    fn missing_step(&self, document: usize, pointer: &str) -> String {
        let mut node = Some(&*self.documents[document].root);
        let missing = steps(pointer).find(|step| {
            node = node.and_then(|node| node.child(step));
            node.is_none()
        });
        format!("Object has no key '{}'", missing.unwrap_or_default())
    }

    /// What a `$dynamicRef` or `$recursiveRef` means where only one resource could be meant.
    fn dynamic(
        &self,
        key: &str,
        fragment: &str,
        document: usize,
        url: &str,
        pointer: String,
        place: &Location,
    ) -> Result<String, Diagnostic> {
        let resources = || self.documents.iter().flat_map(Document::resources);
        let own = self.documents[document].resource(url);
        let candidates = match key {
            "$recursiveRef" if own.is_some_and(|own| own.recursive_anchor) => {
                resources().filter(|resource| resource.recursive_anchor).count()
            }
            "$dynamicRef" if own.is_some_and(|own| own.has_dynamic_anchor(fragment)) => {
                resources().filter(|resource| resource.has_dynamic_anchor(fragment)).count()
            }
            _ => 1,
        };
        if candidates > 1 {
            let message =
                format!("{key} could mean {candidates} schemas, depending on the way that leads to it");
            return Err(Diagnostic::error("schema-unsupported", message).at(place.clone()).hint(
                "references that are decided while validating are followed only inside one schema with an id",
            ));
        }
        Ok(pointer)
    }

    fn fetch(&self, url: &str, written: &str, place: &Location) -> Result<Arc<File>, Diagnostic> {
        let Some(path) = url.strip_prefix("file:///") else {
            return self.resources.remote(url).ok_or_else(|| unknown(url, place, "$ref"));
        };
        if self.owner == Owner::Chart {
            let message = match self.library {
                Library::GoJsonSchema => {
                    let fragment = written.split_once('#').map(|(_, fragment)| format!("#{fragment}"));
                    format!("Reference /{path}{} must be canonical", fragment.unwrap_or_default())
                }
                Library::JsonSchemaV6 => {
                    format!("failing loading {url:?}: open /{path}: no such file or directory")
                }
            };
            return Err(Diagnostic::error("schema-reference", message).at(place.clone()).hint(format!(
                "Helm does not look for `{written}` in the chart; put the schema under `$defs` of this file"
            )));
        }
        self.resources.file(path).ok_or_else(|| {
            let message = format!("`{written}` means {path}, which the repository does not have");
            Diagnostic::error("schema-reference", message).at(place.clone())
        })
    }
}

/// A document that would have to be fetched.
pub fn unknown(url: &str, place: &Location, keyword: &str) -> Diagnostic {
    Diagnostic::error("schema-unknown", format!("{keyword} names {url}, which is not loaded here"))
        .at(place.clone())
        .hint(format!("nothing is fetched from a network: supply the document {url} to have it checked"))
}
