//! `aftercare build` in a real terminal: the command has one too.

use std::ffi::OsString;
use std::process::Command;

use super::AFTERCARE;
use super::session::Session;

/// Starts a build of this shell line in a repository of its own.
fn build(folder: &std::path::Path, line: &str, rows: u16, columns: u16) -> Session {
    let setup = "git init -q . && git -c user.name=A -c user.email=a@example.org commit -q --allow-empty -m start";
    assert!(Command::new("sh").args(["-c", setup]).current_dir(folder).status().unwrap().success());
    let script = format!("cd '{}' && exec '{AFTERCARE}' build -- sh -c '{line}'", folder.display());
    let argv: Vec<OsString> = ["sh", "-c", &script].map(OsString::from).to_vec();
    Session::start(&argv, &[("AFTERCARE_STATE", &folder.join("state"))], rows, columns)
}

#[test]
fn the_command_sees_a_terminal_of_the_same_size() {
    let folder = tempfile::tempdir().unwrap();
    let line = r#"test -t 1 && test -t 2 && stty size <&2; printf "\\033[31mred\\033[0m\\n"; exit 4"#;
    let mut session = build(folder.path(), line, 37, 101);
    session.wait_for_text("class build");
    assert_eq!(session.wait_for_exit().exit_code(), 4);
    assert!(session.screen().contents().contains("37 101"), "{}", session.screen().contents());
    assert!(session.bytes().windows(8).any(|bytes| bytes == b"\x1b[31mred"), "the color is gone");
    session.assert_clean();
}

#[test]
fn an_interrupt_ends_the_command_and_is_no_failure_to_explain() {
    let folder = tempfile::tempdir().unwrap();
    let mut session = build(folder.path(), "echo begun; read -r never", 24, 80);
    session.wait_for_text("begun");
    session.send("\x03");
    assert_eq!(session.wait_for_exit().exit_code(), 130);
    assert!(!session.screen().contents().contains("class build"), "{}", session.screen().contents());
    session.assert_clean();
}
