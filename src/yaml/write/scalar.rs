//! Scalars: which style a text allows, and how each style is written and folded.

use super::GoYaml;
use crate::yaml::resolve::{is_string, is_unbounded_integer};

/// Text with the state that libyaml's emitter decides by.
pub(super) struct Emitter {
    library: GoYaml,
    text: String,
    /// Characters on the current line.
    column: usize,
    /// Whether the last character separates tokens.
    whitespace: bool,
    /// Whether the current line holds indentation and indicators alone.
    indention: bool,
}

/// What a text allows.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Allowed {
    plain: bool,
    single: bool,
    literal: bool,
}

impl Emitter {
    pub fn new(library: GoYaml) -> Self {
        Self { library, text: String::new(), column: 0, whitespace: true, indention: true }
    }

    /// Column behind which lines are folded.
    fn width(&self) -> usize {
        match self.library {
            GoYaml::V2 => 80,
            GoYaml::V3 => usize::MAX,
        }
    }

    /// The text, its last line ended.
    pub fn finish(mut self) -> String {
        self.indent_to(0);
        self.text
    }

    pub fn at_indentation(&self) -> bool {
        self.indention
    }

    fn put(&mut self, character: char) {
        self.text.push(character);
        self.column += 1;
    }

    fn put_str(&mut self, text: &str) {
        self.text.push_str(text);
        self.column += if text.is_ascii() { text.len() } else { text.chars().count() };
    }

    fn line_break(&mut self, character: char) {
        self.text.push(character);
        self.column = 0;
    }

    /// Starts a line, unless at one already, and indents it.
    pub fn indent_to(&mut self, indent: i32) {
        let indent = indent.max(0) as usize;
        if !self.indention || self.column > indent || (self.column == indent && !self.whitespace) {
            self.line_break('\n');
        }
        while self.column < indent {
            self.put(' ');
        }
        self.whitespace = true;
        self.indention = true;
    }

    /// Writes `-`, `?` or an opening quote with a blank before it.
    pub fn indicator(&mut self, indicator: &str, indents: bool) {
        if !self.whitespace {
            self.put(' ');
        }
        self.put_str(indicator);
        self.whitespace = false;
        self.indention &= indents;
    }

    /// Writes `:` or a closing quote right behind what it belongs to.
    pub fn indicator_close(&mut self, indicator: &str) {
        self.put_str(indicator);
        self.whitespace = false;
        self.indention = false;
    }

    /// Writes a text that needs no quotes and is never folded.
    pub fn plain(&mut self, text: &str) {
        self.indicator(text, false);
    }

    /// Writes a string in the style that it needs. A simple key is never folded.
    pub fn string(&mut self, text: &str, indent: i32, simple_key: bool) {
        if is_word(text) && is_string(text) && self.library == GoYaml::V2 {
            // Plain whatever is around it, and without a blank at which it could be folded.
            return self.plain(text);
        }
        let indent = if indent < 0 { 2 } else { indent + 2 };
        let allowed = analyse(text, self.library);
        let number = self.library == GoYaml::V3 && is_unbounded_integer(text);
        let fold = (!simple_key).then_some(indent);
        if text.contains('\n') {
            if allowed.literal && !simple_key { self.literal(text, indent) } else { self.double(text, fold) }
        } else if !is_string(text) || number || is_base_60(text) || (simple_key && has_break(text)) {
            self.double(text, fold);
        } else if allowed.plain {
            self.plain_folded(text, fold);
        } else if allowed.single {
            self.single(text, fold);
        } else {
            self.double(text, fold);
        }
    }

    fn plain_folded(&mut self, text: &str, fold: Option<i32>) {
        if !self.whitespace {
            self.put(' ');
        }
        self.folded(text, fold, false);
    }

    fn single(&mut self, text: &str, fold: Option<i32>) {
        self.indicator("'", false);
        self.folded(text, fold, true);
        self.indicator_close("'");
    }

    /// Writes the characters of a plain or single quoted text.
    fn folded(&mut self, text: &str, fold: Option<i32>, quoted: bool) {
        let mut spaces = false;
        let mut breaks = false;
        let mut characters = text.char_indices().peekable();
        let indent = fold.unwrap_or(0);
        while let Some((at, character)) = characters.next() {
            if character == ' ' {
                let next = characters.peek().map(|&(_, next)| next);
                let inside = at > 0 && next.is_some();
                let folds = fold.is_some() && !spaces && self.column > self.width() && next != Some(' ');
                if folds && (inside || !quoted) {
                    self.indent_to(indent);
                } else {
                    self.put(' ');
                }
                spaces = true;
            } else if is_break(character) {
                if !breaks && character == '\n' {
                    self.line_break('\n');
                }
                self.line_break(character);
                self.indention = true;
                breaks = true;
            } else {
                if breaks {
                    self.indent_to(indent);
                }
                if quoted && character == '\'' {
                    self.put('\'');
                }
                self.put(character);
                self.indention = false;
                spaces = false;
                breaks = false;
            }
        }
        self.whitespace = false;
        self.indention = false;
    }

