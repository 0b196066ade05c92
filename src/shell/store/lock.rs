//! Lets one process at a time count the events of a service.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, Write};
use std::path::Path;

use sha2::{Digest, Sha256};

use super::StoreError;

/// The right to count the events of one service; given back when dropped, or by the system when the
/// process dies.
#[derive(Debug)]
pub struct CountingLock {
    /// `None` for a store in memory, which no other process can reach.
    _file: Option<File>,
}

/// Takes the lock file of the service, beside the store.
pub(super) fn lock(store: &Path, service: &str) -> Result<CountingLock, StoreError> {
    if store == Path::new(":memory:") {
        return Ok(CountingLock { _file: None });
    }
    let path = store.with_file_name(file_name(service));
    let unreachable = |error| StoreError::Unreachable(path.clone(), error);
    let mut file = open(&path).map_err(unreachable)?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            let mut text = String::new();
            // Who holds it is only a help; the lock itself is what counts.
            let process = file.read_to_string(&mut text).ok().and_then(|_| text.trim().parse().ok());
            return Err(StoreError::Locked { service: service.to_owned(), process });
        }
        Err(TryLockError::Error(error)) => return Err(unreachable(error)),
    }
    file.set_len(0)
        .and_then(|()| file.rewind())
        .and_then(|()| writeln!(file, "{}", std::process::id()))
        .map_err(unreachable)?;
    Ok(CountingLock { _file: Some(file) })
}

/// Waits until no other process is opening the store; the turn ends when the file is dropped.
pub(super) fn opening_turn(store: &Path) -> io::Result<File> {
    let file = open(&store.with_file_name("opening.lock"))?;
    file.lock()?;
    Ok(file)
}

fn open(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    options.open(path)
}

/// A service may be called anything, a file may not.
fn file_name(service: &str) -> String {
    let digest = Sha256::digest(service.as_bytes());
    let hex: String = digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
    format!("counting-{hex}.lock")
}
