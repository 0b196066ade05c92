//! Cuts a change finer than its hunks: one key of a settings file, one package of a manifest and its lock file.
//!
//! Input: a [`Change`]. Output: the same change with its hunks cut where neighboring lines are separate keys
//! ([`refined`]), and for a line of a manifest or lock file the package that it is about ([`package`]).
//!
//! Pure. What is not plainly one key or one package stays whole: what is taken back must make sense.

use std::path::Path;

use crate::triage::classify::is_manifest;
use crate::triage::{Change, FileChange, FileStatus, Hunk, HunkId};

/// Lines that are looked through for the package that a line belongs to.
const ABOVE: usize = 4_000;

/// Returns the change with hunks of several keys cut into one hunk a key, and its hunks numbered anew.
///
/// Evidence that names hunks by number must be gathered on the result.
#[must_use]
pub fn refined(mut change: Change) -> Change {
    let mut next = 0;
    for file in &mut change.files {
        let form = Form::of(file);
        let hunks = std::mem::take(&mut file.hunks);
        file.hunks = hunks.into_iter().flat_map(|hunk| cut(hunk, form)).collect();
        for hunk in &mut file.hunks {
            hunk.id = HunkId(next);
            next += 1;
        }
    }
    change
}

/// How a file writes its keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    /// `key: value`.
    Yaml,
    /// `key = value`, or without blanks.
    Assigned,
    /// `"key": value`.
    Json,
    /// A package and its version on a line.
    Packages,
    /// None of these; it is not cut.
    Other,
}

impl Form {
    fn of(file: &FileChange) -> Self {
        if file.status != FileStatus::Modified || file.opaque {
            return Self::Other;
        }
        let name = name_of(&file.path);
        let extension = Path::new(&name).extension().and_then(|extension| extension.to_str()).unwrap_or_default();
        match extension {
            _ if matches!(name.as_str(), "go.mod" | "go.sum" | "gemfile" | "gemfile.lock") => Self::Packages,
            _ if name.contains("requirements") && extension == "txt" => Self::Packages,
            _ if name.starts_with(".env") || name == "cargo.lock" || name == "poetry.lock" => Self::Assigned,
            "yaml" | "yml" => Self::Yaml,
            "json" => Self::Json,
            "toml" | "ini" | "cfg" | "conf" | "properties" | "env" => Self::Assigned,
            _ => Self::Other,
        }
    }

    /// The key that a line sets, with its indentation.
    fn key(self, line: &str) -> Option<(usize, &str)> {
        let words = line.trim_start();
        let indent = line.len() - words.len();
        let key = match self {
            Self::Other => return None,
            Self::Yaml => words.split_once(':').filter(|(_, value)| value.is_empty() || value.starts_with(' '))?.0,
            Self::Assigned => words.split_once('=').or_else(|| words.split_once(':'))?.0.trim(),
            Self::Json => words.strip_prefix('"')?.split_once("\":")?.0,
            Self::Packages => name_of_package(words)?,
        };
        let is_plain = !key.is_empty() && !key.starts_with(['#', '/', ';', '[', '{', '-']) && !key.contains(['{', '[']);
        is_plain.then_some((indent, key))
    }
}

fn name_of(path: &str) -> String {
    path.rsplit('/').next().unwrap_or(path).to_ascii_lowercase()
}

/// Cuts a hunk whose lines set the same keys before and after, one by one.
fn cut(hunk: Hunk, form: Form) -> Vec<Hunk> {
    let n_lines = hunk.removed.len();
    let keys = |lines: &[String]| {
        lines
            .iter()
            .map(|line| form.key(line).map(|(indent, key)| (indent, key.to_owned())))
            .collect::<Option<Vec<_>>>()
    };
    let (Some(before), Some(after)) = (keys(&hunk.removed), keys(&hunk.added)) else { return vec![hunk] };
    if n_lines < 2 || before != after {
        return vec![hunk];
    }
    let offset = |index: usize| u32::try_from(index).unwrap_or(u32::MAX);
    let pairs = hunk.removed.into_iter().zip(hunk.added).enumerate();
    pairs
        .map(|(index, (removed, added))| Hunk {
            id: hunk.id,
            old_start: hunk.old_start.saturating_add(offset(index)),
            new_start: hunk.new_start.saturating_add(offset(index)),
            removed: vec![removed],
            added: vec![added],
        })
        .collect()
}

/// The package that a hunk of a manifest or lock file is about; `None` when it is about none, or several.
#[must_use]
pub fn package(file: &FileChange, hunk: &Hunk) -> Option<String> {
    if !is_manifest(&file.path) || file.status != FileStatus::Modified || file.opaque {
        return None;
    }
    let name = name_of(&file.path);
    let (base, head) = (file.base_text.as_deref()?, file.head_text.as_deref()?);
    let of = |text: &str, start: u32, n_lines: usize| -> Option<Vec<String>> {
        let lines: Vec<&str> = text.lines().collect();
        let first = usize::try_from(start).ok()?.checked_sub(1)?;
        (first..first + n_lines).map(|index| package_at(&lines, index, &name)).collect()
    };
    let mut packages = of(base, hunk.old_start, hunk.removed.len())?;
    packages.extend(of(head, hunk.new_start, hunk.added.len())?);
    packages.dedup();
    match packages.as_slice() {
        [one] => Some(one.clone()),
        _ => None,
    }
}

