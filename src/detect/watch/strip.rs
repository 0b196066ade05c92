//! How the evidence on one signature grew, minute by minute.
//!
//! Made anew from the counts, as they are known now: a look back at the same minutes, and not a record of what was
//! shown. Where old and new version wrote in the same minutes, what they tell beside each other is part of it.

use super::model::Model;
use super::trial::{self, prepare};
use super::window::{self, Window};
use super::{Beyond, Kind, Watch};
use crate::detect::beside::Sides;
use crate::detect::counts::SignatureIndex;
use crate::detect::evidence;
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
    /// `at` is when that judgement was made; of what is known beyond counts, versions and what followed matter.
    #[must_use]
    pub fn evidence_each_minute(
        &self,
        (signature, kind): (SignatureIndex, Kind),
        beyond: &Beyond<'_>,
        at: Timestamp,
    ) -> (Minute, Vec<f64>) {
        let minutes = window::minutes_of(self.deploy.at, self.settings.watch);
        let Some((_, baseline)) = &self.learned else { return (minutes.start, Vec::new()) };
        let begun = window::begun(&minutes, at);
        let mut window = Window::new(&self.progress.seen, begun, at);
        prepare(baseline, &self.settings, &mut window);
        let safety = self.settings.safety * baseline.self_check().safety;
        let model = || Model::new(baseline, signature, safety);
        let told = match kind {
            Kind::Rise => model().map(|model| {
                let of_counts = model.rise_each_minute(signature, &window);
                let sides = window::sides(&self.deploy, &minutes, beyond, at);
                shared(of_counts, minutes.start, signature, &sides, model.scale())
            }),
            Kind::Drop => model().map(|model| model.drop_each_minute(signature, &window)),
            Kind::New => Some(trial::repeats_each_minute(baseline, &window, signature)),
            Kind::Stall | Kind::Skip | Kind::Silent => None,
        };
        (minutes.start, told.unwrap_or_default())
    }
}

/// The evidence of counts at the end of each minute, shared with that of the versions from when on there is any.
fn shared(of_counts: Vec<f64>, from: Minute, signature: SignatureIndex, sides: &Sides, burst: f64) -> Vec<f64> {
    let mut course = sides.course(signature, burst).peekable();
    let mut beside = None;
    let of_minute = |(minute, ln): (Minute, f64)| {
        while let Some((_, told)) = course.next_if(|(at, _)| *at <= minute) {
            beside = Some(told);
        }
        beside.map_or(ln, |beside| evidence::ln_average(ln, beside.evidence.ln()))
    };
    (0..).map(|place| from.plus(place)).zip(of_counts).map(of_minute).collect()
}
