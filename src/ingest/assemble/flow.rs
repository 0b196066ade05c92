//! Decides whether a line continues the event before it.
//!
//! Input: the lines of one event so far, and the next line of the same carrier. Output: yes or no. Ordinary lines never
//! continue anything; a trace continues as its runtime prints it.
//!
//! Pure. Keeps no text; `shape` tells what a line is by itself.

use std::time::Duration;

use super::shape::{self, Dialect, Shape};
use crate::ingest::Level;
use crate::ingest::decode::{self, Format, Header, Record, cut};
use crate::units::Timestamp;

/// How many lines a message may go on over before the calls of its exception.
pub(super) const ANNOUNCED: u8 = 6;

/// How far apart the times of lines may be that a program wrote in one go. Whatever else blanks may mean, lines that come
/// later are thus never taken for part of an event that is long over.
const AT_ONCE: Duration = Duration::from_secs(2);

/// How far an event has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// No trace in it.
    Plain,
    /// In a trace.
    Trace,
    /// In a traceback of Python, whose exception has not come.
    Calls,
    /// Behind a call of such a traceback that lost its indentation: its source line may follow.
    Trimmed,
    /// In the stacks of Go.
    Go,
    /// In the calls of Ruby, which go on with the cause.
    Ruby,
    /// Behind the first line of a panic of Rust, whose message is on the next.
    Panic,
    /// Behind the place that Node prints; a source line follows.
    Place,
    /// Behind that source line; the exception follows.
    Source,
    /// In a JSON object that is spread over lines.
    Object,
    /// In an event of Windows that is spread over lines.
    Markup,
    /// In the quotes of a line of PostgreSQL.
    Quotes,
    /// Behind the end of what was spread over lines.
    Closed,
}

/// What the lines of an event so far tell about the next one.
#[derive(Clone, Debug)]
pub(super) struct Flow {
    stage: Stage,
    /// Whether the head's message was searched for a trace that begins in it.
    is_searched: bool,
    /// How many lines may come before the calls of an exception that was announced.
    n_announced: u8,
    /// The message is on the next line.
    awaits_message: bool,
    /// A line without header must be indented more than this.
    margin: usize,
    /// A line behind a time alone must be indented more than this.
    timed: usize,
    /// A line behind a header of its own must be indented more than this.
    indent: usize,
    /// Where its first column ends.
    column: Option<Column>,
    /// When it happened.
    at: Option<Timestamp>,
}

impl Flow {
    /// The flow of an event of which nothing is known but that it was handed out.
    pub(super) fn unknown() -> Self {
        Self {
            stage: Stage::Plain,
            is_searched: true,
            n_announced: 0,
            awaits_message: false,
            margin: 0,
            timed: usize::MAX,
            indent: usize::MAX,
            column: None,
            at: None,
        }
    }

    /// The flow behind the first line of an event.
    pub(super) fn behind(head: &Record) -> Self {
        let is_bare = head.header == Header::None;
        Self {
            stage: spread(head).unwrap_or(Stage::Plain),
            // A message of several lines holds all of its trace.
            is_searched: is_structured(head) || memchr::memchr(b'\n', head.message.as_bytes()).is_some(),
            n_announced: if is_spread(head) { SPREAD_LINES } else { 0 },
            awaits_message: head.awaits_message,
            margin: if is_bare { head.indent } else { head.margin },
            // Some loggers put two blanks behind the time.
            timed: if head.header == Header::Carrier { head.indent } else { usize::MAX },
            indent: head.indent,
            column: Column::of(head),
            at: head.time,
        }
    }

    /// Whether only a trace or an indented line could still join the event.
    pub(super) fn is_plain(&self) -> bool {
        self.stage == Stage::Plain && !self.awaits_message
    }

    /// Whether a trace was seen.
    pub(super) fn has_trace(&self) -> bool {
        !matches!(self.stage, Stage::Plain | Stage::Object | Stage::Markup | Stage::Quotes | Stage::Closed)
    }

    /// Whether it was spread over lines, and is whole.
    pub(super) fn is_spread(&self) -> bool {
        self.stage == Stage::Closed
    }

