//! A platform: repositories, profile and fixtures in; applications with their values out.

mod cache;
mod compare;
mod follow;
mod manifests;
mod places;
mod render;
mod schemas;
pub mod scope;
mod source;
mod surroundings;
mod urls;

pub use compare::{Cause, Change, Difference, differences};
pub use follow::typed_by_hand;
pub use source::{Applied, Finding, HelmSource, Identity};

use crate::argocd::applicationset::{self, Context, Generated};
use crate::argocd::fixtures::Fixtures;
use crate::argocd::projects::Projects;
use crate::argocd::settings::Settings;
use crate::argocd::sources::{Resolved, Resolver, Source, SourceKind};
use crate::argocd::validate::{duplicates_across, validate, validate_written};
use crate::diagnostic::{Diagnostic, Severity};
use crate::lint::missing_file::{self, Wanted};
use crate::lint::{self, never_wins};
use crate::merge::{Absence, Content, Kind};
use crate::profile::Profile;
use crate::repository::Repositories;
use crate::source::{File, Location};
use crate::value::Value;
use crate::yaml::Document;
use cache::Cache;
use manifests::Manifests;
use schemas::SchemaFiles;
use scope::Scope;
use std::collections::{BTreeMap, BTreeSet, HashSet};
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

/// Where an Application comes from.
#[derive(Debug)]
pub enum Origin {
    /// A set yields it.
    Generated {
        /// Position of the set in [`Evaluation::sets`].
        set: usize,
        /// Position among the Applications of the set.
        position: usize,
    },
    /// Somebody wrote it.
    Written(Document),
}

/// An Application.
#[derive(Debug)]
pub struct Application {
    /// `metadata.name`.
    pub name: Arc<str>,
    /// The complete object as JSON.
    pub object: Value,
    /// Where it comes from.
    pub origin: Origin,
    /// Position of the Application whose chart renders it; `None` if it is no app of apps' or if a set
    /// yields it.
    pub parent: Option<usize>,
    /// Where it belongs.
    pub scope: Scope,
    /// Findings, once it was evaluated.
    pub findings: Vec<Finding>,
    /// Whether Argo CD would fail to produce a source of it.
    pub fails: bool,
    /// Files that its values were read from.
    pub files: Vec<Arc<File>>,
    /// Value files as it names them.
    wanted: Vec<Wanted>,
    /// What value files say in vain.
    overridden: Vec<Location>,
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
    done: usize,
    cache: Cache,
    schema_files: SchemaFiles,
    settings: Settings,
    fixtures: Arc<Fixtures>,
    projects: Projects,
}

/// What was computed of some applications.
#[derive(Debug)]
pub struct Share(Vec<Computed>);

#[derive(Debug)]
struct Computed {
    fails: bool,
    files: Vec<Arc<File>>,
    wanted: Vec<Wanted>,
    overridden: Vec<Location>,
    findings: Vec<Finding>,
}

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

impl Evaluation {
    /// Finds the sets and Applications, guesses from them the URLs of repositories that nobody has named,
    /// and generates what the sets yield. Values are computed by [`Evaluation::step`].
    pub fn new(platform: &mut Platform) -> Self {
        let manifests = Manifests::find(&platform.repositories);
        let mentions = manifests.mentions();
        platform.repositories.guess_urls(&mentions);
        let named_urls = mentions.into_iter().map(|mention| mention.url).collect();
        let settings = Settings::new(platform.fixtures.settings.as_ref(), &manifests.settings);
        let fixtures = Arc::new(surroundings::fixtures(platform, &manifests));
        let mut evaluation = Self {
            sets: Vec::new(),
            applications: Vec::new(),
            problems: manifests.problems.into_iter().chain(settings.problems().iter().cloned()).collect(),
            named_urls,
            done: 0,
            cache: Cache::new(platform.profile.helm),
            schema_files: SchemaFiles::find(&platform.repositories),
            settings,
            fixtures,
            projects: manifests.projects,
        };
        for document in manifests.sets {
            evaluation.generate(document, platform, None);
        }
        for document in manifests.applications {
            let object = document.root.to_value();
            evaluation.add(object, Origin::Written(document));
        }
        evaluation.follow(platform);
        evaluation.problems.extend(duplicates_across(evaluation.sets.iter().map(|set| &set.generated)));
        evaluation
    }

