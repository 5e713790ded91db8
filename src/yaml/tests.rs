//! What the reader and the writer do, told by example. The recorded answers of Helm are in
//! `tests/conformance/yaml`; here is what those don't show: places, comments, hints, depth.

use super::*;
use crate::source::Span;
use crate::value::{Map, Value};

fn file(text: &str) -> Arc<File> {
    File::new("repo", "values.yaml", text)
}

fn document(text: &str) -> Document {
    read(&file(text)).unwrap_or_else(|error| panic!("{error}: {text}"))
}

fn error(text: &str) -> Diagnostic {
    read_values(&file(text), Helm::V4_3).expect_err(text)
}

/// The source text at a span.
fn source(document: &Document, span: Span) -> &str {
    &document.file.text[span.range()]
}

/// Every leaf as `path = source text of the value`, keys by their own source text.
fn places(text: &str) -> Vec<String> {
    let document = document(text);
    let mut places = Vec::new();
    let mut open = vec![(String::new(), document.root.clone())];
    while let Some((path, node)) = open.pop() {
        match &node.kind {
            Kind::List(items) => {
                let item = |(at, item): (usize, &Node)| (format!("{path}[{at}]"), item.clone());
                open.extend(items.iter().enumerate().map(item).rev());
            }
            Kind::Map(entries) => {
                let child = |entry: &Entry| {
                    (format!("{path}/{}", source(&document, entry.key_span)), entry.value.clone())
                };
                open.extend(entries.iter().map(child).rev());
            }
            _ => places.push(format!("{path} = {}", source(&document, node.span))),
        }
    }
    places
}

#[test]
fn every_scalar_knows_its_bytes() {
    assert_eq!(
        places(
            "a: 1\nb: 'x'\n\"c\": \"y\\n\" # z\nd: [p, {q: r}]\ne: plain over\n  two lines\nf:\ng: |\n  text\n\nh: 1\n"
        ),
        [
            "/a = 1",
            "/b = 'x'",
            "/\"c\" = \"y\\n\"",
            "/d[0] = p",
            "/d[1]/q = r",
            "/e = plain over\n  two lines",
            "/f = ",
            "/g = |\n  text",
            "/h = 1",
        ]
    );
}

#[test]
fn a_collection_reaches_from_its_first_to_its_last_child() {
    let document = document("list:\n- a\n- b: 1\n  c: 2\n\n# end\nmap:\n  x: y\nflow: [ a, b ]\n");
    let text = |key: &str| source(&document, document.root.get(key).expect(key).span);
    assert_eq!(text("list"), "- a\n- b: 1\n  c: 2");
    assert_eq!(text("map"), "x: y");
    assert_eq!(text("flow"), "[ a, b ]");
}

#[test]
fn anchors_and_tags_are_not_part_of_the_value() {
    assert_eq!(places("a: &x !!str 1\nb: *x\n"), ["/a = 1", "/b = *x"]);
}

#[test]
fn an_alias_stands_where_it_is_used_and_its_children_where_they_were_written() {
    let document = document("base: &base {a: 1}\nuse: *base\nmerged:\n  <<: *base\n  b: 2\n");
    let used = document.root.get("use").expect("use");
    assert_eq!(source(&document, used.span), "*base");
    assert_eq!(source(&document, used.get("a").expect("a").span), "1");
    let merged = document.root.get("merged").expect("merged").entry("a").expect("a");
    assert_eq!(document.file.line_column(merged.key_span.start), (1, 14));
}

#[test]
fn places_survive_carriage_returns_byte_order_marks_and_separators() {
    let text = "\u{feff}# one\r\na: 1\r\n---\r\nb:\r\n  é: 'x'\r\n---\r\n---\r\nc: 2";
    let documents = read_manifests(&file(text));
    let found: Vec<String> = documents
        .iter()
        .map(|document| {
            let document = document.as_ref().expect("readable");
            let (node, _) = document.root.walk().last().expect("a node");
            let (line, column) = document.file.line_column(node.span.start);
            format!("{line}:{column} {}", source(document, node.span))
        })
        .collect();
    assert_eq!(found, ["2:4 1", "5:6 'x'", "8:4 2"]);
}

