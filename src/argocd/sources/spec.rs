//! The fields of an Application that say what is rendered, decoded from its object.

use crate::source::File;
use crate::value::Value;
use crate::yaml::{Document, Kind, Node};
use std::fmt;
use std::sync::Arc;

/// An Application.
#[derive(Clone, Debug)]
pub(super) struct Application {
    /// `metadata.name`.
    pub name: Arc<str>,
    /// `metadata.namespace`; empty if none is written.
    pub namespace: Arc<str>,
    /// `spec.project`.
    pub project: Arc<str>,
    /// `spec.destination.namespace`.
    pub destination_namespace: Arc<str>,
    /// Its sources.
    pub sources: Sources,
}

/// The sources of an Application.
#[derive(Clone, Debug)]
pub(super) enum Sources {
    /// `spec.source`.
    One(Source),
    /// `spec.sources`, which wins if it is not empty.
    Several(Vec<Source>),
    /// `spec.sourceHydrator`, which wins over both.
    Hydrated(Source),
    /// None of them.
    None,
}

/// A source.
#[derive(Clone, Debug, Default)]
pub(super) struct Source {
    pub repo_url: Arc<str>,
    pub path: Arc<str>,
    pub target_revision: Arc<str>,
    pub chart: Arc<str>,
    pub reference: Arc<str>,
    pub helm: Option<Helm>,
    pub directory: Option<Directory>,
    pub kustomize: bool,
    pub plugin: bool,
}

impl Source {
    /// Whether it names an artifact in an OCI registry.
    pub fn is_oci(&self) -> bool {
        self.repo_url.starts_with("oci://")
    }

    /// Whether it only lends its files to other sources.
    pub fn is_only_reference(&self) -> bool {
        self.path.is_empty() && self.chart.is_empty() && !self.is_oci() && !self.reference.is_empty()
    }
}

/// What Helm is told to leave out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Skips {
    /// `skipCrds`.
    pub crds: bool,
    /// `skipSchemaValidation`.
    pub schema_validation: bool,
    /// `skipTests`.
    pub tests: bool,
}

/// `helm`.
#[derive(Clone, Debug, Default)]
pub(super) struct Helm {
    pub value_files: Vec<Arc<str>>,
    pub ignore_missing_value_files: bool,
    pub values: Arc<str>,
    /// `valuesObject`, if it is there and not null.
    pub values_object: Option<Value>,
    pub parameters: Vec<Parameter>,
    pub file_parameters: Vec<FileParameter>,
    pub release_name: Arc<str>,
    pub namespace: Arc<str>,
    pub kube_version: Arc<str>,
    pub api_versions: Vec<Arc<str>>,
    pub skips: Skips,
}

/// An entry of `helm.parameters`.
#[derive(Clone, Debug, Default)]
pub(super) struct Parameter {
    pub name: Arc<str>,
    pub value: Arc<str>,
    pub force_string: bool,
}

/// An entry of `helm.fileParameters`.
#[derive(Clone, Debug, Default)]
pub(super) struct FileParameter {
    pub name: Arc<str>,
    pub path: Arc<str>,
}

/// `directory`.
#[derive(Clone, Debug, Default)]
pub(super) struct Directory {
    pub recurse: bool,
    pub include: Arc<str>,
    pub exclude: Arc<str>,
    pub disable_extension_filter: bool,
}

/// A value of another type than the field has.
#[derive(Clone, Debug)]
pub(super) struct Mismatch {
    /// Path of the field.
    pub path: String,
    /// The type that it has to have.
    pub expected: &'static str,
    /// What is there.
    pub found: &'static str,
}

/// In the words of Go's JSON decoder.
impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "json: cannot unmarshal {} into Go struct field {} of type {}",
            self.found, self.path, self.expected
        )
    }
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "bool",
        Value::Int(_) | Value::Float(_) => "number",
        Value::String(_) => "string",
        Value::List(_) => "array",
        Value::Map(_) => "object",
    }
}

/// What becomes of a value where a string is asked for: `sigs.k8s.io/yaml` prints numbers and booleans.
fn as_text(value: &Value) -> Option<Arc<str>> {
    match value {
        Value::String(text) => Some(Arc::clone(text)),
        Value::Bool(_) | Value::Int(_) | Value::Float(_) => Some(value.to_string().into()),
        Value::Null | Value::List(_) | Value::Map(_) => None,
    }
}

