//! Finds the one place of a file that an author's lines stand for.

use std::collections::HashMap;

use super::indent::Indents;
use super::lines::{Text, is_blank, plain};
use super::merge::{self, Merge};

/// Lines that are compared loosely, at most: the file's times the author's.
const LARGEST_LOOSE: usize = 4_000_000;

/// Least likeness of a passage, and of a line that is to go, that is taken for the same.
const ALIKE: f64 = 0.9;
const LINE_ALIKE: f64 = 0.8;

/// How much less any other passage must be like it.
const LEAD: f64 = 0.1;

/// Letters and digits that a cut passage must hold to be found by.
const TELLING: usize = 8;

/// Lines of the file that are shown to an author who missed.
const SHOWN: usize = 14;

/// A passage of a file.
#[derive(Clone, Debug)]
pub(super) struct Match {
    /// Index of its first line.
    pub(super) first: usize,
    /// Index of its last line.
    pub(super) last: usize,
    /// For each line of the author, that of the file; blank ones may have none.
    pub(super) pairs: Vec<Option<usize>>,
    /// How the author's indentation is written in the file.
    pub(super) indents: Indents,
}

/// Where an author's lines stand.
#[derive(Clone, Debug)]
pub(super) enum Place {
    /// In one place.
    One(Match),
    /// In several, by the numbers of their first lines, from 1.
    Many(Vec<usize>),
    /// Nowhere.
    None,
}

/// How strictly lines are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum How {
    /// Byte for byte.
    Exactly,
    /// Without white space at their ends.
    Trimmed,
    /// Without blank lines and indentation, which must still fit together.
    Indented,
    /// As before, with plain quotes, dashes and single blanks.
    Plain,
}

impl How {
    const ALL: [Self; 4] = [Self::Exactly, Self::Trimmed, Self::Indented, Self::Plain];

    fn key(self, line: &str) -> String {
        match self {
            Self::Exactly => line.to_owned(),
            Self::Trimmed => line.trim_end().to_owned(),
            Self::Indented => line.trim().to_owned(),
            Self::Plain => plain(line),
        }
    }

    fn skips_blanks(self) -> bool {
        matches!(self, Self::Indented | Self::Plain)
    }
}

/// Looks for the author's lines, more and more loosely; the first way that finds any decides.
pub(super) fn place(file: &Text<'_>, search: &[&str], replace: &[&str]) -> Place {
    for how in How::ALL {
        let mut found = all(file, search, how);
        match found.len() {
            0 => {}
            1 => return found.pop().map_or(Place::None, Place::One),
            _ => return Place::Many(found.iter().map(|found| found.first + 1).collect()),
        }
    }
    loosely(file, search, replace).map_or(Place::None, Place::One)
}

/// Every place where these lines stand, by the strictest way that finds any.
pub(super) fn places(file: &Text<'_>, search: &[&str]) -> Vec<Match> {
    How::ALL.iter().map(|how| all(file, search, *how)).find(|found| !found.is_empty()).unwrap_or_default()
}

fn all(file: &Text<'_>, search: &[&str], how: How) -> Vec<Match> {
    let is_kept = |line: &str| !how.skips_blanks() || !is_blank(line);
    let keyed = |lines: &[&str]| -> Vec<(usize, String)> {
        lines.iter().enumerate().filter(|(_, line)| is_kept(line)).map(|(at, line)| (at, how.key(line))).collect()
    };
    let (held, mut wanted) = (keyed(&file.lines), keyed(search));
    if how != How::Exactly {
        // Blank lines around a passage belong to the reply, not to the file.
        let is_seen = |(_, key): &(usize, String)| !key.is_empty();
        let from = wanted.iter().position(is_seen).unwrap_or(wanted.len());
        let to = wanted.iter().rposition(is_seen).map_or(from, |last| last + 1);
        wanted = wanted.drain(from..to).collect();
    }
    let Some((_, first_key)) = wanted.first() else { return Vec::new() };
    let starts = (0..(held.len() + 1).saturating_sub(wanted.len()))
        .filter(|start| held.get(*start).is_some_and(|(_, key)| key == first_key));
    let fits = |start: &usize| {
        let window = held.get(*start..*start + wanted.len()).unwrap_or_default();
        window.iter().map(|(_, key)| key).eq(wanted.iter().map(|(_, key)| key))
    };
    starts
        .filter(fits)
        .filter_map(|start| {
            let window: Vec<usize> = held.get(start..start + wanted.len())?.iter().map(|(at, _)| *at).collect();
            matched(file, search, &wanted.iter().map(|(at, _)| *at).collect::<Vec<_>>(), &window)
        })
        .collect()
}

