//! The parameters of the path that a generator found (spec sheet section 2.5).

use crate::argocd::parameters::{Data, Items, Origin, Parameter, Parameters, Values};
use crate::argocd::typed::Object;
use crate::diagnostic::Diagnostic;
use std::sync::Arc;

/// How the parameters of paths are named.
pub(super) struct PathNames<'a> {
    prefix: &'a str,
    is_go: bool,
}

/// A parameter of a file whose name those of its path took.
pub(super) struct Replaced {
    name: String,
    parameter: Parameter,
}

impl<'a> PathNames<'a> {
    /// Those of a generator, for templates of Go or not.
    pub fn new(generator: &'a Object, is_go: bool) -> Self {
        Self { prefix: generator.text("pathParamPrefix"), is_go }
    }

    /// Adds the parameters of a path: they replace what a file says under the same name.
    pub fn insert(
        &self,
        set: &mut Parameters,
        directory: &str,
        filename: Option<&str>,
        origin: &Origin,
    ) -> Option<Replaced> {
        let prefix = self.prefix;
        let basename = directory.rsplit('/').next().unwrap_or(directory);
        let text = |text: &str| Parameter::string(text, origin.clone());
        let mut named = Vec::with_capacity(6);
        named.push(("basename", text(basename)));
        named.push(("basenameNormalized", text(&sanitize_name(basename))));
        if let Some(filename) = filename {
            named.push(("filename", text(filename)));
            named.push(("filenameNormalized", text(&sanitize_name(filename))));
        }
        let map = |map: Parameters| Parameter {
            data: Data::Map(Values::Any, Arc::new(map)),
            origin: origin.clone(),
        };
        let (name, replaced) = if self.is_go {
            named.push(("path", text(directory)));
            let segments = Data::List(Items::Texts, directory.split('/').map(text).collect());
            named.push(("segments", Parameter { data: segments, origin: origin.clone() }));
            let path = map(named.into_iter().map(|(name, parameter)| (Arc::from(name), parameter)).collect());
            if prefix.is_empty() {
                ("path".to_owned(), set.insert("path", path))
            } else {
                let inner = map([(Arc::from("path"), path)].into_iter().collect());
                (prefix.to_owned(), set.insert(prefix, inner))
            }
        } else {
            let name = if prefix.is_empty() { "path".to_owned() } else { format!("{prefix}.path") };
            for (key, parameter) in named {
                set.insert(format!("{name}.{key}"), parameter);
            }
            let segments = directory.split('/').enumerate().filter(|(_, segment)| !segment.is_empty());
            for (at, segment) in segments {
                set.insert(format!("{name}[{at}]"), text(segment));
            }
            let replaced = set.insert(name.as_str(), text(directory));
            (name, replaced)
        };
        replaced.map(|parameter| Replaced { name, parameter })
    }
}

impl Replaced {
    /// What there is to say of it.
    pub fn told(&self) -> Diagnostic {
        let message =
            format!("the key `{}` of the file is replaced by the parameters of its path", self.name);
        let mut told = Diagnostic::warning("appset-parameter-overwritten", message)
            .hint("rename the key, or give the generator another pathParamPrefix");
        told.location.clone_from(&self.parameter.origin.place);
        told
    }
}

/// A name that Kubernetes takes: lower case, what is not `a-z`, `0-9`, `-` or `.` becomes `-`, at most
/// 253 bytes, no `-` or `.` at the ends.
pub fn sanitize_name(name: &str) -> String {
    let keep = |character: char| {
        if matches!(character, 'a'..='z' | '0'..='9' | '-' | '.') { character } else { '-' }
    };
    let mut name: String = name.chars().flat_map(go_lowercase).map(keep).collect();
    // All of it is ASCII now.
    name.truncate(253);
    name.trim_matches(['-', '.']).to_owned()
}

/// Go's `unicode.ToLower`: one character for one.
fn go_lowercase(character: char) -> impl Iterator<Item = char> {
    let mut lower = character.to_lowercase();
    lower.next().into_iter()
}
