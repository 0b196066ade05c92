//! Masks what varies, and names what stays.
//!
//! Input: a message without its header, or a stack trace. Output: a [`Signature`]: a template to
//! read and a name that is the same on every machine, in every run, for every order of the lines.
//!
//! A message goes through three steps, all linear in its length and none with a memory:
//!
//! 1. [`fold`]: e-mail addresses and words with a digit become `0`; codes that tell which failure it
//!    was stay, behind a `0`. It is one portable regular expression ([`FOLD`], [`FOLDED`]), so that a
//!    log engine can do it and group by its result.
//! 2. `tokens`: the folded text is cut into words, marks and variables.
//! 3. `rules`: quoted text, values, lists, names behind a cue word and so on become variables.
//!
//! What a configuration changes lies around these steps ([`Overrides`]); how a signature came about, [`making`] tells.
//!
//! Steps 2 and 3 see nothing but the result of step 1; therefore the signature of a message is the
//! signature of its fold. A trace is named by its root cause and the program's own frames, see
//! [`of_trace`].
//!
//! Pure. Learns nothing: a template never depends on the lines that were seen before.

mod fold;
mod making;
mod mask;
mod names;
mod naming;
mod overrides;
mod padded;
mod rules;
mod signer;
mod stack;
mod stops;
mod tokens;
mod traces;
mod words;

use std::sync::LazyLock;

use super::Trace;
use crate::units::SignatureId;
use mask::Parts;
use naming::{Kind, name};
use padded::Room;
use words::Lists;

pub use fold::fold;
pub use making::{Making, Masked, making};
pub use mask::Scratch;
pub use names::Names;
pub(super) use names::{FOLD_BYTES, Place};
pub(crate) use overrides::field;
pub use overrides::{Attribute, OverrideError, Overrides};
pub use rules::Rule;
pub(super) use signer::Signer;
#[cfg(all(test, target_arch = "x86_64"))]
pub(super) use stops::{Block, wide::block as block_wide, widest::block as block_widest};
pub(super) use {fold::Unsuited, tokens::Reader};
#[cfg(target_arch = "x86_64")]
pub(super) use {
    fold::wide::fold as fold_wide, fold::widest::fold as fold_widest, tokens::plain::wide::plain as plain_wide,
    tokens::plain::widest::plain as plain_widest,
};

/// What groups an event with the same event at other times.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Signature {
    /// Its stable name.
    pub id: SignatureId,
    /// The message with its variables masked; never longer than [`TEMPLATE_BYTES`].
    pub template: String,
}

/// The fold as a regular expression: what it matches is replaced with [`FOLDED`]. RE2, Rust, Java and PCRE read it alike.
pub const FOLD: &str = fold::EXPRESSION;

/// What the fold writes in the place of a match; a group of it that took no part is empty.
pub const FOLDED: &str = fold::REPLACEMENT;

/// The longest template, in bytes.
pub const TEMPLATE_BYTES: usize = 1024;

/// What stands for a variable in a template.
pub const PLACEHOLDER: &str = "<*>";

/// The signature of a message that has no header (any more).
///
/// Of a message of several lines the first two that are not empty count. Every text has a
/// signature, the empty one included.
#[must_use]
pub fn of_message(message: &str) -> Signature {
    of_message_with(message, &mut Scratch::default()).clone()
}

/// The same as [`of_message`], for many messages: what their signatures are made with, and the signature itself, is made
/// once.
#[must_use]
pub fn of_message_with<'s>(message: &str, scratch: &'s mut Scratch) -> &'s Signature {
    let Scratch { folded, signature, parts } = scratch;
    fold::fold_into(first_lines(message).as_bytes(), folded.begin());
    signature.become_of(folded, parts);
    scratch.shrink();
    &scratch.signature
}

/// The signature of a message that is folded already.
fn of_folded(folded: &mut Room, parts: &mut Parts) -> Signature {
    let mut signature = Signature::default();
    signature.become_of(folded, parts);
    signature
}

