//! Generators: from an entry of `spec.generators` to parameter sets.
//!
//! Spec sheet section 2. Every generator answers with the parameter sets that Argo CD's gives, or with
//! its first error.

pub mod cluster_decision_resource;
pub mod clusters;
pub mod git;
pub mod list;
pub mod matrix;
pub mod merge;
pub mod oci;
mod path;
pub mod plugin;
pub mod pull_request;
pub mod scm_provider;

use super::applicationset::{Context, Means};
use super::combine::Overwritten;
use super::decode::{Decoder, Scalars};
use super::failure::Failure;
use super::interpolate::{Interpolation, has_templates};
use super::memo::{Caller, Pieces};
use super::parameters::{Data, Generator, Origin, Parameter, Parameters, Values};
use super::selector::{Rules, Selector};
use super::template::fill;
use super::text::{Renderer, Scope};
use super::typed::{Object, Typed};
use super::types::{self, GENERATOR};
use crate::diagnostic::Diagnostic;
use crate::source::{File, Location, Same, Span};
use crate::yaml::Node;
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;

/// Generators in the order in which Argo CD tries an entry's keys.
pub const KINDS: [&str; 10] = [
    "list",
    "clusters",
    "git",
    "scmProvider",
    "clusterDecisionResource",
    "pullRequest",
    "matrix",
    "merge",
    "plugin",
    "oci",
];

/// The evaluation of one ApplicationSet.
pub struct Run<'a> {
    /// What it may look at.
    pub context: &'a Context<'a>,
    /// The file of the ApplicationSet.
    pub file: &'a Arc<File>,
    /// `spec.template.spec.project`.
    pub project: &'a str,
    /// Renders its strings.
    pub renderer: Renderer,
    /// Renders `values` of a matrix' second child, if the version does so first.
    pub strict: Option<Renderer>,
    /// What there is to say beside the result.
    pub findings: Findings,
    /// Whether it evaluates children of a merge generator.
    pub merging: bool,
    /// What is known from an evaluation before, and kept for the next one.
    pub pieces: Pieces<'a>,
    /// What it is done with.
    pub means: &'a Means<'a>,
}

/// What there is to say about an evaluation, each thing once.
#[derive(Debug, Default)]
pub struct Findings {
    /// Notes and warnings.
    pub list: Vec<Diagnostic>,
    overwritten: HashMap<(String, Generator, Generator), (Overwritten, usize)>,
    /// Generators by where they stand: sets that they gave in all, and why some call gave none.
    yields: HashMap<Span, (usize, Vec<Diagnostic>)>,
}

/// Parameter sets of one generator, with the template that is meant for them.
pub struct Generated {
    /// The parameter sets.
    pub sets: Rc<Vec<Arc<Parameters>>>,
    /// The set's template, filled into the generator's own.
    pub template: Object,
}

impl<'a> Run<'a> {
    /// The evaluation of the set in `file`.
    pub fn new(
        context: &'a Context<'a>,
        file: &'a Arc<File>,
        project: &'a str,
        renderer: Renderer,
        means: &'a Means<'a>,
    ) -> Self {
        let strict = context.profile.argocd.keeps_values_for_second_child().then(|| renderer.strict());
        let (findings, pieces) = (Findings::default(), Pieces::after(means.before));
        Self { context, file, project, renderer, strict, findings, merging: false, pieces, means }
    }

    /// Evaluates an entry of `spec.generators` or a child of a combining generator, with the
    /// parameters of a matrix' first child if it is the second.
    ///
    /// # Errors
    /// The first of the entry's generators that fails.
    pub fn transform(
        &mut self,
        entry: &Object,
        base: &Object,
        outer: Option<&Arc<Parameters>>,
    ) -> Result<Vec<Generated>, Failure> {
        let selector = match entry.object("selector") {
            Some(selector) => {
                let read = Selector::new(selector, Rules::Parameters);
                Some(read.map_err(|failure| failure.within("error parsing label selector"))?)
            }
            None => None,
        };
        let asked: Vec<_> = KINDS.iter().filter(|kind| entry.get(kind).is_given()).collect();
        if asked.is_empty() {
            self.findings.list.push(
                Diagnostic::warning("appset-no-generator", "the entry names no generator that Argo CD knows")
                    .at(Location::new(self.file, entry.span))
                    .hint(format!("known are {}", KINDS.join(", "))),
            );
        }
        let outer = outer.filter(|outer| !outer.is_empty());
        let mut generated = Vec::new();
        for kind in asked {
            let own = entry.object(kind).and_then(|generator| generator.object("template").cloned());
            let template = match &own {
                Some(own) => fill(own, base),
                None => base.clone(),
            };
            let interpolated = match outer {
                Some(outer) => self.interpolate(entry, outer)?,
                None => entry.clone(),
            };
            let Some(generator) = interpolated.object(kind) else { continue };
            let filled = outer.filter(|_| !is_independent(entry));
            let caller = (generator.span, filled.map(Same::of));
            let sets =
                self.generate(kind, generator, &caller).map_err(|failure| failure.or_at(generator.span))?;
            let given = sets.len();
            let sets = match &selector {
                Some(selector) => {
                    self.select(sets, selector, entry.object("selector").map_or(entry.span, |at| at.span))
                }
                None => sets,
            };
            self.findings.yields.entry(generator.span).or_default().0 += given;
            generated.push(Generated { sets: Rc::new(sets), template });
        }
        Ok(generated)
    }

