//! Minutes of single signatures that must not teach what is usual: those of confirmed incidents.

use std::collections::BTreeMap;
use std::ops::Range;

use crate::detect::counts::SignatureIndex;
use crate::units::Minute;

/// For each signature, the minutes that are set aside, as if they had not been observed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SetAside(BTreeMap<SignatureIndex, Vec<Range<Minute>>>);

impl SetAside {
    /// Sets minutes of a signature aside.
    pub fn add(&mut self, signature: SignatureIndex, minutes: Range<Minute>) {
        if minutes.start < minutes.end {
            self.0.entry(signature).or_default().push(minutes);
        }
    }

    /// The signatures of which this minute is set aside.
    pub(super) fn in_minute(&self, minute: Minute) -> impl Iterator<Item = u32> {
        let is_aside = move |ranges: &Vec<Range<Minute>>| ranges.iter().any(|range| range.contains(&minute));
        self.0.iter().filter(move |(_, ranges)| is_aside(ranges)).map(|(signature, _)| signature.0)
    }
}
