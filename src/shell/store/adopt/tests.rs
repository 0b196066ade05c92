use std::ops::Range;

use crate::detect::counts::{Counts, Coverage};
use crate::detect::groups::{Decided, Decision};
use crate::detect::{Catalog, Deploy, Incident, Known, Origin};
use crate::ingest::signature::Overrides;
use crate::ingest::{Intake, Limits, Resume, Signature};
use crate::shell::store::{Batch, Loaded, Store};
use crate::units::{Minute, SignatureId, Timestamp};

fn everything() -> Range<Minute> {
    Minute::from_number(i32::MIN)..Minute::from_number(i32::MAX)
}

fn limits(keep: &[&str], mask: &[&str]) -> Limits {
    let owned = |list: &[&str]| list.iter().map(|entry| (*entry).to_owned()).collect::<Vec<_>>();
    let overrides = Overrides::new(&owned(keep), &owned(mask), &[]).unwrap();
    Limits { overrides: overrides.into(), ..Limits::default() }
}

/// What a watch under these limits would store of the lines, one a minute from `from` on.
fn counted(limits: &Limits, from: i32, lines: &[&str], before: &Loaded) -> Batch {
    let (mut catalog, mut counts) = (Catalog::default(), Counts::default());
    for known in &before.known {
        catalog.restore(known.clone());
    }
    for (minute, line) in (from..).zip(lines) {
        let at = Minute::from_number(minute).start();
        let mut intake = Intake::new(limits.clone(), &Resume::default());
        let mut take = |event: crate::ingest::Event| {
            let index = catalog.note(&event.signature, event.level, at, &event.text);
            counts.add(at.minute(), index, 1);
            counts.observe(at.minute()..at.minute().plus(1), Coverage::Complete);
        };
        intake.push(line.as_bytes(), at, &mut take);
        intake.finish(&mut take);
    }
    let known = catalog.take_changed().into_iter().map(|index| (index, catalog.get(index).unwrap().clone())).collect();
    Batch { known, minutes: counts.take_dirty(), ..Batch::default() }
}

/// How often each template was counted, sorted.
fn sums(loaded: &Loaded) -> Vec<(String, u64)> {
    let mut counts = Counts::default();
    loaded.minutes.iter().for_each(|minute| counts.restore(minute).unwrap());
    let (sums, _) = counts.sums(everything(), Coverage::Complete);
    let of = |(index, known): (usize, &Known)| (known.template.clone(), sums.get(index).copied().unwrap_or(0));
    let mut found: Vec<(String, u64)> = loaded.known.iter().enumerate().map(of).filter(|(_, n)| *n > 0).collect();
    found.sort();
    found
}

fn open(folder: &tempfile::TempDir, limits: &Limits) -> (Store, usize, Loaded) {
    let store = Store::open(&folder.path().join("aftercare.db")).unwrap();
    let mut store = store.under(limits.overrides.version());
    let n_carried = store.adopt("api", |known| known.resigned(limits)).unwrap();
    let loaded = store.load("api", everything()).unwrap();
    (store, n_carried, loaded)
}

const LINES: [&str; 6] = [
    "lane alpha is full",
    "lane beta is full",
    "lane alpha is full",
    "order 17 gave INV1234",
    "order 18 gave INV1234",
    "cache is cold",
];

#[test]
fn a_changed_override_carries_the_history_over() {
    let folder = tempfile::tempdir().unwrap();
    let plain = limits(&[], &[]);
    let (mut store, n_carried, before) = open(&folder, &plain);
    assert_eq!((n_carried, sums(&before).len()), (0, 0));
    store.commit("api", &counted(&plain, 100, &LINES, &before)).unwrap();
    drop(store);
    let changed = limits(&["INV1234"], &["lane (alpha|beta)"]);
    let (mut store, n_carried, loaded) = open(&folder, &changed);
    assert_eq!(n_carried, 4);
    let expected = counted(&changed, 100, &LINES, &Loaded::default());
    let owned = |list: &[(&str, u64)]| list.iter().map(|(text, n)| ((*text).to_owned(), *n)).collect::<Vec<_>>();
    let all = owned(&[("<*> is full", 3), ("cache is cold", 1), ("order <*> gave INV1234", 2)]);
    assert_eq!(sums(&loaded), all);
    // As though everything had been counted under the new rules.
    let mut fresh = Store::in_memory().unwrap();
    fresh.commit("api", &expected).unwrap();
    assert_eq!(sums(&fresh.load("api", everything()).unwrap()), all);
    // What follows goes on with the same signatures.
    store.commit("api", &counted(&changed, 106, &LINES[..2], &loaded)).unwrap();
    drop(store);
    // Back to the rules before: what was counted under them stays, what came since follows its example.
    let (_, n_carried, back) = open(&folder, &plain);
    assert_eq!(n_carried, 3);
    let lane = if before.known.is_empty() { "lane alpha is full" } else { "" };
    assert_eq!(
        sums(&back),
        owned(&[("cache is cold", 1), (lane, 4), ("lane beta is full", 1), ("order <*> gave <*>", 2)]),
    );
    let (_, n_carried, again) = open(&folder, &plain);
    assert_eq!((n_carried, sums(&again)), (0, sums(&back)));
}

