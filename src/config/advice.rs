//! The settings of those who may be asked for advice: a model over HTTP, a coding agent; and of the tests
//! that a fix must pass.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{ConfigError, Layer, Source, Value, in_range, out_of_range};
use crate::ingest::sanitize::visible;
use crate::remedy::advice::walls::Open;
use crate::remedy::fix::Repro;

/// How a server is spoken to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Dialect {
    /// Chat completions, as `OpenAI` and most others serve them.
    OpenAi,
    /// Anthropic's messages.
    Anthropic,
    /// Ollama's own chat.
    Ollama,
}

impl Dialect {
    /// Its name in the configuration.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::OpenAi => "openai",
            Self::Anthropic => "anthropic",
            Self::Ollama => "ollama",
        }
    }

    /// Where its server is, unless another address is configured.
    #[must_use]
    pub fn url(self) -> &'static str {
        match self {
            Self::OpenAi => "https://api.openai.com/v1",
            Self::Anthropic => "https://api.anthropic.com",
            Self::Ollama => "http://localhost:11434",
        }
    }

    /// The environment variable that usually holds its key; none is needed for Ollama.
    #[must_use]
    pub fn key_variable(self) -> Option<&'static str> {
        match self {
            Self::OpenAi => Some("OPENAI_API_KEY"),
            Self::Anthropic => Some("ANTHROPIC_API_KEY"),
            Self::Ollama => None,
        }
    }
}

impl fmt::Display for Dialect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// The `[advisor]` part of a [`Layer`].
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct AdvisorLayer {
    /// How the server is spoken to.
    pub dialect: Option<Dialect>,
    /// Its address.
    pub url: Option<String>,
    /// Name of the model.
    pub model: Option<String>,
    /// The environment variable that holds the key.
    pub api_key_env: Option<String>,
    /// Price of a million tokens that are sent.
    pub price_in: Option<f64>,
    /// Price of a million tokens that come back.
    pub price_out: Option<f64>,
    /// Most tokens of one task, both ways.
    pub tokens: Option<u32>,
    /// Most money of one task.
    pub money: Option<f64>,
    /// Most tokens of one reply.
    pub reply_tokens: Option<u32>,
    /// How long one reply may take, in seconds.
    pub seconds: Option<u32>,
    /// Transcripts that are kept.
    pub transcripts: Option<u32>,
    /// Most room of all transcripts, in MiB.
    pub transcripts_mib: Option<u32>,
}

impl AdvisorLayer {
    /// Reads what the environment says of it.
    ///
    /// # Errors
    ///
    /// When the dialect is none.
    pub(super) fn from_environment(text: &impl Fn(&str) -> Option<String>) -> Result<Self, ConfigError> {
        let dialect = text("AFTERCARE_ADVISOR_DIALECT").map(|given| match given.as_str() {
            "openai" => Ok(Dialect::OpenAi),
            "anthropic" => Ok(Dialect::Anthropic),
            "ollama" => Ok(Dialect::Ollama),
            _ => Err(ConfigError::OutOfRange {
                name: "advisor.dialect",
                given,
                source_name: Source::Environment.to_string(),
                range: "openai, anthropic or ollama",
            }),
        });
        let (url, model) = (text("AFTERCARE_ADVISOR_URL"), text("AFTERCARE_ADVISOR_MODEL"));
        Ok(Self { dialect: dialect.transpose()?, url, model, ..Self::default() })
    }
}

/// The `[agent]` part of a [`Layer`].
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct AgentLayer {
    /// What `--agent` calls the user's own agent.
    pub name: Option<String>,
    /// Its command, as an argument list with placeholders.
    pub command: Option<Vec<String>>,
    /// Environment variables that it is given, beside those that every agent gets.
    pub environment: Option<Vec<String>>,
    /// How long an agent may take, in seconds.
    pub seconds: Option<u32>,
}

