//! Plays a story: real engine, real store, real update, real screens; only the time is the story's.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use aftercare::app::{self, Effect, Key, Msg, State};
use aftercare::detect::counts::Coverage;
use aftercare::detect::markers::Markers;
use aftercare::detect::{Assessment, Deploy, Kind, Origin, Overall, Phase, Settings, SignatureIndex};
use aftercare::engine::{Engine, Options, Progress, SourceState, SourceView, StreamKey};
use aftercare::ingest::{Event, Intake, Limits, Resume};
use aftercare::remedy::Person;
use aftercare::shell::store::{Batch, Store};
use aftercare::units::{Minute, SignatureId, Timestamp};
use aftercare::view;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::screens::{compare, options, text_of};

use super::script::{Expectation, Happening, Story, ZERO};

const SERVICE: &str = "orders";
const STREAM: StreamKey = StreamKey(0);

pub struct Stage {
    story: Story,
    engine: Engine,
    store: Store,
    state: State,
    /// Everything that the source ever wrote: what a restarted reader reads from its offset.
    written: Vec<u8>,
    handed_over: usize,
    stored: Progress,
    now: Timestamp,
}

fn engine() -> Engine {
    Engine::new(Options {
        service: SERVICE.to_owned(),
        limits: Limits::default(),
        settings: Settings::default(),
        quiet_minutes: 60,
        markers: Markers::new(&[]).unwrap(),
    })
}

impl Stage {
    pub fn new(story: Story) -> Self {
        let stored = Progress { at: Resume::default(), last_minute: None, ended: false };
        let mut engine = engine();
        engine.open(STREAM, stored.clone());
        let state = State::new(app::Options {
            service: SERVICE.to_owned(),
            person: Person { name: "Ada".to_owned(), email: "ada@example.org".to_owned() },
            now: ZERO.start(),
            ..options()
        });
        let store = Store::in_memory().unwrap();
        Self { story, engine, store, state, written: Vec::new(), handed_over: 0, stored, now: ZERO.start() }
    }

    pub fn play(mut self) {
        let tasks = self.story.tasks.iter().map(|tasks| tasks.from);
        let first = self.story.lines.iter().map(|lines| lines.from).chain(tasks).min().unwrap();
        for minute in first..=self.story.end {
            // History is read at once; from half an hour before the deploy, the present goes by.
            if minute == -30 {
                self.engine.caught_up();
            }
            for at in 0..self.story.happenings.len() {
                if self.story.happenings[at].0 == minute {
                    self.now = ZERO.plus(minute).start();
                    self.happen(at);
                }
            }
            self.live_through(minute);
        }
        self.check_against_one_pass();
    }

    /// What was read bit by bit, over restarts, is counted as by one pass over all that was written.
    fn check_against_one_pass(&self) {
        let mut one_pass = BTreeMap::<SignatureId, u64>::new();
        let mut note = |event: Event| *one_pass.entry(event.signature.id).or_default() += 1;
        let mut intake = Intake::new(Limits::default(), &Resume::default());
        intake.push(&self.written, self.now, &mut note);
        intake.finish(&mut note);
        let always = Minute::from_number(0)..Minute::from_number(i32::MAX);
        let (sums, _) = self.engine.counts().sums(always, Coverage::Unknown);
        let live = (0..).zip(sums).filter(|(_, n)| *n > 0);
        let live = live.map(|(index, n)| (self.engine.catalog().get(SignatureIndex(index)).unwrap().id, n));
        assert_eq!(live.collect::<BTreeMap<_, _>>(), one_pass);
    }

    /// A minute goes by: its lines are written and read; every half minute the engine is looked at.
    fn live_through(&mut self, minute: i32) {
        for (at, text) in self.story.lines_in(minute) {
            self.written.extend_from_slice(format!("{at} {text}\n").as_bytes());
        }
        self.now = ZERO.plus(minute + 1).start();
        self.read();
        if minute >= -30 {
            self.engine.observe(ZERO.plus(minute).start().after(Duration::from_secs(59)));
            self.engine.judge(self.now);
            self.commit();
        }
    }

