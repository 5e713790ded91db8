//! What Go's own tests of text/template hold the language to, case by case.

use super::functions::{Context, Function};
use super::print::sprintf;
use super::types::Type;
use super::value::{Kind, Origin};
use super::{Functions, Limits, MissingKey, Set, Trace, Value, execute};
use crate::profile::{Helm, Profile};
use crate::source::File;
use std::sync::Arc;

const HELPERS: &[Function] = &[
    Function::variadic("list", &[Type::Interface], |_, a| Ok(Value::list(a.to_vec()))),
    Function::new("upper", &[Type::String], |_, a| Ok(a[0].text().to_uppercase().into())),
    Function::new("fails", &[], |_, _| Err("it does".to_owned())),
];

fn values() -> Value {
    let map = Value::map([
        ("s", Value::from("hello")),
        ("n", 3.0.into()),
        ("nul", Value::NIL),
        ("l", Value::list(vec![Value::int(1), "b".into()])),
    ]);
    Value::map([("m", map), ("x", "y".into())])
}

fn run_with(template: &str, missing_key: MissingKey, limits: Limits) -> Result<String, String> {
    let functions = Arc::new(Functions::go().with(HELPERS).with_templates());
    let mut set = Set::new("set", functions);
    let text = |error: super::Error| error.to_string();
    set.parse(&File::generated("t", template, None), "t").map_err(text)?;
    let mut context = Context::new(Profile::default());
    let output = execute(&set, "t", values(), missing_key, limits, &mut context, None).map_err(text)?;
    Ok(String::from_utf8_lossy(&output.text).into_owned())
}

fn run(template: &str) -> String {
    run_with(template, MissingKey::Invalid, Limits::default()).unwrap_or_else(|error| error)
}

#[test]
fn actions() {
    for (template, expected) in [
        ("a {{- 1 -}} b", "a1b"),
        ("{{ .m.s | upper | printf \"%s-%d\" \"x\" }}", "x-%!d(string=HELLO)"),
        ("{{ range $i, $v := .m.l }}{{ $i }}{{ $v }};{{ else }}none{{ end }}", "01;1b;"),
        ("{{ range 3 }}{{ if eq . 1 }}{{ continue }}{{ end }}{{ . }}{{ end }}", "02"),
        ("{{ range .m.l }}{{ with $.x }}{{ . }}{{ break }}{{ end }}{{ end }}.", "y."),
        ("{{ $x := 1 }}{{ range .m.l }}{{ $x = . }}{{ end }}{{ $x }}", "b"),
        ("{{ with .no }}a{{ else with .x }}{{ . }}{{ else }}c{{ end }}", "y"),
        ("{{ if false }}a{{ else if .no }}b{{ else if 1 }}c{{ else }}d{{ end }}", "c"),
        (
            "{{ define \"d\" }}<{{ . }}>{{ end }}{{ template \"d\" .x }}{{ template \"d\" }}",
            "<y><<no value>>",
        ),
        ("{{ block \"d\" .x }}[{{ . }}]{{ end }}", "[y]"),
        ("{{ define \"d\" }}<{{ . }}>{{ end }}{{ include \"d\" .x | upper }}", "<Y>"),
        ("{{ tpl \"{{ define `i` }}{{ . }}!{{ end }}{{ include `i` .x }}\" . }}", "y!"),
        ("{{ and 1 0 (fails) }} {{ or 0 2 (fails) }} {{ 0 | or 3 }} {{ 5 | and 3 }}", "0 2 3 5"),
        ("{{ .no }} {{ .no.no }} {{ len .x }} {{ index .m.l 1 }}", "<no value> <no value> 1 b"),
    ] {
        assert_eq!(run(template), expected, "{template}");
    }
}

#[test]
fn errors() {
    for (template, expected) in [
        (
            "{{ .m.nul.x }}",
            "template: t:1:5: executing \"t\" at <.m.nul.x>: nil pointer evaluating interface {}.x",
        ),
        ("{{ (1).x }}", "template: t:1:4: executing \"t\" at <1>: can't evaluate field x in type int"),
        (
            "\n{{ upper .m.n }}",
            "template: t:2:11: executing \"t\" at <.m.n>: wrong type for value; expected string; got float64",
        ),
        (
            "{{ if fails }}{{ end }}",
            "template: t:1:6: executing \"t\" at <fails>: error calling fails: it does",
        ),
        (
            "{{ upper 1 2 }}",
            "template: t:1:3: executing \"t\" at <upper>: wrong number of args for upper: want 1 got 2",
        ),
        ("{{ .x 1 }}", "template: t:1:3: executing \"t\" at <.x>: x is not a method but has arguments"),
        ("{{ end }}", "template: t:1: unexpected {{end}}"),
        ("{{ if 1 }}\n{{ nofunc }}", "template: t:2: function \"nofunc\" not defined"),
        (
            "{{ define \"d\" }}{{ .x.y }}{{ end }}{{ include \"d\" . }}",
            "template: t:1:38: executing \"t\" at <include \"d\" .>: error calling include: \
             template: t:1:21: executing \"d\" at <.x.y>: can't evaluate field y in type interface {}",
        ),
    ] {
        assert_eq!(run(template), expected, "{template}");
    }
}

