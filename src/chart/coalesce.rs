//! Values of a chart and its subcharts laid under the user's, as Helm's `coalesce.go` does it.
//!
//! Helm works on Go maps in place and lets several places hold the same map: a parent's nested global
//! and its subcharts' are one map after the first has been pushed down, and so are an imported table
//! and the subchart's own. What one place then adds, the others have too, and results depend on it. So
//! this works on a [`Heap`] of maps that are referred to by number, and only what comes out is an
//! immutable tree again. Maps that nobody looks into stay as they were read.

use crate::merge::{Body, Cell, DEEPEST, Entry, LayerId, Said, Write, Writes};
use crate::profile::Helm;
use crate::source::{Location, Span};
use crate::template::quote::quote;
use crate::value::Value;
use crate::yaml::{Kind, Node};
use std::sync::Arc;

/// How many entries a result may have; maps that are shared many times can grow without bound.
const MOST_ENTRIES: usize = 2_000_000;

/// A map of the heap.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct MapId(usize);

/// A key of a map of the heap.
#[derive(Clone, Debug)]
pub(super) struct Slot {
    key: Arc<str>,
    /// Its cell; where `live` is given, the entries of its body stand there.
    cell: Cell,
    live: Option<MapId>,
}

/// Why coalescing fails.
#[derive(Clone, Debug)]
pub(super) enum Fault {
    /// The value at a subchart's name is no map; Helm's words, and its last write.
    Mismatch(String, Option<Write>),
    /// An entry of `import-values` lacks a text where Helm up to 3.18 needs one: what it finds, and the dependency.
    Panic(&'static str, Location),
    /// Deeper or larger than is supported here.
    TooLarge,
}

/// Something that Helm logs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Warning {
    /// The message, as Helm 3 prints it.
    pub message: String,
    /// The line that the Helm in question prints; `None` where it logs this below the level that it
    /// shows.
    pub line: Option<String>,
    /// Where the values stand that it is about: the one that stays first.
    pub places: Vec<(LayerId, Span)>,
}

impl Warning {
    /// A warning that every Helm shows; in Helm 4 as `message` with attributes.
    pub(super) fn shown(helm: Helm, text: String, message: &str, attributes: &[(&str, &str)]) -> Self {
        let line = if helm.is_4() {
            let start = format!("level=WARN msg={}", log_value(message));
            attributes.iter().fold(start, |line, (name, value)| format!("{line} {name}={}", log_value(value)))
        } else {
            text.clone()
        };
        Self { message: text, line: Some(line), places: Vec::new() }
    }
}

/// A value of Go's structured log, in quotes where it needs them.
fn log_value(text: &str) -> String {
    let plain = |c: char| c > ' ' && c != '"' && c != '=' && c != '\u{7f}';
    if text.chars().all(plain) && !text.is_empty() { text.to_owned() } else { quote(text) }
}

/// What coalescing needs to know of a chart.
pub(super) trait Charts {
    /// Name of a chart, its alias where it has one.
    fn name(&self, chart: usize) -> &Arc<str>;
    /// Its default values.
    fn defaults(&self, chart: usize) -> &Cell;
    /// Its enabled subcharts.
    fn subcharts(&self, chart: usize) -> &[usize];
}

/// What stands where a cell was taken away for a moment.
const TAKEN: Cell = Cell { writes: Writes::None, body: Body::Removed };

pub(super) struct Heap<'a> {
    maps: Vec<Vec<Slot>>,
    /// The entries of a map cell whose entries are on the heap.
    nothing: Arc<Vec<Entry>>,
    helm: Helm,
    warnings: &'a mut Vec<Warning>,
}

type Outcome<T = ()> = Result<T, Fault>;

impl<'a> Heap<'a> {
    pub(super) fn new(helm: Helm, warnings: &'a mut Vec<Warning>) -> Self {
        Self { maps: Vec::new(), nothing: Arc::default(), helm, warnings }
    }

    pub(super) fn helm(&self) -> Helm {
        self.helm
    }

    pub(super) fn is_empty(&self, map: MapId) -> bool {
        self.maps[map.0].iter().all(|slot| slot.cell.is_removed())
    }

    pub(super) fn empty(&mut self) -> MapId {
        self.add(Vec::new())
    }

    fn add(&mut self, slots: Vec<Slot>) -> MapId {
        self.maps.push(slots);
        MapId(self.maps.len() - 1)
    }

    /// The entries of a map cell as a map of the heap.
    pub(super) fn thaw(&mut self, cell: &Cell) -> MapId {
        self.add(cell.entries_as(|Entry { key, cell }| Slot { key, cell, live: None }))
    }

