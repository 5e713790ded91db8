//! Merging five layers with every write kept, against reading them: the example's customer-01,
//! product-a in prod. `cargo bench --bench merge` prints both in one run.

use divan::{Bencher, black_box};
use std::path::Path;
use std::sync::Arc;
use strata::chart::{self, Chart, ChartFile};
use strata::merge::{Kind, Layer, Step, Tree, explain};
use strata::profile::Helm;
use strata::source::File;
use strata::yaml;

const HELM: Helm = Helm::V4_3;

/// The chart's own values come first.
const LAYERS: [&str; 5] = [
    "platform-infrastructure/products/product-a/values.yaml",
    "customer-configs/products/product-a/base-values.yaml",
    "customer-configs/products/product-a/environments/prod.yaml",
    "customer-configs/customers/customer-01/product-a/values.yaml",
    "customer-configs/customers/customer-01/product-a/environments/prod.yaml",
];

/// The command line's.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() {
    divan::main();
}

fn files() -> Vec<Arc<File>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/platform");
    let read = |path: &&str| {
        let text = std::fs::read_to_string(folder.join(path)).expect("the example has the layer");
        File::new("example", *path, text)
    };
    LAYERS.iter().map(read).collect()
}

fn layer(file: &Arc<File>) -> Arc<Layer> {
    let document = yaml::read_values(file, HELM).expect("the example's layers are well formed");
    Arc::new(Layer::document(Kind::ValueFile, document))
}

fn chart() -> Arc<Chart> {
    let metadata = File::new("example", "Chart.yaml", "apiVersion: v2\nname: product-a\nversion: 1.0.0\n");
    let files = vec![ChartFile::of("Chart.yaml", &metadata), ChartFile::of("values.yaml", &files()[0])];
    Arc::new(Chart::load(files, HELM).expect("the example's chart loads"))
}

fn user_layers() -> Vec<Arc<Layer>> {
    files()[1..].iter().map(layer).collect()
}

fn merged(layers: &[Arc<Layer>]) -> Tree {
    Tree::of(layers, HELM).expect("value files merge")
}

#[divan::bench]
fn read_five_layers(bencher: Bencher) {
    let files = files();
    bencher.bench(|| files.iter().map(|file| layer(black_box(file))).collect::<Vec<_>>());
}

#[divan::bench]
fn merge_five_layers(bencher: Bencher) {
    let (chart, layers) = (chart(), user_layers());
    bencher.bench(|| chart::values(black_box(&chart), &merged(black_box(&layers)), HELM));
}

/// As it is for an application whose first layers are those of another one.
#[divan::bench]
fn merge_the_last_layer(bencher: Bencher) {
    let (chart, layers) = (chart(), user_layers());
    let (last, first) = layers.split_last().expect("there are layers");
    let shared = merged(first);
    bencher.bench(|| {
        let tree = black_box(&shared).with(last, HELM).expect("value files merge");
        chart::values(black_box(&chart), &tree, HELM)
    });
}

#[divan::bench]
fn explain_one_value(bencher: Bencher) {
    let tree = merged(&user_layers());
    let path = [Step::from("resources"), Step::from("limits"), Step::from("cpu")];
    bencher.bench(|| explain(black_box(tree.root()), black_box(&path)));
}
