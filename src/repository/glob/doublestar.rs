//! Globs of the library doublestar: value files of Helm sources, and the git files generator where the
//! new globbing is switched on. They are expanded over a tree and not matched against one path,
//! because the order of what they find decides which value file wins.

use super::BadPattern;
use super::machine::{Program, Set, Step};
use crate::repository::tree::{Found, Tree};
use std::collections::HashSet;

/// Folders and alternatives that one expansion may visit. Real patterns stay far below.
const MOST_VISITS: usize = 100_000;

/// Braces that one pattern may hold, side by side or nested.
const MOST_BRACES: usize = 64;

/// A pattern relative to the root of a tree: `*` and `?` stop at `/`, `**` as a whole segment crosses
/// folders, `{a,b}` are alternatives.
#[derive(Clone, Debug)]
pub struct Doublestar {
    /// `None` where it leads out of the root and matches nothing.
    pattern: Option<String>,
}

impl Doublestar {
    /// Reads a pattern. `.` and `..` are resolved first, a leading `/` is the root.
    pub fn new(pattern: &str) -> Result<Self, BadPattern> {
        let bad = || BadPattern("syntax error in pattern".to_owned());
        let Some(pattern) = clean(pattern) else { return Ok(Self { pattern: None }) };
        let meta = first_meta(&pattern).unwrap_or(pattern.len());
        let split = pattern[..meta].rfind('/').map_or(0, |at| at + 1);
        if pattern.bytes().filter(|&byte| byte == b'{').count() > MOST_BRACES {
            return Err(BadPattern(format!("more than {MOST_BRACES} braces in pattern")));
        }
        if is_valid(&pattern.as_bytes()[split..]) { Ok(Self { pattern: Some(pattern) }) } else { Err(bad()) }
    }

    /// Paths of the files, links and folders that match, in the library's order, each once.
    ///
    /// # Errors
    /// If the pattern has so many alternatives that expanding them would take too long.
    pub fn expand(&self, tree: &Tree) -> Result<Vec<String>, BadPattern> {
        let Some(pattern) = &self.pattern else { return Ok(Vec::new()) };
        let sorted = has_middle_double_star(pattern);
        let mut expansion = Expansion { tree, sorted, visits: 0, malformed: false };
        let found = expansion.glob(pattern, true);
        if expansion.malformed {
            return Err(BadPattern("syntax error in pattern".to_owned()));
        }
        if expansion.visits > MOST_VISITS {
            return Err(BadPattern("the pattern has too many alternatives".to_owned()));
        }
        Ok(found)
    }
}

struct Expansion<'a> {
    tree: &'a Tree,
    /// Whether what braces find is sorted as a whole: the library does so where `**` stands before
    /// the end, otherwise for each folder on its own.
    sorted: bool,
    visits: usize,
    /// Whether a segment was met that is malformed by itself: a class that holds a slash.
    malformed: bool,
}

impl Expansion<'_> {
    /// Expands a pattern; `files` says whether it may end at something that is no folder.
    fn glob(&mut self, pattern: &str, files: bool) -> Vec<String> {
        let mut rest = pattern;
        let mut segments = Vec::new();
        let mut found = loop {
            let Some(meta) = first_meta(rest) else {
                let path = unescape(rest);
                break if self.exists(&path) { vec![path] } else { Vec::new() };
            };
            match last_slash_or_brace(rest) {
                Some(Split::Slash(at)) => {
                    segments.push(&rest[at + 1..]);
                    rest = &rest[..at];
                    if at < meta {
                        break vec![unescape(rest)];
                    }
                }
                Some(Split::Braces(open, close)) => {
                    break self.braces(rest, open, close, files && segments.is_empty());
                }
                None => {
                    segments.push(rest);
                    break vec![String::new()];
                }
            }
        };
        while let Some(segment) = segments.pop() {
            found = self.step(&found, segment, files && segments.is_empty());
        }
        found
    }

    /// What the segment matches in each of the folders.
    fn step(&mut self, folders: &[String], segment: &str, files: bool) -> Vec<String> {
        let mut seen = HashSet::new();
        let mut found = Vec::new();
        let program = compile(segment);
        for folder in folders {
            if segment == "**" {
                self.descend(folder, files, &mut seen, &mut found);
            } else if segment.is_empty() {
                if self.tree.find(folder).is_directory() {
                    found.push(folder.clone());
                }
            } else if self.visit() {
                let names = self.tree.list(folder);
                let program = match &program {
                    Ok(program) => program,
                    Err(before) => {
                        self.malformed |= names.iter().any(|(name, _)| before.matches_beginning(name));
                        continue;
                    }
                };
                for (name, is_directory) in names {
                    if (files || is_directory) && program.matches(name.chars().map(u32::from)) {
                        found.push(join(folder, name));
                    }
                }
            }
        }
        let mut seen = HashSet::new();
        found.retain(|path| seen.insert(path.clone()));
        found
    }

    /// The folder itself and everything below it, each folder before what it holds.
    fn descend(&mut self, folder: &str, files: bool, seen: &mut HashSet<String>, found: &mut Vec<String>) {
        if !self.tree.find(folder).is_directory() {
            return;
        }
        let mut open = vec![(folder.to_owned(), true)];
        while let Some((path, is_directory)) = open.pop() {
            if !self.visit() || is_directory && !seen.insert(path.clone()) {
                continue;
            }
            if is_directory {
                let children = self.tree.list(&path).into_iter().rev();
                open.extend(
                    children.filter(|child| files || child.1).map(|(name, is)| (join(&path, name), is)),
                );
            }
            found.push(path);
        }
    }

    /// The alternatives between `open` and `close`, each in place of the braces.
    fn braces(&mut self, pattern: &str, open: usize, close: usize, files: bool) -> Vec<String> {
        let (folders, start) = match last_slash_or_brace(&pattern[..open]) {
            Some(Split::Slash(at)) => (self.glob(&pattern[..at], false), at + 1),
            Some(Split::Braces(..)) | None => (vec![String::new()], 0),
        };
        let mut all = Vec::new();
        for folder in folders {
            let mut found = Vec::new();
            let mut runs = 0;
            for alternative in alternatives(&pattern[open + 1..close]) {
                if !self.visit() {
                    return all;
                }
                let text = format!("{}{alternative}{}", &pattern[start..open], &pattern[close + 1..]);
                let run = self.glob(&join(&folder, &text), files);
                runs += usize::from(!run.is_empty());
                found.extend(run);
            }
            if runs > 1 && !self.sorted {
                found.sort_unstable();
                found.dedup();
            }
            all.extend(found);
        }
        if self.sorted {
            all.sort_unstable();
            all.dedup();
        }
        all
    }

    fn exists(&self, path: &str) -> bool {
        let valid = path.is_empty() || path.split('/').all(|part| !matches!(part, "" | "." | ".."));
        valid && !matches!(self.tree.find(path), Found::Missing | Found::Outside | Found::Loop)
    }

    fn visit(&mut self) -> bool {
        self.visits += 1;
        self.visits <= MOST_VISITS
    }
}

