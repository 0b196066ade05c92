//! Turns libgit2's deltas into files and hunks.

use std::path::Path;

use git2::{Blob, Delta, Diff, DiffDelta, DiffFile, DiffFindOptions, DiffOptions, FileMode, Patch, Repository, Tree};

use crate::shell::git::GitError;
use crate::triage::classify::classify;
use crate::triage::{FileChange, FileStatus, Hunk, HunkId};

/// A side larger than this, in bytes or lines, is not read: it is data, whatever its name says.
const FILE_BYTES: usize = 2 * 1024 * 1024;
const FILE_LINES: usize = 50_000;
/// Text of all files together; what comes later in the order of paths is left opaque.
const CHANGE_BYTES: usize = 256 * 1024 * 1024;
/// Files compared with each other when looking for renames.
const RENAME_LIMIT: usize = 1_000;

/// The files that differ, by path, with their hunks numbered in that order.
pub(super) fn files(repo: &Repository, base: Option<&Tree<'_>>, head: &Tree<'_>) -> Result<Vec<FileChange>, GitError> {
    let diff = diff(repo, base, head)?;
    let mut room = CHANGE_BYTES;
    let mut files: Vec<FileChange> =
        (0..diff.deltas().len()).filter_map(|index| file(repo, &diff, index, &mut room)).collect();
    files.sort_by(|a, b| a.path.cmp(&b.path).then_with(|| a.old_path.cmp(&b.old_path)));
    let hunks = files.iter_mut().flat_map(|file| &mut file.hunks);
    for (number, hunk) in (0_u32..).zip(hunks) {
        hunk.id = HunkId(number);
    }
    Ok(files)
}

/// The paths that differ; a renamed file under both of its names.
pub(super) fn paths(repo: &Repository, base: &Tree<'_>, head: &Tree<'_>) -> Result<Vec<String>, GitError> {
    let unread = GitError::reading("the difference of the two revisions");
    let diff = repo.diff_tree_to_tree(Some(base), Some(head), None).map_err(unread)?;
    let both = diff.deltas().flat_map(|delta| [path(&delta.old_file()), path(&delta.new_file())]);
    let mut paths: Vec<String> = both.filter(|path| !path.is_empty()).collect();
    paths.sort();
    paths.dedup();
    Ok(paths)
}

fn diff<'repo>(
    repo: &'repo Repository,
    base: Option<&Tree<'repo>>,
    head: &Tree<'repo>,
) -> Result<Diff<'repo>, GitError> {
    let unread = || GitError::reading("the difference of the two revisions");
    let mut diff = repo.diff_tree_to_tree(base, Some(head), Some(&mut options())).map_err(unread())?;
    let mut find = DiffFindOptions::new();
    find.renames(true).copies(false).rename_limit(RENAME_LIMIT).remove_unmodified(true);
    // Where renames cannot be found, because a blob is missing, a rename stays a deletion and an addition.
    let _ = diff.find_similar(Some(&mut find));
    Ok(diff)
}

fn file(repo: &Repository, diff: &Diff<'_>, index: usize, room: &mut usize) -> Option<FileChange> {
    let delta = diff.get_delta(index)?;
    let (old, new) = (delta.old_file(), delta.new_file());
    let status = status(&delta)?;
    let (before, after) = (path(&old), path(&new));
    let path = if status == FileStatus::Deleted { before.clone() } else { after };
    let blobs = [
        (status != FileStatus::Added).then(|| blob(repo, &old)),
        (status != FileStatus::Deleted).then(|| blob(repo, &new)),
    ];
    let [base_text, head_text] = blobs.each_ref().map(|side| side.as_ref().map(|blob| text(blob.as_ref()?)));
    let bytes = [&base_text, &head_text].iter().filter_map(|side| side.as_ref()?.as_ref()).map(String::len).sum();
    let opaque = matches!(base_text, Some(None)) || matches!(head_text, Some(None)) || *room < bytes;
    let class = classify(&path, head_text.iter().chain(&base_text).flatten().map(String::as_str).next());
    let old_path = (status == FileStatus::Renamed).then_some(before);
    if opaque {
        return Some(FileChange {
            path,
            old_path,
            status,
            class,
            opaque,
            hunks: Vec::new(),
            base_text: None,
            head_text: None,
        });
    }
    *room -= bytes;
    // To have the patch of a delta made would read both sides once more.
    let patch = match &blobs {
        [Some(Some(old)), Some(Some(new))] => between(old, new, [old_path.as_deref().unwrap_or(&path), &path]),
        _ => Patch::from_diff(diff, index).ok().flatten(),
    };
    let mut hunks = patch.and_then(|patch| hunks(&patch)).unwrap_or_default();
    if hunks.is_empty() && status != FileStatus::Added && status != FileStatus::Deleted {
        hunks.push(Hunk { id: HunkId(0), old_start: 0, new_start: 0, removed: Vec::new(), added: Vec::new() });
    }
    let (base_text, head_text) = (base_text.flatten(), head_text.flatten());
    Some(FileChange { path, old_path, status, class, opaque, hunks, base_text, head_text })
}

