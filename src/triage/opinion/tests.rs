//! What a second opinion can and cannot do.

use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::triage::{Class, FileChange, FileStatus, Hunk, sample};

fn change() -> Change {
    let hunk =
        |id| Hunk { id: HunkId(id), old_start: 1, new_start: 1, removed: vec!["a".into()], added: vec!["b".into()] };
    let file = FileChange {
        path: "a.py".to_owned(),
        old_path: None,
        status: FileStatus::Modified,
        class: Class::Runtime,
        opaque: false,
        hunks: vec![hunk(0), hunk(1)],
        base_text: None,
        head_text: None,
    };
    Change { files: vec![file], ..Change::default() }
}

fn verdict(is_runtime_change: bool, causal_link: bool, confidence: Confidence) -> Verdict {
    sample::verdict(is_runtime_change, causal_link, confidence, Some("a.py"))
}

fn said(causal_link: bool, confidence: &str, hunks: &[&str]) -> String {
    json!({
        "is_runtime_change": true, "causal_link": causal_link, "confidence": confidence, "hunk_ids": hunks,
        "path": [{"from": "a", "to": "b", "why": "\u{1b}[31mred"}], "against": [],
    })
    .to_string()
}

#[test]
fn an_opinion_is_of_the_exact_form() {
    let good = said(true, "high", &["h0"]);
    let opinion = Opinion::read(&good, &change()).unwrap();
    assert_eq!(opinion.path, ["a -> b: red"]);
    assert_eq!(Opinion::read(&format!("```json\n{good}\n```"), &change()).unwrap(), opinion);
    let wrong = |text: &str| Opinion::read(text, &change()).unwrap_err();
    assert!(matches!(wrong("I think so"), OpinionError::Form(_)));
    assert!(matches!(wrong(&format!("{good} Sure!")), OpinionError::Form(_)));
    assert!(matches!(wrong(&good.replacen('{', "{\"run\":\"rm\",", 1)), OpinionError::Form(_)));
    assert!(matches!(wrong(&good.replace("\"high\"", "\"certain\"")), OpinionError::Form(_)));
    assert!(matches!(wrong(&said(true, "high", &["h7"])), OpinionError::NoSuchHunk(_)));
    assert!(matches!(wrong(&said(true, "high", &["a.py"])), OpinionError::NoSuchHunk(_)));
    assert_eq!(wrong(&said(true, "high", &[])), OpinionError::Groundless);
}

#[track_caller]
fn check(own: (bool, Confidence), said_by: (bool, &str, &[&str]), expected: (bool, Confidence, Effect)) {
    let opinion = Opinion::read(&said(said_by.0, said_by.1, said_by.2), &change()).unwrap();
    let (moved, effect) = second(&verdict(true, own.0, own.1), &opinion);
    assert_eq!((moved.causal_link, moved.confidence, effect), expected);
}

#[test]
fn it_moves_a_verdict_by_one_level() {
    use Confidence::{High, Low, Medium};
    check((true, Medium), (true, "high", &["h0"]), (true, High, Effect::Raised));
    check((false, Low), (true, "high", &["h0"]), (true, Medium, Effect::Raised));
    check((true, High), (false, "high", &[]), (true, Medium, Effect::Lowered));
    check((true, Medium), (false, "low", &[]), (false, Low, Effect::Lowered));
    check((true, Medium), (true, "medium", &["h1"]), (true, Medium, Effect::Agrees));
}

#[test]
fn it_overrules_no_veto_and_raises_nothing_for_another_suspect() {
    use Confidence::{High, Low, Medium};
    check((false, Medium), (true, "high", &["h0"]), (false, Medium, Effect::Overruled));
    check((false, High), (true, "high", &["h0"]), (false, High, Effect::Overruled));
    check((false, Low), (true, "high", &["h1"]), (false, Low, Effect::Overruled));
    let opinion = Opinion::read(&said(true, "high", &["h0"]), &change()).unwrap();
    let trivial = verdict(false, false, Low);
    assert_eq!(second(&trivial, &opinion), (trivial.clone(), Effect::Overruled));
}

proptest! {
    /// Whatever is said, the level moves by one at most, and a veto stays.
    #[test]
    fn nothing_moves_further(runs: bool, link: bool, own in 0..3_u8, says: bool, how in 0..3_u8, first: bool) {
        let of = |number: u8| [Confidence::Low, Confidence::Medium, Confidence::High][usize::from(number)];
        let word = ["low", "medium", "high"][usize::from(how)];
        let hunks = if first { ["h0"] } else { ["h1"] };
        let opinion = Opinion::read(&said(says, word, &hunks), &change()).unwrap();
        // A link that is not even likely is none.
        let link = link && runs && own > 0;
        let before = verdict(runs, link, of(own));
        let (after, _) = second(&before, &opinion);
        let step = level(after.causal_link, after.confidence).abs_diff(level(before.causal_link, before.confidence));
        prop_assert!(step <= 1);
        if !runs || (!link && own > 0) {
            prop_assert!(!after.causal_link);
            prop_assert_eq!(after.confidence, before.confidence);
        }
    }
}
