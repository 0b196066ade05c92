//! Servers of the three dialects, as strict about requests as the real ones, with replies as a test says.

use std::sync::{Arc, Mutex};

use aftercare::config::Dialect;
use serde_json::{Value, json};

use crate::server::{Received, Reply, Server};

pub const KEY: &str = "sk-test-0123456789abcdefghij-secret";

pub const DIALECTS: [Dialect; 3] = [Dialect::OpenAi, Dialect::Anthropic, Dialect::Ollama];

/// What a request is refused for; `None` when it is as it must be.
pub fn fault(dialect: Dialect, request: &Received) -> Option<String> {
    let body = request.json();
    let Some(fields) = body.as_object() else { return Some("the body is no JSON object".to_owned()) };
    if request.method != "POST" || request.header("content-type") != Some("application/json") {
        return Some("it is no POST of JSON".to_owned());
    }
    let (path, allowed): (&str, &[&str]) = match dialect {
        Dialect::OpenAi => (
            "/v1/chat/completions",
            &[
                "model",
                "messages",
                "stream",
                "stream_options",
                "max_tokens",
                "max_completion_tokens",
                "response_format",
            ],
        ),
        Dialect::Anthropic => {
            ("/v1/messages", &["model", "max_tokens", "system", "messages", "stream", "output_config"])
        }
        Dialect::Ollama => ("/api/chat", &["model", "messages", "stream", "options", "format"]),
    };
    if request.path != path {
        return Some(format!("{} does not exist", request.path));
    }
    if let Some(unknown) = fields.keys().find(|name| !allowed.contains(&name.as_str())) {
        return Some(format!("unknown field {unknown}"));
    }
    let is_named = fields.get("model").and_then(Value::as_str).is_some_and(|model| !model.is_empty());
    if !is_named {
        return Some("model is missing".to_owned());
    }
    own(dialect, request, &body).or_else(|| roles(dialect, &body))
}

fn own(dialect: Dialect, request: &Received, body: &Value) -> Option<String> {
    let is_count =
        |pointer: &str| body.pointer(pointer).is_some_and(|count| count.as_u64().is_some_and(|count| count > 0));
    match dialect {
        Dialect::OpenAi => {
            if request.header("authorization") != Some(&format!("Bearer {KEY}")) {
                return Some("no key".to_owned());
            }
            if is_count("/max_tokens") == is_count("/max_completion_tokens") {
                return Some("one limit of tokens is needed".to_owned());
            }
            let format = body.get("response_format")?;
            let schema = format.pointer("/json_schema/schema");
            let is_strict =
                format.pointer("/json_schema/strict") == Some(&json!(true)) && format["type"] == "json_schema";
            (!is_strict || !schema.is_some_and(is_closed)).then(|| "the schema is not strict".to_owned())
        }
        Dialect::Anthropic => {
            if request.header("x-api-key") != Some(KEY) || request.header("authorization").is_some() {
                return Some("no key".to_owned());
            }
            if request.header("anthropic-version") != Some("2023-06-01") {
                return Some("anthropic-version is missing".to_owned());
            }
            if !is_count("/max_tokens") {
                return Some("max_tokens: field required".to_owned());
            }
            if !body["system"].is_string() {
                return Some("system is no text".to_owned());
            }
            let config = body.get("output_config")?;
            let is_right = config.pointer("/format/type") == Some(&json!("json_schema"))
                && config.pointer("/format/schema").is_some_and(is_closed);
            (!is_right).then(|| "output_config is wrong".to_owned())
        }
        Dialect::Ollama => {
            let options = body["options"].as_object()?;
            if options.keys().any(|name| name != "num_ctx" && name != "num_predict")
                || !is_count("/options/num_predict")
            {
                return Some("invalid options".to_owned());
            }
            // What does not fit into the context is cut off silently; here it is an error.
            let needed = request.body.len() as u64 / 4 + body["options"]["num_predict"].as_u64()?;
            (body["options"]["num_ctx"].as_u64()? < needed).then(|| "the context is too small".to_owned())
        }
    }
}

