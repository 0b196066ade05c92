//! Reads migrations: where they are, what the deploy ran of them, and what that did.
//!
//! Only the part that a deploy runs is read: not `down`, `downgrade`, `*.down.sql`. A migration that was
//! there before and changed is not read but reported, for nobody knows which text was applied.

mod foreign;
pub(super) mod hidden;
mod lexer;
mod markup;
mod parsed;
mod script;
mod statement;
mod vocabulary;

use std::collections::BTreeSet;
use std::sync::LazyLock;

use regex::Regex;

use super::Findings;
use super::rules::{self, Rule};
use super::source::{self, basename, extension, in_folder};
use crate::triage::{Change, Class, FileChange, FileStatus};

/// One thing that a migration does.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Operation {
    rule: &'static Rule,
    /// What it does it to.
    name: String,
    line: u32,
    /// The table it concerns, where that is known.
    table: Option<String>,
    /// The columns that it gives values to, where it does only that.
    columns: Vec<String>,
}

static DDL: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?im)^\s*(?:(?:create|alter|drop|rename)\s+(?:or\s+replace\s+)?(?:unique\s+)?(?:table|index|view|type|schema|sequence|function|trigger|column|database|materialized)|truncate)\b").ok()
});

/// What the migrations of a change create together.
#[derive(Default)]
pub(super) struct Surroundings<'a> {
    /// Tables that the change creates, in lower case.
    created: BTreeSet<String>,
    /// Columns that the change adds, in lower case, without their table.
    columns: BTreeSet<String>,
    /// Views that the change creates, in lower case.
    views: BTreeSet<String>,
    /// Paths of the migrations.
    files: BTreeSet<&'a str>,
}

impl<'a> Surroundings<'a> {
    /// Reads all migrations of a change once.
    pub(super) fn of(change: &'a Change) -> Self {
        let mut all = Self::default();
        for file in &change.files {
            if matches!(file.class, Class::Test | Class::Docs | Class::Vendored)
                || !(file.class == Class::Migration || is_like(file))
                || is_snapshot(&file.path)
            {
                continue;
            }
            all.files.insert(&file.path);
            for operation in operations(file).unwrap_or_default() {
                all.learn(&operation);
            }
        }
        all
    }

    fn learn(&mut self, operation: &Operation) {
        if operation.rule == &rules::CREATE {
            all_lower(&mut self.created, operation.table.as_deref());
            let view = operation.name.to_ascii_lowercase();
            let view =
                view.split_once("view ").map(|(_, name)| name.split([' ', '(']).next().unwrap_or(name).to_owned());
            all_lower(&mut self.views, view.as_deref().map(last_part));
        }
        if matches!(operation.rule.id, "migration.add-column" | "migration.add-required-column") {
            all_lower(&mut self.columns, Some(last_part(&operation.name)));
        }
    }

    /// The rule that holds in view of what else the change does.
    fn soften(&self, operation: &Operation) -> &'static Rule {
        let on_new = operation.table.as_ref().is_some_and(|table| self.created.contains(&table.to_ascii_lowercase()));
        let rule = operation.rule;
        if rule == &rules::RENAME && self.views.contains(&last_part(&operation.name).to_ascii_lowercase()) {
            return &rules::RENAME_WITH_VIEW;
        }
        if on_new
            && (rule == &rules::ADD_CONSTRAINT
                || rule == &rules::SET_NOT_NULL
                || rule == &rules::ADD_REQUIRED_COLUMN
                || rule == &rules::OVERWRITE)
        {
            return &rules::NEW_TABLE;
        }
        if rule == &rules::OVERWRITE && self.fills_new_columns(operation) {
            return &rules::BACKFILL;
        }
        rule
    }

    /// Whether it only fills in columns that the change added.
    fn fills_new_columns(&self, operation: &Operation) -> bool {
        let is_new = |column: &String| self.columns.contains(&column.to_ascii_lowercase());
        !operation.columns.is_empty() && operation.columns.iter().all(is_new)
    }
}

fn all_lower(names: &mut BTreeSet<String>, name: Option<&str>) {
    names.extend(name.map(str::to_ascii_lowercase));
}

fn last_part(name: &str) -> &str {
    name.rsplit('.').next().unwrap_or(name)
}

