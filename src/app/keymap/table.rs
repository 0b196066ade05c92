//! The rows, most important first: a narrow footer shows the first of them.

use super::{Action, Context, Row};
use crate::app::msg::Key;

use Context::{
    Approval, Author, Build, Comment, Details, Execution, Fix, Help, Leaving, List, Making, Naming, Reason, Repro,
    Review, Search, Suspects, Tail,
};

const BROWSING: &[Context] = &[List, Tail];
const SCROLLING: &[Context] =
    &[List, Tail, Build, Suspects, Author, Repro, Fix, Review, Execution, Details, Making, Help];
const SCROLLING_OR_APPROVAL: &[Context] =
    &[List, Tail, Build, Suspects, Author, Repro, Fix, Review, Execution, Details, Making, Help, Approval, Reason];
const SHIFTING: &[Context] = &[Tail, Build, Suspects, Review, Execution];
const PANELS: &[Context] = &[List, Tail, Suspects, Review];
const SEARCHING: &[Context] = &[List, Tail, Review];
const NOT_TYPING: &[Context] = SCROLLING;
const EVERYWHERE: &[Context] = &Context::ALL;

const fn row(
    action: Action,
    name: &'static str,
    help: &'static str,
    keys: &'static [(Key, &'static [Context])],
) -> Row {
    Row { action, name, help, keys, in_footer: true }
}

