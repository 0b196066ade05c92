//! Keeps what a task may cost, in tokens and money: estimated before each request, enforced after each reply.
//!
//! Pure. Money is in the currency of the prices; without prices it is not known, and only tokens count.

use serde::Serialize;

/// Bytes that a token is taken to have before a server counted it; few, so that the estimate is high.
const BYTES_PER_TOKEN: usize = 3;

/// Bytes that a token may have at most; who reports fewer tokens is not believed.
const MOST_BYTES_PER_TOKEN: usize = 16;

/// A reply that must be shorter is not worth asking for, in tokens.
const LEAST_REPLY: u32 = 200;

/// Prices of a million tokens.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Prices {
    /// Of what is sent.
    pub input: f64,
    /// Of what comes back.
    pub output: f64,
}

/// What one task may use.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Budget {
    /// Most tokens, both ways.
    pub tokens: u64,
    /// Most money.
    pub money: f64,
    /// What tokens cost.
    pub prices: Prices,
}

/// What a task used so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Spent {
    /// Requests that were answered, wholly or in part.
    pub requests: u32,
    /// Tokens sent.
    pub input_tokens: u64,
    /// Tokens that came back.
    pub output_tokens: u64,
    /// Money, where prices are known.
    pub money: Option<f64>,
    /// Whether some of it is an estimate, because the server did not say.
    pub estimated: bool,
}

/// Why no further request is made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Exhausted {
    /// The tokens do not do.
    #[error("another request would take the task beyond its {0} tokens")]
    Tokens(u64),
    /// The money does not do.
    #[error("another request would take the task beyond its budget of {0}")]
    Money(String),
}

/// Tokens that a text is taken to have.
#[must_use]
pub fn estimate(text: &str) -> u64 {
    (text.len() / BYTES_PER_TOKEN + 1) as u64
}

impl Budget {
    /// Whether prices are known.
    fn is_priced(&self) -> bool {
        self.prices.input > 0.0 || self.prices.output > 0.0
    }

    /// What these tokens cost.
    #[must_use]
    pub fn cost(&self, input: u64, output: u64) -> Option<f64> {
        let money = (input as f64 * self.prices.input + output as f64 * self.prices.output) / 1e6;
        self.is_priced().then_some(money)
    }

    /// How many tokens a reply to so many may have.
    ///
    /// # Errors
    ///
    /// When what is left does not do for a reply of any use.
    pub fn room(&self, spent: &Spent, input: u64, wanted: u32) -> Result<u32, Exhausted> {
        let used = spent.input_tokens.saturating_add(spent.output_tokens);
        let left = self.tokens.saturating_sub(used).saturating_sub(input);
        let by_tokens = u32::try_from(left).unwrap_or(u32::MAX);
        if by_tokens < LEAST_REPLY {
            return Err(Exhausted::Tokens(self.tokens));
        }
        let mut room = by_tokens.min(wanted);
        if self.is_priced() {
            let money = self.money - spent.money.unwrap_or(0.0) - input as f64 * self.prices.input / 1e6;
            let by_money =
                if self.prices.output > 0.0 { money * 1e6 / self.prices.output } else { f64::from(u32::MAX) };
            if money <= 0.0 || by_money < f64::from(LEAST_REPLY) {
                return Err(Exhausted::Money(format!("{:.2}", self.money)));
            }
            room = room.min(by_money as u32);
        }
        Ok(room)
    }

    /// Adds a request of these texts; `reported` are the tokens as the server counted them.
    pub fn add(&self, spent: &mut Spent, (sent, came): (&str, &str), reported: Option<(u64, u64)>) {
        let least = |text: &str| (text.len() / MOST_BYTES_PER_TOKEN) as u64;
        let believed = reported.filter(|(input, output)| *input >= least(sent) && *output >= least(came));
        let (input, output) = believed.unwrap_or_else(|| {
            let (input, output) = reported.unwrap_or_default();
            (input.max(estimate(sent)), output.max(if came.is_empty() { 0 } else { estimate(came) }))
        });
        spent.requests = spent.requests.saturating_add(1);
        spent.input_tokens = spent.input_tokens.saturating_add(input);
        spent.output_tokens = spent.output_tokens.saturating_add(output);
        spent.estimated |= believed.is_none();
        spent.money = self.cost(spent.input_tokens, spent.output_tokens);
    }

    /// Whether more was spent than may be.
    #[must_use]
    pub fn is_over(&self, spent: &Spent) -> bool {
        spent.input_tokens.saturating_add(spent.output_tokens) > self.tokens
            || spent.money.is_some_and(|money| money > self.money)
    }
}

impl Spent {
    /// What was spent, as a sentence.
    #[must_use]
    pub fn sentence(&self) -> String {
        let about = if self.estimated { "about " } else { "" };
        let money = self.money.map_or_else(String::new, |money| format!(", {about}{money:.4} in money"));
        let requests = if self.requests == 1 { "1 request".to_owned() } else { format!("{} requests", self.requests) };
        format!(
            "Spent: {requests}, {about}{} tokens sent, {about}{} received{money}.",
            self.input_tokens, self.output_tokens
        )
    }
}
