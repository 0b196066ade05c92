//! Writes the template of a folded message.
//!
//! Input: the folded text, and a [`Scratch`] whose content has no influence. Output: the template, or as much of it as
//! can be shown.

use super::padded::{Padded, Room};
use super::rules::{self, Rule, Space};
use super::tokens::{self, Cut, Token};
use super::{PLACEHOLDER, Signature, TEMPLATE_BYTES};

/// What the signatures of many messages are made with, one after the other.
///
/// Keeps the memory of ordinary messages and gives back that of long ones. What was masked before has no influence.
#[derive(Debug, Default)]
pub struct Scratch {
    pub(super) folded: Room,
    /// The last one that was made.
    pub(super) signature: Signature,
    pub(super) parts: Parts,
}

/// What templates are made with.
#[derive(Debug, Default)]
pub struct Parts {
    cut: Cut,
    tokens: Vec<Token>,
    space: Space,
}

/// A message of more bytes leaves no memory behind.
const KEPT_BYTES: usize = 16 * 1024;
/// More tokens than it has are not kept.
const KEPT_TOKENS: usize = KEPT_BYTES / 2;

impl Scratch {
    /// Gives back what a long message took.
    #[inline]
    pub(super) fn shrink(&mut self) {
        if self.folded.capacity() > KEPT_BYTES {
            self.folded = Room::default();
        }
    }

    /// What it takes, about.
    #[cfg(test)]
    pub(super) fn n_bytes(&self) -> usize {
        let tokens = self.parts.tokens.capacity() * size_of::<Token>();
        self.folded.capacity() + tokens + self.signature.template.capacity()
    }
}

impl Parts {
    /// The tokens of a folded and closed text, shown as they are read and after each rule that changed them.
    pub(super) fn watched(&mut self, closed: &str, mut see: impl FnMut(Rule, &[Token])) -> &[Token] {
        let Self { cut, tokens, space } = self;
        let seen = tokens::read(closed, Room::of(closed).end(), cut, tokens);
        see(Rule::Shape, tokens);
        rules::mask_seen(closed, seen, tokens, space, see);
        tokens
    }

    fn shrink(&mut self) {
        self.space.shrink_to(KEPT_TOKENS);
        self.tokens.clear();
        self.tokens.shrink_to(KEPT_TOKENS);
    }
}

/// Writes the template of a folded text, in place of what is there; of a longer one than is shown, a little more than that.
pub fn masked(folded: &mut Room, parts: &mut Parts, template: &mut String) {
    let padded = folded.end();
    match std::str::from_utf8(padded.text()) {
        Ok(text) if text.len() <= LONGEST => masked_text(text, padded, parts, template),
        _ => masked_copy(&String::from_utf8_lossy(padded.text()), parts, template),
    }
}

/// The longest text that is read, in bytes: a token keeps its place in 32 bits.
const LONGEST: usize = u32::MAX as usize;

/// The template of a folded text that is anywhere; of a longer one than is shown, a little more than that.
pub fn template(folded: &str) -> String {
    let mut template = String::new();
    masked_copy(folded, &mut Parts::default(), &mut template);
    template
}

/// The same; what is beyond [`LONGEST`] is left out.
fn masked_copy(folded: &str, parts: &mut Parts, template: &mut String) {
    let text = &folded[..folded.floor_char_boundary(LONGEST)];
    masked_text(text, Room::of(text).end(), parts, template);
}

fn masked_text(folded: &str, padded: Padded<'_>, parts: &mut Parts, template: &mut String) {
    let Parts { cut, tokens, space } = parts;
    let seen = tokens::read(folded, padded, cut, tokens);
    rules::mask(folded, seen, tokens, space);
    template.clear();
    template.reserve(folded.len().min(TEMPLATE_BYTES));
    write(folded, tokens, template);
    if folded.len() > KEPT_BYTES {
        parts.shrink();
    }
}

/// Writes tokens with one space for white space; what stands in `text` as it is shown is copied in one piece.
fn write(text: &str, tokens: &[Token], template: &mut String) {
    // No more than can be shown, and a character more to tell that it is cut.
    let piece = |from: usize, to: usize| {
        let piece = text.get(from..to).unwrap_or_default();
        if piece.len() > TEMPLATE_BYTES { &piece[..piece.floor_char_boundary(TEMPLATE_BYTES + 4)] } else { piece }
    };
    let bytes = text.as_bytes();
    let mut from = tokens.first().map_or(0, Token::start);
    let mut to = from;
    for (index, token) in tokens.iter().enumerate() {
        let (gap, spaced) = (token.start().wrapping_sub(to), usize::from(token.spaced));
        let space = usize::from(bytes.get(to).is_some_and(|byte| *byte == b' '));
        let goes_on = (gap ^ spaced) | (spaced & !space) == 0;
        if !token.is_variable() & goes_on {
            to = token.end();
            continue;
        }
        // Of what goes on, the space is part of the piece.
        template.push_str(piece(from, if goes_on { token.start() } else { to }));
        if token.spaced && !goes_on && index > 0 {
            template.push(' ');
        }
        from = token.start();
        if token.is_variable() {
            template.push_str(PLACEHOLDER);
            from = token.end();
        }
        if template.len() > TEMPLATE_BYTES {
            return;
        }
        to = token.end();
    }
    template.push_str(piece(from, to));
}
