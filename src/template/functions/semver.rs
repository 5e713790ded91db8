//! Semantic versions and constraints (Masterminds/semver: 3.3 up to Helm 3.18, 3.4 up to 3.20, then 3.5).

use super::Function;
use super::strings::bytes;
use crate::profile::Helm;
use crate::template::quote::quote;
use crate::template::types::{Type, Unsigned};
use crate::template::value::{Field, Kind, Struct, StructType, Value};
use regex::Regex;
use std::cmp::Ordering;
use std::rc::Rc;
use std::sync::LazyLock;

const STRING: Type = Type::String;
const UINT64: Type = Type::Uint(Unsigned::Uint64);

/// Sprig's functions of versions.
pub const TABLE: &[Function] = &[
    Function::new("semver", &[STRING], |context, a| {
        Ok(Version::read(&a[0].text(), context.profile.helm)?.into_value(true))
    }),
    Function::new("semverCompare", &[STRING, STRING], |context, a| {
        let helm = context.profile.helm;
        let constraints = Constraints::read(&String::from_utf8_lossy(bytes(&a[0])), helm)?;
        Ok(constraints.check(&Version::read(&a[1].text(), helm)?).into())
    }),
];

/// Go's `semver.Version`, with the methods that templates can call.
pub static VERSION: StructType = StructType {
    name: "semver.Version",
    fields: &[
        hidden("major", UINT64),
        hidden("minor", UINT64),
        hidden("patch", UINT64),
        hidden("pre", STRING),
        hidden("metadata", STRING),
        hidden("original", STRING),
    ],
    methods: &[
        Function::new("Major", &[], |_, a| Ok(uint64(Version::of(&a[0]).numbers[0]))),
        Function::new("Minor", &[], |_, a| Ok(uint64(Version::of(&a[0]).numbers[1]))),
        Function::new("Patch", &[], |_, a| Ok(uint64(Version::of(&a[0]).numbers[2]))),
        Function::new("Prerelease", &[], |_, a| Ok(Version::of(&a[0]).prerelease.into())),
        Function::new("Metadata", &[], |_, a| Ok(Version::of(&a[0]).metadata.into())),
        Function::new("Original", &[], |_, a| Ok(Version::of(&a[0]).original.into())),
        Function::new("String", &[], |_, a| Ok(Version::of(&a[0]).text().into())),
        Function::new("Value", &[], |_, a| Ok(Version::of(&a[0]).text().into())),
        Function::new("MarshalText", &[], |_, a| Ok(bytes_value(Version::of(&a[0]).text()))),
        Function::new("MarshalJSON", &[], |_, a| Ok(bytes_value(quote(&Version::of(&a[0]).text())))),
        Function::new("IncMajor", &[], |_, a| Ok(Version::of(&a[0]).incremented(0).into_value(false))),
        Function::new("IncMinor", &[], |_, a| Ok(Version::of(&a[0]).incremented(1).into_value(false))),
        Function::new("IncPatch", &[], |_, a| Ok(Version::of(&a[0]).incremented(2).into_value(false))),
        Function::new("SetPrerelease", &[STRING], |context, a| {
            let mut version = Version::of(&a[0]);
            version.prerelease = a[1].text().into_owned();
            validate(&version.prerelease, true, context.profile.helm)?;
            Ok(version.renamed().into_value(false))
        }),
        Function::new("SetMetadata", &[STRING], |context, a| {
            let mut version = Version::of(&a[0]);
            version.metadata = a[1].text().into_owned();
            validate(&version.metadata, false, context.profile.helm)?;
            Ok(version.renamed().into_value(false))
        }),
        Function::new("Compare", &[Type::Pointer(&VERSION)], |_, a| Ok(Value::int(compared(a)? as i64))),
        Function::new("Equal", &[Type::Pointer(&VERSION)], |_, a| {
            Ok((!a[1].is_nil() && compared(a)?.is_eq()).into())
        }),
        Function::new("LessThan", &[Type::Pointer(&VERSION)], |_, a| Ok(compared(a)?.is_lt().into())),
        Function::new("LessThanEqual", &[Type::Pointer(&VERSION)], |_, a| Ok(compared(a)?.is_le().into())),
        Function::new("GreaterThan", &[Type::Pointer(&VERSION)], |_, a| Ok(compared(a)?.is_gt().into())),
        Function::new("GreaterThanEqual", &[Type::Pointer(&VERSION)], |_, a| Ok(compared(a)?.is_ge().into())),
    ],
    string: Some(|version| Version::of_struct(version).text().into()),
    string_by_value: true,
};

