use std::time::Duration;

use proptest::prelude::*;

use super::*;

const START: SignatureIndex = SignatureIndex(0);
const STEP: SignatureIndex = SignatureIndex(1);
const DONE: SignatureIndex = SignatureIndex(2);
const FAILED: SignatureIndex = SignatureIndex(3);

/// 2026-01-12T10:00Z: when the deploy comes.
const ZERO: Minute = Minute::from_number(29_470_200);

/// The evidence that confirms one kind of work, and one step.
const CONFIRMS: f64 = 500.0;
const CONFIRMS_SKIP: f64 = 1_000.0;

/// A fixed, well mixed stream of numbers (splitmix64).
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn even(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }

    fn normal(&mut self) -> f64 {
        (0..12).map(|_| self.even()).sum::<f64>() - 6.0
    }

    fn poisson(&mut self, mean: f64) -> usize {
        let (mut n, mut product) = (0, self.even());
        while product > (-mean).exp() && n < 10_000 {
            n += 1;
            product *= self.even();
        }
        n
    }
}

/// How work goes: all of it healthy but for `stalled` after the deploy.
#[derive(Clone, Copy)]
struct World {
    per_minute: f64,
    /// The usual length, in seconds, and how it scatters.
    length: f64,
    scatter: f64,
    /// Share that never ends.
    lost: f64,
    /// Share of starts that are tried again ten seconds later.
    retried: f64,
    /// Whether now and then thirty begin at once.
    bursts: bool,
    /// How much longer work lasts in the hour from the deploy on, of each day.
    slow_hour: f64,
    /// Whether a restart three minutes after the deploy loses all that is open then.
    restarted: bool,
    /// Keys there are.
    keys: u64,
    /// Share that never ends after the deploy.
    stalled: f64,
    days: i32,
}

const PLAIN: World = World {
    per_minute: 2.0,
    length: 40.0,
    scatter: 0.6,
    lost: 0.0,
    retried: 0.0,
    bursts: false,
    slow_hour: 1.0,
    restarted: false,
    keys: u64::MAX,
    stalled: 0.0,
    days: 2,
};

impl World {
    /// All events until an hour and a half after the deploy, in order.
    fn live(&self, seed: u64) -> Vec<(Timestamp, CorrelationKey, SignatureIndex)> {
        let mut random = Random(seed);
        let mut events = Vec::new();
        for minute in -self.days * 1440..90 {
            let burst = if self.bursts && random.even() < 0.005 { 30 } else { 0 };
            for _ in 0..random.poisson(self.per_minute) + burst {
                let key = CorrelationKey(random.next() % self.keys);
                let start = ZERO.plus(minute).start().after(Duration::from_secs_f64(60.0 * random.even()));
                events.push((start, key, START));
                if random.even() < self.retried {
                    events.push((start.after(Duration::from_secs(10)), key, START));
                }
                let slow = if minute.rem_euclid(1440) < 60 { self.slow_hour } else { 1.0 };
                let length = slow * self.length * (self.scatter * random.normal()).exp();
                events.push((start.after(Duration::from_secs_f64(length / 3.0)), key, STEP));
                let never = if minute >= 0 { self.lost.max(self.stalled) } else { self.lost };
                let end = start.after(Duration::from_secs_f64(length));
                let restart = ZERO.plus(3).start();
                let is_hit = self.restarted && start < restart && end > restart;
                if random.even() >= never && !is_hit {
                    events.push((end, key, if random.even() < 0.15 { FAILED } else { DONE }));
                }
            }
        }
        events.retain(|(at, ..)| *at < ZERO.plus(90).start());
        events.sort();
        events
    }

    fn tasks(&self, seed: u64) -> Tasks {
        let mut tasks = Tasks::default();
        self.live(seed).into_iter().for_each(|(at, key, signature)| tasks.note(0, key, signature, at));
        tasks
    }
}

fn before() -> Range<Minute> {
    ZERO.plus(-7 * 1440)..ZERO
}

