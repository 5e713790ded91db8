//! The suite `template`; its README says what is compared.

use crate::{Outcome, ask, json_lines, recorded};
use serde_json::Value as Json;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use strata::chart::{self, Chart, ChartFile};
use strata::diagnostic::Diagnostic;
use strata::merge::Tree;
use strata::profile::{Helm, Profile};
use strata::source::File;
use strata::template::functions::Context;
use strata::template::helm::{self, BuildInfo, Capabilities, Engine, KubeVersion, Metadata, Release};
use strata::template::{Limits, Value};

const CHART: &str = "apiVersion: v2\nname: app\nversion: 1.2.3\nappVersion: \"4.5\"\n";

/// A chart by the paths of its files.
type Files = BTreeMap<String, String>;

/// One case with the answers expected of each version.
struct Case {
    name: String,
    files: Files,
    expected: Vec<(String, Result<String, String>)>,
}

/// Asks the engine for every recorded case.
pub fn run(directory: &Path) -> Vec<Outcome> {
    let defaults = read(&directory.join("defaults.json"));
    let mut cases = Vec::new();
    for stem in ["language", "functions", "calls", "random"] {
        let lines = json_lines(directory, stem);
        cases.extend(lines.into_iter().map(|(name, case)| written(name, &case, &defaults)));
    }
    let older = read(&directory.join("cases.json"));
    cases.extend(older["cases"].as_array().into_iter().flatten().map(|case| probed(case, &older["values"])));
    ask(&cases, |case| {
        let versions = case.expected.iter().map(|(version, expected)| {
            let answer = render(&case.files, version);
            let verdict = match (&answer, expected) {
                _ if &answer == expected => Ok(()),
                _ => Err(format!("\n      ours     {answer:?}\n      expected {expected:?}")),
            };
            (version.clone(), verdict)
        });
        Outcome { name: case.name.clone(), versions: versions.collect() }
    })
}

fn read(path: &Path) -> Json {
    let text = std::fs::read_to_string(path).unwrap_or_else(|_| "{}".to_owned());
    serde_json::from_str(&text).expect("the file is JSON")
}

fn text(json: &Json) -> String {
    json.as_str().expect("a text").to_owned()
}

fn written(name: String, case: &Json, defaults: &Json) -> Case {
    let or_default = |key: &str| case.get(key).unwrap_or(&defaults[key]).clone();
    let mut files: Files = or_default("files")
        .as_object()
        .into_iter()
        .flatten()
        .map(|(name, content)| (name.clone(), text(content)))
        .collect();
    files.insert("values.yaml".to_owned(), text(&or_default("values")));
    files.insert("templates/t.yaml".to_owned(), text(&case["template"]));
    files.insert("Chart.yaml".to_owned(), CHART.to_owned());
    let answer = |(version, answer): (&str, &Json)| {
        let expected = match answer["output"].as_str() {
            Some(output) => Ok(output.to_owned()),
            None => Err(text(&answer["error"])),
        };
        (version.to_owned(), expected)
    };
    let expected = recorded(case, "helm").into_iter().map(answer).collect();
    Case { name, files, expected }
}

/// A case of the older form: asked of the command line, the output read as JSON.
fn probed(case: &Json, values: &Json) -> Case {
    let [tpl, pre] = ["tpl", "pre"].map(|key| text(&case[key]));
    let template =
        format!("{pre}{{{{ define \"case\" }}}}{tpl}{{{{ end }}}}out: {{{{ include \"case\" . | toJson }}}}");
    let files = Files::from([
        ("Chart.yaml".to_owned(), CHART.replace("name: app", "name: probe")),
        ("values.yaml".to_owned(), values.to_string()),
        ("templates/t.yaml".to_owned(), template),
    ]);
    let expected = [("h3", "3.17.1"), ("h4", "4.2.1")].map(|(key, version)| {
        let answer = if let Some(output) = case[key]["ok"].as_str() {
            Ok(format!("out: {}", go_json(output)))
        } else {
            let error = text(&case[key]["err"]);
            let error = error.strip_prefix("Error: ").unwrap_or(&error);
            Err(error.split("\n\nUse --debug").next().unwrap_or_default().to_owned())
        };
        (version.to_owned(), answer)
    });
    Case { name: format!("cases: {}", text(&case["id"])), files, expected: expected.into() }
}

/// A text as Helm's `toJson` prints it.
fn go_json(text: &str) -> String {
    let json = Json::from(text).to_string();
    json.replace('<', "\\u003c").replace('>', "\\u003e").replace('&', "\\u0026")
}

/// What the Helm of a version makes of `templates/t.yaml`.
fn render(files: &Files, version: &str) -> Result<String, String> {
    let profile: Profile = format!("helm-{version}").parse().expect("a recorded version has a profile");
    let message = |problem: Diagnostic| problem.message;
    let file = |(name, text): (&String, &String)| {
        ChartFile::of(name.as_str(), &File::new("", name.as_str(), text.as_str()))
    };
    let chart = Chart::from_files(files.iter().map(file).collect(), profile.helm).map_err(message)?;
    let chart = Arc::new(chart);
    let values = chart::values(&chart, &Tree::new(), profile.helm).map_err(message)?;
    let values = Value::from(&values.root.to_value().expect("the root is a map"));
    let capabilities = capabilities(profile.helm);
    let engine = Engine::new(input(&chart), profile.helm).map_err(message)?;
    let release = Release::new("release", "default");
    let mut context = Context::new(profile);
    let rendered = engine
        .render(&values, &release, &capabilities, Limits::default(), &mut context, false)
        .map_err(|failed| message(failed.diagnostic))?;
    let found = rendered.into_iter().find(|rendered| rendered.path.ends_with("templates/t.yaml"));
    Ok(found.expect("the template is rendered").text)
}

/// What the recorded engines said of themselves: libraries without a commit, asked with a version of
/// Kubernetes that nobody normalized.
fn capabilities(helm: Helm) -> Capabilities {
    let mut capabilities = Capabilities::of(helm);
    let kube_version = KubeVersion::parse("v1.31.0", helm).expect("a version");
    capabilities.kube_version = KubeVersion { normalized: String::new(), ..kube_version };
    let minor = helm.number().rsplit_once('.').expect("a number with a patch level").0;
    capabilities.build = BuildInfo {
        version: format!("v{minor}"),
        commit: String::new(),
        tree_state: String::new(),
        go: "go1.26.8".to_owned(),
        ..capabilities.build
    };
    capabilities
}

/// The chart as the engine takes it; the cases have no subcharts.
fn input(chart: &Chart) -> helm::Chart {
    let text = |text: &str| Arc::from(text);
    let files = |files: &[ChartFile]| -> Vec<(Arc<str>, Arc<File>)> {
        let file = |file: &ChartFile| Some((Arc::clone(&file.name), Arc::clone(file.text()?)));
        files.iter().filter_map(file).collect()
    };
    let bytes = |(name, file): (Arc<str>, Arc<File>)| (name, Arc::from(file.text.as_bytes()));
    helm::Chart {
        name: Arc::clone(&chart.metadata.name),
        path: Arc::clone(&chart.metadata.name),
        metadata: Metadata {
            name: Arc::clone(&chart.metadata.name),
            version: text(&chart.metadata.version),
            app_version: text(&chart.metadata.app_version),
            api_version: text(&chart.metadata.api_version),
            ..Metadata::default()
        },
        templates: files(&chart.templates),
        files: files(&chart.files).into_iter().map(bytes).collect(),
        charts: Vec::new(),
    }
}
