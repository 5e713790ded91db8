//! TOML as BurntSushi/toml writes it.

use super::lists::NIL_DEREFERENCE;
use super::{MOST_LEVELS, TOO_DEEP};
use crate::template::quote::characters;
use crate::template::value::{Kind, Str, Struct, Value};
use crate::value::go_float;

/// Why a value is not written.
#[derive(Debug, PartialEq, Eq)]
pub enum Failure {
    /// The library's error, which `toToml` gives as its result.
    Error(&'static str),
    /// A panic.
    Panic(String),
}

type Written = Result<(), Failure>;

const NIL_ELEMENT: Failure = Failure::Error("toml: cannot encode array with nil element");
const NO_KEY: Failure = Failure::Error("toml: top-level values must be Go maps or structs");

/// `toml.Encoder.Encode`. Floats have exponents since 1.6.
pub fn write_toml(value: &Value, exponents: bool) -> Result<Vec<u8>, Failure> {
    let mut writer = Writer { out: Vec::new(), exponents };
    if value.is_nil() {
        return Err(Failure::Panic("reflect: call of reflect.Value.Type on zero Value".to_owned()));
    }
    writer.encode(&[], value)?;
    Ok(writer.out)
}

struct Writer {
    out: Vec<u8>,
    exponents: bool,
}

/// The entries of a map or struct: keys with values, in order.
fn entries(value: &Value) -> Option<Vec<(Str, Value)>> {
    match &value.kind {
        Kind::Map(map) => Some(map.snapshot()),
        Kind::Struct(of) if !is_text(of) => {
            let fields = of.of.fields.iter().zip(&of.fields);
            let exported =
                fields.filter(|(field, _)| field.name.starts_with(|c: char| c.is_ascii_uppercase()));
            // Fields of an embedded struct count as the outer one's.
            let written = exported.flat_map(|(field, value)| match entries(value) {
                Some(inner) if field.embedded => inner,
                _ => vec![(field.name.into(), value.clone())],
            });
            Some(written.collect())
        }
        _ => None,
    }
}

/// Whether Go marshals the struct as text.
fn is_text(of: &Struct) -> bool {
    of.of.methods.iter().any(|method| method.name == "MarshalText")
}

/// Whether it is a nil that is left out.
fn is_nil(value: &Value) -> bool {
    match &value.kind {
        Kind::Nil => true,
        Kind::Map(map) => map.nil,
        Kind::List(list) => list.nil,
        _ => false,
    }
}

/// Whether a list is written as tables: all its items are maps. A nil in any list is an error.
fn is_table_list(value: &Value, levels: usize) -> Result<bool, Failure> {
    let Kind::List(list) = &value.kind else { return Ok(false) };
    if levels > MOST_LEVELS {
        return Err(Failure::Panic(TOO_DEEP.to_owned()));
    }
    let mut all = !list.is_empty();
    for item in list.iter() {
        if is_nil(item) {
            return Err(NIL_ELEMENT);
        }
        is_table_list(item, levels + 1)?;
        all &= entries(item).is_some();
    }
    Ok(all)
}

impl Writer {
    fn text(&mut self, text: impl AsRef<[u8]>) {
        self.out.extend(text.as_ref());
    }

    fn new_line(&mut self) {
        if !self.out.is_empty() {
            self.text("\n");
        }
    }

    fn encode(&mut self, key: &[Str], value: &Value) -> Written {
        if key.len() > MOST_LEVELS {
            return Err(Failure::Panic(TOO_DEEP.to_owned()));
        }
        if is_nil(value) {
            return Ok(());
        }
        if is_table_list(value, 0)? {
            return self.tables(key, value);
        }
        match entries(value) {
            Some(entries) => {
                if key.len() == 1 {
                    self.new_line();
                }
                if !key.is_empty() {
                    self.heading(key, "[", "]");
                }
                self.table(key, entries)
            }
            None => self.key_value(key, value),
        }
    }

    fn heading(&mut self, key: &[Str], open: &str, close: &str) {
        let path = bstr::join(".", key.iter().map(|part| quoted_key(part)));
        self.text("  ".repeat(key.len() - 1));
        self.text([open.as_bytes(), &path, close.as_bytes()].concat());
        self.new_line();
    }

    fn tables(&mut self, key: &[Str], value: &Value) -> Written {
        if key.is_empty() {
            return Err(NO_KEY);
        }
        for item in value.items().unwrap_or_default().iter().filter(|item| !is_nil(item)) {
            self.new_line();
            self.heading(key, "[[", "]]");
            self.table(key, entries(item).unwrap_or_default())?;
        }
        Ok(())
    }

    /// What is no table comes first, so that it belongs to this one.
    fn table(&mut self, key: &[Str], entries: Vec<(Str, Value)>) -> Written {
        for (name, value) in sorted(entries)? {
            if !is_nil(&value) {
                let key = [key, &[name]].concat();
                self.encode(&key, &value)?;
            }
        }
        Ok(())
    }

