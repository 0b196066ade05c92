//! Carries over what was counted under other masking rules.
//!
//! Input: a service, today's version of the rules, and how a signature is named under them. Output: the rows of
//! today's version, as though the history had been counted under it.
//!
//! Of each former signature one example is known; all its counts follow that example. Where today's version was in
//! use before, what was counted then stays, and only the minutes since are carried over. Former rows are kept until
//! they are too old.

use std::collections::HashMap;

use rusqlite::{Connection, Error, OptionalExtension, params};

use super::rows::{self, Of};
use super::work;
use crate::detect::counts::{PackedMinute, SignatureIndex};
use crate::detect::{Catalog, Known};
use crate::ingest::Signature;
use crate::units::{Minute, SignatureId};

type Outcome<T> = Result<T, Error>;

/// Carries the last version's counts over, unless that is today's; returns how many signatures were.
pub(super) fn adopt(
    connection: &Connection,
    service: &str,
    rules: &str,
    sign: impl Fn(&Known) -> Signature,
) -> Outcome<usize> {
    let id = rows::service_id(connection, service)?;
    let former = former_rules(connection, id)?.filter(|former| former != rules);
    let mut n_carried = 0;
    if let Some(former) = former {
        let (former, today) = ((id, former.as_str()), (id, rules));
        let known = rows::known(connection, former)?;
        n_carried = known.len();
        let moved = carry_signatures(connection, today, &known, sign)?;
        carry_minutes(connection, former, today, &moved)?;
        carry_cursors(connection, former, today)?;
        let names: HashMap<SignatureId, SignatureId> =
            known.iter().zip(&moved).map(|(known, (_, id))| (known.id, *id)).collect();
        note_aliases(connection, former, today, &names)?;
        rename_in_incidents(connection, id, &names)?;
        work::forget(connection, id)?;
    }
    connection.execute("UPDATE service SET rules = ?2 WHERE id = ?1", params![id, rules])?;
    Ok(n_carried)
}

/// The version that was in use last; stores that did not note it tell by their newest minute.
fn former_rules(connection: &Connection, service: i64) -> Outcome<Option<String>> {
    let noted: Option<String> =
        connection.query_row("SELECT rules FROM service WHERE id = ?1", [service], |row| row.get(0))?;
    if noted.is_some() {
        return Ok(noted);
    }
    let newest = "SELECT rules FROM minute WHERE service = ?1 GROUP BY rules ORDER BY max(minute) DESC, rules LIMIT 1";
    connection.query_row(newest, [service], |row| row.get(0)).optional()
}

/// Names every signature anew; returns the new place and name of each.
fn carry_signatures(
    connection: &Connection,
    today: Of<'_>,
    former: &[Known],
    sign: impl Fn(&Known) -> Signature,
) -> Outcome<Vec<(u32, SignatureId)>> {
    let mut catalog = Catalog::default();
    for known in rows::known(connection, today)? {
        catalog.restore(known);
    }
    let mut moved = Vec::with_capacity(former.len());
    let mut changed: Vec<SignatureIndex> = Vec::new();
    for known in former {
        let Signature { id, template } = sign(known);
        let index = catalog.restore(Known { id, template, ..known.clone() });
        changed.push(index);
        moved.push((index.0, catalog.get(index).map_or(id, |known| known.id)));
    }
    changed.sort_unstable();
    changed.dedup();
    let rows: Vec<(SignatureIndex, Known)> =
        changed.into_iter().filter_map(|index| Some((index, catalog.get(index)?.clone()))).collect();
    rows::put_known(connection, today, &rows)?;
    Ok(moved)
}

/// Counts the minutes that today's version has not, or not wholly, under the new places.
fn carry_minutes(connection: &Connection, former: Of<'_>, today: Of<'_>, moved: &[(u32, SignatureId)]) -> Outcome<()> {
    let newest = "SELECT max(minute) FROM minute WHERE service = ?1 AND rules = ?2";
    let newest: Option<i32> = connection.query_row(newest, params![today.0, today.1], |row| row.get(0))?;
    let has = "SELECT count(*) > 0 FROM minute WHERE service = ?1 AND rules = ?2 AND minute = ?3";
    let mut has = connection.prepare(has)?;
    let place =
        |index: SignatureIndex| SignatureIndex(moved.get(index.0 as usize).map_or(index.0, |(place, _)| *place));
    let all = Minute::from_number(i32::MIN)..Minute::from_number(i32::MAX);
    for packed in rows::packed(connection, former, all)? {
        let number = packed.minute.number();
        // The last minute of today's version went on under the former one, which has all of it.
        let is_settled = newest.is_some_and(|newest| number < newest);
        if is_settled && has.query_row(params![today.0, today.1, number], |row| row.get(0))? {
            continue;
        }
        // A damaged minute is left behind: it counts as not observed.
        if let Ok(counted) = packed.under(place) {
            rows::put_minutes(connection, today, &[counted] as &[PackedMinute])?;
        }
    }
    Ok(())
}

fn carry_cursors(connection: &Connection, (service, former): Of<'_>, (_, today): Of<'_>) -> Outcome<()> {
    connection.execute("DELETE FROM cursor WHERE service = ?1 AND rules = ?2", params![service, today])?;
    connection.execute(
        "INSERT INTO cursor (service, rules, number, path, device, inode, fingerprint_bytes, fingerprint, position,
                             mid_event, ended, last_minute, lead)
         SELECT service, ?3, number, path, device, inode, fingerprint_bytes, fingerprint, position, mid_event, ended,
                last_minute, lead
         FROM cursor WHERE service = ?1 AND rules = ?2",
        params![service, former, today],
    )?;
    Ok(())
}

/// Notes what each former id is called today, those of still earlier versions included.
fn note_aliases(
    connection: &Connection,
    former: Of<'_>,
    (service, rules): Of<'_>,
    names: &HashMap<SignatureId, SignatureId>,
) -> Outcome<()> {
    let earlier = rows::aliases(connection, former)?;
    let through = earlier.iter().map(|(first, then)| (*first, names.get(then).copied().unwrap_or(*then)));
    let mut statement =
        connection.prepare("INSERT OR REPLACE INTO alias (service, rules, former, id) VALUES (?1, ?2, ?3, ?4)")?;
    for (before, id) in through.chain(names.iter().map(|(before, id)| (*before, *id))) {
        if before != id {
            statement.execute(params![service, rules, before.bytes(), id.bytes()])?;
        }
    }
    Ok(())
}

fn rename_in_incidents(
    connection: &Connection,
    service: i64,
    names: &HashMap<SignatureId, SignatureId>,
) -> Outcome<()> {
    let mut incidents = rows::incidents(connection, service)?;
    for incident in &mut incidents {
        let mut renamed: Vec<SignatureId> = Vec::new();
        for id in incident.signatures.iter().map(|id| names.get(id).copied().unwrap_or(*id)) {
            if !renamed.contains(&id) {
                renamed.push(id);
            }
        }
        incident.signatures = renamed;
    }
    rows::put_incidents(connection, service, &incidents)
}

#[cfg(test)]
mod tests;