fn status(delta: &DiffDelta<'_>) -> Option<FileStatus> {
    match delta.status() {
        Delta::Added | Delta::Copied => Some(FileStatus::Added),
        Delta::Deleted => Some(FileStatus::Deleted),
        Delta::Modified | Delta::Typechange => Some(FileStatus::Modified),
        Delta::Renamed => Some(FileStatus::Renamed),
        // The two trees are read whole, so nothing else is a difference.
        Delta::Unmodified | Delta::Ignored | Delta::Untracked | Delta::Unreadable | Delta::Conflicted => None,
    }
}

fn path(file: &DiffFile<'_>) -> String {
    String::from_utf8_lossy(file.path_bytes().unwrap_or_default()).into_owned()
}

/// One side, or `None` where it is no plain file, or too large.
fn blob<'repo>(repo: &'repo Repository, file: &DiffFile<'_>) -> Option<Blob<'repo>> {
    if !matches!(file.mode(), FileMode::Blob | FileMode::BlobExecutable | FileMode::BlobGroupWritable) {
        return None;
    }
    let (size, kind) = repo.odb().ok()?.read_header(file.id()).ok()?;
    if kind != git2::ObjectType::Blob || size > FILE_BYTES {
        return None;
    }
    repo.find_blob(file.id()).ok()
}

/// The text of a blob, or `None` where it is no text or has too many lines.
fn text(blob: &Blob<'_>) -> Option<String> {
    let content = blob.content();
    let is_large = memchr::memchr_iter(b'\n', content).count() > FILE_LINES;
    // As git does: a zero byte near the start says that it is no text.
    let is_binary = content.iter().take(8_000).any(|byte| *byte == 0);
    (!is_large && !is_binary).then(|| String::from_utf8_lossy(content).into_owned())
}

/// The patch that leads from one blob to the other.
fn between<'blob>(old: &Blob<'blob>, new: &Blob<'blob>, paths: [&str; 2]) -> Option<Patch<'blob>> {
    let [old_path, new_path] = paths.map(Path::new);
    Patch::from_blobs(old, Some(old_path), new, Some(new_path), Some(&mut options())).ok()
}

fn options() -> DiffOptions {
    let mut options = DiffOptions::new();
    options.context_lines(0).interhunk_lines(0).include_typechange(true).max_size(FILE_BYTES as i64);
    options
}

fn hunks(patch: &Patch<'_>) -> Option<Vec<Hunk>> {
    (0..patch.num_hunks()).map(|number| hunk(patch, number)).collect()
}

fn hunk(patch: &Patch<'_>, number: usize) -> Option<Hunk> {
    let (head, n_lines) = patch.hunk(number).ok()?;
    let mut hunk = Hunk {
        id: HunkId(0),
        old_start: head.old_start(),
        new_start: head.new_start(),
        removed: Vec::new(),
        added: Vec::new(),
    };
    for index in 0..n_lines {
        let line = patch.line_in_hunk(number, index).ok()?;
        match line.origin() {
            '-' => hunk.removed.push(line_text(line.content())),
            '+' => hunk.added.push(line_text(line.content())),
            _ => {}
        }
    }
    Some(hunk)
}

fn line_text(content: &[u8]) -> String {
    let line = content.strip_suffix(b"\n").unwrap_or(content);
    String::from_utf8_lossy(line.strip_suffix(b"\r").unwrap_or(line)).into_owned()
}
