//! The suite `helm-values`; its README says what is compared.

use crate::{Outcome, ask, json_lines, recorded, writes};
use serde_json::Value as Json;
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;
use strata::chart::{self, Chart, ChartFile, Values};
use strata::diagnostic::Diagnostic;
use strata::merge::{Argument, Kind, Layer, Tree};
use strata::profile::{Helm, Profile};
use strata::schema::{Owner, Schema, words};
use strata::source::File;
use strata::value::Value;
use strata::yaml;

/// Asks the engine for every recorded case.
pub fn run(directory: &Path) -> Vec<Outcome> {
    let mut cases = json_lines(directory, "designed");
    cases.extend(json_lines(directory, "random"));
    ask(&cases, |(name, case)| {
        let versions = recorded(case, "helm").into_iter().map(|(version, expected)| {
            let profile: Profile =
                format!("helm-{version}").parse().expect("a recorded version has a profile");
            (version.to_owned(), judge(case, expected, profile.helm))
        });
        Outcome { name: name.clone(), versions: versions.collect() }
    })
}

/// The chart of a case; `files` is its folder.
pub fn load_chart(case: &Json, helm: Helm) -> Result<Arc<Chart>, Diagnostic> {
    let files = case["files"].as_object().expect("a case has files");
    let file = |(name, text): (&String, &Json)| {
        let text = text.as_str().expect("a file is a text");
        ChartFile::of(name.as_str(), &File::new("", name.as_str(), text))
    };
    Chart::from_files(files.iter().map(file).collect(), helm).map(Arc::new)
}

/// The user's layers of a case in their order, merged.
pub fn user_values(case: &Json, helm: Helm) -> Result<Tree, Diagnostic> {
    let text = |value: &Json| value.as_str().expect("a text").to_owned();
    let list = |name: &str| case["layers"][name].as_array().cloned().unwrap_or_default();
    let mut layers = Vec::new();
    for (at, file) in list("valueFiles").iter().enumerate() {
        let path = format!("<dir>/values/{at}-{}", text(&file["name"]));
        layers.push(Layer::read(Kind::ValueFile, &File::new("", path, text(&file["text"])), helm));
    }
    if let Some(inline) = case["layers"]["inline"].as_str() {
        layers.push(Layer::read(Kind::Inline, &File::new("", "<dir>/values/inline.yaml", inline), helm));
    }
    let argument = |text: String| File::generated("<argument>", text, None);
    // Nothing recorded has these; drawn comparisons with real Helm do.
    layers.extend(list("setJson").iter().map(|set| Layer::argument(Argument::SetJson(argument(text(set))))));
    layers.extend(list("set").iter().map(|set| Layer::argument(Argument::Set(argument(text(set))))));
    layers.extend(
        list("setString").iter().map(|set| Layer::argument(Argument::SetString(argument(text(set))))),
    );
    layers.extend(list("setFile").iter().map(|set| {
        let (key, text) = (argument(text(&set["key"])), File::new("", "file", text(&set["text"])));
        Layer::argument(Argument::SetFile { key, text })
    }));
    Tree::of(&layers.into_iter().map(Arc::new).collect::<Vec<_>>(), helm)
}

fn compute(case: &Json, helm: Helm) -> Result<Values, Diagnostic> {
    let user = user_values(case, helm)?;
    let chart = load_chart(case, helm)?;
    let values = chart::values(&chart, &user, helm)?;
    let compile = |file: &Arc<File>| Schema::compile(file, Owner::Chart, helm, &()).map(Arc::new);
    if let Some(failure) = words::failure(&values, compile) {
        return Err(Diagnostic::error("schema-violation", failure));
    }
    chart::check_kube_version(&chart, "v1.31.0")?;
    Ok(values)
}

fn judge(case: &Json, expected: &Json, helm: Helm) -> Result<(), String> {
    let answer = compute(case, helm);
    match (&answer, expected["error"].as_str()) {
        (Err(problem), Some(error)) if about_chart_file(error) && about_chart_file(&problem.message) => {
            Ok(())
        }
        (Err(problem), Some(error)) => same("error", &problem.message, error),
        (Err(problem), None) => Err(format!("error: {problem}")),
        (Ok(_), Some(error)) => Err(format!("no error, expected: {error}")),
        (Ok(values), None) => {
            let known = |layer| values.layer(layer).is_some();
            writes::come_to_values(&values.root, &|path| values.explain(path), &known)?;
            compare(values, expected, helm)
        }
    }
}

/// For a broken `Chart.yaml` the same verdict is enough.
fn about_chart_file(error: &str) -> bool {
    error.starts_with("cannot load Chart.yaml") || error.starts_with("validation: ")
}

fn same(what: &str, ours: &str, theirs: &str) -> Result<(), String> {
    if ours == theirs { Ok(()) } else { Err(format!("{what}: ours {ours:?}, expected {theirs:?}")) }
}

fn compare(values: &Values, expected: &Json, helm: Helm) -> Result<(), String> {
    let root = values.root.to_value().expect("the root is a map");
    // A library chart renders nothing that could have recorded its values.
    if expected.get("values").is_some() {
        same("values", &json(&root).to_string(), &expected["values"].to_string())?;
        // Recorded through a template that trims what `toYaml` gives.
        same("valuesYaml", &yaml::write(&root), expected["valuesYaml"].as_str().unwrap_or_default())?;
        same("valuesGo", &root.to_string(), expected["valuesGo"].as_str().unwrap_or_default())?;
    }
    let ours: serde_json::Map<String, Json> = values.charts[1..]
        .iter()
        .filter(|enabled| !enabled.chart.metadata.is_library())
        .map(|enabled| {
            // Recorded by the chart's own template, under the name that Helm gives to its folder.
            let path = enabled.full_path.split_once('/').map_or("", |(_, path)| path).to_owned();
            let value =
                values.root.at(&enabled.path).and_then(|cell| cell.to_value()).expect("a subchart has a map");
            (path, json(&value))
        })
        .collect();
    let theirs = expected["subcharts"].as_object().cloned().unwrap_or_default();
    if expected.get("values").is_some() {
        same("subcharts", &Json::Object(ours).to_string(), &Json::Object(theirs).to_string())?;
    }
    let theirs = expected["warnings"].as_array();
    if helm.is_4() || theirs.is_some() {
        let theirs: BTreeSet<&str> = theirs.into_iter().flatten().filter_map(Json::as_str).collect();
        let ours: BTreeSet<&str> =
            values.warnings.iter().filter_map(|warning| warning.line.as_deref()).collect();
        same("warnings", &format!("{ours:?}"), &format!("{theirs:?}"))?;
    }
    Ok(())
}

/// As Helm's `toJson` prints it: whole floats without a fraction.
fn json(value: &Value) -> Json {
    match value {
        Value::Null => Json::Null,
        Value::Bool(bool) => Json::Bool(*bool),
        Value::Int(int) => Json::from(*int),
        Value::Float(float) => {
            serde_json::from_str(&strata::value::json_float(*float)).expect("a number is JSON")
        }
        Value::String(text) => Json::from(&**text),
        Value::List(items) => items.iter().map(json).collect(),
        Value::Map(map) => map.iter().map(|(key, value)| (key.to_string(), json(value))).collect(),
    }
}
