//! An evaluation of the platform as it was, and what of it still holds after a change.

use super::application::{Application, Computed};
use super::cache::Cache;
use super::change::Change;
use super::{Evaluation, Origin, Set};
use crate::argocd::applicationset;
use crate::argocd::fixtures::Fixtures;
use crate::argocd::projects::Projects;
use crate::argocd::settings::Settings;
use crate::lint::Finding;
use crate::lint::never_wins::Tally;
use crate::repository::Repositories;
use crate::source::{ByAddress, File, Same, Span};
use crate::yaml::Document;
use std::collections::HashMap;
use std::hash::BuildHasherDefault;
use std::sync::Arc;

/// A document of a file.
type Written = (Same<File>, Span);

/// What had come of an Application, and the value files that it lacked.
pub(super) type Counterpart = (Arc<Computed>, Vec<Finding>);

/// What an evaluation takes over from an earlier one.
pub(super) struct Earlier<'a> {
    evaluation: Option<&'a Evaluation>,
    /// What has changed since; `None` if it may be anything.
    change: Option<Change>,
    sets: HashMap<Written, &'a Set>,
    written: HashMap<Written, &'a Application>,
    generated: ByAddress<Same<applicationset::Application>, &'a Application>,
}

impl<'a> Earlier<'a> {
    /// There was none.
    pub(super) fn none() -> Self {
        Self {
            evaluation: None,
            change: None,
            sets: HashMap::new(),
            written: HashMap::new(),
            generated: ByAddress::default(),
        }
    }

    /// An evaluation of the same profile, and what has changed since; `None` if it may be anything.
    pub(super) fn of(evaluation: &'a Evaluation, change: Option<Change>) -> Self {
        // A file that a schema refers to can be any.
        let told = |change: &Change| !evaluation.cache.schemas_refer() || change.paths().next().is_none();
        let mut earlier = Self {
            evaluation: Some(evaluation),
            change: change.filter(told),
            sets: evaluation.sets.iter().map(|set| (key(&set.document), set)).collect(),
            written: HashMap::new(),
            generated: ByAddress::with_capacity_and_hasher(
                evaluation.applications.len(),
                BuildHasherDefault::default(),
            ),
        };
        for application in &evaluation.applications {
            match &application.origin {
                Origin::Written(document) => {
                    earlier.written.insert(key(document), application);
                }
                Origin::Generated { set, position } => {
                    let generated = &evaluation.sets[*set].generated.applications[*position];
                    earlier.generated.insert(Same::of(generated), application);
                }
            }
        }
        earlier
    }

    /// The cache of the next evaluation.
    pub(super) fn cache(&self, evaluation: &Evaluation, now: &Repositories) -> Cache {
        evaluation.cache.after(self.change.as_ref(), now)
    }

    /// The same set.
    pub(super) fn set(&self, document: &Document) -> Option<&'a Set> {
        self.sets.get(&key(document)).copied()
    }

    /// The Application of the same document.
    pub(super) fn written(&self, document: &Document) -> Option<&'a Application> {
        self.written.get(&key(document)).copied()
    }

    /// The same generated Application.
    pub(super) fn generated(
        &self,
        application: &Arc<applicationset::Application>,
    ) -> Option<&'a Application> {
        self.generated.get(&Same::of(application)).copied()
    }

    /// Whether an Application that nothing was wrong with is still right: what it was held against is the same.
    pub(super) fn finds_the_same(&self, projects: &Projects, fixtures: &Fixtures) -> bool {
        self.evaluation.is_some_and(|before| {
            before.projects == *projects && before.fixtures.clusters == fixtures.clusters
        })
    }

    /// For each Application that has to be computed what had come of the one that stood in its place, and
    /// what all had in vain; `None` unless all others are where they were.
    pub(super) fn counterparts(&self, applications: &[Application]) -> Option<(Vec<Counterpart>, Tally)> {
        let evaluation = self.evaluation?;
        let before = &evaluation.applications;
        if before.len() != applications.len() {
            return None;
        }
        let mut counterparts = Vec::new();
        for (old, new) in before.iter().zip(applications) {
            let computed = old.computed.as_ref()?;
            match &new.computed {
                Some(own) if Arc::ptr_eq(own, computed) => {}
                Some(_) => return None,
                None => counterparts.push((Arc::clone(computed), old.missing.clone())),
            }
        }
        Some((counterparts, evaluation.in_vain.clone()))
    }

    /// Whether what came of an Application still holds under these settings.
    pub(super) fn is_unaffected(&self, application: &Application, settings: &Settings) -> bool {
        let (Some(evaluation), Some(change)) = (self.evaluation, &self.change) else { return false };
        let computed = application.computed.as_ref();
        computed.is_some_and(|computed| !change.touches(&computed.reads)) && evaluation.settings == *settings
    }
}

fn key(document: &Document) -> Written {
    (Same::of(&document.file), document.root.span)
}
