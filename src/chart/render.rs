//! A chart rendered: its templates on its values, and what `helm template` prints of them.

use super::manifest::{self, Hook, Manifest};
use super::read::{self, Read};
use super::seen::seen;
use super::{ChartFile, Data, Enabled, Import, Values, check_kube_version};
use crate::diagnostic::Diagnostic;
use crate::profile::{Helm, Profile};
use crate::source::{File, Location};
use crate::template::functions::{Context, StandIn};
use crate::template::helm::{self, Capabilities, Engine, Release, Rendered};
use crate::template::mentions::Mentions;
use crate::template::places::Places;
use crate::template::{Limits, Trace};
use crate::value::{Map, Value};
use std::fmt::Write as _;
use std::sync::{Arc, OnceLock};

/// The templates of a chart and its enabled subcharts, parsed. Applications of one chart with the same
/// subcharts share them.
#[derive(Debug)]
pub struct Templates {
    engine: Engine,
    helm: Helm,
    /// The custom resource definitions: path and text.
    definitions: Vec<(Arc<str>, Arc<File>)>,
    /// What the templates were parsed for.
    charts: Vec<(usize, String)>,
    /// What they speak of, once somebody traces.
    mentions: OnceLock<Arc<Mentions>>,
}

/// What `helm template` is told beside chart and values.
#[derive(Clone, Debug)]
pub struct Options {
    /// What templates see as `.Release`.
    pub release: Release,
    /// What templates see as `.Capabilities`.
    pub capabilities: Capabilities,
    /// How much a template may take.
    pub limits: Limits,
    /// Whether to tell which template action wrote what, from which values.
    pub traced: bool,
}

/// A rendered chart.
#[derive(Debug)]
pub struct Rendering {
    /// Custom resource definitions, which are printed first: path and text.
    pub definitions: Vec<(Arc<str>, Arc<File>)>,
    /// Manifests in the order in which they are installed.
    pub manifests: Vec<Manifest>,
    /// Hooks in the order in which Helm lists them.
    pub hooks: Vec<Manifest>,
    /// Every rendered template that is no `NOTES.txt`, with its text.
    pub texts: Vec<Text>,
    /// The chart's own `NOTES.txt`.
    pub notes: Option<String>,
    /// What was made up because Helm would have drawn it or asked the world.
    pub stand_ins: Vec<StandIn>,
    /// What the templates read of the values, if it was asked for.
    pub read: Option<Read>,
}

/// A rendered template.
#[derive(Debug)]
pub struct Text {
    /// Its text, under the path of the template; its parent is the template.
    pub file: Arc<File>,
    /// Which action wrote what, if it was asked for.
    pub trace: Option<Trace>,
}

impl Templates {
    /// Parses the templates of the charts that take part.
    ///
    /// # Errors
    /// The first template that is malformed, in Helm's words.
    pub fn parse(values: &Values, helm: Helm) -> Result<Self, Diagnostic> {
        let definitions = values.charts.iter().flat_map(definitions).collect();
        let charts =
            values.charts.iter().map(|chart| (chart.chart.number, chart.full_path.clone())).collect();
        let engine = Engine::new(engine_chart(&values.charts, 0), helm)?;
        Ok(Self { engine, helm, definitions, charts, mentions: OnceLock::new() })
    }

    fn mentions(&self) -> Arc<Mentions> {
        Arc::clone(self.mentions.get_or_init(|| Arc::new(self.engine.mentions())))
    }

    /// Whether they are the templates of the charts that take part in these values.
    pub fn fit(&self, values: &Values) -> bool {
        let parts = values.charts.iter().map(|chart| (chart.chart.number, &chart.full_path));
        parts.eq(self.charts.iter().map(|(number, path)| (*number, path)))
    }

