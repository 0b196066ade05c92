//! Does many pieces of work of which none needs another, at the same time where the edge lends hands for it.
//!
//! The results come in the order of the pieces, so that it makes no difference who did what when.

use std::cmp::Reverse;
use std::sync::{Mutex, OnceLock, PoisonError};

/// Calls the function with each number from 0 up to another, in any order, and returns when all calls have.
pub type Hands = fn(usize, &(dyn Fn(usize) + Sync));

static HANDS: OnceLock<Hands> = OnceLock::new();

/// Lends hands; the first ones lent are kept. Without any, one piece is done after the other.
pub fn lend_hands(hands: Hands) {
    let _ = HANDS.set(hands);
}

/// The results of so many pieces of work, in order.
pub(super) fn all<T: Send>(n_pieces: usize, work: &(dyn Fn(usize) -> T + Sync)) -> Vec<T> {
    let Some(hands) = HANDS.get() else { return (0..n_pieces).map(work).collect() };
    let slots: Vec<Mutex<Option<T>>> = (0..n_pieces).map(|_| Mutex::new(None)).collect();
    hands(n_pieces, &|index| {
        if let Some(slot) = slots.get(index) {
            let done = work(index);
            *slot.lock().unwrap_or_else(PoisonError::into_inner) = Some(done);
        }
    });
    let done = |(index, slot): (usize, Mutex<Option<T>>)| {
        slot.into_inner().unwrap_or_else(PoisonError::into_inner).unwrap_or_else(|| work(index))
    };
    slots.into_iter().enumerate().map(done).collect()
}

/// The same, the largest pieces first, so that none of them is left to one pair of hands at the end.
pub(super) fn all_by_size<T: Send>(sizes: &[usize], work: &(dyn Fn(usize) -> T + Sync)) -> Vec<T> {
    let mut order: Vec<usize> = (0..sizes.len()).collect();
    order.sort_by_key(|index| Reverse(sizes.get(*index).copied().unwrap_or(0)));
    let done = all(order.len(), &|place| work(order.get(place).copied().unwrap_or(place)));
    let mut done: Vec<(usize, T)> = order.into_iter().zip(done).collect();
    done.sort_by_key(|(index, _)| *index);
    done.into_iter().map(|(_, done)| done).collect()
}

#[cfg(test)]
mod tests;
