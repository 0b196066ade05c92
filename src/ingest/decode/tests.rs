use proptest::prelude::*;

use super::*;

/// Lines of every format, and what is read from them.
const FORMATS: &str = include_str!("../../../tests/data/decode/formats.txt");

fn context() -> Context {
    Context { zone: TimeZone::UTC, received: Timestamp::from_seconds(1_796_000_000) }
}

fn read(line: &str) -> Record {
    decode(line.as_bytes(), &context())
}

/// A record on one line: what it is, when, how bad, by whom; marks; what was said; the fields.
fn described(record: &Record) -> String {
    let time = record.time.map_or("-".to_owned(), |time| time.to_string());
    let level = record.level.map_or("-", Level::word);
    let component = record.component.as_deref().unwrap_or("-");
    let marks =
        [(record.malformed, " malformed"), (record.awaits_message, " awaits"), (record.indent > 0, " indented")];
    let marks: String = marks.iter().filter(|(is_set, _)| *is_set).map(|(_, mark)| *mark).collect();
    let fields: Vec<String> = record.fields.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let carrier = if record.carrier.is_empty() { String::new() } else { format!(" via {:?}", record.carrier) };
    let shown = format!(
        "{:?} {time} {level} {component}{marks}{carrier} | {} | {}",
        record.format,
        record.message,
        fields.join(" ")
    );
    shown.trim_end().to_owned()
}

#[test]
fn every_format_is_read_as_the_file_says() {
    let mut faults = Vec::new();
    let mut is_moved = false;
    let mut lines = FORMATS.lines().peekable();
    let recorded: u32 = lines.next().and_then(|first| first.strip_prefix("Reading ")?.parse().ok()).unwrap();
    let mut blessed = format!("Reading {READING}\n");
    while let Some(line) = lines.next() {
        blessed.push_str(&format!("{line}\n"));
        let Some(raw) = line.strip_prefix("< ").or_else(|| (line == "<").then_some("")) else { continue };
        let expected = lines.next_if(|next| next.starts_with("> ")).unwrap_or_default();
        let actual = format!("> {}", described(&read(raw)));
        blessed.push_str(&format!("{actual}\n"));
        if actual != expected {
            let message = |described: &str| described.split(" | ").nth(1).map(str::to_owned);
            is_moved |= !expected.is_empty() && message(&actual) != message(expected);
            faults.push(format!("{raw}\n  {actual}\n  {expected}"));
        }
    }
    assert!(!is_moved || recorded < READING, "a message changed: step READING\n{}", faults.join("\n"));
    if std::env::var_os("BLESS").is_some() {
        std::fs::write("tests/data/decode/formats.txt", blessed).unwrap();
    }
    assert!(faults.is_empty() && recorded == READING, "{}", faults.join("\n"));
}

#[test]
fn a_missing_zone_is_the_configured_one() {
    let zone = TimeZone::get("America/New_York").unwrap();
    let context = Context { zone, ..context() };
    let hour = |line: &str| decode(line.as_bytes(), &context).time.unwrap().to_string();
    assert_eq!(hour("2026-01-12 10:00:00 INFO x"), "2026-01-12T15:00:00Z");
    assert_eq!(hour("2026-01-12T10:00:00Z INFO x"), "2026-01-12T10:00:00Z");
    assert_eq!(hour("Jan 12 10:00:00 host app[1]: x"), "2026-01-12T15:00:00Z");
}

#[test]
fn bytes_that_are_no_text_are_replaced_and_said() {
    let record = decode(b"2026-01-12 10:00:00 INFO caf\xe9 closed", &context());
    assert_eq!((record.message.as_str(), record.not_utf8), ("caf\u{fffd} closed", true));
    let utf16: Vec<u8> = "ERROR x".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let record = decode(&utf16, &context());
    assert_eq!((record.message.as_str(), record.level, record.not_utf8), ("x", Some(Level::Error), false));
}

proptest! {
    #[test]
    fn any_line_is_read(line in prop::collection::vec(any::<u8>(), 0..200)) {
        let record = decode(&line, &context());
        prop_assert!(!record.message.contains('\0'));
    }

    #[test]
    fn a_line_put_together_of_headers_is_read(line in "(2026-11-24T10:00:00Z |Nov 24 10:00:00 |<13>|\\[|\\]|\\{\"|\":|\"\\}|level=|ERROR |: |host |app\\[1\\]|stdout F |pod/|\\| |[a-z0-9 ]){0,20}") {
        let record = decode(line.as_bytes(), &context());
        prop_assert!(record.message.len() <= line.len() * 2 + 16);
    }
}

#[test]
fn a_route_is_what_requests_of_one_endpoint_share() {
    for (path, route) in [
        ("/orders/12/items/9?x=1", "/orders/*/items/*"),
        ("http://example.com:80/api/v1/users/ann@example.com", "/api/v1/users/*"),
        ("http://example.com", "/"),
        ("/", "/"),
        ("*", "*"),
        ("/files/a%20b#top", "/files/*"),
        ("/6f1c0b5e-0000-4000-8000-000000000000/", "/*/"),
    ] {
        assert_eq!(access::route(path), route, "{path}");
    }
}

/// What indented lines may be made of, a header included.
const WORDS: [&str; 28] = [
    "at",
    "com.a.B.c(C.java:17)",
    "raise",
    "return",
    "order",
    "info",
    "info:",
    "warn:",
    "error",
    "ERROR",
    "ERROR:",
    "File",
    "\"a.py\",",
    "2026-11-24",
    "10:00:00",
    "2026-11-24T10:00:00Z",
    "Nov",
    "mon",
    "may",
    "17",
    "level=info",
    "a[17]",
    "X[0]",
    "[main]",
    "-",
    "|",
    ">",
    "fatal error:",
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 20_000, failure_persistence: None, ..ProptestConfig::default() })]

    /// The short way of indented lines comes to what every other reader of them comes to.
    #[test]
    fn an_indented_line_is_read_as_any_other(
        indent in "[ \t]{1,6}",
        words in prop::collection::vec(prop::sample::select(WORDS.to_vec()), 1..8),
        joint in prop::sample::select(vec![" ", " ", "  ", "\t"]),
        end in prop::sample::select(vec!["", " ", "\t{\"a\":1}"]),
    ) {
        let text = format!("{indent}{}{end}", words.join(joint));
        if let Some(glance) = indented(&text) {
            let context = context();
            prop_assert_eq!(windows::read(&text, &context), None);
            prop_assert_eq!(database::general(&text, &context), None);
            prop_assert_eq!(glance.into_record(), plain::read(&text, &context, WRAPPERS - 1), "{:?}", text);
        }
    }
}

#[test]
fn most_indented_lines_of_traces_take_the_short_way() {
    for text in ["\tat com.a.B.c(C.java:17)", "  File \"a.py\", line 17, in run", "    raise Error(17)"] {
        assert!(indented(text).is_some(), "{text}");
    }
}
