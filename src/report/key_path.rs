//! Keys as people write them: `resources.requests.cpu`, `env[0].name`, `labels["a.b/c"]`, `a\.b`.

/// Splits a written path into keys and list positions.
///
/// # Errors
/// When a bracket or quote is not closed or a step is empty; one sentence about it.
pub fn parse(text: &str) -> Result<Vec<String>, String> {
    let mut names = Vec::new();
    let mut name = String::new();
    let mut pending = true;
    let mut rest = text;
    while let Some(next) = rest.chars().next() {
        rest = &rest[next.len_utf8()..];
        match next {
            '\\' => {
                let escaped = rest.chars().next().ok_or_else(|| format!("`{text}` ends with a backslash"))?;
                rest = &rest[escaped.len_utf8()..];
                name.push(escaped);
                pending = true;
            }
            '.' => {
                if pending {
                    close(&mut names, &mut name, text)?;
                }
                pending = true;
            }
            '[' => {
                if !name.is_empty() {
                    close(&mut names, &mut name, text)?;
                }
                let (inner, after) = bracket(rest, text)?;
                names.push(inner);
                rest = after;
                pending = false;
            }
            other => {
                name.push(other);
                pending = true;
            }
        }
    }
    if pending {
        close(&mut names, &mut name, text)?;
    }
    Ok(names)
}

fn close(names: &mut Vec<String>, name: &mut String, text: &str) -> Result<(), String> {
    if name.is_empty() {
        return Err(format!("`{text}` has an empty step"));
    }
    names.push(std::mem::take(name));
    Ok(())
}

/// What stands in brackets, quoted or not, and what follows them.
fn bracket<'a>(rest: &'a str, text: &str) -> Result<(String, &'a str), String> {
    let unclosed = || format!("`{text}` has a bracket that is not closed");
    for quote in ['"', '\''] {
        if let Some(inner) = rest.strip_prefix(quote) {
            let (inner, after) = inner.split_once(quote).ok_or_else(unclosed)?;
            return Ok((inner.to_owned(), after.strip_prefix(']').ok_or_else(unclosed)?));
        }
    }
    let (inner, after) = rest.split_once(']').ok_or_else(unclosed)?;
    Ok((inner.to_owned(), after))
}

/// A path as people write it, so that [`parse`] reads it back.
pub fn print(path: &[String]) -> String {
    let mut text = String::new();
    for name in path {
        let plain = !name.is_empty() && !name.contains(['.', '[', ']', '\\', '"']);
        match (plain, text.is_empty()) {
            (true, true) => text.push_str(name),
            (true, false) => {
                text.push('.');
                text.push_str(name);
            }
            (false, _) => {
                let quote = if name.contains('"') { '\'' } else { '"' };
                text.push_str(&format!("[{quote}{name}{quote}]"));
            }
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_read_as_people_write_them() {
        for (text, names) in [
            ("replicaCount", vec!["replicaCount"]),
            ("resources.requests.cpu", vec!["resources", "requests", "cpu"]),
            ("env[0].name", vec!["env", "0", "name"]),
            ("env.0.name", vec!["env", "0", "name"]),
            (r"labels.app\.kubernetes\.io/name", vec!["labels", "app.kubernetes.io/name"]),
            (r#"labels["app.kubernetes.io/name"].x"#, vec!["labels", "app.kubernetes.io/name", "x"]),
        ] {
            assert_eq!(parse(text), Ok(names.iter().map(|&name| name.to_owned()).collect()), "{text}");
        }
    }

    #[test]
    fn what_is_printed_is_read_back() {
        for path in [vec!["a", "0", "b.c"], vec!["say \"x\"", "y"], vec!["a[1]"]] {
            let path: Vec<String> = path.iter().map(|&name| name.to_owned()).collect();
            assert_eq!(parse(&print(&path)), Ok(path));
        }
    }

    #[test]
    fn a_broken_path_says_what_is_wrong() {
        assert!(parse("a..b").is_err());
        assert!(parse("a[0").is_err());
        assert!(parse("a[\"b]").is_err());
        assert!(parse("").is_err());
    }
}