    fn interpolate(&mut self, entry: &Object, outer: &Parameters) -> Result<Object, Failure> {
        // Argo CD renders every field, given or not: an unknown option of templates is met in any case.
        let scope = &Scope::new(outer);
        let nothing = self.renderer.parse(&Arc::from("")).render(scope);
        nothing.map_err(|message| Failure::at(message, entry.span))?;
        let mut interpolation =
            Interpolation { renderer: &mut self.renderer, values: self.strict.as_mut(), scope };
        interpolation
            .object(entry)
            .map_err(|failure| failure.within("failed to replace parameters in generator"))
    }

    fn generate(
        &mut self,
        kind: &str,
        generator: &Object,
        caller: &Caller,
    ) -> Result<Vec<Arc<Parameters>>, Failure> {
        let sets = match kind {
            "git" => return git::generate(self, generator, caller),
            "matrix" => return matrix::generate(self, generator),
            "oci" => return oci::generate(self, generator, caller),
            "list" => list::generate(self, generator)?,
            "clusters" => clusters::generate(self, generator)?,
            "scmProvider" => scm_provider::generate(self, generator)?,
            "clusterDecisionResource" => cluster_decision_resource::generate(self, generator)?,
            "pullRequest" => pull_request::generate(self, generator)?,
            "merge" => merge::generate(self, generator)?,
            _ => plugin::generate(self, generator)?,
        };
        Ok(self.shared(caller, sets))
    }

    /// Sets of a generator as the evaluation before had them, where they are equal. Not inside a merge:
    /// there it matters which sets hold the same maps.
    fn shared(&mut self, caller: &Caller, sets: Vec<Parameters>) -> Vec<Arc<Parameters>> {
        if self.merging {
            return sets.into_iter().map(Arc::new).collect();
        }
        self.pieces.sets(caller.clone(), sets)
    }

    fn select(
        &mut self,
        sets: Vec<Arc<Parameters>>,
        selector: &Selector,
        span: Span,
    ) -> Vec<Arc<Parameters>> {
        let texts_are_opaque = !self.context.profile.argocd.selects_in_string_maps();
        let total = sets.len();
        let mut unmet = HashMap::<String, (usize, Option<Arc<str>>)>::new();
        let mut kept = Vec::with_capacity(total);
        for set in sets {
            let flat = set.flatten(texts_are_opaque);
            let value =
                |key: &str| flat.get(key).and_then(|parameter| parameter.as_text()).map(|text| &**text);
            match selector.first_unmet(value) {
                None => kept.push(set),
                Some(requirement) => {
                    let found = flat.get(&requirement.key).map(Parameter::text);
                    unmet.entry(requirement.to_string()).or_insert((0, found)).0 += 1;
                }
            }
        }
        let mut unmet: Vec<_> = unmet.into_iter().collect();
        unmet.sort();
        for (requirement, (count, found)) in unmet {
            let found = found.map_or("not given".to_owned(), |found| format!("{found:?}"));
            let message = format!(
                "the selector drops {count} of {total} parameter sets that don't satisfy `{requirement}` (the first has {found})"
            );
            self.findings
                .list
                .push(Diagnostic::note("appset-selector-drops", message).at(Location::new(self.file, span)));
        }
        kept
    }

    /// A child of a combining generator; `retrieving` is what that one says of a child that is a merge
    /// generator which can't be read.
    fn child(
        &mut self,
        child: &Object,
        outer: Option<&Arc<Parameters>>,
        retrieving: Option<&str>,
    ) -> Result<Rc<Vec<Arc<Parameters>>>, Failure> {
        let entry = self.entry_of(child, retrieving)?;
        let nothing = Object::empty(&types::TEMPLATE, child.span);
        let generated = self
            .transform(&entry, &nothing, outer)
            .map_err(|failure| failure.within("child generator returned an error on parameter generation"))?;
        let mut generated = generated.into_iter();
        match (generated.next(), generated.next()) {
            (None, _) => Err(Failure::at("child generator generated no parameters", child.span)),
            (Some(only), None) => Ok(only.sets),
            (Some(_), Some(_)) => {
                Err(Failure::at("found more than one generator in matrix.Generators", child.span))
            }
        }
    }

    /// A nested child as an entry: combining generators inside are decoded now, and exactly.
    fn entry_of(&mut self, child: &Object, retrieving: Option<&str>) -> Result<Object, Failure> {
        let mut values = Vec::with_capacity(GENERATOR.fields.len());
        for field in GENERATOR.fields {
            let value = match (field.name, child.get(field.name)) {
                ("matrix", Typed::Json(node)) => {
                    let nested = self.decode_nested(&types::NESTED_MATRIX, node)?;
                    Typed::Object(combining(&types::MATRIX, &nested))
                }
                ("merge", Typed::Json(node)) => {
                    let nested = self.decode_nested(&types::NESTED_MERGE, node);
                    let nested = nested.map_err(|failure| {
                        let failure = failure.within("error converting to nested merge generator");
                        retrieving.into_iter().fold(failure, Failure::within)
                    })?;
                    Typed::Object(combining(&types::MERGE, &nested))
                }
                (_, value) => value.clone(),
            };
            values.push(value);
        }
        Ok(Object { structure: &GENERATOR, values: values.into(), span: child.span })
    }