    fn double(&mut self, text: &str, fold: Option<i32>) {
        self.indicator("\"", false);
        // libyaml looks for a byte order mark at the start of the text and not at the character.
        let all = text.starts_with('\u{feff}');
        let mut spaces = false;
        let mut characters = text.char_indices().peekable();
        while let Some((at, character)) = characters.next() {
            if all || !is_printable(character) || is_break(character) || matches!(character, '"' | '\\') {
                self.escape(character);
                spaces = false;
            } else if character == ' ' {
                let next = characters.peek().map(|&(_, next)| next);
                match fold {
                    Some(indent) if !spaces && self.column > self.width() && at > 0 && next.is_some() => {
                        self.indent_to(indent);
                        if next == Some(' ') {
                            self.put('\\');
                        }
                    }
                    _ => self.put(' '),
                }
                spaces = true;
            } else {
                self.put(character);
                spaces = false;
            }
        }
        self.indicator_close("\"");
    }

    fn escape(&mut self, character: char) {
        let short = match character {
            '\0' => '0',
            '\u{7}' => 'a',
            '\u{8}' => 'b',
            '\t' => 't',
            '\n' => 'n',
            '\u{b}' => 'v',
            '\u{c}' => 'f',
            '\r' => 'r',
            '\u{1b}' => 'e',
            '"' => '"',
            '\\' => '\\',
            '\u{85}' => 'N',
            '\u{a0}' => '_',
            '\u{2028}' => 'L',
            '\u{2029}' => 'P',
            _ => {
                let escape = match u32::from(character) {
                    code @ ..=0xff => format!("\\x{code:02X}"),
                    code @ ..=0xffff => format!("\\u{code:04X}"),
                    code => format!("\\U{code:08X}"),
                };
                self.put_str(&escape);
                return;
            }
        };
        self.put('\\');
        self.put(short);
    }

    fn literal(&mut self, text: &str, indent: i32) {
        self.indicator("|", false);
        if text.starts_with([' ', '\n', '\u{85}', '\u{2028}', '\u{2029}']) {
            self.put('2');
        }
        let mut last = text.chars().rev();
        match (last.next().is_some_and(is_break), last.next().is_none_or(is_break)) {
            (false, _) => self.put('-'),
            (true, true) => self.put('+'),
            (true, false) => {}
        }
        self.line_break('\n');
        self.indention = true;
        self.whitespace = true;
        let mut breaks = true;
        for character in text.chars() {
            if is_break(character) {
                self.line_break(character);
                self.indention = true;
                breaks = true;
            } else {
                if breaks {
                    self.indent_to(indent);
                }
                self.put(character);
                self.indention = false;
                breaks = false;
            }
        }
    }
}

fn is_break(character: char) -> bool {
    matches!(character, '\n' | '\r' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

/// Whether a text takes more than one line.
pub(super) fn has_break(text: &str) -> bool {
    // Most texts hold no byte that a break could begin with.
    text.bytes().any(|byte| matches!(byte, b'\n' | b'\r' | 0xc2 | 0xe2)) && text.contains(is_break)
}

/// Whether a text is letters and digits with some signs between them that mean nothing in YAML.
fn is_word(text: &str) -> bool {
    let starts = text.as_bytes().first().is_some_and(|&byte| byte.is_ascii_alphanumeric() || byte == b'/');
    starts
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'/' | b'_'))
}

/// Whether a character is written as it is in double quotes.
fn is_printable(character: char) -> bool {
    matches!(character, '\n' | ' '..='~' | '\u{a0}'..='\u{d7ff}' | '\u{e000}'..='\u{fffd}')
        && character != '\u{feff}'
}

/// `[-+]?[0-9][0-9_]*(:[0-5]?[0-9])+(\.[0-9_]*)?`: such texts were numbers once.
fn is_base_60(text: &str) -> bool {
    let text = text.strip_prefix(['-', '+']).unwrap_or(text);
    let (text, fraction) = text.split_once('.').unwrap_or((text, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'_');
    let mut parts = text.split(':');
    let first = parts.next().unwrap_or_default();
    let mut sixtieths = 0;
    let valid = parts.all(|part| {
        sixtieths += 1;
        matches!(part.as_bytes(), [b'0'..=b'9'] | [b'0'..=b'5', b'0'..=b'9'])
    });
    valid
        && sixtieths > 0
        && first.starts_with(|c: char| c.is_ascii_digit())
        && digits(first)
        && digits(fraction)
}

/// libyaml's analysis of a text in block context.
fn analyse(text: &str, library: GoYaml) -> Allowed {
    let mut indicators = text.starts_with("---") || text.starts_with("...");
    let mut special = false;
    let mut tabs = false;
    let mut breaks = false;
    let (mut break_space, mut space_break) = (false, false);
    let mut previous = None;
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        let followed = characters.peek().is_none_or(|&next| matches!(next, ' ' | '\t') || is_break(next));
        indicators |= match character {
            '#' => previous.is_none_or(|p| matches!(p, ' ' | '\t') || is_break(p)),
            ',' | '[' | ']' | '{' | '}' | '&' | '*' | '!' | '|' | '>' | '\'' | '"' | '%' | '@' | '`' => {
                previous.is_none()
            }
            '?' | '-' => previous.is_none() && followed,
            ':' => followed,
            _ => false,
        };
        if character == '\t' {
            tabs = true;
        } else {
            special |= !is_printable(character);
        }
        breaks |= is_break(character);
        break_space |= character == ' ' && previous.is_some_and(is_break);
        space_break |= is_break(character) && previous == Some(' ');
        previous = Some(character);
    }
    let edge = |c: char| c == ' ' || is_break(c);
    let edges = text.starts_with(edge) || text.ends_with(edge);
    Allowed {
        plain: !(edges || break_space || space_break || special || tabs || breaks || indicators),
        single: !(break_space || space_break || special || tabs),
        literal: !(text.ends_with(' ') || space_break || special || (tabs && library == GoYaml::V2)),
    }
}
