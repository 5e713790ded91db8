//! A null that removes nothing.
//!
//! A null takes away what lower layers set. Where nothing is set, the key is misspelled or the line has
//! outlived its purpose, and some versions of Helm hand the null on to the templates.
//!
//! ```yaml
//! # prod.yaml
//! resorces: null    # meant: resources
//! ```

use super::{Finding, Subject, Written, words};
use crate::diagnostic::Diagnostic;
use crate::merge::{Effect, Shape};

/// The code of the finding.
pub const CODE: &str = "lint-null-without-effect";

/// Finds nulls of a user's layer where nothing was.
pub fn check(subject: &Subject<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    let has_null = |written: &&Written| written.writes().iter().any(|write| write.shape() == Shape::Null);
    for written in subject.paths.iter().filter(has_null) {
        let explanation = subject.explain(written);
        let nothing = explanation.writes.iter().filter(|write| write.effect == Effect::RemovedNothing);
        for write in nothing.filter(|write| write.layer.as_user().is_some()) {
            let message = format!(
                "{}: this null removes nothing, no lower layer sets the key",
                words(&explanation.path)
            );
            let diagnostic =
                Diagnostic::warning(CODE, message).hint("check the spelling, or take the line out");
            findings.push(Finding::new(&explanation.path, diagnostic, subject.place(write)));
        }
    }
    findings
}
