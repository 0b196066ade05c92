//! Cuts what is usual in a message, a piece of it at a time: words without anything telling in them, marks, values.
//!
//! Where tokens begin and end and what follows what is told for a whole piece at once, by arithmetic on a bit for each
//! byte or each token; what is left to do for each token has hardly a branch. It ends before what is unusual, which is read
//! one token after the other, and goes on behind it: a law holds it to what reading all so would give.
//!
//! The wide instructions of `widest` gather the places of tokens; `wide` is the same arithmetic as here, with instructions
//! for single bits.

#[cfg(target_arch = "x86_64")]
pub(in crate::ingest) mod wide;
#[cfg(target_arch = "x86_64")]
pub(in crate::ingest) mod widest;

use super::super::padded::Window;
use super::super::stops::{self, BLOCK, Block, Masks, PIECE, Run};
use super::super::words::{self, LONGER, Lists};
use super::{Kind, Reader, Table, Token, table};

/// The most tokens that are cut at once: one for each bit of a mask.
const MOST: usize = 64;

/// Something of each token, where a register is read and written at once.
#[derive(Clone, Copy, Debug)]
#[repr(align(64))]
struct Each<T>([T; MOST]);

/// The tokens of a piece; what was in it before has no influence.
#[derive(Debug)]
pub struct Cut {
    /// Where the piece begins.
    from: usize,
    /// What it holds.
    ahead: Ahead,
    /// Where tokens begin.
    starts: Each<u8>,
    /// Where they end.
    ends: Each<u8>,
    /// Their kinds.
    kinds: Each<u8>,
    /// How many bits of eight bytes are not theirs.
    foreign: Each<u8>,
    /// The lists of words.
    lists: Each<Lists>,
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
            ahead: Ahead::default(),
            starts: Each([0; MOST]),
            ends: Each([0; MOST]),
            kinds: Each([0; MOST]),
            foreign: Each([0; MOST]),
            lists: Each([Lists::NONE; MOST]),
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
        let inked = !self.ahead.blanks >> offset;
        (inked != 0).then(|| at + inked.trailing_zeros() as usize)
    }

    /// The bytes from there to the first stop, if it is in the piece.
    #[inline(always)]
    pub(super) fn run(&self, from: usize) -> Option<Run> {
        let offset = from.checked_sub(self.from).filter(|offset| *offset < PIECE)?;
        let stops = self.ahead.stops >> offset;
        let telling = self.ahead.telling >> offset & below(stops);
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

    /// The same; `block` tells what bytes are, `list` lists the first [`MOST`] tokens of a piece that are within a
    /// mask, and `kinds` tells where those of some kinds are, at least of the first so many.
    #[inline(always)]
    fn plain_with(
        &mut self,
        block: impl Fn(&[u8; BLOCK]) -> Block,
        list: impl Fn(&mut Cut, &[u8; PIECE], u128, u128),
        kinds: impl Fn(&[u8; MOST], usize) -> Kinds,
    ) {
        let from = self.at / BLOCK * BLOCK;
        let Some(window) = self.padded.window(from) else { return };
        if self.cut.from != from {
            (self.cut.ahead, self.cut.from) = (Ahead::of(&Masks::of(window.bytes(), block)), from);
        }
        let last = self.tokens.last().copied();
        let ahead = &self.cut.ahead;
        let within = ahead.usual(self.at - from, last.is_some_and(|last| last.lists.any(Lists::SCHEME)));
        let starts = ahead.starts & within;
        if starts == 0 {
            return;
        }
        let is_spaced = self.spaced | (from > 0 && self.bytes.get(from - 1).is_some_and(|byte| stops::is_blank(*byte)));
        let first = if self.spaced { starts & starts.wrapping_neg() } else { 0 };
        let spaced = ahead.blanks << 1 | u128::from(is_spaced) | first;
        list(self.cut, window.bytes(), within, spaced);
        self.look_up(from, window);
        self.note(last.map_or(NOTHING, |last| last.mark()), kinds);
        self.add(from as u32);
    }

    /// Looks the words up.
    #[inline(always)]
    fn look_up(&mut self, from: usize, window: Window<'_>) {
        let Cut { ends, foreign, lists, words, longer, .. } = &mut *self.cut;
        let (mut seen, mut found, mut hexadecimal) = (Lists::NONE, 0, false);
        lists.0 = [Lists::NONE; MOST];
        let mut words = *words;
        while words != 0 {
            let at = words.trailing_zeros() as usize % MOST;
            words &= words - 1;
            let word = words::look(window.eight_before(ends.0[at]) >> (foreign.0[at] % 64));
            lists.0[at] = word.lists;
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
            let (start, end) = (from + usize::from(starts.0[at]), from + usize::from(ends.0[at]));
            let word = self.bytes.get(start..end).unwrap_or_default();
            if word.len() >= words::LONG && words::may_be_value(word) {
                *n_tokens = at;
                break;
            }
            if word.len() > 8 {
                lists.0[at] = words::lists(self.bytes, start, end);
                self.seen.lists = self.seen.lists.or(lists.0[at]);
            }
            if lists.0[at].any(Lists::SCHEME) && self.bytes.get(end) == Some(&b':') {
                *n_tokens = at + 1;
                break;
            }
        }
    }

    /// Notes what follows what, behind a token of the kind `before`.
    #[inline(always)]
    fn note(&mut self, before: u8, kinds: impl Fn(&[u8; MOST], usize) -> Kinds) {
        let cut = &mut *self.cut;
        let Kinds { inked, variables, colons, separators, opening, squares, closing, equals } =
            kinds(&cut.kinds.0, cut.n_tokens).of_first(cut.n_tokens);
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
        self.tokens.reserve(*n_tokens);
        let cut = starts.0.iter().zip(&ends.0).zip(kinds.0.iter().zip(&lists.0));
        for ((start, end), (kind, lists)) in cut.take(*n_tokens) {
            marks |= super::bit(*kind);
            self.tokens.push(Token {
                start: from + u32::from(*start),
                end: from + u32::from(*end),
                lists: *lists,
                kind: Kind(*kind),
                spaced: spaced & 1 != 0,
            });
            spaced >>= 1;
        }
        self.seen.marks |= marks;
        if let Some(last) = self.tokens.last().filter(|_| *n_tokens > 0) {
            (self.at, self.spaced) = (last.end(), false);
        }
    }
}

