//! `aftercare fix`: the smallest part of a deploy to take back, found by running the user's test.

use std::ffi::OsString;
use std::io::{IsTerminal, Write};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use serde_json::json;
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};

use crate::app::{Failure, FailureKind};
use crate::ingest::sanitize::visible;
use crate::remedy::fix::{Answer, Report, Tried};
use crate::shell::cli::Fix;
use crate::shell::command::{output, read_symptom, write_json};
use crate::shell::fix::{Bounds, Found, Progress, Request, find};
use crate::shell::git::read::Range;
use crate::shell::report::{SCHEMA, merge, unwritable};

/// Flags of `fix` that end the command behind `--repro`.
const FLAGS: [&str; 8] =
    ["--error", "--repo", "--range", "--time-limit", "--total-time", "--max-runs", "--json", "--help"];

/// Searches, and prints what was found; returns the exit status.
///
/// # Errors
///
/// When the error, the repository or the range cannot be read, or nothing can be written.
pub fn run(command: &Fix) -> Result<u8, Failure> {
    let (symptom, _) = read_symptom(&command.error)?;
    let range = Range::parse(&command.range).map_err(|error| error.failure())?;
    let argv = argv(&command.repro)?;
    let bounds = Bounds {
        runs: command.max_runs,
        run_time: seconds(command.time_limit, "--time-limit")?,
        total_time: seconds(command.total_time, "--total-time")?,
    };
    let cancel = Arc::new(AtomicBool::new(false));
    for signal in [SIGINT, SIGTERM, SIGHUP] {
        // The second one leaves at once. Where a signal cannot be caught, it leaves at the first.
        let _ = signal_hook::flag::register_conditional_shutdown(signal, 128 + signal, Arc::clone(&cancel))
            .and_then(|_| signal_hook::flag::register(signal, Arc::clone(&cancel)));
    }
    let request = Request { repo: &command.repo, range: &range, symptom: &symptom, command: &argv, bounds };
    let mut progress = |progress: Progress| match progress {
        Progress::Tried(tried) if !command.json => tell(&tried),
        Progress::Trying(_) | Progress::Tried(_) => {}
    };
    let Found { report, .. } = find(&request, &cancel, &mut progress).map_err(|error| error.failure())?;
    if command.json {
        let mut object = json!({ "schema": SCHEMA });
        merge(&mut object, &report);
        write_json(&mut output(), &object)?;
    } else {
        print(&report)?;
    }
    Ok(match report.answer {
        Answer::Found => 0,
        Answer::NotFound => 1,
        Answer::CannotJudge => 3,
    })
}

/// The command's words; a single one with white space is a line for the shell.
fn argv(words: &[String]) -> Result<Vec<String>, Failure> {
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

fn seconds(value: f64, flag: &str) -> Result<Duration, Failure> {
    let wrong =
        || Failure::new(FailureKind::User, format!("{flag} {value} is no length of time"), "Give seconds above 0.");
    let length = Duration::try_from_secs_f64(value).map_err(|_| wrong())?;
    // A year is for ever, and no sum with the clock overflows.
    let year = Duration::from_secs(365 * 24 * 3600);
    if length.is_zero() { Err(wrong()) } else { Ok(length.min(year)) }
}

/// Moves what follows `--repro` to the end of the command line: the command goes up to the next flag
/// of `fix`, or, behind `--`, up to the end.
#[must_use]
pub fn arranged(mut args: Vec<OsString>) -> Vec<OsString> {
    let is_fix = args.get(1).is_some_and(|name| name == "fix");
    let Some(at) = args.iter().position(|arg| arg == "--repro").filter(|_| is_fix) else { return args };
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

fn tell(tried: &Tried) {
    let what = tried.part.words();
    let line = format!("{what}, the command {} ({:.1} s)", tried.ending, tried.took.as_secs_f64());
    // Progress is told where somebody listens.
    let _ = writeln!(std::io::stderr().lock(), "{}", visible(&line, false));
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