    /// A map of the heap as entries of an immutable cell, where no two places hold one map: as when a chart
    /// has no subcharts. Nothing has to be copied then.
    pub(super) fn freeze_alone(mut self, map: MapId) -> Outcome<Vec<Entry>> {
        self.take(map, 0)
    }

    fn take(&mut self, map: MapId, depth: usize) -> Outcome<Vec<Entry>> {
        if depth > DEEPEST {
            return Err(Fault::TooLarge);
        }
        let slots = std::mem::take(&mut self.maps[map.0]);
        let mut entries = Vec::with_capacity(slots.len());
        for Slot { key, mut cell, live } in slots {
            if let Some(live) = live {
                cell.body = Body::Map(since(&cell), Arc::new(self.take(live, depth + 1)?));
            }
            entries.push(Entry { key, cell });
        }
        Ok(entries)
    }

    /// A map of the heap as entries of an immutable cell.
    pub(super) fn freeze(&self, map: MapId) -> Outcome<Vec<Entry>> {
        let mut left = MOST_ENTRIES;
        self.freeze_within(map, 0, &mut left)
    }

    fn freeze_within(&self, map: MapId, depth: usize, left: &mut usize) -> Outcome<Vec<Entry>> {
        let slots = &self.maps[map.0];
        if depth > DEEPEST || slots.len() > *left {
            return Err(Fault::TooLarge);
        }
        *left -= slots.len();
        let mut entries = Vec::with_capacity(slots.len());
        for slot in slots {
            let mut cell = slot.cell.clone();
            if let Some(live) = slot.live {
                let inner = self.freeze_within(live, depth + 1, left)?;
                cell.body = Body::Map(since(&cell), Arc::new(inner));
            }
            entries.push(Entry { key: Arc::clone(&slot.key), cell });
        }
        Ok(entries)
    }

    fn find(&self, map: MapId, key: &str) -> Option<usize> {
        self.maps[map.0].binary_search_by(|slot| (*slot.key).cmp(key)).ok()
    }

    /// The cell at a key that is there; its body is of no use for a map.
    pub(super) fn get(&self, map: MapId, key: &str) -> Option<&Cell> {
        let slot = &self.maps[map.0][self.find(map, key)?];
        (!slot.cell.is_removed()).then_some(&slot.cell)
    }

    /// The map at a key, if a map is there.
    pub(super) fn map_at(&mut self, map: MapId, key: &str) -> Option<MapId> {
        let at = self.find(map, key)?;
        let mut slot = self.maps[map.0][at].clone();
        let live = self.live(&mut slot)?;
        self.maps[map.0][at] = slot;
        Some(live)
    }

    /// The map that a slot holds, on the heap from now on.
    fn live(&mut self, slot: &mut Slot) -> Option<MapId> {
        if slot.live.is_none() && slot.cell.is_map() {
            let map = self.thaw(&slot.cell);
            slot.cell.body = Body::Map(since(&slot.cell), Arc::clone(&self.nothing));
            slot.live = Some(map);
        }
        slot.live
    }

    /// Puts a cell at a key, whatever was there; a map with its number.
    pub(super) fn put(&mut self, map: MapId, key: &Arc<str>, cell: Cell, live: Option<MapId>) {
        let slot = Slot { key: Arc::clone(key), cell, live };
        if let Some(at) = self.find(map, key) {
            self.maps[map.0][at] = slot;
        } else {
            let at = self.maps[map.0].partition_point(|other| other.key < *key);
            self.maps[map.0].insert(at, slot);
        }
    }

    fn value(&self, slot: &Slot) -> Value {
        let frozen = slot.live.and_then(|live| self.freeze(live).ok());
        let value = frozen.map(|entries| Cell::map(Writes::None, 0, entries));
        value.as_ref().unwrap_or(&slot.cell).to_value().unwrap_or(Value::Null)
    }

    pub(super) fn warn(&mut self, warning: Warning) {
        if !self.warnings.iter().any(|other| other.message == warning.message) {
            self.warnings.push(warning);
        }
    }

    fn conflict(&mut self, message: String, stays: &Slot, ignored: Option<&Slot>) {
        let place = |slot: &Slot| slot.cell.writes.as_slice().last().map(|write| (write.layer, write.span()));
        let places = [Some(stays), ignored].into_iter().flatten().filter_map(place).collect();
        let line = (!self.helm.is_4()).then(|| message.clone());
        self.warn(Warning { message, line, places });
    }

