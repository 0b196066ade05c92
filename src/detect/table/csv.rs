//! Reads comma-separated values: quotes, commas and line ends within quotes, and columns by name.
//!
//! Source: RFC 4180. Blanks around unquoted fields do not count; empty lines are passed over.

use std::borrow::Cow;

use super::{Fault, TableError, Which};

/// The records of a text.
pub(super) struct Records<'a> {
    which: Which,
    rest: &'a str,
    line: u64,
    is_closed: bool,
    header: Vec<Cow<'a, str>>,
}

/// One record and the line on which it begins, from 1.
pub(super) struct Record<'a> {
    line: u64,
    which: Which,
    fields: Vec<Cow<'a, str>>,
}

impl<'a> Records<'a> {
    pub(super) fn new(text: &'a str, which: Which) -> Self {
        let rest = text.strip_prefix('\u{feff}').unwrap_or(text);
        Self { which, rest, line: 1, is_closed: true, header: Vec::new() }
    }

    /// Reads the first record, and finds the places of these columns.
    pub(super) fn columns<const N: usize>(&mut self, names: [&'static str; N]) -> Result<[usize; N], TableError> {
        self.header = self.next_record()?.map(|record| record.fields).unwrap_or_default();
        let mut places = [0; N];
        for (to, name) in places.iter_mut().zip(names) {
            *to = self.column(name).ok_or(TableError { which: self.which, line: 1, fault: Fault::NoColumn(name) })?;
        }
        Ok(places)
    }

    /// The place of a column that may be missing; to be asked after the others.
    pub(super) fn column(&self, name: &str) -> Option<usize> {
        self.header.iter().position(|field| field.eq_ignore_ascii_case(name))
    }

    pub(super) fn next_record(&mut self) -> Result<Option<Record<'a>>, TableError> {
        while let Some(rest) = self.rest.strip_prefix(['\r', '\n']) {
            self.line += u64::from(self.rest.starts_with('\n'));
            self.rest = rest;
        }
        if self.rest.is_empty() {
            return Ok(None);
        }
        let (line, which) = (self.line, self.which);
        let mut fields = Vec::with_capacity(4);
        loop {
            fields.push(self.field());
            if !self.is_closed {
                return Err(TableError { which, line, fault: Fault::Unclosed });
            }
            match self.rest.strip_prefix(',') {
                Some(rest) => self.rest = rest,
                None => return Ok(Some(Record { line, which, fields })),
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
                self.is_closed = false;
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
    /// What is wrong with it.
    pub(super) fn wrong(&self, fault: Fault) -> TableError {
        TableError { which: self.which, line: self.line, fault }
    }

    /// A field that is needed.
    pub(super) fn field(&self, place: usize, name: &'static str) -> Result<&str, TableError> {
        let field = self.fields.get(place).map(AsRef::as_ref);
        field.ok_or_else(|| self.wrong(Fault::TooShort(self.fields.len(), name)))
    }

    /// A field that is needed and must not be empty.
    pub(super) fn name(&self, place: usize, name: &'static str) -> Result<&str, TableError> {
        let field = self.field(place, name)?;
        if field.is_empty() { Err(self.wrong(Fault::Nameless(name))) } else { Ok(field) }
    }

    /// A field; empty when the record has too few.
    pub(super) fn optional(&self, place: usize) -> &str {
        self.fields.get(place).map_or("", |field| field)
    }
}