    fn read(&mut self) {
        let bytes = self.written[self.handed_over..].to_vec();
        // Chunks of an odd size, so that lines fall across them.
        for chunk in bytes.chunks(4_093) {
            self.engine.push(STREAM, chunk, self.now);
        }
        self.handed_over = self.written.len();
        self.engine.expire(self.now.after(Duration::from_secs(1)));
    }

    fn commit(&mut self) {
        let pending = self.engine.take_pending();
        if let Some((_, progress)) = pending.streams.last() {
            self.stored = progress.clone();
        }
        let batch = Batch {
            notes: self.engine.notes(&pending.incidents, self.now),
            known: pending.known,
            minutes: pending.minutes,
            cursors: Vec::new(),
            deploys: pending.deploys,
            incidents: pending.incidents,
            decided: pending.decided,
            work: pending.work,
        };
        self.store.commit(SERVICE, &batch).unwrap();
    }

    /// What was read since the last commit is forgotten, as by a kill, and read again.
    fn restart(&mut self) {
        self.engine = engine();
        let always = Minute::from_number(0)..Minute::from_number(i32::MAX);
        let loaded = self.store.load(SERVICE, always).unwrap();
        let damaged = self.engine.restore(loaded.known, &loaded.minutes, loaded.deploys, loaded.incidents);
        assert!(damaged.is_empty(), "{damaged:?}");
        self.engine.restore_work(&loaded.work);
        self.engine.open(STREAM, self.stored.clone());
        self.engine.caught_up();
        self.handed_over = usize::try_from(self.stored.at.offset).unwrap();
    }

    fn happen(&mut self, at: usize) {
        let now = self.now;
        self.engine.judge(now);
        // As the screen does: once for the list, then again for more of what is selected.
        for _ in 0..2 {
            let snapshot = self.engine.snapshot(now, &[following()], 0, 0);
            for effect in app::update(&mut self.state, Msg::Snapshot(Box::new(snapshot))) {
                if let Effect::Focus(focus) = effect {
                    self.engine.set_focus(focus);
                }
            }
        }
        let minute = self.story.happenings[at].0;
        match &self.story.happenings[at].1 {
            Happening::Deploy(version) => {
                // As `deploy mark` does: into the store, where a restart finds it.
                let deploy = deploy(version, now);
                self.store.add_deploy(&deploy).unwrap();
                self.engine.mark(deploy);
            }
            Happening::Restart => self.restart(),
            Happening::Remedy(text) => {
                let signature = self.signature(text);
                self.engine.remedied(signature, now);
            }
            Happening::Keys(keys) => {
                for key in keys.split_whitespace().map(key) {
                    app::update(&mut self.state, Msg::Key(key));
                }
            }
            Happening::Expect(expectation) => self.check(minute, expectation),
            Happening::Screen(width, height, name) => {
                let (width, height, name) = (*width, *height, name.clone());
                self.compare_screen(width, height, &name);
            }
        }
    }

    fn check(&self, minute: i32, expectation: &Expectation) {
        let when = format!("at minute {minute}");
        match expectation {
            Expectation::Verdict(words) => {
                let words_now = self.verdict();
                assert!(words_now.contains(words.as_str()), "{when}: the verdict is {words_now:?}, not {words:?}");
            }
            Expectation::Finding(kind, tier, text) => {
                let found = self.findings(text);
                let wanted = (kind.clone(), tier.clone());
                assert!(found.contains(&wanted), "{when}: {text:?} has {found:?}, not {wanted:?}");
            }
            Expectation::None(text) => {
                let found = self.findings(text);
                let confirmed: Vec<_> = found.iter().filter(|(_, tier)| tier == "confirmed").collect();
                assert!(confirmed.is_empty(), "{when}: {text:?} has {found:?}");
            }
            Expectation::Silent => {
                let silent = self.assessments().any(|(_, assessment)| {
                    assessment.signature.is_none() && assessment.finding.is_some_and(|it| it.kind == Kind::Silent)
                });
                assert!(silent, "{when}: the source is not found silent");
            }
            Expectation::Incident(phase) => {
                let phases: Vec<_> = self.engine.incidents().iter().map(|incident| word(&incident.phase)).collect();
                assert_eq!(phases.last().copied(), Some(phase.as_str()), "{when}: {phases:?}");
            }
            Expectation::Laid(version, text) => {
                let signature = self.signature(text);
                let laid = self.engine.incidents().iter().find(|incident| incident.signatures.contains(&signature));
                let laid = laid.map(|incident| incident.deploy.version.as_str());
                assert_eq!(laid, Some(version.as_str()), "{when}: {text:?}");
            }
            Expectation::CameWith(version, percent, text) => {
                let index = self.engine.catalog().find(self.signature(text));
                let told: Vec<_> = self
                    .assessments()
                    .filter(|(_, it)| it.signature == index && !it.shares.is_empty())
                    .map(|(_, it)| (it.shares[0].version.as_str(), 100.0 * it.shares[0].share))
                    .collect();
                let is_so = |(of, share): &(&str, f64)| of == version && share >= percent;
                assert!(!told.is_empty() && told.iter().all(is_so), "{when}: {text:?} came with {told:?}");
            }
            Expectation::Count(expected, text) => {
                let index = self.engine.catalog().find(self.signature(text)).unwrap();
                let span = ZERO.plus(-20_000)..ZERO.plus(20_000);
                let series = self.engine.counts().series(index, span);
                let counted: u64 = series.into_iter().flatten().map(u64::from).sum();
                assert_eq!(counted, *expected, "{when}: {text:?}");
            }
        }
    }

