//! Go's durations (package `time`): reading, printing, rounding; and Helm 4.3's functions of them.

use super::Function;
use super::calendar::{MONTHS, WEEKDAYS};
use super::numbers::{float_to_int64, parse_float};
use super::parse_time::quote;
use crate::template::types::{Signed, Type};
use crate::template::value::{Kind, Value};
use crate::value::go_float;

const ANY: Type = Type::Interface;

/// Nanoseconds of a second.
pub const SECOND: i64 = 1_000_000_000;

/// The functions that Helm 4.3 added (its `funcs.go`).
pub const TABLE: &[Function] = &[
    Function::new("mustToDuration", &[ANY], |_, a| Ok(value(as_duration(&a[0])?))),
    Function::new("durationNanoseconds", &[ANY], |_, a| Ok(Value::int64(or_zero(&a[0])))),
    Function::new("durationMicroseconds", &[ANY], |_, a| Ok(Value::int64(or_zero(&a[0]) / 1000))),
    Function::new("durationMilliseconds", &[ANY], |_, a| Ok(Value::int64(or_zero(&a[0]) / 1_000_000))),
    Function::new("durationSeconds", &[ANY], |_, a| Ok(in_units(or_zero(&a[0]), SECOND).into())),
    Function::new("durationMinutes", &[ANY], |_, a| Ok(in_units(or_zero(&a[0]), 60 * SECOND).into())),
    Function::new("durationHours", &[ANY], |_, a| Ok(in_units(or_zero(&a[0]), 3600 * SECOND).into())),
    Function::new("durationDays", &[ANY], |_, a| Ok((in_units(or_zero(&a[0]), 3600 * SECOND) / 24.0).into())),
    Function::new("durationWeeks", &[ANY], |_, a| {
        Ok((in_units(or_zero(&a[0]), 3600 * SECOND) / 24.0 / 7.0).into())
    }),
    Function::new("durationRoundTo", &[ANY, ANY], |_, a| {
        Ok(value(as_duration(&a[1]).map_or(or_zero(&a[0]), |unit| round(or_zero(&a[0]), unit))))
    }),
    Function::new("durationTruncateTo", &[ANY, ANY], |_, a| {
        let duration = or_zero(&a[0]);
        let unit = as_duration(&a[1]).unwrap_or(0);
        Ok(value(if unit > 0 { duration - duration % unit } else { duration }))
    }),
];

fn value(nanoseconds: i64) -> Value {
    Kind::Int(nanoseconds, Signed::Duration).into()
}

fn or_zero(duration: &Value) -> i64 {
    as_duration(duration).unwrap_or(0)
}

/// As Go's `Duration.Hours` and its like count: whole units and the fraction apart.
fn in_units(nanoseconds: i64, unit: i64) -> f64 {
    (nanoseconds / unit) as f64 + (nanoseconds % unit) as f64 / unit as f64
}

/// Go's `Duration.Round`.
pub fn round(duration: i64, unit: i64) -> i64 {
    if unit <= 0 {
        return duration;
    }
    let rest = (duration % unit).unsigned_abs();
    let down = rest.wrapping_add(rest) < unit as u64;
    let toward_zero = duration - duration % unit;
    match (down, duration < 0) {
        (true, _) => toward_zero,
        (false, true) => toward_zero.checked_sub(unit).unwrap_or(i64::MIN),
        (false, false) => toward_zero.checked_add(unit).unwrap_or(i64::MAX),
    }
}

/// Helm's `asDuration`: text with units, or a number of seconds.
fn as_duration(value: &Value) -> Result<i64, String> {
    let whole = |seconds: i64| {
        seconds.checked_mul(SECOND).ok_or_else(|| format!("duration seconds overflow: {seconds}"))
    };
    match &value.kind {
        Kind::Int(nanoseconds, Signed::Duration) => Ok(*nanoseconds),
        Kind::Int(seconds, _) => whole(*seconds),
        Kind::Nil => Err("invalid duration".to_owned()),
        Kind::Uint(seconds, _) => i64::try_from(*seconds)
            .map_or_else(|_| Err(format!("duration seconds overflow: {seconds}")), whole),
        Kind::Float(seconds) => from_float(*seconds),
        Kind::String(given) => {
            let given = given.text();
            let text = given.trim();
            if text.is_empty() {
                return Err("empty duration".to_owned());
            }
            match (parse_duration(text.as_bytes()), parse_float(text)) {
                (Ok(duration), _) => Ok(duration),
                (_, Some(seconds)) => from_float(seconds),
                _ => Err(format!("could not parse duration {}", crate::template::quote::quote(&given))),
            }
        }
        _ => Err(format!("unsupported duration type {}", value.type_name())),
    }
}

fn from_float(seconds: f64) -> Result<i64, String> {
    if !seconds.is_finite() {
        return Err(format!("invalid duration seconds: {}", go_float(seconds)));
    }
    let most = i64::MAX as f64 / SECOND as f64;
    if seconds.abs() > most {
        return Err(format!("duration seconds overflow: {}", go_float(seconds)));
    }
    Ok(float_to_int64(seconds * SECOND as f64))
}

