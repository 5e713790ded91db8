//! What Argo CD checks once Applications have been generated, and what the API server checks when they
//! are created (spec sheet section 6).

use super::applicationset::{Application, Context, Generated};
use super::fixtures::Fixtures;
use super::generators::clusters::{IN_CLUSTER, IN_CLUSTER_SERVER};
use super::projects::Projects;
use super::selector::is_subdomain;
use crate::diagnostic::Diagnostic;
use crate::source::Location;
use crate::value::Value;
use crate::work::{Alone, Workers};
use crate::yaml::Document;
use std::collections::HashMap;
use std::sync::Arc;

/// How many colliding parameter sets are shown.
const MOST_SHOWN: usize = 5;

/// Something that keeps Applications from being created or synced.
#[derive(Clone, Debug)]
pub struct Invalid {
    /// Positions of the Applications in [`Generated::applications`].
    pub applications: Vec<usize>,
    /// What it is.
    pub diagnostic: Diagnostic,
}

/// What validating a set is done with.
pub struct Means<'a> {
    /// Whether nothing is known to be wrong with an Application by itself.
    pub is_fine: &'a (dyn Fn(&Arc<Application>) -> bool + Sync),
    /// Who does what can be done at once.
    pub workers: &'a dyn Workers,
}

/// What is wrong with the Applications of a set. The same finding about many of them is told once.
pub fn validate(generated: &Generated, context: &Context, projects: &Projects) -> Vec<Invalid> {
    validate_with(&Means { is_fine: &|_| false, workers: &Alone }, generated, context, projects)
}

/// [`validate`] with what is there to do it faster.
pub fn validate_with(
    means: &Means,
    generated: &Generated,
    context: &Context,
    projects: &Projects,
) -> Vec<Invalid> {
    let applications = &generated.applications;
    let mut first: HashMap<&str, usize> = HashMap::with_capacity(applications.len());
    let mut namesakes: HashMap<usize, Vec<usize>> = HashMap::new();
    for (at, application) in applications.iter().enumerate() {
        let first = *first.entry(application.name()).or_insert(at);
        if first != at {
            namesakes.entry(first).or_insert_with(|| vec![first]).push(at);
        }
    }
    let ranges = means.workers.ranges(applications.len(), |range| {
        let mut findings = Findings::default();
        for at in range {
            let application = &applications[at];
            let same = if namesakes.is_empty() { None } else { namesakes.get(&first[application.name()]) };
            if same.is_some() || !(means.is_fine)(application) {
                check(&mut findings, generated, at, same, context, projects);
            }
        }
        findings.all
    });
    let mut findings = Findings::default();
    for Invalid { applications, diagnostic } in ranges.into_iter().flatten() {
        findings.push(&applications, diagnostic);
    }
    findings.all
}

fn check(
    findings: &mut Findings,
    generated: &Generated,
    at: usize,
    same: Option<&Vec<usize>>,
    context: &Context,
    projects: &Projects,
) {
    let application = &*generated.applications[at];
    if application.name().is_empty() && context.profile.argocd.refuses_empty_names() {
        let set = &generated.name;
        let message = format!(
            "ApplicationSet {set} contains an application with no name; a name must be set in the template's \
             metadata.name or via a templatePatch (generateName is not supported)"
        );
        findings.tell(at, "appset-no-name", message, application.location(&["metadata", "name"]));
        return;
    }
    if let Some(same) = same {
        if same[0] == at {
            findings.all.push(duplicates(generated, same));
        }
        // Up to 3.1 the first of them is created.
        if context.profile.argocd.skips_all_duplicates() || same[0] != at {
            return;
        }
    }
    check_names(findings, at, application);
    let place = |path: &[&str]| application.location(path);
    check_project(findings, at, &application.object, &place, projects);
    check_destination(findings, at, &application.object, &place, context.fixtures);
}

