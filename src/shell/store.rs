//! Keeps what was counted over restarts: counts, signatures, read positions, deploys, incidents.
//!
//! Input: a [`Batch`] at a time. Output: what was kept, as [`Loaded`].
//!
//! One SQLite file (WAL, synchronous), one packed row per minute. Counts and read positions of a
//! batch are written in one transaction, so that after a kill at any moment each event is counted
//! exactly once. Counts made under other masking rules are never mixed with today's: they are kept, and what was
//! counted last under others is carried over by naming its signatures anew (`adopt`).
//!
//! Decides nothing: what to keep, and for how long, is told.

mod adopt;
mod batch;
mod builds;
mod lock;
mod migrate;
mod notes;
mod rows;
mod work;

use std::collections::HashMap;
use std::fs;
use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::time::Duration;

use directories::ProjectDirs;
use rusqlite::{Connection, ErrorCode, OptionalExtension, Transaction, TransactionBehavior};

use crate::app::failure::{Failure, FailureKind};
use crate::detect::counts::PackedMinute;
use crate::detect::groups::Decided;
use crate::detect::tasks::Kept;
use crate::detect::{Deploy, Incident, Known};
use crate::engine::Note;
use crate::ingest::Signature;
use crate::shell::source::Cursor;
use crate::units::{Minute, SignatureId};

pub use batch::Batch;
pub use builds::Build;
pub use lock::CountingLock;

/// How long a write waits for another process to finish its own.
const BUSY: Duration = Duration::from_secs(10);

/// Days that the cursor of an ended file outlives the counts it gave, so that a file which is still
/// there is not read again.
const CURSOR_DAYS: i32 = 30;

/// Why the store cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Neither the platform nor the environment names a place for state.
    #[error("there is no home directory to keep state in")]
    Homeless,
    /// The file, or the directory around it, cannot be made or opened.
    #[error("cannot open the store {}", .0.display())]
    Unreachable(PathBuf, #[source] io::Error),
    /// It was written by a newer aftercare.
    #[error("the store {} has schema {found}, and this aftercare knows schemas up to {known}", path.display())]
    Newer {
        /// The file.
        path: PathBuf,
        /// The schema of the file.
        found: i64,
        /// The newest schema known here.
        known: i64,
    },
    /// It is a database of another program.
    #[error("{} is a database, but not one of aftercare", .0.display())]
    Foreign(PathBuf),
    /// It is no database, or a damaged one.
    #[error("the store {} is damaged: {detail}", path.display())]
    Corrupt {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        detail: String,
    },
    /// Another process counts the events of this service.
    #[error("another aftercare{} already counts the service {service:?}", process.map(|id| format!(" (process {id})")).unwrap_or_default())]
    Locked {
        /// The service.
        service: String,
        /// The process that holds the lock, where known.
        process: Option<u32>,
    },
    /// SQLite failed.
    #[error("the store {} failed", path.display())]
    Sqlite {
        /// The file.
        path: PathBuf,
        /// What SQLite said.
        #[source]
        source: rusqlite::Error,
    },
}

impl StoreError {
    /// The error as the user is told, with what to do about it.
    #[must_use]
    pub fn failure(&self) -> Failure {
        let (kind, hint) = match self {
            Self::Homeless => (FailureKind::Config, "Name a directory with --state or AFTERCARE_STATE.".to_owned()),
            Self::Unreachable(path, _) => (
                FailureKind::Config,
                format!(
                    "Check that {} can be written, or name another directory with --state.",
                    path.parent().unwrap_or(path).display()
                ),
            ),
            Self::Newer { .. } => {
                (FailureKind::User, "Use the newer aftercare, or name another directory with --state.".to_owned())
            }
            Self::Foreign(_) => (FailureKind::Config, "Name another directory with --state.".to_owned()),
            Self::Corrupt { path, .. } => (
                FailureKind::External,
                format!(
                    "Nothing was changed. Move {} away to start anew (`aftercare baseline import` refills it from old \
                     logs), or try `sqlite3 {} .recover`.",
                    path.display(),
                    path.display()
                ),
            ),
            Self::Locked { .. } => (
                FailureKind::User,
                "Two would count every event twice. Stop the other one, or give this one its own --service or --state."
                    .to_owned(),
            ),
            Self::Sqlite { path, .. } => {
                (FailureKind::External, format!("Check the space left and the rights of {}.", path.display()))
            }
        };
        Failure::of(kind, self, hint)
    }
}

