//! The manifests of a source: which template action wrote each part of a line, from which values, and
//! the other way round.

use super::rows::{Numbering, scalar_text};
use super::{Place, Problem};
use crate::chart::{Manifest, Read, Rendering, Text};
use crate::merge::{Cell, Step};
use crate::platform::HelmSource;
use crate::source::Location;
use crate::template::trace::{Call, Segment};
use crate::template::value::Origin;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::Range;
use std::sync::Arc;

/// Characters of an action that are shown.
const LONGEST_ACTION: usize = 240;

/// The manifests of a source with what wrote them.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ManifestsReport {
    /// Manifests in the order in which `helm template` prints them: custom resource definitions, then
    /// the others in the order of installation, hooks last.
    pub manifests: Vec<ManifestReport>,
    /// The template actions that wrote them; parts of lines refer to them by position.
    pub actions: Vec<ActionReport>,
    /// The values that they were made from; parts of lines refer to them by position.
    pub values: Vec<ReadValue>,
    /// Values that are set and that no template reads.
    pub unread: Vec<ReadValue>,
    /// Keys that a template asked for and that no layer sets.
    pub unset: Vec<UnsetValue>,
    /// Files of a plain folder that yield nothing here, and why.
    pub left_out: Vec<Problem>,
    /// Functions whose results are made up here, since Helm would have drawn them or asked the world.
    pub made_up: Vec<String>,
    /// Why nothing is rendered, if nothing is.
    pub error: Option<Problem>,
}

/// A manifest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ManifestReport {
    /// The path of its template, as Helm's `# Source:` gives it; of a plain folder that of the file.
    pub source: String,
    /// `kind`.
    pub kind: String,
    /// `metadata.name`.
    pub name: String,
    /// `metadata.namespace`; empty if there is none.
    pub namespace: String,
    /// Whether it is a hook.
    pub hook: bool,
    /// Its lines.
    pub lines: Vec<LineReport>,
}

/// A line of a manifest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LineReport {
    /// Its text without the line break.
    pub text: String,
    /// Its parts, in order; none for what no template wrote.
    pub parts: Vec<PartReport>,
}

/// A part of a line with what wrote it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PartReport {
    /// Its bytes in the line.
    pub bytes: Range<usize>,
    /// Position in [`ManifestsReport::actions`].
    pub action: usize,
    /// Positions in [`ManifestsReport::values`] of the values that it was made from.
    pub values: Vec<usize>,
    /// Positions in [`ManifestsReport::values`] of the values that decided whether it was written.
    pub decided: Vec<usize>,
}

/// A template action, or plain text of a template.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ActionReport {
    /// Where it stands, of plain text the line; of a text that `tpl` was given, the call.
    pub place: Place,
    /// Whether it is plain text.
    pub plain: bool,
    /// The action with its delimiters; empty for plain text.
    pub text: String,
    /// Whether it calls a function whose result is made up here.
    pub made_up: bool,
    /// The calls of templates that led to it, the innermost first.
    pub calls: Vec<Place>,
}

/// A value that a template read, or could have read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ReadValue {
    /// Keys and list positions from the root.
    pub path: Vec<String>,
    /// A scalar as it should be shown; empty for maps and lists.
    pub text: String,
    /// Number of the layer that wrote it last; `None` for maps that several layers made together.
    pub layer: Option<usize>,
    /// That layer's name.
    pub label: String,
    /// Where it is written.
    pub place: Option<Place>,
}

/// A key that a template asked for and that no layer sets.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct UnsetValue {
    /// Keys and list positions from the root.
    pub path: Vec<String>,
    /// The first action that asked for it.
    pub place: Place,
}

/// A line of a manifest that a value reaches.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ReachedLine {
    /// Position in [`ManifestsReport::manifests`] of the manifest.
    pub manifest: usize,
    /// The path of the manifest's template.
    pub source: String,
    /// The manifest's `kind`.
    pub kind: String,
    /// Its `metadata.name`.
    pub name: String,
    /// Number of the line in the manifest, from 1.
    pub line: u32,
    /// The line.
    pub text: String,
    /// Whether the value only decided whether the line was written, and is no part of it.
    pub decides: bool,
    /// The action that wrote it.
    pub template: Place,
}

