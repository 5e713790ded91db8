//! Go's `fmt`: the text of any value, and `printf` with all its verbs.

use super::format::Flags;
use super::functions::{MOST_BYTES, too_long};
use super::quote::first_character;
use super::types::Type;
use super::value::{Kind, Struct, Value};
use bstr::ByteSlice;
use std::fmt::Write as _;

/// Containers nested deeper are not printed: Go would overflow its stack, as on a map in itself.
const MAX_DEPTH: usize = 400;

/// What stands for the address of a pointer inside another value: Go's differs from run to run.
const ADDRESS: &str = "0xc000000000";

/// What could not be printed: see [`MAX_DEPTH`].
pub const TOO_DEEP: &str = "the value is nested too deeply to be printed";

/// Go's `fmt.Sprint`: a space between two arguments of which neither is a string.
pub fn sprint(values: &[Value]) -> Result<Vec<u8>, String> {
    let mut printer = Printer::default();
    let mut after_string = false;
    for (at, value) in values.iter().enumerate() {
        let is_string = value.as_string().is_some();
        if at > 0 && !is_string && !after_string {
            printer.out.push(b' ');
        }
        printer.argument(value, 'v');
        after_string = is_string;
    }
    printer.finish()
}

/// Go's `fmt.Sprintln`: a space between any two.
pub fn sprintln(values: &[Value]) -> Result<Vec<u8>, String> {
    let mut printer = Printer::default();
    for (at, value) in values.iter().enumerate() {
        if at > 0 {
            printer.out.push(b' ');
        }
        printer.argument(value, 'v');
    }
    printer.out.push(b'\n');
    printer.finish()
}

/// Go's `fmt.Sprintf`.
pub fn sprintf(format: &[u8], values: &[Value]) -> Result<Vec<u8>, String> {
    let mut printer = Printer::default();
    printer.format(format, values);
    printer.finish()
}

/// The value as `%v` prints it.
pub fn display(value: &Value) -> Result<Vec<u8>, String> {
    let mut printer = Printer::default();
    printer.argument(value, 'v');
    printer.finish()
}

#[derive(Default)]
struct Printer {
    out: Vec<u8>,
    flags: Flags,
    /// Inside `%!d(…)`: methods are not called there.
    erroring: bool,
    too_deep: bool,
}

/// The arguments of a format while it is read.
struct Arguments<'a> {
    values: &'a [Value],
    next: usize,
    /// An index such as `[2]` was given somewhere.
    reordered: bool,
    /// No index of this verb was wrong.
    good: bool,
}

impl Printer {
    fn finish(self) -> Result<Vec<u8>, String> {
        if self.too_deep {
            Err(TOO_DEEP.to_owned())
        } else if self.is_full() {
            Err(too_long())
        } else {
            Ok(self.out)
        }
    }

    /// Whether the text is longer than texts may be: what follows is not printed.
    fn is_full(&self) -> bool {
        self.out.len() > MOST_BYTES
    }

    fn write(&mut self, text: impl AsRef<[u8]>) {
        self.out.extend_from_slice(text.as_ref());
    }

    /// One argument by a verb (Go's `printArg`).
    fn argument(&mut self, value: &Value, verb: char) {
        match (&value.kind, verb) {
            (Kind::Nil, 'T' | 'v') => self.flags.pad(&mut self.out, "<nil>"),
            (_, 'T') => self.flags.text(&mut self.out, value.type_name().as_bytes()),
            (_, 'p') => self.pointer(value, verb),
            _ => self.value(value, verb, 0),
        }
    }

    fn bad_verb(&mut self, value: &Value, verb: char) {
        self.erroring = true;
        self.write(format!("%!{verb}("));
        if value.is_nil() {
            self.write("<nil>");
        } else {
            self.write(format!("{}=", value.type_name()));
            self.value(value, 'v', 0);
        }
        self.write(")");
        self.erroring = false;
    }

    fn pointer(&mut self, value: &Value, verb: char) {
        match (&value.kind, verb) {
            (Kind::Struct(of), 'v' | 'p') if of.pointer => self.write(ADDRESS),
            (Kind::Map(_) | Kind::List(_) | Kind::Bytes(_), 'p') => self.write(ADDRESS),
            _ => self.bad_verb(value, verb),
        }
    }

