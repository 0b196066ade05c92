//! The real process, killed at random moments while it follows a growing, rotating file: the counts end
//! exactly right.

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use serde_json::Value;
use tempfile::TempDir;

/// A fixed, well mixed sequence (splitmix64).
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, n: u64) -> u64 {
        self.next() % n
    }
}

/// Messages whose signatures differ, so that what is counted can be told apart.
const MESSAGES: &[&str] = &[
    "INFO api: request served",
    "WARN cache: entry expired",
    "ERROR payment: gateway declined the order",
    "ERROR search: index lookup failed\nTraceback (most recent call last):\n  File \"search.py\", line 7, in look\n    \
     raise KeyError(name)\nKeyError: 'name'",
];

/// A program that writes a log and rotates it.
struct Writer {
    path: PathBuf,
    file: File,
    second: i64,
    n_rotations: u32,
    written: BTreeMap<usize, u64>,
    random: Random,
}

impl Writer {
    fn new(folder: &Path, seed: u64) -> Self {
        let path = folder.join("api.log");
        let file = OpenOptions::new().create(true).append(true).open(&path).unwrap();
        Self { path, file, second: 1_768_212_000, n_rotations: 0, written: BTreeMap::new(), random: Random(seed) }
    }

    fn write_some(&mut self) {
        for _ in 0..40 + self.random.below(400) {
            let which = usize::try_from(self.random.below(MESSAGES.len() as u64)).unwrap();
            self.second += i64::try_from(self.random.below(3)).unwrap();
            let at = aftercare::units::Timestamp::from_seconds(self.second);
            let text = format!("{at} {}\n", MESSAGES[which]);
            // Sometimes in two pieces, so that the reader meets half a line.
            let cut = usize::try_from(self.random.below(text.len() as u64)).unwrap();
            self.file.write_all(&text.as_bytes()[..cut]).unwrap();
            self.file.write_all(&text.as_bytes()[cut..]).unwrap();
            *self.written.entry(which).or_default() += 1;
        }
    }

    fn rotate(&mut self) {
        for n in (1..=self.n_rotations).rev() {
            let old = self.path.with_extension(format!("log.{n}"));
            fs::rename(&old, self.path.with_extension(format!("log.{}", n + 1))).unwrap();
        }
        fs::rename(&self.path, self.path.with_extension("log.1")).unwrap();
        self.file = OpenOptions::new().create(true).append(true).open(&self.path).unwrap();
        self.n_rotations += 1;
    }
}

struct Site {
    folder: TempDir,
}

impl Site {
    fn aftercare(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_aftercare"));
        command.args(args).arg("--state").arg(self.folder.path().join("state")).current_dir(self.folder.path());
        command.env_remove("AFTERCARE_CONFIG").env("XDG_CONFIG_HOME", self.folder.path());
        command
    }

    fn follow(&self) -> Child {
        let mut command = self.aftercare(&["watch", "--headless", "--json", "--deploy", "v2", "api.log"]);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::inherit()).spawn().unwrap()
    }

    fn counts(&self) -> BTreeMap<String, u64> {
        let output = self.aftercare(&["baseline", "show", "--json"]).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let shown: Value = serde_json::from_slice(&output.stdout).unwrap();
        let signatures = shown["signatures"].as_array().unwrap().iter();
        signatures.map(|it| (it["template"].as_str().unwrap().to_owned(), it["count"].as_u64().unwrap())).collect()
    }
}

fn check(seed: u64, rounds: u32) {
    let site = Site { folder: TempDir::new().unwrap() };
    let mut writer = Writer::new(site.folder.path(), seed);
    let mut random = Random(seed ^ 0xdead);
    writer.write_some();
    for _ in 0..rounds {
        let mut child = site.follow();
        // Sometimes it is killed before it has read anything, sometimes while it follows.
        if random.below(3) > 0 {
            let mut first = String::new();
            BufReader::new(child.stdout.take().unwrap()).read_line(&mut first).unwrap();
            assert!(first.contains("\"type\":\"deploy\""), "{first}");
        }
        for _ in 0..random.below(12) {
            writer.write_some();
            if random.below(4) == 0 {
                writer.rotate();
            }
        }
        child.kill().unwrap();
        child.wait().unwrap();
    }
    let last = site.aftercare(&["watch", "--headless", "--json", "--once", "api.log"]).output().unwrap();
    assert!(last.status.code().is_some(), "{}", String::from_utf8_lossy(&last.stderr));
    let counted = site.counts();
    for (which, written) in &writer.written {
        let message = MESSAGES[*which].lines().next().unwrap();
        let text = message.split_once(": ").unwrap().1;
        let found = counted.iter().filter(|(template, _)| template.contains(text) || is_trace(template, message));
        let found: u64 = found.map(|(_, count)| *count).sum();
        assert_eq!(found, *written, "seed {seed}: {message:?} of {counted:?}");
    }
    assert_eq!(counted.values().sum::<u64>(), writer.written.values().sum::<u64>(), "seed {seed}: {counted:?}");
}

/// The signature of a stack trace is made of its frames, not of the line in front of it.
fn is_trace(template: &str, message: &str) -> bool {
    message.contains("search") && template.contains("KeyError")
}

#[test]
fn counts_are_exact_after_kills_while_a_rotating_file_is_followed() {
    for seed in [1, 2, 3] {
        check(seed, 6);
    }
}

#[test]
fn counts_are_exact_after_a_kill_during_history() {
    check(99, 1);
}
