//! What is wrong with a value, in plain words.

use super::document::steps;
use super::json::{Kind, Node};
use super::translate::Translation;
use super::written::Written;
use super::{Owner, keyword};
use crate::diagnostic::Diagnostic;
use crate::profile::Helm;
use crate::source::Location;
use jsonschema::error::{TypeKind, ValidationErrorKind};
use jsonschema::{JsonType, ValidationError};
use serde_json::Value as Json;

/// Failures that are told at most; a schema that fails everywhere helps nobody with more.
pub const MOST: usize = 200;

/// A rule that a value breaks.
#[derive(Clone, Debug, PartialEq)]
pub struct Violation {
    /// The value: keys and list positions from the root. A missing key is told at the map that lacks it,
    /// a forbidden one at itself.
    pub path: Vec<String>,
    /// The same as a JSON pointer, as the profile's Helm prints it (some versions count wrong).
    pub helm_pointer: String,
    /// Where the rule is written.
    pub place: Location,
    /// What is wrong, e.g. `15 is above the maximum: the schema allows 1 to 10`.
    pub rule: String,
    /// What to do about it.
    pub hint: Option<String>,
    /// What the alternatives of an `anyOf` or `oneOf` say, or the schema for names of keys.
    pub causes: Vec<Self>,
}

impl Violation {
    /// Values that are nested too deep to be looked at.
    pub(super) fn too_deep(place: Location, levels: usize) -> Self {
        Self {
            path: Vec::new(),
            helm_pointer: String::new(),
            place,
            rule: format!("nested deeper than {levels} levels, which is not validated here"),
            hint: None,
            causes: Vec::new(),
        }
    }

    /// Failures that would take too long to be told one by one.
    pub(super) fn untold(place: Location) -> Self {
        let rule = "breaks the schema, whose alternatives multiply so much that the place can't be told";
        Self { rule: rule.to_owned(), ..Self::too_deep(place, 0) }
    }

    /// The finding, at the write that is to blame for the value (`None`: nobody wrote it).
    pub fn diagnostic(&self, owner: Owner, blamed: Option<Location>) -> Diagnostic {
        let path = path_in_words(&self.path);
        let message = format!("{path}: {}", self.rule);
        let says = format!("the {owner}'s schema says so");
        let mut diagnostic = match blamed {
            Some(write) => {
                Diagnostic::error("schema-violation", message).at(write).with(self.place.clone(), says)
            }
            None => Diagnostic::error("schema-violation", message).at(self.place.clone()),
        };
        if let Some(hint) = &self.hint {
            diagnostic = diagnostic.hint(hint.clone());
        }
        for cause in self.causes.iter().take(4) {
            diagnostic = diagnostic.with(cause.place.clone(), cause.rule.clone());
        }
        diagnostic
    }
}

/// `image.tag`, `hosts[0].host`, `the values` for the root.
pub fn path_in_words(path: &[String]) -> String {
    if path.is_empty() {
        return "the values".to_owned();
    }
    let mut words = String::new();
    for (at, step) in path.iter().enumerate() {
        if at > 0 && !step.is_empty() && step.bytes().all(|byte| byte.is_ascii_digit()) {
            words.push_str(&format!("[{step}]"));
        } else {
            words.push_str(if at == 0 { "" } else { "." });
            words.push_str(step);
        }
    }
    words
}