/// A row that the footer leaves out, because everybody knows its keys or the help is enough.
const fn quiet(action: Action, help: &'static str, keys: &'static [(Key, &'static [Context])]) -> Row {
    Row { action, name: help, help, keys, in_footer: false }
}

/// Every action.
pub const ROWS: &[Row] = &[
    row(
        Action::Stop,
        "stop rollback",
        "Stop going back by itself, for this deploy; recorded",
        &[(Key::Ctrl('x'), EVERYWHERE)],
    ),
    row(Action::Consent, "approve", "Approve the plan on screen with the typed word", &[(Key::Enter, &[Approval])]),
    row(Action::Yes, "leave", "Leave although something is being executed", &[(Key::Char('y'), &[Leaving])]),
    row(Action::Choose, "choose", "Choose who finds the fix", &[(Key::Enter, &[Author])]),
    row(
        Action::Run,
        "go ahead",
        "Let the command on screen run, or have the draft on screen written",
        &[(Key::Char('y'), &[Repro])],
    ),
    row(
        Action::Insist,
        "ask all the same",
        "Have the draft written against the evidence, for the typed reason; recorded",
        &[(Key::Enter, &[Reason])],
    ),
    row(Action::Keep, "keep", "Keep the comment; a blank one takes it away", &[(Key::Enter, &[Comment])]),
    row(Action::Accept, "keep", "Keep the search and go to the first match", &[(Key::Enter, &[Search])]),
    row(Action::Lines, "lines", "Show the lines of the selected signature", &[(Key::Enter, &[List])]),
    row(
        Action::Triage,
        "suspects",
        "Find the change that caused the selected signature",
        &[(Key::Char('t'), &[List, Tail, Build]), (Key::Enter, &[Tail, Build])],
    ),
    row(
        Action::Diff,
        "diff",
        "Prepare the rollback and show it as a diff",
        &[(Key::Char('d'), &[List, Tail, Build, Suspects]), (Key::Enter, &[Suspects])],
    ),
    row(
        Action::Approve,
        "approve",
        "Go on to the approval of the plan on screen",
        &[(Key::Char('a'), &[Review]), (Key::Enter, &[Review])],
    ),
    row(
        Action::Take,
        "accept",
        "Accept the hunk, or leave it out; in the list of files, the whole file",
        &[(Key::Char(' '), &[Review])],
    ),
    row(
        Action::NextMatch,
        "next",
        "Go to the next match; in a review without a search, to the next hunk",
        &[(Key::Char('n'), SEARCHING)],
    ),
    quiet(
        Action::PreviousMatch,
        "Go to the previous match; in a review without a search, to the previous hunk",
        &[(Key::Char('N'), SEARCHING)],
    ),
    row(Action::Edit, "edit", "Edit the hunk in $VISUAL or $EDITOR", &[(Key::Char('e'), &[Review])]),
    row(
        Action::Note,
        "comment",
        "Comment on the line; kept in the record and in the commit's message",
        &[(Key::Char('c'), &[Review])],
    ),
    row(
        Action::Fix,
        "fix",
        "Find a fix: run your test with parts of the deploy taken back, or ask a model or an agent",
        &[(Key::Char('F'), &[List, Tail, Build, Suspects])],
    ),
    row(
        Action::Verify,
        "run test",
        "Run your test with and without the first suspect: is the error older?",
        &[(Key::Char('v'), &[Suspects])],
    ),
    row(
        Action::Retry,
        "retry",
        "Try again what failed; run the command again",
        &[(Key::Char('r'), &[Build, Suspects, Fix, Review])],
    ),
    row(
        Action::Scope,
        "range/hunks",
        "Take back the whole range, or the suspect hunks only",
        &[(Key::Char('R'), &[Review])],
    ),
    quiet(Action::Blame, "Say that the selected hunk did it; recorded", &[(Key::Char('c'), &[Suspects])]),
    quiet(Action::Acquit, "Say that this deploy did not do it; recorded", &[(Key::Char('0'), &[Suspects])]),
    row(Action::Mark, "mark", "Mark the hunk, to take back marked hunks only", &[(Key::Char('x'), &[Suspects])]),
    row(
        Action::Back,
        "back",
        "Go back one step; never leaves",
        &[(Key::Esc, EVERYWHERE), (Key::Char('n'), &[Leaving])],
    ),
    row(Action::Help, "help", "Show how it was judged, and every key", &[(Key::Char('?'), NOT_TYPING)]),
    row(Action::Quit, "quit", "Leave; asks only while something still runs", &[(Key::Char('q'), NOT_TYPING)]),
    row(Action::NextFinding, "finding", "Select the next finding", &[(Key::Char('e'), BROWSING)]),
    quiet(Action::PreviousFinding, "Select the previous finding", &[(Key::Char('E'), BROWSING)]),
    row(Action::Pause, "pause", "Pause the tail, or follow it again", &[(Key::Char(' '), BROWSING)]),
    row(
        Action::Filter,
        "filter",
        "Switch the tail between the selection and everything",
        &[(Key::Char('f'), BROWSING)],
    ),
    row(Action::Search, "search", "Search in list and tail, or in the patch", &[(Key::Char('/'), SEARCHING)]),
    row(Action::NextFile, "file", "Go to the next file", &[(Key::Char(']'), &[Review])]),
    quiet(Action::PreviousFile, "Go to the previous file", &[(Key::Char('['), &[Review])]),
    row(
        Action::Sides,
        "sides",
        "Show lines before and after side by side, or below each other",
        &[(Key::Char('s'), &[Review])],
    ),
    row(Action::UndoEdit, "unedit", "Take the edit of the hunk back", &[(Key::Char('u'), &[Review])]),
    row(
        Action::Output,
        "output",
        "Show what is, or was, executed",
        &[(Key::Char('o'), &[List, Tail, Build, Suspects, Review, Details])],
    ),
    row(
        Action::Details,
        "details",
        "Show sources, losses, deploys, incidents and notices",
        &[(Key::Char('i'), BROWSING)],
    ),
    row(
        Action::Copy,
        "copy",
        "Copy what is selected",
        &[(Key::Char('y'), &[List, Tail, Suspects, Review, Execution, Making])],
    ),
    row(Action::NextPanel, "panel", "Give the keys to the next panel", &[(Key::Tab, PANELS)]),
    quiet(Action::PreviousPanel, "Give the keys to the previous panel", &[(Key::BackTab, PANELS)]),
    row(
        Action::Making,
        "signature",
        "Show how the selected signature was made, and what it stands for",
        &[(Key::Char('w'), BROWSING)],
    ),
    row(Action::Name, "name", "Give the row the typed name; none gives back its own", &[(Key::Enter, &[Naming])]),
    row(Action::MarkRow, "mark", "Mark the row, to merge it with others", &[(Key::Char('m'), &[List])]),
    row(Action::Merge, "merge", "Make one row of the marked ones and this one", &[(Key::Char('M'), &[List])]),
    row(Action::Split, "split", "Take the group apart: each signature stands for itself", &[(Key::Char('S'), &[List])]),
    quiet(Action::Rename, "Give the row a name", &[(Key::Char('r'), &[List])]),
    quiet(Action::Pin, "List the row first, or no longer", &[(Key::Char('p'), &[List])]),
    row(Action::Undo, "undo", "Take back the newest merge, split, name or pin", &[(Key::Char('u'), &[List])]),
    quiet(Action::Up, "Move up", &[(Key::Char('k'), SCROLLING), (Key::Up, SCROLLING_OR_APPROVAL)]),
    quiet(Action::Down, "Move down", &[(Key::Char('j'), SCROLLING), (Key::Down, SCROLLING_OR_APPROVAL)]),
    quiet(
        Action::PageUp,
        "Move up a page",
        &[(Key::PageUp, SCROLLING_OR_APPROVAL), (Key::Ctrl('u'), SCROLLING), (Key::Ctrl('b'), SCROLLING)],
    ),
    quiet(
        Action::PageDown,
        "Move down a page",
        &[(Key::PageDown, SCROLLING_OR_APPROVAL), (Key::Ctrl('d'), SCROLLING), (Key::Ctrl('f'), SCROLLING)],
    ),
    quiet(Action::First, "Move to the start", &[(Key::Char('g'), SCROLLING), (Key::Home, SCROLLING_OR_APPROVAL)]),
    quiet(
        Action::Last,
        "Move to the end; the tail follows again",
        &[(Key::Char('G'), SCROLLING), (Key::End, SCROLLING_OR_APPROVAL)],
    ),
    quiet(Action::Left, "Show what lies further left", &[(Key::Char('h'), SHIFTING), (Key::Left, SHIFTING)]),
    quiet(Action::Right, "Show what lies further right", &[(Key::Char('l'), SHIFTING), (Key::Right, SHIFTING)]),
    quiet(Action::Theme, "Use the next theme", &[(Key::Char('T'), NOT_TYPING)]),
    quiet(Action::Suspend, "Give the terminal back; `fg` returns", &[(Key::Ctrl('z'), EVERYWHERE)]),
    quiet(Action::Interrupt, "Leave from anywhere", &[(Key::Ctrl('c'), EVERYWHERE)]),
];
