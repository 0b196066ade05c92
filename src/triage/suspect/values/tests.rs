use super::*;

fn differing(text: &str) -> Vec<String> {
    Values::of(text, &[]).words.into_values().collect()
}

#[test]
fn words_that_only_one_value_has_are_kept() {
    assert_eq!(
        differing("AssertionError: 'CREATE t AUTO_INCREMENT' != 'CREATE t IDENTITY'"),
        ["AUTO_INCREMENT", "IDENTITY"]
    );
    assert_eq!(differing("expected:<[due today]> but was:<[due later]>"), ["later", "today"]);
    assert_eq!(differing("expected '<b lang=\"x\">' to be '<b>' // Object.is equality"), ["lang"]);
    assert_eq!(differing("  expected: \"open order\"\n  actual  : \"closed order\""), ["closed", "open"]);
    assert_eq!(differing("Expected: alpha beta\nReceived: alpha gamma"), ["beta", "gamma"]);
}

#[test]
fn the_signed_lines_of_a_diff_are_two_values() {
    let diff = "--- Expected\n+++ Actual\n@@ @@\n-echo \"first\";\n+echo \"second\";\n rest";
    assert_eq!(differing(diff), ["first", "second"]);
    assert_eq!(differing("E         - total due\n E         + total paid"), ["due", "paid"]);
}

#[test]
fn one_side_alone_is_no_pair() {
    assert!(differing("- a list item\n- another item").is_empty());
    assert!(differing("assert 5 == 3").is_empty());
    assert!(differing("").is_empty());
}

#[test]
fn where_a_class_lies_is_no_part_of_the_value() {
    assert_eq!(differing("assert [] == [<class 'shop.notices.LateOrder'>]"), ["LateOrder"]);
    assert_eq!(differing("- Shop\\Node\\Total\n+ Shop\\Node\\Sum"), ["Sum", "Total"]);
    assert_eq!(differing("assert 'order.total' == 'order.price'"), ["price", "total"]);
}

#[test]
fn where_a_class_lies_is_told_where_nothing_else_differs() {
    assert_eq!(differing("assert 'shop.early.Notice' == 'shop.late.Notice'"), ["early", "late"]);
}
