//! Semantic versions and ranges of them, as Masterminds' `semver` (version 3.4) reads and compares
//! them: the library behind `targetRevision` ranges, chart dependencies, `kubeVersion` and Sprig's
//! `semverCompare`.

use std::cmp::Ordering;
use std::fmt;

/// A version such as `v1.2.3-rc.1+build`, `1.2` or `1`.
#[derive(Clone, Debug)]
pub struct Version {
    /// First number.
    pub major: u64,
    /// Second number; 0 if absent.
    pub minor: u64,
    /// Third number; 0 if absent.
    pub patch: u64,
    /// What stands after `-`, without it.
    pub prerelease: String,
    /// What stands after `+`, without it.
    pub metadata: String,
    /// The version as written.
    pub original: String,
}

/// Why a text is no version or no range.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Error {
    /// Not of the form of a version.
    InvalidVersion,
    /// A numeric part of a prerelease has a leading zero.
    SegmentStartsWithZero,
    /// A number does not fit into 64 bits.
    NumberTooLarge(String),
    /// Not of the form of a range; holds the part between `||` that is wrong.
    ImproperConstraint(String),
    /// Of the form of a range, but one of its versions is none.
    ConstraintParser,
}

/// The library's words.
impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            // Every way in which a text can fail to be a version has these words, as the library
            // stands when it coerces, which is its default.
            Self::InvalidVersion => f.write_str("invalid semantic version"),
            Self::SegmentStartsWithZero => f.write_str("version segment starts with 0"),
            Self::NumberTooLarge(digits) => write!(
                f,
                "error parsing version segment: strconv.ParseUint: parsing \"{digits}\": value out of range"
            ),
            Self::ImproperConstraint(part) => write!(f, "improper constraint: {part:?}"),
            Self::ConstraintParser => f.write_str("constraint parser error"),
        }
    }
}

impl std::error::Error for Error {}

impl Version {
    /// Reads a version; a leading `v` and missing minor and patch numbers are allowed, and so are
    /// leading zeros in the three numbers.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let mut scan = Scan { rest: text };
        let found = scan.version(|byte| byte.is_ascii_digit()).ok_or(Error::InvalidVersion)?;
        if !scan.rest.is_empty() {
            return Err(Error::InvalidVersion);
        }
        let number = |digits: &str| {
            let number = if digits.is_empty() { Ok(0) } else { digits.parse() };
            number.map_err(|_| Error::NumberTooLarge(digits.to_owned()))
        };
        let version = Self {
            major: number(found.numbers[0])?,
            minor: number(found.numbers[1])?,
            patch: number(found.numbers[2])?,
            prerelease: found.prerelease.to_owned(),
            metadata: found.metadata.to_owned(),
            original: text.to_owned(),
        };
        let zero_first = |part: &str| {
            part.len() > 1 && part.starts_with('0') && part.bytes().all(|byte| byte.is_ascii_digit())
        };
        if version.prerelease.split('.').any(zero_first) {
            return Err(Error::SegmentStartsWithZero);
        }
        Ok(version)
    }

    /// Order by precedence; metadata counts for nothing.
    pub fn precedence(&self, other: &Self) -> Ordering {
        let numbers = |version: &Self| (version.major, version.minor, version.patch);
        numbers(self).cmp(&numbers(other)).then_with(|| {
            match (self.prerelease.is_empty(), other.prerelease.is_empty()) {
                (true, true) => Ordering::Equal,
                (true, false) => Ordering::Greater,
                (false, true) => Ordering::Less,
                (false, false) => prerelease_order(&self.prerelease, &other.prerelease),
            }
        })
    }
}

/// The canonical form: three numbers, prerelease and metadata, no leading `v`.
impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.major, self.minor, self.patch)?;
        if !self.prerelease.is_empty() {
            write!(f, "-{}", self.prerelease)?;
        }
        if !self.metadata.is_empty() {
            write!(f, "+{}", self.metadata)?;
        }
        Ok(())
    }
}

