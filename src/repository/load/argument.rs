//! What the command line takes as a place to load from.

use super::Target;

/// `PATH`, `URL=PATH` or `URL#REVISION=PATH`.
#[derive(Clone, Debug)]
pub struct Argument {
    /// Where the files are.
    pub path: String,
    /// Which repository they are.
    pub target: Target,
}

impl Argument {
    /// Reads an argument. What stands before the first `=` counts as a URL only if it looks like
    /// one (`scheme://…` or `user@host:…`), so that paths may hold `=`.
    pub fn parse(text: &str) -> Self {
        let url = text.split_once('=').filter(|(url, _)| looks_like_url(url));
        let Some((url, path)) = url else {
            return Self { path: text.to_owned(), target: Target::Find };
        };
        let (url, revision) = url.split_once('#').unwrap_or((url, ""));
        let target = Target::Repository { url: url.to_owned(), revision: revision.to_owned() };
        Self { path: path.to_owned(), target }
    }
}

fn looks_like_url(text: &str) -> bool {
    let scheme = text.split_once("://").is_some_and(|(scheme, rest)| {
        !rest.is_empty()
            && scheme.starts_with(|c: char| c.is_ascii_alphabetic())
            && scheme.chars().all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c))
    });
    let host_and_path = text.split_once('@').and_then(|(user, rest)| {
        (!user.is_empty() && !user.contains('/')).then_some(rest).and_then(|rest| rest.split_once(':'))
    });
    scheme || host_and_path.is_some_and(|(host, _)| !host.is_empty() && !host.contains('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments() {
        for (text, expected) in [
            ("folder", ("folder", None)),
            ("a=b/c", ("a=b/c", None)),
            ("https://h/o/r.git=here", ("here", Some(("https://h/o/r.git", "")))),
            ("https://h/r.git#feature/x=/a=b", ("/a=b", Some(("https://h/r.git", "feature/x")))),
            ("git@h:o/r.git#v1=x", ("x", Some(("git@h:o/r.git", "v1")))),
            ("me@home/a=b", ("me@home/a=b", None)),
        ] {
            let argument = Argument::parse(text);
            let target = match &argument.target {
                Target::Find => None,
                Target::Repository { url, revision } => Some((url.as_str(), revision.as_str())),
            };
            assert_eq!((argument.path.as_str(), target), expected, "{text}");
        }
    }
}