/// The `[fix]` part of a [`Layer`].
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct FixLayer {
    /// The command that fails since a deploy, as an argument list.
    pub repro: Option<Vec<String>>,
    /// How long one run of it may take, in seconds.
    pub seconds: Option<u32>,
    /// The command that runs the tests, as an argument list.
    pub tests: Option<Vec<String>>,
    /// How long that may take, in seconds.
    pub tests_seconds: Option<u32>,
    /// Whether commands on a draft may use the network.
    pub network: Option<Network>,
    /// Folders and files that commands on a draft may write to.
    pub writable: Option<Vec<PathBuf>>,
    /// Places of keys that commands on a draft may read.
    pub readable: Option<Vec<PathBuf>>,
}

/// Whether commands on a draft may use the network.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Network {
    /// They may not, where the system can see to it.
    #[default]
    Closed,
    /// They may.
    Open,
}

impl Network {
    /// As in the configuration.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Closed => "closed",
            Self::Open => "open",
        }
    }
}

/// The model that is asked, and what that may cost.
#[derive(Clone, Debug, PartialEq)]
pub struct AdvisorSettings {
    /// How the server is spoken to; `None` asks nobody.
    pub dialect: Value<Option<Dialect>>,
    /// Its address; `None` takes the dialect's usual one.
    pub url: Value<Option<String>>,
    /// Name of the model.
    pub model: Value<Option<String>>,
    /// The environment variable that holds the key; `None` takes the dialect's usual one.
    pub api_key_env: Value<Option<String>>,
    /// Price of a million tokens that are sent, in any currency; 0 to 100,000.
    pub price_in: Value<f64>,
    /// Price of a million tokens that come back, in the same currency; 0 to 100,000.
    pub price_out: Value<f64>,
    /// Most tokens of one task, both ways; 1,000 to 10,000,000.
    pub tokens: Value<u32>,
    /// Most money of one task, where prices are given; above 0, at most 10,000.
    pub money: Value<f64>,
    /// Most tokens of one reply; 256 to 200,000.
    pub reply_tokens: Value<u32>,
    /// How long one reply may take, in seconds; 1 to 3,600.
    pub seconds: Value<u32>,
    /// Transcripts that are kept, the newest; 1 to 100,000.
    pub transcripts: Value<u32>,
    /// Most room of all transcripts, in MiB; 1 to 100,000.
    pub transcripts_mib: Value<u32>,
}

impl Default for AdvisorSettings {
    fn default() -> Self {
        Self {
            dialect: Value::built_in(None),
            url: Value::built_in(None),
            model: Value::built_in(None),
            api_key_env: Value::built_in(None),
            price_in: Value::built_in(0.0),
            price_out: Value::built_in(0.0),
            tokens: Value::built_in(120_000),
            money: Value::built_in(1.0),
            reply_tokens: Value::built_in(8_000),
            seconds: Value::built_in(180),
            transcripts: Value::built_in(500),
            transcripts_mib: Value::built_in(256),
        }
    }
}

/// A coding agent of the user's own, and how long agents may take.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AgentSettings {
    /// What `--agent` calls it.
    pub name: Value<Option<String>>,
    /// Its command, as an argument list with placeholders; empty means none.
    pub command: Value<Vec<String>>,
    /// Environment variables that it is given, beside those that every agent gets.
    pub environment: Value<Vec<String>>,
    /// How long an agent may take, in seconds; 1 to 86,400.
    pub seconds: Value<u32>,
}

impl Default for AgentSettings {
    fn default() -> Self {
        Self {
            name: Value::built_in(None),
            command: Value::built_in(Vec::new()),
            environment: Value::built_in(Vec::new()),
            seconds: Value::built_in(900),
        }
    }
}

