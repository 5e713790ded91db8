//! Layers to one tree of values, with every write kept.
//!
//! A value is its writes: a [`Cell`] holds what layers wrote at one path, lowest first, and its value
//! is what is left of these. Nothing else remembers where a value came from, so origin and value
//! cannot disagree. Trees are immutable and shared; [`Tree::with`] lays one more [`Layer`] on a tree
//! and copies only the maps that the layer touches, so applications with the same first layers share
//! the merge of these. What each write did ([`Effect`]) is derived when somebody asks ([`explain`]).
//!
//! How a chart's own values come below the tree is the business of [`crate::chart`].

mod cell;
mod explain;
mod layer;
mod names;
mod strvals;
mod write;

pub use cell::{Body, Cell, Entry, Shape};
pub use explain::{Effect, Ending, Explained, Explanation, Fate, explain};
pub(crate) use explain::{Route, explain_routed};
pub use layer::{Absence, Argument, Content, Kind, Layer, LayerId};
pub use names::steps;
pub use write::{Assignment, Said, Step, Write, Writes};

use crate::diagnostic::Diagnostic;
use crate::profile::Helm;
use std::sync::Arc;

/// Maps nested deeper than this are refused: nobody writes such values, and merging is recursive.
pub const DEEPEST: usize = 500;

/// User layers merged in the order of precedence.
#[derive(Clone, Debug, Default)]
pub struct Tree {
    root: Cell,
    layers: Vec<Arc<Layer>>,
}

impl Tree {
    /// A tree without layers: an empty map.
    pub fn new() -> Self {
        Self::default()
    }

    /// All layers in order, lowest precedence first.
    ///
    /// # Errors
    /// As for [`Tree::with`].
    pub fn of(layers: &[Arc<Layer>], helm: Helm) -> Result<Self, Diagnostic> {
        layers.iter().try_fold(Self::new(), |tree, layer| tree.with(layer, helm))
    }

    /// This tree with one more layer on top, as Helm merges value files and `--set` arguments: maps
    /// merge, everything else is replaced, a null is a value like others.
    ///
    /// # Errors
    /// When the layer can't be read, or its `--set` argument is malformed or does not fit what is
    /// there; the message is Helm's.
    pub fn with(&self, layer: &Arc<Layer>, helm: Helm) -> Result<Self, Diagnostic> {
        let id = LayerId::user(self.layers.len());
        let mut root = self.root.clone();
        match &layer.content {
            Content::Document(document) => {
                root.overlay(Write::document(id, document), 0).map_err(|deep| deep.diagnostic(layer))?;
            }
            Content::Argument(argument) => strvals::apply(&mut root, id, argument, helm)?,
            Content::Broken(diagnostic) => return Err(layer.unreadable(diagnostic)),
            Content::Absent(_) => {}
        }
        let mut layers = Vec::with_capacity(self.layers.len() + 1);
        layers.extend_from_slice(&self.layers);
        layers.push(Arc::clone(layer));
        Ok(Self { root, layers })
    }

    /// The merged map.
    pub fn root(&self) -> &Cell {
        &self.root
    }

    /// The layers, lowest precedence first; [`LayerId::user`] counts them.
    pub fn layers(&self) -> &[Arc<Layer>] {
        &self.layers
    }
}

#[cfg(test)]
mod tests;
