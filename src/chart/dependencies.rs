//! Which subcharts are enabled, under which names, and what they export to their parents: what Helm
//! does in `dependencies.go` before values are computed.
//!
//! Helm changes its chart objects in place. Where an object is shared (a chart that two aliases name
//! shares its own dependencies in Helm 3), the change is seen from both sides; so the objects stand in
//! a [`Graph`] here and are referred to by number.

use super::coalesce::{Charts, Fault, Heap, MapId, Warning};
use super::metadata::Import;
use super::values::is_compatible;
use super::{Chart, Dependency};
use crate::merge::{Cell, LayerId, Write, Writes};
use crate::profile::Helm;
use crate::value::Value;
use std::sync::Arc;

/// A chart while its dependencies are worked out.
#[derive(Clone)]
pub(super) struct Node {
    /// What was loaded.
    pub chart: Arc<Chart>,
    /// Its metadata, which copies of a chart can share.
    metadata: usize,
    /// Its subcharts.
    pub subcharts: Vec<usize>,
    /// The chart that Helm takes for its parent.
    pub parent: Option<usize>,
    /// Its default values, those of its subcharts included once dependencies are processed.
    pub values: Cell,
}

/// What changes in a chart's metadata.
#[derive(Clone)]
struct Metadata {
    /// The chart's name, or the alias that it goes by.
    name: Arc<str>,
    /// Its entries of `dependencies`; `None` if it has no such list.
    requirements: Option<Vec<usize>>,
}

/// An entry of `dependencies` while it is worked out.
#[derive(Clone)]
struct Requirement {
    dependency: Dependency,
    /// The name, or the alias once it has been looked up.
    name: Arc<str>,
    enabled: bool,
    imported: bool,
}

/// The charts of a computation. The root is the first.
pub(super) struct Graph {
    pub nodes: Vec<Node>,
    metadata: Vec<Metadata>,
    requirements: Vec<Requirement>,
    helm: Helm,
}

impl Charts for Graph {
    fn name(&self, chart: usize) -> &Arc<str> {
        &self.metadata[self.nodes[chart].metadata].name
    }

    fn defaults(&self, chart: usize) -> &Cell {
        &self.nodes[chart].values
    }

    fn subcharts(&self, chart: usize) -> &[usize] {
        &self.nodes[chart].subcharts
    }
}

type Outcome<T = ()> = Result<T, Fault>;

impl Graph {
    /// The charts as they were loaded.
    pub(super) fn new(root: &Arc<Chart>, helm: Helm) -> Self {
        let mut graph = Self { nodes: Vec::new(), metadata: Vec::new(), requirements: Vec::new(), helm };
        graph.add(root, None);
        graph
    }

    fn add(&mut self, chart: &Arc<Chart>, parent: Option<usize>) -> usize {
        let at = self.nodes.len();
        let requirement = |dependency: &Dependency| Requirement {
            dependency: dependency.clone(),
            name: Arc::clone(&dependency.name),
            enabled: true,
            imported: false,
        };
        let first = self.requirements.len();
        let listed = chart.metadata.dependencies.as_deref();
        self.requirements.extend(listed.unwrap_or_default().iter().map(requirement));
        let requirements = listed.map(|_| (first..self.requirements.len()).collect());
        let values = match chart.values_document() {
            Some(document) => Cell::of(Write::document(LayerId::chart(chart.number), document)),
            None => Cell::default(),
        };
        self.metadata.push(Metadata { name: Arc::clone(&chart.metadata.name), requirements });
        let metadata = self.metadata.len() - 1;
        self.nodes.push(Node { chart: Arc::clone(chart), metadata, subcharts: Vec::new(), parent, values });
        let subcharts = chart.charts.iter().map(|subchart| self.add(subchart, Some(at))).collect();
        self.nodes[at].subcharts = subcharts;
        at
    }

    fn set_subcharts(&mut self, chart: usize, subcharts: Vec<usize>) {
        for &subchart in &subcharts {
            self.nodes[subchart].parent = Some(chart);
        }
        self.nodes[chart].subcharts = subcharts;
    }

    fn accepts(&self, requirement: usize, chart: usize) -> bool {
        let wanted = &self.requirements[requirement];
        *self.name(chart) == wanted.name
            && is_compatible(&wanted.dependency.version, &self.nodes[chart].chart.metadata.version)
    }

    /// A copy of the chart that a requirement names, under its alias.
    fn copy_for(&mut self, chart: usize, requirement: usize) -> Option<usize> {
        let subcharts = self.nodes[chart].subcharts.clone();
        let named = subcharts.into_iter().find(|&subchart| self.accepts(requirement, subchart))?;
        let mut metadata = self.metadata[self.nodes[named].metadata].clone();
        if let Some(alias) = &self.requirements[requirement].dependency.alias {
            metadata.name = Arc::clone(alias);
        }
        let copy = Node { metadata: self.metadata.len(), ..self.nodes[named].clone() };
        let at = self.nodes.len();
        self.nodes.push(copy);
        if !self.helm.shares_dependencies_of_aliases() {
            for requirement in metadata.requirements.iter_mut().flatten() {
                self.requirements.push(self.requirements[*requirement].clone());
                *requirement = self.requirements.len() - 1;
            }
            let copies = self.nodes[at].subcharts.clone().into_iter().map(|subchart| {
                self.nodes.push(self.nodes[subchart].clone());
                self.nodes.len() - 1
            });
            let copies = copies.collect();
            self.set_subcharts(at, copies);
        }
        self.metadata.push(metadata);
        Some(at)
    }

