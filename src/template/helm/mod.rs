//! Helm's engine: the templates of a chart and its subcharts, parsed together and run one by one.
//!
//! Source: Helm's `pkg/engine`. What goes in is plain data that [`crate::chart`] computes.

mod capabilities;
mod functions;
mod metadata;
pub(super) mod methods;
mod problem;

pub use capabilities::{BuildInfo, Capabilities, KubeVersion};
pub use metadata::{Dependency, Maintainer, Metadata};

use super::code::Functions;
use super::entries::Entries;
use super::execute::{Limits, MissingKey, execute};
use super::functions::Context;
use super::mentions::Mentions;
use super::set::Set;
use super::trace::{Blamed, Trace};
use super::types::{Package, Type};
use super::value::{Kind, Map, Str, Value};
use crate::diagnostic::Diagnostic;
use crate::profile::Helm;
use crate::source::File;
use std::rc::Rc;
use std::sync::{Arc, OnceLock};

/// A chart as the engine needs it.
#[derive(Debug, Default)]
pub struct Chart {
    /// The name that it goes by: its alias, if it has one.
    pub name: Arc<str>,
    /// Its path, e.g. `app` or `app/charts/db`.
    pub path: Arc<str>,
    /// `.Chart`
    pub metadata: Metadata,
    /// The files in `templates/`, by their paths in the chart.
    pub templates: Vec<(Arc<str>, Arc<File>)>,
    /// All other files, by their paths in the chart.
    pub files: Vec<(Arc<str>, Arc<[u8]>)>,
    /// The subcharts that are enabled.
    pub charts: Vec<Chart>,
}

/// What `.Release` says.
#[derive(Clone, Debug)]
pub struct Release {
    /// Its name.
    pub name: Arc<str>,
    /// Its namespace.
    pub namespace: Arc<str>,
    /// Whether it is not installed for the first time.
    pub is_upgrade: bool,
    /// From 1.
    pub revision: i64,
}

/// The templates of a chart, parsed: immutable, to be rendered with as many values as wanted.
#[derive(Debug)]
pub struct Engine {
    chart: Chart,
    helm: Helm,
    set: Set,
    /// The paths of all templates, in the order in which Helm parses and renders them.
    order: Vec<Arc<str>>,
}

/// A rendered template.
#[derive(Debug)]
pub struct Rendered {
    /// The path of the template, the chart's path before it.
    pub path: Arc<str>,
    /// The text; what is not UTF-8 is replaced.
    pub text: String,
    /// What was written where and from which values, if it was asked for. The ranges are of `text`.
    pub trace: Option<Trace>,
}

/// Why the templates could not be rendered.
#[derive(Debug)]
pub struct Failed {
    /// The error, in Helm's words.
    pub diagnostic: Diagnostic,
    /// What it is about, if it is about nil and somebody traces.
    pub blamed: Option<Blamed>,
}

/// The values that the templates of a chart are run on.
struct Scope {
    /// The dot of each template.
    dots: Vec<(Arc<str>, Value)>,
}

/// The functions of each Helm, once somebody needs them.
static FUNCTIONS: [OnceLock<Arc<Functions>>; Helm::ALL.len()] = [const { OnceLock::new() }; Helm::ALL.len()];

/// The functions of a Helm.
pub fn functions(helm: Helm) -> Functions {
    let tables = super::functions::helm(helm);
    tables.into_iter().fold(Functions::go(), Functions::with).with(functions::TABLE).with_templates()
}

impl Engine {
    /// Parses all templates. The error has Helm's text.
    pub fn new(chart: Chart, helm: Helm) -> Result<Self, Diagnostic> {
        let mut templates = Vec::new();
        collect(&chart, &mut templates);
        // Deepest paths first, and from the last to the first: of two definitions the later one stays,
        // so a chart overrides its subcharts.
        templates.sort_by(|(a, _), (b, _)| {
            let depth = |path: &str| path.matches('/').count();
            (depth(b), b).cmp(&(depth(a), a))
        });
        let functions = FUNCTIONS[helm as usize].get_or_init(|| Arc::new(functions(helm)));
        let mut set = Set::new("gotpl", Arc::clone(functions));
        for (path, file) in &templates {
            set.parse(file, path).map_err(|error| problem::parsing(path, &error))?;
        }
        let order = templates.into_iter().map(|(path, _)| path).collect();
        Ok(Self { chart, helm, set, order })
    }

    /// What the templates speak of.
    pub fn mentions(&self) -> Mentions {
        self.set.mentions()
    }

    /// Renders all templates but partials, those whose names start with `_`. The results are traced if
    /// asked for; the values then know their places. The error has Helm's text.
    pub fn render(
        &self,
        values: &Value,
        release: &Release,
        capabilities: &Capabilities,
        limits: Limits,
        context: &mut Context,
        traced: bool,
    ) -> Result<Vec<Rendered>, Box<Failed>> {
        let top = Top {
            helm: self.helm,
            release: release.value(),
            capabilities: capabilities.value(self.helm),
            package: if self.helm.is_4() { Package::Common } else { Package::Chartutil },
        };
        let mut scope = Scope { dots: Vec::new() };
        top.chart(&self.chart, top.view(values), true, &mut scope);
        let mut rendered = Vec::new();
        for path in &self.order {
            if base_name(path).starts_with('_') {
                continue;
            }
            let Some((_, dot)) = scope.dots.iter().find(|(known, _)| known == path) else { continue };
            let mut trace = traced.then(Trace::default);
            let output = execute(
                &self.set,
                path,
                self.with_template(path, dot),
                MissingKey::Zero,
                limits,
                context,
                trace.as_mut(),
            );
            let mut output = output.map_err(|error| {
                let diagnostic = problem::executing(path, &error, self.helm);
                let blamed = trace.as_mut().and_then(|trace| trace.blamed.take());
                Box::new(Failed { diagnostic, blamed })
            })?;
            output.segments =
                trace.as_mut().map(|trace| std::mem::take(&mut trace.segments)).unwrap_or_default();
            output.remove_all(b"<no value>");
            if let Some(trace) = &mut trace {
                trace.segments = output.segments;
            }
            let text = String::from_utf8(output.text)
                .unwrap_or_else(|bytes| super::quote::text(bytes.as_bytes()).into_owned());
            rendered.push(Rendered { path: Arc::clone(path), text, trace });
        }
        Ok(rendered)
    }

