//! Mail addresses, as Go's `net/mail` parses one (RFC 5322).

/// A mail address, with or without a name before it.
pub fn address(text: &str) -> bool {
    let mut parser = Parser { rest: text };
    parser.single().is_some()
}

struct Parser<'a> {
    rest: &'a str,
}

impl Parser<'_> {
    fn single(&mut self) -> Option<()> {
        self.blanks()?;
        if !self.address()? {
            // A group, `name: a, b;`, has to hold exactly one address.
            self.eat(':').then_some(())?;
            self.blanks()?;
            self.address()?.then_some(())?;
            self.blanks()?;
            self.eat(';').then_some(())?;
        }
        self.blanks()?;
        self.rest.is_empty().then_some(())
    }

    /// An address; `false` where a name was read that a group's colon follows.
    fn address(&mut self) -> Option<bool> {
        let start = self.rest;
        if self.plain_address().is_some() {
            return Some(true);
        }
        self.rest = start;
        if !self.rest.starts_with('<') {
            self.phrase()?;
        }
        self.blanks()?;
        if self.rest.starts_with(':') {
            return Some(false);
        }
        self.eat('<').then_some(())?;
        self.plain_address()?;
        self.eat('>').then_some(true)
    }

    fn plain_address(&mut self) -> Option<()> {
        self.blanks()?;
        if self.rest.starts_with('"') {
            let text = self.quoted()?;
            (!text.is_empty()).then_some(())?;
        } else {
            self.atom(true, false)?;
        }
        self.eat('@').then_some(())?;
        self.blanks()?;
        if self.rest.starts_with('[') { self.literal() } else { self.atom(true, false) }
    }

    /// A domain literal; Go asks for an IP address in it.
    fn literal(&mut self) -> Option<()> {
        let (inside, rest) = self.rest[1..].split_once(']')?;
        self.rest = rest;
        let address = inside.strip_prefix("IPv6:").unwrap_or(inside);
        super::ip(address).then_some(())
    }

    fn phrase(&mut self) -> Option<()> {
        let mut words = 0;
        loop {
            self.blanks()?;
            let start = self.rest;
            let word = if self.rest.starts_with('"') {
                self.quoted().map(|_| ())
            } else {
                // Dots are allowed inside the words of a name, as they are in practice.
                self.atom(true, true)
            };
            if word.is_none() {
                self.rest = start;
                return (words > 0).then_some(());
            }
            words += 1;
        }
    }

    fn quoted(&mut self) -> Option<String> {
        let mut text = String::new();
        let mut characters = self.rest[1..].char_indices();
        while let Some((at, character)) = characters.next() {
            match character {
                '"' => {
                    self.rest = &self.rest[at + 2..];
                    return Some(text);
                }
                '\\' => {
                    let (_, escaped) = characters.next()?;
                    (visible(escaped) || blank(escaped)).then_some(())?;
                    text.push(escaped);
                }
                _ if visible(character) || blank(character) => text.push(character),
                _ => return None,
            }
        }
        None
    }

    /// An atom, with dots inside where `dot`; dots may stand anywhere where `permissive`.
    fn atom(&mut self, dot: bool, permissive: bool) -> Option<()> {
        let fits = |c: char| {
            c.is_ascii_alphanumeric()
                || !c.is_ascii()
                || "!#$%&'*+-/=?^_`{|}~".contains(c)
                || (dot && c == '.')
        };
        let end = self.rest.find(|c| !fits(c)).unwrap_or(self.rest.len());
        let (atom, rest) = self.rest.split_at(end);
        let well = permissive || !(atom.starts_with('.') || atom.ends_with('.') || atom.contains(".."));
        self.rest = rest;
        (!atom.is_empty() && well).then_some(())
    }

    /// Skips blanks and comments; `None` for a comment that isn't closed.
    fn blanks(&mut self) -> Option<()> {
        loop {
            self.rest = self.rest.trim_start_matches([' ', '\t']);
            if !self.rest.starts_with('(') {
                return Some(());
            }
            let mut depth = 0_usize;
            let mut characters = self.rest.char_indices();
            let end = loop {
                let (at, character) = characters.next()?;
                match character {
                    '\\' => {
                        characters.next()?;
                    }
                    '(' => depth += 1,
                    ')' => depth -= 1,
                    _ => {}
                }
                if depth == 0 {
                    break at + 1;
                }
            };
            self.rest = &self.rest[end..];
        }
    }

    fn eat(&mut self, character: char) -> bool {
        let rest = self.rest.strip_prefix(character);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }
}

fn visible(c: char) -> bool {
    ('!'..='~').contains(&c) || !c.is_ascii()
}

fn blank(c: char) -> bool {
    c == ' ' || c == '\t'
}