/// The signature of an event that is a stack trace.
///
/// Made of the type at the root of the chain, the program's own frames (innermost first, at most
/// eight, recursion counted once) and the types that wrapped it. Without a frame of the program's
/// own, the masked message and the innermost frames stand in. Lines, columns, folders, addresses and
/// the numbers in generated names do not count.
#[must_use]
pub fn of_trace(trace: &Trace) -> Signature {
    Signature::new(Kind::Trace, stack::template(trace))
}

/// Whether a name of somebody or something usually follows this word: a user, a host, a queue.
#[must_use]
pub fn is_cue(word: &str) -> bool {
    words::read_alone(word).any(Lists::PERSON_CUE.or(Lists::THING_CUE))
}

/// Whether a word of a template may be a value that no rule could tell: it names no failure and asks for nothing.
#[must_use]
pub fn may_be_value(word: &str) -> bool {
    word == PLACEHOLDER || !(words::is_error_name(word) || words::read_alone(word).any(Lists::HTTP_METHOD))
}

/// Whether a word looks like part of a sentence rather than a name: "failed", "session", "opening".
#[must_use]
pub fn is_of_sentence(word: &str) -> bool {
    words::is_prose(word, words::read_alone(word))
}

impl Default for Signature {
    /// That of a message that says nothing.
    fn default() -> Self {
        static OF_NOTHING: LazyLock<SignatureId> = LazyLock::new(|| name(Kind::Message, ""));
        Self { id: *OF_NOTHING, template: String::new() }
    }
}

impl Signature {
    /// Whether it is of a stack trace, and not of a message.
    #[must_use]
    pub fn is_of_trace(id: SignatureId, template: &str) -> bool {
        id == name(Kind::Trace, template)
    }

    fn new(kind: Kind, mut template: String) -> Self {
        template.truncate(shown(&template).len());
        Self { id: name(kind, &template), template }
    }

    /// Becomes that of another message, in the memory that it has.
    fn become_of(&mut self, folded: &mut Room, parts: &mut Parts) {
        mask::masked(folded, parts, &mut self.template);
        self.template.truncate(shown(&self.template).len());
        self.id = name(Kind::Message, &self.template);
    }
}

/// As much of a template as is kept.
fn shown(template: &str) -> &str {
    match template.as_bytes() {
        // Most are short and end with a mark.
        [.., b'!'..=b'~'] if template.len() <= TEMPLATE_BYTES => template,
        _ => template[..template.floor_char_boundary(TEMPLATE_BYTES)].trim_end(),
    }
}

/// The first two lines that are not blank, as one; borrowed where there is only one.
fn first_lines(message: &str) -> std::borrow::Cow<'_, str> {
    if !has_newline(message.as_bytes()) {
        return trimmed(message).into();
    }
    let mut lines = message.lines().map(str::trim).filter(|line| !line.is_empty());
    match (lines.next(), lines.next()) {
        (None, _) => "".into(),
        (Some(only), None) => only.into(),
        (Some(first), Some(second)) => format!("{first}\n{second}").into(),
    }
}

/// Whether a newline is in a text; of short texts, faster than a search for where.
fn has_newline(text: &[u8]) -> bool {
    let is_in = |bytes: &[u8; 32]| bytes.iter().fold(false, |any, byte| any | (*byte == b'\n'));
    match text.last_chunk() {
        // The last chunk may lie over the one before.
        Some(last) => text.as_chunks().0.iter().any(is_in) || is_in(last),
        None => text.contains(&b'\n'),
    }
}

/// A text without white space around it.
fn trimmed(text: &str) -> &str {
    match text.as_bytes() {
        // Most texts have none.
        [b'!'..=b'~', .., b'!'..=b'~'] => text,
        _ => text.trim(),
    }
}

#[cfg(test)]
mod tests;
