//! Sprig's functions of regular expressions (`regex.go`), as Go's package `regexp` finds and replaces.

use super::letters::{is_digit, is_letter};
use super::regexp_syntax::{Translated, translate};
use super::strings::bytes;
use super::words::runes;
use super::{Context, Function, MOST_BYTES, MOST_ITEMS, too_long, too_many};
use crate::template::quote::quote;
use crate::template::types::Type;
use crate::template::value::{Kind, List, Str, Value};
use regex::bytes::{Captures, Regex, RegexBuilder};
use std::collections::HashMap;
use std::ops::Range;
use std::rc::Rc;

const INT: Type = Type::INT;
const STRING: Type = Type::String;

/// Bytes that a compiled expression may take: what takes more is too large.
const MOST_MEMORY: usize = 16 << 20;

/// Bytes of a text times characters of an expression that are looked at for one step.
const LOOKED_AT: u64 = 1024;

/// Sprig's functions of regular expressions. Those without `must` panic where it fails.
pub const TABLE: &[Function] = &[
    Function::new("regexMatch", &[STRING, STRING], |context, a| {
        Ok(compiled(context, a).is_ok_and(|regexp| regexp.regex.is_match(bytes(&a[1]))).into())
    }),
    Function::new("mustRegexMatch", &[STRING, STRING], |context, a| {
        Ok(compiled(context, a)?.regex.is_match(bytes(&a[1])).into())
    }),
    Function::new("regexFind", &[STRING, STRING], |context, a| Ok(find(must(context, a)?, &a[1]))),
    Function::new("mustRegexFind", &[STRING, STRING], |context, a| Ok(find(compiled(context, a)?, &a[1]))),
    Function::new("regexFindAll", &[STRING, STRING, INT], |context, a| {
        find_all(must(context, a)?, &a[1], a[2].integer())
    }),
    Function::new("mustRegexFindAll", &[STRING, STRING, INT], |context, a| {
        find_all(compiled(context, a)?, &a[1], a[2].integer())
    }),
    Function::new("regexReplaceAll", &[STRING, STRING, STRING], |context, a| {
        must(context, a)?.replace(bytes(&a[1]), bytes(&a[2]), true).map(Value::from)
    }),
    Function::new("mustRegexReplaceAll", &[STRING, STRING, STRING], |context, a| {
        compiled(context, a)?.replace(bytes(&a[1]), bytes(&a[2]), true).map(Value::from)
    }),
    Function::new("regexReplaceAllLiteral", &[STRING, STRING, STRING], |context, a| {
        must(context, a)?.replace(bytes(&a[1]), bytes(&a[2]), false).map(Value::from)
    }),
    Function::new("mustRegexReplaceAllLiteral", &[STRING, STRING, STRING], |context, a| {
        compiled(context, a)?.replace(bytes(&a[1]), bytes(&a[2]), false).map(Value::from)
    }),
    Function::new("regexSplit", &[STRING, STRING, INT], |context, a| {
        split(must(context, a)?, &a[1], a[2].integer())
    }),
    Function::new("mustRegexSplit", &[STRING, STRING, INT], |context, a| {
        split(compiled(context, a)?, &a[1], a[2].integer())
    }),
    Function::new("regexQuoteMeta", &[STRING], |_, a| Ok(quote_meta(bytes(&a[0])).into())),
];

/// The expressions that were compiled.
#[derive(Debug, Default)]
pub struct Regexps(HashMap<Str, Rc<Regexp>>);

/// More expressions are not kept.
const MOST_KEPT: usize = 1000;

/// The first argument compiled (`regexp.Compile`), to be used on the second one, which is charged for.
fn compiled(context: &mut Context, a: &[Value]) -> Result<Rc<Regexp>, String> {
    let pattern = a[0].as_string().cloned().unwrap_or_else(|| "".into());
    let regexp = if let Some(known) = context.regexps.0.get(&pattern) {
        Rc::clone(known)
    } else {
        let regexp = Rc::new(Regexp::new(&pattern)?);
        context.steps += 100 + regexp.size / 8;
        if context.regexps.0.len() >= MOST_KEPT {
            context.regexps.0.clear();
        }
        context.regexps.0.insert(pattern, Rc::clone(&regexp));
        regexp
    };
    let steps = regexp.size.saturating_mul(bytes(&a[1]).len() as u64) / LOOKED_AT;
    if steps > MOST_ITEMS {
        return Err("the text is too long for an expression of this size".to_owned());
    }
    context.steps += steps;
    Ok(regexp)
}

