//! A platform: repositories, profile and fixtures in; applications with their values out.

mod application;
mod cache;
mod change;
mod compare;
mod detail;
mod earlier;
mod follow;
mod manifests;
mod places;
mod render;
mod schemas;
pub mod scope;
mod source;
mod surroundings;
mod urls;

pub use crate::lint::Finding;
pub use application::{Application, Origin};
pub use compare::{Cause, Change, Difference, differences};
pub use detail::{Detail, Outcome};
pub use follow::typed_by_hand;
pub use render::not_rendered;
pub use source::{Applied, HelmSource, Identity};

use crate::argocd::applicationset::{self, Context, Generated, Means};
use crate::argocd::fixtures::Fixtures;
use crate::argocd::memo::Memo;
use crate::argocd::projects::Projects;
use crate::argocd::settings::Settings;
use crate::argocd::sources::{Resolved, Resolver, Source, SourceKind};
use crate::argocd::validate::{self, duplicates_across, validate_written};
use crate::diagnostic::Diagnostic;
use crate::lint::missing_file::{self, Wanted};
use crate::lint::never_wins::Tally;
use crate::profile::Profile;
use crate::repository::Repositories;
use crate::value::Value;
use crate::work::Workers;
use crate::yaml::{Document, Node};
use application::Computed;
use cache::Cache;
use earlier::{Counterpart, Earlier};
use manifests::Manifests;
use schemas::SchemaFiles;
use scope::Scope;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::ops::Range;
use std::sync::Arc;

/// Everything that an evaluation depends on.
#[derive(Clone, Debug, Default)]
pub struct Platform {
    /// The repositories.
    pub repositories: Repositories,
    /// What no repository holds.
    pub fixtures: Fixtures,
    /// Whose rules apply.
    pub profile: Profile,
}

/// An ApplicationSet with what comes of it.
#[derive(Debug)]
pub struct Set {
    /// The set.
    pub document: Document,
    /// What it yields; each of its Applications stands in [`Evaluation::applications`] too.
    pub generated: Generated,
    /// Position of the Application whose chart renders it, if one does.
    pub parent: Option<usize>,
}

/// The applications of a platform. Made step by step, so that whoever waits can show progress.
#[derive(Debug)]
pub struct Evaluation {
    /// The ApplicationSets.
    pub sets: Vec<Set>,
    /// The Applications: those of the sets in order, then the hand-written ones.
    pub applications: Vec<Application>,
    /// What is wrong or worth knowing about no Application in particular.
    pub problems: Vec<Diagnostic>,
    /// Every `repoURL` that the sets and Applications name.
    pub named_urls: BTreeSet<String>,
    /// Positions of the Applications that an earlier evaluation has not computed.
    open: Vec<usize>,
    /// How many of these are computed.
    done: usize,
    /// What had come of those that stood in their places, if all others are where they were.
    counterparts: Option<Vec<Counterpart>>,
    /// What value files say in vain in all Applications that read them.
    in_vain: Tally,
    cache: Cache,
    workers: &'static dyn Workers,
    schema_files: SchemaFiles,
    settings: Settings,
    fixtures: Arc<Fixtures>,
    projects: Projects,
}

impl Evaluation {
    /// Finds the sets and Applications, guesses from them the URLs of repositories that nobody has named,
    /// and generates what the sets yield. Values are computed by [`Evaluation::step`].
    pub fn new(platform: &mut Platform, workers: &'static dyn Workers) -> Self {
        let cache = Cache::new(platform.profile.helm);
        let manifests = Manifests::find(&platform.repositories, &cache, workers);
        let named_urls = manifests.guess_urls(&mut platform.repositories);
        Self::of(platform, manifests, named_urls, (cache, workers), &Earlier::none())
    }

    /// The same after a change: `before` is what was evaluated of the platform as it was. What the change
    /// does not touch is taken over; [`Evaluation::step`] computes the rest.
    pub fn after(platform: &mut Platform, before: (&Platform, &Self)) -> Self {
        let (old, evaluation) = before;
        if old.profile != platform.profile {
            return Self::new(platform, evaluation.workers);
        }
        let manifests = Manifests::find(&platform.repositories, &evaluation.cache, evaluation.workers);
        let named_urls = manifests.guess_urls(&mut platform.repositories);
        let earlier = Earlier::of(evaluation, change::Change::between(old, platform));
        let cache = earlier.cache(evaluation, &platform.repositories);
        Self::of(platform, manifests, named_urls, (cache, evaluation.workers), &earlier)
    }