    /// Lays a chart's defaults and those of its subcharts under a map. With `merge` nulls stay.
    pub(super) fn coalesce(
        &mut self,
        charts: &dyn Charts,
        chart: usize,
        dest: MapId,
        prefix: &str,
        merge: bool,
    ) -> Outcome {
        self.lay_defaults(charts, chart, dest, prefix, merge)?;
        let prefix = joined(prefix, charts.name(chart));
        for &subchart in charts.subcharts(chart) {
            let name = charts.name(subchart);
            let table = if self.get(dest, name).is_none() {
                let (table, writes) = (self.empty(), self.writes_at(dest, name));
                self.put(dest, name, Cell::map(writes, u32::MAX, Vec::new()), Some(table));
                table
            } else {
                self.map_at(dest, name).ok_or_else(|| self.mismatch(dest, name))?
            };
            self.push_globals(table, dest, &prefix)?;
            self.coalesce(charts, subchart, table, &prefix, merge)?;
            self.note_defaults(charts.defaults(subchart), dest, name);
        }
        Ok(())
    }

    /// The writes of what was removed at a key.
    fn writes_at(&self, map: MapId, key: &str) -> Writes {
        self.find(map, key).map(|at| self.maps[map.0][at].cell.writes.clone()).unwrap_or_default()
    }

    /// A subchart's defaults are a write at its name too.
    fn note_defaults(&mut self, defaults: &Cell, dest: MapId, name: &str) {
        if let Some(at) = self.find(dest, name) {
            let slot = &mut self.maps[dest.0][at];
            slot.cell = std::mem::replace(&mut slot.cell, TAKEN).over(defaults, true);
        }
    }

    fn mismatch(&self, dest: MapId, name: &str) -> Fault {
        let slot = self.find(dest, name).map(|at| &self.maps[dest.0][at]);
        let value = slot.map(|slot| self.value(slot));
        let text = value.as_ref().map_or_else(String::new, super::go::wrong_verb);
        let write = slot.and_then(|slot| slot.cell.writes.as_slice().last().cloned());
        Fault::Mismatch(format!("type mismatch on {name}: {text}"), write)
    }

    /// The chart's own defaults under `dest`.
    fn lay_defaults(
        &mut self,
        charts: &dyn Charts,
        chart: usize,
        dest: MapId,
        prefix: &str,
        merge: bool,
    ) -> Outcome {
        let prefix = joined(prefix, charts.name(chart));
        let defaults = charts.defaults(chart).entries_as(|entry| entry);
        let mut result = Vec::with_capacity(defaults.len() + self.maps[dest.0].len());
        let mut present = std::mem::take(&mut self.maps[dest.0]).into_iter().peekable();
        for Entry { key, cell: default } in defaults {
            while let Some(slot) = present.next_if(|slot| slot.key < key) {
                result.push(slot);
            }
            let Some(mut slot) = present.next_if(|slot| slot.key == key) else {
                let cell = if merge { default } else { self.without_nulls(default)? };
                result.push(Slot { key, cell, live: None });
                continue;
            };
            if default.is_removed() {
                slot.cell = slot.cell.over(&default, false);
            } else if slot.cell.is_removed() {
                let cell = if merge { default } else { self.without_nulls(default)? };
                slot = Slot { key: slot.key, cell: cell.restored(&slot.cell.writes), live: None };
            } else if slot.cell.is_null() && !merge {
                slot.cell = slot.cell.over(&default, false);
                slot.cell.body = Body::Removed;
            } else if slot.cell.is_map() && default.is_map() {
                let merge =
                    merge || charts.subcharts(chart).iter().any(|&subchart| *charts.name(subchart) == key);
                let default = if merge { default } else { self.without_nulls(default)? };
                let from = self.thaw(&default);
                if let Some(to) = self.live(&mut slot) {
                    self.merge_tables(to, from, &joined(&prefix, &key), merge, false, 0)?;
                }
                slot.cell = slot.cell.over(&default, true);
            } else {
                if slot.cell.is_map() && !default.is_null() {
                    let message = format!("warning: skipped value for {prefix}.{key}: Not a table.");
                    let ignored = Slot { key, cell: default.clone(), live: None };
                    self.conflict(message, &slot, Some(&ignored));
                }
                slot.cell = slot.cell.over(&default, false);
            }
            result.push(slot);
        }
        result.extend(present);
        self.maps[dest.0] = result;
        Ok(())
    }

    /// A default without its nulls, which Helm 4 drops; with the nulls for Helm 3.
    fn without_nulls(&self, default: Cell) -> Outcome<Cell> {
        if self.helm.drops_null_defaults() { cleaned(default, 0) } else { Ok(default) }
    }