/// The object of a document, with whole numbers told from others by how they are written.
pub(super) fn object(document: &Document) -> Value {
    fn convert(file: &File, node: &Node) -> Value {
        match &node.kind {
            Kind::Float(number) => {
                let text = file.text.get(node.span.range()).unwrap_or_default();
                let whole = text.starts_with("0x") || !text.contains(['.', 'e', 'E']);
                if whole { Value::Int(*number as i64) } else { Value::Float(*number) }
            }
            Kind::List(items) => Value::List(items.iter().map(|item| convert(file, item)).collect()),
            Kind::Map(entries) => {
                let pairs = entries.iter().map(|entry| (Arc::clone(&entry.key), convert(file, &entry.value)));
                Value::Map(Arc::new(pairs.collect()))
            }
            _ => node.to_value(),
        }
    }
    convert(&document.file, &document.root)
}

/// Where a value stands in an object; written out only for errors.
#[derive(Clone, Copy)]
pub(super) enum Path<'p> {
    /// The object itself, by its name.
    Root(&'static str),
    /// A field.
    Field(&'p Path<'p>, &'static str),
    /// An item of a list.
    Item(&'p Path<'p>, usize),
}

impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Root(name) => f.write_str(name),
            Self::Field(path, name) => write!(f, "{path}.{name}"),
            Self::Item(path, at) => write!(f, "{path}[{at}]"),
        }
    }
}

/// Reads fields of one object. A field that is absent or null keeps what it was.
pub(super) struct Fields<'a, 'p> {
    object: Option<&'a Value>,
    path: Path<'p>,
}

type Read<T> = Result<T, Mismatch>;

impl<'a, 'p> Fields<'a, 'p> {
    /// The fields of an object at `path`.
    pub fn of(value: &'a Value, path: Path<'p>) -> Read<Self> {
        match value {
            Value::Map(_) => Ok(Self { object: Some(value), path }),
            Value::Null => Ok(Self { object: None, path }),
            other => Err(Mismatch { path: path.to_string(), expected: "object", found: kind(other) }),
        }
    }

    fn get(&self, name: &str) -> Option<&'a Value> {
        self.object.and_then(|object| object.get(name)).filter(|value| !matches!(value, Value::Null))
    }

    fn wrong<T>(&self, name: &str, expected: &'static str, value: &Value) -> Read<T> {
        Err(Mismatch { path: format!("{}.{name}", self.path), expected, found: kind(value) })
    }

    fn text(&self, name: &'static str, field: &mut Arc<str>) -> Read<()> {
        match self.get(name) {
            None => Ok(()),
            Some(value) => match as_text(value) {
                Some(text) => {
                    *field = text;
                    Ok(())
                }
                None => self.wrong(name, "string", value),
            },
        }
    }

    fn flag(&self, name: &'static str, field: &mut bool) -> Read<()> {
        match self.get(name) {
            None => Ok(()),
            Some(Value::Bool(flag)) => {
                *field = *flag;
                Ok(())
            }
            Some(other) => self.wrong(name, "bool", other),
        }
    }

    /// A list. As Go's decoder does, each item is read over the item that was at its position.
    fn list<T: Default>(
        &self,
        name: &'static str,
        field: &mut Vec<T>,
        read: impl Fn(&'a Value, Path<'_>, &mut T) -> Read<()>,
    ) -> Read<()> {
        let items = match self.get(name) {
            None => return Ok(()),
            Some(Value::List(items)) => items,
            Some(other) => return self.wrong(name, "[]", other),
        };
        field.resize_with(items.len(), T::default);
        let list = Path::Field(&self.path, name);
        for (at, (item, old)) in items.iter().zip(field).enumerate() {
            read(item, Path::Item(&list, at), old)?;
        }
        Ok(())
    }

    fn texts(&self, name: &'static str, field: &mut Vec<Arc<str>>) -> Read<()> {
        self.list(name, field, |item, path, old| match (item, as_text(item)) {
            (_, Some(text)) => {
                *old = text;
                Ok(())
            }
            (Value::Null, None) => Ok(()),
            (other, None) => Err(Mismatch { path: path.to_string(), expected: "string", found: kind(other) }),
        })
    }

    /// The fields of an object; `None` if it is absent or null.
    fn object(&self, name: &'static str) -> Read<Option<Fields<'a, '_>>> {
        self.get(name).map(|value| Fields::of(value, Path::Field(&self.path, name))).transpose()
    }
}