#[test]
fn of_equal_keys_the_last_one_holds_and_the_lost_one_is_kept() {
    let document = document("a: 1\nb: 2\na: 3\n");
    assert!(matches!(document.root.get("a"), Some(Node { kind: Kind::Float(3.0), .. })));
    let places: Vec<_> = document.duplicates.iter().map(|(lost, holds)| (lost.start, holds.start)).collect();
    assert_eq!(places, [(0, 10)]);
}

#[test]
fn comments_belong_to_what_they_stand_above_or_behind() {
    let text = "# file\n\n# how many\n# pods\nreplicas: 2 # in prod\nplain: 'a # b'\nmap: # of things\n  # first\n  x: 1\n";
    let document = document(text);
    let comment = |span: Span| {
        let comments = document.comment(span);
        comments.iter().map(|&comment| source(&document, comment)).collect::<Vec<_>>().join(" ")
    };
    let key = |node: &Node, key: &str| node.entry(key).expect(key).key_span;
    assert_eq!(comment(key(&document.root, "replicas")), "# how many # pods # in prod");
    assert_eq!(comment(key(&document.root, "plain")), "");
    assert_eq!(comment(key(&document.root, "map")), "# of things");
    assert_eq!(comment(key(document.root.get("map").expect("map"), "x")), "# first");
}

/// Texts with the words that Helm has for them, the bytes that we point at and what we advise.
#[test]
fn errors_point_at_what_is_wrong() {
    for (text, message, place, hint) in [
        ("a: 1\nb\nc: 2\n", "could not find expected ':'", "b", "a key needs"),
        ("a:\n\tb: 1\n", "found character that cannot start any token", "\t", "spaces"),
        ("a: {{ .Values.x }}\n", "invalid map key: ", "{ .Values.x }", "quotes"),
        ("a: b: c\n", "mapping values are not allowed in this context", ":", "quotes"),
        ("a: \"x\nb: 1\n", "found unexpected end of stream", "\"", "never closed"),
        ("a: [1, 2\nb: 3\n", "did not find expected ',' or ']'", ":", "quotes"),
        ("a: *x\n", "unknown anchor 'x' referenced", "*x", "anchor"),
        ("a: @x\n", "found character that cannot start any token", "@", "quotes"),
        ("a: 1\n b: 2\n", "mapping values are not allowed in this context", ":", "indentation"),
        ("a: \"\\d\"\n", "found unknown escape character", "\\d", "backslash"),
        ("ok: 1\nx: .inf\n", "json: unsupported value: +Inf", ".inf", "quotes"),
        ("- a\n", "json: cannot unmarshal array", "- a", "mapping"),
        ("--- x: 1\n", "invalid Yaml document separator: x: 1", "--- x: 1", "separates"),
        ("a: \u{1}\n", "control characters are not allowed", "\u{1}", "invisible"),
        ("? [a]\n: 1\n", "invalid map key: []interface {}{\"a\"}", "[a]", "only text"),
        ("~: 1\n", "unsupported map key of type: %!s(<nil>)", "~", "quotes"),
        (
            "18446744073709551615:\n",
            "uint64, key: 0xffffffffffffffff, value: <nil>",
            "18446744073709551615",
            "quotes",
        ),
        ("<<: [{? {}: 1}, 2]\n", "map merge requires map or sequence of maps", "2", "`<<` takes"),
        ("<<: [2, {? {}: 1}]\n", "invalid map key: ", "{}", "quotes"),
    ] {
        let diagnostic = error(text);
        assert!(diagnostic.message.contains(message), "{text:?}: {}", diagnostic.message);
        assert_eq!(diagnostic.location.as_ref().map(crate::source::Location::text), Some(place), "{text:?}");
        assert!(diagnostic.hints.iter().any(|found| found.contains(hint)), "{text:?}: {diagnostic:?}");
        assert!(diagnostic.code.starts_with("yaml-"));
    }
}

#[test]
fn helm_words_keep_helm_line_numbers_where_they_become_output() {
    let file = file("a: 1\nb:\n  c: [\n");
    let error = unmarshal(&file, Target::Map).expect_err("unclosed");
    assert_eq!(
        error.to_string(),
        "error converting YAML to JSON: yaml: line 3: did not find expected node content"
    );
    assert_eq!(error.message(), "error converting YAML to JSON: yaml: did not find expected node content");
}

