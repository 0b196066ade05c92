//! Brings the file to the newest schema, and refuses what is not ours or not sound.
//!
//! The schema is a list of steps. A file says how many of them it has seen (`user_version`); the
//! rest are applied in order, each in one transaction together with the new number. A step that was
//! released is never changed: a change is a new step at the end.

use std::path::Path;

use rusqlite::{Connection, TransactionBehavior};

use super::{StoreError, storage_error};

/// Marks the file as ours (`application_id`): "aftc".
const APPLICATION: i64 = 0x6166_7463;

/// Every step since the first release.
const STEPS: &[&str] = &[
    "
    CREATE TABLE service (
        id INTEGER PRIMARY KEY,
        name TEXT NOT NULL UNIQUE
    );
    CREATE TABLE signature (
        service INTEGER NOT NULL REFERENCES service (id),
        rules TEXT NOT NULL,
        position INTEGER NOT NULL,
        id BLOB NOT NULL,
        template TEXT NOT NULL,
        level INTEGER,
        example TEXT NOT NULL,
        first_micros INTEGER NOT NULL,
        last_micros INTEGER NOT NULL,
        PRIMARY KEY (service, rules, position),
        UNIQUE (service, rules, id)
    );
    CREATE TABLE minute (
        service INTEGER NOT NULL REFERENCES service (id),
        rules TEXT NOT NULL,
        minute INTEGER NOT NULL,
        coverage INTEGER NOT NULL,
        cells BLOB NOT NULL,
        PRIMARY KEY (service, rules, minute)
    ) WITHOUT ROWID;
    CREATE TABLE cursor (
        service INTEGER NOT NULL REFERENCES service (id),
        rules TEXT NOT NULL,
        number INTEGER NOT NULL,
        path BLOB NOT NULL,
        device INTEGER NOT NULL,
        inode INTEGER NOT NULL,
        fingerprint_bytes INTEGER NOT NULL,
        fingerprint BLOB NOT NULL,
        position INTEGER NOT NULL,
        mid_event INTEGER NOT NULL,
        ended INTEGER NOT NULL,
        last_minute INTEGER,
        PRIMARY KEY (service, rules, number)
    );
    CREATE TABLE deploy (
        revision_of_list INTEGER PRIMARY KEY AUTOINCREMENT,
        service TEXT NOT NULL,
        at_micros INTEGER NOT NULL,
        version TEXT NOT NULL,
        revision TEXT,
        previous TEXT,
        author TEXT,
        subject TEXT,
        origin TEXT NOT NULL,
        UNIQUE (service, at_micros, version)
    );
    CREATE TABLE incident (
        service INTEGER NOT NULL REFERENCES service (id),
        id INTEGER NOT NULL,
        phase TEXT NOT NULL,
        body TEXT NOT NULL,
        PRIMARY KEY (service, id)
    );
",
    "
    CREATE TABLE group_decision (
        service INTEGER NOT NULL REFERENCES service (id),
        number INTEGER NOT NULL,
        at_micros INTEGER NOT NULL,
        body TEXT NOT NULL,
        PRIMARY KEY (service, number)
    ) WITHOUT ROWID;
    ALTER TABLE service ADD COLUMN rules TEXT;
    CREATE TABLE alias (
        service INTEGER NOT NULL REFERENCES service (id),
        rules TEXT NOT NULL,
        former BLOB NOT NULL,
        id BLOB NOT NULL,
        PRIMARY KEY (service, rules, former)
    ) WITHOUT ROWID;
",
    "
    CREATE TABLE build (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        repository TEXT NOT NULL,
        command TEXT NOT NULL,
        head TEXT NOT NULL,
        tree TEXT NOT NULL,
        had_changes INTEGER NOT NULL,
        passed INTEGER NOT NULL,
        at_micros INTEGER NOT NULL
    );
    CREATE INDEX build_of_command ON build (repository, command, number);
",
    "
    CREATE TABLE incident_note (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        service INTEGER NOT NULL REFERENCES service (id),
        incident INTEGER NOT NULL,
        at_micros INTEGER NOT NULL,
        body TEXT NOT NULL
    );
    CREATE INDEX incident_note_of ON incident_note (service, incident, number);
",
    "
    CREATE TABLE work (
        service INTEGER NOT NULL REFERENCES service (id),
        rules TEXT NOT NULL,
        name TEXT NOT NULL,
        body TEXT NOT NULL,
        PRIMARY KEY (service, rules, name)
    ) WITHOUT ROWID;
",
    "
    ALTER TABLE cursor ADD COLUMN lead BLOB;
",
];

/// Checks the file, sets the journal up, and applies the steps it has not seen.
pub(super) fn prepare(connection: &mut Connection, path: &Path) -> Result<(), StoreError> {
    refuse(connection, path, STEPS.len())?;
    let told = |error| storage_error(path, error);
    connection.pragma_update(None, "journal_mode", "WAL").map_err(told)?;
    connection.pragma_update(None, "synchronous", "FULL").map_err(told)?;
    connection.pragma_update(None, "foreign_keys", true).map_err(told)?;
    apply(connection, STEPS).map_err(told)
}

/// Refuses, without writing, a file that is damaged, foreign or from the future.
fn refuse(connection: &Connection, path: &Path, known: usize) -> Result<(), StoreError> {
    let number = |name: &str| connection.pragma_query_value(None, name, |row| row.get::<_, i64>(0));
    let told = |error| storage_error(path, error);
    let application = number("application_id").map_err(told)?;
    let found = number("user_version").map_err(told)?;
    let is_empty = connection
        .query_row("SELECT count(*) = 0 FROM sqlite_schema", [], |row| row.get::<_, bool>(0))
        .map_err(told)?;
    if application != APPLICATION && !(application == 0 && is_empty) {
        return Err(StoreError::Foreign(path.to_owned()));
    }
    let known = i64::try_from(known).unwrap_or(i64::MAX);
    if found > known {
        return Err(StoreError::Newer { path: path.to_owned(), found, known });
    }
    match problems(connection, "quick_check", 1).map_err(told)?.pop() {
        Some(detail) => Err(StoreError::Corrupt { path: path.to_owned(), detail }),
        None => Ok(()),
    }
}

/// Runs one of SQLite's own checks; returns at most so many problems.
pub(super) fn problems(connection: &Connection, check: &str, limit: u32) -> Result<Vec<String>, rusqlite::Error> {
    let mut statement = connection.prepare(&format!("PRAGMA {check}({limit})"))?;
    let mut found = statement.query_map([], |row| row.get::<_, String>(0))?.collect::<Result<Vec<_>, _>>()?;
    found.retain(|line| line != "ok");
    Ok(found)
}

/// Applies the steps that the file has not seen. Another process may do the same at the same time.
fn apply(connection: &mut Connection, steps: &[&str]) -> Result<(), rusqlite::Error> {
    loop {
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let seen: i64 = transaction.pragma_query_value(None, "user_version", |row| row.get(0))?;
        let Some(step) = usize::try_from(seen).ok().and_then(|seen| steps.get(seen)) else {
            return Ok(());
        };
        transaction.execute_batch(step)?;
        transaction.pragma_update(None, "application_id", APPLICATION)?;
        transaction.pragma_update(None, "user_version", seen + 1)?;
        transaction.commit()?;
    }
}

#[cfg(test)]
mod tests;
