//! Go's own functions (package `text/template`, its funcs.go).

use super::operand::Operand;
use super::print::{display, sprint, sprintf, sprintln};
use super::quote::{first_character, is_printable};
use super::types::Type;
use super::value::{Kind, List, Str, Value};
use std::cmp::Ordering;
use std::fmt::Write as _;
use std::rc::Rc;

/// One of Go's own functions. Unlike others they see operands as Go's `reflect` holds them.
#[derive(Debug)]
pub struct Builtin {
    /// The name.
    pub name: &'static str,
    /// The types of the parameters.
    pub parameters: &'static [Type],
    /// Whether the last one may be given any number of times.
    pub variadic: bool,
    /// What it does. `and` and `or` are not called: the executor evaluates them.
    pub body: fn(&[Operand]) -> Answer,
}

type Answer = Result<Value, String>;

const ANY: &[Type] = &[Type::Interface];
const ONE: &[Type] = &[Type::Reflect];
const TWO: &[Type] = &[Type::Reflect, Type::Reflect];

const fn fixed(name: &'static str, parameters: &'static [Type], body: fn(&[Operand]) -> Answer) -> Builtin {
    Builtin { name, parameters, variadic: false, body }
}

const fn variadic(
    name: &'static str,
    parameters: &'static [Type],
    body: fn(&[Operand]) -> Answer,
) -> Builtin {
    Builtin { name, parameters, variadic: true, body }
}

/// All of them.
pub static TABLE: &[Builtin] = &[
    variadic("and", TWO, |_| Ok(Value::NIL)),
    variadic("or", TWO, |_| Ok(Value::NIL)),
    variadic("call", TWO, |a| call(&a[0])),
    variadic("html", ANY, |a| Ok(html(&texts(a)?).into())),
    variadic("index", TWO, |a| index(&a[0], &a[1..])),
    variadic("js", ANY, |a| Ok(js(&texts(a)?).into())),
    fixed("len", ONE, |a| length(&a[0])),
    fixed("not", ONE, |a| Ok((!a[0].value.truth()).into())),
    variadic("print", ANY, |a| Ok(Str::from(sprint(&values(a))?).into())),
    variadic("printf", &[Type::String, Type::Interface], |a| {
        let format = a[0].value.as_string().map_or(&b""[..], |format| format);
        Ok(Str::from(sprintf(format, &values(&a[1..]))?).into())
    }),
    variadic("println", ANY, |a| Ok(Str::from(sprintln(&values(a))?).into())),
    variadic("slice", TWO, |a| slice(&a[0], &a[1..])),
    variadic("urlquery", ANY, |a| Ok(url_query(&texts(a)?).into())),
    variadic("eq", TWO, |a| Ok(equal(&a[0].value, &a[1..])?.into())),
    fixed("ne", TWO, |a| Ok((!equal(&a[0].value, &a[1..])?).into())),
    fixed("lt", TWO, |a| Ok(less(&a[0].value, &a[1].value)?.into())),
    fixed("le", TWO, |a| Ok(less_or_equal(a)?.into())),
    fixed("gt", TWO, |a| Ok((!less_or_equal(a)?).into())),
    fixed("ge", TWO, |a| Ok((!less(&a[0].value, &a[1].value)?).into())),
];

fn values(operands: &[Operand]) -> Vec<Value> {
    operands.iter().map(|operand| operand.value.clone()).collect()
}

/// The arguments printed as an action prints them.
fn texts(operands: &[Operand]) -> Result<Vec<u8>, String> {
    if let [Operand { value: Value { kind: Kind::String(text), .. }, .. }] = operands {
        return Ok(text.to_vec());
    }
    let printable = |operand: &Operand| {
        if operand.value.is_nil() { Value::from("<no value>") } else { operand.value.clone() }
    };
    sprint(&operands.iter().map(printable).collect::<Vec<_>>())
}

/// There are no functions among the values of templates, so this always fails.
fn call(function: &Operand) -> Answer {
    // The executor puts the name before the error, see `Executor::call_builtin`.
    Err(match function.value.type_of() {
        None => "call of nil".to_owned(),
        Some(of) => format!("non-function {CALLED} of type {of}"),
    })
}

/// Stands for the text of the called expression, which only the executor knows.
pub const CALLED: &str = "\u{0}called\u{0}";

/// An index into something of `length` items.
fn position(index: &Operand, length: usize) -> Result<usize, String> {
    let (number, negative) = match index.value.kind {
        Kind::Int(number, _) => (usize::try_from(number).ok(), number < 0),
        Kind::Uint(number, _) => (usize::try_from(number).ok(), false),
        Kind::Nil => return Err("cannot index slice/array with nil".to_owned()),
        _ => return Err(format!("cannot index slice/array with type {}", index.value.type_name())),
    };
    let in_range = number.filter(|&number| number <= length && !negative);
    in_range.ok_or_else(|| {
        let number = display(&index.value).unwrap_or_default();
        format!("index out of range: {}", String::from_utf8_lossy(&number))
    })
}