impl Application {
    /// Decodes an Application.
    pub fn decode(object: &Value) -> Read<Self> {
        let root = Fields::of(object, Path::Root("Application"))?;
        let mut application = Self {
            name: Arc::default(),
            namespace: Arc::default(),
            project: Arc::default(),
            destination_namespace: Arc::default(),
            sources: Sources::None,
        };
        if let Some(metadata) = root.object("metadata")? {
            metadata.text("name", &mut application.name)?;
            metadata.text("namespace", &mut application.namespace)?;
        }
        let Some(spec) = root.object("spec")? else { return Ok(application) };
        spec.text("project", &mut application.project)?;
        if let Some(destination) = spec.object("destination")? {
            destination.text("namespace", &mut application.destination_namespace)?;
        }
        let mut several: Vec<Source> = Vec::new();
        spec.list("sources", &mut several, |item, path, source| source.overlay(&Fields::of(item, path)?))?;
        let mut one = None;
        if let Some(fields) = spec.object("source")? {
            let mut source = Source::default();
            source.overlay(&fields)?;
            one = Some(source);
        }
        application.sources = match (spec.object("sourceHydrator")?, one) {
            (Some(hydrator), _) => Sources::Hydrated(hydrated(&hydrator)?),
            (None, _) if !several.is_empty() => Sources::Several(several),
            (None, Some(one)) => Sources::One(one),
            (None, None) => Sources::None,
        };
        Ok(application)
    }
}

/// The source from which hydrated manifests are synced.
fn hydrated(hydrator: &Fields<'_, '_>) -> Read<Source> {
    let mut source = Source::default();
    if let Some(dry) = hydrator.object("drySource")? {
        dry.text("repoURL", &mut source.repo_url)?;
    }
    if let Some(sync) = hydrator.object("syncSource")? {
        let mut own = Arc::default();
        sync.text("repoURL", &mut own)?;
        if !own.is_empty() {
            source.repo_url = own;
        }
        sync.text("path", &mut source.path)?;
        sync.text("targetBranch", &mut source.target_revision)?;
    }
    Ok(source)
}

impl Source {
    /// Reads an object over this source: what the object does not have stays.
    pub fn overlay(&mut self, fields: &Fields<'_, '_>) -> Read<()> {
        fields.text("repoURL", &mut self.repo_url)?;
        fields.text("path", &mut self.path)?;
        fields.text("targetRevision", &mut self.target_revision)?;
        fields.text("chart", &mut self.chart)?;
        fields.text("ref", &mut self.reference)?;
        if let Some(helm) = fields.object("helm")? {
            self.helm.get_or_insert_default().overlay(&helm)?;
        }
        if let Some(directory) = fields.object("directory")? {
            let own = self.directory.get_or_insert_default();
            directory.flag("recurse", &mut own.recurse)?;
            directory.text("include", &mut own.include)?;
            directory.text("exclude", &mut own.exclude)?;
            directory.flag("disableExtensionFilter", &mut own.disable_extension_filter)?;
        }
        self.kustomize |= fields.object("kustomize")?.is_some();
        self.plugin |= fields.object("plugin")?.is_some();
        Ok(())
    }
}

impl Helm {
    fn overlay(&mut self, fields: &Fields<'_, '_>) -> Read<()> {
        fields.texts("valueFiles", &mut self.value_files)?;
        fields.flag("ignoreMissingValueFiles", &mut self.ignore_missing_value_files)?;
        fields.text("values", &mut self.values)?;
        if let Some(object) = fields.get("valuesObject") {
            self.values_object = Some(object.clone());
        }
        fields.list("parameters", &mut self.parameters, |item, path, parameter| {
            let item = Fields::of(item, path)?;
            item.text("name", &mut parameter.name)?;
            item.text("value", &mut parameter.value)?;
            item.flag("forceString", &mut parameter.force_string)
        })?;
        fields.list("fileParameters", &mut self.file_parameters, |item, path, parameter| {
            let item = Fields::of(item, path)?;
            item.text("name", &mut parameter.name)?;
            item.text("path", &mut parameter.path)
        })?;
        fields.text("releaseName", &mut self.release_name)?;
        fields.text("namespace", &mut self.namespace)?;
        fields.text("kubeVersion", &mut self.kube_version)?;
        fields.texts("apiVersions", &mut self.api_versions)?;
        fields.flag("skipCrds", &mut self.skips.crds)?;
        fields.flag("skipSchemaValidation", &mut self.skips.schema_validation)?;
        fields.flag("skipTests", &mut self.skips.tests)
    }

    /// Whether there are inline values: an object wins over the text.
    pub fn has_inline(&self) -> bool {
        self.values_object.is_some() || !self.values.is_empty()
    }
}
