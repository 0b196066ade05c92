//! The commands without a screen: their forms, their exit statuses, their help.

mod agreement;
#[cfg(target_os = "linux")]
mod memory;

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::Value;
use tempfile::TempDir;

struct Site {
    folder: TempDir,
}

impl Site {
    fn new() -> Self {
        Self { folder: TempDir::new().unwrap() }
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    fn write(&self, name: &str, text: &str) {
        fs::write(self.path().join(name), text).unwrap();
    }

    fn run(&self, args: &[&str]) -> Output {
        self.run_on(args, "")
    }

    fn run_on(&self, args: &[&str], input: &str) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_aftercare"));
        command.args(args).current_dir(self.path()).env("AFTERCARE_STATE", self.path().join("state"));
        command.env("XDG_CONFIG_HOME", self.path()).env_remove("AFTERCARE_CONFIG").env_remove("AFTERCARE_SERVICE");
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        // A command that does not read its input closes it early.
        let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
        child.wait_with_output().unwrap()
    }

    #[track_caller]
    fn json(&self, args: &[&str]) -> Value {
        let output = self.run(args);
        serde_json::from_slice(&output.stdout)
            .unwrap_or_else(|error| panic!("{args:?}: {error}\n{}{}", text(&output.stdout), text(&output.stderr)))
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn minute(minute: i64) -> String {
    aftercare::units::Timestamp::from_seconds(1_768_212_000 + minute * 60).to_string()
}

/// Seven days of a steady service before minute 0, then an hour in which its error triples, or not.
fn history(errors_after: i64) -> String {
    let mut log = String::new();
    for at in -7 * 1440..60 {
        log.push_str(&format!("{} INFO api: request {} served\n", minute(at), at + 20_000));
        if at < 0 && at % 5 == 0 {
            log.push_str(&format!("{} ERROR payment: gateway declined order {}\n", minute(at), at + 30_000));
        }
        for n in 0..if at < 0 { 0 } else { errors_after } {
            log.push_str(&format!("{} ERROR payment: gateway declined order {}\n", minute(at), at * 10 + n));
        }
        if at >= 0 && at % 5 == 0 && errors_after == 0 {
            log.push_str(&format!("{} ERROR payment: gateway declined order {}\n", minute(at), at + 50_000));
        }
    }
    log
}

#[test]
fn a_scan_counts_every_line_event_and_byte() {
    let site = Site::new();
    let log = "2026-01-12T10:00:00Z ERROR a: order 1 failed\n2026-01-12T10:01:00Z ERROR a: order 2 failed\n\
               {\"level\":\"info\",\"msg\":\"up\",\"time\":\"2026-01-12T10:01:30Z\"}\nno time here\n";
    site.write("a.log", log);
    let scanned = site.json(&["scan", "--json", "a.log"]);
    assert_eq!(scanned["schema"], 1);
    assert_eq!(scanned["lines"], 4);
    assert_eq!(scanned["events"], 4);
    assert_eq!(scanned["bytes"], log.len());
    assert_eq!(scanned["undecoded"], 0);
    let first = &scanned["signatures"][0];
    assert_eq!((&first["count"], &first["level"]), (&Value::from(2), &Value::from("error")));
    assert_eq!(first["first"], "2026-01-12T10:00:00Z");
    assert_eq!(first["last"], "2026-01-12T10:01:00Z");
    assert_eq!(first["per_minute"], 1.0);
    assert!(first["id"].as_str().unwrap().starts_with("s6:"));
}

/// Several blocks of a scan: lines with traces below them, carriers between which nothing may be cut, JSON, and a line of
/// more than a block.
fn large_log() -> String {
    let mut log = String::new();
    for n in 0..12_000 {
        let at = minute(n / 200);
        log.push_str(&format!("{at} INFO api.Orders: order {n} took {}ms\n", n % 90));
        if n % 7 == 0 {
            log.push_str(&format!("{at} ERROR api.Orders: order {n} failed\n"));
            log.push_str("Traceback (most recent call last):\n  File \"/app/a.py\", line 7, in look\nKeyError: 'x'\n");
        }
    }
    for n in 0..20_000 {
        log.push_str(&format!("Jan 12 10:{:02}:00 web-{} sshd[{}]: session {n} opened\n", n % 60, n % 3, n % 5));
    }
    log.push_str(&format!("{} WARN api: {}\n", minute(61), "long ".repeat(400_000)));
    for n in 0..9_000 {
        log.push_str(&format!(
            "{{\"time\":\"{}\",\"level\":\"warn\",\"msg\":\"slow: {n}ms\"}}\n",
            minute(62 + n / 300)
        ));
    }
    log
}

#[test]
fn a_scan_is_the_same_on_any_number_of_threads_and_counts_what_whole_events_are() {
    use aftercare::ingest::{Intake, Limits, Resume};
    let site = Site::new();
    let log = large_log();
    assert!(log.len() > 4 << 20, "{} bytes are too few blocks", log.len());
    site.write("a.log", &log);
    let mut counts = std::collections::BTreeMap::<String, u64>::new();
    let mut note = |event: aftercare::ingest::Event| *counts.entry(event.signature.id.to_string()).or_default() += 1;
    let mut intake = Intake::new(Limits::default(), &Resume::default());
    intake.push(log.as_bytes(), aftercare::units::Timestamp::from_seconds(1_800_000_000), &mut note);
    intake.finish(&mut note);
    let one = site.json(&["scan", "--json", "--threads", "1", "a.log"]);
    for threads in ["2", "3", "4"] {
        assert_eq!(site.json(&["scan", "--json", "--threads", threads, "a.log"]), one, "{threads} threads");
    }
    let piped = text(&site.run_on(&["scan", "--json", "--threads", "2", "-"], &log).stdout);
    assert_eq!(serde_json::from_str::<Value>(&piped).unwrap(), one, "bytes that come are counted as those of a file");
    let found = one["signatures"].as_array().unwrap().iter();
    let scanned = found.map(|found| (found["id"].as_str().unwrap().to_owned(), found["count"].as_u64().unwrap()));
    assert_eq!(scanned.collect::<std::collections::BTreeMap<_, _>>(), counts);
    assert_eq!((&one["lines"], &one["cut"]), (&Value::from(intake.lines()), &Value::from(1)));
}

#[test]
fn a_signature_is_printed_for_each_line_and_does_not_depend_on_its_header() {
    let site = Site::new();
    let input =
        "2026-01-12T10:00:00Z ERROR a: order 1 failed\n2026-02-02T00:00:01Z ERROR a: order 77 failed\n\nother\n";
    let output = text(&site.run_on(&["signature"], input).stdout);
    let lines: Vec<Vec<&str>> = output.lines().map(|line| line.split('\t').collect()).collect();
    assert_eq!(lines.len(), 4, "{output}");
    assert_eq!(lines[0], lines[1]);
    assert_ne!(lines[1], lines[3]);
    assert!(lines.iter().all(|line| line.len() == 2), "{output}");
    let message = text(&site.run_on(&["signature", "--message", "-"], "order 5 failed\n").stdout);
    assert!(message.starts_with("s6:"), "{message}");
}

#[test]
fn an_imported_baseline_is_shown() {
    let site = Site::new();
    site.write("old.log", &history(0));
    assert!(site.run(&["baseline", "import", "old.log"]).status.success());
    let shown = site.json(&["baseline", "show", "--json", "--at", &minute(-1)]);
    assert_eq!(shown["covered_minutes"], 7 * 1440);
    let declined = shown["signatures"].as_array().unwrap().iter().find(|it| it["level"] == "error").unwrap();
    assert_eq!(declined["count"], 7 * 1440 / 5);
    assert_eq!(declined["per_minute"], 0.2);
    let again = site.run(&["baseline", "import", "old.log"]);
    assert!(again.status.success());
    assert_eq!(site.json(&["baseline", "show", "--json", "--at", &minute(-1)]), shown, "imported twice, counted once");
}

#[track_caller]
fn judged(log: &str, more: &[&str], status: i32) -> Vec<Value> {
    let site = Site::new();
    site.write("a.log", log);
    let deploy = format!("v2@{}", minute(0));
    let mut args = vec!["watch", "--headless", "--json", "--deploy", &deploy];
    args.extend(more);
    args.push("a.log");
    let output = site.run(&args);
    let (out, err) = (text(&output.stdout), text(&output.stderr));
    assert_eq!(output.status.code(), Some(status), "{out}{err}");
    out.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn of_type<'a>(lines: &'a [Value], wanted: &str) -> Vec<&'a Value> {
    lines.iter().filter(|line| line["type"] == wanted).collect()
}

#[test]
fn a_regression_is_reported_and_fails() {
    let lines = judged(&history(3), &[], 1);
    let findings = of_type(&lines, "finding");
    let confirmed = findings.iter().find(|finding| finding["tier"] == "confirmed").expect("a confirmed finding");
    assert_eq!(confirmed["kind"], "rise");
    assert_eq!(confirmed["deploy"], "v2");
    assert!(confirmed["template"].as_str().unwrap().contains("gateway declined order"));
    assert!(confirmed["p"].as_f64().unwrap() < 1e-10);
    assert!(confirmed["ratio"].as_f64().unwrap() > 10.0);
    assert_eq!(of_type(&lines, "deploy").len(), 1);
    assert_eq!(of_type(&lines, "verdict")[0]["verdict"], "regression");
    assert_eq!(of_type(&lines, "summary").len(), 1);
    assert!(lines.iter().all(|line| line["schema"] == 1));
}

#[test]
fn a_healthy_deploy_passes() {
    let lines = judged(&history(0), &[], 0);
    assert_eq!(of_type(&lines, "verdict")[0]["verdict"], "healthy");
}

#[test]
fn what_fails_can_be_chosen() {
    judged(&history(3), &["--fail-on", "never"], 0);
    judged(&history(3), &["--fail-on", "candidate"], 1);
}

#[test]
fn without_a_baseline_or_a_deploy_it_cannot_be_judged() {
    let short: String =
        history(3).lines().filter(|line| line > &minute(-5).as_str()).map(|line| format!("{line}\n")).collect();
    let lines = judged(&short, &[], 3);
    assert_eq!(of_type(&lines, "verdict")[0]["verdict"], "could not judge");
    let site = Site::new();
    site.write("a.log", "2026-01-12T10:00:00Z INFO up\n");
    assert_eq!(site.run(&["watch", "--headless", "a.log"]).status.code(), Some(3));
}

#[test]
fn a_source_that_is_not_there_is_told_and_a_reason_is_told_once() {
    let site = Site::new();
    let output = site.run(&["watch", "--headless", "--once", "--deploy", "v2", "nosuch.log"]);
    assert_eq!(output.status.code(), Some(3));
    let told = text(&output.stderr);
    assert_eq!(told.matches("aftercare: nosuch.log cannot be read").count(), 1, "{told}");
    assert!(told.contains("does not exist"), "{told}");
    let said = text(&output.stdout);
    assert!(said.contains("verdict could not judge deploy v2, too little baseline"), "{said}");
    assert_eq!(said.matches("too little baseline").count(), 1, "{said}");
}

#[test]
fn an_empty_file_is_nothing_wrong_whatever_its_name() {
    let site = Site::new();
    for name in ["api.log", "api.log.1", "api.log.0"] {
        site.write(name, "");
        let output = site.run(&["scan", name]);
        assert!(output.status.success(), "{name}: {}", text(&output.stderr));
    }
    let output = site.run(&["scan", "other-*.log"]);
    assert!(!output.status.success() && text(&output.stderr).contains("nothing matches"));
}

#[test]
fn standard_input_is_judged_when_it_ends() {
    // A time names a deploy of which nothing else is known.
    for deploy in [format!("v2@{}", minute(0)), minute(0)] {
        let output = Site::new().run_on(&["watch", "--headless", "--deploy", &deploy, "-"], &history(3));
        assert_eq!(output.status.code(), Some(1), "{}{}", text(&output.stdout), text(&output.stderr));
    }
}

#[test]
fn wrong_usage_and_wrong_settings_have_their_own_status() {
    let site = Site::new();
    let cases: &[&[&str]] = &[
        &["watch", "--headless"],
        &["watch", "--headless", "--fail-on", "sometimes", "a.log"],
        &["watch", "--headless", "--deploy", "v2@yesterday", "a.log"],
        &["scan"],
        &["--zone", "Mars", "a.log"],
        &["watch", "--headless", "--zone", "Mars", "a.log"],
        &["triage", "--error", "missing.txt", "--repo", ".", "--range", "a..b"],
    ];
    for args in cases {
        let output = site.run(args);
        assert_eq!(output.status.code(), Some(2), "{args:?}: {}{}", text(&output.stdout), text(&output.stderr));
        assert!(!output.stderr.is_empty(), "{args:?} says nothing");
    }
}

#[test]
fn a_marked_deploy_is_listed_and_judged() {
    let site = Site::new();
    site.write("a.log", &history(3));
    assert!(site.run(&["deploy", "mark", "v1.8.2", "--at", &minute(0)]).status.success());
    let listed = site.json(&["deploy", "list", "--json"]);
    assert_eq!(listed["deploys"][0]["version"], "v1.8.2");
    let output = site.run(&["watch", "--headless", "--json", "a.log"]);
    assert_eq!(output.status.code(), Some(1), "{}", text(&output.stdout));
    assert!(text(&output.stdout).contains("\"deploy\":\"v1.8.2\""));
}

#[test]
fn every_command_has_help_with_an_example() {
    let site = Site::new();
    let commands: &[&[&str]] = &[
        &[],
        &["demo"],
        &["watch"],
        &["baseline", "import"],
        &["baseline", "show"],
        &["deploy", "mark"],
        &["deploy", "list"],
        &["scan"],
        &["signature"],
        &["triage"],
        &["rollback"],
        &["audit"],
        &["config"],
        &["keys"],
    ];
    for command in commands {
        let mut args = command.to_vec();
        args.push("--help");
        let output = site.run(&args);
        let help = text(&output.stdout);
        assert!(output.status.success() && help.contains("Example"), "{command:?}: {help}");
    }
}

#[test]
fn hostile_text_cannot_act_on_the_terminal() {
    let site = Site::new();
    let line = "2026-01-12T10:00:00Z ERROR evil\u{1b}]0;title\u{7} \u{1b}[2Jtext\u{202e} \u{9b}31m\n";
    site.write("a.log", line);
    for args in [vec!["scan", "a.log"], vec!["signature", "a.log"], vec!["baseline", "import", "a.log"]] {
        let out = text(&site.run(&args).stdout);
        let harmful = out.chars().find(|c| (c.is_control() && *c != '\n' && *c != '\t') || *c == '\u{202e}');
        assert_eq!(harmful, None, "{args:?}: {out:?}");
    }
}

#[test]
fn a_signature_is_explained_by_what_made_it() {
    let site = Site::new();
    let line = "2026-01-12T10:00:00Z ERROR [main] payment: gateway declined order 8841 of ann@example.com\n";
    let output = site.run_on(&["signature", "--explain", "--json"], line);
    let made: Value =
        serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {}", text(&output.stderr)));
    assert_eq!(made["template"], "gateway declined order <*> of <*>");
    let header: Vec<(&str, &str)> = made["header"]
        .as_array()
        .unwrap()
        .iter()
        .map(|part| (part["role"].as_str().unwrap(), part["text"].as_str().unwrap()))
        .collect();
    assert!(header.contains(&("time", "2026-01-12T10:00:00Z")) && header.contains(&("level", "ERROR")), "{header:?}");
    assert!(header.contains(&("component", "payment")), "{header:?}");
    let masked = made["masked"].as_array().unwrap();
    assert_eq!((masked[0]["text"].as_str(), masked[0]["rules"][0].as_str()), (Some("8841"), Some("word with a digit")));
    assert_eq!(
        (masked[1]["text"].as_str(), masked[1]["rules"][0].as_str()),
        (Some("ann@example.com"), Some("e-mail address"))
    );
    let named = text(&site.run_on(&["signature"], line).stdout);
    assert!(named.starts_with(made["id"].as_str().unwrap()), "{named}");
    let told = text(&site.run_on(&["signature", "--explain"], line).stdout);
    assert!(told.contains("masked    8841  <- word with a digit"), "{told}");
}

#[test]
fn scan_and_signature_tell_the_group() {
    let site = Site::new();
    site.write(".aftercare.toml", "[[groups]]\nname = \"cold\"\nmatch = [\"cache is *\", \"cache was *\"]\n");
    let queues = ["orders", "stock", "search", "mail", "export", "audit"];
    let mut log: String =
        queues.map(|queue| format!("2026-01-12T10:00:00Z ERROR lost the lease for {queue} lane\n")).concat();
    log += "2026-01-12T10:00:01Z WARN cache is cold\n2026-01-12T10:00:02Z WARN cache was lost\n";
    site.write("api.log", &log);
    let git = Command::new("git").args(["init", "-q"]).current_dir(site.path()).status().unwrap();
    assert!(git.success());
    let scan = site.json(&["scan", "api.log", "--json"]);
    let groups: Vec<&str> =
        scan["signatures"].as_array().unwrap().iter().filter_map(|found| found["group"].as_str()).collect();
    assert_eq!(groups.iter().filter(|name| **name == "cold").count(), 2, "{groups:?}");
    assert_eq!(groups.iter().filter(|name| **name == "lost the lease for <*> lane").count(), 6, "{groups:?}");
    let output = text(&site.run(&["signature", "--json", "api.log"]).stdout);
    let first: Value = serde_json::from_str(output.lines().next().unwrap()).unwrap();
    assert_eq!(first["group"], "lost the lease for <*> lane");
    assert_eq!(output.lines().count(), 8);
}

#[test]
fn an_override_that_cannot_be_used_is_told_with_its_place() {
    let site = Site::new();
    site.write("wrong.toml", "[signature]\nmask = [\"(\"]\n");
    let output = site.run(&["config", "--config", "wrong.toml"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("signature.mask"), "{}", text(&output.stderr));
}

/// A row that cannot be read is told with its file, its line and what to do.
#[test]
fn judge_names_the_file_the_line_and_what_to_do() {
    let site = Site::new();
    let good = format!("minute,signature,count\n{},declined,2\n", minute(0));
    let failed = |counts: &str, covered: &str| {
        site.write("counts.csv", counts);
        site.write("covered.csv", covered);
        let output = site.run(&[
            "judge",
            "--counts",
            "counts.csv",
            "--covered",
            "covered.csv",
            "--deploy",
            &minute(0),
            "--json",
        ]);
        assert_eq!(output.status.code(), Some(2), "{}", text(&output.stderr));
        text(&output.stderr).replace('\n', " ")
    };
    let covered = format!("source,minute\napi,{}\n", minute(0));
    for (row, wrong, advice) in [
        (format!("{},declined,many", minute(1)), "\"many\" is no count", "whole number"),
        (format!("{},declined", minute(1)), "has 2 fields", "quotes around it"),
        (format!("{},,1", minute(1)), "the signature is empty", "Name it"),
        (format!("{},\"declined,1", minute(1)), "never closed", "Close the quote"),
        ("soon,declined,1".to_owned(), "\"soon\" is no time", "with its zone"),
    ] {
        let told = failed(&format!("{good}{row}\n"), &covered);
        assert!(told.contains("counts.csv") && told.contains("line 3"), "{told}");
        assert!(told.contains(wrong) && told.contains(advice), "{told}");
    }
    let told = failed(&good, "source,minute\napi,soon\n");
    assert!(told.contains("covered.csv") && told.contains("line 2"), "{told}");
}
