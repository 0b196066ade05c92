//! Turns values into rows and rows into values.

use std::collections::HashMap;
use std::ops::Range;
use std::path::PathBuf;

use rusqlite::types::Type;
use rusqlite::{Connection, Error, OptionalExtension, Row, params};

use super::{Loaded, ServiceSummary};
use crate::detect::counts::{Coverage, PackedMinute};
use crate::detect::groups::Decided;
use crate::detect::{Deploy, Incident, Known, Origin, Phase, SignatureIndex};
use crate::ingest::Level;
use crate::shell::source::Cursor;
use crate::units::{Minute, SignatureId, Timestamp};

pub(super) type Outcome<T> = Result<T, Error>;

/// A service, and the version of the masking rules under which it was counted.
pub(super) type Of<'r> = (i64, &'r str);

/// The number of a service, given on first use.
pub(super) fn service_id(connection: &Connection, name: &str) -> Outcome<i64> {
    connection.execute("INSERT INTO service (name) VALUES (?1) ON CONFLICT DO NOTHING", [name])?;
    connection.query_row("SELECT id FROM service WHERE name = ?1", [name], |row| row.get(0))
}

pub(super) fn put_known(
    connection: &Connection,
    (service, rules): Of<'_>,
    known: &[(SignatureIndex, Known)],
) -> Outcome<()> {
    let mut statement = connection.prepare_cached(
        "INSERT INTO signature (service, rules, position, id, template, level, example, first_micros, last_micros)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
         ON CONFLICT (service, rules, position) DO UPDATE SET
             id = excluded.id, template = excluded.template, level = excluded.level, example = excluded.example,
             first_micros = excluded.first_micros, last_micros = excluded.last_micros",
    )?;
    for (index, known) in known {
        statement.execute(params![
            service,
            rules,
            index.0,
            known.id.bytes(),
            known.template,
            known.level.map(level_number),
            known.example,
            known.first.micros(),
            known.last.micros(),
        ])?;
    }
    Ok(())
}

pub(super) fn put_minutes(connection: &Connection, (service, rules): Of<'_>, minutes: &[PackedMinute]) -> Outcome<()> {
    let mut statement = connection.prepare_cached(
        "INSERT OR REPLACE INTO minute (service, rules, minute, coverage, cells) VALUES (?1, ?2, ?3, ?4, ?5)",
    )?;
    for packed in minutes {
        let coverage = coverage_number(packed.coverage);
        statement.execute(params![service, rules, packed.minute.number(), coverage, packed.cells])?;
    }
    Ok(())
}

pub(super) fn put_cursors(connection: &Connection, (service, rules): Of<'_>, cursors: &[Cursor]) -> Outcome<()> {
    let mut statement = connection.prepare_cached(
        "INSERT OR REPLACE INTO cursor (service, rules, number, path, device, inode, fingerprint_bytes, fingerprint,
                                        position, mid_event, ended, last_minute, lead)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
    )?;
    for cursor in cursors {
        statement.execute(params![
            service,
            rules,
            cursor.number.cast_signed(),
            cursor.path.as_os_str().as_encoded_bytes(),
            cursor.device.cast_signed(),
            cursor.inode.cast_signed(),
            cursor.fingerprint_bytes,
            cursor.fingerprint,
            cursor.offset.cast_signed(),
            cursor.mid_event,
            cursor.ended,
            cursor.last_minute,
            cursor.lead.as_deref(),
        ])?;
    }
    Ok(())
}

/// Adds deploys; one that is known already gets a new place in the list only when more is known of it.
pub(super) fn put_deploys(connection: &Connection, deploys: &[Deploy]) -> Outcome<()> {
    let mut insert = connection.prepare_cached(
        "INSERT INTO deploy (service, at_micros, version, revision, previous, author, subject, origin)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
    )?;
    let mut remove =
        connection.prepare_cached("DELETE FROM deploy WHERE service = ?1 AND at_micros = ?2 AND version = ?3")?;
    for deploy in deploys {
        let before = find_deploy(connection, deploy)?;
        let merged = before.as_ref().map_or_else(|| deploy.clone(), |before| merge(before, deploy));
        if before.as_ref() == Some(&merged) {
            continue;
        }
        remove.execute(params![merged.service, merged.at.micros(), merged.version])?;
        insert.execute(params![
            merged.service,
            merged.at.micros(),
            merged.version,
            merged.revision,
            merged.previous,
            merged.author,
            merged.subject,
            origin_name(merged.origin),
        ])?;
    }
    Ok(())
}

