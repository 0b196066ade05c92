//! Ollama's own chat, which keeps to a schema where its imitation of others does not.

use serde_json::{Value, json};

use super::{Concessions, Heard, Stop, failed, instructed, shown};
use crate::remedy::advice::budget::estimate;
use crate::shell::advisor::{AdvisorError, Question, Setup};

/// The least context that is asked for, in tokens; what does not fit is cut off without a word.
const LEAST_CONTEXT: u64 = 4_096;

/// Contexts are asked for in steps, so that the model is not loaded anew each time.
const STEP: u64 = 4_096;

/// The body of a request.
pub(super) fn body(setup: &Setup, question: &Question, most_tokens: u32, concessions: &Concessions) -> Value {
    let needed = estimate(&question.text()) + u64::from(most_tokens);
    let context = needed.max(LEAST_CONTEXT).div_ceil(STEP) * STEP;
    let mut body = json!({
        "model": setup.model,
        "messages": instructed(question),
        "stream": true,
        "options": { "num_ctx": context, "num_predict": most_tokens },
    });
    if let Some((_, schema)) = question.schema.as_ref().filter(|_| !concessions.plain) {
        body["format"] = schema.clone();
    }
    body
}

/// Takes one line of a stream; a single one is an answer that is no stream.
pub(super) fn event(heard: &mut Heard, event: &Value) -> Result<(), AdvisorError> {
    if let Some(error) = event.get("error") {
        return Err(failed(error));
    }
    let text = event.pointer("/message/content").and_then(Value::as_str);
    heard.text.push_str(text.unwrap_or_default());
    if event.get("done").and_then(Value::as_bool) != Some(true) {
        return Ok(());
    }
    let count = |name: &str| event.get(name).and_then(Value::as_u64);
    // What was sent before and is still known to the server is not counted again.
    heard.input = count("prompt_eval_count");
    heard.output = count("eval_count");
    heard.is_done = true;
    heard.stop = Some(match event.get("done_reason").and_then(Value::as_str) {
        Some("length") => Stop::Cut,
        None | Some("stop") => Stop::Ended,
        Some(other) => Stop::Refused(format!("it stopped with {}", shown(other))),
    });
    Ok(())
}
