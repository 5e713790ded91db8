//! What a scalar means (spec sheet, section 2).

use super::compose::Tag;
use super::scan::Style;
use std::borrow::Cow;

/// A scalar in go-yaml's types.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Scalar<'t> {
    Null,
    Bool(bool),
    Int(i64),
    /// An integer above the largest `i64`.
    Unsigned(u64),
    Float(f64),
    String(Cow<'t, str>),
}

/// The meaning of a scalar with its tag, or go-yaml's words for why it has none.
pub(super) fn resolve(text: &str, style: Style, tag: Tag) -> Result<Scalar<'_>, String> {
    match tag {
        Tag::None if style == Style::Quoted => return Ok(Scalar::String(text.into())),
        Tag::None => return Ok(plain(text, tag).unwrap_or_else(|| Scalar::String(text.into()))),
        Tag::String | Tag::Merge | Tag::NonSpecific | Tag::Other => return Ok(Scalar::String(text.into())),
        Tag::Binary => return binary(text).map(|text| Scalar::String(text.into())),
        Tag::Timestamp if plain(text, tag).is_none() && timestamp(text) => {
            return Ok(Scalar::String(text.into()));
        }
        Tag::Null | Tag::Bool | Tag::Int | Tag::Float | Tag::Timestamp => {}
    }
    let scalar = plain(text, tag);
    let (got, fits) = match scalar {
        None => ("str", false),
        Some(Scalar::Null) => ("null", tag == Tag::Null),
        Some(Scalar::Bool(_)) => ("bool", tag == Tag::Bool),
        Some(Scalar::Int(int)) if tag == Tag::Float => return Ok(Scalar::Float(int as f64)),
        Some(Scalar::Int(_) | Scalar::Unsigned(_)) => ("int", tag == Tag::Int),
        Some(Scalar::Float(_)) => ("float", tag == Tag::Float),
        Some(Scalar::String(_)) => ("str", false),
    };
    let wanted = match tag {
        Tag::Null => "null",
        Tag::Bool => "bool",
        Tag::Int => "int",
        Tag::Float => "float",
        _ => "timestamp",
    };
    match scalar {
        Some(scalar) if fits => Ok(scalar),
        _ => Err(format!("cannot decode !!{got} `{text}` as a !!{wanted}")),
    }
}

/// The meaning of a plain text that is not a string.
#[inline]
pub(super) fn plain(text: &str, tag: Tag) -> Option<Scalar<'static>> {
    let Some(&first) = text.as_bytes().first() else { return Some(Scalar::Null) };
    match first {
        b'+' | b'-' | b'0'..=b'9' => number(text, tag),
        b'.' => special(text).or_else(|| dotted(text)).map(Scalar::Float),
        b'y' | b'Y' | b'n' | b'N' | b't' | b'T' | b'f' | b'F' | b'o' | b'O' | b'~' => word(text),
        _ => None,
    }
}

/// Whether a plain text is read as a string.
pub(super) fn is_string(text: &str) -> bool {
    plain(text, Tag::None).is_none() && !timestamp(text)
}

/// Whether a plain text is an integer of any size to go-yaml 3 but a string to go-yaml 2.
pub(super) fn is_unbounded_integer(text: &str) -> bool {
    let text = text.replace('_', "");
    let signed_octal = text.strip_prefix("0o").is_some_and(|octal| i64::from_str_radix(octal, 8).is_ok());
    let (radix, digits) = match text.as_bytes() {
        [b'0', b'x' | b'X', ..] => (16, &text[2..]),
        [b'0', b'o' | b'O', ..] => (8, &text[2..]),
        [b'0', b'b' | b'B', ..] => (2, &text[2..]),
        [b'0', ..] => (8, &text[1..]),
        _ => (10, &text[..]),
    };
    let unbounded = !digits.is_empty() && digits.bytes().all(|digit| (digit as char).is_digit(radix));
    signed_octal || (unbounded && text.starts_with(|first: char| first.is_ascii_digit()))
}