/// A failure of the crate in our words: one violation, or one for each key that is too much.
pub fn explain(error: &ValidationError<'_>, translation: &Translation, helm: Helm) -> Vec<Violation> {
    let written = translation.written(error.schema_path().as_str());
    let teller = Teller { translation, written: &written, value: error.instance(), helm };
    let path: Vec<String> = steps(error.instance_path().as_str()).collect();
    let helm_pointer = if helm.counts_further_items_from_zero() {
        translation.miscounted(error.instance_path().as_str(), error.evaluation_path().as_str())
    } else {
        error.instance_path().as_str().to_owned()
    };
    let (rule, hint) = teller.tell(error.kind());
    let causes = match error.kind() {
        ValidationErrorKind::AnyOf { context } | ValidationErrorKind::OneOfNotValid { context } => {
            let inner = context.iter().flatten();
            inner.take(MOST).flat_map(|error| explain(error, translation, helm)).collect()
        }
        _ => Vec::new(),
    };
    let violation = Violation { path, helm_pointer, place: written.place.clone(), rule, hint, causes };
    match error.kind() {
        ValidationErrorKind::AdditionalProperties { unexpected }
        | ValidationErrorKind::UnevaluatedProperties { unexpected } => {
            let each = unexpected.iter().map(|key| {
                let mut violation = violation.clone();
                violation.path.push(key.clone());
                (violation.rule, violation.hint) = teller.unexpected(key);
                violation
            });
            each.collect()
        }
        ValidationErrorKind::PropertyNames { error: inner } => {
            let mut violation = violation;
            let name = inner.instance().as_str().unwrap_or_default().to_owned();
            violation.rule = format!("the key `{name}` is not named as the schema asks");
            violation.causes = explain(inner, translation, helm);
            violation.path.push(name);
            for cause in &mut violation.causes {
                cause.path.clone_from(&violation.path);
                cause.helm_pointer.clear();
            }
            vec![violation]
        }
        _ => vec![violation],
    }
}

struct Teller<'a> {
    translation: &'a Translation,
    written: &'a Written,
    value: &'a Json,
    helm: Helm,
}

type Words = (String, Option<String>);

