//! Finds out whether the conditions of going back by itself hold: for a headless watch and for the screen.
//!
//! Input: what the watch knows, and word that somebody left. Output: [`Found`], from moment to moment.
//!
//! Decides nothing; what a countdown does with it is `remedy::standing`'s business.

use std::collections::HashMap;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use crate::app::{Failure, FailureKind};
use crate::config::Config;
use crate::detect::{Deploy, Judgement, Kind, Origin, Tier};
use crate::remedy::standing::{Found, Standing};
use crate::remedy::{Plan, Scope};
use crate::shell::forge;
use crate::shell::git::read::{self, Range};
use crate::shell::git::revert;
use crate::shell::observe::Observer;
use crate::shell::settings::parse_person;
use crate::shell::watch::Run;
use crate::triage::Confidence;
use crate::units::{SignatureId, Timestamp};

/// Confirmed signatures that are laid to changes at a beat.
const MOST_SIGNATURES: usize = 5;

/// Real time after which a plan is made anew, to see whether it still is the same.
const PLAN_AGE: Duration = Duration::from_secs(5);

/// Longest word of who stops it, in bytes.
const LONGEST_NAME: u64 = 400;

/// A deploy, as its version and time.
type Key = (String, Timestamp);

/// The deploy for which nothing more is to be found out, because it was done or stopped.
#[derive(Clone, Debug, Default)]
pub struct Settled(Arc<Mutex<Option<Key>>>);

impl Settled {
    /// Says for which deploy all is done.
    pub fn set(&self, deploy: Option<&Key>) {
        if let Ok(mut known) = self.0.lock() {
            *known = deploy.cloned();
        }
    }

    fn is(&self, deploy: &Key) -> bool {
        self.0.lock().is_ok_and(|known| known.as_ref() == Some(deploy))
    }
}

/// Looks whether the conditions hold.
#[derive(Debug)]
pub struct Finder {
    service: String,
    repo: PathBuf,
    config: Config,
    stop_file: PathBuf,
    settled: Settled,
    /// What triage said of a signature after a deploy.
    caused: HashMap<(SignatureId, Timestamp), Option<Confidence>>,
    plan: Option<(Timestamp, Instant, Option<Plan>)>,
    /// Why, by the deploy; the same for as long as it is counted down to.
    reason: Option<(Timestamp, String)>,
}

/// What a person allowed beforehand by the settings of a run; `None` where nobody did.
///
/// # Errors
///
/// When it is to go back but there is no repository, or the person is not named as one.
pub fn standing_of(run: &Run) -> Result<Option<Standing>, Failure> {
    let remedy = &run.settings.config.remedy;
    let Some(person) = remedy.auto_person.value.as_deref().filter(|_| remedy.auto_enabled.value && !run.read_only)
    else {
        return Ok(None);
    };
    let person = parse_person(person).map_err(|failure| Failure { kind: FailureKind::Config, ..failure })?;
    if run.repo().is_none() {
        let what = "auto_rollback is enabled, and no repository is known";
        return Err(Failure::new(FailureKind::Config, what, "Name it with --repo DIR."));
    }
    let countdown = Duration::from_secs(u64::from(remedy.auto_countdown_seconds.value));
    Ok(Some(Standing { service: run.settings.service.clone(), person, countdown }))
}

/// Where word is left that the countdown of a service's watch be stopped.
pub(super) fn stop_file(state: &Path, service: &str) -> PathBuf {
    // The name of a service may hold anything; its bytes in hexadecimal digits cannot leave the folder.
    let name: String = service.bytes().take(80).map(|byte| format!("{byte:02x}")).collect();
    state.join(format!("stop-{name}"))
}

impl Finder {
    /// Prepares to look for what was allowed; `None` without a repository.
    #[must_use]
    pub fn new(run: &Run, standing: &Standing) -> Option<Self> {
        let stop_file = stop_file(&run.settings.state, &standing.service);
        // Word that was left for an earlier watch is not for this one.
        let _ = std::fs::remove_file(&stop_file);
        Some(Self {
            service: standing.service.clone(),
            repo: run.repo()?,
            config: run.settings.config.clone(),
            stop_file,
            settled: Settled::default(),
            caused: HashMap::new(),
            plan: None,
            reason: None,
        })
    }

    /// By which it is told for which deploy all is done.
    #[must_use]
    pub fn settled(&self) -> Settled {
        self.settled.clone()
    }

    /// The repository.
    pub(super) fn repo(&self) -> &Path {
        &self.repo
    }

