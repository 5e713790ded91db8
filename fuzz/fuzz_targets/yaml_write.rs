//! What is written is read back as it was.

#![no_main]

#[path = "../../tests/agreement/mod.rs"]
// A target needs a part of it.
#[allow(dead_code)]
mod agreement;

use libfuzzer_sys::fuzz_target;
use strata::source::File;
use strata::yaml;

fuzz_target!(|text: &str| {
    let Ok(document) = yaml::read(&File::new("", "text.yaml", text)) else { return };
    let value = document.root.to_value();
    let written = yaml::write(&value);
    yaml::write_pretty(&value);
    if !agreement::survives_writing(&document.root) {
        return;
    }
    let again = yaml::read(&File::new("", "written.yaml", agreement::completed(&written)));
    let again = again.map(|document| document.root.to_value());
    assert!(again.as_ref().is_ok_and(|again| agreement::same_value(again, &value)), "{written}\n{again:?}");
});
