use proptest::prelude::*;

use super::*;
use crate::ingest::signature::{making, of_message};

fn overrides(keep: &[&str], mask: &[&str], attributes: &[&str]) -> Overrides {
    let owned = |list: &[&str]| list.iter().map(|entry| (*entry).to_owned()).collect::<Vec<_>>();
    Overrides::new(&owned(keep), &owned(mask), &owned(attributes)).unwrap()
}

#[track_caller]
fn check(overrides: &Overrides, message: &str, expected: &str) {
    assert_eq!(overrides.sign(message, None, &[]).template, expected);
}

#[test]
fn a_kept_word_stays_where_it_would_be_masked() {
    let kept = overrides(&["INV1234", "bob", "web-1"], &[], &[]);
    check(&kept, "order 8841 gave INV1234 at 10:00:00", "order <*> gave INV1234 at <*>");
    check(&kept, "order 8841 gave INV12345", "order <*> gave <*>");
    check(&kept, "login failed for user bob from 10.0.0.1", "login failed for user bob from <*>");
    check(&kept, "node=web-1 went down", "node=web-1 went down");
    check(&kept, "said 'bob' again", "said 'bob' again");
}

#[test]
fn a_kept_word_inside_a_longer_value_is_written_behind() {
    let kept = overrides(&["E1234", "bob"], &[], &[]);
    check(&kept, "cannot read /srv/E1234/log", "cannot read <*> (E1234)");
    check(&kept, "refused \"this is E1234 for bob\" twice", "refused \"<*>\" twice (E1234, bob)");
}

#[test]
fn a_masked_pattern_becomes_a_variable_with_the_word_around_it() {
    let masked = overrides(&[], &["tenant [a-z]+", "(alpha|beta)"], &[]);
    check(&masked, "tenant acme is full", "<*> is full");
    check(&masked, "lane alpha is full", "lane <*> is full");
    check(&masked, "lane xalphay is full", "lane <*> is full");
}

#[test]
fn attributes_are_written_behind_nested_or_flat() {
    let with = overrides(&[], &[], &["tool.name", "http.route"]);
    let fields = |list: &[(&str, &str)]| {
        list.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect::<Vec<_>>()
    };
    let sign = |list: &[(&str, &str)]| with.sign("call 7 failed", None, &with.attributes_of(&fields(list))).template;
    assert_eq!(sign(&[("tool.name", "search")]), "call <*> failed [tool.name=search]");
    assert_eq!(sign(&[("jsonPayload.tool.name", "a\nb\u{1b}c")]), "call <*> failed [tool.name=a b c]");
    assert_eq!(
        sign(&[("attributes", r#"[{"key":"tool.name","value":{"stringValue":"search"}}]"#), ("http.route", "/a/{id}")]),
        "call <*> failed [http.route=/a/{id}, tool.name=search]",
    );
    assert_eq!(sign(&[("other.tool.name", "search")]), "call <*> failed");
    let long = sign(&[("tool.name", &"x".repeat(500))]);
    assert!(long.len() < 120 && long.ends_with("…]"), "{long}");
}

#[test]
fn the_version_tells_overrides_apart_and_not_their_order() {
    let version = |keep: &[&str], mask: &[&str]| overrides(keep, mask, &[]).version().to_owned();
    assert_eq!(version(&[], &[]), SignatureId::VERSION);
    assert_eq!(version(&["a1", "b2"], &[]), version(&["b2", "a1", "a1"], &[]));
    assert_ne!(version(&["a1"], &[]), version(&[], &["a1"]));
    assert!(version(&["a1"], &[]).starts_with("s6+"));
}

#[test]
fn what_cannot_be_used_is_refused() {
    let new = |keep: &str, mask: &str| Overrides::new(&[keep.to_owned()], &[mask.to_owned()], &[]);
    assert!(matches!(new("a", "("), Err(OverrideError::Pattern(..))));
    assert!(matches!(new("a", "x*"), Err(OverrideError::Everything(_))));
    assert!(matches!(new(" ", "x"), Err(OverrideError::Length(_))));
    assert!(matches!(Overrides::new(&vec!["a".to_owned(); 101], &[], &[]), Err(OverrideError::TooMany(101))));
}

proptest! {
    #[test]
    fn without_overrides_nothing_changes(message in any::<String>()) {
        prop_assert_eq!(Overrides::default().sign(&message, None, &[]), of_message(&message));
    }

    #[test]
    fn no_message_forges_a_stand_in(message in "[a-z \u{f0000}\u{f0001}Er0-9o]{0,30}") {
        let kept = overrides(&["E1"], &["o+"], &[]);
        let template = kept.sign(&message, None, &[]).template;
        prop_assert!(!template.contains(is_stand_in), "{}", template);
    }

    #[test]
    fn messages_with_different_kept_words_have_different_names(front in "[a-z/\"'=.: ]{0,12}", behind in "[a-z/\"'=.: ]{0,12}") {
        let kept = overrides(&["E1", "E2"], &[], &[]);
        let sign = |word: &str| kept.sign(&format!("{front} {word} {behind}"), None, &[]);
        prop_assert_ne!(sign("E1"), sign("E2"));
    }

    /// What is told to be masked is in the message, in order, and holds no kept word that stays.
    #[test]
    fn a_making_tells_spans_of_the_message(message in "[a-z0-9 .,:=\"'@/<>\\[\\]()-]{0,60}", mask in prop::bool::ANY) {
        let overrides = overrides(&["ab"], if mask { &["x[a-z]"] } else { &[] }, &[]);
        let made = making(&message, None, &[], &overrides);
        let mut at = 0;
        for masked in &made.masked {
            prop_assert!(masked.start >= at && masked.end >= masked.start);
            prop_assert_eq!(made.message.get(masked.start..masked.end), Some(masked.text.as_str()));
            prop_assert!(!masked.rules.is_empty());
            at = masked.end;
        }
        prop_assert_eq!(made.masked.len(), made.signature.template.matches(crate::ingest::signature::PLACEHOLDER).count());
    }
}
