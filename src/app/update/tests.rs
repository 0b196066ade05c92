use std::sync::Arc;
use std::time::Duration;

use jiff::tz::TimeZone;

use super::super::effect::Ticket;
use super::super::layout::Panels;
use super::super::msg::{Key, Triaged};
use super::super::place::{FixStep, Phase, Work};
use super::super::sheet::Prepared;
use super::super::state::{Options, Panel};
use super::super::{Failure, FailureKind};
use super::*;
use crate::detect::{Assessment, Deploy, Finding, Kind, Origin, Overall, SignatureIndex, Tier};
use crate::engine::{IntakeView, Row, Snapshot, TailLine, WatchView};
use crate::ingest::{Event, Signature};
use crate::remedy::draft::{self, Proposal};
use crate::remedy::{Concern, Draft, Hazard, Person, Plan, Scope};
use crate::triage::{Change, Class, Confidence, FileChange, FileStatus, Hunk, HunkId, Ruling, Suspect, Verdict};
use crate::units::{Digest, SignatureId};

mod laws;

fn start() -> Timestamp {
    Timestamp::from_seconds(1_768_212_000)
}

fn state() -> State {
    let mut state = State::new(Options {
        service: "orders".to_owned(),
        person: Person { name: "Ada".to_owned(), email: String::new() },
        read_only: false,
        repro: None,
        tests: None,
        candidates: Vec::new(),
        walls: crate::remedy::advice::Walls::none("nothing runs here"),
        standing: None,
        build: None,
        theme: "dark".to_owned(),
        themes: vec!["dark".to_owned(), "light".to_owned()],
        zone: TimeZone::UTC,
        size: (80, 24),
        now: start(),
    });
    update(&mut state, news(&["gateway declined", "cache miss", "request served"], 0));
    state
}

fn id(n: u8) -> SignatureId {
    SignatureId::from_bytes([n + 1; 16])
}

fn deploy(version: &str) -> Deploy {
    Deploy::new(start(), "orders", version.to_owned(), Origin::Mark)
}

/// A snapshot of signatures with these texts, the first of them a finding, and a line of each.
fn news(templates: &[&str], seconds: i64) -> Msg {
    news_after("v2", templates, seconds)
}

fn found(number: u8, is_found: bool) -> Assessment {
    Assessment {
        signature: Some(SignatureIndex(u32::from(number))),
        observed: 41,
        expected: 9.8,
        predicted: 9.8,
        p: 1e-12,
        ratio: Some(4.2),
        ratio_low: Some(2.6),
        ratio_high: Some(6.5),
        evidence: 1e6,
        peak: 1e6,
        threshold: Some(2e4),
        model: None,
        noise: None,
        onset: Some(0),
        beside: None,
        finished: None,
        affected: true,
        shares: Vec::new(),
        finding: is_found.then_some(Finding { kind: Kind::Rise, tier: Tier::Confirmed }),
        explained: false,
    }
}

fn news_after(version: &str, templates: &[&str], seconds: i64) -> Msg {
    let at = start().after(Duration::from_secs(seconds.unsigned_abs()));
    let number = |template: &str| template.len() as u8;
    let row = |(index, template): (usize, &&str)| Row {
        id: id(number(template)),
        template: (*template).to_owned(),
        group: None,
        level: None,
        assessment: found(number(template), index == 0),
        is_judged: true,
        watched: None,
        laid_to: None,
        spark: Vec::new(),
        last: at,
    };
    let line = |(index, template): (usize, &&str)| TailLine {
        number: seconds.unsigned_abs() * 100 + index as u64 + 1,
        at,
        row: id(number(template)),
        event: Arc::new(event(template, id(number(template)))),
    };
    Msg::Snapshot(Box::new(Snapshot {
        at,
        service: "orders".to_owned(),
        deploys: vec![deploy(version)],
        watch: Some(WatchView {
            deploy: deploy(version),
            elapsed: Duration::from_secs(60),
            length: Duration::from_secs(3_600),
            baseline_minutes: 10_080,
            overall: Overall::Regressed(1),
            n_listed: 1,
            n_below: 0,
            silence: None,
            earlier: Vec::new(),
        }),
        rows: Arc::new(templates.iter().enumerate().map(row).collect()),
        more_rows: 0,
        focus: None,
        tail: Arc::new(templates.iter().enumerate().map(line).collect()),
        incidents: Vec::new(),
        undoable: None,
        intake: IntakeView::default(),
    }))
}

