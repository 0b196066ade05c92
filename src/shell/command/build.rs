//! `aftercare build`: runs a command, and says which change made it fail.

use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::{Value, json};

use super::fix::argv;
use super::judge::write_suspects;
use crate::app::Failure;
use crate::config::Layer;
use crate::detect::class::Class;
use crate::ingest::sanitize::visible;
use crate::shell::build::screen::{self, Order, words};
use crate::shell::build::{Check, Failed, Report, Request, Wires, run as run_build};
use crate::shell::cli::Build;
use crate::shell::clock::Clock;
use crate::shell::command::deployed::WORK_TREE;
use crate::shell::command::{canceled_by_signals, output, write_json};
use crate::shell::observe::open_store;
use crate::shell::report::{SCHEMA, merge, unwritable};
use crate::shell::settings::Settings;
use crate::shell::watch::Run;
use crate::triage::Diagnostic;

/// The most errors and suspects that are listed in words.
const LISTED: usize = 8;
const SUSPECTS: usize = 3;

/// Runs the command; returns its exit status.
///
/// # Errors
///
/// When the repository, a setting or the store cannot be used, or nothing can be written.
pub fn run(command: &Build) -> Result<u8, Failure> {
    let settings = Settings::load(&command.place, Layer::default())?;
    let argv = argv(&command.command)?;
    let repo = settings.repo.clone().unwrap_or_else(|| Path::new(".").to_path_buf());
    let wires = match (command.json, std::io::stdout().is_terminal() && std::io::stderr().is_terminal()) {
        (true, _) => Wires::Aside,
        (false, true) => Wires::Terminal,
        (false, false) => Wires::Pipes,
    };
    let logs = settings.state.join("builds");
    if command.tui && wires == Wires::Terminal {
        return on_screen(command, settings, argv, (repo, logs));
    }
    let mut store = open_store(&settings)?;
    let run_time = Duration::from_secs(u64::from(settings.config.fix_seconds.value));
    let request = Request {
        command: &argv,
        repo: &repo,
        since: command.since.as_deref(),
        retries: command.retries,
        reports: command.reports.as_deref(),
        logs: &logs,
        wires,
        check: command.check.then_some(Check { run_time, cancel: canceled_by_signals }),
    };
    let report = run_build(&request, &mut store, Clock::real())?;
    if command.json {
        write_json(&mut output(), &object(&report, &argv, &repo))?;
    } else {
        tell(&report, &argv, &repo).map_err(|error| unwritable(&error))?;
    }
    Ok(report.status())
}

/// Runs it on the screen.
fn on_screen(
    command: &Build,
    settings: Settings,
    argv: Vec<String>,
    (repo, logs): (PathBuf, PathBuf),
) -> Result<u8, Failure> {
    let run = Run {
        person: settings.person(None)?,
        settings,
        specs: Vec::new(),
        deploys: Vec::new(),
        clock: Clock::real(),
        read_only: false,
    };
    let order = Order {
        command: argv,
        repo,
        since: command.since.clone(),
        retries: command.retries,
        reports: command.reports.clone(),
        logs,
    };
    screen::show(run, &order)
}

fn object(report: &Report, argv: &[String], repo: &Path) -> Value {
    let mut object = json!({
        "schema": SCHEMA,
        "command": argv,
        "passed": report.status() == 0,
        "exit_status": report.status(),
        "runs": report.endings.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "flaky": report.is_flaky,
    });
    let Some(failed) = &report.failed else { return object };
    let more = json!({
        "class": Class::Build,
        "since": failed.since.as_ref().map(|since| since.revision.as_str()),
        "head": failed.head,
        "uncommitted": failed.has_changes,
        "events": failed.judged.diagnostics.iter().map(event).collect::<Vec<_>>(),
        "judged": failed.judged.about,
        "remedies": remedies(failed, argv, repo),
        "log": failed.log,
        "dropped_bytes": failed.dropped_bytes,
    });
    merge(&mut object, &more);
    if let Some(verdict) = &failed.judged.verdict {
        merge(&mut object, verdict);
    }
    if let Some((reruns, effect)) = &failed.checked {
        merge(&mut object, &json!({ "repro": { "effect": effect, "runs": reruns } }));
    }
    object
}

fn event(found: &Diagnostic) -> Value {
    let signature = found.signature();
    json!({
        "signature": signature.id, "template": signature.template, "tool": found.tool, "rule": found.rule,
        "file": found.file, "line": found.line, "column": found.column, "test": found.test, "message": found.message,
    })
}

