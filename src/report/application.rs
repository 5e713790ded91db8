//! One Application in full: its parameters, its sources, their layers and values.

use super::rows::{Numbering, rows};
use super::{
    ApplicationReport, Cascade, ChartSummary, LayerKind, LayerReport, LayerStatus, ManifestsReport,
    Parameter, Place, Problem, SchemaRule, SourceReport, ValueRow, VerdictPart,
};
use crate::argocd::sources::{Source, SourceKind};
use crate::diagnostic::{Diagnostic, Severity};
use crate::merge::{self, Absence, Content, Fate, Kind, Layer, LayerId, Step};
use crate::platform::{
    Application, Detail, Evaluation, Finding, HelmSource, Origin, Outcome, not_rendered, typed_by_hand,
};
use crate::schema::{nearest, path_in_words};
use crate::source::Location;
use crate::value::Value;
use crate::yaml;
use std::sync::Arc;

/// The layers of a Helm source as people count them: with a line that says so where the Application
/// has no inline values.
pub(super) fn layers(helm: &HelmSource) -> Vec<(LayerId, Arc<Layer>)> {
    let mut layers = helm.layers.clone();
    if !layers.iter().any(|(_, layer)| layer.kind == Kind::Inline) {
        let above = layers.iter().position(|(_, layer)| layer.kind > Kind::Inline).unwrap_or(layers.len());
        let none = Layer {
            kind: Kind::Inline,
            label: "Inline values".into(),
            written: "".into(),
            named_at: None,
            content: Content::Absent(Absence::None),
        };
        layers.insert(above, (LayerId::user(layers.len()), Arc::new(none)));
    }
    layers
}

/// The report of an Application.
pub(super) fn report(
    application: &Application,
    detail: &Detail,
    evaluation: &Evaluation,
) -> ApplicationReport {
    let place = match &application.origin {
        Origin::Written(document) => typed_by_hand(document),
        Origin::Generated { set, position } => {
            evaluation.sets[*set].generated.applications[*position].location(&["metadata", "name"])
        }
    };
    let whole = detail.refused.iter().chain(&detail.problems);
    ApplicationReport {
        summary: super::overview::application(application, evaluation),
        place: Some(Place::of(&place)),
        yaml: yaml::write(&application.object),
        parameters: parameters(application, evaluation),
        sources: detail.sources.iter().map(|(source, outcome)| source_report(source, outcome)).collect(),
        problems: whole.map(Problem::of).collect(),
    }
}

/// The parameter set of an Application, flat; none for a hand-written one.
pub(super) fn parameters(application: &Application, evaluation: &Evaluation) -> Vec<Parameter> {
    let Origin::Generated { set, position } = &application.origin else { return Vec::new() };
    let given = &evaluation.sets[*set].generated.applications[*position].parameters;
    let flat = given.flatten(false);
    flat.iter().map(|(name, given)| parameter(name, given)).collect()
}

pub(super) fn parameter(name: &str, given: &crate::argocd::parameters::Parameter) -> Parameter {
    Parameter {
        name: name.to_owned(),
        value: given.text().to_string(),
        generator: given.origin.generator.to_string(),
        place: given.origin.place.as_ref().map(Place::of),
    }
}

fn source_report(source: &Source, outcome: &Outcome) -> SourceReport {
    let mut report = SourceReport {
        index: source.index,
        kind: kind(&source.kind).to_owned(),
        repo_url: source.repo_url.to_string(),
        target_revision: source.target_revision.to_string(),
        path: source.path.to_string(),
        chart: None,
        release: String::new(),
        namespace: String::new(),
        layers: Vec::new(),
        rows: Vec::new(),
        yaml: String::new(),
        problems: outcome.findings(source).iter().map(problem).collect(),
        error: outcome.failure().map(ToString::to_string),
    };
    if let (SourceKind::Helm(named), Outcome::Helm(helm)) = (&source.kind, outcome) {
        let layers = layers(helm);
        let numbering = Numbering(&layers);
        report.release = named.release.to_string();
        report.namespace = named.namespace.to_string();
        report.chart = helm.chart.as_ref().map(|chart| ChartSummary {
            name: chart.metadata.name.to_string(),
            version: chart.metadata.version.clone(),
            app_version: chart.metadata.app_version.clone(),
            place: chart
                .metadata_file
                .as_ref()
                .map(|file| Place::of(&Location::new(file, crate::source::Span::at(0)))),
        });
        report.layers =
            layers.iter().enumerate().map(|(at, (_, layer))| layer_report(at + 1, layer)).collect();
        report.rows = rows(helm.root(), &numbering);
        report.yaml = yaml::write(helm.value());
        mark(&mut report.rows, &outcome.findings(source));
    }
    report
}

