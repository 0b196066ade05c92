//! Cuts what is usual in a message, a piece of it at a time: words without anything telling in them, marks, values.
//!
//! Where tokens begin and end and what follows what is told for a whole piece at once, by arithmetic on a bit for each
//! byte or each token. What is left to do for each token is done without a branch that depends on what comes next, because
//! nobody can tell. It ends before what is unusual.
//!
//! The wide instructions of `widest` gather the places of tokens; `wide` is the same arithmetic as here, with instructions
//! for single bits.

#[cfg(target_arch = "x86_64")]
pub(in crate::ingest) mod wide;
#[cfg(target_arch = "x86_64")]
pub(in crate::ingest) mod widest;

use super::super::padded::Window;
use super::super::stops::{self, BLOCK, Block, Masks, PIECE, Run};
use super::super::words::{self, Lists};
use super::{Kind, Reader, Token};

/// The most tokens that are cut at once: one for each bit of a mask.
const MOST: usize = 64;

/// The tokens of a piece; what was in it before has no influence.
#[derive(Debug)]
pub struct Cut {
    /// Where the piece begins.
    from: usize,
    /// What its bytes are.
    masks: Masks,
    /// Where they begin.
    starts: [u8; MOST],
    /// Where they end.
    ends: [u8; MOST],
    /// Their kinds.
    kinds: [u8; MOST],
    /// How many bits of eight bytes are not theirs.
    foreign: [u8; MOST],
    /// The lists of words.
    lists: [Lists; MOST],
    /// How many there are.
    n_tokens: usize,
    /// Those behind white space, a bit for each.
    spaced: u64,
    /// The words.
    words: u64,
    /// Those of more than eight bytes.
    longer: u64,
}

impl Default for Cut {
    fn default() -> Self {
        Self {
            from: usize::MAX,
            masks: Masks::default(),
            starts: [0; MOST],
            ends: [0; MOST],
            kinds: [0; MOST],
            foreign: [0; MOST],
            lists: [Lists::NONE; MOST],
            n_tokens: 0,
            spaced: 0,
            words: 0,
            longer: 0,
        }
    }
}

impl Cut {
    /// Begins with another text.
    pub fn forget(&mut self) {
        self.from = usize::MAX;
    }

    /// The next byte at or behind this one that is not blank, if it is in the piece.
    #[inline(always)]
    pub(super) fn next(&self, at: usize) -> Option<usize> {
        let offset = at.checked_sub(self.from).filter(|offset| *offset < PIECE)?;
        let inked = !self.masks.blanks >> offset;
        (inked != 0).then(|| at + inked.trailing_zeros() as usize)
    }

    /// The bytes from there to the first stop, if it is in the piece.
    #[inline(always)]
    pub(super) fn run(&self, from: usize) -> Option<Run> {
        let offset = from.checked_sub(self.from).filter(|offset| *offset < PIECE)?;
        let stops = self.masks.stops >> offset;
        let telling = self.masks.telling >> offset & below(stops);
        (stops != 0).then(|| Run { end: from + stops.trailing_zeros() as usize, telling: telling != 0 })
    }

    /// Ends before the first token that is so; and where there is no bit for more.
    #[inline(always)]
    fn limit(&mut self, odd: u64) {
        self.n_tokens = self.n_tokens.min(odd.trailing_zeros() as usize);
    }
}

