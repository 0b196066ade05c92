//! The tables of a configuration file that say how logs are read, deploys judged and made, and the screen
//! drawn; `None` where they say nothing.

use serde::Deserialize;

use crate::engine::Traffic;

/// The `[logs]` part of a [`Layer`](super::Layer).
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LogsLayer {
    /// Zone of times that name none.
    pub zone: Option<String>,
    /// Minutes without a line after which a source counts as not observed.
    pub quiet_minutes: Option<u32>,
}

/// The `[watch]` part of a [`Layer`](super::Layer).
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct WatchLayer {
    /// Length of a watch, in minutes.
    pub minutes: Option<u32>,
    /// Length of the baseline, in days.
    pub baseline_days: Option<u32>,
    /// The p below which a signature is a candidate.
    pub alpha: Option<f64>,
    /// What counts the traffic.
    pub traffic: Option<Traffic>,
    /// The zone by whose clock the traffic rises and falls.
    pub zone: Option<String>,
}

/// The `[deploy]` part of a [`Layer`](super::Layer).
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct DeployLayer {
    /// The branch or tag whose moves are deploys.
    pub follow: Option<String>,
    /// Regular expressions that recognize deploys in log messages.
    pub patterns: Option<Vec<String>>,
    /// The command that redeploys, as an argument list.
    pub command: Option<Vec<String>>,
    /// The command that rolls back as a whole, where that is another one.
    pub rollback_command: Option<Vec<String>>,
    /// How long that command may run, in seconds.
    pub command_seconds: Option<u32>,
}

/// The `[screen]` part of a [`Layer`](super::Layer).
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ScreenLayer {
    /// Name of a theme, or `auto`.
    pub theme: Option<String>,
}
