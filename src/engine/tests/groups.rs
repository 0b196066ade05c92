//! Groups before the whole engine.

use super::*;

/// Workers of these queues say the same, each with its name.
const QUEUES: [&str; 8] = ["orders", "stock", "search", "mail", "export", "audit", "reports", "ledger"];

/// Hours in which queues take turns to fail once a minute; from the deploy on only those from `first_after`.
fn turns(first_after: usize, n_after: usize) -> String {
    let mut log = String::new();
    for minute in -400..40_i32 {
        log += &line(minute, 5, "INFO api: served request 81 in 12 ms");
        let at = minute.unsigned_abs() as usize;
        let queue = if minute < 0 { QUEUES[at % 6] } else { QUEUES[first_after + at % n_after] };
        log += &line(minute, 30, &format!("ERROR worker: lost the lease for {queue} lane twice"));
    }
    log
}

fn watched(log: &str, until: i32) -> Engine {
    let mut engine = engine();
    engine.push(KEY, log.as_bytes(), at(until, 0));
    engine.caught_up();
    engine.observe(at(until, 0));
    engine.mark(deploy(0, "v2"));
    engine.judge(at(until, 0));
    engine
}

/// The findings of the newest judgement: what each row is called, and the kind.
fn findings(engine: &Engine) -> Vec<(String, crate::detect::Kind)> {
    let judgement = engine.judgements().last().unwrap().1;
    let found = judgement.assessments.iter().filter_map(|it| Some((it.signature?, it.finding?.kind)));
    found.map(|(lead, kind)| (engine.title(lead).to_owned(), kind)).collect()
}

#[test]
fn a_new_member_of_a_known_group_is_no_newcomer_and_a_group_is_one_row() {
    let engine = watched(&turns(6, 2), 40);
    assert_eq!(engine.catalog().len(), 9);
    assert_eq!(findings(&engine), [], "the group failed once a minute before, and does so now");
    let snapshot = engine.snapshot(at(40, 0), &[], 0, 0);
    let row = snapshot.rows.iter().find(|row| row.group.is_some()).unwrap();
    assert_eq!((row.group.unwrap().n_members, row.template.as_str()), (8, "lost the lease for <*> lane twice"));
    assert_eq!(snapshot.rows.len(), 2);
    assert_eq!(row.assessment.observed, 39);
}

#[test]
fn neither_a_split_nor_a_merge_makes_a_rate_change() {
    let mut engine = watched(&turns(0, 6), 40);
    assert_eq!(findings(&engine), []);
    let whole = format!("{:?}", engine.judgements().last().unwrap().1);
    let lead = engine.snapshot(at(40, 0), &[], 0, 0).rows.iter().find(|row| row.group.is_some()).unwrap().id;
    assert!(engine.decide_group(GroupAsk::Split(lead), at(40, 0)));
    engine.judge(at(40, 0));
    assert_eq!(findings(&engine), []);
    assert_eq!(engine.snapshot(at(40, 0), &[], 0, 0).rows.len(), 7);
    assert!(engine.decide_group(GroupAsk::Undo, at(40, 0)));
    engine.judge(at(40, 0));
    assert_eq!(format!("{:?}", engine.judgements().last().unwrap().1), whole);
}

#[test]
fn six_new_signatures_of_one_shape_are_one_newcomer() {
    let mut log = String::new();
    for minute in -400..40_i32 {
        log += &line(minute, 5, "INFO api: served request 81 in 12 ms");
        if minute >= 0 {
            log += &line(
                minute,
                30,
                &format!("ERROR worker: lost the lease for {} lane twice", QUEUES[minute as usize % 6]),
            );
        }
    }
    let engine = watched(&log, 40);
    assert_eq!(findings(&engine), [("lost the lease for <*> lane twice".to_owned(), crate::detect::Kind::New)]);
    assert_eq!(engine.incidents().len(), 1);
}

#[test]
fn an_incident_stays_one_when_its_signature_is_merged_with_an_older_one() {
    let mut engine = watched(&regression(), 40);
    assert_eq!(engine.incidents().len(), 1);
    let rows: Vec<SignatureId> = engine.catalog().iter().map(|(_, known)| known.id).collect();
    assert!(engine.decide_group(GroupAsk::Merge(rows), at(40, 0)));
    engine.judge(at(40, 0));
    assert_eq!(engine.incidents().len(), 1);
    assert_eq!(engine.incidents()[0].signatures.len(), 1);
}

#[test]
fn the_tail_of_a_row_holds_the_lines_of_all_its_members() {
    let mut engine = watched(&turns(0, 6), 40);
    let row = engine.snapshot(at(40, 0), &[], 0, 0).rows.iter().find(|row| row.group.is_some()).unwrap().id;
    engine.set_focus(Some(row));
    let snapshot = engine.snapshot(at(40, 0), &[], 0, 0);
    assert!(snapshot.tail.iter().all(|line| line.row == row));
    let numbers: Vec<u64> = snapshot.tail.iter().map(|line| line.number).collect();
    assert!(numbers.is_sorted() && numbers.len() > 200, "{}", numbers.len());
    let focus = snapshot.focus.unwrap();
    assert_eq!(focus.members.len(), 6);
    assert!(focus.per_minute.iter().rev().skip(2).take(60).all(|n| *n == Some(1)), "the sum is charted");
}

#[test]
fn an_attribute_with_too_many_values_counts_as_other_and_stays_so_after_a_restart() {
    let attributes = ["tool.name".to_owned()];
    let overrides = Arc::new(signature::Overrides::new(&[], &[], &attributes).unwrap());
    let engine = || {
        let limits = Limits { overrides: Arc::clone(&overrides), ..Limits::default() };
        let mut engine = Engine::new(Options { limits, ..engine().options });
        engine.open(KEY, START);
        engine
    };
    let lines = |order: &mut dyn Iterator<Item = u64>| -> String {
        let of =
            |n| format!("{{\"time\":\"{}\",\"msg\":\"call failed\",\"tool\":{{\"name\":\"t{n}\"}}}}\n", at(0, n % 60));
        order.map(of).collect()
    };
    let mut first = engine();
    first.push(KEY, lines(&mut (0..100)).as_bytes(), at(1, 0));
    first.end(KEY, at(1, 0));
    assert_eq!(first.catalog().len(), admission::VALUES + 1);
    assert_eq!(first.snapshot(at(1, 0), &[], 0, 0).intake.other_attributes, 36);
    let known: Vec<Known> = first.catalog().iter().map(|(_, known)| known.clone()).collect();
    let mut again = engine();
    again.restore(known, &[], Vec::new(), Vec::new());
    again.push(KEY, lines(&mut (0..100).rev()).as_bytes(), at(1, 0));
    again.end(KEY, at(1, 0));
    assert_eq!(again.catalog().len(), admission::VALUES + 1, "other values would be newcomers");
}