impl Reader<'_> {
    /// Reads as far as nothing is unusual, within one piece.
    #[inline]
    pub(super) fn plain(&mut self) {
        if !crate::ingest::wide::plain(self) {
            self.plain_portable();
        }
    }

    /// The same with ordinary instructions.
    #[inline(never)]
    pub(super) fn plain_portable(&mut self) {
        self.plain_with(stops::portable, list, kinds);
    }

    /// The same; `block` tells what bytes are, `list` lists the first [`MOST`] tokens of a piece, and `kinds` tells where
    /// those of some kinds are.
    #[inline(always)]
    fn plain_with(
        &mut self,
        block: impl Fn(&[u8; BLOCK]) -> Block,
        list: impl Fn(&mut Cut, &[u8; PIECE], &Ahead, u128),
        kinds: impl Fn(&[u8; MOST]) -> Kinds,
    ) {
        let from = self.at / BLOCK * BLOCK;
        let Some(window) = self.padded.window(from) else { return };
        if self.cut.from != from {
            (self.cut.masks, self.cut.from) = (Masks::of(window.bytes(), block), from);
        }
        let masks = self.cut.masks;
        let last = self.tokens.last().copied();
        let before_address = last.is_some_and(|last| last.lists.any(Lists::SCHEME));
        let Some(ahead) = Ahead::of(&masks, self.at - from, before_address) else { return };
        let is_spaced = self.spaced | (from > 0 && self.bytes.get(from - 1).is_some_and(|byte| stops::is_blank(*byte)));
        let mut spaced = masks.blanks << 1 | u128::from(is_spaced);
        if self.spaced {
            spaced |= ahead.starts & ahead.starts.wrapping_neg();
        }
        list(self.cut, window.bytes(), &ahead, spaced);
        self.look_up(from, window);
        self.note(last.map_or(NOTHING, |last| last.mark()), kinds);
        self.add(from as u32);
    }

    /// Looks the words up.
    #[inline(always)]
    fn look_up(&mut self, from: usize, window: Window<'_>) {
        let Cut { ends, foreign, lists, words, longer, .. } = &mut *self.cut;
        let (mut seen, mut found, mut hexadecimal) = (Lists::NONE, 0, false);
        *lists = [Lists::NONE; MOST];
        let mut words = *words;
        while words != 0 {
            let at = words.trailing_zeros() as usize % MOST;
            words &= words - 1;
            let word = words::look(window.eight_before(ends[at]) >> (foreign[at] % 64));
            lists[at] = word.lists;
            seen = seen.or(word.lists);
            found |= u64::from(word.may_be_in) << at;
            hexadecimal |= word.may_be_hexadecimal;
        }
        self.seen.lists = self.seen.lists.or(seen);
        if hexadecimal | (found & *longer != 0) | seen.any(Lists::SCHEME) {
            self.look_again(from);
        }
    }

    /// Looks the longer words up; leaves out what begins with one that may be a value by its shape, and what stands behind
    /// one that may begin an address.
    #[cold]
    fn look_again(&mut self, from: usize) {
        let Cut { starts, ends, lists, words, n_tokens, .. } = &mut *self.cut;
        for at in (0..*n_tokens).filter(|at| *words >> at & 1 != 0) {
            let (start, end) = (from + usize::from(starts[at]), from + usize::from(ends[at]));
            let word = self.bytes.get(start..end).unwrap_or_default();
            if word.len() >= words::LONG && words::may_be_value(word) {
                *n_tokens = at;
                break;
            }
            if word.len() > 8 {
                lists[at] = words::read(self.bytes, start, end);
                self.seen.lists = self.seen.lists.or(lists[at]);
            }
            if lists[at].any(Lists::SCHEME) && self.bytes.get(end) == Some(&b':') {
                *n_tokens = at + 1;
                break;
            }
        }
    }

    /// Notes what follows what, behind a token of the kind `before`.
    #[inline(always)]
    fn note(&mut self, before: u8, kinds: impl Fn(&[u8; MOST]) -> Kinds) {
        let cut = &mut *self.cut;
        let Kinds { inked, variables, colons, separators, opening, squares, closing, equals } =
            kinds(&cut.kinds).of_first(cut.n_tokens);
        let behind = |these: u64, is_before: bool| these << 1 | u64::from(is_before);
        let is = |kind: Kind| before == kind.0;
        let is_mark = |mark: u8| before == mark;
        let [word, variable, colon] = [is(Kind::WORD), is(Kind::VARIABLE), is_mark(b':')];
        let [open, square, separator] = [is_mark(b'('), is_mark(b'['), is_mark(b',') | is_mark(b'|')];
        // Blanks there only align numbers of unequal length: `[  12.5]`.
        cut.spaced &= !(variables & behind(opening | squares, open | square));
        let adjoining = inked & behind(inked | colons, word | variable | colon) & !cut.spaced;
        let before_listed = behind(variables | separators | colons | opening, variable | separator | colon | open);
        let listed = variables & before_listed | closing & behind(opening, open);
        // A sign right behind a value may pad it; and what follows the last token that there is a bit for is not known.
        cut.limit(variables & ((equals & !cut.spaced) >> 1 | 1 << (MOST - 1)));
        self.seen.adjoining |= adjoining != 0;
        self.seen.listed |= listed != 0;
    }

    /// Adds the tokens that were cut.
    #[inline(always)]
    fn add(&mut self, from: u32) {
        let Cut { starts, ends, kinds, lists, n_tokens, spaced, .. } = &*self.cut;
        let (mut marks, mut spaced) = (0, *spaced);
        let first = self.tokens.len();
        self.tokens.resize(first + n_tokens, Token::NONE);
        let added = self.tokens.get_mut(first..).unwrap_or_default();
        let cut = starts.iter().zip(ends).zip(kinds.iter().zip(lists));
        for (token, ((start, end), (kind, lists))) in added.iter_mut().zip(cut) {
            marks |= super::bit(*kind);
            *token = Token {
                start: from + u32::from(*start),
                end: from + u32::from(*end),
                lists: *lists,
                kind: Kind(*kind),
                spaced: spaced & 1 != 0,
            };
            spaced >>= 1;
        }
        self.seen.marks |= marks;
        if let Some(last) = added.last() {
            (self.at, self.spaced) = (last.end(), false);
        }
    }
}

