//! The message of the commit that takes a deploy back.

use std::fmt::Write as _;

use super::{Parts, Scope, one_line, short};

/// Most commits that the message names one by one; the rest is counted.
const MOST_COMMITS: usize = 50;

/// Longest subject that is quoted, in characters.
const MOST_CHARACTERS: usize = 100;

/// Writes what is taken back, why, and what it refers to.
pub(super) fn write(parts: &Parts<'_>) -> String {
    let service = one_line(parts.service, MOST_CHARACTERS);
    let mut message = match &parts.scope {
        Scope::Range => format!("Roll back {service} to {}\n", short(parts.base)),
        Scope::Hunks(hunks) => {
            let plural = if hunks.len() == 1 { "" } else { "s" };
            format!("Take back {} hunk{plural} of {service} since {}\n", hunks.len(), short(parts.base))
        }
    };
    let reason = one_line(parts.reason, 500);
    if !reason.is_empty() {
        push(&mut message, &format!("\n{reason}\n"));
    }
    push(&mut message, &format!("\nFrom: {}\nTo:   {}\n", parts.head, parts.base));
    if parts.parent != parts.head {
        push(&mut message, &format!("On:   {}\n", parts.parent));
    }
    commits(&mut message, parts);
    if !parts.refs.is_empty() {
        message.push('\n');
    }
    for reference in parts.refs {
        push(&mut message, &format!("Refs: {}\n", one_line(reference, 200)));
    }
    message
}

fn commits(message: &mut String, parts: &Parts<'_>) {
    if parts.commits.is_empty() {
        return;
    }
    message.push_str(match parts.scope {
        Scope::Range => "\nTakes back:\n",
        Scope::Hunks(_) => "\nTakes hunks back from among:\n",
    });
    for commit in parts.commits.iter().take(MOST_COMMITS) {
        push(message, &format!("- {} {}\n", short(&commit.id), one_line(&commit.subject, MOST_CHARACTERS)));
    }
    if let Some(more) = parts.commits.len().checked_sub(MOST_COMMITS).filter(|&more| more > 0) {
        push(message, &format!("- and {more} more\n"));
    }
}

fn push(message: &mut String, text: &str) {
    // Writing to a String cannot fail.
    let _ = message.write_str(text);
}