/// The match in which these lines of the author are these lines of the file.
fn matched(file: &Text<'_>, search: &[&str], wanted: &[usize], held: &[usize]) -> Option<Match> {
    let mut pairs = vec![None; search.len()];
    for (wanted, held) in wanted.iter().zip(held) {
        *pairs.get_mut(*wanted)? = Some(*held);
    }
    // Blank lines between them, as far as both have some there.
    for (written, own) in wanted.windows(2).zip(held.windows(2)) {
        let ([from, to], [first, last]) = (written, own) else { continue };
        for (written, own) in (from + 1..*to).zip(first + 1..*last) {
            *pairs.get_mut(written)? = Some(own);
        }
    }
    let lines =
        wanted.iter().zip(held).filter_map(|(wanted, held)| Some((*search.get(*wanted)?, *file.lines.get(*held)?)));
    let indents = Indents::learn(lines.filter(|(written, _)| !is_blank(written)))?;
    Some(Match { first: *held.first()?, last: *held.last()?, pairs, indents })
}

/// The one passage that is almost these lines, where no other is nearly as much like them.
fn loosely(file: &Text<'_>, search: &[&str], replace: &[&str]) -> Option<Match> {
    let wanted = seen(search);
    let held = seen(&file.lines);
    let n_lines = wanted.len();
    if n_lines < 3 || n_lines > held.len() || n_lines * held.len() > LARGEST_LOOSE {
        return None;
    }
    let ranked = ranked(&wanted, &held);
    let (best, likeness) = *ranked.first()?;
    let rival =
        ranked.iter().find(|(start, _)| start.abs_diff(best) >= n_lines.div_ceil(2)).map_or(0.0, |rival| rival.1);
    if likeness < ALIKE || likeness - rival < LEAD {
        return None;
    }
    let window: Vec<usize> = held.get(best..best + n_lines)?.iter().map(|(at, _)| *at).collect();
    let found = matched(file, search, &wanted.iter().map(|(at, _)| *at).collect::<Vec<_>>(), &window)?;
    // What is to go must be what is there.
    let goes = |step: merge::Step| match step {
        merge::Step::Drop(index) => Some(index),
        merge::Step::Keep(_) | merge::Step::Insert(_) => None,
    };
    let is_there = merge::steps(search, replace).into_iter().filter_map(goes).all(|index| {
        let written = search.get(index).copied().unwrap_or_default();
        let held = found.pairs.get(index).copied().flatten().and_then(|at| file.lines.get(at)).copied();
        is_blank(written) || held.is_some_and(|held| like(&plain(written), &plain(held)) >= LINE_ALIKE)
    });
    is_there.then_some(found)
}

/// The lines that are to be seen, with their indices.
fn seen<'l>(lines: &[&'l str]) -> Vec<(usize, &'l str)> {
    lines.iter().enumerate().filter(|(_, line)| !is_blank(line)).map(|(at, line)| (at, *line)).collect()
}

/// Starts of passages with how much they are like the wanted lines; best first.
fn ranked(wanted: &[(usize, &str)], held: &[(usize, &str)]) -> Vec<(usize, f64)> {
    let (wanted, held) = (pairs_of(wanted), pairs_of(held));
    let n_lines = wanted.len();
    let mut ranked: Vec<(usize, f64)> = (0..(held.len() + 1).saturating_sub(n_lines))
        .map(|start| {
            let window = held.get(start..start + n_lines).unwrap_or_default();
            let likeness: Vec<f64> = wanted.iter().zip(window).map(|(a, b)| share(a, b)).collect();
            (start, likeness.iter().sum::<f64>() / n_lines.max(1) as f64)
        })
        .collect();
    ranked.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    ranked
}

