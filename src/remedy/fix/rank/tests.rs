use super::*;
use crate::remedy::fix::unit::Units;
use crate::triage::{Confidence, FileStatus};

/// A change of files with one hunk each: class, path, the line before and after.
fn change(files: &[(Class, &str, &str, &str)]) -> Change {
    let files = files.iter().zip(0..).map(|((class, path, before, after), id)| FileChange {
        path: (*path).to_owned(),
        old_path: None,
        status: FileStatus::Modified,
        class: *class,
        opaque: false,
        hunks: vec![Hunk {
            id: HunkId(id),
            old_start: 1,
            new_start: 1,
            removed: vec![(*before).to_owned()],
            added: vec![(*after).to_owned()],
        }],
        base_text: Some(format!("{before}\n")),
        head_text: Some(format!("{after}\n")),
    });
    Change { files: files.collect(), ..Change::default() }
}

fn verdict(suspects: &[(u32, f64)]) -> Verdict {
    let suspect = |(hunk, score): &(u32, f64)| Suspect {
        file: "?".to_owned(),
        start: 1,
        end: 1,
        score: *score,
        reasons: vec![format!("reason {hunk}")],
        against: Vec::new(),
        hunk: HunkId(*hunk),
    };
    Verdict {
        is_runtime_change: true,
        causal_link: true,
        confidence: Confidence::High,
        evidence_summary: String::new(),
        changed_files: Vec::new(),
        suspects: suspects.iter().map(suspect).collect(),
    }
}

fn order(ranking: &Ranking) -> Vec<u32> {
    ranking.units.iter().flat_map(|unit| unit.hunks.iter().map(|id| id.0)).collect()
}

#[test]
fn suspects_come_first_and_tests_last() {
    let change = change(&[
        (Class::Test, "tests/a.py", "a = 1", "a = 2"),
        (Class::Docs, "a.md", "a", "b"),
        (Class::Runtime, "a.py", "a = 1", "a = 2"),
        (Class::Runtime, "b.py", "a = 1", "a = 2"),
        (Class::Runtime, "c.py", "a = 1  # old", "a = 1  # new"),
        (Class::Config, "d.toml", "a = 1", "a = 2"),
    ]);
    let ranking = Ranking::of(Units::of(&change).units, &change, &verdict(&[(5, 3.0), (3, 1.0)]));
    assert_eq!(order(&ranking), [5, 3, 2, 1, 0, 4]);
    assert_eq!(ranking.n_suspects, 2);
    let field = ranking.field(&change);
    assert!(field.weights.is_sorted_by(|a, b| a >= b), "{:?}", field.weights);
    assert_eq!(field.tests, Subset::from([4]));
}

#[test]
fn units_that_share_a_new_or_lost_name_are_relatives() {
    let change = change(&[
        (Class::Runtime, "a.py", "def total(): pass", "def grand_total(): pass"),
        (Class::Runtime, "b.py", "x = total()", "x = grand_total()"),
        (Class::Runtime, "c.py", "x = 1", "x = 2"),
    ]);
    let ranking = Ranking::of(Units::of(&change).units, &change, &verdict(&[]));
    assert_eq!(ranking.field(&change).relatives, [vec![1], vec![0], vec![]]);
}
