//! Directives and tags.

use super::{Cow, Mark, Result, Scanner, Token};
use crate::yaml::error::Error;

/// Where a tag is being read, as error messages tell it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Directive,
    Node,
}

impl<'t> Scanner<'t> {
    fn skip_blanks(&mut self) {
        while self.blank() {
            self.at += 1;
        }
    }

    /// `%YAML` or `%TAG`.
    pub(super) fn directive(&mut self) -> Result<()> {
        const CONTEXT: &str = "while scanning a directive";
        self.unroll(-1);
        self.remove_key()?;
        self.key_allowed = false;
        let start = self.mark();
        self.at += 1;
        let name = self.word();
        if name.is_empty() {
            return Err(self.error_in(CONTEXT, start, "could not find expected directive name"));
        }
        if !self.blank_or_end(0) {
            return Err(self.error_in(CONTEXT, start, "found unexpected non-alphabetical character"));
        }
        let token = match name {
            "YAML" => self.version(start)?,
            "TAG" => self.tag_directive(start)?,
            _ => {
                let mut error = self.error_in(CONTEXT, start, "found unknown directive name");
                error.hint = Some("put a text that starts with % in quotes");
                return Err(error);
            }
        };
        let end = self.at as u32;
        self.skip_blanks();
        if self.byte(0) == b'#' {
            self.comment();
        }
        if !self.break_or_end() {
            return Err(self.error_in(CONTEXT, start, "did not find expected comment or line break"));
        }
        self.line_break();
        self.queue.push_back(super::Lexeme { token, start, end });
        Ok(())
    }

    fn version(&mut self, start: Mark) -> Result<Token<'t>> {
        self.skip_blanks();
        let major = self.version_number(start)?;
        if self.byte(0) != b'.' {
            return Err(self.error_in(
                "while scanning a %YAML directive",
                start,
                "did not find expected digit or '.' character",
            ));
        }
        self.at += 1;
        let minor = self.version_number(start)?;
        Ok(Token::VersionDirective(major, minor))
    }

    fn version_number(&mut self, start: Mark) -> Result<u32> {
        const CONTEXT: &str = "while scanning a %YAML directive";
        let from = self.at;
        let mut number = 0;
        while self.byte(0).is_ascii_digit() {
            if self.at - from >= 2 {
                return Err(self.error_in(CONTEXT, start, "found extremely long version number"));
            }
            number = number * 10 + u32::from(self.byte(0) - b'0');
            self.at += 1;
        }
        if self.at == from {
            return Err(self.error_in(CONTEXT, start, "did not find expected version number"));
        }
        Ok(number)
    }

    fn tag_directive(&mut self, start: Mark) -> Result<Token<'t>> {
        const CONTEXT: &str = "while scanning a %TAG directive";
        self.skip_blanks();
        let handle = self.tag_handle(Place::Directive, start)?;
        if !self.blank() {
            return Err(self.error_in(CONTEXT, start, "did not find expected whitespace"));
        }
        self.skip_blanks();
        let prefix = self.tag_uri(Place::Directive, "", start)?;
        if !self.blank_or_end(0) {
            return Err(self.error_in(CONTEXT, start, "did not find expected whitespace or line break"));
        }
        Ok(Token::TagDirective(handle, prefix))
    }

    /// `!`, `!suffix`, `!handle!suffix` or `!<uri>`.
    pub(super) fn tag(&mut self) -> Result<()> {
        const CONTEXT: &str = "while scanning a tag";
        self.save_key()?;
        self.key_allowed = false;
        let start = self.mark();
        let (handle, suffix) = if self.byte(1) == b'<' {
            self.at += 2;
            let uri = self.tag_uri(Place::Node, "", start)?;
            if self.byte(0) != b'>' {
                return Err(self.error_in(CONTEXT, start, "did not find the expected '>'"));
            }
            self.at += 1;
            ("", uri)
        } else {
            let head = self.tag_handle(Place::Node, start)?;
            if head.len() > 1 && head.ends_with('!') {
                (head, self.tag_uri(Place::Node, "", start)?)
            } else {
                let suffix = self.tag_uri(Place::Node, head, start)?;
                if suffix.is_empty() { ("", Cow::Borrowed("!")) } else { ("!", suffix) }
            }
        };
        if !self.blank_or_end(0) {
            let mut error = self.error_in(CONTEXT, start, "did not find expected whitespace or line break");
            error.hint = Some("put a text that starts with ! in quotes: it would be a tag");
            return Err(error);
        }
        self.push(Token::Tag(handle, suffix), start);
        Ok(())
    }

    fn tag_error(&self, place: Place, start: Mark, problem: &'static str) -> Error {
        let context = match place {
            Place::Directive => "while parsing a %TAG directive",
            Place::Node => "while parsing a tag",
        };
        self.error_in(context, start, problem)
    }

    fn tag_handle(&mut self, place: Place, start: Mark) -> Result<&'t str> {
        let from = self.at;
        if self.byte(0) != b'!' {
            return Err(self.tag_error(place, start, "did not find expected '!'"));
        }
        self.at += 1;
        self.word();
        if self.byte(0) == b'!' {
            self.at += 1;
        } else if place == Place::Directive && self.at - from > 1 {
            return Err(self.tag_error(place, start, "did not find expected '!'"));
        }
        Ok(&self.text[from..self.at])
    }

    /// Takes a tag's text; `head` is what was taken for its handle before.
    fn tag_uri(&mut self, place: Place, head: &'t str, start: Mark) -> Result<Cow<'t, str>> {
        let from = self.at;
        let mut uri = Cow::Borrowed(head.get(1..).unwrap_or_default());
        loop {
            match self.byte(0) {
                b'%' => self.tag_escape(place, start, uri.to_mut())?,
                byte if byte.is_ascii_alphanumeric() || b"_-;/?:@&=+$.!~*'(),[]".contains(&byte) => {
                    let run = self.at;
                    self.at += 1;
                    uri.to_mut().push_str(&self.text[run..self.at]);
                }
                _ => break,
            }
        }
        if head.is_empty() && self.at == from {
            return Err(self.tag_error(place, start, "did not find expected tag URI"));
        }
        Ok(uri)
    }

    /// Takes one character written as `%xx`, one for each of its bytes.
    fn tag_escape(&mut self, place: Place, start: Mark, uri: &mut String) -> Result<()> {
        let mut bytes = Vec::new();
        let mut width = 1;
        while bytes.len() < width {
            let digit = |ahead: usize| (self.byte(ahead) as char).to_digit(16);
            let (b'%', Some(high), Some(low)) = (self.byte(0), digit(1), digit(2)) else {
                return Err(self.tag_error(place, start, "did not find URI escaped octet"));
            };
            let octet = (high << 4 | low) as u8;
            if bytes.is_empty() {
                width = match octet {
                    0..=0x7f => 1,
                    0xc0..=0xdf => 2,
                    0xe0..=0xef => 3,
                    0xf0..=0xf7 => 4,
                    _ => {
                        return Err(self.tag_error(place, start, "found an incorrect leading UTF-8 octet"));
                    }
                };
            } else if octet & 0xc0 != 0x80 {
                return Err(self.tag_error(place, start, "found an incorrect trailing UTF-8 octet"));
            }
            bytes.push(octet);
            self.at += 3;
        }
        // No known tag has other than ASCII characters, so what such bytes stand for does not matter.
        uri.push_str(&String::from_utf8_lossy(&bytes));
        Ok(())
    }
}
