//! Ranks changes for which nothing, or as much, speaks: how likely each is a cause before any evidence.
//!
//! Only the order of the suspects depends on it, never how sure a verdict is.

use std::collections::BTreeSet;

use super::sheet::{Piece, Sheet};
use super::stack::Spot;
use super::weights as w;
use crate::triage::{Class, FileStatus};

/// With more changed files than this, one of them without evidence is no suspect.
pub(super) const FEW_FILES: usize = 8;

/// What is said of a suspect for which nothing else speaks.
pub(super) const ALONE: &str = "nothing links it to the error; it is one of the few changes that run";

/// How likely a hunk is a cause, before any evidence; 0 for what can hardly be one.
pub(super) fn standing(sheet: &Sheet<'_>, piece: &Piece<'_>, spots: &[Spot]) -> f64 {
    let kind = match sheet.file.class {
        Class::Runtime | Class::Migration => w::STANDING,
        Class::Config | Class::ApiContract => w::STANDING * 0.6,
        _ => return 0.0,
    };
    if says_nothing(piece) {
        return 0.0;
    }
    // Nothing that was there before leads to a new file.
    let kind = if sheet.file.status == FileStatus::Added { kind * 0.5 } else { kind };
    let decides = if piece.changes_result || decides(piece) { w::STANDING_DECIDES } else { 0.0 };
    let nearness = spots.iter().map(|spot| nearness(spot.path(), sheet.path())).fold(0.0, f64::max);
    kind + decides + w::STANDING_NEAR * nearness
}

/// Whether a hunk only imports, names a version or speaks to tools.
pub(super) fn says_nothing(piece: &Piece<'_>) -> bool {
    let lines = || piece.hunk.removed.iter().chain(&piece.hunk.added).map(|line| line.trim());
    let is_idle = |line: &str| {
        let starts = [
            "import ",
            "from ",
            "use ",
            "using ",
            "require ",
            "require_relative ",
            "#include",
            "package ",
            "export * from",
            "__version__",
            "VERSION",
            "version",
        ];
        line.is_empty()
            || starts.iter().any(|start| line.starts_with(start))
            || line.contains("= require(")
            || is_go_import(line)
            || line.to_ascii_lowercase().contains("version =")
    };
    lines().all(is_idle)
}

/// Whether a line is one of an import of many packages: `"fmt"`, `yaml "gopkg.in/yaml.v3"`.
fn is_go_import(line: &str) -> bool {
    let path = line.rsplit(' ').next().unwrap_or(line);
    let is_quoted = path.len() > 2 && path.starts_with('"') && path.ends_with('"');
    let name = line.strip_suffix(path).unwrap_or_default().trim_end();
    is_quoted && name.chars().all(|c| c.is_alphanumeric() || c == '_' || c == '.')
}

/// Whether a line of the hunk tests, compares or calculates.
fn decides(piece: &Piece<'_>) -> bool {
    let marks = [
        "if ", "if(", "elif", "elsif", "unless ", "case ", "when ", "while", "==", "!=", "&&", "||", " and ", " or ",
        " not ", " in ", "?", "<", ">", "+", "-", "*",
    ];
    piece.hunk.removed.iter().chain(&piece.hunk.added).any(|line| marks.iter().any(|mark| line.contains(mark)))
}

/// How much of the folders of one path the other's name too, from 0 to 1.
fn nearness(one: &str, other: &str) -> f64 {
    let folder = |path: &str| path.rsplit_once('/').map_or(String::new(), |(folder, _)| folder.to_owned());
    let (one, other) = (folder(one), folder(other));
    if one == other {
        return 1.0;
    }
    let parts = |folder: &str| -> BTreeSet<String> {
        let all = folder.split('/').map(|part| part.to_ascii_lowercase());
        all.filter(|part| !["src", "lib", "test", "tests", "spec", "main", "java", "app", ""].contains(&part.as_str()))
            .collect()
    };
    let (one, other) = (parts(&one), parts(&other));
    let n_all = one.union(&other).count();
    if n_all == 0 { 0.5 } else { one.intersection(&other).count() as f64 / n_all as f64 }
}
