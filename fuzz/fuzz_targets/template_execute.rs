//! Any template ends within its budget, with the same text whether it is traced or not, and the trace covers
//! all of it.
#![no_main]

use libfuzzer_sys::fuzz_target;
use std::sync::{Arc, LazyLock};
use strata::profile::{Helm, Profile};
use strata::source::File;
use strata::template::functions::Context;
use strata::template::places::Places;
use strata::template::{Functions, Limits, MissingKey, Set, Trace, Value, execute, helm};
use strata::value;
use strata::yaml;

const VALUES: &str = "Values: {a: 1, s: \"x,y\", l: [3, b, {c: null}], m: {n: {o: true}}, f: 0.5, e: {}}\n\
                      Release: {Name: r, Namespace: n}\n";

static FUNCTIONS: LazyLock<Arc<Functions>> = LazyLock::new(|| Arc::new(helm::functions(Helm::V4_3)));
static PLAIN: LazyLock<value::Value> = LazyLock::new(|| {
    let document = yaml::read(&File::generated("values", VALUES, None)).expect("they are well formed");
    document.root.to_value()
});

fuzz_target!(|text: &str| {
    let mut set = Set::new("gotpl", Arc::clone(&FUNCTIONS));
    if set.parse(&File::generated("t", text, None), "t").is_err() {
        return;
    }
    let limits = Limits { steps: 200_000, output: 1 << 20, ..Limits::default() };
    let run = |value: Value, trace: Option<&mut Trace>| {
        let mut context = Context::new(Profile::helm(Helm::V4_3));
        execute(&set, "t", value, MissingKey::Zero, limits, &mut context, trace)
    };
    let plain = run(Value::from(&*PLAIN), None);
    let mut trace = Trace::default();
    let traced = run(Places::default().number(&PLAIN), Some(&mut trace));
    match (plain, traced) {
        (Ok(plain), Ok(traced)) => {
            assert_eq!(plain.text, traced.text);
            let mut end = 0;
            for segment in &trace.segments {
                assert_eq!(segment.range.start, end, "a gap or an overlap");
                end = segment.range.end;
            }
            assert_eq!(end, plain.text.len(), "the end is not covered");
        }
        (plain, traced) => assert_eq!(
            plain.err().map(|error| error.to_string()),
            traced.err().map(|error| error.to_string())
        ),
    }
});
