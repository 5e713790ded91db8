use super::*;
use crate::source::File;
use crate::value::Value;
use crate::yaml;

fn layers(texts: &[&str]) -> Vec<Arc<Layer>> {
    let layer = |(at, text): (usize, &&str)| {
        let file = File::new("", format!("{at}.yaml"), *text);
        let document = yaml::read_values(&file, Helm::V4_3).expect("the values are well formed");
        Arc::new(Layer::document(Kind::ValueFile, document))
    };
    texts.iter().enumerate().map(layer).collect()
}

fn with_set(texts: &[&str], sets: &[&str]) -> Result<Tree, Diagnostic> {
    let mut layers = layers(texts);
    layers.extend(
        sets.iter().map(|set| Arc::new(Layer::argument(Argument::Set(File::generated("<set>", *set, None))))),
    );
    Tree::of(&layers, Helm::V4_3)
}

fn merged(texts: &[&str]) -> Tree {
    with_set(texts, &[]).expect("value files merge")
}

fn path(text: &str) -> Vec<Step> {
    let step = |part: &str| part.parse().map_or_else(|_| Step::from(part), Step::Index);
    text.split('.').map(step).collect()
}

fn effects(tree: &Tree, at: &str) -> Vec<(usize, Effect)> {
    let explanation = explain(tree.root(), &path(at));
    explanation
        .writes
        .iter()
        .map(|write| (write.layer.as_user().expect("a user's layer"), write.effect))
        .collect()
}

fn text(tree: &Tree) -> String {
    tree.root().to_value().expect("the root is a map").to_string()
}

#[test]
fn maps_merge_and_everything_else_is_replaced() {
    let tree = merged(&["a: {b: 1, c: [1, 2]}\nd: x\n", "a: {c: [2], e: 2}\nd: {f: 1}\n"]);
    assert_eq!(text(&tree), "map[a:map[b:1 c:[2] e:2] d:map[f:1]]");
    assert_eq!(effects(&tree, "a"), [(0, Effect::Set), (1, Effect::Merged)]);
    assert_eq!(effects(&tree, "a.c"), [(0, Effect::Set), (1, Effect::ReplacedList)]);
    assert_eq!(effects(&tree, "d"), [(0, Effect::Set), (1, Effect::TypeConflict)]);
    let list = explain(tree.root(), &path("a.c"));
    assert_eq!(list.writes[1].lost, [Value::Float(1.0)]);
    assert!(list.writes[1].wins && !list.writes[0].wins);
}

#[test]
fn a_null_is_a_value_among_the_users_layers() {
    let tree = merged(&["a: 1\n", "a: null\nb: null\n", "a: 1\n", "a: 1\n"]);
    assert_eq!(text(&tree), "map[a:1 b:<nil>]");
    let expected = [(0, Effect::Set), (1, Effect::Removed), (2, Effect::Restored), (3, Effect::Same)];
    assert_eq!(effects(&tree, "a"), expected);
    assert_eq!(effects(&tree, "b"), [(1, Effect::RemovedNothing)]);
}

#[test]
fn a_child_is_found_below_what_replaced_its_parent() {
    let tree = merged(&["a: {b: 1}\n", "a: none\n", "a: {c: 2}\n", "a: {d: 3}\n"]);
    assert_eq!(text(&tree), "map[a:map[c:2 d:3]]");
    let explanation = explain(tree.root(), &path("a.b"));
    let Fate::Shadowed(ending) = explanation.fate else { panic!("{:?}", explanation.fate) };
    assert_eq!((ending.depth, ending.write.layer.as_user()), (1, Some(1)));
    assert_eq!(explanation.writes.len(), 1);
    assert!(matches!(explain(tree.root(), &path("a.x")).fate, Fate::NeverSet));
    let tree = merged(&["a: {b: 1}\n", "a: null\n"]);
    assert!(matches!(explain(tree.root(), &path("a.b")).fate, Fate::Removed(Some(_))));
}

