//! `Chart.yaml`, as Helm reads it into its Go structs.

use super::Dependency;
use crate::diagnostic::Diagnostic;
use crate::profile::Helm;
use crate::semver::Version;
use crate::source::{File, Location};
use crate::template::quote::quote;
use crate::value::{Value, go_float};
use crate::yaml::{Document, Kind, Node};
use std::sync::Arc;

/// What a chart says about itself.
#[derive(Clone, Debug, Default)]
pub struct Metadata {
    /// `name`.
    pub name: Arc<str>,
    /// `home`.
    pub home: String,
    /// `sources`.
    pub sources: Vec<String>,
    /// `version`.
    pub version: String,
    /// `description`.
    pub description: String,
    /// `keywords`.
    pub keywords: Vec<String>,
    /// `maintainers`.
    pub maintainers: Vec<Maintainer>,
    /// `icon`.
    pub icon: String,
    /// `apiVersion`; `v1` if it is not given.
    pub api_version: String,
    /// `condition`, which Helm no longer looks at.
    pub condition: String,
    /// `tags`, likewise.
    pub tags: String,
    /// `appVersion`.
    pub app_version: String,
    /// `deprecated`.
    pub deprecated: bool,
    /// `annotations`, sorted by key.
    pub annotations: Vec<(String, String)>,
    /// `kubeVersion`.
    pub kube_version: String,
    /// `dependencies`; `None` if there is no such list.
    pub dependencies: Option<Vec<Dependency>>,
    /// `type`.
    pub kind: String,
}

/// An entry of `maintainers`.
#[derive(Clone, Debug, Default)]
pub struct Maintainer {
    /// `name`.
    pub name: String,
    /// `email`.
    pub email: String,
    /// `url`.
    pub url: String,
}

/// An entry of a dependency's `import-values`.
#[derive(Clone, Debug)]
pub enum Import {
    /// A table of the child put at a place of the parent.
    Table {
        /// Path in the child.
        child: String,
        /// Path in the parent; `.` for its root.
        parent: String,
        /// Go's type of the first of both that is no text. Helm up to 3.18 panics on it.
        no_text: Option<&'static str>,
    },
    /// A table of the child's `exports` put at the parent's root.
    Exported(String),
    /// Neither; Helm ignores it.
    Other,
}

type Outcome<T = ()> = Result<T, Diagnostic>;

impl Metadata {
    /// Takes over what a document says, `Chart.yaml` or (for charts of the first kind)
    /// `requirements.yaml`.
    ///
    /// # Errors
    /// When a field is of another type; the message is Helm's.
    pub(super) fn read(&mut self, document: &Document, helm: Helm) -> Outcome {
        let package = if helm.is_4() { "v2" } else { "chart" };
        let fields = Fields { document, node: &document.root, owner: "Metadata." };
        if !matches!(document.root.kind, Kind::Map(_) | Kind::Null) {
            return Err(fields.mismatch(&document.root, "Go value", &format!("{package}.Metadata")));
        }
        // In the order of the keys in JSON: of several errors Helm tells the first.
        if let Some(node) = fields.get("annotations") {
            let Kind::Map(entries) = &node.kind else {
                return Err(fields.field_mismatch(node, "annotations", "map[string]string"));
            };
            for entry in entries.iter() {
                let text = fields.text(&entry.value, "annotations")?;
                self.annotations.push((entry.key.to_string(), text));
            }
        }
        fields.string("apiVersion", &mut self.api_version)?;
        fields.string("appVersion", &mut self.app_version)?;
        fields.string("condition", &mut self.condition)?;
        if let Some(list) = fields.list("dependencies", &format!("[]*{package}.Dependency"))? {
            let dependency = |node| dependency(document, node, package);
            self.dependencies = Some(list.iter().map(dependency).collect::<Outcome<_>>()?);
        }
        match fields.get("deprecated") {
            None => {}
            Some(Node { kind: Kind::Bool(deprecated), .. }) => self.deprecated = *deprecated,
            Some(node) => return Err(fields.field_mismatch(node, "deprecated", "bool")),
        }
        fields.string("description", &mut self.description)?;
        fields.string("home", &mut self.home)?;
        fields.string("icon", &mut self.icon)?;
        fields.strings("keywords", &mut self.keywords)?;
        fields.string("kubeVersion", &mut self.kube_version)?;
        let maintainers = fields.list("maintainers", &format!("[]*{package}.Maintainer"))?;
        for node in maintainers.unwrap_or_default() {
            let fields = Fields { document, node, owner: "Maintainer.maintainers." };
            let mut maintainer = Maintainer::default();
            fields.string("email", &mut maintainer.email)?;
            fields.string("name", &mut maintainer.name)?;
            fields.string("url", &mut maintainer.url)?;
            self.maintainers.push(maintainer);
        }
        let mut name = self.name.to_string();
        fields.string("name", &mut name)?;
        self.name = name.into();
        fields.strings("sources", &mut self.sources)?;
        fields.string("tags", &mut self.tags)?;
        fields.string("type", &mut self.kind)?;
        fields.string("version", &mut self.version)?;
        Ok(())
    }

