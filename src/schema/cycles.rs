//! References that come round, and references that multiply.

use super::keyword;
use super::translate::Translator;
use crate::diagnostic::Diagnostic;
use crate::source::{File, Location};
use serde_json::Value as Json;
use std::sync::Arc;

/// A `$ref` of the translation.
pub struct Reference {
    /// The target that has it.
    pub from: usize,
    /// The target that it means.
    pub to: usize,
    /// Whether it is applied to the instance that its target was applied to.
    pub in_place: bool,
    /// Pointer to the object that has it, in the translation.
    pub place: String,
}

/// More schemas than this, applied to one instance, are too many to validate with.
const MOST_IN_PLACE: u64 = 20_000;

impl Translator<'_> {
    /// Replaces each reference that closes a cycle without stepping into the instance: Helm's libraries
    /// fail when they come round (the older one by overflowing its stack).
    pub fn cut_cycles(&mut self, root: &mut Json) {
        let closing = {
            let edges: Vec<Vec<usize>> = (0..self.targets.len())
                .map(|target| {
                    let from =
                        |at: &usize| self.references[*at].from == target && self.references[*at].in_place;
                    (0..self.references.len()).filter(from).collect()
                })
                .collect();
            closing_references(&edges, |at| self.references[at].to)
        };
        for at in closing {
            let reference = &mut self.references[at];
            reference.in_place = false;
            if let Some(Json::Object(map)) = root.pointer_mut(&reference.place) {
                map.remove("$ref");
                map.insert(keyword::CYCLE.to_owned(), Json::Bool(true));
            }
        }
    }

    /// Refuses schemas that apply too many others to one instance (each reference to a schema with two
    /// references doubles the work).
    pub fn weigh(&self, file: &Arc<File>) -> Result<(), Diagnostic> {
        let mut weights: Vec<Option<u64>> = vec![None; self.targets.len()];
        let mut stack: Vec<usize> = (0..self.targets.len()).collect();
        while let Some(&target) = stack.last() {
            let below =
                self.references.iter().filter(|reference| reference.from == target && reference.in_place);
            let mut weight = self.sizes[target];
            let mut open = Vec::new();
            for reference in below {
                match weights[reference.to] {
                    Some(other) => weight = weight.saturating_add(other),
                    None => open.push(reference.to),
                }
            }
            if weights[target].is_some() || open.is_empty() {
                weights[target].get_or_insert(weight);
                stack.pop();
            } else {
                stack.extend(open);
            }
        }
        if weights.iter().flatten().any(|&weight| weight > MOST_IN_PLACE) {
            let message = format!("applies more than {MOST_IN_PLACE} schemas to one value");
            return Err(Diagnostic::error("schema-too-large", message)
                .at(Location::new(file, file.span()))
                .hint("references to schemas that refer to several others in turn multiply; validating with this would take too long"));
        }
        Ok(())
    }
}

/// References (positions in `edges`) that lead back to where a walk from the root is already.
fn closing_references(edges: &[Vec<usize>], to: impl Fn(usize) -> usize) -> Vec<usize> {
    #[derive(Clone, Copy, PartialEq)]
    enum Mark {
        New,
        Open,
        Done,
    }
    let mut marks = vec![Mark::New; edges.len()];
    let mut closing = Vec::new();
    for start in 0..edges.len() {
        if marks[start] != Mark::New {
            continue;
        }
        marks[start] = Mark::Open;
        let mut walk = vec![(start, 0)];
        while let Some((target, next)) = walk.last_mut() {
            let Some(&reference) = edges[*target].get(*next) else {
                marks[*target] = Mark::Done;
                walk.pop();
                continue;
            };
            *next += 1;
            let other = to(reference);
            match marks[other] {
                Mark::Open => closing.push(reference),
                Mark::Done => {}
                Mark::New => {
                    marks[other] = Mark::Open;
                    walk.push((other, 0));
                }
            }
        }
    }
    closing
}
