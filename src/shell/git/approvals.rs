//! Keeps approvals in the repository, so that people can push and fetch them.
//!
//! One reference a plan and person, `refs/aftercare/approvals/<digest>/<person>`, to a commit without a parent
//! that holds `approval.json`: the exact bytes of the plan, its digest, who, when. Nobody writes to another's
//! reference, so that pushing them never conflicts.
//!
//! What is read came from other machines: it is bounded, and counts only as far as [`Proposal::parse`] finds
//! the digest of its bytes.

use std::path::Path;

use git2::{Oid, Repository, Signature, Time};
use sha2::{Digest as _, Sha256};

use super::revert::RevertError;
use super::{GitError, read};
use crate::remedy::proposal::{self, Invalid, Proposal};
use crate::remedy::{Consent, Person};
use crate::units::Digest;

/// Where they are.
pub const PREFIX: &str = "refs/aftercare/approvals/";

/// What fetches and pushes them.
pub const REFSPEC: &str = "refs/aftercare/*:refs/aftercare/*";

/// The file in the commit.
const FILE: &str = "approval.json";

/// Most references that are looked at.
const MOST: usize = 1_000;

/// An approval as it stands in the repository.
#[derive(Debug)]
pub struct Kept {
    /// Its reference.
    pub name: String,
    /// What it says, or why it says nothing.
    pub proposal: Result<Proposal, Invalid>,
}

/// Writes a person's approval; one that was there before is replaced. Returns its reference.
///
/// # Errors
///
/// When the person cannot be an author, or the repository cannot be written.
pub fn write(repo_path: &Path, proposal: &Proposal) -> Result<String, RevertError> {
    let repo = read::open(repo_path)?;
    let Consent { by, at, .. } = &proposal.first;
    let unfit = |text: &str| text.chars().any(|character| character.is_control() || "<>".contains(character));
    let no_author = || RevertError::NoAuthor(by.name.clone());
    if unfit(&by.name) || unfit(&by.email) {
        return Err(no_author());
    }
    let author =
        Signature::new(by.name.trim(), by.email.trim(), &Time::new(at.seconds(), 0)).map_err(|_| no_author())?;
    let blob = repo.blob(proposal.text().as_bytes()).map_err(RevertError::writing("the approval"))?;
    let mut builder = repo.treebuilder(None).map_err(RevertError::writing("the approval"))?;
    builder.insert(FILE, blob, 0o100_644).map_err(RevertError::writing("the approval"))?;
    let tree = builder.write().and_then(|id| repo.find_tree(id)).map_err(RevertError::writing("the approval"))?;
    let digest = proposal.plan.digest();
    let message =
        format!("Approve {} for {}\n\nDigest: {digest}\n", proposal.plan.branch, proposal.plan.service.trim());
    let commit =
        repo.commit(None, &author, &author, &message, &tree, &[]).map_err(RevertError::writing("the approval"))?;
    let name = reference(digest, by);
    repo.reference(&name, commit, true, "aftercare: approve").map_err(RevertError::writing("the approval"))?;
    Ok(name)
}

/// Everything that stands there, also what cannot be read.
///
/// # Errors
///
/// When the repository cannot be read.
pub fn all(repo_path: &Path) -> Result<Vec<Kept>, GitError> {
    let repo = read::open(repo_path)?;
    let reading = || GitError::reading("the approvals in the repository");
    let mut kept = Vec::new();
    for reference in repo.references_glob(&format!("{PREFIX}*")).map_err(reading())?.take(MOST) {
        let reference = reference.map_err(reading())?;
        let name = String::from_utf8_lossy(reference.name_bytes()).into_owned();
        let proposal = match reference.target() {
            Some(id) => text_of(&repo, id).and_then(|text| Proposal::parse(&text)),
            None => Err(Invalid::Unreadable("it is no commit".to_owned())),
        };
        // A person's reference holds that person's approval of that digest, or nothing that counts.
        let proposal = proposal.and_then(|proposal| {
            let expected = self::reference(proposal.plan.digest(), &proposal.first.by);
            let misplaced = || Invalid::Unreadable(format!("it belongs to {expected}"));
            if name == expected { Ok(proposal) } else { Err(misplaced()) }
        });
        kept.push(Kept { name, proposal });
    }
    kept.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(kept)
}

/// The approvals of these bytes.
///
/// # Errors
///
/// When the repository cannot be read.
pub fn of(repo_path: &Path, digest: Digest) -> Result<Vec<Consent>, GitError> {
    let kept = all(repo_path)?.into_iter().filter_map(|kept| kept.proposal.ok());
    Ok(kept.filter(|proposal| proposal.plan.digest() == digest).map(|proposal| proposal.first).collect())
}

fn text_of(repo: &Repository, commit: Oid) -> Result<String, Invalid> {
    let unreadable = |error: git2::Error| Invalid::Unreadable(error.message().to_owned());
    let tree = repo.find_commit(commit).and_then(|commit| commit.tree()).map_err(unreadable)?;
    let id = tree.get_name(FILE).map(|entry| entry.id());
    let id = id.ok_or_else(|| Invalid::Unreadable(format!("it has no {FILE}")))?;
    let (size, _) = repo.odb().and_then(|odb| odb.read_header(id)).map_err(unreadable)?;
    if size > proposal::LONGEST {
        return Err(Invalid::Unreadable("it is too large".to_owned()));
    }
    let blob = repo.find_blob(id).map_err(unreadable)?;
    let text = std::str::from_utf8(blob.content()).map_err(|error| Invalid::Unreadable(error.to_string()))?;
    Ok(text.to_owned())
}

fn reference(digest: Digest, by: &Person) -> String {
    let mut hasher = Sha256::new();
    hasher.update(by.name.as_bytes());
    hasher.update([0]);
    hasher.update(by.email.as_bytes());
    let person = Digest::from_bytes(hasher.finalize().into()).short();
    format!("{PREFIX}{}/{person}", digest.to_string().get(..16).unwrap_or_default())
}
