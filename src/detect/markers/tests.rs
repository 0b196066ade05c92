use proptest::prelude::*;

use super::*;

#[track_caller]
fn check(message: &str, version: &str, revision: Option<&str>) {
    let markers = Markers::new(&[]).expect("valid");
    let expected = Marker { version: version.to_owned(), revision: revision.map(str::to_owned) };
    assert_eq!(markers.read_text(message), Some(expected), "{message}");
}

#[test]
fn lines_that_name_a_version_are_read() {
    check("deployed version v1.8.2", "v1.8.2", None);
    check("Deployed api v2.4.0 to production", "v2.4.0", None);
    check("rolled out release 2026.11.24", "2026.11.24", None);
    check("starting orders version=v1.8.2 revision=0123456789abcdef0123", "v1.8.2", Some("0123456789abcdef0123"));
    check("Starting api v1.8.2", "v1.8.2", None);
    check("Started OrdersApplication v2.4.0-SNAPSHOT using Java 21", "v2.4.0-SNAPSHOT", None);
    check("release abc1234f live", "abc1234f", Some("abc1234f"));
    check("starting worker revision=deadbeef01", "deadbeef01", Some("deadbeef01"));
    check("Promoted image \"v7\" to live", "v7", None);
}

#[test]
fn lines_that_name_none_are_no_markers() {
    let markers = Markers::new(&[]).expect("valid");
    for message in [
        "request served, version v1.8.2",
        "started job 17",
        "starting 4 workers",
        "deploy failed",
        "connection 10.0.0.1 started",
    ] {
        assert_eq!(markers.read_text(message), None, "{message}");
    }
}

#[test]
fn amounts_and_addresses_behind_released_are_no_versions() {
    let markers = Markers::new(&[]).expect("valid");
    for message in [
        "released lock 4711 after 3.5 ms",
        "Released 12.25MB of cache",
        "promoted entries in 0.25s",
        "connection released to 10.0.0.1:5432",
        "lease of 192.168.0.17 released, 10.0.0.3 offered",
        "rolled out 99.5% of the fleet",
        "released at 12:00:01.123",
        "released 3 locks in 4.25",
    ] {
        assert_eq!(markers.read_text(message), None, "{message}");
    }
    check("Deployed orders 2.4", "2.4", None);
    check("deployed registry.local/orders:2.4.0", "2.4.0", None);
    check("Deployed version 10.0.0.1 of api", "10.0.0.1", None);
    check("rolled out orders 2.4.0 in 35 s", "2.4.0", None);
    check("Deployed orders at 2.4.0", "2.4.0", None);
}

#[test]
fn a_configured_pattern_must_capture_something() {
    assert!(matches!(Markers::new(&["(".to_owned()]), Err(MarkerError::Unreadable(..))));
    assert!(matches!(Markers::new(&["live".to_owned()]), Err(MarkerError::CapturesNothing(_))));
    let markers = Markers::new(&[r"now at (?<revision>[a-z]+\d)".to_owned()]).expect("valid");
    assert_eq!(markers.read_text("now at alpha7").map(|marker| marker.version), Some("alpha7".to_owned()));
}

#[test]
fn a_field_that_tells_of_a_version_in_many_words_names_none() {
    let at = Timestamp::from_seconds(1_796_000_000);
    let named = |value: &str| {
        let mut starting = event("Starting server");
        starting.fields = vec![("version".to_owned(), value.to_owned())];
        let mut markers = Markers::new(&[]).expect("valid");
        markers.recall("v1", None, at);
        markers.observe(&starting, at).map(|marker| marker.version)
    };
    assert_eq!(named("2.42.0+ds-5"), Some("2.42.0+ds-5".to_owned()));
    assert_eq!(named("(version=2.42.0+ds, branch=debian/sid, revision=2.42.0)"), None);
    assert_eq!(named("-"), None);
}

fn event(message: &str) -> Event {
    Event {
        time: None,
        level: None,
        component: None,
        message: message.to_owned(),
        fields: Vec::new(),
        trace: None,
        text: message.to_owned(),
        n_lines: 1,
        signature: crate::ingest::signature::of_message(message),
        end: 0,
    }
}

#[test]
fn only_another_version_than_before_is_a_deploy() {
    let mut markers = Markers::new(&[]).expect("valid");
    let mut see = |second: i64, message: &str| {
        markers.observe(&event(message), Timestamp::from_seconds(second)).map(|marker| marker.version)
    };
    assert_eq!(see(10, "starting api version=v1.0.0"), None, "the first ever");
    assert_eq!(see(20, "starting api version=v1.0.0"), None, "a restart");
    assert_eq!(see(30, "starting api version=v1.1.0"), Some("v1.1.0".to_owned()));
    assert_eq!(see(25, "starting api version=v1.0.0"), None, "late");
    assert_eq!(see(40, "starting api version=v1.0.0"), Some("v1.0.0".to_owned()), "a rollback");
}

proptest! {
    /// No text makes it panic, and what it captures comes from the text.
    #[test]
    fn any_text_is_read(message in "(deployed|starting|release)?[ \\PC]{0,60}(v[0-9.]{1,6})?[ \\PC]{0,20}") {
        let markers = Markers::new(&[]).expect("valid");
        if let Some(marker) = markers.read_text(&message) {
            prop_assert!(message.contains(&marker.version));
        }
    }
}
