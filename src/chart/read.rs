//! What templates read of the values, and why what they read is nil.

use super::Values;
use crate::diagnostic::Diagnostic;
use crate::merge::{Fate, Step};
use crate::source::Location;
use crate::template::helm::{Failed, Rendered};
use crate::template::mentions::Mentions;
use crate::template::places::{self, Places};
use crate::template::trace::Blamed;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::sync::Arc;

/// What templates read of the values.
#[derive(Debug)]
pub struct Read {
    /// The places that it and the traces of [`Rendering::texts`] speak of.
    pub places: Places,
    /// Places whose values were taken, lists and maps as a whole.
    pub used: BTreeSet<u32>,
    /// Keys that were asked for and not there where that shows, with the first action that asked.
    pub missing: BTreeMap<(u32, Arc<str>), Location>,
    /// What the templates speak of, in branches that were not taken too.
    pub mentions: Arc<Mentions>,
}

impl Read {
    pub(super) fn of(rendered: &[Rendered], places: Places, mentions: Arc<Mentions>) -> Self {
        let mut read = Self { places, used: BTreeSet::new(), missing: BTreeMap::new(), mentions };
        for trace in rendered.iter().filter_map(|text| text.trace.as_ref()) {
            read.used.extend(&trace.used);
            for (key, asked) in &trace.missing {
                read.missing.entry(key.clone()).or_insert_with(|| asked.clone());
            }
        }
        read
    }

    /// The way to a place from the root of the values.
    pub fn path(&self, place: u32) -> Vec<Step> {
        path(&self.places, place)
    }

    /// The place at the end of a way; `None` where the values have nothing.
    pub fn place(&self, path: &[Step]) -> Option<u32> {
        path.iter().try_fold(0, |place, step| match step {
            Step::Key(key) => self.places.child(place, &places::Step::Key(Arc::clone(key))),
            Step::Index(index) => self.places.child(place, &places::Step::Index(*index)),
        })
    }

    /// Whether a template took the value at a place, or something that it is part of.
    pub fn takes(&self, place: u32) -> bool {
        let above = std::iter::successors(Some(place), |&place| self.places.parent(place));
        above.into_iter().any(|place| self.used.contains(&place))
    }
}

fn path(places: &Places, place: u32) -> Vec<Step> {
    let step = |step| match step {
        places::Step::Key(key) => Step::Key(key),
        places::Step::Index(index) => Step::Index(index),
    };
    places.path(place).into_iter().map(step).collect()
}

/// An error with why the nil that it is about is nil.
pub(super) fn explained(failed: Failed, places: &Places, values: &Values) -> Diagnostic {
    let Failed { diagnostic, blamed } = failed;
    let (place, key) = match blamed {
        Some(Blamed::Null(place)) => (place, None),
        Some(Blamed::Missing(place, key)) => (place, Some(key)),
        None => return diagnostic,
    };
    if !diagnostic.message.contains("nil pointer") {
        return diagnostic;
    }
    let mut path = path(places, place);
    path.extend(key.map(Step::Key));
    let mut name = String::new();
    for step in &path {
        let dot = !name.is_empty() && matches!(step, Step::Key(_));
        let _ = write!(name, "{}{step}", if dot { "." } else { "" });
    }
    let fate = values.explain(&path).fate;
    let (said, write) = match &fate {
        Fate::NeverSet => (format!("no layer ever sets `{name}`"), None),
        Fate::Removed(write) => (format!("a null removes `{name}`"), write.as_ref()),
        Fate::Shadowed(ending) => {
            (format!("what is above `{name}` was replaced by something else"), Some(&ending.write))
        }
        Fate::Present(_) => (format!("`{name}` is null"), None),
    };
    let Some(write) = write else { return diagnostic.hint(said) };
    let by = values.layer(write.layer).map_or_else(|| "Helm".to_owned(), |layer| layer.label.to_string());
    let diagnostic = diagnostic.hint(format!("{said}: {by} does"));
    match values.place(write) {
        Some(place) => diagnostic.with(place, format!("{by} says so here")),
        None => diagnostic,
    }
}