    /// Whether more must come before the event makes sense.
    pub(super) fn is_unfinished(&self) -> bool {
        self.awaits_message
            || self.n_announced > 0
            || matches!(
                self.stage,
                Stage::Calls
                    | Stage::Trimmed
                    | Stage::Panic
                    | Stage::Place
                    | Stage::Source
                    | Stage::Object
                    | Stage::Markup
                    | Stage::Quotes
            )
    }

    /// Whether the line continues the event whose first line is `head`, if that is known.
    pub(super) fn takes(&mut self, head: Option<&Record>, line: &Record, after_blank: bool) -> bool {
        if self.awaits_message {
            if head.is_some_and(|head| decode::is_before_statement(head, line)) {
                return true;
            }
            let is_dated = line.time.is_some() && line.carrier.is_empty();
            return line.header != Header::Own || (line.level.is_some() && !is_dated && !line.awaits_message);
        }
        // An event of Windows is indented where they stand in a list.
        if line.header == Header::None && decode::opens_markup(&line.message) {
            return false;
        }
        if let Stage::Markup | Stage::Quotes = self.stage {
            return !begins_always(line);
        }
        if line.awaits_message || is_structured(line) || self.stage == Stage::Closed {
            return false;
        }
        if let Some(is_of_this) = decode::is_addition(head, line) {
            return is_of_this && self.is_at_once(line);
        }
        let is_deeper = line.indent > self.indent || line.margin > self.margin;
        if line.header == Header::Own && self.stage == Stage::Plain && !is_deeper {
            return false;
        }
        self.search(head);
        let shape = shape::shape(&line.message);
        if line.header == Header::Own {
            return self.takes_headed(head, line, shape);
        }
        match shape {
            Shape::Blank | Shape::Inside(_) | Shape::Link(_) => true,
            Shape::Opens(_) if self.stage == Stage::Plain => head.is_some_and(may_have_trace),
            _ if self.is_indented(line) => true,
            Shape::Branch => self.has_trace(),
            Shape::Opens(dialect) => self.goes_on_in(dialect, &line.message, after_blank),
            Shape::Head => {
                self.n_announced > 0
                    || matches!(self.stage, Stage::Calls | Stage::Trimmed | Stage::Panic | Stage::Source)
                    || (self.stage == Stage::Plain && head.is_some_and(may_have_trace))
            }
            Shape::Text => self.takes_text(&line.message, after_blank),
        }
    }

    /// Whether a trace goes on with what could begin one.
    fn goes_on_in(&self, dialect: Dialect, text: &str, after_blank: bool) -> bool {
        match (self.stage, dialect) {
            (Stage::Go, Dialect::Go) => text.starts_with("goroutine "),
            (Stage::Calls | Stage::Ruby, Dialect::Ruby) => !after_blank,
            _ => self.n_announced > 0,
        }
    }

    /// Whether a line that has a header of its own is still of this event: its writer put one before every line.
    fn takes_headed(&self, head: Option<&Record>, line: &Record, shape: Shape) -> bool {
        if self.stage == Stage::Plain {
            return false;
        }
        if line.margin > 0 {
            return true;
        }
        let goes_on = match shape {
            Shape::Inside(_) | Shape::Link(_) | Shape::Branch => true,
            Shape::Head => self.stage == Stage::Calls,
            Shape::Opens(_) => self.n_announced > 0,
            Shape::Blank | Shape::Text => false,
        };
        (goes_on || line.indent > 0) && head.is_some_and(|head| is_same_writer(head, line))
    }

    fn takes_text(&self, text: &str, after_blank: bool) -> bool {
        match self.stage {
            Stage::Plain | Stage::Closed | Stage::Markup | Stage::Quotes => false,
            Stage::Object => text.starts_with('}'),
            Stage::Calls | Stage::Trimmed | Stage::Panic | Stage::Place => !after_blank,
            Stage::Trace if self.n_announced > 0 => true,
            Stage::Go => is_of_go(text),
            Stage::Trace | Stage::Ruby | Stage::Source => is_closing(text),
        }
    }

    fn is_indented(&self, line: &Record) -> bool {
        if line.indent == 0 {
            return false;
        }
        self.has_trace()
            || self.stage == Stage::Object
            || match line.header {
                Header::None => line.indent > self.margin && !self.is_in_column(line),
                Header::Carrier if line.carrier.is_empty() => {
                    line.indent > self.timed && !self.is_in_column(line) && self.is_at_once(line)
                }
                Header::Carrier | Header::Own => self.is_at_once(line),
            }
    }

