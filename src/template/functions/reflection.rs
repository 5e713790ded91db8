//! Types, kinds and equality of values (Sprig's `reflect.go`, Go's `reflect.DeepEqual`).

use super::{Function, TOO_DEEP};
use crate::template::types::Type;
use crate::template::value::{Kind, Value};
use std::rc::Rc;

const ANY: Type = Type::Interface;
const STRING: Type = Type::String;

/// Sprig's functions of types.
pub const TABLE: &[Function] = &[
    Function::new("typeOf", &[ANY], |_, a| Ok(a[0].type_name().into())).shallow(),
    Function::new("typeIs", &[STRING, ANY], |_, a| Ok((a[1].type_name() == a[0].text()).into())).shallow(),
    Function::new("typeIsLike", &[STRING, ANY], |_, a| {
        let name = a[1].type_name();
        let wanted = a[0].text();
        Ok((name == wanted || name.strip_prefix('*') == Some(&wanted)).into())
    })
    .shallow(),
    Function::new("kindOf", &[ANY], |_, a| Ok(kind_name(&a[0]).into())).shallow(),
    Function::new("kindIs", &[STRING, ANY], |_, a| Ok((kind_name(&a[1]) == a[0].text()).into())).shallow(),
    Function::new("deepEqual", &[ANY, ANY], |_, a| Ok(deep_equal(&a[0], &a[1])?.into())),
];

/// The name of the kind; `invalid` for nil.
pub fn kind_name(value: &Value) -> &'static str {
    value.type_of().map_or("invalid", Type::kind_name)
}

/// `reflect.DeepEqual`: of the same types, nil only like nil. Fails for values that nest too deeply.
pub fn deep_equal(one: &Value, other: &Value) -> Result<bool, String> {
    equal(one, other, super::MOST_LEVELS)
}

fn equal(one: &Value, other: &Value, levels: usize) -> Result<bool, String> {
    let Some(levels) = levels.checked_sub(1) else { return Err(TOO_DEEP.to_owned()) };
    let all_equal = |ones: &[Value], others: &[Value]| -> Result<bool, String> {
        if ones.len() != others.len() {
            return Ok(false);
        }
        for (one, other) in ones.iter().zip(others) {
            if !equal(one, other, levels)? {
                return Ok(false);
            }
        }
        Ok(true)
    };
    Ok(match (&one.kind, &other.kind) {
        (Kind::Nil, Kind::Nil) => true,
        (Kind::Bool(one), Kind::Bool(other)) => one == other,
        (Kind::Int(one, a), Kind::Int(other, b)) => a == b && one == other,
        (Kind::Uint(one, a), Kind::Uint(other, b)) => a == b && one == other,
        (Kind::Float(one), Kind::Float(other)) => one == other,
        (Kind::Complex(a, b), Kind::Complex(c, d)) => a == c && b == d,
        (Kind::String(one), Kind::String(other)) => one == other,
        (Kind::Bytes(one), Kind::Bytes(other)) => one == other,
        (Kind::Time(one), Kind::Time(other)) => one == other,
        (Kind::List(one), Kind::List(other)) => {
            one.of == other.of && one.nil == other.nil && (Rc::ptr_eq(one, other) || all_equal(one, other)?)
        }
        (Kind::Map(one), Kind::Map(other)) => {
            if one.of != other.of || one.nil != other.nil || one.len() != other.len() {
                return Ok(false);
            }
            if Rc::ptr_eq(one, other) {
                return Ok(true);
            }
            let (ones, others) = (one.snapshot(), other.snapshot());
            let keys_equal = ones.iter().zip(&others).all(|(one, other)| one.0 == other.0);
            let values =
                |entries: Vec<(_, Value)>| entries.into_iter().map(|(_, value)| value).collect::<Vec<_>>();
            keys_equal && all_equal(&values(ones), &values(others))?
        }
        (Kind::Struct(one), Kind::Struct(other)) => {
            one.of == other.of && one.pointer == other.pointer && all_equal(&one.fields, &other.fields)?
        }
        _ => false,
    })
}
