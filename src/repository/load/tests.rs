//! What the loader makes of folders, archives and pasted text.

use super::*;
use crate::source::Span;
use std::io::Write as _;

fn load(files: &[(&str, &str)]) -> Loaded {
    let mut loader = Loader::default();
    for (path, text) in files {
        loader.file(path, text.as_bytes());
    }
    loader.finish()
}

/// `name@revision: paths` of each repository.
fn shape(loaded: &Loaded) -> Vec<String> {
    let line = |repository: &Repository| {
        let revision = &repository.revisions[0];
        let paths: Vec<&str> = revision.tree.entries().iter().map(|entry| &*entry.path).collect();
        format!("{}@{}: {}", repository.name, revision.name, paths.join(" "))
    };
    loaded.repositories.iter().map(line).collect()
}

fn codes(loaded: &Loaded) -> Vec<&str> {
    loaded.problems.iter().map(|problem| problem.code).collect()
}

fn zip_of(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (path, bytes) in files {
        writer.start_file(*path, zip::write::SimpleFileOptions::default()).expect("a new entry");
        writer.write_all(bytes).expect("memory is writable");
    }
    writer.finish().expect("memory is writable").into_inner()
}

fn tgz_of(files: &[(&str, &str)]) -> Vec<u8> {
    let mut builder =
        tar::Builder::new(flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast()));
    for (path, text) in files {
        let mut header = tar::Header::new_gnu();
        header.set_size(text.len() as u64);
        header.set_mode(0o644);
        builder.append_data(&mut header, path, text.as_bytes()).expect("memory is writable");
    }
    builder.into_inner().and_then(flate2::write::GzEncoder::finish).expect("memory is writable")
}

fn unpack(name: &str, bytes: Vec<u8>) -> Loaded {
    let mut loader = Loader::default();
    match Archive::open(name, bytes) {
        Ok(archive) => {
            if let Err(problem) = archive.load(&mut loader) {
                loader.problem(problem);
            }
        }
        Err(problem) => loader.problem(problem),
    }
    loader.finish()
}

#[test]
fn a_dropped_folder_is_a_repository_and_a_folder_of_repositories_is_split() {
    let one = load(&[("infra/charts/a/Chart.yaml", ""), ("infra/charts/b/Chart.yaml", "")]);
    assert_eq!(shape(&one), ["infra@: charts/a/Chart.yaml charts/b/Chart.yaml"]);
    let two = load(&[
        ("work/README.md", "about"),
        ("work/platform/applicationsets/a.yaml", "repoURL: https://h/o/configs.git"),
        ("work/configs@develop/values.yaml", "a: 1"),
        ("work/docs/x.md", "x"),
    ]);
    assert_eq!(
        shape(&two),
        [
            "configs@develop: values.yaml",
            "docs@: x.md",
            "platform@: applicationsets/a.yaml",
            "work@: README.md"
        ]
    );
    assert!(two.problems.is_empty());
}

#[test]
fn the_content_of_a_repository_without_its_folder_is_one_too() {
    let loaded = load(&[("customers/a/values.yaml", ""), ("applicationsets/x.yaml", "")]);
    assert_eq!(shape(&loaded), ["files@: applicationsets/x.yaml customers/a/values.yaml"]);
}

#[test]
fn git_tells_branch_and_remote() {
    let config = "[core]\n\tbare = false\n[remote \"origin\"]\n\turl = https://h/o/configs.git\n";
    let loaded = load(&[
        ("checkout/.git/HEAD", "ref: refs/heads/feature/x\n"),
        ("checkout/.git/config", config),
        ("checkout/.git/objects/00/11", "x"),
        ("checkout/a.yaml", "a: 1"),
        ("checkout/web/node_modules/x/y.js", ""),
    ]);
    assert_eq!(shape(&loaded), ["checkout@feature/x: a.yaml"]);
    assert_eq!(&*loaded.repositories[0].url, "https://h/o/configs.git");
    let skipped: Vec<&str> =
        loaded.repositories[0].revisions[0].skipped.iter().map(|skip| &*skip.path).collect();
    assert_eq!(skipped, [".git/", "web/node_modules/"]);
}

#[test]
fn names_of_archives_of_git_hosts_tell_the_revision() {
    let named = BTreeSet::from(["customer-configs".to_owned(), "app-main".to_owned()]);
    let commit = "0123456789abcdef0123456789abcdef01234567";
    for (folder, expected) in [
        ("customer-configs", ("customer-configs", "")),
        ("customer-configs-main", ("customer-configs", "main")),
        ("customer-configs-1.2.0", ("customer-configs", "1.2.0")),
        (&format!("customer-configs-develop-{commit}"), ("customer-configs", "develop")),
        ("app-main", ("app-main", "")),
        ("other-main", ("other", "main")),
        ("other-chart", ("other-chart", "")),
        (&format!("other-{commit}"), ("other", commit)),
        ("a@b@c", ("a", "b@c")),
    ] {
        let (name, revision) = roots::name_and_revision(folder, &named);
        assert_eq!((name.as_str(), revision.as_str()), expected, "{folder}");
    }
}

