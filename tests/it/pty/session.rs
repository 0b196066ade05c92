//! Drives a program in a pseudo-terminal, and knows what a terminal would show of it.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::time::{Duration, Instant};

use portable_pty::{CommandBuilder, ExitStatus, MasterPty, PtySize, native_pty_system};
use std::num::NonZeroU16;
use vt100::{Parser, Screen};

/// How long a whole session may take; a test that waits longer has failed.
const PATIENCE: Duration = Duration::from_secs(90);

/// What the threads of a session tell it.
enum News {
    Output(Vec<u8>),
    Exited(ExitStatus),
}

/// A program in a terminal, with someone before it.
pub struct Session {
    master: Option<Box<dyn MasterPty + Send>>,
    keys: Option<Box<dyn Write + Send>>,
    /// The program's side; kept open so that the terminal's settings outlive the program.
    slave: Option<File>,
    news: Receiver<News>,
    hung_up: Arc<AtomicBool>,
    pid: u32,
    /// How it ended, and the terminal's settings then.
    exited: Option<(ExitStatus, String)>,
    terminal: Parser,
    bytes: Vec<u8>,
    settings: String,
    deadline: Instant,
}

impl Session {
    /// Starts a program with these arguments and variables, and no others, in a terminal of this size.
    pub fn start(argv: &[OsString], environment: &[(&str, &Path)], rows: u16, columns: u16) -> Self {
        let pair = native_pty_system().openpty(size(rows, columns)).unwrap();
        let mut command = CommandBuilder::from_argv(argv.to_vec());
        command.env_clear();
        command.env("PATH", std::env::var_os("PATH").unwrap());
        command.env("TERM", "xterm-256color");
        command.env("LANG", "C.UTF-8");
        command.env("PS1", "ready> ");
        environment.iter().for_each(|(name, value)| command.env(name, value));
        let slave = OpenOptions::new().read(true).write(true).open(pair.master.tty_name().unwrap()).unwrap();
        let settings = settings(&*pair.master);
        let mut child = pair.slave.spawn_command(command).unwrap();
        drop(pair.slave);

        let (tell, news) = mpsc::channel();
        let pid = child.process_id().unwrap();
        let hung_up = Arc::new(AtomicBool::new(false));
        read(pair.master.try_clone_reader().unwrap(), tell.clone(), Arc::clone(&hung_up));
        std::thread::spawn(move || {
            let exited = child.wait().unwrap();
            // The session may be over.
            let _ = tell.send(News::Exited(exited));
        });
        Self {
            keys: Some(pair.master.take_writer().unwrap()),
            master: Some(pair.master),
            slave: Some(slave),
            news,
            hung_up,
            pid,
            exited: None,
            terminal: Parser::new(cells(rows), cells(columns), 200),
            bytes: Vec::new(),
            settings,
            deadline: Instant::now() + PATIENCE,
        }
    }

    /// Types keys; what they mean is the program's business.
    pub fn send(&mut self, keys: &str) {
        let writer = self.keys.as_mut().unwrap();
        writer.write_all(keys.as_bytes()).unwrap();
        writer.flush().unwrap();
    }

    /// Reads output until the screen is as described; fails when it does not become so.
    #[track_caller]
    pub fn wait_for(&mut self, what: &str, mut is_so: impl FnMut(&Screen) -> bool) {
        while !is_so(self.terminal.screen()) {
            match self.news.recv_timeout(self.left()) {
                Ok(news) => self.take(news),
                Err(RecvTimeoutError::Disconnected) => {
                    panic!("ended before {what}: {:?}\n{}", self.exited, self.picture())
                }
                Err(RecvTimeoutError::Timeout) => panic!("no {what} in time; the screen is\n{}", self.picture()),
            }
        }
    }

    /// Reads output until the screen shows this text.
    #[track_caller]
    pub fn wait_for_text(&mut self, text: &str) {
        self.wait_for(&format!("{text:?}"), |screen| screen.contents().contains(text));
    }

    /// Waits until the program has ended, reads all that it wrote, and fails unless echo, line editing and
    /// signals of the terminal are as before the program.
    #[track_caller]
    pub fn wait_for_exit(&mut self) -> ExitStatus {
        loop {
            match self.news.recv_timeout(self.left()) {
                Ok(news) => self.take(news),
                Err(RecvTimeoutError::Disconnected) => break,
                Err(RecvTimeoutError::Timeout) => panic!("it does not end; the screen is\n{}", self.picture()),
            }
        }
        let (status, settings) = self.exited.clone().unwrap();
        assert_eq!(settings, self.settings, "the terminal's settings are not as they were");
        status
    }

    /// Makes the terminal this large.
    pub fn resize(&mut self, rows: u16, columns: u16) {
        self.terminal.screen_mut().set_size(cells(rows), cells(columns));
        self.master.as_ref().unwrap().resize(size(rows, columns)).unwrap();
    }