/// Whether every object of a schema names all its properties and allows no others.
fn is_closed(schema: &Value) -> bool {
    let Some(fields) = schema.as_object() else { return true };
    let is_object = fields.get("type") == Some(&json!("object"));
    let names = fields.get("properties").and_then(Value::as_object).map_or(0, serde_json::Map::len);
    let required = fields.get("required").and_then(Value::as_array).map_or(0, Vec::len);
    (!is_object || (fields.get("additionalProperties") == Some(&json!(false)) && names == required && names > 0))
        && fields.get("properties").and_then(Value::as_object).is_none_or(|all| all.values().all(is_closed))
        && fields.get("items").is_none_or(is_closed)
}

fn roles(dialect: Dialect, body: &Value) -> Option<String> {
    let Some(messages) = body["messages"].as_array().filter(|messages| !messages.is_empty()) else {
        return Some("messages: at least one message is required".to_owned());
    };
    let mut roles: Vec<&str> = messages.iter().map(|message| message["role"].as_str().unwrap_or_default()).collect();
    let is_text = |message: &Value| {
        message.as_object().is_some_and(|fields| fields.len() == 2)
            && message["content"].as_str().is_some_and(|text| !text.trim().is_empty())
    };
    if !messages.iter().all(is_text) {
        return Some("a message has no content, or more than that".to_owned());
    }
    if dialect != Dialect::Anthropic && roles.first() == Some(&"system") {
        roles.remove(0);
    }
    let is_right = |(at, role): (usize, &&str)| *role == ["user", "assistant"][at % 2];
    let alternate = roles.iter().enumerate().all(is_right) && roles.len() % 2 == 1;
    (!alternate).then(|| format!("roles must alternate and end with user: {roles:?}"))
}

/// What a model says.
#[derive(Clone, Debug)]
pub struct Saying {
    pub text: String,
    /// `end`, `length` or `refusal`.
    pub stop: &'static str,
    pub usage: Option<(u64, u64)>,
}

pub fn says(text: &str) -> Saying {
    Saying { text: text.to_owned(), stop: "end", usage: Some((1_000, text.len() as u64 / 4 + 1)) }
}

fn event(name: &str, data: &Value) -> String {
    format!("event: {name}\ndata: {data}\n\n")
}

/// The reply as the dialect streams it.
pub fn streamed(dialect: Dialect, saying: &Saying) -> Reply {
    let letters: Vec<char> = saying.text.chars().collect();
    let parts: Vec<String> = letters.chunks(7).map(|part| part.iter().collect()).collect();
    let text = match dialect {
        Dialect::OpenAi => openai(saying, parts),
        Dialect::Anthropic => anthropic(saying, parts),
        Dialect::Ollama => ollama(saying, parts),
    };
    let kind = if dialect == Dialect::Ollama { "application/x-ndjson" } else { "text/event-stream" };
    Reply::of(200, text).header("content-type", kind)
}

fn openai(saying: &Saying, parts: Vec<String>) -> String {
    let (input, output) = saying.usage.unwrap_or_default();
    let mut text = String::new();
    let reason = match saying.stop {
        "end" => "stop",
        "refusal" => "content_filter",
        other => other,
    };
    text.push_str(": keep-alive\n\n");
    text.push_str(&format!(
        "data: {}\n\n",
        json!({"choices": [{"index": 0, "delta": {"role": "assistant"}, "finish_reason": null}]})
    ));
    for part in parts {
        text.push_str(&format!(
            "data: {}\n\n",
            json!({"choices": [{"index": 0, "delta": {"content": part}, "finish_reason": null}], "usage": null})
        ));
    }
    text.push_str(&format!("data: {}\n\n", json!({"choices": [{"index": 0, "delta": {}, "finish_reason": reason}]})));
    if saying.usage.is_some() {
        text.push_str(&format!(
            "data: {}\n\n",
            json!({"choices": [], "usage": {"prompt_tokens": input, "completion_tokens": output}})
        ));
    }
    text.push_str("data: [DONE]\n\n");
    text
}

