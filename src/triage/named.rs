//! Tells, before anything is judged, whether an error speaks of a file that a deploy changed.
//!
//! Input: the changed paths, and the text of an error. Output: yes or no. Cheap, because it is asked of every
//! signature; what caused an error, `suspect` finds out.

use super::Class;
use super::classify::classify;

/// Base names that many files have; they tell only together with their folder.
const COMMON: &[&str] = &["__init__", "app", "config", "index", "lib", "main", "mod", "server", "util", "utils"];

/// The shortest base name, without its extension, that tells alone.
const LEAST_STEM: usize = 4;

/// The names by which an error would speak of the changed files that run or configure what runs.
#[must_use]
pub fn telling_names<'a>(changed: impl IntoIterator<Item = &'a str>) -> Vec<String> {
    let runs = |path: &&str| {
        matches!(classify(path, None), Class::Runtime | Class::Config | Class::Migration | Class::ApiContract)
    };
    let mut names: Vec<String> = changed.into_iter().filter(runs).filter_map(telling_name).collect();
    names.sort();
    names.dedup();
    names
}

fn telling_name(path: &str) -> Option<String> {
    let (folder, base) = path.rsplit_once('/').unwrap_or(("", path));
    let stem = base.split('.').next().unwrap_or(base);
    if stem.len() >= LEAST_STEM && !COMMON.contains(&stem) {
        return Some(base.to_owned());
    }
    let parent = folder.rsplit('/').next().filter(|parent| !parent.is_empty())?;
    Some(format!("{parent}/{base}"))
}

/// Whether the text has one of the names, not as a part of a longer one.
#[must_use]
pub fn speaks_of(text: &str, names: &[String]) -> bool {
    names.iter().any(|name| {
        text.match_indices(name.as_str()).any(|(at, _)| {
            let is_part = |char: char| char.is_alphanumeric() || matches!(char, '_' | '-');
            let before = text.get(..at).and_then(|text| text.chars().next_back());
            let after = text.get(at + name.len()..).and_then(|text| text.chars().next());
            !before.is_some_and(is_part) && !after.is_some_and(is_part)
        })
    })
}

#[cfg(test)]
mod tests;
