//! The numbers and ids that every layer speaks in: points in time, minutes, signature ids.
//!
//! Pure. Knows no log format and reads no clock: a [`Timestamp`] is always somebody's argument.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::str::FromStr;
use std::time::Duration;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

const MICROS_PER_SECOND: i64 = 1_000_000;
const MICROS_PER_MINUTE: i64 = 60 * MICROS_PER_SECOND;

/// A point in time, in microseconds since 1970-01-01T00:00:00Z.
///
/// Serializes as RFC 3339 in UTC. Arithmetic saturates.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Timestamp(i64);

impl Timestamp {
    /// The latest representable point, the end of the year 5999; later than every event.
    pub const MAX: Self = Self(127_174_492_799_999_999);

    /// Makes a timestamp from microseconds since the epoch, clamped to the years 1 to 5999: in each of
    /// them a [`Minute`] has a number.
    #[must_use]
    pub fn from_micros(micros: i64) -> Self {
        Self(micros.clamp(-62_135_596_800_000_000, Self::MAX.0))
    }

    /// Makes a timestamp from whole seconds since the epoch.
    #[must_use]
    pub fn from_seconds(seconds: i64) -> Self {
        Self::from_micros(seconds.saturating_mul(MICROS_PER_SECOND))
    }

    /// Microseconds since the epoch; negative before 1970.
    #[must_use]
    pub fn micros(self) -> i64 {
        self.0
    }

    /// Whole seconds since the epoch, rounded down.
    #[must_use]
    pub fn seconds(self) -> i64 {
        self.0.div_euclid(MICROS_PER_SECOND)
    }

    /// The minute that holds this point.
    #[must_use]
    pub fn minute(self) -> Minute {
        Minute(self.0.div_euclid(MICROS_PER_MINUTE) as i32)
    }

    /// The point this much later.
    #[must_use]
    pub fn after(self, by: Duration) -> Self {
        Self::from_micros(self.0.saturating_add(micros_of(by)))
    }

    /// The point this much earlier.
    #[must_use]
    pub fn before(self, by: Duration) -> Self {
        Self::from_micros(self.0.saturating_sub(micros_of(by)))
    }

    /// How long it is from `earlier` to this point; zero when `earlier` is later.
    #[must_use]
    pub fn since(self, earlier: Self) -> Duration {
        let micros = self.0.saturating_sub(earlier.0);
        Duration::from_micros(u64::try_from(micros).unwrap_or(0))
    }
}

fn micros_of(length: Duration) -> i64 {
    i64::try_from(length.as_micros()).unwrap_or(i64::MAX)
}

impl fmt::Display for Timestamp {
    /// Writes RFC 3339 in UTC, with milliseconds only where they are not zero.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let time = jiff::Timestamp::from_microsecond(self.0).map_err(|_| fmt::Error)?;
        let millis = self.0.rem_euclid(MICROS_PER_SECOND) / 1_000;
        if millis == 0 { write!(f, "{time:.0}") } else { write!(f, "{time:.3}") }
    }
}

/// Why a text is no point in time.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a time; write it as 2026-11-24T10:15:00Z")]
pub struct TimestampError(String);

impl FromStr for Timestamp {
    type Err = TimestampError;