    /// What `Error` or `String` of the value says, if it has one and the verb wants a text.
    fn own_text(&self, value: &Value, verb: char) -> Option<Vec<u8>> {
        if self.erroring || self.flags.sharp_v || !matches!(verb, 'v' | 's' | 'x' | 'X' | 'q') {
            return None;
        }
        value.string_method()
    }

    /// A value inside `depth` others (Go's `printValue`).
    fn value(&mut self, value: &Value, verb: char, depth: usize) {
        if depth > MAX_DEPTH || self.too_deep {
            self.too_deep = true;
            return;
        }
        if self.is_full() {
            return;
        }
        // The verb of errors is for functions that make these; numbers and texts are never asked.
        let is_simple = !matches!(value.kind, Kind::List(_) | Kind::Map(_) | Kind::Struct(_) | Kind::Time(_));
        if verb == 'w' && !self.erroring && !value.is_nil() && (depth > 0 || !is_simple) {
            self.bad_verb(value, verb);
            return;
        }
        if let Some(text) = self.own_text(value, verb) {
            self.text(value, &text, verb);
            return;
        }
        match &value.kind {
            Kind::Nil if verb == 'v' || depth > 0 => self.write("<nil>"),
            Kind::Nil => self.bad_verb(value, verb),
            Kind::Bool(bool) => match verb {
                't' | 'v' => self.flags.pad(&mut self.out, if *bool { "true" } else { "false" }),
                _ => self.bad_verb(value, verb),
            },
            Kind::Int(number, _) => {
                self.integer(value, *number < 0, number.unsigned_abs(), *number as u64, verb);
            }
            Kind::Uint(number, _) if verb == 'v' && self.flags.sharp_v => {
                self.write(format!("{number:#x}"));
            }
            Kind::Uint(number, _) => self.integer(value, false, *number, *number, verb),
            Kind::Float(number) => self.float(value, *number, verb),
            Kind::Complex(real, imaginary) => self.complex(value, *real, *imaginary, verb),
            Kind::String(text) => self.text(value, text, verb),
            Kind::Bytes(bytes) => self.bytes(value, bytes, verb, depth),
            Kind::List(list) => match verb {
                's' | 'q' | 'x' | 'X' | 'v' if list.nil && self.flags.sharp_v => {
                    self.write(format!("{}(nil)", list.of));
                }
                _ => self.items(value, list, verb, depth),
            },
            Kind::Map(map) => {
                let entries = map.entries();
                let sharp = self.flags.sharp_v;
                if sharp && map.nil {
                    self.write(format!("{}(nil)", map.of));
                    return;
                }
                self.write(if sharp { format!("{}{{", map.of) } else { "map[".to_owned() });
                for (at, (key, item)) in entries.iter().enumerate() {
                    self.separate(at);
                    self.text(&key.clone().into(), key, verb);
                    self.write(":");
                    self.element(item, map.of.element(), verb, depth);
                }
                self.write(if sharp { "}" } else { "]" });
            }
            Kind::Struct(of) if of.pointer && depth > 0 => self.pointer(value, verb),
            Kind::Struct(of) => {
                if of.pointer {
                    self.write("&");
                }
                self.fields(of, verb, depth);
            }
            Kind::Time(_) => self.bad_verb(value, verb),
        }
    }

    fn separate(&mut self, at: usize) {
        if at > 0 {
            self.write(if self.flags.sharp_v { ", " } else { " " });
        }
    }

    /// An item of a container whose elements are declared as `of`.
    fn element(&mut self, value: &Value, of: Type, verb: char, depth: usize) {
        if value.is_nil() {
            self.write(if self.flags.sharp_v { format!("{of}(nil)") } else { "<nil>".to_owned() });
        } else {
            self.value(value, verb, depth + 1);
        }
    }

    fn items(&mut self, value: &Value, items: &[Value], verb: char, depth: usize) {
        let sharp = self.flags.sharp_v;
        let of = value.type_of().map_or(Type::Interface, Type::element);
        self.write(if sharp { format!("{}{{", value.type_name()) } else { "[".to_owned() });
        for (at, item) in items.iter().enumerate() {
            self.separate(at);
            self.element(item, of, verb, depth);
        }
        self.write(if sharp { "}" } else { "]" });
    }

    fn fields(&mut self, value: &Struct, verb: char, depth: usize) {
        if self.flags.sharp_v {
            self.write(value.of.name);
        }
        self.write("{");
        for (at, (field, item)) in value.of.fields.iter().zip(&value.fields).enumerate() {
            self.separate(at);
            if self.flags.plus_v || self.flags.sharp_v {
                self.write(format!("{}:", field.name));
            }
            self.element(item, field.of, verb, depth);
        }
        self.write("}");
    }

