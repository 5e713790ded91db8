//! Go's `path.Match`, which the git directories generator uses.

use super::BadPattern;
use super::machine::{Program, Set, Step};

/// A pattern in which `*` and `?` stop at `/`; `**` is `*`, braces are plain text, and a class may
/// name `/`.
#[derive(Clone, Debug)]
pub struct PathMatch {
    program: Program,
}

impl PathMatch {
    /// Compiles a pattern; malformed classes and a final backslash are errors.
    pub fn new(pattern: &str) -> Result<Self, BadPattern> {
        let bad = || BadPattern("syntax error in pattern".to_owned());
        let mut program = Program::default();
        let mut rest = pattern.chars().peekable();
        while let Some(character) = rest.next() {
            match character {
                '*' => program.repeat(Set::any(false)),
                '?' => program.push(Step::One(Set::any(false))),
                '[' => program.push(Step::One(class(&mut rest).ok_or_else(bad)?)),
                '\\' => program.symbol(rest.next().ok_or_else(bad)?),
                plain => program.symbol(plain),
            }
        }
        Ok(Self { program })
    }

    /// Whether the whole name matches.
    pub fn matches(&self, name: &str) -> bool {
        self.program.matches(name.chars().map(u32::from))
    }
}

type Characters<'a> = std::iter::Peekable<std::str::Chars<'a>>;

/// The class after its `[`: at least one range, in which `-` and `]` stand only behind a backslash.
fn class(rest: &mut Characters<'_>) -> Option<Set> {
    let negated = rest.next_if_eq(&'^').is_some();
    let mut ranges = Vec::new();
    while ranges.is_empty() || rest.next_if_eq(&']').is_none() {
        let low = end_of_range(rest)?;
        let high = if rest.next_if_eq(&'-').is_some() { end_of_range(rest)? } else { low };
        ranges.push((low, high));
    }
    Some(Set { ranges, negated, slash: true })
}

fn end_of_range(rest: &mut Characters<'_>) -> Option<u32> {
    match rest.next()? {
        '-' | ']' => None,
        '\\' => rest.next().map(u32::from),
        plain => Some(plain.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn matches_as_go_does() {
        for (pattern, name, expected) in [
            ("customers/*", "customers/a", true),
            ("customers/*", "customers/a/b", false),
            ("customers/**", "customers/a/b", false),
            ("customers/**", "customers/a", true),
            ("*", ".hidden", true),
            ("/a", "a", false),
            ("a/", "a", false),
            ("a?c", "a/c", false),
            ("a[^b]c", "a/c", true),
            ("[a-c]x", "bx", true),
            ("[^a-c]x", "bx", false),
            ("[!a]x", "bx", false),
            ("\\*", "*", true),
            ("{a,b}", "a", false),
            ("é?", "éé", true),
            ("*x*x*x*x", "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxy", false),
        ] {
            assert_eq!(PathMatch::new(pattern).map(|p| p.matches(name)), Ok(expected), "{pattern} {name}");
        }
        for bad in ["[", "a[", "[]a]", "[-]", "[a-]", "[a", "a\\", "[^]"] {
            assert!(PathMatch::new(bad).is_err(), "{bad}");
        }
    }
}
