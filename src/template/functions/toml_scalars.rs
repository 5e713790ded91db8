//! TOML's strings, numbers and dates, as BurntSushi/toml reads them.

use super::letters::is_letter;
use super::numbers::parse_int;
use super::parse_time::parse_time;
use super::toml_text::{END, Fault, Text, quoted};
use crate::template::quote::quote;
use crate::template::value::{Kind, Time, Value};
use std::rc::Rc;

/// Reads a value that is no array and no table; its first character is here. `newer` is TOML 1.1.
pub fn scalar(text: &mut Text, newer: bool) -> Result<Value, Fault> {
    let start = text.at();
    let c = text.next()?;
    match c {
        '"' | '\'' => return Ok(string(text, c, newer)?.into()),
        '.' => return text.fail("floats must start with a digit, not '.'"),
        'i' | 'n' => {
            let found =
                if text.accept('n')? { text.accept('f')? } else { text.accept('a')? && text.accept('n')? };
            if found {
                return float(text, start);
            }
        }
        '-' | '+' => return signed(text, start),
        '0'..='9' => return number_or_date(text, start, c, newer),
        _ => {}
    }
    if is_letter(c) {
        text.skip(is_letter)?;
        // Go's lexer looks at what follows the word.
        let word = text.since(start);
        return match &*word {
            "true" => Ok(true.into()),
            "false" => Ok(false.into()),
            _ => text.fail(format!("expected value but found {} instead", quote(&word))),
        };
    }
    if c == END {
        return text.fail("unexpected EOF; expected value");
    }
    text.fail_at(c, format!("expected value but found {} instead", quoted(c)))
}

/// Reads a string whose opening quote was taken.
pub fn string(text: &mut Text, quote: char, newer: bool) -> Result<String, Fault> {
    if text.accept(quote)? {
        if text.accept(quote)? {
            return long_string(text, quote, newer);
        }
        return Ok(String::new());
    }
    let start = text.at();
    let mut read = String::new();
    loop {
        match text.next()? {
            END if quote == '"' => return text.fail("unexpected EOF; expected '\"'"),
            END => return text.fail("unexpected EOF; expected \"'\""),
            '\n' => return text.fail_before_break("strings cannot contain newlines"),
            // The return of a line end: the line is not over yet.
            '\r' => return text.fail_before_break("strings cannot contain newlines"),
            '\\' if quote == '"' => read.extend(string_escape(text, start, newer)?),
            c if c == quote => return Ok(read),
            c => read.push(c),
        }
    }
}

/// Reads a string in three quotes.
fn long_string(text: &mut Text, quote: char, newer: bool) -> Result<String, Fault> {
    let start = text.at();
    let mut read = String::new();
    if text.peek()? == '\r' {
        text.next()?;
    }
    text.accept('\n')?;
    loop {
        match text.next()? {
            END => {
                let quotes = quote.to_string().repeat(3);
                let around = if quote == '"' { '\'' } else { '"' };
                return text.fail(format!("unexpected EOF; expected {around}{quotes}{around}"));
            }
            '\\' if quote == '"' => {
                let blank = |c: char| matches!(c, ' ' | '\t' | '\r' | '\n');
                let mut ahead = text.clone();
                ahead.skip(|c| c == ' ' || c == '\t')?;
                if matches!(ahead.peek()?, '\n' | '\r') {
                    text.skip(blank)?;
                } else {
                    read.extend(string_escape(text, start, newer)?);
                }
            }
            c if c == quote => {
                let mut count = 1;
                while count < 6 && text.accept(quote)? {
                    count += 1;
                }
                match count {
                    1 | 2 => read.extend(std::iter::repeat_n(quote, count)),
                    3..=5 => {
                        read.extend(std::iter::repeat_n(quote, count - 3));
                        return Ok(read);
                    }
                    _ => {
                        let quotes = quote.to_string().repeat(6);
                        let around = if quote == '"' { '\'' } else { '"' };
                        return text.fail(format!("unexpected {around}{quotes}{around}"));
                    }
                }
            }
            c => read.push(c),
        }
    }
}

