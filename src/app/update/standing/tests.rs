use jiff::tz::TimeZone;
use proptest::prelude::*;

use super::super::super::keymap::Context;
use super::super::super::msg::{Key, Msg};
use super::super::super::state::Options;
use super::super::update;
use super::*;
use crate::remedy::draft::{Account, Origin};
use crate::remedy::plan::Parts;
use crate::remedy::standing::Standing;
use crate::remedy::{Concern, Hazard, Person, Plan, Scope};
use crate::triage::Confidence;

const COUNTDOWN: u64 = 30;

fn at(second: i64) -> Timestamp {
    Timestamp::from_seconds(1_768_212_000 + second)
}

fn state() -> State {
    let person = Person { name: "Ada".to_owned(), email: String::new() };
    State::new(Options {
        service: "orders".to_owned(),
        person: Person { name: "Grace".to_owned(), email: String::new() },
        read_only: false,
        repro: None,
        tests: None,
        candidates: Vec::new(),
        walls: crate::remedy::advice::Walls::none("nothing runs here"),
        standing: Some(Standing { service: "orders".to_owned(), person, countdown: Duration::from_secs(COUNTDOWN) }),
        build: None,
        theme: "dark".to_owned(),
        themes: vec!["dark".to_owned()],
        zone: TimeZone::UTC,
        size: (80, 24),
        now: at(0),
    })
}

fn plan(level: Hazard, patch: &str) -> Plan {
    let concern = Concern {
        rule: "sql.drop".to_owned(),
        level,
        file: "a.sql".to_owned(),
        line: 1,
        why: "it goes".to_owned(),
        safer: "keep it".to_owned(),
    };
    Plan::new(Parts {
        service: "orders",
        origin: Origin::Rollback,
        scope: Scope::Range,
        account: &Account::default(),
        base: &"b".repeat(40),
        head: &"a".repeat(40),
        parent: &"a".repeat(40),
        tree: &"c".repeat(40),
        patch: patch.to_owned(),
        concerns: if level == Hazard::Green { Vec::new() } else { vec![concern] },
        commits: &[],
        reason: "it fails",
        refs: &[],
        target_branch: None,
        remote: None,
        deploy_command: None,
        push: None,
    })
    .unwrap()
}

fn found(good: bool, other: bool) -> Msg {
    let found = Found {
        deploy: ("v2".to_owned(), at(-600)),
        confirmed: true,
        caused: Some(if good { Confidence::High } else { Confidence::Medium }),
        in_watch: true,
        plan: Some(plan(Hazard::Green, if other { "other" } else { "patch" })),
    };
    Msg::Standing(Box::new(found), Some(SignatureId::from_bytes([7; 16])))
}

#[test]
fn the_key_that_is_shown_stops_it_wherever_one_is() {
    let mut state = state();
    let effects = update(&mut state, found(true, false));
    assert!(matches!(effects.as_slice(), [Effect::Standing(Act::Announce(..))]), "{effects:?}");
    let effects = update(&mut state, Msg::Key(Key::Ctrl('x')));
    assert!(matches!(effects.as_slice(), [Effect::Standing(Act::Stopped(by))] if by == "Grace"), "{effects:?}");
    for second in 1..200 {
        assert!(update(&mut state, Msg::Tick(at(second))).is_empty());
        assert!(update(&mut state, found(true, false)).is_empty());
    }
    // A key that stops nothing says so.
    assert!(update(&mut state, Msg::Key(Key::Ctrl('x'))).is_empty());
    assert!(
        Context::ALL
            .iter()
            .all(|context| { crate::app::keymap::action(*context, Key::Ctrl('x')) == Some(crate::app::Action::Stop) })
    );
}

#[test]
fn word_from_elsewhere_stops_it_and_a_red_plan_never_counts() {
    let mut state = state();
    update(&mut state, found(true, false));
    let effects = update(&mut state, Msg::StopAsked("Lin".to_owned()));
    assert!(matches!(effects.as_slice(), [Effect::Standing(Act::Stopped(by))] if by == "Lin"));
    let mut state = self::state();
    let Msg::Standing(mut red, signature) = found(true, false) else { unreachable!() };
    red.plan = Some(plan(Hazard::Red, "patch"));
    assert!(update(&mut state, Msg::Standing(red, signature)).is_empty());
}

#[derive(Clone, Debug)]
enum Step {
    Second,
    Found(bool, bool),
    Resize(bool),
    Key(Key),
}

fn any_step() -> impl Strategy<Value = Vec<Step>> {
    prop_oneof![
        6 => (1usize..40, any::<bool>()).prop_map(|(n, fresh)| {
            let each = move |_| if fresh { vec![Step::Second, Step::Found(true, false)] } else { vec![Step::Second] };
            (0..n).flat_map(each).collect()
        }),
        2 => (any::<bool>(), any::<bool>()).prop_map(|(good, other)| vec![Step::Found(good, other)]),
        1 => any::<bool>().prop_map(|large| vec![Step::Resize(large)]),
        1 => proptest::sample::select(vec![Key::Ctrl('x'), Key::Esc, Key::Enter, Key::Char('?'), Key::Char('q')])
            .prop_map(|key| vec![Step::Key(key)]),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    /// Whatever happens: it is executed only after the whole countdown was on the screen, unbroken, by what was just
    /// found to hold, and nobody stopped it; and once at most.
    #[test]
    fn nothing_goes_back_by_itself_but_what_everybody_could_see_and_stop(steps in prop::collection::vec(any_step(), 1..30)) {
        let mut state = state();
        let mut now = 0;
        // Since when it was announced without a break, and how often it was executed.
        let (mut since, mut n_executed, mut is_stopped) = (None, 0, false);
        for step in steps.into_iter().flatten() {
            let msg = match step {
                Step::Second => {
                    now += 1;
                    Msg::Tick(at(now))
                }
                Step::Found(good, other) => found(good, other),
                Step::Resize(large) => if large { Msg::Resized(80, 24) } else { Msg::Resized(40, 8) },
                Step::Key(key) => Msg::Key(key),
            };
            for effect in update(&mut state, msg) {
                match effect {
                    Effect::Standing(Act::Announce(..)) => since = Some(now),
                    Effect::Standing(Act::CallOff(_)) => since = None,
                    Effect::Standing(Act::Stopped(_)) => is_stopped = true,
                    Effect::Execute(_, _, approved) => {
                        n_executed += 1;
                        prop_assert!(!is_stopped && state.layout().is_some());
                        prop_assert!(since.is_some_and(|since| now - since >= COUNTDOWN as i64));
                        prop_assert_eq!(approved.plan().level(), Hazard::Green);
                        prop_assert_eq!(&approved.by().name, "Ada");
                    }
                    _ => {}
                }
            }
        }
        prop_assert!(n_executed <= 1);
    }
}
