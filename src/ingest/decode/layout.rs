//! Remembers how lines are laid out, because the lines of one program are all alike.
//!
//! Input: a line. Output: the event that it begins, whatever came before it, where it begins one: the same as reading the
//! line in full comes to. Plain lines are told by their front (`front`), JSON objects and pairs by what stands between
//! their values (`shapes`); what a carrier brought is read so behind what that puts around it (`carried`).
//!
//! Pure in what it tells: a layout that was dropped is learned again. Laws in the tests compare.

pub(super) mod begin;
mod carried;
mod front;
mod loggers;
mod outer;
mod shapes;

use super::plain::Beginning;
use super::time::Minute;
use super::{Context, Glance, Plain, access, json, logfmt};
pub(in crate::ingest) use carried::Carried;
use carried::Carriers;
use front::Fronts;
use loggers::Loggers;
use shapes::Shapes;

/// The layouts of one stream, in which one zone is in force.
#[derive(Debug, Default)]
pub(in crate::ingest) struct Layouts {
    fronts: Fronts,
    objects: Shapes,
    pairs: Shapes,
    carriers: Carriers,
    loggers: Loggers,
    accessed: Minute,
    /// The last line was of an access log.
    is_access: bool,
}

impl Layouts {
    /// Reads a plain line by a known layout, and a JSON object or a line of pairs by any; `None` where the line must be
    /// read in full.
    pub(in crate::ingest) fn read<'l>(&mut self, line: &Plain<'l>, context: &Context) -> Option<Beginning<'l>> {
        match line.text.as_bytes().first()? {
            // Docker's log file wraps what was written.
            b'{' if line.text.starts_with("{\"log\":\"") => None,
            b'{' => self.objects.read(line.text, context, |text| json::flatten(text).ok()),
            // A capital may begin what is looked for before pairs are.
            b'a'..=b'z' => {
                self.pairs.read(line.text, context, logfmt::pairs).or_else(|| self.fronts.read(line, context))
            }
            b'A'..=b'Z' => self.loggers.read(line, context).or_else(|| self.fronts.read(line, context)),
            b'0'..=b'9' if line.may_have_quote => self.quoted(line, context),
            _ => self.fronts.read(line, context),
        }
    }

    /// Reads a line that may be of an access log; first as what the last one was.
    fn quoted<'l>(&mut self, line: &Plain<'l>, context: &Context) -> Option<Beginning<'l>> {
        if !self.is_access
            && let Some(beginning) = self.fronts.read(line, context)
        {
            return Some(beginning);
        }
        let beginning = access::beginning(line.text, context, &mut self.accessed);
        self.is_access = beginning.is_some();
        beginning.or_else(|| self.fronts.read(line, context))
    }

    /// Reads a line of a carrier, or one with but a time in front; `None` where the line must be read in full.
    pub(in crate::ingest) fn carried<'l>(&mut self, line: &Plain<'l>, context: &Context) -> Option<Carried<'l>> {
        self.carriers.read(line, context)
    }

    /// Learns the layout of a plain line that was read as this.
    pub(in crate::ingest) fn learn(&mut self, text: &str, glance: &Glance<'_>) {
        self.fronts.learn(text, glance);
    }
}