/// Whether a file looks like a migration, by its path or by what it holds.
pub(super) fn is_like(file: &FileChange) -> bool {
    let extension = extension(&file.path);
    let name = basename(&file.path);
    let text = text(file);
    if matches!(name.as_str(), "__init__.py" | "env.py" | "mod.rs" | "index.js" | "index.ts" | "migration_lock.toml") {
        return false;
    }
    let folder = in_folder(
        &file.path,
        &["migrations", "migration", "migrate", "flyway", "liquibase", "changelog", "changelogs", "alembic"],
    );
    match extension.as_str() {
        _ if is_marked(text, &extension) => true,
        "sql" | "cql" | "ddl" | "hql" => folder || DDL.as_ref().is_some_and(|ddl| ddl.is_match(text)),
        "py" => folder || (in_folder(&file.path, &["versions"]) && text.contains("down_revision")),
        "rb" | "js" | "ts" | "mjs" | "cjs" | "cs" | "php" | "exs" | "ex" | "kt" | "java" | "go" => {
            folder && is_dated(&name)
        }
        "xml" | "yaml" | "yml" | "json" => folder && (is_dated(&name) || holds_changelog(text)),
        // Whatever tool it is for; what only accompanies migrations is no migration.
        "md" | "txt" | "lock" | "csv" | "png" | "gitkeep" | "keep" | "pyc" => false,
        _ => folder && name.starts_with(|first: char| first.is_ascii_digit()),
    }
}

/// Whether a text says itself that it is a migration, wherever it lies: by the class or the module that it is made of.
fn is_marked(text: &str, extension: &str) -> bool {
    let marks: &[&str] = match extension {
        "rb" => &["< ActiveRecord::Migration", "< Sequel::Migration", "Sequel.migration do"],
        "py" => &["class Migration(migrations.Migration)"],
        "ts" | "js" => &["implements MigrationInterface"],
        "cs" => &["(MigrationBuilder migrationBuilder)"],
        "php" => &["extends Migration", "extends AbstractMigration"],
        "ex" | "exs" => &["use Ecto.Migration"],
        _ => &[],
    };
    marks.iter().any(|mark| text.contains(mark))
}

/// Whether a text is a changelog of Liquibase.
fn holds_changelog(text: &str) -> bool {
    text.contains("changeSet") || text.contains("databaseChangeLog")
}

/// Whether the name of a file begins with a version or a date, or is that of a versioned class.
fn is_dated(name: &str) -> bool {
    let name = name.strip_prefix("version").unwrap_or_else(|| name.trim_start_matches(['v', 'm', 'r']));
    name.starts_with(|first: char| first.is_ascii_digit()) || name.contains("migration") || name.starts_with("__")
}

fn is_snapshot(path: &str) -> bool {
    let name = basename(path);
    matches!(name.as_str(), "schema.rb" | "structure.sql" | "schema.sql" | "schema.prisma")
        || name.ends_with("modelsnapshot.cs")
        || name.ends_with(".designer.cs")
}

/// Whether a file is the way back of a migration, which a deploy does not run.
fn is_down(path: &str) -> bool {
    static UNDO: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"^u\d[\w.]*__.*\.sql$").ok());
    let name = basename(path);
    name == "down.sql"
        || [".down.sql", ".down.json", ".down.js", ".down.ts"].iter().any(|end| name.ends_with(end))
        || name.ends_with("_down.sql")
        || UNDO.as_ref().is_some_and(|undo| undo.is_match(&name))
}

/// Whether a migration is applied again whenever it changes (Flyway's `R__`), or only ever appended to.
fn is_repeatable(path: &str) -> bool {
    let name = basename(path);
    name.starts_with("r__") || is_changelog(path)
}

fn is_changelog(path: &str) -> bool {
    matches!(extension(path).as_str(), "xml" | "yaml" | "yml" | "json")
}

fn text(file: &FileChange) -> &str {
    file.head_text.as_deref().or(file.base_text.as_deref()).unwrap_or_default()
}

