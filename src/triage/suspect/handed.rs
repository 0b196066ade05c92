//! Finds where an error was made that a line only hands on.
//!
//! `panic(err)` and `raise error from None` raise what they were given: what was wrong was found where the message was
//! made, and the text of the message tells where that is.

use super::stack::Spot;
use crate::triage::frames::Place;
use crate::triage::syntax::{Kind, Source, Token};

/// The most places that may have written a message that was handed on.
const SITES: usize = 2;

/// Puts the place that wrote the message before one that only raises an error that it was given.
pub(super) fn hand_on(spots: &mut Vec<Spot>, read: impl Fn(Place) -> Spot, written: impl FnOnce() -> Vec<Place>) {
    let is_given = |spot: &Spot| spot.hands_on && spot.is_believed() && spot.place.depth == 0;
    let Some(at) = spots.iter().position(|spot| !spot.is_test()) else { return };
    if !spots.get(at).is_some_and(is_given) {
        return;
    }
    let found = written();
    if found.is_empty() || found.len() > SITES {
        return;
    }
    if let Some(spot) = spots.get_mut(at) {
        spot.raises = false;
    }
    spots.splice(at..at, found.into_iter().map(read));
}

/// Whether the line raises what it was given, and makes no error itself.
pub(super) fn hands_on(source: &Source<'_>, first: u32, last: u32) -> bool {
    let tokens = source.tokens_in(first, last);
    let is_raise = |token: &Token| matches!(source.of(token), "raise" | "throw" | "panic" | "Fatal" | "fail");
    let Some(at) = tokens.iter().position(is_raise) else { return false };
    let raised = tokens.get(at + 1..).unwrap_or_default();
    let named = raised.iter().find(|token| token.kind == Kind::Word).map(|token| source.of(token));
    let is_given = named.is_some_and(|name| name != "new" && !name.starts_with(char::is_uppercase));
    is_given && !raised.iter().any(|token| token.kind == Kind::Text)
}
