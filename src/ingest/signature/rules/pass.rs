//! Goes once over tokens and makes them fewer, in place.

use crate::ingest::signature::tokens::Token;

/// A pass over tokens: what is done stands at the front, what is to come behind it.
pub struct Pass<'t> {
    tokens: &'t mut Vec<Token>,
    /// How many tokens are done; never more than were read.
    n_done: usize,
    n_read: usize,
    changed: bool,
}

impl<'t> Pass<'t> {
    /// Begins at the first token that `starts` holds for; `None` when there is none.
    pub fn from(tokens: &'t mut Vec<Token>, starts: impl Fn(&Token) -> bool) -> Option<Self> {
        let at = tokens.iter().position(starts)?;
        Some(Self::at(tokens, at))
    }

    /// Begins at this token.
    pub fn at(tokens: &'t mut Vec<Token>, at: usize) -> Self {
        Self { tokens, n_done: at, n_read: at, changed: false }
    }

    /// How many tokens were read.
    pub fn n_read(&self) -> usize {
        self.n_read
    }

    /// The tokens to come.
    pub fn rest(&self) -> &[Token] {
        self.tokens.get(self.n_read..).unwrap_or_default()
    }

    /// The tokens that are done.
    pub fn done(&self) -> &[Token] {
        self.tokens.get(..self.n_done).unwrap_or_default()
    }

    /// The last token that is done.
    pub fn last(&self) -> Option<&Token> {
        self.done().last()
    }

    /// Keeps the next `n_tokens` as they are.
    pub fn keep(&mut self, n_tokens: usize) {
        if self.n_done < self.n_read {
            self.tokens.copy_within(self.n_read..self.n_read + n_tokens, self.n_done);
        }
        self.n_read += n_tokens;
        self.n_done += n_tokens;
    }

    /// Puts a token in place of the next `n_tokens`, which are one or more.
    pub fn replace(&mut self, n_tokens: usize, token: Token) {
        self.n_read += n_tokens;
        self.changed = true;
        self.add(token);
    }

    /// Leaves the next token out.
    pub fn skip(&mut self) {
        self.n_read += 1;
        self.changed = true;
    }

    /// Shortens what is done to `n_tokens`.
    pub fn cut(&mut self, n_tokens: usize) {
        self.n_done = self.n_done.min(n_tokens);
        self.changed = true;
    }

    /// Puts a token behind what is done, in place of one that was cut.
    pub fn add(&mut self, token: Token) {
        if let Some(place) = self.tokens.get_mut(self.n_done).filter(|_| self.n_done < self.n_read) {
            *place = token;
            self.n_done += 1;
        }
    }

    /// Takes away what was left out; tells whether anything was replaced or left out.
    pub fn finish(self) -> bool {
        self.tokens.truncate(self.n_done);
        self.changed
    }
}
