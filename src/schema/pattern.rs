//! Patterns: Go's regular expressions, said in the words of the `regex` crate.
//!
//! Both descend from RE2, match in linear time and know no lookaround; they differ in spelling. What
//! Go's `regexp/syntax` (Perl flags) accepts is accepted here and written so that the crate reads the
//! same meaning, without any shorthand that another dialect could read in another way.

use std::fmt::Write as _;

/// More repetitions than this, nested ones multiplied, are refused by Go.
const MOST_REPETITIONS: usize = 1000;

/// Deeper groups are refused (Go's limit is 1000; no pattern that a person wrote comes near).
const DEEPEST: usize = 100;

/// A pattern, compiled.
#[derive(Clone, Debug)]
pub struct Pattern(regex::Regex);

impl Pattern {
    /// Compiles a pattern; the error says why Go refuses it.
    pub fn new(go: &str) -> Result<Self, String> {
        let translated = translate(go)?;
        let regex = regex::RegexBuilder::new(&translated).size_limit(1 << 20).build();
        regex.map(Self).map_err(|error| match error {
            regex::Error::CompiledTooBig(_) => "expression too large".to_owned(),
            _ => format!("error parsing regexp: `{go}`"),
        })
    }

    /// Whether it matches somewhere in the text.
    pub fn matches(&self, text: &str) -> bool {
        self.0.is_match(text)
    }

    /// The pattern in the crate's spelling.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

/// What a quantifier would apply to.
#[derive(Clone, Copy, PartialEq)]
enum Last {
    /// Nothing: the start of a group or of an alternative.
    Nothing,
    /// An expression that holds so many repetitions, multiplied.
    Atom(usize),
    /// A quantified expression, which can't be quantified again.
    Repeated(usize),
}

struct Group {
    dot_matches_newline: bool,
    most: usize,
}

struct Translator<'a> {
    go: &'a str,
    rest: &'a str,
    out: String,
    groups: Vec<Group>,
    dot_matches_newline: bool,
    /// The most repetitions, nested ones multiplied, in the group so far.
    most: usize,
    last: Last,
}

/// The same pattern in the crate's spelling.
fn translate(go: &str) -> Result<String, String> {
    let mut translator = Translator {
        go,
        rest: go,
        out: String::with_capacity(go.len() + 8),
        groups: Vec::new(),
        dot_matches_newline: false,
        most: 1,
        last: Last::Nothing,
    };
    translator.run()?;
    Ok(translator.out)
}

fn error(reason: &str, part: &str) -> String {
    format!("error parsing regexp: {reason}: `{part}`")
}

