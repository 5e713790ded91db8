//! From what a value file is called to where it is (spec sheet 7.4).

use crate::repository::{Found, Tree};

/// Links that are followed at the end of a path.
const MOST_LINKS: usize = 10;

/// A path that is joined and cleaned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Clean {
    /// Inside the repository; empty for its root.
    Inside(String),
    /// Above its root.
    Outside,
}

/// Joins `path` to the folder `base` of a repository and cleans it as Go's `filepath.Join` does.
pub(super) fn join(base: &str, path: &str) -> Clean {
    let mut joined = String::with_capacity(base.len() + 1 + path.len());
    // How many folders above the root the path stands.
    let mut above = 0_usize;
    for part in base.split('/').chain(path.split('/')) {
        match part {
            "" | "." => {}
            ".." if joined.is_empty() => above += 1,
            ".." => joined.truncate(joined.rfind('/').unwrap_or(0)),
            part => {
                if !joined.is_empty() {
                    joined.push('/');
                }
                joined.push_str(part);
            }
        }
    }
    if above > 0 { Clean::Outside } else { Clean::Inside(joined) }
}

/// What a path came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Resolved {
    /// A path in the repository (there may be nothing).
    Local(String),
    /// A URL that Helm would fetch.
    Remote(String),
}

/// Resolves a path that may be a URL: relative to `folder`, or to the root with a leading slash. A link
/// at its end is followed.
///
/// # Errors
/// In Argo CD's words.
pub(super) fn resolve(tree: &Tree, folder: &str, path: &str, schemes: &[String]) -> Result<Resolved, String> {
    if let Some(scheme) = url_scheme(path) {
        if schemes.iter().any(|allowed| allowed.eq_ignore_ascii_case(&scheme)) {
            return Ok(Resolved::Remote(path.to_owned()));
        }
        return Err(format!("the URL scheme '{scheme}' is not allowed"));
    }
    const INTERNAL: &str = "internal error: failed to resolve path. Check logs for more details";
    let outside = || format!("file '{path}' resolved to outside repository root");
    let base = if path.starts_with('/') { "" } else { folder };
    let Clean::Inside(mut found) = join(base, path) else { return Err(outside()) };
    let mut links = 0;
    while let Some(target) = tree.read_link(&found) {
        if links == MOST_LINKS {
            return Err(INTERNAL.to_owned());
        }
        links += 1;
        let parent = found.rsplit_once('/').map_or("", |(parent, _)| parent);
        let joined = if target.starts_with('/') { Clean::Outside } else { join(parent, target) };
        let Clean::Inside(next) = joined else { return Err(outside()) };
        found = next;
    }
    if found.is_empty() { Err(INTERNAL.to_owned()) } else { Ok(Resolved::Local(found)) }
}

/// Whether nothing is at a path because a file stands where a folder would have to: that is another
/// error than a missing file, and none that `ignoreMissingValueFiles` forgives.
pub(super) fn is_below_file(tree: &Tree, path: &str) -> bool {
    let mut folders = path.rmatch_indices('/').map(|(at, _)| &path[..at]);
    if !tree.has_links() {
        return folders.any(|folder| tree.get(folder).is_some());
    }
    folders.any(|folder| matches!(tree.find(folder), Found::File(_)))
}

/// The scheme of a text that Go's `url.Parse` takes for a URL, in lower case.
pub(super) fn url_scheme(text: &str) -> Option<String> {
    if text.bytes().any(|byte| byte < b' ' || byte == 0x7f) {
        return None;
    }
    let (text, fragment) = text.split_once('#').unwrap_or((text, ""));
    let (scheme, rest) = text.split_once(':')?;
    let plain = scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte));
    if !plain
        || !scheme.starts_with(|first: char| first.is_ascii_alphabetic())
        || !escapes_are_valid(fragment)
    {
        return None;
    }
    let path = rest.split_once('?').map_or(rest, |(path, _)| path);
    let valid = match path.strip_prefix("//") {
        Some(authority) => {
            let (host, path) = authority.split_at(authority.find('/').unwrap_or(authority.len()));
            authority_is_valid(host) && escapes_are_valid(path)
        }
        // What does not start with a slash is not looked into.
        None => !path.starts_with('/') || escapes_are_valid(path),
    };
    valid.then(|| scheme.to_ascii_lowercase())
}

fn escapes_are_valid(text: &str) -> bool {
    text.split('%').skip(1).all(|after| {
        let bytes = after.as_bytes();
        bytes.len() >= 2 && bytes[..2].iter().all(u8::is_ascii_hexdigit)
    })
}

fn authority_is_valid(authority: &str) -> bool {
    let (user, host) = authority.rsplit_once('@').unwrap_or(("", authority));
    let in_user = |byte: u8| byte.is_ascii_alphanumeric() || b"-._:~!$&'()*+,;=%@".contains(&byte);
    let in_host =
        |byte: u8| byte >= 0x80 || byte.is_ascii_alphanumeric() || b"-_.~!$&'()*+,;=:[]<>\"".contains(&byte);
    let port = match host.rsplit_once(']') {
        Some((_, after)) => after,
        None => host.find(':').map_or("", |at| &host[at..]),
    };
    let digits =
        port.strip_prefix(':').map_or(port.is_empty(), |port| port.bytes().all(|b| b.is_ascii_digit()));
    user.bytes().all(in_user) && host.bytes().all(in_host) && digits
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn schemes_are_found_as_go_finds_them() {
        for (text, expected) in [
            ("values.yaml", None),
            ("a/b:c.yaml", None),
            ("a:b.yaml", Some("a")),
            ("HTTPS://h/x", Some("https")),
            ("https://h/%zz", None),
            ("https://h h/x", None),
            ("https://h:80a/x", None),
            ("file:///etc/passwd", Some("file")),
            ("secrets+age://x?y", Some("secrets+age")),
            ("1a:b", None),
            (":a", None),
        ] {
            assert_eq!(url_scheme(text).as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn paths_are_cleaned_without_following() {
        for (base, path, expected) in [
            ("a/b", "../c", Some("a/c")),
            ("a", "../../x", None),
            ("a", "../../x/../..", None),
            ("", "/x//y/.", Some("x/y")),
            ("a", "", Some("a")),
        ] {
            let expected = expected.map_or(Clean::Outside, |path| Clean::Inside(path.to_owned()));
            assert_eq!(join(base, path), expected, "{base} {path}");
        }
    }
}
