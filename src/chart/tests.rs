use super::*;
use crate::merge::{Effect, Fate, Kind, LayerId, Step, Tree};
use crate::profile::Helm;
use std::io::Write as _;

fn file(path: &str, text: &str) -> ChartFile {
    ChartFile::of(path, &File::new("charts", path, text))
}

/// A parent that imports from its subchart and has a global, with one user layer.
fn computed(parent: &str, child: &str, user: &str, helm: Helm) -> Values {
    let dependency =
        "dependencies: [{name: db, version: 1.x, import-values: [{child: data, parent: moved}]}]";
    let files = vec![
        file("Chart.yaml", &format!("apiVersion: v2\nname: app\nversion: 1.0.0\n{dependency}\n")),
        file("values.yaml", parent),
        file("charts/db/Chart.yaml", "apiVersion: v2\nname: db\nversion: 1.2.0\n"),
        file("charts/db/values.yaml", child),
    ];
    let chart = Arc::new(Chart::load(files, helm).expect("the chart loads"));
    let layer = Layer::read(Kind::ValueFile, &File::new("", "user.yaml", user), helm);
    let user = Tree::of(&[Arc::new(layer)], helm).expect("the layer merges");
    values(&chart, &user, helm).expect("the values are computed")
}

/// Chart number (`None`: the user) and effect of each write.
fn effects(values: &Values, path: &str) -> Vec<(Option<usize>, Effect)> {
    let path: Vec<Step> = path.split('.').map(Step::from).collect();
    values.explain(&path).writes.iter().map(|write| (write.layer.as_chart(), write.effect)).collect()
}

#[test]
fn writes_tell_how_they_came_to_a_subchart() {
    let parent = "global: {region: north}\ndb: {port: 2}\n";
    let child = "port: 1\nglobal: {region: south}\ndata: {url: x}\n";
    let values = computed(parent, child, "global: {region: west}\ndb: {port: 2}\n", Helm::V4_3);
    assert_eq!(
        effects(&values, "db.port"),
        [(Some(1), Effect::Set), (Some(0), Effect::Set), (None, Effect::Same)]
    );
    assert_eq!(effects(&values, "moved.url"), [(Some(1), Effect::Imported)]);
    let region = effects(&values, "db.global.region");
    assert_eq!(region, [(Some(1), Effect::Set), (Some(0), Effect::Global), (None, Effect::Global)]);
    assert_eq!(effects(&values, "global.region"), [(Some(0), Effect::Set), (None, Effect::Set)]);
}

#[test]
fn nulls_remove_as_each_helm_removes_them() {
    let fate = |helm| {
        let values = computed("a: {b: null, c: 1}\n", "port: 1\n", "a: {c: null}\n", helm);
        ["b", "c"].map(|key| match values.explain(&[Step::from("a"), Step::from(key)]).fate {
            Fate::Removed(by) => by.map(|write| write.layer),
            Fate::Present(crate::value::Value::Null) => None,
            other => panic!("{other:?}"),
        })
    };
    let (chart, user) = (Some(LayerId::chart(0)), Some(LayerId::user(0)));
    assert_eq!(fate(Helm::V3_19), [None, user]);
    assert_eq!(fate(Helm::V4_3), [chart, user]);
}

#[test]
fn archives_are_charts_too() {
    let mut tar =
        tar::Builder::new(flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default()));
    for (path, text) in [
        ("db/Chart.yaml", "apiVersion: v2\nname: db\nversion: 1.2.0\n"),
        ("db/values.yaml", "port: 1\n"),
        ("db/templates/a.yaml", "{{ .Values.port }}"),
    ] {
        let mut header = tar::Header::new_gnu();
        header.set_size(text.len() as u64);
        header.set_mode(0o644);
        tar.append_data(&mut header, path, text.as_bytes()).expect("memory takes an entry");
    }
    let bytes = tar.into_inner().and_then(flate2::write::GzEncoder::finish).expect("memory takes an archive");
    let archive = |bytes: Vec<u8>| {
        let name = File::new("charts", "app/charts/db-1.2.0.tgz", "");
        ChartFile { name: "charts/db-1.2.0.tgz".into(), data: Data::Binary(name, bytes.into()) }
    };
    let parent = || file("Chart.yaml", "apiVersion: v2\nname: app\nversion: 1.0.0\n");
    let chart = Chart::load(vec![parent(), archive(bytes.clone())], Helm::V4_3).expect("the chart loads");
    let db = &chart.charts[0];
    assert_eq!((&*db.metadata.name, db.templates.len()), ("db", 1));
    let mut broken = bytes;
    broken.truncate(40);
    let error = Chart::load(vec![parent(), archive(broken)], Helm::V4_3).expect_err("the archive is cut");
    assert!(error.message.starts_with("error unpacking subchart db-1.2.0.tgz in app: "), "{error}");
    let mut nonsense = Vec::new();
    nonsense.write_all(b"no archive").expect("memory takes bytes");
    let error = Chart::load(vec![parent(), archive(nonsense)], Helm::V4_3).expect_err("it is no archive");
    assert_eq!(error.message, "error unpacking subchart db-1.2.0.tgz in app: gzip: invalid header");
}

