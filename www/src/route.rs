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
    /// The layer of the shown source that the trace is about.
    pub layer: Option<usize>,
    /// The namespace that is looked into: its cluster and its name.
    pub namespace: Option<(String, String)>,
    /// The object in it: its kind, name and group.
    pub object: Option<[String; 3]>,
    /// The line of the manifests: position of its manifest, and its number there, from 1.
    pub line: Option<(usize, usize)>,
}

/// The views.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum View {
    /// The values of one Application.
    #[default]
    Explore,
    /// Its manifests.
    Manifests,
    /// How it comes about.
    Trace,
    /// What runs in which namespace of which cluster.
    Clusters,
    /// All problems.
    Problems,
    /// What changes under other rules.
    Changes,
    /// The sets, and what they ask for that no repository holds.
    Sets,
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
    /// Of manifests, the lines that the value reaches.
    Reached,
    /// Of manifests, the lines that were made up.
    MadeUp,
    /// Of the sets, fixtures to start from.
    Starter,
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

impl View {
    /// All of them.
    const ALL: [Self; 7] = [
        Self::Explore,
        Self::Manifests,
        Self::Trace,
        Self::Clusters,
        Self::Problems,
        Self::Changes,
        Self::Sets,
    ];

    fn name(self) -> &'static str {
        match self {
            Self::Explore => "explore",
            Self::Manifests => "manifests",
            Self::Trace => "trace",
            Self::Clusters => "clusters",
            Self::Problems => "problems",
            Self::Changes => "changes",
            Self::Sets => "sets",
        }
    }

    /// Whether it shows one Application.
    pub fn is_of_application(self) -> bool {
        matches!(self, Self::Explore | Self::Manifests | Self::Trace)
    }
}

impl Route {
    /// Reads a fragment, with or without its `#`. What it doesn't understand counts as not said.
    pub fn parse(fragment: &str) -> Self {
        let fragment = fragment.trim_start_matches('#');
        let (path, query) = fragment.split_once('?').unwrap_or((fragment, ""));
        let mut route = Self::default();
        let mut segments = path.trim_start_matches('/').splitn(2, '/');
        let view = segments.next().unwrap_or_default();
        route.view = View::ALL.into_iter().find(|known| known.name() == view).unwrap_or_default();
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
                "layer" => route.layer = value.parse().ok(),
                "cluster" => route.namespace.get_or_insert_default().0 = decode(value),
                "namespace" => route.namespace.get_or_insert_default().1 = decode(value),
                "object" => route.object = object(value),
                "line" => route.line = line(value),
                _ => {}
            }
        }
        route.application = name.map(|name| (set, name));
        route
    }

    /// The fragment with its `#`.
    pub fn href(&self) -> String {
        let mut text = format!("#/{}", self.view.name());
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
        if let Some(layer) = self.layer {
            query.push(("layer", layer.to_string()));
        }
        if let Some((cluster, namespace)) = &self.namespace {
            query.push(("cluster", encode(cluster)));
            query.push(("namespace", encode(namespace)));
        }
        if let Some(object) = &self.object {
            let parts = object.each_ref().map(|part| utf8_percent_encode(part, ESCAPED_NAME).to_string());
            query.push(("object", parts.join("/")));
        }
        if let Some((manifest, line)) = self.line {
            query.push(("line", format!("{manifest}.{line}")));
        }
        for (at, (name, value)) in query.iter().enumerate() {
            let _ = write!(text, "{}{name}={value}", if at == 0 { '?' } else { '&' });
        }
        text
    }

    /// The same view of another Application, its values where it is none of an Application; the chosen key
    /// stays, since it is what people compare.
    #[must_use]
    pub fn with_application(&self, set: &str, name: &str) -> Self {
        Self {
            view: if self.view.is_of_application() { self.view } else { View::Explore },
            application: Some((set.to_owned(), name.to_owned())),
            source: 0,
            environment: None,
            file: None,
            problem: None,
            with: None,
            layer: None,
            namespace: None,
            object: None,
            ..self.clone()
        }
    }

    /// Another view of the same Application, with nothing left out.
    #[must_use]
    pub fn with_view(&self, view: View) -> Self {
        Self {
            view,
            show: Show::All,
            filter: String::new(),
            file: None,
            problem: None,
            layer: None,
            namespace: None,
            object: None,
            line: None,
            ..self.clone()
        }
    }

    /// A line of the manifests, or none.
    #[must_use]
    pub fn with_line(&self, line: Option<(usize, usize)>) -> Self {
        Self { line, ..self.clone() }
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
    /// Those of values, in the order of the buttons.
    pub const OF_VALUES: [Self; 5] = [Self::All, Self::Overridden, Self::Removed, Self::Problems, Self::Yaml];
    /// Those of manifests.
    const OF_MANIFESTS: [Self; 2] = [Self::Reached, Self::MadeUp];
    /// Those of the sets.
    const OF_SETS: [Self; 1] = [Self::Starter];

    fn name(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Overridden => "overridden",
            Self::Removed => "removed",
            Self::Problems => "problems",
            Self::Yaml => "yaml",
            Self::Reached => "reached",
            Self::MadeUp => "made-up",
            Self::Starter => "starter",
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
            Self::Reached => "Reached",
            Self::MadeUp => "Made up",
            Self::Starter => "Starter fixtures",
        }
    }

    fn parse(name: &str) -> Self {
        let mut all = Self::OF_VALUES.into_iter().chain(Self::OF_MANIFESTS).chain(Self::OF_SETS);
        all.find(|show| show.name() == name).unwrap_or_default()
    }
}

impl FileAt {
    fn parse(text: &str) -> Option<Self> {
        let (repository, rest) = text.split_once(':')?;
        let (path, line) = rest.rsplit_once(':')?;
        Some(Self { repository: repository.to_owned(), path: path.to_owned(), line: line.parse().ok()? })
    }
}

fn line(text: &str) -> Option<(usize, usize)> {
    let (manifest, line) = text.split_once('.')?;
    Some((manifest.parse().ok()?, line.parse().ok()?))
}

/// Kind, name and group.
fn object(text: &str) -> Option<[String; 3]> {
    let parts: Vec<String> = text.split('/').map(decode).collect();
    parts.try_into().ok()
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
            layer: Some(3),
            namespace: Some(("https://cluster/a?b".into(), String::new())),
            object: Some(["Deployment".into(), "a/b".into(), String::new()]),
            line: Some((3, 12)),
        };
        assert_eq!(Route::parse(&route.href()), route);
        for view in View::ALL {
            assert_eq!(Route::parse(&Route { view, ..Route::default() }.href()).view, view);
        }
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
        for fragment in
            ["", "#", "#/", "#/nowhere?x", "#?key", "#/explore?source=-1&file=x&problem=y&show=z&line=1"]
        {
            assert_eq!(Route::parse(fragment), Route::default(), "{fragment}");
        }
    }
}
