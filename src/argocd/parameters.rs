//! What generators give to templates.
//!
//! Go's types matter here: a `map[string]string` can't take a number, a selector doesn't look into a
//! `[]string`. Every parameter knows which generator gave it and where it is written.

use crate::source::{File, Location, Span};
use crate::value::{Value, by_key, go_float};
use crate::yaml::{Kind as NodeKind, Node};
use std::fmt;
use std::fmt::Write as _;
use std::sync::Arc;

/// A kind of generator.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs)]
pub enum Generator {
    List,
    Clusters,
    GitDirectories,
    GitFiles,
    ScmProvider,
    ClusterDecisionResource,
    PullRequest,
    Plugin,
    OciDirectories,
    OciFiles,
}

impl fmt::Display for Generator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::List => "list",
            Self::Clusters => "clusters",
            Self::GitDirectories => "git directories",
            Self::GitFiles => "git files",
            Self::ScmProvider => "SCM provider",
            Self::ClusterDecisionResource => "cluster decision resource",
            Self::PullRequest => "pull request",
            Self::Plugin => "plugin",
            Self::OciDirectories => "OCI directories",
            Self::OciFiles => "OCI files",
        })
    }
}

/// Who gave a parameter.
#[derive(Clone, Debug, PartialEq)]
pub struct Origin {
    /// The generator.
    pub generator: Generator,
    /// Where the value is written: the element of the list, the key in the file, the file whose path
    /// matched. `None` for what Argo CD knows by itself (the cluster it runs in).
    pub place: Option<Location>,
}

impl Origin {
    /// A value that is written at a place.
    pub fn at(generator: Generator, file: &Arc<File>, span: Span) -> Self {
        Self { generator, place: Some(Location::new(file, span)) }
    }
}

/// A value with its origin. Cheap to clone: lists and maps are shared.
#[derive(Clone, Debug)]
pub struct Parameter {
    /// The value.
    pub data: Data,
    /// Who gave it; of a list or map that several generators made together: who gave it first.
    pub origin: Origin,
}

/// A value as Go holds it.
#[derive(Clone, Debug)]
pub enum Data {
    /// The nil interface.
    Null,
    /// `bool`.
    Bool(bool),
    /// `float64`.
    Float(f64),
    /// `int64`: only a repository's number at its provider.
    Int(i64),
    /// `string`.
    Text(Arc<str>),
    /// A slice.
    List(Items, Arc<[Parameter]>),
    /// A map from strings.
    Map(Values, Arc<Parameters>),
}

/// What a slice is declared to hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Items {
    /// `[]interface {}`.
    Any,
    /// `[]string`.
    Texts,
    /// `[]map[string]interface {}`.
    Maps,
}

/// What a map is declared to hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Values {
    /// `map[string]interface {}`.
    Any,
    /// `map[string]string`.
    Texts,
}

/// Parameters by name: a parameter set, or a map in one. Sorted by name.
#[derive(Clone, Debug, Default)]
pub struct Parameters(Vec<(Arc<str>, Parameter)>);

impl Parameters {
    /// The parameter of that name.
    pub fn get(&self, name: &str) -> Option<&Parameter> {
        self.position(name).ok().map(|at| &self.0[at].1)
    }

    fn position(&self, name: &str) -> Result<usize, usize> {
        self.0.binary_search_by(|(key, _)| (**key).cmp(name))
    }

    /// Sets a parameter and gives back what it replaced.
    pub fn insert(&mut self, name: impl Into<Arc<str>>, parameter: Parameter) -> Option<Parameter> {
        let name = name.into();
        match self.position(&name) {
            Ok(at) => Some(std::mem::replace(&mut self.0[at].1, parameter)),
            Err(at) => {
                self.0.insert(at, (name, parameter));
                None
            }
        }
    }

    /// Names and parameters in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&Arc<str>, &Parameter)> {
        self.0.iter().map(|(name, parameter)| (name, parameter))
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether these are the same values of the same origin.
    pub fn is_same(&self, other: &Self) -> bool {
        let mut pairs = self.iter().zip(other.iter());
        self.len() == other.len()
            && pairs.all(|((name, one), (other_name, other))| name == other_name && one.is_same(other))
    }

    /// The parameters with dotted names that reach into maps and lists: as selectors see them, and as
    /// fasttemplate sees a file. What is empty vanishes.
    #[must_use]
    pub fn flatten(&self, texts_are_opaque: bool) -> Self {
        let mut flat = Vec::new();
        let mut name = String::new();
        for (key, parameter) in self.iter() {
            name.push_str(key);
            flatten_into(&mut flat, &mut name, parameter, texts_are_opaque, 0);
            name.clear();
        }
        flat.into_iter().collect()
    }
}

/// Later pairs replace earlier ones of the same name.
impl FromIterator<(Arc<str>, Parameter)> for Parameters {
    fn from_iter<I: IntoIterator<Item = (Arc<str>, Parameter)>>(pairs: I) -> Self {
        Self(by_key(pairs.into_iter().collect()))
    }
}

