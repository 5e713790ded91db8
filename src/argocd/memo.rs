//! What comes of an ApplicationSet piece by piece, for the next evaluation of the same set.
//!
//! Of a set that is evaluated again after a few files have changed most comes out as before: parameter
//! sets of the other files, what combining generators make of them, and the Applications of these. Each
//! is found by what it was made of, which is shared and told by its address. What has findings of its own
//! is made anew each time, so that they are told again.

use super::applicationset::Application;
use super::parameters::Parameters;
use super::patch::Patches;
use crate::source::{ByAddress, File, Same, Span};
use std::collections::HashMap;
use std::hash::BuildHasherDefault;
use std::sync::Arc;

/// A generator in one evaluation: where it stands, and the parameters that were filled into it.
pub type Caller = (Span, Option<Same<Parameters>>);

/// What a generator takes from a file: the path that leads to it, and the parameter sets.
type Taken = (Arc<str>, Vec<Arc<Parameters>>);

/// The pieces of one evaluation.
#[derive(Clone, Debug, Default)]
pub struct Memo {
    sets: HashMap<Caller, Vec<Arc<Parameters>>>,
    files: ByAddress<(Caller, Same<File>), Taken>,
    combined: ByAddress<(Same<Parameters>, Same<Parameters>), Arc<Parameters>>,
    rendered: ByAddress<(usize, Same<Parameters>), Arc<Application>>,
    /// What is said about patches of one text has one place.
    pub(super) patches: Patches,
}

/// The pieces of the evaluation before, and those of this one.
#[derive(Debug)]
pub struct Pieces<'a> {
    before: &'a Memo,
    /// What this evaluation has made and used.
    pub now: Memo,
}

impl<'a> Pieces<'a> {
    /// An evaluation after another one.
    pub fn after(before: &'a Memo) -> Self {
        // A set that is evaluated again mostly comes to as much as before.
        let now = Memo {
            sets: HashMap::new(),
            files: ByAddress::with_capacity_and_hasher(before.files.len(), BuildHasherDefault::default()),
            combined: ByAddress::with_capacity_and_hasher(
                before.combined.len(),
                BuildHasherDefault::default(),
            ),
            rendered: ByAddress::with_capacity_and_hasher(
                before.rendered.len(),
                BuildHasherDefault::default(),
            ),
            patches: Patches::default(),
        };
        Self { before, now }
    }

    /// The parameter sets that a generator gives: those of the evaluation before, where they are equal.
    pub fn sets(&mut self, caller: Caller, sets: Vec<Parameters>) -> Vec<Arc<Parameters>> {
        let before = self.before.sets.get(&caller).map(Vec::as_slice).unwrap_or_default();
        // What was added or removed moves those that come after it.
        let moved = before.len().wrapping_sub(sets.len());
        let shared: Vec<Arc<Parameters>> = sets
            .into_iter()
            .enumerate()
            .map(|(at, set)| {
                let mut same = [at, at.wrapping_add(moved)].into_iter().filter_map(|at| before.get(at));
                same.find(|known| known.is_same(&set)).map_or_else(|| Arc::new(set), Arc::clone)
            })
            .collect();
        self.now.sets.insert(caller, shared.clone());
        shared
    }

    /// The parameter sets that a generator took from a file before.
    pub fn of_file(
        &mut self,
        caller: &Caller,
        file: &Arc<File>,
        path: &Arc<str>,
    ) -> Option<Vec<Arc<Parameters>>> {
        let key = (caller.clone(), Same::of(file));
        let known = self.before.files.get(&key).filter(|(known, _)| known == path)?.clone();
        let sets = known.1.clone();
        self.now.files.insert(key, known);
        Some(sets)
    }

    /// Keeps the parameter sets of a file.
    pub fn keep_file(
        &mut self,
        caller: &Caller,
        file: &Arc<File>,
        path: &Arc<str>,
        sets: &[Arc<Parameters>],
    ) {
        self.now.files.insert((caller.clone(), Same::of(file)), (Arc::clone(path), sets.to_vec()));
    }

    /// What two parameter sets were combined to before.
    pub fn combined(&mut self, a: &Arc<Parameters>, b: &Arc<Parameters>) -> Option<Arc<Parameters>> {
        let key = (Same::of(a), Same::of(b));
        let known = Arc::clone(self.before.combined.get(&key)?);
        self.now.combined.insert(key, Arc::clone(&known));
        Some(known)
    }

    /// Keeps what two parameter sets were combined to.
    pub fn keep_combined(&mut self, a: &Arc<Parameters>, b: &Arc<Parameters>, combined: &Arc<Parameters>) {
        self.now.combined.insert((Same::of(a), Same::of(b)), Arc::clone(combined));
    }

    /// The Application that a template, by its number in the set, gave for a parameter set before.
    pub fn rendered(&mut self, template: usize, set: &Arc<Parameters>) -> Option<Arc<Application>> {
        let key = (template, Same::of(set));
        let known = Arc::clone(self.before.rendered.get(&key)?);
        self.now.rendered.insert(key, Arc::clone(&known));
        Some(known)
    }

    /// Keeps the Application of a parameter set.
    pub fn keep_rendered(&mut self, template: usize, set: &Arc<Parameters>, application: &Arc<Application>) {
        self.now.rendered.insert((template, Same::of(set)), Arc::clone(application));
    }
}
