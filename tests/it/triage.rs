//! Judges scripted deploys: real repositories, made on the spot, and errors with a known cause.
//!
//! The cases are the files of `tests/data/triage/`. A case starts with `===` and its name; then
//!
//! - `expect:` lines: `high`, `medium` or `none`; `at PATH:LINE` for the first suspect; `says TEXT`
//!   for the summary; `runtime no`; `decides NAME` and `without NAME` for a piece of evidence, see `features`;
//! - `rates: BEFORE AFTER` where the rise is no more than chance, `risen: BEFORE AFTER` where it is;
//! - the error: `trace LANGUAGE EXCEPTION: MESSAGE` with frames below it, innermost first, as
//!   `function | file | line | source`; or `line: MESSAGE`; or `text:` with what was printed, each
//!   line behind a `|`;
//! - the files: `--- PATH`, then the whole file with ` `, `-` or `+` before each line, as in a diff.

mod diagnostics;
mod features;
mod hostile;
mod speed;

use std::fs;
use std::path::Path;

use aftercare::ingest::{Frame, Language, Trace, signature};
use aftercare::shell::git::read::{self, Range};
use aftercare::triage::{Confidence, Rates, Symptom, Verdict};
use git2::{Repository, Signature, Time};

/// One scripted deploy.
#[derive(Default)]
struct Case {
    name: String,
    expected: Vec<String>,
    symptom: Option<Symptom>,
    files: Vec<File>,
}

/// A file before and after; `None` where it does not exist.
#[derive(Default)]
pub struct File {
    path: String,
    base: Option<Vec<u8>>,
    head: Option<Vec<u8>>,
}

impl File {
    fn new(path: &str, base: Option<&[u8]>, head: Option<&[u8]>) -> Self {
        Self { path: path.to_owned(), base: base.map(<[u8]>::to_vec), head: head.map(<[u8]>::to_vec) }
    }
}

/// Makes a repository of two commits, tagged `base` and `head`, without a work tree.
pub fn repository(folder: &Path, files: &[File]) -> Repository {
    let repo = Repository::init_bare(folder).unwrap();
    let first = commit(&repo, files.iter().map(|file| (file.path.as_str(), file.base.as_deref())), &[], "base");
    commit(&repo, files.iter().map(|file| (file.path.as_str(), file.head.as_deref())), &[first], "head");
    repo
}

/// Commits these files, at a fixed time, and tags the commit.
pub fn commit<'a>(
    repo: &Repository,
    files: impl Iterator<Item = (&'a str, Option<&'a [u8]>)>,
    parents: &[git2::Oid],
    tag: &str,
) -> git2::Oid {
    let mut index = git2::Index::new().unwrap();
    repo.set_index(&mut index).unwrap();
    for (path, text) in files {
        let Some(text) = text else { continue };
        let entry = git2::IndexEntry {
            ctime: git2::IndexTime::new(0, 0),
            mtime: git2::IndexTime::new(0, 0),
            dev: 0,
            ino: 0,
            mode: 0o100_644,
            uid: 0,
            gid: 0,
            file_size: 0,
            id: repo.blob(text).unwrap(),
            flags: 0,
            flags_extended: 0,
            path: path.as_bytes().to_vec(),
        };
        index.add(&entry).unwrap();
    }
    let tree = repo.find_tree(index.write_tree_to(repo).unwrap()).unwrap();
    let author = Signature::new("Ada", "ada@example.org", &Time::new(1_760_000_000, 0)).unwrap();
    let parents: Vec<git2::Commit<'_>> = parents.iter().map(|id| repo.find_commit(*id).unwrap()).collect();
    let parents: Vec<&git2::Commit<'_>> = parents.iter().collect();
    let id = repo.commit(None, &author, &author, &format!("Make {tag}\n\nbody"), &tree, &parents).unwrap();
    repo.reference(&format!("refs/tags/{tag}"), id, true, "").unwrap();
    repo.reference("refs/heads/main", id, true, "").unwrap();
    id
}

/// A symptom of one plain line.
pub fn line(message: &str) -> Symptom {
    let template = signature::of_message(message).template;
    Symptom {
        text: message.to_owned(),
        message: message.to_owned(),
        template,
        trace: None,
        component: None,
        rates: None,
        is_report: false,
    }
}