    fn of(
        platform: &Platform,
        manifests: Manifests,
        named_urls: BTreeSet<String>,
        (cache, workers): (Cache, &'static dyn Workers),
        earlier: &Earlier<'_>,
    ) -> Self {
        let settings = Settings::new(platform.fixtures.settings.as_ref(), &manifests.settings);
        let fixtures = Arc::new(surroundings::fixtures(platform, &manifests));
        let mut evaluation = Self {
            sets: Vec::new(),
            applications: Vec::new(),
            problems: manifests.problems.into_iter().chain(settings.problems().iter().cloned()).collect(),
            named_urls,
            open: Vec::new(),
            done: 0,
            counterparts: None,
            in_vain: Tally::default(),
            cache,
            workers,
            schema_files: SchemaFiles::find(&platform.repositories),
            settings,
            fixtures,
            projects: manifests.projects,
        };
        for document in manifests.sets {
            evaluation.generate(document, platform, None, earlier);
        }
        for document in manifests.applications {
            let object = document.root.to_value();
            evaluation.add(document, object, earlier);
        }
        evaluation.follow(platform, earlier);
        evaluation.tell_taken_over();
        evaluation.problems.extend(duplicates_across(evaluation.sets.iter().map(|set| &set.generated)));
        let open = evaluation.applications.iter().enumerate();
        evaluation.open = open.filter(|(_, one)| one.computed.is_none()).map(|(at, _)| at).collect();
        if let Some((counterparts, in_vain)) = earlier.counterparts(&evaluation.applications) {
            (evaluation.counterparts, evaluation.in_vain) = (Some(counterparts), in_vain);
        }
        if evaluation.open.is_empty() {
            evaluation.compare_applications();
        }
        evaluation
    }

    fn generate(
        &mut self,
        document: Document,
        platform: &Platform,
        parent: Option<usize>,
        earlier: &Earlier<'_>,
    ) {
        let fixtures = Arc::clone(&self.fixtures);
        let context = Context {
            repositories: &platform.repositories,
            fixtures: &fixtures,
            profile: platform.profile,
            settings: self.settings.applicationset,
        };
        let nothing = Memo::default();
        let before = earlier.set(&document).map_or(&nothing, |set| &set.generated.memo);
        let means = Means { before, documents: self.cache.documents(), workers: self.workers };
        let generated = applicationset::generate_with(&means, &document, &context);
        self.problems.extend(generated.findings.iter().chain(&generated.error).cloned());
        let first = self.applications.len();
        let set = self.sets.len();
        self.sets.push(Set { document, generated, parent });
        let all = &self.sets[set].generated.applications;
        let added = self.workers.ranges(all.len(), |range| {
            let added = range.map(|position| {
                let (object, origin) = (all[position].object.clone(), Origin::Generated { set, position });
                self.application(object, origin, Vec::new(), earlier.generated(&all[position]), earlier)
            });
            added.collect::<Vec<_>>()
        });
        self.applications.reserve(all.len());
        self.applications.extend(added.into_iter().flatten());
        let fine = earlier.finds_the_same(&self.projects, &self.fixtures);
        let is_fine =
            |one: &Arc<_>| fine && earlier.generated(one).is_some_and(|known| known.invalid.is_empty());
        let means = validate::Means { is_fine: &is_fine, workers: self.workers };
        let invalid = validate::validate_with(&means, &self.sets[set].generated, &context, &self.projects);
        for invalid in invalid {
            for position in invalid.applications {
                let findings = &mut self.applications[first + position].invalid;
                findings.push(Finding::from(invalid.diagnostic.clone()));
            }
        }
    }

    fn add(&mut self, document: Document, object: Value, earlier: &Earlier<'_>) {
        let invalid = validate_written(&document, &self.fixtures, &self.projects);
        let invalid = invalid.into_iter().map(Finding::from).collect();
        let known = earlier.written(&document);
        let added = self.application(object, Origin::Written(document), invalid, known, earlier);
        self.applications.push(added);
    }

    /// An Application as it stands in the list of all; `known` is what it was in an earlier evaluation.
    fn application(
        &self,
        object: Value,
        origin: Origin,
        invalid: Vec<Finding>,
        known: Option<&Application>,
        earlier: &Earlier<'_>,
    ) -> Application {
        if let Some(known) = known {
            let unaffected = earlier.is_unaffected(known, &self.settings);
            return Application {
                origin,
                parent: None,
                invalid,
                computed: known.computed.clone().filter(|_| unaffected),
                renders: known.renders.clone().filter(|_| unaffected),
                name: Arc::clone(&known.name),
                object: known.object.clone(),
                scope: Arc::clone(&known.scope),
                missing: known.missing.clone(),
            };
        }
        let name = object.get("metadata").and_then(|metadata| metadata.get("name")).and_then(Value::as_str);
        Application {
            name: Arc::from(name.unwrap_or_default()),
            scope: Arc::new(Scope::of(&object, value_files(&object))),
            object,
            origin,
            parent: None,
            invalid,
            computed: None,
            missing: Vec::new(),
            renders: None,
        }
    }

    /// Applications that somebody wrote and that a set generates too: its controller takes them over, since
    /// no other one owns them, and overwrites them.
    fn tell_taken_over(&mut self) {
        let mut written: HashMap<(Arc<str>, Arc<str>), usize> = HashMap::new();
        for (position, application) in self.applications.iter().enumerate() {
            if let Origin::Written(document) = &application.origin {
                let namespace = document.root.get("metadata").and_then(|metadata| metadata.get("namespace"));
                let namespace = self.namespace(namespace.and_then(Node::as_str).unwrap_or_default());
                written.entry((namespace, Arc::clone(&application.name))).or_insert(position);
            }
        }
        if written.is_empty() {
            return;
        }
        for set in &self.sets {
            let (name, namespace) = (&set.generated.name, self.namespace(&set.generated.namespace));
            for generated in &set.generated.applications {
                let key = (Arc::clone(&namespace), Arc::clone(&generated.name));
                let Some(&position) = written.get(&key) else { continue };
                let message = format!(
                    "the ApplicationSet {name} generates {} too, takes it over and overwrites it",
                    key.1
                );
                let told = Diagnostic::warning("application-taken-over", message)
                    .with(generated.location(&["metadata", "name"]), "the set names it here")
                    .hint("take it out, or give one of them another name");
                let place = self.applications[position].written_at();
                let told = place.map_or(told.clone(), |place| told.at(place));
                self.applications[position].invalid.push(told.into());
            }
        }
    }

    /// A namespace of Applications; Argo CD's own where none is written.
    fn namespace(&self, written: &str) -> Arc<str> {
        if written.is_empty() { Arc::clone(&self.settings.sources.namespace) } else { written.into() }
    }

    /// The name of the set that an Application comes from; `None` if somebody wrote it.
    pub fn set_of(&self, application: &Application) -> Option<&str> {
        match &application.origin {
            Origin::Generated { set, .. } => Some(&self.sets[*set].generated.name),
            Origin::Written(_) => None,
        }
    }

    /// Who does what can be done at once.
    pub fn workers(&self) -> &'static dyn Workers {
        self.workers
    }

