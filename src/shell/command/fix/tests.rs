use super::*;

#[track_caller]
fn check_arranged(given: &str, expected: &str) {
    let words = |line: &str| -> Vec<OsString> { line.split(' ').map(OsString::from).collect() };
    assert_eq!(arranged(words(given)), words(expected), "{given}");
}

#[test]
fn the_command_ends_at_a_flag_of_ours_or_goes_to_the_end() {
    check_arranged("a fix --repro sh -c x --json --repo r", "a fix --json --repo r --repro sh -c x");
    check_arranged("a fix --repo r --repro sh -x", "a fix --repo r --repro sh -x");
    check_arranged("a fix --repro x --time-limit=3", "a fix --time-limit=3 --repro x");
    check_arranged("a fix --repo r --repro -- x --json", "a fix --repo r --repro -- x --json");
    check_arranged("a scan --repro x --json", "a scan --repro x --json");
    check_arranged("a", "a");
}

#[track_caller]
fn check_argv(words: &[&str], expected: Option<&[&str]>) {
    let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
    let expected = expected.map(|words| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>());
    assert_eq!(argv(&words).ok(), expected);
}

#[test]
fn one_word_with_spaces_is_a_line_for_the_shell() {
    check_argv(&["make", "test"], Some(&["make", "test"]));
    check_argv(&["make test"], Some(&["sh", "-c", "make test"]));
    check_argv(&["--", "make", "--json"], Some(&["make", "--json"]));
    check_argv(&["./run.sh"], Some(&["./run.sh"]));
    check_argv(&[], None);
    check_argv(&["--"], None);
    check_argv(&[" "], None);
}

#[test]
fn a_time_limit_is_a_length_of_time() {
    assert_eq!(seconds(0.5, "x").ok(), Some(Duration::from_millis(500)));
    assert!(seconds(1e300, "x").is_err());
    for wrong in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        assert!(seconds(wrong, "x").is_err(), "{wrong}");
    }
}