/// Says how it went, on standard error, so that the command's own output stays what it is.
fn tell(report: &Report, argv: &[String], repo: &Path) -> std::io::Result<()> {
    let mut out = std::io::stderr().lock();
    let n_runs = report.endings.len();
    let ended = report.endings.last().map(ToString::to_string).unwrap_or_default();
    let program = visible(argv.first().map_or("", String::as_str), false);
    if report.is_flaky && report.status() == 0 && n_runs > 1 {
        writeln!(out, "\naftercare: {program} is flaky: run {n_runs} {ended}, with the same files.")?;
    }
    let Some(failed) = &report.failed else { return out.flush() };
    let again = if n_runs > 1 { format!(" {n_runs} times") } else { String::new() };
    writeln!(out, "\naftercare: {program} {}{again}; class build", visible(&ended, false))?;
    if report.is_flaky {
        writeln!(out, "It is flaky: with the same files it passed and failed. What follows may be chance.")?;
    }
    let all = &failed.judged.diagnostics;
    for found in all.iter().take(LISTED) {
        writeln!(out, "  {}", visible(&found.sentence(), false))?;
    }
    if all.len() > LISTED {
        writeln!(out, "  and {} more", all.len() - LISTED)?;
    }
    tell_verdict(&mut out, failed)?;
    tell_next(&mut out, failed, argv, repo)?;
    out.flush()
}

fn tell_verdict(out: &mut impl Write, failed: &Failed) -> std::io::Result<()> {
    let (Some(since), Some(verdict)) = (&failed.since, &failed.judged.verdict) else {
        return writeln!(
            out,
            "No success of this command is known here, so there is nothing to compare with. Name a revision where it \
             passed: --since REV."
        );
    };
    let files =
        if failed.n_files == 1 { "1 file differs".to_owned() } else { format!("{} files differ", failed.n_files) };
    let with = if failed.has_changes { ", changes that are not committed included" } else { "" };
    writeln!(out, "\n{files} from {}{with}.", words(since))?;
    if failed.n_left_out > 0 {
        writeln!(out, "{} unknown files were not looked at for their size or number.", failed.n_left_out)?;
    }
    if failed.n_files == 0 {
        return writeln!(out, "Nothing changed: the command is flaky, or something outside of the repository did.");
    }
    let link = if verdict.causal_link { "caused by this change" } else { "not shown to be caused by this change" };
    writeln!(out, "{link}, confidence {}", verdict.confidence.word())?;
    writeln!(out, "{}", visible(&verdict.evidence_summary, true))?;
    write_suspects(out, verdict.suspects.iter().take(SUSPECTS))
}

fn tell_next(out: &mut impl Write, failed: &Failed, argv: &[String], repo: &Path) -> std::io::Result<()> {
    let remedies = remedies(failed, argv, repo);
    if remedies.is_empty() {
        return Ok(());
    }
    let whole = if failed.has_changes { "" } else { ", and the way back as a whole" };
    writeln!(out, "\nThe smallest part to take back{whole}:")?;
    remedies.iter().try_for_each(|line| writeln!(out, "  {}", visible(line, false)))
}

/// The command lines that go on from here.
fn remedies(failed: &Failed, argv: &[String], repo: &Path) -> Vec<String> {
    let (Some(since), true) = (&failed.since, failed.n_files > 0) else { return Vec::new() };
    let repo = repo.canonicalize().unwrap_or_else(|_| repo.to_path_buf());
    let head = if failed.has_changes { WORK_TREE } else { failed.head.as_str() };
    let place = format!("--repo {} --range {}..{head}", quoted(&repo.to_string_lossy()), since.revision);
    let command = argv.iter().map(|word| quoted(word)).collect::<Vec<_>>().join(" ");
    let fix = failed
        .log
        .as_ref()
        .map(|log| format!("aftercare fix --error {} {place} --repro -- {command}", quoted(&log.to_string_lossy())));
    // There is no commit to go back from before there is one.
    let back = (!failed.has_changes).then(|| format!("aftercare rollback --plan {place}"));
    fix.into_iter().chain(back).collect()
}

/// A word as a shell reads it back.
fn quoted(word: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=@%+,".contains(c);
    if !word.is_empty() && word.chars().all(is_plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}
