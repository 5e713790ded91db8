//! JSON as Go's `encoding/json` reads it, with its errors.

use crate::template::quote::{characters, quote};
use crate::template::types::Type;
use crate::template::value::{Kind, List, Map, Str, Value};
use std::rc::Rc;

/// Go allows 10,000.
const MOST_LEVELS: usize = 500;

/// A value, and the first number in it that is too big for a float (it was read as nil).
#[derive(Debug)]
pub struct Read {
    /// The value.
    pub value: Value,
    /// Go's error, if any.
    pub error: Option<String>,
}

/// `json.Unmarshal` into an `interface {}`. Fails where the text is no JSON.
pub fn read_json(text: &[u8]) -> Result<Read, String> {
    let mut reader = Reader { text, at: 0, error: None };
    let value = reader.value(0)?;
    reader.skip_space();
    match reader.peek() {
        None => Ok(Read { value, error: reader.error }),
        Some(byte) => Err(invalid(byte, "after top-level value")),
    }
}

/// `json.Unmarshal` into a map: what could be read, and the error.
pub fn read_json_map(text: &[u8]) -> (Value, Option<String>) {
    typed(text, Type::MAP, "map[string]interface {}")
}

/// `json.Unmarshal` into a list.
pub fn read_json_list(text: &[u8]) -> (Value, Option<String>) {
    typed(text, Type::LIST, "[]interface {}")
}

fn typed(text: &[u8], of: Type, name: &str) -> (Value, Option<String>) {
    let empty = || match of {
        Type::MAP => Value::map::<Str>([]),
        _ => Value::list(Vec::new()),
    };
    let read = match read_json(text) {
        Err(error) => return (empty(), Some(error)),
        Ok(read) => read,
    };
    let found = match &read.value.kind {
        Kind::Nil if read.error.is_none() => return (nil(of), None),
        Kind::Map(_) | Kind::List(_) if read.value.type_of() == Some(of) => return (read.value, read.error),
        Kind::Map(_) => "object",
        Kind::List(_) => "array",
        Kind::String(_) => "string",
        Kind::Bool(_) => "bool",
        _ => "number",
    };
    (empty(), Some(format!("json: cannot unmarshal {found} into Go value of type {name}")))
}

fn nil(of: Type) -> Value {
    match of {
        Type::MAP => Kind::Map(Rc::new(Map::nil(of))).into(),
        _ => Kind::List(Rc::new(List::nil(of))).into(),
    }
}

fn invalid(byte: u8, context: &str) -> String {
    let char = match byte {
        b'\'' => "\\'".to_owned(),
        b'"' => "\"".to_owned(),
        _ => {
            // Go takes a byte for a character of Latin-1.
            let quoted = quote(&char::from(byte).to_string());
            quoted[1..quoted.len() - 1].to_owned()
        }
    };
    format!("invalid character '{char}' {context}")
}

struct Reader<'a> {
    text: &'a [u8],
    at: usize,
    error: Option<String>,
}

