//! A value is its writes: checks that folding the writes of every path gives the value there. Shared by
//! the recorded answers, the drawn ones and the fuzz targets.

use strata::merge::{Body, Cell, Explanation, Fate, LayerId, Step};
use strata::value::Value;

/// Checks every path of a tree, removed ones too. `known` says whether a layer took part.
pub fn come_to_values(
    root: &Cell,
    explain: &dyn Fn(&[Step]) -> Explanation,
    known: &dyn Fn(LayerId) -> bool,
) -> Result<(), String> {
    let mut open = vec![(Vec::new(), root.clone())];
    while let Some((path, cell)) = open.pop() {
        check(&explain(&path), &cell, known).map_err(|problem| {
            format!("{}: {problem}", path.iter().map(Step::to_string).collect::<String>())
        })?;
        let below = |step: Step| path.iter().cloned().chain([step]).collect::<Vec<_>>();
        for entry in cell.entries().iter() {
            open.push((below(Step::Key(entry.key.clone())), entry.cell.clone()));
        }
        for (index, item) in cell.items().iter().enumerate() {
            open.push((below(Step::Index(index)), item.clone()));
        }
    }
    Ok(())
}

fn check(explanation: &Explanation, cell: &Cell, known: &dyn Fn(LayerId) -> bool) -> Result<(), String> {
    let value = cell.to_value();
    match (&explanation.fate, &value) {
        (Fate::Present(explained), Some(value)) if explained == value => {}
        (Fate::Removed(_), None) => {}
        (fate, _) => return Err(format!("{value:?} explained as {fate:?}")),
    }
    // A map or list that several writes made is checked by its parts.
    let whole = !matches!(cell.body, Body::Map(..) | Body::List(..));
    let folded = fold(explanation);
    let removed = value.is_none() && matches!(folded, None | Some(Value::Null));
    if whole && !removed && folded != value {
        return Err(format!("writes come to {folded:?}, the value is {value:?}"));
    }
    if explanation.writes.iter().filter(|write| write.write.is_some()).any(|write| !known(write.layer)) {
        return Err("a write of no layer".to_owned());
    }
    Ok(())
}

/// What the writes of a path come to, one after the other.
fn fold(explanation: &Explanation) -> Option<Value> {
    let alive = explanation.writes.iter().filter(|explained| explained.ended_by.is_none());
    alive.filter_map(|explained| explained.write.as_ref()).fold(None, |_, write| write.value())
}
