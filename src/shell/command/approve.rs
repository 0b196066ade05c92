//! `aftercare approve`: shows exact bytes, takes a person's word for them, and keeps that in the repository.

use std::fmt::Write as _;
use std::io::{self, BufRead, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};

use crate::app::{Failure, FailureKind};
use crate::config::Layer;
use crate::ingest::sanitize::visible;
use crate::remedy::approval::{self, Refused};
use crate::remedy::plan::Way;
use crate::remedy::proposal::{self, Invalid, Proposal};
use crate::remedy::{Approved, Hazard, Person, Plan, Scope, audit, plan};
use crate::shell::audit::AuditLog;
use crate::shell::cli::Approve;
use crate::shell::clock::Clock;
use crate::shell::command::output;
use crate::shell::execute::{self, Executor, Mode, Rule};
use crate::shell::git::approvals::{self, Kept, REFSPEC};
use crate::shell::git::{read, revert};
use crate::shell::report::unwritable;
use crate::shell::settings::Settings;
use crate::shell::watch::work::{execute_failed, line_of, rule_of};
use crate::shell::{self, forge};
use crate::units::Timestamp;

/// Fewest digits of a digest that name a plan.
const LEAST_DIGITS: usize = 6;

/// Longest line that is taken as typed, in bytes.
const LONGEST_LINE: u64 = 4 << 10;

/// Lists what waits for approval, or approves; the exit status is 1 when a command of the plan failed.
///
/// # Errors
///
/// When the repository or the settings cannot be used, the plan is not there, does not hold any more, or is
/// not approved.
pub fn run(command: &Approve) -> Result<u8, Failure> {
    let settings = Settings::load(&command.place, Layer::default())?;
    let repo = repository(&settings)?;
    let rule = rule_of(&settings.config.remedy);
    let now = Clock::real().now();
    let proposed = match (&command.digest, &command.range) {
        (None, None) => return list(&repo, rule, now).map(|()| 0),
        (Some(digits), _) => Desk::of_digest(&repo, digits, rule, now)?,
        (None, Some(range)) => Desk::of_range(&settings, &repo, range, command.branch.as_deref())?,
    };
    let person = settings.person(command.person.as_deref())?.ok_or_else(nobody)?;
    proposed.check(&repo, &person, command.execute)?;
    let approved = proposed.ask(person)?;
    if command.execute {
        return execute(&settings, repo, &proposed, &approved, rule);
    }
    let kept = Proposal::of(&approved, proposed.target_branch.as_deref(), Clock::real().now());
    let name = approvals::write(&repo, &kept).map_err(|error| error.failure())?;
    let log = AuditLog::at(settings.audit_path());
    let detail = serde_json::json!({
        "digest": approved.digest().to_string(), "reference": name, "reason": approved.reason(),
    });
    log.append(Clock::real().now(), &execute::actor(approved.by()), audit::KEPT, detail)
        .map_err(|error| execute_failed(&error.into()))?;
    say(&format!(
        "Kept as {name}.\nPush it with `git push origin '{REFSPEC}'`. To execute, with everybody's approval fetched: `aftercare approve {} --execute`.",
        approved.digest().short()
    ))
    .map(|()| 0)
}

/// The repository of the settings.
pub(super) fn repository(settings: &Settings) -> Result<PathBuf, Failure> {
    let none = || Failure::new(FailureKind::User, "no repository is known", "Name it with --repo DIR.");
    settings.repo.clone().ok_or_else(none)
}

/// The failure of nobody being named.
pub(super) fn nobody() -> Failure {
    Failure::new(
        FailureKind::User,
        "nobody is named who approves",
        "Set git's user.name, or give --as \"NAME <EMAIL>\".",
    )
}

/// A plan on the desk, with what is known of its approvals.
struct Desk {
    plan: Plan,
    target_branch: Option<String>,
    /// Approvals that count now.
    people: Vec<Person>,
}

