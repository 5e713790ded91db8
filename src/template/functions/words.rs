//! Case and words: huandu/xstrings v1.5 and Masterminds/goutils v1.1.

use super::letters::{
    is_letter, is_lower, is_number, is_punctuation, is_title, is_upper, to_lower, to_title, to_upper,
};
use super::{MOST_BYTES, too_long};
use crate::template::quote::{characters, first_character};

/// The characters of a Go string, U+FFFD for each byte that is not UTF-8.
pub fn runes(text: &[u8]) -> impl Iterator<Item = char> {
    characters(text).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER))
}

fn is_connector(c: char) -> bool {
    c == '-' || c == '_' || c.is_whitespace()
}

/// `strings.Title`: a character after a separator in title case.
pub fn title(text: &[u8]) -> String {
    let separates = |c: char| {
        if c.is_ascii() { !c.is_ascii_alphanumeric() && c != '_' } else { c.is_whitespace() }
    };
    let mut before = ' ';
    runes(text)
        .map(|c| {
            let titled = if separates(before) { to_title(c) } else { c };
            before = c;
            titled
        })
        .collect()
}

/// goutils' `Uncapitalize`: the first character of each word in lower case.
pub fn untitle(text: &[u8]) -> String {
    let mut first = true;
    runes(text)
        .map(|c| {
            let lowered = if first && !c.is_whitespace() { to_lower(c) } else { c };
            first = c.is_whitespace();
            lowered
        })
        .collect()
}

/// goutils' `SwapCase`: capitals become small, others capital, in title case at the start of a word.
pub fn swap_case(text: &[u8]) -> String {
    let mut after_space = true;
    runes(text)
        .map(|c| {
            if is_upper(c) || is_title(c) {
                after_space = false;
                to_lower(c)
            } else if is_lower(c) {
                if std::mem::take(&mut after_space) { to_title(c) } else { to_upper(c) }
            } else {
                after_space = c.is_whitespace();
                c
            }
        })
        .collect()
}

/// goutils takes bytes for characters (of Latin-1) here and in [`without_space`].
pub fn initials(text: &[u8]) -> String {
    let mut gap = true;
    let mut initials = String::new();
    for c in text.iter().copied().map(char::from) {
        if !c.is_whitespace() && gap {
            initials.push(c);
        }
        gap = c.is_whitespace();
    }
    initials
}

/// goutils' `DeleteWhiteSpace`.
pub fn without_space(text: &[u8]) -> Vec<u8> {
    let is_space = |byte: u8| char::from(byte).is_whitespace();
    if !text.iter().copied().any(is_space) {
        return text.to_vec();
    }
    text.iter().filter(|&&byte| !is_space(byte)).map(|&byte| char::from(byte)).collect::<String>().into()
}

/// xstrings' `ToPascalCase`, Sprig's `camelcase`.
pub fn pascal_case(text: &[u8]) -> String {
    let mut rest = runes(text).peekable();
    let mut pascal = String::new();
    let Some(mut last) = rest.next() else { return pascal };
    while is_connector(last) {
        pascal.push(last);
        match rest.next() {
            Some(next) => last = next,
            // A text of connectors alone gets one more.
            None => break,
        }
    }
    let mut in_capitals = is_upper(last);
    last = to_upper(last);
    for next in rest {
        let before = last;
        last = next;
        if is_connector(before) && is_connector(next) {
            pascal.push(before);
        } else if is_connector(before) {
            in_capitals = is_upper(next);
            last = to_upper(next);
        } else {
            if in_capitals && is_upper(next) {
                last = to_lower(next);
            } else {
                in_capitals = false;
            }
            pascal.push(before);
        }
    }
    pascal.push(last);
    pascal
}

/// What xstrings takes for a word.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Word {
    Invalid,
    Number,
    Capitals,
    Alphabet,
    Connector,
    Punctuation,
    Other,
}

