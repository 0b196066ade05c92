use super::*;

/// How long lives last, in whole minutes: the chance of each length; the rest never ends.
const LENGTHS: [f64; 3] = [0.3, 0.4, 0.29];
const NEVER: usize = LENGTHS.len();

/// One life begins in each minute.
const MINUTES: usize = 6;

fn usual() -> Usual {
    let left = |age: usize| 1.0 - LENGTHS.iter().take(age + 1).sum::<f64>();
    let at_worst: Vec<f64> = (0..AGES).map(left).collect();
    Usual { on_average: at_worst.clone(), at_worst }
}

/// The logarithm of the evidence after all minutes, of lives with these lengths.
fn evidence(usual: &Usual, lengths: &[usize]) -> f64 {
    let of = |(place, length): (usize, &usize)| {
        let n_left = MINUTES - place;
        let ended = (0..n_left).map(|later| u64::from(*length <= later && *length != NEVER)).collect();
        Started { place, n: 1, ended, ages: (0..n_left).collect() }
    };
    let work = Work { started: lengths.iter().enumerate().map(of).collect(), usual, odds: usual.odds() };
    work.against_restarts(MINUTES - 1, work.against_healthy(MINUTES - 1))
}

/// The mean of the evidence over everything that may happen, where what is open at the start of a minute is lost.
fn mean(restart: Option<usize>) -> f64 {
    mean_where(|place, length| restart.is_some_and(|minute| place < minute && place + length >= minute))
}

/// The mean where a life that began in a minute and lasts so long is hit, and never ends.
fn mean_where(is_hit: impl Fn(usize, usize) -> bool) -> f64 {
    let usual = usual();
    let mut sum = 0.0;
    for which in 0..(NEVER + 1).pow(MINUTES as u32) {
        let drawn: Vec<usize> = (0..MINUTES).map(|place| which / (NEVER + 1).pow(place as u32) % (NEVER + 1)).collect();
        let chance: f64 = drawn
            .iter()
            .map(|length| LENGTHS.get(*length).copied().unwrap_or(1.0 - LENGTHS.iter().sum::<f64>()))
            .product();
        let lived = |(place, length): (usize, &usize)| {
            if is_hit(place, *length) { NEVER } else { *length }
        };
        let lengths: Vec<usize> = drawn.iter().enumerate().map(lived).collect();
        sum += chance * evidence(&usual, &lengths).exp();
    }
    sum
}

/// The mean over all that may happen is at most 1 where one watch in so many has a restart, whenever in it that is.
#[test]
fn the_mean_of_the_evidence_is_at_most_one() {
    let healthy = mean(None);
    assert!(
        healthy > 0.1 && healthy <= 1.0 / (1.0 - ALL_RESTARTED - SOME_RESTARTED_SOON - SOME_RESTARTED_LATE - ROLLED),
        "{healthy}"
    );
    for minute in 0..MINUTES {
        let restarted = mean(Some(minute));
        assert!(restarted <= 1.0 / ALL_RESTARTED, "{minute}: {restarted}");
        assert!((1.0 - ALL_RESTARTED) * healthy + ALL_RESTARTED * restarted <= 1.0, "{minute}: {healthy} {restarted}");
    }
}

/// The mean is bounded where each worker is restarted once at the start of some minute, one after the other.
#[test]
fn workers_that_are_restarted_one_after_the_other_bring_little_evidence() {
    // Lives of neighboring minutes are on different workers.
    for shift in 0..MINUTES {
        let restarted = mean_where(|place, length| {
            let minute = (5 * place + shift) % MINUTES;
            place < minute && place + length >= minute
        });
        assert!(restarted <= 1.0 / ROLLED, "{shift}: {restarted}");
    }
}

/// Nothing ever ends again: a restart explains only what was open at one moment.
#[test]
fn a_restart_is_no_excuse_for_what_began_after_it() {
    let usual = usual();
    let lost: Vec<usize> = [NEVER, NEVER, 0, 1, 0, 1].to_vec();
    assert!(evidence(&usual, &lost) < 20_f64.ln());
    assert!(evidence(&usual, &[NEVER; MINUTES]) > evidence(&usual, &lost) + 5.0);
}