fn trace(head: &str, frames: &[&str]) -> Symptom {
    let (language, rest) = head.split_once(' ').unwrap();
    let (exception, message) = rest.split_once(": ").unwrap_or((rest, ""));
    let language = match language {
        "python" => Language::Python,
        "java" => Language::Java,
        "js" => Language::JavaScript,
        "go" => Language::Go,
        "rust" => Language::Rust,
        "dotnet" => Language::DotNet,
        "ruby" => Language::Ruby,
        "php" => Language::Php,
        other => panic!("no language {other}"),
    };
    let frames = frames.iter().map(|frame| {
        let parts: Vec<&str> = frame.split(" | ").map(str::trim).collect();
        let part = |index: usize| {
            parts.get(index).filter(|part| !part.is_empty() && **part != "-").map(|part| (*part).to_owned())
        };
        let (module, function) = match (language, parts[0].rsplit_once('.')) {
            (Language::Java | Language::DotNet, Some((module, function))) => {
                (Some(module.to_owned()), function.to_owned())
            }
            _ => (None, parts[0].to_owned()),
        };
        Frame {
            function,
            module,
            file: part(1),
            line: part(2).map(|line| line.parse().unwrap()),
            source: part(3),
            in_app: true,
        }
    });
    let trace = Trace {
        language,
        exception: exception.to_owned(),
        message: message.to_owned(),
        chain: vec![exception.to_owned()],
        frames: frames.collect(),
    };
    Symptom {
        text: head.to_owned(),
        message: message.to_owned(),
        template: message.to_owned(),
        trace: Some(trace),
        component: None,
        rates: None,
        is_report: false,
    }
}

fn cases(text: &str) -> Vec<Case> {
    text.split("\n=== ").skip(1).map(case).collect()
}

fn case(text: &str) -> Case {
    let mut lines = text.lines().peekable();
    let mut case = Case { name: lines.next().unwrap().to_owned(), ..Case::default() };
    let mut rates = None;
    while let Some(line) = lines.next() {
        if let Some(expected) = line.strip_prefix("expect: ") {
            case.expected.push(expected.to_owned());
        } else if let Some(message) = line.strip_prefix("line: ") {
            case.symptom = Some(self::line(message));
        } else if let Some(two) = line.strip_prefix("rates: ") {
            let (before, after) = two.split_once(' ').unwrap();
            rates = Some(Rates { before: before.parse().unwrap(), after: after.parse().unwrap(), significant: false });
        } else if let Some(two) = line.strip_prefix("risen: ") {
            let (before, after) = two.split_once(' ').unwrap();
            rates = Some(Rates::given(before.parse().unwrap(), after.parse().unwrap()));
        } else if let Some(head) = line.strip_prefix("trace ") {
            let mut frames = Vec::new();
            while let Some(frame) = lines.next_if(|line| line.contains(" | ")) {
                frames.push(frame);
            }
            case.symptom = Some(trace(head, &frames));
        } else if line == "text:" {
            let mut printed = Vec::new();
            while let Some(line) = lines.next_if(|line| line.starts_with('|')) {
                printed.push(&line[1..]);
            }
            case.symptom = Some(Symptom::of_text(&printed.join("\n")));
        } else if let Some(path) = line.strip_prefix("--- ") {
            let (path, old_path) = path.split_once(" <- ").unwrap_or((path, path));
            let mut body = Vec::new();
            while let Some(line) = lines.next_if(|line| !line.starts_with("---")) {
                body.push(line);
            }
            add_file(&mut case.files, path, old_path, &body);
        } else {
            assert!(line.is_empty(), "{}: cannot read {line:?}", case.name);
        }
    }
    if let Some(symptom) = &mut case.symptom {
        symptom.rates = rates;
    }
    case
}

fn add_file(files: &mut Vec<File>, path: &str, old_path: &str, body: &[&str]) {
    let end = body.iter().rposition(|line| !line.is_empty()).map_or(0, |last| last + 1);
    let body = &body[..end];
    let side = |own: char| {
        let kept = body.iter().filter(|line| !line.starts_with(['-', '+']) || line.starts_with(own));
        let text: String = kept.map(|line| format!("{}\n", line.get(1..).unwrap_or_default())).collect();
        let exists = body.is_empty() || body.iter().any(|line| !line.starts_with(['-', '+']) || line.starts_with(own));
        exists.then(|| text.into_bytes())
    };
    let (base, head) = (side('-'), side('+'));
    if old_path == path {
        files.push(File { path: path.to_owned(), base, head });
    } else {
        files.push(File { path: old_path.to_owned(), base, head: None });
        files.push(File { path: path.to_owned(), base: None, head });
    }
}

