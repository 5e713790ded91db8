//! Which URLs mean one repository (section 7.5 of the spec sheet on Argo CD).

/// The text by which Argo CD compares repository URLs: trimmed, in lower case, without `.git` at the
/// end, `git@host:path` as `git@host/path`, and `ssh://` taken off. Forms with `https` and `ssh` of
/// one repository stay different, and so does a final slash.
pub fn normalise(url: &str) -> String {
    let url = url.trim().to_lowercase();
    let ssh = is_ssh(&url);
    let mut url = if ssh && !url.starts_with("ssh://") { url.replacen(':', "/", 1) } else { url };
    if let Some(rest) = url.strip_suffix(".git") {
        url.truncate(rest.len());
    }
    url.strip_prefix("ssh://").map_or_else(|| url.clone(), str::to_owned)
}

/// `[ssh://]user@host…` without another `@`, and neither `/` nor `:` in the user.
fn is_ssh(url: &str) -> bool {
    let rest = url.strip_prefix("ssh://").unwrap_or(url);
    rest.split_once('@')
        .is_some_and(|(user, host)| !user.contains(['/', ':']) && !host.is_empty() && !host.contains('@'))
}

/// The last segment of a URL's path without `.git`: the name of the repository.
pub fn last_segment(url: &str) -> &str {
    let url = url.trim().trim_end_matches('/');
    let url = url.strip_suffix(".git").unwrap_or(url);
    url.rsplit(['/', ':']).next().unwrap_or(url)
}

/// The path of a URL without its scheme, user, host and port, in lower case and without `.git`: what
/// the `https` and `ssh` forms of one repository have in common.
pub fn path(url: &str) -> String {
    let url = normalise(url);
    let rest = url.split_once("://").map_or(url.as_str(), |(_, rest)| rest);
    rest.split_once('/').map_or("", |(_, path)| path).trim_matches('/').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_of_one_repository() {
        let same = |left: &str, right: &str| normalise(left) == normalise(right);
        assert!(same("git@github.com:Org/Repo.git", "ssh://git@github.com/org/repo"));
        assert!(same(" https://h/o/r.git ", "https://H/O/R"));
        assert!(!same("https://h/o/r", "git@h:o/r"));
        assert!(!same("https://h/o/r/", "https://h/o/r"));
        assert_eq!(last_segment("http://localhost:7990/scm/test/customer-configs.git"), "customer-configs");
        assert_eq!(last_segment("git@h:repo.git"), "repo");
        assert_eq!(path("git@h:o/r.git"), path("https://h/o/r"));
    }
}
