use proptest::prelude::*;

use super::*;

fn marked(line: &str, parts: &[Range<usize>]) -> Vec<String> {
    parts.iter().map(|part| line[part.clone()].to_owned()).collect()
}

#[track_caller]
fn check(old: &str, new: &str, expected: (&[&str], &[&str])) {
    let words = Words::of(&[old.to_owned()], &[new.to_owned()]);
    let found = (marked(old, words.removed(0)), marked(new, words.added(0)));
    let expected = (
        expected.0.iter().map(|part| (*part).to_owned()).collect(),
        expected.1.iter().map(|part| (*part).to_owned()).collect(),
    );
    assert_eq!(found, expected);
}

#[test]
fn the_words_that_differ_are_marked() {
    check("    total = round(order.total * 100)", "    total = order.total", (&["round(", " * 100)"], &[]));
    check("return price * 2", "return price * rate", (&["2"], &["rate"]));
    check("let größe = order.total;", "let breite = order.total;", (&["größe"], &["breite"]));
}

#[test]
fn lines_with_little_in_common_are_not_compared() {
    check("import os", "def pay(order, gateway):", (&[], &[]));
    check("", "new", (&[], &[]));
    let long = "x".repeat(LINE_BYTES + 1);
    check(&long, &long, (&[], &[]));
}

#[test]
fn a_line_is_compared_with_what_replaces_it() {
    let removed = ["total = price".to_owned()];
    let added = ["# the tax is part of it".to_owned(), "total = price + tax".to_owned()];
    let words = Words::of(&removed, &added);
    assert!(words.added(0).is_empty());
    assert_eq!(marked(&added[1], words.added(1)), [" + tax"]);
}

proptest! {
    /// Whatever the lines hold: what is marked lies within them, at whole characters, in order.
    #[test]
    fn marks_lie_within_their_lines(old in ".{0,60}", new in ".{0,60}") {
        let words = Words::of(std::slice::from_ref(&old), std::slice::from_ref(&new));
        for (line, parts) in [(&old, words.removed(0)), (&new, words.added(0))] {
            let mut end = 0;
            for part in parts {
                prop_assert!(part.start >= end && line.get(part.clone()).is_some());
                end = part.end;
            }
        }
    }
}
