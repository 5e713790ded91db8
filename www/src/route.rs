//! What the page shows, as the fragment of its URL: a link to it shows a colleague with the same files
//! the same thing.
//!
//! `#/explore/customer-01-product-a-prod?set=product-environments&key=image.tag&show=overridden`

use percent_encoding::{AsciiSet, CONTROLS, percent_decode_str, utf8_percent_encode};
use std::fmt::Write as _;

/// What the page shows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Route {
    /// Which of its views.
    pub view: View,
    /// The Application, by the name of its set (empty for a hand-written one) and its own.
    pub application: Option<(String, String)>,
    /// Place of the source among those that render.
    pub source: usize,
    /// The value: keys and list positions from the root.
    pub key: Option<Vec<String>>,
    /// Which values.
    pub show: Show,
    /// Only what holds this text.
    pub filter: String,
    /// The environment of the list, where it isn't the Application's.
    pub environment: Option<String>,
    /// The file in the viewer.
    pub file: Option<FileAt>,
    /// The problem in the list of problems, by its position.
    pub problem: Option<usize>,
    /// The profile that the rules that apply are compared with.
    pub with: Option<String>,
}

/// The views.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum View {
    /// The values of one Application.
    #[default]
    Explore,
    /// All problems.
    Problems,
    /// What changes under other rules.
    Changes,
}

/// Which values are shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Show {
    /// All of them.
    #[default]
    All,
    /// Those that more than one layer wrote.
    Overridden,
    /// Those that a null removed.
    Removed,
    /// Those that a finding blames.
    Problems,
    /// The text that Helm gets.
    Yaml,
}

/// A line of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileAt {
    /// Its repository.
    pub repository: String,
    /// Its path.
    pub path: String,
    /// The line, from 1.
    pub line: u32,
}

/// What a fragment may not hold as it is: what browsers would encode, and our own marks.
const ESCAPED: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'%')
    .add(b'&')
    .add(b'+')
    .add(b'<')
    .add(b'=')
    .add(b'>')
    .add(b'?')
    .add(b'`');
const ESCAPED_NAME: &AsciiSet = &ESCAPED.add(b'/');
const ESCAPED_KEY: &AsciiSet = &ESCAPED.add(b'.');

impl Route {
    /// Reads a fragment, with or without its `#`. What it doesn't understand counts as not said.
    pub fn parse(fragment: &str) -> Self {
        let fragment = fragment.trim_start_matches('#');
        let (path, query) = fragment.split_once('?').unwrap_or((fragment, ""));
        let mut route = Self::default();
        let mut segments = path.trim_start_matches('/').splitn(2, '/');
        route.view = match segments.next() {
            Some("problems") => View::Problems,
            Some("changes") => View::Changes,
            _ => View::Explore,
        };
        let name = segments.next().map(decode).filter(|name| !name.is_empty());
        let mut set = String::new();
        for (name, value) in query.split('&').filter_map(|pair| pair.split_once('=')) {
            match name {
                "set" => set = decode(value),
                "source" => route.source = value.parse().unwrap_or_default(),
                "key" => route.key = Some(value.split('.').map(decode).collect()),
                "show" => route.show = Show::parse(value),
                "filter" => route.filter = decode(value),
                "environment" => route.environment = Some(decode(value)),
                "file" => route.file = FileAt::parse(&decode(value)),
                "problem" => route.problem = value.parse().ok(),
                "with" => route.with = Some(decode(value)),
                _ => {}
            }
        }
        route.application = name.map(|name| (set, name));
        route
    }

