//! One Application in full.

use super::change::{Fingerprint, Reads};
use super::source::HelmSource;
use crate::argocd::sources::{Source, SourceKind};
use crate::diagnostic::{Diagnostic, Severity};
use crate::lint::Finding;
use crate::lint::missing_file::Wanted;
use crate::lint::never_wins;
use crate::merge::{Absence, Content, Kind, Layer, LayerId};
use crate::source::{File, Location};
use std::sync::Arc;

/// One Application in full.
#[derive(Debug)]
pub struct Detail {
    /// The sources that render, in their order.
    pub sources: Vec<(Source, Outcome)>,
    /// Findings about the Application as a whole.
    pub problems: Vec<Diagnostic>,
    /// Why the Application is refused as a whole, if it is.
    pub refused: Option<Diagnostic>,
}

/// What a source comes to.
#[derive(Debug)]
pub enum Outcome {
    /// A Helm source.
    Helm(Box<HelmSource>),
    /// Anything else, with the reason if Argo CD fails for it.
    Plain(Option<Diagnostic>),
}

impl Detail {
    /// Whether Argo CD would fail to produce a source of it.
    pub fn fails(&self) -> bool {
        self.failure().is_some()
    }

    /// Why Argo CD would fail to produce it; the first reason.
    pub fn failure(&self) -> Option<&Diagnostic> {
        let whole = self.problems.iter().filter(|problem| problem.severity == Severity::Error);
        let sources = self.sources.iter().filter_map(|(_, outcome)| outcome.failure());
        self.refused.iter().chain(whole).chain(sources).next()
    }

    fn layers(&self) -> impl Iterator<Item = &(LayerId, Arc<Layer>)> {
        let layers = self.sources.iter().filter_map(|(_, outcome)| match outcome {
            Outcome::Helm(helm) => Some(&helm.layers),
            Outcome::Plain(_) => None,
        });
        layers.flatten()
    }

    /// Files that its values were read from, in the order of the layers.
    pub(super) fn files(&self) -> Vec<Arc<File>> {
        let files = self.layers().filter_map(|(_, layer)| layer.file());
        files.filter(|file| file.parent.is_none()).cloned().collect()
    }

    /// Value files as the Application names them, with whether they are there.
    pub(super) fn wanted(&self) -> Vec<Wanted> {
        let named = self.layers().filter(|(_, layer)| layer.kind == Kind::ValueFile);
        let wanted = named.filter_map(|(_, layer)| {
            let present = match &layer.content {
                Content::Document(_) => true,
                Content::Absent(Absence::MissingAllowed) => false,
                _ => return None,
            };
            Some(Wanted { path: Arc::clone(&layer.written), present, named_at: layer.named_at.clone() })
        });
        wanted.collect()
    }

    /// What value files say in vain.
    pub(super) fn overridden(&self) -> Vec<Location> {
        let values = self.sources.iter().filter_map(|(_, outcome)| match outcome {
            Outcome::Helm(helm) => helm.values.as_ref(),
            Outcome::Plain(_) => None,
        });
        values.flat_map(never_wins::overridden).collect()
    }

    /// The files and folders that it depends on.
    pub(super) fn reads(&self) -> Reads {
        let mut places = Vec::new();
        for (source, outcome) in &self.sources {
            let (SourceKind::Helm(helm), Outcome::Helm(evaluated)) = (&source.kind, outcome) else {
                return Reads::Unknown;
            };
            if helm.searched || evaluated.searched {
                return Reads::Unknown;
            }
            places.push(helm.place.clone());
            places.extend(helm.layers.iter().filter_map(|layer| layer.sought.clone()));
        }
        Reads::Places(places.into_iter().map(|place| (Fingerprint::of(&place.path), place)).collect())
    }

    /// Everything that there is to say about it.
    pub fn findings(&self) -> Vec<Finding> {
        let whole = self.refused.iter().chain(&self.problems).cloned().map(Finding::from);
        let sources = self.sources.iter().flat_map(|(source, outcome)| outcome.findings(source));
        whole.chain(sources).collect()
    }
}

impl Outcome {
    /// Why Argo CD would fail to produce the source.
    pub fn failure(&self) -> Option<&Diagnostic> {
        match self {
            Self::Helm(helm) => helm.failure.as_ref(),
            Self::Plain(failure) => failure.as_ref(),
        }
    }

    /// Everything that there is to say about the source. A failure that a finding says more exactly (a
    /// schema's violation with its key) is told by that finding alone.
    pub fn findings(&self, source: &Source) -> Vec<Finding> {
        let findings = match self {
            Self::Helm(helm) => helm.findings.clone(),
            Self::Plain(_) => source.problems.iter().cloned().map(Finding::from).collect(),
        };
        let told = |failure: &&Diagnostic| {
            !findings.iter().any(|finding| {
                finding.diagnostic.code == failure.code && finding.diagnostic.location == failure.location
            })
        };
        let failure = self.failure().filter(told).cloned().map(Finding::from);
        failure.into_iter().chain(findings).collect()
    }
}
