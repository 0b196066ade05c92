//! The terminal: entered once, given back whatever happens.
//!
//! Input: states to draw, and what the user types. Output: frames, and [`Input`]s for the loop. The
//! terminal is given back on leaving, on an error, on a panic in any thread, on a signal, and while the
//! process is stopped.

mod keys;
mod reader;

use std::io::{self, BufWriter, IsTerminal, Stdout, Write};
use std::panic;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use crossbeam_channel::Sender;
use crossterm::event::{DisableBracketedPaste, EnableBracketedPaste};
use crossterm::terminal::{self, BeginSynchronizedUpdate, EndSynchronizedUpdate};
use crossterm::{cursor, execute, queue};
use ratatui::backend::{Backend, CrosstermBackend};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use signal_hook::consts::{SIGCONT, SIGHUP, SIGINT, SIGTERM, SIGTSTP};
use signal_hook::iterator::Signals;
use signal_hook::low_level::emulate_default_handler;

use crate::app::{Failure, FailureKind, Msg, State};
use crate::view::{self, Theme};

/// Text that may be put on the clipboard at once; terminals drop more without a word.
const CLIPBOARD_BYTES: usize = 74_000;

/// Whether the terminal is ours right now, so that it is given back exactly once.
static ENTERED: AtomicBool = AtomicBool::new(false);

/// What reaches the loop.
#[derive(Debug)]
pub enum Input {
    /// Something happened to the screen.
    Msg(Msg),
    /// A signal asks the process to end; its number.
    Leave(i32),
    /// A signal asks the process to stop until it is continued.
    Stop,
    /// The process was continued: nothing on the terminal is as it was left.
    Redraw,
}

/// Refuses to start a screen where there is none.
///
/// # Errors
///
/// When standard output is no terminal.
pub fn require() -> Result<(), Failure> {
    if io::stdout().is_terminal() {
        return Ok(());
    }
    Err(Failure::new(
        FailureKind::User,
        "standard output is no terminal",
        "Start it in a terminal, or use --headless, which prints what it finds.",
    ))
}

/// A flag that is raised by the signals that ask a process to end; a second one ends it at once.
///
/// # Errors
///
/// When the system refuses handlers.
pub fn stop_on_signals() -> Result<Arc<AtomicBool>, Failure> {
    let stop = Arc::new(AtomicBool::new(false));
    for signal in [SIGTERM, SIGINT, SIGHUP] {
        signal_hook::flag::register_conditional_shutdown(signal, 128 + signal, Arc::clone(&stop))
            .and_then(|_| signal_hook::flag::register(signal, Arc::clone(&stop)))
            .map_err(|error| unusable(&error))?;
    }
    Ok(stop)
}

/// The terminal, while it is ours.
///
/// Frames are compared and written here, and not by `ratatui::Terminal`, which asks the terminal where
/// its cursor is before it clears (the answer would be taken for keys), and writes to standard error when
/// it is dropped (which may be gone).
#[derive(Debug)]
pub struct Terminal {
    backend: CrosstermBackend<BufWriter<Stdout>>,
    /// What the terminal shows, as far as it was drawn here.
    shown: Buffer,
    theme: Option<(String, Theme)>,
    n_frames: u64,
}

impl Terminal {
    /// Takes the terminal, and starts to listen to keys and signals.
    ///
    /// # Errors
    ///
    /// When the terminal cannot be read or switched.
    pub fn enter(inputs: Sender<Input>) -> Result<Self, Failure> {
        give_back_on_panic();
        let backend = CrosstermBackend::new(BufWriter::with_capacity(64 * 1024, io::stdout()));
        take().map_err(|error| unusable(&error))?;
        let terminal = Self { backend, shown: Buffer::default(), theme: None, n_frames: 0 };
        listen_to_signals(inputs.clone()).map_err(|error| unusable(&error))?;
        reader::start(inputs);
        Ok(terminal)
    }

    /// Columns and rows.
    #[must_use]
    pub fn size() -> (u16, u16) {
        terminal::size().unwrap_or((80, 24))
    }

    /// Draws what changed since the last frame.
    ///
    /// # Errors
    ///
    /// When the terminal is gone.
    pub fn draw(&mut self, state: &State) -> Result<(), Failure> {
        if self.theme.as_ref().is_none_or(|(name, _)| name != state.theme()) {
            self.theme = Some((state.theme().to_owned(), view::theme_named(state.theme())));
        }
        let Some((_, theme)) = &self.theme else { return Ok(()) };
        let (columns, rows) = Self::size();
        let mut frame = Buffer::empty(Rect::new(0, 0, columns, rows));
        view::draw(state, theme, frame.area, &mut frame);
        self.write(&frame).map_err(|error| gone(&error))?;
        self.shown = frame;
        self.n_frames += 1;
        panic_if_tested(self.n_frames);
        Ok(())
    }

