//! Gathers what is known of an incident: from the store, the repository and the audit record.
//!
//! Input: an incident. Output: a [`Postmortem`], in which what could not be read is named, and why.
//!
//! Decides nothing: counts are judged by the engine and errors laid to changes by triage, as on the screen.

use std::time::Duration;

use serde_json::Value;

use crate::app::Failure;
use crate::detect::class::Rules;
use crate::detect::{Incident, Known, Phase};
use crate::engine::{Engine, Note, Noted, NotedRecovery};
use crate::remedy::audit::{self, Entry};
use crate::shell::audit::AuditLog;
use crate::shell::git::read::{self, Range};
use crate::shell::git::revert;
use crate::shell::observe::{always, engine_options, traffic_of};
use crate::shell::settings::Settings;
use crate::shell::store::Store;
use crate::triage::{Change, Confidence, Rates, Symptom, Verdict};
use crate::units::{SignatureId, Timestamp};
use crate::view::postmortem::{
    ApprovalPart, Chart, DeployPart, Mark, Moment, Postmortem, SCHEMA, StepPart, SuspectPart, VerdictPart, safe,
    safe_lines,
};

/// Signatures that are drawn and laid to changes; an incident has few.
const MOST_SIGNATURES: usize = 10;

/// Suspects that are told.
const MOST_SUSPECTS: usize = 5;

/// Lines of a suspect's change that are told.
const MOST_LINES: usize = 60;

/// Longest diff that is told, in bytes.
const LONGEST_DIFF: usize = 256 << 10;

/// How long after the incident's deploy its remedy may have been approved.
const REMEDY_WITHIN: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// How much is shown after the last thing that happened.
const AFTERMATH: Duration = Duration::from_secs(20 * 60);

/// Gathers it.
///
/// # Errors
///
/// When the store cannot be read, or a setting cannot be used.
pub fn gather(
    settings: &Settings,
    store: &mut Store,
    incident: &Incident,
    now: Timestamp,
) -> Result<Postmortem, Failure> {
    let notes = store.notes(&settings.service, incident.id).map_err(|error| error.failure())?;
    let end = end_of(incident, now);
    let world = World::of(settings, store, incident, end)?;
    let mut missing = Vec::new();
    let entries = entries(settings, incident, &mut missing);
    let findings = findings(&notes, &world, incident, &mut missing);
    let mut report = Postmortem {
        schema: SCHEMA,
        incident: incident.id,
        service: safe(&settings.service),
        state: state_of(incident).to_owned(),
        opened: incident.opened,
        closed: match incident.phase {
            Phase::Closed { at } => Some(at),
            Phase::Open | Phase::Recovering { .. } => None,
        },
        reopened: incident.reopened,
        deploy: deploy_part(incident),
        timeline: timeline(incident, &notes, &entries),
        charts: Vec::new(),
        verdict: None,
        diff: None,
        approvals: entries.iter().filter(|entry| entry.action == audit::APPROVED).map(approval).collect(),
        execution: entries.iter().filter_map(step).collect(),
        recovery: recovery(&world, incident, &notes, &entries, end),
        findings,
        missing: Vec::new(),
    };
    report.charts = world.charts(incident, &report.timeline, end);
    report.verdict = verdict(settings, incident, &world, &report.findings, &mut missing);
    report.diff = diff(settings, &entries, &mut missing);
    for finding in &mut report.findings {
        (finding.template, finding.sentence) = (safe(&finding.template), safe(&finding.sentence));
    }
    report.missing = missing;
    Ok(report)
}

fn state_of(incident: &Incident) -> &'static str {
    match incident.phase {
        Phase::Open => "open",
        Phase::Recovering { .. } => "recovering",
        Phase::Closed { .. } => "closed",
    }
}

/// The last moment that is told of; a clock that is behind hides nothing that happened.
fn end_of(incident: &Incident, now: Timestamp) -> Timestamp {
    match incident.phase {
        Phase::Open => now.max(incident.opened),
        Phase::Recovering { since } => now.max(since),
        Phase::Closed { at } => at.after(AFTERMATH).min(now.max(at)),
    }
}

/// How the remedy worked, from when it was executed until the incident was closed, or until now.
fn recovery(
    world: &World,
    incident: &Incident,
    notes: &[Note],
    entries: &[Entry],
    end: Timestamp,
) -> Option<NotedRecovery> {
    let noted = notes.iter().rev().find(|note| note.phase == "recovering").map(|note| note.at);
    let (executed, until) = match incident.phase {
        Phase::Open => return None,
        Phase::Recovering { since } => (since, end),
        Phase::Closed { at } => (noted?, at),
    };
    // It is noted a little after the last step ended.
    let ended =
        entries.iter().filter(|entry| step(entry).is_some() && entry.at <= executed).map(|entry| entry.at).max();
    let found = world.engine.recovery_since(incident, ended.unwrap_or(executed), until)?;
    // It was closed because it was back, by all that was known then.
    Some(NotedRecovery { is_back: found.is_back || matches!(incident.phase, Phase::Closed { .. }), ..found })
}

