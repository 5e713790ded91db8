//! Sprig's functions of lists (`list.go`).

use super::flow::is_empty;
use super::numbers::to_int64;
use super::reflection::{deep_equal, kind_name};
use super::strings::{bytes, strings_of};
use super::{Context, Function, MOST_BYTES, too_long};
use crate::template::types::Type;
use crate::template::value::{Kind, List, Value};
use bstr::ByteSlice;
use std::rc::Rc;

const ANY: Type = Type::Interface;

/// What Go says where a function asks nil for its kind.
pub const NIL_DEREFERENCE: &str = "runtime error: invalid memory address or nil pointer dereference";

/// Sprig's functions of lists.
pub const TABLE: &[Function] = &[
    Function::variadic("list", &[ANY], |_, a| Ok(Value::list(a.to_vec()))).shallow(),
    Function::variadic("tuple", &[ANY], |_, a| Ok(Value::list(a.to_vec()))).shallow(),
    Function::new("append", &[ANY, ANY], push).shallow(),
    Function::new("push", &[ANY, ANY], push).shallow(),
    Function::new("mustAppend", &[ANY, ANY], push).shallow(),
    Function::new("mustPush", &[ANY, ANY], push).shallow(),
    Function::new("prepend", &[ANY, ANY], prepend).shallow(),
    Function::new("mustPrepend", &[ANY, ANY], prepend).shallow(),
    Function::new("first", &[ANY], first).shallow(),
    Function::new("mustFirst", &[ANY], first).shallow(),
    Function::new("last", &[ANY], last).shallow(),
    Function::new("mustLast", &[ANY], last).shallow(),
    Function::new("rest", &[ANY], rest).shallow(),
    Function::new("mustRest", &[ANY], rest).shallow(),
    Function::new("initial", &[ANY], initial).shallow(),
    Function::new("mustInitial", &[ANY], initial).shallow(),
    Function::new("reverse", &[ANY], reverse).shallow(),
    Function::new("mustReverse", &[ANY], reverse).shallow(),
    Function::new("compact", &[ANY], compact).shallow(),
    Function::new("mustCompact", &[ANY], compact).shallow(),
    Function::new("uniq", &[ANY], uniq),
    Function::new("mustUniq", &[ANY], uniq),
    Function::variadic("without", &[ANY, ANY], without),
    Function::variadic("mustWithout", &[ANY, ANY], without),
    Function::new("has", &[ANY, ANY], has),
    Function::new("mustHas", &[ANY, ANY], has),
    Function::variadic("slice", &[ANY, ANY], slice).shallow(),
    Function::variadic("mustSlice", &[ANY, ANY], slice).shallow(),
    Function::new("chunk", &[Type::INT, ANY], chunk).shallow(),
    Function::new("mustChunk", &[Type::INT, ANY], chunk).shallow(),
    Function::variadic("concat", &[ANY], concat).shallow(),
    Function::new("join", &[Type::String, ANY], |_, a| {
        let texts = strings_of(&a[1])?;
        if texts.len().saturating_mul(bytes(&a[0]).len()) > MOST_BYTES {
            return Err(too_long());
        }
        Ok(bstr::join(bytes(&a[0]), texts.iter().map(|text| text.as_bytes())).into())
    }),
    Function::new("sortAlpha", &[ANY], |_, a| sort_alpha(&a[0])),
    Function::new("toStrings", &[ANY], |_, a| match text_list(&a[0]) {
        Some(list) => Ok(Kind::List(Rc::clone(list)).into()),
        None => Ok(Value::strings(strings_of(&a[0])?)),
    }),
];

/// The items of a list, or the error of a function that does `what` with lists only.
fn items(list: &Value, what: &str) -> Result<Vec<Value>, String> {
    match list.items() {
        Some(items) => Ok(items.into_owned()),
        None if list.is_nil() => Err(NIL_DEREFERENCE.to_owned()),
        None => Err(format!("Cannot {what} type {}", kind_name(list))),
    }
}

/// A `[]string`, which Sprig hands on as it is where it makes one of anything else.
fn text_list(value: &Value) -> Option<&Rc<List>> {
    match &value.kind {
        Kind::List(list) if list.of == Type::STRINGS => Some(list),
        _ => None,
    }
}

/// Whoever holds a list of texts sees it sorted from now on.
fn sort_alpha(value: &Value) -> Result<Value, String> {
    if let Some(list) = text_list(value) {
        list.sort();
        return Ok(Kind::List(Rc::clone(list)).into());
    }
    let mut texts = strings_of(value)?;
    if value.is_nil() {
        texts.push("<nil>".into());
    }
    texts.sort();
    Ok(Value::strings(texts))
}

/// Go's nil `[]interface {}`.
fn nil_list() -> Value {
    Kind::List(Rc::new(List::nil(Type::LIST))).into()
}

fn push(_: &mut Context, a: &[Value]) -> Result<Value, String> {
    let mut list = items(&a[0], "push on")?;
    list.push(a[1].clone());
    Ok(Value::list(list))
}

fn prepend(_: &mut Context, a: &[Value]) -> Result<Value, String> {
    let mut list = items(&a[0], "prepend on")?;
    list.insert(0, a[1].clone());
    Ok(Value::list(list))
}

