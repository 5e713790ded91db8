//! Whatever `--set` is given, it is carried out or refused at a place that exists, and every value is
//! what its writes come to. The first line is the argument, the rest a values file below it.

#![no_main]

#[path = "../../tests/agreement/writes.rs"]
mod writes;

use libfuzzer_sys::fuzz_target;
use std::sync::Arc;
use strata::merge::{Argument, Kind, Layer, Tree, explain};
use strata::profile::Helm;
use strata::source::File;

fuzz_target!(|text: &str| {
    let (argument, values) = text.split_once('\n').unwrap_or((text, ""));
    let file = |text: &str| File::generated("<argument>", text, None);
    let arguments = [
        Argument::Set(file(argument)),
        Argument::SetString(file(argument)),
        Argument::SetJson(file(argument)),
        Argument::SetFile { key: file(argument), text: File::new("", "file", "text\n") },
    ];
    for helm in [Helm::V3_22, Helm::V4_3] {
        let below = Arc::new(Layer::read(Kind::ValueFile, &File::new("", "values.yaml", values), helm));
        let Ok(below) = Tree::of(&[below], helm) else { return };
        for argument in &arguments {
            match below.with(&Arc::new(Layer::argument(argument.clone())), helm) {
                Ok(tree) => {
                    let explain = |path: &[_]| explain(tree.root(), path);
                    assert_eq!(writes::come_to_values(tree.root(), &explain, &|_| true), Ok(()));
                }
                Err(error) => {
                    let place = error.location.expect("a refused argument has a place");
                    assert!(place.file.text.get(place.span.range()).is_some());
                }
            }
        }
    }
});
