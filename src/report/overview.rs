//! The lists that are shown at once: repositories, sets, Applications, problems.

use super::{ApplicationSummary, Overview, Place, RepositorySummary, SetSummary, Setting, SkippedFile};
use crate::argocd::settings::Applied;
use crate::argocd::starter::starter;
use crate::diagnostic::Severity;
use crate::platform::{Application, Evaluation, Platform, typed_by_hand};
use crate::repository::Repository;
use crate::value::Value;
use std::collections::BTreeSet;

/// Everything that was loaded and what came of it, but for the problems.
pub(super) fn overview(platform: &Platform, evaluation: &Evaluation) -> Overview {
    let urls = &evaluation.named_urls;
    let repositories = platform.repositories.all().iter().map(|repository| summary_of(repository, urls));
    Overview {
        profile: platform.profile.to_string(),
        example: None,
        argocd: format!("3.{}", platform.profile.argocd.minor),
        helm: platform.profile.helm.number().to_owned(),
        repositories: repositories.collect(),
        sets: evaluation.sets.iter().map(set).collect(),
        applications: evaluation.applications.iter().map(|one| application(one, evaluation)).collect(),
        problems: Vec::new(),
        starter_fixtures: starter(evaluation.sets.iter().map(|set| &set.document), evaluation.fixtures())
            .unwrap_or_default(),
        fixtures: platform.fixtures.file.as_ref().map(|file| file.text.to_string()).unwrap_or_default(),
        settings: evaluation.settings().applied().iter().map(setting).collect(),
    }
}

fn summary_of(repository: &Repository, urls: &BTreeSet<String>) -> RepositorySummary {
    let revisions = &repository.revisions;
    let paths: BTreeSet<String> = revisions
        .iter()
        .flat_map(|revision| revision.tree.files().map(|file| file.path.to_string()))
        .collect();
    let skipped = revisions
        .iter()
        .flat_map(|revision| &revision.skipped)
        .map(|skipped| SkippedFile { path: skipped.path.to_string(), reason: skipped.reason.to_string() });
    RepositorySummary {
        name: repository.name.to_string(),
        url: repository.url.to_string(),
        url_guessed: repository.url_guessed,
        url_choices: urls.iter().filter(|url| **url != *repository.url).cloned().collect(),
        revisions: revisions.iter().map(|revision| revision.name.to_string()).collect(),
        files: paths.len(),
        paths: paths.into_iter().collect(),
        skipped: skipped.collect(),
    }
}

fn setting(applied: &Applied) -> Setting {
    Setting {
        key: applied.key.to_owned(),
        value: applied.value.to_string(),
        place: applied.place.as_ref().map(Place::of),
    }
}

fn set(set: &crate::platform::Set) -> SetSummary {
    SetSummary {
        name: set.generated.name.to_string(),
        place: Place::of(&typed_by_hand(&set.document)),
        generators: set.generated.generators(),
        applications: set.generated.applications.len(),
        error: set.generated.error.as_ref().map(ToString::to_string),
    }
}

/// One line of the list of Applications.
pub(super) fn application(application: &Application, evaluation: &Evaluation) -> ApplicationSummary {
    let text = |path: &[&str]| {
        let value = path.iter().try_fold(&application.object, |value, key| value.get(key));
        value.and_then(Value::as_str).unwrap_or_default().to_owned()
    };
    let count = |severity| {
        evaluation.findings(application).filter(|finding| finding.diagnostic.severity == severity).count()
    };
    let (cluster, _) = application.destination(evaluation.fixtures());
    let policy = application.object.get("spec").and_then(|spec| spec.get("syncPolicy"));
    ApplicationSummary {
        name: application.name.to_string(),
        set: evaluation.set_of(application).unwrap_or_default().to_owned(),
        parent: evaluation.parent_of(application),
        customer: application.scope.customer.clone(),
        product: application.scope.product.clone(),
        environment: application.scope.environment.clone(),
        project: text(&["spec", "project"]),
        cluster: cluster.to_owned(),
        namespace: text(&["spec", "destination", "namespace"]),
        automated: policy
            .and_then(|policy| policy.get("automated"))
            .is_some_and(|value| *value != Value::Null),
        errors: count(Severity::Error),
        warnings: count(Severity::Warning),
    }
}