    /// Helm's checks, and the cleaning of texts that goes with them.
    ///
    /// # Errors
    /// The first check that fails, in Helm's words.
    pub(super) fn validate(&mut self) -> Result<(), String> {
        self.name = sanitized(&self.name).into();
        for text in [
            &mut self.description,
            &mut self.home,
            &mut self.icon,
            &mut self.condition,
            &mut self.tags,
            &mut self.app_version,
            &mut self.kube_version,
        ] {
            *text = sanitized(text);
        }
        for text in self.sources.iter_mut().chain(&mut self.keywords) {
            *text = sanitized(text);
        }
        let invalid = |what: String| Err(format!("validation: {what}"));
        let name = quote(&self.name);
        if self.name.is_empty() {
            return invalid("chart.metadata.name is required".to_owned());
        }
        // The last segment of a path has to be the whole of it.
        if self.name.contains('/') {
            return invalid(format!("chart.metadata.name {name} is invalid"));
        }
        if self.version.is_empty() {
            return invalid("chart.metadata.version is required".to_owned());
        }
        if Version::parse(&self.version).is_err() {
            let version = quote(&self.version);
            return invalid(format!("chart.metadata.version {version} is invalid"));
        }
        if !matches!(self.kind.as_str(), "" | "application" | "library") {
            return invalid("chart.metadata.type must be application or library".to_owned());
        }
        let mut names: Vec<&str> = Vec::new();
        for dependency in self.dependencies.iter().flatten() {
            if dependency.is_nothing {
                return invalid("dependencies must not contain empty or null nodes".to_owned());
            }
            let legal = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
            if dependency.alias.as_ref().is_some_and(|alias| !alias.chars().all(legal)) {
                let name = quote(&dependency.name);
                return invalid(format!("dependency {name} has disallowed characters in the alias"));
            }
            let name = dependency.alias.as_deref().unwrap_or(&dependency.name);
            if names.contains(&name) {
                let name = quote(name);
                return invalid(format!("more than one dependency with name or alias {name}"));
            }
            names.push(name);
        }
        Ok(())
    }

    /// Whether it is a library: its templates define, and render nothing.
    pub fn is_library(&self) -> bool {
        self.kind.eq_ignore_ascii_case("library")
    }
}

/// Helm's reading of `Chart.lock` and `requirements.lock`, as far as it can fail for their form.
///
/// # Errors
/// When a field is of another type; the message is Helm's.
pub(super) fn check_lock(document: &Document, helm: Helm) -> Outcome {
    let package = if helm.is_4() { "v2" } else { "chart" };
    let fields = Fields { document, node: &document.root, owner: "Lock." };
    if !matches!(document.root.kind, Kind::Map(_) | Kind::Null) {
        return Err(fields.mismatch(&document.root, "Go value", &format!("{package}.Lock")));
    }
    for node in fields.list("dependencies", &format!("[]*{package}.Dependency"))?.unwrap_or_default() {
        dependency(document, node, package)?;
    }
    fields.string("digest", &mut String::new())
}

fn dependency(document: &Document, node: &Node, package: &'static str) -> Outcome<Dependency> {
    let fields = Fields { document, node, owner: "Dependency.dependencies." };
    let mut dependency =
        Dependency { place: Location::new(&document.file, node.span), ..Dependency::nothing(document) };
    if matches!(node.kind, Kind::Null) {
        return Ok(dependency);
    }
    if !matches!(node.kind, Kind::Map(_)) {
        let is = format!("{package}.Dependency");
        return Err(fields.mismatch(node, "Go struct field Metadata.dependencies", &is));
    }
    dependency.is_nothing = false;
    let text = |name: &str| {
        let mut text = String::new();
        fields.string(name, &mut text)?;
        Ok::<_, Diagnostic>(sanitized(&text))
    };
    let mut alias = String::new();
    fields.string("alias", &mut alias)?;
    dependency.alias = (!alias.is_empty()).then(|| alias.into());
    dependency.condition = text("condition")?;
    let imports = fields.list("import-values", "[]interface {}")?.unwrap_or_default();
    dependency.import_values = imports.iter().map(import).collect();
    dependency.name = text("name")?.into();
    dependency.repository = text("repository")?;
    fields.strings("tags", &mut dependency.tags)?;
    for tag in &mut dependency.tags {
        *tag = sanitized(tag);
    }
    dependency.version = text("version")?;
    Ok(dependency)
}

