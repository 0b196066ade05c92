use super::*;

#[track_caller]
fn check(path: &str, text: &str, failing: u32, hunk: u32, expected: bool) {
    let source = Source::read(path, text);
    assert_eq!(runs_before(&source, (1, source.n_lines()), failing, (hunk, hunk)), expected);
}

#[test]
fn what_stands_below_has_not_run_yet() {
    let text = "def f(x):\n    y = 1\n    g(y)\n    z = 2\n";
    check("a.py", text, 3, 2, true);
    check("a.py", text, 3, 4, false);
}

#[test]
fn in_a_loop_what_stands_below_has_run() {
    let text = "def f(rows):\n    for row in rows:\n        g(row)\n        if row:\n            h(row)\n    done()\n";
    check("a.py", text, 3, 5, true);
    check("a.py", text, 3, 6, false);
    let text = "func f() {\n\tfor _, row := range rows {\n\t\tg(row)\n\t\th(row)\n\t}\n\tdone()\n}\n";
    check("a.go", text, 3, 4, true);
    check("a.go", text, 3, 6, false);
}

#[track_caller]
fn check_gives(line: &str, name: &str, expected: bool) {
    assert_eq!(gives(line, name) || examines(line, name), expected, "{line}");
}

#[test]
fn a_name_is_governed_by_what_assigns_or_tests_it() {
    check_gives("    total = price * n", "total", true);
    check_gives("    total = price * n", "price", false);
    check_gives("let total: f64 = price;", "total", true);
    check_gives("total, rest := split(x)", "total", true);
    check_gives("for item in items:", "item", true);
    check_gives("if total is None:", "total", true);
    check_gives("} else if (total > 3) {", "total", true);
    check_gives("send(total=3)", "total", false);
    check_gives("send(total)", "total", false);
    check_gives("x = y if total else z", "total", true);
    check_gives("assert total == 3", "total", true);
    check_gives("subtotal = 3", "total", false);
}

#[test]
fn a_handler_covers_what_its_try_holds() {
    let source = Source::read("a.py", "def f():\n    a()\n    try:\n        b()\n    except E:\n        c()\n");
    assert!(covers(&source, 5, 4));
    assert!(!covers(&source, 5, 2) && !covers(&source, 5, 6));
    let source = Source::read("A.java", "void f() {\n  try {\n    b();\n  } catch (E e) {\n    c();\n  }\n  d();\n}\n");
    assert!(covers(&source, 4, 3) && !covers(&source, 4, 7));
}

#[test]
fn the_conditions_that_led_to_a_line_are_found() {
    let source = Source::read(
        "a.py",
        "def f(x):\n    if x:\n        y = 1\n    elif not y:\n        y = 2\n    else:\n        raise E\n",
    );
    assert_eq!(conditions(&source, 1, 7), [4, 2]);
    assert_eq!(conditions(&source, 1, 3), [2]);
}
