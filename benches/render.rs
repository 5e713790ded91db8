//! Rendering a chart of the fleet, against Helm as a library in one process (`benches/helm`, which needs
//! Go): from the files of the chart and of its values every time, with the chart loaded and its templates
//! parsed once, with the values computed once, and with the trace of what wrote what.
//!
//! All of it is measured in one run and compared round by round, so the ratios hold whatever the machine.
//! Ours prints what `helm template` prints; Helm is told without and with the sorting that this takes.

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

/// What is measured, in this order.
const ROWS: [&str; 6] = [
    "Helm: rendered",
    "Helm: and sorted",
    "chart and values from the disk",
    "values from the disk",
    "values computed before",
    "the same with its trace",
];

/// The command line's.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

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
    let parse = |values: &Values| Templates::parse(values, HELM).expect("they are well formed");
    let templates = parse(&values);
    let (plain, traced) = (options(false), options(true));
    let print = |templates: &Templates, values: &Values, options: &Options| {
        templates.render(values, options).expect("they render").print(false, true).len()
    };
    let mut times = ROWS.map(|_| Vec::new());
    // In turns, so that what else the machine does meets all of them.
    for _ in 0..ROUNDS {
        if let Some([rendered, sorted]) = program.as_ref().map(|program| helm(program, &fleet)) {
            times[0].push(rendered);
            times[1].push(sorted);
        }
        times[2].push(time(|| {
            let chart = Arc::new(load(&fleet));
            let values = self::values(&chart, &fleet);
            print(&parse(&values), &values, &plain)
        }));
        times[3].push(time(|| print(&templates, &self::values(&chart, &fleet), &plain)));
        times[4].push(time(|| print(&templates, &values, &plain)));
        times[5].push(time(|| print(&templates, &values, &traced)));
    }
    std::fs::remove_dir_all(&fleet).expect("the fleet is ours to remove");
    for (row, times_of_row) in ROWS.iter().zip(&times) {
        let Some(time) = median(times_of_row.iter().map(Duration::as_secs_f64)) else {
            println!("{row:32} no Go found: without it there is no figure of Helm");
            continue;
        };
        let against = |helm: &[Duration]| {
            let ratios =
                helm.iter().zip(times_of_row).map(|(helm, ours)| helm.as_secs_f64() / ours.as_secs_f64());
            median(ratios).map(|ratio| format!("{ratio:6.1} x")).unwrap_or_default()
        };
        println!("{row:32} {:8.0} us {} {}", time * 1e6, against(&times[0]), against(&times[1]));
    }
    let trace =
        times[4].iter().zip(&times[5]).map(|(plain, traced)| traced.as_secs_f64() / plain.as_secs_f64());
    println!("cost of the trace {:24.0} %", (median(trace).unwrap_or_default() - 1.0) * 100.0);
}

/// One of `TIMES` runs.
fn time(mut run: impl FnMut() -> usize) -> Duration {
    let start = Instant::now();
    for _ in 0..TIMES {
        std::hint::black_box(run());
    }
    start.elapsed() / TIMES
}

fn median(values: impl Iterator<Item = f64>) -> Option<f64> {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied()
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

/// Without and with sorting what was rendered.
fn helm(program: &Path, fleet: &Path) -> [Duration; 2] {
    let output = Command::new(program)
        .arg(TIMES.to_string())
        .arg(fleet.join(CHART))
        .args(LAYERS.map(|layer| fleet.join(layer)))
        .output()
        .expect("the program was built");
    let text = String::from_utf8_lossy(&output.stdout);
    let mut times = text.lines().map(|line| line.parse().expect("it prints nanoseconds"));
    [(); 2].map(|()| Duration::from_nanos(times.next().expect("it prints two lines")))
}

fn load(fleet: &Path) -> Chart {
    let root = fleet.join(CHART);
    let mut files = Vec::new();
    for folder in [root.clone(), root.join("templates")] {
        for entry in std::fs::read_dir(folder).expect("the chart is there").flatten() {
            let path = entry.path();
            if entry.file_type().is_ok_and(|kind| kind.is_file()) {
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