/// How a fix is checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FixSettings {
    /// The command that runs the tests, as an argument list; empty means none.
    pub tests: Value<Vec<String>>,
    /// How long that may take, in seconds; 1 to 86,400.
    pub tests_seconds: Value<u32>,
    /// Whether commands on a draft may use the network.
    pub network: Value<Network>,
    /// Folders and files that commands on a draft may write to, beside those that are thrown away; absolute.
    pub writable: Value<Vec<PathBuf>>,
    /// Places of keys below the user's home that commands on a draft may read all the same; absolute.
    pub readable: Value<Vec<PathBuf>>,
}

impl Default for FixSettings {
    fn default() -> Self {
        Self {
            tests: Value::built_in(Vec::new()),
            tests_seconds: Value::built_in(900),
            network: Value::built_in(Network::Closed),
            writable: Value::built_in(Vec::new()),
            readable: Value::built_in(Vec::new()),
        }
    }
}

/// A row of the settings: name, value and source.
type Row = (&'static str, String, String);

fn row<T>(name: &'static str, value: &Value<T>, shown: impl Fn(&T) -> String) -> Row {
    (name, shown(&value.value), value.source.to_string())
}

fn named(text: &Option<String>) -> String {
    text.as_ref().map_or_else(|| "unset".to_owned(), |text| format!("{text:?}"))
}

impl AdvisorSettings {
    pub(super) fn lay(&mut self, layer: AdvisorLayer, source: &Source) {
        self.dialect.set(layer.dialect.map(Some), source);
        self.url.set(layer.url.map(Some), source);
        self.model.set(layer.model.map(Some), source);
        self.api_key_env.set(layer.api_key_env.map(Some), source);
        self.price_in.set(layer.price_in, source);
        self.price_out.set(layer.price_out, source);
        self.tokens.set(layer.tokens, source);
        self.money.set(layer.money, source);
        self.reply_tokens.set(layer.reply_tokens, source);
        self.seconds.set(layer.seconds, source);
        self.transcripts.set(layer.transcripts, source);
        self.transcripts_mib.set(layer.transcripts_mib, source);
    }

    pub(super) fn check(&self) -> Result<(), ConfigError> {
        in_range("advisor.transcripts", &self.transcripts, 1..=100_000, "1 to 100000")?;
        in_range("advisor.transcripts_mib", &self.transcripts_mib, 1..=100_000, "1 to 100000")?;
        in_range("advisor.tokens", &self.tokens, 1_000..=10_000_000, "1000 to 10000000")?;
        in_range("advisor.reply_tokens", &self.reply_tokens, 256..=200_000, "256 to 200000")?;
        in_range("advisor.seconds", &self.seconds, 1..=3_600, "1 to 3600")?;
        for (name, price) in [("advisor.price_in", &self.price_in), ("advisor.price_out", &self.price_out)] {
            if !(0.0..=100_000.0).contains(&price.value) {
                return Err(out_of_range(name, price, "0 to 100000"));
            }
        }
        if !(self.money.value > 0.0 && self.money.value <= 10_000.0) {
            return Err(out_of_range("advisor.money", &self.money, "above 0, at most 10000"));
        }
        let is_http = |url: &String| url.starts_with("https://") || url.starts_with("http://");
        if let Some(url) = self.url.value.as_ref().filter(|url| !is_http(url)) {
            let shown = Value { value: url.clone(), source: self.url.source.clone() };
            return Err(out_of_range("advisor.url", &shown, "an address that starts with https:// or http://"));
        }
        Ok(())
    }

    pub(super) fn rows(&self) -> Vec<Row> {
        let dialect = |dialect: &Option<Dialect>| named(&dialect.map(|dialect| dialect.word().to_owned()));
        vec![
            row("advisor.dialect", &self.dialect, dialect),
            row("advisor.url", &self.url, named),
            row("advisor.model", &self.model, named),
            row("advisor.api_key_env", &self.api_key_env, named),
            row("advisor.price_in", &self.price_in, f64::to_string),
            row("advisor.price_out", &self.price_out, f64::to_string),
            row("advisor.tokens", &self.tokens, u32::to_string),
            row("advisor.money", &self.money, f64::to_string),
            row("advisor.reply_tokens", &self.reply_tokens, u32::to_string),
            row("advisor.seconds", &self.seconds, u32::to_string),
            row("advisor.transcripts", &self.transcripts, u32::to_string),
            row("advisor.transcripts_mib", &self.transcripts_mib, u32::to_string),
        ]
    }
}

impl AgentSettings {
    pub(super) fn lay(&mut self, layer: AgentLayer, source: &Source) {
        self.name.set(layer.name.map(Some), source);
        self.command.set(layer.command, source);
        self.environment.set(layer.environment, source);
        self.seconds.set(layer.seconds, source);
    }

    pub(super) fn check(&self) -> Result<(), ConfigError> {
        in_range("agent.seconds", &self.seconds, 1..=86_400, "1 to 86400")
    }

    pub(super) fn rows(&self) -> Vec<Row> {
        vec![
            row("agent.name", &self.name, named),
            row("agent.command", &self.command, |words| format!("{words:?}")),
            row("agent.environment", &self.environment, |names| format!("{names:?}")),
            row("agent.seconds", &self.seconds, u32::to_string),
        ]
    }
}

impl FixSettings {
    /// `repro` and `seconds` of the layer are laid elsewhere.
    pub(super) fn lay(&mut self, layer: FixLayer, source: &Source) {
        self.tests.set(layer.tests, source);
        self.tests_seconds.set(layer.tests_seconds, source);
        self.network.set(layer.network, source);
        self.writable.set(layer.writable, source);
        self.readable.set(layer.readable, source);
    }

    /// What commands on a draft may do though they are confined.
    #[must_use]
    pub fn open(&self) -> Open {
        Open {
            network: self.network.value == Network::Open,
            writable: self.writable.value.clone(),
            readable: self.readable.value.clone(),
        }
    }

    /// The command that runs the tests; `None` when none is configured.
    #[must_use]
    pub fn tests(&self) -> Option<Repro> {
        let limit = Duration::from_secs(u64::from(self.tests_seconds.value));
        let argv = self.tests.value.clone();
        (!argv.is_empty()).then_some(Repro { argv, limit })
    }

    pub(super) fn check(&self) -> Result<(), ConfigError> {
        if let Some(unfit) = self.tests.value.iter().find(|argument| visible(argument, false) != **argument) {
            return Err(ConfigError::UnfitArgument("fix.tests", self.tests.source.to_string(), unfit.clone()));
        }
        for (name, paths) in [("fix.writable", &self.writable), ("fix.readable", &self.readable)] {
            if let Some(unfit) = paths.value.iter().find(|path| !path.is_absolute()) {
                let shown = unfit.to_string_lossy().into_owned();
                return Err(ConfigError::UnfitArgument(name, paths.source.to_string(), shown));
            }
        }
        in_range("fix.tests_seconds", &self.tests_seconds, 1..=86_400, "1 to 86400")
    }

    pub(super) fn rows(&self) -> Vec<Row> {
        vec![
            row("fix.tests", &self.tests, |words| format!("{words:?}")),
            row("fix.tests_seconds", &self.tests_seconds, u32::to_string),
            row("fix.network", &self.network, |network| network.name().to_owned()),
            row("fix.writable", &self.writable, |paths| format!("{paths:?}")),
            row("fix.readable", &self.readable, |paths| format!("{paths:?}")),
        ]
    }
}

/// What a layer says that a repository may not say.
pub(super) fn reserved(layer: &Layer) -> Option<&'static str> {
    let said = [
        ("[advisor]", layer.advisor != AdvisorLayer::default()),
        ("[agent]", layer.agent != AgentLayer::default()),
        ("fix.tests", layer.fix.tests.is_some()),
        ("fix.network", layer.fix.network.is_some()),
        ("fix.writable", layer.fix.writable.is_some()),
        ("fix.readable", layer.fix.readable.is_some()),
    ];
    said.into_iter().find(|(_, is_said)| *is_said).map(|(name, _)| name)
}
