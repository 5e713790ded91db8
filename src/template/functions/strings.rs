//! Sprig's functions of strings (`strings.go`). Go's strings are bytes: positions and lengths count
//! bytes, and a character may be cut.

use super::words::{self, runes};
use super::{Function, MOST_BYTES, MOST_ITEMS, letters, too_long, too_many};
use crate::template::print;
use crate::template::quote::{first_character, quote_bytes};
use crate::template::types::Type;
use crate::template::value::{Kind, Str, Value};
use bstr::ByteSlice;

const ANY: Type = Type::Interface;
const INT: Type = Type::INT;
const STRING: Type = Type::String;

/// Sprig's functions of strings.
pub const TABLE: &[Function] = &[
    Function::new("abbrev", &[INT, STRING], |_, a| Ok(abbreviate(bytes(&a[1]), 0, a[0].integer()))),
    Function::new("abbrevboth", &[INT, INT, STRING], |_, a| {
        let (left, right) = (a[0].integer(), a[1].integer());
        if left > 0 && right < 7 { Ok(a[2].clone()) } else { Ok(abbreviate(bytes(&a[2]), left, right)) }
    }),
    Function::new("trunc", &[INT, STRING], |_, a| Ok(truncate(a[0].integer(), bytes(&a[1])).into())),
    Function::new("trim", &[STRING], |_, a| Ok(bytes(&a[0]).trim().into())),
    Function::new("upper", &[STRING], |_, a| Ok(map_runes(bytes(&a[0]), letters::to_upper).into())),
    Function::new("lower", &[STRING], |_, a| Ok(map_runes(bytes(&a[0]), letters::to_lower).into())),
    Function::new("title", &[STRING], |_, a| Ok(words::title(bytes(&a[0])).into())),
    Function::new("untitle", &[STRING], |_, a| Ok(words::untitle(bytes(&a[0])).into())),
    Function::new("swapcase", &[STRING], |_, a| Ok(words::swap_case(bytes(&a[0])).into())),
    Function::new("initials", &[STRING], |_, a| Ok(words::initials(bytes(&a[0])).into())),
    Function::new("nospace", &[STRING], |_, a| Ok(words::without_space(bytes(&a[0])).into())),
    Function::new("camelcase", &[STRING], |_, a| Ok(words::pascal_case(bytes(&a[0])).into())),
    Function::new("snakecase", &[STRING], |_, a| Ok(words::connected(bytes(&a[0]), '_').into())),
    Function::new("kebabcase", &[STRING], |_, a| Ok(words::connected(bytes(&a[0]), '-').into())),
    Function::new("wrap", &[INT, STRING], |_, a| {
        words::wrap(bytes(&a[1]), a[0].integer(), b"", false).map(Value::from)
    }),
    Function::new("wrapWith", &[INT, STRING, STRING], |_, a| {
        words::wrap(bytes(&a[2]), a[0].integer(), bytes(&a[1]), true).map(Value::from)
    }),
    Function::new("substr", &[INT, INT, STRING], |_, a| {
        substring(a[0].integer(), a[1].integer(), bytes(&a[2])).map(Value::from)
    }),
    Function::new("repeat", &[INT, STRING], |_, a| repeat(a[0].integer(), bytes(&a[1])).map(Value::from)),
    Function::new("trimAll", &[STRING, STRING], |_, a| Ok(trim_all(bytes(&a[0]), bytes(&a[1])).into())),
    Function::new("trimall", &[STRING, STRING], |_, a| Ok(trim_all(bytes(&a[0]), bytes(&a[1])).into())),
    Function::new("trimSuffix", &[STRING, STRING], |_, a| {
        let text = bytes(&a[1]);
        Ok(text.strip_suffix(bytes(&a[0])).unwrap_or(text).into())
    }),
    Function::new("trimPrefix", &[STRING, STRING], |_, a| {
        let text = bytes(&a[1]);
        Ok(text.strip_prefix(bytes(&a[0])).unwrap_or(text).into())
    }),
    Function::new("contains", &[STRING, STRING], |_, a| Ok(bytes(&a[1]).contains_str(bytes(&a[0])).into())),
    Function::new("hasPrefix", &[STRING, STRING], |_, a| Ok(bytes(&a[1]).starts_with(bytes(&a[0])).into())),
    Function::new("hasSuffix", &[STRING, STRING], |_, a| Ok(bytes(&a[1]).ends_with(bytes(&a[0])).into())),
    Function::variadic("quote", &[ANY], |_, a| {
        Ok(joined(a, |value| Ok(quote_bytes(strval(value)?.as_bytes(), false).into_bytes()))?.into())
    }),
    Function::variadic("squote", &[ANY], |_, a| {
        Ok(joined(a, |value| Ok([b"'", &*sprint(value)?, b"'"].concat()))?.into())
    }),
    Function::variadic("cat", &[ANY], |_, a| Ok(joined(a, sprint)?.into())),
    Function::new("indent", &[INT, STRING], |_, a| indent(a[0].integer(), bytes(&a[1])).map(Value::from)),
    Function::new("nindent", &[INT, STRING], |_, a| {
        Ok([b"\n", &*indent(a[0].integer(), bytes(&a[1]))?].concat().into())
    }),
    Function::new("replace", &[STRING, STRING, STRING], |_, a| {
        replace(bytes(&a[0]), bytes(&a[1]), bytes(&a[2])).map(Value::from)
    }),
    Function::new("plural", &[STRING, STRING, INT], |_, a| {
        Ok(if a[2].integer() == 1 { a[0].clone() } else { a[1].clone() })
    }),
    Function::new("toString", &[ANY], |_, a| Ok(strval(&a[0])?.into())),
    Function::new("split", &[STRING, STRING], |_, a| Ok(numbered(split(bytes(&a[1]), bytes(&a[0]), -1)?))),
    Function::new("splitn", &[STRING, INT, STRING], |_, a| {
        Ok(numbered(split(bytes(&a[2]), bytes(&a[0]), a[1].integer())?))
    }),
    Function::new("splitList", &[STRING, STRING], |_, a| {
        Ok(Value::strings(split(bytes(&a[1]), bytes(&a[0]), -1)?))
    }),
];