#[test]
fn helm_4_merges_documents_and_helm_3_reads_the_first() {
    let file = file("a: {x: 1, z: 2}\nb: 1\n---\na: {z: 3}\nb: null\n---\n# nothing\n");
    let values = |helm| read_values(&file, helm).expect("values").root.to_value().to_string();
    assert_eq!(values(Helm::V3_22), "map[a:map[x:1 z:2] b:1]");
    assert_eq!(values(Helm::V4_2), "map[a:map[x:1 z:3] b:<nil>]");
}

#[test]
fn a_broken_document_does_not_stop_the_others() {
    let documents = read_manifests(&file("a: 1\n---\nb: [\n---\nc: 1\n"));
    assert_eq!(documents.iter().map(Result::is_ok).collect::<Vec<_>>(), [true, false, true]);
}

/// 9,999 levels are read, turned into a value, and dropped on the small stack that a page has.
#[test]
fn depth_needs_no_stack() {
    let small = std::thread::Builder::new().stack_size(128 << 10);
    let work = || {
        let lists = file(&format!("a: {}{}\n", "[".repeat(9_998), "]".repeat(9_998)));
        let document = read_values(&lists, Helm::V4_3).expect("deep lists");
        assert_eq!(document.root.walk().count(), 9_999);
        assert!(document.root.to_value().get("a").is_some());
        let maps = "{a: ".repeat(9_999) + &"}".repeat(9_999);
        let text = format!("{maps}\n---\n{maps}\n");
        assert!(read_values(&file(&text), Helm::V4_3).is_ok());
        let deeper = error(&format!("a: {}", "[".repeat(100_000)));
        assert_eq!(deeper.code, "yaml-depth");
    };
    small.spawn(work).expect("a thread").join().expect("no overflow");
}

/// Shapes that made readers quadratic: many tokens, many open brackets, many candidates for keys.
#[test]
fn time_is_linear() {
    for text in [
        "a: [".to_owned() + &"[],".repeat(60_000) + "]",
        "- ".repeat(9_000) + "x",
        "[".repeat(9_000) + &"x ".repeat(50_000),
        "a: \"".to_owned() + &"x ".repeat(200_000) + "\"",
        "é ".repeat(100_000),
        "? ".repeat(9_000),
        "# c\n".repeat(100_000),
        "a: |\n".to_owned() + &"\n".repeat(200_000),
        "a: &a x\nb: [".to_owned() + &"*a,".repeat(50_000) + "]",
    ] {
        let started = std::time::Instant::now();
        let _ = read(&file(&text));
        assert!(started.elapsed().as_secs() < 10, "{} bytes: {}", text.len(), &text[..20]);
    }
}

#[test]
fn aliases_are_shared_and_a_bomb_is_refused() {
    let mut bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
    for level in 1..9 {
        let aliases = vec![format!("*a{}", level - 1); 10].join(", ");
        bomb.push_str(&format!("a{level}: &a{level} [{aliases}]\n"));
    }
    let diagnostic = error(&bomb);
    assert_eq!(diagnostic.code, "yaml-aliases");
    assert!(diagnostic.message.ends_with("document contains excessive aliasing"));
}

#[test]
fn bytes_are_decoded_as_libyaml_does() {
    let utf_16 = |text: &str| {
        let units = text.encode_utf16().flat_map(u16::to_be_bytes);
        [0xfe, 0xff].into_iter().chain(units).collect::<Vec<u8>>()
    };
    assert_eq!(decode_bytes(&utf_16("a: é😀\n"), Helm::V4_3), Ok("a: é😀\n".to_owned()));
    assert_eq!(decode_bytes(&utf_16("a: 1"), Helm::V3_22), Ok("a: 1".to_owned()));
    assert_eq!(decode_bytes(&utf_16("a: 1"), Helm::V4_3), Err("incomplete UTF-16 character"));
    assert_eq!(decode_bytes(b"caf\xe9", Helm::V4_3), Err("incomplete UTF-8 octet sequence"));
    assert_eq!(decode_bytes(b"caf\xe9 x y", Helm::V4_3), Err("invalid trailing UTF-8 octet"));
}