impl ManifestsReport {
    /// The report of a source that could not be rendered.
    pub(super) fn failed(error: Problem) -> Self {
        Self { error: Some(error), ..Self::default() }
    }

    /// The report of a rendered source.
    pub(super) fn of(rendering: &Rendering, helm: &HelmSource, numbering: &Numbering<'_>) -> Self {
        let Some(read) = &rendering.read else { return Self::default() };
        let origins = Origins { root: helm.root(), numbering };
        let made_up: BTreeSet<&str> = rendering.stand_ins.iter().map(|made| made.function).collect();
        let mut tables = Tables::new(read, &origins, &made_up);
        let mut manifests: Vec<ManifestReport> = rendering
            .definitions
            .iter()
            .map(|(path, file)| ManifestReport {
                source: path.to_string(),
                kind: "CustomResourceDefinition".to_owned(),
                name: String::new(),
                namespace: String::new(),
                hook: false,
                lines: file.text.lines().map(plain_line).collect(),
            })
            .collect();
        let texts: HashMap<&str, &Text> =
            rendering.texts.iter().map(|text| (&*text.file.path, text)).collect();
        for manifest in rendering.manifests.iter().chain(&rendering.hooks) {
            manifests.push(tables.manifest(manifest, texts.get(&*manifest.path).copied()));
        }
        let Tables { actions, values, .. } = tables;
        let unset = unset(read).map(|(path, asked)| UnsetValue { path, place: Place::of(asked) });
        Self {
            manifests,
            actions,
            values,
            unread: unread(read, helm, &origins),
            unset: unset.collect(),
            left_out: Vec::new(),
            made_up: made_up.into_iter().map(str::to_owned).collect(),
            error: None,
        }
    }

    /// The lines that the value at a path reaches: what it, something in it, or all of what it is part
    /// of was written to, or decided on.
    pub fn reached(&self, path: &[String]) -> Vec<ReachedLine> {
        let is_part = |at: &usize| self.values[*at].path.starts_with(path);
        let touches = |at: &usize| is_part(at) || path.starts_with(&self.values[*at].path);
        let mut reached = Vec::new();
        for (position, manifest) in self.manifests.iter().enumerate() {
            for (number, line) in manifest.lines.iter().enumerate() {
                let writes = line.parts.iter().find(|part| part.values.iter().any(touches));
                let found =
                    writes.or_else(|| line.parts.iter().find(|part| part.decided.iter().any(is_part)));
                let Some(part) = found else { continue };
                reached.push(ReachedLine {
                    manifest: position,
                    source: manifest.source.clone(),
                    kind: manifest.kind.clone(),
                    name: manifest.name.clone(),
                    line: number as u32 + 1,
                    text: line.text.clone(),
                    decides: writes.is_none(),
                    template: self.actions[part.action].place.clone(),
                });
            }
        }
        reached
    }
}

/// Keys that templates asked for and that no layer sets, with where they asked first.
pub(super) fn unset(read: &Read) -> impl Iterator<Item = (Vec<String>, &Location)> {
    read.missing.iter().map(|((place, key), asked)| {
        let mut path = names(&read.path(*place));
        path.push(key.to_string());
        (path, asked)
    })
}

fn plain_line(text: &str) -> LineReport {
    LineReport { text: text.to_owned(), parts: Vec::new() }
}

pub(super) fn names(path: &[Step]) -> Vec<String> {
    path.iter()
        .map(|step| match step {
            Step::Key(key) => key.to_string(),
            Step::Index(index) => index.to_string(),
        })
        .collect()
}

/// Where values come from.
struct Origins<'a> {
    root: &'a Cell,
    numbering: &'a Numbering<'a>,
}

impl Origins<'_> {
    fn value(&self, path: &[Step]) -> ReadValue {
        let cell = self.root.at(path);
        let write = cell.as_ref().and_then(Cell::last_write);
        let layer = write.and_then(|write| self.numbering.layer(write.layer));
        ReadValue {
            path: names(path),
            text: cell.as_ref().and_then(Cell::to_value).as_ref().map(scalar_text).unwrap_or_default(),
            layer: write.map(|write| self.numbering.number(write.layer)),
            label: layer.map(|layer| layer.label.to_string()).unwrap_or_default(),
            place: write.and_then(|write| self.numbering.location(write)).as_ref().map(Place::of),
        }
    }
}

