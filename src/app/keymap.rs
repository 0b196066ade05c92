//! The one table of actions: from it come the meaning of a key, footer, help and the README's table.

mod table;

use std::fmt;

use super::desk::Decision;
use super::msg::Key;
use super::place::Place;
use super::state::State;

pub use table::ROWS;

/// Something that a person can ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Action {
    /// Show the lines of the selected signature.
    Lines,
    /// Find the change that caused the selected signature.
    Triage,
    /// Prepare the way back and show it as a diff.
    Diff,
    /// Find a fix by running the user's own test.
    Fix,
    /// Run the user's own test with and without the first suspect, for the verdict.
    Verify,
    /// Let the command on the screen run, or have the draft written.
    Run,
    /// Choose who finds a fix.
    Choose,
    /// Have the draft written against the evidence, for the typed reason.
    Insist,
    /// Go from the review to the approval.
    Approve,
    /// Accept a hunk, or leave it out.
    Take,
    /// Edit a hunk in the person's own editor.
    Edit,
    /// Take the edit of a hunk back.
    UndoEdit,
    /// Comment on a line.
    Note,
    /// Keep the typed comment.
    Keep,
    /// Go to the next file.
    NextFile,
    /// Go to the previous file.
    PreviousFile,
    /// Switch between lines below each other and side by side.
    Sides,
    /// Give consent with the typed word.
    Consent,
    /// Switch between taking back the whole range and the suspect hunks.
    Scope,
    /// Mark a suspect hunk to be taken back alone.
    Mark,
    /// Say that the selected hunk is the cause.
    Blame,
    /// Say that the deploy is not the cause.
    Acquit,
    /// Try again what failed.
    Retry,
    /// Go back one step.
    Back,
    /// Answer yes to the question asked.
    Yes,
    /// Stop going back by itself.
    Stop,
    /// Select the next finding.
    NextFinding,
    /// Select the previous finding.
    PreviousFinding,
    /// Pause the tail, or follow it again.
    Pause,
    /// Switch the tail between the selected signature and everything.
    Filter,
    /// Search.
    Search,
    /// Keep the typed search.
    Accept,
    /// Go to the next match.
    NextMatch,
    /// Go to the previous match.
    PreviousMatch,
    /// Show the output of what is, or was, executed.
    Output,
    /// Show sources, losses, deploys, incidents and notices.
    Details,
    /// Copy what is selected.
    Copy,
    /// Show how the selected signature was made.
    Making,
    /// Mark the selected row for a merge.
    MarkRow,
    /// Make one row of the marked ones and the selected one.
    Merge,
    /// Take a group apart.
    Split,
    /// Give a name to the selected row.
    Rename,
    /// Keep the typed name.
    Name,
    /// List the selected row first.
    Pin,
    /// Take back the newest decision about groups.
    Undo,
    /// Give the keys to the next panel.
    NextPanel,
    /// Give the keys to the previous panel.
    PreviousPanel,
    /// Move up.
    Up,
    /// Move down.
    Down,
    /// Move up a page.
    PageUp,
    /// Move down a page.
    PageDown,
    /// Move to the start.
    First,
    /// Move to the end.
    Last,
    /// Show what lies further left.
    Left,
    /// Show what lies further right.
    Right,
    /// Use the next theme.
    Theme,
    /// Show every key.
    Help,
    /// Give the terminal back for a while.
    Suspend,
    /// Leave.
    Quit,
    /// Leave, from anywhere.
    Interrupt,
}

/// Where a key is pressed: it decides what the key means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Context {
    /// In the list of signatures.
    List,
    /// In the tail.
    Tail,
    /// At a command that is built with.
    Build,
    /// Among the suspects.
    Suspects,
    /// Asked who shall find a fix.
    Author,
    /// Asked whether a command may run that finds a fix, or somebody may be asked for one.
    Repro,
    /// Typing why somebody is asked for a fix against the evidence; characters are typed.
    Reason,
    /// At the search for a fix.
    Fix,
    /// At the review of a draft.
    Review,
    /// Typing a comment on a line; characters are typed.
    Comment,
    /// At the approval of a plan; characters are typed.
    Approval,
    /// At what is executed.
    Execution,
    /// At the details of sources and incidents.
    Details,
    /// At how a signature was made.
    Making,
    /// At the help.
    Help,
    /// Typing a name for a row; characters are typed.
    Naming,
    /// Typing a search; characters are typed.
    Search,
    /// Asked whether to leave while something is executed.
    Leaving,
}

impl Context {
    /// Every context.
    pub const ALL: [Self; 18] = [
        Self::List,
        Self::Tail,
        Self::Build,
        Self::Suspects,
        Self::Author,
        Self::Repro,
        Self::Reason,
        Self::Fix,
        Self::Review,
        Self::Comment,
        Self::Approval,
        Self::Execution,
        Self::Details,
        Self::Making,
        Self::Help,
        Self::Naming,
        Self::Search,
        Self::Leaving,
    ];

    /// What people call it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::List => "signatures",
            Self::Tail => "tail",
            Self::Build => "build",
            Self::Suspects => "suspects",
            Self::Author => "author",
            Self::Repro => "command",
            Self::Reason => "reason",
            Self::Fix => "fix",
            Self::Review => "review",
            Self::Comment => "comment",
            Self::Approval => "approval",
            Self::Execution => "execution",
            Self::Details => "details",
            Self::Making => "signature",
            Self::Naming => "naming",
            Self::Help => "help",
            Self::Search => "search",
            Self::Leaving => "leaving",
        }
    }

    /// Whether printable characters are text here, and never actions.
    #[must_use]
    pub fn takes_text(self) -> bool {
        match self {
            Self::Approval | Self::Search | Self::Comment | Self::Naming | Self::Reason => true,
            Self::List
            | Self::Tail
            | Self::Build
            | Self::Suspects
            | Self::Author
            | Self::Repro
            | Self::Fix
            | Self::Review
            | Self::Execution
            | Self::Details
            | Self::Making
            | Self::Help
            | Self::Leaving => false,
        }
    }
}

