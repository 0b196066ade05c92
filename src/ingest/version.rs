//! Finds which version of a program wrote an event.
//!
//! Input: an [`Event`]. Output: the version as it is written, or nothing. Only fields say it: one that is
//! called a version, a release or a revision, or the tag of a container image. A message that speaks of some
//! version does not.
//!
//! Pure, and without allocation.

use super::Event;

/// Names of fields, without what stands before the last dot unless it is part of them; the better come first.
const NAMES: [&str; 12] = [
    "service.version",
    "app_version",
    "service_version",
    "version",
    "release",
    "git_sha",
    "git_commit",
    "commit",
    "revision",
    "build",
    "image_tag",
    "image",
];

/// Bytes of the longest version.
const LONGEST: usize = 80;

/// The version that the event says it is from.
#[must_use]
pub fn version(event: &Event) -> Option<&str> {
    let ranked = event.fields.iter().filter_map(|(name, value)| Some((rank(name)?, value)));
    let (place, value) = ranked.min_by_key(|(place, _)| *place)?;
    let value = if NAMES[place] == "image" { tag(value)? } else { value.trim() };
    let is_one = !value.is_empty() && value.len() <= LONGEST && !value.contains(char::is_whitespace);
    is_one.then_some(value)
}

/// Where a name stands in the table; case, dashes and what comes before the last dot do not count.
fn rank(name: &str) -> Option<usize> {
    let is = |known: &str, name: &str| {
        let same = |(a, b): (u8, u8)| a == b || a == b'_' && b == b'-';
        known.len() == name.len() && known.bytes().zip(name.bytes().map(|b| b.to_ascii_lowercase())).all(same)
    };
    let last = name.rsplit('.').next().unwrap_or(name);
    NAMES.iter().position(|known| is(known, name) || is(known, last))
}

/// What follows the name of an image: its tag, or its digest.
fn tag(image: &str) -> Option<&str> {
    let name = image.rsplit('/').next().unwrap_or(image);
    name.split_once('@').or_else(|| name.split_once(':')).map(|(_, tag)| tag)
}

#[cfg(test)]
mod tests;