/// The directory for state: the one named, or the platform's (XDG state directory on Linux).
///
/// # Errors
///
/// [`StoreError::Homeless`] when none is named and the user has no home directory.
pub fn state_dir(explicit: Option<&Path>) -> Result<PathBuf, StoreError> {
    if let Some(directory) = explicit {
        return Ok(directory.to_owned());
    }
    let project = ProjectDirs::from("", "", "aftercare").ok_or(StoreError::Homeless)?;
    Ok(project.state_dir().unwrap_or_else(|| project.data_local_dir()).to_owned())
}

/// The name of the store's file in the state directory.
pub const FILE_NAME: &str = "aftercare.db";

/// What was kept of one service.
#[derive(Clone, Debug, Default)]
pub struct Loaded {
    /// Its signatures, in the order of their indices, without holes.
    pub known: Vec<Known>,
    /// Its minutes in the range asked for, ascending; a missing one was not observed.
    pub minutes: Vec<PackedMinute>,
    /// Its deploys, oldest first.
    pub deploys: Vec<Deploy>,
    /// Its incidents, oldest first.
    pub incidents: Vec<Incident>,
    /// What was decided about groups of signatures, in order.
    pub decided: Vec<Decided>,
    /// What is known of its work.
    pub work: Vec<Kept>,
    /// Where its streams stand, in the order of their numbers.
    pub cursors: Vec<Cursor>,
    /// Today's ids of signatures that other masking rules called otherwise.
    pub aliases: HashMap<SignatureId, SignatureId>,
}

/// One service of which something is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServiceSummary {
    /// Its name.
    pub name: String,
    /// How many signatures it has under today's masking rules.
    pub signatures: u64,
    /// Its first and last observed minute under today's masking rules.
    pub span: Option<(Minute, Minute)>,
}

/// The embedded store: one SQLite file, many readers, short writers.
#[derive(Debug)]
pub struct Store {
    connection: Connection,
    path: PathBuf,
    /// The version of the masking rules, and of how lines are read, whose counts are read and written.
    rules: String,
}