fn deploy_part(incident: &Incident) -> DeployPart {
    let deploy = &incident.deploy;
    let told = |text: &Option<String>| text.as_deref().map(safe);
    DeployPart {
        version: safe(&deploy.version),
        at: deploy.at,
        revision: told(&deploy.revision),
        previous: told(&deploy.previous),
        author: told(&deploy.author),
        subject: told(&deploy.subject),
    }
}

/// The engine as it stood when the incident was judged: no later deploy is known.
struct World {
    engine: Engine,
    known: Vec<Known>,
}

impl World {
    fn of(settings: &Settings, store: &mut Store, incident: &Incident, end: Timestamp) -> Result<Self, Failure> {
        let mut loaded = store.load(&settings.service, always()).map_err(|error| error.failure())?;
        loaded.deploys.retain(|deploy| deploy.at <= incident.deploy.at);
        if !loaded.deploys.iter().any(|deploy| deploy.at == incident.deploy.at) {
            loaded.deploys.push(incident.deploy.clone());
        }
        let mut engine = Engine::new(engine_options(settings)?);
        engine.set_rules(Rules::new(settings.config.classes.value.clone()));
        let today = |id: SignatureId| loaded.aliases.get(&id).copied().unwrap_or(id);
        engine.set_traffic(traffic_of(&settings.config, today));
        engine.define_groups(settings.config.groups.value.clone());
        engine.restore_decisions(loaded.decided);
        let known = loaded.known.clone();
        // Damaged minutes count as not observed, which the charts show.
        let _ = engine.restore(loaded.known, &loaded.minutes, loaded.deploys, Vec::new());
        engine.judge(end.min(incident.deploy.at.after(settings.config.detect().watch)));
        Ok(Self { engine, known })
    }

    fn charts(&self, incident: &Incident, timeline: &[Moment], end: Timestamp) -> Vec<Chart> {
        let mut engine_view = Vec::new();
        for id in incident.signatures.iter().take(MOST_SIGNATURES) {
            let Some(focus) = self.engine.focused(*id, end) else { continue };
            let known = self.known.iter().find(|known| known.id == *id);
            engine_view.push(Chart {
                signature: *id,
                template: known.map(|known| safe(&known.template)).unwrap_or_default(),
                from: focus.from.start(),
                per_minute: focus.per_minute,
                baseline: focus.baseline,
                marks: marks(incident, timeline),
            });
        }
        engine_view
    }
}

/// What a chart marks: the deploy, and what changed the incident.
fn marks(incident: &Incident, timeline: &[Moment]) -> Vec<Mark> {
    let deploy = Mark { at: incident.deploy.at, what: format!("deploy {}", safe(&incident.deploy.version)) };
    let words = ["opened", "approved", "executed", "closed", "reopened"];
    let told = timeline.iter().filter_map(|moment| {
        let word = words.iter().find(|word| moment.what.contains(**word))?;
        Some(Mark { at: moment.at, what: (*word).to_owned() })
    });
    std::iter::once(deploy).chain(told.take(6)).collect()
}

/// The findings as they were noted; of an incident from before notes were kept, as they are judged now.
fn findings(notes: &[Note], world: &World, incident: &Incident, missing: &mut Vec<String>) -> Vec<Noted> {
    // The newest note of each signature; a later note may know of more of them.
    let mut found: Vec<Noted> = Vec::new();
    for finding in notes.iter().rev().flat_map(|note| &note.findings) {
        if !found.iter().any(|known| known.signature == finding.signature) {
            found.push(finding.clone());
        }
    }
    if found.is_empty() {
        found = world.engine.noted(incident);
        let what = if found.is_empty() {
            "Their numbers cannot be told"
        } else {
            "Their numbers were judged anew for this report"
        };
        missing.push(format!("The findings were not noted when the incident was opened. {what}."));
    }
    let place = |finding: &Noted| incident.signatures.iter().position(|id| *id == finding.signature);
    found.sort_by_key(place);
    found
}

