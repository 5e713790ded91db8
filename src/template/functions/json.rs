//! Helm's and Sprig's functions of JSON.

use super::Function;
use super::json_read::{read_json, read_json_list, read_json_map};
use super::json_write::{Layout, write_json};
use super::strings::bytes;
use crate::template::types::Type;
use crate::template::value::Value;

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
        let (map, error) = read_json_map(bytes(&a[0]));
        with_error(map, error)
    }),
    Function::new("fromJsonArray", &[STRING], |_, a| {
        let (list, error) = read_json_list(bytes(&a[0]));
        Ok(error.map_or(list, |error| Value::list(vec![error.into()])))
    }),
    Function::new("mustFromJson", &[STRING], |_, a| {
        let read = read_json(bytes(&a[0]))?;
        read.error.map_or(Ok(read.value), Err)
    }),
];

/// A map with what went wrong at its key `Error`.
pub fn with_error(map: Value, error: Option<String>) -> Result<Value, String> {
    if let (Some(map), Some(error)) = (map.as_map(), error) {
        map.set("Error", error.into())?;
    }
    Ok(map)
}
