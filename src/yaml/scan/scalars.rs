//! Scalars: plain, quoted and block, with their folding and escapes.

use super::{Cow, Error, Lexeme, MAX_KEY, Mark, PLAIN, Result, Scanner, SimpleKey, Span, Style, Token};

/// Line breaks between two lines of a folded scalar: the first one and those of empty lines.
#[derive(Default)]
struct Fold {
    first: &'static str,
    more: String,
}

impl Fold {
    /// A single line feed becomes a space; of several the first one goes.
    fn join(&self, text: &mut String) {
        match self.first {
            "\n" if self.more.is_empty() => text.push(' '),
            "\n" => text.push_str(&self.more),
            first => {
                text.push_str(first);
                text.push_str(&self.more);
            }
        }
    }
}

impl<'t> Scanner<'t> {
    fn push_scalar(&mut self, text: Cow<'t, str>, style: Style, start: Mark, end: usize) {
        self.queue.push_back(Lexeme { token: Token::Scalar(text, style), start, end: end as u32 });
    }

    // Plain.

    pub(super) fn plain_scalar(&mut self) -> Result<()> {
        if self.key_allowed && !self.in_flow() {
            let start = self.mark();
            let end = self.plain_line();
            if end == self.at && self.byte(0) == b':' && end - start.at as usize <= MAX_KEY as usize {
                return self.plain_key(start);
            }
            self.at = start.at as usize;
        }
        self.save_key()?;
        self.key_allowed = false;
        let start = self.mark();
        let indent = self.indent + 1;
        let mut text = Cow::Borrowed("");
        let mut fold = Fold::default();
        let mut end = self.at;
        let mut folded = false;
        loop {
            let line = self.at;
            let line_end = self.plain_line();
            if line_end > line {
                let words = &self.text[line..line_end];
                if folded {
                    fold.join(text.to_mut());
                    text.to_mut().push_str(words);
                    folded = false;
                } else {
                    text = Cow::Borrowed(words);
                }
                end = line_end;
            }
            // What ended the line is a break, or it ended the scalar.
            let Some(first) = self.line_break() else { break };
            fold.first = first;
            fold.more.clear();
            folded = true;
            self.plain_breaks(start, indent, &mut fold)?;
            if !self.in_flow() && ((self.at - self.line_start) as i32) < indent {
                break;
            }
            let outside = self.at == self.line_start && self.document_indicator();
            if outside || self.byte(0) == b'#' {
                break;
            }
        }
        if folded {
            self.key_allowed = true;
        }
        self.push_scalar(text, Style::Plain, start, end);
        Ok(())
    }

    /// A key of a block mapping, which ends here, before its `:`. What is done is what saving the key and
    /// finding the `:` afterwards would do.
    fn plain_key(&mut self, start: Mark) -> Result<()> {
        let required = self.indent == start.column as i32;
        let end = std::mem::replace(&mut self.at, start.at as usize);
        self.remove_key()?;
        self.at = end;
        let number = self.next_number();
        *self.current_key() = SimpleKey { possible: false, required, token: number, mark: start };
        self.roll(start, number, Token::BlockMappingStart)?;
        self.queue.push_back(Lexeme { token: Token::Key, start, end: start.at });
        let text = Cow::Borrowed(&self.text[start.at as usize..self.at]);
        self.push_scalar(text, Style::Plain, start, self.at);
        self.key_allowed = false;
        let colon = self.mark();
        self.at += 1;
        self.push(Token::Value, colon);
        Ok(())
    }

    /// Takes the words of a line and the blanks behind them; gives the end of the last word.
    fn plain_line(&mut self) -> usize {
        let flow = self.in_flow();
        let mut end = self.at;
        loop {
            let ended = self.plain_word(flow);
            if self.at == end && ended {
                return end;
            }
            end = self.at;
            if ended {
                return end;
            }
            while self.blank() {
                self.at += 1;
            }
            if self.byte(0) == b'#' || self.break_or_end() {
                return end;
            }
            if self.plain_ends(flow) {
                return end;
            }
        }
    }

    /// Takes characters up to a blank, a break, the end or an indicator; says whether the scalar ends
    /// there (at an indicator or the end of the text).
    fn plain_word(&mut self, flow: bool) -> bool {
        loop {
            self.pass(&PLAIN);
            match self.byte(0) {
                b' ' | b'\t' | b'\n' | b'\r' => return false,
                0 => return true,
                b':' if self.blank_or_end(1) => return true,
                b',' | b'?' | b'[' | b']' | b'{' | b'}' if flow => return true,
                0xc2 | 0xe2 if self.break_length(self.at) > 0 => return false,
                _ => self.at += 1,
            }
        }
    }

    fn plain_ends(&self, flow: bool) -> bool {
        match self.byte(0) {
            b':' => self.blank_or_end(1),
            b',' | b'?' | b'[' | b']' | b'{' | b'}' => flow,
            _ => false,
        }
    }

