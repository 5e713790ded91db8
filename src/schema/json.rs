//! Schemas as JSON: read as Go's `encoding/json` reads them, and numbers as Go's libraries compare them.
//!
//! A schema is read here and not by the YAML reader: Helm reads it as strict JSON, and Go's libraries tell
//! `2` from `2.0` in some keywords.

use crate::json::{self, Broken, Fault};
pub use crate::json::{Kind, Node};

/// Deeper texts are refused, so that no later step can run out of stack (WebAssembly has 1 MB).
pub const DEEPEST: usize = 96;

/// Reads one JSON value, as Go's `json.Decoder` does. What follows it is an error unless `trailing` allows it
/// (the decoder stops after the first value).
pub fn read(text: &str, trailing: bool) -> Result<Node, Broken> {
    let read = json::read_first(text, DEEPEST).map_err(|broken| match broken.fault {
        Fault::Depth => Broken { message: format!("nested deeper than {DEEPEST} levels"), ..broken },
        _ => broken,
    })?;
    if !trailing && read.end < text.len() {
        let message = "invalid character after top-level value".to_owned();
        return Err(Broken { fault: Fault::Byte, message, offset: read.end });
    }
    Ok(read.root)
}

/// The same number, written as an integer where it is one.
pub fn whole(number: &serde_json::Number) -> serde_json::Value {
    match number.as_f64() {
        Some(double) if number.is_f64() && double.fract() == 0.0 && double.abs() < 9.2e18 => {
            serde_json::Value::from(double as i64)
        }
        _ => serde_json::Value::Number(number.clone()),
    }
}

/// Compact JSON with sorted keys and every number a double: what gojsonschema compares.
pub fn through_doubles(node: &Node) -> String {
    fn doubles(json: &mut serde_json::Value) {
        match json {
            serde_json::Value::Number(number) => {
                *json =
                    whole(&serde_json::Number::from_f64(number.as_f64().unwrap_or(0.0)).unwrap_or(0.into()));
            }
            serde_json::Value::Array(items) => items.iter_mut().for_each(doubles),
            serde_json::Value::Object(map) => map.values_mut().for_each(doubles),
            _ => {}
        }
    }
    let mut json = node.to_json();
    doubles(&mut json);
    json.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> String {
        read(text, false).map_or_else(|broken| broken.message, |node| node.to_string())
    }

    #[test]
    fn what_follows_the_first_value_may_be_allowed() {
        assert_eq!(words("// c\n{}"), "invalid character '/' looking for beginning of value");
        assert_eq!(words("{} x"), "invalid character after top-level value");
        assert_eq!(read("{} x", true).map(|node| node.to_string()), Ok("{}".to_owned()));
        assert_eq!(words(&"[".repeat(100_000)), format!("nested deeper than {DEEPEST} levels"));
    }
}