    fn generate(&mut self, document: Document, platform: &Platform, parent: Option<usize>) {
        let fixtures = Arc::clone(&self.fixtures);
        let context = Context {
            repositories: &platform.repositories,
            fixtures: &fixtures,
            profile: platform.profile,
            settings: self.settings.applicationset,
        };
        let generated = applicationset::generate(&document, &context);
        self.problems.extend(generated.findings.iter().chain(&generated.error).cloned());
        let first = self.applications.len();
        for (position, application) in generated.applications.iter().enumerate() {
            self.add(application.object.clone(), Origin::Generated { set: self.sets.len(), position });
        }
        for invalid in validate(&generated, &context, &self.projects) {
            for position in invalid.applications {
                let findings = &mut self.applications[first + position].findings;
                findings.push(Finding::from(invalid.diagnostic.clone()));
            }
        }
        self.sets.push(Set { document, generated, parent });
    }

    fn add(&mut self, object: Value, origin: Origin) {
        let name = object.get("metadata").and_then(|metadata| metadata.get("name")).and_then(Value::as_str);
        let invalid = match &origin {
            Origin::Written(document) => validate_written(document, &self.fixtures, &self.projects),
            Origin::Generated { .. } => Vec::new(),
        };
        let application = Application {
            name: Arc::from(name.unwrap_or_default()),
            scope: Scope::of(&object, &value_files(&object)),
            object,
            origin,
            parent: None,
            findings: invalid.into_iter().map(Finding::from).collect(),
            fails: false,
            files: Vec::new(),
            wanted: Vec::new(),
            overridden: Vec::new(),
        };
        self.applications.push(application);
    }

    /// The name of the set that an Application comes from; `None` if somebody wrote it.
    pub fn set_of(&self, application: &Application) -> Option<&str> {
        match &application.origin {
            Origin::Generated { set, .. } => Some(&self.sets[*set].generated.name),
            Origin::Written(_) => None,
        }
    }

    /// What an administrator has set, as far as it matters here.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// What generators were told of clusters and networks: the user's fixtures, and what the files say.
    pub fn fixtures(&self) -> &Fixtures {
        &self.fixtures
    }

    /// Number of applications whose values are computed, and number of all.
    pub fn progress(&self) -> (usize, usize) {
        (self.done, self.applications.len())
    }

    /// Computes the values of up to `count` further applications; `false` when all are done.
    pub fn step(&mut self, platform: &Platform, count: usize) -> bool {
        let end = (self.done + count).min(self.applications.len());
        let share = self.share(platform, self.done..end);
        self.take(share)
    }

    /// Computes the values of the applications in a range. Several threads may do a share each;
    /// [`Evaluation::take`] takes them in order.
    pub fn share(&self, platform: &Platform, range: Range<usize>) -> Share {
        let resolver = Resolver::new(&platform.repositories, &self.settings.sources, platform.profile);
        let computed = range.map(|position| {
            let detail = self.detail_with(&resolver, platform, position);
            Computed {
                fails: detail.fails(),
                files: detail.files(),
                wanted: detail.wanted(),
                overridden: detail.overridden(),
                findings: detail.findings(),
            }
        });
        Share(computed.collect())
    }

    /// Takes in what was computed of the next applications; `false` when all are done.
    pub fn take(&mut self, share: Share) -> bool {
        let before = self.done;
        for (application, computed) in self.applications[before..].iter_mut().zip(share.0) {
            application.fails = computed.fails;
            application.files = computed.files;
            application.wanted = computed.wanted;
            application.overridden = computed.overridden;
            application.findings.extend(computed.findings);
            self.done += 1;
        }
        let finished = self.done == self.applications.len();
        if finished && before < self.done {
            self.tell_missing_files();
            self.tell_what_never_wins();
        }
        !finished
    }

    /// Value files that are missing where those of other applications are there.
    fn tell_missing_files(&mut self) {
        let mut wanted: BTreeMap<&str, &Wanted> = BTreeMap::new();
        for file in self.applications.iter().flat_map(|application| &application.wanted) {
            wanted.entry(&file.path).or_insert(file);
        }
        let wanted: Vec<Wanted> = wanted.into_values().cloned().collect();
        let missing: BTreeMap<String, Diagnostic> = missing_file::check(&wanted).into_iter().collect();
        for application in &mut self.applications {
            let own = application.wanted.iter().filter_map(|file| missing.get(&file.path));
            application.findings.extend(own.cloned().map(Finding::from));
        }
    }

