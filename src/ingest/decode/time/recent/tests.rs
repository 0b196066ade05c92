use jiff::tz::TimeZone;
use proptest::prelude::*;

use super::*;
use crate::ingest::decode::time;

fn context(zone: &str) -> Context {
    Context { zone: TimeZone::get(zone).unwrap(), received: Timestamp::from_seconds(1_796_000_000) }
}

/// Times of the forms that are remembered, and of those that only look so, with what may follow them.
fn written() -> impl Strategy<Value = String> {
    let minute = prop::sample::select(vec![
        "2026-11-24T10:15:",
        "2026-11-24 10:15:",
        "2026-11-24T23:59:",
        "2026/11/24 10:15:",
        "2026/11/24T10:15:",
        "2026-11/24 10:15:",
        "2026-02-30T10:15:",
        "2026-10-25 02:30:",
        "1969-01-01T00:00:",
        "Nov 24 10:15:",
    ]);
    let seconds = prop_oneof![(0..60_u8).prop_map(|n| format!("{n:02}")), Just("60".to_owned()), Just("7".to_owned())];
    let fraction = prop_oneof![Just(String::new()), "[.,:][0-9]{1,10}", Just(".".to_owned())];
    let zone = prop::sample::select(vec![
        "",
        "Z",
        "+01:00",
        "+0100",
        "-07",
        "+99:00",
        " UTC",
        " +0100",
        " EST",
        "+01:00[Europe/Paris]",
    ]);
    let behind = prop::sample::select(vec![
        "", " INFO x", "x", " AM x", " PM", " pm", " am i", " a x", " p", " - x", " -x", " + 7", " -", "7", "] x",
        " -0300 x", " -03", "-x", "[x]", " 2026 x",
    ]);
    (minute, seconds, fraction, zone, behind)
        .prop_map(|(minute, seconds, fraction, zone, behind)| format!("{minute}{seconds}{fraction}{zone}{behind}"))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 20_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_remembered_tells_what_reading_tells(
        texts in prop::collection::vec(written(), 1..12),
        zone in prop::sample::select(vec!["UTC", "Europe/Berlin", "Asia/Kolkata"]),
        length in prop::option::of(0..40_usize),
    ) {
        let context = context(zone);
        let mut recent = Recent::default();
        for text in &texts {
            let read = time::leading(text, &context);
            let n = length.unwrap_or(read.map_or(19, |(_, n)| n));
            let told = read.filter(|(_, length)| *length == n).map(|(time, _)| time);
            prop_assert_eq!(recent.leading(text, n, &context), told, "{} of {}", n, text);
            prop_assert_eq!(recent.whole(text, &context), time::whole(text, &context), "{}", text);
            if let Some(told) = recent.any(text, &context) {
                prop_assert_eq!(Some(told), read, "{}", text);
            }
        }
    }
}
