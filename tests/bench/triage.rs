//! How long a verdict takes over a range of a real repository, beside `git diff` of the same range.
//!
//! `cargo bench --bench triage -- REPOSITORY BASE..HEAD [ERROR_FILE]`. Without an error three are made up of
//! the change itself: a stack through changed files, a log line that nothing explains, for which the whole tree is
//! searched, and a failed assertion. Nothing is asserted: figures are for people.

use std::path::Path;
use std::process::{Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

use aftercare::shell::git::read::{self, Range};
use aftercare::triage::{Change, Symptom};

/// How often each is measured; the median counts.
const ROUNDS: usize = 7;

fn main() -> ExitCode {
    // Cargo passes `--bench` along.
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| !argument.starts_with("--")).collect();
    let [repo, range, rest @ ..] = arguments.as_slice() else {
        println!("triage: give a repository and a range, as in `cargo bench --bench triage -- DIR BASE..HEAD`");
        return ExitCode::SUCCESS;
    };
    let opened = read::open(Path::new(repo)).map_err(|error| error.to_string());
    let change = opened.and_then(|repo| read::change(&repo, range).map_err(|error| error.to_string()));
    let parsed = Range::parse(range).map_err(|error| error.to_string());
    let (change, parsed) = match (change, parsed) {
        (Ok(change), Ok(parsed)) => (change, parsed),
        (Err(error), _) | (_, Err(error)) => {
            println!("triage: {error}");
            return ExitCode::FAILURE;
        }
    };
    let n_hunks: usize = change.files.iter().map(|file| file.hunks.len()).sum();
    println!("{} changed files, {n_hunks} hunks, {} files at head", change.files.len(), change.paths.len());
    let git = median(|| diff(repo, range));
    println!("{:<24} {:>8.1} ms", "git diff", milliseconds(git));
    let given = rest.first().and_then(|path| std::fs::read_to_string(path).ok());
    let errors = given.map_or_else(|| errors(&change), |text| vec![("the given error", text)]);
    for (name, text) in errors {
        let symptom = Symptom::of_text(&text);
        let took = median(|| {
            let _ = read::triage(Path::new(repo), &parsed, &symptom);
        });
        let ratio = took.as_secs_f64() / git.as_secs_f64().max(1e-9);
        println!("{name:<24} {:>8.1} ms  {ratio:.2} times git diff", milliseconds(took));
    }
    ExitCode::SUCCESS
}

/// Errors that this change makes expensive to judge.
fn errors(change: &Change) -> Vec<(&'static str, String)> {
    let sources: Vec<&str> =
        change.files.iter().filter(|file| file.head_text.is_some()).map(|file| file.path.as_str()).take(12).collect();
    let frames: String = sources.iter().map(|path| format!("    at step (/app/{path}:12:5)\n")).collect();
    let tests = change.paths.iter().filter(|path| path.contains("test")).take(6);
    let failed: String = tests.map(|path| format!("{path}:20: AssertionError\n")).collect();
    vec![
        ("a stack", format!("TypeError: Cannot read properties of undefined (reading 'total')\n{frames}")),
        ("a line without a stack", "worker gave up: no such parcel in the ledger of this depot".to_owned()),
        ("a failed assertion", format!("E   AssertionError: assert 3 == 4\n{failed}")),
    ]
}

fn diff(repo: &str, range: &str) {
    let mut command = Command::new("git");
    command.args(["-C", repo, "diff", "--no-color", range]).stdout(Stdio::null()).stderr(Stdio::null());
    let _ = command.status();
}

fn median(mut run: impl FnMut()) -> Duration {
    let mut all: Vec<Duration> = (0..ROUNDS)
        .map(|_| {
            let start = Instant::now();
            run();
            start.elapsed()
        })
        .collect();
    all.sort();
    all.get(ROUNDS / 2).copied().unwrap_or_default()
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}
