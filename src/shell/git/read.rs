//! Reads what a deploy changed.
//!
//! Input: a repository and two revisions. Output: a [`Change`], with the text of the changed files
//! and, on request, of the few unchanged ones that an error leads to.
//!
//! Never writes: no work tree, index, reference or object is touched. Decides nothing: what a
//! file is and what caused an error is `triage`'s business.

mod delta;
mod sources;
mod tree;

use std::path::Path;

use git2::{ErrorCode, ObjectType, Oid, Repository, Sort, Tree};

use super::GitError;
use crate::triage::{self, Change, Commit, FileChange, Stage, Symptom, Verdict};
use crate::units::Timestamp;

pub use sources::sources_for;

/// The most commits of a range that are listed; older ones are left out.
const COMMITS: usize = 2_000;

/// The id that git gives to a tree without entries; as a base it stands for "nothing was deployed before".
const EMPTY_TREE: &str = "4b825dc642cb6eb9a060e54bf8d69288fbee4904";

/// Two revisions, by any name that git understands: the one before and the one after.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Range {
    /// The revision before.
    pub base: String,
    /// The revision after.
    pub head: String,
    /// Whether to start where the two branches parted, instead of at `base` itself.
    pub from_fork: bool,
}

impl Range {
    /// Makes a range of two revisions.
    #[must_use]
    pub fn new(base: impl Into<String>, head: impl Into<String>) -> Self {
        Self { base: base.into(), head: head.into(), from_fork: false }
    }

    /// Reads `A..B` or `A...B` (from where they parted); an empty side is `HEAD`, as in git.
    ///
    /// # Errors
    ///
    /// [`GitError::NotARange`] when there are no two dots, or nothing beside them.
    pub fn parse(text: &str) -> Result<Self, GitError> {
        let wrong = || GitError::NotARange(text.to_owned());
        let (base, head, from_fork) = match text.split_once("...") {
            Some((base, head)) => (base, head, true),
            None => text.split_once("..").map(|(base, head)| (base, head, false)).ok_or_else(wrong)?,
        };
        let (base, head) = (base.trim(), head.trim());
        if (base.is_empty() && head.is_empty()) || base.contains("..") || head.contains("..") {
            return Err(wrong());
        }
        let named = |side: &str| if side.is_empty() { "HEAD".to_owned() } else { side.to_owned() };
        Ok(Self { base: named(base), head: named(head), from_fork })
    }
}

/// Judges whether what lies between two revisions of the repository at this path caused the symptom.
///
/// Opens the repository that holds the path, reads the change and the unchanged sources that the
/// error leads to, and asks [`triage::judge`].
///
/// # Errors
///
/// When the repository cannot be opened or one of the revisions is not in it.
pub fn triage(repo_path: &Path, range: &Range, symptom: &Symptom) -> Result<(Verdict, Change), GitError> {
    triage_among(repo_path, range, symptom, &[])
}

/// The same, with errors that began at the same moment as the symptom.
///
/// # Errors
///
/// As [`triage()`].
pub fn triage_among(
    repo_path: &Path,
    range: &Range,
    symptom: &Symptom,
    siblings: &[Symptom],
) -> Result<(Verdict, Change), GitError> {
    let repo = open(repo_path)?;
    let mut change = change_between(&repo, range)?;
    add_sources(&repo, &mut change, std::iter::once(symptom).chain(siblings));
    Ok((triage::judge_among(symptom, siblings, &change, Stage::Production), change))
}

/// Adds the unchanged sources that these errors lead to, each once.
pub(in crate::shell) fn add_sources<'s>(
    repo: &Repository,
    change: &mut Change,
    symptoms: impl Iterator<Item = &'s Symptom>,
) {
    for symptom in symptoms {
        for (path, text) in sources_for(repo, change, symptom) {
            if !change.sources.iter().any(|(known, _)| *known == path) {
                change.sources.push((path, text));
            }
        }
    }
}

/// Opens the repository that holds this path: at it, or above it.
///
/// # Errors
///
/// When there is none, or it belongs to somebody else.
pub fn open(path: &Path) -> Result<Repository, GitError> {
    Repository::discover(path).map_err(|error| GitError::opening(path, error))
}

