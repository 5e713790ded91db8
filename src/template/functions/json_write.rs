//! JSON as Go's `encoding/json` writes it.

use super::{MOST_LEVELS, TOO_DEEP};
use crate::template::quote::first_character;
use crate::template::value::{Kind, Struct, Value};
use crate::value::{go_float, json_float};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// How JSON is laid out.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Layout {
    /// Without spaces; `<`, `>` and `&` escaped.
    Compact,
    /// Without spaces, nothing escaped for HTML.
    Raw,
    /// Lines, indented by two spaces; escaped as compact.
    Pretty,
}

/// `json.Marshal`, or one of its relatives.
pub fn write_json(value: &Value, layout: Layout) -> Result<Vec<u8>, String> {
    let mut writer = Writer { out: Vec::new(), layout };
    writer.value(value, 0)?;
    Ok(writer.out)
}

struct Writer {
    out: Vec<u8>,
    layout: Layout,
}

impl Writer {
    fn text(&mut self, text: impl AsRef<[u8]>) {
        self.out.extend(text.as_ref());
    }

    fn value(&mut self, value: &Value, depth: usize) -> Result<(), String> {
        if depth > MOST_LEVELS {
            return Err(TOO_DEEP.to_owned());
        }
        match &value.kind {
            Kind::Nil => self.text("null"),
            Kind::Bool(bool) => self.text(bool.to_string()),
            Kind::Int(number, _) => self.text(number.to_string()),
            Kind::Uint(number, _) => self.text(number.to_string()),
            Kind::Float(number) if number.is_finite() => self.text(json_float(*number)),
            Kind::Float(number) => return Err(format!("json: unsupported value: {}", go_float(*number))),
            Kind::Complex(..) => return Err("json: unsupported type: complex128".to_owned()),
            Kind::String(text) => self.string(text),
            Kind::Bytes(bytes) => self.string(STANDARD.encode(bytes).as_bytes()),
            Kind::List(list) if list.nil => self.text("null"),
            Kind::List(list) => {
                self.all(*b"[]", list.len(), depth, |writer, at| writer.value(&list[at], depth + 1))?;
            }
            Kind::Map(map) if map.nil => self.text("null"),
            Kind::Map(map) => {
                let entries = map.snapshot();
                self.all(*b"{}", entries.len(), depth, |writer, at| {
                    writer.key(&entries[at].0);
                    writer.value(&entries[at].1, depth + 1)
                })?;
            }
            Kind::Time(time) => self.string(&time.json()?),
            Kind::Struct(of) => self.structure(of, depth)?,
        }
        Ok(())
    }

    fn key(&mut self, key: &[u8]) {
        self.string(key);
        self.text(if self.layout == Layout::Pretty { ": " } else { ":" });
    }

    /// A list or map of so many parts.
    fn all(
        &mut self,
        brackets: [u8; 2],
        count: usize,
        depth: usize,
        part: impl Fn(&mut Self, usize) -> Result<(), String>,
    ) -> Result<(), String> {
        self.out.push(brackets[0]);
        for at in 0..count {
            if at > 0 {
                self.out.push(b',');
            }
            self.new_line(depth + 1);
            part(self, at)?;
        }
        if count > 0 {
            self.new_line(depth);
        }
        self.out.push(brackets[1]);
        Ok(())
    }

    fn new_line(&mut self, depth: usize) {
        if self.layout == Layout::Pretty {
            self.out.push(b'\n');
            self.out.extend(b"  ".repeat(depth));
        }
    }

    fn structure(&mut self, of: &Struct, depth: usize) -> Result<(), String> {
        if let Some(string) = of.of.string.filter(|_| of.of.methods.iter().any(|m| m.name == "MarshalJSON")) {
            self.string(&string(of));
            return Ok(());
        }
        let entries = of.json_entries();
        self.all(*b"{}", entries.len(), depth, |writer, at| {
            writer.key(entries[at].0.as_bytes());
            writer.value(entries[at].1, depth + 1)
        })
    }

    fn string(&mut self, text: &[u8]) {
        self.out.push(b'"');
        let mut rest = text;
        while let Some((char, size)) = first_character(rest) {
            match char {
                Err(_) => self.text("\\ufffd"),
                Ok(char) => self.char(char),
            }
            rest = &rest[size..];
        }
        self.out.push(b'"');
    }

    fn char(&mut self, char: char) {
        match char {
            '"' => self.text("\\\""),
            '\\' => self.text("\\\\"),
            '\u{8}' => self.text("\\b"),
            '\u{c}' => self.text("\\f"),
            '\n' => self.text("\\n"),
            '\r' => self.text("\\r"),
            '\t' => self.text("\\t"),
            '<' | '>' | '&' if self.layout == Layout::Raw => self.out.push(char as u8),
            '\0'..' ' | '<' | '>' | '&' | '\u{2028}' | '\u{2029}' => {
                self.text(format!("\\u{:04x}", u32::from(char)));
            }
            _ => self.text(char.encode_utf8(&mut [0; 4])),
        }
    }
}
