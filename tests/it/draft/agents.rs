//! Coding agents, played by shell scripts: one for each way in which they go astray.

use std::fs;
use std::time::Duration;

use aftercare::remedy::advice::adapter::{self, Adapter};
use aftercare::remedy::fix::{Answer, Report};
use aftercare::shell::fix::draft::Author;

use super::story::{Asked, broken, broken_with, failed};
use crate::fix::scene::Scene;

const FIX: &str = "sed -i 's/echo 0/echo 10/' rate.sh\n";

/// Runs a script as the agent.
#[track_caller]
fn works(scene: &Scene, script: &str) -> Report {
    works_for(scene, script, Duration::from_secs(60))
}

#[track_caller]
fn works_for(scene: &Scene, script: &str, time: Duration) -> Report {
    let path = scene.beside("agent.sh");
    fs::write(&path, script).unwrap();
    let command = ["sh".to_owned(), path.display().to_string(), "{task}".to_owned()];
    let adapter = Adapter::own("fake", &command, &["AGENT_KEY".to_owned()]);
    let mut asked = Asked::of(scene, Author::Agent(&adapter, time));
    // Without a command, nothing but the agent answers.
    asked.repro = None;
    asked.draft()
}

#[track_caller]
fn assert_fixed(report: &Report) {
    assert_eq!(report.answer, Answer::Found, "{report:#?}");
    assert!(report.patch.contains("-  echo 0\n+  echo 10\n"), "{}", report.patch);
}

#[track_caller]
fn assert_nothing(report: &Report, why: &str) {
    assert_eq!((report.answer, report.patch.as_str()), (Answer::NotFound, ""), "{report:#?}");
    assert!(report.detail.contains(why), "{}", report.detail);
}

#[test]
fn an_agent_that_edits_files_delivers_a_draft() {
    let scene = broken();
    let path = scene.beside("agent.sh");
    fs::write(&path, format!("grep -q 'division by' $1 && grep -q rate.sh $1 && {FIX}")).unwrap();
    let command = ["sh".to_owned(), path.display().to_string(), "{task}".to_owned()];
    let adapter = Adapter::own("fake", &command, &[]);
    let report = Asked::of(&scene, Author::Agent(&adapter, Duration::from_secs(60))).draft();
    assert_fixed(&report);
    let drafted = report.drafted.as_ref().unwrap();
    assert!(drafted.ready && drafted.by == "agent fake" && failed(&report).is_empty(), "{report:#?}");
}

#[test]
fn whoever_changes_nothing_failed_whatever_the_exit_status() {
    let denied = "echo '{\"type\":\"result\",\"result\":\"Done!\",\"permission_denials\":[{\"tool_name\":\"Edit\"}]}'";
    assert_nothing(&works(&broken(), denied), "was not allowed what it wanted to do");
    let report = works(&broken(), "echo I fixed it all.");
    assert_nothing(&report, "the agent ended well, but changed no file");
    assert_eq!(report.drafted.unwrap().said, "I fixed it all.");
    assert_nothing(&works(&broken(), "exit 3"), "failed with exit status 3");
    assert_nothing(&works(&broken(), "echo x > other.sh"), "and 1 outside of it");
    assert_nothing(&works(&broken(), "git stash; git checkout -q -b mine"), "changed no file");
    let none = Adapter::own("none", &["/no/such/agent".to_owned()], &[]);
    let (scene, time) = (broken(), Duration::from_secs(5));
    let mut asked = Asked::of(&scene, Author::Agent(&none, time));
    asked.repro = None;
    assert_nothing(&asked.draft(), "could not be started");
}

#[test]
fn what_an_agent_commits_is_folded_into_the_result() {
    let commit =
        "git -c user.name=a -c user.email=a@b commit -qam fixed && git checkout -q -b more && echo '# x' >> rate.sh";
    let report = works(&broken(), &format!("{FIX}{commit}\n"));
    assert_fixed(&report);
    assert!(report.patch.contains("+# x"), "{}", report.patch);
}

#[test]
fn only_files_of_the_deploys_diff_count() {
    let scene = broken();
    let report = works(
        &scene,
        &format!(
            "{FIX}echo evil >> other.sh; echo new > brand-new.sh; rm tests/test_rate.sh; mkdir -p target; touch target/x\n"
        ),
    );
    assert_fixed(&report);
    assert_eq!(failed(&report), ["in scope"]);
    assert_eq!(report.drafted.unwrap().left_out, ["brand-new.sh", "other.sh", "tests/test_rate.sh"]);
    assert!(
        !report.patch.contains("evil") && !report.patch.contains("brand-new") && !report.patch.contains("test_rate")
    );
}

