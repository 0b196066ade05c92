use proptest::prelude::*;

use super::{Conclusion, Field, Outcome, Refusal, Search, Step, Subset, guess};

const MOST_RUNS: usize = 40;

/// A field of so many units, with so many suspects, falling weights, and no relatives.
fn field(n_units: usize, n_suspects: usize) -> Field {
    Field {
        n_units,
        n_suspects,
        relatives: vec![Vec::new(); n_units],
        needs: Vec::new(),
        weights: (0..n_units).map(|unit| if unit < n_suspects { 9.0 / (unit + 1) as f64 } else { 0.5 }).collect(),
        files: Vec::new(),
        tests: Subset::new(),
    }
}

fn set(units: &[usize]) -> Subset {
    units.iter().copied().collect()
}

/// Runs a search to its end against an oracle, which is told how many runs there were before.
fn search(field: Field, most_runs: usize, mut passes: impl FnMut(&Subset, usize) -> bool) -> (Search, Conclusion) {
    let mut search = Search::new(field, most_runs);
    loop {
        match search.step() {
            Step::Done(conclusion) => return (search, conclusion),
            Step::Run(subset) => {
                assert!(search.n_runs() < most_runs, "more runs than allowed");
                let outcome = if passes(&subset, search.n_runs()) { Outcome::Passed } else { Outcome::Failed };
                search.tell(subset, outcome);
            }
        }
    }
}

fn found(units: &[usize]) -> Conclusion {
    Conclusion::Found { units: set(units), minimal: true, confirmed: true }
}

#[track_caller]
fn check(n_units: usize, n_suspects: usize, culprits: &[usize], most_tried: usize) {
    let culprits = set(culprits);
    let (search, conclusion) = search(field(n_units, n_suspects), MOST_RUNS, |subset, _| subset.is_superset(&culprits));
    assert_eq!(conclusion, Conclusion::Found { units: culprits, minimal: true, confirmed: true });
    assert!(search.n_tried() <= most_tried, "{} subsets were tried", search.n_tried());
}

#[test]
fn the_first_suspect_takes_one_try_and_four_runs() {
    check(24, 3, &[0], 1);
    let (search, _) = search(field(24, 3), MOST_RUNS, |subset, _| subset.contains(&0));
    assert_eq!(search.n_runs(), 4);
}

#[test]
fn the_second_and_third_suspects_take_few() {
    check(24, 3, &[1], 3);
    check(24, 3, &[2], 6);
    check(24, 3, &[0, 1], 3);
}

#[test]
fn two_changes_of_one_file_are_tried_together_before_others() {
    // The first and the fourth suspect are of one file, those between them are of others.
    let mut field = field(24, 6);
    field.files = (0..24).map(|unit| if unit == 3 { 0 } else { unit }).collect();
    let (search, conclusion) = search(field, MOST_RUNS, |subset, _| subset.is_superset(&set(&[0, 3])));
    assert_eq!(conclusion, found(&[0, 3]));
    assert!(search.n_tried() <= 3, "{} subsets were tried", search.n_tried());
}

#[test]
fn without_evidence_halving_finds_it() {
    check(24, 0, &[17], 6);
    check(1, 0, &[0], 1);
}

#[test]
fn two_units_that_need_each_other_are_found_through_their_name() {
    let mut field = field(24, 1);
    field.relatives[0] = vec![20];
    let (search, conclusion) = search(field, MOST_RUNS, |subset, _| subset.is_superset(&set(&[0, 20])));
    assert_eq!(conclusion, found(&[0, 20]));
    assert!(search.n_tried() <= 3, "{} subsets were tried", search.n_tried());
}

#[test]
fn parts_of_a_file_that_do_not_run_without_each_other_are_found_together() {
    // 24 units in files of four; what takes back only some of a file does not even start.
    let mut field = field(24, 2);
    field.files = (0..24).map(|unit| unit % 6).collect();
    let file = |unit: usize| -> Subset { (0..24).filter(|other| other % 6 == unit % 6).collect() };
    let (search, conclusion) = search(field, MOST_RUNS, |subset, _| {
        let is_whole = subset.iter().all(|unit| subset.is_superset(&file(*unit)));
        is_whole && subset.contains(&9)
    });
    assert_eq!(conclusion, found(&[3, 9, 15, 21]));
    assert!(search.n_tried() <= 20, "{} subsets were tried", search.n_tried());
}