/// What follows a backslash, in a string that began at `start`.
fn string_escape(text: &mut Text, start: usize, newer: bool) -> Result<Option<char>, Fault> {
    let c = text.next()?;
    let digits_start = text.at();
    let char = match c {
        'b' => '\u{8}',
        't' => '\t',
        'n' => '\n',
        'f' => '\u{c}',
        'r' => '\r',
        '"' | '\\' => c,
        'e' if newer => '\u{1b}',
        ' ' | '\t' => return text.fail(format!("invalid escape: '\\{c}'")),
        'u' | 'U' | 'x' if c != 'x' || newer => {
            let (count, words) = match c {
                'u' => (4, "four"),
                'U' => (8, "eight"),
                _ => (2, "two"),
            };
            for _ in 0..count {
                if !text.next()?.is_ascii_hexdigit() {
                    let found = quote(&text.since(start));
                    let what =
                        format!("expected {words} hexadecimal digits after '\\{c}', but got {found} instead");
                    return text.fail(what);
                }
            }
            let digits = text.since(digits_start);
            let code = u32::from_str_radix(&digits, 16).ok().and_then(char::from_u32);
            return match code {
                Some(char) => Ok(Some(char)),
                None => text.fail(format!("Escaped character '\\u{digits}' is not valid UTF-8.")),
            };
        }
        END => return text.fail_before_break("invalid escape in string '\\\0'"),
        _ => return text.fail(format!("invalid escape in string '\\{c}'")),
    };
    Ok(Some(char))
}

/// A number with a sign, which was taken.
fn signed(text: &mut Text, start: usize) -> Result<Value, Fault> {
    let c = text.next()?;
    match c {
        'i' | 'n' => {
            let rest = if c == 'i' { ['n', 'f'] } else { ['a', 'n'] };
            for wanted in rest {
                if !text.accept(wanted)? {
                    return text.fail(format!("invalid float: '{}'", text.since(start)));
                }
            }
            float(text, start)
        }
        '0' if matches!(text.peek()?, 'b' | 'o' | 'x') => {
            let base = text.peek()?;
            text.fail(format!("cannot use sign with non-decimal numbers: '{}{base}'", text.since(start)))
        }
        '.' => text.fail("floats must start with a digit, not '.'"),
        '0'..='9' => decimal(text, start),
        _ => text.fail(format!("expected a digit but got {}", quoted(c))),
    }
}

/// A number of which a digit was taken, after it digits and underscores.
fn decimal(text: &mut Text, start: usize) -> Result<Value, Fault> {
    text.skip(|c| c.is_ascii_digit() || c == '_')?;
    if matches!(text.peek()?, '.' | 'e' | 'E') { float(text, start) } else { integer(text, start) }
}

/// Whether a character is a digit of some base.
type IsDigit = fn(char) -> bool;

fn number_or_date(text: &mut Text, start: usize, first: char, newer: bool) -> Result<Value, Fault> {
    if first == '0' {
        let base = text.peek()?;
        let digit: Option<(IsDigit, &str)> = match base {
            'b' => Some((|c| matches!(c, '0' | '1'), "a binary")),
            'o' => Some((|c| ('0'..='7').contains(&c), "an octal")),
            'x' if newer => Some((|c| c.is_ascii_hexdigit(), "a hexadecimal")),
            'x' => Some((|c| c.is_ascii_hexdigit(), "a hexidecimal")),
            '0'..='9' => None,
            _ => return decimal(text, start),
        };
        if let Some((digit, what)) = digit {
            text.next()?;
            let next = text.peek()?;
            if !digit(next) {
                return text.fail(format!("not {what} number: '{}{next}'", text.since(start)));
            }
            text.skip(|c| digit(c) || c == '_')?;
            return integer(text, start);
        }
    }
    text.skip(|c| c.is_ascii_digit())?;
    match text.peek()? {
        '-' | ':' => {
            text.skip(|c| {
                c.is_ascii_digit() || matches!(c, '-' | ':' | 'T' | 't' | ' ' | '.' | 'Z' | 'z' | '+')
            })?;
            date(text, start, newer)
        }
        _ => decimal(text, start),
    }
}