    /// Whether a line with a time of its own was written in one go with the first one, as far as their times tell.
    fn is_at_once(&self, line: &Record) -> bool {
        let between = self.at.zip(line.time).map(|(first, then)| then.since(first).max(first.since(then)));
        between.is_none_or(|between| between <= AT_ONCE)
    }

    /// Whether its blanks only align its first column with that of the first line.
    fn is_in_column(&self, line: &Record) -> bool {
        match (self.column, Column::of(line)) {
            // A longer number than the column is wide reaches beyond it.
            (Some(Column::Number(of_head)), Some(Column::Number(end))) => end <= of_head,
            (Some(Column::Capitals(of_head)), Some(Column::Capitals(end))) => end == of_head,
            _ => false,
        }
    }

    /// Notes that the line with this text was taken; `awaits` tells whether the message is still to come.
    pub(super) fn advance(&mut self, line: &Record, text: &str, awaits: bool) {
        self.awaits_message = awaits;
        let is_last = match self.stage {
            Stage::Markup => Some(decode::ends_markup(text)),
            Stage::Quotes => Some(memchr::memchr_iter(b'"', text.as_bytes()).count() % 2 == 1),
            _ => None,
        };
        if let Some(is_last) = is_last {
            self.n_announced = self.n_announced.saturating_sub(1);
            if is_last || self.n_announced == 0 {
                self.stage = Stage::Closed;
            }
            return;
        }
        let shape = shape::shape(&line.message);
        if shape == Shape::Blank {
            return;
        }
        let is_indented = line.indent > 0 || line.margin > 0;
        self.n_announced = match shape {
            Shape::Link(_) => ANNOUNCED,
            Shape::Head if line.message.ends_with(':') && !is_indented => ANNOUNCED,
            Shape::Text => self.n_announced.saturating_sub(1),
            _ => 0,
        };
        self.stage = match (self.stage, shape) {
            (Stage::Object, _) if !is_indented && line.message.starts_with('}') => Stage::Closed,
            (Stage::Object, _) => Stage::Object,
            (Stage::Go, Shape::Opens(Dialect::Go)) => Stage::Go,
            (_, Shape::Opens(_)) if is_indented => Stage::Trace,
            (_, Shape::Opens(dialect)) => opening(dialect, &line.message),
            (Stage::Panic, Shape::Inside(_)) => Stage::Trace,
            (_, Shape::Inside(Dialect::Python)) if line.message.starts_with("File \"") => {
                if is_indented {
                    Stage::Calls
                } else {
                    Stage::Trimmed
                }
            }
            (Stage::Plain, Shape::Inside(dialect)) => inside(dialect),
            (Stage::Plain, Shape::Link(_) | Shape::Branch) => Stage::Trace,
            (stage, Shape::Inside(_) | Shape::Link(_) | Shape::Branch) => stage,
            (Stage::Trimmed, Shape::Text) => Stage::Calls,
            (Stage::Place, Shape::Text | Shape::Head) => Stage::Source,
            (stage, Shape::Text | Shape::Head) if is_indented => stage,
            (Stage::Calls | Stage::Panic, Shape::Text) | (_, Shape::Head) => Stage::Trace,
            (stage, Shape::Text | Shape::Blank) => stage,
        };
    }

    /// Looks, once, whether a trace begins in the message of the first line.
    fn search(&mut self, head: Option<&Record>) {
        let Some(head) = head.filter(|_| !self.is_searched) else { return };
        self.is_searched = true;
        if self.stage != Stage::Plain {
            return;
        }
        if let Some(dialect) = shape::opened_in(&head.message) {
            self.stage = if head.header == Header::None && head.indent > 0 {
                Stage::Trace
            } else {
                opening(dialect, &head.message)
            };
        } else if head.header != Header::Own && shape::shape(&head.message) == Shape::Head {
            self.stage = Stage::Trace;
            self.n_announced = if head.message.ends_with(':') { ANNOUNCED } else { 0 };
        }
    }
}

/// The stage behind the first line of a trace.
fn opening(dialect: Dialect, line: &str) -> Stage {
    match dialect {
        // In the old style the message stands on the same line.
        Dialect::Rust if !line.ends_with(':') => Stage::Trace,
        Dialect::Python => Stage::Calls,
        Dialect::Go => Stage::Go,
        Dialect::Rust => Stage::Panic,
        Dialect::Node => Stage::Place,
        Dialect::Ruby => Stage::Ruby,
        Dialect::Php | Dialect::Other => Stage::Trace,
    }
}