fn find_deploy(connection: &Connection, like: &Deploy) -> Outcome<Option<Deploy>> {
    connection
        .prepare_cached(
            "SELECT revision_of_list, service, at_micros, version, revision, previous, author, subject, origin
             FROM deploy WHERE service = ?1 AND at_micros = ?2 AND version = ?3",
        )?
        .query_row(params![like.service, like.at.micros(), like.version], |row| deploy(row).map(|(_, deploy)| deploy))
        .optional()
}

/// What is newly known wins; what was known is never forgotten; who told first stays.
fn merge(before: &Deploy, now: &Deploy) -> Deploy {
    let either = |now: &Option<String>, before: &Option<String>| now.clone().or_else(|| before.clone());
    Deploy {
        revision: either(&now.revision, &before.revision),
        previous: either(&now.previous, &before.previous),
        author: either(&now.author, &before.author),
        subject: either(&now.subject, &before.subject),
        ..before.clone()
    }
}

pub(super) fn put_incidents(connection: &Connection, service: i64, incidents: &[Incident]) -> Outcome<()> {
    let mut statement = connection
        .prepare_cached("INSERT OR REPLACE INTO incident (service, id, phase, body) VALUES (?1, ?2, ?3, ?4)")?;
    for incident in incidents {
        let body = serde_json::to_string(incident).map_err(|error| Error::ToSqlConversionFailure(error.into()))?;
        statement.execute(params![service, incident.id.cast_signed(), phase_name(&incident.phase), body])?;
    }
    Ok(())
}

/// Appends decisions; one that is there already is never replaced.
pub(super) fn put_decided(connection: &Connection, service: i64, decided: &[Decided]) -> Outcome<()> {
    let mut statement = connection
        .prepare_cached("INSERT INTO group_decision (service, number, at_micros, body) VALUES (?1, ?2, ?3, ?4)")?;
    for Decided { number, at, decision } in decided {
        let body = serde_json::to_string(decision).map_err(|error| Error::ToSqlConversionFailure(error.into()))?;
        statement.execute(params![service, number.cast_signed(), at.micros(), body])?;
    }
    Ok(())
}

/// Today's ids of signatures that other rules called otherwise.
pub(super) fn aliases(connection: &Connection, (service, rules): Of<'_>) -> Outcome<HashMap<SignatureId, SignatureId>> {
    let mut statement = connection.prepare_cached("SELECT former, id FROM alias WHERE service = ?1 AND rules = ?2")?;
    let id = |bytes: [u8; 16]| SignatureId::from_bytes(bytes);
    statement.query_map(params![service, rules], |row| Ok((id(row.get(0)?), id(row.get(1)?))))?.collect()
}

fn decided(connection: &Connection, service: i64) -> Outcome<Vec<Decided>> {
    let mut statement = connection
        .prepare_cached("SELECT number, at_micros, body FROM group_decision WHERE service = ?1 ORDER BY number")?;
    statement
        .query_map([service], |row| {
            let body: String = row.get(2)?;
            let decision = serde_json::from_str(&body);
            Ok(Decided {
                number: row.get::<_, i64>(0)?.cast_unsigned(),
                at: Timestamp::from_micros(row.get(1)?),
                decision: decision.map_err(|error| Error::FromSqlConversionFailure(2, Type::Text, error.into()))?,
            })
        })?
        .collect()
}

pub(super) fn load(connection: &Connection, service: &str, rules: &str, minutes: Range<Minute>) -> Outcome<Loaded> {
    let deploys = deploys_by_time(connection, Some(service))?;
    let id: Option<i64> =
        connection.query_row("SELECT id FROM service WHERE name = ?1", [service], |row| row.get(0)).optional()?;
    let Some(id) = id else { return Ok(Loaded { deploys, ..Loaded::default() }) };
    let of = (id, rules);
    let aliases = aliases(connection, of)?;
    let mut decided = decided(connection, id)?;
    decided.iter_mut().for_each(|it| it.decision.translate(|id| aliases.get(&id).copied().unwrap_or(id)));
    Ok(Loaded {
        known: known(connection, of)?,
        minutes: packed(connection, of, minutes)?,
        deploys,
        incidents: incidents(connection, id)?,
        decided,
        work: super::work::all(connection, of)?,
        cursors: cursors(connection, of)?,
        aliases,
    })
}

