//! Java, Kotlin, Scala, Groovy, Clojure: the innermost call first, the root cause last.

use super::head::{self, Head};
use super::place::{behind_at, file_and_line, indent};
use super::{Found, Frame, Language, origin};

/// How far above the first call the exception may stand: a message may have lines.
const MAX_MESSAGE_LINES: usize = 40;

/// Reads the first trace and its causes.
pub fn read(lines: &[&str]) -> Option<Found> {
    let first_call = lines.iter().position(|line| call(line).is_some())?;
    let (start, head) = head_above(lines, first_call)?;
    let mut chain = vec![head];
    let mut frames: Vec<Frame> = Vec::new();
    // With "Wrapped by" the root comes first and its frames stay.
    let mut wrappers: Vec<Head<'_>> = Vec::new();
    let mut suppressed: Option<usize> = None;
    for (index, line) in lines.iter().enumerate().skip(start + 1) {
        if let Some(at) = suppressed {
            suppressed = Some(at).filter(|at| is_suppressed(line, *at));
        }
        if line.trim_start().starts_with("Suppressed:") {
            suppressed = suppressed.or(Some(indent(line)));
        }
        if suppressed.is_some() {
            continue;
        }
        if let Some(frame) = call(line) {
            if wrappers.is_empty() {
                frames.push(frame);
            }
        } else if let Some(cause) = behind_marker(line, "Caused by: ") {
            chain.push(read_cause(cause));
            frames.clear();
        } else if let Some(wrapper) = behind_marker(line, "Wrapped by: ") {
            wrappers.push(read_cause(wrapper));
        } else if !is_filler(line) && index > first_call && !is_message(lines, index) {
            break;
        }
    }
    let chain = wrappers.into_iter().rev().chain(chain).collect();
    Found::new(Language::Java, start, chain, frames)
}

/// The exception nearest above the first call.
fn head_above<'t>(lines: &[&'t str], first_call: usize) -> Option<(usize, Head<'t>)> {
    let above = lines.get(..first_call)?.iter().enumerate().rev().take(MAX_MESSAGE_LINES);
    above.filter_map(|(index, line)| read_head(line).map(|head| (index, head))).next()
}

fn read_head(line: &str) -> Option<Head<'_>> {
    let trimmed = line.trim_start();
    // `Exception in thread "main" java.lang.IllegalStateException: message`
    let behind_thread = trimmed.split_once("in thread \"").and_then(|(_, rest)| rest.split_once("\" "));
    let text = behind_thread.map_or(trimmed, |(_, rest)| rest);
    let text = behind_marker(text, "Caused by: ").unwrap_or(text);
    head::find(text)
}

fn read_cause(text: &str) -> Head<'_> {
    head::at_start(text).or_else(|| head::find(text)).unwrap_or(Head { exception: "Exception", message: text })
}

/// What follows a marker that stands at the start or behind a log's header.
fn behind_marker<'t>(line: &'t str, marker: &str) -> Option<&'t str> {
    let at = memchr::memmem::find(line.as_bytes(), marker.as_bytes())?;
    line.get(at + marker.len()..)
}

/// Whether a line below `Suppressed:` still belongs to it.
fn is_suppressed(line: &str, marker_indent: usize) -> bool {
    indent(line) > marker_indent || (indent(line) == marker_indent && !line.trim_start().starts_with("Caused by"))
}

fn is_filler(line: &str) -> bool {
    let trimmed = line.trim();
    let omitted = trimmed.rsplit_once("... ").map(|(_, rest)| rest);
    trimmed.is_empty()
        || omitted.is_some_and(|rest| {
            ["more", "omitted", "truncated", "trimmed", "elided"].iter().any(|word| rest.contains(word))
        })
        || trimmed.starts_with("- locked")
        || trimmed.starts_with("- waiting")
        || trimmed.starts_with("[CIRCULAR REFERENCE")
}

/// Whether a line below a cause is the rest of its message, because calls follow soon.
fn is_message(lines: &[&str], index: usize) -> bool {
    let below_head = lines.get(..index).is_some_and(|above| {
        above.iter().rev().take(8).take_while(|line| call(line).is_none()).any(|line| line.contains("Caused by: "))
    });
    below_head && lines.iter().skip(index).take(8).any(|line| call(line).is_some())
}

