//! The form for programs: JSON.

use super::{Diagnostic, Place, Severity};
use crate::source::Location;
use serde::Serialize;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Finding<'a> {
    code: &'a str,
    severity: Severity,
    message: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    place: Option<Origin>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    related: Vec<Related<'a>>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    hints: &'a [String],
}

#[derive(Serialize)]
struct Related<'a> {
    place: Origin,
    message: &'a str,
}

/// A place with what stands behind it.
#[derive(Serialize)]
struct Origin {
    #[serde(flatten)]
    place: Place,
    /// What a generated text was made from.
    #[serde(skip_serializing_if = "Option::is_none")]
    parent: Option<Box<Origin>>,
}

impl Origin {
    fn of(location: &Location) -> Self {
        let parent = location.file.parent.as_ref().map(|parent| Box::new(Self::of(parent)));
        Self { place: Place::of(location), parent }
    }
}

/// An array with one object a finding: `code`, `severity`, `message`, and where they are known `place`,
/// `related` (each with `place` and `message`) and `hints`.
pub fn render(diagnostics: &[Diagnostic]) -> String {
    let findings: Vec<Finding<'_>> = diagnostics
        .iter()
        .map(|diagnostic| Finding {
            code: diagnostic.code,
            severity: diagnostic.severity,
            message: &diagnostic.message,
            place: diagnostic.location.as_ref().map(Origin::of),
            related: diagnostic
                .related
                .iter()
                .map(|related| Related { place: Origin::of(&related.location), message: &related.message })
                .collect(),
            hints: &diagnostic.hints,
        })
        .collect();
    let mut text = serde_json::to_string_pretty(&findings).expect("strings and numbers are JSON");
    text.push('\n');
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::{File, Span};

    #[test]
    fn a_finding_has_what_is_known_of_it() {
        let file = File::new("configs", "a.yaml", "é: 1\nb: 2\n");
        let inline = File::generated("<inline values>", "x", Some(Location::new(&file, Span::new(6, 7))));
        let diagnostics = [
            Diagnostic::warning("lint-redundant", "again")
                .at(Location::new(&inline, Span::new(0, 1)))
                .hint("drop it"),
            Diagnostic::note("x-y", "nowhere"),
        ];
        let json: serde_json::Value = serde_json::from_str(&render(&diagnostics)).expect("it is JSON");
        assert_eq!(
            json,
            serde_json::json!([
                {
                    "code": "lint-redundant", "severity": "warning", "message": "again", "hints": ["drop it"],
                    "place": {
                        "repository": "configs", "path": "<inline values>",
                        "line": 1, "column": 1, "endLine": 1, "endColumn": 2,
                        "parent": {
                            "repository": "configs", "path": "a.yaml",
                            "line": 2, "column": 1, "endLine": 2, "endColumn": 2
                        }
                    }
                },
                { "code": "x-y", "severity": "note", "message": "nowhere" }
            ])
        );
    }
}
