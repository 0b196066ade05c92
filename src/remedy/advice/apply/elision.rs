//! Fills in what an author left out with `...`.

use std::borrow::Cow;

use super::find::{self, Match};
use super::lines::{Text, is_blank};
use super::merge::Merge;
use crate::triage::scope::Scopes;

/// Words that a remark about left-out code consists of.
const FILLER: &[&str] = &[
    "rest",
    "of",
    "the",
    "code",
    "function",
    "method",
    "class",
    "file",
    "existing",
    "unchanged",
    "remains",
    "remaining",
    "same",
    "as",
    "before",
    "other",
    "lines",
    "line",
    "omitted",
    "here",
    "body",
    "keep",
    "keeps",
    "kept",
    "stays",
    "stay",
    "is",
    "are",
    "and",
    "imports",
    "methods",
    "functions",
    "previous",
    "above",
    "below",
    "snip",
    "skipped",
    "for",
    "brevity",
    "logic",
    "implementation",
    "original",
    "content",
    "etc",
    "this",
    "all",
    "your",
    "more",
    "no",
    "changes",
];

/// Words of which at least one marks such a remark where it has no dots.
const TELLING: &[&str] = &["unchanged", "existing", "rest", "remaining", "omitted", "same", "brevity"];

/// Places of one part that are looked at, at most.
const MOST_PLACES: usize = 64;

/// Whether a line stands for lines that were left out.
pub(super) fn is_elision(line: &str) -> bool {
    let trimmed = line.trim();
    if trimmed.is_empty() || trimmed.len() > 120 {
        return false;
    }
    let is_comment = ["#", "//", "/*", "--", "<!--", ";", "{/*", "%"].iter().any(|mark| trimmed.starts_with(mark));
    let has_dots = trimmed.contains("...") || trimmed.contains('…');
    let words: Vec<String> = trimmed
        .split(|c: char| !c.is_alphanumeric() && c != '_')
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .collect();
    let is_filler = words.iter().all(|word| FILLER.contains(&word.as_str()));
    let only_marks = |text: &str| text.chars().all(|c| !c.is_alphanumeric() && !matches!(c, '(' | '{' | '['));
    match (is_comment, has_dots) {
        (_, true) if words.is_empty() => only_marks(trimmed.trim_start_matches("{/*")) || is_comment,
        (true, true) => is_filler,
        (false, true) => {
            is_filler && (trimmed.starts_with("...") || trimmed.starts_with('…') || trimmed.starts_with("(..."))
        }
        (true, false) => is_filler && words.iter().any(|word| TELLING.contains(&word.as_str())),
        (false, false) => false,
    }
}

fn parts<'p, 'l>(lines: &'p [&'l str]) -> Vec<&'p [&'l str]> {
    lines.split(|line| is_elision(line)).collect()
}

/// The file after a replacement whose both sides leave the same parts out; `None` where none does.
///
/// # Errors
///
/// When the parts cannot be told, as a sentence for the author.
pub(super) fn passage(
    file: &Text<'_>,
    scopes: &Scopes,
    search: &[&str],
    replace: &[&str],
) -> Result<Option<String>, String> {
    let (wanted, given) = (parts(search), parts(replace));
    if wanted.len() == 1 && given.len() == 1 {
        return Ok(None);
    }
    if wanted.len() == 1 {
        // Only the replacement leaves something out: it stands in the text to search for.
        let given: Vec<Cow<'_, str>> = filled(search, replace)?.into_iter().map(Cow::Borrowed).collect();
        let given: Vec<&str> = given.iter().map(AsRef::as_ref).collect();
        return match find::place(file, search, &given) {
            find::Place::One(place) => Ok(Some(Merge { file, search, replace: &given, place }.text())),
            find::Place::Many(lines) => Err(find::ambiguous(&lines)),
            find::Place::None => Ok(None),
        };
    }
    if wanted.len() != given.len() {
        return Err(format!(
            "The text to search for leaves out {} parts and its replacement {}; write both in full.",
            wanted.len() - 1,
            given.len() - 1
        ));
    }
    let pairs: Vec<(&[&str], &[&str])> = wanted.into_iter().zip(given).collect();
    let is_nothing = |lines: &[&str]| lines.iter().all(|line| is_blank(line));
    if pairs.iter().any(|(wanted, given)| is_nothing(wanted) && !is_nothing(given)) {
        return Err(
            "The replacement adds lines beside a part that was left out; write the lines around them.".to_owned()
        );
    }
    let pairs: Vec<_> = pairs.into_iter().filter(|(wanted, _)| !is_nothing(wanted)).collect();
    let places = chain(file, scopes, &pairs.iter().map(|(wanted, _)| *wanted).collect::<Vec<_>>())?;
    let Some(places) = places else { return Ok(None) };
    let mut lines: Vec<String> = Vec::new();
    let mut next = 0;
    for ((search, replace), place) in pairs.into_iter().zip(places) {
        lines.extend(file.lines.get(next..place.first).unwrap_or_default().iter().map(|line| (*line).to_owned()));
        next = place.last + 1;
        lines.extend(Merge { file, search, replace, place }.within());
    }
    lines.extend(file.lines.get(next..).unwrap_or_default().iter().map(|line| (*line).to_owned()));
    Ok(Some(file.joined(lines.into_iter())))
}

