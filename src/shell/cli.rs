//! The command line: what may be asked for, with help and an example for each.

#![expect(rustdoc::broken_intra_doc_links, rustdoc::invalid_html_tags, reason = "clap shows these texts as they are")]

mod remedy;
mod triage;

use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::detect::Tier;
use crate::units::Timestamp;

pub use remedy::{Approve, Form, PullRequest, Report, Stop, Undo};
pub use triage::{Asked, Triage};

/// Stays with a deploy until it is healthy.
///
/// Watches logs, turns every line into a stable error signature, compares each signature's rate with
/// the seven days before the deploy, finds the change that did it, and prepares the way back. Nothing
/// is executed before a person approves the exact bytes on screen.
#[derive(Debug, Parser)]
#[command(name = "aftercare", version, args_conflicts_with_subcommands = true, max_term_width = 100)]
#[command(after_help = "Examples:\n  aftercare demo\n  aftercare /var/log/api/*.log --repo ~/src/api\n  \
                        kubectl logs -f deploy/api | aftercare -")]
pub struct Cli {
    /// What to do; without it, watch.
    #[command(subcommand)]
    pub command: Option<Command>,
    /// How to watch.
    #[command(flatten)]
    pub watch: Watch,
}

/// One thing that can be asked for.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Play a real incident from deploy to recovery, self-contained, in about two minutes
    #[command(after_help = "Example:\n  aftercare demo\n  aftercare demo --headless --keep /tmp/incident")]
    Demo(Demo),
    /// Watch logs on the one screen, or without a screen for pipelines
    #[command(after_help = "Examples:\n  aftercare watch /var/log/api/*.log --repo ~/src/api\n  \
                            aftercare watch --headless --json --deploy v1.8.2 /var/log/api/api.log\n\n\
                            Exit status with --headless: 0 healthy, 1 regression, 2 usage or configuration, \
                            3 could not judge.")]
    Watch(Watch),
    /// Build or show the seven-day baseline
    #[command(subcommand)]
    Baseline(Baseline),
    /// Mark or list deploys
    #[command(subcommand)]
    Deploy(Deploy),
    /// Read logs once, without a screen: signatures, counts, rates, first and last seen
    #[command(after_help = "Example:\n  aftercare scan /var/log/api/ --json")]
    Scan(Scan),
    /// Print, for each input line, its signature's id, a tab, and its template
    #[command(after_help = "Example:\n  aftercare signature /var/log/api/api.log | sort | uniq -c | sort -rn")]
    Signature(Signature),
    /// Judge counts from anywhere, as the screen judges logs
    #[command(after_help = "Example:\n  aftercare judge --counts counts.csv --deploy 2026-11-24T10:15:00Z --json\n\n\
                            Minutes without any row count as zero, where --covered does not tell. But where 20 events\n\
                            and more are usual in a stretch of them before the deploy, the source was away, and they\n\
                            are unknown. A row with a count of 0 says that its minute was observed.")]
    Judge(Judge),
    /// Say which change of a deploy caused an error
    #[command(after_help = "Example:\n  aftercare triage --error trace.txt --repo ~/src/api --range v1.8.1..v1.8.2")]
    Triage(Triage),
    /// Prepare going back to the revision before a deploy; shows, never does
    #[command(after_help = "Example:\n  aftercare rollback --plan --repo ~/src/api --range v1.8.1..v1.8.2")]
    Rollback(Rollback),
    /// Find the smallest part of a deploy to take back, by running a test that fails, or have a fix drafted;
    /// prints a patch, applies nothing
    #[command(after_help = "Examples:\n  aftercare fix --error trace.txt --repo ~/src/api --range v1.8.1..v1.8.2 \
                            --json --repro python3 -m pytest tests/test_cart.py\n  \
                            aftercare fix --error trace.txt --repo ~/src/api --range v1.8.1..v1.8.2 --advisor\n\n\
                            The command runs in throw-away checkouts, with nothing but the files of a revision; what \
                            is not in git (node_modules, a virtual environment) it must find elsewhere.\n\n\
                            A draft changes only files of the deploy's diff, and is shown with everything that it was \
                            held against, also with what it failed.\n\n\
                            Exit status: 0 a fix was found (a draft: one that passed every check), 1 none was found, \
                            2 usage, 3 the command cannot tell: it passes as deployed, fails before the deploy too, or \
                            is flaky.")]
    Fix(Fix),
    /// Run a build, test or container command; when it fails, say which change since its last success did it
    #[command(
        after_help = "Examples:\n  aftercare build -- cargo test\n  aftercare build --retries 2 --json -- npm run build\n  \
                            aftercare build --since v1.8.1 -- docker build .\n\n\
                            The command's output and exit status are passed on as they are; what aftercare says \
                            goes to standard error. Changes that are not committed count."
    )]
    Build(Build),
    /// Approve a plan, also one that another person put into the repository; without a digest, list those
    #[command(after_help = "Examples:\n  aftercare approve --range v1.8.1..v1.8.2\n  \
                            git fetch origin 'refs/aftercare/*:refs/aftercare/*' && aftercare approve 3f2a91c04be7 --execute")]
    Approve(Approve),
    /// Take away the branch of a rollback, as long as it is still as it was made
    #[command(after_help = "Example:\n  aftercare undo aftercare/rollback-1234abcd")]
    Undo(Undo),
    /// Stop the rollback that a headless watch counts down to
    #[command(after_help = "Example:\n  aftercare stop --service api")]
    Stop(Stop),
    /// Open a pull request for a pushed branch, unless one is open; the last step of a plan that says so
    #[command(
        after_help = "Example:\n  aftercare pull-request --forge github --api https://api.github.com --project o/r \
                            --source aftercare/rollback-1234abcd --target main"
    )]
    PullRequest(PullRequest),
    /// Write what happened in an incident, as the draft of a postmortem
    #[command(
        after_help = "Examples:\n  aftercare report last --format html > incident.html\n  aftercare report --list"
    )]
    Report(Report),
    /// Print the record of what was approved and executed
    #[command(after_help = "Example:\n  aftercare audit --verify")]
    Audit(Audit),
    /// Print every setting, its value and where it came from
    #[command(after_help = "Example:\n  aftercare config")]
    Config(ConfigCommand),
    /// Print the key table, as used by the README
    #[command(after_help = "Example:\n  aftercare keys")]
    Keys,
    /// Print a completion script for a shell
    #[command(after_help = "Example:\n  aftercare completions bash > /etc/bash_completion.d/aftercare")]
    Completions {
        /// Which shell.
        shell: clap_complete::Shell,
    },
}

