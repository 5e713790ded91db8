//! JSON as Go's `encoding/json` reads it, with its errors and the place of every value.
//!
//! Numbers keep their text: Go reads them as one kind or another depending on what it reads into.

use crate::source::Span;
use std::collections::HashMap;
use std::collections::hash_map::Entry as Place;
use std::fmt;

/// A value with its bytes.
#[derive(Debug)]
pub struct Node {
    /// The bytes of the value, brackets and quotes included.
    pub span: Span,
    /// The value.
    pub kind: Kind,
}

/// What a value is.
#[derive(Debug)]
pub enum Kind {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number, as it is written.
    Number(String),
    /// A string, escapes resolved.
    String(String),
    /// An array.
    List(Vec<Node>),
    /// An object: each key once (the last one written, as in Go), in the order of the text.
    Map(Vec<Entry>),
}

/// A key with its value.
#[derive(Debug)]
pub struct Entry {
    /// The key.
    pub key: String,
    /// The bytes of the key, quotes included.
    pub key_span: Span,
    /// The value.
    pub value: Node,
}

/// Why a text is no JSON.
#[derive(Debug, PartialEq, Eq)]
pub struct Broken {
    /// What is wrong.
    pub fault: Fault,
    /// The words of Go's `json.Unmarshal`.
    pub message: String,
    /// Offset of the first byte that does not fit.
    pub offset: usize,
}

/// What is wrong with a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// A byte does not fit.
    Byte,
    /// The text ends too early.
    End,
    /// Values are nested deeper than the reader goes.
    Depth,
}

/// A value that was read.
#[derive(Debug)]
pub struct Read {
    /// The value.
    pub root: Node,
    /// The first number in the text that no double holds.
    too_big: Option<String>,
    /// Where the value and the blanks after it end.
    pub end: usize,
}

impl Node {
    /// The entries of an object; none for anything else.
    pub fn entries(&self) -> &[Entry] {
        if let Kind::Map(entries) = &self.kind { entries } else { &[] }
    }

    /// The items of an array; none for anything else.
    pub fn items(&self) -> &[Node] {
        if let Kind::List(items) = &self.kind { items } else { &[] }
    }

    /// The entry at a key of an object.
    pub fn entry(&self, key: &str) -> Option<&Entry> {
        self.entries().iter().find(|entry| entry.key == key)
    }

    /// The value at a key of an object.
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.entry(key).map(|entry| &entry.value)
    }

    /// The text of a string.
    pub fn as_str(&self) -> Option<&str> {
        if let Kind::String(text) = &self.kind { Some(text) } else { None }
    }

    /// The text of a number.
    pub fn as_number(&self) -> Option<&str> {
        if let Kind::Number(text) = &self.kind { Some(text) } else { None }
    }

    /// Whether it is an object.
    pub fn is_map(&self) -> bool {
        matches!(self.kind, Kind::Map(_))
    }

    /// Whether it is `true` or `false`.
    pub fn is_bool(&self) -> bool {
        matches!(self.kind, Kind::Bool(_))
    }

    /// The child that one step of a JSON pointer (escapes resolved) names.
    pub fn child(&self, step: &str) -> Option<&Node> {
        match &self.kind {
            Kind::Map(_) => self.get(step),
            Kind::List(items) => step.parse::<usize>().ok().and_then(|at| items.get(at)),
            _ => None,
        }
    }

    /// The same value for serde. A number that no double holds becomes the nearest one that is held.
    pub fn to_json(&self) -> serde_json::Value {
        use serde_json::Value as Json;
        match &self.kind {
            Kind::Null => Json::Null,
            Kind::Bool(bool) => Json::Bool(*bool),
            Kind::Number(text) => number(text),
            Kind::String(text) => Json::String(text.clone()),
            Kind::List(items) => Json::Array(items.iter().map(Self::to_json).collect()),
            Kind::Map(entries) => {
                let mut object = serde_json::Map::new();
                for entry in entries {
                    object.insert(entry.key.clone(), entry.value.to_json());
                }
                Json::Object(object)
            }
        }
    }
}

/// Compact JSON.
impl fmt::Display for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kind {
            Kind::Number(text) => f.write_str(text),
            _ => write!(f, "{}", self.to_json()),
        }
    }
}

