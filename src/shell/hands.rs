//! Threads for pieces of work of which none needs another.

use std::num::NonZero;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

/// Pieces for each thread below which another one is not worth its start.
const PIECES: usize = 4;
/// The most threads.
const THREADS: usize = 8;

/// Calls the function with each number from 0 up to another, on as many threads as there are processors for it.
pub fn all(n_pieces: usize, work: &(dyn Fn(usize) + Sync)) {
    let n_processors = thread::available_parallelism().map_or(1, NonZero::get);
    let n_threads = n_processors.min(THREADS).min(n_pieces / PIECES).max(1);
    let next = AtomicUsize::new(0);
    let take = || {
        let pieces = std::iter::repeat_with(|| next.fetch_add(1, Ordering::Relaxed));
        pieces.take_while(|index| *index < n_pieces).for_each(work);
    };
    thread::scope(|scope| {
        for _ in 1..n_threads {
            scope.spawn(take);
        }
        take();
    });
}