    /// Takes empty lines and the indentation of the next line.
    fn plain_breaks(&mut self, start: Mark, indent: i32, fold: &mut Fold) -> Result<()> {
        loop {
            while self.blank() {
                if self.byte(0) == b'\t' && ((self.at - self.line_start) as i32) < indent {
                    let problem = "found a tab character that violates indentation";
                    return Err(self.tab(self.error_in("while scanning a plain scalar", start, problem)));
                }
                self.at += 1;
            }
            match self.line_break() {
                Some(next) => fold.more.push_str(next),
                None => return Ok(()),
            }
        }
    }

    fn tab(&self, mut error: Error) -> Error {
        error.span = Span::new(self.at, self.at + 1);
        error.hint = Some("indent with spaces: YAML allows no tab here");
        error
    }

    // Quoted.

    pub fn flow_scalar(&mut self) -> Result<()> {
        const CONTEXT: &str = "while scanning a quoted scalar";
        self.save_key()?;
        self.key_allowed = false;
        let start = self.mark();
        let quote = self.byte(0);
        self.at += 1;
        let mut text = Cow::Borrowed("");
        loop {
            if self.at == self.line_start && self.document_indicator() {
                return Err(self.error_in(CONTEXT, start, "found unexpected document indicator"));
            }
            if self.byte(0) == 0 {
                let mut error = self.error_in(CONTEXT, start, "found unexpected end of stream");
                error.span = Span::new(start.at as usize, start.at as usize + 1);
                error.context = None;
                error.hint = Some("this quote is never closed");
                return Err(error);
            }
            let mut fold = Fold::default();
            let mut folded = self.quoted_line(quote, start, &mut text)?;
            if self.byte(0) == quote {
                break;
            }
            if !folded {
                fold.first = self.line_break().unwrap_or_default();
                folded = !fold.first.is_empty();
            }
            if folded {
                self.quoted_breaks(&mut fold);
            }
            fold.join(text.to_mut());
        }
        self.at += 1;
        self.push_scalar(text, Style::Quoted, start, self.at);
        Ok(())
    }

    /// Takes empty lines and the blanks before the next text.
    fn quoted_breaks(&mut self, fold: &mut Fold) {
        loop {
            while self.blank() {
                self.at += 1;
            }
            match self.line_break() {
                Some(next) => fold.more.push_str(next),
                None => return,
            }
        }
    }

    /// Takes text up to the closing quote, a line break (without the blanks before it) or the end; says
    /// whether an escaped line break ended it.
    fn quoted_line(&mut self, quote: u8, start: Mark, text: &mut Cow<'t, str>) -> Result<bool> {
        let mut run = self.at;
        loop {
            match self.byte(0) {
                0 | b'\n' | b'\r' => break,
                0xc2 | 0xe2 if self.break_length(self.at) > 0 => break,
                b'\'' if quote == b'\'' => {
                    if self.byte(1) != b'\'' {
                        append(text, &self.text[run..self.at]);
                        return Ok(false);
                    }
                    append(text, &self.text[run..=self.at]);
                    self.at += 2;
                    run = self.at;
                }
                b'"' if quote == b'"' => {
                    append(text, &self.text[run..self.at]);
                    return Ok(false);
                }
                b'\\' if quote == b'"' => {
                    append(text, &self.text[run..self.at]);
                    if self.break_length(self.at + 1) > 0 {
                        self.at += 1;
                        self.line_break();
                        return Ok(true);
                    }
                    let character = self.escape(start)?;
                    text.to_mut().push(character);
                    run = self.at;
                }
                _ => self.at += 1,
            }
        }
        let line = &self.text[run..self.at];
        // At the end of the text blanks stay, but there the scalar is an error anyway.
        append(text, line.trim_end_matches([' ', '\t']));
        Ok(false)
    }

    /// Takes an escape sequence.
    fn escape(&mut self, start: Mark) -> Result<char> {
        const CONTEXT: &str = "while parsing a quoted scalar";
        let from = self.at;
        let (digits, character) = match self.byte(1) {
            b'0' => (0, '\0'),
            b'a' => (0, '\u{7}'),
            b'b' => (0, '\u{8}'),
            b't' | b'\t' => (0, '\t'),
            b'n' => (0, '\n'),
            b'v' => (0, '\u{b}'),
            b'f' => (0, '\u{c}'),
            b'r' => (0, '\r'),
            b'e' => (0, '\u{1b}'),
            b' ' => (0, ' '),
            b'"' => (0, '"'),
            b'\'' => (0, '\''),
            b'\\' => (0, '\\'),
            b'N' => (0, '\u{85}'),
            b'_' => (0, '\u{a0}'),
            b'L' => (0, '\u{2028}'),
            b'P' => (0, '\u{2029}'),
            b'x' => (2, '\0'),
            b'u' => (4, '\0'),
            b'U' => (8, '\0'),
            _ => {
                let mut error = self.error_in(CONTEXT, start, "found unknown escape character");
                let length = self.text[from..].chars().take(2).map(char::len_utf8).sum::<usize>();
                error.span = Span::new(from, from + length);
                error.hint = Some("write \\\\ for a backslash, or use single quotes");
                return Err(error);
            }
        };
        self.at += 2;
        if digits == 0 {
            return Ok(character);
        }
        let mut code = 0u32;
        for ahead in 0..digits {
            let Some(digit) = (self.byte(ahead) as char).to_digit(16) else {
                let mut error = self.error_in(CONTEXT, start, "did not find expected hexdecimal number");
                error.span = Span::new(from, self.at + ahead);
                return Err(error);
            };
            code = code << 4 | digit;
        }
        let Some(character) = char::from_u32(code) else {
            let mut error = self.error_in(CONTEXT, start, "found invalid Unicode character escape code");
            error.span = Span::new(from, self.at + digits);
            return Err(error);
        };
        self.at += digits;
        Ok(character)
    }

