//! How right and how quick the detector is, on simulated logs, beside the textbook test in the same run.
//!
//! `cargo bench --bench detect [-- SEED [LOGS [PART [ROW]]]]`, where a part is the letter of a scenario of healthy
//! logs, `faulty`, `stalls`, `work`, `cost` or `groups`, and of the faulty ones and of work a row can be asked for by its name, such as
//! `'D 1/min x3'`. Nothing is asserted: figures are for people. The
//! textbook test is the one-tailed Poisson test against the mean of seven days, p < 0.05, every minute.

#[path = "detect/cost.rs"]
mod cost;
#[path = "detect/faulty.rs"]
mod faulty;
#[path = "detect/groups.rs"]
mod groups;
#[path = "detect/healthy.rs"]
mod healthy;
#[path = "detect/random.rs"]
mod random;
#[path = "detect/simulate.rs"]
mod simulate;
#[path = "detect/stalls.rs"]
mod stalls;
#[path = "detect/work.rs"]
mod work;

fn main() {
    // Cargo passes `--bench` along.
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| !argument.starts_with("--")).collect();
    let number = |place: usize| arguments.get(place).and_then(|argument| argument.parse::<u64>().ok());
    let (seed, n_logs) = (number(0).unwrap_or(1), number(1).unwrap_or(5) as usize);
    let part = arguments.get(2).map(String::as_str);
    if part.is_none_or(|part| part.len() == 1) {
        healthy::measure(seed, n_logs, part);
    }
    if part.is_none_or(|part| part == "faulty") {
        faulty::measure(seed, n_logs.div_ceil(2), arguments.get(3).map(String::as_str));
    }
    if part.is_none_or(|part| part == "stalls") {
        stalls::measure(seed);
    }
    if part.is_none_or(|part| part == "work") {
        work::measure(seed, 20 * n_logs, arguments.get(3).map(String::as_str));
    }
    if part.is_none_or(|part| part == "cost") {
        cost::measure(seed);
    }
    if part.is_none_or(|part| part == "groups") {
        groups::measure(seed);
    }
}