/// Reads `at module/package.Class.method(File.java:12) ~[jar:version]`.
fn call(line: &str) -> Option<Frame> {
    let (path, rest) = behind_at(line)?.split_once('(')?;
    let (place, _) = rest.split_once(')')?;
    if !is_place(place) || path.contains(char::is_whitespace) {
        return None;
    }
    let path = without_module(path);
    let (class, method) = path.rsplit_once('.')?;
    let (file, line) = file_and_line(place);
    let module = clean_class(class);
    Some(Frame {
        function: clean_method(method),
        in_app: origin::is_own_java(&module, place) && !class.contains("$$Lambda"),
        module: Some(module),
        file: Some(file.to_owned()).filter(|file| file.contains('.')),
        line,
        source: None,
    })
}

/// Whether the text in the parentheses is where Java and its kin print a file.
fn is_place(place: &str) -> bool {
    let (file, line) = file_and_line(place);
    const KNOWN: &[&str] =
        &["Native Method", "Unknown Source", "<generated>", "Unknown", "SourceFile", "<unknown>", "NO_SOURCE_FILE"];
    const ENDINGS: &[&str] =
        &["java", "kt", "kts", "scala", "sc", "groovy", "clj", "cljc", "rb", "gradle", "jsp", "xtend"];
    let ending = file.rsplit_once('.').map_or("", |(_, ending)| ending);
    KNOWN.contains(&file)
        || ENDINGS.contains(&ending)
        || (line.is_some() && !file.contains([' ', '/', ',']) && !file.is_empty())
}

/// Without the loader and the module: `app//java.base@17.0.1/java.lang.Thread.run`.
fn without_module(path: &str) -> &str {
    match path.rsplit_once('/') {
        // The number of a hidden class is no module.
        Some((_, behind)) if behind.starts_with(|first: char| first.is_ascii_digit()) => path,
        Some((_, behind)) => behind,
        None => path,
    }
}

/// A class without the parts that a compiler or a proxy made: `Orders$$SpringCGLIB$$0` is `Orders`.
fn clean_class(class: &str) -> String {
    // Most are as somebody wrote them.
    if memchr::memchr2(b'$', b'/', class.as_bytes()).is_none()
        && memchr::memmem::find(class.as_bytes(), b"Generated").is_none()
        && !is_generated(class)
    {
        return class.to_owned();
    }
    let class = class.split("$$").next().filter(|front| !front.is_empty()).unwrap_or(class);
    let class = class.split("_$$_").next().unwrap_or(class);
    let class = class.split('/').next().unwrap_or(class);
    let class = [
        "GeneratedMethodAccessor",
        "GeneratedConstructorAccessor",
        "GeneratedSerializationConstructorAccessor",
        "$Proxy",
    ]
    .iter()
    .find_map(|name| class.find(name).and_then(|at| class.get(..at + name.len())))
    .unwrap_or(class);
    let numbered = |part: &&str| !is_generated(part);
    let parts: Vec<&str> = class.split('$').filter(numbered).collect();
    parts.join("$").trim_end_matches('$').to_owned()
}

/// A method without the parts that a compiler made: `lambda$load$3` is `load`.
fn clean_method(method: &str) -> String {
    let parts: Vec<&str> = method.split('$').filter(|part| !part.is_empty() && !is_generated(part)).collect();
    if parts.is_empty() { "lambda".to_owned() } else { parts.join("$") }
}

/// Whether a part of a name, between dollar signs, is a number or a word of the compiler.
fn is_generated(part: &str) -> bool {
    const WORDS: &[&str] = &["lambda", "Lambda", "anonfun", "null", "suspendImpl", "default"];
    let stem = part.trim_end_matches(|last: char| last.is_ascii_digit());
    let numbered = stem.len() < part.len() && (stem.is_empty() || stem.ends_with("__") || stem.ends_with("closure"));
    WORDS.contains(&part) || numbered
}