/// What is wrong with an Application that somebody wrote: its project and its destination.
pub fn validate_written(document: &Document, fixtures: &Fixtures, projects: &Projects) -> Vec<Diagnostic> {
    let mut findings = Findings::default();
    let object = document.root.to_value();
    let place = |path: &[&str]| {
        let mut node = &document.root;
        for step in path {
            node = node.get(step).unwrap_or(node);
        }
        Location::new(&document.file, node.span)
    };
    // An empty project is `default`.
    if !object.get("spec").map_or("", |spec| field(spec, "project")).is_empty() {
        check_project(&mut findings, 0, &object, &place, projects);
    }
    check_destination(&mut findings, 0, &object, &place, fixtures);
    let own_code = |diagnostic: Diagnostic| {
        let code = match diagnostic.code {
            "appset-forbidden" => "application-forbidden",
            "appset-unknown-project" => "application-unknown-project",
            "appset-destination" => "application-destination",
            other => other,
        };
        Diagnostic { code, ..diagnostic }
    };
    findings.all.into_iter().map(|invalid| own_code(invalid.diagnostic)).collect()
}

/// Where the field at a path of an Application is written.
type PlaceOf<'a> = &'a dyn Fn(&[&str]) -> Location;

/// Applications of different sets (or written by hand) with one name: whoever comes second fails.
pub fn duplicates_across<'a>(sets: impl IntoIterator<Item = &'a Generated>) -> Vec<Diagnostic> {
    let sets: Vec<&Generated> = sets.into_iter().filter(|set| !set.applications.is_empty()).collect();
    if sets.len() < 2 {
        return Vec::new();
    }
    let mut owners: HashMap<(&str, &str), (&Generated, &Application)> = HashMap::new();
    let mut told = Vec::new();
    for set in sets {
        for application in &set.applications {
            let key = (&*set.namespace, application.name());
            match owners.get(&key) {
                Some((owner, first)) if !std::ptr::eq(*owner, set) => {
                    let message = format!(
                        "Application {} of ApplicationSet {} is already owned by another ApplicationSet controller: {}",
                        application.name(),
                        set.name,
                        owner.name
                    );
                    let place = application.location(&["metadata", "name"]);
                    let other = first.location(&["metadata", "name"]);
                    let finding = Diagnostic::error("appset-duplicate-across-sets", message).at(place);
                    told.push(finding.with(other, format!("{} generates it too", owner.name)));
                }
                Some(_) => {}
                None => {
                    owners.insert(key, (set, application));
                }
            }
        }
    }
    told
}

#[derive(Default)]
struct Findings {
    all: Vec<Invalid>,
    /// Positions in `all` by what they say.
    known: HashMap<(&'static str, String), usize>,
}

impl Findings {
    fn tell(&mut self, at: usize, code: &'static str, message: String, place: Location) {
        self.push(&[at], Diagnostic::error(code, message).at(place));
    }

    fn push(&mut self, at: &[usize], diagnostic: Diagnostic) {
        let key = (diagnostic.code, diagnostic.message.clone());
        if let Some(&known) = self.known.get(&key) {
            self.all[known].applications.extend(at);
            return;
        }
        self.known.insert(key, self.all.len());
        self.all.push(Invalid { applications: at.to_vec(), diagnostic });
    }
}

fn duplicates(generated: &Generated, same: &[usize]) -> Invalid {
    let applications: Vec<&Application> = same.iter().map(|&at| &*generated.applications[at]).collect();
    let first = applications[0];
    let message = format!(
        "ApplicationSet {} contains applications with duplicate name: {}",
        generated.name,
        first.name()
    );
    let mut diagnostic = Diagnostic::error("appset-duplicate-name", message)
        .at(first.location(&["metadata", "name"]))
        .hint("name them after every parameter in which their parameter sets differ");
    let differs = |name: &str, value: &str| {
        applications
            .iter()
            .any(|other| other.parameters.get(name).is_none_or(|other| *other.text() != *value))
    };
    for application in applications.iter().take(MOST_SHOWN) {
        let given = application.parameters.iter();
        let mut own: Vec<_> = given.filter(|(name, parameter)| differs(name, &parameter.text())).collect();
        if own.is_empty() {
            own = application.parameters.iter().take(3).collect();
        }
        let place = own.iter().find_map(|(_, parameter)| parameter.origin.place.clone());
        let shown: Vec<_> =
            own.iter().take(4).map(|(name, parameter)| format!("{name}: {}", parameter.text())).collect();
        if let Some(place) = place {
            diagnostic =
                diagnostic.with(place, format!("a parameter set with this name ({})", shown.join(", ")));
        }
    }
    Invalid { applications: same.to_vec(), diagnostic }
}

fn field<'v>(object: &'v Value, key: &str) -> &'v str {
    object.get(key).and_then(Value::as_str).unwrap_or_default()
}

