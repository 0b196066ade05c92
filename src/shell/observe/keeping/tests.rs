use super::*;

#[test]
fn storing_takes_a_tenth_of_the_time_at_most() {
    let mut pace = Pace::default();
    let began = Instant::now();
    let after = |millis: u64| began + Duration::from_millis(millis);
    assert!(pace.is_due(began));
    pace.note(began, after(300));
    assert!(!pace.is_due(after(2_999)) && pace.is_due(after(3_000)));
    pace.note(began, after(60_000));
    assert!(!pace.is_due(after(9_999)) && pace.is_due(after(10_000)));
}
