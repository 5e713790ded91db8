//! Values to text: Helm's `toYaml` and `toYamlPretty`, byte for byte (spec sheet, section 5).
//!
//! For `toYaml` Helm prints JSON, reads that with go-yaml 2 and prints the result with libyaml's emitter.
//! Here the outcome is made directly; the oddities of the detour are rules of their own. `toYamlPretty`
//! hands the value to go-yaml 3 without a detour: lists are indented, nothing is folded.

mod order;
mod scalar;

use crate::value::{Value, go_float, json_float};
use order::sorted;
use scalar::Emitter;
use std::sync::Arc;

/// Nesting from which on Helm's own reader refuses the JSON in between.
const MAX_DEPTH: usize = 10_000;
/// Bytes up to which a key is written before its `:` on one line.
const MAX_SIMPLE_KEY: usize = 128;
/// Characters that a key may have in JSON, with its quotes and escapes.
const MAX_JSON_KEY: usize = 1024;

/// Helm's `toYaml`. Empty where Helm can't: an infinite number, a control character, a key of more than
/// 1,024 characters, more than 10,000 levels.
pub fn write(value: &Value) -> String {
    text(value, GoYaml::V2).unwrap_or_default()
}

/// Helm's `toYamlPretty`.
pub fn write_pretty(value: &Value) -> String {
    text(value, GoYaml::V3).unwrap_or_default()
}

/// The library that prints.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum GoYaml {
    V2,
    V3,
}

fn text(value: &Value, library: GoYaml) -> Option<String> {
    let mut writer = Writer { library, emitter: Emitter::new(library), open: Vec::new() };
    writer.document(value)?;
    let mut text = writer.emitter.finish();
    if text.ends_with('\n') {
        text.pop();
    }
    Some(text)
}

/// A collection that is being written.
struct Frame<'v> {
    indent: i32,
    rest: Rest<'v>,
}

/// What is still to be written of a collection.
enum Rest<'v> {
    Items(std::slice::Iter<'v, Value>),
    Entries(std::vec::IntoIter<(&'v Arc<str>, &'v Value)>),
}

struct Writer<'v> {
    library: GoYaml,
    emitter: Emitter,
    open: Vec<Frame<'v>>,
}

/// `None` where Helm's `toYaml` fails.
type Written = Option<()>;

impl<'v> Writer<'v> {
    fn document(&mut self, value: &'v Value) -> Written {
        self.value(value, -1, false)?;
        while let Some(frame) = self.open.last_mut() {
            let indent = frame.indent;
            match &mut frame.rest {
                Rest::Items(items) => match items.next() {
                    Some(item) => {
                        self.emitter.indent_to(indent);
                        self.emitter.indicator("-", true);
                        self.value(item, indent, false)?;
                    }
                    None => drop(self.open.pop()),
                },
                Rest::Entries(entries) => match entries.next() {
                    Some((key, value)) => {
                        self.key(key, indent)?;
                        self.value(value, indent, true)?;
                    }
                    None => drop(self.open.pop()),
                },
            }
        }
        Some(())
    }

    fn key(&mut self, key: &str, indent: i32) -> Written {
        if self.library == GoYaml::V2
            && (!json_readable(key) || has_next_line(key) || json_length(key) > MAX_JSON_KEY)
        {
            return None;
        }
        self.emitter.indent_to(indent);
        if key.len() <= MAX_SIMPLE_KEY && !scalar::has_break(key) {
            self.emitter.string(key, indent, true);
            self.emitter.indicator_close(":");
        } else {
            self.emitter.indicator("?", true);
            self.emitter.string(key, indent, false);
            self.emitter.indent_to(indent);
            self.emitter.indicator(":", true);
        }
        Some(())
    }

