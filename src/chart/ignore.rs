//! `.helmignore`: which files of a chart's folder Helm does not load.

use crate::repository::glob::PathMatch;

/// The rules of a chart's folder.
pub(super) struct Ignore {
    rules: Vec<Rule>,
}

struct Rule {
    pattern: PathMatch,
    /// `!`: what does *not* match is ignored.
    negated: bool,
    directories_only: bool,
    /// Without a `/` inside, a rule looks at the last segment alone.
    whole_path: bool,
}

impl Ignore {
    /// The rules of a file, and Helm's own one on hidden files of `templates/`.
    ///
    /// # Errors
    /// A malformed rule, in Helm's words.
    pub(super) fn read(text: &str) -> Result<Self, String> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
        let rules = lines.chain(["templates/.?*"]).map(rule).collect::<Result<_, _>>()?;
        Ok(Self { rules })
    }

    /// Whether a file is ignored, or a folder on the way to it.
    pub(super) fn covers(&self, path: &str) -> bool {
        self.covers_folder_of(path) || self.ignores(path, false)
    }

    /// Whether a folder on the way to a file is ignored.
    pub(super) fn covers_folder_of(&self, path: &str) -> bool {
        let mut folders = path.match_indices('/').map(|(at, _)| &path[..at]);
        folders.any(|folder| self.ignores(folder, true))
    }

    fn ignores(&self, path: &str, is_directory: bool) -> bool {
        self.rules.iter().any(|rule| {
            let fits = !rule.directories_only || is_directory;
            let name = if rule.whole_path { path } else { path.rsplit('/').next().unwrap_or(path) };
            if rule.negated {
                !fits || !rule.pattern.matches(name)
            } else {
                fits && rule.pattern.matches(name)
            }
        })
    }
}

fn rule(line: &str) -> Result<Rule, String> {
    if line.contains("**") {
        return Err("double-star (**) syntax is not supported".to_owned());
    }
    PathMatch::new(line).map_err(|bad| bad.to_string())?;
    let (negated, line) = line.strip_prefix('!').map_or((false, line), |rest| (true, rest));
    let (directories_only, line) = line.strip_suffix('/').map_or((false, line), |rest| (true, rest));
    let whole_path = line.contains('/');
    let pattern = PathMatch::new(line.strip_prefix('/').unwrap_or(line)).map_err(|bad| bad.to_string())?;
    Ok(Rule { pattern, negated, directories_only, whole_path })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_look_at_names_paths_and_folders() {
        let ignore =
            Ignore::read("# docs\n*.bak\n/top\nsub/*.txt\nci/\n").expect("the rules are well formed");
        for path in ["a.bak", "x/a.bak", "top", "top/a", "sub/a.txt", "ci/x", "x/ci/y", "templates/.hidden"] {
            assert!(ignore.covers(path), "{path}");
        }
        for path in ["x/top", "sub/x/a.txt", "ci", "templates/a.yaml", ".hidden"] {
            assert!(!ignore.covers(path), "{path}");
        }
    }

    #[test]
    fn a_negated_rule_ignores_everything_else() {
        let ignore = Ignore::read("!keep.bak\n").expect("the rule is well formed");
        assert!(ignore.covers("Chart.yaml") && !ignore.covers("keep.bak"));
    }
}