impl Store {
    /// Opens the store, and makes it, with the directories above it, when it is not there.
    ///
    /// On Unix a new directory is for its owner only (0700), and so is the file (0600): logs may
    /// hold personal data.
    ///
    /// # Errors
    ///
    /// When the file cannot be made or opened, is damaged, belongs to another program, or was
    /// written by a newer aftercare. A refused file is left as it is.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        prepare_file(path).map_err(|error| StoreError::Unreachable(path.to_owned(), error))?;
        // SQLite does not wait for its turn when a new file is switched to WAL, so openers queue here.
        let _turn = lock::opening_turn(path).map_err(|error| StoreError::Unreachable(path.to_owned(), error))?;
        let opened = Connection::open(path);
        Self::with(opened.map_err(|error| storage_error(path, error))?, path)
    }

    /// Opens a store that lives as long as this value.
    ///
    /// # Errors
    ///
    /// When SQLite has no memory.
    pub fn in_memory() -> Result<Self, StoreError> {
        let path = Path::new(":memory:");
        Self::with(Connection::open_in_memory().map_err(|error| storage_error(path, error))?, path)
    }

    fn with(mut connection: Connection, path: &Path) -> Result<Self, StoreError> {
        connection.busy_timeout(BUSY).map_err(|error| storage_error(path, error))?;
        migrate::prepare(&mut connection, path)?;
        Ok(Self { connection, path: path.to_owned(), rules: SignatureId::VERSION.to_owned() })
    }

    /// The same store, for counts made under this version of what leads from a line to its signature.
    #[must_use]
    pub fn under(self, rules: &str) -> Self {
        Self { rules: rules.to_owned(), ..self }
    }

    /// Carries over what was counted of a service under other masking rules, if that was so last.
    ///
    /// `sign` names a signature anew, from what was kept of it. Its counts, read positions, incidents and decisions
    /// follow; what was counted under today's rules before stays. Returns how many signatures were carried over.
    ///
    /// # Errors
    ///
    /// As [`Store::commit`].
    pub fn adopt(&mut self, service: &str, sign: impl Fn(&Known) -> Signature) -> Result<usize, StoreError> {
        let rules = self.rules.clone();
        self.write(|transaction| adopt::adopt(transaction, service, &rules, sign))
    }

    /// The file; `:memory:` for one in memory.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Takes the right to count events of the service, which only one process may have.
    ///
    /// Readers, and writers of deploys, need no such right. It ends with the returned value, and
    /// with the process.
    ///
    /// # Errors
    ///
    /// [`StoreError::Locked`] when another process has it.
    pub fn lock_counting(&self, service: &str) -> Result<CountingLock, StoreError> {
        lock::lock(&self.path, service)
    }

    /// Reads what was kept of the service, with the minutes of this range.
    ///
    /// A service never written to is empty.
    ///
    /// # Errors
    ///
    /// When the file is damaged or cannot be read.
    pub fn load(&mut self, service: &str, minutes: Range<Minute>) -> Result<Loaded, StoreError> {
        let path = self.path.clone();
        // One transaction, so that a commit by another process does not fall in between.
        let transaction = self.connection.transaction().map_err(|error| storage_error(&path, error))?;
        rows::load(&transaction, service, &self.rules, minutes).map_err(|error| storage_error(&path, error))
    }

    /// Writes the batch: all of it, or, on an error, nothing.
    ///
    /// # Errors
    ///
    /// When the disk is full, the file is damaged, or another process writes for ten seconds.
    pub fn commit(&mut self, service: &str, batch: &Batch) -> Result<(), StoreError> {
        let rules = self.rules.clone();
        self.write(|transaction| {
            let id = rows::service_id(transaction, service)?;
            let of = (id, rules.as_str());
            rows::put_known(transaction, of, &batch.known)?;
            rows::put_minutes(transaction, of, &batch.minutes)?;
            rows::put_cursors(transaction, of, &batch.cursors)?;
            rows::put_deploys(transaction, &batch.deploys)?;
            rows::put_incidents(transaction, id, &batch.incidents)?;
            notes::put(transaction, id, &batch.notes)?;
            rows::put_decided(transaction, id, &batch.decided)?;
            work::put(transaction, of, &batch.work)
        })
    }

    /// Adds one deploy, or adds to what is known of it (same service, time and version).
    ///
    /// # Errors
    ///
    /// As [`Store::commit`].
    pub fn add_deploy(&mut self, deploy: &Deploy) -> Result<(), StoreError> {
        self.write(|transaction| rows::put_deploys(transaction, std::slice::from_ref(deploy)))
    }

    /// The deploys of one service or of all, oldest first.
    ///
    /// # Errors
    ///
    /// When the file is damaged or cannot be read.
    pub fn deploys(&self, service: Option<&str>) -> Result<Vec<Deploy>, StoreError> {
        rows::deploys_by_time(&self.connection, service).map_err(|error| storage_error(&self.path, error))
    }

    /// The deploys of a service that were added or changed after this revision of the list, in the
    /// order in which that happened, each with its revision: the last one is what to ask with next.
    ///
    /// Revisions start at 1. Another process may have added them.
    ///
    /// # Errors
    ///
    /// When the file is damaged or cannot be read.
    pub fn deploys_since(&self, service: &str, revision: i64) -> Result<Vec<(i64, Deploy)>, StoreError> {
        rows::deploys(&self.connection, Some(service), revision).map_err(|error| storage_error(&self.path, error))
    }

    /// What was noted of an incident of a service, oldest first.
    ///
    /// # Errors
    ///
    /// When the file is damaged or cannot be read.
    pub fn notes(&self, service: &str, incident: u64) -> Result<Vec<Note>, StoreError> {
        notes::of(&self.connection, service, incident).map_err(|error| storage_error(&self.path, error))
    }

    /// A number that changes when another process wrote to the store; cheap enough to be asked
    /// several times a second.
    ///
    /// # Errors
    ///
    /// When the file cannot be read.
    pub fn data_version(&self) -> Result<i64, StoreError> {
        self.connection
            .pragma_query_value(None, "data_version", |row| row.get(0))
            .map_err(|error| storage_error(&self.path, error))
    }

    /// Removes minutes before this one, of all services and masking rules, and cursors of files that
    /// ended long before it. Returns how many minutes were removed.
    ///
    /// # Errors
    ///
    /// As [`Store::commit`].
    pub fn forget_before(&mut self, minute: Minute) -> Result<usize, StoreError> {
        self.write(|transaction| {
            let removed = transaction.execute("DELETE FROM minute WHERE minute < ?1", [minute.number()])?;
            let long_before = minute.plus(-CURSOR_DAYS * 24 * 60);
            transaction.execute("DELETE FROM cursor WHERE ended = 1 AND last_minute < ?1", [long_before.number()])?;
            Ok(removed)
        })
    }

    /// Removes everything counted of one service, its read positions included; deploys and
    /// incidents stay. Returns whether there was anything.
    ///
    /// # Errors
    ///
    /// As [`Store::commit`].
    pub fn forget_counts(&mut self, service: &str) -> Result<bool, StoreError> {
        self.write(|transaction| {
            let id: Option<i64> = transaction
                .query_row("SELECT id FROM service WHERE name = ?1", [service], |row| row.get(0))
                .optional()?;
            let Some(id) = id else { return Ok(false) };
            let mut removed = 0;
            for table in ["minute", "cursor", "signature", "work"] {
                removed += transaction.execute(&format!("DELETE FROM {table} WHERE service = ?1"), [id])?;
            }
            Ok(removed > 0)
        })
    }

    /// The services of which something is kept, by name.
    ///
    /// # Errors
    ///
    /// When the file is damaged or cannot be read.
    pub fn services(&self) -> Result<Vec<ServiceSummary>, StoreError> {
        rows::services(&self.connection, &self.rules).map_err(|error| storage_error(&self.path, error))
    }

    /// Checks the whole file; returns what is wrong with it, and nothing when it is sound.
    ///
    /// # Errors
    ///
    /// When the file cannot be read at all.
    pub fn check(&self) -> Result<Vec<String>, StoreError> {
        migrate::problems(&self.connection, "integrity_check", 100).map_err(|error| storage_error(&self.path, error))
    }

    fn write<T>(&mut self, work: impl FnOnce(&Transaction<'_>) -> Result<T, rusqlite::Error>) -> Result<T, StoreError> {
        let path = &self.path;
        // Immediate, so that the busy timeout applies to the start and nothing fails half-way.
        let transaction = self
            .connection
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .map_err(|error| storage_error(path, error))?;
        let done = work(&transaction).map_err(|error| storage_error(path, error))?;
        transaction.commit().map_err(|error| storage_error(path, error))?;
        Ok(done)
    }
}

/// Tells damage from other failures.
fn storage_error(path: &Path, error: rusqlite::Error) -> StoreError {
    let path = path.to_owned();
    let damaged = matches!(error.sqlite_error_code(), Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase));
    let unreadable = matches!(
        error,
        rusqlite::Error::FromSqlConversionFailure(..)
            | rusqlite::Error::IntegralValueOutOfRange(..)
            | rusqlite::Error::InvalidColumnType(..)
    );
    if damaged || unreadable {
        return StoreError::Corrupt { path, detail: error.to_string() };
    }
    StoreError::Sqlite { path, source: error }
}

/// Makes the directory and an empty file, both for their owner only, unless they are there.
fn prepare_file(path: &Path) -> io::Result<()> {
    let mut options = fs::OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
        options.mode(0o600);
        builder.mode(0o700);
    }
    if let Some(directory) = path.parent().filter(|directory| !directory.as_os_str().is_empty()) {
        builder.create(directory)?;
    }
    options.open(path).map(drop)
}

#[cfg(test)]
mod tests;