    /// Reads RFC 3339 with a zone, or a count of whole seconds since the epoch.
    fn from_str(text: &str) -> Result<Self, TimestampError> {
        if let Ok(seconds) = text.parse::<i64>() {
            return Ok(Self::from_seconds(seconds));
        }
        text.parse::<jiff::Timestamp>()
            .map(|time| Self::from_micros(time.as_microsecond()))
            .map_err(|_| TimestampError(text.to_owned()))
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// A whole minute, counted from 1970-01-01T00:00Z: the bucket in which events are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Minute(i32);

impl Minute {
    /// Makes a minute from its number since the epoch.
    #[must_use]
    pub const fn from_number(number: i32) -> Self {
        Self(number)
    }

    /// Its number since the epoch.
    #[must_use]
    pub const fn number(self) -> i32 {
        self.0
    }

    /// The point at which it begins.
    #[must_use]
    pub fn start(self) -> Timestamp {
        Timestamp::from_micros(i64::from(self.0) * MICROS_PER_MINUTE)
    }

    /// The minute `n` minutes later, or earlier when `n` is negative.
    #[must_use]
    pub const fn plus(self, n: i32) -> Self {
        Self(self.0.saturating_add(n))
    }

    /// How many minutes it is from `earlier` to this one; negative when `earlier` is later.
    #[must_use]
    pub const fn since(self, earlier: Self) -> i32 {
        self.0.saturating_sub(earlier.0)
    }

    /// The minutes from this one up to, and without, `end`.
    pub fn until(self, end: Self) -> impl DoubleEndedIterator<Item = Self> + Clone {
        (self.0..end.0).map(Self)
    }
}

/// The stable name of a signature: 128 bits, written `s6:` and 32 hexadecimal digits.
///
/// The prefix is the version of the rules that made it; ids of different versions never compare equal
/// on purpose, because the version is part of what is hashed. One that earlier rules gave can still be read: records
/// outlive rules.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct SignatureId([u8; 16]);

/// How the ids of counters begin; that of a signature hardly ever does.
const COUNTER: [u8; 16] = [0xfe; 16];

impl SignatureId {
    /// The version of the masking rules, as written in front of every id.
    pub const VERSION: &'static str = "s6";

    /// Makes an id from its 16 bytes.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// Makes the id of what is counted like a signature and is none, from a digest.
    #[must_use]
    pub fn of_counter(digest: [u8; 32]) -> Self {
        let mut bytes = COUNTER;
        bytes[8..].copy_from_slice(&digest[..8]);
        Self(bytes)
    }

    /// Whether it was made so: no rule of signatures changes it.
    #[must_use]
    pub fn is_counter(self) -> bool {
        self.0[..8] == COUNTER[..8]
    }

    /// Its 16 bytes.
    #[must_use]
    pub const fn bytes(self) -> [u8; 16] {
        self.0
    }

    /// The first eight hexadecimal digits, for branch names and narrow columns.
    #[must_use]
    pub fn short(self) -> String {
        self.0[..4].iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

/// Hashes its halves laid over each other: its bytes, at least those of one half, are as good as random.
impl Hash for SignatureId {
    fn hash<H: Hasher>(&self, state: &mut H) {
        let (halves, _) = self.0.as_chunks::<8>();
        state.write_u64(halves.iter().fold(0, |all, half| all ^ u64::from_le_bytes(*half)));
    }
}

impl fmt::Display for SignatureId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:", Self::VERSION)?;
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for SignatureId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Why a text is no signature id.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a signature id; one looks like s6:0123456789abcdef0123456789abcdef")]
pub struct SignatureIdError(String);

impl FromStr for SignatureId {
    type Err = SignatureIdError;

    fn from_str(text: &str) -> Result<Self, SignatureIdError> {
        let error = || SignatureIdError(text.to_owned());
        let hex = text
            .strip_prefix('s')
            .and_then(|rest| rest.split_once(':'))
            .filter(|(version, _)| {
                (1..=4).contains(&version.len()) && version.bytes().all(|byte| byte.is_ascii_digit())
            })
            .map(|(_, hex)| hex)
            .filter(|hex| hex.len() == 32 && hex.is_ascii())
            .ok_or_else(error)?;
        let mut bytes = [0; 16];
        for (byte, digits) in bytes.iter_mut().zip(hex.as_bytes().chunks_exact(2)) {
            let digits = std::str::from_utf8(digits).map_err(|_| error())?;
            *byte = u8::from_str_radix(digits, 16).map_err(|_| error())?;
        }
        Ok(Self(bytes))
    }
}

impl Serialize for SignatureId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for SignatureId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// The digest of exact bytes: SHA-256, written as 64 hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Digest([u8; 32]);

impl Digest {
    /// Makes a digest from its 32 bytes.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The first twelve hexadecimal digits: what a person compares by eye.
    #[must_use]
    pub fn short(&self) -> String {
        self.0[..6].iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for Digest {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests;
