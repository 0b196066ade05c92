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
    let mut joins_more = false;
    if seen.adjoining || changed {
        let joined = addresses::join(text, tokens);
        (changed, joins_more) = (changed || joined.changed, joined.may_join_more);
    }
    let mut named = seen.mark(b"<>") && addresses::join_bounds(tokens);
    named |= seen.mark(b"=") && values::mask(text, tokens);
    named |= seen.lists.any(names::CUES) && names::mask(text, tokens);
    if joins_more || named {
        // A name before a colon and a number makes an address of them.
        changed |= named | addresses::join(text, tokens).changed;
    }
    changed |= seen.lists.any(Lists::DATE.or(Lists::TIME_SUFFIX)) && quantities::join_dates(tokens);
    changed |= seen.lists.any(Lists::UNIT) && quantities::join_units(tokens);
    if seen.listed || changed {
        quantities::join_lists(tokens);
    }
}
