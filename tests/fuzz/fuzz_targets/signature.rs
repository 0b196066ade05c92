//! Compares the ways to the signature of a message, on any bytes.
//!
//! `cargo +nightly fuzz run --fuzz-dir tests/fuzz signature`

#![no_main]

use std::sync::LazyLock;

use aftercare::ingest::signature::{FOLD, FOLDED, Overrides, PLACEHOLDER, TEMPLATE_BYTES, fold, making, of_message};
use libfuzzer_sys::fuzz_target;
use regex::bytes::Regex;

static EXPRESSION: LazyLock<Regex> = LazyLock::new(|| Regex::new(&format!("(?-u){FOLD}")).unwrap());

static OVERRIDES: LazyLock<Overrides> = LazyLock::new(|| {
    let owned = |list: &[&str]| list.iter().map(|entry| (*entry).to_owned()).collect::<Vec<_>>();
    Overrides::new(&owned(&["E12", "bob"]), &owned(&["x[a-z]+"]), &[]).unwrap()
});

fuzz_target!(|bytes: &[u8]| {
    assert_eq!(fold(bytes), EXPRESSION.replace_all(bytes, FOLDED.as_bytes()).into_owned(), "the fold is its expression");
    let message = String::from_utf8_lossy(bytes);
    let signature = of_message(&message);
    let folded = fold(message.as_bytes());
    assert_eq!(of_message(&String::from_utf8_lossy(&folded)), signature, "a message has the signature of its fold");
    assert_eq!(Overrides::default().sign(&message, None, &[]), signature);
    assert!(signature.template.len() <= TEMPLATE_BYTES);
    for overrides in [&Overrides::default(), &*OVERRIDES] {
        let made = making(&message, None, &[], overrides);
        assert_eq!(made.signature, overrides.sign(&message, None, &[]));
        let mut at = 0;
        for masked in &made.masked {
            assert!(masked.start >= at, "spans are in order");
            assert_eq!(made.message.get(masked.start..masked.end), Some(masked.text.as_str()));
            at = masked.end;
        }
        // A template that was cut, or a message that has the placeholder itself, counts otherwise.
        if made.signature.template.len() + 64 < TEMPLATE_BYTES && !message.contains(['<', '\u{fffd}']) {
            assert_eq!(made.masked.len(), made.signature.template.matches(PLACEHOLDER).count());
        }
    }
});
