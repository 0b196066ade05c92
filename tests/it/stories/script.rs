//! Reads a story.

use std::ops::Range;
use std::time::Duration;

use aftercare::units::{Minute, Timestamp};

/// The minute of the story's zero: 2026-01-12T10:00Z, a Monday.
pub const ZERO: Minute = Minute::from_number(29_470_200);

/// Lines that are written at a rate.
#[derive(Debug)]
pub struct Lines {
    pub from: i32,
    pub to: i32,
    pub per_minute: f64,
    pub text: String,
}

/// Pairs of lines with one number: the second follows the first, but for a share that never ends.
#[derive(Debug)]
pub struct Tasks {
    pub from: i32,
    pub to: i32,
    pub per_minute: f64,
    pub finished: f64,
    pub seconds: f64,
    pub start: String,
    /// Written half-way between the two.
    pub step: Option<String>,
    pub end: String,
}

/// What is expected.
#[derive(Debug)]
pub enum Expectation {
    Verdict(String),
    Finding(String, String, String),
    None(String),
    Silent,
    Incident(String),
    Count(u64, String),
    Laid(String, String),
    /// The version that a finding likeliest came with, by at least so many percent.
    CameWith(String, f64, String),
}

/// What happens at a time.
#[derive(Debug)]
pub enum Happening {
    Deploy(String),
    Restart,
    Keys(String),
    Expect(Expectation),
    Screen(u16, u16, String),
    Remedy(String),
}

#[derive(Debug, Default)]
pub struct Story {
    pub lines: Vec<Lines>,
    pub tasks: Vec<Tasks>,
    pub silences: Vec<(i32, i32)>,
    pub happenings: Vec<(i32, Happening)>,
    pub end: i32,
}

impl Story {
    pub fn parse(text: &str) -> Self {
        let mut story = Self::default();
        for (index, line) in text.lines().enumerate() {
            let line = line.trim();
            if !line.is_empty() && !line.starts_with('#') {
                story.line(line).unwrap_or_else(|| panic!("line {}: cannot read {line:?}", index + 1));
            }
        }
        story.happenings.sort_by_key(|(at, _)| *at);
        story.end = story.happenings.iter().map(|(at, _)| *at).max().expect("a story in which nothing happens");
        story
    }

    fn line(&mut self, line: &str) -> Option<()> {
        let (verb, rest) = line.split_once(' ')?;
        let mut words = rest.split_whitespace();
        let first = minutes(words.next()?)?;
        let after = |n: usize| after_words(rest, n).map(str::to_owned);
        match verb {
            "log" => {
                let (to, per_minute) = (minutes(words.next()?)?, words.next()?.parse().ok()?);
                self.lines.push(Lines { from: first, to, per_minute, text: after(3)? });
            }
            "task" => {
                let (to, per_minute) = (minutes(words.next()?)?, words.next()?.parse().ok()?);
                let (finished, seconds) = (words.next()?.parse().ok()?, words.next()?.parse().ok()?);
                let text = after(5)?;
                let (start, rest) = text.split_once(" -> ")?;
                let (step, end) = rest.rsplit_once(" -> ").map_or((None, rest), |(step, end)| (Some(step), end));
                let (start, end) = (start.trim().to_owned(), end.trim().to_owned());
                let step = step.map(|step| step.trim().to_owned());
                self.tasks.push(Tasks { from: first, to, per_minute, finished, seconds, start, step, end });
            }
            "silence" => self.silences.push((first, minutes(words.next()?)?)),
            "deploy" => self.happen(first, Happening::Deploy(after(1)?)),
            "restart" => self.happen(first, Happening::Restart),
            "remedy" => self.happen(first, Happening::Remedy(after(1)?)),
            "key" => self.happen(first, Happening::Keys(after(1)?)),
            "screen" => {
                let (width, height) = words.next()?.split_once('x')?;
                self.happen(first, Happening::Screen(width.parse().ok()?, height.parse().ok()?, after(2)?));
            }
            "expect" => self.happen(first, Happening::Expect(expectation(&after(1)?)?)),
            _ => return None,
        }
        Some(())
    }

    fn happen(&mut self, at: i32, happening: Happening) {
        self.happenings.push((at, happening));
    }

