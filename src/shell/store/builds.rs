//! Keeps how builds ended, so that the last success is known and a flaky command is.

use rusqlite::params;

use super::{Store, StoreError, storage_error};
use crate::triage::build::Run;
use crate::units::Timestamp;

/// The most runs that are kept of one command in one repository.
const RUNS: i64 = 200;

/// A build that ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Build {
    /// The repository, by the path of its git folder.
    pub repository: String,
    /// The command, as a JSON list.
    pub command: String,
    /// How it ended, and with which files.
    pub run: Run,
}

impl Store {
    /// Adds a build, and forgets those of the same command that are too many: never its last success.
    ///
    /// # Errors
    ///
    /// As [`Store::commit`].
    pub fn add_build(&mut self, build: &Build) -> Result<(), StoreError> {
        self.write(|transaction| {
            let run = &build.run;
            transaction.execute(
                "INSERT INTO build (repository, command, head, tree, had_changes, passed, at_micros)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
                params![
                    build.repository,
                    build.command,
                    run.head,
                    run.tree,
                    run.had_changes,
                    run.passed,
                    run.at.micros()
                ],
            )?;
            transaction.execute(
                "DELETE FROM build WHERE repository = ?1 AND command = ?2
                 AND number <= (SELECT number FROM build WHERE repository = ?1 AND command = ?2
                                ORDER BY number DESC LIMIT 1 OFFSET ?3)
                 AND number <> (SELECT coalesce(max(number), 0) FROM build
                                WHERE repository = ?1 AND command = ?2 AND passed = 1)",
                params![build.repository, build.command, RUNS],
            )?;
            Ok(())
        })
    }

    /// The builds of a command in a repository, newest first.
    ///
    /// # Errors
    ///
    /// When the file is damaged or cannot be read.
    pub fn builds(&self, repository: &str, command: &str) -> Result<Vec<Build>, StoreError> {
        let read = || -> Result<Vec<Build>, rusqlite::Error> {
            let mut statement = self.connection.prepare_cached(
                "SELECT head, tree, had_changes, passed, at_micros FROM build
                 WHERE repository = ?1 AND command = ?2 ORDER BY number DESC",
            )?;
            let rows = statement.query_map([repository, command], |row| {
                let at = Timestamp::from_micros(row.get(4)?);
                let run =
                    Run { head: row.get(0)?, tree: row.get(1)?, had_changes: row.get(2)?, passed: row.get(3)?, at };
                Ok(Build { repository: repository.to_owned(), command: command.to_owned(), run })
            })?;
            rows.collect()
        };
        read().map_err(|error| storage_error(&self.path, error))
    }
}
