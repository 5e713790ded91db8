//! A trace as text for a terminal.

use super::text::line_of;
use super::{FieldTrace, LayerStatus, LayerTrace, Parameter, PartTrace, SourceTrace, Trace};
use std::fmt::Write as _;

/// Longer texts are cut in a line.
const LONGEST: usize = 160;

/// The chain of an Application, or of one of its sources.
pub fn trace(trace: &Trace, source: Option<usize>) -> String {
    let mut text = format!("{}\n", trace.application);
    for parent in &trace.parents {
        let _ = writeln!(text, "rendered by the chart of {parent}");
    }
    if trace.set.is_empty() {
        let _ = writeln!(text, "written at {}", line_of(&trace.place));
    } else {
        let _ = writeln!(text, "set {}  {}  {}", trace.set, trace.generators, line_of(&trace.place));
        text.push_str("\nParameters\n");
        for parameter in &trace.parameters {
            let _ = writeln!(text, "  {}", parameter_line(parameter));
        }
    }
    text.push_str("\nFields\n");
    for field in &trace.fields {
        field_lines(&mut text, field, "  ");
    }
    for one in trace.sources.iter().filter(|one| source.is_none_or(|index| one.index == index)) {
        source_lines(&mut text, one);
    }
    if !trace.refused.is_empty() {
        let _ = writeln!(text, "\nArgo CD refuses it: {}", trace.refused);
    }
    text
}

fn source_lines(text: &mut String, source: &SourceTrace) {
    let _ = writeln!(text, "\nSource {}  {}", source.index, source.kind);
    for field in &source.fields {
        field_lines(text, field, "  ");
    }
    for layer in &source.layers {
        layer_lines(text, layer);
    }
    if !source.error.is_empty() {
        let _ = writeln!(text, "  breaks: {}", source.error);
    }
}

fn layer_lines(text: &mut String, layer: &LayerTrace) {
    let _ = writeln!(text, "  layer {}  {}", layer.number, layer.label);
    field_lines(text, &layer.field, "    ");
    if let Some(reference) = &layer.reference {
        let _ = writeln!(
            text,
            "    {} is source {}: {} at {:?}",
            reference.name, reference.index, reference.url.value, reference.revision.value
        );
    }
    if !layer.path.is_empty() {
        let at = if layer.revision.is_empty() { String::new() } else { format!("@{}", layer.revision) };
        let _ = write!(text, "    file {}{at}/{}", layer.repository, layer.path);
        let _ = match layer.status {
            LayerStatus::Present => writeln!(text, "  {} values", layer.keys),
            LayerStatus::Empty => writeln!(text, "  empty"),
            _ => writeln!(text),
        };
    }
    if !layer.remark.is_empty() {
        let _ = writeln!(text, "    {}", layer.remark);
    }
}

fn field_lines(text: &mut String, field: &FieldTrace, indent: &str) {
    let place = field.place.as_ref().map(line_of).unwrap_or_default();
    let _ = writeln!(text, "{indent}{} = {}  {place}", field.field, short(&field.value));
    for part in field.parts.iter().filter(|part| !part.expression.is_empty()) {
        part_lines(text, part, indent);
    }
}

fn part_lines(text: &mut String, part: &PartTrace, indent: &str) {
    let _ = writeln!(text, "{indent}  {} gives {}", short(&part.expression), short(&part.text));
    for parameter in &part.parameters {
        let _ = writeln!(text, "{indent}    from {}", parameter_line(parameter));
    }
}

fn parameter_line(parameter: &Parameter) -> String {
    let place = parameter.place.as_ref().map(line_of).unwrap_or_default();
    format!("{} = {}  {}  {place}", parameter.name, short(&parameter.value), parameter.generator)
}

/// A text on one line.
fn short(text: &str) -> String {
    let line = text.replace('\n', "\\n");
    if line.chars().count() <= LONGEST {
        return line;
    }
    line.chars().take(LONGEST).chain(['…']).collect()
}
