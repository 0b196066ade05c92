//! Collects evidence for each hunk, and ranks.
//!
//! Input: a symptom and a change. Output: a [`Verdict`]. The same input always gives the same output.
//!
//! Pure. Every hunk is weighed by itself and hunks are never summed up, so that a large change does
//! not win by its size. What each piece of evidence is worth stands in `weights`; what can be no
//! cause (tests, comments, another company's outage) is ruled out whatever the rest says.

mod absent;
mod bodies;
mod bump;
mod callee;
mod clue;
mod echo;
mod evidence;
mod flow;
mod foreign;
mod given;
mod handed;
mod heir;
mod lead;
mod likelihood;
mod messenger;
mod names;
mod outside;
mod owner;
mod pattern;
mod place;
mod printed;
mod raising;
mod reach;
mod sheet;
mod shelf;
mod stack;
mod standing;
mod summary;
mod trial;
mod unraised;
mod values;
mod way;
mod weights;

use super::classify::is_runtime_change;
use super::hands;
use super::{Change, ClassedFile, Confidence, FileChange, HunkId, Stage, Suspect, Symptom, Verdict};
use clue::Clues;
use echo::Echo;
use evidence::{Evidence, Family, Reason, Strength, rounded};
use lead::{scores, strongest};
use likelihood::likelihood;
use names::Nearness;
use outside::Outage;
use sheet::{Piece, Sheet, Spread};
use shelf::Shelf;
use stack::Spot;
use trial::Trial;
use weights as w;

/// The most suspects that are named.
const SUSPECTS: usize = 20;

/// The most errors of the same moment that are asked what they point at.
const SIBLINGS: usize = 4;

/// Judges whether the change caused the symptom, and which hunk did.
#[must_use]
pub fn judge(symptom: &Symptom, change: &Change) -> Verdict {
    judge_among(symptom, &[], change, Stage::Production)
}

/// Judges one of several errors that began at the same moment: where they have one cause, each of
/// them points at it.
#[must_use]
pub fn judge_among(symptom: &Symptom, siblings: &[Symptom], change: &Change, stage: Stage) -> Verdict {
    let changed_files =
        change.files.iter().map(|file| ClassedFile { path: file.path.clone(), class: file.class }).collect();
    let is_runtime_change = change.files.iter().any(is_runtime_change);
    let symptom = &*symptom.within(change);
    let siblings: Vec<_> = siblings.iter().take(SIBLINGS).map(|sibling| sibling.within(change)).collect();
    let own = Clues::of(symptom, change);
    let theirs: Vec<Clues> = siblings.iter().map(|sibling| Clues::of(sibling, change)).collect();
    let is_named = |path: &str| {
        let mut places = std::iter::once(&own).chain(&theirs).flat_map(|clues| &clues.located.places);
        places.any(|place| place.path == path)
    };
    let read = |file| Sheet::read(file, stage, is_named(&file.path));
    let read = |index: usize| change.files.get(index).and_then(read);
    let size = |file: &FileChange| [&file.base_text, &file.head_text].into_iter().flatten().map(String::len).sum();
    let sizes: Vec<usize> = change.files.iter().map(size).collect();
    let sheets: Vec<Sheet<'_>> = hands::all_by_size(&sizes, &read).into_iter().flatten().collect();
    if !is_runtime_change && (stage == Stage::Production || sheets.iter().all(|sheet| sheet.pieces.is_empty())) {
        return Verdict {
            is_runtime_change,
            causal_link: false,
            confidence: Confidence::High,
            evidence_summary: summary::nothing_runs(change),
            changed_files,
            suspects: Vec::new(),
        };
    }
    let spread = Spread::of(&sheets);
    let shelf = Shelf::new(change);
    let weighed = |symptom, clues| Case::of(symptom, clues, &shelf, (&sheets, &spread), stage);
    let mut case = weighed(symptom, own);
    let texts: Vec<&str> = siblings.iter().map(|sibling| sibling.text.as_str()).collect();
    case.missed = absent::missed_before(symptom, &texts, &case.clues, change).filter(|_| case.taken.is_none());
    let others = siblings.iter().zip(theirs).map(|(sibling, clues)| weighed(sibling, clues));
    let pointed: Vec<HunkId> = others.filter_map(|other| other.points_at()).collect();
    let ranked = case.ranked(&pointed);
    let opinion = case.opinion(&ranked);
    Verdict {
        is_runtime_change,
        causal_link: opinion.causal,
        confidence: opinion.confidence,
        evidence_summary: summary::of(&opinion, &ranked),
        changed_files,
        suspects: ranked.iter().take(SUSPECTS).map(|candidate| candidate.suspect(&opinion.against)).collect(),
    }
}

