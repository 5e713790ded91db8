//! A value file sets a key, and in every Application that reads the file another layer has the last word.
//!
//! The line looks as if it did something. It may be left over, or stand in the wrong layer.
//!
//! ```text
//! products/a/base.yaml     replicas: 1    # never 1 anywhere
//! products/a/dev.yaml      replicas: 2
//! products/a/prod.yaml     replicas: 3
//! ```

use super::{Finding, encrypted, words};
use crate::chart::Values;
use crate::diagnostic::Diagnostic;
use crate::merge::{Body, Cell, Kind, Said, Shape, Step, Write};
use crate::profile::Helm;
use crate::source::{ByAddress, File, Location, Same, Span};
use crate::yaml::{self, Node};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

/// The code of the finding.
pub const CODE: &str = "lint-never-wins";

/// What value files say in vain in the values of one source: the places of values that come to nothing.
pub fn overridden(values: &Values) -> Vec<Location> {
    let mut places = Vec::new();
    let root = values.root.entries();
    let own = root.iter().filter(|entry| !encrypted::is_metadata(&entry.key, &entry.cell));
    let mut open: Vec<Cell> = own.map(|entry| Cell::clone(&entry.cell)).collect();
    while let Some(cell) = open.pop() {
        let writes = cell.writes.as_slice();
        let last = match &cell.body {
            Body::Map(since, _) | Body::List(since, _) => *since as usize,
            Body::Whole => writes.len().saturating_sub(1),
            Body::Removed => writes.len(),
        };
        let says_the_same = |write: &Write| cell.last_write().is_some_and(|last| last.says_the_same(write));
        for write in writes[..last.min(writes.len())].iter().filter(|write| write.shape() != Shape::Null) {
            let in_vain = write.layer.as_user().is_some() && !says_the_same(write);
            places.extend(in_vain.then(|| value_file(values, write)).flatten());
        }
        if let Body::Map(_, entries) = &cell.body {
            open.extend(entries.iter().map(|entry| Cell::clone(&entry.cell)));
        }
    }
    places
}

/// Where a write stands, if that is in a value file.
fn value_file(values: &Values, write: &Write) -> Option<Location> {
    let layer = values.layer(write.layer).filter(|layer| layer.kind == Kind::ValueFile)?;
    matches!(write.said, Said::Node(_)).then(|| values.place(write))?.filter(|_| layer.file().is_some())
}

/// How many Applications read each file, and how many have what it says in vain.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    files: ByAddress<Same<File>, Arc<OfFile>>,
    /// Files of which the findings are not made yet.
    open: HashSet<Same<File>>,
}

#[derive(Clone, Debug, Default)]
struct OfFile {
    readers: usize,
    vain: BTreeMap<Span, usize>,
    findings: HashMap<Span, Finding>,
}

impl Tally {
    /// Takes in an Application: its files, one mention for each layer, and [`overridden`] of its sources.
    pub fn add(&mut self, files: &[Arc<File>], overridden: &[Location]) {
        self.count(files, overridden, 1);
    }

    /// Takes out an Application that was taken in.
    pub fn remove(&mut self, files: &[Arc<File>], overridden: &[Location]) {
        self.count(files, overridden, -1);
    }

    fn count(&mut self, files: &[Arc<File>], overridden: &[Location], by: isize) {
        for file in files {
            let key = Same::of(file);
            let known = Arc::make_mut(self.files.entry(key.clone()).or_default());
            known.readers = known.readers.saturating_add_signed(by);
            self.open.insert(key);
        }
        for of_file in overridden.chunk_by(|one, next| Arc::ptr_eq(&one.file, &next.file)) {
            let known = Arc::make_mut(self.files.entry(Same::of(&of_file[0].file)).or_default());
            for place in of_file {
                let count = known.vain.entry(place.span).or_default();
                *count = count.saturating_add_signed(by);
            }
        }
    }

    /// Makes the findings: the places that come to nothing in all Applications that read their file.
    pub fn settle(&mut self, helm: Helm) {
        for key in std::mem::take(&mut self.open) {
            let Some(known) = self.files.get_mut(&key).map(Arc::make_mut) else { continue };
            if known.readers == 0 {
                self.files.remove(&key);
                continue;
            }
            known.findings.clear();
            let readers = known.readers;
            if !known.vain.values().any(|count| *count == readers) {
                continue;
            }
            let paths = paths_in(&key.0, helm);
            for (&span, _) in known.vain.iter().filter(|(_, count)| **count == readers) {
                if let Some(path) = paths.get(&span) {
                    known.findings.insert(span, finding(path, &Location::new(&key.0, span), readers));
                }
            }
        }
    }

    /// The finding about a place that comes to nothing.
    pub fn finding(&self, place: &Location) -> Option<&Finding> {
        self.files.get(&Same::of(&place.file))?.findings.get(&place.span)
    }
}

fn finding(path: &[Step], place: &Location, count: usize) -> Finding {
    let applications = match count {
        1 => "the one Application that reads this file gets".to_owned(),
        _ => format!("all {count} Applications that read this file get"),
    };
    let message = format!("{}: this never takes effect, {applications} another value", words(path));
    let diagnostic = Diagnostic::note(CODE, message)
        .hint("take it out, or move it to the layer that is meant to have the last word");
    Finding::new(path, diagnostic, Some(place.clone()))
}

/// The path of each value in a file.
fn paths_in(file: &Arc<File>, helm: Helm) -> HashMap<Span, Vec<Step>> {
    let mut paths = HashMap::new();
    let Ok(document) = yaml::read_values(file, helm) else { return paths };
    let mut open: Vec<(&Node, Vec<Step>)> = vec![(&document.root, Vec::new())];
    while let Some((node, path)) = open.pop() {
        for entry in node.entries() {
            let path: Vec<Step> = path.iter().cloned().chain([Step::Key(Arc::clone(&entry.key))]).collect();
            open.push((&entry.value, path));
        }
        paths.insert(node.span, path);
    }
    paths
}
