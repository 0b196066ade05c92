use std::sync::LazyLock;

use proptest::prelude::*;
use regex::bytes::Regex;

use super::*;

static EXPRESSION: LazyLock<Regex> = LazyLock::new(|| Regex::new(&format!("(?-u){FOLD}")).unwrap());

/// The fold, as a log engine does it.
pub(super) fn engine_fold(message: &[u8]) -> Vec<u8> {
    EXPRESSION.replace_all(message, FOLDED.as_bytes()).into_owned()
}

#[track_caller]
fn check_fold(message: &str, expected: &str) {
    assert_eq!(String::from_utf8_lossy(&fold(message.as_bytes())), expected);
    assert_eq!(String::from_utf8_lossy(&engine_fold(message.as_bytes())), expected, "the example is wrong");
}

#[test]
fn folding_replaces_addresses_and_words_with_digits() {
    check_fold("", "");
    check_fold("no digit, no change", "no digit, no change");
    check_fold("order 8841 took 15ms", "order 0 took 0");
    check_fold("mail to ann.lee+x%y@mail.example.com.", "mail to 0");
    check_fold("id 6f1c-4d_2-x of a-b_c", "id 0 of a-b_c");
    check_fold("v1.2.3-rc1 on 10.0.0.7:5432", "0.0.0 on 0.0.0.0:0");
    check_fold("a@ b@_ @c é1é", "a@ b@_ @c é0é");
}

#[test]
fn folding_twice_may_fold_more_and_the_signature_does_not_notice() {
    check_fold("a@_1", "a@0");
    check_fold("a@0", "0");
    assert_eq!(of_message("a@_1"), of_message("a@0"));
    assert_eq!(of_message("a@_1@_2%b.5"), of_message("0"));
    for front in ["sql state ", "errno ", "HTTP/1.1 ", "b.exit code="] {
        let message = format!("-@0@{front}404 ");
        let folded = String::from_utf8(fold(message.as_bytes())).unwrap();
        assert_eq!(of_message(&message), of_message(&folded), "{message}");
    }
}

#[test]
fn hostile_text_takes_linear_time() {
    let run = "a.".repeat(1 << 20);
    assert_eq!(fold(run.as_bytes()).len(), run.len());
    for hostile in [
        "'a \"b `c [d k=[ x:",
        "::",
        "k=(x ",
        "0:a",
        "://",
        "a [A ",
        "Jan ",
        "0, ",
        "a=",
        "<0",
        "x {a: [",
        "map[a:{",
        "y {b: }",
    ] {
        assert!(of_message(&hostile.repeat(1 << 15)).template.len() <= TEMPLATE_BYTES);
    }
}

#[test]
fn a_message_that_says_nothing_has_the_default_signature() {
    assert_eq!(Signature::default(), of_message(""));
}

#[test]
fn a_long_message_leaves_no_memory_and_no_trace() {
    let mut scratch = Scratch::default();
    for message in ["a=b \"c\" ".repeat(1 << 14), "user bob from 10.0.0.1:80".to_owned(), String::new()] {
        assert_eq!(*of_message_with(&message, &mut scratch), of_message(&message));
        assert!(scratch.n_bytes() < 2 << 20, "{} bytes", scratch.n_bytes());
    }
}

