//! Hands on what is typed, and pauses while the terminal is another program's.

use std::io;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use crossbeam_channel::Sender;
use crossterm::event::{self, Event};
use signal_hook::consts::SIGHUP;

use super::{Input, keys};
use crate::app::Msg;

/// How long one look at the terminal takes when nothing is typed; a pause begins within this time.
const LOOK: Duration = Duration::from_millis(100);

/// How the reader stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reader {
    /// It reads.
    Reads,
    /// It shall pause after its next look.
    ShallPause,
    /// It does not touch the terminal.
    Paused,
    /// It shall drop what was typed meanwhile, and read.
    ShallResume,
}

static READER: Mutex<Reader> = Mutex::new(Reader::Reads);
static CHANGED: Condvar = Condvar::new();

fn lock() -> MutexGuard<'static, Reader> {
    READER.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Starts to read.
pub(super) fn start(inputs: Sender<Input>) {
    *lock() = Reader::Reads;
    thread::spawn(move || listen(&inputs));
}

/// Whether the terminal is another program's.
pub(super) fn is_paused() -> bool {
    matches!(*lock(), Reader::ShallPause | Reader::Paused)
}

/// Stops reading. Returns once nothing is read any more, which the reader, at the latest, sees after one look.
pub(super) fn pause() {
    let mut reader = lock();
    *reader = Reader::ShallPause;
    // It may be waiting to hand a key on, and then does not read either.
    let waited = CHANGED.wait_timeout_while(reader, LOOK * 3, |reader| *reader == Reader::ShallPause);
    drop(waited);
}

/// Reads again; what was typed meanwhile is dropped.
pub(super) fn resume() {
    *lock() = Reader::ShallResume;
    CHANGED.notify_all();
}

/// Waits while the terminal is another program's.
fn wait_while_paused() {
    let mut reader = lock();
    loop {
        match *reader {
            Reader::Reads => return,
            Reader::ShallPause => {
                *reader = Reader::Paused;
                CHANGED.notify_all();
            }
            Reader::Paused => reader = CHANGED.wait(reader).unwrap_or_else(PoisonError::into_inner),
            Reader::ShallResume => {
                while event::poll(Duration::ZERO).is_ok_and(|is_there| is_there) && event::read().is_ok() {}
                *reader = Reader::Reads;
            }
        }
    }
}

/// Hands on what is typed, until the terminal is gone or nobody listens.
fn listen(inputs: &Sender<Input>) {
    loop {
        wait_while_paused();
        let event = match event::poll(LOOK) {
            Ok(false) => continue,
            Ok(true) => event::read(),
            Err(error) => Err(error),
        };
        let input = match event {
            Ok(Event::Key(key)) => keys::read(key).map(Msg::Key),
            Ok(Event::Paste(text)) => Some(Msg::Paste(text)),
            Ok(Event::Resize(columns, rows)) => Some(Msg::Resized(columns, rows)),
            Ok(Event::FocusGained | Event::FocusLost | Event::Mouse(_)) => None,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => None,
            Err(_) => {
                // Without a terminal nobody can watch: as if it had hung up.
                let _ = inputs.send(Input::Leave(SIGHUP));
                return;
            }
        };
        if input.is_some_and(|msg| inputs.send(Input::Msg(msg)).is_err()) {
            return;
        }
    }
}
