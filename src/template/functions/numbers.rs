//! Conversion to numbers (spf13/cast v1.7) and arithmetic (Sprig's `numeric.go`).

use super::decimal::Decimal;
use super::strings::sprint;
use super::{Context, Function};
use crate::template::types::{Signed, Type};
use crate::template::value::{Kind, List, Value};
use std::cmp::Ordering;
use std::rc::Rc;

/// More items than this are not made: Go would make them, a page must not hang.
const MOST_ITEMS: i64 = 1_000_000;

const ANY: Type = Type::Interface;

/// Sprig's functions of numbers.
pub const TABLE: &[Function] = &[
    Function::new("atoi", &[Type::String], |_, a| Ok(Value::int(atoi(&a[0].text())))),
    Function::new("int", &[ANY], |_, a| Ok(Value::int(to_int64(&a[0])))),
    Function::new("int64", &[ANY], |_, a| Ok(Value::int64(to_int64(&a[0])))),
    Function::new("float64", &[ANY], |_, a| Ok(to_float64(&a[0]).into())),
    Function::new("toDecimal", &[ANY], |_, a| {
        Ok(Value::int64(parse_int(&String::from_utf8_lossy(&sprint(&a[0])?), 8).unwrap_or(0)))
    }),
    Function::new("add1", &[ANY], |_, a| Ok(Value::int64(to_int64(&a[0]).wrapping_add(1)))),
    Function::variadic("add", &[ANY], |_, a| Ok(Value::int64(fold(0, a, i64::wrapping_add)))),
    Function::new("sub", &[ANY, ANY], |_, a| Ok(Value::int64(to_int64(&a[0]).wrapping_sub(to_int64(&a[1]))))),
    Function::new("div", &[ANY, ANY], |_, a| divide(a, i64::wrapping_div)),
    Function::new("mod", &[ANY, ANY], |_, a| divide(a, i64::wrapping_rem)),
    Function::variadic("mul", &[ANY, ANY], |_, a| {
        Ok(Value::int64(fold(to_int64(&a[0]), &a[1..], i64::wrapping_mul)))
    }),
    Function::variadic("biggest", &[ANY, ANY], |_, a| {
        Ok(Value::int64(fold(to_int64(&a[0]), &a[1..], std::cmp::max)))
    }),
    Function::variadic("max", &[ANY, ANY], |_, a| {
        Ok(Value::int64(fold(to_int64(&a[0]), &a[1..], std::cmp::max)))
    }),
    Function::variadic("min", &[ANY, ANY], |_, a| {
        Ok(Value::int64(fold(to_int64(&a[0]), &a[1..], std::cmp::min)))
    }),
    Function::variadic("maxf", &[ANY, ANY], |_, a| Ok(float_extreme(a, Ordering::Greater).into())),
    Function::variadic("minf", &[ANY, ANY], |_, a| Ok(float_extreme(a, Ordering::Less).into())),
    Function::new("add1f", &[ANY], |_, a| decimal(&a[0], &[Value::int(1)], |one, other| Ok(one.add(other)))),
    Function::variadic("addf", &[ANY], |_, a| decimal(&0.0.into(), a, |one, other| Ok(one.add(other)))),
    Function::variadic("subf", &[ANY, ANY], |_, a| {
        decimal(&a[0], &a[1..], |one, other| Ok(one.subtract(other)))
    }),
    Function::variadic("mulf", &[ANY, ANY], |_, a| {
        decimal(&a[0], &a[1..], |one, other| Ok(one.multiply(other)))
    }),
    Function::variadic("divf", &[ANY, ANY], |_, a| decimal(&a[0], &a[1..], Decimal::divide)),
    Function::new("ceil", &[ANY], |_, a| Ok(to_float64(&a[0]).ceil().into())),
    Function::new("floor", &[ANY], |_, a| Ok(to_float64(&a[0]).floor().into())),
    Function::variadic("round", &[ANY, Type::INT, Type::Float64], |_, a| {
        let from = a.get(2).map_or(0.5, to_float64);
        Ok(round(to_float64(&a[0]), a[1].integer(), from).into())
    }),
    Function::new("until", &[Type::INT], |_, a| {
        let count = a[0].integer();
        Ok(ints(steps(0, count, if count < 0 { -1 } else { 1 })?))
    }),
    Function::new("untilStep", &[Type::INT, Type::INT, Type::INT], |_, a| {
        Ok(ints(steps(a[0].integer(), a[1].integer(), a[2].integer())?))
    }),
    Function::variadic("seq", &[Type::INT], seq),
];