fn map<const N: usize>(pairs: [(&str, Value); N]) -> Value {
    Value::Map(Arc::new(pairs.map(|(key, value)| (Arc::from(key), value)).into_iter().collect::<Map>()))
}

fn list<const N: usize>(items: [Value; N]) -> Value {
    Value::List(items.into())
}

#[test]
fn to_yaml_and_to_yaml_pretty_differ_in_lists_folding_and_numbers() {
    let long = "word ".repeat(20) + "end";
    let value = map([
        ("a10", Value::Float(1_000_000.0)),
        ("a1b", list([Value::from("x"), map([("k", list([Value::Int(1)])), ("l", Value::Null)])])),
        ("empty", list([])),
        ("long", Value::from(&*long)),
        ("tab", Value::from("a\tb\nc")),
        ("yes", Value::from("yes")),
    ]);
    assert_eq!(
        write(&value),
        format!(
            "a10: 1000000\na1b:\n- x\n- k:\n  - 1\n  l: null\nempty: []\nlong: {}word\n  {}end\ntab: \"a\\tb\\nc\"\n\"yes\": \"yes\"",
            "word ".repeat(15),
            "word ".repeat(4)
        )
    );
    assert_eq!(
        write_pretty(&value),
        format!(
            "a1b:\n  - x\n  - k:\n      - 1\n    l: null\na10: 1e+06\nempty: []\nlong: {long}\ntab: |-\n  a\tb\n  c\n\"yes\": \"yes\""
        )
    );
}

#[test]
fn to_yaml_gives_nothing_where_helm_gives_nothing() {
    for value in [
        Value::Float(f64::NAN),
        Value::from("\u{7f}"),
        Value::from("\u{80}"),
        map([("\u{85}", Value::Null)]),
        map([(&*"k".repeat(1023), Value::Null)]),
        Value::from("a\u{85}--- b"),
    ] {
        assert_eq!(write(&value), "", "{value:?}");
    }
    assert_eq!(write_pretty(&Value::Float(f64::NAN)), ".nan");
    assert_eq!(write(&map([(&*"k".repeat(1022), Value::Null)])).len(), 2 + 1022 + 1 + 2 + 4);
}

#[test]
fn every_error_has_a_place_and_advice() {
    let deep = "[".repeat(10_002);
    let bomb = format!("a: &a [{}]\n", "x, ".repeat(300)) + &format!("b: [{}]\n", "*a, ".repeat(3000));
    for text in [
        "%YAML 1.1\na: 1\n",
        "%YAML 1.1\n%YAML 1.1\n---\n",
        "%TAG ! x\n%TAG ! x\n---\n",
        "%YAML 2.0\n---\n",
        "%YAML x\n",
        "%TAG\n",
        "a: !<x\n",
        "a: !x!y z\n",
        "a: !!int x\n",
        "a: !!binary =\n",
        "a: &\n",
        "a: *b\n",
        "a: &a [*a]\n",
        "<<: 1\n",
        "? [a]\n: 1\n",
        "null: 1\n",
        "a: .nan\n",
        "- a\n",
        "1\n",
        "a: |0\n",
        "a: |x\n",
        "a: \"\\x\n",
        "a: \"\\q\"\n",
        "a: \"\\ud800\"\n",
        "a: '\n",
        "a: \"\n---\n",
        "a: [\n",
        "a: {\n",
        "a: ]\n",
        "a\nb: 1\n",
        "a: b: c\n",
        "a: - b\n",
        "- a\nb: 1\n",
        "a: ? b\n",
        "\ta: 1\n",
        "a: @b\n",
        "a: `b\n",
        "a: %b\n",
        "--- a\n",
        "a: \u{7}\n",
        &deep,
        &bomb,
    ] {
        for helm in [Helm::V3_22, Helm::V4_3] {
            let error = read_values(&file(text), helm);
            let Err(error) = error else { panic!("{:.40?} is read by {}", text, helm.number()) };
            assert!(error.location.is_some() && !error.hints.is_empty(), "{text:.40?}: {error}");
        }
    }
}
