//! Two people on two machines, with a repository between them.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use aftercare::remedy::{Approved, Person, Plan, Proposal, Scope, approve};
use aftercare::shell::audit::AuditLog;
use aftercare::shell::execute::{ExecuteError, Executor, Limits, Mode, Outcome, Rule, Settings};
use aftercare::shell::git::revert::{self, Request, RevertError};
use aftercare::shell::git::{approvals, read};
use aftercare::units::Timestamp;
use git2::Repository;

use super::scene::Scene;
use crate::pty::session::Session;

const HOUR: Duration = Duration::from_secs(3600);

/// Ada's machine, Grace's machine, and a bare repository that both know.
struct Machines {
    ada: Scene,
    grace: PathBuf,
    range: String,
}

impl Machines {
    fn new() -> Self {
        let ada = Scene::new();
        let base = ada.commit("One", &[("service.sh", b"echo old\n")]);
        let head = ada.commit("Two", &[("service.sh", b"echo new\n")]);
        let bare = ada.beside("shared.git");
        Repository::init_bare(&bare).unwrap();
        ada.repo().remote("origin", bare.to_str().unwrap()).unwrap();
        fs::create_dir(ada.beside("none")).unwrap();
        let grace = ada.beside("grace");
        git(&ada.path(), &["push", "-q", "origin", "main"]);
        git(&bare, &["symbolic-ref", "HEAD", "refs/heads/main"]);
        git(&ada.path(), &["clone", "-q", bare.to_str().unwrap(), grace.to_str().unwrap()]);
        Self { ada, grace, range: format!("{base}..{head}") }
    }

    fn plan(&self) -> Plan {
        let change = read::change(&self.ada.repo(), &self.range).unwrap();
        revert::plan(&self.ada.path(), &change, &Request::new("api", Scope::Range)).unwrap()
    }

    /// Ada pushes what she has, Grace fetches it.
    fn to_grace(&self) {
        git(&self.ada.path(), &["push", "-q", "origin", approvals::REFSPEC]);
        git(&self.grace, &["fetch", "-q", "origin", approvals::REFSPEC]);
    }

    fn to_ada(&self) {
        git(&self.grace, &["push", "-q", "origin", approvals::REFSPEC]);
        git(&self.ada.path(), &["fetch", "-q", "origin", approvals::REFSPEC]);
    }

    fn execute(&self, repo: &Path, approved: &Approved, at: Timestamp) -> Result<Outcome, ExecuteError> {
        let settings = Settings {
            takes_work_tree: false,
            repo: repo.to_owned(),
            target_branch: None,
            checkouts: self.ada.beside("checkouts"),
            audit: AuditLog::at(self.ada.beside("state/audit.jsonl")),
            limits: Limits::default(),
            approval: Rule { people: 2, valid: HOUR },
            own_program: "aftercare".into(),
        };
        let executor = Executor::new(Mode::Armed, settings).unwrap();
        executor.execute(approved, &|| at, &AtomicBool::new(false), &mut |_| {})
    }

    fn actions(&self) -> Vec<String> {
        let log = AuditLog::at(self.ada.beside("state/audit.jsonl"));
        log.verify().unwrap();
        log.read().unwrap().into_iter().map(|entry| entry.action).collect()
    }
}

