//! Merged values as templates see them, made from the cells in one go.

use crate::merge::{Body, Cell, Said, Write};
use crate::template::Value;
use crate::template::places::{Places, Step};
use crate::template::types::Type;
use crate::template::value::{Kind, Map, Origin, Str};
use crate::value as plain;
use crate::yaml::{self, Node};
use std::rc::Rc;
use std::sync::Arc;

/// What templates see of computed values; nil if there are none. With `places` every value knows where it
/// stands.
pub(super) fn seen(root: &Cell, places: Option<&mut Places>) -> Value {
    if exists(root) { Seen { places }.cell(root, 0) } else { Value::map::<&str>([]) }
}

/// Merging has bounded how deep they are, so this recurses.
struct Seen<'p> {
    places: Option<&'p mut Places>,
}

/// Whether a cell is part of the result.
fn exists(cell: &Cell) -> bool {
    match &cell.body {
        Body::Whole => cell.writes.as_slice().last().is_some_and(|write| !write.is_partial()),
        Body::Map(..) | Body::List(..) => true,
        Body::Removed => false,
    }
}

impl Seen<'_> {
    fn cell(&mut self, cell: &Cell, place: u32) -> Value {
        match &cell.body {
            Body::Whole => match cell.writes.as_slice().last() {
                Some(Write { said: Said::Node(node), .. }) => self.node(node, place),
                Some(write) => self.plain(&write.value().unwrap_or(plain::Value::Null), place),
                None => self.at(Value::NIL, place),
            },
            Body::Map(_, entries) => {
                let entries = entries.iter().filter(|entry| exists(&entry.cell));
                let pairs = entries.map(|entry| (&entry.key, &entry.cell));
                self.map(pairs, place, Self::cell)
            }
            Body::List(_, items) => self.list(items.iter(), place, |seen, item, place| {
                if exists(item) { seen.cell(item, place) } else { seen.at(Value::NIL, place) }
            }),
            Body::Removed => Value::NIL,
        }
    }

    fn node(&mut self, node: &Node, place: u32) -> Value {
        match &node.kind {
            yaml::Kind::Null => self.at(Value::NIL, place),
            yaml::Kind::Bool(bool) => self.at((*bool).into(), place),
            yaml::Kind::Float(number) => self.at((*number).into(), place),
            yaml::Kind::String(text) => self.at(Str::from(Arc::clone(text)).into(), place),
            yaml::Kind::List(items) => self.list(items.iter(), place, Self::node),
            yaml::Kind::Map(entries) => {
                let pairs = entries.iter().map(|entry| (&entry.key, &entry.value));
                self.map(pairs, place, Self::node)
            }
        }
    }

    fn plain(&mut self, value: &plain::Value, place: u32) -> Value {
        match value {
            plain::Value::List(items) => self.list(items.iter(), place, Self::plain),
            plain::Value::Map(map) => self.map(map.iter(), place, Self::plain),
            scalar => self.at(Value::from(scalar), place),
        }
    }

    fn list<T>(
        &mut self,
        items: impl Iterator<Item = T>,
        place: u32,
        see: impl Fn(&mut Self, T, u32) -> Value,
    ) -> Value {
        let items = items.enumerate().map(|(at, item)| {
            let place = self.below(place, || Step::Index(at));
            see(self, item, place)
        });
        let list = Value::list(items.collect());
        self.at(list, place)
    }

    fn map<'c, T>(
        &mut self,
        pairs: impl Iterator<Item = (&'c Arc<str>, T)>,
        place: u32,
        see: impl Fn(&mut Self, T, u32) -> Value,
    ) -> Value {
        let entry = |(key, value)| {
            let place = self.below(place, || Step::Key(Arc::clone(key)));
            (Str::from(Arc::clone(key)), see(self, value, place))
        };
        let entries = pairs.map(entry).collect();
        self.at(Kind::Map(Rc::new(Map::new(Type::MAP, entries))).into(), place)
    }

    fn below(&mut self, parent: u32, step: impl FnOnce() -> Step) -> u32 {
        self.places.as_mut().map_or(0, |places| places.add(parent, step()))
    }

    fn at(&self, value: Value, place: u32) -> Value {
        match self.places {
            Some(_) => value.made_from(Some(Origin::new(place))),
            None => value,
        }
    }
}