fn event(text: &str, id: SignatureId) -> Event {
    Event {
        time: None,
        level: None,
        component: None,
        message: text.to_owned(),
        fields: Vec::new(),
        trace: None,
        text: text.to_owned(),
        n_lines: 1,
        signature: Signature { id, template: text.to_owned() },
        end: 0,
    }
}

fn press(state: &mut State, keys: &[Key]) -> Vec<Effect> {
    keys.iter().flat_map(|key| update(state, Msg::Key(*key))).collect()
}

fn typed(text: &str) -> Vec<Key> {
    text.chars().map(Key::Char).collect()
}

/// The ticket of the newest piece of work that was asked for.
fn ticket(effects: &[Effect]) -> Ticket {
    let tickets = effects.iter().filter_map(|effect| match effect {
        Effect::Triage(ticket, _)
        | Effect::Plan(ticket, ..)
        | Effect::Compose(ticket, ..)
        | Effect::Edit(ticket, _)
        | Effect::Fix(ticket, ..)
        | Effect::Rerun(ticket, ..)
        | Effect::Draft(ticket, ..)
        | Effect::Execute(ticket, ..) => Some(*ticket),
        Effect::Highlight(..)
        | Effect::Focus(_)
        | Effect::WholeTail(_)
        | Effect::Cancel(_)
        | Effect::Rule(_)
        | Effect::Check(..)
        | Effect::Standing(_)
        | Effect::Build
        | Effect::Copy(_)
        | Effect::Suspend
        | Effect::Group(_)
        | Effect::Quit => None,
    });
    { tickets }.next_back().unwrap()
}

fn executed(effects: &[Effect]) -> Vec<Digest> {
    let of = |effect: &Effect| match effect {
        Effect::Execute(_, _, approved) => Some(approved.digest()),
        _ => None,
    };
    effects.iter().filter_map(of).collect()
}

fn plan(patch: &str, level: Hazard) -> Plan {
    let concern = Concern {
        rule: "migration.drop-column".to_owned(),
        level,
        file: "db/1.sql".to_owned(),
        line: 1,
        why: "the column is gone".to_owned(),
        safer: "bring it back first".to_owned(),
    };
    Plan {
        service: "orders".to_owned(),
        origin: draft::Origin::Rollback,
        comments: Vec::new(),
        scope: Scope::Range,
        base: "a".repeat(40),
        head: "b".repeat(40),
        parent: "b".repeat(40),
        tree: "c".repeat(40),
        branch: "aftercare/rollback-1234abcd".to_owned(),
        message: "Revert".to_owned(),
        patch: patch.to_owned(),
        concerns: if level == Hazard::Green { Vec::new() } else { vec![concern] },
        steps: Vec::new(),
    }
}

fn triaged() -> Box<Triaged> {
    let suspect = |hunk: u32| Suspect {
        file: "a.py".to_owned(),
        start: 1,
        end: 2,
        score: 4.0,
        reasons: vec!["a frame is on it".to_owned()],
        against: Vec::new(),
        hunk: HunkId(hunk),
    };
    let verdict = Verdict {
        is_runtime_change: true,
        causal_link: true,
        confidence: Confidence::High,
        evidence_summary: "a frame is on it".to_owned(),
        changed_files: Vec::new(),
        suspects: vec![suspect(3), suspect(5)],
    };
    Box::new(Triaged { signature: id(16), verdict, change: Arc::new(Change::default()) })
}

/// A draft of two hunks in one file, and this plan of all of it.
fn prepared(patch: &str, level: Hazard) -> Prepared {
    let hunk = |number: u32, line: u32| Hunk {
        id: HunkId(number),
        old_start: line,
        new_start: line,
        removed: vec!["one".to_owned()],
        added: vec!["two".to_owned()],
    };
    let text = "one\n".repeat(30);
    let file = FileChange {
        path: "x".to_owned(),
        old_path: None,
        status: FileStatus::Modified,
        class: Class::Runtime,
        opaque: false,
        hunks: vec![hunk(0, 1), hunk(1, 20)],
        base_text: Some(text.clone()),
        head_text: Some(text),
    };
    let change = Change { base: "b".repeat(40), head: "c".repeat(40), files: vec![file], ..Change::default() };
    let draft = Draft::new(draft::Origin::Rollback, Proposal::Back(Scope::Range), change);
    Prepared::of(plan(patch, level), draft)
}

const PATCH: &str = "diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -1 +1 @@\n-one\n+two\n";

/// The state at the approval of a plan of this level.
fn at_approval(level: Hazard) -> State {
    let mut state = state();
    let asked = press(&mut state, &[Key::Char('d')]);
    update(&mut state, Msg::Planned(ticket(&asked), Ok(Box::new(prepared(PATCH, level)))));
    press(&mut state, &[Key::Char('a')]);
    assert!(matches!(state.place, Place::Approval(_)));
    state
}

