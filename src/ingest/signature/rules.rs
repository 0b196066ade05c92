//! Masks what is a value by its place in the message.
//!
//! One list of rules for every program and language, in a fixed order; each reads the tokens once, and none at all
//! where nothing in the message can concern it.

use super::tokens::{Seen, Token};
use super::words::Lists;

mod addresses;
mod fields;
mod names;
mod pass;
mod quantities;
mod quotes;
mod values;

use quantities::Items;
pub use quotes::Span;

/// What made a variable of a piece of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    /// A pattern of the configuration.
    Configured,
    /// It is an e-mail address.
    Email,
    /// It holds a digit.
    Digit,
    /// Its shape: a path, a host, a long run of random letters.
    Shape,
    /// It stands in quotation marks.
    Quotation,
    /// Colons join it: a time, a host with its port.
    Colons,
    /// A bound before a number.
    Bound,
    /// It is the value behind an equals sign.
    Value,
    /// A word announces it as a name.
    Name,
    /// Words and numbers of a date.
    Date,
    /// The unit behind a number.
    Unit,
    /// A list of variables.
    List,
    /// The fields of an object in braces.
    Fields,
}

impl Rule {
    /// What it is called.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Configured => "pattern of the configuration",
            Self::Email => "e-mail address",
            Self::Digit => "word with a digit",
            Self::Shape => "path, host or random text",
            Self::Quotation => "quoted text",
            Self::Colons => "joined by colons",
            Self::Bound => "bound",
            Self::Value => "value after =",
            Self::Name => "name after a cue word",
            Self::Date => "date",
            Self::Unit => "unit",
            Self::List => "list",
            Self::Fields => "fields in braces",
        }
    }
}

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
    mask_seen(text, seen, tokens, space, |_, _| {});
}

/// Applies every rule, and shows the tokens after each that changed them.
pub fn mask_seen(
    text: &str,
    seen: Seen,
    tokens: &mut Vec<Token>,
    space: &mut Space,
    mut see: impl FnMut(Rule, &[Token]),
) {
    let mut shown = |rule: Rule, changed: bool, tokens: &[Token]| {
        if changed {
            see(rule, tokens);
        }
        changed
    };
    let quoted = seen.mark(b"\"'`") && quotes::mask(text, tokens, space);
    if quoted && seen.mark(b"<") {
        quotes::join_binaries(tokens);
    }
    let mut changed = shown(Rule::Quotation, quoted, tokens);
    let mut joins_more = false;
    if seen.adjoining || quoted {
        let joined = addresses::join(text, tokens);
        joins_more = joined.may_join_more;
        changed |= shown(Rule::Colons, joined.changed, tokens);
    }
    let bound = seen.mark(b"<>") && addresses::join_bounds(tokens);
    let mut masked = shown(Rule::Bound, bound, tokens);
    let assigned = seen.mark(b"=") && values::mask(text, tokens);
    masked |= shown(Rule::Value, assigned, tokens);
    let named = names::may_be_in(seen) && names::mask(text, tokens);
    masked |= shown(Rule::Name, named, tokens);
    if joins_more || masked {
        // A name before a colon and a number makes an address of them.
        let joined = addresses::join(text, tokens);
        changed |= masked | shown(Rule::Colons, joined.changed, tokens);
    }
    let dated = seen.lists.any(Lists::DATE.or(Lists::TIME_SUFFIX)) && quantities::join_dates(tokens);
    changed |= shown(Rule::Date, dated, tokens);
    let measured = seen.lists.any(Lists::UNIT) && quantities::join_units(tokens);
    changed |= shown(Rule::Unit, measured, tokens);
    let Items { changed: itemized, has_map } =
        if seen.mark(b"[") { quantities::mask_items(text, tokens) } else { Items::default() };
    let listed = (seen.listed || changed || itemized) && quantities::join_lists(tokens);
    shown(Rule::List, itemized || listed, tokens);
    let may_hold_fields = (seen.mark(b"{") || has_map) && seen.mark(b":=");
    let fielded = may_hold_fields && fields::mask(text, tokens);
    shown(Rule::Fields, fielded, tokens);
}
