//! Indicators: indentation, keys, entries, flow brackets, directives and anchors.

use super::{Error, Lexeme, MAX_DEPTH, MAX_KEY, Mark, Result, Scanner, SimpleKey, Span, Token};

impl<'t> Scanner<'t> {
    // Indentation.

    /// Opens a block collection if the column is deeper than the current one. Its start goes before the
    /// token with the given number.
    pub(super) fn roll(&mut self, mark: Mark, number: usize, token: Token<'t>) -> Result<()> {
        let column = mark.column as i32;
        if self.in_flow() || self.indent >= column {
            return Ok(());
        }
        self.indents.push(self.indent);
        self.indent = column;
        if self.indents.len() > MAX_DEPTH {
            let slot = self.current_key().mark;
            return Err(self.too_deep("while increasing indent level", slot));
        }
        self.insert(number, token, mark);
        Ok(())
    }

    /// Closes the block collections that are deeper than the column.
    pub(super) fn unroll(&mut self, column: i32) {
        if self.in_flow() {
            return;
        }
        while self.indent > column {
            let mark = self.mark();
            self.queue.push_back(Lexeme { token: Token::BlockEnd, start: mark, end: mark.at });
            self.indent = self.indents.pop().expect("every indent was pushed over another");
        }
    }

    fn too_deep(&self, context: &'static str, start: Mark) -> Error {
        let mut error = self.error_in(context, start, "exceeded max depth of 10000");
        error.code = "yaml-depth";
        error
    }

    // Keys.

    pub(super) fn current_key(&mut self) -> &mut SimpleKey {
        self.keys.last_mut().expect("the block level is never popped")
    }

    /// Whether the key of a level can still be one: it has to end on its line, within 1024 characters.
    pub(super) fn key_holds(&mut self, level: usize) -> Result<bool> {
        let key = self.keys[level];
        if !key.possible {
            return Ok(false);
        }
        if key.mark.line == self.line && key.mark.column + MAX_KEY >= self.column() {
            return Ok(true);
        }
        if key.required {
            return Err(self.no_colon(key));
        }
        self.keys[level].possible = false;
        Ok(false)
    }

    fn no_colon(&self, key: SimpleKey) -> Error {
        let mut error = self.error_in("while scanning a simple key", key.mark, "could not find expected ':'");
        // Helm names the place where it gave up; what lacks the colon is the key.
        let start = key.mark.at as usize;
        let line = self.text[start..].split(['\n', '\r']).next().unwrap_or_default().trim_end();
        error.span = Span::new(start, start + line.len());
        error.context = None;
        error.hint = Some("a key needs `: ` after it; a text over several lines needs quotes, | or >");
        error
    }

    /// Remembers that a key may begin here.
    pub(super) fn save_key(&mut self) -> Result<()> {
        if !self.key_allowed {
            return Ok(());
        }
        let mark = self.mark();
        let required = !self.in_flow() && self.indent == mark.column as i32;
        self.remove_key()?;
        let token = self.next_number();
        *self.current_key() = SimpleKey { possible: true, required, token, mark };
        self.pending.push_back(self.keys.len() - 1);
        Ok(())
    }

    /// Gives up the key of the current level.
    pub(super) fn remove_key(&mut self) -> Result<()> {
        let key = *self.current_key();
        if key.possible {
            if key.required {
                return Err(self.no_colon(key));
            }
            self.current_key().possible = false;
            self.settle(self.keys.len() - 1);
        }
        Ok(())
    }

    /// Nothing waits any longer for the key of a level, which is the innermost one that is waited for.
    fn settle(&mut self, level: usize) {
        if self.pending.back() == Some(&level) {
            self.pending.pop_back();
        }
    }

    // Indicators.

    pub(super) fn stream_end(&mut self) -> Result<()> {
        if self.column() != 0 {
            self.line += 1;
            self.line_start = self.at;
            self.inner_bytes = 0;
        }
        self.unroll(-1);
        self.remove_key()?;
        self.key_allowed = false;
        let mark = self.mark();
        self.push(Token::StreamEnd, mark);
        Ok(())
    }

    pub(super) fn document_marker(&mut self, token: Token<'t>) -> Result<()> {
        self.unroll(-1);
        self.remove_key()?;
        self.key_allowed = false;
        let start = self.mark();
        self.at += 3;
        self.push(token, start);
        Ok(())
    }

