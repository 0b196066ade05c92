//! Watches over deploys, and the incidents that they open.
//!
//! Input: the counts as they stand and the deploys known. Output: a judgement on each watched deploy, and
//! incidents that open, close and reopen. What is found is a function of what is stored, counts, work and incidents:
//! looking more often, or again after a restart, changes nothing.

use std::time::Duration;

use super::Engine;
use crate::detect::baseline::SetAside;
use crate::detect::class::Class;
use crate::detect::overlap;
use crate::detect::{Assessment, Beyond, Deploy, Incident, Judgement, Kind, Phase, SignatureIndex, Tier, Watch};
use crate::ingest::Level;
use crate::units::{SignatureId, Timestamp};

/// Deploys that are judged at a time; older ones have their verdict and are over.
const WATCHES: usize = 8;

/// Deploys that are watched at the same time; more cannot be told apart.
const LIVE: usize = 3;

/// How long a failure of the transient class must go on before it opens an incident.
const TRANSIENT_LASTS: Duration = Duration::from_secs(15 * 60);

/// How long ago its last event may be for it to go on still.
const STILL: Duration = Duration::from_secs(3 * 60);

/// One deploy under watch, and what was last found.
#[derive(Debug)]
pub(super) struct Watched {
    pub(super) watch: Watch,
    pub(super) judgement: Option<Judgement>,
    /// When the next deploy followed.
    pub(super) followed: Option<Timestamp>,
    /// Judged up to here; nothing later belongs to it, because the deploy was taken back, or others followed.
    ended: Option<Timestamp>,
}

impl Engine {
    /// Notes that a remedy for this signature was executed.
    pub fn remedied(&mut self, signature: SignatureId, at: Timestamp) {
        let is_of = |incident: &Incident| self.has_row(incident, signature);
        let Some(position) = self.incidents.iter().rposition(is_of) else {
            return self.open_remedied_incident(signature, at);
        };
        if let Some(incident) = self.incidents.get_mut(position) {
            incident.note_remedy(at);
            self.changed_incidents.push(incident.id);
        }
    }

    /// A person may take a deploy back before anything is confirmed; it is followed all the same.
    fn open_remedied_incident(&mut self, signature: SignatureId, at: Timestamp) {
        let (Some(deploy), Some(_)) = (self.deploys.last().cloned(), self.catalog.find(signature)) else { return };
        let id = self.next_incident_id();
        let mut incident = Incident::open(id, deploy, at, vec![signature]);
        incident.note_remedy(at);
        self.changed_incidents.push(id);
        self.incidents.push(incident);
    }

    /// Names the signatures that are suspected of the newest deploy before anything is counted, as those
    /// that speak of changed files; see [`Watch::favor`].
    pub fn favor(&mut self, signatures: &[SignatureId]) {
        let favored: Vec<SignatureIndex> = signatures.iter().filter_map(|id| self.lead_of(*id)).collect();
        if let Some(watched) = self.watched.last_mut() {
            watched.watch.favor(favored);
        }
    }

    /// The incidents, oldest first.
    #[must_use]
    pub fn incidents(&self) -> &[Incident] {
        &self.incidents
    }

    /// Keeps a watch open over each deploy that is recent; one ends early when a later deploy takes its deploy back, or
    /// when as many later ones are watched as can be told apart.
    pub(super) fn rewatch(&mut self) {
        let mut old = std::mem::take(&mut self.watched);
        for (position, deploy) in self.deploys.iter().enumerate() {
            let (before, later) = (self.deploys.get(..position), self.deploys.get(position + 1..));
            let (before, later) = (before.unwrap_or_default(), later.unwrap_or_default());
            let taken_back = later.iter().find(|next| next.takes_back(deploy, before)).map(|next| next.at);
            let ended = later.get(LIVE - 1).map(|next| next.at).into_iter().chain(taken_back).min();
            let kept = old.iter().position(|watched| watched.watch.deploy() == deploy);
            let mut watched = match kept {
                Some(kept) => old.swap_remove(kept),
                None => Watched {
                    watch: Watch::new(deploy.clone(), self.options.settings.clone()),
                    judgement: None,
                    followed: None,
                    ended: None,
                },
            };
            (watched.followed, watched.ended) = (later.first().map(|next| next.at), ended);
            self.watched.push(watched);
        }
        let excess = self.watched.len().saturating_sub(WATCHES);
        self.watched.drain(..excess);
    }

