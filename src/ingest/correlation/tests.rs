use proptest::prelude::*;

use super::*;
use crate::ingest::signature;

fn event(message: &str, fields: &[(&str, &str)]) -> Event {
    let pair = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    Event {
        time: None,
        level: None,
        component: None,
        message: message.to_owned(),
        fields: fields.iter().map(pair).collect(),
        trace: None,
        text: message.to_owned(),
        n_lines: 1,
        signature: signature::of_message(message),
        end: 0,
    }
}

fn key(message: &str) -> Option<CorrelationKey> {
    correlation(&event(message, &[]))
}

#[track_caller]
fn same(one: &str, other: &str) {
    assert!(key(one).is_some(), "{one:?} has no key");
    assert_eq!(key(one), key(other), "{one:?}, {other:?}");
}

#[test]
fn the_same_work_has_the_same_key_however_it_is_written() {
    same("job 8841 started", "finished job #8841 in 12 ms");
    same("request_id=a1b2 accepted", "done, req: a1b2");
    same("request id: a1b2 accepted", "X-Request-Id=A1B2");
    same("begin 7b0d1c1e-3a5f-4f6b-8d52-0d6a5f1b2c3d", "task_id=7B0D1C1E-3A5F-4F6B-8D52-0D6A5F1B2C3D done");
    same("picked up shipment_id=77", "shipment_id=77 left");
    let fields = event("accepted", &[("http.request_id", "a1b2"), ("order_id", "5")]);
    assert_eq!(correlation(&fields), key("request_id=a1b2 accepted"));
}

#[test]
fn other_work_has_another_key() {
    assert_ne!(key("job 8841 started"), key("job 8842 started"));
    assert_ne!(key("job 8841 started"), key("order 8841 started"));
}

#[test]
fn what_is_no_id_of_work_is_no_key() {
    for message in [
        "",
        "cache: miss for key user:81",
        "user_id=55 logged in from 10.0.0.1",
        "job, 12 of them",
        "worker-3 is idle",
        "paid=12 grid=3",
        "request served in 12 ms",
        "thread_id=7 session_id=9",
    ] {
        assert_eq!(key(message), None, "{message:?}");
    }
}

proptest! {
    /// One pass cuts as splitting and looking at each word does.
    #[test]
    fn words_are_cut_in_one_pass(message in "([a-z]{0,3}[0-9]{0,2}[ =:#,;./|é_-]{0,2}){0,12}") {
        let is_between = |byte: &u8| CLASSES[usize::from(*byte)] & BETWEEN != 0;
        let words = message.as_bytes().split(is_between).filter(|word| !word.is_empty());
        let cut: Vec<Word<'_>> = words
            .map(|word| match word.split_last() {
                Some((b',' | b';' | b'.', text)) => Word { text, may_be_id: is_id(text), ends: true },
                _ => Word { text: word, may_be_id: is_id(word), ends: false },
            })
            .collect();
        let mut told = Vec::new();
        each_word(message.as_bytes(), |word| told.push(word));
        prop_assert_eq!(told, cut);
    }
}
