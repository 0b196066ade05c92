//! The three ways of speaking to a server, behind one: what is sent, and what is heard.

mod anthropic;
mod ollama;
mod openai;

use serde_json::{Value, json};

use super::frames::{Frames, Framing};
use super::{AdvisorError, Question, Role, Setup};
use crate::config::Dialect;
use crate::ingest::sanitize::{redact, visible};
use crate::shell::http::HttpError;

/// Bytes that are kept in case the answer is no stream.
const WHOLE_BYTES: usize = 8 << 20;

/// What a server was found not to take.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Concessions {
    /// No schema for the reply.
    plain: bool,
    /// No account of the tokens within a stream.
    unaccounted: bool,
    /// The other name for the most tokens of a reply.
    other_limit: bool,
}

impl Concessions {
    /// Gives up what a refusal names; whether that is anything new.
    pub(super) fn make(&mut self, error: &AdvisorError) -> bool {
        let AdvisorError::Http(HttpError::Status { status: 400 | 404 | 422 | 501, excerpt, .. }) = error else {
            return false;
        };
        let before = self.clone();
        let text = excerpt.to_lowercase();
        let names = |words: &[&str]| words.iter().any(|word| text.contains(word));
        if names(&["max_completion_tokens", "max_tokens"]) {
            self.other_limit = true;
        } else if names(&["stream_options", "include_usage"]) {
            self.unaccounted = true;
        } else if names(&[
            "response_format",
            "json_schema",
            "output_config",
            "schema",
            "format",
            "grammar",
            "structured",
        ]) {
            self.plain = true;
        }
        *self != before
    }
}

/// How a reply ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Stop {
    /// As it should.
    Ended,
    /// At the most tokens that it may have.
    Cut,
    /// The model would not; why.
    Refused(String),
    /// The stream ended before it.
    Missing,
}

/// A reply.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Said {
    pub(super) text: String,
    pub(super) stop: Stop,
    /// Tokens sent and received, as the server counted them.
    pub(super) usage: Option<(u64, u64)>,
}

/// The body of a request.
pub(super) fn body(setup: &Setup, question: &Question, most_tokens: u32, concessions: &Concessions) -> Value {
    match setup.dialect {
        Dialect::OpenAi => openai::body(setup, question, most_tokens, concessions),
        Dialect::Anthropic => anthropic::body(setup, question, most_tokens, concessions),
        Dialect::Ollama => ollama::body(setup, question, most_tokens, concessions),
    }
}

/// What the events of a stream add up to.
#[derive(Clone, Debug, Default)]
struct Heard {
    text: String,
    stop: Option<Stop>,
    input: Option<u64>,
    output: Option<u64>,
    /// Whether nothing more is to come.
    is_done: bool,
}

/// Listens to a reply as it comes.
pub(super) struct Listener {
    dialect: Dialect,
    frames: Frames,
    heard: Heard,
    error: Option<AdvisorError>,
    n_events: usize,
    raw: Vec<u8>,
}

impl Listener {
    pub(super) fn new(dialect: Dialect) -> Self {
        let framing = if dialect == Dialect::Ollama { Framing::Lines } else { Framing::Events };
        Self {
            dialect,
            frames: Frames::new(framing),
            heard: Heard::default(),
            error: None,
            n_events: 0,
            raw: Vec::new(),
        }
    }

    pub(super) fn hear(&mut self, bytes: &[u8]) {
        if self.n_events == 0 && self.raw.len() < WHOLE_BYTES {
            self.raw.extend_from_slice(bytes);
        }
        for event in self.frames.push(bytes) {
            self.event(&event);
        }
    }

    fn event(&mut self, data: &str) {
        if self.is_done() {
            return;
        }
        self.n_events += 1;
        if data.trim() == "[DONE]" {
            self.heard.is_done = true;
            return;
        }
        let result = match serde_json::from_str::<Value>(data) {
            Ok(event) => self.read(&event),
            Err(error) => Err(AdvisorError::Malformed(format!("an event is no JSON: {error}"))),
        };
        self.error = result.err();
    }

    fn read(&mut self, event: &Value) -> Result<(), AdvisorError> {
        match self.dialect {
            Dialect::OpenAi => openai::event(&mut self.heard, event),
            Dialect::Anthropic => anthropic::event(&mut self.heard, event),
            Dialect::Ollama => ollama::event(&mut self.heard, event),
        }
    }

    /// The text so far.
    pub(super) fn text(&self) -> &str {
        &self.heard.text
    }

    pub(super) fn n_bytes(&self) -> usize {
        self.heard.text.len()
    }

    /// Whether nothing that is still to come matters.
    pub(super) fn is_done(&self) -> bool {
        self.heard.is_done || self.error.is_some()
    }

    /// Whether the model said that it is done.
    pub(super) fn has_stopped(&self) -> bool {
        self.heard.stop.is_some()
    }

    /// The reply, once the stream is over.
    pub(super) fn finish(&mut self) -> Result<Said, AdvisorError> {
        if self.n_events == 0 && self.dialect != Dialect::Ollama {
            // Some gateways answer whole although a stream was asked for.
            if let Ok(whole) = serde_json::from_slice::<Value>(&self.raw) {
                let read = match self.dialect {
                    Dialect::Anthropic => anthropic::whole(&mut self.heard, &whole),
                    Dialect::OpenAi | Dialect::Ollama => openai::whole(&mut self.heard, &whole),
                };
                read?;
                return Ok(self.said());
            }
        }
        for event in self.frames.finish() {
            self.event(&event);
        }
        match self.error.take() {
            Some(error) => Err(error),
            None => Ok(self.said()),
        }
    }

    fn said(&self) -> Said {
        let heard = &self.heard;
        Said {
            text: heard.text.clone(),
            stop: heard.stop.clone().unwrap_or(Stop::Missing),
            usage: heard.input.zip(heard.output),
        }
    }
}

/// What was said so far, as all dialects write it.
fn turns(question: &Question) -> impl Iterator<Item = Value> + '_ {
    question.turns.iter().map(|(role, text)| {
        let role = match role {
            Role::User => "user",
            Role::Assistant => "assistant",
        };
        json!({ "role": role, "content": text })
    })
}

/// The same with the instructions in front, where these are one of the messages.
fn instructed(question: &Question) -> Vec<Value> {
    let instructions = json!({ "role": "system", "content": question.system });
    std::iter::once(instructions).chain(turns(question)).collect()
}

/// The error that a server reports amid its reply.
fn failed(error: &Value) -> AdvisorError {
    let text = |name: &str| error.get(name).and_then(Value::as_str).unwrap_or_default();
    let kind = format!("{} {} {}", text("type"), text("code"), text("message")).to_lowercase();
    let passes = ["overloaded", "rate_limit", "rate limit", "api_error", "server_error", "timeout", "unavailable"];
    let message = error.as_str().map_or_else(|| text("message").to_owned(), str::to_owned);
    AdvisorError::Failed { what: shown(&message), passes: passes.iter().any(|word| kind.contains(word)) }
}

/// A server's words, fit to be shown.
fn shown(text: &str) -> String {
    visible(&redact(text), false).chars().take(300).collect()
}
