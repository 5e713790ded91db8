//! What the templates of a chart see as `.Values`.

use super::coalesce::{Charts, Fault, Heap, Warning};
use super::dependencies::Graph;
use super::{Chart, Dependency};
use crate::diagnostic::Diagnostic;
use crate::merge::{self, Cell, Content, DEEPEST, Explanation, Layer, LayerId, Said, Step, Tree, Write};
use crate::profile::Helm;
use crate::semver::{Constraints, Version};
use crate::source::{Location, Span};
use std::sync::Arc;

/// The computed values of a chart.
#[derive(Clone, Debug)]
pub struct Values {
    /// What the outermost chart sees; a subchart's own values stand at its name.
    pub root: Cell,
    /// Every layer that took part, lowest precedence first: defaults of subcharts, the chart's own,
    /// the user's.
    pub layers: Vec<(LayerId, Arc<Layer>)>,
    /// The charts that render, each parent before its subcharts; the first is the outermost.
    pub charts: Vec<Enabled>,
    /// What Helm logs on the way.
    pub warnings: Vec<Warning>,
}

/// A chart that takes part.
#[derive(Clone, Debug)]
pub struct Enabled {
    /// The chart.
    pub chart: Arc<Chart>,
    /// Its name, or the alias that it goes by.
    pub name: Arc<str>,
    /// Where its values stand in the outermost chart's.
    pub path: Vec<Step>,
    /// How Helm names its folder, e.g. `app/charts/db`.
    pub full_path: String,
    /// Its entries of `dependencies` that are enabled, under their aliases.
    pub dependencies: Vec<Dependency>,
    /// Position of its parent in [`Values::charts`].
    pub parent: Option<usize>,
}

/// Computes the values of a chart with the user's layers, as `helm template` does before it renders.
///
/// # Errors
/// When a dependency is missing, or the value at a subchart's name is no map; the message is Helm's.
pub fn values(chart: &Arc<Chart>, user: &Tree, helm: Helm) -> Result<Values, Diagnostic> {
    if let Some(problem) = missing_dependencies_error(chart, helm) {
        return Err(problem);
    }
    let mut warnings = Vec::new();
    let mut graph = Graph::new(chart, helm);
    let mut process = || {
        graph.enable(0, user.root(), "", &mut warnings)?;
        graph.import(0, &mut warnings)
    };
    process().map_err(|fault| {
        let mut diagnostic = fault.diagnostic(chart, user);
        if helm.is_4() {
            diagnostic.message = format!("chart dependencies processing failed: {}", diagnostic.message);
        }
        diagnostic
    })?;
    let mut heap = Heap::new(helm, &mut warnings);
    let computed = heap.thaw(user.root());
    let alone = graph.nodes.len() == 1;
    let coalesced = heap.coalesce(&graph, 0, computed, "", false);
    let frozen =
        coalesced.and_then(|()| if alone { heap.freeze_alone(computed) } else { heap.freeze(computed) });
    let entries = frozen.map_err(|fault| fault.diagnostic(chart, user))?;
    let since = match user.root().body {
        merge::Body::Map(since, _) => since,
        _ => 0,
    };
    let root = Cell::map(user.root().writes.clone(), since, entries).over(&graph.nodes[0].values, true);
    let mut charts = Vec::new();
    list(&graph, 0, None, &[], &mut charts);
    Ok(Values { root, layers: layers(chart, user.layers()), charts, warnings })
}

/// The values of a chart without subcharts, whose root was computed.
pub(super) fn alone(chart: &Arc<Chart>, root: Cell, user: &[Arc<Layer>], warnings: Vec<Warning>) -> Values {
    let enabled = Enabled {
        chart: Arc::clone(chart),
        name: Arc::clone(&chart.metadata.name),
        path: Vec::new(),
        full_path: chart.metadata.name.to_string(),
        dependencies: Vec::new(),
        parent: None,
    };
    Values { root, layers: layers(chart, user), charts: vec![enabled], warnings }
}