    /// What an administrator has set, as far as it matters here.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// What generators were told of clusters and networks: the user's fixtures, and what the files say.
    pub fn fixtures(&self) -> &Fixtures {
        &self.fixtures
    }

    /// How many of the Applications that have to be computed are, and how many these are: all, or after
    /// a change those that it touches.
    pub fn progress(&self) -> (usize, usize) {
        (self.done, self.open.len())
    }

    /// Computes the values of up to `count` further applications; `false` when all are done.
    pub fn step(&mut self, platform: &Platform, count: usize) -> bool {
        let end = (self.done + count).min(self.open.len());
        let share = self.share(platform, self.done..end);
        self.take(share)
    }

    /// Computes the values of all that are open.
    pub fn complete(&mut self, platform: &Platform) {
        let (done, open) = (self.done, self.open.len());
        let shares = self
            .workers
            .ranges(open - done, |range| self.share(platform, done + range.start..done + range.end));
        for share in shares {
            self.take(share);
        }
    }

    fn share(&self, platform: &Platform, range: Range<usize>) -> Vec<Computed> {
        let resolver = self.resolver(platform);
        let computed = self.open[range].iter().map(|&position| {
            let mut detail = self.merged_with(&resolver, platform, position);
            self.check(&mut detail);
            Computed::of(&detail)
        });
        computed.collect()
    }

    /// Takes in what was computed of the next applications; `false` when all are done.
    fn take(&mut self, share: Vec<Computed>) -> bool {
        let before = self.done;
        for (&position, computed) in self.open[before..].iter().zip(share) {
            self.applications[position].computed = Some(Arc::new(computed));
            self.done += 1;
        }
        let finished = self.done == self.open.len();
        if finished && before < self.done {
            self.compare_applications();
        }
        !finished
    }

    /// What is told by comparing the applications: value files that are missing where those of others are
    /// there, and values of files that come to nothing in all applications that read the files.
    fn compare_applications(&mut self) {
        let Some(before) = self.counterparts.take() else {
            for application in &self.applications {
                self.in_vain.add(application.files(), application.overridden());
            }
            self.in_vain.settle(self.cache.helm);
            return self.tell_missing_files();
        };
        for (&position, (computed, _)) in self.open.iter().zip(&before) {
            let application = &self.applications[position];
            self.in_vain.remove(&computed.files, &computed.overridden);
            self.in_vain.add(application.files(), application.overridden());
        }
        self.in_vain.settle(self.cache.helm);
        if !self.want_the_same(&before) {
            return self.tell_missing_files();
        }
        for (&position, (_, missing)) in self.open.iter().zip(before) {
            self.applications[position].missing = missing;
        }
    }

