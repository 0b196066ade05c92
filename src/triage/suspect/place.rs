//! Evidence from how a hunk lies to one place of the error: on its line, in its function, in its file.

use std::collections::BTreeSet;

use super::evidence::{Family, Reason, Strength};
use super::flow::{governs, is_given, is_made, leaves_first, loses_check, runs_before, starts_test};
use super::raising::RAISES;
use super::sheet::{Piece, Sheet, holds_whole};
use super::stack::Spot;
use super::way::{loses_exit, opened};
use super::weights as w;
use crate::triage::syntax::words;

/// What a place of the hunk's own file says about it.
pub(super) fn at_spot(spot: &Spot, sheet: &Sheet<'_>, piece: &Piece<'_>) -> Vec<Reason> {
    let fade = w::FADE.powi(i32::try_from(spot.place.depth).unwrap_or(i32::MAX)) * spot.place.certainty;
    let (first, last) = piece.hunk.touched();
    let in_file = |points: f64| {
        let text = format!("{} is in the changed file {}", spot.name(), sheet.path());
        vec![Reason::new(Family::Stack, points * fade, text)]
    };
    let Some(line) = spot.place.line.filter(|_| !piece.hunk.is_whole_file()) else {
        let is_in_function = !spot.place.function.is_empty() && piece.functions.contains(&spot.place.function);
        return in_file(if is_in_function { w::FUNCTION * 0.75 } else { w::FILE });
    };
    let distance = if spot.last_line < first { first - spot.last_line } else { line.saturating_sub(last) };
    if distance == 0 {
        let mut reasons = on_line(spot, line, fade, sheet, piece);
        let first = spot.function.as_ref().map(|(_, first, _)| *first).filter(|_| piece.hunk.added.is_empty());
        reasons.extend(first.and_then(|first| opened(spot, first, sheet, piece)));
        return reasons;
    }
    match &spot.function {
        // The methods of a class do not run one after another.
        Some((class, from, to)) if !spot.in_function && first <= *to && *from <= last => {
            let is_of_class = sheet.scopes_after.at(first).is_some_and(|scope| scope.name == *class);
            in_file(if is_of_class { w::FUNCTION / 2.0 } else { w::FILE })
        }
        Some((function, from, to)) if first <= *to && *from <= last => {
            let ran = runs_before(&sheet.after, (*from, *to), spot.last_line, (first, last))
                && !leaves_before(spot, *from, sheet, piece);
            let mut reasons = in_function(spot, function, distance, ran, fade, &piece.place(sheet.path()), piece);
            reasons.extend(if ran { opened(spot, *from, sheet, piece) } else { None });
            reasons
        }
        Some(_) | None => in_file(w::FILE),
    }
}

/// The hunk touches the very line.
fn on_line(spot: &Spot, line: u32, fade: f64, sheet: &Sheet<'_>, piece: &Piece<'_>) -> Vec<Reason> {
    let place = piece.place(sheet.path());
    let what = if piece.hunk.added.is_empty() { "lost lines" } else { "was changed" };
    // New code has the calls of all that runs through it; and of a call further out that was there
    // before in other words, only the arguments are new.
    let is_outer = spot.place.depth > 0;
    let is_kept = !loses_test(piece);
    let is_reworded = is_outer && is_kept && was_there(piece, sheet.after.line(line));
    // The call was only moved: the way to the failure is older than the deploy.
    let is_moved = is_outer && is_kept && !is_reworded && was_called(spot, sheet)
        || stood_elsewhere(spot, sheet, piece, sheet.after.line(line))
        || was_raised(spot, sheet, piece, sheet.after.line(line));
    let fade = if is_outer { fade * w::density(piece.n_lines()) } else { fade };
    let points = w::LINE * if is_reworded || is_moved { w::REWORDED_CALL } else { 1.0 } * fade;
    // Two calls further in, much else can have gone wrong.
    let is_far = spot.place.depth > 1;
    // A step that a test kept from being taken is new all the same.
    let is_same_step = spot.place.depth == 0 && is_kept && did_the_same(spot, piece, sheet.after.line(line));
    let strength = match (is_moved || is_same_step, is_far && is_reworded, is_reworded || is_far) {
        (true, ..) => Strength::Hints,
        (false, true, _) => Strength::Suggests,
        (false, false, true) => Strength::Decides,
        (false, false, false) => Strength::Proves,
    };
    let text = format!("{}: that line {what} by {place}", spot.name());
    let mut reasons = vec![Reason { strength, ..Reason::new(Family::Stack, points, text) }];
    let shown = spot.place.source.as_deref().map(str::trim).filter(|source| source.len() > 12);
    if shown.is_some_and(|shown| piece.hunk.added.iter().any(|line| line.trim() == shown)) {
        let text = format!("the source line that the trace shows was added at {place}");
        let strength =
            if is_reworded || is_moved || is_far || is_same_step { Strength::Hints } else { Strength::Proves };
        reasons.push(Reason { strength, ..Reason::new(Family::Stack, w::SOURCE_TEXT * fade, text) });
    }
    reasons
}

