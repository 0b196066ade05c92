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
#[inline(always)]
pub fn lists(text: &[u8], start: usize, end: usize) -> Lists {
    let spelled = spelling(text, start, end);
    let place = spelled.small().place();
    let slot = TABLE.slots[place.slot];
    if slot.mark == place.mark || slot.mark == Slot::SHARED {
        look_up(spelled, slot)
    } else {
        // Most words are in no list.
        Lists::default()
    }
}

/// The lists of a word that may be in some.
#[inline(never)]
fn look_up(spelled: Spelling, slot: Slot) -> Lists {
    let key = spelled.small();
    let mut found = Lists::default();
    let mut index = slot.first;
    while let Some(entry) = TABLE.entries.get(usize::from(index)) {
        if entry.spelled.small().is(key) {
            found = found.or(entry.any_case);
            if entry.spelled.is(spelled) {
                found = found.or(entry.exact);
            }
        }
        index = entry.next;
    }
    found
}

/// The longest word of a list, in bytes.
const LONGEST: usize = 16;

/// A word as numbers.
#[derive(Clone, Copy)]
struct Spelling {
    /// The first eight bytes of a longer word.
    head: u64,
    /// The last eight bytes; of a shorter word all, with nothing above them.
    tail: u64,
    /// Of a word of eight bytes or less zero, else its length.
    length: u8,
}

impl Spelling {
    /// With a small letter for every capital.
    ///
    /// A list holds letters and what has no capital; so a word that only looks like one of a list, because the bit
    /// that tells capitals from small letters means something else in it, would hold a control character.
    const fn small(self) -> Self {
        // Of a shorter word, what is above it gets the bit as well: no byte of a word is only that.
        Self { head: self.head | SMALL, tail: self.tail | SMALL, length: self.length }
    }

    /// Whether two are the same.
    const fn is(self, other: Self) -> bool {
        let differs = (self.head ^ other.head) | (self.tail ^ other.tail);
        differs | (self.length ^ other.length) as u64 == 0
    }

    /// Where to look for it.
    const fn place(self) -> Place {
        let mixed = (self.tail ^ self.head.rotate_left(25)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        Place { slot: (mixed >> (64 - N_SLOTS.trailing_zeros())) as usize, mark: (mixed >> 40) as u8 }
    }
}

/// Where a word is looked for.
#[derive(Clone, Copy)]
struct Place {
    slot: usize,
    /// Tells most words apart that share a slot.
    mark: u8,
}

/// The bit that makes small letters of capitals, in each byte.
const SMALL: u64 = 0x2020_2020_2020_2020;

/// The word `text[start..end]`; a longer one than those of lists is spelled like none of them.
#[inline]
fn spelling(text: &[u8], start: usize, end: usize) -> Spelling {
    let length = end - start;
    let eight = |from: usize| Some(u64::from_le_bytes(*text.get(from..)?.first_chunk()?));
    let tail = match end.checked_sub(8).and_then(eight) {
        // The bytes before a short word spare a look at how many there are behind it.
        Some(bytes) => bytes >> 64_usize.saturating_sub(8 * length).min(63),
        None => {
            let word = text.get(start..end).unwrap_or_default();
            word.iter().rev().fold(0, |all, byte| all << 8 | u64::from(*byte))
        }
    };
    let (head, length) = match length {
        ..=8 => (0, 0),
        9.. => (eight(start).unwrap_or(0), length.min(LONGEST + 1) as u8),
    };
    Spelling { head, tail, length }
}

const N_SLOTS: usize = 2048;

/// A hash table with chains.
struct Table {
    slots: [Slot; N_SLOTS],
    entries: [Entry; n_words()],
}

/// Where a chain begins.
#[derive(Clone, Copy)]
struct Slot {
    first: u16,
    /// The mark of its words.
    mark: u8,
}

impl Slot {
    /// Stands for a mark where words with different ones share the slot.
    const SHARED: u8 = u8::MAX;
}

#[derive(Clone, Copy)]
struct Entry {
    spelled: Spelling,
    /// The lists that it is in whatever its case.
    any_case: Lists,
    /// The lists that it is in when it is spelled like this.
    exact: Lists,
    /// The next of its chain.
    next: u16,
}

/// No entry has this index.
const NONE: u16 = u16::MAX;

static TABLE: Table = table();

const fn n_words() -> usize {
    let (mut n_words, mut list) = (0, 0);
    while list < ALL.len() {
        n_words += ALL[list].2.len();
        list += 1;
    }
    n_words
}

const fn table() -> Table {
    let nothing = Spelling { head: 0, tail: 0, length: 0 };
    let mut entries = [Entry { spelled: nothing, any_case: Lists(0), exact: Lists(0), next: NONE }; n_words()];
    let mut slots = [Slot { first: NONE, mark: 0 }; N_SLOTS];
    let (mut n_entries, mut list) = (0, 0);
    while list < ALL.len() {
        let (lists, case, words) = ALL[list];
        let mut word = 0;
        while word < words.len() {
            let spelled = spelling_of_listed(words[word].as_bytes());
            let Place { slot, mark } = spelled.small().place();
            let Slot { first, mark: other } = slots[slot];
            let index = match entry_of(&entries, first, spelled) {
                Some(index) => index,
                None => {
                    entries[n_entries].spelled = spelled;
                    entries[n_entries].next = first;
                    let mark = if first == NONE || mark == other { mark } else { Slot::SHARED };
                    slots[slot] = Slot { first: n_entries as u16, mark };
                    n_entries += 1;
                    n_entries - 1
                }
            };
            match case {
                Case::Any => entries[index].any_case = entries[index].any_case.or(lists),
                Case::Exact => entries[index].exact = entries[index].exact.or(lists),
            }
            word += 1;
        }
        list += 1;
    }
    Table { slots, entries }
}

/// The entry of a chain that is spelled so.
const fn entry_of(entries: &[Entry], first: u16, spelled: Spelling) -> Option<usize> {
    let mut next = first;
    while next != NONE {
        if entries[next as usize].spelled.is(spelled) {
            return Some(next as usize);
        }
        next = entries[next as usize].next;
    }
    None
}

/// The spelling of a word of a list; one that is too long does not compile.
const fn spelling_of_listed(word: &[u8]) -> Spelling {
    assert!(!word.is_empty() && word.len() <= LONGEST, "a word of a list has 1 to 16 bytes");
    let (mut head, mut tail, mut at) = (0, 0, 0);
    let long = word.len() > 8;
    while at < word.len() {
        if long && at < 8 {
            head |= (word[at] as u64) << (8 * at);
        }
        if !long {
            tail |= (word[at] as u64) << (8 * at);
        } else if at >= word.len() - 8 {
            tail |= (word[at] as u64) << (8 * (at + 8 - word.len()));
        }
        at += 1;
    }
    Spelling { head, tail, length: if long { word.len() as u8 } else { 0 } }
}
