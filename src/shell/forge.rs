//! Opens a pull request for a branch that was pushed: GitHub, GitLab, Gitea.
//!
//! Input: a [`Target`], a title and a text. Output: the [`Opened`] pull request: the one that is open for the
//! branch already, or a new one. Asking twice opens one.
//!
//! The token comes from the environment alone, and goes to the address that stood in the approved plan and
//! nowhere else; only this machine is spoken to without TLS. What a server answers is text to show.

mod gitea;
mod github;
mod gitlab;
pub mod remote;

use std::sync::atomic::AtomicBool;

use serde::de::DeserializeOwned;

use crate::app::{Failure, FailureKind};
use crate::config::Remedy;
use crate::remedy::plan::{PullRequest, Push};
use crate::shell::git::read;
use crate::shell::http::{self, HttpError, Limits, Request};

pub use remote::Remote;

/// Longest title, in characters.
const TITLE: usize = 200;

/// Longest text, in characters.
const TEXT: usize = 60_000;

/// What a server speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Forge {
    /// GitHub, also on a server of its own.
    GitHub,
    /// GitLab.
    GitLab,
    /// Gitea, Forgejo, Codeberg.
    Gitea,
}

impl Forge {
    /// The one of this name, as in the configuration.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        [Self::GitHub, Self::GitLab, Self::Gitea].into_iter().find(|forge| forge.name() == name)
    }

    /// Its name, as in the configuration.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::GitHub => "github",
            Self::GitLab => "gitlab",
            Self::Gitea => "gitea",
        }
    }

    /// The variables that may hold its token, the first that is set counts.
    #[must_use]
    pub fn token_names(self, api: &str) -> &'static [&'static str] {
        match self {
            Self::GitHub if api.starts_with("https://api.github.com") => &["GH_TOKEN", "GITHUB_TOKEN"],
            Self::GitHub => &["GH_ENTERPRISE_TOKEN", "GITHUB_ENTERPRISE_TOKEN", "GH_TOKEN", "GITHUB_TOKEN"],
            Self::GitLab => &["GITLAB_TOKEN"],
            Self::Gitea => &["GITEA_TOKEN", "FORGEJO_TOKEN"],
        }
    }
}

/// What a pull request is opened for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// What the server speaks.
    pub forge: Forge,
    /// Address of its API, without a slash at its end.
    pub api: String,
    /// The project, as `owner/name`, or with more groups.
    pub project: String,
    /// The branch with the change.
    pub source: String,
    /// The branch that it is for.
    pub target: String,
}

/// A pull request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opened {
    /// Where people see it.
    pub url: String,
    /// Whether it was open before.
    pub existed: bool,
}

/// Why there is no pull request.
#[derive(Debug, thiserror::Error)]
pub enum ForgeError {
    /// No variable holds a token.
    #[error("no token is in the environment")]
    NoToken(Forge, String),
    /// The address is not safe to send a token to.
    #[error("{0:?} is no address to send a token to")]
    UnsafeAddress(String),
    /// The project's name does not fit this server.
    #[error("{0:?} is not the name of a project")]
    NotAProject(String),
    /// The server was not reached, or refused.
    #[error("the pull request was not opened")]
    Http(Forge, #[source] HttpError),
    /// It answered something else than its interface says.
    #[error("the server answered something that is not understood")]
    NotUnderstood(#[source] serde_json::Error),
}

impl ForgeError {
    /// The error as the user is told, with what to do about it.
    #[must_use]
    pub fn failure(&self) -> Failure {
        match self {
            Self::NoToken(forge, api) => {
                let names = forge.token_names(api).join(" or ");
                let hint = format!("Set {names} to a token that may open pull requests; the branch is pushed already.");
                Failure::of(FailureKind::Config, self, hint)
            }
            Self::UnsafeAddress(_) => Failure::of(
                FailureKind::Config,
                self,
                "Write push.api as https://HOST/PATH, without a name or password in it.",
            ),
            Self::NotAProject(_) => Failure::of(FailureKind::Config, self, "Check the remote's address."),
            Self::Http(forge, HttpError::Status { status: 401 | 403, .. }) => {
                let hint = format!("Check what the token of {} may do: it must open pull requests.", forge.name());
                Failure::of(FailureKind::Config, self, hint)
            }
            Self::Http(_, HttpError::Status { status: 404, .. }) => {
                let hint = "Check push.api and the remote; a token that may not see a project gets the same answer.";
                Failure::of(FailureKind::Config, self, hint)
            }
            Self::Http(_, HttpError::Status { status: 422, .. }) => Failure::of(
                FailureKind::User,
                self,
                "Check that the target branch exists and differs from the pushed one.",
            ),
            Self::Http(_, error) => Failure::of(error.failure().kind, self, error.failure().hint),
            Self::NotUnderstood(_) => Failure::of(
                FailureKind::External,
                self,
                "Check push.forge and push.api: does the server speak this interface?",
            ),
        }
    }
}

/// A conversation with one server.
pub(super) struct Client<'a> {
    target: &'a Target,
    token: String,
    cancel: &'a AtomicBool,
}

impl Client<'_> {
    /// Sends a request of this method and takes its answer as JSON.
    fn call<T: DeserializeOwned>(&self, request: Request) -> Result<T, ForgeError> {
        let sent = http::send(&request, Limits::default(), self.cancel);
        let answer = sent.map_err(|error| ForgeError::Http(self.target.forge, error))?;
        serde_json::from_slice(&answer.body).map_err(ForgeError::NotUnderstood)
    }

