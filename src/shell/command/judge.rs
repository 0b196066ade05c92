//! `aftercare triage` and `aftercare rollback --plan`: which change did it, and the way back.

use std::io::Write;
use std::path::Path;
use std::time::Duration;

use serde_json::json;

use crate::app::Failure;
use crate::config::Layer;
use crate::ingest::sanitize::visible;
use crate::remedy::Scope;
use crate::remedy::plan::{Way, ways};
use crate::shell::advisor::SystemClock;
use crate::shell::cli::{Place, Rollback, Triage};
use crate::shell::command::deployed::Deployed;
use crate::shell::command::fix::{argv, seconds};
use crate::shell::command::{canceled_by_signals, output, read_symptom, write_json};
use crate::shell::fix::Progress;
use crate::shell::git::read;
use crate::shell::git::revert;
use crate::shell::opinion::{self, Second};
use crate::shell::report::{SCHEMA, merge, unwritable};
use crate::shell::settings::Settings;
use crate::shell::{fix, forge};
use crate::triage::opinion::Effect;
use crate::triage::rerun::{self, Reruns};
use crate::triage::{Change, Rates, Suspect, Symptom, Verdict};

/// Says which change of a deploy caused an error.
///
/// # Errors
///
/// When the error, the repository or the range cannot be read.
pub fn triage(command: &Triage) -> Result<(), Failure> {
    let (mut symptom, is_cut) = read_symptom(&command.asked)?;
    if let (Some(before), Some(after)) = (command.before_rate, command.after_rate) {
        symptom.rates = Some(Rates::given(before, after));
    }
    let deployed = Deployed::of(&command.asked)?;
    let run_time = seconds(command.time_limit, "--time-limit")?;
    let repro = if command.repro.is_empty() { None } else { Some((argv(&command.repro)?, run_time)) };
    let (mut verdict, change) =
        read::triage(&deployed.repo, &deployed.range, &symptom).map_err(|error| error.failure())?;
    let mut checked = None;
    if let Some((argv, run_time)) = &repro {
        let (moved, seen) = check((&deployed.repo, argv, *run_time), (&symptom, &change, &verdict))?;
        (verdict, checked) = (moved, Some(seen));
    }
    let mut second = None;
    if command.advisor {
        let (moved, asked) = ask(command, (&symptom, &change, &verdict))?;
        (verdict, second) = (moved, Some(asked));
    }
    if command.json {
        let mut object = json!({ "schema": SCHEMA, "error_was_cut": is_cut });
        merge(&mut object, &verdict);
        if let Some((reruns, effect)) = &checked {
            merge(&mut object, &json!({ "repro": { "effect": effect, "runs": reruns } }));
        }
        if let Some(second) = &second {
            merge(&mut object, &json!({ "opinion": second }));
        }
        return write_json(&mut output(), &object);
    }
    print_verdict(&verdict)?;
    second.map_or(Ok(()), |second| print_second(&second))
}

/// Runs the command that shows the error, and lets that move the verdict.
fn check(
    (repo, argv, run_time): (&Path, &[String], Duration),
    (symptom, change, verdict): (&Symptom, &Change, &Verdict),
) -> Result<(Verdict, (Reruns, rerun::Effect)), Failure> {
    let request = fix::rerun::Request { repo, objects: None, change, symptom, verdict, command: argv, run_time };
    let cancel = canceled_by_signals();
    // A closed standard error is no reason to stop.
    let mut told = |progress: Progress| match progress {
        Progress::Trying(part) => drop(writeln!(std::io::stderr().lock(), "Running the command {}", part.words())),
        Progress::Tried(_) => {}
    };
    let reruns = fix::rerun::rerun(&request, &cancel, &mut told).map_err(|error| error.failure())?;
    let (moved, effect) = rerun::with_reruns(verdict, &reruns);
    Ok((moved, (reruns, effect)))
}

/// Asks the configured model for a second opinion.
fn ask(command: &Triage, about: (&Symptom, &Change, &Verdict)) -> Result<(Verdict, Second), Failure> {
    let settings = Settings::load(&command.asked.place(), Layer::default())?;
    let setup = settings.advisor()?;
    let word = fix::draft::word(&SystemClock);
    let cancel = canceled_by_signals();
    Ok(opinion::ask(&setup, about, (&settings.transcripts(), &word), &SystemClock, &cancel))
}