impl From<Vec<u8>> for Value {
    fn from(bytes: Vec<u8>) -> Self {
        Str::from(bytes).into()
    }
}

impl From<&[u8]> for Value {
    fn from(bytes: &[u8]) -> Self {
        Str::from(bytes).into()
    }
}

/// The bytes of an argument whose parameter is [`Type::String`].
pub fn bytes(value: &Value) -> &[u8] {
    value.as_string().map_or(b"", |text| text.as_bytes())
}

/// Go's `fmt.Sprint` of one value, its `%v`.
pub fn sprint(value: &Value) -> Result<Vec<u8>, String> {
    print::display(value)
}

/// Sprig's `strval`: as `%v`, but bytes are text.
pub fn strval(value: &Value) -> Result<Str, String> {
    match &value.kind {
        Kind::String(text) => Ok(text.clone()),
        Kind::Bytes(bytes) => Ok(Str::from(&bytes[..])),
        _ => Ok(sprint(value)?.into()),
    }
}

/// Sprig's `strslice`: the texts of a list's items without nils, or of the value itself.
pub fn strings_of(value: &Value) -> Result<Vec<Str>, String> {
    match value.items() {
        Some(items) => items.iter().filter(|item| !item.is_nil()).map(strval).collect(),
        None if value.is_nil() => Ok(Vec::new()),
        None => Ok(vec![strval(value)?]),
    }
}

/// What `print` makes of all values but nil, with spaces between.
fn joined(values: &[Value], print: impl Fn(&Value) -> Result<Vec<u8>, String>) -> Result<Vec<u8>, String> {
    let texts = values.iter().filter(|value| !value.is_nil()).map(print);
    Ok(bstr::join(" ", texts.collect::<Result<Vec<_>, _>>()?))
}

/// `strings.Map`: bytes that are not UTF-8 become U+FFFD.
fn map_runes(text: &[u8], map: fn(char) -> char) -> String {
    runes(text).map(map).collect()
}

/// goutils' `AbbreviateFull`. Less than four bytes are left as they are (Sprig).
fn abbreviate(text: &[u8], offset: i64, width: i64) -> Value {
    let length = text.len() as i64;
    if width < 4 || length <= width {
        return text.into();
    }
    let offset = offset.min(length).min(length - (width - 3));
    // The width is less than the length from here on, so every position is within the text.
    let kept = (width - 3) as usize;
    if offset <= 4 {
        return [&text[..kept], b"..."].concat().into();
    }
    if offset + width - 3 < length {
        let rest = &text[offset as usize..];
        let kept = kept - 3;
        return [b"...", &rest[..kept], b"..."].concat().into();
    }
    [b"...", &text[text.len() - kept..]].concat().into()
}

fn truncate(count: i64, text: &[u8]) -> &[u8] {
    let length = text.len() as i64;
    if count < 0 && length.saturating_add(count) > 0 {
        &text[(length + count) as usize..]
    } else if count >= 0 && length > count {
        &text[..count as usize]
    } else {
        text
    }
}

