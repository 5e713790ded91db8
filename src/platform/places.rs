//! Where the fields of a generated Application are written: in the template of its set.

use crate::argocd::applicationset::Application;
use crate::argocd::sources::{Places, Step};
use crate::source::Location;

impl Places for Application {
    fn place(&self, path: &[Step]) -> Option<Location> {
        Some(self.location(path))
    }
}