fn index(item: &Operand, indexes: &[Operand]) -> Answer {
    let mut item = item.value.clone();
    if item.is_nil() {
        return Err("index of untyped nil".to_owned());
    }
    for index in indexes {
        item = match &item.kind {
            Kind::Nil => return Err("index of nil pointer".to_owned()),
            Kind::String(text) => {
                let byte = text.get(position(index, text.len())?).copied();
                Value::uint8(byte.ok_or("reflect: string index out of range")?)
            }
            Kind::Bytes(bytes) => {
                let byte = bytes.get(position(index, bytes.len())?).copied();
                Value::uint8(byte.ok_or(OUT_OF_RANGE)?)
            }
            Kind::List(list) => {
                let at = position(index, list.len())?;
                list.get(at).cloned().ok_or(OUT_OF_RANGE)?
            }
            Kind::Map(map) => {
                let key = match &index.value.kind {
                    Kind::String(key) => key,
                    Kind::Nil => return Err("value is nil; should be of type string".to_owned()),
                    _ => return Err(format!("value has type {}; should be string", index.value.type_name())),
                };
                map.get(&**key).unwrap_or_else(|| Value::zero(map.of.element()))
            }
            _ => return Err(format!("can't index item of type {}", pointed_type(&item))),
        };
    }
    Ok(item)
}

/// What `reflect` panics with where the check let the length itself pass.
const OUT_OF_RANGE: &str = "reflect: slice index out of range";

fn pointed_type(value: &Value) -> String {
    value.type_name().trim_start_matches('*').to_owned()
}

fn slice(item: &Operand, indexes: &[Operand]) -> Answer {
    let item = &item.value;
    let length = match &item.kind {
        Kind::Nil => return Err("slice of untyped nil".to_owned()),
        _ if indexes.len() > 3 => return Err(format!("too many slice indexes: {}", indexes.len())),
        Kind::String(_) if indexes.len() == 3 => return Err("cannot 3-index slice a string".to_owned()),
        Kind::String(text) => text.len(),
        Kind::Bytes(bytes) => bytes.len(),
        Kind::List(list) => list.len(),
        _ => return Err(format!("can't slice item of type {}", pointed_type(item))),
    };
    let mut bounds = [0, length, length];
    for (bound, index) in bounds.iter_mut().zip(indexes) {
        *bound = position(index, length)?;
    }
    let [start, end, capacity] = bounds;
    if start > end {
        return Err(format!("invalid slice index: {start} > {end}"));
    }
    if end > capacity {
        return Err(format!("invalid slice index: {end} > {capacity}"));
    }
    Ok(match &item.kind {
        Kind::String(text) => Str::from(&text[start..end]).into(),
        Kind::Bytes(bytes) => Kind::Bytes(bytes[start..end].into()).into(),
        Kind::List(list) => Kind::List(Rc::new(List::new(list.of, list[start..end].to_vec()))).into(),
        _ => Value::NIL,
    })
}

fn length(item: &Operand) -> Answer {
    let length = match &item.value.kind {
        Kind::Nil if item.in_interface => return Err("len of nil pointer".to_owned()),
        Kind::Nil => return Err("reflect: call of reflect.Value.Type on zero Value".to_owned()),
        Kind::String(text) => text.len(),
        Kind::Bytes(bytes) => bytes.len(),
        Kind::List(list) => list.len(),
        Kind::Map(map) => map.len(),
        _ => return Err(format!("len of type {}", pointed_type(&item.value))),
    };
    Ok(Value::int(length as i64))
}

// Comparison.

/// What two values are compared as.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Basic {
    Bool,
    Complex,
    Int,
    Float,
    String,
    Uint,
    /// Nothing that has an order.
    None,
}

fn basic(value: &Value) -> Basic {
    match value.kind {
        Kind::Bool(_) => Basic::Bool,
        Kind::Complex(..) => Basic::Complex,
        Kind::Int(..) => Basic::Int,
        Kind::Float(_) => Basic::Float,
        Kind::String(_) => Basic::String,
        Kind::Uint(..) => Basic::Uint,
        _ => Basic::None,
    }
}

fn incompatible(one: &Value, other: &Value) -> String {
    format!("incompatible types for comparison: {} and {}", one.type_name(), other.type_name())
}

fn is_nil(value: &Value) -> bool {
    match &value.kind {
        Kind::Nil => true,
        Kind::List(list) => list.nil,
        Kind::Map(map) => map.nil,
        _ => false,
    }
}

