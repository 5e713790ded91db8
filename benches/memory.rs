//! Memory of what is read: nodes, spans and comments beside the text that they were read from. Fails
//! where it is twelve times the text's size or more.
//!
//! `cargo bench --bench memory` reads the example platform; `STRATA_FLEET` names another folder.

mod texts;

use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};
use std::alloc::System;
use strata::yaml;

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// Bytes of memory a byte of text may cost.
const MOST: f64 = 12.0;

fn main() {
    let files = texts::files();
    let joined = texts::one_file();
    let (many, one) = (texts::total(&files), joined.text.len());
    let ours = |file| yaml::read(file).expect("only files that are read were chosen");
    let theirs = |text: &str| serde_yaml::from_str::<serde_yaml::Value>(text).expect("likewise");

    tell("strata, many files", many, held(|| files.iter().map(ours).collect::<Vec<_>>()));
    tell(
        "serde_yaml, many files",
        many,
        held(|| files.iter().map(|file| theirs(&file.text)).collect::<Vec<_>>()),
    );
    tell("strata, one file", one, held(|| ours(&joined)));
    tell("serde_yaml, one file", one, held(|| theirs(&joined.text)));
    for (text, bytes) in
        [(many, held(|| files.iter().map(ours).collect::<Vec<_>>())), (one, held(|| ours(&joined)))]
    {
        assert!((bytes as f64) < MOST * text as f64, "{bytes} bytes for a text of {text}");
    }
}

/// Bytes on the heap that a value holds once it is there.
fn held<T>(make: impl FnOnce() -> T) -> usize {
    let region = Region::new(ALLOCATOR);
    let value = make();
    let change = region.change();
    drop(value);
    change.bytes_allocated - change.bytes_deallocated
}

fn tell(name: &str, text: usize, bytes: usize) {
    println!(
        "{name:<24}{:>10.1} KB for {:>8.1} KB of text, {:>5.2} times",
        bytes as f64 / 1e3,
        text as f64 / 1e3,
        bytes as f64 / text as f64
    );
}
