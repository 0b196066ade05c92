use super::*;

fn word(observed: u64, expected: f64, found: Option<Finding>) -> &'static str {
    finding(&Assessment { observed, expected, finding: found, ..Assessment::default() }).1
}

#[test]
fn what_was_never_seen_before_is_not_called_steady() {
    assert_eq!(word(1, 0.0, None), "new");
    assert_eq!(word(1, 0.5, None), "steady");
    assert_eq!(word(0, 0.0, None), "steady");
    assert_eq!(word(9, 0.5, Some(Finding { kind: Kind::Rise, tier: Tier::Candidate })), "rise");
}

#[test]
fn what_only_the_hour_explains_is_called_usual() {
    let found = |explained: bool, tier: Tier| {
        let finding = Some(Finding { kind: Kind::Rise, tier });
        super::finding(&Assessment {
            observed: 20,
            expected: 9.0,
            predicted: 21.0,
            explained,
            finding,
            ..Assessment::default()
        })
    };
    assert_eq!(found(true, Tier::Candidate), ("△", "usual", Role::Muted));
    assert_eq!(found(false, Tier::Candidate), ("△", "rise", Role::Warning));
    assert_eq!(found(true, Tier::Confirmed), ("▲", "rise", Role::Danger));
}

#[test]
fn every_kind_of_finding_has_its_own_glyph() {
    let kinds = [Kind::Rise, Kind::New, Kind::Drop, Kind::Stall, Kind::Skip];
    let mut glyphs: Vec<&str> = [Tier::Candidate, Tier::Confirmed]
        .into_iter()
        .flat_map(|tier| kinds.map(|kind| Finding { kind, tier }))
        .map(|found| finding(&Assessment { finding: Some(found), ..Assessment::default() }).0)
        .collect();
    glyphs.sort_unstable();
    glyphs.dedup();
    assert_eq!(glyphs.len(), 2 * kinds.len());
}
