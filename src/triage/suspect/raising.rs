//! Evidence from what raised the error: the hunk writes its message or raises its type, or it no
//! longer catches it.

use super::clue::Clues;
use super::evidence::{Family, Reason, Strength};
use super::flow::covers;
use super::place::raised_alike;
use super::sheet::{Piece, Sheet, holds_whole};
use super::weights as w;
use crate::triage::syntax::Source;

/// How a hunk lies to the stack.
pub(super) struct Footing {
    /// Whether its file is on the stack.
    pub(super) is_on_stack: bool,
    /// Whether the error can have been raised by its lines: the stack does not show another that did.
    pub(super) may_raise: bool,
    /// Whether the stack is known, and does not lead to the file.
    pub(super) is_elsewhere: bool,
    /// The lines of its file on the stack.
    pub(super) failed: Vec<u32>,
}

pub(super) const RAISES: &[&str] = &[
    "raise",
    "throw",
    "fail ",
    "panic",
    "Err(",
    "errors.New",
    "fmt.Errorf",
    "bail!",
    "ensure!",
    "reject(",
    "abort",
    "Fatal",
    "exit ",
];
/// Exceptions that any code may raise; the type alone says nothing.
pub(super) const GENERIC: &[&str] = &[
    "Error",
    "Exception",
    "RuntimeError",
    "RuntimeException",
    "ValueError",
    "TypeError",
    "StandardError",
    "ArgumentError",
    "IllegalArgumentException",
    "IllegalStateException",
    "InvalidOperationException",
    "ArgumentException",
    "AssertionError",
    "KeyError",
    "NotImplementedError",
    "OSError",
    "IOException",
    "Throwable",
    "ApplicationException",
];