fn print_second(second: &Second) -> Result<(), Failure> {
    let mut out = output();
    let effect = match (second.effect, &second.trouble) {
        (Some(Effect::Agrees), _) => "agrees".to_owned(),
        (Some(Effect::Overruled), _) => "thinks otherwise, and is overruled by the evidence".to_owned(),
        (Some(Effect::Raised), _) => "agrees; the confidence is one level higher".to_owned(),
        (Some(Effect::Lowered), _) => "doubts it; the confidence is one level lower".to_owned(),
        (None, why) => format!("gave no opinion: {}", why.as_deref().unwrap_or("nothing came back")),
    };
    let mut write = || -> std::io::Result<()> {
        writeln!(out, "\nsecond opinion: {} {}", visible(&second.by, false), visible(&effect, false))?;
        for (mark, sentences) in [('+', &second.path), ('-', &second.against)] {
            for sentence in sentences {
                writeln!(out, "       {mark} {}", visible(sentence, false))?;
            }
        }
        writeln!(out, "{}", second.spent.sentence())?;
        if let Some(path) = &second.transcript {
            writeln!(out, "Transcript: {}", visible(path, false))?;
        }
        out.flush()
    };
    write().map_err(|error| unwritable(&error))
}

fn print_verdict(verdict: &Verdict) -> Result<(), Failure> {
    let mut out = output();
    let mut write = || -> std::io::Result<()> {
        let link = if verdict.causal_link { "caused by this deploy" } else { "not shown to be caused by this deploy" };
        writeln!(out, "{link}, confidence {}", verdict.confidence.word())?;
        writeln!(out, "{}", visible(&verdict.evidence_summary, true))?;
        write_suspects(&mut out, verdict.suspects.iter())?;
        out.flush()
    };
    write().map_err(|error| unwritable(&error))
}

/// Writes suspects, each with what speaks for and against it.
pub(super) fn write_suspects<'v>(
    out: &mut impl Write,
    suspects: impl Iterator<Item = &'v Suspect>,
) -> std::io::Result<()> {
    for suspect in suspects {
        let place = format!("{}:{}-{}", suspect.file, suspect.start, suspect.end);
        writeln!(out, "\n{:>5.1}  {}", suspect.score, visible(&place, false))?;
        for reason in &suspect.reasons {
            writeln!(out, "       + {}", visible(reason, false))?;
        }
        for against in &suspect.against {
            writeln!(out, "       - {}", visible(against, false))?;
        }
    }
    Ok(())
}

/// Prepares going back, and shows it; changes nothing.
///
/// # Errors
///
/// When the repository or the range cannot be read, or the range cannot be taken back.
pub fn rollback(command: &Rollback) -> Result<(), Failure> {
    let place = Place { repo: Some(command.repo.clone()), service: command.service.clone(), ..Place::default() };
    let settings = Settings::load(&place, Layer::default())?;
    let repo = read::open(&command.repo).map_err(|error| error.failure())?;
    let change = read::change(&repo, &command.range).map_err(|error| error.failure())?;
    let push = forge::push_of(&settings.config.remedy, &command.repo, command.branch.as_deref())?;
    let request = revert::Request {
        push: push.as_ref(),
        target_branch: command.branch.as_deref(),
        deploy_command: settings.config.command_for(&Scope::Range),
        ..revert::Request::new(&settings.service, Scope::Range)
    };
    let plan = revert::plan(&command.repo, &change, &request).map_err(|error| error.failure())?;
    if command.json {
        let mut object = json!({ "schema": SCHEMA });
        merge(&mut object, &plan.report());
        return write_json(&mut output(), &object);
    }
    let mut out = output();
    let mut write = || -> std::io::Result<()> {
        writeln!(out, "rollback of {} to {}: {}", short(&plan.head), short(&plan.base), plan.level().word())?;
        if ways(plan.level()).first() == Some(&Way::FixForward) {
            let range = format!("{}..{}", short(&plan.base), short(&plan.head));
            writeln!(
                out,
                "\nFix forward first: going back breaks or loses something. `aftercare fix --range {range} …` finds the \
                 smallest part to take back.\nGoing back all the same takes the branch's name and a reason, typed at the \
                 approval."
            )?;
        }
        for concern in &plan.concerns {
            let place = format!("{}:{}", concern.file, concern.line);
            writeln!(out, "\n{} {} at {}", concern.level.word(), concern.rule, visible(&place, false))?;
            writeln!(out, "  {}\n  Safer: {}", visible(&concern.why, false), visible(&concern.safer, false))?;
        }
        writeln!(out, "\nbranch {}, digest {}", plan.branch, plan.digest())?;
        for step in &plan.steps {
            writeln!(out, "  {}  # {}", visible(&step.argv.join(" "), false), visible(&step.does, false))?;
        }
        writeln!(out, "\n{}", visible(&plan.patch, true))?;
        out.flush()
    };
    write().map_err(|error| unwritable(&error))
}

fn short(id: &str) -> &str {
    id.get(..10).unwrap_or(id)
}
