use proptest::prelude::*;

use super::*;
use crate::ingest::signature::tests::{engine_fold, structured};

/// The fold by each way that this processor has.
fn every_way(text: &[u8], from: usize, to: usize) -> Vec<Vec<u8>> {
    let mut bytes = Vec::new();
    pass::fold(&text[from..to], &mut bytes);
    let mut portable = Vec::new();
    let done = blocks::fold(text, from, to, &mut portable, blocks::step);
    let mut ways = vec![bytes];
    ways.extend(done.is_ok().then_some(portable));
    for (wide_done, wide) in crate::ingest::wide::tests::folds(text, from, to) {
        assert_eq!(wide_done, done, "the ways disagree about what suits them");
        ways.extend(wide_done.is_ok().then_some(wide));
    }
    let mut chosen = Vec::new();
    fold_part(text, from, to, &mut chosen);
    ways.push(chosen);
    ways
}

#[track_caller]
fn check(text: &[u8]) {
    let expected = engine_fold(text);
    for way in every_way(text, 0, text.len()) {
        assert_eq!(way.escape_ascii().to_string(), expected.escape_ascii().to_string());
    }
}

#[test]
fn every_byte_is_of_the_same_class_in_every_way() {
    for byte in 0..=u8::MAX {
        for front in [0, 1, 31, 62, 63] {
            let mut text = vec![b' '; front];
            text.extend([byte, b'1', b' ', byte, b'x', byte]);
            text.extend([b'.'; 70]);
            check(&text);
        }
    }
}

#[test]
fn words_at_the_edges_of_blocks_are_folded_whole() {
    for n in 0..200 {
        for word in ["a1", "1", "abcdef-1_2", "plain", "1234567890123456789"] {
            check(format!("{} {word} {word}", "x".repeat(n)).as_bytes());
            check(format!("{}{word}", ". ".repeat(n)).as_bytes());
        }
    }
}

#[test]
fn codes_at_the_edges_of_blocks_are_kept_whole() {
    for n in 0..140 {
        for code in [
            "\"GET /a1 HTTP/1.1\" 502 157 x9",
            "HTTP/2 404. 12 x9",
            "HTTP/1.1.2 503",
            "HTTP/123456789012345 503",
            "HTTP/1.123456789012345 404 x9",
            "SQLSTATE[[[23505] 1",
            "sql state: 0A000, 7",
            "os error 104) 3",
            "exit code=137. E1234: 4",
            "ORA-00600, errno 5 6",
            "a ORA-00600@b 7",
            "error TS2345: 12",
            "Error 1062 (23000): 4",
            "ERROR 28: 4",
            "ERR_HTTP2_STREAM_ERROR, 4",
            "ERR_HTTP22_STREAM_ERROR, 4",
        ] {
            check(format!("{} {code} {}", "x".repeat(n), "tail ".repeat(n % 9)).as_bytes());
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3000))]

    #[test]
    fn every_way_is_the_expression(front in "[ -~]{0,70}", message in structured(), behind in "[ -~]{0,70}") {
        let text = [front.as_bytes(), message.as_bytes(), behind.as_bytes()].concat();
        let expected = engine_fold(message.as_bytes());
        for way in every_way(&text, front.len(), front.len() + message.len()) {
            prop_assert_eq!(way.escape_ascii().to_string(), expected.escape_ascii().to_string());
        }
    }

    #[test]
    fn all_ways_agree(text in "([ -~]{0,9}|[a-z]{30,70}|[0-9a-f]{2,70}|[ .,:=é]{1,5}|[a-z]{1,5}@){0,12}", cut in 0..200_usize) {
        let text = text.as_bytes();
        let from = cut.min(text.len());
        let to = text.len() - (cut / 3).min(text.len() - from);
        let ways = every_way(text, from, to);
        for way in &ways {
            prop_assert_eq!(way, &ways[0]);
        }
    }
}
