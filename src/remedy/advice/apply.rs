//! Carries edits out, forgivingly but only where they have exactly one meaning.
//!
//! Input: [`Edit`]s as a model wrote them, and the deploy's [`Change`]. Output: [`Applied`]: the new text
//! of each file, what lies outside of the deploy's diff, and for each edit that failed an exact reason.
//!
//! Pure. What the model wrote may drift in indentation, blanks, line numbers, quotes, paths and line
//! ends, and may leave parts out with `...`; lines that it keeps are taken from the file, byte for byte.
//! Where two places would do, none is chosen.

mod elision;
mod find;
mod function;
mod indent;
mod lines;
mod merge;
mod path;
mod restore;

use std::collections::BTreeMap;

use super::reply::{Edit, What};
use crate::triage::Change;
use crate::triage::scope::Scopes;
use crate::triage::syntax::Source;

use find::Place;
use lines::Text;

/// Longest text that an edit may give a file, in bytes.
const LARGEST: usize = 2 << 20;

/// A file may shrink to this share of its lines when it is replaced whole; less looks like an excerpt.
const WHOLE_SHARE: usize = 2;

/// What became of the edits.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Applied {
    /// The new text of each file that differs from the deployed one, by path.
    pub files: BTreeMap<String, String>,
    /// Paths that were to be changed although the deploy did not touch them; nothing was done there.
    pub outside: Vec<String>,
    /// Edits that have no single meaning, in order.
    pub failed: Vec<Failed>,
}

/// An edit that was not carried out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failed {
    /// Its number, from 1.
    pub number: usize,
    /// The path as it was written.
    pub path: String,
    /// Why, as sentences for the author.
    pub why: String,
}

/// Applies edits to the files of a deploy, one after the other.
#[must_use]
pub fn apply(edits: &[Edit], change: &Change) -> Applied {
    let mut applied = Applied::default();
    for (index, edit) in edits.iter().enumerate() {
        let mut fail = |why: String| {
            applied.failed.push(Failed { number: index + 1, path: edit.path.clone(), why });
        };
        let found = if edit.path.trim().is_empty() {
            unnamed(edit, change, &applied.files)
        } else {
            path::resolve(&edit.path, change)
        };
        let path = match found {
            path::Found::InScope(path) => path,
            path::Found::Outside(path) => {
                if !applied.outside.contains(&path) {
                    applied.outside.push(path);
                }
                continue;
            }
            path::Found::Unclear(why) => {
                fail(why);
                continue;
            }
        };
        let head = change.files.iter().find(|file| file.path == path).and_then(|file| file.head_text.as_deref());
        let current = applied.files.get(&path).map(String::as_str).or(head);
        match one(&path, current, &restore::of(&path, edit, head)) {
            Ok(text) if text.len() > LARGEST => fail(format!("The file would grow beyond {LARGEST} bytes.")),
            Ok(text) => {
                applied.files.insert(path, text);
            }
            Err(why) => fail(why),
        }
    }
    let is_changed = |path: &String, text: &mut String| {
        let head = change.files.iter().find(|file| file.path == *path).and_then(|file| file.head_text.as_deref());
        head != Some(text.as_str())
    };
    applied.files.retain(is_changed);
    applied
}

/// The one file of the diff that an edit without a path can be meant for.
fn unnamed(edit: &Edit, change: &Change, files: &BTreeMap<String, String>) -> path::Found {
    let known = change.files.iter().filter(|file| !file.opaque && file.head_text.is_some());
    let fits = |file: &&crate::triage::FileChange| {
        let current = files.get(&file.path).or(file.head_text.as_ref()).map(String::as_str);
        let is_only = change.files.len() == 1;
        let may_be = is_only || !matches!(edit.what, What::Whole(_));
        may_be && one(&file.path, current, &restore::of(&file.path, edit, file.head_text.as_deref())).is_ok()
    };
    let fitting: Vec<&str> = known.filter(fits).map(|file| file.path.as_str()).collect();
    match fitting.as_slice() {
        [path] => path::Found::InScope((*path).to_owned()),
        [] => path::Found::Unclear("No file is named, and it fits none; write a FILE line above it.".to_owned()),
        _ => path::Found::Unclear("No file is named, and it fits several; write a FILE line above it.".to_owned()),
    }
}

/// The text of a file after one edit.
fn one(path: &str, current: Option<&str>, what: &What) -> Result<String, String> {
    let Some(current) = current else {
        return match what {
            What::Whole(text) => Ok(lines::closed(text)),
            What::Replace { search, replace } if search.trim().is_empty() => Ok(lines::closed(replace)),
            What::Replace { .. } | What::Function { .. } => {
                Err("The file does not exist as deployed; give its whole text.".to_owned())
            }
        };
    };
    match what {
        What::Replace { search, replace } => passage(path, current, search, replace),
        What::Function { name, text } => function::replace(path, current, name, text),
        What::Whole(text) => whole(path, current, text),
    }
}

fn passage(path: &str, current: &str, search: &str, replace: &str) -> Result<String, String> {
    let file = Text::of(current);
    if search.trim().is_empty() {
        return if current.trim().is_empty() {
            Ok(lines::closed(replace))
        } else {
            Err("The text to search for is empty; give the lines that are to be replaced.".to_owned())
        };
    }
    let (wanted, given) = (lines::numberless(search), lines::numberless(replace));
    let (wanted, given) = match (wanted, given) {
        (Some(wanted), Some(given)) => (wanted, given),
        (Some(wanted), None) => (wanted, replace.to_owned()),
        (None, _) => (search.to_owned(), replace.to_owned()),
    };
    let (wanted, given) = (lines::bodies(&wanted), lines::bodies(&given));
    if wanted.iter().map(|line| line.trim_end()).eq(given.iter().map(|line| line.trim_end())) {
        return Err("The text to search for and its replacement are the same.".to_owned());
    }
    let found = find::place(&file, &wanted, &given);
    match found {
        Place::One(how) => {
            let how = merge::Merge { file: &file, search: &wanted, replace: &given, place: how };
            return Ok(how.text());
        }
        Place::Many(lines) => return Err(find::ambiguous(&lines)),
        Place::None => {}
    }
    let source = Source::read(path, current);
    let elided = elision::passage(&file, &Scopes::of(&source), &wanted, &given)?;
    match elided.or_else(|| find::trimmed(&file, &wanted, &given)) {
        Some(text) => Ok(text),
        None => Err(find::nearest(&file, &wanted)),
    }
}

/// Replaces a whole file, or, where the text is one function of it, that function.
fn whole(path: &str, current: &str, text: &str) -> Result<String, String> {
    let text = lines::numberless(text).unwrap_or_else(|| text.to_owned());
    if let Some(name) = function::only_function(path, current, &text) {
        return function::replace(path, current, &name, &text);
    }
    let filled = elision::filled(&lines::bodies(current), &lines::bodies(&text))?;
    let (n_before, n_after) = (current.lines().count(), filled.len());
    if n_after * WHOLE_SHARE < n_before {
        return Err(format!(
            "The text has {n_after} lines and the file {n_before}, so it seems to be an excerpt. Name the function that \
             it replaces, or give the lines to search for."
        ));
    }
    let file = Text::of(current);
    Ok(file.joined(filled.iter().map(|line| (*line).to_owned())))
}

#[cfg(test)]
mod tests;