    /// Drops the subcharts that tags and conditions disable, from a chart downwards. `path` is what
    /// conditions of this chart are looked up under.
    pub(super) fn enable(
        &mut self,
        chart: usize,
        values: &Cell,
        path: &str,
        warnings: &mut Vec<Warning>,
    ) -> Outcome {
        let Some(requirements) = self.metadata[self.nodes[chart].metadata].requirements.clone() else {
            return Ok(());
        };
        let mut subcharts = self.nodes[chart].subcharts.clone();
        subcharts
            .retain(|&subchart| !requirements.iter().any(|&requirement| self.accepts(requirement, subchart)));
        for &requirement in &requirements {
            subcharts.extend(self.copy_for(chart, requirement));
            if let Some(alias) = self.requirements[requirement].dependency.alias.clone() {
                self.requirements[requirement].name = alias;
            }
        }
        self.set_subcharts(chart, subcharts.clone());
        let mut heap = Heap::new(self.helm, warnings);
        let computed = heap.thaw(values);
        heap.coalesce(self, chart, computed, "", false)?;
        for &requirement in &requirements {
            self.requirements[requirement].enabled = true;
        }
        self.apply_tags(&requirements, computed, &mut heap);
        self.apply_conditions(&requirements, computed, path, &mut heap);
        let values = Cell::map(Writes::None, 0, heap.freeze(computed)?);
        let disabled: Vec<Arc<str>> = requirements
            .iter()
            .filter(|&&requirement| !self.requirements[requirement].enabled)
            .map(|&requirement| Arc::clone(&self.requirements[requirement].name))
            .collect();
        subcharts.retain(|&subchart| !disabled.contains(self.name(subchart)));
        for &subchart in &subcharts {
            let path = format!("{path}{}.", self.name(subchart));
            self.enable(subchart, &values, &path, warnings)?;
        }
        let kept: Vec<usize> = requirements
            .into_iter()
            .filter(|&requirement| !disabled.contains(&self.requirements[requirement].name))
            .collect();
        self.metadata[self.nodes[chart].metadata].requirements = (!kept.is_empty()).then_some(kept);
        self.set_subcharts(chart, subcharts);
        Ok(())
    }

    fn apply_tags(&mut self, requirements: &[usize], values: MapId, heap: &mut Heap<'_>) {
        let Some(tags) = heap.map_at(values, "tags") else {
            return;
        };
        for &at in requirements {
            let requirement = &mut self.requirements[at];
            let (mut any_on, mut any_off) = (false, false);
            for tag in &requirement.dependency.tags {
                match heap.get(tags, tag).map(switch) {
                    Some(Switch::On) => any_on = true,
                    Some(Switch::Off) => any_off = true,
                    Some(Switch::Other) => {
                        let warning = non_bool(heap, Subject::Tag(tag), &requirement.name);
                        heap.warn(warning);
                    }
                    None => {}
                }
            }
            requirement.enabled = any_on || !any_off;
        }
    }

    fn apply_conditions(&mut self, requirements: &[usize], values: MapId, path: &str, heap: &mut Heap<'_>) {
        for &at in requirements {
            let requirement = &mut self.requirements[at];
            for condition in requirement.dependency.condition.trim().split(',') {
                if condition.is_empty() {
                    continue;
                }
                match path_value(heap, values, &format!("{path}{condition}")) {
                    Some(Switch::Other) => {
                        let warning = non_bool(heap, Subject::Condition(condition), &requirement.name);
                        heap.warn(warning);
                    }
                    Some(switch) => {
                        requirement.enabled = matches!(switch, Switch::On);
                        break;
                    }
                    None => {}
                }
            }
        }
    }

