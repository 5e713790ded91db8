//! Texts that Go makes of values where Helm prints them in errors.

use crate::value::{Value, go_float};

/// Go's `%t` of a value that need not be a boolean.
pub(super) fn wrong_verb(value: &Value) -> String {
    match value {
        Value::Null => "%!t(<nil>)".to_owned(),
        other => inner(other),
    }
}

fn inner(value: &Value) -> String {
    match value {
        Value::Null => "<nil>".to_owned(),
        Value::Bool(bool) => bool.to_string(),
        Value::Int(int) => format!("%!t(int64={int})"),
        Value::Float(float) => format!("%!t(float64={})", go_float(*float)),
        Value::String(text) => string(text),
        Value::List(items) => {
            let items: Vec<_> = items.iter().map(inner).collect();
            format!("[{}]", items.join(" "))
        }
        Value::Map(map) => {
            let pairs: Vec<_> =
                map.iter().map(|(key, value)| format!("{}:{}", string(key), inner(value))).collect();
            format!("map[{}]", pairs.join(" "))
        }
    }
}

fn string(text: &str) -> String {
    format!("%!t(string={text})")
}
