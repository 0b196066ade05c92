//! From a key to what it does.

use super::super::effect::Effect;
use super::super::help;
use super::super::keymap::{self, Action, Context};
use super::super::layout::Panels;
use super::super::msg::Key;
use super::super::notice::Weight;
use super::super::place::Place;
use super::super::state::{Panel, State};
use super::{approval, building, copy, details, execution, fix, groups, making, review, standing, suspects, watching};

/// How a motion key moves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Motion {
    Up,
    Down,
    PageUp,
    PageDown,
    First,
    Last,
    Left,
    Right,
}

impl Motion {
    /// Where one gets from `at` among `n` places, with pages of this height.
    pub(super) fn apply(self, at: usize, n: usize, page: usize) -> usize {
        let page = page.saturating_sub(1).max(1);
        let to = match self {
            Self::Up => at.saturating_sub(1),
            Self::Down => at.saturating_add(1),
            Self::PageUp => at.saturating_sub(page),
            Self::PageDown => at.saturating_add(page),
            Self::First => 0,
            Self::Last => usize::MAX,
            Self::Left | Self::Right => at,
        };
        to.min(n.saturating_sub(1))
    }

    /// The columns scrolled off after the motion, from `shift` before it.
    pub(super) fn shift(self, shift: u16) -> u16 {
        match self {
            Self::Left => shift.saturating_sub(8),
            Self::Right => shift.saturating_add(8).min(4_000),
            Self::Up | Self::Down | Self::PageUp | Self::PageDown | Self::First | Self::Last => shift,
        }
    }
}

/// Applies a key.
pub(super) fn press(state: &mut State, key: Key) -> Vec<Effect> {
    if state.editing.is_some() {
        // The terminal is the editor's.
        return Vec::new();
    }
    if state.layout().is_none() {
        return press_unseen(state, key);
    }
    let context = state.context();
    if context.takes_text() && edit(state, context, key) {
        return Vec::new();
    }
    let Some(action) = keymap::action(context, key) else {
        return Vec::new();
    };
    state.notices.dismiss();
    if !keymap::exists(action, state.read_only()) {
        state.say(Weight::Warning, "This run is read-only: nothing can be approved or executed.");
        return Vec::new();
    }
    if let Some(reason) = state.refusal(action) {
        state.say(Weight::Warning, reason);
        return Vec::new();
    }
    act(state, context, action)
}

/// On a screen that is too small to show what a key would do, only leaving works.
fn press_unseen(state: &mut State, key: Key) -> Vec<Effect> {
    match (key, state.leaving) {
        (Key::Char('q'), false) => leave(state),
        (Key::Ctrl('c'), _) => leave(state),
        (Key::Char('y'), true) => vec![Effect::Quit],
        (Key::Char('n') | Key::Esc, true) => {
            state.leaving = false;
            Vec::new()
        }
        (Key::Ctrl('z'), _) => vec![Effect::Suspend],
        (
            Key::Char(_)
            | Key::Ctrl(_)
            | Key::Enter
            | Key::Esc
            | Key::Tab
            | Key::BackTab
            | Key::Backspace
            | Key::Delete
            | Key::Up
            | Key::Down
            | Key::Left
            | Key::Right
            | Key::PageUp
            | Key::PageDown
            | Key::Home
            | Key::End,
            _,
        ) => Vec::new(),
    }
}

/// Types text; says whether the key was one that types.
fn edit(state: &mut State, context: Context, key: Key) -> bool {
    let consents = context == Context::Approval;
    let notes = context == Context::Comment;
    match key {
        Key::Char(char) if notes => review::type_char(state, char),
        Key::Backspace if notes => review::retype(state, 1),
        Key::Ctrl('u') if notes => review::retype(state, usize::MAX),
        Key::Char(char) if consents => approval::type_char(state, char),
        Key::Backspace if consents => approval::erase(state, 1),
        Key::Ctrl('u') if consents => approval::erase(state, usize::MAX),
        Key::Char(char) if context == Context::Reason => fix::type_char(state, char),
        Key::Backspace if context == Context::Reason => fix::erase(state, 1),
        Key::Ctrl('u') if context == Context::Reason => fix::erase(state, usize::MAX),
        Key::Char(char) if context == Context::Naming => groups::type_char(state, char),
        Key::Backspace if context == Context::Naming => groups::erase(state, 1),
        Key::Ctrl('u') if context == Context::Naming => groups::erase(state, usize::MAX),
        Key::Char(char) => state.search.push(char),
        Key::Backspace => state.search.pop(),
        Key::Ctrl('u') => state.search.wipe(),
        Key::Ctrl(_)
        | Key::Enter
        | Key::Esc
        | Key::Tab
        | Key::BackTab
        | Key::Delete
        | Key::Up
        | Key::Down
        | Key::Left
        | Key::Right
        | Key::PageUp
        | Key::PageDown
        | Key::Home
        | Key::End => return false,
    }
    true
}