    /// Lays `from` under `to`. `shared`: others hold maps of `from` too, so that these go on being one
    /// map with what is taken over.
    pub(super) fn merge_tables(
        &mut self,
        to: MapId,
        from: MapId,
        prefix: &str,
        merge: bool,
        shared: bool,
        depth: usize,
    ) -> Outcome {
        if depth > DEEPEST {
            return Err(Fault::TooLarge);
        }
        let mut low = if shared { self.maps[from.0].clone() } else { std::mem::take(&mut self.maps[from.0]) };
        let high = std::mem::take(&mut self.maps[to.0]);
        let mut result = Vec::with_capacity(low.len() + high.len());
        let mut high = high.into_iter().peekable();
        let mut nulls = Vec::new();
        for source in &mut low {
            while let Some(slot) = high.next_if(|slot| slot.key < source.key) {
                nulls.extend(slot.cell.is_null().then(|| slot.clone()));
                result.push(slot);
            }
            let Some(mut slot) = high.next_if(|slot| slot.key == source.key) else {
                if shared {
                    self.live(source);
                    result.push(source.clone());
                } else {
                    let (key, cell) = (Arc::clone(&source.key), std::mem::replace(&mut source.cell, TAKEN));
                    result.push(Slot { key, cell, live: source.live });
                }
                continue;
            };
            nulls.extend(slot.cell.is_null().then(|| slot.clone()));
            self.merge_slot(&mut slot, source, prefix, merge, shared, depth)?;
            result.push(slot);
        }
        for slot in high {
            nulls.extend(slot.cell.is_null().then(|| slot.clone()));
            result.push(slot);
        }
        self.maps[to.0] = result;
        if shared {
            self.maps[from.0] = low;
            if self.helm.keeps_nulls_without_default() {
                for null in nulls {
                    self.put(from, &null.key, null.cell, None);
                }
            }
        }
        Ok(())
    }

    /// Lays one key's `source` under the slot that is there.
    fn merge_slot(
        &mut self,
        slot: &mut Slot,
        source: &mut Slot,
        prefix: &str,
        merge: bool,
        shared: bool,
        depth: usize,
    ) -> Outcome {
        let newer = self.helm.keeps_nulls_without_default();
        let merges = slot.cell.is_map() && source.cell.is_map();
        if source.cell.is_removed() {
        } else if slot.cell.is_removed() {
            if shared {
                self.live(source);
            }
            slot.live = source.live;
            slot.cell = source.cell.clone().restored(&slot.cell.writes);
            return Ok(());
        } else if slot.cell.is_null() && !merge && !(newer && source.cell.is_null()) {
            slot.cell.body = Body::Removed;
        } else if merges {
            if let (Some(to), Some(from)) = (self.live(slot), self.live(source)) {
                self.merge_tables(to, from, &joined(prefix, &slot.key), merge, shared, depth + 1)?;
            }
        } else if source.cell.is_map() && !(newer && slot.cell.is_null()) {
            let (key, value) = (joined(prefix, &slot.key), self.value(source));
            let message = format!("warning: cannot overwrite table with non table for {key} ({value})");
            self.conflict(message, slot, Some(source));
        } else if slot.cell.is_map() && !source.cell.is_null() {
            let (key, value) = (joined(prefix, &slot.key), self.value(source));
            let message =
                format!("warning: destination for {key} is a table. Ignoring non-table value ({value})");
            self.conflict(message, slot, Some(source));
        }
        slot.cell = std::mem::replace(&mut slot.cell, TAKEN).over(&source.cell, merges);
        Ok(())
    }

    /// The map at a key, a new one that stands nowhere yet if nothing is there; `None` if something else
    /// is.
    fn map_or_new(&mut self, map: MapId, key: &str) -> Option<MapId> {
        if self.get(map, key).is_none() { Some(self.empty()) } else { self.map_at(map, key) }
    }

    /// Pushes a parent's globals down into the table of a subchart; the parent wins.
    fn push_globals(&mut self, dest: MapId, src: MapId, prefix: &str) -> Outcome {
        let global: Arc<str> = Arc::from("global");
        let Some(own) = self.map_or_new(dest, &global) else {
            self.skip_globals(dest, "destination");
            return Ok(());
        };
        let Some(parents) = self.map_or_new(src, &global) else {
            self.skip_globals(src, "source");
            return Ok(());
        };
        for at in 0..self.maps[parents.0].len() {
            self.push_global(own, parents, at, prefix)?;
        }
        let writes = self.writes_at(dest, &global);
        let mut cell = match self.find(dest, &global) {
            Some(at) if !self.maps[dest.0][at].cell.is_removed() => self.maps[dest.0][at].cell.clone(),
            _ => Cell::map(writes, u32::MAX, Vec::new()),
        };
        for write in self.writes_at(src, &global).as_slice() {
            if !cell.writes.as_slice().iter().any(|other| other.is(write)) {
                cell.writes.push(write.clone());
            }
        }
        self.put(dest, &global, cell, Some(own));
        Ok(())
    }

