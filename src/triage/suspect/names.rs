//! Evidence from what the error names: identifiers, keys, files.

use super::absent::{loses_entry, misses_name};
use super::clue::{Clues, Key};
use super::evidence::{Family, Reason};
use super::sheet::{Piece, Sheet, Spread, holds_whole};
use super::weights as w;
use crate::triage::{Class, FileStatus};

/// How near a file is to where the error happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Nearness {
    /// It is on the stack.
    OnStack,
    /// A file on the stack imports it.
    Imported,
    /// The stack is known, and does not lead here.
    Elsewhere,
    /// The error names no place.
    Unknown,
}

/// What the error's words say about one hunk.
pub(super) fn weigh(
    clues: &Clues,
    spread: &Spread<'_>,
    sheet: &Sheet<'_>,
    piece: &Piece<'_>,
    nearness: Nearness,
) -> Vec<Reason> {
    let dilution = w::density(piece.n_lines());
    let named = [
        named(clues, spread, sheet, piece, nearness),
        key(clues, spread, sheet, piece),
        migration(clues, sheet, piece),
        file(clues, sheet, piece),
    ];
    // These are ways to say the same thing; the best one counts.
    let best = named.into_iter().flatten().max_by(|a, b| a.points.total_cmp(&b.points));
    let mut reasons: Vec<Reason> = best.into_iter().collect();
    if !piece.hunk.is_whole_file() {
        reasons.iter_mut().for_each(|reason| reason.points *= dilution);
    }
    reasons
}

/// A name of the message that was removed, or is in the hunk.
fn named(
    clues: &Clues,
    spread: &Spread<'_>,
    sheet: &Sheet<'_>,
    piece: &Piece<'_>,
    nearness: Nearness,
) -> Option<Reason> {
    let place = piece.place(sheet.path());
    let rarity = |name: &str| w::rarity(spread.hunks_with(name));
    // Where the stack is known and does not lead here, what merely uses the name explains nothing.
    let reach = if nearness == Nearness::Elsewhere { w::ELSEWHERE } else { 1.0 };
    let whole: Vec<&String> = clues.literals.iter().filter(|literal| !is_name(literal)).collect();
    let held: Vec<(&String, (bool, bool))> = whole.iter().map(|literal| (*literal, piece.holds(literal))).collect();
    if let Some((literal, _)) =
        held.iter().find(|(literal, (removed, added))| *removed && !added && is_telling(literal))
    {
        return Some(gone(reach, w::NAME_REMOVED * reach, literal, &place));
    }
    let removed =
        clues.names.iter().filter(|name| piece.removed.contains(name.as_str()) && !piece.added.contains(name.as_str()));
    if let Some(name) = removed.max_by(|a, b| rarity(a).total_cmp(&rarity(b)))
        && is_said(clues, name, &whole)
    {
        // An import that went matters to its own file alone.
        let is_near = matches!(nearness, Nearness::OnStack | Nearness::Unknown);
        let is_definition = piece.hunk.removed.iter().any(|line| defines(line, name) && (is_near || !is_import(line)));
        // Uses elsewhere do not make the loss of a definition less telling.
        let (reach, rarity) = if is_definition { (1.0, rarity(name).max(0.7)) } else { (reach, rarity(name)) };
        // What one hunk takes and another brings was moved, not lost; and where the message misses nothing,
        // an import, or a use in a file that went, says no more than any line that holds the name.
        let is_import = !piece.hunk.removed.iter().any(|line| holds_whole(line, name) && !is_import(line));
        let is_use = sheet.file.status == FileStatus::Deleted && !sheet.scopes_before.defines(name);
        // Who uses what nobody defines any more has not brought it back.
        let is_back = spread.is_added(name) && (!is_definition || !misses_name(clues) || spread.is_defined(name));
        let is_moved = is_back && !loses_entry(clues, sheet, piece, name);
        // Who called something of that name on another thing took nothing away.
        let is_call =
            misses_name(clues) && !is_definition && piece.hunk.removed.iter().all(|line| only_calls(line, name));
        let is_mention = is_moved || is_call || ((is_import || is_use) && !misses(clues));
        let points = if is_mention { w::NAME_PRESENT } else { w::NAME_REMOVED } * rarity * reach;
        return Some(gone(if is_mention { 0.0 } else { reach }, points, name, &place));
    }
    let says = |points: f64, what: &str, name: &str| {
        let text = format!("{what}`{name}` of the message is in the change at {place}");
        Some(Reason::new(Family::Names, points * reach, text))
    };
    if let Some((literal, _)) = held.iter().find(|(literal, (_, added))| *added && is_telling(literal)) {
        return says(w::NAME_PRESENT, "", literal);
    }
    let one_sided = |word: &&String| piece.removed.contains(word.as_str()) != piece.added.contains(word.as_str());
    // A value is printed with all its fields: what uses one of them before and after is not meant by it.
    let is_meant = |name: &&String| !clues.fields.contains(name.as_str()) || one_sided(name);
    let present = |name: &&String| {
        (piece.removed.contains(name.as_str()) || piece.added.contains(name.as_str())) && is_meant(name)
    };
    let best = clues.names.iter().filter(present).max_by(|a, b| rarity(a).total_cmp(&rarity(b)));
    if let Some(name) = best.filter(|name| is_said(clues, name, &whole)) {
        return says(w::NAME_PRESENT * rarity(name), "", name);
    }
    let word = clues.words.iter().filter(one_sided).max_by(|a, b| rarity(a).total_cmp(&rarity(b)))?;
    says(w::WORD_PRESENT * rarity(word), "the word ", word)
}

