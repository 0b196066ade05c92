use proptest::prelude::*;

use super::*;
use crate::detect::Tier;
use crate::ingest::{Level, Resume, signature};

mod agreement;
mod groups;

const KEY: StreamKey = StreamKey(7);

/// 2026-01-12T10:00Z.
const ZERO: Minute = Minute::from_number(29_470_200);

fn at(minute: i32, second: u64) -> Timestamp {
    ZERO.plus(minute).start().after(Duration::from_secs(second))
}

fn engine() -> Engine {
    let mut engine = Engine::new(Options {
        service: "orders".to_owned(),
        limits: Limits::default(),
        settings: Settings::default(),
        quiet_minutes: 60,
        markers: Markers::new(&[]).unwrap(),
    });
    engine.open(KEY, START);
    engine
}

const START: Progress =
    Progress { at: Resume { offset: 0, mid_event: false, lead: None }, last_minute: None, ended: false };

fn deploy(minute: i32, version: &str) -> Deploy {
    Deploy::new(at(minute, 0), "orders", version.to_owned(), Origin::Mark)
}

fn line(minute: i32, second: u64, text: &str) -> String {
    format!("{} {text}\n", at(minute, second))
}

/// Some hours of a log in which an error rises from one in five minutes to four a minute.
fn regression() -> String {
    let mut log = String::new();
    for minute in -400..40 {
        for second in [5, 25, 45] {
            log += &line(minute, second, "INFO api: served request 81 in 12 ms");
        }
        let errors = if minute >= 0 { 4 } else { u64::from(minute % 5 == 0) };
        (0..errors).for_each(|n| log += &line(minute, 30 + n, "ERROR payment: gateway declined order 4711"));
    }
    log
}

/// What an engine knows, in an order of its own.
fn known(engine: &Engine) -> Vec<(SignatureId, Vec<Option<u32>>)> {
    let span = ZERO.plus(-1_600)..ZERO.plus(100);
    let of = |(index, known): (SignatureIndex, &Known)| (known.id, engine.counts().series(index, span.clone()));
    let mut found: Vec<_> = engine.catalog().iter().map(of).collect();
    found.sort_by_key(|(id, _)| *id);
    found
}

/// The findings and incidents, without the indices, which are an engine's own.
fn found(engine: &Engine) -> Vec<String> {
    let name = |index: Option<SignatureIndex>| index.and_then(|index| engine.catalog().get(index)).map(|it| it.id);
    let of = |(deploy, judgement): (&Deploy, &crate::detect::Judgement)| {
        let mut lines: Vec<String> = judgement
            .assessments
            .iter()
            .map(|it| {
                format!("{} {:?} {} {:?} {:e}", deploy.version, name(it.signature), it.observed, it.finding, it.p)
            })
            .collect();
        lines.sort();
        lines
    };
    let mut lines: Vec<String> = engine.judgements().flat_map(of).collect();
    lines.extend(engine.incidents().iter().map(|incident| format!("{incident:?}")));
    lines
}

fn judged(mut engine: Engine) -> Engine {
    engine.end(KEY, at(40, 0));
    engine.mark(deploy(0, "v2"));
    engine.judge(at(40, 0));
    engine
}

fn played(log: &str, chunk: usize) -> Engine {
    let mut engine = engine();
    log.as_bytes().chunks(chunk).for_each(|bytes| engine.push(KEY, bytes, at(40, 0)));
    judged(engine)
}

