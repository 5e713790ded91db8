//! The way of one Application through Argo CD's checks, in Argo CD's order.

use super::environment::{Environment, UNKNOWN_COMMIT};
use super::folder::{Discovered, Folder};
use super::overrides::Overrides;
use super::places::SourcePlaces;
use super::spec::{self, Application, Sources};
use super::{Places, Resolved, Settings, Source, SourceKind, Step};
use crate::diagnostic::Diagnostic;
use crate::profile::Profile;
use crate::repository::{Checkout, CheckoutError, Repositories, is_commit};
use crate::value::Value;
use crate::yaml::Document;
use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;
use std::sync::Arc;

/// A checkout and a path in it.
type FolderKey = ((u32, u32), String);

/// Resolves Applications against repositories.
pub struct Resolver<'a> {
    pub(super) repositories: &'a Repositories,
    pub(super) settings: &'a Settings,
    pub(super) profile: Profile,
    /// By checkout and path.
    folders: RefCell<HashMap<FolderKey, Rc<Folder>>>,
}

/// Everything about one source while it is resolved.
pub(super) struct Work<'a> {
    pub resolver: &'a Resolver<'a>,
    pub application: &'a Application,
    /// The source as overridden.
    pub source: Cow<'a, spec::Source>,
    /// All sources; empty for `spec.source`.
    pub several: &'a [spec::Source],
    /// The sources that lend it files.
    pub references: Vec<Reference<'a>>,
    pub checkout: Checkout<'a>,
    pub folder: Rc<Folder>,
    pub places: SourcePlaces<'a>,
    pub environment: Environment,
    pub problems: Vec<Diagnostic>,
}

impl<'a> Resolver<'a> {
    /// A resolver for these repositories.
    pub fn new(repositories: &'a Repositories, settings: &'a Settings, profile: Profile) -> Self {
        Self { repositories, settings, profile, folders: RefCell::default() }
    }

    /// Resolves a hand-written Application.
    ///
    /// # Errors
    /// As [`Resolver::resolve`].
    pub fn resolve_document(&self, document: &Document) -> Result<Resolved, Diagnostic> {
        self.resolve(&spec::object(document), document)
    }

    /// Resolves an Application; `places` says where its fields are written.
    ///
    /// # Errors
    /// If the Application is refused as a whole: it does not decode, or its `ref`s are invalid.
    pub fn resolve(&self, application: &Value, places: &dyn Places) -> Result<Resolved, Diagnostic> {
        let whole = |problem: Diagnostic| match places.place(&[Step::Key("spec")]) {
            Some(location) => problem.at(location),
            None => problem,
        };
        let application = Application::decode(application)
            .map_err(|mismatch| whole(Diagnostic::error("application-decode", mismatch.to_string())))?;
        let mut resolved = Resolved::default();
        let one;
        let (sources, several, key): (&[spec::Source], &[spec::Source], _) = match &application.sources {
            Sources::Several(sources) => {
                check_references(sources, self.profile)
                    .map_err(|text| whole(Diagnostic::error("application-ref", text)))?;
                (sources, sources, "sources")
            }
            Sources::One(source) => {
                one = [source.clone()];
                (&one, &[], "source")
            }
            Sources::Hydrated(source) => {
                one = [source.clone()];
                (&one, &[], "sourceHydrator")
            }
            Sources::None => {
                let text =
                    "spec.source.repoURL and either spec.source.path or spec.source.chart are required";
                resolved.problems.push(whole(Diagnostic::error("application-source", text)));
                return Ok(resolved);
            }
        };
        let render = |source: &&spec::Source| several.is_empty() || !source.is_only_reference();
        resolved.sources.reserve_exact(sources.iter().filter(render).count());
        for (index, source) in sources.iter().enumerate() {
            let mut path = vec![Step::Key("spec"), Step::Key(key)];
            if !several.is_empty() {
                path.push(Step::Index(index));
            }
            let places = SourcePlaces { application: places, source: path, overrides: Vec::new() };
            let at = |problem: Diagnostic| match places.own() {
                Some(location) => problem.at(location),
                None => problem,
            };
            resolved.problems.extend(invalid(source, !several.is_empty()).map(at));
            if !render(&source) {
                continue;
            }
            resolved.sources.push(self.source(&application, source, several, index, places));
        }
        Ok(resolved)
    }

