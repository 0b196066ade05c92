//! Evidence against a hunk that only brings what the error says is missing.
//!
//! A name that nothing defines was asked for by somebody else: who adds a definition of it does not make it missing.

use std::sync::LazyLock;

use regex::Regex;

use super::clue::Clues;
use super::names::{defines, is_import};
use super::sheet::{Piece, Sheet, holds_whole};
use super::stack::Spot;
use crate::triage::{Change, Diagnostic, Symptom, diagnostics};

/// Lines within which two hunks change one table.
const NEAR_LINES: u32 = 20;

static MISSING: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r"(?i)has no (?:attribute|member|property|method|exported member)|undefined (?:method|local variable|name|function|variable)|is not (?:defined|a function)|cannot find (?:symbol|name|function|value|type|struct|trait|macro|derive|attribute)|no such (?:method|attribute|function)|undefined: |undefined \((?:type|field)|method not found|no (?:method|function|function or associated item|field|variant|associated item)(?: or associated item)? (?:named|`)|does not exist on type|does not contain a definition for|unresolved import",
    )
    .ok()
});

/// Ways to say that a name is asked for that nothing gives.
static UNKNOWN: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?i)unexpected keyword argument|unknown keyword|unknown field|cannot import name|has no field").ok()
});

/// Whether the error says that a name is not known.
pub(super) fn misses_name(clues: &Clues) -> bool {
    let says = |way: &Option<Regex>| way.as_ref().is_some_and(|way| way.is_match(&clues.message));
    says(&MISSING)
        || says(&UNKNOWN)
        || clues.exceptions.iter().any(|name| name.contains("Import") || name.contains("Module"))
}

/// Whether the error misses a name, the failing line is what asks for it, and all that a hunk elsewhere does is to
/// bring more of that name: it can neither have taken it away nor have asked.
pub(super) fn only_brings(clues: &Clues, spots: &[Spot], sheet: &Sheet<'_>, piece: &Piece<'_>) -> bool {
    if !misses_name(clues) {
        return false;
    }
    let Some(asking) = spots.iter().find(|spot| spot.place.line.is_some() && !spot.wrote) else { return false };
    let (first, last) = piece.hunk.touched();
    let touches = |spot: &Spot| spot.line_in(sheet.path()).is_some_and(|line| first <= spot.last_line && line <= last);
    let is_brought = |name: &&String| piece.added.contains(name.as_str()) && !piece.removed.contains(name.as_str());
    let is_asked = |name: &&String| asking.uses.contains(name.as_str());
    !spots.iter().any(touches) && clues.names.iter().filter(is_asked).any(|name| is_brought(&name))
}

/// The name that the error misses, where a hunk took its definition away and none brought it back: who asks for it,
/// even in new code, only shows that.
pub(super) fn taken_away<'c>(clues: &'c Clues, sheets: &[Sheet<'_>]) -> Option<&'c str> {
    let all = |defines: &dyn Fn(&Piece<'_>) -> bool| sheets.iter().flat_map(|sheet| &sheet.pieces).any(defines);
    let is_taken = |name: &str| {
        let takes = |piece: &Piece<'_>| {
            let removed = |line: &String| defines(line, name) && !is_import(line);
            takes(piece, name) && piece.hunk.removed.iter().any(removed)
        };
        let brings = |piece: &Piece<'_>| piece.hunk.added.iter().any(|line| defines(line, name) && !is_import(line));
        all(&takes) && !all(&brings)
    };
    let names = clues.names.iter().map(String::as_str);
    if misses_name(clues) { names.into_iter().find(|name| is_taken(name)) } else { None }
}

/// Whether a hunk takes a name away.
pub(super) fn takes(piece: &Piece<'_>, name: &str) -> bool {
    piece.removed.contains(name) && !piece.added.contains(name)
}

/// Ways to say that something of a class or module of one's own lacks a name; group 1 is what lacks it.
static LACKS: LazyLock<Vec<Regex>> = LazyLock::new(|| {
    let ways = [
        r"'(\w+)' object has no attribute '",
        r"type object '(\w+)' has no attribute '",
        r"module '([\w.]+)' has no attribute '",
        r"undefined (?:method|local variable or method) [`'][\w?!=]+' for (?:an instance of |#<|class )?([\w:]+)",
        r"cannot import name '\w+' from '([\w.]+)'",
    ];
    ways.iter().filter_map(|way| Regex::new(way).ok()).collect()
});

/// Types of the languages: what lacks a name of another type has become one of these.
const PLAIN: &[&str] = &["NoneType", "nil", "NilClass", "String", "Symbol", "Integer", "Float", "Array", "Hash"];

/// Words of lines that give a class what its own lines do not.
const CLASSES: &[&str] =
    &["class", "include", "extend", "prepend", "__getattr__", "method_missing", "setattr", "define_method", "delegate"];

/// The name that something of the program's own lacks, where the failing line asks for it and this hunk neither took
/// it away nor asks: what else it does, it can hardly be missed for.
pub(super) fn lacks_anyway<'c>(
    clues: &'c Clues,
    spots: &[Spot],
    sheet: &Sheet<'_>,
    piece: &Piece<'_>,
) -> Option<&'c str> {
    let lacking = LACKS.iter().find_map(|way| way.captures(&clues.message)?.get(1))?.as_str();
    let is_own = lacking.starts_with(char::is_uppercase)
        || ["module '", "cannot import name"].iter().any(|way| clues.message.contains(way));
    let is_other_class = CLASSES.iter().any(|word| piece.removed.contains(word));
    if PLAIN.contains(&lacking) || !is_own || is_other_class {
        return None;
    }
    let asking = spots.iter().find(|spot| spot.place.line.is_some() && !spot.wrote)?;
    let (first, last) = piece.hunk.touched();
    let touches = |spot: &Spot| spot.line_in(sheet.path()).is_some_and(|line| first <= spot.last_line && line <= last);
    let is_kept = |name: &&String| asking.uses.contains(name.as_str()) && !piece.removed.contains(name.as_str());
    clues.names.iter().find(is_kept).filter(|_| !spots.iter().any(touches)).map(String::as_str)
}

