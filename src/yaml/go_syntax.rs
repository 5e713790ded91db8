//! Written nodes as Go's `%#v` prints what go-yaml makes of them: part of some error messages.

use super::compose::{Content, Written};
use super::decode::{children, is_merge};
use super::resolve::{Scalar, resolve};
use crate::value::go_float;
use std::cmp::Ordering;
use std::fmt::Write as _;

/// Levels after which an ellipsis stands for the rest; nobody reads further.
const MAX_DEPTH: usize = 64;
/// Bytes after which nothing is added.
const MAX_LENGTH: usize = 1 << 16;

/// The Go syntax of the node at an index.
pub(super) fn go_syntax(written: &[Written], index: usize) -> String {
    let mut text = String::new();
    let printer = Printer { written };
    if matches!(printer.scalar(index), Some(Scalar::Null)) {
        text.push_str("<nil>");
    } else {
        printer.print(index, 0, &mut text);
    }
    text
}

struct Printer<'w> {
    written: &'w [Written<'w>],
}

impl<'w> Printer<'w> {
    fn target(&self, index: usize) -> usize {
        if let Content::Alias(target, _) = self.written[index].content { target } else { index }
    }

    fn scalar(&self, index: usize) -> Option<Scalar<'w>> {
        let written = &self.written[self.target(index)];
        match &written.content {
            Content::Scalar(text, style) => resolve(text, *style, written.tag).ok(),
            _ => None,
        }
    }

    fn print(&self, index: usize, depth: usize, text: &mut String) {
        if depth > MAX_DEPTH || text.len() > MAX_LENGTH {
            text.push('…');
            return;
        }
        let target = self.target(index);
        match self.written[target].content {
            Content::Sequence(end) => {
                text.push_str("[]interface {}{");
                for (at, item) in children(self.written, target + 1, end).enumerate() {
                    text.push_str(if at == 0 { "" } else { ", " });
                    self.print(item, depth + 1, text);
                }
                text.push('}');
            }
            Content::Mapping(_) => {
                text.push_str("map[interface {}]interface {}{");
                let mut pairs = Vec::new();
                self.pairs(target, depth, &mut pairs);
                pairs.sort_by(|a, b| compare(a.0.as_ref(), b.0.as_ref()));
                for (at, &(_, key, value)) in pairs.iter().enumerate() {
                    text.push_str(if at == 0 { "" } else { ", " });
                    self.print(key, depth + 1, text);
                    text.push(':');
                    self.print(value, depth + 1, text);
                }
                text.push('}');
            }
            _ => print_scalar(self.scalar(target), text),
        }
    }

    /// Keys and values of a mapping, with merged ones, each key once.
    fn pairs(&self, index: usize, depth: usize, pairs: &mut Vec<(Option<Scalar<'w>>, usize, usize)>) {
        let Content::Mapping(end) = self.written[index].content else { return };
        if depth > MAX_DEPTH {
            return;
        }
        let mut nodes = children(self.written, index + 1, end);
        while let (Some(key), Some(value)) = (nodes.next(), nodes.next()) {
            if is_merge(&self.written[key]) {
                match self.written[value].content {
                    Content::Sequence(end) => {
                        let items: Vec<_> = children(self.written, value + 1, end).collect();
                        for item in items.into_iter().rev() {
                            self.pairs(self.target(item), depth + 1, pairs);
                        }
                    }
                    _ => self.pairs(self.target(value), depth + 1, pairs),
                }
                continue;
            }
            let scalar = self.scalar(key);
            match pairs.iter_mut().find(|(known, ..)| *known == scalar) {
                Some(pair) => pair.2 = value,
                None => pairs.push((scalar, key, value)),
            }
        }
    }
}

/// Go prints maps sorted. Among keys of several types its order is that of the types' addresses; this is how
/// they lie in Helm's programs.
fn compare(a: Option<&Scalar>, b: Option<&Scalar>) -> Ordering {
    let rank = |scalar: Option<&Scalar>| match scalar {
        None | Some(Scalar::Null) => 0,
        Some(Scalar::String(_)) => 1,
        Some(Scalar::Unsigned(_)) => 2,
        Some(Scalar::Int(_)) => 3,
        Some(Scalar::Float(_)) => 4,
        Some(Scalar::Bool(_)) => 5,
    };
    match (a, b) {
        (Some(Scalar::Bool(a)), Some(Scalar::Bool(b))) => a.cmp(b),
        (Some(Scalar::Int(a)), Some(Scalar::Int(b))) => a.cmp(b),
        (Some(Scalar::Unsigned(a)), Some(Scalar::Unsigned(b))) => a.cmp(b),
        (Some(Scalar::Float(a)), Some(Scalar::Float(b))) => a.total_cmp(b),
        (Some(Scalar::String(a)), Some(Scalar::String(b))) => a.cmp(b),
        _ => rank(a).cmp(&rank(b)),
    }
}

fn print_scalar(scalar: Option<Scalar>, text: &mut String) {
    let _ = match scalar {
        None | Some(Scalar::Null) => write!(text, "interface {{}}(nil)"),
        Some(Scalar::Bool(bool)) => write!(text, "{bool}"),
        Some(Scalar::Int(int)) => write!(text, "{int}"),
        Some(Scalar::Unsigned(int)) => write!(text, "{int:#x}"),
        Some(Scalar::Float(float)) => write!(text, "{}", go_float(float)),
        Some(Scalar::String(string)) => {
            quote(&string, text);
            Ok(())
        }
    };
}

/// Go's `strconv.Quote`.
fn quote(string: &str, text: &mut String) {
    text.push('"');
    for character in string.chars() {
        let _ = match character {
            '"' | '\\' => write!(text, "\\{character}"),
            '\u{7}' => write!(text, "\\a"),
            '\u{8}' => write!(text, "\\b"),
            '\u{c}' => write!(text, "\\f"),
            '\n' => write!(text, "\\n"),
            '\r' => write!(text, "\\r"),
            '\t' => write!(text, "\\t"),
            '\u{b}' => write!(text, "\\v"),
            '\0'..='\u{1f}' | '\u{7f}' => write!(text, "\\x{:02x}", character as u32),
            _ if printable(character) => write!(text, "{character}"),
            _ if (character as u32) < 0x1_0000 => write!(text, "\\u{:04x}", character as u32),
            _ => write!(text, "\\U{:08x}", character as u32),
        };
    }
    text.push('"');
}

/// Whether Go calls a character printable: no control or format character, no space but the usual one.
fn printable(character: char) -> bool {
    let format = matches!(character, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff0}'..='\u{fffb}' | '\u{fffe}' | '\u{ffff}'
        | '\u{e000}'..='\u{f8ff}' | '\u{e0000}'..='\u{10ffff}');
    !format && !character.is_control() && (character == ' ' || !character.is_whitespace())
}
