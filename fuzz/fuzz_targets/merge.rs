//! Layers merge as plain maps do, and every value is what its writes come to. Layers stand one below the
//! other with `===` between them; one that starts with `--set ` is an argument.

#![no_main]

#[path = "../../tests/agreement/layers.rs"]
mod layers;
#[path = "../../tests/agreement/writes.rs"]
mod writes;

use libfuzzer_sys::fuzz_target;
use strata::merge::{Tree, explain};
use strata::profile::Helm;

fuzz_target!(|text: &str| {
    let layers = layers::split(text, Helm::V4_3);
    let Ok(tree) = Tree::of(&layers, Helm::V4_3) else { return };
    if let Some(expected) = layers::naively(&layers) {
        assert_eq!(tree.root().to_value(), Some(expected));
    }
    let known = |layer: strata::merge::LayerId| layer.as_user().is_some_and(|at| at < layers.len());
    let told = writes::come_to_values(tree.root(), &|path| explain(tree.root(), path), &known);
    assert_eq!(told, Ok(()));
});