    fn integer(&mut self, value: &Value, negative: bool, magnitude: u64, code: u64, verb: char) {
        match verb {
            'v' | 'd' | 'b' | 'o' | 'O' | 'x' | 'X' => {
                self.flags.integer(&mut self.out, negative, magnitude, verb);
            }
            'c' => self.flags.character(&mut self.out, code),
            'q' => self.flags.quoted_character(&mut self.out, code),
            'U' => self.flags.code_point(&mut self.out, code),
            _ => self.bad_verb(value, verb),
        }
    }

    fn float(&mut self, value: &Value, number: f64, verb: char) {
        match verb {
            'v' => self.flags.float(&mut self.out, number, 'g', None),
            'b' | 'g' | 'G' | 'x' | 'X' => self.flags.float(&mut self.out, number, verb, None),
            'f' | 'e' | 'E' => self.flags.float(&mut self.out, number, verb, Some(6)),
            'F' => self.flags.float(&mut self.out, number, 'f', Some(6)),
            _ => self.bad_verb(value, verb),
        }
    }

    fn complex(&mut self, value: &Value, real: f64, imaginary: f64, verb: char) {
        if !matches!(verb, 'v' | 'b' | 'g' | 'G' | 'x' | 'X' | 'f' | 'F' | 'e' | 'E') {
            self.bad_verb(value, verb);
            return;
        }
        let plus = self.flags.plus;
        self.write("(");
        self.float(value, real, verb);
        self.flags.plus = true;
        self.float(value, imaginary, verb);
        self.write("i)");
        self.flags.plus = plus;
    }

    fn text(&mut self, value: &Value, text: &[u8], verb: char) {
        match verb {
            'v' if self.flags.sharp_v => self.flags.quoted(&mut self.out, text),
            'v' | 's' => self.flags.text(&mut self.out, text),
            'x' | 'X' => self.flags.hexadecimal(&mut self.out, text, verb == 'X'),
            'q' => self.flags.quoted(&mut self.out, text),
            _ => self.bad_verb(value, verb),
        }
    }

    fn bytes(&mut self, value: &Value, bytes: &[u8], verb: char, depth: usize) {
        match verb {
            's' => self.flags.text(&mut self.out, bytes),
            'x' | 'X' => self.flags.hexadecimal(&mut self.out, bytes, verb == 'X'),
            'q' => self.flags.quoted(&mut self.out, bytes),
            'v' if self.flags.sharp_v => {
                // An argument is called by its alias, an item by its type.
                self.write(if depth == 0 { "[]byte{" } else { "[]uint8{" });
                for (at, byte) in bytes.iter().enumerate() {
                    self.separate(at);
                    self.write(format!("{byte:#x}"));
                }
                self.write("}");
            }
            'v' if self.flags == Flags::default() => {
                // Charts print whole files so, which takes long number by number.
                let mut text = String::from("[");
                for (at, byte) in bytes.iter().enumerate() {
                    let _ = write!(text, "{}{byte}", if at > 0 { " " } else { "" });
                }
                self.write(text + "]");
            }
            _ => {
                let items: Vec<Value> = bytes.iter().map(|&byte| Value::uint8(byte)).collect();
                self.items(value, &items, verb, depth);
            }
        }
    }

    // Formats.

    fn format(&mut self, format: &[u8], values: &[Value]) {
        let mut arguments = Arguments { values, next: 0, reordered: false, good: true };
        let mut rest = format;
        while let Some(length) = rest.find_byte(b'%').filter(|_| !self.is_full()) {
            self.write(&rest[..length]);
            rest = &rest[length + 1..];
            self.flags = Flags::default();
            arguments.good = true;
            rest = self.modifiers(rest, &mut arguments);
            let Some((verb, length)) = first_character(rest) else {
                self.write("%!(NOVERB)");
                break;
            };
            rest = &rest[length..];
            self.verb(verb.unwrap_or(char::REPLACEMENT_CHARACTER), &mut arguments);
        }
        self.write(rest);
        if !arguments.reordered && arguments.next < values.len() {
            self.extra(&values[arguments.next..]);
        }
    }