impl Translator<'_> {
    fn run(&mut self) -> Result<(), String> {
        while let Some(character) = self.rest.chars().next() {
            match character {
                '(' => self.open()?,
                ')' => self.close()?,
                '|' => {
                    self.take(1);
                    self.out.push('|');
                    self.last = Last::Nothing;
                }
                '[' => {
                    self.class()?;
                    self.atom();
                }
                '*' | '+' | '?' => self.quantifier(1, if character == '?' { 1 } else { 2 })?,
                '{' => self.counted()?,
                '^' | '$' => {
                    self.take(1);
                    self.out.push(character);
                    self.atom();
                }
                '.' => {
                    self.take(1);
                    self.out.push_str(if self.dot_matches_newline {
                        r"[\x{0}-\x{10FFFF}]"
                    } else {
                        r"[^\n]"
                    });
                    self.atom();
                }
                '\\' => self.escape()?,
                _ => {
                    self.take(character.len_utf8());
                    self.literal(character);
                }
            }
        }
        if self.groups.is_empty() { Ok(()) } else { Err(error("missing closing )", self.go)) }
    }

    fn take(&mut self, bytes: usize) -> &str {
        let (taken, rest) = self.rest.split_at(bytes);
        self.rest = rest;
        taken
    }

    fn atom(&mut self) {
        self.last = Last::Atom(1);
    }

    fn literal(&mut self, character: char) {
        push_literal(&mut self.out, character);
        self.atom();
    }

    fn open(&mut self) -> Result<(), String> {
        if self.groups.len() >= DEEPEST {
            return Err(error("expression nests too deeply", self.go));
        }
        let group = Group { dot_matches_newline: self.dot_matches_newline, most: self.most };
        if let Some(named) = self.rest.strip_prefix("(?P<").or_else(|| self.rest.strip_prefix("(?<")) {
            let name = named.split('>').next().unwrap_or_default();
            let word = |c: char| c.is_alphanumeric() || c == '_';
            if name.is_empty() || name.len() == named.len() || !name.chars().all(word) {
                return Err(error("invalid named capture", self.rest));
            }
            let consumed = self.rest.len() - named.len() + name.len() + 1;
            // What a group is called plays no part in whether it matches; names must only differ.
            let _ = write!(self.out, "(?P<{}>", name_of(name));
            self.take(consumed);
        } else if self.rest.starts_with("(?") {
            return self.flags(group);
        } else {
            self.take(1);
            self.out.push('(');
        }
        self.enter(group);
        Ok(())
    }

    fn enter(&mut self, group: Group) {
        self.groups.push(group);
        self.most = 1;
        self.last = Last::Nothing;
    }

    fn close(&mut self) -> Result<(), String> {
        let Some(group) = self.groups.pop() else {
            return Err(error("unexpected )", self.go));
        };
        self.take(1);
        self.out.push(')');
        self.dot_matches_newline = group.dot_matches_newline;
        self.last = Last::Atom(self.most);
        self.most = self.most.max(group.most);
        Ok(())
    }

    /// `(?i)`, `(?s-m:`…: Go knows the flags i, m, s and U.
    fn flags(&mut self, group: Group) -> Result<(), String> {
        // Go names what it has read, up to the first letter that is no flag.
        let read = self.rest.char_indices().skip(2).find(|(_, letter)| !"imsU-".contains(*letter));
        let read = read.map_or(self.rest.len(), |(at, letter)| at + letter.len_utf8());
        let invalid = || error("invalid or unsupported Perl syntax", &self.rest[..read]);
        let end = self.rest.find([')', ':']).ok_or_else(invalid)?;
        let flags = &self.rest[2..end];
        let (on, off) = flags.split_once('-').map_or((flags, None), |(on, off)| (on, Some(off)));
        let known = |flags: &str| flags.chars().all(|flag| "imsU".contains(flag));
        let closes = self.rest[end..].starts_with(')');
        if !known(on) || off.is_some_and(|off| off.is_empty() || !known(off)) || (closes && flags.is_empty())
        {
            return Err(invalid());
        }
        let on_s = on.contains('s');
        let off_s = off.is_some_and(|off| off.contains('s'));
        let kept = |flags: &str| flags.chars().filter(|flag| "im".contains(*flag)).collect::<String>();
        let (on, off) = (kept(on), off.map(kept).unwrap_or_default());
        self.take(end + 1);
        self.dot_matches_newline = (self.dot_matches_newline || on_s) && !off_s;
        let minus = if off.is_empty() { "" } else { "-" };
        if closes {
            if !(on.is_empty() && off.is_empty()) {
                let _ = write!(self.out, "(?{on}{minus}{off})");
            }
            // Flags hold to the end of the group and are nothing to quantify.
            self.last = Last::Nothing;
        } else {
            let _ = write!(self.out, "(?{on}{minus}{off}:");
            self.enter(group);
        }
        Ok(())
    }

    /// A quantifier of `bytes` bytes that repeats up to `most` times (as far as Go counts).
    fn quantifier(&mut self, bytes: usize, most: usize) -> Result<(), String> {
        let inner = match self.last {
            Last::Nothing => {
                return Err(error("missing argument to repetition operator", &self.rest[..bytes]));
            }
            Last::Repeated(_) => {
                return Err(error("invalid nested repetition operator", &self.rest[..bytes]));
            }
            Last::Atom(inner) => inner,
        };
        let counted = self.rest.starts_with('{');
        let total = if counted { inner.saturating_mul(most.max(1)) } else { inner };
        if total > MOST_REPETITIONS {
            return Err(error("invalid repeat count", &self.rest[..bytes]));
        }
        let taken = self.take(bytes).to_owned();
        self.out.push_str(&taken);
        if self.rest.starts_with('?') {
            self.take(1);
            self.out.push('?');
        }
        self.most = self.most.max(total);
        self.last = Last::Repeated(total);
        Ok(())
    }

    /// `{n}`, `{n,}` or `{n,m}`; any other brace is itself.
    fn counted(&mut self) -> Result<(), String> {
        let Some((bytes, least, most)) = counts(self.rest) else {
            self.take(1);
            self.literal('{');
            return Ok(());
        };
        if least > MOST_REPETITIONS || most.is_some_and(|most| most > MOST_REPETITIONS || most < least) {
            return Err(error("invalid repeat count", &self.rest[..bytes]));
        }
        self.quantifier(bytes, most.unwrap_or(least))
    }

    fn escape(&mut self) -> Result<(), String> {
        if let Some(quoted) = self.rest.strip_prefix(r"\Q") {
            let (text, rest) = quoted.split_once(r"\E").unwrap_or((quoted, ""));
            self.rest = rest;
            for character in text.chars() {
                self.literal(character);
            }
            return Ok(());
        }
        let second = self.rest[1..].chars().next();
        let class = second.and_then(|second| perl_class(second, false));
        match second {
            Some('A' | 'z') => {
                let taken = self.take(2).to_owned();
                self.out.push_str(&taken);
            }
            Some('b') => {
                self.take(2);
                self.out.push_str(r"(?-u:\b)");
            }
            Some('B') => {
                self.take(2);
                self.out.push_str(r"(?-u:\B)");
            }
            Some('p' | 'P') => {
                let class = self.unicode_class()?;
                self.out.push_str(&class);
            }
            _ if class.is_some() => {
                self.take(2);
                self.out.push_str(class.unwrap_or_default());
            }
            _ => {
                let character = self.escaped_character()?;
                self.literal(character);
            }
        }
        self.atom();
        Ok(())
    }

    /// `\pN`, `\p{Greek}`, `\P{^Greek}`, written as one class.
    fn unicode_class(&mut self) -> Result<String, String> {
        let invalid = error("invalid character class range", self.rest);
        let upper = self.rest.starts_with(r"\P");
        let after = &self.rest[2..];
        let (name, bytes) = if let Some(braced) = after.strip_prefix('{') {
            let end = braced.find('}').ok_or_else(|| invalid.clone())?;
            (&braced[..end], end + 4)
        } else {
            let character = after.chars().next().ok_or_else(|| invalid.clone())?;
            (&after[..character.len_utf8()], 2 + character.len_utf8())
        };
        let (negated, name) = name.strip_prefix('^').map_or((false, name), |name| (true, name));
        let capital = name.chars().next().is_some_and(|first| first.is_ascii_uppercase());
        if !capital || !name.chars().all(|c| c.is_ascii_alphabetic() || c == '_') {
            return Err(invalid);
        }
        let class = if name == "Any" {
            r"[\x{0}-\x{10FFFF}]".to_owned()
        } else {
            format!(r"\{}{{{name}}}", if upper == negated { 'p' } else { 'P' })
        };
        self.take(bytes);
        Ok(class)
    }

    /// A character written with a backslash.
    fn escaped_character(&mut self) -> Result<char, String> {
        let invalid = || error("invalid escape sequence", self.rest.get(..2).unwrap_or(self.rest));
        let Some(second) = self.rest[1..].chars().next() else {
            return Err(error("trailing backslash at end of expression", ""));
        };
        let (character, bytes) = match second {
            'a' => ('\u{7}', 2),
            'f' => ('\u{c}', 2),
            't' => ('\t', 2),
            'n' => ('\n', 2),
            'r' => ('\r', 2),
            'v' => ('\u{b}', 2),
            'x' => self.hexadecimal().ok_or_else(invalid)?,
            '0'..='7' => {
                let digits = self.rest[1..].bytes().take(3).take_while(|b| (b'0'..=b'7').contains(b)).count();
                // One digit but 0 alone would be a backreference.
                if digits == 1 && second != '0' {
                    return Err(invalid());
                }
                let code = u32::from_str_radix(&self.rest[1..=digits], 8).map_err(|_| invalid())?;
                (char::from_u32(code).ok_or_else(invalid)?, 1 + digits)
            }
            _ if second.is_ascii() && !second.is_ascii_alphanumeric() => (second, 2),
            _ => return Err(invalid()),
        };
        self.take(bytes);
        Ok(character)
    }

    fn hexadecimal(&self) -> Option<(char, usize)> {
        let after = &self.rest[2..];
        let (digits, bytes) = match after.strip_prefix('{') {
            Some(braced) => braced.find('}').map(|end| (&braced[..end], end + 4))?,
            None => (after.get(..2)?, 4),
        };
        let all = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_hexdigit());
        let code = u32::from_str_radix(digits.trim_start_matches('0'), 16);
        let code = if digits.bytes().all(|b| b == b'0') { 0 } else { code.ok()? };
        if all { Some((char::from_u32(code)?, bytes)) } else { None }
    }

    fn class(&mut self) -> Result<(), String> {
        let unclosed = error("missing closing ]", self.rest);
        self.take(1);
        self.out.push('[');
        if self.rest.starts_with('^') {
            self.take(1);
            self.out.push('^');
        }
        let mut first = true;
        loop {
            let Some(character) = self.rest.chars().next() else { return Err(unclosed) };
            if character == ']' && !first {
                self.take(1);
                self.out.push(']');
                return Ok(());
            }
            first = false;
            if self.rest.starts_with("[:") && self.posix_class()? {
                continue;
            }
            let second = self.rest[character.len_utf8()..].chars().next();
            if character == '\\' {
                if let Some(class) = second.and_then(|second| perl_class(second, true)) {
                    self.take(2);
                    self.out.push_str(class);
                    continue;
                }
                if matches!(second, Some('p' | 'P')) {
                    let class = self.unicode_class()?;
                    self.out.push_str(&class);
                    continue;
                }
            }
            self.range()?;
        }
    }

    /// `[:alpha:]` and `[:^alpha:]`; anything else that begins like one is characters, unless it ends
    /// like one too.
    fn posix_class(&mut self) -> Result<bool, String> {
        let Some(end) = self.rest.find(":]") else { return Ok(false) };
        let name = self.rest[2..end].trim_start_matches('^');
        let names = [
            "alnum", "alpha", "ascii", "blank", "cntrl", "digit", "graph", "lower", "print", "punct",
            "space", "upper", "word", "xdigit",
        ];
        if !names.contains(&name) {
            return Err(error("invalid character class range", &self.rest[..end + 2]));
        }
        let taken = self.take(end + 2).to_owned();
        self.out.push_str(&taken);
        Ok(true)
    }

    fn range(&mut self) -> Result<(), String> {
        let whole = self.rest;
        let low = self.class_character()?;
        push_literal(&mut self.out, low);
        let dash = self.rest.strip_prefix('-');
        if dash.is_some_and(|after| !after.is_empty() && !after.starts_with(']')) {
            self.take(1);
            let high = self.class_character()?;
            if high < low {
                let part = &whole[..whole.len() - self.rest.len()];
                return Err(error("invalid character class range", part));
            }
            self.out.push('-');
            push_literal(&mut self.out, high);
        }
        Ok(())
    }

    fn class_character(&mut self) -> Result<char, String> {
        let Some(character) = self.rest.chars().next() else {
            return Err(error("missing closing ]", self.go));
        };
        if character == '\\' {
            return self.escaped_character();
        }
        self.take(character.len_utf8());
        Ok(character)
    }
}

