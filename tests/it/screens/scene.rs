//! A service before the real engine, and a person before the real screen.

mod remedies;

use std::sync::Arc;
use std::time::Duration;

use aftercare::app::sheet::{Prepared, Sheet};
use aftercare::app::{self, Effect, Fixed, Key, Msg, State, Ticket, Triaged};
use aftercare::detect::markers::Markers;
use aftercare::detect::{Deploy, Origin, Settings};
use aftercare::engine::{Engine, Options, Progress, SourceState, SourceView, StreamKey};
use aftercare::ingest::{Limits, Resume};
use aftercare::remedy::advice::walls::Wall;
use aftercare::remedy::advice::{Candidate, Drafted, Walls};
use aftercare::remedy::draft::{self, Account, Choice, Proposal};
use aftercare::remedy::fix::report::Taken;
use aftercare::remedy::fix::{Answer, Check, Part, Program, Report, Repro, Stand, Tried, Unit};
use aftercare::remedy::plan::Parts;
use aftercare::remedy::standing::{Found, Standing};
use aftercare::remedy::{Draft, Person, Plan, Scope, safety};
use aftercare::triage::classify::classify;
use aftercare::triage::{Change, Commit, Confidence, FileChange, FileStatus, Hunk, HunkId, Symptom, judge};
use aftercare::units::{SignatureId, Timestamp};
use aftercare::view;
use jiff::tz::TimeZone;

use super::following;

const STREAM: StreamKey = StreamKey(0);

/// 2026-01-12T10:00Z.
const DEPLOYED: i64 = 1_768_212_000;

pub struct Scene {
    pub state: State,
    engine: Engine,
    now: Timestamp,
    /// The newest piece of work asked for.
    ticket: Option<Ticket>,
    /// What was chosen of a draft when its plan was asked for last.
    chosen: Option<(Arc<Sheet>, Choice)>,
    /// The checks of what was chosen that were asked for last.
    checking: Option<Ticket>,
}

fn minute(n: i64) -> Timestamp {
    Timestamp::from_seconds(DEPLOYED + n * 60)
}

pub fn options() -> app::Options {
    app::Options {
        service: "orders".to_owned(),
        person: Person { name: "Ada Lovelace".to_owned(), email: "ada@example.org".to_owned() },
        read_only: false,
        repro: None,
        tests: None,
        candidates: Vec::new(),
        walls: Walls {
            network: Wall::Closed("its own loopback only".to_owned()),
            writes: Wall::Closed("its checkout and folders that are thrown away".to_owned()),
            keys: Wall::Closed("the usual places below your home".to_owned()),
            sockets: Wall::Closed("no known service in reach that acts outside".to_owned()),
        },
        standing: None,
        build: None,
        theme: "dark".to_owned(),
        themes: view::THEMES.iter().map(|name| (*name).to_owned()).collect(),
        zone: TimeZone::UTC,
        size: (80, 24),
        now: minute(-1),
    }
}

impl Scene {
    pub fn new() -> Self {
        Self::with(None)
    }

    /// With the command that shows an error, as it is configured.
    pub fn with(repro: Option<Repro>) -> Self {
        let mut engine = Engine::new(Options {
            service: "orders".to_owned(),
            limits: Limits::default(),
            settings: Settings::default(),
            quiet_minutes: 60,
            markers: Markers::new(&[]).unwrap(),
        });
        engine.open(STREAM, Progress { at: Resume::default(), last_minute: None, ended: false });
        let state = State::new(app::Options { repro, ..options() });
        Self { state, engine, now: minute(-1), ticket: None, chosen: None, checking: None }
    }

    /// Before a command that is built with.
    pub fn building(argv: &[&str]) -> Self {
        let mut scene = Self::new();
        let build: Vec<String> = argv.iter().map(|word| (*word).to_owned()).collect();
        let repro = Some(Repro { argv: build.clone(), limit: Duration::from_secs(300) });
        scene.state = State::new(app::Options { build: Some(build), repro, ..options() });
        scene
    }

    /// Twelve minutes after a deploy that made the gateway decline more.
    pub fn regression() -> Self {
        Self::regression_with(None)
    }

    /// The same, where a command is configured that shows the error.
    pub fn regression_with(repro: Option<Repro>) -> Self {
        let mut scene = Self::with(repro);
        scene.live_through(-1_440, 0);
        scene.deploy();
        scene.live_through(0, 12);
        scene.show();
        scene
    }

