use jiff::tz::TimeZone;
use proptest::prelude::*;

use super::*;
use crate::ingest::decode::time;

fn written() -> impl Strategy<Value = (String, usize, usize)> {
    let behind = prop_oneof![
        Just(" host app: x"),
        Just("] \"GET"),
        Just(" PM x"),
        Just(" UTC x"),
        Just(" 2026 x"),
        Just(" +0100 x"),
        Just(".123 x"),
        Just(""),
        Just(" amber x"),
        Just(" Alpha x"),
        Just(" CET"),
        Just(" am"),
        Just("[x")
    ];
    let classic =
        (1..13_usize, 1..32_u32, 10..12_u32, 0..3_u32, 0..61_u32).prop_map(|(month, day, hour, minute, second)| {
            let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
            (format!("{} {day:>2} {hour}:{minute:02}:{second:02}", months[month - 1]), 13)
        });
    let access = (1..3_u32, 0..3_u32, 0..61_u32, prop_oneof![Just("+0000"), Just("-0730"), Just("+9900")])
        .prop_map(|(day, minute, second, zone)| (format!("{day:02}/Mar/2026:02:{minute:02}:{second:02} {zone}"), 18));
    let front = prop_oneof![classic, access];
    (front, behind).prop_map(|((front, at), behind)| (format!("{front}{behind}"), front.len(), at))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    /// Whatever was read before.
    #[test]
    fn a_remembered_minute_says_what_reading_says(texts in prop::collection::vec(written(), 1..40), zone in 0..3_usize) {
        let zone = [TimeZone::UTC, TimeZone::get("Europe/Berlin").unwrap(), TimeZone::get("America/New_York").unwrap()]
            [zone].clone();
        let mut minute = Minute::default();
        for (n, (text, length, seconds_at)) in texts.iter().enumerate() {
            // Around the end of a year, where the year of a time that names none changes.
            let received = Timestamp::from_seconds(1_798_761_000 + (n as i64 / 9) * 600);
            let context = Context { zone: zone.clone(), received };
            let read = time::leading(text, &context).filter(|(_, n)| n == length).map(|(time, _)| time);
            prop_assert_eq!(minute.leading(text, *length, *seconds_at, &context), read, "{}", text);
            prop_assert_eq!(minute.leading(text, *length, *seconds_at, &context), read, "{}", text);
        }
    }
}
