//! Reports as text for a terminal.

mod compare;
mod manifests;

pub use compare::comparison;
pub use manifests::{manifests, reached};

use super::{ApplicationReport, Cascade, Effect, LayerReport, LayerStatus, Overview, Place, SourceReport};
use super::{ValueKind, ValueRow, VerdictPart, WriteReport};
use std::fmt::Write as _;

/// Width of the column of keys and values before that of origins.
const VALUE_COLUMN: usize = 52;

/// The Applications, one a line, under the set that yields them; then what failed.
pub fn applications(overview: &Overview) -> String {
    let mut text = String::new();
    for set in &overview.sets {
        let count = plural(set.applications, "application");
        let _ = writeln!(text, "{}  {}  {count}  {}", set.name, set.generators, line_of(&set.place));
        if let Some(error) = &set.error {
            let _ = writeln!(text, "  error: {error}");
        }
        for application in overview.applications.iter().filter(|application| application.set == set.name) {
            let _ = writeln!(text, "  {}", application_line(application));
        }
    }
    let mut by_hand =
        overview.applications.iter().filter(|application| application.set.is_empty()).peekable();
    if by_hand.peek().is_some() {
        let _ = writeln!(text, "written by hand");
        for application in by_hand {
            let _ = writeln!(text, "  {}", application_line(application));
        }
    }
    text
}

fn application_line(application: &super::ApplicationSummary) -> String {
    let mut line = application.name.clone();
    for (count, what) in [(application.errors, "error"), (application.warnings, "warning")] {
        if count > 0 {
            let _ = write!(line, "  {}", plural(count, what));
        }
    }
    line
}

/// A source's layers and its final values, each with its origin.
pub fn values(application: &ApplicationReport, source: &SourceReport) -> String {
    let mut text = source_title(application, source);
    text.push_str("\nLayers, lowest precedence first\n");
    for layer in &source.layers {
        let _ = writeln!(text, "{}", layer_line(layer));
    }
    text.push_str("\nValues\n");
    for row in &source.rows {
        let _ = writeln!(text, "{}", row_line(row));
    }
    if let Some(error) = &source.error {
        let _ = write!(text, "\nArgo CD fails here: {error}\n");
    }
    text
}

fn source_title(application: &ApplicationReport, source: &SourceReport) -> String {
    let mut text = application.summary.name.clone();
    match &source.chart {
        Some(chart) => {
            let _ = write!(text, "  chart {} {}", chart.name, chart.version);
        }
        None => {
            let _ = write!(text, "  {} {}", source.kind, source.path);
        }
    }
    if !source.release.is_empty() {
        let _ = write!(text, "  release {}  namespace {}", source.release, source.namespace);
    }
    text.push('\n');
    text
}

fn layer_line(layer: &LayerReport) -> String {
    let place = layer.place.as_ref().map_or_else(|| layer.written.clone(), file_of);
    let status = match layer.status {
        LayerStatus::Present => plural(layer.keys, "value"),
        LayerStatus::Empty => "empty".to_owned(),
        LayerStatus::MissingAllowed => "missing, which is allowed".to_owned(),
        LayerStatus::Missing => "missing".to_owned(),
        LayerStatus::Repeated => "listed before; counts once".to_owned(),
        LayerStatus::Unknown => "unknown".to_owned(),
        LayerStatus::Broken => "can't be read".to_owned(),
        LayerStatus::None => "none".to_owned(),
    };
    format!("  {} {:<22} {place}  {status}", layer.number, layer.label)
}