/// What a piece holds, told for all of its tokens at once.
#[derive(Clone, Copy, Debug, Default)]
struct Ahead {
    stops: u128,
    blanks: u128,
    telling: u128,
    /// Where tokens begin.
    starts: u128,
    /// Where they end, their last bytes.
    lasts: u128,
    /// The last bytes of words and of values.
    word_lasts: u128,
    /// Of these, the values.
    values: u128,
    /// The stops behind words that are unusual.
    odd_ends: u128,
    /// The marks that are.
    odd_marks: u128,
}

impl Ahead {
    #[inline(always)]
    fn of(masks: &Masks) -> Self {
        let Masks { stops, blanks, doubtful, telling, zeros, special, colons, odd } = *masks;
        let ink = !stops;
        let marks = stops & !blanks;
        // A carry runs through a word, from any of its bytes that are named to the stop behind it.
        let behind = |named: u128| ink.wrapping_add(named) & stops;
        let may_be_code = special | zeros & (ink & !telling | zeros) >> 1;
        let values = behind(zeros) & !behind(may_be_code);
        let word_lasts = ink & stops >> 1;
        // What follows the last byte is not known.
        let leads_on = telling & !zeros | 1;
        Self {
            stops,
            blanks,
            telling,
            starts: ink & !(ink << 1) | marks,
            lasts: word_lasts | marks,
            word_lasts,
            values: values >> 1,
            odd_ends: (behind(telling) & !values | doubtful) & stops & ink << 1,
            odd_marks: (colons & leads_on.rotate_right(1) | odd) & marks,
        }
    }

