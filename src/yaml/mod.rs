//! YAML as Helm reads and writes it.
//!
//! The reader turns text into a tree in which every node knows its bytes; the writer is Helm's
//! `toYaml`. Rules: the spec sheet on YAML, measured against Helm; `tests/conformance/yaml`.
//!
//! Reading goes text → tokens (`scan`) → nodes as written (`compose`) → nodes as meant (`decode`, with
//! `resolve` for scalars); `documents` comes before it for texts of several documents, `json` after it
//! for what Helm's way through JSON refuses. `usual` goes from text to nodes as meant in one pass, where a
//! text is written as most are; what it reads, the long way would read alike.

mod build;
mod compose;
mod decode;
mod documents;
mod encoding;
mod error;
mod go_syntax;
mod hints;
mod json;
mod node;
mod once;
mod resolve;
mod scan;
#[cfg(test)]
mod tests;
mod usual;
mod write;

pub use encoding::{decode_bytes, decode_file};
pub use error::Error;
pub use json::Target;
pub use node::{Document, Entry, Kind, Node};
pub use once::Documents;
pub use write::{write, write_pretty};

use crate::diagnostic::Diagnostic;
use crate::profile::Helm;
use crate::source::{File, Span};
use decode::Decoded;
use documents::Chunk;
use std::sync::Arc;

/// The first document of a file, as `sigs.k8s.io/yaml` unmarshals it into an `interface{}`.
pub fn read(file: &Arc<File>) -> Result<Document, Diagnostic> {
    unmarshal(file, Target::Any).map_err(|error| error.diagnostic(file))
}

/// A values file. The root is a map; an empty file is an empty one. Helm 4 merges all documents.
pub fn read_values(file: &Arc<File>, helm: Helm) -> Result<Document, Diagnostic> {
    unmarshal_values(file, helm).map_err(|error| error.diagnostic(file))
}

/// The documents of a Kubernetes file, in order, without those that are empty or `null`. One that can't
/// be read does not stop the others; only a broken separator ends the file.
pub fn read_manifests(file: &Arc<File>) -> Vec<Result<Document, Diagnostic>> {
    let diagnostic = |error: Error| error.diagnostic(file);
    unmarshal_manifests(file).into_iter().map(|document| document.map_err(diagnostic)).collect()
}

/// [`read_manifests`] with errors that print as Kubernetes prints them.
pub fn unmarshal_manifests(file: &Arc<File>) -> Vec<Result<Document, Error>> {
    let read = |chunk| read_chunk(file, &chunk, Target::Any);
    documents::split(&file.text, true)
        .into_iter()
        .map(|chunk| chunk.and_then(read))
        .filter(|document| !matches!(document, Ok(document) if matches!(document.root.kind, Kind::Null)))
        .collect()
}

/// The first document of a file, as `sigs.k8s.io/yaml` unmarshals it into a Go value of the given kind.
/// The error prints as Helm prints it.
pub fn unmarshal(file: &Arc<File>, target: Target) -> Result<Document, Error> {
    read_chunk(file, &Chunk::whole(&file.text), target)
}

/// [`read_values`] with an error that prints as Helm prints it.
pub fn unmarshal_values(file: &Arc<File>, helm: Helm) -> Result<Document, Error> {
    let mut values =
        if helm.reads_all_documents() { all_documents(file, helm)? } else { unmarshal(file, Target::Map)? };
    if matches!(values.root.kind, Kind::Null) {
        values.root.kind = Kind::Map(Arc::from([]));
    }
    Ok(values)
}

fn all_documents(file: &Arc<File>, helm: Helm) -> Result<Document, Error> {
    let mut merged = Document::empty(file);
    for chunk in documents::split(&file.text, helm.loses_unended_lines()) {
        let next = read_chunk(file, &chunk?, Target::Map).map_err(Error::of_values)?;
        merged = documents::overlay(merged, next);
    }
    Ok(merged)
}

fn read_chunk(file: &Arc<File>, chunk: &Chunk, target: Target) -> Result<Document, Error> {
    let parsed = parse(chunk)?;
    json::check(&parsed.0, target)?;
    Ok(document(file, parsed))
}

/// A chunk's tree, and its comments.
fn parse(chunk: &Chunk) -> Result<(Decoded, Vec<Span>), Error> {
    match chunk.offset().and_then(|offset| usual::read(&chunk.text, offset)) {
        Some(parsed) => Ok(parsed),
        None => parse_any(chunk),
    }
}

/// The same, however it is written.
fn parse_any(chunk: &Chunk) -> Result<(Decoded, Vec<Span>), Error> {
    let place = |span| chunk.place(span);
    let mut composed = compose::compose(&chunk.text).map_err(|error| error.moved(place))?;
    if chunk.moves() {
        for written in &mut composed.nodes {
            written.span = place(written.span);
        }
        for comment in &mut composed.comments {
            *comment = place(*comment);
        }
    }
    Ok((decode::decode(&composed.nodes)?, composed.comments))
}

fn document(file: &Arc<File>, (decoded, comments): (Decoded, Vec<Span>)) -> Document {
    Document {
        file: Arc::clone(file),
        root: decoded.root,
        comments: comments.into(),
        duplicates: decoded.duplicates.into(),
    }
}
