//! What may be asked for after a plan: approval, undoing, stopping, pull requests, reports.

#![expect(rustdoc::invalid_html_tags, reason = "clap shows these texts as they are")]

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::Place;

/// How to approve.
#[derive(Args, Debug)]
pub struct Approve {
    /// The plan, by the first digits of its digest
    #[arg(value_name = "DIGEST", conflicts_with = "range")]
    pub digest: Option<String>,
    /// Plan going back over this range, instead of taking a plan from the repository
    #[arg(long, value_name = "A..B")]
    pub range: Option<String>,
    /// Branch that is deployed, for --range [default: the followed one, else the plan is made on B]
    #[arg(long, value_name = "BRANCH", requires = "range")]
    pub branch: Option<String>,
    /// Execute it at once, when enough people approved
    #[arg(long)]
    pub execute: bool,
    /// Who approves: "NAME <EMAIL>" [default: the git identity]
    #[arg(long = "as", value_name = "PERSON")]
    pub person: Option<String>,
    /// Where state and settings are.
    #[command(flatten)]
    pub place: Place,
}

/// How to undo.
#[derive(Args, Debug)]
pub struct Undo {
    /// The branch [default: the one made last]
    #[arg(value_name = "BRANCH")]
    pub branch: Option<String>,
    /// Who does it: "NAME <EMAIL>" [default: the git identity]
    #[arg(long = "as", value_name = "PERSON")]
    pub person: Option<String>,
    /// Where state and settings are.
    #[command(flatten)]
    pub place: Place,
}

/// How to stop going back by itself.
#[derive(Args, Debug)]
pub struct Stop {
    /// Who stops it: "NAME <EMAIL>" [default: the git identity]
    #[arg(long = "as", value_name = "PERSON")]
    pub person: Option<String>,
    /// Where state and settings are.
    #[command(flatten)]
    pub place: Place,
}

/// What to open a pull request for.
#[derive(Args, Debug)]
pub struct PullRequest {
    /// What the server speaks: github, gitlab or gitea
    #[arg(long, value_name = "NAME")]
    pub forge: String,
    /// Address of its interface
    #[arg(long, value_name = "URL")]
    pub api: String,
    /// The project, as owner/name
    #[arg(long, value_name = "PROJECT")]
    pub project: String,
    /// The pushed branch; its commit's message becomes title and text
    #[arg(long, value_name = "BRANCH")]
    pub source: String,
    /// The branch that it is for
    #[arg(long, value_name = "BRANCH")]
    pub target: String,
    /// Git repository [default: the one around the working folder]
    #[arg(long, value_name = "DIR")]
    pub repo: Option<PathBuf>,
}

/// What to report.
#[derive(Args, Debug)]
pub struct Report {
    /// Number of the incident, or last
    #[arg(value_name = "INCIDENT", default_value = "last")]
    pub incident: String,
    /// In which form
    #[arg(long, value_name = "FORM", value_enum, default_value = "md")]
    pub format: Form,
    /// List the incidents instead
    #[arg(long)]
    pub list: bool,
    /// Where state and settings are.
    #[command(flatten)]
    pub place: Place,
}

/// The form of a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Form {
    /// Markdown, with the charts as pictures within the text.
    Md,
    /// One HTML page, without scripts and without anything from elsewhere.
    Html,
    /// One JSON object.
    Json,
}
