//! How the evidence on one signature grew, minute by minute.
//!
//! Made anew from the counts, as they are known now: a look back at the same minutes, and not a record of what was
//! shown. What versions say beside each other is not part of it.

use super::model::Model;
use super::trial::{self, prepare};
use super::window::{self, Window};
use super::{Kind, Watch};
use crate::detect::counts::SignatureIndex;
use crate::units::{Minute, Timestamp};

/// The evidence on one signature after each minute of a watch.
#[derive(Clone, Debug, PartialEq)]
pub struct Strip {
    /// The first minute.
    pub from: Minute,
    /// The natural logarithm of the e-value at the end of each minute; 0 is no evidence.
    pub ln_evidence: Vec<f64>,
    /// The natural logarithm of the evidence that confirms.
    pub ln_threshold: f64,
}

impl Watch {
    /// The evidence after each minute up to the last judgement, for what was found in this way; empty where the kind has
    /// no rate to look at.
    ///
    /// `at` is when that judgement was made.
    #[must_use]
    pub fn evidence_each_minute(&self, signature: SignatureIndex, kind: Kind, at: Timestamp) -> (Minute, Vec<f64>) {
        let minutes = window::minutes_of(self.deploy.at, self.settings.watch);
        let Some((_, baseline)) = &self.learned else { return (minutes.start, Vec::new()) };
        let begun = window::begun(&minutes, at);
        let mut window = Window::new(&self.progress.seen, begun, at);
        prepare(baseline, &self.settings, &mut window);
        let safety = self.settings.safety * baseline.self_check().safety;
        let model = || Model::new(baseline, signature, safety);
        let told = match kind {
            Kind::Rise => model().map(|model| model.rise_each_minute(signature, &window)),
            Kind::Drop => model().map(|model| model.drop_each_minute(signature, &window)),
            Kind::New => Some(trial::repeats_each_minute(baseline, &window, signature)),
            Kind::Stall | Kind::Skip | Kind::Silent => None,
        };
        (minutes.start, told.unwrap_or_default())
    }
}
