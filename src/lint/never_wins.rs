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
use crate::source::{File, Location, Span};
use crate::yaml::{self, Node};
use std::collections::{BTreeMap, HashMap};
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

/// A place by the address of its file.
type Key = (usize, Span);

fn address(file: &Arc<File>) -> usize {
    Arc::as_ptr(file) as usize
}

/// The key of a place in what [`check`] gives.
pub fn key(place: &Location) -> (usize, Span) {
    (address(&place.file), place.span)
}

/// Finds the places that come to nothing in all Applications that read their file. `read` has the files of
/// each Application, one mention for each layer, and [`overridden`] of its sources.
pub fn check<'a>(
    read: impl Iterator<Item = (&'a [Arc<File>], &'a [Location])>,
    helm: Helm,
) -> HashMap<Key, Finding> {
    let mut readers: HashMap<usize, usize> = HashMap::new();
    let mut vain: BTreeMap<Key, (usize, &Location)> = BTreeMap::new();
    for (files, overridden) in read {
        for file in files {
            *readers.entry(address(file)).or_default() += 1;
        }
        for place in overridden {
            vain.entry(key(place)).or_insert((0, place)).0 += 1;
        }
    }
    vain.retain(|(file, _), (count, _)| readers.get(file) == Some(count));
    let mut found = HashMap::new();
    let mut paths: (usize, HashMap<Span, Vec<Step>>) = (0, HashMap::new());
    for ((file, span), (count, place)) in vain {
        if paths.0 != file {
            paths = (file, paths_in(&place.file, helm));
        }
        if let Some(path) = paths.1.get(&span) {
            found.insert((file, span), finding(path, place, count));
        }
    }
    found
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
