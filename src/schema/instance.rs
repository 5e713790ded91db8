//! Plain values, as the validating crate sees them: without a copy.

use crate::value::{Map, Value, json_float};
use jsonschema::JsonType;
use jsonschema::json::{Array, Json, JsonNumber, Node, NodeIdentity, Object};
use std::borrow::Cow;
use std::sync::Arc;

/// The representation of [`Value`].
pub struct Plain;

impl Json for Plain {
    type Node<'a> = &'a Value;
    type PreparedKey = Box<str>;
    type StringBuffer = Option<Value>;

    const ACYCLIC: bool = true;

    fn prepare_key(key: &str) -> Box<str> {
        key.into()
    }

    fn with_string_node<T>(buffer: &mut Option<Value>, text: &str, f: impl FnOnce(&Value) -> T) -> T {
        f(buffer.insert(Value::from(text)))
    }
}

/// A number of a value: Go's `int64` or `float64`.
#[derive(Clone, Copy)]
pub enum Number {
    /// From `--set`.
    Int(i64),
    /// From a values file.
    Float(f64),
}

impl Number {
    /// The exact integer, if it is one of 64 bits and a sign.
    fn integer(self) -> Option<i128> {
        match self {
            Self::Int(int) => Some(int.into()),
            // Go compares the shortest decimal that reads back as the double, which from 2^53 on may be
            // another integer than the double is.
            Self::Float(float) if float.fract() == 0.0 && float.abs() < 9_007_199_254_740_992.0 => {
                Some(float as i128)
            }
            Self::Float(float) if float.fract() == 0.0 && float.abs() < 1e20 => {
                json_float(float).parse().ok()
            }
            Self::Float(_) => None,
        }
    }
}

impl JsonNumber for Number {
    fn as_u64(&self) -> Option<u64> {
        self.integer().and_then(|int| int.try_into().ok())
    }

    fn as_i64(&self) -> Option<i64> {
        self.integer().and_then(|int| int.try_into().ok())
    }

    fn as_f64(&self) -> Option<f64> {
        match *self {
            Self::Int(int) => Some(int as f64),
            Self::Float(float) => Some(float),
        }
    }

    fn as_str(&self) -> Cow<'_, str> {
        match *self {
            Self::Int(int) => int.to_string().into(),
            Self::Float(float) if float.is_finite() => json_float(float).into(),
            Self::Float(_) => "0".into(),
        }
    }

    fn to_number(&self) -> Cow<'_, serde_json::Number> {
        Cow::Owned(match (self.as_i64(), self.as_u64()) {
            (Some(int), _) => int.into(),
            (_, Some(int)) => int.into(),
            // Values have no infinities: YAML's are refused on their way through JSON.
            _ => serde_json::Number::from_f64(self.as_f64().unwrap_or(0.0)).unwrap_or_else(|| 0.into()),
        })
    }

    fn is_integer(&self) -> bool {
        match *self {
            Self::Int(_) => true,
            Self::Float(float) => float.fract() == 0.0,
        }
    }

    fn is_written_as_integer(&self) -> bool {
        self.is_integer()
    }
}

impl<'a> Node<'a, Plain> for &'a Value {
    type Object = &'a Map;
    type Array = &'a [Value];
    type Number = Number;

    fn as_object(&self) -> Option<&'a Map> {
        if let Value::Map(map) = *self { Some(map) } else { None }
    }

    fn as_array(&self) -> Option<&'a [Value]> {
        if let Value::List(list) = *self { Some(list) } else { None }
    }

    fn as_string(&self) -> Option<Cow<'a, str>> {
        if let Value::String(text) = *self { Some(Cow::Borrowed(text)) } else { None }
    }

    fn as_number(&self) -> Option<Number> {
        match **self {
            Value::Int(int) => Some(Number::Int(int)),
            Value::Float(float) => Some(Number::Float(float)),
            _ => None,
        }
    }

    fn as_boolean(&self) -> Option<bool> {
        if let Value::Bool(bool) = **self { Some(bool) } else { None }
    }

    fn is_null(&self) -> bool {
        matches!(self, Value::Null)
    }

    fn is_number(&self) -> bool {
        matches!(self, Value::Int(_) | Value::Float(_))
    }

    fn json_type(&self) -> JsonType {
        match self {
            Value::Null => JsonType::Null,
            Value::Bool(_) => JsonType::Boolean,
            Value::Int(_) | Value::Float(_) => JsonType::Number,
            Value::String(_) => JsonType::String,
            Value::List(_) => JsonType::Array,
            Value::Map(_) => JsonType::Object,
        }
    }

    fn to_value(&self) -> Cow<'a, serde_json::Value> {
        Cow::Owned(to_json(self))
    }

    fn identity(&self) -> Option<NodeIdentity> {
        Some(NodeIdentity::new(std::ptr::from_ref::<Value>(self) as usize))
    }
}

/// The same value for serde.
pub fn to_json(value: &Value) -> serde_json::Value {
    use serde_json::Value as Json;
    match value {
        Value::Null => Json::Null,
        Value::Bool(bool) => Json::Bool(*bool),
        Value::Int(int) => Json::Number((*int).into()),
        Value::Float(float) => Json::Number(Number::Float(*float).to_number().into_owned()),
        Value::String(text) => Json::String(text.to_string()),
        Value::List(list) => Json::Array(list.iter().map(to_json).collect()),
        Value::Map(map) => {
            Json::Object(map.iter().map(|(key, value)| (key.to_string(), to_json(value))).collect())
        }
    }
}

/// Keys and values of a map.
pub struct Members<'a>(Box<dyn Iterator<Item = (&'a Arc<str>, &'a Value)> + 'a>);

impl<'a> Iterator for Members<'a> {
    type Item = (&'a str, &'a Value);

    fn next(&mut self) -> Option<Self::Item> {
        self.0.next().map(|(key, value)| (&**key, value))
    }
}

impl<'a> Object<'a, Plain> for &'a Map {
    type Node = &'a Value;
    type MemberName = &'a str;
    type MembersIter = Members<'a>;

    fn len(&self) -> usize {
        Map::len(self)
    }

    fn get(&self, key: &Box<str>) -> Option<&'a Value> {
        Map::get(self, key)
    }

    fn members(&self) -> Members<'a> {
        Members(Box::new(self.iter()))
    }
}

impl<'a> Array<'a, Plain> for &'a [Value] {
    type Node = &'a Value;
    type ElementsIter = std::slice::Iter<'a, Value>;

    fn len(&self) -> usize {
        <[Value]>::len(self)
    }

    fn elements(&self) -> std::slice::Iter<'a, Value> {
        (*self).iter()
    }
}
