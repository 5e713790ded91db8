//! Search over Applications, keys, values and files.

use super::rows::scalar_text;
use super::{Hit, Session};
use crate::merge::Cell;
use crate::platform::Outcome;
use crate::value::Value;
use std::collections::HashMap;

/// Applications whose values are looked through for one search; the rest of a large fleet reads the
/// same files, and a search has to answer while somebody types.
const MOST_APPLICATIONS: usize = 400;

/// Everything that holds the text, whatever its case: Applications first, then keys and values, then
/// files.
pub(super) fn search(session: &Session, text: &str, limit: usize) -> Vec<Hit> {
    let wanted = text.trim().to_lowercase();
    if wanted.is_empty() {
        return Vec::new();
    }
    let mut hits = applications(session, &wanted);
    hits.truncate(limit.div_ceil(2));
    hits.extend(values(session, &wanted, limit - hits.len()));
    let files = session.platform().repositories.all().iter().flat_map(|repository| {
        let trees = repository.revisions.iter().take(1).map(|revision| &revision.tree);
        trees.flat_map(|tree| tree.files())
    });
    let files = files
        .filter(|file| file.path.to_lowercase().contains(&wanted))
        .map(|file| Hit::File { repository: file.repository.to_string(), path: file.path.to_string() });
    let left = limit.saturating_sub(hits.len());
    hits.extend(files.take(left));
    hits
}

fn applications(session: &Session, wanted: &str) -> Vec<Hit> {
    let all = session.evaluation().applications.iter().enumerate();
    let mut found: Vec<_> = all.filter(|(_, one)| one.name.to_lowercase().contains(wanted)).collect();
    // Names that begin with the text come first.
    found.sort_by_key(|(_, one)| !one.name.to_lowercase().starts_with(wanted));
    found.into_iter().map(|(application, _)| Hit::Application { application }).collect()
}

/// Keys and values, each once with the number of further applications that have the same.
fn values(session: &Session, wanted: &str, limit: usize) -> Vec<Hit> {
    let mut hits: Vec<Hit> = Vec::new();
    let mut known: HashMap<(Vec<String>, String), usize> = HashMap::new();
    let count = session.evaluation().applications.len().min(MOST_APPLICATIONS);
    for application in 0..count {
        let Some(detail) = session.detail(application) else { continue };
        for (source, outcome) in &detail.sources {
            let Outcome::Helm(helm) = outcome else { continue };
            for (path, value) in leaves(helm.root()) {
                let text = scalar_text(&value);
                if !path.join(".").to_lowercase().contains(wanted) && !text.to_lowercase().contains(wanted) {
                    continue;
                }
                if let Some(at) = known.get(&(path.clone(), text.clone())) {
                    if let Some(Hit::Value { more, .. }) = hits.get_mut(*at) {
                        *more += 1;
                    }
                } else if hits.len() < limit {
                    known.insert((path.clone(), text.clone()), hits.len());
                    hits.push(Hit::Value { application, source: source.index, path, text, more: 0 });
                }
            }
        }
    }
    hits
}

/// Scalars with their paths. A stack and no recursion: documents may be nested deeply.
fn leaves(root: &Cell) -> Vec<(Vec<String>, Value)> {
    let mut leaves = Vec::new();
    let mut open: Vec<(Vec<String>, Value)> =
        root.to_value().map(|value| (Vec::new(), value)).into_iter().collect();
    while let Some((path, value)) = open.pop() {
        let below = |name: String| path.iter().cloned().chain([name]).collect::<Vec<_>>();
        match &value {
            Value::Map(map) => {
                open.extend(map.iter().rev().map(|(key, value)| (below(key.to_string()), value.clone())));
            }
            Value::List(list) => {
                let items = list.iter().enumerate().rev();
                open.extend(items.map(|(at, value)| (below(at.to_string()), value.clone())));
            }
            _ => leaves.push((path, value)),
        }
    }
    leaves
}