#[test]
fn missing_dependencies_are_named() {
    let listed = "dependencies: [{name: db, version: 1.x}, {name: cache, version: 1.x}]";
    let text = format!("apiVersion: v2\nname: app\nversion: 1.0.0\n{listed}\n");
    let chart = Arc::new(Chart::load(vec![file("Chart.yaml", &text)], Helm::V3_19).expect("the chart loads"));
    let error = values(&chart, &Tree::new(), Helm::V3_19).expect_err("two charts are missing");
    assert!(error.message.ends_with("missing in charts/ directory: db, cache"), "{error}");
    assert_eq!(error.location.map(|place| place.line_column().0), Some(4));
}

#[test]
fn files_of_a_chart_that_are_of_another_form_stop_helm() {
    let metadata = "apiVersion: v2\nname: app\nversion: 1.0.0\n";
    for (path, text, helm, expected) in [
        (
            "Chart.lock",
            "digest: [\n",
            Helm::V4_3,
            "cannot load Chart.lock: error converting YAML to JSON: yaml: ",
        ),
        (
            "requirements.yaml",
            "name: [a]\napiVersion: [b]\n",
            Helm::V4_3,
            "Metadata.apiVersion of type string",
        ),
        ("Chart.lock", "- a\n", Helm::V4_3, "cannot unmarshal array into Go value of type v2.Lock"),
        ("Chart.lock", "- a\n", Helm::V3_19, "cannot unmarshal array into Go value of type chart.Lock"),
        (
            "requirements.yaml",
            "dependencies: 1\n",
            Helm::V4_3,
            "Metadata.dependencies of type []*v2.Dependency",
        ),
        (
            "requirements.yaml",
            "dependencies: 1\n",
            Helm::V3_22,
            "Metadata.dependencies of type []*chart.Dependency",
        ),
        (
            "requirements.yaml",
            "dependencies: [{name: [a]}]\n",
            Helm::V4_3,
            "Dependency.dependencies.name of type string",
        ),
        (
            "charts/db/values.yaml",
            "a: 1\n",
            Helm::V4_3,
            "error unpacking subchart db in app: Chart.yaml file is missing",
        ),
        (
            "values.yaml",
            "- a\n",
            Helm::V4_3,
            "cannot load values.yaml: cannot unmarshal yaml document: error unmarshaling",
        ),
    ] {
        let files = vec![file("Chart.yaml", metadata), file(path, text)];
        let error = Chart::load(files, helm).expect_err(text);
        assert!(error.message.contains(expected), "{error}");
        assert!(!error.code.is_empty());
    }
}

fn binary(path: &str, bytes: &[u8]) -> ChartFile {
    ChartFile { name: path.into(), data: Data::Binary(File::new("charts", path, ""), bytes.into()) }
}

/// An archive with one entry of any name.
fn archive_of(entry: &[u8]) -> Vec<u8> {
    let mut tar =
        tar::Builder::new(flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default()));
    let mut header = tar::Header::new_gnu();
    header.as_gnu_mut().expect("it is one").name[..entry.len()].copy_from_slice(entry);
    header.set_size(1);
    header.set_cksum();
    tar.append(&header, &b"x"[..]).expect("memory takes an entry");
    tar.into_inner().and_then(flate2::write::GzEncoder::finish).expect("memory takes an archive")
}

#[test]
fn whatever_is_wrong_with_a_chart_has_a_place_and_advice() {
    let good = || file("Chart.yaml", "apiVersion: v2\nname: app\nversion: 1.0.0\n");
    let deep = |depth: usize| {
        let path = format!("{}Chart.yaml", "charts/a/".repeat(depth));
        file(&path, "apiVersion: v2\nname: a\nversion: 1.0.0\n")
    };
    let outside = archive_of(b"db/../../x");
    let absolute = archive_of(b"db//x");
    for (code, files) in [
        ("chart-missing", vec![file("values.yaml", "a: 1\n")]),
        ("chart-missing", vec![good(), file("charts/db/values.yaml", "a: 1\n")]),
        ("chart-depth", std::iter::once(good()).chain((1..40).map(deep)).collect()),
        ("yaml-encoding", vec![binary("Chart.yaml", b"name: \xff\n")]),
        ("yaml-encoding", vec![good(), binary("values.yaml", b"a: 1\nb: \xc3(\n")]),
        ("yaml-character", vec![good(), file("values.yaml", "a: \u{1}\n")]),
        ("yaml-syntax", vec![good(), file("values.yaml", "a:\n\tb: 1\n")]),
        ("yaml-syntax", vec![file("Chart.yaml", "name: {\n")]),
        ("yaml-type", vec![good(), file("values.yaml", "- a\n")]),
        ("chart-metadata", vec![file("Chart.yaml", "name: [a]\n")]),
        ("chart-metadata", vec![file("Chart.yaml", "apiVersion: v2\nname: a\nversion: one\n")]),
        ("chart-metadata", vec![file("Chart.yaml", "- a\n")]),
        ("chart-archive", vec![good(), binary("charts/db.tgz", b"\xffno archive")]),
        ("chart-archive", vec![good(), file("charts/db.tgz", "no archive")]),
        ("chart-archive", vec![good(), file("charts/db.tgz/Chart.yaml", "name: db\n")]),
        ("chart-archive", vec![good(), binary("charts/db.tgz", &outside)]),
        ("chart-archive", vec![good(), binary("charts/db.tgz", &absolute)]),
        ("chart-archive", vec![good(), binary("charts/db.tgz", &outside[..20])]),
    ] {
        for helm in [Helm::V3_19, Helm::V4_3] {
            let error = Chart::load(files.clone(), helm).expect_err(code);
            assert_eq!(error.code, code, "{error}");
            assert!(error.location.is_some(), "{code} has no place: {error}");
            assert!(!error.hints.is_empty(), "{code} has no advice: {error}");
        }
    }
}