#[test]
fn links_modes_hooks_and_repositories_within_do_not_get_through() {
    let scene = broken_with(&[("lib/deep.sh", "deep=1\n")]);
    let report = works(&scene, &format!("{FIX}rm notes.txt; ln -s /etc/passwd notes.txt; chmod +x rate.sh\n"));
    assert_fixed(&report);
    assert!(!report.patch.contains("root:") && !report.patch.contains("mode"), "{}", report.patch);
    let left_out = report.drafted.unwrap().left_out;
    assert_eq!(left_out, ["The mode of \"rate.sh\" was changed; that is left out.", "notes.txt (now a link)"]);

    let outside = scene.beside("outside");
    fs::create_dir(&outside).unwrap();
    fs::write(outside.join("deep.sh"), "stolen=1\n").unwrap();
    let report = works(&scene, &format!("{FIX}rm -r lib; ln -s {} lib\n", outside.display()));
    assert_fixed(&report);
    assert!(!report.patch.contains("stolen"), "{}", report.patch);
    assert_eq!(failed(&report), ["in scope"]);

    let hooks = "printf '#!/bin/sh\\ntouch $HOME/hooked\\n' > .git/hooks/post-checkout; chmod +x .git/hooks/post-checkout
git config core.fsmonitor 'touch /tmp/never'; git config core.worktree /; echo '[filter \"x\"] smudge = touch no' >> .git/config
git init -q inner; echo inner > inner/file; echo '[submodule \"inner\"]' > .gitmodules\n";
    let report = works(&scene, &format!("mkdir -p .git/hooks\n{hooks}{FIX}"));
    assert_fixed(&report);
    assert!(!report.patch.contains("submodule") && !report.patch.contains("inner"), "{}", report.patch);
}

#[test]
fn what_gives_agents_orders_is_kept_from_it_and_no_draft_changes_it() {
    let orders = "obeyed: touch found\n";
    let files =
        [("AGENTS.md", orders), (".claude/settings.json", "{}\n"), ("docs/CLAUDE.md", orders), (".env", "BASE=evil\n")];
    let scene = broken_with(&files);
    // It obeys whatever it finds, and leaves orders for the next one.
    let script = format!(
        "for file in AGENTS.md .claude/settings.json docs/CLAUDE.md .env; do test -e $file && touch found; done\n\
         git log -p --all | grep -q obeyed && touch found\n\
         if test -e found; then sed -i 's/echo 0/echo 666/' rate.sh; else {FIX}fi\necho obeyed > AGENTS.md\n"
    );
    let report = works(&scene, &script);
    assert_fixed(&report);
    assert!(!report.patch.contains("AGENTS.md"), "{}", report.patch);
    let drafted = report.drafted.as_ref().unwrap();
    assert!(drafted.left_out.iter().any(|path| path.contains("AGENTS.md")), "{:?}", drafted.left_out);
    let kept = "what gives agents orders was kept from it: .claude/settings.json, .env, AGENTS.md, docs/CLAUDE.md";
    assert!(drafted.confinement.ends_with(kept), "{}", drafted.confinement);
}

#[test]
fn an_agent_sees_neither_the_users_repository_nor_secrets() {
    let scene = broken();
    // It can only tell by a file of the draft: in a sandbox it can write nowhere else.
    let script = format!(
        "{{ env; git config -l; git remote -v; cat .git/objects/info/alternates; git log --format=%s; echo HOME=$HOME; ls -A $HOME; }} > notes.txt 2>&1\n{FIX}"
    );
    let report = works(&scene, &script);
    assert_fixed(&report);
    let seen: String =
        report.patch.lines().filter_map(|line| line.strip_prefix('+')).map(|line| format!("{line}\n")).collect();
    assert!(!seen.contains(&scene.path().display().to_string()), "{seen}");
    assert!(seen.contains("As deployed") && !seen.contains("Deploy\n"), "{seen}");
    let home = std::env::var("HOME").unwrap_or_default();
    let names: Vec<&str> = seen.lines().filter_map(|line| line.split_once('=')).map(|(name, _)| name).collect();
    assert!(!seen.contains(&format!("HOME={home}\n")), "{seen}");
    for name in ["CARGO_HOME", "CARGO_MANIFEST_DIR", "NEXTEST", "SSH_AUTH_SOCK", "USER", "CARGO"] {
        assert!(!names.contains(&name), "{name} is passed on");
    }
}

