//! Prepares what a person may take in parts, and computes what they took.
//!
//! Input: what was deployed, and a [`Proposal`]; then the [`Draft`] of it and a [`Choice`]. Output: a draft
//! with the [`Plan`] of all of it; then the plan of what was chosen. Writes nothing, as [`super::plan`].

use std::collections::BTreeMap;
use std::path::Path;

use git2::{Commit, Diff, Oid, Repository};

use super::tree::{self, LeftOut};
use super::{GitError, Request, RevertError, about_history, files, open_in_memory, parent, planned, read};
use crate::remedy::draft::{Account, Choice, Draft, Origin, Proposal};
use crate::remedy::fix::Check;
use crate::remedy::fix::report::Taken;
use crate::remedy::safety;
use crate::remedy::{Concern, Hazard, Plan, Scope};
use crate::triage::{Change, FileChange};

/// What speaks for a draft.
#[derive(Clone, Debug, Default)]
pub struct Grounds {
    /// What the evidence says of the error, in words.
    pub verdict: String,
    /// How the draft was found, in words.
    pub evidence: String,
    /// Why its parts are in it.
    pub reasons: Vec<Taken>,
    /// What it was held against.
    pub checks: Vec<Check>,
    /// What its author says and what asking cost.
    pub notes: Vec<String>,
}

/// Prepares a proposal to be reviewed; returns it with the plan of all of it.
///
/// # Errors
///
/// As [`super::plan`], and when a patch does not apply to the deployed revision.
pub fn prepare(
    repo_path: &Path,
    deployed: &Change,
    (origin, proposal): (Origin, Proposal),
    grounds: Grounds,
    request: &Request<'_>,
) -> Result<(Plan, Draft), RevertError> {
    let repo = open_in_memory(repo_path)?;
    let parent = parent(&repo, &deployed.head, request.target_branch)?;
    let made = proposed(&repo, deployed, &proposal, &parent)?;
    let change = difference(&repo, &parent, made)?;
    let mut draft = Draft::new(origin, proposal, change);
    (draft.verdict, draft.evidence) = (grounds.verdict, grounds.evidence);
    (draft.reasons, draft.checks, draft.notes) = (grounds.reasons, grounds.checks, grounds.notes);
    let plan = plan_of(repo_path, &repo, deployed, &draft, &Choice::default(), (&parent, made), request)?;
    Ok((plan, draft))
}

/// Computes the plan of what was chosen of a draft.
///
/// # Errors
///
/// As [`super::plan`]; when the branch moved since the draft was made, or nothing of it was chosen.
pub fn choose(
    repo_path: &Path,
    deployed: &Change,
    draft: &Draft,
    choice: &Choice,
    request: &Request<'_>,
) -> Result<Plan, RevertError> {
    let repo = open_in_memory(repo_path)?;
    let parent = parent(&repo, &deployed.head, request.target_branch)?;
    if parent.id().to_string() != draft.change.base {
        return Err(RevertError::Moved { planned: draft.change.base.clone(), now: parent.id().to_string() });
    }
    let made = proposed(&repo, deployed, &draft.proposal, &parent)?;
    if made.to_string() != draft.change.head {
        return Err(RevertError::NotAsApproved("the draft"));
    }
    let chosen = chosen(&repo, draft, choice, (&parent, made))?;
    plan_of(repo_path, &repo, deployed, draft, choice, (&parent, chosen), request)
}

/// The files that a choice of a draft changes, as they would be; `None` where one goes.
///
/// # Errors
///
/// As [`choose`].
pub fn contents(
    repo_path: &Path,
    deployed: &Change,
    draft: &Draft,
    choice: &Choice,
    target_branch: Option<&str>,
) -> Result<BTreeMap<String, Option<Vec<u8>>>, RevertError> {
    let repo = open_in_memory(repo_path)?;
    let parent = parent(&repo, &deployed.head, target_branch)?;
    if parent.id().to_string() != draft.change.base {
        return Err(RevertError::Moved { planned: draft.change.base.clone(), now: parent.id().to_string() });
    }
    let made = proposed(&repo, deployed, &draft.proposal, &parent)?;
    let chosen = chosen(&repo, draft, choice, (&parent, made))?;
    let (before, after) = (tree::tree_of(&parent)?, found(&repo, chosen)?);
    let mut contents = BTreeMap::new();
    for path in draft.change.files.iter().flat_map(|file| [Some(&file.path), file.old_path.as_ref()]).flatten() {
        let id = |tree: &git2::Tree<'_>| tree.get_path(Path::new(path)).ok().map(|entry| entry.id());
        let (old, new) = (id(&before), id(&after));
        if old == new {
            continue;
        }
        let blob = new.map(|id| repo.find_blob(id).map(|blob| blob.content().to_vec())).transpose();
        contents.insert(path.clone(), blob.map_err(GitError::reading("what was chosen"))?);
    }
    Ok(contents)
}

