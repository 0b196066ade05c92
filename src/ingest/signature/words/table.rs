//! Tells in one look which lists a word is in.
//!
//! Input: where a word stands in a text. Output: its [`Lists`]. The table is made by the compiler.

use super::lists::ALL;

/// The lists that a word is in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Lists(u16);

impl Lists {
    /// A name of somebody usually follows.
    pub const PERSON_CUE: Self = Self(1);
    /// A name of something often follows: it is one when it has the shape of a name.
    pub const THING_CUE: Self = Self(1 << 1);
    /// As a key, it has a value that tells what happened.
    pub const TELLING_KEY: Self = Self(1 << 2);
    /// A month or a day of the week, with a capital.
    pub const DATE: Self = Self(1 << 3);
    /// Ends a time of day.
    pub const TIME_SUFFIX: Self = Self(1 << 4);
    /// A unit.
    pub const UNIT: Self = Self(1 << 5);
    /// A colon behind it leads on to an address.
    pub const SCHEME: Self = Self(1 << 6);
    /// A verb of an HTTP request.
    pub const HTTP_METHOD: Self = Self(1 << 7);
    /// Can only belong to a sentence.
    pub const GRAMMAR: Self = Self(1 << 8);
    /// A noun that names nobody.
    pub const PROSE: Self = Self(1 << 9);
    /// Tells where, who or when.
    pub const PREPOSITION: Self = Self(1 << 10);
    /// Stands between somebody and where they are: `from <*>`.
    pub const BEFORE_SOURCE: Self = Self(1 << 11);
    /// Stands before somebody.
    pub const BEFORE_DOER: Self = Self(1 << 12);
    /// "by".
    pub const BY: Self = Self(1 << 13);
    /// No list: a dot is in the word.
    pub const DOTTED: Self = Self(1 << 14);

    /// Whether it is in any of these.
    pub fn any(self, of: Self) -> bool {
        self.0 & of.0 != 0
    }

    /// What is in one of the two.
    pub const fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// What is in both.
    pub fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// What is in `self` only.
    pub fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }
}

/// Whether capitals make another word of it.
#[derive(Clone, Copy)]
pub(super) enum Case {
    /// They do not.
    Any,
    /// They do.
    Exact,
}

/// The lists that `text[start..end]` is in, which is all of a word.
pub fn lists(text: &str, start: usize, end: usize) -> Lists {
    let Some(key) = key(text.as_bytes(), start, end) else { return Lists::default() };
    let mut found = Lists::default();
    let mut next = TABLE.slots[slot(key)];
    while let Some(entry) = TABLE.entries.get(usize::from(next)) {
        if entry.key == key && entry.exact.is_none_or(|exact| text.get(start..end) == Some(exact)) {
            found = found.or(entry.lists);
        }
        next = entry.next;
    }
    found
}

/// The longest word of a list, in bytes.
const LONGEST: usize = 16;

/// A word with a small letter for every capital, as a number; `None` for what is in no list.
///
/// A list holds letters and what has no capital; so a word that only looks like one of a list, because the bit that
/// tells capitals from small letters means something else in it, would hold a control character.
fn key(text: &[u8], start: usize, end: usize) -> Option<u128> {
    let unused = match end - start {
        length @ 1..=LONGEST => 8 * (LONGEST - length),
        _ => return None,
    };
    let aligned = if let Some(chunk) = text.get(..end)?.last_chunk::<LONGEST>() {
        u128::from_le_bytes(*chunk) >> unused
    } else {
        let mut chunk = [0; LONGEST];
        chunk.iter_mut().zip(text.get(start..end)?).for_each(|(to, from)| *to = *from);
        u128::from_le_bytes(chunk)
    };
    Some((aligned | SMALL) & (u128::MAX >> unused))
}

/// The bit that makes small letters of capitals, in each byte.
const SMALL: u128 = u128::from_le_bytes([0x20; LONGEST]);

const N_SLOTS: usize = 2048;

/// Where to begin to look for a key.
const fn slot(key: u128) -> usize {
    let mixed = ((key as u64) ^ (key >> 64) as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    (mixed >> (64 - N_SLOTS.trailing_zeros())) as usize
}

/// A hash table with chains.
struct Table {
    /// The first entry of each chain.
    slots: [u16; N_SLOTS],
    entries: [Entry; n_entries()],
}

#[derive(Clone, Copy)]
struct Entry {
    key: u128,
    lists: Lists,
    /// The word, where capitals matter.
    exact: Option<&'static str>,
    /// The next of its chain.
    next: u16,
}

/// No entry has this index.
const NONE: u16 = u16::MAX;

static TABLE: Table = table();

const fn n_entries() -> usize {
    let (mut n_entries, mut list) = (0, 0);
    while list < ALL.len() {
        n_entries += ALL[list].2.len();
        list += 1;
    }
    n_entries
}

const fn table() -> Table {
    let mut entries = [Entry { key: 0, lists: Lists(0), exact: None, next: NONE }; n_entries()];
    let mut slots = [NONE; N_SLOTS];
    let (mut index, mut list) = (0, 0);
    while list < ALL.len() {
        let (lists, case, words) = ALL[list];
        let mut word = 0;
        while word < words.len() {
            let key = key_of_listed(words[word].as_bytes());
            let exact = match case {
                Case::Any => None,
                Case::Exact => Some(words[word]),
            };
            entries[index] = Entry { key, lists, exact, next: slots[slot(key)] };
            slots[slot(key)] = index as u16;
            (index, word) = (index + 1, word + 1);
        }
        list += 1;
    }
    Table { slots, entries }
}

/// The key of a word of a list; one that is too long does not compile.
const fn key_of_listed(word: &[u8]) -> u128 {
    assert!(!word.is_empty() && word.len() <= LONGEST, "a word of a list has 1 to 16 bytes");
    let (mut key, mut at) = (0, 0);
    while at < word.len() {
        key |= ((word[at] | 0x20) as u128) << (8 * at);
        at += 1;
    }
    key
}
