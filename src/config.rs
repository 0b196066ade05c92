//! The settings: defaults, then files, then the environment, then the command line.
//!
//! Input: [`Layer`]s, weakest first: the text of a configuration file, environment variables, flags.
//! Output: one [`Config`], in which every value knows where it came from.
//!
//! Pure. Reads no file and no environment (`shell::settings` hands their content over).

mod advice;
mod layer;
mod range;
mod remedy;
mod watch;

use std::fmt;
use std::time::Duration;

use serde::Deserialize;

use crate::ingest::signature::{OverrideError, Overrides};

use crate::detect::class::Rule;
use crate::detect::groups::{Definition, DefinitionError};
use crate::engine::Traffic;
use crate::ingest::sanitize::visible;
use crate::remedy::Scope;
use crate::remedy::fix::Repro;

pub use advice::{AdvisorLayer, AdvisorSettings, AgentLayer, AgentSettings, Dialect, FixLayer, FixSettings};
pub use layer::{DeployLayer, LogsLayer, ScreenLayer, WatchLayer};
use range::{in_range, out_of_range};
pub use remedy::{ApprovalLayer, AutoRollbackLayer, PushLayer, Remedy};
pub use watch::zone_named;

/// Where a value came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// It is built in.
    Default,
    /// A configuration file, by its path.
    File(String),
    /// An environment variable.
    Environment,
    /// A flag of the command line.
    Flag,
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::File(path) => f.write_str(path),
            Self::Environment => f.write_str("environment"),
            Self::Flag => f.write_str("flag"),
        }
    }
}

/// A value and where it came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Value<T> {
    /// The value.
    pub value: T,
    /// Where it came from.
    pub source: Source,
}

impl<T> Value<T> {
    fn built_in(value: T) -> Self {
        Self { value, source: Source::Default }
    }

    fn set(&mut self, value: Option<T>, source: &Source) {
        if let Some(value) = value {
            *self = Self { value, source: source.clone() };
        }
    }
}

/// What one place says about the settings; `None` where it says nothing. The form of the file.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Layer {
    /// Name of the service.
    pub service: Option<String>,
    /// Path of the repository.
    pub repo: Option<String>,
    /// How logs are read.
    pub logs: LogsLayer,
    /// How signatures are made.
    pub signature: SignatureLayer,
    /// How deploys are judged.
    pub watch: WatchLayer,
    /// How deploys are found and made.
    pub deploy: DeployLayer,
    /// What the screen looks like.
    pub screen: ScreenLayer,
    /// The model that is asked, and what that may cost.
    pub advisor: AdvisorLayer,
    /// A coding agent of the user's own, and how long agents may take.
    pub agent: AgentLayer,
    /// How a fix is found and checked.
    pub fix: FixLayer,
    /// What sorts of failure some signatures are; asked before the built-in rules.
    pub classes: Option<Vec<Rule>>,
    /// Who approves.
    pub approval: ApprovalLayer,
    /// Where a made branch is pushed.
    pub push: PushLayer,
    /// What may go back by itself.
    pub auto_rollback: AutoRollbackLayer,
    /// Signatures that are shown and judged as one, or never.
    pub groups: Option<Vec<Definition>>,
}

/// The `[signature]` part of a [`Layer`].
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SignatureLayer {
    /// Words that are never masked.
    pub keep: Option<Vec<String>>,
    /// Regular expressions; what they match is masked.
    pub mask: Option<Vec<String>>,
    /// Fields of structured lines whose values are added to signatures, by dotted names.
    pub attributes: Option<Vec<String>>,
}

