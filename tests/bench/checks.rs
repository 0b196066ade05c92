//! How often the checks of a draft fail on honest fixes: on commits of real repositories that mend something.
//!
//! `cargo bench --bench checks -- [--unread] [--most N] [--show CHECK] REPOSITORY...`. A fix is a commit with one
//! parent whose title says so, that changes at most five files besides tests and documents, in at most 200 lines.
//! Each is held against every check as if a model had written it on the parent. `--unread` takes the other half of
//! the commits, told apart by their ids; `--most` takes that many of each repository. Nothing is asserted: figures
//! are for people.

use std::collections::BTreeMap;
use std::process::ExitCode;
use std::sync::LazyLock;

use aftercare::remedy::advice::check::{self, Known, Touched};
use aftercare::triage::Class;
use aftercare::triage::classify::classify;
use git2::{Commit, Delta, DiffFindOptions, Oid, Repository, Sort, Tree, TreeWalkMode, TreeWalkResult};
use regex::Regex;

/// Files that a fix changes at most, and lines.
const FILES: usize = 5;
const LINES: usize = 200;

/// Titles of commits that mend something that runs.
static FIXES: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"(?i)\b(?:fix(?:e[sd]|ing)?|bug(?:fix)?|regression|crash(?:es)?)\b").ok());

/// Titles of those that mend something else.
static OTHERS: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r"(?ix)\b(?:typos?|docs?|documentation|readme|docstrings?|lint\w*|tests?|ci|formatt?(?:ing)?|style|flake8?|mypy|typings?|types?|warnings?|build|deps?
        |bump|release|changelog|merge|revert|spelling|comments?|pylint|ruff|phpstan|rubocop|clippy|travis|benchmarks?|eslint|coverage|examples?|grammar|links?|javadoc)\b",
    ).ok()
});

/// A file of a fix, before and after.
struct Sides {
    path: String,
    head: Option<String>,
    new: Option<String>,
}

struct Options {
    unread: bool,
    most: usize,
    show: Option<String>,
    repositories: Vec<String>,
}

fn main() -> ExitCode {
    let options = options();
    let mut failures: BTreeMap<&'static str, usize> = BTreeMap::new();
    let (mut n_fixes, mut n_clean) = (0_usize, 0_usize);
    for place in &options.repositories {
        let fixes = match fixes(place, &options) {
            Ok(fixes) => fixes,
            Err(error) => {
                println!("checks: {place}: {}", error.message());
                return ExitCode::FAILURE;
            }
        };
        for (id, title, files, known) in fixes {
            let failed = failed(&files, &known);
            n_fixes += 1;
            n_clean += usize::from(failed.is_empty());
            for (name, detail) in failed {
                *failures.entry(name).or_default() += 1;
                if options.show.as_deref().is_none_or(|shown| shown == name) {
                    println!("{place} {:.10} {title}\n    {name}: {detail}", id.to_string());
                }
            }
        }
    }
    println!("\n{n_fixes} fixes, {n_clean} of them pass every check");
    for (name, count) in failures {
        println!("{count:>5}  {:>5.1} %  {name}", 100.0 * count as f64 / n_fixes.max(1) as f64);
    }
    ExitCode::SUCCESS
}

fn options() -> Options {
    let mut options = Options { unread: false, most: 6, show: None, repositories: Vec::new() };
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            // Cargo passes it along.
            "--bench" => {}
            "--unread" => options.unread = true,
            "--most" => options.most = arguments.next().and_then(|text| text.parse().ok()).unwrap_or(options.most),
            "--show" => options.show = arguments.next(),
            _ => options.repositories.push(argument),
        }
    }
    options
}

/// A commit, its title, what it changes, and what the repository had and declared before it.
type Fix = (Oid, String, Vec<Sides>, Known);

