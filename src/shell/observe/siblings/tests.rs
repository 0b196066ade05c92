use super::*;
use crate::detect::markers::Markers;
use crate::detect::{Deploy, Origin, Settings};
use crate::engine::{Options, Progress, StreamKey};
use crate::ingest::{Limits, Resume};
use crate::units::Timestamp;

const STREAM: StreamKey = StreamKey(0);

fn at(minute: i64) -> Timestamp {
    Timestamp::from_seconds(1_768_212_000 + minute * 60)
}

/// An engine that watched a day, a deploy, and half an hour in which these lines came, each from its minute on.
fn engine(lines: &[(i64, &str)]) -> Engine {
    let mut engine = Engine::new(Options {
        service: "shop".to_owned(),
        limits: Limits::default(),
        settings: Settings::default(),
        quiet_minutes: 60,
        markers: Markers::new(&[]).unwrap(),
    });
    engine.open(STREAM, Progress { at: Resume::default(), last_minute: None, ended: false });
    for minute in -1_440..30 {
        if minute == -30 {
            engine.caught_up();
        }
        if minute == 0 {
            engine.mark(Deploy::new(at(0), "shop", "v2", Origin::Mark));
        }
        let mut text = format!("{} INFO api request {minute} served\n", at(minute));
        for (_, line) in lines.iter().filter(|(from, _)| *from <= minute) {
            text.push_str(&format!("{} {line}\n", at(minute)).repeat(3));
        }
        engine.push(STREAM, text.as_bytes(), at(minute + 1));
        engine.expire(at(minute + 1));
        if minute >= -30 {
            engine.observe(at(minute + 1));
            engine.judge(at(minute + 1));
        }
    }
    engine
}

/// What is told beside the signature whose template holds this text.
fn told(engine: &Engine, text: &str) -> Vec<String> {
    let (_, judgement) = engine.judgements().last().unwrap();
    let index = judgement
        .assessments
        .iter()
        .filter_map(|found| found.signature)
        .find(|index| engine.catalog().get(*index).is_some_and(|known| known.template.contains(text)));
    of(engine, judgement, index.unwrap()).into_iter().map(|symptom| symptom.message).collect()
}

#[test]
fn errors_of_the_same_moment_are_told_and_no_others() {
    let engine = engine(&[
        (5, "ERROR orders: cannot parse quantity"),
        (5, "ERROR mail: no order to confirm"),
        (5, "INFO orders: quantity was read twice"),
        (20, "ERROR stock: warehouse does not answer"),
        (-1_000, "ERROR crm: import stopped"),
    ]);
    let told = told(&engine, "cannot parse quantity");
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told[0].contains("no order to confirm"), "{told:?}");
}
