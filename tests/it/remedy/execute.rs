//! Executing approved plans with real commands.

use std::fs;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use aftercare::remedy::{Approved, Plan, Scope, audit};
use aftercare::shell::audit::AuditLog;
use aftercare::shell::execute::{
    Ending, ExecuteError, Executor, Limits, Mode, Outcome, Progress, Rule, Settings, Stream,
};
use aftercare::shell::git::read;
use aftercare::shell::git::revert::{self, Request, RevertError};

use super::revert::approved;
use super::scene::Scene;

struct Stage {
    scene: Scene,
    plan: Plan,
    limits: Limits,
}

impl Stage {
    fn new(command: &[&str]) -> Self {
        let scene = Scene::new();
        let base = scene.commit("One", &[("service.sh", b"echo old\n")]);
        let head = scene.commit("Two", &[("service.sh", b"echo new\n")]);
        let change = read::change(&scene.repo(), &format!("{base}..{head}")).unwrap();
        let command: Vec<String> = command.iter().map(|&argument| argument.to_owned()).collect();
        let deploy_command = (!command.is_empty()).then_some(command.as_slice());
        let plan =
            revert::plan(&scene.path(), &change, &Request { deploy_command, ..Request::new("api", Scope::Range) })
                .unwrap();
        let limits =
            Limits { time: Duration::from_secs(60), patience: Duration::from_millis(500), ..Limits::default() };
        Self { scene, plan, limits }
    }

    fn settings(&self) -> Settings {
        Settings {
            takes_work_tree: false,
            repo: self.scene.path(),
            target_branch: None,
            checkouts: self.scene.beside("checkouts"),
            audit: self.log(),
            limits: self.limits,
            approval: Rule::default(),
            own_program: "aftercare".into(),
        }
    }

    fn log(&self) -> AuditLog {
        AuditLog::at(self.scene.beside("state/audit.jsonl"))
    }

    fn approved(&self) -> Approved {
        approved(self.plan.clone())
    }

    fn actions(&self) -> Vec<String> {
        self.log().verify().unwrap();
        self.log().read().unwrap().into_iter().map(|entry| entry.action).collect()
    }

    /// Executes, and returns the lines of output beside the outcome.
    fn execute(&self, cancel: &AtomicBool, mut seen: impl FnMut(&Progress)) -> (Outcome, Vec<(Stream, String)>) {
        let mut lines = Vec::new();
        let before = self.scene.untouchable();
        let executor = Executor::new(Mode::Armed, self.settings()).unwrap();
        let outcome = executor
            .execute(&self.approved(), &Scene::now, cancel, &mut |progress| {
                seen(&progress);
                if let Progress::Line(stream, line) = progress {
                    lines.push((stream, line));
                }
            })
            .unwrap();
        assert!(self.scene.untouchable() == before, "work tree, index, HEAD and branches stay");
        assert_eq!(fs::read_dir(self.scene.beside("checkouts")).map_or(0, Iterator::count), 0, "no checkout stays");
        (outcome, lines)
    }

    fn run(&self) -> (Outcome, Vec<(Stream, String)>) {
        self.execute(&AtomicBool::new(false), |_| {})
    }
}

fn output(line: &str) -> (Stream, String) {
    (Stream::Output, line.to_owned())
}

#[test]
fn without_a_command_only_the_branch_is_made() {
    let stage = Stage::new(&[]);
    let (outcome, lines) = stage.run();
    assert!(outcome.succeeded() && lines.is_empty());
    assert_eq!(stage.actions(), [audit::APPROVED, audit::COMMIT_INTENDED, audit::COMMIT_MADE]);
    assert!(outcome.sentences()[0].starts_with(&stage.plan.branch));
}

#[test]
fn the_deploy_command_runs_in_a_checkout_of_the_new_commit() {
    let stage = Stage::new(&[
        "sh",
        "-c",
        "sh service.sh; git rev-parse HEAD; echo \"$1 $2\"; echo oops >&2",
        "sh",
        "{revision}",
        "{service} {base}",
    ]);
    let (outcome, mut lines) = stage.run();
    assert!(outcome.succeeded());
    let commit = &outcome.committed.commit;
    lines.sort_by_key(|line| line.0 == Stream::Error);
    let expected = [
        output("old"),
        output(commit),
        output(&format!("{commit} api {}", stage.plan.base)),
        (Stream::Error, "oops".to_owned()),
    ];
    assert_eq!(lines, expected);
    let actions =
        [audit::APPROVED, audit::COMMIT_INTENDED, audit::COMMIT_MADE, audit::STEP_INTENDED, audit::STEP_ENDED];
    assert_eq!(stage.actions(), actions);
    let entries = stage.log().read().unwrap();
    assert_eq!(entries[0].detail["digest"], stage.plan.digest().to_string());
    assert!(entries.iter().all(|entry| entry.actor == "Grace Hopper <grace@example.org>"));
}

#[test]
fn an_argument_is_never_a_shell_line() {
    let stage = Stage::new(&["printf", "%s|", "a b", "$(touch pwned)", "; echo x", "*", ""]);
    let (_, lines) = stage.run();
    assert_eq!(lines, [output("a b|$(touch pwned)|; echo x|*||")]);
}

#[test]
fn a_command_that_fails_is_an_outcome_with_its_status() {
    let (outcome, _) = Stage::new(&["sh", "-c", "exit 7"]).run();
    assert_eq!((outcome.succeeded(), &outcome.ran[0].ending), (false, &Ending::Exited(7)));
    let (outcome, _) = Stage::new(&["/no/such/program"]).run();
    assert!(matches!(outcome.ran[0].ending, Ending::NotStarted(_)));
    let (outcome, _) = Stage::new(&["sh", "-c", "kill -9 $$"]).run();
    assert_eq!(outcome.ran[0].ending, Ending::Signaled(9));
}

