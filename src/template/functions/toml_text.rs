//! The text of a TOML document, character by character, with the lines that BurntSushi/toml names in its
//! errors.

use crate::profile::Helm;
use crate::template::quote::{escape, first_character};

/// What stands for the end of the text (control characters are errors anyway).
pub const END: char = '\0';

/// What is wrong, and in which line.
#[derive(Debug)]
pub struct Fault {
    /// The line, from 1; the library is sometimes one off.
    pub line: i64,
    /// The library's message.
    pub message: String,
}

/// A place in the text.
#[derive(Clone, Debug)]
pub struct Text<'a> {
    bytes: &'a [u8],
    at: usize,
    line: i64,
    at_end: bool,
    helm: Helm,
}

impl<'a> Text<'a> {
    /// The beginning of a text.
    pub fn new(bytes: &'a [u8], helm: Helm) -> Self {
        Self { bytes, at: 0, line: 1, at_end: false, helm }
    }

    /// The line here.
    pub fn line(&self) -> i64 {
        self.line
    }

    /// The byte here.
    pub fn at(&self) -> usize {
        self.at
    }

    /// The text from an earlier place up to here.
    pub fn since(&self, start: usize) -> String {
        String::from_utf8_lossy(&self.bytes[start..self.at]).into_owned()
    }

    /// Takes a character.
    pub fn next(&mut self) -> Result<char, Fault> {
        let Some((char, size)) = first_character(&self.bytes[self.at..]) else {
            self.at_end = true;
            return Ok(END);
        };
        let fault = |message: String| Err(Fault { line: self.line, message });
        match char {
            Err(byte) => fault(format!("invalid UTF-8 byte: 0x{byte:02x}")),
            Ok(c) => {
                let lone_return = c == '\r' && self.bytes.get(self.at + 1) != Some(&b'\n');
                if lone_return || (c.is_ascii_control() && !matches!(c, '\t' | '\r' | '\n')) {
                    let code = u32::from(c);
                    return fault(format!("TOML files cannot contain control characters: '0x{code:02x}'"));
                }
                self.line += i64::from(c == '\n');
                self.at += size;
                Ok(c)
            }
        }
    }

    /// The character here.
    pub fn peek(&self) -> Result<char, Fault> {
        self.clone().next()
    }

    /// Takes the character here if it is `wanted`.
    pub fn accept(&mut self, wanted: char) -> Result<bool, Fault> {
        let found = self.peek()? == wanted;
        if found {
            self.next()?;
        }
        Ok(found)
    }

    /// Takes characters as long as `belongs` holds.
    pub fn skip(&mut self, belongs: impl Fn(char) -> bool) -> Result<(), Fault> {
        loop {
            let c = self.peek()?;
            if c == END || !belongs(c) {
                return Ok(());
            }
            self.next()?;
        }
    }

    /// Takes blanks, not line ends.
    pub fn skip_blanks(&mut self) -> Result<(), Fault> {
        self.skip(|c| c == ' ' || c == '\t')
    }

    /// The error of what was taken last.
    pub fn fail<T>(&self, message: impl Into<String>) -> Result<T, Fault> {
        let after_break = self.at > 0 && self.bytes[self.at - 1] == b'\n';
        let earlier = self.at_end && (after_break || !self.helm.counts_toml_lines());
        Err(Fault { line: self.line - i64::from(earlier), message: message.into() })
    }

    /// The error of a line end that was taken last.
    pub fn fail_before_break<T>(&self, message: impl Into<String>) -> Result<T, Fault> {
        Err(Fault { line: self.line - 1, message: message.into() })
    }

    /// As [`Text::fail`]; since 1.6 the library names the line that a line end ends.
    pub fn fail_at<T>(&self, c: char, message: String) -> Result<T, Fault> {
        if c == '\n' && self.helm.writes_toml_exponents() {
            return self.fail_before_break(message);
        }
        self.fail(message)
    }
}

/// Go's `%q` of a character.
pub fn quoted(c: char) -> String {
    let mut quoted = String::from("'");
    escape(&mut quoted, c, '\'', false);
    quoted.push('\'');
    quoted
}
