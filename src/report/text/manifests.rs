//! Manifests with what wrote them, as text for a terminal.

use super::{file_of, line_of};
use crate::report::key_path;
use crate::report::{LineReport, ManifestsReport, PartReport, ReachedLine, ReadValue};
use std::fmt::Write as _;

/// Width of the column of lines before that of origins.
const LINE_COLUMN: usize = 60;

/// Every line with the template that wrote it and the values that it was made from; then what nothing
/// reads, and what is read and never set.
pub fn manifests(report: &ManifestsReport) -> String {
    let mut text = String::new();
    for manifest in &report.manifests {
        let _ = writeln!(text, "---\n# Source: {}", manifest.source);
        for line in &manifest.lines {
            text.push_str(line_with_origin(report, line).trim_end());
            text.push('\n');
        }
    }
    if !report.unread.is_empty() {
        text.push_str("\nSet, and read by no template\n");
    }
    for value in &report.unread {
        let _ = writeln!(text, "  {}", read_value(value));
    }
    if !report.unset.is_empty() {
        text.push_str("\nRead, and set by no layer\n");
    }
    for value in &report.unset {
        let _ = writeln!(text, "  {}  {}", key_path::print(&value.path), line_of(&value.place));
    }
    text
}

fn line_with_origin(report: &ManifestsReport, line: &LineReport) -> String {
    let mut text = line.text.clone();
    let mut values: Vec<usize> = line.parts.iter().flat_map(|part| &part.values).copied().collect();
    values.sort_unstable();
    values.dedup();
    // An action is told before the plain text around it, and one that read something before others.
    let action = |part: &&PartReport| !report.actions[part.action].plain;
    let part = line.parts.iter().find(|part| !part.values.is_empty());
    let part = part.or_else(|| line.parts.iter().find(action)).or(line.parts.first());
    let Some(part) = part.filter(|_| !line.text.trim().is_empty()) else { return text };
    let place = &report.actions[part.action].place;
    let width = text.chars().count();
    let _ = write!(
        text,
        "{}  # {}:{}",
        " ".repeat(LINE_COLUMN.saturating_sub(width)),
        file_of(place),
        place.line
    );
    for value in values {
        let _ = write!(text, "; {}", read_value(&report.values[value]));
    }
    text
}

fn read_value(value: &ReadValue) -> String {
    let path = key_path::print(&value.path);
    let path = if path.is_empty() { "all values".to_owned() } else { path };
    match &value.place {
        Some(place) => format!("{path} ({} {})", value.label, line_of(place)),
        None => path,
    }
}

/// The lines that a value reaches.
pub fn reached(lines: &[ReachedLine]) -> String {
    let mut text = String::new();
    if !lines.is_empty() {
        text.push_str("\nReaches\n");
    }
    let mut manifest = None;
    for line in lines {
        let own = (&line.source, &line.kind, &line.name);
        if manifest != Some(own) {
            let _ = writeln!(text, "  {} {} ({})", line.kind, line.name, line.source);
            manifest = Some(own);
        }
        let decides = if line.decides { "  (decides)" } else { "" };
        let _ = writeln!(text, "    {:>4}  {}{decides}", line.line, line.text);
    }
    text
}
