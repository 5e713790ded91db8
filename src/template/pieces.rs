//! Templates that put values between texts and do nothing else, as most templates of ApplicationSets:
//! `{{ .path.basename }}-{{ index .path.segments 1 }}`. Whoever has the values can print these at once.

use super::tree::{Id, Kind, Source};
use bstr::ByteSlice;
use std::sync::Arc;

/// A part of such a template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    /// A text.
    Text(Arc<str>),
    /// The value that is reached from the data by these steps.
    Value(Vec<Step>),
}

/// A step to a value in another one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// The value at a key of a map.
    Key(Arc<str>),
    /// The item at a position of a list.
    Item(usize),
}

/// The pieces of a text; `None` if it does anything else.
pub(super) fn pieces(source: &Source) -> Option<Vec<Piece>> {
    // The text itself; whatever it defines besides may be called.
    let [template] = &source.templates[..] else { return None };
    let Kind::List(items) = &source.node(template.root).kind else { return None };
    let piece = |&item: &Id| match &source.node(item).kind {
        Kind::Text(span) => Some(Piece::Text(source.file.text.get(span.range())?.into())),
        Kind::Action(pipe) => value(source, *pipe).map(Piece::Value),
        _ => None,
    };
    items.iter().map(piece).collect()
}

/// The steps of a chain of fields, or of an `index` into one by constants.
fn value(source: &Source, pipe: Id) -> Option<Vec<Step>> {
    let Kind::Pipe(pipe) = &source.node(pipe).kind else { return None };
    let ([command], []) = (&pipe.commands[..], &pipe.variables[..]) else { return None };
    let Kind::Command(words) = &source.node(*command).kind else { return None };
    let word = |id: &Id| &source.node(*id).kind;
    match &words[..] {
        [field] => fields(word(field)),
        [function, field, places @ ..] if matches!(word(function), Kind::Identifier(name) if &**name == "index") =>
        {
            let mut steps = fields(word(field))?;
            for place in places {
                steps.push(match word(place) {
                    Kind::Number(number) => Step::Item(number.int?.try_into().ok()?),
                    Kind::String { text, .. } => Step::Key(text.to_str().ok()?.into()),
                    _ => return None,
                });
            }
            Some(steps)
        }
        _ => None,
    }
}

fn fields(word: &Kind) -> Option<Vec<Step>> {
    let names = match word {
        Kind::Field(names) => &names[..],
        Kind::Variable(names) => names.strip_prefix(&[Arc::from("$")])?,
        _ => return None,
    };
    (!names.is_empty()).then(|| names.iter().map(Arc::clone).map(Step::Key).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::File;
    use crate::template::{Functions, Set};

    #[test]
    fn what_does_anything_else_has_no_pieces() {
        let pieces = |text: &str| {
            let mut set = Set::new("t", Arc::new(Functions::go()));
            set.parse(&File::generated("t", Arc::from(text), None), "main").expect("it parses");
            set.pieces("main")
        };
        let key = |name: &str| Step::Key(name.into());
        let text = |text: &str| Piece::Text(text.into());
        let value = |steps: &[Step]| Piece::Value(steps.to_vec());
        assert_eq!(
            pieces("a-{{- .b.c }}/{{ index $.d 1 \"e\" }}"),
            Some(vec![
                text("a-"),
                value(&[key("b"), key("c")]),
                text("/"),
                value(&[key("d"), Step::Item(1), key("e")])
            ])
        );
        assert_eq!(pieces("{{/* nothing */}}plain"), Some(vec![text("plain")]));
        for other in [
            "{{ . }}",
            "{{ $ }}",
            "{{ .a | print }}",
            "{{ print .a }}",
            "{{ $x := .a }}",
            "{{ if .a }}b{{ end }}",
            "{{ index .a -1 }}",
            "{{ index .a .b }}",
            "{{ (index .a 0).b }}",
            "{{ define \"x\" }}{{ end }}{{ .a }}",
            "{{ \"text\" }}",
        ] {
            assert_eq!(pieces(other), None, "{other}");
        }
    }
}
