//! Cells: paths of a merged tree with their writes.

use super::{DEEPEST, Layer, LayerId, Said, Step, Write, Writes};
use crate::diagnostic::Diagnostic;
use crate::source::{Location, Span};
use crate::value::{Map, Value};
use crate::yaml::{self, Kind, Node};
use std::sync::Arc;

/// A path of a merged tree. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Cell {
    /// What was written here, lowest first. Writes that were replaced as a whole stay in the list.
    pub writes: Writes,
    /// What is here now.
    pub body: Body,
}

/// What a cell is after its writes.
#[derive(Clone, Debug)]
pub enum Body {
    /// What the last write says, as a whole.
    Whole,
    /// A map that several writes made together. Those before the position in `writes` are no part of
    /// it: something replaced them as a whole.
    Map(u32, Arc<Vec<Entry>>),
    /// A list that `--set` changed items of; the position as for maps.
    List(u32, Arc<Vec<Cell>>),
    /// Not in the result: a null removed it.
    Removed,
}

/// A key of a merged map.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The key.
    pub key: Arc<str>,
    /// Its cell; removed ones too.
    pub cell: Cell,
}

/// The kind of a value as far as merging cares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Shape {
    Null,
    Scalar,
    List,
    Map,
}

impl Shape {
    /// The shape of a value.
    pub fn of(value: &Value) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::List(_) => Self::List,
            Value::Map(_) => Self::Map,
            _ => Self::Scalar,
        }
    }
}

/// Maps are nested deeper than [`DEEPEST`].
#[derive(Debug)]
pub(crate) struct TooDeep(Span);

impl TooDeep {
    pub(super) fn diagnostic(&self, layer: &Layer) -> Diagnostic {
        let message = format!("values are nested deeper than {DEEPEST} levels, which is not supported here");
        let diagnostic = Diagnostic::error("values-depth", message).hint("nest the values less deep");
        match layer.file() {
            Some(file) => diagnostic.at(Location::new(file, self.0)),
            None => diagnostic,
        }
    }
}

/// An empty map that nobody wrote.
impl Default for Cell {
    fn default() -> Self {
        Self { writes: Writes::None, body: Body::Map(0, Arc::default()) }
    }
}

impl Cell {
    /// A cell of one write.
    pub fn of(write: Write) -> Self {
        Self { writes: Writes::One(write), body: Body::Whole }
    }

    /// The kind of its value; `None` if it is removed.
    pub fn shape(&self) -> Option<Shape> {
        match &self.body {
            Body::Whole => self.writes.as_slice().last().map(Write::shape),
            Body::Map(..) => Some(Shape::Map),
            Body::List(..) => Some(Shape::List),
            Body::Removed => None,
        }
    }

    /// Whether its value is a map.
    pub fn is_map(&self) -> bool {
        self.shape() == Some(Shape::Map)
    }

    /// Whether its value is null.
    pub fn is_null(&self) -> bool {
        self.shape() == Some(Shape::Null)
    }

    /// Whether it is no part of the result.
    pub fn is_removed(&self) -> bool {
        matches!(self.body, Body::Removed)
    }

    /// The value without its writes; `None` if it is removed.
    pub fn to_value(&self) -> Option<Value> {
        match &self.body {
            Body::Whole => self.writes.as_slice().last().and_then(Write::value),
            Body::Map(_, entries) => {
                let pairs = entries.iter().filter_map(|entry| {
                    let value = entry.cell.to_value()?;
                    Some((Arc::clone(&entry.key), value))
                });
                Some(Value::Map(Arc::new(pairs.collect::<Map>())))
            }
            Body::List(_, items) => {
                let items = items.iter().map(|item| item.to_value().unwrap_or(Value::Null));
                Some(Value::List(items.collect()))
            }
            Body::Removed => None,
        }
    }

    /// The cell one step below; removed cells too. `None` if there is nothing.
    pub fn below(&self, step: &Step) -> Option<Self> {
        match (&self.body, step) {
            (Body::Whole, _) => self.writes.as_slice().last()?.below(step).map(Self::of),
            (Body::Map(_, entries), Step::Key(key)) => {
                let at = entries.binary_search_by(|entry| (*entry.key).cmp(key)).ok()?;
                Some(entries[at].cell.clone())
            }
            (Body::List(_, items), Step::Index(index)) => items.get(*index).cloned(),
            _ => None,
        }
    }

    /// The cell at a key that is part of the result.
    pub fn get(&self, key: &str) -> Option<Self> {
        self.below(&Step::from(key)).filter(|cell| !cell.is_removed())
    }

