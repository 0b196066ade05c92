//! A piece of evidence, and what all pieces about one hunk add up to.

use super::weights as w;

/// Where a piece of evidence comes from; two families that agree are independent witnesses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Family {
    /// Where the error happened.
    Stack,
    /// What leads there that did not before.
    Way,
    /// What the error names.
    Names,
    /// What raised it, or no longer catches it.
    Raising,
    /// Others' packages.
    Packages,
    /// How people name a test and what it is about; no witness of its own.
    Custom,
    /// Other errors that began at the same moment.
    Siblings,
    /// Hosts, addresses and settings of what failed outside the code.
    Resource,
}

/// How much a piece of evidence can carry by its kind, whatever its points.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Strength {
    /// Fits, and fits much else.
    Hints,
    /// Enough for medium confidence where it stands alone: no other file has next to anything.
    Suggests,
    /// Enough for medium confidence where no other file comes near.
    Leads,
    /// Enough for medium confidence.
    Decides,
    /// Enough for high confidence.
    Proves,
}

/// A piece of evidence for or against a hunk.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Reason {
    pub(super) family: Family,
    /// What it is worth; negative when it speaks against.
    pub(super) points: f64,
    /// A sentence without full stop, with file and line.
    pub(super) text: String,
    pub(super) strength: Strength,
}

impl Reason {
    pub(super) fn new(family: Family, points: f64, text: String) -> Self {
        Self { family, points, text, strength: Strength::Hints }
    }

    pub(super) fn deciding(family: Family, points: f64, text: String) -> Self {
        Self { family, points, text, strength: Strength::Decides }
    }

    /// Makes it a hint of little weight.
    pub(super) fn weaken(&mut self) {
        self.points *= w::PREVENTS_NOTHING;
        self.strength = Strength::Hints;
    }

    pub(super) fn proving(family: Family, points: f64, text: String) -> Self {
        Self { family, points, text, strength: Strength::Proves }
    }
}

/// What is held against and for one hunk.
#[derive(Clone, Debug, Default)]
pub(super) struct Evidence {
    pub(super) reasons: Vec<Reason>,
    /// Whether the hunk can hardly have done what the error says.
    pub(super) is_idle: bool,
}

impl Evidence {
    pub(super) fn score(&self) -> f64 {
        self.reasons.iter().map(|reason| reason.points).sum()
    }

    /// Whether it names what failed outside the code.
    pub(super) fn names_resource(&self) -> bool {
        self.reasons.iter().any(|reason| reason.family == Family::Resource)
    }

    pub(super) fn of_family(&self, family: Family) -> f64 {
        self.reasons.iter().filter(|reason| reason.family == family).map(|reason| reason.points).sum()
    }

    /// Whether something of weight speaks for it that is no custom of naming, and no mere word.
    pub(super) fn is_founded(&self) -> bool {
        let least = |family: Family| if family == Family::Stack { w::FOUNDED_CALL } else { w::FOUNDED };
        !self.is_idle
            && self
                .reasons
                .iter()
                .any(|reason| reason.family != Family::Custom && reason.points >= least(reason.family))
    }

    /// The strongest kind among the pieces that have weight.
    pub(super) fn strength(&self) -> Strength {
        let weighty = self.reasons.iter().filter(|reason| reason.points >= w::WEIGHTY);
        weighty.map(|reason| reason.strength).max().unwrap_or(Strength::Hints)
    }

    /// Whether two families of evidence agree, each with weight.
    pub(super) fn has_two_witnesses(&self) -> bool {
        let (stack, names) = (self.of_family(Family::Stack), self.of_family(Family::Names));
        (stack >= 1.0 && names >= 0.6) || self.of_family(Family::Raising) >= 1.0 && stack + names >= 0.5
    }
}

/// Two decimals, so that output does not depend on how a sum was ordered.
pub(super) fn rounded(score: f64) -> f64 {
    let rounded = (score * 100.0).round() / 100.0;
    if rounded == 0.0 { 0.0 } else { rounded }
}
