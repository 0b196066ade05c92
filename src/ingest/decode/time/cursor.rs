//! A position in a line that moves over bytes and can be put back.

/// A position in ASCII-led text.
#[derive(Clone, Copy)]
pub(super) struct Cursor<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Cursor<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self::of(text.as_bytes())
    }

    pub(super) fn of(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    /// What was not passed yet.
    pub(super) fn rest(&self) -> &'a [u8] {
        self.bytes.get(self.at..).unwrap_or_default()
    }

    /// Bytes passed so far.
    pub(super) fn at(&self) -> usize {
        self.at
    }

    pub(super) fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    /// The byte `n` places ahead.
    pub(super) fn ahead(&self, n: usize) -> Option<u8> {
        self.bytes.get(self.at + n).copied()
    }

    pub(super) fn advance(&mut self, n: usize) {
        self.at = (self.at + n).min(self.bytes.len());
    }

    /// Passes this byte, if it is the next.
    pub(super) fn eat(&mut self, byte: u8) -> Option<()> {
        (self.peek()? == byte).then(|| self.at += 1)
    }

    /// Passes one of these bytes and returns it.
    pub(super) fn eat_any(&mut self, any: &[u8]) -> Option<u8> {
        let byte = self.peek()?;
        any.contains(&byte).then(|| {
            self.at += 1;
            byte
        })
    }

    /// Passes this word, without regard to case.
    pub(super) fn eat_word(&mut self, word: &str) -> Option<()> {
        let here = self.bytes.get(self.at..self.at + word.len())?;
        here.eq_ignore_ascii_case(word.as_bytes()).then(|| self.at += word.len())
    }

    pub(super) fn spaces(&mut self) {
        while self.peek() == Some(b' ') {
            self.at += 1;
        }
    }

    /// How many digits come next, looking at `limit` at most.
    pub(super) fn n_digits(&self, limit: usize) -> usize {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        rest.iter().take(limit).take_while(|byte| byte.is_ascii_digit()).count()
    }

    /// Passes exactly `n` digits, `n` at most 9.
    pub(super) fn digits(&mut self, n: usize) -> Option<i32> {
        let digits = self.bytes.get(self.at..self.at + n)?;
        let mut number = 0;
        for digit in digits {
            if !digit.is_ascii_digit() {
                return None;
            }
            number = number * 10 + i32::from(digit - b'0');
        }
        self.at += n;
        Some(number)
    }

    /// Passes two digits that make a number up to `most`.
    pub(super) fn two(&mut self, most: i8) -> Option<i8> {
        let number = i8::try_from(self.digits(2)?).ok()?;
        (number <= most).then_some(number)
    }

    /// Passes one or two digits that make a number up to `most`.
    pub(super) fn one_or_two(&mut self, most: i8) -> Option<i8> {
        let n = self.n_digits(3);
        let number = i8::try_from(self.digits(n.clamp(1, 2))?).ok()?;
        (n <= 2 && number <= most).then_some(number)
    }

    /// Passes the letters that come next and returns them.
    pub(super) fn letters(&mut self) -> &'a [u8] {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        let n = rest.iter().take(12).take_while(|byte| byte.is_ascii_alphabetic()).count();
        self.at += n;
        rest.get(..n).unwrap_or_default()
    }
}
