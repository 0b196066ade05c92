use super::*;

fn run(tree: &str, passed: bool) -> Run {
    Run { head: "a".to_owned(), tree: tree.to_owned(), had_changes: false, passed, at: Timestamp::default() }
}

#[test]
fn a_command_is_flaky_where_the_same_files_pass_and_fail() {
    let history = History::of(vec![run("2", false), run("1", true), run("1", false)]);
    assert!(history.is_flaky() && history.is_flaky_at("1") && !history.is_flaky_at("2"));
}

#[test]
fn a_command_that_a_change_broke_is_not_flaky() {
    let mut history = History::of(vec![run("1", true), run("0", false)]);
    history.add(run("2", false));
    assert!(!history.is_flaky());
    assert_eq!(history.successes().map(|run| run.tree.as_str()).collect::<Vec<_>>(), ["1"]);
}

#[test]
fn without_a_success_there_is_no_verdict() {
    let judged = Failures::read("src/a.rs:1:1: error[E0425]: cannot find value `x` in this scope").judge(None);
    assert!(judged.verdict.is_none() && judged.diagnostics.len() == 1);
}

#[test]
fn where_nothing_changed_the_change_is_no_cause() {
    let judged = Failures::read("FAILED tests/test_a.py::test_b - assert 1 == 2").judge(Some(&Change::default()));
    let verdict = judged.verdict.unwrap();
    assert!(!verdict.causal_link && verdict.suspects.is_empty(), "{verdict:?}");
}

#[test]
fn a_shell_line_of_plain_words_is_the_same_command_as_its_words() {
    let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
    let plain = words(&["npm", "run", "test:unit"]);
    assert_eq!(known_as(&words(&["/bin/sh", "-c", "npm  run test:unit"])), plain);
    assert_eq!(known_as(&plain), plain);
    for line in ["CI=1 npm test", "npm test && true", "ls *.rs", "echo '$HOME'", ""] {
        let given = words(&["sh", "-c", line]);
        assert_eq!(known_as(&given), given);
    }
    assert_eq!(known_as(&words(&["env", "-c", "npm test"])), words(&["env", "-c", "npm test"]));
}