/// A character that stands for itself, inside a class and outside.
fn push_literal(out: &mut String, character: char) {
    if character.is_ascii_alphanumeric() || !character.is_ascii() {
        out.push(character);
    } else {
        let _ = write!(out, "\\x{{{:x}}}", u32::from(character));
    }
}

/// `\d` and its kin, which are about ASCII in Go.
fn perl_class(letter: char, inside: bool) -> Option<&'static str> {
    let class = match letter {
        'd' => "[0-9]",
        'D' => "[^0-9]",
        'w' => "[0-9A-Za-z_]",
        'W' => "[^0-9A-Za-z_]",
        's' => r"[\t\n\x{c}\r\x{20}]",
        'S' => r"[^\t\n\x{c}\r\x{20}]",
        _ => return None,
    };
    // The crate reads a class inside a class as a union, which is what Go means too; positive ones are
    // written plainly, so that no other reader has to know that.
    Some(if inside && !class.starts_with("[^") { &class[1..class.len() - 1] } else { class })
}

/// The length, the least and the most (`None`: no end) of a counted repetition at the start.
fn counts(text: &str) -> Option<(usize, usize, Option<usize>)> {
    let end = text.find('}')?;
    let inside = &text[1..end];
    let number = |digits: &str| {
        let plain = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
        let zeros = digits.len() > 1 && digits.starts_with('0');
        (plain && !zeros).then(|| digits.parse::<usize>().unwrap_or(usize::MAX))
    };
    match inside.split_once(',') {
        None => number(inside).map(|count| (end + 1, count, Some(count))),
        Some((least, "")) => number(least).map(|least| (end + 1, least, None)),
        Some((least, most)) => Some((end + 1, number(least)?, Some(number(most)?))),
    }
}