    /// Values of files that come to nothing in all applications that read the files.
    fn tell_what_never_wins(&mut self) {
        let read = self.applications.iter().map(|one| (one.files.as_slice(), one.overridden.as_slice()));
        let findings = never_wins::check(read, self.cache.helm);
        for application in &mut self.applications {
            let own = application.overridden.iter().filter_map(|place| findings.get(&never_wins::key(place)));
            application
                .findings
                .extend(own.cloned().map(|lint::Finding { path, diagnostic }| Finding { diagnostic, path }));
        }
    }

    /// Everything that there is to say, each once: many applications read one file, and what is wrong
    /// with it is wrong once.
    pub fn diagnostics(&self) -> Vec<&Diagnostic> {
        let findings = self.applications.iter().flat_map(|application| &application.findings);
        let mut told = HashSet::new();
        let all = self.problems.iter().chain(findings.map(|finding| &finding.diagnostic));
        all.filter(|diagnostic| told.insert(Identity::of(diagnostic))).collect()
    }

    /// One Application in full; `None` if there is no such position.
    pub fn detail(&self, platform: &Platform, position: usize) -> Option<Detail> {
        self.applications.get(position)?;
        let resolver = Resolver::new(&platform.repositories, &self.settings.sources, platform.profile);
        Some(self.detail_with(&resolver, platform, position))
    }

    fn detail_with(&self, resolver: &Resolver<'_>, platform: &Platform, position: usize) -> Detail {
        match self.resolve(resolver, position) {
            Ok(resolved) => self.evaluate(resolved, platform),
            Err(refused) => Detail { sources: Vec::new(), problems: Vec::new(), refused: Some(refused) },
        }
    }

    fn resolve(&self, resolver: &Resolver<'_>, position: usize) -> Result<Resolved, Diagnostic> {
        let application = &self.applications[position];
        match &application.origin {
            Origin::Written(document) => resolver.resolve_document(document),
            Origin::Generated { set, position } => {
                let generated = &self.sets[*set].generated.applications[*position];
                resolver.resolve(&application.object, generated)
            }
        }
    }

    fn evaluate(&self, resolved: Resolved, platform: &Platform) -> Detail {
        let outcome = |source: Source| {
            let outcome = match &source.kind {
                SourceKind::Helm(helm) => Outcome::Helm(Box::new(HelmSource::new(
                    &source,
                    helm,
                    &self.cache,
                    &self.schema_files,
                    &platform.repositories,
                    platform.profile,
                ))),
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

    /// Files that its values were read from, in the order of the layers.
    fn files(&self) -> Vec<Arc<File>> {
        let layers = self.sources.iter().filter_map(|(_, outcome)| match outcome {
            Outcome::Helm(helm) => Some(&helm.layers),
            Outcome::Plain(_) => None,
        });
        layers
            .flatten()
            .filter_map(|(_, layer)| layer.file().cloned())
            .filter(|file| file.parent.is_none())
            .collect()
    }

    /// Value files as the Application names them, with whether they are there.
    fn wanted(&self) -> Vec<Wanted> {
        let layers = self.sources.iter().filter_map(|(_, outcome)| match outcome {
            Outcome::Helm(helm) => Some(&helm.layers),
            Outcome::Plain(_) => None,
        });
        let named = layers.flatten().filter(|(_, layer)| layer.kind == Kind::ValueFile);
        let wanted = named.filter_map(|(_, layer)| {
            let present = match &layer.content {
                Content::Document(_) => true,
                Content::Absent(Absence::MissingAllowed) => false,
                _ => return None,
            };
            Some(Wanted { path: layer.written.to_string(), present, named_at: layer.named_at.clone() })
        });
        wanted.collect()
    }

    /// What value files say in vain.
    fn overridden(&self) -> Vec<Location> {
        let values = self.sources.iter().filter_map(|(_, outcome)| match outcome {
            Outcome::Helm(helm) => helm.values.as_ref(),
            Outcome::Plain(_) => None,
        });
        values.flat_map(never_wins::overridden).collect()
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

/// Value files as an Application names them.
fn value_files(application: &Value) -> Vec<&str> {
    let Some(spec) = application.get("spec") else { return Vec::new() };
    let several = spec.get("sources").and_then(Value::as_list).unwrap_or_default();
    let sources = several.iter().chain(spec.get("source"));
    let files = sources.filter_map(|source| source.get("helm")?.get("valueFiles")?.as_list()).flatten();
    files.filter_map(Value::as_str).collect()
}
