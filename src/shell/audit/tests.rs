use super::*;

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_seconds(seconds)
}

fn log(folder: &tempfile::TempDir) -> AuditLog {
    AuditLog::at(folder.path().join("state/audit.jsonl"))
}

fn filled(folder: &tempfile::TempDir, n: i64) -> AuditLog {
    let log = log(folder);
    for second in 0..n {
        log.append(at(second), "Ada", audit::COMMIT_MADE, json!({"second": second})).unwrap();
    }
    log
}

fn actions(log: &AuditLog) -> Vec<String> {
    log.read().unwrap().into_iter().map(|entry| entry.action).collect()
}

#[test]
fn a_record_that_does_not_exist_is_empty_and_whole() {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(log(&folder).read().unwrap(), []);
    assert_eq!(log(&folder).verify().unwrap(), Verified { entries: 0, head: None, torn_bytes: 0 });
}

#[test]
fn entries_are_one_line_each_and_chained() {
    let folder = tempfile::tempdir().unwrap();
    let log = filled(&folder, 3);
    assert_eq!(fs::read_to_string(log.path()).unwrap().lines().count(), 3);
    assert_eq!(log.verify().unwrap().head, log.read().unwrap().last().map(Entry::head));
}

#[test]
fn an_unfinished_last_line_is_mended_by_a_recorded_entry() {
    let folder = tempfile::tempdir().unwrap();
    let log = filled(&folder, 2);
    let torn = br#"{"action":"commit.m"#;
    OpenOptions::new().append(true).open(log.path()).unwrap().write_all(torn).unwrap();
    assert_eq!(log.verify().unwrap().torn_bytes, torn.len() as u64);
    log.append(at(9), "Ada", audit::APPROVED, json!({})).unwrap();
    assert_eq!(actions(&log), [audit::COMMIT_MADE, audit::COMMIT_MADE, audit::REPAIRED, audit::APPROVED]);
    let repaired = log.read().unwrap().remove(2);
    assert_eq!(repaired.detail["dropped_bytes"], torn.len());
    assert_eq!(log.verify().unwrap().torn_bytes, 0);
}

#[test]
fn a_record_that_begins_torn_is_mended_too() {
    let folder = tempfile::tempdir().unwrap();
    let log = log(&folder);
    fs::create_dir_all(log.path().parent().unwrap()).unwrap();
    fs::write(log.path(), "{").unwrap();
    log.append(at(9), "Ada", audit::APPROVED, json!({})).unwrap();
    assert_eq!(actions(&log), [audit::REPAIRED, audit::APPROVED]);
}

#[test]
fn a_changed_last_line_is_not_built_upon() {
    let folder = tempfile::tempdir().unwrap();
    let log = filled(&folder, 2);
    let text = fs::read_to_string(log.path()).unwrap();
    fs::write(log.path(), text.replace("\"second\":1", "\"second\":7")).unwrap();
    assert!(matches!(log.append(at(9), "Ada", audit::APPROVED, json!({})), Err(AuditError::Broken { .. })));
    assert!(matches!(log.verify(), Err(AuditError::Broken { .. })));
}

#[test]
fn an_end_that_was_cut_off_is_seen() {
    let folder = tempfile::tempdir().unwrap();
    let log = filled(&folder, 3);
    let text = fs::read_to_string(log.path()).unwrap();
    let kept: Vec<&str> = text.split_inclusive('\n').take(2).collect();
    for cut in [kept.concat(), String::new()] {
        fs::write(log.path(), cut).unwrap();
        assert!(matches!(log.verify(), Err(AuditError::Broken { source: Break { number: 3, .. }, .. })));
        assert!(matches!(log.append(at(9), "Ada", audit::APPROVED, json!({})), Err(AuditError::Broken { .. })));
    }
}

#[test]
fn a_crash_between_the_entry_and_the_head_is_no_break() {
    let folder = tempfile::tempdir().unwrap();
    let log = filled(&folder, 1);
    let head = fs::read(log.head_path()).unwrap();
    log.append(at(5), "Ada", audit::APPROVED, json!({})).unwrap();
    fs::write(log.head_path(), head).unwrap();
    assert_eq!(log.verify().unwrap().entries, 2);
    log.append(at(6), "Ada", audit::APPROVED, json!({})).unwrap();
    assert_eq!(log.verify().unwrap().entries, 3);
}

#[test]
fn many_writers_keep_one_chain() {
    let folder = tempfile::tempdir().unwrap();
    let log = log(&folder);
    std::thread::scope(|scope| {
        for writer in 0..4 {
            let log = log.clone();
            scope.spawn(move || {
                for second in 0..10 {
                    log.append(at(second), &format!("writer {writer}"), audit::APPROVED, json!({})).unwrap();
                }
            });
        }
    });
    assert_eq!(log.verify().unwrap().entries, 40);
}

#[test]
fn only_the_owner_may_read_the_record() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let log = filled(&folder, 1);
    assert_eq!(fs::metadata(log.path()).unwrap().permissions().mode() & 0o077, 0);
}

#[test]
fn what_a_person_said_of_an_error_is_found_again() {
    let folder = tempfile::tempdir().unwrap();
    let log = log(&folder);
    let change = Change { base: "a".to_owned(), head: "b".to_owned(), ..Change::default() };
    let id = crate::ingest::signature::of_message("boom").id;
    assert_eq!(log.ruling(id, &change), None);
    for by in ["Ada", "Bob"] {
        let ruling = Ruling::new(id, &change, None, by);
        log.append(at(1), by, audit::RULED, serde_json::to_value(&ruling).unwrap()).unwrap();
    }
    assert_eq!(log.ruling(id, &change).map(|ruling| ruling.by).as_deref(), Some("Bob"));
    assert_eq!(log.ruling(id, &Change { head: "c".to_owned(), ..change }), None);
    assert!(log.verify().is_ok());
}