/// Why a setting cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file is no TOML, or has a key that does not exist.
    #[error("{0} is not a valid configuration")]
    Unreadable(String, #[source] toml::de::Error),
    /// A number is out of its range.
    #[error("{name} is {given}, from {source_name}, but must be {range}")]
    OutOfRange {
        /// Dotted name of the setting.
        name: &'static str,
        /// What was given.
        given: String,
        /// Where it was given.
        source_name: String,
        /// What would be accepted.
        range: &'static str,
    },
    /// An argument cannot be shown as it is, so nobody could know what would be run.
    #[error("{0}, from {1}, has an argument with a character that cannot be shown: {2:?}")]
    UnfitArgument(&'static str, String, String),
    /// The zone is not known.
    #[error("{0} is {1:?}, which is neither local nor a name such as UTC or Europe/Berlin")]
    UnknownZone(&'static str, String),
    /// A file that comes with a repository says what only its user may say.
    #[error(
        "{path} sets {name}, which only your own configuration may set: a repository could spend your money and keys"
    )]
    NotFromRepository {
        /// Dotted name of the setting.
        name: &'static str,
        /// The file.
        path: String,
    },
    /// An override of signatures cannot be used.
    #[error("signature.{0} cannot be used")]
    Override(&'static str, #[source] OverrideError),
    /// A group cannot be used.
    #[error("a group of {0} cannot be used")]
    Group(String, #[source] DefinitionError),
    /// An environment variable holds no number.
    #[error("{0} is {1:?}, which is not a number")]
    NotANumber(&'static str, String),
}

impl Layer {
    /// Reads the text of a configuration file.
    ///
    /// # Errors
    ///
    /// When it is no TOML, or has a key that does not exist.
    pub fn from_toml(path: &str, text: &str) -> Result<Self, ConfigError> {
        toml::from_str(text).map_err(|error| ConfigError::Unreadable(path.to_owned(), error))
    }

    /// Reads the text of a configuration file that came with a repository, which may not say whom to
    /// ask with whose key, nor what to run without being asked.
    ///
    /// # Errors
    ///
    /// As [`Layer::from_toml`], and when it says such things.
    pub fn from_repository(path: &str, text: &str) -> Result<Self, ConfigError> {
        let layer = Self::from_toml(path, text)?;
        match advice::reserved(&layer) {
            Some(name) => Err(ConfigError::NotFromRepository { name, path: path.to_owned() }),
            None => Ok(layer),
        }
    }

    /// Reads the environment: `AFTERCARE_SERVICE`, `_REPO`, `_ZONE`, `_THEME`, `_WATCH_MINUTES`,
    /// `_BASELINE_DAYS`, `_FOLLOW`, `_ADVISOR_DIALECT`, `_ADVISOR_URL`, `_ADVISOR_MODEL`. Empty ones say nothing.
    ///
    /// # Errors
    ///
    /// When a number is none.
    pub fn from_environment(get: impl Fn(&str) -> Option<String>) -> Result<Self, ConfigError> {
        let text = |name: &str| get(name).filter(|value| !value.is_empty());
        let number = |name: &'static str| {
            text(name).map(|given| given.parse().map_err(|_| ConfigError::NotANumber(name, given))).transpose()
        };
        Ok(Self {
            service: text("AFTERCARE_SERVICE"),
            repo: text("AFTERCARE_REPO"),
            logs: LogsLayer { zone: text("AFTERCARE_ZONE"), quiet_minutes: None },
            signature: SignatureLayer::default(),
            watch: WatchLayer {
                minutes: number("AFTERCARE_WATCH_MINUTES")?,
                baseline_days: number("AFTERCARE_BASELINE_DAYS")?,
                ..WatchLayer::default()
            },
            deploy: DeployLayer { follow: text("AFTERCARE_FOLLOW"), ..DeployLayer::default() },
            fix: FixLayer::default(),
            screen: ScreenLayer { theme: text("AFTERCARE_THEME") },
            advisor: AdvisorLayer::from_environment(&text)?,
            agent: AgentLayer::default(),
            classes: None,
            groups: None,
            ..Self::default()
        })
    }
}

/// Everything that may be configured.
#[derive(Clone, Debug, PartialEq)]
pub struct Config {
    /// Name of the service; `None` takes the repository's folder, else `default`.
    pub service: Value<Option<String>>,
    /// Path of the repository; `None` takes the one around the working folder, if any.
    pub repo: Value<Option<String>>,
    /// Zone of times that name none: an IANA name, `UTC` or `local`.
    pub zone: Value<String>,
    /// Minutes without a line after which a source counts as not observed; 1 to 1440.
    pub quiet_minutes: Value<u32>,
    /// Words that are never masked in signatures.
    pub keep: Value<Vec<String>>,
    /// Regular expressions; what they match is masked in signatures.
    pub mask: Value<Vec<String>>,
    /// Fields of structured lines whose values are added to signatures, by dotted names.
    pub attributes: Value<Vec<String>>,
    /// Length of a watch, in minutes; 1 to 1440.
    pub watch_minutes: Value<u32>,
    /// Length of the baseline, in days; 1 to 28.
    pub baseline_days: Value<u32>,
    /// The p below which a signature is a candidate; between 0 and 1.
    pub alpha: Value<f64>,
    /// What counts the traffic, with which errors are expected to rise and fall.
    pub traffic: Value<Option<Traffic>>,
    /// The zone by whose clock the traffic rises and falls, where that is not the one of times that name none.
    pub watch_zone: Value<Option<String>>,
    /// What sorts of failure some signatures are; asked before the built-in rules.
    pub classes: Value<Vec<Rule>>,
    /// Signatures that are shown and judged as one, or never.
    pub groups: Value<Vec<Definition>>,
    /// The branch or tag whose moves are deploys; `None` takes none.
    pub follow: Value<Option<String>>,
    /// Regular expressions that recognize deploys in log messages, beside the built-in ones.
    pub deploy_patterns: Value<Vec<String>>,
    /// The command that redeploys, as an argument list; empty means none.
    pub deploy_command: Value<Vec<String>>,
    /// The command that rolls back as a whole, as an argument list; empty means the one that redeploys.
    pub rollback_command: Value<Vec<String>>,
    /// How long that command may run, in seconds; 1 to 86,400.
    pub deploy_command_seconds: Value<u32>,
    /// The command that fails since a deploy, as an argument list; empty means none.
    pub fix_repro: Value<Vec<String>>,
    /// How long one run of it may take, in seconds; 1 to 86,400.
    pub fix_seconds: Value<u32>,
    /// Name of a built-in theme, or `auto`.
    pub theme: Value<String>,
    /// Who approves, where it is pushed, what may go back by itself.
    pub remedy: Remedy,
    /// The model that is asked, and what that may cost.
    pub advisor: AdvisorSettings,
    /// A coding agent of the user's own, and how long agents may take.
    pub agent: AgentSettings,
    /// How a fix is checked.
    pub fix: FixSettings,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            service: Value::built_in(None),
            repo: Value::built_in(None),
            zone: Value::built_in("UTC".to_owned()),
            quiet_minutes: Value::built_in(60),
            keep: Value::built_in(Vec::new()),
            mask: Value::built_in(Vec::new()),
            attributes: Value::built_in(Vec::new()),
            watch_minutes: Value::built_in(60),
            baseline_days: Value::built_in(7),
            alpha: Value::built_in(0.05),
            traffic: Value::built_in(None),
            watch_zone: Value::built_in(None),
            classes: Value::built_in(Vec::new()),
            groups: Value::built_in(Vec::new()),
            follow: Value::built_in(None),
            deploy_patterns: Value::built_in(Vec::new()),
            deploy_command: Value::built_in(Vec::new()),
            rollback_command: Value::built_in(Vec::new()),
            deploy_command_seconds: Value::built_in(600),
            fix_repro: Value::built_in(Vec::new()),
            fix_seconds: Value::built_in(300),
            theme: Value::built_in("auto".to_owned()),
            remedy: Remedy::default(),
            advisor: AdvisorSettings::default(),
            agent: AgentSettings::default(),
            fix: FixSettings::default(),
        }
    }
}