fn import(node: &Node) -> Import {
    // Whatever stands there is printed, an absent end as Go prints nothing.
    let end = |name: &str| node.get(name).map_or(Value::Null, Node::to_value);
    match &node.kind {
        Kind::Map(_) => {
            let (child, parent) = (end("child"), end("parent"));
            let no_text = [&child, &parent].into_iter().find_map(|end| match end {
                Value::String(_) => None,
                Value::Null => Some("nil"),
                Value::Bool(_) => Some("bool"),
                Value::Int(_) | Value::Float(_) => Some("float64"),
                Value::List(_) => Some("[]interface {}"),
                Value::Map(_) => Some("map[string]interface {}"),
            });
            Import::Table { child: child.to_string(), parent: parent.to_string(), no_text }
        }
        Kind::String(name) => Import::Exported(name.to_string()),
        _ => Import::Other,
    }
}

/// Reads a map into the fields of a Go struct.
struct Fields<'a> {
    document: &'a Document,
    node: &'a Node,
    /// The struct, and the path that leads from the outermost one to its fields.
    owner: &'static str,
}

impl Fields<'_> {
    /// A field that is there and not null; the case of its name counts for nothing in Go.
    fn get(&self, name: &str) -> Option<&Node> {
        let loosely = || self.node.entries().iter().find(|entry| entry.key.eq_ignore_ascii_case(name));
        let entry = self.node.entry(name).or_else(loosely)?;
        (!matches!(entry.value.kind, Kind::Null)).then_some(&entry.value)
    }

    fn string(&self, name: &str, field: &mut String) -> Outcome {
        if let Some(node) = self.get(name) {
            *field = self.text(node, name)?;
        }
        Ok(())
    }

    fn strings(&self, name: &str, field: &mut Vec<String>) -> Outcome {
        if let Some(list) = self.list(name, "[]string")? {
            *field = list.iter().map(|node| self.text(node, name)).collect::<Outcome<_>>()?;
        }
        Ok(())
    }

    fn list(&self, name: &str, of: &str) -> Outcome<Option<&[Node]>> {
        match self.get(name) {
            None => Ok(None),
            Some(Node { kind: Kind::List(items), .. }) => Ok(Some(items)),
            Some(node) => Err(self.field_mismatch(node, name, of)),
        }
    }

    fn text(&self, node: &Node, name: &str) -> Outcome<String> {
        scalar_text(&self.document.file, node).ok_or_else(|| self.field_mismatch(node, name, "string"))
    }

    fn field_mismatch(&self, node: &Node, name: &str, of: &str) -> Diagnostic {
        self.mismatch(node, &format!("Go struct field {}{name}", self.owner), of)
    }

    fn mismatch(&self, node: &Node, target: &str, of: &str) -> Diagnostic {
        let is = node.json_kind();
        let start = "error unmarshaling JSON: while decoding JSON: json: cannot unmarshal";
        Diagnostic::error("chart-metadata", format!("{start} {is} into {target} of type {of}"))
            .at(Location::new(&self.document.file, node.span))
            .hint(format!("{} belongs here", wanted(of)))
    }
}

/// What a Go type is written as.
fn wanted(go: &str) -> &'static str {
    match go {
        "string" => "a text",
        "bool" => "true or false",
        "map[string]string" => "a map of texts",
        _ if go.starts_with("[]") => "a list",
        _ => "a map",
    }
}

/// A scalar as text, nothing for null: sigs.k8s.io/yaml turns numbers and booleans into strings where a
/// string is wanted. `None` for lists and maps.
pub(super) fn scalar_text(file: &File, node: &Node) -> Option<String> {
    match &node.kind {
        Kind::Null => Some(String::new()),
        Kind::String(text) => Some(text.to_string()),
        Kind::Bool(bool) => Some(bool.to_string()),
        Kind::Float(number) => {
            let written = file.text.get(node.span.range()).unwrap_or_default();
            let whole = number.fract() == 0.0 && number.abs() < 1e18;
            let is_integer = whole && !written.contains(['.', 'e', 'E']) || written.starts_with("0x");
            Some(if is_integer { format!("{number:.0}") } else { go_float(*number) })
        }
        Kind::List(_) | Kind::Map(_) => None,
    }
}

/// Blanks of any kind become spaces, what can't be printed goes.
fn sanitized(text: &str) -> String {
    let clean = |c: char| match c {
        _ if c.is_whitespace() => Some(' '),
        _ if c.is_control() => None,
        _ => Some(c),
    };
    text.chars().filter_map(clean).collect()
}
