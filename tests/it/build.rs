//! Builds through the real program: real commands in real repositories.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::Value;
use tempfile::TempDir;

/// A repository, and a folder for state outside of it.
struct Site {
    folder: TempDir,
}

/// A program in Rust: its compiler is wherever these tests run.
const RUSTC: [&str; 7] = ["rustc", "--crate-type", "lib", "--emit", "metadata", "-o", "../out.rmeta"];

impl Site {
    fn new() -> Self {
        let site = Self { folder: TempDir::new().unwrap() };
        fs::create_dir_all(site.repo().join("src")).unwrap();
        site.git(&["init", "-q"]);
        site.write(".gitignore", "*.log\n");
        site.write("README.md", "# Shop\n");
        site.write("src/lib.rs", "mod price;\npub fn total(n: u64) -> u64 {\n    n * price::rate()\n}\n");
        site.write("src/price.rs", "pub fn rate() -> u64 {\n    2\n}\n");
        site.commit("Start");
        site
    }

    fn repo(&self) -> std::path::PathBuf {
        self.folder.path().join("repo")
    }

    fn write(&self, path: &str, text: &str) {
        fs::write(self.repo().join(path), text).unwrap();
    }

    fn script(&self, name: &str, text: &str) {
        self.write(name, &format!("#!/bin/sh\n{text}\n"));
        fs::set_permissions(self.repo().join(name), fs::Permissions::from_mode(0o755)).unwrap();
    }

    fn git(&self, args: &[&str]) -> String {
        fs::create_dir_all(self.repo()).unwrap();
        let mut git = Command::new("git");
        git.args(["-c", "user.name=Ada", "-c", "user.email=ada@example.org"]).args(args).current_dir(self.repo());
        let output = git.output().unwrap();
        assert!(output.status.success(), "git {args:?}: {}", text(&output.stderr));
        text(&output.stdout).trim().to_owned()
    }

    fn commit(&self, subject: &str) -> String {
        self.git(&["add", "-A"]);
        self.git(&["commit", "-q", "-m", subject]);
        self.git(&["rev-parse", "HEAD"])
    }

    fn build(&self, flags: &[&str], command: &[&str]) -> Output {
        let mut build = aftercare(self.folder.path());
        build.arg("build").args(flags).arg("--").args(command).current_dir(self.repo());
        build.output().unwrap()
    }

    #[track_caller]
    fn json(&self, flags: &[&str], command: &[&str]) -> Value {
        let flags: Vec<&str> = ["--json"].iter().chain(flags).copied().collect();
        let output = self.build(&flags, command);
        serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {}", text(&output.stderr)))
    }
}

fn aftercare(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_aftercare"));
    command.env("AFTERCARE_STATE", folder.join("state")).env("XDG_CONFIG_HOME", folder);
    command.env_remove("AFTERCARE_CONFIG").env_remove("AFTERCARE_SERVICE").stdin(Stdio::null());
    command
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn rustc() -> Vec<&'static str> {
    RUSTC.iter().copied().chain(["src/lib.rs"]).collect()
}

#[test]
fn the_change_since_the_last_success_is_named() {
    let site = Site::new();
    let good = site.git(&["rev-parse", "HEAD"]);
    assert_eq!(site.json(&[], &rustc())["passed"], true);
    site.write("README.md", "# The shop\n");
    site.write("src/price.rs", "pub fn rates() -> u64 {\n    2\n}\n");
    site.commit("Rename the rate");
    let failed = site.json(&[], &rustc());
    assert_eq!(failed["since"], Value::from(good));
    assert_eq!(failed["class"], "build");
    assert_eq!(failed["events"][0]["rule"], "E0425");
    assert_eq!((&failed["events"][0]["file"], &failed["events"][0]["line"]), (&"src/lib.rs".into(), &3.into()));
    assert_eq!(failed["causal_link"], true);
    assert_eq!(failed["suspects"][0]["file"], "src/price.rs");
}