    /// Gives every chart the values of its subcharts, and what it imports from them, from the leaves
    /// upwards.
    pub(super) fn import(&mut self, chart: usize, warnings: &mut Vec<Warning>) -> Outcome {
        for subchart in self.nodes[chart].subcharts.clone() {
            self.import(subchart, warnings)?;
        }
        let Some(requirements) = self.metadata[self.nodes[chart].metadata].requirements.clone() else {
            return Ok(());
        };
        let writes = self.nodes[chart].values.writes.clone();
        let mut heap = Heap::new(self.helm, warnings);
        let computed = heap.empty();
        heap.coalesce(self, chart, computed, "", true)?;
        let imported = heap.empty();
        for requirement in requirements {
            let requirement = &mut self.requirements[requirement];
            // Once it is done the object says so, and a second chart that shares it imports nothing.
            if std::mem::replace(&mut requirement.imported, true) {
                continue;
            }
            for import in &requirement.dependency.import_values {
                let (child, parent) = match import {
                    Import::Table { no_text: Some(is), .. } if self.helm.panics_on_imports_without_text() => {
                        let place = requirement.dependency.place.clone();
                        return Err(Fault::Panic(is, place));
                    }
                    Import::Table { child, parent, .. } => (child.clone(), parent.as_str()),
                    Import::Exported(name) => (format!("exports.{name}"), "."),
                    Import::Other => continue,
                };
                match table(&mut heap, computed, &format!("{}.{child}", requirement.name)) {
                    Ok(found) => {
                        let moved = under_path(&mut heap, parent, found);
                        heap.merge_tables(imported, moved, "", true, true, 0)?;
                    }
                    Err(missing) => {
                        let warning = missing_table(&heap, import, &requirement.name, &missing);
                        heap.warn(warning);
                    }
                }
            }
        }
        let own = Cell::map(Writes::None, 0, heap.freeze(computed)?);
        let own = heap.thaw(&own);
        heap.merge_tables(own, imported, "", true, true, 0)?;
        self.nodes[chart].values = Cell::map(writes, 0, heap.freeze(own)?);
        Ok(())
    }

    /// The entries of `dependencies` that are left, under their aliases.
    pub(super) fn enabled_dependencies(&self, chart: usize) -> Vec<Dependency> {
        let left = self.metadata[self.nodes[chart].metadata].requirements.iter().flatten();
        let named = |&at: &usize| {
            let requirement = &self.requirements[at];
            Dependency { name: Arc::clone(&requirement.name), ..requirement.dependency.clone() }
        };
        left.map(named).collect()
    }

    /// The path of a chart as Helm names its templates, e.g. `app/charts/db`.
    pub(super) fn full_path(&self, chart: usize) -> String {
        let mut names = vec![self.name(chart)];
        let mut at = chart;
        while let Some(parent) = self.nodes[at].parent {
            names.push(self.name(parent));
            at = parent;
        }
        names.reverse();
        names.iter().map(|name| &***name).collect::<Vec<_>>().join("/charts/")
    }
}

/// What a value says about a chart that it may enable.
enum Switch {
    On,
    Off,
    /// It is no boolean.
    Other,
}

fn switch(cell: &Cell) -> Switch {
    match cell.last_write().and_then(Write::value) {
        Some(Value::Bool(true)) => Switch::On,
        Some(Value::Bool(false)) => Switch::Off,
        _ => Switch::Other,
    }
}

/// Helm's `PathValue`: what is there and no map.
fn path_value(heap: &mut Heap<'_>, values: MapId, path: &str) -> Option<Switch> {
    let (tables, key) = path.rsplit_once('.').map_or((None, path), |(tables, key)| (Some(tables), key));
    let map = match tables {
        Some(tables) => table(heap, values, tables).ok()?,
        None => values,
    };
    let cell = heap.get(map, key)?;
    (!cell.is_map()).then(|| switch(cell))
}

/// Helm's `Table`: the map at a path with dots, or the name that is none.
fn table(heap: &mut Heap<'_>, values: MapId, path: &str) -> Result<MapId, String> {
    path.split('.').try_fold(values, |map, name| heap.map_at(map, name).ok_or_else(|| name.to_owned()))
}

/// A table under the maps that a path with dots names.
fn under_path(heap: &mut Heap<'_>, path: &str, table: MapId) -> MapId {
    // An empty table is a new one and not the child's own.
    let table = if heap.is_empty(table) { heap.empty() } else { table };
    if path == "." {
        return table;
    }
    path.rsplit('.').fold(table, |inner, name| {
        let outer = heap.empty();
        heap.put(outer, &Arc::from(name), Cell::default(), Some(inner));
        outer
    })
}

enum Subject<'a> {
    Tag(&'a str),
    Condition(&'a str),
}

fn non_bool(heap: &Heap<'_>, subject: Subject<'_>, chart: &str) -> Warning {
    let (message, name, value) = match subject {
        Subject::Tag(tag) => (format!("Tag '{tag}'"), "tag", tag),
        Subject::Condition(path) => (format!("Condition path '{path}'"), "path", path),
    };
    let message = format!("Warning: {message} for chart {chart} returned non-bool value");
    Warning::shown(heap.helm(), message, "returned non-bool value", &[(name, value), ("chart", chart)])
}

fn missing_table(heap: &Heap<'_>, import: &Import, chart: &str, name: &str) -> Warning {
    let error = format!("\"{name}\" is not a table");
    if let Import::Table { .. } = import {
        let message = format!("Warning: ImportValues missing table from chart {chart}: {error}");
        let attributes = [("chart", chart), ("error", error.as_str())];
        Warning::shown(heap.helm(), message, "ImportValues missing table from chart", &attributes)
    } else {
        let message = format!("Warning: ImportValues missing table: {error}");
        Warning::shown(heap.helm(), message, "ImportValues missing table", &[("error", &error)])
    }
}
