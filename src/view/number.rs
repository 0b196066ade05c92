//! Numbers and times, as they are read at a glance.

use std::time::Duration;

use jiff::tz::TimeZone;

use crate::units::Timestamp;

/// A count with its thousands apart: `12,345`.
pub(super) fn count(n: u64) -> String {
    let digits = n.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A count in at most five characters: `12345`, `123k`, `1.2M`.
pub(super) fn compact(n: u64) -> String {
    match n {
        0..=99_999 => n.to_string(),
        _ => scaled(n as f64),
    }
}

/// An amount in at most five characters: `0`, `0.03`, `4.1`, `128`, `12k`.
pub(super) fn amount(x: f64) -> String {
    match x {
        x if x <= 0.0 => "0".to_owned(),
        x if x < 0.001 => "<.001".to_owned(),
        x if x < 0.1 => trimmed(format!("{x:.3}")),
        x if x < 1.0 => trimmed(format!("{x:.2}")),
        x if x < 99.95 => trimmed(format!("{x:.1}")),
        x if x < 99_999.5 => format!("{x:.0}"),
        x => scaled(x),
    }
}

fn trimmed(text: String) -> String {
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

fn scaled(x: f64) -> String {
    let units = [(1e3, "k"), (1e6, "M"), (1e9, "G"), (1e12, "T")];
    let (scale, unit) = units.into_iter().rfind(|(scale, _)| x >= *scale).unwrap_or((1.0, ""));
    let scaled = (x / scale).min(9_999.0);
    if scaled < 9.95 { format!("{scaled:.1}{unit}") } else { format!("{scaled:.0}{unit}") }
}

/// A ratio of rates: `x4.2`, `x0.3`; empty when there is none.
pub(super) fn ratio(ratio: Option<f64>) -> String {
    match ratio {
        None => String::new(),
        Some(ratio) if ratio >= 9_999.5 => ">x9999".to_owned(),
        Some(ratio) if ratio >= 9.95 => format!("x{ratio:.0}"),
        Some(ratio) if ratio >= 0.05 || ratio == 0.0 => format!("x{ratio:.1}"),
        Some(_) => "<x0.1".to_owned(),
    }
}

/// A p-value: `0.031`, `3e-12`, `<1e-300`.
pub(super) fn p_value(p: f64) -> String {
    match p {
        p if p >= 0.9995 => "1".to_owned(),
        p if p >= 0.001 => format!("{p:.3}"),
        p if p < 1e-300 => "<1e-300".to_owned(),
        p => format!("{p:.0e}"),
    }
}

/// A number above 1 of which only the size matters, from its natural logarithm: `20`, `3e7`.
pub(super) fn power_of_ten(ln: f64) -> String {
    let log = ln / std::f64::consts::LN_10;
    if log < 2.995 {
        return format!("{:.0}", ln.exp());
    }
    let (mut exponent, mut mantissa) = (log.floor(), 10_f64.powf(log - log.floor()).round());
    if mantissa >= 10.0 {
        (exponent, mantissa) = (exponent + 1.0, 1.0);
    }
    format!("{mantissa:.0}e{exponent:.0}")
}

/// A length of time in minutes and seconds: `12:30`, `120:03`.
pub(super) fn clock(length: Duration) -> String {
    let seconds = length.as_secs();
    format!("{:02}:{:02}", seconds / 60, seconds % 60)
}

/// A length of time in one unit: `42 s`, `12 min`, `3 h`, `5 d`.
pub(super) fn about(length: Duration) -> String {
    let seconds = length.as_secs();
    match seconds {
        0..=99 => format!("{seconds} s"),
        100..=5_999 => format!("{} min", (seconds + 30) / 60),
        6_000..=172_799 => format!("{} h", (seconds + 1_800) / 3_600),
        _ => format!("{} d", (seconds + 43_200) / 86_400),
    }
}

/// An amount of bytes: `812 B`, `3.4 MiB`.
pub(super) fn bytes(n: u64) -> String {
    let units = ["KiB", "MiB", "GiB", "TiB", "PiB"];
    let mut size = n as f64;
    let mut unit = "B";
    for next in units {
        if size < 1024.0 {
            break;
        }
        size /= 1024.0;
        unit = next;
    }
    if unit == "B" { format!("{n} B") } else { format!("{size:.1} {unit}") }
}

/// A noun with its number: `1 line`, `3 lines`.
pub(super) fn plural(n: u64, one: &str) -> String {
    format!("{} {one}{}", count(n), if n == 1 { "" } else { "s" })
}

/// The time of day in this zone: `15:04:05`.
pub(super) fn time_of_day(at: Timestamp, zone: &TimeZone) -> String {
    formatted(at, zone, "%H:%M:%S")
}

/// Month, day, hour and minute in this zone: `01-12 15:04`.
pub(super) fn day_and_minute(at: Timestamp, zone: &TimeZone) -> String {
    formatted(at, zone, "%m-%d %H:%M")
}

/// Hour and minute in this zone: `15:04`.
pub(super) fn hour_and_minute(at: Timestamp, zone: &TimeZone) -> String {
    formatted(at, zone, "%H:%M")
}

/// Date and time in this zone: `2026-01-12 15:04:05`.
pub(super) fn date_and_time(at: Timestamp, zone: &TimeZone) -> String {
    formatted(at, zone, "%Y-%m-%d %H:%M:%S")
}

fn formatted(at: Timestamp, zone: &TimeZone, form: &str) -> String {
    let Ok(instant) = jiff::Timestamp::from_microsecond(at.micros()) else { return at.to_string() };
    instant.to_zoned_datetime(zone.clone()).strftime(form).to_string()
}

#[cfg(test)]
mod tests;
