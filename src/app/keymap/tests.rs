use std::collections::HashSet;

use super::*;

#[test]
fn no_key_means_two_things_in_one_place() {
    for context in Context::ALL {
        let mut seen = HashSet::new();
        for row in ROWS {
            for key in row.keys_in(context) {
                assert!(seen.insert(key), "{key} means two things at {}", context.name());
            }
        }
    }
}

#[test]
fn every_action_has_one_row_and_can_be_reached() {
    let mut seen = HashSet::new();
    for row in ROWS {
        assert!(seen.insert(row.action), "{:?} has two rows", row.action);
        let reached = |context: &Context| row.keys_in(*context).any(|key| action(*context, key) == Some(row.action));
        assert!(Context::ALL.iter().any(reached), "{:?} has no key", row.action);
        assert!(!row.name.is_empty() && !row.help.is_empty());
    }
}

#[test]
fn characters_are_never_actions_where_text_is_typed() {
    for context in Context::ALL.into_iter().filter(|context| context.takes_text()) {
        for row in ROWS {
            assert!(!row.keys_in(context).any(|key| matches!(key, Key::Char(_))), "{:?}", row.action);
        }
    }
}

#[test]
fn escape_goes_back_everywhere_and_never_leaves() {
    for context in Context::ALL {
        assert_eq!(action(context, Key::Esc), Some(Action::Back));
    }
}

#[test]
fn the_readme_table_has_a_line_for_each_action() {
    let table = markdown();
    assert_eq!(table.lines().count(), ROWS.len() + 2);
    assert!(table.contains("| `a` `Enter` | Go on to the approval of the plan on screen | review |"), "{table}");
}

#[test]
fn help_without_writing_names_no_approval() {
    let names_it = |read_only| {
        help(Context::Review, |action| exists(action, read_only)).iter().any(|(_, help, ..)| help.contains("approval"))
    };
    assert!(names_it(false));
    assert!(!names_it(true));
}
