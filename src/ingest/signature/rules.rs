//! Masks what is a value by its place in the message.
//!
//! One list of rules for every program and language, in a fixed order; each reads the tokens once, and none at all
//! where nothing in the message can concern it.

use super::tokens::{Seen, Token};
use super::words::Lists;

mod addresses;
mod names;
mod pass;
mod quantities;
mod quotes;
mod values;

pub use quotes::Span;

/// What rules write to; kept by the caller to spare making it for each message. What it holds has no influence.
#[derive(Debug, Default)]
pub struct Space {
    masked: Vec<Token>,
    spans: Vec<Span>,
}

impl Space {
    /// Gives back what an unusually long message took.
    pub fn shrink_to(&mut self, n_tokens: usize) {
        self.masked.clear();
        self.spans.clear();
        self.masked.shrink_to(n_tokens);
        self.spans.shrink_to(n_tokens);
    }
}

/// Applies every rule to the tokens of `text`, in which `seen` was seen.
pub fn mask(text: &str, seen: Seen, tokens: &mut Vec<Token>, space: &mut Space) {
    let mut changed = seen.mark(b"\"'`") && quotes::mask(text, tokens, space);
    if seen.adjoining || changed {
        addresses::join(text, tokens);
    }
    if seen.mark(b"<>") {
        addresses::join_bounds(tokens);
        changed = true;
    }
    if seen.mark(b"=") {
        values::mask(text, tokens, &mut space.masked);
        changed = true;
    }
    if seen.lists.any(names::CUES) {
        changed |= names::mask(text, tokens);
    }
    if seen.adjoining || changed {
        // A name before a colon and a number makes an address of them.
        addresses::join(text, tokens);
    }
    if seen.lists.any(Lists::DATE.or(Lists::TIME_SUFFIX)) {
        quantities::join_dates(tokens);
    }
    if seen.lists.any(Lists::UNIT) {
        quantities::join_units(tokens);
    }
    quantities::join_lists(tokens);
}