fn row_line(row: &ValueRow) -> String {
    let indent = "  ".repeat(row.path.len());
    let name = row.path.last().map_or("", String::as_str);
    let key = if row.in_list { "-".to_owned() } else { format!("{name}:") };
    let shown = match row.kind {
        _ if row.removed => {
            format!("{key} (removed, was {})", if row.text.is_empty() { "a map" } else { &row.text })
        }
        ValueKind::Map if row.children == 0 => format!("{key} {{}}"),
        ValueKind::List if row.children == 0 => format!("{key} []"),
        ValueKind::Map | ValueKind::List => key,
        _ => format!("{key} {}", row.text),
    };
    let mut line = format!("{indent}{shown}");
    let mut origin = String::new();
    if let (Some(layer), Some(place)) = (row.layer, &row.place) {
        let _ = write!(origin, "{layer} {}", line_of(place));
    }
    if let Some(layer) = row.same_as {
        let _ = write!(origin, ", same as {layer}");
    } else if row.overridden > 0 {
        let _ = write!(origin, ", {} under", row.overridden);
    }
    if let Some(reason) = &row.unknown {
        let _ = write!(origin, " ({reason})");
    }
    if !origin.is_empty() {
        let width = line.chars().count();
        let _ = write!(line, "{}  {origin}", " ".repeat(VALUE_COLUMN.saturating_sub(width)));
    }
    line
}

/// Everything that was ever written at one path, the winner first.
pub fn cascade(cascade: &Cascade) -> String {
    let mut text = format!("{}\n{}\n", cascade.path.join("."), verdict(&cascade.verdict));
    for line in cascade.comment.lines() {
        let _ = writeln!(text, "  # {line}");
    }
    for problem in &cascade.problems {
        let _ = writeln!(text, "  {}: {}", severity(problem.severity), problem.message);
        for related in &problem.related {
            let _ = writeln!(text, "    {}: {}", line_of(&related.place), related.message);
        }
    }
    text.push('\n');
    for write in &cascade.writes {
        write_lines(&mut text, write);
    }
    if !cascade.rules.is_empty() {
        text.push_str("\nSchemas\n");
    }
    for rule in &cascade.rules {
        let verdict = if rule.valid { "follows" } else { "breaks" };
        let _ =
            writeln!(text, "  {verdict} the {} schema: {}  {}", rule.owner, rule.rule, line_of(&rule.place));
        if !rule.description.is_empty() {
            let _ = writeln!(text, "    {}", rule.description);
        }
        if !rule.default.is_empty() {
            let _ = writeln!(text, "    default: {}", rule.default);
        }
        if rule.deprecated {
            text.push_str("    deprecated\n");
        }
    }
    text
}

fn write_lines(text: &mut String, write: &WriteReport) {
    let mark = if write.wins { '>' } else { ' ' };
    let place = write.place.as_ref().map(line_of).unwrap_or_default();
    let _ = write!(text, "{mark} {} {:<22} {place}", write.layer, write.label);
    if !write.note.is_empty() {
        let _ = write!(text, "  ({})", write.note);
    }
    text.push('\n');
    if write.effect != Effect::Absent {
        for line in write.text.lines() {
            let _ = writeln!(text, "      {line}");
        }
    }
    for lost in &write.lost {
        for line in lost.lines() {
            let _ = writeln!(text, "      lost: {line}");
        }
    }
}

/// A verdict as one sentence.
pub fn verdict(parts: &[VerdictPart]) -> String {
    let text = |part: &VerdictPart| match part {
        VerdictPart::Words(text) | VerdictPart::Value(text) | VerdictPart::Layer(_, text) => text.clone(),
    };
    parts.iter().map(text).collect()
}

/// `repository/path:line:column`, as editors link it.
pub fn line_of(place: &Place) -> String {
    format!("{}:{}:{}", file_of(place), place.line, place.column)
}

/// `repository/path`.
pub fn file_of(place: &Place) -> String {
    if place.repository.is_empty() {
        place.path.clone()
    } else {
        format!("{}/{}", place.repository, place.path)
    }
}

fn severity(severity: crate::diagnostic::Severity) -> &'static str {
    match severity {
        crate::diagnostic::Severity::Error => "error",
        crate::diagnostic::Severity::Warning => "warning",
        crate::diagnostic::Severity::Note => "note",
    }
}

/// `1 error`, `2 errors`.
pub fn plural(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}