    /// Ten minutes after a deploy since which seven queues lose their leases, one each minute.
    pub fn grouped() -> Self {
        let mut scene = Self::new();
        scene.live_through(-1_440, 0);
        scene.deploy();
        scene.live_through(0, 10);
        let queues = ["orders", "stock", "search", "mail", "export", "audit", "reports"];
        for (n, queue) in (0..).zip(queues) {
            let at = Timestamp::from_seconds(minute(n).seconds() + 40);
            scene.read(
                format!("{at} ERROR [worker-{n}] lease: lost the lease for {queue} lane after {n} ms\n").as_bytes(),
            );
        }
        scene.show();
        scene
    }

    pub fn deploy(&mut self) {
        self.engine.mark(deploy());
    }

    /// Lines of the minutes up to `to`, read one minute after the other.
    pub fn live_through(&mut self, from: i64, to: i64) {
        for n in from..to {
            let mut text = String::new();
            let mut say = |second: i64, line: &str| {
                let at = Timestamp::from_seconds(minute(n).seconds() + second);
                text.push_str(&format!("{at} {line}\n"));
            };
            say(1, &format!("INFO api: request {} served in {} ms", n + 9_000, 20 + n.rem_euclid(7)));
            if n % 20 == 0 {
                say(9, &format!("WARN cache: miss for key user:{}", n + 5_000));
            }
            let declines = if n >= 0 { 3 + n % 3 } else { i64::from(n % 5 == 0) };
            for k in 0..declines {
                say(20 + k * 7, &format!("ERROR payment: gateway declined order {}", n * 10 + k + 90_000));
            }
            self.now = minute(n + 1);
            self.engine.push(STREAM, text.as_bytes(), self.now);
            self.engine.caught_up();
        }
        self.engine.expire(self.now.after(Duration::from_secs(1)));
        self.engine.observe(self.now);
    }

    /// Minutes go by in which nothing is heard.
    pub fn wait(&mut self, minutes: u64) {
        self.now = self.now.after(Duration::from_secs(minutes * 60));
        self.tell(Msg::Tick(self.now));
    }

    pub fn lose_some(&mut self) {
        let text = b"{\"broken\": json\nbad \xff byte\n{\"a\":\n";
        self.engine.push(STREAM, text, self.now);
        self.engine.expire(self.now.after(Duration::from_secs(1)));
    }

    /// Reads bytes as they are.
    pub fn read(&mut self, bytes: &[u8]) {
        self.engine.push(STREAM, bytes, self.now);
        self.engine.expire(self.now.after(Duration::from_secs(1)));
    }

    pub fn show(&mut self) {
        self.show_with(&[("api.log", SourceState::Following)]);
    }

    pub fn show_with(&mut self, sources: &[(&str, SourceState)]) {
        let sources: Vec<SourceView> =
            sources.iter().map(|(name, state)| SourceView { state: state.clone(), ..following(name) }).collect();
        self.engine.judge(self.now);
        // Twice, because the first selects a signature, and the engine then tells more of it.
        for _ in 0..2 {
            let snapshot = self.engine.snapshot(self.now, &sources, 0, 0);
            self.tell(Msg::Snapshot(Box::new(snapshot)));
        }
    }

    pub fn tell(&mut self, msg: Msg) {
        for effect in app::update(&mut self.state, msg) {
            match effect {
                Effect::Focus(focus) => self.engine.set_focus(focus),
                Effect::WholeTail(whole) => self.engine.set_whole_tail(whole),
                Effect::Group(ask) => {
                    self.engine.decide_group(ask, self.now);
                }
                Effect::Triage(ticket, _)
                | Effect::Plan(ticket, ..)
                | Effect::Edit(ticket, _)
                | Effect::Fix(ticket, ..)
                | Effect::Rerun(ticket, ..)
                | Effect::Draft(ticket, ..)
                | Effect::Execute(ticket, ..) => self.ticket = Some(ticket),
                Effect::Compose(ticket, _, sheet, choice) => {
                    self.ticket = Some(ticket);
                    self.chosen = Some((sheet, *choice));
                }
                Effect::Check(ticket, ..) => self.checking = Some(ticket),
                Effect::Highlight(..)
                | Effect::Rule(_)
                | Effect::Standing(_)
                | Effect::Build
                | Effect::Cancel(_)
                | Effect::Copy(_)
                | Effect::Suspend
                | Effect::Quit => {}
            }
        }
    }

    pub fn keys(&mut self, keys: &[Key]) {
        keys.iter().for_each(|key| self.tell(Msg::Key(*key)));
    }

    pub fn press(&mut self, text: &str) {
        text.chars().for_each(|char| self.tell(Msg::Key(Key::Char(char))));
    }

