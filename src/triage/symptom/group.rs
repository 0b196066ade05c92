//! Reads groups of exceptions, as tasks that ran together raise them in Python.
//!
//! The group is shown with the errors that it holds below it, set off by bars. What failed is the first of them;
//! the group only passes it on, as an exception does that was raised from another.

/// How deep groups are followed into groups.
const DEPTH: usize = 8;
/// What Python writes between an error and the one that was raised from it.
const CAUSE: &str = "\n\nThe above exception was the direct cause of the following exception:\n\n";

/// The text with the first error of a group before the group, as its cause; `None` for a text without a group.
pub(super) fn ungrouped(text: &str) -> Option<String> {
    text.contains("Exception Group Traceback (most recent call last):").then(|| cause_first(text, DEPTH)).flatten()
}

fn cause_first(text: &str, depth: usize) -> Option<String> {
    let lines: Vec<&str> = text.lines().collect();
    let opener = lines.iter().position(|line| is_rule(line, " 1 "))?;
    let (group, rest) = lines.split_at(opener);
    let held = rest.get(1..)?;
    let end = held.iter().position(|line| is_rule(line, "")).unwrap_or(held.len());
    // A group within the group has rules of its own, further to the right.
    let column = |line: &&str| line.find('+').unwrap_or(0);
    let own = rest.first().map_or(0, column) + 2;
    let last = held.iter().position(|line| is_rule(line, "") && column(line) <= own).unwrap_or(end);
    let first = unbarred(held.get(..last)?);
    let first = if depth == 0 { first } else { cause_first(&first, depth - 1).unwrap_or(first) };
    let group = unbarred(group).replace("Exception Group Traceback", "Traceback");
    Some(format!("{}{CAUSE}{}\n", first.trim_end(), group.trim_end()))
}

/// Whether a line is one of the rules that set off the errors of a group: `+-+---------------- 1 ----------------`.
fn is_rule(line: &str, number: &str) -> bool {
    let bare = line.trim_start_matches([' ', '|']);
    bare.starts_with('+') && bare.contains("------------") && bare.contains(number)
}

/// The lines without the bars before them.
fn unbarred(lines: &[&str]) -> String {
    let bar = lines.iter().filter_map(|line| line.find(['|', '+'])).min().unwrap_or(0);
    let without = |line: &&str| {
        let is_barred = line.get(..=bar).is_some_and(|head| head.trim_start().starts_with(['|', '+']));
        let rest = if is_barred { line.get(bar + 1..).unwrap_or_default() } else { line };
        if is_barred { rest.strip_prefix(' ').unwrap_or(rest).to_owned() } else { rest.to_owned() }
    };
    lines.iter().map(without).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests;