#[test]
fn what_an_output_suggests_is_tried_soon() {
    let mut search = Search::new(field(24, 1), MOST_RUNS);
    let conclusion = loop {
        match search.step() {
            Step::Done(conclusion) => break conclusion,
            Step::Run(subset) => {
                let passes = subset.is_superset(&set(&[0, 19]));
                if subset == set(&[0]) {
                    search.suggest(set(&[0, 19]));
                }
                search.tell(subset, if passes { Outcome::Passed } else { Outcome::Failed });
            }
        }
    };
    assert_eq!(conclusion, found(&[0, 19]));
    assert_eq!(search.n_tried(), 4);
}

#[test]
fn a_command_that_passes_as_deployed_cannot_tell() {
    let (search, conclusion) = search(field(5, 1), MOST_RUNS, |_, _| true);
    assert_eq!(conclusion, Conclusion::CannotJudge(Refusal::PassesAtHead));
    assert_eq!(search.n_runs(), 2);
}

#[test]
fn a_command_that_always_fails_cannot_tell() {
    let (search, conclusion) = search(field(5, 1), MOST_RUNS, |_, _| false);
    assert_eq!(conclusion, Conclusion::CannotJudge(Refusal::FailsAtBase));
    assert_eq!(search.n_runs(), 4);
}

#[test]
fn a_test_that_came_with_the_deploy_still_tells() {
    let mut field = field(6, 0);
    field.tests = set(&[5]);
    let (_, conclusion) = search(field, MOST_RUNS, |subset, _| !subset.contains(&5) && subset.contains(&3));
    assert_eq!(conclusion, found(&[3]));
}

#[test]
fn a_failure_that_does_not_come_back_is_no_ground() {
    for n_failures in 1..=2 {
        let (_, conclusion) = search(field(5, 1), MOST_RUNS, |_, run| run >= n_failures);
        assert_eq!(conclusion, Conclusion::CannotJudge(Refusal::Flaky), "{n_failures} failures, then none");
    }
}

#[test]
fn a_command_that_fails_every_other_time_is_not_believed() {
    for odd in [0, 1] {
        let (_, conclusion) = search(field(5, 1), MOST_RUNS, |_, run| run % 2 != odd);
        assert!(matches!(conclusion, Conclusion::CannotJudge(_)), "{conclusion:?}");
    }
}

#[test]
fn a_race_that_the_deploy_brought_is_found_by_more_runs() {
    // As deployed it passes once in five; without the culprit always.
    let (search, conclusion) = search(field(8, 3), MOST_RUNS, |subset, run| subset.contains(&1) || run % 5 == 0);
    assert_eq!(conclusion, found(&[1]));
    assert!(search.is_flaky());
    assert!(search.tally(&set(&[1])).passed >= 3);
}

#[test]
fn when_time_runs_out_the_best_so_far_is_told_as_not_minimal() {
    let mut search = Search::new(field(16, 0), MOST_RUNS);
    for outcome in [Outcome::Failed, Outcome::Passed, Outcome::Passed] {
        let Step::Run(subset) = search.step() else { panic!("it is over") };
        search.tell(subset, outcome);
    }
    search.stop();
    let Step::Done(Conclusion::Found { units, minimal, confirmed }) = search.step() else { panic!("nothing") };
    assert_eq!((units.len(), minimal, confirmed), (8, false, false));
}

