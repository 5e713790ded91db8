//! The suite `appset`; its README says what is compared.

use crate::{Outcome, ask, json_lines, recorded};
use serde_json::Value;
use std::path::Path;
use std::sync::Arc;
use strata::argocd::applicationset::{Context, Generated, Settings, generate};
use strata::argocd::fixtures::Fixtures;
use strata::profile::{ArgoCd, Profile};
use strata::repository::{Entry, Repositories, Repository, Revision, Tree};
use strata::source::File;

/// Asks the engine for every recorded case.
pub fn run(directory: &Path) -> Vec<Outcome> {
    let stems = ["designed", "random"];
    let cases: Vec<_> = stems.into_iter().flat_map(|stem| json_lines(directory, stem)).collect();
    ask(&cases, |(name, case)| {
        let versions = recorded(case, "argocd").into_iter();
        let versions =
            versions.map(|(version, expected)| (version.to_owned(), judge(case, version, expected)));
        Outcome { name: name.clone(), versions: versions.collect() }
    })
}

fn judge(case: &Value, version: &str, expected: &Value) -> Result<(), String> {
    let minor =
        version.split('.').nth(1).and_then(|minor| minor.parse().ok()).expect("a version has a minor");
    let text = case["applicationset"].as_str().expect("a case has an ApplicationSet");
    let document = strata::yaml::read(&File::new("", "set.yaml", text)).map_err(|error| error.message)?;
    let (repositories, fixtures) = (repositories(case), fixtures(case)?);
    let settings = Settings { new_git_file_globbing: case["globbing"] == "new", ..Settings::default() };
    let profile = Profile::argocd(ArgoCd { minor });
    let context = Context { repositories: &repositories, fixtures: &fixtures, profile, settings };
    compare(&generate(&document, &context), expected)
}

fn compare(generated: &Generated, expected: &Value) -> Result<(), String> {
    let error = generated.error.as_ref().map(|error| error.message.as_str());
    if let Some(wanted) = expected["error"].as_str().or(expected["rejected"].as_str()) {
        let loose = expected["loose"] == true || expected.get("rejected").is_some();
        return match error {
            None => Err(format!("no error, but {wanted}")),
            Some(_) if loose => Ok(()),
            Some(given) if expected["prefix"] == true && given.starts_with(wanted) => Ok(()),
            Some(given) if given == wanted => Ok(()),
            Some(given) => Err(format!("\n      ours   {given}\n      theirs {wanted}")),
        };
    }
    if let Some(error) = error {
        return Err(format!("error: {error}"));
    }
    let theirs = expected["applications"].as_array().expect("an answer has applications or an error");
    let mut theirs = theirs.clone();
    let mut ours: Vec<Value> =
        generated.applications.iter().map(|application| plain(&application.object)).collect();
    if expected["unordered"] == true {
        ours.sort_by_key(Value::to_string);
        theirs.sort_by_key(Value::to_string);
    }
    let different = ours.iter().zip(&theirs).find(|(ours, theirs)| ours != theirs);
    match different {
        Some((ours, theirs)) => Err(format!("\n      ours   {ours}\n      theirs {theirs}")),
        None if ours.len() != theirs.len() => {
            Err(format!("{} applications, not {}", ours.len(), theirs.len()))
        }
        None => Ok(()),
    }
}

/// As JSON; a number that is whole is written as such, as it is in the recorded answers.
fn plain(value: &strata::value::Value) -> Value {
    use strata::value::Value as Ours;
    match value {
        Ours::Null => Value::Null,
        Ours::Bool(bool) => Value::from(*bool),
        Ours::Int(int) => Value::from(*int),
        Ours::Float(float) => {
            serde_json::from_str(&strata::value::json_float(*float)).expect("a number of JSON")
        }
        Ours::String(text) => Value::from(&**text),
        Ours::List(items) => items.iter().map(plain).collect(),
        Ours::Map(map) => {
            Value::Object(map.iter().map(|(key, value)| (key.to_string(), plain(value))).collect())
        }
    }
}

fn repositories(case: &Value) -> Repositories {
    let repositories = case["repos"].as_object().into_iter().flatten().map(|(url, files)| {
        let files = files.as_object().into_iter().flatten();
        let entry =
            |(path, text): (&String, &Value)| Entry::text("r", path.as_str(), text.as_str().expect("a text"));
        let tree = Arc::new(Tree::new(files.map(entry).collect()));
        Repository {
            name: Arc::from(url.as_str()),
            url: Arc::from(url.as_str()),
            url_guessed: false,
            revisions: vec![Revision::new("", tree)],
            complete: false,
        }
    });
    Repositories::new(repositories.collect())
}

fn fixtures(case: &Value) -> Result<Fixtures, String> {
    let mut fixtures = Fixtures::default();
    let mut described = serde_json::Map::new();
    // Every cluster and plugin that exists is in the case.
    described.insert("clusters".to_owned(), Value::Array(Vec::new()));
    described.insert("plugins".to_owned(), Value::Object(serde_json::Map::new()));
    for key in ["clusters", "plugins", "decisions", "configMaps"] {
        if let Some(given) = case.get(key) {
            described.insert(key.to_owned(), given.clone());
        }
    }
    let file = File::new("", "fixtures.yaml", Value::Object(described).to_string());
    let document = strata::yaml::read(&file).map_err(|error| error.message)?;
    let findings = fixtures.add(&document);
    if findings.is_empty() { Ok(fixtures) } else { Err(format!("{findings:?}")) }
}
