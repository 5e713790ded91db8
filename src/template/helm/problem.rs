//! Errors in Helm's words (Helm's engine, `cleanupParseError`, `cleanupExecError` and, from Helm 4 on,
//! `reformatExecErrorMsg`).

use crate::diagnostic::Diagnostic;
use crate::profile::Helm;
use crate::template::error::{Cause, Error};

/// What stands around the messages of `fail` and `required`, for Helm to find them again.
pub const MARKS: (&str, &str) = ("HELM_ERR_START", "HELM_ERR_END");

/// An error of parsing: the place, and the last part of Go's text.
pub fn parsing(path: &str, error: &Error) -> Diagnostic {
    let text = error.to_string();
    let parts: Vec<&str> = text.split(": ").collect();
    let message = match (parts.get(1), parts.last()) {
        (Some(location), Some(last)) => format!("parse error at ({location}): {last}"),
        _ => format!("parse error in ({path}): {text}"),
    };
    error.diagnostic(message)
}

/// An error of execution.
pub fn executing(path: &str, error: &Error, helm: Helm) -> Diagnostic {
    let text = error.to_string();
    if error.cause == Cause::Budget || !error.links.first().is_some_and(|link| link.located) {
        return error.diagnostic(text);
    }
    let mut parts = text.splitn(3, ": ");
    let (Some(_), Some(location), Some(rest)) = (parts.next(), parts.next(), parts.next()) else {
        return error.diagnostic(format!("execution error in ({path}): {text}"));
    };
    if let Some(said) = marked(rest) {
        return error.diagnostic(format!("execution error at ({location}): {said}"));
    }
    if helm.is_4() {
        return error.diagnostic(in_lines(error).unwrap_or(text));
    }
    error.diagnostic(text)
}

/// What `fail` or `required` said: from the first mark to the last.
fn marked(text: &str) -> Option<&str> {
    let (_, after) = text.split_once(MARKS.0)?;
    after.rsplit_once(MARKS.1).map(|(said, _)| said)
}

/// The chain of errors with a part for each place; `None` if one of them names no place.
fn in_lines(error: &Error) -> Option<String> {
    let mut parts: Vec<String> = Vec::new();
    for (at, link) in error.links.iter().enumerate() {
        // An error is followed by those that it wraps. Only the start of these matters here.
        let next = error.links.get(at + 1).map_or("", |next| &next.text);
        let part = part(&format!("{}{next}", link.text))?;
        if parts.last() != Some(&part) {
            parts.push(part);
        }
    }
    Some(parts.concat().trim().to_owned())
}

/// The lines for one error.
fn part(text: &str) -> Option<String> {
    let rest = text.strip_prefix("template: ")?;
    if rest.starts_with("no template ") {
        return Some(format!("{text}\n"));
    }
    let cut = |message: &str| message.split_once(" template:").map_or(message, |(head, _)| head).to_owned();
    if let Some((location, after)) = rest.split_once(": executing ")
        && let Some(lines) = executing_part(location, after, cut)
    {
        return Some(lines);
    }
    let (location, message) = rest.rsplit_once(": ")?;
    let message = cut(message);
    let message = if message.is_empty() { message } else { format!("{message}\n") };
    Some(format!("{location}\n  {message}"))
}

fn executing_part(location: &str, after: &str, cut: impl Fn(&str) -> String) -> Option<String> {
    let (function, after) = after.strip_prefix('"')?.split_once('"')?;
    let (context, message) = after.strip_prefix(" at <")?.split_once(">: ")?;
    let message = cut(message);
    let message = if message.is_empty() { message } else { format!("{message}\n") };
    Some(format!("{location}\n  executing \"{function}\" at <{context}>:\n    {message}"))
}