/// Where state and settings are.
#[derive(Args, Clone, Debug, Default)]
pub struct Place {
    /// Folder of the store and the audit log [default: the platform's state folder]
    #[arg(long, value_name = "DIR", env = "AFTERCARE_STATE")]
    pub state: Option<PathBuf>,
    /// Configuration file [default: the platform's configuration folder, then .aftercare.toml in the repository]
    #[arg(long, value_name = "FILE", env = "AFTERCARE_CONFIG")]
    pub config: Option<PathBuf>,
    /// Name of the service [default: the repository's folder name]
    #[arg(long, value_name = "NAME")]
    pub service: Option<String>,
    /// Git repository of the service [default: the one around the working folder]
    #[arg(long, value_name = "DIR")]
    pub repo: Option<PathBuf>,
    /// Time zone of times that name none: UTC, local or a name such as Europe/Berlin
    #[arg(long, value_name = "ZONE")]
    pub zone: Option<String>,
}

/// How to watch.
#[derive(Args, Clone, Debug, Default)]
pub struct Watch {
    /// Log files, quoted glob patterns, folders, or - for standard input
    #[arg(value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// Where state and settings are.
    #[command(flatten)]
    pub place: Place,
    /// A deploy to watch, as a revision or version, with its time if it is not now: REV[@TIME], or TIME alone
    #[arg(long, value_name = "REV[@TIME]")]
    pub deploy: Vec<String>,
    /// Branch or tag whose moves are deploys
    #[arg(long, value_name = "REF")]
    pub follow: Option<String>,
    /// Length of a watch, in minutes [default: 60]
    #[arg(long, value_name = "MINUTES")]
    pub minutes: Option<u32>,
    /// Remove everything that could change a repository or a deployment
    #[arg(long)]
    pub read_only: bool,
    /// Who approves: "NAME <EMAIL>" [default: the git identity]
    #[arg(long = "as", value_name = "PERSON")]
    pub person: Option<String>,
    /// Theme: auto, dark, light, 256, 16 or mono [default: auto]
    #[arg(long, value_name = "NAME")]
    pub theme: Option<String>,
    /// Judge without a screen, and say so by the exit status
    #[arg(long)]
    pub headless: bool,
    /// With --headless: one JSON object a line
    #[arg(long, requires = "headless")]
    pub json: bool,
    /// With --headless: which findings make the exit status 1
    #[arg(long, value_name = "TIER", value_enum, default_value = "confirmed", requires = "headless")]
    pub fail_on: FailOn,
    /// With --headless: judge what is there and leave, without waiting for the watch to end
    #[arg(long, requires = "headless")]
    pub once: bool,
}

