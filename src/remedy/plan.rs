//! What would be done, exactly as it is shown.
//!
//! Input: [`Parts`], as `shell::git::revert` computed them.
//! Output: a [`Plan`] whose digest covers every byte of it, and a [`PlanReport`] of it as JSON.
//!
//! Pure. The one thing that is not known beforehand is the id of the commit that will be made (it
//! holds the name of who approves and the time), so `{revision}` stays in a command until then.

mod command;
mod message;

use std::fmt::Write as _;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::draft::{Account, Comment, Origin, Side};
use super::safety::{Concern, Hazard};
use crate::triage::{Commit, HunkId};
use crate::units::Digest;

pub use command::{OWN_PROGRAM, REVISION, shown_argv, with_revision};

/// The version of the JSON that [`PlanReport`] serializes to.
pub const SCHEMA: u32 = 1;

/// What every branch made here starts with; what kind of remedy it is and the short id of the plan follow.
pub const BRANCH_PREFIX: &str = "aftercare/";

/// How much of the deploy is taken back.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Scope {
    /// Everything in the range.
    Range,
    /// Only these hunks.
    Hunks(Vec<HunkId>),
    /// What was chosen of a draft: these files become so.
    Files(Vec<Put>),
}

/// A file as it shall be.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Put {
    /// Its path, as git holds it.
    pub path: Vec<u8>,
    /// What is there.
    pub content: Content,
}

/// What is at a path.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase", deny_unknown_fields)]
pub enum Content {
    /// Nothing.
    Gone,
    /// An object that the repository holds: a file, a link, or the commit of a submodule.
    Object {
        /// Its mode, as git writes it.
        mode: u32,
        /// Its full id.
        id: String,
    },
    /// Bytes that no object of the repository holds yet.
    Bytes {
        /// The file's mode, as git writes it.
        mode: u32,
        /// The bytes.
        bytes: Vec<u8>,
    },
}

/// One command that would be run, as an argument list; never a shell line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// Program and arguments.
    pub argv: Vec<String>,
    /// What it does, for the person who reads it.
    pub does: String,
    /// Whether aftercare runs it after approval; otherwise it is for the person to run.
    pub runs: bool,
}

/// A rollback, ready to be reviewed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    /// The service it is for.
    pub service: String,
    /// Who proposed it.
    pub origin: Origin,
    /// How much it takes back.
    pub scope: Scope,
    /// Full id of the revision that is taken back to.
    pub base: String,
    /// Full id of the revision that is taken back.
    pub head: String,
    /// Full id of the commit it is made on: `head`, or the tip of the branch where that moved on.
    pub parent: String,
    /// Full id of the tree that the new commit will have.
    pub tree: String,
    /// The branch that will be made: `aftercare/rollback-<short id>`, or `aftercare/fix-<short id>`.
    pub branch: String,
    /// Message of the new commit.
    pub message: String,
    /// Unified diff from `parent` to the new commit.
    pub patch: String,
    /// What the reviewer noted on its lines.
    pub comments: Vec<Comment>,
    /// What to know before doing it, most dangerous first.
    pub concerns: Vec<Concern>,
    /// What follows, in order.
    pub steps: Vec<Step>,
}

/// Why no plan can be made of these parts.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PlanError {
    /// The deploy command has no program.
    #[error("the deploy command is empty")]
    NoProgram,
    /// The deploy command names a placeholder that does not exist.
    #[error("{{{0}}} is no placeholder; the deploy command knows {{revision}}, {{branch}}, {{service}} and {{base}}")]
    UnknownPlaceholder(String),
    /// A brace that is not closed; write `{{` for one that is meant literally.
    #[error("the argument {0:?} of the deploy command has an open brace; write {{{{ for a literal one")]
    OpenBrace(String),
    /// A value would change what the command means.
    #[error("the {name} {value:?} holds a brace or a control character and cannot stand in a command")]
    UnfitValue {
        /// The placeholder's name.
        name: &'static str,
        /// Its value.
        value: String,
    },
}