    /// The cell at a path, if it is part of the result.
    pub fn at(&self, path: &[Step]) -> Option<Self> {
        path.iter().try_fold(self.clone(), |cell, step| cell.below(step).filter(|cell| !cell.is_removed()))
    }

    /// Keys and cells of a map in order, removed ones too; nothing for anything else.
    pub fn entries(&self) -> Arc<Vec<Entry>> {
        match &self.body {
            Body::Map(_, entries) => Arc::clone(entries),
            Body::Whole => Arc::new(self.writes.as_slice().last().map(split_map).unwrap_or_default()),
            _ => Arc::default(),
        }
    }

    /// What is made of each of [`Cell::entries`], without a list of them being made before.
    pub(crate) fn entries_as<T>(&self, mut make: impl FnMut(Entry) -> T) -> Vec<T> {
        match (&self.body, self.last_write().map(|write| (write.layer, &write.said))) {
            (Body::Whole, Some((layer, Said::Node(node)))) => {
                node.entries().iter().map(|entry| make(split(layer, entry))).collect()
            }
            _ => self.entries().iter().map(|entry| make(entry.clone())).collect(),
        }
    }

    /// Items of a list; nothing for anything else.
    pub fn items(&self) -> Arc<Vec<Self>> {
        match &self.body {
            Body::List(_, items) => Arc::clone(items),
            Body::Whole => Arc::new(self.writes.as_slice().last().map(split_list).unwrap_or_default()),
            _ => Arc::default(),
        }
    }

    /// The write that its value comes from; none for maps and lists that several writes made, and for
    /// what Helm made itself.
    pub fn last_write(&self) -> Option<&Write> {
        match self.body {
            Body::Whole => self.writes.as_slice().last(),
            _ => None,
        }
    }

    /// Lays a write over what is here: a map merges into a map, everything else replaces. After an error
    /// the cell is of no use.
    pub(crate) fn overlay(&mut self, write: Write, depth: usize) -> Result<(), TooDeep> {
        if depth > DEEPEST {
            return Err(TooDeep(write.span()));
        }
        let added = match &write.said {
            Said::Node(Node { kind: Kind::Map(added), .. }) if self.is_map() => Arc::clone(added),
            _ => {
                self.writes.push(write);
                self.body = Body::Whole;
                return Ok(());
            }
        };
        let since = match self.body {
            Body::Map(since, _) => since,
            _ => self.last_position(),
        };
        let layer = write.layer;
        let merged = match std::mem::replace(&mut self.body, Body::Whole) {
            // A map that nobody else holds is taken apart, and none of it copied.
            Body::Map(_, entries) => match Arc::try_unwrap(entries) {
                Ok(own) => merged(own.into_iter(), &added, layer, depth)?,
                Err(shared) => merged(shared.iter().cloned(), &added, layer, depth)?,
            },
            _ => merged(self.entries_as(|entry| entry).into_iter(), &added, layer, depth)?,
        };
        self.body = Body::Map(since, Arc::new(merged));
        self.writes.push(write);
        Ok(())
    }

    /// The entries of a map together with the position of the first write that made it.
    pub(crate) fn map_entries(&self) -> (u32, Arc<Vec<Entry>>) {
        match &self.body {
            Body::Map(since, entries) => (*since, Arc::clone(entries)),
            _ => (self.last_position(), self.entries()),
        }
    }

    /// The items of a list, likewise.
    pub(crate) fn list_items(&self) -> (u32, Arc<Vec<Self>>) {
        match &self.body {
            Body::List(since, items) => (*since, Arc::clone(items)),
            _ => (self.last_position(), self.items()),
        }
    }

    fn last_position(&self) -> u32 {
        (self.writes.as_slice().len() as u32).saturating_sub(1)
    }
}

/// Entries of a map with what a layer adds to it; both in the order of their keys.
fn merged(
    below: impl ExactSizeIterator<Item = Entry>,
    added: &[yaml::Entry],
    layer: LayerId,
    depth: usize,
) -> Result<Vec<Entry>, TooDeep> {
    let mut merged = Vec::with_capacity(below.len() + added.len());
    let mut below = below.peekable();
    for entry in added {
        while let Some(lower) = below.next_if(|lower| lower.key < entry.key) {
            merged.push(lower);
        }
        let new = Write { layer, key: entry.key_span, said: Said::Node(entry.value.clone()) };
        match below.next_if(|lower| lower.key == entry.key) {
            Some(mut lower) => {
                lower.cell.overlay(new, depth + 1)?;
                merged.push(lower);
            }
            None => merged.push(Entry { key: Arc::clone(&entry.key), cell: Cell::of(new) }),
        }
    }
    merged.extend(below);
    Ok(merged)
}