fn join(folder: &str, name: &str) -> String {
    if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") }
}

/// Go's `path.Clean`, without a leading slash; `None` if the path leaves the root. `**` counts as any
/// other name.
fn clean(path: &str) -> Option<String> {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()?),
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

/// Position of the first wildcard or brace that no backslash escapes.
fn first_meta(pattern: &str) -> Option<usize> {
    let mut escaped = false;
    pattern.bytes().position(|byte| {
        let meta = !escaped && matches!(byte, b'*' | b'?' | b'[' | b'{');
        escaped = !escaped && byte == b'\\';
        meta
    })
}

enum Split {
    Slash(usize),
    Braces(usize, usize),
}

/// The last `/`, or the last closed braces if they come later.
fn last_slash_or_brace(pattern: &str) -> Option<Split> {
    let bytes = pattern.as_bytes();
    let escaped = |at: usize| at > 0 && bytes[at - 1] == b'\\';
    let last = (0..bytes.len()).rev().find(|&at| matches!(bytes[at], b'/' | b'}') && !escaped(at))?;
    if bytes[last] == b'/' {
        return Some(Split::Slash(last));
    }
    let mut depth = 0;
    for at in (0..=last).rev().filter(|&at| !escaped(at)) {
        match bytes[at] {
            b'}' => depth += 1,
            b'{' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return Some(Split::Braces(at, last));
        }
    }
    bytes[..last].iter().rposition(|&byte| byte == b'/').map(Split::Slash)
}

/// The texts between the commas; an empty one at the end does not count.
fn alternatives(text: &str) -> Vec<&str> {
    let mut all = Vec::new();
    let (mut start, mut depth, mut escaped) = (0, 0, false);
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            _ if escaped => {}
            b'{' => depth += 1,
            b'}' => depth -= 1,
            b',' if depth == 0 => {
                all.push(&text[start..at]);
                start = at + 1;
            }
            _ => {}
        }
        escaped = !escaped && byte == b'\\';
    }
    if start < text.len() {
        all.push(&text[start..]);
    }
    all
}

fn has_middle_double_star(pattern: &str) -> bool {
    let bytes = pattern.as_bytes();
    let mut at = 0;
    while at + 3 < bytes.len() {
        match (bytes[at], bytes[at + 1]) {
            (b'\\', _) => at += 1,
            (b'*', b'*') => return true,
            _ => {}
        }
        at += 1;
    }
    false
}

fn unescape(pattern: &str) -> String {
    let mut out = String::with_capacity(pattern.len());
    let mut characters = pattern.chars().peekable();
    while let Some(character) = characters.next() {
        let escaped = characters.next_if(|next| character == '\\' && "*?[]{}".contains(*next));
        out.push(escaped.unwrap_or(character));
    }
    out
}

