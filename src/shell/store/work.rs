//! Keeps what is known of work; see [`Kept`].

use rusqlite::{Connection, params};

use super::rows::{Of, Outcome};
use crate::detect::tasks::Kept;

pub(super) fn put(connection: &Connection, (service, rules): Of<'_>, work: &[Kept]) -> Outcome<()> {
    let mut put = connection
        .prepare_cached("INSERT OR REPLACE INTO work (service, rules, name, body) VALUES (?1, ?2, ?3, ?4)")?;
    let mut remove = connection.prepare_cached("DELETE FROM work WHERE service = ?1 AND rules = ?2 AND name = ?3")?;
    for Kept { name, body } in work {
        match body {
            Some(body) => put.execute(params![service, rules, name, body])?,
            None => remove.execute(params![service, rules, name])?,
        };
    }
    Ok(())
}

pub(super) fn all(connection: &Connection, (service, rules): Of<'_>) -> Outcome<Vec<Kept>> {
    let mut statement =
        connection.prepare_cached("SELECT name, body FROM work WHERE service = ?1 AND rules = ?2 ORDER BY name")?;
    let kept = |row: &rusqlite::Row<'_>| Ok(Kept { name: row.get(0)?, body: Some(row.get(1)?) });
    statement.query_map(params![service, rules], kept)?.collect()
}

/// Forgets the work of a service: it speaks of signatures by their places, which other rules change.
pub(super) fn forget(connection: &Connection, service: i64) -> Outcome<()> {
    connection.execute("DELETE FROM work WHERE service = ?1", [service]).map(drop)
}