/// The package that a line of a manifest or lock file is about.
fn package_at(lines: &[&str], index: usize, name: &str) -> Option<String> {
    let line = lines.get(index)?;
    let found = match name {
        "cargo.lock" | "poetry.lock" | "uv.lock" | "pdm.lock" => in_block(lines, index),
        "package-lock.json" | "npm-shrinkwrap.json" => in_npm_lock(lines, index),
        "yarn.lock" => in_yarn_lock(lines, index),
        "pnpm-lock.yaml" => above(lines, index, |line| {
            let entry =
                line.strip_prefix("  ").filter(|entry| !entry.starts_with(' '))?.trim_end().strip_suffix(':')?;
            let entry = entry.trim_matches(['\'', '"', '/']);
            entry.rsplit_once('@').map(|(name, _)| name.to_owned()).filter(|name| !name.is_empty())
        }),
        "gemfile.lock" | "gemfile" | "go.mod" | "go.sum" => name_of_package(line.trim_start()).map(str::to_owned),
        "package.json" | "composer.json" => {
            Form::Json.key(line).filter(|_| is_version(line)).map(|(_, key)| key.to_owned())
        }
        "cargo.toml" | "pyproject.toml" | "pipfile" => {
            Form::Assigned.key(line).filter(|_| is_version(line)).map(|(_, key)| key.to_owned())
        }
        _ if name.ends_with(".txt") => name_of_package(line.trim_start()).map(str::to_owned),
        _ => None,
    };
    // One package may be written with a dash here and an underscore there.
    found.map(|name| name.to_ascii_lowercase().replace('_', "-"))
}

/// Looks upward from a line for one that names a package.
fn above(lines: &[&str], index: usize, names: impl Fn(&str) -> Option<String>) -> Option<String> {
    let from = index.saturating_sub(ABOVE);
    lines.get(from..=index)?.iter().rev().find_map(|line| names(line))
}

/// The `name = "…"` of the block between two `[[package]]`.
fn in_block(lines: &[&str], index: usize) -> Option<String> {
    let is_start = |line: &&str| line.trim_end() == "[[package]]";
    let is_table =
        |line: &&str| line.starts_with('[') && !line.starts_with("[[package]]") && !line.starts_with("[package.");
    let from = index.saturating_sub(ABOVE);
    let start = from + lines.get(from..=index)?.iter().rposition(is_start)?;
    let within = lines.get(start..)?;
    let end = within.iter().skip(1).position(is_start).map_or(within.len(), |end| end + 1);
    if start + end <= index || within.get(..=index - start)?.iter().skip(1).any(is_table) {
        return None;
    }
    let name = within.get(..end)?.iter().find_map(|line| line.strip_prefix("name = "))?;
    Some(name.trim().trim_matches('"').to_owned())
}

/// The package whose entry holds a line, or the key of a line that sets a version.
fn in_npm_lock(lines: &[&str], index: usize) -> Option<String> {
    let indent = |line: &str| line.len() - line.trim_start().len();
    let line = lines.get(index)?;
    if let Some((_, key)) = Form::Json.key(line)
        && is_version(line)
        && !matches!(key, "version" | "resolved" | "integrity" | "license" | "node" | "name")
    {
        return Some(key.to_owned());
    }
    let own = indent(line);
    above(lines, index, |line| {
        let key = line.trim_start().strip_prefix('"')?.split_once("\": {")?.0;
        let is_around = indent(line) < own || line.trim_end() == lines.get(index)?.trim_end();
        let name = key.rsplit("node_modules/").next().unwrap_or(key);
        (is_around && key.contains("node_modules/")).then(|| name.to_owned())
    })
}

fn in_yarn_lock(lines: &[&str], index: usize) -> Option<String> {
    above(lines, index, |line| {
        let header = line.trim_end().strip_suffix(':').filter(|_| !line.starts_with([' ', '#']))?;
        let first = header.trim_matches('"').split(", ").next()?;
        let end = first.get(1..)?.find('@')? + 1;
        first.get(..end).map(str::to_owned)
    })
}

/// Whether the value of a line is a version.
fn is_version(line: &str) -> bool {
    let value = line.split_once(['=', ':']).map_or("", |(_, value)| value);
    let value = value.split_once("version").map_or(value, |(_, value)| value);
    let value = value.trim_start_matches([' ', '"', '\'', '=', '^', '~', '>', '<', 'v', '{']);
    value.starts_with(|first: char| first.is_ascii_digit() || first == '*')
}

/// The package that a line of a list begins with.
fn name_of_package(words: &str) -> Option<&str> {
    let words = words.strip_prefix("require ").or_else(|| words.strip_prefix("gem ")).unwrap_or(words);
    let words = words.trim_start_matches(['"', '\'']);
    let end = words.find(|character: char| !(character.is_alphanumeric() || "-_./@".contains(character)))?;
    let (name, rest) = words.split_at(end);
    let rest = rest.trim_start_matches(['"', '\'', ',', ' ', '(', '[', ']', '=', '~', '>', '<', '!', '^', 'v']);
    let is_named = name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '@');
    (is_named && rest.starts_with(|first: char| first.is_ascii_digit())).then(|| name.trim_end_matches("/go.mod"))
}

#[cfg(test)]
mod tests;
