//! Folds a message in one pass over its bytes, for any processor and any message.

use super::{DIGIT, DOMAIN, LOCAL, WORD, class, codes, run_length};

/// Appends the fold of a message.
pub(super) fn fold(message: &[u8], folded: &mut Vec<u8>) {
    let before = folded.len();
    // A code is longer than the `0` that is put before it.
    folded.resize(before + 2 * message.len() + 1, 0);
    let room = folded.get_mut(before..).unwrap_or_default();
    let mut pass = Pass { message, room, at: 0, written: 0, word: 0, seen: 0, floor: 0, free: 0 };
    while pass.word() {}
    let written = pass.written;
    folded.truncate(before + written);
}

/// How far a message is folded.
struct Pass<'m, 'f> {
    message: &'m [u8],
    room: &'f mut [u8],
    /// The next byte to be read.
    at: usize,
    /// How many bytes are written.
    written: usize,
    /// Where the word that is being read begins.
    word: usize,
    /// The classes of its bytes.
    seen: u8,
    /// An address begins behind the end of the one before it.
    floor: usize,
    /// Where the next match may begin.
    free: usize,
}

impl Pass<'_, '_> {
    /// Reads up to the end of a word that holds a digit, or to an `@`, and folds what it finds; `false` at the end.
    #[inline(always)]
    fn word(&mut self) -> bool {
        let (mut at, mut written, mut word, mut seen) = (self.at, self.written, self.word, self.seen);
        let mut last = None;
        while let Some(byte) = self.message.get(at) {
            let class = class(*byte);
            let is_word = class & WORD != 0;
            if !is_word && (seen & DIGIT != 0 || *byte == b'@') {
                last = Some(*byte);
                break;
            }
            if let Some(to) = self.room.get_mut(written) {
                *to = *byte;
            }
            at += 1;
            written += 1;
            seen = if is_word { seen | class } else { 0 };
            word = if is_word { word } else { at };
        }
        (self.at, self.written, self.word, self.seen) = (at, written, word, seen);
        if seen & DIGIT != 0 {
            self.value();
        } else if last == Some(b'@') {
            self.address();
        }
        last.is_some()
    }

    /// Folds the word with a digit that ends here, unless it is a code.
    #[inline(always)]
    fn value(&mut self) {
        let length = self.at - self.word;
        let may_be_code = self.word < self.free || codes::may_be(self.message, self.word, self.at);
        let kept = if may_be_code { self.code() } else { Some(self.at) };
        self.seen = 0;
        let Some(kept) = kept else { return };
        self.written -= length;
        self.write(b"0");
        let message = self.message;
        self.write(message.get(kept..self.at).unwrap_or_default());
        self.free = self.free.max(self.at);
        self.word = self.at;
    }

    /// Looks whether the word that ends here is a code or begins the version before one. Returns where what is kept of it
    /// begins, or nothing where it belongs to a code that was found before.
    #[cold]
    #[inline(never)]
    fn code(&mut self) -> Option<usize> {
        if self.word < self.free {
            return None;
        }
        let end = self.word + run_length(self.message, self.word);
        if let Some(free) = codes::status(self.message, self.word, end, self.free) {
            // All words of the version are one value.
            (self.free, self.at) = (free, end);
            return Some(end);
        }
        let Some(code) = codes::code(self.message, self.word, self.at, self.free) else { return Some(self.at) };
        self.free = code.end;
        Some(code.start)
    }

    /// Folds the address around the `@` that comes next, or writes that.
    #[cold]
    #[inline(never)]
    fn address(&mut self) {
        let written = self.room.get(self.floor..self.written).unwrap_or_default();
        let local = written.iter().rev().take_while(|byte| class(**byte) & LOCAL != 0).count();
        let domain = self.message.get(self.at + 1..).unwrap_or_default();
        let domain = domain.iter().take_while(|byte| class(**byte) & DOMAIN != 0).count();
        self.at += 1;
        if local == 0 || domain == 0 {
            self.write(b"@");
        } else {
            self.at += domain;
            self.written -= local;
            self.write(b"0");
            (self.floor, self.free) = (self.written, self.at);
        }
        (self.word, self.seen) = (self.at, 0);
    }

    fn write(&mut self, bytes: &[u8]) {
        if let Some(to) = self.room.get_mut(self.written..self.written + bytes.len()) {
            to.copy_from_slice(bytes);
            self.written += bytes.len();
        }
    }
}
