//! Pasted text that holds several files.

/// Splits a text at lines `# path: a/b.yaml`, each of which starts the file of that path. Text before
/// the first such line has no path. A `---` that only separates two files belongs to neither.
pub(super) fn split(text: &str) -> Vec<(Option<String>, String)> {
    let mut files: Vec<(Option<String>, String)> = Vec::new();
    let mut path = None;
    let mut own = String::new();
    let mut flush = |path: Option<String>, own: &str, next: bool| {
        let body = if next { without_last_separator(own) } else { own };
        if path.is_some() || !body.trim().is_empty() {
            files.push((path, body.to_owned()));
        }
    };
    for line in text.split_inclusive('\n') {
        if let Some(next) = path_of(line) {
            flush(path.take(), &own, true);
            own.clear();
            path = Some(next);
        } else {
            own.push_str(line);
        }
    }
    flush(path, &own, false);
    files
}

fn path_of(line: &str) -> Option<String> {
    let comment = line.trim().strip_prefix('#')?.trim_start();
    let path = comment.strip_prefix("path:")?.trim().trim_matches(['"', '\'']);
    (!path.is_empty()).then(|| path.to_owned())
}

fn without_last_separator(text: &str) -> &str {
    let trimmed = text.trim_end();
    match trimmed.strip_suffix("---") {
        Some(rest) if rest.is_empty() || rest.ends_with('\n') => rest,
        _ => text,
    }
}
