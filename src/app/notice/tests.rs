use super::*;
use crate::app::FailureKind;

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_seconds(seconds)
}

#[test]
fn a_notice_stays_for_its_weight_and_no_longer() {
    for (weight, stays) in [(Weight::Info, 6), (Weight::Warning, 12), (Weight::Failure, 30)] {
        let mut notices = Notices::default();
        notices.say(weight, "A fact", at(100));
        assert!(!notices.expire(at(100 + stays - 1)));
        assert!(notices.current().is_some());
        assert!(notices.expire(at(100 + stays)));
        assert!(notices.current().is_none());
        assert_eq!(notices.iter().count(), 1, "it is kept for the details");
        let mut notices = Notices::at_speed(30);
        notices.say(weight, "A fact", at(100));
        assert!(!notices.expire(at(100 + 30 * stays - 1)), "a clock that is faster takes nothing from who reads");
        assert!(notices.expire(at(100 + 30 * stays)));
    }
}

#[test]
fn notices_are_bounded() {
    let mut notices = Notices::default();
    for number in 0..1_000 {
        notices.say(Weight::Info, number.to_string(), at(number));
    }
    assert_eq!(notices.iter().count(), KEPT);
    assert_eq!(notices.current().map(|notice| notice.text.as_str()), Some("999"));
}

#[test]
fn a_failure_is_told_with_its_causes_and_what_to_do() {
    let mut failure = Failure::new(FailureKind::External, "cannot read /srv", "Check the path.");
    failure.causes.push("permission denied".to_owned());
    assert_eq!(sentence(&failure), "Cannot read /srv: permission denied. Check the path.");
}