#[test]
fn applications_share_the_merge_of_their_first_layers() {
    let layers = layers(&["a: {x: 1}\nb: {z: 1}\n", "a: {x: 2}\n", "a: {x: 3}\n"]);
    let shared = Tree::of(&layers[..1], Helm::V4_3).expect("value files merge");
    let one = shared.with(&layers[1], Helm::V4_3).expect("value files merge");
    let other = shared.with(&layers[2], Helm::V4_3).expect("value files merge");
    let values = [text(&shared), text(&one), text(&other)];
    assert_eq!(
        values,
        ["map[a:map[x:1] b:map[z:1]]", "map[a:map[x:2] b:map[z:1]]", "map[a:map[x:3] b:map[z:1]]"]
    );
}

#[test]
fn set_writes_into_maps_and_lists() {
    let base = ["a: {b: [{c: 1}, two]}\n"];
    for (set, expected) in [
        ("a.b[0].c=2", "map[a:map[b:[map[c:2] two]]]"),
        ("a.b[3]=x", "map[a:map[b:[map[c:1] two <nil> x]]]"),
        ("a.d[1][0]=007", "map[a:map[b:[map[c:1] two] d:[<nil> [007]]]]"),
        (r"a\.b=true,c={1,x}", "map[a:map[b:[map[c:1] two]] a.b:true c:[1 x]]"),
        ("a=null", "map[a:<nil>]"),
        ("x[0]", "map[a:map[b:[map[c:1] two]] x:[]]"),
        ("a.b[0].d=", "map[a:map[b:[map[c:1 d:] two]]]"),
        ("x[0].d=", "map[a:map[b:[map[c:1] two]] x:[]]"),
    ] {
        assert_eq!(text(&with_set(&base, &[set]).expect(set)), expected, "{set}");
    }
    let tree = with_set(&base, &["a.b[0].c=2", "a.b[1]=two"]).expect("the arguments are well formed");
    assert_eq!(effects(&tree, "a.b"), [(0, Effect::Set), (1, Effect::Merged), (2, Effect::Merged)]);
    assert_eq!(effects(&tree, "a.b.0.c"), [(0, Effect::Set), (1, Effect::Set)]);
    assert_eq!(effects(&tree, "a.b.1"), [(0, Effect::Set), (2, Effect::Same)]);
    let write = explain(tree.root(), &path("a.b.0.c")).winner().and_then(|winner| winner.write.clone());
    assert_eq!(write.map(|write| (write.key.range(), write.span().range())), Some((7..8, 9..10)));
}

#[test]
fn set_errors_are_helms() {
    for (set, expected) in [
        (
            "a.b.c=1",
            "unable to parse key: interface conversion: interface {} is []interface {}, not map[string]interface {}",
        ),
        ("a.b[65537]=1", "index of 65537 is greater than maximum supported index of 65536"),
        ("a.b[1].x[2", "error parsing index: EOF"),
        ("x={1", "list must terminate with '}'"),
        ("x[1]y'\n=1", r"unexpected data at end of array index: ['y' '\'' '\n']"),
    ] {
        let mut layers = layers(&["a: {b: [1]}\n"]);
        layers.push(Arc::new(Layer::argument(Argument::Set(File::generated("<set>", set, None)))));
        let error = Tree::of(&layers, Helm::V3_19).expect_err(set);
        assert_eq!(error.message, format!("failed parsing --set data: {expected}"));
    }
    let deep = vec!["a"; 32].join(".") + "=1";
    let error = with_set(&[], &[&deep]).expect_err("too deep");
    assert!(error.message.ends_with("maximum supported nested level of 30"), "{error}");
}

