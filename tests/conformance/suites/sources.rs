//! The suite `sources`; its README says what is compared.

use crate::{Outcome, ask, json_lines, recorded};
use serde_json::{Value as Json, json};
use std::path::Path;
use std::sync::Arc;
use strata::argocd::sources::{Content, Helm, Resolver, Settings, Source, SourceKind};
use strata::chart::{self, Options, Templates, Values};
use strata::diagnostic::Diagnostic;
use strata::merge::{Absence, Kind, Tree as Merged};
use strata::profile::{ArgoCd, Profile};
use strata::repository::{Entry, Repositories, Repository, Revision, Tree};
use strata::schema::{Owner, Schema};
use strata::source::File;
use strata::template::Limits;
use strata::template::helm::{Capabilities, KubeVersion, Release};
use strata::value::Value;
use strata::yaml;

const SERVER: &str = "http://localhost:7990/scm/test/";

/// Asks the engine for every recorded case.
pub fn run(directory: &Path) -> Vec<Outcome> {
    let mut cases = json_lines(directory, "designed");
    cases.extend(json_lines(directory, "random"));
    ask(&cases, |(name, case)| {
        let repositories = repositories(case);
        let versions = recorded(case, "argocd").into_iter().map(|(version, expected)| {
            let minor = version.split('.').nth(1).and_then(|minor| minor.parse().ok());
            let profile = Profile::argocd(ArgoCd { minor: minor.expect("a version has a minor number") });
            (version.to_owned(), judge(case, &repositories, expected, profile))
        });
        Outcome { name: name.clone(), versions: versions.collect() }
    })
}

fn repositories(case: &Json) -> Repositories {
    let entry = |(path, content): (&String, &Json)| match content["symlink"].as_str() {
        Some(target) => Entry::link(path.as_str(), target),
        None => Entry::text("", path.as_str(), content.as_str().expect("a file is a text")),
    };
    let repository = |(name, revisions): (&String, &Json)| {
        let head = case["head"][name].as_str().unwrap_or("main");
        let revision = |(name, files): (&String, &Json)| {
            let files = files.as_object().expect("a revision has files");
            let name = if name.starts_with("tags/") { name.clone() } else { format!("heads/{name}") };
            let mut revision = Revision::new(&name, Arc::new(Tree::new(files.iter().map(entry).collect())));
            revision.default = *revision.name == *head;
            revision
        };
        let revisions = revisions.as_object().expect("a repository has revisions");
        Repository {
            name: name.as_str().into(),
            url: format!("{SERVER}{name}").into(),
            url_guessed: false,
            revisions: revisions.iter().map(revision).collect(),
            complete: true,
        }
    };
    let all = case["repos"].as_object().expect("a case has repositories");
    Repositories::new(all.iter().map(repository).collect())
}

fn judge(case: &Json, repositories: &Repositories, expected: &Json, profile: Profile) -> Result<(), String> {
    let text = case["application"].as_str().expect("a case has an application");
    let document = yaml::read(&File::new("", "application.yaml", text)).map_err(|error| error.to_string())?;
    let settings = Settings { all_repositories_loaded: true, ..Settings::default() };
    let resolver = Resolver::new(repositories, &settings, profile);
    let resolved = match resolver.resolve_document(&document) {
        Ok(resolved) => resolved,
        Err(problem) => {
            return match (expected["error"].as_str(), &expected["rejected"]) {
                (Some(error), _) => same_error(&problem.message, error),
                (None, Json::Null) => Err(format!("refused: {problem}")),
                (None, _) => Ok(()),
            };
        }
    };
    if expected.get("error").is_some() || expected.get("rejected").is_some() {
        return Err("not refused".to_owned());
    }
    let sources: Vec<&Json> = expected["sources"].as_array().into_iter().flatten().collect();
    if sources.len() != resolved.sources.len() {
        return Err(format!("{} sources, expected {}", resolved.sources.len(), sources.len()));
    }
    for (ours, expected) in resolved.sources.iter().zip(sources) {
        compare(ours, expected, repositories, profile)
            .map_err(|difference| format!("source {}: {difference}", ours.index))?;
    }
    Ok(())
}

/// Only the verdict counts where Helm or Git speaks.
fn same_error(ours: &str, theirs: &str) -> Result<(), String> {
    let ours = ours.replace("<path to cached source>", "<repo>");
    let of_others = theirs.starts_with("helm: ") || theirs.starts_with("failed to get git client");
    if of_others || ours == theirs {
        Ok(())
    } else {
        Err(format!("error: ours {ours:?}, expected {theirs:?}"))
    }
}

fn compare(
    ours: &Source,
    expected: &Json,
    repositories: &Repositories,
    profile: Profile,
) -> Result<(), String> {
    same("index", &json!(ours.index), &expected["index"])?;
    let answer = match &ours.error {
        Some(problem) => Err(problem.clone()),
        None => answer(ours, repositories, profile),
    };
    match (answer, expected["error"].as_str()) {
        (Err(problem), Some(error)) => same_error(&problem.message, error),
        (Err(problem), None) => Err(format!("error: {problem}")),
        (Ok(_), Some(error)) => Err(format!("no error, expected: {error}")),
        (Ok(answer), None) => {
            for key in ["type", "release", "namespace", "valueFiles", "values", "objects"] {
                same(key, &answer[key], &expected[key])?;
            }
            Ok(())
        }
    }
}

fn same(what: &str, ours: &Json, theirs: &Json) -> Result<(), String> {
    if equal(ours, theirs) { Ok(()) } else { Err(format!("{what}: ours {ours}, expected {theirs}")) }
}

