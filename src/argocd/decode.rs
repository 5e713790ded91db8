//! From YAML to the API's types, as the API's decoder does it.
//!
//! A value of the wrong type is an error in the decoder's words; a field that the type doesn't have is
//! dropped, as the API server drops it, and told.

use super::typed::{Object, Text, Typed};
use super::types::{Structure, Type};
use crate::diagnostic::Diagnostic;
use crate::profile::ArgoCd;
use crate::source::{File, Location, Span};
use crate::value::go_float;
use crate::yaml::{Kind, Node};
use std::sync::Arc;

/// What becomes of a number or a boolean where a string is asked for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Scalars {
    /// It becomes a string (`sigs.k8s.io/yaml` on its way to a Go type).
    BecomeText,
    /// It is an error (`encoding/json`).
    Exact,
}

/// A value that doesn't fit its type.
#[derive(Clone, Debug)]
pub struct Mismatch {
    /// The decoder's words.
    pub message: String,
    /// The value.
    pub span: Span,
}

/// Decodes the values of one file.
pub struct Decoder<'a> {
    file: &'a Arc<File>,
    scalars: Scalars,
    /// Fields that came later are unknown.
    argocd: ArgoCd,
    path: Vec<&'static str>,
    mismatch: Option<Mismatch>,
    findings: Vec<Diagnostic>,
}

impl<'a> Decoder<'a> {
    /// A decoder for values of `file`, which stand at `path` in their object.
    pub fn new(file: &'a Arc<File>, scalars: Scalars, argocd: ArgoCd, path: &[&'static str]) -> Self {
        Self { file, scalars, argocd, path: path.to_vec(), mismatch: None, findings: Vec::new() }
    }

    /// Decodes an object.
    ///
    /// # Errors
    /// The first value that doesn't fit its type.
    pub fn decode(&mut self, structure: &'static Structure, node: &Node) -> Result<Object, Mismatch> {
        let decoded = self.object(structure, None, node);
        match self.mismatch.take() {
            Some(mismatch) => Err(mismatch),
            None => Ok(decoded.unwrap_or_else(|| Object::empty(structure, node.span))),
        }
    }

    /// What else there is to say: fields that were dropped, scalars that became strings.
    pub fn findings(&mut self) -> Vec<Diagnostic> {
        std::mem::take(&mut self.findings)
    }

    /// Only generators have a field of that name.
    fn knows(&self, field: &str) -> bool {
        field != "oci" || self.argocd.has_oci_generator()
    }

    fn object(
        &mut self,
        structure: &'static Structure,
        owner: Option<&'static Structure>,
        node: &Node,
    ) -> Option<Object> {
        match &node.kind {
            Kind::Null => return None,
            Kind::Map(_) => {}
            _ => {
                self.wrong(owner, node, &format!("v1alpha1.{}", structure.name));
                return None;
            }
        }
        let known =
            |name: &str| structure.fields.iter().any(|field| field.name == name && self.knows(field.name));
        let unknown: Vec<_> = node.entries().iter().filter(|entry| !known(&entry.key)).collect();
        for entry in unknown {
            let path = self.path.iter().copied().chain([&*entry.key]).collect::<Vec<_>>().join(".");
            let place = Location::new(self.file, entry.key_span);
            let finding =
                Diagnostic::warning("appset-unknown-field", format!("unknown field \"{path}\"")).at(place);
            self.findings.push(with_near_names(finding, structure, &entry.key));
        }
        // encoding/json goes by the order of the text, which sigs.k8s.io/yaml sorts by key.
        let mut values = vec![Typed::Absent; structure.fields.len()];
        for entry in node.entries() {
            let at = structure.fields.iter().position(|field| *field.name == *entry.key);
            if let Some(at) = at.filter(|_| self.knows(&entry.key)) {
                let field = &structure.fields[at];
                self.path.push(field.name);
                values[at] = self.value(field.kind, structure, &entry.value);
                self.path.pop();
            }
        }
        Some(Object { structure, values: values.into(), span: node.span })
    }

    fn value(&mut self, kind: Type, owner: &'static Structure, node: &Node) -> Typed {
        if let (Kind::Null, false) = (&node.kind, matches!(kind, Type::Json)) {
            return Typed::Absent;
        }
        match kind {
            Type::Json if matches!(node.kind, Kind::Null) => Typed::Absent,
            Type::Json => Typed::Json(node.clone()),
            Type::Object(structure) => {
                self.object(structure, Some(owner), node).map_or(Typed::Absent, Typed::Object)
            }
            Type::List(item) => match &node.kind {
                Kind::List(items) => {
                    Typed::List(items.iter().map(|node| self.item(*item, owner, node)).collect())
                }
                _ => self.wrong(Some(owner), node, &name_of(kind)),
            },
            Type::Map(value) => match &node.kind {
                Kind::Map(entries) => {
                    let pairs = entries.iter().map(|entry| {
                        let key = Text { text: Arc::clone(&entry.key), span: entry.key_span };
                        (key, self.item(*value, owner, &entry.value))
                    });
                    Typed::Map(pairs.collect())
                }
                _ => self.wrong(Some(owner), node, &name_of(kind)),
            },
            Type::Text => match self.text(node) {
                Some(text) => Typed::Text(text),
                None => self.wrong(Some(owner), node, "string"),
            },
            Type::Bool => match node.kind {
                Kind::Bool(bool) => Typed::Bool(bool),
                _ => self.wrong(Some(owner), node, "bool"),
            },
            Type::Int | Type::IntOrText => match &node.kind {
                Kind::Float(float) if float.fract() == 0.0 && float.abs() < 9.3e18 => {
                    Typed::Int(*float as i64)
                }
                Kind::String(text) if matches!(kind, Type::IntOrText) => {
                    Typed::Text(Text { text: Arc::clone(text), span: node.span })
                }
                _ => self.wrong(Some(owner), node, "int64"),
            },
        }
    }

    /// An item of a list or a value of a map: `null` is the type's zero value and not nothing.
    fn item(&mut self, kind: Type, owner: &'static Structure, node: &Node) -> Typed {
        match (kind, &node.kind) {
            (Type::Json, _) => Typed::Json(node.clone()),
            (Type::Text, Kind::Null) => Typed::Text(Text { text: Arc::from(""), span: node.span }),
            (Type::Bool, Kind::Null) => Typed::Bool(false),
            (Type::Object(structure), Kind::Null) => Typed::Object(Object::empty(structure, node.span)),
            _ => self.value(kind, owner, node),
        }
    }

    fn text(&mut self, node: &Node) -> Option<Text> {
        let text: Arc<str> = match &node.kind {
            Kind::String(text) => Arc::clone(text),
            Kind::Bool(bool) if self.scalars == Scalars::BecomeText => bool.to_string().into(),
            Kind::Float(float) if self.scalars == Scalars::BecomeText => {
                let written = self.file.text.get(node.span.range()).unwrap_or_default();
                number_as_text(*float, written).into()
            }
            _ => return None,
        };
        if !matches!(node.kind, Kind::String(_)) {
            let found = match &node.kind {
                Kind::Bool(_) => "boolean",
                Kind::Float(float) if float.fract() == 0.0 => "integer",
                _ => "number",
            };
            let path = self.path.join(".");
            let message = format!(
                "{path}: Invalid value: \"{found}\": {path} in body must be of type string: \"{found}\""
            );
            let place = Location::new(self.file, node.span);
            let hint = format!("write it in quotes: \"{}\"", place.text());
            self.findings.push(Diagnostic::error("appset-type", message).at(place).hint(hint));
        }
        Some(Text { text, span: node.span })
    }

    fn wrong(&mut self, owner: Option<&'static Structure>, node: &Node, expected: &str) -> Typed {
        if self.mismatch.is_none() {
            let found = match &node.kind {
                Kind::Float(float) if expected == "int64" => format!("number {}", go_float(*float)),
                _ => node.json_kind().to_owned(),
            };
            let field = match owner {
                Some(owner) => format!("Go struct field {}.{}", owner.name, self.path.join(".")),
                None => "Go value".to_owned(),
            };
            let message = format!("json: cannot unmarshal {found} into {field} of type {expected}");
            self.mismatch = Some(Mismatch { message, span: node.span });
        }
        Typed::Absent
    }
}