    fn source(
        &'a self,
        application: &'a Application,
        source: &'a spec::Source,
        several: &'a [spec::Source],
        index: usize,
        places: SourcePlaces<'a>,
    ) -> Source {
        let path = if source.chart.is_empty() { &source.path } else { &source.chart };
        let mut out = Source {
            index,
            repo_url: Arc::clone(&source.repo_url),
            target_revision: Arc::clone(&source.target_revision),
            path: Arc::clone(path),
            place: places.own(),
            kind: SourceKind::Failed,
            error: None,
            problems: Vec::new(),
        };
        let located = |problem: Diagnostic| match (&problem.location, &out.place) {
            (None, Some(place)) => problem.at(place.clone()),
            _ => problem,
        };
        match self.open(application, source, several, places) {
            Ok(None) => out.kind = SourceKind::Nothing,
            Ok(Some(mut work)) => {
                let (kind, error) = work.kind();
                (out.kind, out.error) = (kind, error.map(located));
                out.problems = work.problems;
            }
            Err(Stop::Error(problem)) => out.error = Some(located(problem)),
            Err(Stop::Unknown(problem)) => out.kind = SourceKind::Unknown(located(problem)),
        }
        out
    }

    /// Everything up to the point where the type of a source is asked for.
    fn open(
        &'a self,
        application: &'a Application,
        source: &'a spec::Source,
        several: &'a [spec::Source],
        mut places: SourcePlaces<'a>,
    ) -> Result<Option<Work<'a>>, Stop> {
        let checkout = self.checkout(source)?;
        let is_several = !several.is_empty();
        let (references, unknown) =
            if is_several { self.references(source, several)? } else { <(Vec<_>, Vec<_>)>::default() };
        let tree = checkout.tree();
        if let Some(link) = tree.out_of_bounds_link() {
            return Err(out_of_bounds(if source.chart.is_empty() { "repository" } else { "chart" }, link));
        }
        if is_several && source.path.is_empty() && source.chart.is_empty() {
            return Ok(None);
        }
        let folder = self.folder(&checkout, if source.chart.is_empty() { &source.path } else { "" });
        if let Some(error) = &folder.error {
            return Err(Stop::error("source-path", error.clone()));
        }
        compare_references(source, &checkout, &references)?;
        let instance = match &*application.namespace {
            "" => Arc::clone(&application.name),
            own if *own == *self.settings.namespace => Arc::clone(&application.name),
            other => format!("{other}_{}", application.name).into(),
        };
        let mut source = Cow::Borrowed(source);
        let overrides = Overrides { tree, folder: &folder, instance: &instance };
        places.overrides = overrides.apply(&mut source).map_err(|text| {
            Stop::error("source-override", format!("error getting app source type: {text}"))
        })?;
        let project =
            if application.project.is_empty() { "default".into() } else { Arc::clone(&application.project) };
        let environment = Environment {
            instance,
            namespace: Arc::clone(&application.destination_namespace),
            project,
            commit: commit(&checkout),
            repo_url: Arc::clone(&source.repo_url),
            path: Arc::clone(&source.path),
            target_revision: Arc::clone(&source.target_revision),
        };
        let own = places.own();
        let located = |problem: Diagnostic| match &own {
            Some(place) => problem.at(place.clone()),
            None => problem,
        };
        let mut problems: Vec<Diagnostic> = unknown.into_iter().map(located).collect();
        problems.extend(stand_in(&checkout, &source.target_revision));
        for reference in &references {
            problems.extend(stand_in(&reference.checkout, &reference.source.target_revision));
        }
        Ok(Some(Work {
            resolver: self,
            application,
            source,
            several,
            references,
            checkout,
            folder,
            places,
            environment,
            problems,
        }))
    }

    /// The repository (or chart) of a source at its revision.
    fn checkout(&'a self, source: &spec::Source) -> Result<Checkout<'a>, Stop> {
        let revision = &source.target_revision;
        if !source.chart.is_empty() {
            return self.repositories.chart(&source.repo_url, &source.chart, revision).map_err(|error| {
                let message =
                    format!("the chart {} {revision} of {} is not loaded", source.chart, source.repo_url);
                Stop::Unknown(Diagnostic::warning("source-chart", message).hint(error.hint()))
            });
        }
        self.repositories.checkout(&source.repo_url, revision).map_err(|error| {
            if self.is_certain(&error) {
                let text = match &error {
                    CheckoutError::Repository { .. } => {
                        "failed to list refs: repository not found".to_owned()
                    }
                    CheckoutError::Revision { revision, .. } => {
                        let reason = self.profile.argocd.says_revision_not_found();
                        let reason = if reason { ": revision not found" } else { "" };
                        format!("unable to resolve '{revision}' to a commit SHA{reason}")
                    }
                    CheckoutError::Chart { .. } => error.to_string(),
                };
                return Stop::error("source-repository", text);
            }
            Stop::Unknown(Diagnostic::warning("source-repository", error.to_string()).hint(error.hint()))
        })
    }

    /// Whether a repository or revision that is not loaded does not exist either.
    fn is_certain(&self, error: &CheckoutError) -> bool {
        match error {
            CheckoutError::Repository { .. } => self.settings.all_repositories_loaded,
            CheckoutError::Chart { .. } => false,
            CheckoutError::Revision { repository, .. } => {
                let known = self.repositories.all().iter().find(|known| *known.name == **repository);
                known.is_some_and(|known| known.complete)
            }
        }
    }

    /// The references that value files and file parameters name, in their order, each once; and what there
    /// is to say of those that are not loaded.
    fn references(
        &'a self,
        source: &spec::Source,
        several: &'a [spec::Source],
    ) -> Result<(Vec<Reference<'a>>, Vec<Diagnostic>), Stop> {
        let mut found: Vec<Reference<'a>> = Vec::new();
        let mut unknown: BTreeMap<&str, Diagnostic> = BTreeMap::new();
        let mut later: Option<Stop> = None;
        // Until 3.4 a single entry of `sources` lends nothing, not even to itself.
        let lends = several.len() > 1 || self.profile.argocd.single_source_may_lend_files();
        let lending = || several.iter().filter(|source| lends && !source.reference.is_empty());
        for name in source.helm.iter().flat_map(named_references) {
            let of_name = |source: &&spec::Source| name[1..] == *source.reference;
            let Some(lender) = lending().find(of_name) else {
                let mut names: Vec<String> =
                    lending().map(|source| format!("${}", source.reference)).collect();
                names.sort();
                let text = if names.is_empty() {
                    format!("source referenced {name:?}, but no source has a 'ref' field defined")
                } else {
                    let names = names.join(", ");
                    format!("source referenced {name:?}, which is not one of the available sources ({names})")
                };
                return Err(Stop::error("source-ref", text));
            };
            if !lender.chart.is_empty() {
                let text = "source has a 'chart' field defined, but Helm charts are not yet not supported for 'ref' sources";
                return Err(Stop::error("source-ref", text));
            }
            if found.iter().any(|known| known.source.reference == lender.reference) {
                continue;
            }
            let checkout = self.repositories.checkout(&lender.repo_url, &lender.target_revision);
            match checkout {
                Ok(checkout) => found.push(Reference { source: lender, checkout }),
                Err(error) if self.is_certain(&error) => {
                    // Of one repository the server looks up the first revision alone.
                    let of_same = |known: &&Reference<'_>| match &error {
                        CheckoutError::Revision { repository, .. } => {
                            *known.checkout.repository.name == **repository
                                && known.source.target_revision != lender.target_revision
                        }
                        _ => false,
                    };
                    if let Some(first) = found.iter().find(of_same) {
                        later.get_or_insert_with(|| several_revisions(lender, first.source));
                        continue;
                    }
                    let text = format!("failed to get git client for repo {}", lender.repo_url);
                    return Err(Stop::error("source-repository", text));
                }
                Err(error) => {
                    let message = format!("{error}: what {name} lends is unknown, and so are final values");
                    let problem = Diagnostic::warning("source-repository", message).hint(error.hint());
                    unknown.insert(name, problem);
                }
            }
        }
        later.map_or_else(|| Ok((found, unknown.into_values().collect())), Err)
    }

    /// What is known about a source's folder.
    fn folder(&self, checkout: &Checkout<'_>, path: &str) -> Rc<Folder> {
        let key = (checkout.key, path.to_owned());
        if let Some(known) = self.folders.borrow().get(&key) {
            return Rc::clone(known);
        }
        let folder = Rc::new(Folder::look(checkout.tree(), path));
        self.folders.borrow_mut().insert(key, Rc::clone(&folder));
        folder
    }
}

