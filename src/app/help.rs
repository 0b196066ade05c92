//! What the help says: how the selected signature was judged, and the keys.

use super::keymap::{self, Action, Context};
use super::state::State;

/// One line of the help.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HelpLine {
    /// Begins a part; may hold text from a log.
    Heading(String),
    /// A figure of the judgement: its name, and its value in words.
    Figure(&'static str, String),
    /// Keys, what they do, and where, unless they work where the help was asked for.
    Key {
        /// The keys.
        keys: String,
        /// What they do.
        does: &'static str,
        /// Where; `None` when it is where the help was asked for.
        places: Option<String>,
    },
}

/// Where the person was when they asked for help.
#[must_use]
pub fn below(state: &State) -> Context {
    state.context_below_help()
}

/// The lines of the help.
#[must_use]
pub fn lines(state: &State) -> Vec<HelpLine> {
    let mut lines = judgement(state);
    if !lines.is_empty() {
        lines.push(HelpLine::Heading("Keys".to_owned()));
    }
    let here = below(state);
    // Who allowed no going back by itself has none to stop.
    let is_there =
        |action| keymap::exists(action, state.read_only()) && (action != Action::Stop || state.countdown().is_some());
    for (keys, does, places, is_here) in keymap::help(here, is_there) {
        lines.push(HelpLine::Key { keys, does, places: Some(places).filter(|_| !is_here) });
    }
    lines
}

/// How the selected signature was judged, where the help was asked for beside it.
fn judgement(state: &State) -> Vec<HelpLine> {
    let is_beside = matches!(below(state), Context::List | Context::Tail);
    let Some((row, focus)) = state.row().zip(state.focus()).filter(|_| is_beside) else { return Vec::new() };
    if focus.explanation.is_empty() {
        return Vec::new();
    }
    let heading = HelpLine::Heading(format!("How `{}` was judged", row.template));
    let figures = focus.explanation.iter().map(|(name, value)| HelpLine::Figure(name, value.clone()));
    [heading].into_iter().chain(figures).collect()
}

/// At least as many rows as the help has: figures may wrap to several.
#[must_use]
pub fn rows(state: &State) -> usize {
    let rows_of = |line: &HelpLine| match line {
        HelpLine::Heading(_) => 2,
        HelpLine::Figure(_, value) => value.len() / 30 + 1,
        HelpLine::Key { does, .. } => does.len() / 30 + 1,
    };
    lines(state).iter().map(rows_of).sum()
}
