//! A layer writes the value that is inherited already.
//!
//! The line does nothing today. It will do something on the day when somebody changes the lower layer
//! and wonders why one environment stays behind.
//!
//! ```yaml
//! # base.yaml           # prod.yaml
//! replicas: 2           replicas: 2    # redundant
//! ```

use super::{Finding, Subject, Written, shown, words};
use crate::diagnostic::Diagnostic;
use crate::merge::{Effect, Shape};

/// The code of the finding.
pub const CODE: &str = "lint-redundant-override";

/// Finds writes of a user's layer that repeat what is below.
pub fn check(subject: &Subject<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for written in subject.paths.iter().filter(|written| may_repeat(written)) {
        let explanation = subject.explain(written);
        let writes = &explanation.writes;
        for (at, write) in writes.iter().enumerate() {
            let said = write.write.as_ref().filter(|said| said.shape() != Shape::Map && !said.is_partial());
            let (Effect::Same, Some(said), Some(_)) = (write.effect, said, write.layer.as_user()) else {
                continue;
            };
            let value = said.value().map(|value| shown(&value)).unwrap_or_default();
            let message =
                format!("{}: {value} is what the layers below say already", words(&explanation.path));
            let mut diagnostic = Diagnostic::note(CODE, message)
                .hint("take the line out, unless it is meant to hold when a lower layer changes");
            let lower = writes[..at].iter().rev().find(|lower| lower.write.is_some());
            if let Some((lower, place)) = lower.and_then(|lower| Some((lower, subject.place(lower)?))) {
                diagnostic = diagnostic.with(place, format!("set here by {}", subject.label(lower.layer)));
            }
            findings.push(Finding::new(&explanation.path, diagnostic, subject.place(write)));
        }
    }
    findings
}

/// Whether two writes that follow one another say the same and are no maps.
fn may_repeat(written: &Written) -> bool {
    written.is_users()
        && written.writes().windows(2).any(|two| {
            two[0].shape() == two[1].shape() && two[1].shape() != Shape::Map && two[0].says_the_same(&two[1])
        })
}
