//! Reading YAML: ours, which keeps a span for every node, beside serde_yaml, which keeps none.
//!
//! `cargo bench --bench yaml` reads the example platform; `STRATA_FLEET` names another folder. Only files
//! that both read are counted.

use divan::Bencher;
use divan::counter::BytesCount;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use strata::source::File;
use strata::yaml;

fn main() {
    divan::main();
}

/// Every YAML file that both readers accept.
fn files() -> Vec<Arc<File>> {
    let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/platform");
    let mut open = vec![std::env::var_os("STRATA_FLEET").map_or(example, PathBuf::from)];
    let mut files = Vec::new();
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(&folder).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|extension| extension == "yaml")
                && let Ok(text) = std::fs::read_to_string(&path)
            {
                let file = File::new("", path.display().to_string(), text);
                let both = serde_yaml::from_str::<serde_yaml::Value>(&file.text).is_ok();
                if both && yaml::read(&file).is_ok() {
                    files.push(file);
                }
            }
        }
    }
    files
}

/// The files' contents as one document, each file under a key of its own.
fn one_file() -> Arc<File> {
    let mut text = String::new();
    for (at, file) in files().iter().enumerate() {
        text.push_str(&format!("file{at}:\n"));
        for line in file.text.lines().filter(|line| !line.starts_with("---")) {
            text.push_str(&format!("  {line}\n"));
        }
    }
    File::new("", "all.yaml", text)
}

fn total(files: &[Arc<File>]) -> BytesCount {
    BytesCount::new(files.iter().map(|file| file.text.len()).sum::<usize>())
}

#[divan::bench]
fn strata_many_files(bencher: Bencher) {
    let files = files();
    bencher.counter(total(&files)).bench(|| {
        for file in &files {
            divan::black_box(yaml::read(file).is_ok());
        }
    });
}

#[divan::bench]
fn serde_yaml_many_files(bencher: Bencher) {
    let files = files();
    bencher.counter(total(&files)).bench(|| {
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