fn fold(first: i64, rest: &[Value], operation: fn(i64, i64) -> i64) -> i64 {
    rest.iter().fold(first, |all, value| operation(all, to_int64(value)))
}

fn divide(arguments: &[Value], operation: fn(i64, i64) -> i64) -> Result<Value, String> {
    let divisor = to_int64(&arguments[1]);
    if divisor == 0 {
        return Err("runtime error: integer divide by zero".to_owned());
    }
    Ok(Value::int64(operation(to_int64(&arguments[0]), divisor)))
}

/// A float as Go converts it to `int64` on amd64: what doesn't fit is the smallest number.
pub fn float_to_int64(number: f64) -> i64 {
    if (-9_223_372_036_854_775_808.0..9_223_372_036_854_775_808.0).contains(&number) {
        number as i64
    } else {
        i64::MIN
    }
}

/// `cast.ToInt64`: what can't be converted is 0.
pub fn to_int64(value: &Value) -> i64 {
    match &value.kind {
        Kind::Int(_, Signed::Duration) => 0,
        Kind::Int(number, _) => *number,
        Kind::Uint(number, _) => *number as i64,
        Kind::Float(number) => float_to_int64(*number),
        Kind::String(text) => parse_int(trim_zero_decimal(&text.text()), 0).unwrap_or(0),
        Kind::Bool(bool) => i64::from(*bool),
        _ => 0,
    }
}

/// `cast.ToFloat64`: what can't be converted is 0.
pub fn to_float64(value: &Value) -> f64 {
    match &value.kind {
        Kind::Int(_, Signed::Duration) => 0.0,
        Kind::Int(number, _) => *number as f64,
        Kind::Uint(number, _) => *number as f64,
        Kind::Float(number) => *number,
        Kind::String(text) => parse_float(&text.text()).unwrap_or(0.0),
        Kind::Bool(bool) => f64::from(u8::from(*bool)),
        _ => 0.0,
    }
}

/// `12.00` without the fraction, any other text as it is.
fn trim_zero_decimal(text: &str) -> &str {
    trailing_point(text).map_or(text, |at| &text[..at])
}

/// Where the last point stands that has a zero behind it and nothing but zeros and points.
fn trailing_point(text: &str) -> Option<usize> {
    let mut zero = false;
    for (at, byte) in text.bytes().enumerate().rev() {
        match byte {
            b'.' if zero => return Some(at),
            b'.' => {}
            b'0' => zero = true,
            _ => return None,
        }
    }
    None
}

/// `strconv.ParseInt(text, base, 64)`; base 0 reads prefixes and underscores. `Err` tells the nearest
/// number where the text is one that doesn't fit, else 0.
pub fn parse_int(text: &str, base: u32) -> Result<i64, i64> {
    let (negative, digits) = match text.as_bytes().first() {
        Some(b'-') => (true, &text[1..]),
        Some(b'+') => (false, &text[1..]),
        _ => (false, text),
    };
    let magnitude = parse_uint(digits, base);
    let limit = 1 << 63;
    match magnitude {
        Ok(number) if negative && number <= limit => Ok((number as i64).wrapping_neg()),
        Ok(number) if !negative && number < limit => Ok(number as i64),
        Ok(_) | Err(true) => Err(if negative { i64::MIN } else { i64::MAX }),
        Err(false) => Err(0),
    }
}

