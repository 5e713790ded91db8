//! `--set` arguments: `a.b[0].c=value,…` written into a tree as Helm's package strvals does it.
//!
//! An argument is first read into [`Operation`]s, then these are carried out one by one, since what is
//! already there decides about errors, and an error of an earlier operation comes first.

mod object;
mod read;

use super::{Argument, Assignment, Body, Cell, Entry, LayerId, Said, Shape, Step, Write, Writes};
use crate::diagnostic::Diagnostic;
use crate::profile::Helm;
use crate::source::{Location, Span};
use crate::template::quote::quote;
use crate::value::Value;
use crate::yaml::Kind;
use read::{End, Open, Operation};
use std::sync::Arc;

/// The largest position in a list.
const LARGEST_INDEX: usize = 65_536;

/// How many list items one argument may create. Helm sets no limit; a page has to.
const MOST_ITEMS: usize = 300_000;

/// Why an operation stops.
enum Stop {
    /// The text ended where it may.
    End,
    /// The text ended inside the brackets of an index: an error in Helm 3, ignored by Helm 4.
    EndInIndex,
    /// An error in Helm's words.
    Error(String),
}

/// Writes the assignments of an argument into the tree of the layers below.
pub(super) fn apply(
    root: &mut Cell,
    layer: LayerId,
    argument: &Argument,
    helm: Helm,
) -> Result<(), Diagnostic> {
    if helm.reads_set_json_objects() && object::is_one(argument) {
        return object::apply(root, layer, argument);
    }
    let operations = read::operations(argument);
    let (since, mut entries) = root.map_entries();
    let mut created = 0;
    for operation in &operations {
        let mut writer = Writer { layer, operation, created: &mut created };
        match writer.set_key(Arc::make_mut(&mut entries), 0) {
            Ok(()) => {}
            Err(Stop::End) => break,
            Err(Stop::EndInIndex) if helm.ends_quietly_inside_an_index() => break,
            Err(Stop::EndInIndex) => {
                return Err(failure(argument, operation, "error parsing index: EOF"));
            }
            Err(Stop::Error(message)) => return Err(failure(argument, operation, &message)),
        }
        if let Some(set) = &operation.assignment {
            root.writes.push(Write { layer, key: Span::default(), said: Said::Set(Arc::clone(set), 0) });
        }
    }
    root.body = Body::Map(since, entries);
    Ok(())
}

fn failure(argument: &Argument, operation: &Operation, message: &str) -> Diagnostic {
    let message = match argument {
        Argument::SetJson(file) => format!("failed parsing --set-json data {}", file.text),
        _ => format!("failed parsing {} data: {message}", argument.kind().option()),
    };
    Diagnostic::error("set-argument", message)
        .at(Location::new(argument.file(), operation.span))
        .hint("A path is written a.b[0].c; commas, dots, brackets and equals signs in keys and values need a \\ before them.")
}

struct Writer<'a> {
    layer: LayerId,
    operation: &'a Operation,
    created: &'a mut usize,
}