    fn verb(&mut self, verb: char, arguments: &mut Arguments) {
        if verb == '%' {
            self.write("%");
        } else if !arguments.good {
            self.write(format!("%!{verb}(BADINDEX)"));
        } else if let Some(value) = arguments.values.get(arguments.next) {
            if verb == 'v' || verb == 'w' {
                self.flags.sharp_v = std::mem::take(&mut self.flags.sharp);
                self.flags.plus_v = std::mem::take(&mut self.flags.plus);
            }
            arguments.next += 1;
            self.argument(value, verb);
        } else {
            self.write(format!("%!{verb}(MISSING)"));
        }
    }

    fn extra(&mut self, values: &[Value]) {
        self.flags = Flags::default();
        self.write("%!(EXTRA ");
        for (at, value) in values.iter().enumerate() {
            if at > 0 {
                self.write(", ");
            }
            if !value.is_nil() {
                self.write(format!("{}=", value.type_name()));
            }
            self.argument(value, 'v');
        }
        self.write(")");
    }

    /// Flags, index, width and precision; gives what follows them.
    fn modifiers<'a>(&mut self, mut rest: &'a [u8], arguments: &mut Arguments) -> &'a [u8] {
        while let Some((&flag, after)) = rest.split_first() {
            match flag {
                b'#' => self.flags.sharp = true,
                b'0' => self.flags.zero = true,
                b'+' => self.flags.plus = true,
                b'-' => self.flags.minus = true,
                b' ' => self.flags.space = true,
                _ => break,
            }
            rest = after;
        }
        let mut after_index = arguments.index(&mut rest);
        if let Some(after) = rest.strip_prefix(b"*") {
            rest = after;
            match arguments.number() {
                Some(width) => {
                    self.flags.width = Some(width.unsigned_abs() as usize);
                    if width < 0 {
                        self.flags.minus = true;
                        self.flags.zero = false;
                    }
                }
                None => self.write("%!(BADWIDTH)"),
            }
            after_index = false;
        } else {
            self.flags.width = digits(&mut rest);
            if after_index && self.flags.width.is_some() {
                arguments.good = false;
            }
        }
        // A dot at the very end is taken for the verb.
        if rest.len() > 1 && rest[0] == b'.' {
            rest = &rest[1..];
            if after_index {
                arguments.good = false;
            }
            after_index = arguments.index(&mut rest);
            if let Some(after) = rest.strip_prefix(b"*") {
                rest = after;
                let number = arguments.number();
                self.flags.precision = number.and_then(|number| usize::try_from(number).ok());
                if self.flags.precision.is_none() {
                    self.write("%!(BADPREC)");
                }
                after_index = false;
            } else {
                self.flags.precision = Some(digits(&mut rest).unwrap_or(0));
            }
        }
        if !after_index {
            arguments.index(&mut rest);
        }
        rest
    }
}

/// Widths and precisions beyond are none.
const MAX_NUMBER: usize = 1_000_000;

/// Decimal digits at the start of `rest`. A number that is too large swallows the whole format.
fn digits(rest: &mut &[u8]) -> Option<usize> {
    let length = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let mut number = 0;
    for digit in &rest[..length] {
        if number > MAX_NUMBER {
            *rest = &[];
            return None;
        }
        number = number * 10 + usize::from(digit - b'0');
    }
    *rest = &rest[length..];
    (length > 0).then_some(number)
}

impl Arguments<'_> {
    /// An index such as `[2]` at the start of `rest`; whether there was one.
    fn index(&mut self, rest: &mut &[u8]) -> bool {
        if !rest.starts_with(b"[") {
            return false;
        }
        self.reordered = true;
        let Some(close) = rest.find_byte(b']').filter(|_| rest.len() >= 3) else {
            self.good = false;
            *rest = &rest[1..];
            return false;
        };
        let mut inside = &rest[1..close];
        *rest = &rest[close + 1..];
        let number = digits(&mut inside).filter(|_| inside.is_empty());
        match number.and_then(|number| number.checked_sub(1)) {
            Some(index) if index < self.values.len() => {
                self.next = index;
                true
            }
            _ => {
                self.good = false;
                number.is_some()
            }
        }
    }

    /// The next argument as a width or precision.
    fn number(&mut self) -> Option<i64> {
        let value = self.values.get(self.next)?;
        self.next += 1;
        let number = match value.kind {
            Kind::Int(number, _) => number,
            Kind::Uint(number, _) => i64::try_from(number).ok()?,
            _ => return None,
        };
        (number.unsigned_abs() <= MAX_NUMBER as u64).then_some(number)
    }
}
