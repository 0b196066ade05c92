//! `aftercare fix`: the smallest part of a deploy to take back, found by running the user's test; or a fix
//! that a model or a coding agent drafts.

use std::ffi::OsString;
use std::io::{IsTerminal, Write};
use std::time::Duration;

use serde_json::json;

use crate::app::{Failure, FailureKind};
use crate::config::{Config, Layer};
use crate::ingest::sanitize::visible;
use crate::remedy::fix::{Answer, Report, Tried};
use crate::shell::advisor::SystemClock;
use crate::shell::cli::Fix;
use crate::shell::command::deployed::Deployed;
use crate::shell::command::{canceled_by_signals, output, read_symptom, write_json};
use crate::shell::fix::draft::{self, Author, Progress};
use crate::shell::fix::{self, Bounds, Found, Request, find};
use crate::shell::report::{SCHEMA, merge, unwritable};
use crate::shell::settings::Settings;
use crate::triage::Symptom;

/// Flags of `fix` and `triage` that end the command behind `--repro`.
const FLAGS: [&str; 14] = [
    "--before-rate",
    "--after-rate",
    "--error",
    "--repo",
    "--range",
    "--time-limit",
    "--total-time",
    "--max-runs",
    "--json",
    "--help",
    "--advisor",
    "--agent",
    "--state",
    "--config",
];

/// Searches, or has a fix drafted, and prints what was found; returns the exit status.
///
/// # Errors
///
/// When the error, the repository or the range cannot be read, nobody is configured to be asked, or nothing
/// can be written.
pub fn run(command: &Fix) -> Result<u8, Failure> {
    let (symptom, _) = read_symptom(&command.asked)?;
    let deployed = Deployed::of(&command.asked)?;
    let range = &deployed.range;
    let argv = if command.repro.is_empty() { Vec::new() } else { argv(&command.repro)? };
    let bounds = Bounds {
        runs: command.max_runs,
        run_time: seconds(command.time_limit, "--time-limit")?,
        total_time: seconds(command.total_time, "--total-time")?,
    };
    let is_asked = command.advisor || command.agent.is_some();
    let report = if is_asked {
        drafted(command, (&deployed, &symptom), &argv, bounds)?
    } else {
        let cancel = canceled_by_signals();
        let (repo, siblings) = (&deployed.repo, &[]);
        let request = Request { repo, range, symptom: &symptom, siblings, command: &argv, bounds };
        let mut progress = |progress: fix::Progress| match progress {
            fix::Progress::Tried(tried) => told(command, || words(&tried)),
            fix::Progress::Trying(_) => {}
        };
        let Found { report, .. } = find(&request, &cancel, &mut progress).map_err(|error| error.failure())?;
        report
    };
    if command.json {
        let mut object = json!({ "schema": SCHEMA });
        merge(&mut object, &report);
        write_json(&mut output(), &object)?;
    } else {
        print(&report)?;
    }
    let is_rejected = report.drafted.is_some() && !report.is_clean();
    Ok(match report.answer {
        Answer::Found if is_rejected => 1,
        Answer::Found => 0,
        Answer::NotFound => 1,
        Answer::CannotJudge => 3,
    })
}

/// Has a fix drafted by the configured model, or by an agent.
fn drafted(
    command: &Fix,
    (deployed, symptom): (&Deployed, &Symptom),
    argv: &[String],
    bounds: Bounds,
) -> Result<Report, Failure> {
    let settings = Settings::load(&command.asked.place(), Layer::default())?;
    let config = &settings.config;
    let (setup, adapter);
    let author = match &command.agent {
        Some(name) => {
            adapter = settings.agent(name)?;
            Author::Agent(&adapter, Duration::from_secs(u64::from(config.agent.seconds.value)))
        }
        None => {
            setup = settings.advisor()?;
            Author::Advisor(&setup)
        }
    };
    let tests_time = Duration::from_secs(u64::from(config.fix.tests_seconds.value));
    let transcripts = settings.transcripts();
    let request = draft::Request {
        repo: &deployed.repo,
        range: &deployed.range,
        symptom,
        siblings: &[],
        author,
        repro: Some(argv).filter(|argv| !argv.is_empty()),
        tests: Some((config.fix.tests.value.as_slice(), tests_time)).filter(|(tests, _)| !tests.is_empty()),
        bounds,
        open: &config.fix.open(),
        transcripts: Some(&transcripts),
        clock: &SystemClock,
    };
    let cancel = canceled_by_signals();
    let mut progress = |progress: &Progress| match progress {
        Progress::Asked { turn, tokens, money } => told(command, || {
            let tokens = tokens.map_or_else(String::new, |tokens| format!(", about {tokens} tokens"));
            let money = money.map_or_else(String::new, |money| format!(", at most {money:.4} in money"));
            format!("asking {} ({turn}){tokens}{money}", who(command, config))
        }),
        Progress::Said(line) => told(command, || line.clone()),
        Progress::Tried(tried) => told(command, || words(tried)),
        Progress::Without(why) => told(command, || format!("no usable draft ({why}); searching without one")),
        Progress::Received { .. } | Progress::Answered(_) => {}
    };
    let found = draft::draft(&request, &cancel, &mut progress).map_err(|error| error.failure())?;
    Ok(found.report)
}