/// The stall of work that begins with `START`, so many minutes after the deploy.
fn stall(tasks: &Tasks, minutes: usize) -> Option<Stall> {
    let stalls = tasks.weigh(before(), ZERO, &vec![Passed::Seen; minutes]).stalls;
    stalls.into_iter().find(|stall| stall.signature == START)
}

/// Minutes after the deploy at which the stall is confirmed; the middle of some seeds.
fn delay(world: World) -> usize {
    let of_seed = |seed| {
        let tasks = world.tasks(seed);
        let is_found = |minutes: &usize| stall(&tasks, *minutes).is_some_and(|it| it.ever >= CONFIRMS.ln());
        (1..=60).find(is_found).unwrap_or(99)
    };
    let mut delays: Vec<usize> = (1..=15).map(of_seed).collect();
    delays.sort_unstable();
    delays[delays.len() / 2]
}

#[test]
fn a_fifth_that_stalls_is_found_in_twenty_minutes() {
    let found = delay(World { stalled: 0.2, ..PLAIN });
    assert!(found <= 20, "{found}");
    let found = delay(World { stalled: 0.2, length: 120.0, ..PLAIN });
    assert!(found <= 20, "{found}");
}

#[test]
fn work_that_stalls_altogether_is_found_in_six_minutes_where_it_is_short() {
    let found = delay(World { stalled: 1.0, ..PLAIN });
    assert!(found <= 6, "{found}");
    let found = delay(World { stalled: 1.0, length: 120.0, ..PLAIN });
    assert!(found <= 7, "{found}");
}

/// Over some hundred healthy watches of each sort, no more are confirmed than is promised for them.
#[test]
fn healthy_work_is_not_found_to_stall() {
    let worlds = [
        PLAIN,
        World { bursts: true, ..PLAIN },
        World { scatter: 1.6, length: 120.0, ..PLAIN },
        World { lost: 0.05, ..PLAIN },
        World { retried: 0.1, ..PLAIN },
        World { keys: 3_000, ..PLAIN },
        World { keys: 40, ..PLAIN },
        World { slow_hour: 4.0, ..PLAIN },
        World { per_minute: 0.3, ..PLAIN },
        World { per_minute: 12.0, length: 2.0, ..PLAIN },
        World { restarted: true, ..PLAIN },
        World { restarted: true, per_minute: 12.0, ..PLAIN },
        World { restarted: true, length: 120.0, ..PLAIN },
        World { lost: 0.02, bursts: true, retried: 0.05, scatter: 1.2, ..PLAIN },
    ];
    for (which, world) in worlds.into_iter().enumerate() {
        let of_seed =
            |seed: u64| stall(&World { days: 1, ..world }.tasks(1_000 * seed + which as u64), 60).map(|it| it.ever);
        let found: Vec<f64> = (0..15).filter_map(of_seed).collect();
        let most = found.iter().copied().fold(0.0, f64::max);
        let listed = found.iter().filter(|ever| **ever >= 20_f64.ln()).count();
        assert!(most < CONFIRMS.ln(), "world {which}: E {:.0} of {}", most.exp(), found.len());
        assert!(listed <= 2, "world {which}: {listed}");
    }
}

#[test]
fn nothing_is_said_before_thirty_have_ended() {
    let mut tasks = Tasks::default();
    for n in 0..200 {
        let start = ZERO.plus(-300 + n).start();
        tasks.note(0, CorrelationKey(n as u64), START, start);
        if n % 8 == 0 {
            tasks.note(0, CorrelationKey(n as u64), DONE, start.after(Duration::from_secs(5)));
        }
    }
    assert_eq!(stall(&tasks, 30), None);
    assert_eq!(stall(&Tasks::default(), 30), None);
}

/// Lines that say the same in other words still end the work.
#[test]
fn an_end_that_is_worded_anew_is_an_end() {
    let mut tasks = Tasks::default();
    for (at, key, signature) in PLAIN.live(5) {
        let is_new = at >= ZERO.start() && signature == DONE;
        tasks.note(0, key, if is_new { SignatureIndex(9) } else { signature }, at);
    }
    assert!(stall(&tasks, 60).unwrap().ever < 3.0);
}

