//! Following real files in temporary directories, step by step; nothing sleeps.

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::io::Write;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::time::Duration;

use aftercare::engine::SourceState;
use aftercare::shell::clock::Clock;
use aftercare::shell::source::{Cursor, Feed, Options, SourceSpec, Sources, Step, StreamId};
use aftercare::units::Timestamp;
use flate2::Compression;
use flate2::write::GzEncoder;

mod law;
mod rotation;

/// What the engine's thread does with feeds, reduced to whole lines and cursors.
#[derive(Clone, Default)]
struct Reader {
    lines: Vec<String>,
    cursors: BTreeMap<u64, Cursor>,
    open: HashMap<StreamId, (u64, Vec<u8>)>,
    states: BTreeMap<usize, SourceState>,
    skipped: Vec<(PathBuf, String)>,
    vanished: Vec<PathBuf>,
    lost: u64,
    behind: u64,
    caught_up: u32,
    n_bytes: u64,
    /// Why a file that was handed over could not be read.
    failed: Option<String>,
}

impl Reader {
    fn take(&mut self, feed: Feed) {
        match feed {
            Feed::Opened(id, cursor) => {
                assert!(self.open.insert(id, (cursor.number, Vec::new())).is_none(), "a stream id was used twice");
                self.cursors.insert(cursor.number, cursor);
            }
            Feed::Identified(id, identity) => {
                let cursor = self.cursors.get_mut(&self.open[&id].0).unwrap();
                let (offset, ended, last_minute) = (cursor.offset, cursor.ended, cursor.last_minute);
                *cursor = Cursor { offset, ended, last_minute, ..identity };
            }
            Feed::Stretch(id, stretch, at) => {
                let mut bytes = Vec::new();
                self.failed = stretch.read(&mut [0; 1000], |piece| bytes.extend_from_slice(piece)).err();
                self.take(Feed::Bytes(id, bytes, at));
            }
            Feed::Bytes(id, bytes, _) => {
                assert!(bytes.len() <= 1 << 20);
                self.n_bytes += bytes.len() as u64;
                let (number, rest) = self.open.get_mut(&id).unwrap();
                rest.extend(bytes);
                let cursor = self.cursors.get_mut(number).unwrap();
                let whole = rest.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
                let whole: Vec<u8> = rest.drain(..whole).collect();
                cursor.offset += whole.len() as u64;
                // The engine notes the minute of the events; these happen as they are read.
                cursor.last_minute = Some(Clock::real().now().minute().number());
                self.lines.extend(String::from_utf8_lossy(&whole).lines().map(str::to_owned));
            }
            Feed::Ended(id) => {
                let (number, rest) = self.open.remove(&id).unwrap();
                let cursor = self.cursors.get_mut(&number).unwrap();
                cursor.offset += rest.len() as u64;
                cursor.ended = true;
                if !rest.is_empty() {
                    self.lines.push(String::from_utf8_lossy(&rest).into_owned());
                }
            }
            Feed::State(source, state) => {
                assert_ne!(self.states.insert(source, state.clone()), Some(state), "a state was told twice");
            }
            Feed::CaughtUp => self.caught_up += 1,
            Feed::Behind(n_bytes) => self.behind = n_bytes,
            Feed::Lost(n_bytes) => self.lost += n_bytes,
            Feed::Vanished(cursor) => {
                self.vanished.push(cursor.path.clone());
                self.cursors.insert(cursor.number, cursor);
            }
            Feed::Skipped { path, why, .. } => self.skipped.push((path, why)),
        }
    }
}

/// A directory of logs, and the sources that read it.
struct World {
    directory: tempfile::TempDir,
    specs: Vec<SourceSpec>,
    options: Options,
    sources: Sources,
    reader: Reader,
    now: Timestamp,
}

const GRACE: Duration = Duration::from_secs(30);

impl World {
    /// Watches these names in a new directory, after `prepare` filled it.
    fn new(names: &[&str], prepare: impl FnOnce(&Path)) -> Self {
        Self::with(names, Options { rescan: Duration::ZERO, grace: GRACE, ..Options::default() }, prepare)
    }