impl Teller<'_> {
    /// The value of the broken keyword.
    fn rule(&self) -> Option<&Node> {
        self.translation.documents[self.written.document].node(&self.written.pointer)
    }

    /// The schema that has the broken keyword.
    fn schema(&self) -> Option<&Node> {
        let (parent, _) = self.written.pointer.rsplit_once('/')?;
        self.translation.documents[self.written.document].node(parent)
    }

    fn sibling(&self, key: &str) -> Option<String> {
        self.schema().and_then(|schema| schema.get(key)).map(ToString::to_string)
    }

    fn rule_text(&self) -> String {
        self.rule().map(shortened).unwrap_or_default()
    }

    fn shown(&self) -> String {
        short(&self.value.to_string())
    }

    fn tell(&self, kind: &ValidationErrorKind) -> Words {
        use ValidationErrorKind as Is;
        let plain = |rule: String| (rule, None);
        match kind {
            Is::Type { kind } => self.wrong_type(kind),
            Is::Enum { options } => self.not_listed(options),
            Is::Constant { .. } => {
                plain(format!("{} is not {}, the only value that is allowed", self.shown(), self.rule_text()))
            }
            Is::Maximum { .. } | Is::ExclusiveMaximum { .. } => {
                plain(format!("{} is above the maximum: the schema allows {}", self.shown(), self.range()))
            }
            Is::Minimum { .. } | Is::ExclusiveMinimum { .. } => {
                plain(format!("{} is below the minimum: the schema allows {}", self.shown(), self.range()))
            }
            Is::MultipleOf { .. } => {
                plain(format!("{} is no multiple of {}", self.shown(), self.rule_text()))
            }
            Is::Required { property } => {
                let key = property.as_str().unwrap_or_default();
                (format!("the key `{key}` is missing"), Some(format!("set `{key}`")))
            }
            Is::MinLength { limit } => {
                plain(format!("shorter than the {} that the schema asks for", counted(*limit, "character")))
            }
            Is::MaxLength { limit } => {
                plain(format!("longer than the {} that the schema allows", counted(*limit, "character")))
            }
            Is::MinItems { limit } => {
                plain(format!("fewer than the {} that the schema asks for", counted(*limit, "item")))
            }
            Is::MaxItems { limit } => {
                plain(format!("more than the {} that the schema allows", counted(*limit, "item")))
            }
            Is::MinProperties { limit } => {
                plain(format!("fewer than the {} that the schema asks for", counted(*limit, "key")))
            }
            Is::MaxProperties { limit } => {
                plain(format!("more than the {} that the schema allows", counted(*limit, "key")))
            }
            Is::UniqueItems => plain("an item is listed twice, and the schema wants each once".to_owned()),
            Is::Contains => plain("does not hold as many fitting items as the schema asks for".to_owned()),
            Is::AdditionalItems { limit } => {
                plain(format!("more than the {} that the schema describes", counted(*limit as u64, "item")))
            }
            Is::UnevaluatedItems { .. } => plain("holds items that the schema does not describe".to_owned()),
            Is::FalseSchema => plain("the schema allows nothing here".to_owned()),
            Is::Not { .. } if self.written.pointer.ends_with("/contains") => self.tell(&Is::Contains),
            Is::Not { .. } => plain("fits what the schema forbids (`not`)".to_owned()),
            Is::AnyOf { .. } => {
                plain("fits none of the alternatives that the schema gives (`anyOf`)".to_owned())
            }
            Is::OneOfNotValid { .. } => {
                plain("fits none of the alternatives that the schema gives (`oneOf`)".to_owned())
            }
            Is::OneOfMultipleValid { .. } => plain(
                "fits several of the alternatives of which the schema wants exactly one (`oneOf`)".to_owned(),
            ),
            Is::Custom { keyword, .. } => self.custom(keyword),
            _ => plain("breaks a rule of the schema".to_owned()),
        }
    }

    /// Keywords of our own.
    fn custom(&self, name: &str) -> Words {
        let value = self.shown();
        let rule = self.rule_text();
        match name {
            keyword::MULTIPLE_OF => (format!("{value} is no multiple of {rule}"), None),
            keyword::PATTERN => (format!("{value} does not match the pattern {rule}"), None),
            keyword::CYCLE => (
                "the schema refers to itself in a circle".to_owned(),
                Some("Helm gives up here; break the circle of `$ref`s".to_owned()),
            ),
            _ if self.value.is_number() => (
                format!("{value} is a number, which has no format"),
                Some(format!("Helm {} refuses numbers wherever a schema gives a format", self.helm.number())),
            ),
            _ => (format!("{value} is not of the format {rule}"), None),
        }
    }

    fn range(&self) -> String {
        let bound = |inclusive: &str, exclusive: &str| {
            let inclusive = self.sibling(inclusive);
            match self.sibling(exclusive) {
                // draft-04's flag makes the other bound exclusive.
                Some(flag) if flag == "true" => inclusive.map(|bound| (bound, true)),
                Some(bound) if flag_free(&bound) => Some((bound, true)),
                _ => inclusive.map(|bound| (bound, false)),
            }
        };
        match (bound("minimum", "exclusiveMinimum"), bound("maximum", "exclusiveMaximum")) {
            (Some((low, false)), Some((high, false))) => format!("{low} to {high}"),
            (Some((low, low_out)), Some((high, high_out))) => {
                let low = if low_out { format!("more than {low}") } else { format!("at least {low}") };
                let high = if high_out { format!("less than {high}") } else { format!("at most {high}") };
                format!("{low} and {high}")
            }
            (Some((low, out)), None) => format!("{} {low}", if out { "more than" } else { "at least" }),
            (None, Some((high, out))) => format!("{} {high}", if out { "less than" } else { "at most" }),
            (None, None) => "something else".to_owned(),
        }
    }

    fn wrong_type(&self, wanted: &TypeKind) -> Words {
        let wanted: Vec<JsonType> = match wanted {
            TypeKind::Single(one) => vec![*one],
            TypeKind::Multiple(set) => set.iter().collect(),
        };
        let names: Vec<&str> = wanted.iter().map(|one| name_of(*one)).collect();
        let rule =
            format!("{} is {}; the schema wants {}", self.shown(), kind_of(self.value), alternatives(&names));
        let wants = |one: JsonType| wanted.contains(&one);
        let hint = match self.value {
            Json::Number(_) | Json::Bool(_) if wants(JsonType::String) => {
                Some(format!("put it in quotes: \"{}\"", self.shown()))
            }
            Json::String(text) => {
                let number =
                    text.parse::<f64>().is_ok() && (wants(JsonType::Number) || wants(JsonType::Integer));
                let boolean = matches!(text.as_str(), "true" | "false") && wants(JsonType::Boolean);
                let empty = text.is_empty() && (wants(JsonType::Object) || wants(JsonType::Array));
                if number || boolean {
                    Some(format!("leave out the quotes: {text}"))
                } else if empty {
                    let brackets = if wants(JsonType::Object) { "{}" } else { "[]" };
                    Some(format!("write {brackets} for nothing"))
                } else {
                    None
                }
            }
            Json::Null => Some("the key is set without a value".to_owned()),
            Json::Array(_) if wants(JsonType::Object) => {
                Some("write keys with values instead of a list".to_owned())
            }
            _ => None,
        };
        (rule, hint)
    }

    fn not_listed(&self, options: &Json) -> Words {
        let options = options.as_array().map_or(&[] as &[_], Vec::as_slice);
        let listed: Vec<String> = options.iter().take(12).map(ToString::to_string).collect();
        let more = if options.len() > listed.len() { ", …" } else { "" };
        let rule =
            format!("{} is none of the values that are allowed: {}{more}", self.shown(), listed.join(", "));
        let near =
            self.value.as_str().and_then(|text| nearest(text, options.iter().filter_map(Json::as_str)));
        (rule, near.map(|near| format!("did you mean `{near}`?")))
    }

    fn unexpected(&self, key: &str) -> Words {
        let known = self.schema().and_then(|schema| schema.get("properties"));
        let names = known.map_or(&[] as &[_], Node::entries).iter().map(|entry| entry.key.as_str());
        let hint = nearest(key, names).map(|near| format!("did you mean `{near}`?"));
        (format!("the key `{key}` is not allowed here"), hint)
    }
}