/// `regexp.MustCompile`: what it panics with.
fn must(context: &mut Context, a: &[Value]) -> Result<Rc<Regexp>, String> {
    compiled(context, a).map_err(|error| {
        let pattern = String::from_utf8_lossy(bytes(&a[0])).into_owned();
        let quoted = if can_backquote(&pattern) { format!("`{pattern}`") } else { quote(&pattern) };
        format!("regexp: Compile({quoted}): {error}")
    })
}

/// A regular expression in Go's syntax.
#[derive(Debug)]
pub struct Regexp {
    regex: Regex,
    names: Vec<String>,
    empty: bool,
    size: u64,
}

impl Regexp {
    /// `regexp.Compile`: the error is Go's text.
    pub fn new(pattern: &[u8]) -> Result<Self, String> {
        let Ok(text) = std::str::from_utf8(pattern) else {
            return Err(format!(
                "error parsing regexp: invalid UTF-8: `{}`",
                String::from_utf8_lossy(pattern)
            ));
        };
        let translated = translate(text)?;
        // The translation is valid: the crate refuses only what grows too large.
        let regex = RegexBuilder::new(&translated.pattern)
            .size_limit(MOST_MEMORY)
            .nest_limit(1000)
            .build()
            .map_err(|_| format!("error parsing regexp: expression too large: `{text}`"))?;
        let Translated { names, size, .. } = translated;
        Ok(Self { regex, names, empty: pattern.is_empty(), size })
    }

    /// The matches as Go walks them: an empty one right behind another is none.
    fn matches<'t>(&self, text: &'t [u8]) -> impl Iterator<Item = Captures<'t>> {
        let mut at = 0;
        let mut last_end = None;
        std::iter::from_fn(move || {
            while at <= text.len() {
                let captures = self.regex.captures_at(text, at)?;
                let range = captures.get(0)?.range();
                let next = range.end + after(text, range.end);
                if range.is_empty() && (last_end == Some(range.start) || within_character(text, range.start))
                {
                    at = next;
                    continue;
                }
                at = if range.is_empty() { next } else { range.end };
                last_end = Some(range.end);
                return Some(captures);
            }
            None
        })
    }

    /// Where the first matches are; all of them where `most` is negative.
    fn ranges(&self, text: &[u8], most: i64) -> Result<Vec<Range<usize>>, String> {
        let most = usize::try_from(most).unwrap_or(usize::MAX);
        let matches = self.matches(text).take(most.min(MOST_ITEMS as usize + 1));
        let ranges: Vec<_> = matches.filter_map(|captures| captures.get(0).map(|m| m.range())).collect();
        if ranges.len() > MOST_ITEMS as usize { Err(too_many()) } else { Ok(ranges) }
    }

    /// `ReplaceAllString`, or `ReplaceAllLiteralString` where `expands` is false.
    pub fn replace(&self, text: &[u8], replacement: &[u8], expands: bool) -> Result<Vec<u8>, String> {
        let mut replaced = Vec::new();
        let mut copied = 0;
        for captures in self.matches(text) {
            let Some(whole) = captures.get(0) else { continue };
            replaced.extend(&text[copied..whole.start()]);
            if expands {
                self.expand(&mut replaced, replacement, &captures);
            } else {
                replaced.extend(replacement);
            }
            if replaced.len() > MOST_BYTES {
                return Err(too_long());
            }
            copied = whole.end();
        }
        replaced.extend(&text[copied..]);
        Ok(replaced)
    }

    /// `Expand`: `$1`, `${1}`, `$name`, `$$`; a `$` that is none of these stays.
    fn expand(&self, to: &mut Vec<u8>, replacement: &[u8], captures: &Captures) {
        let mut rest = replacement;
        while let Some(at) = rest.iter().position(|&byte| byte == b'$') {
            to.extend(&rest[..at]);
            rest = &rest[at + 1..];
            if let Some(after) = rest.strip_prefix(b"$") {
                to.push(b'$');
                rest = after;
                continue;
            }
            let Some((name, after)) = reference(rest) else {
                to.push(b'$');
                continue;
            };
            rest = after;
            let group = match group_number(name) {
                Some(number) => captures.get(number),
                None => self
                    .names
                    .iter()
                    .enumerate()
                    .filter(|(_, of)| of.as_bytes() == name)
                    .find_map(|(at, _)| captures.get(at + 1)),
            };
            to.extend(group.map_or(&b""[..], |group| group.as_bytes()));
            if to.len() > MOST_BYTES {
                return;
            }
        }
        to.extend(rest);
    }
}

