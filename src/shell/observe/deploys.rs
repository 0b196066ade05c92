//! Learns of deploys from the repository: the followed branch or tag moved, and what a version is.

use std::collections::HashSet;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use git2::Repository;

use crate::detect::{Deploy, Origin};
use crate::shell::git::{history, read};
use crate::shell::settings::Settings;
use crate::units::Timestamp;

/// Real time between two looks at the repository.
const LOOK_EVERY: Duration = Duration::from_secs(5);

/// Real time before it is asked again about versions that it did not know.
const ASK_EVERY: Duration = Duration::from_secs(20);
/// Of so many of the newest deploys it is asked again: logs may name any number of versions.
const ASKED_AGAIN: usize = 4;

/// Branches and tags that by their name say what is deployed; followed where none is configured.
const TELLING_NAMES: &[&str] = &["deployed", "production", "prod", "live"];

/// Looks at a repository for what deploys changed.
#[derive(Debug)]
pub(super) struct DeployWatch {
    repo: Option<PathBuf>,
    followed: Option<String>,
    tip: Option<String>,
    next_look: Option<Instant>,
    service: String,
    /// Versions that the repository does not know, so that it is not asked again and again; somebody may fetch them.
    unknown: HashSet<String>,
    next_asking: Option<Instant>,
}

impl DeployWatch {
    pub(super) fn new(settings: &Settings) -> Self {
        let mut watch = Self {
            repo: settings.repo.clone(),
            followed: settings.config.follow.value.clone(),
            tip: None,
            next_look: None,
            service: settings.service.clone(),
            unknown: HashSet::new(),
            next_asking: None,
        };
        if let Some(repo) = watch.open() {
            let telling = || TELLING_NAMES.iter().find(|name| read::deployed_ref_tip(&repo, name).is_ok());
            watch.followed = watch.followed.take().or_else(|| telling().map(|name| (*name).to_owned()));
        }
        watch
    }

    pub(super) fn open(&self) -> Option<Repository> {
        read::open(self.repo.as_ref()?).ok()
    }

    /// The deploys that the followed name's moves mean; the first sight of it is none.
    ///
    /// After a restart, a tip other than the newest deploy's revision moved while nobody looked; the
    /// repository's own record of the move tells when.
    pub(super) fn poll(&mut self, now: Timestamp, known: &[Deploy]) -> Vec<Deploy> {
        if self.next_look.is_some_and(|next| Instant::now() < next) {
            return Vec::new();
        }
        self.next_look = Some(Instant::now() + LOOK_EVERY);
        if self.next_asking.is_none_or(|next| Instant::now() >= next) {
            self.next_asking = Some(Instant::now() + ASK_EVERY);
            for deploy in known.iter().rev().take(ASKED_AGAIN) {
                self.unknown.remove(&deploy.version);
            }
        }
        let (Some(repo), Some(name)) = (self.open(), self.followed.clone()) else { return Vec::new() };
        let Ok(tip) = read::deployed_ref_tip(&repo, &name) else { return Vec::new() };
        let before = self.tip.replace(tip.clone()).or_else(|| last_followed(known));
        let Some(before) = before.filter(|before| *before != tip) else { return Vec::new() };
        if known
            .iter()
            .any(|deploy| deploy.revision.as_ref() == Some(&tip) && deploy.previous.as_ref() == Some(&before))
        {
            return Vec::new();
        }
        let at = history::moved_at(&repo, &name, &tip).filter(|at| *at <= now).unwrap_or(now);
        let deploy = Deploy {
            at,
            service: self.service.clone(),
            version: history::name_of(&repo, &tip),
            revision: Some(tip),
            previous: Some(before),
            author: None,
            subject: None,
            origin: Origin::Repository,
        };
        vec![self.enrich(deploy, known)]
    }

    /// Whether the repository could tell more about this deploy.
    pub(super) fn wants(&self, deploy: &Deploy) -> bool {
        self.repo.is_some() && deploy.subject.is_none() && !self.unknown.contains(&deploy.version)
    }

    /// Fills in what the repository knows: revision, the one before, author and subject.
    pub(super) fn enrich(&mut self, mut deploy: Deploy, known: &[Deploy]) -> Deploy {
        let Some(repo) = self.open() else { return deploy };
        let commit_of = |deploy: &Deploy| {
            let revision = deploy.revision.as_ref().and_then(|revision| read::resolve(&repo, revision).ok());
            revision.or_else(|| history::commit_of_version(&repo, &deploy.version, &self.service))
        };
        let Some(head) = commit_of(&deploy) else {
            self.unknown.insert(deploy.version.clone());
            return deploy;
        };
        if let Ok(commit) = read::describe(&repo, &head) {
            deploy.author = Some(commit.author);
            deploy.subject = Some(commit.subject);
        }
        let earlier = known.iter().rev().filter(|other| other.at < deploy.at);
        let before = earlier.filter_map(commit_of).find(|revision| *revision != head);
        let given = deploy.previous.take().and_then(|name| read::resolve(&repo, &name).ok());
        deploy.previous = given.or(before).or_else(|| history::release_before(&repo, &head));
        deploy.revision = Some(head);
        deploy
    }
}

fn last_followed(known: &[Deploy]) -> Option<String> {
    known.iter().rev().find(|deploy| deploy.origin == Origin::Repository)?.revision.clone()
}