pub(super) fn look_at<'a>(file: &'a FileChange, all: &Surroundings<'_>, findings: &mut Findings<'a>) {
    let first = source::first_changed(file);
    if is_snapshot(&file.path) {
        snapshot(file, all, findings);
        return;
    }
    match file.status {
        FileStatus::Deleted => findings.add(&rules::DELETED, first, &file.path),
        _ if is_down(&file.path) => findings.add(&rules::DOWN_ONLY, first, &file.path),
        FileStatus::Modified | FileStatus::Renamed if is_reworded(file) => {
            findings.add(&rules::REWORDED, first, &file.path)
        }
        FileStatus::Renamed => findings.add(&rules::EDITED, first, &file.path),
        FileStatus::Modified if !is_repeatable(&file.path) => findings.add(&rules::EDITED, first, &file.path),
        FileStatus::Modified
            if is_changelog(&file.path) && source::removed(file).any(|(_, line)| !line.trim().is_empty()) =>
        {
            findings.add(&rules::EDITED, first, &file.path);
        }
        FileStatus::Added | FileStatus::Modified => applied(file, all, findings),
    }
}

fn applied<'a>(file: &'a FileChange, all: &Surroundings<'_>, findings: &mut Findings<'a>) {
    let Some(operations) = operations(file) else {
        findings.add(&rules::UNCLEAR, 1, &basename(&file.path));
        return;
    };
    if operations.is_empty() {
        findings.add(&rules::UNCLEAR, 1, "nothing that changes a schema was found");
    }
    for operation in operations {
        findings.add(all.soften(&operation), operation.line, &operation.name);
    }
}

/// What a migration does; `None` without a text.
fn operations(file: &FileChange) -> Option<Vec<Operation>> {
    let head = file.head_text.as_deref()?;
    match extension(&file.path).as_str() {
        "sql" | "cql" | "ddl" | "hql" => Some(statement::operations(&up_part(head), 1)),
        "py" | "rb" | "js" | "ts" | "mjs" | "cjs" | "cs" | "php" | "exs" | "ex" => {
            Some(script::operations(head, &extension(&file.path)))
        }
        "xml" | "yaml" | "yml" | "json" if holds_changelog(head) => Some(markup::operations(file)),
        _ => Some(foreign::operations(&file.path, head)),
    }
}

/// The text with the way back of goose, dbmate and Liquibase left blank.
fn up_part(sql: &str) -> String {
    let mut down = false;
    let mut up = String::with_capacity(sql.len());
    for line in sql.split_inclusive('\n') {
        let marker = line.trim().to_ascii_lowercase();
        if marker.starts_with("--") {
            let marker: String = marker.chars().filter(|character| !character.is_whitespace()).collect();
            match marker.as_str() {
                "--+goosedown" | "--+migratedown" | "--migrate:down" | "--@down" => down = true,
                "--+gooseup" | "--+migrateup" | "--migrate:up" | "--@up" => down = false,
                _ => {}
            }
        }
        up.push_str(if down { "\n" } else { line });
    }
    up
}

/// Whether only comments and white space differ, of a migration whose text no tool checks.
fn is_reworded(file: &FileChange) -> bool {
    if extension(&file.path) == "sql" || is_changelog(&file.path) || file.status == FileStatus::Renamed {
        return false;
    }
    let syntax = source::Syntax::of(&extension(&file.path));
    let bare = |text: &Option<String>| -> Vec<String> {
        let masked = source::mask(text.as_deref().unwrap_or_default(), syntax);
        masked.text.split_whitespace().map(str::to_owned).collect()
    };
    bare(&file.base_text) == bare(&file.head_text)
}

fn snapshot<'a>(file: &'a FileChange, all: &Surroundings<'_>, findings: &mut Findings<'a>) {
    let first = source::first_changed(file);
    let counts = |line: &str| {
        let line = line.trim();
        !(line.is_empty() || line.starts_with("--") || line.starts_with('#') || line.starts_with("//"))
    };
    let shrank = source::removed(file).find(|(_, line)| counts(line));
    let rule = match (all.files.is_empty(), file.status, shrank) {
        (false, _, _) => &rules::SNAPSHOT_FOLLOWS,
        (true, FileStatus::Deleted | FileStatus::Renamed, _) | (true, _, Some(_)) => &rules::SNAPSHOT_CHANGED,
        (true, FileStatus::Added | FileStatus::Modified, None) => &rules::SNAPSHOT_GREW,
    };
    findings.add(rule, shrank.map_or(first, |(line, _)| line), &basename(&file.path));
}
