//! The form for terminals: message, excerpts of the sources with marks, hints. Native only.

use super::{Diagnostic, Severity};
use crate::source::Location;
use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{Annotation, AnnotationKind, Group, Level, Renderer, Snippet};

/// All findings, an empty line between two. Colours are used where `styled`: ask whether the output is a
/// terminal.
pub fn render(diagnostics: &[Diagnostic], styled: bool) -> String {
    let renderer =
        if styled { Renderer::styled().decor_style(DecorStyle::Unicode) } else { Renderer::plain() };
    let each = diagnostics.iter().map(|diagnostic| renderer.render(&[report(diagnostic)]));
    let mut text = each.collect::<Vec<_>>().join("\n\n");
    if !text.is_empty() {
        text.push('\n');
    }
    text
}

fn report(diagnostic: &Diagnostic) -> Group<'_> {
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Note => Level::NOTE,
    };
    let mut group = Group::with_title(level.primary_title(&diagnostic.message).id(diagnostic.code));
    if let Some(location) = &diagnostic.location {
        group = group.element(snippet(location, AnnotationKind::Primary, ""));
    }
    for related in &diagnostic.related {
        group = group.element(snippet(&related.location, AnnotationKind::Context, &related.message));
    }
    if let Some(parent) = diagnostic.location.as_ref().and_then(|location| location.file.parent.as_ref()) {
        group = group.element(Level::NOTE.message(format!("made from {parent}")));
    }
    group.elements(diagnostic.hints.iter().map(|hint| Level::HELP.message(hint.as_str())))
}

/// The line of a place with a mark. A place of several lines is marked on its first one.
fn snippet<'a>(location: &'a Location, kind: AnnotationKind, label: &'a str) -> Snippet<'a, Annotation<'a>> {
    let (line, column) = location.line_column();
    let (end_line, end_column) = location.file.line_column(location.span.end.max(location.span.start));
    let source = location.file.line(line).trim_start_matches('\u{feff}');
    let offset = |column: u32| {
        let character = source.char_indices().nth(column as usize - 1);
        character.map_or(source.len(), |(offset, _)| offset)
    };
    let start = offset(column);
    let end = if end_line == line { offset(end_column) } else { source.len() };
    let mark = kind.span(start..end.max(start));
    let mark = if label.is_empty() { mark } else { mark.label(label) };
    Snippet::source(source).line_start(line as usize).path(location.file.to_string()).annotation(mark)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::{File, Span};

    #[test]
    fn both_places_are_shown_with_what_to_do() {
        let values = File::new("configs", "prod.yaml", "a: 1\nreplicas: 15\nb: é\n");
        let schema = File::new("charts", "values.schema.json", "{\n  \"maximum\": 10\n}\n");
        let diagnostic = Diagnostic::error("schema-violation", "replicas: 15 is above the maximum")
            .at(Location::new(&values, Span::new(15, 17)))
            .with(Location::new(&schema, Span::new(4, 17)), "the chart's schema says so")
            .hint("ask for less");
        expect_test::expect![[r#"
            error[schema-violation]: replicas: 15 is above the maximum
             --> configs/prod.yaml:2:11
              |
            2 | replicas: 15
              |           ^^
              |
             ::: charts/values.schema.json:2:3
              |
            2 |   "maximum": 10
              |   ------------- the chart's schema says so
              |
              = help: ask for less
        "#]]
        .assert_eq(&render(&[diagnostic], false));
    }

    #[test]
    fn odd_places_are_shown_without_a_panic() {
        let empty = File::new("", "empty.yaml", "");
        let file = File::new("", "a.yaml", "\u{feff}é: [1,\n  2]\r\nlast");
        let parent = Location::new(&file, Span::new(3, 8));
        let generated = File::generated("<inline values>", "x", Some(parent));
        for (file, span) in [
            (&empty, Span::new(0, 0)),
            (&empty, Span::new(5, 9)),
            (&file, Span::new(4, 900)),
            (&file, Span::new(900, 2)),
            (&file, file.span()),
            (&generated, Span::new(0, 1)),
        ] {
            let text = render(&[Diagnostic::note("x-y", "m").at(Location::new(file, span))], true);
            assert!(text.contains("x-y"), "{text}");
        }
        assert!(render(&[Diagnostic::warning("x-y", "nowhere")], false).starts_with("warning[x-y]: nowhere"));
        assert_eq!(render(&[], false), "");
    }
}