    /// Writes the cells that differ from what is shown, as one update.
    fn write(&mut self, frame: &Buffer) -> io::Result<()> {
        queue!(self.backend, BeginSynchronizedUpdate)?;
        if self.shown.area != frame.area {
            queue!(self.backend, terminal::Clear(terminal::ClearType::All))?;
            self.shown = Buffer::empty(frame.area);
        }
        self.backend.draw(self.shown.diff(frame).into_iter())?;
        execute!(self.backend, EndSynchronizedUpdate)
    }

    /// Forgets what was drawn, so that the next frame is drawn whole.
    pub fn clear(&mut self) {
        self.shown = Buffer::default();
    }

    /// Gives the terminal to the user's shell, stops, and takes it again when continued.
    ///
    /// # Errors
    ///
    /// When the terminal is gone.
    pub fn suspend(&mut self) -> Result<(), Failure> {
        if reader::is_paused() {
            // The terminal is another program's, which is stopped by the same signal and gives it back itself.
            return emulate_default_handler(SIGTSTP).map_err(|error| gone(&error));
        }
        give_back();
        emulate_default_handler(SIGTSTP).map_err(|error| gone(&error))?;
        take().map_err(|error| gone(&error))?;
        self.clear();
        Ok(())
    }

    /// Lends the terminal to a program that the user uses: no key is read until it is taken back.
    ///
    /// # Errors
    ///
    /// Never.
    pub fn lend(&mut self) -> Result<(), Failure> {
        reader::pause();
        give_back();
        Ok(())
    }

    /// Takes the terminal back. What was typed before is dropped: nobody saw what it would do.
    ///
    /// # Errors
    ///
    /// When the terminal is gone.
    pub fn take_back(&mut self) -> Result<(), Failure> {
        take().map_err(|error| gone(&error))?;
        self.clear();
        reader::resume();
        Ok(())
    }

    /// Puts text on the clipboard of the user's own machine, also over SSH (OSC 52).
    ///
    /// # Errors
    ///
    /// When the terminal is gone.
    pub fn copy(&mut self, text: &str) -> Result<(), Failure> {
        let text = text.get(..text.floor_char_boundary(CLIPBOARD_BYTES)).unwrap_or(text);
        let out = &mut self.backend;
        write!(out, "\x1b]52;c;{}\x07", BASE64.encode(text))
            .and_then(|()| Write::flush(out))
            .map_err(|error| gone(&error))
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        give_back();
    }
}

fn take() -> io::Result<()> {
    terminal::enable_raw_mode()?;
    ENTERED.store(true, Ordering::SeqCst);
    let entered = execute!(io::stdout(), terminal::EnterAlternateScreen, EnableBracketedPaste, cursor::Hide);
    entered.inspect_err(|_| give_back())
}

/// Undoes [`take`]; does nothing when the terminal is not ours.
fn give_back() {
    if !ENTERED.swap(false, Ordering::SeqCst) {
        return;
    }
    // A terminal that is gone needs nothing back.
    let _ = execute!(
        io::stdout(),
        EndSynchronizedUpdate,
        DisableBracketedPaste,
        terminal::LeaveAlternateScreen,
        cursor::Show
    );
    let _ = terminal::disable_raw_mode();
}

/// A panic in any thread gives the terminal back, says what happened, and ends the process: the
/// screen would otherwise be drawn over its message. What was counted is in the store.
fn give_back_on_panic() {
    let tell = panic::take_hook();
    panic::set_hook(Box::new(move |info| {
        if !ENTERED.load(Ordering::SeqCst) {
            return tell(info);
        }
        give_back();
        tell(info);
        // Nobody is left to tell when standard error is gone.
        let _ = writeln!(
            io::stderr(),
            "aftercare: this is a bug; nothing was executed that was not approved, and what was counted is stored"
        );
        std::process::exit(101);
    }));
}

/// Lets a test see that a panic leaves a usable terminal; only in debug builds.
fn panic_if_tested(n_frames: u64) {
    let is_asked = || std::env::var_os("AFTERCARE_TEST_PANIC").is_some_and(|when| when == "first-frame");
    if cfg!(debug_assertions) && n_frames == 1 && is_asked() {
        #[expect(clippy::panic, reason = "asked for by a test")]
        {
            panic!("asked for by AFTERCARE_TEST_PANIC");
        }
    }
}

fn listen_to_signals(inputs: Sender<Input>) -> io::Result<()> {
    let mut signals = Signals::new([SIGTERM, SIGHUP, SIGINT, SIGTSTP, SIGCONT])?;
    thread::spawn(move || {
        for signal in signals.forever() {
            let input = match signal {
                SIGCONT => Input::Redraw,
                SIGTSTP => Input::Stop,
                signal => Input::Leave(signal),
            };
            if inputs.send(input).is_err() {
                return;
            }
        }
    });
    Ok(())
}

fn unusable(error: &io::Error) -> Failure {
    Failure::of(FailureKind::External, error, "Start it in a terminal, or use --headless.")
}

fn gone(error: &io::Error) -> Failure {
    Failure::of(FailureKind::External, error, "The terminal is gone; what was counted is stored.")
}