/// A letter that is not Chinese, Japanese or Korean writing.
fn is_alphabet(c: char) -> bool {
    is_letter(c)
        && !matches!(c, '\u{3400}'..='\u{4d85}' | '\u{4e00}'..='\u{9fcc}' | '\u{20000}'..='\u{2b81d}')
}

/// The first character that is valid UTF-8, and the length up to its end; `before` where none is left.
fn next_valid(text: &[u8], before: char) -> (char, usize) {
    let mut length = 0;
    while let Some((c, size)) = first_character(&text[length..]) {
        length += size;
        match c {
            Ok(c) if c != char::REPLACEMENT_CHARACTER => return (c, length),
            _ => {}
        }
    }
    (before, length)
}

/// Length of the leading characters for which `belongs` holds, after `start` bytes.
fn run(text: &[u8], start: usize, first: char, belongs: impl Fn(char) -> bool) -> (usize, usize, char) {
    let (mut end, mut last_size, mut c) = (start, 0, first);
    while end < text.len() {
        let (next, size) = next_valid(&text[end..], c);
        c = next;
        if size == 0 || !belongs(c) {
            break;
        }
        end += size;
        last_size = size;
    }
    (end, last_size, c)
}

/// The first word of a text, and what follows it.
fn next_word(text: &[u8]) -> (Word, &[u8], &[u8]) {
    if text.is_empty() {
        return (Word::Invalid, text, text);
    }
    let (c, size) = next_valid(text, char::REPLACEMENT_CHARACTER);
    let small = |c: char| is_alphabet(c) && !is_upper(c);
    let (word, end) = if c == char::REPLACEMENT_CHARACTER {
        (Word::Invalid, size)
    } else if is_connector(c) {
        (Word::Connector, run(text, size, c, is_connector).0)
    } else if is_punctuation(c) {
        (Word::Punctuation, run(text, size, c, is_punctuation).0)
    } else if is_upper(c) {
        (Word::Capitals, end_of_capitals(text, size, c))
    } else if is_alphabet(c) {
        (Word::Alphabet, run(text, size, c, small).0)
    } else if is_number(c) {
        (Word::Number, run(text, size, c, is_number).0)
    } else {
        let other = |c| !(is_connector(c) || is_alphabet(c) || is_number(c) || is_punctuation(c));
        (Word::Other, run(text, size, c, other).0)
    };
    (word, &text[..end], &text[end..])
}

/// `HTTPServer` is `HTTP` and `Server`: the last capital belongs to what follows.
fn end_of_capitals(text: &[u8], start: usize, first: char) -> usize {
    if start >= text.len() {
        return start;
    }
    let (second, _) = next_valid(&text[start..], first);
    if is_upper(second) {
        let (end, last_size, after) = run(text, start, first, is_upper);
        return if end < text.len() && is_alphabet(after) { end - last_size } else { end };
    }
    if is_alphabet(second) {
        return run(text, start, first, |c| is_alphabet(c) && !is_upper(c)).0;
    }
    start
}

fn write_word(to: &mut Vec<u8>, word: Word, text: &[u8], connector: char) {
    if word != Word::Capitals && word != Word::Connector {
        to.extend(text);
        return;
    }
    let lowered: String = runes(text)
        .map(|c| {
            if is_connector(c) {
                connector
            } else if is_upper(c) {
                to_lower(c)
            } else {
                c
            }
        })
        .collect();
    to.extend(lowered.as_bytes());
}