    /// Writes a scalar or an empty collection, or opens a collection. `indent` is that of the collection
    /// around it, -1 outside of any.
    fn value(&mut self, value: &'v Value, indent: i32, in_mapping: bool) -> Written {
        match value {
            Value::Null => self.emitter.plain("null"),
            Value::Bool(bool) => self.emitter.plain(if *bool { "true" } else { "false" }),
            Value::Int(int) => self.emitter.plain(&int.to_string()),
            Value::Float(float) if self.library == GoYaml::V2 => self.emitter.plain(&number(*float)?),
            Value::Float(float) => self.emitter.plain(&yaml_float(*float)),
            Value::String(text) if self.library == GoYaml::V2 => {
                if !json_readable(text) {
                    return None;
                }
                let text = next_lines_folded(text)?;
                self.emitter.string(&text, indent, false);
            }
            Value::String(text) => self.emitter.string(text, indent, false),
            Value::List(items) if items.is_empty() => self.emitter.plain("[]"),
            Value::Map(map) if map.is_empty() => self.emitter.plain("{}"),
            Value::List(items) => {
                let flat = self.library == GoYaml::V2 && in_mapping && !self.emitter.at_indentation();
                let indent = if flat { indent } else { deeper(indent) };
                self.open(indent, Rest::Items(items.iter()))?;
            }
            Value::Map(map) => {
                self.open(
                    deeper(indent),
                    Rest::Entries(sorted(map.iter().collect(), self.library).into_iter()),
                )?;
            }
        }
        Some(())
    }

    fn open(&mut self, indent: i32, rest: Rest<'v>) -> Written {
        self.open.push(Frame { indent, rest });
        (self.library == GoYaml::V3 || self.open.len() <= MAX_DEPTH).then_some(())
    }
}

fn deeper(indent: i32) -> i32 {
    if indent < 0 { 0 } else { indent + 2 }
}

/// A number's text: what JSON says of it, read as an integer if it is one.
fn number(float: f64) -> Option<String> {
    if !float.is_finite() {
        return None;
    }
    if float.fract() == 0.0 && float.abs() < 1e15 {
        return Some((float as i64).to_string());
    }
    let json = json_float(float);
    let integer = json
        .parse::<i64>()
        .map(|int| int.to_string())
        .or_else(|_| json.parse::<u64>().map(|int| int.to_string()));
    Some(integer.unwrap_or_else(|_| go_float(float)))
}

/// A number's text where it did not go through JSON.
fn yaml_float(float: f64) -> String {
    if float.is_nan() {
        ".nan".to_owned()
    } else if float.is_infinite() {
        if float > 0.0 { ".inf" } else { "-.inf" }.to_owned()
    } else {
        go_float(float)
    }
}

/// Whether go-yaml reads the text inside JSON: what JSON leaves unescaped may be no control character.
fn json_readable(text: &str) -> bool {
    let forbidden =
        |c: char| matches!(c, '\u{7f}'..='\u{84}' | '\u{86}'..='\u{9f}' | '\u{fffe}' | '\u{ffff}');
    text.is_ascii() && !text.contains('\u{7f}') || !text.contains(forbidden)
}

/// Characters of the text as a JSON string.
fn json_length(text: &str) -> usize {
    let length = |c: char| match c {
        '"' | '\\' | '\n' | '\r' | '\t' | '\u{8}' | '\u{c}' => 2,
        '\0'..='\u{1f}' | '<' | '>' | '&' | '\u{2028}' | '\u{2029}' => 6,
        _ => 1,
    };
    text.chars().map(length).sum::<usize>() + 2
}

const NEXT_LINE: char = '\u{85}';

fn has_next_line(text: &str) -> bool {
    !text.is_ascii() && text.contains(NEXT_LINE)
}

/// The text after go-yaml read it from JSON, where U+0085 is a line break that is folded. `None` if what
/// follows one looks like the end of a document.
fn next_lines_folded(text: &str) -> Option<std::borrow::Cow<'_, str>> {
    if !has_next_line(text) {
        return Some(text.into());
    }
    let mut lines = text.split(NEXT_LINE).peekable();
    let mut folded = lines.next().unwrap_or_default().trim_end_matches(' ').to_owned();
    let mut breaks = 0;
    while let Some(line) = lines.next() {
        let last = lines.peek().is_none();
        let marker = line.strip_prefix("---").or_else(|| line.strip_prefix("..."));
        if marker.is_some_and(|rest| rest.starts_with(' ') || (rest.is_empty() && !last)) {
            return None;
        }
        breaks += 1;
        let inner = line.trim_start_matches(' ');
        if inner.is_empty() && !last {
            continue;
        }
        match breaks {
            1 => folded.push(' '),
            _ => folded.extend(std::iter::repeat_n('\n', breaks - 1)),
        }
        breaks = 0;
        folded.push_str(if last { inner } else { inner.trim_end_matches(' ') });
    }
    Some(folded.into())
}