/// The one way in which the parts stand in the file one behind the other, best within one function.
fn chain(file: &Text<'_>, scopes: &Scopes, parts: &[&[&str]]) -> Result<Option<Vec<Match>>, String> {
    let found: Vec<Vec<Match>> = parts.iter().map(|part| find::places(file, part)).collect();
    if found.iter().any(Vec::is_empty) {
        return Ok(None);
    }
    if found.iter().any(|places| places.len() > MOST_PLACES) {
        return Err("A part of the text to search for stands in too many places; write it in full.".to_owned());
    }
    let mut ways: Vec<Vec<&Match>> = vec![Vec::new()];
    for places in &found {
        let longer = ways.iter().flat_map(|way| {
            let from = way.last().map_or(0, |last| last.last + 1);
            places.iter().filter(move |place| place.first >= from).map(|place| {
                let mut way = way.clone();
                way.push(place);
                way
            })
        });
        ways = longer.take(MOST_PLACES * MOST_PLACES).collect();
    }
    let line = |at: usize| u32::try_from(at + 1).unwrap_or(u32::MAX);
    let is_within_one = |way: &&Vec<&Match>| {
        let scope = way.first().and_then(|first| scopes.at(line(first.first)));
        scope.is_some_and(|scope| way.iter().all(|place| line(place.last) <= scope.last))
    };
    let within: Vec<&Vec<&Match>> = ways.iter().filter(is_within_one).collect();
    let chosen = if within.is_empty() { ways.iter().collect() } else { within };
    match chosen.as_slice() {
        [] => Ok(None),
        [way] => Ok(Some(way.iter().map(|place| (*place).clone()).collect())),
        _ => Err("The parts of the text to search for stand in more than one place; write it in full.".to_owned()),
    }
}

/// The new lines with each part that was left out taken from the old ones.
///
/// # Errors
///
/// When the lines beside such a part do not tell which one it is.
pub(super) fn filled<'l>(old: &[&'l str], new: &[&'l str]) -> Result<Vec<&'l str>, String> {
    // Where the old text has the very line, it is no mark.
    let is_mark = |line: &&str| is_elision(line) && !old.iter().any(|known| known.trim() == line.trim());
    let mut lines: Vec<&str> = Vec::new();
    let mut from = 0;
    for (at, line) in new.iter().enumerate() {
        if !is_mark(line) {
            lines.push(line);
            continue;
        }
        let unclear = || "The text leaves parts out that cannot be told; write it in full.".to_owned();
        let before = lines.iter().rev().find(|line| !is_blank(line));
        let after = new.get(at + 1..).unwrap_or_default().iter().find(|line| !is_blank(line));
        let start = match before {
            None => 0,
            Some(before) => only(old, from, before).ok_or_else(unclear)? + 1,
        };
        let end = match after {
            None => old.len(),
            Some(after) if is_mark(after) => return Err(unclear()),
            Some(after) => only(old, start, after).ok_or_else(unclear)?,
        };
        lines.extend(old.get(start..end).ok_or_else(unclear)?);
        from = end;
    }
    Ok(lines)
}

/// The one line from here on that is this line.
fn only(lines: &[&str], from: usize, wanted: &str) -> Option<usize> {
    let mut found = lines.iter().enumerate().skip(from).filter(|(_, line)| line.trim() == wanted.trim());
    let (at, _) = found.next()?;
    found.next().is_none().then_some(at)
}