#[test]
fn a_regression_opens_one_incident_and_keeps_it() {
    let mut engine = played(&regression(), 4_096);
    let id = signature::of_message("gateway declined order 4711").id;
    for minute in 40..70 {
        engine.judge(at(minute, 0));
    }
    assert_eq!(engine.incidents().len(), 1);
    assert_eq!(engine.incidents()[0].signatures, [id]);
    assert_eq!(engine.outcome(Some(Tier::Confirmed)), Outcome::Regression);
    let snapshot = engine.snapshot(at(40, 0), &[], 0, 0);
    assert_eq!(snapshot.rows[0].id, id, "the worst is the first");
    assert_eq!((snapshot.intake.lines, snapshot.intake.events), (1_320 + 80 + 160, 1_320 + 80 + 160));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(6))]

    /// Neither where chunks fall, nor the order of the lines within a minute, nor how often one looks
    /// changes what is found.
    #[test]
    fn order_within_a_minute_and_chunks_change_nothing(chunk in 1_000..60_000_usize, salt: u64) {
        let log = regression();
        let mut lines: Vec<&str> = log.lines().collect();
        let mixed = |line: &str| line.bytes().fold(salt, |sum, byte| (sum ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3));
        lines.sort_by_key(|line| (line[..16].to_owned(), mixed(line)));
        let shuffled: String = lines.iter().map(|line| format!("{line}\n")).collect();
        let (plain, shuffled) = (played(&log, 1 << 16), played(&shuffled, chunk));
        prop_assert_eq!(known(&plain), known(&shuffled));
        prop_assert_eq!(found(&plain), found(&shuffled));
    }

    /// Killed anywhere and started again on what was stored last: nothing is lost, doubled, or judged
    /// otherwise.
    #[test]
    fn a_restart_changes_nothing(
        mut cuts in prop::collection::vec(0..100_000_usize, 1..4),
        kill in 0..100_000_usize,
        stalls: bool,
    ) {
        let log = if stalls { stalled() } else { regression() };
        cuts.sort_unstable();
        let mut engine = engine();
        let mut stored = Stored::default();
        let mut position = 0;
        for cut in cuts.iter().map(|cut| cut % log.len()).chain([kill % log.len()]) {
            if cut > position {
                engine.push(KEY, &log.as_bytes()[position..cut], at(40, 0));
                position = cut;
                stored.take(&mut engine);
            }
        }
        // What is read and not stored is lost with the process.
        engine.push(KEY, &log.as_bytes()[position..(position + 999).min(log.len())], at(40, 0));
        let (mut engine, offset) = stored.restart();
        engine.push(KEY, &log.as_bytes()[offset..], at(40, 0));
        let (plain, restarted) = (played(&log, 1 << 16), judged(engine));
        prop_assert_eq!(known(&plain), known(&restarted));
        prop_assert_eq!(found(&plain), found(&restarted));
    }
}

/// Some hours of jobs, of which none ends after minute 0.
fn stalled() -> String {
    let mut log = String::new();
    for minute in -400..40 {
        for n in 0..3 {
            let job = 10_000 + 3 * minute + n;
            log += &line(minute, 10 * n as u64, &format!("INFO worker: job {job} started"));
            if minute < 0 {
                log += &line(minute, 10 * n as u64 + 25, &format!("INFO worker: job {job} done"));
            }
        }
    }
    log
}

/// Neither the order of the lines within a minute nor how often one looks changes what stalls.
#[test]
fn a_stall_is_found_however_the_lines_are_read() {
    let log = stalled();
    let mut lines: Vec<&str> = log.lines().collect();
    lines.sort_by_key(|line| (line[..16].to_owned(), line.bytes().map(u32::from).sum::<u32>() % 7));
    let mut looked_at = engine();
    looked_at.mark(deploy(0, "v2"));
    for line in lines {
        looked_at.push(KEY, format!("{line}\n").as_bytes(), at(40, 0));
    }
    looked_at.caught_up();
    (1..40).for_each(|minute| looked_at.judge(at(minute, 30)));
    let (plain, looked_at) = (played(&log, 1 << 16), judged(looked_at));
    let [stall] = plain.incidents() else { panic!("{:?}", plain.incidents()) };
    assert_eq!(stall.signatures, [signature::of_message("job 10000 started").id]);
    let findings =
        |engine: &Engine| found(engine).into_iter().filter(|line| line.starts_with("v2")).collect::<Vec<_>>();
    assert_eq!(findings(&plain), findings(&looked_at));
    assert!(findings(&plain).iter().any(|line| line.contains("Stall")), "{:?}", findings(&plain));
}

/// A store in memory.
#[derive(Default)]
struct Stored {
    known: BTreeMap<SignatureIndex, Known>,
    minutes: BTreeMap<Minute, PackedMinute>,
    progress: Option<Progress>,
    deploys: Vec<Deploy>,
    incidents: BTreeMap<u64, Incident>,
    work: BTreeMap<String, Kept>,
}

impl Stored {
    fn take(&mut self, engine: &mut Engine) {
        let pending = engine.take_pending();
        self.known.extend(pending.known);
        self.minutes.extend(pending.minutes.into_iter().map(|minute| (minute.minute, minute)));
        self.deploys.extend(pending.deploys);
        self.incidents.extend(pending.incidents.into_iter().map(|incident| (incident.id, incident)));
        self.progress = pending.streams.last().map(|(_, progress)| progress.clone()).or(self.progress.take());
        self.work.extend(pending.work.into_iter().map(|kept| (kept.name.clone(), kept)));
    }

    fn restart(self) -> (Engine, usize) {
        let mut engine = engine();
        let minutes: Vec<PackedMinute> = self.minutes.into_values().collect();
        let damaged = engine.restore(
            self.known.into_values().collect(),
            &minutes,
            self.deploys,
            self.incidents.into_values().collect(),
        );
        assert!(damaged.is_empty());
        let work: Vec<Kept> = self.work.into_values().filter(|kept| kept.body.is_some()).collect();
        engine.restore_work(&work);
        let progress = self.progress.clone().unwrap_or(START);
        engine.open(KEY, progress.clone());
        (engine, progress.at.offset as usize)
    }
}

