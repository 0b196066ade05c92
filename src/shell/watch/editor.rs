//! The person's own editor, on the terminal that was lent to it.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicI32, Ordering};

use rustix::process::{Pid, Signal, kill_process};

use crate::app::{Failure, FailureKind};
use crate::remedy::draft::edit::LARGEST;

/// What is used where neither `VISUAL` nor `EDITOR` says anything.
const USUAL: &str = "vi";

/// The editor, and which process it is while it runs. Ended when the last one who knows of it is gone.
#[derive(Clone, Debug, Default)]
pub(super) struct Editor {
    running: Arc<Running>,
}

#[derive(Debug, Default)]
struct Running(AtomicI32);

impl Running {
    fn end(&self) {
        if let Some(pid) = Pid::from_raw(self.0.swap(0, Ordering::SeqCst)) {
            // It may have ended by itself.
            let _ = kill_process(pid, Signal::TERM);
        }
    }
}

impl Editor {
    /// Lets the person edit a text; returns what they left, once the editor is closed.
    ///
    /// # Errors
    ///
    /// When there is no room for the text, the editor cannot be started, ends with a failure, or leaves
    /// what is no text.
    pub(super) fn edit(&self, text: &str) -> Result<String, Failure> {
        let name = ["VISUAL", "EDITOR"].into_iter().filter_map(|name| std::env::var(name).ok());
        let name = { name }.find(|value| !value.trim().is_empty()).unwrap_or_else(|| USUAL.to_owned());
        let mut file = tempfile::Builder::new().prefix("aftercare-").suffix(".diff").tempfile().map_err(no_room)?;
        file.write_all(text.as_bytes()).and_then(|()| file.flush()).map_err(no_room)?;
        let mut child = start(&name, file.path()).map_err(|error| unusable(&name, &error))?;
        self.running.0.store(i32::try_from(child.id()).unwrap_or(0), Ordering::SeqCst);
        let ended = child.wait();
        self.running.0.store(0, Ordering::SeqCst);
        let status = ended.map_err(|error| unusable(&name, &error))?;
        if !status.success() {
            let what = format!("the editor {name:?} ended with {status}, so nothing was edited");
            return Err(Failure::new(FailureKind::User, what, "Set VISUAL or EDITOR to the editor you use."));
        }
        read(file.path()).map_err(|error| unusable(&name, &error))
    }

    /// Ends the editor, because nobody waits for it any more.
    pub(super) fn end(&self) {
        self.running.end();
    }
}

/// Starts the editor as git does: through the shell, so that it may have arguments; on the terminal itself,
/// because standard input may be a log.
fn start(name: &str, path: &std::path::Path) -> io::Result<Child> {
    let terminal = OpenOptions::new().read(true).write(true).open("/dev/tty")?;
    let stdio = || terminal.try_clone().map(Stdio::from);
    let mut command = Command::new("sh");
    command.arg("-c").arg(format!("{name} \"$@\"")).arg(name).arg(path);
    command.stdin(stdio()?).stdout(stdio()?).stderr(stdio()?).spawn()
}

/// Reads what is there now: editors replace files as well as they write them.
fn read(path: &std::path::Path) -> io::Result<String> {
    let mut text = String::new();
    if fs::metadata(path)?.len() > LARGEST as u64 {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "it left more than can be reviewed"));
    }
    File::open(path)?.take(LARGEST as u64).read_to_string(&mut text)?;
    Ok(text)
}

fn no_room(error: io::Error) -> Failure {
    Failure::of(FailureKind::External, &error, "Check the rights and the room of the temporary folder.")
}

fn unusable(name: &str, error: &io::Error) -> Failure {
    let what = format!("the editor {name:?} cannot be used: {error}");
    Failure::new(FailureKind::User, what, "Set VISUAL or EDITOR to the editor you use.")
}
