//! Everything that was ever written at one path, with the verdict in words.

use super::rows::{Numbering, scalar_text, unknown};
use super::text::plural;
use super::{Cascade, Excerpt, Place, VerdictPart, WriteReport};
use crate::merge::{self, Absence, Content, Effect, Explained, Explanation, Fate, Layer, Step, Write};
use crate::source::Span;
use crate::value::Value;
use crate::yaml;

/// A verdict under construction.
#[derive(Default)]
struct Verdict(Vec<VerdictPart>);

impl Verdict {
    fn words(mut self, text: impl Into<String>) -> Self {
        self.0.push(VerdictPart::Words(text.into()));
        self
    }

    fn value(mut self, text: impl Into<String>) -> Self {
        self.0.push(VerdictPart::Value(text.into()));
        self
    }

    /// A layer with the line of the write.
    fn by(mut self, write: &Write, numbering: &Numbering<'_>) -> Self {
        let label = numbering.layer(write.layer).map_or("Helm", |layer| &*layer.label).to_owned();
        self.0.push(VerdictPart::Layer(numbering.number(write.layer), label));
        match numbering.location(write) {
            Some(location) => self.words(format!(" (line {})", location.line_column().0)),
            None => self,
        }
    }
}

/// The cascade of a path; problems and rules of schemas are the caller's to add.
pub(super) fn cascade(explanation: &Explanation, numbering: &Numbering<'_>) -> Cascade {
    let path = explanation.path.iter().map(|step| match step {
        Step::Key(key) => key.to_string(),
        Step::Index(index) => index.to_string(),
    });
    let path: Vec<String> = path.collect();
    let verdict = verdict(explanation, numbering).0;
    let all = explanation.clone().with_absent(numbering.0);
    let writes = all.writes.iter().rev().map(|write| write_report(write, numbering)).collect();
    let winner = explanation.winner().and_then(|winner| winner.write.as_ref());
    let comment = winner.and_then(|write| comment(write, numbering)).unwrap_or_default();
    Cascade { path, verdict, writes, problems: Vec::new(), rules: Vec::new(), comment }
}

/// What stands in comments at the winning write.
fn comment(write: &Write, numbering: &Numbering<'_>) -> Option<String> {
    let Content::Document(document) = &numbering.layer(write.layer)?.content else { return None };
    let text = |span: &Span| document.file.text.get(span.range()).unwrap_or_default();
    let lines = document.comment(write.key);
    Some(lines.iter().map(|span| text(span).trim_start_matches('#').trim()).collect::<Vec<_>>().join("\n"))
}

fn verdict(explanation: &Explanation, numbering: &Numbering<'_>) -> Verdict {
    let verdict = Verdict::default();
    match &explanation.fate {
        Fate::Present(value) => present(verdict, value, explanation, numbering),
        Fate::NeverSet => verdict.words("No layer sets it."),
        Fate::Removed(Some(by)) => {
            let verdict = verdict.words("Removed by ").by(by, numbering);
            match last_value(explanation) {
                Some((value, write)) => verdict
                    .words("; it was ")
                    .value(short(&value))
                    .words(" from ")
                    .by(write, numbering)
                    .words("."),
                None => verdict.words("."),
            }
        }
        Fate::Removed(None) => verdict.words("A null in the chart's own values, which this Helm leaves out."),
        Fate::Shadowed(ending) => {
            let parent = explanation.path[..ending.depth].iter().map(ToString::to_string).collect::<Vec<_>>();
            let kind = match ending.write.shape() {
                merge::Shape::List => "a list",
                merge::Shape::Map => "a map",
                _ => "a single value",
            };
            let verdict = verdict.words("Gone: ").by(&ending.write, numbering);
            verdict.words(format!(" makes {kind} of `{}`, so nothing below it is left.", parent.join(".")))
        }
    }
}