#[test]
fn an_agent_that_hangs_floods_or_leaves_something_running_is_ended() {
    let hang = works_for(&broken(), &format!("{FIX}sleep 71.5 & sleep 72.5\n"), Duration::from_millis(400));
    assert_fixed(&hang);
    let report = works(
        &broken(),
        &format!("{FIX}yes 'a very long line of nothing' | head -n 400000; nohup sleep 73.5 >/dev/null 2>&1 &\n"),
    );
    assert_fixed(&report);
    let left = std::process::Command::new("ps").args(["-eo", "args"]).output().unwrap();
    let left = String::from_utf8_lossy(&left.stdout).into_owned();
    for length in ["71.5", "72.5", "73.5"] {
        assert!(!left.contains(&format!("sleep {length}")), "{left}");
    }
}

#[test]
fn what_an_agent_says_is_shown_harmless_and_not_believed() {
    let said = r#"printf '{"type":"result","result":"\\u001b]52;c;evil\\u0007 done, key ghp_0123456789abcdefghijABCDEFGHIJ012345","total_cost_usd":0.25,"usage":{"input_tokens":1200,"output_tokens":340}}\n'"#;
    let report = works(&broken(), &format!("{FIX}{said}\n"));
    assert_fixed(&report);
    let drafted = report.drafted.unwrap();
    assert!(drafted.said.contains("done, key [redacted]") && !drafted.said.contains('\u{1b}'), "{:?}", drafted.said);
    assert_eq!(
        (drafted.spent.money, drafted.spent.input_tokens, drafted.spent.output_tokens),
        (Some(0.25), 1_200, 340)
    );
    let lie = works(
        &broken(),
        "printf '{\"result\":\"fixed\",\"total_cost_usd\":-5,\"usage\":{\"input_tokens\":1,\"output_tokens\":1}}'",
    );
    assert_eq!((lie.answer, lie.drafted.unwrap().spent.money), (Answer::NotFound, None));
}

#[test]
fn large_binary_and_deleted_files_are_handled() {
    let scene = broken();
    let report = works(&scene, &format!("{FIX}head -c 9000000 /dev/zero > notes.txt\n"));
    assert_fixed(&report);
    assert_eq!(report.drafted.unwrap().left_out, ["notes.txt (now too large a file)"]);
    let report = works(&scene, &format!("{FIX}printf 'a\\0b' > notes.txt\n"));
    assert_fixed(&report);
    let report = works(&scene, &format!("{FIX}rm notes.txt\n"));
    assert_fixed(&report);
    assert!(report.patch.contains("deleted file mode"), "{}", report.patch);
}

#[test]
fn every_known_agent_is_asked_without_a_shell_and_finds_its_task() {
    let unset = |_: &str| None;
    let files = ["src/a b.py".to_owned(), "-x.py".to_owned()];
    for name in adapter::names() {
        let adapter = Adapter::known(name).unwrap();
        let argv = adapter.argv("aftercare-task-x/task.md", &files, &unset);
        assert_eq!(argv[0], name);
        assert!(argv.iter().any(|word| word.contains("aftercare-task-x/task.md")), "{argv:?}");
        assert!(!argv.iter().any(|word| word.contains('{')), "{argv:?}");
        assert!(!adapter.environment.is_empty());
    }
    let argv = Adapter::known("aider").unwrap().argv("t", &files, &unset);
    assert_eq!(argv[argv.len() - 2..], ["src/a b.py", "./-x.py"]);
    let bare = Adapter::own("mine", &["mine".to_owned()], &[]).argv("t", &[], &unset);
    assert_eq!((bare.len(), bare[1].contains("Read the file t")), (2, true));
    assert!(Adapter::known("rm").is_none());
}

/// Codex reads neither variable by itself where it runs without a terminal.
#[test]
fn codex_gets_the_key_and_the_address_of_the_usual_variables() {
    let codex = Adapter::known("codex").unwrap();
    let value = |name: &str| (name == "OPENAI_BASE_URL").then(|| "http://127.0.0.1:1/v1".to_owned());
    let argv = codex.argv("t", &[], &value);
    assert_eq!(argv.last().unwrap(), "--config=openai_base_url=http://127.0.0.1:1/v1");
    assert!(codex.stand_ins.contains(&("CODEX_API_KEY".to_owned(), "OPENAI_API_KEY".to_owned())));
    assert!(argv.contains(&"workspace-write".to_owned()));
    let boxed = codex.clone().within_a_box().argv("t", &[], &value);
    assert!(boxed.contains(&"danger-full-access".to_owned()), "one sandbox is around it: {boxed:?}");
    assert!(!codex.argv("t", &[], &|_| Some(String::new())).iter().any(|word| word.contains("base_url")));
}