/// The number for serde: exact for 64-bit integers, else the nearest double.
pub fn number(text: &str) -> serde_json::Value {
    if let Ok(int) = text.parse::<i64>() {
        return int.into();
    }
    if let Ok(int) = text.parse::<u64>() {
        return int.into();
    }
    let double = text.parse::<f64>().unwrap_or(f64::MAX).clamp(f64::MIN, f64::MAX);
    serde_json::Number::from_f64(double).map_or(serde_json::Value::Null, serde_json::Value::Number)
}

impl Read {
    /// What Go says of a number that no double holds, where it reads into an `interface {}`.
    pub fn number_error(&self) -> Option<String> {
        let number = self.too_big.as_ref()?;
        Some(format!("json: cannot unmarshal number {number} into Go value of type float64"))
    }
}

/// Reads the first JSON value of a text, as `json.Decoder` does; a byte order mark before it is none of it.
/// Values that are nested deeper than so many levels are refused, so that no later step can run out of stack.
pub fn read_first(text: &str, deepest: usize) -> Result<Read, Broken> {
    let start = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    read(text.as_bytes(), start, deepest).map_err(|broken| {
        let message = match broken.fault {
            Fault::Byte | Fault::Depth => return broken,
            Fault::End if text[start..].trim().is_empty() => "EOF".to_owned(),
            Fault::End => "unexpected EOF".to_owned(),
        };
        Broken { message, ..broken }
    })
}

/// Reads a text that is one JSON value and nothing else, as `json.Unmarshal` does.
pub fn read_whole(text: &[u8], deepest: usize) -> Result<Read, Broken> {
    let read = read(text, 0, deepest)?;
    match text.get(read.end) {
        None => Ok(read),
        Some(byte) => Err(Broken::byte(*byte, "after top-level value", read.end)),
    }
}

fn read(text: &[u8], start: usize, deepest: usize) -> Result<Read, Broken> {
    let mut reader = Reader { text, at: start, deepest, too_big: None };
    let root = reader.value(0)?;
    reader.blanks();
    Ok(Read { root, too_big: reader.too_big, end: reader.at })
}

impl Broken {
    /// The byte that does not fit, or what is around it, in the text that was read.
    pub fn span(&self, text: &str) -> Span {
        let start = text.floor_char_boundary(self.offset);
        Span::new(start, text.ceil_char_boundary((self.offset + 1).min(text.len())))
    }

    fn byte(byte: u8, context: &str, offset: usize) -> Self {
        let message = format!("invalid character {} {context}", quoted(byte));
        Self { fault: Fault::Byte, message, offset }
    }
}

/// A byte as Go quotes it, which takes it for a character of Latin-1.
fn quoted(byte: u8) -> String {
    match byte {
        b'\'' => r"'\''".to_owned(),
        b'"' => "'\"'".to_owned(),
        b'\\' => r"'\\'".to_owned(),
        0x07 => r"'\a'".to_owned(),
        0x08 => r"'\b'".to_owned(),
        0x0b => r"'\v'".to_owned(),
        0x0c => r"'\f'".to_owned(),
        b'\n' => r"'\n'".to_owned(),
        b'\r' => r"'\r'".to_owned(),
        b'\t' => r"'\t'".to_owned(),
        0..0x20 | 0x7f => format!(r"'\x{byte:02x}'"),
        0x80..=0xa0 | 0xad => format!(r"'\u{byte:04x}'"),
        _ => format!("'{}'", char::from(byte)),
    }
}

struct Reader<'a> {
    text: &'a [u8],
    at: usize,
    deepest: usize,
    too_big: Option<String>,
}