fn problem(finding: &Finding) -> Problem {
    Problem { key_path: finding.path.clone(), ..Problem::of(&finding.diagnostic) }
}

/// Counts errors and warnings on the rows that they blame; on the nearest row above where the value
/// itself is not there.
fn mark(rows: &mut [ValueRow], findings: &[Finding]) {
    for finding in findings.iter().filter(|finding| !finding.path.is_empty()) {
        let mut lengths = (1..=finding.path.len()).rev();
        let row = lengths.find_map(|length| rows.iter().position(|row| row.path == finding.path[..length]));
        let Some(row) = row else { continue };
        match finding.diagnostic.severity {
            Severity::Error => rows[row].errors += 1,
            Severity::Warning => rows[row].warnings += 1,
            Severity::Note => {}
        }
    }
}

pub(super) fn kind(kind: &SourceKind) -> &'static str {
    match kind {
        SourceKind::Helm(_) => "Helm",
        SourceKind::Directory(_) => "Directory",
        SourceKind::Kustomize => "Kustomize",
        SourceKind::Plugin => "Plugin",
        SourceKind::Nothing => "Nothing",
        SourceKind::Failed => "Failed",
        SourceKind::Unknown(_) => "Unknown",
    }
}

/// Whether a layer has anything to say, and how many leaf values it writes.
pub(super) fn status(layer: &Layer) -> (LayerStatus, usize) {
    match &layer.content {
        Content::Document(document) => match leaves(&document.root) {
            0 => (LayerStatus::Empty, 0),
            keys => (LayerStatus::Present, keys),
        },
        Content::Argument(_) => (LayerStatus::Present, 1),
        Content::Broken(_) => (LayerStatus::Broken, 0),
        Content::Absent(Absence::MissingAllowed) => (LayerStatus::MissingAllowed, 0),
        Content::Absent(Absence::Missing) => (LayerStatus::Missing, 0),
        Content::Absent(Absence::Repeated) => (LayerStatus::Repeated, 0),
        Content::Absent(Absence::Unknown(_)) => (LayerStatus::Unknown, 0),
        Content::Absent(Absence::None) => (LayerStatus::None, 0),
    }
}

fn layer_report(number: usize, layer: &Layer) -> LayerReport {
    let (status, keys) = status(layer);
    LayerReport {
        number,
        label: layer.label.to_string(),
        kind: match layer.kind {
            Kind::ChartDefaults => LayerKind::ChartDefaults,
            Kind::ValueFile => LayerKind::ValueFile,
            Kind::Inline => LayerKind::Inline,
            Kind::Set | Kind::SetJson => LayerKind::Set,
            Kind::SetString => LayerKind::SetString,
            Kind::SetFile => LayerKind::SetFile,
        },
        status,
        written: layer.written.to_string(),
        place: layer.file().map(|file| Place::of(&Location::new(file, crate::source::Span::at(0)))),
        named_at: layer.named_at.as_ref().map(Place::of),
        keys,
    }
}

/// Scalars, and empty maps and lists, below a node.
fn leaves(node: &yaml::Node) -> usize {
    let nodes = node.walk().skip(1).filter(|(node, _)| node.entries().is_empty() && node.items().is_empty());
    nodes.count()
}