    fn skip_globals(&mut self, map: MapId, which: &str) {
        let message = format!("warning: skipping globals because {which} global is not a table.");
        if let Some(at) = self.find(map, "global") {
            let slot = self.maps[map.0][at].clone();
            self.conflict(message, &slot, None);
        }
    }

    fn push_global(&mut self, own: MapId, parents: MapId, at: usize, prefix: &str) -> Outcome {
        let mut slot = self.maps[parents.0][at].clone();
        if slot.cell.is_removed() {
            return Ok(());
        }
        let key = Arc::clone(&slot.key);
        let present = self.find(own, &key).map(|at| self.maps[own.0][at].clone());
        let present = present.filter(|slot| !slot.cell.is_removed());
        let Some(mut present) = present else {
            if let Some(live) = self.live(&mut slot) {
                self.maps[parents.0][at] = slot.clone();
                slot.live = Some(self.shallow_copy(live));
            }
            let before = self.writes_at(own, &key);
            self.put(own, &key, slot.cell.restored(&before), slot.live);
            return Ok(());
        };
        match (slot.cell.is_map(), present.cell.is_map()) {
            (true, true) => {
                let (Some(theirs), Some(ours)) = (self.live(&mut slot), self.live(&mut present)) else {
                    return Ok(());
                };
                self.maps[parents.0][at] = slot.clone();
                let copy = self.shallow_copy(theirs);
                self.merge_tables(copy, ours, &joined(prefix, &key), true, true, 0)?;
                self.put(own, &key, slot.cell.over(&present.cell, true), Some(copy));
            }
            (true, false) => {
                let message =
                    format!("Conflict: cannot merge map onto non-map for {}. Skipping.", quote(&key));
                self.conflict(message, &present, Some(&slot));
                self.put(own, &key, present.cell.over(&slot.cell, false), present.live);
            }
            (false, true) => {
                self.conflict(format!("key {key} is table. Skipping"), &present, Some(&slot));
                self.put(own, &key, present.cell.over(&slot.cell, false), present.live);
            }
            (false, false) => self.put(own, &key, slot.cell.over(&present.cell, false), None),
        }
        Ok(())
    }

    /// A map of its own whose inner maps are those of the other.
    fn shallow_copy(&mut self, map: MapId) -> MapId {
        let mut slots = self.maps[map.0].clone();
        for slot in &mut slots {
            self.live(slot);
        }
        self.maps[map.0].clone_from(&slots);
        self.add(slots)
    }
}

/// Position of the first write that a map or list is made of.
fn since(cell: &Cell) -> u32 {
    match cell.body {
        Body::Map(since, _) | Body::List(since, _) => since,
        _ => (cell.writes.as_slice().len() as u32).saturating_sub(1),
    }
}

/// The cell with its nulls marked as removed, at any depth of maps.
fn cleaned(cell: Cell, depth: usize) -> Outcome<Cell> {
    if depth > DEEPEST {
        return Err(Fault::TooLarge);
    }
    if cell.is_null() {
        return Ok(Cell { writes: cell.writes, body: Body::Removed });
    }
    if !cell.is_map() || !has_null(&cell) {
        return Ok(cell);
    }
    let entries = cell.entries_as(|Entry { key, cell }| Ok(Entry { key, cell: cleaned(cell, depth + 1)? }));
    let (since, entries) = (since(&cell), entries.into_iter().collect::<Outcome<Vec<_>>>()?);
    Ok(Cell::map(cell.writes, since, entries))
}

/// Whether there is a null in a map or in maps of it.
fn has_null(cell: &Cell) -> bool {
    if let Some(Said::Node(node)) = cell.last_write().map(|write| &write.said) {
        return node_has_null(node, 0);
    }
    cell.entries().iter().any(|entry| entry.cell.is_null() || entry.cell.is_map() && has_null(&entry.cell))
}

fn node_has_null(node: &Node, depth: usize) -> bool {
    let has = |value: &Node| matches!(value.kind, Kind::Null) || node_has_null(value, depth + 1);
    depth <= DEEPEST && node.entries().iter().any(|entry| has(&entry.value))
}

fn joined(prefix: &str, key: &str) -> String {
    if prefix.is_empty() { key.to_owned() } else { [prefix, ".", key].concat() }
}