    /// The bytes from `offset` on that come before anything unusual; behind the name of a scheme, a colon is.
    #[inline(always)]
    fn usual(&self, offset: usize, behind_scheme: bool) -> u128 {
        let ahead = u128::MAX << offset;
        // A word that ends at the offset was read. Up to the last stop before the end of the first odd word, or of all:
        let usual = self.stops & below(self.odd_ends & ahead << 1);
        let whole = u128::MAX.unbounded_shr(usual.leading_zeros());
        let odd_mark = if behind_scheme { 1 << offset & self.stops } else { 0 };
        ahead & whole & below((self.odd_marks | odd_mark) & ahead)
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
const CLASSES: Table = table(&[
    (Kind::WORD, INKED),
    (Kind::VARIABLE, INKED | VARIABLE),
    (Kind::mark(b':'), COLON),
    (Kind::mark(b','), SEPARATOR),
    (Kind::mark(b'|'), SEPARATOR),
    (Kind::mark(b'('), OPENING),
    (Kind::mark(b'['), SQUARE),
    (Kind::mark(b')'), CLOSING),
    (Kind::mark(b'='), EQUALS),
]);

/// Lists tokens one after the other.
#[inline(always)]
fn list(cut: &mut Cut, bytes: &[u8; PIECE], within: u128, spaced: u128) {
    let Ahead { starts, lasts, word_lasts, values, .. } = cut.ahead;
    let n_tokens = places(starts & within, &mut cut.starts.0).min(places(lasts & within, &mut cut.ends.0));
    let halves = |bits: u128| [bits as u64, (bits >> BLOCK) as u64];
    let (words, values, spaced) = (halves(word_lasts), halves(values), halves(spaced));
    let bit = |of: &[u64; 2], at: u8| of[usize::from(at) / BLOCK % 2] >> (at % 64) & 1;
    let [mut are_spaced, mut are_words, mut are_longer, mut are_odd] = [0; 4];
    let tokens = cut.starts.0.iter().zip(&mut cut.ends.0).zip(cut.kinds.0.iter_mut().zip(&mut cut.foreign.0));
    for (at, ((start, end), (kind, foreign))) in tokens.enumerate().take(n_tokens) {
        let (last, length) = (*end, end.wrapping_sub(*start) + 1);
        let (is_word, is_value) = (bit(&words, last), bit(&values, last));
        let word = Kind::WORD.0 + is_value as u8 * (Kind::VARIABLE.0 - Kind::WORD.0);
        *end = last + 1;
        *foreign = 64 - 8 * length.min(8);
        *kind = if is_word == 0 { bytes[usize::from(last) % PIECE] } else { word };
        are_spaced |= bit(&spaced, *start) << at;
        are_words |= (is_word & !is_value) << at;
        are_longer |= u64::from(length > 8) << at;
        are_odd |= u64::from(length >= LONGER as u8) << at;
    }
    (cut.spaced, cut.words, cut.longer, cut.n_tokens) = (are_spaced, are_words, are_longer, n_tokens);
    cut.limit(are_odd & are_words);
}

/// Writes the places of the first [`MOST`] bits that are set, and returns how many there are.
#[inline(always)]
fn places(bits: u128, to: &mut [u8; MOST]) -> usize {
    let mut n_places = 0;
    for (half, first) in [(bits as u64, 0), ((bits >> BLOCK) as u64, BLOCK as u8)] {
        let mut left = half;
        while left != 0 && n_places < MOST {
            to[n_places] = first + left.trailing_zeros() as u8;
            left &= left - 1;
            n_places += 1;
        }
    }
    n_places
}

/// Tells kinds, eight tokens at a time.
#[inline(always)]
fn kinds(kinds: &[u8; MOST], n_tokens: usize) -> Kinds {
    let mut of_class = [0_u64; 8];
    let (eights, _) = kinds.as_chunks::<8>();
    for (n, eight) in eights.iter().enumerate().take(n_tokens.div_ceil(8)) {
        let classes = u64::from_le_bytes(eight.map(|kind| CLASSES[usize::from(kind) % CLASSES.len()]));
        for (class, bits) in of_class.iter_mut().enumerate() {
            *bits |= stops::gathered_eight(classes >> class & 0x0101_0101_0101_0101) << (8 * n);
        }
    }
    let [inked, variables, colons, separators, opening, squares, closing, equals] = of_class;
    Kinds { inked, variables, colons, separators, opening, squares, closing, equals }
}
