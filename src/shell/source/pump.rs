//! Reads pipes, each in a thread of its own, because a read of a pipe waits.

use std::fs::File;
use std::io::{self, Read};
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;
use std::time::Duration;

use super::stream::CHUNK;

/// Chunks that may wait between the threads and whoever reads them; beyond, the writer waits.
const WAITING: usize = 4;

/// What a pipe gave.
#[derive(Debug)]
pub(super) enum Flow {
    Bytes(Vec<u8>),
    /// Its last writer closed it.
    Closed,
    Failed(io::Error),
}

/// The pipes being read.
pub(super) struct Pumps {
    sender: SyncSender<(usize, Flow)>,
    receiver: Receiver<(usize, Flow)>,
    /// What `wait` met, for the next `take`.
    met: Option<(usize, Flow)>,
}

impl Pumps {
    pub fn new() -> Self {
        let (sender, receiver) = sync_channel(WAITING);
        Self { sender, receiver, met: None }
    }

    /// Reads this reader to its end; what it gives comes under this number.
    ///
    /// The thread ends with the reader, or after the read in which it learns that nobody listens.
    pub fn read(&self, number: usize, mut reader: Box<dyn Read + Send>) {
        let sender = self.sender.clone();
        thread::spawn(move || pump(number, &mut *reader, &sender));
    }

    /// Opens a named pipe and reads it; again and again when writers may come back.
    pub fn open(&self, number: usize, path: PathBuf, again: bool) {
        let sender = self.sender.clone();
        thread::spawn(move || {
            loop {
                // Waits until the pipe has a writer.
                let alive = match File::open(&path) {
                    Ok(mut file) => pump(number, &mut file, &sender),
                    Err(error) => {
                        // When nobody listens, there is nobody to tell.
                        let _ = sender.send((number, Flow::Failed(error)));
                        false
                    }
                };
                if !alive || !again {
                    return;
                }
            }
        });
    }

    /// The next thing that came, without waiting.
    pub fn take(&mut self) -> Option<(usize, Flow)> {
        self.met.take().or_else(|| self.receiver.try_recv().ok())
    }

    /// Waits until something comes, but not longer than this.
    pub fn wait(&mut self, longest: Duration) {
        if self.met.is_none() {
            self.met = self.receiver.recv_timeout(longest).ok();
        }
    }
}

/// Returns whether somebody still listens.
fn pump(number: usize, reader: &mut dyn Read, sender: &SyncSender<(usize, Flow)>) -> bool {
    let mut buffer = vec![0; CHUNK];
    loop {
        let flow = match reader.read(&mut buffer) {
            Ok(0) => Flow::Closed,
            Ok(n_bytes) => Flow::Bytes(buffer.get(..n_bytes).unwrap_or_default().to_vec()),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => Flow::Failed(error),
        };
        let goes_on = matches!(flow, Flow::Bytes(_));
        let failed = matches!(flow, Flow::Failed(_));
        if sender.send((number, flow)).is_err() || failed {
            return false;
        }
        if !goes_on {
            return true;
        }
    }
}
