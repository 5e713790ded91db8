//! A key is set that nothing reads.
//!
//! A key that is neither in the chart's defaults nor mentioned by a template, a condition or another
//! value has no effect; most often it is misspelled.
//!
//! ```yaml
//! # prod.yaml
//! replicaCout: 5    # the chart has replicaCount
//! ```
//!
//! What templates read is told by their text, not by running them: `.Values.a.b` reads `a.b` and all
//! below it, `index .Values "a" "b"` the same, and a template that hands on `.Values` as a whole may read
//! anything, so that nothing is told.

use super::{Finding, Subject, Written, words};
use crate::chart::{Chart, Values};
use crate::diagnostic::Diagnostic;
use crate::merge::{Said, Step};
use std::collections::BTreeSet;

/// The code of the finding.
pub const CODE: &str = "lint-unused-key";

/// Finds keys of users' layers that are unknown to the chart. Of a map that is unknown as a whole only the
/// map is told.
pub fn check(subject: &Subject<'_>, reads: &Reads) -> Vec<Finding> {
    let mut findings: Vec<Finding> = Vec::new();
    let mut suspects =
        subject.paths.iter().filter(|written| written.is_users() && !written.is_default()).peekable();
    if suspects.peek().is_none() {
        return findings;
    }
    let Some(read) = reads.with_values(subject) else { return findings };
    let mut told: Vec<&[Step]> = Vec::new();
    for written in suspects {
        let path = written.path.as_slice();
        if told.iter().any(|above| path.starts_with(above))
            || in_free_map(subject, path)
            || read.reads(subject.values, path)
        {
            continue;
        }
        let explanation = subject.explain(written);
        let Some(write) = explanation.writes.iter().rev().find(|write| write.layer.as_user().is_some())
        else {
            continue;
        };
        told.push(path);
        let message = format!("{}: nothing reads this key", words(path));
        let mut diagnostic = Diagnostic::warning(CODE, message)
            .hint("the chart has no default for it, and no template mentions it: check the spelling");
        if let Some(near) = neighbour(subject, path) {
            diagnostic = diagnostic.hint(format!("did you mean `{near}`?"));
        }
        findings.push(Finding::new(path, diagnostic, subject.place(write)));
    }
    findings
}

/// Whether it stands in a map that the chart has empty (`nodeSelector: {}`): such maps take any key.
fn in_free_map(subject: &Subject<'_>, path: &[Step]) -> bool {
    let mut cell = subject.values.root.clone();
    for step in &path[..path.len().saturating_sub(1)] {
        let Some(below) = cell.below(step) else { return false };
        let default = below.writes.as_slice().iter().rev().find(|write| write.layer.as_chart().is_some());
        let free = default.is_some_and(|default| match &default.said {
            Said::Node(node) => node.entries().is_empty(),
            Said::Set(..) => false,
        });
        if free {
            return true;
        }
        cell = below;
    }
    false
}

/// A default of the same parent that is spelled nearly the same.
fn neighbour(subject: &Subject<'_>, path: &[Step]) -> Option<String> {
    let (Step::Key(key), parent) = path.split_last()? else { return None };
    let siblings = subject.paths.iter().filter(|other| {
        other.path.len() == path.len() && other.path.starts_with(parent) && other.is_default()
    });
    let names = siblings.filter_map(|other| match other.path.last() {
        Some(Step::Key(name)) => Some(&**name),
        _ => None,
    });
    crate::schema::nearest(key, names).map(str::to_owned)
}

/// What charts read of their values. Applications of one chart with the same subcharts share it.
#[derive(Clone, Debug, Default)]
pub struct Reads {
    mentioned: BTreeSet<Vec<String>>,
    /// Something may read everything, or there is no template to look at.
    everything: bool,
}

impl Reads {
    /// What the charts that take part in these values read.
    pub fn of(values: &Values) -> Self {
        let mut reads = Self::default();
        let mut templates = 0;
        for enabled in &values.charts {
            for template in enabled.chart.templates.iter().filter_map(|file| file.text()) {
                templates += 1;
                reads.everything |= !reads.text(&template.text);
            }
            reads.dependencies(&enabled.chart);
        }
        reads.everything |= templates == 0;
        reads
    }

