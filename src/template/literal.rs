//! Literals where a value of a type is wanted: Go's ideal constants.

use super::code::Constant;
use super::tree::{Id, Kind, Source};
use super::types::{Signed, Type};

/// The literal `node` as a value of type `of`. Fails with Go's words; nodes that are no literals are
/// not asked.
pub fn literal(source: &Source, node: Id, of: Type) -> Result<Constant, String> {
    let kind = &source.node(node).kind;
    if let Kind::Nil = kind {
        let can_be = of.can_be_nil();
        return can_be.then_some(Constant::Zero(of)).ok_or_else(|| format!("cannot assign nil to {of}"));
    }
    let found = |what: &str| Err(format!("expected {what}; found {}", source.print(node)));
    let number = if let Kind::Number(number) = kind { Some(number) } else { None };
    match (of, kind) {
        (Type::Interface | Type::Reflect, _) => ideal(source, node),
        (Type::Bool, Kind::Bool(bool)) => Ok(Constant::Bool(*bool)),
        (Type::Bool, _) => found("bool"),
        (Type::String, Kind::String { text, .. }) => Ok(Constant::String(text.clone())),
        (Type::String, _) => found("string"),
        (Type::Int(of), _) => number
            .and_then(|number| number.int)
            .map_or_else(|| found("integer"), |int| Ok(Constant::Int(int, of))),
        (Type::Uint(of), _) => number
            .and_then(|number| number.uint)
            .map_or_else(|| found("unsigned integer"), |uint| Ok(Constant::Uint(uint, of))),
        (Type::Float64, _) => number
            .and_then(|number| number.float)
            .map_or_else(|| found("float"), |float| Ok(Constant::Float(float))),
        _ => Err(format!("can't handle {} for arg of type {of}", source.print(node))),
    }
}

/// The literal `node` where any type will do: its spelling decides.
pub fn ideal(source: &Source, node: Id) -> Result<Constant, String> {
    match &source.node(node).kind {
        Kind::Bool(bool) => Ok(Constant::Bool(*bool)),
        Kind::String { text, .. } => Ok(Constant::String(text.clone())),
        Kind::Number(number) => {
            let text = &*number.text;
            let is_hexadecimal = text.len() > 2
                && text.starts_with('0')
                && text[1..].starts_with(['x', 'X'])
                && !text.contains(['p', 'P']);
            let is_float =
                !is_hexadecimal && !text.starts_with('\'') && text.contains(['.', 'e', 'E', 'p', 'P']);
            match (number.complex, number.float.filter(|_| is_float), number.int) {
                (Some((real, imaginary)), ..) => Ok(Constant::Complex(real, imaginary)),
                (_, Some(float), _) => Ok(Constant::Float(float)),
                (_, _, Some(int)) => Ok(Constant::Int(int, Signed::Int)),
                _ => Err(format!("{text} overflows int")),
            }
        }
        _ => Err(format!("can't handle assignment of {} to empty interface argument", source.print(node))),
    }
}