/// Actions and values that were met so far, each once.
struct Tables<'a> {
    read: &'a Read,
    origins: &'a Origins<'a>,
    /// Functions whose results are made up.
    made_up: &'a BTreeSet<&'a str>,
    actions: Vec<ActionReport>,
    values: Vec<ReadValue>,
    known_actions: HashMap<ActionReport, usize>,
    known_values: BTreeMap<u32, usize>,
}

impl<'a> Tables<'a> {
    fn new(read: &'a Read, origins: &'a Origins<'a>, made_up: &'a BTreeSet<&'a str>) -> Self {
        Self {
            read,
            origins,
            made_up,
            actions: Vec::new(),
            values: Vec::new(),
            known_actions: HashMap::new(),
            known_values: BTreeMap::new(),
        }
    }

    fn manifest(&mut self, manifest: &Manifest, text: Option<&Text>) -> ManifestReport {
        let start = manifest.file.parent.as_ref().map_or(0, |place| place.span.start as usize);
        let trace = text.and_then(|text| text.trace.as_ref());
        let segments = trace.map_or(&[][..], |trace| &trace.segments);
        let rendered = text.map_or("", |text| &text.file.text);
        let mut lines = Vec::new();
        let mut from = start;
        for line in manifest.file.text.split_inclusive('\n') {
            let text = line.trim_end_matches('\n');
            lines.push(self.line(text, from, segments, rendered));
            from += line.len();
        }
        ManifestReport {
            source: manifest.path.to_string(),
            kind: manifest.kind.clone(),
            name: manifest.name.clone(),
            namespace: manifest.namespace.clone().unwrap_or_default(),
            hook: manifest.hook.is_some(),
            lines,
        }
    }

    /// A line that starts at a byte of the rendered text.
    fn line(&mut self, text: &str, from: usize, segments: &[Segment], rendered: &str) -> LineReport {
        let first = segments.partition_point(|segment| segment.range.end <= from);
        let own = segments[first..].iter().take_while(|segment| segment.range.start < from + text.len());
        let mut parts: Vec<PartReport> = Vec::new();
        for segment in own {
            let inside = |at: usize| at.clamp(from, from + text.len()) - from;
            let before = rendered.get(segment.range.start..from).unwrap_or_default();
            let part = PartReport {
                bytes: inside(segment.range.start)..inside(segment.range.end),
                action: self.action(segment, before.matches('\n').count()),
                values: self.places(segment.origin.as_ref()),
                decided: self.places(segment.decided.as_ref()),
            };
            parts.push(part);
        }
        LineReport { text: text.to_owned(), parts }
    }

    /// The action of a segment, at a line of it.
    fn action(&mut self, segment: &Segment, line: usize) -> usize {
        let calls = std::iter::successors(segment.calls.as_deref(), |call: &&Call| call.outer.as_deref());
        let own = segment.location();
        let text =
            if segment.is_plain() { "" } else { own.file.text.get(own.span.range()).unwrap_or_default() };
        let mut words = text.split(|other: char| !other.is_alphanumeric());
        let action = ActionReport {
            place: written(&segment.line(line)),
            plain: segment.is_plain(),
            text: text.chars().take(LONGEST_ACTION).collect(),
            made_up: !self.made_up.is_empty() && words.any(|word| self.made_up.contains(word)),
            calls: calls.map(|call| written(&call.location())).collect(),
        };
        if let Some(&known) = self.known_actions.get(&action) {
            return known;
        }
        self.known_actions.insert(action.clone(), self.actions.len());
        self.actions.push(action);
        self.actions.len() - 1
    }

