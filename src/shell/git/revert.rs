//! Prepares and makes the commit that takes a deploy back.
//!
//! Input: the [`Change`] that was deployed, and how much of it to take back.
//! Output: a [`Plan`], and with [`draft`] one of what a person chose of it; once that is approved, a branch
//! with one commit, checked out in a worktree of its own.
//!
//! [`plan`] writes nothing: what it computes stays in memory. [`commit`] computes everything again,
//! compares it with what was approved, and adds objects, one branch and, while it is in use, one
//! worktree. The user's work tree, index, current branch and HEAD are never touched, hooks are not run, commits
//! are not signed, and nothing is pushed.
//!
//! How a tree is computed: going back is "the base's side" of every difference, or of the chosen hunks,
//! so nothing can fail to apply, and merges in the range do not matter. Only where the branch moved on
//! is that merged, in three ways, with what came later; a conflict is refused.

mod checkout;
mod compose;
pub mod draft;
mod error;
mod files;
mod tree;

use std::path::Path;

use git2::{BranchType, Commit, Oid, Repository, Signature, Time};

use super::{GitError, read};
use crate::remedy::draft::{Account, Origin};
use crate::remedy::plan::{Parts, Push};
use crate::remedy::{Approved, Concern, Hazard, Plan, Scope, safety};
use crate::triage::{Change, HunkId};
use crate::units::Timestamp;

pub use checkout::Checkout;
pub use error::RevertError;
pub(in crate::shell) use files::index_entry;

/// What is to be taken back, and for whom.
#[derive(Clone, Debug)]
pub struct Request<'a> {
    /// The service's name.
    pub service: &'a str,
    /// How much is taken back.
    pub scope: Scope,
    /// The branch that is deployed. Without one it is the checked out commit where that contains the
    /// deploy, and otherwise the deployed commit itself.
    pub target_branch: Option<&'a str>,
    /// The user's own deploy command, an argument list with placeholders.
    pub deploy_command: Option<&'a [String]>,
    /// Why it is done, as a sentence.
    pub reason: &'a str,
    /// What the commit refers to: an incident, a signature id.
    pub refs: &'a [String],
    /// Where the branch is pushed to, if it is.
    pub push: Option<&'a Push>,
}

impl<'a> Request<'a> {
    /// Asks to take this much of a service's deploy back, with nothing configured.
    #[must_use]
    pub fn new(service: &'a str, scope: Scope) -> Self {
        Self { service, scope, target_branch: None, deploy_command: None, reason: "", refs: &[], push: None }
    }
}

/// A rollback that was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Committed {
    /// The branch, as in the plan.
    pub branch: String,
    /// Full id of the commit.
    pub commit: String,
    /// Whether an earlier attempt had made the same commit already.
    pub existed: bool,
}

/// Computes what going back would do, without writing anything.
///
/// # Errors
///
/// When the repository cannot be read, the deploy or its base is not in it (as in a shallow clone),
/// the branch does not contain the deploy, later commits stand in the way, a chosen hunk does
/// not exist, there is nothing to take back, or the deploy command is wrong.
pub fn plan(repo_path: &Path, change: &Change, request: &Request<'_>) -> Result<Plan, RevertError> {
    let repo = open_in_memory(repo_path)?;
    let parent = parent(&repo, &change.head, request.target_branch)?;
    let going_back = tree::compute(&repo, change, &request.scope, &parent)?;
    let mut concerns = concerns_within(change, &request.scope);
    concerns.extend(about_history(&repo, change, parent.id())?);
    let what = (Origin::Rollback, request.scope.clone(), &Account::default());
    planned(&repo, change, what, concerns, (&parent, going_back), request)
}

/// Opens the repository so that objects that are made from here on stay in memory and go with it.
fn open_in_memory(repo_path: &Path) -> Result<Repository, RevertError> {
    let repo = read::open(repo_path)?;
    let reading = || GitError::reading("the objects of the repository");
    repo.odb().and_then(|odb| odb.add_new_mempack_backend(1000).map(drop)).map_err(reading())?;
    Ok(repo)
}