    /// Looks at every open watch and incident as they stand at `now`.
    pub fn judge(&mut self, now: Timestamp) {
        self.regroup(now);
        // While a source is still read to its end, the end of work may simply not have been read yet.
        let is_behind = self.streams.values().any(|stream| !stream.ended && !stream.place.live);
        let mut all = std::mem::take(&mut self.watched);
        for watched in &mut all {
            let aside = self.set_aside(watched.watch.deploy());
            let tasks = (!is_behind).then_some(&self.tasks);
            let followed = watched.followed.filter(|at| *at <= now);
            let (versions, deploys) = (Some(&self.versions), self.deploys.as_slice());
            let beyond = Beyond { tasks, versions, aside: Some(&aside), deploys, followed };
            watched.watch.set_traffic(self.traffic_at(watched.watch.deploy().at));
            let until = watched.ended.unwrap_or(now).min(now);
            watched.judgement = Some(watched.watch.judge_with(self.judged(), &beyond, until));
        }
        self.lay(&mut all);
        self.watched = all;
        self.unjudged = self.unjudged(now);
        self.open_incidents(now);
        self.follow_incidents(now);
    }

    /// Lays each finding to the deploy that it likeliest came with, and makes the verdicts.
    fn lay(&self, all: &mut [Watched]) {
        let judged = all.iter_mut().filter_map(|watched| Some((&watched.watch, watched.judgement.as_mut()?)));
        overlap::lay(&mut judged.collect::<Vec<_>>(), self.judged());
        for watched in all {
            let deploy = watched.watch.deploy().at;
            watched.judgement.iter_mut().for_each(|it| it.recount(|found| self.matters(found) && found.is_of(deploy)));
        }
    }

    /// What incidents of earlier deploys leave out of the baseline of this one.
    fn set_aside(&self, deploy: &Deploy) -> SetAside {
        let mut aside = SetAside::default();
        for incident in &self.incidents {
            let Some(minutes) = incident.set_aside(deploy.at) else { continue };
            for lead in self.rows_of(incident).into_iter().filter_map(|row| self.lead_of(row)) {
                aside.add(lead, minutes.clone());
            }
        }
        aside
    }

    /// Whether a finding speaks of a failure. Every deploy logs something new or more of something at its ease, so
    /// that a rise or a newcomer below a warning is only listed; what is missing matters at any level.
    #[must_use]
    pub fn matters(&self, assessment: &Assessment) -> bool {
        let grows = assessment.finding.is_some_and(|finding| matches!(finding.kind, Kind::Rise | Kind::New));
        let level = assessment.signature.and_then(|lead| self.joint(lead)?.level);
        !grows || level.is_none_or(|level| level >= Level::Warn)
    }

    /// Every watched deploy with what was last found, oldest first.
    pub fn judgements(&self) -> impl Iterator<Item = (&Deploy, &Judgement)> {
        self.watched.iter().filter_map(|watched| Some((watched.watch.deploy(), watched.judgement.as_ref()?)))
    }

    fn next_incident_id(&self) -> u64 {
        self.incidents.iter().map(|incident| incident.id).max().unwrap_or(0) + 1
    }

    /// Confirmed rises, newcomers, stalls and skipped steps open an incident for their deploy, or join the open one.
    fn open_incidents(&mut self, now: Timestamp) {
        for position in 0..self.watched.len() {
            let Some((deploy, found)) = self.watched.get(position).and_then(|watched| {
                let judgement = watched.judgement.as_ref()?;
                let deploy = watched.watch.deploy();
                Some((deploy.clone(), self.confirmed(judgement, deploy.at)))
            }) else {
                continue;
            };
            let fresh: Vec<SignatureId> = found
                .into_iter()
                .filter(|id| !self.incidents.iter().any(|incident| self.owns(incident, *id, &deploy)))
                .collect();
            if fresh.is_empty() {
                continue;
            }
            let joined =
                self.incidents.iter_mut().find(|incident| incident.deploy.at == deploy.at && incident.is_live());
            if let Some(incident) = joined {
                incident.signatures.extend(fresh);
                self.changed_incidents.push(incident.id);
            } else {
                let id = self.next_incident_id();
                self.incidents.push(Incident::open(id, deploy, now, fresh));
                self.changed_incidents.push(id);
            }
        }
    }

