//! Shows a line of an agent's output as a person would tell it, while it works.
//!
//! Pure. Only what is shown in passing; what counts is read from the files and by [`Account`](super::Account).

use serde_json::Value;

use super::account::said;
use crate::remedy::advice::fence::one_line;

/// Where the agents' JSON has the parts of a message, each a text or a use of a tool.
const PARTS: [&str; 3] = ["/message/content", "/part", "/item"];

/// Where a use of a tool has the tool's name, and what it is used on.
const TOOL: [&str; 3] = ["/name", "/tool", "/type"];
const OBJECT: [&str; 10] = [
    "/input/file_path",
    "/input/path",
    "/input/pattern",
    "/input/command",
    "/state/input/filePath",
    "/state/input/path",
    "/state/input/pattern",
    "/state/input/command",
    "/changes/0/path",
    "/command",
];

/// The line in short; `None` for one that tells a person nothing, such as what a tool gave back.
#[must_use]
pub fn glance(line: &str) -> Option<String> {
    let Some(value) = serde_json::from_str::<Value>(line.trim()).ok().filter(Value::is_object) else {
        return Some(line.to_owned());
    };
    let parts = PARTS.iter().find_map(|place| value.pointer(place));
    let told: Vec<String> = match parts {
        Some(Value::Array(parts)) => parts.iter().filter_map(part).collect(),
        Some(one) => part(one).into_iter().collect(),
        None => said(&value).into_iter().collect(),
    };
    (!told.is_empty()).then(|| told.join("; "))
}

fn part(value: &Value) -> Option<String> {
    let find = |places: &[&str]| places.iter().find_map(|place| value.pointer(place)).and_then(Value::as_str);
    if let Some(text) = find(&["/text", "/message"]).filter(|text| !text.trim().is_empty()) {
        return Some(one_line(text));
    }
    let object = find(&OBJECT)?;
    Some(one_line(&format!("{} {object}", find(&TOOL).unwrap_or("uses"))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_agent_does_is_told_and_what_a_tool_gave_back_is_not() {
        let told = [
            (
                r#"{"type":"assistant","message":{"content":[{"type":"tool_use","name":"Edit","input":{"file_path":"/w/cart.py"}}]}}"#,
                Some("Edit /w/cart.py"),
            ),
            (r#"{"type":"user","message":{"content":[{"type":"tool_result","content":"1 def total"}]}}"#, None),
            (r#"{"type":"system","subtype":"init","tools":["Edit"]}"#, None),
            (
                r#"{"type":"item.completed","item":{"type":"file_change","changes":[{"path":"/w/cart.py"}]}}"#,
                Some("file_change /w/cart.py"),
            ),
            (
                r#"{"type":"tool_use","part":{"type":"tool","tool":"edit","state":{"input":{"filePath":"/w/cart.py"}}}}"#,
                Some("edit /w/cart.py"),
            ),
            (r#"{"type":"text","part":{"type":"text","text":"Took it out."}}"#, Some("Took it out.")),
            (r#"{"type":"turn.failed","error":{"message":"invalid key"}}"#, Some("invalid key")),
            ("Applied edit to cart.py", Some("Applied edit to cart.py")),
        ];
        for (line, expected) in told {
            assert_eq!(glance(line).as_deref(), expected, "{line}");
        }
    }
}