    fn tell_missing_files(&mut self) {
        let mut known = HashSet::new();
        let all = self.applications.iter().flat_map(Application::wanted);
        let wanted: Vec<&Wanted> = all.filter(|file| known.insert(&*file.path)).collect();
        let missing: HashMap<Arc<str>, Diagnostic> = missing_file::check(&wanted).into_iter().collect();
        for application in &mut self.applications {
            let own = application.wanted().iter().filter_map(|file| missing.get(&file.path));
            application.missing = own.cloned().map(Finding::from).collect();
        }
    }

    /// Whether the Applications that were computed name the same value files as those before them.
    fn want_the_same(&self, before: &[Counterpart]) -> bool {
        let mut pairs = self.open.iter().zip(before);
        pairs.all(|(&position, (computed, _))| self.applications[position].wanted() == computed.wanted)
    }

    /// What there is to say about an Application, so far.
    pub fn findings<'a>(&'a self, application: &'a Application) -> impl Iterator<Item = &'a Finding> {
        let in_vain = application.overridden().iter().filter_map(|place| self.in_vain.finding(place));
        application.findings().chain(in_vain)
    }

    /// Everything that there is to say, each once: many applications read one file, and what is wrong
    /// with it is wrong once.
    pub fn diagnostics(&self) -> Vec<&Diagnostic> {
        let findings = self.applications.iter().flat_map(|application| self.findings(application));
        let mut told = HashSet::new();
        let all = self.problems.iter().chain(findings.map(|finding| &finding.diagnostic));
        all.filter(|diagnostic| told.insert(Identity::of(diagnostic))).collect()
    }

    /// One Application in full; `None` if there is no such position.
    pub fn detail(&self, platform: &Platform, position: usize) -> Option<Detail> {
        self.applications.get(position)?;
        let mut detail = self.merged_with(&self.resolver(platform), platform, position);
        self.check(&mut detail);
        Some(detail)
    }

    /// The Applications in a range, each with its layers merged and its values computed, and nothing
    /// checked.
    pub fn merged<'a>(
        &'a self,
        platform: &'a Platform,
        range: Range<usize>,
    ) -> impl Iterator<Item = Detail> + use<'a> {
        let resolver = self.resolver(platform);
        range.map(move |position| self.merged_with(&resolver, platform, position))
    }

    fn resolver<'a>(&'a self, platform: &'a Platform) -> Resolver<'a> {
        Resolver::new(&platform.repositories, &self.settings.sources, platform.profile)
    }

    fn merged_with(&self, resolver: &Resolver<'_>, platform: &Platform, position: usize) -> Detail {
        match self.resolve(resolver, position) {
            Ok(resolved) => self.merge(resolved, platform),
            Err(refused) => Detail { sources: Vec::new(), problems: Vec::new(), refused: Some(refused) },
        }
    }

    fn check(&self, detail: &mut Detail) {
        for (_, outcome) in &mut detail.sources {
            if let Outcome::Helm(helm) = outcome {
                helm.check(&self.cache, &self.schema_files);
            }
        }
    }

    fn resolve(&self, resolver: &Resolver<'_>, position: usize) -> Result<Resolved, Diagnostic> {
        let application = &self.applications[position];
        match &application.origin {
            Origin::Written(document) => resolver.resolve_document(document),
            Origin::Generated { set, position } => {
                let generated = &*self.sets[*set].generated.applications[*position];
                resolver.resolve(&application.object, generated)
            }
        }
    }

    fn merge(&self, resolved: Resolved, platform: &Platform) -> Detail {
        let (repositories, profile) = (&platform.repositories, platform.profile);
        let outcome = |source: Source| {
            let outcome = match &source.kind {
                SourceKind::Helm(helm) => {
                    let merged = HelmSource::new(&source, helm, &self.cache, repositories, profile);
                    Outcome::Helm(Box::new(merged))
                }
                _ => Outcome::Plain(source::plain_failure(&source)),
            };
            (source, outcome)
        };
        Detail {
            sources: resolved.sources.into_iter().map(outcome).collect(),
            problems: resolved.problems,
            refused: None,
        }
    }
}

/// Value files as an Application names them.
fn value_files(application: &Value) -> impl Iterator<Item = &str> {
    let spec = application.get("spec");
    let several = spec.and_then(|spec| spec.get("sources")?.as_list()).unwrap_or_default();
    let sources = several.iter().chain(spec.and_then(|spec| spec.get("source")));
    let files = sources.filter_map(|source| source.get("helm")?.get("valueFiles")?.as_list()).flatten();
    files.filter_map(Value::as_str)
}
