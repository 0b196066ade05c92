use proptest::prelude::*;

use super::*;
use crate::remedy::plan::tests::plan as red_plan;

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_seconds(seconds)
}

fn green() -> Plan {
    let mut plan = red_plan();
    plan.concerns.clear();
    plan
}

fn standing() -> Standing {
    let person = Person { name: "Ada".to_owned(), email: "ada@example.org".to_owned() };
    Standing { service: "checkout".to_owned(), person, countdown: Duration::from_secs(60) }
}

fn found() -> Found {
    Found {
        deploy: ("v2".to_owned(), at(0)),
        confirmed: true,
        caused: Some(Confidence::High),
        in_watch: true,
        plan: Some(green()),
    }
}

#[test]
fn it_is_announced_and_done_once_after_the_countdown() {
    let mut countdown = Countdown::new(standing());
    assert_eq!(countdown.observe(at(100), &found()), Some(Act::Announce(green().digest(), at(160))));
    assert_eq!(countdown.observe(at(159), &found()), None);
    let Some(Act::Execute(approved)) = countdown.observe(at(160), &found()) else { panic!("it is not done") };
    assert_eq!((approved.digest(), approved.by().name.as_str()), (green().digest(), "Ada"));
    assert_eq!(countdown.observe(at(161), &found()), None);
    assert!(!countdown.is_open_for(&found().deploy));
}

#[test]
fn anyone_can_stop_it_and_it_does_not_start_again_for_the_deploy() {
    let mut countdown = Countdown::new(standing());
    countdown.observe(at(100), &found());
    assert_eq!(countdown.stop("Grace"), Some(Act::Stopped("Grace".to_owned())));
    assert_eq!(countdown.stop("Grace"), None);
    assert_eq!(countdown.observe(at(500), &found()), None);
    let next = Found { deploy: ("v3".to_owned(), at(400)), ..found() };
    assert!(matches!(countdown.observe(at(500), &next), Some(Act::Announce(..))));
}

#[test]
fn a_condition_that_fails_calls_it_off() {
    let amber = {
        let mut plan = red_plan();
        plan.concerns[0].level = Hazard::Amber;
        plan
    };
    let other = Plan { message: "other".to_owned(), ..green() };
    let hunks = Plan { scope: crate::remedy::Scope::Hunks(Vec::new()), ..green() };
    let elsewhere = Plan { service: "search".to_owned(), ..green() };
    let lapses = [
        (Found { confirmed: false, ..found() }, Lapse::NotConfirmed),
        (Found { caused: Some(Confidence::Medium), ..found() }, Lapse::NotSure),
        (Found { caused: None, ..found() }, Lapse::NotSure),
        (Found { in_watch: false, ..found() }, Lapse::Over),
        (Found { plan: None, ..found() }, Lapse::NoPlan),
        (Found { plan: Some(red_plan()), ..found() }, Lapse::NotGreen),
        (Found { plan: Some(amber), ..found() }, Lapse::NotGreen),
        (Found { plan: Some(hunks), ..found() }, Lapse::NotGreen),
        (Found { plan: Some(elsewhere), ..found() }, Lapse::NotGreen),
        (Found { plan: Some(other), ..found() }, Lapse::OtherPlan),
    ];
    for (then, lapse) in lapses {
        let mut countdown = Countdown::new(standing());
        assert!(matches!(countdown.observe(at(100), &found()), Some(Act::Announce(..))));
        assert_eq!(countdown.observe(at(160), &then), Some(Act::CallOff(lapse)));
        assert_eq!(countdown.until(), None);
    }
}

#[test]
fn the_digest_covers_who_allowed_what() {
    let mut other = standing();
    other.person.name = "Grace".to_owned();
    assert_ne!(other.digest(), standing().digest());
    assert_ne!(Standing { countdown: Duration::from_secs(61), ..standing() }.digest(), standing().digest());
    assert_ne!(Standing { service: "search".to_owned(), ..standing() }.digest(), standing().digest());
}

proptest! {
    /// Whatever is seen in whatever order: nothing is done that was not announced, with every condition held at
    /// every look from there to the end of the countdown, and nothing after somebody stopped it.
    #[test]
    fn nothing_is_done_unannounced(steps in prop::collection::vec((0_u8..7, 1_i64..90), 1..60)) {
        let mut countdown = Countdown::new(standing());
        let mut now = 1_000;
        let mut announced: Option<(Digest, i64)> = None;
        let mut stopped = false;
        for (what, passes) in steps {
            now += passes;
            let seen = match what {
                0 => Found { confirmed: false, ..found() },
                1 => Found { caused: Some(Confidence::Medium), ..found() },
                2 => Found { plan: Some(red_plan()), ..found() },
                3 => { stopped |= countdown.stop("x").is_some(); continue },
                _ => found(),
            };
            match countdown.observe(at(now), &seen) {
                Some(Act::Announce(digest, until)) => {
                    prop_assert!(!stopped);
                    announced = Some((digest, until.seconds()));
                }
                Some(Act::CallOff(_)) => announced = None,
                Some(Act::Execute(approved)) => {
                    let (digest, until) = announced.take().expect("it was announced");
                    prop_assert!(!stopped && now >= until && what >= 4);
                    prop_assert_eq!(approved.digest(), digest);
                }
                Some(Act::Stopped(_)) => prop_assert!(false, "nobody stopped it here"),
                None => {}
            }
        }
    }
}