#[test]
fn four_keys_lead_from_a_signature_to_its_approval() {
    let mut state = state();
    assert_eq!(state.selected(), Some(id(16)));
    press(&mut state, &[Key::Enter]);
    assert_eq!(state.panel, Panel::Tail);
    let asked = press(&mut state, &[Key::Enter]);
    update(&mut state, Msg::Triaged(ticket(&asked), Ok(triaged())));
    let asked = press(&mut state, &[Key::Enter]);
    update(&mut state, Msg::Planned(ticket(&asked), Ok(Box::new(prepared(PATCH, Hazard::Green)))));
    press(&mut state, &[Key::Enter]);
    assert!(matches!(state.place, Place::Approval(_)));
    press(&mut state, &[Key::Esc, Key::Esc, Key::Esc, Key::Esc, Key::Esc]);
    assert!(matches!(state.place, Place::Watching));
    assert_eq!(state.panel, Panel::List);
}

#[test]
fn the_typed_word_executes_what_was_shown_once() {
    let mut state = at_approval(Hazard::Green);
    let shown = plan(PATCH, Hazard::Green).digest();
    let keys: Vec<Key> = typed("orders").into_iter().chain([Key::Enter]).collect();
    assert_eq!(executed(&press(&mut state, &keys)), [shown]);
    assert!(state.is_executing());
    assert_eq!(executed(&press(&mut state, &keys)), []);
}

#[test]
fn a_red_plan_takes_the_branch_and_a_reason_and_not_the_service() {
    let mut state = at_approval(Hazard::Red);
    let service: Vec<Key> = typed("orders").into_iter().chain([Key::Enter]).collect();
    assert_eq!(executed(&press(&mut state, &service)), []);
    let branch: Vec<Key> = [Key::Ctrl('u')].into_iter().chain(typed("aftercare/rollback-1234abcd")).collect();
    press(&mut state, &branch);
    assert_eq!(executed(&press(&mut state, &[Key::Enter])), []);
    press(&mut state, &typed(" the column was never filled"));
    assert_eq!(executed(&press(&mut state, &[Key::Enter])).len(), 1);
}

#[test]
fn what_is_pasted_does_not_approve() {
    let mut state = at_approval(Hazard::Green);
    let pasted = update(&mut state, Msg::Paste("orders\n".to_owned()));
    let entered = press(&mut state, &[Key::Enter]);
    assert_eq!(executed(&[pasted, entered].concat()), []);
}

#[test]
fn a_plan_that_changed_after_it_was_shown_is_not_executed() {
    let mut state = at_approval(Hazard::Green);
    let asked = match &state.place {
        Place::Approval(approval) => approval.shown.ticket,
        _ => unreachable!("it is at the approval"),
    };
    update(&mut state, Msg::Planned(asked, Ok(Box::new(prepared("another", Hazard::Green)))));
    let keys: Vec<Key> = typed("orders").into_iter().chain([Key::Enter]).collect();
    assert_eq!(executed(&press(&mut state, &keys)), []);
}

#[test]
fn a_plan_for_a_deploy_that_was_followed_by_another_is_not_executed() {
    let mut state = at_approval(Hazard::Green);
    update(&mut state, news_after("v3", &["gateway declined"], 5));
    let keys: Vec<Key> = typed("orders").into_iter().chain([Key::Enter]).collect();
    assert_eq!(executed(&press(&mut state, &keys)), []);
}

#[test]
fn read_only_has_no_way_to_the_approval() {
    let mut state = state();
    state.options.read_only = true;
    let asked = press(&mut state, &[Key::Char('d')]);
    update(&mut state, Msg::Planned(ticket(&asked), Ok(Box::new(prepared(PATCH, Hazard::Green)))));
    press(&mut state, &[Key::Char('a'), Key::Enter]);
    assert!(matches!(state.place, Place::Review(_)));
}

#[test]
fn the_selection_stays_with_its_signature() {
    let mut state = state();
    press(&mut state, &[Key::Char('j')]);
    let chosen = state.selected();
    assert_eq!(chosen, Some(id(10)));
    update(&mut state, news(&["request served", "gateway declined", "cache miss"], 1));
    assert_eq!((state.selected(), state.selection.index), (chosen, 2));
}

#[test]
fn until_somebody_chooses_the_worst_is_selected() {
    let mut state = state();
    let effects = update(&mut state, news(&["request served", "gateway declined"], 1));
    assert_eq!(state.selected(), Some(id(14)));
    assert!(matches!(effects.as_slice(), [Effect::Focus(Some(focus))] if *focus == id(14)));
}

