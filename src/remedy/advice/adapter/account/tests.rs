//! What the programs wrote when they were run on a scripted server (claude 2.1, codex 0.171, gemini 0.61, opencode 1.18,
//! aider 0.86), shortened to the fields that count.

use super::*;

#[track_caller]
fn check(output: &str, said: &str, (sent, received): (u64, u64), money: Option<f64>) {
    let account = Account::of(output.lines());
    assert_eq!(account.said, said);
    assert_eq!((account.spent.input_tokens, account.spent.output_tokens), (sent, received), "{output}");
    assert_eq!(account.spent.money, money, "{output}");
}

#[test]
fn claude_sums_up_in_its_last_line_and_counts_what_came_from_a_cache_apart() {
    let output = r#"
{"type":"system","subtype":"init","tools":["Edit"]}
{"type":"assistant","message":{"content":[{"type":"text","text":"Took it out."}],"usage":{"input_tokens":1000,"output_tokens":1}}}
{"type":"result","subtype":"success","result":"Took the factor out of the sum.","total_cost_usd":0.01875,"usage":{"input_tokens":3,"cache_creation_input_tokens":1000,"cache_read_input_tokens":1997,"output_tokens":150}}"#;
    check(output, "Took the factor out of the sum.", (3000, 150), Some(0.01875));
    let refused =
        r#"{"type":"system","subtype":"api_retry","attempt":7,"error_status":401,"error":"authentication_failed"}"#;
    check(refused, "authentication_failed", (0, 0), None);
}

#[test]
fn codex_counts_what_came_from_a_cache_within() {
    let output = r#"
Reading additional input from stdin...
{"type":"error","message":"Reconnecting... 2/5"}
{"type":"item.completed","item":{"id":"item_0","type":"file_change","status":"completed"}}
{"type":"item.completed","item":{"id":"item_1","type":"agent_message","text":"Took the factor out of the sum."}}
{"type":"turn.completed","usage":{"input_tokens":2000,"cached_input_tokens":1500,"output_tokens":100}}"#;
    check(output, "Took the factor out of the sum.", (2000, 100), None);
    let refused = r#"
{"type":"error","message":"Reconnecting... 5/5"}
{"type":"turn.failed","error":{"message":"unexpected status 401 Unauthorized: invalid key"}}"#;
    check(refused, "unexpected status 401 Unauthorized: invalid key", (0, 0), None);
}

#[test]
fn the_steps_of_opencode_add_up() {
    let step = r#"{"type":"step_finish","part":{"type":"step-finish","tokens":{"input":1000,"output":50,"cache":{"write":10,"read":20}},"cost":0.25}}"#;
    let output = format!(
        "{step}\n{step}\n{}\n{step}",
        r#"{"type":"text","part":{"type":"text","text":"Took the factor out of the sum."}}"#
    );
    check(&output, "Took the factor out of the sum.", (3090, 150), Some(0.75));
    let refused = r#"{"type":"error","error":{"name":"APIError","data":{"message":"Unauthorized"}}}"#;
    check(refused, "Unauthorized", (0, 0), None);
}

#[test]
fn the_models_of_gemini_add_up_in_one_object_behind_its_warnings() {
    let output = r#"Warning: Basic terminal detected (TERM=dumb).
{
  "response": "Took the factor out of the sum.",
  "stats": {"models": {
    "small": {"tokens": {"prompt": 1000, "candidates": 50, "thoughts": 0}},
    "large": {"tokens": {"prompt": 3000, "candidates": 100, "thoughts": 5}}
  }}
}"#;
    check(output, "Took the factor out of the sum.", (4000, 155), None);
    check(
        "{\n \"error\": {\"message\": \"Invalid auth method selected.\", \"code\": 41}\n}",
        "Invalid auth method selected.",
        (0, 0),
        None,
    );
}

#[test]
fn aider_tells_in_plain_words() {
    let output = "Tokens: 1.5k sent, 50 received. Cost: $0.0030 message, $0.0030 session.\nTokens: 2k sent, 1k cache hit, 70 received. Cost: $0.0020 message, $0.0050 session.\nApplied edit to cart.py\n";
    check(output, "Applied edit to cart.py", (3500, 120), Some(0.005));
    check("Tokens: 10 sent, 5 received.\n", "", (10, 5), None);
}
