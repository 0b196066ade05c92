//! Where a person is in a draft, and what of it is shown.

use super::super::super::desk::Desk;
use super::super::super::effect::Effect;
use super::super::super::notice::Weight;
use super::super::super::place::{Place, Review, ReviewPanel, Subject, Suspects, Work};
use super::super::super::sheet::{Row, Rows};
use super::super::super::state::State;
use super::super::keys::Motion;
use super::super::watching;
use super::{desk, heights};
use crate::app::layout::fits_split;
use crate::remedy::Plan;

/// Rows that are shown above a hunk that is gone to: its file's name and the lines before it.
const ROWS_ABOVE: usize = 5;

/// Moves through the files, their lines, or what is told about them.
pub(in super::super) fn go(state: &mut State, motion: Motion) {
    let (files_height, patch_height, about_height) = heights(state);
    let Place::Review(review) = &mut state.place else { return };
    let Some(n_about) = review.work.ready().map(|desk| about_rows(desk)) else { return };
    let panel = review.panel;
    if panel == ReviewPanel::About {
        let n = n_about.saturating_sub(about_height).saturating_add(1);
        review.about_top = motion.apply(review.about_top, n, about_height);
        return;
    }
    let Some(desk) = desk(state) else { return };
    if panel == ReviewPanel::Files {
        let to = motion.apply(desk.file(), desk.rows.files.len(), files_height);
        if to != desk.file() {
            desk.cursor = desk.rows.files.get(to).copied().unwrap_or(0);
            desk.top = desk.cursor;
        }
        return;
    }
    desk.shift = motion.shift(desk.shift);
    let before = desk.cursor;
    desk.cursor = motion.apply(desk.cursor, desk.rows.all.len(), patch_height);
    if matches!(motion, Motion::PageUp | Motion::PageDown) {
        // A page turns the window too, so that nothing is skipped and nothing is read twice.
        desk.top = if motion == Motion::PageDown {
            desk.top.saturating_add(desk.cursor.saturating_sub(before))
        } else {
            desk.top.saturating_sub(before.saturating_sub(desk.cursor))
        };
    }
}

/// Goes to the hunk of the suspect that is selected among those known: what did it is to be seen first, not what comes
/// first by its name. Of the way back it is the hunk that takes the suspect's lines away.
pub(in super::super) fn go_to_suspect(review: &mut Review) {
    let Some(suspect) = review.suspects().and_then(Suspects::current).cloned() else { return };
    let Work::Ready(desk) = &mut review.work else { return };
    let distance = |row: usize| {
        let (file, hunk) = desk.rows.all.get(row)?.hunk()?;
        let changed = desk.sheet.file(file)?;
        let is_it = changed.path == suspect.file || changed.old_path.as_ref() == Some(&suspect.file);
        let (first, last) = desk.sheet.hunk(file, hunk)?.touched_before();
        is_it.then_some(first.saturating_sub(suspect.end).max(suspect.start.saturating_sub(last)))
    };
    let nearest = desk.rows.hunks.iter().filter_map(|row| Some((distance(*row)?, *row))).min();
    if let Some((_, row)) = nearest {
        desk.cursor = row;
        desk.top = row.saturating_sub(ROWS_ABOVE);
    }
}

/// Goes to the next or previous hunk, in whichever file it is.
pub(in super::super) fn next_hunk(state: &mut State, is_forward: bool) -> Vec<Effect> {
    jump(state, is_forward, "hunk", |desk| &desk.rows.hunks)
}

/// Goes to the next or previous file.
pub(in super::super) fn next_file(state: &mut State, is_forward: bool) -> Vec<Effect> {
    jump(state, is_forward, "file", |desk| &desk.rows.files)
}

fn jump(state: &mut State, is_forward: bool, what: &str, starts: impl Fn(&Desk) -> &Vec<usize>) -> Vec<Effect> {
    let (_, height, _) = heights(state);
    let Some(desk) = desk(state) else { return Vec::new() };
    match Rows::next(starts(desk), desk.cursor, is_forward) {
        Some(row) => {
            desk.cursor = row;
            // A hunk is read from a few rows above it on.
            if row < desk.top || row + height / 3 >= desk.top + height {
                desk.top = row.saturating_sub(height / 4);
            }
            show_lines(state);
        }
        None => {
            let end = if is_forward { "last" } else { "first" };
            state.say(Weight::Info, format!("This is the {end} {what}."));
        }
    }
    Vec::new()
}

/// Gives the keys to the lines, unless the files have them.
fn show_lines(state: &mut State) {
    if let Place::Review(review) = &mut state.place
        && review.panel == ReviewPanel::About
    {
        review.panel = ReviewPanel::Diff;
    }
}

/// Gives the keys to the next panel, or the one before.
pub(in super::super) fn next_panel(state: &mut State, is_forward: bool) {
    if let Place::Review(review) = &mut state.place {
        let order = [ReviewPanel::Diff, ReviewPanel::About, ReviewPanel::Files];
        let at = order.iter().position(|panel| *panel == review.panel).unwrap_or(0);
        let to = (at + if is_forward { 1 } else { order.len() - 1 }) % order.len();
        review.panel = order.get(to).copied().unwrap_or(ReviewPanel::Diff);
    }
}