    fn assessments(&self) -> impl Iterator<Item = (&Deploy, &Assessment)> {
        let judgements = self.engine.judgements();
        judgements.flat_map(|(deploy, judgement)| judgement.assessments.iter().map(move |it| (deploy, it)))
    }

    fn signature(&self, text: &str) -> SignatureId {
        let found: Vec<_> = self.engine.catalog().iter().filter(|(_, known)| known.template.contains(text)).collect();
        assert_eq!(found.len(), 1, "signatures with {text:?}: {found:?}");
        found[0].1.id
    }

    fn findings(&self, text: &str) -> Vec<(String, String)> {
        let has_text = |assessment: &Assessment| {
            let known = assessment.signature.and_then(|index| self.engine.catalog().get(index));
            known.is_some_and(|known| known.template.contains(text))
        };
        let found = self.assessments().filter(|(_, assessment)| has_text(assessment));
        let found = found.filter_map(|(_, assessment)| assessment.finding);
        found.map(|finding| (finding.kind.word().to_owned(), finding.tier.word().to_owned())).collect()
    }

    fn verdict(&self) -> String {
        match self.engine.judgements().last().map(|(_, judgement)| &judgement.overall) {
            None => "no deploy".to_owned(),
            Some(Overall::CannotJudge(why)) => format!("cannot judge: {why}"),
            // A candidate is no verdict: healthy signatures get there too.
            Some(Overall::Healthy | Overall::Candidates(_)) => "healthy".to_owned(),
            Some(Overall::Regressed(_)) => "regressed".to_owned(),
        }
    }

    fn compare_screen(&mut self, width: u16, height: u16, name: &str) {
        app::update(&mut self.state, Msg::Resized(width, height));
        let area = Rect::new(0, 0, width, height);
        let mut buffer = Buffer::empty(area);
        view::draw(&self.state, &view::theme_named("dark"), area, &mut buffer);
        compare(&screens().join(name), &text_of(&buffer));
    }
}

fn screens() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/screens/stories")
}

fn following() -> SourceView {
    SourceView { name: "orders.log".to_owned(), state: SourceState::Following }
}

fn deploy(version: &str, at: Timestamp) -> Deploy {
    Deploy {
        at,
        service: SERVICE.to_owned(),
        version: version.to_owned(),
        revision: None,
        previous: None,
        author: Some("Ada".to_owned()),
        subject: Some("Round totals to cents".to_owned()),
        origin: Origin::Mark,
    }
}

fn word(phase: &Phase) -> &'static str {
    match phase {
        Phase::Open => "open",
        Phase::Recovering { .. } => "recovering",
        Phase::Closed { .. } => "closed",
    }
}

fn key(name: &str) -> Key {
    match name {
        "Enter" => Key::Enter,
        "Esc" => Key::Esc,
        "Tab" => Key::Tab,
        "Up" => Key::Up,
        "Down" => Key::Down,
        other => Key::Char(other.chars().next().unwrap()),
    }
}
