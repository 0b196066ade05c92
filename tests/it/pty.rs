//! The real binary in a real terminal: what a person sees, and how it leaves their shell.

mod build;
mod draft;
mod driver;
mod refused;
mod review;
pub mod session;
mod standing;

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use aftercare::shell::clock::Clock;
use aftercare::shell::demo::World;
use session::{Session, modes_left};
use tempfile::TempDir;
use vt100::Screen;

use crate::demo::serve_half_an_hour;

const AFTERCARE: &str = env!("CARGO_BIN_EXE_aftercare");
const ENTER: &str = "\r";
const ESC: &str = "\x1b";
const CTRL_Z: &str = "\x1a";

/// A folder of its own for state and home, and something to watch.
struct Scene {
    dir: TempDir,
    arguments: Vec<OsString>,
}

impl Scene {
    /// A log with two signatures, an hour of it, and no repository.
    fn quiet() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let now = Clock::real().now();
        let line = |n: u64| {
            let at = now.before(Duration::from_secs(60 * (60 - n)));
            let rare = if n.is_multiple_of(6) {
                format!("{at} ERROR upstream {n} refused the invoice\n")
            } else {
                String::new()
            };
            format!("{at} INFO cache warmed with {n} entries\n{rare}")
        };
        fs::write(dir.path().join("api.log"), (0..60).map(line).collect::<String>()).unwrap();
        let arguments = vec!["watch".into(), dir.path().join("api.log").into(), "--service".into(), "invoices".into()];
        Self { dir, arguments }
    }

    /// The world of the demonstration, half an hour after the wrong commit was deployed.
    fn incident() -> (Self, World) {
        let dir = tempfile::tempdir().unwrap();
        let deployed = Clock::real().now().before(Duration::from_secs(30 * 60));
        let world = World::make(&dir.path().join("world"), deployed).unwrap();
        world.write_history().unwrap();
        world.deploy(World::BAD).unwrap();
        serve_half_an_hour(&world, deployed);
        let [history, log, repo] = [world.history(), world.log(), world.repo()].map(OsString::from);
        let mut arguments = vec!["watch".into(), history, log, "--repo".into(), repo];
        arguments.extend(["--service".into(), World::SERVICE.into(), "--as".into()]);
        let mut scene = Self { dir, arguments };
        scene.arguments.push("Ada Lovelace <ada@orders.example>".into());
        (scene, world)
    }

    fn with(mut self, argument: &str) -> Self {
        self.arguments.push(argument.into());
        self
    }

    fn argv(&self) -> Vec<OsString> {
        let mut argv = vec![AFTERCARE.into()];
        argv.extend(self.arguments.iter().cloned());
        argv.extend(["--state".into(), self.state().into()]);
        argv
    }

    fn state(&self) -> PathBuf {
        self.dir.path().join("state")
    }

    fn start(&self) -> Session {
        self.start_sized(30, 120)
    }

    fn start_sized(&self, rows: u16, columns: u16) -> Session {
        Session::start(&self.argv(), &[("HOME", self.dir.path())], rows, columns)
    }
}

fn is_frame(screen: &Screen, text: &str) -> bool {
    screen.alternate_screen() && screen.contents().contains(text)
}

/// Whether the cursor is behind a prompt with nothing typed.
fn is_at_prompt(screen: &Screen) -> bool {
    let (row, _) = screen.cursor_position();
    let (_, columns) = screen.size();
    screen.rows(0, columns.get()).nth(usize::from(row)).is_some_and(|row| row.trim_end() == "ready>")
}

/// Whether the first row that holds this text has another background than the header.
fn is_selected(screen: &Screen, text: &str) -> bool {
    let (_, columns) = screen.size();
    let Some(index) = screen.rows(0, columns.get()).position(|row| row.contains(text)) else { return false };
    let background = |row: u16| screen.cell(row, 1).map(vt100::Cell::bgcolor);
    background(u16::try_from(index).unwrap()) != background(0)
}

