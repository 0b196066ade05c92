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
