//! Sprig's functions of defaults and choice (`defaults.go`).

use super::Function;
use crate::template::types::Type;
use crate::template::value::{Kind, Value};

const ANY: Type = Type::Interface;

/// Sprig's functions of defaults and choice.
pub const TABLE: &[Function] = &[
    Function::variadic("default", &[ANY, ANY], |_, a| {
        Ok(a.get(1).filter(|given| !is_empty(given)).unwrap_or(&a[0]).clone())
    })
    .shallow(),
    Function::new("empty", &[ANY], |_, a| Ok(is_empty(&a[0]).into())).shallow(),
    Function::variadic("coalesce", &[ANY], |_, a| {
        Ok(a.iter().find(|value| !is_empty(value)).cloned().unwrap_or_default())
    })
    .shallow(),
    Function::variadic("all", &[ANY], |_, a| Ok(a.iter().all(|value| !is_empty(value)).into())).shallow(),
    Function::variadic("any", &[ANY], |_, a| Ok(a.iter().any(|value| !is_empty(value)).into())).shallow(),
    Function::new("ternary", &[ANY, ANY, Type::Bool], |_, a| {
        Ok(if matches!(a[2].kind, Kind::Bool(true)) { a[0].clone() } else { a[1].clone() })
    })
    .shallow(),
    Function::new("hello", &[], |_, _| Ok("Hello!".into())),
];

/// Sprig's `empty`: nil, zero, false, and what has no length. Structs never are.
pub fn is_empty(value: &Value) -> bool {
    !value.truth()
}