fn present(verdict: Verdict, value: &Value, explanation: &Explanation, numbering: &Numbering<'_>) -> Verdict {
    let winners: Vec<&Write> = wins(explanation).collect();
    let verdict = verdict.value(short(value));
    let verdict = match unknown(value) {
        Some(reason) => verdict.words(format!(" ({reason})")),
        None => verdict,
    };
    let Some(winner) = winners.last() else { return verdict.words(", made by Helm.") };
    if winners.len() > 1 {
        let mut verdict = verdict.words(format!(", made by {}: ", plural(winners.len(), "layer")));
        for (at, write) in winners.iter().enumerate() {
            verdict = verdict.words(if at == 0 { "" } else { ", " }).by(write, numbering);
        }
        return verdict.words(".");
    }
    let verdict = verdict.words(", set by ").by(winner, numbering);
    let lower: Vec<&Explained> = explanation.writes.iter().filter(|write| !write.wins).collect();
    match lower.len() {
        0 => verdict.words("; no other layer sets it."),
        _ if explanation.winner().is_some_and(|winner| winner.effect == Effect::Same) => {
            verdict.words(format!(", the same as below it; {} under it.", plural(lower.len(), "layer")))
        }
        count => verdict.words(format!(", over {}.", plural(count, "lower layer"))),
    }
}

fn wins(explanation: &Explanation) -> impl Iterator<Item = &Write> {
    explanation.writes.iter().filter(|write| write.wins).filter_map(|write| write.write.as_ref())
}

/// The last value that was there before a null.
fn last_value(explanation: &Explanation) -> Option<(Value, &Write)> {
    let writes = explanation.writes.iter().rev().filter_map(|write| write.write.as_ref());
    let mut values = writes.filter_map(|write| Some((write.value()?, write)));
    values.find(|(value, _)| *value != Value::Null)
}

/// A value in a few words.
fn short(value: &Value) -> String {
    match value {
        Value::Map(map) if map.is_empty() => "an empty map".to_owned(),
        Value::Map(map) => format!("a map of {}", plural(map.len(), "key")),
        Value::List(list) if list.is_empty() => "an empty list".to_owned(),
        Value::List(list) => format!("a list of {}", plural(list.len(), "item")),
        scalar => scalar_text(scalar),
    }
}

fn write_report(explained: &Explained, numbering: &Numbering<'_>) -> WriteReport {
    let layer = numbering.layer(explained.layer);
    let location = explained.write.as_ref().and_then(|write| numbering.location(write));
    let value = explained.write.as_ref().and_then(Write::value);
    WriteReport {
        layer: numbering.number(explained.layer),
        label: layer.map_or_else(|| "Helm".to_owned(), |layer| layer.label.to_string()),
        effect: explained.effect,
        note: note(explained, layer.map(AsRef::as_ref), numbering),
        text: value.as_ref().map(yaml::write).unwrap_or_default(),
        place: location.as_ref().map(Place::of),
        excerpt: location.as_ref().map(Excerpt::of),
        wins: explained.wins,
        lost: explained.lost.iter().map(yaml::write).collect(),
    }
}

/// What the write did, in words; for a layer that does not write here, why.
fn note(explained: &Explained, layer: Option<&Layer>, numbering: &Numbering<'_>) -> String {
    if let Some(ending) = &explained.ended_by {
        let by = numbering.layer(ending.write.layer).map_or("Helm", |layer| &*layer.label);
        return format!("taken away with its parent by {by}");
    }
    match explained.effect {
        Effect::Set => "",
        Effect::Same => "the same as below",
        Effect::ReplacedList if explained.lost.is_empty() => "replaces a list",
        Effect::ReplacedList => {
            return format!("replaces a list; {} lost", plural(explained.lost.len(), "item"));
        }
        Effect::Merged => "adds to what is below",
        Effect::Removed => "null removes what is below",
        Effect::RemovedNothing => "null, where nothing was",
        Effect::Restored => "sets again what was removed",
        Effect::Imported => "moved here by import-values",
        Effect::Global => "pushed down as a global",
        Effect::TypeConflict => "replaces a value of another kind",
        Effect::Absent => return absence(layer),
    }
    .to_owned()
}

fn absence(layer: Option<&Layer>) -> String {
    match layer.map(|layer| &layer.content) {
        Some(Content::Absent(Absence::MissingAllowed)) => "the file is missing, which is allowed".to_owned(),
        Some(Content::Absent(Absence::Missing)) => "the file is missing".to_owned(),
        Some(Content::Absent(Absence::Repeated)) => "listed before; counts once".to_owned(),
        Some(Content::Absent(Absence::Unknown(why))) => format!("unknown: {why}"),
        Some(Content::Absent(Absence::None)) => "the Application has none".to_owned(),
        Some(Content::Broken(_)) => "the file can't be read".to_owned(),
        Some(Content::Document(document)) if document.root.entries().is_empty() => "empty".to_owned(),
        _ => "does not set it".to_owned(),
    }
}
