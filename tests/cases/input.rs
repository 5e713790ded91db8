//! Platforms to ask: the example on disk, and small ones written in the test.

use std::path::Path;
use strata::report::{Load, Session, key_path, text};

/// The example platform, evaluated.
pub fn example() -> Session {
    let mut session = Session::default();
    let mut load = session.begin();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/platform");
    add_folder(&mut load, &root, "");
    let problems = session.commit(load).expect("the example is there");
    assert!(problems.is_empty(), "the example loads without a word: {problems:?}");
    while session.step() {}
    session
}

/// A platform of one text with `# path: …` lines, evaluated.
pub fn written(text: &str) -> Session {
    let mut session = Session::default();
    let mut load = session.begin();
    load.paste("pasted.yaml", text);
    session.commit(load).expect("there are files in the text");
    while session.step() {}
    session
}

fn add_folder(load: &mut Load, disk: &Path, inside: &str) {
    for entry in std::fs::read_dir(disk).expect("the example is there").flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let path = if inside.is_empty() { name } else { format!("{inside}/{name}") };
        if entry.path().is_dir() {
            add_folder(load, &entry.path(), &path);
        } else {
            load.add(&path, std::fs::read(entry.path()).expect("the example can be read"));
        }
    }
}

/// Position of the Application of this name.
pub fn position(session: &Session, name: &str) -> usize {
    let applications = session.overview().applications;
    applications.iter().position(|one| one.name == name).unwrap_or_else(|| panic!("no Application {name}"))
}

/// What `strata explain` prints.
pub fn explain(session: &Session, application: &str, key: &str) -> String {
    let path = key_path::parse(key).expect("the key is well formed");
    let cascade = session.cascade(position(session, application), 0, &path);
    text::cascade(&cascade.expect("the first source is a chart"))
}

/// Findings about an Application: code, message and places.
pub fn problems(session: &Session, application: &str) -> String {
    let position = position(session, application);
    let mut text = String::new();
    for problem in session.overview().problems {
        if problem.applications.contains(&position) {
            let place = problem.place.as_ref().map(text::line_of).unwrap_or_default();
            text.push_str(&format!("{} at {place}: {}\n", problem.code, problem.message));
            for related in &problem.related {
                text.push_str(&format!("  {}: {}\n", text::line_of(&related.place), related.message));
            }
            for hint in &problem.hints {
                text.push_str(&format!("  hint: {hint}\n"));
            }
        }
    }
    text
}
