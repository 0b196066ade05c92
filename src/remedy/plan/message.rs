//! The message of the commit that takes a deploy, or a part of it, back.

use std::fmt::Write as _;

use super::{Origin, Parts, Scope, Side, one_line, short};

/// Most commits that the message names one by one; the rest is counted.
const MOST_COMMITS: usize = 50;

/// Most hunks that the message names one by one; the rest is counted.
const MOST_HUNKS: usize = 50;

/// Longest subject that is quoted, in characters.
const MOST_CHARACTERS: usize = 100;

/// Longest sentence that is quoted, in characters.
const SENTENCE: usize = 500;

/// Longest note that is quoted, in characters.
const NOTE: usize = 1_000;

/// Writes what is taken back, why, and what it refers to.
pub(super) fn write(parts: &Parts<'_>) -> String {
    let mut message = subject(parts);
    for sentence in [parts.reason, &parts.account.verdict, &parts.account.evidence] {
        let sentence = one_line(sentence, SENTENCE);
        if !sentence.is_empty() {
            push(&mut message, &format!("\n{sentence}\n"));
        }
    }
    let (from, to) = match parts.origin {
        Origin::Rollback | Origin::Search => ("From:", "To:  "),
        Origin::Drafted => ("Deployed:", "Before:  "),
    };
    push(&mut message, &format!("\n{from} {}\n{to} {}\n", parts.head, parts.base));
    if parts.parent != parts.head {
        push(&mut message, &format!("On:   {}\n", parts.parent));
    }
    account(&mut message, parts);
    commits(&mut message, parts);
    if !parts.refs.is_empty() {
        message.push('\n');
    }
    for reference in parts.refs {
        push(&mut message, &format!("Refs: {}\n", one_line(reference, 200)));
    }
    message
}

fn subject(parts: &Parts<'_>) -> String {
    let service = one_line(parts.service, MOST_CHARACTERS);
    let base = short(parts.base);
    match (&parts.scope, parts.origin) {
        (Scope::Range, _) => format!("Roll back {service} to {base}\n"),
        (Scope::Hunks(hunks), _) => {
            let plural = if hunks.len() == 1 { "" } else { "s" };
            format!("Take back {} hunk{plural} of {service} since {base}\n", hunks.len())
        }
        (Scope::Files(_), Origin::Rollback) => format!("Take back a part of {service} since {base}\n"),
        (Scope::Files(_), Origin::Search) => format!("Fix {service}: take back what broke it since {base}\n"),
        (Scope::Files(_), Origin::Drafted) => format!("Fix {service}: mend what broke since {base}, as drafted\n"),
    }
}

/// What was taken of the draft, what it was held against, and what was noted on it.
fn account(message: &mut String, parts: &Parts<'_>) {
    let account = parts.account;
    if !account.hunks.is_empty() {
        message.push_str("\nAccepted hunks:\n");
    }
    list(message, account.hunks.iter().map(|hunk| one_line(hunk, SENTENCE)), MOST_HUNKS);
    if account.n_left_out > 0 {
        push(message, &format!("Left out at the review: {}\n", account.n_left_out));
    }
    if !account.checks.is_empty() {
        message.push_str("\nChecks:\n");
    }
    for (check, speaks) in &account.checks {
        let word = match (speaks, check.passed) {
            (true, true) => "passed",
            (true, false) => "FAILED",
            (false, true) => "of the whole draft passed, not of what was accepted",
            (false, false) => "of the whole draft FAILED",
        };
        push(message, &format!("- {}: {word}. {}\n", check.name, one_line(&check.detail, SENTENCE)));
    }
    if !account.comments.is_empty() {
        message.push_str("\nNotes of the reviewer:\n");
    }
    for comment in &account.comments {
        let side = if comment.side == Side::Before { " (before)" } else { "" };
        let file = one_line(&comment.file, SENTENCE);
        push(message, &format!("- {file}:{}{side}: {}\n", comment.line, one_line(&comment.text, NOTE)));
    }
}

fn commits(message: &mut String, parts: &Parts<'_>) {
    if parts.commits.is_empty() {
        return;
    }
    message.push_str(match (&parts.scope, parts.origin) {
        (Scope::Range, _) => "\nTakes back:\n",
        (Scope::Files(_), Origin::Drafted) => "\nMends what came with:\n",
        (Scope::Hunks(_) | Scope::Files(_), _) => "\nTakes hunks back from among:\n",
    });
    let line = |commit: &crate::triage::Commit| {
        format!("{} {}", short(&commit.id), one_line(&commit.subject, MOST_CHARACTERS))
    };
    list(message, parts.commits.iter().map(line), MOST_COMMITS);
}

fn list(message: &mut String, lines: impl ExactSizeIterator<Item = String>, most: usize) {
    let n_more = lines.len().saturating_sub(most);
    lines.take(most).for_each(|line| push(message, &format!("- {line}\n")));
    if n_more > 0 {
        push(message, &format!("- and {n_more} more\n"));
    }
}

fn push(message: &mut String, text: &str) {
    // Writing to a String cannot fail.
    let _ = message.write_str(text);
}