fn anthropic(saying: &Saying, parts: Vec<String>) -> String {
    let (input, output) = saying.usage.unwrap_or_default();
    let mut text = String::new();
    let reason = match saying.stop {
        "end" => "end_turn",
        "length" => "max_tokens",
        other => other,
    };
    let start = json!({"type": "message_start", "message": {"role": "assistant", "content": [], "usage": {"input_tokens": input, "output_tokens": 1}}});
    text.push_str(&event("message_start", &start));
    text.push_str(&event("ping", &json!({"type": "ping"})));
    text.push_str(&event(
        "content_block_start",
        &json!({"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}}),
    ));
    for part in parts {
        let delta = json!({"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": part}});
        text.push_str(&event("content_block_delta", &delta));
    }
    text.push_str(&event("content_block_stop", &json!({"type": "content_block_stop", "index": 0})));
    let delta = json!({"type": "message_delta", "delta": {"stop_reason": reason}, "usage": {"output_tokens": output}});
    text.push_str(&event("message_delta", &delta));
    text.push_str(&event("message_stop", &json!({"type": "message_stop"})));
    text
}

fn ollama(saying: &Saying, parts: Vec<String>) -> String {
    let (input, output) = saying.usage.unwrap_or_default();
    let mut text = String::new();
    for part in parts {
        text.push_str(&format!(
            "{}\n",
            json!({"model": "m", "message": {"role": "assistant", "content": part}, "done": false})
        ));
    }
    let reason = match saying.stop {
        "end" => "stop",
        other => other,
    };
    let last = json!({"model": "m", "message": {"role": "assistant", "content": ""}, "done": true, "done_reason": reason,
                "prompt_eval_count": input, "eval_count": output});
    text.push_str(&format!("{last}\n"));
    text
}

/// The reply as the dialect gives it without a stream.
pub fn whole(dialect: Dialect, saying: &Saying) -> Reply {
    let (input, output) = saying.usage.unwrap_or_default();
    let body = match dialect {
        Dialect::OpenAi => {
            json!({"choices": [{"message": {"role": "assistant", "content": saying.text}, "finish_reason": "stop"}],
            "usage": {"prompt_tokens": input, "completion_tokens": output}})
        }
        Dialect::Anthropic => {
            json!({"type": "message", "content": [{"type": "text", "text": saying.text}], "stop_reason": "end_turn",
            "usage": {"input_tokens": input, "output_tokens": output}})
        }
        Dialect::Ollama => {
            json!({"message": {"role": "assistant", "content": saying.text}, "done": true, "done_reason": "stop",
            "prompt_eval_count": input, "eval_count": output})
        }
    };
    Reply::json(200, &body)
}

/// A refusal as the dialect words it.
pub fn refusal(dialect: Dialect, status: u16, message: &str) -> Reply {
    let body = match dialect {
        Dialect::OpenAi => {
            json!({"error": {"message": message, "type": "invalid_request_error", "param": null, "code": null}})
        }
        Dialect::Anthropic => json!({"type": "error", "error": {"type": "invalid_request_error", "message": message}}),
        Dialect::Ollama => json!({"error": message}),
    };
    Reply::json(status, &body)
}

/// A server that refuses what is wrong and answers the rest, one reply after the other; the last one again.
pub fn server(dialect: Dialect, replies: Vec<Reply>) -> Server {
    let next = Arc::new(Mutex::new(0_usize));
    Server::start(move |request| {
        if let Some(fault) = fault(dialect, request) {
            return refusal(dialect, 400, &fault);
        }
        let mut at = next.lock().unwrap();
        let reply = replies[(*at).min(replies.len() - 1)].clone();
        *at += 1;
        reply
    })
}

/// The address that is configured for a server.
pub fn url(dialect: Dialect, server: &Server) -> String {
    server.url(if dialect == Dialect::OpenAi { "/v1" } else { "" })
}