#[test]
fn set_string_file_and_json_give_their_own_kinds() {
    let file = |text: &str| File::generated("<argument>", text, None);
    let layers: Vec<_> = [
        Argument::SetString(file("a=1,b=null")),
        Argument::SetFile { key: file("c[0]"), text: File::new("", "c.txt", "{x}\n") },
        Argument::SetJson(file("d={\"e\": [1, true]} ,f=\"g\",h=")),
    ]
    .into_iter()
    .map(|argument| Arc::new(Layer::argument(argument)))
    .collect();
    let tree = Tree::of(&layers, Helm::V4_3).expect("the arguments are well formed");
    assert_eq!(text(&tree), "map[a:1 b:null c:[{x}\n] d:map[e:[1 true]] f:g h:<nil>]");
    assert_eq!(tree.root().get("a").and_then(|cell| cell.to_value()), Some(Value::from("1")));
}

#[test]
fn set_file_opens_what_stands_after_the_first_equals_sign() {
    let told = |key: &str, path: &str| {
        let key = File::generated("<argument>", key, None);
        let argument = Argument::SetFile { key, text: File::new("", path, "x") };
        Tree::of(&[Arc::new(Layer::argument(argument))], Helm::V4_3).map(|tree| text(&tree))
    };
    assert_eq!(told("a\\=b", "c.txt").expect("the sign is part of the key"), "map[a=b:x]");
    let error = told("a=b", "c.txt").expect_err("the key ends at the first sign");
    let names =
        "failed parsing --set-file data: open b=<path to cached source>/c.txt: no such file or directory";
    assert_eq!(error.message, names);
    assert!(told("a", "c,d.txt").is_err(), "a comma ends the path");
}

#[test]
fn layers_without_a_say_are_told_as_absent() {
    let mut layers = layers(&["a: 1\n", "", "a: 1\n"]);
    layers.push(Arc::new(Layer {
        kind: Kind::ValueFile,
        label: "missing".into(),
        written: "missing.yaml".into(),
        named_at: None,
        content: Content::Absent(Absence::MissingAllowed),
    }));
    let tree = Tree::of(&layers, Helm::V4_3).expect("value files merge");
    assert!(layers[1].is_empty());
    let all: Vec<_> =
        layers.iter().enumerate().map(|(at, layer)| (LayerId::user(at), Arc::clone(layer))).collect();
    let told = explain(tree.root(), &path("a")).with_absent(&all);
    let effects: Vec<_> = told.writes.iter().map(|write| write.effect).collect();
    assert_eq!(effects, [Effect::Set, Effect::Absent, Effect::Same, Effect::Absent]);
}

#[test]
fn values_deeper_than_anybody_writes_are_refused() {
    let deep = "{a: ".repeat(DEEPEST + 2) + "1" + &"}".repeat(DEEPEST + 2);
    let layers = layers(&[&deep, &deep]);
    let error = Tree::of(&layers, Helm::V4_3).expect_err("too deep");
    assert_eq!(error.code, "values-depth");
}

#[test]
fn helm_4_takes_a_whole_object_as_set_json() {
    let argument =
        |text: &str| Arc::new(Layer::argument(Argument::SetJson(File::generated("<argument>", text, None))));
    let with = |text: &str, helm| {
        let mut all = layers(&["a: {b: 1, c: 2}\n"]);
        all.push(argument(text));
        Tree::of(&all, helm)
    };
    let tree = with(" {\"a\": {\"b\": null, \"d\": [1, {}]}} ", Helm::V4_3).expect("it is an object");
    assert_eq!(text(&tree), "map[a:map[b:<nil> c:2 d:[1 map[]]]]");
    assert_eq!(effects(&tree, "a.b"), [(0, Effect::Set), (1, Effect::Removed)]);
    let error = with("{\"a\": 1} x", Helm::V4_3).expect_err("something follows");
    assert_eq!(error.message, "failed parsing --set-json data JSON: {\"a\": 1} x");
    assert!(error.location.is_some() && !error.hints.is_empty());
    assert!(with("{\"a\": 1}", Helm::V3_22).is_err(), "Helm 3 reads a key");
}
