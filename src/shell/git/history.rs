//! Tells of revisions what a deploy marker wants to know: their names, when a branch moved, what came before.

use std::path::Path;

use git2::{DescribeFormatOptions, DescribeOptions, Repository};

use super::read;
use crate::remedy::Person;
use crate::units::Timestamp;

/// What people call a revision: the tag on it, else its abbreviated id.
#[must_use]
pub fn name_of(repo: &Repository, id: &str) -> String {
    let short = || id.get(..10).unwrap_or(id).to_owned();
    let Ok(object) = repo.revparse_single(id) else { return short() };
    let exact = object.describe(DescribeOptions::new().describe_tags().max_candidates_tags(0));
    exact.and_then(|tag| tag.format(None)).unwrap_or_else(|_| short())
}

/// The commit that a version means: `1.8.2`, where the tag is `v1.8.2` or `api-v1.8.2`; or the tag of an image with an
/// abbreviated id in it, `main-3f2a91c`.
///
/// Of several tags that end with the version, those that name the service count. `None` where nothing, or more than one
/// commit, is meant: a wrong range is worse than none.
#[must_use]
pub fn commit_of_version(repo: &Repository, version: &str, service: &str) -> Option<String> {
    let version = version.trim();
    let number = version.trim_start_matches(['v', 'V']);
    let spellings = [version.to_owned(), number.to_owned(), format!("v{number}")];
    let named = || spellings.iter().find_map(|name| read::resolve(repo, name).ok());
    named().or_else(|| tagged(repo, number, service)).or_else(|| with_id(repo, version))
}

/// The commit of the tags that end with a number of a version.
fn tagged(repo: &Repository, number: &str, service: &str) -> Option<String> {
    let is_number = number.starts_with(|first: char| first.is_ascii_digit()) && number.contains('.');
    let names = repo.tag_names(None).ok().filter(|_| is_number)?;
    let tags: Vec<(&str, &str)> = (names.iter().flatten().flatten())
        .filter_map(|tag| Some((tag, tag.strip_suffix(number)?)))
        .filter(|(_, front)| front.strip_suffix('v').unwrap_or(front).ends_with(['/', '-', '_', '@']))
        .collect();
    let of = |counts: &dyn Fn(&str) -> bool| {
        let commits = tags.iter().filter(|(_, front)| counts(front));
        only(commits.filter_map(|(tag, _)| read::resolve(repo, &format!("refs/tags/{tag}")).ok()))
    };
    let is_service = |front: &str| {
        let name = front.trim_end_matches('v').trim_end_matches(['/', '-', '_', '@']);
        name.strip_suffix(service).is_some_and(|folder| folder.is_empty() || folder.ends_with('/'))
    };
    of(&is_service).or_else(|| of(&|_| true))
}

/// The commit whose abbreviated id is a part of a version.
fn with_id(repo: &Repository, version: &str) -> Option<String> {
    let parts = version.split(|c: char| !c.is_ascii_alphanumeric());
    let ids = parts.map(|part| part.strip_prefix('g').unwrap_or(part)).filter(|part| {
        let is_hex = part.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        // A date is all digits, and a word all letters.
        let is_mixed =
            part.bytes().any(|byte| byte.is_ascii_digit()) && part.bytes().any(|byte| byte.is_ascii_alphabetic());
        (7..=40).contains(&part.len()) && is_hex && is_mixed
    });
    only(ids.filter_map(|id| read::resolve(repo, id).ok()))
}

/// What all are, where there are some.
fn only(mut commits: impl Iterator<Item = String>) -> Option<String> {
    let first = commits.next()?;
    commits.all(|commit| commit == first).then_some(first)
}

/// When a branch came to be at this revision, by the repository's own record; `None` without one.
#[must_use]
pub fn moved_at(repo: &Repository, name: &str, tip: &str) -> Option<Timestamp> {
    let places = [name.to_owned(), format!("refs/heads/{name}"), format!("refs/remotes/{name}")];
    places.iter().find_map(|place| {
        let moves = repo.reflog(place).ok()?;
        let found = moves.iter().find(|entry| entry.id_new().to_string() == tip)?;
        Some(Timestamp::from_seconds(found.committer().when().seconds()))
    })
}

/// The release before a revision: the nearest tag among its ancestors, else its first parent.
#[must_use]
pub fn release_before(repo: &Repository, head: &str) -> Option<String> {
    let parent = repo.revparse_single(&format!("{head}^")).ok()?;
    let mut nearest = DescribeFormatOptions::new();
    nearest.abbreviated_size(0);
    let tag = parent.describe(DescribeOptions::new().describe_tags()).and_then(|tag| tag.format(Some(&nearest)));
    let tagged = tag.ok().and_then(|tag| read::resolve(repo, &tag).ok());
    Some(tagged.unwrap_or_else(|| parent.id().to_string()))
}

/// The git identity of whoever works in the repository at this path.
#[must_use]
pub fn identity_at(path: &Path) -> Option<Person> {
    let (name, email) = read::identity(&read::open(path).ok()?)?;
    Some(Person { name, email })
}
