//! Remembers the signatures of folded messages, because logs repeat themselves.
//!
//! Pure in what it tells: an entry that was dropped is made again, the same as before. Bounded.

use std::collections::HashMap;

use super::{Signature, first_lines, fold, of_folded};

/// Bytes of folds and templates that are kept; then all are dropped.
const KEPT_BYTES: usize = 1024 * 1024;
/// A longer fold is not kept.
const FOLD_BYTES: usize = 2 * 1024;

/// The signatures of one stream.
#[derive(Debug, Default)]
pub(super) struct Names {
    known: HashMap<Box<[u8]>, Signature>,
    n_bytes: usize,
    folded: Vec<u8>,
}

impl Names {
    /// The signature of a message: the same as [`of_message`](super::of_message) gives.
    pub(super) fn of_message(&mut self, message: &str) -> Signature {
        self.folded.clear();
        fold::fold_into(first_lines(message).as_bytes(), &mut self.folded);
        if let Some(known) = self.known.get(self.folded.as_slice()) {
            return known.clone();
        }
        let signature = of_folded(&self.folded);
        if self.folded.len() <= FOLD_BYTES {
            self.keep(&signature);
        }
        signature
    }

    fn keep(&mut self, signature: &Signature) {
        if self.n_bytes > KEPT_BYTES {
            self.known.clear();
            self.n_bytes = 0;
        }
        self.n_bytes += self.folded.len() + signature.template.len() + ENTRY_BYTES;
        self.known.insert(self.folded.as_slice().into(), signature.clone());
    }
}

/// What an entry takes beside its texts.
const ENTRY_BYTES: usize = 96;
