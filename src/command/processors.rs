//! Threads, one for each processor.

use std::num::NonZero;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::thread;
use strata::work::Workers;

/// The processors of this machine.
#[derive(Debug)]
pub struct Processors;

impl Workers for Processors {
    fn count(&self) -> usize {
        thread::available_parallelism().map_or(1, NonZero::get)
    }

    fn each(&self, pieces: usize, work: &(dyn Fn(usize) + Sync)) {
        let next = AtomicUsize::new(0);
        let go_on = || {
            while let Some(at) = Some(next.fetch_add(1, Relaxed)).filter(|&at| at < pieces) {
                work(at);
            }
        };
        // This thread works too; a panic in another one goes on here.
        thread::scope(|scope| {
            (1..self.count().min(pieces)).for_each(|_| {
                scope.spawn(go_on);
            });
            go_on();
        });
    }
}
