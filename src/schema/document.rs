//! Documents of schemas: the ids and anchors in them, and what references point to.

use super::draft::{Draft, subschemas};
use super::json::{Kind, Node};
use crate::profile::SchemaLibrary as Library;
use crate::source::{File, Location};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// A JSON text that holds schemas.
pub struct Document {
    /// The file.
    pub file: Arc<File>,
    /// Its tree.
    pub root: Arc<Node>,
    /// The URL that it was loaded from, without a fragment.
    pub url: String,
    /// The root first; others are subschemas with an id.
    resources: Vec<Resource>,
    /// Pointers of the subschemas whose ids and anchors are known.
    known: HashSet<String>,
}

/// A schema with a URL of its own.
pub struct Resource {
    /// Where in the document.
    pointer: String,
    /// Its URL, without a fragment.
    pub url: String,
    /// The draft that it is written in.
    pub draft: Draft,
    anchors: HashMap<String, String>,
    dynamic_anchors: Vec<String>,
    /// `$recursiveAnchor`.
    pub recursive_anchor: bool,
}

/// A step more on a JSON pointer.
pub fn push(pointer: &str, step: &str) -> String {
    format!("{pointer}/{}", step.replace('~', "~0").replace('/', "~1"))
}

/// The steps of a JSON pointer.
pub fn steps(pointer: &str) -> impl Iterator<Item = String> {
    pointer.split('/').skip(1).map(|step| step.replace("~1", "/").replace("~0", "~"))
}

impl Document {
    /// A document with the ids and anchors of its subschemas.
    pub fn new(
        file: Arc<File>,
        root: Node,
        url: String,
        library: Library,
        draft: Draft,
    ) -> Result<Self, String> {
        let resource = Resource::new(String::new(), url.clone(), draft);
        let root = Arc::new(root);
        let tree = Arc::clone(&root);
        let mut document = Self { file, root, url, resources: vec![resource], known: HashSet::new() };
        match library {
            Library::JsonSchemaV6 => document.collect(&tree, "")?,
            Library::GoJsonSchema => document.collect_everywhere(&tree, "", &document.url.clone()),
        }
        Ok(document)
    }

    /// The value that a pointer leads to.
    pub fn node(&self, pointer: &str) -> Option<&Node> {
        steps(pointer).try_fold(&*self.root, |node, step| node.child(&step))
    }

    /// The place of the value that a pointer leads to, or of the last value on the way.
    pub fn location(&self, pointer: &str) -> Location {
        let mut node = &*self.root;
        let mut span = node.span;
        for step in steps(pointer) {
            if let Some(entry) = node.entry(&step) {
                (node, span) = (&entry.value, entry.key_span.to(entry.value.span));
            } else if let Some(child) = node.child(&step) {
                (node, span) = (child, child.span);
            } else {
                break;
            }
        }
        Location::new(&self.file, span)
    }

