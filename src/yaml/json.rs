//! What Helm's way through JSON refuses: values that JSON does not have, trees too deep for Go's reader,
//! and documents of another kind than the Go value they go into.

use super::decode::{Decoded, MAX_DEPTH};
use super::error::{Error, Stage};
use super::{Kind, Node};

/// The Go value that a document goes into.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// `interface{}`: any document.
    Any,
    /// `map[string]interface{}`: a mapping or nothing.
    Map,
    /// `[]interface{}`: a sequence or nothing.
    List,
}

/// Refuses what JSON or the target does not take.
pub(super) fn check(decoded: &Decoded, target: Target) -> Result<(), Error> {
    let root = &decoded.root;
    if decoded.infinite
        && let Some((node, float)) = root.walk().find_map(|(node, _)| infinite(node))
    {
        let text = crate::value::go_float(float);
        let mut error = Error::new(
            "yaml-number",
            Stage::Marshaling,
            format!("json: unsupported value: {text}"),
            node.span,
        );
        error.hint = Some("put it in quotes if it is meant as text; JSON has no such number");
        return Err(error);
    }
    if decoded.deep
        && let Some((node, _)) =
            root.walk().find(|(node, depth)| *depth >= MAX_DEPTH && bracket(node).is_some())
    {
        let bracket = bracket(node).unwrap_or('[');
        let problem = format!("invalid character '{bracket}' exceeded max depth");
        return Err(Error::new("yaml-depth", Stage::Unmarshaling, problem, node.span));
    }
    let (kind, fits) = match root.kind {
        Kind::Null => return Ok(()),
        Kind::Bool(_) => ("bool", false),
        Kind::Float(_) => ("number", false),
        Kind::String(_) => ("string", false),
        Kind::List(_) => ("array", target == Target::List),
        Kind::Map(_) => ("object", target == Target::Map),
    };
    let go_type = match target {
        Target::Any => return Ok(()),
        Target::Map => "map[string]interface {}",
        Target::List => "[]interface {}",
    };
    if fits {
        return Ok(());
    }
    let problem = format!("json: cannot unmarshal {kind} into Go value of type {go_type}");
    let mut error = Error::new("yaml-type", Stage::Unmarshaling, problem, root.span);
    error.hint = Some(match (target, kind) {
        (Target::Map, "string") => "the file has to be a mapping; is the space behind a `:` missing?",
        (Target::Map, _) => "the file has to be a mapping of keys to values",
        _ => "the text has to be a list",
    });
    Err(error)
}

fn infinite(node: &Node) -> Option<(&Node, f64)> {
    match node.kind {
        Kind::Float(float) if !float.is_finite() => Some((node, float)),
        _ => None,
    }
}

fn bracket(node: &Node) -> Option<char> {
    match node.kind {
        Kind::List(_) => Some('['),
        Kind::Map(_) => Some('{'),
        _ => None,
    }
}