fn word(text: &str) -> Option<Scalar<'static>> {
    if text.len() > 5 {
        return None;
    }
    match text {
        "y" | "Y" | "yes" | "Yes" | "YES" | "true" | "True" | "TRUE" | "on" | "On" | "ON" => {
            Some(Scalar::Bool(true))
        }
        "n" | "N" | "no" | "No" | "NO" | "false" | "False" | "FALSE" | "off" | "Off" | "OFF" => {
            Some(Scalar::Bool(false))
        }
        "~" | "null" | "Null" | "NULL" => Some(Scalar::Null),
        _ => None,
    }
}

fn special(text: &str) -> Option<f64> {
    match text {
        ".nan" | ".NaN" | ".NAN" => Some(f64::NAN),
        ".inf" | ".Inf" | ".INF" | "+.inf" | "+.Inf" | "+.INF" => Some(f64::INFINITY),
        "-.inf" | "-.Inf" | "-.INF" => Some(f64::NEG_INFINITY),
        _ => None,
    }
}

/// A number that starts with a dot: decimal, `_` between digits alone, not too large.
fn dotted(text: &str) -> Option<f64> {
    let bytes = text.as_bytes();
    let digit = |at: Option<usize>| at.and_then(|at| bytes.get(at)).is_some_and(u8::is_ascii_digit);
    let lonely = |at: usize| !digit(at.checked_sub(1)) || !digit(Some(at + 1));
    if bytes.iter().enumerate().any(|(at, &byte)| byte == b'_' && lonely(at)) {
        return None;
    }
    decimal(&text.replace('_', ""))
}

/// `[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?`, not too large.
fn decimal(text: &str) -> Option<f64> {
    let (mantissa, exponent) = match text.find(['e', 'E']) {
        Some(at) => (&text[..at], Some(&text[at + 1..])),
        None => (text, None),
    };
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let unsigned = mantissa.strip_prefix(['+', '-']).unwrap_or(mantissa);
    let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, ""));
    let valid = digits(whole) && digits(fraction) && !(whole.is_empty() && fraction.is_empty());
    let valid = valid
        && exponent.is_none_or(|exponent| {
            let exponent = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
            !exponent.is_empty() && digits(exponent)
        });
    if !valid {
        return None;
    }
    text.parse::<f64>().ok().filter(|number| number.is_finite())
}

/// A text that starts with a sign or a digit.
fn number(text: &str, tag: Tag) -> Option<Scalar<'static>> {
    if let Some(special) = special(text) {
        return Some(Scalar::Float(special));
    }
    if tag == Tag::Timestamp && timestamp(text) {
        return None;
    }
    let text = if text.contains('_') { Cow::Owned(text.replace('_', "")) } else { Cow::Borrowed(text) };
    let text = &*text;
    integer(text).or_else(|| decimal(text).map(Scalar::Float)).or_else(|| {
        // A sign behind the prefix: go-yaml reads the rest with it.
        let digits = text.strip_prefix("0b")?;
        digits.starts_with(['+', '-']).then(|| i64::from_str_radix(digits, 2).ok()).flatten().map(Scalar::Int)
    })
}

/// Go's `ParseInt` and, without a sign, `ParseUint` with base 0.
fn integer(text: &str) -> Option<Scalar<'static>> {
    let (negative, unsigned) = match text.as_bytes().first()? {
        b'-' => (true, &text[1..]),
        b'+' => (false, &text[1..]),
        _ => (false, text),
    };
    let (radix, digits) = match unsigned.as_bytes() {
        [b'0', b'x' | b'X', _, ..] => (16, &unsigned[2..]),
        [b'0', b'o' | b'O', _, ..] => (8, &unsigned[2..]),
        [b'0', b'b' | b'B', _, ..] => (2, &unsigned[2..]),
        [b'0', _, ..] => (8, &unsigned[1..]),
        _ => (10, unsigned),
    };
    if digits.is_empty() || !digits.bytes().all(|byte| (byte as char).is_digit(radix)) {
        return None;
    }
    let magnitude = u64::from_str_radix(digits, radix).ok()?;
    match i64::try_from(magnitude) {
        Ok(int) => Some(Scalar::Int(if negative { -int } else { int })),
        Err(_) if negative => (magnitude == 1 << 63).then_some(Scalar::Int(i64::MIN)),
        Err(_) => (text.len() == unsigned.len()).then_some(Scalar::Unsigned(magnitude)),
    }
}

