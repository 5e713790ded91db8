//! Templates that can call each other.

use super::code::{Code, Functions};
use super::compile::compile;
use super::error::Error;
use super::parser::parse;
use super::pieces::Piece;
use crate::source::File;
use std::collections::HashMap;
use std::sync::Arc;

/// Templates by name, with the functions that they may call. Immutable once parsed, shared between
/// executions and threads.
#[derive(Clone, Debug)]
pub struct Set {
    /// The name of the set, which stands in the error for a template that is not there.
    pub name: Arc<str>,
    functions: Arc<Functions>,
    templates: Templates,
}

/// Templates by name.
#[derive(Clone, Debug, Default)]
pub(super) struct Templates(HashMap<Arc<str>, Arc<Code>>);

impl Set {
    /// A set without templates.
    pub fn new(name: impl Into<Arc<str>>, functions: Arc<Functions>) -> Self {
        Self { name: name.into(), functions, templates: Templates::default() }
    }

    /// The functions.
    pub fn functions(&self) -> &Arc<Functions> {
        &self.functions
    }

    /// Adds a text under `name`, and what it defines. Later templates replace earlier ones of the same
    /// name, unless they are empty.
    pub fn parse(&mut self, file: &Arc<File>, name: &str) -> Result<(), Error> {
        for code in parse_text(file, name, &self.functions)? {
            self.templates.add(code);
        }
        Ok(())
    }

    /// The template of that name.
    pub(super) fn get(&self, name: &str) -> Option<&Arc<Code>> {
        self.templates.get(name)
    }

    /// The keys of its data that a template may read, when it reads nothing else of the data; `None` if it
    /// may look at the data as a whole. What the template calls counts as its own.
    pub fn reads(&self, name: &str) -> Option<Vec<Arc<str>>> {
        super::reads::reads(&self.templates.get(name)?.source)
    }

    /// What a template puts together, if it only prints texts and values.
    pub fn pieces(&self, name: &str) -> Option<Vec<Piece>> {
        super::pieces::pieces(&self.templates.get(name)?.source)
    }

    /// The names of all templates, in order.
    pub fn names(&self) -> Vec<&Arc<str>> {
        let mut names: Vec<_> = self.templates.0.keys().collect();
        names.sort_unstable();
        names
    }
}

impl Templates {
    /// The template of that name.
    pub fn get(&self, name: &str) -> Option<&Arc<Code>> {
        self.0.get(name)
    }

    /// Adds a template; an empty one replaces no other.
    pub fn add(&mut self, code: Arc<Code>) {
        if !code.empty || !self.0.contains_key(&code.name) {
            self.0.insert(Arc::clone(&code.name), code);
        }
    }
}

/// The templates of a text: those that it defines, and itself as the last one.
pub(super) fn parse_text(
    file: &Arc<File>,
    name: &str,
    functions: &Functions,
) -> Result<Vec<Arc<Code>>, Error> {
    let source = Arc::new(parse(file, name, &|function| functions.get(function).is_some())?);
    let code = |template| Arc::new(compile(&source, template, functions));
    Ok(source.templates.iter().map(code).collect())
}
