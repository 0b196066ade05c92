use proptest::prelude::*;

use super::*;

#[track_caller]
fn check(text: &str, expected: &str) {
    assert_eq!(visible(text, false), expected, "{text:?}");
}

#[test]
fn escape_sequences_are_removed_whole() {
    check("\u{1b}[1;31mERROR\u{1b}[0m x", "ERROR x");
    check("a\u{1b}]0;title\u{7}b", "ab");
    check("a\u{1b}]52;c;aGk=\u{1b}\\b", "ab");
    check("a\u{1b}]8;;http://evil\u{1b}\\link\u{1b}]8;;\u{1b}\\b", "alinkb");
    check("a\u{1b}Pq#0\u{1b}\\b", "ab");
    check("a\u{1b}_G payload\u{1b}\\b", "ab");
    check("a\u{9b}31mb\u{9d}0;t\u{9c}c", "abc");
    check("a\u{1b}(Bb\u{1b}cd\u{1b}7e", "abde");
    check("a\u{1b}[?2004hb\u{1b}[3;4Hc", "abc");
}

#[test]
fn unfinished_sequences_leave_a_mark_and_spare_the_rest() {
    check("a\u{1b}]0;evil", "a␛");
    check("a\u{1b}[31", "a␛");
    check("a\u{1b}[31 é", "a␛ é");
    check("a\u{1b}", "a␛");
    let long = format!("a\u{1b}]0;{}END", "x".repeat(5000));
    assert!(visible(&long, false).ends_with("END"));
    assert_eq!(visible("a\u{1b}]0;evil\nERROR b", true), "a␛\nERROR b");
    check("a\u{1b}]0;x\u{1b}[31mred", "a␛red");
}

#[test]
fn other_controls_become_symbols() {
    check("a\0b\u{7}c\u{7f}d\u{85}e", "a␀b␇c␡d\u{fffd}e");
    check("a\tb", "a    b");
    check("a\r\nb", "a␍␊b");
    assert_eq!(visible("a\r\nb\rc", true), "a\nb␍c");
    check("\u{202e}abc\u{2066}\u{200b}\u{feff}\u{e0041}", "\u{fffd}abc\u{fffd}\u{fffd}\u{fffd}\u{fffd}");
    check("grüße 漢字 🙂", "grüße 漢字 🙂");
}

fn acts(c: char) -> bool {
    c < ' ' || ('\u{7f}'..='\u{9f}').contains(&c) || hides(c)
}

proptest! {
    /// Nothing that is shown can act on a terminal, and what was clean stays as it is.
    #[test]
    fn visible_text_cannot_act(text in "[\\x00-\\x20\u{7f}-\u{a0}\u{1b}\\[\\];mP_a-c0-9\u{200b}-\u{202f}\u{2066}\u{e0041}é\\\\]{0,80}") {
        let line = visible(&text, false);
        prop_assert!(!line.contains(acts), "{line:?}");
        let lines = visible(&text, true);
        prop_assert!(!lines.contains(|c| c != '\n' && acts(c)), "{lines:?}");
        prop_assert_eq!(visible(&line, false), line.clone());
        prop_assert_eq!(lines.matches('\n').count() <= text.matches('\n').count(), true);
    }

    #[test]
    fn any_text_can_be_shown(text in any::<String>()) {
        prop_assert!(!visible(&text, false).contains(acts));
    }

    /// A secret once masked stays masked, and no text makes it fail.
    #[test]
    fn masking_twice_changes_nothing(text in "(password=|token: |Bearer |AKIA|://u:|@h|-----BEGIN RSA PRIVATE KEY-----|[a-z0-9 \"'\\\\=:]){0,24}") {
        let once = redact(&text);
        prop_assert_eq!(redact(&once), once.clone());
    }
}

#[track_caller]
fn masks(text: &str, expected: &str) {
    assert_eq!(redact(text), expected);
}

#[test]
fn secrets_are_masked() {
    masks("Authorization: Bearer abc.def-123456", "Authorization: Bearer [redacted]");
    masks("sending bearer 0123456789abcdef now", "sending bearer [redacted] now");
    masks("password=hunter2 user=bob", "password=[redacted] user=bob");
    masks(r#"{"db_password":"hu\\nter 2","user":"bob"}"#, r#"{"db_password":"[redacted]","user":"bob"}"#);
    masks("api_key='k1' next", "api_key='[redacted]' next");
    masks("?api-key=abc&x=1", "?api-key=[redacted]&x=1");
    masks("key AKIAIOSFODNN7EXAMPLE used", "key [redacted] used");
    masks("push with ghp_0123456789abcdefghijABCDEFGHIJ012345 failed", "push with [redacted] failed");
    masks("slack xoxb-123456789012-abcdefghij", "slack [redacted]");
    masks(concat!("stripe sk_", "live_0123456789abcdef"), "stripe [redacted]");
    masks("jwt eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc-DEF_123 end", "jwt [redacted] end");
    masks("postgres://app:s3cret@db:5432/x", "postgres://app:[redacted]@db:5432/x");
    masks("a\n-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----\nb", "a\n[redacted]\nb");
    masks("-----BEGIN PRIVATE KEY-----\nMIIE", "[redacted]");
}

#[test]
fn ordinary_text_is_left_alone() {
    for text in [
        "unexpected token: comma",
        "Basic authentication failed for bob",
        "GET https://host:8080/path?x=1 200",
        "mail to bob@example.com failed",
        "the password was wrong",
        "max_tokens=4096",
        "-----BEGIN CERTIFICATE-----",
        "bearer of bad news",
    ] {
        masks(text, text);
    }
}

/// Processor time of the fastest of three runs over this many bytes of a piece.
fn time_of(piece: &str, n_bytes: usize) -> std::time::Duration {
    let text = piece.repeat(n_bytes / piece.len());
    let now = || {
        let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
        std::time::Duration::try_from(time).unwrap()
    };
    let run = || {
        let start = now();
        let _ = (redact(&text), visible(&text, true));
        now() - start
    };
    run().min(run()).min(run())
}

/// Four times as much would take sixteen times as long, were it quadratic; below a few moments noise decides.
#[test]
fn hostile_text_is_masked_in_linear_time() {
    let noise = std::time::Duration::from_millis(20);
    for piece in
        ["password=", "-----BEGIN ", "-----BEGIN RSA PRIVATE KEY-----", "http://a:", "eyJaaaaaa.", "\u{1b}]", "\u{1b}["]
    {
        let (short, long) = (time_of(piece, 50_000), time_of(piece, 200_000));
        assert!(long < short * 10 + noise, "{piece:?}: {short:?}, and {long:?} for four times as much");
    }
}
