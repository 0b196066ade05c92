//! Tells by the repository's tree whether a frame is of the program's own code.
//!
//! The names under which libraries publish tell it for most programs, and mislead for the library itself: there
//! `com.google.gson.Gson` is what the repository holds. Pure.

use super::{Paths, path_of};
use crate::ingest::{Frame, Language, Trace};
use crate::triage::Change;

/// Whether any frame is of the program's own code: by its name, or because the tree at head holds its file.
pub(in crate::triage) fn has_own(trace: &Trace, change: &Change) -> bool {
    trace.frames.iter().take(super::FRAMES).any(|frame| frame.in_app) || is_in_tree(trace, change)
}

/// Whether the tree at head holds the file of any frame.
pub(in crate::triage) fn is_in_tree(trace: &Trace, change: &Change) -> bool {
    let language = Some(trace.language);
    let frames = || trace.frames.iter().take(super::FRAMES);
    let named: Vec<String> = frames().filter_map(|frame| path_of(frame, language)).collect();
    let changed = change.files.iter().map(|file| file.path.as_str()).collect();
    let mut paths = Paths::new(&change.paths, &changed, named.iter().map(String::as_str));
    paths.learn_root(named.iter().map(String::as_str));
    frames().any(|frame| {
        path_of(frame, language)
            .and_then(|file| paths.find(&file, |_| true))
            .is_some_and(|found| is_meant(frame, language, found.path, change))
    })
}

/// Whether a frame can mean this file. One that is by its name a library's does so only with its whole package, so
/// that a library's `Utils.java` is not taken for the repository's.
pub(super) fn is_meant(frame: &Frame, language: Option<Language>, path: &str, change: &Change) -> bool {
    let class = frame.module.as_deref().unwrap_or_default();
    let is_runtime = language == Some(Language::DotNet) && frame.file.is_none() && super::is_dotnet_runtime(class);
    if frame.in_app && !is_runtime {
        return true;
    }
    let Some(file) = path_of(frame, language) else { return true };
    match (language, &frame.file) {
        (Some(Language::Java), Some(bare)) if !bare.contains(['/', '\\']) => {
            let package = file.rsplit_once('/').map_or("", |(package, _)| package);
            ends_with_parts(path, &file, '/') || declares(path, package, change)
        }
        // A folder of .NET is often named after a whole namespace: `Newtonsoft.Json/Linq/JToken.cs`.
        (Some(Language::DotNet), None) => ends_with_parts(&path.replace('/', "."), &file.replace('/', "."), '.'),
        _ => true,
    }
}

/// Whether the file says that it is of this package, in whatever folder it lies, as Kotlin's may.
fn declares(path: &str, package: &str, change: &Change) -> bool {
    let package = package.replace('/', ".");
    let says = |line: &str| {
        line.trim().strip_prefix("package ").is_some_and(|named| named.trim_end_matches(';').trim() == package)
    };
    !package.is_empty() && change.text_at_head(path).is_some_and(|text| text.lines().any(says))
}

fn ends_with_parts(path: &str, end: &str, separator: char) -> bool {
    path.strip_suffix(end).is_some_and(|before| before.is_empty() || before.ends_with(separator))
}