/// The children of a map that one write says as a whole.
fn split_map(write: &Write) -> Vec<Entry> {
    match &write.said {
        Said::Node(node) => node.entries().iter().map(|entry| split(write.layer, entry)).collect(),
        Said::Set(set, _) => {
            let keys = set.value.as_map().into_iter().flat_map(|map| map.iter());
            let step = |key: &Arc<str>| write.below(&Step::Key(Arc::clone(key)));
            keys.filter_map(|(key, _)| Some(Entry { key: Arc::clone(key), cell: Cell::of(step(key)?) }))
                .collect()
        }
    }
}

fn split(layer: LayerId, entry: &yaml::Entry) -> Entry {
    let write = Write { layer, key: entry.key_span, said: Said::Node(entry.value.clone()) };
    Entry { key: Arc::clone(&entry.key), cell: Cell::of(write) }
}

/// The items of a list that one write says as a whole.
fn split_list(write: &Write) -> Vec<Cell> {
    let count = match &write.said {
        Said::Node(node) => node.items().len(),
        Said::Set(set, _) => set.value.as_list().map_or(0, <[Value]>::len),
    };
    (0..count).filter_map(|index| write.below(&Step::Index(index)).map(Cell::of)).collect()
}

impl Write {
    /// A null that nobody wrote, as Helm fills lists with.
    pub(super) fn filler(layer: LayerId) -> Self {
        let node = Node { span: Span::default(), kind: Kind::Null };
        Self { layer, key: Span::default(), said: Said::Node(node) }
    }
}

/// Cells below cells: what charts need beyond laying layers over each other.
impl Cell {
    /// A map that several writes made, those from `since` on; `u32::MAX` stands for none.
    pub(crate) fn map(writes: Writes, since: u32, entries: Vec<Entry>) -> Self {
        let since = since.min(writes.as_slice().len() as u32);
        Self { writes, body: Body::Map(since, Arc::new(entries)) }
    }

    /// This cell with the writes of another one below it. `merged`: both are maps, and the entries are
    /// merged already, so that the other's writes are a part of it. Else its body stays as it is.
    #[must_use]
    pub(crate) fn over(self, low: &Self, merged: bool) -> Self {
        let count = |cell: &Self| match &cell.body {
            Body::Map(since, _) | Body::List(since, _) => *since as usize,
            _ => (cell.writes.as_slice().len()).saturating_sub(1),
        };
        let mine = self.writes.as_slice();
        let is_new = |write: &&Write| !mine.iter().any(|own| own.is(write));
        let before = low.writes.as_slice().iter().filter(is_new).count() as u32;
        if before == 0 {
            return self;
        }
        if !merged {
            let body = match self.body {
                Body::Map(since, entries) => Body::Map(since + before, entries),
                Body::List(since, items) => Body::List(since + before, items),
                other => other,
            };
            return Self { writes: self.writes.above(&low.writes), body };
        }
        if let (Body::Map(0, entries), 0) = (&self.body, count(low)) {
            let body = Body::Map(0, Arc::clone(entries));
            return Self { writes: self.writes.above(&low.writes), body };
        }
        let new: Vec<&Write> = low.writes.as_slice().iter().filter(is_new).collect();
        // Writes that were replaced as a whole come first, whoever made them.
        let low_gone = low.writes.as_slice().get(..count(low)).unwrap_or_default();
        let is_gone = |write: &&&Write| low_gone.iter().any(|gone| gone.is(write));
        let (mine_gone, mine_live) = mine.split_at(count(&self).min(mine.len()));
        let low_dead: Vec<&Write> = new.iter().copied().filter(|write| is_gone(&write)).collect();
        let low_live = new.iter().copied().filter(|write| !is_gone(&write));
        let since = (low_dead.len() + mine_gone.len()) as u32;
        let all: Vec<Write> =
            low_dead.into_iter().chain(mine_gone).chain(low_live).chain(mine_live).cloned().collect();
        let entries = match self.body {
            Body::Map(_, entries) => entries,
            _ => self.entries(),
        };
        Self { writes: Writes::Many(Arc::new(all)), body: Body::Map(since, entries) }
    }

    /// This cell where another one had been removed: its writes come after those.
    #[must_use]
    pub(crate) fn restored(self, before: &Writes) -> Self {
        let removed = Self { writes: before.clone(), body: Body::Removed };
        self.over(&removed, false)
    }
}
