//! What a plugin's API answers (spec sheet section 2.11).

use super::Run;
use crate::argocd::failure::Failure;
use crate::argocd::parameters::{Data, Generator, Origin, Parameter, Parameters, Values};
use crate::argocd::typed::{Object, Typed};
use crate::yaml::Kind;
use std::sync::Arc;

/// The parameter sets of a plugin generator, from a fixture: the API's `output.parameters`.
///
/// # Errors
/// A plugin that nobody has described; an answer that is no list of maps.
pub fn generate(run: &mut Run, generator: &Object) -> Result<Vec<Parameters>, Failure> {
    let reference = generator.object("configMapRef");
    let name = reference.map_or("", |reference| reference.text("name"));
    let span = reference.map_or(generator.span, |reference| reference.span_of("name"));
    let example = format!("plugins: {{{name}: [{{key: value}}]}}");
    let Some(plugins) = &run.context.fixtures.plugins else {
        return Err(Failure::at(format!("what the plugin {name:?} answers is not known here"), span)
            .code("appset-unknown-plugin")
            .hint("give the API's `output.parameters` in a fixtures file")
            .hint(example));
    };
    let Some(answer) = plugins.get(name) else {
        let message = format!("configmaps {name:?} not found");
        return Err(Failure::at(message, span)
            .within("error fetching ConfigMap")
            .within("error getting plugin from generator")
            .hint(example));
    };
    // The whole answer of the API does as well as the list in it.
    let output = answer.node.get("output").and_then(|output| output.get("parameters"));
    let list = output.unwrap_or(&answer.node);
    let mut sets = Vec::new();
    for item in list.items() {
        if !matches!(item.kind, Kind::Map(_) | Kind::Null) {
            return Err(Failure::at(
                "error listing params: error fetching params: the answer is no list of maps",
                span,
            )
            .place(crate::source::Location::new(&answer.file, item.span)));
        }
        let written = Parameters::from_node(item, Generator::Plugin, &answer.file);
        let mut set = if run.renderer.is_go() { written } else { written.flatten(true) };
        set.insert("generator", input(run, generator));
        run.add_values(generator, Generator::Plugin, &mut set)
            .map_err(|failure| failure.within("error generating params"))?;
        sets.push(set);
    }
    Ok(sets)
}

/// `generator.input.parameters`: what the plugin was asked with.
fn input(run: &Run, generator: &Object) -> Parameter {
    let origin = Origin::at(Generator::Plugin, run.file, generator.span_of("input"));
    let given = generator.object("input").map(|input| input.map("parameters")).unwrap_or_default();
    let given = given.iter().filter_map(|(key, value)| match value {
        Typed::Json(node) => {
            Some((Arc::clone(&key.text), Parameter::from_node(node, Generator::Plugin, run.file)))
        }
        _ => None,
    });
    let map =
        |map: Parameters| Parameter { data: Data::Map(Values::Any, Arc::new(map)), origin: origin.clone() };
    let parameters = map(given.collect());
    let input = map([(Arc::from("parameters"), parameters)].into_iter().collect());
    map([(Arc::from("input"), input)].into_iter().collect())
}