    fn key_value(&mut self, key: &[Str], value: &Value) -> Written {
        let Some(last) = key.last() else { return self.element(value, 0) };
        self.text("  ".repeat(key.len() - 1));
        self.text([&quoted_key(last)[..], b" = "].concat());
        self.element(value, 0)?;
        self.new_line();
        Ok(())
    }

    fn element(&mut self, value: &Value, levels: usize) -> Written {
        if levels > MOST_LEVELS {
            return Err(Failure::Panic(TOO_DEEP.to_owned()));
        }
        match &value.kind {
            Kind::Nil => return Err(Failure::Panic(NIL_DEREFERENCE.to_owned())),
            Kind::Bool(bool) => self.text(bool.to_string()),
            Kind::Int(_, crate::template::types::Signed::Duration) => {
                let text = value.string_method().unwrap_or_default();
                self.quoted(&text);
            }
            Kind::Int(number, _) => self.text(number.to_string()),
            Kind::Uint(number, _) => self.text(number.to_string()),
            Kind::Float(number) => {
                let text = self.float(*number);
                self.text(text);
            }
            Kind::Complex(..) => return Err(Failure::Error("unsupported type: complex128")),
            Kind::String(text) => self.quoted(text),
            Kind::Time(time) => self.text(time.format(b"2006-01-02T15:04:05.999999999Z07:00")),
            Kind::Struct(of) if is_text(of) => {
                let text = value.string_method().unwrap_or_default();
                self.quoted(&text);
            }
            Kind::List(_) | Kind::Bytes(_) => {
                self.text("[");
                for (at, item) in value.items().unwrap_or_default().iter().enumerate() {
                    self.text(if at > 0 { ", " } else { "" });
                    self.element(item, levels + 1)?;
                }
                self.text("]");
            }
            Kind::Map(_) | Kind::Struct(_) => {
                self.text("{");
                let entries = sorted(entries(value).unwrap_or_default())?;
                let last = entries.len().saturating_sub(1);
                for (at, (key, value)) in entries.iter().enumerate().filter(|(_, (_, value))| !is_nil(value))
                {
                    self.text([&quoted_key(key)[..], b" = "].concat());
                    self.element(value, levels + 1)?;
                    self.text(if at < last { ", " } else { "" });
                }
                self.text("}");
            }
        }
        Ok(())
    }

    /// Floats have a point or an exponent.
    fn float(&self, number: f64) -> String {
        if number.is_nan() {
            return "nan".to_owned();
        }
        if number.is_infinite() {
            return if number > 0.0 { "inf" } else { "-inf" }.to_owned();
        }
        // Rust prints floats without exponent, as Go's `f` does.
        let text = if self.exponents { go_float(number) } else { number.to_string() };
        if text.contains(['.', 'e']) { text } else { format!("{text}.0") }
    }

    fn quoted(&mut self, text: &[u8]) {
        let quoted = quote(text);
        self.text(quoted);
    }
}

/// Entries that are no tables, then the tables; each by key.
fn sorted(entries_of: Vec<(Str, Value)>) -> Result<Vec<(Str, Value)>, Failure> {
    let (mut direct, mut tables) = (Vec::new(), Vec::new());
    for (key, value) in entries_of {
        let is_table = !is_nil(&value) && (is_table_list(&value, 0)? || entries(&value).is_some());
        if is_table { tables.push((key, value)) } else { direct.push((key, value)) }
    }
    direct.extend(tables);
    Ok(direct)
}

/// A key as it is written: bare, or in quotes.
pub fn quoted_key(key: &[u8]) -> Vec<u8> {
    let bare = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
    if !key.is_empty() && key.iter().all(bare) { key.to_vec() } else { quote(key) }
}

fn quote(text: &[u8]) -> Vec<u8> {
    let mut quoted = vec![b'"'];
    for char in characters(text) {
        match char {
            Err(byte) => quoted.push(byte),
            Ok('"') => quoted.extend(b"\\\""),
            Ok('\\') => quoted.extend(b"\\\\"),
            Ok('\u{8}') => quoted.extend(b"\\b"),
            Ok('\t') => quoted.extend(b"\\t"),
            Ok('\n') => quoted.extend(b"\\n"),
            Ok('\u{c}') => quoted.extend(b"\\f"),
            Ok('\r') => quoted.extend(b"\\r"),
            Ok(c @ ('\0'..' ' | '\u{7f}')) => quoted.extend(format!("\\u{:04x}", u32::from(c)).as_bytes()),
            Ok(c) => quoted.extend(c.encode_utf8(&mut [0; 4]).as_bytes()),
        }
    }
    quoted.push(b'"');
    quoted
}