#[test]
fn what_is_not_committed_counts_and_stays_as_it_is() {
    let site = Site::new();
    site.build(&[], &rustc());
    site.write("src/price.rs", "pub fn rate() -> u64 {\n    \"2\"\n}\n");
    site.write("src/new.rs", "// not known to git\n");
    let index = fs::read(site.repo().join(".git/index")).unwrap();
    let objects = site.git(&["count-objects"]);
    let failed = site.json(&[], &rustc());
    assert_eq!(failed["uncommitted"], true);
    assert_eq!(failed["suspects"][0]["file"], "src/price.rs");
    let files: Vec<&str> =
        failed["changed_files"].as_array().unwrap().iter().filter_map(|file| file["path"].as_str()).collect();
    assert_eq!(files, ["src/new.rs", "src/price.rs"]);
    assert_eq!(fs::read(site.repo().join(".git/index")).unwrap(), index);
    assert_eq!(site.git(&["count-objects"]), objects);
}

#[test]
fn a_deleted_file_counts() {
    let site = Site::new();
    site.build(&[], &rustc());
    fs::remove_file(site.repo().join("src/price.rs")).unwrap();
    let failed = site.json(&[], &rustc());
    assert_eq!(failed["changed_files"][0]["path"], "src/price.rs");
    assert_eq!(failed["suspects"][0]["file"], "src/price.rs");
}

#[test]
fn its_command_lines_lead_to_the_fix_and_to_the_way_back() {
    let site = Site::new();
    let command = ["sh", "-c", "rustc --test -o \"$(mktemp -d)/t\" src/lib.rs 2>&1"];
    assert_eq!(site.json(&[], &command)["passed"], true);
    site.write("src/price.rs", "pub fn rate() -> u64 {\n    two()\n}\n");
    site.write("src/lib.rs", "mod price;\n/// All of it.\npub fn total(n: u64) -> u64 {\n    n * price::rate()\n}\n");
    site.commit("Break it");
    let failed = site.json(&[], &command);
    let lines = failed["remedies"].as_array().unwrap();
    assert_eq!(lines.len(), 2);
    let mut outputs = lines.iter().map(|line| {
        let line = line.as_str().unwrap().replacen("aftercare", env!("CARGO_BIN_EXE_aftercare"), 1);
        Command::new("sh").args(["-c", &line]).env("AFTERCARE_STATE", site.folder.path()).output().unwrap()
    });
    let (fix, back) = (outputs.next().unwrap(), outputs.next().unwrap());
    assert_eq!(fix.status.code(), Some(0), "{}", text(&fix.stderr));
    assert!(text(&fix.stdout).contains("-    two()"), "{}", text(&fix.stdout));
    assert!(back.status.success() && text(&back.stdout).contains("rollback of"), "{}", text(&back.stderr));
}

#[test]
fn without_a_known_success_it_says_so_and_a_revision_can_be_named() {
    let site = Site::new();
    let good = site.git(&["rev-parse", "HEAD"]);
    site.write("src/price.rs", "pub fn rate() -> u64 {\n    2.5\n}\n");
    site.commit("Break it");
    let output = site.build(&[], &rustc());
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stderr).contains("No success of this command is known here"), "{}", text(&output.stderr));
    let failed = site.json(&["--since", &good[..12]], &rustc());
    assert_eq!(failed["suspects"][0]["file"], "src/price.rs");
    let unknown = site.build(&["--since", "v9"], &["sh", "-c", "touch ran"]);
    assert_eq!(unknown.status.code(), Some(2));
    assert!(!site.repo().join("ran").exists(), "it ran although the revision is unknown");
}

/// Fails every second time, with the same files.
fn flaky(site: &Site) -> String {
    let mark = site.folder.path().join("mark");
    let mark = mark.display();
    format!("if [ -e {mark} ]; then rm {mark}; else touch {mark}; echo 'error: the port is taken' >&2; exit 3; fi")
}