#[track_caller]
fn git(world: &World, arguments: &[&str]) -> String {
    let output = Command::new("git").arg("-C").arg(world.repo()).args(arguments).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

/// The branches that aftercare made.
fn rollbacks(world: &World) -> Vec<String> {
    let refs = git(world, &["for-each-ref", "--format=%(refname:short)", "refs/heads/aftercare"]);
    refs.lines().map(str::to_owned).collect()
}

#[test]
fn the_first_frame_shows_service_and_signatures_and_quitting_leaves_the_shell_clean() {
    let scene = Scene::quiet();
    for (rows, columns) in [(24, 80), (60, 200)] {
        let mut session = scene.start_sized(rows, columns);
        session
            .wait_for("signatures", |screen| is_frame(screen, "invoices") && is_frame(screen, "refused the invoice"));
        assert!(session.is_raw());
        session.send("q");
        let status = session.wait_for_exit();
        assert!(status.success(), "{status}");
        session.assert_clean();
    }
}

#[test]
fn keys_select_open_and_go_back() {
    let scene = Scene::quiet();
    let mut session = scene.start();
    session.wait_for("both signatures", |screen| {
        is_frame(screen, "refused the invoice") && is_frame(screen, "cache warmed")
    });
    session.wait_for("a selection", |screen| is_selected(screen, "refused the invoice"));
    session.send("j");
    session.wait_for("another selection", |screen| is_selected(screen, "cache warmed"));
    session.send("k");
    session.wait_for("the first selection", |screen| is_selected(screen, "refused the invoice"));
    session.send("?");
    session.wait_for_text("and every key");
    session.send(ESC);
    session.wait_for("the list again", |screen| !screen.contents().contains("and every key"));
    session.send("i");
    session.wait_for_text("api.log");
    session.send("\x03");
    session.wait_for_exit();
    session.assert_clean();
}

#[test]
fn a_resized_terminal_is_filled_again_and_a_tiny_one_does_no_harm() {
    let scene = Scene::quiet();
    let mut session = scene.start_sized(24, 80);
    session.wait_for("a frame", |screen| is_frame(screen, "refused the invoice"));
    let footer = |screen: &Screen| {
        let (rows, columns) = screen.size();
        let last = screen.rows(0, columns.get()).nth(usize::from(rows.get()) - 1);
        last.is_some_and(|row| row.contains("quit") || row.contains("help"))
    };
    for (rows, columns) in [(50, 160), (24, 80), (60, 200)] {
        session.resize(rows, columns);
        session
            .wait_for("a footer in the last row", |screen| footer(screen) && is_frame(screen, "refused the invoice"));
    }
    for (rows, columns) in [(5, 20), (1, 1)] {
        session.resize(rows, columns);
    }
    session.resize(24, 80);
    session.wait_for("a frame again", |screen| footer(screen) && is_frame(screen, "refused the invoice"));
    session.send("q");
    assert!(session.wait_for_exit().success());
}

#[test]
fn suspending_gives_the_shell_back_and_fg_returns() {
    let scene = Scene::quiet();
    let mut session = Session::start(&["sh".into(), "-i".into()], &[("HOME", scene.dir.path())], 30, 120);
    session.wait_for_text("ready> ");
    let words: Vec<String> = scene.argv().iter().map(|word| format!("'{}'", word.to_string_lossy())).collect();
    session.send(&format!("{}{ENTER}", words.join(" ")));
    session.wait_for("a frame", |screen| is_frame(screen, "refused the invoice"));
    for _ in 0..2 {
        session.send(CTRL_Z);
        session.wait_for("the shell", |screen| !screen.alternate_screen() && screen.contents().contains("Stopped"));
        session.send(&format!("clear; stty -a; echo '<'done'>'{ENTER}"));
        session.wait_for_text("<done>");
        session.assert_clean();
        let shown = session.screen().contents();
        for mode in ["icanon", "echo", "isig", "opost"] {
            let is_on = shown.split([' ', ';', '\n']).any(|word| word == mode);
            assert!(is_on, "{mode} is off:\n{shown}");
        }
        session.send(&format!("fg{ENTER}"));
        session.wait_for("a frame again", |screen| is_frame(screen, "refused the invoice"));
    }
    session.send("q");
    // Keys that are typed before the program has ended are its own.
    session.wait_for("the prompt", |screen| !screen.alternate_screen() && is_at_prompt(screen));
    session.send(&format!("echo 'status '$?'.'{ENTER}"));
    session.wait_for_text("status 0.");
    session.assert_clean();
    session.send(&format!("exit{ENTER}"));
    session.wait_for_exit();
}

#[test]
fn a_signal_to_end_leaves_the_shell_clean() {
    let scene = Scene::quiet();
    for (name, number, description) in [("TERM", 15, "Terminated"), ("INT", 2, "Interrupt"), ("HUP", 1, "Hangup")] {
        let mut session = scene.start();
        session.wait_for("a frame", |screen| is_frame(screen, "refused the invoice"));
        session.signal(name);
        let status = session.wait_for_exit();
        let tells = status.signal() == Some(description) || status.exit_code() == 128 + number;
        assert!(tells, "SIG{name}: {status}");
        session.assert_clean();
    }
}

#[test]
fn it_ends_when_the_terminal_vanishes() {
    let scene = Scene::quiet();
    let mut session = scene.start();
    session.wait_for("a frame", |screen| is_frame(screen, "refused the invoice"));
    let status = session.hang_up();
    assert!(status.exit_code() != 101 && status.signal().is_none_or(|signal| signal == "Hangup"), "{status}");
    // What was counted is there for the next run, which starts as if nothing had happened.
    let mut again = scene.start();
    again.wait_for("a frame", |screen| is_frame(screen, "refused the invoice"));
}

/// Debug builds panic after their first frame when they are asked to.
#[cfg(debug_assertions)]
#[test]
fn a_panic_leaves_the_shell_clean_and_says_what_happened() {
    let scene = Scene::quiet();
    let environment = [("HOME", scene.dir.path()), ("AFTERCARE_TEST_PANIC", Path::new("first-frame"))];
    let mut session = Session::start(&scene.argv(), &environment, 30, 120);
    let status = session.wait_for_exit();
    assert!(!status.success());
    assert!(session.bytes().windows(8).any(|bytes| bytes == b"\x1b[?1049h"), "there was a frame");
    session.assert_clean();
    let shown = session.screen().contents();
    assert!(shown.to_lowercase().contains("panic") || shown.to_lowercase().contains("bug"), "{shown}");
}

#[test]
fn without_a_terminal_it_says_so_and_what_to_do() {
    let scene = Scene::quiet();
    let argv = scene.argv();
    let mut command = Command::new(&argv[0]);
    command.args(&argv[1..]).env("HOME", scene.dir.path()).stdin(Stdio::null());
    let output = command.output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(String::from_utf8_lossy(&output.stdout), "");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(said.contains("terminal") && said.contains("--headless"), "{said}");
    assert_eq!(modes_left(&output.stderr), modes_left(b""), "nothing is sent to a terminal that is not there");
}

/// Waits until the regression is confirmed, selected, and its lines are there.
fn wait_for_regression(session: &mut Session) {
    session.wait_for("the regression", |screen| {
        is_frame(screen, "1 confirmed regression")
            && screen.contents().contains("rejected: malformed order at lib/parse.sh:")
    });
}

/// Goes from the list to the approval: lines, suspects, diff, approval.
fn go_to_approval(session: &mut Session) {
    wait_for_regression(session);
    session.send(ENTER);
    session.wait_for_text("▌Tail");
    session.send(ENTER);
    session.wait_for_text("lib/parse.sh:");
    session.send(ENTER);
    session.wait_for_text("▌Diff 7 files");
    session.send(ENTER);
    session.wait_for("the approval", |screen| {
        let shown = screen.contents();
        shown.contains("Ada Lovelace") && shown.contains("aftercare/rollback-")
    });
}

#[test]
fn four_keys_lead_to_the_approval_and_a_word_to_the_rollback() {
    let (scene, world) = Scene::incident();
    let main = git(&world, &["rev-parse", "main"]);
    let mut session = scene.start_sized(40, 140);
    go_to_approval(&mut session);
    assert_eq!(rollbacks(&world), Vec::<String>::new());
    session.send(World::SERVICE);
    session.send(ENTER);
    session.wait_for("the branch", |_| !rollbacks(&world).is_empty());
    // Leaving asks only while something is being executed.
    session.wait_for_text("▌Execution done");
    session.send("q");
    assert!(session.wait_for_exit().success());
    session.assert_clean();

    let branches = rollbacks(&world);
    assert_eq!(branches.len(), 1, "{branches:?}");
    let tree = |revision: &str| git(&world, &["rev-parse", &format!("{revision}^{{tree}}")]);
    assert_eq!(tree(&branches[0]), tree(World::HEALTHY));
    assert_eq!(git(&world, &["rev-parse", &format!("{}^", branches[0])]), main);
    assert_eq!(git(&world, &["rev-parse", "main"]), main);
    assert_eq!(git(&world, &["status", "--porcelain"]), "");
    let mut audit = Command::new(AFTERCARE);
    audit.args(["audit", "--verify", "--state"]).arg(scene.state()).env("HOME", scene.dir.path());
    let audit = audit.output().unwrap();
    assert!(audit.status.success(), "{}", String::from_utf8_lossy(&audit.stderr));
}

#[test]
fn another_word_and_going_back_are_refusals() {
    let (scene, world) = Scene::incident();
    let mut session = scene.start_sized(40, 140);
    go_to_approval(&mut session);
    session.send("order");
    session.send(ENTER);
    session.send(ESC);
    session.wait_for_text("▌Diff 7 files");
    session.send("q");
    assert!(session.wait_for_exit().success());
    assert_eq!(rollbacks(&world), Vec::<String>::new());
}

#[test]
fn read_only_has_no_way_to_the_approval() {
    let (scene, world) = Scene::incident();
    let scene = scene.with("--read-only");
    let mut session = scene.start_sized(40, 140);
    wait_for_regression(&mut session);
    session.send(ENTER);
    session.send(ENTER);
    session.wait_for_text("caused by this deploy");
    session.send(ENTER);
    session.wait_for_text("▌Diff 7 files");
    let (rows, columns) = session.screen().size();
    let footer = session.screen().rows(0, columns.get()).nth(usize::from(rows.get()) - 1).unwrap();
    assert!(!footer.contains("approve"), "{footer}");
    session.send("a");
    session.send(ENTER);
    session.send(World::SERVICE);
    session.send(ENTER);
    session.send(ESC);
    session.send("\x03");
    session.wait_for_exit();
    assert_eq!(rollbacks(&world), Vec::<String>::new());
}
