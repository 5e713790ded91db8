//! What the benches of `yaml` and `memory` read.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use strata::source::File;
use strata::yaml;

/// Every YAML file of the example platform, or of the folder that `STRATA_FLEET` names, that both readers
/// accept.
pub fn files() -> Vec<Arc<File>> {
    let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/platform");
    let mut open = vec![std::env::var_os("STRATA_FLEET").map_or(example, PathBuf::from)];
    let mut files = Vec::new();
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(&folder).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|extension| extension == "yaml")
                && let Ok(text) = std::fs::read_to_string(&path)
            {
                let file = File::new("", path.display().to_string(), text);
                let both = serde_yaml::from_str::<serde_yaml::Value>(&file.text).is_ok();
                if both && yaml::read(&file).is_ok() {
                    files.push(file);
                }
            }
        }
    }
    files
}

/// The files' contents as one document, each file under a key of its own.
pub fn one_file() -> Arc<File> {
    let mut text = String::new();
    for (at, file) in files().iter().enumerate() {
        text.push_str(&format!("file{at}:\n"));
        for line in file.text.lines().filter(|line| !line.starts_with("---")) {
            text.push_str(&format!("  {line}\n"));
        }
    }
    File::new("", "all.yaml", text)
}

/// Bytes of all texts.
pub fn total(files: &[Arc<File>]) -> usize {
    files.iter().map(|file| file.text.len()).sum()
}