fn list(graph: &Graph, chart: usize, parent: Option<usize>, path: &[Step], charts: &mut Vec<Enabled>) {
    let at = charts.len();
    charts.push(Enabled {
        chart: Arc::clone(&graph.nodes[chart].chart),
        name: Arc::clone(graph.name(chart)),
        path: path.to_vec(),
        full_path: graph.full_path(chart),
        dependencies: graph.enabled_dependencies(chart),
        parent,
    });
    for &subchart in graph.subcharts(chart) {
        let mut path = path.to_vec();
        path.push(Step::Key(Arc::clone(graph.name(subchart))));
        list(graph, subchart, Some(at), &path, charts);
    }
}

/// Layers of the charts, those of subcharts first, then the user's.
fn layers(chart: &Chart, user: &[Arc<Layer>]) -> Vec<(LayerId, Arc<Layer>)> {
    fn add(chart: &Chart, layers: &mut Vec<(LayerId, Arc<Layer>)>) {
        for subchart in &chart.charts {
            add(subchart, layers);
        }
        layers.extend(chart.values.iter().map(|layer| (LayerId::chart(chart.number), Arc::clone(layer))));
    }
    let mut all = Vec::new();
    add(chart, &mut all);
    let user = user.iter().enumerate();
    all.extend(user.map(|(at, layer)| (LayerId::user(at), Arc::clone(layer))));
    all
}

/// What Helm says of the dependencies that a chart lists and does not have.
pub fn missing_dependencies_error(chart: &Chart, helm: Helm) -> Option<Diagnostic> {
    let missing = chart.missing_dependencies();
    (!missing.is_empty()).then(|| dependencies_missing(&missing, helm))
}

fn dependencies_missing(missing: &[&Dependency], helm: Helm) -> Diagnostic {
    let names: Vec<&str> = missing.iter().map(|dependency| &*dependency.name).collect();
    let names = names.join(", ");
    let (an, quote) = if helm.is_4() { ("an", '\'') } else { ("An", '`') };
    let message = format!(
        "{an} error occurred while checking for chart dependencies. You may need to run {quote}helm dependency \
         build{quote} to fetch missing dependencies: found in Chart.yaml, but missing in charts/ directory: {names}"
    );
    Diagnostic::error("chart-dependency-missing", message)
        .at(missing[0].place.clone())
        .hint("Vendor the chart: put its folder or .tgz into charts/.")
}

/// Why Helm does not render a chart by itself, if it doesn't: a library is none. Helm asks this before
/// anything else.
pub fn not_installable(chart: &Chart) -> Option<Diagnostic> {
    let kind = &chart.metadata.kind;
    if kind.is_empty() || kind == "application" {
        return None;
    }
    let problem = Diagnostic::error("chart-kind", format!("{kind} charts are not installable"))
        .hint("a library is there for other charts to depend on; an Application needs a chart of its own");
    Some(match &chart.metadata_file {
        Some(file) => problem.at(Location::new(file, file.span())),
        None => problem,
    })
}

/// Helm's check of a chart's `kubeVersion`, made after values and schemas.
///
/// # Errors
/// When the version (e.g. `v1.31.0`) is outside the range; the message is Helm's.
pub fn check_kube_version(chart: &Chart, kube_version: &str) -> Result<(), Diagnostic> {
    let range = &chart.metadata.kube_version;
    if range.is_empty() || is_compatible(range, kube_version) {
        return Ok(());
    }
    let message =
        format!("chart requires kubeVersion: {range} which is incompatible with Kubernetes {kube_version}");
    let diagnostic = Diagnostic::error("chart-kube-version", message)
        .hint("give the cluster's version as kubeVersion, or widen the range in Chart.yaml");
    Err(match &chart.metadata_file {
        Some(file) => diagnostic.at(Location::new(file, file.span())),
        None => diagnostic,
    })
}

