//! What the checks of a draft find, on drafts that were written to get past them, and what they let through.

use std::fs;
use std::path::Path;

use aftercare::remedy::advice::check::{self, Known, Touched};
use aftercare::triage::classify::classify;

/// The title and the two texts of each case.
fn cases(name: &str) -> Vec<(Vec<String>, String, String)> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/drafts").join(name);
    let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let case = |part: &str| {
        let (title, body) = part.split_once('\n')?;
        let (before, after) = body.split_once("-->\n")?;
        let words = title.split('|').map(|word| word.trim().to_owned()).collect();
        Some((words, before.to_owned(), format!("{}\n", after.trim_end())))
    };
    text.split("\n=== ").skip(1).map(|part| case(part).unwrap_or_else(|| panic!("cannot read {part}"))).collect()
}

fn failed(path: &str, before: &str, after: &str) -> Vec<String> {
    let (head, new) = (Some(before), Some(after));
    let touched = Touched { path, class: classify(path, new), base: head, head, new };
    let checks = check::all(&[touched], &[], &Known::default()).into_iter().filter(|check| !check.passed);
    checks.map(|check| format!("{}: {}", check.name, check.detail)).collect()
}

#[test]
fn drafts_that_were_written_to_get_past_the_checks_do_not() {
    let cases = cases("hostile.txt");
    assert!(cases.len() >= 70, "{}", cases.len());
    let passes = |(words, before, after): &(Vec<String>, String, String)| {
        let [check, path, what] = words.as_slice() else { panic!("{words:?}") };
        let failed = failed(path, before, after);
        let is_found = failed.iter().any(|text| text.starts_with(&format!("{check}: ")));
        (!is_found).then(|| format!("{check} | {path} | {what}: {failed:?}"))
    };
    let missed: Vec<String> = cases.iter().filter_map(passes).collect();
    assert!(missed.is_empty(), "{} of {} pass:\n{}", missed.len(), cases.len(), missed.join("\n"));
}

#[test]
fn honest_drafts_pass_every_check() {
    let wrong = |(words, before, after): (Vec<String>, String, String)| {
        let failed = failed(&words[0], &before, &after);
        (!failed.is_empty()).then(|| format!("{words:?}: {failed:?}"))
    };
    let wrong: Vec<String> = cases("honest.txt").into_iter().filter_map(wrong).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What a draft takes back of the deploy is no sin: neither the deployed code's ways nor those before it count.
#[test]
fn what_was_there_before_the_deploy_is_not_held_against_a_draft() {
    for (words, before, after) in cases("hostile.txt") {
        let [check, path, what] = words.as_slice() else { panic!("{words:?}") };
        // Secrets and unseen characters are found in any line that the deployed file does not have.
        if ["no error swallowed", "no new network or shell call", "no new dependency"].contains(&check.as_str()) {
            let touched = Touched {
                path,
                class: classify(path, Some(&after)),
                base: Some(&after),
                head: Some(&before),
                new: Some(&after),
            };
            let is_manifest = aftercare::triage::classify::is_manifest(path);
            let failed = check::all(&[touched], &[], &Known::default())
                .into_iter()
                .find(|found| !found.passed && found.name == check);
            assert!(is_manifest || failed.is_none(), "{path} | {what}: {failed:?}");
        }
    }
}