/// The hunk lies elsewhere in the function; `ran` says whether it can have run before the line.
fn in_function(
    spot: &Spot,
    function: &str,
    distance: u32,
    ran: bool,
    fade: f64,
    place: &str,
    piece: &Piece<'_>,
) -> Vec<Reason> {
    let name = spot.name();
    let is_near = distance <= w::NEAR_LINES;
    let points = w::FUNCTION * if is_near { w::NEAR } else { 1.0 } * if ran { 1.0 } else { w::BELOW } * fade;
    let is_below = spot.place.line.is_some_and(|line| piece.hunk.touched().0 > line);
    let below = match (ran, is_below) {
        (true, _) => "",
        (false, true) => ", below the line that failed",
        (false, false) => ", in a branch that leaves before the line that failed",
    };
    let unit = if distance == 1 { "line" } else { "lines" };
    let text = format!("{name} is in `{function}`, which was changed at {place}, {distance} {unit} away{below}");
    let shares = |name: &&String| {
        piece.added.contains(name.as_str()) || piece.removed.contains(name.as_str()) || is_made(piece, name)
    };
    // A function that both call is no value that goes from one to the other, unless it is called on the same object.
    let holds = |text: &String| piece.hunk.removed.iter().chain(&piece.hunk.added).any(|line| holds_whole(line, text));
    let is_value = |name: &&String| match spot.invoked.get(*name) {
        Some(whole) => is_given(piece, name) || !whole.is_empty() && holds(whole),
        None => true,
    };
    let governed = spot.depends.iter().filter(shares).filter(is_value).find(|name| governs(piece, name));
    let shared = governed.or_else(|| spot.uses.iter().filter(is_value).find(shares)).filter(|_| ran);
    let fed = || spot.feeds.iter().filter(shares).find(|name| governs(piece, name));
    let fed = if governed.is_none() && ran { fed() } else { None };
    let is_unchecked = ran && (loses_check(piece, &spot.depends) || loses_check(piece, &spot.feeds));
    let is_in_reach = governed.is_some() && distance <= w::GOVERNED_LINES;
    let decides = spot.place.depth <= 1 && ran && (is_in_reach || (is_near && spot.wrote))
        || spot.place.depth <= 2 && is_unchecked && distance <= w::GOVERNED_LINES;
    let feeds = fed.is_some() && distance <= w::FEEDING_LINES;
    let is_given_far = fed.is_some_and(|name| distance <= w::GIVEN_LINES && is_given(piece, name));
    let leads = spot.place.depth <= 1 && ran && (shared.is_some() && distance <= w::GOVERNED_LINES || feeds);
    // What failed in the very function that changed, close above the line or by what the line uses, is seldom
    // chance; a distant line that feeds nothing is, and so is one close to a mere call.
    let suggests =
        ran && (spot.place.depth == 0 && (is_near || is_given_far) || spot.place.depth <= 2 && shared.is_some());
    let strength = match (decides, leads, suggests) {
        (true, _, _) => Strength::Decides,
        (false, true, _) => Strength::Leads,
        (false, false, true) => Strength::Suggests,
        (false, false, false) => Strength::Hints,
    };
    let mut reasons = vec![Reason { strength, ..Reason::new(Family::Stack, points, text) }];
    if let Some(shared) = shared {
        let text = format!("{place} changes `{shared}`, which the failing line uses");
        reasons.push(Reason::new(Family::Stack, w::SHARED_NAME * fade, text));
    } else if let Some(fed) = fed {
        let text = format!("{place} changes `{fed}`, of which what the failing line uses is made");
        reasons.push(Reason::new(Family::Stack, w::SHARED_NAME / 2.0 * fade, text));
    }
    if is_unchecked {
        let text = format!("{place} takes away a test that kept the failing line from being reached");
        reasons.push(Reason::new(Family::Stack, w::SHARED_NAME * fade, text));
    }
    reasons
}

/// Whether all that the hunk changes lies in branches that leave the function without coming to the line, before the
/// change and after it.
fn leaves_before(spot: &Spot, from: u32, sheet: &Sheet<'_>, piece: &Piece<'_>) -> bool {
    let hunk = piece.hunk;
    let last = |start: u32, lines: &[String]| {
        start.saturating_add(u32::try_from(lines.len()).unwrap_or(u32::MAX)).saturating_sub(1)
    };
    let Some(line) = spot.place.line else { return false };
    let after = (hunk.new_start, last(hunk.new_start, &hunk.added));
    let before = (hunk.old_start, last(hunk.old_start, &hunk.removed));
    // What is gone of a branch may be just what left it.
    if hunk.added.is_empty() && loses_exit(piece) {
        return false;
    }
    let leaves_after = || leaves_first(&sheet.after, from, after, line);
    let leaves_before = || leaves_first(&sheet.before, sheet.line_before(from), before, sheet.line_before(line));
    (hunk.added.is_empty() || leaves_after()) && (hunk.removed.is_empty() || leaves_before())
}

