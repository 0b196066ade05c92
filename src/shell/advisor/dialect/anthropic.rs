//! Anthropic's messages.

use serde_json::{Value, json};

use super::{Concessions, Heard, Stop, failed, shown, turns};
use crate::shell::advisor::{AdvisorError, Question, Setup};

/// The body of a request.
pub(super) fn body(setup: &Setup, question: &Question, most_tokens: u32, concessions: &Concessions) -> Value {
    let mut body = json!({
        "model": setup.model,
        "max_tokens": most_tokens,
        "system": question.system,
        "messages": turns(question).collect::<Vec<_>>(),
        "stream": true,
    });
    if let Some((_, schema)) = question.schema.as_ref().filter(|_| !concessions.plain) {
        body["output_config"] = json!({ "format": { "type": "json_schema", "schema": schema } });
    }
    body
}

/// Takes one event of a stream.
pub(super) fn event(heard: &mut Heard, event: &Value) -> Result<(), AdvisorError> {
    let text = |pointer: &str| event.pointer(pointer).and_then(Value::as_str);
    match text("/type").unwrap_or_default() {
        "error" => return Err(failed(event.get("error").unwrap_or(&Value::Null))),
        "message_start" => usage(heard, event.pointer("/message/usage")),
        "content_block_start" => heard.text.push_str(text("/content_block/text").unwrap_or_default()),
        "content_block_delta" if text("/delta/type") == Some("text_delta") => {
            heard.text.push_str(text("/delta/text").unwrap_or_default());
        }
        "message_delta" => {
            usage(heard, event.get("usage"));
            if let Some(reason) = text("/delta/stop_reason") {
                heard.stop = Some(stop(reason));
            }
        }
        "message_stop" => heard.is_done = true,
        // Pings, thoughts and whatever else comes some day.
        _ => {}
    }
    Ok(())
}

/// Takes an answer that is no stream.
pub(super) fn whole(heard: &mut Heard, answer: &Value) -> Result<(), AdvisorError> {
    if let Some(error) = answer.get("error").filter(|error| !error.is_null()) {
        return Err(failed(error));
    }
    let blocks = answer.get("content").and_then(Value::as_array);
    let blocks = blocks.ok_or_else(|| AdvisorError::Malformed("it has no content".to_owned()))?;
    let texts = blocks.iter().filter(|block| block.get("type").and_then(Value::as_str) == Some("text"));
    heard.text = texts.filter_map(|block| block.get("text")?.as_str()).collect();
    heard.stop = answer.get("stop_reason").and_then(Value::as_str).map(stop);
    usage(heard, answer.get("usage"));
    Ok(())
}

fn stop(reason: &str) -> Stop {
    match reason {
        "end_turn" | "stop_sequence" => Stop::Ended,
        "max_tokens" | "model_context_window_exceeded" => Stop::Cut,
        "refusal" => Stop::Refused("it gives no reason".to_owned()),
        other => Stop::Refused(format!("it stopped with {}", shown(other))),
    }
}

fn usage(heard: &mut Heard, usage: Option<&Value>) {
    let count = |name: &str| usage.and_then(|usage| usage.get(name)).and_then(Value::as_u64);
    heard.input = count("input_tokens").or(heard.input);
    heard.output = count("output_tokens").or(heard.output);
}