/// xstrings' `ToSnakeCase` and `ToKebabCase`: words in lower case with `connector` between them.
pub fn connected(text: &[u8], connector: char) -> Vec<u8> {
    let mut written = Vec::new();
    let connect = |written: &mut Vec<u8>| written.push(connector as u8);
    let in_word = |word| word == Word::Alphabet || word == Word::Number;
    let (mut word, mut part, mut rest) = next_word(text);
    while !rest.is_empty() {
        if word != Word::Connector {
            write_word(&mut written, word, part, connector);
        }
        let (before, last) = (word, part);
        (word, part, rest) = next_word(rest);
        match before {
            Word::Number => {
                while in_word(word) {
                    write_word(&mut written, word, part, connector);
                    (word, part, rest) = next_word(rest);
                }
                if !matches!(word, Word::Invalid | Word::Punctuation | Word::Connector) {
                    connect(&mut written);
                }
            }
            Word::Connector => write_word(&mut written, before, last, connector),
            Word::Punctuation => {}
            _ if word != Word::Number => {
                if !matches!(word, Word::Punctuation | Word::Connector) {
                    connect(&mut written);
                }
            }
            _ if rest.is_empty() => {}
            _ => {
                let number = part;
                (word, part, rest) = next_word(rest);
                if word != Word::Alphabet {
                    // `Bld4Floor`: the number is a part of the word before it.
                    write_word(&mut written, Word::Number, number, connector);
                    if !matches!(word, Word::Punctuation | Word::Connector) {
                        connect(&mut written);
                    }
                    continue;
                }
                // `HTTP2xx`: it is a part of the word after it.
                connect(&mut written);
                write_word(&mut written, Word::Number, number, connector);
                while in_word(word) {
                    write_word(&mut written, word, part, connector);
                    (word, part, rest) = next_word(rest);
                }
                if !matches!(word, Word::Invalid | Word::Punctuation | Word::Connector) {
                    connect(&mut written);
                }
            }
        }
    }
    write_word(&mut written, word, part, connector);
    written
}

/// goutils' `WrapCustom`: lines of at most `width` bytes, broken at spaces, long words only if asked.
pub fn wrap(text: &[u8], width: i64, new_line: &[u8], break_words: bool) -> Result<Vec<u8>, String> {
    let new_line = if new_line.is_empty() { b"\n" } else { new_line };
    let width = usize::try_from(width).unwrap_or(1).max(1);
    let mut wrapped = Vec::new();
    let mut rest = text;
    while rest.len() > width {
        if wrapped.len() > MOST_BYTES {
            return Err(too_long());
        }
        if rest[0] == b' ' {
            rest = &rest[1..];
            continue;
        }
        let space_within = rest[..=width].iter().rposition(|&byte| byte == b' ');
        let space_after = || rest[width..].iter().position(|&byte| byte == b' ').map(|at| at + width);
        match space_within {
            Some(at) => {
                wrapped.extend(&rest[..at]);
                wrapped.extend(new_line);
                rest = &rest[at + 1..];
            }
            None if break_words => {
                wrapped.extend(&rest[..width]);
                wrapped.extend(new_line);
                rest = &rest[width..];
            }
            None => match space_after() {
                Some(at) => {
                    wrapped.extend(&rest[..at]);
                    wrapped.extend(new_line);
                    rest = &rest[at + 1..];
                }
                None => break,
            },
        }
    }
    wrapped.extend(rest);
    Ok(wrapped)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_connected_as_xstrings_says() {
        for (text, snake) in [
            ("FirstName", "first_name"),
            ("HTTPServer", "http_server"),
            ("NoHTTPS", "no_https"),
            ("GO PATH", "go_path"),
            ("http2xx", "http_2xx"),
            ("HTTP20xOK", "http_20x_ok"),
            ("Duration2m3s", "duration_2m3s"),
            ("Bld4Floor3rd", "bld4_floor_3rd"),
        ] {
            assert_eq!(String::from_utf8_lossy(&connected(text.as_bytes(), '_')), snake);
        }
    }

    #[test]
    fn words_are_joined_as_xstrings_says() {
        for (text, pascal) in [
            ("some_words", "SomeWords"),
            ("_complex__case_", "_Complex_Case_"),
            ("GOLANG_IS_GREAT", "GolangIsGreat"),
            ("_", "__"),
            ("a", "A"),
        ] {
            assert_eq!(pascal_case(text.as_bytes()), pascal);
        }
    }
}
