//! Turns libgit2's deltas into files and hunks.

use std::path::Path;
use std::sync::{Mutex, PoisonError};

use git2::{
    Blob, Delta, Diff, DiffDelta, DiffFile, DiffFindOptions, DiffOptions, FileMode, Oid, Patch, Repository, Tree,
};

use crate::shell::git::GitError;
use crate::shell::hands;
use crate::triage::classify::classify;
use crate::triage::{FileChange, FileStatus, Hunk, HunkId};

/// A side larger than this, in bytes or lines, is not read: it is data, whatever its name says.
const FILE_BYTES: usize = 2 * 1024 * 1024;
const FILE_LINES: usize = 50_000;
/// Text of all files together; what comes later in the order of paths is left opaque.
const CHANGE_BYTES: usize = 256 * 1024 * 1024;
/// Files compared with each other when looking for renames.
const RENAME_LIMIT: usize = 1_000;
/// Fewer files than this are read before the repository is opened once more.
const FEW_FILES: usize = 8;

/// The files that differ, by path, with their hunks numbered in that order.
pub(super) fn files(repo: &Repository, base: Option<&Tree<'_>>, head: &Tree<'_>) -> Result<Vec<FileChange>, GitError> {
    let diff = diff(repo, base, head)?;
    let mut room = CHANGE_BYTES;
    let deltas: Vec<Planned> = diff.deltas().filter_map(|delta| Planned::of(repo, &delta, &mut room)).collect();
    let mut files = read(repo, &deltas);
    files.sort_by(|a, b| a.path.cmp(&b.path).then_with(|| a.old_path.cmp(&b.old_path)));
    let hunks = files.iter_mut().flat_map(|file| &mut file.hunks);
    for (number, hunk) in (0_u32..).zip(hunks) {
        hunk.id = HunkId(number);
    }
    Ok(files)
}

/// Reads the files, several at the same time: each pair of hands has the repository opened for itself.
fn read(repo: &Repository, deltas: &[Planned]) -> Vec<FileChange> {
    let slots: Vec<Mutex<Option<FileChange>>> = deltas.iter().map(|_| Mutex::new(None)).collect();
    let opened: Mutex<Vec<Repository>> = Mutex::new(Vec::new());
    let path = repo.path().to_path_buf();
    let read = |index: usize| {
        let idle = opened.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let own = idle.or_else(|| Repository::open(&path).ok());
        if let (Some(own), Some(delta), Some(slot)) = (own, deltas.get(index), slots.get(index)) {
            let file = delta.blobs(&own).map(|blobs| delta.file(blobs));
            *slot.lock().unwrap_or_else(PoisonError::into_inner) = file;
            opened.lock().unwrap_or_else(PoisonError::into_inner).push(own);
        }
    };
    if deltas.len() >= FEW_FILES {
        hands::all(deltas.len(), &read);
    }
    // What is left, because it is little or no file of the repository holds it, is read here.
    let read_here = |delta: &Planned| delta.file(delta.blobs(repo).unwrap_or([Some(None), Some(None)]));
    let done = |(slot, delta): (Mutex<Option<FileChange>>, &Planned)| {
        slot.into_inner().unwrap_or_else(PoisonError::into_inner).unwrap_or_else(|| read_here(delta))
    };
    slots.into_iter().zip(deltas).map(done).collect()
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

/// The side before and the side after, where there is one; `None` within where it is not to be read.
type Sides<'repo> = [Option<Option<Blob<'repo>>>; 2];

/// A file that differs, before its texts are read.
struct Planned {
    status: FileStatus,
    /// Path before and path after.
    paths: [String; 2],
    /// The side before and the side after, where there is one: the blob that is to be read, if it can be.
    sides: [Option<Option<Oid>>; 2],
}

