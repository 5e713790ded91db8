//! What changes when another profile applies: "what happens when we upgrade Argo CD from 3.4 to 3.6".

use super::{Excerpt, Place};
use crate::merge::Step;
use crate::platform::{self, Change, Detail, Difference, Evaluation, HelmSource, Outcome, Platform};
use crate::profile::Profile;
use crate::yaml;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// What changes for a platform when another profile applies to the same files.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ProfileComparison {
    /// The profile that applies now.
    pub before: ProfileName,
    /// The profile that it is compared with.
    pub after: ProfileName,
    /// Number of Applications that both yield and that were compared.
    pub compared: usize,
    /// How many of them have other values.
    pub changed: usize,
    /// Applications that only the profile of before yields.
    pub gone: Vec<String>,
    /// Applications that only the profile of after yields.
    pub added: Vec<String>,
    /// Applications that fail with one of the two alone, by the error; most of them first.
    pub failures: Vec<ChangedFailure>,
    /// Values that differ, by the line that makes them differ; those that touch most Applications first.
    pub causes: Vec<ChangeCause>,
}

/// A profile in words.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ProfileName {
    /// Its name, e.g. `argocd-3.6`.
    pub profile: String,
    /// Its Argo CD, e.g. `3.6`.
    pub argocd: String,
    /// Its Helm, e.g. `4.3.1`.
    pub helm: String,
}

impl ProfileName {
    /// The names of a profile.
    pub fn of(profile: Profile) -> Self {
        Self {
            profile: profile.to_string(),
            argocd: format!("3.{}", profile.argocd.minor),
            helm: profile.helm.number().to_owned(),
        }
    }
}

/// An error that one of the two profiles gives alone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ChangedFailure {
    /// Whether it comes with the profile of after; else it is gone then.
    pub new: bool,
    /// The error.
    pub message: String,
    /// What it is about.
    pub place: Option<Place>,
    /// The Applications.
    pub applications: Vec<String>,
}

/// A line with the differences that it makes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ChangeCause {
    /// What kind of difference it is.
    pub change: Change,
    /// The same in words, e.g. `a null that was kept is left out with its key`.
    pub words: String,
    /// Label of the layer that has the line; empty for what Helm itself makes.
    pub layer: String,
    /// The line.
    pub place: Option<Place>,
    /// The text there.
    pub excerpt: Option<Excerpt>,
    /// The keys that differ.
    pub keys: Vec<ChangedKey>,
}

/// A key with other values.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ChangedKey {
    /// Keys from the root.
    pub path: Vec<String>,
    /// The value before, as YAML; `None` where the key is not there.
    pub before: Option<String>,
    /// The value after, likewise.
    pub after: Option<String>,
    /// The Applications; `NAME` or, where two sets yield that name, `SET/NAME`.
    pub applications: Vec<String>,
}

/// The words for a kind of difference.
fn words(change: Change) -> &'static str {
    match change {
        Change::Revived => "a null no longer removes what is below it",
        Change::Removed => "a null removes what is below it",
        Change::NullDropped => "a null that was kept is left out with its key",
        Change::NullKept => "a null that was left out with its key is kept",
        Change::Added => "a key is there that was not",
        Change::Gone => "a key is no longer there",
        Change::Replaced => "the value is another one",
    }
}

/// A comparison under way: made step by step, so that whoever waits can show progress.
pub struct Comparing {
    other: Platform,
    evaluation: Evaluation,
    /// What the Applications of before are called.
    names: Names,
    /// Positions of the other's Applications by set and name.
    positions: HashMap<(String, String), usize>,
    done: usize,
    report: ProfileComparison,
    failures: BTreeMap<(bool, String), ChangedFailure>,
    causes: BTreeMap<CauseKey, ChangeCause>,
}

/// Orders causes and keeps them apart.
type CauseKey = (Change, String, Option<(String, String, u32, u32)>);

impl Comparing {
    /// Begins to compare what a platform comes to with what it comes to under another profile.
    pub fn new(platform: &Platform, before: &Evaluation, profile: Profile) -> Self {
        let mut other = Platform { profile, ..platform.clone() };
        let evaluation = Evaluation::new(&mut other, before.workers());
        let named = |(position, _): (usize, &_)| (identity(&evaluation, position), position);
        let positions = evaluation.applications.iter().enumerate().map(named).collect();
        let report = ProfileComparison {
            before: ProfileName::of(platform.profile),
            after: ProfileName::of(profile),
            ..ProfileComparison::default()
        };
        Self {
            other,
            evaluation,
            names: Names::of(before),
            positions,
            done: 0,
            report,
            failures: BTreeMap::new(),
            causes: BTreeMap::new(),
        }
    }

    /// Compares up to `count` further Applications; `false` when all are done.
    pub fn step(&mut self, platform: &Platform, evaluation: &Evaluation, count: usize) -> bool {
        let end = (self.done + count).min(evaluation.applications.len());
        for position in self.done..end {
            self.compare(platform, evaluation, position);
        }
        self.done = end;
        end < evaluation.applications.len()
    }