    /// The same with what the values read that are templates themselves; `None` where something may
    /// read everything.
    fn with_values(&self, subject: &Subject<'_>) -> Option<Self> {
        if self.everything {
            return None;
        }
        let mut reads = self.clone();
        for text in subject.paths.iter().filter_map(Written::text) {
            if text.contains("{{") && !reads.text(&text) {
                return None;
            }
        }
        Some(reads)
    }

    /// Notes what a template's text mentions; `false` if it takes all values at once.
    fn text(&mut self, text: &str) -> bool {
        for (at, _) in text.match_indices(".Values") {
            let rest = &text[at + ".Values".len()..];
            let mut keys: Vec<String> = Vec::new();
            let mut after = rest;
            while let Some(next) = after.strip_prefix('.') {
                let end = next.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(next.len());
                if end == 0 {
                    break;
                }
                keys.push(next[..end].to_owned());
                after = &next[end..];
            }
            if keys.is_empty() && rest.starts_with(|c: char| c.is_alphanumeric() || c == '_') {
                // `.ValuesFile` is another name.
                continue;
            }
            if text[..at].trim_end_matches(['$', '(']).trim_end().ends_with("index") {
                keys.extend(quoted(after));
            }
            if keys.is_empty() {
                return false;
            }
            self.mentioned.insert(keys);
        }
        true
    }

    /// Conditions, tags and imports of a chart's dependencies.
    fn dependencies(&mut self, chart: &Chart) {
        self.mentioned.insert(vec!["tags".to_owned()]);
        for dependency in chart.metadata.dependencies.iter().flatten() {
            for condition in dependency.condition.split(',').filter(|condition| !condition.trim().is_empty())
            {
                self.mentioned.insert(condition.trim().split('.').map(str::to_owned).collect());
            }
            for name in dependency.alias.iter().chain([&dependency.name]) {
                if chart.charts.iter().all(|subchart| subchart.metadata.name != dependency.name) {
                    // What a chart that isn't here reads is unknown.
                    self.mentioned.insert(vec![name.to_string()]);
                }
            }
        }
    }

    /// Whether something reads the path, or what is above or below it.
    fn reads(&self, values: &Values, path: &[Step]) -> bool {
        let keys: Vec<&str> = path
            .iter()
            .map_while(|step| if let Step::Key(key) = step { Some(&**key) } else { None })
            .collect();
        let mentions = |inside: &[&str]| {
            self.mentioned.iter().any(|read| read.iter().zip(inside).all(|(read, key)| read == key))
        };
        // A subchart sees its part as its own root, and every chart the globals.
        let homes = values.charts.iter().filter(|enabled| path.starts_with(&enabled.path));
        let is_home = values.charts.iter().any(|enabled| enabled.path.starts_with(path));
        let disabled = || {
            let root = values.charts.first().map(|enabled| &enabled.chart);
            let listed = root.into_iter().flat_map(|chart| chart.metadata.dependencies.iter().flatten());
            let mut names = listed.map(|dependency| dependency.alias.as_ref().unwrap_or(&dependency.name));
            let first = keys.first().copied().unwrap_or_default();
            let enabled = values.charts.iter().any(|enabled| enabled.path == path[..1.min(path.len())]);
            names.any(|name| &**name == first) && !enabled
        };
        is_home
            || homes.into_iter().any(|home| mentions(&keys[home.path.len().min(keys.len())..]))
            || disabled()
    }
}

/// Quoted arguments at the start of a text, as `index` takes them.
fn quoted(mut text: &str) -> Vec<String> {
    let mut keys = Vec::new();
    while let Some((key, rest)) = text.trim_start().strip_prefix('"').and_then(|open| open.split_once('"')) {
        keys.push(key.to_owned());
        text = rest;
    }
    keys
}
