//! Reads comma-separated values: quotes, commas and line ends within quotes, and columns by name.
//!
//! Source: RFC 4180. Blanks around unquoted fields do not count; empty lines are passed over.

use std::borrow::Cow;

use super::TableError;

/// The records of a text.
pub(super) struct Records<'a> {
    rest: &'a str,
    line: u64,
    header: Vec<Cow<'a, str>>,
}

/// One record and the line on which it begins, from 1.
pub(super) struct Record<'a> {
    pub(super) line: u64,
    fields: Vec<Cow<'a, str>>,
}

impl<'a> Records<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { rest: text.strip_prefix('\u{feff}').unwrap_or(text), line: 1, header: Vec::new() }
    }

    /// Reads the first record, and finds the places of these columns.
    pub(super) fn columns<const N: usize>(&mut self, names: [&'static str; N]) -> Result<[usize; N], TableError> {
        self.header = self.next_record().map(|record| record.fields).unwrap_or_default();
        let mut places = [0; N];
        for (to, name) in places.iter_mut().zip(names) {
            *to = self.column(name).ok_or(TableError::NoColumn(name))?;
        }
        Ok(places)
    }

    /// The place of a column that may be missing; to be asked after the others.
    pub(super) fn column(&self, name: &str) -> Option<usize> {
        self.header.iter().position(|field| field.eq_ignore_ascii_case(name))
    }

    pub(super) fn next_record(&mut self) -> Option<Record<'a>> {
        while let Some(rest) = self.rest.strip_prefix(['\r', '\n']) {
            self.line += u64::from(self.rest.starts_with('\n'));
            self.rest = rest;
        }
        if self.rest.is_empty() {
            return None;
        }
        let line = self.line;
        let mut fields = Vec::with_capacity(4);
        loop {
            fields.push(self.field());
            match self.rest.strip_prefix(',') {
                Some(rest) => self.rest = rest,
                None => return Some(Record { line, fields }),
            }
        }
    }

    /// Reads up to the next comma or the end of the line.
    fn field(&mut self) -> Cow<'a, str> {
        let Some(quoted) = self.rest.trim_start_matches(' ').strip_prefix('"') else {
            let (field, rest) = self.rest.split_at(end_of(self.rest));
            self.rest = rest;
            return Cow::Borrowed(field.trim());
        };
        let mut field = String::new();
        let mut rest = quoted;
        loop {
            let Some((part, behind)) = rest.split_once('"') else {
                // The quote is never closed: all that is left belongs to it.
                field.push_str(rest);
                rest = "";
                break;
            };
            field.push_str(part);
            let Some(behind_pair) = behind.strip_prefix('"') else {
                rest = &behind[end_of(behind)..];
                break;
            };
            field.push('"');
            rest = behind_pair;
        }
        self.line += field.matches('\n').count() as u64;
        self.rest = rest;
        Cow::Owned(field)
    }
}

fn end_of(text: &str) -> usize {
    text.find([',', '\n', '\r']).unwrap_or(text.len())
}

impl Record<'_> {
    /// A field; empty when the record has too few.
    pub(super) fn field(&self, place: usize) -> &str {
        self.fields.get(place).map_or("", |field| field)
    }
}
