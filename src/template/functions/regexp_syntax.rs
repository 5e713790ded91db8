//! Go's regular expressions, rewritten for the regex crate.
//!
//! The parser follows RE2's syntax as Go's `regexp/syntax` reads it, with its errors. What it writes
//! needs no flags: each part says itself whether it folds case, so that the crate's own reading of
//! the syntax never differs from Go's.

/// A part repeated more often than this, inner repetitions included, is an error in Go.
const MOST_REPEATS: i64 = 1000;

/// Go allows 1000 levels; the crate, which recurses, gets fewer.
const MOST_LEVELS: usize = 200;

/// A pattern for the regex crate, whose groups are numbered as Go's.
#[derive(Debug, PartialEq, Eq)]
pub struct Translated {
    /// The pattern.
    pub pattern: String,
    /// The names of the groups from 1 on; empty for those without. Go lets several have one name.
    pub names: Vec<String>,
    /// How many characters there are if those that are repeated are written out, at most.
    pub size: u64,
}

#[derive(Clone, Copy, Default)]
#[allow(clippy::struct_excessive_bools)]
struct Flags {
    fold_case: bool,
    multi_line: bool,
    dot_matches_newline: bool,
    swap_greed: bool,
}

/// A part of a concatenation.
struct Part {
    /// Its pattern, which needs no parentheses to be repeated.
    pattern: String,
    /// The product of the counts of the repetitions in it.
    repeats: i64,
    /// How deep it nests.
    levels: usize,
}

/// An open group, or the whole.
#[derive(Default)]
struct Group {
    /// `(` or `(?:`; nothing for the whole.
    open: &'static str,
    /// The flags to be restored at its end.
    flags: Flags,
    alternatives: Vec<Vec<Part>>,
    parts: Vec<Part>,
}

impl Group {
    /// The alternatives with the last one, joined; and the bounds of all parts.
    fn close(mut self) -> Part {
        self.alternatives.push(self.parts);
        let all = || self.alternatives.iter().flatten();
        let repeats = all().map(|part| part.repeats).max().unwrap_or(1);
        let levels = all().map(|part| part.levels).max().unwrap_or(0) + 1;
        let concatenated = |parts: &Vec<Part>| parts.iter().map(|part| &*part.pattern).collect::<String>();
        let joined = self.alternatives.iter().map(concatenated).collect::<Vec<_>>().join("|");
        Part { pattern: format!("{}{joined})", self.open), repeats, levels }
    }
}

struct Parser<'a> {
    whole: &'a str,
    rest: &'a str,
    flags: Flags,
    groups: Vec<Group>,
    names: Vec<String>,
    /// The text from the last repetition on, where nothing stands between it and here.
    last_repeat: Option<&'a str>,
}

/// Go's `regexp/syntax.Parse` with its Perl flags. The error is Go's text, with its prefix.
pub fn translate(pattern: &str) -> Result<Translated, String> {
    let whole = Group { open: "(?:", ..Group::default() };
    let mut parser = Parser {
        whole: pattern,
        rest: pattern,
        flags: Flags::default(),
        groups: vec![whole],
        names: Vec::new(),
        last_repeat: None,
    };
    while !parser.rest.is_empty() {
        let repeat = parser.next()?;
        parser.last_repeat = repeat;
    }
    match (parser.groups.pop(), parser.groups.is_empty()) {
        (Some(whole), true) => {
            let Part { pattern: translated, repeats, .. } = whole.close();
            let size = pattern.len() as u64 * repeats.unsigned_abs();
            Ok(Translated { pattern: translated, names: parser.names, size })
        }
        _ => Err(error("missing closing )", pattern)),
    }
}

fn error(what: &str, where_: &str) -> String {
    format!("error parsing regexp: {what}: `{where_}`")
}

/// A literal character, safe anywhere in the crate's syntax.
fn literal(c: char) -> String {
    format!("\\x{{{:x}}}", u32::from(c))
}

impl<'a> Parser<'a> {
    fn group(&mut self) -> &mut Group {
        // The whole is never closed while there is text: `close_group` sees to it.
        self.groups.last_mut().expect("the whole is open")
    }