pub(super) fn known(connection: &Connection, (service, rules): Of<'_>) -> Outcome<Vec<Known>> {
    let mut statement = connection.prepare_cached(
        "SELECT position, id, template, level, example, first_micros, last_micros
         FROM signature WHERE service = ?1 AND rules = ?2 ORDER BY position",
    )?;
    let mut rows = statement.query(params![service, rules])?;
    let mut all = Vec::new();
    while let Some(row) = rows.next()? {
        // A hole would shift every index behind it onto the wrong signature.
        if usize::try_from(row.get::<_, i64>(0)?).ok() != Some(all.len()) {
            return Err(unreadable(0, "a signature is missing from the list"));
        }
        all.push(Known {
            id: SignatureId::from_bytes(row.get(1)?),
            template: row.get(2)?,
            level: row.get::<_, Option<u8>>(3)?.map(level_of).transpose()?,
            example: row.get(4)?,
            first: Timestamp::from_micros(row.get(5)?),
            last: Timestamp::from_micros(row.get(6)?),
        });
    }
    Ok(all)
}

pub(super) fn packed(
    connection: &Connection,
    (service, rules): Of<'_>,
    minutes: Range<Minute>,
) -> Outcome<Vec<PackedMinute>> {
    let mut statement = connection.prepare_cached(
        "SELECT minute, coverage, cells FROM minute
         WHERE service = ?1 AND rules = ?2 AND minute >= ?3 AND minute < ?4 ORDER BY minute",
    )?;
    let range = params![service, rules, minutes.start.number(), minutes.end.number()];
    statement
        .query_map(range, |row| {
            Ok(PackedMinute {
                minute: Minute::from_number(row.get(0)?),
                coverage: coverage_of(row.get(1)?)?,
                cells: row.get(2)?,
            })
        })?
        .collect()
}

fn cursors(connection: &Connection, (service, rules): Of<'_>) -> Outcome<Vec<Cursor>> {
    let mut statement = connection.prepare_cached(
        "SELECT number, path, device, inode, fingerprint_bytes, fingerprint, position, mid_event, ended, last_minute,
                lead
         FROM cursor WHERE service = ?1 AND rules = ?2 ORDER BY number",
    )?;
    statement
        .query_map(params![service, rules], |row| {
            Ok(Cursor {
                number: row.get::<_, i64>(0)?.cast_unsigned(),
                path: path_of(row.get(1)?),
                device: row.get::<_, i64>(2)?.cast_unsigned(),
                inode: row.get::<_, i64>(3)?.cast_unsigned(),
                fingerprint_bytes: row.get(4)?,
                fingerprint: row.get(5)?,
                offset: row.get::<_, i64>(6)?.cast_unsigned(),
                mid_event: row.get(7)?,
                ended: row.get(8)?,
                last_minute: row.get(9)?,
                lead: row.get::<_, Option<Vec<u8>>>(10)?.map(Into::into),
            })
        })?
        .collect()
}

pub(super) fn incidents(connection: &Connection, service: i64) -> Outcome<Vec<Incident>> {
    let mut statement = connection.prepare_cached("SELECT body FROM incident WHERE service = ?1 ORDER BY id")?;
    statement
        .query_map([service], |row| {
            let body: String = row.get(0)?;
            serde_json::from_str(&body).map_err(|error| Error::FromSqlConversionFailure(0, Type::Text, error.into()))
        })?
        .collect()
}

/// Deploys beyond this place in the list, in the order of the list.
pub(super) fn deploys(connection: &Connection, service: Option<&str>, beyond: i64) -> Outcome<Vec<(i64, Deploy)>> {
    let mut statement = connection.prepare_cached(
        "SELECT revision_of_list, service, at_micros, version, revision, previous, author, subject, origin FROM deploy
         WHERE (?1 IS NULL OR service = ?1) AND revision_of_list > ?2 ORDER BY revision_of_list",
    )?;
    statement.query_map(params![service, beyond], deploy)?.collect()
}

