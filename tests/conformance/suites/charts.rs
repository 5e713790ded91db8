//! The suite `charts`; its README says what is compared.

use super::helm_values::{load_chart, user_values};
use crate::{Outcome, ask, json_lines, recorded};
use serde_json::Value as Json;
use std::path::Path;
use strata::chart::{self, Options, Templates};
use strata::diagnostic::Diagnostic;
use strata::profile::{Helm, Profile};
use strata::template::Limits;
use strata::template::helm::{Capabilities, KubeVersion, Release};

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

fn render(case: &Json, helm: Helm, traced: bool) -> Result<String, Diagnostic> {
    let chart = load_chart(case, helm)?;
    let user = user_values(case, helm)?;
    let values = chart::values(&chart, &user, helm)?;
    let release = &case["release"];
    let text = |name: &str| release[name].as_str().expect("a release has a name and a namespace");
    let capabilities = Capabilities {
        kube_version: KubeVersion::parse("v1.31.0", helm).expect("the version is well formed"),
        ..Capabilities::of(helm)
    };
    let release = Release::new(text("name"), text("namespace"));
    let options = Options { release, capabilities, limits: Limits::default(), traced };
    let rendering = Templates::parse(&values, helm)?.render(&values, &options)?;
    Ok(rendering.print(true, true))
}

fn judge(case: &Json, expected: &Json, helm: Helm) -> Result<(), String> {
    let answer = render(case, helm, false);
    let traced = render(case, helm, true);
    match (answer, expected["error"].as_str()) {
        (Err(problem), Some(error)) if problem.message == error => Ok(()),
        (Err(problem), Some(error)) => Err(format!("error: ours {:?}, expected {error:?}", problem.message)),
        (Err(problem), None) => Err(format!("error: {problem}")),
        (Ok(_), Some(error)) => Err(format!("no error, expected: {error}")),
        (Ok(ours), None) => {
            let theirs = expected["output"].as_str().unwrap_or_default();
            if ours != theirs {
                return Err(format!("output: ours {ours:?}, expected {theirs:?}"));
            }
            // Asking where the text came from changes nothing of it.
            match traced {
                Ok(traced) if traced == ours => Ok(()),
                other => Err(format!("traced: {other:?}")),
            }
        }
    }
}