    fn confirmed(&self, judgement: &Judgement, deploy: Timestamp) -> Vec<SignatureId> {
        let confirmed = judgement.assessments.iter().filter(|assessment| {
            assessment.finding.is_some_and(|finding| {
                finding.tier == Tier::Confirmed
                    && matches!(finding.kind, Kind::Rise | Kind::New | Kind::Stall | Kind::Skip)
            }) && self.matters(assessment)
                && assessment.is_of(deploy)
        });
        let escalated = confirmed.filter_map(|assessment| {
            let lead = assessment.signature?;
            let (class, _) = self.rules.class_of(self.title(lead));
            let last = self.joint(lead)?.last;
            let escalates = class != Class::Transient || stays(assessment, last, judgement);
            Some(self.catalog.get(lead)?.id).filter(|_| escalates)
        });
        escalated.collect()
    }

    fn follow_incidents(&mut self, now: Timestamp) {
        let mut all = std::mem::take(&mut self.incidents);
        for incident in &mut all {
            // Groups are followed by the counts of their leads, whichever member was named when it opened.
            let mut led = Incident { signatures: self.rows_of(incident), ..incident.clone() };
            let stalled = self.stalled(&led);
            if led.follow(self.judged(), &self.catalog, &self.options.settings, &stalled, now) {
                *incident = Incident { signatures: std::mem::take(&mut incident.signatures), ..led };
                self.changed_incidents.push(incident.id);
            }
        }
        self.incidents = all;
    }

    /// The rows that an incident's signatures belong to now, each once.
    fn rows_of(&self, incident: &Incident) -> Vec<SignatureId> {
        let mut rows: Vec<SignatureId> = Vec::new();
        for row in incident.signatures.iter().map(|id| self.row_of(*id)) {
            if !rows.contains(&row) {
                rows.push(row);
            }
        }
        rows
    }

    /// Whether an incident holds this signature, or another one of its group.
    fn has_row(&self, incident: &Incident, signature: SignatureId) -> bool {
        let row = self.row_of(signature);
        incident.signatures.iter().any(|id| self.row_of(*id) == row)
    }

    /// Whether a finding on this row after this deploy belongs to the incident, and not to a new one.
    fn owns(&self, incident: &Incident, row: SignatureId, deploy: &Deploy) -> bool {
        let its = incident.signatures.iter().find(|id| self.row_of(**id) == self.row_of(row));
        its.is_some_and(|id| incident.owns(*id, deploy))
    }

    /// The signatures of an incident that start work which did not finish, or are steps that were left out, each with
    /// whether that is over.
    fn stalled(&self, incident: &Incident) -> Vec<(SignatureId, bool)> {
        let Phase::Recovering { since } = incident.phase else { return Vec::new() };
        let its = self.watched.iter().find(|watched| watched.watch.deploy().at == incident.deploy.at);
        let Some(Watched { watch, judgement: Some(judgement), .. }) = its else { return Vec::new() };
        let of = |assessment: &Assessment| {
            let index = assessment.signature?;
            let id = self.catalog.get(index).map(|known| known.id).filter(|id| incident.signatures.contains(id))?;
            let (before, since) = (watch.baseline_range(), since.minute().plus(1));
            let is_back = match assessment.finding?.kind {
                Kind::Stall => self.tasks.is_back(index, before, since),
                Kind::Skip => self.tasks.is_taken_again(index, before, since),
                Kind::Rise | Kind::New | Kind::Drop | Kind::Silent => return None,
            };
            Some((id, is_back))
        };
        judgement.assessments.iter().filter_map(of).collect()
    }
}

/// Whether what usually goes away by itself did not: it has gone on for a while, and still does.
fn stays(assessment: &Assessment, last: Timestamp, judgement: &Judgement) -> bool {
    let since = Duration::from_secs(60 * u64::from(assessment.onset.unwrap_or(0)));
    let lasted = judgement.elapsed.saturating_sub(since);
    assessment.is_listed() && lasted >= TRANSIENT_LASTS && judgement.at.since(last) <= STILL
}