/// Everything that is weighed.
struct Case<'c> {
    symptom: &'c Symptom,
    clues: Clues,
    sheets: &'c [Sheet<'c>],
    spread: &'c Spread<'c>,
    spots: Vec<Spot>,
    trial: Option<Trial>,
    outage: Option<Outage>,
    echo: Option<Echo>,
    /// Whether a test waited for an error that never came.
    is_unraised: bool,
    /// The name that the error misses, where the change took it away.
    taken: Option<String>,
    /// The name that a compiler misses in lines too that the deploy left alone, where nothing took it away.
    missed: Option<String>,
}

/// A hunk with its evidence.
struct Candidate<'s> {
    sheet: &'s Sheet<'s>,
    piece: &'s Piece<'s>,
    evidence: Evidence,
    score: f64,
    /// What it is worth in the order of suspects beside its score.
    standing: f64,
}

/// What all evidence comes to.
struct Opinion {
    causal: bool,
    confidence: Confidence,
    /// What speaks against the deploy as a whole, as sentences without full stop.
    against: Vec<String>,
}

impl<'c> Case<'c> {
    fn of(
        symptom: &'c Symptom,
        mut clues: Clues,
        shelf: &Shelf<'_>,
        (sheets, spread): (&'c [Sheet<'c>], &'c Spread<'c>),
        stage: Stage,
    ) -> Self {
        if stage == Stage::Build {
            // What cannot be built may well be a test.
            clues.located.places.iter_mut().for_each(|place| place.is_test = false);
        }
        let spots = stack::spots(&clues, shelf, sheets);
        let trial = Trial::of(symptom, &spots, shelf, sheets);
        let outage = Outage::of(symptom, &clues, |name| foreign::is_own(name, &spots, sheets));
        let outage = outage.filter(|_| !raises_itself(&spots, sheets));
        let is_unraised = trial.is_some() && unraised::is_unraised(symptom);
        let echo = Echo::of(symptom, &clues, sheets);
        let taken = absent::taken_away(&clues, sheets).map(str::to_owned);
        Self { symptom, clues, sheets, spread, spots, trial, outage, echo, is_unraised, taken, missed: None }
    }

    /// The hunk at which the error points by itself, where it points at one clearly.
    fn points_at(&self) -> Option<HunkId> {
        let ranked = self.ranked(&[]);
        let (best, next) = (ranked.first()?, ranked.get(1).map_or(0.0, |next| next.score));
        let is_clear = best.score >= w::SIBLING_SCORE && best.score - next >= w::SIBLING_MARGIN;
        (is_clear && self.general_doubts(Some(best)).0.is_some()).then_some(best.piece.hunk.id)
    }

    /// The hunks for which something speaks, best first; ties by file and line. `pointed` are the
    /// hunks at which errors of the same moment point.
    fn ranked(&self, pointed: &[HunkId]) -> Vec<Candidate<'_>> {
        let mut ranked = Vec::new();
        let is_few = self.sheets.len() <= standing::FEW_FILES;
        for sheet in self.sheets {
            let links = stack::links(&self.spots, sheet);
            let is_on_stack = self.spots.iter().any(|spot| spot.is_in(sheet.path()));
            for piece in &sheet.pieces {
                let mut evidence = self.weigh(sheet, piece, &links, is_on_stack);
                evidence.reasons.extend(siblings(pointed, sheet, piece));
                // Of an outage only what names the thing that failed can be the cause.
                let is_ruled_out = self.outage.is_some() && !evidence.names_resource();
                let score = evidence.score() + if is_ruled_out { w::OUTAGE } else { 0.0 };
                let standing = standing::standing(sheet, piece, &self.spots);
                let is_one_of_few = is_few && !is_ruled_out && standing > 0.0;
                if is_one_of_few || evidence.reasons.iter().any(|reason| reason.points > 0.0) {
                    ranked.push(Candidate { sheet, piece, evidence, score, standing });
                }
            }
        }
        ranked.sort_by(|a, b| {
            let place = |candidate: &Candidate<'_>| (candidate.sheet.path().to_owned(), candidate.piece.hunk.id);
            let rank = |candidate: &Candidate<'_>| rounded(candidate.score + candidate.standing);
            rank(b).total_cmp(&rank(a)).then_with(|| place(a).cmp(&place(b)))
        });
        ranked
    }

    fn weigh(&self, sheet: &Sheet<'_>, piece: &Piece<'_>, links: &[bool], is_on_stack: bool) -> Evidence {
        let mut reasons = stack::weigh(&self.spots, links, self.spread, sheet, piece);
        let nearness = match (is_on_stack, links.contains(&true)) {
            (true, _) => Nearness::OnStack,
            (false, true) => Nearness::Imported,
            (false, false) if self.spots.iter().any(Spot::is_believed) => Nearness::Elsewhere,
            (false, false) => Nearness::Unknown,
        };
        // Where the stack shows the line that raised the error, nothing else raised it.
        let raised_at = self.spots.iter().find(|spot| spot.is_origin());
        let (first, last) = piece.hunk.touched();
        let is_raised_here = |line: u32| first <= line && line <= last;
        let may_raise = raised_at.is_none_or(|spot| spot.line_in(sheet.path()).is_some_and(is_raised_here));
        let failed: Vec<u32> = self.spots.iter().filter_map(|spot| spot.line_in(sheet.path())).collect();
        let named = names::weigh(&self.clues, self.spread, sheet, piece, nearness);
        let echoed = self.echo.iter().filter_map(|echo| echo.weigh(sheet, piece));
        // Both speak of what the message says; the better one counts.
        reasons.extend(named.into_iter().chain(echoed).max_by(|a, b| a.points.total_cmp(&b.points)));
        let is_on_stack = nearness == Nearness::OnStack;
        let is_elsewhere = nearness == Nearness::Elsewhere;
        let footing = raising::Footing { is_on_stack, may_raise, is_elsewhere, failed };
        reasons.extend(raising::weigh(&self.clues, self.sheets, sheet, piece, &footing));
        reasons.extend(bump::weigh(&self.clues, sheet, piece));
        reasons.extend(heir::weigh(&self.spots, sheet, piece));
        let is_named = reasons.iter().any(|reason| reason.family == Family::Custom);
        reasons.extend(self.trial.iter().flat_map(|trial| trial.weigh(sheet, piece, self.spread, is_named)));
        if self.trial.as_ref().is_some_and(|trial| trial.passes_by(sheet, piece)) {
            reasons
                .iter_mut()
                .filter(|reason| reason.family == Family::Custom)
                .for_each(|reason| reason.points *= w::TRIAL_PASSED);
        }
        let is_near = is_on_stack || links.contains(&true);
        reasons.extend(self.outage.as_ref().and_then(|outage| outage.named_by(sheet, piece, is_near)));
        let misses_another = self.taken.as_deref().is_some_and(|name| !absent::takes(piece, name));
        let is_idle = misses_another
            || self.clues.checkers.contains(sheet.path())
            || self.is_unraised && !unraised::can_prevent(piece)
            || absent::only_defines(&self.clues, sheet, piece)
            || absent::only_brings(&self.clues, &self.spots, sheet, piece)
            || absent::only_enters(&self.clues, piece)
            || self.fails_to_hold() && standing::says_nothing(piece)
            || piece.is_rewording && rewords_elsewhere(piece, &reasons);
        if is_idle {
            reasons.iter_mut().filter(|reason| reason.points > 0.0).for_each(Reason::weaken);
        }
        if piece.is_rewording && reasons.iter().any(|reason| reason.family == Family::Raising) {
            let text = format!("{} only rewords a text: the failure may be older", piece.place(sheet.path()));
            reasons.push(Reason::new(Family::Raising, w::REWORDED, text));
        }
        if self.spots.iter().any(|spot| spot.is_old_code(sheet.path())) {
            let text = format!(
                "the source line that the trace shows is no more in {}: the old version wrote it",
                sheet.path()
            );
            reasons.push(Reason::new(Family::Stack, w::OLD_CODE, text));
        }
        Evidence { reasons, is_idle }
    }

    /// Whether all that is wrong is that what a test expected does not hold, so that every name was found.
    fn fails_to_hold(&self) -> bool {
        self.trial.as_ref().is_some_and(Trial::is_alone) && !absent::misses_name(&self.clues)
    }

    /// Combines the evidence for the best hunk with what speaks against the whole.
    fn opinion(&self, ranked: &[Candidate<'_>]) -> Opinion {
        let mut against = Vec::new();
        let Some(best) = ranked.first() else {
            return Opinion { causal: false, confidence: Confidence::Low, against: self.general_doubts(None).1 };
        };
        let (score, margin) = scores(ranked);
        let (malus, doubts) = self.general_doubts(Some(best));
        against.extend(doubts);
        let Some(malus) = malus else {
            return Opinion { causal: false, confidence: Confidence::Medium, against };
        };
        let score = score + malus;
        let strength = best.evidence.strength();
        let is_proven = strongest(ranked, best) == Strength::Proves;
        let is_high = score >= w::HIGH_SCORE && margin >= w::HIGH_MARGIN && is_proven;
        // Two that only hint are no witnesses: what each fits, much else fits.
        let is_witnessed = strength >= Strength::Suggests && best.evidence.has_two_witnesses();
        let decides = strength == Strength::Decides || is_witnessed;
        let is_carried = strength == Strength::Proves || (decides && margin >= w::MEDIUM_MARGIN);
        let is_clear = strength >= Strength::Leads && score >= w::CLEAR_SCORE && margin >= w::CLEAR_MARGIN;
        let is_alone = strength >= Strength::Suggests && score >= w::ALONE_SCORE && margin >= w::ALONE_MARGIN;
        let is_medium = if self.trial.as_ref().is_some_and(Trial::is_alone) {
            best.evidence.is_founded()
                && likelihood(&best.evidence, best.piece.n_lines(), score, margin) >= likelihood::MEDIUM
        } else {
            (is_carried && score >= w::MEDIUM_SCORE) || is_clear || is_alone
        };
        let mut confidence = match (is_high, is_medium) {
            (true, _) => Confidence::High,
            (false, true) => Confidence::Medium,
            (false, false) => Confidence::Low,
        };
        for doubt in [self.detector(best), self.raised_by_others(best), self.lacks_anyway(best)].into_iter().flatten() {
            confidence = Confidence::Low;
            against.push(doubt);
        }
        if self.is_older(best) {
            confidence = Confidence::Low;
        }
        Opinion { causal: confidence != Confidence::Low, confidence, against }
    }

    /// What is added to the score, or `None` for a veto; and why.
    fn general_doubts(&self, best: Option<&Candidate<'_>>) -> (Option<f64>, Vec<String>) {
        let mut against = Vec::new();
        let mut malus = Some(0.0);
        if let Some(outage) = self.outage.as_ref().filter(|_| !best.is_some_and(|best| best.evidence.names_resource()))
        {
            against.push(format!("this is a failure of {}, and no change names what failed", outage.what));
            malus = None;
        }
        if let Some(rates) = self.symptom.rates.filter(|rates| !rates.significant) {
            let is_higher = rates.after > rates.before;
            let said = if is_higher { "rose no more than by chance with" } else { "is no higher than before" };
            against.push(format!(
                "its rate {said} the deploy ({:.2} a minute before, {:.2} after)",
                rates.before, rates.after
            ));
            let is_strong = best.is_some_and(|best| best.evidence.strength() == Strength::Proves);
            malus = malus.filter(|_| is_strong).map(|sum: f64| sum + w::RATE_FLAT);
        }
        if let Some(rates) = self.symptom.rates.filter(|rates| rates.significant && rates.before > 0.0) {
            against.push(format!(
                "it was seen before the deploy too ({:.2} a minute before, {:.2} after)",
                rates.before, rates.after
            ));
            malus = malus.zip(w::seen_before(rates.after / rates.before)).map(|(sum, more)| sum + more);
        }
        (malus, against)
    }

    /// Whether the version before raised the same error, not much more seldom: the deploy may bring it more often, but
    /// not anew. Only what names the thing that runs short, or what was bumped, tells why there is more of it.
    fn is_older(&self, best: &Candidate<'_>) -> bool {
        let is_proven = best.evidence.strength() == Strength::Proves;
        let least = if is_proven { w::HARDLY_SEEN } else { f64::INFINITY };
        let is_seen = self.symptom.rates.is_some_and(|rates| rates.before > 0.0 && rates.after < least * rates.before);
        let tells_more = |reason: &Reason| matches!(reason.family, Family::Resource | Family::Packages);
        is_seen && !best.evidence.reasons.iter().any(|reason| reason.points > 0.0 && tells_more(reason))
    }

    /// What a library of others raised, without a word of what was changed, may be the library's own trouble.
    fn raised_by_others(&self, best: &Candidate<'_>) -> Option<String> {
        let is_named = best.evidence.reasons.iter().any(|reason| {
            reason.points > 0.0
                && matches!(
                    reason.family,
                    Family::Names | Family::Raising | Family::Packages | Family::Resource | Family::Way
                )
        });
        if is_named {
            return None;
        }
        if self.clues.located.is_given {
            return Some(
                "what failed is code that was given at run time, and it names nothing that changed".to_owned(),
            );
        }
        let name = foreign::foreign(&self.clues, &self.spots, self.sheets)?;
        Some(format!("`{name}` is of a library that the deploy did not touch, and names nothing that changed"))
    }

    /// What misses a name hangs on who took that name away, not on what is named like it.
    fn lacks_anyway(&self, best: &Candidate<'_>) -> Option<String> {
        if let Some(name) = self.missed.as_ref().filter(|name| !absent::takes(best.piece, name)) {
            return Some(format!("`{name}` is missing in lines too that did not change, and nothing takes it away"));
        }
        // Who let another kind of thing come to the line that asks need not have taken anything away.
        if best.evidence.of_family(Family::Way) >= w::WEIGHTY {
            return None;
        }
        let name = absent::lacks_anyway(&self.clues, &self.spots, best.sheet, best.piece)?;
        Some(format!("`{name}` is missing, and {} does not take it away", best.piece.place(best.sheet.path())))
    }

    /// A check in unchanged code that did its duty is no culprit, and what lies around it no evidence.
    fn detector(&self, best: &Candidate<'_>) -> Option<String> {
        let innermost = self.spots.iter().find(|spot| !spot.is_test())?;
        let is_opened = best.evidence.of_family(Family::Way) >= w::WEIGHTY;
        if !innermost.is_guard(self.sheets) || best.evidence.strength() >= Strength::Decides || is_opened {
            return None;
        }
        let stack: f64 = best
            .evidence
            .reasons
            .iter()
            .filter(|reason| reason.family == Family::Stack)
            .map(|reason| reason.points)
            .sum();
        // A change of the caller, or of what it calls, is still near enough to matter.
        // A check that says itself what is wrong hangs on what it tested, and on nothing else of its neighborhood.
        (stack < w::FUNCTION * w::FADE * w::FADE || innermost.n_passed > 0)
            .then(|| format!("{} is a check in code that did not change", innermost.name()))
    }
}