    /// Renders them on values.
    ///
    /// # Errors
    /// What Helm fails with, in its words: the chart's `kubeVersion`, a template, or a document that is
    /// no manifest.
    pub fn render(&self, values: &Values, options: &Options) -> Result<Rendering, Diagnostic> {
        let root = &values.charts[0].chart;
        check_kube_version(root, &options.capabilities.kube_version.version)?;
        let mut context = Context::new(Profile::helm(self.helm));
        let mut places = options.traced.then(Places::default);
        let rendered = self.engine.render(
            &seen(&values.root, places.as_mut()),
            &options.release,
            &options.capabilities,
            options.limits,
            &mut context,
            options.traced,
        );
        let rendered = match (rendered, places.as_ref()) {
            (Ok(rendered), _) => rendered,
            (Err(failed), Some(places)) => return Err(read::explained(*failed, places, values)),
            // What is nil, and why, is worth the second time.
            (Err(failed), None) if failed.diagnostic.message.contains("nil pointer") => {
                return self.render(values, &Options { traced: true, ..options.clone() });
            }
            (Err(failed), None) => return Err(failed.diagnostic),
        };
        let read = places.map(|places| Read::of(&rendered, places, self.mentions()));
        let (notes, texts): (Vec<_>, Vec<_>) =
            rendered.into_iter().partition(|text| text.path.ends_with("NOTES.txt"));
        let own_notes = format!("{}/templates/NOTES.txt", values.charts[0].full_path);
        let notes = notes.into_iter().find(|text| *text.path == own_notes).map(|text| text.text);
        let texts: Vec<Text> = texts.into_iter().map(|rendered| text(rendered, values)).collect();
        let (manifests, hooks) = self.manifests(&texts)?;
        let definitions = self.definitions.clone();
        let stand_ins = context.stand_ins;
        Ok(Rendering { definitions, manifests, hooks, texts, notes, stand_ins, read })
    }

    fn manifests(&self, texts: &[Text]) -> Result<(Vec<Manifest>, Vec<Manifest>), Diagnostic> {
        let mut sorted: Vec<&Text> = texts.iter().collect();
        sorted.sort_by(|a, b| a.file.path.cmp(&b.file.path));
        let mut all = Vec::new();
        for text in sorted {
            if !text.file.text.trim().is_empty() {
                all.extend(manifest::manifests(&text.file.path, &text.file, self.helm)?);
            }
        }
        let (mut hooks, mut manifests): (Vec<_>, Vec<_>) =
            all.into_iter().partition(|manifest| manifest.hook.is_some());
        manifest::sort(&mut manifests, self.helm);
        manifest::sort(&mut hooks, self.helm);
        Ok((manifests, hooks))
    }
}

fn text(rendered: Rendered, values: &Values) -> Text {
    let template = template(values, &rendered.path).map(|file| Location::new(file, file.span()));
    Text { file: File::generated(rendered.path, rendered.text, template), trace: rendered.trace }
}

/// The file of a template by the path that Helm gives it.
fn template<'a>(values: &'a Values, path: &str) -> Option<&'a Arc<File>> {
    values.charts.iter().find_map(|chart| {
        let name = path.strip_prefix(&chart.full_path)?.strip_prefix('/')?;
        chart.chart.templates.iter().find(|file| &*file.name == name).and_then(ChartFile::text)
    })
}

impl Rendering {
    /// What `helm template` prints. `definitions`: `--include-crds`; `tests`: no `--skip-tests`.
    pub fn print(&self, definitions: bool, tests: bool) -> String {
        let mut text = String::new();
        if definitions {
            for (path, file) in &self.definitions {
                let _ = writeln!(text, "---\n# Source: {path}\n{}", file.text);
            }
        }
        for manifest in &self.manifests {
            let _ = writeln!(text, "---\n# Source: {}\n{}", manifest.path, manifest.file.text);
        }
        text.truncate(text.trim_end().len());
        text.drain(..text.len() - text.trim_start().len());
        text.push('\n');
        let hooks = self.hooks.iter().filter(|hook| tests || !hook.hook.as_ref().is_some_and(Hook::is_test));
        for hook in hooks {
            let _ = writeln!(text, "---\n# Source: {}\n{}", hook.path, hook.file.text);
        }
        text
    }
}

