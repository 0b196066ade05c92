//! Reads edits that are written as JSON.

use serde_json::Value;

use super::{Edit, What};

/// The edits of a JSON text; `None` when it is none, or holds no edit.
pub(super) fn edits(text: &str) -> Option<Vec<Edit>> {
    if !text.starts_with(['{', '[']) {
        return None;
    }
    let value: Value = serde_json::from_str(text).ok()?;
    let list = match &value {
        Value::Array(list) => list.clone(),
        Value::Object(fields) => {
            let nested = ["edits", "changes", "files", "patches"].iter().find_map(|name| fields.get(*name)?.as_array());
            nested.cloned().unwrap_or_else(|| vec![value.clone()])
        }
        _ => return None,
    };
    let edits: Vec<Edit> = list.iter().filter_map(edit).collect();
    (!edits.is_empty() && edits.len() == list.len()).then_some(edits)
}

fn edit(value: &Value) -> Option<Edit> {
    let text = |names: &[&str]| names.iter().find_map(|name| value.get(*name)?.as_str()).map(str::to_owned);
    let path = text(&["path", "file", "filename", "file_path", "filepath"])?;
    let search = text(&["search", "old", "old_string", "old_str", "original", "find", "before"]);
    let replace = text(&["replace", "new", "new_string", "new_str", "replacement", "updated", "after"]);
    if let (Some(search), Some(replace)) = (search, replace) {
        return Some(Edit { path, what: What::Replace { search, replace } });
    }
    let content = text(&["content", "text", "code", "body"])?;
    let what = match text(&["function", "method", "name", "symbol"]) {
        Some(name) => What::Function { name, text: content },
        None => What::Whole(content),
    };
    Some(Edit { path, what })
}
