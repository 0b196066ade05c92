use std::fs;
use std::io::{Seek, SeekFrom, Write};

use super::*;
use crate::detect::counts::Coverage;
use crate::detect::{Origin, Phase, SignatureIndex};
use crate::engine::Note;
use crate::ingest::Level;
use crate::units::Timestamp;

fn known(n: u8, template: &str) -> Known {
    Known {
        id: SignatureId::from_bytes([n; 16]),
        template: template.to_owned(),
        level: n.is_multiple_of(2).then_some(Level::Error),
        example: format!("example of {template} \u{0} \u{1b}[31m"),
        first: Timestamp::from_seconds(60),
        last: Timestamp::from_micros(-5),
    }
}

fn minute(number: i32, cells: &[u8]) -> PackedMinute {
    PackedMinute { minute: Minute::from_number(number), coverage: Coverage::Partial, cells: cells.to_vec() }
}

fn cursor(number: u64, offset: u64) -> Cursor {
    Cursor {
        number,
        path: PathBuf::from("/var/log/api.log"),
        device: u64::MAX,
        inode: 7,
        fingerprint_bytes: 4096,
        fingerprint: [9; 16],
        offset,
        mid_event: true,
        lead: None,
        ended: false,
        last_minute: Some(-3),
    }
}

fn deploy(seconds: i64, service: &str) -> Deploy {
    Deploy {
        at: Timestamp::from_seconds(seconds),
        service: service.to_owned(),
        version: "v1".to_owned(),
        revision: None,
        previous: Some("0ld".to_owned()),
        author: None,
        subject: Some("Fix it".to_owned()),
        origin: Origin::Mark,
    }
}

fn incident(id: u64, phase: Phase) -> Incident {
    Incident {
        id,
        deploy: deploy(5, "api"),
        opened: Timestamp::from_seconds(10),
        signatures: vec![SignatureId::from_bytes([1; 16])],
        phase,
        reopened: 2,
    }
}

fn note(incident: u64, at: i64) -> Note {
    let at = Timestamp::from_seconds(at);
    Note { incident, at, phase: "open".to_owned(), reopened: 0, findings: Vec::new() }
}

fn everything() -> Range<Minute> {
    Minute::from_number(i32::MIN)..Minute::from_number(i32::MAX)
}

fn kept(name: &str, body: Option<&str>) -> Kept {
    Kept { name: name.to_owned(), body: body.map(str::to_owned) }
}

fn batch() -> Batch {
    Batch {
        known: vec![(SignatureIndex(0), known(1, "a")), (SignatureIndex(1), known(2, "b"))],
        minutes: vec![minute(-1, &[1]), minute(3, &[]), minute(2, &[1, 2, 3])],
        cursors: vec![cursor(u64::MAX, u64::MAX), cursor(1, 0)],
        deploys: vec![deploy(9, "api"), deploy(4, "api")],
        incidents: vec![incident(1, Phase::Open)],
        notes: vec![note(1, 10)],
        decided: Vec::new(),
        work: vec![kept("kind/0", Some("{}")), kept("life/a", Some("1")), kept("life/b", Some("2"))],
    }
}

#[test]
fn what_was_committed_comes_back_after_reopening() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("deep/state/aftercare.db");
    let batch = batch();
    Store::open(&path).unwrap().commit("api", &batch).unwrap();
    let loaded = Store::open(&path).unwrap().load("api", everything()).unwrap();
    assert_eq!(loaded.known, [known(1, "a"), known(2, "b")]);
    assert_eq!(loaded.minutes, [minute(-1, &[1]), minute(2, &[1, 2, 3]), minute(3, &[])]);
    assert_eq!(loaded.cursors, [cursor(u64::MAX, u64::MAX), cursor(1, 0)]);
    assert_eq!(loaded.deploys, [deploy(4, "api"), deploy(9, "api")]);
    assert_eq!(loaded.incidents, batch.incidents);
}

#[test]
fn later_batches_replace_what_they_name_and_leave_the_rest() {
    let mut store = Store::in_memory().unwrap();
    store.commit("api", &batch()).unwrap();
    let later = Batch {
        known: vec![(SignatureIndex(1), known(2, "b again")), (SignatureIndex(2), known(3, "c"))],
        minutes: vec![minute(3, &[4])],
        cursors: vec![cursor(1, 50)],
        deploys: vec![],
        incidents: vec![incident(1, Phase::Closed { at: Timestamp::from_seconds(70) })],
        notes: vec![note(1, 70), note(2, 70)],
        decided: Vec::new(),
        work: vec![kept("life/a", None), kept("life/b", Some("3")), kept("life/c", None)],
    };
    store.commit("api", &later).unwrap();
    let loaded = store.load("api", Minute::from_number(2)..Minute::from_number(4)).unwrap();
    assert_eq!(loaded.known, [known(1, "a"), known(2, "b again"), known(3, "c")]);
    assert_eq!(loaded.minutes, [minute(2, &[1, 2, 3]), minute(3, &[4])]);
    assert_eq!(loaded.cursors, [cursor(u64::MAX, u64::MAX), cursor(1, 50)]);
    assert_eq!(loaded.incidents, later.incidents);
    assert_eq!(loaded.work, [kept("kind/0", Some("{}")), kept("life/b", Some("3"))]);
    assert_eq!(store.notes("api", 1).unwrap(), [note(1, 10), note(1, 70)]);
    assert_eq!(store.notes("web", 1).unwrap(), []);
}