    fn places(&mut self, origin: Option<&Origin>) -> Vec<usize> {
        let places: Vec<u32> = origin.iter().flat_map(|origin| origin.places()).copied().collect();
        places
            .into_iter()
            .map(|place| {
                *self.known_values.entry(place).or_insert_with(|| {
                    self.values.push(self.origins.value(&self.read.path(place)));
                    self.values.len() - 1
                })
            })
            .collect()
    }
}

/// The place in a file that somebody wrote: the text of `tpl` stands for its call.
fn written(location: &Location) -> Place {
    let mut location = location;
    while let Some(parent) = location.file.parent.as_ref() {
        location = parent;
    }
    Place::of(location)
}

fn unread(read: &Read, helm: &HelmSource, origins: &Origins<'_>) -> Vec<ReadValue> {
    let leaves = leaves(read, helm).into_iter();
    leaves.filter(|leaf| !leaf.taken).map(|leaf| origins.value(&leaf.path)).collect()
}

/// A value that is no map and no list with something in it.
pub(super) struct Leaf {
    /// Its path.
    pub path: Vec<Step>,
    /// What is there.
    pub cell: Cell,
    /// Whether a template takes it or would in another branch, or a condition or tag of a dependency does.
    pub taken: bool,
}

/// The leaves of the final values.
pub(super) fn leaves(read: &Read, helm: &HelmSource) -> Vec<Leaf> {
    let Some(values) = &helm.values else { return Vec::new() };
    let charts: Vec<&[Step]> = values.charts.iter().map(|chart| chart.path.as_slice()).collect();
    // A chart reads its own values and those of its subcharts.
    let is_mentioned = |full: &[Step]| {
        let path = names(full);
        let path: Vec<&str> = path.iter().map(String::as_str).collect();
        let mut homes = charts.iter().filter(|home| full.starts_with(home));
        homes.any(|home| read.mentions.may_read(&path[home.len()..]))
    };
    let is_taken =
        |path: &[Step]| read.place(path).is_none_or(|place| read.takes(place)) || is_mentioned(path);
    // A global stands in every chart; one that reads it is enough.
    let global = |path: &[Step]| {
        let home = charts.iter().filter(|chart| path.starts_with(chart)).max_by_key(|chart| chart.len())?;
        let inside = &path[home.len()..];
        matches!(inside.first(), Some(Step::Key(key)) if &**key == "global").then(|| inside.to_vec())
    };
    let mut leaves = Vec::new();
    let mut open: Vec<(Vec<Step>, Cell)> = vec![(Vec::new(), helm.root().clone())];
    while let Some((path, cell)) = open.pop() {
        let below = below(&cell);
        if !below.is_empty() {
            open.extend(below.into_iter().rev().map(|(step, cell)| {
                let path = path.iter().cloned().chain([step]).collect();
                (path, cell)
            }));
            continue;
        }
        let taken = match global(&path) {
            Some(inside) if inside.len() < path.len() => true,
            Some(inside) => charts.iter().any(|chart| is_taken(&[chart, inside.as_slice()].concat())),
            None => is_taken(&path),
        };
        let taken = taken || path.is_empty() || steers_dependencies(&path, values);
        leaves.push(Leaf { path, cell, taken });
    }
    leaves
}

fn below(cell: &Cell) -> Vec<(Step, Cell)> {
    if cell.is_map() {
        let entries = cell.entries();
        let present = entries.iter().filter(|entry| !entry.cell.is_removed());
        return present.map(|entry| (Step::Key(Arc::clone(&entry.key)), entry.cell.clone())).collect();
    }
    cell.items().iter().enumerate().map(|(at, item)| (Step::Index(at), item.clone())).collect()
}

/// Whether a dependency's condition or the tags name the path.
fn steers_dependencies(path: &[Step], values: &crate::chart::Values) -> bool {
    values.charts.iter().any(|chart| {
        let Some(inside) = path.strip_prefix(chart.path.as_slice()) else { return false };
        let inside = names(inside);
        let listed = chart.chart.metadata.dependencies.iter().flatten();
        inside.first().is_some_and(|first| first == "tags")
            || listed.flat_map(|dependency| dependency.condition.split(',')).any(|condition| {
                let condition = condition.trim();
                !condition.is_empty() && inside.iter().map(String::as_str).eq(condition.split('.'))
            })
    })
}