/// The pairs of neighboring characters of a line, counted, and their number.
type Pairs = (HashMap<(char, char), u32>, u32);

fn pairs_of(lines: &[(usize, &str)]) -> Vec<Pairs> {
    lines.iter().map(|(_, line)| pairs(&plain(line))).collect()
}

fn pairs(line: &str) -> Pairs {
    let mut counted = HashMap::new();
    let mut n_pairs = 0;
    for (a, b) in std::iter::once(' ').chain(line.chars()).zip(line.chars().chain([' '])).take(2_000) {
        *counted.entry((a, b)).or_insert(0) += 1;
        n_pairs += 1;
    }
    (counted, n_pairs)
}

/// The share of pairs that two lines have in common, from 0 to 1 (Dice's coefficient).
fn share(a: &Pairs, b: &Pairs) -> f64 {
    let common: u32 = a.0.iter().map(|(pair, count)| (*count).min(b.0.get(pair).copied().unwrap_or(0))).sum();
    if a.1 + b.1 == 0 { 1.0 } else { 2.0 * f64::from(common) / f64::from(a.1 + b.1) }
}

/// How much two lines are alike, from 0 to 1.
pub(super) fn like(a: &str, b: &str) -> f64 {
    share(&pairs(a), &pairs(b))
}

/// The text after the replacement when the author's context is right only near what changes.
pub(super) fn trimmed(file: &Text<'_>, search: &[&str], replace: &[&str]) -> Option<String> {
    let same = |a: Option<&&str>, b: Option<&&str>| a.zip(b).is_some_and(|(a, b)| a.trim_end() == b.trim_end());
    let most = search.len().min(replace.len());
    let n_front = (0..most).take_while(|at| same(search.get(*at), replace.get(*at))).count();
    let n_back = (1..=most - n_front)
        .take_while(|back| same(search.get(search.len() - back), replace.get(replace.len() - back)))
        .count();
    for kept in [3_usize, 2, 1] {
        let (front, back) = (n_front.saturating_sub(kept), n_back.saturating_sub(kept));
        if front + back == 0 {
            continue;
        }
        let (wanted, given) = (search.get(front..search.len() - back)?, replace.get(front..replace.len() - back)?);
        let telling = wanted.iter().flat_map(|line| line.chars()).filter(|c| c.is_alphanumeric()).count();
        if telling < TELLING {
            return None;
        }
        let mut found = places(file, wanted);
        match found.len() {
            0 => {}
            1 => return found.pop().map(|place| Merge { file, search: wanted, replace: given, place }.text()),
            _ => return None,
        }
    }
    None
}

/// Says where the lines stand more than once.
pub(super) fn ambiguous(lines: &[usize]) -> String {
    let places: Vec<String> = lines.iter().take(5).map(usize::to_string).collect();
    format!(
        "The text to search for stands in {} places (lines {}); add lines around it until it stands in one.",
        lines.len(),
        places.join(", ")
    )
}

/// Says that the lines stand nowhere, with those of the file that are most like them.
pub(super) fn nearest(file: &Text<'_>, search: &[&str]) -> String {
    let (wanted, held) = (seen(search), seen(&file.lines));
    let wanted = wanted.get(..wanted.len().min(held.len())).unwrap_or_default();
    let small = wanted.len() * held.len() <= LARGEST_LOOSE;
    let best = if small { ranked(wanted, &held).into_iter().next() } else { None };
    let line = |start: usize| held.get(start).map(|(at, _)| *at);
    let place =
        best.filter(|best| best.1 > 0.4).and_then(|best| Some((line(best.0)?, line(best.0 + wanted.len() - 1)?)));
    let Some((first, last)) = place else {
        return "The text to search for does not stand in the file, nor anything like it.".to_owned();
    };
    let last = last.min(first + SHOWN - 1);
    let lines: Vec<&str> = file.lines.get(first..=last).unwrap_or_default().to_vec();
    format!(
        "The text to search for does not stand in the file. Most like it are lines {} to {}, which are exactly:\n{}",
        first + 1,
        last + 1,
        lines.join("\n")
    )
}
