//! One source of an Application: its layers merged, its chart's values computed, its schemas asked.

use super::cache::{Cache, Templates};
use super::schemas::SchemaFiles;
use crate::argocd::sources::{Helm, Source, SourceKind};
use crate::chart::{self, Chart};
use crate::diagnostic::Diagnostic;
use crate::lint::{self, Finding};
use crate::merge::{self, Cell, Content, Explanation, Layer, LayerId, Step, Tree, Write};
use crate::profile;
use crate::repository::Repositories;
use crate::schema::{self, Owner, Schema, Violation, words};
use crate::source::Location;
use crate::value::Value;
use serde_json::{Value as Json, json};
use std::cell::OnceCell;
use std::sync::Arc;

/// What makes two findings one: what is said about which bytes, by which rule.
#[derive(PartialEq, Eq, Hash)]
pub struct Identity<'a>(&'static str, &'a str, Option<Bytes>, Option<Bytes>);

/// Bytes of a file, which is told by its address.
type Bytes = (usize, u32, u32);

impl<'a> Identity<'a> {
    /// The identity of a finding.
    pub fn of(diagnostic: &'a Diagnostic) -> Self {
        let bytes = |at: &Location| (Arc::as_ptr(&at.file) as usize, at.span.start, at.span.end);
        let related = diagnostic.related.first().map(|related| bytes(&related.location));
        Self(diagnostic.code, &diagnostic.message, diagnostic.location.as_ref().map(bytes), related)
    }
}

/// A schema that the values of a source are held against.
#[derive(Clone, Debug)]
pub struct Applied {
    /// The schema.
    pub schema: Arc<Schema>,
    /// Where the values that it is about stand; empty but for subcharts.
    pub at: Vec<Step>,
}

/// What a Helm source comes to.
#[derive(Debug)]
pub struct HelmSource {
    /// The chart, if it could be loaded.
    pub chart: Option<Arc<Chart>>,
    /// What the chart's templates see, if it could be computed.
    pub values: Option<chart::Values>,
    /// The user's layers alone, merged; empty where there are `values` that hold them already.
    pub user: Arc<Tree>,
    /// Every layer, lowest precedence first.
    pub layers: Vec<(LayerId, Arc<Layer>)>,
    /// The schemas, in the order in which they are asked.
    pub schemas: Vec<Applied>,
    /// Why Argo CD or Helm fails for it; the first reason.
    pub failure: Option<Diagnostic>,
    /// What is wrong or worth knowing, the failure aside.
    pub findings: Vec<Finding>,
    /// The Helm whose rules apply.
    pub(super) helm: profile::Helm,
    /// The final values without their writes, once they were asked for.
    plain: OnceCell<Value>,
    /// The same as schemas read them; `None` if they are nested too deep for that.
    json: OnceCell<Option<Json>>,
    /// The chart's templates, which all Applications of it share.
    pub(super) templates: Templates,
    /// Whether its chart's dependencies were looked for elsewhere.
    pub(super) searched: bool,
    skips_schemas: bool,
}

impl HelmSource {
    /// Merges the layers of a Helm source and computes its values. What can be computed is, whatever fails.
    pub(super) fn new(
        source: &Source,
        helm: &Helm,
        cache: &Cache,
        repositories: &Repositories,
        profile: profile::Profile,
    ) -> Self {
        let user_layers: Vec<Arc<Layer>> = helm.layers.iter().map(|layer| cache.layer(layer)).collect();
        let mut failures = Vec::from_iter(source.error.clone());
        let loaded = cache.chart(helm, repositories).map_err(|failure| failures.push(failure)).ok();
        let missing = loaded.as_ref().map_or(&[] as &[_], |loaded| &loaded.missing);
        failures.extend(missing.iter().cloned());
        let chart = loaded.as_ref().map(|loaded| Arc::clone(&loaded.chart));
        failures.extend(helm.layer_error());
        let mut values = chart.as_ref().and_then(|chart| cache.values(chart, &user_layers));
        let mut user = Arc::default();
        if values.is_none() {
            let (merged, failure) = cache.merge(&user_layers);
            failures.extend(failure);
            values = chart.as_ref().and_then(|chart| {
                chart::values(chart, &merged, profile.helm).map_err(|failure| failures.push(failure)).ok()
            });
            user = merged;
        }
        if let (Some(unknown), false) = (failures.first_mut(), missing.is_empty())
            && let Some(chart) = &chart
            && let Some(said) = chart::missing_dependencies_error(chart, profile.helm)
            && unknown.code == missing[0].code
        {
            *unknown = unknown.clone().hint(format!("as it is, Helm says: {}", said.message));
        }
        let layers = values.as_ref().map_or_else(|| numbered(&user), |values| values.layers.clone());
        let layers = layers.into_iter().map(|(id, layer)| {
            // A layer that could not be merged counted as absent; here it is itself again.
            let own = id.as_user().and_then(|position| user_layers.get(position));
            (id, own.map_or(layer, Arc::clone))
        });
        let mut evaluated = Self {
            chart,
            values,
            user,
            layers: layers.collect(),
            schemas: Vec::new(),
            failure: failures.into_iter().next(),
            findings: source.problems.iter().cloned().map(Finding::from).collect(),
            helm: profile.helm,
            plain: OnceCell::new(),
            json: OnceCell::new(),
            templates: Templates::default(),
            searched: loaded.is_none_or(|loaded| loaded.searched),
            skips_schemas: helm.skips.schema_validation,
        };
        if let Some(values) = &evaluated.values {
            evaluated.templates = cache.templates(values);
        }
        evaluated
    }