fn judged(case: &Case) -> Verdict {
    let folder = tempfile::tempdir().unwrap();
    repository(folder.path(), &case.files);
    let symptom = case.symptom.as_ref().unwrap_or_else(|| panic!("{}: no error", case.name));
    read::triage(folder.path(), &Range::new("base", "head"), symptom).unwrap().0
}

/// What of the expectations does not hold.
fn wrong(case: &Case, verdict: &Verdict) -> Option<String> {
    let level = match (verdict.causal_link, verdict.confidence) {
        (true, Confidence::High) => "high",
        (true, Confidence::Medium) => "medium",
        (true, Confidence::Low) | (false, _) => "none",
    };
    let holds = |expected: &String| match expected.split_once(' ') {
        None => level == expected || (expected == "causal" && verdict.escalates()),
        Some(("says", text)) => verdict.evidence_summary.contains(text),
        Some(("decides", name)) => features::decides(verdict, name),
        Some(("without", name)) => !features::fires(verdict, name),
        Some(("runtime", "no")) => !verdict.is_runtime_change && verdict.confidence == Confidence::High,
        Some(("at", place)) => {
            let (path, line) = place.rsplit_once(':').unwrap();
            let line: u32 = line.parse().unwrap();
            verdict.suspects.first().is_some_and(|best| best.file == path && (best.start..=best.end).contains(&line))
        }
        Some(_) => panic!("{}: cannot read expectation {expected:?}", case.name),
    };
    let missed: Vec<&String> = case.expected.iter().filter(|expected| !holds(expected)).collect();
    (!missed.is_empty() || verdict.escalates() && case.expected.contains(&"none".to_owned())).then(|| {
        let best: Vec<String> = verdict
            .suspects
            .iter()
            .take(3)
            .map(|s| format!("{}:{}-{} {} {:?}", s.file, s.start, s.end, s.score, s.reasons))
            .collect();
        format!(
            "{}: expected {missed:?}, got {level}: {}\n  {}",
            case.name,
            verdict.evidence_summary,
            best.join("\n  ")
        )
    })
}

fn all_cases() -> Vec<Case> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/triage");
    let mut paths: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths.iter().flat_map(|path| cases(&format!("\n{}", fs::read_to_string(path).unwrap()))).collect()
}

#[test]
fn every_scripted_deploy_is_judged_as_its_author_knows_it_to_be() {
    let cases = all_cases();
    assert!(cases.len() >= 120, "only {} cases", cases.len());
    let mut wrongs = Vec::new();
    let (mut right_alarms, mut alarms, mut causal) = (0, 0, 0);
    for case in &cases {
        assert!(!case.expected.is_empty(), "{}: expects nothing", case.name);
        let verdict = judged(case);
        let is_causal = case.expected.iter().any(|expected| matches!(expected.as_str(), "high" | "medium" | "causal"));
        let found = wrong(case, &verdict);
        causal += usize::from(is_causal);
        alarms += usize::from(verdict.escalates());
        right_alarms += usize::from(verdict.escalates() && is_causal && found.is_none());
        wrongs.extend(found);
    }
    println!("{} cases; precision {right_alarms}/{alarms}, recall {right_alarms}/{causal}", cases.len());
    assert!(wrongs.is_empty(), "{} of {} cases:\n{}", wrongs.len(), cases.len(), wrongs.join("\n"));
}

#[test]
fn a_verdict_is_the_same_every_time() {
    for case in all_cases().iter().take(12) {
        assert_eq!(judged(case), judged(case), "{}", case.name);
    }
}

#[test]
fn suspects_are_ordered_bounded_and_inside_the_change() {
    for case in all_cases() {
        let verdict = judged(&case);
        assert!(verdict.suspects.len() <= 20);
        assert!(verdict.suspects.windows(2).all(|pair| pair[0].score >= pair[1].score), "{}", case.name);
        for suspect in &verdict.suspects {
            assert!(verdict.changed_files.iter().any(|file| file.path == suspect.file), "{}", case.name);
            assert!(suspect.start >= 1 && suspect.start <= suspect.end, "{}", case.name);
            assert!(!suspect.reasons.is_empty(), "{}", case.name);
        }
    }
}