/// Classes and braces are closed, classes are not empty, and no backslash stands at the end.
fn is_valid(pattern: &[u8]) -> bool {
    let mut depth = 0_usize;
    let mut at = 0;
    while let Some(byte) = pattern.get(at) {
        match byte {
            b'\\' => {
                at += 1;
                if at >= pattern.len() {
                    return false;
                }
            }
            b'[' => {
                at += 1 + usize::from(matches!(pattern.get(at + 1), Some(b'^' | b'!')));
                if matches!(pattern.get(at), None | Some(b']')) {
                    return false;
                }
                loop {
                    match pattern.get(at) {
                        Some(b'\\') => at += 2,
                        Some(b']') => break,
                        Some(_) => at += 1,
                        None => return false,
                    }
                }
            }
            b'{' => depth += 1,
            b'}' if depth == 0 => return false,
            b'}' => depth -= 1,
            _ => {}
        }
        at += 1;
    }
    depth == 0
}

/// Matcher of one segment, which holds no slash and no braces; if it is malformed, of what is before the
/// fault: the library complains only about names with which it gets that far.
fn compile(segment: &str) -> Result<Program, Program> {
    let mut program = Program::default();
    let mut rest = segment.chars().peekable();
    while let Some(character) = rest.next() {
        match character {
            '*' => {
                if rest.peek() != Some(&'*') {
                    program.repeat(Set::any(false));
                }
            }
            '?' => program.push(Step::One(Set::any(false))),
            '[' => match class(&mut rest) {
                Some(set) => program.push(Step::One(set)),
                None => return Err(program),
            },
            '\\' => match rest.next() {
                Some(escaped) => program.symbol(escaped),
                None => return Err(program),
            },
            plain => program.symbol(plain),
        }
    }
    Ok(program)
}

fn class(rest: &mut std::iter::Peekable<std::str::Chars<'_>>) -> Option<Set> {
    let negated = rest.next_if(|next| matches!(next, '!' | '^')).is_some();
    let mut ranges = Vec::new();
    let mut last = None;
    loop {
        let character = rest.next()?;
        match (character, last) {
            (']', _) if !ranges.is_empty() => break,
            ('-', Some(low)) if rest.peek() != Some(&']') => {
                let high =
                    rest.next().and_then(|next| if next == '\\' { rest.next() } else { Some(next) })?;
                ranges.push((low, high.into()));
                last = None;
            }
            _ => {
                let one = u32::from(if character == '\\' { rest.next()? } else { character });
                ranges.push((one, one));
                last = Some(one);
            }
        }
    }
    Some(Set { ranges, negated, slash: true })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::repository::tree::Entry;

    fn tree() -> Tree {
        let paths = [
            "envs/.hidden.yaml",
            "envs/A.yaml",
            "envs/a.yaml",
            "envs/b.yaml",
            "envs/deep/c.yaml",
            "envs/deep/deeper/d.yaml",
            "envs/z.yaml",
            "other/a.yaml",
        ];
        Tree::new(paths.map(|path| Entry::text("r", path, "")).into())
    }

    fn expand(pattern: &str) -> String {
        Doublestar::new(pattern).and_then(|p| p.expand(&tree())).expect("a pattern").join(" ")
    }

    #[test]
    fn expansion_is_ordered_as_the_library_does() {
        for (pattern, expected) in [
            ("envs/*.yaml", "envs/.hidden.yaml envs/A.yaml envs/a.yaml envs/b.yaml envs/z.yaml"),
            (
                "envs/**/*.yaml",
                "envs/.hidden.yaml envs/A.yaml envs/a.yaml envs/b.yaml envs/z.yaml envs/deep/c.yaml envs/deep/deeper/d.yaml",
            ),
            ("envs/**/c.yaml", "envs/deep/c.yaml"),
            ("**/a.yaml", "envs/a.yaml other/a.yaml"),
            ("envs/**.yaml", "envs/.hidden.yaml envs/A.yaml envs/a.yaml envs/b.yaml envs/z.yaml"),
            ("envs/deep/**", "envs/deep envs/deep/c.yaml envs/deep/deeper envs/deep/deeper/d.yaml"),
            ("envs/[!a].yaml", "envs/A.yaml envs/b.yaml envs/z.yaml"),
            ("{other,envs}/[a].yaml", "envs/a.yaml other/a.yaml"),
            ("envs/{z,a}.yaml", "envs/a.yaml envs/z.yaml"),
            ("envs/{z,deep/*}", "envs/deep/c.yaml envs/deep/deeper"),
            ("envs/{deep/*,a}.yaml", "envs/a.yaml envs/deep/c.yaml"),
            ("envs/de*/c.yaml", "envs/deep/c.yaml"),
            ("/envs/./x/../a.yaml", "envs/a.yaml"),
            ("envs", "envs"),
            ("*", "envs other"),
            ("envs/../../*", ""),
            ("envs/\\*.yaml", ""),
            ("**/**/**/d.yaml", "envs/deep/deeper/d.yaml"),
        ] {
            assert_eq!(expand(pattern), expected, "{pattern}");
        }
    }

    #[test]
    fn malformed_patterns_and_explosions_are_refused() {
        for bad in ["envs/[a-", "{a", "a/*}", "[]a]", "*\\"] {
            assert_eq!(
                Doublestar::new(bad).err(),
                Some(BadPattern("syntax error in pattern".into())),
                "{bad}"
            );
        }
        assert!(Doublestar::new(&"{a,b}".repeat(40)).and_then(|p| p.expand(&tree())).is_err());
    }
}
