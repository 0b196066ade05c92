use super::*;

#[test]
fn a_signature_does_not_depend_on_place_and_color() {
    let plain = read("src/cart.ts(6,9): error TS2322: Type 'number' is not assignable to type 'string'.");
    let moved = read(
        "\u{1b}[96m/ci/src/cart.ts\u{1b}[0m:\u{1b}[93m61\u{1b}[0m:\u{1b}[93m9\u{1b}[0m - \u{1b}[91merror\u{1b}[0m\u{1b}[90m \
         TS2322: \u{1b}[0mType 'number' is not assignable to type 'string'.",
    );
    assert_eq!(plain[0].signature().id, moved[0].signature().id);
    assert_eq!((moved[0].place().as_deref(), moved[0].column), (Some("/ci/src/cart.ts:61"), Some(9)));
}

#[test]
fn what_builders_put_before_a_line_is_no_part_of_it() {
    let found = read("#12 3.456 src/main.rs:3:33: error[E0425]: cannot find function `pay` in this scope\r");
    assert_eq!(found[0].place().as_deref(), Some("src/main.rs:3"));
}

#[test]
fn a_progress_bar_is_what_is_left_of_it() {
    let found = read(" 10%\r 90%\rcart.c:5:12: error: too few arguments to function 'price_of'");
    assert_eq!(found[0].place().as_deref(), Some("cart.c:5"));
}

#[test]
fn the_same_error_is_said_once() {
    let line = "app.py:3: error: Name \"x\" is not defined  [name-defined]\n";
    assert_eq!(read(&line.repeat(3)).len(), 1);
}

#[test]
fn warnings_and_success_are_no_errors() {
    let output =
        "cart.c:4:9: warning: unused variable 'n' [-Wunused-variable]\n0 errors\ntest result: ok. 3 passed; 0 failed";
    assert!(read(output).is_empty());
}

#[test]
fn a_sum_counts_only_where_nothing_else_was_said() {
    assert_eq!(read("make: *** [Makefile:2: cart.o] Error 1")[0].tool, Tool::Other);
    let both = read("cart.c:5:12: error: expected ';'\nmake: *** [Makefile:2: cart.o] Error 1");
    assert_eq!(both.iter().map(|found| found.tool).collect::<Vec<_>>(), [Tool::C]);
}

#[test]
fn numbers_of_characters_in_a_report_act_on_no_terminal() {
    let report = "<testsuite><testcase name=\"a\"><failure message=\"&#27;[2Jgone &lt;b&gt;\">x</failure></testcase></testsuite>";
    let found = read(report);
    assert!(!found[0].message.contains('\u{1b}') && found[0].message.contains("gone <b>"), "{:?}", found[0].message);
}

#[test]
fn a_test_that_surefire_reports_and_sums_up_is_one_error() {
    let report = |name: &str, summary: &str| {
        format!(
            "[ERROR] {name}  Time elapsed: 0 s  <<< FAILURE!\njava.lang.AssertionError: expected:<180> but was:<200>\n\tat \
             shop.CartTest.discounts(CartTest.java:20)\n\n[ERROR] Failures: \n[ERROR]   {summary}:20 expected:<180> but \
             was:<200>\n"
        )
    };
    for (name, summary, wanted) in [
        ("discounts(shop.CartTest)", "CartTest.discounts", "shop.CartTest.discounts"),
        ("discounts[2](shop.CartTest)", "CartTest.discounts[2]", "shop.CartTest.discounts[2]"),
        ("shop.CartTest.discounts", "CartTest.discounts", "shop.CartTest.discounts"),
        ("shop.CartTest.discounts(int)[2]", "CartTest.discounts", "shop.CartTest.discounts[2]"),
    ] {
        let tests: Vec<_> = read(&report(name, summary)).into_iter().filter_map(|found| found.test).collect();
        assert_eq!(tests, [wanted], "{name}");
    }
}

#[test]
fn an_exception_of_a_package_is_named_once_and_found_behind_the_loader_that_gradle_prints() {
    let found = read(
        "CartTest > discounts() FAILED\n    org.opentest4j.AssertionFailedError: expected: <180> but was: <200>\n        at \
         app//org.junit.jupiter.api.AssertEquals.failNotEqual(AssertEquals.java:197)\n        at \
         app//shop.CartTest.discounts(CartTest.java:20)\n\n",
    );
    assert_eq!(
        found[0].sentence(),
        "CartTest.java:20: org.opentest4j.AssertionFailedError: expected: <180> but was: <200> in CartTest.discounts"
    );
}