/// Whether each underscore stands between digits.
fn underscores_ok(digits: &str) -> bool {
    if matches!(digits.trim_start_matches(['+', '-']), "nan" | "inf") {
        return true;
    }
    let mut accepts = false;
    for c in digits.chars() {
        if c == '_' && !accepts {
            return false;
        }
        accepts = c.is_ascii_hexdigit();
    }
    accepts
}

fn has_leading_zero(digits: &str) -> bool {
    let bytes = digits.as_bytes();
    match bytes {
        [b'0', b'b' | b'o' | b'x', ..] => false,
        [b'0', _, ..] | [b'+' | b'-', b'0', _, ..] => true,
        _ => false,
    }
}

fn integer(text: &Text, start: usize) -> Result<Value, Fault> {
    let digits = text.since(start);
    let invalid = |what: &str| {
        Err(Fault { line: text.line(), message: format!("Invalid integer {}: {what}", quote(&digits)) })
    };
    if !underscores_ok(&digits) {
        return invalid("underscores must be surrounded by digits");
    }
    if has_leading_zero(&digits) {
        return invalid("cannot have leading zeroes");
    }
    parse_int(&digits, 0)
        .map(Value::int64)
        .map_err(|_| Fault { line: text.line(), message: format!("{digits} is out of range for int64") })
}

fn float(text: &mut Text, start: usize) -> Result<Value, Fault> {
    text.skip(|c| c.is_ascii_digit() || matches!(c, '_' | '.' | '-' | '+' | 'e' | 'E'))?;
    let digits = text.since(start);
    let fault = |message: String| Err(Fault { line: text.line(), message });
    let invalid = |what: &str| fault(format!("Invalid float {}: {what}", quote(&digits)));
    let parts: Vec<&str> = digits.split(['.', 'e', 'E']).filter(|part| !part.is_empty()).collect();
    if !parts.iter().all(|part| underscores_ok(part)) {
        return invalid("underscores must be surrounded by digits");
    }
    if parts.first().is_some_and(|part| has_leading_zero(part)) {
        return invalid("cannot have leading zeroes");
    }
    if digits.split('.').skip(1).any(|after| !after.starts_with(|c: char| c.is_ascii_digit())) {
        return invalid("'.' must be followed by one or more digits");
    }
    let plain = digits.replace('_', "");
    match plain.parse::<f64>() {
        Ok(number) if number.is_infinite() && !plain.contains("inf") => {
            fault(format!("{digits} is out of range for float64"))
        }
        Ok(number) => Ok(number.into()),
        Err(_) => fault(format!("Invalid float value: {}", quote(&digits))),
    }
}

/// Layouts with the zone of what has none; the last ones are TOML 1.1.
const DATES: [(&str, &str); 7] = [
    ("2006-01-02T15:04:05.999999999Z07:00", ""),
    ("2006-01-02T15:04:05.999999999", "datetime-local"),
    ("2006-01-02", "date-local"),
    ("15:04:05.999999999", "time-local"),
    ("2006-01-02T15:04Z07:00", ""),
    ("2006-01-02T15:04", "datetime-local"),
    ("15:04", "time-local"),
];

fn date(text: &Text, start: usize, newer: bool) -> Result<Value, Fault> {
    let written = text.since(start);
    let written = written.trim().replace('z', "Z").replace(['t', ' '], "T");
    for (layout, zone) in &DATES[..if newer { 7 } else { 4 }] {
        let Ok(time) = parse_time(layout.as_bytes(), written.as_bytes()) else { continue };
        // Go reads numbers without their leading zeros, which TOML does not allow.
        let separators = layout.bytes().take_while(|byte| !matches!(byte, b'.' | b'Z')).enumerate();
        let misplaced =
            |(at, byte): (usize, u8)| !byte.is_ascii_digit() && written.as_bytes().get(at) != Some(&byte);
        if separators.into_iter().any(misplaced) {
            break;
        }
        let zone = if zone.is_empty() { time.zone.clone() } else { (*zone).into() };
        return Ok(Kind::Time(Rc::new(Time { zone, ..time })).into());
    }
    Err(Fault { line: text.line(), message: format!("invalid datetime: {}", quote(&written)) })
}
