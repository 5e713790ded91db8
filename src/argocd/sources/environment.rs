//! The build environment and its substitution (spec sheet 7.9).

use std::sync::Arc;

/// What stands for a commit that no folder can know.
pub const UNKNOWN_COMMIT: &str = "<commit>";

/// The variables that Argo CD sets while it renders a source.
#[derive(Clone, Debug)]
pub(super) struct Environment {
    /// Name of the Application, with its namespace before it where that is not Argo CD's own.
    pub instance: Arc<str>,
    /// Namespace of the destination.
    pub namespace: Arc<str>,
    /// Project.
    pub project: Arc<str>,
    /// Commit of the source, if it is known.
    pub commit: Option<Arc<str>>,
    /// `repoURL` of the source.
    pub repo_url: Arc<str>,
    /// `path` of the source.
    pub path: Arc<str>,
    /// `targetRevision` of the source.
    pub target_revision: Arc<str>,
}

impl Environment {
    fn value(&self, name: &str) -> &str {
        let short = |length| {
            self.commit.as_deref().map_or(UNKNOWN_COMMIT, |commit| commit.get(..length).unwrap_or(commit))
        };
        match name {
            "$" => "$",
            "ARGOCD_APP_NAME" => &self.instance,
            "ARGOCD_APP_NAMESPACE" => &self.namespace,
            "ARGOCD_APP_PROJECT_NAME" => &self.project,
            "ARGOCD_APP_REVISION" => self.commit.as_deref().unwrap_or(UNKNOWN_COMMIT),
            "ARGOCD_APP_REVISION_SHORT" => short(7),
            "ARGOCD_APP_REVISION_SHORT_8" => short(8),
            "ARGOCD_APP_SOURCE_REPO_URL" => &self.repo_url,
            "ARGOCD_APP_SOURCE_PATH" => &self.path,
            "ARGOCD_APP_SOURCE_TARGET_REVISION" => &self.target_revision,
            _ => "",
        }
    }

    /// Go's `os.Expand` over these variables: `$NAME` and `${NAME}`, unknown ones are empty, `$$` is a
    /// dollar, `$1` and the like are swallowed, a dollar before anything else stays.
    pub fn substitute(&self, text: &str) -> String {
        let mut out = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(at) = rest.find('$') {
            out.push_str(&rest[..at]);
            rest = &rest[at + 1..];
            match name(rest) {
                Name::Of(name, length) => {
                    out.push_str(self.value(name));
                    rest = &rest[length..];
                }
                Name::Malformed(length) => rest = &rest[length..],
                Name::None => out.push('$'),
            }
        }
        out.push_str(rest);
        out
    }
}

enum Name<'a> {
    /// A name, and how many bytes after the dollar belong to it.
    Of(&'a str, usize),
    /// Bytes that are dropped.
    Malformed(usize),
    /// No name follows.
    None,
}

/// The name after a dollar.
fn name(rest: &str) -> Name<'_> {
    let bytes = rest.as_bytes();
    let special = |byte: u8| b"*#$@!?-".contains(&byte) || byte.is_ascii_digit();
    match bytes {
        [] => Name::None,
        [b'{', one, b'}', ..] if special(*one) => Name::Of(&rest[1..2], 3),
        [b'{', ..] => match rest.find('}') {
            Some(1) => Name::Malformed(2),
            Some(end) => Name::Of(&rest[1..end], end + 1),
            None => Name::Malformed(1),
        },
        [one, ..] if special(*one) => Name::Of(&rest[..1], 1),
        _ => {
            let length =
                bytes.iter().take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'_').count();
            if length == 0 { Name::None } else { Name::Of(&rest[..length], length) }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_are_substituted_as_go_does() {
        let environment = Environment {
            instance: "app".into(),
            namespace: "ns".into(),
            project: "default".into(),
            commit: None,
            repo_url: "u".into(),
            path: "p".into(),
            target_revision: "HEAD".into(),
        };
        for (text, expected) in [
            ("a/$ARGOCD_APP_NAME/b", "a/app/b"),
            ("${ARGOCD_APP_NAME}x", "appx"),
            ("$ARGOCD_APP_NAMEx", ""),
            ("$$x", "$x"),
            ("$1a", "a"),
            ("$-a", "a"),
            ("$.a", "$.a"),
            ("a$", "a$"),
            ("${}a", "a"),
            ("${a", "a"),
            ("${1}a", "a"),
            ("$ARGOCD_APP_REVISION_SHORT", "<commit>"),
            ("$é", "$é"),
        ] {
            assert_eq!(environment.substitute(text), expected, "{text}");
        }
    }
}
