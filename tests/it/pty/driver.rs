//! The driver of pseudo-terminals, tried on programs whose manners are known.

use std::collections::BTreeMap;
use std::ffi::OsString;

use super::session::{Session, modes_left};

/// Takes the screen and raw mode; at TERM gives back what `mannered` says.
fn program(mannered: &str) -> Vec<OsString> {
    let script = format!(
        r#"old=$(stty -g)
        settings() {{ stty "$old"; }}
        screen() {{ printf '\033[?25h\033[?1049l'; }}
        trap '{mannered}; exit 143' TERM
        stty raw -echo isig
        printf '\033[?1049h\033[?25lhello'
        while :; do
          read -r key || exit 7
          printf ' key %s' "$key"
        done"#
    );
    ["sh", "-c", &script].map(OsString::from).to_vec()
}

fn session(mannered: &str) -> Session {
    let mut session = Session::start(&program(mannered), &[], 24, 80);
    session.wait_for_text("hello");
    session
}

#[test]
fn keys_go_in_and_the_screen_comes_out() {
    let mut session = session("screen; settings");
    assert!(session.is_raw());
    assert!(session.screen().alternate_screen() && session.screen().hide_cursor());
    session.send("abc\n");
    session.wait_for_text("key abc");
    session.signal("TERM");
    assert_eq!(session.wait_for_exit().exit_code(), 143);
    session.assert_clean();
}

#[test]
#[should_panic(expected = "still the alternate screen")]
fn a_screen_that_is_kept_is_noticed() {
    let mut session = session("settings");
    session.signal("TERM");
    session.wait_for_exit();
    session.assert_clean();
}

#[test]
#[should_panic(expected = "settings are not as they were")]
fn raw_mode_that_is_kept_is_noticed() {
    let mut session = session("screen");
    session.signal("TERM");
    session.wait_for_exit();
}

#[test]
#[should_panic(expected = "ended before")]
fn a_program_that_ends_too_early_is_noticed() {
    let mut session = session("screen; settings");
    session.signal("TERM");
    session.wait_for_text("never shown");
}

#[test]
fn a_terminal_that_vanishes_ends_the_program() {
    let session = session("screen; settings");
    let status = session.hang_up();
    assert!(status.signal() == Some("Hangup") || status.exit_code() == 7, "{status}");
}

#[test]
fn a_resized_terminal_tells_its_program() {
    let argv = ["sh", "-c", "trap 'stty size; exit 0' WINCH; echo hello; while :; do read -r key; done"];
    let mut session = Session::start(&argv.map(OsString::from), &[], 24, 80);
    session.wait_for_text("hello");
    session.resize(30, 120);
    session.wait_for_text("30 120");
    assert!(session.wait_for_exit().success());
}

#[track_caller]
fn check_modes(bytes: &str, expected: &[(u16, bool)]) {
    assert_eq!(modes_left(bytes.as_bytes()), expected.iter().copied().collect::<BTreeMap<_, _>>());
}

#[test]
fn modes_that_are_left_are_told_by_number() {
    check_modes("", &[]);
    check_modes("\x1b[?1049h\x1b[?25lhello\x1b[?25h\x1b[?1049l", &[]);
    check_modes("\x1b[?1049h\x1b[?25l\x1b[?25h", &[(1049, true)]);
    check_modes("\x1b[?25lhello", &[(25, false)]);
    check_modes("\x1b[?1000;1006h\x1b[?1000l", &[(1006, true)]);
    check_modes("\x1b[?2004h\x1b[1mhello\x1b[0m\x1b[?2004l\x1b[?7h", &[]);
    check_modes("\x1b[>1uhello", &[(0, true)]);
    check_modes("\x1b[>1uhello\x1b[<1u", &[]);
}
