//! Findings about values that are valid and still look wrong.
//!
//! One file a rule, each with its code, its reason and an example. Rules read plain inputs: the computed
//! values of one source ([`Subject`]), or what all applications have in common: the value files that they
//! ask for ([`missing_file`]), the values that none of them gets ([`never_wins`]).

pub mod encrypted;
pub mod list_replaced;
pub mod missing_file;
pub mod never_wins;
pub mod null_without_effect;
pub mod plain_secret;
pub mod redundant_override;
pub mod type_change;
pub mod unused_key;

#[cfg(test)]
mod tests;

use crate::chart::Values;
use crate::diagnostic::Diagnostic;
use crate::merge::{Cell, Explained, Explanation, LayerId, Said, Step, Write};
use crate::source::Location;
use crate::value::Value;
use crate::yaml::{Kind, Node};
use std::sync::Arc;

pub use unused_key::Reads;

/// Something to say about a value, or about no value in particular.
#[derive(Clone, Debug)]
pub struct Finding {
    /// The value: keys and list positions from the root; empty if it is about none.
    pub path: Vec<String>,
    /// What there is to say.
    pub diagnostic: Diagnostic,
}

impl From<Diagnostic> for Finding {
    fn from(diagnostic: Diagnostic) -> Self {
        Self { path: Vec::new(), diagnostic }
    }
}

/// The values of one source with every path in them, which is worked out once for all rules.
pub struct Subject<'a> {
    /// The values.
    pub values: &'a Values,
    /// Every path that some layer wrote, removed ones too, parents before children.
    pub paths: Vec<Written>,
}

/// A path that some layer wrote. Rules look at the cell first, and ask for its story only where that
/// gives cause: fleets have millions of paths and few findings.
pub struct Written {
    /// The path.
    pub path: Vec<Step>,
    /// What is there.
    pub cell: Cell,
}

impl Written {
    /// Its writes, lowest first.
    fn writes(&self) -> &[Write] {
        self.cell.writes.as_slice()
    }

    /// Whether a layer of the user wrote it.
    fn is_users(&self) -> bool {
        self.writes().iter().any(|write| write.layer.as_user().is_some())
    }

    /// Whether a chart's defaults have it.
    fn is_default(&self) -> bool {
        self.writes().iter().any(|write| write.layer.as_chart().is_some())
    }

    /// Its text, if its value is a string.
    fn text(&self) -> Option<Arc<str>> {
        match self.cell.last_write()?.said {
            Said::Node(Node { kind: Kind::String(ref text), .. }) => Some(Arc::clone(text)),
            Said::Node(_) => None,
            Said::Set(..) => match self.cell.to_value()? {
                Value::String(text) => Some(text),
                _ => None,
            },
        }
    }
}

impl<'a> Subject<'a> {
    /// Lists every path of some values.
    pub fn new(values: &'a Values) -> Self {
        let mut subject = Self { values, paths: Vec::new() };
        subject.walk(&values.root, &mut Vec::new());
        subject
    }

    fn walk(&mut self, cell: &Cell, path: &mut Vec<Step>) {
        for entry in cell.entries().iter() {
            if path.is_empty() && encrypted::is_metadata(&entry.key, &entry.cell) {
                continue;
            }
            path.push(Step::Key(entry.key.clone()));
            self.paths.push(Written { path: path.clone(), cell: entry.cell.clone() });
            self.walk(&entry.cell, path);
            path.pop();
        }
    }

    /// What every write at a path did.
    fn explain(&self, written: &Written) -> Explanation {
        self.values.explain(&written.path)
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

/// All findings about the values of one source; `reads` is what its charts read of them.
pub fn check(values: &Values, reads: &Reads) -> Vec<Finding> {
    let subject = Subject::new(values);
    let mut findings = redundant_override::check(&subject);
    findings.extend(type_change::check(&subject));
    findings.extend(list_replaced::check(&subject));
    findings.extend(null_without_effect::check(&subject));
    findings.extend(unused_key::check(&subject, reads));
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
