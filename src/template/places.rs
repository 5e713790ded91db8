//! Values that know where in a tree they stand, for whoever traces.

use super::types::Type;
use super::value::{Kind, Map, Origin, Str, Value};
use crate::value as plain;
use std::rc::Rc;
use std::sync::Arc;

/// The places of one tree of values, numbered: the root is 0.
#[derive(Clone, Debug)]
pub struct Places(Vec<(u32, Step)>);

/// One step down a tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// Into a map.
    Key(Arc<str>),
    /// Into a list.
    Index(usize),
}

impl Default for Places {
    fn default() -> Self {
        Self(vec![(0, Step::Index(0))])
    }
}

impl Places {
    /// A tree of plain values with the place of each of them.
    pub fn number(&mut self, value: &plain::Value) -> Value {
        self.value(value, 0)
    }

    /// The way to a place from the root; empty for the root itself and for what is no place.
    pub fn path(&self, place: u32) -> Vec<Step> {
        let mut path = Vec::new();
        let mut at = place;
        // A parent has a lower number than its children.
        while let Some((parent, step)) = self.0.get(at as usize).filter(|_| at > 0) {
            path.push(step.clone());
            at = *parent;
        }
        path.reverse();
        path
    }

    /// The place that holds a place; `None` for the root and for what is no place.
    pub fn parent(&self, place: u32) -> Option<u32> {
        self.0.get(place as usize).filter(|_| place > 0).map(|(parent, _)| *parent)
    }

    /// The place one step below a place.
    pub fn child(&self, place: u32, step: &Step) -> Option<u32> {
        // Children have higher numbers than their parent.
        let below = self.0.iter().enumerate().skip(place as usize + 1);
        let found = below.into_iter().find(|(_, (parent, own))| *parent == place && own == step);
        found.map(|(at, _)| at as u32)
    }

    /// How many places there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is no place; there is always the root.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// A new place one step below another one.
    pub fn add(&mut self, parent: u32, step: Step) -> u32 {
        self.0.push((parent, step));
        self.0.len() as u32 - 1
    }

    fn value(&mut self, value: &plain::Value, place: u32) -> Value {
        let converted = match value {
            plain::Value::List(items) => {
                let item = |(at, item)| {
                    let place = self.add(place, Step::Index(at));
                    self.value(item, place)
                };
                Value::list(items.iter().enumerate().map(item).collect())
            }
            plain::Value::Map(map) => {
                let mut entry = |(key, item): (&Arc<str>, &plain::Value)| {
                    let place = self.add(place, Step::Key(Arc::clone(key)));
                    (Str::from(Arc::clone(key)), self.value(item, place))
                };
                let entries = map.iter().map(&mut entry).collect();
                Kind::Map(Rc::new(Map::new(Type::MAP, entries))).into()
            }
            scalar => Value::from(scalar),
        };
        converted.made_from(Some(Origin::new(place)))
    }
}