#[test]
fn a_flaky_command_is_run_again_before_it_is_believed() {
    let site = Site::new();
    let line = flaky(&site);
    let command = ["sh", "-c", line.as_str()];
    let first = site.build(&["--retries", "2"], &command);
    assert_eq!(first.status.code(), Some(0));
    assert!(text(&first.stderr).contains("is flaky: run 2 succeeded"), "{}", text(&first.stderr));
    // Now it is known, and needs no flag.
    let second = site.json(&[], &command);
    assert_eq!((&second["passed"], &second["flaky"]), (&true.into(), &true.into()));
    assert_eq!(second["runs"].as_array().unwrap().len(), 2);
    // Who wants no second run gets none, and is told.
    let third = site.build(&["--retries", "0"], &command);
    assert_eq!(third.status.code(), Some(3));
    let words = text(&third.stderr);
    assert!(words.contains("It is flaky") && words.contains("Nothing changed"), "{words}");
}

#[test]
fn a_command_that_a_change_broke_is_not_called_flaky() {
    let site = Site::new();
    site.build(&[], &rustc());
    site.write("src/price.rs", "oops\n");
    let failed = site.json(&[], &rustc());
    assert_eq!((&failed["flaky"], failed["runs"].as_array().unwrap().len()), (&false.into(), 1));
}

#[test]
fn output_and_exit_status_are_passed_on_unchanged() {
    let site = Site::new();
    let output = site.build(&[], &["sh", "-c", "printf 'a\\tb\\033[31m\\377'; printf 'err' >&2; exit 7"]);
    assert_eq!(output.status.code(), Some(7));
    assert_eq!(output.stdout, b"a\tb\x1b[31m\xff");
    assert!(output.stderr.starts_with(b"err"));
    assert_eq!(site.build(&[], &["sh", "-c", "kill -9 $$"]).status.code(), Some(137));
    assert_eq!(site.build(&[], &["no-such-program"]).status.code(), Some(127));
    let aside = site.build(&["--json"], &["sh", "-c", "echo out; exit 1"]);
    assert!(text(&aside.stderr).contains("out") && !text(&aside.stdout).starts_with("out"));
    let quiet = site.build(&[], &["echo", "fine"]);
    assert_eq!((text(&quiet.stdout), text(&quiet.stderr)), ("fine\n".to_owned(), String::new()));
}

#[test]
fn what_it_says_of_hostile_output_acts_on_no_terminal() {
    let site = Site::new();
    let line = "printf 'src/lib.rs:1:1: error[E0425]: \\033]0;owned\\007 \\342\\200\\256 x\\n'; exit 1";
    let output = site.build(&[], &["sh", "-c", line]);
    let words = text(&output.stderr);
    assert!(words.contains("E0425"), "{words}");
    assert!(!words.contains(['\x1b', '\x07', '\u{202e}']), "{words:?}");
}

#[test]
fn a_changed_recipe_is_found_where_the_build_itself_broke() {
    let site = Site::new();
    site.script("build.sh", "set -e\necho building\ntrue");
    site.commit("Build by script");
    assert_eq!(site.json(&[], &["./build.sh"])["passed"], true);
    site.script("build.sh", "set -e\necho building\npackit --all");
    let failed = site.json(&[], &["./build.sh"]);
    assert_eq!(failed["events"][0]["tool"], "shell");
    assert_eq!(failed["suspects"][0]["file"], "build.sh");
}

#[test]
fn reports_in_xml_are_read_where_the_output_says_little() {
    let site = Site::new();
    let report = r#"<testsuite><testcase name="none" classname="PriceTest"><error message="rate is gone" type="NameError">
  at src/price.rs:2</error></testcase></testsuite>"#;
    site.write("report.xml", report);
    site.write(".gitignore", "*.log\nreport.xml\n");
    site.commit("Report");
    let command = ["sh", "-c", "grep -q 2 src/price.rs || { touch report.xml; exit 1; }"];
    site.build(&[], &command);
    site.write("src/price.rs", "pub fn rate() -> u64 {\n    0\n}\n");
    let failed = site.json(&["--reports", "*.xml"], &command);
    assert_eq!(
        (&failed["events"][0]["tool"], &failed["events"][0]["test"]),
        (&"junit".into(), &"PriceTest.none".into())
    );
    assert_eq!(failed["suspects"][0]["file"], "src/price.rs");
}