/// Switches between lines below each other and side by side.
pub(in super::super) fn split(state: &mut State) -> Vec<Effect> {
    let fits = state.layout().is_some_and(|layout| fits_split(layout.panels));
    let Some(desk) = desk(state) else { return Vec::new() };
    desk.wants_split = !desk.wants_split;
    if desk.wants_split && !fits {
        state.say(Weight::Warning, "There is no room for two sides here: a wider terminal shows them.");
    }
    Vec::new()
}

/// Goes to the next or previous match.
pub(in super::super) fn find(state: &mut State, forward: bool) -> Vec<Effect> {
    let Place::Review(review) = &state.place else { return Vec::new() };
    let Some(desk) = review.work.ready() else { return Vec::new() };
    let n_rows = desk.rows.all.len();
    let matches = |index: &usize| {
        let row = desk.rows.all.get(*index).copied();
        row.is_some_and(|row| texts(desk, row).into_iter().any(|text| state.search.matches(text)))
    };
    let from = desk.cursor.min(n_rows);
    let found = if forward {
        (from + 1..n_rows).chain(0..(from + 1).min(n_rows)).find(matches)
    } else {
        (0..from).rev().chain((from..n_rows).rev()).find(matches)
    };
    match found {
        Some(index) => {
            if let Some(desk) = self::desk(state) {
                desk.cursor = index;
            }
            if let Place::Review(review) = &mut state.place {
                review.panel = ReviewPanel::Diff;
            }
            Vec::new()
        }
        None => watching::not_found(state),
    }
}

/// The texts of a row.
fn texts(desk: &Desk, row: Row) -> Vec<&str> {
    let sheet = &desk.sheet;
    match row {
        Row::File { file } | Row::About { file } => {
            sheet.file(file).map(|file| vec![file.path.as_str()]).unwrap_or_default()
        }
        Row::Gap { .. } => Vec::new(),
        Row::Context { file, old, .. } => vec![sheet.line_before(file, old)],
        Row::Removed { file, hunk, index } => {
            sheet.hunk(file, hunk).and_then(|hunk| hunk.removed.get(index)).map(String::as_str).into_iter().collect()
        }
        Row::Added { file, hunk, index, .. } => {
            let hunk = sheet.hunk(file, hunk);
            let added = hunk.and_then(|hunk| sheet.added(hunk, &desk.choice).get(index));
            added.map(String::as_str).into_iter().collect()
        }
        Row::Pair { file, hunk, index, .. } => {
            let Some(hunk) = sheet.hunk(file, hunk) else { return Vec::new() };
            let sides = [hunk.removed.get(index), sheet.added(hunk, &desk.choice).get(index)];
            sides.into_iter().flatten().map(String::as_str).collect()
        }
        Row::Comment { spot } => desk.choice.comment_on(spot).into_iter().collect(),
    }
}

/// At least as many rows as are told about a draft: sentences may wrap to several.
pub(in super::super) fn about_rows(desk: &Desk) -> usize {
    let draft = &desk.sheet.draft;
    let checks = draft.checks.iter().map(|check| 1 + wrapped(&check.detail)).sum::<usize>();
    let reasons = draft.reasons.iter().map(|taken| 1 + wrapped(&taken.why)).max().unwrap_or(8);
    let notes = draft.notes.iter().map(|note| wrapped(note)).sum::<usize>();
    checks + reasons + notes + wrapped(&draft.evidence) + wrapped(&draft.verdict) + plan_rows(&desk.shown.plan) + 24
}

fn wrapped(text: &str) -> usize {
    text.len() / 16 + 1
}

/// At least as many rows as are told about a plan.
pub(in super::super) fn plan_rows(plan: &Plan) -> usize {
    let concerns = plan.concerns.iter().map(|concern| {
        3 + wrapped(&concern.why) + wrapped(&concern.safer) + wrapped(&concern.file) + wrapped(&concern.rule)
    });
    let steps = plan
        .steps
        .iter()
        .map(|step| 1 + wrapped(&step.does) + step.argv.iter().map(|argument| wrapped(argument)).sum::<usize>());
    let message = plan.message.lines().map(wrapped).sum::<usize>();
    concerns.chain(steps).sum::<usize>() + message + 12
}

impl State {
    /// Why the scope cannot be switched, as a sentence; `None` when it can.
    pub(crate) fn no_other_scope(&self) -> Option<&'static str> {
        match &self.place {
            Place::Review(review) => match &review.subject {
                Subject::Rollback { hunks, .. } if hunks.is_empty() => {
                    Some("No suspect hunk is known. Press Esc, then t to find one.")
                }
                Subject::Rollback { .. } => None,
                Subject::Fix => Some("A fix is not the whole deploy. Space leaves hunks out."),
            },
            Place::Watching
            | Place::Suspects(_)
            | Place::Fix(_)
            | Place::Approval(_)
            | Place::Execution
            | Place::Details(_)
            | Place::Making(_) => Some("There is no plan on the screen."),
        }
    }
}