proptest! {
    /// A guess is a part of what passes, and not of anything that failed.
    #[test]
    fn a_guess_is_worth_its_run(
        n_units in 1_usize..30,
        n_suspects in 0_usize..9,
        files in prop::collection::vec(0_usize..4, 30),
        within in prop::collection::btree_set(0_usize..30, 1..30),
        failed in prop::collection::vec(prop::collection::btree_set(0_usize..30, 1..9), 0..4),
    ) {
        let field = Field { files, ..field(n_units, n_suspects.min(n_units)) };
        let guesses = guess::guesses(&field);
        if let Some(next) = guess::next(&guesses, &within, &failed) {
            prop_assert!(next.is_subset(&within) && next != within);
            prop_assert!(!failed.iter().any(|failed| next.is_subset(failed)));
        }
    }

    /// Whatever the command does, the search ends within its bound.
    #[test]
    fn it_ends(n_units in 0_usize..40, n_suspects in 0_usize..6, most_runs in 0_usize..60, outcomes in prop::collection::vec(any::<bool>(), 60)) {
        let (search, conclusion) = search(field(n_units, n_suspects.min(n_units)), most_runs, |_, run| outcomes[run]);
        prop_assert!(search.n_runs() <= most_runs);
        if let Conclusion::Found { units, .. } = conclusion {
            prop_assert!(search.tally(&units).passed > 0 && search.tally(&units).failed == 0);
        }
    }

    /// Where taking more back never hurts, what is found passes, and nothing can be left out of it.
    #[test]
    fn what_is_found_is_minimal(
        n_units in 1_usize..40,
        n_suspects in 0_usize..6,
        causes in prop::collection::vec(prop::collection::btree_set(0_usize..40, 1..4), 1..3),
    ) {
        let causes: Vec<Subset> = causes.iter().map(|cause| cause.iter().map(|unit| unit % n_units).collect()).collect();
        let passes = |subset: &Subset| causes.iter().any(|cause| subset.is_superset(cause));
        let (search, conclusion) = search(field(n_units, n_suspects.min(n_units)), 80, |subset, _| passes(subset));
        let Conclusion::Found { units, minimal, confirmed } = conclusion else { panic!("{conclusion:?}") };
        prop_assert!(passes(&units) && minimal && confirmed);
        for unit in &units {
            prop_assert!(!passes(&units.iter().copied().filter(|other| other != unit).collect()));
        }
        prop_assert!(search.n_runs() <= 40);
    }

    /// With the culprit first in the ranking, half of the searches take one try, and none takes many.
    #[test]
    fn a_right_ranking_takes_few_runs(n_units in 1_usize..60, n_suspects in 1_usize..6, ranks in prop::collection::vec(0_usize..60, 9)) {
        // Most of the time the first suspect did it, now and then any unit.
        let mut tried = Vec::new();
        for (index, rank) in ranks.iter().enumerate() {
            let culprit = if index % 4 == 3 { rank % n_units } else { 0 };
            let (search, _) = search(field(n_units, n_suspects.min(n_units)), 80, |subset, _| subset.contains(&culprit));
            tried.push(search.n_tried());
        }
        tried.sort_unstable();
        prop_assert!(tried[tried.len() / 2] <= 3 && tried.iter().all(|n_tried| *n_tried <= 15), "{:?}", tried);
    }

    /// Where some subsets cannot even run, what is called minimal still is, unit by unit.
    #[test]
    fn what_is_called_minimal_is(n_units in 2_usize..20, culprit in 0_usize..20, pairs in prop::collection::vec((0_usize..20, 0_usize..20), 0..6)) {
        let culprit = culprit % n_units;
        let pairs: Vec<(usize, usize)> = pairs.iter().map(|(a, b)| (a % n_units, b % n_units)).collect();
        // One without the other does not build.
        let passes = |subset: &Subset| {
            subset.contains(&culprit) && pairs.iter().all(|(a, b)| subset.contains(a) == subset.contains(b))
        };
        let (search, conclusion) = search(field(n_units, 1), 80, |subset, _| passes(subset));
        let Conclusion::Found { units, minimal, .. } = conclusion else { panic!("{conclusion:?}") };
        prop_assert!(passes(&units));
        for unit in units.iter().filter(|_| minimal) {
            prop_assert!(!passes(&units.iter().copied().filter(|other| other != unit).collect()));
        }
        prop_assert!(search.n_runs() <= 80);
    }

    /// Whatever is held to belong together, rightly or not, what is called minimal is, unit by unit, and passes.
    #[test]
    fn wrong_ties_cost_runs_but_no_truth(
        n_units in 2_usize..20,
        causes in prop::collection::vec(prop::collection::btree_set(0_usize..20, 1..4), 1..3),
        ties in prop::collection::vec(prop::collection::btree_set(0_usize..20, 0..6), 20),
    ) {
        let causes: Vec<Subset> = causes.iter().map(|cause| cause.iter().map(|unit| unit % n_units).collect()).collect();
        let passes = |subset: &Subset| causes.iter().any(|cause| subset.is_superset(cause));
        let needs = ties.into_iter().map(|needs| needs.into_iter().map(|unit| unit % n_units).collect()).collect();
        let field = Field { needs, ..field(n_units, 3.min(n_units)) };
        let (_, conclusion) = search(field, 200, |subset, _| passes(subset));
        let Conclusion::Found { units, minimal, confirmed } = conclusion else { panic!("{conclusion:?}") };
        prop_assert!(passes(&units) && minimal && confirmed);
        for unit in &units {
            prop_assert!(!passes(&units.iter().copied().filter(|other| other != unit).collect()));
        }
    }
}
