use super::*;
use crate::detect::{Origin, SignatureIndex};
use crate::ingest::signature;
use crate::units::Minute;

const DEPLOYED: i32 = 20_000;

/// A signature's rate per minute in the baseline, after the deploy, and from minute 15 on.
struct Rates {
    before: u32,
    broken: u32,
    after_remedy: u32,
}

struct World {
    counts: Counts,
    catalog: Catalog,
    incident: Incident,
}

fn at(minute: i32) -> Timestamp {
    Minute::from_number(DEPLOYED + minute).start()
}

/// Counts events of the one signature, every tenth minute when the rate is 0.
fn world(rates: &Rates) -> World {
    let mut catalog = Catalog::default();
    let signature = signature::of_message("payment declined");
    let index = catalog.note(&signature, None, at(0), "payment declined");
    let mut counts = Counts::default();
    count(&mut counts, index, -2_000..0, rates.before);
    count(&mut counts, index, 0..15, rates.broken);
    count(&mut counts, index, 15..60, rates.after_remedy);
    let deploy = Deploy::new(at(0), "orders", "v2", Origin::Mark);
    let mut incident = Incident::open(1, deploy, at(5), vec![signature.id]);
    incident.note_remedy(at(15));
    World { counts, catalog, incident }
}

fn count(counts: &mut Counts, index: SignatureIndex, minutes: Range<i32>, per_minute: u32) {
    let minute = |n: i32| Minute::from_number(DEPLOYED + n);
    minutes.clone().for_each(|n| counts.add(minute(n), index, per_minute));
    counts.observe(minute(minutes.start)..minute(minutes.end), Coverage::Complete);
}

impl World {
    fn follow(&mut self, minute: i32) -> bool {
        self.incident.follow(&self.counts, &self.catalog, &Settings::default(), &[], at(minute))
    }

    fn recovery(&self, minute: i32) -> Recovery {
        self.incident.recovery(&self.counts, &self.catalog, &Settings::default(), at(minute)).unwrap()
    }
}

#[test]
fn a_rate_that_came_back_closes_the_incident_once() {
    let mut world = world(&Rates { before: 1, broken: 8, after_remedy: 1 });
    assert!(!world.follow(18), "two minutes are not enough");
    assert!(world.follow(25));
    assert_eq!(world.incident.phase, Phase::Closed { at: at(25) });
    assert!(!world.follow(40), "nothing changes any more");
    let found = world.recovery(40);
    assert_eq!((found.minutes, found.observed), (14, 14));
    assert!((found.expected - 14.0).abs() < 1e-9);
}

#[test]
fn a_rate_that_stays_keeps_it_recovering() {
    let mut world = world(&Rates { before: 1, broken: 8, after_remedy: 8 });
    for minute in 16..60 {
        assert!(!world.follow(minute));
    }
    assert_eq!(world.incident.phase, Phase::Recovering { since: at(15) });
    assert!(!world.recovery(59).is_back);
}

/// Half the damage is not back, though it is lower than before the remedy.
#[test]
fn a_rate_that_fell_halfway_is_not_back() {
    let mut world = world(&Rates { before: 1, broken: 8, after_remedy: 4 });
    assert!(!world.follow(40));
}

#[test]
fn a_closed_incident_reopens_when_it_rises_again() {
    let mut world = world(&Rates { before: 1, broken: 8, after_remedy: 1 });
    assert!(world.follow(25));
    let index = SignatureIndex(0);
    count(&mut world.counts, index, 60..70, 9);
    assert!(world.follow(70));
    assert_eq!((world.incident.phase.clone(), world.incident.reopened), (Phase::Open, 1));
}

/// What the baseline never saw is back when it is gone; a minute of silence that nobody observed is none.
#[test]
fn a_new_error_is_over_when_it_is_gone() {
    let mut world = world(&Rates { before: 0, broken: 4, after_remedy: 0 });
    assert!(world.follow(25));
    let mut blind = self::world(&Rates { before: 0, broken: 4, after_remedy: 0 });
    blind.counts = Counts::default();
    count(&mut blind.counts, SignatureIndex(0), -2_000..0, 0);
    count(&mut blind.counts, SignatureIndex(0), 0..15, 4);
    assert!(!blind.follow(40));
}

#[test]
fn a_signature_belongs_to_its_incident_until_that_is_over() {
    let mut world = world(&Rates { before: 1, broken: 8, after_remedy: 1 });
    let id = world.incident.signatures[0];
    let other = Deploy { at: at(300), ..world.incident.deploy.clone() };
    assert!(world.incident.owns(id, &other), "a live incident goes on");
    assert!(world.follow(25));
    assert!(world.incident.owns(id, &world.incident.deploy));
    assert!(!world.incident.owns(id, &other), "what a later deploy does is its own");
    assert!(!world.incident.owns(SignatureId::from_bytes([9; 16]), &world.incident.deploy));
}

/// An incident survives being stored.
#[test]
fn an_incident_reads_what_it_wrote() {
    let incident = world(&Rates { before: 1, broken: 8, after_remedy: 1 }).incident;
    let written = serde_json::to_string(&incident).unwrap();
    assert_eq!(serde_json::from_str::<Incident>(&written).unwrap(), incident);
}
