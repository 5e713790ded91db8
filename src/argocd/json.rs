//! JSON as Go's `encoding/json` writes it, for error texts and keys.

use crate::value::{Value, json_float};
use std::fmt::Write as _;

/// The compact JSON of a value: keys sorted, safe inside HTML.
pub fn write(value: &Value) -> String {
    let mut json = String::new();
    write_value(&mut json, value);
    json
}

fn write_value(json: &mut String, value: &Value) {
    match value {
        Value::Null => json.push_str("null"),
        Value::Bool(bool) => json.push_str(if *bool { "true" } else { "false" }),
        Value::Int(int) => json.push_str(&int.to_string()),
        Value::Float(float) => json.push_str(&json_float(*float)),
        Value::String(text) => write_string(json, text),
        Value::List(items) => {
            json.push('[');
            for (at, item) in items.iter().enumerate() {
                if at > 0 {
                    json.push(',');
                }
                write_value(json, item);
            }
            json.push(']');
        }
        Value::Map(map) => {
            json.push('{');
            for (at, (key, value)) in map.iter().enumerate() {
                if at > 0 {
                    json.push(',');
                }
                write_string(json, key);
                json.push(':');
                write_value(json, value);
            }
            json.push('}');
        }
    }
}

fn write_string(json: &mut String, text: &str) {
    json.push('"');
    for character in text.chars() {
        match character {
            '"' => json.push_str("\\\""),
            '\\' => json.push_str("\\\\"),
            '\n' => json.push_str("\\n"),
            '\r' => json.push_str("\\r"),
            '\t' => json.push_str("\\t"),
            '\u{8}' => json.push_str("\\b"),
            '\u{c}' => json.push_str("\\f"),
            '<' | '>' | '&' | '\u{2028}' | '\u{2029}' | '\0'..='\u{1f}' => {
                let _ = write!(json, "\\u{:04x}", character as u32);
            }
            plain => json.push(plain),
        }
    }
    json.push('"');
}
