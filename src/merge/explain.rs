//! Why a path has the value that it has, or none.

use super::{Body, Cell, Layer, LayerId, Shape, Step, Write};
use crate::value::Value;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// What a write does to what was there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Effect {
    /// It sets a value where there was none, or replaces a scalar.
    Set,
    /// It writes the value that was there already.
    Same,
    /// It replaces a list, whose items are lost.
    ReplacedList,
    /// It adds to a map, or changes items of a list.
    Merged,
    /// A null removes what was there.
    Removed,
    /// A null where nothing was there.
    RemovedNothing,
    /// It sets a value that was removed before.
    Restored,
    /// `import-values` of a chart dependency moved it here.
    Imported,
    /// A parent chart's `global` pushed it down.
    Global,
    /// A map replaces a scalar or the other way round.
    TypeConflict,
    /// The layer does not write here.
    Absent,
}

/// One write with what it did.
#[derive(Clone, Debug)]
pub struct Explained {
    /// The layer.
    pub layer: LayerId,
    /// The write; `None` where the layer does not write here.
    pub write: Option<Write>,
    /// What it did.
    pub effect: Effect,
    /// Items of a list that it dropped.
    pub lost: Vec<Value>,
    /// Whether the value is (for a map or list made by several: in part) this write's.
    pub wins: bool,
    /// A write of another kind of value above this path, which took the whole of it away.
    pub ended_by: Option<Ending>,
}

/// What took a value away together with what is above it.
#[derive(Clone, Debug)]
pub struct Ending {
    /// Number of steps of the path at which it was written.
    pub depth: usize,
    /// The write.
    pub write: Write,
}

/// What has become of a path.
#[derive(Clone, Debug)]
pub enum Fate {
    /// It is in the result.
    Present(Value),
    /// No layer ever set it.
    NeverSet,
    /// A null removed it; the write, unless it is a null of the path's own chart that Helm dropped.
    Removed(Option<Write>),
    /// Something else took the place of a parent.
    Shadowed(Ending),
}

/// Everything that was written at a path.
#[derive(Clone, Debug)]
pub struct Explanation {
    /// The path.
    pub path: Vec<Step>,
    /// The writes in the order in which they take effect, lowest first.
    pub writes: Vec<Explained>,
    /// What has become of it.
    pub fate: Fate,
}

/// A write above or at the path while the path is walked.
struct Past {
    write: Write,
    ended_by: Option<Ending>,
}

/// How a write reached its cell.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Route {
    /// It stands at this path in its own layer.
    Direct,
    /// Pushed down as a global.
    Global,
    /// Moved by `import-values`.
    Imported,
}

/// Explains a path of the user's layers or of a chart's values.
pub fn explain(root: &Cell, path: &[Step]) -> Explanation {
    explain_routed(root, path, &|_| Route::Direct)
}

/// The same, with a judge of how writes reached the path.
pub(crate) fn explain_routed(root: &Cell, path: &[Step], route: &dyn Fn(&Write) -> Route) -> Explanation {
    let (past, cell) = walk(root, path);
    let fate = fate(&past, cell.as_ref());
    let writes = effects(past, cell.as_ref(), route);
    Explanation { path: path.to_vec(), writes, fate }
}

/// Follows the path: the writes of the past that reach it, and the cell that is there.
fn walk(root: &Cell, path: &[Step]) -> (Vec<Past>, Option<Cell>) {
    let mut past: Vec<Past> = Vec::new();
    let mut cell = Some(root.clone());
    for (depth, step) in path.iter().enumerate() {
        if let Some(here) = &cell {
            let all = here.writes.as_slice();
            let gone = match &here.body {
                Body::Map(since, _) | Body::List(since, _) => *since as usize,
                Body::Whole => all.len().saturating_sub(1),
                Body::Removed => all.len(),
            };
            for (at, write) in all[..gone].iter().enumerate() {
                let ended_by = ending(&all[at + 1..], write, step, depth);
                past.push(Past { write: write.clone(), ended_by });
            }
        }
        past = past
            .into_iter()
            .filter_map(|Past { write, ended_by }| Some(Past { write: write.below(step)?, ended_by }))
            .collect();
        cell = cell.and_then(|here| here.below(step));
    }
    if let Some(here) = &cell {
        past.extend(here.writes.as_slice().iter().map(|write| Past { write: write.clone(), ended_by: None }));
    }
    (past, cell)
}

/// The first later write that took away what `write` says below a step.
fn ending(later: &[Write], write: &Write, step: &Step, depth: usize) -> Option<Ending> {
    let kept = |other: &&Write| match step {
        Step::Key(_) => other.shape() == Shape::Map,
        Step::Index(_) => other.is_partial() && other.shape() == write.shape(),
    };
    later.iter().find(|other| !kept(other)).map(|other| Ending { depth, write: other.clone() })
}