#[test]
fn an_incident_is_not_opened_twice_across_a_restart() {
    let mut engine = played(&regression(), 4_096);
    let mut stored = Stored { deploys: vec![deploy(0, "v2")], ..Stored::default() };
    stored.take(&mut engine);
    let (mut restarted, _) = stored.restart();
    restarted.judge(at(41, 0));
    assert_eq!(restarted.incidents(), engine.incidents());
    assert!(restarted.take_pending().incidents.is_empty(), "nothing about it changed");
}

/// Every memory is bounded, whatever comes.
#[test]
fn a_flood_is_counted_but_not_kept() {
    let mut engine = engine();
    let long = "x".repeat(9_000);
    for minute in 0..25 {
        let lines: String = (0..100_u64)
            .map(|n| line(minute, n % 60, &format!("WARN {} left part {long}", name(minute as u64 * 100 + n))))
            .collect();
        engine.push(KEY, lines.as_bytes(), at(60, 0));
    }
    engine.set_whole_tail(true);
    engine.judge(at(60, 0));
    let snapshot = engine.snapshot(at(60, 0), &[], 0, 0);
    assert!(snapshot.tail.len() <= 2_000);
    assert!(snapshot.rows.len() <= ROWS);
    assert_eq!(snapshot.rows.len() + snapshot.more_rows, engine.catalog().len());
    assert!(engine.catalog().iter().all(|(_, known)| known.example.len() <= 4_096));
}

/// A number in letters, so that each is a signature of its own.
fn name(number: u64) -> String {
    (0..6).map(|place| char::from(b'a' + (number / 10_u64.pow(place) % 10) as u8)).collect()
}

#[test]
fn without_a_judgement_one_fatal_line_stands_above_many_warnings() {
    let mut engine = engine();
    for second in 0..30 {
        engine.push(KEY, line(0, second, "WARN cache: stale entry").as_bytes(), at(1, 0));
        engine.push(KEY, line(0, second, "DEBUG cache: looked").as_bytes(), at(1, 0));
    }
    engine.push(KEY, line(0, 31, "INFO api: served").as_bytes(), at(1, 0));
    engine.push(KEY, line(0, 32, "ERROR api: refused").as_bytes(), at(1, 0));
    engine.push(KEY, line(0, 33, "FATAL api: out of memory").as_bytes(), at(1, 0));
    engine.end(KEY, at(1, 0));
    engine.caught_up();
    let engine = judged(engine);
    let rows = engine.snapshot(at(1, 30), &[], 0, 0).rows;
    let levels: Vec<_> = rows.iter().filter_map(|row| row.level).collect();
    assert_eq!(levels, [Level::Fatal, Level::Error, Level::Warn, Level::Debug, Level::Info]);
}

#[test]
fn events_that_are_too_old_undated_or_from_the_future_are_told() {
    let mut engine = engine();
    engine.push(KEY, b"no time at all\n", at(0, 0));
    engine.push(KEY, line(0, 1, "INFO the first dated line").as_bytes(), at(0, 2));
    engine.push(KEY, line(-RETENTION_MINUTES - 5, 0, "INFO long ago").as_bytes(), at(0, 3));
    engine.push(KEY, line(90, 0, "INFO from a clock that is ahead").as_bytes(), at(0, 4));
    engine.end(KEY, at(0, 5));
    let intake = engine.snapshot(at(0, 6), &[], 0, 0).intake;
    assert_eq!((intake.undated, intake.too_old, intake.from_future), (1, 1, 1));
    assert_eq!(engine.counts().span(), Some((ZERO, ZERO)));
}

/// Between two lines of one stream the source was observed, unless they are far apart.
#[test]
fn minutes_between_lines_are_observed_unless_there_are_too_many() {
    let mut engine = engine();
    for minute in [0, 30, 200] {
        engine.push(KEY, line(minute, 0, "INFO alive").as_bytes(), at(200, 1));
    }
    engine.end(KEY, at(200, 2));
    let coverage = |minute: i32| engine.counts().coverage(ZERO.plus(minute));
    assert_eq!(coverage(15), Coverage::Complete);
    assert_eq!(coverage(100), Coverage::Unknown);
    assert_eq!(coverage(200), Coverage::Complete);
}