/// One repository can be used at one revision only.
fn compare_references(
    source: &spec::Source,
    own: &Checkout<'_>,
    references: &[Reference<'_>],
) -> Result<(), Stop> {
    for (at, reference) in references.iter().enumerate() {
        let (name, revision) = (&reference.source.reference, &reference.source.target_revision);
        let same = references[..at].iter().find(|first| first.checkout.key.0 == reference.checkout.key.0);
        if let Some(first) = same {
            if first.source.target_revision != *revision {
                return Err(several_revisions(reference.source, first.source));
            }
            continue;
        }
        if reference.checkout.key.0 == own.key.0 && reference.checkout.key != own.key {
            let commit = |checkout| commit(checkout).unwrap_or_else(|| UNKNOWN_COMMIT.into());
            let text = format!(
                "cannot reference a different revision of the same repository (${name} references {revision:?} which resolves to {:?} while the application references {:?} which resolves to {:?})",
                commit(&reference.checkout),
                source.target_revision,
                commit(own)
            );
            return Err(Stop::error("source-ref", text));
        }
        if let Some(link) = reference.checkout.tree().out_of_bounds_link() {
            return Err(out_of_bounds("repository", link));
        }
    }
    Ok(())
}

fn several_revisions(source: &spec::Source, first: &spec::Source) -> Stop {
    let text = format!(
        "cannot reference multiple revisions for the same repository (${} references {:?} while ${} references {:?})",
        source.reference, source.target_revision, first.reference, first.target_revision
    );
    Stop::error("source-ref", text)
}

/// A source that lends its files, with its checkout.
pub(super) struct Reference<'a> {
    pub source: &'a spec::Source,
    pub checkout: Checkout<'a>,
}