/// What a piece holds, told for all of its tokens at once.
struct Ahead {
    /// Where tokens begin, up to what is unusual.
    starts: u128,
    /// Where they end, their last bytes.
    lasts: u128,
    /// The last bytes of words and of values.
    word_lasts: u128,
    /// Of these, the values.
    values: u128,
}

impl Ahead {
    /// What comes from `offset` on; `None` where something unusual comes first.
    #[inline(always)]
    fn of(masks: &Masks, offset: usize, before_address: bool) -> Option<Self> {
        let Masks { stops, blanks, doubtful, telling, zeros, special, colons, odd } = *masks;
        let ink = !stops;
        // A carry runs through a word, from any of its bytes that are named to the stop behind it.
        let behind = |named: u128| ink.wrapping_add(named) & stops;
        let may_be_code = special | zeros & (ink & !telling | zeros) >> 1;
        let values = behind(zeros) & !behind(may_be_code);
        let odd_ends = (behind(telling) & !values | doubtful) & stops & ink << 1;
        // What follows the last byte is not known.
        let leads_on = telling & !zeros | 1;
        let address = u128::from(before_address) << offset;
        let odd_marks = colons & leads_on.rotate_right(1) | odd | address;
        let ahead = u128::MAX << offset;
        // A word that ends at the offset was read. Up to the last stop before the end of the first odd word, or of all:
        let usual = stops & below(odd_ends & ahead << 1);
        let whole = u128::MAX.unbounded_shr(usual.leading_zeros());
        let within = ahead & whole & below(odd_marks & stops & !blanks & ahead);
        let marks = stops & !blanks & within;
        let starts = (ink & !(ink << 1)) & within | marks;
        let word_lasts = ink & stops >> 1 & within;
        (starts != 0).then_some(Self {
            starts,
            lasts: word_lasts | marks,
            word_lasts,
            values: values >> 1 & word_lasts,
        })
    }
}

/// The bits below the lowest one that is set; all where none is.
#[inline(always)]
fn below(bits: u128) -> u128 {
    (bits & bits.wrapping_neg()).wrapping_sub(1)
}

