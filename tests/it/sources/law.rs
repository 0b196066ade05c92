//! Each line comes once, whatever happens to the log and to its reader.
//!
//! What no reader can know is left out: a line that was deleted, with its file, before anyone looked;
//! and a truncated log whose new content begins exactly as far as the old one was read, with the same bytes.

use std::fs;
use std::path::{Path, PathBuf};

use proptest::prelude::*;

use super::{GRACE, Reader, World, gzip};

/// Something that happens to a log, or to its reader.
#[derive(Clone, Copy, Debug)]
enum Happening {
    /// So many lines are written.
    Write(u8),
    /// Half a line is written, and the other half behind the next look.
    WriteInHalves,
    /// The log is renamed, the older ones before it; a new one begins.
    Rename,
    /// The log is renamed, and no new one begins yet.
    RenameAway,
    /// The log is copied, the older ones renamed before it, and truncated.
    CopyAndTruncate,
    /// A rotated log is compressed.
    Compress(u8),
    /// What is there is read; more is written; the log is deleted; the rest is read from the open file.
    Delete,
    Look,
    Commit,
    /// The reader dies, and begins anew with what was committed; it looks when it looks next.
    Restart,
}

fn happening() -> impl Strategy<Value = Happening> {
    prop_oneof![
        6 => (1..5_u8).prop_map(Happening::Write),
        1 => Just(Happening::Write(200)),
        1 => Just(Happening::WriteInHalves),
        3 => Just(Happening::Rename),
        1 => Just(Happening::RenameAway),
        2 => Just(Happening::CopyAndTruncate),
        2 => (1..4_u8).prop_map(Happening::Compress),
        1 => Just(Happening::Delete),
        4 => Just(Happening::Look),
        3 => Just(Happening::Commit),
        2 => Just(Happening::Restart),
    ]
}

/// A log with its rotation, what was written to it, and its reader.
struct Story {
    world: World,
    committed: Reader,
    written: Vec<String>,
}

impl Story {
    fn new(pattern: &str) -> Self {
        let world = World::new(&[pattern], |_| ());
        let mut story = Self { world, committed: Reader::default(), written: Vec::new() };
        story.write(1);
        story.look();
        story.commit();
        story
    }

    fn next_line(&mut self) -> String {
        let line = format!("{:06} is the number of this line, which is not a short one", self.written.len());
        self.written.push(line.clone());
        line + "\n"
    }

    fn write(&mut self, n_lines: u8) {
        let text: String = (0..n_lines).map(|_| self.next_line()).collect();
        self.world.append("api.log", &text);
    }

    fn look(&mut self) {
        self.world.poll();
    }

    fn commit(&mut self) {
        self.committed = self.world.reader.clone();
    }

    /// Moves `api.log.1` to `api.log.2` and so on, compressed ones too; returns whether there is a log.
    fn shift(&self) -> bool {
        for n in (1..40).rev() {
            for end in ["", ".gz"] {
                let (from, to) = (format!("api.log.{n}{end}"), format!("api.log.{}{end}", n + 1));
                if self.world.path(&from).exists() {
                    self.world.rename(&from, &to);
                }
            }
        }
        self.world.path("api.log").exists()
    }

    fn happen(&mut self, happening: Happening) {
        match happening {
            Happening::Write(n_lines) => self.write(n_lines),
            Happening::WriteInHalves => {
                let line = self.next_line();
                let (one, two) = line.split_at(line.len() / 2);
                self.world.append("api.log", one);
                self.look();
                self.world.append("api.log", two);
            }
            Happening::Rename | Happening::RenameAway => {
                if self.shift() {
                    self.world.rename("api.log", "api.log.1");
                }
                if matches!(happening, Happening::Rename) {
                    self.world.append("api.log", "");
                }
            }
            Happening::CopyAndTruncate => {
                if self.shift() {
                    fs::copy(self.world.path("api.log"), self.world.path("api.log.1")).unwrap();
                    fs::write(self.world.path("api.log"), "").unwrap();
                }
            }
            Happening::Compress(n) => self.compress(&self.world.path(&format!("api.log.{n}"))),
            Happening::Delete => {
                self.write(1);
                self.look();
                self.write(1);
                fs::remove_file(self.world.path("api.log")).unwrap();
                self.look();
                self.world.now = self.world.now.after(GRACE);
                self.look();
                self.commit();
            }
            Happening::Look => self.look(),
            Happening::Commit => self.commit(),
            Happening::Restart => self.world.restart_from(&self.committed),
        }
    }

    /// As gzip does it: the time of the last change is kept, and the plain file goes.
    fn compress(&self, path: &Path) {
        let Ok(text) = fs::read_to_string(path) else { return };
        let packed = PathBuf::from(format!("{}.gz", path.display()));
        fs::write(&packed, gzip(&text)).unwrap();
        let modified = fs::metadata(path).unwrap().modified().unwrap();
        fs::File::options().write(true).open(&packed).unwrap().set_modified(modified).unwrap();
        fs::remove_file(path).unwrap();
    }
}

/// Every line comes exactly once, whatever happens between two looks and between two runs.
fn each_line_comes_once(pattern: &str, happenings: &[Happening]) -> Result<(), TestCaseError> {
    let mut story = Story::new(pattern);
    happenings.iter().for_each(|happening| story.happen(*happening));
    story.look();
    story.world.now = story.world.now.after(GRACE);
    story.look();
    let mut read = story.world.reader.lines.clone();
    read.sort();
    let missing: Vec<_> = story.written.iter().filter(|line| !read.contains(line)).collect();
    let doubled: Vec<_> = read.windows(2).filter(|pair| pair[0] == pair[1]).map(|pair| &pair[0]).collect();
    prop_assert!(missing.is_empty() && doubled.is_empty(), "missing {missing:#?}, doubled {doubled:#?}");
    prop_assert_eq!(read.len(), story.written.len());
    prop_assert_eq!((story.world.reader.lost, story.world.reader.vanished.len()), (0, 0));
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(150) })]

    #[test]
    fn each_line_of_a_named_log_comes_once(happenings in prop::collection::vec(happening(), 0..40)) {
        each_line_comes_once("api.log", &happenings)?;
    }

    #[test]
    fn each_line_of_logs_that_match_a_pattern_comes_once(happenings in prop::collection::vec(happening(), 0..40)) {
        each_line_comes_once("api.log*", &happenings)?;
    }

    #[test]
    fn each_line_of_logs_in_a_directory_comes_once(happenings in prop::collection::vec(happening(), 0..40)) {
        each_line_comes_once(".", &happenings)?;
    }
}
