//! Reading YAML: ours, which keeps a span for every node, beside serde_yaml, which keeps none.
//!
//! `cargo bench --bench yaml` reads the example platform; `STRATA_FLEET` names another folder. Only files
//! that both read are counted.

mod texts;

use divan::Bencher;
use divan::counter::BytesCount;
use strata::yaml;
use texts::{files, one_file, total};

/// The command line's.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() {
    divan::main();
}

#[divan::bench]
fn strata_many_files(bencher: Bencher) {
    let files = files();
    bencher.counter(BytesCount::new(total(&files))).bench(|| {
        for file in &files {
            divan::black_box(yaml::read(file).is_ok());
        }
    });
}

#[divan::bench]
fn serde_yaml_many_files(bencher: Bencher) {
    let files = files();
    bencher.counter(BytesCount::new(total(&files))).bench(|| {
        for file in &files {
            divan::black_box(serde_yaml::from_str::<serde_yaml::Value>(&file.text).is_ok());
        }
    });
}

#[divan::bench]
fn strata_one_file(bencher: Bencher) {
    let file = one_file();
    assert!(yaml::read(&file).is_ok(), "the joined file is YAML");
    bencher.counter(BytesCount::new(file.text.len())).bench(|| yaml::read(&file).is_ok());
}

#[divan::bench]
fn serde_yaml_one_file(bencher: Bencher) {
    let file = one_file();
    let read = || serde_yaml::from_str::<serde_yaml::Value>(&file.text).is_ok();
    bencher.counter(BytesCount::new(file.text.len())).bench(read);
}