/// Base64 with its padding; line breaks are passed over. Bytes that are not UTF-8 are replaced one by
/// one, as Go's JSON does.
fn binary(text: &str) -> Result<String, String> {
    use base64::Engine as _;
    use base64::engine::{GeneralPurpose, GeneralPurposeConfig};
    let config = GeneralPurposeConfig::new().with_decode_allow_trailing_bits(true);
    let engine = GeneralPurpose::new(&base64::alphabet::STANDARD, config);
    let text = text.replace(['\r', '\n'], "");
    let bytes = engine.decode(text).map_err(|_| "!!binary value contains invalid base64 data".to_owned())?;
    let mut decoded = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        decoded.push_str(chunk.valid());
        decoded.extend(chunk.invalid().iter().map(|_| '\u{fffd}'));
    }
    Ok(decoded)
}

/// Whether a text is a timestamp to go-yaml (spec sheet, section 4).
fn timestamp(text: &str) -> bool {
    let mut rest = Cursor(text);
    let Some(date) = rest.date() else { return false };
    if rest.0.is_empty() {
        return date;
    }
    let spaced = rest.0.starts_with(' ');
    if spaced {
        rest.0 = rest.0.trim_start_matches(' ');
    } else if !rest.take('T') && !rest.take('t') {
        return false;
    }
    let clock = rest.field(23) && rest.take(':') && rest.field(59) && rest.take(':') && rest.field(59);
    if !clock || !rest.fraction() {
        return false;
    }
    let zone = if spaced { true } else { rest.take('Z') || rest.zone() };
    zone && rest.0.is_empty() && date
}

/// What is left of a text.
struct Cursor<'t>(&'t str);

impl Cursor<'_> {
    fn take(&mut self, expected: char) -> bool {
        let rest = self.0.strip_prefix(expected);
        self.0 = rest.unwrap_or(self.0);
        rest.is_some()
    }

    fn digits(&mut self, most: usize) -> Option<u32> {
        let length = self.0.bytes().take(most).take_while(u8::is_ascii_digit).count();
        let (digits, rest) = self.0.split_at(length);
        self.0 = rest;
        digits.parse().ok()
    }

    /// One or two digits up to a largest number.
    fn field(&mut self, most: u32) -> bool {
        self.digits(2).is_some_and(|number| number <= most)
    }

    /// `YYYY-M-D`; says whether the calendar has it.
    fn date(&mut self) -> Option<bool> {
        let before = self.0.len();
        let year = self.digits(4).filter(|_| before - self.0.len() == 4)?;
        let month = self.take('-').then(|| self.digits(2)).flatten()?;
        let day = self.take('-').then(|| self.digits(2)).flatten()?;
        let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
        let days = match month {
            4 | 6 | 9 | 11 => 30,
            2 => 28 + u32::from(leap),
            1..=12 => 31,
            _ => 0,
        };
        Some((1..=days).contains(&day))
    }

    /// `.` or `,` and digits, if there are any.
    fn fraction(&mut self) -> bool {
        if !self.0.starts_with(['.', ',']) {
            return true;
        }
        let rest = self.0[1..].trim_start_matches(|c: char| c.is_ascii_digit());
        let any = self.0.len() - rest.len() > 1;
        self.0 = rest;
        any
    }

    /// `+hh:mm`.
    fn zone(&mut self) -> bool {
        let two = |cursor: &mut Self, most: u32| {
            let before = cursor.0.len();
            cursor.field(most) && before - cursor.0.len() == 2
        };
        (self.take('+') || self.take('-')) && two(self, 24) && self.take(':') && two(self, 60)
    }
}