/// Whether a version lies in a range; not if either is malformed.
pub(super) fn is_compatible(range: &str, version: &str) -> bool {
    match (Constraints::parse(range), Version::parse(version)) {
        (Ok(range), Ok(version)) => range.check(&version),
        _ => false,
    }
}

impl Fault {
    fn diagnostic(self, chart: &Arc<Chart>, user: &Tree) -> Diagnostic {
        let start = || chart.metadata_file.as_ref().map(|file| Location::new(file, Span::default()));
        match self {
            Self::Mismatch(message, write) => {
                let place = write.and_then(|write| {
                    let (_, layer) =
                        layers(chart, user.layers()).into_iter().find(|(id, _)| *id == write.layer)?;
                    Some(Location::new(layer.file()?, write.span()))
                });
                let problem = Diagnostic::error("chart-value-mismatch", message)
                    .hint("A subchart's name has to hold a map of values for it.");
                Diagnostic { location: place.or_else(start), ..problem }
            }
            Self::Panic(is, place) => Diagnostic::error(
                "chart-import",
                format!("panic: interface conversion: interface {{}} is {is}, not string"),
            )
            .at(place)
            .hint("an entry of import-values that is a map needs texts for child and for parent"),
            Self::TooLarge => {
                let message = format!(
                    "values are nested deeper than {DEEPEST} levels or too large, which is not supported here"
                );
                let problem = Diagnostic::error("values-depth", message)
                    .hint("does a chart import values into what it imports them from?");
                Diagnostic { location: start(), ..problem }
            }
        }
    }
}

impl Values {
    /// A layer by its id.
    pub fn layer(&self, id: LayerId) -> Option<&Arc<Layer>> {
        self.layers.iter().find(|(layer, _)| *layer == id).map(|(_, layer)| layer)
    }

    /// Where a write stands.
    pub fn place(&self, write: &Write) -> Option<Location> {
        Some(Location::new(self.layer(write.layer)?.file()?, write.span()))
    }

    /// Everything that was written at a path, and what has become of it.
    pub fn explain(&self, path: &[Step]) -> Explanation {
        merge::explain_routed(&self.root, path, &|write| self.route(write, path))
    }

    /// How a write came to a path: whether it stands there in its own layer.
    fn route(&self, write: &Write, path: &[Step]) -> merge::Route {
        let stands_here = match write.layer.as_chart() {
            None => self.stands_at(write, path),
            Some(number) => {
                self.charts.iter().filter(|enabled| enabled.chart.number == number).any(|enabled| {
                    path.strip_prefix(enabled.path.as_slice())
                        .is_some_and(|inside| self.stands_at(write, inside))
                })
            }
        };
        if stands_here {
            return merge::Route::Direct;
        }
        let is_global = |step: Option<&Step>| matches!(step, Some(Step::Key(key)) if &**key == "global");
        let homes = self.charts.iter().filter(|enabled| path.starts_with(&enabled.path));
        let depth = homes.map(|enabled| enabled.path.len()).max().unwrap_or(0);
        if is_global(path.get(depth)) { merge::Route::Global } else { merge::Route::Imported }
    }

    fn stands_at(&self, write: &Write, path: &[Step]) -> bool {
        match &write.said {
            Said::Set(set, depth) => {
                *depth as usize == path.len() && set.steps.iter().zip(path).all(|((step, _), at)| step == at)
                    || set.steps.is_empty()
            }
            Said::Node(node) => {
                let Some(Content::Document(document)) = self.layer(write.layer).map(|layer| &layer.content)
                else {
                    return true;
                };
                let found = path.iter().try_fold(&document.root, |node, step| match step {
                    Step::Key(key) => node.get(key),
                    Step::Index(index) => node.items().get(*index),
                });
                found.is_some_and(|found| found.span == node.span)
            }
        }
    }
}