/// Whether `one` equals any of the others.
fn equal(one: &Value, others: &[Operand]) -> Result<bool, String> {
    if others.is_empty() {
        return Err("missing argument for comparison".to_owned());
    }
    for other in others {
        let other = &other.value;
        let are_equal = match (&one.kind, &other.kind) {
            (Kind::Int(int, _), Kind::Uint(uint, _)) | (Kind::Uint(uint, _), Kind::Int(int, _)) => {
                u64::try_from(*int) == Ok(*uint)
            }
            _ if basic(one) != basic(other) => {
                if !one.is_nil() && !other.is_nil() {
                    return Err(incompatible(one, other));
                }
                false
            }
            (Kind::Complex(a, b), Kind::Complex(c, d)) => a == c && b == d,
            _ if basic(one) != Basic::None => order(one, other) == Some(Ordering::Equal),
            _ => equal_containers(one, other)?,
        };
        if are_equal {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Values without an order are equal when both are nil; others that Go can't compare are an error.
fn equal_containers(one: &Value, other: &Value) -> Result<bool, String> {
    let kind = |value: &Value| value.type_of().map(Type::kind_name);
    if !one.is_nil() && !other.is_nil() && kind(one) != kind(other) {
        let mut text = sprintf(b"non-comparable types %s: ", std::slice::from_ref(one))?;
        let _ = write!(LossyText(&mut text), "{}, {}: ", one.type_name(), other.type_name());
        text.extend(display(other)?);
        return Err(String::from_utf8_lossy(&text).into_owned());
    }
    if is_nil(one) || is_nil(other) {
        return Ok(is_nil(one) == is_nil(other));
    }
    match (&one.kind, &other.kind) {
        (Kind::Time(a), Kind::Time(b)) => Ok(a == b),
        (Kind::Struct(a), Kind::Struct(b)) if a.pointer => Ok(b.pointer && Rc::ptr_eq(a, b)),
        _ => {
            let mut text = sprintf(b"non-comparable type %s: ", std::slice::from_ref(other))?;
            text.extend(other.type_name().bytes());
            Err(String::from_utf8_lossy(&text).into_owned())
        }
    }
}

struct LossyText<'a>(&'a mut Vec<u8>);

impl std::fmt::Write for LossyText<'_> {
    fn write_str(&mut self, text: &str) -> std::fmt::Result {
        self.0.extend_from_slice(text.as_bytes());
        Ok(())
    }
}

/// The order of two values of one basic kind; `None` for what has none, as NaN.
fn order(one: &Value, other: &Value) -> Option<Ordering> {
    match (&one.kind, &other.kind) {
        (Kind::Bool(a), Kind::Bool(b)) => Some(a.cmp(b)),
        (Kind::Int(a, _), Kind::Int(b, _)) => Some(a.cmp(b)),
        (Kind::Uint(a, _), Kind::Uint(b, _)) => Some(a.cmp(b)),
        (Kind::Float(a), Kind::Float(b)) => a.partial_cmp(b),
        (Kind::String(a), Kind::String(b)) => Some(a.cmp(b)),
        _ => None,
    }
}

fn less(one: &Value, other: &Value) -> Result<bool, String> {
    let invalid = || Err("invalid type for comparison".to_owned());
    match (&one.kind, &other.kind) {
        (Kind::Int(int, _), Kind::Uint(uint, _)) => Ok(u64::try_from(*int).map_or(true, |int| int < *uint)),
        (Kind::Uint(uint, _), Kind::Int(int, _)) => Ok(u64::try_from(*int).is_ok_and(|int| *uint < int)),
        _ => match (basic(one), basic(other)) {
            (Basic::None, _) | (_, Basic::None) => invalid(),
            (a, b) if a != b => Err(incompatible(one, other)),
            (Basic::Bool | Basic::Complex, _) => invalid(),
            _ => Ok(order(one, other) == Some(Ordering::Less)),
        },
    }
}

fn less_or_equal(operands: &[Operand]) -> Result<bool, String> {
    Ok(less(&operands[0].value, &operands[1].value)? || equal(&operands[0].value, &operands[1..])?)
}

// Escaping.

fn html(text: &[u8]) -> Str {
    let mut escaped = Vec::with_capacity(text.len());
    for &byte in text {
        match byte {
            0 => escaped.extend("\u{fffd}".bytes()),
            b'"' => escaped.extend(b"&#34;"),
            b'\'' => escaped.extend(b"&#39;"),
            b'&' => escaped.extend(b"&amp;"),
            b'<' => escaped.extend(b"&lt;"),
            b'>' => escaped.extend(b"&gt;"),
            _ => escaped.push(byte),
        }
    }
    escaped.into()
}

fn js(mut text: &[u8]) -> Str {
    let mut escaped = Vec::with_capacity(text.len());
    while let Some((char, length)) = first_character(text) {
        let bytes = &text[..length];
        text = &text[length..];
        let code = char.map_or(0xfffd, u32::from);
        match char {
            Ok('\\' | '\'' | '"') => escaped.extend([b'\\', bytes[0]]),
            Ok('<' | '>' | '&' | '=' | '\0'..'\u{20}') => escaped.extend(format!("\\u{code:04X}").bytes()),
            Ok(char) if char.is_ascii() || is_printable(char) => escaped.extend(bytes),
            // Go calls the replacement character printable and copies the byte as it is.
            Err(_) => escaped.extend(bytes),
            Ok(_) => escaped.extend(format!("\\u{code:04X}").bytes()),
        }
    }
    escaped.into()
}

/// Go's `url.QueryEscape`.
fn url_query(text: &[u8]) -> String {
    let mut escaped = String::with_capacity(text.len());
    for &byte in text {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => escaped.push(byte.into()),
            b' ' => escaped.push('+'),
            _ => {
                let _ = write!(escaped, "%{byte:02X}");
            }
        }
    }
    escaped
}