    // Block.

    pub fn block_scalar(&mut self) -> Result<()> {
        self.remove_key()?;
        self.key_allowed = true;
        let start = self.mark();
        let literal = self.byte(0) == b'|';
        self.at += 1;
        let (chomp, increment) = self.block_header(start)?;
        let mut end = self.at;
        self.line_break();
        let mut indent = if increment > 0 { self.indent.max(0) as usize + increment } else { 0 };
        let mut text = String::new();
        let mut leading_break = "";
        let mut leading_blank = false;
        let mut breaks = String::new();
        self.block_breaks(&mut indent, &mut breaks, start)?;
        while self.at - self.line_start == indent && self.byte(0) != 0 {
            let trailing_blank = self.blank();
            if literal || leading_break != "\n" || leading_blank || trailing_blank {
                text.push_str(leading_break);
            } else if breaks.is_empty() {
                text.push(' ');
            }
            text.push_str(&breaks);
            breaks.clear();
            leading_blank = trailing_blank;
            let line = self.at;
            self.pass_line();
            text.push_str(&self.text[line..self.at]);
            end = self.at;
            leading_break = self.line_break().unwrap_or_default();
            self.block_breaks(&mut indent, &mut breaks, start)?;
        }
        if chomp != Chomp::Strip {
            text.push_str(leading_break);
        }
        if chomp == Chomp::Keep {
            text.push_str(&breaks);
        }
        self.push_scalar(Cow::Owned(text), Style::Quoted, start, end);
        Ok(())
    }

    /// Takes chomping and indentation indicators and what may stand behind them on the line.
    fn block_header(&mut self, start: Mark) -> Result<(Chomp, usize)> {
        const CONTEXT: &str = "while scanning a block scalar";
        let mut chomp = self.chomping();
        let mut increment = 0;
        if self.byte(0).is_ascii_digit() {
            increment = usize::from(self.byte(0) - b'0');
            if increment == 0 {
                let mut error = self.error_in(CONTEXT, start, "found an indentation indicator equal to 0");
                error.span = Span::new(self.at, self.at + 1);
                return Err(error);
            }
            self.at += 1;
            if chomp.is_none() {
                chomp = self.chomping();
            }
        }
        while self.blank() {
            self.at += 1;
        }
        if self.byte(0) == b'#' {
            self.comment();
        }
        if !self.break_or_end() {
            let mut error = self.error_in(CONTEXT, start, "did not find expected comment or line break");
            error.hint =
                Some("put a text that starts with | or > in quotes; a block's text starts on the next line");
            return Err(error);
        }
        Ok((chomp.unwrap_or(Chomp::Clip), increment))
    }

    fn chomping(&mut self) -> Option<Chomp> {
        let chomp = match self.byte(0) {
            b'+' => Chomp::Keep,
            b'-' => Chomp::Strip,
            _ => return None,
        };
        self.at += 1;
        Some(chomp)
    }

    /// Takes empty lines and the indentation of the next line; finds the block's indentation out if it
    /// is still 0.
    fn block_breaks(&mut self, indent: &mut usize, breaks: &mut String, start: Mark) -> Result<()> {
        let mut deepest = 0;
        loop {
            let within = |at: usize, line: usize| *indent == 0 || at - line < *indent;
            while self.byte(0) == b' ' && within(self.at, self.line_start) {
                self.at += 1;
            }
            deepest = deepest.max(self.at - self.line_start);
            if self.byte(0) == b'\t' && within(self.at, self.line_start) {
                let problem = "found a tab character where an indentation space is expected";
                return Err(self.tab(self.error_in("while scanning a block scalar", start, problem)));
            }
            match self.line_break() {
                Some(next) => breaks.push_str(next),
                None => break,
            }
        }
        if *indent == 0 {
            *indent = deepest.max((self.indent + 1).max(1) as usize);
        }
        Ok(())
    }
}

/// What happens to the line breaks at the end of a block scalar.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Chomp {
    /// `-`: none stays.
    Strip,
    /// One stays.
    Clip,
    /// `+`: all stay.
    Keep,
}

/// Appends without copying as long as there is one piece.
fn append<'t>(text: &mut Cow<'t, str>, piece: &'t str) {
    match text {
        Cow::Borrowed("") => *text = Cow::Borrowed(piece),
        _ => text.to_mut().push_str(piece),
    }
}