/// What a plan is made of.
#[derive(Clone, Debug)]
pub struct Parts<'a> {
    /// The service it is for.
    pub service: &'a str,
    /// Who proposed it.
    pub origin: Origin,
    /// How much it takes back.
    pub scope: Scope,
    /// What was taken of a draft, and on what grounds.
    pub account: &'a Account,
    /// Full id of the revision that is taken back to.
    pub base: &'a str,
    /// Full id of the revision that is taken back.
    pub head: &'a str,
    /// Full id of the commit it is made on.
    pub parent: &'a str,
    /// Full id of the tree that the new commit will have.
    pub tree: &'a str,
    /// Unified diff from `parent` to the new commit.
    pub patch: String,
    /// What to know before doing it.
    pub concerns: Vec<Concern>,
    /// The commits that are taken back, newest first.
    pub commits: &'a [Commit],
    /// Why it is done, as a sentence; empty when nobody said.
    pub reason: &'a str,
    /// What the commit refers to, such as an incident or a signature id.
    pub refs: &'a [String],
    /// The branch that the deploy came from, where it is known.
    pub target_branch: Option<&'a str>,
    /// The remote that the branch would be pushed to, where there is one.
    pub remote: Option<&'a str>,
    /// The user's own deploy command as an argument list with placeholders.
    pub deploy_command: Option<&'a [String]>,
    /// Where the branch is pushed to after it was made, if it is.
    pub push: Option<&'a Push>,
}

/// Where a made branch goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Push {
    /// Name of the remote.
    pub remote: String,
    /// The pull request that is opened for it, if one is.
    pub pull_request: Option<PullRequest>,
}

/// Where a pull request is opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PullRequest {
    /// What speaks there: `github`, `gitlab` or `gitea`.
    pub forge: String,
    /// Address of its API.
    pub api: String,
    /// The project, as `owner/name`, or with more groups.
    pub project: String,
    /// The branch that it is for.
    pub target: String,
}

/// A way out of an incident.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Way {
    /// Take the deploy, or a part of it, back.
    RollBack,
    /// Mend it with a further change.
    FixForward,
}

/// The ways out, the one to try first in front: where going back breaks something, a fix is.
#[must_use]
pub fn ways(level: Hazard) -> [Way; 2] {
    match level {
        Hazard::Red => [Way::FixForward, Way::RollBack],
        Hazard::Green | Hazard::Amber => [Way::RollBack, Way::FixForward],
    }
}

impl Plan {
    /// Makes a plan: names the branch, writes the message, and fills in the commands.
    ///
    /// Different base, head, parent, origin or scope give different branches.
    ///
    /// # Errors
    ///
    /// When the deploy command is empty, names an unknown placeholder, or a value that would be
    /// filled in holds a brace or a control character.
    pub fn new(parts: Parts<'_>) -> Result<Self, PlanError> {
        let branch = format!("{BRANCH_PREFIX}{}-{}", parts.origin.word(), short_id(&parts));
        let steps = command::steps(&parts, &branch)?;
        let message = message::write(&parts);
        let mut concerns = parts.concerns;
        concerns.sort_by(Concern::by_danger);
        Ok(Self {
            service: parts.service.to_owned(),
            origin: parts.origin,
            scope: parts.scope,
            base: parts.base.to_owned(),
            head: parts.head.to_owned(),
            parent: parts.parent.to_owned(),
            tree: parts.tree.to_owned(),
            branch,
            message,
            patch: parts.patch,
            comments: parts.account.comments.clone(),
            concerns,
            steps,
        })
    }

    /// The most dangerous level among the concerns.
    #[must_use]
    pub fn level(&self) -> Hazard {
        self.concerns.iter().map(|concern| concern.level).max().unwrap_or(Hazard::Green)
    }

    /// The digest of everything that is shown and will be done: service, origin, scope, revisions, tree,
    /// branch, message, patch, comments, concerns and commands.
    ///
    /// SHA-256 over fields that each carry their length, behind a name of the format, so that no
    /// two plans share their bytes.
    #[must_use]
    pub fn digest(&self) -> Digest {
        let mut fields = Fields::new("aftercare.plan.v2");
        fields.text(&self.service);
        fields.text(self.origin.word());
        fields.scope(&self.scope);
        for text in [&self.base, &self.head, &self.parent, &self.tree, &self.branch, &self.message, &self.patch] {
            fields.text(text);
        }
        fields.count(self.comments.len());
        for comment in &self.comments {
            fields.text(&comment.file);
            fields.text(&comment.text);
            fields.number(u64::from(comment.line));
            fields.number(u64::from(comment.side == Side::After));
        }
        fields.count(self.concerns.len());
        for concern in &self.concerns {
            for text in [&concern.rule, &concern.file, &concern.why, &concern.safer] {
                fields.text(text);
            }
            fields.number(u64::from(concern.line));
            fields.number(concern.level as u64);
        }
        fields.count(self.steps.len());
        for step in &self.steps {
            fields.count(step.argv.len());
            step.argv.iter().for_each(|argument| fields.text(argument));
            fields.text(&step.does);
            fields.number(u64::from(step.runs));
        }
        fields.digest()
    }