/// The hunk writes the message or raises the exception; or it no longer catches it.
pub(super) fn weigh(
    clues: &Clues,
    sheets: &[Sheet<'_>],
    sheet: &Sheet<'_>,
    piece: &Piece<'_>,
    footing: &Footing,
) -> Option<Reason> {
    let mut raised = footing.may_raise.then(|| raised(clues, sheets, sheet, piece, footing.is_on_stack)).flatten();
    if let Some(reason) = raised.as_mut().filter(|_| footing.is_elsewhere) {
        // What the stack does not show may raise the same for somebody else.
        reason.points *= w::ELSEWHERE;
        reason.strength = Strength::Hints;
    }
    raised.or_else(|| if footing.is_on_stack { uncaught(clues, sheet, piece, &footing.failed) } else { None })
}

fn raised(
    clues: &Clues,
    sheets: &[Sheet<'_>],
    sheet: &Sheet<'_>,
    piece: &Piece<'_>,
    is_on_stack: bool,
) -> Option<Reason> {
    let place = piece.place(sheet.path());
    if let Some(line) = writes_message(clues, sheets, sheet, piece) {
        return Some(Reason::proving(
            Family::Raising,
            w::RAISED,
            format!("the text of the message was added at {}:{line}", sheet.path()),
        ));
    }
    let raises = |lines: &[String], name: &str| lines.iter().any(|line| raises_on(line, name));
    // What another hunk of the file no longer raises was moved.
    let raised_before = |name: &str| sheet.file.hunks.iter().any(|hunk| raises(&hunk.removed, name));
    let raising = clues.exceptions.iter().find(|name| raises(&piece.hunk.added, name) && !raised_before(name));
    if let Some(name) = raising.filter(|name| !GENERIC.contains(&name.as_str()) || is_on_stack) {
        let points = if GENERIC.contains(&name.as_str()) { w::RAISED * 0.4 } else { w::RAISED };
        let points = points * w::density(piece.n_lines());
        return Some(Reason::proving(
            Family::Raising,
            points,
            format!("`{name}` is raised by what was added at {place}"),
        ));
    }
    None
}

/// Whether a line of code raises an exception of this name: the name stands behind a word that raises, and neither is
/// in a comment.
fn raises_on(line: &str, name: &str) -> bool {
    let bare = line.trim_start();
    if ["#", "//", "*", "/*", "except", "catch", "rescue"].iter().any(|start| bare.starts_with(start)) {
        return false;
    }
    let code = [" # ", " // "].iter().find_map(|mark| line.split_once(mark)).map_or(line, |(code, _)| code);
    let behind = RAISES.iter().filter_map(|way| code.split_once(way)).map(|(_, behind)| behind);
    behind.into_iter().any(|behind| holds_whole(behind, name))
}

/// A handler that covered a line of the stack was taken away.
fn uncaught(clues: &Clues, sheet: &Sheet<'_>, piece: &Piece<'_>, failed: &[u32]) -> Option<Reason> {
    let place = piece.place(sheet.path());
    let catches = |lines: &[String], name: &str| {
        lines.iter().any(|line| {
            let line = line.trim_start().trim_start_matches('}').trim_start();
            let is_handler =
                ["except", "catch", "rescue"].iter().any(|word| line.starts_with(word)) || line.contains(".catch(");
            let is_all = line.starts_with("except:")
                || line.contains("except Exception")
                || line.starts_with("rescue =>")
                || line == "rescue"
                || line.contains("Throwable")
                || line.contains("catch (Exception")
                || line.contains("catch (e")
                || line.contains("catch {")
                || line.contains(".catch(");
            is_handler && (is_all || holds_whole(line, name))
        })
    };
    let covering = handlers_over(sheet, piece, failed);
    let name = clues.exceptions.iter().find(|name| catches(&covering, name) && !catches(&piece.hunk.added, name));
    let recovers =
        |lines: &[String]| lines.iter().any(|line| line.contains("recover()") || line.contains("catch_unwind"));
    let text = match name {
        Some(name) => format!("`{name}` is no longer caught at {place}"),
        None if clues.exceptions.is_empty() && recovers(&piece.hunk.removed) && !recovers(&piece.hunk.added) => {
            format!("the panic is no longer caught at {place}")
        }
        None => return None,
    };
    Some(Reason::deciding(Family::Raising, w::UNCAUGHT, text))
}

/// The removed lines that can have handled what failed at one of these lines of the file.
fn handlers_over(sheet: &Sheet<'_>, piece: &Piece<'_>, failed: &[u32]) -> Vec<String> {
    let before: Vec<u32> = failed.iter().map(|line| stood_at(sheet, piece, *line)).collect();
    let is_over = |number: u32| failed.is_empty() || before.iter().any(|line| covers(&sheet.before, number, *line));
    let lines = (piece.hunk.old_start..).zip(&piece.hunk.removed);
    // A handler that stands on one line with what it guards covers it anyway.
    lines.filter(|(number, line)| line.contains(".catch(") || is_over(*number)).map(|(_, line)| line.clone()).collect()
}

/// Where a line stood before the change; one that the hunk only took out of a block, at its old words.
fn stood_at(sheet: &Sheet<'_>, piece: &Piece<'_>, line: u32) -> u32 {
    let text = sheet.after.line(line).trim();
    let (first, last) = piece.hunk.touched();
    let is_in = first <= line && line <= last && !text.is_empty();
    let same = (piece.hunk.old_start..).zip(&piece.hunk.removed).find(|(_, old)| is_in && old.trim() == text);
    same.map_or_else(|| sheet.line_before(line), |(number, _)| number)
}

/// The line, if there is one, that the hunk added and that holds the text of the message, where no
/// removed line held it, nor any changed file before: a text that moved was written long ago.
fn writes_message(clues: &Clues, sheets: &[Sheet<'_>], sheet: &Sheet<'_>, piece: &Piece<'_>) -> Option<u32> {
    let wanted = clues.wanted.as_ref()?;
    let removed = piece.hunk.removed.join("\n");
    let added = piece.hunk.added.join("\n");
    if !wanted.may_be_in(added.as_bytes()) {
        return None;
    }
    let read = |text: &str| wanted.sites(&Source::read(sheet.path(), text)).into_iter().next();
    let site = read(&added)?;
    let stood = |other: &Sheet<'_>| other.path() != sheet.path() && !wanted.sites(&other.before).is_empty();
    let line = piece.hunk.new_start.saturating_add(site.line).saturating_sub(1);
    let is_new = read(&removed).is_none() && !sheets.iter().any(stood) && !raised_alike(sheet, sheet.after.line(line));
    is_new.then_some(line)
}
