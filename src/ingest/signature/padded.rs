//! A text with room around it, so that its bytes can be read in pieces of a fixed length.

use super::stops::PIECE;

/// Zeros before a text: so many bytes up to any place of it can be read at once.
const FRONT: usize = 8;

/// A piece, and the room before it.
const WINDOW: usize = FRONT + PIECE;

/// A text that grows in a room of its own.
#[derive(Debug, Default)]
pub struct Room {
    bytes: Vec<u8>,
}

impl Room {
    /// A room that holds this text.
    pub fn of(text: &str) -> Self {
        let mut room = Self::default();
        room.begin().extend_from_slice(text.as_bytes());
        room
    }

    /// Begins a new text, which is to be appended.
    #[inline]
    pub fn begin(&mut self) -> &mut Vec<u8> {
        self.bytes.clear();
        self.bytes.extend_from_slice(&[0; FRONT]);
        &mut self.bytes
    }

    /// The text that was appended, until it is ended.
    #[inline]
    pub fn text(&self) -> &[u8] {
        self.bytes.get(FRONT..).unwrap_or_default()
    }

    /// Ends the text: nothing can be appended any more.
    #[inline]
    pub fn end(&mut self) -> Padded<'_> {
        let end = self.bytes.len();
        self.bytes.extend_from_slice(&[0; PIECE]);
        Padded { bytes: &self.bytes, end }
    }

    /// Bytes that it takes.
    pub fn capacity(&self) -> usize {
        self.bytes.capacity()
    }
}

/// A text with zeros before and behind it.
#[derive(Clone, Copy)]
pub struct Padded<'t> {
    bytes: &'t [u8],
    end: usize,
}

impl<'t> Padded<'t> {
    /// The text.
    #[inline]
    pub fn text(self) -> &'t [u8] {
        self.bytes.get(FRONT..self.end).unwrap_or_default()
    }

    /// The piece that begins there; `None` behind the text.
    #[inline(always)]
    pub fn window(self, from: usize) -> Option<Window<'t>> {
        self.bytes.get(from..)?.first_chunk().map(Window)
    }
}

/// A piece of a text, with the room before it.
#[derive(Clone, Copy)]
pub struct Window<'t>(&'t [u8; WINDOW]);

impl<'t> Window<'t> {
    /// The eight bytes before a place of the piece.
    #[inline(always)]
    pub fn eight_before(self, at: u8) -> u64 {
        let at = usize::from(at).min(PIECE);
        let eight = self.0.get(at..at + FRONT).and_then(<[u8]>::first_chunk);
        u64::from_le_bytes(eight.copied().unwrap_or_default())
    }

    /// The piece.
    #[inline(always)]
    pub fn bytes(self) -> &'t [u8; PIECE] {
        self.0.last_chunk().unwrap_or(&[0; PIECE])
    }
}
