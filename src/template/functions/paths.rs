//! Paths (Go's `path` and, on Linux the same, `path/filepath`).

use super::Function;
use super::strings::bytes;
use crate::template::types::Type;
use crate::template::value::Value;

const STRING: Type = Type::String;

/// Sprig's functions of paths.
pub const TABLE: &[Function] = &[
    Function::new("base", &[STRING], |_, a| Ok(base(bytes(&a[0])).into())),
    Function::new("osBase", &[STRING], |_, a| Ok(base(bytes(&a[0])).into())),
    Function::new("dir", &[STRING], |_, a| Ok(directory(bytes(&a[0])).into())),
    Function::new("osDir", &[STRING], |_, a| Ok(directory(bytes(&a[0])).into())),
    Function::new("clean", &[STRING], |_, a| Ok(clean(bytes(&a[0])).into())),
    Function::new("osClean", &[STRING], |_, a| Ok(clean(bytes(&a[0])).into())),
    Function::new("ext", &[STRING], |_, a| Ok(extension(bytes(&a[0])).into())),
    Function::new("osExt", &[STRING], |_, a| Ok(extension(bytes(&a[0])).into())),
    Function::new("isAbs", &[STRING], |_, a| Ok(Value::from(bytes(&a[0]).starts_with(b"/")))),
    Function::new("osIsAbs", &[STRING], |_, a| Ok(Value::from(bytes(&a[0]).starts_with(b"/")))),
];

/// What follows the last slash.
fn last_element(path: &[u8]) -> usize {
    path.iter().rposition(|&byte| byte == b'/').map_or(0, |at| at + 1)
}

/// The last element, without slashes at the end; `.` of nothing, `/` of slashes.
fn base(path: &[u8]) -> &[u8] {
    if path.is_empty() {
        return b".";
    }
    let end = path.iter().rposition(|&byte| byte != b'/').map_or(0, |at| at + 1);
    match &path[..end] {
        b"" => b"/",
        path => &path[last_element(path)..],
    }
}

/// All but the last element, cleaned.
fn directory(path: &[u8]) -> Vec<u8> {
    clean(&path[..last_element(path)])
}

/// From the last point of the last element on.
fn extension(path: &[u8]) -> &[u8] {
    let name = &path[last_element(path)..];
    name.iter().rposition(|&byte| byte == b'.').map_or(b"", |at| &name[at..])
}

/// The shortest path that means the same: without `.`, inner `..` and doubled slashes.
pub fn clean(path: &[u8]) -> Vec<u8> {
    let rooted = path.starts_with(b"/");
    let mut kept: Vec<&[u8]> = Vec::new();
    for element in path.split(|&byte| byte == b'/') {
        match element {
            b"" | b"." => {}
            b".." => match kept.last() {
                Some(&last) if last != b".." => {
                    kept.pop();
                }
                _ if rooted => {}
                _ => kept.push(element),
            },
            _ => kept.push(element),
        }
    }
    let cleaned = kept.join(&b'/');
    match (rooted, cleaned.is_empty()) {
        (true, _) => [b"/", &cleaned[..]].concat(),
        (false, true) => b".".to_vec(),
        (false, false) => cleaned,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_cleaned_as_in_go() {
        for (path, cleaned, directory_of) in [
            ("", ".", "."),
            ("/a/b/../c.tar.gz", "/a/c.tar.gz", "/a"),
            ("../../a/./b//", "../../a/b", "../../a/b"),
            ("/../a", "/a", "/"),
            ("a/..", ".", "a"),
        ] {
            assert_eq!(clean(path.as_bytes()), cleaned.as_bytes());
            assert_eq!(directory(path.as_bytes()), directory_of.as_bytes());
        }
        assert_eq!(base(b"a/b//"), b"b");
        assert_eq!(base(b"//"), b"/");
        assert_eq!(extension(b"a.b/c.tar.gz"), b".gz");
    }
}
