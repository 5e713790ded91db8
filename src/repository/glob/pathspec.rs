//! Git's pathspecs, as `git ls-files -- PATTERN` reads them at the root of a checkout.
//!
//! This is what the git files generator uses unless the new globbing is switched on. Sources: Git's
//! documentation of pathspecs and of `wildmatch`, section 2.4 of the spec sheet on Argo CD.

use super::BadPattern;
use super::machine::{Program, Set, Step};

/// One pathspec.
#[derive(Clone, Debug)]
pub struct Pathspec {
    /// The normalised path, bytes before the first wildcard counted in `literal`.
    path: String,
    /// How many bytes of `path` are before the first wildcard.
    literal: usize,
    /// Where the text of `path` begins that every match ends with: after its last wildcard and slash.
    tail: usize,
    /// Matcher of the whole path; `None` if it has no wildcard.
    program: Option<Program>,
    ignore_case: bool,
    exclude: bool,
}

#[derive(Default)]
struct Magic {
    wildcards: Wildcards,
    ignore_case: bool,
    exclude: bool,
}

/// What the wildcards of a pathspec do.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Wildcards {
    /// They match anything, `/` included.
    #[default]
    CrossFolders,
    /// They stop at `/`, but for `**`.
    Glob,
    /// They are plain text.
    Literal,
}

impl Pathspec {
    /// Reads a pathspec with its magic. Errors are Git's own fatal ones.
    pub fn new(pattern: &str) -> Result<Self, BadPattern> {
        if pattern.is_empty() {
            let text = "fatal: empty string is not a valid pathspec. please use . instead if you meant to match all paths";
            return Err(BadPattern(text.to_owned()));
        }
        let (magic, path) = magic(pattern)?;
        let path = normalise(path)
            .ok_or_else(|| BadPattern(format!("fatal: {pattern}: '{pattern}' is outside repository")))?;
        let wildcard = path.bytes().position(|byte| matches!(byte, b'*' | b'?' | b'[' | b'\\'));
        let wildcard = wildcard.filter(|_| magic.wildcards != Wildcards::Literal);
        let program = wildcard.map(|start| compile(path.as_bytes(), start, &magic));
        let literal = wildcard.unwrap_or(path.len());
        let tail = path.rfind(['*', '?', '[', ']', '\\', '/']).map_or(0, |at| at + 1);
        Ok(Self { path, literal, tail, program, ignore_case: magic.ignore_case, exclude: magic.exclude })
    }

    /// Text that every matching path starts with; empty where none need to be common.
    pub fn literal_prefix(&self) -> &str {
        if self.ignore_case || self.exclude { "" } else { &self.path[..self.literal] }
    }

    /// Whether the path of a tracked file (or symbolic link) matches. A pathspec that excludes,
    /// standing alone, matches everything else.
    pub fn matches(&self, path: &str) -> bool {
        self.selects(path.as_bytes()) != self.exclude
    }

    fn selects(&self, path: &[u8]) -> bool {
        let own = self.path.as_bytes();
        let equal = |left: &[u8], right: &[u8]| {
            if self.ignore_case { left.eq_ignore_ascii_case(right) } else { left == right }
        };
        if own.is_empty() {
            return true;
        }
        // A path that is the pattern letter by letter, or lies in such a folder.
        if path.len() >= own.len() && equal(&path[..own.len()], own) {
            let folder = own.ends_with(b"/") || path.get(own.len()) == Some(&b'/');
            if path.len() == own.len() || folder {
                return true;
            }
        }
        // Most files of a repository are told by their ends.
        let tail = &own[self.tail..];
        if path.len() < tail.len() || !equal(&path[path.len() - tail.len()..], tail) {
            return false;
        }
        self.program.as_ref().is_some_and(|program| {
            let fold = |byte: &u8| if self.ignore_case { byte.to_ascii_lowercase() } else { *byte };
            program.matches(path.iter().map(fold).map(u32::from))
        })
    }
}

/// Splits `:(glob,icase)path` and `:!path` into magic and path.
fn magic(pattern: &str) -> Result<(Magic, &str), BadPattern> {
    let mut magic = Magic::default();
    let Some(rest) = pattern.strip_prefix(':') else { return Ok((magic, pattern)) };
    let Some(long) = rest.strip_prefix('(') else {
        return short_magic(pattern, rest);
    };
    let Some((words, path)) = long.split_once(')') else {
        return Err(BadPattern(format!("fatal: Missing ')' at the end of pathspec magic in '{pattern}'")));
    };
    for word in words.split(',').filter(|word| !word.is_empty()) {
        match word {
            "top" => {}
            "literal" if magic.wildcards != Wildcards::Glob => magic.wildcards = Wildcards::Literal,
            "glob" if magic.wildcards != Wildcards::Literal => magic.wildcards = Wildcards::Glob,
            "literal" | "glob" => {
                let text = format!("fatal: {pattern}: 'literal' and 'glob' are incompatible");
                return Err(BadPattern(text));
            }
            "icase" => magic.ignore_case = true,
            "exclude" => magic.exclude = true,
            word => {
                return Err(BadPattern(format!("fatal: Invalid pathspec magic '{word}' in '{pattern}'")));
            }
        }
    }
    Ok((magic, path))
}

