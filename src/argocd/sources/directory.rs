//! Sources that are folders of plain manifests.

use super::{Work, json, spec};
use crate::argocd::failure::MOST_LEVELS;
use crate::diagnostic::Diagnostic;
use crate::json as json_text;
use crate::repository::glob::Gobwas;
use crate::repository::{Content as Stored, Entry, Found, Tree};
use crate::source::{File, Location, Span};
use crate::yaml::{self, Document, Kind, Node};
use std::sync::Arc;

/// A text that keeps a file from being rendered.
const SKIP_MARKER: &str = "+argocd:skip-file-rendering";

/// A folder of manifests. Its objects are read when asked for.
#[derive(Clone, Debug)]
pub struct Directory {
    /// The files of the repository.
    pub tree: Arc<Tree>,
    /// The folder's path in it.
    pub folder: String,
    /// `directory`.
    options: spec::Directory,
    /// Whether the path is itself a link: a walk does not follow that.
    is_link: bool,
}

/// What a folder of manifests holds.
#[derive(Clone, Debug, Default)]
pub struct Objects {
    /// The objects in order; those of lists one by one.
    pub objects: Vec<Document>,
    /// What could not be known or was left out for a reason worth telling.
    pub problems: Vec<Diagnostic>,
}

impl Work<'_> {
    /// The folder of the source.
    pub(super) fn directory(&self) -> Directory {
        let tree = self.checkout.tree();
        Directory {
            tree: Arc::clone(tree),
            folder: self.folder.path.clone(),
            options: self.source.directory.clone().unwrap_or_default(),
            is_link: tree.read_link(&self.folder.path).is_some(),
        }
    }
}

impl Directory {
    /// The files that are read, in walk order.
    ///
    /// # Errors
    /// A link that leaves the repository, in Argo CD's words.
    pub fn files(&self) -> Result<Vec<(String, Arc<File>)>, Diagnostic> {
        let mut files = Vec::new();
        let Found::Directory(real) = self.tree.find(&self.folder) else { return Ok(files) };
        if self.is_link {
            return Ok(files);
        }
        // A pattern that can't be read matches nothing.
        let matches = |pattern: &str, path: &str| Gobwas::new(pattern).is_ok_and(|glob| glob.matches(path));
        let spec::Directory { recurse, include, exclude, disable_extension_filter } = &self.options;
        for entry in self.tree.under(&real) {
            let path = entry.path[real.len()..].trim_start_matches('/');
            let name = path.rsplit('/').next().unwrap_or(path);
            if !recurse && path.contains('/') || !disable_extension_filter && !is_manifest(name) {
                continue;
            }
            let Some(target) = self.follow(entry, path)? else { continue };
            if !exclude.is_empty() && matches(exclude, path) || !include.is_empty() && !matches(include, path)
            {
                continue;
            }
            if let Stored::Text(file) = &target.content
                && !file.text.contains(SKIP_MARKER)
            {
                files.push((name.to_owned(), Arc::clone(file)));
            }
        }
        Ok(files)
    }

    /// The file that an entry is or links to; `None` if it leads nowhere or to a folder.
    fn follow<'t>(&'t self, entry: &'t Entry, path: &str) -> Result<Option<&'t Entry>, Diagnostic> {
        match self.tree.find(&entry.path) {
            Found::File(target) => Ok(Some(target)),
            Found::Outside => {
                let full = format!("<path to cached source>/{}", entry.path);
                let text = format!(
                    "failed to get potentially valid manifests: invalid manifest file {full:?}: illegal filepath in symlink at {path:?}"
                );
                Err(Diagnostic::error("source-link", text))
            }
            Found::Directory(_) | Found::Missing | Found::Loop => Ok(None),
        }
    }

    /// The objects.
    ///
    /// # Errors
    /// The first file that Argo CD can't read, in its words. A file that does not look like a manifest
    /// may be anything.
    pub fn objects(&self) -> Result<Objects, Diagnostic> {
        let mut found = Objects::default();
        for (name, file) in self.files()? {
            let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending);
            if ending == "jsonnet" {
                let text = format!("{} is Jsonnet, which is not evaluated here", file.path);
                let place = Location::new(&file, file.span());
                found.problems.push(Diagnostic::warning("source-jsonnet", text).at(place));
                continue;
            }
            let objects =
                if ending == "json" { json_object(&file, &name)? } else { manifests(&file, &name)? };
            found.problems.extend(objects.iter().filter_map(without_kind));
            found.objects.extend(objects.into_iter().flat_map(items));
        }
        Ok(found)
    }
}

/// `.yaml`, `.yml`, `.json` and `.jsonnet` as endings, in lower case.
fn is_manifest(name: &str) -> bool {
    let ending = name.rsplit_once('.').map(|(_, ending)| ending);
    matches!(ending, Some("yaml" | "yml" | "json" | "jsonnet"))
}

/// The objects of a YAML file. If it can't be read and nothing in it looks like a manifest, there are
/// none.
fn manifests(file: &Arc<File>, name: &str) -> Result<Vec<Document>, Diagnostic> {
    let mut objects = Vec::new();
    for document in yaml::unmarshal_manifests(file) {
        let read = document.map_err(|error| {
            let text = error.to_string();
            let mut problem = error.diagnostic(file);
            problem.message = text;
            problem
        });
        match read.and_then(|document| check_object(&document).map(|()| document)) {
            Ok(document) => objects.push(document),
            Err(problem) => {
                let looks_like_one =
                    ["apiVersion:", "kind:", "metadata:"].iter().all(|word| file.text.contains(word));
                if objects.is_empty() && !looks_like_one {
                    return Ok(objects);
                }
                let message = format!(
                    "Failed to unmarshal {name:?}: failed to unmarshal manifest: {}",
                    problem.message
                );
                return Err(Diagnostic { message, ..problem });
            }
        }
    }
    Ok(objects)
}

