use proptest::prelude::*;

use super::*;

/// The fold by each way that this processor has, and byte by byte.
fn every_way(text: &[u8], from: usize, to: usize) -> Vec<Vec<u8>> {
    let mut bytes = Vec::new();
    fold_bytes(&text[from..to], &mut bytes);
    let mut portable = Vec::new();
    let done = blocks::fold(text, from, to, &mut portable, blocks::portable);
    let mut ways = vec![bytes];
    ways.extend(done.is_ok().then_some(portable));
    let mut wide = Vec::new();
    let wide_done = crate::ingest::wide::fold(text, from, to, &mut wide);
    assert!(wide_done.is_none_or(|wide_done| wide_done == done), "the ways disagree about what suits them");
    ways.extend(wide_done.is_some_and(|done| done.is_ok()).then_some(wide));
    let mut chosen = Vec::new();
    fold_part(text, from, to, &mut chosen);
    ways.push(chosen);
    ways
}

#[track_caller]
fn check(text: &[u8]) {
    for way in every_way(text, 0, text.len()) {
        assert_eq!(way.escape_ascii().to_string(), fold(text).escape_ascii().to_string());
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

proptest! {
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