/// Whether the very line, as deep as it is, stood elsewhere within the hunk before, or outside of functions within
/// the file: sorted, and not changed.
fn stood_elsewhere(spot: &Spot, sheet: &Sheet<'_>, piece: &Piece<'_>, line: &str) -> bool {
    let is_same = |old: &String| old.trim_end() == line.trim_end();
    let of_file = || sheet.file.hunks.iter().flat_map(|hunk| &hunk.removed);
    line.trim().len() > 8 && (piece.hunk.removed.iter().any(is_same) || !spot.in_function && of_file().any(is_same))
}

/// Whether a function that the hunk makes only raises what the file raised before: the check that came to that is older.
fn was_raised(spot: &Spot, sheet: &Sheet<'_>, piece: &Piece<'_>, line: &str) -> bool {
    let is_new = spot.function.as_ref().is_some_and(|(name, first, last)| {
        spot.in_function && last - first <= 3 && sheet.scopes_before.n_named(name) == 0
    });
    is_new && piece.hunk.added.iter().any(|added| added == line) && raised_alike(sheet, line)
}

/// Whether a line raises what a line that the change took from the file raised, in much the same words.
pub(super) fn raised_alike(sheet: &Sheet<'_>, line: &str) -> bool {
    let raises = |line: &str| RAISES.iter().any(|way| line.trim_start().starts_with(way));
    let removed = sheet.file.hunks.iter().flat_map(|hunk| &hunk.removed).filter(|line| raises(line));
    raises(line) && holds_most(removed, line)
}

/// Whether what failed on the line, taking an element by its number, was there before in the same words.
fn did_the_same(spot: &Spot, piece: &Piece<'_>, line: &str) -> bool {
    if !spot.is_out_of_range {
        return false;
    }
    let taken = elements(line);
    !taken.is_empty() && taken.iter().all(|element| piece.hunk.removed.iter().any(|old| old.contains(element)))
}

/// The expressions of a line that take an element: `rows[at + 1]`.
fn elements(line: &str) -> Vec<&str> {
    let is_name = |c: char| c.is_alphanumeric() || matches!(c, '_' | '.');
    let opened = line.match_indices('[').filter_map(|(at, _)| {
        let head = line.get(..at)?;
        let start = head.trim_end_matches(is_name).len();
        let end = line.get(at..)?.find(']')?;
        if start == at { None } else { line.get(start..=at + end) }
    });
    opened.collect()
}

/// Whether the hunk takes away a condition, so that what it keeps runs where it did not before; one that now stands
/// behind its statement is still there.
fn loses_test(piece: &Piece<'_>) -> bool {
    let is_behind = |line: &String| [" unless ", " if "].iter().any(|word| line.contains(word));
    // Of a test in two parts, one may be gone.
    let parts =
        |line: &String| [" and ", "and ", "&&"].iter().map(|word| line.matches(word).count()).max().unwrap_or(0);
    let n_parts =
        |lines: &[String]| lines.iter().map(|line| usize::from(starts_test(line)) + parts(line)).sum::<usize>();
    let n_behind = piece.hunk.added.iter().filter(|line| !starts_test(line) && is_behind(line)).count();
    n_parts(&piece.hunk.removed) > n_parts(&piece.hunk.added) + n_behind
}

/// Whether the function called before the change all that the line calls.
fn was_called(spot: &Spot, sheet: &Sheet<'_>) -> bool {
    let Some((name, ..)) = spot.function.as_ref().filter(|_| spot.in_function) else { return false };
    let all_called = |first: u32, last: u32| {
        let words: BTreeSet<&str> = sheet.before.words_in(first, last).collect();
        spot.calls.iter().all(|call| words.contains(call.as_str()))
    };
    !spot.calls.is_empty() && sheet.scopes_before.named(name).any(|scope| all_called(scope.first, scope.last))
}

/// Whether one of the removed lines holds most names of this line.
fn was_there(piece: &Piece<'_>, line: &str) -> bool {
    holds_most(piece.hunk.removed.iter(), line)
}

/// Whether one of these lines holds most names of a line.
fn holds_most<'l>(mut lines: impl Iterator<Item = &'l String>, line: &str) -> bool {
    let names = |line: &str| -> BTreeSet<String> { words(line).map(str::to_owned).collect() };
    let new = names(line);
    let n_kept = |old: &BTreeSet<String>| new.intersection(old).count();
    !new.is_empty() && lines.any(|old| n_kept(&names(old)) * 3 >= new.len() * 2)
}