    /// The resource that the schema at a pointer belongs to.
    pub fn resource_at(&self, pointer: &str) -> &Resource {
        let inside = |resource: &&Resource| {
            pointer
                .strip_prefix(resource.pointer.as_str())
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        let innermost = self.resources.iter().filter(inside).max_by_key(|resource| resource.pointer.len());
        innermost.unwrap_or(&self.resources[0])
    }

    /// The resource with a URL.
    pub fn resource(&self, url: &str) -> Option<&Resource> {
        if url == self.url {
            return self.resources.first();
        }
        self.resources.iter().find(|resource| resource.url == url)
    }

    /// All resources, the document itself first.
    pub fn resources(&self) -> &[Resource] {
        &self.resources
    }

    /// Whether the ids below a pointer are known, i.e. whether it is a place for subschemas.
    pub fn knows(&self, pointer: &str) -> bool {
        self.known.contains(pointer)
    }

    /// Collects ids and anchors below a schema that a reference made one.
    pub fn learn(&mut self, pointer: &str) -> Result<(), String> {
        let tree = Arc::clone(&self.root);
        let node = steps(pointer).try_fold(&*tree, |node, step| node.child(&step));
        node.map_or(Ok(()), |node| self.collect(node, pointer))
    }

    fn collect(&mut self, node: &Node, pointer: &str) -> Result<(), String> {
        if !self.known.insert(pointer.to_owned()) || !node.is_map() {
            return Ok(());
        }
        let outer = self.position_of(pointer);
        let mut draft = self.resources[outer].draft;
        let own = node
            .get("$schema")
            .and_then(Node::as_str)
            .and_then(|name| Draft::named(Library::JsonSchemaV6, name));
        if let Some(own) = own.filter(|&own| id(own, node).is_some()) {
            draft = own;
        }
        let mut holder = outer;
        if let Some(id) = id(draft, node) {
            let (url, _) = join(&self.resources[outer].url, id)?;
            if pointer.is_empty() {
                self.resources[0].url = url;
            } else if let Some(other) = self.resources.iter().position(|resource| resource.url == url) {
                if self.resources[other].pointer != pointer {
                    return Err(format!("duplicate id {url:?}"));
                }
                holder = other;
            } else {
                holder = self.resources.len();
                self.resources.push(Resource::new(pointer.to_owned(), url, draft));
            }
        }
        self.resources[holder].collect_anchors(draft, node, pointer)?;
        for (way, subschema) in subschemas(draft, node) {
            let below = way.iter().fold(pointer.to_owned(), |pointer, step| push(&pointer, step));
            self.collect(subschema, &below)?;
        }
        Ok(())
    }

    fn position_of(&self, pointer: &str) -> usize {
        let innermost = std::ptr::from_ref(self.resource_at(pointer));
        self.resources.iter().position(|resource| std::ptr::eq(resource, innermost)).unwrap_or(0)
    }

    /// gojsonschema finds ids wherever they may be schemas or not, but for `const` and `enum`.
    fn collect_everywhere(&mut self, node: &Node, pointer: &str, base: &str) {
        let mut base = base.to_owned();
        let key = if node.get("id").is_some() { "id" } else { "$id" };
        if let Some(id) = node.get(key).and_then(Node::as_str)
            && let Ok((url, fragment)) = join(&base, id)
        {
            let draft = self.resources[0].draft;
            if !fragment.is_empty() {
                // An id with a fragment is a name inside the document.
                if let Some(holder) = self.resources.iter_mut().find(|resource| resource.url == url) {
                    holder.anchors.entry(fragment).or_insert_with(|| pointer.to_owned());
                }
            } else if pointer.is_empty() {
                self.resources[0].url.clone_from(&url);
            } else if self.resources.iter().all(|resource| resource.url != url) {
                self.resources.push(Resource::new(pointer.to_owned(), url.clone(), draft));
            }
            base = url;
        }
        for (at, item) in node.items().iter().enumerate() {
            self.collect_everywhere(item, &push(pointer, &at.to_string()), &base);
        }
        for entry in node.entries().iter().filter(|entry| entry.key != "const" && entry.key != "enum") {
            let below = push(pointer, &entry.key);
            if matches!(entry.key.as_str(), "properties" | "dependencies" | "patternProperties") {
                for inner in entry.value.entries() {
                    self.collect_everywhere(&inner.value, &push(&below, &inner.key), &base);
                }
            } else {
                self.collect_everywhere(&entry.value, &below, &base);
            }
        }
    }
}

/// The id of a schema without its fragment, if it has one that counts.
fn id(draft: Draft, node: &Node) -> Option<&str> {
    if !draft.is_modern() && node.get("$ref").is_some() {
        return None;
    }
    let key = if draft == Draft::Four { "id" } else { "$id" };
    let id = node.get(key)?.as_str()?;
    Some(id.split('#').next().unwrap_or_default()).filter(|id| !id.is_empty())
}

impl Resource {
    fn new(pointer: String, url: String, draft: Draft) -> Self {
        let anchors = HashMap::new();
        Self { pointer, url, draft, anchors, dynamic_anchors: Vec::new(), recursive_anchor: false }
    }

    fn collect_anchors(&mut self, draft: Draft, node: &Node, pointer: &str) -> Result<(), String> {
        let mut names = Vec::new();
        if draft.is_modern() {
            names.extend(node.get("$anchor").and_then(Node::as_str));
            if draft == Draft::Y2020 {
                let dynamic = node.get("$dynamicAnchor").and_then(Node::as_str);
                self.dynamic_anchors.extend(dynamic.map(str::to_owned));
                names.extend(dynamic);
            } else if pointer == self.pointer {
                self.recursive_anchor =
                    matches!(node.get("$recursiveAnchor").map(|anchor| &anchor.kind), Some(Kind::Bool(true)));
            }
        } else if node.get("$ref").is_none() {
            let key = if draft == Draft::Four { "id" } else { "$id" };
            let fragment = node.get(key).and_then(Node::as_str).and_then(|id| id.split_once('#'));
            names.extend(
                fragment.map(|(_, name)| name).filter(|name| !name.is_empty() && !name.starts_with('/')),
            );
        }
        for name in names {
            let place = self.anchors.entry(name.to_owned()).or_insert_with(|| pointer.to_owned());
            if place != pointer {
                return Err(format!("duplicate anchor {name:?}"));
            }
        }
        Ok(())
    }