fn name_of(kind: Type) -> String {
    match kind {
        Type::Text => "string".to_owned(),
        Type::Bool => "bool".to_owned(),
        Type::Int => "int64".to_owned(),
        Type::IntOrText => "intstr.IntOrString".to_owned(),
        Type::Json => "v1.JSON".to_owned(),
        Type::Object(structure) => format!("v1alpha1.{}", structure.name),
        Type::List(item) => format!("[]{}", name_of(*item)),
        Type::Map(value) => format!("map[string]{}", name_of(*value)),
    }
}

/// A number as `sigs.k8s.io/yaml` makes a string of it: whole numbers in full, others as Go's `%v`.
fn number_as_text(float: f64, written: &str) -> String {
    let digits = written.trim_start_matches(['+', '-']).replace('_', "");
    let plain = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    if plain && !(digits.len() > 1 && digits.starts_with('0')) {
        let sign = if written.starts_with('-') { "-" } else { "" };
        return format!("{sign}{digits}");
    }
    let based = ["0x", "0o", "0b", "0"].iter().any(|prefix| digits.to_ascii_lowercase().starts_with(prefix));
    let integer = (based && !digits.contains('.')) || written.starts_with('*');
    if integer && float.fract() == 0.0 && float.abs() < 9.3e18 {
        return (float as i64).to_string();
    }
    go_float(float)
}

fn with_near_names(finding: Diagnostic, structure: &'static Structure, key: &str) -> Diagnostic {
    let near = |name: &str| {
        name.eq_ignore_ascii_case(key)
            || (name.len() > 3 && key.len() > 3 && (name.starts_with(key) || key.starts_with(name)))
    };
    match structure.fields.iter().find(|field| near(field.name)) {
        Some(field) => finding.hint(format!("did you mean `{}`?", field.name)),
        None => finding.hint("Argo CD drops the field: it is not part of its types"),
    }
}