/// The characters that rules look at, so that hostile texts hit them.
pub(super) fn structured() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        "[a@._%+0-9-]{1,6}",
        "[ =:,'\"`\\[\\]{}()<>|/?&;*]{1,3}",
        "(SQLSTATE[\\[ =:(]{0,3}|sql state |HTTP/1.1\"? |errno|os error|exit code|exit status|error code|[Ss]tatus [Cc]ode)[ =:]{0,2}",
        "([Ee]rror|ERROR|[Ww]arning) (0?[A-Z]{0,6})[0-9]{1,6}(: ?| \\(|[. ])?",
        "0?ERR_?[A-Z_0-9-]{1,8}[. :]?",
        "(0?(E|ORA-|PLS-)?[0-9]{1,6}|[0-9A-Z]{5})[.%@ ,\\]\"]{0,2}",
        "(user|for|from|host|GET|Jan|Mon|KB|ms|error|msg|http|null|in|PM|0x)",
        "[\\x00-\\x20é“”’\u{a0}\u{2028}]",
        "[A-Za-z]{1,20}",
        "<\\*>",
    ];
    prop::collection::vec(piece, 0..24).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn folding_agrees_with_the_portable_expression_on_any_bytes(message in prop::collection::vec(any::<u8>(), 0..80)) {
        prop_assert_eq!(fold(&message), engine_fold(&message));
    }

    #[test]
    fn folding_agrees_with_the_portable_expression_on_structured_text(message in structured()) {
        prop_assert_eq!(fold(message.as_bytes()), engine_fold(message.as_bytes()));
    }

    #[test]
    fn a_message_has_the_signature_of_its_fold(message in structured()) {
        let folded = String::from_utf8(fold(message.as_bytes())).unwrap();
        prop_assert_eq!(of_message(&message), of_message(&folded));
    }

    #[test]
    fn every_variable_is_explained(message in structured()) {
        // A message that has the placeholder itself, or a template that was cut, counts otherwise.
        let message = message.replace(['<', '\u{fffd}'], "");
        let made = making(&message, None, &[], &Overrides::default());
        prop_assume!(made.signature.template.len() + 64 < TEMPLATE_BYTES);
        prop_assert_eq!(made.masked.len(), made.signature.template.matches(PLACEHOLDER).count());
    }

    #[test]
    fn what_was_masked_before_changes_nothing(messages in prop::collection::vec(structured(), 1..12)) {
        let mut scratch = Scratch::default();
        for message in &messages {
            prop_assert_eq!(of_message_with(message, &mut scratch), &of_message(message));
        }
    }

    #[test]
    fn every_text_has_a_signature_within_bounds(message in any::<String>()) {
        let folded = String::from_utf8(fold(message.as_bytes())).unwrap();
        let signature = of_message(&message);
        prop_assert_eq!(&signature, &of_message(&folded));
        prop_assert!(signature.template.len() <= TEMPLATE_BYTES);
        prop_assert!(!signature.template.contains(char::is_control));
    }
}

/// Lines of every kind of software, and the templates that they give.
const MESSAGES: &str = include_str!("../../../tests/data/signatures/messages.txt");

#[test]
fn the_lines_of_the_file_have_the_signatures_it_says() {
    let cases: Vec<&str> = MESSAGES.split("-- lines: ").skip(1).collect();
    let mut n_lines = 0;
    for case in cases {
        let (title, rest) = case.split_once(" --\n").unwrap();
        let (lines, expected) = rest.split_once("\n-- signatures --\n").unwrap();
        let mut counts: Vec<(u32, String)> = Vec::new();
        for line in lines.lines() {
            n_lines += 1;
            let template = of_message(line).template;
            match counts.iter_mut().find(|(_, seen)| *seen == template) {
                Some((count, _)) => *count += 1,
                None => counts.push((1, template)),
            }
        }
        let actual: Vec<String> = counts.iter().map(|(count, template)| format!("{count}  {template}")).collect();
        assert_eq!(actual.join("\n"), expected.trim_end(), "{title}");
    }
    assert!(n_lines >= 200, "{n_lines} lines");
}

#[test]
fn a_template_is_its_own_template() {
    let templates =
        MESSAGES.lines().filter_map(|line| line.split_once("  ")).filter(|(count, _)| count.parse::<u32>().is_ok());
    // A code is told by what stands around it, which the template of a request line does not show.
    for (_, template) in templates.filter(|(_, template)| !template.contains(|c: char| c.is_ascii_digit())) {
        assert_eq!(of_message(template).template, template);
    }
}

#[test]
fn a_code_stays_only_where_a_second_fold_keeps_it() {
    for message in [
        "a@a@SQLSTATE:ERR_A0",
        "0@0@-%error 1:",
        "+@ERR_Error A000",
        "SQLSTATE[E000",
        "error 1:\t",
        "y@yE12@ySos error 1) x",
        "a@a@HTTP/1.1 404",
    ] {
        let folded = String::from_utf8(fold(message.as_bytes())).unwrap();
        assert_eq!(of_message(message), of_message(&folded), "{message}");
    }
}