    /// The plan as `aftercare rollback --plan --json` prints it.
    #[must_use]
    pub fn report(&self) -> PlanReport<'_> {
        PlanReport {
            schema: SCHEMA,
            service: &self.service,
            level: self.level(),
            blocked: self.level() == Hazard::Red,
            ways: ways(self.level()),
            findings: &self.concerns,
            commands: &self.steps,
            patch: &self.patch,
            base: &self.base,
            head: &self.head,
            parent: &self.parent,
            tree: &self.tree,
            branch: &self.branch,
            message: &self.message,
            hunks: match &self.scope {
                Scope::Range | Scope::Files(_) => None,
                Scope::Hunks(hunks) => Some(hunks),
            },
            digest: self.digest(),
        }
    }
}

/// A plan as JSON: `schema`, `level`, `findings`, `commands`, `patch`, `digest` and what they belong to.
#[derive(Clone, Debug, Serialize)]
pub struct PlanReport<'a> {
    schema: u32,
    service: &'a str,
    level: Hazard,
    /// Whether it is refused without a typed reason.
    blocked: bool,
    ways: [Way; 2],
    findings: &'a [Concern],
    commands: &'a [Step],
    patch: &'a str,
    base: &'a str,
    head: &'a str,
    parent: &'a str,
    tree: &'a str,
    branch: &'a str,
    message: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    hunks: Option<&'a [HunkId]>,
    digest: Digest,
}

/// The first eight hexadecimal digits of the digest of what makes a plan this plan.
fn short_id(parts: &Parts<'_>) -> String {
    let mut fields = Fields::new("aftercare.branch.v2");
    fields.text(parts.base);
    fields.text(parts.head);
    fields.text(parts.parent);
    fields.text(parts.origin.word());
    fields.scope(&parts.scope);
    fields.digest().short().chars().take(8).collect()
}

/// Hashes fields so that no two sequences of fields share their bytes.
struct Fields(Sha256);

impl Fields {
    fn new(domain: &str) -> Self {
        let mut fields = Self(Sha256::new());
        fields.text(domain);
        fields
    }

    fn text(&mut self, text: &str) {
        self.bytes(text.as_bytes());
    }

    fn bytes(&mut self, bytes: &[u8]) {
        self.count(bytes.len());
        self.0.update(bytes);
    }

    fn count(&mut self, count: usize) {
        self.number(count as u64);
    }

    fn number(&mut self, number: u64) {
        self.0.update(number.to_be_bytes());
    }

    fn scope(&mut self, scope: &Scope) {
        match scope {
            Scope::Range => self.number(0),
            Scope::Hunks(hunks) => {
                self.number(1);
                self.count(hunks.len());
                hunks.iter().for_each(|hunk| self.number(u64::from(hunk.0)));
            }
            Scope::Files(puts) => {
                self.number(2);
                self.count(puts.len());
                puts.iter().for_each(|put| self.put(put));
            }
        }
    }

    fn put(&mut self, put: &Put) {
        self.bytes(&put.path);
        match &put.content {
            Content::Gone => self.number(0),
            Content::Object { mode, id } => {
                self.number(1);
                self.number(u64::from(*mode));
                self.text(id);
            }
            Content::Bytes { mode, bytes } => {
                self.number(2);
                self.number(u64::from(*mode));
                self.bytes(bytes);
            }
        }
    }

    fn digest(self) -> Digest {
        Digest::from_bytes(self.0.finalize().into())
    }
}

/// The first twelve characters of an id, as people quote it.
fn short(id: &str) -> &str {
    id.get(..12).unwrap_or(id)
}

/// Text of one line, without anything that could act on a terminal or start another line.
fn one_line(text: &str, limit: usize) -> String {
    let mut line = String::new();
    for character in text.chars().take(limit) {
        let shown = if character.is_control() { ' ' } else { character };
        // Writing to a String cannot fail.
        let _ = line.write_char(shown);
    }
    line.trim().to_owned()
}

#[cfg(test)]
pub(crate) mod tests;