    /// Holds the values against their schemas and looks for what is valid and still wrong.
    pub(super) fn check(&mut self, cache: &Cache, schema_files: &SchemaFiles) {
        if !self.skips_schemas {
            let broken = self.validate_charts(cache);
            self.failure = self.failure.take().or(broken);
        }
        self.validate_neighbours(cache, schema_files);
        if let Some(values) = &self.values {
            self.findings.extend(lint::check(values, &cache.reads(values)));
        }
    }

    /// The tree of final values; the user's alone where the chart is not known.
    pub fn root(&self) -> &Cell {
        self.values.as_ref().map_or_else(|| self.user.root(), |values| &values.root)
    }

    /// The final values.
    pub fn value(&self) -> &Value {
        self.plain.get_or_init(|| self.root().to_value().unwrap_or_else(Value::empty_map))
    }

    /// Everything that was written at a path, and what has become of it.
    pub fn explain(&self, path: &[Step]) -> Explanation {
        match &self.values {
            Some(values) => values.explain(path),
            None => merge::explain(self.user.root(), path),
        }
    }

    /// Where a write stands.
    pub fn place(&self, write: &Write) -> Option<Location> {
        let (_, layer) = self.layers.iter().find(|(id, _)| *id == write.layer)?;
        Some(Location::new(layer.file()?, write.span()))
    }

    /// The schemas of the chart and its subcharts, as Helm asks them; the error with which Helm fails.
    fn validate_charts(&mut self, cache: &Cache) -> Option<Diagnostic> {
        let enabled = self.values.as_ref()?.charts.iter();
        let charts: Vec<_> =
            enabled.filter_map(|one| Some((one.chart.schema.clone()?, one.path.clone()))).collect();
        let mut first = None;
        for (file, at) in charts {
            let problem = match cache.schema(&file, Owner::Chart, &()) {
                Ok(schema) => self.hold_against(Applied { schema, at }),
                Err(problem) => Some(problem),
            };
            first = first.or(problem);
        }
        let first = first?;
        // The words are Helm's, about all charts; the place is that of the first thing to mend.
        let message = words::failure(self.values.as_ref()?, |file| cache.schema(file, Owner::Chart, &()))?;
        Some(Diagnostic { message, ..first })
    }

    /// The schemas that stand beside value files. Argo CD never sees them; reviewers do.
    fn validate_neighbours(&mut self, cache: &Cache, schema_files: &SchemaFiles) {
        let files = self.layers.iter().filter_map(|(_, layer)| match &layer.content {
            Content::Document(document) if layer.kind == merge::Kind::ValueFile => {
                Some(Arc::clone(&document.file))
            }
            _ => None,
        });
        for neighbour in schema_files.beside(files) {
            match cache.schema(&neighbour.file, neighbour.owner, &*neighbour.tree) {
                Ok(schema) => {
                    self.hold_against(Applied { schema, at: Vec::new() });
                }
                Err(problem) => self.findings.push(problem.into()),
            }
        }
    }

    /// Validates, keeps each violation as a finding, and gives the first one.
    fn hold_against(&mut self, applied: Applied) -> Option<Diagnostic> {
        let mut first = None;
        if !self.is_valid(&applied) {
            let values = applied.at.iter().try_fold(self.value(), |value, step| match step {
                Step::Key(key) => value.get(key),
                Step::Index(index) => value.as_list()?.get(*index),
            });
            let violations = applied.schema.validate(values.unwrap_or(&Value::empty_map()));
            let findings = self.blame(&violations, &applied);
            first = findings.first().map(|finding| finding.diagnostic.clone());
            self.findings.extend(findings);
        }
        self.schemas.push(applied);
        first
    }