fn first(_: &mut Context, a: &[Value]) -> Result<Value, String> {
    Ok(items(&a[0], "find first on")?.first().cloned().unwrap_or_default())
}

fn last(_: &mut Context, a: &[Value]) -> Result<Value, String> {
    Ok(items(&a[0], "find last on")?.pop().unwrap_or_default())
}

fn rest(_: &mut Context, a: &[Value]) -> Result<Value, String> {
    let list = items(&a[0], "find rest on")?;
    Ok(list.split_first().map_or_else(nil_list, |(_, rest)| Value::list(rest.to_vec())))
}

fn initial(_: &mut Context, a: &[Value]) -> Result<Value, String> {
    let list = items(&a[0], "find initial on")?;
    Ok(list.split_last().map_or_else(nil_list, |(_, initial)| Value::list(initial.to_vec())))
}

fn reverse(_: &mut Context, a: &[Value]) -> Result<Value, String> {
    let mut list = items(&a[0], "find reverse on")?;
    list.reverse();
    Ok(Value::list(list))
}

fn compact(_: &mut Context, a: &[Value]) -> Result<Value, String> {
    let mut list = items(&a[0], "compact on")?;
    list.retain(|item| !is_empty(item));
    Ok(Value::list(list))
}

fn contains(list: &[Value], wanted: &Value) -> Result<bool, String> {
    for item in list {
        if deep_equal(wanted, item)? {
            return Ok(true);
        }
    }
    Ok(false)
}

fn uniq(_: &mut Context, a: &[Value]) -> Result<Value, String> {
    let mut kept: Vec<Value> = Vec::new();
    for item in items(&a[0], "find uniq on")? {
        if !contains(&kept, &item)? {
            kept.push(item);
        }
    }
    Ok(Value::list(kept))
}

fn without(_: &mut Context, a: &[Value]) -> Result<Value, String> {
    let mut kept = Vec::new();
    for item in items(&a[0], "find without on")? {
        if !contains(&a[1..], &item)? {
            kept.push(item);
        }
    }
    Ok(Value::list(kept))
}

fn has(_: &mut Context, a: &[Value]) -> Result<Value, String> {
    if a[1].is_nil() {
        return Ok(false.into());
    }
    Ok(contains(&items(&a[1], "find has on")?, &a[0])?.into())
}

/// Go's slices can be cut up to their capacity; ours end at their length, which differs only for
/// lists that Go made bigger than asked.
fn slice(_: &mut Context, a: &[Value]) -> Result<Value, String> {
    let Some(list) = a[0].items() else {
        return Err(if a[0].is_nil() {
            NIL_DEREFERENCE.to_owned()
        } else {
            format!("list should be type of slice or array but {}", kind_name(&a[0]))
        });
    };
    if list.is_empty() {
        return Ok(Value::NIL);
    }
    let start = a.get(1).map_or(0, to_int64);
    let end = a.get(2).map_or(list.len() as i64, to_int64);
    if start < 0 || end < start || end > list.len() as i64 {
        return Err("reflect.Value.Slice: slice index out of bounds".to_owned());
    }
    let range = start as usize..end as usize;
    Ok(match &a[0].kind {
        Kind::Bytes(bytes) => Kind::Bytes(bytes[range].into()).into(),
        Kind::List(of) => Kind::List(Rc::new(List::new(of.of, list[range].to_vec()))).into(),
        _ => Value::list(list[range].to_vec()),
    })
}

fn chunk(_: &mut Context, a: &[Value]) -> Result<Value, String> {
    let list = items(&a[1], "chunk")?;
    let (size, length) = (a[0].integer(), list.len() as i64);
    let out_of_range = || Err("runtime error: makeslice: len out of range".to_owned());
    // Sprig counts in floats: nothing by zero is an infinity or no number, and neither fits.
    if size == 0 {
        return out_of_range();
    }
    let count = floor_divide(length - 1, size) + 1;
    if count == 0 {
        return Ok(chunks(Vec::new()));
    }
    if size > 0 {
        return Ok(chunks(list.chunks(size as usize).map(|chunk| Value::list(chunk.to_vec())).collect()));
    }
    // A size below zero is of use for one item alone: it is the rest of the division.
    if count == 1 && length % size > 0 {
        return Ok(chunks(vec![Value::list(list)]));
    }
    out_of_range()
}

fn floor_divide(number: i64, by: i64) -> i64 {
    let quotient = number.wrapping_div(by);
    if number % by != 0 && (number < 0) != (by < 0) { quotient - 1 } else { quotient }
}

/// `[][]interface {}`.
fn chunks(lists: Vec<Value>) -> Value {
    Kind::List(Rc::new(List::new(Type::Slice(&Type::LIST), lists))).into()
}

fn concat(_: &mut Context, a: &[Value]) -> Result<Value, String> {
    let mut all = Vec::new();
    for list in a {
        match list.items() {
            Some(items) => all.extend(items.iter().cloned()),
            None if list.is_nil() => return Err(NIL_DEREFERENCE.to_owned()),
            None => return Err(format!("Cannot concat type {} as list", kind_name(list))),
        }
    }
    Ok(if all.is_empty() { nil_list() } else { Value::list(all) })
}
