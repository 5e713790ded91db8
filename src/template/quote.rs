//! Go's quoted strings (package `strconv`) and the character classes that they and the lexer need.

use regex::Regex;
use std::borrow::Cow;
use std::fmt::Write as _;
use std::sync::LazyLock;

/// What `unicode.IsPrint` says beyond ASCII: letters, marks, numbers, punctuation and symbols.
static PRINTABLE: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"^[\p{L}\p{M}\p{N}\p{P}\p{S}]$").expect("the pattern is a constant"));

/// `unicode.IsLetter` and `unicode.IsDigit` beyond ASCII.
static WORD: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"^[\p{L}\p{Nd}]$").expect("the pattern is a constant"));

fn is_in(class: &Regex, char: char) -> bool {
    class.is_match(char.encode_utf8(&mut [0; 4]))
}

/// Go's `unicode.IsPrint`.
pub fn is_printable(char: char) -> bool {
    if char.is_ascii() { (' '..='~').contains(&char) } else { is_in(&PRINTABLE, char) }
}

/// A character of identifiers: a letter, a digit or `_`.
pub fn is_word(char: char) -> bool {
    char == '_' || if char.is_ascii() { char.is_ascii_alphanumeric() } else { is_in(&WORD, char) }
}

/// Go's `%#U`: `U+002D '-'`, without the character where it can't be printed.
pub fn code_point(char: char) -> String {
    let number = format!("U+{:04X}", u32::from(char));
    if is_printable(char) { format!("{number} '{char}'") } else { number }
}

/// The characters of a Go string: each byte that is not UTF-8 stands alone (`Err`).
pub fn characters(mut bytes: &[u8]) -> impl Iterator<Item = Result<char, u8>> {
    std::iter::from_fn(move || {
        let (char, length) = first_character(bytes)?;
        bytes = &bytes[length..];
        Some(char)
    })
}

/// The first character with its length, as Go's `utf8.DecodeRune` splits; `None` at the end.
pub fn first_character(bytes: &[u8]) -> Option<(Result<char, u8>, usize)> {
    let (char, length) = bstr::decode_utf8(bytes);
    let first = *bytes.first()?;
    // bstr joins the bytes of a cut character, Go takes them one by one.
    Some(char.map_or((Err(first), 1), |char| (Ok(char), length)))
}

/// The bytes as text, with U+FFFD for each byte that is no UTF-8, as Go's JSON and loops over strings
/// have it.
pub fn text(bytes: &[u8]) -> Cow<'_, str> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => characters(bytes).map(|char| char.unwrap_or(char::REPLACEMENT_CHARACTER)).collect(),
    }
}

/// Go's `strconv.Quote`; with `ascii` its `QuoteToASCII`.
pub fn quote_bytes(bytes: &[u8], ascii: bool) -> String {
    let mut quoted = String::with_capacity(bytes.len() + 2);
    quoted.push('"');
    for char in characters(bytes) {
        match char {
            Ok(char) => escape(&mut quoted, char, '"', ascii),
            Err(byte) => {
                let _ = write!(quoted, "\\x{byte:02x}");
            }
        }
    }
    quoted.push('"');
    quoted
}

/// Go's `strconv.Quote`.
pub fn quote(text: &str) -> String {
    quote_bytes(text.as_bytes(), false)
}

/// One character of a quoted text.
pub fn escape(quoted: &mut String, char: char, delimiter: char, ascii: bool) {
    match char {
        _ if char == delimiter || char == '\\' => quoted.extend(['\\', char]),
        '\u{7}' => quoted.push_str("\\a"),
        '\u{8}' => quoted.push_str("\\b"),
        '\u{c}' => quoted.push_str("\\f"),
        '\n' => quoted.push_str("\\n"),
        '\r' => quoted.push_str("\\r"),
        '\t' => quoted.push_str("\\t"),
        '\u{b}' => quoted.push_str("\\v"),
        _ if (char.is_ascii() || !ascii) && is_printable(char) => quoted.push(char),
        _ => {
            let number = u32::from(char);
            let _ = match number {
                0..=0x1f | 0x7f => write!(quoted, "\\x{number:02x}"),
                0..=0xffff => write!(quoted, "\\u{number:04x}"),
                _ => write!(quoted, "\\U{number:08x}"),
            };
        }
    }
}

/// What [`unquote`] and [`unquote_character`] say about anything malformed.
pub const INVALID_SYNTAX: &str = "invalid syntax";