/// The fixes of a repository's history, newest first.
fn fixes(place: &str, options: &Options) -> Result<Vec<Fix>, git2::Error> {
    let repository = Repository::open(place)?;
    let mut walk = repository.revwalk()?;
    walk.push_head()?;
    walk.set_sorting(Sort::TIME)?;
    let mut fixes = Vec::new();
    for id in walk.flatten() {
        if fixes.len() == options.most {
            break;
        }
        // One bit of the id halves the commits.
        if (id.as_bytes().last().copied().unwrap_or(0) & 1 == 1) != options.unread {
            continue;
        }
        let commit = repository.find_commit(id)?;
        let title = commit.summary().ok().flatten().unwrap_or_default().to_owned();
        if commit.parent_count() != 1 || !is_fix(&title) {
            continue;
        }
        if let Some(files) = sides(&repository, &commit)? {
            let known = known(&repository, &commit.parent(0)?.tree()?)?;
            fixes.push((id, title, files, known));
        }
    }
    Ok(fixes)
}

fn known(repository: &Repository, tree: &Tree<'_>) -> Result<Known, git2::Error> {
    let (mut paths, mut manifests) = (Vec::new(), Vec::new());
    tree.walk(TreeWalkMode::PreOrder, |folder, entry| {
        if let Ok(name) = entry.name() {
            let path = format!("{folder}{name}");
            if Known::is_worth_reading(&path)
                && let Ok(blob) = repository.find_blob(entry.id())
            {
                manifests.push((path.clone(), String::from_utf8_lossy(blob.content()).into_owned()));
            }
            paths.push(path);
        }
        TreeWalkResult::Ok
    })?;
    Ok(Known::of(paths.iter().map(String::as_str), &manifests))
}

/// Whether a commit of this title mends something that runs.
fn is_fix(title: &str) -> bool {
    let says = |pattern: &LazyLock<Option<Regex>>| pattern.as_ref().is_some_and(|pattern| pattern.is_match(title));
    says(&FIXES) && !says(&OTHERS)
}

/// What a commit changes besides tests and documents; `None` where that is no small fix of code.
fn sides(repository: &Repository, commit: &Commit<'_>) -> Result<Option<Vec<Sides>>, git2::Error> {
    let (old, new) = (commit.parent(0)?.tree()?, commit.tree()?);
    let mut diff = repository.diff_tree_to_tree(Some(&old), Some(&new), None)?;
    diff.find_similar(Some(DiffFindOptions::new().renames(true)))?;
    let mut files = Vec::new();
    let (mut runs, mut n_lines) = (false, 0);
    for delta in diff.deltas() {
        let path = delta.new_file().path().and_then(std::path::Path::to_str).unwrap_or_default().to_owned();
        let text = |id: Oid| -> Option<String> {
            let blob = repository.find_blob(id).ok()?;
            std::str::from_utf8(blob.content()).ok().map(str::to_owned)
        };
        let (head, after) = (text(delta.old_file().id()), text(delta.new_file().id()));
        let class = classify(&path, after.as_deref().or(head.as_deref()));
        if matches!(class, Class::Test | Class::Docs) {
            continue;
        }
        if matches!(delta.status(), Delta::Renamed | Delta::Copied) || files.len() == FILES {
            return Ok(None);
        }
        runs |= class == Class::Runtime && delta.status() == Delta::Modified;
        n_lines += n_changed(head.as_deref(), after.as_deref());
        files.push(Sides { path, head, new: after });
    }
    Ok((runs && n_lines <= LINES).then_some(files))
}

fn n_changed(head: Option<&str>, new: Option<&str>) -> usize {
    let (head, new) = (head.unwrap_or_default(), new.unwrap_or_default());
    let changes = similar::TextDiff::from_lines(head, new);
    changes.iter_all_changes().filter(|change| change.tag() != similar::ChangeTag::Equal).count()
}

fn failed(files: &[Sides], known: &Known) -> Vec<(&'static str, String)> {
    let touched: Vec<Touched<'_>> = files
        .iter()
        .map(|file| {
            let (head, new) = (file.head.as_deref(), file.new.as_deref());
            Touched { path: &file.path, class: classify(&file.path, new.or(head)), base: head, head, new }
        })
        .collect();
    let checks = check::all(&touched, &[], known).into_iter().filter(|check| !check.passed);
    checks.map(|check| (check.name, check.detail)).collect()
}
