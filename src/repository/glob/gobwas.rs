//! The glob of the library gobwas/glob: of `spec.source.directory.include` and `exclude` without
//! separators, so that wildcards cross `/`, and of Helm's `.Files.Glob`, where only `**` does.

use super::BadPattern;
use super::machine::{Program, Set, Step};

/// Alternatives in braces nest at most this deep.
const DEEPEST: usize = 100;

/// A pattern with `*`, `**`, `?`, `[a-z]`, `[!abc]` and `{a,b}`.
#[derive(Clone, Debug)]
pub struct Gobwas {
    program: Program,
}

impl Gobwas {
    /// Compiles a pattern whose wildcards cross `/`.
    pub fn new(pattern: &str) -> Result<Self, BadPattern> {
        Self::compile(pattern, true)
    }

    /// Compiles a pattern of paths: only `**` crosses `/`.
    pub fn of_paths(pattern: &str) -> Result<Self, BadPattern> {
        Self::compile(pattern, false)
    }

    fn compile(pattern: &str, crosses: bool) -> Result<Self, BadPattern> {
        let mut compiler = Compiler { program: Program::default(), open: Vec::new() };
        let mut rest = pattern.chars().peekable();
        while let Some(character) = rest.next() {
            match character {
                '*' => {
                    let mut crosses = crosses;
                    while rest.next_if_eq(&'*').is_some() {
                        crosses = true;
                    }
                    compiler.program.repeat(Set::any(crosses));
                }
                '?' => compiler.program.push(Step::One(Set::any(crosses))),
                '[' => {
                    let set = class(&mut rest)?;
                    compiler.program.push(Step::One(set));
                }
                '{' if compiler.open.len() < DEEPEST => compiler.begin(),
                '{' => return Err(BadPattern("alternatives are nested too deep".to_owned())),
                ',' if !compiler.open.is_empty() => compiler.alternative(),
                '}' if !compiler.open.is_empty() => compiler.end(),
                '\\' => {
                    if let Some(escaped) = rest.next() {
                        compiler.program.symbol(escaped);
                    }
                }
                plain => compiler.program.symbol(plain),
            }
        }
        // Braces that nobody closes end with the pattern.
        while !compiler.open.is_empty() {
            compiler.end();
        }
        Ok(Self { program: compiler.program })
    }

    /// Whether the whole text matches.
    pub fn matches(&self, text: &str) -> bool {
        self.program.matches(text.chars().map(u32::from))
    }
}

struct Compiler {
    program: Program,
    open: Vec<Alternatives>,
}

/// The braces being compiled: where they fork, where each alternative starts, and the jumps from the
/// ends of alternatives to what follows.
struct Alternatives {
    fork: usize,
    starts: Vec<usize>,
    jumps: Vec<usize>,
}

impl Compiler {
    fn begin(&mut self) {
        let fork = self.program.reserve();
        self.open.push(Alternatives { fork, starts: vec![fork + 1], jumps: Vec::new() });
    }

    fn alternative(&mut self) {
        let jump = self.program.reserve();
        if let Some(alternatives) = self.open.last_mut() {
            alternatives.jumps.push(jump);
            alternatives.starts.push(jump + 1);
        }
    }

    fn end(&mut self) {
        let Some(alternatives) = self.open.pop() else { return };
        let after = self.program.next();
        for jump in alternatives.jumps {
            self.program.set_targets(jump, vec![after]);
        }
        self.program.set_targets(alternatives.fork, alternatives.starts);
    }
}

/// The class after its `[`: one range `a-z`, or else a list of characters up to the next `]`.
fn class(rest: &mut std::iter::Peekable<std::str::Chars<'_>>) -> Result<Set, BadPattern> {
    let bad = |text: &str| BadPattern(text.to_owned());
    let end = || bad("unexpected end of input");
    let negated = rest.next_if_eq(&'!').is_some();
    let mut ahead = rest.clone();
    let low = ahead.next().ok_or_else(end)?;
    if ahead.next() == Some('-') {
        rest.nth(1);
        let high = rest.next().ok_or_else(end)?;
        if rest.next().ok_or_else(end)? != ']' {
            return Err(bad("expected close range character"));
        }
        if high < low {
            return Err(bad(&format!("hi character '{high}' should be greater than lo '{low}'")));
        }
        return Ok(Set { ranges: vec![(low.into(), high.into())], negated, slash: true });
    }
    let mut ranges = Vec::new();
    loop {
        let one = match rest.next().ok_or_else(end)? {
            ']' if ranges.is_empty() => return Err(bad("could not parse range")),
            ']' => return Ok(Set { ranges, negated, slash: true }),
            '\\' => rest.next().ok_or_else(end)?,
            plain => plain,
        };
        ranges.push((one.into(), one.into()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wildcards_cross_folders() {
        for (pattern, text, expected) in [
            ("*.yaml", "a/b.yaml", true),
            ("{a,b}.yaml", "b.yaml", true),
            ("{a,b/{c,d}}.yaml", "b/d.yaml", true),
            ("{a,b}.yaml", "c.yaml", false),
            ("[a-c].yaml", "b.yaml", true),
            ("[!a-c].yaml", "b.yaml", false),
            ("[abc].yaml", "c.yaml", true),
            ("config/*", "config/x/y", true),
            ("a,b", "a,b", true),
            ("\\*", "*", true),
        ] {
            assert_eq!(Gobwas::new(pattern).map(|p| p.matches(text)), Ok(expected), "{pattern} {text}");
        }
        assert!(Gobwas::new("{a").is_ok_and(|glob| glob.matches("a")));
        assert!(Gobwas::new("[]]").is_err());
        assert!(Gobwas::new("[a").is_err());
    }
}