/// The entries of the audit record that belong to the incident, oldest first.
fn entries(settings: &Settings, incident: &Incident, missing: &mut Vec<String>) -> Vec<Entry> {
    let log = AuditLog::at(settings.audit_path());
    if let Err(error) = log.verify() {
        missing.push(format!("The audit record is not whole: {error}."));
    }
    let all = match log.read() {
        Ok(all) => all,
        Err(error) => {
            missing.push(format!("The audit record cannot be read: {error}."));
            return Vec::new();
        }
    };
    let text = |entry: &Entry, key: &str| entry.detail.get(key).and_then(Value::as_str).map(str::to_owned);
    let (from, until) = (incident.deploy.at, incident.deploy.at.after(REMEDY_WITHIN));
    let mut own = Vec::new();
    let mut within = false;
    for entry in all.into_iter().filter(|entry| entry.at >= from && entry.at <= until) {
        match entry.action.as_str() {
            audit::APPROVED => {
                let is_head = incident.deploy.revision.is_none() || text(&entry, "head") == incident.deploy.revision;
                within = is_head && text(&entry, "service").as_deref() == Some(settings.service.as_str());
            }
            audit::REPAIRED | audit::STANDING => continue,
            _ => {}
        }
        let is_auto = matches!(entry.action.as_str(), audit::ANNOUNCED | audit::CALLED_OFF);
        if within || is_auto {
            own.push(entry);
        }
    }
    own
}

fn timeline(incident: &Incident, notes: &[Note], entries: &[Entry]) -> Vec<Moment> {
    let deploy = &incident.deploy;
    let mut all = vec![Moment { at: deploy.at, what: format!("{} was deployed", safe(&deploy.version)) }];
    let mut before: Option<&Note> = None;
    if notes.is_empty() {
        all.push(Moment { at: incident.opened, what: "the incident was opened".to_owned() });
        match incident.phase {
            Phase::Open => {}
            Phase::Recovering { since } => {
                all.push(Moment { at: since, what: "a remedy was executed; the rate is watched".to_owned() })
            }
            Phase::Closed { at } => {
                all.push(Moment { at, what: "the rate was back; the incident was closed".to_owned() })
            }
        }
    }
    for note in notes {
        all.push(Moment { at: note.at, what: words_of(note, before) });
        before = Some(note);
    }
    for entry in entries {
        all.push(Moment { at: entry.at, what: safe(&said(entry)) });
    }
    all.sort_by_key(|moment| moment.at);
    all
}

fn words_of(note: &Note, before: Option<&Note>) -> String {
    let n = note.findings.len();
    let signatures = format!("{n} signature{}", if n == 1 { "" } else { "s" });
    match (note.phase.as_str(), before) {
        ("open", None) => format!("the incident was opened with {signatures}"),
        ("open", Some(before)) if note.reopened > before.reopened => {
            "it rose again; the incident was reopened".to_owned()
        }
        ("open", Some(_)) => format!("the incident has {signatures} now"),
        ("recovering", _) => "a remedy was executed; the rate is watched".to_owned(),
        ("closed", _) => "the rate was back; the incident was closed".to_owned(),
        (phase, _) => format!("the incident was {phase}"),
    }
}

/// An entry of the record in words.
fn said(entry: &Entry) -> String {
    let text = |key: &str| entry.detail.get(key).and_then(Value::as_str).unwrap_or_default();
    let argv = || {
        let words = entry.detail.get("argv").and_then(Value::as_array);
        words.map(|words| words.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(" ")).unwrap_or_default()
    };
    match entry.action.as_str() {
        audit::APPROVED => format!("{} approved {}", entry.actor, text("digest").get(..12).unwrap_or_default()),
        audit::KEPT => format!("{} put an approval into the repository", entry.actor),
        audit::COMMIT_INTENDED => format!("{} is about to be made", text("branch")),
        audit::COMMIT_MADE => {
            format!("{} was made with commit {}", text("branch"), text("commit").get(..12).unwrap_or_default())
        }
        audit::COMMIT_FAILED => format!("the commit could not be made: {}", text("why")),
        audit::STEP_INTENDED => format!("{} begins", argv()),
        audit::STEP_ENDED => format!("{} {}", argv(), text("ending")),
        audit::UNDONE => format!("{} removed {}", entry.actor, text("branch")),
        audit::ANNOUNCED => format!("going back by itself was announced for {}", text("until")),
        audit::CALLED_OFF => format!("going back by itself was called off: {}{}", text("why"), text("by")),
        other => format!("{} {other}", entry.actor),
    }
}

fn approval(entry: &Entry) -> ApprovalPart {
    let text = |key: &str| safe(entry.detail.get(key).and_then(Value::as_str).unwrap_or_default());
    let named = entry.detail.get("people").and_then(Value::as_array);
    let people: Vec<String> =
        named.map(|all| all.iter().filter_map(Value::as_str).map(safe).collect()).unwrap_or_default();
    ApprovalPart {
        at: entry.at,
        people: if people.is_empty() { vec![safe(&entry.actor)] } else { people },
        digest: text("digest"),
        level: text("level"),
        reason: text("reason"),
    }
}