const fn hidden(name: &'static str, of: Type) -> Field {
    Field { name, of, json: "", omit_empty: false, embedded: false }
}

fn uint64(number: u64) -> Value {
    Kind::Uint(number, Unsigned::Uint64).into()
}

fn bytes_value(text: String) -> Value {
    Kind::Bytes(text.into_bytes().into()).into()
}

/// The receiver against the argument of a method.
fn compared(a: &[Value]) -> Result<Ordering, String> {
    if a[1].is_nil() {
        return Err(super::lists::NIL_DEREFERENCE.to_owned());
    }
    Ok(Version::of(&a[0]).compare(&Version::of(&a[1])))
}

/// A version.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Version {
    /// Major, minor, patch.
    numbers: [u64; 3],
    prerelease: String,
    metadata: String,
    original: String,
}

/// Go's `regexp` has ASCII's digits and spaces only.
const VERSION_PATTERN: &str = r"v?([0-9]+)(\.[0-9]+)?(\.[0-9]+)?(-([0-9A-Za-z\-]+(\.[0-9A-Za-z\-]+)*))?(\+([0-9A-Za-z\-]+(\.[0-9A-Za-z\-]+)*))?";

static VERSION_REGEX: LazyLock<Regex> = LazyLock::new(|| compile(&format!("^{VERSION_PATTERN}$")));

fn compile(pattern: &str) -> Regex {
    Regex::new(pattern).expect("the pattern is a constant")
}

/// An error as the library says it up to 3.3, or since 3.4.
fn says(old: &str, new: &str, helm: Helm) -> String {
    if helm.shares_semver_prereleases() { new.to_owned() } else { old.to_owned() }
}

impl Version {
    /// `semver.NewVersion`: also `v1` and `1.2`.
    pub fn read(text: &str, helm: Helm) -> Result<Self, String> {
        if helm.limits_semver_lengths() && text.len() > 256 {
            return Err("version string is too long (max 256 bytes)".to_owned());
        }
        let invalid = || says("Invalid Semantic Version", "invalid semantic version", helm);
        let groups = VERSION_REGEX.captures(text).ok_or_else(invalid)?;
        let group = |at: usize| groups.get(at).map_or("", |group| group.as_str());
        let mut numbers = [0; 3];
        for (at, number) in numbers.iter_mut().enumerate() {
            let digits = group(at + 1).trim_start_matches('.');
            if digits.is_empty() {
                continue;
            }
            *number = digits.parse().map_err(|_| {
                let what = says("Error parsing version segment", "error parsing version segment", helm);
                format!("{what}: strconv.ParseUint: parsing \"{digits}\": value out of range")
            })?;
        }
        let version = Self {
            numbers,
            prerelease: group(5).to_owned(),
            metadata: group(8).to_owned(),
            original: text.to_owned(),
        };
        validate(&version.prerelease, true, helm)?;
        Ok(version)
    }

    fn of(value: &Value) -> Self {
        if let Kind::Struct(version) = &value.kind { Self::of_struct(version) } else { Self::default() }
    }

    fn of_struct(version: &Struct) -> Self {
        let number = |name| match version.field(name).map(|(_, value)| &value.kind) {
            Some(Kind::Uint(number, _)) => *number,
            _ => 0,
        };
        let text = |name| version.field(name).map(|(_, value)| value.text().into_owned()).unwrap_or_default();
        Self {
            numbers: [number("major"), number("minor"), number("patch")],
            prerelease: text("pre"),
            metadata: text("metadata"),
            original: text("original"),
        }
    }

    /// It as templates see it, or a pointer to it.
    pub fn into_value(self, pointer: bool) -> Value {
        let [major, minor, patch] = self.numbers.map(uint64);
        let fields =
            vec![major, minor, patch, self.prerelease.into(), self.metadata.into(), self.original.into()];
        Kind::Struct(Rc::new(Struct { of: &VERSION, pointer, fields })).into()
    }

