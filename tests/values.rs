//! Properties of merging, on drawn layers and charts: values are those of plain maps merged, and every
//! value is what its writes come to. Inputs that fuzzing found stand at the end.

#[path = "agreement/layers.rs"]
mod layers;
#[path = "agreement/writes.rs"]
mod writes;

use proptest::prelude::*;
use std::sync::Arc;
use strata::chart::{self, Chart, ChartFile};
use strata::merge::{Argument, Kind, Layer, Tree, explain};
use strata::profile::Helm;
use strata::schema::{Owner, Schema};
use strata::source::File;
use strata::value::{Map, Value};
use strata::yaml;

const FAMILIES: [Helm; 3] = [Helm::V3_19, Helm::V3_22, Helm::V4_3];

/// Few keys, so that layers meet each other; half of the scalars are null.
fn values() -> impl Strategy<Value = Value> {
    let key = prop::sample::select(vec!["a", "b", "c", "db", "dbx", "global", "exports", "enabled"]);
    let scalar = prop_oneof![
        4 => Just(Value::Null),
        1 => any::<bool>().prop_map(Value::Bool),
        2 => (0..3).prop_map(|number| Value::Float(f64::from(number))),
        1 => Just(Value::from("x")),
    ];
    let value = scalar.prop_recursive(3, 24, 4, move |inner| {
        prop_oneof![
            1 => prop::collection::vec(inner.clone(), 0..3).prop_map(|items| Value::List(items.into())),
            4 => map(key.clone(), inner),
        ]
    });
    map(prop::sample::select(vec!["a", "b", "db", "dbx", "global", "exports"]), value)
}

fn map(
    key: impl Strategy<Value = &'static str>,
    value: impl Strategy<Value = Value>,
) -> impl Strategy<Value = Value> {
    prop::collection::vec((key, value), 0..5).prop_map(|pairs| {
        let pairs = pairs.into_iter().map(|(key, value)| (Arc::from(key), value));
        Value::Map(Arc::new(pairs.collect::<Map>()))
    })
}

fn layer(value: &Value, helm: Helm) -> Arc<Layer> {
    let text = yaml::write(value) + "\n";
    Arc::new(Layer::read(Kind::ValueFile, &File::new("", "values.yaml", text), helm))
}

/// Arguments of `--set`, many of them malformed.
fn argument() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "a", "b", "db", "[0]", "[2]", "[", "]", ".", ",", "=", "{", "}", "\\", "null", "1",
    ]);
    let wild = prop::collection::vec(piece, 0..10).prop_map(|pieces| pieces.concat());
    prop_oneof!["[abd](\\.[ab]|\\[[0-2]\\]){0,3}=(1|null|x|\\{1,x\\}|)", wild]
}

fn dependencies() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        "",
        "dependencies: [{name: db, version: 1.x}]\n",
        "dependencies: [{name: db, version: 1.x, condition: db.enabled}]\n",
        "dependencies: [{name: db, version: 1.x}, {name: db, version: 1.x, alias: dbx}]\n",
        "dependencies: [{name: db, version: 1.x, alias: dbx, import-values: [a, {child: b, parent: a}]}]\n",
        "dependencies: [{name: db, version: 1.x, import-values: [{child: global, parent: .}]}]\n",
    ])
}

/// Checks values of user layers: each is what its writes come to.
fn writes_come_to_values(tree: &Tree) {
    let count = tree.layers().len();
    let known = |layer: strata::merge::LayerId| layer.as_user().is_some_and(|at| at < count);
    let told = writes::come_to_values(tree.root(), &|path| explain(tree.root(), path), &known);
    assert_eq!(told, Ok(()));
}