/// The custom resource definitions of a chart: files of `crds/` that are manifests by their names.
fn definitions(enabled: &Enabled) -> Vec<(Arc<str>, Arc<File>)> {
    let is_manifest = |name: &str| {
        let extension = name.rsplit_once('.').map(|(_, extension)| extension.to_ascii_lowercase());
        name.starts_with("crds/") && matches!(extension.as_deref(), Some("yaml" | "yml" | "json"))
    };
    let files = enabled.chart.files.iter().filter(|file| is_manifest(&file.name));
    let named = |file: &ChartFile| {
        Some((format!("{}/{}", enabled.full_path, file.name).into(), Arc::clone(file.text()?)))
    };
    files.filter_map(named).collect()
}

/// The chart at a position of the list, as the engine takes it, with its subcharts.
fn engine_chart(charts: &[Enabled], at: usize) -> helm::Chart {
    let enabled = &charts[at];
    let chart = &*enabled.chart;
    let templates =
        chart.templates.iter().filter_map(|file| Some((Arc::clone(&file.name), Arc::clone(file.text()?))));
    let files = chart.files.iter().map(|file| (Arc::clone(&file.name), bytes(file)));
    let subcharts = charts.iter().enumerate().filter(|(_, other)| other.parent == Some(at));
    helm::Chart {
        name: Arc::clone(&enabled.name),
        path: enabled.full_path.as_str().into(),
        metadata: engine_metadata(enabled),
        templates: templates.collect(),
        files: files.collect(),
        charts: subcharts.map(|(at, _)| engine_chart(charts, at)).collect(),
    }
}

fn bytes(file: &ChartFile) -> Arc<[u8]> {
    match &file.data {
        Data::Text(file) => Arc::clone(&file.text).into(),
        Data::Binary(_, bytes) => Arc::clone(bytes),
    }
}

fn engine_metadata(enabled: &Enabled) -> helm::Metadata {
    let metadata = &enabled.chart.metadata;
    let text = |text: &String| Arc::from(text.as_str());
    let texts = |texts: &[String]| texts.iter().map(text).collect();
    let maintainer = |maintainer: &super::Maintainer| helm::Maintainer {
        name: text(&maintainer.name),
        email: text(&maintainer.email),
        url: text(&maintainer.url),
    };
    let dependency = |dependency: &super::Dependency| helm::Dependency {
        name: Arc::clone(&dependency.name),
        version: text(&dependency.version),
        repository: text(&dependency.repository),
        condition: text(&dependency.condition),
        tags: texts(&dependency.tags),
        enabled: true,
        import_values: dependency.import_values.iter().filter_map(import).collect(),
        alias: dependency.alias.clone().unwrap_or_default(),
    };
    helm::Metadata {
        name: Arc::clone(&enabled.name),
        home: text(&metadata.home),
        sources: texts(&metadata.sources),
        version: text(&metadata.version),
        description: text(&metadata.description),
        keywords: texts(&metadata.keywords),
        maintainers: metadata.maintainers.iter().map(maintainer).collect(),
        icon: text(&metadata.icon),
        api_version: text(&metadata.api_version),
        condition: text(&metadata.condition),
        tags: text(&metadata.tags),
        app_version: text(&metadata.app_version),
        deprecated: metadata.deprecated,
        annotations: metadata.annotations.iter().map(|(key, value)| (text(key), text(value))).collect(),
        kube_version: text(&metadata.kube_version),
        dependencies: enabled.dependencies.iter().map(dependency).collect(),
        kind: text(&metadata.kind),
    }
}

/// Helm replaces what an import says by what it understood.
fn import(import: &Import) -> Option<Value> {
    let (child, parent) = match import {
        Import::Table { child, parent, .. } => (child.clone(), parent.as_str()),
        Import::Exported(name) => (format!("exports.{name}"), "."),
        Import::Other => return None,
    };
    let pairs = [("child", child.as_str()), ("parent", parent)];
    let pairs = pairs.into_iter().map(|(key, value)| (Arc::from(key), Value::from(value)));
    Some(Value::Map(Arc::new(pairs.collect::<Map>())))
}