/// All deploys of one service or of all, oldest first.
pub(super) fn deploys_by_time(connection: &Connection, service: Option<&str>) -> Outcome<Vec<Deploy>> {
    let mut found: Vec<Deploy> = deploys(connection, service, 0)?.into_iter().map(|(_, deploy)| deploy).collect();
    found.sort_by_key(|deploy| deploy.at);
    Ok(found)
}

fn deploy(row: &Row<'_>) -> Outcome<(i64, Deploy)> {
    let deploy = Deploy {
        service: row.get(1)?,
        at: Timestamp::from_micros(row.get(2)?),
        version: row.get(3)?,
        revision: row.get(4)?,
        previous: row.get(5)?,
        author: row.get(6)?,
        subject: row.get(7)?,
        origin: origin_of(&row.get::<_, String>(8)?)?,
    };
    Ok((row.get(0)?, deploy))
}

pub(super) fn services(connection: &Connection, rules: &str) -> Outcome<Vec<ServiceSummary>> {
    let mut statement = connection.prepare_cached(
        "SELECT name,
                (SELECT count(*) FROM signature WHERE service = service.id AND rules = ?1),
                (SELECT min(minute) FROM minute WHERE service = service.id AND rules = ?1),
                (SELECT max(minute) FROM minute WHERE service = service.id AND rules = ?1)
         FROM service
         UNION SELECT service, 0, NULL, NULL FROM deploy WHERE service NOT IN (SELECT name FROM service)
         ORDER BY 1",
    )?;
    statement
        .query_map([rules], |row| {
            let first: Option<i32> = row.get(2)?;
            let last: Option<i32> = row.get(3)?;
            Ok(ServiceSummary {
                name: row.get(0)?,
                signatures: row.get::<_, i64>(1)?.cast_unsigned(),
                span: first.zip(last).map(|(first, last)| (Minute::from_number(first), Minute::from_number(last))),
            })
        })?
        .collect()
}

fn level_number(level: Level) -> u8 {
    match level {
        Level::Trace => 1,
        Level::Debug => 5,
        Level::Info => 9,
        Level::Warn => 13,
        Level::Error => 17,
        Level::Fatal => 21,
    }
}

/// The numbers are those of OpenTelemetry's severities.
fn level_of(number: u8) -> Outcome<Level> {
    [Level::Trace, Level::Debug, Level::Info, Level::Warn, Level::Error, Level::Fatal]
        .into_iter()
        .find(|level| level_number(*level) == number)
        .ok_or_else(|| unreadable(3, "a level has no name"))
}

fn coverage_number(coverage: Coverage) -> u8 {
    match coverage {
        Coverage::Unknown => 0,
        Coverage::Partial => 1,
        Coverage::Complete => 2,
        Coverage::Told => 3,
    }
}

fn coverage_of(number: u8) -> Outcome<Coverage> {
    [Coverage::Unknown, Coverage::Partial, Coverage::Complete, Coverage::Told]
        .into_iter()
        .find(|coverage| coverage_number(*coverage) == number)
        .ok_or_else(|| unreadable(1, "a coverage has no name"))
}

fn origin_name(origin: Origin) -> &'static str {
    match origin {
        Origin::Mark => "mark",
        Origin::Log => "log",
        Origin::Repository => "repository",
        Origin::Flag => "flag",
        Origin::Remedy => "remedy",
    }
}

fn origin_of(name: &str) -> Outcome<Origin> {
    [Origin::Mark, Origin::Log, Origin::Repository, Origin::Flag, Origin::Remedy]
        .into_iter()
        .find(|origin| origin_name(*origin) == name)
        .ok_or_else(|| unreadable(8, "an origin has no name"))
}

fn phase_name(phase: &Phase) -> &'static str {
    match phase {
        Phase::Open => "open",
        Phase::Recovering { .. } => "recovering",
        Phase::Closed { .. } => "closed",
    }
}

fn unreadable(column: usize, what: &'static str) -> Error {
    Error::FromSqlConversionFailure(column, Type::Null, what.into())
}

fn path_of(bytes: Vec<u8>) -> PathBuf {
    #[cfg(unix)]
    {
        use std::os::unix::ffi::OsStringExt;
        PathBuf::from(std::ffi::OsString::from_vec(bytes))
    }
    #[cfg(not(unix))]
    {
        PathBuf::from(String::from_utf8_lossy(&bytes).into_owned())
    }
}