impl Reader<'_> {
    fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    fn blanks(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\r' | b'\n')) {
            self.at += 1;
        }
    }

    /// The error that the byte here is, or the end of the text.
    fn fail<T>(&self, context: &str) -> Result<T, Broken> {
        if let Some(byte) = self.peek() {
            return Err(Broken::byte(byte, context, self.at));
        }
        // At the end Go tries a blank, which is wrong within a word, a number or an escape.
        let within = [" literal t", " literal f", " literal n", "numeric literal", "escape"];
        let message = if within.iter().any(|part| context.contains(part)) {
            Broken::byte(b' ', context, self.at).message
        } else {
            "unexpected end of JSON input".to_owned()
        };
        Err(Broken { fault: Fault::End, message, offset: self.at })
    }

    fn value(&mut self, depth: usize) -> Result<Node, Broken> {
        self.blanks();
        if depth > self.deepest {
            let message = "exceeded max depth".to_owned();
            return Err(Broken { fault: Fault::Depth, message, offset: self.at });
        }
        let start = self.at;
        let kind = match self.peek() {
            Some(b'{') => self.map(depth)?,
            Some(b'[') => self.list(depth)?,
            Some(b'"') => Kind::String(self.string()?),
            Some(b'-' | b'0'..=b'9') => Kind::Number(self.number()?),
            Some(b't') => self.literal("true", Kind::Bool(true))?,
            Some(b'f') => self.literal("false", Kind::Bool(false))?,
            Some(b'n') => self.literal("null", Kind::Null)?,
            _ => return self.fail("looking for beginning of value"),
        };
        Ok(Node { span: Span::new(start, self.at), kind })
    }

    fn literal(&mut self, word: &'static str, kind: Kind) -> Result<Kind, Broken> {
        for expected in word.bytes() {
            if self.peek() != Some(expected) {
                return self.fail(&format!("in literal {word} (expecting '{}')", char::from(expected)));
            }
            self.at += 1;
        }
        Ok(kind)
    }

    fn map(&mut self, depth: usize) -> Result<Kind, Broken> {
        let mut entries: Vec<Entry> = Vec::new();
        let mut positions = HashMap::new();
        self.at += 1;
        self.blanks();
        if self.peek() == Some(b'}') {
            self.at += 1;
            return Ok(Kind::Map(entries));
        }
        loop {
            self.blanks();
            if self.peek() != Some(b'"') {
                return self.fail("looking for beginning of object key string");
            }
            let start = self.at;
            let key = self.string()?;
            let key_span = Span::new(start, self.at);
            self.blanks();
            if self.peek() != Some(b':') {
                return self.fail("after object key");
            }
            self.at += 1;
            let entry = Entry { value: self.value(depth + 1)?, key, key_span };
            match positions.entry(entry.key.clone()) {
                Place::Occupied(position) => entries[*position.get()] = entry,
                Place::Vacant(position) => {
                    position.insert(entries.len());
                    entries.push(entry);
                }
            }
            self.blanks();
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b'}') => break,
                _ => return self.fail("after object key:value pair"),
            }
        }
        self.at += 1;
        Ok(Kind::Map(entries))
    }

    fn list(&mut self, depth: usize) -> Result<Kind, Broken> {
        let mut items = Vec::new();
        self.at += 1;
        self.blanks();
        if self.peek() == Some(b']') {
            self.at += 1;
            return Ok(Kind::List(items));
        }
        loop {
            items.push(self.value(depth + 1)?);
            self.blanks();
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b']') => break,
                _ => return self.fail("after array element"),
            }
        }
        self.at += 1;
        Ok(Kind::List(items))
    }

    fn number(&mut self) -> Result<String, Broken> {
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
        let number: String = self.text[start..self.at].iter().copied().map(char::from).collect();
        if self.too_big.is_none() && !number.parse::<f64>().is_ok_and(f64::is_finite) {
            self.too_big = Some(number.clone());
        }
        Ok(number)
    }

    fn digits(&mut self, context: &str) -> Result<(), Broken> {
        if !self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            return self.fail(context);
        }
        while self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            self.at += 1;
        }
        Ok(())
    }

    /// A text; each byte that is not UTF-8 becomes U+FFFD.
    fn string(&mut self) -> Result<String, Broken> {
        let mut text = String::new();
        self.at += 1;
        loop {
            let plain = self.at;
            while !matches!(self.peek(), None | Some(b'"' | b'\\' | 0..0x20)) {
                self.at += 1;
            }
            for chunk in self.text[plain..self.at].utf8_chunks() {
                text.push_str(chunk.valid());
                text.extend(chunk.invalid().iter().map(|_| char::REPLACEMENT_CHARACTER));
            }
            match self.peek() {
                Some(b'"') => break,
                Some(b'\\') => text.push(self.escape()?),
                _ => return self.fail("in string literal"),
            }
        }
        self.at += 1;
        Ok(text)
    }

    fn escape(&mut self) -> Result<char, Broken> {
        self.at += 1;
        let character = match self.peek() {
            Some(plain @ (b'"' | b'\\' | b'/')) => char::from(plain),
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
        Ok(character)
    }

    /// What follows `\u`: a pair of surrogates is one character, half a pair is U+FFFD.
    fn code_point(&mut self) -> Result<char, Broken> {
        let first = self.four_digits()?;
        if (0xd800..0xdc00).contains(&first) && self.text[self.at..].starts_with(b"\\u") {
            let back = self.at;
            self.at += 2;
            let second = self.four_digits()?;
            if (0xdc00..0xe000).contains(&second) {
                let pair = 0x1_0000 + ((first - 0xd800) << 10) + (second - 0xdc00);
                return Ok(char::from_u32(pair).unwrap_or(char::REPLACEMENT_CHARACTER));
            }
            self.at = back;
        }
        Ok(char::from_u32(first).unwrap_or(char::REPLACEMENT_CHARACTER))
    }

    fn four_digits(&mut self) -> Result<u32, Broken> {
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
}

#[cfg(test)]
mod tests {
    use super::*;

    const LEVELS: usize = 50;

    fn words(text: &str) -> String {
        read_whole(text.as_bytes(), LEVELS).map_or_else(|broken| broken.message, |read| read.root.to_string())
    }

    #[test]
    fn values_are_read_as_go_reads_them() {
        assert_eq!(words(" {\"a\": [1, 2.0, -3e2, true, null]} "), r#"{"a":[1,2.0,-300.0,true,null]}"#);
        assert_eq!(words(r#""\u00e9\ud83d\ude00\ud83d\n""#), "\"é😀\u{fffd}\\n\"");
        assert_eq!(words(r#"{"a": 1, "b": 2, "a": 3}"#), r#"{"a":3,"b":2}"#);
        let broken = read_whole(b"\"a\xe2\x82b\"", LEVELS).expect("Go replaces what is no UTF-8");
        assert_eq!(broken.root.as_str(), Some("a\u{fffd}\u{fffd}b"));
    }

    #[test]
    fn the_decoder_stops_after_the_first_value_and_has_its_own_words_for_the_end() {
        let words = |text: &str| {
            read_first(text, LEVELS).map_or_else(|broken| broken.message, |read| read.root.to_string())
        };
        assert_eq!(words("\u{feff} {\"a\": 1} x"), r#"{"a":1}"#);
        assert_eq!(words(" "), "EOF");
        assert_eq!(words("{\"type\": "), "unexpected EOF");
        assert_eq!(words("tru"), "unexpected EOF");
    }

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
            ("\"\u{1}\"", "invalid character '\\x01' in string literal"),
            ("\"\\x\"", "invalid character 'x' in string escape code"),
            ("'", "invalid character '\\'' looking for beginning of value"),
            ("é", "invalid character 'Ã' looking for beginning of value"),
        ] {
            assert_eq!(words(text), error, "{text}");
        }
    }

    #[test]
    fn the_first_number_too_big_for_a_double_is_told() {
        let read = read_whole(br#"{"a": [1, 1e999], "a": -1e400}"#, LEVELS).expect("it is JSON");
        let error = "json: cannot unmarshal number 1e999 into Go value of type float64";
        assert_eq!(read.number_error().as_deref(), Some(error));
    }

    #[test]
    fn deep_texts_are_refused_and_places_are_exact() {
        let broken = read_whole("[".repeat(100_000).as_bytes(), LEVELS).expect_err("it is too deep");
        assert_eq!((broken.fault, broken.offset), (Fault::Depth, LEVELS + 1));
        let text = r#"{"a": {"b": 12}}"#;
        let node = read_whole(text.as_bytes(), LEVELS).expect("it is JSON").root;
        let entry = node.get("a").and_then(|a| a.entry("b")).expect("it is there");
        assert_eq!((&text[entry.key_span.range()], &text[entry.value.span.range()]), ("\"b\"", "12"));
    }
}
