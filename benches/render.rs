//! Rendering a chart of the fleet, against Helm as a library in one process (`benches/helm`, which needs
//! Go): from the texts of the chart and four value files every time, with the chart's templates parsed
//! once, and with the trace of what wrote what.
//!
//! All of it is measured in one run, so the ratios hold whatever the machine.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};
use strata::chart::{self, Chart, ChartFile, Options, Templates, Values};
use strata::merge::{Kind, Layer, Tree};
use strata::profile::Helm;
use strata::source::File;
use strata::template::Limits;
use strata::template::helm::{Capabilities, Release};
use strata::yaml;

const HELM: Helm = Helm::V4_3;
const ROUNDS: usize = 9;
const TIMES: u32 = 200;

const CHART: &str = "platform-infrastructure/products/product-a";
const LAYERS: [&str; 4] = [
    "customer-configs/products/product-a/base-values.yaml",
    "customer-configs/products/product-a/environments/prod.yaml",
    "customer-configs/customers/customer-01/product-a/values.yaml",
    "customer-configs/customers/customer-01/product-a/environments/prod.yaml",
];

fn main() {
    let fleet = std::env::temp_dir().join(format!("strata-render-{}", std::process::id()));
    let written = Command::new("python3")
        .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/fleet.py"))
        .arg(&fleet)
        .args(["--customers", "5"])
        .stdout(Stdio::null())
        .status();
    assert!(written.is_ok_and(|status| status.success()), "fleet.py could not write the fleet");
    let program = helm_program();

    let chart = Arc::new(load(&fleet));
    let values = values(&chart, &fleet);
    let templates = Templates::parse(&values, HELM).expect("the fleet's templates are well formed");
    let (plain, traced) = (options(false), options(true));
    let mut times = [const { Vec::new() }; 4];
    // In turns, so that what else the machine does meets all of them.
    for _ in 0..ROUNDS {
        times[0].push(time(|| {
            let chart = Arc::new(load(&fleet));
            let values = self::values(&chart, &fleet);
            let templates = Templates::parse(&values, HELM).expect("they are well formed");
            templates.render(&values, &plain).expect("they render").print(false, true).len()
        }));
        times[1].push(time(|| templates.render(&values, &plain).expect("they render").texts.len()));
        times[2].push(time(|| templates.render(&values, &traced).expect("they render").texts.len()));
        times[3].extend(program.as_ref().map(|program| helm(program, &fleet)));
    }
    let [whole, shared, traced, helm] = times.map(median);
    println!("everything from its text    {:>10.1?}", whole.unwrap_or_default());
    println!("templates parsed before     {:>10.1?}", shared.unwrap_or_default());
    println!("the same with its trace     {:>10.1?}", traced.unwrap_or_default());
    let ratio = |a: Option<Duration>, b: Option<Duration>| Some(a?.as_secs_f64() / b?.as_secs_f64());
    if let Some(ratio) = ratio(traced, shared) {
        println!("cost of the trace           {:>9.0} %", (ratio - 1.0) * 100.0);
    }
    match (helm, ratio(helm, whole), ratio(helm, shared)) {
        (Some(helm), Some(whole), Some(shared)) => {
            println!("Helm as a library           {helm:>10.1?}");
            println!("ratio                       {whole:>9.1} x, templates parsed before {shared:.1} x");
        }
        _ => println!("no Go found: without it there is no figure of Helm"),
    }
    std::fs::remove_dir_all(&fleet).expect("the fleet is ours to remove");
}

/// One of `TIMES` runs.
fn time(mut run: impl FnMut() -> usize) -> Duration {
    let start = Instant::now();
    for _ in 0..TIMES {
        std::hint::black_box(run());
    }
    start.elapsed() / TIMES
}

fn median(mut times: Vec<Duration>) -> Option<Duration> {
    times.sort_unstable();
    times.get(times.len() / 2).copied()
}

/// Builds the program that renders with Helm, if there is Go.
fn helm_program() -> Option<PathBuf> {
    let program = std::env::temp_dir().join("strata-helm-library");
    let built = Command::new("go")
        .args(["build", "-o"])
        .arg(&program)
        .arg(".")
        .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/helm"))
        .status();
    built.is_ok_and(|status| status.success()).then_some(program)
}

fn helm(program: &Path, fleet: &Path) -> Duration {
    let output = Command::new(program)
        .arg(TIMES.to_string())
        .arg(fleet.join(CHART))
        .args(LAYERS.map(|layer| fleet.join(layer)))
        .output()
        .expect("the program was built");
    let text = String::from_utf8_lossy(&output.stdout);
    Duration::from_nanos(text.trim().parse().expect("it prints nanoseconds"))
}

fn load(fleet: &Path) -> Chart {
    let root = fleet.join(CHART);
    let mut files = Vec::new();
    for folder in [root.clone(), root.join("templates")] {
        for entry in std::fs::read_dir(folder).expect("the chart is there").flatten() {
            let path = entry.path();
            if path.is_file() {
                let name = path.strip_prefix(&root).expect("it is inside").to_string_lossy().into_owned();
                let text = std::fs::read_to_string(&path).expect("it can be read");
                files.push(ChartFile::of(name.as_str(), &File::new("fleet", name.as_str(), text)));
            }
        }
    }
    Chart::from_files(files, HELM).expect("the chart is well formed")
}

fn values(chart: &Arc<Chart>, fleet: &Path) -> Values {
    let layer = |path: &str| {
        let text = std::fs::read_to_string(fleet.join(path)).expect("the fleet has the layer");
        let document = yaml::read_values(&File::new("fleet", path, text), HELM).expect("it is well formed");
        Arc::new(Layer::document(Kind::ValueFile, document))
    };
    let tree = Tree::of(&LAYERS.map(layer), HELM).expect("the layers fit");
    chart::values(chart, &tree, HELM).expect("the values can be computed")
}

fn options(traced: bool) -> Options {
    Options {
        release: Release::new("release", "default"),
        capabilities: Capabilities::of(HELM),
        limits: Limits::default(),
        traced,
    }
}
