//! Gives an author's lines the secrets back that were masked before it saw them.
//!
//! A line that is, but for its indentation, the masked form of exactly one line of the file becomes
//! that line. A mask that is left shows that the author wrote one of its own, which `check` finds.

use std::borrow::Cow;
use std::collections::HashMap;

use super::super::masked;
use super::super::reply::{Edit, What};
use super::indent;
use crate::ingest::sanitize::MASK;

/// The edit with the masked lines of the deployed text as they are.
pub(super) fn of<'e>(path: &str, edit: &'e Edit, head: Option<&str>) -> Cow<'e, What> {
    let holds_mask = |text: &str| text.contains(MASK);
    let is_masked = match &edit.what {
        What::Replace { search, replace } => holds_mask(search) || holds_mask(replace),
        What::Function { text, .. } | What::Whole(text) => holds_mask(text),
    };
    let Some(head) = head.filter(|_| is_masked) else { return Cow::Borrowed(&edit.what) };
    let known = masked_lines(path, head);
    let restored = |text: &str| -> String {
        let lines: Vec<Cow<'_, str>> = text.lines().map(|line| line_of(line, &known)).collect();
        lines.join("\n") + if text.ends_with('\n') { "\n" } else { "" }
    };
    Cow::Owned(match &edit.what {
        What::Replace { search, replace } => What::Replace { search: restored(search), replace: restored(replace) },
        What::Function { name, text } => What::Function { name: name.clone(), text: restored(text) },
        What::Whole(text) => What::Whole(restored(text)),
    })
}

/// For each masked form, the one line that has it; `None` where several have.
fn masked_lines<'h>(path: &str, head: &'h str) -> HashMap<String, Option<&'h str>> {
    let masked = masked(path, head);
    let mut known = HashMap::new();
    if masked.lines().count() != head.lines().count() {
        return known;
    }
    for (line, form) in head.lines().zip(masked.lines()).filter(|(_, form)| form.contains(MASK)) {
        let is_other = |held: &Option<&str>| held.is_none_or(|held| held.trim() != line.trim());
        match known.entry(form.trim().to_owned()) {
            std::collections::hash_map::Entry::Vacant(entry) => {
                entry.insert(Some(line));
            }
            std::collections::hash_map::Entry::Occupied(mut entry) if is_other(entry.get()) => {
                entry.insert(None);
            }
            std::collections::hash_map::Entry::Occupied(_) => {}
        }
    }
    known
}

fn line_of<'l>(line: &'l str, known: &HashMap<String, Option<&str>>) -> Cow<'l, str> {
    match known.get(line.trim()).copied().flatten() {
        Some(held) if line.contains(MASK) => Cow::Owned(format!("{}{}", indent::of(line), held.trim_start())),
        _ => Cow::Borrowed(line),
    }
}