/// The stage behind a line that only stands inside a trace.
fn inside(dialect: Dialect) -> Stage {
    match dialect {
        Dialect::Go => Stage::Go,
        Dialect::Ruby => Stage::Ruby,
        Dialect::Python | Dialect::Rust | Dialect::Node | Dialect::Php | Dialect::Other => Stage::Trace,
    }
}

/// Whether a trace may take any number of lines that say this, without indentation.
pub(super) fn goes_on_and_on(text: &str) -> bool {
    is_of_go(text) || is_closing(text)
}

fn is_of_go(text: &str) -> bool {
    shape::is_go_call(text) || shape::is_go_note(text)
}

fn is_closing(text: &str) -> bool {
    matches!(text, "}" | "\"}" | "}]" | "},")
}

/// How many more lines may belong to what is spread over lines: fewer than lie around a seam.
const SPREAD_LINES: u8 = 100;

/// Whether a line may be the first of something that is spread over lines.
pub(super) fn is_spread(line: &Record) -> bool {
    spread(line).is_some()
}

/// The stage behind a line that may be the first of something spread over lines.
fn spread(line: &Record) -> Option<Stage> {
    if line.is_open {
        return Some(Stage::Quotes);
    }
    let is_bare = line.header == Header::None;
    match line.message.as_bytes() {
        b"{" if is_bare => Some(Stage::Object),
        [b'<', ..] if is_bare && decode::opens_markup(&line.message) && !decode::ends_markup(&line.message) => {
            Some(Stage::Markup)
        }
        _ => None,
    }
}

/// Whether a line of no carrier begins an event, whatever came before it.
pub(super) fn begins_always(line: &Record) -> bool {
    let is_flush = line.indent == 0 && line.margin == 0;
    let is_said = is_structured(line) || shape::shape(&line.message) == Shape::Text;
    line.header == Header::Own && line.time.is_some() && line.carrier.is_empty() && is_flush && is_said
}

fn is_structured(record: &Record) -> bool {
    match record.format {
        Format::Json | Format::Logfmt | Format::Klog | Format::Access => record.header == Header::Own,
        Format::Syslog | Format::Plain => false,
    }
}

/// What a line begins with, as it may be aligned to the right in a column; where it ends, with the blanks in front.
#[derive(Clone, Copy, Debug)]
enum Column {
    /// A number.
    Number(usize),
    /// A word in capitals, such as the method of a request.
    Capitals(usize),
}

impl Column {
    fn of(line: &Record) -> Option<Self> {
        let text = line.message.as_bytes();
        let length = |is_part: fn(&u8) -> bool| text.iter().take_while(|byte| is_part(byte)).count();
        match text.first()? {
            b'0'..=b'9' => Some(Self::Number(line.indent + length(|byte| byte.is_ascii_digit() || *byte == b'.'))),
            b'A'..=b'Z' => {
                let length = length(u8::is_ascii_uppercase);
                (length > 1 && text.get(length) == Some(&b' ')).then_some(Self::Capitals(line.indent + length))
            }
            _ => None,
        }
    }
}

/// Whether two lines with headers were written by the same hand at the same level.
fn is_same_writer(head: &Record, line: &Record) -> bool {
    let of = |record: &Record, wanted: &str| {
        record.fields.iter().find(|(name, _)| name == wanted).map(|(_, value)| value.clone())
    };
    head.level == line.level
        && head.component == line.component
        && ["pid", "thread"].iter().all(|name| of(head, name) == of(line, name))
}

/// Whether the trace below a message may be its own: the message is about a failure.
fn may_have_trace(head: &Record) -> bool {
    const WORDS: [&str; 9] =
        ["error", "exception", "fail", "fatal", "panic", "crash", "abort", "unhandled", "uncaught"];
    // What a carrier says of all lines of a program says nothing of one.
    if head.header == Header::Own && head.level.is_some_and(|level| level >= Level::Warn) {
        return true;
    }
    let lower = cut(&head.message, 1024).to_ascii_lowercase();
    WORDS.iter().any(|word| lower.contains(word))
}
