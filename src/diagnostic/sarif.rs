//! The form for code scanning: SARIF 2.1.0.

use super::{Diagnostic, Severity};
use crate::source::Location;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// A log of one run. Paths are `repository/path`, relative to the folder that holds the repositories; a
/// place in a generated text is told at the place that somebody typed.
pub fn render(diagnostics: &[Diagnostic]) -> String {
    let codes: BTreeMap<&str, usize> = {
        let mut codes: BTreeMap<&str, usize> =
            diagnostics.iter().map(|diagnostic| (diagnostic.code, 0)).collect();
        codes.values_mut().enumerate().for_each(|(at, position)| *position = at);
        codes
    };
    let results: Vec<Value> =
        diagnostics.iter().map(|diagnostic| result(diagnostic, codes[diagnostic.code])).collect();
    let rules: Vec<Value> = codes.keys().map(|code| json!({ "id": code })).collect();
    let log = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": { "name": "strata", "version": env!("CARGO_PKG_VERSION"), "rules": rules } },
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    });
    let mut text = serde_json::to_string_pretty(&log).expect("strings and numbers are JSON");
    text.push('\n');
    text
}

fn result(diagnostic: &Diagnostic, rule: usize) -> Value {
    let level = match diagnostic.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "note",
    };
    let mut message = diagnostic.message.clone();
    for hint in &diagnostic.hints {
        message.push_str("\nHint: ");
        message.push_str(hint);
    }
    let mut result = json!({
        "ruleId": diagnostic.code,
        "ruleIndex": rule,
        "level": level,
        "message": { "text": message },
        "locations": diagnostic.location.iter().map(|at| json!({ "physicalLocation": physical(at) })).collect::<Vec<_>>(),
    });
    if !diagnostic.related.is_empty() {
        let related = diagnostic.related.iter().enumerate().map(|(at, related)| {
            let physical = physical(&related.location);
            json!({ "id": at, "message": { "text": related.message }, "physicalLocation": physical })
        });
        result["relatedLocations"] = related.collect();
    }
    result
}

fn physical(location: &Location) -> Value {
    let mut typed = location;
    while let Some(parent) = &typed.file.parent {
        typed = parent;
    }
    let (line, column) = typed.line_column();
    let (end_line, end_column) = typed.file.line_column(typed.span.end.max(typed.span.start));
    json!({
        "artifactLocation": { "uri": uri(&typed.file.to_string()) },
        "region": { "startLine": line, "startColumn": column, "endLine": end_line, "endColumn": end_column },
    })
}

/// A path as a relative URI (RFC 3986).
fn uri(path: &str) -> String {
    let mut uri = String::with_capacity(path.len());
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            uri.push(char::from(byte));
        } else {
            uri.push_str(&format!("%{byte:02X}"));
        }
    }
    uri
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::{File, Span};

    #[test]
    fn results_point_to_what_somebody_typed() {
        let file = File::new("configs", "a b.yaml", "a: 1\nb: 2\n");
        let inline = File::generated("<inline values>", "x", Some(Location::new(&file, Span::new(5, 9))));
        let diagnostics = [
            Diagnostic::error("z-last", "worst").at(Location::new(&inline, Span::new(0, 1))).hint("mend it"),
            Diagnostic::note("a-first", "fine").with(Location::new(&file, Span::new(0, 1)), "here"),
        ];
        let log: Value = serde_json::from_str(&render(&diagnostics)).expect("it is JSON");
        let run = &log["runs"][0];
        assert_eq!(run["tool"]["driver"]["rules"], json!([{ "id": "a-first" }, { "id": "z-last" }]));
        assert_eq!(
            run["results"][0],
            json!({
                "ruleId": "z-last", "ruleIndex": 1, "level": "error",
                "message": { "text": "worst\nHint: mend it" },
                "locations": [{ "physicalLocation": {
                    "artifactLocation": { "uri": "configs/a%20b.yaml" },
                    "region": { "startLine": 2, "startColumn": 1, "endLine": 2, "endColumn": 5 }
                } }]
            })
        );
        assert_eq!(run["results"][1]["relatedLocations"][0]["message"]["text"], "here");
        assert_eq!(run["results"][1]["locations"], json!([]));
    }
}