    fn push(&mut self, pattern: impl Into<String>) {
        self.group().parts.push(Part { pattern: pattern.into(), repeats: 1, levels: 1 });
    }

    fn push_literal(&mut self, c: char) {
        let pattern = if self.flags.fold_case { format!("(?i:{})", literal(c)) } else { literal(c) };
        self.push(pattern);
    }

    fn skip(&mut self, bytes: usize) -> &'a str {
        let (skipped, rest) = self.rest.split_at(bytes);
        self.rest = rest;
        skipped
    }

    /// Reads one element. Gives the text from it on if it is a repetition.
    fn next(&mut self) -> Result<Option<&'a str>, String> {
        let before = self.rest;
        let first = before.chars().next().unwrap_or_default();
        match first {
            '(' if before.starts_with("(?") => self.flags_or_group()?,
            '(' => self.open_group("(", String::new(), 1)?,
            '|' => {
                self.skip(1);
                let group = self.group();
                let parts = std::mem::take(&mut group.parts);
                group.alternatives.push(parts);
            }
            ')' => self.close_group()?,
            '^' => self.push_and_skip(if self.flags.multi_line { "(?m:^)" } else { "\\A" }, 1),
            '$' => self.push_and_skip(if self.flags.multi_line { "(?m:$)" } else { "\\z" }, 1),
            '.' if self.flags.dot_matches_newline => self.push_and_skip("(?s:.)", 1),
            '.' => self.push_and_skip("[^\\n]", 1),
            '[' => self.class()?,
            '*' | '+' | '?' => {
                self.skip(1);
                self.repeat(before, &first.to_string(), 1)?;
                return Ok(Some(before));
            }
            '{' => return self.counted_repeat(before),
            '\\' => self.escape()?,
            _ => {
                self.skip(first.len_utf8());
                self.push_literal(first);
            }
        }
        Ok(None)
    }

    fn push_and_skip(&mut self, pattern: &str, bytes: usize) {
        self.skip(bytes);
        self.push(pattern);
    }

    fn open_group(&mut self, open: &'static str, name: String, skipped: usize) -> Result<(), String> {
        self.skip(skipped);
        if self.groups.len() > MOST_LEVELS {
            return Err(error("expression nests too deeply", self.whole));
        }
        if open == "(" {
            self.names.push(name);
        }
        self.groups.push(Group { open, flags: self.flags, ..Group::default() });
        Ok(())
    }

    fn close_group(&mut self) -> Result<(), String> {
        self.skip(1);
        if self.groups.len() < 2 {
            return Err(error("unexpected )", self.whole));
        }
        if let Some(group) = self.groups.pop() {
            self.flags = group.flags;
            let part = group.close();
            self.group().parts.push(part);
        }
        Ok(())
    }

    /// `(?P<name>`, `(?<name>`, `(?flags)` and `(?flags:`.
    fn flags_or_group(&mut self) -> Result<(), String> {
        let text = self.rest;
        for named in ["(?P<", "(?<"] {
            if text.len() > named.len() && text.starts_with(named) {
                let Some(end) = text.find('>') else {
                    return Err(error("invalid named capture", text));
                };
                let name = &text[named.len()..end];
                if name.is_empty() || !name.bytes().all(|byte| byte == b'_' || byte.is_ascii_alphanumeric()) {
                    return Err(error("invalid named capture", &text[..=end]));
                }
                return self.open_group("(", name.to_owned(), end + 1);
            }
        }
        let outside = self.flags;
        let (mut flags, mut on, mut seen) = (outside, true, false);
        for (at, c) in text.char_indices().skip(2) {
            match c {
                'i' => flags.fold_case = on,
                'm' => flags.multi_line = on,
                's' => flags.dot_matches_newline = on,
                'U' => flags.swap_greed = on,
                '-' if on => {
                    on = false;
                    seen = false;
                    continue;
                }
                ':' | ')' if on || seen => {
                    if c == ':' {
                        self.open_group("(?:", String::new(), 0)?;
                    }
                    self.skip(at + 1);
                    self.flags = flags;
                    return Ok(());
                }
                _ => return Err(error("invalid or unsupported Perl syntax", &text[..at + c.len_utf8()])),
            }
            seen = true;
        }
        Err(error("invalid or unsupported Perl syntax", text))
    }

    /// Repeats the last part; the rest stands behind the operator, which stood at `before`.
    fn repeat(&mut self, before: &'a str, operator: &str, count: i64) -> Result<(), String> {
        let mut lazy = self.flags.swap_greed;
        if self.rest.starts_with('?') {
            self.skip(1);
            lazy = !lazy;
        }
        let length = self.rest.len();
        if let Some(last) = self.last_repeat {
            return Err(error("invalid nested repetition operator", &last[..last.len() - length]));
        }
        let written = &before[..before.len() - length];
        let Some(mut part) = self.group().parts.pop() else {
            return Err(error("missing argument to repetition operator", written));
        };
        // What is repeated no times is not looked into.
        part.repeats = if count == 0 { 1 } else { part.repeats * count };
        part.levels += 1;
        if count > 1 && part.repeats > MOST_REPEATS {
            return Err(error("invalid repeat count", written));
        }
        if part.levels > MOST_LEVELS {
            return Err(error("expression nests too deeply", self.whole));
        }
        part.pattern = format!("(?:{}){operator}{}", part.pattern, if lazy { "?" } else { "" });
        self.group().parts.push(part);
        Ok(())
    }

    /// `{2}`, `{2,}` or `{2,3}`; any other `{` is itself.
    fn counted_repeat(&mut self, before: &'a str) -> Result<Option<&'a str>, String> {
        let Some((least, most, length)) = read_counts(before) else {
            self.skip(1);
            self.push_literal('{');
            return Ok(None);
        };
        let written = self.skip(length);
        let too_big = |count: Option<i64>| count.is_some_and(|count| count > MOST_REPEATS);
        if too_big(Some(least)) || too_big(most) || most.is_some_and(|most| least > most) {
            return Err(error("invalid repeat count", written));
        }
        let count = most.unwrap_or_else(|| least.max(1));
        self.repeat(before, written, count)?;
        Ok(Some(before))
    }

    fn escape(&mut self) -> Result<(), String> {
        let text = self.rest;
        match text.chars().nth(1) {
            Some('A') => self.push_and_skip("\\A", 2),
            Some('z') => self.push_and_skip("\\z", 2),
            Some('b') => self.push_and_skip("(?-u:\\b)", 2),
            Some('B') => self.push_and_skip("(?-u:\\B)", 2),
            Some('C') => return Err(error("invalid escape sequence", "\\C")),
            Some('Q') => {
                let quoted = &text[2..];
                let end = quoted.find("\\E");
                self.skip(2 + end.map_or(quoted.len(), |end| end + 2));
                for c in quoted[..end.unwrap_or(quoted.len())].chars() {
                    self.push_literal(c);
                }
            }
            _ => {
                if let Some(class) = self.class_escape()? {
                    let fold = if self.flags.fold_case { "(?i:" } else { "(?:" };
                    self.push(format!("{fold}[{class}])"));
                } else {
                    let c = self.escaped_char()?;
                    self.push_literal(c);
                }
            }
        }
        Ok(())
    }

    /// `\d`, `\pL` and the like as an item of a class; nothing if no such thing stands here.
    fn class_escape(&mut self) -> Result<Option<String>, String> {
        let text = self.rest;
        let Some(letter) = text.strip_prefix('\\').and_then(|rest| rest.chars().next()) else {
            return Ok(None);
        };
        if letter == 'p' || letter == 'P' {
            return self.unicode_class(letter == 'P');
        }
        let ranges = match letter.to_ascii_lowercase() {
            'd' => "0-9",
            's' => "\\t\\n\\x0c\\r ",
            'w' => "0-9A-Z_a-z",
            _ => return Ok(None),
        };
        self.skip(2);
        Ok(Some(self.ascii_class(ranges, letter.is_ascii_uppercase())))
    }

    /// Ranges of ASCII, or all but them. Where case is folded, what folds to them counts as them: it is
    /// written out, since a negated class has to be closed under folding before it is negated.
    fn ascii_class(&self, ranges: &str, negated: bool) -> String {
        let partners = if self.flags.fold_case { fold_partners(ranges) } else { "" };
        format!("[{}{ranges}{partners}]", if negated { "^" } else { "" })
    }

    /// `\pN`, `\p{Greek}`, `\P{^Lu}`.
    fn unicode_class(&mut self, mut negated: bool) -> Result<Option<String>, String> {
        let text = self.rest;
        let Some(first) = text.chars().nth(2) else { return Ok(None) };
        let (written, mut name) = if first == '{' {
            let Some(end) = text.find('}') else {
                return Err(error("invalid character class range", text));
            };
            (&text[..=end], &text[3..end])
        } else {
            let written = &text[..2 + first.len_utf8()];
            (written, &written[2..])
        };
        if let Some(rest) = name.strip_prefix('^') {
            negated = !negated;
            name = rest;
        }
        let Some(class) = known_class(name) else {
            return Err(error("invalid character class range", written));
        };
        self.skip(written.len());
        Ok(Some(match (&*class, negated) {
            ("Assigned", _) => format!("\\{}{{Cn}}", if negated { 'p' } else { 'P' }),
            ("Ascii", _) => self.ascii_class("\\x00-\\x7F", negated),
            (class, _) => format!("\\{}{{{class}}}", if negated { 'P' } else { 'p' }),
        }))
    }

    /// An escaped character, such as `\n`, `\x41`, `\101` or `\.`.
    fn escaped_char(&mut self) -> Result<char, String> {
        let text = self.rest;
        let mut chars = text.char_indices().skip(1);
        let invalid = |end: usize| Err(error("invalid escape sequence", &text[..end]));
        let Some((_, c)) = chars.next() else {
            return Err(error("trailing backslash at end of expression", ""));
        };
        let octal = |c: Option<char>| c.is_some_and(|c| ('0'..='7').contains(&c));
        let (char, end) = match c {
            'a' => ('\u{7}', 2),
            'f' => ('\u{c}', 2),
            'n' => ('\n', 2),
            'r' => ('\r', 2),
            't' => ('\t', 2),
            'v' => ('\u{b}', 2),
            '1'..='7' if !octal(text.chars().nth(2)) => return invalid(2),
            '0'..='7' => {
                let digits =
                    text[1..].bytes().take(3).take_while(|byte| (b'0'..=b'7').contains(byte)).count();
                let number = u32::from_str_radix(&text[1..=digits], 8).unwrap_or_default();
                (char::from_u32(number).unwrap_or_default(), 1 + digits)
            }
            'x' => return self.hexadecimal(),
            _ if c.is_ascii() && !c.is_ascii_alphanumeric() => (c, 2),
            _ => return invalid(1 + c.len_utf8()),
        };
        self.skip(end);
        Ok(char)
    }

    /// `\x41` or `\x{1F600}`.
    fn hexadecimal(&mut self) -> Result<char, String> {
        let text = self.rest;
        let invalid = |end: usize| Err(error("invalid escape sequence", &text[..end]));
        let mut number = 0;
        let mut digits = 0;
        let braced = text[2..].starts_with('{');
        let start = if braced { 3 } else { 2 };
        for (at, c) in text.char_indices().skip(start) {
            let end = at + c.len_utf8();
            match c.to_digit(16) {
                _ if c == '}' && braced => {
                    let Some(char) = char::from_u32(number).filter(|_| digits > 0) else {
                        // A surrogate is no character that a text could have.
                        let surrogate = digits > 0;
                        self.skip(end);
                        return if surrogate { Ok(char::REPLACEMENT_CHARACTER) } else { invalid(end) };
                    };
                    self.skip(end);
                    return Ok(char);
                }
                Some(digit) => number = number * 16 + digit,
                // Without braces Go reads both characters before it looks at them.
                None if braced || digits == 1 => return invalid(end),
                None => return invalid(end + text[end..].chars().next().map_or(0, char::len_utf8)),
            }
            digits += 1;
            if braced && number > 0x10_ffff {
                return invalid(end);
            }
            if !braced && digits == 2 {
                self.skip(end);
                return Ok(char::from_u32(number).unwrap_or_default());
            }
        }
        invalid(text.len())
    }

    /// `[…]`.
    fn class(&mut self) -> Result<(), String> {
        let whole = self.rest;
        self.skip(1);
        let negated = self.rest.starts_with('^');
        if negated {
            self.skip(1);
        }
        let mut items = String::new();
        let mut first = true;
        while first || !self.rest.starts_with(']') {
            first = false;
            if let Some(item) = self.named_class()? {
                items.push_str(&item);
                continue;
            }
            if let Some(item) = self.class_escape()? {
                items.push_str(&item);
                continue;
            }
            let range = self.rest;
            let low = self.class_char(whole)?;
            let mut high = low;
            if self.rest.len() >= 2 && self.rest.starts_with('-') && !self.rest.starts_with("-]") {
                self.skip(1);
                high = self.class_char(whole)?;
                if high < low {
                    let written = &range[..range.len() - self.rest.len()];
                    return Err(error("invalid character class range", written));
                }
            }
            items.push_str(&format!("{}-{}", literal(low), literal(high)));
        }
        self.skip(1);
        let fold = if self.flags.fold_case { "(?i:" } else { "(?:" };
        let not = if negated { "^" } else { "" };
        self.push(format!("{fold}[{not}{items}])"));
        Ok(())
    }

    fn class_char(&mut self, whole: &str) -> Result<char, String> {
        match self.rest.chars().next() {
            None => Err(error("missing closing ]", whole)),
            Some('\\') => self.escaped_char(),
            Some(c) => {
                self.skip(c.len_utf8());
                Ok(c)
            }
        }
    }

    /// `[:alpha:]` within a class.
    fn named_class(&mut self) -> Result<Option<String>, String> {
        let text = self.rest;
        if !text.starts_with("[:") {
            return Ok(None);
        }
        let Some(end) = text[2..].find(":]") else { return Ok(None) };
        let written = &text[..end + 4];
        let name = &text[2..end + 2];
        let (negated, name) = name.strip_prefix('^').map_or((false, name), |name| (true, name));
        let ranges = match name {
            "alnum" => "0-9A-Za-z",
            "alpha" => "A-Za-z",
            "ascii" => "\\x00-\\x7F",
            "blank" => "\\t ",
            "cntrl" => "\\x00-\\x1F\\x7F",
            "digit" => "0-9",
            "graph" => "!-~",
            "lower" => "a-z",
            "print" => " -~",
            "punct" => "!-/:-@\\[-`\\{-~",
            "space" => "\\t-\\r ",
            "upper" => "A-Z",
            "word" => "0-9A-Z_a-z",
            "xdigit" => "0-9A-Fa-f",
            _ => return Err(error("invalid character class range", written)),
        };
        self.skip(written.len());
        Ok(Some(self.ascii_class(ranges, negated)))
    }
}

