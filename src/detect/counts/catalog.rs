//! Every signature ever seen.

use std::collections::HashMap;

use super::SignatureIndex;
use crate::ingest::explain::first_event;
use crate::ingest::{Level, Limits, Signature};
use crate::units::{SignatureId, Timestamp};

/// The most signatures that are told apart. The last one stands for all that came too late.
pub const SIGNATURES: u32 = 100_000;

/// The longest example, in bytes.
const EXAMPLE_BYTES: usize = 4 * 1024;

/// Signatures after which examples are cut to [`SHORT_EXAMPLE_BYTES`], so that a flood of signatures
/// cannot take hundreds of megabytes.
const LONG_EXAMPLES: usize = 8_192;

const SHORT_EXAMPLE_BYTES: usize = 512;

const OTHERS_TEMPLATE: &str = "(further signatures, too many to be told apart)";

/// What is known of a signature beside its counts.
#[derive(Clone, Debug, PartialEq)]
pub struct Known {
    /// Its stable name.
    pub id: SignatureId,
    /// The masked message.
    pub template: String,
    /// The most serious level it was seen with.
    pub level: Option<Level>,
    /// Raw text of the event that was noted first, at most 4 KiB.
    pub example: String,
    /// Time of its earliest event.
    pub first: Timestamp,
    /// Time of its latest event.
    pub last: Timestamp,
}

/// Bytes by which an example may be shorter than its cap although it was cut: a character is cut whole.
const LONGEST_CHARACTER: usize = 4;

impl Known {
    /// Its signature under the rules of these limits, made from its example; for one that other rules made.
    ///
    /// Of a cut example of a stack trace frames are missing: it keeps its name, which overrides hardly touch. What
    /// gives no event is named by its template, in which the variables are masked already.
    #[must_use]
    pub fn resigned(&self, limits: &Limits) -> Signature {
        let former = || Signature { id: self.id, template: self.template.clone() };
        let caps = [EXAMPLE_BYTES, SHORT_EXAMPLE_BYTES];
        let is_cut = caps.iter().any(|cap| (cap - LONGEST_CHARACTER..=*cap).contains(&self.example.len()));
        if self.id == Catalog::OTHERS
            || self.id.is_counter()
            || (is_cut && Signature::is_of_trace(self.id, &self.template))
        {
            return former();
        }
        let event = first_event(&self.example, limits, self.first);
        event.map_or_else(|| limits.overrides.sign(&self.template, None, &[]), |event| event.signature)
    }
}

#[derive(Debug)]
struct Entry {
    known: Known,
    changed: bool,
}

/// Every signature ever seen, in order of first sight.
///
/// Holds at most [`SIGNATURES`]: when only one place is left, it is given to a signature that says so
/// and stands for all further ones, so that their events are still counted.
#[derive(Debug, Default)]
pub struct Catalog {
    entries: Vec<Entry>,
    places: HashMap<SignatureId, u32>,
    changed: Vec<u32>,
}

impl Catalog {
    /// The id of the signature that stands for all that the catalog has no place for.
    pub const OTHERS: SignatureId = SignatureId::from_bytes([0xff; 16]);

    /// Notes an event of this signature; returns its index, new or not.
    pub fn note(
        &mut self,
        signature: &Signature,
        level: Option<Level>,
        at: Timestamp,
        example: &str,
    ) -> SignatureIndex {
        if let Some(&place) = self.places.get(&signature.id) {
            self.update(place, level, at);
            return SignatureIndex(place);
        }
        let (id, template) = if self.entries.len() + 1 < SIGNATURES as usize {
            (signature.id, signature.template.as_str())
        } else if let Some(&place) = self.places.get(&Self::OTHERS) {
            self.update(place, level, at);
            return SignatureIndex(place);
        } else {
            (Self::OTHERS, OTHERS_TEMPLATE)
        };
        let example = cut(example, self.longest_example()).to_owned();
        let place = self.push(Known { id, template: template.to_owned(), level, example, first: at, last: at });
        self.mark(place);
        SignatureIndex(place)
    }

    /// Takes back what a store kept; indices must come in order, without holes.
    ///
    /// An id that is already known keeps its index, and what is known of it is joined. Beyond
    /// [`SIGNATURES`] the last index is returned.
    pub fn restore(&mut self, mut known: Known) -> SignatureIndex {
        if let Some(&place) = self.places.get(&known.id) {
            if let Some(entry) = self.entries.get_mut(place as usize) {
                entry.known.first = entry.known.first.min(known.first);
                entry.known.last = entry.known.last.max(known.last);
                entry.known.level = entry.known.level.max(known.level);
            }
            return SignatureIndex(place);
        }
        if self.entries.len() >= SIGNATURES as usize {
            return SignatureIndex(SIGNATURES - 1);
        }
        known.example.truncate(cut(&known.example, self.longest_example()).len());
        SignatureIndex(self.push(known))
    }

    /// What is known of the signature.
    #[must_use]
    pub fn get(&self, index: SignatureIndex) -> Option<&Known> {
        self.entries.get(index.0 as usize).map(|entry| &entry.known)
    }

    /// The index of an id.
    #[must_use]
    pub fn find(&self, id: SignatureId) -> Option<SignatureIndex> {
        self.places.get(&id).copied().map(SignatureIndex)
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// All, in order of index.
    pub fn iter(&self) -> impl Iterator<Item = (SignatureIndex, &Known)> {
        (0..).map(SignatureIndex).zip(self.entries.iter().map(|entry| &entry.known))
    }

    /// The indices whose [`Known`] changed since the last call, ascending: what a store must write.
    pub fn take_changed(&mut self) -> Vec<SignatureIndex> {
        let mut changed = std::mem::take(&mut self.changed);
        changed.sort_unstable();
        for &place in &changed {
            if let Some(entry) = self.entries.get_mut(place as usize) {
                entry.changed = false;
            }
        }
        changed.into_iter().map(SignatureIndex).collect()
    }

    fn longest_example(&self) -> usize {
        if self.entries.len() < LONG_EXAMPLES { EXAMPLE_BYTES } else { SHORT_EXAMPLE_BYTES }
    }

    fn push(&mut self, known: Known) -> u32 {
        let place = self.entries.len() as u32;
        self.places.insert(known.id, place);
        self.entries.push(Entry { known, changed: false });
        place
    }

    fn update(&mut self, place: u32, level: Option<Level>, at: Timestamp) {
        let Some(Entry { known, .. }) = self.entries.get_mut(place as usize) else {
            return;
        };
        let (first, last, worst) = (known.first.min(at), known.last.max(at), known.level.max(level));
        if (first, last, worst) != (known.first, known.last, known.level) {
            (known.first, known.last, known.level) = (first, last, worst);
            self.mark(place);
        }
    }

    fn mark(&mut self, place: u32) {
        if let Some(entry) = self.entries.get_mut(place as usize)
            && !entry.changed
        {
            entry.changed = true;
            self.changed.push(place);
        }
    }
}

/// The longest start of the text that has at most so many bytes.
pub(crate) fn cut(text: &str, n_bytes: usize) -> &str {
    let end = (0..=n_bytes.min(text.len())).rev().find(|&end| text.is_char_boundary(end));
    text.get(..end.unwrap_or(0)).unwrap_or_default()
}
