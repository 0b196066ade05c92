//! What a person does to a draft: accept, leave out, edit, note.

use std::sync::Arc;

use super::super::super::desk::{Decision, Desk};
use super::super::super::effect::{Effect, Ticket};
use super::super::super::failure::Failure;
use super::super::super::notice::{Weight, sentence};
use super::super::super::place::{Place, ReviewPanel};
use super::super::super::state::{Editing, State};
use super::{desk, recompose};
use crate::remedy::draft::edit::{Page, Refusal};

/// The longest comment that can be typed, in bytes.
const LONGEST: usize = 500;

/// Accepts the hunk, or leaves it out; in the list of files, all of a file.
pub(in super::super) fn take(state: &mut State) -> Vec<Effect> {
    let in_files = matches!(&state.place, Place::Review(review) if review.panel == ReviewPanel::Files);
    let Some(desk) = desk(state) else { return Vec::new() };
    let draft = &desk.sheet.draft;
    let pieces: Vec<usize> =
        if in_files { draft.pieces_in(desk.file()).collect() } else { desk.piece().into_iter().collect() };
    if pieces.is_empty() {
        state.say(Weight::Warning, "This file cannot be left out alone: its name is no UTF-8.");
        return Vec::new();
    }
    let file = desk.file();
    let was_rejected = |piece: &usize| desk.choice.is_rejected(*piece);
    let accepts = if in_files { pieces.iter().all(was_rejected) } else { is_left_out(desk, file) };
    let together = pieces.iter().filter_map(|piece| draft.pieces().get(*piece)).find(|unit| unit.touches.len() > 1);
    let n_together = together.map_or(0, |unit| unit.touches.len());
    let whole = draft.piece_of_file(file).filter(|_| accepts);
    for piece in pieces.into_iter().chain(whole) {
        desk.choice.set(piece, accepts);
    }
    if n_together > 1 {
        let verb = if accepts { "accepted" } else { "left out" };
        state.say(Weight::Info, format!("{n_together} files belong together and are {verb} together."));
    }
    recompose(state)
}

/// Whether the hunk that the person is at is left out.
fn is_left_out(desk: &Desk, file: usize) -> bool {
    let of_hunk = desk.hunk().and_then(|(file, hunk)| Some(desk.decision(file, desk.sheet.hunk(file, hunk)?)));
    of_hunk.unwrap_or_else(|| desk.decision_on_file(file)) == Decision::Rejected
}

/// Opens a hunk in the person's own editor.
pub(in super::super) fn edit(state: &mut State) -> Vec<Effect> {
    let ticket = state.ticket();
    let Some(desk) = desk(state) else { return Vec::new() };
    let sheet = Arc::clone(&desk.sheet);
    let found = desk.hunk().and_then(|(file, place)| Some((file, sheet.hunk(file, place)?)));
    let Some((file, hunk)) = found else { return Vec::new() };
    let change = sheet.file(file);
    let before = change.and_then(|file| file.base_text.as_deref()).unwrap_or_default();
    let path = change.map(|file| file.path.as_str()).unwrap_or_default();
    match Page::new(before, hunk) {
        Ok(page) => {
            let place = format!("{path}, line {}", hunk.touched_before().0);
            let text = page.text(&place, sheet.added(hunk, &desk.choice));
            state.editing = Some(Editing { ticket, file, hunk: hunk.id, text: text.clone() });
            vec![Effect::Edit(ticket, text)]
        }
        Err(refusal) => refused(state, &refusal),
    }
}

fn refused(state: &mut State, refusal: &Refusal) -> Vec<Effect> {
    state.say(Weight::Warning, format!("The edit is refused: {refusal}. The hunk is as it was."));
    Vec::new()
}

/// Takes what the editor left, if it applies.
pub(in super::super) fn edited(state: &mut State, ticket: Ticket, answer: Result<String, Failure>) -> Vec<Effect> {
    let Some(editing) = state.editing.take_if(|editing| editing.ticket == ticket) else {
        return Vec::new();
    };
    let text = match answer {
        Ok(text) => text,
        Err(failure) => {
            state.say(Weight::Failure, sentence(&failure));
            return Vec::new();
        }
    };
    if text == editing.text {
        state.say(Weight::Info, "Nothing was edited.");
        return Vec::new();
    }
    let Some(desk) = desk(state) else { return Vec::new() };
    let sheet = Arc::clone(&desk.sheet);
    let Some(change) = sheet.file(editing.file) else { return Vec::new() };
    let Some(hunk) = change.hunks.iter().find(|hunk| hunk.id == editing.hunk) else { return Vec::new() };
    let before = change.base_text.as_deref().unwrap_or_default();
    let lines = match Page::new(before, hunk).and_then(|page| page.read(&text)) {
        Ok(lines) => lines,
        Err(refusal) => return refused(state, &refusal),
    };
    let piece = sheet.draft.piece_of(editing.file, hunk.id);
    if lines == hunk.removed {
        desk.edit(hunk.id, None);
        piece.into_iter().for_each(|piece| desk.choice.set(piece, false));
        state.say(Weight::Info, "The edit leaves these lines as they are, so the hunk is left out.");
    } else {
        desk.edit(hunk.id, (lines != hunk.added).then_some(lines));
        piece.into_iter().for_each(|piece| desk.choice.set(piece, true));
    }
    recompose(state)
}

/// Takes the edit of the hunk back.
pub(in super::super) fn undo_edit(state: &mut State) -> Vec<Effect> {
    let Some(desk) = desk(state) else { return Vec::new() };
    let sheet = Arc::clone(&desk.sheet);
    let Some(hunk) = desk.hunk().and_then(|(file, hunk)| sheet.hunk(file, hunk)) else { return Vec::new() };
    desk.edit(hunk.id, None);
    recompose(state)
}

/// Starts to type a comment on the line.
pub(in super::super) fn note(state: &mut State) -> Vec<Effect> {
    if let Some(desk) = desk(state)
        && let Some(spot) = desk.spot()
    {
        let text = desk.choice.comment_on(spot).unwrap_or_default().to_owned();
        desk.noting = Some((spot, text));
    }
    Vec::new()
}

/// Adds a character to the comment, as long as it stays short.
pub(in super::super) fn type_char(state: &mut State, char: char) {
    if let Some((_, text)) = desk(state).and_then(|desk| desk.noting.as_mut())
        && text.len() < LONGEST
    {
        text.push(char);
    }
}

/// Takes back so many characters of the comment.
pub(in super::super) fn retype(state: &mut State, n: usize) {
    if let Some((_, text)) = desk(state).and_then(|desk| desk.noting.as_mut()) {
        let keep = text.chars().count().saturating_sub(n);
        *text = text.chars().take(keep).collect();
    }
}

/// Drops the comment that is being typed.
pub(in super::super) fn cancel_note(state: &mut State) {
    if let Some(desk) = desk(state) {
        desk.noting = None;
    }
}

/// Keeps the comment; a blank one takes away what was noted.
pub(in super::super) fn keep_note(state: &mut State) -> Vec<Effect> {
    let Some(desk) = desk(state) else { return Vec::new() };
    let Some((spot, text)) = desk.noting.take() else { return Vec::new() };
    if desk.choice.comment_on(spot).unwrap_or_default() == text.trim() {
        return Vec::new();
    }
    if !desk.choice.comment(spot, &text) {
        state.say(Weight::Warning, "There are too many comments. Take one away first.");
        return Vec::new();
    }
    desk.lay_out(desk.is_split);
    recompose(state)
}