fn who(command: &Fix, config: &Config) -> String {
    let model = config.advisor.model.value.as_deref().unwrap_or("the model");
    command.agent.as_deref().unwrap_or(model).to_owned()
}

/// Tells progress on standard error, unless a program listens.
fn told(command: &Fix, line: impl FnOnce() -> String) {
    if !command.json {
        let _ = writeln!(std::io::stderr().lock(), "{}", visible(&line(), false));
    }
}

/// The command's words; a single one with white space is a line for the shell.
pub(super) fn argv(words: &[String]) -> Result<Vec<String>, Failure> {
    let words = if words.first().is_some_and(|word| word == "--") { words.get(1..).unwrap_or_default() } else { words };
    match words {
        [line] if line.trim().contains(char::is_whitespace) => Ok(["sh", "-c", line].map(str::to_owned).to_vec()),
        [first, ..] if !first.trim().is_empty() => Ok(words.to_vec()),
        _ => Err(Failure::new(
            FailureKind::User,
            "--repro names no command",
            "Give a command that fails as deployed: --repro python3 check.py",
        )),
    }
}

pub(super) fn seconds(value: f64, flag: &str) -> Result<Duration, Failure> {
    let wrong =
        || Failure::new(FailureKind::User, format!("{flag} {value} is no length of time"), "Give seconds above 0.");
    let length = Duration::try_from_secs_f64(value).map_err(|_| wrong())?;
    // A year is for ever, and no sum with the clock overflows.
    let year = Duration::from_secs(365 * 24 * 3600);
    if length.is_zero() { Err(wrong()) } else { Ok(length.min(year)) }
}

/// Moves what follows `--repro` to the end of the command line: the command goes up to the next flag
/// of that command, or, behind `--`, up to the end.
#[must_use]
pub fn arranged(mut args: Vec<OsString>) -> Vec<OsString> {
    let takes_command = args.get(1).is_some_and(|name| name == "fix" || name == "triage");
    let Some(at) = args.iter().position(|arg| arg == "--repro").filter(|_| takes_command) else { return args };
    let command = args.split_off(at);
    if command.get(1).is_some_and(|word| word == "--") {
        args.extend(command);
        return args;
    }
    let is_flag = |arg: &OsString| {
        let arg = arg.to_string_lossy();
        FLAGS.contains(&arg.split('=').next().unwrap_or_default())
    };
    let end = command.iter().position(is_flag).unwrap_or(command.len());
    let (command, rest) = command.split_at(end);
    args.extend(rest.iter().chain(command).cloned());
    args
}

fn words(tried: &Tried) -> String {
    tried.words("the command")
}

/// Prints the summary as comments, then the patch: raw for a program, made visible for a terminal.
fn print(report: &Report) -> Result<(), Failure> {
    let is_terminal = std::io::stdout().is_terminal();
    let mut out = output();
    let mut write = || -> std::io::Result<()> {
        writeln!(out, "# {}", visible(&report.detail, false))?;
        for hunk in &report.hunks {
            let line = format!("{}:{}-{}: {}", hunk.file, hunk.start, hunk.end, hunk.why);
            writeln!(out, "# {}", visible(&line, false))?;
        }
        for check in &report.checks {
            let word = if check.passed { "passed" } else { "FAILED" };
            writeln!(out, "# {}: {word}. {}", check.name, visible(&check.detail, false))?;
        }
        if let Some(drafted) = &report.drafted {
            if let Some(trouble) = &drafted.trouble {
                writeln!(out, "# {}: {}", visible(&drafted.by, false), visible(trouble, false))?;
            }
            if !drafted.said.is_empty() {
                writeln!(out, "# {} says: {}", visible(&drafted.by, false), visible(&drafted.said, false))?;
            }
            for path in &drafted.left_out {
                writeln!(out, "# left out: {}", visible(path, false))?;
            }
            if drafted.spent.requests > 0 {
                writeln!(out, "# {}", drafted.spent.sentence())?;
            }
            if let Some(path) = &drafted.transcript {
                writeln!(out, "# transcript: {}", visible(path, false))?;
            }
        }
        if !report.patch.is_empty() {
            let patch = if is_terminal { visible(&report.patch, true) } else { report.patch.clone() };
            writeln!(out, "\n{}", patch.trim_end_matches('\n'))?;
        }
        out.flush()
    };
    write().map_err(|error| unwritable(&error))
}

#[cfg(test)]
mod tests;
