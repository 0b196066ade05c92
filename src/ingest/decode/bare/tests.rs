use proptest::prelude::*;

use super::*;
use crate::ingest::decode::{Context, Header, Reading, Record, read};
use crate::units::Timestamp;

#[track_caller]
fn check(text: &str) -> bool {
    let Some(plain) = Plain::of(text.as_bytes()) else { return false };
    let context = Context { zone: jiff::tz::TimeZone::UTC, received: Timestamp::from_seconds(1_800_000_000) };
    let is_bare = is_bare(&plain);
    if is_bare {
        let expected = Record::bare(text);
        let found = match read(text, &context) {
            Reading::Glance(glance) => glance.into_record(),
            Reading::Record(record) => record,
        };
        assert_eq!(found, expected, "{text}");
        assert_eq!(found.header, Header::None);
    }
    is_bare
}

#[test]
fn sentences_are_bare_and_headers_are_not() {
    for text in [
        "connection from 82.252.138.60 (lns-vlq-60.example.net) at Sun Jul 10",
        "authentication failure; logname= uid=0 euid=0 tty=ssh ruser= rhost=10.0.0.1",
        "Failed password for root from 10.0.0.1 port 22 ssh2",
        "(root) CMD (run-parts /etc/cron.hourly)",
        "input_userauth_request: invalid user webmaster [preauth]",
        "pam_unix(sshd:auth): check pass; user unknown",
        "17 orders are left",
    ] {
        assert!(check(text), "{text}");
    }
    for text in [
        "",
        "ERROR it broke",
        "level=info msg=ok",
        "web-1 | hello",
        "Jan 12 10:00:00 combo app: x",
        "E0102 15:04:05.123456 7 file.go:12] x",
        "fail: Company.Class[0]",
        "api-1 2026-01-02T15:04:05Z x",
        "[x] y",
        "GET /orders/17 500 12.345 ms - 512",
        "12 jan 2026 10:00:00 x",
        "7 error: it broke",
        "host - - [12/Jan/2026:10:00:00 +0000] \"GET / HTTP/1.1\" 200 1",
    ] {
        assert!(!check(text), "{text}");
    }
}

fn text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        "[a-zA-Z]{1,9}",
        "[a-z]{1,5}[_./@$#:=(\\[-][a-z0-9]{1,5}",
        Just("2026-01-02T15:04:05Z".to_owned()),
        Just("Jan 12 10:00:00".to_owned()),
        Just("[12/Jan/2026:10:00:00 +0000] \"GET / HTTP/1.1\" 200 1".to_owned()),
        "(GET|POST|TRACE) /[a-z]{1,4} [0-9]{3} ([0-9]{1,2}|-) ms",
        "(ERROR|error|WARN|info|I|E0102|fail|crit|Log|PHP|Mon|May|level|msg)[:,;.|=\\[ -]{0,2}",
        "[0-9]{1,10}",
        "[ -~]{1,6}",
    ];
    let number = prop_oneof![4 => Just(String::new()), 1 => "[0-9]{1,4} "];
    (number, prop::collection::vec(piece, 1..7), "[ ]{1,2}")
        .prop_map(|(number, pieces, blank)| format!("{number}{}", pieces.join(&blank)))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(6000))]

    #[test]
    fn what_is_bare_reads_as_a_plain_message(text in text()) {
        check(&text);
    }
}