/// Whether a line does no more with a name than to call it on something: `math.Pow(10, n)`.
fn only_calls(line: &str, name: &str) -> bool {
    line.match_indices(name).all(|(at, _)| {
        let before = line.get(..at).unwrap_or_default();
        let after = line.get(at + name.len()..).unwrap_or_default();
        before.ends_with(|c: char| c.is_alphanumeric() || c == '_')
            || after.starts_with(|c: char| c.is_alphanumeric() || c == '_')
            || after.starts_with('(') && [".", "->", "::"].iter().any(|mark| before.ends_with(mark))
    })
}

/// Whether a line brings a name from elsewhere.
pub(super) fn is_import(line: &str) -> bool {
    ["import ", "from ", "use ", "require", "include "].iter().any(|word| line.trim_start().starts_with(word))
}

/// Whether the error is that something is not there.
fn misses(clues: &Clues) -> bool {
    const KINDS: &[&str] = &[
        "Key",
        "Attribute",
        "Name",
        "Import",
        "NotFound",
        "NoMethod",
        "NoSuch",
        "Reference",
        "NoClassDef",
        "Undefined",
        "Unresolved",
        "Missing",
    ];
    const WORDS: &[&str] = &[
        "not defined",
        "no such",
        "unknown",
        "ndefined",
        "missing",
        "not found",
        "annot find",
        "has no",
        "not exist",
        "unexpected",
        "unrecognized",
        "not a function",
        "not an export",
        "unresolved",
        "unbound",
        "annot import",
        "required",
        "not set",
        "not provide",
        "ninitialized",
        "could not find",
        "does not",
    ];
    clues.exceptions.iter().any(|name| KINDS.iter().any(|kind| name.contains(kind)))
        || WORDS.iter().any(|word| clues.message.contains(word))
}

/// A name that was removed; proof only where nothing took away from it.
fn gone(reach: f64, points: f64, name: &str, place: &str) -> Reason {
    let text = format!("`{name}` of the message was removed at {place}");
    if reach < 1.0 { Reason::new(Family::Names, points, text) } else { Reason::proving(Family::Names, points, text) }
}

