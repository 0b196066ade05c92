//! Follows the lines that tell what the columns of the others are: those of the W3C's extended log format, as IIS, CloudFront
//! and Windows write it, and those of Zeek.
//!
//! Input: the lines of a stream. Output: the same lines, each with the names of its columns in front, so that it makes sense
//! by itself; the directives are no lines of the log and are not handed out.
//!
//! Pure. Only a stream that begins with a directive has any: elsewhere such a line is one like any other.

use std::sync::Arc;

use super::cutter::Lead;
use super::lines::Line;

/// A longer directive is no such line.
const DIRECTIVE_BYTES: usize = 4 * 1024;

/// The directives that say how lines are read, in the order in which they stand in a lead.
const TELLING: [&[u8]; 5] = [b"#Date:", b"#Time Format:", b"#path\t", b"#Fields:", b"#fields\t"];
/// Where those begin that name the columns, of which the last one counts.
const COLUMNS: usize = 3;
/// Those that do not.
const OTHERS: [&[u8]; 13] = [
    b"#Software:",
    b"#Version:",
    b"#Start-Date:",
    b"#End-Date:",
    b"#Remark:",
    b"#Log-type:",
    b"#separator ",
    b"#set_separator\t",
    b"#empty_field\t",
    b"#unset_field\t",
    b"#open\t",
    b"#close\t",
    b"#types\t",
];

/// What the directives of a stream said so far.
#[derive(Debug, Default)]
pub(super) struct Directives {
    /// The stream has directives.
    is_on: bool,
    /// The next line is the first of the stream.
    is_first: bool,
    told: [Option<Box<[u8]>>; TELLING.len()],
    lead: Lead,
    /// A line with its lead.
    line: Vec<u8>,
}

impl Directives {
    /// Begins at the start of a stream, or behind what this lead tells.
    pub(super) fn new(lead: &[u8], is_start: bool) -> Self {
        let mut directives = Self { is_on: lead.starts_with(b"#"), is_first: is_start, ..Self::default() };
        if directives.is_on {
            lead.split(|byte| *byte == b'\n').for_each(|line| directives.note(line));
            directives.lead = Some(lead.into());
        }
        directives
    }

    /// Whether the stream has directives.
    pub(super) fn are_given(&self) -> bool {
        self.is_on
    }

    /// Takes a line of the stream, and hands it out unless it is a directive.
    #[inline]
    pub(super) fn take(&mut self, line: Line<'_>, take: &mut impl FnMut(Line<'_>)) {
        if self.is_on || self.is_first {
            return self.follow(line, take);
        }
        take(line);
    }

    fn follow(&mut self, line: Line<'_>, take: &mut impl FnMut(Line<'_>)) {
        let text = line.bytes.strip_suffix(b"\r").unwrap_or(line.bytes);
        let text = text.strip_prefix(b"\xef\xbb\xbf").filter(|_| self.is_first).unwrap_or(text);
        if opens_columns(text) {
            self.is_on = true;
        }
        self.is_first = false;
        if !self.is_on {
            return take(line);
        }
        if opens_columns(text) {
            self.note(text);
            self.lead = Some(self.told());
            return;
        }
        let lead = self.lead.as_ref();
        let has_columns = self.told.iter().skip(COLUMNS).any(Option::is_some);
        if !has_columns || text.first().is_none_or(|first| *first == b'#') {
            return take(Line { lead, behind: lead, ..line });
        }
        self.line.clear();
        self.line.extend_from_slice(lead.map_or(b"".as_slice(), |lead| lead));
        self.line.extend_from_slice(text);
        take(Line { bytes: &self.line, plain: None, lead, behind: lead, ..line });
    }

    fn note(&mut self, directive: &[u8]) {
        let Some(at) = TELLING.iter().position(|front| directive.starts_with(front)) else { return };
        if at >= COLUMNS {
            self.told.iter_mut().skip(COLUMNS).for_each(|told| *told = None);
        }
        if let Some(told) = self.told.get_mut(at) {
            *told = Some(directive.into());
        }
    }

    fn told(&self) -> Arc<[u8]> {
        let mut lead = Vec::new();
        for directive in self.told.iter().flatten() {
            lead.extend_from_slice(directive);
            lead.push(b'\n');
        }
        if lead.is_empty() {
            lead.extend_from_slice(b"#Version:\n");
        }
        lead.into()
    }
}

/// Whether a line is one of those directives: the lines of a stream that begins with one are read by them.
pub(super) fn opens_columns(line: &[u8]) -> bool {
    line.first() == Some(&b'#')
        && line.len() <= DIRECTIVE_BYTES
        && TELLING.iter().chain(&OTHERS).any(|front| line.starts_with(front))
}
