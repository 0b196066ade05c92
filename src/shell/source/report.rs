//! Says how the sources stand, when that changed.

use std::collections::BTreeSet;

use super::place::Hold;
use super::stream::{Phase, Stream};
use super::{Feed, SourceSpec, Sources};
use crate::engine::SourceState;

/// What was said last.
pub(super) struct Report {
    states: Vec<Option<SourceState>>,
    behind: u64,
    has_caught_up: bool,
}

impl Report {
    pub fn new(n_sources: usize) -> Self {
        Self { states: vec![None; n_sources], behind: 0, has_caught_up: false }
    }
}

/// What the streams and places of one source add up to.
#[derive(Default)]
struct Tally {
    is_reading: bool,
    bytes_read: u64,
    bytes: u64,
    n_followed: usize,
    n_ended: usize,
    n_missing: usize,
    /// What is missing now.
    problems: BTreeSet<String>,
    /// What is wrong with files that would not have grown.
    archive_problems: BTreeSet<String>,
}

impl Sources {
    /// Sends every state that is not as it was said last, and how far reading is behind.
    pub(super) fn tell_states(&mut self) {
        let tallies = self.tally();
        for (source, tally) in tallies.into_iter().enumerate() {
            self.tell_passed_archives(source, &tally);
            let now = self.state(source, &tally);
            let Some(said) = self.report.states.get_mut(source) else { continue };
            if said.as_ref().is_none_or(|said| is_worth_saying(said, &now)) {
                *said = Some(now.clone());
                self.out.push_back(Feed::State(source, now));
            }
        }
        let behind = self.streams.iter().map(Stream::behind).sum();
        if behind != self.report.behind {
            self.report.behind = behind;
            self.out.push_back(Feed::Behind(behind));
        }
    }

    /// Says once that everything there is was read once.
    pub(super) fn tell_caught_up(&mut self, is_done: bool) {
        let has_caught_up = self.streams.iter().all(|stream| stream.caught_up || stream.is_over());
        let waits_for_pipe = !self.options.follow && !is_done;
        if has_caught_up && !waits_for_pipe && !self.report.has_caught_up {
            self.report.has_caught_up = true;
            self.out.push_back(Feed::CaughtUp);
        }
    }

    fn tally(&self) -> Vec<Tally> {
        let mut tallies: Vec<Tally> = self.specs.iter().map(|_| Tally::default()).collect();
        for stream in &self.streams {
            for source in &stream.sources {
                if let Some(tally) = tallies.get_mut(*source) {
                    tally.add(stream);
                }
            }
        }
        for place in &self.places {
            for source in &place.sources {
                let Some(tally) = tallies.get_mut(*source) else { continue };
                tally.problems.extend(place.problem.clone());
                tally.n_missing += usize::from(place.hold == Hold::Nothing);
                tally.n_ended += usize::from(matches!(place.hold, Hold::Passed(..)));
            }
        }
        for (tally, problem) in tallies.iter_mut().zip(&self.problems) {
            tally.problems.extend(problem.clone());
        }
        tallies
    }

    fn state(&self, source: usize, tally: &Tally) -> SourceState {
        let is_group = match self.specs.get(source) {
            Some(SourceSpec::Pattern(_)) => true,
            Some(SourceSpec::Path(path)) => !self.place_at.contains_key(path),
            Some(SourceSpec::Stdin) | None => false,
        };
        if tally.is_reading {
            return SourceState::Reading(tally.bytes_read, tally.bytes);
        }
        if let Some(text) = say(&tally.problems) {
            return SourceState::Failed(text);
        }
        let follows_new = is_group && self.options.follow;
        if tally.n_followed > 0 || follows_new && tally.n_ended > 0 {
            return SourceState::Following;
        }
        if let Some(text) = say(&tally.archive_problems) {
            return SourceState::Failed(text);
        }
        match tally {
            // Empty files under the names of rotated ones: there is nothing to read, and nothing wrong.
            Tally { n_ended: 0, n_missing: 1.., .. } if !self.options.follow => SourceState::Ended,
            _ if !self.options.follow && tally.n_ended == 0 => SourceState::Failed("nothing matches".to_owned()),
            Tally { n_missing: 1.., .. } if self.options.follow => SourceState::Waiting,
            Tally { n_ended: 0, .. } => SourceState::Waiting,
            Tally { .. } => SourceState::Ended,
        }
    }

    /// An archive that cannot be read does not make a source fail of which other files are followed;
    /// it is told as a file that is left out.
    fn tell_passed_archives(&mut self, source: usize, tally: &Tally) {
        if tally.n_followed == 0 || tally.archive_problems.is_empty() {
            return;
        }
        let failed = |stream: &&Stream| stream.is_packed && stream.sources.contains(&source);
        let told: Vec<_> = self
            .streams
            .iter()
            .filter(failed)
            .filter_map(|stream| Some((stream.cursor.path.clone(), stream.problem.clone()?)))
            .collect();
        for (path, why) in told {
            self.skip(source, &path, why);
        }
    }
}

impl Tally {
    fn add(&mut self, stream: &Stream) {
        if stream.phase == Phase::Known {
            return;
        }
        self.is_reading |= !stream.caught_up;
        self.bytes += stream.size;
        self.bytes_read += stream.size.saturating_sub(stream.behind());
        match stream.phase {
            Phase::Live | Phase::Pipe => self.n_followed += 1,
            Phase::Rotated(_) | Phase::Packed | Phase::Ended => self.n_ended += 1,
            Phase::Known => {}
        }
        let problems = if stream.is_packed { &mut self.archive_problems } else { &mut self.problems };
        problems.extend(stream.problem.clone());
    }
}

/// Names the first problem, and how many more there are.
fn say(problems: &BTreeSet<String>) -> Option<String> {
    let first = problems.first()?;
    Some(match problems.len() {
        1 => first.clone(),
        n_problems => format!("{first} (and {} more)", n_problems - 1),
    })
}

/// Progress is worth saying by the hundredth, everything else always.
fn is_worth_saying(said: &SourceState, now: &SourceState) -> bool {
    let hundredth = |done: u64, all: u64| done.saturating_mul(100).checked_div(all);
    match (said, now) {
        (SourceState::Reading(was, was_of), SourceState::Reading(is, of)) => {
            was_of != of || hundredth(*was, *was_of) != hundredth(*is, *of)
        }
        _ => said != now,
    }
}