fn fate(past: &[Past], cell: Option<&Cell>) -> Fate {
    if let Some(value) = cell.and_then(Cell::to_value) {
        return Fate::Present(value);
    }
    if cell.is_some() {
        let null = past.iter().rev().find(|past| past.write.shape() == Shape::Null);
        return Fate::Removed(null.map(|past| past.write.clone()));
    }
    let Some(last) = past.iter().rev().find_map(|past| past.ended_by.clone()) else {
        return Fate::NeverSet;
    };
    match last.write.shape() {
        Shape::Null => Fate::Removed(Some(last.write)),
        _ => Fate::Shadowed(last),
    }
}

/// What was there before a write.
#[derive(Clone)]
enum State {
    Nothing,
    Removed,
    Value(Shape, Option<Value>),
}

/// Goes through the writes in order and says of each what it did.
fn effects(past: Vec<Past>, cell: Option<&Cell>, route: &dyn Fn(&Write) -> Route) -> Vec<Explained> {
    let present = cell.is_some_and(|cell| !cell.is_removed());
    let since = cell.map_or(usize::MAX, |cell| {
        let own = cell.writes.as_slice().len();
        let first = past.len() - own;
        match cell.body {
            Body::Whole => past.len().saturating_sub(1),
            Body::Map(since, _) | Body::List(since, _) => first + since as usize,
            Body::Removed => usize::MAX,
        }
    });
    let mut state = State::Nothing;
    let mut explained = Vec::with_capacity(past.len());
    for (at, Past { write, ended_by }) in past.into_iter().enumerate() {
        let way = route(&write);
        let (effect, lost, next) = step(&state, &write, way);
        state = if ended_by.is_some() { State::Nothing } else { next };
        let wins = present && at >= since;
        explained.push(Explained { layer: write.layer, write: Some(write), effect, lost, wins, ended_by });
    }
    explained
}

fn step(state: &State, write: &Write, way: Route) -> (Effect, Vec<Value>, State) {
    let shape = write.shape();
    let value = write.value();
    let next = State::Value(shape, value.clone());
    let moved = |effect: Effect| match way {
        Route::Direct => effect,
        Route::Global => Effect::Global,
        Route::Imported => Effect::Imported,
    };
    match (state, shape) {
        (State::Nothing | State::Removed, Shape::Null) => {
            (Effect::RemovedNothing, Vec::new(), State::Removed)
        }
        (State::Nothing, _) => (moved(Effect::Set), Vec::new(), next),
        (State::Removed, _) => (moved(Effect::Restored), Vec::new(), next),
        (State::Value(Shape::Null, _), Shape::Null) => (Effect::Same, Vec::new(), State::Removed),
        (State::Value(..), Shape::Null) => (Effect::Removed, lost(state, None), State::Removed),
        (State::Value(Shape::Map, _), Shape::Map) => (moved(Effect::Merged), Vec::new(), next),
        (State::Value(Shape::List, _), Shape::List) if write.is_partial() => {
            (moved(Effect::Merged), Vec::new(), state.clone())
        }
        (State::Value(was, old), _) => {
            let effect = match (was, shape) {
                _ if *old == value && old.is_some() => Effect::Same,
                (Shape::Map, _) | (_, Shape::Map) => Effect::TypeConflict,
                (Shape::List, _) => Effect::ReplacedList,
                _ => Effect::Set,
            };
            let effect = if effect == Effect::Set { moved(effect) } else { effect };
            (effect, lost(state, value.as_ref()), next)
        }
    }
}

/// Items of a list that are not in the new value.
fn lost(state: &State, new: Option<&Value>) -> Vec<Value> {
    let State::Value(_, Some(Value::List(items))) = state else {
        return Vec::new();
    };
    let kept = new.and_then(Value::as_list).unwrap_or_default();
    items.iter().filter(|item| !kept.contains(item)).cloned().collect()
}

impl Explanation {
    /// The value, if the path is in the result.
    pub fn value(&self) -> Option<&Value> {
        if let Fate::Present(value) = &self.fate { Some(value) } else { None }
    }

    /// The write that the value comes from; `None` for what several made, and for what is not there.
    pub fn winner(&self) -> Option<&Explained> {
        let mut winners = self.writes.iter().rev().filter(|write| write.wins);
        winners.next()
    }

    /// The same with every other layer of the list as [`Effect::Absent`], in the order of the list.
    #[must_use]
    pub fn with_absent(mut self, layers: &[(LayerId, Arc<Layer>)]) -> Self {
        for (layer, _) in layers {
            if !self.writes.iter().any(|write| write.layer == *layer) {
                let absent = Explained {
                    layer: *layer,
                    write: None,
                    effect: Effect::Absent,
                    lost: Vec::new(),
                    wins: false,
                    ended_by: None,
                };
                self.writes.push(absent);
            }
        }
        let position = |id: LayerId| layers.iter().position(|(layer, _)| *layer == id);
        self.writes.sort_by_key(|write| position(write.layer));
        self
    }
}