fn substring(start: i64, end: i64, text: &[u8]) -> Result<&[u8], String> {
    let length = text.len() as i64;
    let out_of_range = |range: String| Err(format!("runtime error: slice bounds out of range {range}"));
    if start < 0 {
        return match usize::try_from(end) {
            Err(_) => out_of_range(format!("[:{end}]")),
            Ok(end) => match text.get(..end) {
                None => out_of_range(format!("[:{end}] with length {length}")),
                Some(text) => Ok(text),
            },
        };
    }
    let end = if end < 0 || end > length { length } else { end };
    match text.get(start as usize..end as usize) {
        None => out_of_range(format!("[{start}:{end}]")),
        Some(text) => Ok(text),
    }
}

fn repeat(count: i64, text: &[u8]) -> Result<Vec<u8>, String> {
    if count < 0 {
        return Err("strings: negative Repeat count".to_owned());
    }
    let length = (text.len() as u64).checked_mul(count as u64);
    match length.filter(|&length| i64::try_from(length).is_ok()) {
        None => Err("strings: Repeat output length overflow".to_owned()),
        Some(length) if length > MOST_BYTES as u64 => Err(too_long()),
        Some(_) => Ok(text.repeat(count as usize)),
    }
}

fn trim_all<'a>(cutset: &[u8], text: &'a [u8]) -> &'a [u8] {
    let cutset: Vec<char> = runes(cutset).collect();
    text.trim_with(|c| cutset.contains(&c))
}

fn indent(spaces: i64, text: &[u8]) -> Result<Vec<u8>, String> {
    let pad = repeat(spaces, b" ")?;
    let lines = 1 + text.find_iter("\n").count();
    if pad.len().saturating_mul(lines) > MOST_BYTES {
        return Err(too_long());
    }
    Ok([&pad[..], &text.replace(b"\n", [b"\n", &pad[..]].concat())].concat())
}

/// `strings.ReplaceAll`: nothing is found before every character and at the end.
fn replace(old: &[u8], new: &[u8], text: &[u8]) -> Result<Vec<u8>, String> {
    let places = if old.is_empty() { text.len() + 1 } else { text.find_iter(old).count() };
    if places.saturating_mul(new.len()) > MOST_BYTES {
        return Err(too_long());
    }
    if !old.is_empty() {
        return Ok(text.replace(old, new));
    }
    let mut replaced = new.to_vec();
    let mut rest = text;
    while let Some((_, size)) = first_character(rest) {
        replaced.extend(&rest[..size]);
        replaced.extend(new);
        rest = &rest[size..];
    }
    Ok(replaced)
}

/// `strings.SplitN`: at most `most` parts where it is not negative. Without separator, characters.
fn split<'a>(text: &'a [u8], separator: &[u8], most: i64) -> Result<Vec<&'a [u8]>, String> {
    let most = usize::try_from(most).unwrap_or(usize::MAX);
    if most == 0 {
        return Ok(Vec::new());
    }
    if !separator.is_empty() {
        let parts: Vec<_> = text.splitn_str(most.min(MOST_ITEMS as usize + 2), separator).collect();
        return if parts.len() > MOST_ITEMS as usize { Err(too_many()) } else { Ok(parts) };
    }
    if text.len() > MOST_ITEMS as usize {
        return Err(too_many());
    }
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some((_, size)) = first_character(rest) {
        if parts.len() + 1 == most {
            parts.push(rest);
            break;
        }
        parts.push(&rest[..size]);
        rest = &rest[size..];
    }
    Ok(parts)
}

/// `_0`, `_1`, …: what `split` and `splitn` give.
fn numbered(parts: Vec<&[u8]>) -> Value {
    Value::string_map(parts.into_iter().enumerate().map(|(at, part)| (format!("_{at}"), part)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_count_bytes() {
        assert_eq!(substring(0, 2, "héllo".as_bytes()), Ok(&b"h\xc3"[..]));
        assert_eq!(substring(-1, -3, b"x"), Err("runtime error: slice bounds out of range [:-3]".to_owned()));
        assert_eq!(
            substring(-1, 9, b"x"),
            Err("runtime error: slice bounds out of range [:9] with length 1".to_owned())
        );
        assert_eq!(
            substring(3, 0, b"hello"),
            Err("runtime error: slice bounds out of range [3:0]".to_owned())
        );
        assert_eq!(truncate(-2, b"hello"), b"lo");
        assert_eq!(truncate(-9, b"hello"), b"hello");
    }

    #[test]
    fn nothing_is_found_between_characters() {
        assert_eq!(replace(b"", b"-", "hé".as_bytes()), Ok("-h-é-".as_bytes().to_vec()));
        assert_eq!(split("hé!".as_bytes(), b"", 2), Ok(vec!["h".as_bytes(), "é!".as_bytes()]));
        assert_eq!(split(b"", b"", -1), Ok(Vec::new()));
    }
}