impl Config {
    /// Lays the layers over the defaults, weakest first, and checks every range.
    ///
    /// # Errors
    ///
    /// When a value cannot be used; names it and where it came from.
    pub fn resolve(layers: Vec<(Source, Layer)>) -> Result<Self, ConfigError> {
        let mut config = Self::default();
        for (source, layer) in layers {
            config.lay(layer, &source);
        }
        config.check()?;
        Ok(config)
    }

    fn lay(&mut self, layer: Layer, source: &Source) {
        self.service.set(layer.service.map(Some), source);
        self.repo.set(layer.repo.map(Some), source);
        self.zone.set(layer.logs.zone, source);
        self.quiet_minutes.set(layer.logs.quiet_minutes, source);
        self.keep.set(layer.signature.keep, source);
        self.mask.set(layer.signature.mask, source);
        self.attributes.set(layer.signature.attributes, source);
        self.watch_minutes.set(layer.watch.minutes, source);
        self.baseline_days.set(layer.watch.baseline_days, source);
        self.alpha.set(layer.watch.alpha, source);
        self.traffic.set(layer.watch.traffic.map(Some), source);
        self.watch_zone.set(layer.watch.zone.map(Some), source);
        self.classes.set(layer.classes, source);
        self.groups.set(layer.groups, source);
        self.follow.set(layer.deploy.follow.map(Some), source);
        self.deploy_patterns.set(layer.deploy.patterns, source);
        self.deploy_command.set(layer.deploy.command, source);
        self.rollback_command.set(layer.deploy.rollback_command, source);
        self.deploy_command_seconds.set(layer.deploy.command_seconds, source);
        self.fix_repro.set(layer.fix.repro.clone(), source);
        self.fix_seconds.set(layer.fix.seconds, source);
        self.theme.set(layer.screen.theme, source);
        self.remedy.lay((layer.approval, layer.push, layer.auto_rollback), source);
        self.advisor.lay(layer.advisor, source);
        self.agent.lay(layer.agent, source);
        self.fix.lay(layer.fix, source);
    }