#[test]
fn the_place_of_what_is_no_text_is_its_first_byte() {
    let good = file("Chart.yaml", "apiVersion: v2\nname: app\nversion: 1.0.0\n");
    let error = Chart::load(vec![good, binary("values.yaml", b"a: 1\nb: \xc3(\n")], Helm::V3_19)
        .expect_err("it is no text");
    let expected =
        "cannot load values.yaml: error converting YAML to JSON: yaml: invalid trailing UTF-8 octet";
    assert_eq!(error.message, expected);
    assert_eq!(error.location.map(|place| place.line_column()), Some((2, 4)));
}

#[test]
fn values_may_be_utf_16() {
    let good = file("Chart.yaml", "apiVersion: v2\nname: app\nversion: 1.0.0\n");
    let text: Vec<u8> = "\u{feff}a: é\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let chart = Chart::load(vec![good, binary("values.yaml", &text)], Helm::V3_19).expect("the chart loads");
    let value =
        chart.values_document().and_then(|document| document.root.get("a")?.as_str().map(str::to_owned));
    assert_eq!(value.as_deref(), Some("é"));
}

#[test]
fn imports_without_a_text_make_helm_3_18_panic() {
    let dependency = "dependencies: [{name: db, version: 1.x, import-values: [{child: data}]}]";
    let outcome = |helm| {
        let files = vec![
            file("Chart.yaml", &format!("apiVersion: v2\nname: app\nversion: 1.0.0\n{dependency}\n")),
            file("charts/db/Chart.yaml", "apiVersion: v2\nname: db\nversion: 1.2.0\n"),
            file("charts/db/values.yaml", "data: {a: 1}\n"),
        ];
        values(&Arc::new(Chart::load(files, helm).expect("the chart loads")), &Tree::new(), helm)
    };
    let error = outcome(Helm::V3_18).expect_err("it panics");
    assert_eq!(error.message, "panic: interface conversion: interface {} is nil, not string");
    assert_eq!(error.location.map(|place| place.line_column().0), Some(4));
    assert!(outcome(Helm::V3_19).is_ok_and(|values| values.root.get("<nil>").is_some()));
}

#[test]
fn a_value_at_the_name_of_a_subchart_that_is_no_map_has_a_place() {
    let files = vec![
        file("Chart.yaml", "apiVersion: v2\nname: app\nversion: 1.0.0\n"),
        file("charts/db/Chart.yaml", "apiVersion: v2\nname: db\nversion: 1.2.0\n"),
    ];
    let chart = Arc::new(Chart::load(files, Helm::V4_3).expect("the chart loads"));
    let layer = Layer::read(Kind::ValueFile, &File::new("", "user.yaml", "x: 1\ndb: off\n"), Helm::V4_3);
    let user = Tree::of(&[Arc::new(layer)], Helm::V4_3).expect("the layer merges");
    let error = values(&chart, &user, Helm::V4_3).expect_err("it is no map");
    assert_eq!(error.code, "chart-value-mismatch");
    assert_eq!(error.location.map(|place| place.to_string()).as_deref(), Some("user.yaml:2:5"));
}

#[test]
fn a_link_that_leads_nowhere_stops_the_chart_unless_its_folder_is_ignored() {
    use crate::repository::{Entry, Tree};
    let files = |ignore: &str, link: &str| {
        let tree = Tree::new(vec![
            Entry::text("charts", "app/Chart.yaml", "apiVersion: v2\nname: app\nversion: 1.0.0\n"),
            Entry::text("charts", "app/.helmignore", ignore),
            Entry::link(format!("app/{link}"), "../../LICENSE"),
        ]);
        folder_files(&tree, "app").map_err(|error| error.message)
    };
    let error = files("LICENSE\n", "LICENSE").expect_err("it is followed before it is ignored");
    assert_eq!(error, "error evaluating symlink app/LICENSE: lstat ../../LICENSE: no such file or directory");
    assert_eq!(files("docs/\n", "docs/LICENSE").map(|files| files.len()), Ok(2));
}
