//! Any text is a schema or is refused, and any schema answers to any values. The schema and the values
//! have `===` between them.

#![no_main]

use libfuzzer_sys::fuzz_target;
use strata::profile::Helm;
use strata::schema::{Owner, Schema};
use strata::source::File;
use strata::yaml;

fuzz_target!(|text: &str| {
    let (schema, values) = text.split_once("===").unwrap_or((text, "{}"));
    let schema = File::new("", "values.schema.json", schema);
    let Ok(values) = yaml::read(&File::new("", "values.yaml", values)) else { return };
    let values = values.root.to_value();
    for helm in [Helm::V3_18, Helm::V3_22, Helm::V4_3] {
        match Schema::compile(&schema, Owner::Chart, helm, &()) {
            Ok(compiled) => {
                let violations = compiled.validate(&values);
                assert_eq!(compiled.accepts(&values), violations.is_empty());
                for violation in &violations {
                    assert!(schema.text.get(violation.place.span.range()).is_some());
                }
            }
            Err(problem) => {
                let place = problem.location.expect("a broken schema has a place");
                assert!(place.file.text.get(place.span.range()).is_some());
            }
        }
    }
});