#[test]
fn a_command_that_hangs_is_killed_with_all_that_it_started() {
    // Nobody ever writes to the pipe; the shell ignores the polite request to end.
    let mut stage = Stage::new(&["sh", "-c", "trap '' TERM; mkfifo ../pipe; echo began; cat ../pipe & cat ../pipe"]);
    stage.limits = Limits { time: Duration::from_millis(300), patience: Duration::from_millis(100), ..stage.limits };
    let (outcome, lines) = stage.run();
    assert_eq!(outcome.ran[0].ending, Ending::TimedOut);
    assert_eq!(lines, [output("began")]);
    assert!(outcome.ran[0].took < Duration::from_secs(30));
    assert_eq!(stage.actions().last().unwrap(), audit::STEP_ENDED);
}

#[test]
fn the_user_can_stop_a_command() {
    let stage = Stage::new(&["sh", "-c", "mkfifo ../pipe; echo began; cat ../pipe"]);
    let cancel = AtomicBool::new(false);
    let (outcome, _) = stage.execute(&cancel, |progress| {
        if matches!(progress, Progress::Line(..)) {
            cancel.store(true, Ordering::Relaxed);
        }
    });
    assert_eq!(outcome.ran[0].ending, Ending::Canceled);
    let stage = Stage::new(&["echo", "never"]);
    let (outcome, lines) = stage.execute(&AtomicBool::new(true), |_| {});
    assert_eq!((outcome.skipped, lines.len(), outcome.succeeded()), (1, 0, false));
}

#[test]
fn a_command_may_leave_a_service_running() {
    // The service holds the pipes open until its own pipe is closed, which this test does at its end.
    let stage = Stage::new(&["sh", "-c", "mkfifo \"$1\"; cat \"$1\" & echo left"]);
    let mut stage = stage;
    let fifo = stage.scene.beside("pipe");
    let mut command = vec!["sh", "-c", "mkfifo \"$1\"; cat \"$1\" & echo left", "sh"];
    command.push(fifo.to_str().unwrap());
    stage.plan.steps[0].argv = command.into_iter().map(str::to_owned).collect();
    let (outcome, lines) = stage.run();
    assert_eq!((&outcome.ran[0].ending, lines), (&Ending::Exited(0), vec![output("left")]));
    fs::write(fifo, "").unwrap();
}

#[test]
fn a_flood_is_bounded_and_counted() {
    let mut stage = Stage::new(&["sh", "-c", "yes 0123456789 | head -n 20000; printf '%05000d' 1"]);
    stage.limits = Limits { line_bytes: 100, total_bytes: 1_100, ..stage.limits };
    let (outcome, lines) = stage.run();
    let ran = &outcome.ran[0];
    assert_eq!((lines.len(), ran.lines, ran.dropped_lines), (100, 100, 19_901));
    assert_eq!(ran.dropped_bytes, 19_900 * 10 + 5_000);
    assert!(ran.sentence().contains("dropped"));
}

#[test]
fn what_a_command_prints_is_made_visible() {
    let (_, lines) = Stage::new(&["printf", "\\033]0;pwned\\007\\033[31mred\\033[0m\\r\\n\\377"]).run();
    let raw = ["\u{1b}]0;pwned\u{7}\u{1b}[31mred\u{1b}[0m", "\u{fffd}"];
    let expected: Vec<_> = raw.iter().map(|line| output(&aftercare::ingest::sanitize::visible(line, false))).collect();
    assert_eq!(lines, expected);
}

#[test]
fn the_command_has_the_users_environment() {
    let (_, lines) =
        Stage::new(&["sh", "-c", "echo ${{PATH:+path}}; env | grep -c ^AFTERCARE_; env | grep -c ^GIT_DIR"]).run();
    assert_eq!(lines, [output("path"), output("0"), output("0")]);
}

#[test]
fn nothing_is_executed_in_read_only_mode() {
    let stage = Stage::new(&["touch", "pwned"]);
    assert!(matches!(Executor::new(Mode::ReadOnly, stage.settings()), Err(ExecuteError::ReadOnly)));
    assert_eq!(stage.actions(), [""; 0]);
}

#[test]
fn what_cannot_be_recorded_is_not_done() {
    let stage = Stage::new(&["touch", "pwned"]);
    fs::write(stage.scene.beside("state"), "a file where the folder should be").unwrap();
    let before = stage.scene.everything();
    let executor = Executor::new(Mode::Armed, stage.settings()).unwrap();
    let refused = executor.execute(&stage.approved(), &Scene::now, &AtomicBool::new(false), &mut |_| {});
    assert!(matches!(refused, Err(ExecuteError::Audit(_))));
    assert!(stage.scene.everything() == before);
}

#[test]
fn a_refusal_is_recorded() {
    let stage = Stage::new(&["touch", "pwned"]);
    stage.scene.commit("Later", &[("service.sh", b"echo new\n"), ("g", b"1\n")]);
    let executor = Executor::new(Mode::Armed, stage.settings()).unwrap();
    let refused = executor.execute(&stage.approved(), &Scene::now, &AtomicBool::new(false), &mut |_| {});
    assert!(matches!(refused, Err(ExecuteError::Revert(RevertError::Moved { .. }))));
    assert_eq!(stage.actions(), [audit::APPROVED, audit::COMMIT_INTENDED, audit::COMMIT_FAILED]);
}

#[test]
fn secrets_of_a_command_are_not_recorded() {
    let stage = Stage::new(&["true", "--token", "hunter2", "https://me:hunter2@host/", "API_KEY=hunter2"]);
    stage.run();
    assert!(!fs::read_to_string(stage.log().path()).unwrap().contains("hunter2"));
}