    /// Sends the program a signal, by its name without `SIG`.
    pub fn signal(&self, name: &str) {
        let sent = Command::new("kill").args(["-s", name, &self.pid.to_string()]).status().unwrap();
        assert!(sent.success(), "cannot send {name}");
    }

    /// Closes the terminal as when its window is closed or the line is cut. Returns how the program ended.
    #[track_caller]
    pub fn hang_up(mut self) -> ExitStatus {
        self.hung_up.store(true, Ordering::SeqCst);
        self.keys = None;
        self.master = None;
        // One more byte of output wakes the reader, which then lets go of the terminal too.
        let _ = self.slave.take().unwrap().write_all(b"\0");
        loop {
            match self.news.recv_timeout(self.left()) {
                Ok(News::Exited(status)) => return status,
                Ok(News::Output(_)) => {}
                Err(_) => panic!("it goes on without a terminal"),
            }
        }
    }

    /// What the terminal shows.
    pub fn screen(&self) -> &Screen {
        self.terminal.screen()
    }

    /// All that was written to the terminal so far.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Whether the terminal hands on keys one by one, as a full-screen program needs it.
    pub fn is_raw(&self) -> bool {
        self.settings != settings(&**self.master.as_ref().unwrap())
    }

    /// Fails unless the terminal is as a shell wants it: main screen, cursor shown, every mode off.
    #[track_caller]
    pub fn assert_clean(&self) {
        let screen = self.screen();
        assert!(!screen.alternate_screen(), "it is still the alternate screen");
        assert!(!screen.hide_cursor(), "the cursor is still hidden");
        let left = modes_left(&self.bytes);
        assert!(left.is_empty(), "modes are left as {left:?}");
    }

    fn take(&mut self, news: News) {
        match news {
            News::Output(bytes) => {
                self.terminal.process(&bytes);
                self.bytes.extend(bytes);
            }
            News::Exited(status) => {
                self.exited = Some((status, settings(&**self.master.as_ref().unwrap())));
                // With the last writer gone the reader comes to an end, once it has handed out everything.
                self.slave = None;
            }
        }
    }

    fn left(&self) -> Duration {
        self.deadline.saturating_duration_since(Instant::now())
    }

    fn picture(&self) -> String {
        self.screen().contents()
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        if self.exited.is_none() {
            // It may be ending by itself; nobody waits for it.
            let _ = Command::new("kill").args(["-s", "KILL", &self.pid.to_string()]).output();
        }
    }
}

fn read(mut reader: Box<dyn Read + Send>, tell: Sender<News>, hung_up: Arc<AtomicBool>) {
    std::thread::spawn(move || {
        let mut buffer = vec![0; 65_536];
        while let Ok(n @ 1..) = reader.read(&mut buffer) {
            let told = tell.send(News::Output(buffer[..n].to_vec()));
            if told.is_err() || hung_up.load(Ordering::SeqCst) {
                break;
            }
        }
    });
}

fn size(rows: u16, columns: u16) -> PtySize {
    PtySize { rows, cols: columns, pixel_width: 0, pixel_height: 0 }
}

fn cells(n: u16) -> NonZeroU16 {
    NonZeroU16::new(n).unwrap()
}

/// The terminal's settings, in a form that can be compared.
fn settings(master: &dyn MasterPty) -> String {
    let termios = master.get_termios().unwrap();
    let flags = (termios.input_flags, termios.output_flags, termios.control_flags, termios.local_flags);
    format!("{flags:?} {:?}", termios.control_chars)
}

/// The private modes that are not as a terminal starts, by number, and keyboard modes still pushed (as 0).
pub fn modes_left(bytes: &[u8]) -> BTreeMap<u16, bool> {
    // Auto-wrap and the cursor are on in a new terminal; all other modes are off.
    let starts_on = |mode: u16| matches!(mode, 7 | 25);
    let mut left = BTreeMap::new();
    let mut pushed = 0_i32;
    let text: String = bytes.iter().map(|&byte| char::from(byte)).collect();
    for sequence in text.split("\x1b[").skip(1) {
        let end = sequence.find(|char: char| matches!(char, '@'..='~')).unwrap_or(sequence.len());
        let (parameters, rest) = sequence.split_at(end);
        match (parameters.chars().next(), rest.chars().next()) {
            (Some('?'), Some(on @ ('h' | 'l'))) => {
                for mode in parameters[1..].split(';').filter_map(|mode| mode.parse().ok()) {
                    left.insert(mode, on == 'h');
                }
            }
            (Some('>'), Some('u')) => pushed += 1,
            (Some('<'), Some('u')) => pushed -= parameters[1..].parse().unwrap_or(1),
            _ => {}
        }
    }
    left.retain(|mode, is_on| *is_on != starts_on(*mode));
    if pushed > 0 {
        left.insert(0, true);
    }
    left
}
