//! Reads the words and numbers that programs use for levels.

use crate::ingest::Level;

/// The level that a word stands for, whatever its case; `None` for any other word.
///
/// Takes the short forms of common loggers (`WRN`, `ERRO`, `crit`) and a suffix as in `INFO+2`, but no single
/// letters: those mean a level only in particular places.
#[must_use]
pub fn level_of_word(word: &str) -> Option<Level> {
    let bytes = word.as_bytes();
    let (mut word, mut n_letters) = (0_u128, 0);
    for byte in bytes.iter().take(14).map(|byte| byte | 0x20).take_while(u8::is_ascii_lowercase) {
        word |= u128::from(byte) << (8 * n_letters);
        n_letters += 1;
    }
    if !(2..=13).contains(&n_letters) {
        return None;
    }
    let suffix = bytes.get(n_letters..).unwrap_or_default();
    let is_offset = |suffix: &[u8]| {
        matches!(suffix.first(), Some(b'+' | b'-')) && suffix.len() < 4 && suffix[1..].iter().all(u8::is_ascii_digit)
    };
    if !(suffix.is_empty() || suffix.len() > 1 && is_offset(suffix)) {
        return None;
    }
    let mut slot = slot_of(word);
    loop {
        let (known, level) = SLOTS.get(slot)?.as_ref()?;
        if *known == word {
            return Some(*level);
        }
        slot = (slot + 1) % N_SLOTS;
    }
}

const N_SLOTS: usize = 256;

/// Where the search for a word begins: a hash that has few words in a place of another.
const fn slot_of(word: u128) -> usize {
    let half = (word as u64) ^ (word >> 64) as u64;
    (half.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 56) as usize
}

/// [`WORDS`] by [`slot_of`], each in the first place that is free.
const SLOTS: [Option<(u128, Level)>; N_SLOTS] = {
    let mut slots = [None; N_SLOTS];
    let mut index = 0;
    while index < WORDS.len() {
        let mut slot = slot_of(WORDS[index].0);
        while slots[slot].is_some() {
            slot = (slot + 1) % N_SLOTS;
        }
        slots[slot] = Some(WORDS[index]);
        index += 1;
    }
    slots
};

/// Every word, packed so that a comparison is one of numbers.
const WORDS: [(u128, Level); 49] = {
    use Level::{Debug, Error, Fatal, Info, Trace, Warn};
    let words: [(&str, Level); 49] = [
        ("info", Info),
        ("error", Error),
        ("warn", Warn),
        ("debug", Debug),
        ("warning", Warn),
        ("notice", Info),
        ("trace", Trace),
        ("fatal", Fatal),
        ("critical", Fatal),
        ("trc", Trace),
        ("trce", Trace),
        ("trac", Trace),
        ("finest", Trace),
        ("finer", Trace),
        ("verbose", Trace),
        ("vrb", Trace),
        ("silly", Trace),
        ("dbg", Debug),
        ("dbug", Debug),
        ("debu", Debug),
        ("dbgr", Debug),
        ("fine", Debug),
        ("config", Debug),
        ("inf", Info),
        ("information", Info),
        ("informational", Info),
        ("note", Info),
        ("ntc", Info),
        ("log", Info),
        ("success", Info),
        ("default", Info),
        ("wrn", Warn),
        ("warni", Warn),
        ("err", Error),
        ("erro", Error),
        ("eror", Error),
        ("severe", Error),
        ("fail", Error),
        ("failure", Error),
        ("ftl", Fatal),
        ("fata", Fatal),
        ("crit", Fatal),
        ("crt", Fatal),
        ("emerg", Fatal),
        ("emergency", Fatal),
        ("alert", Fatal),
        ("panic", Fatal),
        ("pani", Fatal),
        ("dpanic", Fatal),
    ];
    let mut packed = [(0, Info); 49];
    let mut index = 0;
    while index < words.len() {
        packed[index] = (pack(words[index].0), words[index].1);
        index += 1;
    }
    packed
};

const fn pack(word: &str) -> u128 {
    let mut bytes = [0; 16];
    let mut index = 0;
    while index < word.len() {
        bytes[index] = word.as_bytes()[index];
        index += 1;
    }
    u128::from_le_bytes(bytes)
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
            0..=7 if is_syslog(key) => of_severity(number),
            // Bunyan and pino: one step more than Python's numbers.
            10..=60 => scaled((number / 10 - 1) * 100),
            100..=600 => monolog(number),
            5_000..=50_000 => scaled(number / 100),
            _ => None,
        },
    }
}

/// Whether small numbers under this name are the severities of syslog: under others, such as `level`, they may as well rise
/// with what is worse.
fn is_syslog(key: &str) -> bool {
    key == "priority" || key.contains("severity") || key.contains("syslog")
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
