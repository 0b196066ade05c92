//! What waits to be written is written as if it had been written at once.

use aftercare::detect::groups::{Decided, Decision};
use aftercare::detect::tasks::Kept;
use aftercare::detect::{Deploy, Incident, Origin, Phase};
use aftercare::engine::Note;
use aftercare::shell::store::{Batch, Loaded, Store};
use aftercare::units::Timestamp;
use proptest::prelude::*;

use super::{batch, everything};

const SERVICE: &str = "api";

/// The batch after so many events more, with all that a watch writes; `n` tells it from the others.
fn of_watch(n: u64, before: u64, more: u64) -> Batch {
    let at = Timestamp::from_seconds(i64::try_from(n).unwrap());
    let deploy = Deploy {
        author: n.is_multiple_of(2).then(|| format!("author {n}")),
        subject: n.is_multiple_of(3).then(|| format!("subject {n}")),
        ..Deploy::new(Timestamp::from_seconds(0), SERVICE.to_owned(), format!("v{}", n % 2), Origin::Log)
    };
    let incident = Incident {
        id: 1 + n % 3,
        deploy: deploy.clone(),
        opened: at,
        signatures: Vec::new(),
        phase: Phase::Open,
        reopened: u32::try_from(n).unwrap(),
    };
    let note = |of: u64| Note { incident: 1 + of % 3, at, phase: "open".to_owned(), reopened: 0, findings: Vec::new() };
    let body = (!n.is_multiple_of(4)).then(|| format!("{{\"n\":{n}}}"));
    let id = super::known(n).1.id;
    Batch {
        deploys: vec![deploy],
        incidents: vec![incident],
        // More than are kept of one incident.
        notes: (0..150).map(|of| note(n + of % 2)).collect(),
        decided: vec![Decided { number: n + 1, at, decision: Decision::Merge { signatures: vec![id] } }],
        work: vec![Kept { name: format!("kind {}", n % 3), body }],
        ..batch(before, before + more)
    }
}

/// All that is kept, in words.
fn told(store: &mut Store) -> String {
    let loaded: Loaded = store.load(SERVICE, everything()).unwrap();
    let notes: Vec<Vec<Note>> = (1..=3).map(|incident| store.notes(SERVICE, incident).unwrap()).collect();
    format!("{loaded:#?}\n{notes:#?}")
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 16, failure_persistence: None, ..ProptestConfig::default() })]

    /// Batches that wait for each other are kept as if each had been written at once.
    #[test]
    fn what_waits_is_written_as_if_at_once(steps in prop::collection::vec((1_u64..40, any::<bool>()), 1..9)) {
        let (mut at_once, mut later) = (Store::in_memory().unwrap(), Store::in_memory().unwrap());
        let (mut held, mut n_events) = (Batch::default(), 0);
        for (n, (more, refused)) in (0..).zip(steps) {
            let batch = of_watch(n, n_events, more);
            n_events += more;
            at_once.commit(SERVICE, &batch).unwrap();
            held.absorb(batch);
            if !refused {
                later.commit(SERVICE, &held).unwrap();
                held = Batch::default();
            }
        }
        later.commit(SERVICE, &held).unwrap();
        prop_assert_eq!(told(&mut at_once), told(&mut later));
    }
}