    /// Compares the Application at a position alone.
    pub fn compare(&mut self, platform: &Platform, evaluation: &Evaluation, position: usize) {
        let name = self.names.shown(evaluation, position);
        let Some(counterpart) = self.positions.remove(&identity(evaluation, position)) else {
            self.report.gone.push(name);
            return;
        };
        let details =
            (evaluation.detail(platform, position), self.evaluation.detail(&self.other, counterpart));
        let (Some(before), Some(after)) = details else { return };
        self.report.compared += 1;
        self.compare_failures(&name, &before, &after);
        let mut changed = false;
        for (source, outcome) in &before.sources {
            let same = after.sources.iter().find(|(other, _)| other.index == source.index);
            let (Outcome::Helm(one), Some((_, Outcome::Helm(other)))) = (outcome, same) else { continue };
            changed |= self.compare_values(&name, one, other);
        }
        self.report.changed += usize::from(changed);
    }

    fn compare_failures(&mut self, name: &str, before: &Detail, after: &Detail) {
        let (failure, new) = match (before.failure(), after.failure()) {
            (None, Some(failure)) => (failure, true),
            (Some(failure), None) => (failure, false),
            _ => return,
        };
        let key = (!new, failure.message.clone());
        let changed = self.failures.entry(key).or_insert_with(|| ChangedFailure {
            new,
            message: failure.message.clone(),
            place: failure.location.as_ref().map(Place::of),
            applications: Vec::new(),
        });
        changed.applications.push(name.to_owned());
    }

    fn compare_values(&mut self, name: &str, before: &HelmSource, after: &HelmSource) -> bool {
        let differences = platform::differences(before, after);
        for difference in &differences {
            self.add(name, difference);
        }
        !differences.is_empty()
    }

    fn add(&mut self, name: &str, difference: &Difference) {
        let cause = difference.cause.as_ref();
        let place = cause.map(|cause| Place::of(&cause.place));
        let layer = cause.map(|cause| cause.layer.to_string()).unwrap_or_default();
        let line = place
            .as_ref()
            .map(|place| (place.repository.clone(), place.path.clone(), place.line, place.column));
        let entry = self.causes.entry((difference.change, layer.clone(), line));
        let known = entry.or_insert_with(|| ChangeCause {
            change: difference.change,
            words: words(difference.change).to_owned(),
            layer,
            place,
            excerpt: cause.map(|cause| Excerpt::of(&cause.place)),
            keys: Vec::new(),
        });
        let path: Vec<String> = difference.path.iter().map(Step::to_string).collect();
        let before = difference.before.as_ref().map(yaml::write);
        let after = difference.after.as_ref().map(yaml::write);
        let same = |key: &&mut ChangedKey| key.path == path && key.before == before && key.after == after;
        match known.keys.iter_mut().find(same) {
            Some(key) => key.applications.push(name.to_owned()),
            None => {
                known.keys.push(ChangedKey { path, before, after, applications: vec![name.to_owned()] });
            }
        }
    }

    /// What was found so far; all of it once [`Comparing::step`] has said that it is done.
    pub fn report(&self, evaluation: &Evaluation) -> ProfileComparison {
        let mut report = self.report.clone();
        if self.done == evaluation.applications.len() {
            let mut added: Vec<usize> = self.positions.values().copied().collect();
            added.sort_unstable();
            let names = Names::of(&self.evaluation);
            report.added =
                added.into_iter().map(|position| names.shown(&self.evaluation, position)).collect();
        }
        report.failures = self.failures.values().cloned().collect();
        report.failures.sort_by_key(|failure| std::cmp::Reverse(failure.applications.len()));
        report.causes = self.causes.values().cloned().collect();
        report.causes.sort_by_key(|cause| std::cmp::Reverse(cause.touched()));
        report
    }
}

impl ChangeCause {
    /// How many Applications it touches at most keys.
    pub fn touched(&self) -> usize {
        self.keys.iter().map(|key| key.applications.len()).max().unwrap_or(0)
    }
}

/// The set that yields an Application (none for a hand-written one) and its name.
fn identity(evaluation: &Evaluation, position: usize) -> (String, String) {
    let application = &evaluation.applications[position];
    let set = evaluation.set_of(application).unwrap_or_default().to_owned();
    (set, application.name.to_string())
}

/// How often each name occurs among the Applications of an evaluation.
struct Names(HashMap<Arc<str>, usize>);

impl Names {
    fn of(evaluation: &Evaluation) -> Self {
        let mut counts = HashMap::new();
        for application in &evaluation.applications {
            *counts.entry(Arc::clone(&application.name)).or_default() += 1;
        }
        Self(counts)
    }

    /// An Application as `--application` takes it.
    fn shown(&self, evaluation: &Evaluation, position: usize) -> String {
        let (set, name) = identity(evaluation, position);
        let alone = self.0.get(name.as_str()).is_none_or(|count| *count == 1);
        if alone || set.is_empty() { name } else { format!("{set}/{name}") }
    }
}
