//! Takes off what stands for a process, a request or a moment by its shape alone: the processes of Erlang, the request ids of
//! functions in a cloud, the ticks of log4j, the prefix of a database.

use super::{GROUP_BYTES, Peeler, closing, is_name, level_at};
use crate::ingest::decode::{clean, database};
use crate::ingest::trace::place::is_number;

/// The length of a UUID, and where its dashes are.
const UUID: (usize, [usize; 4]) = (36, [8, 13, 18, 23]);

/// The width of the source in the log of SQL Server, with the blanks behind it.
const SOURCE_WIDTH: usize = 12;

/// The endings of files of source code.
const SOURCES: [&str; 16] =
    ["c", "cc", "cpp", "cxx", "cs", "erl", "ex", "go", "h", "java", "kt", "lua", "py", "rb", "rs", "scala"];

/// Numbers of threads have at least so many digits where they are addresses.
const THREAD_DIGITS: usize = 10;

impl<'a> Peeler<'a, '_> {
    /// `<0.744.0>`, perhaps with the place that the process is at behind it: `<0.744.0>@rabbit_node:boot:12`.
    pub(super) fn erlang_process(&mut self, body: &'a str) -> Option<usize> {
        let (inside, behind) = clean::cut(body, 64).strip_prefix('<')?.split_once('>')?;
        let n_parts = inside.split('.').count();
        if self.found.time.is_none() || n_parts != 3 || !inside.split('.').all(is_number) {
            return None;
        }
        let n_place = behind.strip_prefix('@').map_or(0, |place| 1 + place.split(' ').next().map_or(0, str::len));
        if !behind.get(n_place..)?.starts_with(' ') {
            return None;
        }
        self.field("process", inside);
        if let Some(place) = behind.get(1..n_place) {
            self.field("caller", place);
        }
        Some(inside.len() + 2 + n_place)
    }

    /// A UUID behind the time: the request that a line is about.
    pub(super) fn request(&mut self, body: &'a str) -> Option<usize> {
        let (length, dashes) = UUID;
        body.as_bytes().get(dashes[0]).filter(|dash| **dash == b'-' && self.found.time.is_some())?;
        let word = body.get(..length)?;
        let is_it = word
            .bytes()
            .enumerate()
            .all(|(at, byte)| if dashes.contains(&at) { byte == b'-' } else { byte.is_ascii_hexdigit() });
        let ends = body.get(length..).is_some_and(|rest| rest.starts_with([' ', '\t']));
        (is_it && ends && self.found.fields.iter().all(|(name, _)| *name != "request")).then(|| {
            self.field("request", word);
            length
        })
    }

    /// `4711 [main] ERROR `: the milliseconds since the start, the thread and the level, as log4j writes where nobody chose
    /// another form; tells whether that was there.
    pub(super) fn ticks(&mut self) -> bool {
        let n_digits = self.text.bytes().take(12).take_while(u8::is_ascii_digit).count();
        let rest = self.text.get(n_digits..).and_then(|rest| rest.strip_prefix(" ["));
        let Some(rest) = rest.filter(|_| n_digits > 0) else { return false };
        let front = self.text.get(n_digits + 1..).unwrap_or_default();
        let Some(end) = closing(front, b']').filter(|end| *end <= GROUP_BYTES) else { return false };
        let behind = front.get(end + 1..).and_then(|rest| rest.strip_prefix(' ')).unwrap_or_default();
        let Some((level, n_level)) = level_at(behind, false) else { return false };
        self.found.level = Some(level);
        self.field("thread", rest.get(..end - 1).unwrap_or_default());
        self.at = n_digits + 1 + end + 2 + n_level;
        true
    }

    /// `spid52      `, behind a time: the source, filled up to the width that SQL Server gives it; and `ThreadId(04)` of
    /// Rust's tracing, behind a level.
    pub(super) fn column_of_source(&mut self, body: &'a str, blanks: usize) -> Option<usize> {
        self.found.time?;
        if self.found.level.is_some() {
            let inside = body.strip_prefix("ThreadId(")?;
            let n = memchr::memchr(b')', inside.as_bytes())?;
            let thread = inside.get(..n).filter(|thread| thread.bytes().all(|byte| byte.is_ascii_digit()))?;
            self.field("thread", thread);
            return Some(body.len() - inside.len() + n + 1);
        }
        if blanks != 1 || self.found.component.is_some() || !self.found.fields.is_empty() {
            return None;
        }
        let n = memchr::memchr(b' ', body.as_bytes().get(..body.len().min(SOURCE_WIDTH))?)?;
        let word = body.get(..n)?;
        let behind = body.get(n..)?;
        let width = n + behind.len() - behind.trim_start_matches(' ').len();
        (width == SOURCE_WIDTH && n < SOURCE_WIDTH - 1 && is_name(word)).then(|| {
            self.component(word);
            // One blank stays, which separates.
            SOURCE_WIDTH - 1
        })
    }

    /// The prefix that stands right behind the time of a database, see [`database::prefix`].
    pub(super) fn database(&mut self) {
        let rest = self.text.get(self.at..).unwrap_or_default();
        let Some((n, [client, who, process])) = database::prefix(rest) else { return };
        self.field("pid", process);
        self.field("client", client);
        self.component(if who == "@" { "" } else { who });
        self.at += n;
    }

    /// `views 12 140163532105472 `, behind a time and a level: the module, the process and the thread, as in the example of
    /// Django's documentation.
    pub(super) fn module_and_thread(&mut self, body: &'a str) -> Option<usize> {
        if self.found.time.is_none() || self.found.level.is_none() || self.found.component.is_some() {
            return None;
        }
        let blank = memchr::memchr(b' ', body.as_bytes().get(..body.len().min(GROUP_BYTES))?)?;
        // Most words have no number behind them.
        body.as_bytes().get(blank + 1).filter(|next| next.is_ascii_digit())?;
        let mut words = clean::cut(body, GROUP_BYTES).splitn(4, ' ');
        let (module, process, thread) = (words.next()?, words.next()?, words.next()?);
        words.next()?;
        if !(is_name(module) && is_number(process) && is_number(thread) && thread.len() >= THREAD_DIGITS) {
            return None;
        }
        let (process_at, thread_at) = (module.len() + 1, module.len() + process.len() + 2);
        self.component(body.get(..module.len())?);
        self.field("pid", body.get(process_at..process_at + process.len())?);
        self.field("thread", body.get(thread_at..thread_at + thread.len())?);
        Some(thread_at + thread.len())
    }

    /// `file.go:12:`, or `file.go:12` before a tab, or `file.go:12:Function()`.
    pub(super) fn caller(&mut self, word: &'a str, behind: &str) -> Option<usize> {
        let place = match word
            .strip_suffix(':')
            .or_else(|| word.strip_suffix("()")?.rsplit_once(':').map(|(place, _)| place))
        {
            Some(place) => place,
            None if behind.starts_with('\t') || behind.starts_with(" > ") || self.is_place_in_source(word) => word,
            None => return None,
        };
        let (file, line) = place.rsplit_once(':')?;
        let is_line = !line.is_empty() && line.bytes().all(|byte| byte.is_ascii_digit());
        let (_, ending) = file.rsplit_once('.')?;
        let is_file = (1..=4).contains(&ending.len()) && ending.bytes().all(|byte| byte.is_ascii_lowercase());
        let known = self.found.time.is_some() || self.found.level.is_some();
        (is_line && is_file && known).then(|| {
            self.field("caller", place);
            word.len() + if behind.starts_with(" > ") { 2 } else { 0 }
        })
    }

    /// Whether a word behind a time and a level is a place in source code: `mod_sofia.c:42`.
    fn is_place_in_source(&self, word: &str) -> bool {
        if self.found.time.is_none() || self.found.level.is_none() {
            return false;
        }
        let Some(colon) = memchr::memchr(b':', word.as_bytes()) else { return false };
        let file = word.get(..colon).unwrap_or_default();
        file.rsplit_once('.').is_some_and(|(_, ending)| SOURCES.contains(&ending))
    }

    /// Whether a class in this package, behind a thread in brackets, is followed by its method, as `java.util.logging`
    /// writes on one line in Tomcat.
    pub(super) fn is_method_of(&self, class: &str) -> bool {
        let is_class = class.rsplit('.').next().is_some_and(|last| last.starts_with(|c: char| c.is_ascii_uppercase()));
        let front = self.text.get(..self.at).unwrap_or_default();
        is_class && self.found.time.is_some() && front.ends_with(']')
    }
}
