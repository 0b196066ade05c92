//! The loop behind the one screen: messages in, effects out, a frame when something changed.
//!
//! It never waits for anything but its next message: sources, engine, git and commands run on
//! threads of their own.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, Sender, bounded};
use jiff::tz::TimeZone;
use signal_hook::consts::SIGINT;

use crate::app::{self, Effect, Failure, FailureKind, Msg, State, Ticket};
use crate::engine::Snapshot;
use crate::remedy::Person;
use crate::remedy::standing::Countdown;
use crate::shell::auto::{self, Finder, Settled};
use crate::shell::observe::{self, Ask, Observer, Opened};
use crate::shell::settings;
use crate::shell::terminal::{Input, Terminal};
use crate::shell::watch::work::{Work, drafted};
use crate::shell::watch::{Feeding, Run};
use crate::view;

/// Messages that may wait for the loop; more make their senders wait.
const MESSAGES: usize = 256;

/// Time between two frames at least: 30 a second.
const FRAME: Duration = Duration::from_millis(33);

/// Time between two looks at the clock in the header.
const TICK: Duration = Duration::from_secs(1);

/// What frames are drawn on: the terminal, or whatever stands in for it.
pub trait Display {
    /// Columns and rows.
    fn size(&self) -> (u16, u16);

    /// Draws a frame; returns what is to be taken next, as if it had been typed.
    ///
    /// # Errors
    ///
    /// When it cannot be drawn on any more.
    fn draw(&mut self, state: &State) -> Result<Vec<Msg>, Failure>;

    /// Forgets what was drawn, so that the next frame is drawn whole.
    fn clear(&mut self);

    /// Gives itself back until the user returns.
    ///
    /// # Errors
    ///
    /// When it cannot be drawn on any more.
    fn suspend(&mut self) -> Result<(), Failure>;

    /// Lends itself to a program that the person uses, such as their editor: nothing is drawn, and no key is
    /// read, until it is taken back.
    ///
    /// # Errors
    ///
    /// When no program could be used on it.
    fn lend(&mut self) -> Result<(), Failure>;

    /// Takes itself back, and forgets what was drawn.
    ///
    /// # Errors
    ///
    /// When it cannot be drawn on any more.
    fn take_back(&mut self) -> Result<(), Failure>;

    /// Puts text on the clipboard.
    ///
    /// # Errors
    ///
    /// When it cannot be reached.
    fn copy(&mut self, text: &str) -> Result<(), Failure>;
}

impl Display for Terminal {
    fn size(&self) -> (u16, u16) {
        Self::size()
    }

    fn draw(&mut self, state: &State) -> Result<Vec<Msg>, Failure> {
        Self::draw(self, state).map(|()| Vec::new())
    }

    fn clear(&mut self) {
        Self::clear(self);
    }

    fn suspend(&mut self) -> Result<(), Failure> {
        Self::suspend(self)
    }

    fn lend(&mut self) -> Result<(), Failure> {
        Self::lend(self)
    }

    fn take_back(&mut self) -> Result<(), Failure> {
        Self::take_back(self)
    }

    fn copy(&mut self, text: &str) -> Result<(), Failure> {
        Self::copy(self, text)
    }
}

/// Shows the screen on the terminal until the user leaves; returns the exit status.
///
/// `see` is told every snapshot before it is drawn.
///
/// # Errors
///
/// When the store or the terminal fails.
pub fn show(run: Run, see: impl FnMut(&Snapshot) + Send + 'static) -> Result<u8, Failure> {
    show_on(run, see, Terminal::enter).map(|(_, status)| status)
}