/// The bounds and the length of a `{…}`; numbers that are too big for Go to read are past its limit.
fn read_counts(text: &str) -> Option<(i64, Option<i64>, usize)> {
    let end = text.find('}')?;
    let inside = &text[1..end];
    let number = |digits: &str| {
        let plain = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
        let leading_zero = digits.len() > 1 && digits.starts_with('0');
        (plain && !leading_zero).then(|| digits.parse().unwrap_or(i64::MAX))
    };
    let (least, most) = match inside.split_once(',') {
        None => (number(inside)?, Some(number(inside)?)),
        Some((least, "")) => (number(least)?, None),
        Some((least, most)) => (number(least)?, Some(number(most)?)),
    };
    Some((least, most, end + 1))
}

/// What beyond the ranges folds to a letter in them: the other case, the long s and the Kelvin sign.
fn fold_partners(ranges: &str) -> &'static str {
    match ranges {
        "A-Za-z" | "0-9A-Za-z" | "0-9A-Z_a-z" | "a-z" | "A-Z" => "A-Za-z\\u{17f}\\u{212a}",
        "\\x00-\\x7F" | "!-~" | " -~" => "\\u{17f}\\u{212a}",
        _ => "",
    }
}

/// A category or script that Go knows, as the crate names it. Case, spaces, `_` and `-` don't matter
/// to Go, so that scripts of several words are out of its reach.
fn known_class(name: &str) -> Option<String> {
    let mut canonical: String = name.chars().filter(|c| !matches!(c, '_' | '-' | ' ')).collect();
    canonical.make_ascii_lowercase();
    let head = canonical.get(..1)?.to_ascii_uppercase();
    canonical.replace_range(..1, &head);
    let known = match &*canonical {
        "Any" | "Assigned" | "Ascii" => return Some(canonical),
        "Lc" => return Some("LC".to_owned()),
        short if short.len() <= 2 => CATEGORIES.iter().find(|(category, _)| *category == short),
        long => CATEGORIES.iter().find(|(_, aliases)| aliases.split(' ').any(|alias| alias == long)),
    };
    if let Some((category, _)) = known {
        return Some((*category).to_owned());
    }
    SCRIPTS.split_ascii_whitespace().any(|script| script == canonical).then(|| format!("Script={canonical}"))
}

