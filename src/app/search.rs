//! Finds a text; lower case finds both cases, as people expect of `/`.

use std::ops::Range;

/// The longest text that can be searched for, in bytes.
const LONGEST: usize = 200;

/// A search: what is searched for, and what is being typed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Search {
    query: String,
    typing: Option<String>,
}

impl Search {
    /// Starts typing a new search.
    pub fn open(&mut self) {
        self.typing = Some(String::new());
    }

    /// Keeps what was typed; nothing typed keeps the search before.
    pub fn accept(&mut self) {
        if let Some(typed) = self.typing.take().filter(|typed| !typed.is_empty()) {
            self.query = typed;
        }
    }

    /// Drops what was typed.
    pub fn cancel(&mut self) {
        self.typing = None;
    }

    /// Forgets the search; says whether there was one.
    pub fn clear(&mut self) -> bool {
        !std::mem::take(&mut self.query).is_empty()
    }

    /// What is being typed.
    #[must_use]
    pub fn typing(&self) -> Option<&str> {
        self.typing.as_deref()
    }

    /// Adds a character to what is being typed, as long as it stays short.
    pub fn push(&mut self, char: char) {
        if let Some(typed) = self.typing.as_mut().filter(|typed| typed.len() < LONGEST) {
            typed.push(char);
        }
    }

    /// Takes back a character of what is being typed.
    pub fn pop(&mut self) {
        if let Some(typed) = &mut self.typing {
            typed.pop();
        }
    }

    /// Takes back all of what is being typed.
    pub fn wipe(&mut self) {
        if let Some(typed) = &mut self.typing {
            typed.clear();
        }
    }

    /// What is searched for now: what is being typed, or else what was kept. Empty when nothing is.
    #[must_use]
    pub fn query(&self) -> &str {
        self.typing.as_deref().filter(|typed| !typed.is_empty()).unwrap_or(&self.query)
    }

    /// Whether the text holds what is searched for.
    #[must_use]
    pub fn matches(&self, text: &str) -> bool {
        self.find(text, 0).is_some()
    }

    /// The bytes of the first match at or after byte `from`; capitals in the search demand capitals.
    #[must_use]
    pub fn find(&self, text: &str, from: usize) -> Option<Range<usize>> {
        let query = self.query().as_bytes();
        let haystack = text.as_bytes().get(from..)?;
        if query.is_empty() {
            return None;
        }
        let exact = query.iter().any(u8::is_ascii_uppercase);
        let equal = |window: &[u8]| if exact { window == query } else { window.eq_ignore_ascii_case(query) };
        let start = haystack.windows(query.len()).position(equal)? + from;
        Some(start..start + query.len())
    }
}

#[cfg(test)]
mod tests;