/// A group name that the crate accepts and that differs wherever the given ones differ.
fn name_of(go: &str) -> String {
    let spelled =
        |c: char| if c.is_ascii_alphanumeric() { c.to_string() } else { format!("_{:x}_", u32::from(c)) };
    format!("g{}", go.chars().map(spelled).collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(pattern: &str, text: &str) -> bool {
        Pattern::new(pattern).unwrap_or_else(|error| panic!("{pattern}: {error}")).matches(text)
    }

    #[test]
    fn shorthands_are_about_ascii() {
        assert!(matches(r"^\d+$", "12") && !matches(r"^\d+$", "١٢"));
        assert!(matches(r"^[\w-]+$", "a_1-") && !matches(r"^\w+$", "é"));
        assert!(matches(r"^\S$", "\u{a0}") && !matches(r"^\s$", "\u{b}"));
        assert!(matches(r"\bé", "aé") && !matches(r"a\bé\b", "aé b"));
        assert!(matches(r"a\Bb", "ab") && !matches(r"a\B ", "a "));
    }

    #[test]
    fn spellings_that_only_go_has() {
        assert!(matches(r"^\Qa.b\E$", "a.b") && !matches(r"^\Qa.b\E$", "axb"));
        assert!(matches(r"^\101\x{42}\x43$", "ABC"));
        assert!(matches(r"^{,2}$", "{,2}") && matches("^a{,2}$", "a{,2}"));
        assert!(matches(r"^[a[b&&c]$", "[") && matches(r"^[a[b&&c]$", "&"));
        assert!(matches(r"^[]^]+$", "]^") && matches(r"^[a-z-9]+$", "-9b"));
        assert!(matches(r"^\<\_\/$", "<_/"));
        assert!(matches(r"^(?s:.)$", "\n") && !matches(r"^(?s:.).$", "\n\n"));
        assert!(matches(r"(?i)ABC", "xabc") && matches(r"^(?U)a+$", "aa"));
        assert!(matches(r"^\p{Greek}\pL\P{^Lu}$", "αaA"));
        assert!(matches(r"^[[:alpha:][:^digit:]]$", "!"));
        assert!(matches("a.c", "a\rc") && !matches("a.c", "a\nc"));
        assert!(matches("^$", "") && !matches("^a$", "a\n"));
    }

    #[test]
    fn what_go_refuses_is_refused() {
        for pattern in [
            "(?=a)",
            "(?!a)",
            "(?<=a)b",
            r"(a)\1",
            "a**",
            "a{2}{3}",
            "*",
            "a|*",
            "(",
            ")",
            "[a",
            "[b-a]",
            r"\",
            r"\y",
            r"\Z",
            "a{1001}",
            "(a{40}){40}",
            "(?x)a",
            "(?u:a)",
            "(?P<>a)",
            "(?P<a>b)(?P<a>c)",
            r"[\b]",
            "[[:nope:]]",
            r"\p{Nope}",
            "(?i",
            "a{2,1}",
        ] {
            assert!(Pattern::new(pattern).is_err(), "{pattern} is refused");
        }
        assert!(Pattern::new(&"(".repeat(100_000)).is_err(), "deep groups take no stack");
    }
}