    pub(super) fn flow_start(&mut self, token: Token<'t>) -> Result<()> {
        self.save_key()?;
        let start = self.mark();
        // Until a key is saved in it, the new level stands for its own bracket; see `flow_end`.
        let slot = SimpleKey { possible: false, required: false, token: self.next_number(), mark: start };
        self.keys.push(slot);
        if self.keys.len() - 1 > MAX_DEPTH {
            return Err(self.too_deep("while increasing flow level", start));
        }
        self.key_allowed = true;
        self.at += 1;
        self.push(token, start);
        Ok(())
    }

    pub(super) fn flow_end(&mut self, token: Token<'t>) -> Result<()> {
        self.remove_key()?;
        if self.in_flow() {
            self.settle(self.keys.len() - 1);
            let closed = self.keys.pop().map(|key| key.token);
            // Helm forgets that `{}` or `[]` may be a key: nothing was saved inside, so what is
            // forgotten is the bracket itself.
            let level = self.keys.len() - 1;
            if closed == Some(self.keys[level].token) {
                self.settle(level);
            }
        }
        self.key_allowed = false;
        let start = self.mark();
        self.at += 1;
        self.push(token, start);
        Ok(())
    }

    pub(super) fn flow_entry(&mut self) -> Result<()> {
        self.remove_key()?;
        self.key_allowed = true;
        let start = self.mark();
        self.at += 1;
        self.push(Token::FlowEntry, start);
        Ok(())
    }

    pub(super) fn block_entry(&mut self) -> Result<()> {
        let start = self.mark();
        // In a flow collection a `-` is an error too; the parser says which.
        if !self.in_flow() {
            if !self.key_allowed {
                let mut error = self.error("block sequence entries are not allowed in this context");
                error.hint = Some("start the list on a line of its own, or put the text in quotes");
                return Err(error);
            }
            self.roll(start, self.next_number(), Token::BlockSequenceStart)?;
        }
        self.remove_key()?;
        self.key_allowed = true;
        self.at += 1;
        self.push(Token::BlockEntry, start);
        Ok(())
    }

    pub(super) fn key(&mut self) -> Result<()> {
        let start = self.mark();
        if !self.in_flow() {
            if !self.key_allowed {
                return Err(self.error("mapping keys are not allowed in this context"));
            }
            self.roll(start, self.next_number(), Token::BlockMappingStart)?;
        }
        self.remove_key()?;
        self.key_allowed = !self.in_flow();
        self.at += 1;
        self.push(Token::Key, start);
        Ok(())
    }

    pub(super) fn value(&mut self) -> Result<()> {
        let level = self.keys.len() - 1;
        let start = self.mark();
        if self.key_holds(level)? {
            let key = self.keys[level];
            self.insert(key.token, Token::Key, key.mark);
            self.roll(key.mark, key.token, Token::BlockMappingStart)?;
            self.keys[level].possible = false;
            self.settle(level);
            self.key_allowed = false;
        } else {
            if !self.in_flow() {
                if !self.key_allowed {
                    let mut error = self.error("mapping values are not allowed in this context");
                    error.span = Span::new(self.at, self.at + 1);
                    error.hint =
                        Some("put a text that contains `: ` in quotes, and check the line's indentation");
                    return Err(error);
                }
                self.roll(start, self.next_number(), Token::BlockMappingStart)?;
            }
            self.key_allowed = !self.in_flow();
        }
        self.at += 1;
        self.push(Token::Value, start);
        Ok(())
    }

    /// `&name` or `*name`.
    pub(super) fn anchor(&mut self) -> Result<()> {
        self.save_key()?;
        self.key_allowed = false;
        let start = self.mark();
        let alias = self.byte(0) == b'*';
        self.at += 1;
        let name = self.word();
        let delimited = self.blank_or_end(0)
            || matches!(self.byte(0), b'?' | b':' | b',' | b']' | b'}' | b'%' | b'@' | b'`');
        if name.is_empty() || !delimited {
            let context = if alias { "while scanning an alias" } else { "while scanning an anchor" };
            let mut error =
                self.error_in(context, start, "did not find expected alphabetic or numeric character");
            error.hint = Some(if alias {
                "put a text that starts with * in quotes: it would be an alias"
            } else {
                "put a text that starts with & in quotes: it would be an anchor"
            });
            return Err(error);
        }
        self.push(if alias { Token::Alias(name) } else { Token::Anchor(name) }, start);
        Ok(())
    }

    /// Takes letters, digits, `_` and `-`.
    pub(super) fn word(&mut self) -> &'t str {
        let from = self.at;
        while self.byte(0).is_ascii_alphanumeric() || matches!(self.byte(0), b'_' | b'-') {
            self.at += 1;
        }
        &self.text[from..self.at]
    }
}
