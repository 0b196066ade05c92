//! `triage` and `rollback --plan` on repositories that git made.

use std::fs;
use std::process::{Command, Output};

use aftercare::remedy::{Plan, Scope};
use aftercare::shell::git::revert::{self, RevertError};
use serde_json::Value;

use super::Place;

/// Prepares taking the whole range back.
pub fn plan(place: &Place, range: &str) -> Result<Plan, RevertError> {
    let change = place.try_change("repo", range)?;
    revert::plan(&place.repo(), &change, &revert::Request::new("api", Scope::Range))
}

fn aftercare(place: &Place, args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_aftercare"));
    command.args(args).current_dir(place.path(".")).env("AFTERCARE_STATE", place.path("state"));
    command.env("XDG_CONFIG_HOME", place.path(".")).env_remove("AFTERCARE_CONFIG").env_remove("AFTERCARE_SERVICE");
    command.output().unwrap()
}

#[track_caller]
fn json(place: &Place, args: &[&str]) -> Value {
    let output = aftercare(place, args);
    assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// A service whose second release divides by the number of lines.
fn service() -> Place {
    let place = Place::new();
    place.write("app/orders.py", "def mean(lines):\n    if not lines:\n        return 0\n    return sum(lines) / 3\n");
    place.write("db/migrate/20260101000000_base.rb", "class Base\nend\n");
    place.write("README.md", "Orders\n");
    place.commit("v1");
    place.write("app/orders.py", "def mean(lines):\n    return sum(lines) / len(lines)\n");
    place.write(
        "db/migrate/20260102000000_drop.rb",
        "class Drop < ActiveRecord::Migration[7.0]\n  def change\n    remove_column :orders, :note\n  end\nend\n",
    );
    place.write("README.md", "Orders, faster\n");
    place.commit("v2");
    fs::write(
        place.path("error.txt"),
        "Traceback (most recent call last):\n  File \"/srv/app/orders.py\", \
         line 2, in mean\n    return sum(lines) / len(lines)\nZeroDivisionError: division by zero\n",
    )
    .unwrap();
    place
}

#[test]
fn triage_prints_the_documented_fields() {
    let place = service();
    let verdict = json(&place, &["triage", "--error", "error.txt", "--repo", "repo", "--range", "v1..v2", "--json"]);
    assert_eq!(verdict["schema"], 1);
    assert_eq!((&verdict["is_runtime_change"], &verdict["causal_link"]), (&true.into(), &true.into()));
    assert_eq!(verdict["confidence"], "high");
    assert!(verdict["evidence_summary"].as_str().unwrap().contains("app/orders.py:2"));
    let classes: Vec<(&str, &str)> = verdict["changed_files"]
        .as_array()
        .unwrap()
        .iter()
        .map(|file| (file["path"].as_str().unwrap(), file["class"].as_str().unwrap()))
        .collect();
    let expected = [("README.md", "docs"), ("app/orders.py", "runtime")];
    assert_eq!(classes, [expected.as_slice(), &[("db/migrate/20260102000000_drop.rb", "migration")]].concat());
    let best = &verdict["suspects"][0];
    assert_eq!((best["file"].as_str(), best["start"].as_u64()), (Some("app/orders.py"), Some(2)));
    assert!(best["end"].is_u64() && best["score"].is_f64());
    assert!(!best["reasons"].as_array().unwrap().is_empty() && best["against"].is_array());
}

#[test]
fn triage_reads_standard_input_and_rates() {
    let place = service();
    let run = |rates: &[&str]| {
        let mut args = vec!["triage", "--error", "error.txt", "--repo", "repo", "--range", "v1..v2", "--json"];
        args.extend(rates);
        json(&place, &args)
    };
    let steady = run(&["--before-rate", "2.0", "--after-rate", "2.0"]);
    let against = steady["suspects"][0]["against"].as_array().unwrap();
    assert!(against.iter().any(|text| text.as_str().unwrap().contains("no higher than before")), "{against:?}");
    assert_ne!(steady["confidence"], "high");
    let risen = run(&["--before-rate", "0.1", "--after-rate", "2.0"]);
    assert_eq!(risen["confidence"], "high");
    // What was seen before is only possible at less than twenty times as much.
    let some_more = run(&["--before-rate", "0.2", "--after-rate", "2.0"]);
    assert_eq!((&some_more["confidence"], &some_more["causal_link"]), (&"low".into(), &false.into()));
}

#[test]
fn a_rollback_plan_prints_the_documented_fields_and_touches_nothing() {
    let place = service();
    // Work in progress: staged, unstaged, untracked.
    place.write("staged.py", "1\n");
    place.git(&["add", "staged.py"]);
    place.write("README.md", "being edited\n");
    place.write("untracked.py", "1\n");
    let before = place.everything();
    let plan = json(&place, &["rollback", "--plan", "--repo", "repo", "--range", "v1..v2", "--json"]);
    assert!(place.everything() == before, "planning wrote to the repository");
    assert_eq!((&plan["schema"], &plan["level"]), (&1.into(), &"red".into()));
    let finding = plan["findings"].as_array().unwrap().iter().find(|finding| finding["level"] == "red").unwrap();
    for key in ["rule", "file", "line", "why", "safer"] {
        assert!(!finding[key].is_null(), "{key} is missing in {finding}");
    }
    assert!(!plan["commands"].as_array().unwrap().is_empty());
    // Git itself can apply the patch, and it gives the first release.
    fs::write(place.path("patch"), plan["patch"].as_str().unwrap()).unwrap();
    place.git(&["stash", "-q", "--include-untracked"]);
    place.git(&["apply", "--index", "../patch"]);
    assert_eq!(place.git(&["write-tree"]), place.git(&["rev-parse", "v1^{tree}"]));
}

#[test]
fn a_conflict_names_the_files_and_what_to_do() {
    let place = service();
    place.write("app/orders.py", "def mean(lines):\n    return statistics.fmean(lines)\n");
    place.commit("v3");
    let before = place.everything();
    let output = aftercare(&place, &["rollback", "--plan", "--repo", "repo", "--range", "v1..v2"]);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(said.contains("later commits changed the same lines of \"app/orders.py\""), "{said}");
    assert!(said.contains("suspect hunks"), "{said}");
    assert!(place.everything() == before);
}

#[test]
fn bad_input_is_refused_with_the_reason_and_status_2() {
    let place = service();
    fs::write(place.path("empty.txt"), " \n").unwrap();
    fs::create_dir(place.path("elsewhere")).unwrap();
    place.git_at(".", &["init", "-q", "new"]);
    let cases = [
        (["missing.txt", "repo", "v1..v2"], "cannot read missing.txt"),
        (["empty.txt", "repo", "v1..v2"], "empty.txt holds no error"),
        (["error.txt", "elsewhere", "v1..v2"], "elsewhere is not inside a git repository"),
        (["error.txt", "nowhere", "v1..v2"], "nowhere is not inside a git repository"),
        (["error.txt", "new", "HEAD~1..HEAD"], "the repository has no commits yet"),
        (["error.txt", "repo", "v1"], "\"v1\" is not a range of two revisions"),
        (["error.txt", "repo", "v1..v9"], "no branch, tag or commit is named \"v9\""),
        (["error.txt", "repo", "v1..v2:README.md"], "is not a commit"),
        (["error.txt", "repo", "--upload-pack=x..v2"], "no branch, tag or commit is named"),
    ];
    for ([error, repo, range], expected) in cases {
        let range = format!("--range={range}");
        let output = aftercare(&place, &["triage", "--error", error, "--repo", repo, &range]);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{error} {repo} {range}: {said}");
        assert!(said.contains(expected), "{said:?} does not say {expected:?}");
        assert!(output.stdout.is_empty());
        if error == "error.txt" {
            let output = aftercare(&place, &["rollback", "--plan", "--repo", repo, &range]);
            assert_eq!(output.status.code(), Some(2), "{repo} {range}");
            assert!(String::from_utf8_lossy(&output.stderr).contains(expected));
        }
    }
}

#[test]
fn the_first_deploy_and_an_empty_one_cannot_be_taken_back() {
    let place = service();
    let says = |range: &str| {
        let output = aftercare(&place, &["rollback", "--plan", "--repo", "repo", "--range", range]);
        assert_eq!(output.status.code(), Some(2));
        String::from_utf8_lossy(&output.stderr).into_owned()
    };
    assert!(says("4b825dc642cb6eb9a060e54bf8d69288fbee4904..v2").contains("nothing was deployed before"));
    assert!(says("v2..v2").contains("there is nothing to take back"));
}

#[test]
fn a_folder_inside_the_repository_is_enough() {
    let place = service();
    let args = ["triage", "--error", "error.txt", "--repo", "repo/app", "--range", "v1..", "--json"];
    assert_eq!(json(&place, &args)["suspects"][0]["file"], "app/orders.py");
}

/// A command that shows the error where the check for empty orders is gone.
const SHOWS: &str =
    "if grep -q 'if not lines' app/orders.py; then exit 0; fi; echo 'ZeroDivisionError: division by zero' >&2; exit 1";

#[test]
fn a_command_that_shows_the_error_moves_the_verdict_by_one_level_or_rules_the_deploy_out() {
    let place = service();
    let check = |repro: &str, more: &[&str], effect: &str, verdict: (&str, bool), runs: [Option<&str>; 3]| {
        let mut args = vec!["triage", "--error", "error.txt", "--repo", "repo", "--range", "v1..v2"];
        args.extend(["--repro", "sh", "-c", repro, "--json"]);
        args.extend(more);
        let judged = json(&place, &args);
        assert_eq!(judged["repro"]["effect"], effect, "{repro}: {judged}");
        assert_eq!((&judged["confidence"], &judged["causal_link"]), (&verdict.0.into(), &verdict.1.into()), "{repro}");
        let ran = ["deployed", "before", "without"].map(|run| judged["repro"]["runs"][run].as_str());
        assert_eq!(ran, runs, "{repro}");
    };
    let (passed, showed) = (Some("passed"), Some("showed"));
    check(SHOWS, &[], "agrees", ("high", true), [showed, passed, passed]);
    // What had been seen before was only possible.
    let rates = ["--before-rate", "0.2", "--after-rate", "2.0"];
    check(SHOWS, &rates, "raised", ("medium", true), [showed, passed, passed]);
    let always = "echo 'ZeroDivisionError: division by zero'; exit 1";
    check(always, &[], "older", ("medium", false), [showed, showed, None]);
    // What fails for want of something else tells nothing of this error, nor does what passes.
    check(
        "echo 'no such module' >&2; exit 1",
        &[],
        "not_shown",
        ("high", true),
        [Some("failed_otherwise"), None, None],
    );
    check("exit 0", &[], "not_shown", ("high", true), [passed, None, None]);
    check("sleep 60", &["--time-limit", "0.2"], "not_shown", ("high", true), [Some("undecided"), None, None]);
    // The other change of the deploy is needed for it, too: without the first suspect it stays.
    let other = "if ! grep -q faster README.md; then exit 0; fi; echo 'ZeroDivisionError: division by zero'; exit 1";
    check(other, &[], "unmoved", ("high", true), [showed, passed, showed]);
}

#[test]
fn a_command_that_cannot_be_meant_is_refused_before_anything_runs() {
    let place = service();
    let refused = |more: &[&str], said: &str| {
        let mut args = vec!["triage", "--error", "error.txt", "--repo", "repo", "--range", "v1..v2"];
        args.extend(more);
        let ran = aftercare(&place, &args);
        let text = String::from_utf8_lossy(&ran.stderr).into_owned();
        assert!(!ran.status.success() && text.contains(said), "{more:?}: {text}");
    };
    refused(&["--repro", " "], "--repro names no command");
    refused(&["--time-limit", "0", "--repro", "true"], "is no length of time");
}