#[test]
fn of_very_many_notes_the_newest_stay() {
    let mut store = Store::in_memory().unwrap();
    let notes = (0..500).map(|at| note(1, at)).collect();
    store.commit("api", &Batch { notes, ..Batch::default() }).unwrap();
    let kept = store.notes("api", 1).unwrap();
    assert_eq!((kept.len(), kept.last()), (200, Some(&note(1, 499))));
}

#[test]
fn services_do_not_mix() {
    let mut store = Store::in_memory().unwrap();
    store.commit("api", &batch()).unwrap();
    store.add_deploy(&deploy(1, "web")).unwrap();
    let web = store.load("web", everything()).unwrap();
    assert!(web.known.is_empty() && web.minutes.is_empty() && web.cursors.is_empty() && web.incidents.is_empty());
    assert_eq!(web.deploys, [deploy(1, "web")]);
    assert_eq!(store.deploys(None).unwrap().len(), 3);
    let names: Vec<_> = store.services().unwrap().into_iter().map(|service| service.name).collect();
    assert_eq!(names, ["api", "web"]);
}

#[test]
fn counts_made_under_other_masking_rules_are_kept_but_not_mixed() {
    let mut store = Store::in_memory().unwrap();
    store.commit("api", &batch()).unwrap();
    for table in ["minute", "signature", "cursor"] {
        store.connection.execute(&format!("UPDATE {table} SET rules = 's0'"), []).unwrap();
    }
    let other = Batch { minutes: vec![minute(3, &[9])], ..Batch::default() };
    store.commit("api", &other).unwrap();
    let loaded = store.load("api", everything()).unwrap();
    assert!(loaded.known.is_empty() && loaded.cursors.is_empty());
    assert_eq!(loaded.minutes, other.minutes);
    let kept: i64 = store.connection.query_row("SELECT count(*) FROM minute", [], |row| row.get(0)).unwrap();
    assert_eq!(kept, 4);
}

#[test]
fn a_batch_that_fails_in_its_middle_leaves_nothing_behind() {
    let mut store = Store::in_memory().unwrap();
    store.commit("api", &batch()).unwrap();
    // The same id at another index: the list of signatures does not allow it.
    let bad = Batch {
        known: vec![(SignatureIndex(2), known(3, "new")), (SignatureIndex(3), known(1, "a"))],
        minutes: vec![minute(50, &[1])],
        cursors: vec![cursor(1, 999)],
        ..Batch::default()
    };
    store.commit("api", &bad).unwrap_err();
    let loaded = store.load("api", everything()).unwrap();
    assert_eq!((loaded.known.len(), loaded.minutes.len(), loaded.cursors[1].offset), (2, 3, 0));
}

#[test]
fn a_deploy_is_told_once_and_again_when_more_is_known_of_it() {
    let mut store = Store::in_memory().unwrap();
    store.add_deploy(&deploy(9, "api")).unwrap();
    store.add_deploy(&deploy(4, "api")).unwrap();
    let first = store.deploys_since("api", 0).unwrap();
    assert_eq!(first, [(1, deploy(9, "api")), (2, deploy(4, "api"))]);
    store.add_deploy(&deploy(9, "api")).unwrap();
    assert_eq!(store.deploys_since("api", 2).unwrap(), []);
    let more = Deploy { revision: Some("abc".to_owned()), previous: None, origin: Origin::Log, ..deploy(9, "api") };
    store.add_deploy(&more).unwrap();
    let merged = Deploy { revision: Some("abc".to_owned()), ..deploy(9, "api") };
    assert_eq!(store.deploys_since("api", 2).unwrap(), [(3, merged.clone())]);
    assert_eq!(store.deploys(Some("api")).unwrap(), [deploy(4, "api"), merged]);
}

#[test]
fn a_deploy_marked_by_another_process_is_noticed() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join(FILE_NAME);
    let watching = Store::open(&path).unwrap();
    let before = watching.data_version().unwrap();
    assert_eq!(watching.data_version().unwrap(), before);
    Store::open(&path).unwrap().add_deploy(&deploy(9, "api")).unwrap();
    assert_ne!(watching.data_version().unwrap(), before);
    assert_eq!(watching.deploys_since("api", 0).unwrap().len(), 1);
}

