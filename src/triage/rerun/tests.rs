use super::*;
use crate::triage::sample;

const RUNS: [Ran; 5] = [Ran::Passed, Ran::Showed, Ran::FailedOtherwise, Ran::Flaky, Ran::Undecided];

fn all(check: &dyn Fn(&Verdict, &Reruns)) {
    let maybe = || std::iter::once(None).chain(RUNS.map(Some));
    for (runs, causal, suspect) in [true, false]
        .into_iter()
        .flat_map(|runs| [(runs, true, true), (runs, true, false), (runs, false, true), (runs, false, false)])
    {
        for confidence in [Confidence::Low, Confidence::Medium, Confidence::High] {
            for deployed in RUNS {
                for before in maybe() {
                    for without in maybe() {
                        check(
                            &sample::verdict(runs, causal, confidence, suspect.then_some("app.py")),
                            &Reruns { deployed, before, without },
                        );
                    }
                }
            }
        }
    }
}

#[test]
fn what_fails_before_the_deploy_is_never_held_against_it() {
    all(&|verdict, reruns| {
        let (moved, effect) = with_reruns(verdict, reruns);
        let is_mixed = reruns.without == Some(Ran::Flaky);
        if reruns.deployed == Ran::Showed && reruns.before == Some(Ran::Showed) && !is_mixed {
            assert!(!moved.escalates() && effect == Effect::Older, "{reruns:?}");
        }
    });
}

#[test]
fn a_verdict_rises_by_one_level_and_only_where_all_three_runs_say_so() {
    let level = |verdict: &Verdict| if verdict.escalates() { verdict.confidence as u8 } else { 0 };
    all(&|verdict, reruns| {
        let (moved, effect) = with_reruns(verdict, reruns);
        let all_say =
            (reruns.deployed, reruns.before, reruns.without) == (Ran::Showed, Some(Ran::Passed), Some(Ran::Passed));
        if level(&moved) > level(verdict) {
            assert!(
                all_say && level(&moved) == level(verdict) + 1 && effect == Effect::Raised,
                "{verdict:?} {reruns:?}"
            );
        }
        let is_vetoed = !verdict.is_runtime_change || !verdict.causal_link && verdict.confidence != Confidence::Low;
        assert!(!is_vetoed || !moved.escalates() || verdict.escalates(), "{verdict:?} {reruns:?}");
        assert_eq!(moved.evidence_summary.starts_with("It is so. "), effect != Effect::Older);
        assert!(moved.evidence_summary.contains("It is so."), "{}", moved.evidence_summary);
    });
}

#[test]
fn a_command_that_fails_of_something_else_tells_nothing() {
    let symptom = Symptom::of_text(
        "Traceback (most recent call last):\n  File \"/srv/app.py\", line 2, in mean\n    return a / b\nZeroDivisionError: division by zero\n",
    );
    let check = |passed, output: &str, expected| assert_eq!(Ran::of(passed, output, &symptom), expected, "{output}");
    check(true, "ZeroDivisionError: division by zero", Ran::Passed);
    check(false, "E   ZeroDivisionError: division by zero", Ran::Showed);
    check(false, "ModuleNotFoundError: No module named 'pytest'", Ran::FailedOtherwise);
    check(false, "", Ran::FailedOtherwise);
    // A message of a few letters is in everything.
    let key = Symptom::of_text(
        "Traceback (most recent call last):\n  File \"/srv/app.py\", line 2, in mean\n    return a[b]\nKeyError: 1\n",
    );
    assert_eq!(Ran::of(false, "exit status 1", &key), Ran::FailedOtherwise);
}

#[test]
fn nothing_is_moved_by_a_command_that_passes_and_fails_with_the_same_files() {
    all(&|verdict, reruns| {
        let (moved, effect) = with_reruns(verdict, reruns);
        if [Some(reruns.deployed), reruns.before, reruns.without].contains(&Some(Ran::Flaky)) {
            let level = |verdict: &Verdict| (verdict.causal_link, verdict.confidence);
            assert!(effect == Effect::Flaky && level(&moved) == level(verdict), "{verdict:?} {reruns:?}");
            assert!(moved.evidence_summary.contains("is flaky"), "{}", moved.evidence_summary);
        }
    });
}

#[test]
fn only_what_repeats_itself_is_believed() {
    for one in RUNS {
        for other in RUNS {
            let both = one.with_repeat(other);
            assert_eq!(both, other.with_repeat(one));
            assert!(one != other || both == one);
            assert!(one == other || matches!(both, Ran::Flaky | Ran::Undecided));
        }
    }
}
