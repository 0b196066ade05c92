//! Tells in one look which lists a word is in.
//!
//! Input: where a word stands in a text. Output: its [`Lists`]. The table is made by the compiler.

use super::lists::ALL;

/// The lists that a word is in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Lists(u16);

impl Lists {
    /// No list.
    pub const NONE: Self = Self(0);
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
    /// The word "by", which begins a name of a doer.
    pub const BY: Self = Self(1 << 13);
    /// Stands before a place: `from db:<*>`.
    pub const BEFORE_PLACE: Self = Self(1 << 15);
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

/// The lists that the word `text[start..end]` is in.
pub fn lists(text: &[u8], start: usize, end: usize) -> Lists {
    let word = text.get(start..end).unwrap_or_default();
    let tail = tail(word);
    let entry = &TABLE.entries[place_of(small(tail))];
    if entry.small != small(tail) {
        return Lists::NONE;
    }
    if word.len() > 8 {
        return long(word);
    }
    entry.lists(tail)
}

/// The lists of a word of more than eight bytes, of which few are in any.
#[cold]
fn long(word: &[u8]) -> Lists {
    let is_in = |(_, case, words): &&(Lists, Case, &[&str])| {
        words.iter().any(|listed| match case {
            Case::Any => listed.as_bytes().eq_ignore_ascii_case(word),
            Case::Exact => listed.as_bytes() == word,
        })
    };
    let found = ALL.iter().filter(is_in).fold(Lists::NONE, |all, (lists, ..)| all.or(*lists));
    dated(found, word.first().is_some_and(u8::is_ascii_uppercase))
}

/// What one look at a word tells.
#[derive(Clone, Copy)]
pub struct Look {
    /// The lists that it is in, if it has eight bytes or less.
    pub lists: Lists,
    /// If it has more: it may be in a list.
    pub may_be_in: bool,
    /// It has eight bytes or more, and the last eight of them may be hexadecimal letters.
    pub may_be_hexadecimal: bool,
}

/// The bits of a small letter that those from `a` to `g` have in common, in each byte.
const HIGH_FIVE: u64 = 0xf8f8_f8f8_f8f8_f8f8;
const LETTERS: u64 = 0x6060_6060_6060_6060;

/// Looks at a word by its [`tail`].
#[inline(always)]
pub fn look(tail: u64) -> Look {
    let small = small(tail);
    let entry = &TABLE.entries[place_of(small)];
    let may_be_hexadecimal = small & HIGH_FIVE == LETTERS;
    if entry.small != small {
        return Look { lists: Lists::NONE, may_be_in: false, may_be_hexadecimal };
    }
    Look { lists: entry.lists(tail), may_be_in: true, may_be_hexadecimal }
}

/// Lists as they are of a word that begins so: a month without its capital is another word.
#[inline(always)]
fn dated(lists: Lists, has_capital: bool) -> Lists {
    if has_capital { lists } else { lists.without(Lists::DATE) }
}

/// The last eight bytes of a word; of a shorter one all, with nothing above them.
const fn tail(word: &[u8]) -> u64 {
    // Of a shorter word, its halves, which may lie over each other.
    match word {
        [.., a, b, c, d, e, f, g, h] => u64::from_le_bytes([*a, *b, *c, *d, *e, *f, *g, *h]),
        [a, b, c, d, ..] => {
            let [.., e, f, g, h] = word else { return 0 };
            let (front, back) = (u32::from_le_bytes([*a, *b, *c, *d]), u32::from_le_bytes([*e, *f, *g, *h]));
            front as u64 | (back as u64) << (8 * (word.len() - 4))
        }
        [a, b, c] => *a as u64 | (*b as u64) << 8 | (*c as u64) << 16,
        [a, b] => *a as u64 | (*b as u64) << 8,
        [a] => *a as u64,
        [] => 0,
    }
}

/// A tail with a small letter for every capital.
///
/// A list holds letters and what has no capital; so a word that only looks like one of a list, because the bit that tells
/// capitals from small letters means something else in it, would hold a control character. Of a shorter word, what is
/// above it gets the bit as well: no byte of a word is only that.
#[inline(always)]
const fn small(tail: u64) -> u64 {
    tail | 0x2020_2020_2020_2020
}

/// Places for words; each has one of its own.
const N_PLACES: usize = 512;
/// Groups of words that are moved together, until each finds its place.
const N_BUCKETS: usize = 256;

/// Mixes the bits of a tail in small letters.
#[inline(always)]
const fn mixed(small: u64) -> u64 {
    small.wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

#[inline(always)]
const fn bucket(mixed: u64) -> usize {
    (mixed >> (64 - N_BUCKETS.trailing_zeros())) as usize
}

#[inline(always)]
const fn place(mixed: u64, shift: u16) -> usize {
    ((mixed >> 47) as usize ^ shift as usize) % N_PLACES
}

/// Where a word with this tail is, if it is in a list.
#[inline(always)]
fn place_of(small: u64) -> usize {
    let mixed = mixed(small);
    place(mixed, TABLE.shifts[bucket(mixed)])
}

/// A hash table in which no two words share a place.
struct Table {
    /// How far the words of each bucket are moved.
    shifts: [u16; N_BUCKETS],
    entries: [Entry; N_PLACES],
}

#[derive(Clone, Copy)]
struct Entry {
    /// Its tail in small letters.
    small: u64,
    /// Its tail as one of the lists spells it.
    tail: u64,
    /// The lists that it is in whatever its case.
    any_case: Lists,
    /// The lists that it is in when it is spelled as they do.
    exact: Lists,
    /// How they spell the first two bytes of the tail, a bit for each [`case`].
    cases: u8,
}

impl Entry {
    const NONE: Self = Self { small: 0, tail: 0, any_case: Lists(0), exact: Lists(0), cases: 0 };

    /// The lists of a word of eight bytes or less that has these letters.
    #[inline(always)]
    fn lists(&self, tail: u64) -> Lists {
        let lists = if self.has_case(tail) { self.any_case.or(self.exact) } else { self.any_case };
        dated(lists, tail & 0x20 == 0)
    }

    /// Whether a word that has these letters at its end has also their case.
    #[inline(always)]
    const fn has_case(&self, tail: u64) -> bool {
        let differs = (self.tail ^ tail) & !0x2020;
        (differs == 0) & (self.cases >> case(tail) & 1 != 0)
    }
}

/// Which of the first two bytes of a tail have no capital's bit, in two bits.
#[inline(always)]
const fn case(tail: u64) -> u32 {
    // Both bits, and behind the first of them the second.
    (((tail & 0x2020) * 0x81) >> 12 & 3) as u32
}

static TABLE: Table = table();

const fn n_words() -> usize {
    let (mut n_words, mut list) = (0, 0);
    while list < ALL.len() {
        n_words += ALL[list].2.len();
        list += 1;
    }
    n_words
}

/// The entry of every word of the lists; of words of more than eight bytes with the same tail, one for all.
const fn words() -> ([Entry; n_words()], usize) {
    let mut entries = [Entry::NONE; n_words()];
    let (mut n_entries, mut list) = (0, 0);
    while list < ALL.len() {
        let (lists, case, words) = ALL[list];
        let mut word = 0;
        while word < words.len() {
            let tail = tail(words[word].as_bytes());
            let mut at = 0;
            while at < n_entries && entries[at].small != small(tail) {
                at += 1;
            }
            let entry = &mut entries[at];
            if at == n_entries {
                (entry.small, entry.tail) = (small(tail), tail);
                n_entries += 1;
            }
            match case {
                Case::Any => entry.any_case = entry.any_case.or(lists),
                Case::Exact => {
                    if entry.cases == 0 {
                        entry.tail = tail;
                    }
                    entry.exact = entry.exact.or(lists);
                    entry.cases |= 1 << super::table::case(tail);
                    assert!(entry.has_case(tail), "spellings of a word differ in the case of the first two letters");
                }
            }
            word += 1;
        }
        list += 1;
    }
    (entries, n_entries)
}

/// Finds a place for every word: the words of the fullest buckets first, each bucket as far moved as it needs.
const fn table() -> Table {
    let (words, n_words) = words();
    let mut table = Table { shifts: [0; N_BUCKETS], entries: [Entry::NONE; N_PLACES] };
    let mut members = [[Entry::NONE; MOST]; N_BUCKETS];
    let mut n_members = [0; N_BUCKETS];
    let mut word = 0;
    while word < n_words {
        let at = bucket(mixed(words[word].small));
        members[at][n_members[at]] = words[word];
        n_members[at] += 1;
        word += 1;
    }
    let mut n = MOST;
    while n > 0 {
        let mut at = 0;
        while at < N_BUCKETS {
            if n_members[at] == n {
                table.shifts[at] = shift(&table, &members[at], n);
                let mut member = 0;
                while member < n {
                    let entry = members[at][member];
                    table.entries[place(mixed(entry.small), table.shifts[at])] = entry;
                    member += 1;
                }
            }
            at += 1;
        }
        n -= 1;
    }
    table
}

/// The most words of a bucket.
const MOST: usize = 8;

/// How far these words have to be moved to stand where nothing is yet.
const fn shift(table: &Table, members: &[Entry; MOST], n_members: usize) -> u16 {
    let mut shift = 0;
    while !fit(table, members, n_members, shift) {
        shift += 1;
        assert!((shift as usize) < N_PLACES, "another multiplier may have a place for every word");
    }
    shift
}

/// Whether these words stand where nothing is yet when they are so far moved.
const fn fit(table: &Table, members: &[Entry; MOST], n_members: usize, shift: u16) -> bool {
    let mut taken = [usize::MAX; MOST];
    let (mut member, mut fit) = (0, true);
    while member < n_members {
        let at = place(mixed(members[member].small), shift);
        let mut other = 0;
        while other < member {
            fit &= taken[other] != at;
            other += 1;
        }
        fit &= table.entries[at].small == 0;
        taken[member] = at;
        member += 1;
    }
    fit
}
