//! Helm's functions of YAML, and Argo CD's, which fail where Helm's don't.

use super::json::with_error;
use super::{Function, MOST_LEVELS, TOO_DEEP};
use crate::source::File;
use crate::template::types::Type;
use crate::template::value::{Kind, List, Map, Value};
use crate::value as plain;
use crate::yaml::{Target, unmarshal, write};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use std::rc::Rc;
use std::sync::Arc;

const ANY: Type = Type::Interface;
const STRING: Type = Type::String;

/// Helm's functions of YAML.
pub const TABLE: &[Function] = &[
    Function::new("toYaml", &[ANY], |_, a| Ok(to_yaml(&a[0]).unwrap_or_default().into())),
    Function::new("toYamlPretty", &[ANY], |_, a| Ok(to_yaml(&a[0]).unwrap_or_default().into())),
    Function::new("fromYaml", &[STRING], |_, a| {
        let (map, error) = match from_yaml(&a[0], Target::Map) {
            Ok(map) => (map, None),
            Err(error) => (Value::map::<&str>([]), Some(error)),
        };
        with_error(map, error)
    }),
    Function::new("fromYamlArray", &[STRING], |_, a| {
        Ok(from_yaml(&a[0], Target::List).unwrap_or_else(|error| Value::list(vec![error.into()])))
    }),
];

/// The function that Helm 4 adds.
pub const MUST: &[Function] = &[Function::new("mustToYaml", &[ANY], |_, a| to_yaml(&a[0]).map(Value::from))];

/// Argo CD's functions of YAML.
pub const ARGO_CD: &[Function] = &[
    Function::new("toYaml", &[ANY], |_, a| to_yaml(&a[0]).map(Value::from)),
    Function::new("fromYaml", &[STRING], |_, a| from_yaml(&a[0], Target::Map)),
    Function::new("fromYamlArray", &[STRING], |_, a| from_yaml(&a[0], Target::List)),
];

fn to_yaml(value: &Value) -> Result<String, String> {
    Ok(write(&to_plain(value, 0)?))
}

/// A value as JSON has it, which Helm's YAML goes through.
fn to_plain(value: &Value, depth: usize) -> Result<plain::Value, String> {
    if depth > MOST_LEVELS {
        return Err(TOO_DEEP.to_owned());
    }
    Ok(match &value.kind {
        Kind::Nil => plain::Value::Null,
        Kind::Bool(bool) => plain::Value::Bool(*bool),
        Kind::Int(number, _) => plain::Value::Int(*number),
        Kind::Uint(number, _) => {
            i64::try_from(*number).map_or_else(|_| plain::Value::Float(*number as f64), plain::Value::Int)
        }
        Kind::Float(number) if number.is_finite() => plain::Value::Float(*number),
        Kind::Float(number) => return Err(format!("json: unsupported value: {}", plain::go_float(*number))),
        Kind::Complex(..) => return Err("json: unsupported type: complex128".to_owned()),
        Kind::String(text) => text_of(text),
        Kind::Bytes(bytes) => plain::Value::from(&*STANDARD.encode(bytes)),
        Kind::List(list) if list.nil => plain::Value::Null,
        Kind::List(list) => {
            let items = list.iter().map(|item| to_plain(item, depth + 1)).collect::<Result<Vec<_>, _>>()?;
            plain::Value::List(items.into())
        }
        Kind::Map(map) if map.nil => plain::Value::Null,
        Kind::Map(map) => {
            let entries = map.snapshot();
            let entries = entries.iter().map(|(key, value)| Ok((clean(key), to_plain(value, depth + 1)?)));
            plain::Value::Map(Arc::new(entries.collect::<Result<_, String>>()?))
        }
        Kind::Struct(_) | Kind::Time(_) => {
            let json = super::json_write::write_json(value, super::json_write::Layout::Compact)?;
            return to_plain(&super::json_read::read_json(&json)?.value, depth + 1);
        }
    })
}

/// JSON has no bytes that are not UTF-8: each becomes U+FFFD.
fn clean(text: &[u8]) -> Arc<str> {
    super::words::runes(text).collect::<String>().into()
}

fn text_of(text: &[u8]) -> plain::Value {
    plain::Value::String(clean(text))
}

/// `yaml.Unmarshal` into a map or a list; `null` makes it Go's nil.
fn from_yaml(text: &Value, target: Target) -> Result<Value, String> {
    let file = File::generated("<fromYaml>", text.text().as_ref(), None);
    let document = unmarshal(&file, target).map_err(|error| error.to_string())?;
    let value = Value::from(&document.root.to_value());
    Ok(match (value.is_nil(), target) {
        (true, Target::List) => Kind::List(Rc::new(List::nil(Type::LIST))).into(),
        (true, _) => Kind::Map(Rc::new(Map::nil(Type::MAP))).into(),
        _ => value,
    })
}
