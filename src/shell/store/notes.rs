//! Keeps how incidents stood when they changed.

use rusqlite::types::Type;
use rusqlite::{Connection, Error, params};

use crate::engine::Note;

/// Notes that are kept of one incident; of more, the newest.
pub(super) const MOST: usize = 200;

/// Appends notes.
pub(super) fn put(connection: &Connection, service: i64, notes: &[Note]) -> Result<(), Error> {
    let mut insert = connection
        .prepare_cached("INSERT INTO incident_note (service, incident, at_micros, body) VALUES (?1, ?2, ?3, ?4)")?;
    let mut forget = connection.prepare_cached(
        "DELETE FROM incident_note WHERE service = ?1 AND incident = ?2 AND number NOT IN
             (SELECT number FROM incident_note WHERE service = ?1 AND incident = ?2 ORDER BY number DESC LIMIT ?3)",
    )?;
    for note in notes {
        let body = serde_json::to_string(note).map_err(|error| Error::ToSqlConversionFailure(error.into()))?;
        let incident = note.incident.cast_signed();
        insert.execute(params![service, incident, note.at.micros(), body])?;
        forget.execute(params![service, incident, MOST as i64])?;
    }
    Ok(())
}

/// What was noted of an incident, oldest first.
pub(super) fn of(connection: &Connection, service: &str, incident: u64) -> Result<Vec<Note>, Error> {
    let mut statement = connection.prepare_cached(
        "SELECT body FROM incident_note
         WHERE service = (SELECT id FROM service WHERE name = ?1) AND incident = ?2 ORDER BY number",
    )?;
    statement
        .query_map(params![service, incident.cast_signed()], |row| {
            let body: String = row.get(0)?;
            serde_json::from_str(&body).map_err(|error| Error::FromSqlConversionFailure(0, Type::Text, error.into()))
        })?
        .collect()
}
