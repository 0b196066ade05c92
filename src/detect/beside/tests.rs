use super::*;
use crate::detect::Origin;

const ZERO: Minute = Minute::from_number(29_459_520);

fn deploy() -> Deploy {
    Deploy {
        at: ZERO.start(),
        service: String::new(),
        version: "v2.0".to_owned(),
        revision: Some("4f0c2d9e77aa".to_owned()),
        previous: None,
        author: None,
        subject: None,
        origin: Origin::Flag,
    }
}

/// Half an hour in which an old and a new version write `lines` lines a minute each, and this many of the
/// signature 1.
fn written(names: (&str, &str), lines: (u32, u32), its: (u32, u32)) -> Versions {
    let mut versions = Versions::default();
    for minute in -30..30 {
        let at = ZERO.plus(minute).start();
        (0..lines.0).for_each(|_| versions.note(names.0, SignatureIndex(0), at));
        (0..its.0).for_each(|_| versions.note(names.0, SignatureIndex(1), at));
        if minute >= 0 {
            (0..lines.1).for_each(|_| versions.note(names.1, SignatureIndex(0), at));
            (0..its.1).for_each(|_| versions.note(names.1, SignatureIndex(1), at));
        }
    }
    versions
}

fn found(versions: &Versions) -> Option<Beside> {
    versions.sides(&deploy(), ZERO..ZERO.plus(30)).of(SignatureIndex(1), 1.0)
}

#[test]
fn a_version_that_writes_more_than_its_part_is_found() {
    let it = found(&written(("v1.9", "v2.0"), (40, 10), (2, 3))).unwrap();
    assert_eq!((it.new, it.all), (90, 150));
    assert!((it.share - 0.2).abs() < 1e-9, "{it:?}");
    assert!(it.evidence > 1e6 && it.peak >= it.evidence, "{it:?}");
}

#[test]
fn versions_that_fail_alike_are_no_evidence() {
    let it = found(&written(("v1.9", "v2.0"), (40, 40), (5, 5))).unwrap();
    assert!(it.peak < 20.0, "{it:?}");
}

#[test]
fn a_start_alone_convicts_nobody() {
    let mut versions = written(("v1.9", "v2.0"), (40, 10), (1, 0));
    (0..500).for_each(|_| versions.note("v2.0", SignatureIndex(1), ZERO.start()));
    let it = found(&versions).unwrap();
    assert!(it.peak < 20.0, "{it:?}");
}

#[test]
fn a_version_that_is_called_otherwise_is_new_when_it_was_never_seen_before() {
    let it = found(&written(("blue", "green"), (40, 10), (2, 3))).unwrap();
    assert_eq!(it.new, 90);
    let it = found(&written(("0123abcd", "4f0c2d9"), (40, 10), (2, 3))).unwrap();
    assert_eq!(it.new, 90, "the start of the revision names it");
}

#[test]
fn without_an_old_version_beside_it_nothing_is_said() {
    assert_eq!(found(&written(("v1.9", "v2.0"), (0, 10), (0, 3))), None);
    assert_eq!(found(&Versions::default()), None);
}

#[test]
fn memory_is_bounded() {
    let mut versions = Versions::default();
    for n in 0..400_000_u32 {
        versions.note(&format!("v{}", n % 100), SignatureIndex(n), ZERO.start());
    }
    assert!(versions.known.len() <= VERSIONS && versions.n_cells <= CELLS);
    for minute in 0..1_000 {
        versions.note("v1", SignatureIndex(0), ZERO.plus(minute).start());
    }
    assert!(versions.minutes.len() <= MINUTES as usize + 1);
}
