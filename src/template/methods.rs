//! Methods that values have in templates.

use super::functions::Function;
use super::helm::methods as helm;
use super::types::Type;
use super::value::{Kind, Value};

/// The method of that name, if the type of the value has one. Methods are called with the receiver as
/// the first argument, which their signature does not name.
pub fn method(value: &Value, name: &str) -> Option<&'static Function> {
    let methods: &'static [Function] = match &value.kind {
        Kind::Struct(value) => value.of.methods,
        Kind::Map(map) => match map.of {
            Type::Files => helm::FILES,
            Type::Values(_) => helm::VALUES,
            _ => &[],
        },
        Kind::List(list) => helm::methods_of(list),
        _ => &[],
    };
    methods.iter().find(|method| method.name == name)
}
