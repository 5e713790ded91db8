//! Helm's functions of TOML.

use super::Function;
use super::json::with_error;
use super::strings::bytes;
use super::toml_read::read_toml;
use super::toml_write::{Failure, write_toml};
use crate::template::types::Type;
use crate::template::value::Value;

const ANY: Type = Type::Interface;

/// Helm's functions of TOML.
pub const TABLE: &[Function] = &[
    Function::new("toToml", &[ANY], |context, a| {
        match write_toml(&a[0], context.profile.helm.writes_toml_exponents()) {
            Ok(text) => Ok(text.into()),
            Err(Failure::Error(error)) => Ok(error.into()),
            Err(Failure::Panic(error)) => Err(error),
        }
    }),
    Function::new("fromToml", &[Type::String], |context, a| {
        match read_toml(bytes(&a[0]), context.profile.helm) {
            Ok(map) => Ok(map),
            Err(error) => with_error(Value::map::<&str>([]), Some(error)),
        }
    }),
];

/// The function that Helm 4 adds.
pub const MUST: &[Function] = &[Function::new("mustToToml", &[ANY], |context, a| {
    match write_toml(&a[0], context.profile.helm.writes_toml_exponents()) {
        Ok(text) => Ok(Value::from(text)),
        Err(Failure::Error(error)) => Err(error.to_owned()),
        Err(Failure::Panic(error)) => Err(error),
    }
})];