    /// `1.2.3-beta.1+build`
    pub fn text(&self) -> String {
        let [major, minor, patch] = self.numbers;
        let part =
            |sign: &str, text: &str| if text.is_empty() { String::new() } else { format!("{sign}{text}") };
        format!("{major}.{minor}.{patch}{}{}", part("-", &self.prerelease), part("+", &self.metadata))
    }

    /// The version with its number at `at` one higher, those behind it 0, and nothing else. A patch is
    /// not raised where the version comes before its own release.
    fn incremented(mut self, at: usize) -> Self {
        if at < 2 || self.prerelease.is_empty() {
            self.numbers[at] = self.numbers[at].wrapping_add(1);
        }
        self.numbers[at + 1..].fill(0);
        self.prerelease.clear();
        self.metadata.clear();
        self.renamed()
    }

    /// With its own text as the original, a `v` kept.
    fn renamed(mut self) -> Self {
        let prefix = if self.original.starts_with('v') { "v" } else { "" };
        self.original = format!("{prefix}{}", self.text());
        self
    }

    /// Metadata don't count.
    pub fn compare(&self, other: &Self) -> Ordering {
        self.numbers.cmp(&other.numbers).then_with(|| {
            match (self.prerelease.is_empty(), other.prerelease.is_empty()) {
                (true, true) => Ordering::Equal,
                (true, false) => Ordering::Greater,
                (false, true) => Ordering::Less,
                (false, false) => compare_prereleases(&self.prerelease, &other.prerelease),
            }
        })
    }
}

fn compare_prereleases(one: &str, other: &str) -> Ordering {
    let (mut ones, mut others) = (one.split('.'), other.split('.'));
    loop {
        let (one, other) = match (ones.next(), others.next()) {
            (None, None) => return Ordering::Equal,
            (one, other) => (one.unwrap_or(""), other.unwrap_or("")),
        };
        let number = |part: &str| part.parse::<u64>().ok().filter(|_| !part.starts_with('+'));
        let order = match (one.is_empty() || other.is_empty(), number(one), number(other)) {
            _ if one == other => Ordering::Equal,
            (true, ..) => one.len().cmp(&other.len()),
            // Numbers come before texts.
            (_, Some(one), Some(other)) => one.cmp(&other).then(Ordering::Less),
            (_, Some(_), None) => Ordering::Less,
            (_, None, Some(_)) => Ordering::Greater,
            (_, None, None) => one.cmp(other),
        };
        if order.is_ne() {
            return order;
        }
    }
}

/// Parts between points: letters, digits and `-`; in a prerelease no number begins with 0.
fn validate(parts: &str, prerelease: bool, helm: Helm) -> Result<(), String> {
    if parts.is_empty() {
        return Ok(());
    }
    for part in parts.split('.') {
        let digits = part.bytes().all(|byte| byte.is_ascii_digit());
        if digits && prerelease && part.len() > 1 && part.starts_with('0') {
            return Err(says("Version segment starts with 0", "version segment starts with 0", helm));
        }
        let allowed = part.bytes().all(|byte| byte == b'-' || byte.is_ascii_alphanumeric());
        if !allowed || (part.is_empty() && helm.shares_semver_prereleases()) {
            return Err(if prerelease {
                says("Invalid Prerelease string", "invalid prerelease string", helm)
            } else {
                says("Invalid Metadata string", "invalid metadata string", helm)
            });
        }
    }
    Ok(())
}

/// Alternatives of constraints that must all hold.
#[derive(Debug)]
pub struct Constraints {
    alternatives: Vec<Vec<Constraint>>,
    /// Since 3.4 a prerelease in one constraint lets all of its group take prereleases.
    shares_prereleases: bool,
}

#[derive(Debug)]
struct Constraint {
    operator: String,
    version: Version,
    /// A part was left out or is `x`: which one, from 0.
    open: Option<usize>,
}