#[test]
fn what_is_missing_is_told_where_it_shows() {
    let mut set = Set::new("set", Arc::new(super::helm::functions(Helm::V4_3)));
    let text = "{{ if .a }}{{ end }}{{ with .b }}{{ end }}{{ .c | default 1 }}{{ default 1 .d }}\
                {{ if and .e (eq .f 1) }}{{ end }}{{ $x := .g }}{{ range .h }}{{ end }}{{ (.i).j }}\
                {{ .k }}{{ .l | quote }}{{ printf `%s` .m }}{{ toYaml .n | nindent 2 }}{{ print (or .o 1) }}";
    set.parse(&File::generated("t", text, None), "t").expect("it parses");
    let dot = Value::map::<&str>([]).made_from(Some(Origin::new(1)));
    let mut trace = Trace::default();
    let mut context = Context::new(Profile::default());
    let limits = Limits::default();
    execute(&set, "t", dot, MissingKey::Zero, limits, &mut context, Some(&mut trace)).expect("it runs");
    let missing: Vec<Arc<str>> = trace.missing.into_keys().map(|(_, key)| key).collect();
    assert_eq!(missing.iter().map(|key| &**key).collect::<Vec<_>>(), ["i", "k", "l", "m", "n"]);
}

/// As real Helm 3.19 and 4.3 print them.
#[test]
fn lists_of_texts_are_sorted_for_everyone() {
    let ask = |template: &str| {
        let functions = Arc::new(super::helm::functions(Helm::V4_3));
        let mut set = Set::new("set", functions);
        set.parse(&File::generated("t", template, None), "t").expect("it is well formed");
        let mut context = Context::new(Profile::default());
        let limits = Limits::default();
        let output = execute(&set, "t", values(), MissingKey::Zero, limits, &mut context, None);
        String::from_utf8_lossy(&output.expect("it runs").text).into_owned()
    };
    assert_eq!(ask("{{ $l := splitList `,` `b,a` }}{{ $s := sortAlpha $l }}{{ $l }}{{ $s }}"), "[a b][a b]");
    assert_eq!(
        ask("{{ $l := splitList `,` `b,a` }}{{ $t := toStrings $l }}{{ sortAlpha $t }}{{ $l }}"),
        "[a b][a b]"
    );
    assert_eq!(ask("{{ $l := list `b` `a` }}{{ $s := sortAlpha $l }}{{ $l }}{{ $s }}"), "[b a][a b]");
    assert_eq!(
        ask("{{ deepCopy (semver `1.2.3-a`) }} {{ (deepCopy (semver `1.2.3`)).Original }}."),
        "0.0.0 ."
    );
}

#[test]
fn missing_keys() {
    let ask = |option: &str| {
        let option = option.parse().expect("a known option");
        run_with("{{ .m.no }}", option, Limits::default()).unwrap_or_else(|error| error)
    };
    assert_eq!(ask("missingkey=default"), "<no value>");
    assert_eq!(ask("missingkey=zero"), "<no value>");
    assert_eq!(
        ask("missingkey=error"),
        "template: t:1:5: executing \"t\" at <.m.no>: map has no entry for key \"no\""
    );
    assert!("missingkey=none".parse::<MissingKey>().is_err());
}

#[test]
fn nothing_runs_for_ever() {
    let small = Limits { steps: 10_000, output: 1_000, tpl: 10, tpl_refuses: false, calls: 50 };
    for (template, expected) in [
        ("{{ range 1000000000000 }}{{ end }}", "stopped after 10000 steps"),
        ("{{ range 1000 }}{{ $.m }}{{ end }}", "stopped after 1000 bytes of output"),
        (
            "{{ define \"d\" }}{{ include \"d\" . }}{{ end }}{{ include \"d\" 1 }}",
            "stopped at 50 nested calls",
        ),
        (
            "{{ tpl .x (list) }}{{ define \"y\" }}{{ tpl \"{{ template `y` }}\" 1 }}{{ end }}{{ template \"y\" }}",
            "stopped at 10 nested calls of tpl",
        ),
        ("{{ define \"d\" }}{{ template \"d\" }}{{ end }}{{ template \"d\" }}", "stopped after 10000 steps"),
    ] {
        let error = run_with(template, MissingKey::Zero, small).expect_err("it does not end");
        assert!(error.contains(expected), "{template}: {error}");
    }
    let deep = format!("{}1{}", "(".repeat(5_000), ")".repeat(5_000));
    assert!(run(&format!("{{{{ {deep} }}}}")).contains("nested deeper"));
    let chain = "{{ else if .no }}".repeat(20_000);
    assert_eq!(run(&format!("{{{{ if .no }}}}{chain}{{{{ else }}}}x{{{{ end }}}}")), "x");
}

