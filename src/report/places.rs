//! Excerpts and problems for views, made from the engine's.

use super::{Excerpt, Place, Problem, RelatedPlace};
use crate::diagnostic::Diagnostic;
use crate::source::Location;

/// Longer lines are cut in excerpts; the viewer shows them whole.
const LONGEST_LINE: usize = 400;

impl Excerpt {
    /// The marked line with its neighbours that are not blank. A mark over several lines is shown on its
    /// first one.
    pub fn of(location: &Location) -> Self {
        let file = &location.file;
        let (line, column) = location.line_column();
        let (end_line, end_column) = file.line_column(location.span.end);
        let written = |number: u32| !file.line(number).trim().is_empty();
        let first_line = if line > 1 && written(line - 1) { line - 1 } else { line };
        let last_line = if line < file.line_count() && written(line + 1) { line + 1 } else { line };
        let shown = |number| file.line(number).chars().take(LONGEST_LINE).collect::<String>();
        let end = if end_line == line { end_column } else { file.line(line).chars().count() as u32 + 1 };
        Self {
            first_line,
            lines: (first_line..=last_line).map(shown).collect(),
            marked_line: line,
            marked_columns: (column, end.max(column)),
        }
    }
}

impl Problem {
    /// The finding with its places and the text there.
    pub fn of(diagnostic: &Diagnostic) -> Self {
        let related = diagnostic.related.iter().map(|related| RelatedPlace {
            place: Place::of(&related.location),
            message: related.message.clone(),
            excerpt: Some(Excerpt::of(&related.location)),
        });
        Self {
            excerpt: diagnostic.location.as_ref().map(Excerpt::of),
            related: related.collect(),
            hints: diagnostic.hints.clone(),
            ..Self::line(diagnostic)
        }
    }

    /// What a list says of a diagnostic: what is wrong, and where.
    pub(super) fn line(diagnostic: &Diagnostic) -> Self {
        Self {
            code: diagnostic.code.to_owned(),
            severity: diagnostic.severity,
            message: diagnostic.message.clone(),
            place: diagnostic.location.as_ref().map(Place::of),
            excerpt: None,
            related: Vec::new(),
            hints: Vec::new(),
            applications: Vec::new(),
            key_path: Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::{File, Span};

    #[test]
    fn an_excerpt_shows_the_neighbours_and_marks_the_bytes() {
        let file = File::new("configs", "a.yaml", "a: 1\nbé: 22\nc: 3\nd: 4\n");
        let excerpt = Excerpt::of(&Location::new(&file, Span::new(10, 12)));
        assert_eq!(excerpt.lines, ["a: 1", "bé: 22", "c: 3"]);
        assert_eq!((excerpt.first_line, excerpt.marked_line, excerpt.marked_columns), (1, 2, (5, 7)));
    }

    #[test]
    fn an_excerpt_has_no_blank_edges() {
        let file = File::new("configs", "a.yaml", "a: 1\n\nb: 2\n  \nc: 3\n");
        let excerpt = Excerpt::of(&Location::new(&file, Span::new(9, 10)));
        assert_eq!((excerpt.lines.as_slice(), excerpt.first_line), (["b: 2".to_owned()].as_slice(), 3));
    }

    #[test]
    fn a_mark_over_lines_ends_with_its_first_line() {
        let file = File::new("configs", "a.yaml", "a:\n  - 1\n  - 2\n");
        let excerpt = Excerpt::of(&Location::new(&file, Span::new(5, 14)));
        assert_eq!((excerpt.marked_line, excerpt.marked_columns), (2, (3, 6)));
    }
}