/// `Err(true)`: a number, but too big.
fn parse_uint(text: &str, base: u32) -> Result<u64, bool> {
    let prefixed = |c: char| {
        let rest = text.strip_prefix('0')?;
        rest.strip_prefix(c).or_else(|| rest.strip_prefix(c.to_ascii_uppercase())).filter(|_| base == 0)
    };
    let (digits, radix) = if let Some(rest) = prefixed('b') {
        (rest, 2)
    } else if let Some(rest) = prefixed('o') {
        (rest, 8)
    } else if let Some(rest) = prefixed('x') {
        (rest, 16)
    } else if base == 0 && text.len() > 1 && text.starts_with('0') {
        (&text[1..], 8)
    } else {
        (text, if base == 0 { 10 } else { base })
    };
    if text.is_empty() || digits.is_empty() {
        return Err(false);
    }
    if digits.contains('_') && (base != 0 || !underscores_separate(digits, radix != 10, radix == 16)) {
        return Err(false);
    }
    let mut number = Some(0_u64);
    for digit in digits.chars().filter(|&c| c != '_') {
        let digit = digit.to_digit(radix).ok_or(false)?;
        number = number.and_then(|n| n.checked_mul(radix.into())?.checked_add(digit.into()));
    }
    number.ok_or(true)
}

/// Whether underscores stand between digits, or between a prefix and a digit.
fn underscores_separate(digits: &str, prefixed: bool, hex: bool) -> bool {
    let mut before = if prefixed { '0' } else { '!' };
    for c in digits.chars() {
        let is_digit = c.is_ascii_digit() || (hex && c.is_ascii_hexdigit());
        match c {
            '_' if before == '0' => before = '_',
            '_' => return false,
            _ if is_digit => before = '0',
            _ if before == '_' => return false,
            _ => before = '!',
        }
    }
    before != '_'
}

/// `strconv.Atoi` without its error: a number that is too big is cut.
fn atoi(text: &str) -> i64 {
    parse_int(text, 10).unwrap_or_else(|nearest| nearest)
}

/// `strconv.ParseFloat(text, 64)`.
pub fn parse_float(text: &str) -> Option<f64> {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    if unsigned.starts_with("0x") || unsigned.starts_with("0X") {
        return parse_hex_float(&unsigned[2..]).map(|n| if text.starts_with('-') { -n } else { n });
    }
    if unsigned.starts_with(['+', '-']) || !underscores_separate(unsigned, false, false) {
        return None;
    }
    let number: f64 = text.replace('_', "").parse().ok()?;
    // Go tells a number that is too big as an error.
    (number.is_finite() || !unsigned.contains(|c: char| c.is_ascii_digit())).then_some(number)
}

/// What follows `0x`: digits, perhaps a point, and a binary exponent.
fn parse_hex_float(text: &str) -> Option<f64> {
    let at = text.find(['p', 'P'])?;
    let (mantissa, exponent) = (&text[..at], &text[at + 1..]);
    let digits_of_exponent = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
    if digits_of_exponent.is_empty() || !digits_of_exponent.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let exponent: i32 =
        exponent.parse().unwrap_or(if exponent.starts_with('-') { -100_000 } else { 100_000 });
    if !underscores_separate(mantissa, true, true) {
        return None;
    }
    let (mut number, mut shift, mut seen, mut point) = (0_u64, exponent, false, false);
    for c in mantissa.chars().filter(|&c| c != '_') {
        match c.to_digit(16) {
            Some(digit) if number >> 58 == 0 => {
                number = number << 4 | u64::from(digit);
                shift = shift.saturating_sub(if point { 4 } else { 0 });
                seen = true;
            }
            // What is lost is remembered in the lowest bit, so that rounding comes out right.
            Some(digit) => {
                number |= u64::from(digit != 0);
                shift = shift.saturating_add(if point { 0 } else { 4 });
            }
            None if c == '.' && !point => point = true,
            None => return None,
        }
    }
    let value = scale(number as f64, shift.into());
    (seen && value.is_finite()).then_some(value)
}

/// `number * 2^exponent`.
fn scale(number: f64, exponent: i64) -> f64 {
    let (mut number, mut left) = (number, exponent.clamp(-5000, 5000));
    while left != 0 && number != 0.0 && number.is_finite() {
        let step = left.clamp(-1000, 1000);
        number *= 2_f64.powi(step as i32);
        left -= step;
    }
    number
}

