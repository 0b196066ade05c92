use super::*;

const CASES: [&str; 3] = [
    include_str!("../../../tests/data/remedy/contracts.txt"),
    include_str!("../../../tests/data/remedy/migrations.txt"),
    include_str!("../../../tests/data/remedy/others.txt"),
];

#[test]
fn every_rule_has_a_case() {
    let cases = CASES.concat();
    let level = |level| format!("{level:?}").to_lowercase();
    let missing: Vec<String> = rules::ALL
        .iter()
        .map(|rule| format!("expect: {} {} ", level(rule.level), rule.id))
        .filter(|expected| !cases.contains(expected))
        .collect();
    assert_eq!(missing, [""; 0]);
}

#[test]
fn a_rule_says_why_and_what_would_help_in_sentences() {
    for rule in rules::ALL {
        for text in [rule.why, rule.safer] {
            assert!(text.ends_with(['.', '?']) && !text.contains("  "), "{}: {text}", rule.id);
        }
        let (area, name) = rule.id.split_once('.').unwrap();
        assert!(!area.is_empty() && name.chars().all(|c| c.is_ascii_lowercase() || c == '-'), "{}", rule.id);
    }
}

#[test]
fn many_alike_are_counted_rather_than_listed() {
    let mut findings = Findings { file: "a.sql", list: Vec::new() };
    for line in 1..=50 {
        findings.add(&rules::DROP_TABLE, line, &format!("t{line}"));
    }
    let listed = findings.finish();
    assert_eq!(listed.len(), MOST_ALIKE);
    assert!(listed.last().unwrap().why.ends_with("30 more like it follow in this file."));
}

#[test]
fn a_hostile_name_cannot_act() {
    assert_eq!(quoted("a\u{1b}[2J\u{202e}b\n"), "a[2Jb");
    assert_eq!(quoted(&"x".repeat(200)).chars().count(), 81);
}
