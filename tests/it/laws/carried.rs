//! Laws of counting what carriers brought, and lines with a time and nothing else in front.

use aftercare::ingest::Limits;
use proptest::prelude::*;

use super::counting::{BARE, ORDINARY, TOLD, counted, cut_apart, lines, n_with_seams, rolled, whole, whole_of};

/// What stands around a line: what a carrier puts there, or a header; `%` is the line.
const AROUND: [&str; 20] = [
    "%",
    "2026-11-24 10:00:00 %",
    "2026/11/24 10:00:00 %",
    "2026-11-24T10:00:00.123Z %",
    "2026-11-24 10:00:00.123 UTC %",
    "2026-11-24T10:00:00.123456789Z stdout F %",
    "2026-11-24T10:00:00.123456789Z stderr F %",
    "2026-11-24T10:00:00.123456789Z stdout P %",
    "2026-11-24T10:00:00.12345678+01:00 stdout F %",
    "[pod/api-7d9f4c4b6f-x2x4z/api] %",
    "api-1  | %",
    "worker_1 | %",
    "I1124 10:00:00.123456       1 controller.go:17] %",
    "E, [2026-11-24T10:00:00.123456 #17] ERROR -- api: %",
    "2026-11-24 10:00:00.123 UTC [17] app@shop ERROR:  %",
    "<14>1 2026-11-24T10:00:00.123Z web1 api 4711 - - %",
    "<11>1 2026-11-24T10:00:00.123Z web1 api - ID47 - %",
    "<13>Nov 24 10:00:00 web1 api[4711]: %",
    "{\"log\":\"%\\n\",\"stream\":\"stdout\",\"time\":\"2026-11-24T10:00:00.123456789Z\"}",
    "{\"log\":\"%\",\"stream\":\"stderr\",\"time\":\"2026-11-24T10:00:00.1Z\"}",
];

/// Sentences behind a time, of which some have the look of a header.
const SAID: [&str; 24] = [
    "order 17 accepted in 17 ms",
    "http: TLS handshake error from 10.1.2.3:4711: EOF",
    "user ann logged in from 10.1.2.3",
    "retrying request dc29481d863897d9 attempt=1",
    "Server listening on :8080",
    "user ERROR it broke",
    "worker 17 ERROR it broke",
    "took 12 34 E failed",
    "web api[17]: order failed",
    "web api: order failed",
    "web nginx: order failed",
    "spid52      order 17 failed",
    "general: error: it broke",
    "order - 17 failed",
    "order | 17 failed",
    "sent request GET /orders 80 ann 10.1.2.3 curl 200 0 0 17",
    "site GET /orders q 80 ann 10.1.2.3 curl 200 0 0 17",
    "web api 17 - [app@17 a=\"b\"] order failed",
    "web api a b [app@17 a=b] order failed",
    "DETAIL:  order 17",
    "level=warn msg=\"slow: 17ms\" path=/a",
    "error it broke",
    "fatal error: it broke",
    "PHP Warning: it broke",
];

fn around() -> impl Strategy<Value = Vec<&'static str>> {
    prop::sample::subsequence(AROUND.to_vec(), 1..4)
}

/// What is an event by itself, whatever is around it.
fn calm() -> impl Strategy<Value = Vec<u8>> {
    prop::sample::select(vec![SAID[0], SAID[2], SAID[3], BARE[0], BARE[2], ORDINARY[0], ORDINARY[3]])
        .prop_map(|line| line.as_bytes().to_vec())
}

/// Many lines that are events by themselves, all with the same around them.
fn calm_brought(around: &[&'static str]) -> impl Strategy<Value = Vec<u8>> + use<> {
    (prop::sample::select(around.to_vec()), prop::collection::vec((calm(), any::<u64>()), 900..1600)).prop_map(
        |(around, lines)| {
            let (front, behind) = around.split_once('%').unwrap();
            let line = |(told, seed)| [front.as_bytes(), &rolled(told, seed), behind.as_bytes(), b"\n"].concat();
            lines.into_iter().flat_map(line).collect()
        },
    )
}

/// Lines around which the same few hands put the same, in any order.
fn brought() -> impl Strategy<Value = Vec<u8>> {
    let told = prop_oneof![
        6 => prop::sample::select(SAID.to_vec()).prop_map(|line| line.as_bytes().to_vec()),
        4 => prop::sample::select(ORDINARY.to_vec()).prop_map(|line| line.as_bytes().to_vec()),
        4 => prop::sample::select(BARE.to_vec()).prop_map(|line| line.as_bytes().to_vec()),
        2 => prop::sample::select(TOLD.to_vec()).prop_map(|line| line.as_bytes().to_vec()),
        2 => prop::sample::select(lines()),
    ];
    let line = (any::<prop::sample::Index>(), prop_oneof![9 => calm(), 3 => told], any::<u64>(), 0..24_u8);
    (around(), prop::collection::vec(line, 1..120)).prop_map(|(around, lines)| {
        let mut log = Vec::new();
        for (which, told, seed, change) in lines {
            let around = around[which.index(around.len())];
            let (front, behind) = around.split_once('%').unwrap();
            let mut line = [front.as_bytes(), &told, behind.as_bytes()].concat();
            if change < 12 {
                line = rolled(line, seed);
            }
            if change == 23 && !line.is_empty() {
                let at = (seed >> 8) as usize % line.len();
                line[at] = seed as u8;
            }
            log.extend(line);
            log.push(b'\n');
        }
        log
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn who_counts_sees_the_same_events_of_carriers(log in brought(), size in 1..6000_usize) {
        let chunks: Vec<&[u8]> = log.chunks(size).collect();
        let limits = Limits::default();
        prop_assert_eq!(counted(&chunks, &limits), whole(&chunks, &limits));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_stream_of_carriers_may_be_cut_at_its_seams(
        front in brought(),
        middle in calm_brought(&AROUND),
        behind in brought(),
        before_end in prop_oneof![Just(0), 0..9_000_usize],
    ) {
        let block = front.len() + middle.len() - before_end.min(middle.len());
        let log = [front, middle, behind].concat();
        prop_assert_eq!(cut_apart(&log, block).unwrap_or_else(|| whole_of(&log)), whole_of(&log));
    }
}

#[test]
fn logs_of_one_carrier_and_of_none_have_seams() {
    let n = n_with_seams(calm_brought(&AROUND));
    assert!(n >= 30, "{n} of 40");
}
