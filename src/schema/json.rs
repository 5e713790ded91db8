//! JSON texts with places: schemas as Go's `encoding/json` reads them.
//!
//! A schema is read here and not by the YAML reader: Helm reads it as strict JSON, and numbers keep
//! their text, since Go's libraries tell `2` from `2.0` in some keywords.

use crate::source::Span;
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

/// Deeper texts are refused, so that no later step can run out of stack (WebAssembly has 1 MB).
pub const DEEPEST: usize = 96;

/// Why a text is no JSON, in Go's words, with the place.
#[derive(Debug, PartialEq, Eq)]
pub struct Broken {
    /// The words.
    pub message: String,
    /// Offset of the first byte that does not fit.
    pub offset: usize,
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

/// The same number, written as an integer where it is one.
pub fn whole(number: &serde_json::Number) -> serde_json::Value {
    match number.as_f64() {
        Some(double) if number.is_f64() && double.fract() == 0.0 && double.abs() < 9.2e18 => {
            serde_json::Value::from(double as i64)
        }
        _ => serde_json::Value::Number(number.clone()),
    }
}

/// Compact JSON with sorted keys and every number a double: what gojsonschema compares.
pub fn through_doubles(node: &Node) -> String {
    fn doubles(json: &mut serde_json::Value) {
        match json {
            serde_json::Value::Number(number) => {
                *json =
                    whole(&serde_json::Number::from_f64(number.as_f64().unwrap_or(0.0)).unwrap_or(0.into()));
            }
            serde_json::Value::Array(items) => items.iter_mut().for_each(doubles),
            serde_json::Value::Object(map) => map.values_mut().for_each(doubles),
            _ => {}
        }
    }
    let mut json = node.to_json();
    doubles(&mut json);
    json.to_string()
}

/// Reads one JSON value. What follows it is an error unless `trailing` allows it (Go's decoder stops
/// after the first value).
pub fn read(text: &str, trailing: bool) -> Result<Node, Broken> {
    let start = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    let mut reader = Reader { text, bytes: text.as_bytes(), at: start };
    reader.blanks();
    if reader.peek().is_none() {
        return Err(Broken { message: "EOF".to_owned(), offset: reader.at });
    }
    let node = reader.value(0)?;
    reader.blanks();
    if !trailing && reader.peek().is_some() {
        let message = "invalid character after top-level value".to_owned();
        return Err(Broken { message, offset: reader.at });
    }
    Ok(node)
}

struct Reader<'a> {
    text: &'a str,
    bytes: &'a [u8],
    at: usize,
}

