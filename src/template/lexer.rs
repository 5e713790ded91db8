//! Text of a template into tokens (Go's `text/template/parse`, its lexer).

use super::quote::{code_point, is_word, quote};
use crate::source::Span;
use bstr::ByteSlice;

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Something malformed; the token's text says what, and no token follows.
    Error,
    Bool,
    /// A printable ASCII character with no meaning of its own, e.g. `,`.
    Char,
    CharConstant,
    Complex,
    /// `=`
    Assign,
    /// `:=`
    Declare,
    End,
    Field,
    Identifier,
    LeftDelimiter,
    LeftParen,
    Number,
    Pipe,
    RawString,
    RightDelimiter,
    RightParen,
    Space,
    String,
    Text,
    Variable,
    /// The keywords, and the dot and nil that are told as keywords.
    Keyword(Keyword),
}

/// Words with a meaning of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keyword {
    Block,
    Break,
    Continue,
    Define,
    Dot,
    Else,
    End,
    If,
    Nil,
    Range,
    Template,
    With,
}

impl Keyword {
    fn of(word: &str) -> Option<Self> {
        Some(match word {
            "." => Self::Dot,
            "block" => Self::Block,
            "break" => Self::Break,
            "continue" => Self::Continue,
            "define" => Self::Define,
            "else" => Self::Else,
            "end" => Self::End,
            "if" => Self::If,
            "range" => Self::Range,
            "nil" => Self::Nil,
            "template" => Self::Template,
            "with" => Self::With,
            _ => return None,
        })
    }
}

/// A token.
#[derive(Clone, Copy, Debug)]
pub struct Token {
    pub kind: Kind,
    pub span: Span,
    /// The line that it starts on, from 1.
    pub line: u32,
}

/// The tokens of a template.
pub struct Tokens {
    /// The last one is [`Kind::End`] or [`Kind::Error`].
    pub tokens: Vec<Token>,
    /// What is malformed, where the last one is an error.
    pub problem: String,
}

impl Token {
    /// The text of the token in the template `source`.
    pub fn text(self, source: &str) -> &str {
        &source[self.span.range()]
    }

    /// The token as Go's parser names it in errors; `problem` is what is malformed.
    pub fn name(self, source: &str, problem: &str) -> String {
        let text = self.text(source);
        match self.kind {
            Kind::End => "EOF".to_owned(),
            Kind::Error => problem.to_owned(),
            Kind::Keyword(_) => format!("<{text}>"),
            _ if text.len() > 10 => format!("{}...", quote(&text.chars().take(10).collect::<String>())),
            _ => quote(text),
        }
    }
}

const LEFT: &str = "{{";
const RIGHT: &str = "}}";
const SPACES: [char; 4] = [' ', '\t', '\r', '\n'];

/// All tokens of a template.
pub fn tokens(source: &str) -> Tokens {
    // About what templates come to; more room than this is made when it is needed.
    let tokens = Vec::with_capacity(source.len() / 6 + 4);
    let mut lexer = Lexer { source, at: 0, start: 0, line: 1, tokens };
    let outcome = lexer.run();
    if outcome.is_err() {
        lexer.push(Kind::Error);
    }
    Tokens { tokens: lexer.tokens, problem: outcome.err().unwrap_or_default() }
}

struct Lexer<'a> {
    source: &'a str,
    /// Next byte to read.
    at: usize,
    /// First byte of the token being read.
    start: usize,
    /// The line of `start`.
    line: u32,
    tokens: Vec<Token>,
}