/// Documents are nested at most so deep (the reader refuses deeper ones), so recursion is bounded.
fn flatten_into(
    flat: &mut Vec<(Arc<str>, Parameter)>,
    name: &mut String,
    parameter: &Parameter,
    texts_are_opaque: bool,
    in_list: usize,
) {
    let length = name.len();
    match &parameter.data {
        Data::Map(values, map) if *values == Values::Any || (!texts_are_opaque && in_list == 0) => {
            for (key, inner) in map.iter() {
                name.push('.');
                name.push_str(key);
                flatten_into(flat, name, inner, texts_are_opaque, in_list);
                name.truncate(length);
            }
        }
        Data::List(Items::Any, items) => {
            for (at, inner) in items.iter().enumerate() {
                let _ = write!(name, ".{at}");
                flatten_into(flat, name, inner, texts_are_opaque, in_list + 1);
                name.truncate(length);
            }
        }
        _ => {
            let text = parameter.text();
            flat.push((
                Arc::from(name.as_str()),
                Parameter { data: Data::Text(text), origin: parameter.origin.clone() },
            ));
        }
    }
}

impl Parameter {
    fn is_same(&self, other: &Self) -> bool {
        self.origin == other.origin
            && match (&self.data, &other.data) {
                (Data::List(of, items), Data::List(others, other_items)) => {
                    of == others
                        && items.len() == other_items.len()
                        && items.iter().zip(other_items.iter()).all(|(one, other)| one.is_same(other))
                }
                (Data::Map(of, map), Data::Map(others, other_map)) => of == others && map.is_same(other_map),
                (one, other) => one.is_identical(other),
            }
    }

    /// A string.
    pub fn string(text: impl Into<Arc<str>>, origin: Origin) -> Self {
        Self { data: Data::Text(text.into()), origin }
    }

    /// A value that is written in a file. The depth of documents is bounded where they are read.
    pub fn from_node(node: &Node, generator: Generator, file: &Arc<File>) -> Self {
        let data = match &node.kind {
            NodeKind::Null => Data::Null,
            NodeKind::Bool(bool) => Data::Bool(*bool),
            NodeKind::Float(float) => Data::Float(*float),
            NodeKind::String(text) => Data::Text(Arc::clone(text)),
            NodeKind::List(items) => {
                let items = items.iter().map(|item| Self::from_node(item, generator, file));
                Data::List(Items::Any, items.collect())
            }
            NodeKind::Map(_) => {
                Data::Map(Values::Any, Arc::new(Parameters::from_node(node, generator, file)))
            }
        };
        Self { data, origin: Origin::at(generator, file, node.span) }
    }

    /// The string, if it is one.
    pub fn as_text(&self) -> Option<&Arc<str>> {
        if let Data::Text(text) = &self.data { Some(text) } else { None }
    }

    /// Go's `%v` text of the value.
    pub fn text(&self) -> Arc<str> {
        match &self.data {
            Data::Text(text) => Arc::clone(text),
            other => other.to_string().into(),
        }
    }
}

impl Parameters {
    /// The entries of a mapping; none for anything else.
    pub fn from_node(node: &Node, generator: Generator, file: &Arc<File>) -> Self {
        // Entries are sorted and unique already.
        let pairs = node
            .entries()
            .iter()
            .map(|entry| (Arc::clone(&entry.key), Parameter::from_node(&entry.value, generator, file)));
        Self(pairs.collect())
    }
}

impl Data {
    /// Whether these are the same text, or the same list or map in memory: nothing tells them apart then.
    pub fn is_identical(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::List(of, items), Self::List(others, other)) => of == others && Arc::ptr_eq(items, other),
            (Self::Map(of, map), Self::Map(others, other)) => of == others && Arc::ptr_eq(map, other),
            (Self::Null, Self::Null) => true,
            (Self::Bool(one), Self::Bool(other)) => one == other,
            (Self::Float(one), Self::Float(other)) => one.to_bits() == other.to_bits(),
            (Self::Int(one), Self::Int(other)) => one == other,
            (Self::Text(one), Self::Text(other)) => one == other,
            _ => false,
        }
    }

    /// The value without its origins.
    pub fn to_value(&self) -> Value {
        match self {
            Self::Null => Value::Null,
            Self::Bool(bool) => Value::Bool(*bool),
            Self::Float(float) => Value::Float(*float),
            Self::Int(int) => Value::Int(*int),
            Self::Text(text) => Value::String(Arc::clone(text)),
            Self::List(_, items) => Value::List(items.iter().map(|item| item.data.to_value()).collect()),
            Self::Map(_, map) => {
                let pairs = map.iter().map(|(name, value)| (Arc::clone(name), value.data.to_value()));
                Value::Map(Arc::new(pairs.collect()))
            }
        }
    }
}

/// Go's `%v`: `map[a:1 b:[x y]]`, `<nil>`.
impl fmt::Display for Data {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("<nil>"),
            Self::Bool(bool) => write!(f, "{bool}"),
            Self::Float(float) => f.write_str(&go_float(*float)),
            Self::Int(int) => write!(f, "{int}"),
            Self::Text(text) => f.write_str(text),
            Self::List(_, items) => {
                f.write_char('[')?;
                for (at, item) in items.iter().enumerate() {
                    write!(f, "{}{}", if at == 0 { "" } else { " " }, item.data)?;
                }
                f.write_char(']')
            }
            Self::Map(_, map) => {
                f.write_str("map[")?;
                for (at, (name, parameter)) in map.iter().enumerate() {
                    write!(f, "{}{name}:{}", if at == 0 { "" } else { " " }, parameter.data)?;
                }
                f.write_char(']')
            }
        }
    }
}