/// Go's `time.ParseDuration`, in nanoseconds.
pub fn parse_duration(text: &[u8]) -> Result<i64, String> {
    let invalid = || format!("time: invalid duration {}", quote(text));
    let negative = text.first() == Some(&b'-');
    let mut rest = text.strip_prefix(b"-").or_else(|| text.strip_prefix(b"+")).unwrap_or(text);
    if rest == b"0" {
        return Ok(0);
    }
    if rest.is_empty() {
        return Err(invalid());
    }
    let mut all = 0_u64;
    while !rest.is_empty() {
        let (whole, after) = leading_integer(rest).ok_or_else(invalid)?;
        let (fraction, scale, after_fraction) = leading_fraction(after);
        // A point alone is no number.
        if rest.len() - after.len() + (after.len() - after_fraction.len()).saturating_sub(1) == 0 {
            return Err(invalid());
        }
        let length =
            after_fraction.iter().take_while(|&&byte| byte != b'.' && !byte.is_ascii_digit()).count();
        if length == 0 {
            return Err(format!("time: missing unit in duration {}", quote(text)));
        }
        let (unit, after_unit) = after_fraction.split_at(length);
        let nanoseconds = match unit {
            b"ns" => 1,
            // The micro sign and the Greek letter.
            b"us" | b"\xc2\xb5s" | b"\xce\xbcs" => 1000,
            b"ms" => 1_000_000,
            b"s" => SECOND as u64,
            b"m" => 60 * SECOND as u64,
            b"h" => 3600 * SECOND as u64,
            _ => return Err(format!("time: unknown unit {} in duration {}", quote(unit), quote(text))),
        };
        let of_fraction = (fraction as f64 * (nanoseconds as f64 / scale)) as u64;
        all = whole
            .checked_mul(nanoseconds)
            .and_then(|whole| whole.checked_add(if fraction > 0 { of_fraction } else { 0 }))
            .and_then(|part| part.checked_add(all))
            .filter(|&all| all <= 1 << 63)
            .ok_or_else(invalid)?;
        rest = after_unit;
    }
    match (negative, all) {
        (true, all) => Ok((all as i64).wrapping_neg()),
        (false, all) => i64::try_from(all).map_err(|_| invalid()),
    }
}

/// Digits, also none, as a number; nothing where it is too big.
fn leading_integer(text: &[u8]) -> Option<(u64, &[u8])> {
    let mut number = 0_u64;
    let length = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    for digit in &text[..length] {
        number = number.checked_mul(10)?.checked_add(u64::from(digit - b'0')).filter(|&n| n <= 1 << 63)?;
    }
    Some((number, &text[length..]))
}

/// What follows a point: its digits, as many as fit, and what they are to be divided by.
fn leading_fraction(text: &[u8]) -> (u64, f64, &[u8]) {
    let Some(digits) = text.strip_prefix(b".") else { return (0, 1.0, text) };
    let (mut number, mut scale, mut full) = (0_u64, 1.0, false);
    let length = digits.iter().take_while(|byte| byte.is_ascii_digit()).count();
    for digit in &digits[..length] {
        if full || number > ((1 << 63) - 1) / 10 {
            full = true;
            continue;
        }
        let next = number * 10 + u64::from(digit - b'0');
        if next > 1 << 63 {
            full = true;
            continue;
        }
        number = next;
        scale *= 10.0;
    }
    (number, scale, &digits[length..])
}

/// Go's `Duration.String`: `1h2m3.5s`, `1.5ms`, `0s`.
pub fn duration_string(nanoseconds: i64) -> String {
    let magnitude = nanoseconds.unsigned_abs();
    let sign = if nanoseconds < 0 { "-" } else { "" };
    let fraction = |number: u64, digits: usize| {
        let unit = 10_u64.pow(digits as u32);
        let rest = format!("{:0digits$}", number % unit);
        let rest = if digits == 0 { "" } else { rest.trim_end_matches('0') };
        format!("{}{}{rest}", number / unit, if rest.is_empty() { "" } else { "." })
    };
    let second = SECOND as u64;
    match magnitude {
        0 => "0s".to_owned(),
        1..1000 => format!("{sign}{magnitude}ns"),
        1000..1_000_000 => format!("{sign}{}µs", fraction(magnitude, 3)),
        1_000_000..1_000_000_000 => format!("{sign}{}ms", fraction(magnitude, 6)),
        _ => {
            let seconds = fraction(magnitude % (60 * second), 9);
            let minutes = magnitude / (60 * second);
            match (minutes / 60, minutes % 60) {
                (0, 0) => format!("{sign}{seconds}s"),
                (0, minutes) => format!("{sign}{minutes}m{seconds}s"),
                (hours, minutes) => format!("{sign}{hours}h{minutes}m{seconds}s"),
            }
        }
    }
}

impl Signed {
    /// What the method `String` of a named integer type says.
    pub fn string(self, number: i64) -> Option<String> {
        let named = |names: &[&str], at: i64, package: &str| {
            let name = usize::try_from(at).ok().and_then(|at| names.get(at));
            name.map_or_else(|| format!("%!{package}({number})"), |name| (*name).to_owned())
        };
        match self {
            Self::Int | Self::Int32 | Self::Int64 => None,
            Self::Duration => Some(duration_string(number)),
            Self::Month => Some(named(&MONTHS, number - 1, "Month")),
            Self::Weekday => Some(named(&WEEKDAYS, number, "Weekday")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read_and_printed() {
        for (text, printed) in [
            ("2h45m", "2h45m0s"),
            ("-1.5h", "-1h30m0s"),
            ("90m30s", "1h30m30s"),
            ("1.5ms", "1.5ms"),
            ("100us", "100µs"),
            ("1ns", "1ns"),
            ("+0", "0s"),
            (".5s", "500ms"),
        ] {
            assert_eq!(parse_duration(text.as_bytes()).map(duration_string), Ok(printed.to_owned()));
        }
    }

    #[test]
    fn errors_are_those_of_go() {
        for (text, error) in [
            ("", "invalid duration \"\""),
            ("bad", "invalid duration \"bad\""),
            (".s", "invalid duration \".s\""),
            ("5", "missing unit in duration \"5\""),
            ("5x", "unknown unit \"x\" in duration \"5x\""),
        ] {
            assert_eq!(parse_duration(text.as_bytes()), Err(format!("time: {error}")));
        }
    }
}