/// The length of the character at `at`, at least 1.
fn after(text: &[u8], at: usize) -> usize {
    crate::template::quote::first_character(&text[at.min(text.len())..]).map_or(1, |(_, size)| size)
}

/// Whether `at` cuts a character.
fn within_character(text: &[u8], at: usize) -> bool {
    (1..=3).any(|back| {
        at >= back && text.get(at - back).is_some_and(|&b| b >= 0xc0) && after(text, at - back) > back
    })
}

/// What follows a `$`: the name, and the rest behind it.
fn reference(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let braced = text.first() == Some(&b'{');
    let inside = if braced { &text[1..] } else { text };
    let length = runes(inside)
        .take_while(|&c| c == '_' || is_letter(c) || is_digit(c))
        .map(char::len_utf8)
        .sum::<usize>();
    let (name, rest) = inside.split_at_checked(length)?;
    let rest = if braced { rest.strip_prefix(b"}")? } else { rest };
    (!name.is_empty()).then_some((name, rest))
}

/// The number of a group, if the name is one: without leading zeros, and not beyond Go's bound.
fn group_number(name: &[u8]) -> Option<usize> {
    let plain = name.iter().all(u8::is_ascii_digit) && (name.len() == 1 || name[0] != b'0');
    let text = std::str::from_utf8(name).ok()?;
    if plain { text.parse().ok().filter(|&number: &usize| number < 1_000_000_000) } else { None }
}

/// `strconv.CanBackquote`.
fn can_backquote(text: &str) -> bool {
    !text.chars().any(|c| matches!(c, '`' | '\u{7f}' | '\u{feff}' | '\u{fffd}') || (c < ' ' && c != '\t'))
}

fn find(regexp: Rc<Regexp>, text: &Value) -> Value {
    regexp.regex.find(bytes(text)).map_or(&b""[..], |found| found.as_bytes()).into()
}

/// `[]string`, nil where there is nothing.
fn texts(parts: Option<Vec<&[u8]>>) -> Value {
    parts.map_or_else(|| Kind::List(Rc::new(List::nil(Type::STRINGS))).into(), Value::strings)
}

fn find_all(regexp: Rc<Regexp>, text: &Value, most: i64) -> Result<Value, String> {
    let text = bytes(text);
    let found: Vec<&[u8]> = regexp.ranges(text, most)?.into_iter().map(|range| &text[range]).collect();
    Ok(texts(Some(found).filter(|found| !found.is_empty())))
}

/// `Regexp.Split`: at most `most` parts where it is not negative.
fn split(regexp: Rc<Regexp>, text: &Value, most: i64) -> Result<Value, String> {
    let text = bytes(text);
    if most == 0 {
        return Ok(texts(None));
    }
    if text.is_empty() && !regexp.empty {
        return Ok(texts(Some(vec![b""])));
    }
    let mut parts: Vec<&[u8]> = Vec::new();
    let (mut begin, mut end) = (0, 0);
    for range in regexp.ranges(text, most)? {
        if most > 0 && parts.len() as i64 == most - 1 {
            break;
        }
        end = range.start;
        if range.end != 0 {
            parts.push(&text[begin..end]);
        }
        begin = range.end;
    }
    if end != text.len() {
        parts.push(&text[begin..]);
    }
    Ok(texts(Some(parts)))
}