/// General categories with their long names, in Go's canonical spelling.
const CATEGORIES: &[(&str, &str)] = &[
    ("C", "Other"),
    ("Cc", "Control Cntrl"),
    ("Cf", "Format"),
    ("Cn", "Unassigned"),
    ("Co", "Privateuse"),
    ("Cs", "Surrogate"),
    ("L", "Letter"),
    ("LC", "Casedletter"),
    ("Ll", "Lowercaseletter"),
    ("Lm", "Modifierletter"),
    ("Lo", "Otherletter"),
    ("Lt", "Titlecaseletter"),
    ("Lu", "Uppercaseletter"),
    ("M", "Mark Combiningmark"),
    ("Mc", "Spacingmark"),
    ("Me", "Enclosingmark"),
    ("Mn", "Nonspacingmark"),
    ("N", "Number"),
    ("Nd", "Decimalnumber Digit"),
    ("Nl", "Letternumber"),
    ("No", "Othernumber"),
    ("P", "Punctuation Punct"),
    ("Pc", "Connectorpunctuation"),
    ("Pd", "Dashpunctuation"),
    ("Pe", "Closepunctuation"),
    ("Pf", "Finalpunctuation"),
    ("Pi", "Initialpunctuation"),
    ("Po", "Otherpunctuation"),
    ("Ps", "Openpunctuation"),
    ("S", "Symbol"),
    ("Sc", "Currencysymbol"),
    ("Sk", "Modifiersymbol"),
    ("Sm", "Mathsymbol"),
    ("So", "Othersymbol"),
    ("Z", "Separator"),
    ("Zl", "Lineseparator"),
    ("Zp", "Paragraphseparator"),
    ("Zs", "Spaceseparator"),
];

