//! Asks a model over HTTP.
//!
//! Input: a [`Setup`] and [`Question`]s. Output: replies as text, what they cost, and a transcript on disk;
//! or an [`AdvisorError`].
//!
//! Everything that is sent is redacted, and so is the transcript; the key comes from the environment and
//! goes nowhere but into its header. What a reply means is `remedy::advice`'s and `triage::opinion`'s
//! business. A server that is busy is asked again after the time that it names; one that refuses a
//! part of the request (a schema, the way to limit tokens) is asked again without it.

mod dialect;
mod error;
mod frames;
mod setup;
mod transcript;

use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use serde_json::{Value, json};

use super::http::{self, HttpError};
use crate::ingest::sanitize::{redact_source, visible};
use crate::remedy::advice::budget::{Spent, estimate};
use crate::units::Timestamp;

use dialect::{Concessions, Listener, Said, Stop};
pub use error::AdvisorError;
pub use setup::Setup;
pub use transcript::{Keep, Transcript};

/// Requests for one reply, at most.
const ATTEMPTS: u32 = 5;

/// The first wait before a request is made again; each further one is twice as long.
const FIRST_WAIT: Duration = Duration::from_secs(1);

/// The longest wait that a server may ask for.
const LONGEST_WAIT: Duration = Duration::from_secs(60);

/// Bytes of a reply's text, at most.
const TEXT_BYTES: usize = 1 << 20;

/// The time, for whoever waits.
pub trait Clock {
    /// What time it is.
    fn now(&self) -> Timestamp;
    /// Waits, unless `cancel` is set meanwhile.
    fn pause(&self, length: Duration, cancel: &AtomicBool);
}

/// The system's clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        super::clock::Clock::real().now()
    }

    fn pause(&self, length: Duration, cancel: &AtomicBool) {
        let until = std::time::Instant::now() + length;
        while !cancel.load(Ordering::Relaxed) {
            let left = until.saturating_duration_since(std::time::Instant::now());
            if left.is_zero() {
                return;
            }
            std::thread::sleep(left.min(Duration::from_millis(20)));
        }
    }
}

/// How far a reply is.
#[derive(Clone, Copy, Debug)]
pub struct Heard<'t> {
    /// The text so far.
    pub text: &'t str,
    /// What the task cost so far, with an estimate for this request.
    pub spent: Spent,
}

/// Who said something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// aftercare.
    User,
    /// The model.
    Assistant,
}

/// What a model is asked.
#[derive(Clone, Debug, PartialEq)]
pub struct Question {
    /// Who it is and what it must do.
    pub system: String,
    /// What was said so far; the first and the last by the user, in turns.
    pub turns: Vec<(Role, String)>,
    /// The JSON schema of the reply, with its name.
    pub schema: Option<(&'static str, Value)>,
}

impl Question {
    /// The question without secrets, and without characters that act or hide; the model's own words too.
    fn redacted(&self) -> Self {
        let clean = |text: &str| {
            redact_source(&text.split('\t').map(|part| visible(part, true)).collect::<Vec<_>>().join("\t"))
        };
        let turns = self.turns.iter().map(|(role, text)| (*role, clean(text)));
        Self { system: clean(&self.system), turns: turns.collect(), schema: self.schema.clone() }
    }

    fn text(&self) -> String {
        let turns: String = self.turns.iter().map(|(_, text)| text.as_str()).collect();
        let schema = self.schema.as_ref().map_or_else(String::new, |(_, schema)| schema.to_string());
        format!("{}{turns}{schema}", self.system)
    }
}

/// A model that is asked within one task.
pub struct Advisor<'a> {
    setup: &'a Setup,
    clock: &'a dyn Clock,
    cancel: &'a AtomicBool,
    transcript: Transcript,
    spent: Spent,
    concessions: Concessions,
}

impl<'a> Advisor<'a> {
    /// Begins a task.
    #[must_use]
    pub fn new(setup: &'a Setup, transcript: Transcript, clock: &'a dyn Clock, cancel: &'a AtomicBool) -> Self {
        Self { setup, clock, cancel, transcript, spent: Spent::default(), concessions: Concessions::default() }
    }

    /// What the task cost so far.
    #[must_use]
    pub fn spent(&self) -> Spent {
        self.spent
    }

    /// Where everything that was sent and came back is kept.
    #[must_use]
    pub fn transcript(&self) -> Option<PathBuf> {
        self.transcript.path()
    }

    /// Who is asked, for people.
    #[must_use]
    pub fn name(&self) -> String {
        self.setup.name()
    }

