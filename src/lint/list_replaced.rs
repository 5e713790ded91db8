//! A layer replaces a list, and items of the lower one are lost.
//!
//! Helm merges maps and replaces lists; whoever adds one host to a list has to repeat the others.
//!
//! ```yaml
//! # base.yaml           # prod.yaml
//! hosts: [a, b]         hosts: [c]    # a and b are gone
//! ```

use super::{Finding, Subject, Written, shown, words};
use crate::diagnostic::Diagnostic;
use crate::merge::{Effect, Shape, Write};

/// The code of the finding.
pub const CODE: &str = "lint-list-replaced";

/// Items that are named at most.
const NAMED: usize = 5;

/// Finds writes of a user's layer that drop items of a list.
pub fn check(subject: &Subject<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    let replaced = |written: &&Written| {
        let mut shapes = written.writes().iter().map(Write::shape);
        written.is_users() && shapes.any(|shape| shape == Shape::List) && written.writes().len() > 1
    };
    for written in subject.paths.iter().filter(replaced) {
        let explanation = subject.explain(written);
        for write in &explanation.writes {
            let replaces = write.effect == Effect::ReplacedList && write.layer.as_user().is_some();
            if !replaces || write.lost.is_empty() {
                continue;
            }
            let named: Vec<String> = write.lost.iter().take(NAMED).map(shown).collect();
            let more = write.lost.len().saturating_sub(NAMED);
            let more = if more == 0 { String::new() } else { format!(" and {more} more") };
            let message =
                format!("{}: replaces a list and loses {}{more}", words(&explanation.path), named.join(", "));
            let diagnostic = Diagnostic::note(CODE, message).hint(
                "Helm does not merge lists: repeat the items that are to stay, or use a map in the chart",
            );
            findings.push(Finding::new(&explanation.path, diagnostic, subject.place(write)));
        }
    }
    findings
}
