use super::*;

#[track_caller]
fn check(text: &str, message: &str) {
    let symptom = Symptom::of_text(text);
    assert_eq!(symptom.message, message);
    assert_eq!(symptom.rates, None);
}

#[test]
fn diagnostics_give_the_message() {
    check("error[E0308]: mismatched types\n --> src/a.rs:3:5\n", "mismatched types");
    check("src/a.ts(3,5): error TS2345: Argument is wrong.\n", "Argument is wrong.");
    check("src/a.ts:3:5 - error TS2345: Argument is wrong.\n", "Argument is wrong.");
    check("a.c: In function 'f':\na.c:3:5: error: expected ';'\n", "expected ';'");
    check("[ERROR] /src/A.java:[12,8] cannot find symbol\n", "cannot find symbol");
    check("# shop\n./a.go:3:5: undefined: x\n", "undefined: x");
    check("E       KeyError: 'x'\n", "KeyError: 'x'");
    check("make: *** [Makefile:3: all] Error 2\n", "[Makefile:3: all] Error 2");
}

#[test]
fn sums_of_errors_are_passed_over() {
    check("error: aborting due to 2 previous errors\nerror: unused variable\n", "unused variable");
}

#[test]
fn of_a_long_text_the_end_is_read() {
    let text = "x\n".repeat(1_000_000) + "src/a.c:3:5: error: expected ';'\n";
    check(&text, "expected ';'");
}

/// A plugin's trace was taken for the program's, whose classes bear the name of a foundation that publishes libraries.
#[test]
fn of_two_traces_the_one_through_the_tree_is_meant() {
    let text = "2026-03-01 10:00:00 ERROR plugin failed\n\
                java.lang.IllegalStateException: no plugin\n\
                \tat com.acme.Plugin.start(Plugin.java:9)\n\
                2026-03-01 10:00:01 ERROR request failed\n\
                java.lang.NullPointerException: no topic\n\
                \tat org.apache.kafka.Broker.take(Broker.java:4)\n";
    let tree =
        Change { paths: vec!["core/src/main/java/org/apache/kafka/Broker.java".to_owned()], ..Change::default() };
    assert_eq!(Symptom::of_text(text).message, "plugin failed");
    assert_eq!(Symptom::of_text_within(text, &|| Some(tree.clone())).message, "request failed");
    let other = Change { paths: vec!["src/main/java/com/acme/Plugin.java".to_owned()], ..Change::default() };
    assert_eq!(Symptom::of_text_within(text, &|| Some(other.clone())).message, "plugin failed");
}
