//! Ingest and detection as one machine without I/O.
//!
//! Input: bytes of streams, deploy markers, the time. Output: a [`Snapshot`] for the screen or the
//! headless report, and a batch for the store.

use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;

use crate::detect::{Assessment, Deploy, Incident, Overall};
use crate::ingest::{Event, Level, Losses};
use crate::units::{Minute, SignatureId, Timestamp};

/// Everything that a screen shows of the observed world at one moment; cheap to clone.
#[derive(Clone, Debug)]
pub struct Snapshot {
    /// When it was taken.
    pub at: Timestamp,
    /// The service watched.
    pub service: String,
    /// Known deploys within the span of the chart, newest first.
    pub deploys: Vec<Deploy>,
    /// The watch over the newest deploy.
    pub watch: Option<WatchView>,
    /// Signatures, worst first.
    pub rows: Arc<Vec<Row>>,
    /// More of the signature that was asked for.
    pub focus: Option<Focus>,
    /// The newest lines, oldest first: of the focus, or of everything.
    pub tail: Arc<Vec<TailLine>>,
    /// Incidents, newest first.
    pub incidents: Vec<Incident>,
    /// How the sources stand.
    pub intake: IntakeView,
}

/// How far the watch over a deploy is.
#[derive(Clone, Debug)]
pub struct WatchView {
    /// The deploy watched.
    pub deploy: Deploy,
    /// Time since it, at most `length`.
    pub elapsed: Duration,
    /// Length of the watch.
    pub length: Duration,
    /// Minutes of baseline that were observed.
    pub baseline_minutes: u32,
    /// The verdict.
    pub overall: Overall,
}

/// One signature in the list.
#[derive(Clone, Debug)]
pub struct Row {
    /// Its stable name.
    pub id: SignatureId,
    /// The masked message.
    pub template: String,
    /// Its most serious level.
    pub level: Option<Level>,
    /// What the watch says; without a watch, observed is the last hour's count.
    pub assessment: Assessment,
    /// Events in each of the last [`SPARK_MINUTES`] minutes, oldest first; `None` where unknown.
    pub spark: Vec<Option<u32>>,
    /// Time of its last event.
    pub last: Timestamp,
}

/// Minutes in a row's sparkline.
pub const SPARK_MINUTES: usize = 30;

/// Minutes in the chart of the selected signature.
pub const CHART_MINUTES: usize = 180;

/// More about one signature.
#[derive(Clone, Debug)]
pub struct Focus {
    /// Which.
    pub id: SignatureId,
    /// First minute of the chart.
    pub from: Minute,
    /// Events per minute from there on; `None` where unknown.
    pub per_minute: Vec<Option<u32>>,
    /// Baseline rate per minute, and the band around it.
    pub baseline: Option<(f64, (f64, f64))>,
    /// Its newest event.
    pub example: Option<Arc<Event>>,
    /// Raw text of an event, kept since it was first seen.
    pub example_text: String,
}

/// One raw event in the tail.
#[derive(Clone, Debug)]
pub struct TailLine {
    /// Its number since the start of the run.
    pub number: u64,
    /// When it happened.
    pub at: Timestamp,
    /// Its level.
    pub level: Option<Level>,
    /// Its signature.
    pub signature: SignatureId,
    /// Its raw text; hostile, must be made visible before it is drawn.
    pub text: Arc<str>,
}

/// How the sources stand.
#[derive(Clone, Debug, Default, Serialize)]
pub struct IntakeView {
    /// Raw lines read in this run.
    pub lines: u64,
    /// Events they gave.
    pub events: u64,
    /// Bytes read in this run.
    pub bytes: u64,
    /// What was lost.
    pub losses: Losses,
    /// Events older than the store keeps; not counted.
    pub too_old: u64,
    /// Events from the future; counted at the time of receipt.
    pub from_future: u64,
    /// How far reading is behind the end of the files, in bytes.
    pub behind_bytes: u64,
    /// How far the newest event is behind the clock.
    #[serde(skip)]
    pub lag: Option<Duration>,
    /// Each source and its state.
    #[serde(skip)]
    pub sources: Vec<SourceView>,
}

/// One source and its state.
#[derive(Clone, Debug)]
pub struct SourceView {
    /// What the user called it.
    pub name: String,
    /// How it stands.
    pub state: SourceState,
}

/// How a source stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SourceState {
    /// It does not exist yet.
    Waiting,
    /// History is being read: so many bytes of so many.
    Reading(u64, u64),
    /// Its end was reached, and it is followed.
    Following,
    /// It ended, and nothing more will come.
    Ended,
    /// It cannot be read; says why.
    Failed(String),
}
