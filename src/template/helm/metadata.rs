//! `.Chart`: the metadata of a chart as templates see it, a struct in Helm 3 and a map in Helm 4.

use crate::profile::Helm;
use crate::template::types::Type;
use crate::template::value::{Field, Kind, List, Map, Struct, StructType, Value};
use crate::value as plain;
use std::rc::Rc;
use std::sync::Arc;

/// What `Chart.yaml` says.
#[derive(Clone, Debug, Default)]
#[allow(missing_docs)]
pub struct Metadata {
    pub name: Arc<str>,
    pub home: Arc<str>,
    pub sources: Vec<Arc<str>>,
    pub version: Arc<str>,
    pub description: Arc<str>,
    pub keywords: Vec<Arc<str>>,
    pub maintainers: Vec<Maintainer>,
    pub icon: Arc<str>,
    pub api_version: Arc<str>,
    pub condition: Arc<str>,
    pub tags: Arc<str>,
    pub app_version: Arc<str>,
    pub deprecated: bool,
    pub annotations: Vec<(Arc<str>, Arc<str>)>,
    pub kube_version: Arc<str>,
    pub dependencies: Vec<Dependency>,
    /// `type`: `application` or `library`.
    pub kind: Arc<str>,
}

/// An entry of `maintainers`.
#[derive(Clone, Debug, Default)]
#[allow(missing_docs)]
pub struct Maintainer {
    pub name: Arc<str>,
    pub email: Arc<str>,
    pub url: Arc<str>,
}

/// An entry of `dependencies`.
#[derive(Clone, Debug, Default)]
#[allow(missing_docs)]
pub struct Dependency {
    pub name: Arc<str>,
    pub version: Arc<str>,
    pub repository: Arc<str>,
    pub condition: Arc<str>,
    pub tags: Vec<Arc<str>>,
    pub enabled: bool,
    pub import_values: Vec<plain::Value>,
    pub alias: Arc<str>,
}

impl Metadata {
    /// The value of `.Chart`.
    pub(super) fn value(&self, is_root: bool, helm: Helm) -> Value {
        if helm.is_4() {
            let mut fields = as_map(&METADATA, self.fields());
            fields.push(("IsRoot", is_root.into()));
            return Value::map(fields);
        }
        let metadata = structure(&METADATA, self.fields(), false);
        structure(&CHART, vec![metadata, is_root.into()], false)
    }

    fn fields(&self) -> Vec<Value> {
        let pointers = |of: &'static StructType, items: Vec<Vec<Value>>| {
            items.into_iter().map(|fields| structure(of, fields, true)).collect::<Vec<_>>()
        };
        let maintainers = self.maintainers.iter().map(Maintainer::fields).collect();
        let dependencies = self.dependencies.iter().map(Dependency::fields).collect();
        let annotations = self.annotations.iter().map(|(key, text)| (Arc::clone(key), Arc::clone(text)));
        vec![
            text(&self.name),
            text(&self.home),
            strings(&self.sources),
            text(&self.version),
            text(&self.description),
            strings(&self.keywords),
            list(MAINTAINERS, pointers(&MAINTAINER, maintainers)),
            text(&self.icon),
            text(&self.api_version),
            text(&self.condition),
            text(&self.tags),
            text(&self.app_version),
            self.deprecated.into(),
            if self.annotations.is_empty() {
                Kind::Map(Rc::new(Map::nil(Type::STRING_MAP))).into()
            } else {
                Value::string_map(annotations)
            },
            text(&self.kube_version),
            list(DEPENDENCIES, pointers(&DEPENDENCY, dependencies)),
            text(&self.kind),
        ]
    }
}

impl Maintainer {
    fn fields(&self) -> Vec<Value> {
        vec![text(&self.name), text(&self.email), text(&self.url)]
    }
}

impl Dependency {
    fn fields(&self) -> Vec<Value> {
        vec![
            text(&self.name),
            text(&self.version),
            text(&self.repository),
            text(&self.condition),
            strings(&self.tags),
            self.enabled.into(),
            list(Type::LIST, self.import_values.iter().map(Value::from).collect()),
            text(&self.alias),
        ]
    }
}