/// The name that a compiler misses, where it misses it in a line too that the deploy left alone: who asks for it in
/// new code as well is not who took it away.
pub(super) fn missed_before(symptom: &Symptom, siblings: &[&str], clues: &Clues, change: &Change) -> Option<String> {
    if !misses_name(clues) {
        return None;
    }
    let texts = std::iter::once(symptom.text.as_str()).chain(siblings.iter().copied());
    let found: Vec<Diagnostic> = texts.flat_map(diagnostics::read).filter(|found| found.test.is_none()).collect();
    let is_old = |found: &&Diagnostic| {
        let Some((path, line)) = found.file.as_deref().zip(found.line) else { return false };
        let mut files =
            change.files.iter().filter(|file| file.path == path || path.ends_with(&format!("/{}", file.path)));
        let holds = |(first, last): (u32, u32)| first <= line && line <= last;
        !files.any(|file| file.hunks.iter().any(|hunk| hunk.is_whole_file() || holds(hunk.touched())))
    };
    let names = |name: &&String| {
        let misses = |found: &&Diagnostic| holds_whole(&found.message, name);
        found.iter().filter(misses).any(|found| is_old(&found))
            && found.iter().filter(misses).any(|found| !is_old(&found))
    };
    clues.names.iter().find(names).cloned()
}

/// Whether the error misses a key, and all the hunk does for it is to bring entries of that key.
pub(super) fn only_enters(clues: &Clues, piece: &Piece<'_>) -> bool {
    let (removed, added) = (&piece.hunk.removed, &piece.hunk.added);
    let is_entered = |key: &String| enters(added, key) && !removed.iter().any(|line| holds_whole(line, key));
    misses_key(clues) && clues.names.iter().chain(&clues.literals).any(is_entered)
}

/// Whether the error misses this key, and the hunk takes an entry of it from one place without bringing it to another
/// nearby: that other tables have gained it helps nobody who looks into this one.
pub(super) fn loses_entry(clues: &Clues, sheet: &Sheet<'_>, piece: &Piece<'_>, key: &str) -> bool {
    let (first, last) = piece.lines;
    let around = |line: u32| sheet.scopes_after.at(line).map(|scope| scope.first);
    let is_near = |other: &&Piece<'_>| {
        let (from, to) = other.lines;
        let is_close = from <= last.saturating_add(NEAR_LINES) && first <= to.saturating_add(NEAR_LINES);
        is_close && around(first) == around(from)
    };
    let mut near = sheet.pieces.iter().filter(is_near);
    misses_key(clues) && enters(&piece.hunk.removed, key) && !near.any(|other| enters(&other.hunk.added, key))
}

fn misses_key(clues: &Clues) -> bool {
    clues.exceptions.iter().any(|name| name.ends_with("KeyError"))
}

/// Whether some of the lines hold the key, and all that do are entries of it: `"key": value`.
fn enters(lines: &[String], key: &str) -> bool {
    let is_entry = |line: &String| {
        line.match_indices(key).any(|(at, _)| {
            let rest = line.get(at + key.len()..).unwrap_or_default();
            let rest = rest.trim_start_matches(['"', '\'']).trim_start();
            rest.starts_with(':') || rest.starts_with("=>") || rest.starts_with('=') && !rest.starts_with("==")
        })
    };
    let mut holding = lines.iter().filter(|line| holds_whole(line, key)).peekable();
    holding.peek().is_some() && holding.all(is_entry)
}

/// Whether the error misses a name, and all the hunk does for it is to define it.
pub(super) fn only_defines(clues: &Clues, sheet: &Sheet<'_>, piece: &Piece<'_>) -> bool {
    let is_missing = MISSING.as_ref().is_some_and(|missing| missing.is_match(&clues.message));
    if !is_missing || !piece.hunk.removed.is_empty() {
        return false;
    }
    let (first, last) = piece.hunk.touched();
    let brings =
        |name: &&String| sheet.scopes_after.named(name).any(|scope| first <= scope.first && scope.first <= last);
    clues.names.iter().find(brings).is_some_and(|name| {
        let n_said = piece.hunk.added.iter().map(|line| line.matches(name.as_str()).count()).sum::<usize>();
        n_said == 1
    })
}