fn prerelease_order(left: &str, right: &str) -> Ordering {
    let (mut left, mut right) = (left.split('.'), right.split('.'));
    loop {
        let (l, r) = (left.next(), right.next());
        if l.is_none() && r.is_none() {
            return Ordering::Equal;
        }
        let (l, r) = (l.unwrap_or(""), r.unwrap_or(""));
        if l == r {
            continue;
        }
        // Fewer parts come first, numbers before words.
        return match (l.parse::<u64>(), r.parse::<u64>()) {
            _ if l.is_empty() => Ordering::Less,
            _ if r.is_empty() => Ordering::Greater,
            (Ok(l), Ok(r)) if l > r => Ordering::Greater,
            (Ok(_), Ok(_)) => Ordering::Less,
            (Ok(_), Err(_)) => Ordering::Less,
            (Err(_), Ok(_)) => Ordering::Greater,
            (Err(_), Err(_)) => l.cmp(r),
        };
    }
}

/// A range such as `^1.2`, `>=1.0.0 <2` or `1.x || 3.0 - 4.0`.
#[derive(Clone, Debug)]
pub struct Constraints {
    /// Alternatives, each a list of conditions that must all hold.
    alternatives: Vec<Vec<Constraint>>,
}

#[derive(Clone, Debug)]
struct Constraint {
    operator: Operator,
    version: Version,
    /// The first number that is absent or a wildcard.
    open: Open,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Operator {
    Equal,
    NotEqual,
    Greater,
    Less,
    GreaterOrEqual,
    LessOrEqual,
    Tilde,
    Caret,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Open {
    Major,
    Minor,
    Patch,
    Nothing,
}

impl Constraints {
    /// Reads a range.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let text = rewrite_spans(text);
        let alternatives = text.split("||").map(conjunction).collect::<Result<_, _>>()?;
        Ok(Self { alternatives })
    }

    /// Whether the version lies in the range. Prereleases do only where the same alternative names a
    /// prerelease.
    pub fn check(&self, version: &Version) -> bool {
        self.alternatives.iter().any(|all| {
            let prereleases = all.iter().any(|one| !one.version.prerelease.is_empty());
            (prereleases || version.prerelease.is_empty()) && all.iter().all(|one| one.check(version))
        })
    }
}

impl Constraint {
    fn check(&self, version: &Version) -> bool {
        let order = version.precedence(&self.version);
        let (major, minor) = (version.major.cmp(&self.version.major), version.minor.cmp(&self.version.minor));
        let minor_open = self.open == Open::Minor;
        match self.operator {
            Operator::Equal if self.open == Open::Nothing => order.is_eq(),
            Operator::Equal | Operator::Tilde => {
                let zero = self.version.major == 0 && self.version.minor == 0 && self.version.patch == 0;
                let any = zero && matches!(self.open, Open::Major | Open::Nothing);
                order.is_ge() && (any || major.is_eq() && (minor.is_eq() || minor_open))
            }
            Operator::NotEqual => match self.open {
                Open::Nothing => order.is_ne(),
                _ if major.is_ne() => true,
                Open::Minor => false,
                _ if minor.is_ne() => true,
                Open::Patch => prerelease_order(&version.prerelease, &self.version.prerelease).is_ne(),
                Open::Major => order.is_ne(),
            },
            Operator::Greater => match self.open {
                Open::Minor => major.is_gt(),
                Open::Patch => major.is_gt() || major.is_eq() && minor.is_gt(),
                Open::Major | Open::Nothing => order.is_gt(),
            },
            Operator::Less => order.is_lt(),
            Operator::GreaterOrEqual => order.is_ge(),
            Operator::LessOrEqual if self.open == Open::Nothing => order.is_le(),
            Operator::LessOrEqual => !(major.is_gt() || major.is_eq() && minor.is_gt() && !minor_open),
            Operator::Caret => order.is_ge() && self.caret(version),
        }
    }

