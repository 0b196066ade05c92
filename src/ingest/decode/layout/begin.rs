//! Tells how a line begins: its first words, with one digit for all.
//!
//! By ordinary arithmetic, or by the processor's wide instructions (`wide`); both come to the same.

#[cfg(target_arch = "x86_64")]
pub(in crate::ingest) mod wide;

/// The longest front, in bytes: one for each bit of a mask.
pub(in crate::ingest) const FRONT_BYTES: usize = 128;

/// How a line begins.
#[derive(Debug, PartialEq)]
pub(super) struct Begin {
    /// Its first bytes, with `0` for each digit; zero behind its end.
    bytes: [u8; FRONT_BYTES],
    /// Which of them end a word: blanks with none before them. The lowest bit is the first byte.
    ends: u128,
    /// Which of them are blanks.
    blanks: u128,
    /// How many there are, where the line is no longer.
    end: Option<usize>,
}

impl Begin {
    pub(super) fn of(line: &[u8]) -> Self {
        let mut bytes = [0; FRONT_BYTES];
        match line.first_chunk() {
            Some(front) => bytes = *front,
            None => bytes.iter_mut().zip(line).for_each(|(to, from)| *to = *from),
        }
        let blanks = crate::ingest::wide::begin(&mut bytes).unwrap_or_else(|| portable(&mut bytes));
        // A blank in front of everything ends no word.
        let ends = blanks & !(blanks << 1) & !1;
        Self { bytes, ends, blanks, end: (line.len() <= FRONT_BYTES).then_some(line.len()) }
    }

    /// The front that has so many words, at least one: two bytes behind the blanks that follow them, or the whole line;
    /// `None` when that is too long.
    pub(super) fn front(&self, n_words: usize) -> Option<&[u8]> {
        let (mut low, mut high) = (self.ends as u64, (self.ends >> 64) as u64);
        for _ in 1..n_words {
            if low != 0 {
                low &= low - 1;
            } else {
                high &= high.saturating_sub(1);
            }
        }
        let at = match (low, high) {
            (0, 0) => return self.bytes.get(..self.end?),
            (0, _) => 64 + high.trailing_zeros(),
            _ => low.trailing_zeros(),
        };
        let length = (at + (self.blanks >> at).trailing_ones() + 2) as usize;
        self.bytes.get(..self.end.map_or(length, |end| end.min(length)))
    }
}

/// Writes `0` for each digit, and tells which bytes are blanks.
fn portable(bytes: &mut [u8; FRONT_BYTES]) -> u128 {
    let (words, _) = bytes.as_chunks::<8>();
    let blanks = words.iter().rev().fold(0, |blanks, word| blanks << 8 | u128::from(blanks_of(*word)));
    level_digits(bytes);
    blanks
}

#[inline(always)]
fn level_digits(bytes: &mut [u8; FRONT_BYTES]) {
    for byte in bytes {
        *byte = if byte.is_ascii_digit() { b'0' } else { *byte };
    }
}

/// A bit for each blank of eight bytes.
fn blanks_of(bytes: [u8; 8]) -> u8 {
    const LOW: u64 = 0x7f7f_7f7f_7f7f_7f7f;
    // The highest bit of each byte that is not a blank.
    let other = u64::from_le_bytes(bytes) ^ 0x2020_2020_2020_2020;
    let other = ((other & LOW) + LOW) | other;
    ((!other & !LOW) >> 7).wrapping_mul(0x0102_0408_1020_4080).to_le_bytes()[7]
}

#[cfg(test)]
mod tests;
