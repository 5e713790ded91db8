//! What changes in an Application's values when another Helm computes them.
//!
//! The same files under two profiles: where the final values differ, one write is behind it, mostly a
//! null that one Helm keeps and the other drops. Which Applications there are, and which of them fail,
//! may differ too; that is the caller's to see.

use super::HelmSource;
use crate::merge::{Cell, Explanation, Fate, Shape, Step, Write};
use crate::source::Location;
use crate::value::Value;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::sync::Arc;

/// A path at which two computations of one source's values differ.
#[derive(Clone, Debug)]
pub struct Difference {
    /// The path: the shortest one at which they differ.
    pub path: Vec<Step>,
    /// The value before; `None` if the key is not there.
    pub before: Option<Value>,
    /// The value after.
    pub after: Option<Value>,
    /// What kind of difference it is.
    pub change: Change,
    /// The write behind it, which both may know; `None` for what Helm itself makes.
    pub cause: Option<Cause>,
}

/// The write behind a difference.
#[derive(Clone, Debug)]
pub struct Cause {
    /// Label of its layer.
    pub layer: Arc<str>,
    /// Where it stands.
    pub place: Location,
}

/// Kinds of differences.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Change {
    /// A null that removed a value before and no longer does.
    Revived,
    /// A null that removes a value which was there before.
    Removed,
    /// A null that was the value before, and is left out with its key.
    NullDropped,
    /// A null that was left out with its key before, and is the value.
    NullKept,
    /// A key that was not there before.
    Added,
    /// A key that is no longer there.
    Gone,
    /// Another value.
    Replaced,
}

/// Every path at which the values differ, in the order of the keys.
pub fn differences(before: &HelmSource, after: &HelmSource) -> Vec<Difference> {
    // A failure before the values were computed is the difference; the user's layers alone are none.
    if before.values.is_some() != after.values.is_some() {
        return Vec::new();
    }
    let mut found = Vec::new();
    let mut open = vec![(Vec::new(), Some(before.root().clone()), Some(after.root().clone()))];
    while let Some((path, one, other)) = open.pop() {
        if let (Some(one), Some(other)) = (&one, &other)
            && one.is_map()
            && other.is_map()
        {
            let keys: BTreeSet<Arc<str>> = one
                .entries()
                .iter()
                .chain(other.entries().iter())
                .map(|entry| Arc::clone(&entry.key))
                .collect();
            for key in keys.into_iter().rev() {
                let path = path.iter().cloned().chain([Step::Key(Arc::clone(&key))]).collect();
                open.push((path, one.get(&key), other.get(&key)));
            }
            continue;
        }
        let values = (one.as_ref().and_then(Cell::to_value), other.as_ref().and_then(Cell::to_value));
        if values.0 != values.1 {
            found.push(difference(path, values, before, after));
        }
    }
    found
}

fn difference(
    path: Vec<Step>,
    (before, after): (Option<Value>, Option<Value>),
    one: &HelmSource,
    other: &HelmSource,
) -> Difference {
    let deciders = (decider(&one.explain(&path)), decider(&other.explain(&path)));
    let removes = |write: &Option<Write>| write.as_ref().is_some_and(|write| write.shape() == Shape::Null);
    let change = match (&before, &after) {
        (Some(Value::Null), None) => Change::NullDropped,
        (None, Some(Value::Null)) => Change::NullKept,
        (None, Some(_)) if removes(&deciders.0) => Change::Revived,
        (Some(_), None) if removes(&deciders.1) => Change::Removed,
        (None, Some(_)) => Change::Added,
        (Some(_), None) => Change::Gone,
        _ => Change::Replaced,
    };
    // The null that decides one side is what people have to look at; else what is there afterwards.
    let by_one = deciders.0.and_then(|write| cause(one, &write));
    let by_other = deciders.1.and_then(|write| cause(other, &write));
    let cause = match change {
        Change::Revived | Change::NullDropped | Change::Gone => by_one.or(by_other),
        _ => by_other.or(by_one),
    };
    Difference { path, before, after, change, cause }
}

/// The write that decides what a path comes to.
fn decider(explanation: &Explanation) -> Option<Write> {
    let last_null = || {
        let writes = explanation.writes.iter().rev().filter_map(|explained| explained.write.as_ref());
        writes.into_iter().find(|write| write.shape() == Shape::Null).cloned()
    };
    match &explanation.fate {
        Fate::Present(_) => explanation.winner().and_then(|winner| winner.write.clone()),
        Fate::Removed(Some(write)) => Some(write.clone()),
        Fate::Removed(None) => last_null(),
        Fate::Shadowed(ending) => Some(ending.write.clone()),
        Fate::NeverSet => None,
    }
}

fn cause(source: &HelmSource, write: &Write) -> Option<Cause> {
    let (_, layer) = source.layers.iter().find(|(id, _)| *id == write.layer)?;
    let mut place = source.place(write)?;
    // A null that is not written out (`key:`) has no bytes; its key has.
    if place.span.start == place.span.end {
        place.span = write.key;
    }
    Some(Cause { layer: Arc::clone(&layer.label), place })
}
