//! serde_yaml reads the same as we do, where the two must agree.

#![no_main]

#[path = "../../tests/agreement/mod.rs"]
// A target needs a part of it.
#[allow(dead_code)]
mod agreement;

use libfuzzer_sys::fuzz_target;
use strata::source::File;
use strata::yaml;

fuzz_target!(|text: &str| {
    if !agreement::comparable(text) {
        return;
    }
    let Ok(ours) = yaml::read(&File::new("", "text.yaml", text)) else { return };
    let Ok(theirs) = serde_yaml::from_str::<serde_yaml::Value>(text) else { return };
    assert!(agreement::same_shape(&ours.root, &theirs), "{:?}\n{theirs:?}", ours.root.to_value());
});
