//! Helm's and Sprig's functions of JSON.

use super::Function;
use super::json_write::{Layout, write_json};
use super::strings::bytes;
use crate::json::{self, Node};
use crate::template::types::Type;
use crate::template::value::{Kind, List, Map, Str, Value};
use std::rc::Rc;

const ANY: Type = Type::Interface;
const STRING: Type = Type::String;

/// The functions of JSON. What is read without `must` holds the error instead of failing.
pub const TABLE: &[Function] = &[
    Function::new("toJson", &[ANY], |_, a| Ok(write_json(&a[0], Layout::Compact).unwrap_or_default().into())),
    Function::new("mustToJson", &[ANY], |_, a| write_json(&a[0], Layout::Compact).map(Value::from)),
    Function::new("toPrettyJson", &[ANY], |_, a| {
        Ok(write_json(&a[0], Layout::Pretty).unwrap_or_default().into())
    }),
    Function::new("mustToPrettyJson", &[ANY], |_, a| write_json(&a[0], Layout::Pretty).map(Value::from)),
    Function::new("toRawJson", &[ANY], |_, a| write_json(&a[0], Layout::Raw).map(Value::from)),
    Function::new("mustToRawJson", &[ANY], |_, a| write_json(&a[0], Layout::Raw).map(Value::from)),
    Function::new("fromJson", &[STRING], |_, a| {
        let (map, error) = read_json_as(Type::MAP, bytes(&a[0]));
        with_error(map, error)
    }),
    Function::new("fromJsonArray", &[STRING], |_, a| {
        let (list, error) = read_json_as(Type::LIST, bytes(&a[0]));
        Ok(error.map_or(list, |error| Value::list(vec![error.into()])))
    }),
    Function::new("mustFromJson", &[STRING], |_, a| {
        let (value, error) = read_json(bytes(&a[0]))?;
        error.map_or(Ok(value), Err)
    }),
];

/// Go allows 10,000.
const MOST_LEVELS: usize = 500;

/// `json.Unmarshal` into an `interface {}`: the value, in which a number too big for a float is nil, and Go's
/// error about the first such number. Fails where the text is no JSON.
fn read_json(text: &[u8]) -> Result<(Value, Option<String>), String> {
    let read = json::read_whole(text, MOST_LEVELS).map_err(|broken| broken.message)?;
    let error = read.number_error();
    Ok((value(read.root), error))
}

fn value(node: Node) -> Value {
    match node.kind {
        json::Kind::Null => Value::NIL,
        json::Kind::Bool(bool) => bool.into(),
        json::Kind::Number(text) => match text.parse::<f64>() {
            Ok(number) if number.is_finite() => number.into(),
            _ => Value::NIL,
        },
        json::Kind::String(text) => text.into(),
        json::Kind::List(items) => Value::list(items.into_iter().map(value).collect()),
        json::Kind::Map(entries) => {
            Value::map(entries.into_iter().map(|entry| (entry.key, value(entry.value))))
        }
    }
}

/// `json.Unmarshal` into a map or a list: what could be read, and the error.
fn read_json_as(of: Type, text: &[u8]) -> (Value, Option<String>) {
    let empty = || match of {
        Type::MAP => Value::map::<Str>([]),
        _ => Value::list(Vec::new()),
    };
    let (value, error) = match read_json(text) {
        Err(error) => return (empty(), Some(error)),
        Ok(read) => read,
    };
    let found = match &value.kind {
        Kind::Nil if error.is_none() => return (nil(of), None),
        Kind::Map(_) | Kind::List(_) if value.type_of() == Some(of) => return (value, error),
        Kind::Map(_) => "object",
        Kind::List(_) => "array",
        Kind::String(_) => "string",
        Kind::Bool(_) => "bool",
        _ => "number",
    };
    let name = if of == Type::MAP { "map[string]interface {}" } else { "[]interface {}" };
    (empty(), Some(format!("json: cannot unmarshal {found} into Go value of type {name}")))
}

fn nil(of: Type) -> Value {
    match of {
        Type::MAP => Kind::Map(Rc::new(Map::nil(of))).into(),
        _ => Kind::List(Rc::new(List::nil(of))).into(),
    }
}

/// A map with what went wrong at its key `Error`.
pub fn with_error(map: Value, error: Option<String>) -> Result<Value, String> {
    if let (Some(map), Some(error)) = (map.as_map(), error) {
        map.set("Error", error.into())?;
    }
    Ok(map)
}