/// Two watches go on beside each other; what the first deploy did is not laid to the second, and stays in the list.
#[test]
fn a_later_deploy_leaves_the_watch_over_the_one_before_open() {
    let mut engine = played(&regression(), 4_096);
    engine.mark(deploy(20, "v3"));
    engine.judge(at(40, 0));
    let found: Vec<(&str, Duration)> =
        engine.judgements().map(|(deploy, judgement)| (deploy.version.as_str(), judgement.elapsed)).collect();
    assert_eq!(found, [("v2", Duration::from_secs(40 * 60)), ("v3", Duration::from_secs(20 * 60))]);
    assert_eq!(engine.incidents().len(), 1, "what v2 did is not laid to v3");
    assert_eq!(engine.incidents()[0].deploy.version, "v2");
    let overall: Vec<bool> =
        engine.judgements().map(|(_, it)| matches!(it.overall, crate::detect::Overall::Regressed(_))).collect();
    assert_eq!(overall, [true, false]);
    let snapshot = engine.snapshot(at(40, 0), &[], 0, 0);
    let (row, watch) = (&snapshot.rows[0], snapshot.watch.as_ref().unwrap());
    assert_eq!(row.laid_to.as_deref(), Some("v2"));
    assert!(row.sentence(watch).contains("% v2"), "{}", row.sentence(watch));
    assert_eq!(watch.earlier.len(), 1);
}

/// What goes back ends the watch over what it takes back.
#[test]
fn going_back_ends_the_watch() {
    let mut engine = played(&regression(), 4_096);
    engine.mark(deploy(-300, "v1"));
    engine.mark(deploy(20, "v1"));
    engine.judge(at(40, 0));
    let found: Vec<u64> = engine.judgements().map(|(_, judgement)| judgement.elapsed.as_secs() / 60).collect();
    assert_eq!(found, [60, 20, 20]);
}

/// A time-out is shown at once, but it is nobody's fault before it stays.
#[test]
fn a_transient_failure_opens_an_incident_only_when_it_stays() {
    let log = regression().replace("gateway declined order", "gateway timed out on order");
    let incidents_at = |minute: i32| {
        let mut engine = engine();
        let until: String = log
            .lines()
            .take_while(|line| line[..16] < at(minute, 0).to_string()[..16])
            .fold(String::new(), |text, line| text + line + "\n");
        engine.push(KEY, until.as_bytes(), at(minute, 0));
        engine.end(KEY, at(minute, 0));
        engine.mark(deploy(0, "v2"));
        engine.judge(at(minute, 0));
        (engine.outcome(Some(Tier::Confirmed)), engine.incidents().len())
    };
    assert_eq!(incidents_at(10), (Outcome::Regression, 0));
    assert_eq!(incidents_at(30), (Outcome::Regression, 1));
}

#[test]
fn a_remedy_is_followed_even_when_nothing_was_confirmed() {
    let mut engine = played(&regression().replace("gateway declined", "gateway refused"), 4_096);
    let id = signature::of_message("served request 81 in 12 ms").id;
    engine.remedied(id, at(40, 0));
    let incident = engine.incidents().last().unwrap();
    assert_eq!((incident.signatures.as_slice(), incident.is_live()), ([id].as_slice(), true));
    engine.remedied(SignatureId::from_bytes([1; 16]), at(41, 0));
    assert_eq!(engine.incidents().len(), 2, "nothing is known of a signature never seen");
}

/// Two hours in which the old version writes ten lines a minute, and the new one two after its deploy; an error
/// comes from these versions once a minute each.
fn side_by_side(failing: &[&str]) -> String {
    let mut log = String::new();
    let mut say = |minute, second, level: &str, message: &str, version: &str| {
        let at = at(minute, second);
        log +=
            &format!("{{\"time\":\"{at}\",\"level\":\"{level}\",\"msg\":\"{message}\",\"version\":\"{version}\"}}\n");
    };
    for minute in -90..30 {
        (0..10).for_each(|n| say(minute, n, "info", "served", "v1"));
        if minute >= 0 {
            (10..12).for_each(|n| say(minute, n, "info", "served", "v2"));
            failing.iter().for_each(|version| say(minute, 20, "error", "gateway declined", version));
        }
    }
    log
}

#[test]
fn what_only_the_new_version_says_speaks_against_it() {
    let beside = |failing: &[&str]| {
        let mut engine = engine();
        engine.mark(deploy(0, "v2"));
        engine.push(KEY, side_by_side(failing).as_bytes(), at(30, 0));
        engine.judge(at(30, 0));
        let (_, judgement) = engine.judgements().last().unwrap();
        let is_error = |it: &&Assessment| {
            let known = it.signature.and_then(|index| engine.catalog().get(index));
            known.is_some_and(|known| known.template.contains("declined"))
        };
        judgement.assessments.iter().find(is_error).unwrap().beside.unwrap()
    };
    let new = beside(&["v2"]);
    assert!(new.evidence > 1e6 && new.new == new.all, "{new:?}");
    let both = beside(&["v1", "v1", "v1", "v1", "v1", "v2"]);
    assert!(both.evidence < 20.0 && both.new < both.all, "{both:?}");
}