#[test]
fn the_kept_output_is_for_its_owner_only() {
    let site = Site::new();
    let failed = site.json(&[], &["sh", "-c", "echo 'error: token=secret'; exit 1"]);
    let log = Path::new(failed["log"].as_str().unwrap());
    assert_eq!(fs::metadata(log).unwrap().permissions().mode() & 0o777, 0o600);
}

#[test]
fn an_error_that_goes_with_the_change_is_seen_to() {
    let site = Site::new();
    site.build(&[], &rustc());
    site.write("README.md", "# The shop\n");
    site.write("src/price.rs", "pub fn rates() -> u64 {\n    2\n}\n");
    // Committed or not: both can be run without.
    for is_committed in [false, true] {
        if is_committed {
            site.commit("Rename the rate");
        }
        let failed = site.json(&["--check"], &rustc());
        assert_eq!(failed["uncommitted"], !is_committed);
        let runs = serde_json::json!({ "deployed": "showed", "before": "passed", "without": "passed" });
        assert_eq!(failed["repro"]["runs"], runs, "{failed}");
        assert!(["agrees", "raised"].contains(&failed["repro"]["effect"].as_str().unwrap()));
        assert_eq!((&failed["causal_link"], &failed["confidence"]), (&true.into(), &"high".into()));
    }
    let told = text(&site.build(&["--check"], &rustc()).stderr);
    assert!(told.contains("aftercare: running it as before the deploy, run 3"), "{told}");
    assert!(told.contains("passes before it and without the suspect, each time"), "{told}");
}

#[test]
fn an_error_that_was_there_before_is_not_held_against_the_change() {
    let site = Site::new();
    site.write("src/lib.rs", "mod price;\npub fn total(n: u64) -> u64 {\n    n * price::rates()\n}\n");
    let base = site.commit("Call what is not there");
    site.write("src/price.rs", "pub fn rate() -> u64 {\n    3\n}\n");
    site.commit("Raise the rate");
    let failed = site.json(&["--check", "--since", &base], &rustc());
    let runs = serde_json::json!({ "deployed": "showed", "before": "showed", "without": null });
    assert_eq!((&failed["repro"]["effect"], &failed["repro"]["runs"]), (&"older".into(), &runs), "{failed}");
    assert_eq!(failed["causal_link"], false);
    assert!(failed["evidence_summary"].as_str().unwrap().contains("it is older"));
}

#[test]
fn a_command_that_fails_every_other_time_moves_nothing() {
    let site = Site::new();
    let counter = site.folder.path().join("counter");
    let line = format!(
        "echo x >> {0}; [ $(( $(wc -l < {0}) % 2 )) = 0 ] || {{ echo 'src/price.rs:2: error: rate is two'; exit 1; }}",
        counter.display()
    );
    let command = ["sh", "-c", line.as_str()];
    let base = site.git(&["rev-parse", "HEAD"]);
    site.write("src/price.rs", "pub fn rate() -> u64 {\n    3\n}\n");
    site.commit("Raise the rate");
    let plain = site.json(&["--since", &base], &command);
    fs::remove_file(&counter).unwrap();
    let checked = site.json(&["--check", "--retries", "0", "--since", &base], &command);
    assert_eq!(
        (&checked["repro"]["effect"], &checked["repro"]["runs"]["deployed"]),
        (&"flaky".into(), &"flaky".into())
    );
    assert_eq!(checked["confidence"], plain["confidence"]);
    assert!(checked["evidence_summary"].as_str().unwrap().contains("is flaky"));
}
