//! Tells what the bytes of a text are with AVX2.

#![cfg(target_arch = "x86_64")]

use std::arch::x86_64::{
    __m256i, _mm256_and_si256, _mm256_cmpeq_epi8, _mm256_movemask_epi8, _mm256_set_epi64x, _mm256_set1_epi8,
    _mm256_setzero_si256, _mm256_shuffle_epi8, _mm256_slli_epi16, _mm256_srli_epi16,
};

use super::{BLOCK, Block};

/// A byte is a stop when what its halves allow has a bit in common. Beyond ASCII, the highest bit tells.
const STOPS: Halves = Halves::of(&[
    // Controls, the blank, and the last control: the rows of [`BLANKS`].
    (&[0x0, 0x1], "0123456789abcdef"),
    (&[0x2], "0"),
    (&[0x7], "f"),
    // `"`, `'`, brackets, `,`
    (&[0x2], "2789c"),
    // `:`, `;`, `<`, `=`, `>`
    (&[0x3], "abcde"),
    // `[` and `]`, `{` and `}`
    (&[0x5, 0x7], "bd"),
    // `` ` ``
    (&[0x6], "0"),
    // `|`
    (&[0x7], "c"),
]);

/// The rows of the stops that are blank.
const BLANKS: i8 = 0b111;

/// The same for the bytes that tell something: `0`; `?`; `!`, `.`, `/`; `\`. Behind them, the rows of the stops that may
/// not end a word, `'` and `>`; of the digits but `0`; and of the colon.
const TELLING: Halves = Halves::of(&[
    (&[0x3], "0"),
    (&[0x3], "f"),
    (&[0x2], "1ef"),
    (&[0x5], "c"),
    (&[0x2], "7"),
    (&[0x3], "e"),
    (&[0x3], "123456789"),
    (&[0x3], "a"),
]);

/// The rows of [`TELLING`] that tell something, of what may not end a word, and of what is special.
const TELLS: i8 = 0b0000_1111;
const DOUBTFUL: i8 = 0b0011_0000;
const SPECIAL: i8 = 0b0100_0010;

/// What the lower and the upper half of a byte allow, a bit for each row.
struct Halves {
    lower: u128,
    upper: u128,
}

impl Halves {
    /// Of rows: upper halves, and the lower halves that belong to a byte with one of them.
    const fn of(rows: &[(&[u8], &str)]) -> Self {
        let (mut lower, mut upper) = (0, 0);
        let mut row = 0;
        while row < rows.len() {
            let (uppers, lowers) = rows[row];
            let mut at = 0;
            while at < uppers.len() {
                upper |= 1 << (8 * uppers[at] + row as u8);
                at += 1;
            }
            let digits = lowers.as_bytes();
            at = 0;
            while at < digits.len() {
                let digit = if digits[at] <= b'9' { digits[at] - b'0' } else { digits[at] - b'a' + 10 };
                lower |= 1 << (8 * digit + row as u8);
                at += 1;
            }
            row += 1;
        }
        Self { lower, upper }
    }
}

/// Tells what the bytes of a block are.
///
/// Out of line: between what surrounds it, compilers take the bits apart again, one by one.
#[target_feature(enable = "avx2")]
#[inline(never)]
pub(in crate::ingest) fn block(bytes: &[u8; BLOCK]) -> Block {
    let mut block = Block::default();
    let (halves, _) = bytes.as_chunks::<32>();
    for (n, half) in halves.iter().enumerate() {
        let bytes = register(half);
        let upper = _mm256_and_si256(_mm256_srli_epi16::<4>(bytes), _mm256_set1_epi8(15));
        let bits = |register| u64::from(_mm256_movemask_epi8(register) as u32) << (32 * n);
        let rows = |halves: &Halves| {
            let lower = _mm256_shuffle_epi8(twice(halves.lower), bytes);
            _mm256_and_si256(lower, _mm256_shuffle_epi8(twice(halves.upper), upper))
        };
        let some = |rows| bits(_mm256_cmpeq_epi8(rows, _mm256_setzero_si256())) ^ (u64::from(u32::MAX) << (32 * n));
        let (stops, telling) = (rows(&STOPS), rows(&TELLING));
        block.stops |= some(stops) | bits(bytes);
        block.blanks |= some(_mm256_and_si256(stops, _mm256_set1_epi8(BLANKS)));
        block.doubtful |= some(_mm256_and_si256(telling, _mm256_set1_epi8(DOUBTFUL))) | bits(bytes);
        block.telling |= some(_mm256_and_si256(telling, _mm256_set1_epi8(TELLS)));
        block.special |= some(_mm256_and_si256(telling, _mm256_set1_epi8(SPECIAL)));
        // The lowest row, moved to the bits that are gathered; the highest is there.
        block.zeros |= bits(_mm256_slli_epi16::<7>(telling));
        block.colons |= bits(telling);
        let is = |byte: u8| bits(_mm256_cmpeq_epi8(bytes, _mm256_set1_epi8(byte.cast_signed())));
        block.odd |= is(b'<') | bits(bytes);
    }
    block
}

#[target_feature(enable = "avx2")]
fn twice(table: u128) -> __m256i {
    let (high, low) = ((table >> 64) as i64, table as i64);
    _mm256_set_epi64x(high, low, high, low)
}

#[target_feature(enable = "avx2")]
fn register(bytes: &[u8; 32]) -> __m256i {
    let (parts, _) = bytes.as_chunks::<8>();
    match parts {
        [a, b, c, d] => {
            let part = |bytes: &[u8; 8]| i64::from_le_bytes(*bytes);
            _mm256_set_epi64x(part(d), part(c), part(b), part(a))
        }
        _ => _mm256_setzero_si256(),
    }
}