/// Which findings fail a headless watch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum FailOn {
    /// Any finding.
    Candidate,
    /// Confirmed findings only.
    #[default]
    Confirmed,
    /// None.
    Never,
}

impl FailOn {
    /// The least tier that fails; `None` when nothing does.
    #[must_use]
    pub fn tier(self) -> Option<Tier> {
        match self {
            Self::Candidate => Some(Tier::Candidate),
            Self::Confirmed => Some(Tier::Confirmed),
            Self::Never => None,
        }
    }
}

/// How to play the demonstration.
#[derive(Args, Clone, Debug)]
pub struct Demo {
    /// Play it without a screen, with scripted approval; exit status 0 only if it healed
    #[arg(long)]
    pub headless: bool,
    /// Keep repository, logs, store and audit log in this folder
    #[arg(long, value_name = "DIR")]
    pub keep: Option<PathBuf>,
    /// Theme: auto, dark, light, 256, 16 or mono [default: auto]
    #[arg(long, value_name = "NAME")]
    pub theme: Option<String>,
    /// With --headless: write a picture (SVG) of the screen at its most telling moment
    #[arg(long, value_name = "FILE", requires = "headless")]
    pub picture: Option<PathBuf>,
}

/// What to do with the baseline.
#[derive(Debug, Subcommand)]
pub enum Baseline {
    /// Count old logs, compressed ones too, into the baseline
    #[command(after_help = "Example:\n  aftercare baseline import /var/log/api/*.gz --service api")]
    Import {
        /// Log files, quoted glob patterns, folders, or - for standard input
        #[arg(value_name = "PATH", required = true)]
        paths: Vec<PathBuf>,
        /// Where state and settings are.
        #[command(flatten)]
        place: Place,
    },
    /// Show the baseline: each signature's rate over the days before now, or before a time
    #[command(after_help = "Example:\n  aftercare baseline show --json | jq '.signatures[0]'")]
    Show {
        /// The end of the baseline [default: now, or the newest minute known if that is earlier]
        #[arg(long, value_name = "TIME")]
        at: Option<Timestamp>,
        /// One JSON object
        #[arg(long)]
        json: bool,
        /// Where state and settings are.
        #[command(flatten)]
        place: Place,
    },
}

/// What to do with deploys.
#[derive(Debug, Subcommand)]
pub enum Deploy {
    /// Note that a version went live; for deploy scripts
    #[command(after_help = "Example:\n  aftercare deploy mark v1.8.2 --service api")]
    Mark {
        /// Version, tag or revision that runs now
        version: String,
        /// When it went live [default: now]
        #[arg(long, value_name = "TIME")]
        at: Option<Timestamp>,
        /// Revision that ran before [default: that of the deploy before]
        #[arg(long, value_name = "REV")]
        previous: Option<String>,
        /// Where state and settings are.
        #[command(flatten)]
        place: Place,
    },
    /// List the deploys known, newest first
    #[command(after_help = "Example:\n  aftercare deploy list --json")]
    List {
        /// One JSON object
        #[arg(long)]
        json: bool,
        /// Where state and settings are.
        #[command(flatten)]
        place: Place,
    },
}

/// How to scan.
#[derive(Args, Debug)]
pub struct Scan {
    /// Log files, quoted glob patterns, folders, or - for standard input
    #[arg(value_name = "PATH", required = true)]
    pub paths: Vec<PathBuf>,
    /// One JSON object
    #[arg(long)]
    pub json: bool,
    /// Time zone of times that name none
    #[arg(long, value_name = "ZONE")]
    pub zone: Option<String>,
    /// Threads that read, 4 at most; by default one for each core
    #[arg(long, value_name = "N")]
    pub threads: Option<NonZeroUsize>,
}

/// How to print signatures.
#[derive(Args, Debug)]
pub struct Signature {
    /// The lines are messages without a header
    #[arg(long)]
    pub message: bool,
    /// Tell of each line what was taken as header, which spans were masked by which rule, and the id
    #[arg(long)]
    pub explain: bool,
    /// One JSON object a line, with the group that the signature is shown in
    #[arg(long)]
    pub json: bool,
    /// File to read, or - for standard input
    #[arg(value_name = "FILE", default_value = "-")]
    pub file: PathBuf,
}