    /// The fragment with its `#`.
    pub fn href(&self) -> String {
        let mut text = String::from(match self.view {
            View::Explore => "#/explore",
            View::Problems => "#/problems",
            View::Changes => "#/changes",
        });
        let mut query: Vec<(&str, String)> = Vec::new();
        if let Some((set, name)) = &self.application {
            let _ = write!(text, "/{}", utf8_percent_encode(name, ESCAPED_NAME));
            if !set.is_empty() {
                query.push(("set", encode(set)));
            }
        }
        if self.source > 0 {
            query.push(("source", self.source.to_string()));
        }
        if let Some(key) = &self.key {
            let segments: Vec<String> =
                key.iter().map(|part| utf8_percent_encode(part, ESCAPED_KEY).to_string()).collect();
            query.push(("key", segments.join(".")));
        }
        if self.show != Show::All {
            query.push(("show", self.show.name().to_owned()));
        }
        if !self.filter.is_empty() {
            query.push(("filter", encode(&self.filter)));
        }
        if let Some(environment) = &self.environment {
            query.push(("environment", encode(environment)));
        }
        if let Some(file) = &self.file {
            query.push(("file", encode(&format!("{}:{}:{}", file.repository, file.path, file.line))));
        }
        if let Some(problem) = self.problem {
            query.push(("problem", problem.to_string()));
        }
        if let Some(with) = &self.with {
            query.push(("with", encode(with)));
        }
        for (at, (name, value)) in query.iter().enumerate() {
            let _ = write!(text, "{}{name}={value}", if at == 0 { '?' } else { '&' });
        }
        text
    }

    /// The same view of another Application; the chosen key stays, since it is what people compare.
    #[must_use]
    pub fn with_application(&self, set: &str, name: &str) -> Self {
        Self {
            view: View::Explore,
            application: Some((set.to_owned(), name.to_owned())),
            source: 0,
            environment: None,
            file: None,
            problem: None,
            with: None,
            ..self.clone()
        }
    }

    /// The same view with another value chosen.
    #[must_use]
    pub fn with_key(&self, key: Option<Vec<String>>) -> Self {
        Self { key, ..self.clone() }
    }

    /// The same view with a file in the viewer.
    #[must_use]
    pub fn with_file(&self, file: Option<FileAt>) -> Self {
        Self { file, ..self.clone() }
    }
}

impl Show {
    /// All of them, in the order of the buttons.
    pub const ALL: [Self; 5] = [Self::All, Self::Overridden, Self::Removed, Self::Problems, Self::Yaml];

    fn name(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Overridden => "overridden",
            Self::Removed => "removed",
            Self::Problems => "problems",
            Self::Yaml => "yaml",
        }
    }

    /// What the button says.
    pub fn label(self) -> &'static str {
        match self {
            Self::All => "All",
            Self::Overridden => "Overridden",
            Self::Removed => "Removed",
            Self::Problems => "Problems",
            Self::Yaml => "YAML",
        }
    }

    fn parse(name: &str) -> Self {
        Self::ALL.into_iter().find(|show| show.name() == name).unwrap_or_default()
    }
}

impl FileAt {
    fn parse(text: &str) -> Option<Self> {
        let (repository, rest) = text.split_once(':')?;
        let (path, line) = rest.rsplit_once(':')?;
        Some(Self { repository: repository.to_owned(), path: path.to_owned(), line: line.parse().ok()? })
    }
}

fn encode(text: &str) -> String {
    utf8_percent_encode(text, ESCAPED).to_string()
}

fn decode(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_state_survives_its_url() {
        let route = Route {
            view: View::Explore,
            application: Some(("set & co".into(), "customer/01 ü".into())),
            source: 2,
            key: Some(vec!["nodeSelector".into(), "kubernetes.io/arch=x".into(), "0".into(), String::new()]),
            show: Show::Problems,
            filter: "a+b%#?".into(),
            environment: Some("prod".into()),
            file: Some(FileAt { repository: "configs".into(), path: "a b/c:d.yaml".into(), line: 7 }),
            problem: Some(3),
            with: Some("argocd-3.4".into()),
        };
        assert_eq!(Route::parse(&route.href()), route);
        assert_eq!(Route::parse(&Route::default().href()), Route::default());
    }

    #[test]
    fn a_link_reads_like_a_sentence() {
        let route = Route::default()
            .with_application("product-environments", "customer-01-product-a-prod")
            .with_key(Some(vec!["resources".into(), "requests".into(), "cpu".into()]));
        assert_eq!(
            route.href(),
            "#/explore/customer-01-product-a-prod?set=product-environments&key=resources.requests.cpu"
        );
    }

    #[test]
    fn nonsense_is_the_start_page() {
        for fragment in ["", "#", "#/", "#/nowhere?x", "#?key", "#/explore?source=-1&file=x&problem=y&show=z"]
        {
            assert_eq!(Route::parse(fragment), Route::default(), "{fragment}");
        }
    }
}
