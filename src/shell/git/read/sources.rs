//! Reads the few unchanged files that an error leads to.

use std::collections::HashSet;

use git2::{Oid, Repository};

use super::tree;
use crate::triage::literal::Wanted;
use crate::triage::{Change, Symptom, frames, import};

/// The most files that are handed back.
const FILES: usize = 32;
/// A file larger than this is no source that a person wrote.
const FILE_BYTES: usize = 512 * 1024;
/// The failing tests whose imports are followed, and how far.
const TESTS: usize = 4;
const IMPORT_STEPS: usize = 2;
/// How much text is searched for the message of an error without a stack.
const SEARCH_BYTES: usize = 64 * 1024 * 1024;

/// The unchanged files that the symptom's frames name, by path, with their text at head; of an
/// error without a stack, those that may have written its message.
///
/// Files that cannot be read are left out.
#[must_use]
pub fn sources_for(repo: &Repository, change: &Change, symptom: &Symptom) -> Vec<(String, String)> {
    let symptom = &*symptom.within(change);
    let Some(root) = Oid::from_str(&change.head).ok().and_then(|head| tree::of(repo, head).ok()) else {
        return Vec::new();
    };
    let changed: HashSet<&str> = change.files.iter().map(|file| file.path.as_str()).collect();
    let mut sources: Vec<(String, String)> = Vec::new();
    for path in frames::test_files(symptom, change) {
        let entry = root.get_path(path.as_ref()).ok().filter(|_| !changed.contains(path.as_str()));
        sources.extend(entry.and_then(|entry| text(repo, entry.id())).map(|text| (path, text)));
    }
    // With their texts known, tests that the symptom only names are places too.
    let widened;
    let change = if sources.is_empty() {
        change
    } else {
        widened = Change { sources: change.sources.iter().chain(&sources).cloned().collect(), ..change.clone() };
        &widened
    };
    let places = frames::locate(symptom, change).places;
    for place in &places {
        let is_known = changed.contains(place.path.as_str()) || sources.iter().any(|(path, _)| *path == place.path);
        if is_known || sources.len() >= FILES {
            continue;
        }
        let entry = root.get_path(place.path.as_ref());
        if let Some(text) = entry.ok().and_then(|entry| text(repo, entry.id())) {
            sources.push((place.path.clone(), text));
        }
    }
    if places.iter().any(|place| place.is_test) && places.iter().all(|place| place.is_test) {
        add_imports(repo, &root, change, &places, &mut sources);
    }
    if !places.iter().any(|place| place.line.is_some())
        && let Some(wanted) = Wanted::of(symptom)
    {
        let is_new = |path: &str| !changed.contains(path) && !places.iter().any(|place| place.path == path);
        let mut files = tree::files(repo, &root);
        files.retain(|(path, _)| is_source(path) && is_new(path));
        files.sort_unstable();
        search(repo, &files, &wanted, &mut sources);
    }
    sources
}

/// Adds what the failing tests import, and what that imports: between a test and the change there
/// may be files that only hand on.
fn add_imports(
    repo: &Repository,
    root: &git2::Tree<'_>,
    change: &Change,
    tests: &[frames::Place],
    sources: &mut Vec<(String, String)>,
) {
    let known = |path: &str, sources: &[(String, String)]| -> Option<String> {
        let read = sources.iter().find(|(known, _)| known == path).map(|(_, text)| text.as_str());
        read.or_else(|| change.text_at_head(path)).map(str::to_owned)
    };
    let mut frontier: Vec<String> = tests.iter().take(TESTS).map(|place| place.path.clone()).collect();
    for _ in 0..IMPORT_STEPS {
        let mut found: Vec<String> = Vec::new();
        for path in &frontier {
            let Some(importing) = known(path, sources) else { continue };
            for target in import::imported(path, &importing, &change.paths) {
                let is_new = !found.iter().any(|known| known == target) && known(target, sources).is_none();
                if is_new && sources.len() < FILES && is_imported_source(target) {
                    let entry = root.get_path(target.as_ref());
                    if let Some(text) = entry.ok().and_then(|entry| text(repo, entry.id())) {
                        found.push(target.to_owned());
                        sources.push((target.to_owned(), text));
                    }
                } else if known(target, sources).is_some() && !frontier.iter().any(|known| known == target) {
                    found.push(target.to_owned());
                }
            }
        }
        found.dedup();
        frontier = found;
    }
}

fn is_imported_source(path: &str) -> bool {
    is_source(path) && crate::triage::classify::classify(path, None) != crate::triage::Class::Test
}

fn search(repo: &Repository, files: &[(String, Oid)], wanted: &Wanted, sources: &mut Vec<(String, String)>) {
    let Ok(odb) = repo.odb() else { return };
    let mut room = SEARCH_BYTES;
    for (path, id) in files {
        if sources.len() >= FILES {
            return;
        }
        let Ok(object) = odb.read(*id) else { continue };
        let content = object.data();
        let Some(left) = room.checked_sub(content.len()) else { return };
        room = left;
        if content.len() <= FILE_BYTES && wanted.may_be_in(content) {
            sources.push((path.clone(), String::from_utf8_lossy(content).into_owned()));
        }
    }
}

fn text(repo: &Repository, id: Oid) -> Option<String> {
    let blob = repo.find_blob(id).ok()?;
    let is_text = blob.size() <= 4 * FILE_BYTES && !blob.is_binary();
    is_text.then(|| String::from_utf8_lossy(blob.content()).into_owned())
}

/// Whether a path is that of code that a person wrote and that may log.
fn is_source(path: &str) -> bool {
    const EXTENSIONS: &[&str] = &[
        "py", "js", "jsx", "mjs", "cjs", "ts", "tsx", "go", "java", "kt", "scala", "groovy", "rb", "rs", "cs", "fs",
        "php", "c", "cc", "cpp", "cxx", "h", "hpp", "m", "mm", "swift", "dart", "sh", "bash", "pl", "pm", "lua", "ex",
        "exs", "erl", "clj", "hs", "sql", "vue",
    ];
    const ELSEWHERE: &[&str] =
        &["node_modules/", "vendor/", "third_party/", "test/", "tests/", "__tests__/", "docs/", "spec/"];
    let name = path.rsplit('/').next().unwrap_or(path);
    let is_code = name.rsplit_once('.').is_none_or(|(_, extension)| EXTENSIONS.contains(&extension));
    is_code && !ELSEWHERE.iter().any(|folder| path.starts_with(folder) || path.contains(&format!("/{folder}")))
}