/// Go's `strconv.Unquote` of a string in `"` or `` ` ``, quotes included.
pub fn unquote(quoted: &str) -> Result<Vec<u8>, &'static str> {
    let mut chars = quoted.chars();
    let (Some(open), Some(close)) = (chars.next(), chars.next_back()) else {
        return Err(INVALID_SYNTAX);
    };
    let inside = chars.as_str();
    match (open, close) {
        ('`', '`') => Ok(inside.replace('\r', "").into_bytes()),
        ('"', '"') => {
            let mut bytes = Vec::with_capacity(inside.len());
            let mut rest = inside;
            while !rest.is_empty() {
                let (unit, after) = unquote_unit(rest, '"')?;
                match unit {
                    Unit::Char(char) => bytes.extend(char.encode_utf8(&mut [0; 4]).as_bytes()),
                    Unit::Byte(byte) => bytes.push(byte),
                }
                rest = after;
            }
            Ok(bytes)
        }
        _ => Err(INVALID_SYNTAX),
    }
}

/// The character of a constant such as `'a'` or `'\n'`, quotes included.
pub fn unquote_character(quoted: &str) -> Result<u32, String> {
    let inside = quoted.strip_prefix('\'').ok_or(INVALID_SYNTAX)?;
    let (unit, rest) = unquote_unit(inside, '\'')?;
    if rest != "'" {
        return Err(format!("malformed character constant: {quoted}"));
    }
    Ok(match unit {
        Unit::Char(char) => char.into(),
        Unit::Byte(byte) => byte.into(),
    })
}

enum Unit {
    Char(char),
    Byte(u8),
}

fn unquote_unit(text: &str, delimiter: char) -> Result<(Unit, &str), &'static str> {
    let mut chars = text.chars();
    let first = chars.next().ok_or(INVALID_SYNTAX)?;
    if first == delimiter || first == '\n' {
        return Err(INVALID_SYNTAX);
    }
    if first != '\\' {
        return Ok((Unit::Char(first), chars.as_str()));
    }
    let kind = chars.next().ok_or(INVALID_SYNTAX)?;
    let mut number = |digits: usize, radix: u32, first: &str| -> Result<u32, &'static str> {
        let rest = chars.as_str();
        let end = digits - first.len();
        let text = format!("{first}{}", rest.get(..end).ok_or(INVALID_SYNTAX)?);
        if !text.chars().all(|digit| digit.is_digit(radix)) {
            return Err(INVALID_SYNTAX);
        }
        chars = rest[end..].chars();
        u32::from_str_radix(&text, radix).map_err(|_| INVALID_SYNTAX)
    };
    let char = |number: u32| char::from_u32(number).map(Unit::Char).ok_or(INVALID_SYNTAX);
    let unit = match kind {
        'a' => Unit::Char('\u{7}'),
        'b' => Unit::Char('\u{8}'),
        'f' => Unit::Char('\u{c}'),
        'n' => Unit::Char('\n'),
        'r' => Unit::Char('\r'),
        't' => Unit::Char('\t'),
        'v' => Unit::Char('\u{b}'),
        '\\' => Unit::Char('\\'),
        '\'' | '"' if kind == delimiter => Unit::Char(kind),
        'x' => Unit::Byte(number(2, 16, "")? as u8),
        'u' => char(number(4, 16, "")?)?,
        'U' => char(number(8, 16, "")?)?,
        '0'..='7' => Unit::Byte(
            u8::try_from(number(3, 8, kind.encode_utf8(&mut [0; 4]))?).map_err(|_| INVALID_SYNTAX)?,
        ),
        _ => return Err(INVALID_SYNTAX),
    };
    Ok((unit, chars.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quoting_and_unquoting_agree() {
        for (text, quoted) in [("a\"\\\n\u{1}é\u{200b}😀", r#""a\"\\\n\x01é\u200b😀""#), ("", r#""""#)]
        {
            assert_eq!(quote(text), quoted);
            assert_eq!(unquote(quoted), Ok(text.as_bytes().to_vec()));
        }
        assert_eq!(unquote(r#""\101\xff""#), Ok(vec![b'A', 0xff]));
        assert_eq!(unquote("`a\\n\r`"), Ok(b"a\\n".to_vec()));
        for malformed in ["\"", "\"\\'\"", "\"\\400\"", "\"\\ud800\"", "\"\\x1\"", "'a'"] {
            assert_eq!(unquote(malformed), Err(INVALID_SYNTAX), "{malformed}");
        }
    }

    #[test]
    fn bytes_that_are_no_text_stand_alone() {
        assert_eq!(quote_bytes(b"\xe2\x82a", false), r#""\xe2\x82a""#);
        assert_eq!(quote_bytes("é😀".as_bytes(), true), r#""\u00e9\U0001f600""#);
    }
}
