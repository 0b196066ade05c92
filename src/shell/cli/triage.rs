//! What may be asked of triage, and which error and deploy are meant there and in a search for a fix.

use std::path::PathBuf;

use clap::Args;

use super::Place;

/// An error, and the deploy that may have caused it.
#[derive(Args, Debug)]
pub struct Asked {
    /// File with the error (log excerpt, stack trace or CI output), or - for standard input
    #[arg(long, value_name = "FILE")]
    pub error: PathBuf,
    /// Git repository
    #[arg(long, value_name = "DIR")]
    pub repo: PathBuf,
    /// Revisions before and after the deploy; work-tree after the dots is what lies in the folder, committed or not
    #[arg(long, value_name = "A..B")]
    pub range: String,
    /// Folder of transcripts [default: the platform's state folder]
    #[arg(long, value_name = "DIR", env = "AFTERCARE_STATE")]
    pub state: Option<PathBuf>,
    /// Configuration file [default: the platform's configuration folder, then .aftercare.toml in the repository]
    #[arg(long, value_name = "FILE", env = "AFTERCARE_CONFIG")]
    pub config: Option<PathBuf>,
}

impl Asked {
    /// Where state and settings are.
    #[must_use]
    pub fn place(&self) -> Place {
        Place {
            repo: Some(self.repo.clone()),
            state: self.state.clone(),
            config: self.config.clone(),
            ..Place::default()
        }
    }
}

/// How to triage.
#[derive(Args, Debug)]
pub struct Triage {
    /// What is asked.
    #[command(flatten)]
    pub asked: Asked,
    /// How often the error was seen before the deploy, per minute
    #[arg(long, value_name = "RATE", requires = "after_rate", value_parser = rate)]
    pub before_rate: Option<f64>,
    /// How often it is seen since, per minute
    #[arg(long, value_name = "RATE", requires = "before_rate", value_parser = rate)]
    pub after_rate: Option<f64>,
    /// Run this command as deployed, as before the deploy and without the first suspect, in throw-away checkouts: an error
    /// that it shows before the deploy too is older, and one that goes with the suspect makes the verdict a level
    /// surer. Up to the next flag of this list, or behind -- up to the end; a single word with spaces is a line for
    /// the shell
    #[arg(long, value_name = "CMD", num_args = 1.., allow_hyphen_values = true)]
    pub repro: Vec<String>,
    /// How long one run of the command may take, in seconds; one that takes longer tells nothing
    #[arg(long, value_name = "S", default_value_t = 300.0)]
    pub time_limit: f64,
    /// Ask the model of the configuration for a second opinion, which moves the confidence by one level at most
    #[arg(long)]
    pub advisor: bool,
    /// One JSON object
    #[arg(long)]
    pub json: bool,
}

fn rate(text: &str) -> Result<f64, String> {
    let rate = text.parse().ok().filter(|rate: &f64| rate.is_finite() && *rate >= 0.0);
    rate.ok_or_else(|| "a rate is a number of events a minute, 0 or more".to_owned())
}
