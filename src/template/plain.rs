//! Between Go's runtime values and plain ones.

use super::value::{Kind, Str, Value};
use crate::value::{self as plain, Map};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use std::sync::Arc;

/// Nesting that is not followed further: a map may hold itself.
const MAX_DEPTH: usize = 400;

impl Value {
    /// The value as `encoding/json` marshals it: structs by their JSON keys, bytes in base64, what is no
    /// text replaced. Fails on what JSON can't say, and on values nested very deeply.
    pub fn to_plain(&self) -> Result<plain::Value, String> {
        convert(self, 0)
    }
}

fn convert(value: &Value, depth: usize) -> Result<plain::Value, String> {
    if depth > MAX_DEPTH {
        return Err("json: unsupported value: encountered a cycle".to_owned());
    }
    Ok(match &value.kind {
        Kind::Nil => plain::Value::Null,
        Kind::Bool(bool) => plain::Value::Bool(*bool),
        Kind::Int(number, _) => plain::Value::Int(*number),
        Kind::Uint(number, _) => {
            i64::try_from(*number).map_or(plain::Value::Float(*number as f64), plain::Value::Int)
        }
        Kind::Float(number) if number.is_finite() => plain::Value::Float(*number),
        Kind::Float(number) => return Err(format!("json: unsupported value: {}", plain::go_float(*number))),
        Kind::Complex(..) => return Err("json: unsupported type: complex128".to_owned()),
        Kind::String(text) => plain::Value::String(valid_text(text)),
        Kind::Bytes(bytes) => plain::Value::String(STANDARD.encode(bytes).into()),
        Kind::List(list) if list.nil => plain::Value::Null,
        Kind::List(list) => {
            let items = list.iter().map(|item| convert(item, depth + 1));
            plain::Value::List(items.collect::<Result<Vec<_>, _>>()?.into())
        }
        Kind::Map(map) if map.nil => plain::Value::Null,
        Kind::Map(map) => {
            let entries = map.entries();
            let pairs = entries.iter().map(|(key, item)| Ok((valid_text(key), convert(item, depth + 1)?)));
            plain::Value::Map(Arc::new(pairs.collect::<Result<Map, String>>()?))
        }
        Kind::Struct(of) if of.of.methods.iter().any(|method| method.name == "MarshalJSON") => {
            plain::Value::String(valid_text(&value.string_method().unwrap_or_default().into()))
        }
        Kind::Struct(value) => {
            let entries = value.json_entries();
            let pairs =
                entries.into_iter().map(|(key, item)| Ok((Arc::from(key), convert(item, depth + 1)?)));
            plain::Value::Map(Arc::new(pairs.collect::<Result<Map, String>>()?))
        }
        Kind::Time(time) => plain::Value::String(valid_text(&time.json()?.into())),
    })
}

fn valid_text(text: &Str) -> Arc<str> {
    text.text().into()
}
