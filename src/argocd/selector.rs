//! Label selectors, with the error texts of Kubernetes' own.

use super::failure::Failure;
use super::typed::Object;

/// Requirements that must all hold. Argo CD's copy for parameters lets values be anything (addresses
/// of clusters, say); the one for cluster Secrets is Kubernetes' own.
#[derive(Clone, Debug, Default)]
pub struct Selector(Vec<Requirement>);

/// One requirement.
#[derive(Clone, Debug)]
pub struct Requirement {
    /// The label.
    pub key: String,
    operator: Operator,
    values: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Operator {
    In,
    NotIn,
    Exists,
    DoesNotExist,
}

/// Whose rules apply.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rules {
    /// Argo CD's for parameters: values may be anything.
    Parameters,
    /// Kubernetes' for labels.
    Labels,
}

impl Selector {
    /// Reads a `LabelSelector`.
    ///
    /// # Errors
    /// A key or value that can't be a label's, an operator without the values that it needs.
    pub fn new(selector: &Object, rules: Rules) -> Result<Self, Failure> {
        let mut requirements = Vec::new();
        for (key, value) in selector.map("matchLabels") {
            let value = value.as_text().map_or("", |text| &text.text).to_owned();
            let requirement =
                Requirement { key: key.text.to_string(), operator: Operator::In, values: vec![value] };
            requirement.check(rules).map_err(|message| Failure::at(message, key.span))?;
            requirements.push(requirement);
        }
        for expression in selector.objects("matchExpressions") {
            let operator = match expression.text("operator") {
                "In" => Operator::In,
                "NotIn" => Operator::NotIn,
                "Exists" => Operator::Exists,
                "DoesNotExist" => Operator::DoesNotExist,
                other => {
                    let of = if rules == Rules::Labels { "label" } else { "pod" };
                    let message = format!("{other:?} is not a valid {of} selector operator");
                    return Err(Failure::at(message, expression.span_of("operator")));
                }
            };
            let values = expression.texts("values").into_iter().map(str::to_owned).collect();
            let requirement = Requirement { key: expression.text("key").to_owned(), operator, values };
            requirement.check(rules).map_err(|message| Failure::at(message, expression.span))?;
            requirements.push(requirement);
        }
        requirements.sort_by(|a, b| a.key.cmp(&b.key));
        Ok(Self(requirements))
    }

    /// The first requirement that doesn't hold for labels that `value_of` looks up.
    pub fn first_unmet<'v>(&self, value_of: impl Fn(&str) -> Option<&'v str>) -> Option<&Requirement> {
        self.0.iter().find(|requirement| !requirement.holds(value_of(&requirement.key)))
    }

    /// The requirements.
    pub fn requirements(&self) -> &[Requirement] {
        &self.0
    }
}

impl Requirement {
    fn holds(&self, value: Option<&str>) -> bool {
        let listed = || value.is_some_and(|value| self.values.iter().any(|listed| listed == value));
        match self.operator {
            Operator::In => listed(),
            Operator::NotIn => !listed(),
            Operator::Exists => value.is_some(),
            Operator::DoesNotExist => value.is_none(),
        }
    }

    /// Values that would satisfy it, for somebody who writes a fixture.
    pub fn wanted(&self) -> Option<&str> {
        match self.operator {
            Operator::In => self.values.first().map(String::as_str),
            Operator::Exists => Some(""),
            Operator::NotIn | Operator::DoesNotExist => None,
        }
    }

    fn check(&self, rules: Rules) -> Result<(), String> {
        let mut errors = Vec::new();
        let key = not_a_qualified_name(&self.key);
        if !key.is_empty() {
            errors.push(format!("key: Invalid value: {:?}: {}", self.key, key.join("; ")));
        }
        match self.operator {
            Operator::In | Operator::NotIn if self.values.is_empty() => errors.push(
                "values: Invalid value: null: for 'in', 'notin' operators, values set can't be empty"
                    .to_owned(),
            ),
            Operator::Exists | Operator::DoesNotExist if !self.values.is_empty() => {
                let values: Vec<_> = self.values.iter().map(|value| format!("{value:?}")).collect();
                errors.push(format!(
                    "values: Invalid value: [{}]: values set must be empty for exists and does not exist",
                    values.join(",")
                ));
            }
            _ => {}
        }
        if rules == Rules::Labels {
            for (at, value) in self.values.iter().enumerate() {
                let found = not_a_label_value(value);
                if !found.is_empty() {
                    let key = &self.key;
                    errors
                        .push(format!("values[{at}][{key}]: Invalid value: {value:?}: {}", found.join("; ")));
                }
            }
        }
        match errors.len() {
            0 => Ok(()),
            1 => Err(errors.remove(0)),
            _ => Err(format!("[{}]", errors.join(", "))),
        }
    }
}

/// `=`, `!=` and so on, as `kubectl` writes requirements.
impl std::fmt::Display for Requirement {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (key, values) = (&self.key, self.values.join(","));
        match self.operator {
            Operator::In if self.values.len() == 1 => write!(f, "{key}={values}"),
            Operator::In => write!(f, "{key} in ({values})"),
            Operator::NotIn => write!(f, "{key} notin ({values})"),
            Operator::Exists => write!(f, "{key}"),
            Operator::DoesNotExist => write!(f, "!{key}"),
        }
    }
}

const NAME_RULE: &str = "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an \
    alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is \
    '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";

/// What the name of a Kubernetes object must be, in Kubernetes' words.
pub const SUBDOMAIN_RULE: &str = "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' \
    or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is \
    '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";

const VALUE_RULE: &str = "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or \
    '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex \
    used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";

fn is_name(text: &str) -> bool {
    let bytes = text.as_bytes();
    let ends = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_alphanumeric);
    ends(bytes.first())
        && ends(bytes.last())
        && bytes.iter().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(byte))
}

/// Whether the text is a DNS subdomain in lower case, as names of Kubernetes objects are (RFC 1123).
pub fn is_subdomain(text: &str) -> bool {
    let label = |label: &str| {
        let bytes = label.as_bytes();
        let ends =
            |byte: Option<&u8>| byte.is_some_and(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
        ends(bytes.first())
            && ends(bytes.last())
            && bytes.iter().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || *byte == b'-')
    };
    text.len() <= 253 && text.split('.').all(label)
}

fn not_a_qualified_name(key: &str) -> Vec<String> {
    let mut errors = Vec::new();
    let parts: Vec<&str> = key.split('/').collect();
    let name = match parts[..] {
        [name] => name,
        [prefix, name] => {
            if prefix.is_empty() {
                errors.push("prefix part must be non-empty".to_owned());
            } else if prefix.len() > 253 {
                errors.push("prefix part must be no more than 253 characters".to_owned());
            } else if !is_subdomain(prefix) {
                errors.push(format!("prefix part {SUBDOMAIN_RULE}"));
            }
            name
        }
        _ => {
            let rule = format!(
                "a qualified name {NAME_RULE} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')"
            );
            return vec![rule];
        }
    };
    if name.is_empty() {
        errors.push("name part must be non-empty".to_owned());
    } else if name.len() > 63 {
        errors.push("name part must be no more than 63 characters".to_owned());
    }
    if !is_name(name) {
        errors.push(format!("name part {NAME_RULE}"));
    }
    errors
}

/// Why a text can't be the value of a label.
pub fn not_a_label_value(value: &str) -> Vec<String> {
    let mut errors = Vec::new();
    if value.len() > 63 {
        errors.push("must be no more than 63 characters".to_owned());
    }
    if !value.is_empty() && !is_name(value) {
        errors.push(VALUE_RULE.to_owned());
    }
    errors
}
