//! What the settings say of judging: the watch, the baseline, the clock and the traffic.

use std::time::Duration;

use jiff::tz::TimeZone;

use super::{Config, ConfigError};
use crate::detect::Settings;

/// The time zone of this name, given by a setting; `local` is the system's.
///
/// # Errors
///
/// When its name is not known.
pub fn zone_named(setting: &'static str, name: &str) -> Result<TimeZone, ConfigError> {
    match name {
        "local" => Ok(TimeZone::system()),
        "UTC" | "utc" | "Z" => Ok(TimeZone::UTC),
        name => TimeZone::get(name).map_err(|_| ConfigError::UnknownZone(setting, name.to_owned())),
    }
}

impl Config {
    /// The zone of times that name none.
    ///
    /// # Errors
    ///
    /// When its name is not known.
    pub fn time_zone(&self) -> Result<TimeZone, ConfigError> {
        zone_named("logs.zone", &self.zone.value)
    }

    /// The zone by whose clock the traffic rises and falls: that of times that name none, where no other is set.
    ///
    /// # Errors
    ///
    /// When its name is not known.
    pub fn watch_zone(&self) -> Result<TimeZone, ConfigError> {
        self.watch_zone.value.as_deref().map_or_else(|| self.time_zone(), |name| zone_named("watch.zone", name))
    }

    /// What the judgement needs of it.
    #[must_use]
    pub fn detect(&self) -> Settings {
        Settings {
            watch: Duration::from_secs(u64::from(self.watch_minutes.value) * 60),
            baseline: Duration::from_secs(u64::from(self.baseline_days.value) * 24 * 60 * 60),
            alpha: self.alpha.value,
            // A name that is not known was refused when the settings were read.
            zone: self.watch_zone().ok(),
            ..Settings::default()
        }
    }

    /// The settings of judging as name, value and source.
    pub(super) fn watch_rows(&self) -> Vec<(&'static str, String, String)> {
        let unset = || "unset".to_owned();
        let traffic = self.traffic.value.as_ref().map_or_else(unset, ToString::to_string);
        let zone = self.watch_zone.value.as_ref().map_or_else(unset, |zone| format!("{zone:?}"));
        vec![
            ("watch.minutes", format!("{:?}", self.watch_minutes.value), self.watch_minutes.source.to_string()),
            ("watch.baseline_days", format!("{:?}", self.baseline_days.value), self.baseline_days.source.to_string()),
            ("watch.alpha", format!("{:?}", self.alpha.value), self.alpha.source.to_string()),
            ("watch.zone", zone, self.watch_zone.source.to_string()),
            ("watch.traffic", traffic, self.traffic.source.to_string()),
        ]
    }
}
