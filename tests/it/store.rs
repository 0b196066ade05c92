//! The store under fire: killed while it writes, and used by two processes.

mod batches;

use std::io::{BufRead, BufReader};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use aftercare::detect::counts::{Coverage, PackedMinute};
use aftercare::detect::{Known, SignatureIndex};
use aftercare::shell::source::Cursor;
use aftercare::shell::store::{Batch, FILE_NAME, Loaded, Store, StoreError};
use aftercare::units::{Minute, SignatureId, Timestamp};

/// Tells a child of the test binary which store to write to.
const CHILD: &str = "AFTERCARE_TEST_STORE";

/// Bytes that one event of the imagined log takes.
const EVENT_BYTES: u64 = 100;

/// Events that are counted in one minute.
const EVENTS_A_MINUTE: u64 = 7;

fn everything() -> Range<Minute> {
    Minute::from_number(0)..Minute::from_number(i32::MAX)
}

/// What is kept after so many events: minutes that hold their counts, the cursor behind the last event,
/// and a signature for every thousand events.
fn batch(before: u64, now: u64) -> Batch {
    let minute = |number: u64| {
        let n_events = (now - number * EVENTS_A_MINUTE).min(EVENTS_A_MINUTE);
        // Rows of many sizes, some larger than a page.
        let mut cells = n_events.to_le_bytes().to_vec();
        cells.resize(8 + usize::try_from(number * 37 % 6_000).unwrap(), 0xA5);
        let number = i32::try_from(number).unwrap();
        PackedMinute { minute: Minute::from_number(number), coverage: Coverage::Complete, cells }
    };
    let cursor = Cursor {
        number: 1,
        path: PathBuf::from("/var/log/api.log"),
        device: 1,
        inode: 2,
        fingerprint_bytes: 64,
        fingerprint: [3; 16],
        offset: now * EVENT_BYTES,
        mid_event: false,
        lead: None,
        ended: false,
        last_minute: None,
    };
    Batch {
        known: (before.div_ceil(1_000)..now.div_ceil(1_000)).map(known).collect(),
        minutes: (before / EVENTS_A_MINUTE..=(now - 1) / EVENTS_A_MINUTE).map(minute).collect(),
        cursors: vec![cursor],
        ..Batch::default()
    }
}

fn known(index: u64) -> (SignatureIndex, Known) {
    let mut id = [0; 16];
    id[..8].copy_from_slice(&index.to_le_bytes());
    let known = Known {
        id: SignatureId::from_bytes(id),
        template: format!("template {index}"),
        level: None,
        example: "example ".repeat(usize::try_from(index % 900).unwrap()),
        first: Timestamp::from_seconds(0),
        last: Timestamp::from_seconds(60),
    };
    (SignatureIndex(u32::try_from(index).unwrap()), known)
}

/// How many events were counted; fails when counts, cursor and signatures do not agree.
fn counted(loaded: &Loaded) -> u64 {
    let n_events: u64 =
        loaded.minutes.iter().map(|packed| u64::from_le_bytes(packed.cells[..8].try_into().unwrap())).sum();
    let offset = loaded.cursors.first().map_or(0, |cursor| cursor.offset);
    assert_eq!(offset, n_events * EVENT_BYTES, "counts and read position do not agree");
    assert_eq!(loaded.known.len() as u64, n_events.div_ceil(1_000));
    n_events
}

/// Not a test of its own: counts events until it is killed, when a test started it for that.
#[test]
fn writes_when_it_is_the_child_of_another_test() {
    let Some(path) = std::env::var_os(CHILD) else { return };
    let mut store = Store::open(Path::new(&path)).unwrap();
    let _lock = store.lock_counting("api").unwrap();
    let mut n_events = counted(&store.load("api", everything()).unwrap());
    let mut step = n_events;
    eprintln!("ready");
    loop {
        step = step.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let now = n_events + 1 + (step >> 33) % 60;
        store.commit("api", &batch(n_events, now)).unwrap();
        n_events = now;
        eprintln!("{n_events}");
    }
}

/// A child that counts into the store, and what it says of its progress.
fn child(path: &Path) -> (Child, impl Iterator<Item = String>) {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["store::writes_when_it_is_the_child_of_another_test", "--exact", "--nocapture", "--test-threads=1"])
        .env(CHILD, path)
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines().map(Result::unwrap);
    assert!(lines.any(|line| line == "ready"), "the child could not open the store");
    (child, lines)
}

#[test]
fn after_a_kill_at_any_moment_counts_and_read_positions_agree() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join(FILE_NAME);
    let mut seed = 20_241_124_u64;
    let mut before = 0;
    for round in 0..16 {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        let (mut child, mut progress) = child(&path);
        // A number of commits, then some turns of an empty loop into the next one.
        let n_commits = usize::try_from((seed >> 40) % 40).unwrap();
        let told = progress.nth(n_commits).unwrap().parse::<u64>().unwrap();
        (0..(seed >> 20) % 200_000).for_each(|turn| {
            std::hint::black_box(turn);
        });
        child.kill().unwrap();
        child.wait().unwrap();

        let mut store = Store::open(&path).unwrap();
        assert_eq!(store.check().unwrap(), [] as [String; 0], "round {round}");
        let now = counted(&store.load("api", everything()).unwrap());
        assert!(now >= told && told > before, "round {round}: {told} were committed, {now} are kept");
        before = now;
    }
}

#[test]
fn a_second_process_may_not_count_the_same_service_until_the_first_is_gone() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join(FILE_NAME);
    let (mut child, _progress) = child(&path);
    let store = Store::open(&path).unwrap();
    let error = store.lock_counting("api").unwrap_err();
    let holder = Some(child.id());
    assert!(matches!(&error, StoreError::Locked { process, .. } if *process == holder), "{error}");
    drop(store.lock_counting("web").unwrap());
    child.kill().unwrap();
    child.wait().unwrap();
    drop(store.lock_counting("api").unwrap());
}

#[test]
fn deploys_are_added_while_another_process_counts() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join(FILE_NAME);
    let (mut child, mut progress) = child(&path);
    let mut store = Store::open(&path).unwrap();
    for n in 0..20 {
        let deploy = aftercare::detect::Deploy::new(
            Timestamp::from_seconds(n),
            "api".to_owned(),
            format!("v{n}"),
            aftercare::detect::Origin::Mark,
        );
        store.add_deploy(&deploy).unwrap();
        counted(&store.load("api", everything()).unwrap());
        progress.next().unwrap();
    }
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(store.deploys(Some("api")).unwrap().len(), 20);
}