fn act(state: &mut State, context: Context, action: Action) -> Vec<Effect> {
    match action {
        Action::Lines => watching::show_lines(state),
        Action::Triage => suspects::open(state),
        Action::Diff | Action::Fix => remedy(state, action),
        Action::Verify => fix::open_verdict(state),
        Action::Choose => fix::chosen(state),
        Action::Run | Action::Insist => fix::run(state),
        Action::Approve => approval::open(state),
        Action::Take => review::take(state),
        Action::Edit => review::edit(state),
        Action::UndoEdit => review::undo_edit(state),
        Action::Note => review::note(state),
        Action::Keep => review::keep_note(state),
        Action::NextFile => review::next_file(state, true),
        Action::PreviousFile => review::next_file(state, false),
        Action::Sides => review::split(state),
        Action::Consent => approval::consent(state),
        Action::Scope => review::switch_scope(state),
        Action::Mark => suspects::mark(state),
        Action::Blame | Action::Acquit => suspects::rule(state, action == Action::Blame),
        Action::Retry => retry(state),
        Action::Back => back(state, context),
        Action::Yes => vec![Effect::Quit],
        Action::Stop => standing::stop_here(state),
        Action::NextFinding => watching::next_finding(state, true),
        Action::PreviousFinding => watching::next_finding(state, false),
        Action::Pause => watching::toggle_pause(state),
        Action::Filter => watching::toggle_filter(state),
        Action::Search => search(state),
        Action::Accept => accept(state),
        Action::NextMatch => find(state, true),
        Action::PreviousMatch => find(state, false),
        Action::Output => execution::open(state),
        Action::Details => details::open(state),
        Action::Copy => copy::copy(state),
        Action::Making => making::open(state),
        Action::MarkRow => groups::mark(state),
        Action::Merge => groups::merge(state),
        Action::Split => groups::split(state),
        Action::Rename => groups::rename(state),
        Action::Name => groups::name(state),
        Action::Pin => groups::pin(state),
        Action::Undo => groups::undo(state),
        Action::NextPanel => next_panel(state, true),
        Action::PreviousPanel => next_panel(state, false),
        Action::Up => go(state, context, Motion::Up),
        Action::Down => go(state, context, Motion::Down),
        Action::PageUp => go(state, context, Motion::PageUp),
        Action::PageDown => go(state, context, Motion::PageDown),
        Action::First => go(state, context, Motion::First),
        Action::Last => go(state, context, Motion::Last),
        Action::Left => go(state, context, Motion::Left),
        Action::Right => go(state, context, Motion::Right),
        Action::Theme => next_theme(state),
        Action::Help => toggle_help(state),
        Action::Suspend => vec![Effect::Suspend],
        Action::Quit | Action::Interrupt => leave(state),
    }
}

/// Opens the way to a remedy.
fn remedy(state: &mut State, action: Action) -> Vec<Effect> {
    if action == Action::Diff { review::open(state) } else { fix::open(state) }
}

fn search(state: &mut State) -> Vec<Effect> {
    state.search.open();
    Vec::new()
}

/// Keeps the typed search, and goes to its first match.
fn accept(state: &mut State) -> Vec<Effect> {
    state.search.accept();
    find(state, true)
}

fn toggle_help(state: &mut State) -> Vec<Effect> {
    state.help = if state.help.is_some() { None } else { Some(0) };
    Vec::new()
}

/// Leaves; while something is executed, asks first. Asked a second time, leaves.
fn leave(state: &mut State) -> Vec<Effect> {
    if (state.is_executing() || state.is_building()) && !state.leaving {
        state.leaving = true;
        return Vec::new();
    }
    vec![Effect::Quit]
}