    /// The dot with `.Template` in it, which all templates of a chart share.
    fn with_template(&self, path: &Arc<str>, dot: &Value) -> Value {
        let chart = self.chart.of_template(path).unwrap_or(&self.chart);
        let template = Value::map([
            ("Name", Value::from(Str::from(Arc::clone(path)))),
            ("BasePath", format!("{}/templates", chart.path).into()),
        ]);
        let package = if self.helm.is_4() { Package::Common } else { Package::Chartutil };
        if let (Some(map), Some(template)) = (dot.as_map(), template.as_map()) {
            let of = Type::Values(package);
            // The dot is never a nil map.
            let _ = map.set("Template", Kind::Map(Rc::new(template.viewed_as(of))).into());
        }
        dot.clone()
    }
}

impl Chart {
    fn is_library(&self) -> bool {
        self.metadata.kind.eq_ignore_ascii_case("library")
    }

    /// Whether Helm takes the file for a template: of a library only partials.
    fn renders(&self, name: &str) -> bool {
        !self.is_library() || base_name(name).starts_with('_')
    }

    /// The chart in this tree that a template belongs to.
    fn of_template(&self, path: &str) -> Option<&Self> {
        let mut waiting = vec![self];
        while let Some(chart) = waiting.pop() {
            let name = path.strip_prefix(&*chart.path).and_then(|rest| rest.strip_prefix('/'));
            if name.is_some_and(|name| chart.templates.iter().any(|(known, _)| **known == *name)) {
                return Some(chart);
            }
            waiting.extend(&chart.charts);
        }
        None
    }
}

fn base_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// All templates of a chart and its subcharts by their whole paths.
fn collect(chart: &Chart, templates: &mut Vec<(Arc<str>, Arc<File>)>) {
    for (name, file) in chart.templates.iter().filter(|(name, _)| chart.renders(name)) {
        templates.push((format!("{}/{name}", chart.path).into(), Arc::clone(file)));
    }
    for subchart in &chart.charts {
        collect(subchart, templates);
    }
}

/// What the dots of all templates have in common.
struct Top {
    helm: Helm,
    release: Value,
    capabilities: Value,
    package: Package,
}

impl Top {
    /// The map under Helm's type of values.
    fn view(&self, values: &Value) -> Value {
        match values.as_map() {
            Some(map) => Value::from(Kind::Map(Rc::new(map.viewed_as(Type::Values(self.package)))))
                .made_from(values.origin.clone()),
            None => Kind::Map(Rc::new(Map::new(Type::Values(self.package), Entries::default()))).into(),
        }
    }

    /// The dot of a chart's templates, as a plain map; its subcharts' templates get theirs first.
    fn chart(&self, chart: &Chart, values: Value, is_root: bool, scope: &mut Scope) -> Value {
        let subcharts = Value::map::<&str>([]);
        let files = chart
            .files
            .iter()
            .map(|(name, bytes)| (Str::from(Arc::clone(name)), Value::from(Kind::Bytes(Arc::clone(bytes)))));
        let dot = Value::map([
            ("Chart", chart.metadata.value(is_root, self.helm)),
            ("Files", Kind::Map(Rc::new(Map::new(Type::Files, files.collect()))).into()),
            ("Release", self.release.clone()),
            ("Capabilities", self.capabilities.clone()),
            ("Values", values.clone()),
            ("Subcharts", subcharts.clone()),
        ]);
        for subchart in &chart.charts {
            let table = methods::table(&values, &subchart.name).ok();
            let own = self.view(&table.unwrap_or_default());
            let inner = self.chart(subchart, own, false, scope);
            if let Some(map) = subcharts.as_map() {
                // The map was made above and is not nil.
                let _ = map.set(Arc::clone(&subchart.name), inner);
            }
        }
        let view = self.view(&dot);
        for (name, _) in chart.templates.iter().filter(|(name, _)| chart.renders(name)) {
            scope.dots.push((format!("{}/{name}", chart.path).into(), view.clone()));
        }
        dot
    }
}

impl Release {
    /// A first installation.
    pub fn new(name: impl Into<Arc<str>>, namespace: impl Into<Arc<str>>) -> Self {
        Self { name: name.into(), namespace: namespace.into(), is_upgrade: false, revision: 1 }
    }

    fn value(&self) -> Value {
        let text = |text: &Arc<str>| Value::from(Str::from(Arc::clone(text)));
        Value::map([
            ("Name", text(&self.name)),
            ("Namespace", text(&self.namespace)),
            ("IsUpgrade", self.is_upgrade.into()),
            ("IsInstall", (!self.is_upgrade).into()),
            ("Revision", Value::int(self.revision)),
            ("Service", "Helm".into()),
        ])
    }
}

/// The YAML of a value as `sigs.k8s.io/yaml` marshals it, the last line break included.
pub(super) fn to_yaml(value: &Value) -> Result<String, String> {
    let mut text = crate::yaml::write(&value.to_plain()?);
    if !text.is_empty() {
        text.push('\n');
    }
    Ok(text)
}
