//! Bounds how many values of one configured attribute make signatures of their own.
//!
//! Input: events, in the order in which they are counted. Output: the same events, with the signature of the value
//! `other` where there are too many values already.
//!
//! The first values that are met are told apart. A value that a signature in the store has stays told apart after a
//! restart, so that no rate changes by it.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use crate::ingest::Event;
use crate::ingest::explain::first_event;
use crate::ingest::signature::{Attribute, Overrides};
use crate::ingest::{Limits, Signature};

use crate::detect::{Catalog, Known};

/// Values of one attribute that are told apart.
pub(super) const VALUES: usize = 64;

/// What stands for all further ones.
const OTHER: &str = "other";

/// The values of each attribute that are told apart.
#[derive(Debug, Default)]
pub(super) struct Admission {
    overrides: Arc<Overrides>,
    values: HashMap<String, HashSet<String>>,
    /// Events that were counted under `other`.
    n_other: u64,
}

impl Admission {
    pub(super) fn new(overrides: Arc<Overrides>) -> Self {
        Self { overrides, ..Self::default() }
    }

    pub(super) fn n_other(&self) -> u64 {
        self.n_other
    }

    /// Tells the values of a stored signature apart from now on.
    pub(super) fn restore(&mut self, known: &Known, limits: &Limits) {
        if !self.overrides.has_attributes() {
            return;
        }
        if let Some(event) = first_event(&known.example, limits, known.first).filter(|it| it.signature.id == known.id) {
            let overrides = Arc::clone(&self.overrides);
            for (name, value) in overrides.attributes_of(&event.fields) {
                self.values.entry(name.to_owned()).or_default().insert(value);
            }
        }
    }

    /// Gives an event the signature of `other` where it has a value too many.
    pub(super) fn admit(&mut self, event: &mut Event, catalog: &Catalog) {
        if self.overrides.has_attributes() && catalog.find(event.signature.id).is_none() {
            event.signature = self.signature(event);
        }
    }

    fn signature(&mut self, event: &Event) -> Signature {
        let overrides = Arc::clone(&self.overrides);
        let mut is_other = false;
        let attributes = overrides.attributes_of(&event.fields).into_iter().map(|(name, value)| -> Attribute<'_> {
            let values = self.values.entry(name.to_owned()).or_default();
            if values.len() < VALUES || values.contains(&value) {
                values.insert(value.clone());
                return (name, value);
            }
            is_other = true;
            (name, OTHER.to_owned())
        });
        let attributes: Vec<Attribute<'_>> = attributes.collect();
        if !is_other {
            return event.signature.clone();
        }
        self.n_other += 1;
        overrides.sign(&event.message, event.trace.as_ref(), &attributes)
    }
}