fn git(folder: &Path, arguments: &[&str]) -> String {
    let output = Command::new("git").arg("-C").arg(folder).args(arguments).output().unwrap();
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn by(plan: Plan, name: &str) -> Approved {
    let digest = plan.digest();
    let email = format!("{}@example.org", name.to_lowercase());
    approve(plan, digest, "api", Person { name: name.to_owned(), email }).unwrap()
}

#[test]
fn nothing_is_done_until_two_people_approved_the_same_bytes() {
    let machines = Machines::new();
    let (ada, grace) = (by(machines.plan(), "Ada"), by(machines.plan(), "Grace"));
    let missing = machines.execute(&machines.ada.path(), &ada, Scene::now()).unwrap_err();
    assert!(matches!(missing, ExecuteError::Missing { missing: 1, .. }), "{missing}");
    // Once more by the same person is still one person.
    assert!(machines.execute(&machines.ada.path(), &ada, Scene::now()).is_err());
    assert!(machines.ada.repo().find_branch(&ada.plan().branch, git2::BranchType::Local).is_err());
    assert_eq!(machines.actions(), ["approval.kept", "approval.kept"]);
    machines.to_grace();
    let outcome = machines.execute(&machines.grace, &grace, Scene::now().after(Duration::from_secs(600))).unwrap();
    assert!(outcome.succeeded());
    let log = AuditLog::at(machines.ada.beside("state/audit.jsonl")).read().unwrap();
    let approved = log.iter().find(|entry| entry.action == "plan.approved").unwrap();
    let mut people: Vec<&str> =
        approved.detail["people"].as_array().unwrap().iter().map(|person| person.as_str().unwrap()).collect();
    people.sort_unstable();
    assert_eq!(people, ["Ada <ada@example.org>", "Grace <grace@example.org>"]);
    machines.to_ada();
    assert!(machines.execute(&machines.ada.path(), &ada, Scene::now().after(Duration::from_secs(700))).is_ok());
}

#[test]
fn an_approval_that_is_too_old_does_not_count() {
    let machines = Machines::new();
    let (ada, grace) = (by(machines.plan(), "Ada"), by(machines.plan(), "Grace"));
    assert!(machines.execute(&machines.ada.path(), &ada, Scene::now()).is_err());
    let late = Scene::now().after(HOUR + Duration::from_secs(1));
    assert!(matches!(
        machines.execute(&machines.ada.path(), &grace, late),
        Err(ExecuteError::Missing { missing: 1, .. })
    ));
    // Ada says it again, and both are in time.
    assert!(machines.execute(&machines.ada.path(), &ada, late).is_ok());
}

#[test]
fn two_people_for_different_bytes_are_one_for_each() {
    let machines = Machines::new();
    let other = Plan { message: "something else".to_owned(), ..machines.plan() };
    assert!(machines.execute(&machines.ada.path(), &by(other, "Ada"), Scene::now()).is_err());
    let error = machines.execute(&machines.ada.path(), &by(machines.plan(), "Grace"), Scene::now()).unwrap_err();
    assert!(matches!(error, ExecuteError::Missing { missing: 1, .. }));
}

#[test]
fn what_was_approved_before_the_branch_moved_is_refused() {
    let machines = Machines::new();
    let (ada, grace) = (by(machines.plan(), "Ada"), by(machines.plan(), "Grace"));
    assert!(machines.execute(&machines.ada.path(), &ada, Scene::now()).is_err());
    machines.ada.commit("Three", &[("service.sh", b"echo new\n"), ("other", b"x\n")]);
    let error = machines.execute(&machines.ada.path(), &grace, Scene::now()).unwrap_err();
    assert!(matches!(error, ExecuteError::Revert(RevertError::Moved { .. })), "{error}");
    assert!(revert::still_holds(&machines.ada.path(), ada.plan(), None).is_err());
}

#[test]
fn an_approval_that_was_tampered_with_or_misplaced_counts_for_nobody() {
    let machines = Machines::new();
    let path = machines.ada.path();
    let ada = by(machines.plan(), "Ada");
    let kept = approvals::write(&path, &Proposal::of(&ada, None, Scene::now())).unwrap();
    let repo = machines.ada.repo();
    let text = Proposal::of(&ada, None, Scene::now()).text();
    let put = |name: &str, text: &str| {
        let blob = repo.blob(text.as_bytes()).unwrap();
        let mut tree = repo.treebuilder(None).unwrap();
        tree.insert("approval.json", blob, 0o100_644).unwrap();
        let tree = repo.find_tree(tree.write().unwrap()).unwrap();
        let author = git2::Signature::now("Mallory", "m@example.org").unwrap();
        let commit = repo.commit(None, &author, &author, "x", &tree, &[]).unwrap();
        repo.reference(name, commit, true, "").unwrap();
    };
    // Grace's name in Ada's place, another patch under the old digest, noise, and no commit at all.
    put(&kept, &text.replace("Ada", "Grace"));
    put("refs/aftercare/approvals/0000000000000000/a", &text.replace("echo", "evil"));
    put("refs/aftercare/approvals/0000000000000000/b", "{}");
    let blob = repo.blob(b"x").unwrap();
    repo.reference("refs/aftercare/approvals/0000000000000000/c", blob, true, "").unwrap();
    let all = approvals::all(&path).unwrap();
    assert_eq!(all.len(), 4);
    assert!(all.iter().all(|kept| kept.proposal.is_err()), "{all:?}");
    assert!(approvals::of(&path, machines.plan().digest()).unwrap().is_empty());
}

/// The binary on one person's machine.
struct Desk<'a> {
    machines: &'a Machines,
    repo: PathBuf,
    person: &'static str,
}

impl Desk<'_> {
    fn argv(&self, arguments: &[&str]) -> Vec<OsString> {
        let mut argv: Vec<OsString> = vec![env!("CARGO_BIN_EXE_aftercare").into()];
        argv.extend(arguments.iter().map(OsString::from));
        argv.extend(["--as", self.person, "--service", "api", "--repo"].map(OsString::from));
        argv.push(self.repo.clone().into());
        argv
    }

    fn state(&self) -> PathBuf {
        self.machines.ada.beside(&format!("state-{}", self.person.split(' ').next().unwrap()))
    }

    fn run(&self, arguments: &[&str]) -> Output {
        let argv = self.argv(arguments);
        let mut command = Command::new(&argv[0]);
        command
            .args(&argv[1..])
            .env("AFTERCARE_STATE", self.state())
            .env("XDG_CONFIG_HOME", self.machines.ada.beside("none"));
        command.stdin(Stdio::null()).output().unwrap()
    }

    /// Types a line when the screen asks for it; returns the exit status and what was written.
    fn answer(&self, arguments: &[&str], typed: &str) -> (u32, String) {
        let none = self.machines.ada.beside("none");
        let environment = [("AFTERCARE_STATE", self.state()), ("HOME", none.clone()), ("XDG_CONFIG_HOME", none)];
        let environment: Vec<(&str, &Path)> = environment.iter().map(|(name, path)| (*name, path.as_path())).collect();
        let mut session = Session::start(&self.argv(arguments), &environment, 50, 160);
        session.wait_for_text("Type ");
        session.send(&format!("{typed}\r"));
        let status = session.wait_for_exit();
        (status.exit_code(), String::from_utf8_lossy(session.bytes()).into_owned())
    }
}