    fn is_valid(&self, applied: &Applied) -> bool {
        let Some(whole) = self.json.get_or_init(|| schema::plain(self.value())) else { return false };
        let values = applied.at.iter().try_fold(whole, |value, step| match step {
            Step::Key(key) => value.get(&**key),
            Step::Index(index) => value.get(index),
        });
        values.map_or_else(|| applied.schema.holds(&json!({})), |values| applied.schema.holds(values))
    }

    /// Violations with the writes that are to blame for them.
    fn blame(&self, violations: &[Violation], applied: &Applied) -> Vec<Finding> {
        let mut findings: Vec<Finding> = Vec::with_capacity(violations.len());
        let breaking = self.breaking_layers(violations, applied);
        for (violation, breaking) in violations.iter().zip(breaking) {
            let names: Vec<String> =
                applied.at.iter().map(ToString::to_string).chain(violation.path.clone()).collect();
            let steps = merge::steps(self.root(), &names);
            let write = (0..=steps.len()).rev().find_map(|length| {
                let explanation = self.explain(&steps[..length]);
                explanation.winner().and_then(|winner| winner.write.clone())
            });
            let blamed = write.as_ref().and_then(|write| self.place(write));
            let mut diagnostic = violation.diagnostic(applied.schema.owner, blamed);
            if let Some(id) = breaking {
                diagnostic = diagnostic.hint(format!("it was valid until {}", self.speaks_at(id, &steps)));
            }
            findings.push(Finding { diagnostic, path: names });
        }
        findings
    }

    /// For each violation the layer that broke the rule, if the layers below it did not. What comes of
    /// the lower layers alone is computed once for all violations, the highest first.
    fn breaking_layers(&self, violations: &[Violation], applied: &Applied) -> Vec<Option<LayerId>> {
        let (ids, user): (Vec<LayerId>, Vec<&Arc<Layer>>) = self
            .layers
            .iter()
            .filter(|(id, _)| id.as_user().is_some())
            .map(|(id, layer)| (*id, layer))
            .unzip();
        let mut breaking = vec![None; violations.len()];
        let mut open: Vec<usize> = (0..violations.len()).collect();
        for count in (0..user.len()).rev() {
            if open.is_empty() {
                break;
            }
            let Some(below) = self.violations_of(&user[..count], applied) else { continue };
            open.retain(|&at| {
                let violation = &violations[at];
                if below.iter().any(|other| other.path == violation.path && other.place == violation.place) {
                    return true;
                }
                breaking[at] = user[count].file().map(|_| ids[count]);
                false
            });
        }
        breaking
    }

    /// A layer with the line on which it speaks about a path, or about what is around it.
    fn speaks_at(&self, id: LayerId, path: &[Step]) -> String {
        let layer = self.layers.iter().find(|(layer, _)| *layer == id).map(|(_, layer)| layer);
        let label = layer.map_or("a layer", |layer| &*layer.label);
        let place = (0..=path.len()).rev().find_map(|length| {
            let writes = self.explain(&path[..length]).writes;
            let own = writes.iter().rev().find(|write| write.layer == id)?;
            self.place(own.write.as_ref()?)
        });
        match (place, layer.and_then(|layer| layer.file())) {
            (Some(place), _) => format!("{label} ({}:{})", place.file, place.line_column().0),
            (None, Some(file)) => format!("{label} ({file})"),
            (None, None) => label.to_owned(),
        }
    }

    /// What the schema says about some of the layers alone; `None` where no values come of them.
    fn violations_of(&self, layers: &[&Arc<Layer>], applied: &Applied) -> Option<Vec<Violation>> {
        let layers: Vec<Arc<Layer>> = layers.iter().map(|layer| Arc::clone(layer)).collect();
        let tree = Tree::of(&layers, self.helm).ok()?;
        let values = chart::values(self.chart.as_ref()?, &tree, self.helm).ok()?;
        let value = values.root.at(&applied.at).and_then(|cell| cell.to_value());
        Some(applied.schema.validate(&value.unwrap_or_else(Value::empty_map)))
    }
}

fn numbered(user: &Tree) -> Vec<(LayerId, Arc<Layer>)> {
    let layers = user.layers().iter().enumerate();
    layers.map(|(position, layer)| (LayerId::user(position), Arc::clone(layer))).collect()
}

/// What a source that is no chart comes to: why it fails, and what else there is to say.
pub(super) fn plain_failure(source: &Source) -> Option<Diagnostic> {
    match &source.kind {
        SourceKind::Unknown(problem) => source.error.clone().or_else(|| Some(problem.clone())),
        _ => source.error.clone(),
    }
}
