//! Makes the service's repository: who changed what, when, and which commit is wrong.

use std::ops::RangeInclusive;
use std::path::Path;
use std::time::Duration;

use git2::build::CheckoutBuilder;
use git2::{
    Commit, DiffOptions, Index, IndexEntry, IndexTime, Oid, Repository, RepositoryInitOptions, Signature, Time,
};

use super::DemoError;
use crate::units::Timestamp;

/// The file that the wrong commit changes.
pub(super) const BAD_FILE: &str = "lib/parse.sh";

/// The tag of the revision that works, and of the one that does not.
pub(super) const HEALTHY_TAG: &str = "v1.8.1";
pub(super) const BAD_TAG: &str = "v1.8.2";

const MARA: (&str, &str) = ("Mara Lindqvist", "mara@orders.example");
const TOMAS: (&str, &str) = ("Tomás Oliveira", "tomas@orders.example");
const INES: (&str, &str) = ("Ines Kaplan", "ines@orders.example");

/// One commit to be made.
struct Step {
    author: (&'static str, &'static str),
    /// Hours before the demonstration at which it was written.
    hours_ago: u64,
    message: &'static str,
    /// Paths with their whole new text.
    files: &'static [(&'static str, &'static str)],
}

/// Reads a file of the world as it is at a tag.
macro_rules! at {
    ($tag:literal, $path:literal) => {
        ($path, include_str!(concat!("world/", $tag, "/", $path)))
    };
}

const BEFORE: &[Step] = &[
    Step {
        author: MARA,
        hours_ago: 1412,
        message: "Write one line a log entry",
        files: &[at!("v1.8.1", "lib/log.sh")],
    },
    Step { author: MARA, hours_ago: 1387, message: "Take requests apart", files: &[at!("v1.8.1", "lib/parse.sh")] },
    Step {
        author: TOMAS,
        hours_ago: 1246,
        message: "Price products and shipping",
        files: &[at!("v1.8.1", "lib/pricing.sh"), at!("v1.8.1", "config/catalog.conf")],
    },
    Step { author: MARA, hours_ago: 1219, message: "Place orders", files: &[at!("v1.8.1", "lib/orders.sh")] },
    Step { author: INES, hours_ago: 980, message: "Give quotes", files: &[at!("v1.8.1", "lib/quotes.sh")] },
    Step {
        author: TOMAS,
        hours_ago: 811,
        message: "Note what the payment gateway answers",
        files: &[at!("v1.8.1", "lib/payments.sh"), at!("v1.8.1", "config/service.conf")],
    },
    Step {
        author: INES,
        hours_ago: 745,
        message: "Serve requests from standard input",
        files: &[at!("v1.8.1", "service.sh"), at!("v1.8.1", "lib/health.sh")],
    },
    Step {
        author: INES,
        hours_ago: 622,
        message: "Test the service from outside",
        files: &[at!("v1.8.1", "tests/run.sh")],
    },
    Step {
        author: MARA,
        hours_ago: 390,
        message: "Release 1.8.1",
        files: &[at!("v1.8.1", "README.md"), at!("v1.8.1", "CHANGELOG.md")],
    },
];

const DEPLOYED: &[Step] = &[
    Step { author: INES, hours_ago: 117, message: "Explain the request line", files: &[at!("v1.8.2", "README.md")] },
    Step {
        author: TOMAS,
        hours_ago: 95,
        message: "Name the shipping zones\n\nThe invoice will print them. No price changes.",
        files: &[at!("v1.8.2", "lib/pricing.sh")],
    },
    Step {
        author: INES,
        hours_ago: 92,
        message: "Test coupons that nobody knows, and foreign currencies",
        files: &[at!("v1.8.2", "tests/run.sh")],
    },
    Step {
        author: MARA,
        hours_ago: 47,
        message: "Split orders in one step\n\nTen expansions were hard to read. IFS does it in one, and counting the\nfields refuses a short order before any of them is used.",
        files: &[at!("v1.8.2", "lib/parse.sh")],
    },
    Step {
        author: INES,
        hours_ago: 28,
        message: "Say the new price of a stale quote",
        files: &[at!("v1.8.2", "lib/quotes.sh")],
    },
    Step {
        author: TOMAS,
        hours_ago: 22,
        message: "Try the payment gateway four times",
        files: &[at!("v1.8.2", "config/service.conf")],
    },
    Step { author: MARA, hours_ago: 2, message: "Release 1.8.2", files: &[at!("v1.8.2", "CHANGELOG.md")] },
];

