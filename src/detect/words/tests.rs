use super::super::watch::Finding;
use super::*;

fn found(kind: Kind, tier: Tier) -> Assessment {
    Assessment {
        observed: 41,
        expected: 12.0,
        predicted: 9.84,
        p: 2.1e-10,
        ratio: Some(4.17),
        ratio_low: Some(2.61),
        ratio_high: Some(6.48),
        evidence: 5.0,
        finding: Some(Finding { kind, tier }),
        ..Assessment::default()
    }
}

#[track_caller]
fn check(assessment: &Assessment, expected: &str) {
    assert_eq!(assessment.sentence("payment declined", 12.0), expected);
}

#[test]
fn a_finding_is_one_sentence() {
    let rise = found(Kind::Rise, Tier::Confirmed);
    check(&rise, "`payment declined` 41 times in 12 min, 9.8 expected: x4.2 (2.6 to 6.5), since the deploy, confirmed");
    let late = Assessment { onset: Some(15), evidence: 30.0, ..found(Kind::Rise, Tier::Candidate) };
    check(
        &late,
        "`payment declined` 41 times in 12 min, 9.8 expected: x4.2 (2.6 to 6.5), since minute 15, likely, not confirmed",
    );
    let new = Assessment { observed: 1, ratio: None, predicted: 0.0, ..found(Kind::New, Tier::Candidate) };
    check(&new, "`payment declined` once in 12 min, never before: new, a candidate only");
    let drop = Assessment {
        observed: 0,
        predicted: 60.0,
        ratio: Some(0.0),
        ratio_low: Some(0.0),
        ratio_high: Some(0.084),
        ..found(Kind::Drop, Tier::Confirmed)
    };
    check(&drop, "`payment declined` not once in 12 min, 60 expected: x0 (0 to 0.08), since the deploy, confirmed");
    let open = Assessment { ratio: Some(207.0), ratio_low: Some(49.0), ratio_high: Some(3.4e7), ..rise.clone() };
    check(&open, "`payment declined` 41 times in 12 min, 9.8 expected: x207 (49 or more), since the deploy, confirmed");
    let steady = Assessment { finding: None, ..rise };
    check(&steady, "`payment declined` 41 times in 12 min, 9.8 expected: within its usual spread");
}

#[test]
fn what_is_as_usual_is_no_candidate_of_the_verdict() {
    let usual = Assessment { explained: true, ..found(Kind::Rise, Tier::Candidate) };
    let rise = found(Kind::Rise, Tier::Candidate);
    let sure = Assessment { explained: true, ..found(Kind::Rise, Tier::Confirmed) };
    let verdict = |of: &[&Assessment]| Overall::of(of.iter().copied()).words();
    assert_eq!(verdict(&[&usual, &usual]), "no finding");
    assert_eq!(verdict(&[&usual, &rise, &usual]), "1 candidate, not confirmed");
    assert_eq!(verdict(&[&usual, &rise, &sure]), "1 confirmed regression");
}

#[test]
fn numbers_have_the_digits_that_matter() {
    for (n, expected) in [(0.0, "0"), (0.0012, "0.001"), (0.084, "0.08"), (0.42, "0.4"), (9.84, "9.8"), (250.4, "250")]
    {
        assert_eq!(number(n), expected);
    }
}