    /// How many tokens a question has, as an estimate, and what asking it may cost at most.
    #[must_use]
    pub fn estimate(&self, question: &Question) -> (u64, Option<f64>) {
        let tokens = estimate(&question.text());
        (tokens, self.setup.budget.cost(tokens, u64::from(self.setup.reply_tokens)))
    }

    /// Asks, and returns the text of the whole reply; `progress` is told how far it is.
    ///
    /// # Errors
    ///
    /// When the budget does not do, the server cannot be reached or refuses, the reply is cut short or
    /// empty, or the user cancels.
    pub fn ask(&mut self, question: &Question, progress: &mut dyn FnMut(Heard<'_>)) -> Result<String, AdvisorError> {
        let question = question.redacted();
        let mut wait = FIRST_WAIT;
        for attempt in 1..=ATTEMPTS {
            let error = match self.attempt(&question, progress) {
                Ok(text) => return Ok(text),
                Err(error) => error,
            };
            self.transcript.note(
                self.clock.now(),
                "error",
                &json!({ "attempt": attempt, "error": error.to_string() }),
            )?;
            if self.concessions.make(&error) {
                continue;
            }
            let Some(asked) = error.retry().filter(|_| attempt < ATTEMPTS) else { return Err(error) };
            let asked = asked.and_then(|text| setup::retry_after(text, self.clock.now()));
            let length = asked.unwrap_or(wait);
            if length > LONGEST_WAIT {
                return Err(AdvisorError::Busy(length));
            }
            self.clock.pause(length, self.cancel);
            wait = (wait * 2).min(LONGEST_WAIT);
            if self.cancel.load(Ordering::Relaxed) {
                return Err(AdvisorError::Canceled);
            }
        }
        Err(AdvisorError::Refusing)
    }

    fn attempt(&mut self, question: &Question, progress: &mut dyn FnMut(Heard<'_>)) -> Result<String, AdvisorError> {
        let budget = self.setup.budget;
        let sent = question.text();
        let room = budget.room(&self.spent, estimate(&sent), self.setup.reply_tokens)?;
        let body = dialect::body(self.setup, question, room, &self.concessions);
        self.transcript.note(self.clock.now(), "request", &json!({ "to": self.setup.place(), "body": body }))?;
        let request = self.setup.request(&body)?;
        let mut listener = Listener::new(self.setup.dialect);
        let spent = self.spent;
        let answer = http::stream(&request, self.setup.limits, self.cancel, &mut |piece| {
            listener.hear(piece);
            let mut so_far = spent;
            budget.add(&mut so_far, (&sent, listener.text()), None);
            progress(Heard { text: listener.text(), spent: so_far });
            if listener.is_done() || listener.n_bytes() > TEXT_BYTES {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            }
        });
        let was_sent =
            !matches!(&answer, Err(HttpError::Connect { .. } | HttpError::Unsendable(_) | HttpError::Status { .. }));
        let heard = match answer {
            Ok(_) => listener.finish(),
            // What breaks off behind its end lacks nothing.
            Err(HttpError::BrokenOff { .. }) if listener.has_stopped() => listener.finish(),
            Err(error) => {
                if was_sent {
                    budget.add(&mut self.spent, (&sent, listener.text()), None);
                }
                return Err(error.into());
            }
        };
        let reported = heard.as_ref().ok().and_then(|said| said.usage);
        budget.add(&mut self.spent, (&sent, listener.text()), reported);
        self.record(&heard)?;
        self.judged(heard?)
    }

    fn record(&mut self, heard: &Result<Said, AdvisorError>) -> Result<(), AdvisorError> {
        let said = match heard {
            Ok(said) => {
                json!({ "text": redact_source(&said.text), "stop": format!("{:?}", said.stop), "usage": said.usage })
            }
            Err(error) => json!({ "error": error.to_string() }),
        };
        self.transcript.note(self.clock.now(), "reply", &json!({ "said": said, "spent": self.spent }))
    }

    /// The text of a reply that ended as it should and did not cost too much.
    fn judged(&self, said: Said) -> Result<String, AdvisorError> {
        if said.text.len() > TEXT_BYTES {
            return Err(AdvisorError::Cut);
        }
        match said.stop {
            // What was paid for beyond the budget is not used: the next task must not count on it.
            Stop::Ended if self.setup.budget.is_over(&self.spent) => {
                Err(AdvisorError::OverBudget(self.spent.sentence()))
            }
            Stop::Ended if said.text.trim().is_empty() => Err(AdvisorError::Empty),
            Stop::Ended => Ok(said.text),
            Stop::Cut => Err(AdvisorError::Cut),
            Stop::Refused(why) => Err(AdvisorError::Refused(why)),
            Stop::Missing => Err(AdvisorError::Malformed("it ended before its end".to_owned())),
        }
    }
}