impl Desk {
    fn of_digest(repo: &Path, digits: &str, rule: Rule, now: Timestamp) -> Result<Self, Failure> {
        let digits = digits.to_ascii_lowercase();
        if digits.len() < LEAST_DIGITS || !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            let what = format!("{digits:?} is no digest");
            return Err(Failure::new(
                FailureKind::User,
                what,
                "Give at least six of its digits; `aftercare approve` lists them.",
            ));
        }
        let all = approvals::all(repo).map_err(|error| error.failure())?;
        let mut found: Vec<Proposal> = all.into_iter().filter_map(|kept| kept.proposal.ok()).collect();
        found.retain(|proposal| proposal.first.digest.starts_with(&digits));
        found.sort_by_key(|proposal| proposal.first.at);
        let Some(first) = found.first().cloned() else {
            let what = format!("no plan with the digest {digits} is in the repository");
            let hint = format!("Fetch it with `git fetch origin '{REFSPEC}'`; `aftercare approve` lists them.");
            return Err(Failure::new(FailureKind::User, what, hint));
        };
        if found.iter().any(|proposal| proposal.first.digest != first.first.digest) {
            return Err(Failure::new(
                FailureKind::User,
                format!("{digits} is short for several plans"),
                "Give more digits.",
            ));
        }
        let consents: Vec<_> = found.iter().map(|proposal| proposal.first.clone()).collect();
        let people = proposal::people(first.plan.digest(), &consents, now, rule.valid);
        if people.is_empty() {
            let error = first.first.check(first.plan.digest(), now, rule.valid).err().unwrap_or(Invalid::Expired(now));
            let hint = "Whoever proposed it must approve it again; approval.expires_minutes says how long one counts.";
            return Err(Failure::of(FailureKind::User, &error, hint));
        }
        Ok(Self { plan: first.plan, target_branch: first.target_branch, people })
    }

    fn of_range(settings: &Settings, repo: &Path, range: &str, branch: Option<&str>) -> Result<Self, Failure> {
        let opened = read::open(repo).map_err(|error| error.failure())?;
        let change = read::change(&opened, range).map_err(|error| error.failure())?;
        let target = branch.or(settings.config.follow.value.as_deref());
        let push = forge::push_of(&settings.config.remedy, repo, target)?;
        let request = revert::Request {
            target_branch: target,
            deploy_command: settings.config.command_for(&Scope::Range),
            push: push.as_ref(),
            ..revert::Request::new(&settings.service, Scope::Range)
        };
        let plan = revert::plan(repo, &change, &request).map_err(|error| error.failure())?;
        Ok(Self { plan, target_branch: target.map(str::to_owned), people: Vec::new() })
    }

    /// Refuses what does not hold any more, and a person who approved already.
    fn check(&self, repo: &Path, person: &Person, executes: bool) -> Result<(), Failure> {
        revert::still_holds(repo, &self.plan, self.target_branch.as_deref()).map_err(|error| Failure {
            hint: "What was approved is no longer what would be done. Plan anew, and approve that.".to_owned(),
            ..error.failure()
        })?;
        if !executes && self.people.iter().any(|known| proposal::is_same(known, person)) {
            let error = Invalid::SamePerson(person.name.clone());
            return Err(Failure::of(FailureKind::User, &error, "Let another person run it, on their own machine."));
        }
        Ok(())
    }

    /// Shows every byte that is approved, and takes the typed word.
    fn ask(&self, person: Person) -> Result<Approved, Failure> {
        if !io::stdin().is_terminal() {
            let hint = "Run it in a terminal; what is piped in is no consent.";
            return Err(Failure::new(FailureKind::User, "nobody is there to approve", hint));
        }
        let shown = self.plan.digest();
        say(&self.page(&person))?;
        let mut typed = String::new();
        let line = io::Read::take(io::stdin().lock(), LONGEST_LINE).read_line(&mut typed);
        line.map_err(|error| Failure::of(FailureKind::External, &error, "Try again."))?;
        approval::consent(self.plan.clone(), shown, &typed, person).map_err(|error| {
            let hint = match error {
                Refused::NoReason => "Type the branch, and behind it why it is done all the same.",
                Refused::Word | Refused::Changed | Refused::Nobody => "Nothing was approved and nothing was done.",
            };
            Failure::of(FailureKind::User, &error, hint)
        })
    }

    fn page(&self, person: &Person) -> String {
        let plan = &self.plan;
        let mut page = String::new();
        // Writing to a String cannot fail.
        let mut line = |text: String| {
            let _ = writeln!(page, "{text}");
        };
        line(plan.patch.clone());
        line(plan.message.clone());
        for concern in &plan.concerns {
            line(format!("{} {} at {}:{}", concern.level.word(), concern.rule, concern.file, concern.line));
            line(format!("  {}\n  Safer: {}", concern.why, concern.safer));
        }
        for step in &plan.steps {
            let runs = if step.runs { "runs" } else { "for you" };
            line(format!("{runs}: {:?}\n  {}", step.argv, step.does));
        }
        line(format!(
            "service {}\nbranch  {}\non      {}\ntree    {}",
            plan.service, plan.branch, plan.parent, plan.tree
        ));
        for known in &self.people {
            line(format!("approved by {}", execute::actor(known)));
        }
        line(format!("digest  {}\nyou are {}", plan.digest(), execute::actor(person)));
        if plan::ways(plan.level()).first() == Some(&Way::FixForward) {
            line("Going back breaks or loses something; fix forward first, if that can be done.".to_owned());
        }
        let why = if plan.level() == Hazard::Red { ", and behind it why it is done all the same" } else { "" };
        line(format!("Type {}{why}:", approval::word(plan)));
        page
    }
}