    fn url(&self, path: &str) -> String {
        format!("{}{path}", self.target.api.trim_end_matches('/'))
    }
}

/// Opens a pull request, or finds the one that is open for the same two branches.
///
/// # Errors
///
/// When there is no token, the address is not safe, the server cannot be reached, refuses, or answers
/// something else than its interface says.
pub fn open(
    target: &Target,
    title: &str,
    text: &str,
    variable: impl Fn(&str) -> Option<String>,
    cancel: &AtomicBool,
) -> Result<Opened, ForgeError> {
    if !is_safe(&target.api) {
        return Err(ForgeError::UnsafeAddress(target.api.clone()));
    }
    let names = target.forge.token_names(&target.api);
    let token =
        names.iter().find_map(|name| variable(name).map(|token| token.trim().to_owned()).filter(|it| !it.is_empty()));
    let token = token.ok_or_else(|| ForgeError::NoToken(target.forge, target.api.clone()))?;
    let client = Client { target, token, cancel };
    let (title, text): (String, String) = (title.chars().take(TITLE).collect(), text.chars().take(TEXT).collect());
    let find = || match target.forge {
        Forge::GitHub => github::find(&client),
        Forge::GitLab => gitlab::find(&client),
        Forge::Gitea => gitea::find(&client),
    };
    if let Some(url) = find()? {
        return Ok(Opened { url, existed: true });
    }
    let made = match target.forge {
        Forge::GitHub => github::open(&client, &title, &text),
        Forge::GitLab => gitlab::open(&client, &title, &text),
        Forge::Gitea => gitea::open(&client, &title, &text),
    };
    match made {
        Ok(url) => Ok(Opened { url, existed: false }),
        // Somebody else may have opened it meanwhile.
        Err(error @ ForgeError::Http(_, HttpError::Status { status: 409 | 422, .. })) => match find()? {
            Some(url) => Ok(Opened { url, existed: true }),
            None => Err(error),
        },
        Err(error) => Err(error),
    }
}

/// Whether an address may get a token: TLS, or this machine; and no name, password or query in it.
fn is_safe(api: &str) -> bool {
    let Some((scheme, rest)) = api.split_once("://") else { return false };
    let authority = rest.split('/').next().unwrap_or_default();
    let host = authority.rsplit_once(':').map_or(authority, |(host, _)| host);
    let is_own = matches!(host, "localhost" | "127.0.0.1" | "[::1]");
    let is_plain = !rest.contains(['@', '?', '#', ' ', '\\']) && !rest.chars().any(char::is_control);
    !host.is_empty() && is_plain && (scheme == "https" || scheme == "http" && is_own)
}

/// `owner` and `name` of a project of two parts.
fn owner_and_name(project: &str) -> Result<(String, String), ForgeError> {
    let bad = || ForgeError::NotAProject(project.to_owned());
    let (owner, name) = project.split_once('/').ok_or_else(bad)?;
    if owner.is_empty() || name.is_empty() || name.contains('/') {
        return Err(bad());
    }
    Ok((encoded(owner), encoded(name)))
}

/// A text as one part of an address.
fn encoded(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}

/// Where the settings say that a made branch goes; `None` pushes nowhere.
///
/// # Errors
///
/// When the remote is not there, a pull request is wanted and its server is not known, or it is not known
/// which branch it is for.
pub fn push_of(config: &Remedy, repo: &std::path::Path, deployed: Option<&str>) -> Result<Option<Push>, Failure> {
    let Some(name) = config.push_remote.value.clone() else { return Ok(None) };
    let repo = read::open(repo).map_err(|error| error.failure())?;
    let wrong = |what: String, hint: &str| Failure::new(FailureKind::Config, what, hint);
    let found = repo.find_remote(&name).map_err(|_| {
        wrong(format!("the repository has no remote {name:?}"), "Correct push.remote, or add it with `git remote add`.")
    })?;
    if !config.pull_request.value {
        return Ok(Some(Push { remote: name, pull_request: None }));
    }
    let url = found.pushurl().ok().flatten().or_else(|| found.url().ok()).unwrap_or_default().to_owned();
    let remote = Remote::parse(&url).ok_or_else(|| {
        wrong(
            format!("the remote {name:?} is on no server"),
            "Set push.pull_request to false, or name a remote on a server.",
        )
    })?;
    let forge = config.forge.value.as_deref().and_then(Forge::named).or_else(|| remote.forge()).ok_or_else(|| {
        wrong(format!("it is not known what {} speaks", remote.host), "Set push.forge to github, gitlab or gitea.")
    })?;
    let target = config.pull_request_target.value.clone().or_else(|| deployed.map(str::to_owned));
    let target = target.or_else(|| default_branch(&repo, &name)).ok_or_else(|| {
        wrong("it is not known which branch the pull request is for".to_owned(), "Set push.target to a branch.")
    })?;
    let api = config.forge_api.value.clone().unwrap_or_else(|| remote.api(forge));
    let request = PullRequest { forge: forge.name().to_owned(), api, project: remote.project.clone(), target };
    Ok(Some(Push { remote: name, pull_request: Some(request) }))
}

/// The branch that the remote calls its own, as far as this clone knows.
fn default_branch(repo: &git2::Repository, remote: &str) -> Option<String> {
    let head = repo.find_reference(&format!("refs/remotes/{remote}/HEAD")).ok()?;
    let target = head.symbolic_target().ok().flatten()?.to_owned();
    target.strip_prefix(&format!("refs/remotes/{remote}/")).map(str::to_owned)
}
