use super::*;

#[track_caller]
fn rotated(name: &str, base: &str, expected: Option<Suffix>) {
    assert_eq!(rotated_from(name, base), expected, "{name} of {base}");
}

fn date(text: &str) -> Option<Suffix> {
    Some(Suffix::Date(text.to_owned()))
}

#[test]
fn names_that_rotation_gives_are_read() {
    rotated("api.log.1", "api.log", Some(Suffix::Index(1)));
    rotated("api.log.12.gz", "api.log", Some(Suffix::Index(12)));
    rotated("api.log-20241124", "api.log", date("20241124"));
    rotated("api.log-20241124-1732400000.zst", "api.log", date("20241124-1732400000"));
    rotated("api.log.2024-11-24_10", "api.log", date("2024-11-24_10"));
    rotated("api.log.old", "api.log", Some(Suffix::Word));
    rotated("api.2024-11-24.log.gz", "api.log", date("2024-11-24"));
    rotated("api-2024-11-24T10-15-00.000.log", "api.log", date("2024-11-24T10-15-00.000"));
    rotated("0.log.20241124-101500", "0.log", date("20241124-101500"));
    rotated("messages-20241124", "messages", date("20241124"));
    rotated("messages.1", "messages", Some(Suffix::Index(1)));
}

#[test]
fn names_of_other_logs_are_not_taken_for_rotations() {
    for (name, base) in [
        ("api.log", "api.log"),
        ("api.log.gz", "api.log"),
        ("api.log.lock", "api.log"),
        ("api.logs.1", "api.log"),
        ("worker-1.log", "worker.log"),
        ("api-v2.log", "api.log"),
        ("other.log.1", "api.log"),
        ("api.log.1.txt", "api.log"),
    ] {
        rotated(name, base, None);
    }
}

#[test]
fn a_name_is_split_into_its_base_and_what_was_added() {
    assert_eq!(split("api.log"), ("api.log", None));
    assert_eq!(split("api.log.3.gz"), ("api.log", Some(Suffix::Index(3))));
    assert_eq!(split("api.log-2024-11-24"), ("api.log", date("2024-11-24")));
    assert_eq!(split("1"), ("1", None));
    assert_eq!(split(""), ("", None));
}

#[test]
fn a_log_may_become_its_rotation_or_compression_and_never_the_other_way_round() {
    let may = |name: &str, copy: &str| may_become(OsStr::new(name), OsStr::new(copy));
    for (name, copy) in [
        ("api.log", "api.log.1"),
        ("api.log.1", "api.log.2"),
        ("api.log.1", "api.log.2.gz"),
        ("api.log.1", "api.log.1.gz"),
        ("api-2024-11-24.log", "api-2024-11-24.log.zst"),
    ] {
        assert!(may(name, copy), "{name} -> {copy}");
    }
    for (name, copy) in [
        ("api.log", "api.log"),
        ("api.log.1", "api.log"),
        ("api.log.1.gz", "api.log"),
        ("worker-1.log", "worker-2.log"),
        ("api.log", "web.log.1"),
    ] {
        assert!(!may(name, copy), "{name} -> {copy}");
    }
}

#[test]
fn smaller_numbers_and_later_dates_are_newer() {
    assert_eq!(Suffix::Index(2).by_age(&Suffix::Index(1)), Ordering::Less);
    let day = |text: &str| Suffix::Date(text.to_owned());
    assert_eq!(day("20241123").by_age(&day("20241124")), Ordering::Less);
    assert_eq!(Suffix::Word.by_age(&Suffix::Index(1)), Ordering::Equal);
}
