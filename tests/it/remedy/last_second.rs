//! The branch moves at the very end of the countdown: after the screen decided to go back, before anything was done.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use aftercare::app::{self, Effect, Msg, State};
use aftercare::remedy::plan::{Plan, Scope};
use aftercare::remedy::standing::{Found, Standing};
use aftercare::remedy::{Approved, Person, advice::Walls};
use aftercare::shell::demo::World;
use aftercare::shell::git::read::{self, Range};
use aftercare::shell::git::revert;
use aftercare::shell::terminal::Input;
use aftercare::shell::watch::work::Work;
use aftercare::triage::Confidence;
use aftercare::units::{SignatureId, Timestamp};
use aftercare::view;
use jiff::tz::TimeZone;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::auto::{ALLOWED, Incident};

/// The screen of somebody who watches, with what Ada allowed.
struct Watched {
    incident: Incident,
    state: State,
    deployed: Timestamp,
    now: Timestamp,
}

impl Watched {
    fn new() -> Self {
        let incident = Incident::new();
        let now = incident.now();
        let person = Person { name: "Ada".to_owned(), email: "ada@example.org".to_owned() };
        let standing =
            Standing { service: World::SERVICE.to_owned(), person: person.clone(), countdown: Duration::from_secs(30) };
        let state = State::new(app::Options {
            service: World::SERVICE.to_owned(),
            person,
            read_only: false,
            repro: None,
            tests: None,
            candidates: Vec::new(),
            walls: Walls::none("nothing is drafted"),
            standing: Some(standing),
            build: None,
            theme: "mono".to_owned(),
            themes: vec!["mono".to_owned()],
            zone: TimeZone::UTC,
            size: (120, 30),
            now,
        });
        Self { incident, state, deployed: now, now }
    }

    fn plan(&self) -> Plan {
        let repo = self.incident.world.repo();
        let range = Range::new(World::HEALTHY, World::BAD);
        let change = read::change_between(&read::open(&repo).unwrap(), &range).unwrap();
        let command = self.incident.world.deploy_command();
        let request = revert::Request {
            deploy_command: Some(&command),
            reason: "parse failed",
            ..revert::Request::new(World::SERVICE, Scope::Range)
        };
        revert::plan(&repo, &change, &request).unwrap()
    }

    /// A second goes by, in which everything that was allowed is found.
    fn second(&mut self, plan: &Plan) -> Vec<Effect> {
        self.now = self.now.after(Duration::from_secs(1));
        let found = Found {
            deploy: (World::BAD.to_owned(), self.deployed),
            confirmed: true,
            caused: Some(Confidence::High),
            in_watch: true,
            plan: Some(plan.clone()),
        };
        let mut effects = app::update(&mut self.state, Msg::Tick(self.now));
        effects.extend(app::update(&mut self.state, Msg::Standing(Box::new(found), Some(signature()))));
        effects
    }

    /// Counts down to the end; what the screen then wants to be executed.
    fn decided(&mut self) -> (app::Ticket, Box<Approved>) {
        let plan = self.plan();
        for _ in 0..60 {
            for effect in self.second(&plan) {
                if let Effect::Execute(ticket, _, approved) = effect {
                    return (ticket, approved);
                }
            }
        }
        panic!("it was never decided");
    }

    /// Does what was decided, as the screen does, and shows what came of it.
    fn execute(&mut self, ticket: app::Ticket, approved: Box<Approved>) -> String {
        let run = self.incident.run(ALLOWED);
        let (messages, inbox) = crossbeam_channel::bounded(1_000);
        let (asks, _asked) = crossbeam_channel::bounded(10);
        let mut work = Work::new(&run, messages, asks);
        work.execute(ticket, approved, signature());
        while let Ok(input) = inbox.recv_timeout(Duration::from_secs(60)) {
            let Input::Msg(msg) = input else { continue };
            let is_last = matches!(msg, Msg::Executed(..));
            app::update(&mut self.state, msg);
            if is_last {
                break;
            }
        }
        app::update(&mut self.state, Msg::Key(app::Key::Char('o')));
        shown(&self.state)
    }

    fn branches(&self) -> BTreeSet<String> {
        let repo = self.incident.world.repo();
        git(&repo, &["branch", "--list", "--format=%(refname:short)"]).lines().map(str::to_owned).collect()
    }

    fn served(&self) -> Vec<u8> {
        fs::read(self.incident.world.dir().join("current/lib/parse.sh")).unwrap()
    }
}

/// What is on the screen, as text.
fn shown(state: &State) -> String {
    let area = Rect::new(0, 0, 120, 30);
    let mut buffer = Buffer::empty(area);
    view::draw(state, &view::theme_named("mono"), area, &mut buffer);
    let row = |y: u16| (0..area.width).filter_map(|x| Some(buffer.cell((x, y))?.symbol())).collect::<String>();
    (0..area.height).map(|y| row(y).trim_end().to_owned()).collect::<Vec<_>>().join("\n")
}

fn signature() -> SignatureId {
    SignatureId::from_bytes([7; 16])
}

fn git(repo: &Path, arguments: &[&str]) -> String {
    let identity = ["-c", "user.name=Grace", "-c", "user.email=grace@example.org"];
    let output = Command::new("git").arg("-C").arg(repo).args(identity).args(arguments).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// Somebody's commit lands on the branch.
fn move_branch(repo: &Path) {
    fs::write(repo.join("hotfix.txt"), "a mend of somebody else's\n").unwrap();
    git(repo, &["add", "hotfix.txt"]);
    git(repo, &["commit", "-q", "-m", "Mend it by hand"]);
}

#[test]
fn what_was_decided_is_refused_where_the_branch_moved_and_nothing_is_executed() {
    let mut watched = Watched::new();
    let (ticket, approved) = watched.decided();
    move_branch(&watched.incident.world.repo());
    let (branches, served) = (watched.branches(), watched.served());
    let screen = watched.execute(ticket, approved);
    assert!(screen.contains("moved"), "the reason is on the screen:\n{screen}");
    assert_eq!(watched.branches(), branches, "no branch was made");
    assert_eq!(watched.served(), served, "nothing was deployed");
    let actions = watched.incident.actions();
    assert!(!actions.iter().any(|action| action == "commit.made" || action.starts_with("step.")), "{actions:?}");
}

/// Without that, the same is done: the test above fails for the branch alone.
#[test]
fn what_was_decided_is_done_where_the_branch_stayed() {
    let mut watched = Watched::new();
    let (ticket, approved) = watched.decided();
    let (branches, served) = (watched.branches(), watched.served());
    let screen = watched.execute(ticket, approved);
    assert_eq!(watched.branches().len(), branches.len() + 1, "{screen}");
    assert_ne!(watched.served(), served, "{screen}");
}

/// A branch that moves while it counts is another plan: it is called off before anything is decided.
#[test]
fn a_branch_that_moves_while_it_counts_calls_it_off() {
    let mut watched = Watched::new();
    let plan = watched.plan();
    for _ in 0..29 {
        let effects = watched.second(&plan);
        assert!(!effects.iter().any(|effect| matches!(effect, Effect::Execute(..))));
    }
    move_branch(&watched.incident.world.repo());
    let moved = watched.plan();
    assert_ne!(plan.digest(), moved.digest());
    for _ in 0..5 {
        let effects = watched.second(&moved);
        assert!(
            !effects.iter().any(|effect| matches!(effect, Effect::Execute(..))),
            "a new plan counts from the start"
        );
    }
}