    fn decode_nested(
        &mut self,
        structure: &'static types::Structure,
        node: &Node,
    ) -> Result<Object, Failure> {
        let argocd = self.context.profile.argocd;
        let mut decoder = Decoder::new(self.file, Scalars::Exact, argocd, &[]);
        let decoded = decoder.decode(structure, node);
        self.findings.list.extend(decoder.findings());
        decoded.map_err(|mismatch| Failure::at(mismatch.message, mismatch.span))
    }

    /// Adds the generator's `values` to a set, each rendered with the set itself.
    fn add_values(
        &mut self,
        generator: &Object,
        kind: Generator,
        set: &mut Parameters,
    ) -> Result<(), Failure> {
        if generator.map("values").is_empty() {
            return Ok(());
        }
        let mut values = Vec::new();
        let scope = Scope::new(set);
        for (key, value) in generator.map("values") {
            let Some(text) = value.as_text() else { continue };
            let rendered = self.renderer.replace(&text.text, &scope).map_err(|message| {
                Failure::at(message, text.span)
                    .within("failed to replace templated string with rendered values")
                    .within("failed to replace templated string")
            })?;
            let origin = Origin::at(kind, self.file, text.span);
            values.push((Arc::clone(&key.text), Parameter::string(rendered, origin)));
        }
        self.insert_values(values, kind, generator, set);
        Ok(())
    }

    fn insert_values(
        &self,
        values: Vec<(Arc<str>, Parameter)>,
        kind: Generator,
        generator: &Object,
        set: &mut Parameters,
    ) {
        if values.is_empty() {
            return;
        }
        if self.renderer.is_go() {
            let origin = Origin::at(kind, self.file, generator.span_of("values"));
            let map = Arc::new(values.into_iter().collect::<Parameters>());
            set.insert("values", Parameter { data: Data::Map(Values::Texts, map), origin });
        } else {
            for (key, value) in values {
                set.insert(format!("values.{key}"), value);
            }
        }
    }

    /// The AppProject of a set whose project is not templated must exist, before its repositories are
    /// read.
    fn check_project(&self) -> Result<(), Failure> {
        if self.project.is_empty() {
            return Err(Failure::new("error getting project : appprojects.argoproj.io \"\" not found")
                .hint("give spec.template.spec.project, e.g. `default`"));
        }
        Ok(())
    }
}

/// A nested combining generator as the outer kind, which has a template too.
fn combining(structure: &'static types::Structure, nested: &Object) -> Object {
    let values = structure.fields.iter().map(|field| nested.get(field.name).clone());
    Object { structure, values: values.collect(), span: nested.span }
}

/// Whether a child can be evaluated once for all sets of the first: nothing in it depends on them.
fn is_independent(child: &Object) -> bool {
    !has_templates(&Typed::Object(child.clone()))
}

impl Findings {
    /// A parameter of one generator replaced that of another.
    fn overwritten(&mut self, lost: Vec<Overwritten>) {
        for lost in lost {
            let key = (lost.name.clone(), lost.winner.origin.generator, lost.loser.origin.generator);
            self.overwritten.entry(key).or_insert((lost, 0)).1 += 1;
        }
    }

    /// Why a generator gave nothing; told only if it never gives anything.
    fn nothing_from(&mut self, generator: &Object, reasons: Vec<Diagnostic>) {
        let told = &mut self.yields.entry(generator.span).or_default().1;
        if told.is_empty() {
            *told = reasons;
        }
    }

    /// Everything, as diagnostics.
    pub fn into_diagnostics(mut self) -> Vec<Diagnostic> {
        let mut all = std::mem::take(&mut self.list);
        let mut silent: Vec<_> = self.yields.into_iter().filter(|(_, (sets, _))| *sets == 0).collect();
        silent.sort_by_key(|(span, _)| *span);
        all.extend(silent.into_iter().flat_map(|(_, (_, reasons))| reasons));
        let mut overwritten: Vec<_> = self.overwritten.into_iter().collect();
        overwritten.sort_by(|a, b| a.0.cmp(&b.0));
        all.extend(overwritten.into_iter().map(|((name, winner, loser), (first, count))| {
            let message = format!(
                "the parameter `{name}` of the {winner} generator replaces that of the {loser} generator in {count} parameter set{}",
                if count == 1 { "" } else { "s" }
            );
            let mut told = Diagnostic::warning("appset-parameter-overwritten", message)
                .hint("rename one of them: a template can't reach the replaced one");
            told.location = first.winner.origin.place;
            match first.loser.origin.place {
                Some(place) => told.with(place, format!("replaced: {}", first.loser.data)),
                None => told,
            }
        }));
        all
    }
}