#[test]
fn the_one_folder_of_an_archive_is_its_repository() {
    let zip = zip_of(&[("configs-main/a.yaml", b"a: 1"), ("configs-main/b/c.yaml", b"")]);
    assert_eq!(shape(&unpack("download (1).zip", zip.clone())), ["configs@main: a.yaml b/c.yaml"]);
    assert_eq!(shape(&unpack("configs@develop.zip", zip)), ["configs@develop: a.yaml b/c.yaml"]);
    let flat = zip_of(&[("customers/a/values.yaml", b"")]);
    assert_eq!(shape(&unpack("configs.zip", flat)), ["configs@: customers/a/values.yaml"]);
    let chart = tgz_of(&[("app/Chart.yaml", "name: app"), ("app/values.yaml", "")]);
    assert_eq!(shape(&unpack("app-1.0.0.tgz", chart)), ["app@1.0.0: Chart.yaml values.yaml"]);
}

#[test]
fn the_user_says_which_repository_it_is() {
    let target = Target::Repository { url: "https://h/o/configs.git".into(), revision: "v1".into() };
    let mut loader = Loader::new(target);
    let archive = Archive::open("x.zip", zip_of(&[("top/customers/a.yaml", b"a: 1")])).expect("a zip");
    archive.load(&mut loader).expect("a good zip");
    let loaded = loader.finish();
    assert_eq!(shape(&loaded), ["configs@v1: customers/a.yaml"]);
    assert!(!loaded.repositories[0].url_guessed);
}

#[test]
fn bad_archives_are_told_and_leave_the_rest_alone() {
    let mut loader = Loader::default();
    loader.file("good/applicationsets/a.yaml", b"a: 1");
    let evil = zip_of(&[("../../etc/passwd", b"x"), ("/abs.yaml", b"x"), ("evil/ok.yaml", b"a: 1")]);
    Archive::open("evil.zip", evil).expect("a zip").load(&mut loader).expect("single entries are refused");
    let mut bad = zip_of(&[("bad/a.yaml", &b"a: 1\n".repeat(1000))]);
    bad[60] ^= 0xff;
    let archive = Archive::open("bad.zip", bad).expect("the list of entries is whole");
    let problem = archive.load(&mut loader).expect_err("its data is not");
    assert_eq!(problem.code, "archive-broken");
    assert!(Archive::open("cut.zip", zip_of(&[("a", b"x")])[..40].to_vec()).is_err());
    assert!(Archive::open("text.zip", b"hello".to_vec()).is_err());
    let loaded = loader.finish();
    assert_eq!(shape(&loaded), ["evil@: ok.yaml", "good@: applicationsets/a.yaml"]);
    assert_eq!(codes(&loaded), ["repository-path", "repository-path"]);
}

#[test]
fn bombs_are_refused() {
    let zeros = vec![b' '; 4 * 1024 * 1024];
    let names: Vec<String> = (0..20).map(|at| format!("bomb/{at}.yaml")).collect();
    let files: Vec<(&str, &[u8])> = names.iter().map(|name| (name.as_str(), &zeros[..])).collect();
    let loaded = unpack("bomb.zip", zip_of(&files));
    assert_eq!(codes(&loaded), ["archive-bomb"]);
    assert!(loaded.repositories.is_empty());
}

#[test]
fn what_is_no_text_is_skipped_with_the_reason() {
    let mut loader = Loader::default();
    loader.file("r/.gitignore", b"");
    loader.file("r/logo.png", b"\x89PNG\0\0");
    loader.file("r/latin.yaml", b"name: caf\xe9\n");
    assert!(!loader.wants("r/huge.yaml", 6 * 1024 * 1024));
    loader.file("r/twice.yaml", b"a: 1");
    loader.file("r/./twice.yaml", b"a: 2");
    loader.folder("void");
    let loaded = loader.finish();
    let revision = &loaded.repositories[0].revisions[0];
    let skipped: Vec<String> =
        revision.skipped.iter().map(|skip| format!("{}: {}", skip.path, skip.reason)).collect();
    assert_eq!(skipped, ["huge.yaml: larger than 5 MB", "latin.yaml: not UTF-8 text", "logo.png: binary"]);
    assert_eq!(revision.tree.file("twice.yaml").map(|file| &*file.text), Some("a: 2"));
    assert_eq!(codes(&loaded), ["repository-encoding", "repository-twice", "repository-empty"]);
    let place = loaded.problems[0].location.as_ref().map(|place| (place.line_column(), place.span));
    assert_eq!(place, Some(((1, 10), Span::new(9, 12))));
    assert_eq!(codes(&Loader::default().finish()), ["repository-empty"]);
}

#[test]
fn pasted_text_may_hold_several_files() {
    let mut loader = Loader::default();
    let text = "a: 0\n---\n# path: configs/values.yaml\na: 1\n---\nb: 2\n---\n# path: configs/customers/x.yaml\nc: 3\n";
    loader.paste("pasted.yaml", text);
    let loaded = loader.finish();
    assert_eq!(shape(&loaded), ["configs@: customers/x.yaml values.yaml", "files@: pasted.yaml"]);
    let values =
        loaded.repositories[0].revisions[0].tree.file("values.yaml").map(|file| file.text.to_string());
    assert_eq!(values.as_deref(), Some("a: 1\n---\nb: 2\n"));
}

#[test]
fn a_hundred_thousand_files_load() {
    let mut loader = Loader::default();
    for at in 0..100_000 {
        loader.file(&format!("big/customers/{}/{at}.yaml", at % 1000), b"a: 1\n");
    }
    let loaded = loader.finish();
    assert_eq!(loaded.repositories[0].revisions[0].tree.entries().len(), 100_000);
}