/// Where the tokens of some kinds are, a bit for each token.
#[derive(Clone, Copy)]
struct Kinds {
    /// Words and variables.
    inked: u64,
    variables: u64,
    colons: u64,
    /// `,` and `|`.
    separators: u64,
    /// `(`.
    opening: u64,
    /// `[`.
    squares: u64,
    /// `)`.
    closing: u64,
    /// `=`.
    equals: u64,
}

impl Kinds {
    /// Without what lies behind the first tokens.
    #[inline(always)]
    fn of_first(self, n_tokens: usize) -> Self {
        let all = u64::MAX.unbounded_shr((MOST - n_tokens.min(MOST)) as u32);
        Self {
            inked: self.inked & all,
            variables: self.variables & all,
            colons: self.colons & all,
            separators: self.separators & all,
            opening: self.opening & all,
            squares: self.squares & all,
            closing: self.closing & all,
            equals: self.equals & all,
        }
    }
}

/// Nothing comes before: a control, which is no token.
const NOTHING: u8 = 0;

const INKED: u8 = 1;
const VARIABLE: u8 = 2;
const COLON: u8 = 4;
const SEPARATOR: u8 = 8;
const OPENING: u8 = 16;
const SQUARE: u8 = 32;
const CLOSING: u8 = 64;
const EQUALS: u8 = 128;

/// Which of [`Kinds`] a token of each kind is in.
const CLASSES: [u8; 128] = {
    let mut classes = [0; 128];
    classes[Kind::WORD.0 as usize] = INKED;
    classes[Kind::VARIABLE.0 as usize] = INKED | VARIABLE;
    classes[b':' as usize] = COLON;
    classes[b',' as usize] = SEPARATOR;
    classes[b'|' as usize] = SEPARATOR;
    classes[b'(' as usize] = OPENING;
    classes[b'[' as usize] = SQUARE;
    classes[b')' as usize] = CLOSING;
    classes[b'=' as usize] = EQUALS;
    classes
};

/// Lists tokens one after the other.
#[inline(always)]
fn list(cut: &mut Cut, bytes: &[u8; PIECE], ahead: &Ahead, spaced: u128) {
    let (mut starts, mut lasts) = (ahead.starts, ahead.lasts);
    (cut.spaced, cut.words, cut.longer, cut.n_tokens) = (0, 0, 0, 0);
    let mut odd = 0;
    while starts != 0 && cut.n_tokens < MOST {
        let (start, last) = (starts.trailing_zeros(), lasts.trailing_zeros());
        (starts, lasts) = (starts & (starts - 1), lasts & lasts.wrapping_sub(1));
        let (at, length) = (cut.n_tokens, last.wrapping_sub(start) + 1);
        let is_word = ahead.word_lasts >> last & 1 != 0;
        let is_value = ahead.values >> last & 1 != 0;
        cut.starts[at] = start as u8;
        cut.ends[at] = last as u8 + 1;
        cut.foreign[at] = 64 - 8 * length.min(8) as u8;
        cut.kinds[at] = match (is_word, is_value) {
            (false, _) => bytes[last as usize % PIECE],
            (true, false) => Kind::WORD.0,
            (true, true) => Kind::VARIABLE.0,
        };
        cut.spaced |= ((spaced >> start) as u64 & 1) << at;
        cut.words |= u64::from(is_word & !is_value) << at;
        cut.longer |= u64::from(length > 8) << at;
        odd |= u64::from(length >= words::LONGER as u32) << at;
        cut.n_tokens += 1;
    }
    cut.limit(odd & cut.words);
}

/// Tells kinds one after the other.
#[inline(always)]
fn kinds(kinds: &[u8; MOST]) -> Kinds {
    let classes = kinds.map(|kind| CLASSES[usize::from(kind) % CLASSES.len()]);
    let of = |class: u8| stops::gathered(&classes.map(|classes| u8::from(classes & class != 0)));
    Kinds {
        inked: of(INKED),
        variables: of(VARIABLE),
        colons: of(COLON),
        separators: of(SEPARATOR),
        opening: of(OPENING),
        squares: of(SQUARE),
        closing: of(CLOSING),
        equals: of(EQUALS),
    }
}