#[test]
fn minutes_that_nobody_read_make_nothing_older() {
    let mut tasks = Tasks::default();
    // From minute 10 to 40, nothing is read.
    let read = |at: &Timestamp| !(10..40).contains(&at.minute().since(ZERO));
    let events = World { length: 200.0, per_minute: 6.0, ..PLAIN }.live(6).into_iter().filter(|(at, ..)| read(at));
    events.for_each(|(at, key, signature)| tasks.note(0, key, signature, at));
    let passed: Vec<Passed> =
        (0..60).map(|minute| if (10..40).contains(&minute) { Passed::Lost } else { Passed::Seen }).collect();
    let found = tasks.weigh(before(), ZERO, &passed).stalls;
    assert!(found.iter().all(|stall| stall.ever < 5.0 && stall.overdue < 3), "{found:?}");
    assert!(stall(&tasks, 60).unwrap().overdue > 10, "or else much would look overdue");
}

/// Ends are in the log of another program, which is written in lumps and so read late.
#[test]
fn a_source_that_is_behind_makes_nothing_older() {
    let mut tasks = Tasks::default();
    for (at, key, signature) in PLAIN.live(7) {
        let source = u32::from(signature == DONE || signature == FAILED);
        if source == 0 && at < ZERO.plus(30).start() || at < ZERO.plus(22).start() {
            tasks.note(source, key, signature, at);
        }
    }
    assert!(stall(&tasks, 29).unwrap().ever < 3.0);
    tasks.end(1);
    assert!(stall(&tasks, 29).unwrap().ever > CONFIRMS.ln(), "nothing is waited for that is over");
}

#[test]
fn memory_is_bounded_and_what_is_dropped_is_counted() {
    let mut tasks = Tasks::default();
    for n in 0..(LIVES as u64 + 500) {
        tasks.note(0, CorrelationKey(n), START, ZERO.start().after(Duration::from_millis(n)));
    }
    assert_eq!((tasks.n_dropped(), tasks.lives.len(), tasks.order.len()), (500, LIVES, LIVES));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Whatever comes, in whatever order, nothing breaks, and the rows say how many lives there are.
    #[test]
    fn every_life_is_in_one_row(events in prop::collection::vec((0..6_u64, 0..5_u32, 0..9_000_u64), 0..400)) {
        let mut tasks = Tasks::default();
        for (key, signature, second) in events {
            let at = ZERO.start().after(Duration::from_secs(second));
            tasks.note(0, CorrelationKey(key), SignatureIndex(signature), at);
        }
        let rows = tasks.kinds.values().flat_map(|kind| kind.lasted(ZERO..ZERO.plus(200)));
        let n: u64 = rows.flat_map(|(_, rows)| rows).map(|row| row.n).sum();
        prop_assert_eq!(n, tasks.n_known);
        tasks.weigh(before(), ZERO, &[Passed::Seen; 60]);
    }

    /// Of lines with times of their own, the order in which they are read does not matter.
    #[test]
    fn the_order_of_reading_does_not_matter(seed in 0..1_000_u64) {
        let world = World { days: 1, stalled: 0.3, ..PLAIN };
        let mut events = world.live(seed);
        let mut tasks = Tasks::default();
        // Some lines of neighboring minutes trade places.
        let mut random = Random(seed);
        (1..events.len()).filter(|_| random.even() < 0.3).collect::<Vec<_>>().into_iter().for_each(|n| events.swap(n - 1, n));
        events.into_iter().for_each(|(at, key, signature)| tasks.note(0, key, signature, at));
        prop_assert_eq!(stall(&tasks, 30), stall(&world.tasks(seed), 30));
    }
}