    /// `^` keeps the first number that is not zero.
    fn caret(&self, version: &Version) -> bool {
        if self.version.major > 0 || self.open == Open::Minor || version.major > 0 {
            return version.major == self.version.major;
        }
        if self.version.minor > 0 || self.open == Open::Patch || version.minor > 0 {
            return version.minor == self.version.minor;
        }
        version.patch == self.version.patch
    }
}

/// Rewrites `1.2 - 3` to `>= 1.2, <= 3`.
fn rewrite_spans(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(next) = rest.chars().next() {
        if let Some((low, high, after)) = span_of_versions(rest) {
            out.push_str(&format!(">= {low}, <= {high} "));
            rest = after;
        } else {
            out.push(next);
            rest = &rest[next.len_utf8()..];
        }
    }
    out
}

/// Low end, high end and the rest, if the text starts with a span.
fn span_of_versions(text: &str) -> Option<(&str, &str, &str)> {
    let mut scan = Scan { rest: text };
    scan.spaces();
    let low = scan.constraint_version()?.text;
    if scan.spaces() == 0 || !scan.take("-") || scan.spaces() == 0 {
        return None;
    }
    let high = scan.constraint_version()?.text;
    scan.spaces();
    Some((low, high, scan.rest))
}

fn conjunction(text: &str) -> Result<Vec<Constraint>, Error> {
    let improper = || Error::ImproperConstraint(text.to_owned());
    let mut scan = Scan { rest: text };
    scan.spaces();
    let mut all = Vec::new();
    loop {
        let operator = scan.operator();
        scan.spaces();
        all.push(constraint(operator, &scan.constraint_version().ok_or_else(improper)?)?);
        let spaces = scan.spaces();
        if scan.rest.is_empty() {
            return Ok(all);
        }
        if !scan.take(",") && spaces == 0 {
            return Err(improper());
        }
        scan.spaces();
    }
}

fn constraint(operator: Operator, found: &Found<'_>) -> Result<Constraint, Error> {
    let is_open = |part: &str| matches!(part, "" | "x" | "X" | "*");
    let [major, minor, patch] = found.numbers;
    let pre = if found.prerelease.is_empty() { String::new() } else { format!("-{}", found.prerelease) };
    let (open, text) = if is_open(major) {
        (Open::Major, format!("0.0.0{pre}"))
    } else if is_open(minor) {
        (Open::Minor, format!("{major}.0.0{pre}"))
    } else if is_open(patch) {
        (Open::Patch, format!("{major}.{minor}.0{pre}"))
    } else {
        (Open::Nothing, found.text.to_owned())
    };
    let version = Version::parse(&text).map_err(|_| Error::ConstraintParser)?;
    Ok(Constraint { operator, version, open })
}

/// A version as it stands in a text.
struct Found<'a> {
    text: &'a str,
    numbers: [&'a str; 3],
    prerelease: &'a str,
    metadata: &'a str,
}

struct Scan<'a> {
    rest: &'a str,
}

impl<'a> Scan<'a> {
    fn take(&mut self, text: &str) -> bool {
        let after = self.rest.strip_prefix(text);
        self.rest = after.unwrap_or(self.rest);
        after.is_some()
    }

    fn spaces(&mut self) -> usize {
        // Go's \s.
        let after = self.rest.trim_start_matches(['\t', '\n', '\x0c', '\r', ' ']);
        let count = self.rest.len() - after.len();
        self.rest = after;
        count
    }

    fn operator(&mut self) -> Operator {
        for (text, operator) in [
            ("!=", Operator::NotEqual),
            (">=", Operator::GreaterOrEqual),
            ("=>", Operator::GreaterOrEqual),
            ("<=", Operator::LessOrEqual),
            ("=<", Operator::LessOrEqual),
            ("~>", Operator::Tilde),
            ("=", Operator::Equal),
            (">", Operator::Greater),
            ("<", Operator::Less),
            ("~", Operator::Tilde),
            ("^", Operator::Caret),
        ] {
            if self.take(text) {
                return operator;
            }
        }
        Operator::Equal
    }