/// What was made.
pub(super) struct Made {
    pub(super) healthy: Oid,
    pub(super) bad: Oid,
    pub(super) bad_commit: Oid,
    pub(super) lines: RangeInclusive<u32>,
}

/// Makes the repository with a clean work tree on branch `main`, at the tag that is deployed next.
pub(super) fn make(path: &Path, now: Timestamp) -> Result<Made, DemoError> {
    let mut options = RepositoryInitOptions::new();
    options.initial_head("main").external_template(false).no_reinit(true);
    let repository = Repository::init_opts(path, &options)?;
    // The settings of the person who looks on must not change what is deployed.
    let mut config = repository.config()?;
    config.set_bool("core.autocrlf", false)?;
    config.set_bool("commit.gpgsign", false)?;
    let mut index = repository.index()?;

    let mut bad_commit = Oid::ZERO_SHA1;
    for step in BEFORE {
        commit(&repository, &mut index, step, now)?;
    }
    let healthy = tag(&repository, HEALTHY_TAG, now, BEFORE.last())?;
    for step in DEPLOYED {
        let id = commit(&repository, &mut index, step, now)?;
        if step.files.iter().any(|(path, _)| *path == BAD_FILE) {
            bad_commit = id;
        }
    }
    let bad = tag(&repository, BAD_TAG, now, DEPLOYED.last())?;
    repository.checkout_head(Some(CheckoutBuilder::new().force()))?;

    let lines = changed_lines(&repository, healthy, bad)?;
    Ok(Made { healthy, bad, bad_commit, lines })
}

fn commit(repository: &Repository, index: &mut Index, step: &Step, now: Timestamp) -> Result<Oid, git2::Error> {
    for (path, text) in step.files {
        index.add_frombuffer(&entry(path), text.as_bytes())?;
    }
    index.write()?;
    let tree = repository.find_tree(index.write_tree()?)?;
    let author = signature(step, now)?;
    let parent = repository.head().ok().map(|head| head.peel_to_commit()).transpose()?;
    let parents: Vec<&Commit<'_>> = parent.iter().collect();
    repository.commit(Some("HEAD"), &author, &author, &format!("{}\n", step.message), &tree, &parents)
}

fn signature(step: &Step, now: Timestamp) -> Result<Signature<'static>, git2::Error> {
    let at = now.before(Duration::from_secs(step.hours_ago * 3600));
    let (name, email) = step.author;
    Signature::new(name, email, &Time::new(at.seconds(), 60))
}

/// Tags the head, in the name of who made it.
fn tag(repository: &Repository, name: &str, now: Timestamp, last: Option<&Step>) -> Result<Oid, git2::Error> {
    let head = repository.head()?.peel_to_commit()?;
    if let Some(step) = last {
        repository.tag(name, head.as_object(), &signature(step, now)?, &format!("orders {name}\n"), false)?;
    }
    Ok(head.id())
}

fn entry(path: &str) -> IndexEntry {
    let runs = path == "service.sh" || path == "tests/run.sh";
    IndexEntry {
        ctime: IndexTime::new(0, 0),
        mtime: IndexTime::new(0, 0),
        dev: 0,
        ino: 0,
        mode: if runs { 0o100_755 } else { 0o100_644 },
        uid: 0,
        gid: 0,
        file_size: 0,
        id: Oid::ZERO_SHA1,
        flags: 0,
        flags_extended: 0,
        path: path.as_bytes().to_vec(),
    }
}

/// The lines of the wrong file that the deploy changes, as they are after it.
fn changed_lines(repository: &Repository, healthy: Oid, bad: Oid) -> Result<RangeInclusive<u32>, git2::Error> {
    let before = repository.find_commit(healthy)?.tree()?;
    let after = repository.find_commit(bad)?.tree()?;
    let mut options = DiffOptions::new();
    options.context_lines(0).pathspec(BAD_FILE);
    let diff = repository.diff_tree_to_tree(Some(&before), Some(&after), Some(&mut options))?;
    let (mut first, mut last) = (u32::MAX, 0);
    diff.foreach(
        &mut |_, _| true,
        None,
        Some(&mut |_, hunk| {
            first = first.min(hunk.new_start());
            last = last.max(hunk.new_start() + hunk.new_lines().saturating_sub(1));
            true
        }),
        None,
    )?;
    Ok(first..=last)
}