#[test]
fn a_step_of_the_rules_carries_incidents_and_decisions_over() {
    let folder = tempfile::tempdir().unwrap();
    let plain = limits(&[], &[]);
    let path = folder.path().join("aftercare.db");
    // As an older program left it: ids of its own, and no note of the version in use.
    let mut batch = counted(&plain, 100, &LINES, &Loaded::default());
    for (index, known) in &mut batch.known {
        known.id = SignatureId::from_bytes([index.0 as u8 + 1; 16]);
    }
    let at = Timestamp::from_seconds(6_000);
    let deploy = Deploy::new(at, "api", "v2", Origin::Mark);
    let former = |n: u8| SignatureId::from_bytes([n; 16]);
    batch.incidents = vec![Incident::open(1, deploy, at, vec![former(3), former(4)])];
    let merge = Decision::Merge { signatures: vec![former(1), former(2)] };
    batch.decided = vec![Decided { number: 1, at, decision: merge }];
    Store::open(&path).unwrap().under("s0").commit("api", &batch).unwrap();
    let (_, n_carried, loaded) = open(&folder, &plain);
    assert_eq!(n_carried, 4);
    let id = |line: &str| crate::ingest::signature::of_message(line).id;
    assert_eq!(loaded.incidents[0].signatures, [id(LINES[3]), id(LINES[5])]);
    let merged = Decision::Merge { signatures: vec![id(LINES[0]), id(LINES[1])] };
    assert_eq!(loaded.decided[0].decision, merged);
    assert_eq!(loaded.aliases.get(&former(3)), Some(&id(LINES[3])));
    assert_eq!(sums(&loaded).iter().map(|(_, n)| n).sum::<u64>(), 6);
}

#[test]
fn what_is_read_better_today_goes_on_under_its_name() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("aftercare.db");
    let limits = Limits::default();
    let line = "2026-11-24 10:00:00.123456 W | etcdserver: no leader";
    let mut batch = counted(&limits, 100, &[line; 3], &Loaded::default());
    let before = crate::ingest::signature::of_message("W | etcdserver: no leader");
    for (_, known) in &mut batch.known {
        (known.id, known.template) = (before.id, before.template.clone());
    }
    Store::open(&path).unwrap().under("s4").commit("api", &batch).unwrap();
    let mut store = Store::open(&path).unwrap().under("s4/2");
    assert_eq!(store.adopt("api", |known| known.resigned(&limits)).unwrap(), 1);
    let loaded = store.load("api", everything()).unwrap();
    let today = crate::ingest::signature::of_message("no leader").id;
    assert_eq!(sums(&loaded), [("no leader".to_owned(), 3)]);
    assert_eq!(loaded.aliases.get(&before.id), Some(&today));
}

/// An example, read alone, has the signature under which it was kept.
#[test]
fn an_example_names_its_signature_again() {
    let limits = Limits::default();
    let mut n_events = 0;
    for file in ["java", "mixed", "others", "python"] {
        let path = format!("{}/tests/data/events/{file}.txt", env!("CARGO_MANIFEST_DIR"));
        let text = std::fs::read_to_string(path).unwrap();
        let mut intake = Intake::new(limits.clone(), &Resume::default());
        let mut different = Vec::new();
        let mut take = |event: crate::ingest::Event| {
            n_events += 1;
            let at = Timestamp::from_seconds(1_800_000_000);
            let known = Known {
                id: event.signature.id,
                template: event.signature.template.clone(),
                level: None,
                example: event.text.clone(),
                first: at,
                last: at,
            };
            if known.resigned(&limits) != event.signature {
                different.push(event.text);
            }
        };
        intake.push(text.as_bytes(), Timestamp::from_seconds(1_800_000_000), &mut take);
        intake.finish(&mut take);
        assert!(different.is_empty(), "{file}: {different:#?}");
    }
    assert!(n_events > 300, "{n_events}");
}

#[test]
fn what_stands_for_all_others_stays_what_it_is() {
    let at = Timestamp::default();
    let text = "(further)".to_owned();
    let known =
        Known { id: Catalog::OTHERS, template: text.clone(), level: None, example: String::new(), first: at, last: at };
    assert_eq!(known.resigned(&limits(&[], &["f"])), Signature { id: Catalog::OTHERS, template: text });
}