    fn run(&mut self, of: impl Fn(u8) -> bool) -> &'a str {
        let length = self.rest.bytes().position(|byte| !of(byte)).unwrap_or(self.rest.len());
        let (run, after) = self.rest.split_at(length);
        self.rest = after;
        run
    }

    /// A version in a range; its numbers may be wildcards. The `|` is what the library's own pattern
    /// takes for part of a number.
    fn constraint_version(&mut self) -> Option<Found<'a>> {
        self.version(|byte| byte.is_ascii_digit() || matches!(byte, b'x' | b'X' | b'*' | b'|'))
    }

    fn version(&mut self, in_number: impl Fn(u8) -> bool) -> Option<Found<'a>> {
        let start = self.rest;
        self.take("v");
        let mut numbers = [self.run(&in_number), "", ""];
        if numbers[0].is_empty() {
            self.rest = start;
            return None;
        }
        for number in &mut numbers[1..] {
            let mut ahead = Self { rest: self.rest };
            if !ahead.take(".") {
                break;
            }
            *number = ahead.run(&in_number);
            if number.is_empty() {
                break;
            }
            self.rest = ahead.rest;
        }
        let prerelease = self.identifiers("-");
        let metadata = self.identifiers("+");
        let text = &start[..start.len() - self.rest.len()];
        Some(Found { text, numbers, prerelease, metadata })
    }

    /// Identifiers separated by dots after a mark; empty, and nothing taken, if there are none.
    fn identifiers(&mut self, mark: &str) -> &'a str {
        let in_identifier = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
        let mut ahead = Self { rest: self.rest };
        if !ahead.take(mark) {
            return "";
        }
        let start = ahead.rest;
        let mut end = start;
        loop {
            if ahead.run(in_identifier).is_empty() {
                break;
            }
            end = ahead.rest;
            if !ahead.take(".") {
                break;
            }
        }
        let found = &start[..start.len() - end.len()];
        if !found.is_empty() {
            self.rest = end;
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn holds(range: &str, version: &str) -> bool {
        let range = Constraints::parse(range).expect("a range");
        range.check(&Version::parse(version).expect("a version"))
    }

    #[test]
    fn ranges() {
        for (range, version, expected) in [
            ("*", "1.0.0", true),
            ("*", "1.0.0-rc.1", false),
            (">=0.0.0-0", "1.0.0-rc.1", true),
            ("^1.2.3", "1.9.0", true),
            ("^1.2.3", "2.0.0", false),
            ("^0.2", "0.2.9", true),
            ("^0.2", "0.3.0", false),
            ("^0.0.3", "0.0.4", false),
            ("^0", "0.9.9", true),
            ("^0.0", "0.1.0", false),
            ("~1", "1.9.0", true),
            ("~1.2", "1.3.0", false),
            ("~1.2.3", "1.2.2", false),
            ("1.x", "1.7.0", true),
            ("v1.*", "v1.7.0", true),
            ("1.2 - 1.4", "1.4.9", true),
            ("1.2.0 - 1.4.0", "1.4.9", false),
            (">1.2", "1.2.9", false),
            (">11", "11.1.0", false),
            ("<=1.2", "1.2.9", true),
            ("!=1.2.x", "1.2.9", false),
            ("!=1.2.x", "1.3.0", true),
            ("!=1", "1.3.0", false),
            (">=1.0, <2", "1.5", true),
            (">=1.0 <2 || =3", "3.0.1", true),
            ("=> 1.0.0 =< 1.1.0", "1.1.0", true),
        ] {
            assert_eq!(holds(range, version), expected, "{version} in {range}");
        }
        for wrong in ["", "HEAD", "1.0.0.0", ">=", "1.2,,3", "feature/x", "v1-", ">=1<2"] {
            assert!(Constraints::parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn versions_are_ordered_by_precedence() {
        let order =
            ["1.0.0-1", "1.0.0-2", "1.0.0-11", "1.0.0-a", "1.0.0-a.1", "1.0.0-b", "1.0.0", "1.0.1", "v2"];
        for pair in order.windows(2) {
            let [low, high] = [0, 1].map(|at| Version::parse(pair[at]).expect("a version"));
            assert_eq!(low.precedence(&high), Ordering::Less, "{low} {high}");
        }
        assert_eq!(Version::parse("v1.2+x").map(|v| v.to_string()), Ok("1.2.0+x".to_owned()));
        assert_eq!(Version::parse("1.0.0-01").map(|v| v.to_string()), Err(Error::SegmentStartsWithZero));
        assert_eq!(Version::parse("1.2.").map(|v| v.to_string()), Err(Error::InvalidVersion));
    }
}
