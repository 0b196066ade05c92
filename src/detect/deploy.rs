//! Deploy markers: when a change went to production, and which.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::units::Timestamp;

/// How a deploy became known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Origin {
    /// `aftercare deploy mark`.
    Mark,
    /// A log line that speaks of a deploy or a start of a version.
    Log,
    /// The deployed branch or tag moved in the repository.
    Repository,
    /// `--deploy` on the command line.
    Flag,
    /// A remedy that aftercare executed.
    Remedy,
}

/// A change put in production.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deploy {
    /// When it went live.
    pub at: Timestamp,
    /// The service it belongs to.
    pub service: String,
    /// What people call it: a version, tag or abbreviated revision.
    pub version: String,
    /// The revision now running, as the repository resolves it; `None` when unknown.
    pub revision: Option<String>,
    /// The revision that ran before; `None` when unknown.
    pub previous: Option<String>,
    /// Who wrote the newest commit, and its subject line.
    pub author: Option<String>,
    /// Subject line of the newest commit.
    pub subject: Option<String>,
    /// How it became known.
    pub origin: Origin,
}

impl Deploy {
    /// A deploy of which no revision and no commit is known.
    #[must_use]
    pub fn new(at: Timestamp, service: impl Into<String>, version: impl Into<String>, origin: Origin) -> Self {
        let (service, version) = (service.into(), version.into());
        Self { at, service, version, revision: None, previous: None, author: None, subject: None, origin }
    }
}

/// How far apart two markers of one version may be and still mean one deploy.
const SAME_DEPLOY: Duration = Duration::from_secs(15 * 60);

/// Puts a marker among the known ones, ordered by time; one that means a known deploy fills in what
/// that does not know. Returns whether anything changed.
///
/// Two markers mean one deploy when they are of one service, at most fifteen minutes apart, name the
/// same version or revision, and no other deploy lies between them; or when they are of the same moment, and of one of
/// them only that or a name is known. The first known keeps its time, version and origin.
pub fn merge(known: &mut Vec<Deploy>, deploy: Deploy) -> bool {
    let apart = |other: &Deploy| other.at.since(deploy.at).max(deploy.at.since(other.at));
    let same = known.iter().position(|other| means_the_same(other, &deploy) && apart(other) <= SAME_DEPLOY);
    let between = |other: &Deploy, same: &Deploy| {
        let (first, last) = (same.at.min(deploy.at), same.at.max(deploy.at));
        first < other.at && other.at < last
    };
    let same = same.filter(|at| known.get(*at).is_some_and(|same| !known.iter().any(|other| between(other, same))));
    if let Some(known) = same.and_then(|at| known.get_mut(at)) {
        return known.fill(deploy);
    }
    let at = known.partition_point(|other| other.at <= deploy.at);
    known.insert(at, deploy);
    true
}

fn means_the_same(a: &Deploy, b: &Deploy) -> bool {
    let same_revision = a.revision.is_some() && a.revision == b.revision;
    let is_told_by_one = a.at == b.at && a.revision.is_some() != b.revision.is_some();
    a.service == b.service && (a.version == b.version || same_revision || is_told_by_one)
}

impl Deploy {
    /// The version; of a full revision, as much as tells it from others.
    #[must_use]
    pub fn name(&self) -> &str {
        let version = self.version.as_str();
        let is_revision = version.len() >= 40 && version.bytes().all(|byte| byte.is_ascii_hexdigit());
        if is_revision { version.get(..10).unwrap_or(version) } else { version }
    }

    /// Whether it takes back what ran since this earlier deploy: it was executed as a remedy, or runs again what ran
    /// before that one.
    #[must_use]
    pub fn takes_back(&self, earlier: &Self, before: &[Self]) -> bool {
        let is_again = |old: &Self| {
            old.service == self.service
                && (old.version == self.version || (old.revision.is_some() && old.revision == self.revision))
        };
        let is_previous = self.revision.is_some() && self.revision == earlier.previous;
        self.origin == Origin::Remedy || is_previous || before.iter().any(is_again)
    }

    /// Takes over what is not known here; returns whether that was anything.
    fn fill(&mut self, other: Self) -> bool {
        fn fill(mine: &mut Option<String>, theirs: Option<String>) -> bool {
            let is_news = mine.is_none() && theirs.is_some();
            if is_news {
                *mine = theirs;
            }
            is_news
        }
        let filled = [
            fill(&mut self.revision, other.revision),
            fill(&mut self.previous, other.previous),
            fill(&mut self.author, other.author),
            fill(&mut self.subject, other.subject),
        ];
        filled.contains(&true)
    }
}

#[cfg(test)]
mod tests;
