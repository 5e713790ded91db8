//! From names, as people write and views carry them, to steps.

use super::{Cell, Shape, Step};
use std::sync::Arc;

/// The steps that names mean in a tree: a number is a position where a list is. Where a key is not
/// there, it is tried together with the names after it, so that `labels.app.kubernetes.io/name` finds
/// the one key that holds dots.
pub fn steps(root: &Cell, names: &[String]) -> Vec<Step> {
    let mut steps = Vec::with_capacity(names.len());
    let mut cell = Some(root.clone());
    let mut at = 0;
    while at < names.len() {
        let (step, used) = step(cell.as_ref(), &names[at..]);
        cell = cell.and_then(|cell| cell.below(&step));
        steps.push(step);
        at += used;
    }
    steps
}

fn step(cell: Option<&Cell>, names: &[String]) -> (Step, usize) {
    let first = &names[0];
    let key = |name: &str| Step::Key(Arc::from(name));
    let Some(cell) = cell else { return (key(first), 1) };
    let listed = cell.shape() == Some(Shape::List)
        || cell.writes.as_slice().iter().any(|write| write.shape() == Shape::List);
    if let (true, Ok(index)) = (listed, first.parse()) {
        return (Step::Index(index), 1);
    }
    for used in 1..=names.len() {
        let step = key(&names[..used].join("."));
        if cell.below(&step).is_some() {
            return (step, used);
        }
    }
    (key(first), 1)
}
