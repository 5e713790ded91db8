//! Helm's functions of YAML, and Argo CD's, which fail where Helm's don't.

use super::Function;
use super::json::with_error;
use crate::source::File;
use crate::template::types::Type;
use crate::template::value::Value;
use crate::yaml::{Target, unmarshal, write, write_pretty};

const ANY: Type = Type::Interface;
const STRING: Type = Type::String;

/// Helm's functions of YAML.
pub const TABLE: &[Function] = &[
    Function::new("toYaml", &[ANY], |_, a| Ok(to_yaml(&a[0]).unwrap_or_default().into())),
    Function::new("toYamlPretty", &[ANY], |_, a| {
        Ok(a[0].to_plain().map(|value| write_pretty(&value)).unwrap_or_default().into())
    }),
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
    Ok(write(&value.to_plain()?))
}

/// `yaml.Unmarshal` into an empty map or list, which `null` leaves as it is.
fn from_yaml(text: &Value, target: Target) -> Result<Value, String> {
    let file = File::generated("<fromYaml>", text.text().as_ref(), None);
    let document = unmarshal(&file, target).map_err(|error| error.to_string())?;
    let value = Value::from(&document.root.to_value());
    Ok(match (value.is_nil(), target) {
        (true, Target::List) => Value::list(Vec::new()),
        (true, _) => Value::map::<&str>([]),
        _ => value,
    })
}