fn check_names(findings: &mut Findings, at: usize, application: &Application) {
    let name = application.name();
    if !name.is_empty() && !is_subdomain(name) {
        let message = format!(
            "Application.argoproj.io {name:?} is invalid: metadata.name: Invalid value: {name:?}: {}",
            super::selector::SUBDOMAIN_RULE
        );
        findings.tell(at, "appset-invalid-name", message, application.location(&["metadata", "name"]));
    }
    let labels = application
        .object
        .get("metadata")
        .and_then(|metadata| metadata.get("labels"))
        .and_then(Value::as_map);
    for (key, value) in labels.into_iter().flat_map(|labels| labels.iter()) {
        let value = value.as_str().unwrap_or_default();
        if let Some(rule) = super::selector::not_a_label_value(value).first() {
            let message = format!(
                "Application.argoproj.io {name:?} is invalid: metadata.labels: Invalid value: {value:?}: {rule}"
            );
            findings.tell(
                at,
                "appset-invalid-label",
                message,
                application.location(&["metadata", "labels", &**key]),
            );
        }
    }
}

fn check_project(
    findings: &mut Findings,
    at: usize,
    object: &Value,
    place_of: PlaceOf<'_>,
    projects: &Projects,
) {
    let spec = object.get("spec").unwrap_or(&Value::Null);
    let name = field(spec, "project");
    // Argo CD makes an empty project `default` before it writes the Application, but checks it first.
    let place = || place_of(&["spec", "project"]);
    match projects.get(name) {
        Some(project) => {
            for message in project.forbids(name, spec) {
                let finding = Diagnostic::error("appset-forbidden", message).at(place());
                findings.push(&[at], finding.with(project.place.clone(), "the project"));
            }
        }
        None if name == "default" || projects.is_empty() => {}
        None => {
            let message = format!("application references project {name} which does not exist");
            let finding = Diagnostic::warning("appset-unknown-project", message).at(place());
            findings.push(&[at], finding.hint("no AppProject of this name is among the files"));
        }
    }
}

fn check_destination(
    findings: &mut Findings,
    at: usize,
    object: &Value,
    place_of: PlaceOf<'_>,
    fixtures: &Fixtures,
) {
    let destination = object.get("spec").and_then(|spec| spec.get("destination")).unwrap_or(&Value::Null);
    let (name, server) = (field(destination, "name"), field(destination, "server"));
    let clusters = fixtures.clusters.as_deref();
    let known =
        |name: &str| clusters.is_none_or(|clusters| clusters.iter().any(|cluster| *cluster.name == *name));
    let served = |server: &str| clusters.is_none_or(|clusters| clusters.iter().any(|c| *c.server == *server));
    let problem = if !name.is_empty() && !server.is_empty() {
        format!("application destination can't have both name and server defined: {name} {server}")
    } else if name.is_empty() && server.is_empty() {
        "Destination server missing from app spec".to_owned()
    } else if server.is_empty() && name != IN_CLUSTER && !known(name) {
        format!("there are no clusters with this name: {name}")
    } else if name.is_empty() && server != IN_CLUSTER_SERVER && !served(server) {
        format!(
            "error getting cluster by server {server:?}: rpc error: code = NotFound desc = cluster {server:?} not found"
        )
    } else {
        return;
    };
    let message = format!("application destination spec is invalid: {problem}");
    findings.tell(at, "appset-destination", message, place_of(&["spec", "destination"]));
}
