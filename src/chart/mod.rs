//! Helm charts: metadata, dependencies, conditions, values seen by subcharts, rendering.
//!
//! A [`Chart`] is what was loaded and never changes. [`values`] computes what its templates see, with
//! the user's layers laid over the defaults of the chart and its subcharts, exactly as the Helm of the
//! profile does it.

mod coalesce;
mod dependencies;
mod go;
mod ignore;
mod laid;
mod load;
mod manifest;
mod metadata;
mod read;
mod render;
mod seen;
mod values;

pub use coalesce::Warning;
pub use laid::Laid;
pub use load::{folder_files, unpack};
pub use manifest::{Hook, Manifest};
pub use metadata::{Import, Maintainer, Metadata};
pub use read::Read;
pub use render::{Options, Rendering, Templates, Text};
pub use values::{Enabled, Values, check_kube_version, missing_dependencies_error, not_installable, values};

use crate::merge::{Content, Layer};
use crate::source::{File, Location, Span};
use crate::yaml::Document;
use std::sync::Arc;

/// A chart as it was loaded.
#[derive(Debug, Default)]
pub struct Chart {
    /// `Chart.yaml`, `requirements.yaml` included.
    pub metadata: Metadata,
    /// `Chart.yaml` itself.
    pub metadata_file: Option<Arc<File>>,
    /// `values.yaml`.
    pub values: Option<Arc<Layer>>,
    /// `values.schema.json`.
    pub schema: Option<Arc<File>>,
    /// Files of `templates/`, in the order in which they were found.
    pub templates: Vec<ChartFile>,
    /// All other files.
    pub files: Vec<ChartFile>,
    /// Charts of `charts/`, whether listed as dependencies or not.
    pub charts: Vec<Arc<Chart>>,
    /// Its number among the charts that were loaded together; the outermost is 0.
    pub number: usize,
}

/// A file of a chart.
#[derive(Clone, Debug)]
pub struct ChartFile {
    /// Its path in the chart's folder.
    pub name: Arc<str>,
    /// What it holds.
    pub data: Data,
}

/// What a file of a chart holds.
#[derive(Clone, Debug)]
pub enum Data {
    /// Text.
    Text(Arc<File>),
    /// Bytes that are no UTF-8 text, with a file of their name and without text.
    Binary(Arc<File>, Arc<[u8]>),
}

/// An entry of `dependencies`.
#[derive(Clone, Debug)]
pub struct Dependency {
    /// `name`.
    pub name: Arc<str>,
    /// `version`: a range.
    pub version: String,
    /// `repository`.
    pub repository: String,
    /// `condition`: paths with commas between them.
    pub condition: String,
    /// `tags`.
    pub tags: Vec<String>,
    /// `import-values`.
    pub import_values: Vec<Import>,
    /// `alias`.
    pub alias: Option<Arc<str>>,
    /// Where it is written.
    pub place: Location,
    /// A null stands in its place; such a chart does not load.
    is_nothing: bool,
}

impl Dependency {
    fn nothing(document: &Document) -> Self {
        Self {
            name: Arc::from(""),
            version: String::new(),
            repository: String::new(),
            condition: String::new(),
            tags: Vec::new(),
            import_values: Vec::new(),
            alias: None,
            place: Location::new(&document.file, document.root.span),
            is_nothing: true,
        }
    }
}

impl ChartFile {
    /// A text file.
    pub fn of(name: impl Into<Arc<str>>, file: &Arc<File>) -> Self {
        Self { name: name.into(), data: Data::Text(load::without_mark(file)) }
    }

    /// The text file, if it is one.
    pub fn text(&self) -> Option<&Arc<File>> {
        if let Data::Text(file) = &self.data { Some(file) } else { None }
    }

    /// Its first byte.
    fn start(&self) -> Location {
        match &self.data {
            Data::Text(file) | Data::Binary(file, _) => Location::new(file, Span::default()),
        }
    }
}

impl Chart {
    /// The document of `values.yaml`.
    pub fn values_document(&self) -> Option<&Document> {
        match self.values.as_ref().map(|layer| &layer.content) {
            Some(Content::Document(document)) => Some(document),
            _ => None,
        }
    }

    /// Entries of `dependencies` of which `charts/` has no chart of the name. Helm refuses to render
    /// such a chart; Argo CD downloads them first.
    pub fn missing_dependencies(&self) -> Vec<&Dependency> {
        let listed = self.metadata.dependencies.iter().flatten();
        let missing = |dependency: &&Dependency| {
            !self.charts.iter().any(|chart| chart.metadata.name == dependency.name)
        };
        listed.filter(missing).collect()
    }
}

#[cfg(test)]
mod tests;