impl Reader<'_> {
    fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    fn skip_space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\r' | b'\n')) {
            self.at += 1;
        }
    }

    /// The error that the byte here is, or the end of the text.
    fn fail<T>(&self, context: &str) -> Result<T, String> {
        // At the end Go tries a blank, which is wrong within a word, a number or an escape.
        let within = [" literal t", " literal f", " literal n", "numeric literal", "escape"];
        match self.peek() {
            Some(byte) => Err(invalid(byte, context)),
            None if within.iter().any(|part| context.contains(part)) => Err(invalid(b' ', context)),
            None => Err("unexpected end of JSON input".to_owned()),
        }
    }

    fn value(&mut self, depth: usize) -> Result<Value, String> {
        self.skip_space();
        if depth > MOST_LEVELS {
            return Err("exceeded max depth".to_owned());
        }
        match self.peek() {
            Some(b'{') => self.object(depth),
            Some(b'[') => self.array(depth),
            Some(b'"') => Ok(self.string()?.into()),
            Some(b't') => self.literal("true", true.into()),
            Some(b'f') => self.literal("false", false.into()),
            Some(b'n') => self.literal("null", Value::NIL),
            Some(b'-' | b'0'..=b'9') => self.number(),
            _ => self.fail("looking for beginning of value"),
        }
    }

    fn literal(&mut self, word: &str, value: Value) -> Result<Value, String> {
        for expected in word.bytes() {
            if self.peek() != Some(expected) {
                return self.fail(&format!("in literal {word} (expecting '{}')", char::from(expected)));
            }
            self.at += 1;
        }
        Ok(value)
    }

    fn digits(&mut self, context: &str) -> Result<(), String> {
        if !self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            return self.fail(context);
        }
        while self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            self.at += 1;
        }
        Ok(())
    }

    fn number(&mut self) -> Result<Value, String> {
        let start = self.at;
        if self.peek() == Some(b'-') {
            self.at += 1;
        }
        if self.peek() == Some(b'0') {
            self.at += 1;
        } else {
            self.digits("in numeric literal")?;
        }
        if self.peek() == Some(b'.') {
            self.at += 1;
            self.digits("after decimal point in numeric literal")?;
        }
        if matches!(self.peek(), Some(b'e' | b'E')) {
            self.at += 1;
            if matches!(self.peek(), Some(b'+' | b'-')) {
                self.at += 1;
            }
            self.digits("in exponent of numeric literal")?;
        }
        let text = String::from_utf8_lossy(&self.text[start..self.at]);
        match text.parse::<f64>() {
            Ok(number) if number.is_finite() => Ok(number.into()),
            _ => {
                let error = format!("json: cannot unmarshal number {text} into Go value of type float64");
                self.error.get_or_insert(error);
                Ok(Value::NIL)
            }
        }
    }

    fn array(&mut self, depth: usize) -> Result<Value, String> {
        self.at += 1;
        let mut items = Vec::new();
        self.skip_space();
        if self.peek() == Some(b']') {
            self.at += 1;
            return Ok(Value::list(items));
        }
        loop {
            items.push(self.value(depth + 1)?);
            self.skip_space();
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b']') => {
                    self.at += 1;
                    return Ok(Value::list(items));
                }
                _ => return self.fail("after array element"),
            }
        }
    }

    fn object(&mut self, depth: usize) -> Result<Value, String> {
        self.at += 1;
        let mut entries = Vec::new();
        self.skip_space();
        if self.peek() == Some(b'}') {
            self.at += 1;
            return Ok(Value::map(entries));
        }
        loop {
            self.skip_space();
            if self.peek() != Some(b'"') {
                return self.fail("looking for beginning of object key string");
            }
            let key = self.string()?;
            self.skip_space();
            if self.peek() != Some(b':') {
                return self.fail("after object key");
            }
            self.at += 1;
            let value = self.value(depth + 1)?;
            entries.push((key, value));
            self.skip_space();
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b'}') => {
                    self.at += 1;
                    return Ok(Value::map(entries));
                }
                _ => return self.fail("after object key:value pair"),
            }
        }
    }

    /// A text; bytes that are not UTF-8 become U+FFFD.
    fn string(&mut self) -> Result<Str, String> {
        self.at += 1;
        let mut text = Vec::new();
        loop {
            match self.peek() {
                Some(b'"') => break,
                Some(b'\\') => {
                    self.at += 1;
                    let char = self.escape()?;
                    text.extend(char.encode_utf8(&mut [0; 4]).as_bytes());
                }
                None | Some(0..0x20) => return self.fail("in string literal"),
                Some(byte) => {
                    text.push(byte);
                    self.at += 1;
                }
            }
        }
        self.at += 1;
        let text: String =
            characters(&text).map(|char| char.unwrap_or(char::REPLACEMENT_CHARACTER)).collect();
        Ok(text.into())
    }

    fn escape(&mut self) -> Result<char, String> {
        let char = match self.peek() {
            Some(byte @ (b'"' | b'\\' | b'/')) => char::from(byte),
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => {
                self.at += 1;
                return self.code_point();
            }
            _ => return self.fail("in string escape code"),
        };
        self.at += 1;
        Ok(char)
    }

    fn four_digits(&mut self) -> Result<u32, String> {
        let mut number = 0;
        for _ in 0..4 {
            let Some(digit) = self.peek().and_then(|byte| char::from(byte).to_digit(16)) else {
                return self.fail("in \\u hexadecimal character escape");
            };
            number = number * 16 + digit;
            self.at += 1;
        }
        Ok(number)
    }

    /// What follows `\u`: a pair of surrogates is one character, half a pair is U+FFFD.
    fn code_point(&mut self) -> Result<char, String> {
        let first = self.four_digits()?;
        if (0xd800..0xdc00).contains(&first) && self.text[self.at..].starts_with(b"\\u") {
            let back = self.at;
            self.at += 2;
            let second = self.four_digits()?;
            if (0xdc00..0xe000).contains(&second) {
                let code = 0x1_0000 + ((first - 0xd800) << 10) + (second - 0xdc00);
                return Ok(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER));
            }
            self.at = back;
        }
        Ok(char::from_u32(first).unwrap_or(char::REPLACEMENT_CHARACTER))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_are_those_of_go() {
        for (text, error) in [
            ("", "unexpected end of JSON input"),
            ("--a--", "invalid character '-' in numeric literal"),
            ("foo", "invalid character 'o' in literal false (expecting 'a')"),
            ("line", "invalid character 'l' looking for beginning of value"),
            ("{\"a\":1,}", "invalid character '}' looking for beginning of object key string"),
            ("{\"a\" 1}", "invalid character '1' after object key"),
            ("[1 2]", "invalid character '2' after array element"),
            ("tru", "invalid character ' ' in literal true (expecting 'e')"),
            ("\"a", "unexpected end of JSON input"),
            ("01", "invalid character '1' after top-level value"),
            ("1.x", "invalid character 'x' after decimal point in numeric literal"),
            ("\"\n\"", "invalid character '\\n' in string literal"),
            ("\"\\x\"", "invalid character 'x' in string escape code"),
            ("'", "invalid character '\\'' looking for beginning of value"),
        ] {
            assert_eq!(read_json(text.as_bytes()).map(|_| ()), Err(error.to_owned()), "{text}");
        }
    }
}
