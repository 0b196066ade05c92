//! Turns the bytes of a log into events, and an event into its signature.
//!
//! Input: chunks of bytes of one stream, cut anywhere. Output: [`Event`]s, in order, each with a
//! [`Signature`]; what could not be read is counted in [`Losses`], never dropped without a trace.
//!
//! Pure. Opens no file and reads no clock; a zone and the time of receipt are arguments.
//!
//! The parts: `decode` reads one line, `assemble` joins the lines of one event, `trace` reads stack
//! traces, `signature` masks what varies, `correlation` finds
//! what ties events together, `explain` tells how a line got its signature, `sanitize` makes hostile text fit to be
//! shown or sent.

pub mod assemble;
pub mod correlation;
pub mod decode;
pub mod explain;
mod registers;
pub mod sanitize;
pub mod signature;
pub mod trace;
pub mod version;
mod wide;

use serde::{Deserialize, Serialize};

pub use assemble::{Intake, Lead, Limits, Resume, Seam, Seams, Tick};
pub use correlation::{CorrelationKey, correlation};
pub use signature::Signature;
pub use trace::{Frame, Language, Trace};
pub use version::version;

use crate::units::Timestamp;

/// How serious the program that wrote the line held it to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// Finer than debugging.
    Trace,
    /// For developers.
    Debug,
    /// Normal operation, notices included.
    Info,
    /// Unusual, but the work was done.
    Warn,
    /// Something failed.
    Error,
    /// The program, or its host, cannot go on: critical, alert, emergency, panic.
    Fatal,
}

impl Level {
    /// Its name, in lower case, as in `--json`.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Trace => "trace",
            Self::Debug => "debug",
            Self::Info => "info",
            Self::Warn => "warn",
            Self::Error => "error",
            Self::Fatal => "fatal",
        }
    }
}

/// One thing that happened: a line of a log, or a whole stack trace.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// When it happened, by its own words; `None` when the line carries no time.
    pub time: Option<Timestamp>,
    /// Its level, where the line says one, or a trace that implies `Error`.
    pub level: Option<Level>,
    /// The logger, module, program or unit that wrote it.
    pub component: Option<String>,
    /// What was said, without header; of a trace, its head line.
    pub message: String,
    /// The remaining fields of a structured line, in their order.
    pub fields: Vec<(String, String)>,
    /// The stack trace, when there is one.
    pub trace: Option<Trace>,
    /// The raw lines, joined by `\n`, invalid UTF-8 replaced; capped, see [`Limits`].
    pub text: String,
    /// How many raw lines it is made of; at least 1.
    pub n_lines: u32,
    /// What groups it with the same event at other times.
    pub signature: Signature,
    /// Offset in the stream just behind its last byte, line end included.
    pub end: u64,
}

/// What was not taken as it came, each counted once; all shown on screen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Losses {
    /// Lines that looked structured (JSON, logfmt, ...) but could not be read as such; taken as plain text.
    pub malformed: u64,
    /// Lines with bytes that are not UTF-8; those bytes were replaced.
    pub not_utf8: u64,
    /// Lines longer than the cap; cut.
    pub cut: u64,
    /// Lines beyond an event's cap; counted, not kept.
    pub overlong_events: u64,
    /// Continuation lines whose event had already been counted.
    pub late_continuations: u64,
}

impl Losses {
    /// Lines that were not decoded as they meant to be: the `undecoded` of `scan --json`.
    #[must_use]
    pub fn undecoded(&self) -> u64 {
        self.malformed + self.not_utf8
    }

    /// Adds what another stream lost.
    pub fn add(&mut self, other: &Self) {
        self.malformed += other.malformed;
        self.not_utf8 += other.not_utf8;
        self.cut += other.cut;
        self.overlong_events += other.overlong_events;
        self.late_continuations += other.late_continuations;
    }
}
