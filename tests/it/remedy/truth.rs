//! Holds the judgement on going back against the truth, deploy by deploy.
//!
//! The cases are the files of `tests/data/rollback/`. A case starts with `===`, what going back really is
//! (`red`: it breaks or loses something; `amber`: order or follow-up matters; `green`: code may go back alone,
//! with migrations left applied), and its name. Then perhaps `commit: SUBJECT`; the files: `--- PATH`, and the
//! whole file with ` `, `-` or `+` before each line; and `+++ later PATH`, a file that a later deploy wrote.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use aftercare::remedy::safety::concerns;
use aftercare::remedy::{Hazard, Scope};
use aftercare::shell::git::read;
use aftercare::shell::git::revert::{self, Request};

use super::scene::{Scene, change};

const LEVELS: [&str; 3] = ["green", "amber", "red"];

#[derive(Default)]
struct Case {
    truth: usize,
    name: String,
    subject: Option<String>,
    files: Vec<(String, Option<String>, Option<String>)>,
    later: Vec<(String, String)>,
}

fn cases(text: &str) -> Vec<Case> {
    let mut cases: Vec<Case> = Vec::new();
    let mut is_later = false;
    for line in text.lines() {
        if let Some(header) = line.strip_prefix("=== ") {
            let (level, name) = header.split_once(' ').unwrap();
            let truth = LEVELS.iter().position(|known| *known == level).unwrap();
            cases.push(Case { truth, name: name.to_owned(), ..Case::default() });
            continue;
        }
        let Some(case) = cases.last_mut() else { continue };
        if let Some(subject) = line.strip_prefix("commit: ") {
            case.subject = Some(subject.to_owned());
        } else if let Some(path) = line.strip_prefix("+++ later ") {
            is_later = true;
            case.later.push((path.to_owned(), String::new()));
        } else if let Some(path) = line.strip_prefix("--- ") {
            is_later = false;
            case.files.push((path.to_owned(), None, None));
        } else if let Some(mark) = line.chars().next() {
            let content = format!("{}\n", line[mark.len_utf8()..].replace("\\0", "\0"));
            if is_later {
                case.later.last_mut().unwrap().1.push_str(&content);
                continue;
            }
            let (_, base, head) = case.files.last_mut().unwrap();
            if mark != '+' {
                base.get_or_insert_default().push_str(&content);
            }
            if mark != '-' {
                head.get_or_insert_default().push_str(&content);
            }
        }
    }
    cases
}

/// The level of the plan, and the rules that say so; what is refused cannot be taken back.
fn judged(case: &Case) -> (usize, String) {
    let level = |level: Hazard| level as usize;
    if case.subject.is_none() && case.later.is_empty() && !case.name.starts_with("binary") {
        let files: Vec<_> =
            case.files.iter().map(|(path, base, head)| (path.as_str(), base.as_ref(), head.as_ref())).collect();
        let found = concerns(&change(&files));
        let rules: Vec<_> = found.iter().map(|found| format!("{} {}", found.level.word(), found.rule)).collect();
        return (found.iter().map(|found| level(found.level)).max().unwrap_or(0), rules.join(", "));
    }
    let scene = Scene::new();
    let side = |head: bool| -> Vec<(&str, &[u8])> {
        let of = |(path, base, after): &'_ (String, Option<String>, Option<String>)| {
            let text = if head { after } else { base };
            text.as_ref().map(|text| (path.clone(), text.clone()))
        };
        case.files
            .iter()
            .filter(|file| of(file).is_some())
            .map(|(path, base, after)| {
                (path.as_str(), if head { after } else { base }.as_deref().unwrap_or_default().as_bytes())
            })
            .collect()
    };
    let base = scene.commit("Before", &side(false));
    let head = scene.commit(case.subject.as_deref().unwrap_or("Change it"), &side(true));
    for (path, text) in &case.later {
        scene.write(path, text.as_bytes());
        scene.commit_all(&scene.repo(), "Later");
    }
    let change = read::change(&scene.repo(), &format!("{base}..{head}")).unwrap();
    let request = Request { target_branch: Some("main"), ..Request::new("api", Scope::Range) };
    match revert::plan(&scene.path(), &change, &request) {
        Ok(plan) => {
            (level(plan.level()), plan.concerns.iter().map(|found| found.rule.clone()).collect::<Vec<_>>().join(", "))
        }
        Err(error) => (level(Hazard::Red), format!("refused: {error}")),
    }
}

#[test]
fn every_unsafe_rollback_is_red_and_few_reds_are_needless() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/rollback");
    let mut files: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let mut table = [[0_usize; 3]; 3];
    let mut off = String::new();
    for case in files.iter().flat_map(|file| cases(&fs::read_to_string(file).unwrap())) {
        let (found, rules) = judged(&case);
        table[case.truth][found] += 1;
        if found != case.truth {
            writeln!(off, "{} is {}: {} ({rules})", LEVELS[case.truth], LEVELS[found], case.name).unwrap();
        }
    }
    let mut shown = format!("{:<14}{:>8}{:>8}{:>8}\n", "truth \\ found", "green", "amber", "red");
    for (truth, row) in table.iter().enumerate() {
        writeln!(shown, "{:<14}{:>8}{:>8}{:>8}", LEVELS[truth], row[0], row[1], row[2]).unwrap();
    }
    println!("{shown}{off}");
    let n_cases: usize = table.iter().flatten().sum();
    let reds: usize = table.iter().map(|row| row[2]).sum();
    let needless = table[0][2] + table[1][2];
    assert!(n_cases >= 450, "only {n_cases} cases");
    assert_eq!(table[2][0] + table[2][1], 0, "an unsafe rollback is not red:\n{shown}{off}");
    assert_eq!(table[1][0], 0, "what needs care is green:\n{shown}{off}");
    assert!(needless * 100 <= reds * 15, "{needless} of {reds} reds are needless:\n{shown}{off}");
}