/// The scripts that Go knows (Unicode 15) and whose names are one word.
const SCRIPTS: &str = "Adlam Ahom Arabic Armenian Avestan Balinese Bamum Batak Bengali Bhaiksuki Bopomofo \
    Brahmi Braille Buginese Buhid Carian Chakma Cham Cherokee Chorasmian Common Coptic Cuneiform Cypriot \
    Cyrillic Deseret Devanagari Dogra Duployan Elbasan Elymaic Ethiopic Georgian Glagolitic Gothic Grantha \
    Greek Gujarati Gurmukhi Han Hangul Hanunoo Hatran Hebrew Hiragana Inherited Javanese Kaithi Kannada \
    Katakana Kawi Kharoshthi Khmer Khojki Khudawadi Lao Latin Lepcha Limbu Lisu Lycian Lydian Mahajani \
    Makasar Malayalam Mandaic Manichaean Marchen Medefaidrin Miao Modi Mongolian Mro Multani Myanmar \
    Nabataean Nandinagari Newa Nko Nushu Ogham Oriya Osage Osmanya Palmyrene Phoenician Rejang Runic \
    Samaritan Saurashtra Sharada Shavian Siddham Sinhala Sogdian Soyombo Sundanese Syriac Tagalog Tagbanwa \
    Takri Tamil Tangsa Tangut Telugu Thaana Thai Tibetan Tifinagh Tirhuta Toto Ugaritic Vai Vithkuqi Wancho \
    Yezidi Yi";