#[test]
fn nothing_is_made_that_no_machine_can_hold() {
    let mut set = Set::new("set", Arc::new(super::helm::functions(Helm::V4_3)));
    let limits = Limits { steps: 3_000_000, ..Limits::default() };
    let nested = "{{ $l := list 1 }}{{ range until 30 }}{{ $l = list $l $l $l $l }}{{ end }}";
    let maps = "{{ $l := dict `a` 1 }}{{ range until 30 }}{{ $l = dict `a` $l `b` $l `c` $l }}{{ end }}";
    let long = "{{ $x := repeat 9000000 `x` }}";
    for (start, action) in [
        ("", "repeat 100000000 `x`"),
        ("", "printf `%1000000[1]d%1000000[1]d` 1 | repeat 9"),
        ("", "printf (repeat 100 `%1000000[1]d`) 1"),
        ("", "printf `%1000000d` (until 99999)"),
        ("", "join (repeat 60000 `x`) (until 10000)"),
        ("", "wrapWith 1 (repeat 60000 `x`) (repeat 60000 `x `)"),
        ("", "regexReplaceAll `x` (repeat 60000 `x`) (repeat 60000 `y`)"),
        ("", "replace `x` (repeat 60000 `y`) (repeat 60000 `x`)"),
        ("", "indent 60000 (repeat 60000 \"\\n\")"),
        ("", "until 100000000"),
        ("", "randBytes 100000000"),
        (long, "cat $x $x $x $x $x"),
        (long, "print $x $x $x"),
        (long, "splitList `` $x"),
        (long, "regexFindAll `x` $x -1"),
        ("", "range $i := until 99999 }}{{ regexMatch (printf `(a|b|c|d){1,1000}x{9}%d` $i) `a` }}{{ end"),
        ("", "range until 99999 }}{{ regexMatch `(a|b|c|d){1,1000}x` (repeat 90000 `a`) }}{{ end"),
        (nested, "toJson $l"),
        (nested, "toYaml $l"),
        (nested, "toToml (dict `a` $l)"),
        (nested, "deepCopy $l"),
        (nested, "deepEqual $l $l"),
        (nested, "print $l"),
        (maps, "toJson $l"),
        (maps, "mustMerge (deepCopy (dict)) $l $l | toString"),
        ("{{ $s := `x` }}{{ range until 60 }}{{ $s = printf `%s%s` $s $s }}{{ end }}", "$s"),
        ("{{ $s := list 1 }}{{ range until 60 }}{{ $s = concat $s $s }}{{ end }}", "len $s"),
        (
            "{{ $d := dict }}{{ range $i := until 9000 }}{{ $_ := set $d (toString $i) (until 90000) }}{{ end }}",
            "",
        ),
    ] {
        let text = format!("{start}{{{{ {action} }}}}").replace("{{  }}", "");
        set.parse(&File::generated("t", text.as_str(), None), "t").expect("it parses");
        let mut context = Context::new(Profile::default());
        let outcome = execute(&set, "t", Value::NIL, MissingKey::Zero, limits, &mut context, None);
        let error = outcome.map(|output| output.text.len()).expect_err(&text).to_string();
        assert!(
            ["stopped", "not made", "not merged", "not listed", "too long"]
                .iter()
                .any(|what| error.contains(what)),
            "{text}: {error}"
        );
    }
}

#[test]
fn include_stops_where_helm_stops() {
    let error = run("{{ define \"d\" }}{{ include \"d\" . }}{{ end }}{{ include \"d\" 1 }}");
    let end = "error calling include: rendering template has a nested reference name: d: unable to execute template";
    assert!(error.ends_with(end), "{}", &error[error.len() - 200..]);
    assert_eq!(error.matches("error calling include").count(), 1_002);
}

