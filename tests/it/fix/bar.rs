//! Deploys with fixed seeds: how many are fixed, by what, and in how many runs.
//!
//! The error is what the test prints as deployed, so that the evidence is as good or bad as in life.

use std::process::Command;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use aftercare::remedy::fix::{Answer, Report};
use aftercare::shell::fix::{Bounds, Request, find};
use aftercare::shell::git::read::Range;
use aftercare::triage::Symptom;

use super::deploys::{Case, Language};
use super::scene::Scene;

fn run(case: &Case) -> Report {
    let scene = Scene::new();
    let commit = |files: &[(String, String)]| {
        scene.commit(&files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect::<Vec<_>>());
    };
    commit(&case.base);
    commit(&case.head);
    let (program, args) = case.command.split_first().unwrap();
    let mut command = Command::new(program);
    let output = command.args(args).current_dir(scene.path()).env("PYTHONDONTWRITEBYTECODE", "1").output().unwrap();
    assert!(!output.status.success(), "{:?} does no harm", case.fault);
    let error = String::from_utf8(output.stderr).unwrap();
    let symptom = Symptom::of_text(&error);
    let request = Request {
        repo: &scene.path(),
        range: &Range::new("main~1", "main"),
        symptom: &symptom,
        siblings: &[],
        command: &case.command,
        bounds: Bounds { run_time: Duration::from_secs(10), ..Bounds::default() },
    };
    find(&request, &AtomicBool::new(false), &mut |_| {}).unwrap().report
}

/// Whether the patch takes nothing back but what did the harm.
fn takes_only_culprits(case: &Case, report: &Report) -> bool {
    report.hunks.iter().all(|hunk| {
        let text = case.head.iter().find(|(path, _)| *path == hunk.file).map_or("", |(_, text)| text.as_str());
        let (start, end) = (usize::try_from(hunk.start).unwrap(), usize::try_from(hunk.end).unwrap());
        let lines: Vec<&str> = text.lines().skip(start - 1).take(end + 1 - start).collect();
        let holds = |mark: &str| mark.is_empty() || lines.join("\n").contains(mark);
        case.culprits.iter().any(|(path, mark)| *path == hunk.file && holds(mark))
    })
}

/// At least 90 % are fixed, 95 % of those by culprits alone, with a median of at most 3 runs to find it.
#[track_caller]
fn check(language: Language, seeds: std::ops::Range<u64>) {
    let cases: Vec<Case> = seeds.map(|seed| Case::new(language, seed)).collect();
    let reports: Vec<Report> = cases.iter().map(run).collect();
    let fixed: Vec<(&Case, &Report)> =
        cases.iter().zip(&reports).filter(|(_, report)| report.answer == Answer::Found).collect();
    let clean = fixed.iter().filter(|(case, report)| takes_only_culprits(case, report)).count();
    let mut runs: Vec<usize> = fixed.iter().map(|(_, report)| report.runs).collect();
    runs.sort_unstable();
    let mut lines = String::new();
    for (case, report) in cases.iter().zip(&reports) {
        let (fault, answer, n_hunks) = (case.fault, report.answer, report.hunks.len());
        let (runs, more) = (report.runs, report.verification_runs);
        lines.push_str(&format!("{fault:?}: {answer:?}, {n_hunks} hunks, {runs} runs and {more}\n"));
    }
    println!("{lines}{} of {} fixed, {clean} by culprits alone, runs {runs:?}", fixed.len(), cases.len());
    assert!(fixed.len() * 10 >= cases.len() * 9, "{lines}");
    assert!(clean * 20 >= fixed.len() * 19, "{lines}");
    assert!(runs[runs.len() / 2] <= 3, "{lines}");
    let is_sound = |report: &Report| report.minimal && report.checks.iter().all(|check| check.passed);
    assert!(fixed.iter().all(|(_, report)| is_sound(report)), "{lines}");
}

#[test]
fn some_deploys_in_shell() {
    check(Language::Shell, 0..8);
}

#[test]
fn more_deploys_in_shell() {
    check(Language::Shell, 12..20);
}

/// Python takes long to start, so these are few.
#[test]
fn some_deploys_in_python() {
    match Command::new("python3").arg("--version").output() {
        Ok(_) => check(Language::Python, 102..104),
        Err(error) => eprintln!("not run: there is no python3 here ({error})"),
    }
}