fn back(state: &mut State, context: Context) -> Vec<Effect> {
    match context {
        Context::Leaving => state.leaving = false,
        Context::Search => state.search.cancel(),
        Context::Naming => state.naming = None,
        Context::Help => state.help = None,
        Context::List if state.search.clear() => {}
        Context::List => state.marked_rows.clear(),
        Context::Tail => state.panel = Panel::List,
        Context::Build => {}
        Context::Suspects => return suspects::close(state),
        Context::Author | Context::Repro | Context::Reason | Context::Fix => return fix::close(state),
        // A search is dropped before the review is left, so that n leads from hunk to hunk again.
        Context::Review if state.search.clear() => {}
        Context::Review => return review::close(state),
        Context::Comment => review::cancel_note(state),
        Context::Approval => return approval::close(state),
        Context::Execution | Context::Details | Context::Making => state.place = Place::Watching,
    }
    Vec::new()
}

fn retry(state: &mut State) -> Vec<Effect> {
    match &state.place {
        Place::Suspects(_) => suspects::retry(state),
        Place::Fix(_) => fix::retry(state),
        Place::Review(_) => review::retry(state),
        Place::Watching => building::again(state),
        Place::Approval(_) | Place::Execution | Place::Details(_) | Place::Making(_) => Vec::new(),
    }
}

fn find(state: &mut State, forward: bool) -> Vec<Effect> {
    match &state.place {
        Place::Watching => watching::find(state, forward),
        Place::Review(_) if state.search.query().is_empty() => review::next_hunk(state, forward),
        Place::Review(_) => review::find(state, forward),
        Place::Suspects(_)
        | Place::Fix(_)
        | Place::Approval(_)
        | Place::Execution
        | Place::Details(_)
        | Place::Making(_) => Vec::new(),
    }
}

fn next_panel(state: &mut State, is_forward: bool) -> Vec<Effect> {
    match &mut state.place {
        Place::Watching => {
            state.panel = if state.panel == Panel::List { Panel::Tail } else { Panel::List };
        }
        Place::Suspects(suspects) => suspects.in_detail = !suspects.in_detail,
        Place::Review(_) => review::next_panel(state, is_forward),
        Place::Fix(_) | Place::Approval(_) | Place::Execution | Place::Details(_) | Place::Making(_) => {}
    }
    Vec::new()
}

fn next_theme(state: &mut State) -> Vec<Effect> {
    let themes = &state.options.themes;
    let now = themes.iter().position(|name| *name == state.options.theme).map_or(0, |index| index + 1);
    if let Some(next) = themes.get(now).or_else(|| themes.first()).cloned() {
        state.say(Weight::Info, format!("Theme: {next}"));
        state.options.theme = next;
    }
    Vec::new()
}

fn go(state: &mut State, context: Context, motion: Motion) -> Vec<Effect> {
    match context {
        Context::Build => building::go(state, motion),
        Context::List => return watching::go_in_list(state, motion),
        Context::Tail => watching::go_in_tail(state, motion),
        Context::Suspects => suspects::go(state, motion),
        Context::Author => fix::choose(state, motion),
        Context::Repro | Context::Reason | Context::Fix => fix::go(state, motion),
        Context::Review => review::go(state, motion),
        Context::Approval => approval::go(state, motion),
        Context::Execution => execution::go(state, motion),
        Context::Details => details::go(state, motion),
        Context::Making => making::go(state, motion),
        Context::Help => {
            let (page, n) = (page(state), help::rows(state));
            if let Some(top) = &mut state.help {
                *top = motion.apply(*top, n, page).min(n.saturating_sub(page));
            }
        }
        Context::Search | Context::Comment | Context::Naming | Context::Leaving => {}
    }
    Vec::new()
}

/// Rows of the panel that a page of one panel has; 0 on others.
pub(crate) fn page(state: &State) -> usize {
    match state.layout().map(|layout| layout.panels) {
        Some(Panels::Whole(area)) => usize::from(area.content().height),
        Some(Panels::Watching { .. } | Panels::Suspects { .. } | Panels::Review { .. }) | None => 0,
    }
}