/// Shows the screen on any display until somebody leaves; gives the display back, and the exit status:
/// 0, or 128 and the number of the signal that ended it.
///
/// # Errors
///
/// When the store or the display fails.
pub fn show_on<D: Display>(
    run: Run,
    see: impl FnMut(&Snapshot) + Send + 'static,
    display: impl FnOnce(Sender<Input>) -> Result<D, Failure>,
) -> Result<(D, u8), Failure> {
    let (sender, receiver) = bounded(MESSAGES);
    let (asks, questions) = bounded(MESSAGES);
    let stop = Arc::new(AtomicBool::new(false));
    let work = Work::new(&run, sender.clone(), asks.clone());
    // What cannot be recorded is not allowed.
    let standing = auto::standing_of(&run)?;
    if let Some(standing) = &standing {
        work.allow(standing)?;
    }
    let mut finder = standing.as_ref().and_then(|standing| Finder::new(&run, standing));
    let settled = finder.as_ref().map(Finder::settled).unwrap_or_default();
    let mut display = display(sender.clone())?;
    let state = State::new(app::Options {
        service: run.settings.service.clone(),
        person: run.person.clone().unwrap_or_else(Person::nobody),
        read_only: run.read_only,
        repro: run.settings.config.repro(),
        tests: run.settings.config.fix.tests(),
        candidates: drafted::candidates(&run.settings.config),
        walls: drafted::walls(&run.settings.config),
        standing: standing.clone(),
        build: None,
        theme: settings::theme_name(&run.settings.config.theme.value),
        themes: view::THEMES.iter().map(|name| (*name).to_owned()).collect(),
        zone: run.settings.config.time_zone().unwrap_or(TimeZone::UTC),
        size: display.size(),
        now: run.clock.now(),
    })
    .at_speed(run.clock.speed());
    let found = sender.clone();
    let look = move |observer: &Observer| {
        finder.iter_mut().flat_map(|finder| news_of(finder, observer)).for_each(|msg| {
            // When the loop is gone, nothing goes back by itself.
            let _ = found.try_send(Input::Msg(msg));
        });
    };
    let engine = spawn_engine(run, sender, questions, Arc::clone(&stop), (see, look));
    let result = Loop::new(state, work, asks, settled).run(&mut display, &receiver);
    stop.store(true, Ordering::Relaxed);
    drop(receiver);
    // The last counts are committed before the process ends.
    let committed = engine.join().unwrap_or(Ok(()));
    let status = result?;
    committed.map(|()| (display, status))
}

/// What is found of going back by itself, and word to stop it.
fn news_of(finder: &mut Finder, observer: &Observer) -> Vec<Msg> {
    let stop = finder.word_to_stop().map(Msg::StopAsked);
    let found = finder.look(observer, false).map(|(found, signature)| Msg::Standing(Box::new(found), signature));
    stop.into_iter().chain(found).collect()
}

/// Opens the store and follows the sources, away from the screen, so that the first frame is there at once.
fn spawn_engine(
    mut run: Run,
    messages: Sender<Input>,
    questions: Receiver<Ask>,
    stop: Arc<AtomicBool>,
    (mut see, mut look): (impl FnMut(&Snapshot) + Send + 'static, impl FnMut(&Observer) + Send + 'static),
) -> thread::JoinHandle<Result<(), Failure>> {
    thread::spawn(move || {
        let mut follow = || {
            let Opened { observer, cursors, notices } = run.open()?;
            for notice in notices {
                // When the loop is gone, nobody reads it.
                let _ = messages.send(Input::Msg(Msg::Failed(notice)));
            }
            let feeding = Feeding::start(run.specs.clone(), cursors, true, run.clock, Arc::clone(&stop));
            let shown = messages.clone();
            let result = observe::drive(
                observer,
                feeding.receiver(),
                &questions,
                &stop,
                |snapshot| {
                    see(&snapshot);
                    // A full queue means that the screen is behind; the next snapshot replaces this one.
                    let _ = shown.try_send(Input::Msg(Msg::Snapshot(Box::new(snapshot))));
                },
                &mut look,
            );
            feeding.stop();
            result.map(drop)
        };
        let result: Result<(), Failure> = follow();
        if let Err(failure) = &result {
            // When the loop is gone, `show` returns the failure itself.
            let _ = messages.send(Input::Msg(Msg::Stopped(failure.clone())));
        }
        result
    })
}

/// The loop itself.
pub(in crate::shell) struct Loop {
    state: State,
    work: Work,
    asks: Sender<Ask>,
    /// For which deploy nothing more is looked for.
    settled: Settled,
    /// By which the command that is built with is run again.
    builds: Option<Sender<()>>,
    /// Whether the display is a program's that the person uses. Everything else goes on meanwhile.
    is_lent: bool,
}

impl Loop {
    /// A loop that shows this state.
    pub(in crate::shell) fn new(state: State, work: Work, asks: Sender<Ask>, settled: Settled) -> Self {
        Self { state, work, asks, settled, builds: None, is_lent: false }
    }

    /// The same, where a command is built with.
    pub(in crate::shell) fn building(self, builds: Sender<()>) -> Self {
        Self { builds: Some(builds), ..self }
    }

