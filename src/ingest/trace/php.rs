//! PHP: `Uncaught Type: message in file:1`, `#0 file(1): call()`, the root cause first.

use super::head::{self, Head};
use super::place::leading_number;
use super::{Found, Frame, Language, Trace, origin};

/// How far above the first call the exception may stand.
const MAX_MESSAGE_LINES: usize = 12;

/// Reads the first trace and what it led to.
pub fn read(lines: &[&str]) -> Option<Found> {
    let first = lines.iter().position(|line| step(line).is_some_and(|step| step.number == 0))?;
    let from = first.saturating_sub(MAX_MESSAGE_LINES);
    let above = lines.get(from..first)?;
    let start = from + above.iter().rposition(|line| thrown(line).is_some())?;
    let root = thrown(lines.get(start)?)?;
    let steps: Vec<Step<'_>> = lines.iter().skip(first).map_while(|line| step(line)).collect();
    let mut chain = vec![root.head];
    for line in lines.iter().skip(first + steps.len()) {
        let wrapper = line.find("Next ").and_then(|at| line.get(at + "Next ".len()..)).and_then(thrown);
        if let Some(wrapper) = wrapper {
            chain.push(wrapper.head);
        } else if step(line).is_none() && !is_filler(line) {
            break;
        }
    }
    // The root is printed first.
    chain.reverse();
    let mut found = Found::new(Language::Php, start, chain, frames(&root, &steps))?;
    plain_backslashes(&mut found.trace);
    Some(found)
}

/// Undoes the escaping of a trace that was logged inside JSON.
fn plain_backslashes(trace: &mut Trace) {
    let modules =
        trace.frames.iter_mut().flat_map(|frame| [Some(&mut frame.function), frame.module.as_mut()]).flatten();
    for name in modules.chain([&mut trace.exception]).chain(&mut trace.chain) {
        *name = name.replace("\\\\", "\\");
    }
}

fn is_filler(line: &str) -> bool {
    let line = line.trim();
    line.is_empty()
        || line.ends_with("Stack trace:")
        || line == "[stacktrace]"
        || line.starts_with("[previous exception]")
}

/// An exception and where it was thrown.
struct Thrown<'t> {
    head: Head<'t>,
    file: Option<&'t str>,
    line: Option<u32>,
}

/// Reads `Type: message in /file.php:12`, or Laravel's `(Type(code: 0): message at /file.php:12)`.
fn thrown(line: &str) -> Option<Thrown<'_>> {
    if let Some((_, object)) = line.split_once("[object] (") {
        let (exception, rest) = object.split_once("(code: ")?;
        let (_, message) = rest.split_once("): ")?;
        let (message, place) = message.rsplit_once(" at ").unwrap_or((message, ""));
        return Some(at_place(Head { exception, message }, place.trim_end_matches(')')));
    }
    let behind = line.split_once("Uncaught ").or_else(|| line.split_once("PHP Exception ")).map(|(_, rest)| rest);
    let head = match behind {
        Some(text) => head::at_start(text).or_else(|| head::find(text))?,
        None => head::find(line)?,
    };
    let (message, place) = head.message.rsplit_once(" in ").unwrap_or((head.message, ""));
    Some(at_place(Head { exception: head.exception, message }, place))
}

fn at_place<'t>(head: Head<'t>, place: &'t str) -> Thrown<'t> {
    let (file, line) = match place.rsplit_once(':') {
        Some((file, line)) => (Some(file), line.trim().parse().ok()),
        None => (Some(place).filter(|place| place.contains(".php")), None),
    };
    Thrown { head, file, line }
}

/// A call, and from where it was made.
struct Step<'t> {
    number: u32,
    file: Option<&'t str>,
    line: Option<u32>,
    function: &'t str,
}

/// Reads `#0 /file.php(12): Space\Class->method(args)`.
fn step(line: &str) -> Option<Step<'_>> {
    let at = line.find('#')?;
    let (number, rest) = leading_number(line.get(at + 1..)?)?;
    let rest = rest.strip_prefix(' ')?;
    if rest == "{main}" {
        return Some(Step { number, file: None, line: None, function: "{main}" });
    }
    let (place, function) = rest.split_once(": ")?;
    if place == "[internal function]" {
        return Some(Step { number, file: None, line: None, function });
    }
    let (file, line) = place.strip_suffix(')')?.rsplit_once('(')?;
    Some(Step { number, file: Some(file), line: Some(line.parse().ok()?), function })
}

/// A step names the call and the place of its caller; a frame has the place inside the call.
fn frames(root: &Thrown<'_>, steps: &[Step<'_>]) -> Vec<Frame> {
    let places = std::iter::once((root.file, root.line)).chain(steps.iter().map(|step| (step.file, step.line)));
    steps.iter().zip(places).map(|(step, (file, line))| frame(step.function, file, line)).collect()
}

fn frame(call: &str, file: Option<&str>, line: Option<u32>) -> Frame {
    let name = call.split('(').next().unwrap_or(call);
    let closure = call.contains("{closure");
    let name = if closure { name.split("{closure").next().unwrap_or("") } else { name };
    let (class, function) = name
        .split_once("->")
        .or_else(|| name.split_once("::"))
        .map_or((None, name), |(class, method)| (Some(class), method));
    let function = if closure { "{closure}" } else { function };
    let module = class.map(|class| class.split("@anonymous").next().unwrap_or(class).to_owned());
    Frame {
        function: function.to_owned(),
        in_app: file.is_some_and(origin::is_own_php),
        module,
        file: file.map(str::to_owned),
        line,
        source: None,
    }
}