fn short_magic<'a>(pattern: &'a str, rest: &'a str) -> Result<(Magic, &'a str), BadPattern> {
    let mut magic = Magic::default();
    let mut end = 0;
    for character in rest.chars() {
        match character {
            ':' => return Ok((magic, &rest[end + 1..])),
            '/' => {}
            '!' | '^' => magic.exclude = true,
            // Letters, digits, wildcards and the like start the path itself.
            '"' | '#' | '%' | '&' | '\'' | ',' | '-' | ';' | '<' | '=' | '>' | '@' | '_' | '`' | '~' => {
                let text = format!("fatal: Unimplemented pathspec magic '{character}' in '{pattern}'");
                return Err(BadPattern(text));
            }
            _ => break,
        }
        end += 1;
    }
    Ok((magic, &rest[end..]))
}

/// Takes out `.`, `..` and repeated slashes; `None` if it leaves the root or is absolute.
fn normalise(path: &str) -> Option<String> {
    if path.starts_with('/') {
        return None;
    }
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    let mut normal = parts.join("/");
    let folder = matches!(path.rsplit('/').next(), Some("" | "." | ".."));
    if folder && !normal.is_empty() {
        normal.push('/');
    }
    Some(normal)
}

/// `wildmatch` of the pattern; with `glob` magic wildcards stop at `/` and `**` crosses it. Git compares
/// what is before the first wildcard by itself, so that `**` right after it counts as a whole segment.
fn compile(pattern: &[u8], literal: usize, magic: &Magic) -> Program {
    let fold = |byte: u8| if magic.ignore_case { byte.to_ascii_lowercase() } else { byte };
    let slash = magic.wildcards == Wildcards::CrossFolders;
    let mut program = Program::default();
    let mut at = 0;
    while let Some(&byte) = pattern.get(at) {
        at += 1;
        match byte {
            b'*' => at = stars(pattern, at - 1, literal, slash, &mut program),
            b'?' => program.push(Step::One(Set::any(slash))),
            b'[' => {
                let Some((set, end)) = class(pattern, at, magic) else {
                    program.never();
                    break;
                };
                program.push(Step::One(set));
                at = end;
            }
            b'\\' => {
                match pattern.get(at) {
                    Some(&escaped) => program.symbol(fold(escaped)),
                    None => program.never(),
                }
                at += 1;
            }
            plain => program.symbol(fold(plain)),
        }
    }
    program
}

/// Adds the run of stars at `start` and returns the position after what it took.
fn stars(pattern: &[u8], start: usize, literal: usize, slash: bool, program: &mut Program) -> usize {
    let length = pattern[start..].iter().take_while(|&&byte| byte == b'*').count();
    let end = start + length;
    let whole = (start == literal || pattern[start - 1] == b'/')
        && (matches!(pattern.get(end), None | Some(b'/')) || pattern[end..].starts_with(b"\\/"));
    if slash || length == 1 || !whole {
        program.repeat(Set::any(slash));
        return end;
    }
    if pattern.get(end) != Some(&b'/') {
        program.repeat(Set::any(true));
        return end;
    }
    // `**/` is any number of folders, none included.
    let fork = program.reserve();
    program.repeat(Set::any(true));
    program.symbol(b'/');
    let after = program.next();
    program.set_targets(fork, vec![fork + 1, after]);
    end + 1
}