/// Makes the plan of a tree that was computed.
fn planned(
    repo: &Repository,
    change: &Change,
    (origin, scope, account): (Origin, Scope, &Account),
    concerns: Vec<Concern>,
    (parent, made): (&Commit<'_>, Oid),
    request: &Request<'_>,
) -> Result<Plan, RevertError> {
    let patch = tree::patch(repo, parent, made)?;
    let remote = remote(repo);
    let (parent_id, tree_id) = (parent.id().to_string(), made.to_string());
    let parts = Parts {
        service: request.service,
        origin,
        scope,
        account,
        base: &change.base,
        head: &change.head,
        parent: &parent_id,
        tree: &tree_id,
        patch,
        concerns,
        commits: &change.commits,
        reason: request.reason,
        refs: request.refs,
        target_branch: request.target_branch,
        remote: remote.as_deref(),
        deploy_command: request.deploy_command,
        push: request.push,
    };
    Ok(Plan::new(parts)?)
}

/// Makes the branch and the commit that were approved; the approver is author and committer.
///
/// Doing it again gives the same branch and commit.
///
/// # Errors
///
/// When the branch that is deployed moved since the plan was made, the computation gives another
/// tree or patch than was approved, a branch of that name holds something else, the person cannot be
/// an author, or the repository cannot be written.
pub fn commit(
    repo_path: &Path,
    approved: &Approved,
    target_branch: Option<&str>,
    at: Timestamp,
) -> Result<Committed, RevertError> {
    let repo = read::open(repo_path)?;
    let plan = approved.plan();
    if plan.digest() != approved.digest() {
        return Err(RevertError::NotAsApproved("the digest"));
    }
    let (parent, tree_id) = computed_again(&repo, plan, target_branch)?;
    if let Some(existing) = existing(&repo, plan, tree_id, parent.id())? {
        return Ok(existing);
    }
    let author = author(approved, at)?;
    let tree = repo.find_tree(tree_id).map_err(GitError::reading("the tree that was computed"))?;
    let id = repo
        .commit(None, &author, &author, &plan.message, &tree, &[&parent])
        .map_err(RevertError::writing("the commit"))?;
    let commit = repo.find_commit(id).map_err(GitError::reading("the commit that was made"))?;
    repo.branch(&plan.branch, &commit, false).map_err(RevertError::writing("the branch"))?;
    Ok(Committed { branch: plan.branch.clone(), commit: id.to_string(), existed: false })
}

/// Computes a plan again, without writing anything: is it still what it says?
///
/// # Errors
///
/// When the branch that is deployed moved since the plan was made, or the computation gives another tree or
/// patch.
pub fn still_holds(repo_path: &Path, plan: &Plan, target_branch: Option<&str>) -> Result<(), RevertError> {
    let repo = read::open(repo_path)?;
    let odb = repo.odb().map_err(GitError::reading("the objects of the repository"))?;
    odb.add_new_mempack_backend(1000).map_err(GitError::reading("the objects of the repository"))?;
    computed_again(&repo, plan, target_branch).map(drop)
}

/// The commit that a plan is made on, and the tree that it gives, when both are still as planned.
fn computed_again<'r>(
    repo: &'r Repository,
    plan: &Plan,
    target_branch: Option<&str>,
) -> Result<(Commit<'r>, Oid), RevertError> {
    let parent = parent(repo, &plan.head, target_branch)?;
    if parent.id().to_string() != plan.parent {
        return Err(RevertError::Moved { planned: plan.parent.clone(), now: parent.id().to_string() });
    }
    let change = match &plan.scope {
        Scope::Files(_) => Change { base: plan.base.clone(), head: plan.head.clone(), ..Change::default() },
        Scope::Range | Scope::Hunks(_) => read::change(repo, &format!("{}..{}", plan.base, plan.head))?,
    };
    let tree_id = tree::compute(repo, &change, &plan.scope, &parent)?;
    if tree_id.to_string() != plan.tree {
        return Err(RevertError::NotAsApproved("the tree"));
    }
    if tree::patch(repo, &parent, tree_id)? != plan.patch {
        return Err(RevertError::NotAsApproved("the patch"));
    }
    Ok((parent, tree_id))
}

/// Computes the deployed tree without these hunks, and without what happened to these files (by their
/// indices in the change), and adds it to the objects of `repo`.
///
/// # Errors
///
/// When the repository cannot be read or written, the change is not what it holds, or a file would
/// stand where a folder stands.
pub fn without(repo: &Repository, change: &Change, hunks: &[HunkId], files: &[usize]) -> Result<Oid, RevertError> {
    tree::deployed_without(repo, change, hunks, files)
}

/// The unified diff from the deployed tree to another one.
///
/// # Errors
///
/// When one of them cannot be read, or the patch is too large to be reviewed.
pub fn patch_to(repo: &Repository, change: &Change, tree_id: Oid) -> Result<String, RevertError> {
    tree::patch(repo, &tree::commit(repo, &change.head)?, tree_id)
}

/// The unified diff that a commit makes to its first parent.
///
/// # Errors
///
/// When it, or its parent, is not there, or the diff is too large.
pub fn patch_of(repo_path: &Path, commit: &str) -> Result<String, RevertError> {
    let repo = read::open(repo_path)?;
    let commit = tree::commit(&repo, commit)?;
    let parent = commit.parent(0).map_err(GitError::reading("the commit before"))?;
    tree::patch(&repo, &parent, commit.tree_id())
}