/// Equal as JSON; numbers by value.
fn equal(left: &Json, right: &Json) -> bool {
    match (left, right) {
        (Json::Number(left), Json::Number(right)) => left.as_f64() == right.as_f64(),
        (Json::Array(left), Json::Array(right)) => {
            left.len() == right.len() && left.iter().zip(right).all(|(left, right)| equal(left, right))
        }
        (Json::Object(left), Json::Object(right)) => {
            let same =
                |(key, value): (&String, &Json)| right.get(key).is_some_and(|other| equal(value, other));
            left.len() == right.len() && left.iter().all(same)
        }
        _ => left == right,
    }
}

/// What a source renders, in the form of the recorded answers.
fn answer(source: &Source, repositories: &Repositories, profile: Profile) -> Result<Json, Diagnostic> {
    match &source.kind {
        SourceKind::Helm(helm) => of_helm(helm, repositories, profile),
        SourceKind::Directory(directory) => {
            let found = directory.objects()?;
            let objects: Vec<Json> =
                found.objects.iter().map(|object| to_json(&object.root.to_value())).collect();
            let mut answer = json!({"type": "Directory"});
            if !objects.is_empty() {
                answer["objects"] = Json::Array(objects);
            }
            Ok(answer)
        }
        SourceKind::Unknown(problem) => Err(problem.clone()),
        kind => Ok(json!({"type": format!("{kind:?}")})),
    }
}

fn of_helm(helm: &Helm, repositories: &Repositories, profile: Profile) -> Result<Json, Diagnostic> {
    let layers: Vec<_> = helm
        .layers
        .iter()
        .map(|layer| Arc::new(layer.to_merge(|file| yaml::read_values(file, profile.helm))))
        .collect();
    let user = Merged::of(&layers, profile.helm)?;
    let loaded = helm.load_chart(repositories, profile.helm)?;
    let values = chart::values(&loaded.chart, &user, profile.helm)?;
    if !helm.skips.schema_validation {
        validate(&values, profile)?;
    }
    let files = helm.layers.iter().filter_map(|layer| match (&layer.kind, &layer.content) {
        (Kind::ValueFile, Content::File(_)) => layer.sought.as_ref().map(|sought| sought.path.to_string()),
        (Kind::Inline, _) => Some("<inline>".to_owned()),
        (_, Content::Absent(Absence::Unknown(why))) => Some(why.clone()),
        _ => None,
    });
    let files: Vec<String> = files.collect();
    let mut objects = render(helm, &values, profile)?;
    let dump = objects.iter().position(|object| object["metadata"]["name"] == "dump");
    let dump = objects.remove(dump.expect("the charts of all cases have a template dump.yaml"));
    let seen = dump["data"]["values"].as_str().expect("it prints values as JSON");
    let mut answer = json!({
        "type": "Helm",
        "release": dump["data"]["release"],
        "namespace": dump["data"]["namespace"],
        "valueFiles": files,
        "values": serde_json::from_str::<Json>(seen).expect("toJson prints JSON"),
    });
    if !objects.is_empty() {
        answer["objects"] = Json::Array(objects);
    }
    Ok(answer)
}

/// Holds the values of each chart against its schema.
fn validate(values: &Values, profile: Profile) -> Result<(), Diagnostic> {
    for enabled in &values.charts {
        let Some(file) = &enabled.chart.schema else { continue };
        let schema = Schema::compile(file, Owner::Chart, profile.helm, &())?;
        let own = values.root.at(&enabled.path).and_then(|cell| cell.to_value()).unwrap_or(Value::Null);
        if let Some(violation) = schema.validate(&own).first() {
            return Err(Diagnostic::error("schema", format!("{violation:?}")));
        }
    }
    Ok(())
}

/// The objects that the chart renders to, definitions first.
fn render(helm: &Helm, values: &Values, profile: Profile) -> Result<Vec<Json>, Diagnostic> {
    let version = helm.kube_version.as_deref().unwrap_or("1.31.0");
    let wrong = |message: String| Diagnostic::error("kube-version", message);
    let capabilities = Capabilities {
        kube_version: KubeVersion::parse(version, profile.helm).map_err(wrong)?,
        ..Capabilities::of(profile.helm)
    };
    let options = Options {
        release: Release::new(&*helm.release, &*helm.namespace),
        capabilities: capabilities.with_api_versions(helm.api_versions.iter().cloned()),
        limits: Limits::default(),
        traced: false,
    };
    let rendering = Templates::parse(values, profile.helm)?.render(values, &options)?;
    let definitions = rendering.definitions.iter().filter(|_| !helm.skips.crds);
    let definitions =
        definitions.flat_map(|(_, file)| yaml::read_manifests(file)).map(|read| read.map(|one| one.root));
    let manifests =
        rendering.manifests.iter().chain(&rendering.hooks).map(|manifest| Ok(manifest.document.root.clone()));
    definitions.chain(manifests).map(|root| root.map(|root| to_json(&root.to_value()))).collect()
}

fn to_json(value: &Value) -> Json {
    match value {
        Value::Null => Json::Null,
        Value::Bool(bool) => json!(bool),
        Value::Int(int) => json!(int),
        Value::Float(float) => json!(float),
        Value::String(text) => json!(&**text),
        Value::List(items) => items.iter().map(to_json).collect(),
        Value::Map(map) => map.iter().map(|(key, value)| (key.to_string(), to_json(value))).collect(),
    }
}
