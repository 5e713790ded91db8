//! The manifests of a source.

use super::{HelmSource, Outcome};
use crate::argocd::sources::{Helm, Source, SourceKind};
use crate::chart::{self, Options, Rendering, Templates};
use crate::diagnostic::{Diagnostic, Severity};
use crate::profile;
use crate::template::Limits;
use crate::template::helm::{Capabilities, KubeVersion, Release};
use crate::yaml;
use std::sync::Arc;

impl HelmSource {
    /// Renders the chart.
    ///
    /// # Errors
    /// Why Argo CD fails for the source before anything is rendered, or what Helm fails with.
    pub fn render(&self, named: &Helm, traced: bool) -> Result<Rendering, Diagnostic> {
        if let Some(problem) = self.chart.as_deref().and_then(chart::not_installable) {
            return Err(problem);
        }
        if let Some(failure) = &self.failure {
            return Err(failure.clone());
        }
        let values = self.values.as_ref().ok_or_else(|| {
            Diagnostic::error("chart-unknown", "the chart is not known, so there is nothing to render")
        })?;
        let options = Options {
            release: Release::new(Arc::clone(&named.release), Arc::clone(&named.namespace)),
            capabilities: capabilities(named, self.helm)?,
            limits: Limits::default(),
            traced,
        };
        let templates = self.templates.get_or_init(|| Templates::parse(values, self.helm));
        templates.as_ref().map_err(Clone::clone)?.render(values, &options)
    }
}

/// The cluster as far as the Application tells it; else what Helm assumes without one.
fn capabilities(named: &Helm, helm: profile::Helm) -> Result<Capabilities, Diagnostic> {
    let mut capabilities = Capabilities::of(helm);
    if let Some(version) = &named.kube_version {
        capabilities.kube_version = KubeVersion::parse(version, helm)
            .map_err(|message| Diagnostic::error("helm-kube-version", message))?;
    }
    Ok(capabilities.with_api_versions(named.api_versions.iter().cloned()))
}

/// That a source is of a kind that is not rendered here, if it is.
pub fn not_rendered(source: &Source) -> Option<Diagnostic> {
    let what = match source.kind {
        SourceKind::Kustomize => "a Kustomize folder",
        SourceKind::Plugin => "for a config management plugin",
        _ => return None,
    };
    let message = format!(
        "{} of {} is {what}, which is not rendered here: only Helm charts and plain folders are",
        if source.path.is_empty() { "the root" } else { &source.path },
        source.repo_url
    );
    let note = Diagnostic::note("source-not-rendered", message);
    Some(match &source.place {
        Some(place) => note.at(place.clone()),
        None => note,
    })
}

impl Outcome {
    /// The manifests of the source as `helm template` prints them; those of a plain folder one after
    /// the other.
    ///
    /// # Errors
    /// Why Argo CD fails for the source, or that what it is can't be rendered here.
    pub fn manifests(&self, source: &Source) -> Result<String, Diagnostic> {
        if let (SourceKind::Helm(named), Self::Helm(helm)) = (&source.kind, self) {
            let rendering = helm.render(named, false)?;
            return Ok(rendering.print(!named.skips.crds, !named.skips.tests));
        }
        if let Some(failure) = self.failure() {
            return Err(failure.clone());
        }
        let SourceKind::Directory(directory) = &source.kind else {
            return match not_rendered(source) {
                Some(note) => Err(Diagnostic { severity: Severity::Error, ..note }),
                None => Ok(String::new()),
            };
        };
        let objects = directory.objects()?.objects;
        Ok(objects.iter().map(|object| format!("---\n{}\n", yaml::write(&object.root.to_value()))).collect())
    }
}
