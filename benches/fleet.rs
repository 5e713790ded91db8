//! Whole fleets of 50, 500 and 3,000 customers: generate, resolve, merge and check everything, against
//! parsing the same files once with serde_yaml, both in one run. Give other numbers of customers as
//! arguments: `cargo bench --bench fleet -- 50 500`.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;
use strata::argocd::fixtures::Fixtures;
use strata::profile::Profile;
use strata::report::Session;
use strata::repository::Repositories;
use strata::repository::load::Loader;

fn main() {
    let given: Vec<usize> = std::env::args().filter_map(|argument| argument.parse().ok()).collect();
    let sizes = if given.is_empty() { vec![50, 500, 3000] } else { given };
    println!(
        "customers  applications   files   serde_yaml    generate     resolve   ratio  for each application"
    );
    for customers in sizes {
        let fleet = std::env::temp_dir().join(format!("strata-fleet-{}-{customers}", std::process::id()));
        let written = Command::new("python3")
            .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/fleet.py"))
            .arg(&fleet)
            .args(["--customers", &customers.to_string()])
            .stdout(Stdio::null())
            .status();
        assert!(written.is_ok_and(|status| status.success()), "fleet.py could not write the fleet");
        measure(customers, &fleet);
        std::fs::remove_dir_all(&fleet).expect("the fleet is ours to remove");
    }
}

fn measure(customers: usize, fleet: &Path) {
    let files = read(fleet);
    let began = Instant::now();
    let is_yaml = |path: &str| Path::new(path).extension().is_some_and(|ending| ending == "yaml");
    let yaml = files.iter().filter(|(path, _)| is_yaml(path) && !path.contains("/templates/"));
    let parsed = yaml.filter(|(_, text)| serde_yaml::from_str::<serde_yaml::Value>(text).is_ok()).count();
    let parse = began.elapsed();
    assert!(parsed > 0, "the fleet holds YAML");

    let mut loader = Loader::default();
    for (path, text) in &files {
        loader.file(path, text.as_bytes());
    }
    let mut repositories = Repositories::default();
    repositories.add(loader.finish().repositories);
    let began = Instant::now();
    let mut session = Session::new(repositories, Fixtures::default(), Profile::default());
    let generate = began.elapsed();
    let began = Instant::now();
    while session.step() {}
    let resolve = began.elapsed();
    let applications = session.evaluation().applications.len();
    let all = generate + resolve;
    println!(
        "{customers:>9} {applications:>13} {:>7} {parse:>12.1?} {generate:>11.1?} {resolve:>11.1?} {:>6.1}x  {:.1?}",
        files.len(),
        all.as_secs_f64() / parse.as_secs_f64(),
        all / u32::try_from(applications.max(1)).expect("a fleet is no larger"),
    );
}

/// The files of a folder with their paths in it.
fn read(fleet: &Path) -> Vec<(String, String)> {
    let mut files = Vec::new();
    let mut open: Vec<PathBuf> = vec![fleet.to_owned()];
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(&folder).expect("the fleet was just written") {
            let path = entry.expect("the fleet was just written").path();
            if path.is_dir() {
                open.push(path);
            } else {
                let inside = path.strip_prefix(fleet).expect("it lies in the fleet");
                let text = std::fs::read_to_string(&path).expect("the fleet is text");
                files.push((inside.to_string_lossy().into_owned(), text));
            }
        }
    }
    files
}