/// The one object of a JSON file. An object without a kind passes if it could be the manifest of an OCI artifact
/// (`getObjsFromYAMLOrJSON` of the repository server).
fn json_object(file: &Arc<File>, name: &str) -> Result<Vec<Document>, Diagnostic> {
    let wrong = |text: String, place: Span| {
        Err(Diagnostic::error("source-manifest", text).at(Location::new(file, place)))
    };
    let unreadable = |text: &str, place: Span| wrong(format!("Failed to unmarshal {name:?}: {text}"), place);
    let read = match json_text::read_first(&file.text, MOST_LEVELS) {
        Ok(read) => read,
        Err(broken) => return unreadable(&broken.message, broken.span(&file.text)),
    };
    let (place, is_artifact) = (read.root.span, may_be_artifact(&read.root));
    let number_error = read.number_error();
    let mut document = Document::of_json(file, read.root);
    match &document.root.kind {
        _ if number_error.is_some() && !is_artifact => {
            return unreadable(&number_error.unwrap_or_default(), place);
        }
        Kind::Map(_)
            if document.root.get("kind").and_then(Node::as_str).is_some_and(|kind| !kind.is_empty()) => {}
        Kind::Map(_) | Kind::Null if is_artifact => {}
        Kind::Map(_) => {
            let text = file.text.get(place.range()).unwrap_or_default();
            return unreadable(&format!("Object 'Kind' is missing in '{text}'"), place);
        }
        _ => {
            let found = document.root.json_kind();
            let text =
                format!("json: cannot unmarshal {found} into Go value of type map[string]interface {{}}");
            return unreadable(&text, place);
        }
    }
    if !matches!(file.text.as_bytes().get(read.end), None | Some(b']' | b'}')) {
        let text =
            format!("Found multiple objects in {name:?}. Only single objects are allowed in JSON files.");
        return wrong(text, Span::new(read.end, file.text.len()));
    }
    if number_error.is_some() || matches!(document.root.kind, Kind::Null) {
        // What could not be read as an object is one without anything.
        document.root.kind = Kind::Map(Arc::default());
    }
    Ok(vec![document])
}

/// What there is to say about an object that only JSON files may have.
fn without_kind(document: &Document) -> Option<Diagnostic> {
    let is_list = matches!(document.root.get("items").map(|items| &items.kind), Some(Kind::List(_)));
    if is_list || document.root.get("kind").is_some_and(|kind| kind.as_str().is_some()) {
        return None;
    }
    let text = format!(
        "{} has no `kind`: Argo CD takes it for an object, which no cluster accepts",
        document.file.path
    );
    let place = Location::new(&document.file, document.root.span);
    Some(Diagnostic::warning("source-manifest", text).at(place).hint("`directory.exclude` leaves a file out"))
}

/// Whether Go reads a value into a manifest of the OCI image specification: its fields have the right types.
fn may_be_artifact(node: &json_text::Node) -> bool {
    use json_text::Kind as Is;
    let fits = |entry: &json_text::Entry| match (&*entry.key.to_ascii_lowercase(), &entry.value.kind) {
        (_, Is::Null) => true,
        ("schemaversion", kind) => matches!(kind, Is::Number(text) if text.parse::<i64>().is_ok()),
        ("mediatype" | "artifacttype", kind) => matches!(kind, Is::String(_)),
        ("config" | "subject", kind) => matches!(kind, Is::Map(_)),
        ("layers", kind) => matches!(kind, Is::List(items) if items.iter().all(json_text::Node::is_map)),
        ("annotations", Is::Map(entries)) => {
            entries.iter().all(|entry| matches!(entry.value.kind, Is::String(_) | Is::Null))
        }
        ("annotations", _) => false,
        _ => true,
    };
    matches!(node.kind, Is::Null) || node.is_map() && node.entries().iter().all(fits)
}

/// Whether a document is an object with a kind.
fn check_object(document: &Document) -> Result<(), Diagnostic> {
    let place = Location::new(&document.file, document.root.span);
    let wrong = |text: String| {
        let text = format!("error unmarshaling JSON: while decoding JSON: {text}");
        Err(Diagnostic::error("source-manifest", text).at(place))
    };
    let found = match &document.root.kind {
        Kind::Map(_) => match document.root.get("kind").map(|kind| &kind.kind) {
            Some(Kind::String(kind)) if !kind.is_empty() => return Ok(()),
            None | Some(Kind::String(_) | Kind::Null) => {
                let json = json::write(&document.root.to_value());
                return wrong(format!("Object 'Kind' is missing in '{json}'"));
            }
            Some(_) => {
                return wrong("json: cannot unmarshal into Go struct field .kind of type string".to_owned());
            }
        },
        Kind::List(_) => "array",
        Kind::String(_) => "string",
        Kind::Bool(_) => "bool",
        Kind::Float(_) => "number",
        Kind::Null => return Ok(()),
    };
    wrong(format!("json: cannot unmarshal {found} into Go value of type map[string]interface {{}}"))
}

/// The items of a list, or the object itself.
fn items(document: Document) -> Vec<Document> {
    let list = document.root.get("items").map(|items: &Node| items.kind.clone());
    match list {
        Some(Kind::List(items)) => {
            let item = |root: &Node| Document { root: root.clone(), ..document.clone() };
            items.iter().map(item).collect()
        }
        Some(Kind::Null) if document.root.get("spec").is_none() && document.root.get("status").is_none() => {
            Vec::new()
        }
        _ => vec![document],
    }
}
