//! Decides what got worse after a deploy.
//!
//! Input: how often each signature occurred in each minute, and when deploys happened.
//! Output: [`Judgement`]s with the numbers that justify them, and [`Incident`]s with a life cycle.
//!
//! Pure. Reads no log text (`ingest` did that) and no clock.
//!
//! The parts: `counts` holds events per signature and minute, `groups` shows several signatures as one, `poisson` the tail probabilities,
//! `baseline` what to expect, `deploy` the markers and `markers` how log lines give them, `watch` judges
//! one deploy minute by minute by its `evidence`, `incident` follows what was found until it is over,
//! `overlap` lays what was found to one of several deploys, `beside` compares old and new version in the same minutes, `flow` weighs work that
//! does not finish, `tasks` learns which lines start and end it, `class` names what sort of failure it is, `words` says it all to people; `table`
//! judges counts that come from elsewhere.

pub mod baseline;
pub mod beside;
pub mod class;
pub mod counts;
pub mod deploy;
mod evidence;
pub mod flow;
pub mod groups;
pub mod incident;
pub mod markers;
pub mod overlap;
pub mod poisson;
pub mod table;
pub mod tasks;
pub mod watch;
pub mod words;

pub use baseline::SelfCheck;
pub use beside::{Beside, Versions};
pub use class::Class;
pub use counts::{Catalog, Counts, Known, SignatureIndex};
pub use deploy::{Deploy, Origin};
pub use groups::{Group, Groups};
pub use incident::{Incident, Phase, Recovery};
pub use overlap::Share;
pub use tasks::Tasks;
pub use watch::{
    Assessment, Beyond, Finding, Finished, Judgement, Kind, Newcomers, Overall, Settings, Strip, Tier, Watch,
};
