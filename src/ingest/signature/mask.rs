//! Writes the template of a folded message.
//!
//! Input: the folded text, and a [`Scratch`] whose content has no influence. Output: the template, or as much of it as
//! can be shown.

use super::rules::{self, Rule, Space};
use super::stops::Stops;
use super::tokens::{self, Token};
use super::{PLACEHOLDER, TEMPLATE_BYTES};

/// What the signatures of many messages are made with, one after the other.
///
/// Keeps the memory of ordinary messages and gives back that of long ones. What was masked before has no influence.
#[derive(Debug, Default)]
pub struct Scratch {
    /// For the fold, taken while it is read.
    pub(super) folded: Vec<u8>,
    stops: Stops,
    tokens: Vec<Token>,
    space: Space,
    template: String,
}

/// A message of more bytes leaves no memory behind.
const KEPT_BYTES: usize = 16 * 1024;
/// More tokens than it has are not kept.
const KEPT_TOKENS: usize = KEPT_BYTES / 2;

/// The template of a folded text; of a longer one than is shown, a little more than that.
pub fn masked<'s>(folded: &str, scratch: &'s mut Scratch) -> &'s str {
    let Scratch { stops, tokens, space, template, .. } = scratch;
    let seen = tokens::read(folded, stops, tokens);
    rules::mask(folded, seen, tokens, space);
    template.clear();
    write(folded, tokens, template);
    if folded.len() > KEPT_BYTES {
        scratch.shrink();
    }
    &scratch.template
}

impl Scratch {
    /// The tokens of a folded and closed text, shown as they are read and after each rule that changed them.
    pub(super) fn watched(&mut self, closed: &str, mut see: impl FnMut(Rule, &[Token])) -> &[Token] {
        let Self { stops, tokens, space, .. } = self;
        let seen = tokens::read(closed, stops, tokens);
        see(Rule::Shape, tokens);
        rules::mask_seen(closed, seen, tokens, space, see);
        tokens
    }

    /// Takes the memory of a fold back.
    pub(super) fn keep(&mut self, folded: Vec<u8>) {
        if folded.capacity() <= KEPT_BYTES {
            self.folded = folded;
        }
    }

    fn shrink(&mut self) {
        self.stops.shrink_to(KEPT_BYTES);
        self.space.shrink_to(KEPT_TOKENS);
        self.tokens.clear();
        self.tokens.shrink_to(KEPT_TOKENS);
    }

    /// What it takes, about.
    #[cfg(test)]
    pub(super) fn n_bytes(&self) -> usize {
        self.folded.capacity() + self.tokens.capacity() * size_of::<Token>() + self.template.capacity()
    }
}

/// Writes tokens with one space for white space; what stands in `text` as it is shown is copied in one piece.
fn write(text: &str, tokens: &[Token], template: &mut String) {
    // No more than can be shown, and a character more to tell that it is cut.
    let piece = |from: usize, to: usize| {
        let piece = text.get(from..to).unwrap_or_default();
        &piece[..piece.floor_char_boundary(TEMPLATE_BYTES + 4)]
    };
    let (mut from, mut to) = (0, 0);
    for (index, token) in tokens.iter().enumerate() {
        let (start, spaced, masked) = (token.start, token.spaced && index > 0, token.is_variable());
        let gap = start.wrapping_sub(to);
        let goes_on = gap == usize::from(spaced) && (gap == 0 || text.as_bytes().get(to) == Some(&b' '));
        // Of what goes on, the space is part of the piece.
        if masked || !goes_on {
            template.push_str(piece(from, if goes_on { start } else { to }));
            if spaced && !goes_on {
                template.push(' ');
            }
            if masked {
                template.push_str(PLACEHOLDER);
            }
            from = if masked { token.end } else { start };
            if template.len() > TEMPLATE_BYTES {
                return;
            }
        }
        to = token.end;
    }
    template.push_str(piece(from, to));
}
