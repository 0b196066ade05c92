use jiff::tz::TimeZone;

use super::*;

fn context(zone: &str, received: &str) -> Context {
    Context { zone: TimeZone::get(zone).unwrap(), received: received.parse().unwrap() }
}

/// `expected` is the time and the rest of the text behind it.
#[track_caller]
fn check(text: &str, expected: &str, rest: &str) {
    check_in(&context("UTC", "2026-11-24T10:00:00Z"), text, expected, rest);
}

#[track_caller]
fn check_in(context: &Context, text: &str, expected: &str, rest: &str) {
    let (time, n) = leading(text, context).unwrap_or_else(|| panic!("no time in {text:?}"));
    assert_eq!(jiff::Timestamp::from_microsecond(time.micros()).unwrap().to_string(), expected, "{text}");
    assert_eq!(&text[n..], rest, "{text}");
}

#[track_caller]
fn refuse(text: &str) {
    let found = leading(text, &context("UTC", "2026-11-24T10:00:00Z"));
    assert!(found.is_none(), "{text:?} gave {found:?}");
}

#[test]
fn iso_times_of_every_precision_and_zone_are_read() {
    check("2026-01-02T15:04:05Z rest", "2026-01-02T15:04:05Z", " rest");
    check("2026-01-02T15:04:05.123456789Z", "2026-01-02T15:04:05.123456Z", "");
    check("2026-01-02 15:04:05,123 rest", "2026-01-02T15:04:05.123Z", " rest");
    check("2026-01-02 15:04:05.1+02:00]", "2026-01-02T13:04:05.1Z", "]");
    check("2026-01-02 15:04:05 -0700 x", "2026-01-02T22:04:05Z", " x");
    check("2026-01-02T15:04:05+01", "2026-01-02T14:04:05Z", "");
    check("2026-01-02 15:04:05.123 CET [12]", "2026-01-02T14:04:05.123Z", " [12]");
    check("2026-01-02 15:04:05 WARN x", "2026-01-02T15:04:05Z", " WARN x");
    check("2026-01-02 15:04 x", "2026-01-02T15:04:00Z", " x");
    check("20260102T150405Z x", "2026-01-02T15:04:05Z", " x");
    check("2026-01-02T15:04:05+01:00[Europe/Paris] x", "2026-01-02T14:04:05Z", " x");
    check("2026-06-30T23:59:60Z x", "2026-06-30T23:59:59Z", " x");
}

#[test]
fn the_other_written_forms_are_read() {
    check("02/Jan/2026:15:04:05 -0700] x", "2026-01-02T22:04:05Z", "] x");
    check("2026/01/02 15:04:05.000001 x", "2026-01-02T15:04:05.000001Z", " x");
    check("2026/01/02 - 15:04:05 | x", "2026-01-02T15:04:05Z", " | x");
    check("Fri Jan 02 15:04:05 2026] x", "2026-01-02T15:04:05Z", "] x");
    check("Fri Jan 02 15:04:05.902022 2026", "2026-01-02T15:04:05.902022Z", "");
    check("Fri Jan  2 15:04:05 UTC 2026 x", "2026-01-02T15:04:05Z", " x");
    check("Fri, 02 Jan 2026 15:04:05 +0100", "2026-01-02T14:04:05Z", "");
    check("02 Jan 2026 15:04:05.123 * x", "2026-01-02T15:04:05.123Z", " * x");
    check("02-Jan-2026 15:04:05.123 x", "2026-01-02T15:04:05.123Z", " x");
    check("Jan 02, 2026 3:04:05 PM com.x", "2026-01-02T15:04:05Z", " com.x");
    check("01/02/2026 15:04:05 x", "2026-01-02T15:04:05Z", " x");
    check("13/02/2026 15:04:05 x", "2026-02-13T15:04:05Z", " x");
    check("02.01.2026 15:04:05 x", "2026-01-02T15:04:05Z", " x");
    check("26/01/02 15:04:05 x", "2026-01-02T15:04:05Z", " x");
    check("260102 15:04:05 x", "2026-01-02T15:04:05Z", " x");
    check("260102 150405 x", "2026-01-02T15:04:05Z", " x");
    check("20260102-15:04:05:123|x", "2026-01-02T15:04:05.123Z", "|x");
    check("20260102-15:04:05:7|x", "2026-01-02T15:04:05.007Z", "|x");
    check("20260102-15:04:05:1234|x", "2026-01-02T15:04:05Z", ":1234|x");
}

#[test]
fn epoch_times_are_told_apart_by_their_digits() {
    check("1767366245 x", "2026-01-02T15:04:05Z", " x");
    check("1767366245.250 x", "2026-01-02T15:04:05.25Z", " x");
    check("1767366245123 x", "2026-01-02T15:04:05.123Z", " x");
    check("1767366245123456 x", "2026-01-02T15:04:05.123456Z", " x");
    check("1767366245123456789 x", "2026-01-02T15:04:05.123456Z", " x");
    assert_eq!(epoch("1.767366245e9"), epoch("1767366245"));
    assert_eq!(epoch("17"), None);
}

#[test]
fn a_missing_year_is_the_one_that_is_never_more_than_a_day_ahead() {
    let context = context("UTC", "2026-01-01T00:30:00Z");
    check_in(&context, "Dec 31 23:59:58 x", "2025-12-31T23:59:58Z", " x");
    check_in(&context, "Jan  1 00:29:00 x", "2026-01-01T00:29:00Z", " x");
    check_in(&context, "Jan  1 23:00:00 x", "2026-01-01T23:00:00Z", " x");
    check_in(&context, "Jan  3 00:00:00 x", "2025-01-03T00:00:00Z", " x");
    check_in(&context, "Feb 29 12:00:00 x", "2024-02-29T12:00:00Z", " x");
    let eve = self::context("UTC", "2025-12-31T23:59:00Z");
    check_in(&eve, "Jan  1 00:00:10 x", "2026-01-01T00:00:10Z", " x");
}

#[test]
fn a_time_without_a_date_is_of_today_or_yesterday() {
    let context = context("UTC", "2026-01-02T00:30:00Z");
    check_in(&context, "00:29:59.5 x", "2026-01-02T00:29:59.5Z", " x");
    check_in(&context, "23:59:59 x", "2026-01-01T23:59:59Z", " x");
}

#[test]
fn a_missing_zone_is_the_configured_one_through_gaps_and_folds() {
    let berlin = context("Europe/Berlin", "2026-11-24T10:00:00Z");
    check_in(&berlin, "2026-07-01 12:00:00 x", "2026-07-01T10:00:00Z", " x");
    check_in(&berlin, "2026-03-29 02:30:00 x", "2026-03-29T01:30:00Z", " x");
    check_in(&berlin, "2026-10-25 02:30:00 x", "2026-10-25T00:30:00Z", " x");
    check_in(&berlin, "2026-07-01 12:00:00Z x", "2026-07-01T12:00:00Z", " x");
}

#[test]
fn what_only_resembles_a_time_is_none() {
    for text in [
        "2026-13-01 10:00:00",
        "2026-02-30 10:00:00",
        "2026-01-02",
        "10.0.4.7:5432 refused",
        "1234567 items",
        "3 items",
        "Mayday 12 x",
        "Jan 32 10:00:00",
        "25:00:00",
        "12:60:00",
        "Market 12 10:00:00",
        "1700000000x",
        "",
        "-",
        "127.0.0.1 - - x",
    ] {
        refuse(text);
    }
}
