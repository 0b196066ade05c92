//! Explains the failure of a command: reads its output, finds what changed, keeps the log.

use std::fs;
use std::path::{Path, PathBuf};

use super::pass::Passed;
use super::{Failed, Request, since};
use crate::app::{Failure, FailureKind};
use crate::shell::git::read::{self, Range};
use crate::shell::git::worktree::WorkTree;
use crate::triage::build::{Failures, History, Judged};
use crate::triage::{Diagnostic, Symptom};

/// Reports that are read, at most, and how much of each.
const REPORTS: usize = 64;
const REPORT_BYTES: u64 = 4 << 20;

pub(super) fn explain(
    request: &Request<'_>,
    tree: &WorkTree,
    history: &History,
    named: Option<String>,
    output: Passed,
) -> Result<Failed, Failure> {
    let mut text = output.text;
    text.extend(reports(request.reports, output.started)?);
    let failures = Failures::read(&text);
    let since = since(tree, history, named);
    let log = keep(request.logs, request.command, &text).ok();
    let change = match &since {
        Some(since) => {
            let range = Range::new(since.revision.clone(), tree.commit.clone());
            let mut change = read::change_between(&tree.repo, &range).map_err(|error| error.failure())?;
            read::add_sources(&tree.repo, &mut change, failures.symptoms());
            Some(change)
        }
        None => None,
    };
    let first = failures.symptoms().next().cloned();
    let judged: Judged = failures.judge(change.as_ref());
    let n_files = change.as_ref().map_or(0, |change| change.files.len());
    let about = judged.about.and_then(|about| judged.diagnostics.get(about)).map(Diagnostic::symptom);
    let symptom = about.or(first).unwrap_or_else(|| Symptom::of_text(&text));
    Ok(Failed {
        judged,
        symptom,
        change,
        since,
        head: tree.head.clone(),
        has_changes: tree.has_changes,
        shelf: tree.shelf(),
        n_files,
        n_left_out: tree.n_left_out,
        checked: None,
        log,
        dropped_bytes: output.dropped_bytes,
    })
}

/// The reports that were written since the command started.
fn reports(pattern: Option<&str>, started: std::time::SystemTime) -> Result<Vec<String>, Failure> {
    let Some(pattern) = pattern else { return Ok(Vec::new()) };
    let wrong = |error: &glob::PatternError| {
        Failure::of(FailureKind::User, error, "Write --reports as a pattern, such as 'target/surefire-reports/*.xml'.")
    };
    let paths = glob::glob(pattern).map_err(|error| wrong(&error))?;
    let is_new = |path: &PathBuf| {
        // A file system may keep whole seconds only.
        let changed = fs::metadata(path).and_then(|file| file.modified());
        changed.is_ok_and(|changed| changed + std::time::Duration::from_secs(1) >= started)
    };
    Ok(paths.flatten().filter(is_new).take(REPORTS).filter_map(|path| start(&path)).collect())
}

fn start(path: &Path) -> Option<String> {
    use std::io::Read;
    let mut bytes = Vec::new();
    fs::File::open(path).ok()?.take(REPORT_BYTES).read_to_end(&mut bytes).ok()?;
    Some(format!("\n{}", String::from_utf8_lossy(&bytes)))
}

/// Keeps the output for `fix`, one file for each command; for its owner only, because it may hold secrets.
fn keep(folder: &Path, command: &[String], text: &str) -> std::io::Result<PathBuf> {
    use sha2::{Digest, Sha256};
    use std::io::Write;
    use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
    fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    let digest = Sha256::digest(command.join("\0").as_bytes());
    let name: String = digest.iter().take(6).map(|byte| format!("{byte:02x}")).collect();
    let path = folder.join(format!("{name}.log"));
    let mut file = fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&path)?;
    file.write_all(text.as_bytes())?;
    Ok(path)
}
