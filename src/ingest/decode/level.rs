//! Reads the words and numbers that programs use for levels.

use crate::ingest::Level;

/// The level that a word stands for, whatever its case; `None` for any other word.
///
/// Takes the short forms of common loggers (`WRN`, `ERRO`, `crit`) and a suffix as in `INFO+2`, but no single
/// letters: those mean a level only in particular places.
#[must_use]
pub fn level_of_word(word: &str) -> Option<Level> {
    let bytes = word.as_bytes();
    let n_letters = bytes.iter().take_while(|byte| byte.is_ascii_alphabetic()).count();
    if !(2..=13).contains(&n_letters) {
        return None;
    }
    let (letters, suffix) = bytes.split_at(n_letters);
    let is_offset = |suffix: &[u8]| {
        matches!(suffix.first(), Some(b'+' | b'-')) && suffix.len() < 4 && suffix[1..].iter().all(u8::is_ascii_digit)
    };
    if !(suffix.is_empty() || suffix.len() > 1 && is_offset(suffix)) {
        return None;
    }
    let mut lower = [0; 13];
    for (to, from) in lower.iter_mut().zip(letters) {
        *to = from.to_ascii_lowercase();
    }
    match lower.get(..n_letters)? {
        b"trace" | b"trc" | b"trce" | b"trac" | b"finest" | b"finer" | b"verbose" | b"vrb" | b"silly" => {
            Some(Level::Trace)
        }
        b"debug" | b"dbg" | b"dbug" | b"debu" | b"dbgr" | b"fine" | b"config" => Some(Level::Debug),
        b"info" | b"inf" | b"information" | b"informational" | b"notice" | b"note" | b"ntc" | b"log" | b"success"
        | b"default" => Some(Level::Info),
        b"warn" | b"warning" | b"wrn" | b"warni" => Some(Level::Warn),
        b"error" | b"err" | b"erro" | b"eror" | b"severe" | b"fail" | b"failure" => Some(Level::Error),
        b"fatal" | b"ftl" | b"fata" | b"critical" | b"crit" | b"crt" | b"emerg" | b"emergency" | b"alert"
        | b"panic" | b"pani" | b"dpanic" => Some(Level::Fatal),
        _ => None,
    }
}

/// The level of a single letter, as glog, logcat and Ruby's logger write it.
pub(super) fn of_letter(letter: u8) -> Option<Level> {
    match letter.to_ascii_uppercase() {
        b'T' | b'V' => Some(Level::Trace),
        b'D' => Some(Level::Debug),
        b'I' | b'N' => Some(Level::Info),
        b'W' => Some(Level::Warn),
        b'E' => Some(Level::Error),
        b'F' | b'C' | b'A' => Some(Level::Fatal),
        _ => None,
    }
}

/// The level of a syslog severity, 0 to 7.
pub(super) fn of_severity(severity: u32) -> Option<Level> {
    match severity {
        0..=2 => Some(Level::Fatal),
        3 => Some(Level::Error),
        4 => Some(Level::Warn),
        5 | 6 => Some(Level::Info),
        7 => Some(Level::Debug),
        _ => None,
    }
}

/// The level of a number in a structured field, by what the field is called.
pub(super) fn of_number(key: &str, number: u32) -> Option<Level> {
    match key {
        "severitynumber" | "severity_number" => match number {
            1..=4 => Some(Level::Trace),
            5..=8 => Some(Level::Debug),
            9..=12 => Some(Level::Info),
            13..=16 => Some(Level::Warn),
            17..=20 => Some(Level::Error),
            21..=24 => Some(Level::Fatal),
            _ => None,
        },
        "levelno" => scaled(number * 10),
        _ => match number {
            0..=7 => of_severity(number),
            // Bunyan and pino: one step more than Python's numbers.
            10..=60 => scaled((number / 10 - 1) * 100),
            100..=600 => monolog(number),
            5_000..=50_000 => scaled(number / 100),
            _ => None,
        },
    }
}

/// Hundreds from debug upward: Python's numbers times ten, log4j's by hundred.
fn scaled(hundreds: u32) -> Option<Level> {
    match hundreds {
        0..100 => Some(Level::Trace),
        100..200 => Some(Level::Debug),
        200..300 => Some(Level::Info),
        300..400 => Some(Level::Warn),
        400..500 => Some(Level::Error),
        500..=600 => Some(Level::Fatal),
        _ => None,
    }
}

/// Monolog's numbers: 100 debug, 200 info, 250 notice, 300 warning, 400 error, 500 critical and above.
fn monolog(number: u32) -> Option<Level> {
    match number {
        100..200 => Some(Level::Debug),
        200..300 => Some(Level::Info),
        300..400 => Some(Level::Warn),
        400..500 => Some(Level::Error),
        _ => Some(Level::Fatal),
    }
}