/// Whether the innermost line raises the error itself, and the change touched it: that is no word of others.
fn raises_itself(spots: &[Spot], sheets: &[Sheet<'_>]) -> bool {
    let Some(spot) = spots.iter().find(|spot| !spot.is_test()).filter(|spot| spot.is_origin()) else { return false };
    let is_touched = |sheet: &Sheet<'_>| {
        let line = spot.line_in(sheet.path());
        let holds = |line: u32, (first, last): (u32, u32)| first <= line && line <= last;
        line.is_some_and(|line| sheet.pieces.iter().any(|piece| holds(line, piece.hunk.touched())))
    };
    sheets.iter().any(is_touched)
}

/// Whether a hunk only says otherwise what is wrong, and the error says nothing of it.
fn rewords_elsewhere(piece: &Piece<'_>, reasons: &[Reason]) -> bool {
    let is_said = reasons.iter().any(|reason| matches!(reason.family, Family::Names | Family::Raising));
    !is_said && piece.hunk.added.iter().any(|line| raising::RAISES.iter().any(|way| line.contains(way)))
}

/// Other errors that began with this one and point at the hunk.
fn siblings(pointed: &[HunkId], sheet: &Sheet<'_>, piece: &Piece<'_>) -> Option<Reason> {
    let n_siblings = pointed.iter().filter(|hunk| **hunk == piece.hunk.id).count();
    if n_siblings == 0 {
        return None;
    }
    let points = (w::SIBLING * n_siblings as f64).min(w::SIBLINGS);
    let others = if n_siblings == 1 { "another error that began" } else { "other errors that began" };
    let verb = if n_siblings == 1 { "points" } else { "point" };
    Some(Reason::new(Family::Siblings, points, format!("{others} with it {verb} at {}", piece.place(sheet.path()))))
}

impl Candidate<'_> {
    fn suspect(&self, against: &[String]) -> Suspect {
        let (start, end) = self.piece.lines;
        let sentence = |text: &str| format!("{}.", summary::capital(text));
        let mut reasons: Vec<&Reason> = self.evidence.reasons.iter().collect();
        reasons.sort_by(|a, b| b.points.total_cmp(&a.points));
        let texts = |positive: bool| {
            reasons.iter().filter(move |reason| (reason.points > 0.0) == positive).map(|reason| sentence(&reason.text))
        };
        let for_it: Vec<String> = texts(true).collect();
        Suspect {
            file: self.sheet.path().to_owned(),
            start,
            end,
            score: rounded(self.score + self.standing),
            reasons: if for_it.is_empty() { vec![sentence(standing::ALONE)] } else { for_it },
            against: texts(false).chain(against.iter().map(|text| sentence(text))).collect(),
            hunk: self.piece.hunk.id,
        }
    }
}

#[cfg(test)]
mod tests;