#[test]
fn a_trace_knows_what_wrote_each_byte() {
    let mut set = Set::new("set", Arc::new(Functions::go().with(HELPERS).with_templates()));
    let text = "a {{ include \"d\" . }}b{{ define \"d\" }}<{{ .x | upper }}{{ .no }}>{{ end }}";
    set.parse(&File::generated("t", text, None), "t").expect("it parses");
    let dot = Value::map([("x", Value::from("y").made_from(Some(Origin::new(7))))]);
    let dot = dot.made_from(Some(Origin::new(1)));
    let mut trace = Trace::default();
    let mut context = Context::new(Profile::default());
    let output = execute(&set, "t", dot, MissingKey::Zero, Limits::default(), &mut context, Some(&mut trace))
        .expect("it runs");
    let parts: Vec<_> = trace
        .segments
        .iter()
        .map(|segment| {
            let written = String::from_utf8_lossy(&output.text[segment.range.clone()]).into_owned();
            let action = segment.location().text().to_owned();
            (written, action, segment.origin.as_ref().map_or(Vec::new(), |origin| origin.places().to_vec()))
        })
        .collect();
    let part = |written: &str, action: &str, places: &[u32]| {
        (written.to_owned(), action.to_owned(), places.to_vec())
    };
    assert_eq!(
        parts,
        [
            part("a ", "a ", &[]),
            part("<", "<", &[]),
            part("Y", "{{ .x | upper }}", &[7]),
            part("<no value>", "{{ .no }}", &[]),
            part(">", ">", &[]),
            part("b", "b", &[]),
        ]
    );
    assert_eq!(trace.used.into_iter().collect::<Vec<_>>(), [7]);
    assert_eq!(trace.missing.into_keys().collect::<Vec<_>>(), [(1, Arc::from("no"))]);
}

/// Formats with an argument each and what Go 1.26 made of them.
#[test]
fn printf_prints_what_go_prints() {
    let cases: Vec<[String; 3]> =
        serde_json::from_str(include_str!("printf-cases.json")).expect("the cases are JSON");
    for [format, arguments, expected] in cases {
        let printed = sprintf(format.as_bytes(), &printf_arguments(&arguments)).expect("it is not deep");
        assert_eq!(String::from_utf8_lossy(&printed), expected, "{format} of {arguments}");
    }
}

fn printf_arguments(described: &str) -> Vec<Value> {
    let (kind, rest) = described.split_once(' ').unwrap_or((described, ""));
    let int = || rest.parse().expect("an integer");
    vec![match kind {
        "int" => Value::int(int()),
        "int64" => Value::int64(int()),
        "uint8" => Value::uint8(int() as u8),
        "float" => rest.parse::<f64>().expect("a float").into(),
        "str" => rest.into(),
        "bool" => true.into(),
        "nil" => Value::NIL,
        "bytes" => Kind::Bytes(rest.as_bytes().into()).into(),
        "list" => {
            let strings = Value::strings(["x", "y"]);
            Value::list(vec![Value::int(1), "a".into(), Value::NIL, 2.5.into(), true.into(), strings])
        }
        "map" => Value::map([
            ("b", Value::int(1)),
            ("a", Value::list(vec!["q".into(), Value::NIL])),
            ("c", Value::map([("d", Value::from(1.5))])),
        ]),
        "complex" => Kind::Complex(1.5, -2.0).into(),
        "none" => return Vec::new(),
        "two" => {
            return match rest {
                "3 7" => vec![Value::int(3), Value::int(7)],
                "4 2.5" => vec![Value::int(4), 2.5.into()],
                _ => vec!["a".into(), Value::NIL],
            };
        }
        _ => unreachable!("{described}"),
    }]
}

#[test]
fn what_was_merged_into_another_map_is_used_with_it() {
    let mut set = Set::new("set", Arc::new(super::helm::functions(Helm::V4_3)));
    let text = "{{ $m := mergeOverwrite (dict `in` (dict `d` 1)) .x }}{{ toYaml $m.in }}";
    set.parse(&File::generated("t", text, None), "t").expect("it parses");
    let from = |value: Value, place| value.made_from(Some(Origin::new(place)));
    let inner = from(Value::map([("k", from("v".into(), 3))]), 2);
    let dot = Value::map([("x", from(Value::map([("in", inner), ("other", from("o".into(), 4))]), 1))]);
    let mut trace = Trace::default();
    let mut context = Context::new(Profile::default());
    let output = execute(&set, "t", dot, MissingKey::Zero, Limits::default(), &mut context, Some(&mut trace));
    assert_eq!(output.map(|output| output.text).ok().as_deref(), Some(&b"d: 1\nk: v"[..]));
    assert!(trace.used.contains(&3) && !trace.used.contains(&4), "{:?}", trace.used);
}