/// Judge counts from anywhere.
#[derive(Args, Debug)]
pub struct Judge {
    /// Table of counts with the columns minute,signature,count; - for standard input
    #[arg(long, value_name = "FILE")]
    pub counts: PathBuf,
    /// Table of the minutes in which each source was observed, with the columns source,minute: all others are unknown
    #[arg(long, value_name = "FILE")]
    pub covered: Option<PathBuf>,
    /// When the deploy was: 2026-11-24T10:15:00Z; several times for deploys that overlap
    #[arg(long, value_name = "TIME", required = true)]
    pub deploy: Vec<Timestamp>,
    /// When earlier deploys were: what their restarts logged is expected of this one; may be given several times
    #[arg(long, value_name = "TIME")]
    pub earlier: Vec<Timestamp>,
    /// Time zone by whose clock the hours of the day are told: UTC, local or a name such as Europe/Berlin
    #[arg(long, value_name = "ZONE")]
    pub time_zone: Option<String>,
    /// Minutes after the deploy that were observed and are judged [default: as the table goes, at most 60]
    #[arg(long, value_name = "MINUTES")]
    pub minutes: Option<u32>,
    /// Judge after each of the minutes, not after the last one only
    #[arg(long)]
    pub each_minute: bool,
    /// One JSON object a line
    #[arg(long)]
    pub json: bool,
}

/// How to prepare going back.
#[derive(Args, Debug)]
pub struct Rollback {
    /// Show the plan; it is never executed from here
    #[arg(long, required = true)]
    pub plan: bool,
    /// Git repository
    #[arg(long, value_name = "DIR")]
    pub repo: PathBuf,
    /// Revisions before and after the deploy
    #[arg(long, value_name = "A..B")]
    pub range: String,
    /// Branch that is deployed [default: the plan is made on B]
    #[arg(long, value_name = "BRANCH")]
    pub branch: Option<String>,
    /// Name of the service [default: the repository's folder name]
    #[arg(long, value_name = "NAME")]
    pub service: Option<String>,
    /// One JSON object
    #[arg(long)]
    pub json: bool,
}

/// How to find a fix.
#[derive(Args, Debug)]
pub struct Fix {
    /// What is asked.
    #[command(flatten)]
    pub asked: Asked,
    /// Command that fails since the deploy, up to the next flag of this list, or behind -- up to the
    /// end; a single word with spaces is a line for the shell
    #[arg(long, value_name = "CMD", required_unless_present_any = ["advisor", "agent"], num_args = 1..,
          allow_hyphen_values = true)]
    pub repro: Vec<String>,
    /// Have the model of the configuration draft a fix
    #[arg(long)]
    pub advisor: bool,
    /// Have a coding agent draft a fix: claude, codex, opencode, gemini, aider, goose, or agent.name of the configuration
    #[arg(long, value_name = "NAME", conflicts_with = "advisor")]
    pub agent: Option<String>,
    /// How long one run of the command may take, in seconds; one that takes longer failed
    #[arg(long, value_name = "S", default_value_t = 300.0)]
    pub time_limit: f64,
    /// How long the search may take, in seconds
    #[arg(long, value_name = "S", default_value_t = 900.0)]
    pub total_time: f64,
    /// Most runs of the command
    #[arg(long, value_name = "N", default_value_t = 40)]
    pub max_runs: usize,
    /// One JSON object
    #[arg(long)]
    pub json: bool,
}

/// How to run a build.
#[derive(Args, Debug)]
pub struct Build {
    /// The command, behind --; a single word with spaces is a line for the shell
    #[arg(value_name = "COMMAND", required = true, last = true)]
    pub command: Vec<String>,
    /// Compare with this revision [default: that of the command's last success here]
    #[arg(long, value_name = "REV")]
    pub since: Option<String>,
    /// Run what fails again, up to N times, before it is believed [default: once where it is known to be flaky]
    #[arg(long, value_name = "N")]
    pub retries: Option<u32>,
    /// When it fails, run it again in throw-away checkouts: with the change, before it, and without the first suspect,
    /// twice each, so that an older bug is not held against the change
    #[arg(long, conflicts_with = "tui")]
    pub check: bool,
    /// Show it on a screen: the output as it comes; when it fails, suspects, rollback and fix as in a watch
    #[arg(long, conflicts_with = "json")]
    pub tui: bool,
    /// Test reports in XML that the command writes, as a pattern of paths
    #[arg(long, value_name = "GLOB")]
    pub reports: Option<String>,
    /// One JSON object on standard output; the command's output then goes to standard error
    #[arg(long)]
    pub json: bool,
    /// Where state and settings are.
    #[command(flatten)]
    pub place: Place,
}

/// How to print the audit log.
#[derive(Args, Debug)]
pub struct Audit {
    /// Check the chain; exit status 1 if it is broken
    #[arg(long)]
    pub verify: bool,
    /// One JSON object a line
    #[arg(long)]
    pub json: bool,
    /// Where state and settings are.
    #[command(flatten)]
    pub place: Place,
}

/// How to print the settings.
#[derive(Args, Debug)]
pub struct ConfigCommand {
    /// Where state and settings are.
    #[command(flatten)]
    pub place: Place,
}
