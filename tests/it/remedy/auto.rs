//! A headless watch that goes back by itself, on the world of the demonstration, and the report of what it did.

use std::fs;
use std::io::{self, Write};
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use aftercare::config::{Config, Layer, Source};
use aftercare::shell::audit::AuditLog;
use aftercare::shell::auto::{Auto, ask_to_stop};
use aftercare::shell::cli::FailOn;
use aftercare::shell::clock::Clock;
use aftercare::shell::demo::World;
use aftercare::shell::headless::{self, Options};
use aftercare::shell::observe::{Opened, specs_of};
use aftercare::shell::report::Report;
use aftercare::shell::settings::Settings;
use aftercare::shell::watch::{Feeding, Run};
use serde_json::Value;
use tempfile::TempDir;

use crate::demo::serve_half_an_hour;

/// Collects what is reported; does something at the first line of a kind, and ends the watch at another.
struct Reader {
    text: Vec<u8>,
    stop: Arc<AtomicBool>,
    at_counting: Box<dyn FnMut()>,
    ends_at: &'static str,
}

impl Write for &mut Reader {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.text.extend_from_slice(bytes);
        let line = String::from_utf8_lossy(bytes).into_owned();
        if line.contains("\"state\":\"counting\"") {
            (self.at_counting)();
        }
        if line.contains(&format!("\"state\":\"{}\"", self.ends_at)) || line.contains("\"type\":\"verdict\"") {
            self.stop.store(true, Ordering::SeqCst);
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The demonstration's bad deploy, some minutes after it went out.
pub(super) struct Incident {
    dir: TempDir,
    pub(super) world: World,
    clock: Clock,
}

impl Incident {
    pub(super) fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let clock = Clock::fast(30);
        let deployed = clock.now().before(Duration::from_secs(30 * 60));
        let world = World::make(&dir.path().join("world"), deployed).unwrap();
        world.write_history().unwrap();
        world.deploy(World::BAD).unwrap();
        serve_half_an_hour(&world, deployed);
        Self { dir, world, clock }
    }

    fn state(&self) -> std::path::PathBuf {
        self.dir.path().join("state")
    }

    pub(super) fn now(&self) -> aftercare::units::Timestamp {
        self.clock.now()
    }

    pub(super) fn run(&self, text: &str) -> Run {
        let layer = Layer::from_toml("a.toml", text).unwrap();
        let mut config = Config::resolve(vec![(Source::File("a.toml".to_owned()), layer)]).unwrap();
        config.deploy_command.value = self.world.deploy_command();
        Run {
            specs: specs_of(&[self.world.history(), self.world.log()]).unwrap(),
            deploys: Vec::new(),
            clock: self.clock,
            read_only: false,
            person: None,
            settings: Settings {
                config,
                state: self.state(),
                repo: Some(self.world.repo()),
                service: World::SERVICE.to_owned(),
                service_is_named: true,
            },
        }
    }

    /// Watches until the end that is named; returns the lines about going back by itself.
    fn watch(&self, text: &str, ends_at: &'static str, at_counting: impl FnMut() + 'static) -> Vec<Value> {
        let mut run = self.run(text);
        let stop = Arc::new(AtomicBool::new(false));
        let mut reader =
            Reader { text: Vec::new(), stop: Arc::clone(&stop), at_counting: Box::new(at_counting), ends_at };
        let auto = Auto::of(&run).unwrap();
        let Opened { mut observer, cursors, .. } = run.open().unwrap();
        let feed = Feeding::start(run.specs.clone(), cursors, true, run.clock, Arc::clone(&stop));
        let options = Options { fail_on: FailOn::Never, once: false, reads_input: false };
        let mut report = Report::new(&mut reader, true);
        headless::watch(&mut observer, feed.receiver(), &run.clock, &stop, options, auto, &mut report).unwrap();
        feed.stop();
        let lines = String::from_utf8(reader.text).unwrap();
        let lines = lines.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
        lines.filter(|line| line["type"] == "auto_rollback").collect()
    }

    pub(super) fn actions(&self) -> Vec<String> {
        let log = AuditLog::at(self.state().join("audit.jsonl"));
        log.verify().unwrap();
        log.read().unwrap().into_iter().map(|entry| entry.action).collect()
    }

    fn report(&self, arguments: &[&str]) -> String {
        let output = Command::new(env!("CARGO_BIN_EXE_aftercare"))
            .arg("report")
            .args(arguments)
            .args(["--service", World::SERVICE, "--repo"])
            .arg(self.world.repo())
            .env("AFTERCARE_STATE", self.state())
            .env("XDG_CONFIG_HOME", self.dir.path())
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }
}

pub(super) const ALLOWED: &str =
    "[auto_rollback]\nenabled = true\nperson = \"Ada <ada@example.org>\"\ncountdown_seconds = 30\n";

fn states(lines: &[Value]) -> Vec<&str> {
    let mut states: Vec<&str> = lines.iter().map(|line| line["state"].as_str().unwrap()).collect();
    states.dedup();
    states
}

#[test]
fn what_is_allowed_is_announced_done_and_told_in_the_report() {
    let incident = Incident::new();
    let lines = incident.watch(ALLOWED, "done", || {});
    assert_eq!(states(&lines), ["standing", "counting", "line", "done"], "{lines:#?}");
    let (counting, done) = (&lines[1], lines.last().unwrap());
    assert_eq!((&counting["digest"], &done["succeeded"]), (&done["digest"], &true.into()));
    let expected = [
        "auto.standing",
        "auto.announced",
        "plan.approved",
        "commit.intended",
        "commit.made",
        "step.intended",
        "step.ended",
    ];
    assert_eq!(incident.actions(), expected);
    let served = fs::read_to_string(incident.world.dir().join("current/lib/parse.sh")).unwrap();
    // A release knows its lines.
    let served = served.replace("lib/parse.sh:16", "@HERE@");
    let show = format!("{}:lib/parse.sh", World::HEALTHY);
    let good = Command::new("git").arg("-C").arg(incident.world.repo()).args(["show", &show]).output().unwrap();
    assert_eq!(served.as_bytes(), good.stdout, "the release before serves again");
    reported(&incident);
}

fn reported(incident: &Incident) {
    let list = incident.report(&["--list"]);
    assert!(list.starts_with("1  ") && list.contains("recovering since"), "{list}");
    let json: Value = serde_json::from_str(&incident.report(&["last", "--format", "json"])).unwrap();
    assert_eq!((&json["incident"], &json["state"]), (&1.into(), &"recovering".into()));
    assert_eq!(json["missing"], Value::Array(Vec::new()), "{}", json["missing"]);
    let finding = &json["findings"][0];
    assert!(finding["observed"].as_u64().unwrap() > 0 && finding["tier"] == "confirmed", "{finding}");
    assert_eq!(json["charts"][0]["per_minute"].as_array().unwrap().len(), 180);
    assert_eq!((&json["verdict"]["causal_link"], &json["verdict"]["confidence"]), (&true.into(), &"high".into()));
    assert!(json["diff"].as_str().unwrap().contains("lib/parse.sh"));
    assert_eq!(json["approvals"][0]["people"][0], "Ada <ada@example.org>");
    let told: Vec<&str> = json["timeline"].as_array().unwrap().iter().map(|it| it["what"].as_str().unwrap()).collect();
    let in_order = ["was deployed", "was opened", "was announced", "approved", "was made", "succeeded", "was executed"];
    let mut rest = told.iter();
    for expected in in_order {
        assert!(rest.any(|what| what.contains(expected)), "{expected}: {told:#?}");
    }
    let html = incident.report(&["1", "--format", "html"]);
    assert!(html.starts_with("<!DOCTYPE html>") && html.contains("<svg") && html.ends_with("</html>\n"));
    for loads in ["<script", "src=", "href=", "@import", "url("] {
        assert!(!html.contains(loads), "{loads}");
    }
    let text = incident.report(&[]);
    assert!(text.starts_with("# Incident 1 of orders") && text.contains("```diff"), "{text}");
}

#[test]
fn anyone_stops_it_and_nothing_is_done() {
    let incident = Incident::new();
    let state = incident.state();
    let lines = incident.watch(ALLOWED, "stopped", move || {
        ask_to_stop(&state, World::SERVICE, "Grace <grace@example.org>").unwrap();
    });
    assert_eq!(states(&lines), ["standing", "counting", "stopped"], "{lines:#?}");
    assert!(lines[2]["sentence"].as_str().unwrap().contains("Grace"));
    assert_eq!(incident.actions(), ["auto.standing", "auto.announced", "auto.called-off"]);
}

#[test]
fn it_is_off_unless_somebody_allowed_it() {
    let incident = Incident::new();
    assert!(Auto::of(&incident.run("")).unwrap().is_none());
    let read_only = Run { read_only: true, ..incident.run(ALLOWED) };
    assert!(Auto::of(&read_only).unwrap().is_none());
    let mut nowhere = incident.run(ALLOWED);
    nowhere.settings.repo = None;
    assert!(Auto::of(&nowhere).is_err());
    assert!(!Path::new(&incident.state()).exists());
}