    /// What is found now, and of the signatures laid to the deploy the surest; a plan is made anew when it
    /// `is_due`. Nothing for a deploy for which all is done.
    pub fn look(&mut self, observer: &Observer, is_due: bool) -> Option<(Found, Option<SignatureId>)> {
        let newest = observer.engine().judgements().last();
        let (deploy, judgement) = newest.map(|(deploy, judgement)| (deploy.clone(), judgement.clone()))?;
        let key = (deploy.version.clone(), deploy.at);
        // What was executed here is a deploy too, and is not taken back by itself.
        if deploy.origin == Origin::Remedy || self.settled.is(&key) {
            return None;
        }
        let confirmed = confirmed(observer, &judgement, deploy.at);
        let caused = self.caused(observer, &deploy, &confirmed);
        let is_sure = caused.iter().any(|(_, confidence)| *confidence == Some(Confidence::High));
        let plan = if is_sure { self.plan(observer, &deploy, &confirmed, is_due) } else { None };
        let best = caused.iter().max_by_key(|(_, confidence)| *confidence).copied();
        let found = Found {
            deploy: key,
            confirmed: !confirmed.is_empty(),
            caused: best.and_then(|(_, confidence)| confidence),
            in_watch: !judgement.is_over(),
            plan,
        };
        Some((found, best.map(|(signature, _)| signature)))
    }

    /// Who asked to stop it; the word is taken away.
    #[must_use]
    pub fn word_to_stop(&self) -> Option<String> {
        let mut by = String::new();
        let file = std::fs::File::open(&self.stop_file).ok()?;
        // What is no text still means to stop.
        let _ = file.take(LONGEST_NAME).read_to_string(&mut by);
        let _ = std::fs::remove_file(&self.stop_file);
        let by: String = by.chars().filter(|character| !character.is_control()).collect();
        Some(if by.trim().is_empty() { "somebody".to_owned() } else { by.trim().to_owned() })
    }

    /// Which of the signatures are laid to the deploy, and how surely.
    fn caused(
        &mut self,
        observer: &Observer,
        deploy: &Deploy,
        confirmed: &[SignatureId],
    ) -> Vec<(SignatureId, Option<Confidence>)> {
        let mut caused = Vec::new();
        for signature in confirmed.iter().take(MOST_SIGNATURES) {
            let known = self.caused.get(&(*signature, deploy.at)).copied();
            let confidence = known.unwrap_or_else(|| self.triage(observer, deploy, *signature));
            self.caused.insert((*signature, deploy.at), confidence);
            caused.push((*signature, confidence));
        }
        caused
    }

    /// What cannot be read is not laid to the deploy.
    fn triage(&self, observer: &Observer, deploy: &Deploy, signature: SignatureId) -> Option<Confidence> {
        let case = observer.case(signature)?;
        let range = Range::new(deploy.previous.as_ref()?, deploy.revision.as_ref()?);
        let (verdict, _) = read::triage(&self.repo, &range, &case.symptom).ok()?;
        verdict.causal_link.then_some(verdict.confidence)
    }

    /// The plan of going back as a whole, made anew from time to time and when it is due.
    fn plan(&mut self, observer: &Observer, deploy: &Deploy, confirmed: &[SignatureId], is_due: bool) -> Option<Plan> {
        if let Some((at, made, plan)) = &self.plan
            && *at == deploy.at
            && made.elapsed() < PLAN_AGE
            && !is_due
        {
            return plan.clone();
        }
        if self.reason.as_ref().is_none_or(|(at, _)| *at != deploy.at) {
            let engine = observer.engine();
            let known = confirmed.first().and_then(|id| engine.catalog().get(engine.catalog().find(*id)?));
            self.reason = known.map(|known| (deploy.at, format!("{} after {}", known.template, deploy.version)));
        }
        let plan = self.planned(deploy);
        self.plan = Some((deploy.at, Instant::now(), plan.clone()));
        plan
    }

    fn planned(&self, deploy: &Deploy) -> Option<Plan> {
        let range = Range::new(deploy.previous.as_ref()?, deploy.revision.as_ref()?);
        let change = read::change_between(&read::open(&self.repo).ok()?, &range).ok()?;
        let target = self.config.follow.value.as_deref();
        let push = forge::push_of(&self.config.remedy, &self.repo, target).ok()?;
        let (_, reason) = self.reason.as_ref()?;
        let request = revert::Request {
            target_branch: target,
            deploy_command: self.config.command_for(&Scope::Range),
            reason,
            push: push.as_ref(),
            ..revert::Request::new(&self.service, Scope::Range)
        };
        revert::plan(&self.repo, &change, &request).ok()
    }
}

/// The signatures whose rise or newness is confirmed, matters, and came with this deploy rather than with another one,
/// in the order of the judgement.
fn confirmed(observer: &Observer, judgement: &Judgement, deploy: Timestamp) -> Vec<SignatureId> {
    let engine = observer.engine();
    let matters = judgement.assessments.iter().filter(|found| {
        found
            .finding
            .is_some_and(|finding| finding.tier == Tier::Confirmed && matches!(finding.kind, Kind::Rise | Kind::New))
            && engine.matters(found)
            && found.is_of(deploy)
    });
    matters.filter_map(|found| Some(engine.catalog().get(found.signature?)?.id)).collect()
}