fn step(entry: &Entry) -> Option<StepPart> {
    let succeeded = match entry.action.as_str() {
        audit::COMMIT_MADE | audit::UNDONE => true,
        audit::COMMIT_FAILED => false,
        audit::STEP_ENDED => entry.detail.get("succeeded").and_then(Value::as_bool).unwrap_or(false),
        _ => return None,
    };
    Some(StepPart { at: entry.at, what: safe(&said(entry)), succeeded })
}

/// What the made commit changed.
fn diff(settings: &Settings, entries: &[Entry], missing: &mut Vec<String>) -> Option<String> {
    let made = entries.iter().rev().find(|entry| entry.action == audit::COMMIT_MADE)?;
    let commit = made.detail.get("commit").and_then(Value::as_str)?;
    let Some(repo) = settings.repo.as_deref() else {
        missing.push("What was taken back is not shown, because no repository is named (--repo DIR).".to_owned());
        return None;
    };
    match revert::patch_of(repo, commit) {
        Ok(patch) if patch.len() > LONGEST_DIFF => {
            missing.push(format!("What was taken back is too large to be shown: `git show {commit}` shows it."));
            None
        }
        Ok(patch) => Some(safe_lines(&patch)),
        Err(error) => {
            missing.push(format!("What was taken back cannot be shown: {}.", safe(&error.to_string())));
            None
        }
    }
}

/// The most certain verdict on the incident's signatures.
fn verdict(
    settings: &Settings,
    incident: &Incident,
    world: &World,
    findings: &[Noted],
    missing: &mut Vec<String>,
) -> Option<VerdictPart> {
    let deploy = &incident.deploy;
    let (Some(repo), Some(base), Some(head)) = (settings.repo.as_deref(), &deploy.previous, &deploy.revision) else {
        missing.push(
            "The cause cannot be told: the repository, or the revision before the deploy, is not known.".to_owned(),
        );
        return None;
    };
    let range = Range::new(base, head);
    let mut best: Option<(Verdict, Change, String)> = None;
    for id in incident.signatures.iter().take(MOST_SIGNATURES) {
        let Some(known) = world.known.iter().find(|known| known.id == *id) else { continue };
        let finding = findings.iter().find(|finding| finding.signature == *id);
        let rates = finding.map(|finding| {
            let minutes = finding.minutes.max(f64::MIN_POSITIVE);
            Rates { before: finding.expected / minutes, after: finding.observed as f64 / minutes, significant: true }
        });
        let symptom = Symptom { rates, ..Symptom::of_text(&known.example) };
        match read::triage(repo, &range, &symptom) {
            Ok((verdict, change)) => {
                let is_better = best.as_ref().is_none_or(|(best, _, _)| rank(&verdict) > rank(best));
                if is_better {
                    best = Some((verdict, change, known.template.clone()));
                }
            }
            Err(error) => {
                missing.push(format!("The cause cannot be told: {}.", safe(&error.to_string())));
                return None;
            }
        }
    }
    best.map(|(verdict, change, template)| verdict_part(&verdict, &change, &template))
}

fn rank(verdict: &Verdict) -> (bool, Confidence) {
    (verdict.causal_link, verdict.confidence)
}

fn verdict_part(verdict: &Verdict, change: &Change, template: &str) -> VerdictPart {
    let suspects = verdict.suspects.iter().take(MOST_SUSPECTS).map(|suspect| SuspectPart {
        file: safe(&suspect.file),
        start: suspect.start,
        end: suspect.end,
        score: suspect.score,
        reasons: suspect.reasons.iter().map(|reason| safe(reason)).collect(),
        against: suspect.against.iter().map(|against| safe(against)).collect(),
        change: change
            .files
            .iter()
            .flat_map(|file| &file.hunks)
            .find(|hunk| hunk.id == suspect.hunk)
            .map(|hunk| {
                let removed = hunk.removed.iter().map(|line| format!("-{}", safe(line)));
                let added = hunk.added.iter().map(|line| format!("+{}", safe(line)));
                removed.chain(added).take(MOST_LINES).collect::<Vec<_>>().join("\n")
            })
            .unwrap_or_default(),
    });
    VerdictPart {
        template: safe(template),
        causal_link: verdict.causal_link,
        confidence: verdict.confidence.word().to_owned(),
        summary: safe(&verdict.evidence_summary),
        suspects: suspects.collect(),
    }
}
