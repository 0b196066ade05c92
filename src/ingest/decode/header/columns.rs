//! Takes the columns off that some loggers set apart with one mark: `2024-05-01 10:00:00.1234|INFO|Shop.Orders|message`.

use std::iter;

use smallvec::SmallVec;

use super::{GROUP_BYTES, Peeler, is_name};
use crate::ingest::decode::level;

/// The most columns of a header behind its time.
const COLUMNS: usize = 8;

impl<'a> Peeler<'a, '_> {
    /// Passes the columns behind the time: levels, numbers and names, each a word. The last column is message, whatever it is.
    ///
    /// One name without a level is not enough: that may be said.
    pub(super) fn columns(&mut self) {
        let rest = self.rest();
        let body = rest.trim_start_matches(' ');
        let Some(mark) = body.bytes().next().filter(|mark| matches!(mark, b'|' | b';')) else { return };
        let mut at = rest.len() - body.len() + 1;
        let mut level = None;
        let mut n_columns = 0;
        let mut numbers: SmallVec<[&str; COLUMNS]> = SmallVec::new();
        let mut names: SmallVec<[&str; COLUMNS]> = SmallVec::new();
        while n_columns < COLUMNS {
            let column = rest.as_bytes().get(at..).unwrap_or_default();
            let column = column.get(..GROUP_BYTES).unwrap_or(column);
            let Some(length) = memchr::memchr(mark, column) else { break };
            let word = rest.get(at..at + length).unwrap_or_default().trim_matches(' ');
            match level_of(word).filter(|_| level.is_none()) {
                Some(found) => level = Some(found),
                None if word.is_empty() => {}
                None if word.bytes().all(|byte| byte.is_ascii_digit()) => numbers.push(word),
                None if is_name(word) => names.push(word),
                None => break,
            }
            n_columns += 1;
            at += length + 1;
        }
        if level.is_none() && n_columns < 2 {
            return;
        }
        self.at += at;
        self.found.level = level;
        if let Some(name) = names.pop() {
            self.component(name);
        }
        let further = || iter::repeat("context");
        for (word, name) in names.into_iter().zip(iter::once("thread").chain(further())) {
            self.field(name, word);
        }
        for (word, name) in numbers.into_iter().zip(["pid", "thread"].into_iter().chain(further())) {
            self.field(name, word);
        }
    }
}

fn level_of(word: &str) -> Option<crate::ingest::Level> {
    match word.as_bytes() {
        [letter] => level::of_letter(*letter),
        _ => level::level_of_word(word),
    }
}
