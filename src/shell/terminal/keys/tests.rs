use super::*;

#[track_caller]
fn check(code: KeyCode, modifiers: KeyModifiers, expected: Option<Key>) {
    assert_eq!(read(KeyEvent::new(code, modifiers)), expected);
}

#[test]
fn keys_are_read_as_the_table_names_them() {
    check(KeyCode::Char('G'), KeyModifiers::SHIFT, Some(Key::Char('G')));
    check(KeyCode::Char('D'), KeyModifiers::CONTROL, Some(Key::Ctrl('d')));
    check(KeyCode::Char('x'), KeyModifiers::ALT, None);
    check(KeyCode::BackTab, KeyModifiers::SHIFT, Some(Key::BackTab));
    check(KeyCode::F(1), KeyModifiers::NONE, None);
}

#[test]
fn a_released_key_is_no_key() {
    let released = KeyEvent { kind: KeyEventKind::Release, ..KeyEvent::from(KeyCode::Enter) };
    assert_eq!(read(released), None);
}