/// The tree with an argument of each kind on top; checks what refuses it. `--set` decides.
fn set(below: &Tree, text: &str, helm: Helm) -> Option<Tree> {
    let file = || File::generated("<argument>", text, None);
    let contents = File::new("", "file", "text\n");
    let kinds = [
        Argument::SetFile { key: file(), text: contents },
        Argument::SetString(file()),
        Argument::SetJson(file()),
        Argument::Set(file()),
    ];
    let carried_out = kinds.map(|argument| match below.with(&Arc::new(Layer::argument(argument)), helm) {
        Ok(tree) => {
            writes_come_to_values(&tree);
            Some(tree)
        }
        Err(error) => {
            let place = error.location.expect("a refused argument has a place");
            assert!(place.file.text.get(place.span.range()).is_some(), "{text:?}");
            assert!(!error.hints.is_empty());
            None
        }
    });
    carried_out.into_iter().next_back().flatten()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn layers_merge_as_plain_maps_do(all in prop::collection::vec(values(), 0..5)) {
        for helm in FAMILIES {
            let layers: Vec<_> = all.iter().map(|value| layer(value, helm)).collect();
            let tree = Tree::of(&layers, helm).expect("value files merge");
            prop_assert_eq!(tree.root().to_value(), layers::naively(&layers));
            writes_come_to_values(&tree);
        }
    }

    #[test]
    fn arguments_are_carried_out_or_refused_at_a_place(below in values(), arguments in prop::collection::vec(argument(), 1..4)) {
        for helm in FAMILIES {
            let mut tree = Tree::of(&[layer(&below, helm)], helm).expect("value files merge");
            for text in &arguments {
                tree = set(&tree, text, helm).unwrap_or(tree);
            }
            writes_come_to_values(&tree);
        }
    }

    #[test]
    fn values_of_charts_are_what_their_writes_come_to(
        parts in prop::collection::vec((values(), dependencies()), 3),
        user in prop::collection::vec(values(), 0..3),
    ) {
        for helm in FAMILIES {
            let folders = ["", "charts/db/", "charts/db/charts/db/"];
            let files = folders.iter().zip(&parts).enumerate().flat_map(|(depth, (folder, (values, dependencies)))| {
                let name = if depth == 0 { "app" } else { "db" };
                let listed = if depth == 2 { "" } else { dependencies };
                let metadata = format!("apiVersion: v2\nname: {name}\nversion: 1.0.0\n{listed}");
                [("Chart.yaml", metadata), ("values.yaml", yaml::write(values) + "\n")].map(|(file, text)| {
                    let path = format!("{folder}{file}");
                    ChartFile::of(path.as_str(), &File::new("", path.as_str(), text))
                })
            });
            let chart = Arc::new(Chart::from_files(files.collect(), helm).expect("the chart loads"));
            let layers: Vec<_> = user.iter().map(|value| layer(value, helm)).collect();
            let tree = Tree::of(&layers, helm).expect("value files merge");
            let Ok(values) = chart::values(&chart, &tree, helm) else { continue };
            let known = |layer| values.layer(layer).is_some();
            let told = writes::come_to_values(&values.root, &|path| values.explain(path), &known);
            prop_assert_eq!(told, Ok(()));
        }
    }
}

/// The texts that fuzzing of a target starts from, among them what it found.
fn seeds(target: &str) -> Vec<String> {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/seeds").join(target);
    let seeds = std::fs::read_dir(folder).expect("there are seeds").flatten();
    seeds.map(|seed| std::fs::read_to_string(seed.path()).expect("a seed is a text")).collect()
}

#[test]
fn schemas_of_fuzzing_hold() {
    for text in seeds("schema") {
        let (schema, values) = text.split_once("===").unwrap_or((&text, "{}"));
        let schema = File::new("", "values.schema.json", schema);
        let Ok(values) = yaml::read(&File::new("", "values.yaml", values)) else { continue };
        let values = values.root.to_value();
        for helm in [Helm::V3_18, Helm::V3_22, Helm::V4_3] {
            match Schema::compile(&schema, Owner::Chart, helm, &()) {
                Ok(compiled) => {
                    assert_eq!(compiled.accepts(&values), compiled.validate(&values).is_empty(), "{text}");
                }
                Err(problem) => {
                    let place = problem.location.expect("a broken schema has a place");
                    assert!(place.file.text.get(place.span.range()).is_some(), "{text}");
                }
            }
        }
    }
}

#[test]
fn texts_of_layers_hold() {
    let found = ["a: 1\n===\n--set a[0]=1\n", "a: [1]\n===\n--set a[1].b=2,a[1].c=null\n===\na: null\n"];
    for text in seeds("merge").into_iter().chain(found.map(str::to_owned)) {
        for helm in FAMILIES {
            let layers = layers::split(&text, helm);
            let Ok(tree) = Tree::of(&layers, helm) else { continue };
            if let Some(expected) = layers::naively(&layers) {
                assert_eq!(tree.root().to_value(), Some(expected), "{text}");
            }
            writes_come_to_values(&tree);
        }
    }
}

/// Arguments that fuzzing found.
#[test]
fn arguments_that_were_found_hold() {
    for seed in seeds("strvals") {
        let (argument, below) = seed.split_once('\n').unwrap_or((&seed, ""));
        for helm in FAMILIES {
            let layer = Arc::new(Layer::read(Kind::ValueFile, &File::new("", "values.yaml", below), helm));
            if let Ok(tree) = Tree::of(&[layer], helm) {
                set(&tree, argument, helm);
            }
        }
    }
    let below = "a: {b: [{c: 2}]}\n";
    for text in ["a.b[0].c=1,d={", "a\\", "\\", "a.b[0].c=1,d={\u{fffd}/,y},,l\\e\\.f=null"] {
        for helm in FAMILIES {
            let layer = Arc::new(Layer::read(Kind::ValueFile, &File::new("", "values.yaml", below), helm));
            let tree = Tree::of(&[layer], helm).expect("the values file merges");
            set(&tree, text, helm);
        }
    }
}