/// `math.Pow(10, exponent)`, digit for digit: squares of the mantissa are multiplied in Go's order.
fn power_of_ten(exponent: i64) -> f64 {
    let (mut answer, mut shift) = (1.0, 0_i64);
    let (mut square, mut square_shift) = (0.625, 4_i64);
    let mut left = exponent.unsigned_abs();
    while left != 0 {
        if square_shift.abs() > 1 << 12 {
            shift += square_shift;
            break;
        }
        if left & 1 == 1 {
            answer *= square;
            shift += square_shift;
        }
        square *= square;
        square_shift <<= 1;
        if square < 0.5 {
            square += square;
            square_shift -= 1;
        }
        left >>= 1;
    }
    if exponent < 0 { scale(1.0 / answer, -shift) } else { scale(answer, shift) }
}

/// Sprig's `round`: digits after the point, and from which fraction on it goes up.
fn round(number: f64, places: i64, from: f64) -> f64 {
    let power = power_of_ten(places);
    let digits = power * number;
    let fraction = if digits.is_infinite() { f64::NAN } else { digits - digits.trunc() };
    let whole = if fraction >= from { digits.ceil() } else { digits.floor() };
    whole / power
}

/// `math.Max` or `math.Min` over all: an infinity of the asked sign wins, then NaN; 0 is above -0.
fn float_extreme(values: &[Value], wanted: Ordering) -> f64 {
    let best = if wanted == Ordering::Greater { f64::INFINITY } else { f64::NEG_INFINITY };
    values
        .iter()
        .map(to_float64)
        .reduce(|one, other| {
            if one == best || other == best {
                best
            } else if one.is_nan() || other.is_nan() {
                f64::NAN
            } else if one.total_cmp(&other) == wanted {
                one
            } else {
                other
            }
        })
        .unwrap_or(0.0)
}

/// Sprig's decimal arithmetic on floats.
fn decimal(
    first: &Value,
    rest: &[Value],
    operation: impl Fn(&Decimal, &Decimal) -> Result<Decimal, String>,
) -> Result<Value, String> {
    let mut all = Decimal::from_float(to_float64(first))?;
    for value in rest {
        all = operation(&all, &Decimal::from_float(to_float64(value))?)?;
    }
    Ok(all.to_float().into())
}

/// Sprig's `untilStep`.
fn steps(start: i64, stop: i64, step: i64) -> Result<Vec<i64>, String> {
    let forward = stop >= start;
    if step == 0 || forward != (step > 0) {
        return Ok(Vec::new());
    }
    if (stop.abs_diff(start) / step.unsigned_abs()) as i64 >= MOST_ITEMS {
        return Err(format!("more than {MOST_ITEMS} numbers are not listed"));
    }
    let mut numbers = Vec::new();
    let mut at = Some(start);
    while let Some(number) = at.filter(|&n| if forward { n < stop } else { n > stop }) {
        numbers.push(number);
        at = number.checked_add(step);
    }
    Ok(numbers)
}

fn ints(numbers: Vec<i64>) -> Value {
    let items = numbers.into_iter().map(Value::int).collect();
    Kind::List(Rc::new(List::new(Type::INTS, items))).into()
}

fn seq(_: &mut Context, arguments: &[Value]) -> Result<Value, String> {
    let numbers: Vec<i64> = arguments.iter().map(Value::integer).collect();
    let direction = |start: i64, end: i64| if end < start { -1 } else { 1 };
    let (start, step, end) = match numbers[..] {
        [end] => (1, direction(1, end), end),
        [start, end] => (start, direction(start, end), end),
        [start, step, end] if end < start && step > 0 => return Ok("".into()),
        [start, step, end] => (start, step, end),
        _ => return Ok("".into()),
    };
    let numbers = steps(start, end.wrapping_add(direction(start, end)), step)?;
    Ok(numbers.iter().map(i64::to_string).collect::<Vec<_>>().join(" ").into())
}
