//! Findings about values that are valid and still look wrong.
//!
//! One file a rule, each with its code, its reason and an example. Rules read plain inputs: the computed
//! values of one source ([`Subject`]), or the value files that all applications ask for
//! ([`missing_file`]).

pub mod encrypted;
pub mod list_replaced;
pub mod missing_file;
pub mod null_without_effect;
pub mod plain_secret;
pub mod redundant_override;
pub mod type_change;
pub mod unused_key;

#[cfg(test)]
mod tests;

use crate::chart::Values;
use crate::diagnostic::Diagnostic;
use crate::merge::{Cell, Explained, Explanation, LayerId, Step};
use crate::source::Location;
use crate::value::Value;
use std::collections::HashMap;

/// A finding about a value.
#[derive(Clone, Debug)]
pub struct Finding {
    /// The value: keys and list positions from the root.
    pub path: Vec<String>,
    /// What there is to say.
    pub diagnostic: Diagnostic,
}

/// The values of one source with everything that was written, which is worked out once for all rules.
pub struct Subject<'a> {
    /// The values.
    pub values: &'a Values,
    /// Every path that some layer wrote, removed ones too, parents before children.
    pub paths: Vec<Explanation>,
    positions: HashMap<Vec<Step>, usize>,
}

impl<'a> Subject<'a> {
    /// Explains every path of some values.
    pub fn new(values: &'a Values) -> Self {
        let mut subject = Self { values, paths: Vec::new(), positions: HashMap::new() };
        subject.walk(&values.root, &mut Vec::new());
        subject
    }

    fn walk(&mut self, cell: &Cell, path: &mut Vec<Step>) {
        for entry in cell.entries().iter() {
            if path.is_empty() && encrypted::is_metadata(&entry.key, &entry.cell) {
                continue;
            }
            path.push(Step::Key(entry.key.clone()));
            self.positions.insert(path.clone(), self.paths.len());
            self.paths.push(self.values.explain(path));
            self.walk(&entry.cell, path);
            path.pop();
        }
    }

    /// What was written at a path.
    fn at(&self, path: &[Step]) -> Option<&Explanation> {
        self.positions.get(path).map(|&at| &self.paths[at])
    }

    /// Where a write stands.
    fn place(&self, write: &Explained) -> Option<Location> {
        self.values.place(write.write.as_ref()?)
    }

    /// What people call a layer.
    fn label(&self, layer: LayerId) -> String {
        let layer = self.values.layer(layer);
        layer.map_or_else(|| "another layer".to_owned(), |layer| layer.label.to_string())
    }
}

/// All findings about the values of one source.
pub fn check(values: &Values) -> Vec<Finding> {
    let subject = Subject::new(values);
    let mut findings = redundant_override::check(&subject);
    findings.extend(type_change::check(&subject));
    findings.extend(list_replaced::check(&subject));
    findings.extend(null_without_effect::check(&subject));
    findings.extend(unused_key::check(&subject));
    findings.extend(plain_secret::check(&subject));
    findings.extend(encrypted::check(&subject));
    findings
}

impl Finding {
    fn new(path: &[Step], diagnostic: Diagnostic, place: Option<Location>) -> Self {
        let path = path.iter().map(|step| match step {
            Step::Key(key) => key.to_string(),
            Step::Index(index) => index.to_string(),
        });
        let diagnostic = match place {
            Some(place) => diagnostic.at(place),
            None => diagnostic,
        };
        Self { path: path.collect(), diagnostic }
    }
}

/// `image.tag`, `hosts[0]`.
fn words(path: &[Step]) -> String {
    let mut words = String::new();
    for step in path {
        if !words.is_empty() && matches!(step, Step::Key(_)) {
            words.push('.');
        }
        words.push_str(&step.to_string());
    }
    words
}

/// A value as it would be written in one line, shortened.
fn shown(value: &Value) -> String {
    let text = match value {
        Value::String(text) => format!("{text:?}"),
        other => other.to_string(),
    };
    match text.char_indices().nth(40) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}
