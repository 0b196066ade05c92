//! The bytes in which a minute is kept: version, number of pairs, pairs, checksum.
//!
//! A pair is the distance from the index before (the first one from -1) and the count, both at least 1,
//! as LEB128 varints of at most five bytes; the checksum is CRC-32 over all before it, little-endian.
//! There is exactly one way to write a minute: bytes that would not come out again the same are malformed.

use super::{Coverage, SIGNATURES};
use crate::units::Minute;

/// One minute as a store keeps it: see [`Counts::take_dirty`](super::Counts::take_dirty).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PackedMinute {
    /// Which minute.
    pub minute: Minute,
    /// How far it can be trusted. `Unknown` only where events were counted in a minute that no one
    /// observed: they are kept, and not judged by.
    pub coverage: Coverage,
    /// The counts: version byte, pair count, varint pairs (index delta, count), 4-byte checksum.
    pub cells: Vec<u8>,
}

/// Why a packed minute cannot be read.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum PackedError {
    /// The bytes end early, run on, or are of another version.
    #[error("minute {} is not in a form that this version reads", .0.number())]
    Malformed(Minute),
    /// The checksum does not agree.
    #[error("minute {} is damaged: its checksum is wrong", .0.number())]
    Damaged(Minute),
}

const VERSION: u8 = 1;
const CHECKSUM_BYTES: usize = 4;

/// Packs cells, which must come by ascending index with counts above zero.
pub(super) fn pack(cells: &[(u32, u32)]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(8 + 2 * cells.len());
    bytes.push(VERSION);
    write(&mut bytes, cells.len() as u32);
    let mut next = 0;
    for &(index, n) in cells {
        write(&mut bytes, index - next + 1);
        write(&mut bytes, n);
        next = index + 1;
    }
    let sum = checksum(&bytes);
    bytes.extend_from_slice(&sum.to_le_bytes());
    bytes
}

/// Unpacks and checks a minute from a store.
pub(super) fn unpack(packed: &PackedMinute) -> Result<Vec<(u32, u32)>, PackedError> {
    let malformed = PackedError::Malformed(packed.minute);
    let Some((body, sum)) = packed.cells.split_last_chunk::<CHECKSUM_BYTES>() else {
        return Err(malformed);
    };
    let Some((&VERSION, mut rest)) = body.split_first() else {
        return Err(malformed);
    };
    if checksum(body) != u32::from_le_bytes(*sum) {
        return Err(PackedError::Damaged(packed.minute));
    }
    let Some(n_pairs) = read(&mut rest) else {
        return Err(malformed);
    };
    // A pair takes at least two bytes: a count that is too large for the bytes reserves no memory.
    if n_pairs as usize > rest.len() / 2 {
        return Err(malformed);
    }
    let mut pairs = Pairs { rest, next: 0 };
    let cells: Vec<(u32, u32)> = pairs.by_ref().collect();
    if cells.len() != n_pairs as usize || !pairs.rest.is_empty() || pack(&cells) != packed.cells {
        return Err(malformed);
    }
    Ok(cells)
}

/// Reads the pairs of a minute, and ends early where the bytes make no sense.
#[derive(Debug)]
pub(super) struct Pairs<'a> {
    rest: &'a [u8],
    next: u32,
}

impl<'a> Pairs<'a> {
    /// The pairs of bytes that [`pack`] wrote or [`unpack`] accepted.
    pub(super) fn trusted(bytes: &'a [u8]) -> Self {
        let body = bytes.split_last_chunk::<CHECKSUM_BYTES>().map_or(&[][..], |(body, _)| body);
        let mut rest = body.get(1..).unwrap_or_default();
        let _n_pairs = read(&mut rest);
        Self { rest, next: 0 }
    }
}

impl Iterator for Pairs<'_> {
    type Item = (u32, u32);

    fn next(&mut self) -> Option<(u32, u32)> {
        let mut rest = self.rest;
        let delta = read(&mut rest)?;
        let n = read(&mut rest)?;
        let index = self.next.checked_add(delta.checked_sub(1)?)?;
        if n == 0 || index >= SIGNATURES {
            return None;
        }
        self.rest = rest;
        self.next = index + 1;
        Some((index, n))
    }
}

fn write(bytes: &mut Vec<u8>, mut number: u32) {
    while number >= 0x80 {
        bytes.push(number as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
}

fn read(bytes: &mut &[u8]) -> Option<u32> {
    let mut number = 0_u64;
    for shift in [0, 7, 14, 21, 28] {
        let (&byte, rest) = bytes.split_first()?;
        *bytes = rest;
        number |= u64::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            return u32::try_from(number).ok();
        }
    }
    None
}

const POLYNOMIAL: u32 = 0xedb8_8320;

const TABLE: [u32; 256] = {
    let mut table = [0; 256];
    let mut place = 0;
    while place < 256 {
        let mut value = place as u32;
        let mut bit = 0;
        while bit < 8 {
            value = if value & 1 == 1 { value >> 1 ^ POLYNOMIAL } else { value >> 1 };
            bit += 1;
        }
        table[place] = value;
        place += 1;
    }
    table
};

/// CRC-32 as in ISO 3309; that of the ASCII digits 1 to 9 is `cbf43926`.
pub(super) fn checksum(bytes: &[u8]) -> u32 {
    let step = |sum: u32, &byte: &u8| sum >> 8 ^ TABLE[((sum ^ u32::from(byte)) & 0xff) as usize];
    !bytes.iter().fold(!0, step)
}