#[test]
fn a_name_that_tells_which_failure_it_was_is_kept() {
    for name in [
        "ERR_SSL_PROTOCOL_ERROR",
        "NOT_LEADER_OR_FOLLOWER",
        "UNKNOWN_TOPIC_OR_PARTITION",
        "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
        "App\\Exceptions\\OrderException",
        "Guzzle\\\\Http\\\\ConnectException",
    ] {
        for message in [format!("net::{name}"), format!("call 7 failed: {name}"), format!("{name} in worker 7")] {
            assert!(of_message(&message).template.contains(name), "{message}");
        }
    }
    for name in ["ER_LOCK_DEADLOCK", "RESOURCE_EXHAUSTED", "CERT_HAS_EXPIRED"] {
        let message = format!("it said \"{name}\" and code={name}");
        assert_eq!(of_message(&message).template, message);
    }
    // What looks like one and is none.
    for value in [
        "aGVsbG8gd29ybGQgdGhpcyBpcyBh",
        "Srv\\Users\\Report",
        "\\\\host\\share\\OrderException",
        "kLmNoPqRsTUvWxYzAbCd_eF",
    ] {
        assert_eq!(of_message(&format!("opened {value} again")).template, "opened <*> again", "{value}");
    }
}

#[test]
fn a_code_that_tells_which_failure_it_was_is_kept() {
    let template = |message: &str| of_message(message).template;
    for (message, expected) in [
        ("compiler said E1234 in line 7", "compiler said E1234 in line <*>"),
        ("job 17 failed: ORA-00600: internal error code", "job <*> failed: ORA-00600: internal error code"),
        ("ERROR 1062 (23000): duplicate entry", "ERROR 1062 (<*>): duplicate entry"),
        ("insert of row 8841 failed, SQLSTATE 23505", "insert of row <*> failed, SQLSTATE 23505"),
        ("SQLSTATE[42P01]: undefined table 7", "SQLSTATE[42P01]: undefined table <*>"),
        ("query failed (sqlstate=08S01, 3 tries)", "query failed (sqlstate=08S01, <*> tries)"),
        ("GET /orders/17 HTTP/1.1 503", "GET <*> 503"),
        ("\"GET /orders/17 HTTP/1.1\" 404 153", "\"GET <*>\" 404 <*>"),
        ("\"GET /orders/17 HTTP/1.1\" 200 153", "\"GET <*>\" <*>"),
        ("connect to 10.0.0.7 failed: errno=111", "connect to <*> failed: errno=111"),
        ("Broken pipe (os error 32)", "Broken pipe (os error 32)"),
        ("worker 3 ended with exit code 137", "worker <*> ended with exit code 137"),
        ("E1234567 and xE1234 and E1234.x are values", "<*> and <*> and <*> are values"),
    ] {
        assert_eq!(template(message), expected);
        let folded = String::from_utf8(fold(message.as_bytes())).unwrap();
        assert_eq!(template(&folded), expected, "{folded}");
    }
    assert_ne!(of_message("failed with SQLSTATE 23505"), of_message("failed with SQLSTATE 40001"));
}

#[test]
fn the_name_is_fixed_for_ever() {
    let check = |message: &str, id: &str| assert_eq!(of_message(message).id.to_string(), id, "{message:?}");
    check("", "s6:57714bc8b9af1eb270747748004b87b0");
    check("retry 3 of 5", "s6:20c0919f14cef3efd17c6ebe84516905");
    check("deadlock detected", "s6:e0f1345077e33eca4ccc75f9a97183f8");
}

#[test]
fn two_lines_of_a_message_count_and_blank_ones_do_not() {
    let template = |message: &str| of_message(message).template;
    assert_eq!(
        template("\n  \ncannot save order 7:\n\n  disk full on /dev/sda1\nsee log\n"),
        "cannot save order <*>: disk full on <*>"
    );
    assert_eq!(template("\t a \u{a0}\r\n b"), "a b");
}

#[test]
fn a_long_template_is_cut_at_a_character() {
    let signature = of_message(&"né".repeat(TEMPLATE_BYTES));
    assert!((TEMPLATE_BYTES - 2..=TEMPLATE_BYTES).contains(&signature.template.len()));
    assert_eq!(signature, of_message(&format!("{}end", "né".repeat(TEMPLATE_BYTES))));
}
