//! Whole fleets of 50, 500 and 3,000 customers (300, 3,000 and 18,000 Applications): generate, resolve and
//! merge everything, against parsing the same files once with serde_yaml, both in one run; then check it
//! all, and evaluate it again after one customer's file has changed. Give other numbers of customers as
//! arguments: `cargo bench --bench fleet -- 50 500`; or a folder that `fleet.py` has written as `FLEET`.

#[path = "../src/command/processors.rs"]
mod processors;

use processors::Processors;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use strata::argocd::fixtures::Fixtures;
use strata::profile::Profile;
use strata::report::Session;
use strata::repository::Repositories;
use strata::repository::load::Loader;
use strata::work::Workers;

/// Customers whose files are changed, one after the other.
const CHANGES: usize = 9;

/// The command line's.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() {
    if let Ok(folder) = std::env::var("FLEET") {
        return measure(read(Path::new(&folder)));
    }
    let given: Vec<usize> = std::env::args().filter_map(|argument| argument.parse().ok()).collect();
    let sizes = if given.is_empty() { vec![50, 500, 3000] } else { given };
    println!(
        "customers  applications   files  serde_yaml  generate  resolve+merge   ratio  processors'  each      check  one changed     ratio  peak"
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
        let files = read(&fleet);
        std::fs::remove_dir_all(&fleet).expect("the fleet is ours to remove");
        measure(files);
    }
}

fn measure(files: Vec<(String, String)>) {
    let customers = files.iter().filter(|(path, _)| path.ends_with("/product-a/values.yaml")).count() - 1;
    let is_yaml = |path: &str| Path::new(path).extension().is_some_and(|ending| ending == "yaml");
    let yaml: Vec<&str> = files
        .iter()
        .filter(|(path, _)| is_yaml(path) && !path.contains("/templates/"))
        .map(|(_, text)| text.as_str())
        .collect();
    let began = processor_time();
    let (parsed, parse) =
        timed(|| yaml.iter().filter(|text| serde_yaml::from_str::<serde_yaml::Value>(text).is_ok()).count());
    let parse_work = processor_time() - began;
    assert_eq!(parsed, yaml.len(), "the fleet's YAML is valid");

    let mut loader = Loader::default();
    for (path, text) in &files {
        loader.file(path, text.as_bytes());
    }
    let count = files.len();
    drop(files);
    let mut repositories = Repositories::default();
    repositories.add(loader.finish().repositories);
    let began = processor_time();
    let (mut session, generate) =
        timed(|| Session::with(&Processors, repositories, Fixtures::default(), Profile::default()));
    let applications = session.evaluation().applications.len();
    let (merged, merge) = timed(|| merge_all(&session));
    let work = processor_time() - began;
    assert_eq!(merged, applications, "every Application has values");
    let all = generate + merge;
    // Hundredths of a second tell nothing of a small fleet.
    let work = if parse_work < 0.1 { "-".to_owned() } else { format!("{:.2}x", work / parse_work) };
    print!(
        "{customers:>9} {applications:>13} {count:>7} {parse:>11.1?} {generate:>9.1?} {merge:>14.1?} {:>6.2}x {work:>11} {:>5.1?} ",
        all.as_secs_f64() / parse.as_secs_f64(),
        all / u32::try_from(applications.max(1)).expect("a fleet is no larger"),
    );
    std::io::stdout().flush().expect("the figures can be written");
    let ((), check) = timed(|| session.complete());
    let whole = generate + check;
    let mut changes: Vec<Duration> =
        (1..=CHANGES).map(|at| change(&mut session, customers * at / CHANGES)).collect();
    changes.sort();
    let changed = changes[CHANGES / 2];
    println!(
        "{check:>10.1?} {changed:>12.1?} {:>8.0}x  {} MB",
        whole.as_secs_f64() / changed.as_secs_f64(),
        peak().unwrap_or_default() / 1024,
    );
}

/// Resolves and merges all Applications on all processors; how many have final values.
fn merge_all(session: &Session) -> usize {
    let all = session.evaluation().applications.len();
    let workers: &dyn Workers = &Processors;
    let merged = workers.ranges(all, |range| session.merged(range).filter(|detail| !detail.fails()).count());
    merged.into_iter().sum()
}

/// Changes a customer's values; the time until everything is up to date.
fn change(session: &mut Session, customer: usize) -> Duration {
    let ending = format!("{customer}/product-a/values.yaml");
    let all = session.platform().repositories.all();
    let configs = all.iter().find(|repository| &*repository.name == "customer-configs");
    let tree = &configs.expect("the fleet has it").revisions[0].tree;
    let file = tree.files().find(|file| file.path.ends_with(&ending)).cloned();
    let file = file.expect("every customer has product-a");
    let (path, text) = (file.path.to_string(), format!("{}changed: true\n", file.text));
    let (open, time) = timed(|| {
        assert!(session.edit("customer-configs", "", &path, Some(&text)));
        let (_, open) = session.progress();
        while session.step() {}
        open
    });
    assert_eq!(open, 3, "three Applications read a customer's values");
    session.settle();
    time
}

fn timed<T>(work: impl FnOnce() -> T) -> (T, Duration) {
    let began = Instant::now();
    let made = work();
    (made, began.elapsed())
}

/// The seconds for which all threads of this process have had a processor, where the system tells, to a
/// hundredth.
fn processor_time() -> f64 {
    let status = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields = status.rsplit(')').next().unwrap_or_default().split_whitespace();
    let ticks: u64 = fields.skip(11).take(2).filter_map(|ticks| ticks.parse::<u64>().ok()).sum();
    ticks as f64 / 100.0
}

/// The most memory that this process has had, in KiB, where the system tells.
fn peak() -> Option<usize> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    line.split_whitespace().nth(1)?.parse().ok()
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