fn is_name(literal: &str) -> bool {
    literal.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

/// Whether a quoted text is one of a kind: numbers, versions and marks are everywhere.
fn is_telling(literal: &str) -> bool {
    literal.chars().filter(|c| c.is_alphabetic()).count() >= 3
}

/// Whether a line brings a name into being, instead of using it: a definition, an import, a key.
pub(super) fn defines(line: &str, name: &str) -> bool {
    const WORDS: &[&str] = &[
        "def",
        "class",
        "function",
        "func",
        "fn",
        "struct",
        "enum",
        "trait",
        "interface",
        "const",
        "let",
        "var",
        "type",
        "val",
        "module",
        "import",
        "from",
        "use",
        "require",
        "export",
        "public",
        "private",
        "protected",
        "static",
        "attr_reader",
        "attr_accessor",
        "column",
        "field",
        "property",
        "alias",
        "include",
    ];
    if !holds_whole(line, name) {
        return false;
    }
    let is_declared = line.split(|c: char| !(c.is_alphanumeric() || c == '_')).any(|word| WORDS.contains(&word));
    let is_given = line.match_indices(name).any(|(at, _)| {
        let rest = line.get(at + name.len()..).unwrap_or_default().trim_start_matches(['"', '\'', ' ']);
        (rest.starts_with('=') && !rest.starts_with("==")) || rest.starts_with(':') || rest.starts_with(":=")
    });
    is_declared || is_given
}

/// Whether the message says the name by itself, and not only as a part of a quoted text: the
/// `cache` of `no-cache` says nothing where `no-cache` itself is not.
fn is_said(clues: &Clues, name: &str, whole: &[&String]) -> bool {
    whole.is_empty()
        || !whole.iter().any(|literal| {
            literal.contains(name) && (literal.contains('-') || literal.contains('/') || literal.contains(' '))
        })
        || clues.literals.contains(name)
}

const READS_SETTING: &[&str] = &[
    "environ",
    "getenv",
    "process.env",
    "ENV[",
    "ENV.fetch",
    "Getenv",
    "env::var",
    "env!(",
    "LookupEnv",
    "GetEnvironmentVariable",
    "System.getProperty",
    "@Value",
    "config",
    "Config",
    "settings",
    "Settings",
    "viper",
    "env(",
    "${",
    "flags",
    "argparse",
    "add_argument",
    "clap",
];

/// A setting, route, table or column that both the error and the hunk name.
fn key(clues: &Clues, spread: &Spread<'_>, sheet: &Sheet<'_>, piece: &Piece<'_>) -> Option<Reason> {
    let place = piece.place(sheet.path());
    let lines = || piece.hunk.removed.iter().chain(&piece.hunk.added);
    clues.keys.iter().find_map(|key| {
        let name = key.name();
        let (removed, added) = held(piece, sheet, key);
        if !(removed || added) {
            return None;
        }
        let rarity =
            crate::triage::syntax::words(name).map(|word| w::rarity(spread.hunks_with(word))).fold(0.0, f64::max);
        let rarity = if rarity == 0.0 { 1.0 } else { rarity };
        let (is_context, what) = match key {
            Key::Setting(_) => {
                let is_read = lines()
                    .any(|line| line.contains(last_part(name)) && READS_SETTING.iter().any(|way| line.contains(way)));
                let is_shell = sheet.after.syntax.heredocs
                    && lines().any(|line| line.contains(&format!("${name}")) || line.contains(&format!("${{{name}")));
                (is_read || is_shell || matches!(sheet.file.class, Class::Config | Class::Build), "the setting")
            }
            Key::Route(_) => {
                (removed != added || lines().any(|line| line.contains('"') || line.contains('\'')), "the route")
            }
            Key::Schema(_) => (lines().any(|line| holds_whole(line, name)), "the table or column"),
        };
        let change = match (removed, added) {
            (true, false) => "was removed",
            (false, _) => "was introduced",
            (true, true) => "was changed",
        };
        is_context.then(|| {
            Reason::proving(Family::Names, w::KEY * rarity, format!("{what} `{name}` of the error {change} at {place}"))
        })
    })
}

fn last_part(name: &str) -> &str {
    name.rsplit('.').next().unwrap_or(name)
}

/// Whether the removed and the added side hold a key, in any of the ways in which a key is written.
fn held(piece: &Piece<'_>, sheet: &Sheet<'_>, key: &Key) -> (bool, bool) {
    let name = key.name();
    let whole = piece.holds(name);
    if whole.0 || whole.1 {
        return whole;
    }
    match key {
        // `/orders/42` was asked for, `/orders/{id}` is in the source.
        Key::Route(route) => {
            let fits = |lines: &[String]| {
                lines.iter().any(|line| line.split(['"', '\'', '`', ' ']).any(|part| fits_route(part, route)))
            };
            (fits(&piece.hunk.removed), fits(&piece.hunk.added))
        }
        // `orders.timeout` is nested in YAML and TOML.
        Key::Setting(setting) if matches!(sheet.file.class, Class::Config) && setting.contains('.') => {
            let last = last_part(setting);
            let names = |lines: &[String]| {
                lines
                    .iter()
                    .any(|line| line.trim_start().trim_start_matches('"').starts_with(last) && holds_whole(line, last))
            };
            (names(&piece.hunk.removed), names(&piece.hunk.added))
        }
        Key::Setting(_) | Key::Schema(_) => (false, false),
    }
}

fn fits_route(pattern: &str, route: &str) -> bool {
    let is_hole = |part: &str| part.starts_with(['{', ':', '<', '*', '[', '$']);
    let (pattern, route) = (pattern.trim_end_matches('/'), route.trim_end_matches('/'));
    let (n_parts, n_asked) = (pattern.split('/').count(), route.split('/').count());
    let fixed = pattern.split('/').filter(|part| part.len() > 2 && !is_hole(part)).count();
    pattern.starts_with('/')
        && n_parts == n_asked
        && fixed > 0
        && pattern.split('/').zip(route.split('/')).all(|(part, asked)| part == asked || is_hole(part))
}

/// A migration that touches what the error names.
fn migration(clues: &Clues, sheet: &Sheet<'_>, piece: &Piece<'_>) -> Option<Reason> {
    if sheet.file.class != Class::Migration {
        return None;
    }
    let schema = clues.keys.iter().filter_map(|key| if let Key::Schema(name) = key { Some(name) } else { None });
    let touched = schema.into_iter().find(|name| {
        let (removed, added) = piece.holds(name);
        removed || added
    })?;
    let text = format!("the migration at {} touches `{touched}`, which the error names", piece.place(sheet.path()));
    Some(Reason::proving(Family::Names, w::MIGRATION, text))
}

/// The file or module that the message misses was deleted or moved.
fn file(clues: &Clues, sheet: &Sheet<'_>, piece: &Piece<'_>) -> Option<Reason> {
    let old = sheet.file.old_path.as_deref().unwrap_or(sheet.path());
    let (verb, is_gone) = match sheet.file.status {
        FileStatus::Deleted => ("was deleted", true),
        FileStatus::Renamed => ("was moved", true),
        FileStatus::Added | FileStatus::Modified => ("was changed as a whole", false),
    };
    if !is_gone && !piece.hunk.is_whole_file() {
        return None;
    }
    let misses = [
        "No module named",
        "annot find module",
        "not found",
        "no such file",
        "No such file",
        "ENOENT",
        "does not exist",
        "ermission denied",
        "ClassNotFound",
        "NoClassDef",
        "cannot load",
        "annot import",
        "uninitialized constant",
        "emplate",
        "not exist",
        "not be opened",
        "could not find",
        "unresolved import",
        "file not found",
        "is not in std",
        "FileNotFound",
    ];
    let says_missing = misses.iter().any(|way| clues.message.contains(way))
        || clues
            .exceptions
            .iter()
            .any(|name| name.contains("NotFound") || name.contains("NoClassDef") || name.contains("Import"));
    let (stem, _) = old.rsplit_once('.').unwrap_or((old, ""));
    let said =
        clues.literals.iter().map(String::as_str).chain(clues.message.split([' ', '\'', '"', ':', '(', ')', '`', ',']));
    let is_meant = |said: &str| {
        let said = said.trim_start_matches("./").trim_start_matches("../").trim_matches(['.', '/']);
        let dotted = said.replace("::", "/");
        let dotted = if dotted.contains('/') { dotted } else { dotted.replace('.', "/") };
        let fits = |path: &str| {
            path == said
                || path == dotted
                || path.ends_with(&format!("/{said}"))
                || path.ends_with(&format!("/{dotted}"))
        };
        said.len() > 2 && (fits(old) || fits(stem) || (said.contains('/') && (said.ends_with(&format!("/{old}")))))
    };
    let named = said.into_iter().find(|said| is_meant(said)).filter(|_| says_missing)?;
    Some(Reason::proving(Family::Names, w::FILE_GONE, format!("`{named}` of the message is {old}, which {verb}")))
}