    fn with(names: &[&str], options: Options, prepare: impl FnOnce(&Path)) -> Self {
        let directory = tempfile::tempdir().unwrap();
        prepare(directory.path());
        let specs: Vec<_> =
            names.iter().map(|name| SourceSpec::parse(directory.path().join(name).as_os_str()).unwrap()).collect();
        let sources = Sources::new(specs.clone(), Vec::new(), options.clone());
        let now = Clock::real().now();
        Self { directory, specs, options, sources, reader: Reader::default(), now }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    fn append(&self, name: &str, text: &str) {
        append(&self.path(name), text);
    }

    fn rename(&self, from: &str, to: &str) {
        fs::rename(self.path(from), self.path(to)).unwrap();
    }

    /// Steps until there is nothing more to read.
    fn poll(&mut self) -> Step {
        for _ in 0..1_000 {
            self.now = self.now.after(Duration::from_millis(100));
            let reader = &mut self.reader;
            let step = self.sources.poll_once(self.now, &mut |feed| {
                reader.take(feed);
                ControlFlow::Continue(())
            });
            if step != Step::Busy {
                return step;
            }
        }
        panic!("reading does not come to an end");
    }

    /// Starts anew from what was committed.
    fn restart_from(&mut self, committed: &Reader) {
        self.reader = Reader {
            lines: committed.lines.clone(),
            cursors: committed.cursors.clone(),
            lost: self.reader.lost,
            ..Reader::default()
        };
        let cursors = committed.cursors.values().cloned().collect();
        self.sources = Sources::new(self.specs.clone(), cursors, self.options.clone());
    }

    fn restart(&mut self) {
        let committed = self.reader.clone();
        self.restart_from(&committed);
    }

    #[track_caller]
    fn expect(&mut self, lines: &[&str]) {
        self.poll();
        assert_eq!(self.reader.lines, lines);
    }

    /// Like `expect`, in any order.
    #[track_caller]
    fn expect_all(&mut self, lines: &[&str]) {
        self.poll();
        let (mut read, mut written) = (self.reader.lines.clone(), lines.to_vec());
        read.sort();
        written.sort_unstable();
        assert_eq!(read, written);
    }

    fn state(&self) -> SourceState {
        self.reader.states[&0].clone()
    }
}

fn append(path: &Path, text: &str) {
    let mut file = fs::OpenOptions::new().create(true).append(true).open(path).unwrap();
    file.write_all(text.as_bytes()).unwrap();
}

fn gzip(text: &str) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(text.as_bytes()).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn files_that_match_later_join() {
    let mut world = World::new(&["*.log"], |_| ());
    world.expect(&[]);
    assert_eq!(world.state(), SourceState::Waiting);
    world.append("a.log", "one\n");
    world.append("a.txt", "no\n");
    world.expect(&["one"]);
    world.append("b.log", "two\n");
    world.expect(&["one", "two"]);
}

#[test]
fn a_directory_is_read_with_what_joins_it_and_without_what_is_no_log() {
    let mut world = World::new(&["logs"], |at| {
        fs::create_dir_all(at.join("logs/pod/container")).unwrap();
        append(&at.join("logs/a.log"), "one\n");
        append(&at.join("logs/pod/container/0.log"), "two\n");
        append(&at.join("logs/.hidden"), "no\n");
        append(&at.join("logs/wtmp"), "no\0no\n");
        append(&at.join("logs/old.xz"), "\u{fffd}");
        fs::write(at.join("logs/old.xz"), b"\xfd7zXZ\0rest").unwrap();
        fs::write(at.join("logs/sparse.log"), b"\0\0\0three\n").unwrap();
    });
    world.expect_all(&["one", "two", "\0\0\0three"]);
    let skipped: Vec<_> = world.reader.skipped.iter().map(|(path, why)| (path.clone(), why.as_str())).collect();
    let xz = "it is compressed in a form that is not read (xz)";
    assert_eq!(skipped.len(), 2, "{skipped:?}");
    assert!(skipped.contains(&(world.path("logs/wtmp"), "it is binary, not text")));
    assert!(skipped.contains(&(world.path("logs/old.xz"), xz)));
    world.append("logs/pod/container/1.log", "four\n");
    world.poll();
    assert_eq!(world.reader.lines.last().unwrap(), "four");
    assert_eq!(world.reader.skipped.len(), 2, "told twice");
}

#[test]
fn history_is_read_oldest_first() {
    let mut world = World::new(&["*.log"], |at| {
        for (name, age) in [("c.log", 50), ("a.log", 20), ("b.log", 30)] {
            let mut file = fs::File::create(at.join(name)).unwrap();
            writeln!(file, "{name}").unwrap();
            file.set_modified(std::time::SystemTime::now() - Duration::from_secs(age)).unwrap();
        }
    });
    world.expect(&["c.log", "b.log", "a.log"]);
}

/// Reads everything once, without following.
fn read_once(names: &[&str], prepare: impl FnOnce(&Path)) -> World {
    let mut world = World::with(names, Options { follow: false, ..Options::default() }, prepare);
    assert_eq!(world.poll(), Step::Done);
    world
}

#[test]
fn without_following_everything_ends() {
    let world = read_once(&["a.log", "missing.log", "*.txt"], |at| append(&at.join("a.log"), "one\ntwo"));
    assert_eq!(world.reader.lines, ["one", "two"]);
    assert_eq!((world.reader.caught_up, world.reader.open.len(), world.reader.behind), (1, 0, 0));
    assert_eq!(world.reader.states[&0], SourceState::Ended);
    let missing = format!("{}: it does not exist", world.path("missing.log").display());
    assert_eq!(world.reader.states[&1], SourceState::Failed(missing));
    assert_eq!(world.reader.states[&2], SourceState::Failed("nothing matches".to_owned()));
}

#[test]
fn files_that_are_handed_over_are_read_to_the_byte() {
    let prepare = |at: &Path| {
        for (name, n_bytes) in [("a.log", 0), ("b.log", 999), ("c.log", 1_000), ("d.log", 2_500)] {
            append(&at.join(name), &format!("{name} ").repeat(500)[..n_bytes]);
        }
        fs::write(at.join("e.gz"), gzip("packed\n")).unwrap();
    };
    let read = |hand_over| {
        let options = Options { follow: false, hand_over, ..Options::default() };
        let mut world = World::with(&["*.log", "e.gz", "missing.log"], options, prepare);
        assert_eq!(world.poll(), Step::Done);
        assert_eq!((&world.reader.failed, world.reader.open.len(), world.reader.behind), (&None, 0, 0));
        (world.reader.lines, world.reader.n_bytes)
    };
    assert_eq!(read(true), read(false));
}

#[test]
fn a_file_that_is_shortened_after_it_was_handed_over_is_told() {
    let options = Options { follow: false, hand_over: true, ..Options::default() };
    let mut world = World::with(&["a.log"], options, |at| append(&at.join("a.log"), &"line\n".repeat(1_000)));
    let path = world.path("a.log");
    let (reader, now) = (&mut world.reader, world.now);
    let _ = world.sources.poll_once(now, &mut |feed| {
        if matches!(feed, Feed::Stretch(..)) {
            fs::OpenOptions::new().write(true).open(&path).unwrap().set_len(15).unwrap();
        }
        reader.take(feed);
        ControlFlow::Continue(())
    });
    assert_eq!(world.reader.lines, ["line"; 3]);
    assert_eq!(world.reader.failed, Some(format!("{}: it was shortened while it was read", path.display())));
}

#[test]
fn archives_of_several_parts_are_read_whole() {
    let world = read_once(&["a.gz", "b.zst"], |at| {
        let gz = [gzip("one\n"), gzip(""), gzip("two\n"), vec![0; 512]].concat();
        fs::write(at.join("a.gz"), gz).unwrap();
        let zstd = |text: &str| {
            ruzstd::encoding::compress_to_vec(text.as_bytes(), ruzstd::encoding::CompressionLevel::Fastest)
        };
        let skippable = [b"\x50\x2a\x4d\x18\x03\0\0\0abc".to_vec(), zstd("three\n"), zstd("four\n")].concat();
        fs::write(at.join("b.zst"), skippable).unwrap();
    });
    let mut lines = world.reader.lines.clone();
    lines.sort();
    assert_eq!(lines, ["four", "one", "three", "two"]);
    assert_eq!(world.state(), SourceState::Ended);
}

#[test]
fn of_a_damaged_archive_what_is_readable_is_read_and_the_source_fails_visibly() {
    // Numbers that do not compress well, so that a good part lies before the cut.
    let text: String = (0_u64..40_000).map(|n| format!("{:x}\n", n.wrapping_mul(0x9e37_79b9_7f4a_7c15))).collect();
    let whole = gzip(&text);
    for (name, bytes) in [("cut", whole[..whole.len() / 2].to_vec()), ("garbage", [&whole[..], b"garbage"].concat())] {
        let world = read_once(&["a.gz"], |at| fs::write(at.join("a.gz"), &bytes).unwrap());
        let read = world.reader.lines.join("\n");
        assert!(text.starts_with(&read) && read.len() > text.len() / 3, "{name}: {} bytes", read.len());
        assert!(matches!(world.state(), SourceState::Failed(_)), "{name}: {:?}", world.state());
    }
}

#[test]
fn an_archive_that_is_still_being_written_is_read_on_when_it_has_grown() {
    let text: String = (0_u64..40_000).map(|n| format!("{:x}\n", n.wrapping_mul(0x9e37_79b9_7f4a_7c15))).collect();
    let whole = gzip(&text);
    let mut world = World::new(&["a.gz"], |at| fs::write(at.join("a.gz"), &whole[..1]).unwrap());
    world.expect(&[]);
    assert!(matches!(world.state(), SourceState::Failed(_)), "{:?}", world.state());
    for part in [whole.len() / 3, whole.len() / 2, whole.len()] {
        fs::write(world.path("a.gz"), &whole[..part]).unwrap();
        world.poll();
    }
    assert_eq!(world.reader.lines.join("\n") + "\n", text);
    assert_eq!(world.state(), SourceState::Ended);
}

#[test]
fn a_file_that_was_not_readable_is_read_when_it_is() {
    use std::os::unix::fs::PermissionsExt;
    let allow = |path: &Path, mode| fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    let mut world = World::new(&["api.log"], |at| append(&at.join("api.log"), "one\n"));
    allow(&world.path("api.log"), 0o000);
    if fs::File::open(world.path("api.log")).is_ok() {
        // Permissions do not bind the superuser: this says nothing there.
        return;
    }
    world.expect(&[]);
    let why = format!("{}: permission denied", world.path("api.log").display());
    assert_eq!(world.state(), SourceState::Failed(why));
    allow(&world.path("api.log"), 0o600);
    world.expect(&["one"]);
    assert_eq!(world.state(), SourceState::Following);
}

#[test]
fn devices_and_sockets_are_refused() {
    let mut world = World::new(&["/dev/null", "socket"], |_| ());
    let _socket = std::os::unix::net::UnixListener::bind(world.path("socket")).unwrap();
    world.expect(&[]);
    for (source, path) in [(0, PathBuf::from("/dev/null")), (1, world.path("socket"))] {
        let why = format!("{}: it is a device or a socket", path.display());
        assert_eq!(world.reader.states[&source], SourceState::Failed(why));
    }
}

#[test]
fn many_files_are_followed_with_few_open_at_a_time() {
    let options = Options { rescan: Duration::ZERO, most_open: 3, ..Options::default() };
    let mut world = World::with(&["*.log"], options, |at| {
        (0..20).for_each(|n| append(&at.join(format!("{n:02}.log")), &format!("{n} one\n")));
    });
    world.poll();
    let held = fs::read_dir("/proc/self/fd").map(|entries| {
        let links = entries.flatten().filter_map(|entry| fs::read_link(entry.path()).ok());
        links.filter(|path| path.starts_with(world.directory.path())).count()
    });
    assert!(held.is_ok_and(|held| held <= 4), "too many files are open");
    (0..20).for_each(|n| world.append(&format!("{n:02}.log"), &format!("{n} two\n")));
    (0..20).for_each(|n| world.rename(&format!("{n:02}.log"), &format!("{n:02}.log.1")));
    (0..20).for_each(|n| world.append(&format!("{n:02}.log"), &format!("{n} three\n")));
    let all: Vec<_> = (0..20).flat_map(|n| [format!("{n} one"), format!("{n} two"), format!("{n} three")]).collect();
    world.expect_all(&all.iter().map(String::as_str).collect::<Vec<_>>());
    assert_eq!(world.reader.lost, 0);
}

#[test]
fn a_large_file_comes_in_bounded_chunks_and_its_progress_is_told() {
    let line = "x".repeat(99);
    let mut world = World::new(&["api.log", "live.log"], |at| {
        append(&at.join("api.log"), &format!("{line}\n").repeat(200_000));
        append(&at.join("live.log"), "");
    });
    let mut reader = std::mem::take(&mut world.reader);
    let step = world.sources.poll_once(world.now, &mut |feed| {
        reader.take(feed);
        ControlFlow::Continue(())
    });
    assert_eq!((step, reader.caught_up), (Step::Busy, 0));
    assert!(reader.n_bytes >= 4 << 20 && reader.n_bytes < 6 << 20, "{} bytes in one step", reader.n_bytes);
    assert_eq!(reader.behind, 20_000_000 - reader.n_bytes);
    assert_eq!(reader.states[&0], SourceState::Reading(reader.n_bytes, 20_000_000));
    world.reader = reader;
    world.poll();
    assert_eq!((world.reader.lines.len(), world.reader.behind, world.reader.caught_up), (200_000, 0, 1));
}

/// Runs sources to their end in this thread.
fn run_to_end(sources: Sources) -> Reader {
    let mut reader = Reader::default();
    let clock = Clock::real();
    sources.run(&clock, &std::sync::atomic::AtomicBool::new(false), |feed| {
        reader.take(feed);
        ControlFlow::Continue(())
    });
    reader
}

#[test]
fn standard_input_is_read_to_its_end_beside_files() {
    let directory = tempfile::tempdir().unwrap();
    append(&directory.path().join("a.log"), "one\n");
    let specs = vec![SourceSpec::Path(directory.path().join("a.log")), SourceSpec::parse("-".as_ref()).unwrap()];
    let input = "two\n".repeat(100_000);
    let options = Options { follow: false, ..Options::default() };
    let sources = Sources::new(specs, Vec::new(), options).with_stdin(std::io::Cursor::new(input.into_bytes()));
    assert_eq!(sources.names()[1], "-");
    let reader = run_to_end(sources);
    assert_eq!((reader.lines.len(), reader.caught_up, reader.open.len()), (100_001, 1, 0));
    assert_eq!(reader.states, BTreeMap::from([(0, SourceState::Ended), (1, SourceState::Ended)]));
}

#[test]
fn a_named_pipe_is_read_as_a_stream() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("pipe");
    assert!(std::process::Command::new("mkfifo").arg(&path).status().unwrap().success());
    let specs = vec![SourceSpec::Path(path.clone())];
    let writer = std::thread::spawn(move || fs::write(path, "one\ntwo\n").unwrap());
    let reader = run_to_end(Sources::new(specs, Vec::new(), Options { follow: false, ..Options::default() }));
    writer.join().unwrap();
    assert_eq!(reader.lines, ["one", "two"]);
    assert_eq!(reader.states[&0], SourceState::Ended);
}