    /// Runs until somebody leaves; returns 0, or 128 and the number of the signal that ended it.
    pub(in crate::shell) fn run(
        &mut self,
        display: &mut impl Display,
        messages: &Receiver<Input>,
    ) -> Result<u8, Failure> {
        let mut drawn = None;
        let mut next_frame = Instant::now();
        let mut next_tick = Instant::now();
        loop {
            let now = Instant::now();
            if now >= next_tick {
                next_tick = now + TICK;
                let now = self.work.now();
                self.take(Msg::Tick(now), display)?;
                self.settled.set(self.state.countdown().and_then(Countdown::settled));
            }
            let is_stale = drawn != Some(self.state.revision()) && !self.is_lent;
            if is_stale && now >= next_frame {
                drawn = Some(self.state.revision());
                next_frame = now + FRAME;
                for msg in display.draw(&self.state)? {
                    if self.take(msg, display)? {
                        return Ok(0);
                    }
                }
                continue;
            }
            let wake = if is_stale { next_frame } else { next_tick };
            let Ok(input) = messages.recv_timeout(wake.saturating_duration_since(Instant::now())) else { continue };
            match input {
                Input::Msg(msg) => {
                    if self.is_lent && matches!(msg, Msg::Edited(..)) {
                        display.take_back()?;
                        self.is_lent = false;
                        drawn = None;
                        let (width, height) = display.size();
                        self.take(Msg::Resized(width, height), display)?;
                    }
                    if self.take(msg, display)? {
                        return Ok(0);
                    }
                }
                // Ctrl-C in the person's editor is the editor's.
                Input::Leave(SIGINT) if self.is_lent => {}
                Input::Leave(signal) => return Ok(u8::try_from(128 + signal).unwrap_or(u8::MAX)),
                Input::Stop => {
                    display.suspend()?;
                    drawn = None;
                }
                Input::Redraw => {
                    display.clear();
                    drawn = None;
                }
            }
        }
    }

    /// Applies one message; `true` when the user leaves.
    fn take(&mut self, msg: Msg, display: &mut impl Display) -> Result<bool, Failure> {
        for effect in app::update(&mut self.state, msg) {
            match effect {
                Effect::Quit => return Ok(true),
                Effect::Suspend => display.suspend()?,
                Effect::Copy(text) => display.copy(&text)?,
                Effect::Focus(focus) => {
                    // A full queue is emptied soon; the next selection asks again.
                    let _ = self.asks.try_send(Ask::Focus(focus));
                }
                Effect::WholeTail(whole) => {
                    let _ = self.asks.try_send(Ask::WholeTail(whole));
                }
                Effect::Group(ask) => {
                    // Waiting for a full queue could wait for ever: the engine may wait for this loop.
                    if self.asks.try_send(Ask::Group(ask)).is_err() {
                        let hint = "Wait until the history is read, and do it again.";
                        let busy = Failure::new(FailureKind::External, "the engine is busy; nothing was changed", hint);
                        app::update(&mut self.state, Msg::Failed(busy));
                    }
                }
                Effect::Triage(ticket, signature) => self.work.triage(ticket, signature),
                Effect::Plan(ticket, signature, scope) => self.work.plan(ticket, signature, scope),
                Effect::Execute(ticket, signature, approved) => self.work.execute(ticket, approved, signature),
                Effect::Compose(ticket, signature, sheet, choice) => {
                    self.work.compose(ticket, signature, sheet, *choice);
                }
                Effect::Check(ticket, signature, chosen) => self.work.check(ticket, signature, *chosen),
                Effect::Highlight(ticket, sheet) => self.work.highlight(ticket, sheet),
                Effect::Fix(ticket, signature, allowed) => self.work.fix(ticket, signature, *allowed),
                Effect::Rerun(ticket, triaged, allowed) => self.work.rerun(ticket, triaged, *allowed),
                Effect::Draft(ticket, signature, commission) => self.work.draft(ticket, signature, *commission),
                Effect::Edit(ticket, text) => self.edit(ticket, text, display),
                Effect::Rule(ruling) => {
                    if let Err(failure) = self.work.rule(&ruling) {
                        app::update(&mut self.state, Msg::Failed(failure));
                    }
                }
                Effect::Standing(act) => {
                    if let Err(failure) = self.work.stand(&act) {
                        app::update(
                            &mut self.state,
                            Msg::StopAsked("aftercare, because it cannot be recorded".to_owned()),
                        );
                        app::update(&mut self.state, Msg::Failed(failure));
                    }
                }
                Effect::Build => {
                    // One that waits already is enough.
                    let _ = self.builds.as_ref().map(|builds| builds.try_send(()));
                }
                Effect::Cancel(ticket) => self.work.cancel(ticket),
            }
        }
        Ok(false)
    }

    /// Lends the display to the person's editor; where that cannot be, the edit is over at once.
    fn edit(&mut self, ticket: Ticket, text: String, display: &mut impl Display) {
        match display.lend() {
            Ok(()) => {
                self.is_lent = true;
                self.work.edit(ticket, text);
            }
            Err(failure) => {
                // It asks for nothing.
                app::update(&mut self.state, Msg::Edited(ticket, Err(failure)));
            }
        }
    }
}
