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
