//! Elements that stand in the ApplicationSet itself (spec sheet section 2.1).

use super::Run;
use crate::argocd::failure::{Failure, TOO_DEEP, is_too_deep};
use crate::argocd::parameters::{Data, Generator, Parameter, Parameters};
use crate::argocd::typed::{Object, Typed};
use crate::diagnostic::Diagnostic;
use crate::source::{File, Location};
use crate::yaml::{Kind, Node, Target, unmarshal};
use std::sync::Arc;

/// The parameter sets of a list generator.
///
/// # Errors
/// In fasttemplate an element with a value that is no string; `elementsYaml` that is no list of maps.
pub fn generate(run: &mut Run, generator: &Object) -> Result<Vec<Parameters>, Failure> {
    let mut sets = Vec::new();
    for element in generator.list("elements") {
        let Typed::Json(node) = element else { continue };
        if !matches!(node.kind, Kind::Map(_) | Kind::Null) {
            let message = format!(
                "error unmarshling list element json: cannot unmarshal {} into Go value of type map[string]interface {{}}",
                node.json_kind()
            );
            return Err(Failure::at(message, node.span));
        }
        sets.push(if run.renderer.is_go() {
            Parameters::from_node(node, Generator::List, run.file)
        } else {
            texts(run, node)?
        });
    }
    sets.extend(from_text(generator, run.file)?);
    if sets.is_empty() {
        let told = Diagnostic::warning("appset-no-parameters", "the list generator has no elements")
            .at(Location::new(run.file, generator.span));
        run.findings.nothing_from(generator, vec![told]);
    }
    Ok(sets)
}

/// fasttemplate takes strings, and a map of strings as `values`.
fn texts(run: &Run, node: &Node) -> Result<Parameters, Failure> {
    let mut set = Parameters::default();
    for entry in node.entries() {
        let parameter = Parameter::from_node(&entry.value, Generator::List, run.file);
        let no_text = |node: &Node| {
            // Argo CD formats an error that it doesn't have.
            Failure::at("error parsing value as string %!w(<nil>)", node.span).hint(format!(
                "without goTemplate every value of an element must be a string: write it in quotes (key `{}`)",
                entry.key
            ))
        };
        if &*entry.key != "values" {
            if parameter.as_text().is_none() {
                return Err(no_text(&entry.value));
            }
            set.insert(Arc::clone(&entry.key), parameter);
            continue;
        }
        let Data::Map(_, values) = &parameter.data else {
            return Err(Failure::at("error parsing values map", entry.value.span));
        };
        for ((key, value), inner) in values.iter().zip(entry.value.entries()) {
            if value.as_text().is_none() {
                return Err(no_text(&inner.value));
            }
            set.insert(format!("values.{key}"), value.clone());
        }
    }
    Ok(set)
}

/// The elements of `elementsYaml`: not flattened, also for fasttemplate.
fn from_text(generator: &Object, file: &Arc<File>) -> Result<Vec<Parameters>, Failure> {
    let Some(text) = generator.get("elementsYaml").as_text().filter(|text| !text.text.is_empty()) else {
        return Ok(Vec::new());
    };
    let parent = Location::new(file, text.span);
    let inner = File::generated("<elementsYaml>", Arc::clone(&text.text), Some(parent));
    let wrong =
        |message: String| Failure::at(format!("error unmarshling decoded ElementsYaml {message}"), text.span);
    let document = unmarshal(&inner, Target::Any).map_err(|error| wrong(error.to_string()))?;
    if is_too_deep(&document.root) {
        return Err(wrong(TOO_DEEP.to_owned()));
    }
    let not = |node: &Node, of: &str| {
        let found = node.json_kind();
        wrong(format!(
            "error unmarshaling JSON: while decoding JSON: json: cannot unmarshal {found} into Go value of type {of}"
        ))
    };
    let items = match &document.root.kind {
        Kind::List(items) => items,
        Kind::Null => return Ok(Vec::new()),
        _ => return Err(not(&document.root, "[]map[string]interface {}")),
    };
    let set = |node: &Node| match &node.kind {
        Kind::Map(_) | Kind::Null => Ok(Parameters::from_node(node, Generator::List, &inner)),
        _ => Err(not(node, "map[string]interface {}")),
    };
    items.iter().map(set).collect()
}