const OPERATORS: &str = r"=||!=|>|<|>=|=>|<=|=<|~|~>|\^";
const CONSTRAINT_PATTERN: &str = r"v?([0-9|x|X|\*]+)(\.[0-9|x|X|\*]+)?(\.[0-9|x|X|\*]+)?(-([0-9A-Za-z\-]+(\.[0-9A-Za-z\-]+)*))?(\+([0-9A-Za-z\-]+(\.[0-9A-Za-z\-]+)*))?";
const SPACE: &str = r"[\t\n\x0c\r ]";

static RANGE: LazyLock<Regex> = LazyLock::new(|| {
    compile(&format!(r"{SPACE}*({CONSTRAINT_PATTERN}){SPACE}+-{SPACE}+({CONSTRAINT_PATTERN}){SPACE}*"))
});
static ONE: LazyLock<Regex> =
    LazyLock::new(|| compile(&format!("^{SPACE}*({OPERATORS}){SPACE}*({CONSTRAINT_PATTERN}){SPACE}*$")));
static EACH: LazyLock<Regex> =
    LazyLock::new(|| compile(&format!("({OPERATORS}){SPACE}*({CONSTRAINT_PATTERN})")));
static ALL: LazyLock<Regex> = LazyLock::new(|| {
    let one = format!("(?:{OPERATORS}){SPACE}*(?:{CONSTRAINT_PATTERN}){SPACE}*");
    compile(&format!("^({SPACE}*{one})((?:{SPACE}+|,{SPACE}*){one})*$"))
});

impl Constraints {
    /// `semver.NewConstraint`.
    pub fn read(text: &str, helm: Helm) -> Result<Self, String> {
        if helm.limits_semver_lengths() && text.len() > 512 {
            return Err("constraint string is too long (max 512 bytes)".to_owned());
        }
        let improper = |text: &str| {
            let quoted = if helm.limits_semver_lengths() { quote(text) } else { text.to_owned() };
            format!("improper constraint: {quoted}")
        };
        let text = rewrite_ranges(text);
        let groups: Vec<&str> = text.split("||").collect();
        if helm.limits_semver_lengths() && groups.len() > 32 {
            return Err("too many constraint groups (max 32)".to_owned());
        }
        let mut alternatives = Vec::new();
        for group in groups {
            if !ALL.is_match(group) {
                return Err(improper(group));
            }
            let constraints = EACH.find_iter(group).map(|found| Constraint::read(found.as_str(), helm));
            alternatives.push(constraints.collect::<Result<_, _>>()?);
        }
        Ok(Self { alternatives, shares_prereleases: helm.shares_semver_prereleases() })
    }

    /// Whether the version satisfies one of the alternatives.
    pub fn check(&self, version: &Version) -> bool {
        self.alternatives.iter().any(|all| {
            let named = all.iter().any(|constraint| !constraint.version.prerelease.is_empty());
            all.iter().all(|constraint| {
                let takes_prereleases = if self.shares_prereleases {
                    named
                } else {
                    // Old `!=` refuses prereleases only with an open part.
                    !constraint.version.prerelease.is_empty()
                        || (constraint.operator == "!=" && constraint.open.is_none())
                };
                (version.prerelease.is_empty() || takes_prereleases) && constraint.holds(version)
            })
        })
    }
}

/// `1.2 - 1.4` is `>= 1.2, <= 1.4`.
fn rewrite_ranges(text: &str) -> String {
    let mut rewritten = text.to_owned();
    for groups in RANGE.captures_iter(text) {
        let range = format!(">= {}, <= {} ", &groups[1], &groups[11]);
        rewritten = rewritten.replacen(&groups[0], &range, 1);
    }
    rewritten
}

impl Constraint {
    fn read(text: &str, helm: Helm) -> Result<Self, String> {
        let failed = || says("constraint Parser Error", "constraint parser error", helm);
        let groups = ONE.captures(text).ok_or_else(failed)?;
        let group = |at: usize| groups.get(at).map_or("", |group| group.as_str());
        let open = (0..3).find(|at| matches!(group(at + 3).trim_start_matches('.'), "" | "x" | "X" | "*"));
        let prerelease = group(6);
        let version = match open {
            None => group(2).to_owned(),
            Some(0) => format!("0.0.0{prerelease}"),
            Some(1) => format!("{}.0.0{prerelease}", group(3)),
            Some(_) => format!("{}{}.0{prerelease}", group(3), group(4)),
        };
        let version = Version::read(&version, helm).map_err(|_| failed())?;
        Ok(Self { operator: group(1).to_owned(), version, open })
    }