impl Planned {
    /// Plans to read a file as far as there is room for its texts.
    fn of(repo: &Repository, delta: &DiffDelta<'_>, room: &mut usize) -> Option<Self> {
        let (old, new) = (delta.old_file(), delta.new_file());
        let status = status(delta)?;
        let sides = [
            (status != FileStatus::Added).then(|| blob(repo, &old)),
            (status != FileStatus::Deleted).then(|| blob(repo, &new)),
        ];
        let bytes: usize = sides.iter().flatten().flatten().map(|(_, size)| size).sum();
        let is_too_much = *room < bytes;
        *room -= if is_too_much { 0 } else { bytes };
        let sides = sides.map(|side| side.map(|blob| blob.filter(|_| !is_too_much).map(|(id, _)| id)));
        Some(Self { status, paths: [path(&old), path(&new)], sides })
    }

    /// Both sides; `None` where this repository lacks one.
    fn blobs<'repo>(&self, repo: &'repo Repository) -> Option<Sides<'repo>> {
        let [old, new] = self.sides.map(|side| match side {
            Some(Some(id)) => repo.find_blob(id).ok().map(|blob| Some(Some(blob))),
            Some(None) => Some(Some(None)),
            None => Some(None),
        });
        Some([old?, new?])
    }

    fn file(&self, blobs: Sides<'_>) -> FileChange {
        let status = self.status;
        let [before, after] = &self.paths;
        let path = if status == FileStatus::Deleted { before.clone() } else { after.clone() };
        let [base_text, head_text] = blobs.each_ref().map(|side| side.as_ref().map(|blob| text(blob.as_ref()?)));
        let opaque = matches!(base_text, Some(None)) || matches!(head_text, Some(None));
        let class = classify(&path, head_text.iter().chain(&base_text).flatten().map(String::as_str).next());
        let old_path = (status == FileStatus::Renamed).then(|| before.clone());
        let mut file =
            FileChange { path, old_path, status, class, opaque, hunks: Vec::new(), base_text: None, head_text: None };
        if opaque {
            return file;
        }
        let [old, new] = blobs.each_ref().map(|side| side.as_ref().and_then(Option::as_ref));
        let paths = [file.old_path.as_deref().unwrap_or(&file.path), &file.path];
        let patch = between(old, new, paths);
        file.hunks = patch.and_then(|patch| hunks(&patch)).unwrap_or_default();
        if file.hunks.is_empty() && status != FileStatus::Added && status != FileStatus::Deleted {
            file.hunks.push(Hunk { id: HunkId(0), old_start: 0, new_start: 0, removed: Vec::new(), added: Vec::new() });
        }
        (file.base_text, file.head_text) = (base_text.flatten(), head_text.flatten());
        file
    }
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

/// One side with its size, or `None` where it is no plain file, or too large.
fn blob(repo: &Repository, file: &DiffFile<'_>) -> Option<(Oid, usize)> {
    if !matches!(file.mode(), FileMode::Blob | FileMode::BlobExecutable | FileMode::BlobGroupWritable) {
        return None;
    }
    let (size, kind) = repo.odb().ok()?.read_header(file.id()).ok()?;
    (kind == git2::ObjectType::Blob && size <= FILE_BYTES).then(|| (file.id(), size))
}

/// The text of a blob, or `None` where it is no text or has too many lines.
fn text(blob: &Blob<'_>) -> Option<String> {
    let content = blob.content();
    let is_large = memchr::memchr_iter(b'\n', content).count() > FILE_LINES;
    // As git does: a zero byte near the start says that it is no text.
    let is_binary = content.iter().take(8_000).any(|byte| *byte == 0);
    (!is_large && !is_binary).then(|| String::from_utf8_lossy(content).into_owned())
}

/// The patch that leads from one blob to the other; without the one, all of the other came or went.
fn between<'blob>(
    old: Option<&Blob<'blob>>,
    new: Option<&'blob Blob<'blob>>,
    paths: [&str; 2],
) -> Option<Patch<'blob>> {
    let [old_path, new_path] = paths.map(|path| Some(Path::new(path)));
    match (old, new) {
        (Some(old), Some(new)) => Patch::from_blobs(old, old_path, new, new_path, Some(&mut options())).ok(),
        (Some(old), None) => Patch::from_blob_and_buffer(old, old_path, &[], new_path, Some(&mut options())).ok(),
        (None, Some(new)) => Patch::from_buffers(&[], old_path, new.content(), new_path, Some(&mut options())).ok(),
        (None, None) => None,
    }
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
