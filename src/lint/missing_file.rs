//! A value file is missing that the others of its kind have.
//!
//! `ignoreMissingValueFiles` keeps applications without an environment file going, and so hides that a
//! file was forgotten or misnamed. Where most of its peers have one, the missing one is told.
//!
//! ```text
//! customers/a/environments/prod.yaml
//! customers/b/environments/prod.yaml
//! customers/c/environments/prd.yaml     # c has no prod.yaml
//! ```

use crate::diagnostic::Diagnostic;
use crate::source::Location;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// The code of the finding.
pub const CODE: &str = "lint-missing-file";

/// A value file that some application asks for.
#[derive(Clone, Debug, PartialEq)]
pub struct Wanted {
    /// The repository and the path in it, e.g. `configs/customers/a/prod.yaml`.
    pub path: Arc<str>,
    /// Whether it is there.
    pub present: bool,
    /// Where the application names it.
    pub named_at: Option<Location>,
}

/// Finds missing files of which the peers (paths that differ in one segment) are there: at least three,
/// and either this is the only one that is missing or at most a tenth are. A file that many do without is
/// no slip. Each missing path is told once, with its finding.
pub fn check(wanted: &[&Wanted]) -> Vec<(Arc<str>, Diagnostic)> {
    let files: BTreeMap<&str, &Wanted> = wanted.iter().map(|file| (&*file.path, *file)).collect();
    // A path with one segment left open, to how many there are and how many of them are present.
    let mut kinds: HashMap<(usize, String), (usize, usize)> = HashMap::new();
    for file in files.values() {
        for kind in kinds_of(&file.path) {
            let count = kinds.entry(kind).or_default();
            count.0 += 1;
            count.1 += usize::from(file.present);
        }
    }
    let mut diagnostics = Vec::new();
    for file in files.values().filter(|file| !file.present) {
        let peers = kinds_of(&file.path).filter_map(|kind| {
            let &(all, present) = kinds.get(&kind)?;
            let missing = all - present;
            (present >= 3 && (missing == 1 || missing * 10 <= all)).then_some((present, all - 1, kind.1))
        });
        let Some((present, others, kind)) = peers.max() else { continue };
        let message =
            format!("{} is missing, and {present} of {others} others like {kind} are there", file.path);
        let diagnostic = Diagnostic::warning(CODE, message)
            .hint("add the file, if only with a comment that says that it is empty on purpose");
        let diagnostic = match &file.named_at {
            Some(place) => diagnostic.at(place.clone()),
            None => diagnostic,
        };
        diagnostics.push((Arc::clone(&file.path), diagnostic));
    }
    diagnostics
}

/// The path with each of its segments in turn replaced by `*`.
fn kinds_of(path: &str) -> impl Iterator<Item = (usize, String)> {
    let segments: Vec<&str> = path.split('/').collect();
    (0..segments.len()).map(move |open| {
        let mut segments = segments.clone();
        segments[open] = "*";
        (open, segments.join("/"))
    })
}