    /// The lines of one minute, each with its time, in order.
    pub fn lines_in(&self, minute: i32) -> Vec<(Timestamp, String)> {
        if self.silences.iter().any(|(from, to)| (*from..*to).contains(&minute)) {
            return Vec::new();
        }
        let mut found = Vec::new();
        for (which, lines) in
            self.lines.iter().enumerate().filter(|(_, lines)| (lines.from..lines.to).contains(&minute))
        {
            for n in numbers(minute - lines.from, lines.per_minute) {
                let scattered = scatter(n ^ ((which as u64) << 40));
                let text = lines.text.replace("{n}", &(scattered % 99_991 + 7).to_string());
                found.push((within(minute, scattered), text));
            }
        }
        for (which, tasks) in self.tasks.iter().enumerate() {
            tasks.lines_in(which as u64, minute, &mut found);
        }
        found.sort();
        found
    }
}

impl Tasks {
    /// The lines of one minute: starts, and ends of what started in the hour before.
    fn lines_in(&self, which: u64, minute: i32, found: &mut Vec<(Timestamp, String)>) {
        for started in (minute - 60).max(self.from)..=minute.min(self.to - 1) {
            for n in numbers(started - self.from, self.per_minute) {
                let scattered = scatter(n ^ ((0x80 + which) << 40));
                let text = |text: &str| text.replace("{n}", &format!("{}{n}", which + 1));
                let start = within(started, scattered);
                if started == minute {
                    found.push((start, text(&self.start)));
                }
                // Lengths scatter between a half and three halves of what is usual.
                let share = |n: u64| (scatter(n) % 1_000_000) as f64 / 1e6;
                let length = Duration::from_secs_f64(self.seconds * (0.5 + share(scattered)));
                let end = start.after(length);
                let middle = start.after(length / 2);
                if let Some(step) = self.step.as_ref().filter(|_| middle.minute() == ZERO.plus(minute)) {
                    found.push((middle, text(step)));
                }
                if share(scattered ^ 1) < self.finished && end.minute() == ZERO.plus(minute) {
                    found.push((end, text(&self.end)));
                }
            }
        }
    }
}

/// The numbers of the lines in a minute: a rate of 0.25 writes every fourth minute.
fn numbers(minute: i32, per_minute: f64) -> Range<u64> {
    let until = |minute: i32| (f64::from(minute) * per_minute).floor() as u64;
    until(minute)..until(minute + 1)
}

/// Where in its minute a line comes is scattered, but fixed.
fn within(minute: i32, scattered: u64) -> Timestamp {
    Timestamp::from_micros(ZERO.plus(minute).start().micros() + (scattered % 60_000) as i64 * 1_000)
}

fn expectation(text: &str) -> Option<Expectation> {
    let (what, rest) = text.split_once(' ').unwrap_or((text, ""));
    let mut words = rest.splitn(3, ' ').map(str::to_owned);
    Some(match what {
        "verdict" => Expectation::Verdict(rest.to_owned()),
        "finding" => Expectation::Finding(words.next()?, words.next()?, words.next()?),
        "none" => Expectation::None(rest.to_owned()),
        "silent" => Expectation::Silent,
        "incident" => Expectation::Incident(rest.to_owned()),
        "laid" => {
            let (version, text) = rest.split_once(' ')?;
            Expectation::Laid(version.to_owned(), text.to_owned())
        }
        "with" => Expectation::CameWith(words.next()?, words.next()?.parse().ok()?, words.next()?),
        "count" => {
            let (count, text) = rest.split_once(' ')?;
            Expectation::Count(count.parse().ok()?, text.to_owned())
        }
        _ => return None,
    })
}

/// What is left behind so many words, which any number of blanks may part.
fn after_words(text: &str, n: usize) -> Option<&str> {
    let mut rest = text.trim();
    for _ in 0..n {
        rest = rest.split_once(char::is_whitespace)?.1.trim_start();
    }
    Some(rest)
}

/// `+12` minutes, `-7d`, `+1h`.
fn minutes(word: &str) -> Option<i32> {
    let unit = |suffix: char| word.strip_suffix(suffix).and_then(|number| number.parse::<i32>().ok());
    unit('d').map(|days| days * 1440).or_else(|| unit('h').map(|hours| hours * 60)).or_else(|| word.parse().ok())
}

/// A fixed, well mixed number for each number (splitmix64).
fn scatter(n: u64) -> u64 {
    let mut z = n.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}
