//! Chat completions, as `OpenAI`, vLLM, llama.cpp, LM Studio, OpenRouter and many others serve them.

use serde_json::{Value, json};

use super::{Concessions, Heard, Stop, failed, instructed, shown};
use crate::shell::advisor::{AdvisorError, Question, Setup};

/// The body of a request.
pub(super) fn body(setup: &Setup, question: &Question, most_tokens: u32, concessions: &Concessions) -> Value {
    let mut body = json!({ "model": setup.model, "messages": instructed(question), "stream": true });
    // The newer name is the only one that the original takes for its newer models; others know the older one.
    let limit = if setup.is_original() != concessions.other_limit { "max_completion_tokens" } else { "max_tokens" };
    body[limit] = json!(most_tokens);
    if !concessions.unaccounted {
        body["stream_options"] = json!({ "include_usage": true });
    }
    if let Some((name, schema)) = question.schema.as_ref().filter(|_| !concessions.plain) {
        body["response_format"] =
            json!({ "type": "json_schema", "json_schema": { "name": name, "strict": true, "schema": schema } });
    }
    body
}

/// Takes one event of a stream.
pub(super) fn event(heard: &mut Heard, event: &Value) -> Result<(), AdvisorError> {
    if let Some(error) = event.get("error").filter(|error| !error.is_null()) {
        return Err(failed(error));
    }
    usage(heard, event);
    let Some(choice) = event.pointer("/choices/0") else { return Ok(()) };
    take(heard, choice, "delta");
    Ok(())
}

/// Takes an answer that is no stream.
pub(super) fn whole(heard: &mut Heard, answer: &Value) -> Result<(), AdvisorError> {
    if let Some(error) = answer.get("error").filter(|error| !error.is_null()) {
        return Err(failed(error));
    }
    let choice = answer.pointer("/choices/0").ok_or_else(|| AdvisorError::Malformed("it has no choice".to_owned()))?;
    usage(heard, answer);
    take(heard, choice, "message");
    Ok(())
}

fn take(heard: &mut Heard, choice: &Value, part: &str) {
    let said = choice.get(part);
    let text = |name: &str| said.and_then(|said| said.get(name)).and_then(Value::as_str);
    heard.text.push_str(text("content").unwrap_or_default());
    if let Some(refusal) = text("refusal").filter(|text| !text.is_empty()) {
        heard.stop = Some(Stop::Refused(shown(refusal)));
    }
    let reason = choice.get("finish_reason").and_then(Value::as_str);
    let is_refused = matches!(heard.stop, Some(Stop::Refused(_)));
    heard.stop = match reason {
        None => heard.stop.take(),
        Some("length") => Some(Stop::Cut),
        Some("content_filter") => Some(Stop::Refused("its content filter stepped in".to_owned())),
        Some(_) if is_refused => heard.stop.take(),
        Some("stop" | "eos" | "end_turn") => Some(Stop::Ended),
        Some(other) => Some(Stop::Refused(format!("it stopped with {}", shown(other)))),
    };
}

fn usage(heard: &mut Heard, value: &Value) {
    let count = |name: &str| value.pointer(&format!("/usage/{name}")).and_then(Value::as_u64);
    heard.input = count("prompt_tokens").or(heard.input);
    heard.output = count("completion_tokens").or(heard.output);
}