/// Why resolving a source ends early.
enum Stop {
    Error(Diagnostic),
    Unknown(Diagnostic),
}

impl Stop {
    fn error(code: &'static str, text: impl Into<String>) -> Self {
        Self::Error(Diagnostic::error(code, text))
    }
}

fn out_of_bounds(what: &str, link: &str) -> Stop {
    let text = format!("{what} contains out-of-bounds symlinks. file: {link}");
    Stop::Error(
        Diagnostic::error("source-link", text)
            .hint("Argo CD refuses links that leave the repository, used or not"),
    )
}

/// The commit of a checkout, where the revision's name is one.
fn commit(checkout: &Checkout<'_>) -> Option<Arc<str>> {
    is_commit(&checkout.revision.name).then(|| Arc::clone(&checkout.revision.name))
}

/// Tells that a revision stands for another one.
fn stand_in(checkout: &Checkout<'_>, wanted: &str) -> Option<Diagnostic> {
    let name = &checkout.revision.name;
    (checkout.stands_in && !name.is_empty()).then(|| {
        let repository = &checkout.repository.name;
        let message = format!("{repository} is loaded at {name:?} only, which stands for {wanted:?} here");
        Diagnostic::note("source-revision", message)
            .hint(format!("load {repository}@{wanted} to see its own values"))
    })
}