/// `regexp.QuoteMeta`.
fn quote_meta(text: &[u8]) -> Vec<u8> {
    let mut quoted = Vec::with_capacity(text.len());
    for &byte in text {
        if br"\.+*?()|[]{}^$".contains(&byte) {
            quoted.push(b'\\');
        }
        quoted.push(byte);
    }
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(pattern: &str) -> String {
        Regexp::new(pattern.as_bytes()).expect_err(pattern)
    }

    #[test]
    fn errors_are_those_of_go() {
        for (pattern, what) in [
            ("[", "missing closing ]: `[`"),
            ("a{2,1}", "invalid repeat count: `{2,1}`"),
            ("a{1001}", "invalid repeat count: `{1001}`"),
            ("(a{100}){20}", "invalid repeat count: `{20}`"),
            ("a***", "invalid nested repetition operator: `**`"),
            ("x)", "unexpected ): `x)`"),
            ("(x", "missing closing ): `(x`"),
            ("*", "missing argument to repetition operator: `*`"),
            ("(?i)*", "missing argument to repetition operator: `*`"),
            ("a|*", "missing argument to repetition operator: `*`"),
            ("(?x)", "invalid or unsupported Perl syntax: `(?x`"),
            ("(?<n", "invalid named capture: `(?<n`"),
            ("(?P<a-b>)", "invalid named capture: `(?P<a-b>`"),
            ("\\", "trailing backslash at end of expression: ``"),
            ("\\8", "invalid escape sequence: `\\8`"),
            ("\\Z", "invalid escape sequence: `\\Z`"),
            ("[z-a]", "invalid character class range: `z-a`"),
            ("[[:nope:]]", "invalid character class range: `[:nope:]`"),
            ("\\pX", "invalid character class range: `\\pX`"),
            ("\\p{Old_Italic}", "invalid character class range: `\\p{Old_Italic}`"),
            ("\\p{Grek}", "invalid character class range: `\\p{Grek}`"),
        ] {
            assert_eq!(error(pattern), format!("error parsing regexp: {what}"));
        }
    }

    #[test]
    fn every_pattern_that_go_accepts_compiles() {
        for pattern in [
            "",
            "|",
            "()",
            "(|a)*",
            "a(?i)*",
            "x{,5}",
            "{",
            "}",
            "]",
            "(?i)[^\\W_]",
            "\\p{Greek}\\PL\\p{^Lu}",
            "[[:^space:]\\d-]",
            "(?P<n>a)(?<n>b)",
            "\\Qa.b\\E+",
            "a\\Q",
            "(?s-m:.)$",
            "[]a]",
            "[^]a]",
            "[a-]",
            "\\x{1F600}\\x41\\101\\0",
            "\\_",
            "[\\pN&&~~-]",
            "(?U)a+?",
            "^*",
            "\\b+",
            "(?i)\u{17f}",
            "(?:)",
        ] {
            Regexp::new(pattern.as_bytes()).expect(pattern);
        }
    }

    #[test]
    fn replacements_expand_as_in_go() {
        let regexp = Regexp::new(b"(?P<x>h)(e)").expect("valid");
        let replace = |with: &str| {
            String::from_utf8(regexp.replace(b"hello", with.as_bytes(), true).expect("short")).expect("text")
        };
        assert_eq!(replace("$2$1"), "ehllo");
        assert_eq!(replace("${2}x$x-"), "exh-llo");
        assert_eq!(replace("$1x"), "llo");
        assert_eq!(replace("$$ $ ${1 $01"), "$ $ ${1 llo");
        let empty = Regexp::new(b"x*").expect("valid");
        assert_eq!(empty.replace("axé".as_bytes(), b"-", true), Ok("-a-é-".as_bytes().to_vec()));
    }
}
