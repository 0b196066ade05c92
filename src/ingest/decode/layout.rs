//! Remembers how lines are laid out, because the lines of one program are all alike.
//!
//! Input: a line. Output: the event that it begins, whatever came before it, where it begins one: the same as reading the
//! line in full comes to. Plain lines are told by their front (`front`), JSON objects by what stands between their values
//! (`object`).
//!
//! Pure in what it tells: a layout that was dropped is learned again. Laws in the tests compare.

pub(super) mod begin;
mod front;
mod object;

use super::plain::Beginning;
use super::{Context, Glance, Plain};
use front::Fronts;
use object::Objects;

/// The layouts of one stream, in which one zone is in force.
#[derive(Debug, Default)]
pub(in crate::ingest) struct Layouts {
    fronts: Fronts,
    objects: Objects,
}

impl Layouts {
    /// Reads a plain line by a known layout, and a JSON object by any; `None` where the line must be read in full.
    pub(in crate::ingest) fn read<'l>(&mut self, line: &Plain<'l>, context: &Context) -> Option<Beginning<'l>> {
        if line.text.starts_with('{') { self.objects.read(line.text, context) } else { self.fronts.read(line, context) }
    }

    /// Learns the layout of a plain line that was read as this.
    pub(in crate::ingest) fn learn(&mut self, text: &str, glance: &Glance<'_>) {
        self.fronts.learn(text, glance);
    }
}
