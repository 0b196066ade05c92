//! Makes a symptom of raw text: a log excerpt, a stack trace, or what a build printed.
//!
//! Input: any text. Output: a [`Symptom`] of its most telling event.
//!
//! Pure and total.

mod group;

use std::borrow::Cow;
use std::sync::LazyLock;

use regex::Regex;

use super::diagnostics::{self, Diagnostic};
use super::syntax::start_of;
use super::{Change, Rates, Symptom, frames};
use crate::ingest::{Event, Intake, Level, Limits, Resume, Trace, sanitize, signature, trace};
use crate::units::Timestamp;

/// Of a longer text the end is read: that is where builds and crashes say what went wrong.
pub const TEXT_BYTES: usize = 1024 * 1024;

/// How compilers, linters and test runners write what is wrong; group 1 is the message.
static DIAGNOSTICS: LazyLock<Vec<Regex>> = LazyLock::new(|| {
    let ways = [
        // rustc, and kotlinc since 2.
        r"^\s*error(?:\[E\d+\])?: (.+)$",
        // gcc, clang, javac, swiftc.
        r"^\S[^:\n]*:\d+(?::\d+)?: (?:fatal )?error: (.+)$",
        // tsc and msbuild.
        r"\(\d+,\d+\): error \w+: (.+)$",
        r":\d+:\d+ - error TS\d+: (.+)$",
        // Maven, Gradle's Kotlin.
        r"^\[ERROR\] \S+:\[\d+,\d+\] (?:error: )?(.+)$",
        r"^e: \S+:\d+:\d+:? (.+)$",
        // pytest.
        r"^E\s{2,}(\S.*)$",
        // go build, go vet and go test.
        r"^(?:vet: )?\S+\.go:\d+:\d+: (.+)$",
        r"^\s+\w+_test\.go:\d+: (.+)$",
        // eslint.
        r"^\s+\d+:\d+\s+error\s+(.+?)(?:\s{2,}\S+)?$",
        // docker build, make, npm.
        r"^(?:ERROR|#\d+ ERROR): (.+)$",
        r"^npm (?:ERR!|error) (.{20,})$",
        r"^(?:g?make|ninja): \*\*\* (.+)$",
    ];
    ways.iter().filter_map(|way| Regex::new(way).ok()).collect()
});

/// How a line of a log starts: with a time, as JSON, with a priority or key, or as klog does.
static HEADER: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r"^\s*\{|^<\d{1,3}>|^[EWIF]\d{4} |^.{0,24}(\d{4}[-/]\d{2}[-/]\d{2}|\d{2}:\d{2}:\d{2})|\b(level|lvl|severity)=",
    )
    .ok()
});

impl Symptom {
    /// Makes a symptom of an event.
    #[must_use]
    pub fn of_event(event: &Event, rates: Option<Rates>) -> Self {
        if let Some(text) = group::ungrouped(&event.text)
            && let Some(symptom) = Self::of_bare(&text)
        {
            let template = event.signature.template.clone();
            return Self { template, component: event.component.clone(), rates, ..symptom };
        }
        Self {
            text: event.text.clone(),
            message: event.message.clone(),
            template: event.signature.template.clone(),
            trace: event.trace.clone(),
            component: event.component.clone(),
            rates,
            is_report: false,
        }
    }

    /// Makes a symptom of a log excerpt, a stack trace or the output of a build.
    ///
    /// Of several events the most telling one is taken: a stack trace before a plain line, then the
    /// more serious one, then the earlier one. What compilers and test runners say comes before
    /// plain lines; then the text is kept whole, because its places are spread over many lines.
    #[must_use]
    pub fn of_text(text: &str) -> Self {
        Self::of_text_within(text, &|| None)
    }

    /// The same, of the repository whose tree at head the function gives: a stack trace through its files comes
    /// before one that is the program's own by its names alone, or by none. The tree is asked for once at most, and
    /// only where several stack traces are to choose from.
    #[must_use]
    pub fn of_text_within(text: &str, tree: &dyn Fn() -> Option<Change>) -> Self {
        let text = sanitize::visible(end_of(text), true);
        let text = group::ungrouped(&text).unwrap_or(text);
        if let Some(symptom) = of_report(&text) {
            return symptom;
        }
        // What an interpreter or a build prints has no headers to be read; it is one thing as it is.
        let has_headers = HEADER.as_ref().is_none_or(|header| text.lines().any(|line| header.is_match(line)));
        let bare = if has_headers { None } else { Self::of_bare(&text) };
        // A trace that was cut down to its last line may be followed by a whole one.
        let is_cut = bare.as_ref().is_some_and(|bare| bare.trace.as_ref().is_some_and(|trace| trace.frames.is_empty()));
        if !is_cut && let Some(symptom) = bare {
            return symptom;
        }
        let events = events(&text);
        let traced: Vec<&Event> =
            events.iter().filter(|event| event.trace.as_ref().is_some_and(|trace| !is_cut || has_own(trace))).collect();
        let tree = if traced.len() > 1 { tree() } else { None };
        let is_in_tree = |event: &Event| {
            event.trace.as_ref().zip(tree.as_ref()).is_some_and(|(trace, tree)| frames::is_in_tree(trace, tree))
        };
        if let Some(event) =
            traced.into_iter().min_by_key(|event| std::cmp::Reverse((is_in_tree(event), weight(event))))
        {
            return Self::of_event(event, None);
        }
        if let Some(symptom) = bare.or_else(|| Self::of_bare(&text)) {
            return symptom;
        }
        match events.iter().min_by_key(|event| std::cmp::Reverse(weight(event))) {
            Some(event) if has_headers => Self::of_event(event, None),
            // Without headers the lines are one thing, and any of them may name the place.
            Some(event) => Self { text, ..Self::of_event(event, None) },
            None => Self {
                text,
                message: String::new(),
                template: String::new(),
                trace: None,
                component: None,
                rates: None,
                is_report: false,
            },
        }
    }