fn text(text: &Arc<str>) -> Value {
    crate::template::value::Str::from(Arc::clone(text)).into()
}

/// A slice, nil where nothing is in it, as YAML without the key leaves it.
fn list(of: Type, items: Vec<Value>) -> Value {
    let list = if items.is_empty() { List::nil(of) } else { List::new(of, items) };
    Kind::List(Rc::new(list)).into()
}

fn strings(items: &[Arc<str>]) -> Value {
    list(Type::STRINGS, items.iter().map(text).collect())
}

fn structure(of: &'static StructType, fields: Vec<Value>, pointer: bool) -> Value {
    Kind::Struct(Rc::new(Struct { of, pointer, fields })).into()
}

/// A struct as Helm 4 makes a map of it: by Go's names, slices as lists of anything, never nil.
fn as_map(of: &StructType, fields: Vec<Value>) -> Vec<(&'static str, Value)> {
    let convert = |value: Value| match &value.kind {
        Kind::List(items) => Value::list(
            items
                .iter()
                .map(|item| match &item.kind {
                    Kind::Struct(inner) => Value::map(as_map(inner.of, inner.fields.clone())),
                    _ => item.clone(),
                })
                .collect(),
        ),
        _ => value,
    };
    of.fields.iter().zip(fields).map(|(field, value)| (field.name, convert(value))).collect()
}

const MAINTAINERS: Type = Type::Slice(&Type::Pointer(&MAINTAINER));
const DEPENDENCIES: Type = Type::Slice(&Type::Pointer(&DEPENDENCY));

/// Helm 3 puts the metadata and a flag into a struct without a name.
static CHART: StructType = StructType {
    name: "struct { chart.Metadata; IsRoot bool }",
    fields: &[
        Field {
            name: "Metadata",
            of: Type::Struct(&METADATA),
            json: "Metadata",
            omit_empty: false,
            embedded: true,
        },
        Field { name: "IsRoot", of: Type::Bool, json: "IsRoot", omit_empty: false, embedded: false },
    ],
    methods: &[],
    string: None,
    string_by_value: false,
};

static METADATA: StructType = plain_struct(
    "chart.Metadata",
    &[
        optional("Name", Type::String, "name"),
        optional("Home", Type::String, "home"),
        optional("Sources", Type::STRINGS, "sources"),
        optional("Version", Type::String, "version"),
        optional("Description", Type::String, "description"),
        optional("Keywords", Type::STRINGS, "keywords"),
        optional("Maintainers", MAINTAINERS, "maintainers"),
        optional("Icon", Type::String, "icon"),
        optional("APIVersion", Type::String, "apiVersion"),
        optional("Condition", Type::String, "condition"),
        optional("Tags", Type::String, "tags"),
        optional("AppVersion", Type::String, "appVersion"),
        optional("Deprecated", Type::Bool, "deprecated"),
        optional("Annotations", Type::STRING_MAP, "annotations"),
        optional("KubeVersion", Type::String, "kubeVersion"),
        optional("Dependencies", DEPENDENCIES, "dependencies"),
        optional("Type", Type::String, "type"),
    ],
);

static MAINTAINER: StructType = plain_struct(
    "chart.Maintainer",
    &[
        optional("Name", Type::String, "name"),
        optional("Email", Type::String, "email"),
        optional("URL", Type::String, "url"),
    ],
);

static DEPENDENCY: StructType = plain_struct(
    "chart.Dependency",
    &[
        Field { omit_empty: false, ..optional("Name", Type::String, "name") },
        optional("Version", Type::String, "version"),
        Field { omit_empty: false, ..optional("Repository", Type::String, "repository") },
        optional("Condition", Type::String, "condition"),
        optional("Tags", Type::STRINGS, "tags"),
        optional("Enabled", Type::Bool, "enabled"),
        optional("ImportValues", Type::LIST, "import-values"),
        optional("Alias", Type::String, "alias"),
    ],
);

const fn plain_struct(name: &'static str, fields: &'static [Field]) -> StructType {
    StructType { name, fields, methods: &[], string: None, string_by_value: false }
}

const fn optional(name: &'static str, of: Type, json: &'static str) -> Field {
    Field { name, of, json, omit_empty: true, embedded: false }
}
