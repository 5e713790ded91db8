//! Any text is a template or an error with its place, and what was parsed prints and compiles.
#![no_main]

use libfuzzer_sys::fuzz_target;
use std::sync::Arc;
use strata::profile::Helm;
use strata::source::File;
use strata::template::{Set, helm};

fuzz_target!(|text: &str| {
    let mut set = Set::new("gotpl", Arc::new(helm::functions(Helm::V4_3)));
    if let Err(error) = set.parse(&File::generated("t", text, None), "t") {
        assert!(error.links.iter().any(|link| link.location.is_some()), "{error}");
    }
});
