//! Any text is read or refused, at places that exist.

#![no_main]

use libfuzzer_sys::fuzz_target;
use strata::profile::Helm;
use strata::source::File;
use strata::yaml;

fuzz_target!(|text: &str| {
    let file = File::new("", "text.yaml", text);
    for helm in [Helm::V3_22, Helm::V4_3] {
        match yaml::read_values(&file, helm) {
            Ok(document) => {
                for (node, _) in document.root.walk() {
                    assert!(text.get(node.span.range()).is_some());
                }
            }
            Err(error) => assert!(error.span().is_some_and(|span| text.get(span.range()).is_some())),
        }
    }
    for document in yaml::read_manifests(&file).into_iter().flatten() {
        for comment in document.comments.iter() {
            assert!(text[comment.range()].starts_with('#'));
        }
    }
});
