//! Evidence from dependencies: a package was bumped, and it is on the stack.

use std::collections::BTreeMap;

use super::clue::Clues;
use super::evidence::{Family, Reason};
use super::sheet::{Piece, Sheet};
use super::weights as w;
use crate::triage::classify::is_manifest;
use crate::triage::syntax::Source;

/// What a hunk of a manifest or lock file says about the packages of the stack.
pub(super) fn weigh(clues: &Clues, sheet: &Sheet<'_>, piece: &Piece<'_>) -> Option<Reason> {
    if !is_manifest(sheet.path()) {
        return None;
    }
    let place = piece.place(sheet.path());
    let (old, new) = (
        versions(&sheet.before, piece.hunk.old_start, &piece.hunk.removed),
        versions(&sheet.after, piece.hunk.new_start, &piece.hunk.added),
    );
    let owned = clues.located.packages.iter().filter_map(|(package, is_innermost)| {
        let of = |side: &BTreeMap<String, String>| {
            side.iter().find(|(name, _)| is_same(name, package)).map(|(_, version)| version.clone())
        };
        let (before, after) = (of(&old), of(&new));
        (before != after).then_some((package, *is_innermost, before, after))
    });
    let (package, is_innermost, before, after) = owned.max_by_key(|(_, is_innermost, _, _)| *is_innermost)?;
    let is_major = matches!((&before, &after), (Some(before), Some(after)) if major(before) != major(after));
    let points = w::BUMP * if is_major { w::MAJOR } else { 1.0 } * if is_innermost { 1.0 } else { w::OUTER_PACKAGE };
    let versions = match (before, after) {
        (Some(before), Some(after)) => format!("went from {before} to {after}"),
        (None, Some(after)) => format!("came in at {after}"),
        (Some(before), None) => format!("was taken out, last at {before}"),
        (None, None) => return None,
    };
    let text = format!("the package `{package}`, which is on the stack, {versions} at {place}");
    Some(if is_innermost {
        Reason::proving(Family::Packages, points, text)
    } else {
        Reason::new(Family::Packages, points, text)
    })
}

fn is_same(listed: &str, package: &str) -> bool {
    let (listed, package) = (listed.replace('_', "-"), package.replace('_', "-"));
    let is_prefix = |whole: &str, part: &str| {
        part.len() > 4 && whole.strip_prefix(part).is_some_and(|rest| rest.starts_with(['.', '/']))
    };
    listed == package
        || (package.contains(['.', '/']) && (is_prefix(&package, &listed) || is_prefix(&listed, &package)))
}

fn major(version: &str) -> Option<&str> {
    version.trim_start_matches(|c: char| !c.is_ascii_digit()).split('.').next()
}

/// The packages that some lines of a manifest or lock give a version, in lower case.
///
/// Where the line holds only the version, the package is named by a line above it.
fn versions(source: &Source<'_>, start: u32, lines: &[String]) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    for (number, line) in (start..).zip(lines) {
        let Some(version) = version_in(line) else { continue };
        let own = name_in(line).filter(|name| !is_word_for_version(name));
        let above = || (number.saturating_sub(6)..number).rev().find_map(|above| heading(source.line(above)));
        if let Some(name) = own.or_else(above) {
            found.insert(name.to_ascii_lowercase(), version.to_owned());
        }
    }
    found
}

fn is_word_for_version(name: &str) -> bool {
    matches!(
        name,
        "version"
            | "resolved"
            | "integrity"
            | "checksum"
            | "rev"
            | "hash"
            | "sha256"
            | "source"
            | "url"
            | "ref"
            | "reference"
    )
}

fn version_in(line: &str) -> Option<&str> {
    let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '+');
    line.split(|c: char| !is_part(c)).map(|word| word.trim_start_matches('v')).find(|word| {
        let is_number = word.starts_with(|c: char| c.is_ascii_digit());
        is_number
            && word.len() < 40
            && (word.contains('.') || line.contains("==") || line.contains('^'))
            && word.split('.').next().is_some_and(|first| first.len() < 6)
    })
}

/// The package that a line of any manifest names: its first word that looks like one.
fn name_in(line: &str) -> Option<String> {
    let line = line
        .trim()
        .trim_start_matches("gem ")
        .trim_start_matches("require ")
        .trim_start_matches("implementation")
        .trim_start_matches("<PackageReference Include=");
    let line = line.trim_start_matches(['"', '\'', ' ', '-', '(', '{', ':']);
    let end = line
        .find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | '/' | '@')))
        .unwrap_or(line.len());
    let name = line.get(..end)?;
    // `lodash@4.17.21` of yarn, `name@` of pnpm.
    let name = name.rsplit_once('@').map_or(name, |(before, _)| if before.is_empty() { name } else { before });
    let name = name.trim_start_matches('/');
    (name.len() > 1 && name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '@')).then(|| name.to_owned())
}

/// The package that a heading above a version names: `name = "x"`, `"node_modules/x": {`, `<groupId>x</groupId>`, `x@^1:`.
fn heading(line: &str) -> Option<String> {
    let line = line.trim();
    if let Some(rest) = line.strip_prefix("name = ").or_else(|| line.strip_prefix("\"name\": ")) {
        return Some(rest.trim_matches(['"', ',', '\'']).to_owned());
    }
    if let Some(rest) = line.strip_prefix("<groupId>") {
        return rest.split('<').next().map(str::to_owned);
    }
    if let Some((_, rest)) = line.split_once("node_modules/") {
        return Some(
            rest.trim_end_matches(['"', ':', ' ', '{']).rsplit("node_modules/").next().unwrap_or(rest).to_owned(),
        );
    }
    if line.ends_with(['{', ':']) {
        return name_in(line);
    }
    None
}
