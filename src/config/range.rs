//! Refuses values that cannot be used, with their name and where they came from.

use std::fmt;

use super::{ConfigError, Value};

/// Refuses a number outside of its range.
pub(super) fn in_range(
    name: &'static str,
    value: &Value<u32>,
    range: std::ops::RangeInclusive<u32>,
    accepted: &'static str,
) -> Result<(), ConfigError> {
    if range.contains(&value.value) { Ok(()) } else { Err(out_of_range(name, value, accepted)) }
}

/// Says what would be accepted.
pub(super) fn out_of_range<T: fmt::Display>(name: &'static str, value: &Value<T>, range: &'static str) -> ConfigError {
    ConfigError::OutOfRange { name, given: value.value.to_string(), source_name: value.source.to_string(), range }
}