/// The texts before the first slash of entries that start with a dollar, from value files and then file
/// parameters.
fn named_references(helm: &spec::Helm) -> impl Iterator<Item = &str> {
    let files = helm.value_files.iter().chain(helm.file_parameters.iter().map(|parameter| &parameter.path));
    files.filter_map(|entry| reference_name(entry))
}

/// `$name` of `$name/path`.
pub(super) fn reference_name(entry: &str) -> Option<&str> {
    entry.starts_with('$').then(|| entry.split('/').next().unwrap_or(entry))
}

/// Checks the names of all references.
fn check_references(sources: &[spec::Source], profile: Profile) -> Result<(), String> {
    if sources.len() < 2 && !profile.argocd.single_source_may_lend_files() {
        return Ok(());
    }
    let mut seen: Vec<&str> = Vec::new();
    for name in sources.iter().map(|source| &*source.reference).filter(|name| !name.is_empty()) {
        if !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-') {
            return Err(format!(
                "sources.ref {name} cannot contain any special characters except '_' and '-'"
            ));
        }
        if seen.contains(&name) {
            return Err("invalid sources: multiple sources had the same `ref` key".to_owned());
        }
        seen.push(name);
    }
    Ok(())
}

/// What the application controller says about a source that lacks a field, before anything is rendered.
fn invalid(source: &spec::Source, several: bool) -> Option<Diagnostic> {
    let nowhere = source.path.is_empty() && source.chart.is_empty();
    let text = if several && (source.repo_url.is_empty() || nowhere && source.reference.is_empty()) {
        "spec.source.repoURL and either source.path, source.chart, or source.ref are required for source"
    } else if !several && (source.repo_url.is_empty() || nowhere) {
        "spec.source.repoURL and either spec.source.path or spec.source.chart are required"
    } else if !source.chart.is_empty() && source.target_revision.is_empty() {
        "spec.source.targetRevision is required if the manifest source is a helm chart"
    } else {
        return None;
    };
    Some(Diagnostic::error("application-source", text))
}

impl Work<'_> {
    /// What the source is, and why Argo CD fails to produce it.
    fn kind(&mut self) -> (SourceKind, Option<Diagnostic>) {
        let source = &self.source;
        let named = [
            (source.kustomize, "Kustomize"),
            (source.helm.is_some(), "Helm"),
            (source.directory.is_some(), "Directory"),
            (source.plugin, "Plugin"),
        ];
        let named: Vec<&str> = named.iter().filter(|(is, _)| *is).map(|&(_, name)| name).collect();
        let discovered = match self.folder.discovered {
            _ if !source.chart.is_empty() => "Helm",
            Discovered::Helm => "Helm",
            Discovered::Kustomize => "Kustomize",
            Discovered::Directory => "Directory",
        };
        match named[..] {
            [] => self.of_kind(discovered),
            [kind] => self.of_kind(kind),
            _ => {
                let names = named.join(",");
                let text =
                    format!("error getting app source type: multiple application sources defined: {names}");
                (SourceKind::Failed, Some(Diagnostic::error("source-type", text)))
            }
        }
    }

    fn of_kind(&mut self, kind: &str) -> (SourceKind, Option<Diagnostic>) {
        match kind {
            "Helm" => {
                let (helm, error) = self.helm();
                (SourceKind::Helm(Box::new(helm)), error)
            }
            "Kustomize" => (SourceKind::Kustomize, None),
            "Plugin" => (SourceKind::Plugin, None),
            _ => (SourceKind::Directory(self.directory()), None),
        }
    }
}