    /// Whether it holds for a version; that prereleases are wanted has been seen to.
    fn holds(&self, version: &Version) -> bool {
        let order = version.compare(&self.version);
        match &*self.operator {
            "" | "=" if self.open.is_none() => order.is_eq(),
            "" | "=" | "~" | "~>" => self.tilde(version, order),
            "!=" => self.differs(version, order),
            ">" => self.above(version, order),
            "<" => order.is_lt(),
            ">=" | "=>" => order.is_ge(),
            "<=" | "=<" if self.open.is_none() => order.is_le(),
            "<=" | "=<" => self.not_above(version),
            _ => self.caret(version, order),
        }
    }

    fn differs(&self, version: &Version, order: Ordering) -> bool {
        let ([major, minor, _], [own_major, own_minor, _]) = (version.numbers, self.version.numbers);
        match self.open {
            None => order.is_ne(),
            _ if major != own_major => true,
            Some(1) => false,
            _ if minor != own_minor => true,
            // `!=1.2.x` looks at prereleases alone.
            Some(2) => compare_prereleases(&version.prerelease, &self.version.prerelease).is_ne(),
            Some(_) if version.numbers[2] != self.version.numbers[2] => true,
            Some(_) => order.is_ne(),
        }
    }

    fn above(&self, version: &Version, order: Ordering) -> bool {
        let ([major, minor, _], [own_major, own_minor, _]) = (version.numbers, self.version.numbers);
        match self.open {
            None => order.is_gt(),
            _ if major != own_major => major > own_major,
            Some(1) => false,
            Some(2) => minor > own_minor,
            Some(_) => order.is_gt(),
        }
    }

    fn not_above(&self, version: &Version) -> bool {
        let ([major, minor, _], [own_major, own_minor, _]) = (version.numbers, self.version.numbers);
        major < own_major || (major == own_major && (minor <= own_minor || self.open == Some(1)))
    }

    fn tilde(&self, version: &Version, order: Ordering) -> bool {
        let ([major, minor, _], [own_major, own_minor, _]) = (version.numbers, self.version.numbers);
        let any = self.version.numbers == [0; 3] && !matches!(self.open, Some(1 | 2));
        order.is_ge() && (any || (major == own_major && (minor == own_minor || self.open == Some(1))))
    }

    fn caret(&self, version: &Version, order: Ordering) -> bool {
        let ([major, minor, patch], [own_major, own_minor, own_patch]) =
            (version.numbers, self.version.numbers);
        if order.is_lt() {
            return false;
        }
        if own_major > 0 || self.open == Some(1) {
            return major == own_major;
        }
        if major > 0 {
            return false;
        }
        if own_minor > 0 || self.open == Some(2) {
            return minor == own_minor;
        }
        minor == 0 && patch == own_patch
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn holds(constraint: &str, version: &str, helm: Helm) -> bool {
        let version = Version::read(version, helm).expect("a version");
        Constraints::read(constraint, helm).expect("a constraint").check(&version)
    }

    #[test]
    fn constraints_hold_as_masterminds_says() {
        for (constraint, version, expected) in [
            ("^1.2", "1.9.0", true),
            ("^0.2.3", "0.3.0", false),
            ("^0.0.3", "0.0.4", false),
            ("~1.2", "1.2.9", true),
            ("~1", "1.9.9", true),
            ("1.2 - 1.4", "1.4.5", true),
            ("1.2.x", "1.2.7", true),
            (">1.2 <2.0.0 || >3.0.0", "1.31.0", true),
            (">11", "11.1.0", false),
            ("<=11", "11.9.0", true),
            ("!=1.2.x", "1.2.3", false),
            ("*", "1.2.3", true),
        ] {
            for (helm, _) in Helm::ALL {
                assert_eq!(holds(constraint, version, helm), expected, "{constraint} {version}");
            }
        }
        assert!(!holds(">=1.16.0-0 <1.30", "v1.29.3-gke.1", Helm::V3_17));
        assert!(holds(">=1.16.0-0 <1.30", "v1.29.3-gke.1", Helm::V4_3));
    }
}