    fn selected(&self) -> SignatureId {
        self.state.selected().expect("nothing is selected")
    }

    pub fn ask_for_suspects(&mut self) -> Ticket {
        self.press("t");
        self.ticket.expect("no triage was asked for")
    }

    pub fn answer_suspects(&mut self) {
        let triaged = self.judged();
        self.tell(Msg::Triaged(self.ticket.unwrap(), Ok(Box::new(triaged))));
    }

    fn judged(&self) -> Triaged {
        let signature = self.selected();
        let event = self.engine.newest_event(signature).expect("the signature has no event");
        let change = change();
        let verdict = judge(&Symptom::of_event(&event, None), &change);
        Triaged { signature, verdict, change: Arc::new(change) }
    }

    /// Asks for the rollback and gets it.
    pub fn review(&mut self) {
        self.press("d");
        self.tell(Msg::Planned(self.ticket.unwrap(), Ok(Box::new(prepared()))));
    }

    /// Gets the plan of what was chosen.
    pub fn answer_choice(&mut self) {
        let (sheet, choice) = self.chosen.take().expect("nothing was chosen");
        let account = Account::of(&sheet.draft, &choice);
        let patch = if account.n_left_out > 0 { PATCH.to_owned() } else { [PATCH, README_PATCH].concat() };
        let plan = plan_with(sheet.draft.origin, Scope::Files(Vec::new()), &account, patch);
        self.tell(Msg::Composed(self.ticket.unwrap(), Ok(Box::new(plan))));
    }

    /// The newest piece of work asked for.
    pub fn newest(&self) -> Ticket {
        self.ticket.expect("nothing was asked for")
    }

    /// Gets the fix that was searched for.
    pub fn answer_fix(&mut self) {
        let (report, draft) = found();
        let account = Account::of(&draft, &Choice::default());
        let plan = plan_with(draft.origin, Scope::Files(Vec::new()), &account, PATCH.to_owned());
        let prepared = Some(Prepared::of(plan, draft));
        self.tell(Msg::Fixed(self.newest(), Ok(Box::new(Fixed { report, prepared }))));
    }

    pub fn execute(&mut self) -> Ticket {
        self.keys(&[Key::Enter]);
        self.ticket.unwrap()
    }
}

fn deploy() -> Deploy {
    Deploy {
        at: minute(0),
        service: "orders".to_owned(),
        version: "v1.8.2".to_owned(),
        revision: Some("4f0c2d9e7a6b5c4d3e2f1a0b9c8d7e6f5a4b3c2d".to_owned()),
        previous: Some("1b2c3d4e5f60718293a4b5c6d7e8f90123456789".to_owned()),
        author: Some("Robin".to_owned()),
        subject: Some("Round totals to cents".to_owned()),
        origin: Origin::Mark,
    }
}

const BEFORE: &str = "def pay(order):\n    total = order.total\n    answer = gateway.charge(order.id, total)\n    if answer.declined:\n        log.error(\"gateway declined order %s\", order.id)\n        raise Declined(order.id)\n    return answer\n";
const AFTER: &str = "def pay(order):\n    total = round(order.total * 100)\n    answer = gateway.charge(order.id, total)\n    if answer.declined:\n        log.error(\"gateway declined order %s\", order.id)\n        raise Declined(order.id)\n    return answer\n";

pub fn change() -> Change {
    let hunk = Hunk {
        id: HunkId(0),
        old_start: 2,
        new_start: 2,
        removed: vec!["    total = order.total".to_owned()],
        added: vec!["    total = round(order.total * 100)".to_owned()],
    };
    let readme = Hunk {
        id: HunkId(1),
        old_start: 1,
        new_start: 1,
        removed: vec!["Orders.".to_owned()],
        added: vec!["The orders service.".to_owned()],
    };
    let file = |path: &str, hunk: Hunk, base: &str, head: &str| FileChange {
        path: path.to_owned(),
        old_path: None,
        status: FileStatus::Modified,
        class: classify(path, Some(head)),
        opaque: false,
        hunks: vec![hunk],
        base_text: Some(base.to_owned()),
        head_text: Some(head.to_owned()),
    };
    Change {
        base: "1b2c3d4e5f60718293a4b5c6d7e8f90123456789".to_owned(),
        head: "4f0c2d9e7a6b5c4d3e2f1a0b9c8d7e6f5a4b3c2d".to_owned(),
        commits: vec![Commit {
            id: "4f0c2d9e7a6b5c4d3e2f1a0b9c8d7e6f5a4b3c2d".to_owned(),
            author: "Robin".to_owned(),
            at: minute(-30),
            subject: "Round totals to cents".to_owned(),
            paths: vec!["orders/payment.py".to_owned(), "README.md".to_owned()],
        }],
        files: vec![
            file("orders/payment.py", hunk, BEFORE, AFTER),
            file("README.md", readme, "Orders.\n", "The orders service.\n"),
        ],
        paths: vec!["README.md".to_owned(), "orders/payment.py".to_owned()],
        sources: Vec::new(),
    }
}

