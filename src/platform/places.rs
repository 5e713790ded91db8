//! Where the fields of a generated Application are written: in the template of its set.

use crate::argocd::applicationset::Application;
use crate::argocd::sources::{Places, Step};
use crate::source::Location;

impl Places for Application {
    fn place(&self, path: &[Step]) -> Option<Location> {
        let names = path.iter().map(|step| match step {
            Step::Key(key) => (*key).to_owned(),
            Step::Index(index) => index.to_string(),
        });
        let names: Vec<String> = names.collect();
        Some(self.location(&names.iter().map(String::as_str).collect::<Vec<_>>()))
    }
}
