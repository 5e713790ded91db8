//! Which rows of the tree of values are in sight, and how the keyboard moves among them.

use crate::route::Show;
use std::collections::HashSet;
use strata::report::ValueRow;

/// Folded maps and lists, by their paths.
pub type Folded = HashSet<Vec<String>>;

/// How many rows each button would show.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Values that are no maps or lists with something in them.
    pub all: usize,
    /// Those that several layers wrote.
    pub overridden: usize,
    /// Those that a null removed.
    pub removed: usize,
    /// Those that a finding blames.
    pub problems: usize,
}

/// Counts rows for the buttons.
pub fn count(rows: &[ValueRow]) -> Counts {
    let count = |show| rows.iter().filter(|row| is_shown(row, show)).count();
    Counts {
        all: rows.iter().filter(|row| row.children == 0).count(),
        overridden: count(Show::Overridden),
        removed: count(Show::Removed),
        problems: count(Show::Problems),
    }
}

fn is_shown(row: &ValueRow, show: Show) -> bool {
    match show {
        Show::All | Show::Yaml | Show::Reached | Show::MadeUp | Show::Starter => true,
        Show::Overridden => row.overridden > 0 && (row.children == 0 || row.layer.is_some()),
        Show::Removed => row.removed,
        Show::Problems => row.errors + row.warnings > 0,
    }
}

/// Positions of the rows to show, parents before children: those of `show` that hold `filter`, with
/// what they stand in. Nothing is folded while a filter hides rows.
pub fn visible(rows: &[ValueRow], show: Show, filter: &str, folded: &Folded) -> Vec<usize> {
    let filter = filter.trim().to_lowercase();
    if show == Show::All && filter.is_empty() {
        return unfolded(rows, folded);
    }
    let matches = |row: &ValueRow| {
        is_shown(row, show)
            && (filter.is_empty()
                || row.path.join(".").to_lowercase().contains(&filter)
                || row.text.to_lowercase().contains(&filter))
    };
    let mut keep = vec![false; rows.len()];
    // The last row of each depth is the parent of what follows one deeper.
    let mut parents: Vec<usize> = Vec::new();
    for (at, row) in rows.iter().enumerate() {
        let depth = row.path.len().max(1);
        parents.truncate(depth - 1);
        parents.push(at);
        if matches(row) {
            for &parent in &parents {
                keep[parent] = true;
            }
        }
    }
    (0..rows.len()).filter(|&at| keep[at]).collect()
}

fn unfolded(rows: &[ValueRow], folded: &Folded) -> Vec<usize> {
    let mut shown = Vec::with_capacity(rows.len());
    // Depth of the folded row whose inside is being passed over.
    let mut inside: Option<usize> = None;
    for (at, row) in rows.iter().enumerate() {
        if inside.is_some_and(|depth| row.path.len() > depth) {
            continue;
        }
        inside = (row.children > 0 && folded.contains(&row.path)).then_some(row.path.len());
        shown.push(at);
    }
    shown
}

/// Where a key leads from the row at `current` of the shown rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Move {
    /// To another of the shown rows.
    To(usize),
    /// The row is folded or unfolded.
    Fold(bool),
    /// Nowhere.
    Stay,
}

/// What a key of the keyboard does, as the pattern for tree grids has it. `page` is the number of rows
/// in sight.
pub fn key_move(
    key: &str,
    rows: &[ValueRow],
    shown: &[usize],
    current: usize,
    folded: &Folded,
    page: usize,
) -> Option<Move> {
    let last = shown.len().checked_sub(1)?;
    let row = &rows[*shown.get(current.min(last))?];
    let is_folded = folded.contains(&row.path);
    let to = |at: usize| if at == current { Move::Stay } else { Move::To(at) };
    Some(match key {
        "ArrowDown" => to((current + 1).min(last)),
        "ArrowUp" => to(current.saturating_sub(1)),
        "PageDown" => to((current + page.max(1)).min(last)),
        "PageUp" => to(current.saturating_sub(page.max(1))),
        "Home" => to(0),
        "End" => to(last),
        "ArrowRight" if row.children > 0 && is_folded => Move::Fold(false),
        "ArrowRight" if row.children > 0 => to((current + 1).min(last)),
        "ArrowLeft" if row.children > 0 && !is_folded => Move::Fold(true),
        "ArrowLeft" => {
            let parent =
                shown[..current.min(last)].iter().rposition(|&at| rows[at].path.len() < row.path.len());
            parent.map_or(Move::Stay, to)
        }
        "ArrowRight" => Move::Stay,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use strata::report::ValueKind;

    fn row(path: &str, text: &str, children: usize) -> ValueRow {
        ValueRow {
            path: path.split('.').map(String::from).collect(),
            in_list: false,
            kind: if children > 0 { ValueKind::Map } else { ValueKind::String },
            text: text.into(),
            children,
            removed: false,
            layer: None,
            place: None,
            overridden: 0,
            same_as: None,
            unknown: None,
            errors: 0,
            warnings: 0,
        }
    }

    fn rows() -> Vec<ValueRow> {
        let mut rows = vec![
            row("image", "", 2),
            row("image.name", "web", 0),
            row("image.tag", "1.2", 0),
            row("port", "80", 0),
        ];
        rows[2].overridden = 2;
        rows[3].errors = 1;
        rows
    }

    #[test]
    fn filters_keep_what_their_rows_stand_in() {
        let open = Folded::new();
        assert_eq!(visible(&rows(), Show::All, "", &open), [0, 1, 2, 3]);
        assert_eq!(visible(&rows(), Show::Overridden, "", &open), [0, 2]);
        assert_eq!(visible(&rows(), Show::Problems, "", &open), [3]);
        assert_eq!(visible(&rows(), Show::All, "WEB", &open), [0, 1]);
        assert_eq!(visible(&rows(), Show::All, "image.t", &open), [0, 2]);
        assert_eq!(visible(&rows(), Show::Overridden, "port", &open), [0; 0]);
        let counts = count(&rows());
        assert_eq!((counts.all, counts.overridden, counts.removed, counts.problems), (3, 1, 0, 1));
    }

    #[test]
    fn the_keyboard_walks_folds_and_climbs() {
        let mut folded = Folded::new();
        let shown = visible(&rows(), Show::All, "", &folded);
        let press = |key, at, folded: &Folded, shown: &[usize]| key_move(key, &rows(), shown, at, folded, 10);
        assert_eq!(press("ArrowDown", 0, &folded, &shown), Some(Move::To(1)));
        assert_eq!(press("End", 0, &folded, &shown), Some(Move::To(3)));
        assert_eq!(press("ArrowUp", 0, &folded, &shown), Some(Move::Stay));
        assert_eq!(press("ArrowLeft", 2, &folded, &shown), Some(Move::To(0)));
        assert_eq!(press("ArrowLeft", 0, &folded, &shown), Some(Move::Fold(true)));
        assert_eq!(press("x", 0, &folded, &shown), None);
        folded.insert(vec!["image".into()]);
        let shown = visible(&rows(), Show::All, "", &folded);
        assert_eq!(shown, [0, 3]);
        assert_eq!(press("ArrowRight", 0, &folded, &shown), Some(Move::Fold(false)));
        assert_eq!(press("ArrowDown", 0, &folded, &[]), None);
    }
}
