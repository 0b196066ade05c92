use super::*;

const CHANGED: &[&str] = &["lib/parse.sh", "web/index.js", "README.md", "tests/test_parse.py", "main.go", "db/x.py"];

fn check(text: &str, expected: bool) {
    assert_eq!(speaks_of(text, &telling_names(CHANGED.iter().copied())), expected, "{text}");
}

#[test]
fn an_error_speaks_of_a_changed_file_by_its_name() {
    check("order 12 rejected: malformed order at lib/parse.sh:17 in parse_order", true);
    check("at /srv/app/web/index.js:3:1", true);
    check("parse.sh: line 17: bad substitution", true);
}

#[test]
fn longer_names_common_names_and_files_that_do_not_run_are_others() {
    check("at lib/reparse.sh:17", false);
    check("at lib/parse.shtml", false);
    check("at /srv/app/admin/index.js:3:1", false);
    check("main.go:12", false);
    check("see README.md", false);
    check("tests/test_parse.py::test_it", false);
}

#[test]
fn without_a_change_nothing_is_spoken_of() {
    assert!(!speaks_of("anything at all", &[]));
}