#[test]
fn a_late_answer_changes_nothing() {
    let mut state = state();
    let first = press(&mut state, &[Key::Char('t')]);
    press(&mut state, &[Key::Esc]);
    let second = press(&mut state, &[Key::Char('t')]);
    assert_ne!(ticket(&first), ticket(&second));
    update(&mut state, Msg::Triaged(ticket(&first), Ok(triaged())));
    assert!(matches!(&state.place, Place::Suspects(suspects) if matches!(suspects.work, Work::Running(_))));
}

#[test]
fn esc_never_leaves_and_q_asks_only_while_something_is_executed() {
    let mut idle = state();
    assert!(press(&mut idle, &[Key::Esc; 9]).iter().all(|effect| !matches!(effect, Effect::Quit)));
    assert!(matches!(press(&mut idle, &[Key::Char('q')]).as_slice(), [Effect::Quit]));
    let mut busy = at_approval(Hazard::Green);
    press(&mut busy, &typed("orders"));
    press(&mut busy, &[Key::Enter]);
    assert!(press(&mut busy, &[Key::Char('q')]).is_empty());
    assert!(matches!(press(&mut busy, &[Key::Char('y')]).as_slice(), [Effect::Quit]));
}

#[test]
fn a_tail_that_is_read_stands_still_and_counts_what_comes() {
    let mut state = state();
    press(&mut state, &[Key::Enter, Key::Char('k')]);
    assert!(state.is_paused());
    update(&mut state, news(&["gateway declined", "gateway declined"], 7));
    let newest = state.snapshot.as_ref().unwrap().tail.clone();
    let (_, only) = state.tail_lines();
    assert_eq!(state.tail.waiting(&newest, only).map(|waiting| waiting.n), Some(2));
    press(&mut state, &[Key::Char('G')]);
    assert!(!state.is_paused());
}

#[test]
fn a_tick_within_the_same_second_needs_no_frame() {
    let mut state = state();
    let before = state.revision();
    update(&mut state, Msg::Tick(start()));
    assert_eq!(state.revision(), before);
    update(&mut state, Msg::Tick(start().after(Duration::from_secs(1))));
    assert_ne!(state.revision(), before);
}

#[test]
fn a_person_may_overrule_the_verdict_and_the_last_word_counts() {
    let mut state = state();
    let asked = press(&mut state, &[Key::Char('t')]);
    assert!(press(&mut state, &[Key::Char('0')]).is_empty(), "there is no verdict yet");
    update(&mut state, Msg::Triaged(ticket(&asked), Ok(triaged())));
    let said = press(&mut state, &[Key::Char('0')]);
    let [Effect::Rule(ruling)] = said.as_slice() else { panic!("{said:?}") };
    assert!(ruling.cause.is_none() && ruling.words() == "Ada says: not this deploy");
    assert_eq!(state.ruling(&triaged()), Some(&**ruling));
    let other = Ruling { by: "Bob".to_owned(), ..(**ruling).clone() };
    update(&mut state, Msg::Ruled(Box::new(other)));
    assert_eq!(state.ruling(&triaged()).map(|ruling| ruling.by.as_str()), Some("Bob"));
}

#[test]
fn a_review_from_the_suspects_begins_at_the_first_of_them_and_not_at_the_first_file() {
    let mut state = state();
    let asked = press(&mut state, &[Key::Enter, Key::Enter]);
    let mut found = triaged();
    for suspect in &mut found.verdict.suspects {
        (suspect.file, suspect.start, suspect.end) = ("x".to_owned(), 20, 20);
    }
    update(&mut state, Msg::Triaged(ticket(&asked), Ok(found)));
    let asked = press(&mut state, &[Key::Enter]);
    update(&mut state, Msg::Planned(ticket(&asked), Ok(Box::new(prepared(PATCH, Hazard::Green)))));
    let Place::Review(review) = &state.place else { panic!("no review") };
    let desk = review.work.ready().unwrap();
    assert_eq!(desk.hunk(), Some((0, 1)));
    let height = state.layout().map(|layout| layout.panels).map(|panels| match panels {
        Panels::Review { patch, .. } => usize::from(patch.content().height),
        Panels::Watching { .. } | Panels::Suspects { .. } | Panels::Whole(_) => 0,
    });
    let rows = desk.top..desk.top + height.unwrap_or(0);
    assert!(rows.contains(&desk.cursor), "it is in sight: {rows:?} {}", desk.cursor);
}