    /// The symptom as the repository's tree lets it be read: of a report, a trace without a single frame of the
    /// program's own says less than the places in the text, and is left out.
    #[must_use]
    pub fn within(&self, change: &Change) -> Cow<'_, Self> {
        match &self.trace {
            Some(trace) if self.is_report && !frames::has_own(trace, change) => {
                Cow::Owned(Self { trace: None, ..self.clone() })
            }
            _ => Cow::Borrowed(self),
        }
    }

    /// The symptom of a text without headers: its stack trace, else its first diagnostic.
    fn of_bare(text: &str) -> Option<Self> {
        let trace = trace::parse(text);
        let (message, template) = match &trace {
            Some(trace) => (trace.message.clone(), signature::of_trace(trace).template),
            None => {
                let message = diagnostic(text)?;
                let template = signature::of_message(&message).template;
                (message, template)
            }
        };
        Some(Self { text: text.to_owned(), message, template, trace, component: None, rates: None, is_report: false })
    }
}

/// The symptom of what a test runner printed: its first failure, within the whole text, because the
/// other failures point at the same cause.
fn of_report(text: &str) -> Option<Symptom> {
    let failed: Vec<Diagnostic> = diagnostics::read(text).into_iter().filter(|found| found.test.is_some()).collect();
    let is_example = |found: &&Diagnostic| found.test.as_deref().is_some_and(|test| test.starts_with("Example"));
    let first = failed.iter().find(|found| found.file.is_some()).or_else(|| failed.iter().find(is_example))?;
    let Symptom { message, template, trace, .. } = first.symptom();
    Some(Symptom { text: text.to_owned(), message, template, trace, component: None, rates: None, is_report: true })
}

/// The end of a text, cut where a line starts.
fn end_of(text: &str) -> &str {
    let Some(excess) = text.len().checked_sub(TEXT_BYTES) else { return text };
    let start = (excess..text.len()).find(|start| text.is_char_boundary(*start)).unwrap_or(text.len());
    let end = text.get(start..).unwrap_or_default();
    end.split_once('\n').map_or(end, |(_, rest)| rest)
}

fn events(text: &str) -> Vec<Event> {
    let mut events = Vec::new();
    let mut intake = Intake::new(Limits::default(), &Resume::default());
    // No clock: only the order of the events matters here.
    intake.push(text.as_bytes(), Timestamp::default(), &mut |event| events.push(event));
    intake.finish(&mut |event| events.push(event));
    events
}

fn has_own(trace: &Trace) -> bool {
    trace.frames.iter().any(|frame| frame.in_app)
}

/// How telling an event is: own frames first, then its level, then whether it speaks of an error at all.
fn weight(event: &Event) -> (bool, Option<Level>, bool) {
    let has_own = event.trace.as_ref().is_some_and(has_own);
    let words =
        ["error", "fail", "panic", "exception", "fatal", "cannot", "could not", "not found", "denied", "refused"];
    let message = event.message.to_ascii_lowercase();
    let level = event.level.filter(|level| *level >= Level::Warn);
    (has_own, level, words.iter().any(|word| message.contains(word)))
}

/// The message of the first diagnostic.
fn diagnostic(text: &str) -> Option<String> {
    // What sums the others up explains nothing.
    let is_sum = |message: &str| {
        ["aborting due to", "could not compile", "build failed", "process \"/bin/sh"]
            .iter()
            .any(|start| message.starts_with(start))
    };
    let (number, message) = text.lines().enumerate().find_map(|(number, line)| {
        let line = start_of(line, 4_096);
        let found = DIAGNOSTICS.iter().find_map(|way| way.captures(line)?.get(1));
        found.map(|message| (number, message.as_str().trim().to_owned())).filter(|(_, message)| !is_sum(message))
    })?;
    // javac says below what it is that it cannot find.
    let symbol = text.lines().skip(number + 1).take(4).map(str::trim).find(|line| line.starts_with("symbol:"));
    Some(symbol.map_or(message.clone(), |symbol| format!("{message}: {}", start_of(symbol, 400))))
}

#[cfg(test)]
mod tests;
