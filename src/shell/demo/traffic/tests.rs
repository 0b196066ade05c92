use super::*;

const EVENING: i64 = 1_790_000_000;

fn traffic(seed: u64, from: i64) -> Traffic {
    Traffic::new(seed, Timestamp::from_seconds(from), Timestamp::from_seconds(EVENING), 100)
}

/// Requests other than ticks within this many hours after `from`.
fn count(from: i64, hours: i64) -> usize {
    let mut traffic = traffic(7, from);
    let end = Timestamp::from_seconds(from + hours * 3600);
    std::iter::from_fn(|| (traffic.peek() < end).then(|| traffic.take()))
        .filter(|request| !request.line.ends_with("tick -"))
        .count()
}

#[test]
fn requests_come_in_order_and_carry_their_time() {
    let mut traffic = traffic(1, EVENING);
    let requests: Vec<Request> = (0..2_000).map(|_| traffic.take()).collect();
    assert!(requests.is_sorted_by_key(|request| request.at));
    for request in requests {
        assert!(request.line.starts_with(&stamp(request.at)), "{request:?}");
    }
}

#[test]
fn the_service_is_asked_for_its_heartbeat_on_every_minute() {
    let mut traffic = traffic(1, EVENING + 17);
    let ticks: Vec<Timestamp> =
        (0..2_000).map(|_| traffic.take()).filter(|r| r.line.ends_with("tick -")).map(|r| r.at).collect();
    let first = Timestamp::from_seconds(EVENING + 17).minute().plus(1);
    let expected: Vec<Timestamp> = (0..ticks.len() as i32).map(|n| first.plus(n).start()).collect();
    assert!(ticks.len() > 100);
    assert_eq!(ticks, expected);
}

#[test]
fn a_day_has_its_mean_and_the_hour_after_evening_is_an_average_one() {
    let day = count(EVENING - 5 * 86_400, 120);
    assert!((56_500..58_700).contains(&day), "{day} requests in five days");
    let hour = count(EVENING, 1);
    assert!((410..550).contains(&hour), "{hour} requests in the hour");
}

#[test]
fn there_is_day_and_night() {
    let (day, night) = (count(EVENING - 7 * 3600, 3), count(EVENING + 5 * 3600, 3));
    assert!(day > 2 * night, "{day} by day, {night} by night");
}

#[test]
fn gateway_trouble_doubles_timeouts_and_nothing_else() {
    let share = |trouble| {
        let mut traffic = traffic(3, EVENING);
        traffic.set_gateway_trouble(trouble);
        let lines: Vec<String> = (0..60_000).map(|_| traffic.take().line).collect();
        let of = |what: &str| lines.iter().filter(|line| line.contains(what)).count() as f64;
        (of(",timeout,") / of(" payment "), of(" payment ") / of(" place "))
    };
    let ((quiet, payments), (troubled, payments_then)) = (share(false), share(true));
    assert!((1.8..2.2).contains(&(troubled / quiet)), "{quiet} became {troubled}");
    assert!((payments - payments_then).abs() < 0.05, "{payments} became {payments_then}");
}

#[test]
fn the_same_seed_asks_the_same_and_another_does_not() {
    let lines = |seed| {
        let mut traffic = traffic(seed, EVENING);
        (0..50).map(|_| traffic.take().line).collect::<Vec<_>>()
    };
    assert_eq!(lines(5), lines(5));
    assert_ne!(lines(5), lines(6));
}

#[test]
fn a_request_that_would_be_earlier_than_the_newest_is_moved_to_it() {
    let request = Request {
        at: Timestamp::from_seconds(EVENING),
        line: format!("{} 7 tick -", stamp(Timestamp::from_seconds(EVENING))),
    };
    assert_eq!(moved(&request, request.at), request.line);
    let later = Timestamp::from_seconds(EVENING + 1);
    assert_eq!(moved(&request, later), format!("{} 7 tick -", stamp(later)));
}

/// The first numbers for seed 0, as printed by the reference implementation in C.
#[test]
fn the_generator_is_splitmix64() {
    let mut random = Random(0);
    let numbers = [random.next(), random.next(), random.next()];
    assert_eq!(numbers, [0xe220_a839_7b1d_cdaf, 0x6e78_9e6a_a1b9_65f4, 0x06c4_5d18_8009_454f]);
}

#[test]
fn the_gateway_answers_about_orders_that_were_placed() {
    let mut traffic = traffic(9, EVENING);
    let mut placed = Vec::new();
    for _ in 0..5_000 {
        let line = traffic.take().line;
        let words: Vec<&str> = line.split(' ').collect();
        match (words[2], placed.len() > 8) {
            ("place", _) => placed.push(words[1].to_owned()),
            ("payment", true) => {
                let order = words[3].split(',').next().unwrap();
                assert!(placed.iter().rev().take(20).any(|number| number == order), "{line}");
            }
            _ => {}
        }
    }
    assert!(placed.len() > 1_000);
}