/// Jobs of about a minute, a share of which called a tool before it changed at the deploy; what calls nothing is over
/// at once, or lasts as long as the others.
fn calling(seed: u64, before: f64, after: f64, is_short: bool) -> Tasks {
    let mut random = Random(seed);
    let mut events = Vec::new();
    for minute in -2 * 1440..60 {
        for _ in 0..random.poisson(2.0) {
            let key = CorrelationKey(random.next());
            let start = ZERO.plus(minute).start().after(Duration::from_secs_f64(60.0 * random.even()));
            let calls = random.even() < if minute < 0 { before } else { after };
            let length = if calls || !is_short { 50.0 * (0.5 * random.normal()).exp() } else { 2.0 };
            events.push((start, key, START));
            if calls {
                events.push((start.after(Duration::from_secs_f64(length / 2.0)), key, STEP));
            }
            events.push((start.after(Duration::from_secs_f64(length)), key, DONE));
        }
    }
    events.retain(|(at, ..)| *at < ZERO.plus(60).start());
    events.sort();
    let mut tasks = Tasks::default();
    events.into_iter().for_each(|(at, key, signature)| tasks.note(0, key, signature, at));
    tasks
}

fn skip(tasks: &Tasks, minutes: usize) -> Option<Skip> {
    let skips = tasks.weigh(before(), ZERO, &vec![Passed::Seen; minutes]).skips;
    skips.into_iter().find(|skip| skip.signature == STEP)
}

#[test]
fn a_call_that_is_never_made_any_more_is_found_in_four_minutes() {
    // Where short work never made the call, more of it must finish.
    for (share, is_short, most) in [(0.9, false, 4), (1.0, false, 4), (1.0, true, 4), (0.9, true, 6)] {
        let of_seed = |seed| {
            let tasks = calling(seed, share, 0.0, is_short);
            (1..60).find(|minutes| skip(&tasks, *minutes).is_some_and(|it| it.ever >= CONFIRMS_SKIP.ln())).unwrap_or(60)
        };
        let mut delays: Vec<usize> = (0..15).map(of_seed).collect();
        delays.sort_unstable();
        assert!(delays[7] <= most, "{share}: {delays:?}");
    }
}

/// Work that calls nothing is over sooner, and is all that has finished in the first minute; that is no evidence.
#[test]
fn a_call_that_is_made_as_before_is_no_finding() {
    for seed in 0..40 {
        for share in [0.3, 0.9, 1.0] {
            let found = skip(&calling(seed, share, share, seed % 2 == 0), 60).unwrap();
            assert!(found.ever < CONFIRMS_SKIP.ln() && found.taken > 0, "{share}: {found:?}");
        }
    }
}

/// A step that the new version words otherwise is no step left out.
#[test]
fn a_step_that_is_worded_anew_is_no_finding() {
    let worded = |(at, key, signature): (Timestamp, CorrelationKey, SignatureIndex)| {
        let is_new = at >= ZERO.start() && signature == STEP;
        (at, key, if is_new { SignatureIndex(9) } else { signature })
    };
    let mut tasks = Tasks::default();
    let events = PLAIN.live(4).into_iter().map(worded);
    events.for_each(|(at, key, signature)| tasks.note(0, key, signature, at));
    assert!(skip(&tasks, 60).is_none_or(|it| it.ever < 3.0), "{:?}", skip(&tasks, 60));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(8))]

    /// Kept at any moments, and taken back by another run: the same is said of work.
    #[test]
    fn a_restart_changes_nothing(seed in 0..1_000_u64, cuts in prop::collection::btree_set(0..12_000_usize, 1..4)) {
        let world = World { stalled: 0.5, days: 1, retried: 0.1, ..PLAIN };
        let (mut plain, mut tasks) = (Tasks::default(), Tasks::default());
        let mut kept: BTreeMap<String, Kept> = BTreeMap::new();
        for (place, (at, key, signature)) in world.live(seed).into_iter().enumerate() {
            plain.note(0, key, signature, at);
            tasks.note(0, key, signature, at);
            if cuts.contains(&place) {
                kept.extend(tasks.take_kept().into_iter().map(|kept| (kept.name.clone(), kept)));
                kept.retain(|_, kept| kept.body.is_some());
                tasks = Tasks::default();
                tasks.restore(&kept.values().cloned().collect::<Vec<_>>());
            }
        }
        let said = |tasks: &Tasks| tasks.weigh(before(), ZERO, &[Passed::Seen; 60]);
        prop_assert_eq!(said(&plain).stalls, said(&tasks).stalls);
        prop_assert_eq!(said(&plain).skips, said(&tasks).skips);
    }
}
