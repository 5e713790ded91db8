//! The shapes of Argo CD's API types, as data.
//!
//! Decoding, template rendering, patching and printing all walk these tables, so that each rule is
//! written once and not once a field. Fields stand in the order of Argo CD's own declarations (Go
//! walks them in that order, and so decides which of several errors is the first one). Source: the
//! custom resource definitions, spec sheet section 10.

macro_rules! structure {
    ($name:ident, $go:literal, [$($field:expr),* $(,)?]) => {
        #[doc = concat!("`", $go, "`.")]
        pub static $name: Structure = Structure { name: $go, fields: &[$($field),*] };
    };
}

mod application;
mod generator;

pub use application::*;
pub use generator::*;

/// An object with known fields.
#[derive(Debug)]
pub struct Structure {
    /// The name of the type, as decoding errors give it.
    pub name: &'static str,
    /// Its fields.
    pub fields: &'static [Field],
}

/// A field of a [`Structure`].
#[derive(Debug)]
pub struct Field {
    /// Its key.
    pub name: &'static str,
    /// What it holds.
    pub kind: Type,
    /// When it is printed.
    pub presence: Presence,
}

/// What a field holds.
#[derive(Clone, Copy, Debug)]
pub enum Type {
    /// A string.
    Text,
    /// A boolean.
    Bool,
    /// A whole number.
    Int,
    /// A whole number or a string.
    IntOrText,
    /// Anything.
    Json,
    /// An object with known fields.
    Object(&'static Structure),
    /// A list.
    List(&'static Type),
    /// A map from strings.
    Map(&'static Type),
}

/// When a field is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Presence {
    /// Always, empty or not.
    Always,
    /// Unless it is empty: `""`, `false`, 0, no items, no keys.
    NonEmpty,
    /// If it was given, even if it is empty.
    Given,
    /// Unless everything in it is absent. Rendering gives every list of the template a list of its own,
    /// so a rendered object of this kind is always printed.
    NonZero,
}

const fn always(name: &'static str, kind: Type) -> Field {
    Field { name, kind, presence: Presence::Always }
}

const fn some(name: &'static str, kind: Type) -> Field {
    Field { name, kind, presence: Presence::NonEmpty }
}

const fn given(name: &'static str, kind: Type) -> Field {
    Field { name, kind, presence: Presence::Given }
}

use Type::{Bool, Json, List, Map, Object, Text};

const TEXTS: Type = List(&Text);
const TEXT_MAP: Type = Map(&Text);

structure!(
    APPLICATION_SET_SPEC,
    "ApplicationSetSpec",
    [
        some("goTemplate", Bool),
        always("generators", List(&Object(&GENERATOR))),
        always("template", Object(&TEMPLATE)),
        given("syncPolicy", Object(&SET_SYNC_POLICY)),
        given("strategy", Json),
        given("preservedFields", Object(&PRESERVED_FIELDS)),
        some("goTemplateOptions", TEXTS),
        some("applyNestedSelectors", Bool),
        some("ignoreApplicationDifferences", List(&Object(&SET_IGNORE_DIFFERENCES))),
        given("templatePatch", Text),
    ]
);

structure!(
    SET_SYNC_POLICY,
    "ApplicationSetSyncPolicy",
    [some("preserveResourcesOnDeletion", Bool), given("applicationsSync", Text),]
);

structure!(
    PRESERVED_FIELDS,
    "ApplicationPreservedFields",
    [some("annotations", TEXTS), some("labels", TEXTS)]
);

structure!(
    SET_IGNORE_DIFFERENCES,
    "ApplicationSetResourceIgnoreDifferences",
    [some("name", Text), some("jsonPointers", TEXTS), some("jqPathExpressions", TEXTS),]
);

structure!(
    TEMPLATE,
    "ApplicationSetTemplate",
    [always("metadata", Object(&TEMPLATE_METADATA)), always("spec", Object(&APPLICATION_SPEC)),]
);

structure!(
    TEMPLATE_METADATA,
    "ApplicationSetTemplateMeta",
    [
        some("name", Text),
        some("namespace", Text),
        some("labels", TEXT_MAP),
        some("annotations", TEXT_MAP),
        some("finalizers", TEXTS),
    ]
);