impl<'a> Lexer<'a> {
    fn rest(&self) -> &'a str {
        &self.source[self.at..]
    }

    #[inline]
    fn peek(&self) -> Option<char> {
        match self.source.as_bytes().get(self.at) {
            Some(byte) if !byte.is_ascii() => self.rest().chars().next(),
            byte => byte.map(|&byte| char::from(byte)),
        }
    }

    fn next(&mut self) -> Option<char> {
        let char = self.peek()?;
        self.at += char.len_utf8();
        Some(char)
    }

    fn accept(&mut self, valid: &str) -> bool {
        let found = self.peek().is_some_and(|char| valid.contains(char));
        self.at += usize::from(found);
        found
    }

    fn accept_run(&mut self, valid: &str) {
        while self.accept(valid) {}
    }

    /// Ends the token here.
    fn push(&mut self, kind: Kind) {
        let span = Span::new(self.start, self.at);
        self.tokens.push(Token { kind, span, line: self.line });
        // No other token holds a line break.
        if matches!(kind, Kind::Text | Kind::Space | Kind::RawString) {
            self.skip();
        }
        self.start = self.at;
    }

    /// Starts the next token here.
    fn skip(&mut self) {
        let passed = &self.source.as_bytes()[self.start..self.at];
        self.line += passed.iter().map(|&byte| u32::from(byte == b'\n')).sum::<u32>();
        self.start = self.at;
    }

    fn run(&mut self) -> Result<(), String> {
        while let Some(length) = self.left_delimiter() {
            self.text(length);
            self.at += LEFT.len();
            let trims = has_left_trim(self.rest());
            let marker = if trims { 2 } else { 0 };
            if self.rest()[marker..].starts_with("/*") {
                self.at += marker;
                self.skip();
                self.comment()?;
                continue;
            }
            self.push(Kind::LeftDelimiter);
            self.at += marker;
            self.skip();
            self.action()?;
        }
        self.at = self.source.len();
        if self.at > self.start {
            self.push(Kind::Text);
        }
        self.push(Kind::End);
        Ok(())
    }

    /// How far away the next left delimiter is.
    fn left_delimiter(&self) -> Option<usize> {
        let rest = self.rest().as_bytes();
        let mut from = 0;
        loop {
            from += rest[from..].find_byte(b'{')?;
            if rest[from..].starts_with(LEFT.as_bytes()) {
                return Some(from);
            }
            from += 1;
        }
    }

    /// The text before an action, without the space that the action trims.
    fn text(&mut self, length: usize) {
        let text = &self.rest()[..length];
        let kept = if has_left_trim(&self.rest()[length + LEFT.len()..]) {
            text.trim_end_matches(SPACES)
        } else {
            text
        };
        self.at += kept.len();
        if !kept.is_empty() {
            self.push(Kind::Text);
        }
        self.at += length - kept.len();
        self.skip();
    }

    fn comment(&mut self) -> Result<(), String> {
        self.at += 2;
        let Some(length) = self.rest().find("*/") else {
            return Err("unclosed comment".to_owned());
        };
        self.at += length + 2;
        let Some(trims) = self.right_delimiter() else {
            return Err("comment ends before closing delimiter".to_owned());
        };
        self.after_right_delimiter(trims);
        self.skip();
        Ok(())
    }

    /// Whether a right delimiter is next, and if so whether it trims.
    fn right_delimiter(&self) -> Option<bool> {
        // Most tokens start with something else.
        if !matches!(self.source.as_bytes().get(self.at), Some(b'}' | b' ' | b'\t' | b'\r' | b'\n')) {
            return None;
        }
        let rest = self.rest();
        if has_right_trim(rest) && rest[2..].starts_with(RIGHT) {
            Some(true)
        } else {
            rest.starts_with(RIGHT).then_some(false)
        }
    }

    /// Passes a right delimiter, and the space after it that it trims.
    fn after_right_delimiter(&mut self, trims: bool) {
        self.at += RIGHT.len();
        if trims {
            self.at += 2;
            self.at += self.rest().len() - self.rest().trim_start_matches(SPACES).len();
        }
    }

    /// The tokens up to and with the right delimiter.
    fn action(&mut self) -> Result<(), String> {
        let mut open = 0_usize;
        loop {
            if let Some(trims) = self.right_delimiter() {
                if open > 0 {
                    return Err("unclosed left paren".to_owned());
                }
                if trims {
                    self.at += 2;
                    self.skip();
                }
                self.at += RIGHT.len();
                self.push(Kind::RightDelimiter);
                if trims {
                    self.at += self.rest().len() - self.rest().trim_start_matches(SPACES).len();
                    self.skip();
                }
                return Ok(());
            }
            let Some(char) = self.next() else {
                return Err("unclosed action".to_owned());
            };
            match char {
                ' ' | '\t' | '\r' | '\n' => self.space(),
                '=' => self.push(Kind::Assign),
                ':' if self.next() == Some('=') => self.push(Kind::Declare),
                ':' => return Err("expected :=".to_owned()),
                '|' => self.push(Kind::Pipe),
                '"' => self.quoted('"', "unterminated quoted string", Kind::String)?,
                '\'' => self.quoted('\'', "unterminated character constant", Kind::CharConstant)?,
                '`' => {
                    let length = self.rest().find('`').ok_or("unterminated raw quoted string")?;
                    self.at += length + 1;
                    self.push(Kind::RawString);
                }
                '$' => self.field_or_variable(Kind::Variable)?,
                // A dot at the very end is taken for a number, which it then is not.
                '.' if self.peek().is_some_and(|next| !next.is_ascii_digit()) => {
                    self.field_or_variable(Kind::Field)?;
                }
                '.' | '+' | '-' | '0'..='9' => self.number()?,
                '(' => {
                    open += 1;
                    self.push(Kind::LeftParen);
                }
                ')' => {
                    open = open.checked_sub(1).ok_or("unexpected right paren")?;
                    self.push(Kind::RightParen);
                }
                _ if is_word(char) => self.identifier()?,
                ' '..='~' => self.push(Kind::Char),
                _ => return Err(format!("unrecognized character in action: {}", code_point(char))),
            }
        }
    }

    /// A run of space, of which the first was read. A last one belongs to a trimming delimiter.
    fn space(&mut self) {
        while self.peek().is_some_and(|char| SPACES.contains(&char)) {
            self.at += 1;
        }
        let last = &self.source[self.at - 1..];
        if has_right_trim(last) && last[2..].starts_with(RIGHT) {
            self.at -= 1;
        }
        if self.at > self.start {
            self.push(Kind::Space);
        }
    }

    fn quoted(&mut self, end: char, unterminated: &str, kind: Kind) -> Result<(), String> {
        loop {
            match self.next() {
                Some('\\') if !matches!(self.next(), None | Some('\n')) => {}
                None | Some('\n' | '\\') => return Err(unterminated.to_owned()),
                Some(char) if char == end => {
                    self.push(kind);
                    return Ok(());
                }
                Some(_) => {}
            }
        }
    }

    /// Whether what follows may end an identifier.
    fn at_terminator(&self) -> bool {
        match self.peek() {
            None | Some(' ' | '\t' | '\r' | '\n' | '.' | ',' | '|' | ':' | ')' | '(') => true,
            Some(_) => self.rest().starts_with(RIGHT),
        }
    }

    fn word(&mut self) -> Result<(), String> {
        while let Some(byte) = self.source.as_bytes().get(self.at) {
            // Most characters of words are ASCII, and need no decoding.
            if byte.is_ascii_alphanumeric() || *byte == b'_' {
                self.at += 1;
            } else if byte.is_ascii() || !self.peek().is_some_and(is_word) {
                break;
            } else {
                self.next();
            }
        }
        match self.peek() {
            Some(char) if !self.at_terminator() => Err(format!("bad character {}", code_point(char))),
            _ => Ok(()),
        }
    }

    fn identifier(&mut self) -> Result<(), String> {
        self.word()?;
        let word = &self.source[self.start..self.at];
        let kind = match (Keyword::of(word), word) {
            (Some(keyword), _) => Kind::Keyword(keyword),
            (None, "true" | "false") => Kind::Bool,
            (None, _) => Kind::Identifier,
        };
        self.push(kind);
        Ok(())
    }

    /// After `.` or `$`.
    fn field_or_variable(&mut self, kind: Kind) -> Result<(), String> {
        if self.at_terminator() {
            let alone = if kind == Kind::Field { Kind::Keyword(Keyword::Dot) } else { kind };
            self.push(alone);
            return Ok(());
        }
        self.word()?;
        self.push(kind);
        Ok(())
    }

    /// A number, of which the first character was read; whether it means one is seen by the parser.
    fn number(&mut self) -> Result<(), String> {
        self.at = self.start;
        let mut kind = Kind::Number;
        let mut valid = self.scan_number();
        if valid && matches!(self.peek(), Some('+' | '-')) {
            kind = Kind::Complex;
            valid = self.scan_number() && self.source[..self.at].ends_with('i');
        }
        if !valid {
            return Err(format!("bad number syntax: {}", quote(&self.source[self.start..self.at])));
        }
        self.push(kind);
        Ok(())
    }

    fn scan_number(&mut self) -> bool {
        self.accept("+-");
        let (mut digits, mut exponent) = ("0123456789_", "eE");
        if self.accept("0") {
            if self.accept("xX") {
                (digits, exponent) = ("0123456789abcdefABCDEF_", "pP");
            } else if self.accept("oO") {
                (digits, exponent) = ("01234567_", "");
            } else if self.accept("bB") {
                (digits, exponent) = ("01_", "");
            }
        }
        self.accept_run(digits);
        if self.accept(".") {
            self.accept_run(digits);
        }
        if self.accept(exponent) {
            self.accept("+-");
            self.accept_run("0123456789_");
        }
        self.accept("i");
        if self.peek().is_some_and(is_word) {
            self.next();
            return false;
        }
        true
    }
}

fn has_left_trim(text: &str) -> bool {
    matches!(text.as_bytes(), [b'-', b' ' | b'\t' | b'\r' | b'\n', ..])
}

fn has_right_trim(text: &str) -> bool {
    matches!(text.as_bytes(), [b' ' | b'\t' | b'\r' | b'\n', b'-', ..])
}
