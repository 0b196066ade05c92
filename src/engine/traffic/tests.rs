use super::*;
use crate::detect::markers::Markers;
use crate::detect::{Deploy, Kind, Origin, Settings};
use crate::engine::{Options, Progress};
use crate::ingest::{Limits, Resume};
use crate::units::Minute;

const ACCESS: StreamKey = StreamKey(1);
const APP: StreamKey = StreamKey(2);

/// 2026-01-12T10:00Z.
const ZERO: Minute = Minute::from_number(29_470_200);

fn at(minute: i32) -> Timestamp {
    ZERO.plus(minute).start()
}

fn engine() -> Engine {
    Engine::new(Options {
        service: "orders".to_owned(),
        limits: Limits::default(),
        settings: Settings::default(),
        quiet_minutes: 60,
        markers: Markers::new(&[]).unwrap(),
    })
}

/// Ten hours of errors and requests, both four times as many from a deploy on; what the engine finds of the errors.
fn finding(traffic: Option<&str>, request: &str) -> Option<Kind> {
    let mut engine = engine();
    engine.set_traffic(traffic.map(|text| text.parse().unwrap()));
    for key in [ACCESS, APP] {
        engine.open(key, Progress { at: Resume::default(), last_minute: None, ended: false });
    }
    engine.carries_traffic(ACCESS);
    for minute in -600..40 {
        let busy = if minute >= 0 { 4 } else { 1 };
        let requests = format!("{{\"time\":\"{}\",{request}}}\n", at(minute)).repeat(60 * busy);
        let errors = format!("{} ERROR payment: gateway declined order\n", at(minute)).repeat(busy);
        engine.push(ACCESS, requests.as_bytes(), at(minute + 1));
        engine.push(APP, errors.as_bytes(), at(minute + 1));
    }
    engine.end(ACCESS, at(40));
    engine.end(APP, at(40));
    engine.mark(Deploy::new(at(0), "orders", "v2", Origin::Mark));
    engine.judge(at(40));
    let (_, judgement) = engine.judgements().next().unwrap();
    let of = |index: SignatureIndex| engine.catalog().get(index).unwrap().template.contains("declined");
    let found = judgement.assessments.iter().find(|it| it.signature.is_some_and(of)).unwrap();
    found.finding.filter(|_| found.is_listed()).map(|finding| finding.kind)
}

/// What was read before a counter was named is not counted again, and both the list of sources and `?` say so.
#[test]
fn a_counter_that_is_named_too_late_says_so() {
    let mut engine = engine();
    engine.open(APP, Progress { at: Resume::default(), last_minute: None, ended: false });
    for minute in -600..20 {
        if minute == -60 {
            engine.set_traffic(Some("field route".parse().unwrap()));
        }
        let line = format!("{{\"time\":\"{}\",\"level\":\"warn\",\"msg\":\"slow\",\"route\":\"/a\"}}\n", at(minute));
        engine.push(APP, line.as_bytes(), at(minute + 1));
        if minute == 0 {
            engine.mark(Deploy::new(at(0), "orders", "v2", Origin::Mark));
        }
    }
    engine.judge(at(20));
    let why = engine.why_no_traffic(at(0)).unwrap();
    assert!(why.starts_with("field route: counted only since 2026-01-12T08:59"), "{why}");
    let id = crate::ingest::signature::of_message("slow").id;
    let explained = engine.focused(id, at(20)).unwrap().explanation;
    assert!(explained.contains(&("traffic", why.clone())), "{explained:?}");
    assert_eq!(engine.snapshot(at(20), &[], 0, 0).intake.no_traffic, Some(why));
    assert_eq!(engine.why_no_traffic(at(400)), None, "six hours later it is known what is usual");
}

/// Four times the requests explain four times the errors, however requests are counted.
#[test]
fn traffic_is_counted_by_field_by_sum_and_by_source() {
    let request = r#""level":"info","msg":"served","http":{"method":"GET"},"served":1"#;
    assert_eq!(finding(None, request), Some(Kind::Rise));
    for traffic in ["field http.method", "sum served", "source access.log"] {
        assert_eq!(finding(Some(traffic), request), None, "{traffic}");
    }
    assert_eq!(finding(Some("field http.route"), request), Some(Kind::Rise), "a field that no event has");
}

#[test]
fn traffic_is_written_as_it_is_read() {
    for text in ["field http.method", "sum served", "source access.log", "s6:0123456789abcdef0123456789abcdef"] {
        assert_eq!(text.parse::<Traffic>().unwrap().to_string(), text);
    }
    for text in ["requests", "field ", "sums x", ""] {
        assert!(text.parse::<Traffic>().is_err(), "{text:?}");
    }
}

/// The counter keeps its name when the rules of signatures change, and is no signature of theirs.
#[test]
fn a_counter_is_told_from_signatures() {
    let field: Traffic = "field http.method".parse().unwrap();
    let other: Traffic = "sum http.method".parse().unwrap();
    assert!(field.signature().id.is_counter() && other.signature().id.is_counter());
    assert_ne!(field.signature().id, other.signature().id);
    assert!(!crate::ingest::signature::of_message("served 4711").id.is_counter());
}