/// The class whose `[` stands before `at`, with the position after its `]`; `None` if malformed,
/// which nothing matches.
fn class(pattern: &[u8], mut at: usize, magic: &Magic) -> Option<(Set, usize)> {
    let negated = matches!(pattern.get(at), Some(b'!' | b'^'));
    at += usize::from(negated);
    let mut ranges = Vec::new();
    let mut previous = None;
    loop {
        let mut byte = *pattern.get(at)?;
        let next = pattern.get(at + 1);
        match (byte, previous) {
            (b'\\', _) => {
                at += 1;
                byte = *pattern.get(at)?;
                ranges.push((byte.into(), byte.into()));
                previous = Some(byte);
            }
            (b'-', Some(low)) if next.is_some_and(|&next| next != b']') => {
                at += 1;
                if pattern[at] == b'\\' {
                    at += 1;
                }
                ranges.push((low.into(), (*pattern.get(at)?).into()));
                previous = None;
            }
            (b'[', _) if next == Some(&b':') => {
                let close = pattern[at + 2..].iter().position(|&byte| byte == b']')? + at + 2;
                if close > at + 2 && pattern[close - 1] == b':' {
                    ranges.extend(named_class(&pattern[at + 2..close - 1], magic.ignore_case)?);
                    at = close;
                    previous = None;
                } else {
                    ranges.push((byte.into(), byte.into()));
                    previous = Some(byte);
                }
            }
            _ => {
                ranges.push((byte.into(), byte.into()));
                previous = Some(byte);
            }
        }
        at += 1;
        if *pattern.get(at)? == b']' {
            break;
        }
    }
    if magic.ignore_case {
        fold_ranges(&mut ranges);
    }
    Some((Set { ranges, negated, slash: magic.wildcards == Wildcards::CrossFolders }, at + 1))
}

/// Texts are compared in lower case, so what a range has of capitals counts as small letters too.
fn fold_ranges(ranges: &mut Vec<(u32, u32)>) {
    let capitals = (u32::from(b'A'), u32::from(b'Z'));
    let folded: Vec<_> = ranges
        .iter()
        .map(|&(low, high)| (low.max(capitals.0), high.min(capitals.1)))
        .filter(|(low, high)| low <= high)
        .map(|(low, high)| (low + 32, high + 32))
        .collect();
    ranges.extend(folded);
}

fn named_class(name: &[u8], ignore_case: bool) -> Option<Vec<(u32, u32)>> {
    let of = |is: fn(&u8) -> bool| {
        (0..=u8::MAX).filter(|byte| byte.is_ascii() && is(byte)).map(|b| (b.into(), b.into())).collect()
    };
    Some(match name {
        b"alnum" => of(u8::is_ascii_alphanumeric),
        b"alpha" => of(u8::is_ascii_alphabetic),
        b"blank" => of(|byte| matches!(byte, b' ' | b'\t')),
        b"cntrl" => of(u8::is_ascii_control),
        b"digit" => of(u8::is_ascii_digit),
        b"graph" => of(u8::is_ascii_graphic),
        b"lower" => of(u8::is_ascii_lowercase),
        b"print" => of(|byte| byte.is_ascii_graphic() || *byte == b' '),
        b"punct" => of(u8::is_ascii_punctuation),
        b"space" => of(|byte| matches!(byte, b' ' | 9..=13)),
        b"upper" if ignore_case => of(u8::is_ascii_alphabetic),
        b"upper" => of(u8::is_ascii_uppercase),
        b"xdigit" => of(u8::is_ascii_hexdigit),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn matches_as_git_does() {
        for (pattern, path, expected) in [
            ("customers/*/values.yaml", "customers/a/b/values.yaml", true),
            ("**/f", "f", false),
            ("a/**/f", "a/f", false),
            ("a/**/f", "a/b/f", true),
            ("dir", "dir/x/y", true),
            ("dir/", "dir/x", true),
            ("dir/", "dir", false),
            ("dir", "directory", false),
            ("./a//b/../c", "a/c", true),
            (".", "anything/at/all", true),
            ("{a,b}", "{a,b}", true),
            ("{a,b}", "a", false),
            ("a?b", "a/b", true),
            ("a[^x]b", "a/b", true),
            ("[]]", "]", true),
            ("[[:digit:]]x", "3x", true),
            ("[a-", "a", false),
            (":(glob)a/*/f", "a/b/f", true),
            (":(glob)a/*/f", "a/b/c/f", false),
            (":(glob)a/**/f", "a/f", true),
            (":(glob)**/f", "f", true),
            (":(glob)a/**", "a/b/c", true),
            (":(glob)a**", "a/b/c", true),
            (":(glob)?**", "a/b/c", false),
            (":(icase)A/*.YAML", "a/b.yaml", true),
            (":(literal)a*", "a*", true),
            (":(literal)a*", "ab", false),
            (":(exclude)a", "a/b", false),
            (":!a", "b", true),
            ("*.yaml", "a/b/.c.yaml", true),
            ("\\*.yaml", "*.yaml", true),
            ("*a*a*a*a*a*b", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", false),
        ] {
            assert_eq!(Pathspec::new(pattern).map(|p| p.matches(path)), Ok(expected), "{pattern} {path}");
        }
        for bad in ["", "/a", "../a", "a/../../b", ":(glob", ":(nonsense)a"] {
            assert!(Pathspec::new(bad).is_err(), "{bad}");
        }
    }
}
