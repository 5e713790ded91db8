//! Where the fields of an Application are written.

use super::Field;
use crate::source::Location;
use crate::yaml::{Document, Node};

/// A step of a path into an Application.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// A field or key.
    Key(&'static str),
    /// A position in a list.
    Index(usize),
}

/// Says where the fields of an Application are written.
pub trait Places {
    /// The place of the value at a path, or of the nearest one around it.
    fn place(&self, path: &[Step]) -> Option<Location>;

    /// The value at a path as part of a file, if the Application was read from one: then its inline
    /// values have places of their own.
    fn document(&self, _path: &[Step]) -> Option<Document> {
        None
    }
}

/// An Application whose places nobody knows.
pub struct Nowhere;

impl Places for Nowhere {
    fn place(&self, _path: &[Step]) -> Option<Location> {
        None
    }
}

fn below<'a>(node: &'a Node, step: &Step) -> Option<&'a Node> {
    match step {
        Step::Key(key) => node.get(key),
        Step::Index(index) => node.items().get(*index),
    }
}

/// A hand-written Application.
impl Places for Document {
    fn place(&self, path: &[Step]) -> Option<Location> {
        let mut node = &self.root;
        for step in path {
            match below(node, step) {
                Some(child) => node = child,
                None => break,
            }
        }
        Some(Location::new(&self.file, node.span))
    }

    fn document(&self, path: &[Step]) -> Option<Document> {
        let root = path.iter().try_fold(&self.root, below)?;
        Some(Document { root: root.clone(), ..self.clone() })
    }
}

/// The places of a source: overriding files of its folder come before the Application itself.
pub(super) struct SourcePlaces<'a> {
    /// The Application.
    pub application: &'a dyn Places,
    /// The path of the source in the Application.
    pub source: Vec<Step>,
    /// `.argocd-source*.yaml`, the last one first.
    pub overrides: Vec<Document>,
}

impl SourcePlaces<'_> {
    /// Where a field is written.
    pub fn place(&self, field: Field) -> Option<Location> {
        let path = self.path_of(field);
        let overriding = self.overrides.iter().find_map(|document| {
            let node = self.inside(&path).iter().try_fold(&document.root, below)?;
            Some(Location::new(&document.file, node.span))
        });
        overriding.or_else(|| self.application.place(&path))
    }

    /// The field as part of a file, if the Application says it alone.
    pub fn document(&self, field: Field) -> Option<Document> {
        let path = self.path_of(field);
        let is_there =
            |document: &Document| self.inside(&path).iter().try_fold(&document.root, below).is_some();
        if self.overrides.iter().any(is_there) { None } else { self.application.document(&path) }
    }

    /// The place of the source as a whole.
    pub fn own(&self) -> Option<Location> {
        self.application.place(&self.source)
    }

    /// The path of a field in the Application.
    fn path_of(&self, field: Field) -> Vec<Step> {
        let mut path = Vec::with_capacity(self.source.len() + 3);
        path.extend_from_slice(&self.source);
        path.extend(field.path());
        path
    }

    /// The same path in the source.
    fn inside<'p>(&self, path: &'p [Step]) -> &'p [Step] {
        &path[self.source.len()..]
    }
}
