//! What happens while a draft is made, as whoever watches is told.
//!
//! Pure. The shell tells it; the screen and the command line show it.

use super::Spent;
use crate::remedy::fix::Tried;

/// Something that happened meanwhile.
#[derive(Clone, Debug, PartialEq)]
pub enum Progress {
    /// The author is asked.
    Asked {
        /// For the first or second time.
        turn: u32,
        /// Tokens that are sent, as an estimate; of an agent nothing is known.
        tokens: Option<u64>,
        /// What the reply may cost at most, where prices are known.
        money: Option<f64>,
    },
    /// More of the reply came.
    Received {
        /// Bytes of its text so far.
        n_bytes: usize,
        /// Lines of it that are whole since the last word, redacted.
        lines: Vec<String>,
        /// What all requests cost so far, with an estimate for this one.
        spent: Spent,
    },
    /// The reply is over; what all requests cost so far.
    Answered(Spent),
    /// A line of an agent's output, fit to be shown.
    Said(String),
    /// A command was run on the draft, or on the files as deployed.
    Tried(Tried),
    /// The search without a model begins, because there is no usable draft; why.
    Without(String),
}
