use proptest::prelude::*;

use super::*;

fn check(text: &str, width: usize, expected: &[&str]) {
    assert_eq!(wrap(text, width), expected);
}

#[test]
fn text_is_broken_at_spaces_and_words_where_they_are_too_long() {
    check("", 5, &[""]);
    check("one two", 7, &["one two"]);
    check("one two", 6, &["one", "two"]);
    check("abcdefgh ij", 4, &["abcd", "efgh", "ij"]);
}

proptest! {
    /// Nothing but spaces is lost, and nothing is wider than asked.
    #[test]
    fn wrapping_keeps_every_character(text in "[ a-c世é]{0,60}", width in 2usize..30) {
        let lines = wrap(&text, width);
        prop_assert!(lines.iter().all(|line| line.width() <= width), "{lines:?}");
        let squeeze = |text: &str| text.replace(' ', "");
        prop_assert_eq!(squeeze(&lines.concat()), squeeze(&text));
    }

    #[test]
    fn shifting_takes_columns_off(text in "[a-c世]{0,20}", columns in 0u16..30) {
        let rest = shifted(&text, columns);
        prop_assert!(text.ends_with(rest));
        prop_assert!(rest.width() <= text.width().saturating_sub(usize::from(columns)));
    }
}
