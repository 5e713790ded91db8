//! What changes under another profile, as text.

use super::{line_of, plural};
use crate::report::{ChangeCause, ChangedKey, ProfileComparison};
use std::fmt::Write as _;

/// What changes when another profile applies: failures first, then values by the line behind them.
pub fn comparison(comparison: &ProfileComparison) -> String {
    let (before, after) = (&comparison.before, &comparison.after);
    let mut text = format!(
        "{} (Helm {}) to {} (Helm {}): {} compared, {} with other values\n",
        before.profile,
        before.helm,
        after.profile,
        after.helm,
        plural(comparison.compared, "application"),
        comparison.changed
    );
    for (names, words) in
        [(&comparison.gone, "no longer there"), (&comparison.added, "there for the first time")]
    {
        if !names.is_empty() {
            let _ = writeln!(text, "\n{} {words}: {}", plural(names.len(), "application"), some(names));
        }
    }
    for failure in &comparison.failures {
        let words = if failure.new { "fails with" } else { "no longer fails with" };
        let place = failure.place.as_ref().map(line_of).unwrap_or_default();
        let _ = writeln!(text, "\n{words} {}  {place}", failure.message.trim_end());
        let _ = writeln!(text, "  {}", some(&failure.applications));
    }
    for cause in &comparison.causes {
        change_lines(&mut text, cause);
    }
    text
}

fn change_lines(text: &mut String, cause: &ChangeCause) {
    let place = cause.place.as_ref().map_or_else(|| "made by Helm".to_owned(), line_of);
    let _ = writeln!(text, "\n{place}  {}\n  {}", cause.layer, cause.words);
    let mut last: Option<&ChangedKey> = None;
    for key in &cause.keys {
        let _ = writeln!(text, "    {}", key.path.join("."));
        for (mark, value) in [('-', &key.before), ('+', &key.after)] {
            for line in value.iter().flat_map(|value| value.lines()) {
                let _ = writeln!(text, "      {mark} {line}");
            }
        }
        // Most keys of a line touch the same applications: they are named once.
        if last.is_none_or(|last| last.applications != key.applications) {
            let count = plural(key.applications.len(), "application");
            let _ = writeln!(text, "      in {count}: {}", some(&key.applications));
        }
        last = Some(key);
    }
}

/// The first few names.
fn some(names: &[String]) -> String {
    const SHOWN: usize = 4;
    let shown = names[..names.len().min(SHOWN)].join(", ");
    if names.len() > SHOWN { format!("{shown} and {} more", names.len() - SHOWN) } else { shown }
}