    /// Whether a `$dynamicAnchor` has this name.
    pub fn has_dynamic_anchor(&self, name: &str) -> bool {
        self.dynamic_anchors.iter().any(|anchor| anchor == name)
    }

    /// The pointer in the document that a fragment (decoded) means.
    pub fn pointer_of(&self, fragment: &str) -> Option<String> {
        match fragment {
            "" => Some(self.pointer.clone()),
            // A name may be anything in gojsonschema, so names come first.
            _ if self.anchors.contains_key(fragment) => self.anchors.get(fragment).cloned(),
            _ if fragment.starts_with('/') => Some(format!("{}{fragment}", self.pointer)),
            _ => None,
        }
    }
}

/// Resolves a reference against a base (RFC 3986, section 5): the URL and the fragment, decoded.
pub fn join(base: &str, reference: &str) -> Result<(String, String), String> {
    let (reference, fragment) = reference.split_once('#').unwrap_or((reference, ""));
    let fragment =
        decode(fragment).ok_or_else(|| format!("error in parsing {reference:?}: invalid URL escape"))?;
    if !super::format::uri_reference(reference) {
        return Err(format!("error in parsing {reference:?}"));
    }
    if reference.is_empty() {
        return Ok((base.to_owned(), fragment));
    }
    if scheme(reference).is_some() {
        return Ok((reference.to_owned(), fragment));
    }
    let Some(scheme) = scheme(base) else { return Ok((reference.to_owned(), fragment)) };
    let after = &base[scheme.len() + 1..];
    let (authority, path) = match after.strip_prefix("//") {
        Some(rest) => {
            let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
            (format!("//{authority}"), path)
        }
        None => (String::new(), after),
    };
    let path = path.split('?').next().unwrap_or_default();
    let url = if reference.starts_with("//") {
        format!("{scheme}:{reference}")
    } else {
        let (written, query) = match reference.split_once('?') {
            Some((written, query)) => (written, format!("?{query}")),
            None => (reference, String::new()),
        };
        let merged = if written.starts_with('/') {
            written.to_owned()
        } else if written.is_empty() {
            path.to_owned()
        } else {
            format!("{}/{written}", path.rsplit_once('/').map_or("", |(folder, _)| folder))
        };
        format!("{scheme}:{authority}{}{query}", without_dots(&merged))
    };
    Ok((url, fragment))
}

fn scheme(url: &str) -> Option<&str> {
    let (scheme, _) = url.split_once(':')?;
    let letters = scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte));
    (scheme.starts_with(|c: char| c.is_ascii_alphabetic()) && letters).then_some(scheme)
}

fn without_dots(path: &str) -> String {
    let mut kept: Vec<&str> = Vec::new();
    let mut parts = path.split('/').skip(1).peekable();
    while let Some(part) = parts.next() {
        match part {
            "." | ".." => {
                if part == ".." {
                    kept.pop();
                }
                if parts.peek().is_none() {
                    kept.push("");
                }
            }
            _ => kept.push(part),
        }
    }
    format!("/{}", kept.join("/"))
}

fn decode(fragment: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(fragment.len());
    let mut rest = fragment.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let mut digit = || rest.next().and_then(|byte| char::from(byte).to_digit(16));
        bytes.push((digit()? * 16 + digit()?) as u8);
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn joined(base: &str, reference: &str) -> String {
        join(base, reference).map_or_else(|error| error, |(url, fragment)| format!("{url}#{fragment}"))
    }

    #[test]
    fn references_are_resolved_against_their_base() {
        let base = "file:///a/values.schema.json";
        assert_eq!(joined(base, "#/definitions/a%20b"), "file:///a/values.schema.json#/definitions/a b");
        assert_eq!(joined(base, "../c/./d.json#x"), "file:///c/d.json#x");
        assert_eq!(joined(base, "/d.json"), "file:///d.json#");
        assert_eq!(joined(base, "https://x.y/z"), "https://x.y/z#");
        assert_eq!(joined("https://x.y/z/w?q", "v"), "https://x.y/z/v#");
        assert_eq!(joined("urn:a:b", "#c"), "urn:a:b#c");
        assert!(joined(base, "#%zz").contains("invalid URL escape"));
    }
}
