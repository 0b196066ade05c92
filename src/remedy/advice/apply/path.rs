//! Finds the file that an author means by a path.

use crate::triage::{Change, FileStatus};

/// What a path leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// A file of the deploy's diff.
    InScope(String),
    /// Something else; the path as it would be in the tree.
    Outside(String),
    /// It may be several files of the diff, or one that has no text.
    Unclear(String),
}

/// Resolves a path: exactly, without what tools put before it, or by its end where that is unique.
///
/// A path that names another file of the tree, or leads out of it, is never bent to one of the diff.
pub(super) fn resolve(written: &str, change: &Change) -> Found {
    let cleaned = clean(written);
    if cleaned.split('/').any(|part| part == "..") || cleaned.is_empty() {
        return Found::Outside(written.trim().to_owned());
    }
    let in_diff = |path: &str| change.files.iter().find(|file| file.path == path);
    let mut fronts = vec![cleaned.as_str()];
    fronts.extend(["a/", "b/", "./"].iter().filter_map(|front| cleaned.strip_prefix(front)));
    for path in &fronts {
        if let Some(file) = in_diff(path) {
            if file.opaque {
                return Found::Unclear("The file is no text, so it cannot be edited.".to_owned());
            }
            return Found::InScope(file.path.clone());
        }
        if change.paths.iter().any(|known| known == path) {
            return Found::Outside((*path).to_owned());
        }
    }
    let is_end =
        |long: &str, short: &str| long == short || long.strip_suffix(short).is_some_and(|front| front.ends_with('/'));
    let ends: Vec<&str> = change
        .files
        .iter()
        .filter(|file| !file.opaque && file.status != FileStatus::Deleted)
        .map(|file| file.path.as_str())
        .filter(|path| fronts.iter().any(|front| is_end(path, front) || (front.contains('/') && is_end(front, path))))
        .collect();
    match ends.as_slice() {
        [path] => {
            let elsewhere = change.paths.iter().filter(|known| *known != path);
            // A name that other files bear too says nothing.
            let is_shared = elsewhere.clone().any(|known| fronts.iter().any(|front| is_end(known, front)));
            if is_shared { Found::Unclear(unclear(written)) } else { Found::InScope((*path).to_owned()) }
        }
        [] => Found::Outside(cleaned),
        _ => Found::Unclear(unclear(written)),
    }
}

fn unclear(written: &str) -> String {
    format!("{written:?} may be more than one file; give the path from the root of the repository.")
}

/// A path without quotes, decoration, and slashes of another system.
fn clean(written: &str) -> String {
    let bare = written
        .trim()
        .trim_matches(|c: char| matches!(c, '`' | '"' | '\'' | '*' | '#' | ':' | '<' | '>') || c.is_whitespace());
    let path = bare.replace('\\', "/");
    let path = path.trim_start_matches("./");
    path.trim_start_matches('/').to_owned()
}