fn execute(settings: &Settings, repo: PathBuf, desk: &Desk, approved: &Approved, rule: Rule) -> Result<u8, Failure> {
    let clock = Clock::real();
    let cancel = Arc::new(AtomicBool::new(false));
    for signal in [SIGINT, SIGTERM, SIGHUP] {
        // The second one leaves at once. Where a signal cannot be caught, it leaves at the first.
        let _ = signal_hook::flag::register_conditional_shutdown(signal, 128 + signal, Arc::clone(&cancel))
            .and_then(|_| signal_hook::flag::register(signal, Arc::clone(&cancel)));
    }
    let seconds = u64::from(settings.config.deploy_command_seconds.value);
    let settings = execute::Settings {
        takes_work_tree: false,
        repo,
        target_branch: desk.target_branch.clone(),
        checkouts: settings.state.join("checkouts"),
        audit: AuditLog::at(settings.audit_path()),
        limits: execute::Limits { time: Duration::from_secs(seconds), ..execute::Limits::default() },
        approval: rule,
        own_program: execute::own_program(),
    };
    let executor = Executor::new(Mode::Armed, settings).map_err(|error| execute_failed(&error))?;
    let mut out = output();
    let mut report = |progress| {
        if let Some(line) = line_of(&progress) {
            // When nobody takes the output, the work goes on; what it did is in the audit log.
            let _ = writeln!(out, "{}", visible(&line, false)).and_then(|()| out.flush());
        }
    };
    let outcome =
        executor.execute(approved, &|| clock.now(), &cancel, &mut report).map_err(|error| execute_failed(&error))?;
    drop(out);
    for sentence in outcome.sentences() {
        say(&sentence)?;
    }
    Ok(u8::from(!outcome.succeeded()))
}

fn list(repo: &Path, rule: Rule, now: Timestamp) -> Result<(), Failure> {
    let all = approvals::all(repo).map_err(|error| error.failure())?;
    if all.is_empty() {
        let text = format!("No approval is in the repository. Others' come with `git fetch origin '{REFSPEC}'`.");
        return say(&text);
    }
    for Kept { name, proposal } in all {
        match proposal {
            Ok(proposal) => {
                let Proposal { plan, first, .. } = &proposal;
                let holds = first.check(plan.digest(), now, rule.valid).err();
                let state = match (holds, revert::still_holds(repo, plan, proposal.target_branch.as_deref())) {
                    (Some(invalid), _) => invalid.to_string(),
                    (None, Err(error)) => error.to_string(),
                    (None, Ok(())) => format!("counts until {}", first.at.after(rule.valid)),
                };
                let (by, level) = (execute::actor(&first.by), plan.level().word());
                say(&format!("{}  {}  {level}  {}  {by}  {state}", plan.digest().short(), plan.service, first.at))?;
            }
            Err(error) => {
                shell::tell(&Failure::of(FailureKind::External, &error, format!("It is passed over: {name}")))
            }
        }
    }
    Ok(())
}

/// Writes text for a person, with nothing in it that acts on a terminal.
pub(super) fn say(text: &str) -> Result<(), Failure> {
    let mut out = output();
    writeln!(out, "{}", visible(text, true)).and_then(|()| out.flush()).map_err(|error| unwritable(&error))
}
