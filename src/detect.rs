//! Decides what got worse after a deploy.
//!
//! Input: how often each signature occurred in each minute, and when deploys happened.
//! Output: [`Judgement`]s with the numbers that justify them, and [`Incident`]s with a life cycle.
//!
//! Pure. Reads no log text (`ingest` did that) and no clock.
//!
//! The parts: `counts` holds events per signature and minute, `poisson` the tail probabilities,
//! `baseline` what to expect, `deploy` the markers and `markers` how log lines give them, `watch` judges
//! one deploy minute by minute by its `evidence`, `incident` follows what was found until it is over.

pub mod baseline;
pub mod counts;
pub mod deploy;
mod evidence;
pub mod incident;
pub mod markers;
pub mod poisson;
pub mod watch;
mod words;

pub use counts::{Catalog, Counts, Known, SignatureIndex};
pub use deploy::{Deploy, Origin};
pub use incident::{Incident, Phase, Recovery};
pub use watch::{Assessment, Finding, Judgement, Kind, Newcomers, Overall, Settings, Tier, Watch};
