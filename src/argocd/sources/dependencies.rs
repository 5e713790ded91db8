//! A source's chart with the dependencies that `helm dependency build` would bring in.

use super::Helm;
use super::paths::{self, Clean};
use crate::chart::{Chart, ChartFile, Dependency, folder_files};
use crate::diagnostic::Diagnostic;
use crate::profile;
use crate::repository::{CheckoutError, Repositories};
use crate::semver::{Constraints, Version};
use std::sync::Arc;

/// A chart that was loaded for a source.
#[derive(Clone, Debug)]
pub struct LoadedChart {
    /// The chart.
    pub chart: Arc<Chart>,
    /// Dependencies that Argo CD would download and that are not loaded; while there are any, the
    /// chart's values are unknown.
    pub missing: Vec<Diagnostic>,
    /// Whether dependencies were looked for outside of the chart's folder.
    pub searched: bool,
}

impl Helm {
    /// Loads the chart. Dependencies that are missing in `charts/` are taken from the folder that a
    /// `file://` repository names, and otherwise from charts that were loaded, as Argo CD builds them.
    /// Sources with equal [`Helm::tree_key`] and [`Helm::folder`] have the same chart.
    ///
    /// # Errors
    /// If the chart (or one that it depends on) can't be loaded, in Helm's words.
    pub fn load_chart(
        &self,
        repositories: &Repositories,
        helm: profile::Helm,
    ) -> Result<LoadedChart, Diagnostic> {
        let mut files = folder_files(&self.tree, &self.folder)?;
        let chart = Chart::load(files.clone(), helm)?;
        let mut missing = Vec::new();
        let before = files.len();
        let searched = !chart.missing_dependencies().is_empty();
        for dependency in chart.missing_dependencies() {
            match self.find(dependency, repositories, helm)? {
                Ok(found) => {
                    let inside = |file: ChartFile| ChartFile {
                        name: format!("charts/{}/{}", dependency.name, file.name).into(),
                        data: file.data,
                    };
                    files.extend(found.into_iter().map(inside));
                }
                Err(problem) => missing.push(problem),
            }
        }
        let chart = if files.len() == before { chart } else { Chart::load(files, helm)? };
        Ok(LoadedChart { chart: Arc::new(chart), missing, searched })
    }

    /// The files of a dependency; the inner error says that it is unknown.
    fn find(
        &self,
        dependency: &Dependency,
        repositories: &Repositories,
        helm: profile::Helm,
    ) -> Result<Result<Vec<ChartFile>, Diagnostic>, Diagnostic> {
        let at = |problem: Diagnostic| problem.at(dependency.place.clone());
        let Some(path) = dependency.repository.strip_prefix("file://") else {
            return match repositories.chart(&dependency.repository, &dependency.name, &dependency.version) {
                Ok(checkout) => folder_files(checkout.tree(), "").map(Ok),
                Err(error) => Ok(Err(at(not_loaded(dependency, &error)))),
            };
        };
        let text = format!("error building helm chart dependencies: directory {path} not found");
        let not_found = || at(Diagnostic::error("chart-dependency", text));
        // An absolute path is one of the repository server's own disk.
        let Clean::Inside(folder) = paths::join(&self.folder, path) else { return Err(not_found()) };
        if path.starts_with('/') || !self.tree.find(&folder).is_directory() {
            return Err(not_found());
        }
        let files = folder_files(&self.tree, &folder)?;
        let version = Chart::load(files.clone(), helm)?.metadata.version;
        if !is_in_range(&dependency.version, &version) {
            let text = format!(
                "error building helm chart dependencies: dependency {} at version {} does not match the range {}",
                dependency.name, version, dependency.version
            );
            return Err(at(Diagnostic::error("chart-dependency", text)));
        }
        Ok(Ok(files))
    }
}

fn not_loaded(dependency: &Dependency, error: &CheckoutError) -> Diagnostic {
    let Dependency { name, version, repository, .. } = dependency;
    let message =
        format!("the chart {name} {version} of {repository} is not loaded, so these values are unknown");
    Diagnostic::warning("chart-dependency", message).hint(error.hint())
}

fn is_in_range(range: &str, version: &str) -> bool {
    match (Constraints::parse(range), Version::parse(version)) {
        (Ok(range), Ok(version)) => range.check(&version),
        _ => range.is_empty(),
    }
}
