//! Directories and files of an OCI artifact (Argo CD 3.6): as of a Git repository, with doublestar's
//! globs.

use super::Run;
use super::git::{Globbing, checkout, directories_of, files_of};
use crate::argocd::failure::Failure;
use crate::argocd::memo::Caller;
use crate::argocd::parameters::{Generator, Parameters};
use crate::argocd::typed::Object;
use std::sync::Arc;

/// The parameter sets of an OCI generator.
///
/// # Errors
/// An artifact that is not loaded, a file that can't be read, neither files nor directories asked for.
pub fn generate(run: &mut Run, generator: &Object, caller: &Caller) -> Result<Vec<Arc<Parameters>>, Failure> {
    run.check_project()?;
    let directories = !generator.list("directories").is_empty();
    if !directories && generator.list("files").is_empty() {
        return Err(Failure::at("ApplicationSet is empty", generator.span)
            .hint("an OCI generator needs `directories` or `files`"));
    }
    let checkout = checkout(run, generator, "appset-unknown-artifact")?;
    let sets = if directories {
        directories_of(run, generator, &checkout, Generator::OciDirectories)
            .map(|sets| run.shared(caller, sets))
    } else {
        files_of(run, generator, &checkout, Generator::OciFiles, Globbing::Artifact, caller)
    };
    sets.map_err(|failure| failure.within("error generating params from oci"))
}