/// Reads what changed within `A..B`.
///
/// # Errors
///
/// When the text is no range, or one of its revisions cannot be found or read.
pub fn change(repo: &Repository, range: &str) -> Result<Change, GitError> {
    change_between(repo, &Range::parse(range)?)
}

/// Reads what changed between two revisions.
///
/// # Errors
///
/// When one of the revisions cannot be found or read.
pub fn change_between(repo: &Repository, range: &Range) -> Result<Change, GitError> {
    let head = commit_of(repo, &range.head)?;
    let base = match range.base.as_str() {
        EMPTY_TREE => None,
        spec => Some(base_of(repo, spec, head, range.from_fork)?),
    };
    let head_tree = tree::of(repo, head)?;
    let base_tree = base.map(|base| tree::of(repo, base)).transpose()?;
    Ok(Change {
        base: base.map_or_else(|| EMPTY_TREE.to_owned(), |base| base.to_string()),
        head: head.to_string(),
        commits: commits(repo, base, head)?,
        files: delta::files(repo, base_tree.as_ref(), &head_tree)?,
        paths: tree::paths(repo, &head_tree),
        sources: Vec::new(),
    })
}

/// What differs between two trees, by path.
///
/// # Errors
///
/// When one of them cannot be read.
pub fn files_between(repo: &Repository, before: &Tree<'_>, after: &Tree<'_>) -> Result<Vec<FileChange>, GitError> {
    delta::files(repo, Some(before), after)
}

/// The tree of a revision, as a change in which nothing differs; reads no file.
///
/// # Errors
///
/// When the revision cannot be found or read.
pub fn tree(repo: &Repository, spec: &str) -> Result<Change, GitError> {
    let head = commit_of(repo, spec)?;
    Ok(Change { head: head.to_string(), paths: tree::paths(repo, &tree::of(repo, head)?), ..Change::default() })
}

/// The paths that differ between two revisions, before and after; reads no file.
///
/// # Errors
///
/// When one of the revisions cannot be found or read.
pub fn changed_paths(repo: &Repository, range: &Range) -> Result<Vec<String>, GitError> {
    let head = commit_of(repo, &range.head)?;
    let base = base_of(repo, &range.base, head, range.from_fork)?;
    delta::paths(repo, &tree::of(repo, base)?, &tree::of(repo, head)?)
}

fn base_of(repo: &Repository, spec: &str, head: Oid, from_fork: bool) -> Result<Oid, GitError> {
    let base = commit_of(repo, spec)?;
    if !from_fork {
        return Ok(base);
    }
    repo.merge_base(base, head).map_err(GitError::reading(format!("where {spec:?} and the deploy parted")))
}

/// Returns the full id of the commit that a branch, tag, short id or expression such as `HEAD~2` names.
///
/// # Errors
///
/// When nothing, or nothing unique, or no commit has that name.
pub fn resolve(repo: &Repository, spec: &str) -> Result<String, GitError> {
    commit_of(repo, spec).map(|id| id.to_string())
}

fn commit_of(repo: &Repository, spec: &str) -> Result<Oid, GitError> {
    let spec = spec.trim();
    let missing = || GitError::UnknownRevision(spec.to_owned());
    if spec.is_empty() || spec.contains('\0') {
        return Err(missing());
    }
    let object = repo.revparse_single(spec).map_err(|error| unresolved(repo, spec, error))?;
    let commit = object.peel(ObjectType::Commit).map_err(|error| match error.code() {
        ErrorCode::NotFound => unresolved(repo, spec, error),
        _ => GitError::NotACommit(spec.to_owned()),
    })?;
    Ok(commit.id())
}

fn unresolved(repo: &Repository, spec: &str, error: git2::Error) -> GitError {
    match error.code() {
        ErrorCode::Ambiguous => GitError::Ambiguous(spec.to_owned()),
        ErrorCode::UnbornBranch => GitError::NoCommits,
        ErrorCode::NotFound | ErrorCode::InvalidSpec | ErrorCode::GenericError => {
            if has_no_commits(repo) {
                GitError::NoCommits
            } else if repo.is_shallow() {
                GitError::BeyondShallow(spec.to_owned())
            } else {
                GitError::UnknownRevision(spec.to_owned())
            }
        }
        _ => GitError::Unreadable { what: format!("revision {spec:?}"), source: error },
    }
}