impl Writer<'_> {
    fn write(&self, position: usize) -> Option<Write> {
        let set = self.operation.assignment.as_ref()?;
        let key = position.checked_sub(1).map_or(Span::default(), |at| self.operation.steps[at].1);
        Some(Write { layer: self.layer, key, said: Said::Set(Arc::clone(set), position as u32) })
    }

    /// The end of the operation, reached where nothing but it is left.
    fn stop(&self) -> Stop {
        match &self.operation.end {
            End::Error(message) => Stop::Error(message.clone()),
            End::Index => Stop::EndInIndex,
            End::Assigned | End::AssignedLast | End::Text => Stop::End,
        }
    }

    /// Carries out the operation from its step `at` on, a key, in a map.
    fn set_key(&mut self, entries: &mut Vec<Entry>, at: usize) -> Result<(), Stop> {
        let Some((Step::Key(key), _)) = self.operation.steps.get(at) else {
            return Err(self.stop());
        };
        let found = entries.binary_search_by(|entry| entry.key.cmp(key));
        let present = found.ok().map(|place| entries[place].cell.clone());
        let (cell, result) = match self.next(at) {
            Next::End => match self.operation.end {
                End::Assigned => (self.assigned(present, at), Ok(())),
                End::AssignedLast => (self.assigned(present, at), Err(Stop::End)),
                _ => return Err(self.stop()),
            },
            Next::List => self.list_at_key(present, at)?,
            Next::Map => match self.map_at_key(present, key, at)? {
                (None, result) => return result,
                (Some(cell), result) => (cell, result),
            },
        };
        match found {
            Ok(place) => entries[place].cell = cell,
            // Helm drops what is set at an empty key.
            Err(_) if key.is_empty() => {}
            Err(place) => entries.insert(place, Entry { key: Arc::clone(key), cell }),
        }
        result
    }

    fn next(&self, at: usize) -> Next {
        match (self.operation.steps.get(at + 1), self.operation.open) {
            (Some((Step::Key(_), _)), _) | (None, Some(Open::Map)) => Next::Map,
            (Some((Step::Index(_), _)), _) | (None, Some(Open::List)) => Next::List,
            (None, None) => Next::End,
        }
    }

    fn assigned(&self, present: Option<Cell>, at: usize) -> Cell {
        let mut writes = present.map(|cell| cell.writes).unwrap_or_default();
        if let Some(write) = self.write(at + 1) {
            writes.push(write);
        }
        Cell { writes, body: Body::Whole }
    }

    /// The list at a key, changed. It is there afterwards even if the text ended early.
    fn list_at_key(&mut self, present: Option<Cell>, at: usize) -> Result<(Cell, Result<(), Stop>), Stop> {
        let mut cell = present.unwrap_or(Cell { writes: Writes::None, body: Body::List(0, Arc::default()) });
        expect(&cell, Shape::List, "[]interface {}")?;
        let (since, mut items) = cell.list_items();
        let result = self.set_item(Arc::make_mut(&mut items), at + 1);
        if let Err(Stop::Error(message)) = result {
            return Err(Stop::Error(message));
        }
        if result.is_err() && matches!(cell.writes, Writes::None) {
            let steps = self.operation.steps[..=at].to_vec();
            let value = Value::List(Arc::default());
            let set = Arc::new(Assignment { steps, value, span: self.operation.span });
            let key = self.operation.steps[at].1;
            return Ok((
                Cell::of(Write { layer: self.layer, key, said: Said::Set(set, at as u32 + 1) }),
                result,
            ));
        }
        if let Some(write) = self.write(at + 1) {
            cell.writes.push(write);
        }
        cell.body = Body::List(since, items);
        Ok((cell, result))
    }

    /// The map at a key, changed; `None` if nothing was there and nothing came.
    fn map_at_key(
        &mut self,
        present: Option<Cell>,
        key: &str,
        at: usize,
    ) -> Result<(Option<Cell>, Result<(), Stop>), Stop> {
        let mut cell = present.unwrap_or_default();
        expect(&cell, Shape::Map, "map[string]interface {}")?;
        let (since, mut inner) = cell.map_entries();
        let result = self.set_key(Arc::make_mut(&mut inner), at + 1);
        if inner.is_empty() {
            let empty = || Err(Stop::Error(format!("key map {} has no value", quote(key))));
            return Ok((None, if result.is_ok() { empty() } else { result }));
        }
        if let Some(write) = self.write(at + 1) {
            cell.writes.push(write);
        }
        cell.body = Body::Map(since, inner);
        Ok((Some(cell), result))
    }

    /// Carries out the operation from its step `at` on, a position, in a list. Items that exist are
    /// changed in place even if the text ends early; new ones come only with a value.
    fn set_item(&mut self, items: &mut Vec<Cell>, at: usize) -> Result<(), Stop> {
        let Some((Step::Index(index), _)) = self.operation.steps.get(at) else {
            return Err(self.stop());
        };
        let index = *index;
        let present = items.get(index).cloned();
        let exists = present.is_some();
        let (cell, result) = match self.next(at) {
            Next::End => match self.operation.end {
                End::Assigned | End::AssignedLast => (self.assigned(present, at), Ok(())),
                _ => return Err(self.stop()),
            },
            Next::List => {
                let present = present.filter(|cell| !cell.is_null());
                let mut cell =
                    present.unwrap_or(Cell { writes: Writes::None, body: Body::List(0, Arc::default()) });
                expect(&cell, Shape::List, "[]interface {}")?;
                let (since, mut inner) = cell.list_items();
                let result = self.set_item(Arc::make_mut(&mut inner), at + 1);
                cell.writes = self.pushed(cell.writes, at);
                cell.body = Body::List(since, inner);
                (cell, result)
            }
            Next::Map => {
                let mut cell = match present {
                    Some(cell) if cell.is_map() => cell,
                    Some(cell) => Cell { writes: cell.writes, body: Cell::default().body },
                    None => Cell::default(),
                };
                let (since, mut inner) = cell.map_entries();
                let result = self.set_key(Arc::make_mut(&mut inner), at + 1);
                cell.writes = self.pushed(cell.writes, at);
                cell.body = Body::Map(since, inner);
                (cell, result)
            }
        };
        match result {
            Ok(()) => self.put(items, index, cell),
            Err(stop) => {
                if exists {
                    items[index] = cell;
                }
                Err(stop)
            }
        }
    }

    fn pushed(&self, mut writes: Writes, at: usize) -> Writes {
        if let Some(write) = self.write(at + 1) {
            writes.push(write);
        }
        writes
    }

    /// Sets an item, with nulls before it where the list is shorter.
    fn put(&mut self, items: &mut Vec<Cell>, index: usize, cell: Cell) -> Result<(), Stop> {
        if index > LARGEST_INDEX {
            return Err(Stop::Error(format!(
                "index of {index} is greater than maximum supported index of {LARGEST_INDEX}"
            )));
        }
        if items.len() <= index {
            *self.created += index + 1 - items.len();
            if *self.created > MOST_ITEMS {
                return Err(Stop::Error(format!(
                    "more than {MOST_ITEMS} list items, which is not supported here"
                )));
            }
            items.resize_with(index + 1, || Cell::of(Write::filler(self.layer)));
        }
        items[index] = cell;
        Ok(())
    }
}

/// What follows a step.
enum Next {
    Map,
    List,
    End,
}

/// Helm's Go code asserts the type of what it goes into, and reports the runtime's words.
fn expect(cell: &Cell, shape: Shape, name: &str) -> Result<(), Stop> {
    if cell.shape() == Some(shape) {
        return Ok(());
    }
    let is = go_type(cell);
    Err(Stop::Error(format!("unable to parse key: interface conversion: interface {{}} is {is}, not {name}")))
}

/// Name of the Go type that Helm holds such a value in.
fn go_type(cell: &Cell) -> &'static str {
    let scalar = |write: &Write| match &write.said {
        Said::Node(node) => match node.kind {
            Kind::Bool(_) => "bool",
            Kind::Float(_) => "float64",
            _ => "string",
        },
        Said::Set(set, _) => match set.value {
            Value::Bool(_) => "bool",
            Value::Int(_) => "int64",
            Value::Float(_) => "float64",
            _ => "string",
        },
    };
    match cell.shape() {
        Some(Shape::Map) => "map[string]interface {}",
        Some(Shape::List) => "[]interface {}",
        Some(Shape::Scalar) => cell.last_write().map_or("nil", scalar),
        Some(Shape::Null) | None => "nil",
    }
}
