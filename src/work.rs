//! Work in pieces that may be done at once.
//!
//! The engine starts no threads. Whoever holds it may lend some: a browser's page has none, the command
//! line has one for each processor. What comes of the work is the same either way, in the same order.

use std::fmt;
use std::ops::Range;
use std::sync::OnceLock;

/// Somebody who does pieces of work.
pub trait Workers: fmt::Debug + Sync {
    /// How many pieces can be done at once; at least 1.
    fn count(&self) -> usize;

    /// Does the pieces from 0 up to `pieces`, each once and in any order, and returns when all are done.
    fn each(&self, pieces: usize, work: &(dyn Fn(usize) + Sync));
}

/// One after the other.
#[derive(Clone, Copy, Debug, Default)]
pub struct Alone;

impl Workers for Alone {
    fn count(&self) -> usize {
        1
    }

    fn each(&self, pieces: usize, work: &(dyn Fn(usize) + Sync)) {
        (0..pieces).for_each(work);
    }
}

/// A part is no shorter, since to wake a worker takes time too.
const LEAST: usize = 32;

/// So many parts are made for each of several workers: whoever is done early takes one more, and nobody waits
/// long for the last.
const PARTS: usize = 4;

impl dyn Workers + '_ {
    /// Does something for as many things, in ranges of neighbours of which each worker has a few, or fewer if
    /// there is little to do; what came of the ranges, in order.
    pub fn ranges<T: Send + Sync>(&self, all: usize, work: impl Fn(Range<usize>) -> T + Sync) -> Vec<T> {
        let parts = if self.count() > 1 { self.count() * PARTS } else { 1 };
        let each = all.div_ceil(parts).max(LEAST);
        let done: Vec<OnceLock<T>> = (0..all.div_ceil(each)).map(|_| OnceLock::new()).collect();
        self.each(done.len(), &|at| {
            // Each piece is done once; a second time would come to the same.
            let _ = done[at].set(work(at * each..((at + 1) * each).min(all)));
        });
        done.into_iter().filter_map(OnceLock::into_inner).collect()
    }

    /// The same for the parts of a list.
    pub fn parts<T: Sync, U: Send + Sync>(&self, list: &[T], work: impl Fn(&[T]) -> U + Sync) -> Vec<U> {
        self.ranges(list.len(), |range| work(&list[range]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_come_in_order() {
        #[derive(Debug)]
        struct Backwards;
        impl Workers for Backwards {
            fn count(&self) -> usize {
                4
            }

            fn each(&self, pieces: usize, work: &(dyn Fn(usize) + Sync)) {
                (0..pieces).rev().for_each(work);
            }
        }
        let list: Vec<u32> = (0..1000).collect();
        let doubled = |workers: &dyn Workers| {
            workers.parts(&list, |part| part.iter().map(|one| one * 2).collect::<Vec<_>>()).concat()
        };
        assert_eq!(doubled(&Backwards), doubled(&Alone));
        assert!((&Alone as &dyn Workers).parts(&[] as &[u32], <[u32]>::len).is_empty());
    }
}
