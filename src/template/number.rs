//! Numbers in templates, read by Go's rules (packages `text/template/parse` and `strconv`).

use super::lexer::Kind;
use super::quote::{quote, unquote_character};
use super::tree::Number;

impl Number {
    /// The number that a token of the given kind spells. Fails with Go's text.
    pub fn parse(text: &str, kind: Kind) -> Result<Self, String> {
        let mut number = Self { text: text.into(), int: None, uint: None, float: None, complex: None };
        if kind == Kind::CharConstant {
            let char = unquote_character(text)?;
            number.int = Some(char.into());
            number.uint = Some(char.into());
            number.float = Some(char.into());
            return Ok(number);
        }
        let complex = match (kind, text.strip_suffix('i')) {
            (Kind::Complex, _) => Some(parse_complex(text).ok_or("syntax error scanning complex number")?),
            (_, Some(imaginary)) => parse_float(imaginary).map(|imaginary| (0.0, imaginary)),
            _ => None,
        };
        if let Some((real, imaginary)) = complex {
            number.complex = complex;
            if imaginary == 0.0 {
                number.hold_float(real);
            }
            return Ok(number);
        }
        number.uint = parse_uint(text);
        number.int = parse_int(text);
        if number.int == Some(0) {
            number.uint = Some(0);
        }
        number.float = number.int.map(|int| int as f64).or(number.uint.map(|uint| uint as f64));
        if number.float.is_none() {
            let Some(float) = parse_float(text) else {
                return Err(format!("illegal number syntax: {}", quote(text)));
            };
            if !text.contains(['.', 'e', 'E', 'p', 'P']) {
                return Err(format!("integer overflow: {}", quote(text)));
            }
            number.hold_float(float);
        }
        Ok(number)
    }

    /// A float, and the integers that equal it.
    fn hold_float(&mut self, float: f64) {
        const TWO_63: f64 = 9_223_372_036_854_775_808.0;
        self.float = Some(float);
        if float.fract() == 0.0 {
            self.int = (-TWO_63..TWO_63).contains(&float).then_some(float as i64);
            self.uint = (0.0..2.0 * TWO_63).contains(&float).then_some(float as u64);
        }
    }
}

fn parse_complex(text: &str) -> Option<(f64, f64)> {
    let inside = text.strip_suffix('i')?;
    // The sign between the parts: the last one that is no exponent's.
    let exponent = |at: usize| inside[..at].ends_with(['e', 'E', 'p', 'P']);
    let (at, _) = inside.rmatch_indices(['+', '-']).find(|&(at, _)| at > 0 && !exponent(at))?;
    Some((parse_float(&inside[..at])?, parse_float(&inside[at..])?))
}

/// Digits with `_` only between digits or after a base prefix.
fn underscores_are_right(digits: &str, prefixed: bool, hexadecimal: bool) -> bool {
    let mut after_digit = prefixed;
    let mut last = if prefixed { '0' } else { '^' };
    for char in digits.chars() {
        let is_digit = char.is_ascii_digit() || hexadecimal && char.is_ascii_hexdigit();
        if char == '_' && !after_digit || last == '_' && !is_digit {
            return false;
        }
        after_digit = is_digit;
        last = char;
    }
    last != '_'
}

/// Go's `strconv.ParseUint(text, 0, 64)`.
pub fn parse_uint(text: &str) -> Option<u64> {
    let lower = text.to_ascii_lowercase();
    let (radix, prefixed, digits) = match lower.as_bytes() {
        [b'0', b'x', _, ..] => (16, true, &lower[2..]),
        [b'0', b'b', _, ..] => (2, true, &lower[2..]),
        [b'0', b'o', _, ..] => (8, true, &lower[2..]),
        [b'0', _, ..] => (8, true, &lower[1..]),
        _ => (10, false, &*lower),
    };
    if !underscores_are_right(digits, prefixed, radix == 16) {
        return None;
    }
    let digits = digits.replace('_', "");
    let all_digits = !digits.is_empty() && digits.chars().all(|digit| digit.is_digit(radix));
    if all_digits { u64::from_str_radix(&digits, radix).ok() } else { None }
}

/// Go's `strconv.ParseInt(text, 0, 64)`.
pub fn parse_int(text: &str) -> Option<i64> {
    match text.strip_prefix('-') {
        Some(digits) => 0_i64.checked_sub_unsigned(parse_uint(digits)?),
        None => i64::try_from(parse_uint(text.strip_prefix('+').unwrap_or(text))?).ok(),
    }
}

/// Go's `strconv.ParseFloat(text, 64)` of the digits that the lexer lets through.
fn parse_float(text: &str) -> Option<f64> {
    let (negative, digits) = match text.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let lower = digits.to_ascii_lowercase();
    let float = if let Some(digits) = lower.strip_prefix("0x") {
        if !underscores_are_right(digits, true, true) {
            return None;
        }
        parse_hexadecimal_float(&digits.replace('_', ""))?
    } else {
        if !underscores_are_right(&lower, false, false) || lower.starts_with(['+', '-']) {
            return None;
        }
        lower.replace('_', "").parse::<f64>().ok()?
    };
    float.is_finite().then_some(if negative { -float } else { float })
}

/// `1.8p3`: the bits beyond a float's are dropped, where Go rounds to even.
fn parse_hexadecimal_float(digits: &str) -> Option<f64> {
    let (mantissa, exponent) = digits.split_once('p')?;
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    if whole.is_empty() && fraction.is_empty() {
        return None;
    }
    let exponent: i32 = exponent.parse().ok()?;
    let mut bits = 0_u64;
    let mut shift = 0_i32;
    for digit in whole.chars() {
        if bits >> 56 == 0 { bits = bits << 4 | u64::from(digit.to_digit(16)?) } else { shift += 4 }
    }
    for digit in fraction.chars() {
        if bits >> 56 == 0 {
            bits = bits << 4 | u64::from(digit.to_digit(16)?);
            shift -= 4;
        }
    }
    Some(bits as f64 * f64::from(exponent.checked_add(shift)?).exp2())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_as_go_reads_them() {
        let int = |text: &str| Number::parse(text, Kind::Number).map(|number| number.int);
        for (text, expected) in [
            ("0x1F", 31),
            ("0b11", 3),
            ("0o17", 15),
            ("017", 15),
            ("1_000", 1000),
            ("-9223372036854775808", i64::MIN),
            ("0x1p4", 16),
            ("1e3", 1000),
            ("0_7", 7),
        ] {
            assert_eq!(int(text), Ok(Some(expected)), "{text}");
        }
        assert_eq!(int(".5"), Ok(None));
        assert_eq!(int("08"), Err("integer overflow: \"08\"".to_owned()));
        for text in ["1__0", "1_", "0x", "1e400", ".", "-"] {
            assert_eq!(int(text), Err(format!("illegal number syntax: {text:?}")), "{text}");
        }
        assert_eq!(Number::parse("'a'", Kind::CharConstant).map(|number| number.int), Ok(Some(97)));
        assert_eq!(Number::parse("1+2i", Kind::Complex).map(|number| number.complex), Ok(Some((1.0, 2.0))));
    }
}
