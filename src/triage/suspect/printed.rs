//! Reads values that a message prints whole, as Go's `%#v` and Rust's `{:?}` do.

use std::collections::HashSet;

/// The names that stand only for fields of a value that was printed whole, as in `&Route{varsN: [], regexpType: 1}`:
/// whichever of them is wrong, all are there.
pub(super) fn fields(message: &str) -> HashSet<&str> {
    let (mut fields, mut others) = (HashSet::new(), HashSet::new());
    // For each open brace, whether it is that of a type with its name.
    let mut braces = Vec::new();
    let mut from = None;
    for (at, c) in message.char_indices().chain([(message.len(), ' ')]) {
        let is_part = c.is_alphanumeric() || c == '_';
        match (from, is_part) {
            (None, true) => from = Some(at),
            (Some(start), false) => {
                let name = message.get(start..at).unwrap_or_default();
                let rest = message.get(at..).unwrap_or_default();
                let is_field = braces.last() == Some(&true) && rest.starts_with(':') && !rest.starts_with("::");
                if is_field {
                    fields.insert(name)
                } else {
                    others.insert(name)
                };
                from = None;
            }
            _ => {}
        }
        match c {
            '{' => {
                let before = message.get(..at).unwrap_or_default().trim_end();
                braces.push(before.ends_with(|c: char| c.is_alphanumeric() || c == '_'));
            }
            '}' => drop(braces.pop()),
            _ => {}
        }
    }
    fields.retain(|name| !others.contains(name));
    fields
}