/// The tree that a proposal gives on `parent`.
fn proposed(
    repo: &Repository,
    deployed: &Change,
    proposal: &Proposal,
    parent: &Commit<'_>,
) -> Result<Oid, RevertError> {
    let deployed_commit = tree::commit(repo, &deployed.head)?;
    let head = tree::tree_of(&deployed_commit)?;
    let made = match proposal {
        Proposal::Back(scope) => return tree::compute(repo, deployed, scope, parent),
        Proposal::Parts(hunks, files) => tree::deployed_without(repo, deployed, hunks, files)?,
        Proposal::Patch(patch) => {
            let applied = Diff::from_buffer(patch.as_bytes())
                .and_then(|diff| repo.apply_to_tree(&head, &diff, None)?.write_tree_to(repo));
            applied.map_err(RevertError::NotApplying)?
        }
    };
    tree::onto(repo, &head, made, parent)
}

/// The difference that the tree makes on `parent`.
fn difference(repo: &Repository, parent: &Commit<'_>, made: Oid) -> Result<Change, RevertError> {
    let (before, after) = (tree::tree_of(parent)?, found(repo, made)?);
    Ok(Change {
        base: parent.id().to_string(),
        head: made.to_string(),
        files: read::files_between(repo, &before, &after)?,
        ..Change::default()
    })
}

fn found(repo: &Repository, tree: Oid) -> Result<git2::Tree<'_>, GitError> {
    repo.find_tree(tree).map_err(GitError::reading("the tree that was computed"))
}

/// The tree of what was chosen.
fn chosen(
    repo: &Repository,
    draft: &Draft,
    choice: &Choice,
    (parent, made): (&Commit<'_>, Oid),
) -> Result<Oid, RevertError> {
    if choice.is_whole() {
        return Ok(made);
    }
    let (before, after) = (tree::tree_of(parent)?, found(repo, made)?);
    let (hunks, files) = draft.left_out(choice);
    let out = LeftOut { hunks: &hunks, files: &files, edits: choice.edits() };
    let chosen = tree::without(repo, &draft.change, out, &before, &after)?;
    if chosen == before.id() { Err(RevertError::NothingToDo) } else { Ok(chosen) }
}

fn plan_of(
    repo_path: &Path,
    repo: &Repository,
    deployed: &Change,
    draft: &Draft,
    choice: &Choice,
    (parent, made): (&Commit<'_>, Oid),
    request: &Request<'_>,
) -> Result<Plan, RevertError> {
    let scope = match &draft.proposal {
        Proposal::Back(scope) if choice.is_whole() => scope.clone(),
        Proposal::Back(_) | Proposal::Parts(..) | Proposal::Patch(_) => {
            let (before, after) = (tree::tree_of(parent)?, found(repo, made)?);
            Scope::Files(files::between(repo, &read::open(repo_path)?, &before, &after)?)
        }
    };
    let mut concerns = concerns(deployed, draft, choice);
    concerns.extend(about_history(repo, deployed, parent.id())?);
    let account = Account::of(draft, choice);
    planned(repo, deployed, (draft.origin, scope, &account), concerns, (parent, made), request)
}

/// What speaks against this much of the draft.
///
/// What it changes goes back from what is deployed now, whoever wrote it: so its reverse is judged as a deploy is.
fn concerns(deployed: &Change, draft: &Draft, choice: &Choice) -> Vec<Concern> {
    let mut concerns = match &draft.proposal {
        Proposal::Back(scope) if choice.is_whole() => super::concerns_within(deployed, scope),
        Proposal::Back(_) | Proposal::Parts(..) | Proposal::Patch(_) => {
            let paths = draft.paths(choice);
            let is_in = |file: &FileChange| {
                paths.contains(&file.path) || file.old_path.as_ref().is_some_and(|path| paths.contains(path))
            };
            let mut within = draft.change.reversed();
            within.files.retain(is_in);
            within.commits = deployed.commits.clone();
            within.commits.retain(|commit| commit.paths.iter().any(|path| paths.contains(path)));
            safety::concerns(&within)
        }
    };
    let edited = choice.edits().keys().filter_map(|hunk| {
        let mut files = draft.change.files.iter();
        files.find_map(|file| file.hunks.iter().find(|other| other.id == *hunk).map(|hunk| (file, hunk)))
    });
    concerns.extend(edited.map(|(file, hunk)| Concern {
        rule: "review.edited".to_owned(),
        level: Hazard::Amber,
        file: file.path.clone(),
        line: hunk.touched().0,
        why: "This hunk was edited by hand: what it says now was neither deployed nor tested before.".to_owned(),
        safer: "Run the tests on the branch before it is deployed.".to_owned(),
    }));
    concerns
}