/// The commit to go back on: the tip of the branch, which must contain the deploy.
fn parent<'r>(repo: &'r Repository, head: &str, target_branch: Option<&str>) -> Result<Commit<'r>, RevertError> {
    let head = tree::commit(repo, head)?;
    let contains = |tip: Oid| -> Result<bool, GitError> {
        if tip == head.id() {
            return Ok(true);
        }
        repo.graph_descendant_of(tip, head.id()).map_err(GitError::reading("the history of the branch"))
    };
    let Some(name) = target_branch else {
        // A repository without a checked out commit, or on an unrelated one, says nothing about the deploy.
        return match repo.head().ok().and_then(|head| head.peel_to_commit().ok()) {
            Some(tip) if contains(tip.id())? => Ok(tip),
            Some(_) | None => Ok(head),
        };
    };
    let branch = repo
        .find_branch(name, BranchType::Local)
        .or_else(|_| repo.find_branch(name, BranchType::Remote))
        .map_err(|_| GitError::UnknownRevision(name.to_owned()))?;
    let tip = branch.get().peel_to_commit().map_err(GitError::reading(format!("the tip of {name}")))?;
    if contains(tip.id())? {
        Ok(tip)
    } else {
        Err(RevertError::NotOnBranch { branch: name.to_owned(), head: head.id().to_string() })
    }
}

/// What speaks against taking back this much; of hunks, only what concerns their files.
fn concerns_within(change: &Change, scope: &Scope) -> Vec<Concern> {
    match scope {
        Scope::Range => safety::concerns(change),
        Scope::Hunks(chosen) => {
            let mut within = change.clone();
            within.files.retain(|file| file.hunks.iter().any(|hunk| chosen.contains(&hunk.id)));
            safety::concerns(&within)
        }
        // These are told from their draft.
        Scope::Files(_) => Vec::new(),
    }
}

/// What only the history tells: merges in the range, and later commits on the same files.
fn about_history(repo: &Repository, change: &Change, parent: Oid) -> Result<Vec<Concern>, RevertError> {
    let mut concerns = Vec::new();
    let merge = change.commits.iter().find(|listed| {
        Oid::from_str(&listed.id).and_then(|id| repo.find_commit(id)).is_ok_and(|commit| commit.parent_count() > 1)
    });
    if let Some(merge) = merge {
        let touched = merge.paths.iter().map(String::as_str).chain(change.files.iter().map(|file| file.path.as_str()));
        let file = touched.into_iter().next().unwrap_or_default().to_owned();
        concerns.push(Concern {
            rule: "history.merge".to_owned(),
            level: Hazard::Green,
            file,
            line: 1,
            why: format!(
                "The range holds the merge {}; merging that branch again later brings nothing back.",
                short(&merge.id)
            ),
            safer: "To bring it back, revert the rollback commit instead of merging again.".to_owned(),
        });
    }
    for path in tree::also_changed_later(repo, change, parent)? {
        concerns.push(Concern {
            rule: "history.changed-later".to_owned(),
            level: Hazard::Amber,
            file: path,
            line: 1,
            why: "Commits after the deploy changed this file too; they stay, on top of older code than they were written for.".to_owned(),
            safer: "Read the patch of this file with the later commits in mind, and run its tests on the branch.".to_owned(),
        });
    }
    Ok(concerns)
}

fn short(id: &str) -> &str {
    id.get(..12).unwrap_or(id)
}

/// The remote to push to: `origin`, or the only one.
fn remote(repo: &Repository) -> Option<String> {
    let remotes = repo.remotes().ok()?;
    let names: Vec<&str> = remotes.iter().flatten().flatten().filter(|name| !name.starts_with('-')).collect();
    let chosen =
        names.iter().find(|name| **name == "origin").or(if names.len() == 1 { names.first() } else { None })?;
    Some((*chosen).to_owned())
}

/// The branch, where an earlier attempt made exactly this commit.
fn existing(repo: &Repository, plan: &Plan, tree: Oid, parent: Oid) -> Result<Option<Committed>, RevertError> {
    let Ok(branch) = repo.find_branch(&plan.branch, BranchType::Local) else { return Ok(None) };
    let commit = branch.get().peel_to_commit().map_err(GitError::reading(format!("the branch {}", plan.branch)))?;
    let same = commit.tree_id() == tree
        && commit.parent_ids().eq([parent])
        && commit.message_raw_bytes() == plan.message.as_bytes();
    if !same {
        return Err(RevertError::BranchExists(plan.branch.clone()));
    }
    Ok(Some(Committed { branch: plan.branch.clone(), commit: commit.id().to_string(), existed: true }))
}

fn author(approved: &Approved, at: Timestamp) -> Result<Signature<'static>, RevertError> {
    let by = approved.by();
    let unfit = |text: &str| text.chars().any(|character| character.is_control() || "<>".contains(character));
    if by.name.trim().is_empty() || unfit(&by.name) || unfit(&by.email) {
        return Err(RevertError::NoAuthor(by.name.clone()));
    }
    Signature::new(&by.name, by.email.trim(), &Time::new(at.seconds(), 0))
        .map_err(|_| RevertError::NoAuthor(by.name.clone()))
}
