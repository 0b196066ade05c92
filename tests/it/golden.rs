//! Golden cases of events: the lines of a log, and what is made of them.
//!
//! Each file under `tests/data/events/` holds cases: `== title`, `-- lines --`, the log, `-- events --`, and a row for each
//! event: level, component, number of lines, the trace's language and exception, then the message. With `BLESS` set in
//! the environment the rows are written anew, to be read before they are kept.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use aftercare::ingest::{Event, Intake, Limits, Resume};
use aftercare::units::Timestamp;

const LINES: &str = "\n-- lines --\n";
const EVENTS: &str = "-- events --\n";

struct Case<'t> {
    title: &'t str,
    lines: &'t str,
    events: &'t str,
}

fn cases(text: &str) -> Vec<Case<'_>> {
    let cases = text.split("\n== ").skip(1).map(|case| {
        let (title, rest) = case.split_once(LINES).unwrap_or_else(|| panic!("no lines in {case:?}"));
        let (lines, events) = rest.split_once(EVENTS).unwrap_or((rest, ""));
        Case { title, lines, events: events.trim_end() }
    });
    cases.collect()
}

fn row(event: &Event) -> String {
    let level = event.level.map_or("-", |level| level.word());
    let component = event.component.as_deref().unwrap_or("-");
    let trace = event.trace.as_ref().map(|trace| format!(" {:?} {}", trace.language, trace.chain.join(" > ")));
    let trace = trace.unwrap_or_default();
    format!("{level} {component} {}{trace} | {}", event.n_lines, event.message.replace('\n', "\\n"))
}

fn events(lines: &str) -> Vec<Event> {
    let mut events = Vec::new();
    let mut intake = Intake::new(Limits::default(), &Resume::default());
    intake.push(lines.as_bytes(), Timestamp::from_seconds(1_800_000_000), &mut |event| events.push(event));
    intake.finish(&mut |event| events.push(event));
    events
}

fn files() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/events");
    let mut files: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|file| file.extension().is_some_and(|extension| extension == "txt"));
    files.sort();
    files
}

#[test]
fn logs_become_the_events_that_the_cases_say() {
    let mut faults = String::new();
    let mut n_cases = 0;
    for file in files() {
        let text = fs::read_to_string(&file).unwrap();
        let mut blessed = text.split("\n== ").next().unwrap().to_owned();
        for case in cases(&text) {
            n_cases += 1;
            let actual = events(case.lines).iter().map(row).collect::<Vec<_>>().join("\n");
            if actual != case.events {
                let Case { title, events, .. } = case;
                write!(faults, "== {} {title}\n{actual}\nand not\n{events}\n", file.display()).unwrap();
            }
            write!(blessed, "\n== {}{LINES}{}{EVENTS}{actual}\n", case.title, case.lines).unwrap();
        }
        if std::env::var_os("BLESS").is_some() {
            fs::write(&file, format!("{}\n", blessed.trim_end())).unwrap();
        }
    }
    assert!(n_cases >= 30, "only {n_cases} cases");
    assert!(faults.is_empty(), "{faults}");
}