#[test]
fn two_people_approve_and_execute_and_undo_with_the_command() {
    let machines = Machines::new();
    fs::write(machines.ada.path().join(".git/info/exclude"), ".aftercare.toml\n").unwrap();
    for repo in [machines.ada.path(), machines.grace.clone()] {
        fs::write(repo.join(".aftercare.toml"), "[approval]\npeople = 2\n").unwrap();
    }
    let ada = Desk { machines: &machines, repo: machines.ada.path(), person: "Ada <ada@example.org>" };
    let grace = Desk { machines: &machines, repo: machines.grace.clone(), person: "Grace <grace@example.org>" };
    let piped = ada.run(&["approve", "--range", &machines.range]);
    assert_eq!(piped.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&piped.stderr).contains("nobody is there to approve"));
    let (status, said) = ada.answer(&["approve", "--range", &machines.range], "apo");
    assert!(status != 0 && said.contains("the typed word is not the one asked for"), "{said}");
    let (status, said) = ada.answer(&["approve", "--range", &machines.range], "api");
    assert!(status == 0 && said.contains("+echo old") && said.contains("refs/aftercare/approvals/"), "{said}");
    machines.to_grace();
    let digest = git(&machines.grace, &["for-each-ref", "--format=%(refname)", "refs/aftercare"]);
    let digest = digest.split('/').nth(3).unwrap().to_owned();
    let listed = String::from_utf8(grace.run(&["approve"]).stdout).unwrap();
    assert!(listed.starts_with(&digest[..12]) && listed.contains("Ada") && listed.contains("counts until"), "{listed}");
    let again = ada.run(&["approve", &digest]);
    assert!(String::from_utf8_lossy(&again.stderr).contains("approved it already"), "{again:?}");
    let alone = ada.answer(&["approve", &digest, "--execute"], "api");
    assert!(alone.0 != 0 && alone.1.contains("another person must approve"), "{}", alone.1);
    let (status, said) = grace.answer(&["approve", &digest, "--execute"], "api");
    assert!(status == 0 && said.contains("approved by Ada") && said.contains("now holds commit"), "{said}");
    let branches = || git(&machines.grace, &["branch", "--list", "aftercare/*"]);
    assert!(branches().contains("aftercare/rollback-"));
    let (status, said) = grace.answer(&["undo"], "no");
    assert!(status != 0 && said.contains("not the branch"), "{said}");
    let branch = branches().trim().to_owned();
    let (status, said) = grace.answer(&["undo"], &branch);
    assert!(status == 0 && said.contains("Removed"), "{said}");
    assert_eq!(branches(), "");
    let audit = String::from_utf8(grace.run(&["undo", &branch]).stderr).unwrap();
    assert!(audit.contains("no branch, tag or commit is named"), "{audit}");
}

#[test]
fn a_branch_that_went_on_was_merged_or_is_in_use_is_not_undone() {
    let machines = Machines::new();
    let desk = Desk { machines: &machines, repo: machines.ada.path(), person: "Ada <ada@example.org>" };
    let (status, said) = desk.answer(&["approve", "--range", &machines.range, "--execute"], "api");
    assert_eq!(status, 0, "{said}");
    let path = machines.ada.path();
    let branch = git(&path, &["branch", "--list", "aftercare/*"]).trim().to_owned();
    let refused = |expected: &str| {
        let output = desk.run(&["undo", &branch]);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!output.status.success() && said.contains(expected), "{expected}: {said}");
    };
    let made = git(&path, &["rev-parse", &branch]);
    git(&path, &["branch", "kept", &branch]);
    refused("refs/heads/kept contains it already");
    git(&path, &["branch", "-D", "kept"]);
    git(&path, &["switch", "-q", &branch]);
    refused("is checked out");
    git(&path, &["-c", "user.name=A", "-c", "user.email=a@b", "commit", "-q", "--allow-empty", "-m", "more"]);
    git(&path, &["switch", "-q", "main"]);
    refused("which was made");
    git(&path, &["branch", "-f", &branch, made.trim()]);
    git(&path, &["push", "-q", "origin", &branch]);
    refused("refs/remotes/origin/");
    refused("contains it already");
    let other = desk.run(&["undo", "main"]);
    assert!(String::from_utf8_lossy(&other.stderr).contains("no branch \"main\" that aftercare made"));
}
