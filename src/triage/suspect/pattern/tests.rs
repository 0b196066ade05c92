use super::*;

#[test]
fn a_pattern_is_taken_out_of_its_literal() {
    assert_eq!(pattern_of(r"r'(--|//).*$'").as_deref(), Some(r"(--|//).*$"));
    assert_eq!(pattern_of(r#""\\d+""#).as_deref(), Some(r"\d+"));
    assert_eq!(pattern_of(r"/^a[bc]+$/i").as_deref(), Some(r"(?i)^a[bc]+$"));
    assert_eq!(pattern_of(r"`^v\d`").as_deref(), Some(r"^v\d"));
    assert_eq!(pattern_of("'a plain text'"), None);
    assert_eq!(pattern_of("'what (is it)'"), None);
    assert_eq!(pattern_of("'"), None);
    assert_eq!(pattern_of(""), None);
}

#[test]
fn what_cannot_be_compiled_says_nothing() {
    assert!(compiled(&["(?<!a)b".to_owned()]).is_none());
    assert!(compiled(&[]).is_some_and(|none| none.is_empty()));
}

#[test]
fn matches_are_compared_by_their_places() {
    let find = |pattern: &str, input| found(&compiled(&[pattern.to_owned()]).unwrap_or_default(), input);
    assert_eq!(find(r"\d+", "a 12 b 3"), [(2, 4), (7, 8)]);
    assert_ne!(find("(--|#).*", "x // y"), find("(--|#|//).*", "x // y"));
    assert!(find("a*", "bbb").is_empty());
}