#[test]
fn forgetting_takes_old_minutes_and_long_ended_cursors_only() {
    let mut store = Store::in_memory().unwrap();
    let long_ago = -100 * 24 * 60;
    let ended = |number, last_minute| Cursor { ended: true, last_minute, ..cursor(number, 5) };
    let batch = Batch {
        minutes: vec![minute(1, &[]), minute(2, &[]), minute(3, &[])],
        cursors: vec![
            ended(1, Some(long_ago)),
            ended(2, Some(0)),
            ended(3, None),
            Cursor { last_minute: Some(long_ago), ..cursor(4, 5) },
        ],
        ..Batch::default()
    };
    store.commit("api", &batch).unwrap();
    assert_eq!(store.forget_before(Minute::from_number(3)).unwrap(), 2);
    let loaded = store.load("api", everything()).unwrap();
    assert_eq!(loaded.minutes, [minute(3, &[])]);
    assert_eq!(loaded.cursors.iter().map(|cursor| cursor.number).collect::<Vec<_>>(), [2, 3, 4]);
}

#[test]
fn forgetting_the_counts_of_a_service_keeps_its_deploys() {
    let mut store = Store::in_memory().unwrap();
    store.commit("api", &batch()).unwrap();
    assert!(store.forget_counts("api").unwrap());
    assert!(!store.forget_counts("api").unwrap());
    let loaded = store.load("api", everything()).unwrap();
    assert!(loaded.known.is_empty() && loaded.minutes.is_empty() && loaded.cursors.is_empty());
    assert_eq!((loaded.deploys.len(), loaded.incidents.len()), (2, 1));
}

#[test]
fn only_one_at_a_time_may_count_a_service() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join(FILE_NAME);
    let (one, two) = (Store::open(&path).unwrap(), Store::open(&path).unwrap());
    let lock = one.lock_counting("api/../x").unwrap();
    let error = two.lock_counting("api/../x").unwrap_err();
    let own = Some(std::process::id());
    assert!(matches!(&error, StoreError::Locked { process, .. } if *process == own), "{error}");
    drop(two.lock_counting("web").unwrap());
    drop(lock);
    drop(two.lock_counting("api/../x").unwrap());
}

/// Opens a file that must be refused, and checks that not a byte of it changed.
#[track_caller]
fn refused(path: &Path) -> StoreError {
    let before = fs::read(path).unwrap();
    let error = Store::open(path).unwrap_err();
    assert_eq!(fs::read(path).unwrap(), before, "a refused file was changed");
    assert!(!error.failure().hint.is_empty());
    error
}

#[test]
fn what_is_no_sound_store_of_ours_is_refused_and_left_alone() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("text.db");
    fs::write(&path, "this is a text and no database, however long it may become".repeat(100)).unwrap();
    assert!(matches!(refused(&path), StoreError::Corrupt { .. }));

    let path = directory.path().join("foreign.db");
    Connection::open(&path).unwrap().execute_batch("CREATE TABLE bookmarks (url TEXT)").unwrap();
    assert!(matches!(refused(&path), StoreError::Foreign(_)));

    let path = directory.path().join("newer.db");
    let store = Store::open(&path).unwrap();
    store.connection.pragma_update(None, "user_version", 99).unwrap();
    drop(store);
    assert!(matches!(refused(&path), StoreError::Newer { found: 99, .. }));
}

#[test]
fn a_store_with_damaged_pages_is_refused_and_left_alone() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join(FILE_NAME);
    let mut store = Store::open(&path).unwrap();
    let minutes = (0..2_000).map(|number| minute(number, &[7; 100])).collect();
    store.commit("api", &Batch { minutes, ..Batch::default() }).unwrap();
    drop(store);
    let mut file = fs::OpenOptions::new().write(true).open(&path).unwrap();
    file.seek(SeekFrom::Start(40_960)).unwrap();
    file.write_all(&[0xAB; 8_192]).unwrap();
    drop(file);
    assert!(matches!(refused(&path), StoreError::Corrupt { .. }));
}

#[cfg(unix)]
#[test]
fn only_the_owner_may_read_the_store() {
    use std::os::unix::fs::PermissionsExt;
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("state").join(FILE_NAME);
    let mut store = Store::open(&path).unwrap();
    store.commit("api", &batch()).unwrap();
    let _lock = store.lock_counting("api").unwrap();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(path.parent().unwrap()), 0o700);
    let files: Vec<_> = fs::read_dir(path.parent().unwrap()).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert!(files.len() >= 3, "{files:?}");
    for file in files {
        assert_eq!(mode(&file), 0o600, "{}", file.display());
    }
}

#[test]
fn many_may_open_a_new_store_at_the_same_time() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join(FILE_NAME);
    std::thread::scope(|scope| {
        for n in 0..8 {
            let path = &path;
            scope.spawn(move || Store::open(path).unwrap().add_deploy(&deploy(n, "api")).unwrap());
        }
    });
    assert_eq!(Store::open(&path).unwrap().deploys(None).unwrap().len(), 8);
}
