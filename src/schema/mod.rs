//! Schemas: values held against `values.schema.json`, exactly as the Helm of the profile does it.
//!
//! Helm 3.17 and 3.18 validate with xeipuuv/gojsonschema 1.2 (drafts 4, 6 and 7; formats checked; a
//! schema that names no draft is read as all three at once), later versions with
//! santhosh-tekuri/jsonschema 6 (draft-04 to 2020-12, which is the default). Both answer differently
//! from each other and from the standard in places; recorded answers are under
//! `tests/conformance/schema`.
//!
//! A schema is read with its places ([`json`]), checked as the library checks it
//! (`gojsonschema`, `metaschema`), translated so that references are resolved by the library's rules
//! and keywords mean what they mean there (`translate`), and compiled by the `jsonschema` crate.
//! Failures lead back to the line with the rule (`violation`).

mod cycles;
mod document;
mod draft;
mod effort;
mod evaluated;
mod format;
mod gojsonschema;
mod instance;
pub mod json;
mod keyword;
mod metaschema;
mod pattern;
mod resolve;
mod rules;
#[cfg(test)]
mod tests;
mod translate;
mod violation;
pub mod words;
mod written;

pub use pattern::Pattern;
pub use rules::Rule;
pub use violation::{Violation, nearest, path_in_words};

use crate::diagnostic::Diagnostic;
use crate::profile::Helm;
use crate::repository::Tree;
use crate::source::{File, Location};
use crate::value::Value;
use serde_json::Value as Json;
use std::fmt;
use std::sync::Arc;
use translate::{Translation, Translator};

/// Whose schema it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Owner {
    /// The chart's (or a subchart's) `values.schema.json`: Helm enforces it.
    Chart,
    /// The product's schema beside its values: for reviewers, Helm never sees it.
    Product,
    /// The customer's, likewise.
    Customer,
}

/// `chart`, `product` or `customer`.
impl fmt::Display for Owner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Chart => "chart",
            Self::Product => "product",
            Self::Customer => "customer",
        })
    }
}

/// Documents that references may name.
pub trait Resources {
    /// The document at a URL, if the user supplied it.
    fn remote(&self, url: &str) -> Option<Arc<File>>;
    /// A file of the repository that holds the schema. Not asked for a chart's schema: Helm doesn't
    /// look into the chart either.
    fn file(&self, path: &str) -> Option<Arc<File>>;
}

/// No documents at all.
impl Resources for () {
    fn remote(&self, _url: &str) -> Option<Arc<File>> {
        None
    }

    fn file(&self, _path: &str) -> Option<Arc<File>> {
        None
    }
}

/// The files of a repository, and nothing remote.
impl Resources for Tree {
    fn remote(&self, _url: &str) -> Option<Arc<File>> {
        None
    }

    fn file(&self, path: &str) -> Option<Arc<File>> {
        Tree::file(self, path).cloned()
    }
}

/// Values nested deeper than this are not validated: neither the crate nor a page has the stack for it.
const DEEPEST_VALUE: usize = 128;

/// Where telling all failures would take more applications of schemas than this, only one is told: that
/// there are some.
const MOST_EFFORT: u64 = 500_000;

/// A schema, ready to validate; shared by all applications that use it.
pub struct Schema {
    /// Whose it is.
    pub owner: Owner,
    /// Its file.
    pub file: Arc<File>,
    helm: Helm,
    translation: Translation,
    validator: jsonschema::Validator,
}

impl fmt::Debug for Schema {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Schema({} of {})", self.file, self.owner)
    }
}

impl Schema {
    /// Reads and checks a schema. A schema that Helm can't use is an error at the place that makes it
    /// unusable; so is a reference to a document that isn't loaded (`schema-unknown`), which names what
    /// to supply.
    pub fn compile(
        file: &Arc<File>,
        owner: Owner,
        helm: Helm,
        resources: &dyn Resources,
    ) -> Result<Self, Diagnostic> {
        let url = match owner {
            Owner::Chart => "file:///values.schema.json".to_owned(),
            Owner::Product | Owner::Customer => format!("file:///{}", file.path),
        };
        let translation = Translator::translate(file, url, helm.schema_library(), owner, resources)
            .map_err(|problem| advised(problem, owner))?;
        let options = keyword::with_keywords(jsonschema::options())
            .with_draft(translation.draft)
            .with_pattern_options(jsonschema::PatternOptions::regex().size_limit(1 << 20))
            .offline();
        let special = translation.draft == jsonschema::Draft::Draft201909
            && translation.documents.iter().any(|document| document.file.text.contains("unevaluatedItems"));
        let special = special.then(|| evaluated::of_2019(&translation.json));
        let validator = options.build(special.as_ref().unwrap_or(&translation.json)).map_err(|error| {
            let written = translation.written(error.instance_path().as_str());
            advised(Diagnostic::error("schema-broken", error.to_string()).at(written.place), owner)
        })?;
        Ok(Self { owner, file: Arc::clone(file), helm, translation, validator })
    }

    /// Whether values are valid; [`plain`] makes them ready, once for all the schemas that they are held
    /// against.
    pub fn holds(&self, values: &Json) -> bool {
        self.validator.is_valid(values)
    }

    /// What is wrong with values; nothing if they are valid.
    pub fn validate(&self, values: &Value) -> Vec<Violation> {
        let Some(json) = plain(values) else {
            let place = Location::new(&self.file, self.file.span());
            return vec![Violation::too_deep(place, DEEPEST_VALUE)];
        };
        if self.validator.is_valid(&json) {
            return Vec::new();
        }
        if effort::of(&self.translation, values) > MOST_EFFORT {
            let place = Location::new(&self.file, self.file.span());
            return vec![Violation::untold(place)];
        }
        let mut violations: Vec<Violation> = self
            .validator
            .iter_errors(&json)
            .take(violation::MOST)
            .flat_map(|error| violation::explain(&error, &self.translation, self.helm))
            .collect();
        violations.sort_by(|one, other| one.path.cmp(&other.path));
        violations
    }

    /// Whether values are valid: quicker than [`Schema::validate`] where they are not.
    pub fn accepts(&self, values: &Value) -> bool {
        plain(values).is_some_and(|values| self.validator.is_valid(&values))
    }

    /// What the schema says about the key at a path (keys and list positions from the root), whatever
    /// the values are.
    pub fn rules(&self, path: &[&str]) -> Vec<Rule> {
        rules::at(&self.translation, path)
    }
}

/// A problem of a schema, with advice where it has none of its own.
fn advised(problem: Diagnostic, owner: Owner) -> Diagnostic {
    if !problem.hints.is_empty() {
        return problem;
    }
    problem.hint(match owner {
        Owner::Chart => "Helm refuses the chart until its schema is mended here",
        Owner::Product | Owner::Customer => "no values are held against this schema until it is mended here",
    })
}

/// Values as the validating crate reads them; `None` where they are nested too deep to be looked at.
pub fn plain(values: &Value) -> Option<Json> {
    shallow(values, DEEPEST_VALUE).then(|| instance::to_json(values))
}

fn shallow(value: &Value, levels: usize) -> bool {
    match value {
        Value::List(list) => levels > 0 && list.iter().all(|item| shallow(item, levels - 1)),
        Value::Map(map) => levels > 0 && map.iter().all(|(_, value)| shallow(value, levels - 1)),
        _ => true,
    }
}