/// The cascade of a path of a Helm source, with problems and what schemas say.
pub(super) fn cascade(source: &Source, outcome: &Outcome, names: &[String]) -> Option<Cascade> {
    let Outcome::Helm(helm) = outcome else { return None };
    let layers = layers(helm);
    let steps = merge::steps(helm.root(), names);
    let explanation = helm.explain(&steps);
    let mut cascade = super::cascade::cascade(&explanation, &Numbering(&layers));
    if matches!(explanation.fate, Fate::NeverSet)
        && let Some(near) = near(helm.value(), &cascade.path)
    {
        cascade.verdict.push(VerdictPart::Words(format!(" Did you mean {}?", path_in_words(&near))));
    }
    let findings = outcome.findings(source);
    cascade.problems = findings.iter().filter(|finding| finding.path == cascade.path).map(problem).collect();
    cascade.rules = rules(helm, &steps, &cascade.path, &findings, explanation.value());
    if cascade.problems.iter().any(|problem| problem.code == "schema-violation") {
        let until = format!("it was valid until {}", winner_label(&cascade));
        let was_valid =
            cascade.problems.iter().any(|problem| problem.hints.iter().any(|hint| hint.starts_with(&until)));
        let words = if was_valid { " It was valid until this layer." } else { " A schema forbids it." };
        cascade.verdict.push(VerdictPart::Words(words.to_owned()));
    }
    Some(cascade)
}

/// A path that is there and differs from one that is not in the spelling of one key.
fn near(values: &Value, path: &[String]) -> Option<Vec<String>> {
    let mut inside = values;
    for (at, step) in path.iter().enumerate() {
        let Some(next) = inside.get(step) else {
            let names = inside.as_map()?.iter().map(|(name, _)| &**name);
            let mut near = path.to_vec();
            nearest(step, names)?.clone_into(&mut near[at]);
            let there = near[at..].iter().try_fold(inside, |inside, step| inside.get(step));
            return there.is_some().then_some(near);
        };
        inside = next;
    }
    None
}

/// The manifests of a source with what wrote them.
pub(super) fn manifests(source: &Source, outcome: &Outcome) -> ManifestsReport {
    let failed = |failure: &Diagnostic| ManifestsReport::failed(Problem::of(failure));
    match (&source.kind, outcome) {
        (SourceKind::Helm(named), Outcome::Helm(helm)) => match helm.render(named, true) {
            Ok(rendering) => ManifestsReport::of(&rendering, helm, &Numbering(&layers(helm))),
            Err(failure) => failed(&failure),
        },
        (SourceKind::Directory(directory), Outcome::Plain(None)) => match directory.objects() {
            Ok(objects) => ManifestsReport::of_directory(&objects),
            Err(failure) => failed(&failure),
        },
        _ => match outcome.failure().cloned().or_else(|| not_rendered(source)) {
            Some(failure) => failed(&failure),
            None => ManifestsReport::default(),
        },
    }
}

fn winner_label(cascade: &Cascade) -> &str {
    cascade.writes.iter().find(|write| write.wins).map_or("", |write| &write.label)
}

fn rules(
    helm: &HelmSource,
    steps: &[Step],
    path: &[String],
    findings: &[Finding],
    value: Option<&Value>,
) -> Vec<SchemaRule> {
    let mut all = Vec::new();
    for applied in &helm.schemas {
        let Some(inside) = steps.strip_prefix(applied.at.as_slice()) else { continue };
        let inside: Vec<String> = inside.iter().map(plain).collect();
        let inside: Vec<&str> = inside.iter().map(String::as_str).collect();
        for rule in applied.schema.rules(&inside) {
            let broken = value.is_some()
                && findings.iter().any(|finding| {
                    let own = finding.diagnostic.related.iter().any(|related| {
                        Arc::ptr_eq(&related.location.file, &rule.place.file)
                            && rule.place.span.start <= related.location.span.start
                            && related.location.span.end <= rule.place.span.end
                    });
                    own && finding.path == path
                });
            all.push(SchemaRule {
                owner: applied.schema.owner.to_string(),
                place: Place::of(&rule.place),
                rule: rule.rule.clone(),
                description: rule.description.clone(),
                valid: !broken,
                deprecated: rule.deprecated,
                default: rule.default.clone(),
                choices: rule.choices.clone(),
            });
        }
    }
    all
}

fn plain(step: &Step) -> String {
    match step {
        Step::Key(key) => key.to_string(),
        Step::Index(index) => index.to_string(),
    }
}
