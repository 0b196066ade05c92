//! Makes the signatures of one stream under the rules in force.
//!
//! Pure in what it tells: what it remembers saves time, and changes nothing.

use std::sync::Arc;

use super::overrides::{Attribute, Overrides};
use super::traces::Traces;
use super::{Kind, Names, Signature, first_lines, fold, mask, stack};
use crate::ingest::Trace;

/// The signatures of one stream.
#[derive(Debug)]
pub(in crate::ingest) struct Signer {
    overrides: Arc<Overrides>,
    names: Names,
    traces: Traces,
}

impl Signer {
    /// Remembers so many bytes of folds and templates at most, and as many of traces.
    pub(in crate::ingest) fn new(overrides: Arc<Overrides>, memo_bytes: usize) -> Self {
        Self { overrides, names: Names::new(memo_bytes), traces: Traces::new(memo_bytes) }
    }

    /// Whether only the built-in rules are in force, so that [`names`](Self::names) tells the signature of a message.
    pub(in crate::ingest) fn is_plain(&self) -> bool {
        self.overrides.is_plain()
    }

    /// The signatures under the built-in rules.
    pub(in crate::ingest) fn names(&self) -> &Names {
        &self.names
    }

    /// The same, for those that are not made yet.
    pub(in crate::ingest) fn names_mut(&mut self) -> &mut Names {
        &mut self.names
    }

    /// The signature of the trace that a text holds, where one of its form was noted.
    pub(in crate::ingest) fn known_trace(&mut self, text: &str) -> Option<&Signature> {
        if self.is_plain() { self.traces.of(text) } else { None }
    }

    /// Notes the signature of the trace that was read from the text that was asked for last.
    pub(in crate::ingest) fn note_trace(&mut self, trace: &Trace, signature: &Signature) {
        if self.is_plain() && !stack::has_message(trace) {
            self.traces.note(signature);
        }
    }

    /// The signature of an event: of its trace where it has one.
    pub(in crate::ingest) fn sign(
        &mut self,
        message: &str,
        trace: Option<&Trace>,
        fields: &[(String, String)],
    ) -> Signature {
        match trace {
            _ if !self.is_plain() => self.overrides.sign(message, trace, &self.overrides.attributes_of(fields)),
            Some(trace) => super::of_trace(trace),
            None => self.names.of_message(message).clone(),
        }
    }
}

impl Overrides {
    /// The signature of an event under these overrides, with these attributes.
    #[must_use]
    pub fn sign(&self, message: &str, trace: Option<&Trace>, attributes: &[Attribute<'_>]) -> Signature {
        match trace {
            None => {
                let prepared = self.prepare(message);
                let folded = fold(first_lines(&prepared.text).as_bytes());
                let template = mask::template(&String::from_utf8_lossy(&folded));
                Signature::new(Kind::Message, self.finish(template, prepared.kept(), attributes))
            }
            Some(trace) => {
                let prepared = self.prepare(&trace.message);
                let kept = prepared.kept().to_vec();
                let trace = Trace { message: prepared.text.into_owned(), ..trace.clone() };
                // A message that does not enter the template tells nothing apart.
                let template = stack::template(&trace);
                let kept = if stack::has_message(&trace) { kept } else { Vec::new() };
                Signature::new(Kind::Trace, self.finish(template, &kept, attributes))
            }
        }
    }
}
