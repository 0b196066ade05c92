//! How a verdict takes longer over a larger deploy; the figure itself is for a benchmark.

use aftercare::shell::git::read::{self, Range};

use super::{File, line, repository};
use crate::pace::assert_linear;

/// 500 files of 200 lines, of which so many differ in 4 places each.
fn large(n_changed: usize) -> Vec<File> {
    let text = |file: usize, word: &str| -> String {
        let body = |n: usize| match n % 10 {
            0 => format!("def step_{file}_{n}(order, region):"),
            9 if n % 50 == 49 => format!("    {word} = lookup_{n}(order)"),
            9 => format!("    log.info(\"handled part {n} of order %s in file {file}\", order.id)"),
            _ => format!("    value_{n} = compute_{n}(order, region, depth={n})"),
        };
        (0..200).map(|n| body(n) + "\n").collect()
    };
    let file = |n: usize| {
        let head = text(n, if n.is_multiple_of(10) && n / 10 < n_changed { "changed" } else { "kept" });
        File::new(&format!("src/part{}/file_{n}.py", n % 20), Some(text(n, "kept").as_bytes()), Some(head.as_bytes()))
    };
    (0..500).map(file).collect()
}

#[test]
fn a_verdict_takes_no_more_than_its_share_longer_over_a_larger_deploy() {
    let places = [12, 48].map(|n_changed| {
        let folder = tempfile::tempdir().unwrap();
        repository(folder.path(), &large(n_changed));
        (n_changed, folder)
    });
    let symptom = line("worker gave up: handled part 59 of order 17 in file 430 twice");
    let judge = |n_changed: usize| {
        let (_, folder) = places.iter().find(|(n, _)| *n == n_changed).unwrap();
        let (verdict, change) = read::triage(folder.path(), &Range::new("base", "head"), &symptom).unwrap();
        assert_eq!((change.files.len(), change.paths.len()), (n_changed, 500));
        assert_eq!(verdict.changed_files.len(), n_changed);
    };
    assert_linear("changed files", judge, 12);
}