    fn check(&self) -> Result<(), ConfigError> {
        in_range("logs.quiet_minutes", &self.quiet_minutes, 1..=1440, "1 to 1440")?;
        in_range("watch.minutes", &self.watch_minutes, 1..=1440, "1 to 1440")?;
        in_range("watch.baseline_days", &self.baseline_days, 1..=28, "1 to 28")?;
        in_range("deploy.command_seconds", &self.deploy_command_seconds, 1..=86_400, "1 to 86400")?;
        in_range("fix.seconds", &self.fix_seconds, 1..=86_400, "1 to 86400")?;
        if let Some(unfit) = self.fix_repro.value.iter().find(|argument| visible(argument, false) != **argument) {
            return Err(ConfigError::UnfitArgument("fix.repro", self.fix_repro.source.to_string(), unfit.clone()));
        }
        if !(self.alpha.value > 0.0 && self.alpha.value < 1.0) {
            return Err(out_of_range("watch.alpha", &self.alpha, "above 0 and below 1"));
        }
        self.remedy.check()?;
        self.advisor.check()?;
        self.agent.check()?;
        self.fix.check()?;
        self.overrides()?;
        for group in &self.groups.value {
            group.check().map_err(|error| ConfigError::Group(self.groups.source.to_string(), error))?;
        }
        self.time_zone()?;
        self.watch_zone().map(drop)
    }

    /// The command that follows going back this far, if there is one: to roll back as a whole, or to deploy what
    /// only takes hunks back.
    #[must_use]
    pub fn command_for(&self, scope: &Scope) -> Option<&[String]> {
        let own = matches!(scope, Scope::Range) && !self.rollback_command.value.is_empty();
        let chosen = if own { &self.rollback_command } else { &self.deploy_command };
        Some(chosen.value.as_slice()).filter(|argv| !argv.is_empty())
    }

    /// What it changes in how signatures are made.
    ///
    /// # Errors
    ///
    /// When an entry cannot be used; names the list.
    pub fn overrides(&self) -> Result<Overrides, ConfigError> {
        let (keep, mask, attributes) = (&self.keep.value, &self.mask.value, &self.attributes.value);
        let lists = [("keep", [&keep[..], &[], &[]]), ("mask", [&[], &mask[..], &[]])];
        for (name, [keep, mask, attributes]) in lists.into_iter().chain([("attributes", [&[], &[], &attributes[..]])]) {
            Overrides::new(keep, mask, attributes).map_err(|error| ConfigError::Override(name, error))?;
        }
        Overrides::new(keep, mask, attributes).map_err(|error| ConfigError::Override("keep", error))
    }

    /// The command that shows an error, when one is configured.
    #[must_use]
    pub fn repro(&self) -> Option<Repro> {
        let (argv, seconds) = (&self.fix_repro.value, u64::from(self.fix_seconds.value));
        (!argv.is_empty()).then(|| Repro { argv: argv.clone(), limit: Duration::from_secs(seconds) })
    }

    /// Every setting as name, value and source, for `aftercare config`.
    #[must_use]
    pub fn rows(&self) -> Vec<(&'static str, String, String)> {
        fn row<T: fmt::Debug>(name: &'static str, value: &Value<T>) -> (&'static str, String, String) {
            (name, format!("{:?}", value.value), value.source.to_string())
        }
        fn optional(name: &'static str, value: &Value<Option<String>>) -> (&'static str, String, String) {
            let shown = value.value.as_ref().map_or_else(|| "unset".to_owned(), |text| format!("{text:?}"));
            (name, shown, value.source.to_string())
        }
        let mut rows = vec![
            optional("service", &self.service),
            optional("repo", &self.repo),
            row("logs.zone", &self.zone),
            row("logs.quiet_minutes", &self.quiet_minutes),
            row("signature.keep", &self.keep),
            row("signature.mask", &self.mask),
            row("signature.attributes", &self.attributes),
            (
                "signature rules",
                self.overrides().map_or_else(|_| "unset".to_owned(), |it| it.version().to_owned()),
                "computed".to_owned(),
            ),
            ("classes", format!("{} rules", self.classes.value.len()), self.classes.source.to_string()),
            ("groups", format!("{} defined", self.groups.value.len()), self.groups.source.to_string()),
            optional("deploy.follow", &self.follow),
            row("deploy.patterns", &self.deploy_patterns),
            row("deploy.command", &self.deploy_command),
            row("deploy.rollback_command", &self.rollback_command),
            row("deploy.command_seconds", &self.deploy_command_seconds),
            row("fix.repro", &self.fix_repro),
            row("fix.seconds", &self.fix_seconds),
            row("screen.theme", &self.theme),
        ];
        rows.splice(8..8, self.watch_rows());
        rows.extend(self.remedy.rows());
        rows.extend(self.advisor.rows());
        rows.extend(self.agent.rows());
        rows.extend(self.fix.rows());
        rows
    }
}

#[cfg(test)]
mod tests;