const PATCH: &str = "diff --git a/orders/payment.py b/orders/payment.py\nindex 4f0c2d9..1b2c3d4 100644\n--- a/orders/payment.py\n+++ b/orders/payment.py\n@@ -1,5 +1,5 @@\n def pay(order):\n-    total = round(order.total * 100)\n+    total = order.total\n     answer = gateway.charge(order.id, total)\n     if answer.declined:\n         log.error(\"gateway declined order %s\", order.id)\n";
const README_PATCH: &str = "diff --git a/README.md b/README.md\nindex 4f0c2d9..1b2c3d4 100644\n--- a/README.md\n+++ b/README.md\n@@ -1 +1 @@\n-The orders service.\n+Orders.\n";

/// The rollback of the deploy, as a draft and as the plan of all of it.
fn prepared() -> Prepared {
    let deployed = change();
    let back = |file: &FileChange| FileChange {
        base_text: file.head_text.clone(),
        head_text: file.base_text.clone(),
        hunks: file.hunks.iter().map(turned).collect(),
        ..file.clone()
    };
    let change = Change {
        base: deployed.head.clone(),
        head: deployed.base,
        files: deployed.files.iter().map(back).collect(),
        ..Change::default()
    };
    let patch = [PATCH, README_PATCH].concat();
    let plan = plan_with(draft::Origin::Rollback, Scope::Range, &Account::default(), patch);
    Prepared::of(plan, Draft::new(draft::Origin::Rollback, Proposal::Back(Scope::Range), change))
}

fn turned(hunk: &Hunk) -> Hunk {
    Hunk {
        id: hunk.id,
        old_start: hunk.new_start,
        new_start: hunk.old_start,
        removed: hunk.added.clone(),
        added: hunk.removed.clone(),
    }
}

/// A fix that takes the hunk of the payment back, and how it was found.
fn found() -> (Report, Draft) {
    let Prepared { sheet, .. } = prepared();
    let mut change = sheet.draft.change;
    change.files.truncate(1);
    let check = |name: &'static str, passed: bool, detail: &str| Check { name, passed, detail: detail.to_owned() };
    let report = Report {
        drafted: None,
        answer: Answer::Found,
        detail: "The command passes with 1 of 2 changes taken back. None of them can be left out.".to_owned(),
        patch: PATCH.to_owned(),
        hunks: vec![Taken {
            file: "orders/payment.py".to_owned(),
            start: 2,
            end: 2,
            why: "orders/payment.py:2 changes `order`, which the failing line uses.".to_owned(),
        }],
        runs: 2,
        verification_runs: 3,
        minimal: true,
        checks: vec![
            check("applies", true, "Applied to the deployed revision, it gives exactly the files that were tested."),
            check("repro passes", true, "Passed in 2 of 2 runs with the patch, failed in 2 of 2 runs without."),
            check("no test weakened", false, "It takes changes of tests back: \"t.py\". Read them with care."),
        ],
        taken: Unit::default(),
    };
    let proposal = Proposal::Parts(vec![HunkId(0)], Vec::new());
    let mut draft = Draft::new(draft::Origin::Search, proposal, change);
    draft.verdict = "Caused by this deploy, confidence high.".to_owned();
    draft.evidence = report.detail.clone();
    draft.reasons = report.hunks.clone();
    draft.checks = report.checks.clone();
    (report, draft)
}

fn plan_with(origin: draft::Origin, scope: Scope, account: &Account, patch: String) -> Plan {
    let change = change();
    let command = ["./deploy.sh".to_owned(), "{branch}".to_owned()];
    Plan::new(Parts {
        service: "orders",
        origin,
        scope,
        account,
        base: &change.base,
        head: &change.head,
        parent: &change.head,
        tree: "7c3d2e1f0a9b8c7d6e5f4a3b2c1d0e9f8a7b6c5d",
        patch,
        concerns: safety::concerns(&change),
        commits: &change.commits,
        reason: "ERROR gateway declined order <n> after v1.8.2",
        refs: &[],
        target_branch: None,
        remote: None,
        deploy_command: Some(&command),
        push: None,
    })
    .unwrap()
}
