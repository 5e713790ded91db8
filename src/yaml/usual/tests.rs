//! What is read in one pass is what is read in general.

use super::super::documents::{Chunk, split};
use super::super::{document, parse_any};
use super::*;
use crate::source::File;
use std::path::{Path, PathBuf};

/// Reads every document of a text both ways; says whether one was written the usual way.
fn compare(text: &str) -> bool {
    let file = File::new("", "text.yaml", text);
    let parts = split(text, false).into_iter().flatten();
    let mut usual = false;
    for chunk in parts.chain([Chunk::whole(text)]) {
        let Some(read) = chunk.offset().and_then(|offset| read(&chunk.text, offset)) else { continue };
        usual = true;
        let general = parse_any(&chunk).unwrap_or_else(|error| panic!("{error}: {:?}", chunk.text));
        let checks = |read: &(Decoded, _)| (read.0.infinite, read.0.deep);
        assert_eq!(checks(&read), checks(&general), "{:?}", chunk.text);
        let shown = |read| format!("{:?}", document(&file, read));
        assert_eq!(shown(read), shown(general), "{:?}", chunk.text);
    }
    usual
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// The YAML files below a folder.
fn files(folder: &Path) -> Vec<String> {
    let mut texts = Vec::new();
    let mut open = vec![folder.to_path_buf()];
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(&folder).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|extension| extension == "yaml") {
                texts.extend(std::fs::read_to_string(&path));
            }
        }
    }
    texts
}

/// The texts that Helm was asked to read.
fn recorded() -> Vec<String> {
    let mut texts = Vec::new();
    for suite in ["helm-values-truth", "helm-fromyaml-fuzz"] {
        let path = root().join(format!("tests/conformance/yaml/{suite}.json"));
        let text = std::fs::read_to_string(&path).expect("the recorded texts are part of the project");
        let cases: Vec<serde_json::Value> = serde_json::from_str(&text).expect("a suite is a list of cases");
        texts.extend(cases.iter().filter_map(|case| case["yaml"].as_str().map(str::to_owned)));
    }
    texts
}

/// Pieces that mean something somewhere.
const PIECES: &[&str] = &[
    "a",
    "b",
    "a: ",
    "b:",
    "a:\n",
    "- ",
    "-",
    "x",
    "x y",
    "1",
    "0x1f",
    "true",
    "no",
    "~",
    "null",
    "1.5",
    "'q'",
    "\"d\"",
    "'it''s'",
    "\"\\n\"",
    "'",
    "\"",
    "[]",
    "{}",
    "[a, 'b']",
    "{a: b}",
    "{\"a\":1}",
    "[",
    "]",
    "{",
    "}",
    ",",
    ", ",
    "# c",
    " # c",
    "#",
    " ",
    "  ",
    "\n",
    "\n",
    "\n",
    "\n  ",
    "\n  ",
    "\n    ",
    "\n\n",
    "\n- ",
    "\n  - ",
    "\na: ",
    "\nb: ",
    "\n  b: ",
    "\n  c:",
    "|",
    ">",
    "|-\n",
    ">-\n  ",
    "|2\n",
    "| # c\n",
    "---\n",
    "\n---\n",
    "--- ",
    "...\n",
    "&a ",
    "*a",
    "!t ",
    "<<: ",
    "\t",
    "é",
    "\u{a0}",
    "\u{85}",
    "\u{2028}",
    "\r\n",
    ": ",
    ":",
    "?",
    "? ",
    "%",
    "@",
    "`",
    "key: value\n",
    "  deep: value\n",
    "list:\n- one\n- two\n",
    "map:\n  a: 1\n  b: 2\n",
    "http://x",
    "a b c\n  d\n",
];

struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % limit as u64) as usize
    }

    fn piece(&mut self) -> &'static str {
        PIECES[self.below(PIECES.len())]
    }

    /// The text with a piece put in, or some of it taken out, here and there.
    fn broken(&mut self, text: &str) -> String {
        let mut text = text.to_owned();
        for _ in 0..=self.below(2) {
            let mut place = || text.floor_char_boundary(self.below(text.len() + 1));
            let (from, to) = (place(), place());
            if to > from && to - from < 12 {
                text.replace_range(from..to, "");
            } else {
                text.insert_str(from, self.piece());
            }
        }
        text
    }
}

#[test]
fn files_are_read_alike() {
    let texts = files(&root().join("examples"));
    let usual = texts.iter().filter(|text| compare(text)).count();
    assert!(usual * 10 > texts.len() * 8, "{usual} of {} files are written the usual way", texts.len());
}

#[test]
fn recorded_texts_are_read_alike() {
    let mut random = Random(11);
    for text in recorded() {
        compare(&text);
        for _ in 0..4 {
            compare(&random.broken(&text));
        }
    }
}

#[test]
fn broken_files_are_read_alike() {
    let mut random = Random(7);
    for text in files(&root().join("examples")) {
        for _ in 0..20 {
            compare(&random.broken(&text));
        }
    }
}

#[test]
fn texts_of_pieces_are_read_alike() {
    let mut random = Random(3);
    let mut usual = 0;
    for _ in 0..60_000 {
        let text: String = (0..random.below(9)).map(|_| random.piece()).collect();
        usual += usize::from(compare(&text));
    }
    assert!(usual > 4_000, "{usual} of them are written the usual way");
}