fn has_no_commits(repo: &Repository) -> bool {
    let unborn = matches!(repo.head(), Err(error) if error.code() == ErrorCode::UnbornBranch);
    unborn && repo.references().is_ok_and(|mut all| all.next().is_none())
}

/// Returns the full id of the commit that a branch (local, then remote) or tag of this name is at.
///
/// # Errors
///
/// When there is no such branch or tag.
pub fn deployed_ref_tip(repo: &Repository, name: &str) -> Result<String, GitError> {
    let name = name.trim();
    let remotes = repo.remotes().map_err(GitError::reading("the remotes"))?;
    let remotes = remotes.iter().flatten().flatten().map(|remote| format!("refs/remotes/{remote}/{name}"));
    let places =
        [name.to_owned(), format!("refs/heads/{name}"), format!("refs/tags/{name}"), format!("refs/remotes/{name}")];
    let found = places.into_iter().chain(remotes).find_map(|full| {
        let reference = repo.find_reference(&full).ok()?;
        reference.peel(ObjectType::Commit).ok()
    });
    match found {
        Some(commit) => Ok(commit.id().to_string()),
        None if has_no_commits(repo) => Err(GitError::NoCommits),
        None => Err(GitError::UnknownRevision(name.to_owned())),
    }
}

/// Describes one commit, with the paths in which it differs from its first parent.
///
/// # Errors
///
/// When the id is none of a commit in this repository.
pub fn describe(repo: &Repository, id: &str) -> Result<Commit, GitError> {
    described(repo, commit_of(repo, id)?)
}

/// The name and e-mail that git is configured with, for the person who approves.
#[must_use]
pub fn identity(repo: &Repository) -> Option<(String, String)> {
    let config = repo.config().ok()?.snapshot().ok()?;
    let value = |key| config.get_str(key).ok().map(str::trim).filter(|value| !value.is_empty()).map(str::to_owned);
    Some((value("user.name")?, value("user.email")?))
}

fn commits(repo: &Repository, base: Option<Oid>, head: Oid) -> Result<Vec<Commit>, GitError> {
    let unread = || GitError::reading("the history of the range");
    let mut walk = repo.revwalk().map_err(unread())?;
    walk.simplify_first_parent().map_err(unread())?;
    walk.set_sorting(Sort::TOPOLOGICAL).map_err(unread())?;
    walk.push(head).map_err(unread())?;
    if let Some(base) = base {
        walk.hide(base).map_err(unread())?;
    }
    // A commit whose parent a shallow or damaged clone lacks ends the list; the diff does not need it.
    walk.take(COMMITS).map_while(Result::ok).map(|id| described(repo, id)).collect()
}

fn described(repo: &Repository, id: Oid) -> Result<Commit, GitError> {
    let commit = repo.find_commit(id).map_err(GitError::reading(format!("commit {id}")))?;
    let first_line = |message: &[u8]| {
        let message = String::from_utf8_lossy(message);
        message.trim_start().lines().next().unwrap_or_default().trim_end().to_owned()
    };
    Ok(Commit {
        id: id.to_string(),
        author: String::from_utf8_lossy(commit.author().name_bytes()).into_owned(),
        at: Timestamp::from_seconds(commit.author().when().seconds()),
        subject: first_line(commit.message_bytes()),
        paths: paths_of(repo, &commit).unwrap_or_default(),
    })
}

/// The paths in which a commit differs from its first parent; none for the first commit of a
/// shallow clone, which would seem to bring everything.
fn paths_of(repo: &Repository, commit: &git2::Commit<'_>) -> Result<Vec<String>, git2::Error> {
    if commit.parent_count() == 0 && repo.is_shallow() {
        return Ok(Vec::new());
    }
    let before = match commit.parent_count() {
        0 => None,
        _ => Some(commit.parent(0)?.tree()?),
    };
    let diff = repo.diff_tree_to_tree(before.as_ref(), Some(&commit.tree()?), None)?;
    let path = |delta: git2::DiffDelta<'_>| {
        let file = if delta.status() == git2::Delta::Deleted { delta.old_file() } else { delta.new_file() };
        file.path_bytes().map(|bytes| String::from_utf8_lossy(bytes).into_owned())
    };
    Ok(diff.deltas().filter_map(path).collect())
}