impl Reader<'_> {
    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn blanks(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\r' | b'\n')) {
            self.at += 1;
        }
    }

    fn invalid(&self, place: &str) -> Broken {
        let message = match self.text[self.at..].chars().next() {
            None => "unexpected EOF".to_owned(),
            Some(character) => format!("invalid character {character:?} {place}"),
        };
        Broken { message, offset: self.at }
    }

    fn value(&mut self, depth: usize) -> Result<Node, Broken> {
        if depth > DEEPEST {
            let message = format!("nested deeper than {DEEPEST} levels");
            return Err(Broken { message, offset: self.at });
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
            _ => return Err(self.invalid("looking for beginning of value")),
        };
        Ok(Node { span: Span::new(start, self.at), kind })
    }

    fn literal(&mut self, word: &'static str, kind: Kind) -> Result<Kind, Broken> {
        for expected in word.bytes() {
            if self.peek() != Some(expected) {
                return Err(self.invalid(&format!("in literal {word}")));
            }
            self.at += 1;
        }
        Ok(kind)
    }

    fn map(&mut self, depth: usize) -> Result<Kind, Broken> {
        let mut entries: Vec<Entry> = Vec::new();
        let mut positions = std::collections::HashMap::new();
        self.at += 1;
        self.blanks();
        if self.peek() == Some(b'}') {
            self.at += 1;
            return Ok(Kind::Map(entries));
        }
        loop {
            self.blanks();
            if self.peek() != Some(b'"') {
                return Err(self.invalid("looking for beginning of object key string"));
            }
            let start = self.at;
            let key = self.string()?;
            let key_span = Span::new(start, self.at);
            self.blanks();
            if self.peek() != Some(b':') {
                return Err(self.invalid("after object key"));
            }
            self.at += 1;
            self.blanks();
            let entry = Entry { value: self.value(depth + 1)?, key, key_span };
            match positions.entry(entry.key.clone()) {
                std::collections::hash_map::Entry::Occupied(position) => entries[*position.get()] = entry,
                std::collections::hash_map::Entry::Vacant(position) => {
                    position.insert(entries.len());
                    entries.push(entry);
                }
            }
            self.blanks();
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b'}') => break,
                _ => return Err(self.invalid("after object key:value pair")),
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
            self.blanks();
            items.push(self.value(depth + 1)?);
            self.blanks();
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b']') => break,
                _ => return Err(self.invalid("after array element")),
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
        match self.peek() {
            Some(b'0') => self.at += 1,
            Some(b'1'..=b'9') => self.digits(),
            _ => return Err(self.invalid("in numeric literal")),
        }
        if self.peek() == Some(b'.') {
            self.at += 1;
            self.some_digits("after decimal point in numeric literal")?;
        }
        if matches!(self.peek(), Some(b'e' | b'E')) {
            self.at += 1;
            if matches!(self.peek(), Some(b'+' | b'-')) {
                self.at += 1;
            }
            self.some_digits("in exponent of numeric literal")?;
        }
        Ok(self.text[start..self.at].to_owned())
    }

    fn digits(&mut self) {
        while matches!(self.peek(), Some(b'0'..=b'9')) {
            self.at += 1;
        }
    }

    fn some_digits(&mut self, place: &str) -> Result<(), Broken> {
        let start = self.at;
        self.digits();
        if self.at == start { Err(self.invalid(place)) } else { Ok(()) }
    }

    fn string(&mut self) -> Result<String, Broken> {
        let mut text = String::new();
        self.at += 1;
        loop {
            let plain = self.at;
            while !matches!(self.peek(), None | Some(b'"' | b'\\' | 0..=0x1f)) {
                self.at += 1;
            }
            text.push_str(&self.text[plain..self.at]);
            match self.peek() {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(text);
                }
                Some(b'\\') => text.push(self.escape()?),
                _ => return Err(self.invalid("in string literal")),
            }
        }
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
                return self.unicode_escape();
            }
            _ => return Err(self.invalid("in string escape code")),
        };
        self.at += 1;
        Ok(character)
    }

    /// The four digits after `\u`, and the second half of a surrogate pair. A lone half becomes the
    /// replacement character, as in Go.
    fn unicode_escape(&mut self) -> Result<char, Broken> {
        let first = self.four_digits()?;
        if let Some(character) = char::from_u32(first) {
            return Ok(character);
        }
        let after = self.at;
        if first < 0xdc00 && self.bytes[after..].starts_with(b"\\u") {
            self.at += 2;
            let second = self.four_digits()?;
            if (0xdc00..0xe000).contains(&second) {
                let pair = 0x1_0000 + ((first - 0xd800) << 10) + (second - 0xdc00);
                return Ok(char::from_u32(pair).unwrap_or(char::REPLACEMENT_CHARACTER));
            }
            self.at = after;
        }
        Ok(char::REPLACEMENT_CHARACTER)
    }

    fn four_digits(&mut self) -> Result<u32, Broken> {
        let mut code = 0;
        for _ in 0..4 {
            let digit = self.peek().and_then(|byte| char::from(byte).to_digit(16));
            code = code * 16 + digit.ok_or_else(|| self.invalid("in \\u hexadecimal character escape"))?;
            self.at += 1;
        }
        Ok(code)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> String {
        read(text, false).map_or_else(|broken| broken.message, |node| node.to_string())
    }

    #[test]
    fn values_are_read_as_go_reads_them() {
        assert_eq!(
            words("\u{feff} {\"a\": [1, 2.0, -3e2, true, null]} "),
            r#"{"a":[1,2.0,-300.0,true,null]}"#
        );
        assert_eq!(words(r#""\u00e9\ud83d\ude00\ud83d\n""#), "\"é😀\u{fffd}\\n\"");
        assert_eq!(words(r#"{"a": 1, "b": 2, "a": 3}"#), r#"{"a":3,"b":2}"#);
    }

    #[test]
    fn broken_texts_are_answered_in_gos_words() {
        assert_eq!(words(""), "EOF");
        assert_eq!(words("{\"type\": "), "unexpected EOF");
        assert_eq!(words("// c\n{}"), "invalid character '/' looking for beginning of value");
        assert_eq!(words("{} x"), "invalid character after top-level value");
        assert_eq!(words("{\"a\": 1,}"), "invalid character '}' looking for beginning of object key string");
        assert_eq!(words("[01]"), "invalid character '1' after array element");
        assert_eq!(words("[\"a\u{1}\"]"), "invalid character '\\u{1}' in string literal");
        assert_eq!(read("{} x", true).map(|node| node.to_string()), Ok("{}".to_owned()));
    }

    #[test]
    fn deep_texts_are_refused_and_places_are_exact() {
        assert_eq!(words(&"[".repeat(100_000)), format!("nested deeper than {DEEPEST} levels"));
        let text = r#"{"a": {"b": 12}}"#;
        let node = read(text, false).expect("it is JSON");
        let entry = node.get("a").and_then(|a| a.entry("b")).expect("it is there");
        assert_eq!((&text[entry.key_span.range()], &text[entry.value.span.range()]), ("\"b\"", "12"));
    }
}