fn flag_free(bound: &str) -> bool {
    bound != "true" && bound != "false"
}

/// `a or b`, `a, b or c`.
fn alternatives(names: &[&str]) -> String {
    match names {
        [] => "something else".to_owned(),
        [one] => (*one).to_owned(),
        [head @ .., last] => format!("{} or {last}", head.join(", ")),
    }
}

fn name_of(kind: JsonType) -> &'static str {
    match kind {
        JsonType::Array => "a list",
        JsonType::Boolean => "a boolean",
        JsonType::Integer => "an integer",
        JsonType::Null => "null",
        JsonType::Number => "a number",
        JsonType::Object => "a map",
        JsonType::String => "a string",
    }
}

fn kind_of(value: &Json) -> &'static str {
    match value {
        Json::Null => "null",
        Json::Bool(_) => "a boolean",
        Json::Number(_) => "a number",
        Json::String(_) => "a string",
        Json::Array(_) => "a list",
        Json::Object(_) => "a map",
    }
}

fn counted(count: u64, of: &str) -> String {
    format!("{count} {of}{}", if count == 1 { "" } else { "s" })
}

fn shortened(node: &Node) -> String {
    match &node.kind {
        Kind::String(text) => format!("`{}`", short(text)),
        _ => short(&node.to_string()),
    }
}

/// At most about sixty characters.
fn short(text: &str) -> String {
    match text.char_indices().nth(60) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// The name that differs from `text` by at most two letters, or by case alone.
pub fn nearest<'a>(text: &str, names: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let near = names.filter(|name| name.len().abs_diff(text.len()) <= 2 && *name != text).map(|name| {
        let distance = if name.eq_ignore_ascii_case(text) { 0 } else { distance(name, text) };
        (distance, name)
    });
    let most = 2.min(text.chars().count() / 2);
    near.min().filter(|(distance, _)| *distance <= most).map(|(_, name)| name)
}

/// Letters to change, add or take out.
fn distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().take(64).collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (at, letter) in one.chars().take(64).enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], at + 1);
        for (column, &opposite) in other.iter().enumerate() {
            let changed = diagonal + usize::from(letter != opposite);
            diagonal = row[column + 1];
            row[column + 1] = changed.min(row[column] + 1).min(diagonal + 1);
        }
    }
    row[other.len()]
}
