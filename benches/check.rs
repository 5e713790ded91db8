//! `strata check` on a whole fleet against `helm template` once for each of its applications.
//!
//! Both are whole processes, measured in one run, so the ratio holds whatever the machine. Helm is the
//! program that `HELM` names, or `helm` on PATH; without one only our own figure is printed.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

const CUSTOMERS: usize = 100;
const RUNS: usize = 5;
/// Helm is slow enough that a sample of the applications tells its time.
const HELM_SAMPLE: usize = 25;

fn main() {
    let fleet = std::env::temp_dir().join(format!("strata-check-{}", std::process::id()));
    let written = Command::new("python3")
        .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/fleet.py"))
        .arg(&fleet)
        .args(["--customers", &CUSTOMERS.to_string()])
        .stdout(Stdio::null())
        .status();
    assert!(written.is_ok_and(|status| status.success()), "fleet.py could not write the fleet");

    let applications = applications(&fleet);
    let ours = median(RUNS, || run(Command::new(env!("CARGO_BIN_EXE_strata")).arg("check").arg(&fleet)));
    let each = ours / applications.len() as u32;
    println!("fleet of {CUSTOMERS} customers, {} applications", applications.len());
    println!("strata check, whole fleet      {ours:>12.1?}   {each:.1?} an application");

    let helm = std::env::var_os("HELM").unwrap_or_else(|| "helm".into());
    if Command::new(&helm).arg("version").stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok() {
        let step = (applications.len() / HELM_SAMPLE).max(1);
        let sample: Vec<_> = applications.iter().step_by(step).take(HELM_SAMPLE).collect();
        let mut next = sample.iter().cycle();
        let theirs = median(sample.len(), || {
            let application = next.next().expect("a cycle never ends");
            run(Command::new(&helm).args(helm_arguments(&fleet, application)));
        });
        println!("helm template, one application {theirs:>12.1?}");
        println!("ratio for each application     {:>10.0} x", theirs.as_secs_f64() / each.as_secs_f64());
    } else {
        println!("no helm found: give HELM=/path/to/helm for the ratio");
    }
    std::fs::remove_dir_all(&fleet).expect("the fleet is ours to remove");
}

/// Names of the applications, as `customer-product-environment`.
fn applications(fleet: &Path) -> Vec<String> {
    let output = Command::new(env!("CARGO_BIN_EXE_strata"))
        .args(["applications", "--format", "json"])
        .arg(fleet)
        .output()
        .expect("strata runs");
    let listed: serde_json::Value = serde_json::from_slice(&output.stdout).expect("strata prints JSON");
    let names = listed["applications"].as_array().expect("a list of applications").iter();
    names.map(|one| one["application"]["metadata"]["name"].as_str().expect("a name").to_owned()).collect()
}

/// The same chart and value files that the fleet's set gives an application.
fn helm_arguments(fleet: &Path, application: &str) -> Vec<PathBuf> {
    let (rest, environment) = application.rsplit_once('-').expect("a name ends with its environment");
    let (customer, product) = rest.split_once("-product-").expect("a name holds its product");
    let product = format!("product-{product}");
    let configs = fleet.join("customer-configs");
    let files = [
        configs.join(format!("products/{product}/base-values.yaml")),
        configs.join(format!("products/{product}/environments/{environment}.yaml")),
        configs.join(format!("customers/{customer}/{product}/values.yaml")),
        configs.join(format!("customers/{customer}/{product}/environments/{environment}.yaml")),
    ];
    let chart = fleet.join("platform-infrastructure/products").join(&product);
    let mut arguments = vec!["template".into(), application.into(), chart];
    for file in files.into_iter().filter(|file| file.exists()) {
        arguments.extend(["--values".into(), file]);
    }
    arguments
}

fn run(command: &mut Command) {
    let status = command.stdout(Stdio::null()).stderr(Stdio::null()).status().expect("the program runs");
    // 1 is a finding, not a failure to run.
    assert!(matches!(status.code(), Some(0 | 1)), "{command:?} ended with {status}");
}

fn median(runs: usize, mut timed: impl FnMut()) -> Duration {
    timed();
    let mut times: Vec<Duration> = (0..runs)
        .map(|_| {
            let start = Instant::now();
            timed();
            start.elapsed()
        })
        .collect();
    times.sort();
    times[times.len() / 2]
}
