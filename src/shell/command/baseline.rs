//! `aftercare baseline`: counts old logs into the store, and shows what is usual.

use std::io::Write;
use std::path::PathBuf;
use std::sync::atomic::AtomicBool;

use serde_json::json;

use crate::app::{Failure, FailureKind};
use crate::config::Layer;
use crate::detect::Counts;
use crate::detect::counts::Coverage;
use crate::engine::SourceState;
use crate::ingest::sanitize::visible;
use crate::shell::cli::{Baseline, Place};
use crate::shell::clock::Clock;
use crate::shell::command::{output, write_json};
use crate::shell::observe::{Observer, always, known_services, open_store, specs_of};
use crate::shell::report::{SCHEMA, unwritable};
use crate::shell::settings::Settings;
use crate::shell::source::{self, Feed, Sources};
use crate::units::{Minute, Timestamp};

/// Pieces of a long history between two commits.
const FEEDS_PER_COMMIT: usize = 256;

/// Imports or shows.
///
/// # Errors
///
/// When a setting, a source or the store cannot be used.
pub fn run(command: Baseline) -> Result<(), Failure> {
    match command {
        Baseline::Import { paths, place } => import(&paths, &place),
        Baseline::Show { at, json, place } => show(at, json, &place),
    }
}

fn import(paths: &[PathBuf], place: &Place) -> Result<(), Failure> {
    let mut settings = Settings::load(place, Layer::default())?;
    let specs = specs_of(paths)?;
    let clock = Clock::real();
    let opened = Observer::open(&mut settings, &specs, clock)?;
    let mut observer = opened.observer;
    let sources = Sources::new(specs, opened.cursors, source::Options { follow: false, ..Default::default() });
    let mut n_feeds = 0;
    let mut broken = None;
    sources.run(&clock, &AtomicBool::new(false), |feed: Feed| {
        observer.take(feed);
        n_feeds += 1;
        if n_feeds % FEEDS_PER_COMMIT == 0
            && let Err(failure) = observer.commit()
        {
            broken = Some(failure);
            return std::ops::ControlFlow::Break(());
        }
        std::ops::ControlFlow::Continue(())
    });
    if let Some(failure) = broken {
        return Err(failure);
    }
    observer.commit()?;
    let snapshot = observer.snapshot();
    let span = observer.engine().counts().span();
    let span = span.map_or_else(String::new, |(first, last)| format!(", from {} to {}", first.start(), last.start()));
    let mut out = output();
    writeln!(
        out,
        "{} lines, {} events, {} signatures counted for service {}{span}",
        snapshot.intake.lines,
        snapshot.intake.events,
        observer.engine().catalog().len(),
        settings.service,
    )
    .and_then(|()| out.flush())
    .map_err(|error| unwritable(&error))?;
    let failed: Vec<String> = observer
        .sources()
        .iter()
        .filter_map(|source| match &source.state {
            SourceState::Failed(why) => Some(format!("{}: {why}", source.name)),
            SourceState::Waiting => Some(format!("{}: does not exist", source.name)),
            SourceState::Reading(..) | SourceState::Following | SourceState::Ended => None,
        })
        .collect();
    if failed.is_empty() {
        return Ok(());
    }
    let hint = "The rest was counted; correct these and import them again.";
    Err(Failure { causes: failed, ..Failure::new(FailureKind::User, "some sources could not be read", hint) })
}

fn show(at: Option<Timestamp>, json: bool, place: &Place) -> Result<(), Failure> {
    let mut settings = Settings::load(place, Layer::default())?;
    let mut store = open_store(&settings)?;
    settings.settle_service(&known_services(&store)?);
    let loaded = store.load(&settings.service, always()).map_err(|error| error.failure())?;
    let mut counts = Counts::default();
    let n_damaged = loaded.minutes.iter().filter(|minute| counts.restore(minute).is_err()).count();
    let now = at.unwrap_or_else(|| Clock::real().now()).minute().plus(1);
    let newest = counts.span().map_or(now, |(_, newest)| newest.plus(1));
    let end = if at.is_some() { now } else { now.min(newest) };
    let days = i32::try_from(settings.config.baseline_days.value).unwrap_or(7);
    let start = end.plus(-days * 24 * 60);
    let (sums, covered) = counts.sums(start..end, Coverage::Complete);
    let mut rows: Vec<_> = loaded.known.iter().zip(&sums).filter(|(_, count)| **count > 0).collect();
    rows.sort_by(|a, b| b.1.cmp(a.1).then_with(|| a.0.template.cmp(&b.0.template)));
    let per_minute = |count: u64| count as f64 / f64::from(covered.max(1));
    if json {
        let signatures: Vec<_> = rows
            .iter()
            .map(|(known, count)| {
                json!({
                    "id": known.id, "template": known.template, "level": known.level,
                    "per_minute": per_minute(**count), "count": count, "first": known.first, "last": known.last,
                })
            })
            .collect();
        let object = json!({
            "schema": SCHEMA, "service": settings.service, "from": start.start(), "to": end.start(),
            "covered_minutes": covered, "damaged_minutes": n_damaged, "signatures": signatures,
        });
        return write_json(&mut output(), &object);
    }
    let rows: Vec<_> =
        rows.iter().map(|(known, count)| (known.template.as_str(), **count, per_minute(**count))).collect();
    print_words(&settings.service, (start, end, covered), &rows)
}

fn print_words(
    service: &str,
    (start, end, covered): (Minute, Minute, u32),
    rows: &[(&str, u64, f64)],
) -> Result<(), Failure> {
    let mut out = output();
    let mut write = || -> std::io::Result<()> {
        let (from, to) = (start.start(), end.start());
        writeln!(out, "baseline of {service} from {from} to {to}: {covered} minutes observed")?;
        if covered == 0 {
            writeln!(out, "Nothing was observed. Build it with `aftercare baseline import PATH…`.")?;
        }
        for (template, count, rate) in rows {
            writeln!(out, "{count:>9}  {rate:>10.4}/min  {}", visible(template, false))?;
        }
        out.flush()
    };
    write().map_err(|error| unwritable(&error))
}
