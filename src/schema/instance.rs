//! Plain values, as the validating crate reads them.

use crate::value::{Value, json_float};
use serde_json::{Number, Value as Json};

/// The same value for serde.
pub fn to_json(value: &Value) -> Json {
    match value {
        Value::Null => Json::Null,
        Value::Bool(bool) => Json::Bool(*bool),
        Value::Int(int) => Json::Number((*int).into()),
        Value::Float(float) => Json::Number(number(*float)),
        Value::String(text) => Json::String(text.to_string()),
        Value::List(list) => Json::Array(list.iter().map(to_json).collect()),
        Value::Map(map) => {
            let mut object = serde_json::Map::new();
            for (key, value) in map.iter() {
                object.insert(key.to_string(), to_json(value));
            }
            Json::Object(object)
        }
    }
}

/// Go compares the shortest decimal that reads back as the double; where that is whole and fits 64 bits,
/// it is an integer here. From 2^53 on it may be another than the double is.
fn number(float: f64) -> Number {
    if float.fract() != 0.0 || float.abs() >= 18_446_744_073_709_551_616.0 {
        // Values have no infinities: YAML's are refused on their way through JSON.
        return Number::from_f64(float).unwrap_or_else(|| 0.into());
    }
    if float.abs() < 9_007_199_254_740_992.0 {
        return (float as i64).into();
    }
    let text = json_float(float);
    let whole = text.parse().map(i64::into).or_else(|_| text.parse().map(u64::into));
    whole.unwrap_or_else(|_| Number::from_f64(float).unwrap_or_else(|| 0.into()))
}

/// A number as Go's JSON writes it.
pub fn written(number: &Number) -> String {
    match number.as_f64() {
        Some(float) if number.is_f64() => json_float(float),
        _ => number.to_string(),
    }
}
