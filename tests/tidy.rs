//! Keeps the house in order: which room may use which, how long a file may be, what a name may be.

use std::path::{Path, PathBuf};

/// The rooms of the engine in the order of `src/lib.rs`: each uses only those before it.
fn rooms() -> Vec<String> {
    let text = read(&root().join("src/lib.rs"));
    text.lines()
        .filter_map(|line| line.strip_prefix("pub mod ")?.strip_suffix(';'))
        .map(str::to_owned)
        .collect()
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Every Rust file below a folder.
fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut open = vec![folder.to_path_buf()];
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(&folder).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                files.push(path);
            }
        }
    }
    files.sort();
    files
}

/// The room that a file of `src` belongs to; `None` for `lib.rs` and `main.rs`.
fn room_of(path: &Path) -> Option<String> {
    let inside = path.strip_prefix(root().join("src")).expect("a file of src");
    let first = inside.iter().next()?.to_str()?.trim_end_matches(".rs");
    (first != "lib" && first != "main" && first != "command").then(|| first.to_owned())
}

/// Names that follow `crate::` or `strata::` in a line of code.
fn mentions<'a>(line: &'a str, root: &'a str) -> impl Iterator<Item = &'a str> {
    let code = line.split("//").next().unwrap_or_default();
    code.match_indices(root).map(|(at, _)| {
        let rest = &code[at + root.len()..];
        &rest[..rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len())]
    })
}

#[test]
fn a_room_uses_only_rooms_before_it() {
    let rooms = rooms();
    let position = |name: &str| rooms.iter().position(|room| room == name);
    let mut wrong = Vec::new();
    for path in rust_files(&root().join("src")) {
        let Some(room) = room_of(&path) else { continue };
        let own = position(&room).unwrap_or_else(|| panic!("{room} is not listed in src/lib.rs"));
        for (number, line) in read(&path).lines().enumerate() {
            for used in mentions(line, "crate::") {
                if position(used).is_some_and(|used| used > own) {
                    wrong.push(format!("{}:{}: {room} uses {used}", path.display(), number + 1));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "arrows that go up:\n{}", wrong.join("\n"));
}

#[test]
fn the_page_sees_only_reports() {
    let mut wrong = Vec::new();
    for path in rust_files(&root().join("www/src")) {
        for (number, line) in read(&path).lines().enumerate() {
            if mentions(line, "strata::").any(|room| room != "report") {
                wrong.push(format!("{}:{}: {line}", path.display(), number + 1));
            }
        }
    }
    assert!(wrong.is_empty(), "the page reaches past the reports:\n{}", wrong.join("\n"));
}

#[test]
fn files_stay_short_enough_to_read() {
    let folders = ["src", "www/src", "tests", "benches"];
    let files = folders.iter().flat_map(|folder| rust_files(&root().join(folder)));
    let long: Vec<_> = files
        .map(|path| (read(&path).lines().count(), path))
        .filter(|&(lines, _)| lines > 650)
        .map(|(lines, path)| format!("{}: {lines} lines", path.display()))
        .collect();
    assert!(long.is_empty(), "split these:\n{}", long.join("\n"));
}

#[test]
fn rooms_have_names_of_the_field() {
    let vague = ["util", "utils", "helper", "helpers", "manager", "common", "misc"];
    let folders = ["src", "www/src"];
    let files = folders.iter().flat_map(|folder| rust_files(&root().join(folder)));
    let wrong: Vec<_> = files
        .filter(|path| {
            path.iter().any(|part| vague.contains(&part.to_string_lossy().trim_end_matches(".rs")))
        })
        .collect();
    assert!(wrong.is_empty(), "say what these hold: {wrong:?}");
}
