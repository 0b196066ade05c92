//! Why a model gave no advice.

use std::io;
use std::time::Duration;

use crate::app::{Failure, FailureKind};
use crate::remedy::advice::budget::Exhausted;
use crate::shell::http::{Deadline, HttpError};

/// Why there is no reply.
#[derive(Debug, thiserror::Error)]
pub enum AdvisorError {
    /// Nobody is configured to be asked.
    #[error("no model is configured: {0} is not set")]
    NotConfigured(&'static str),
    /// The environment has no key.
    #[error("the environment variable {0} holds no key")]
    NoKey(String),
    /// The server was not reached, refused, or broke off.
    #[error(transparent)]
    Http(HttpError),
    /// It would cost too much.
    #[error(transparent)]
    Budget(#[from] Exhausted),
    /// It cost too much.
    #[error("the reply took the task beyond its budget. {0}")]
    OverBudget(String),
    /// The server wants to be left alone for longer than anybody waits.
    #[error("the server asks to wait {} s", .0.as_secs())]
    Busy(Duration),
    /// The server failed amid its reply.
    #[error("the server failed while replying: {what}")]
    Failed {
        /// What it says, fit to be shown.
        what: String,
        /// Whether asking again may help.
        passes: bool,
    },
    /// The reply is longer than it may be.
    #[error("the reply was cut off at the most tokens that it may have")]
    Cut,
    /// The model refused.
    #[error("the model refused: {0}")]
    Refused(String),
    /// The reply has no text.
    #[error("the reply is empty")]
    Empty,
    /// The reply is not what the dialect says.
    #[error("the reply is not understood: {0}")]
    Malformed(String),
    /// The server refused every form of the request.
    #[error("the server refused every form of the request")]
    Refusing,
    /// The transcript cannot be written, so nothing is asked.
    #[error("the transcript cannot be kept")]
    Transcript(#[source] io::Error),
    /// The user stopped it.
    #[error("stopped by the user")]
    Canceled,
}

impl From<HttpError> for AdvisorError {
    fn from(error: HttpError) -> Self {
        if matches!(error, HttpError::Canceled) { Self::Canceled } else { Self::Http(error) }
    }
}

impl AdvisorError {
    /// Whether asking again may help, with what the server said of when.
    #[must_use]
    pub(super) fn retry(&self) -> Option<Option<&str>> {
        match self {
            Self::Http(HttpError::Status { status: 408 | 429 | 500 | 502 | 503 | 504 | 529, retry_after, .. }) => {
                Some(retry_after.as_deref())
            }
            // Nobody at the address will not be there in a second.
            Self::Http(HttpError::BrokenOff { .. })
            | Self::Http(HttpError::TimeLimit { deadline: Deadline::Connect(_), .. })
            | Self::Failed { passes: true, .. }
            | Self::Malformed(_) => Some(None),
            Self::Http(_)
            | Self::NotConfigured(_)
            | Self::NoKey(_)
            | Self::Budget(_)
            | Self::OverBudget(_)
            | Self::Busy(_)
            | Self::Failed { .. }
            | Self::Cut
            | Self::Refused(_)
            | Self::Empty
            | Self::Refusing
            | Self::Transcript(_)
            | Self::Canceled => None,
        }
    }

    /// The error as the user is told, with what to do about it.
    #[must_use]
    pub fn failure(&self) -> Failure {
        let (kind, hint) = match self {
            Self::Http(error) => return error.failure(),
            Self::NotConfigured(_) => {
                (FailureKind::Config, "Set dialect and model under [advisor] in your configuration.")
            }
            Self::NoKey(_) => (FailureKind::Config, "Export the key, or name its variable with advisor.api_key_env."),
            Self::Budget(_) | Self::OverBudget(_) => {
                (FailureKind::Config, "Raise advisor.tokens or advisor.money, or choose a cheaper model.")
            }
            Self::Busy(_) | Self::Failed { .. } => (FailureKind::External, "Try again later."),
            Self::Cut => (FailureKind::Config, "Raise advisor.reply_tokens."),
            Self::Refused(_) | Self::Empty | Self::Malformed(_) | Self::Refusing => {
                (FailureKind::External, "Try another model; everything else works without one.")
            }
            Self::Transcript(_) => (FailureKind::External, "Check the rights and the room of the state folder."),
            Self::Canceled => (FailureKind::User, "Ask again."),
        };
        Failure::of(kind, self, hint)
    }
}
