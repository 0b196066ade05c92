//! Whom to ask, with which key, at what price: made of the settings and the environment.

use std::time::Duration;

use jiff::fmt::rfc2822;
use serde_json::Value;

use super::AdvisorError;
use super::transcript::Keep;
use crate::config::{AdvisorSettings, Dialect};
use crate::ingest::sanitize::visible;
use crate::remedy::advice::budget::{Budget, Prices};
use crate::shell::http::{HttpError, Limits, Request};
use crate::units::Timestamp;

/// The version of Anthropic's messages that is spoken.
const ANTHROPIC_VERSION: &str = "2023-06-01";

/// Bytes of one answer over the wire, at most; events take many times the room of their text.
const BODY_BYTES: usize = 32 << 20;

/// Whom to ask, and what that may cost. Its `Debug` form does not show the key.
#[derive(Clone)]
pub struct Setup {
    /// How the server is spoken to.
    pub dialect: Dialect,
    /// Where requests go.
    endpoint: String,
    /// Name of the model.
    pub model: String,
    key: Option<String>,
    /// What a task may use.
    pub budget: Budget,
    /// Most tokens of one reply.
    pub reply_tokens: u32,
    /// Limits of one call.
    pub limits: Limits,
    /// Which transcripts are kept.
    pub keep: Keep,
}

impl std::fmt::Debug for Setup {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Setup({} at {})", self.name(), self.place())
    }
}

impl Setup {
    /// Reads the settings, and the key from the environment.
    ///
    /// # Errors
    ///
    /// When no dialect or model is set, or the key is missing.
    pub fn of(settings: &AdvisorSettings, variable: impl Fn(&str) -> Option<String>) -> Result<Self, AdvisorError> {
        let dialect = settings.dialect.value.ok_or(AdvisorError::NotConfigured("advisor.dialect"))?;
        let model = settings.model.value.clone().ok_or(AdvisorError::NotConfigured("advisor.model"))?;
        let named = settings.api_key_env.value.as_deref();
        let key = match named.or(dialect.key_variable()) {
            None => None,
            Some(name) => {
                let key = variable(name).map(|key| key.trim().to_owned()).filter(|key| !key.is_empty());
                // A server of one's own may want no key; then none must be named.
                let is_needed = named.is_some() || settings.url.value.is_none();
                if key.is_none() && is_needed {
                    return Err(AdvisorError::NoKey(name.to_owned()));
                }
                key
            }
        };
        let url = settings.url.value.as_deref().unwrap_or(dialect.url());
        let prices = Prices { input: settings.price_in.value, output: settings.price_out.value };
        let seconds = Duration::from_secs(u64::from(settings.seconds.value));
        Ok(Self {
            dialect,
            endpoint: endpoint(dialect, url),
            model,
            key,
            budget: Budget { tokens: u64::from(settings.tokens.value), money: settings.money.value, prices },
            reply_tokens: settings.reply_tokens.value,
            keep: Keep {
                count: settings.transcripts.value as usize,
                bytes: u64::from(settings.transcripts_mib.value) << 20,
            },
            limits: Limits { idle: seconds, total: seconds, body_bytes: BODY_BYTES, ..Limits::default() },
        })
    }

    /// Who it is, for people.
    #[must_use]
    pub fn name(&self) -> String {
        visible(&format!("{} {}", self.dialect, self.model), false)
    }

    /// Where the server is, without a path.
    #[must_use]
    pub fn place(&self) -> String {
        Request::post(&self.endpoint).place()
    }

    /// The request with this body.
    pub(super) fn request(&self, body: &Value) -> Result<Request, HttpError> {
        let mut request = Request::post(&self.endpoint).json(body)?;
        if self.dialect == Dialect::Anthropic {
            request = request.header("anthropic-version", ANTHROPIC_VERSION);
        }
        Ok(match (&self.key, self.dialect) {
            (None, _) => request,
            (Some(key), Dialect::Anthropic) => request.secret("x-api-key", "", key),
            (Some(key), Dialect::OpenAi | Dialect::Ollama) => request.secret("authorization", "Bearer ", key),
        })
    }

    /// Whether it is `OpenAI`'s own server, which has left older names behind.
    pub(super) fn is_original(&self) -> bool {
        self.place() == "https://api.openai.com"
    }
}

/// The address of requests below the configured one, which may name it already.
fn endpoint(dialect: Dialect, url: &str) -> String {
    let url = url.trim().trim_end_matches('/');
    let (path, version) = match dialect {
        Dialect::OpenAi => ("/chat/completions", ""),
        Dialect::Anthropic => ("/messages", "/v1"),
        Dialect::Ollama => ("/chat", "/api"),
    };
    if url.ends_with(path) {
        url.to_owned()
    } else if url.ends_with(version) {
        format!("{url}{path}")
    } else {
        format!("{url}{version}{path}")
    }
}

/// How long a `Retry-After` header asks to wait: seconds, or until a date.
pub(super) fn retry_after(text: &str, now: Timestamp) -> Option<Duration> {
    let text = text.trim();
    if let Ok(seconds) = text.parse::<f64>() {
        return Duration::try_from_secs_f64(seconds).ok();
    }
    let date = rfc2822::DateTimeParser::new().parse_timestamp(text).ok()?;
    Some(Timestamp::from_micros(date.as_microsecond()).since(now))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(dialect: Dialect, url: &str, expected: &str) {
        assert_eq!(endpoint(dialect, url), expected);
    }

    #[test]
    fn an_address_may_name_any_part_of_the_endpoint() {
        check(Dialect::OpenAi, "http://localhost:8000/v1/", "http://localhost:8000/v1/chat/completions");
        check(Dialect::OpenAi, "https://x.example/a/chat/completions", "https://x.example/a/chat/completions");
        check(Dialect::Anthropic, "https://api.anthropic.com", "https://api.anthropic.com/v1/messages");
        check(Dialect::Anthropic, "https://gateway.example/v1", "https://gateway.example/v1/messages");
        check(Dialect::Ollama, "http://localhost:11434", "http://localhost:11434/api/chat");
        check(Dialect::Ollama, "http://localhost:11434/api", "http://localhost:11434/api/chat");
    }

    #[test]
    fn waits_are_seconds_or_dates() {
        let now = "2026-11-26T10:00:00Z".parse().unwrap();
        assert_eq!(retry_after("17", now), Some(Duration::from_secs(17)));
        assert_eq!(retry_after("0.5", now), Some(Duration::from_millis(500)));
        assert_eq!(retry_after("Thu, 26 Nov 2026 10:00:09 GMT", now), Some(Duration::from_secs(9)));
        assert_eq!(retry_after("Thu, 26 Nov 2026 09:00:00 GMT", now), Some(Duration::ZERO));
        assert_eq!((retry_after("soon", now), retry_after("-1", now)), (None, None));
    }
}
