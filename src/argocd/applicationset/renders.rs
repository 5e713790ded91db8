//! From parameter sets to Applications: a template of a set, rendered for many sets at once.

use super::Application;
use crate::argocd::failure::Failure;
use crate::argocd::parameters::Parameters;
use crate::argocd::patch::{Patch, Patcher, Patches};
use crate::argocd::template::{Rules, Template};
use crate::argocd::text::{Language, Renderer, Scope};
use crate::argocd::typed::{Object, Text};
use crate::diagnostic::Diagnostic;
use crate::profile::ArgoCd;
use crate::source::{File, Location, Same};
use crate::template::functions::StandIn;
use crate::value::Value;
use std::cell::RefCell;
use std::collections::HashSet;
use std::sync::Arc;

/// How the Applications of a set are rendered.
pub(super) struct Renders<'a> {
    pub file: &'a Arc<File>,
    pub language: Language,
    pub rules: Rules<'a>,
    /// The set's `templatePatch`, and what was rendered of it before.
    pub patch: Option<(&'a Text, &'a Patches)>,
    pub argocd: ArgoCd,
}

/// The Applications of some parameter sets, in order up to the first that can't be rendered.
pub(super) struct Batch {
    pub applications: Vec<Arc<Application>>,
    pub failure: Option<Failure>,
    pub told: Rendered,
}

/// What there is to say about a batch.
#[derive(Default)]
pub(super) struct Rendered {
    made_up: Vec<StandIn>,
    patches: Vec<Arc<Patch>>,
    unreadable: Vec<Diagnostic>,
}

impl Renders<'_> {
    /// The Applications of a template. Every batch compiles it for itself: what is compiled belongs to one
    /// thread.
    pub fn render(&self, template: &Arc<Object>, sets: &[&Arc<Parameters>]) -> Batch {
        let mut renderer = Renderer::of(self.language.clone());
        let mut patcher =
            self.patch.map(|(patch, read)| Patcher::new(patch, self.file, self.argocd, &mut renderer, read));
        let compiled = Template::new(template, &self.rules, &mut renderer);
        let converted = RefCell::default();
        let mut batch =
            Batch { applications: Vec::with_capacity(sets.len()), failure: None, told: Rendered::default() };
        for &parameters in sets {
            let scope = if renderer.changes_maps {
                Scope::new(parameters)
            } else {
                Scope::sharing(parameters, &converted)
            };
            match self.application(template, &compiled, patcher.as_mut(), parameters, &scope) {
                Ok(application) => batch.applications.push(Arc::new(application)),
                Err(failure) => {
                    batch.failure = Some(failure);
                    break;
                }
            }
        }
        batch.told.made_up = renderer.made_up.take();
        if let Some(patcher) = patcher {
            (batch.told.patches, batch.told.unreadable) = (patcher.used, patcher.findings);
        }
        batch
    }

    fn application(
        &self,
        template: &Arc<Object>,
        compiled: &Template,
        patcher: Option<&mut Patcher>,
        parameters: &Arc<Parameters>,
        scope: &Scope,
    ) -> Result<Application, Failure> {
        let rendered = compiled.render(scope);
        let mut object = rendered.map_err(|message| Failure::at(message, template.span))?;
        let mut patch = None;
        if let Some(patcher) = patcher {
            let (patched, document) = patcher.apply(&object, scope, self.rules.namespace)?;
            (object, patch) = (patched, Some(document));
        }
        Ok(Application {
            name: name_of(&object),
            object,
            parameters: Arc::clone(parameters),
            template: Arc::clone(template),
            patch,
            file: Arc::clone(self.file),
        })
    }
}

fn name_of(object: &Value) -> Arc<str> {
    match object.get("metadata").and_then(|metadata| metadata.get("name")) {
        Some(Value::String(name)) => Arc::clone(name),
        _ => Arc::default(),
    }
}

/// What there is to say about all batches, each thing once.
#[derive(Default)]
pub(super) struct Told {
    made_up: Vec<StandIn>,
    known: HashSet<Same<Patch>>,
    /// About rendered patches.
    pub of_patches: Vec<Diagnostic>,
}

impl Told {
    /// What there is to say about the next batch.
    pub fn add(&mut self, batch: Rendered) {
        self.made_up(batch.made_up);
        for patch in batch.patches {
            if self.known.insert(Same::of(&patch)) {
                self.of_patches.extend(patch.findings.iter().cloned());
            }
        }
        self.of_patches.extend(batch.unreadable);
    }

    /// Values that had to be made up.
    pub fn made_up(&mut self, values: Vec<StandIn>) {
        for value in values {
            if !self.made_up.contains(&value) {
                self.made_up.push(value);
            }
        }
    }

    /// Whether there is nothing to say.
    pub fn is_empty(&self) -> bool {
        self.made_up.is_empty() && self.of_patches.is_empty()
    }

    /// The values that were made up, told at the template.
    pub fn made_up_values(&self, template: Location) -> impl Iterator<Item = Diagnostic> {
        self.made_up.iter().map(move |value| {
            let message =
                format!("`{}` asks for {}: its value is made up here", value.function, value.source);
            Diagnostic::note("appset-made-up", message).at(template.clone())
        })
    }
}