/// One action and everything that is told about it.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    /// The action.
    pub action: Action,
    /// Its name in the footer.
    pub name: &'static str,
    /// What it does, as a phrase.
    pub help: &'static str,
    /// Its keys, and where each of them means it.
    pub keys: &'static [(Key, &'static [Context])],
    /// Whether the footer names it.
    pub in_footer: bool,
}

impl Row {
    /// The keys that mean this action here.
    pub fn keys_in(&self, context: Context) -> impl Iterator<Item = Key> {
        self.keys.iter().filter(move |(_, contexts)| contexts.contains(&context)).map(|(key, _)| *key)
    }
}

/// What a key means here.
#[must_use]
pub fn action(context: Context, key: Key) -> Option<Action> {
    let means = |row: &&Row| row.keys_in(context).any(|other| other == key);
    ROWS.iter().find(means).map(|row| row.action)
}

/// Whether the action is there at all; in read-only mode nothing that runs something, or could lead to it, is.
#[must_use]
pub fn exists(action: Action, read_only: bool) -> bool {
    let acts = [
        Action::Approve,
        Action::Consent,
        Action::Fix,
        Action::Verify,
        Action::Run,
        Action::Insist,
        Action::Edit,
        Action::Stop,
    ];
    !(read_only && acts.contains(&action))
}

/// The first key of an action, as people write it.
#[must_use]
pub fn key_of(action: Action) -> String {
    let row = ROWS.iter().find(|row| row.action == action);
    row.and_then(|row| row.keys.first()).map_or_else(String::new, |(key, _)| key.to_string())
}

/// The rows that mean something here and now, for the footer: each with the key to show.
pub fn footer(state: &State) -> impl Iterator<Item = (Key, &'static str)> {
    let context = state.context();
    ROWS.iter()
        .filter(|row| row.in_footer && exists(row.action, state.read_only()))
        .filter(|row| state.refusal(row.action).is_none())
        .filter_map(move |row| row.keys_in(context).next().map(|key| (key, name_now(row, state))))
}

/// What an action is called now: the key that accepts a hunk leaves out one that is accepted.
fn name_now(row: &Row, state: &State) -> &'static str {
    let Place::Review(review) = &state.place else { return row.name };
    let decision = review.work.ready().map(|desk| desk.decision_here());
    match (row.action, decision) {
        (Action::Take, Some(Decision::Accepted | Decision::Edited)) => "leave out",
        _ => row.name,
    }
}

/// The rows of the help: keys, what they do, where they do it, and whether that is in `context`; those first. Only of
/// actions that are there at all.
#[must_use]
pub fn help(context: Context, is_there: impl Fn(Action) -> bool) -> Vec<(String, &'static str, String, bool)> {
    let here = |row: &&Row| row.keys_in(context).next().is_some();
    let shown = || ROWS.iter().filter(|row| is_there(row.action));
    let line = |row: &Row| (keys_text(row), row.help, places_text(row), here(&row));
    shown().filter(here).map(line).chain(shown().filter(|row| !here(row)).map(line)).collect()
}

/// The table of keys for the README, as Markdown.
#[must_use]
pub fn markdown() -> String {
    let mut table = String::from("| Keys | Action | Where |\n| --- | --- | --- |\n");
    for row in ROWS {
        let keys: Vec<String> = names(row).iter().map(|key| format!("`{key}`")).collect();
        table.push_str(&format!("| {} | {} | {} |\n", keys.join(" "), row.help, places_text(row)));
    }
    table
}

fn names(row: &Row) -> Vec<String> {
    row.keys.iter().map(|(key, _)| key.to_string()).collect()
}

fn keys_text(row: &Row) -> String {
    names(row).join(" ")
}

fn places_text(row: &Row) -> String {
    let places: Vec<&str> = Context::ALL
        .iter()
        .filter(|context| row.keys_in(**context).next().is_some())
        .map(|context| context.name())
        .collect();
    if places.len() + 5 > Context::ALL.len() { "everywhere".to_owned() } else { places.join(", ") }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Char(' ') => f.write_str("Space"),
            Self::Char(char) => write!(f, "{char}"),
            Self::Ctrl(char) => write!(f, "Ctrl-{}", char.to_ascii_uppercase()),
            Self::Enter => f.write_str("Enter"),
            Self::Esc => f.write_str("Esc"),
            Self::Tab => f.write_str("Tab"),
            Self::BackTab => f.write_str("Shift-Tab"),
            Self::Backspace => f.write_str("Backspace"),
            Self::Delete => f.write_str("Delete"),
            Self::Up => f.write_str("↑"),
            Self::Down => f.write_str("↓"),
            Self::Left => f.write_str("←"),
            Self::Right => f.write_str("→"),
            Self::PageUp => f.write_str("PgUp"),
            Self::PageDown => f.write_str("PgDn"),
            Self::Home => f.write_str("Home"),
            Self::End => f.write_str("End"),
        }
    }
}

#[cfg(test)]
mod tests;
